/* Errors by number and name. The numbers are part of the interface and never change. */
#include "tests/support/test_cmocka.h"
#include "xmppbind/base.h"

#include <limits.h>
#include <string.h>

static const struct {
    int number;
    const char *name;
} errors[] = {
    {0, "XMPPBIND_OK"},
    {-1001, "XMPPBIND_ERROR_NO_MEMORY"},
    {-1002, "XMPPBIND_ERROR_INVALID_ARGUMENT"},
    {-1003, "XMPPBIND_ERROR_REENTRANT"},
    {-1004, "XMPPBIND_ERROR_STATE"},
    {-1005, "XMPPBIND_ERROR_CLOSED"},
    {-1006, "XMPPBIND_ERROR_QUEUE_FULL"},
    {-1007, "XMPPBIND_ERROR_WAITING_FULL"},
    {-1008, "XMPPBIND_ERROR_WAITING"},
    {-1009, "XMPPBIND_ERROR_UNKNOWN_REQUEST"},
    {-1010, "XMPPBIND_ERROR_UNKNOWN_CLAIM"},
    {-1011, "XMPPBIND_ERROR_UNKNOWN_OPTION"},
    {-1012, "XMPPBIND_ERROR_OPTION_VALUE"},
    {-1013, "XMPPBIND_ERROR_RANDOM"},
    {-1014, "XMPPBIND_ERROR_NOT_A_STANZA"},
    {-1015, "XMPPBIND_ERROR_NOT_WELL_FORMED"},
    {-1016, "XMPPBIND_ERROR_TOO_LARGE"},
    {-1017, "XMPPBIND_ERROR_UNKNOWN_SENDER"},
    {-1018, "XMPPBIND_ERROR_JID_MALFORMED"},
    {-1019, "XMPPBIND_ERROR_INVALID_FROM"},
    {-1020, "XMPPBIND_ERROR_NOT_BOUND"},
    {-1030, "XMPPBIND_ERROR_ADDRESS_EMPTY"},
    {-1031, "XMPPBIND_ERROR_ADDRESS_TOO_LONG"},
    {-1032, "XMPPBIND_ERROR_ADDRESS_NOT_UTF8"},
    {-1033, "XMPPBIND_ERROR_ADDRESS_FORBIDDEN"},
    {-1034, "XMPPBIND_ERROR_ADDRESS_DOMAIN"},
    {-1035, "XMPPBIND_ERROR_ADDRESS_UNSUPPORTED"},
    {-1036, "XMPPBIND_ERROR_ADDRESS_CONTEXT"},
    {-1037, "XMPPBIND_ERROR_ADDRESS_BIDI"},
    {-1040, "XMPPBIND_ERROR_STORE_UNSUPPORTED"},
    {-1041, "XMPPBIND_ERROR_STORE_OPEN"},
    {-1042, "XMPPBIND_ERROR_STORE_DAMAGED"},
    {-1043, "XMPPBIND_ERROR_STORE_READ_ONLY"},
    {-1044, "XMPPBIND_ERROR_STORE_NEWER"},
    {-1045, "XMPPBIND_ERROR_STORE_FULL"},
    {-1046, "XMPPBIND_ERROR_STORE_BUSY"},
    {-1047, "XMPPBIND_ERROR_STORE_FOREIGN"},
    {-1048, "XMPPBIND_ERROR_STORE_INPUT_OUTPUT"},
};

enum { COUNT = sizeof errors / sizeof errors[0] };

static void every_error_has_its_number_name_and_meaning(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const char *meaning = xmppbind_strerror(errors[i].number);
        assert_string_equal(xmppbind_error_name(errors[i].number), errors[i].name);
        assert_true(strlen(meaning) > 0);
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(meaning, xmppbind_strerror(errors[other].number));
    }
}

static int is_listed(int number) {
    for (size_t i = 0; i < COUNT; i++)
        if (errors[i].number == number)
            return 1;
    return 0;
}

static void check_unknown(int number) {
    assert_string_equal(xmppbind_error_name(number), xmppbind_error_name(INT_MAX));
    assert_string_equal(xmppbind_strerror(number), xmppbind_strerror(INT_MAX));
}

static void any_other_number_is_unknown(void **state) {
    (void)state;
    assert_true(strlen(xmppbind_error_name(INT_MAX)) > 0);
    assert_true(strlen(xmppbind_strerror(INT_MAX)) > 0);
    check_unknown(INT_MIN);
    for (int number = -2000; number < 2000; number++)
        if (!is_listed(number))
            check_unknown(number);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_its_number_name_and_meaning),
        cmocka_unit_test(any_other_number_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
