#include "event_queue.h"

enum { FIRST_CAPACITY = 8 };

struct xmppbind_event_ring {
    uint32_t capacity;
    uint32_t first;
    uint32_t count;
    struct xmppbind_event events[];
};

static uint32_t ring_count(const struct xmppbind_event_queue *queue) {
    return queue->ring == NULL ? 0 : queue->ring->count;
}

/* How many pushes the inline slots would take. */
static uint32_t inline_room(const struct xmppbind_event_queue *queue) {
    return ring_count(queue) > 0 ? 0 : (uint32_t)XMPPBIND_EVENTS_INLINE - queue->inline_count;
}

static struct xmppbind_event_ring *larger_ring(const struct xmppbind_event_ring *ring, uint32_t needed,
                                               const struct xmppbind_memory *memory) {
    uint32_t capacity = FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    struct xmppbind_event_ring *larger =
        xmppbind_memory_get(memory, sizeof *larger + capacity * sizeof(struct xmppbind_event));
    if (larger == NULL)
        return NULL;
    larger->capacity = capacity;
    larger->first = 0;
    larger->count = ring == NULL ? 0 : ring->count;
    for (uint32_t i = 0; i < larger->count; i++)
        larger->events[i] = ring->events[(ring->first + i) % ring->capacity];
    return larger;
}

int xmppbind_event_queue_reserve(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory,
                                 uint32_t more) {
    if (more <= inline_room(queue))
        return XMPPBIND_OK;
    uint32_t needed = ring_count(queue) + more;
    if (queue->ring != NULL && queue->ring->capacity >= needed)
        return XMPPBIND_OK;
    struct xmppbind_event_ring *larger = larger_ring(queue->ring, needed, memory);
    if (larger == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_memory_put(memory, queue->ring);
    queue->ring = larger;
    return XMPPBIND_OK;
}

struct xmppbind_event *xmppbind_event_queue_push(struct xmppbind_event_queue *queue) {
    struct xmppbind_event *event;
    if (inline_room(queue) > 0) {
        event = &queue->inline_events[(queue->inline_first + queue->inline_count++) % XMPPBIND_EVENTS_INLINE];
    } else {
        struct xmppbind_event_ring *ring = queue->ring;
        event = &ring->events[(ring->first + ring->count++) % ring->capacity];
    }
    *event = (struct xmppbind_event){{NULL}, NULL, 0, 0, 0};
    return event;
}

struct xmppbind_event *xmppbind_event_queue_take(struct xmppbind_event_queue *queue,
                                                 const struct xmppbind_memory *memory) {
    if (queue->inline_count == 0) {
        struct xmppbind_event_ring *ring = queue->ring;
        if (ring_count(queue) == 0) {
            xmppbind_memory_put(memory, ring);
            queue->ring = NULL;
            return NULL;
        }
        queue->inline_events[queue->inline_first] = ring->events[ring->first];
        queue->inline_count = 1;
        ring->first = (ring->first + 1) % ring->capacity;
        ring->count--;
    }
    queue->held = 1;
    return &queue->inline_events[queue->inline_first];
}

struct xmppbind_event *xmppbind_event_queue_held(struct xmppbind_event_queue *queue) {
    return queue->held ? &queue->inline_events[queue->inline_first] : NULL;
}

void xmppbind_event_queue_drop(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory) {
    xmppbind_memory_put(memory, queue->text);
    queue->text = NULL;
    queue->held = 0;
    queue->inline_first = (uint8_t)((queue->inline_first + 1) % XMPPBIND_EVENTS_INLINE);
    queue->inline_count--;
}

uint32_t xmppbind_event_queue_count(const struct xmppbind_event_queue *queue) {
    return ring_count(queue) + queue->inline_count - queue->held;
}
