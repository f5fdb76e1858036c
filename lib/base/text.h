/* Comparing texts of one length, and copying short ones. */
#ifndef XMPPBIND_BASE_TEXT_H
#define XMPPBIND_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* For the slow part of a function whose quick part should not pay for its registers; and for what is worth its copies.
 */
#if defined(__GNUC__)
#define XMPPBIND_NOINLINE __attribute__((noinline))
#define XMPPBIND_INLINE inline __attribute__((always_inline))
#else
#define XMPPBIND_NOINLINE
#define XMPPBIND_INLINE inline
#endif

static inline uint64_t xmppbind_word_at(const char *text) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

static inline uint32_t xmppbind_half_word_at(const char *text) {
    uint32_t half;
    memcpy(&half, text, sizeof half);
    return half;
}

/* A text of less than 8 octets as a word: all its octets, some of them perhaps twice, and nothing else but spaces. Two
 * texts of one length are the same if their words are. */
static inline uint64_t xmppbind_word_of(const char *text, size_t length) {
    if (length >= sizeof(uint32_t))
        return xmppbind_half_word_at(text) | (uint64_t)xmppbind_half_word_at(text + length - sizeof(uint32_t)) << 32;
    uint64_t word = UINT64_C(0x2020202020202020);
    for (size_t i = 0; i < length; i++)
        word = word << 8 | (unsigned char)text[i];
    return word;
}

/* Whether two texts are the same octets. The ends are compared first: that is where the full JIDs of one account
 * differ. Inline, for it is the heart of the hot path, and a call costs more than most comparisons. */
static inline int xmppbind_same(const char *left, const char *right, size_t length) {
    if (length < sizeof(uint64_t))
        return xmppbind_word_of(left, length) == xmppbind_word_of(right, length);
    size_t at = length - sizeof(uint64_t);
    if (xmppbind_word_at(left + at) != xmppbind_word_at(right + at))
        return 0;
    while (at >= sizeof(uint64_t)) {
        at -= sizeof(uint64_t);
        if (xmppbind_word_at(left + at) != xmppbind_word_at(right + at))
            return 0;
    }
    return xmppbind_word_at(left) == xmppbind_word_at(right);
}

/* Copies 4 to 8 octets, some of them perhaps twice. */
static inline void xmppbind_copy_word(char *to, const char *from, size_t length) {
    uint32_t first = xmppbind_half_word_at(from), last = xmppbind_half_word_at(from + length - sizeof last);
    memcpy(to, &first, sizeof first);
    memcpy(to + length - sizeof last, &last, sizeof last);
}

/* As memcpy(), for texts so short that calling it costs more. */
static inline void xmppbind_copy(char *to, const char *from, size_t length) {
    size_t at = 0;
    if (length >= sizeof(uint64_t)) {
        for (; at < length - sizeof(uint64_t); at += sizeof(uint64_t))
            memcpy(to + at, from + at, sizeof(uint64_t));
        memcpy(to + length - sizeof(uint64_t), from + length - sizeof(uint64_t), sizeof(uint64_t));
    } else if (length >= sizeof(uint32_t)) {
        xmppbind_copy_word(to, from, length);
    } else {
        for (; at < length; at++)
            to[at] = from[at];
    }
}

#endif
