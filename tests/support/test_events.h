/*
 * Drains a stream and writes each event as one line, as the console does:
 *   send XML | route XML | discard CONDITION | close [CONDITION] | opened JID | closed JID REASON
 * and for xmppbind_stream_bind() and xmppbind_stream_unbind():
 *   answer TAG [JID] [CONDITION]
 */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_EVENTS_H
#define XMPPBIND_TESTS_SUPPORT_TEST_EVENTS_H

#include "test_text.h"

#include <xmppbind.h>

/* Writes one event. 0, or XMPPBIND_ERROR_NO_MEMORY when its stanza could not be had as text; then nothing was written.
 */
int test_event_line(xmppbind_stream *stream, xmppbind_event *event, struct test_text *text);
/* Drains until there is nothing left; returns 0, or the error that stopped it. Asserts the invariants of each kind of
 * event. */
int test_drain(xmppbind_stream *stream, struct test_text *text);
/* Drains and throws away; fails the test on any error. */
void test_drain_all(xmppbind_stream *stream);
/* Drains and compares with lines that each end with '\n'. */
#define test_expect(stream, lines) test_expect_at(stream, lines, __FILE__, __LINE__)
void test_expect_at(xmppbind_stream *stream, const char *lines, const char *file, int line);

/* A host on an allocator of a test (or NULL for malloc), and a stream on it. */
xmppbind_host *test_host(const xmppbind_allocator *allocator);
xmppbind_stream *test_stream(xmppbind_host *host, const char *account);
/* Calls with C strings; `resource` NULL: generated. */
int test_bind(xmppbind_stream *stream, const char *resource, uint64_t tag);
int test_unbind(xmppbind_stream *stream, const char *resource, uint64_t tag);
void test_option(xmppbind_host *host, const char *name, const char *value);

#endif
