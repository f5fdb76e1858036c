/* Comparing texts: a difference anywhere is seen, and nothing beyond the ends is read. */
#include "lib/base/text.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
