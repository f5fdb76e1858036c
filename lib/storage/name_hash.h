/*
 * How names are hashed: an account by its bare JID, a full JID by its resourcepart under a key that the hash of its
 * account changes. So a stream, which knows its account, hashes a few octets only.
 */
#ifndef XMPPBIND_STORAGE_NAME_HASH_H
#define XMPPBIND_STORAGE_NAME_HASH_H

#include "lib/base/siphash.h"

static inline uint32_t xmppbind_name_hash_account(const struct xmppbind_hash_key *key, const char *account,
                                                  size_t length) {
    return (uint32_t)xmppbind_siphash(key, account, length);
}

static inline uint32_t xmppbind_name_hash_resource(const struct xmppbind_hash_key *key, uint32_t account_hash,
                                                   const char *resource, size_t length) {
    struct xmppbind_hash_key of_account = {key->first ^ account_hash, key->second};
    return (uint32_t)xmppbind_siphash(&of_account, resource, length);
}

/* Of a prepared JID, full or bare. */
static inline uint32_t xmppbind_name_hash_jid(const struct xmppbind_hash_key *key, const char *jid, size_t length) {
    const char *slash = memchr(jid, '/', length);
    if (slash == NULL)
        return xmppbind_name_hash_account(key, jid, length);
    size_t account_length = (size_t)(slash - jid);
    return xmppbind_name_hash_resource(key, xmppbind_name_hash_account(key, jid, account_length), slash + 1,
                                       length - account_length - 1);
}

#endif
