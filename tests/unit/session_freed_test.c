/*
 * A stream that is freed while only some of what a stanza caused was drained: what is for others leaves all the same,
 * or they would see a session for ever that is not there, and rosters would not agree.
 */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

struct scene {
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    xmppbind_stream *stream;
    struct test_text left;
};

static void say(struct scene *scene, const char *text) {
    assert_int_equal(test_receive_bytes(scene->stream, text), XMPPBIND_OK);
    test_drain_all(scene->stream);
}

static void subscribe(struct scene *scene, const char *contact) {
    struct test_text text = {NULL, 0, 0};
    test_text_format(&text, "<presence from='%s' to='a@b' type='subscribe'/>", contact);
    assert_int_equal(xmppbind_sessions_deliver_bytes(scene->sessions, test_text_get(&text), text.length), XMPPBIND_OK);
    test_text_clear(&text);
    test_text_format(&text, "<presence to='%s' type='subscribed'/>", contact);
    say(scene, test_text_get(&text));
    test_text_free(&text);
}

static void set_up(struct scene *scene) {
    memset(scene, 0, sizeof *scene);
    scene->host = test_host(NULL);
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->host, NULL), XMPPBIND_OK);
    scene->stream = test_stream(scene->host, "a@b");
    assert_int_equal(test_bind(scene->stream, "one", 1), XMPPBIND_OK);
    say(scene, "<presence/>");
    subscribe(scene, "c@d");
    subscribe(scene, "e@f");
}

/* One event of what it causes is drained. */
static void say_and_free(struct scene *scene, const char *text) {
    xmppbind_event *event = NULL;
    assert_int_equal(test_receive_bytes(scene->stream, text), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_next_event(scene->stream, &event), 1);
    xmppbind_stream_free(scene->stream);
    while (xmppbind_sessions_next_event(scene->sessions, &event) == 1) {
        const char *octets = NULL;
        size_t length = 0;
        assert_int_equal(xmppbind_sessions_event_bytes(scene->sessions, event, &octets, &length), XMPPBIND_OK);
        assert_int_equal(xmppbind_event_kind(event), XMPPBIND_EVENT_ROUTE);
        test_text_format(&scene->left, "%s\n", octets);
    }
}

static void tear_down(struct scene *scene) {
    xmppbind_sessions_free(scene->sessions);
    xmppbind_host_free(scene->host);
    test_text_free(&scene->left);
}

static void pres_3_the_end_of_presence(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    say_and_free(&scene, "<presence type='unavailable'/>");
    assert_string_equal(test_text_get(&scene.left), "<presence type=\"unavailable\" from=\"a@b/one\" to=\"e@f\"/>\n");
    tear_down(&scene);
}

static void rost_2_a_contact_that_is_removed(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    say_and_free(&scene, "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='c@d' "
                         "subscription='remove'/></query></iq>");
    assert_string_equal(test_text_get(&scene.left), "<presence type=\"unsubscribed\" to=\"c@d\" from=\"a@b\"/>\n"
                                                    "<presence type=\"unavailable\" to=\"c@d\" from=\"a@b/one\"/>\n"
                                                    "<presence type=\"unavailable\" to=\"e@f\" from=\"a@b/one\"/>\n");
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pres_3_the_end_of_presence),
        cmocka_unit_test(rost_2_a_contact_that_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
