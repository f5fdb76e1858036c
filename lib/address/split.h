/* The parts of an address: taken apart, and put together again. */
#ifndef XMPPBIND_ADDRESS_SPLIT_H
#define XMPPBIND_ADDRESS_SPLIT_H

#include "xmppbind/address.h"

#include <string.h>

struct xmppbind_parts {
    const char *local, *domain, *resource; /* local and resource are NULL when their separator is not there */
    size_t local_length, domain_length, resource_length;
};

/* JID-1 */
static inline void xmppbind_parts_split(const char *text, size_t length, struct xmppbind_parts *parts) {
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

/* Prepares each part; `out` has room for the longest JID. XMPPBIND_OK, an XMPPBIND_ERROR_ADDRESS_... or no memory. */
int xmppbind_parts_prepare(int profile, const struct xmppbind_parts *parts, char *out, size_t *out_length,
                           size_t *bare_length);

static inline int xmppbind_parts_is_profile(int profile) {
    return profile == XMPPBIND_ADDRESS_PROFILE_RFC7622 || profile == XMPPBIND_ADDRESS_PROFILE_RFC3920;
}

/* A prepared text goes out as a whole or not at all. */
static inline int xmppbind_parts_deliver(const char *text, size_t length, char *prepared, size_t capacity) {
    if (length >= capacity)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    memmove(prepared, text, length); /* a text may be prepared in its place */
    prepared[length] = '\0';
    return XMPPBIND_OK;
}

#endif
