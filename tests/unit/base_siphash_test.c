/* SipHash-1-3 against a plain implementation of the whole family, which is itself held to the published SipHash-2-4. */
#include "lib/base/siphash.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 100 };

static uint64_t left(uint64_t word, unsigned bits) {
    return (word << bits) | (word >> (64 - bits));
}

static void rounds(uint64_t v[4], int count) {
    while (count-- > 0) {
        v[0] += v[1], v[1] = left(v[1], 13), v[1] ^= v[0], v[0] = left(v[0], 32);
        v[2] += v[3], v[3] = left(v[3], 16), v[3] ^= v[2];
        v[0] += v[3], v[3] = left(v[3], 21), v[3] ^= v[0];
        v[2] += v[1], v[1] = left(v[1], 17), v[1] ^= v[2], v[2] = left(v[2], 32);
    }
}

/* SipHash-c-d: the text is padded with zeros and its length to whole words, octet by octet. */
static uint64_t reference(int c, int d, const struct xmppbind_hash_key *key, const unsigned char *text, size_t length) {
    unsigned char padded[LONGEST + 8] = {0};
    size_t size = length / 8 * 8 + 8;
    uint64_t v[4] = {0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573};
    memcpy(padded, text, length);
    padded[size - 1] = (unsigned char)length;
    v[0] ^= key->first, v[2] ^= key->first;
    v[1] ^= key->second, v[3] ^= key->second;
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word = 0;
        for (size_t i = 8; i-- > 0;)
            word = word * 256 + padded[at + i];
        v[3] ^= word;
        rounds(v, c);
        v[0] ^= word;
    }
    v[2] ^= 255;
    rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void count_up(unsigned char *octets, size_t length) {
    for (size_t i = 0; i < length; i++)
        octets[i] = (unsigned char)i;
}

/* The example of the paper of Aumasson and Bernstein, appendix A. */
static void the_reference_is_siphash(void **state) {
    const struct xmppbind_hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    unsigned char text[15];
    (void)state;
    count_up(text, sizeof text);
    assert_true(reference(2, 4, &key, text, sizeof text) == 0xa129ca6149be45e5);
}

/* From a block of exactly that length, so that reading beyond its ends is seen. */
static void all_lengths(void **state) {
    static const struct xmppbind_hash_key keys[] = {
        {0, 0}, {0x0706050403020100, 0x0f0e0d0c0b0a0908}, {UINT64_MAX, 1}, {1, UINT64_MAX}};
    (void)state;
    for (size_t length = 0; length <= LONGEST; length++) {
        unsigned char *text = test_memory_get(length + 1);
        count_up(text + 1, length);
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            assert_true(xmppbind_siphash(&keys[i], text + 1, length) == reference(1, 3, &keys[i], text + 1, length));
        free(text);
    }
}

static void any_alignment(void **state) {
    const struct xmppbind_hash_key key = {3, 5};
    unsigned char text[64];
    (void)state;
    for (size_t at = 0; at < 16; at++) {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (unsigned char)(255 - i);
        assert_true(xmppbind_siphash(&key, text + at, 30) == reference(1, 3, &key, text + at, 30));
    }
}

/* Each octet and the length count: names that differ in one bit, or in zeros at the end. */
static void every_bit_counts(void **state) {
    const struct xmppbind_hash_key key = {3, 5};
    unsigned char text[30] = {0};
    (void)state;
    uint64_t hash = xmppbind_siphash(&key, text, sizeof text);
    for (size_t bit = 0; bit < sizeof text * 8; bit++) {
        text[bit / 8] = (unsigned char)(1U << bit % 8);
        assert_true(xmppbind_siphash(&key, text, sizeof text) != hash);
        text[bit / 8] = 0;
    }
    for (size_t length = 0; length < sizeof text; length++)
        assert_true(xmppbind_siphash(&key, text, length) != hash);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_is_siphash),
        cmocka_unit_test(all_lengths),
        cmocka_unit_test(any_alignment),
        cmocka_unit_test(every_bit_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
