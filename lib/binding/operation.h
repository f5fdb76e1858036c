/*
 * What a stream does one at a time: binds, unbinds, and whatever arrived behind one that waits for storage.
 *
 * States of an operation, by its step:
 *
 *     NEW ---start---> (done at once, refused or decided)
 *      |
 *      +--start---> BINDING    its claim is ASKED; answered: bound, refused, or asked again under another name
 *      +--start---> UNBINDING  its claim is RELEASING, and a resource until that is answered
 *
 * Invariants: only the first operation of a stream is BINDING or UNBINDING; it holds one reference to its claim. A step
 * that finds no memory changes nothing and is taken again later.
 */
#ifndef XMPPBIND_BINDING_OPERATION_H
#define XMPPBIND_BINDING_OPERATION_H

#include "stream.h"

enum xmppbind_operation_step { XMPPBIND_STEP_NEW, XMPPBIND_STEP_BINDING, XMPPBIND_STEP_UNBINDING };

/* What differs between strings and stanzas. All return XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
struct xmppbind_operation_class {
    /* Its turn has come. Finishes it, or makes it wait for storage. */
    int (*start)(struct xmppbind_stream *stream, struct xmppbind_operation *operation);
    /* Fills the event that answers it: `condition`, or none and the claim. The operation gives up what it puts there.
     */
    int (*answer)(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int condition,
                  struct xmppbind_claim *claim, struct xmppbind_event *event);
    /* The stream is gone: decides it if it asks nothing of storage. NULL: nothing to decide. */
    int (*flush)(struct xmppbind_stream *stream, struct xmppbind_operation *operation);
};

struct xmppbind_operation {
    struct xmppbind_operation *next;
    const struct xmppbind_operation_class *operation_class;
    void *payload; /* freed by the payload class of the stream; or NULL */
    uint64_t tag;
    uint64_t deadline; /* 0: its clock has not started */
    struct xmppbind_claim *claim;
    uint8_t step;
    uint8_t generated; /* how many generated names were tried */
    uint8_t decided;   /* 0, or 1 + what the host decided about a conflict */
    uint8_t replacing; /* the directory was asked to replace the holder */
    uint8_t kind;      /* of its class's choice */
    uint16_t text_length;
    char text[]; /* of its class's choice */
};

struct xmppbind_operation *xmppbind_operation_new(struct xmppbind_stream *stream,
                                                  const struct xmppbind_operation_class *operation_class,
                                                  const char *text, size_t text_length);
/* Behind the others; then everything that can be done now is done. */
void xmppbind_operation_submit(struct xmppbind_stream *stream, struct xmppbind_operation *operation);
/* Whether one more may wait: XMPPBIND_OK or XMPPBIND_ERROR_WAITING_FULL. */
static inline int xmppbind_operation_admits(const struct xmppbind_stream *stream) {
    return stream->last_operation == NULL ||
                   stream->waiting < xmppbind_host_value(stream->host, XMPPBIND_OPTION_MAX_WAITING)
               ? XMPPBIND_OK
               : XMPPBIND_ERROR_WAITING_FULL;
}
/* The first one, or NULL. */
static inline struct xmppbind_operation *xmppbind_operation_first(const struct xmppbind_stream *stream) {
    return stream->last_operation == NULL ? NULL : stream->last_operation->next;
}
/* The first one is done: frees it, its claim reference and what is left of its payload. */
void xmppbind_operation_finish(struct xmppbind_stream *stream);
/* Answers the first one with what `condition` says, queues that, and finishes it. */
int xmppbind_operation_refuse(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int condition);
/* The first evicted claim that is a resource of the stream, or NULL; one that is still being bound waits. */
struct xmppbind_claim *xmppbind_stream_look_for_evicted(struct xmppbind_stream *stream);
static inline struct xmppbind_claim *xmppbind_stream_find_evicted(struct xmppbind_stream *stream) {
    return (xmppbind_stream_attention(stream) & XMPPBIND_ROBBED) == 0 ? NULL : xmppbind_stream_look_for_evicted(stream);
}
/* Does all that can be done now: answers, evictions, operations that wait. */
int xmppbind_stream_advance(struct xmppbind_stream *stream);

/* bind.c: `resource` NULL asks for a generated one. */
int xmppbind_bind_start(struct xmppbind_stream *stream, struct xmppbind_operation *operation, const char *resource,
                        size_t length);
int xmppbind_bind_answered(struct xmppbind_stream *stream, struct xmppbind_operation *operation);
int xmppbind_bind_refuse(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int condition);
/* unbind.c */
int xmppbind_unbind_start(struct xmppbind_stream *stream, struct xmppbind_operation *operation, const char *resource,
                          size_t length);
int xmppbind_unbind_finish(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int reason);

#endif
