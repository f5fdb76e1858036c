/* Two nodes of one directory in one process, each with a host of its own, driven by the test. */
#ifndef XMPPBIND_TESTS_REDIS_PAIR_H
#define XMPPBIND_TESTS_REDIS_PAIR_H

#include "server.h"
#include "tests/support/test_text.h"

#include <xmppbind.h>
#include <xmppbind/redis.h>

#define ACCOUNT "juliet@capulet.example"

struct test_node {
    xmppbind_host *host;
    xmppbind_redis *redis;
    xmppbind_stream *stream; /* of ACCOUNT */
    struct test_text log;
};

/* A node that is not started; `allocator` NULL for malloc. Leases are short, and so are all other times. */
void test_node_make(struct test_node *node, const char *name, const struct test_redis *server,
                    const xmppbind_allocator *allocator);
/* Makes it, starts it, and waits until it is ready. */
void test_node_start(struct test_node *node, const char *name, const struct test_redis *server);
/* Frees the stream, leaves in good order, and frees the rest. */
void test_node_stop(struct test_node *node);
/* Frees everything at once, as far as Redis can see. */
void test_node_drop(struct test_node *node);
/* Gives nodes (the second may be NULL) their turns until `condition` holds; fails the test after a long time. */
void test_nodes_until(struct test_node *one, struct test_node *other, int (*condition)(void *data), void *data);
/* The same until a stream has events, which have to be these. */
#define test_nodes_expect(one, other, stream, lines) test_nodes_expect_at(one, other, stream, lines, __FILE__, __LINE__)
void test_nodes_expect_at(struct test_node *one, struct test_node *other, xmppbind_stream *stream, const char *lines,
                          const char *file, int line);
/* Waits until the node is in this state. */
void test_node_state(struct test_node *node, struct test_node *other, int state);
/* The resources of ACCOUNT, each followed by a blank, and the end: "." or a condition. Valid until the next call. */
const char *test_node_list(struct test_node *node, struct test_node *other);

#endif
