/* A stanza that leaves its tree takes along what its prefixes stand for. */
#include "lib/stanza/namespaces.h"
#include "tests/unit/stanza_play.h"

#define CLIENT "xmlns='jabber:client'"

/* The first element in the first element of the text; the document is freed with it. */
static xmlNode *inner(const char *text) {
    xmlNode *root = test_node(text);
    assert_non_null(root);
    return root->children;
}

static void expect_text(const xmlNode *node, const char *expected) {
    xmlBuffer *buffer = xmlBufferCreate();
    assert_true(xmlNodeDump(buffer, NULL, (xmlNode *)(uintptr_t)node, 0, 0) >= 0);
    assert_string_equal((const char *)xmlBufferContent(buffer), expected);
    xmlBufferFree(buffer);
}

static const struct {
    const char *text, *expected;
} cases[] = {
    /* Nothing is above it. */
    {"<a><message/></a>", "<message/>"},
    {"<a><message xmlns='jabber:client'><x:b xmlns:x='urn:x'/></message></a>",
     "<message xmlns=\"jabber:client\"><x:b xmlns:x=\"urn:x\"/></message>"},
    /* The usual stream: a default namespace, and one more that is not used. */
    {"<s:a xmlns:s='urn:s' " CLIENT "><message><body/></message></s:a>",
     "<message xmlns=\"jabber:client\"><body/></message>"},
    /* Prefixes of elements and of attributes, once each. */
    {"<a xmlns:x='urn:x' xmlns:y='urn:y' xmlns:z='urn:z'><message x:p='1'><x:b/><c><y:d z:q='2'/></c>t</message></a>",
     "<message xmlns:x=\"urn:x\" xmlns:y=\"urn:y\" xmlns:z=\"urn:z\" x:p=\"1\"><x:b/><c><y:d "
     "z:q=\"2\"/></c>t</message>"},
    /* The default namespace comes in below elements that are in none. */
    {"<x:a xmlns:x='urn:x' xmlns='urn:d'><x:b><c/><x:e xmlns=''><f/></x:e></x:b></x:a>",
     "<x:b xmlns:x=\"urn:x\"><c xmlns=\"urn:d\"/><x:e xmlns=\"\"><f/></x:e></x:b>"},
    /* The stanza's own declarations come first. */
    {"<a xmlns:x='urn:x'><message xmlns:x='urn:other'><x:b/></message></a>",
     "<message xmlns:x=\"urn:other\"><x:b/></message>"},
    {"<a xml:lang='de'><message xml:lang='en'/></a>", "<message xml:lang=\"en\"/>"},
};

static void it_means_what_it_meant(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t failing = 0;; failing++) { /* 0: none */
            xmlNode *node = inner(cases[i].text), *parent = node->parent;
            stanza_fail_at = failing;
            int result = xmppbind_namespaces_own(node);
            int reached = failing == 0 || stanza_fail_at == 0;
            stanza_fail_at = 0;
            if (result == XMPPBIND_ERROR_NO_MEMORY)
                result = xmppbind_namespaces_own(node); /* it may be called again */
            assert_int_equal(result, XMPPBIND_OK);
            xmlUnlinkNode(node);
            xmlFreeNode(parent); /* nothing of it is used any longer: the sanitizer sees to that */
            expect_text(node, cases[i].expected);
            xmlFreeNode(node);
            if (!reached)
                break;
        }
    }
}

/* What only a host can make: the prefix stands for something else between the declaration and its use, or at its use.
 */
static void a_prefix_that_is_taken(void **state) {
    xmlNode *node = inner("<a xmlns:x='urn:x'><message><b xmlns:x='urn:other'><c/></b></message></a>");
    xmlNode *b = node->children, *c = b->children, *parent = node->parent;
    (void)state;
    c->ns = parent->nsDef;
    assert_int_equal(xmppbind_namespaces_own(node), XMPPBIND_OK);
    expect_text(node, "<message><b xmlns:x=\"urn:other\"><x:c xmlns:x=\"urn:x\"/></b></message>");
    b->ns = parent->nsDef; /* nothing can be done for it */
    assert_int_equal(xmppbind_namespaces_own(node), XMPPBIND_OK);
    assert_ptr_equal(b->ns, parent->nsDef);
    b->ns = NULL;
    xmlChar *href = (xmlChar *)(uintptr_t)parent->nsDef->href;
    parent->nsDef->href = NULL;
    c->ns = parent->nsDef; /* no namespace at all, as libxml2 leaves it without memory */
    assert_int_equal(xmppbind_namespaces_own(node), XMPPBIND_OK);
    assert_ptr_equal(c->ns, parent->nsDef);
    parent->nsDef->href = href;
    xmlFreeNode(parent);
}

/* The default namespace is not declared on a stanza that is in none: its other children would come into it. */
static void a_stanza_in_no_namespace_stays_there(void **state) {
    xmlNode *node = inner("<a xmlns='urn:d'><message xmlns=''><b/><c/></message></a>"), *parent = node->parent;
    (void)state;
    assert_null(node->ns);
    xmlFreeNsList(node->nsDef);
    node->nsDef = NULL;
    node->children->ns = parent->nsDef;
    assert_int_equal(xmppbind_namespaces_own(node), XMPPBIND_OK);
    xmlUnlinkNode(node);
    xmlFreeNode(parent);
    expect_text(node, "<message><b xmlns=\"urn:d\"/><c/></message>");
    xmlFreeNode(node);
}

static void a_stanza_that_was_received_stands_alone(void **state) {
    struct stanza_scene scene;
    (void)state;
    for (size_t failing = 0;; failing++) {
        stanza_set_up(&scene, RESOURCES_ONE);
        xmlNode *node = inner("<s:a xmlns:s='urn:s' xmlns:x='urn:x' " CLIENT "><message id='i'><x:b/></message></s:a>");
        xmlNode *parent = node->parent;
        stanza_fail_at = failing;
        int result = xmppbind_stream_receive(scene.stream, node);
        int reached = failing == 0 || stanza_fail_at == 0;
        stanza_fail_at = 0;
        if (result == XMPPBIND_ERROR_NO_MEMORY) {
            assert_ptr_equal(parent->children, node);
            result = xmppbind_stream_receive(scene.stream, node);
        }
        assert_int_equal(result, XMPPBIND_OK);
        assert_null(parent->children);
        xmlFreeNode(parent);
        test_expect(scene.stream, "route <message xmlns=\"jabber:client\" xmlns:x=\"urn:x\" id=\"i\" "
                                  "from=\"a@b.example/one\"><x:b/></message>\n");
        stanza_tear_down(&scene);
        if (!reached)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_means_what_it_meant),
        cmocka_unit_test(a_prefix_that_is_taken),
        cmocka_unit_test(a_stanza_in_no_namespace_stays_there),
        cmocka_unit_test(a_stanza_that_was_received_stands_alone),
    };
    if (stanza_play_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
