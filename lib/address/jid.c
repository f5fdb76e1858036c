/* Whole addresses: splitting (JID-1) and putting the prepared parts together again. */
#include "address.h"
#include "label.h"
#include "split.h"

#include <string.h>

int xmppbind_parts_prepare(int profile, const struct xmppbind_parts *parts, char *out, size_t *out_length,
                           size_t *bare_length) {
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

static XMPPBIND_NOINLINE int prepare_slowly(int profile, const char *text, size_t length, char *out, size_t *whole,
                                            size_t *bare) {
    struct xmppbind_parts parts;
    xmppbind_parts_split(text, length, &parts);
    return xmppbind_parts_prepare(profile, &parts, out, whole, bare);
}

int xmppbind_jid_prepare(int profile, const char *text, size_t length, char *prepared, size_t capacity,
                         size_t *prepared_length, size_t *bare_length) {
    char out[XMPPBIND_JID_MAXIMUM + 1];
    size_t whole = length, bare;
    if (!xmppbind_parts_is_profile(profile) || text == NULL || prepared == NULL || prepared_length == NULL ||
        bare_length == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (!prepare_plain(text, length, out, &bare)) {
        int result = prepare_slowly(profile, text, length, out, &whole, &bare);
        if (result != XMPPBIND_OK)
            return result;
    }
    int result = xmppbind_parts_deliver(out, whole, prepared, capacity);
    if (result == XMPPBIND_OK) {
        *prepared_length = whole;
        *bare_length = bare;
    }
    return result;
}

int xmppbind_resource_prepare(int profile, const char *text, size_t length, char *prepared, size_t capacity,
                              size_t *prepared_length) {
    if (!xmppbind_parts_is_profile(profile) || text == NULL || prepared == NULL || prepared_length == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    char out[XMPPBIND_PART_MAXIMUM + 1];
    if (length > 0 && length <= XMPPBIND_PART_MAXIMUM && xmppbind_ascii_is_resource(text, length)) {
        int plain = xmppbind_parts_deliver(text, length, prepared, capacity);
        if (plain == XMPPBIND_OK)
            *prepared_length = length;
        return plain;
    }
    int result = xmppbind_address_prepare_resource(profile, text, length, out, &length);
    if (result == XMPPBIND_OK)
        result = xmppbind_parts_deliver(out, length, prepared, capacity);
    if (result == XMPPBIND_OK)
        *prepared_length = length;
    return result;
}
