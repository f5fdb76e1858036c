/* Reading an element: what is a stanza, which attributes count, what an IQ carries. */
#include "lib/stanza/view.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

#define BIND "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
#define UNBIND "<unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
#define SESSION "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"

static xmlNode *element(const char *name) {
    xmlNode *node = xmlNewNode(NULL, (const xmlChar *)name);
    assert_non_null(node);
    return node;
}

static int read_name(const char *name, struct xmppbind_view *view) {
    xmlNode *node = element(name);
    int result = xmppbind_view_read(node, view);
    xmlFreeNode(node);
    return result;
}

/* Calls `check` with each text that differs from `word` in one octet, and with those one shorter and one longer. */
static void each_neighbour(const char *word, void (*check)(const char *text)) {
    char text[32];
    size_t length = strlen(word);
    for (size_t i = 0; i < length; i++) {
        memcpy(text, word, length + 1);
        text[i] = text[i] == 'x' ? 'y' : 'x';
        check(text);
    }
    memcpy(text, word, length + 1);
    text[length - 1] = '\0';
    check(text);
    memcpy(text, word, length);
    memcpy(text + length, "x", 2);
    check(text);
}

static void is_no_stanza(const char *name) {
    struct xmppbind_view view;
    if (name[0] != '\0')
        assert_int_equal(read_name(name, &view), XMPPBIND_ERROR_NOT_A_STANZA);
}

/* FROM-10, BIND-17 */
static void three_elements_are_stanzas(void **state) {
    static const char *const names[] = {"message", "presence", "iq"};
    static const int elements[] = {XMPPBIND_ELEMENT_MESSAGE, XMPPBIND_ELEMENT_PRESENCE, XMPPBIND_ELEMENT_IQ};
    struct xmppbind_view view;
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(read_name(names[i], &view), XMPPBIND_OK);
        assert_int_equal((int)view.element, elements[i]);
        each_neighbour(names[i], is_no_stanza);
    }
    is_no_stanza("Message");
    is_no_stanza("stream");
}

static void other_nodes_are_none(void **state) {
    struct xmppbind_view view;
    xmlNode *text = xmlNewText((const xmlChar *)"message"), *nameless = element("message");
    const xmlChar *name = nameless->name;
    (void)state;
    assert_int_equal(xmppbind_view_read(text, &view), XMPPBIND_ERROR_NOT_A_STANZA);
    nameless->name = NULL; /* as libxml2 leaves it when it finds no memory */
    assert_int_equal(xmppbind_view_read(nameless, &view), XMPPBIND_ERROR_NOT_A_STANZA);
    nameless->name = name;
    xmlFreeNode(text);
    xmlFreeNode(nameless);
}

static void a_namespace_has_to_be_jabber_client(void **state) {
    struct xmppbind_view view;
    xmlNode *node = element("message");
    (void)state;
    xmlSetNs(node, xmlNewNs(node, (const xmlChar *)"jabber:client", NULL));
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    const xmlChar *href = node->ns->href;
    node->ns->href = NULL;
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_ERROR_NOT_A_STANZA);
    node->ns->href = href;
    xmlFreeNode(node);
    node = element("message");
    xmlSetNs(node, xmlNewNs(node, (const xmlChar *)"jabber:server", NULL));
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_ERROR_NOT_A_STANZA);
    xmlFreeNode(node);
}

static void is_no_attribute_that_counts(const char *name) {
    struct xmppbind_view view;
    xmlNode *node = element("message");
    if (name[0] != '\0')
        xmlNewProp(node, (const xmlChar *)name, (const xmlChar *)"value");
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    assert_null(view.from);
    assert_null(view.to);
    assert_null(view.id);
    assert_null(view.type);
    xmlFreeNode(node);
}

static void four_attributes_count(void **state) {
    static const char *const names[] = {"from", "to", "id", "type"};
    struct xmppbind_view view;
    xmlNode *node = element("message");
    xmlAttr *attributes[4];
    (void)state;
    for (int i = 0; i < 4; i++) {
        attributes[i] = xmlNewProp(node, (const xmlChar *)names[i], (const xmlChar *)names[i]);
        each_neighbour(names[i], is_no_attribute_that_counts);
    }
    xmlNs *other = xmlNewNs(node, (const xmlChar *)"urn:other", (const xmlChar *)"x");
    xmlNewNsProp(node, other, (const xmlChar *)"from", (const xmlChar *)"romeo@montague.example"); /* FROM-10 */
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    assert_ptr_equal(view.from, attributes[0]);
    assert_ptr_equal(view.to, attributes[1]);
    assert_ptr_equal(view.id, attributes[2]);
    assert_ptr_equal(view.type, attributes[3]);
    xmlFreeNode(node);
    is_no_attribute_that_counts("lang");
}

static enum xmppbind_type type_of(const char *text) {
    struct xmppbind_view view;
    enum xmppbind_type type;
    xmlNode *node = element("iq");
    if (text != NULL)
        xmlNewProp(node, (const xmlChar *)"type", (const xmlChar *)text);
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    assert_int_equal(xmppbind_view_type(&view, &type), XMPPBIND_OK);
    xmlFreeNode(node);
    return type;
}

static void is_another_type(const char *text) {
    static const char *const known[] = {"subscribe", "unsubscribe"};
    for (int i = 0; i < 2; i++)
        if (strcmp(text, known[i]) == 0)
            return; /* one shorter than "subscribed" */
    assert_int_equal((int)type_of(text), XMPPBIND_TYPE_OTHER);
}

static void types_are_told_apart(void **state) {
    static const struct {
        const char *text;
        int type;
    } cases[] = {{"get", XMPPBIND_TYPE_GET},
                 {"set", XMPPBIND_TYPE_SET},
                 {"result", XMPPBIND_TYPE_RESULT},
                 {"error", XMPPBIND_TYPE_ERROR},
                 {"subscribe", XMPPBIND_TYPE_SUBSCRIPTION},
                 {"subscribed", XMPPBIND_TYPE_SUBSCRIPTION},
                 {"unsubscribe", XMPPBIND_TYPE_SUBSCRIPTION},
                 {"unsubscribed", XMPPBIND_TYPE_SUBSCRIPTION}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal((int)type_of(cases[i].text), cases[i].type);
        each_neighbour(cases[i].text, is_another_type);
    }
    assert_int_equal((int)type_of(NULL), XMPPBIND_TYPE_OTHER);
    assert_int_equal((int)type_of(""), XMPPBIND_TYPE_OTHER);
    assert_int_equal((int)type_of("chat"), XMPPBIND_TYPE_OTHER);
    assert_int_equal((int)type_of("SET"), XMPPBIND_TYPE_OTHER);
}

/* BIND-4: what counts stands anywhere among the children; the first one with it is taken. */
static void an_iq_carries_one_thing(void **state) {
    static const struct {
        const char *children;
        int content, crowded;
    } cases[] = {{"", XMPPBIND_CONTENT_OTHER, 0},
                 {BIND, XMPPBIND_CONTENT_BIND, 0},
                 {UNBIND, XMPPBIND_CONTENT_UNBIND, 0},
                 {SESSION, XMPPBIND_CONTENT_SESSION, 0},
                 {" text <!-- comment -->" BIND "<?pi?>", XMPPBIND_CONTENT_BIND, 0},
                 {"<query xmlns='urn:q'/>" BIND, XMPPBIND_CONTENT_BIND, 1},
                 {BIND UNBIND, XMPPBIND_CONTENT_BIND, 1},
                 {UNBIND BIND, XMPPBIND_CONTENT_UNBIND, 1},
                 {SESSION BIND, XMPPBIND_CONTENT_BIND, 1},
                 {BIND SESSION, XMPPBIND_CONTENT_BIND, 1},
                 {SESSION SESSION, XMPPBIND_CONTENT_OTHER, 1},
                 {SESSION "<query xmlns='urn:q'/>", XMPPBIND_CONTENT_OTHER, 1},
                 {"<bind/>", XMPPBIND_CONTENT_OTHER, 0},
                 {"<bind xmlns='urn:other'/>", XMPPBIND_CONTENT_OTHER, 0},
                 {"<bin xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", XMPPBIND_CONTENT_OTHER, 0},
                 {"<unbound xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", XMPPBIND_CONTENT_OTHER, 0},
                 {"<unbind xmlns='urn:other'/>", XMPPBIND_CONTENT_OTHER, 0},
                 {"<session xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", XMPPBIND_CONTENT_OTHER, 0},
                 {"<service xmlns='urn:other'/>", XMPPBIND_CONTENT_OTHER, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_text text = {NULL, 0, 0};
        struct xmppbind_view view;
        test_text_format(&text, "<iq type='set'>%s</iq>", cases[i].children);
        xmlNode *node = test_node(test_text_get(&text));
        assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
        assert_int_equal((int)view.content, cases[i].content);
        assert_int_equal(view.crowded, cases[i].crowded);
        xmlFreeNode(node);
        test_text_free(&text);
    }
}

static void a_namespace_without_a_name_is_none(void **state) {
    struct xmppbind_view view;
    xmlNode *node = test_node("<iq type='set'>" BIND "</iq>");
    xmlNs *ns = node->children->ns;
    const xmlChar *href = ns->href;
    (void)state;
    ns->href = NULL;
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    assert_int_equal((int)view.content, XMPPBIND_CONTENT_OTHER);
    ns->href = href;
    xmlFreeNode(node);
}

/* BIND-17: a message or presence around it does nothing. */
static void only_an_iq_carries_it(void **state) {
    struct xmppbind_view view;
    xmlNode *node = test_node("<message type='set' id='1'>" BIND "</message>");
    (void)state;
    assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
    assert_int_equal((int)view.content, XMPPBIND_CONTENT_OTHER);
    xmlFreeNode(node);
}

static void assert_value(const xmlAttr *attribute, const char *expected) {
    struct xmppbind_value value;
    assert_int_equal(xmppbind_value_read(attribute, &value), XMPPBIND_OK);
    assert_string_equal(value.text, expected);
    assert_int_equal(value.length, strlen(expected));
    xmppbind_value_free(&value);
}

/* Whatever pieces a value has come in. */
static void a_value_is_joined(void **state) {
    struct xmppbind_value value;
    xmlNode *node = element("message");
    xmlAttr *attribute = xmlNewProp(node, (const xmlChar *)"from", (const xmlChar *)"juliet@");
    (void)state;
    assert_value(attribute, "juliet@");
    xmlAddChild((xmlNode *)attribute, xmlNewCDataBlock(NULL, (const xmlChar *)"capulet", 7));
    xmlNode *empty = xmlNewText(NULL);
    xmlAddChild((xmlNode *)attribute, empty);
    assert_null(empty->content);
    assert_value(attribute, "juliet@capulet");
    xmlAddChild((xmlNode *)attribute, xmlNewReference(NULL, (const xmlChar *)"dot"));
    assert_value(attribute, "juliet@capulet\x7f"); /* what cannot be resolved is no address */
    xmlFreeNodeList(attribute->children);
    attribute->children = attribute->last = NULL;
    assert_value(attribute, "");
    attribute->children = attribute->last = xmlNewText(NULL);
    assert_value(attribute, "");
    xmlFreeNode(attribute->children);
    attribute->children = attribute->last = xmlNewCDataBlock(NULL, (const xmlChar *)"a", 1);
    assert_value(attribute, "a");
    assert_int_equal(xmppbind_value_read(NULL, &value), XMPPBIND_OK);
    assert_null(value.text);
    xmppbind_value_free(&value);
    xmlFreeNode(node);
}

/* BIND-5 */
static void a_request_is_for_the_account_or_the_server(void **state) {
    static const struct {
        const char *attributes, *child;
        int is_request;
    } cases[] = {{"type='set'", BIND, 1},
                 {"type='get'", UNBIND, 1},
                 {"", BIND, 1},
                 {"type='result'", BIND, 0},
                 {"type='error'", UNBIND, 0},
                 {"type='set' to='a@b.example'", BIND, 1},
                 {"type='set' to='b.example'", BIND, 1},
                 {"type='set' to='a@b.example/c'", BIND, 0},
                 {"type='set' to='c@b.example'", BIND, 0},
                 {"type='set' to=''", BIND, 0},
                 {"type='set'", SESSION, 0},
                 {"type='set'", "<query xmlns='urn:q'/>", 0}};
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b.example");
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_text text = {NULL, 0, 0};
        struct xmppbind_view view;
        int is_request = -1;
        test_text_format(&text, "<iq %s>%s</iq>", cases[i].attributes, cases[i].child);
        xmlNode *node = test_node(test_text_get(&text));
        assert_int_equal(xmppbind_view_read(node, &view), XMPPBIND_OK);
        assert_int_equal(xmppbind_view_is_request(stream, &view, &is_request), XMPPBIND_OK);
        assert_int_equal(is_request, cases[i].is_request);
        xmlFreeNode(node);
        test_text_free(&text);
    }
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_elements_are_stanzas),
        cmocka_unit_test(other_nodes_are_none),
        cmocka_unit_test(a_namespace_has_to_be_jabber_client),
        cmocka_unit_test(four_attributes_count),
        cmocka_unit_test(types_are_told_apart),
        cmocka_unit_test(an_iq_carries_one_thing),
        cmocka_unit_test(a_namespace_without_a_name_is_none),
        cmocka_unit_test(only_an_iq_carries_it),
        cmocka_unit_test(a_value_is_joined),
        cmocka_unit_test(a_request_is_for_the_account_or_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
