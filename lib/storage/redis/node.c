/* The node as its host sees it: made, told what to do, given its turns. See node.h. */
#include "claims.h"
#include "holding.h"
#include "lib/base/random.h"
#include "poll.h"
#include "quiet.h"
#include "registry.h"
#include "server.h"
#include "slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

struct option {
    const char *name;
    uint32_t smallest, largest, normal;
};

static const struct option options[XMPPBIND_REDIS_OPTIONS] = {
    [XMPPBIND_REDIS_LEASE] = {"lease", 100, 86400000, 15000},
    [XMPPBIND_REDIS_CHECK_INTERVAL] = {"check-interval", 10, 86400000, 60000},
    [XMPPBIND_REDIS_CLAIM_TIMEOUT] = {"claim-timeout", 1, 86400000, 5000},
    [XMPPBIND_REDIS_REPLY_TIMEOUT] = {"reply-timeout", 10, 86400000, 3000},
    [XMPPBIND_REDIS_BACKOFF_LEAST] = {"backoff-least", 1, 86400000, 50},
    [XMPPBIND_REDIS_BACKOFF_MOST] = {"backoff-most", 1, 86400000, 5000},
    [XMPPBIND_REDIS_MAX_WAITING] = {"max-waiting", 1, UINT32_MAX, 100000},
    [XMPPBIND_REDIS_MAX_RELEASES] = {"max-releases", 1, UINT32_MAX, 100000},
    [XMPPBIND_REDIS_KEEP] = {"keep", 1000, 4000000000, 86400000},
};

void xmppbind_redis_log(const struct xmppbind_redis *redis, int level, const char *message, const char *detail) {
    char line[512];
    if (redis->log == NULL)
        return;
    int length = detail == NULL ? snprintf(line, sizeof line, "%s", message)
                                : snprintf(line, sizeof line, "%s %s", message, detail);
    size_t most = sizeof line - 1;
    redis->log(level, line, (size_t)length < most ? (size_t)length : most, redis->log_data);
}

/* --- making one --- */

static int is_node_name(const char *name, size_t length) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (name == NULL || length == 0 || length > XMPPBIND_REDIS_NAME_MAXIMUM)
        return 0;
    for (size_t i = 0; i < length; i++)
        if (name[i] == '\0' || strchr(allowed, name[i]) == NULL)
            return 0;
    return 1;
}

static int make_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

static int open_pipe(struct xmppbind_redis *redis) {
    int ends[2];
    if (pipe(ends) != 0)
        return XMPPBIND_ERROR_STATE;
    redis->wake_read = ends[0];
    redis->wake_write = ends[1];
    return make_nonblocking(ends[0]) && make_nonblocking(ends[1]) ? XMPPBIND_OK : XMPPBIND_ERROR_STATE;
}

static void close_pipe(struct xmppbind_redis *redis) {
    if (redis->wake_read >= 0)
        (void)close(redis->wake_read);
    if (redis->wake_write >= 0)
        (void)close(redis->wake_write);
}

static void set_channels(struct xmppbind_redis *redis) {
    (void)snprintf(redis->channels, sizeof redis->channels, "%snode:", redis->prefix);
}

/* What can fail; undone by dispose(). */
static int init(struct xmppbind_redis *redis) {
    if (xmppbind_random_system((uint8_t *)&redis->key, sizeof redis->key, NULL) != 0)
        return XMPPBIND_ERROR_RANDOM;
    xmppbind_table_init(&redis->held, offsetof(struct xmppbind_redis_record, table_next),
                        offsetof(struct xmppbind_redis_record, hash));
    xmppbind_table_grow(&redis->held, &redis->memory);
    redis->listener = xmppbind_redis_server_new(redis, "", 0, 0);
    if (redis->held.heads == NULL || redis->listener == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    redis->listener->listener = 1;
    int result = open_pipe(redis);
    if (result != XMPPBIND_OK)
        return result;
    for (int i = 1; i < XMPPBIND_REDIS_OPTIONS; i++)
        redis->options[i] = options[i].normal;
    memcpy(redis->prefix, "xmppbind:", sizeof "xmppbind:");
    set_channels(redis);
    redis->expiry = redis->map_time = redis->release_again = redis->unheard_since = UINT64_MAX;
    return XMPPBIND_OK;
}

static void dispose(struct xmppbind_redis *redis) {
    const struct xmppbind_memory memory = redis->memory;
    for (size_t i = 0; i < redis->server_count; i++)
        xmppbind_redis_server_free(redis->servers[i]);
    if (redis->listener != NULL)
        xmppbind_redis_server_free(redis->listener);
    xmppbind_redis_registry_free(redis);
    xmppbind_redis_poll_free(redis);
    close_pipe(redis);
    xmppbind_memory_put(&memory, redis->slots);
    xmppbind_memory_put(&memory, redis->held.heads);
    (void)pthread_mutex_destroy(&redis->lock);
    xmppbind_memory_put(&memory, redis);
}

static int plug_in(struct xmppbind_redis *redis) {
    int result = xmppbind_directory_set_claims(redis->directory, xmppbind_redis_request, xmppbind_redis_request, redis);
    return result == XMPPBIND_OK ? xmppbind_directory_set_list(redis->directory, xmppbind_redis_request, redis)
                                 : result;
}

int xmppbind_redis_new(xmppbind_redis **redis, xmppbind_directory *directory, const char *node, size_t length,
                       const xmppbind_allocator *allocator) {
    struct xmppbind_memory memory;
    if (redis == NULL || directory == NULL || !is_node_name(node, length))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&memory, allocator);
    struct xmppbind_redis *made = xmppbind_memory_get(&memory, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memset(made, 0, sizeof *made);
    made->memory = memory;
    made->directory = directory;
    made->wake_read = made->wake_write = -1;
    memcpy(made->node, node, length);
    if (pthread_mutex_init(&made->lock, NULL) != 0) {
        xmppbind_memory_put(&memory, made);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    int result = init(made);
    if (result == XMPPBIND_OK)
        result = plug_in(made);
    if (result == XMPPBIND_OK)
        *redis = made;
    else
        dispose(made);
    return result;
}

static void free_list(struct xmppbind_redis *redis, struct xmppbind_redis_list *list) {
    for (struct xmppbind_redis_record *record; (record = list->first) != NULL;) {
        xmppbind_redis_list_remove(list, record);
        if (record->purpose == XMPPBIND_REDIS_RELEASE || record->purpose == XMPPBIND_REDIS_HOLD)
            (void)xmppbind_redis_accept(redis, record, 0);
        else
            xmppbind_redis_reject(redis, record, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT);
        xmppbind_redis_record_free(redis, record);
    }
}

void xmppbind_redis_free(xmppbind_redis *redis) {
    if (redis == NULL)
        return;
    redis->closing = 1;
    xmppbind_redis_empty_inbox(redis, xmppbind_redis_release);
    for (size_t i = 0; i < redis->server_count; i++)
        xmppbind_redis_server_cut(redis->servers[i], ""); /* what was sent comes back to its list */
    free_list(redis, &redis->waiting);
    free_list(redis, &redis->asking);
    free_list(redis, &redis->holding);
    if (redis->started)
        redis->watch(redis->wake_read, 0, redis->watch_data);
    dispose(redis);
}

/* --- what it is told before it starts --- */

static int may_be_set(const struct xmppbind_redis *redis) {
    if (redis == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    return redis->started ? XMPPBIND_ERROR_STATE : XMPPBIND_OK;
}

int xmppbind_redis_add_server(xmppbind_redis *redis, const char *host, size_t length, uint32_t port) {
    int result = may_be_set(redis);
    if (result != XMPPBIND_OK)
        return result;
    if (host == NULL || length == 0 || length > XMPPBIND_REDIS_HOST_MAXIMUM || memchr(host, '\0', length) != NULL ||
        port > 65535 || (port == 0) != (host[0] == '/'))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    return xmppbind_redis_server_index(redis, host, length, port) < 0 ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
}

int xmppbind_redis_set_prefix(xmppbind_redis *redis, const char *prefix, size_t length) {
    int result = may_be_set(redis);
    if (result != XMPPBIND_OK)
        return result;
    if (prefix == NULL || length == 0 || length > XMPPBIND_REDIS_NAME_MAXIMUM)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)prefix[i] <= ' ' || prefix[i] == '{' || prefix[i] == '}' || prefix[i] == 127)
            return XMPPBIND_ERROR_INVALID_ARGUMENT;
    memcpy(redis->prefix, prefix, length);
    redis->prefix[length] = '\0';
    set_channels(redis);
    return XMPPBIND_OK;
}

int xmppbind_redis_set_password(xmppbind_redis *redis, const char *user, size_t user_length, const char *password,
                                size_t password_length) {
    int result = may_be_set(redis);
    if (result != XMPPBIND_OK)
        return result;
    if (password == NULL || password_length == 0 || password_length > XMPPBIND_REDIS_HOST_MAXIMUM ||
        (user != NULL && (user_length == 0 || user_length > XMPPBIND_REDIS_HOST_MAXIMUM)))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    redis->user_length = user == NULL ? 0 : user_length;
    if (user != NULL)
        memcpy(redis->user, user, user_length);
    memcpy(redis->password, password, password_length);
    redis->password_length = password_length;
    return XMPPBIND_OK;
}

int xmppbind_redis_option_number(const char *name, size_t length) {
    for (int i = 1; name != NULL && i < XMPPBIND_REDIS_OPTIONS; i++)
        if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0)
            return i;
    return XMPPBIND_ERROR_UNKNOWN_OPTION;
}

int xmppbind_redis_set(xmppbind_redis *redis, int option, uint32_t value) {
    int result = may_be_set(redis);
    if (result != XMPPBIND_OK)
        return result;
    if (option < 1 || option >= XMPPBIND_REDIS_OPTIONS)
        return XMPPBIND_ERROR_UNKNOWN_OPTION;
    if (value < options[option].smallest || value > options[option].largest)
        return XMPPBIND_ERROR_OPTION_VALUE;
    redis->options[option] = value;
    return XMPPBIND_OK;
}

int xmppbind_redis_set_log(xmppbind_redis *redis, xmppbind_log_callback log, void *user_data) {
    int result = may_be_set(redis);
    if (result != XMPPBIND_OK)
        return result;
    redis->log = log;
    redis->log_data = user_data;
    return XMPPBIND_OK;
}

int xmppbind_redis_set_watch(xmppbind_redis *redis, xmppbind_redis_watch_callback watch, void *user_data) {
    int result = may_be_set(redis);
    if (result != XMPPBIND_OK)
        return result;
    redis->watch = watch;
    redis->watch_data = user_data;
    return XMPPBIND_OK;
}

/* --- its turns --- */

/* All that can be done now. */
static void work(struct xmppbind_redis *redis) {
    xmppbind_redis_empty_inbox(redis, xmppbind_redis_release);
    for (size_t i = 0; i < redis->server_count; i++)
        xmppbind_redis_server_check(redis->servers[i]);
    xmppbind_redis_expire(redis);
    xmppbind_redis_map_run(redis);
    xmppbind_redis_dispatch(redis);
    xmppbind_redis_registry_run(redis);
    xmppbind_redis_listener_run(redis);
}

static int enter(struct xmppbind_redis *redis, uint64_t now) {
    if (redis == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (!redis->started)
        return XMPPBIND_ERROR_STATE;
    if (redis->running)
        return XMPPBIND_ERROR_REENTRANT;
    redis->running = 1;
    redis->now = now > redis->now ? now : redis->now;
    return XMPPBIND_OK;
}

int xmppbind_redis_start(xmppbind_redis *redis, uint64_t now) {
    int result = may_be_set(redis);
    if (result != XMPPBIND_OK)
        return result;
    if (redis->server_count == 0 || redis->watch == NULL)
        return XMPPBIND_ERROR_STATE;
    redis->started = 1;
    redis->now = now;
    redis->watch(redis->wake_read, XMPPBIND_REDIS_READ, redis->watch_data);
    return xmppbind_redis_run(redis, now);
}

static struct xmppbind_redis_server *server_with(const struct xmppbind_redis *redis, int descriptor) {
    for (size_t i = 0; i <= redis->server_count; i++) {
        struct xmppbind_redis_server *server = i == redis->server_count ? redis->listener : redis->servers[i];
        if (server->context != NULL && server->descriptor == descriptor)
            return server;
    }
    return NULL;
}

int xmppbind_redis_ready(xmppbind_redis *redis, int descriptor, int events, uint64_t now) {
    int result = enter(redis, now);
    if (result != XMPPBIND_OK)
        return result;
    struct xmppbind_redis_server *server = server_with(redis, descriptor);
    if (server != NULL && (events & XMPPBIND_REDIS_WRITE) != 0)
        xmppbind_redis_write_quietly(server->context);
    server = server_with(redis, descriptor); /* it may be lost by now */
    if (server != NULL && (events & XMPPBIND_REDIS_READ) != 0)
        redisAsyncHandleRead(server->context);
    work(redis);
    redis->running = 0;
    return XMPPBIND_OK;
}

int xmppbind_redis_run(xmppbind_redis *redis, uint64_t now) {
    int result = enter(redis, now);
    if (result != XMPPBIND_OK)
        return result;
    work(redis);
    redis->running = 0;
    return XMPPBIND_OK;
}

uint64_t xmppbind_redis_deadline(xmppbind_redis *redis) {
    if (redis == NULL || !redis->started)
        return UINT64_MAX;
    uint64_t deadline =
        xmppbind_redis_earlier(xmppbind_redis_claims_deadline(redis), xmppbind_redis_listener_deadline(redis));
    deadline = xmppbind_redis_earlier(deadline, redis->map_time);
    const struct xmppbind_redis_server *registry = xmppbind_redis_server_of(redis, xmppbind_redis_registry_slot());
    if (registry->state == XMPPBIND_REDIS_UP)
        deadline = xmppbind_redis_earlier(deadline, xmppbind_redis_registry_deadline(redis));
    for (size_t i = 0; i < redis->server_count; i++)
        deadline = xmppbind_redis_earlier(deadline, xmppbind_redis_server_deadline(redis->servers[i]));
    return deadline;
}

int xmppbind_redis_leave(xmppbind_redis *redis) {
    if (redis == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (!redis->started || redis->leaving)
        return XMPPBIND_ERROR_STATE;
    (void)pthread_mutex_lock(&redis->lock);
    redis->leaving = 1;
    (void)pthread_mutex_unlock(&redis->lock);
    redis->registry.renew_at = redis->now;
    xmppbind_redis_wake(redis); /* it may wait for a later time */
    return XMPPBIND_OK;
}

int xmppbind_redis_state(const xmppbind_redis *redis) {
    if (redis == NULL || !redis->started)
        return XMPPBIND_REDIS_IDLE;
    if (redis->leaving)
        return redis->left ? XMPPBIND_REDIS_LEFT : XMPPBIND_REDIS_LEAVING;
    return xmppbind_redis_is_ready(redis) ? XMPPBIND_REDIS_READY : XMPPBIND_REDIS_AWAY;
}

uint64_t xmppbind_redis_count(xmppbind_redis *redis, int counter) {
    if (redis == NULL)
        return 0;
    switch (counter) {
    case XMPPBIND_REDIS_HELD:
        return atomic_load(&redis->held_count);
    case XMPPBIND_REDIS_WAITING: {
        (void)pthread_mutex_lock(&redis->lock);
        size_t open = redis->open;
        (void)pthread_mutex_unlock(&redis->lock);
        return open;
    }
    case XMPPBIND_REDIS_RELEASES:
        return atomic_load(&redis->release_count);
    case XMPPBIND_REDIS_CONNECTIONS:
        return atomic_load(&redis->connections);
    case XMPPBIND_REDIS_INCARNATIONS:
        return atomic_load(&redis->incarnations);
    case XMPPBIND_REDIS_EVICTIONS:
        return atomic_load(&redis->evictions);
    default:
        return 0;
    }
}
