/* Rosters as sessions keep them: found by address, in the order of their versions; the removals that are remembered. */
#include "lib/session/contacts.h"
#include "lib/session/subscription_table.h"
#include "tests/support/test_cmocka.h"

#include <stdio.h>

static const struct xmppbind_hash_key key = {1, 2};
static struct xmppbind_memory memory;

static void put(struct xmppbind_contacts *contacts, unsigned number, uint32_t flags, uint64_t version) {
    char jid[32];
    int length = snprintf(jid, sizeof jid, "%u@verona.example", number);
    struct xmppbind_roster_item *item = xmppbind_roster_item_make(&memory, jid, (size_t)length);
    item->flags = (uint8_t)flags;
    item->version = version;
    struct xmppbind_contact *contact = xmppbind_contact_new(&memory, item);
    assert_non_null(contact);
    assert_int_equal(xmppbind_contacts_reserve(contacts, &memory), XMPPBIND_OK);
    xmppbind_contacts_put(contacts, &key, &memory, contact);
}

static const struct xmppbind_roster_item *find(const struct xmppbind_contacts *contacts, unsigned number) {
    char jid[32];
    int length = snprintf(jid, sizeof jid, "%u@verona.example", number);
    return xmppbind_contacts_item(contacts, &key, jid, (size_t)length);
}

static void a_change_makes_a_contact_the_newest(void **state) {
    struct xmppbind_contacts contacts;
    (void)state;
    xmppbind_contacts_init(&contacts);
    assert_null(find(&contacts, 1));
    for (unsigned i = 0; i < 100; i++)
        put(&contacts, i, XMPPBIND_ROSTER_LISTED, i + 1);
    put(&contacts, 0, XMPPBIND_ROSTER_LISTED, 101);
    put(&contacts, 50, XMPPBIND_ROSTER_REMOVED, 102);
    assert_int_equal(contacts.listed, 99);
    assert_int_equal(contacts.removed, 1);
    assert_int_equal(contacts.oldest->item->version, 2);
    assert_int_equal(contacts.newest->item->version, 102);
    assert_int_equal(find(&contacts, 0)->version, 101);
    assert_null(find(&contacts, 50));
    uint64_t last = 0;
    for (const struct xmppbind_contact *contact = contacts.oldest; contact != NULL; contact = contact->newer) {
        assert_true(contact->item->version > last);
        last = contact->item->version;
    }
    xmppbind_contacts_empty(&contacts, &memory);
}

/* ROST-1: whoever knows an older version than the oldest removal that is remembered gets the whole roster. */
static void a_thousand_removals_are_remembered(void **state) {
    struct xmppbind_contacts contacts;
    (void)state;
    xmppbind_contacts_init(&contacts);
    put(&contacts, 5000, XMPPBIND_ROSTER_LISTED, 1);
    for (unsigned i = 0; i < 1000; i++)
        put(&contacts, i, XMPPBIND_ROSTER_REMOVED, i + 2);
    assert_int_equal(contacts.floor, 0);
    put(&contacts, 1000, XMPPBIND_ROSTER_REMOVED, 1002);
    put(&contacts, 1001, XMPPBIND_ROSTER_REMOVED, 1003);
    assert_int_equal(contacts.floor, 3);
    assert_int_equal(contacts.removed, 1000);
    assert_non_null(find(&contacts, 5000));
    xmppbind_contacts_empty(&contacts, &memory);
}

/* What a store holds of a contact that has already what it asked for. */
static void a_state_of_a_store(void **state) {
    (void)state;
    struct xmppbind_roster_item *item = xmppbind_roster_item_make(&memory, "a@b", 3);
    item->flags = XMPPBIND_ROSTER_LISTED | XMPPBIND_ROSTER_ASK | XMPPBIND_ROSTER_PENDING_IN;
    item->subscription = XMPPBIND_SUBSCRIPTION_BOTH;
    assert_int_equal(xmppbind_subscription_state_of(item), XMPPBIND_STATE_BOTH);
    item->subscription = XMPPBIND_SUBSCRIPTION_NONE;
    assert_int_equal(xmppbind_subscription_state_of(item), XMPPBIND_STATE_OUT | XMPPBIND_STATE_IN);
    assert_int_equal(xmppbind_subscription_state_of(NULL), XMPPBIND_STATE_NONE);
    xmppbind_roster_item_free(item);
}

static void what_is_not_listed_has_no_subscription(void **state) {
    (void)state;
    struct xmppbind_roster_item *item = xmppbind_roster_item_make(&memory, "a@b", 3);
    item->subscription = XMPPBIND_SUBSCRIPTION_BOTH;
    assert_int_equal(xmppbind_item_subscription(NULL), XMPPBIND_SUBSCRIPTION_NONE);
    assert_true(xmppbind_item_sends(item) && xmppbind_item_receives(item));
    item->flags = 0;
    assert_false(xmppbind_item_sends(item) || xmppbind_item_receives(item));
    assert_false(xmppbind_item_is(NULL, XMPPBIND_ROSTER_LISTED));
    xmppbind_roster_item_free(item);
    assert_null(xmppbind_contact_new(&memory, NULL));
    xmppbind_contact_free(&memory, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_makes_a_contact_the_newest),
        cmocka_unit_test(a_thousand_removals_are_remembered),
        cmocka_unit_test(a_state_of_a_store),
        cmocka_unit_test(what_is_not_listed_has_no_subscription),
    };
    xmppbind_memory_init(&memory, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
