/* Streams: made, entered and left, closed, disconnected, destroyed. The states are in stream.h. */
#include "stream.h"
#include "layer.h"
#include "operation.h"
#include "preparation.h"
#include "resource_list.h"

#include <stddef.h>

/* Where the pointer to the layer's part stands, behind the account. */
static size_t part_offset(size_t account_length) {
    size_t end = offsetof(struct xmppbind_stream, account) + account_length + 1, size = sizeof(void *);
    return (end + size - 1) / size * size;
}

/* Who has no layer below pays nothing for it. */
static size_t size_of(const struct xmppbind_host *host, size_t account_length) {
    return host->layer == NULL ? offsetof(struct xmppbind_stream, account) + account_length + 1
                               : part_offset(account_length) + sizeof(void *);
}

struct xmppbind_layer_part *xmppbind_stream_part(const struct xmppbind_stream *stream) {
    struct xmppbind_layer_part *part;
    memcpy(&part, (const char *)stream + part_offset(stream->account_length), sizeof part);
    return part;
}

void xmppbind_stream_set_part(struct xmppbind_stream *stream, struct xmppbind_layer_part *part) {
    memcpy((char *)stream + part_offset(stream->account_length), &part, sizeof part);
}

static int begin_layer(struct xmppbind_stream *stream) {
    xmppbind_stream_set(stream, XMPPBIND_LAYERED);
    return stream->host->layer->begin(stream);
}

int xmppbind_stream_new(xmppbind_stream **stream, xmppbind_host *host, const char *account, size_t length,
                        void *user_data) {
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t prepared_length, bare_length;
    if (stream == NULL || host == NULL || account == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result =
        xmppbind_preparation_jid(host, account, length, prepared, sizeof prepared, &prepared_length, &bare_length);
    if (result != XMPPBIND_OK)
        return result;
    if (prepared_length != bare_length)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    struct xmppbind_stream *made = xmppbind_memory_get(xmppbind_host_memory(host), size_of(host, bare_length));
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memset(made, 0, offsetof(struct xmppbind_stream, account));
    atomic_init(&made->attention, XMPPBIND_UNBOUND);
    made->host = host;
    made->user_data = user_data;
    made->account_length = (uint16_t)bare_length;
    made->account_hash = xmppbind_name_hash_account(&host->directory.key, prepared, bare_length);
    memcpy(made->account, prepared, bare_length + 1);
    result = host->layer == NULL ? XMPPBIND_OK : begin_layer(made);
    if (result != XMPPBIND_OK) {
        xmppbind_memory_put(xmppbind_host_memory(host), made);
        return result;
    }
    xmppbind_host_add_stream(host);
    *stream = made;
    return XMPPBIND_OK;
}

void xmppbind_stream_leave_slowly(struct xmppbind_stream *stream, uint32_t attention) {
    while ((attention & (XMPPBIND_MAIL | XMPPBIND_FREED)) == XMPPBIND_MAIL) {
        xmppbind_stream_set(stream, XMPPBIND_BUSY); /* nobody was woken for mail that came while the call ran */
        (void)xmppbind_stream_advance(stream);
        attention = atomic_fetch_and_explicit(&stream->attention, ~(uint32_t)XMPPBIND_BUSY, memory_order_acq_rel);
    }
    if ((attention & XMPPBIND_FREED) != 0)
        xmppbind_stream_destroy(stream);
}

int xmppbind_stream_accepts_slowly(struct xmppbind_stream *stream) {
    if ((xmppbind_stream_attention(stream) & (XMPPBIND_MAIL | XMPPBIND_RETRY)) != 0) {
        int result = xmppbind_stream_advance(stream);
        if (result != XMPPBIND_OK)
            return result;
    }
    if ((xmppbind_stream_attention(stream) & (XMPPBIND_CLOSING | XMPPBIND_GONE)) != 0)
        return XMPPBIND_ERROR_CLOSED;
    if (xmppbind_event_queue_count(&stream->events) >=
        xmppbind_host_value(stream->host, XMPPBIND_OPTION_MAX_QUEUED_EVENTS))
        return XMPPBIND_ERROR_QUEUE_FULL;
    return XMPPBIND_OK;
}

void xmppbind_stream_close(struct xmppbind_stream *stream, int condition) {
    xmppbind_stream_push(stream, XMPPBIND_EVENT_CLOSE, NULL)->condition = (uint8_t)condition;
    xmppbind_stream_set(stream, XMPPBIND_CLOSING);
}

/* Takes a resource out for a while. In no list, its links are free: they keep the next one set aside, and its place. */
static void set_aside(struct xmppbind_stream *stream, struct xmppbind_claim *claim, struct xmppbind_claim **aside) {
    struct xmppbind_claim *older = claim->older;
    xmppbind_resource_remove(stream, claim);
    claim->index_next = older;
    claim->younger = *aside;
    *aside = claim;
}

/* What was set aside last comes back first, so that each finds its place. */
static void bring_back(struct xmppbind_stream *stream, struct xmppbind_claim *aside) {
    for (struct xmppbind_claim *next; aside != NULL; aside = next) {
        next = aside->younger;
        xmppbind_resource_insert(stream, aside, aside->index_next);
    }
}

static void flush(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    if (operation->operation_class->flush == NULL || stream->resource_count == 0 ||
        (xmppbind_stream_attention(stream) & XMPPBIND_CLOSING) != 0)
        return;
    if (operation->operation_class->flush(stream, operation) != XMPPBIND_OK)
        xmppbind_host_log(stream->host, XMPPBIND_LOG_ERROR, "no memory for a stanza of a stream that has ended");
}

/* Stanzas that waited behind a bind or unbind are decided with what is bound; what asks storage has nobody to ask for.
 * What is being unbound is not bound any longer, nor what was evicted since the last look, or when there was no memory
 * to say so (FROM-9): they come back for the events that end them. */
static void flush_operations(struct xmppbind_stream *stream) {
    struct xmppbind_operation *operation = xmppbind_operation_first(stream);
    struct xmppbind_claim *aside = NULL, *evicted;
    if (operation != NULL && operation->step == XMPPBIND_STEP_UNBINDING)
        set_aside(stream, operation->claim, &aside);
    for (; (operation = xmppbind_operation_first(stream)) != NULL; xmppbind_operation_finish(stream)) {
        while ((evicted = xmppbind_stream_find_evicted(stream)) != NULL)
            set_aside(stream, evicted, &aside);
        flush(stream, operation);
    }
    bring_back(stream, aside);
}

/* UNBIND-11: oldest first. The claims stay in the list until their CLOSED events are drained. */
static void release_all(struct xmppbind_stream *stream) {
    struct xmppbind_directory *directory = &stream->host->directory;
    for (struct xmppbind_claim *claim = stream->oldest; claim != NULL; claim = claim->younger)
        if (xmppbind_directory_begin_release(directory, claim))
            xmppbind_directory_ask_release(directory, claim);
}

static void disconnect(struct xmppbind_stream *stream) {
    if ((xmppbind_stream_attention(stream) & XMPPBIND_GONE) != 0)
        return;
    (void)xmppbind_stream_advance(stream);
    flush_operations(stream);
    xmppbind_stream_set(stream, XMPPBIND_GONE);
    release_all(stream);
}

int xmppbind_stream_disconnect(xmppbind_stream *stream) {
    int result = xmppbind_stream_enter(stream);
    if (result == XMPPBIND_OK) {
        disconnect(stream);
        xmppbind_stream_leave(stream);
    }
    return result;
}

void xmppbind_stream_free(xmppbind_stream *stream) {
    if (stream == NULL)
        return;
    if (xmppbind_stream_enter(stream) == XMPPBIND_OK)
        xmppbind_stream_destroy(stream);
    else
        xmppbind_stream_set(stream, XMPPBIND_FREED); /* the running call does it when it leaves */
}

void xmppbind_stream_release_event(struct xmppbind_stream *stream, struct xmppbind_event *event) {
    if (event->claim != NULL)
        xmppbind_claim_unreference(&stream->host->directory, event->claim);
    if (xmppbind_event_carries(event) && event->u.payload != NULL)
        stream->payload_class->free(event->u.payload);
}

/* The stream goes, and a layer below may refer to the claim still. */
static void drop_event(struct xmppbind_stream *stream, struct xmppbind_event *event) {
    if (event->claim != NULL)
        xmppbind_claim_disown(&stream->host->directory, event->claim);
    event->claim = NULL;
    xmppbind_stream_release_event(stream, event);
    xmppbind_event_queue_drop(&stream->events, xmppbind_host_memory(stream->host));
}

static void drop_events(struct xmppbind_stream *stream) {
    const struct xmppbind_memory *memory = xmppbind_host_memory(stream->host);
    struct xmppbind_event *event = xmppbind_event_queue_held(&stream->events);
    do {
        if (event != NULL)
            drop_event(stream, event);
    } while ((event = xmppbind_event_queue_take(&stream->events, memory)) != NULL);
}

void xmppbind_stream_destroy(struct xmppbind_stream *stream) {
    struct xmppbind_host *host = stream->host;
    xmppbind_stream_set(stream,
                        XMPPBIND_BUSY | XMPPBIND_CLOSING); /* CLOSING: nothing that waits is decided any longer */
    disconnect(stream);
    int layered = (xmppbind_stream_attention(stream) & XMPPBIND_LAYERED) != 0;
    if (layered)
        xmppbind_stream_release_part(stream);
    drop_events(stream);
    while (stream->oldest != NULL) {
        struct xmppbind_claim *claim = stream->oldest;
        xmppbind_resource_remove(stream, claim);
        xmppbind_claim_disown(&host->directory, claim);
    }
    xmppbind_resource_free_index(stream);
    if (layered)
        host->layer->end(stream); /* its sessions have their claims to themselves now */
    xmppbind_host_remove_stream(host, stream);
}

void *xmppbind_stream_user_data(const xmppbind_stream *stream) {
    return stream == NULL ? NULL : stream->user_data;
}

const char *xmppbind_stream_account(const xmppbind_stream *stream, size_t *length) {
    if (length != NULL)
        *length = stream == NULL ? 0 : stream->account_length;
    return stream == NULL ? NULL : stream->account;
}

uint32_t xmppbind_stream_resource_count(const xmppbind_stream *stream) {
    return stream == NULL ? 0 : stream->resource_count;
}

const char *xmppbind_stream_resource(const xmppbind_stream *stream, uint32_t position, size_t *length) {
    const struct xmppbind_claim *claim = stream == NULL ? NULL : stream->oldest;
    while (claim != NULL && position-- > 0)
        claim = claim->younger;
    if (length != NULL)
        *length = claim == NULL ? 0 : claim->request.length;
    return claim == NULL ? NULL : claim->text;
}

uint32_t xmppbind_stream_offers(const xmppbind_stream *stream) {
    if (stream == NULL)
        return 0;
    uint32_t offers = XMPPBIND_OFFER_BIND;
    if (stream->resource_count == 0)
        offers |= XMPPBIND_OFFER_REQUIRED; /* FEAT-1, FEAT-4 */
    if (xmppbind_host_value(stream->host, XMPPBIND_OPTION_UNBIND) == XMPPBIND_UNBIND_ON)
        offers |= XMPPBIND_OFFER_UNBIND; /* FEAT-2, FEAT-3 */
    return offers;
}
