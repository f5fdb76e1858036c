#include "siphash.h"

#include <string.h>

static inline uint64_t rotate(uint64_t word, int bits) {
    return word << bits | word >> (64 - bits);
}

static inline void mix(uint64_t v[4]) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

/* The order of octets only has to be the same within one process, so a plain copy serves on every machine. */
static inline uint64_t load(const unsigned char *octets) {
    uint64_t word;
    memcpy(&word, octets, sizeof word);
    return word;
}

static inline uint64_t load_tail(const unsigned char *octets, size_t length) {
    uint64_t word = 0;
    for (size_t i = 0; i < (length & 7); i++)
        word |= (uint64_t)octets[i] << (8 * i);
    return word | (uint64_t)length << 56;
}

uint64_t xmppbind_siphash(const struct xmppbind_hash_key *key, const void *octets, size_t length) {
    const unsigned char *text = octets;
    uint64_t v[4] = {key->first ^ 0x736f6d6570736575U, key->second ^ 0x646f72616e646f6dU,
                     key->first ^ 0x6c7967656e657261U, key->second ^ 0x7465646279746573U};
    for (const unsigned char *end = text + (length & ~(size_t)7); text != end; text += 8) {
        uint64_t word = load(text);
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
    }
    uint64_t word = load_tail(text, length);
    v[3] ^= word;
    mix(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    mix(v);
    mix(v);
    mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
