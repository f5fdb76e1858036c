/*
 * A small model of the binding engine, written from RULES.md alone: no hashes, no locks, no memory of its own, one
 * stream after another. model_test.c does the same things to the library and compares every line.
 *
 * What the library does inside a call, the model does in model_pump(), which both sides do to all streams after each
 * operation. A generated resource is written "%NUMBER" by the model; the comparison finds out what the library called
 * it.
 */
#ifndef XMPPBIND_TESTS_MODEL_MODEL_H
#define XMPPBIND_TESTS_MODEL_MODEL_H

#include "tests/support/test_text.h"

#include <stdint.h>

enum {
    MODEL_STREAMS = 5,
    MODEL_RESOURCES = 24, /* more than a sequence can bind on one stream */
    MODEL_WAITING = 80,
    MODEL_ENTRIES = 120,
    MODEL_REQUESTS = 240,
    MODEL_NAME = 96,
    MODEL_NOBODY = -1
};

struct model_options {
    uint32_t missing_from_rejects, unbound_from_stamps, foreign_from_overrides;
    uint32_t conflict; /* as xmppbind_conflict */
    uint32_t empty_resource_generates;
    uint32_t max_bind_failures, max_per_stream, max_per_account;
    uint32_t account_limit_evicts, unbind_on;
    uint32_t storage_timeout; /* seconds */
    uint32_t max_waiting;
};

enum model_name_kind { MODEL_NAMED, MODEL_GENERATED, MODEL_EMPTY, MODEL_BAD };

/* What a client asks for. */
struct model_wish {
    int name_kind;
    char resource[MODEL_NAME]; /* of MODEL_NAMED */
    uint64_t tag;
};

enum model_from_kind { MODEL_FROM_ABSENT, MODEL_FROM_BARE, MODEL_FROM_FULL, MODEL_FROM_FOREIGN, MODEL_FROM_MALFORMED };

struct model_from {
    int kind;
    char prepared[MODEL_NAME]; /* of MODEL_FROM_FULL: a JID of the account of the stream */
    char text[MODEL_NAME];     /* as it came */
};

enum model_stanza_kind {
    MODEL_MESSAGE,
    MODEL_ERROR_MESSAGE,
    MODEL_IQ,
    MODEL_IQ_RESULT,
    MODEL_SUBSCRIBE,
    MODEL_STANZA_KINDS
};

struct model_stanza {
    int kind; /* model_stanza_kind */
    struct model_from from;
    uint64_t id;
};

enum model_operation_kind { MODEL_NOTHING, MODEL_BIND, MODEL_UNBIND, MODEL_STANZA };

struct model_operation {
    int kind;
    struct model_wish wish;
    struct model_stanza stanza;
};

struct model_resource {
    char jid[MODEL_NAME];
    uint64_t number;
};

enum model_answer { MODEL_UNANSWERED, MODEL_ACCEPTED, MODEL_REJECTED };

struct model_stream {
    int open, closing;
    char account[MODEL_NAME];
    struct model_resource resources[MODEL_RESOURCES]; /* oldest first */
    int count;
    int was_bound, was_several;
    uint32_t failures;
    struct model_operation pending; /* waits for storage; MODEL_NOTHING: none */
    char pending_jid[MODEL_NAME];
    int answer; /* model_answer */
    int answer_condition;
    uint64_t answer_number;
    uint64_t deadline; /* 0: the clock does not run yet */
    struct model_operation waiting[MODEL_WAITING];
    int waiting_count;
    uint64_t evicted[MODEL_RESOURCES]; /* numbers of claims that were taken away */
    int evicted_count;
    struct test_text lines;
};

struct model_entry {
    char jid[MODEL_NAME];
    uint64_t number;
};

struct model_request {
    int release;
    char jid[MODEL_NAME];
    uint64_t number; /* of a release */
    int replaces;    /* of a claim */
    int stream;      /* MODEL_NOBODY: nobody waits for the answer */
};

enum model_mode { MODEL_NOW, MODEL_LATER, MODEL_FAIL, MODEL_MODES };

struct model {
    struct model_options options;
    struct model_stream streams[MODEL_STREAMS];
    struct model_entry entries[MODEL_ENTRIES]; /* oldest first */
    int entry_count;
    struct model_request requests[MODEL_REQUESTS]; /* open, in the order they were asked */
    int request_count;
    int mode; /* model_mode */
    uint64_t last_number;
    uint64_t last_generated;
};

void model_open(struct model *model, int stream, const char *account);
/* Each returns what the library's function returns. */
int model_bind(struct model *model, int stream, const struct model_wish *wish);
int model_unbind(struct model *model, int stream, const struct model_wish *wish);
int model_receive(struct model *model, int stream, const struct model_stanza *stanza);
int model_stamp(struct model *model, int stream, const struct model_stanza *stanza, struct test_text *stamp);
uint64_t model_next_deadline(struct model *model, int stream, uint64_t now);
void model_expire(struct model *model, int stream, uint64_t now);
void model_disconnect(struct model *model, int stream);
/* What draining does: evictions, answers, what waited. Lines are added to the stream's. */
void model_pump(struct model *model, int stream);

/* The model's directory. */
void model_ask(struct model *model, const struct model_request *request);
/* Answers the oldest request; `condition` NONE: as the directory finds, otherwise rejects. 0: there was none. */
int model_answer(struct model *model, int condition);
/* From now on nobody waits for what the stream asked last. */
void model_abandon(struct model *model, int stream);

/* Decides a 'from': XMPPBIND_OK with the session, or the error. */
int model_decide(struct model *model, int stream, const struct model_from *from, const char **session);
/* A stanza whose turn it is. */
void model_stanza(struct model *model, int stream, const struct model_stanza *stanza);
void model_close(struct model_stream *stream, const char *condition);

#endif
