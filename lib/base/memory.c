#include "memory.h"

#include <stdlib.h>

struct xmppbind_allocator {
    struct xmppbind_memory memory;
};

static void *allocate_from_system(size_t size, void *user_data) {
    (void)user_data;
    return malloc(size);
}

static void release_to_system(void *memory, void *user_data) {
    (void)user_data;
    free(memory);
}

void xmppbind_memory_init(struct xmppbind_memory *memory, const xmppbind_allocator *allocator) {
    static const struct xmppbind_memory of_system = {allocate_from_system, release_to_system, NULL};
    *memory = allocator == NULL ? of_system : allocator->memory;
}

int xmppbind_allocator_new(xmppbind_allocator **allocator, xmppbind_allocate_callback allocate,
                           xmppbind_release_memory_callback release, void *user_data) {
    if (allocator == NULL || allocate == NULL || release == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    const struct xmppbind_memory memory = {allocate, release, user_data};
    struct xmppbind_allocator *made = xmppbind_memory_get(&memory, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->memory = memory;
    *allocator = made;
    return XMPPBIND_OK;
}

void xmppbind_allocator_free(xmppbind_allocator *allocator) {
    if (allocator == NULL)
        return;
    const struct xmppbind_memory memory = allocator->memory;
    xmppbind_memory_put(&memory, allocator);
}
