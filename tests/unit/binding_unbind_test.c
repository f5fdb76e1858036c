/* Unbinding one resource (XEP-0193 section 2). */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <string.h>

/* UNBIND-1, UNBIND-3, UNBIND-7 */
static void the_last_one_ends_the_stream(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    (void)state;
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "d", 2), XMPPBIND_OK);
    test_drain_all(stream);
    assert_int_equal(test_unbind(stream, "c", 3), XMPPBIND_OK);
    test_expect(stream, "closed a@b/c unbound\nanswer 3 a@b/c\n");
    assert_string_equal(xmppbind_stream_resource(stream, 0, NULL), "a@b/d");
    assert_int_equal(test_unbind(stream, "d", 4), XMPPBIND_OK);
    test_expect(stream, "closed a@b/d unbound\nanswer 4 a@b/d\nclose\n");
    assert_int_equal(test_bind(stream, "c", 5), XMPPBIND_ERROR_CLOSED);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* UNBIND-2: of another stream, of another spelling, a part of a name: none of them is bound here. */
static void what_is_not_bound_here_is_not_found(void **state) {
    static const char *const names[] = {"other", "C", "c ", "cc", "/c", "a@b/c"};
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b"), *other = test_stream(host, "a@b");
    (void)state;
    assert_int_equal(test_bind(other, "other", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    test_drain_all(stream);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(test_unbind(stream, names[i], 2), XMPPBIND_OK);
        test_expect(stream, "answer 2 item-not-found\n");
    }
    assert_int_equal(xmppbind_stream_resource_count(stream), 1);
    assert_int_equal(xmppbind_stream_resource_count(other), 1);
    xmppbind_stream_free(stream);
    xmppbind_stream_free(other);
    xmppbind_host_free(host);
}

/* UNBIND-4, UNBIND-5 */
static void a_bad_name_is_a_bad_request(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    (void)state;
    assert_int_equal(test_unbind(stream, "", 1), XMPPBIND_OK);
    assert_int_equal(test_unbind(stream, "\x01", 2), XMPPBIND_OK);
    test_expect(stream, "answer 1 bad-request\nanswer 2 bad-request\n");
    xmppbind_stream_free(stream);
    test_option(host, "unbind", "off");
    stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    test_drain_all(stream);
    assert_int_equal(test_unbind(stream, "c", 2), XMPPBIND_OK);
    test_expect(stream, "answer 2 bad-request\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* UNBIND-9: the session is over whatever the directory says. */
static void a_failed_release_is_no_way_back(void **state) {
    struct test_storage storage;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    test_drain_all(stream);
    storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_unbind(stream, "c", 2), XMPPBIND_OK);
    assert_int_equal(test_storage_reject(&storage, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR), 1);
    test_expect(stream, "closed a@b/c failed\nanswer 2 a@b/c\nclose\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

/* One after the other, in the order they came: the second one finds nothing. */
static void it_is_unbound_once(void **state) {
    struct test_storage storage;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "d", 1), XMPPBIND_OK);
    test_drain_all(stream);
    storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_unbind(stream, "c", 2), XMPPBIND_OK);
    assert_int_equal(test_unbind(stream, "c", 3), XMPPBIND_OK);
    test_storage_answer_all(&storage);
    test_expect(stream, "closed a@b/c unbound\nanswer 2 a@b/c\nanswer 3 item-not-found\n");
    storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

static void without_memory_an_answer_waits(void **state) {
    struct test_allocator source;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK); /* two events undrained */
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(test_unbind(stream, "d", 2), XMPPBIND_OK); /* item-not-found, which has no room yet */
    test_allocator_fail(&source, 0, 0);
    test_expect(stream, "opened a@b/c\nanswer 1 a@b/c\nanswer 2 item-not-found\n");
    assert_int_equal(test_bind(stream, "e", 3), XMPPBIND_OK);
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(test_unbind(stream, "c", 4), XMPPBIND_OK);
    test_allocator_fail(&source, 0, 0);
    test_expect(stream, "opened a@b/e\nanswer 3 a@b/e\nclosed a@b/c unbound\nanswer 4 a@b/c\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_one_ends_the_stream), cmocka_unit_test(what_is_not_bound_here_is_not_found),
        cmocka_unit_test(a_bad_name_is_a_bad_request),  cmocka_unit_test(a_failed_release_is_no_way_back),
        cmocka_unit_test(it_is_unbound_once),           cmocka_unit_test(without_memory_an_answer_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
