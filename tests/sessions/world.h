/*
 * A host with sessions, its streams, and what surrounds it: what the streams route is delivered as a server does, or
 * comes to the contacts outside. What each address was told of each source is written down, and compared with the
 * model.
 */
#ifndef XMPPBIND_TESTS_SESSIONS_WORLD_H
#define XMPPBIND_TESTS_SESSIONS_WORLD_H

#include "model.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_text.h"

#include <libxml/tree.h>
#include <xmppbind.h>

enum { STREAMS = 7, REQUESTS = 512, JID_ROOM = 40 };

struct world_stream {
    xmppbind_stream *stream; /* NULL: this place is free */
    int account;
    int closing;  /* it was told to close */
    int has_lost; /* a resource, since it was drained */
    int copies;   /* messages that it got, since that was asked the last time */
};

struct world_request {
    int stream; /* -1: it went before it answered */
    int answers, refused;
};

struct lists;

struct world {
    struct test_allocator memory;
    struct model model;
    struct lists *lists; /* privacy lists, or NULL: with them, the model does not know who sees whom */
    uint64_t seed, random;
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    struct world_stream streams[STREAMS];
    uint8_t sees[ADDRESSES][SOURCES]; /* the last presence that it got was available */
    uint8_t sent_to_full[SOURCES];    /* directed presence to a full JID */
    xmlNode **routed;                 /* what is to be delivered, in order */
    size_t routed_first, routed_count, routed_capacity;
    struct world_request requests[REQUESTS];
    int request_count;
    int to_host; /* messages that nobody was there for */
    struct test_text log;
};

void world_set_up(struct world *world, uint64_t seed);
/* Everything is closed by then. */
void world_tear_down(struct world *world);
/* Fails the test, with all that happened. */
void world_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
/* 0 to limit - 1. */
int world_random(struct world *world, int limit);

/* The JID of a target, in `room` of JID_ROOM. */
const char *world_jid(struct model_target target, char *room);
const char *world_address(int address, char *room);

/* A client sends this; it is drained with world_drain(). */
void world_receive(struct world *world, int stream, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* From outside. */
void world_deliver(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A request of a client: its number, for the id. */
int world_request(struct world *world, int stream);

/* Drains one stream, and what was routed goes where it goes. */
void world_drain(struct world *world, int stream);
/* Only the first event that its last stanza causes. */
void world_drain_one(struct world *world, int stream);
/* What leaves without a stream, and what was routed, goes where it goes. */
void world_pump(struct world *world);
/* Drains the streams until nothing happens any longer, and compares with the model. */
void world_settle(struct world *world);
void world_forget_stream(struct world *world, int stream);
/* An address begins to look anew. */
void world_forget_seen(struct world *world, int address);
const char *world_attribute(const xmlNode *node, const char *name);

struct model_target world_parse(const char *jid);

/* notes.c: what an event of a stream says; of what came to contacts outside. */
void world_note_sent(struct world *world, int stream, const xmlNode *node);
void world_note_outside(struct world *world, const xmlNode *node);
void world_compare(struct world *world);

#endif
