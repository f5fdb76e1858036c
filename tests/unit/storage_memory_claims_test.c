/* Decisions of the directory in memory: without memory nothing changes, and nobody can choose names that make it slow.
 */
#include "lib/storage/memory_claims.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
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
        xmppbind_outcome_end(setting->memory, outcome);
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

static struct xmppbind_entries *account(struct setting *setting, const char *jid) {
    size_t length = strlen(jid);
    uint32_t hash = xmppbind_name_hash_account(&setting->memory->key.key, jid, length);
    return xmppbind_entries_find(xmppbind_shard_of(setting->memory, hash), jid, length, hash);
}

/* The first claim in a shard wants an entry, room for an account and the heads of a table: each of them fails, once or
 * with all after. Room is asked for again where it is missed. */
static void without_memory_nothing_changes(void **state) {
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        for (int for_ever = 0; for_ever <= 1; for_ever++) {
            struct setting setting;
            struct xmppbind_outcome outcome;
            int again = n == 2 && !for_ever;
            set_up(&setting, 1);
            test_allocator_fail(&setting.source, n, for_ever);
            int result = claim(&setting, "a@b/c", 0, LIMIT, &outcome);
            assert_int_equal(result, again ? XMPPBIND_OK : XMPPBIND_ERROR_NO_MEMORY);
            assert_int_equal(xmppbind_memory_directory_count(setting.memory), again);
            assert_int_equal(xmppbind_memory_directory_find(setting.memory, "a@b/c", 5, NULL),
                             again ? XMPPBIND_OK : XMPPBIND_ERROR_UNKNOWN_CLAIM);
            test_allocator_fail(&setting.source, 0, 0);
            release(&setting, "a@b/c", again ? outcome.number : must_claim(&setting, "a@b/c"));
            assert_int_equal(xmppbind_memory_directory_count(setting.memory), 0);
            tear_down(&setting);
        }
    }
}

/* The full JID of an account in the first shard, another one for each number; numbers from 1000 on make it longer. */
static void name_in_first_shard(const struct setting *setting, unsigned number, char *jid, size_t size) {
    struct xmppbind_memory_directory *memory = setting->memory;
    for (unsigned i = 0;; i++) {
        int length = snprintf(jid, size, "%s%u.%u@b/c", number < 1000 ? "u" : "somebody.with.a.long.name", number, i);
        if (xmppbind_shard_of(memory, xmppbind_name_hash_account(&memory->key.key, jid, (size_t)length - 2)) ==
            &memory->shards[0])
            return;
    }
}

/* Room that was left by a shorter account is no room for this one; and when there is none, nothing changes. */
static void an_account_wants_room(void **state) {
    struct setting setting;
    struct xmppbind_outcome outcome;
    char first[64], second[64], third[64];
    (void)state;
    set_up(&setting, 1);
    name_in_first_shard(&setting, 1, first, sizeof first);
    name_in_first_shard(&setting, 1000, second, sizeof second);
    name_in_first_shard(&setting, 2, third, sizeof third);
    release(&setting, first, must_claim(&setting, first));
    test_allocator_fail(&setting.source, 1, 1); /* the entry is the spare one of the first */
    assert_int_equal(claim(&setting, second, 0, LIMIT, &outcome), XMPPBIND_ERROR_NO_MEMORY);
    assert_int_equal(xmppbind_memory_directory_count(setting.memory), 0);
    test_allocator_fail(&setting.source, 0, 0);
    (void)must_claim(&setting, first);
    uint64_t number = must_claim(&setting, second);
    release(&setting, second, number);
    (void)must_claim(&setting, third); /* in the room of the second */
    assert_int_equal(xmppbind_memory_directory_count(setting.memory), 2);
    tear_down(&setting);
}

/* While room is looked for, the lock is given up: another claim may make the account, or another directory may be
 * served by then. */
struct meddling {
    struct setting setting;
    xmppbind_host *other;
    char kept[64], jid[64];
    int calls; /* of the allocator until it meddles; 0: it does not */
    int changes_over;
};

static void meddle(struct meddling *meddling) {
    struct test_request request;
    struct xmppbind_outcome outcome;
    struct xmppbind_memory_directory *memory = meddling->setting.memory;
    xmppbind_directory *directory = xmppbind_host_directory(meddling->setting.host);
    char jid[72];
    if (meddling->changes_over)
        release(&meddling->setting, meddling->kept, 1);
    test_request_set_up(&request);
    (void)snprintf(jid, sizeof jid, "%s2", meddling->jid);
    if (meddling->changes_over)
        directory = xmppbind_host_directory(meddling->other);
    assert_int_equal(xmppbind_memory_claim(memory, directory, test_request_claim(&request, jid, 0, LIMIT), &outcome),
                     XMPPBIND_OK);
    xmppbind_outcome_end(memory, &outcome);
    test_request_tear_down(&request);
}

static void *allocate_or_meddle(size_t size, void *user_data) {
    struct meddling *meddling = user_data;
    int left = meddling->calls > 0 ? --meddling->calls : -1;
    if (left == 1)
        return NULL; /* room, at first */
    if (left == 0)
        meddle(meddling);
    return malloc(size);
}

static void release_block(void *block, void *user_data) {
    (void)user_data;
    free(block);
}

static void an_account_comes_meanwhile(void **state) {
    (void)state;
    for (int changes_over = 0; changes_over <= 1; changes_over++) {
        struct meddling meddling = {.calls = 0, .changes_over = changes_over};
        struct setting *setting = &meddling.setting;
        struct xmppbind_outcome outcome;
        xmppbind_allocator *allocator = NULL;
        int octet = 1;
        set_up(setting, octet);
        xmppbind_memory_directory_free(setting->memory);
        assert_int_equal(xmppbind_host_new(&meddling.other, NULL), XMPPBIND_OK);
        assert_int_equal(xmppbind_allocator_new(&allocator, allocate_or_meddle, release_block, &meddling), XMPPBIND_OK);
        assert_int_equal(xmppbind_memory_directory_new(&setting->memory, allocator, fixed_random, &octet), XMPPBIND_OK);
        name_in_first_shard(setting, 1, meddling.kept, sizeof meddling.kept);
        name_in_first_shard(setting, 2, meddling.jid, sizeof meddling.jid);
        (void)must_claim(setting, meddling.kept);
        meddling.calls = 3; /* the entry, room, and room again */
        int result = claim(setting, meddling.jid, 0, LIMIT, &outcome);
        assert_int_equal(result, changes_over ? XMPPBIND_ERROR_STATE : XMPPBIND_OK);
        assert_int_equal(meddling.calls, 0);
        assert_int_equal(xmppbind_memory_directory_count(setting->memory), changes_over ? 1 : 3);
        xmppbind_allocator_free(allocator);
        tear_down(setting);
        xmppbind_host_free(meddling.other);
    }
}

static int share_key(uint8_t *octets, size_t length, void *key) {
    memcpy(octets, key, length);
    return 0;
}

static int answer_from(const xmppbind_request *request, void *user_data) {
    struct setting *setting = user_data;
    return xmppbind_memory_directory_answer(setting->memory, xmppbind_host_directory(setting->host), request);
}

/* What a directory with the same key has hashed is not hashed again, and found all the same. */
static void a_shared_key_finds_the_same(void **state) {
    enum { MANY = 3 * XMPPBIND_ENTRY_WALK };
    struct setting setting;
    (void)state;
    set_up(&setting, 1);
    xmppbind_directory *directory = xmppbind_host_directory(setting.host);
    xmppbind_memory_directory_free(setting.memory);
    assert_int_equal(xmppbind_host_set_option(setting.host, XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM, MANY),
                     XMPPBIND_OK);
    assert_int_equal(
        xmppbind_memory_directory_new(&setting.memory, setting.source.allocator, share_key, &directory->key),
        XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_claims(directory, answer_from, answer_from, &setting), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(setting.host, "juliet@capulet.example");
    for (unsigned i = 0; i < MANY; i++) {
        char resource[16];
        (void)snprintf(resource, sizeof resource, "resource%u", i);
        assert_int_equal(test_bind(stream, resource, i), XMPPBIND_OK);
        test_drain_all(stream);
    }
    for (unsigned i = 0; i < MANY; i++) {
        char jid[48];
        int length = snprintf(jid, sizeof jid, "juliet@capulet.example/resource%u", i);
        assert_int_equal(xmppbind_memory_directory_find(setting.memory, jid, (size_t)length, NULL), XMPPBIND_OK);
    }
    assert_true(account(&setting, "juliet@capulet.example")->indexed);
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_memory_directory_count(setting.memory), 0);
    tear_down(&setting);
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

/* A table grows later when there was no memory for it; and so does the index of an account. */
static void a_table_grows_later_if_it_has_to(void **state) {
    struct setting setting;
    char jid[32];
    (void)state;
    set_up(&setting, 1);
    const struct xmppbind_shard *shard = &setting.memory->shards[0];
    for (int i = 0; shard->count < 33; i++) {
        int length = snprintf(jid, sizeof jid, "user%d@b.example/c", i);
        if (xmppbind_shard_of(setting.memory,
                              xmppbind_name_hash_account(&setting.memory->key.key, jid, (size_t)length - 2)) != shard)
            continue;
        if (shard->count == 31)
            test_allocator_fail(&setting.source, 3, 0); /* the first two are for the account and the entry */
        (void)must_claim(&setting, jid);
        assert_int_equal(shard->accounts.size, shard->count <= 32 ? 16 : 32);
    }
    tear_down(&setting);
}

/* An account works on without an index, and gets it with a later claim. Two allocations make it. */
static void an_index_comes_later_if_it_has_to(void **state) {
    (void)state;
    for (size_t n = 1; n <= 2; n++) {
        struct setting setting;
        char jid[32];
        set_up(&setting, 1);
        for (int i = 0; i <= XMPPBIND_ENTRY_WALK + 1; i++) {
            (void)snprintf(jid, sizeof jid, "a@b/%d", i);
            if (i == XMPPBIND_ENTRY_WALK)
                test_allocator_fail(&setting.source, 1 + n, 0); /* the first one is for the entry */
            uint64_t number = must_claim(&setting, jid), found = 0;
            assert_int_equal(account(&setting, "a@b")->indexed, i > XMPPBIND_ENTRY_WALK);
            assert_int_equal(xmppbind_memory_directory_find(setting.memory, jid, strlen(jid), &found), XMPPBIND_OK);
            assert_int_equal(found, number);
        }
        tear_down(&setting);
    }
}

/* CONF-7, of an account that may have one: the account stays, though its only entry goes; with an index too. */
static void the_only_entry_is_evicted(void **state) {
    struct setting setting;
    struct xmppbind_outcome outcome;
    char jid[32];
    (void)state;
    set_up(&setting, 1);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(jid, sizeof jid, "a@b/%d", i);
        uint64_t number = must_claim(&setting, jid);
        if (i % 10 != 9)
            release(&setting, jid, number);
        (void)snprintf(jid, sizeof jid, "c@d/%d", i);
        assert_int_equal(claim(&setting, jid, XMPPBIND_WISH_EVICT_OLDEST, 1, &outcome), XMPPBIND_OK);
        assert_int_equal(outcome.condition, XMPPBIND_CONDITION_NONE);
        assert_int_equal(account(&setting, "c@d")->count, 1);
    }
    assert_int_equal(xmppbind_memory_directory_count(setting.memory), 3);
    tear_down(&setting);
}

/* What is evicted is told by name and number; a name that is replaced stays, and what is refused changes nothing. */
static void outcomes_name_what_ended(void **state) {
    struct setting setting;
    struct xmppbind_outcome outcome;
    char jid[TEST_REQUEST_JID + 1];
    (void)state;
    set_up(&setting, 1);
    uint64_t first = must_claim(&setting, "a@b.example/1"), second = must_claim(&setting, "a@b.example/2");
    assert_int_equal(claim(&setting, "a@b.example/1", 0, 2, &outcome), XMPPBIND_OK);
    assert_int_equal(outcome.condition, XMPPBIND_CONDITION_CONFLICT);
    assert_int_equal(claim(&setting, "a@b.example/3", 0, 2, &outcome), XMPPBIND_OK);
    assert_int_equal(outcome.condition, XMPPBIND_CONDITION_RESOURCE_LIMIT);
    const xmppbind_request *request = test_request_claim(&setting.request, "a@b.example/1", XMPPBIND_WISH_REPLACE, 2);
    assert_int_equal(xmppbind_memory_claim(setting.memory, xmppbind_host_directory(setting.host), request, &outcome),
                     XMPPBIND_OK);
    assert_int_equal(outcome.old_number, first);
    assert_true(outcome.number > second);
    assert_int_equal(xmppbind_outcome_old_jid(&outcome, request, jid), 13);
    assert_string_equal(jid, "a@b.example/1");
    xmppbind_outcome_end(setting.memory, &outcome);
    request = test_request_claim(&setting.request, "a@b.example/3", XMPPBIND_WISH_EVICT_OLDEST, 2);
    assert_int_equal(xmppbind_memory_claim(setting.memory, xmppbind_host_directory(setting.host), request, &outcome),
                     XMPPBIND_OK);
    assert_int_equal(outcome.old_number, second); /* the first is the younger one since it was replaced */
    assert_int_equal(xmppbind_outcome_old_jid(&outcome, request, jid), 13);
    assert_string_equal(jid, "a@b.example/2");
    xmppbind_outcome_end(setting.memory, &outcome);
    assert_int_equal(xmppbind_memory_directory_count(setting.memory), 2);
    tear_down(&setting);
}

/* Names whose hashes under one key all end in the same bits. */
static void craft(const struct xmppbind_name_key *key, char (*jids)[32], unsigned count) {
    for (unsigned i = 0, found = 0; found < count; i++) {
        char *jid = jids[found];
        (void)snprintf(jid, sizeof jids[0], "juliet@capulet.example/%u", i);
        found += xmppbind_name_hash_among(key, jid + 23, strlen(jid) - 23) % HEADS == 0;
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
    struct xmppbind_hash_key secret;
    struct xmppbind_name_key key;
    (void)state;
    memset(&secret, 1, sizeof secret);
    xmppbind_name_key_init(&key, &secret);
    craft(&key, jids, CRAFTED);
    for (int octet = 1; octet <= 4; octet++) {
        struct setting setting;
        set_up(&setting, octet);
        for (int i = 0; i < CRAFTED; i++)
            (void)must_claim(&setting, jids[i]);
        unsigned longest = longest_chain(&account(&setting, "juliet@capulet.example")->by.index->table);
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
        cmocka_unit_test(crafted_names_share_no_chain),     cmocka_unit_test(an_index_comes_later_if_it_has_to),
        cmocka_unit_test(the_only_entry_is_evicted),        cmocka_unit_test(an_account_wants_room),
        cmocka_unit_test(an_account_comes_meanwhile),       cmocka_unit_test(a_shared_key_finds_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
