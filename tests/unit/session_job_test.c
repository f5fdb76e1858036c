/* What happens while a question to the store is open: its answer inside the question, ends of streams, lack of memory,
 * other stanzas. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

enum { HELD = 16 };

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answered_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
