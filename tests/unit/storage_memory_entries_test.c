/* Entries: names whose hashes are equal are still told apart, and accounts keep their entries by age. */
#include "lib/storage/memory_entries.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_request.h"

#include <string.h>

static const struct xmppbind_name_hashes hashes = {5, 6};

static struct xmppbind_memory_directory *set_up(void) {
    xmppbind_memory_directory *memory = NULL;
    assert_int_equal(xmppbind_memory_directory_new(&memory, NULL, NULL, NULL), XMPPBIND_OK);
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    xmppbind_table_grow(&shard->names, &memory->memory);
    xmppbind_table_grow(&shard->accounts, &memory->memory);
    return memory;
}

static struct xmppbind_entry *oldest(struct xmppbind_memory_directory *memory, const char *account) {
    return xmppbind_entry_oldest(xmppbind_shard_of(memory, hashes.account), account, strlen(account), hashes.account);
}

/* An entry with hashes of the test's choice, in the tables. */
static struct xmppbind_entry *add(struct xmppbind_memory_directory *memory, const char *jid) {
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    struct test_request request;
    test_request_set_up(&request);
    struct xmppbind_entry *entry = xmppbind_entry_new(memory, test_request_claim(&request, jid, 0, 1), hashes);
    test_request_tear_down(&request);
    assert_non_null(entry);
    entry->number = ++shard->last_number;
    xmppbind_entry_insert(shard, entry,
                          xmppbind_entry_oldest(shard, entry->text, entry->account_length, hashes.account));
    return entry;
}

static struct xmppbind_entry *find(struct xmppbind_memory_directory *memory, const char *jid) {
    return xmppbind_entry_find(xmppbind_shard_of(memory, hashes.account), jid, strlen(jid), hashes.name);
}

static void equal_hashes_are_no_equal_names(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    (void)state;
    struct xmppbind_entry *first = add(memory, "a@b.example/one");
    struct xmppbind_entry *second = add(memory, "a@b.example/two");
    struct xmppbind_entry *other = add(memory, "c@b.example/one");
    struct xmppbind_entry *longer = add(memory, "long@b.example/one");
    assert_ptr_equal(find(memory, "a@b.example/one"), first);
    assert_ptr_equal(find(memory, "a@b.example/two"), second);
    assert_ptr_equal(find(memory, "c@b.example/one"), other);
    assert_null(find(memory, "d@b.example/one"));
    /* the same chain, another hash */
    assert_null(xmppbind_entry_find(shard, "a@b.example/one", 15, hashes.name + 16));
    assert_ptr_equal(oldest(memory, "a@b.example"), first);
    assert_ptr_equal(oldest(memory, "c@b.example"), other);
    assert_ptr_equal(oldest(memory, "long@b.example"), longer);
    assert_null(oldest(memory, "d@b.example"));
    assert_null(xmppbind_entry_oldest(shard, "a@b.example", 11, hashes.account + 16));
    xmppbind_memory_directory_free(memory);
}

static void the_oldest_counts_the_others(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    (void)state;
    struct xmppbind_entry *first = add(memory, "a@b/1"), *second = add(memory, "a@b/2"), *third = add(memory, "a@b/3");
    assert_int_equal(oldest(memory, "a@b")->count, 3);
    xmppbind_entry_renew(shard, first); /* the youngest now */
    assert_ptr_equal(oldest(memory, "a@b"), second);
    assert_int_equal(second->count, 3);
    assert_ptr_equal(second->younger, third);
    assert_ptr_equal(third->younger, first);
    assert_ptr_equal(second->older, first);
    assert_int_equal(third->count, 0);
    assert_int_equal(first->count, 0);
    xmppbind_entry_remove(shard, third);
    assert_int_equal(second->count, 2);
    assert_null(find(memory, "a@b/3"));
    xmppbind_entry_remove(shard, second);
    assert_ptr_equal(oldest(memory, "a@b"), first);
    assert_int_equal(first->count, 1);
    xmppbind_entry_renew(shard, first);
    assert_ptr_equal(oldest(memory, "a@b"), first);
    xmppbind_entry_remove(shard, first);
    assert_null(oldest(memory, "a@b"));
    xmppbind_entry_free(memory, first);
    xmppbind_entry_free(memory, second);
    xmppbind_entry_free(memory, third);
    xmppbind_entry_free(memory, NULL);
    xmppbind_memory_directory_free(memory);
}

/* A list names each entry that stays, and what is removed before its turn is left out. */
static void a_list_goes_round_what_changes(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    struct xmppbind_list_place first_list, second_list;
    (void)state;
    struct xmppbind_entry *one = add(memory, "a@b/1"), *two = add(memory, "a@b/2"), *three = add(memory, "a@b/3");
    xmppbind_list_place_open(shard, &first_list, oldest(memory, "a@b"));
    xmppbind_list_place_open(shard, &second_list, oldest(memory, "a@b"));
    assert_ptr_equal(xmppbind_list_place_step(&first_list), one);
    xmppbind_entry_remove(shard, two); /* the next of the first, not of the second */
    assert_ptr_equal(first_list.next, three);
    assert_ptr_equal(second_list.next, one);
    xmppbind_entry_renew(shard, one); /* told already by the first; the second meets it at the end */
    assert_ptr_equal(second_list.next, three);
    assert_ptr_equal(xmppbind_list_place_step(&second_list), three);
    xmppbind_entry_renew(shard, one); /* the youngest stays where it is, and is not lost */
    assert_ptr_equal(xmppbind_list_place_step(&second_list), one);
    assert_null(xmppbind_list_place_step(&second_list));
    xmppbind_list_place_close(shard, &first_list); /* in whatever order they end */
    assert_ptr_equal(shard->places, &second_list);
    xmppbind_list_place_open(shard, &first_list, three);
    xmppbind_entry_remove(shard, one);
    xmppbind_entry_remove(shard, three); /* the last of its account */
    assert_null(xmppbind_list_place_step(&first_list));
    xmppbind_list_place_close(shard, &second_list);
    xmppbind_list_place_close(shard, &first_list);
    assert_null(shard->places);
    xmppbind_entry_free(memory, one);
    xmppbind_entry_free(memory, two);
    xmppbind_entry_free(memory, three);
    xmppbind_memory_directory_free(memory);
}

/* Two threads that write to two shards do not write to one cache line. */
static void shards_share_no_cache_line(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    (void)state;
    for (int i = 0; i < XMPPBIND_SHARDS; i++)
        assert_int_equal((uintptr_t)&memory->shards[i] % XMPPBIND_CACHE_LINE, 0);
    assert_int_equal((uintptr_t)&memory->key % XMPPBIND_CACHE_LINE, 0);
    assert_int_equal(sizeof memory->shards[0] % XMPPBIND_CACHE_LINE, 0);
    xmppbind_memory_directory_free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_hashes_are_no_equal_names),
        cmocka_unit_test(the_oldest_counts_the_others),
        cmocka_unit_test(a_list_goes_round_what_changes),
        cmocka_unit_test(shards_share_no_cache_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
