#include "operation.h"
#include "resource_list.h"

struct xmppbind_operation *xmppbind_operation_new(struct xmppbind_stream *stream,
                                                  const struct xmppbind_operation_class *operation_class,
                                                  const char *text, size_t text_length) {
    struct xmppbind_operation *operation =
        xmppbind_memory_get(xmppbind_host_memory(stream->host), sizeof *operation + text_length + 1);
    if (operation == NULL)
        return NULL;
    memset(operation, 0, sizeof *operation);
    operation->operation_class = operation_class;
    operation->text_length = (uint16_t)text_length;
    if (text_length > 0)
        memcpy(operation->text, text, text_length);
    operation->text[text_length] = '\0';
    return operation;
}

struct xmppbind_operation *xmppbind_operation_first(const struct xmppbind_stream *stream) {
    return stream->last_operation == NULL ? NULL : stream->last_operation->next;
}

int xmppbind_operation_admits(const struct xmppbind_stream *stream) {
    return stream->last_operation == NULL ||
                   stream->waiting < xmppbind_host_value(stream->host, XMPPBIND_OPTION_MAX_WAITING)
               ? XMPPBIND_OK
               : XMPPBIND_ERROR_WAITING_FULL;
}

void xmppbind_operation_submit(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    if (stream->last_operation == NULL) {
        operation->next = operation;
        stream->waiting = 0;
    } else {
        operation->next = stream->last_operation->next;
        stream->last_operation->next = operation;
        stream->waiting++;
    }
    stream->last_operation = operation;
    xmppbind_stream_set(stream, XMPPBIND_PENDING);
    (void)xmppbind_stream_advance(stream); /* what finds no memory is taken again when the events are drained */
}

void xmppbind_operation_finish(struct xmppbind_stream *stream) {
    struct xmppbind_operation *operation = stream->last_operation->next;
    if (operation == stream->last_operation) {
        stream->last_operation = NULL;
        xmppbind_stream_clear(stream, XMPPBIND_PENDING);
    } else {
        stream->last_operation->next = operation->next;
        stream->waiting--;
    }
    if (operation->claim != NULL)
        xmppbind_claim_unreference(&stream->host->directory, operation->claim);
    if (operation->payload != NULL)
        stream->payload_class->free(operation->payload);
    xmppbind_memory_put(xmppbind_host_memory(stream->host), operation);
}

int xmppbind_operation_refuse(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int condition) {
    struct xmppbind_event answer = {{NULL}, NULL, 0, 0, 0};
    int result = xmppbind_stream_reserve(stream, 1);
    if (result == XMPPBIND_OK)
        result = operation->operation_class->answer(stream, operation, condition, NULL, &answer);
    if (result != XMPPBIND_OK)
        return result;
    struct xmppbind_event *event = xmppbind_stream_push(stream, answer.kind, NULL);
    event->u = answer.u;
    event->condition = answer.condition;
    xmppbind_operation_finish(stream);
    return XMPPBIND_OK;
}

/* The first evicted claim that is a resource of the stream; one that is still being bound waits. */
static struct xmppbind_claim *find_evicted(struct xmppbind_stream *stream) {
    if ((xmppbind_stream_attention(stream) & XMPPBIND_ROBBED) == 0)
        return NULL;
    xmppbind_directory_lock(&stream->host->directory);
    struct xmppbind_claim *claim = stream->evicted;
    while (claim != NULL && !xmppbind_resource_listed(claim))
        claim = claim->request.table_next;
    xmppbind_directory_unlock(&stream->host->directory);
    return claim;
}

/* CONF-4. The directory has given the claim to another: there is nothing to release. */
static int lose_resource(struct xmppbind_stream *stream, struct xmppbind_claim *claim) {
    if (xmppbind_stream_reserve(stream, 2) != XMPPBIND_OK)
        return XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_resource_remove(stream, claim);
    struct xmppbind_event *event = xmppbind_stream_push(stream, XMPPBIND_EVENT_CLOSED, claim);
    event->u.number = claim->request.number;
    event->reason = XMPPBIND_REASON_EVICTED;
    xmppbind_claim_forget(&stream->host->directory, claim);
    xmppbind_claim_unreference(&stream->host->directory, claim);
    if (stream->resource_count == 0)
        xmppbind_stream_close(stream, XMPPBIND_CONDITION_CONFLICT);
    return XMPPBIND_OK;
}

/* Whether the directory has answered. Under the lock, so that who answers is done with the claim then. */
static int is_answered(struct xmppbind_stream *stream, const struct xmppbind_operation *operation) {
    xmppbind_directory_lock(&stream->host->directory);
    uint8_t state = xmppbind_claim_state(operation->claim);
    xmppbind_directory_unlock(&stream->host->directory);
    return state != XMPPBIND_CLAIM_ASKED && state != XMPPBIND_CLAIM_RELEASING;
}

static int take_answer(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    if (operation->step == XMPPBIND_STEP_BINDING)
        return xmppbind_bind_answered(stream, operation);
    return xmppbind_unbind_finish(stream, operation,
                                  operation->claim->request.answer == XMPPBIND_CONDITION_NONE
                                      ? XMPPBIND_REASON_UNBOUND
                                      : XMPPBIND_REASON_FAILED); /* UNBIND-9 */
}

static int may_start(const struct xmppbind_stream *stream) {
    return xmppbind_event_queue_count(&stream->events) <
           xmppbind_host_value(stream->host, XMPPBIND_OPTION_MAX_QUEUED_EVENTS);
}

/* One transition: 1 when one was made, 0 when there is none to make, or XMPPBIND_ERROR_NO_MEMORY. An answer comes
 * before an eviction, because the bind that evicted may be on this very stream (CONF-7). */
static int step(struct xmppbind_stream *stream) {
    struct xmppbind_operation *operation = xmppbind_operation_first(stream);
    struct xmppbind_claim *evicted;
    int result;
    if (operation != NULL && operation->step != XMPPBIND_STEP_NEW && is_answered(stream, operation))
        result = take_answer(stream, operation);
    else if ((evicted = find_evicted(stream)) != NULL)
        result = lose_resource(stream, evicted);
    else if (operation != NULL && operation->step == XMPPBIND_STEP_NEW && may_start(stream))
        result = operation->operation_class->start(stream, operation);
    else
        return 0;
    return result == XMPPBIND_OK ? 1 : result;
}

int xmppbind_stream_advance(struct xmppbind_stream *stream) {
    int result = 1;
    while (result > 0) {
        xmppbind_stream_clear(stream, XMPPBIND_MAIL | XMPPBIND_RETRY);
        int over = (xmppbind_stream_attention(stream) & (XMPPBIND_CLOSING | XMPPBIND_GONE)) != 0;
        result = over ? XMPPBIND_OK : step(stream);
    }
    if (result != XMPPBIND_OK)
        xmppbind_stream_set(stream, XMPPBIND_RETRY);
    return result;
}
