/* The directory in memory: CONF-1 to CONF-8 as it decides them, and the same objects used by themselves. */
#include "lib/storage/memory_entries.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <stdio.h>
#include <string.h>

#define BALCONY "juliet@capulet.example/balcony"

static int fixed_random(uint8_t *octets, size_t length, void *user_data) {
    memset(octets, *(const int *)user_data, length);
    return 0;
}

static void arguments_are_checked(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_memory_directory *memory = NULL;
    (void)state;
    assert_int_equal(xmppbind_memory_directory_new(NULL, NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_directory_new(&memory, NULL, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_answer(NULL, xmppbind_host_directory(host), NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_directory_answer(memory, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_directory_answer(memory, xmppbind_host_directory(host), NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_directory_count(NULL), 0);
    assert_int_equal(xmppbind_memory_directory_count(memory), 0);
    xmppbind_memory_directory_free(memory);
    xmppbind_memory_directory_free(NULL);
    xmppbind_host_free(host);
}

static void a_new_one_needs_memory(void **state) {
    struct test_allocator source;
    xmppbind_memory_directory *memory = NULL;
    int octet = 1;
    (void)state;
    test_allocator_set_up(&source);
    size_t before = atomic_load(&source.bytes);
    test_allocator_fail(&source, 1, 0);
    assert_int_equal(xmppbind_memory_directory_new(&memory, source.allocator, fixed_random, &octet),
                     XMPPBIND_ERROR_NO_MEMORY);
    assert_null(memory);
    assert_int_equal(xmppbind_memory_directory_new(&memory, source.allocator, fixed_random, &octet), XMPPBIND_OK);
    assert_in_range(atomic_load(&source.bytes) - before, 1, 2560); /* a host that has no stream costs little */
    xmppbind_memory_directory_free(memory);
    test_allocator_tear_down(&source);
}

/* Blocks that do not begin where a cache line does. */
static void *allocate_aside(size_t size, void *user_data) {
    char *block = test_allocate(size + 80, user_data);
    assert_non_null(block);
    size_t skip = 80 - (uintptr_t)block % 64; /* 16 octets past the beginning of a line */
    memset(block, (int)skip, skip);
    return block + skip;
}

static void release_aside(void *memory, void *user_data) {
    test_release((char *)memory - ((unsigned char *)memory)[-1], user_data);
}

static void any_block_will_do(void **state) {
    struct test_allocator source;
    xmppbind_allocator *allocator = NULL;
    xmppbind_memory_directory *memory = NULL;
    (void)state;
    test_allocator_set_up(&source);
    assert_int_equal(xmppbind_allocator_new(&allocator, allocate_aside, release_aside, &source), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_new(&memory, allocator, NULL, NULL), XMPPBIND_OK);
    assert_int_equal((uintptr_t)memory % XMPPBIND_CACHE_LINE, 0);
    xmppbind_memory_directory_free(memory);
    xmppbind_allocator_free(allocator);
    test_allocator_tear_down(&source);
}

static void one_that_is_held_is_found(void **state) {
    struct test_storage storage;
    uint64_t claim = 77, found = 0;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    xmppbind_memory_directory *memory = storage.memory;
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(xmppbind_memory_directory_find(NULL, BALCONY, 30, &claim), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_directory_find(memory, NULL, 30, &claim), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_directory_find(memory, BALCONY, 30, &claim), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_find(memory, BALCONY, 29, &claim), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(xmppbind_memory_directory_find(memory, BALCONY, 22, &claim), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(xmppbind_memory_directory_find(memory, "", 0, &claim), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(claim, 77);
    assert_int_equal(xmppbind_memory_directory_find(memory, BALCONY "/", 30, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_directory_find(memory, BALCONY, 30, &claim), XMPPBIND_OK);
    test_drain_all(stream);
    assert_ptr_equal(xmppbind_host_find(host, BALCONY, 30, &found), stream);
    assert_int_equal(claim, found);
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_memory_directory_find(memory, BALCONY, 30, NULL), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

static int answer_shared(const xmppbind_request *request, void *user_data) {
    struct test_storage *storage = user_data;
    storage->mode = xmppbind_memory_directory_answer(storage->memory, storage->directory, request);
    return storage->mode;
}

/* CONF-5: an eviction could not be told to the other host, so the other host is refused. */
static void it_serves_one_host_at_a_time(void **state) {
    xmppbind_memory_directory *memory = NULL;
    struct test_storage storages[2];
    xmppbind_host *hosts[2];
    xmppbind_stream *streams[2];
    int octet = 3;
    (void)state;
    assert_int_equal(xmppbind_memory_directory_new(&memory, NULL, fixed_random, &octet), XMPPBIND_OK);
    for (int i = 0; i < 2; i++) {
        hosts[i] = test_host(NULL);
        storages[i] = (struct test_storage){.directory = xmppbind_host_directory(hosts[i]), .memory = memory};
        assert_int_equal(
            xmppbind_directory_set_claims(storages[i].directory, answer_shared, answer_shared, &storages[i]),
            XMPPBIND_OK);
        streams[i] = test_stream(hosts[i], "juliet@capulet.example");
    }
    for (int i = 0; i < 2; i++) {
        int other = 1 - i;
        assert_int_equal(test_bind(streams[i], "balcony", 1), XMPPBIND_OK);
        test_expect(streams[i], "opened " BALCONY "\nanswer 1 " BALCONY "\n");
        assert_int_equal(xmppbind_memory_directory_count(memory), 1);
        if (other > i) {
            assert_int_equal(test_bind(streams[other], "balcony", 2), XMPPBIND_OK);
            assert_int_equal(storages[other].mode, XMPPBIND_ERROR_STATE);
            test_expect(streams[other], "answer 2 internal-server-error\n");
        }
        xmppbind_stream_free(streams[i]); /* then it may serve the other one */
        assert_int_equal(xmppbind_memory_directory_count(memory), 0);
    }
    xmppbind_host_free(hosts[0]);
    xmppbind_host_free(hosts[1]);
    xmppbind_memory_directory_free(memory);
}

/* And so all shards are, though the other host's account lies in another one. */
static void it_serves_one_host_in_all_shards(void **state) {
    xmppbind_memory_directory *memory = NULL;
    struct test_storage storages[2];
    xmppbind_host *hosts[2];
    char account[32];
    int octet = 5;
    (void)state;
    assert_int_equal(xmppbind_memory_directory_new(&memory, NULL, fixed_random, &octet), XMPPBIND_OK);
    for (int i = 0; i < 2; i++) {
        hosts[i] = test_host(NULL);
        storages[i] = (struct test_storage){.directory = xmppbind_host_directory(hosts[i]), .memory = memory};
        assert_int_equal(
            xmppbind_directory_set_claims(storages[i].directory, answer_shared, answer_shared, &storages[i]),
            XMPPBIND_OK);
    }
    xmppbind_stream *one = test_stream(hosts[0], "juliet@capulet.example");
    assert_int_equal(test_bind(one, "balcony", 1), XMPPBIND_OK);
    test_drain_all(one);
    for (int i = 0; i < 4 * XMPPBIND_SHARDS; i++) {
        (void)snprintf(account, sizeof account, "user%d@capulet.example", i);
        xmppbind_stream *other = test_stream(hosts[1], account);
        assert_int_equal(test_bind(other, "balcony", 2), XMPPBIND_OK);
        assert_int_equal(storages[1].mode, XMPPBIND_ERROR_STATE);
        test_expect(other, "answer 2 internal-server-error\n");
        xmppbind_stream_free(other);
    }
    assert_int_equal(xmppbind_memory_directory_count(memory), 1);
    xmppbind_stream_free(one);
    xmppbind_host_free(hosts[0]);
    xmppbind_host_free(hosts[1]);
    xmppbind_memory_directory_free(memory);
}

/* CONF-7: the oldest session of the account goes, counted over streams; the holder of a replaced name is the youngest.
 */
static void the_oldest_of_the_account_goes(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_option(host, "account-limit", "evict-oldest");
    test_option(host, "max-resources-per-account", "2");
    xmppbind_stream *one = test_stream(host, "juliet@capulet.example");
    xmppbind_stream *two = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(one, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(one, "b", 2), XMPPBIND_OK);
    test_drain_all(one);
    assert_int_equal(test_bind(two, "a", 3), XMPPBIND_OK);
    test_expect(two, "opened juliet@capulet.example/a\nanswer 3 juliet@capulet.example/a\n");
    test_expect(one, "closed juliet@capulet.example/a evicted\n");
    assert_int_equal(test_bind(two, "c", 4), XMPPBIND_OK);
    test_expect(two, "opened juliet@capulet.example/c\nanswer 4 juliet@capulet.example/c\n");
    test_expect(one, "closed juliet@capulet.example/b evicted\nclose conflict\n");
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
}

/* With a limit of one the account is empty for a moment: the new one starts a ring of its own. */
static void a_limit_of_one_passes_the_only_place_on(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_option(host, "account-limit", "evict-oldest");
    test_option(host, "max-resources-per-account", "1");
    xmppbind_stream *one = test_stream(host, "juliet@capulet.example");
    xmppbind_stream *two = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(one, "a", 1), XMPPBIND_OK);
    test_drain_all(one);
    assert_int_equal(test_bind(two, "b", 2), XMPPBIND_OK);
    test_expect(two, "opened juliet@capulet.example/b\nanswer 2 juliet@capulet.example/b\n");
    test_expect(one, "closed juliet@capulet.example/a evicted\nclose conflict\n");
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
}

/* CONF-8: a release that names an older claim changes nothing. */
static void a_late_release_is_done_already(void **state) {
    struct test_storage storage;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    xmppbind_stream *one = test_stream(host, "juliet@capulet.example");
    xmppbind_stream *two = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(one, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(one, "garden", 1), XMPPBIND_OK);
    test_drain_all(one);
    storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_unbind(one, "balcony", 2), XMPPBIND_OK); /* on its way */
    storage.mode = TEST_STORAGE_NOW;
    assert_int_equal(test_bind(two, "balcony", 3), XMPPBIND_OK);
    test_expect(two, "opened " BALCONY "\nanswer 3 " BALCONY "\n");
    test_storage_answer_all(&storage);
    test_expect(one, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\n");
    assert_int_equal(test_storage_count(&storage), 2);
    assert_ptr_equal(xmppbind_host_find(host, BALCONY, strlen(BALCONY), NULL), two);
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

/* Answers a list and notes its id. */
struct listing {
    xmppbind_directory *directory;
    xmppbind_memory_directory *memory;
    uint64_t id;
    int entries, ends, result;
};

static int answer_list(const xmppbind_request *request, void *user_data) {
    struct listing *listing = user_data;
    listing->id = xmppbind_request_id(request);
    listing->result = xmppbind_memory_directory_answer(listing->memory, listing->directory, request);
    return 0;
}

static int answer_other(const xmppbind_request *request, void *user_data) {
    struct listing *listing = user_data;
    return xmppbind_memory_directory_answer(listing->memory, listing->directory, request);
}

static void end_early(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct listing *listing = user_data;
    (void)length;
    (void)claim;
    (void)condition;
    if (jid == NULL) {
        listing->ends++;
        return;
    }
    listing->entries++;
    assert_int_equal(xmppbind_directory_accept(listing->directory, listing->id, 0), XMPPBIND_OK);
}

static void a_list_stops_when_its_request_has_ended(void **state) {
    xmppbind_host *host = test_host(NULL);
    struct listing listing = {.directory = xmppbind_host_directory(host)};
    (void)state;
    assert_int_equal(xmppbind_memory_directory_new(&listing.memory, NULL, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_claims(listing.directory, answer_other, answer_other, &listing),
                     XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_list(listing.directory, answer_list, &listing), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "b", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_list(listing.directory, "juliet@capulet.example", 22, end_early, &listing),
                     XMPPBIND_OK);
    assert_int_equal(listing.entries, 1);
    assert_int_equal(listing.ends, 1);
    assert_int_equal(listing.result, XMPPBIND_ERROR_UNKNOWN_REQUEST);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    xmppbind_memory_directory_free(listing.memory);
}

/* A list whose callback changes what it lists: the one told is released, the one before the last is replaced. */
struct meddling {
    xmppbind_stream *one, *two;
    struct test_text told;
    int nested;
    xmppbind_directory *directory;
};

static void count_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    (void)length;
    (void)claim;
    (void)condition;
    *(int *)user_data += jid != NULL;
}

static void meddle(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct meddling *meddling = user_data;
    assert_int_equal(condition, XMPPBIND_CONDITION_NONE);
    if (jid == NULL)
        return;
    assert_int_not_equal(claim, 0);
    const char *resource = strchr(jid, '/') + 1;
    test_text_format(&meddling->told, "%.*s ", (int)(length - (size_t)(resource - jid)), resource);
    if (*resource == 'a') {
        assert_int_equal(test_unbind(meddling->one, "a", 1), XMPPBIND_OK);
        assert_int_equal(test_unbind(meddling->one, "b", 1), XMPPBIND_OK);
        assert_int_equal(test_bind(meddling->two, "c", 1), XMPPBIND_OK);
        assert_int_equal(
            xmppbind_directory_list(meddling->directory, "juliet@capulet.example", 22, count_entry, &meddling->nested),
            XMPPBIND_OK);
    }
}

static void a_list_may_change_what_it_lists(void **state) {
    xmppbind_host *host = test_host(NULL);
    struct meddling meddling = {.directory = xmppbind_host_directory(host)};
    (void)state;
    meddling.one = test_stream(host, "juliet@capulet.example");
    meddling.two = test_stream(host, "juliet@capulet.example");
    for (const char *resource = "a\0b\0c\0d\0"; *resource != '\0'; resource += 2)
        assert_int_equal(test_bind(meddling.one, resource, 1), XMPPBIND_OK);
    test_drain_all(meddling.one);
    assert_int_equal(xmppbind_directory_list(meddling.directory, "juliet@capulet.example", 22, meddle, &meddling),
                     XMPPBIND_OK);
    assert_string_equal(test_text_get(&meddling.told), "a d c ");
    assert_int_equal(meddling.nested, 2);
    test_text_free(&meddling.told);
    xmppbind_stream_free(meddling.one);
    xmppbind_stream_free(meddling.two);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_new_one_needs_memory),
        cmocka_unit_test(any_block_will_do),
        cmocka_unit_test(one_that_is_held_is_found),
        cmocka_unit_test(it_serves_one_host_at_a_time),
        cmocka_unit_test(it_serves_one_host_in_all_shards),
        cmocka_unit_test(the_oldest_of_the_account_goes),
        cmocka_unit_test(a_limit_of_one_passes_the_only_place_on),
        cmocka_unit_test(a_late_release_is_done_already),
        cmocka_unit_test(a_list_stops_when_its_request_has_ended),
        cmocka_unit_test(a_list_may_change_what_it_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
