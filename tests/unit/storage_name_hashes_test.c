/* The hash of an account is that of name_hash.h. That of a resource tells resources apart, wherever they lie. */
#include "lib/storage/name_hashes.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST = 2 * XMPPBIND_NAME_SHORT, MANY = 4096 };

static void set_up(struct xmppbind_name_key *key, uint64_t first) {
    const struct xmppbind_hash_key secret = {first, 0x0f0e0d0c0b0a0908U};
    xmppbind_name_key_init(key, &secret);
}

/* In a block of exactly that length, so that reading beyond its ends is seen. */
static char *text_of(size_t length) {
    char *text = test_memory_get(length);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(i * 37 + 200);
    return text;
}

static void the_account_has_one_hash(void **state) {
    struct xmppbind_name_key key;
    (void)state;
    set_up(&key, 1);
    for (size_t length = 1; length <= LONGEST; length++) {
        char *text = text_of(length);
        assert_int_equal(xmppbind_name_hash_account_here(&key, text, length),
                         xmppbind_name_hash_account(&key.key, text, length));
        free(text);
    }
}

/* Every octet counts, and the length; of those that are not weighed too. */
static void every_octet_counts(void **state) {
    struct xmppbind_name_key key;
    (void)state;
    set_up(&key, 1);
    for (size_t length = 1; length <= LONGEST; length++) {
        char *text = text_of(length);
        uint32_t hash = xmppbind_name_hash_among(&key, text, length);
        for (size_t at = 0; at < length; at++) {
            text[at] ^= 1;
            assert_int_not_equal(xmppbind_name_hash_among(&key, text, length), hash);
            text[at] ^= 1;
        }
        assert_int_equal(xmppbind_name_hash_among(&key, text, length), hash);
        free(text);
    }
    static const char zeros[LONGEST];
    for (size_t length = 1; length < LONGEST; length++)
        assert_int_not_equal(xmppbind_name_hash_among(&key, zeros, length),
                             xmppbind_name_hash_among(&key, zeros, length + 1));
}

static unsigned longest_chain(const struct xmppbind_name_key *key, unsigned step) {
    static unsigned chains[MANY];
    unsigned longest = 0;
    memset(chains, 0, sizeof chains);
    for (unsigned i = 0; i < MANY; i++) {
        char text[32];
        int length = snprintf(text, sizeof text, "resource%u", i * step);
        unsigned *chain = &chains[xmppbind_name_hash_among(key, text, (size_t)length) % MANY];
        longest = ++*chain > longest ? *chain : longest;
    }
    return longest;
}

/* Names that are like each other do not fall into few chains, under whatever key. */
static void names_are_spread(void **state) {
    struct xmppbind_name_key key;
    (void)state;
    for (uint64_t first = 1; first <= 16; first++) {
        set_up(&key, first);
        for (unsigned step = 1; step <= 1000; step *= 10)
            assert_in_range(longest_chain(&key, step), 1, 32);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_account_has_one_hash),
        cmocka_unit_test(every_octet_counts),
        cmocka_unit_test(names_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
