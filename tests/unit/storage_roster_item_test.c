/* A contact as data: what it takes and what it gives back. */
#include "lib/storage/roster_item.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#define ROMEO "romeo@montague.example"

static xmppbind_roster_item *new_item(const xmppbind_allocator *allocator) {
    xmppbind_roster_item *item = NULL;
    assert_int_equal(xmppbind_roster_item_new(&item, allocator, ROMEO "/rest", sizeof ROMEO - 1), XMPPBIND_OK);
    return item;
}

static void a_new_one_is_listed_and_nothing_else(void **state) {
    size_t length = 0;
    xmppbind_roster_item *item = new_item(NULL);
    (void)state;
    assert_string_equal(xmppbind_roster_item_jid(item, &length), ROMEO);
    assert_int_equal(length, sizeof ROMEO - 1);
    assert_null(xmppbind_roster_item_name(item, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_roster_item_stanza(item, NULL));
    assert_int_equal(xmppbind_roster_item_group_count(item), 0);
    assert_null(xmppbind_roster_item_group(item, 0, &length));
    assert_int_equal(xmppbind_roster_item_subscription(item), XMPPBIND_SUBSCRIPTION_NONE);
    assert_int_equal(xmppbind_roster_item_flags(item), XMPPBIND_ROSTER_LISTED);
    assert_int_equal(xmppbind_roster_item_version(item), 0);
    xmppbind_roster_item_free(item);
}

static void texts_are_set_and_taken_back(void **state) {
    size_t length = 0;
    xmppbind_roster_item *item = new_item(NULL);
    (void)state;
    assert_int_equal(xmppbind_roster_item_set_name(item, "Romeo", 3), XMPPBIND_OK);
    assert_string_equal(xmppbind_roster_item_name(item, &length), "Rom");
    assert_int_equal(length, 3);
    assert_int_equal(xmppbind_roster_item_set_name(item, xmppbind_roster_item_name(item, NULL) + 1, 2), XMPPBIND_OK);
    assert_string_equal(xmppbind_roster_item_name(item, NULL), "om"); /* from itself */
    assert_int_equal(xmppbind_roster_item_set_name(item, "", 0), XMPPBIND_OK);
    assert_string_equal(xmppbind_roster_item_name(item, &length), "");
    assert_int_equal(xmppbind_roster_item_set_name(item, NULL, 7), XMPPBIND_OK);
    assert_null(xmppbind_roster_item_name(item, NULL));
    assert_int_equal(xmppbind_roster_item_set_stanza(item, "<presence/>", 11), XMPPBIND_OK);
    assert_string_equal(xmppbind_roster_item_stanza(item, &length), "<presence/>");
    assert_int_equal(length, 11);
    xmppbind_roster_item_free(item);
}

/* RFC 6121 section 2.1.2.6: a contact is in a group once. */
static void groups_are_a_set_in_their_order(void **state) {
    size_t length = 0;
    xmppbind_roster_item *item = new_item(NULL);
    (void)state;
    for (char letter = 'a'; letter < 'a' + 20; letter++)
        assert_int_equal(xmppbind_roster_item_add_group(item, &letter, 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_add_group(item, "ab", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_add_group(item, "c", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_add_group(item, "", 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_group_count(item), 21);
    assert_string_equal(xmppbind_roster_item_group(item, 0, &length), "a");
    assert_int_equal(length, 1);
    assert_string_equal(xmppbind_roster_item_group(item, 20, NULL), "ab");
    assert_null(xmppbind_roster_item_group(item, 21, NULL));
    xmppbind_roster_item_clear_groups(item);
    assert_int_equal(xmppbind_roster_item_group_count(item), 0);
    assert_int_equal(xmppbind_roster_item_add_group(item, "c", 1), XMPPBIND_OK);
    xmppbind_roster_item_free(item);
}

static void arguments_are_checked(void **state) {
    xmppbind_roster_item *item = NULL;
    size_t length = 1;
    (void)state;
    assert_int_equal(xmppbind_roster_item_new(NULL, NULL, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, NULL, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, "", 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, "a\0b", 3), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(item);
    item = new_item(NULL);
    assert_int_equal(xmppbind_roster_item_set_name(item, "a\0b", 3), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_stanza(item, "a\0b", 3), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_add_group(item, "a\0b", 3), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_add_group(item, NULL, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_subscription(item, -1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_subscription(item, 4), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_flags(item, 15), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_flags(item, XMPPBIND_ROSTER_REMOVED | XMPPBIND_ROSTER_LISTED),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_flags(item, 32), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_flags(item), 15);
    assert_int_equal(xmppbind_roster_item_set_flags(item, XMPPBIND_ROSTER_REMOVED), XMPPBIND_OK);
    xmppbind_roster_item_free(item);
    assert_null(xmppbind_roster_item_jid(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_roster_item_jid(NULL, NULL));
    assert_null(xmppbind_roster_item_name(NULL, NULL));
    assert_null(xmppbind_roster_item_stanza(NULL, NULL));
    assert_null(xmppbind_roster_item_group(NULL, 0, NULL));
    assert_int_equal(xmppbind_roster_item_group_count(NULL), 0);
    assert_int_equal(xmppbind_roster_item_subscription(NULL), 0);
    assert_int_equal(xmppbind_roster_item_flags(NULL), 0);
    assert_int_equal(xmppbind_roster_item_version(NULL), 0);
    assert_int_equal(xmppbind_roster_item_set_name(NULL, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_stanza(NULL, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_add_group(NULL, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_subscription(NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_flags(NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_roster_item_set_version(NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_roster_item_clear_groups(NULL);
    xmppbind_roster_item_free(NULL);
}

static void fill(xmppbind_roster_item *item) {
    assert_int_equal(xmppbind_roster_item_set_name(item, "Romeo", 5), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_stanza(item, "<presence/>", 11), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_add_group(item, "Verona", 6), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_subscription(item, XMPPBIND_SUBSCRIPTION_FROM), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_version(item, UINT64_MAX), XMPPBIND_OK);
}

/* What was refused for lack of memory has changed nothing. */
static void without_memory_nothing_changes(void **state) {
    struct test_allocator source;
    xmppbind_roster_item *item = NULL;
    (void)state;
    test_allocator_set_up(&source);
    test_allocator_fail(&source, 1, 0);
    assert_int_equal(xmppbind_roster_item_new(&item, source.allocator, ROMEO, 5), XMPPBIND_ERROR_NO_MEMORY);
    item = new_item(source.allocator);
    fill(item);
    for (size_t n = 1; n <= 2; n++) {
        test_allocator_fail(&source, 1, 0);
        assert_int_equal(n == 1 ? xmppbind_roster_item_set_name(item, "x", 1)
                                : xmppbind_roster_item_set_stanza(item, "x", 1),
                         XMPPBIND_ERROR_NO_MEMORY);
    }
    test_allocator_fail(&source, 1, 0);
    assert_int_equal(xmppbind_roster_item_add_group(item, "x", 1), XMPPBIND_ERROR_NO_MEMORY);
    xmppbind_roster_item_clear_groups(item);
    for (char letter = 'a'; letter < 'a' + 4; letter++)
        assert_int_equal(xmppbind_roster_item_add_group(item, &letter, 1), XMPPBIND_OK);
    test_allocator_fail(&source, 1, 0); /* the room for more */
    assert_int_equal(xmppbind_roster_item_add_group(item, "x", 1), XMPPBIND_ERROR_NO_MEMORY);
    assert_int_equal(xmppbind_roster_item_group_count(item), 4);
    assert_string_equal(xmppbind_roster_item_name(item, NULL), "Romeo");
    assert_string_equal(xmppbind_roster_item_stanza(item, NULL), "<presence/>");
    xmppbind_roster_item_free(item);
    test_allocator_tear_down(&source);
}

static void a_copy_is_whole_or_not_there(void **state) {
    struct test_allocator source;
    struct xmppbind_memory memory;
    struct xmppbind_roster_item *copy = NULL;
    xmppbind_roster_item *item = new_item(NULL);
    size_t n = 0;
    (void)state;
    fill(item);
    test_allocator_set_up(&source);
    xmppbind_memory_init(&memory, source.allocator);
    while (copy == NULL) {
        test_allocator_fail(&source, ++n, 0);
        copy = xmppbind_roster_item_copy(item, &memory);
    }
    test_allocator_fail(&source, 0, 0);
    assert_int_equal(n, 6); /* itself, its name, its stanza, the groups, the group */
    xmppbind_roster_item_free(item);
    assert_string_equal(copy->jid, ROMEO);
    assert_string_equal(xmppbind_roster_item_name(copy, NULL), "Romeo");
    assert_string_equal(xmppbind_roster_item_stanza(copy, NULL), "<presence/>");
    assert_string_equal(xmppbind_roster_item_group(copy, 0, NULL), "Verona");
    assert_int_equal(copy->subscription, XMPPBIND_SUBSCRIPTION_FROM);
    assert_true(copy->version == UINT64_MAX);
    xmppbind_roster_item_free(copy);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_one_is_listed_and_nothing_else), cmocka_unit_test(texts_are_set_and_taken_back),
        cmocka_unit_test(groups_are_a_set_in_their_order),      cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(without_memory_nothing_changes),       cmocka_unit_test(a_copy_is_whole_or_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
