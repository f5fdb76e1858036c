/*
 * SipHash-1-3 (Aumasson and Bernstein), keyed at random per object, so that nobody can choose names that fall into one
 * chain. Its steps are here too, for who has to look at the octets anyway while they are hashed.
 */
#ifndef XMPPBIND_BASE_SIPHASH_H
#define XMPPBIND_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct xmppbind_hash_key {
    uint64_t first;
    uint64_t second;
};

uint64_t xmppbind_siphash(const struct xmppbind_hash_key *key, const void *octets, size_t length);

struct xmppbind_siphash_state {
    uint64_t a, b, c, d;
};

static inline struct xmppbind_siphash_state xmppbind_siphash_begin(struct xmppbind_hash_key key) {
    return (struct xmppbind_siphash_state){
        key.first ^ UINT64_C(0x736f6d6570736575), key.second ^ UINT64_C(0x646f72616e646f6d),
        key.first ^ UINT64_C(0x6c7967656e657261), key.second ^ UINT64_C(0x7465646279746573)};
}

static inline uint64_t xmppbind_siphash_rotate(uint64_t word, int bits) {
    return word << bits | word >> (64 - bits);
}

static inline void xmppbind_siphash_mix(struct xmppbind_siphash_state *v) {
    v->a += v->b;
    v->c += v->d;
    v->b = xmppbind_siphash_rotate(v->b, 13) ^ v->a;
    v->d = xmppbind_siphash_rotate(v->d, 16) ^ v->c;
    v->a = xmppbind_siphash_rotate(v->a, 32);
    v->c += v->b;
    v->a += v->d;
    v->b = xmppbind_siphash_rotate(v->b, 17) ^ v->c;
    v->d = xmppbind_siphash_rotate(v->d, 21) ^ v->a;
    v->c = xmppbind_siphash_rotate(v->c, 32);
}

static inline void xmppbind_siphash_absorb(struct xmppbind_siphash_state *v, uint64_t word) {
    v->d ^= word;
    xmppbind_siphash_mix(v);
    v->a ^= word;
}

/* `last`: the octets after the last whole word, fewer than 8, and the length of all in the highest octet. */
static inline uint64_t xmppbind_siphash_end(struct xmppbind_siphash_state *v, uint64_t last) {
    xmppbind_siphash_absorb(v, last);
    v->c ^= 0xff;
    xmppbind_siphash_mix(v);
    xmppbind_siphash_mix(v);
    xmppbind_siphash_mix(v);
    return v->a ^ v->b ^ v->c ^ v->d;
}

/* Little-endian on every machine, whatever the alignment. */
static inline uint64_t xmppbind_siphash_load(const void *octets) {
    uint64_t word;
    memcpy(&word, octets, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

#endif
