/*
 * PRES-3, PRES-4: presence that was sent to a full JID. The broadcast goes to the bare JID, and from there to the
 * resources that are available: it is not the same address, so its end is told to the full JID, too.
 */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

struct scene {
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    xmppbind_stream *stream, *other;
};

static void say(xmppbind_stream *stream, const char *text) {
    assert_int_equal(test_receive_bytes(stream, text), XMPPBIND_OK);
    test_drain_all(stream);
}

static void deliver(struct scene *scene, const char *text) {
    assert_int_equal(xmppbind_sessions_deliver_bytes(scene->sessions, text, strlen(text)), XMPPBIND_OK);
}

/* A contact that gets the presence of a@b, and another resource of the account that is not available. */
static void set_up(struct scene *scene) {
    scene->host = test_host(NULL);
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->host, NULL), XMPPBIND_OK);
    scene->stream = test_stream(scene->host, "a@b");
    scene->other = test_stream(scene->host, "a@b");
    assert_int_equal(test_bind(scene->stream, "one", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(scene->other, "other", 1), XMPPBIND_OK);
    test_drain_all(scene->stream);
    test_drain_all(scene->other);
    deliver(scene, "<presence from='c@d' to='a@b' type='subscribe'/>");
    say(scene->stream, "<presence/>");
    say(scene->stream, "<presence type='subscribed' to='c@d'/>");
}

static void tear_down(struct scene *scene) {
    xmppbind_stream_free(scene->stream);
    xmppbind_stream_free(scene->other);
    xmppbind_sessions_free(scene->sessions);
    xmppbind_host_free(scene->host);
}

static void end(struct scene *scene) {
    assert_int_equal(test_receive_bytes(scene->stream, "<presence type='unavailable'/>"), XMPPBIND_OK);
}

static void pres_4_a_resource_of_a_contact(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    say(scene.stream, "<presence to='c@d/unavailable'/>");
    say(scene.stream, "<presence to='c@d'/>");
    end(&scene);
    test_expect(scene.stream, "route <presence type=\"unavailable\" from=\"a@b/one\" to=\"c@d\"/>\n"
                              "route <presence type=\"unavailable\" from=\"a@b/one\" to=\"c@d/unavailable\"/>\n");
    tear_down(&scene);
}

static void pres_4_an_unavailable_resource_of_the_account(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    say(scene.stream, "<presence to='a@b/other'/>");
    end(&scene);
    test_expect(scene.stream, "route <presence type=\"unavailable\" from=\"a@b/one\" to=\"c@d\"/>\n"
                              "route <presence type=\"unavailable\" from=\"a@b/one\" to=\"a@b/other\"/>\n");
    tear_down(&scene);
}

static void pres_4_an_available_resource_of_the_account(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    say(scene.other, "<presence/>");
    test_drain_all(scene.stream);
    say(scene.stream, "<presence to='a@b/other'/>");
    say(scene.stream, "<presence to='a@b'/>");
    end(&scene);
    test_expect(scene.stream, "route <presence type=\"unavailable\" from=\"a@b/one\" to=\"c@d\"/>\n");
    test_drain_all(scene.other);
    tear_down(&scene);
}

/* Of a session that has shown nothing before: whatever finds no memory is tried again, and told once. */
static void pres_4_first_of_all(void **state) {
    (void)state;
    for (size_t n = 1, refused = 1; refused > 0; n++) {
        struct test_allocator source;
        struct test_text text = {NULL, 0, 0};
        xmppbind_event *event = NULL;
        test_allocator_set_up(&source);
        struct scene scene = {.host = test_host(source.allocator)};
        assert_int_equal(xmppbind_sessions_new(&scene.sessions, scene.host, NULL), XMPPBIND_OK);
        scene.stream = test_stream(scene.host, "a@b");
        assert_int_equal(test_bind(scene.stream, "one", 1), XMPPBIND_OK);
        test_drain_all(scene.stream);
        say(scene.stream, "<message to='c@d'/>"); /* what is stored is loaded */
        assert_int_equal(test_receive_bytes(scene.stream, "<presence to='c@d/e'/>"), XMPPBIND_OK);
        test_allocator_fail(&source, n, 0);
        int result;
        while ((result = xmppbind_stream_next_event(scene.stream, &event)) == XMPPBIND_ERROR_NO_MEMORY)
            continue;
        refused = source.refused;
        test_allocator_fail(&source, 0, 0);
        assert_int_equal(result, 1);
        assert_int_equal(test_event_line(scene.stream, event, &text), 0);
        assert_string_equal(test_text_get(&text), "route <presence to=\"c@d/e\" from=\"a@b/one\"/>\n");
        test_text_free(&text);
        end(&scene);
        test_expect(scene.stream, "route <presence type=\"unavailable\" from=\"a@b/one\" to=\"c@d/e\"/>\n");
        tear_down(&scene);
        test_allocator_tear_down(&source);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pres_4_a_resource_of_a_contact),
        cmocka_unit_test(pres_4_an_unavailable_resource_of_the_account),
        cmocka_unit_test(pres_4_an_available_resource_of_the_account),
        cmocka_unit_test(pres_4_first_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
