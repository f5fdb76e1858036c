/*
 * The events of a stream that wait to be drained. Two fit into the stream itself, so that a host that drains after
 * every call never costs an allocation; more go into a ring that grows, and that is freed when it has run empty.
 *
 * Invariants: while the ring holds events, the inline ones are older and new ones go to the ring. The event that is
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

struct xmppbind_event_ring; /* events beyond the inline ones */

struct xmppbind_event_queue {
    struct xmppbind_event_ring *ring;
    char *text; /* of the event that is handed out, as octets; from the memory of the host */
    struct xmppbind_event inline_events[XMPPBIND_EVENTS_INLINE];
    uint8_t inline_first; /* where the oldest inline event is */
    uint8_t inline_count; /* inline events, the one handed out among them */
    uint8_t held;         /* whether the first inline event is handed out */
};

/* Makes room for `more` pushes: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_event_queue_reserve(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory,
                                 uint32_t more);
/* A zeroed event at the end, for the caller to fill. Room was reserved. */
struct xmppbind_event *xmppbind_event_queue_push(struct xmppbind_event_queue *queue);
/* Hands out the oldest, or NULL; then the ring is freed. The one handed out before was dropped. */
struct xmppbind_event *xmppbind_event_queue_take(struct xmppbind_event_queue *queue,
                                                 const struct xmppbind_memory *memory);
/* The one that is handed out, or NULL. */
struct xmppbind_event *xmppbind_event_queue_held(struct xmppbind_event_queue *queue);
/* Forgets the one that is handed out, and its text. */
void xmppbind_event_queue_drop(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory);
/* How many wait, the one handed out not among them. */
uint32_t xmppbind_event_queue_count(const struct xmppbind_event_queue *queue);

#endif
