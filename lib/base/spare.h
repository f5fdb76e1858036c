/*
 * A spare: the block that was given back last, kept for the next request of its kind. What is made and dropped over
 * and over then costs no allocation. Any thread may take it or put one back; only one is ever kept.
 */
#ifndef XMPPBIND_BASE_SPARE_H
#define XMPPBIND_BASE_SPARE_H

#include "memory.h"

#include <stdatomic.h>

/* A spare that is touched is a bug like any other use after free, so the address sanitizer is told. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* as gcc says it */
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(block, size) ((void)(block), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(block, size) ((void)(block), (void)(size))
#endif

enum { XMPPBIND_SPARE_SLACK = 64 /* octets by which a spare may be larger than what is asked for */ };

struct xmppbind_spare_block {
    size_t size;
};

struct xmppbind_spare {
    _Atomic(struct xmppbind_spare_block *) block; /* or NULL; the rest of it is poisoned */
};

static inline void xmppbind_spare_drop(struct xmppbind_spare_block *block, const struct xmppbind_memory *memory) {
    if (block == NULL)
        return;
    ASAN_UNPOISON_MEMORY_REGION(block, block->size);
    xmppbind_memory_put(memory, block);
}

/* Frees what is kept. */
static inline void xmppbind_spare_empty(struct xmppbind_spare *spare, const struct xmppbind_memory *memory) {
    xmppbind_spare_drop(atomic_exchange(&spare->block, NULL), memory);
}

/* Whether a block has room for `size` octets, and not for many more. */
static inline int xmppbind_spare_fits(const struct xmppbind_spare_block *block, size_t size) {
    return block->size - size <= XMPPBIND_SPARE_SLACK; /* without a sign: a smaller one does not fit either */
}

/* A block that was kept is to be used. */
static inline void *xmppbind_spare_use(struct xmppbind_spare_block *block) {
    ASAN_UNPOISON_MEMORY_REGION(block, block->size);
    return block;
}

/* A block of `size` octets or a few more: the spare if it fits, or a new one; NULL without memory. */
static inline void *xmppbind_spare_get(struct xmppbind_spare *spare, const struct xmppbind_memory *memory,
                                       size_t size) {
    struct xmppbind_spare_block *block = atomic_exchange(&spare->block, NULL);
    if (block == NULL)
        return xmppbind_memory_get(memory, size);
    if (xmppbind_spare_fits(block, size))
        return xmppbind_spare_use(block);
    xmppbind_spare_drop(block, memory);
    return xmppbind_memory_get(memory, size);
}

/* Gives back a block that has room for `size` octets, and for a number of them. */
static inline void xmppbind_spare_put(struct xmppbind_spare *spare, const struct xmppbind_memory *memory, void *block,
                                      size_t size) {
    struct xmppbind_spare_block *kept = block;
    kept->size = size;
    ASAN_POISON_MEMORY_REGION(kept + 1, size - sizeof *kept);
    xmppbind_spare_drop(atomic_exchange(&spare->block, kept), memory);
}

#endif
