/* The version of the library and that of its headers are one, as text and as a number. */
#include "tests/support/test_cmocka.h"
#include "xmppbind/base.h"

#include <stdio.h>

static void version(void **state) {
    char text[32];
    uint32_t number = xmppbind_version_number();
    (void)state;
    snprintf(text, sizeof text, "%u.%u.%u", (unsigned)(number >> 16), (unsigned)(number >> 8 & 0xff),
             (unsigned)(number & 0xff));
    assert_string_equal(xmppbind_version(), text);
    assert_string_equal(xmppbind_version(), XMPPBIND_VERSION);
    assert_int_equal(number, XMPPBIND_VERSION_NUMBER);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(version)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
