/* Draining, and what an event says. */
#include "layer.h"
#include "lib/base/text.h"
#include "operation.h"
#include "resource_list.h"

/* The queue is empty and the stream gone: each resource left in the list becomes the CLOSED event it stands for. */
static void push_ended_session(struct xmppbind_stream *stream) {
    struct xmppbind_claim *claim = stream->oldest;
    if ((xmppbind_stream_attention(stream) & XMPPBIND_GONE) == 0 || claim == NULL)
        return;
    int evicted = xmppbind_claim_state(claim) == XMPPBIND_CLAIM_EVICTED;
    xmppbind_resource_remove(stream, claim);
    struct xmppbind_event *event = xmppbind_stream_push(stream, XMPPBIND_EVENT_CLOSED, claim);
    event->u.number = claim->request.number;
    event->reason = evicted ? XMPPBIND_REASON_EVICTED : XMPPBIND_REASON_DISCONNECTED;
    claim->request.references--; /* the list's; the event has its own */
}

struct xmppbind_event *xmppbind_stream_peek(struct xmppbind_stream *stream) {
    const struct xmppbind_memory *memory = xmppbind_host_memory(stream->host);
    struct xmppbind_event *first = xmppbind_event_queue_peek(&stream->events, memory);
    if (first != NULL)
        return first;
    push_ended_session(stream);
    return xmppbind_event_queue_peek(&stream->events, memory);
}

struct xmppbind_event *xmppbind_stream_take(struct xmppbind_stream *stream) {
    return xmppbind_stream_peek(stream) == NULL ? NULL : xmppbind_event_queue_hold(&stream->events);
}

void xmppbind_stream_drop(struct xmppbind_stream *stream) {
    xmppbind_stream_release_event(stream, xmppbind_stream_peek(stream));
    xmppbind_event_queue_forget(&stream->events);
}

void xmppbind_stream_release_part(struct xmppbind_stream *stream) {
    struct xmppbind_layer_part *part = xmppbind_stream_part(stream);
    if (!part->hands_out)
        return;
    xmppbind_stream_release_event(stream, &part->event);
    xmppbind_memory_put(xmppbind_host_memory(stream->host), stream->events.text);
    stream->events.text = NULL;
    part->hands_out = 0;
}

static void release_held(struct xmppbind_stream *stream) {
    struct xmppbind_event *held = xmppbind_event_queue_held(&stream->events);
    if (held != NULL) {
        xmppbind_stream_release_event(stream, held);
        xmppbind_event_queue_drop(&stream->events, xmppbind_host_memory(stream->host));
    }
}

static int next_event(struct xmppbind_stream *stream, xmppbind_event **event) {
    int result = XMPPBIND_OK, layered = (xmppbind_stream_attention(stream) & XMPPBIND_LAYERED) != 0;
    release_held(stream);
    if (layered)
        xmppbind_stream_release_part(stream);
    if ((xmppbind_stream_attention(stream) & (XMPPBIND_MAIL | XMPPBIND_RETRY | XMPPBIND_PENDING)) != 0)
        result = xmppbind_stream_advance(stream);
    if (layered) {
        int next = stream->host->layer->next(stream, event);
        return next != XMPPBIND_OK ? next : result;
    }
    struct xmppbind_event *next = xmppbind_stream_take(stream);
    if (next == NULL)
        return result;
    *event = next;
    return 1;
}

/* Ends a call that has an event or an error to return: `result`, or 0 if a callback has freed the stream, which goes
 * with its events. Mail that came meanwhile waits: whoever gets either asks again. */
static inline int leave_with(struct xmppbind_stream *stream, int result) {
    uint32_t before = atomic_fetch_sub_explicit(&stream->attention, XMPPBIND_BUSY, memory_order_acq_rel);
    if ((before & XMPPBIND_FREED) == 0)
        return result;
    xmppbind_stream_leave_slowly(stream, before);
    return XMPPBIND_OK;
}

static XMPPBIND_NOINLINE int next_slowly(struct xmppbind_stream *stream, xmppbind_event **event) {
    xmppbind_event *next = NULL;
    int result = xmppbind_stream_enter(stream);
    if (result != XMPPBIND_OK)
        return result;
    do {
        result = next_event(stream, &next);
        if (result != XMPPBIND_OK) {
            result = leave_with(stream, result);
            if (result == 1)
                *event = next;
            return result;
        }
    } while (!xmppbind_stream_try_leave(stream)); /* who is told that there is nothing does not ask again */
    return XMPPBIND_OK;
}

/* Whether dropping an event is no more than forgetting it. */
static inline int is_light(const struct xmppbind_event_queue *queue, const struct xmppbind_event *event) {
    return queue->text == NULL && (!xmppbind_event_carries(event) || event->u.payload == NULL) &&
           (event->claim == NULL || event->claim->request.references > 1);
}

/* Nothing is due and nothing is to be freed: nobody is called, so the stream is not even entered. 1 or 0 as
 * xmppbind_stream_next_event(), or negative when there is more to do. */
static inline int next_at_once(struct xmppbind_stream *stream, xmppbind_event **event) {
    static const uint32_t due =
        XMPPBIND_BUSY | XMPPBIND_MAIL | XMPPBIND_RETRY | XMPPBIND_PENDING | XMPPBIND_GONE | XMPPBIND_LAYERED;
    struct xmppbind_event_queue *queue = &stream->events;
    struct xmppbind_event *held = xmppbind_event_queue_held(queue);
    if ((xmppbind_stream_attention(stream) & due) != 0 || queue->ring != NULL ||
        (held != NULL && !is_light(queue, held)))
        return -1;
    if (held != NULL) {
        if (held->claim != NULL)
            held->claim->request.references--;
        xmppbind_event_queue_forget(queue);
    }
    if (queue->inline_count == 0)
        return 0;
    *event = xmppbind_event_queue_hold(queue);
    return 1;
}

int xmppbind_stream_next_event(xmppbind_stream *stream, xmppbind_event **event) {
    if (stream == NULL || event == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int next = next_at_once(stream, event);
    return next >= 0 ? next : next_slowly(stream, event);
}

int xmppbind_event_kind(const xmppbind_event *event) {
    return event == NULL ? 0 : event->kind;
}

const char *xmppbind_event_jid(const xmppbind_event *event, size_t *length) {
    const struct xmppbind_claim *claim = event == NULL ? NULL : event->claim;
    if (length != NULL)
        *length = claim == NULL ? 0 : claim->request.length;
    return claim == NULL ? NULL : claim->text;
}

uint64_t xmppbind_event_claim(const xmppbind_event *event) {
    if (event == NULL || event->claim == NULL)
        return 0;
    int numbered = event->kind == XMPPBIND_EVENT_OPENED || event->kind == XMPPBIND_EVENT_CLOSED;
    return numbered ? event->u.number : event->claim->request.number;
}

int xmppbind_event_reason(const xmppbind_event *event) {
    return event == NULL ? 0 : event->reason;
}

int xmppbind_event_condition(const xmppbind_event *event) {
    int has_one = event != NULL && event->kind != XMPPBIND_EVENT_SEND;
    return has_one ? event->condition : XMPPBIND_CONDITION_NONE;
}

uint64_t xmppbind_event_tag(const xmppbind_event *event) {
    return event == NULL || event->kind != XMPPBIND_EVENT_ANSWER ? 0 : event->u.tag;
}

const char *xmppbind_reason_name(int reason) {
    static const char *const names[] = {"", "unbound", "evicted", "disconnected", "expired", "failed"};
    int known = reason >= 0 && reason < (int)(sizeof names / sizeof names[0]);
    return known ? names[reason] : "unknown";
}
