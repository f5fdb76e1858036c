/* Entries: names whose hashes are equal are still told apart, and accounts keep their entries by age. */
#include "lib/storage/memory_entries.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

enum { HASH = 5, ACCOUNT_HASH = 6 };

static struct xmppbind_memory_directory *set_up(void) {
    xmppbind_memory_directory *memory = NULL;
    assert_int_equal(xmppbind_memory_directory_new(&memory, NULL, NULL, NULL), XMPPBIND_OK);
    return memory;
}

/* An entry with hashes of the test's choice, in the tables. */
static struct xmppbind_entry *add(struct xmppbind_memory_directory *memory, const char *jid) {
    size_t length = strlen(jid);
    struct xmppbind_claim *claim = calloc(1, sizeof *claim + length + 1);
    assert_non_null(claim);
    memcpy(claim->text, jid, length);
    claim->request.kind = XMPPBIND_REQUEST_CLAIM;
    claim->request.length = (uint16_t)length;
    claim->request.account_length = (uint16_t)(strchr(jid, '/') - jid);
    struct xmppbind_entry *entry = xmppbind_entry_new(memory, &claim->request, HASH, ACCOUNT_HASH);
    free(claim);
    assert_non_null(entry);
    entry->number = ++memory->last_number;
    xmppbind_entry_insert(memory, entry,
                          xmppbind_entry_oldest(memory, entry->text, entry->account_length, ACCOUNT_HASH));
    return entry;
}

static struct xmppbind_entry *find(const struct xmppbind_memory_directory *memory, const char *jid) {
    return xmppbind_entry_find(memory, jid, strlen(jid), HASH);
}

static struct xmppbind_entry *oldest(const struct xmppbind_memory_directory *memory, const char *account) {
    return xmppbind_entry_oldest(memory, account, strlen(account), ACCOUNT_HASH);
}

static void equal_hashes_are_no_equal_names(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    (void)state;
    struct xmppbind_entry *first = add(memory, "a@b.example/one");
    struct xmppbind_entry *second = add(memory, "a@b.example/two");
    struct xmppbind_entry *other = add(memory, "c@b.example/one");
    struct xmppbind_entry *longer = add(memory, "long@b.example/one");
    assert_ptr_equal(find(memory, "a@b.example/one"), first);
    assert_ptr_equal(find(memory, "a@b.example/two"), second);
    assert_ptr_equal(find(memory, "c@b.example/one"), other);
    assert_null(find(memory, "d@b.example/one"));
    assert_null(xmppbind_entry_find(memory, "a@b.example/one", 15, HASH + 16)); /* the same chain, another hash */
    assert_ptr_equal(oldest(memory, "a@b.example"), first);
    assert_ptr_equal(oldest(memory, "c@b.example"), other);
    assert_ptr_equal(oldest(memory, "long@b.example"), longer);
    assert_null(oldest(memory, "d@b.example"));
    assert_null(xmppbind_entry_oldest(memory, "a@b.example", 11, ACCOUNT_HASH + 16));
    xmppbind_memory_directory_free(memory);
}

static void the_oldest_counts_the_others(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    (void)state;
    struct xmppbind_entry *first = add(memory, "a@b/1"), *second = add(memory, "a@b/2"), *third = add(memory, "a@b/3");
    assert_int_equal(oldest(memory, "a@b")->count, 3);
    xmppbind_entry_renew(memory, first); /* the youngest now */
    assert_ptr_equal(oldest(memory, "a@b"), second);
    assert_int_equal(second->count, 3);
    assert_ptr_equal(second->younger, third);
    assert_ptr_equal(third->younger, first);
    assert_ptr_equal(second->older, first);
    xmppbind_entry_remove(memory, third);
    assert_int_equal(second->count, 2);
    assert_null(find(memory, "a@b/3"));
    xmppbind_entry_remove(memory, second);
    assert_ptr_equal(oldest(memory, "a@b"), first);
    assert_int_equal(first->count, 1);
    xmppbind_entry_renew(memory, first);
    assert_ptr_equal(oldest(memory, "a@b"), first);
    xmppbind_entry_remove(memory, first);
    assert_null(oldest(memory, "a@b"));
    xmppbind_entry_free(memory, first);
    xmppbind_entry_free(memory, second);
    xmppbind_entry_free(memory, third);
    xmppbind_entry_free(memory, NULL);
    xmppbind_memory_directory_free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_hashes_are_no_equal_names),
        cmocka_unit_test(the_oldest_counts_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
