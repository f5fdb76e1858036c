/* What the owner of a host sets, and until when. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>

static int count_random(uint8_t *octets, size_t length, void *user_data) {
    memset(octets, ++*(int *)user_data, length);
    return 0;
}

static int decide(const xmppbind_stream *stream, const char *jid, size_t length, void *user_data) {
    (void)stream;
    (void)jid;
    (void)length;
    ++*(int *)user_data;
    return XMPPBIND_CONFLICT_REJECT;
}

static void wake(xmppbind_stream *stream, void *stream_user_data, void *user_data) {
    (void)stream;
    (void)stream_user_data;
    ++*(int *)user_data;
}

static void write_log(int level, const char *message, size_t length, void *user_data) {
    (void)level;
    assert_int_equal(strlen(message), length);
    ++*(int *)user_data;
}

static void without_a_host_nothing_is_set(void **state) {
    uint32_t value;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_host_new(NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_option(NULL, XMPPBIND_OPTION_UNBIND, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_option_text(NULL, "unbind", 6, "on", 2), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_option_text(host, NULL, 6, "on", 2), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_option_text(host, "unbind", 6, NULL, 2), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_option(NULL, XMPPBIND_OPTION_UNBIND, &value), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_option(host, XMPPBIND_OPTION_UNBIND, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_random(NULL, count_random, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_conflict(NULL, decide, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_wakeup(NULL, wake, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_host_set_log(NULL, write_log, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(xmppbind_host_directory(NULL));
    xmppbind_host_free(NULL);
    xmppbind_host_free(host);
}

static void nothing_changes_while_there_are_streams(void **state) {
    int count = 0;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(xmppbind_host_set_option(host, XMPPBIND_OPTION_UNBIND, 0), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_host_set_option_text(host, "unbind", 6, "off", 3), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_host_set_random(host, count_random, &count), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_host_set_conflict(host, decide, &count), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_host_set_wakeup(host, wake, &count), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_host_set_log(host, write_log, &count), XMPPBIND_ERROR_STATE);
    assert_true((xmppbind_stream_offers(stream) & XMPPBIND_OFFER_UNBIND) != 0);
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_host_set_option(host, XMPPBIND_OPTION_UNBIND, 0), XMPPBIND_OK);
    xmppbind_host_free(host);
}

/* BIND-2 */
static void random_octets_come_from_the_host(void **state) {
    int count = 0;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_host_set_random(host, count_random, &count), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, NULL, 1), XMPPBIND_OK);
    test_expect(stream, "opened a@b/01010101010101010101010101010101\nanswer 1 a@b/01010101010101010101010101010101\n");
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_host_set_random(host, NULL, NULL), XMPPBIND_OK); /* the system's again */
    stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, NULL, 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, NULL, 2), XMPPBIND_OK);
    assert_int_equal(count, 1);
    assert_int_equal(xmppbind_stream_resource_count(stream), 2);
    assert_string_not_equal(xmppbind_stream_resource(stream, 0, NULL), xmppbind_stream_resource(stream, 1, NULL));
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* CONF-3 */
static void the_host_decides_about_conflicts(void **state) {
    int count = 0;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_host_set_conflict(host, decide, &count), XMPPBIND_OK);
    xmppbind_stream *one = test_stream(host, "a@b"), *two = test_stream(host, "a@b");
    assert_int_equal(test_bind(one, "c", 1), XMPPBIND_OK);
    assert_int_equal(count, 0);
    assert_int_equal(test_bind(two, "c", 2), XMPPBIND_OK);
    assert_int_equal(count, 1);
    test_expect(two, "answer 2 conflict\n");
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
}

static void a_wake_up_takes_the_place_of_the_ready_list(void **state) {
    int count = 0;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_host_set_wakeup(host, wake, &count), XMPPBIND_OK);
    xmppbind_stream *one = test_stream(host, "a@b"), *two = test_stream(host, "a@b");
    assert_int_equal(test_bind(one, "c", 1), XMPPBIND_OK);
    assert_int_equal(count, 0); /* what the call itself brings needs no wake-up */
    assert_int_equal(test_bind(two, "c", 2), XMPPBIND_OK);
    assert_int_equal(count, 1);
    assert_null(xmppbind_host_next_ready(host));
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
}

static int grant(const xmppbind_request *request, void *user_data) {
    return xmppbind_directory_accept(user_data, xmppbind_request_id(request), 5);
}

static int break_down(const xmppbind_request *request, void *user_data) {
    (void)request;
    (void)user_data;
    return 1;
}

/* UNBIND-9 */
static void a_failed_release_is_logged(void **state) {
    int count = 0;
    (void)state;
    for (int logged = 0; logged < 2; logged++) {
        xmppbind_host *host = test_host(NULL);
        xmppbind_directory *directory = xmppbind_host_directory(host);
        assert_int_equal(xmppbind_host_set_log(host, logged ? write_log : NULL, &count), XMPPBIND_OK);
        assert_int_equal(xmppbind_directory_set_claims(directory, grant, break_down, directory), XMPPBIND_OK);
        xmppbind_stream *stream = test_stream(host, "a@b");
        assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
        assert_int_equal(test_unbind(stream, "c", 2), XMPPBIND_OK);
        assert_int_equal(count, logged);
        test_expect(stream, "opened a@b/c\nanswer 1 a@b/c\nclosed a@b/c failed\nanswer 2 a@b/c\nclose\n");
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_host_nothing_is_set),
        cmocka_unit_test(nothing_changes_while_there_are_streams),
        cmocka_unit_test(random_octets_come_from_the_host),
        cmocka_unit_test(the_host_decides_about_conflicts),
        cmocka_unit_test(a_wake_up_takes_the_place_of_the_ready_list),
        cmocka_unit_test(a_failed_release_is_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
