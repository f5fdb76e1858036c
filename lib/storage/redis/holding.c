/*
 * Invariant: in `holding`, what is held under an older incarnation stands before what is held under the current one,
 * and both stand by when they were checked; so the first is always the next to be checked.
 */
#include "holding.h"
#include "lib/storage/name_hash.h"
#include "registry.h"

static void hold(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    record->purpose = XMPPBIND_REDIS_HOLD;
    record->state = XMPPBIND_REDIS_RECORD_HELD;
    record->time = redis->now;
    if (record->generation == redis->registry.generation)
        xmppbind_redis_list_append(&redis->holding, record);
    else
        xmppbind_redis_list_prepend(&redis->holding, record);
}

/* Nobody needs it any longer; but its stream may have given it back at the same time. */
static void drop(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    if (record->released)
        record->state = XMPPBIND_REDIS_RECORD_DROPPED;
    else
        xmppbind_redis_record_free(redis, record);
}

/* It is no longer in the table, nor in any list: Redis is to forget the claim, or the mark that it was taken. */
static void give_back(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    if (redis->releases >= xmppbind_redis_option(redis, XMPPBIND_REDIS_MAX_RELEASES)) {
        xmppbind_redis_log(redis, XMPPBIND_LOG_WARNING, "too many releases wait; the lease is given up instead", NULL);
        xmppbind_redis_retire(redis); /* whatever is not claimed again is free then */
        (void)xmppbind_redis_accept(redis, record, 0);
        drop(redis, record);
        return;
    }
    redis->releases++;
    (void)atomic_fetch_add(&redis->release_count, 1);
    record->purpose = XMPPBIND_REDIS_RELEASE;
    record->state = XMPPBIND_REDIS_RECORD_WAITING;
    record->time = 0;
    xmppbind_redis_list_append(&redis->waiting, record);
    if (!xmppbind_redis_is_ready(redis))
        (void)xmppbind_redis_accept(redis, record, 0);
}

void xmppbind_redis_release(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    record->released = 0;
    xmppbind_redis_held_remove(redis, record);
    if (record->state == XMPPBIND_REDIS_RECORD_HELD) {
        xmppbind_redis_list_remove(&redis->holding, record);
        give_back(redis, record);
    } else if (record->state == XMPPBIND_REDIS_RECORD_DROPPED) {
        drop(redis, record);
    } else if (record->purpose == XMPPBIND_REDIS_RELEASE) {
        (void)xmppbind_redis_accept(redis, record, 0); /* it was lost meanwhile, and is being given back */
    } /* otherwise it is being checked, and given back when that is answered */
}

/* The stream that has it is told, unless it has given it back itself. */
static void evict(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    xmppbind_redis_held_remove(redis, record);
    if (xmppbind_directory_evicted(redis->directory, record->text, record->length, record->number) == XMPPBIND_OK)
        (void)atomic_fetch_add(&redis->evictions, 1);
}

void xmppbind_redis_lost(struct xmppbind_redis *redis, const char *jid, size_t length, uint64_t number) {
    struct xmppbind_redis_record *record = xmppbind_redis_held_find(redis, jid, length, number);
    if (record == NULL) {
        redis->early[redis->early_next].number = number;
        redis->early[redis->early_next].hash = xmppbind_name_hash_jid(&redis->key, jid, length);
        redis->early_next = (redis->early_next + 1) % XMPPBIND_REDIS_EARLY;
        return;
    }
    if (record->state == XMPPBIND_REDIS_RECORD_HELD) {
        xmppbind_redis_list_remove(&redis->holding, record);
        evict(redis, record);
        give_back(redis, record);
    } else {
        evict(redis, record);
    }
}

static int was_lost_early(const struct xmppbind_redis *redis, const struct xmppbind_redis_record *record) {
    for (size_t i = 0; i < XMPPBIND_REDIS_EARLY; i++)
        if (redis->early[i].number == record->number && redis->early[i].hash == record->hash)
            return 1;
    return 0;
}

void xmppbind_redis_granted(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, uint64_t number) {
    record->number = number;
    redis->greatest = number > redis->greatest ? number : redis->greatest;
    xmppbind_redis_held_insert(redis, record);
    hold(redis, record);
    int result = xmppbind_redis_accept(redis, record, number); /* may ask for its release at once */
    if (result != XMPPBIND_OK) {
        xmppbind_redis_list_remove(&redis->holding, record);
        xmppbind_redis_held_remove(redis, record);
        give_back(redis, record);
    } else if (was_lost_early(redis, record)) {
        xmppbind_redis_lost(redis, record->text, record->length, number);
    }
}

void xmppbind_redis_held(struct xmppbind_redis *redis, struct xmppbind_redis_record *record, int lost) {
    if (lost && record->held)
        evict(redis, record);
    if (record->held)
        hold(redis, record);
    else
        give_back(redis, record);
}

void xmppbind_redis_not_held(struct xmppbind_redis *redis, struct xmppbind_redis_record *record) {
    record->generation = 0; /* Redis may have it under any */
    xmppbind_redis_held(redis, record, 0);
}

uint64_t xmppbind_redis_holding_deadline(const struct xmppbind_redis *redis) {
    const struct xmppbind_redis_record *first = redis->holding.first;
    if (first == NULL || !xmppbind_redis_is_ready(redis))
        return UINT64_MAX;
    if (first->generation != redis->registry.generation || first->time < redis->check_before)
        return redis->now;
    return first->time + xmppbind_redis_option(redis, XMPPBIND_REDIS_CHECK_INTERVAL);
}
