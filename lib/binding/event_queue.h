/*
 * The events of a stream that wait to be drained. Two fit into the stream itself, so that a host that drains after
 * every call never costs an allocation; more go into a ring that grows, and that is freed when it has run empty.
 *
 * Invariants: while there is a ring, the inline events are older and new ones go to the ring. The event that is
 * handed out is the first inline one (an event from the ring moves there when the inline slots are empty), so it stays
 * where it is until the next one is asked for, whatever is pushed meanwhile. Room is reserved before a transition, so
 * pushing never fails.
 */
#ifndef XMPPBIND_BINDING_EVENT_QUEUE_H
#define XMPPBIND_BINDING_EVENT_QUEUE_H

#include "host.h"

enum { XMPPBIND_EVENTS_INLINE = 2 };

struct xmppbind_event {
    union {
        void *payload;   /* SEND, ROUTE, DISCARD; NULL once taken */
        uint64_t number; /* OPENED, CLOSED: of the claim */
        uint64_t tag;    /* ANSWER */
    } u;
    struct xmppbind_claim *claim; /* whose session it is, with a reference; or NULL */
    uint8_t kind;
    uint8_t reason;
    uint8_t condition;
};

/* Whether its `u` is a payload. */
static inline int xmppbind_event_carries(const struct xmppbind_event *event) {
    static const unsigned kinds = 1U << XMPPBIND_EVENT_SEND | 1U << XMPPBIND_EVENT_ROUTE |
                                  1U << XMPPBIND_EVENT_DISCARD | 1U << XMPPBIND_EVENT_HOST;
    return (kinds >> event->kind & 1) != 0;
}

struct xmppbind_event_ring; /* events beyond the inline ones */

struct xmppbind_event_queue {
    struct xmppbind_event_ring *ring;
    char *text; /* of the event that is handed out, as octets; from the memory of the host */
    struct xmppbind_event inline_events[XMPPBIND_EVENTS_INLINE];
    uint8_t inline_first; /* where the oldest inline event is */
    uint8_t inline_count; /* inline events, the one handed out among them */
    uint8_t held;         /* whether the first inline event is handed out */
};

/* The parts that deal with the ring. */
int xmppbind_event_ring_reserve(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory,
                                uint32_t more);
struct xmppbind_event *xmppbind_event_ring_push(struct xmppbind_event_queue *queue);
/* Moves its oldest event into the inline slots, which are empty; or frees it when it is empty: whether there was one.
 */
int xmppbind_event_ring_shift(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory);
uint32_t xmppbind_event_ring_count(const struct xmppbind_event_queue *queue);

/* How many pushes need no more room than there is in the stream itself. */
static inline uint32_t xmppbind_event_queue_room(const struct xmppbind_event_queue *queue) {
    return queue->ring != NULL ? 0 : (uint32_t)XMPPBIND_EVENTS_INLINE - queue->inline_count;
}

/* Makes room for `more` pushes: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
static inline int xmppbind_event_queue_reserve(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory,
                                               uint32_t more) {
    return more <= xmppbind_event_queue_room(queue) ? XMPPBIND_OK : xmppbind_event_ring_reserve(queue, memory, more);
}

/* A zeroed event at the end, for the caller to fill. Room was reserved. */
static inline struct xmppbind_event *xmppbind_event_queue_push(struct xmppbind_event_queue *queue) {
    struct xmppbind_event *event;
    if (xmppbind_event_queue_room(queue) > 0)
        event = &queue->inline_events[(unsigned)(queue->inline_first + queue->inline_count++) % XMPPBIND_EVENTS_INLINE];
    else
        event = xmppbind_event_ring_push(queue);
    *event = (struct xmppbind_event){{NULL}, NULL, 0, 0, 0};
    return event;
}

/* Hands out the oldest, which is an inline one. */
static inline struct xmppbind_event *xmppbind_event_queue_hold(struct xmppbind_event_queue *queue) {
    queue->held = 1;
    return &queue->inline_events[queue->inline_first];
}

/* The oldest, an inline one from then on, or NULL; then the ring is freed. The one handed out before was dropped. */
static inline struct xmppbind_event *xmppbind_event_queue_peek(struct xmppbind_event_queue *queue,
                                                               const struct xmppbind_memory *memory) {
    if (queue->inline_count == 0 && (queue->ring == NULL || !xmppbind_event_ring_shift(queue, memory)))
        return NULL;
    return &queue->inline_events[queue->inline_first];
}

/* Hands it out. */
static inline struct xmppbind_event *xmppbind_event_queue_take(struct xmppbind_event_queue *queue,
                                                               const struct xmppbind_memory *memory) {
    return xmppbind_event_queue_peek(queue, memory) == NULL ? NULL : xmppbind_event_queue_hold(queue);
}

/* The one that is handed out, or NULL. */
static inline struct xmppbind_event *xmppbind_event_queue_held(struct xmppbind_event_queue *queue) {
    return queue->held ? &queue->inline_events[queue->inline_first] : NULL;
}

/* Forgets the one that is handed out, which has no text. */
static inline void xmppbind_event_queue_forget(struct xmppbind_event_queue *queue) {
    queue->held = 0;
    queue->inline_first = (uint8_t)((queue->inline_first + 1U) % XMPPBIND_EVENTS_INLINE);
    queue->inline_count--;
}

/* Forgets it with its text. */
static inline void xmppbind_event_queue_drop(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory) {
    xmppbind_memory_put(memory, queue->text);
    queue->text = NULL;
    xmppbind_event_queue_forget(queue);
}

/* How many wait, the one handed out not among them. */
static inline uint32_t xmppbind_event_queue_count(const struct xmppbind_event_queue *queue) {
    return (queue->ring == NULL ? 0 : xmppbind_event_ring_count(queue)) + queue->inline_count - queue->held;
}

#endif
