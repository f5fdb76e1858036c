/*
 * CONF-8: a stream takes the address of another, which is not drained yet. The session that lost it ends after its
 * successor is available: nobody is told that the address is not there.
 */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

struct scene {
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    xmppbind_stream *old, *successor, *other;
};

static xmppbind_stream *bound(struct scene *scene, const char *resource) {
    xmppbind_stream *stream = test_stream(scene->host, "a@b");
    assert_int_equal(test_bind(stream, resource, 1), XMPPBIND_OK);
    test_drain_all(stream);
    return stream;
}

static void receive(xmppbind_stream *stream, const char *text) {
    assert_int_equal(test_receive_bytes(stream, text), XMPPBIND_OK);
}

static void say(xmppbind_stream *stream, const char *text) {
    receive(stream, text);
    test_drain_all(stream);
}

static void set_up(struct scene *scene) {
    scene->host = test_host(NULL);
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->host, NULL), XMPPBIND_OK);
    scene->other = bound(scene, "other");
    say(scene->other, "<presence/>");
    scene->old = bound(scene, "one");
}

static void tear_down(struct scene *scene) {
    xmppbind_stream_free(scene->old);
    xmppbind_stream_free(scene->successor);
    xmppbind_stream_free(scene->other);
    xmppbind_sessions_free(scene->sessions);
    xmppbind_host_free(scene->host);
}

static void conf_8_the_account_sees_the_successor(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    say(scene.old, "<presence><status>old</status></presence>");
    scene.successor = bound(&scene, "one");
    receive(scene.successor, "<presence/>");
    test_expect(scene.successor, "send <presence from=\"a@b/one\" to=\"a@b/one\"/>\n"
                                 "send <presence from=\"a@b/other\" to=\"a@b/one\"/>\n");
    test_drain_all(scene.other);
    test_expect(scene.old, "closed a@b/one evicted\nclose conflict\n");
    test_expect(scene.other, "");
    tear_down(&scene);
}

static void conf_8_the_account_sees_the_end_of_the_old_one(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    say(scene.old, "<presence/>");
    scene.successor = bound(&scene, "one");
    test_drain_all(scene.other);
    test_drain_all(scene.old);
    test_expect(scene.other, "send <presence type=\"unavailable\" to=\"a@b/other\" from=\"a@b/one\"/>\n");
    tear_down(&scene);
}

static void deliver(struct scene *scene, const char *text) {
    assert_int_equal(xmppbind_sessions_deliver_bytes(scene->sessions, text, strlen(text)), XMPPBIND_OK);
}

/* What the successor sent to an address is the last that this address hears of it: no contact, and a contact. */
static void conf_8_who_got_directed_presence_sees_the_successor(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    deliver(&scene, "<presence from='contact@d' to='a@b' type='subscribe'/>");
    say(scene.old, "<presence/>");
    say(scene.old, "<presence type='subscribed' to='contact@d'/>");
    say(scene.old, "<presence to='c@d'/>");
    say(scene.old, "<presence to='e@f'/>");
    scene.successor = bound(&scene, "one");
    say(scene.successor, "<presence to='c@d'/>");
    say(scene.successor, "<presence to='contact@d'/>");
    test_expect(scene.old, "route <presence type=\"unavailable\" to=\"e@f\" from=\"a@b/one\"/>\n"
                           "closed a@b/one evicted\nclose conflict\n");
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conf_8_the_account_sees_the_successor),
        cmocka_unit_test(conf_8_the_account_sees_the_end_of_the_old_one),
        cmocka_unit_test(conf_8_who_got_directed_presence_sees_the_successor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
