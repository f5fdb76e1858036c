/* Copies of stanzas: everything that a tree may hold, on its own and beside what is copied. */
#include "lib/session/copy.h"
#include "lib/stanza/bytes.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_xml.h"

#include <libxml/parser.h>
#include <string.h>

static void expect(xmlNode *node, const char *text) {
    xmppbind_host *host;
    char *place = NULL;
    const char *got;
    size_t length;
    assert_non_null(node);
    assert_int_equal(xmppbind_host_new(&host, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_stanza_bytes(node, host, &place, &got, &length), XMPPBIND_OK);
    assert_string_equal(got, text);
    xmppbind_memory_put(xmppbind_host_memory(host), place);
    xmppbind_host_free(host);
}

static void a_copy_is_the_same(void **state) {
    static const char *const texts[] = {
        "<message/>",
        "<message to=\"a@b\" id=\"\"><body>x</body><y><z/></y>t</message>",
        "<c:a xmlns:c=\"urn:c\" c:x=\"1\"><c:b><d:e xmlns:d=\"urn:d\" c:y=\"2\" d:z=\"3\"/></c:b></c:a>",
        "<message xmlns=\"jabber:client\" xmlns:e=\"urn:e\"><x xmlns=\"\"/><e:f e:g=\"h\"/></message>",
        "<message xmlns=\"jabber:client\" xmlns:e=\"u\" xml:lang=\"it\" e:a=\"b\"><body xml:lang=\"en\"/></message>",
        "<message xml:lang=\"it\"><body xml:lang=\"en\">x</body></message>",
        "<message><!-- c --><?p i?><![CDATA[<]]>&amp;<a><b/></a><c/></message>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        xmlNode *node = test_node(texts[i]);
        xmlNode *copy = xmppbind_copy_element(node);
        expect(node, texts[i]);
        expect(copy, texts[i]);
        xmlFreeNode(node);
        expect(copy, texts[i]); /* it has nothing of the other */
        xmlFreeNode(copy);
    }
}

/* In a document: with references to entities, the prefix "xml" from the document, a namespace from above. */
static void of_a_tree_that_stands_in_a_document(void **state) {
    static const char text[] = "<!DOCTYPE s [<!ENTITY e 'v'>]><s:s xmlns:s=\"urn:s\"><message a=\"1\" s:b=\"2\" "
                               "xml:lang=\"it\"><s:body>&e;</s:body></message></s:s>";
    (void)state;
    xmlDoc *document = xmlReadMemory(text, sizeof text - 1, NULL, NULL, XML_PARSE_NONET);
    assert_non_null(document);
    xmlNode *copy = xmppbind_copy_element(xmlDocGetRootElement(document)->children);
    xmlFreeDoc(document);
    expect(copy, "<message xmlns:s=\"urn:s\" a=\"1\" s:b=\"2\" xml:lang=\"it\"><s:body "
                 "xmlns:s=\"urn:s\">&e;</s:body></message>");
    xmlFreeNode(copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_is_the_same),
        cmocka_unit_test(of_a_tree_that_stands_in_a_document),
    };
    test_silence_xml();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
