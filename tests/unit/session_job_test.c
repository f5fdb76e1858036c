/* What happens while a question to the store is open: its answer inside the question, ends of streams, lack of memory,
 * other stanzas. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

enum { HELD = 64 };

struct scene {
    struct test_allocator memory;
    xmppbind_host *host;
    xmppbind_store *store;
    xmppbind_memory_store *stored;
    xmppbind_sessions *sessions;
    const xmppbind_store_request *held[HELD];
    size_t held_count;
    int later;                           /* the store holds back what it is asked */
    void (*inside)(struct scene *scene); /* runs once, in the callback of the store, when it has answered */
};

static int take(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    void (*inside)(struct scene *) = scene->inside;
    if (scene->later) {
        assert_true(scene->held_count < HELD);
        scene->held[scene->held_count++] = request;
        return 0;
    }
    int result = xmppbind_memory_store_answer(scene->stored, scene->store, request);
    scene->inside = NULL;
    if (inside != NULL)
        inside(scene);
    return result;
}

static void answer(struct scene *scene) {
    assert_true(scene->held_count > 0);
    const xmppbind_store_request *request = scene->held[0];
    scene->held_count--;
    memmove(scene->held, scene->held + 1, scene->held_count * sizeof *scene->held);
    assert_int_equal(xmppbind_memory_store_answer(scene->stored, scene->store, request), XMPPBIND_OK);
}

static void set_up(struct scene *scene) {
    memset(scene, 0, sizeof *scene);
    test_allocator_set_up(&scene->memory);
    scene->host = test_host(scene->memory.allocator);
    assert_int_equal(xmppbind_memory_store_new(&scene->stored, NULL, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_new(&scene->store, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(scene->store, take, take, take, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(scene->store, take, take, take, take, scene), XMPPBIND_OK);
}

static void begin(struct scene *scene) {
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->host, scene->store), XMPPBIND_OK);
}

static void tear_down(struct scene *scene) {
    xmppbind_sessions_free(scene->sessions);
    xmppbind_host_free(scene->host);
    xmppbind_store_free(scene->store);
    xmppbind_memory_store_free(scene->stored);
    test_allocator_tear_down(&scene->memory);
}

/* A stream with one resource. */
static xmppbind_stream *bound(const struct scene *scene, const char *account, const char *resource) {
    xmppbind_stream *stream = test_stream(scene->host, account);
    assert_int_equal(test_bind(stream, resource, 1), XMPPBIND_OK);
    test_drain_all(stream);
    return stream;
}

static void receive(xmppbind_stream *stream, const char *text) {
    assert_int_equal(test_receive(stream, text), XMPPBIND_OK);
}

static void deliver(const struct scene *scene, const char *text) {
    assert_int_equal(xmppbind_sessions_deliver_bytes(scene->sessions, text, strlen(text)), XMPPBIND_OK);
}

/* What leaves without a stream: "route XML" or "host XML", a line each. */
static void expect_out(const struct scene *scene, const char *lines) {
    struct test_text text = {NULL, 0, 0};
    xmppbind_event *event = NULL;
    const char *xml;
    size_t length;
    int result;
    while ((result = xmppbind_sessions_next_event(scene->sessions, &event)) == 1) {
        assert_int_equal(xmppbind_sessions_event_bytes(scene->sessions, event, &xml, &length), XMPPBIND_OK);
        int kind = xmppbind_event_kind(event);
        assert_true(kind == XMPPBIND_EVENT_ROUTE || kind == XMPPBIND_EVENT_HOST);
        test_text_format(&text, "%s %s\n", kind == XMPPBIND_EVENT_ROUTE ? "route" : "host", xml);
    }
    assert_int_equal(result, XMPPBIND_OK);
    assert_string_equal(test_text_get(&text), lines);
    test_text_free(&text);
}

/* --- the answer comes inside the question ------------------------------------------------------------------------ */

static void drain_sessions(struct scene *scene) {
    expect_out(scene, "");
}

static void expire_sessions(struct scene *scene) {
    (void)xmppbind_sessions_next_deadline(scene->sessions, 1);
    assert_int_equal(xmppbind_sessions_expire(scene->sessions, 1000000), XMPPBIND_OK);
}

static void free_sessions(struct scene *scene) {
    xmppbind_sessions_free(scene->sessions);
    scene->sessions = NULL;
}

/* Between the answer and the end of the question another call finds the job: it leaves it alone. */
static void test_answered_inside(void **state) {
    static void (*const others[])(struct scene *) = {drain_sessions, expire_sessions, free_sessions};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct scene scene;
        set_up(&scene);
        begin(&scene);
        scene.inside = others[i];
        deliver(&scene, "<message from='romeo@m.example' to='juliet@c.example'/>");
        if (others[i] == drain_sessions)
            expect_out(&scene, "host <message from=\"romeo@m.example\" to=\"juliet@c.example\"/>\n");
        tear_down(&scene);
    }
}

/* --- lack of memory ---------------------------------------------------------------------------------------------- */

/* What found no memory is taken up again by draining, whatever becomes of the other accounts meanwhile. */
static void take_up_again(void) {
    struct scene scene;
    struct test_text text = {NULL, 0, 0};
    set_up(&scene);
    begin(&scene);
    scene.later = 1;
    for (int i = 0; i < HELD; i++) {
        test_text_clear(&text);
        test_text_format(&text, "<presence from='romeo@m.example' to='%d@c.example' type='subscribe'/>", i);
        deliver(&scene, test_text_get(&text));
    }
    test_text_free(&text);
    for (int i = 0; i < HELD; i++)
        answer(&scene); /* privacy lists */
    test_allocator_fail(&scene.memory, 1, 1);
    while (scene.held_count > 0)
        answer(&scene); /* rosters */
    test_allocator_fail(&scene.memory, 0, 0);
    scene.later = 0;
    scene.inside = expire_sessions;
    expect_out(&scene, "");
    assert_null(scene.inside);
    expect_out(&scene, "");
    tear_down(&scene);
}

/* Where the accounts stand in their table is random. */
static void test_taken_up_again(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++)
        take_up_again();
}

/* The sessions go with the last stream; what found no memory goes with them. */
static void test_freed_before_the_stream(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    begin(&scene);
    xmppbind_stream *stream = bound(&scene, "juliet@c.example", "balcony");
    scene.later = 1;
    deliver(&scene, "<message from='romeo@m.example' to='juliet@c.example'/>");
    xmppbind_sessions_free(scene.sessions);
    scene.sessions = NULL;
    answer(&scene);
    test_allocator_fail(&scene.memory, 1, 1);
    answer(&scene);
    xmppbind_stream_free(stream);
    test_allocator_fail(&scene.memory, 0, 0);
    tear_down(&scene);
}

static void put_list(xmppbind_stream *stream, const char *name) {
    struct test_text text = {NULL, 0, 0};
    test_text_format(&text,
                     "<iq type='set' id='1'><query xmlns='jabber:iq:privacy'><list name='%s'>"
                     "<item action='allow' order='1'/></list></query></iq>",
                     name);
    receive(stream, test_text_get(&text));
    test_text_free(&text);
}

/* Lists of which some found no memory, and nobody waited for the rest, are there once when they are loaded again. */
static void test_lists_loaded_again(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    begin(&scene);
    xmppbind_stream *stream = bound(&scene, "juliet@c.example", "balcony");
    put_list(stream, "a");
    put_list(stream, "b");
    test_drain_all(stream);
    xmppbind_stream_free(stream);
    stream = bound(&scene, "juliet@c.example", "balcony");
    scene.later = 1;
    deliver(&scene, "<message from='romeo@m.example' to='juliet@c.example' type='headline'/>");
    test_allocator_fail(&scene.memory, 2, 1);
    answer(&scene);
    expire_sessions(&scene);
    test_allocator_fail(&scene.memory, 0, 0);
    scene.later = 0;
    receive(stream, "<iq type='get' id='1'><query xmlns='jabber:iq:privacy'/></iq>");
    test_expect(stream, "send <iq type=\"result\" id=\"1\" to=\"juliet@c.example/balcony\"><query "
                        "xmlns=\"jabber:iq:privacy\"><list name=\"a\"/><list name=\"b\"/></query></iq>\n");
    expect_out(&scene, "");
    xmppbind_stream_free(stream);
    tear_down(&scene);
}

/* A list for which there is no place is planned anew, from nothing. */
static void test_list_without_place(void **state) {
    (void)state;
    for (size_t n = 1; n < 30; n++) {
        struct scene scene;
        struct test_text text = {NULL, 0, 0};
        set_up(&scene);
        begin(&scene);
        xmppbind_stream *stream = bound(&scene, "juliet@c.example", "balcony");
        scene.later = 1;
        put_list(stream, "a");
        test_drain_all(stream);
        answer(&scene); /* privacy lists */
        test_allocator_fail(&scene.memory, n, 0);
        answer(&scene); /* the roster: now the list is planned */
        while (test_drain(stream, &text) != XMPPBIND_OK)
            continue;
        scene.later = 0;
        if (scene.held_count > 0)
            answer(&scene);
        test_allocator_fail(&scene.memory, 0, 0);
        test_drain_all(stream);
        test_text_free(&text);
        xmppbind_stream_free(stream);
        tear_down(&scene);
    }
}

/* --- the end of a session ---------------------------------------------------------------------------------------- */

/* ROST-6: the roster of a resource that comes when its session has ended is nobody's, and not the account's. */
static void test_roster_of_ended_session(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    test_option(scene.host, "roster-scope", "resource");
    begin(&scene);
    xmppbind_stream *stream = bound(&scene, "juliet@c.example", "balcony");
    receive(stream, "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='romeo@m.example'/></query></iq>");
    receive(stream, "<presence to='romeo@m.example' type='subscribe'/>");
    test_drain_all(stream);
    deliver(&scene, "<presence from='romeo@m.example' to='juliet@c.example' type='subscribe'/>");
    receive(stream, "<presence to='romeo@m.example' type='subscribed'/>");
    test_drain_all(stream);
    xmppbind_stream_free(stream);
    expect_out(&scene, "");
    stream = bound(&scene, "juliet@c.example", "balcony");
    scene.later = 1;
    receive(stream, "<presence/>");
    test_drain_all(stream);
    answer(&scene); /* privacy lists */
    xmppbind_stream_free(stream);
    deliver(&scene, "<presence from='romeo@m.example' to='juliet@c.example' type='probe'/>");
    scene.later = 0;
    answer(&scene);
    expect_out(&scene, "route <presence type=\"unsubscribed\" to=\"romeo@m.example\" from=\"juliet@c.example\"/>\n");
    tear_down(&scene);
}

static void subscribe_romeo(const struct scene *scene, xmppbind_stream *stream) {
    deliver(scene, "<presence from='romeo@m.example' to='juliet@c.example' type='subscribe'/>");
    receive(stream, "<presence to='romeo@m.example' type='subscribed'/>");
    receive(stream, "<presence/>");
    test_drain_all(stream);
}

/* There is no memory to say that a session has ended: nevertheless no answer is for it any longer. */
static void test_answer_after_end_without_memory(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    begin(&scene);
    xmppbind_stream *stream = bound(&scene, "juliet@c.example", "balcony");
    subscribe_romeo(&scene, stream);
    scene.later = 1;
    receive(stream, "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='nurse@c.example'/></query></iq>");
    test_drain_all(stream);
    test_allocator_fail(&scene.memory, 1, 1);
    xmppbind_stream_free(stream);
    test_allocator_fail(&scene.memory, 0, 0);
    scene.later = 0;
    answer(&scene);
    expect_out(&scene, "route <presence type=\"unavailable\" to=\"romeo@m.example\" "
                       "from=\"juliet@c.example/balcony\"/>\n");
    tear_down(&scene);
}

/* CONF-8: when an evicted session ends after the one that took its JID is there, nobody is told that it is not: neither
 * the account's other sessions nor who got directed presence of both. */
static void test_evicted_after_successor(void **state) {
    static const char directed[] = "<presence to='mercutio@m.example'/>";
    struct scene scene;
    (void)state;
    set_up(&scene);
    begin(&scene);
    xmppbind_stream *former = bound(&scene, "juliet@c.example", "balcony");
    xmppbind_stream *other = bound(&scene, "juliet@c.example", "chamber");
    receive(former, "<presence/>");
    receive(former, directed);
    receive(former, "<presence to='tybalt@m.example'/>");
    test_drain_all(former);
    receive(other, "<presence/>");
    test_drain_all(other);
    test_drain_all(former);
    xmppbind_stream *latter = bound(&scene, "juliet@c.example", "balcony");
    receive(latter, "<presence/>");
    receive(latter, directed);
    test_drain_all(latter);
    test_drain_all(other);
    test_expect(former, "route <presence type=\"unavailable\" to=\"tybalt@m.example\" "
                        "from=\"juliet@c.example/balcony\"/>\n"
                        "closed juliet@c.example/balcony evicted\n"
                        "close conflict\n");
    test_expect(other, "");
    xmppbind_stream_free(former);
    xmppbind_stream_free(other);
    xmppbind_stream_free(latter);
    tear_down(&scene);
}

/* --- how much waits ---------------------------------------------------------------------------------------------- */

static int try_to_deliver(const struct scene *scene, const char *text) {
    return xmppbind_sessions_deliver_bytes(scene->sessions, text, strlen(text));
}

/* Strangers cannot fill the memory while the store does not answer. */
static void test_deliveries_that_wait_are_bounded(void **state) {
    static const char message[] = "<message from='romeo@m.example' to='juliet@c.example'/>";
    struct scene scene;
    (void)state;
    set_up(&scene);
    test_option(scene.host, "max-queued-events", "2");
    begin(&scene);
    scene.later = 1;
    deliver(&scene, message);
    deliver(&scene, message);
    assert_int_equal(try_to_deliver(&scene, message), XMPPBIND_ERROR_QUEUE_FULL);
    deliver(&scene, "<message from='romeo@m.example' to='nurse@c.example'/>");
    scene.later = 0;
    answer(&scene);
    answer(&scene);
    deliver(&scene, message);
    expect_out(&scene, "host <message from=\"romeo@m.example\" to=\"juliet@c.example\"/>\n"
                       "host <message from=\"romeo@m.example\" to=\"juliet@c.example\"/>\n"
                       "host <message from=\"romeo@m.example\" to=\"nurse@c.example\"/>\n"
                       "host <message from=\"romeo@m.example\" to=\"juliet@c.example\"/>\n");
    tear_down(&scene);
}

/* A stream that nobody drains is no hindrance to what is for another one of the account. */
static void test_full_stream(void **state) {
    static const char to_balcony[] = "<message from='romeo@m.example' to='juliet@c.example/balcony'/>";
    struct scene scene;
    (void)state;
    set_up(&scene);
    test_option(scene.host, "max-queued-events", "2");
    begin(&scene);
    xmppbind_stream *balcony = bound(&scene, "juliet@c.example", "balcony");
    xmppbind_stream *chamber = bound(&scene, "juliet@c.example", "chamber");
    deliver(&scene, to_balcony);
    deliver(&scene, to_balcony);
    assert_int_equal(try_to_deliver(&scene, to_balcony), XMPPBIND_ERROR_QUEUE_FULL);
    assert_int_equal(try_to_deliver(&scene, "<presence from='romeo@m.example' to='juliet@c.example'/>"),
                     XMPPBIND_ERROR_QUEUE_FULL);
    deliver(&scene, "<message from='romeo@m.example' to='juliet@c.example/chamber'/>");
    test_expect(chamber, "send <message from=\"romeo@m.example\" to=\"juliet@c.example/chamber\"/>\n");
    xmppbind_stream_free(balcony);
    xmppbind_stream_free(chamber);
    tear_down(&scene);
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

/* A stream that was bound without XML, and never sent any. */
static void test_mail_for_silent_stream(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    begin(&scene);
    xmppbind_stream *stream = bound(&scene, "juliet@c.example", "balcony");
    deliver(&scene, "<message from='romeo@m.example' to='juliet@c.example/balcony'/>");
    test_expect(stream, "send <message from=\"romeo@m.example\" to=\"juliet@c.example/balcony\"/>\n");
    xmppbind_stream_free(stream);
    tear_down(&scene);
}

/* What was accepted for a stream comes before the end of the session that it is for, and before that of the stream. */
static void test_mail_before_the_end(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    begin(&scene);
    xmppbind_stream *stream = bound(&scene, "juliet@c.example", "balcony");
    receive(stream, "<presence/>");
    test_drain_all(stream);
    deliver(&scene, "<message from='romeo@m.example' to='juliet@c.example/balcony'/>");
    assert_int_equal(test_unbind(stream, "balcony", 2), XMPPBIND_OK);
    test_expect(stream, "send <message from=\"romeo@m.example\" to=\"juliet@c.example/balcony\"/>\n"
                        "closed juliet@c.example/balcony unbound\n"
                        "answer 2 juliet@c.example/balcony\n"
                        "close\n");
    xmppbind_stream_free(stream);
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answered_inside),
        cmocka_unit_test(test_taken_up_again),
        cmocka_unit_test(test_freed_before_the_stream),
        cmocka_unit_test(test_lists_loaded_again),
        cmocka_unit_test(test_list_without_place),
        cmocka_unit_test(test_roster_of_ended_session),
        cmocka_unit_test(test_answer_after_end_without_memory),
        cmocka_unit_test(test_evicted_after_successor),
        cmocka_unit_test(test_deliveries_that_wait_are_bounded),
        cmocka_unit_test(test_full_stream),
        cmocka_unit_test(test_mail_for_silent_stream),
        cmocka_unit_test(test_mail_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
