/*
 * What happens between the directory's decision to take a resource from a stream and the stream's seeing it, in
 * whatever order the news come (CONF-4, CONF-7, FROM-9); and who is told about a claim that its client does not know of
 * yet.
 */
#include "tests/support/test_xml.h"
#include "tests/unit/storage_by_hand.h"

#include <pthread.h>

#define CHAMBER JULIET "/chamber"

/* A stream with its only resource, which evicts that by asking for a second one: the directory says so first. */
struct scene {
    struct by_hand hand;
    xmppbind_stream *stream;
    uint64_t id; /* of the second claim */
};

static void set_up(struct scene *scene) {
    by_hand_set_up(&scene->hand);
    test_option(scene->hand.host, "account-limit", "evict-oldest");
    test_option(scene->hand.host, "max-resources-per-account", "1");
    scene->stream = by_hand_bound(&scene->hand, "balcony", 1);
    scene->id = by_hand_bind(&scene->hand, scene->stream, "chamber");
    assert_int_equal(xmppbind_directory_evicted(scene->hand.directory, BALCONY, strlen(BALCONY), 1), XMPPBIND_OK);
}

static void tear_down(struct scene *scene) {
    by_hand_free(&scene->hand, scene->stream);
    by_hand_tear_down(&scene->hand);
}

static void expect_unknown_sender(xmppbind_stream *stream, const char *from) {
    const char *stamp;
    size_t length;
    assert_int_equal(
        xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, from, strlen(from), &stamp, &length, NULL, NULL),
        XMPPBIND_ERROR_UNKNOWN_SENDER);
}

static void its_own_bind_may_evict_the_last_resource(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    test_expect(scene.stream, "closed " BALCONY " evicted\n"); /* the bind is on its way: no reason to close */
    by_hand_accept(&scene.hand, scene.id, 2);
    test_expect(scene.stream, "opened " CHAMBER "\nanswer 1 " CHAMBER "\n");
    by_hand_holds(&scene.hand, CHAMBER, scene.stream, 2);
    expect_unknown_sender(scene.stream, BALCONY); /* FROM-4: its client knows of two */
    tear_down(&scene);
}

static void a_stanza_behind_it_waits_for_the_answer(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_receive(scene.stream, "<message id='old' from='" BALCONY "'/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message id='new' from='" CHAMBER "'/>"), XMPPBIND_OK);
    test_expect(scene.stream, "closed " BALCONY " evicted\n");
    by_hand_accept(&scene.hand, scene.id, 2);
    test_expect(scene.stream,
                "opened " CHAMBER "\nanswer 1 " CHAMBER "\n"
                "send <message type=\"error\" id=\"old\" to=\"" BALCONY "\"><error type=\"modify\"><unknown-sender "
                "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n"
                "route <message id=\"new\" from=\"" CHAMBER "\"/>\n");
    tear_down(&scene);
}

static void a_refusal_after_that_closes(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    test_expect(scene.stream, "closed " BALCONY " evicted\n");
    assert_int_equal(
        xmppbind_directory_reject(scene.hand.directory, scene.id, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR),
        XMPPBIND_OK);
    test_expect(scene.stream, "answer 1 internal-server-error\nclose conflict\n"); /* CONF-4 */
    tear_down(&scene);
}

static void no_answer_in_time_closes_too(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    test_expect(scene.stream, "closed " BALCONY " evicted\n");
    uint64_t deadline = xmppbind_stream_next_deadline(scene.stream, 1000);
    assert_int_equal(xmppbind_stream_expire(scene.stream, deadline), XMPPBIND_OK);
    test_expect(scene.stream, "answer 1 resource-constraint\nclose conflict\n"); /* BIND-12, CONF-4 */
    by_hand_accept(&scene.hand, scene.id, 2);                                    /* late: given back */
    by_hand_accept(&scene.hand, by_hand_last(&scene.hand, 3, XMPPBIND_REQUEST_RELEASE, CHAMBER)->id, 0);
    tear_down(&scene);
}

/* --- the evicting one is on another thread --- */

struct awakened {
    struct by_hand *hand;
    const xmppbind_stream *stream;
    pthread_t thread;
    int times;
};

static void note_wakeup(xmppbind_stream *stream, void *stream_data, void *user_data) {
    struct awakened *awakened = user_data;
    (void)stream_data;
    awakened->stream = stream;
    awakened->thread = pthread_self();
    awakened->times++;
}

static void *evict(void *data) {
    const struct awakened *awakened = data;
    const xmppbind_directory *directory = awakened->hand->directory;
    int result = xmppbind_directory_evicted((xmppbind_directory *)(uintptr_t)directory, BALCONY, strlen(BALCONY), 1);
    return result == XMPPBIND_OK ? data : NULL;
}

static void expect_event(xmppbind_stream *stream, int kind, uint64_t claim) {
    xmppbind_event *event;
    assert_int_equal(xmppbind_stream_next_event(stream, &event), 1);
    assert_int_equal(xmppbind_event_kind(event), kind);
    assert_int_equal(xmppbind_event_claim(event), claim);
}

static void the_loser_is_told_on_the_thread_of_the_eviction(void **state) {
    struct by_hand hand;
    struct awakened awakened = {&hand, NULL, pthread_self(), 0};
    pthread_t thread;
    void *result;
    (void)state;
    memset(&hand, 0, sizeof hand);
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_host_set_wakeup(hand.host, note_wakeup, &awakened), XMPPBIND_OK);
    xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 1);
    uint64_t id = by_hand_bind(&hand, stream, "chamber");
    by_hand_accept(&hand, id, 2);
    test_drain_all(stream);
    int before = awakened.times;
    assert_int_equal(test_receive(stream, "<message from='" BALCONY "'/>"), XMPPBIND_OK);
    assert_int_equal(pthread_create(&thread, NULL, evict, &awakened), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &awakened);
    assert_int_equal(awakened.times, before + 1);
    assert_ptr_equal(awakened.stream, stream);
    assert_true(pthread_equal(awakened.thread, thread));
    assert_null(xmppbind_host_find(hand.host, BALCONY, strlen(BALCONY), NULL));
    expect_unknown_sender(stream, BALCONY);
    expect_event(stream, XMPPBIND_EVENT_ROUTE, 1); /* stamped before */
    expect_event(stream, XMPPBIND_EVENT_CLOSED, 1);
    test_expect(stream, "");
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

/* BIND-15: whoever delivers to the JID before would write before the answer. */
static void a_claim_is_found_when_its_stream_has_seen_it(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, stream, "balcony");
    by_hand_accept(&hand, id, 7);
    assert_null(xmppbind_host_find(hand.host, BALCONY, strlen(BALCONY), NULL));
    test_drain_all(stream);
    by_hand_holds(&hand, BALCONY, stream, 7);
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

/* The JID is another's by now, and there is no memory to say so: what waits must not go out under it (FROM-9). */
static void without_memory_nothing_is_stamped_with_what_was_lost(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *loser = by_hand_bound(&hand, "balcony", 1), *winner = test_stream(hand.host, JULIET);
    assert_int_equal(test_receive(loser, "<message id='first'/>"), XMPPBIND_OK);
    uint64_t waiting = by_hand_bind(&hand, loser, "chamber");
    assert_int_equal(test_receive(loser, "<message id='waits' from='" BALCONY "'/>"), XMPPBIND_OK);
    uint64_t id = by_hand_bind(&hand, winner, "balcony");
    assert_int_equal(xmppbind_directory_evicted(hand.directory, BALCONY, strlen(BALCONY), 1), XMPPBIND_OK);
    by_hand_accept(&hand, id, 2);
    test_drain_all(winner);
    test_allocator_fail(&hand.source, 1, 1);
    assert_int_equal(xmppbind_stream_disconnect(loser), XMPPBIND_OK);
    test_allocator_fail(&hand.source, 0, 0);
    test_expect(loser, "route <message id=\"first\" from=\"" BALCONY "\"/>\nclosed " BALCONY " evicted\n");
    by_hand_accept(&hand, waiting, 3);
    by_hand_accept(&hand, by_hand_last(&hand, 4, XMPPBIND_REQUEST_RELEASE, CHAMBER)->id, 0);
    by_hand_free(&hand, loser);
    by_hand_free(&hand, winner);
    by_hand_tear_down(&hand);
}

/* The same, in the middle of a release (UNBIND-1), and others are left: what they sent goes out, and what is told at
 * the end names each of them once. */
static void without_memory_the_stanzas_of_the_others_go_out(void **state) {
    static const char *const resources[] = {"balcony", "chamber", "garden", "orchard"};
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = test_stream(hand.host, JULIET);
    for (uint64_t i = 0; i < 4; i++)
        by_hand_accept(&hand, by_hand_bind(&hand, stream, resources[i]), i + 1);
    test_drain_all(stream);
    assert_int_equal(test_receive(stream, "<message id='first' from='" BALCONY "'/>"), XMPPBIND_OK);
    assert_int_equal(test_unbind(stream, "garden", 2), XMPPBIND_OK);
    assert_int_equal(test_receive(stream, "<message id='waits' from='" JULIET "/orchard'/>"), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_evicted(hand.directory, CHAMBER, strlen(CHAMBER), 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_evicted(hand.directory, BALCONY, strlen(BALCONY), 1), XMPPBIND_OK);
    test_allocator_fail(&hand.source, 1, 1);
    assert_int_equal(xmppbind_stream_disconnect(stream), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_resource_count(stream), 4);
    test_allocator_fail(&hand.source, 0, 0);
    test_expect(stream, "route <message id=\"first\" from=\"" BALCONY "\"/>\n"
                        "route <message id=\"waits\" from=\"" JULIET "/orchard\"/>\n"
                        "closed " BALCONY " evicted\nclosed " CHAMBER " evicted\n"
                        "closed " JULIET "/garden disconnected\nclosed " JULIET "/orchard disconnected\n");
    for (size_t i = 4; i < hand.count; i++)
        by_hand_accept(&hand, hand.asked[i].id, 0);
    assert_int_equal(hand.count, 6); /* what was evicted is not released */
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

/* --- a stream that is freed by the storage that it asks --- */

static xmppbind_stream *victim;
static int calls_until_free; /* of claims; 0: never */

static int freeing_callback(const xmppbind_request *request, void *user_data) {
    const struct by_hand *hand = user_data;
    if (xmppbind_request_kind(request) == XMPPBIND_REQUEST_RELEASE)
        return xmppbind_directory_accept(hand->directory, xmppbind_request_id(request), 0);
    if (calls_until_free > 0 && --calls_until_free == 0)
        xmppbind_stream_free(victim);
    return by_hand_callback(request, user_data);
}

/* It holds one resource and waits for the directory's word on another; a third bind behind that will free the stream.
 */
static void set_up_victim(struct by_hand *hand) {
    memset(hand, 0, sizeof *hand);
    test_allocator_set_up(&hand->source);
    hand->host = test_host(hand->source.allocator);
    hand->directory = xmppbind_host_directory(hand->host);
    assert_int_equal(xmppbind_directory_set_claims(hand->directory, freeing_callback, freeing_callback, hand),
                     XMPPBIND_OK);
    victim = by_hand_bound(hand, "balcony", 1);
    uint64_t id = by_hand_bind(hand, victim, "chamber");
    assert_int_equal(test_bind(victim, "garden", 2), XMPPBIND_OK);
    by_hand_accept(hand, id, 2);
    calls_until_free = 1;
}

static void tear_down_victim(struct by_hand *hand) {
    by_hand_accept(hand, hand->asked[2].id, 3); /* of a stream that is gone */
    by_hand_tear_down(hand);
}

static void a_stamp_of_a_stream_freed_meanwhile_is_none(void **state) {
    struct by_hand hand;
    const char *stamp = NULL;
    size_t length = 0;
    (void)state;
    set_up_victim(&hand);
    assert_int_equal(
        xmppbind_stream_stamp(victim, XMPPBIND_STANZA_IQ, BALCONY, strlen(BALCONY), &stamp, &length, NULL, NULL),
        XMPPBIND_ERROR_CLOSED);
    assert_null(stamp);
    tear_down_victim(&hand);
}

static void a_stream_freed_meanwhile_has_no_more_events(void **state) {
    struct by_hand hand;
    xmppbind_event *event = NULL;
    (void)state;
    set_up_victim(&hand);
    assert_int_equal(xmppbind_stream_next_event(victim, &event), 0);
    assert_null(event);
    tear_down_victim(&hand);
}

static int rename_and_free_callback(const xmppbind_request *request, void *user_data) {
    struct by_hand *hand = user_data;
    if (calls_until_free == 0 || --calls_until_free > 0)
        return by_hand_callback(request, user_data);
    xmppbind_stream_free(victim);
    test_allocator_fail(&hand->source, 1, 1);
    return xmppbind_directory_reject(hand->directory, xmppbind_request_id(request), XMPPBIND_CONDITION_CONFLICT);
}

/* Nor is it to be drained again later, though there is no memory for the next generated name (CONF-3). */
static void a_stream_freed_meanwhile_wants_no_memory(void **state) {
    struct by_hand hand;
    xmppbind_event *event = NULL;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(
        xmppbind_directory_set_claims(hand.directory, rename_and_free_callback, rename_and_free_callback, &hand),
        XMPPBIND_OK);
    test_option(hand.host, "conflict", "rename");
    victim = test_stream(hand.host, JULIET);
    uint64_t id = by_hand_bind(&hand, victim, "balcony");
    assert_int_equal(xmppbind_directory_reject(hand.directory, id, XMPPBIND_CONDITION_CONFLICT), XMPPBIND_OK);
    calls_until_free = 1;
    assert_int_equal(xmppbind_stream_next_event(victim, &event), 0);
    assert_int_equal(calls_until_free, 0);
    assert_true(hand.source.refused > 0);
    assert_int_equal(xmppbind_directory_pending(hand.directory), 0);
    by_hand_tear_down(&hand);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_bind_may_evict_the_last_resource),
        cmocka_unit_test(a_stanza_behind_it_waits_for_the_answer),
        cmocka_unit_test(a_refusal_after_that_closes),
        cmocka_unit_test(no_answer_in_time_closes_too),
        cmocka_unit_test(the_loser_is_told_on_the_thread_of_the_eviction),
        cmocka_unit_test(a_claim_is_found_when_its_stream_has_seen_it),
        cmocka_unit_test(without_memory_nothing_is_stamped_with_what_was_lost),
        cmocka_unit_test(without_memory_the_stanzas_of_the_others_go_out),
        cmocka_unit_test(a_stamp_of_a_stream_freed_meanwhile_is_none),
        cmocka_unit_test(a_stream_freed_meanwhile_has_no_more_events),
        cmocka_unit_test(a_stream_freed_meanwhile_wants_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
