/* Comparing and copying texts: a difference anywhere is seen, and nothing beyond the ends is read or written. */
#include "lib/base/text.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <stdlib.h>

enum { LONGEST = 40 };

static void same(void **state) {
    (void)state;
    for (size_t length = 0; length <= LONGEST; length++) {
        char *left = test_memory_get(length + 1), *right = test_memory_get(length + 1);
        memset(left, 'a', length + 1);
        memset(right, 'a', length + 1);
        assert_true(xmppbind_same(left + 1, right + 1, length));
        for (size_t at = 1; at <= length; at++) {
            right[at] = 'b';
            assert_false(xmppbind_same(left + 1, right + 1, length));
            right[at] = 'a';
        }
        free(left);
        free(right);
    }
}

static void copied(void **state) {
    (void)state;
    for (size_t length = 0; length <= LONGEST; length++) {
        char *from = test_memory_get(length + 1), *to = test_memory_get(length + 1);
        for (size_t i = 0; i <= length; i++)
            from[i] = (char)('a' + i);
        to[0] = '-';
        xmppbind_copy(to + 1, from + 1, length);
        assert_int_equal(to[0], '-');
        assert_memory_equal(to + 1, from + 1, length);
        free(from);
        free(to);
    }
}

/* FROM-1, FROM-4, FROM-6: addresses shorter than a machine word are compared like any other. */
static void from_1_from_4_from_6_short_addresses(void **state) {
    static const struct {
        const char *from;
        int result;
    } rows[] = {{"a@b/r", XMPPBIND_OK},
                {"a@b/s", XMPPBIND_OK},
                {"A@B/s", XMPPBIND_OK},
                {"a@b/t", XMPPBIND_ERROR_UNKNOWN_SENDER},
                {"a@b/rr", XMPPBIND_ERROR_UNKNOWN_SENDER},
                {"a@c/r", XMPPBIND_ERROR_INVALID_FROM}}; /* the last: it closes the stream */
    const char *stamp;
    size_t length;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    (void)state;
    assert_int_equal(test_bind(stream, "r", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "s", 2), XMPPBIND_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *from = rows[i].from;
        assert_int_equal(
            xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, from, strlen(from), &stamp, &length, NULL, NULL),
            rows[i].result);
        if (rows[i].result == XMPPBIND_OK)
            assert_string_equal(stamp, from[4] == 'r' ? "a@b/r" : "a@b/s");
    }
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same), cmocka_unit_test(copied),
                                       cmocka_unit_test(from_1_from_4_from_6_short_addresses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
