/* Which server has which account, when Redis is a cluster (CLUSTER SLOTS, MOVED, ASK). */
#include "server.h"
#include "slots.h"

#include <stdlib.h>

struct xmppbind_redis_server *xmppbind_redis_server_of(struct xmppbind_redis *redis, uint16_t slot) {
    if (redis->slots != NULL && redis->slots[slot] != 0)
        return redis->servers[redis->slots[slot] - 1];
    return redis->servers[redis->seed];
}

static int is_range(const redisReply *range) {
    return range->type == REDIS_REPLY_ARRAY && range->elements >= 3 && range->element[0]->type == REDIS_REPLY_INTEGER &&
           range->element[1]->type == REDIS_REPLY_INTEGER && range->element[2]->type == REDIS_REPLY_ARRAY &&
           range->element[2]->elements >= 2 && range->element[2]->element[1]->type == REDIS_REPLY_INTEGER &&
           range->element[0]->integer >= 0 && range->element[1]->integer < XMPPBIND_REDIS_SLOTS;
}

/* A server that does not know its own address leaves it out: it is the one we talk to. */
static int master_of(const struct xmppbind_redis_server *server, const redisReply *master) {
    const redisReply *host = master->element[0];
    int named = host->type == REDIS_REPLY_STRING && host->len > 0;
    return xmppbind_redis_server_index(server->redis, named ? host->str : server->host,
                                       named ? host->len : strlen(server->host), (uint32_t)master->element[1]->integer);
}

/* The map of slots, of which nothing need be known yet; NULL without memory. */
static uint8_t *slots_of(struct xmppbind_redis *redis) {
    if (redis->slots == NULL) {
        redis->slots = xmppbind_memory_get(&redis->memory, XMPPBIND_REDIS_SLOTS);
        if (redis->slots != NULL)
            memset(redis->slots, 0, XMPPBIND_REDIS_SLOTS);
    }
    return redis->slots;
}

static void take_map(const struct xmppbind_redis_server *server, const redisReply *map) {
    struct xmppbind_redis *redis = server->redis;
    if (slots_of(redis) == NULL)
        return;
    memset(redis->slots, 0, XMPPBIND_REDIS_SLOTS);
    for (size_t i = 0; i < map->elements; i++) {
        const redisReply *range = map->element[i];
        int index = is_range(range) ? master_of(server, range->element[2]) : -1;
        for (long long slot = index < 0 ? XMPPBIND_REDIS_SLOTS : range->element[0]->integer;
             slot < XMPPBIND_REDIS_SLOTS && slot <= range->element[1]->integer; slot++)
            redis->slots[slot] = (uint8_t)(index + 1);
    }
}

/* A Redis that is no cluster answers with an error. */
static void on_map(redisAsyncContext *context, void *answer, void *data) {
    struct xmppbind_redis_server *server = context->data;
    const redisReply *reply = answer;
    (void)data;
    xmppbind_redis_server_answered(server);
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
        take_map(server, reply);
}

void xmppbind_redis_ask_map(struct xmppbind_redis_server *server) {
    struct xmppbind_redis_command command = {0};
    xmppbind_redis_text(&command, "CLUSTER");
    xmppbind_redis_text(&command, "SLOTS");
    (void)xmppbind_redis_server_send(server, &command, on_map, NULL);
}

void xmppbind_redis_map_run(struct xmppbind_redis *redis) {
    if (redis->now < redis->map_time)
        return;
    for (size_t i = 0; i < redis->server_count; i++) {
        struct xmppbind_redis_server *server = redis->servers[(redis->seed + i) % redis->server_count];
        if (server->state != XMPPBIND_REDIS_UP || server->cut)
            continue;
        xmppbind_redis_ask_map(server);
        redis->map_time = UINT64_MAX;
        return;
    }
    xmppbind_redis_server_want(redis->servers[redis->seed]); /* asks when it is open */
    redis->map_time = redis->now + xmppbind_redis_option(redis, XMPPBIND_REDIS_BACKOFF_LEAST);
}

int xmppbind_redis_redirected(struct xmppbind_redis *redis, const redisReply *reply, int moved) {
    const char *slot = reply->str + (moved ? sizeof "MOVED" : sizeof "ASK");
    const char *host = strchr(slot, ' ');
    const char *colon = host == NULL ? NULL : strrchr(host, ':');
    if (colon == NULL)
        return -1;
    unsigned long number = strtoul(slot, NULL, 10), port = strtoul(colon + 1, NULL, 10);
    int index = xmppbind_redis_server_index(redis, host + 1, (size_t)(colon - host - 1), (uint32_t)port);
    if (index >= 0 && moved) {
        if (number < XMPPBIND_REDIS_SLOTS && slots_of(redis) != NULL)
            redis->slots[number] = (uint8_t)(index + 1);
        redis->map_time = xmppbind_redis_earlier(redis->map_time, redis->now + 1000); /* others have moved, too */
    }
    return index;
}
