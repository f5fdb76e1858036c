#include "test_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

struct _xmlNode *test_node(const char *text) {
    xmlDoc *document =
        xmlReadMemory(text, (int)strlen(text), NULL, NULL, XML_PARSE_NODICT | XML_PARSE_NONET | XML_PARSE_HUGE);
    if (document == NULL)
        return NULL;
    /* a copy, because 'xml:' names of a document's node belong to the document */
    xmlNode *node = xmlDocCopyNode(xmlDocGetRootElement(document), NULL, 1);
    xmlFreeDoc(document);
    return node;
}

int test_receive(xmppbind_stream *stream, const char *text) {
    xmlNode *node = test_node(text);
    int result = xmppbind_stream_receive(stream, node);
    if (result != XMPPBIND_OK)
        xmlFreeNode(node);
    return result;
}

int test_receive_bytes(xmppbind_stream *stream, const char *text) {
    return xmppbind_stream_receive_bytes(stream, text, strlen(text));
}

static int compare_attributes(const void *left, const void *right) {
    const xmlAttr *const *first = left, *const *second = right;
    return xmlStrcmp((*first)->name, (*second)->name);
}

static void summarize_attributes(const xmlNode *node, struct test_text *text) {
    enum { MOST = 32 };
    const xmlAttr *sorted[MOST] = {NULL};
    size_t count = 0;
    for (const xmlAttr *attribute = node->properties; attribute != NULL && count < MOST; attribute = attribute->next)
        sorted[count++] = attribute;
    qsort(sorted, count, sizeof sorted[0], compare_attributes);
    for (size_t i = 0; i < count; i++) {
        xmlChar *value = xmlNodeListGetString(node->doc, sorted[i]->children, 1);
        test_text_format(text, "%s%s=%s", i == 0 ? "{" : ",", (const char *)sorted[i]->name,
                         value == NULL ? "" : (const char *)value);
        xmlFree(value);
    }
    if (count > 0)
        test_text_add(text, "}", 1);
}

static void summarize_text(const xmlNode *node, struct test_text *text) {
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type == XML_TEXT_NODE && child->content != NULL)
            test_text_format(text, "[%s]", (const char *)child->content);
    }
}

void test_summary(const struct _xmlNode *node, struct test_text *text) {
    test_text_format(text, "%s", (const char *)node->name);
    summarize_attributes(node, text);
    int depth = 0;
    /* without recursion: a test may send a thousand levels */
    for (const xmlNode *at = node->children; at != NULL;) {
        if (at->type == XML_ELEMENT_NODE) {
            test_text_format(text, "(%s", (const char *)at->name);
            summarize_attributes(at, text);
            summarize_text(at, text);
            if (at->children != NULL) {
                depth++;
                at = at->children;
                continue;
            }
            test_text_add(text, ")", 1);
        }
        while (depth > 0 && at->next == NULL) {
            at = at->parent;
            depth--;
            test_text_add(text, ")", 1);
        }
        at = at->next;
    }
}

static void ignore_error(void *context, xmlError *error) {
    (void)context;
    (void)error;
}

static void ignore_text(void *context, const char *format, ...) {
    (void)context;
    (void)format;
}

void test_silence_xml(void) {
    xmlSetStructuredErrorFunc(NULL, ignore_error);
    xmlSetGenericErrorFunc(NULL, ignore_text);
}
