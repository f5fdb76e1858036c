/* The sessions as a whole: arguments, wake-ups, storage that answers later, never, or not at all, and odd ends. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <libxml/tree.h>
#include <string.h>
#include <xmppbind.h>

#define JULIET "juliet@capulet.example"
#define BALCONY JULIET "/balcony"
#define ROMEO "romeo@montague.example"
#define BIND_BALCONY                                                                                                   \
    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>"
#define ROSTER_GET "<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>"
#define ROSTER_SET                                                                                                     \
    "<iq type='set' id='r2'><query xmlns='jabber:iq:roster'><item jid='" ROMEO "' subscription='both'/></query></iq>"
#define MESSAGE "<message to='" BALCONY "' from='" ROMEO "/orchard'><body>hi</body></message>"

enum { HELD = 16 };

/* A host with sessions, a stream of Juliet's, and a store that answers when it is told to. */
struct scene {
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    xmppbind_store *store;
    xmppbind_memory_store *memory;
    xmppbind_stream *stream;
    const xmppbind_store_request *held[HELD];
    size_t held_count;
    int later, host_wakeups, stream_wakeups, exists;
    int (*in_preparation)(struct scene *scene);
    int result, without_memory;
    xmppbind_stream *other;  /* which calls from the preparation try */
    xmppbind_stream *victim; /* freed in the next wake-up */
};

static int ask(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    if (!scene->later)
        return xmppbind_memory_store_answer(scene->memory, scene->store, request);
    assert_true(scene->held_count < HELD);
    scene->held[scene->held_count++] = request;
    return 0;
}

static void answer(struct scene *scene) {
    const xmppbind_store_request *request = scene->held[0];
    assert_true(scene->held_count > 0);
    scene->held_count--;
    memmove(scene->held, scene->held + 1, scene->held_count * sizeof scene->held[0]);
    assert_int_equal(xmppbind_memory_store_answer(scene->memory, scene->store, request), XMPPBIND_OK);
}

static void wake_host(xmppbind_sessions *sessions, void *user_data) {
    struct scene *scene = user_data;
    assert_true(scene->sessions == NULL || sessions == scene->sessions); /* NULL: freed by the test, they live on */
    scene->host_wakeups++;
}

/* The wake-up of one stream may free another, which is to be woken too. */
static void wake_stream(xmppbind_stream *stream, void *stream_data, void *user_data) {
    struct scene *scene = user_data;
    xmppbind_stream *victim = scene->victim;
    (void)stream;
    (void)stream_data;
    scene->stream_wakeups++;
    scene->victim = NULL;
    xmppbind_stream_free(victim);
}

static int exists(const char *account, size_t length, void *user_data) {
    const struct scene *scene = user_data;
    assert_int_equal(strlen(account), length);
    return scene->exists;
}

static int prepare(const char *text, size_t length, char *prepared, size_t capacity, size_t *prepared_length,
                   void *user_data) {
    struct scene *scene = user_data;
    int (*call)(struct scene * scene) = scene->in_preparation;
    scene->in_preparation = NULL;
    if (call != NULL)
        scene->result = call(scene);
    if (scene->without_memory > 0 && --scene->without_memory == 0)
        return XMPPBIND_ERROR_NO_MEMORY;
    assert_true(length <= capacity);
    memcpy(prepared, text, length);
    *prepared_length = length;
    return 0;
}

static void open_scene(struct scene *scene) {
    memset(scene, 0, sizeof *scene);
    scene->exists = 1;
    scene->host = test_host(NULL);
    assert_int_equal(xmppbind_store_new(&scene->store, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_store_new(&scene->memory, NULL, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(scene->store, ask, ask, ask, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(scene->store, ask, ask, ask, ask, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_wakeup(scene->host, wake_stream, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_preparation(scene->host, prepare, NULL, NULL, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->host, scene->store), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_set_account(scene->sessions, exists, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_set_wakeup(scene->sessions, wake_host, scene), XMPPBIND_OK);
    scene->stream = test_stream(scene->host, JULIET);
    assert_int_equal(test_receive_bytes(scene->stream,
                                        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                                        "<resource>balcony</resource></bind></iq>"),
                     XMPPBIND_OK);
    test_drain_all(scene->stream);
}

static void close_scene(struct scene *scene) {
    xmppbind_stream_free(scene->stream);
    xmppbind_sessions_free(scene->sessions);
    while (scene->held_count > 0)
        answer(scene);
    xmppbind_host_free(scene->host);
    xmppbind_store_free(scene->store);
    xmppbind_memory_store_free(scene->memory);
}

static void receive(struct scene *scene, const char *stanza) {
    assert_int_equal(test_receive_bytes(scene->stream, stanza), XMPPBIND_OK);
}

static int deliver(struct scene *scene, const char *stanza) {
    return xmppbind_sessions_deliver_bytes(scene->sessions, stanza, strlen(stanza));
}

/* What leaves without a stream, as the console prints it. */
static void expect_host(struct scene *scene, const char *lines) {
    struct test_text text = {NULL, 0, 0};
    xmppbind_event *event = NULL;
    const char *octets;
    size_t length;
    while (xmppbind_sessions_next_event(scene->sessions, &event) == 1) {
        assert_int_equal(xmppbind_sessions_event_bytes(scene->sessions, event, &octets, &length), XMPPBIND_OK);
        test_text_format(&text, "%s %s\n", xmppbind_event_kind(event) == XMPPBIND_EVENT_HOST ? "host" : "route",
                         octets);
    }
    assert_string_equal(test_text_get(&text), lines);
    test_text_free(&text);
}

static void arguments_are_checked(void **state) {
    struct scene scene;
    xmppbind_sessions *sessions = NULL;
    xmppbind_event *event = NULL;
    const char *text;
    char list[8];
    size_t length;
    (void)state;
    open_scene(&scene);
    assert_int_equal(xmppbind_sessions_new(NULL, scene.host, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_new(&sessions, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_new(&sessions, scene.host, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_sessions_set_account(NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_set_account(scene.sessions, NULL, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_sessions_set_wakeup(NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_set_wakeup(scene.sessions, NULL, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_sessions_deliver(NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_deliver(scene.sessions, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_deliver_bytes(NULL, "", 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_deliver_bytes(scene.sessions, NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_deliver_bytes(scene.sessions, "", 16777217), XMPPBIND_ERROR_TOO_LARGE);
    assert_int_equal(deliver(&scene, "<message"), XMPPBIND_ERROR_NOT_WELL_FORMED);
    assert_int_equal(deliver(&scene, "<stream/>"), XMPPBIND_ERROR_NOT_A_STANZA);
    assert_int_equal(deliver(&scene, "<message to='" JULIET "'/>"), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(deliver(&scene, "<message from='" JULIET "'/>"), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(deliver(&scene, "<message to='@' from='" JULIET "'/>"), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_next_event(NULL, &event), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_next_event(scene.sessions, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_event_bytes(NULL, NULL, &text, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_event_bytes(scene.sessions, NULL, &text, &length),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_event *bogus = (xmppbind_event *)(void *)&scene; /* not looked at */
    assert_int_equal(xmppbind_sessions_event_bytes(scene.sessions, bogus, NULL, &length),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_event_bytes(scene.sessions, bogus, &text, NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_event_bytes(scene.sessions, bogus, &text, &length),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_expire(NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_true(xmppbind_sessions_next_deadline(NULL, 0) == XMPPBIND_NO_DEADLINE);
    assert_int_equal(xmppbind_sessions_describe(NULL, "a", 1, NULL, NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_describe(scene.sessions, NULL, 0, NULL, NULL, 0),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_describe(scene.sessions, "a", 1, NULL, NULL, 1),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sessions_describe(scene.sessions, "a@b/c", 5, NULL, list, sizeof list),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM);
    close_scene(&scene);
}

static void a_session_is_described(void **state) {
    struct scene scene;
    char list[8];
    int priority = 99;
    (void)state;
    open_scene(&scene);
    assert_int_equal(xmppbind_sessions_describe(scene.sessions, BALCONY, sizeof BALCONY - 1, &priority, list, 8), 0);
    assert_int_equal(priority, 0);
    assert_string_equal(list, "");
    receive(&scene, ROSTER_GET);
    receive(&scene, "<presence><priority> -7 </priority></presence>");
    receive(&scene, "<iq type='set' id='l'><query xmlns='jabber:iq:privacy'><list name='a long name'>"
                    "<item order='1' action='deny'/></list></query></iq>");
    receive(&scene, "<iq type='set' id='l'><query xmlns='jabber:iq:privacy'><active name='a long name'/></query></iq>");
    test_drain_all(scene.stream);
    assert_int_equal(xmppbind_sessions_describe(scene.sessions, BALCONY, sizeof BALCONY - 1, &priority, list, 8),
                     XMPPBIND_SESSION_AVAILABLE | XMPPBIND_SESSION_INTERESTED);
    assert_int_equal(priority, -7);
    assert_string_equal(list, "a long ");
    close_scene(&scene);
}

/* An event that is no longer handed out, or was taken, has no text. */
static void events_of_the_sessions(void **state) {
    struct scene scene;
    xmppbind_event *event = NULL;
    const char *text;
    size_t length;
    (void)state;
    open_scene(&scene);
    assert_int_equal(deliver(&scene, "<message to='" JULIET "' from='a@b'/>"), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_next_event(scene.sessions, &event), 1);
    assert_int_equal(xmppbind_event_kind(event), XMPPBIND_EVENT_HOST);
    assert_int_equal(xmppbind_event_bytes(scene.stream, event, &text, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmlNode *node = xmppbind_event_take_stanza(event);
    assert_int_equal(xmppbind_sessions_event_bytes(scene.sessions, event, &text, &length),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmlFreeNode(node);
    assert_int_equal(xmppbind_sessions_next_event(scene.sessions, &event), 0);
    assert_int_equal(xmppbind_sessions_event_bytes(scene.sessions, event, &text, &length),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    close_scene(&scene);
}

static void who_is_to_drain_is_woken_once(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    scene.stream_wakeups = 0;
    assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_OK);
    assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_OK);
    assert_int_equal(scene.stream_wakeups, 1);
    assert_int_equal(scene.host_wakeups, 0);
    test_drain_all(scene.stream);
    assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_OK);
    assert_int_equal(scene.stream_wakeups, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(deliver(&scene, "<message to='" JULIET "' from='a@b'/>"), XMPPBIND_OK);
    assert_int_equal(scene.host_wakeups, 1);
    expect_host(&scene,
                "host <message to=\"" JULIET "\" from=\"a@b\"/>\nhost <message to=\"" JULIET "\" from=\"a@b\"/>\n");
    assert_int_equal(deliver(&scene, "<message to='" JULIET "' from='a@b'/>"), XMPPBIND_OK);
    assert_int_equal(scene.host_wakeups, 2);
    close_scene(&scene);
}

static void an_account_that_does_not_exist(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    scene.exists = 0;
    assert_int_equal(deliver(&scene, "<message to='x@y' from='a@b' type='groupchat'/>"), XMPPBIND_OK);
    assert_int_equal(deliver(&scene, "<presence to='x@y' from='a@b'/>"), XMPPBIND_OK);
    assert_int_equal(deliver(&scene, "<iq type='result' to='x@y' from='a@b'/>"), XMPPBIND_OK);
    expect_host(&scene, "");
    close_scene(&scene);
}

static void a_stream_that_is_not_drained_is_full(void **state) {
    struct scene scene;
    int result = XMPPBIND_OK;
    (void)state;
    open_scene(&scene);
    for (int i = 0; i < 1024; i++)
        assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_OK);
    assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_ERROR_QUEUE_FULL);
    test_drain_all(scene.stream);
    result = deliver(&scene, MESSAGE);
    assert_int_equal(result, XMPPBIND_OK);
    close_scene(&scene);
}

/* What waits for the store longer than "storage-timeout" is answered; what the store says later is taken. */
static void storage_that_answers_too_late(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    receive(&scene, ROSTER_GET);
    test_drain_all(scene.stream);
    scene.later = 1;
    assert_true(xmppbind_sessions_next_deadline(scene.sessions, 5) == XMPPBIND_NO_DEADLINE);
    receive(&scene, ROSTER_SET);
    receive(&scene, "<message to='" ROMEO "' id='m'/>");
    receive(&scene, ROSTER_SET);
    test_expect(scene.stream, "");
    assert_true(xmppbind_sessions_next_deadline(scene.sessions, 1000) == 31000);
    assert_int_equal(deliver(&scene, "<presence type='subscribe' to='" JULIET "' from='nurse@b'/>"), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_expire(scene.sessions, 30999), XMPPBIND_OK);
    test_expect(scene.stream, "");
    assert_int_equal(xmppbind_sessions_expire(scene.sessions, 31000), XMPPBIND_OK);
    assert_true(xmppbind_sessions_next_deadline(scene.sessions, 31000) == 60999);
    test_expect(scene.stream, "send <iq type=\"error\" id=\"r2\" to=\"" BALCONY "\"><error type=\"wait\">"
                              "<resource-constraint xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>\n"
                              "route <message to=\"" ROMEO "\" id=\"m\" from=\"" BALCONY "\"/>\n");
    assert_int_equal(xmppbind_sessions_expire(scene.sessions, 61000), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_expire(scene.sessions, 100000), XMPPBIND_OK);
    answer(&scene);
    struct test_text text = {NULL, 0, 0};
    assert_int_equal(test_drain(scene.stream, &text), 0);
    assert_non_null(strstr(test_text_get(&text), "<item jid=\"" ROMEO "\" subscription=\"none\"/>"));
    assert_non_null(strstr(test_text_get(&text), "send <iq type=\"error\" id=\"r2\""));
    test_text_free(&text);
    close_scene(&scene);
}

static void loading_that_ends_too_late(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    scene.later = 1;
    receive(&scene, "<presence id='p'/>");
    test_expect(scene.stream, "");
    assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_expire(scene.sessions, 0), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_expire(scene.sessions, 30000), XMPPBIND_OK);
    test_expect(scene.stream,
                "send <presence type=\"error\" id=\"p\" to=\"" BALCONY "\"><error type=\"wait\">"
                "<resource-constraint xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></presence>\n");
    expect_host(&scene, "route <message type=\"error\" to=\"" ROMEO "/orchard\" from=\"" BALCONY "\"><body>hi</body>"
                        "<error type=\"wait\"><resource-constraint xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/>"
                        "</error></message>\n");
    answer(&scene);
    receive(&scene, ROSTER_GET);
    test_expect(scene.stream, "");
    answer(&scene);
    test_expect(scene.stream,
                "send <iq type=\"result\" id=\"r1\" to=\"" BALCONY "\"><query xmlns=\"jabber:iq:roster\"/></iq>\n");
    close_scene(&scene);
}

/* A session, its stream, or all of the sessions go while the store is asked. */
static void ends_while_the_store_is_asked(void **state) {
    struct scene scene;
    (void)state;
    for (int way = 0; way < 3; way++) {
        open_scene(&scene);
        receive(&scene, ROSTER_GET);
        test_drain_all(scene.stream);
        scene.later = 1;
        receive(&scene, ROSTER_SET);
        receive(&scene, "<message to='" ROMEO "'/>");
        test_expect(scene.stream, "");
        if (way > 0) {
            xmppbind_stream_free(scene.stream);
            scene.stream = NULL;
        }
        if (way == 0)
            assert_int_equal(xmppbind_stream_disconnect(scene.stream), XMPPBIND_OK);
        if (way == 2) {
            assert_int_equal(deliver(&scene, "<presence type='subscribe' to='" JULIET "' from='a@b'/>"), XMPPBIND_OK);
            xmppbind_sessions_free(scene.sessions);
            scene.sessions = NULL;
        } else {
            answer(&scene);
            expect_host(&scene, "");
        }
        close_scene(&scene);
    }
}

/* What a host plugs nothing in for is empty; changes are refused. */
static void a_store_that_nobody_answers(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_store *store = NULL;
    xmppbind_sessions *sessions = NULL;
    (void)state;
    assert_int_equal(xmppbind_store_new(&store, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_new(&sessions, host, store), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, JULIET);
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    test_drain_all(stream);
    assert_int_equal(test_receive_bytes(stream, ROSTER_GET), XMPPBIND_OK);
    test_expect(stream,
                "send <iq type=\"result\" id=\"r1\" to=\"" BALCONY "\"><query xmlns=\"jabber:iq:roster\"/></iq>\n");
    assert_int_equal(test_receive_bytes(stream, ROSTER_SET), XMPPBIND_OK);
    test_expect(stream, "send <iq type=\"error\" id=\"r2\" to=\"" BALCONY "\"><error type=\"cancel\">"
                        "<service-unavailable xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>\n");
    xmppbind_stream_free(stream);
    xmppbind_sessions_free(sessions);
    xmppbind_host_free(host);
    xmppbind_store_free(store);
}

static int no_random(uint8_t *octets, size_t length, void *user_data) {
    (void)octets;
    (void)length;
    return ++*(int *)user_data > 1 ? -1 : 0;
}

static void without_random_octets_there_are_none(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_sessions *sessions = NULL;
    int calls = 1;
    (void)state;
    assert_int_equal(xmppbind_host_set_random(host, no_random, &calls), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_new(&sessions, host, NULL), XMPPBIND_ERROR_RANDOM);
    calls = 0; /* enough for the ids of pushes, not for the store */
    assert_int_equal(xmppbind_sessions_new(&sessions, host, NULL), XMPPBIND_ERROR_RANDOM);
    assert_null(sessions);
    xmppbind_sessions_free(NULL);
    xmppbind_host_free(host);
}

static int free_the_stream(struct scene *scene) {
    xmppbind_stream_free(scene->stream);
    scene->stream = NULL;
    return 0;
}

static int try_everything(struct scene *scene) {
    xmppbind_event *event = NULL;
    const char *text;
    size_t length;
    xmppbind_event *other = (xmppbind_event *)(void *)scene; /* not looked at */
    assert_int_equal(xmppbind_sessions_next_event(scene->sessions, &event), XMPPBIND_ERROR_REENTRANT);
    assert_int_equal(xmppbind_sessions_event_bytes(scene->sessions, other, &text, &length), XMPPBIND_ERROR_REENTRANT);
    assert_int_equal(xmppbind_sessions_expire(scene->sessions, 1), XMPPBIND_ERROR_REENTRANT);
    assert_int_equal(xmppbind_sessions_describe(scene->sessions, "a@b/c", 5, NULL, NULL, 0), XMPPBIND_ERROR_REENTRANT);
    assert_true(xmppbind_sessions_next_deadline(scene->sessions, 1) == XMPPBIND_NO_DEADLINE);
    assert_int_equal(deliver(scene, MESSAGE), XMPPBIND_ERROR_REENTRANT);
    if (scene->other != NULL)
        assert_int_equal(xmppbind_stream_next_event(scene->other, &event), XMPPBIND_ERROR_REENTRANT);
    xmppbind_stream *stream = NULL;
    assert_int_equal(xmppbind_stream_new(&stream, scene->host, JULIET, sizeof JULIET - 1, NULL),
                     XMPPBIND_ERROR_REENTRANT);
    return 1;
}

/* The preparation of addresses runs inside: who calls the sessions from there is refused. */
static void calls_from_the_preparation_are_refused(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    receive(&scene, ROSTER_GET);
    test_drain_all(scene.stream);
    receive(&scene, "<message to='" ROMEO "'/>");
    scene.other = test_stream(scene.host, JULIET);
    scene.in_preparation = try_everything;
    test_expect(scene.stream, "route <message to=\"" ROMEO "\" from=\"" BALCONY "\"/>\n");
    assert_int_equal(scene.result, 1);
    xmppbind_stream_free(scene.other);
    scene.other = NULL;
    close_scene(&scene);
}

/* A stream that is freed there ends when the call returns; another one's presence is told then. */
static void streams_that_are_freed_in_the_preparation(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    receive(&scene, "<presence to='" ROMEO "'/>");
    test_drain_all(scene.stream);
    xmppbind_stream *other = test_stream(scene.host, "nurse@capulet.example");
    assert_int_equal(test_bind(other, "kitchen", 1), XMPPBIND_OK);
    test_drain_all(other);
    assert_int_equal(test_receive_bytes(other, "<message to='" ROMEO "'/>"), XMPPBIND_OK);
    assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_OK);
    scene.in_preparation = free_the_stream;
    test_expect(other, "route <message to=\"" ROMEO "\" from=\"nurse@capulet.example/kitchen\"/>\n");
    assert_null(scene.stream);
    expect_host(&scene, "route <presence type=\"unavailable\" to=\"" ROMEO "\" from=\"" BALCONY "\"/>\n");
    xmppbind_stream_free(other);
    close_scene(&scene);
}

static int free_the_sessions(struct scene *scene) {
    xmppbind_sessions_free(scene->sessions);
    scene->sessions = NULL;
    return 0;
}

/* They live on with their streams. */
static void sessions_that_are_freed_in_the_preparation(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    receive(&scene, "<message to='" ROMEO "'/>");
    scene.in_preparation = free_the_sessions;
    test_expect(scene.stream, "route <message to=\"" ROMEO "\" from=\"" BALCONY "\"/>\n");
    assert_null(scene.sessions);
    close_scene(&scene);
}

/* A stanza whose addresses could not be prepared for lack of memory is dealt with later. */
static void a_preparation_without_memory(void **state) {
    struct scene scene;
    xmppbind_event *event = NULL;
    (void)state;
    open_scene(&scene);
    receive(&scene, ROSTER_GET);
    test_drain_all(scene.stream);
    receive(&scene, "<message to='" ROMEO "'/>");
    scene.without_memory = 1;
    assert_int_equal(xmppbind_stream_next_event(scene.stream, &event), XMPPBIND_ERROR_NO_MEMORY);
    test_expect(scene.stream, "route <message to=\"" ROMEO "\" from=\"" BALCONY "\"/>\n");
    scene.later = 1;
    receive(&scene, ROSTER_SET);
    test_expect(scene.stream, "");
    receive(&scene, "<presence type='subscribe' to='" ROMEO "'/>");
    scene.without_memory = 1;
    assert_int_equal(deliver(&scene, MESSAGE), XMPPBIND_ERROR_NO_MEMORY);
    close_scene(&scene);
}

/* Three streams are to be woken, and the first wake-up frees one of the other two. */
static void streams_that_are_freed_in_a_wake_up(void **state) {
    static const char *const resources[] = {"first", "second", "third"};
    struct scene scene;
    xmppbind_stream *streams[3];
    (void)state;
    for (int victim = 1; victim < 3; victim++) {
        open_scene(&scene);
        for (int i = 0; i < 3; i++) {
            streams[i] = test_stream(scene.host, "nurse@capulet.example");
            assert_int_equal(test_bind(streams[i], resources[i], 1), XMPPBIND_OK);
            assert_int_equal(test_receive_bytes(streams[i], "<presence/>"), XMPPBIND_OK);
            for (int drained = 0; drained <= i; drained++)
                test_drain_all(streams[i - drained]);
        }
        scene.stream_wakeups = 0;
        scene.victim = streams[victim];
        assert_int_equal(deliver(&scene, "<presence to='nurse@capulet.example' from='" ROMEO "'/>"), XMPPBIND_OK);
        assert_null(scene.victim);
        assert_int_equal(scene.stream_wakeups, 2);
        for (int i = 0; i < 3; i++)
            if (i != victim)
                xmppbind_stream_free(streams[i]);
        close_scene(&scene);
    }
}

/* What the store refuses when its session is gone, or when its client was told that it takes too long. */
static void refusals_that_nobody_waits_for(void **state) {
    struct scene scene;
    (void)state;
    for (int way = 0; way < 3; way++) {
        open_scene(&scene);
        receive(&scene, ROSTER_GET);
        test_drain_all(scene.stream);
        scene.later = 1;
        receive(&scene, ROSTER_SET);
        receive(&scene, ROSTER_SET);
        test_expect(scene.stream, "");
        (void)xmppbind_sessions_next_deadline(scene.sessions, 0);
        if (way == 0) {
            xmppbind_stream_free(scene.stream);
            scene.stream = NULL;
        } else {
            assert_int_equal(xmppbind_sessions_expire(scene.sessions, 30000), XMPPBIND_OK);
        }
        assert_int_equal(scene.held_count, 1);
        scene.held_count = 0;
        assert_int_equal(
            xmppbind_store_reject(scene.store, xmppbind_store_request_id(scene.held[0]), XMPPBIND_CONDITION_FORBIDDEN),
            XMPPBIND_OK);
        close_scene(&scene);
    }
}

/* A change of a list that is accepted when nobody waits for it any longer. */
static void lists_that_nobody_waits_for(void **state) {
    struct scene scene;
    (void)state;
    for (int way = 0; way < 2; way++) {
        open_scene(&scene);
        receive(&scene, ROSTER_GET);
        test_drain_all(scene.stream);
        scene.later = 1;
        receive(&scene, "<iq type='set' id='l'><query xmlns='jabber:iq:privacy'><list name='x'><item order='1' "
                        "action='deny'/></list></query></iq>");
        test_expect(scene.stream, "");
        (void)xmppbind_sessions_next_deadline(scene.sessions, 0);
        if (way == 0) {
            xmppbind_stream_free(scene.stream);
            scene.stream = NULL;
        } else {
            assert_int_equal(xmppbind_sessions_expire(scene.sessions, 30000), XMPPBIND_OK);
        }
        answer(&scene);
        close_scene(&scene);
    }
}

/* While a change of the account waits, its other streams go on with what is none. */
static void what_is_no_change_does_not_wait(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    receive(&scene, ROSTER_GET);
    test_drain_all(scene.stream);
    scene.later = 1;
    receive(&scene, ROSTER_SET);
    test_expect(scene.stream, "");
    xmppbind_stream *other = test_stream(scene.host, JULIET);
    assert_int_equal(test_bind(other, "garden", 1), XMPPBIND_OK);
    test_drain_all(other);
    assert_int_equal(test_receive_bytes(other, "<iq type='set' id='v'><query xmlns='urn:x'/></iq>"), XMPPBIND_OK);
    assert_int_equal(test_receive_bytes(other, "<iq type='set' id='w' to='a@b'><query xmlns='urn:x'/></iq>"),
                     XMPPBIND_OK);
    test_expect(other, "route <iq type=\"set\" id=\"v\" from=\"" JULIET "/garden\"><query xmlns=\"urn:x\"/></iq>\n"
                       "route <iq type=\"set\" id=\"w\" to=\"a@b\" from=\"" JULIET
                       "/garden\"><query xmlns=\"urn:x\"/></iq>\n");
    assert_int_equal(test_receive_bytes(other, "<iq type='set' id='l'><query xmlns='jabber:iq:privacy'/></iq>"),
                     XMPPBIND_OK);
    test_expect(other, "");
    answer(&scene);
    test_expect(other, "send <iq type=\"error\" id=\"l\" to=\"" JULIET "/garden\"><error type=\"modify\">"
                       "<bad-request xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>\n");
    xmppbind_stream_free(other);
    close_scene(&scene);
}

/* ROST-6: the roster of a resource that is gone is changed in the store alone. */
static void a_roster_that_goes_with_its_session(void **state) {
    struct scene scene;
    (void)state;
    open_scene(&scene);
    xmppbind_stream_free(scene.stream);
    assert_int_equal(xmppbind_host_set_option(scene.host, XMPPBIND_OPTION_ROSTER_SCOPE, XMPPBIND_ROSTER_SCOPE_RESOURCE),
                     XMPPBIND_OK);
    scene.stream = test_stream(scene.host, JULIET);
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    test_drain_all(scene.stream);
    receive(&scene, ROSTER_GET);
    test_drain_all(scene.stream);
    scene.later = 1;
    receive(&scene, ROSTER_SET);
    test_expect(scene.stream, "");
    xmppbind_stream_free(scene.stream);
    scene.stream = NULL;
    answer(&scene);
    expect_host(&scene, "");
    close_scene(&scene);
}

/* What is loaded is taken piece by piece: what found memory is not asked for again. */
static void every_allocation_of_loading(void **state) {
    struct test_allocator source;
    struct scene scene;
    xmppbind_host *host;
    xmppbind_sessions *sessions = NULL;
    struct test_text text = {NULL, 0, 0};
    (void)state;
    open_scene(&scene); /* its store is filled, and used again */
    receive(&scene, ROSTER_SET);
    receive(&scene, "<iq type='set' id='r3'><query xmlns='jabber:iq:roster'><item jid='nurse@b'/></query></iq>");
    for (int i = 0; i < 2; i++)
        receive(&scene, i == 0
                            ? "<iq type='set' id='l'><query xmlns='jabber:iq:privacy'><list name='x'><item order='1' "
                              "action='allow'/></list></query></iq>"
                            : "<iq type='set' id='l'><query xmlns='jabber:iq:privacy'><list name='y'><item order='1' "
                              "action='allow'/></list></query></iq>");
    test_drain_all(scene.stream);
    memset(&source, 0, sizeof source);
    test_allocator_set_up(&source);
    host = test_host(source.allocator);
    assert_int_equal(xmppbind_sessions_new(&sessions, host, scene.store), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, JULIET);
    assert_int_equal(test_receive_bytes(stream, BIND_BALCONY), XMPPBIND_OK);
    test_drain_all(stream); /* so that there is what writes stanzas */
    assert_int_equal(test_receive_bytes(stream, ROSTER_GET), XMPPBIND_OK);
    size_t n = 0;
    do {
        test_allocator_fail(&source, ++n / 4 + 1, 0);
    } while (test_drain(stream, &text) == XMPPBIND_ERROR_NO_MEMORY && n < 100);
    test_allocator_fail(&source, 0, 0);
    assert_int_equal(test_drain(stream, &text), XMPPBIND_OK);
    assert_non_null(
        strstr(test_text_get(&text), "<item jid=\"" ROMEO "\" subscription=\"none\"/><item jid=\"nurse@b\""));
    test_text_free(&text);
    xmppbind_stream_free(stream);
    xmppbind_sessions_free(sessions);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
    close_scene(&scene);
}

static void every_allocation_of_sessions_of_their_own(void **state) {
    struct test_allocator source;
    xmppbind_sessions *sessions = NULL;
    int result = XMPPBIND_ERROR_NO_MEMORY;
    (void)state;
    memset(&source, 0, sizeof source);
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    assert_int_equal(xmppbind_host_set_option(host, XMPPBIND_OPTION_ROSTER_SCOPE, XMPPBIND_ROSTER_SCOPE_RESOURCE),
                     XMPPBIND_OK);
    for (size_t n = 1; result != XMPPBIND_OK; n++) {
        test_allocator_fail(&source, n, 0);
        result = xmppbind_sessions_new(&sessions, host, NULL);
        assert_true(result == XMPPBIND_OK || result == XMPPBIND_ERROR_NO_MEMORY);
    }
    test_allocator_fail(&source, 0, 0);
    xmppbind_stream *stream = test_stream(host, JULIET);
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    struct test_text text = {NULL, 0, 0};
    size_t n = 0;
    do {
        test_allocator_fail(&source, ++n / 2 + 1, 0); /* each twice: what it has by then is not asked for again */
    } while (test_drain(stream, &text) == XMPPBIND_ERROR_NO_MEMORY);
    assert_true(n > 3);
    test_allocator_fail(&source, 0, 0);
    test_text_free(&text);
    assert_int_equal(test_receive_bytes(stream, ROSTER_GET), XMPPBIND_OK);
    test_expect(stream,
                "send <iq type=\"result\" id=\"r1\" to=\"" BALCONY "\"><query xmlns=\"jabber:iq:roster\"/></iq>\n");
    xmppbind_stream_free(stream);
    xmppbind_sessions_free(sessions);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_session_is_described),
        cmocka_unit_test(events_of_the_sessions),
        cmocka_unit_test(who_is_to_drain_is_woken_once),
        cmocka_unit_test(an_account_that_does_not_exist),
        cmocka_unit_test(a_stream_that_is_not_drained_is_full),
        cmocka_unit_test(storage_that_answers_too_late),
        cmocka_unit_test(loading_that_ends_too_late),
        cmocka_unit_test(ends_while_the_store_is_asked),
        cmocka_unit_test(a_store_that_nobody_answers),
        cmocka_unit_test(without_random_octets_there_are_none),
        cmocka_unit_test(calls_from_the_preparation_are_refused),
        cmocka_unit_test(streams_that_are_freed_in_the_preparation),
        cmocka_unit_test(sessions_that_are_freed_in_the_preparation),
        cmocka_unit_test(a_preparation_without_memory),
        cmocka_unit_test(streams_that_are_freed_in_a_wake_up),
        cmocka_unit_test(refusals_that_nobody_waits_for),
        cmocka_unit_test(lists_that_nobody_waits_for),
        cmocka_unit_test(what_is_no_change_does_not_wait),
        cmocka_unit_test(a_roster_that_goes_with_its_session),
        cmocka_unit_test(every_allocation_of_loading),
        cmocka_unit_test(every_allocation_of_sessions_of_their_own),
    };
    test_silence_xml();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
