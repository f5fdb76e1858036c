#include "name_hashes.h"

XMPPBIND_NOINLINE uint32_t xmppbind_name_hash_short(const struct xmppbind_hash_key *key, const char *account,
                                                    size_t length) {
    return xmppbind_name_hash_account(key, account, length);
}

XMPPBIND_NOINLINE uint32_t xmppbind_name_hash_other(const struct xmppbind_name_key *key, const char *resource,
                                                    size_t length) {
    if (length > XMPPBIND_NAME_SHORT)
        return (uint32_t)xmppbind_siphash(&key->key, resource, length);
    uint64_t word = xmppbind_word_of(resource, length);
    return (uint32_t)((key->weights[0] + key->weights[1] * length + xmppbind_weigh(key->weights + 2, word)) >> 32);
}

void xmppbind_name_key_init(struct xmppbind_name_key *key, const struct xmppbind_hash_key *secret) {
    key->key = *secret;
    key->start = xmppbind_siphash_begin(*secret);
    for (uint32_t i = 0; i < XMPPBIND_NAME_WEIGHTS; i++)
        key->weights[i] = xmppbind_siphash(secret, &i, sizeof i);
}
