/* Stanzas from text, and short forms of stanzas to compare. */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_XML_H
#define XMPPBIND_TESTS_SUPPORT_TEST_XML_H

#include "test_text.h"

#include <xmppbind.h>

/* An element of its own, without a document; NULL when the text is not well-formed. Free it with xmlFreeNode(). */
struct _xmlNode *test_node(const char *text);
/* Gives the text to the stream as a node, or as octets. A node that was refused is freed. */
int test_receive(xmppbind_stream *stream, const char *text);
int test_receive_bytes(xmppbind_stream *stream, const char *text);
/* Writes an element without regard to the order of attributes: NAME{ATTRIBUTE=VALUE,...}(CHILD...)[TEXT]; a namespace
 * is left out. */
void test_summary(const struct _xmlNode *node, struct test_text *text);
/* libxml2 prints parser errors; tests that provoke them do not want that. Only programs of tests call this. */
void test_silence_xml(void);

#endif
