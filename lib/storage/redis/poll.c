#include "poll.h"

#include <limits.h>
#include <poll.h>
#include <time.h>

enum { DESCRIPTORS = XMPPBIND_REDIS_SERVERS + 2 /* each server, the listener, the pipe */ };

struct xmppbind_redis_poll {
    struct pollfd watched[DESCRIPTORS];
    nfds_t count;
};

static uint64_t clock_now(void) {
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void watch(int descriptor, int events, void *user_data) {
    struct xmppbind_redis_poll *poll_loop = user_data;
    nfds_t i = 0;
    while (i < poll_loop->count && poll_loop->watched[i].fd != descriptor)
        i++;
    if (events == 0) { /* it was watched, or there would be nothing to say */
        poll_loop->watched[i] = poll_loop->watched[--poll_loop->count];
        return;
    }
    poll_loop->count += i == poll_loop->count; /* there are no more than that */
    poll_loop->watched[i].fd = descriptor;
    poll_loop->watched[i].events = (short)(((events & XMPPBIND_REDIS_READ) != 0 ? POLLIN : 0) |
                                           ((events & XMPPBIND_REDIS_WRITE) != 0 ? POLLOUT : 0));
}

static int begin(struct xmppbind_redis *redis) {
    if (redis->watch != NULL || redis->server_count == 0)
        return XMPPBIND_ERROR_STATE;
    redis->poll = xmppbind_memory_get(&redis->memory, sizeof *redis->poll);
    if (redis->poll == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    redis->poll->count = 0;
    (void)xmppbind_redis_set_watch(redis, watch, redis->poll);
    return xmppbind_redis_start(redis, clock_now());
}

/* How long to wait, as poll(2) wants it. */
static int patience(struct xmppbind_redis *redis, int timeout) {
    uint64_t now = clock_now(), deadline = xmppbind_redis_deadline(redis);
    uint64_t left = deadline <= now ? 0 : deadline - now;
    if (left > INT_MAX) /* none, as a rule */
        return timeout;
    return timeout < 0 || left < (uint64_t)timeout ? (int)left : timeout;
}

static int events_of(short revents) {
    if ((revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return XMPPBIND_REDIS_READ | XMPPBIND_REDIS_WRITE;
    return ((revents & POLLIN) != 0 ? XMPPBIND_REDIS_READ : 0) | ((revents & POLLOUT) != 0 ? XMPPBIND_REDIS_WRITE : 0);
}

int xmppbind_redis_poll(xmppbind_redis *redis, int timeout) {
    struct pollfd ready[DESCRIPTORS];
    if (redis == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (redis->running)
        return XMPPBIND_ERROR_REENTRANT;
    int result = redis->started ? XMPPBIND_OK : begin(redis);
    if (result == XMPPBIND_OK && redis->poll == NULL)
        result = XMPPBIND_ERROR_STATE;
    if (result != XMPPBIND_OK)
        return result;
    nfds_t count = redis->poll->count;
    memcpy(ready, redis->poll->watched, count * sizeof *ready);
    int found = poll(ready, count, patience(redis, timeout));
    for (nfds_t i = 0; found > 0 && i < count; i++)
        if (ready[i].revents != 0)
            (void)xmppbind_redis_ready(redis, ready[i].fd, events_of(ready[i].revents), clock_now());
    return xmppbind_redis_run(redis, clock_now());
}

void xmppbind_redis_poll_free(struct xmppbind_redis *redis) {
    xmppbind_memory_put(&redis->memory, redis->poll);
    redis->poll = NULL;
}
