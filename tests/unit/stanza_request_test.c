/* Requests to bind and unbind: their form, what their 'from' may be, what they are answered. */
#include "tests/support/test_allocator.h"
#include "tests/unit/stanza_play.h"

#define OK_BIND(id, to, resource)                                                                                      \
    "opened a@b.example/" resource "\nsend <iq type=\"result\" id=\"" id "\"" to "><bind " BIND_XMLNS "><jid>"         \
    "a@b.example/" resource "</jid></bind></iq>\n"
#define BIND_XMLNS "xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\""
#define ERROR(attributes, type, condition)                                                                             \
    "send <iq type=\"error\"" attributes "><error type=\"" type "\"><" condition                                       \
    " xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>\n"

/* BIND-1, BIND-7, BIND-8 */
static void binds(void **state) {
    static const struct stanza_play table[] = {
        {RESOURCES_NONE, "<iq type='set' id='i1'><bind " BIND_NS "><resource>r</resource></bind></iq>",
         OK_BIND("i1", "", "r")},
        {RESOURCES_ONE,
         "<iq type='set' id='i1' from='a@b.example/one' to='b.example'><bind " BIND_NS
         "><resource>r</resource></bind></iq>",
         OK_BIND("i1", " to=\"a@b.example/one\"", "r")},
        {RESOURCES_ONE,
         "<iq type='set' id='i1' from='A@b.example' to='a@B.example'><bind " BIND_NS
         "><resource>r</resource></bind></iq>",
         OK_BIND("i1", " to=\"A@b.example\"", "r")},
        {RESOURCES_ONE,
         "<iq type='set' id='i1' from='a@b.example/elsewhere'><bind " BIND_NS "><resource>r</resource></bind></iq>",
         OK_BIND("i1", " to=\"a@b.example/elsewhere\"", "r")},
        {RESOURCES_ONE,
         "<iq type='set' id='i1'><!-- c --><bind " BIND_NS
         "><?pi?><other xmlns='urn:other'/><resource>r<!-- c -->r<?pi?>r<![CDATA[<r>]]></resource></bind></iq>",
         "opened a@b.example/rrr<r>\nsend <iq type=\"result\" id=\"i1\"><bind " BIND_XMLNS
         "><jid>a@b.example/rrr&lt;r&gt;</jid></bind></iq>\n"},
        {RESOURCES_ONE, "<iq type='set' id='i1' from='c@b.example'><bind " BIND_NS "/></iq>", "close invalid-from\n"},
        {RESOURCES_ONE, "<iq type='set' id='i1' from='a@b.example/'><bind " BIND_NS "/></iq>",
         ERROR(" id=\"i1\"", "modify", "jid-malformed")},
    };
    (void)state;
    STANZA_PLAY(table);
}

/* BIND-3 to BIND-6 */
static void binds_of_a_bad_form(void **state) {
    static const struct stanza_play table[] = {
        {RESOURCES_ONE, "<iq type='set'><bind " BIND_NS "/></iq>", ERROR("", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='set' id=''><bind " BIND_NS "/></iq>", ERROR("", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='get' id='i1'><bind " BIND_NS "/></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq id='i1'><bind " BIND_NS "/></iq>", ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='set' id='i1'><bind " BIND_NS "/><query xmlns='urn:q'/></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE,
         "<iq type='set' id='i1'><bind " BIND_NS "><resource>a</resource><resource>b</resource></bind></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='set' id='i1'><bind " BIND_NS "><name>a</name></bind></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='set' id='i1'><bind " BIND_NS "><resource>a<b/></resource></bind></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='set' id='i1'><bind " BIND_NS "><resource/></bind></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='set' id='i1'><bind " BIND_NS "><resource>one</resource></bind></iq>",
         ERROR(" id=\"i1\"", "modify", "conflict")},
    };
    (void)state;
    STANZA_PLAY(table);
}

/* UNBIND-1 to UNBIND-4 */
static void unbinds(void **state) {
    static const struct stanza_play table[] = {
        {RESOURCES_TWO, "<iq type='set' id='i1'><unbind " BIND_NS "><resource>one</resource></unbind></iq>",
         "closed a@b.example/one unbound\nsend <iq type=\"result\" id=\"i1\"/>\n"},
        {RESOURCES_ONE,
         "<iq type='set' id='i1' from='a@b.example/one'><unbind " BIND_NS "><resource>one</resource></unbind></iq>",
         "closed a@b.example/one unbound\nsend <iq type=\"result\" id=\"i1\" to=\"a@b.example/one\"/>\nclose\n"},
        {RESOURCES_ONE, "<iq type='set' id='i1'><unbind " BIND_NS "><resource>two</resource></unbind></iq>",
         ERROR(" id=\"i1\"", "cancel", "item-not-found")},
        {RESOURCES_ONE, "<iq type='set' id='i1'><unbind " BIND_NS "/></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_NONE, "<iq type='set' id='i1'><unbind " BIND_NS "/></iq>",
         ERROR(" id=\"i1\"", "modify", "bad-request")},
        {RESOURCES_ONE, "<iq type='set' id='i1' from=''><unbind " BIND_NS "/></iq>",
         ERROR(" id=\"i1\"", "modify", "jid-malformed")},
    };
    (void)state;
    STANZA_PLAY(table);
}

/* Nodes as only a host makes them: a namespace without a name, a text without content, a reference. */
static void odd_nodes(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    xmlNode *node = test_node("<iq type='set' id='i1'><bind " BIND_NS "><x xmlns='urn:x'/><y/></bind></iq>");
    xmlNode *bind = node->children;
    xmlNs *nameless = bind->children->ns;
    xmlChar *href = (xmlChar *)(uintptr_t)nameless->href;
    nameless->href = NULL;           /* counts as another namespace */
    bind->children->next->ns = NULL; /* and so does none */
    assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
    xmlFree(href);
    xmppbind_event *event = NULL;
    assert_int_equal(xmppbind_stream_next_event(scene.stream, &event), 1);
    assert_int_equal(xmppbind_event_kind(event), XMPPBIND_EVENT_OPENED);
    test_drain_all(scene.stream);
    for (int reference = 0; reference < 2; reference++) {
        node = test_node("<iq type='set' id='i1'><bind " BIND_NS "><resource>r</resource></bind></iq>");
        xmlAddChild(node->children->children,
                    reference ? xmlNewReference(NULL, (const xmlChar *)"amp") : xmlNewCDataBlock(NULL, NULL, 0));
        assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
        test_expect(scene.stream, ERROR(" id=\"i1\"", "modify", "bad-request"));
    }
    node = test_node("<iq type='set'><unbind " BIND_NS "/></iq>");
    xmlAttr *id = xmlNewProp(node, (const xmlChar *)"id", NULL); /* no text at all: an empty id */
    assert_null(id->children);
    assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
    test_expect(scene.stream, ERROR("", "modify", "bad-request"));
    node = test_node("<iq type='set'><unbind " BIND_NS "/></iq>");
    id = xmlNewProp(node, (const xmlChar *)"id", NULL);
    id->children = id->last = xmlNewText(NULL);
    id->children->parent = (xmlNode *)id;
    assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
    test_expect(scene.stream, ERROR("", "modify", "bad-request"));
    stanza_tear_down(&scene);
}

/* BIND-3: 1023 octets are a resource, also in pieces; one more is not cut. */
static void a_resource_in_pieces_is_not_cut(void **state) {
    struct stanza_scene scene;
    char piece[512];
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    memset(piece, 'r', sizeof piece);
    for (int size = 511; size <= 512; size++) {
        xmlNode *node = test_node("<iq type='set' id='i1'><bind " BIND_NS "><resource/></bind></iq>");
        xmlNode *resource = node->children->children;
        resource->children = xmlNewTextLen((const xmlChar *)piece, 512);
        resource->last = xmlNewCDataBlock(NULL, (const xmlChar *)piece, size);
        resource->children->next = resource->last;
        resource->last->prev = resource->children;
        resource->children->parent = resource->last->parent = resource;
        assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
        if (size == 512)
            test_expect(scene.stream, ERROR(" id=\"i1\"", "modify", "bad-request"));
        else
            test_drain_all(scene.stream);
        assert_int_equal(xmppbind_stream_resource_count(scene.stream), 2);
    }
    stanza_tear_down(&scene);
}

/* More than could be worth preparing is not even read. */
static void a_resource_may_be_very_long(void **state) {
    struct stanza_scene scene;
    char resource[5001];
    struct test_text text = {NULL, 0, 0};
    (void)state;
    stanza_set_up(&scene, RESOURCES_ONE);
    memset(resource, 'r', sizeof resource - 1);
    resource[sizeof resource - 1] = '\0';
    test_text_format(&text, "<iq type='set' id='i1'><bind " BIND_NS "><resource>%s</resource></bind></iq>", resource);
    assert_int_equal(test_receive(scene.stream, test_text_get(&text)), XMPPBIND_OK);
    test_expect(scene.stream, ERROR(" id=\"i1\"", "modify", "bad-request"));
    test_text_free(&text);
    stanza_tear_down(&scene);
}

/* FROM-6: the end of the stream waits for memory. */
static void a_foreign_request_waits_for_memory(void **state) {
    struct test_allocator source;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_stream *stream = test_stream(host, "a@b.example");
    assert_int_equal(test_bind(stream, "one", 1), XMPPBIND_OK); /* two events undrained, and a spare operation */
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(test_receive(stream, "<iq type='set' id='i1' from='c@b.example'><bind " BIND_NS "/></iq>"),
                     XMPPBIND_OK);
    test_allocator_fail(&source, 0, 0);
    test_expect(stream, "opened a@b.example/one\nanswer 1 a@b.example/one\nclose invalid-from\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binds),
        cmocka_unit_test(binds_of_a_bad_form),
        cmocka_unit_test(unbinds),
        cmocka_unit_test(odd_nodes),
        cmocka_unit_test(a_resource_may_be_very_long),
        cmocka_unit_test(a_foreign_request_waits_for_memory),
        cmocka_unit_test(a_resource_in_pieces_is_not_cut),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
