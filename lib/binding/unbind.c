/* Unbinding one resource (XEP-0193 section 2). */
#include "operation.h"
#include "preparation.h"
#include "resource_list.h"

/* The bound resource that is named, if any: XMPPBIND_OK or an XMPPBIND_ERROR_ADDRESS_... */
static int find(const struct xmppbind_stream *stream, const char *resource, size_t length,
                struct xmppbind_claim **claim) {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t at = stream->account_length + (size_t)1;
    int result = xmppbind_preparation_resource(stream->host, resource, length, jid + at, &length);
    if (result != XMPPBIND_OK)
        return result;
    memcpy(jid, stream->account, at - 1);
    jid[at - 1] = '/';
    *claim = xmppbind_resource_find(stream, jid, at + length);
    return XMPPBIND_OK;
}

int xmppbind_unbind_start(struct xmppbind_stream *stream, struct xmppbind_operation *operation, const char *resource,
                          size_t length) {
    struct xmppbind_host *host = stream->host;
    struct xmppbind_claim *claim;
    int result = xmppbind_host_value(host, XMPPBIND_OPTION_UNBIND) == XMPPBIND_UNBIND_OFF /* UNBIND-5 */
                     ? XMPPBIND_ERROR_STATE
                     : find(stream, resource, length, &claim);
    if (result == XMPPBIND_ERROR_NO_MEMORY)
        return result;
    if (result != XMPPBIND_OK) /* UNBIND-4 */
        return xmppbind_operation_refuse(stream, operation, XMPPBIND_CONDITION_BAD_REQUEST);
    if (claim == NULL) /* UNBIND-2 */
        return xmppbind_operation_refuse(stream, operation, XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    if (!xmppbind_directory_begin_release(&host->directory, claim))
        return XMPPBIND_OK;      /* just evicted: that comes first, then this starts again and does not find it */
    claim->request.references++; /* it stays in the list until the answer is in */
    operation->claim = claim;
    operation->step = XMPPBIND_STEP_UNBINDING;
    xmppbind_directory_ask_release(&host->directory, claim);
    return XMPPBIND_OK;
}

int xmppbind_unbind_finish(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int reason) {
    struct xmppbind_claim *claim = operation->claim;
    struct xmppbind_event answer = {{NULL}, NULL, 0, 0, 0};
    int result = xmppbind_stream_reserve(stream, stream->resource_count == 1 ? 3 : 2);
    if (result == XMPPBIND_OK)
        result = operation->operation_class->answer(stream, operation, XMPPBIND_CONDITION_NONE, claim, &answer);
    if (result != XMPPBIND_OK)
        return result;
    xmppbind_resource_remove(stream, claim);
    struct xmppbind_event *event = xmppbind_stream_push(stream, XMPPBIND_EVENT_CLOSED, claim);
    event->u.number = claim->request.number;
    event->reason = (uint8_t)reason;
    event = xmppbind_stream_push(stream, answer.kind, answer.claim);
    event->u = answer.u;
    xmppbind_claim_unreference(&stream->host->directory, claim); /* the list's reference */
    xmppbind_operation_finish(stream);
    if (stream->resource_count == 0)
        xmppbind_stream_close(stream, XMPPBIND_CONDITION_NONE); /* UNBIND-3 */
    return XMPPBIND_OK;
}
