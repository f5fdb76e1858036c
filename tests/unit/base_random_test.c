/* The system's random octets. getentropy() is played here: it counts up, and fails when told. */
#include "lib/base/random.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

static struct {
    size_t calls;
    size_t fail_at; /* counted from 1; 0: never */
    unsigned char next;
} source;

int getentropy(void *buffer, size_t length);

int getentropy(void *buffer, size_t length) {
    unsigned char *octets = buffer;
    assert_in_range(length, 1, 256); /* more is refused by the real one */
    if (++source.calls == source.fail_at)
        return -1;
    for (size_t i = 0; i < length; i++)
        octets[i] = ++source.next;
    return 0;
}

static int fill(size_t length, uint8_t *octets, size_t fail_at) {
    memset(&source, 0, sizeof source);
    source.fail_at = fail_at;
    return xmppbind_random_system(octets, length, NULL);
}

static void all_octets_are_filled(void **state) {
    static const size_t lengths[] = {0, 1, 16, 255, 256, 257, 512, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t *octets = test_memory_get(lengths[i] + 1);
        memset(octets, 0, lengths[i] + 1);
        assert_int_equal(fill(lengths[i], octets, 0), 0);
        assert_int_equal(source.calls, (lengths[i] + 255) / 256);
        for (size_t at = 0; at < lengths[i]; at++)
            assert_int_equal(octets[at], (uint8_t)(at + 1));
        assert_int_equal(octets[lengths[i]], 0);
        free(octets);
    }
}

static void a_failure_is_told(void **state) {
    uint8_t octets[600];
    (void)state;
    for (size_t fail_at = 1; fail_at <= 3; fail_at++) {
        assert_int_not_equal(fill(sizeof octets, octets, fail_at), 0);
        assert_int_equal(source.calls, fail_at);
    }
    assert_int_equal(fill(sizeof octets, octets, 4), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_octets_are_filled),
        cmocka_unit_test(a_failure_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
