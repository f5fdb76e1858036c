/* Binding one resource: what is asked for, how the answer of the directory becomes the answer to the client. */
#include "operation.h"
#include "preparation.h"
#include "resource_list.h"

enum {
    RANDOM_OCTETS = 16, /* 128 bits (BIND-2) */
    GENERATED_LENGTH = 2 * RANDOM_OCTETS,
    GENERATED_TRIES = 16 /* a directory that calls so many random names taken is broken */
};

int xmppbind_bind_refuse(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int condition) {
    uint32_t limit = xmppbind_host_value(stream->host, XMPPBIND_OPTION_MAX_BIND_FAILURES);
    int result = xmppbind_stream_reserve(stream, 2);
    if (result == XMPPBIND_OK)
        result = xmppbind_operation_refuse(stream, operation, condition);
    if (result != XMPPBIND_OK || stream->resource_count > 0)
        return result;
    if ((xmppbind_stream_attention(stream) & XMPPBIND_UNBOUND) == 0)
        xmppbind_stream_close(stream, XMPPBIND_CONDITION_CONFLICT); /* CONF-4: the last one was lost meanwhile */
    else if (++stream->failures >= limit && limit != 0)
        xmppbind_stream_close(stream, XMPPBIND_CONDITION_POLICY_VIOLATION); /* BIND-16 */
    return result;
}

/* Asks the directory. The answer may be in when this returns; advancing sees to it. */
static void ask(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int replace) {
    const struct xmppbind_host *host = stream->host;
    struct xmppbind_claim *claim = operation->claim;
    claim->request.wish = replace ? XMPPBIND_WISH_REPLACE : 0;
    if (xmppbind_host_value(host, XMPPBIND_OPTION_ACCOUNT_LIMIT) == XMPPBIND_ACCOUNT_LIMIT_EVICT_OLDEST)
        claim->request.wish |= XMPPBIND_WISH_EVICT_OLDEST;
    claim->request.limit = (uint16_t)xmppbind_host_value(host, XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT);
    operation->step = XMPPBIND_STEP_BINDING;
    operation->replacing = replace != 0;
    operation->deadline = 0;
    xmppbind_directory_claim(&stream->host->directory, claim, stream);
}

/* Gives the operation a new claim in place of the one it has. */
static int set_claim(struct xmppbind_stream *stream, struct xmppbind_operation *operation, const char *resource,
                     size_t length) {
    struct xmppbind_directory *directory = &stream->host->directory;
    struct xmppbind_claim *claim =
        xmppbind_claim_new(directory, stream->account, stream->account_length, stream->account_hash, resource, length);
    if (claim == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (operation->claim != NULL)
        xmppbind_claim_unreference(directory, operation->claim);
    operation->claim = claim;
    return XMPPBIND_OK;
}

static int generate(const struct xmppbind_host *host, char text[GENERATED_LENGTH]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t octets[RANDOM_OCTETS];
    if (host->random(octets, sizeof octets, host->random_data) != 0) {
        xmppbind_host_log(host, XMPPBIND_LOG_ERROR, "no random octets for a generated resource");
        return XMPPBIND_ERROR_RANDOM;
    }
    for (int i = 0; i < RANDOM_OCTETS; i++) {
        *text++ = digits[octets[i] >> 4];
        *text++ = digits[octets[i] & 15];
    }
    return XMPPBIND_OK;
}

/* BIND-2: a collision is tried again, not reported. */
static int start_generated(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    char text[GENERATED_LENGTH];
    if (operation->generated >= GENERATED_TRIES || generate(stream->host, text) != XMPPBIND_OK)
        return xmppbind_bind_refuse(stream, operation, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    int result = set_claim(stream, operation, text, sizeof text);
    if (result != XMPPBIND_OK)
        return result;
    operation->generated++;
    ask(stream, operation, 0);
    return XMPPBIND_OK;
}

static int start_named(struct xmppbind_stream *stream, struct xmppbind_operation *operation, const char *resource,
                       size_t length) {
    const struct xmppbind_host *host = stream->host;
    uint32_t policy = xmppbind_host_value(host, XMPPBIND_OPTION_CONFLICT);
    int result = set_claim(stream, operation, resource, length);
    if (result != XMPPBIND_OK)
        return result;
    const struct xmppbind_claim *claim = operation->claim;
    if (xmppbind_resource_find_hashed(stream, claim->text, claim->request.length, claim->request.hash) !=
        NULL) /* BIND-11 */
        return policy == XMPPBIND_CONFLICT_RENAME
                   ? start_generated(stream, operation)
                   : xmppbind_bind_refuse(stream, operation, XMPPBIND_CONDITION_CONFLICT);
    ask(stream, operation, host->conflict == NULL && policy == XMPPBIND_CONFLICT_REPLACE);
    return XMPPBIND_OK;
}

/* BIND-10: the limit of the stream; that of the account is the directory's. */
static int limit_reached(const struct xmppbind_stream *stream) {
    uint32_t limit = xmppbind_host_value(stream->host, XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM);
    if (stream->resource_count < limit)
        return XMPPBIND_CONDITION_NONE;
    return limit == 1 ? XMPPBIND_CONDITION_NOT_ALLOWED : XMPPBIND_CONDITION_RESOURCE_LIMIT;
}

int xmppbind_bind_start(struct xmppbind_stream *stream, struct xmppbind_operation *operation, const char *resource,
                        size_t length) {
    const struct xmppbind_host *host = stream->host;
    char prepared[XMPPBIND_PART_MAXIMUM + 1];
    if (resource != NULL && length == 0 &&
        xmppbind_host_value(host, XMPPBIND_OPTION_EMPTY_RESOURCE) == XMPPBIND_EMPTY_RESOURCE_GENERATE)
        resource = NULL;
    int result =
        resource == NULL ? XMPPBIND_OK : xmppbind_preparation_resource(host, resource, length, prepared, &length);
    if (result == XMPPBIND_ERROR_NO_MEMORY)
        return result;
    if (result != XMPPBIND_OK)
        return xmppbind_bind_refuse(stream, operation, XMPPBIND_CONDITION_BAD_REQUEST); /* BIND-3 */
    int limit = limit_reached(stream);
    if (limit != XMPPBIND_CONDITION_NONE)
        return xmppbind_bind_refuse(stream, operation, limit);
    return resource == NULL ? start_generated(stream, operation) : start_named(stream, operation, prepared, length);
}

/* The host decides if it wants to, otherwise the option (CONF-1 to CONF-3). */
static int decide_conflict(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    const struct xmppbind_host *host = stream->host;
    const struct xmppbind_claim *claim = operation->claim;
    if (host->conflict == NULL)
        return (int)xmppbind_host_value(host, XMPPBIND_OPTION_CONFLICT);
    if (operation->decided == 0) {
        int decision = host->conflict(stream, claim->text, claim->request.length, host->conflict_data);
        int known = decision == XMPPBIND_CONFLICT_REPLACE || decision == XMPPBIND_CONFLICT_RENAME;
        operation->decided = (uint8_t)(1 + (known ? decision : XMPPBIND_CONFLICT_REJECT));
    }
    return operation->decided - 1;
}

/* The full JID is held by another stream. */
static int conflict(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    if (operation->generated > 0)
        return start_generated(stream, operation);
    int decision = decide_conflict(stream, operation);
    if (decision == XMPPBIND_CONFLICT_RENAME)
        return start_generated(stream, operation);
    if (decision == XMPPBIND_CONFLICT_REJECT || operation->replacing) /* or the directory did not want to replace */
        return xmppbind_bind_refuse(stream, operation, XMPPBIND_CONDITION_CONFLICT);
    ask(stream, operation, 1);
    return XMPPBIND_OK;
}

static int bound(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    struct xmppbind_claim *claim = operation->claim;
    struct xmppbind_event answer = {{NULL}, NULL, 0, 0, 0};
    xmppbind_resource_prepare_list(stream);
    int result = xmppbind_stream_reserve(stream, 2);
    if (result == XMPPBIND_OK)
        result = operation->operation_class->answer(stream, operation, XMPPBIND_CONDITION_NONE, claim, &answer);
    if (result != XMPPBIND_OK)
        return result;
    operation->claim = NULL; /* its reference is the list's now */
    xmppbind_resource_insert(stream, claim, stream->youngest);
    atomic_store_explicit(&claim->request.taken, 1, memory_order_relaxed);
    if ((xmppbind_stream_attention(stream) & XMPPBIND_UNBOUND) != 0)
        xmppbind_stream_clear(stream, XMPPBIND_UNBOUND);
    else
        stream->several = 1;
    xmppbind_stream_push(stream, XMPPBIND_EVENT_OPENED, claim)->u.number = claim->request.number;
    struct xmppbind_event *event = xmppbind_stream_push(stream, answer.kind, answer.claim);
    event->u = answer.u;
    xmppbind_operation_finish(stream);
    return XMPPBIND_OK;
}

int xmppbind_bind_answered(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    int condition = operation->claim->request.answer;
    if (condition == XMPPBIND_CONDITION_NONE)
        return bound(stream, operation);
    if (condition == XMPPBIND_CONDITION_CONFLICT)
        return conflict(stream, operation);
    return xmppbind_bind_refuse(stream, operation, condition); /* BIND-10, BIND-12 */
}
