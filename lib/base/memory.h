/* Memory: every object of the library gets it from the allocator of its host, never from malloc directly. */
#ifndef XMPPBIND_BASE_MEMORY_H
#define XMPPBIND_BASE_MEMORY_H

#include "xmppbind/base.h"

struct xmppbind_memory {
    xmppbind_allocate_callback allocate;
    xmppbind_release_memory_callback release;
    void *user_data;
};

/* Copies the callbacks of `allocator`; NULL means malloc and free. */
void xmppbind_memory_init(struct xmppbind_memory *memory, const xmppbind_allocator *allocator);

static inline void *xmppbind_memory_get(const struct xmppbind_memory *memory, size_t size) {
    return memory->allocate(size, memory->user_data);
}

/* NULL is fine. */
static inline void xmppbind_memory_put(const struct xmppbind_memory *memory, void *block) {
    if (block != NULL)
        memory->release(block, memory->user_data);
}

#endif
