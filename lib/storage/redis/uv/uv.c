#include "lib/base/memory.h"
#include "xmppbind/redis_uv.h"

#include <string.h>
#include <uv.h>

struct descriptor {
    uv_poll_t poll; /* first: the handle is the descriptor */
    struct xmppbind_redis_uv *joined;
    struct descriptor *next;
    int number;
};

struct xmppbind_redis_uv {
    struct xmppbind_memory memory;
    xmppbind_redis *redis;
    uv_loop_t *loop;
    uv_timer_t timer;
    struct descriptor *descriptors; /* that are watched */
    struct descriptor *spare;       /* for the first, the inbox: without it no request would be seen */
    size_t handles;                 /* not closed yet, the timer among them */
};

static void arm(struct xmppbind_redis_uv *joined);

/* The last handle takes everything with it. */
static void drop_handle(struct xmppbind_redis_uv *joined) {
    const struct xmppbind_memory memory = joined->memory;
    if (--joined->handles > 0)
        return;
    xmppbind_memory_put(&memory, joined->spare);
    xmppbind_memory_put(&memory, joined);
}

static void on_closed(uv_handle_t *handle) {
    struct descriptor *descriptor = (struct descriptor *)(void *)handle;
    struct xmppbind_redis_uv *joined = descriptor->joined;
    xmppbind_memory_put(&joined->memory, descriptor);
    drop_handle(joined);
}

static void on_timer_closed(uv_handle_t *timer) {
    drop_handle(timer->data);
}

static void on_timer(uv_timer_t *timer) {
    struct xmppbind_redis_uv *joined = timer->data;
    (void)xmppbind_redis_run(joined->redis, uv_now(joined->loop));
    arm(joined);
}

/* The node says when it wants its next turn, after each turn. */
static void arm(struct xmppbind_redis_uv *joined) {
    uint64_t deadline = xmppbind_redis_deadline(joined->redis), now = uv_now(joined->loop);
    /* there may be none: UINT64_MAX is never */
    (void)uv_timer_start(&joined->timer, on_timer, deadline > now ? deadline - now : 0, 0);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    const struct descriptor *descriptor = (const struct descriptor *)(void *)poll;
    struct xmppbind_redis_uv *joined = descriptor->joined;
    int ready = XMPPBIND_REDIS_READ | XMPPBIND_REDIS_WRITE;
    if (status == 0)
        ready = ((events & UV_READABLE) != 0 ? XMPPBIND_REDIS_READ : 0) |
                ((events & UV_WRITABLE) != 0 ? XMPPBIND_REDIS_WRITE : 0);
    (void)xmppbind_redis_ready(joined->redis, descriptor->number, ready, uv_now(joined->loop));
    arm(joined);
}

static struct descriptor *add(struct xmppbind_redis_uv *joined, int number) {
    struct descriptor *descriptor =
        joined->spare != NULL ? joined->spare : xmppbind_memory_get(&joined->memory, sizeof *descriptor);
    joined->spare = NULL;
    if (descriptor == NULL || uv_poll_init(joined->loop, &descriptor->poll, number) != 0) {
        xmppbind_memory_put(&joined->memory, descriptor);
        return NULL; /* its connection is silent, and is cut for that */
    }
    descriptor->joined = joined;
    descriptor->number = number;
    descriptor->next = joined->descriptors;
    joined->descriptors = descriptor;
    joined->handles++;
    return descriptor;
}

static void watch(int number, int events, void *user_data) {
    struct xmppbind_redis_uv *joined = user_data;
    struct descriptor **link = &joined->descriptors;
    while (*link != NULL && (*link)->number != number)
        link = &(*link)->next;
    struct descriptor *descriptor = *link;
    if (events == 0 && descriptor != NULL) {
        *link = descriptor->next;
        uv_close((uv_handle_t *)&descriptor->poll, on_closed);
        return;
    }
    if (events != 0 && descriptor == NULL)
        descriptor = add(joined, number);
    if (descriptor != NULL)
        (void)uv_poll_start(&descriptor->poll,
                            ((events & XMPPBIND_REDIS_READ) != 0 ? UV_READABLE : 0) |
                                ((events & XMPPBIND_REDIS_WRITE) != 0 ? UV_WRITABLE : 0),
                            on_ready);
}

/* What needs memory. */
static struct xmppbind_redis_uv *make(const struct xmppbind_memory *memory) {
    struct xmppbind_redis_uv *made = xmppbind_memory_get(memory, sizeof *made);
    if (made == NULL)
        return NULL;
    memset(made, 0, sizeof *made);
    made->memory = *memory;
    made->handles = 1; /* the timer */
    made->spare = xmppbind_memory_get(memory, sizeof *made->spare);
    if (made->spare != NULL)
        return made;
    xmppbind_memory_put(memory, made);
    return NULL;
}

int xmppbind_redis_uv_new(xmppbind_redis_uv **joined, xmppbind_redis *redis, struct uv_loop_s *loop,
                          const xmppbind_allocator *allocator) {
    struct xmppbind_memory memory;
    if (joined == NULL || redis == NULL || loop == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&memory, allocator);
    struct xmppbind_redis_uv *made = make(&memory);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->redis = redis;
    made->loop = loop;
    int result = xmppbind_redis_set_watch(redis, watch, made);
    if (result != XMPPBIND_OK) {
        drop_handle(made);
        return result;
    }
    (void)uv_timer_init(loop, &made->timer);
    made->timer.data = made;
    result = xmppbind_redis_start(redis, uv_now(loop));
    if (result != XMPPBIND_OK) {
        (void)xmppbind_redis_set_watch(redis, NULL, NULL);
        uv_close((uv_handle_t *)&made->timer, on_timer_closed);
        return result;
    }
    arm(made);
    *joined = made;
    return XMPPBIND_OK;
}

void xmppbind_redis_uv_free(xmppbind_redis_uv *joined) {
    if (joined == NULL)
        return;
    uv_close((uv_handle_t *)&joined->timer, on_timer_closed);
}
