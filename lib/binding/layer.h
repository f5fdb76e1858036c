/*
 * What a layer below may put between the events of a stream and the host that drains them. The state machine knows
 * nothing of it but these functions, so that whoever does not use such a layer links nothing of it.
 */
#ifndef XMPPBIND_BINDING_LAYER_H
#define XMPPBIND_BINDING_LAYER_H

#include "event_queue.h"

/* What begins the layer's part of a stream: the event that it hands out, which stands in no queue. */
struct xmppbind_layer_part {
    struct xmppbind_event event;
    uint8_t hands_out;
};

struct xmppbind_layer_class {
    /* A stream is being made; its part is set with xmppbind_stream_set_part(): XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY.
     */
    int (*begin)(struct xmppbind_stream *stream);
    /* The next event, as xmppbind_stream_next_event() answers; what it handed out before was released. */
    int (*next)(struct xmppbind_stream *stream, struct xmppbind_event **event);
    /* The stream is being freed; its resources are released, and nothing of it is drained any longer. */
    void (*end)(struct xmppbind_stream *stream);
};

/* The layer's part of a stream that has one. */
struct xmppbind_layer_part *xmppbind_stream_part(const struct xmppbind_stream *stream);
void xmppbind_stream_set_part(struct xmppbind_stream *stream, struct xmppbind_layer_part *part);
/* The oldest event of the queue, which stays there; or NULL. A stream that has gone has one for each session left. */
struct xmppbind_event *xmppbind_stream_peek(struct xmppbind_stream *stream);
/* Hands the oldest event out. */
struct xmppbind_event *xmppbind_stream_take(struct xmppbind_stream *stream);
/* Drops the oldest event, which was not handed out. */
void xmppbind_stream_drop(struct xmppbind_stream *stream);
/* Something that is to be drained was put into its part, by whichever thread: `notice` says whom to wake. The caller
 * sees to it that the stream is not freed meanwhile. */
struct xmppbind_notice;
void xmppbind_stream_notify(struct xmppbind_stream *stream, struct xmppbind_notice *notice);

#endif
