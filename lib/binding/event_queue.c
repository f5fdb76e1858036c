#include "event_queue.h"

enum { FIRST_CAPACITY = 8 };

struct xmppbind_event_ring {
    uint32_t capacity;
    uint32_t first;
    uint32_t count;
    struct xmppbind_event events[];
};

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

/* The inline slots that are free do not count: once there is a ring, they stay free until it has run empty. */
int xmppbind_event_ring_reserve(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory,
                                uint32_t more) {
    uint32_t needed = xmppbind_event_ring_count(queue) + more;
    if (queue->ring != NULL && queue->ring->capacity >= needed)
        return XMPPBIND_OK;
    struct xmppbind_event_ring *larger = larger_ring(queue->ring, needed, memory);
    if (larger == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_memory_put(memory, queue->ring);
    queue->ring = larger;
    return XMPPBIND_OK;
}

struct xmppbind_event *xmppbind_event_ring_push(struct xmppbind_event_queue *queue) {
    struct xmppbind_event_ring *ring = queue->ring;
    return &ring->events[(ring->first + ring->count++) % ring->capacity];
}

int xmppbind_event_ring_shift(struct xmppbind_event_queue *queue, const struct xmppbind_memory *memory) {
    struct xmppbind_event_ring *ring = queue->ring;
    if (ring->count == 0) {
        xmppbind_memory_put(memory, ring);
        queue->ring = NULL;
        return 0;
    }
    queue->inline_events[queue->inline_first] = ring->events[ring->first];
    queue->inline_count = 1;
    ring->first = (ring->first + 1) % ring->capacity;
    ring->count--;
    return 1;
}

uint32_t xmppbind_event_ring_count(const struct xmppbind_event_queue *queue) {
    return queue->ring == NULL ? 0 : queue->ring->count;
}
