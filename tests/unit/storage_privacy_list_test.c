/* A privacy list as data: XEP-0016 section 2.1, PRIV-4. */
#include "lib/storage/privacy_list.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

static xmppbind_privacy_list *new_list(const xmppbind_allocator *allocator) {
    xmppbind_privacy_list *list = NULL;
    assert_int_equal(xmppbind_privacy_list_new(&list, allocator, "public", 6), XMPPBIND_OK);
    return list;
}

static int add(xmppbind_privacy_list *list, uint32_t order, int type, const char *value) {
    return xmppbind_privacy_list_add(list, order, type, value, value == NULL ? 0 : strlen(value), XMPPBIND_PRIVACY_DENY,
                                     XMPPBIND_PRIVACY_IQ);
}

static void rules_are_in_the_order_of_their_numbers(void **state) {
    static const uint32_t orders[] = {5, 0, UINT32_MAX, 7, 6, 1};
    static const uint32_t sorted[] = {0, 1, 5, 6, 7, UINT32_MAX};
    size_t length = 1;
    xmppbind_privacy_list *list = new_list(NULL);
    (void)state;
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(add(list, orders[i], XMPPBIND_PRIVACY_ANY, NULL), XMPPBIND_OK);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(add(list, orders[i], XMPPBIND_PRIVACY_ANY, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_privacy_list_order(list, i), sorted[i]);
        assert_int_equal(xmppbind_privacy_list_type(list, i), XMPPBIND_PRIVACY_ANY);
        assert_null(xmppbind_privacy_list_value(list, i, &length));
        assert_int_equal(length, 0);
        assert_int_equal(xmppbind_privacy_list_action(list, i), XMPPBIND_PRIVACY_DENY);
        assert_int_equal(xmppbind_privacy_list_kinds(list, i), XMPPBIND_PRIVACY_IQ);
    }
    assert_int_equal(xmppbind_privacy_list_count(list), 6);
    xmppbind_privacy_list_free(list);
}

static void values_fit_their_type(void **state) {
    static const struct {
        int type;
        const char *value;
        int good;
    } rules[] = {
        {XMPPBIND_PRIVACY_ANY, "a", 0},
        {XMPPBIND_PRIVACY_ANY, NULL, 1},
        {XMPPBIND_PRIVACY_JID, "romeo@montague.example/orchard", 1},
        {XMPPBIND_PRIVACY_JID, "", 0},
        {XMPPBIND_PRIVACY_JID, NULL, 0},
        {XMPPBIND_PRIVACY_GROUP, "Enemies", 1},
        {XMPPBIND_PRIVACY_SUBSCRIPTION, "both", 1},
        {XMPPBIND_PRIVACY_SUBSCRIPTION, "to", 1},
        {XMPPBIND_PRIVACY_SUBSCRIPTION, "from", 1},
        {XMPPBIND_PRIVACY_SUBSCRIPTION, "none", 1},
        {XMPPBIND_PRIVACY_SUBSCRIPTION, "remove", 0},
        {XMPPBIND_PRIVACY_SUBSCRIPTION, "Both", 0},
        {XMPPBIND_PRIVACY_SUBSCRIPTION + 1, "a", 0},
        {-1, "a", 0},
    };
    xmppbind_privacy_list *list = new_list(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        size_t count = xmppbind_privacy_list_count(list), length = 0;
        assert_int_equal(add(list, (uint32_t)i, rules[i].type, rules[i].value),
                         rules[i].good ? XMPPBIND_OK : XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_privacy_list_count(list), count + (rules[i].good ? 1U : 0U));
        if (!rules[i].good || rules[i].value == NULL)
            continue;
        assert_int_equal(xmppbind_privacy_list_type(list, count), rules[i].type);
        assert_string_equal(xmppbind_privacy_list_value(list, count, &length), rules[i].value);
        assert_int_equal(length, strlen(rules[i].value));
    }
    xmppbind_privacy_list_free(list);
}

static void arguments_are_checked(void **state) {
    xmppbind_privacy_list *list = NULL;
    size_t length = 1;
    (void)state;
    assert_int_equal(xmppbind_privacy_list_new(NULL, NULL, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, NULL, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, "", 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, "a\0b", 3), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(list);
    list = new_list(NULL);
    assert_string_equal(xmppbind_privacy_list_name(list, &length), "public");
    assert_int_equal(length, 6);
    assert_int_equal(xmppbind_privacy_list_add(list, 1, XMPPBIND_PRIVACY_GROUP, "a\0b", 3, XMPPBIND_PRIVACY_ALLOW, 0),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    for (int action = -1; action < 4; action++)
        assert_int_equal(xmppbind_privacy_list_add(list, (uint32_t)action, XMPPBIND_PRIVACY_ANY, NULL, 0, action, 15),
                         action == XMPPBIND_PRIVACY_ALLOW || action == XMPPBIND_PRIVACY_DENY
                             ? XMPPBIND_OK
                             : XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_privacy_list_add(list, 9, XMPPBIND_PRIVACY_ANY, NULL, 0, XMPPBIND_PRIVACY_ALLOW, 16),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_privacy_list_add(NULL, 9, XMPPBIND_PRIVACY_ANY, NULL, 0, XMPPBIND_PRIVACY_ALLOW, 0),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_privacy_list_count(list), 2);
    assert_int_equal(xmppbind_privacy_list_action(list, 2), 0);
    xmppbind_privacy_list_free(list);
    assert_null(xmppbind_privacy_list_name(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_privacy_list_name(NULL, NULL));
    assert_int_equal(xmppbind_privacy_list_count(NULL), 0);
    assert_int_equal(xmppbind_privacy_list_order(NULL, 0), 0);
    assert_int_equal(xmppbind_privacy_list_kinds(NULL, 0), 0);
    xmppbind_privacy_list_free(NULL);
}

static void without_memory_nothing_changes(void **state) {
    struct test_allocator source;
    struct xmppbind_memory memory;
    struct xmppbind_privacy_list *copy = NULL;
    xmppbind_privacy_list *list = NULL;
    size_t n = 0;
    (void)state;
    test_allocator_set_up(&source);
    test_allocator_fail(&source, 1, 0);
    assert_int_equal(xmppbind_privacy_list_new(&list, source.allocator, "public", 6), XMPPBIND_ERROR_NO_MEMORY);
    list = new_list(source.allocator);
    for (size_t failing = 1; failing <= 2; failing++) { /* the room, the value */
        test_allocator_fail(&source, failing, 0);
        assert_int_equal(add(list, 1, XMPPBIND_PRIVACY_GROUP, "Enemies"), XMPPBIND_ERROR_NO_MEMORY);
        assert_int_equal(xmppbind_privacy_list_count(list), 0);
    }
    test_allocator_fail(&source, 0, 0);
    assert_int_equal(add(list, 1, XMPPBIND_PRIVACY_GROUP, "Enemies"), XMPPBIND_OK);
    xmppbind_memory_init(&memory, source.allocator);
    while (copy == NULL) {
        test_allocator_fail(&source, ++n, 0);
        copy = xmppbind_privacy_list_copy(list, &memory);
    }
    test_allocator_fail(&source, 0, 0);
    assert_int_equal(n, 4);
    xmppbind_privacy_list_free(list);
    assert_string_equal(xmppbind_privacy_list_value(copy, 0, NULL), "Enemies");
    assert_string_equal(xmppbind_privacy_list_name(copy, NULL), "public");
    xmppbind_privacy_list_free(copy);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_in_the_order_of_their_numbers),
        cmocka_unit_test(values_fit_their_type),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(without_memory_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
