/* The way in for servers with XML of their own: bind, unbind and stamp by strings. */
#include "from.h"
#include "lib/address/address.h"
#include "lib/base/text.h"
#include "operation.h"
#include "preparation.h"

enum { BIND_NAMED = 1, BIND_GENERATED = 2, UNBIND = 3 }; /* the kinds of operations */

static int start(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    switch (operation->kind) {
    case BIND_NAMED:
        return xmppbind_bind_start(stream, operation, operation->text, operation->text_length);
    case BIND_GENERATED:
        return xmppbind_bind_start(stream, operation, NULL, 0);
    default:
        return xmppbind_unbind_start(stream, operation, operation->text, operation->text_length);
    }
}

static int answer(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int condition,
                  struct xmppbind_claim *claim, struct xmppbind_event *event) {
    (void)stream;
    event->kind = XMPPBIND_EVENT_ANSWER;
    event->condition = (uint8_t)condition;
    event->claim = claim;
    event->u.tag = operation->tag;
    return XMPPBIND_OK;
}

static const struct xmppbind_operation_class strings_class = {start, answer, NULL};

static int submit(struct xmppbind_stream *stream, int kind, const char *resource, size_t length, uint64_t tag) {
    int result = xmppbind_stream_accepts(stream);
    if (result == XMPPBIND_OK)
        result = xmppbind_operation_admits(stream);
    if (result != XMPPBIND_OK)
        return result;
    if (length > XMPPBIND_PART_INPUT)
        length = XMPPBIND_PART_INPUT + 1; /* too long as well, and that is all that counts */
    struct xmppbind_operation *operation = xmppbind_operation_new(stream, &strings_class, resource, length);
    if (operation == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    operation->kind = (uint8_t)kind;
    operation->tag = tag;
    xmppbind_operation_submit(stream, operation);
    return XMPPBIND_OK;
}

static XMPPBIND_NOINLINE int enter_and_submit(struct xmppbind_stream *stream, int kind, const char *resource,
                                              size_t length, uint64_t tag) {
    int result = xmppbind_stream_enter(stream);
    if (result != XMPPBIND_OK)
        return result;
    result = submit(stream, kind, resource, length, tag);
    xmppbind_stream_leave(stream);
    return result;
}

int xmppbind_stream_bind(xmppbind_stream *stream, const char *resource, size_t length, uint64_t tag) {
    if (resource == NULL && length > 0)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    return enter_and_submit(stream, resource == NULL ? BIND_GENERATED : BIND_NAMED, resource, length, tag);
}

int xmppbind_stream_unbind(xmppbind_stream *stream, const char *resource, size_t length, uint64_t tag) {
    if (resource == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    return enter_and_submit(stream, UNBIND, resource, length, tag);
}

/* Closes the stream for what a stanza did (FROM-6, BIND-13). */
static int close_for(struct xmppbind_stream *stream, int error, int condition) {
    int result = xmppbind_stream_reserve(stream, 1);
    if (result != XMPPBIND_OK)
        return result;
    xmppbind_stream_close(stream, condition);
    return error;
}

static int decide(struct xmppbind_stream *stream, const char *from, size_t length, struct xmppbind_claim **sender) {
    int result = xmppbind_stream_accepts(stream);
    if (result != XMPPBIND_OK && result != XMPPBIND_ERROR_QUEUE_FULL) /* a stamp queues nothing */
        return result;
    uint32_t attention = xmppbind_stream_attention(stream);
    if ((attention & XMPPBIND_PENDING) != 0)
        return XMPPBIND_ERROR_WAITING;
    if ((attention & XMPPBIND_UNBOUND) != 0)
        return close_for(stream, XMPPBIND_ERROR_NOT_BOUND, XMPPBIND_CONDITION_NOT_AUTHORIZED);
    result = xmppbind_from_decide(stream, from, length, sender);
    return result == XMPPBIND_ERROR_INVALID_FROM ? close_for(stream, result, XMPPBIND_CONDITION_INVALID_FROM) : result;
}

static XMPPBIND_NOINLINE int decide_inside(struct xmppbind_stream *stream, const char *from, size_t length,
                                           struct xmppbind_claim **sender) {
    int result = xmppbind_stream_enter(stream);
    if (result != XMPPBIND_OK)
        return result;
    do {
        result = decide(stream, from, length, sender);
        if ((xmppbind_stream_attention(stream) & XMPPBIND_FREED) != 0)
            result = XMPPBIND_ERROR_CLOSED; /* by a callback: there is no sender when this returns */
        if (result != XMPPBIND_OK) {
            xmppbind_stream_leave(stream);
            return result;
        }
    } while (!xmppbind_stream_try_leave(stream)); /* with mail that came meanwhile it may be another's */
    return XMPPBIND_OK;
}

static inline int give_stamp(const struct xmppbind_claim *sender, const char **stamp, size_t *stamp_length,
                             const char **session, size_t *session_length) {
    *stamp = sender->text;
    *stamp_length = sender->request.length;
    if (session != NULL)
        *session = sender->text;
    if (session_length != NULL)
        *session_length = sender->request.length;
    return XMPPBIND_OK;
}

static XMPPBIND_NOINLINE int stamp_slowly(xmppbind_stream *stream, int kind, const char *from, size_t length,
                                          const char **stamp, size_t *stamp_length, const char **session,
                                          size_t *session_length) {
    struct xmppbind_claim *sender;
    if (stream == NULL || kind < XMPPBIND_STANZA_MESSAGE || kind > XMPPBIND_STANZA_SUBSCRIPTION || stamp == NULL ||
        stamp_length == NULL || (from == NULL && length > 0))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int quiet = (xmppbind_stream_attention(stream) & ~(uint32_t)XMPPBIND_READY) == 0;
    sender = quiet ? xmppbind_from_known(stream, from, length) : NULL;
    int result = sender != NULL ? XMPPBIND_OK : XMPPBIND_ERROR_INVALID_FROM;
    if (sender == NULL && quiet && !xmppbind_preparation_calls(stream->host)) /* nobody is called: no need to enter */
        result = xmppbind_from_decide_unknown(stream, from, length, &sender);
    if (result == XMPPBIND_ERROR_INVALID_FROM)
        result = decide_inside(stream, from, length, &sender);
    if (result != XMPPBIND_OK)
        return result;
    (void)give_stamp(sender, stamp, stamp_length, session, session_length);
    if (kind == XMPPBIND_STANZA_SUBSCRIPTION) { /* FROM-5 */
        *stamp = stream->account;
        *stamp_length = stream->account_length;
    }
    return XMPPBIND_OK;
}

/* The sender of the last stanza again, and nothing due: decided here, without a call. Everything else has time. */
int xmppbind_stream_stamp(xmppbind_stream *stream, int kind, const char *from, size_t length, const char **stamp,
                          size_t *stamp_length, const char **session, size_t *session_length) {
    const struct xmppbind_claim *sender = stream == NULL ? NULL : stream->sender;
    if (sender != NULL && from != NULL && stamp != NULL && stamp_length != NULL && kind >= XMPPBIND_STANZA_MESSAGE &&
        kind <= XMPPBIND_STANZA_IQ && sender->request.length == length &&
        (xmppbind_stream_attention(stream) & ~(uint32_t)XMPPBIND_READY) == 0 &&
        xmppbind_same(sender->text, from, length))
        return give_stamp(sender, stamp, stamp_length, session, session_length);
    return stamp_slowly(stream, kind, from, length, stamp, stamp_length, session, session_length);
}
