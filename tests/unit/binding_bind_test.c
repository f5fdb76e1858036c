/* Binding one resource: names, generated names, conflicts and refusals. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <string.h>

#define GENERATED_1 "a@b/01010101010101010101010101010101"
#define GENERATED_2 "a@b/02020202020202020202020202020202"

/* Random octets that count up, or fail. */
static int count_up(uint8_t *octets, size_t length, void *user_data) {
    int *count = user_data;
    if (*count < 0)
        return -1;
    memset(octets, ++*count, length);
    return 0;
}

static void note_log(int level, const char *message, size_t length, void *user_data) {
    assert_int_equal(level, XMPPBIND_LOG_ERROR);
    assert_int_equal(strlen(message), length);
    ++*(int *)user_data;
}

/* BIND-2 */
static void without_random_octets_no_name_is_made(void **state) {
    int count = -1, logged = 0;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_host_set_random(host, count_up, &count), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_log(host, note_log, &logged), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, NULL, 1), XMPPBIND_OK);
    test_expect(stream, "answer 1 internal-server-error\n");
    assert_int_equal(logged, 1);
    assert_int_equal(test_bind(stream, "c", 2), XMPPBIND_OK);
    test_expect(stream, "opened a@b/c\nanswer 2 a@b/c\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* BIND-2: another name is tried when one is taken. */
static void a_taken_name_is_made_again(void **state) {
    int count = 0;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_host_set_random(host, count_up, &count), XMPPBIND_OK);
    xmppbind_stream *one = test_stream(host, "a@b"), *two = test_stream(host, "a@b");
    assert_int_equal(test_bind(one, NULL, 1), XMPPBIND_OK);
    test_expect(one, "opened " GENERATED_1 "\nanswer 1 " GENERATED_1 "\n");
    count = 0;
    assert_int_equal(test_bind(two, NULL, 2), XMPPBIND_OK);
    test_expect(two, "opened " GENERATED_2 "\nanswer 2 " GENERATED_2 "\n");
    assert_int_equal(count, 2);
    test_expect(one, "");
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
}

static int always_taken(const xmppbind_request *request, void *user_data) {
    return xmppbind_directory_reject(user_data, xmppbind_request_id(request), XMPPBIND_CONDITION_CONFLICT);
}

static void a_directory_that_calls_all_taken_is_given_up(void **state) {
    int count = 0;
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    (void)state;
    assert_int_equal(xmppbind_host_set_random(host, count_up, &count), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_claims(directory, always_taken, always_taken, directory), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, NULL, 1), XMPPBIND_OK);
    test_expect(stream, "answer 1 internal-server-error\n");
    assert_int_equal(count, 16);
    /* CONF-1: it was asked to replace, and did not. */
    assert_int_equal(test_bind(stream, "c", 2), XMPPBIND_OK);
    test_expect(stream, "answer 2 conflict\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* What the host decides, and how often it was asked. */
struct decision {
    int decision;
    int asked;
};

static int decide(const xmppbind_stream *stream, const char *jid, size_t length, void *user_data) {
    struct decision *decision = user_data;
    assert_non_null(stream);
    assert_string_equal(jid, "a@b/c");
    assert_int_equal(length, 5);
    decision->asked++;
    return decision->decision;
}

/* CONF-3 */
static void the_host_decides(void **state) {
    static const struct {
        int decision;
        const char *lines;
        int evicted;
    } cases[] = {{XMPPBIND_CONFLICT_REJECT, "answer 2 conflict\n", 0},
                 {XMPPBIND_CONFLICT_REPLACE, "opened a@b/c\nanswer 2 a@b/c\n", 1},
                 {XMPPBIND_CONFLICT_RENAME, "opened " GENERATED_1 "\nanswer 2 " GENERATED_1 "\n", 0},
                 {77, "answer 2 conflict\n", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int count = 0;
        struct decision decision = {cases[i].decision, 0};
        xmppbind_host *host = test_host(NULL);
        assert_int_equal(xmppbind_host_set_random(host, count_up, &count), XMPPBIND_OK);
        assert_int_equal(xmppbind_host_set_conflict(host, decide, &decision), XMPPBIND_OK);
        xmppbind_stream *one = test_stream(host, "a@b"), *two = test_stream(host, "a@b");
        assert_int_equal(test_bind(one, "c", 1), XMPPBIND_OK);
        test_drain_all(one);
        assert_int_equal(test_bind(two, "c", 2), XMPPBIND_OK);
        assert_int_equal(decision.asked, 1);
        test_expect(two, cases[i].lines);
        test_expect(one, cases[i].evicted ? "closed a@b/c evicted\nclose conflict\n" : "");
        xmppbind_stream_free(one);
        xmppbind_stream_free(two);
        xmppbind_host_free(host);
    }
}

/* The host is asked once, though the directory says it twice. */
static void a_decision_is_not_asked_for_twice(void **state) {
    struct decision decision = {XMPPBIND_CONFLICT_REPLACE, 0};
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    (void)state;
    assert_int_equal(xmppbind_host_set_conflict(host, decide, &decision), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_claims(directory, always_taken, always_taken, directory), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "c", 2), XMPPBIND_OK);
    test_expect(stream, "answer 2 conflict\n");
    assert_int_equal(decision.asked, 1);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* BIND-11: twice on one stream; never an eviction of oneself. */
static void a_name_is_bound_once_on_a_stream(void **state) {
    static const struct {
        const char *conflict, *lines;
    } cases[] = {{"replace", "answer 2 conflict\n"},
                 {"reject", "answer 2 conflict\n"},
                 {"rename", "opened " GENERATED_1 "\nanswer 2 " GENERATED_1 "\n"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int count = 0;
        xmppbind_host *host = test_host(NULL);
        assert_int_equal(xmppbind_host_set_random(host, count_up, &count), XMPPBIND_OK);
        test_option(host, "conflict", cases[i].conflict);
        xmppbind_stream *stream = test_stream(host, "a@b");
        assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
        test_drain_all(stream);
        assert_int_equal(test_bind(stream, "c", 2), XMPPBIND_OK);
        test_expect(stream, cases[i].lines);
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
    }
}

/* BIND-10 */
static void the_stream_has_a_limit(void **state) {
    static const struct {
        const char *limit, *lines;
    } cases[] = {{"1", "answer 3 not-allowed\n"}, {"2", "answer 3 resource-constraint\n"}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        xmppbind_host *host = test_host(NULL);
        test_option(host, "max-resources-per-stream", cases[i].limit);
        xmppbind_stream *stream = test_stream(host, "a@b");
        assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
        if (i > 0)
            assert_int_equal(test_bind(stream, "d", 2), XMPPBIND_OK);
        test_drain_all(stream);
        assert_int_equal(test_bind(stream, "e", 3), XMPPBIND_OK);
        test_expect(stream, cases[i].lines);
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
    }
}

/* BIND-16: counted while nothing is bound; 0 is no limit. */
static void too_many_refusals_end_the_stream(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_option(host, "max-bind-failures", "2");
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "", 2), XMPPBIND_OK);
    test_expect(stream, "answer 1 bad-request\nanswer 2 bad-request\nclose policy-violation\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    host = test_host(NULL);
    test_option(host, "max-bind-failures", "0");
    stream = test_stream(host, "a@b");
    for (int i = 0; i < 100; i++)
        assert_int_equal(test_bind(stream, "", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "c", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_resource_count(stream), 1);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void without_memory_an_answer_waits(void **state) {
    struct test_allocator source;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK); /* two events undrained */
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(test_bind(stream, "", 2), XMPPBIND_OK); /* a spare operation, but no room for the answer */
    assert_int_equal(test_bind(stream, "", 3), XMPPBIND_ERROR_NO_MEMORY);
    test_allocator_fail(&source, 0, 0);
    test_expect(stream, "opened a@b/c\nanswer 1 a@b/c\nanswer 2 bad-request\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_random_octets_no_name_is_made),
        cmocka_unit_test(a_taken_name_is_made_again),
        cmocka_unit_test(a_directory_that_calls_all_taken_is_given_up),
        cmocka_unit_test(the_host_decides),
        cmocka_unit_test(a_decision_is_not_asked_for_twice),
        cmocka_unit_test(a_name_is_bound_once_on_a_stream),
        cmocka_unit_test(the_stream_has_a_limit),
        cmocka_unit_test(too_many_refusals_end_the_stream),
        cmocka_unit_test(without_memory_an_answer_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
