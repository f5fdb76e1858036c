/* Whole addresses: splitting (JID-1) and putting the prepared parts together again. */
#include "address.h"
#include "label.h"

#include <string.h>

struct parts {
    const char *local, *domain, *resource; /* local and resource are NULL when their separator is not there */
    size_t local_length, domain_length, resource_length;
};

static void split(const char *text, size_t length, struct parts *parts) {
    const char *slash = memchr(text, '/', length);
    size_t bare = slash == NULL ? length : (size_t)(slash - text);
    const char *at = bare == 0 ? NULL : memchr(text, '@', bare);
    size_t domain = at == NULL ? 0 : (size_t)(at - text) + 1;
    parts->local = at == NULL ? NULL : text;
    parts->local_length = at == NULL ? 0 : domain - 1;
    parts->domain = text + domain;
    parts->domain_length = bare - domain;
    parts->resource = slash == NULL ? NULL : slash + 1;
    parts->resource_length = slash == NULL ? 0 : length - bare - 1;
}

/* `out` has room for the longest JID. */
static int prepare(int profile, const struct parts *parts, char *out, size_t *out_length, size_t *bare_length) {
    size_t at = 0, part;
    int result = XMPPBIND_OK;
    if (parts->local != NULL) {
        result = xmppbind_address_prepare_local(profile, parts->local, parts->local_length, out, &part);
        if (result != XMPPBIND_OK)
            return result;
        at = part;
        out[at++] = '@';
    }
    result = xmppbind_address_prepare_domain(profile, parts->domain, parts->domain_length, out + at, &part);
    if (result != XMPPBIND_OK)
        return result;
    *bare_length = at += part;
    if (parts->resource != NULL) {
        out[at++] = '/';
        result = xmppbind_address_prepare_resource(profile, parts->resource, parts->resource_length, out + at, &part);
        if (result != XMPPBIND_OK)
            return result;
        at += part;
    }
    *out_length = at;
    return XMPPBIND_OK;
}

/*
 * The common spelling in one pass (JID-7): a valid address that is not longer than one part may be, of host name labels
 * and without a dot at the end. Answers 0 for all else, the errors included; `out` may be half written then.
 */
static int prepare_plain(const char *text, size_t length, char *out, size_t *bare_length) {
    if (length > XMPPBIND_PART_MAXIMUM)
        return 0;
    memcpy(out, text, length);
    out[length] = '\0';
    char *at = xmppbind_ascii_lower(XMPPBIND_ASCII_LOCAL, out);
    at = *at == '@' && at != out ? at + 1 : out;
    if (xmppbind_label_lower_all(&at) != XMPPBIND_OK)
        return 0;
    *bare_length = (size_t)(at - out);
    size_t rest = length - *bare_length;
    return rest == 0 || (*at == '/' && rest > 1 && xmppbind_ascii_is_resource(at + 1, rest - 1));
}

static int is_profile(int profile) {
    return profile == XMPPBIND_ADDRESS_PROFILE_RFC7622 || profile == XMPPBIND_ADDRESS_PROFILE_RFC3920;
}

/* A prepared text goes out as a whole or not at all. */
static int deliver(const char *text, size_t length, char *prepared, size_t capacity) {
    if (length >= capacity)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    memmove(prepared, text, length); /* a text may be prepared in its place */
    prepared[length] = '\0';
    return XMPPBIND_OK;
}

int xmppbind_jid_prepare(int profile, const char *text, size_t length, char *prepared, size_t capacity,
                         size_t *prepared_length, size_t *bare_length) {
    char out[XMPPBIND_JID_MAXIMUM + 1];
    struct parts parts;
    size_t whole, bare;
    if (!is_profile(profile) || text == NULL || prepared == NULL || prepared_length == NULL || bare_length == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = XMPPBIND_OK;
    if (prepare_plain(text, length, out, &bare)) {
        whole = length;
    } else {
        split(text, length, &parts);
        result = prepare(profile, &parts, out, &whole, &bare);
    }
    if (result == XMPPBIND_OK)
        result = deliver(out, whole, prepared, capacity);
    if (result == XMPPBIND_OK) {
        *prepared_length = whole;
        *bare_length = bare;
    }
    return result;
}

int xmppbind_resource_prepare(int profile, const char *text, size_t length, char *prepared, size_t capacity,
                              size_t *prepared_length) {
    if (!is_profile(profile) || text == NULL || prepared == NULL || prepared_length == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    char out[XMPPBIND_PART_MAXIMUM + 1];
    if (length > 0 && length <= XMPPBIND_PART_MAXIMUM && xmppbind_ascii_is_resource(text, length)) {
        int plain = deliver(text, length, prepared, capacity);
        if (plain == XMPPBIND_OK)
            *prepared_length = length;
        return plain;
    }
    int result = xmppbind_address_prepare_resource(profile, text, length, out, &length);
    if (result == XMPPBIND_OK)
        result = deliver(out, length, prepared, capacity);
    if (result == XMPPBIND_OK)
        *prepared_length = length;
    return result;
}
