/* Stream features: FEAT-1 to FEAT-4, as nodes and as octets. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <libxml/tree.h>
#include <string.h>

static void expect(xmppbind_stream *stream, const char *octets, const char *summary) {
    size_t length = 0;
    struct test_text text = {NULL, 0, 0};
    xmlNode *features = xmlNewNode(NULL, (const xmlChar *)"features");
    assert_non_null(xmlNewChild(features, NULL, (const xmlChar *)"mechanisms", NULL)); /* what stood there stays */
    assert_string_equal(xmppbind_stream_features_bytes(stream, &length), octets);
    assert_int_equal(length, strlen(octets));
    assert_int_equal(xmppbind_stream_add_features(stream, features), XMPPBIND_OK);
    test_summary(features, &text);
    assert_string_equal(test_text_get(&text), summary);
    test_text_free(&text);
    for (const xmlNode *child = features->children->next; child != NULL; child = child->next) {
        assert_ptr_equal(child->parent, features);
        assert_string_equal((const char *)child->ns->href, "urn:ietf:params:xml:ns:xmpp-bind");
    }
    xmlFreeNode(features);
}

static void what_is_offered(void **state) {
    (void)state;
    for (int unbind = 0; unbind < 2; unbind++) {
        xmppbind_host *host = test_host(NULL);
        test_option(host, "unbind", unbind ? "on" : "off");
        xmppbind_stream *stream = test_stream(host, "a@b");
        if (unbind)
            expect(stream,
                   "<bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"><required/></bind>"
                   "<unbind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/>",
                   "features(mechanisms)(bind(required))(unbind)");
        else
            expect(stream, "<bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"><required/></bind>",
                   "features(mechanisms)(bind(required))");
        assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK); /* FEAT-4 */
        if (unbind)
            expect(stream,
                   "<bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/>"
                   "<unbind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/>",
                   "features(mechanisms)(bind)(unbind)");
        else
            expect(stream, "<bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/>", "features(mechanisms)(bind)");
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
    }
}

static void arguments_are_checked(void **state) {
    size_t length = 5;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    xmlNode *features = xmlNewNode(NULL, (const xmlChar *)"features");
    (void)state;
    assert_int_equal(xmppbind_stream_add_features(NULL, features), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_add_features(stream, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(features->children);
    assert_null(xmppbind_stream_features_bytes(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_stream_features_bytes(NULL, NULL));
    assert_non_null(xmppbind_stream_features_bytes(stream, NULL));
    xmlFreeNode(features);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_offered),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
