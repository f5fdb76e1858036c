#include "host.h"
#include "layer.h"
#include "lib/base/random.h"
#include "stream.h"

static struct xmppbind_directory *directory_of(const struct xmppbind_stream *stream) {
    return &stream->host->directory;
}

static void put_ready(struct xmppbind_stream *stream) {
    struct xmppbind_host *host = stream->host;
    xmppbind_stream_set(stream, XMPPBIND_READY);
    stream->ready_next = NULL;
    *(host->ready_last == NULL ? &host->ready_first : &host->ready_last->ready_next) = stream;
    host->ready_last = stream;
}

/* Under the lock of the directory. */
static void note_mail(struct xmppbind_stream *stream, struct xmppbind_notice *notice) {
    uint32_t before = atomic_fetch_or_explicit(&stream->attention, XMPPBIND_MAIL, memory_order_acq_rel);
    if ((before & (XMPPBIND_BUSY | XMPPBIND_MAIL | XMPPBIND_GONE)) != 0)
        return; /* the running call sees to it, the host knows, or nobody is interested */
    if (stream->host->wakeup != NULL) {
        notice->owner = stream;
        notice->owner_data = stream->user_data;
    } else if ((before & XMPPBIND_READY) == 0) {
        put_ready(stream);
    }
}

/* Under the lock of the directory. */
static void notify(struct xmppbind_claim *claim, int evicted, struct xmppbind_notice *notice) {
    struct xmppbind_stream *stream = claim->request.owner;
    if (evicted) {
        void **place = &stream->evicted;
        while (*place != NULL)
            place = &((struct xmppbind_claim *)*place)->request.table_next;
        claim->request.table_next = NULL;
        *place = claim;
        xmppbind_stream_set(stream, XMPPBIND_ROBBED);
    }
    note_mail(stream, notice);
}

/* Under the lock of the directory. */
static void forget(struct xmppbind_claim *claim) {
    struct xmppbind_stream *stream = claim->request.owner;
    void **place = &stream->evicted;
    while (*place != claim)
        place = &((struct xmppbind_claim *)*place)->request.table_next;
    *place = claim->request.table_next;
    if (stream->evicted == NULL)
        xmppbind_stream_clear(stream, XMPPBIND_ROBBED);
}

static void wake(void *context, const struct xmppbind_notice *notice) {
    const struct xmppbind_host *host = context;
    host->wakeup(notice->owner, notice->owner_data, host->wakeup_data);
}

static void release_failed(void *context, int condition) {
    (void)condition;
    xmppbind_host_log(context, XMPPBIND_LOG_WARNING, "the directory failed to release a resource"); /* UNBIND-9 */
}

static void destroy(void *context) {
    struct xmppbind_host *host = context;
    const struct xmppbind_memory memory = *xmppbind_host_memory(host);
    xmppbind_directory_enter(&host->directory); /* what it calls on its way out must not find it unused again */
    xmppbind_directory_destroy(&host->directory);
    xmppbind_memory_directory_free(host->memory_directory);
    xmppbind_spare_empty(&host->spare_operation, &memory);
    xmppbind_writer_drop(atomic_exchange(&host->writer, NULL));
    xmppbind_memory_put(&memory, host);
}

static const struct xmppbind_owner_class owner_class = {notify, forget, wake, release_failed, destroy};

static int answer_from_memory(const xmppbind_request *request, void *user_data) {
    struct xmppbind_host *host = user_data;
    return xmppbind_memory_directory_answer(host->memory_directory, &host->directory, request);
}

/* The directory in memory of a host has the key of its directory: then a name is hashed once for both. */
static int share_key(uint8_t *octets, size_t length, void *key) {
    memcpy(octets, key, length);
    return 0;
}

static int init(struct xmppbind_host *host, const struct xmppbind_memory *memory, const xmppbind_allocator *allocator) {
    int result = xmppbind_directory_init(&host->directory, memory, &owner_class, host);
    if (result != XMPPBIND_OK)
        return result;
    if (xmppbind_random_system((uint8_t *)&host->directory.key, sizeof host->directory.key, NULL) != 0)
        result = XMPPBIND_ERROR_RANDOM;
    else
        result = xmppbind_memory_directory_new(&host->memory_directory, allocator, share_key, &host->directory.key);
    if (result != XMPPBIND_OK) {
        xmppbind_directory_destroy(&host->directory);
        return result;
    }
    host->random = xmppbind_random_system;
    for (int i = 1; i < XMPPBIND_OPTION_COUNT; i++)
        host->options[i] = xmppbind_option_default(i);
    (void)xmppbind_directory_set_claims(&host->directory, answer_from_memory, answer_from_memory, host);
    (void)xmppbind_directory_set_list(&host->directory, answer_from_memory, host);
    return XMPPBIND_OK;
}

int xmppbind_host_new(xmppbind_host **host, const xmppbind_allocator *allocator) {
    struct xmppbind_memory memory;
    if (host == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&memory, allocator);
    struct xmppbind_host *made = xmppbind_memory_get(&memory, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memset(made, 0, sizeof *made);
    int result = init(made, &memory, allocator);
    if (result == XMPPBIND_OK)
        *host = made;
    else
        xmppbind_memory_put(&memory, made);
    return result;
}

void xmppbind_host_free(xmppbind_host *host) {
    if (host != NULL)
        xmppbind_directory_leave(&host->directory);
}

void xmppbind_host_add_stream(struct xmppbind_host *host) {
    xmppbind_directory_enter(&host->directory);
    (void)atomic_fetch_add(&host->directory.owners, 1);
}

void xmppbind_stream_notify(struct xmppbind_stream *stream, struct xmppbind_notice *notice) {
    xmppbind_directory_lock(directory_of(stream));
    note_mail(stream, notice);
    xmppbind_directory_unlock(directory_of(stream));
}

/* Under the lock of the directory; the stream is in the list. */
static void take_unready(struct xmppbind_host *host, struct xmppbind_stream *stream) {
    struct xmppbind_stream *before = NULL, *ready = host->ready_first;
    for (; ready != stream; ready = ready->ready_next)
        before = ready;
    *(before == NULL ? &host->ready_first : &before->ready_next) = ready->ready_next;
    if (host->ready_last == ready)
        host->ready_last = before;
    xmppbind_stream_clear(stream, XMPPBIND_READY);
}

void xmppbind_host_remove_stream(struct xmppbind_host *host, struct xmppbind_stream *stream) {
    struct xmppbind_directory *directory = directory_of(stream);
    xmppbind_directory_lock(directory);
    if ((xmppbind_stream_attention(stream) & XMPPBIND_READY) != 0)
        take_unready(host, stream);
    xmppbind_directory_unlock(directory);
    (void)atomic_fetch_sub(&directory->owners, 1);
    xmppbind_memory_put(xmppbind_host_memory(host), stream);
    xmppbind_directory_leave(directory);
}

xmppbind_stream *xmppbind_host_next_ready(xmppbind_host *host) {
    if (host == NULL)
        return NULL;
    xmppbind_directory_lock(&host->directory);
    struct xmppbind_stream *stream = host->ready_first;
    if (stream != NULL)
        take_unready(host, stream);
    xmppbind_directory_unlock(&host->directory);
    return stream;
}

xmppbind_stream *xmppbind_host_find(xmppbind_host *host, const char *jid, size_t length, uint64_t *claim) {
    return host == NULL || jid == NULL ? NULL : xmppbind_directory_find(&host->directory, jid, length, claim);
}

xmppbind_directory *xmppbind_host_directory(xmppbind_host *host) {
    return host == NULL ? NULL : &host->directory;
}

void xmppbind_host_log(const struct xmppbind_host *host, int level, const char *message) {
    if (host->log != NULL)
        host->log(level, message, strlen(message), host->log_data);
}
