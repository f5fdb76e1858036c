/*
 * A store that accepts inside its callback, and then, before that has returned, sees the sessions used: by itself here,
 * by another thread elsewhere. The job that waits is taken up by whoever asked, and by nobody else.
 */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

enum use { DELIVER = 1, EXPIRE, DRAIN_ANOTHER, FREE_SESSIONS };

struct scene {
    struct test_allocator memory;
    xmppbind_host *host;
    xmppbind_store *store;
    xmppbind_sessions *sessions;
    xmppbind_stream *stream, *other;
    enum use use;
    uint64_t version;
};

static void use(struct scene *scene) {
    static const char subscribe[] = "<presence from='e@f' to='a@b' type='subscribe'/>";
    enum use use = scene->use;
    scene->use = 0;
    if (use == DELIVER)
        assert_int_equal(xmppbind_sessions_deliver_bytes(scene->sessions, subscribe, strlen(subscribe)), XMPPBIND_OK);
    if (use == EXPIRE) {
        assert_int_equal(xmppbind_sessions_expire(scene->sessions, 1), XMPPBIND_OK);
        assert_int_equal(xmppbind_sessions_expire(scene->sessions, 1000000), XMPPBIND_OK);
    }
    if (use == DRAIN_ANOTHER) {
        assert_int_equal(test_receive(scene->other, "<presence type='subscribe' to='g@h'/>"), XMPPBIND_OK);
        test_drain_all(scene->other);
    }
    if (use == FREE_SESSIONS)
        xmppbind_sessions_free(scene->sessions);
}

static int answer(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    int changes = xmppbind_store_request_kind(request) == XMPPBIND_STORE_ROSTER_PUT;
    scene->version += (unsigned)changes;
    (void)xmppbind_store_accept(scene->store, xmppbind_store_request_id(request), scene->version);
    if (changes)
        use(scene);
    return 0;
}

static void set_up(struct scene *scene) {
    memset(scene, 0, sizeof *scene);
    test_allocator_set_up(&scene->memory); /* it fails the test when something was freed twice, or not at all */
    scene->host = test_host(scene->memory.allocator);
    assert_int_equal(xmppbind_store_new(&scene->store, scene->memory.allocator), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(scene->store, answer, answer, answer, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(scene->store, answer, answer, answer, answer, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->host, scene->store), XMPPBIND_OK);
    scene->stream = test_stream(scene->host, "a@b");
    scene->other = test_stream(scene->host, "a@b");
    assert_int_equal(test_bind(scene->stream, "one", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(scene->other, "other", 1), XMPPBIND_OK);
    test_drain_all(scene->stream);
    test_drain_all(scene->other);
}

static void tear_down(struct scene *scene) {
    xmppbind_stream_free(scene->stream);
    xmppbind_stream_free(scene->other);
    xmppbind_sessions_free(scene->sessions);
    xmppbind_host_free(scene->host);
    xmppbind_store_free(scene->store);
    test_allocator_tear_down(&scene->memory);
}

static const char set[] =
    "<iq type='set' id='1' from='a@b/one'><query xmlns='jabber:iq:roster'><item jid='c@d'/></query></iq>";

static void check_use(enum use use, const char *expected) {
    struct scene scene;
    set_up(&scene);
    scene.use = use;
    assert_int_equal(test_receive(scene.stream, set), XMPPBIND_OK);
    test_expect(scene.stream, expected);
    assert_int_equal(scene.use, 0);
    test_drain_all(scene.other);
    tear_down(&scene);
}

static void rost_2_something_is_delivered(void **state) {
    (void)state;
    check_use(DELIVER, "send <iq type=\"result\" id=\"1\" to=\"a@b/one\"/>\n");
}

static void rost_2_another_stream_is_drained(void **state) {
    (void)state;
    check_use(DRAIN_ANOTHER, "send <iq type=\"result\" id=\"1\" to=\"a@b/one\"/>\n");
}

static void rost_5_it_expires(void **state) {
    (void)state;
    check_use(EXPIRE, "send <iq type=\"error\" id=\"1\" to=\"a@b/one\"><error type=\"wait\"><resource-constraint "
                      "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>\n");
}

/* With a stanza that was delivered, for an account where nobody is. */
static void sub_1_the_sessions_are_freed(void **state) {
    static const char subscribe[] = "<presence from='c@d' to='i@j' type='subscribe'/>";
    struct scene scene;
    (void)state;
    set_up(&scene);
    scene.use = FREE_SESSIONS;
    assert_int_equal(xmppbind_sessions_deliver_bytes(scene.sessions, subscribe, strlen(subscribe)), XMPPBIND_OK);
    assert_int_equal(scene.use, 0);
    scene.sessions = NULL;
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rost_2_something_is_delivered),
        cmocka_unit_test(rost_2_another_stream_is_drained),
        cmocka_unit_test(rost_5_it_expires),
        cmocka_unit_test(sub_1_the_sessions_are_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
