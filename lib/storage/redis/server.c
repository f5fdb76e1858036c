#include "server.h"
#include "redis_scripts.h"

static const char *const scripts[XMPPBIND_REDIS_SCRIPTS] = {
    [XMPPBIND_REDIS_CLAIM] = script_claim,       [XMPPBIND_REDIS_HOLD] = script_hold,
    [XMPPBIND_REDIS_RELEASE] = script_release,   [XMPPBIND_REDIS_LIST] = script_list,
    [XMPPBIND_REDIS_REGISTRY] = script_registry,
};

void xmppbind_redis_word(struct xmppbind_redis_command *command, const char *word, size_t length) {
    command->words[command->count] = word;
    command->lengths[command->count++] = length;
}

void xmppbind_redis_text(struct xmppbind_redis_command *command, const char *word) {
    xmppbind_redis_word(command, word, strlen(word));
}

int xmppbind_redis_is_error(const redisReply *reply, const char *beginning) {
    size_t length = strlen(beginning);
    return reply->type == REDIS_REPLY_ERROR && reply->len >= length && memcmp(reply->str, beginning, length) == 0;
}

void xmppbind_redis_complain(const struct xmppbind_redis *redis, const redisReply *reply) {
    xmppbind_redis_log(redis, XMPPBIND_LOG_ERROR, "Redis answered",
                       reply->type == REDIS_REPLY_ERROR ? reply->str : "something unexpected");
}

/* --- what hiredis asks of the event loop --- */

static void watch(struct xmppbind_redis_server *server, int events) {
    if (server->events == events)
        return;
    server->events = events;
    server->redis->watch(server->descriptor, events, server->redis->watch_data);
}

static void add_read(void *server) {
    watch(server, ((struct xmppbind_redis_server *)server)->events | XMPPBIND_REDIS_READ);
}

static void add_write(void *server) {
    watch(server, ((struct xmppbind_redis_server *)server)->events | XMPPBIND_REDIS_WRITE);
}

static void stop_write(void *server) {
    watch(server, ((struct xmppbind_redis_server *)server)->events & ~XMPPBIND_REDIS_WRITE);
}

static void stop(void *server) {
    watch(server, 0);
}

/* --- opening and closing --- */

/* Another server may do, and may know where everything is now. */
static void look_elsewhere(struct xmppbind_redis *redis, const struct xmppbind_redis_server *server) {
    if (!server->listener && server == redis->servers[redis->seed])
        redis->seed = (redis->seed + 1) % redis->server_count;
    redis->map_time = redis->slots == NULL ? UINT64_MAX : redis->now;
}

/* It is DOWN, and stays so for a pause that doubles each time. */
static void fail(struct xmppbind_redis_server *server, const char *why) {
    struct xmppbind_redis *redis = server->redis;
    uint32_t least = xmppbind_redis_option(redis, XMPPBIND_REDIS_BACKOFF_LEAST);
    uint32_t most = xmppbind_redis_option(redis, XMPPBIND_REDIS_BACKOFF_MOST);
    if (server->state == XMPPBIND_REDIS_UP && redis->now - server->up_since >= most)
        server->pause = 0; /* it was good for a while */
    server->state = XMPPBIND_REDIS_DOWN;
    server->context = NULL;
    server->cut = 0;
    server->retry_at = redis->now + server->pause;
    server->wanted = 1; /* until it turns out that nobody does */
    server->pause = server->pause < least ? least : server->pause > most / 2 ? most : server->pause * 2;
    if (!redis->closing) {
        xmppbind_redis_log(redis, XMPPBIND_LOG_WARNING, why, server->host);
        look_elsewhere(redis, server);
    }
}

static void on_connect(const redisAsyncContext *context, int status) {
    if (status != REDIS_OK)
        fail(context->data, "could not connect to");
}

static void on_disconnect(const redisAsyncContext *context, int status) {
    struct xmppbind_redis_server *server = context->data;
    (void)status;
    if (server->context == context)
        fail(server, "lost the connection to");
}

static redisAsyncContext *open_context(struct xmppbind_redis_server *server) {
    redisAsyncContext *context = server->host[0] == '/' ? redisAsyncConnectUnix(server->host)
                                                        : redisAsyncConnect(server->host, (int)server->port);
    if (context != NULL && context->err != 0) {
        redisAsyncFree(context);
        context = NULL;
    }
    if (context == NULL)
        fail(server, "could not connect to");
    return context;
}

void xmppbind_redis_server_greeted(struct xmppbind_redis_server *server) {
    struct xmppbind_redis *redis = server->redis;
    if (--server->greetings > 0)
        return;
    server->state = XMPPBIND_REDIS_UP;
    server->up_since = redis->now;
    redis->check_before = redis->now + 1; /* it may have lost what it knew */
    redis->registry.renew_at = redis->now;
    (void)atomic_fetch_add(&redis->connections, 1);
}

static void on_login(redisAsyncContext *context, void *answer, void *data) {
    struct xmppbind_redis_server *server = context->data;
    const redisReply *reply = answer;
    (void)data;
    xmppbind_redis_server_answered(server);
    if (reply == NULL)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        xmppbind_redis_complain(server->redis, reply);
        server->cut = 1;
        return;
    }
    xmppbind_redis_server_greeted(server);
}

static void on_script(redisAsyncContext *context, void *answer, void *sha) {
    struct xmppbind_redis_server *server = context->data;
    const redisReply *reply = answer;
    xmppbind_redis_server_answered(server);
    if (reply == NULL)
        return;
    if (reply->type != REDIS_REPLY_STRING || reply->len != XMPPBIND_REDIS_SHA) {
        xmppbind_redis_complain(server->redis, reply);
        server->cut = 1;
        return;
    }
    memcpy(sha, reply->str, XMPPBIND_REDIS_SHA);
    xmppbind_redis_server_greeted(server);
}

static void greet(struct xmppbind_redis_server *server) {
    struct xmppbind_redis *redis = server->redis;
    server->greetings = 0;
    if (redis->password_length > 0) {
        struct xmppbind_redis_command login = {0};
        xmppbind_redis_text(&login, "AUTH");
        if (redis->user_length > 0)
            xmppbind_redis_word(&login, redis->user, redis->user_length);
        xmppbind_redis_word(&login, redis->password, redis->password_length);
        server->greetings++;
        (void)xmppbind_redis_server_send(server, &login, on_login, NULL);
    }
    if (server->listener) {
        xmppbind_redis_listen(server);
        return;
    }
    xmppbind_redis_ask_map(server);
    for (size_t i = 0; i < XMPPBIND_REDIS_SCRIPTS; i++) {
        struct xmppbind_redis_command load = {0};
        xmppbind_redis_text(&load, "SCRIPT");
        xmppbind_redis_text(&load, "LOAD");
        xmppbind_redis_text(&load, scripts[i]);
        server->greetings++;
        (void)xmppbind_redis_server_send(server, &load, on_script, server->scripts[i]);
    }
}

void xmppbind_redis_server_want(struct xmppbind_redis_server *server) {
    struct xmppbind_redis *redis = server->redis;
    server->wanted = server->state == XMPPBIND_REDIS_DOWN && redis->now < server->retry_at;
    if (server->state != XMPPBIND_REDIS_DOWN || server->wanted)
        return;
    redisAsyncContext *context = open_context(server);
    if (context == NULL)
        return;
    server->context = context;
    server->state = XMPPBIND_REDIS_GREETING;
    server->descriptor = context->c.fd;
    server->events = 0;
    server->sent = 0;
    context->data = server;
    context->ev.data = server;
    context->ev.addRead = add_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = stop_write;
    context->ev.cleanup = stop;
    (void)redisAsyncSetConnectCallback(context, on_connect);
    (void)redisAsyncSetDisconnectCallback(context, on_disconnect);
    greet(server);
}

void xmppbind_redis_server_cut(struct xmppbind_redis_server *server, const char *why) {
    redisAsyncContext *context = server->context;
    if (context == NULL)
        return;
    fail(server, why);
    redisAsyncFree(context);
}

void xmppbind_redis_server_check(struct xmppbind_redis_server *server) {
    uint32_t patience = xmppbind_redis_option(server->redis, XMPPBIND_REDIS_REPLY_TIMEOUT);
    if (server->redis->now >= server->retry_at)
        server->wanted = 0; /* who wants it still says so now */
    if (server->state != XMPPBIND_REDIS_DOWN && server->cut)
        xmppbind_redis_server_cut(server, "cut the connection to");
    else if (server->state != XMPPBIND_REDIS_DOWN && server->sent > 0 &&
             server->redis->now >= server->progress + patience)
        xmppbind_redis_server_cut(server, "no answer from");
}

uint64_t xmppbind_redis_server_deadline(const struct xmppbind_redis_server *server) {
    if (server->state == XMPPBIND_REDIS_DOWN)
        return server->wanted ? server->retry_at : UINT64_MAX;
    if (server->cut)
        return server->redis->now;
    return server->sent == 0 ? UINT64_MAX
                             : server->progress + xmppbind_redis_option(server->redis, XMPPBIND_REDIS_REPLY_TIMEOUT);
}

int xmppbind_redis_server_send(struct xmppbind_redis_server *server, const struct xmppbind_redis_command *command,
                               redisCallbackFn *callback, void *data) {
    /* hiredis does not change the array, though its prototype does not say so */
    const char **words = (const char **)(uintptr_t)command->words;
    if (redisAsyncCommandArgv(server->context, callback, data, command->count, words, command->lengths) != REDIS_OK) {
        server->cut = 1;
        return XMPPBIND_ERROR_STATE;
    }
    if (server->sent++ == 0)
        server->progress = server->redis->now;
    return XMPPBIND_OK;
}

void xmppbind_redis_server_answered(struct xmppbind_redis_server *server) {
    server->sent--;
    server->progress = server->redis->now;
}

/* --- the list of servers --- */

struct xmppbind_redis_server *xmppbind_redis_server_new(struct xmppbind_redis *redis, const char *host, size_t length,
                                                        uint32_t port) {
    struct xmppbind_redis_server *server = xmppbind_memory_get(&redis->memory, sizeof *server);
    if (server == NULL)
        return NULL;
    memset(server, 0, sizeof *server);
    server->redis = redis;
    memcpy(server->host, host, length);
    server->port = port;
    return server;
}

void xmppbind_redis_server_free(struct xmppbind_redis_server *server) {
    xmppbind_redis_server_cut(server, "");
    xmppbind_memory_put(&server->redis->memory, server);
}

int xmppbind_redis_server_index(struct xmppbind_redis *redis, const char *host, size_t length, uint32_t port) {
    for (size_t i = 0; i < redis->server_count; i++) {
        const struct xmppbind_redis_server *server = redis->servers[i];
        if (server->port == port && strlen(server->host) == length && memcmp(server->host, host, length) == 0)
            return (int)i;
    }
    if (redis->server_count == XMPPBIND_REDIS_SERVERS || length == 0 || length > XMPPBIND_REDIS_HOST_MAXIMUM)
        return -1;
    struct xmppbind_redis_server *server = xmppbind_redis_server_new(redis, host, length, port);
    if (server == NULL)
        return -1;
    redis->servers[redis->server_count] = server;
    return (int)redis->server_count++;
}
