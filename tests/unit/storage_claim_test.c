/* The life of a claim: answers in every order, after every end. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>

#define BALCONY "juliet@capulet.example/balcony"

/* A storage that only notes what it is asked. */
struct notes {
    xmppbind_directory *directory;
    int count;
    int kinds[8];
    uint64_t ids[8];
    uint64_t claims[8];
};

static int note(const xmppbind_request *request, void *user_data) {
    struct notes *notes = user_data;
    assert_true(notes->count < 8);
    notes->kinds[notes->count] = xmppbind_request_kind(request);
    notes->claims[notes->count] = xmppbind_request_claim(request);
    notes->ids[notes->count++] = xmppbind_request_id(request);
    return 0;
}

static xmppbind_host *set_up(struct notes *notes) {
    xmppbind_host *host = test_host(NULL);
    memset(notes, 0, sizeof *notes);
    notes->directory = xmppbind_host_directory(host);
    assert_int_equal(xmppbind_directory_set_claims(notes->directory, note, note, notes), XMPPBIND_OK);
    return host;
}

static void an_answer_needs_a_request_and_a_number(void **state) {
    struct notes notes;
    xmppbind_host *host = set_up(&notes);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_accept(NULL, notes.ids[0], 5), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[0], 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[0] + 1, 5), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_accept(notes.directory, 0, 5), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[0] + (UINT64_C(1) << 32), 5),
                     XMPPBIND_ERROR_UNKNOWN_REQUEST);
    test_expect(stream, "");
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[0], 5), XMPPBIND_OK);
    test_expect(stream, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    xmppbind_stream_free(stream);
    assert_int_equal(notes.count, 2);
    assert_int_equal(notes.claims[1], 5);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[1], 0), XMPPBIND_OK);
    xmppbind_host_free(host);
}

static void a_rejection_has_a_condition(void **state) {
    static const struct {
        int given;
        const char *answer;
    } cases[] = {{XMPPBIND_CONDITION_RESOURCE_LIMIT, "answer 1 resource-constraint\n"},
                 {XMPPBIND_CONDITION_NOT_ALLOWED, "answer 1 not-allowed\n"},
                 {XMPPBIND_CONDITION_NONE, "answer 1 internal-server-error\n"},
                 {-1, "answer 1 internal-server-error\n"},
                 {9999, "answer 1 internal-server-error\n"}};
    struct notes notes;
    xmppbind_host *host = set_up(&notes);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
        assert_int_equal(xmppbind_directory_reject(notes.directory, notes.ids[i], cases[i].given), XMPPBIND_OK);
        test_expect(stream, cases[i].answer);
    }
    assert_int_equal(xmppbind_directory_reject(NULL, 1, XMPPBIND_CONDITION_CONFLICT), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* CONF-5: of two claims for one JID the higher number is in force, whichever acceptance comes first. */
static void the_later_claim_wins_though_accepted_first(void **state) {
    struct notes notes;
    xmppbind_host *host = set_up(&notes);
    xmppbind_stream *one = test_stream(host, "juliet@capulet.example");
    xmppbind_stream *two = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(one, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(two, "balcony", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[1], 8), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[0], 7), XMPPBIND_OK);
    test_expect(two, "opened " BALCONY "\nanswer 2 " BALCONY "\n");
    test_expect(one, "opened " BALCONY "\nanswer 1 " BALCONY "\nclosed " BALCONY " evicted\nclose conflict\n");
    assert_ptr_equal(xmppbind_host_find(host, BALCONY, strlen(BALCONY), NULL), two);
    xmppbind_stream_free(one);
    assert_int_equal(notes.count, 2); /* nothing to release: the directory gave it to the other */
    xmppbind_stream_free(two);
    assert_int_equal(notes.count, 3);
    assert_int_equal(notes.claims[2], 8);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[2], 0), XMPPBIND_OK);
    xmppbind_host_free(host);
}

static void an_eviction_may_overtake_the_acceptance(void **state) {
    struct notes notes;
    xmppbind_host *host = set_up(&notes);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_evicted(notes.directory, BALCONY, strlen(BALCONY), 7),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM); /* not yet, but noted */
    assert_int_equal(xmppbind_directory_evicted(notes.directory, BALCONY, strlen(BALCONY), 6),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM); /* older news */
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[0], 7), XMPPBIND_OK);
    test_expect(stream, "opened " BALCONY "\nanswer 1 " BALCONY "\nclosed " BALCONY " evicted\nclose conflict\n");
    xmppbind_stream_free(stream);
    assert_int_equal(notes.count, 1);
    xmppbind_host_free(host);
}

/* BIND-12: nobody waits any longer, so what is accepted goes back at once. */
static void an_acceptance_after_the_end_is_released(void **state) {
    struct notes notes;
    xmppbind_host *host = set_up(&notes);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    xmppbind_stream_free(stream);
    assert_int_equal(notes.count, 1);
    assert_int_equal(xmppbind_directory_accept(notes.directory, notes.ids[0], 7), XMPPBIND_OK);
    assert_int_equal(notes.count, 2);
    assert_int_equal(notes.kinds[1], XMPPBIND_REQUEST_RELEASE);
    assert_int_equal(notes.claims[1], 7);
    assert_int_equal(xmppbind_directory_pending(notes.directory), 1);
    assert_int_equal(xmppbind_directory_reject(notes.directory, notes.ids[1], XMPPBIND_CONDITION_CONFLICT),
                     XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_pending(notes.directory), 0);
    xmppbind_host_free(host);
}

static void a_rejection_after_the_end_ends_it(void **state) {
    struct notes notes;
    xmppbind_host *host = set_up(&notes);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_directory_reject(notes.directory, notes.ids[0], XMPPBIND_CONDITION_CONFLICT),
                     XMPPBIND_OK);
    assert_int_equal(notes.count, 1);
    assert_int_equal(xmppbind_directory_pending(notes.directory), 0);
    xmppbind_host_free(host);
}

static void what_is_never_answered_goes_with_the_host(void **state) {
    struct notes notes;
    xmppbind_host *host = set_up(&notes);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    xmppbind_stream_free(stream);
    assert_int_equal(xmppbind_directory_pending(notes.directory), 1);
    xmppbind_host_free(host); /* the sanitizer finds what is left */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_needs_a_request_and_a_number),
        cmocka_unit_test(a_rejection_has_a_condition),
        cmocka_unit_test(the_later_claim_wins_though_accepted_first),
        cmocka_unit_test(an_eviction_may_overtake_the_acceptance),
        cmocka_unit_test(an_acceptance_after_the_end_is_released),
        cmocka_unit_test(a_rejection_after_the_end_ends_it),
        cmocka_unit_test(what_is_never_answered_goes_with_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
