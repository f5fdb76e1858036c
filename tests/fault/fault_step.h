/* The steps of the flow, and the play they belong to. */
#ifndef XMPPBIND_TESTS_FAULT_FAULT_STEP_H
#define XMPPBIND_TESTS_FAULT_FAULT_STEP_H

#include "fault_flow.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_storage.h"

#include <xmppbind.h>

enum { FAULT_STREAMS = 2, FAULT_HELD = 16 };

enum fault_step_kind {
    FAULT_OPEN,       /* text: the account */
    FAULT_BIND,       /* text: the resource, or NULL */
    FAULT_UNBIND,     /* text: the resource */
    FAULT_STAMP,      /* text: 'from', or NULL */
    FAULT_RECEIVE,    /* text: the stanza */
    FAULT_FEATURES,   /* the elements of stream features */
    FAULT_DISCONNECT, /* the transport is gone */
    FAULT_FREE,       /* the stream is freed as it is */
    FAULT_SILENCE,    /* text: whether the store says nothing, "on" or "off" */
    FAULT_EXPIRE,     /* text: the time in milliseconds */
    FAULT_DELIVER,    /* text: a stanza from elsewhere; as octets for stream 0, as a node in a tree for stream 1 */
    FAULT_END
};

struct fault_step {
    enum fault_step_kind kind;
    int stream;
    const char *text;
};

struct fault_play {
    const struct fault_plan *plan;
    struct test_allocator source;
    xmppbind_host *host;
    struct test_storage storage;
    xmppbind_stream *streams[FAULT_STREAMS];
    xmppbind_sessions *sessions; /* or NULL */
    xmppbind_store *store;       /* of the sessions */
    xmppbind_memory_store *memory_store;
    const xmppbind_store_request *held[FAULT_HELD]; /* by the store, which answers later */
    size_t held_count;
    int silent; /* the store says nothing at all */
    struct test_text *lines;
    int attempts; /* of the call that is being repeated */
    int dead;     /* FAULT_FINAL struck */
};

const struct fault_step *fault_steps(enum fault_way way);
/* fault_sessions.c */
extern const struct fault_step fault_session_steps[];
void fault_sessions_set_up(struct fault_play *play);
void fault_sessions_tear_down(struct fault_play *play);
/* As a node whose attributes are in pieces; 0 when the stanza is to come as octets. */
int fault_sessions_receive(struct fault_play *play, const struct fault_step *step, int *result);
void fault_sessions_expire(struct fault_play *play, const struct fault_step *step);
void fault_sessions_deliver(struct fault_play *play, const struct fault_step *step);
void fault_sessions_drain(struct fault_play *play);
/* The store answers the oldest question that it holds; 0 when it holds none. */
int fault_sessions_answer(struct fault_play *play);
void fault_step(struct fault_play *play, const struct fault_step *step);
int fault_storage(struct fault_play *play, const xmppbind_allocator *allocator);
/* Allocations count between fault_arm(1) and fault_arm(0). */
void fault_arm(int armed);
/* 1 when the call that gave `result` is to be made again. */
int fault_again(struct fault_play *play, int result);

#endif
