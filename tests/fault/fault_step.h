/* The steps of the flow, and the play they belong to. */
#ifndef XMPPBIND_TESTS_FAULT_FAULT_STEP_H
#define XMPPBIND_TESTS_FAULT_FAULT_STEP_H

#include "fault_flow.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_storage.h"

#include <xmppbind.h>

enum { FAULT_STREAMS = 2 };

enum fault_step_kind {
    FAULT_OPEN,       /* text: the account */
    FAULT_BIND,       /* text: the resource, or NULL */
    FAULT_UNBIND,     /* text: the resource */
    FAULT_STAMP,      /* text: 'from', or NULL */
    FAULT_RECEIVE,    /* text: the stanza */
    FAULT_FEATURES,   /* the elements of stream features */
    FAULT_DISCONNECT, /* the transport is gone */
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
    struct test_text *lines;
    int attempts; /* of the call that is being repeated */
    int dead;     /* FAULT_FINAL struck */
};

const struct fault_step *fault_steps(enum fault_way way);
void fault_step(struct fault_play *play, const struct fault_step *step);
int fault_storage(struct fault_play *play, const xmppbind_allocator *allocator);
/* Allocations count between fault_arm(1) and fault_arm(0). */
void fault_arm(int armed);
/* 1 when the call that gave `result` is to be made again. */
int fault_again(struct fault_play *play, int result);

#endif
