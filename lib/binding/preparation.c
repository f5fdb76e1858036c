#include "preparation.h"

#include "lib/address/split.h"

#include <unistr.h>

typedef int (*profile_function)(int profile, const char *text, size_t length, char *out, size_t *out_length);

/* What a host's own preparation may not do: a text that could not be a part, or would be taken apart in another way. */
static int check(int part, const char *text, size_t length) {
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    if (length > XMPPBIND_PART_MAXIMUM)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    if (u8_check((const uint8_t *)text, length) != NULL)
        return XMPPBIND_ERROR_ADDRESS_NOT_UTF8;
    int separator = part != XMPPBIND_ADDRESS_PART_RESOURCE &&
                    (memchr(text, '@', length) != NULL || memchr(text, '/', length) != NULL);
    return separator || memchr(text, '\0', length) != NULL ? XMPPBIND_ERROR_ADDRESS_FORBIDDEN : XMPPBIND_OK;
}

/* Of the errors of a callback only those of addresses mean something to a client. */
static int error_of(int error) {
    int known = error >= XMPPBIND_ERROR_ADDRESS_BIDI && error <= XMPPBIND_ERROR_ADDRESS_EMPTY;
    return known || error == XMPPBIND_ERROR_NO_MEMORY ? error : XMPPBIND_ERROR_ADDRESS_FORBIDDEN;
}

static int prepare(const struct xmppbind_host *host, int part, const char *text, size_t length, char *out,
                   size_t *out_length) {
    const xmppbind_prepare_callback callbacks[] = {NULL, host->prepare_local, host->prepare_domain,
                                                   host->prepare_resource};
    static const profile_function functions[] = {NULL, xmppbind_address_prepare_local, xmppbind_address_prepare_domain,
                                                 xmppbind_address_prepare_resource};
    size_t made = 0;
    if (callbacks[part] == NULL)
        return functions[part](xmppbind_preparation_profile(host), text, length, out, out_length);
    if (length == 0)
        return XMPPBIND_ERROR_ADDRESS_EMPTY;
    int result = callbacks[part](text, length, out, XMPPBIND_PART_MAXIMUM + 1, &made, host->prepare_data);
    result = result == XMPPBIND_OK ? check(part, out, made) : error_of(result);
    if (result == XMPPBIND_OK)
        *out_length = made;
    return result;
}

/* `at` is where the part goes, and where the next one goes then. */
static int append(const struct xmppbind_host *host, int part, const char *text, size_t length, char *out, size_t *at) {
    size_t made = 0;
    int result = text == NULL ? XMPPBIND_OK : prepare(host, part, text, length, out + *at, &made);
    *at += made;
    return result;
}

static int prepare_parts(const struct xmppbind_host *host, const struct xmppbind_parts *parts, char *out,
                         size_t *length, size_t *bare_length) {
    size_t at = 0;
    int result = append(host, XMPPBIND_ADDRESS_PART_LOCAL, parts->local, parts->local_length, out, &at);
    if (parts->local != NULL)
        out[at++] = '@';
    if (result == XMPPBIND_OK)
        result = append(host, XMPPBIND_ADDRESS_PART_DOMAIN, parts->domain, parts->domain_length, out, &at);
    *bare_length = at;
    if (parts->resource != NULL)
        out[at++] = '/';
    if (result == XMPPBIND_OK)
        result = append(host, XMPPBIND_ADDRESS_PART_RESOURCE, parts->resource, parts->resource_length, out, &at);
    *length = at;
    return result;
}

int xmppbind_preparation_jid(const struct xmppbind_host *host, const char *text, size_t length, char *prepared,
                             size_t capacity, size_t *prepared_length, size_t *bare_length) {
    struct xmppbind_parts parts;
    char out[XMPPBIND_JID_MAXIMUM + 1];
    if (!xmppbind_preparation_calls(host))
        return xmppbind_jid_prepare(xmppbind_preparation_profile(host), text, length, prepared, capacity,
                                    prepared_length, bare_length);
    xmppbind_parts_split(text, length, &parts);
    int result = prepare_parts(host, &parts, out, prepared_length, bare_length);
    return result == XMPPBIND_OK ? xmppbind_parts_deliver(out, *prepared_length, prepared, capacity) : result;
}

int xmppbind_preparation_resource(const struct xmppbind_host *host, const char *text, size_t length, char *out,
                                  size_t *out_length) {
    return host->prepare_resource == NULL
               ? xmppbind_address_prepare_resource(xmppbind_preparation_profile(host), text, length, out, out_length)
               : prepare(host, XMPPBIND_ADDRESS_PART_RESOURCE, text, length, out, out_length);
}

int xmppbind_host_set_preparation(xmppbind_host *host, xmppbind_prepare_callback local,
                                  xmppbind_prepare_callback domain, xmppbind_prepare_callback resource,
                                  void *user_data) {
    int result = xmppbind_host_may_be_changed(host);
    if (result == XMPPBIND_OK) {
        host->prepare_local = local;
        host->prepare_domain = domain;
        host->prepare_resource = resource;
        host->prepare_data = user_data;
    }
    return result;
}
