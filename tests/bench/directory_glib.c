/* GHashTable, with the keyed hash; its items are their own keys. */
#include "directory.h"

#include <glib.h>
#include <malloc.h>
#include <stdlib.h>

struct item {
    uint64_t claim;
    size_t length;
    const char *text; /* what follows, or the name that is looked for */
    char octets[];
};

static const struct xmppbind_hash_key *key; /* GHashTable hands nothing to its hash function but the item */
static uint64_t last_claim;

static guint hash_of(gconstpointer item) {
    const struct item *hashed = item;
    return (guint)xmppbind_siphash(key, hashed->text, hashed->length);
}

static gboolean are_equal(gconstpointer left, gconstpointer right) {
    const struct item *first = left, *second = right;
    return first->length == second->length && memcmp(first->text, second->text, first->length) == 0;
}

static void make(struct bench_table *table) {
    key = &table->key;
    last_claim = 0;
    table->made = g_hash_table_new(hash_of, are_equal);
}

static struct item *new_item(const struct xmppbind_memory *source, const char *text, size_t length) {
    struct item *item = bench_get(source, offsetof(struct item, octets) + length + 1);
    memcpy(item->octets, text, length + 1);
    item->text = item->octets;
    item->length = length;
    item->claim = ++last_claim;
    return item;
}

static struct item *look_up(const struct bench_table *table, const char *text, size_t length) {
    const struct item wanted = {0, length, text};
    return g_hash_table_lookup(table->made, &wanted);
}

MEASURED static uint64_t measured_claim(struct bench_table *table, const char *text, size_t length) {
    if (look_up(table, text, length) != NULL)
        bench_fail("a name was claimed twice");
    struct item *item = new_item(&table->memory, text, length);
    (void)g_hash_table_add(table->made, item);
    return item->claim;
}

MEASURED static uint64_t measured_find(const struct bench_table *table, const char *text, size_t length) {
    const struct item *item = look_up(table, text, length);
    return item == NULL ? 0 : item->claim;
}

MEASURED static void measured_release(struct bench_table *table, const char *text, size_t length, uint64_t claim) {
    struct item *item = look_up(table, text, length);
    if (item == NULL || item->claim != claim)
        return;
    (void)g_hash_table_remove(table->made, item);
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

static void free_glib(struct bench_table *table) {
    if (g_hash_table_size(table->made) != 0)
        bench_fail("names were not released");
    g_hash_table_destroy(table->made);
}

const struct bench_table_kind bench_table_glib = {make, claim_name, find_name, release_name, free_glib};

static size_t bytes_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

size_t bench_glib_bytes(const struct bench_name *names, unsigned count) {
    struct bench_table table = {.key = {1, 2}};
    struct item **items = calloc(count, sizeof *items);
    if (items == NULL)
        bench_fail("out of memory");
    xmppbind_memory_init(&table.memory, NULL);
    for (unsigned i = 0; i < count; i++)
        items[i] = new_item(&table.memory, names[i].text, BENCH_NAME);
    size_t before = bytes_in_use();
    make(&table);
    for (unsigned i = 0; i < count; i++)
        (void)g_hash_table_add(table.made, items[i]);
    size_t bytes = bytes_in_use() - before;
    g_hash_table_destroy(table.made);
    for (unsigned i = 0; i < count; i++)
        xmppbind_memory_put(&table.memory, items[i]);
    free(items);
    return bytes;
}
