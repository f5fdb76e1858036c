#include "record.h"
#include "lib/storage/name_hash.h"
#include "slots.h"

#include <stddef.h>
#include <unistd.h>

void xmppbind_redis_list_append(struct xmppbind_redis_list *list, struct xmppbind_redis_record *record) {
    record->next = NULL;
    record->previous = list->last;
    *(list->last == NULL ? &list->first : &list->last->next) = record;
    list->last = record;
    list->count++;
}

void xmppbind_redis_list_prepend(struct xmppbind_redis_list *list, struct xmppbind_redis_record *record) {
    record->previous = NULL;
    record->next = list->first;
    *(list->first == NULL ? &list->last : &list->first->previous) = record;
    list->first = record;
    list->count++;
}

void xmppbind_redis_list_remove(struct xmppbind_redis_list *list, struct xmppbind_redis_record *record) {
    *(record->previous == NULL ? &list->first : &record->previous->next) = record->next;
    *(record->next == NULL ? &list->last : &record->next->previous) = record->previous;
    list->count--;
}

static void lock(struct xmppbind_redis *redis) {
    (void)pthread_mutex_lock(&redis->lock);
}

static void unlock(struct xmppbind_redis *redis) {
    (void)pthread_mutex_unlock(&redis->lock);
}

/* Under the lock: the loop is to look into the inbox. */
static void signal_loop(struct xmppbind_redis *redis) {
    if (redis->signalled)
        return;
    redis->signalled = 1;
    ssize_t written = write(redis->wake_write, "", 1); /* a pipe that is full wakes the loop as well */
    (void)written;
}

void xmppbind_redis_wake(struct xmppbind_redis *redis) {
    lock(redis);
    signal_loop(redis);
    unlock(redis);
}

static struct xmppbind_redis_record *make_record(struct xmppbind_redis *redis, const xmppbind_request *request) {
    size_t length;
    const char *jid = xmppbind_request_jid(request, &length);
    struct xmppbind_redis_record *record = xmppbind_memory_get(&redis->memory, sizeof *record + length + 1);
    if (record == NULL)
        return NULL;
    memset(record, 0, sizeof *record);
    record->request = xmppbind_request_id(request);
    record->purpose =
        xmppbind_request_kind(request) == XMPPBIND_REQUEST_LIST ? XMPPBIND_REDIS_LIST : XMPPBIND_REDIS_CLAIM;
    record->length = (uint16_t)length;
    record->account_length = (uint16_t)xmppbind_request_account_length(request);
    record->slot = xmppbind_redis_slot_of_account(jid, record->account_length);
    record->limit = (uint16_t)xmppbind_request_limit(request);
    record->replace = xmppbind_request_conflict(request) == XMPPBIND_CONFLICT_REPLACE;
    record->evict_oldest = xmppbind_request_account_limit(request) == XMPPBIND_ACCOUNT_LIMIT_EVICT_OLDEST;
    record->hash = xmppbind_name_hash_jid(&redis->key, jid, length);
    memcpy(record->text, jid, length + 1);
    return record;
}

/* What this node does not hold (any longer) needs no release: its claim was lost to somebody else. */
static int request_release(struct xmppbind_redis *redis, const xmppbind_request *request) {
    size_t length;
    const char *jid = xmppbind_request_jid(request, &length);
    lock(redis);
    struct xmppbind_redis_record *record =
        xmppbind_redis_held_find(redis, jid, length, xmppbind_request_claim(request));
    int known = record != NULL && !record->released;
    if (known) {
        record->request = xmppbind_request_id(request);
        record->released = 1;
        record->released_next = redis->released;
        redis->released = record;
        signal_loop(redis);
    }
    unlock(redis);
    if (!known)
        (void)xmppbind_directory_accept(redis->directory, xmppbind_request_id(request), 0);
    return 0;
}

int xmppbind_redis_request(const xmppbind_request *request, void *user_data) {
    struct xmppbind_redis *redis = user_data;
    if (xmppbind_request_kind(request) == XMPPBIND_REQUEST_RELEASE)
        return request_release(redis, request);
    struct xmppbind_redis_record *record = make_record(redis, request);
    if (record == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    lock(redis);
    int admitted = !redis->leaving && redis->open < xmppbind_redis_option(redis, XMPPBIND_REDIS_MAX_WAITING);
    if (admitted) {
        redis->open++;
        record->open = 1;
        xmppbind_redis_list_append(&redis->inbox, record);
        signal_loop(redis);
    }
    unlock(redis);
    if (!admitted) {
        (void)xmppbind_directory_reject(redis->directory, record->request, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT);
        xmppbind_redis_record_free(redis, record);
    }
    return 0;
}

static void take_claims(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    uint64_t end = redis->now + xmppbind_redis_option(redis, XMPPBIND_REDIS_CLAIM_TIMEOUT);
    for (struct xmppbind_redis_record *next; record != NULL; record = next) {
        next = record->next;
        record->time = end;
        redis->expiry = xmppbind_redis_earlier(redis->expiry, end);
        xmppbind_redis_list_append(&redis->waiting, record);
    }
}

void xmppbind_redis_empty_inbox(struct xmppbind_redis *redis,
                                void (*release)(struct xmppbind_redis *redis, struct xmppbind_redis_record *record)) {
    char octets[16];
    if (!atomic_load(&redis->signalled))
        return;
    lock(redis);
    while (read(redis->wake_read, octets, sizeof octets) > 0) /* under the lock, as it is written to */
        continue;
    struct xmppbind_redis_record *claims = redis->inbox.first, *released = redis->released;
    redis->inbox = (struct xmppbind_redis_list){NULL, NULL, 0};
    redis->released = NULL;
    redis->signalled = 0;
    unlock(redis);
    struct xmppbind_redis_record *oldest_first = NULL;
    for (struct xmppbind_redis_record *next; released != NULL; released = next) {
        next = released->released_next;
        released->released_next = oldest_first;
        oldest_first = released;
    }
    for (struct xmppbind_redis_record *next; oldest_first != NULL; oldest_first = next) {
        next = oldest_first->released_next;
        release(redis, oldest_first);
    }
    take_claims(redis, claims); /* behind the releases: one may be of the same JID */
}

static void grow(struct xmppbind_redis *redis) {
    lock(redis);
    uint32_t size = xmppbind_table_wanted(&redis->held);
    unlock(redis);
    void **heads = size == 0 ? NULL : xmppbind_memory_get(&redis->memory, size * sizeof *heads);
    if (heads == NULL)
        return;
    lock(redis);
    heads = xmppbind_table_adopt(&redis->held, heads, size);
    unlock(redis);
    xmppbind_memory_put(&redis->memory, heads);
}

void xmppbind_redis_held_insert(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    grow(redis);
    lock(redis);
    xmppbind_table_insert(&redis->held, record);
    record->held = 1;
    unlock(redis);
    (void)atomic_fetch_add(&redis->held_count, 1);
}

void xmppbind_redis_held_remove(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    if (!record->held)
        return;
    lock(redis);
    xmppbind_table_remove(&redis->held, record);
    record->held = 0;
    unlock(redis);
    (void)atomic_fetch_sub(&redis->held_count, 1);
}

struct xmppbind_redis_record *xmppbind_redis_held_find(struct xmppbind_redis *redis, const char *jid, size_t length,
                                                       uint64_t number) {
    uint32_t hash = xmppbind_name_hash_jid(&redis->key, jid, length);
    struct xmppbind_redis_record *record = xmppbind_table_first(&redis->held, hash);
    while (record != NULL && (record->length != length || (number != 0 && record->number != number) ||
                              memcmp(record->text, jid, length) != 0))
        record = record->table_next;
    return record;
}

/* Takes the request from its record. */
static uint64_t close_request(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    uint64_t request = record->request;
    record->request = 0;
    if (record->open) {
        record->open = 0;
        lock(redis);
        redis->open--;
        unlock(redis);
    }
    return request;
}

int xmppbind_redis_accept(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, uint64_t number) {
    uint64_t request = close_request(redis, record);
    return request == 0 ? XMPPBIND_OK : xmppbind_directory_accept(redis->directory, request, number);
}

void xmppbind_redis_reject(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, int condition) {
    uint64_t request = close_request(redis, record);
    if (request != 0)
        (void)xmppbind_directory_reject(redis->directory, request, condition);
}

void xmppbind_redis_record_free(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    xmppbind_memory_put(&redis->memory, record->asked);
    xmppbind_memory_put(&redis->memory, record);
}
