/*
 * The hashes of a full JID for the directory in memory, where hashing is the greatest part of the work: of its account
 * as name_hash.h makes it, in one piece, with a key that is set up already; and of its resource among those of one
 * account.
 */
#ifndef XMPPBIND_STORAGE_NAME_HASHES_H
#define XMPPBIND_STORAGE_NAME_HASHES_H

#include "lib/base/text.h"
#include "name_hash.h"

enum {
    XMPPBIND_NAME_SHORT = 64, /* octets of a resource up to which it is weighed */
    XMPPBIND_NAME_WEIGHTS = 2 + XMPPBIND_NAME_SHORT / 4
};

struct xmppbind_name_key {
    struct xmppbind_hash_key key;
    struct xmppbind_siphash_state start; /* of the key */
    uint64_t weights[XMPPBIND_NAME_WEIGHTS];
};

/* Of a text that has 8 octets before its end, be they its own or not: they are loaded with the octets after its last
 * whole word, and shifted out. */
static XMPPBIND_INLINE uint32_t xmppbind_name_hash_beside(struct xmppbind_siphash_state state, const char *text,
                                                          size_t length) {
    uint64_t last = xmppbind_siphash_load(text + length - sizeof last);
    last = last >> 1 >> (~(8 * length) & 63); /* by 64 in all if nothing is left, which cannot be done at once */
    last |= (uint64_t)length << 56;
    for (size_t words = length / sizeof last; words > 0; words--, text += sizeof last)
        xmppbind_siphash_absorb(&state, xmppbind_siphash_load(text));
    return (uint32_t)xmppbind_siphash_end(&state, last);
}

/* Of the account of a prepared JID, as xmppbind_name_hash_account(). */
uint32_t xmppbind_name_hash_short(const struct xmppbind_hash_key *key, const char *account, size_t length);
static inline uint32_t xmppbind_name_hash_account_here(const struct xmppbind_name_key *key, const char *account,
                                                       size_t length) {
    return length < sizeof(uint64_t) ? xmppbind_name_hash_short(&key->key, account, length)
                                     : xmppbind_name_hash_beside(key->start, account, length);
}

static inline uint64_t xmppbind_weigh(const uint64_t *weights, uint64_t word) {
    return weights[0] * (uint32_t)word + weights[1] * (word >> 32);
}

/* Of one that is shorter than a word, or not weighed. */
uint32_t xmppbind_name_hash_other(const struct xmppbind_name_key *key, const char *resource, size_t length);

/* Of the resource, among those of one account. What matters is that nobody chooses many that fall into one chain. The
 * weights are secret, so two resources, whatever they are, have one hash by a chance of 1 in 2^32 (Lemire and Kaser,
 * Strongly universal string hashing is fast). Whoever could find out more would slow down his own account, within its
 * limit of resources: so this need not be as strong as the hash of accounts, which all share. */
static inline uint32_t xmppbind_name_hash_among(const struct xmppbind_name_key *key, const char *resource,
                                                size_t length) {
    if (length - sizeof(uint64_t) > XMPPBIND_NAME_SHORT - sizeof(uint64_t)) /* without a sign */
        return xmppbind_name_hash_other(key, resource, length);
    const uint64_t *weights = key->weights + 2;
    uint64_t sum = key->weights[0] + key->weights[1] * length;
    const char *last = resource + length - sizeof(uint64_t);
    for (; resource < last; resource += sizeof(uint64_t), weights += 2)
        sum += xmppbind_weigh(weights, xmppbind_word_at(resource));
    return (uint32_t)((sum + xmppbind_weigh(weights, xmppbind_word_at(last))) >> 32);
}

/* Sets the key up. */
void xmppbind_name_key_init(struct xmppbind_name_key *key, const struct xmppbind_hash_key *secret);

#endif
