/* The least that could do it: an open-coded table with chains, one hash of the whole name, no lock, no accounts. */
#include "directory.h"

#include <stdlib.h>

struct item {
    struct item *next;
    uint64_t claim;
    uint32_t hash;
    uint32_t length;
    char text[];
};

struct minimal {
    struct item **heads;
    uint32_t size; /* a power of two */
    uint32_t count;
    uint64_t last_claim;
};

static void make(struct bench_table *table) {
    struct minimal *made = calloc(1, sizeof *made);
    if (made == NULL)
        bench_fail("out of memory");
    table->made = made;
}

static void grow(struct bench_table *table, struct minimal *minimal) {
    uint32_t size = minimal->size == 0 ? 16 : minimal->size * 2;
    struct item **heads = bench_get(&table->memory, size * sizeof(struct item *));
    memset(heads, 0, size * sizeof(struct item *));
    for (uint32_t i = 0; i < minimal->size; i++) {
        for (struct item *item = minimal->heads[i], *next; item != NULL; item = next) {
            next = item->next;
            item->next = heads[item->hash & (size - 1)];
            heads[item->hash & (size - 1)] = item;
        }
    }
    xmppbind_memory_put(&table->memory, minimal->heads);
    minimal->heads = heads;
    minimal->size = size;
}

static uint32_t hash_of(const struct bench_table *table, const char *text, size_t length) {
    return (uint32_t)xmppbind_siphash(&table->key, text, length);
}

/* The link to the item, or to where it would stand. */
static struct item **place_of(const struct minimal *minimal, const char *text, size_t length, uint32_t hash) {
    struct item **place = &minimal->heads[hash & (minimal->size - 1)];
    while (*place != NULL &&
           ((*place)->hash != hash || (*place)->length != length || memcmp((*place)->text, text, length) != 0))
        place = &(*place)->next;
    return place;
}

MEASURED static uint64_t measured_claim(struct bench_table *table, const char *text, size_t length) {
    struct minimal *minimal = table->made;
    if (minimal->count >= minimal->size * 2)
        grow(table, minimal);
    uint32_t hash = hash_of(table, text, length);
    struct item **place = place_of(minimal, text, length, hash);
    if (*place != NULL)
        bench_fail("a name was claimed twice");
    struct item *item = bench_get(&table->memory, offsetof(struct item, text) + length + 1);
    item->next = NULL;
    item->hash = hash;
    item->length = (uint32_t)length;
    memcpy(item->text, text, length + 1);
    *place = item;
    minimal->count++;
    return item->claim = ++minimal->last_claim;
}

MEASURED static uint64_t measured_find(struct bench_table *table, const char *text, size_t length) {
    const struct item *item = *place_of(table->made, text, length, hash_of(table, text, length));
    return item == NULL ? 0 : item->claim;
}

MEASURED static void measured_release(struct bench_table *table, const char *text, size_t length, uint64_t claim) {
    struct minimal *minimal = table->made;
    struct item **place = place_of(minimal, text, length, hash_of(table, text, length));
    struct item *item = *place;
    if (item == NULL || item->claim != claim)
        return;
    *place = item->next;
    minimal->count--;
    xmppbind_memory_put(&table->memory, item);
}

static uint64_t claim_name(struct bench_table *table, const struct bench_name *name) {
    return measured_claim(table, name->text, BENCH_NAME);
}

static uint64_t find_name(struct bench_table *table, const struct bench_name *name) {
    return measured_find(table, name->text, BENCH_NAME);
}

static void release_name(struct bench_table *table, const struct bench_name *name, uint64_t claim) {
    measured_release(table, name->text, BENCH_NAME, claim);
}

static void free_minimal(struct bench_table *table) {
    struct minimal *minimal = table->made;
    if (minimal->count != 0)
        bench_fail("names were not released");
    xmppbind_memory_put(&table->memory, minimal->heads);
    free(minimal);
}

const struct bench_table_kind bench_table_minimal = {make, claim_name, find_name, release_name, free_minimal};
