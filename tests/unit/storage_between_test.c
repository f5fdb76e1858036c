/*
 * Between the directory's decision to take a resource away and the eviction on its stream: each sentence of storage.h
 * (and of xmppbind_host_find() and xmppbind_host_free()) about who may still send, what the host sees, and which
 * numbers there are.
 */
#include "storage_by_hand.h"
#include "tests/support/test_xml.h"

#define CHAMBER JULIET "/chamber"

/* A stream that holds balcony under number 1 and chamber under number 2. */
struct scene {
    struct by_hand hand;
    xmppbind_stream *stream;
};

static void set_up(struct scene *scene) {
    by_hand_set_up(&scene->hand);
    scene->stream = by_hand_bound(&scene->hand, "balcony", 1);
    by_hand_accept(&scene->hand, by_hand_bind(&scene->hand, scene->stream, "chamber"), 2);
    test_drain_all(scene->stream);
    assert_ptr_equal(xmppbind_host_next_ready(scene->hand.host), scene->stream);
}

static void tear_down(struct scene *scene) {
    by_hand_free(&scene->hand, scene->stream);
    by_hand_tear_down(&scene->hand);
}

static int evicted(struct by_hand *hand, const char *jid, uint64_t claim) {
    return xmppbind_directory_evicted(hand->directory, jid, strlen(jid), claim);
}

static xmppbind_stream *find(struct by_hand *hand, const char *jid, uint64_t *claim) {
    return xmppbind_host_find(hand->host, jid, strlen(jid), claim);
}

/* What its stanza from `from` becomes: the result of stamping. */
static int stamp(xmppbind_stream *stream, const char *from) {
    const char *text;
    size_t length;
    return xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, from, strlen(from), &text, &length, NULL, NULL);
}

static void expect_found(struct by_hand *hand, const char *jid, xmppbind_stream *stream, uint64_t claim) {
    uint64_t number = 0;
    assert_ptr_equal(find(hand, jid, &number), stream);
    assert_int_equal(number, claim);
}

/* --- until it is told --- */

static void until_the_eviction_is_told_the_old_number_goes_on(void **state) {
    struct scene scene;
    xmppbind_event *event;
    (void)state;
    set_up(&scene);
    xmppbind_stream *other = test_stream(scene.hand.host, JULIET);
    uint64_t id = by_hand_bind(&scene.hand, other, "balcony"); /* and the directory has decided */
    expect_found(&scene.hand, BALCONY, scene.stream, 1);
    assert_int_equal(stamp(scene.stream, BALCONY), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message from='" BALCONY "'/>"), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_next_event(scene.stream, &event), 1);
    assert_int_equal(xmppbind_event_kind(event), XMPPBIND_EVENT_ROUTE);
    assert_int_equal(xmppbind_event_claim(event), 1);
    assert_int_equal(evicted(&scene.hand, BALCONY, 1), XMPPBIND_OK);
    by_hand_accept(&scene.hand, id, 3);
    test_drain_all(other);
    expect_found(&scene.hand, BALCONY, other, 3);
    by_hand_free(&scene.hand, other);
    tear_down(&scene);
}

/* CONF-8 */
static void over_two_nodes_the_numbers_tell_them_apart(void **state) {
    struct by_hand hands[2];
    xmppbind_stream *streams[2];
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        by_hand_set_up(&hands[i]);
        streams[i] = by_hand_bound(&hands[i], "balcony", i + 1);
    }
    for (unsigned i = 0; i < 2; i++)
        expect_found(&hands[i], BALCONY, streams[i], i + 1);
    assert_int_equal(evicted(&hands[1], BALCONY, 1), XMPPBIND_ERROR_UNKNOWN_CLAIM); /* the message went to all nodes */
    assert_int_equal(evicted(&hands[0], BALCONY, 1), XMPPBIND_OK);
    expect_found(&hands[1], BALCONY, streams[1], 2);
    assert_null(find(&hands[0], BALCONY, NULL));
    for (unsigned i = 0; i < 2; i++) {
        by_hand_free(&hands[i], streams[i]);
        by_hand_tear_down(&hands[i]);
    }
}

/* CONF-5 */
static void on_one_node_the_acceptance_ends_the_old_claim_too(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    xmppbind_stream *other = test_stream(scene.hand.host, JULIET);
    by_hand_accept(&scene.hand, by_hand_bind(&scene.hand, other, "balcony"), 3);
    assert_null(find(&scene.hand, BALCONY, NULL)); /* not the old one any longer, not the new one yet */
    assert_int_equal(stamp(scene.stream, BALCONY), XMPPBIND_ERROR_UNKNOWN_SENDER);
    assert_int_equal(evicted(&scene.hand, BALCONY, 1), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    test_expect(scene.stream, "closed " BALCONY " evicted\n");
    by_hand_free(&scene.hand, other);
    tear_down(&scene);
}

/* --- from then on --- */

static int call_stamp(struct scene *scene) {
    assert_int_equal(stamp(scene->stream, BALCONY), XMPPBIND_ERROR_UNKNOWN_SENDER);
    return XMPPBIND_OK;
}

static int call_receive(struct scene *scene) {
    return test_receive(scene->stream, "<message from='" BALCONY "'/>");
}

static int call_unbind(struct scene *scene) {
    return test_unbind(scene->stream, "balcony", 2);
}

static int call_bind(struct scene *scene) {
    return test_bind(scene->stream, "balcony", 2);
}

static int call_expire(struct scene *scene) {
    return xmppbind_stream_expire(scene->stream, 1000);
}

static int call_deadline(struct scene *scene) {
    return xmppbind_stream_next_deadline(scene->stream, 1000) == 1000 ? XMPPBIND_OK : XMPPBIND_ERROR_STATE;
}

static int call_disconnect(struct scene *scene) {
    return xmppbind_stream_disconnect(scene->stream);
}

static const struct call {
    int (*call)(struct scene *scene);
    const char *lines; /* behind the end of the session */
    int asked;         /* requests that it makes */
} calls[] = {
    {call_stamp, "", 0},
    {call_receive,
     "send <message type=\"error\" to=\"" BALCONY "\"><error type=\"modify\"><unknown-sender "
     "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n",
     0},
    {call_unbind, "answer 2 item-not-found\n", 0},
    {call_bind, "", 1}, /* no conflict with itself (BIND-11) */
    {call_expire, "", 0},
    {call_deadline, "", 0},
    {call_disconnect, "closed " CHAMBER " disconnected\n", 1},
};

static void the_next_call_drops_it_first(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct scene scene;
        struct test_text lines = {NULL, 0, 0};
        set_up(&scene);
        assert_int_equal(evicted(&scene.hand, BALCONY, 1), XMPPBIND_OK);
        assert_null(find(&scene.hand, BALCONY, NULL));
        assert_int_equal(xmppbind_stream_resource_count(scene.stream), 2); /* who only looks sees what is known */
        assert_string_equal(xmppbind_stream_resource(scene.stream, 0, NULL), BALCONY);
        assert_int_equal(calls[i].call(&scene), XMPPBIND_OK);
        assert_int_equal(xmppbind_stream_resource_count(scene.stream), 1);
        assert_string_equal(xmppbind_stream_resource(scene.stream, 0, NULL), CHAMBER);
        assert_int_equal(scene.hand.count, 2 + calls[i].asked);
        test_text_format(&lines, "closed " BALCONY " evicted\n%s", calls[i].lines);
        test_expect(scene.stream, test_text_get(&lines));
        test_text_free(&lines);
        for (size_t at = 2; at < scene.hand.count; at++)
            by_hand_accept(&scene.hand, scene.hand.asked[at].id, 3);
        tear_down(&scene);
    }
}

static void nobody_asks_for_its_release(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(evicted(&scene.hand, BALCONY, 1), XMPPBIND_OK);
    test_drain_all(scene.stream);
    assert_int_equal(evicted(&scene.hand, CHAMBER, 2), XMPPBIND_OK);
    by_hand_free(&scene.hand, scene.stream); /* drained, or not */
    assert_int_equal(scene.hand.count, 2);
    by_hand_tear_down(&scene.hand);
}

/* --- what the host is told --- */

static void the_host_is_told_once(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(evicted(&scene.hand, CHAMBER, 2), XMPPBIND_OK);
    assert_int_equal(evicted(&scene.hand, CHAMBER, 2), XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(evicted(&scene.hand, BALCONY, 1), XMPPBIND_OK);
    assert_ptr_equal(xmppbind_host_next_ready(scene.hand.host), scene.stream);
    assert_null(xmppbind_host_next_ready(scene.hand.host));
    test_expect(scene.stream, "closed " CHAMBER " evicted\nclosed " BALCONY " evicted\nclose conflict\n");
    assert_null(xmppbind_host_next_ready(scene.hand.host));
    tear_down(&scene);
}

static int wakeups;

static void count_wakeup(xmppbind_stream *stream, void *stream_data, void *user_data) {
    (void)stream;
    (void)stream_data;
    (void)user_data;
    wakeups++;
}

static void the_host_is_woken_once_until_it_uses_the_stream(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    assert_int_equal(xmppbind_host_set_wakeup(hand.host, count_wakeup, NULL), XMPPBIND_OK);
    xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 1);
    static const char *const more[] = {"chamber", "garden", "orchard"};
    for (uint64_t i = 0; i < 3; i++) {
        by_hand_accept(&hand, by_hand_bind(&hand, stream, more[i]), i + 2);
        test_drain_all(stream);
    }
    wakeups = 0;
    assert_int_equal(evicted(&hand, CHAMBER, 2), XMPPBIND_OK);
    assert_int_equal(evicted(&hand, BALCONY, 1), XMPPBIND_OK);
    assert_int_equal(wakeups, 1);
    assert_int_equal(stamp(stream, BALCONY), XMPPBIND_ERROR_UNKNOWN_SENDER); /* used, not drained */
    assert_int_equal(evicted(&hand, JULIET "/garden", 3), XMPPBIND_OK);
    assert_int_equal(wakeups, 2);
    test_expect(stream, "closed " CHAMBER " evicted\nclosed " BALCONY " evicted\nclosed " JULIET "/garden evicted\n");
    size_t asked = hand.count;
    assert_int_equal(xmppbind_stream_disconnect(stream), XMPPBIND_OK);
    by_hand_accept(&hand, by_hand_last(&hand, asked + 1, XMPPBIND_REQUEST_RELEASE, JULIET "/orchard")->id, 0);
    assert_int_equal(wakeups, 2); /* it has gone */
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

static int evicting_callback(const xmppbind_request *request, void *user_data) {
    struct by_hand *hand = user_data;
    if (xmppbind_request_kind(request) == XMPPBIND_REQUEST_CLAIM && hand->count == 1)
        assert_int_equal(evicted(hand, BALCONY, 1), XMPPBIND_OK);
    return by_hand_callback(request, user_data);
}

/* A call that is running on the stream takes the news along. */
static void inside_a_call_of_the_stream_nobody_is_woken(void **state) {
    for (int by_callback = 0; by_callback < 2; by_callback++) {
        struct by_hand hand;
        (void)state;
        by_hand_set_up(&hand);
        assert_int_equal(xmppbind_directory_set_claims(hand.directory, evicting_callback, evicting_callback, &hand),
                         XMPPBIND_OK);
        assert_int_equal(xmppbind_host_set_wakeup(hand.host, by_callback ? count_wakeup : NULL, NULL), XMPPBIND_OK);
        xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 1);
        (void)xmppbind_host_next_ready(hand.host);
        wakeups = 0;
        uint64_t id = by_hand_bind(&hand, stream, "chamber");
        assert_int_equal(wakeups, 0);
        assert_null(xmppbind_host_next_ready(hand.host));
        assert_int_equal(xmppbind_stream_resource_count(stream), 0);
        test_expect(stream, "closed " BALCONY " evicted\nclose conflict\n");
        by_hand_accept(&hand, id, 2);
        by_hand_free(&hand, stream);
        by_hand_tear_down(&hand);
    }
}

/* CONF-4: no bind without evict-oldest has caused it, so it does not wait for one; what is granted to the stream that
 * closes is found by nobody, and given back with it. */
static void without_evict_oldest_a_bind_that_waits_changes_nothing(void **state) {
    struct by_hand hand;
    (void)state;
    by_hand_set_up(&hand);
    xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 1);
    uint64_t id = by_hand_bind(&hand, stream, "chamber");
    assert_int_equal(evicted(&hand, BALCONY, 1), XMPPBIND_OK);
    test_expect(stream, "closed " BALCONY " evicted\nclose conflict\n");
    by_hand_accept(&hand, id, 2);
    test_expect(stream, "");
    assert_null(find(&hand, CHAMBER, NULL));
    assert_int_equal(xmppbind_stream_disconnect(stream), XMPPBIND_OK);
    test_expect(stream, "");
    const struct by_hand_request *release = by_hand_last(&hand, 3, XMPPBIND_REQUEST_RELEASE, CHAMBER);
    assert_int_equal(release->claim, 2);
    by_hand_accept(&hand, release->id, 0);
    by_hand_free(&hand, stream);
    by_hand_tear_down(&hand);
}

/* CONF-7, FROM-4: the client knows of two, whether the end of the first comes before the second or after. */
static void one_after_the_other_is_several_in_either_order(void **state) {
    for (int told_first = 0; told_first < 2; told_first++) {
        struct by_hand hand;
        (void)state;
        by_hand_set_up(&hand);
        test_option(hand.host, "account-limit", "evict-oldest");
        xmppbind_stream *stream = by_hand_bound(&hand, "balcony", 1);
        uint64_t id = by_hand_bind(&hand, stream, "chamber");
        assert_int_equal(evicted(&hand, BALCONY, 1), XMPPBIND_OK);
        if (told_first)
            test_expect(stream, "closed " BALCONY " evicted\n");
        by_hand_accept(&hand, id, 2);
        test_expect(stream, told_first ? "opened " CHAMBER "\nanswer 1 " CHAMBER "\n"
                                       : "opened " CHAMBER "\nanswer 1 " CHAMBER "\nclosed " BALCONY " evicted\n");
        assert_int_equal(stamp(stream, BALCONY), XMPPBIND_ERROR_UNKNOWN_SENDER);
        assert_int_equal(stamp(stream, JULIET), XMPPBIND_OK); /* the one that is left */
        by_hand_free(&hand, stream);
        by_hand_tear_down(&hand);
    }
}

/* --- who is found, and when --- */

static void a_resource_is_found_until_its_release_is_asked_for(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_unbind(scene.stream, "balcony", 2), XMPPBIND_OK);
    assert_null(find(&scene.hand, BALCONY, NULL));
    expect_found(&scene.hand, CHAMBER, scene.stream, 2);
    by_hand_accept(&scene.hand, by_hand_last(&scene.hand, 3, XMPPBIND_REQUEST_RELEASE, BALCONY)->id, 0);
    test_drain_all(scene.stream);
    assert_int_equal(xmppbind_stream_disconnect(scene.stream), XMPPBIND_OK);
    assert_null(find(&scene.hand, CHAMBER, NULL));
    by_hand_accept(&scene.hand, by_hand_last(&scene.hand, 4, XMPPBIND_REQUEST_RELEASE, CHAMBER)->id, 0);
    tear_down(&scene);
}

/* It is the host that ends it. */
static void what_is_bound_is_found_on_a_stream_that_closes(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(stamp(scene.stream, "romeo@montague.example/orchard"), XMPPBIND_ERROR_INVALID_FROM);
    expect_found(&scene.hand, BALCONY, scene.stream, 1);
    test_expect(scene.stream, "close invalid-from\n");
    expect_found(&scene.hand, BALCONY, scene.stream, 1);
    tear_down(&scene);
}

/* --- the end of a host --- */

static void streams_first_then_their_answers_then_the_host(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    (void)by_hand_bind(&scene.hand, scene.stream, "garden");
    xmppbind_stream_free(scene.stream);
    assert_int_equal(xmppbind_directory_pending(scene.hand.directory), 3);
    for (size_t i = 2; i < scene.hand.count; i++) /* the claim is released when it is granted */
        by_hand_accept(&scene.hand, scene.hand.asked[i].id, 3);
    assert_int_equal(scene.hand.count, 6);
    assert_int_equal(xmppbind_directory_pending(scene.hand.directory), 0);
    by_hand_tear_down(&scene.hand);
}

static void a_storage_that_was_stopped_leaves_nothing(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    (void)by_hand_bind(&scene.hand, scene.stream, "garden");
    xmppbind_host_free(scene.hand.host); /* with its last stream */
    assert_int_equal(xmppbind_directory_pending(scene.hand.directory), 1);
    xmppbind_stream_free(scene.stream);
    assert_int_equal(scene.hand.count, 5);
    test_allocator_tear_down(&scene.hand.source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(until_the_eviction_is_told_the_old_number_goes_on),
        cmocka_unit_test(over_two_nodes_the_numbers_tell_them_apart),
        cmocka_unit_test(on_one_node_the_acceptance_ends_the_old_claim_too),
        cmocka_unit_test(the_next_call_drops_it_first),
        cmocka_unit_test(nobody_asks_for_its_release),
        cmocka_unit_test(the_host_is_told_once),
        cmocka_unit_test(the_host_is_woken_once_until_it_uses_the_stream),
        cmocka_unit_test(inside_a_call_of_the_stream_nobody_is_woken),
        cmocka_unit_test(without_evict_oldest_a_bind_that_waits_changes_nothing),
        cmocka_unit_test(one_after_the_other_is_several_in_either_order),
        cmocka_unit_test(a_resource_is_found_until_its_release_is_asked_for),
        cmocka_unit_test(what_is_bound_is_found_on_a_stream_that_closes),
        cmocka_unit_test(streams_first_then_their_answers_then_the_host),
        cmocka_unit_test(a_storage_that_was_stopped_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
