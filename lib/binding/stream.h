/*
 * A stream: one authenticated client, its resources, what waits and what is to be drained.
 *
 * States, as bits of `attention` (0 is the quiet state of a stream with resources: everything on the hot path tests
 * just that):
 *
 *     BUSY     a call is running on it; a second one, from a callback, is refused
 *     MAIL     storage answered or evicted something (set by any thread, under the lock of the directory)
 *     READY    it stands in the ready list of the host (under the same lock); not a reason for attention
 *     RETRY    a transition found no memory and is still due
 *     PENDING  operations wait; the first one is perhaps with the directory
 *     UNBOUND  no resource was bound yet (BIND-13)
 *     CLOSING  CLOSE was queued: nothing is accepted any longer
 *     GONE     disconnected: what is left in the list is released, and ends in CLOSED events as the queue runs empty
 *     FREED    to be destroyed when the running call returns
 *     ROBBED   the chain of evicted claims is not empty
 *     LAYERED  a layer below stands between its events and the host (layer.h); not a reason for attention
 *
 * Invariants: the list holds the bound resources by age, each HELD by this stream in the directory (or EVICTED, with
 * MAIL set); the index, once made, holds the same; operations run one at a time, in the order they came. A transition
 * reserves all memory it needs before it changes anything, and callbacks of the host run when it is complete.
 */
#ifndef XMPPBIND_BINDING_STREAM_H
#define XMPPBIND_BINDING_STREAM_H

#include "event_queue.h"
#include "host.h"

#include <stdatomic.h>

enum xmppbind_attention {
    XMPPBIND_BUSY = 1,
    XMPPBIND_MAIL = 2,
    XMPPBIND_READY = 4,
    XMPPBIND_RETRY = 8,
    XMPPBIND_PENDING = 16,
    XMPPBIND_UNBOUND = 32,
    XMPPBIND_CLOSING = 64,
    XMPPBIND_GONE = 128,
    XMPPBIND_FREED = 256,
    XMPPBIND_ROBBED = 512,
    XMPPBIND_LAYERED = 1024
};

struct xmppbind_operation;

struct xmppbind_stream {
    _Atomic uint32_t attention;
    uint32_t account_hash; /* as the directory hashes it */
    struct xmppbind_host *host;
    void *user_data;
    struct xmppbind_claim *oldest; /* the default resource */
    struct xmppbind_claim *youngest;
    struct xmppbind_claim *sender;             /* of the last stanza, or NULL */
    struct xmppbind_table *index;              /* resources by full JID, from some number of them on; or NULL */
    struct xmppbind_operation *last_operation; /* a ring: its next is the first */
    void *evicted;                             /* chain of claims, under the lock of the directory */
    struct xmppbind_stream *ready_next;        /* under the lock of the directory */
    const struct xmppbind_payload_class *payload_class; /* of its stanzas, once there was one */
    struct xmppbind_event_queue events;
    uint32_t failures;       /* refused binds while nothing was bound (BIND-16) */
    uint16_t resource_count; /* no option allows more */
    uint16_t waiting;        /* operations behind the first */
    uint16_t account_length; /* octets */
    uint8_t several;         /* more than one was bound, now or earlier (FROM-2, FROM-4); that the first was evicted
                                by then is nothing its client knows */
    char account[];          /* the prepared bare JID; behind it, if there is a layer below, a pointer to its part */
};

static inline uint32_t xmppbind_stream_attention(const struct xmppbind_stream *stream) {
    return atomic_load_explicit(&((struct xmppbind_stream *)(uintptr_t)stream)->attention, memory_order_acquire);
}

static inline void xmppbind_stream_set(struct xmppbind_stream *stream, uint32_t bits) {
    (void)atomic_fetch_or_explicit(&stream->attention, bits, memory_order_acq_rel);
}

static inline void xmppbind_stream_clear(struct xmppbind_stream *stream, uint32_t bits) {
    (void)atomic_fetch_and_explicit(&stream->attention, ~bits, memory_order_acq_rel);
}

/* What leaving has to do when mail came meanwhile, or the stream was freed. */
void xmppbind_stream_leave_slowly(struct xmppbind_stream *stream, uint32_t attention);

/* Begins a call that changes the stream: XMPPBIND_OK, XMPPBIND_ERROR_INVALID_ARGUMENT or XMPPBIND_ERROR_REENTRANT. */
static inline int xmppbind_stream_enter(struct xmppbind_stream *stream) {
    if (stream == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if ((xmppbind_stream_attention(stream) & XMPPBIND_BUSY) != 0) /* by this thread: a stream has one at a time */
        return XMPPBIND_ERROR_REENTRANT;
    (void)atomic_fetch_add_explicit(&stream->attention, XMPPBIND_BUSY, memory_order_acq_rel);
    return XMPPBIND_OK;
}

/* Ends it: handles what arrived meanwhile, destroys the stream if it was freed. */
static inline void xmppbind_stream_leave(struct xmppbind_stream *stream) {
    uint32_t before = atomic_fetch_sub_explicit(&stream->attention, XMPPBIND_BUSY, memory_order_acq_rel);
    if ((before & (XMPPBIND_MAIL | XMPPBIND_FREED)) != 0)
        xmppbind_stream_leave_slowly(stream, before);
}

int xmppbind_stream_accepts_slowly(struct xmppbind_stream *stream);

/* Ends a call after which nobody looks at the stream again unasked: 0 when mail came meanwhile, for which nobody was
 * woken; then the call goes on. */
static inline int xmppbind_stream_try_leave(struct xmppbind_stream *stream) {
    uint32_t before = xmppbind_stream_attention(stream);
    do {
        if ((before & (XMPPBIND_MAIL | XMPPBIND_FREED)) == XMPPBIND_MAIL)
            return 0;
    } while (!atomic_compare_exchange_weak(&stream->attention, &before, before - XMPPBIND_BUSY));
    if ((before & XMPPBIND_FREED) != 0)
        xmppbind_stream_leave_slowly(stream, before);
    return 1;
}

/* Inside a call: whether something new is accepted: XMPPBIND_OK, or XMPPBIND_ERROR_CLOSED or XMPPBIND_ERROR_QUEUE_FULL.
 * The queue may be as long as the inline slots at least. */
static inline int xmppbind_stream_accepts(struct xmppbind_stream *stream) {
    static const uint32_t due = XMPPBIND_MAIL | XMPPBIND_RETRY | XMPPBIND_CLOSING | XMPPBIND_GONE;
    if ((xmppbind_stream_attention(stream) & due) == 0 && xmppbind_event_queue_room(&stream->events) > 0)
        return XMPPBIND_OK;
    return xmppbind_stream_accepts_slowly(stream);
}

/* Queues CLOSE; one slot was reserved. */
void xmppbind_stream_close(struct xmppbind_stream *stream, int condition);
/* Queues an event about a session, with a reference to it; one slot was reserved. */
static inline struct xmppbind_event *xmppbind_stream_push(struct xmppbind_stream *stream, int kind,
                                                          struct xmppbind_claim *claim) {
    struct xmppbind_event *event = xmppbind_event_queue_push(&stream->events);
    event->kind = (uint8_t)kind;
    event->claim = claim;
    if (claim != NULL)
        claim->request.references++;
    return event;
}

/* Makes room for events: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
static inline int xmppbind_stream_reserve(struct xmppbind_stream *stream, uint32_t events) {
    return xmppbind_event_queue_reserve(&stream->events, xmppbind_host_memory(stream->host), events);
}

/* Drops an event's references and payload. */
void xmppbind_stream_release_event(struct xmppbind_stream *stream, struct xmppbind_event *event);
/* What the layer below has handed out last is not looked at any longer. */
void xmppbind_stream_release_part(struct xmppbind_stream *stream);
void xmppbind_stream_destroy(struct xmppbind_stream *stream);

#endif
