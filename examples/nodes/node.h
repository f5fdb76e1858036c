/*
 * One of several servers that share their accounts by a directory in Redis (xmppbind/redis.h). Where a real server has
 * sockets and clients, this one has named streams and lines to standard input.
 *
 * main.c reads the options and has the loop of libuv, streams.c keeps the streams and says what happens on them,
 * command.c carries out the lines.
 */
#ifndef EXAMPLES_NODES_NODE_H
#define EXAMPLES_NODES_NODE_H

#include <stdbool.h>
#include <uv.h>
#include <xmppbind.h>
#include <xmppbind/redis_uv.h>

struct node_stream {
    struct node_stream *next;
    xmppbind_stream *stream;
    char name[32];
};

struct node {
    const char *name;
    xmppbind_host *host;
    xmppbind_redis *redis;
    xmppbind_redis_uv *joined;
    struct node_stream *streams;
    uv_loop_t loop;
    bool leaving;
    bool failed;
    int state; /* of the node, when it was looked at last: an xmppbind_redis_state */
    char line[4096];
    size_t length; /* of the line that is being read */
};

/* command.c */
void node_run_line(struct node *node, char *line);
/* Gives everything back, and ends when that is done. */
void node_leave(struct node *node);

/* streams.c */
struct node_stream *node_stream_find(const struct node *node, const char *name);
/* Finds it, or opens it for an account; NULL when that is no account. */
struct node_stream *node_stream_obtain(struct node *node, const char *name, const char *account);
/* Says what has happened on a stream. */
void node_stream_drain(struct node *node, struct node_stream *stream);
void node_stream_close(struct node *node, struct node_stream *stream);
/* Drains all streams on which something has happened meanwhile. */
void node_drain_ready(struct node *node);
/* A line of output: the name of the node, and up to three words or sentences, those that are not NULL. */
void node_say(const struct node *node, const char *first, const char *second, const char *third);

#endif
