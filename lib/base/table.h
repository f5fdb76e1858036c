/*
 * An intrusive hash table: its items carry the link (a `void *`) and the hash (a `uint32_t`) themselves, so that
 * putting an item in or taking it out never allocates and never fails. Only growing allocates, and a table that could
 * not grow works on with longer chains. Growing is cut in two, so that a caller who locks its table allocates outside
 * the lock.
 */
#ifndef XMPPBIND_BASE_TABLE_H
#define XMPPBIND_BASE_TABLE_H

#include "lib/base/memory.h"

#include <stdint.h>
#include <string.h>

struct xmppbind_table {
    void **heads;         /* chains; NULL until the first growth */
    uint32_t size;        /* of heads, a power of two */
    uint32_t count;       /* items */
    uint32_t limit;       /* items at which it should grow */
    uint16_t link_offset; /* of the link in an item */
    uint16_t hash_offset; /* of the hash in an item */
};

void xmppbind_table_init(struct xmppbind_table *table, size_t link_offset, size_t hash_offset);
/* Takes over `heads` (of `size`) if that is larger; returns the array that is to be freed, perhaps `heads` itself. */
void **xmppbind_table_adopt(struct xmppbind_table *table, void **heads, uint32_t size);
/* Both steps at once, for a table that needs no lock. A failure is no harm. */
void xmppbind_table_grow(struct xmppbind_table *table, const struct xmppbind_memory *memory);

/* Whether it should grow, as xmppbind_table_wanted() says in full. */
static inline int xmppbind_table_is_full(const struct xmppbind_table *table) {
    return table->count >= table->limit;
}

/* The size the table should have, or 0 when it is large enough. */
static inline uint32_t xmppbind_table_wanted(const struct xmppbind_table *table) {
    enum { FIRST = 16, LARGEST = 1 << 30 };
    if (!xmppbind_table_is_full(table))
        return 0;
    if (table->heads == NULL)
        return FIRST;
    return table->size < LARGEST ? table->size * 2 : 0;
}

static inline void *xmppbind_table_next(const struct xmppbind_table *table, const void *item) {
    void *next;
    memcpy(&next, (const char *)item + table->link_offset, sizeof next);
    return next;
}

/* The link that leads to the items of a hash: one of `heads`. */
static inline void **xmppbind_table_head(const struct xmppbind_table *table, void **heads, uint32_t size,
                                         const void *item) {
    uint32_t hash;
    memcpy(&hash, (const char *)item + table->hash_offset, sizeof hash);
    return &heads[hash & (size - 1)];
}

static inline void xmppbind_table_push(const struct xmppbind_table *table, void **heads, uint32_t size, void *item) {
    void **head = xmppbind_table_head(table, heads, size, item);
    memcpy((char *)item + table->link_offset, head, sizeof *head);
    *head = item;
}

/* The table must have grown once. */
static inline void xmppbind_table_insert(struct xmppbind_table *table, void *item) {
    xmppbind_table_push(table, table->heads, table->size, item);
    table->count++;
}

/* Where the chain of a hash begins, of a table that has grown once. */
static inline void **xmppbind_table_place(const struct xmppbind_table *table, uint32_t hash) {
    return &table->heads[hash & (table->size - 1)];
}

/* As xmppbind_table_insert(), for who has the link and the hash at hand. */
static inline void xmppbind_table_insert_hashed(struct xmppbind_table *table, void *item, void **link, uint32_t hash) {
    void **head = xmppbind_table_place(table, hash);
    *link = *head;
    *head = item;
    table->count++;
}

/* The item must be in the table. */
static inline void xmppbind_table_remove(struct xmppbind_table *table, void *item) {
    void **head = xmppbind_table_head(table, table->heads, table->size, item);
    void *next = xmppbind_table_next(table, item);
    if (*head == item) {
        *head = next;
    } else {
        void *before = *head;
        while (xmppbind_table_next(table, before) != item)
            before = xmppbind_table_next(table, before);
        memcpy((char *)before + table->link_offset, &next, sizeof next);
    }
    table->count--;
}

/* The first item whose hash may be `hash`; go on with xmppbind_table_next(). */
static inline void *xmppbind_table_first(const struct xmppbind_table *table, uint32_t hash) {
    return table->heads == NULL ? NULL : *xmppbind_table_place(table, hash);
}

#endif
