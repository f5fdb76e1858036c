#include "siphash.h"

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
        return rest == 0 ? 0 : xmppbind_siphash_load(end - 8) >> (64 - 8 * rest);
    if (rest >= 4)
        return load_half(end - rest) | load_half(end - 4) << (8 * (rest - 4)); /* where they overlap they agree */
    for (size_t i = 0; i < rest; i++)
        word |= (uint64_t)(end - rest)[i] << (8 * i);
    return word;
}

uint64_t xmppbind_siphash(const struct xmppbind_hash_key *key, const void *octets, size_t length) {
    const unsigned char *text = octets, *end = text + length;
    struct xmppbind_siphash_state v = xmppbind_siphash_begin(*key);
    for (; end - text >= 8; text += 8)
        xmppbind_siphash_absorb(&v, xmppbind_siphash_load(text));
    return xmppbind_siphash_end(&v, load_tail(end, length) | (uint64_t)length << 56);
}
