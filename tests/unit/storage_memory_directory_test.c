/* The directory in memory: CONF-1 to CONF-8 as it decides them, and the same objects used by themselves. */
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
    int octet = 1, result = XMPPBIND_ERROR_NO_MEMORY;
    (void)state;
    test_allocator_set_up(&source);
    for (size_t n = 1; n <= 3; n++) {
        test_allocator_fail(&source, n, 0);
        result = xmppbind_memory_directory_new(&memory, source.allocator, fixed_random, &octet);
        assert_int_equal(result, XMPPBIND_ERROR_NO_MEMORY);
        assert_null(memory);
    }
    test_allocator_fail(&source, 0, 0);
    assert_int_equal(xmppbind_memory_directory_new(&memory, source.allocator, fixed_random, &octet), XMPPBIND_OK);
    xmppbind_memory_directory_free(memory);
    test_allocator_tear_down(&source);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_new_one_needs_memory),
        cmocka_unit_test(it_serves_one_host_at_a_time),
        cmocka_unit_test(the_oldest_of_the_account_goes),
        cmocka_unit_test(a_limit_of_one_passes_the_only_place_on),
        cmocka_unit_test(a_late_release_is_done_already),
        cmocka_unit_test(a_list_stops_when_its_request_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
