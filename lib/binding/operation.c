#include "operation.h"
#include "resource_list.h"

static size_t size_of(size_t text_length) {
    return sizeof(struct xmppbind_operation) + text_length + 1;
}

struct xmppbind_operation *xmppbind_operation_new(struct xmppbind_stream *stream,
                                                  const struct xmppbind_operation_class *operation_class,
                                                  const char *text, size_t text_length) {
    struct xmppbind_host *host = stream->host;
    struct xmppbind_operation *operation =
        xmppbind_spare_get(&host->spare_operation, xmppbind_host_memory(host), size_of(text_length));
    if (operation == NULL)
        return NULL;
    *operation = (struct xmppbind_operation){.operation_class = operation_class, .text_length = (uint16_t)text_length};
    if (text_length > 0)
        memcpy(operation->text, text, text_length);
    operation->text[text_length] = '\0';
    return operation;
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
    xmppbind_spare_put(&stream->host->spare_operation, xmppbind_host_memory(stream->host), operation,
                       size_of(operation->text_length));
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

struct xmppbind_claim *xmppbind_stream_look_for_evicted(struct xmppbind_stream *stream) {
    xmppbind_directory_lock(&stream->host->directory);
    struct xmppbind_claim *claim = stream->evicted;
    while (claim != NULL && !xmppbind_resource_listed(claim))
        claim = claim->request.table_next;
    xmppbind_directory_unlock(&stream->host->directory);
    return claim;
}

/* Whether it may be a claim of this very stream that evicts its oldest resource (CONF-7): then it is granted, whichever
 * news comes first. */
static int may_evict_itself(const struct xmppbind_stream *stream) {
    const struct xmppbind_operation *operation = xmppbind_operation_first(stream);
    return operation != NULL && operation->step == XMPPBIND_STEP_BINDING &&
           (operation->claim->request.wish & XMPPBIND_WISH_EVICT_OLDEST) != 0;
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
    if (stream->resource_count == 0 && !may_evict_itself(stream))
        xmppbind_stream_close(stream, XMPPBIND_CONDITION_CONFLICT);
    return XMPPBIND_OK;
}

/* Whether the directory has answered: the state is the last thing that who answers writes. As long as it is not
 * written, the lock is asked for, so that an answer on its way is waited for: its mail may have been taken already. */
static int is_answered(struct xmppbind_stream *stream, const struct xmppbind_claim *claim) {
    if (!xmppbind_claim_open(claim))
        return 1;
    xmppbind_directory_lock(&stream->host->directory);
    int open = xmppbind_claim_open(claim);
    xmppbind_directory_unlock(&stream->host->directory);
    return !open;
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
    if (operation != NULL && operation->step != XMPPBIND_STEP_NEW && is_answered(stream, operation->claim))
        result = take_answer(stream, operation);
    else if ((evicted = xmppbind_stream_find_evicted(stream)) != NULL)
        result = lose_resource(stream, evicted);
    else if (operation != NULL && operation->step == XMPPBIND_STEP_NEW && may_start(stream))
        result = operation->operation_class->start(stream, operation);
    else
        return 0;
    return result == XMPPBIND_OK ? 1 : result;
}

int xmppbind_stream_advance(struct xmppbind_stream *stream) {
    static const uint32_t news = XMPPBIND_MAIL | XMPPBIND_RETRY, due = XMPPBIND_PENDING | XMPPBIND_ROBBED;
    int result = 1;
    for (uint32_t attention; result > 0 && ((attention = xmppbind_stream_attention(stream)) & (news | due)) != 0;) {
        if ((attention & news) != 0)
            xmppbind_stream_clear(stream, news);
        result = (attention & (XMPPBIND_CLOSING | XMPPBIND_GONE)) != 0 ? XMPPBIND_OK : step(stream);
    }
    if (result >= 0)
        return XMPPBIND_OK;
    xmppbind_stream_set(stream, XMPPBIND_RETRY);
    return result;
}
