/*
 * The directory in memory beside other tables of names. Each of them is filled, asked and emptied in the same way; the
 * functions whose names begin with measured_ are what is counted.
 */
#ifndef XMPPBIND_TESTS_BENCH_DIRECTORY_H
#define XMPPBIND_TESTS_BENCH_DIRECTORY_H

#include "bench.h"
#include "lib/base/memory.h"
#include "lib/base/siphash.h"

enum {
    BENCH_NAME = 41,          /* octets of each name */
    BENCH_ACCOUNT_LENGTH = 27 /* of which the account has this many, but for the crafted names */
};

struct bench_name {
    char text[BENCH_NAME + 1];
    unsigned account_length;
};

struct bench_table {
    struct xmppbind_memory memory; /* where its bytes come from */
    struct xmppbind_hash_key key;
    void *made; /* by `make` */
};

/* Never NULL. */
static inline void *bench_get(const struct xmppbind_memory *memory, size_t size) {
    void *block = xmppbind_memory_get(memory, size);
    if (block == NULL)
        bench_fail("out of memory");
    return block;
}

/* A claim is a number from 1 on; 0 is none. All names are claimed once before they are looked up or released. */
struct bench_table_kind {
    void (*make)(struct bench_table *table);
    uint64_t (*claim)(struct bench_table *table, const struct bench_name *name);
    uint64_t (*find)(struct bench_table *table, const struct bench_name *name);
    void (*release)(struct bench_table *table, const struct bench_name *name, uint64_t claim);
    void (*free)(struct bench_table *table); /* it is empty */
};

extern const struct bench_table_kind bench_table_memory, bench_table_minimal, bench_table_uthash, bench_table_glib;

/* Bytes that the table itself has for that many names, which are claimed already; it goes round the allocator. */
size_t bench_glib_bytes(const struct bench_name *names, unsigned count);

#endif
