/* The way in by strings: bind, unbind and stamp. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <string.h>

#define ACCOUNT "juliet@capulet.example"

/* Stamps and writes "STAMP SESSION", or the name of the error. */
static void stamp(xmppbind_stream *stream, int kind, const char *from, struct test_text *text) {
    const char *address = NULL, *session = NULL;
    size_t length = 0, session_length = 0;
    int result = xmppbind_stream_stamp(stream, kind, from, from == NULL ? 0 : strlen(from), &address, &length, &session,
                                       &session_length);
    test_text_clear(text);
    if (result != XMPPBIND_OK) {
        test_text_format(text, "%s", xmppbind_error_name(result) + strlen("XMPPBIND_ERROR_"));
        return;
    }
    assert_int_equal(strlen(address), length);
    assert_int_equal(strlen(session), session_length);
    test_text_format(text, "%s %s", address, session);
}

#define assert_stamp(stream, kind, from, expected)                                                                     \
    do {                                                                                                               \
        struct test_text text = {NULL, 0, 0};                                                                          \
        stamp(stream, kind, from, &text);                                                                              \
        assert_string_equal(test_text_get(&text), expected);                                                           \
        test_text_free(&text);                                                                                         \
    } while (0)

static void arguments_are_checked(void **state) {
    const char *address;
    size_t length;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    (void)state;
    assert_int_equal(xmppbind_stream_bind(NULL, "a", 1, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_bind(stream, NULL, 1, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_unbind(NULL, "a", 1, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_unbind(stream, NULL, 0, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    for (int round = 0; round < 2; round++) { /* the second time there is a sender of the last stanza */
        const char *from = ACCOUNT "/a";
        size_t from_length = strlen(from);
        assert_int_equal(xmppbind_stream_stamp(NULL, 1, from, from_length, &address, &length, NULL, NULL),
                         XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_stream_stamp(stream, 0, from, from_length, &address, &length, NULL, NULL),
                         XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_stream_stamp(stream, 5, from, from_length, &address, &length, NULL, NULL),
                         XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_stream_stamp(stream, 1, NULL, 1, &address, &length, NULL, NULL),
                         XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_stream_stamp(stream, 1, from, from_length, NULL, &length, NULL, NULL),
                         XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_stream_stamp(stream, 1, from, from_length, &address, NULL, NULL, NULL),
                         XMPPBIND_ERROR_INVALID_ARGUMENT);
        assert_int_equal(xmppbind_stream_stamp(stream, 1, from, from_length, &address, &length, NULL, NULL),
                         XMPPBIND_OK);
        assert_string_equal(address, from);
        assert_int_equal(length, from_length);
    }
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* FROM-1, FROM-2, FROM-3, FROM-5 and FROM-9 */
static void a_stamp_is_what_the_rules_say(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    (void)state;
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, NULL, ACCOUNT "/a " ACCOUNT "/a");
    assert_stamp(stream, XMPPBIND_STANZA_IQ, ACCOUNT "/b", ACCOUNT "/a " ACCOUNT "/a"); /* the only one */
    assert_int_equal(test_bind(stream, "b", 2), XMPPBIND_OK);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, ACCOUNT "/b", ACCOUNT "/b " ACCOUNT "/b");
    assert_stamp(stream, XMPPBIND_STANZA_PRESENCE, ACCOUNT "/b", ACCOUNT "/b " ACCOUNT "/b");
    assert_stamp(stream, XMPPBIND_STANZA_SUBSCRIPTION, ACCOUNT "/b", ACCOUNT " " ACCOUNT "/b");
    assert_stamp(stream, XMPPBIND_STANZA_IQ, "JULIET@capulet.example/b", ACCOUNT "/b " ACCOUNT "/b");
    assert_stamp(stream, XMPPBIND_STANZA_IQ, ACCOUNT, ACCOUNT "/a " ACCOUNT "/a");
    assert_stamp(stream, XMPPBIND_STANZA_IQ, ACCOUNT "/c", "UNKNOWN_SENDER");
    assert_stamp(stream, XMPPBIND_STANZA_IQ, ACCOUNT "/", "JID_MALFORMED");
    assert_stamp(stream, XMPPBIND_STANZA_IQ, "", "JID_MALFORMED");
    test_expect(stream, "opened " ACCOUNT "/a\nanswer 1 " ACCOUNT "/a\nopened " ACCOUNT "/b\nanswer 2 " ACCOUNT "/b\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* FROM-6, BIND-13 */
static void a_stamp_may_end_the_stream(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    (void)state;
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, NULL, "NOT_BOUND");
    test_expect(stream, "close not-authorized\n");
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, NULL, "CLOSED");
    xmppbind_stream_free(stream);
    stream = test_stream(host, ACCOUNT);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    test_drain_all(stream);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, "romeo@montague.example/orchard", "INVALID_FROM");
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, ACCOUNT "/a", "CLOSED");
    test_expect(stream, "close invalid-from\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* A stamp queues nothing, so a full queue is no obstacle; without memory even the end of the stream waits. */
static void a_stamp_needs_no_room(void **state) {
    struct test_allocator source;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    test_option(host, "max-queued-events", "2");
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "b", 1), XMPPBIND_ERROR_QUEUE_FULL);
    test_allocator_fail(&source, 1, 1);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, NULL, ACCOUNT "/a " ACCOUNT "/a");
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, "romeo@montague.example/a", "NO_MEMORY");
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, ACCOUNT "/a", ACCOUNT "/a " ACCOUNT "/a");
    test_allocator_fail(&source, 0, 0);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, "romeo@montague.example/a", "INVALID_FROM");
    test_expect(stream, "opened " ACCOUNT "/a\nanswer 1 " ACCOUNT "/a\nclose invalid-from\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

static void while_storage_is_asked_there_is_no_stamp(void **state) {
    struct test_storage storage;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, ACCOUNT "/a", ACCOUNT "/a " ACCOUNT "/a");
    storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_unbind(stream, "a", 2), XMPPBIND_OK);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, ACCOUNT "/a", "WAITING");
    test_storage_answer_all(&storage);
    assert_stamp(stream, XMPPBIND_STANZA_MESSAGE, ACCOUNT "/a", "CLOSED");
    storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

/* BIND-3: more than 1023 octets are refused, and never cut. */
static void a_resource_is_never_cut(void **state) {
    char resource[70000];
    static const size_t lengths[] = {1024, 65535, 65536, 65537, sizeof resource};
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    (void)state;
    memset(resource, 'r', sizeof resource);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_int_equal(xmppbind_stream_bind(stream, resource, lengths[i], 1), XMPPBIND_OK);
        test_expect(stream, "answer 1 bad-request\n");
        assert_int_equal(xmppbind_stream_unbind(stream, resource, lengths[i], 2), XMPPBIND_OK);
        test_expect(stream, "answer 2 bad-request\n");
    }
    assert_int_equal(xmppbind_stream_bind(stream, resource, 1023, 3), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_resource_count(stream), 1);
    assert_int_equal(xmppbind_stream_unbind(stream, resource, 1022, 4), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_unbind(stream, resource, 1023, 5), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_resource_count(stream), 0);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_stamp_is_what_the_rules_say),
        cmocka_unit_test(a_stamp_may_end_the_stream),
        cmocka_unit_test(a_stamp_needs_no_room),
        cmocka_unit_test(while_storage_is_asked_there_is_no_stamp),
        cmocka_unit_test(a_resource_is_never_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
