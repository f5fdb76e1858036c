/* Streams: made, asked about, disconnected, freed. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"
#include "tests/support/test_xml.h"

#include <string.h>

#define ACCOUNT "juliet@capulet.example"

static void a_stream_needs_a_host_and_a_bare_jid(void **state) {
    struct test_allocator source;
    xmppbind_stream *stream = NULL;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    assert_int_equal(xmppbind_stream_new(NULL, host, "a@b", 3, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_new(&stream, NULL, "a@b", 3, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_new(&stream, host, NULL, 3, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_new(&stream, host, "a@b/c", 5, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_new(&stream, host, "", 0, NULL), XMPPBIND_ERROR_ADDRESS_EMPTY);
    assert_int_equal(xmppbind_stream_new(&stream, host, "a@-b", 4, NULL), XMPPBIND_ERROR_ADDRESS_DOMAIN);
    test_allocator_fail(&source, 1, 0);
    assert_int_equal(xmppbind_stream_new(&stream, host, "a@b", 3, NULL), XMPPBIND_ERROR_NO_MEMORY);
    assert_null(stream);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

static void what_a_stream_says_of_itself(void **state) {
    size_t length = 0;
    int data;
    xmppbind_stream *stream = NULL;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_stream_new(&stream, host, "Juliet@Capulet.example", 22, &data), XMPPBIND_OK);
    assert_ptr_equal(xmppbind_stream_user_data(stream), &data);
    assert_string_equal(xmppbind_stream_account(stream, &length), ACCOUNT);
    assert_int_equal(length, strlen(ACCOUNT));
    assert_string_equal(xmppbind_stream_account(stream, NULL), ACCOUNT);
    assert_int_equal(xmppbind_stream_resource_count(stream), 0);
    assert_null(xmppbind_stream_resource(stream, 0, &length));
    assert_int_equal(length, 0);
    assert_int_equal(xmppbind_stream_offers(stream),
                     XMPPBIND_OFFER_BIND | XMPPBIND_OFFER_REQUIRED | XMPPBIND_OFFER_UNBIND);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "b", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_resource_count(stream), 2);
    assert_string_equal(xmppbind_stream_resource(stream, 0, NULL), ACCOUNT "/a");
    assert_string_equal(xmppbind_stream_resource(stream, 1, &length), ACCOUNT "/b");
    assert_int_equal(length, strlen(ACCOUNT "/b"));
    assert_null(xmppbind_stream_resource(stream, 2, NULL));
    assert_int_equal(xmppbind_stream_offers(stream), XMPPBIND_OFFER_BIND | XMPPBIND_OFFER_UNBIND);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void no_stream_says_nothing(void **state) {
    size_t length = 5;
    (void)state;
    assert_null(xmppbind_stream_user_data(NULL));
    assert_null(xmppbind_stream_account(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_stream_account(NULL, NULL));
    assert_int_equal(xmppbind_stream_resource_count(NULL), 0);
    assert_null(xmppbind_stream_resource(NULL, 0, NULL));
    assert_int_equal(xmppbind_stream_offers(NULL), 0);
    assert_int_equal(xmppbind_stream_disconnect(NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_stream_free(NULL);
}

/* FEAT-3 */
static void without_unbind_it_is_not_offered(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_option(host, "unbind", "off");
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    assert_int_equal(xmppbind_stream_offers(stream), XMPPBIND_OFFER_BIND | XMPPBIND_OFFER_REQUIRED);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* UNBIND-11 */
static void a_disconnected_stream_is_over(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    (void)state;
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "b", 2), XMPPBIND_OK);
    test_drain_all(stream);
    assert_int_equal(xmppbind_stream_disconnect(stream), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_disconnect(stream), XMPPBIND_OK);
    assert_null(xmppbind_host_find(host, ACCOUNT "/a", strlen(ACCOUNT "/a"), NULL));
    assert_int_equal(test_bind(stream, "c", 3), XMPPBIND_ERROR_CLOSED);
    assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_ERROR_CLOSED);
    test_expect(stream, "closed " ACCOUNT "/a disconnected\nclosed " ACCOUNT "/b disconnected\n");
    test_expect(stream, "");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* The queue has a limit; an answer that is in is looked at before anything new is taken. */
static void a_full_queue_takes_nothing(void **state) {
    struct test_storage storage;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_option(host, "max-queued-events", "2");
    test_storage_set_up(&storage, host, NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "b", 2), XMPPBIND_ERROR_QUEUE_FULL);
    test_drain_all(stream);
    storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_bind(stream, "b", 2), XMPPBIND_OK);
    test_storage_answer_all(&storage);
    assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_ERROR_QUEUE_FULL);
    test_expect(stream, "opened " ACCOUNT "/b\nanswer 2 " ACCOUNT "/b\n");
    storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

static void note_log(int level, const char *message, size_t length, void *user_data) {
    (void)message;
    (void)length;
    assert_int_equal(level, XMPPBIND_LOG_ERROR);
    ++*(int *)user_data;
}

/* Two events undrained, a bind with storage, and no memory: each call says so, and nothing is lost. */
static void without_memory_nothing_is_lost(void **state) {
    struct test_allocator source;
    struct test_storage storage;
    int logged = 0;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    assert_int_equal(xmppbind_host_set_log(host, note_log, &logged), XMPPBIND_OK);
    test_storage_set_up(&storage, host, NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_bind(stream, "b", 2), XMPPBIND_OK);
    assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_OK);
    test_storage_answer_all(&storage);
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(test_bind(stream, "c", 3), XMPPBIND_ERROR_NO_MEMORY);
    assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_ERROR_NO_MEMORY);
    test_allocator_fail(&source, 0, 0);
    test_expect(stream, "opened " ACCOUNT "/a\nanswer 1 " ACCOUNT "/a\nopened " ACCOUNT "/b\nanswer 2 " ACCOUNT
                        "/b\nroute <message from=\"" ACCOUNT "/a\"/>\n");
    /* The end of a stream cannot be called again: what it cannot keep, it says. */
    assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "c", 3), XMPPBIND_OK);
    assert_int_equal(test_receive(stream, "<presence/>"), XMPPBIND_OK);
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(xmppbind_stream_disconnect(stream), XMPPBIND_OK);
    test_allocator_fail(&source, 0, 0);
    assert_int_equal(logged, 1);
    storage.mode = TEST_STORAGE_NOW;
    test_storage_answer_all(&storage);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
    test_allocator_tear_down(&source);
}

/* Frees the stream inside the second claim that it makes. */
struct killer {
    xmppbind_directory *directory;
    xmppbind_stream *stream;
    uint64_t ids[4];
    int count;
};

static int free_inside(const xmppbind_request *request, void *user_data) {
    struct killer *killer = user_data;
    assert_true(killer->count < 4);
    killer->ids[killer->count++] = xmppbind_request_id(request);
    if (killer->count == 2)
        xmppbind_stream_free(killer->stream);
    return 0;
}

static void a_stream_may_be_freed_while_it_is_drained(void **state) {
    xmppbind_event *event = NULL;
    xmppbind_host *host = test_host(NULL);
    struct killer killer = {xmppbind_host_directory(host), NULL, {0}, 0};
    (void)state;
    test_option(host, "max-queued-events", "2");
    assert_int_equal(xmppbind_directory_set_claims(killer.directory, free_inside, free_inside, &killer), XMPPBIND_OK);
    killer.stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(killer.stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(killer.stream, "d", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_accept(killer.directory, killer.ids[0], 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_next_event(killer.stream, &event), 1);
    assert_int_equal(xmppbind_event_kind(event), XMPPBIND_EVENT_OPENED);
    assert_int_equal(killer.count, 1);
    while (killer.count < 2) /* the second bind starts when there is room for its events */
        assert_true(xmppbind_stream_next_event(killer.stream, &event) >= 0);
    assert_int_equal(killer.count, 3); /* the release of what was bound; the claim that nobody waits for stays open */
    assert_int_equal(xmppbind_directory_accept(killer.directory, killer.ids[2], 0), XMPPBIND_OK);
    xmppbind_host_free(host);
}

/* The same when there is nothing to drain: the bind found no memory at first, and is asked for only now. */
static void a_stream_may_be_freed_while_nothing_is_drained(void **state) {
    struct test_allocator source;
    xmppbind_event *event = NULL;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    struct killer killer = {xmppbind_host_directory(host), NULL, {0}, 1};
    assert_int_equal(xmppbind_directory_set_claims(killer.directory, free_inside, free_inside, &killer), XMPPBIND_OK);
    killer.stream = test_stream(host, "a@b");
    test_allocator_fail(&source, 2, 0);
    assert_int_equal(test_bind(killer.stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(killer.count, 1);
    assert_int_equal(xmppbind_stream_next_event(killer.stream, &event), 0);
    assert_int_equal(killer.count, 2);
    assert_int_equal(xmppbind_directory_reject(killer.directory, killer.ids[1], XMPPBIND_CONDITION_CONFLICT),
                     XMPPBIND_OK);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

/* CONF-4: an eviction that finds no memory for its events is due again. */
static void an_eviction_waits_for_memory(void **state) {
    struct test_allocator source;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_stream *one = test_stream(host, ACCOUNT), *two = test_stream(host, ACCOUNT);
    assert_int_equal(test_bind(one, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(two, "a", 2), XMPPBIND_OK);
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(test_bind(one, "b", 3), XMPPBIND_ERROR_NO_MEMORY);
    assert_int_equal(xmppbind_stream_resource_count(one), 1);
    test_allocator_fail(&source, 0, 0);
    assert_int_equal(test_bind(one, "b", 3), XMPPBIND_ERROR_CLOSED);
    test_expect(one, "opened " ACCOUNT "/a\nanswer 1 " ACCOUNT "/a\nclosed " ACCOUNT "/a evicted\nclose conflict\n");
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_needs_a_host_and_a_bare_jid),
        cmocka_unit_test(what_a_stream_says_of_itself),
        cmocka_unit_test(no_stream_says_nothing),
        cmocka_unit_test(without_unbind_it_is_not_offered),
        cmocka_unit_test(a_disconnected_stream_is_over),
        cmocka_unit_test(a_full_queue_takes_nothing),
        cmocka_unit_test(without_memory_nothing_is_lost),
        cmocka_unit_test(a_stream_may_be_freed_while_it_is_drained),
        cmocka_unit_test(a_stream_may_be_freed_while_nothing_is_drained),
        cmocka_unit_test(an_eviction_waits_for_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
