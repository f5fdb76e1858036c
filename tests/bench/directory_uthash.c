/* uthash, with the keyed hash in place of its own. */
#include "directory.h"

static const struct xmppbind_hash_key *key; /* uthash hands nothing to its hash function but the name */
static const struct xmppbind_memory *source;

#define HASH_FUNCTION(text, length, result) ((result) = (unsigned)xmppbind_siphash(key, (text), (length)))
#define uthash_malloc(size) xmppbind_memory_get(source, (size))
#define uthash_free(block, size) xmppbind_memory_put(source, (block))
#define uthash_fatal(message) bench_fail(message)
#include <uthash.h>

struct item {
    UT_hash_handle hh;
    uint64_t claim;
    char text[];
};

static struct item *items;
static uint64_t last_claim;

static void make(struct bench_table *table) {
    key = &table->key;
    source = &table->memory;
    items = NULL;
    last_claim = 0;
}

MEASURED static uint64_t measured_claim(const char *text, size_t length) {
    struct item *item;
    unsigned hash;
    HASH_VALUE(text, length, hash);
    HASH_FIND_BYHASHVALUE(hh, items, text, length, hash, item);
    if (item != NULL)
        bench_fail("a name was claimed twice");
    item = bench_get(source, offsetof(struct item, text) + length + 1);
    memcpy(item->text, text, length + 1);
    item->claim = ++last_claim;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, items, item->text, length, hash, item);
    return item->claim;
}

MEASURED static uint64_t measured_find(const char *text, size_t length) {
    struct item *item;
    HASH_FIND(hh, items, text, length, item);
    return item == NULL ? 0 : item->claim;
}

MEASURED static void measured_release(const char *text, size_t length, uint64_t claim) {
    struct item *item;
    HASH_FIND(hh, items, text, length, item);
    if (item == NULL || item->claim != claim)
        return;
    HASH_DELETE(hh, items, item);
    xmppbind_memory_put(source, item);
}

static uint64_t claim_name(struct bench_table *table, const struct bench_name *name) {
    (void)table;
    return measured_claim(name->text, BENCH_NAME);
}

static uint64_t find_name(struct bench_table *table, const struct bench_name *name) {
    (void)table;
    return measured_find(name->text, BENCH_NAME);
}

static void release_name(struct bench_table *table, const struct bench_name *name, uint64_t claim) {
    (void)table;
    measured_release(name->text, BENCH_NAME, claim);
}

static void free_uthash(struct bench_table *table) {
    (void)table;
    if (items != NULL)
        bench_fail("names were not released");
}

const struct bench_table_kind bench_table_uthash = {make, claim_name, find_name, release_name, free_uthash};
