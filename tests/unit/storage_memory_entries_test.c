/* Entries: names whose hashes are equal are still told apart, and accounts keep their entries by age. */
#include "lib/storage/memory_entries.h"
#include "tests/support/test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH = 6, MANY = 100 };

static struct xmppbind_memory_directory *set_up(void) {
    xmppbind_memory_directory *memory = NULL;
    assert_int_equal(xmppbind_memory_directory_new(&memory, NULL, NULL, NULL), XMPPBIND_OK);
    xmppbind_table_grow(&xmppbind_shard_of(memory, HASH)->accounts, &memory->memory);
    return memory;
}

static struct xmppbind_entries *of(struct xmppbind_memory_directory *memory, const char *account) {
    return xmppbind_entries_find(xmppbind_shard_of(memory, HASH), account, strlen(account), HASH);
}

/* An entry of an account whose hash is that of all others. */
static struct xmppbind_entry *add(struct xmppbind_memory_directory *memory, const char *account, const char *resource) {
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, HASH);
    struct xmppbind_entries *entries = of(memory, account);
    struct xmppbind_entry *entry = xmppbind_entry_new(shard, &memory->memory, resource, strlen(resource));
    assert_non_null(entry);
    entry->number = ++shard->last_number;
    entry->hash = xmppbind_name_hash_among(&memory->key, resource, strlen(resource));
    if (entries != NULL) {
        xmppbind_entry_insert(shard, entries, entry);
        return entry;
    }
    entries = xmppbind_entries_new(shard, &memory->memory, strlen(account));
    assert_non_null(entries);
    xmppbind_entries_begin(shard, entries, account, strlen(account), HASH, entry);
    return entry;
}

static void grow(struct xmppbind_memory_directory *memory, const char *account) {
    xmppbind_entries_grow(memory, account, strlen(account), HASH);
}

static struct xmppbind_entry *find(struct xmppbind_memory_directory *memory, const char *account,
                                   const char *resource) {
    return xmppbind_entry_find(xmppbind_shard_of(memory, HASH), of(memory, account), &memory->key, resource,
                               strlen(resource));
}

/* Whether its account goes with it. */
static int take_out(struct xmppbind_memory_directory *memory, const char *account, struct xmppbind_entry *entry) {
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, HASH);
    struct xmppbind_entries *gone = xmppbind_entry_remove(shard, of(memory, account), entry);
    xmppbind_entry_free(shard, &memory->memory, entry);
    if (gone == NULL)
        return 0;
    xmppbind_entries_free(shard, &memory->memory, gone);
    return 1;
}

static void equal_hashes_are_no_equal_names(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    (void)state;
    struct xmppbind_entry *first = add(memory, "a@b.example", "one"), *second = add(memory, "a@b.example", "two"),
                          *other = add(memory, "c@b.example", "one"), *longer = add(memory, "long@b.example", "one");
    assert_ptr_equal(find(memory, "a@b.example", "one"), first);
    assert_ptr_equal(find(memory, "a@b.example", "two"), second);
    assert_ptr_equal(find(memory, "c@b.example", "one"), other);
    assert_ptr_equal(find(memory, "long@b.example", "one"), longer);
    assert_null(find(memory, "a@b.example", "three"));
    assert_null(find(memory, "c@b.example", "two"));
    assert_null(of(memory, "d@b.example"));
    /* the same chain, another hash */
    assert_null(xmppbind_entries_find(xmppbind_shard_of(memory, HASH), "a@b.example", 11, HASH + 16));
    assert_int_equal(xmppbind_shard_of(memory, HASH)->count, 4);
    xmppbind_memory_directory_free(memory);
}

static void an_account_has_its_entries_by_age(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, HASH);
    (void)state;
    struct xmppbind_entry *first = add(memory, "a@b", "1"), *second = add(memory, "a@b", "2"),
                          *third = add(memory, "a@b", "3");
    struct xmppbind_entries *entries = of(memory, "a@b");
    assert_int_equal(entries->count, 3);
    xmppbind_entry_renew(shard, entries, first); /* the youngest now */
    assert_ptr_equal(xmppbind_entries_oldest(entries), second);
    assert_int_equal(entries->count, 3);
    assert_ptr_equal(second->younger, third);
    assert_ptr_equal(third->younger, first);
    assert_ptr_equal(second->older, first);
    assert_false(take_out(memory, "a@b", third));
    assert_int_equal(entries->count, 2);
    assert_null(find(memory, "a@b", "3"));
    assert_false(take_out(memory, "a@b", second));
    assert_ptr_equal(xmppbind_entries_oldest(entries), first);
    xmppbind_entry_renew(shard, entries, first);
    assert_ptr_equal(xmppbind_entries_oldest(entries), first);
    assert_true(take_out(memory, "a@b", first));
    assert_null(of(memory, "a@b"));
    assert_int_equal(shard->count, 0);
    xmppbind_memory_directory_free(memory);
}

static struct xmppbind_entry *add_numbered(struct xmppbind_memory_directory *memory, unsigned number) {
    char resource[16];
    (void)snprintf(resource, sizeof resource, "r%u", number);
    return add(memory, "a@b", resource);
}

/* With an index as without one: each is found, the order stays, and the account goes with the last one. */
static void many_entries_have_an_index(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, HASH);
    struct xmppbind_entry *made[MANY];
    (void)state;
    grow(memory, "a@b"); /* there is no such account */
    for (unsigned i = 0; i < MANY; i++) {
        made[i] = add_numbered(memory, i);
        grow(memory, "a@b");
        assert_int_equal(of(memory, "a@b")->indexed, i >= XMPPBIND_ENTRY_WALK);
    }
    struct xmppbind_entries *entries = of(memory, "a@b");
    assert_int_equal(entries->by.index->table.count, MANY);
    assert_true(entries->by.index->table.size > 16);
    for (unsigned i = 0; i < MANY; i++)
        assert_ptr_equal(xmppbind_entry_look_up(entries, made[i]->text, made[i]->length, made[i]->hash), made[i]);
    /* another resource with the hash of one that is there */
    assert_null(xmppbind_entry_look_up(entries, "somewhere else", 14, made[0]->hash));
    assert_null(find(memory, "a@b", "somewhere else"));
    xmppbind_entry_renew(shard, entries, made[0]);
    assert_ptr_equal(xmppbind_entries_oldest(entries), made[1]);
    for (unsigned i = 1; i < MANY; i++) {
        assert_ptr_equal(xmppbind_entries_oldest(entries), made[i]);
        assert_false(take_out(memory, "a@b", made[i]));
    }
    assert_ptr_equal(find(memory, "a@b", "r0"), made[0]);
    assert_true(take_out(memory, "a@b", made[0]));
    xmppbind_memory_directory_free(memory);
}

/* Who is asked for memory meanwhile changes the account; it is asked without the lock. */
struct meddler {
    struct xmppbind_memory_directory *memory;
    struct xmppbind_entry *entries[XMPPBIND_ENTRY_WALK + 1];
    unsigned count;
    int meddles, grows;
};

static void *meddle(size_t size, void *user_data) {
    struct meddler *meddler = user_data;
    if (meddler->meddles) {
        meddler->meddles = 0;
        if (meddler->grows)
            grow(meddler->memory, "a@b");
        else
            while (meddler->count > 0)
                (void)take_out(meddler->memory, "a@b", meddler->entries[--meddler->count]);
    }
    return malloc(size);
}

static void release(void *block, void *user_data) {
    (void)user_data;
    free(block);
}

static void an_index_comes_too_late(void **state) {
    (void)state;
    for (int grows = 0; grows <= 1; grows++) {
        struct meddler meddler = {.memory = NULL, .count = 0, .meddles = 0, .grows = grows};
        xmppbind_allocator *allocator = NULL;
        assert_int_equal(xmppbind_allocator_new(&allocator, meddle, release, &meddler), XMPPBIND_OK);
        assert_int_equal(xmppbind_memory_directory_new(&meddler.memory, allocator, NULL, NULL), XMPPBIND_OK);
        xmppbind_table_grow(&xmppbind_shard_of(meddler.memory, HASH)->accounts, &meddler.memory->memory);
        while (meddler.count <= XMPPBIND_ENTRY_WALK) {
            meddler.entries[meddler.count] = add_numbered(meddler.memory, meddler.count);
            meddler.count++;
        }
        meddler.meddles = 1;
        grow(meddler.memory, "a@b");
        const struct xmppbind_entries *entries = of(meddler.memory, "a@b");
        if (grows)
            assert_int_equal(entries->by.index->table.count, XMPPBIND_ENTRY_WALK + 1);
        else
            assert_null(entries);
        xmppbind_memory_directory_free(meddler.memory);
        xmppbind_allocator_free(allocator);
    }
}

/* A list names each entry that stays, and what is removed before its turn is left out. */
static void a_list_goes_round_what_changes(void **state) {
    struct xmppbind_memory_directory *memory = set_up();
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, HASH);
    struct xmppbind_list_place first_list, second_list;
    (void)state;
    struct xmppbind_entry *one = add(memory, "a@b", "1"), *two = add(memory, "a@b", "2"),
                          *three = add(memory, "a@b", "3");
    struct xmppbind_entries *entries = of(memory, "a@b");
    xmppbind_list_place_open(shard, &first_list, entries);
    xmppbind_list_place_open(shard, &second_list, entries);
    assert_ptr_equal(xmppbind_list_place_step(&first_list), one);
    assert_false(take_out(memory, "a@b", two)); /* the next of the first, not of the second */
    assert_ptr_equal(first_list.next, three);
    assert_ptr_equal(second_list.next, one);
    xmppbind_entry_renew(shard, entries, one); /* told already by the first; the second meets it at the end */
    assert_ptr_equal(second_list.next, three);
    assert_ptr_equal(xmppbind_list_place_step(&second_list), three);
    xmppbind_entry_renew(shard, entries, one); /* the youngest stays where it is, and is not lost */
    assert_ptr_equal(xmppbind_list_place_step(&second_list), one);
    assert_null(xmppbind_list_place_step(&second_list));
    xmppbind_list_place_close(shard, &first_list); /* in whatever order they end */
    assert_ptr_equal(shard->places, &second_list);
    xmppbind_list_place_open(shard, &first_list, entries);
    assert_ptr_equal(first_list.next, three);
    assert_false(take_out(memory, "a@b", one));
    assert_true(take_out(memory, "a@b", three)); /* the last of its account */
    assert_null(xmppbind_list_place_step(&first_list));
    xmppbind_list_place_close(shard, &second_list);
    xmppbind_list_place_close(shard, &first_list);
    assert_null(shard->places);
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
        cmocka_unit_test(equal_hashes_are_no_equal_names), cmocka_unit_test(an_account_has_its_entries_by_age),
        cmocka_unit_test(many_entries_have_an_index),      cmocka_unit_test(an_index_comes_too_late),
        cmocka_unit_test(a_list_goes_round_what_changes),  cmocka_unit_test(shards_share_no_cache_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
