/* The life of a claim, seen from the directory that answers it: accepted, rejected, too late, in the wrong order. */
#include "tests/unit/storage_by_hand.h"

static void an_answer_is_taken_once(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    by_hand_holds(&hand, BALCONY, NULL, 0); /* "later" grants nothing */
    test_expect(stream, "");
    by_hand_accept(&hand, id, 7);
    by_hand_holds(&hand, BALCONY, stream, 7);
    assert_int_equal(xmppbind_directory_accept(hand.directory, id, 8), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_reject(hand.directory, id, XMPPBIND_CONDITION_CONFLICT),
                     XMPPBIND_ERROR_UNKNOWN_REQUEST);
    by_hand_holds(&hand, BALCONY, stream, 7);
    test_expect(stream, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

static void what_nobody_asked_is_refused(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_directory_accept(NULL, 1, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_reject(NULL, 1, XMPPBIND_CONDITION_CONFLICT), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    assert_int_equal(xmppbind_directory_accept(hand.directory, 0, 1), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_accept(hand.directory, id + ((uint64_t)1 << 32), 1),
                     XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_reject(hand.directory, id + 16, 1), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 1);
    test_expect(stream, "");
    by_hand_accept(&hand, id, 1);
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

static void a_claim_number_is_not_0(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    assert_int_equal(xmppbind_directory_accept(hand.directory, id, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 1); /* it is still open */
    test_expect(stream, "");
    by_hand_accept(&hand, id, UINT64_MAX);
    by_hand_holds(&hand, BALCONY, stream, UINT64_MAX);
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

/* BIND-12: the client always gets an answer, and nothing stays claimed. */
static void bind_12_the_condition_of_a_rejection(void **state) {
    static const struct {
        int condition;
        const char *answer;
    } rows[] = {
        {XMPPBIND_CONDITION_NONE, "answer 1 internal-server-error\n"},
        {XMPPBIND_CONDITION_BAD_REQUEST, "answer 1 bad-request\n"},
        {XMPPBIND_CONDITION_CONFLICT, "answer 1 conflict\n"},
        {XMPPBIND_CONDITION_RESOURCE_LIMIT, "answer 1 resource-constraint\n"},
        {XMPPBIND_CONDITION_POLICY_VIOLATION, "answer 1 policy-violation\n"},
        {XMPPBIND_CONDITION_LIST_IN_USE + 1, "answer 1 internal-server-error\n"},
        {1000000, "answer 1 internal-server-error\n"},
        {-1, "answer 1 internal-server-error\n"},
    };
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    test_option(hand.host, "conflict", "reject");
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t id = by_hand_bind(&hand, stream, "balcony");
        assert_int_equal(xmppbind_directory_reject(hand.directory, id, rows[i].condition), XMPPBIND_OK);
        test_expect(stream, rows[i].answer);
        by_hand_holds(&hand, BALCONY, NULL, 0);
        assert_int_equal(xmppbind_directory_pending(hand.directory), 0);
    }
    by_hand_free(&hand, stream);
    assert_int_equal(hand.count, sizeof rows / sizeof rows[0]); /* nothing to release */
    by_hand_tear_down(&hand);
}

/* CONF-8: the news that a claim is over may overtake the news that it was granted. */
static void conf_8_evicted_before_it_was_accepted(void **state) {
    static const struct {
        uint64_t over[2], granted;
        int is_over;
    } rows[] = {{{5, 5}, 5, 1}, {{5, 3}, 4, 1}, {{3, 5}, 4, 1}, {{5, 3}, 6, 0}, {{3, 5}, 6, 0}, {{0, 0}, 1, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct by_hand hand;
        by_hand_set_up(&hand);
        xmppbind_stream *stream = test_stream(hand.host, JULIET);
        uint64_t id = by_hand_bind(&hand, stream, "balcony");
        for (int j = 0; j < 2; j++)
            assert_int_equal(xmppbind_directory_evicted(hand.directory, BALCONY, sizeof BALCONY - 1, rows[i].over[j]),
                             XMPPBIND_ERROR_UNKNOWN_CLAIM);
        by_hand_accept(&hand, id, rows[i].granted);
        by_hand_holds(&hand, BALCONY, rows[i].is_over ? NULL : stream, rows[i].is_over ? 0 : rows[i].granted);
        test_expect(stream, rows[i].is_over ? "opened " BALCONY "\nanswer 1 " BALCONY "\nclosed " BALCONY
                                              " evicted\nclose conflict\n"
                                            : "opened " BALCONY "\nanswer 1 " BALCONY "\n");
        by_hand_free(&hand, stream);
        assert_int_equal(hand.count, rows[i].is_over ? 1 : 2); /* what was evicted is not released */
        by_hand_tear_down(&hand);
    }
}

/* The eviction of one JID does not touch what is asked for another. */
static void conf_8_an_eviction_names_its_jid(void **state) {
    static const char *const others[] = {JULIET "/balconx", JULIET "/balcon", JULIET "/balcony2", "juliet@x/balcony"};
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(xmppbind_directory_evicted(hand.directory, others[i], strlen(others[i]), 5),
                         XMPPBIND_ERROR_UNKNOWN_CLAIM);
    by_hand_accept(&hand, id, 4);
    by_hand_holds(&hand, BALCONY, stream, 4);
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

/* CONF-5: two claims for one JID are accepted and no eviction was told; the higher number is in force. */
static void conf_5_of_two_claims_the_higher_number_holds(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *first = by_hand_bound(&hand, "balcony", 7);
    xmppbind_stream *second = test_stream(hand.host, JULIET), *third = test_stream(hand.host, JULIET);
    by_hand_accept(&hand, by_hand_bind(&hand, second, "balcony"), 6);
    by_hand_holds(&hand, BALCONY, first, 7);
    test_expect(second, "opened " BALCONY "\nanswer 1 " BALCONY "\nclosed " BALCONY " evicted\nclose conflict\n");
    by_hand_accept(&hand, by_hand_bind(&hand, third, "balcony"), 8);
    by_hand_holds(&hand, BALCONY, third, 8);
    test_expect(third, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    test_expect(first, "closed " BALCONY " evicted\nclose conflict\n");
    by_hand_free(&hand, first);
    by_hand_free(&hand, second);
    assert_int_equal(hand.count, 3); /* nobody asked to release what another holds */
    by_hand_free(&hand, third);
    by_hand_tear_down(&hand);
}

struct woken {
    const xmppbind_stream *streams[8];
    size_t count;
};

static void note_woken(xmppbind_stream *stream, void *stream_user_data, void *user_data) {
    struct woken *woken = user_data;
    (void)stream_user_data;
    assert_in_range(woken->count, 0, 7);
    woken->streams[woken->count++] = stream;
}

/* Whoever has something to drain that no call on it caused is woken: once, the loser of a JID before its winner. */
static void an_answer_wakes_its_stream_and_the_loser(void **state) {
    struct by_hand hand;
    struct woken woken = {{NULL}, 0};
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_host_set_wakeup(hand.host, note_woken, &woken), XMPPBIND_OK);
    xmppbind_stream *first = by_hand_bound(&hand, "balcony", 1), *second = test_stream(hand.host, JULIET);
    assert_int_equal(woken.count, 1);
    assert_ptr_equal(woken.streams[0], first);
    by_hand_accept(&hand, by_hand_bind(&hand, second, "balcony"), 2);
    assert_int_equal(woken.count, 3);
    assert_ptr_equal(woken.streams[1], first);
    assert_ptr_equal(woken.streams[2], second);
    test_drain_all(second);
    uint64_t id = by_hand_bind(&hand, second, "garden");
    assert_int_equal(xmppbind_directory_reject(hand.directory, id, XMPPBIND_CONDITION_NOT_ALLOWED), XMPPBIND_OK);
    assert_int_equal(woken.count, 4);
    assert_ptr_equal(woken.streams[3], second);
    assert_null(xmppbind_host_next_ready(hand.host));
    by_hand_free(&hand, first);
    by_hand_free(&hand, second);
    assert_int_equal(woken.count, 4); /* who has gone is not woken */
    by_hand_tear_down(&hand);
}

/* BIND-12: the client has gone; what is granted to it is given back at once, under its number. */
static void bind_12_a_claim_that_nobody_waits_for_is_released(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    xmppbind_stream_free(stream);
    assert_int_equal(hand.count, 1); /* nothing is held yet */
    by_hand_accept(&hand, id, 7);
    const struct by_hand_request *release = by_hand_last(&hand, 2, XMPPBIND_REQUEST_RELEASE, BALCONY);
    assert_int_equal(release->claim, 7);
    assert_int_not_equal(release->id, id);
    by_hand_holds(&hand, BALCONY, NULL, 0);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 1);
    by_hand_accept(&hand, release->id, 0);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 0);
    by_hand_tear_down(&hand);
}

static void bind_12_a_refusal_that_nobody_waits_for_is_over(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_directory_reject(hand.directory, id, XMPPBIND_CONDITION_CONFLICT), XMPPBIND_OK);
    assert_int_equal(hand.count, 1);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 0);
    by_hand_tear_down(&hand);
}

/* The directory has taken the JID from its holder for it all the same. */
static void conf_5_a_claim_that_nobody_waits_for_still_evicts(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *holder = by_hand_bound(&hand, "balcony", 1), *gone = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, gone, "balcony");
    xmppbind_stream_free(gone);
    by_hand_accept(&hand, id, 2);
    assert_int_equal(by_hand_last(&hand, 3, XMPPBIND_REQUEST_RELEASE, BALCONY)->claim, 2);
    by_hand_accept(&hand, hand.asked[2].id, 0);
    test_expect(holder, "closed " BALCONY " evicted\nclose conflict\n");
    by_hand_free(&hand, holder);
    assert_int_equal(hand.count, 3);
    by_hand_tear_down(&hand);
}

/* Any return value but 0 is a rejection with internal-server-error. */
static void bind_12_unbind_9_the_callback_fails(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 1);
    hand.result = -1;
    (void)by_hand_bind(&hand, stream, "garden");
    test_expect(stream, "answer 1 internal-server-error\n");
    assert_int_equal(test_unbind(stream, "balcony", 2), XMPPBIND_OK);
    test_expect(stream, "closed " BALCONY " failed\nanswer 2 " BALCONY "\nclose\n");
    assert_int_equal(xmppbind_directory_pending(hand.directory), 0);
    by_hand_free(&hand, stream);
    stream = test_stream(hand.host, JULIET);
    hand.result = 0;
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    xmppbind_stream_free(stream);
    hand.result = 1;
    by_hand_accept(&hand, id, 2); /* and the release that follows fails */
    assert_int_equal(by_hand_last(&hand, 5, XMPPBIND_REQUEST_RELEASE, BALCONY)->claim, 2);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 0);
    by_hand_tear_down(&hand);
}

static int accept_and_fail(const xmppbind_request *request, void *user_data) {
    struct by_hand *hand = user_data;
    (void)by_hand_callback(request, user_data);
    by_hand_accept(hand, xmppbind_request_id(request), 9);
    return -1;
}

/* Unless an answer was given before. */
static void an_answer_inside_a_failing_callback_stands(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_directory_set_claims(hand.directory, accept_and_fail, accept_and_fail, &hand),
                     XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    (void)by_hand_bind(&hand, stream, "balcony");
    test_expect(stream, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    by_hand_holds(&hand, BALCONY, stream, 9);
    assert_int_equal(test_unbind(stream, "balcony", 2), XMPPBIND_OK);
    test_expect(stream, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\nclose\n");
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

static void count_warning(int level, const char *message, size_t length, void *user_data) {
    assert_int_equal(level, XMPPBIND_LOG_WARNING);
    assert_int_equal(strlen(message), length);
    ++*(int *)user_data;
}

/* UNBIND-9: the client is free of it, the host is told; also when the client has gone. */
static void unbind_9_a_release_is_rejected(void **state) {
    struct by_hand hand;
    int warnings = 0;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_host_set_log(hand.host, count_warning, &warnings), XMPPBIND_OK);
    xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 3), *gone = by_hand_bound(&hand, "garden", 4);
    assert_int_equal(test_unbind(stream, "balcony", 2), XMPPBIND_OK);
    const struct by_hand_request *release = by_hand_last(&hand, 3, XMPPBIND_REQUEST_RELEASE, BALCONY);
    assert_int_equal(release->claim, 3);
    by_hand_holds(&hand, BALCONY, NULL, 0);
    test_expect(stream, "");
    assert_int_equal(warnings, 0);
    assert_int_equal(xmppbind_directory_reject(hand.directory, release->id, XMPPBIND_CONDITION_NONE), XMPPBIND_OK);
    assert_int_equal(warnings, 1);
    test_expect(stream, "closed " BALCONY " failed\nanswer 2 " BALCONY "\nclose\n");
    xmppbind_stream_free(gone);
    release = by_hand_last(&hand, 4, XMPPBIND_REQUEST_RELEASE, JULIET "/garden");
    assert_int_equal(xmppbind_directory_reject(hand.directory, release->id, XMPPBIND_CONDITION_NOT_ALLOWED),
                     XMPPBIND_OK);
    assert_int_equal(warnings, 2);
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

/* What is refused before it was granted is no such case. */
static void bind_12_a_refusal_is_no_failed_release(void **state) {
    struct by_hand hand;
    int warnings = 0;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_host_set_log(hand.host, count_warning, &warnings), XMPPBIND_OK);
    xmppbind_stream *stream = by_hand_bound(&hand, "garden", 1);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    assert_int_equal(xmppbind_directory_reject(hand.directory, id, XMPPBIND_CONDITION_NOT_ALLOWED), XMPPBIND_OK);
    test_expect(stream, "answer 1 not-allowed\n");
    by_hand_free(&hand, stream);
    assert_int_equal(warnings, 0);
    by_hand_tear_down(&hand);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_taken_once),
        cmocka_unit_test(what_nobody_asked_is_refused),
        cmocka_unit_test(a_claim_number_is_not_0),
        cmocka_unit_test(bind_12_the_condition_of_a_rejection),
        cmocka_unit_test(conf_8_evicted_before_it_was_accepted),
        cmocka_unit_test(conf_8_an_eviction_names_its_jid),
        cmocka_unit_test(conf_5_of_two_claims_the_higher_number_holds),
        cmocka_unit_test(an_answer_wakes_its_stream_and_the_loser),
        cmocka_unit_test(bind_12_a_claim_that_nobody_waits_for_is_released),
        cmocka_unit_test(bind_12_a_refusal_that_nobody_waits_for_is_over),
        cmocka_unit_test(conf_5_a_claim_that_nobody_waits_for_still_evicts),
        cmocka_unit_test(bind_12_unbind_9_the_callback_fails),
        cmocka_unit_test(an_answer_inside_a_failing_callback_stands),
        cmocka_unit_test(unbind_9_a_release_is_rejected),
        cmocka_unit_test(bind_12_a_refusal_is_no_failed_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
