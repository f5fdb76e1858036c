/* The flow of a stanza. */
#include "tests/unit/stanza_play.h"

/* FROM-1 to FROM-9, FROM-11 */
static void stanzas(void **state) {
    static const struct stanza_play table[] = {
        {RESOURCES_TWO, "<message from='a@b.example/two' to='c@d' type='chat'/>",
         "route <message from=\"a@b.example/two\" to=\"c@d\" type=\"chat\"/>\n"},
        {RESOURCES_TWO, "<message from='A@b.example/two'/>", "route <message from=\"a@b.example/two\"/>\n"},
        {RESOURCES_TWO, "<message to='c@d'/>", "route <message to=\"c@d\" from=\"a@b.example/one\"/>\n"},
        {RESOURCES_ONE, "<message from=''/>",
         "send <message type=\"error\" to=\"\"><error type=\"modify\">"
         "<jid-malformed xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n"},
        {RESOURCES_TWO, "<message id='i1' from='a@b.example/three' to='c@d' type='chat'><body>hi</body></message>",
         "send <message type=\"error\" id=\"i1\" to=\"a@b.example/three\" from=\"c@d\"><body>hi</body>"
         "<error type=\"modify\"><unknown-sender xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n"},
        {RESOURCES_TWO, "<iq type='result' from='a@b.example/three'/>", "discard unknown-sender\n"},
        {RESOURCES_TWO, "<message type='error' from='a@b.example/three'/>", "discard unknown-sender\n"},
        {RESOURCES_TWO, "<message type='result' from='a@b.example/'/>",
         "send <message type=\"error\" to=\"a@b.example/\"><error type=\"modify\">"
         "<jid-malformed xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n"},
        {RESOURCES_TWO, "<message from='romeo@b.example/two'/>", "close invalid-from\n"},
        {RESOURCES_TWO, "<presence type='subscribe' to='c@d' from='a@b.example/two'/>",
         "route <presence type=\"subscribe\" to=\"c@d\" from=\"a@b.example\"/>\n"},
        {RESOURCES_TWO, "<presence type='subscribed' to='c@d' from='a@b.example'/>",
         "route <presence type=\"subscribed\" to=\"c@d\" from=\"a@b.example\"/>\n"},
        {RESOURCES_TWO, "<presence type='probe' from='a@b.example/two'/>",
         "route <presence type=\"probe\" from=\"a@b.example/two\"/>\n"},
        {RESOURCES_TWO, "<iq type='result' id='i2' from='a@b.example/two'><bind " BIND_NS "/></iq>",
         "route <iq type=\"result\" id=\"i2\" from=\"a@b.example/two\"><bind "
         "xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/></iq>\n"},
    };
    (void)state;
    STANZA_PLAY(table);
}

/* BIND-13, BIND-5 */
static void before_the_first_bind(void **state) {
    static const struct stanza_play table[] = {
        {RESOURCES_NONE, "<message to='c@d' type='chat'/>", "close not-authorized\n"},
        {RESOURCES_NONE, "<iq type='result' id='i1'/>", "close not-authorized\n"},
        {RESOURCES_NONE, "<iq type='error' id='i1'><unbind " BIND_NS "/></iq>", "discard not-authorized\n"},
        {RESOURCES_NONE, "<iq type='set' to='c@d' id='i1'><bind " BIND_NS "/></iq>", "close not-authorized\n"},
    };
    (void)state;
    STANZA_PLAY(table);
}

/* BIND-14 */
static void session_requests(void **state) {
#define SESSION "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
    static const struct stanza_play table[] = {
        {RESOURCES_ONE, "<iq type='set' id='i1'>" SESSION "</iq>", "send <iq type=\"result\" id=\"i1\"/>\n"},
        {RESOURCES_ONE, "<iq type='set' id='i1' to='b.example' from='a@b.example/one'>" SESSION "</iq>",
         "send <iq type=\"result\" id=\"i1\" to=\"a@b.example/one\"/>\n"},
        {RESOURCES_ONE, "<iq type='set'>" SESSION "</iq>",
         "send <iq type=\"error\"><error type=\"modify\">"
         "<bad-request xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>\n"},
        {RESOURCES_ONE, "<iq type='get' id='i1'>" SESSION "</iq>",
         "route <iq type=\"get\" id=\"i1\" from=\"a@b.example/one\">"
         "<session xmlns=\"urn:ietf:params:xml:ns:xmpp-session\"/></iq>\n"},
        {RESOURCES_ONE, "<iq type='set' id='i1' to='c@d'>" SESSION "</iq>",
         "route <iq type=\"set\" id=\"i1\" to=\"c@d\" from=\"a@b.example/one\">"
         "<session xmlns=\"urn:ietf:params:xml:ns:xmpp-session\"/></iq>\n"},
    };
    (void)state;
    STANZA_PLAY(table);
}

static void arguments_are_checked(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    xmlNode *node = test_node("<message/>");
    assert_int_equal(xmppbind_stream_receive(NULL, node), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_receive(scene.stream, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmlFreeNode(node);
    node = test_node("<stream/>");
    assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_ERROR_NOT_A_STANZA);
    xmlFreeNode(node);
    test_expect(scene.stream, "");
    stanza_tear_down(&scene);
}

/* A stanza may stand in a tree of the host's: it is taken out of it when it is accepted, and not before. */
static void a_stanza_leaves_its_tree(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_TWO);
    xmlNode *parent = test_node("<stream><message id='i1'/><message id='i2'/><iq/><message id='i3'/></stream>");
    xmlNode *second = parent->children->next, *third = second->next;
    assert_int_equal(xmppbind_stream_receive(scene.stream, second), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_receive(scene.stream, parent), XMPPBIND_ERROR_NOT_A_STANZA);
    assert_int_equal(xmppbind_stream_receive(scene.stream, parent->children), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_receive(scene.stream, third->next), XMPPBIND_OK);
    assert_ptr_equal(parent->children, third);
    assert_ptr_equal(parent->last, third);
    xmlNode *first = xmlNewNode(NULL, (const xmlChar *)"presence"), *sibling = xmlNewNode(NULL, (const xmlChar *)"x");
    first->next = sibling; /* without a parent */
    sibling->prev = first;
    assert_int_equal(xmppbind_stream_receive(scene.stream, first), XMPPBIND_OK);
    assert_null(sibling->prev);
    first = xmlNewNode(NULL, (const xmlChar *)"presence");
    first->prev = sibling;
    sibling->next = first;
    assert_int_equal(xmppbind_stream_receive(scene.stream, first), XMPPBIND_OK);
    assert_null(sibling->next);
    xmlFreeNode(sibling);
    xmlFreeNode(parent);
    test_expect(scene.stream,
                "route <message id=\"i2\" from=\"a@b.example/one\"/>\n"
                "route <message id=\"i1\" from=\"a@b.example/one\"/>\n"
                "route <message id=\"i3\" from=\"a@b.example/one\"/>\n"
                "route <presence from=\"a@b.example/one\"/>\nroute <presence from=\"a@b.example/one\"/>\n");
    stanza_tear_down(&scene);
}

/* While a bind waits, what follows waits too; when the stream ends first, ordinary stanzas are still decided. */
static void what_waits_is_decided_at_the_end(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    scene.storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_receive(scene.stream, "<iq type='set' id='i1'><bind " BIND_NS "/></iq>"), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<message from='a@b.example/one'/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<iq type='set' id='i2'><unbind " BIND_NS "/></iq>"), XMPPBIND_OK);
    assert_int_equal(test_receive(scene.stream, "<presence/>"), XMPPBIND_OK);
    test_expect(scene.stream, "");
    assert_int_equal(xmppbind_stream_disconnect(scene.stream), XMPPBIND_OK);
    test_expect(scene.stream, "route <message from=\"a@b.example/one\"/>\nroute <presence from=\"a@b.example/one\"/>\n"
                              "closed a@b.example/one disconnected\n");
    scene.storage.mode = TEST_STORAGE_NOW;
    test_storage_answer_all(&scene.storage);
    stanza_tear_down(&scene);
}

static void more_than_the_stream_has_room_for(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_TWO);
    for (int i = 0; i < 4; i++)
        assert_int_equal(test_receive(scene.stream, "<message from='a@b.example/two'/>"), XMPPBIND_OK);
    test_expect(scene.stream, "route <message from=\"a@b.example/two\"/>\nroute <message from=\"a@b.example/two\"/>\n"
                              "route <message from=\"a@b.example/two\"/>\nroute <message from=\"a@b.example/two\"/>\n");
    stanza_tear_down(&scene);
}

/* What waited and finds no memory when its turn comes is decided later, and is not lost. */
static void a_turn_is_taken_again(void **state) {
    (void)state;
    for (size_t failing = 1, reached = 1; reached; failing++) {
        struct stanza_scene scene;
        struct test_text text = {NULL, 0, 0};
        stanza_set_up(&scene, RESOURCES_ONE);
        scene.storage.mode = TEST_STORAGE_LATER;
        assert_int_equal(test_bind(scene.stream, "two", 2), XMPPBIND_OK);
        xmlNode *node = test_node("<message from='a@b.example/one'/>");
        stanza_break_up(node);
        assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
        test_storage_answer_all(&scene.storage);
        stanza_fail_at = failing;
        stanza_drain(scene.stream, &text);
        reached = stanza_fail_at == 0;
        stanza_fail_at = 0;
        assert_string_equal(test_text_get(&text), "opened a@b.example/two\nanswer 2 a@b.example/two\n"
                                                  "route <message from=\"a@b.example/one\"/>\n");
        test_text_free(&text);
        scene.storage.mode = TEST_STORAGE_NOW;
        stanza_tear_down(&scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stanzas),
        cmocka_unit_test(before_the_first_bind),
        cmocka_unit_test(session_requests),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_stanza_leaves_its_tree),
        cmocka_unit_test(more_than_the_stream_has_room_for),
        cmocka_unit_test(a_turn_is_taken_again),
        cmocka_unit_test(what_waits_is_decided_at_the_end),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
