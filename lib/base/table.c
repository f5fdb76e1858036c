#include "table.h"

enum { FIRST_SIZE = 16, LOAD = 2 /* items per chain at which a table grows */ };

void xmppbind_table_init(struct xmppbind_table *table, size_t link_offset, size_t hash_offset) {
    table->heads = NULL;
    table->size = 0;
    table->count = 0;
    table->link_offset = (uint16_t)link_offset;
    table->hash_offset = (uint16_t)hash_offset;
}

static uint32_t hash_of(const struct xmppbind_table *table, const void *item) {
    uint32_t hash;
    memcpy(&hash, (const char *)item + table->hash_offset, sizeof hash);
    return hash;
}

static void push(const struct xmppbind_table *table, void **heads, uint32_t size, void *item) {
    void **head = &heads[hash_of(table, item) & (size - 1)];
    memcpy((char *)item + table->link_offset, head, sizeof *head);
    *head = item;
}

uint32_t xmppbind_table_wanted(const struct xmppbind_table *table) {
    if (table->heads == NULL)
        return FIRST_SIZE;
    return table->count / LOAD >= table->size && table->size <= UINT32_MAX / 4 ? table->size * 2 : 0;
}

void **xmppbind_table_adopt(struct xmppbind_table *table, void **heads, uint32_t size) {
    if (size <= table->size)
        return heads; /* another thread was quicker */
    memset(heads, 0, size * sizeof *heads);
    for (uint32_t i = 0; i < table->size; i++) {
        for (void *item = table->heads[i], *next; item != NULL; item = next) {
            next = xmppbind_table_next(table, item);
            push(table, heads, size, item);
        }
    }
    void **old = table->heads;
    table->heads = heads;
    table->size = size;
    return old;
}

void xmppbind_table_grow(struct xmppbind_table *table, const struct xmppbind_memory *memory) {
    uint32_t size = xmppbind_table_wanted(table);
    void **heads = size == 0 ? NULL : xmppbind_memory_get(memory, size * sizeof *heads);
    if (heads != NULL)
        xmppbind_memory_put(memory, xmppbind_table_adopt(table, heads, size));
}

void xmppbind_table_insert(struct xmppbind_table *table, void *item) {
    push(table, table->heads, table->size, item);
    table->count++;
}

void xmppbind_table_remove(struct xmppbind_table *table, void *item) {
    void **place = &table->heads[hash_of(table, item) & (table->size - 1)];
    void *next = xmppbind_table_next(table, item);
    if (*place == item) {
        *place = next;
    } else {
        void *before = *place;
        while (xmppbind_table_next(table, before) != item)
            before = xmppbind_table_next(table, before);
        memcpy((char *)before + table->link_offset, &next, sizeof next);
    }
    table->count--;
}
