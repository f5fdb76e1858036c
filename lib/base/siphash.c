#include "siphash.h"

#include <string.h>

static inline uint64_t rotate(uint64_t word, int bits) {
    return word << bits | word >> (64 - bits);
}

struct state {
    uint64_t a, b, c, d;
};

static inline void mix(struct state *v) {
    v->a += v->b;
    v->c += v->d;
    v->b = rotate(v->b, 13) ^ v->a;
    v->d = rotate(v->d, 16) ^ v->c;
    v->a = rotate(v->a, 32);
    v->c += v->b;
    v->a += v->d;
    v->b = rotate(v->b, 17) ^ v->c;
    v->d = rotate(v->d, 21) ^ v->a;
    v->c = rotate(v->c, 32);
}

static inline void absorb(struct state *v, uint64_t word) {
    v->d ^= word;
    mix(v);
    v->a ^= word;
}

/* Little-endian on every machine, whatever the alignment. */
static inline uint64_t load(const unsigned char *octets) {
    uint64_t word;
    memcpy(&word, octets, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t load_half(const unsigned char *octets) {
    uint32_t word;
    memcpy(&word, octets, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

/* The octets after the last whole word. Where there is a word before them it is loaded again with them, and shifted
 * out. */
static inline uint64_t load_tail(const unsigned char *end, size_t length) {
    size_t rest = length & 7;
    uint64_t word = 0;
    if (length >= 8)
        return rest == 0 ? 0 : load(end - 8) >> (64 - 8 * rest);
    if (rest >= 4)
        return load_half(end - rest) | load_half(end - 4) << (8 * (rest - 4)); /* where they overlap they agree */
    for (size_t i = 0; i < rest; i++)
        word |= (uint64_t)(end - rest)[i] << (8 * i);
    return word;
}

uint64_t xmppbind_siphash(const struct xmppbind_hash_key *key, const void *octets, size_t length) {
    const unsigned char *text = octets, *end = text + length;
    struct state v = {key->first ^ 0x736f6d6570736575U, key->second ^ 0x646f72616e646f6dU,
                      key->first ^ 0x6c7967656e657261U, key->second ^ 0x7465646279746573U};
    for (; end - text >= 8; text += 8)
        absorb(&v, load(text));
    absorb(&v, load_tail(end, length) | (uint64_t)length << 56);
    v.c ^= 0xff;
    mix(&v);
    mix(&v);
    mix(&v);
    return v.a ^ v.b ^ v.c ^ v.d;
}
