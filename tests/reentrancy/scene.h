/*
 * A host with every callback set, and a flow that reaches each of them. In the callback that a test chose, once, a
 * probe calls one function of the library.
 */
#ifndef XMPPBIND_TESTS_REENTRANCY_SCENE_H
#define XMPPBIND_TESTS_REENTRANCY_SCENE_H

#include "tests/support/test_allocator.h"
#include "tests/support/test_storage.h"
#include "tests/support/test_text.h"

#include <xmppbind.h>

/* The callbacks of the public headers. */
enum place {
    PLACE_ALLOCATE,
    PLACE_RELEASE_MEMORY,
    PLACE_CLAIM,
    PLACE_RELEASE,
    PLACE_LIST,
    PLACE_LIST_CALLBACK,
    PLACE_RANDOM,
    PLACE_CONFLICT,
    PLACE_LOG,
    PLACE_WAKEUP,
    PLACE_STORE,
    PLACES
};

/* Whose stream the probe uses. */
enum target {
    TARGET_OWN,       /* the one whose call made the callback */
    TARGET_BYSTANDER, /* another of the same host */
    TARGET_ELSEWHERE, /* one of another host */
    TARGETS
};

struct scene;

struct probe {
    const char *name;
    int (*run)(struct scene *scene, xmppbind_stream **stream);
    int expected; /* a result, or one of the two below */
};

enum {
    EXPECT_ANYTHING = 1000, /* a getter: that it returns is enough */
    EXPECT_BUSY = 1001      /* uses the stream: REENTRANT on the one that is being used, otherwise it works */
};

/* A store, and what it keeps: none of it has to do with the streams. */
struct kept {
    xmppbind_store *store;
    xmppbind_memory_store *memory;
    xmppbind_roster_item *item;
    xmppbind_privacy_list *list; /* with one rule */
    xmppbind_host *session_host; /* and its sessions, with a stream that nobody else uses */
    xmppbind_sessions *sessions;
    xmppbind_stream *session_stream;
    const xmppbind_store_request *request; /* during STORE */
    int answered;                          /* by the probe */
};

struct scene {
    struct test_allocator source;
    struct test_storage storage;
    struct kept kept;
    xmppbind_host *host;
    xmppbind_host *other_host;
    xmppbind_stream *own;       /* runs the flow */
    xmppbind_stream *holder;    /* loses a resource to it */
    xmppbind_stream *bystander; /* is left alone by the flow */
    xmppbind_stream *elsewhere;
    xmppbind_event *event;           /* of the bystander, as long as nobody drains it */
    const xmppbind_request *request; /* during CLAIM, RELEASE and LIST */
    int answered;                    /* by the probe */
    int host_freed;                  /* by the probe */
    xmppbind_stream *made;           /* by the probe */

    const struct probe *probe; /* NULL: none */
    int place;
    int target;
    int own_busy; /* a call on `own` is running */
    int result;
    unsigned reached[PLACES];
    size_t failed_releases;
    struct test_text lines;
};

extern const struct probe probes[];
extern const size_t probe_count;

/* In every callback. The probe runs once, so what it calls may call back without end. */
void scene_reach(struct scene *scene, int place);

/* kept.c */
void kept_set_up(struct scene *scene);
void kept_tear_down(struct scene *scene);
/* Asks the store, which calls back. */
void kept_ask(struct scene *scene);

/* Plays the flow with a probe (or NULL) and leaves what came out in `lines`. */
void scene_play(struct scene *scene, const struct probe *probe, int place, int target);
void scene_free_lines(struct scene *scene);
const char *place_name(int place);

#endif
