/* Decisions of the directory in memory: without memory nothing changes, and nobody can choose names that make it slow.
 */
#include "lib/storage/memory_claims.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 65535, CRAFTED = 256, HEADS = 256 };

struct setting {
    struct test_allocator source;
    struct test_request request;
    xmppbind_host *host;
    xmppbind_memory_directory *memory;
};

static int fixed_random(uint8_t *octets, size_t length, void *octet) {
    memset(octets, *(const int *)octet, length);
    return 0;
}

static void set_up(struct setting *setting, int octet) {
    test_allocator_set_up(&setting->source);
    test_request_set_up(&setting->request);
    assert_int_equal(xmppbind_host_new(&setting->host, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_new(&setting->memory, setting->source.allocator, fixed_random, &octet),
                     XMPPBIND_OK);
}

static void tear_down(struct setting *setting) {
    xmppbind_memory_directory_free(setting->memory);
    xmppbind_host_free(setting->host);
    test_request_tear_down(&setting->request);
    test_allocator_tear_down(&setting->source);
}

static int claim(struct setting *setting, const char *jid, int wish, unsigned limit, struct xmppbind_outcome *outcome) {
    int result = xmppbind_memory_claim(setting->memory, xmppbind_host_directory(setting->host),
                                       test_request_claim(&setting->request, jid, wish, limit), outcome);
    if (result == XMPPBIND_OK)
        xmppbind_entry_free(setting->memory, outcome->unused);
    return result;
}

static uint64_t must_claim(struct setting *setting, const char *jid) {
    struct xmppbind_outcome outcome;
    assert_int_equal(claim(setting, jid, 0, LIMIT, &outcome), XMPPBIND_OK);
    assert_int_equal(outcome.condition, XMPPBIND_CONDITION_NONE);
    return outcome.number;
}

static void release(struct setting *setting, const char *jid, uint64_t number) {
    xmppbind_memory_release(setting->memory, xmppbind_host_directory(setting->host),
                            test_request_release(&setting->request, jid, number));
}

/* The first claim in a shard wants an entry and the heads of two tables: each of them fails, once or with all after. */
static void without_memory_nothing_changes(void **state) {
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        for (int for_ever = 0; for_ever <= 1; for_ever++) {
            struct setting setting;
            struct xmppbind_outcome outcome;
            set_up(&setting, 1);
            test_allocator_fail(&setting.source, n, for_ever);
            assert_int_equal(claim(&setting, "a@b/c", 0, LIMIT, &outcome), XMPPBIND_ERROR_NO_MEMORY);
            assert_int_equal(xmppbind_memory_directory_count(setting.memory), 0);
            assert_int_equal(xmppbind_memory_directory_find(setting.memory, "a@b/c", 5, NULL),
                             XMPPBIND_ERROR_UNKNOWN_CLAIM);
            test_allocator_fail(&setting.source, 0, 0);
            release(&setting, "a@b/c", must_claim(&setting, "a@b/c"));
            assert_int_equal(xmppbind_memory_directory_count(setting.memory), 0);
            tear_down(&setting);
        }
    }
}

/* An allocator that has nothing for tables of that size: they work on, with longer chains. */
static void *allocate_little(size_t size, void *user_data) {
    return size >= 256 && size < sizeof(struct xmppbind_memory_directory) ? NULL : test_allocate(size, user_data);
}

static void a_table_that_cannot_grow_works_on(void **state) {
    struct setting setting;
    xmppbind_allocator *allocator = NULL;
    uint64_t numbers[100];
    char jid[32];
    int octet = 1;
    (void)state;
    set_up(&setting, octet);
    xmppbind_memory_directory_free(setting.memory);
    assert_int_equal(xmppbind_allocator_new(&allocator, allocate_little, test_release, &setting.source), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_new(&setting.memory, allocator, fixed_random, &octet), XMPPBIND_OK);
    xmppbind_allocator_free(allocator);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(jid, sizeof jid, "a@b/%d", i);
        numbers[i] = must_claim(&setting, jid);
    }
    for (int i = 0; i < 100; i++) {
        (void)snprintf(jid, sizeof jid, "a@b/%d", i);
        release(&setting, jid, numbers[i]);
    }
    assert_int_equal(xmppbind_memory_directory_count(setting.memory), 0);
    tear_down(&setting);
}

/* One table of a shard grows when there is memory for it, whatever became of the other. */
static void a_table_grows_later_if_it_has_to(void **state) {
    struct setting setting;
    char jid[32];
    (void)state;
    set_up(&setting, 1);
    const struct xmppbind_shard *shard = &setting.memory->shards[0];
    for (int i = 0; shard->names.count < 34; i++) {
        int length = snprintf(jid, sizeof jid, "user%d@b.example/c", i);
        if (xmppbind_shard_of(setting.memory,
                              xmppbind_name_hash_account(&setting.memory->key.key, jid, (size_t)length - 2)) != shard)
            continue;
        if (shard->names.count == 31) {
            assert_int_equal(shard->accounts.size, 16);
            test_allocator_fail(&setting.source, 2, 0); /* the first one is for the entry */
        }
        (void)must_claim(&setting, jid);
        if (shard->names.count == 32) {
            assert_int_equal(shard->accounts.size, 16);
            assert_int_equal(shard->names.size, 32);
        }
    }
    assert_int_equal(shard->accounts.size, 32);
    tear_down(&setting);
}

/* What is evicted is told by name and number; a name that is replaced stays, and what is refused changes nothing. */
static void outcomes_name_what_ended(void **state) {
    struct setting setting;
    struct xmppbind_outcome outcome;
    (void)state;
    set_up(&setting, 1);
    uint64_t first = must_claim(&setting, "a@b.example/1"), second = must_claim(&setting, "a@b.example/2");
    assert_int_equal(claim(&setting, "a@b.example/1", 0, 2, &outcome), XMPPBIND_OK);
    assert_int_equal(outcome.condition, XMPPBIND_CONDITION_CONFLICT);
    assert_int_equal(claim(&setting, "a@b.example/3", 0, 2, &outcome), XMPPBIND_OK);
    assert_int_equal(outcome.condition, XMPPBIND_CONDITION_RESOURCE_LIMIT);
    assert_int_equal(claim(&setting, "a@b.example/1", XMPPBIND_WISH_REPLACE, 2, &outcome), XMPPBIND_OK);
    assert_int_equal(outcome.old_number, first);
    assert_true(outcome.number > second);
    const xmppbind_request *request =
        test_request_claim(&setting.request, "a@b.example/3", XMPPBIND_WISH_EVICT_OLDEST, 2);
    assert_int_equal(xmppbind_memory_claim(setting.memory, xmppbind_host_directory(setting.host), request, &outcome),
                     XMPPBIND_OK);
    assert_int_equal(outcome.old_number, second); /* the first is the younger one since it was replaced */
    assert_string_equal(outcome.old->text, "a@b.example/2");
    xmppbind_entry_free(setting.memory, outcome.unused);
    assert_int_equal(xmppbind_memory_directory_count(setting.memory), 2);
    tear_down(&setting);
}

/* Names whose hashes under one key all end in the same bits. */
static void craft(const struct xmppbind_hash_key *key, char (*jids)[32], unsigned count) {
    for (unsigned i = 0, found = 0; found < count; i++) {
        char *jid = jids[found];
        (void)snprintf(jid, sizeof jids[0], "juliet@capulet.example/%u", i);
        found += xmppbind_name_hash_jid(key, jid, strlen(jid)) % HEADS == 0;
    }
}

static unsigned longest_chain(const struct xmppbind_table *table) {
    unsigned longest = 0;
    for (uint32_t i = 0; i < table->size; i++) {
        unsigned length = 0;
        for (const void *item = table->heads[i]; item != NULL; item = xmppbind_table_next(table, item))
            length++;
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* Whoever has found names that share a chain under one key has found nothing: another directory has another key. */
static void crafted_names_share_no_chain(void **state) {
    static char jids[CRAFTED][32];
    struct xmppbind_hash_key key;
    (void)state;
    memset(&key, 1, sizeof key);
    craft(&key, jids, CRAFTED);
    for (int octet = 1; octet <= 4; octet++) {
        struct setting setting;
        set_up(&setting, octet);
        for (int i = 0; i < CRAFTED; i++)
            (void)must_claim(&setting, jids[i]);
        uint32_t account = xmppbind_name_hash_account(&setting.memory->key.key, "juliet@capulet.example", 22);
        unsigned longest = longest_chain(&xmppbind_shard_of(setting.memory, account)->names);
        if (octet == 1)
            assert_int_equal(longest, CRAFTED);
        else
            assert_in_range(longest, 2, 16);
        tear_down(&setting);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_nothing_changes),   cmocka_unit_test(a_table_that_cannot_grow_works_on),
        cmocka_unit_test(a_table_grows_later_if_it_has_to), cmocka_unit_test(outcomes_name_what_ended),
        cmocka_unit_test(crafted_names_share_no_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
