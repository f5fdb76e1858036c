/*
 * The channel of a node, on a connection of its own: other nodes say there which claims they took, and the registry
 * says "tick" whenever it answers this node, so that a channel that has gone silent is noticed and opened anew.
 */
#include "holding.h"
#include "server.h"

#include <stdlib.h>

/* "<number> <JID>" */
static void on_eviction(struct xmppbind_redis *redis, const char *message, size_t length) {
    char *end;
    uint64_t number = strtoull(message, &end, 10);
    if (*end == ' ' && number != 0)
        xmppbind_redis_lost(redis, end + 1, length - (size_t)(end + 1 - message), number);
}

static void on_message(redisAsyncContext *context, void *answer, void *data) {
    struct xmppbind_redis_server *server = context->data;
    struct xmppbind_redis *redis = server->redis;
    const redisReply *reply = answer;
    (void)data;
    if (reply == NULL)
        return;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) {
        xmppbind_redis_complain(redis, reply);
        server->cut = 1;
        return;
    }
    redis->heard_at = redis->now;
    redis->unheard_since = UINT64_MAX;
    if (server->state == XMPPBIND_REDIS_GREETING) {
        xmppbind_redis_server_answered(server);
        xmppbind_redis_server_greeted(server);
        return;
    }
    const redisReply *message = reply->element[2];
    if (message->type == REDIS_REPLY_STRING && strcmp(message->str, "tick") != 0)
        on_eviction(redis, message->str, message->len);
}

void xmppbind_redis_listen(struct xmppbind_redis_server *server) {
    char channel[sizeof server->redis->channels + sizeof server->redis->node];
    struct xmppbind_redis_command command = {0};
    size_t length = strlen(server->redis->channels);
    memcpy(channel, server->redis->channels, length);
    memcpy(channel + length, server->redis->node, strlen(server->redis->node) + 1);
    xmppbind_redis_text(&command, "SUBSCRIBE");
    xmppbind_redis_text(&command, channel);
    server->greetings++;
    (void)xmppbind_redis_server_send(server, &command, on_message, NULL);
}

void xmppbind_redis_listener_expect(struct xmppbind_redis *redis, uint64_t asked_at) {
    const struct xmppbind_redis_server *listener = redis->listener;
    if (listener->state == XMPPBIND_REDIS_UP && listener->up_since < asked_at && redis->heard_at < asked_at)
        redis->unheard_since = xmppbind_redis_earlier(redis->unheard_since, redis->now);
}

/* When the channel is given up. */
static uint64_t silent_at(const struct xmppbind_redis *redis) {
    return redis->unheard_since == UINT64_MAX
               ? UINT64_MAX
               : redis->unheard_since + xmppbind_redis_option(redis, XMPPBIND_REDIS_REPLY_TIMEOUT);
}

void xmppbind_redis_listener_run(struct xmppbind_redis *redis) {
    struct xmppbind_redis_server *listener = redis->listener;
    if (silent_at(redis) <= redis->now) {
        redis->unheard_since = UINT64_MAX;
        xmppbind_redis_server_cut(listener, "heard nothing on the channel from");
    }
    if (listener->state == XMPPBIND_REDIS_DOWN) {
        memcpy(listener->host, redis->servers[redis->seed]->host, sizeof listener->host);
        listener->port = redis->servers[redis->seed]->port;
        xmppbind_redis_server_want(listener);
    }
    xmppbind_redis_server_check(listener);
}

uint64_t xmppbind_redis_listener_deadline(const struct xmppbind_redis *redis) {
    return xmppbind_redis_earlier(silent_at(redis), xmppbind_redis_server_deadline(redis->listener));
}
