/* Octets in and octets out. */
#include "tests/support/test_allocator.h"
#include "tests/unit/stanza_play.h"

static xmppbind_event *next(xmppbind_stream *stream, int kind) {
    xmppbind_event *event = NULL;
    assert_int_equal(xmppbind_stream_next_event(stream, &event), 1);
    assert_int_equal(xmppbind_event_kind(event), kind);
    return event;
}

static void arguments_are_checked(void **state) {
    struct stanza_scene scene;
    const char *text = NULL;
    size_t length = 0;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    assert_int_equal(xmppbind_stream_receive_bytes(NULL, "<message/>", 10), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_receive_bytes(scene.stream, NULL, 10), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_receive_bytes(scene.stream, "<message/>", 10), XMPPBIND_OK);
    xmppbind_event *event = next(scene.stream, XMPPBIND_EVENT_ROUTE);
    assert_int_equal(xmppbind_event_bytes(NULL, event, &text, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_event_bytes(scene.stream, NULL, &text, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_event_bytes(scene.stream, event, NULL, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_event_bytes(scene.stream, event, &text, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(text);
    assert_null(xmppbind_event_stanza(NULL));
    assert_null(xmppbind_event_take_stanza(NULL));
    stanza_tear_down(&scene);
}

static void an_event_without_a_stanza_has_no_octets(void **state) {
    struct stanza_scene scene;
    const char *text = NULL;
    size_t length = 0;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    assert_int_equal(test_bind(scene.stream, "two", 2), XMPPBIND_OK);
    xmppbind_event *event = next(scene.stream, XMPPBIND_EVENT_OPENED);
    assert_null(xmppbind_event_stanza(event));
    assert_null(xmppbind_event_take_stanza(event));
    assert_int_equal(xmppbind_event_bytes(scene.stream, event, &text, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    stanza_tear_down(&scene);
}

static void a_stanza_that_was_taken_is_the_hosts(void **state) {
    struct stanza_scene scene;
    const char *text = NULL;
    size_t length = 0;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    assert_int_equal(test_receive(scene.stream, "<message/>"), XMPPBIND_OK);
    xmppbind_event *event = next(scene.stream, XMPPBIND_EVENT_ROUTE);
    assert_int_equal(xmppbind_event_bytes(scene.stream, event, &text, &length), XMPPBIND_OK);
    assert_string_equal(text, "<message from=\"a@b.example/one\"/>");
    xmlNode *stanza = xmppbind_event_take_stanza(event);
    assert_non_null(stanza);
    assert_null(stanza->doc);
    assert_null(xmppbind_event_take_stanza(event));
    assert_int_equal(xmppbind_event_bytes(scene.stream, event, &text, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_next_event(scene.stream, &event), 0);
    assert_int_equal(xmppbind_stream_receive(scene.stream, stanza), XMPPBIND_OK); /* and may be given again */
    event = next(scene.stream, XMPPBIND_EVENT_ROUTE);
    stanza = xmppbind_event_take_stanza(event); /* without its text */
    assert_int_equal(xmppbind_stream_next_event(scene.stream, &event), 0);
    xmlFreeNode(stanza);
    stanza_tear_down(&scene);
}

/* Octets are of the event that is handed out, and of that alone. */
static void another_streams_event_is_refused(void **state) {
    struct stanza_scene scene;
    const char *text = NULL;
    size_t length = 0;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    xmppbind_stream *other = test_stream(scene.host, "a@b.example");
    assert_int_equal(test_receive(scene.stream, "<message/>"), XMPPBIND_OK);
    xmppbind_event *event = next(scene.stream, XMPPBIND_EVENT_ROUTE);
    assert_int_equal(xmppbind_event_bytes(other, event, &text, &length), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_event_bytes(scene.stream, event, &text, &length), XMPPBIND_OK);
    xmppbind_stream_free(other);
    stanza_tear_down(&scene);
}

static void a_stanza_has_a_largest_size(void **state) {
    struct test_text text = {NULL, 0, 0};
    (void)state;
    xmppbind_host *host = test_host(NULL);
    test_option(host, "max-stanza-bytes", "10000");
    xmppbind_stream *stream = test_stream(host, "a@b.example");
    assert_int_equal(test_bind(stream, "one", 1), XMPPBIND_OK);
    test_drain_all(stream);
    test_text_format(&text, "<message><body>%9976s</body></message>", "");
    assert_int_equal(text.length, 10008);
    assert_int_equal(xmppbind_stream_receive_bytes(stream, text.text, text.length), XMPPBIND_ERROR_TOO_LARGE);
    test_text_clear(&text);
    test_text_format(&text, "<message><body>%9968s</body></message>", "");
    assert_int_equal(text.length, 10000);
    assert_int_equal(xmppbind_stream_receive_bytes(stream, text.text, text.length), XMPPBIND_OK);
    test_drain_all(stream);
    test_text_free(&text);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void what_is_refused_is_freed(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    assert_int_equal(test_receive_bytes(scene.stream, "<stream/>"), XMPPBIND_ERROR_NOT_A_STANZA);
    assert_int_equal(test_receive_bytes(scene.stream, "<message>"), XMPPBIND_ERROR_NOT_WELL_FORMED);
    assert_int_equal(xmppbind_stream_disconnect(scene.stream), XMPPBIND_OK);
    assert_int_equal(test_receive_bytes(scene.stream, "<message/>"), XMPPBIND_ERROR_CLOSED);
    stanza_tear_down(&scene);
}

enum { LONG = 20000 };

/* The whole of the message below, although a part of it was written before memory ran out. */
static void expect_long(const char *text, size_t length) {
    static const char start[] = "<message from=\"a@b.example/one\"><body>", end[] = "</body></message>";
    size_t blanks = sizeof start - 1 + LONG;
    assert_int_equal(length, blanks + sizeof end - 1);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(text, start, sizeof start - 1);
    assert_int_equal(strspn(text + sizeof start - 1, " "), LONG);
    assert_string_equal(text + blanks, end);
}

/* A long text grows a few times: each time it finds no memory it can be asked for again. */
static void octets_need_memory(void **state) {
    struct test_allocator source;
    struct test_text stanza = {NULL, 0, 0};
    const char *text = NULL;
    size_t length = 0, n = 0;
    int result = XMPPBIND_ERROR_NO_MEMORY;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_stream *stream = test_stream(host, "a@b.example");
    assert_int_equal(test_bind(stream, "one", 1), XMPPBIND_OK);
    test_drain_all(stream);
    test_text_format(&stanza, "<message><body>%*s</body></message>", LONG, "");
    assert_int_equal(test_receive_bytes(stream, test_text_get(&stanza)), XMPPBIND_OK);
    xmppbind_event *event = next(stream, XMPPBIND_EVENT_ROUTE);
    while (result == XMPPBIND_ERROR_NO_MEMORY) {
        test_allocator_fail(&source, ++n, 0);
        result = xmppbind_event_bytes(stream, event, &text, &length);
        assert_int_equal(text == NULL, result != XMPPBIND_OK);
    }
    assert_int_equal(result, XMPPBIND_OK);
    assert_true(n > 2);
    test_allocator_fail(&source, 0, 0);
    expect_long(text, length);
    int reached = 1;
    for (size_t failing = 1; reached; failing++) { /* libxml2's memory */
        stanza_fail_at = failing;
        result = xmppbind_event_bytes(stream, event, &text, &length);
        reached = stanza_fail_at == 0;
        stanza_fail_at = 0;
        assert_true(result == XMPPBIND_OK || (reached && result == XMPPBIND_ERROR_NO_MEMORY));
        if (result == XMPPBIND_OK)
            expect_long(text, length);
    }
    test_text_free(&stanza);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(an_event_without_a_stanza_has_no_octets),
        cmocka_unit_test(a_stanza_that_was_taken_is_the_hosts),
        cmocka_unit_test(another_streams_event_is_refused),
        cmocka_unit_test(a_stanza_has_a_largest_size),
        cmocka_unit_test(what_is_refused_is_freed),
        cmocka_unit_test(octets_need_memory),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
