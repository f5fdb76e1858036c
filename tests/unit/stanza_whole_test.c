/* What goes in comes out whole: nothing is lost without memory, in another encoding, or in odd ids. */
#include "lib/stanza/parse.h"
#include "tests/unit/stanza_play.h"

static void write_element(xmlNode *element, struct test_text *text) {
    xmlBuffer *buffer = xmlBufferCreate();
    assert_true(xmlNodeDump(buffer, NULL, element, 0, 0) >= 0);
    test_text_format(text, "%s", (const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
}

/* With the n-th allocation of libxml2 failing: either NO_MEMORY, or the element as it was sent. */
static void whole_or_nothing(const char *text) {
    int reached = 1, differ = 0;
    for (size_t failing = 1; reached; failing++) {
        struct test_text written = {NULL, 0, 0};
        xmlNode *element = NULL;
        stanza_fail_at = failing;
        int result = xmppbind_parse(text, strlen(text), &element);
        reached = stanza_fail_at == 0;
        stanza_fail_at = 0;
        assert_true(result == XMPPBIND_OK || result == XMPPBIND_ERROR_NO_MEMORY);
        if (element != NULL) {
            write_element(element, &written);
            if (strcmp(test_text_get(&written), text) != 0) {
                print_message("sent %s, taken as %s\n", text, test_text_get(&written));
                differ++;
            }
            test_text_free(&written);
            xmlFreeNode(element);
        }
    }
    assert_int_equal(differ, 0);
}

static void a_declaration_behind_another(void **state) {
    (void)state;
    whole_or_nothing("<message xmlns=\"jabber:client\" xmlns:n=\"urn:n\"/>");
    whole_or_nothing("<message><x xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns:c=\"urn:c\"/></message>");
}

static void a_comment_behind_a_comment(void **state) {
    (void)state;
    whole_or_nothing("<message><!--a--><!--b--></message>");
}

static void an_instruction_behind_an_instruction(void **state) {
    (void)state;
    whole_or_nothing("<message><?a b?><?c d?></message>");
}

/* JID-5, stanza.h "as text: UTF-8": code page 37 is taken, '<?xml version="1.0"?><message/>'. */
static void another_encoding(void **state) {
    static const unsigned char ebcdic[] = {0x4c, 0x6f, 0xa7, 0x94, 0x93, 0x40, 0xa5, 0x85, 0x99, 0xa2, 0x89,
                                           0x96, 0x95, 0x7e, 0x7f, 0xf1, 0x4b, 0xf0, 0x7f, 0x6f, 0x6e, 0x4c,
                                           0x94, 0x85, 0xa2, 0xa2, 0x81, 0x87, 0x85, 0x61, 0x6e};
    xmlNode *element = NULL;
    (void)state;
    int result = xmppbind_parse((const char *)ebcdic, sizeof ebcdic, &element);
    xmlFreeNode(element);
    assert_int_equal(result, XMPPBIND_ERROR_NOT_WELL_FORMED);
}

static void add_part(xmlAttr *attribute, xmlNode *part) {
    part->parent = (xmlNode *)attribute;
    part->prev = attribute->last;
    *(attribute->last == NULL ? &attribute->children : &attribute->last->next) = part;
    attribute->last = part;
}

/* BIND-1: same id. It is taken for a good one (a reference is not empty), the resource is bound, and the result has
 * none. */
static void an_id_that_is_a_reference(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_NONE);
    xmlNode *node = test_node("<iq type='set'><bind " BIND_NS "><resource>one</resource></bind></iq>");
    add_part(xmlNewProp(node, (const xmlChar *)"id", NULL), xmlNewReference(NULL, (const xmlChar *)"x"));
    assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
    test_expect(scene.stream, "opened a@b.example/one\nsend <iq type=\"result\" id=\"&x;\"><bind "
                              "xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"><jid>a@b.example/one</jid></bind></iq>\n");
    stanza_tear_down(&scene);
}

/* BIND-6: an empty id does not go back, also when it is empty in two nodes. */
static void an_empty_id_of_two_nodes(void **state) {
    struct stanza_scene scene;
    (void)state;
    stanza_set_up(&scene, RESOURCES_NONE);
    xmlNode *node = test_node("<iq type='set'><bind " BIND_NS "><resource>one</resource></bind></iq>");
    xmlAttr *id = xmlNewProp(node, (const xmlChar *)"id", NULL);
    add_part(id, xmlNewText((const xmlChar *)""));
    add_part(id, xmlNewText((const xmlChar *)""));
    assert_int_equal(xmppbind_stream_receive(scene.stream, node), XMPPBIND_OK);
    test_expect(scene.stream, "send <iq type=\"error\"><error type=\"modify\"><bad-request "
                              "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>\n");
    stanza_tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_declaration_behind_another),
        cmocka_unit_test(a_comment_behind_a_comment),
        cmocka_unit_test(an_instruction_behind_an_instruction),
        cmocka_unit_test(another_encoding),
        cmocka_unit_test(an_id_that_is_a_reference),
        cmocka_unit_test(an_empty_id_of_two_nodes),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
