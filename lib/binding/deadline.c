/* Deadlines of what storage was asked (BIND-12, UNBIND-9). */
#include "operation.h"

static uint64_t start_clock(const struct xmppbind_stream *stream, struct xmppbind_operation *operation, uint64_t now) {
    uint64_t timeout = 1000 * (uint64_t)xmppbind_host_value(stream->host, XMPPBIND_OPTION_STORAGE_TIMEOUT);
    if (operation->deadline == 0)
        operation->deadline = now < XMPPBIND_NO_DEADLINE - timeout ? now + timeout : XMPPBIND_NO_DEADLINE - 1;
    return operation->deadline;
}

/* The operation that waits for storage, or NULL. */
static struct xmppbind_operation *waiting(const struct xmppbind_stream *stream) {
    struct xmppbind_operation *operation = xmppbind_operation_first(stream);
    int over = (xmppbind_stream_attention(stream) & (XMPPBIND_CLOSING | XMPPBIND_GONE)) != 0;
    return over || operation == NULL || operation->step == XMPPBIND_STEP_NEW ? NULL : operation;
}

uint64_t xmppbind_stream_next_deadline(xmppbind_stream *stream, uint64_t now) {
    if (xmppbind_stream_enter(stream) != XMPPBIND_OK)
        return XMPPBIND_NO_DEADLINE;
    struct xmppbind_operation *operation = waiting(stream);
    uint64_t deadline = operation == NULL ? XMPPBIND_NO_DEADLINE : start_clock(stream, operation, now);
    while (!xmppbind_stream_try_leave(stream)) {
        (void)xmppbind_stream_advance(stream);
        deadline = now;
    }
    return deadline;
}

static int expire(struct xmppbind_stream *stream, uint64_t now) {
    int result = xmppbind_stream_advance(stream); /* an answer that is in counts, however late it is looked at */
    struct xmppbind_operation *operation = waiting(stream);
    if (result != XMPPBIND_OK || operation == NULL || now < start_clock(stream, operation, now))
        return result;
    if (operation->step == XMPPBIND_STEP_BINDING)
        result = xmppbind_bind_refuse(stream, operation, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT);
    else
        result = xmppbind_unbind_finish(stream, operation, XMPPBIND_REASON_EXPIRED);
    return result == XMPPBIND_OK ? xmppbind_stream_advance(stream) : result;
}

int xmppbind_stream_expire(xmppbind_stream *stream, uint64_t now) {
    int result = xmppbind_stream_enter(stream);
    if (result != XMPPBIND_OK)
        return result;
    result = expire(stream, now);
    xmppbind_stream_leave(stream);
    return result;
}
