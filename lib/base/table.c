#include "table.h"

enum { LOAD = 2 /* items per chain at which a table grows */ };

void xmppbind_table_init(struct xmppbind_table *table, size_t link_offset, size_t hash_offset) {
    table->heads = NULL;
    table->size = 0;
    table->count = 0;
    table->limit = 0;
    table->link_offset = (uint16_t)link_offset;
    table->hash_offset = (uint16_t)hash_offset;
}

void **xmppbind_table_adopt(struct xmppbind_table *table, void **heads, uint32_t size) {
    if (size <= table->size)
        return heads; /* another thread was quicker */
    memset(heads, 0, size * sizeof *heads);
    const struct xmppbind_table former = *table; /* which no item that is written to can be part of */
    for (uint32_t i = 0; i < former.size; i++) {
        for (void *item = former.heads[i], *next; item != NULL; item = next) {
            next = xmppbind_table_next(&former, item);
            xmppbind_table_push(&former, heads, size, item);
        }
    }
    void **old = table->heads;
    table->heads = heads;
    table->size = size;
    table->limit = size * LOAD;
    return old;
}

void xmppbind_table_grow(struct xmppbind_table *table, const struct xmppbind_memory *memory) {
    uint32_t size = xmppbind_table_wanted(table);
    void **heads = size == 0 ? NULL : xmppbind_memory_get(memory, size * sizeof *heads);
    if (heads != NULL)
        xmppbind_memory_put(memory, xmppbind_table_adopt(table, heads, size));
}
