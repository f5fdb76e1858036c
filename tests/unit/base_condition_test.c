/* Conditions: their element names and error types (RFC 6120 sections 4.9.3 and 8.3.3). */
#include "tests/support/test_cmocka.h"
#include "xmppbind/base.h"

#include <limits.h>

static void names_and_types(void **state) {
    static const struct {
        int condition;
        const char *name, *type;
    } rows[] = {
        {0, "", "cancel"},
        {1, "bad-request", "modify"},
        {2, "conflict", "modify"},
        {3, "internal-server-error", "wait"},
        {4, "item-not-found", "cancel"},
        {5, "jid-malformed", "modify"},
        {6, "not-allowed", "cancel"},
        {7, "resource-constraint", "wait"},
        {8, "resource-constraint", "wait"},
        {9, "unknown-sender", "modify"},
        {10, "not-authorized", "cancel"},
        {11, "invalid-from", "cancel"},
        {12, "policy-violation", "cancel"},
        {-1, "undefined-condition", "cancel"},
        {XMPPBIND_CONDITION_FORBIDDEN, "forbidden", "auth"},
        {XMPPBIND_CONDITION_NOT_ACCEPTABLE, "not-acceptable", "modify"},
        {XMPPBIND_CONDITION_SERVICE_UNAVAILABLE, "service-unavailable", "cancel"},
        {XMPPBIND_CONDITION_LIST_IN_USE, "conflict", "cancel"},
        {17, "undefined-condition", "cancel"},
        {INT_MIN, "undefined-condition", "cancel"},
        {INT_MAX, "undefined-condition", "cancel"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(xmppbind_condition_name(rows[i].condition), rows[i].name);
        assert_string_equal(xmppbind_condition_type(rows[i].condition), rows[i].type);
    }
}

static void numbers_never_change(void **state) {
    (void)state;
    assert_int_equal(XMPPBIND_CONDITION_NONE, 0);
    assert_int_equal(XMPPBIND_CONDITION_BAD_REQUEST, 1);
    assert_int_equal(XMPPBIND_CONDITION_CONFLICT, 2);
    assert_int_equal(XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR, 3);
    assert_int_equal(XMPPBIND_CONDITION_ITEM_NOT_FOUND, 4);
    assert_int_equal(XMPPBIND_CONDITION_JID_MALFORMED, 5);
    assert_int_equal(XMPPBIND_CONDITION_NOT_ALLOWED, 6);
    assert_int_equal(XMPPBIND_CONDITION_RESOURCE_CONSTRAINT, 7);
    assert_int_equal(XMPPBIND_CONDITION_RESOURCE_LIMIT, 8);
    assert_int_equal(XMPPBIND_CONDITION_UNKNOWN_SENDER, 9);
    assert_int_equal(XMPPBIND_CONDITION_NOT_AUTHORIZED, 10);
    assert_int_equal(XMPPBIND_CONDITION_INVALID_FROM, 11);
    assert_int_equal(XMPPBIND_CONDITION_POLICY_VIOLATION, 12);
    assert_int_equal(XMPPBIND_CONDITION_FORBIDDEN, 13);
    assert_int_equal(XMPPBIND_CONDITION_NOT_ACCEPTABLE, 14);
    assert_int_equal(XMPPBIND_CONDITION_SERVICE_UNAVAILABLE, 15);
    assert_int_equal(XMPPBIND_CONDITION_LIST_IN_USE, 16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_types),
        cmocka_unit_test(numbers_never_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
