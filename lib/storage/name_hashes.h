/*
 * Both hashes of a full JID at once, with a key that is set up already: what name_hash.h does in two steps, in one
 * piece for the directory in memory, where hashing is the greatest part of the work.
 */
#ifndef XMPPBIND_STORAGE_NAME_HASHES_H
#define XMPPBIND_STORAGE_NAME_HASHES_H

#include "lib/base/text.h"
#include "name_hash.h"

struct xmppbind_name_key {
    struct xmppbind_hash_key key;
    struct xmppbind_siphash_state start; /* of the key */
};

struct xmppbind_name_hashes {
    uint32_t name;
    uint32_t account;
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

/* Of a JID whose account is shorter than that. */
struct xmppbind_name_hashes xmppbind_name_hashes_of_short(const struct xmppbind_hash_key *key, const char *jid,
                                                          size_t length, size_t account_length);

/* Of a prepared full JID: here for who asks at one place, as a function for the others. */
static inline struct xmppbind_name_hashes
xmppbind_name_hashes_here(const struct xmppbind_name_key *key, const char *jid, size_t length, size_t account_length) {
    if (account_length < sizeof(uint64_t))
        return xmppbind_name_hashes_of_short(&key->key, jid, length, account_length);
    uint32_t account = xmppbind_name_hash_beside(key->start, jid, account_length);
    struct xmppbind_siphash_state start = key->start;
    start.a ^= account; /* as the first half of the key would */
    start.c ^= account;
    return (struct xmppbind_name_hashes){
        xmppbind_name_hash_beside(start, jid + account_length + 1, length - account_length - 1), account};
}

struct xmppbind_name_hashes xmppbind_name_hashes_of(const struct xmppbind_name_key *key, const char *jid, size_t length,
                                                    size_t account_length);

#endif
