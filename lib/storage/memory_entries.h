/*
 * The entries of the directory in memory, an entry per full JID, the accounts they are of, and the shards those lie in.
 * All entries of an account lie in one shard, so that its limit, the age of its resources and a claim are decided in
 * one piece (CONF-5, CONF-7).
 *
 * A shard has a table of accounts. The entries of an account say only what is behind its name; they form a ring by age,
 * so its oldest entry reaches the youngest too. A full JID is found by its account, and then by a walk, or when the
 * entries are many by an index. Age and claim number grow together. Nothing that is done to one entry looks at all the
 * others of an account that has an index.
 *
 * Invariants, under the lock of the shard: the table has heads if the shard has accounts; an account has entries, and
 * an index that was made once holds all of them, as long as there are any; all shards serve the same directory, for
 * that changes only under all locks and while there is no entry at all; the places of the lists that run name entries
 * of the shard.
 */
#ifndef XMPPBIND_STORAGE_MEMORY_ENTRIES_H
#define XMPPBIND_STORAGE_MEMORY_ENTRIES_H

#include "directory.h"
#include "lib/base/text.h"
#include "name_hashes.h"

#include <stdalign.h>
#include <stddef.h>

struct xmppbind_entry {
    struct xmppbind_entry *younger; /* the youngest goes on to the oldest */
    struct xmppbind_entry *older;
    void *index_next;
    uint64_t number;
    uint32_t hash; /* as xmppbind_entry_hash(), once there is an index */
    uint16_t length;
    char text[]; /* the resource, which nothing ends */
};

/* Of an account with many entries. */
struct xmppbind_entry_index {
    struct xmppbind_table table;
    struct xmppbind_entry *oldest;
};

/* An account with its entries. */
struct xmppbind_entries {
    void *table_next;
    union {
        struct xmppbind_entry *oldest;
        struct xmppbind_entry_index *index;
    } by;
    uint32_t hash;
    uint16_t count; /* no limit allows more */
    uint16_t length;
    uint8_t indexed;
    char text[]; /* the bare JID, which nothing ends */
};

/* Where a list of an account that is being told has got to. */
struct xmppbind_list_place {
    const struct xmppbind_entries *entries;
    struct xmppbind_entry *next; /* NULL: that was the youngest */
    struct xmppbind_list_place *other;
};

enum {
    XMPPBIND_SHARD_BITS = 4,
    XMPPBIND_SHARDS = 1 << XMPPBIND_SHARD_BITS,
    XMPPBIND_CACHE_LINE = 64, /* octets: what two processors should not both write to */
    XMPPBIND_ENTRY_WALK = 8   /* entries up to which a walk is as quick as an index */
};

struct xmppbind_shard {
    alignas(XMPPBIND_CACHE_LINE) pthread_mutex_t lock;
    const xmppbind_directory *directory; /* that the entries are held for */
    struct xmppbind_list_place *places;  /* of the lists that run */
    uint64_t last_number;
    size_t count;       /* entries */
    uint8_t shares_key; /* that directory has the same key, so what it has hashed need not be hashed again */
    struct xmppbind_table accounts;
    struct xmppbind_spare spare_entry, spare_entries;
};

struct xmppbind_memory_directory {
    struct xmppbind_shard shards[XMPPBIND_SHARDS];
    struct xmppbind_name_key key; /* this and what follows does not change */
    struct xmppbind_memory memory;
    void *block; /* what the allocator gave, which need not be where a cache line begins */
};

/* By the high bits of the hash: the tables use the low ones. */
static inline struct xmppbind_shard *xmppbind_shard_of(struct xmppbind_memory_directory *memory,
                                                       uint32_t account_hash) {
    return &memory->shards[account_hash >> (32 - XMPPBIND_SHARD_BITS)];
}

static inline void xmppbind_shard_lock(struct xmppbind_shard *shard) {
    (void)pthread_mutex_lock(&shard->lock);
}

static inline void xmppbind_shard_unlock(struct xmppbind_shard *shard) {
    (void)pthread_mutex_unlock(&shard->lock);
}

/* A new entry of no account; NULL without memory. Takes no lock, as the next three. */
static inline struct xmppbind_entry *xmppbind_entry_new(struct xmppbind_shard *shard,
                                                        const struct xmppbind_memory *memory, const char *resource,
                                                        size_t length) {
    struct xmppbind_entry *entry =
        xmppbind_spare_get(&shard->spare_entry, memory, offsetof(struct xmppbind_entry, text) + length);
    if (entry == NULL)
        return NULL;
    entry->length = (uint16_t)length;
    xmppbind_copy(entry->text, resource, length);
    return entry;
}

/* Of an entry of no account; NULL is fine. */
static inline void xmppbind_entry_free(struct xmppbind_shard *shard, const struct xmppbind_memory *memory,
                                       struct xmppbind_entry *entry) {
    if (entry == NULL)
        return;
    xmppbind_spare_put(&shard->spare_entry, memory, entry, offsetof(struct xmppbind_entry, text) + entry->length);
}

static inline size_t xmppbind_entries_size(size_t length) {
    return offsetof(struct xmppbind_entries, text) + length;
}

/* Room for an account in no table; NULL without memory, or if there is a spare, which may serve then. */
static inline struct xmppbind_entries *xmppbind_entries_new(const struct xmppbind_shard *shard,
                                                            const struct xmppbind_memory *memory, size_t length) {
    struct xmppbind_spare *spare = (struct xmppbind_spare *)(uintptr_t)&shard->spare_entries;
    return atomic_load_explicit(&spare->block, memory_order_relaxed) != NULL
               ? NULL
               : xmppbind_memory_get(memory, xmppbind_entries_size(length));
}

static inline void xmppbind_entries_give_back(struct xmppbind_shard *shard, const struct xmppbind_memory *memory,
                                              struct xmppbind_entries *entries, size_t length) {
    xmppbind_spare_put(&shard->spare_entries, memory, entries, xmppbind_entries_size(length));
}

void xmppbind_entries_drop_index(const struct xmppbind_entries *entries, const struct xmppbind_memory *memory);

/* Of an account in no table, with its index. */
static inline void xmppbind_entries_free(struct xmppbind_shard *shard, const struct xmppbind_memory *memory,
                                         struct xmppbind_entries *entries) {
    if (entries->indexed)
        xmppbind_entries_drop_index(entries, memory);
    xmppbind_entries_give_back(shard, memory, entries, entries->length);
}

/* The others want the lock held. The account, or NULL; in a shard that is ready, or in any. */
static inline struct xmppbind_entries *xmppbind_entries_find_in(struct xmppbind_entries *entries, const char *account,
                                                                size_t length, uint32_t hash) {
    while (entries != NULL &&
           (entries->hash != hash || entries->length != length || !xmppbind_same(entries->text, account, length)))
        entries = entries->table_next;
    return entries;
}

static inline struct xmppbind_entries *xmppbind_entries_find(const struct xmppbind_shard *shard, const char *account,
                                                             size_t length, uint32_t hash) {
    return xmppbind_entries_find_in(xmppbind_table_first(&shard->accounts, hash), account, length, hash);
}

static inline struct xmppbind_entry *xmppbind_entries_oldest(const struct xmppbind_entries *entries) {
    return entries->indexed ? entries->by.index->oldest : entries->by.oldest;
}

static inline int xmppbind_entry_is(const struct xmppbind_entry *entry, const char *resource, size_t length) {
    return entry->length == length && xmppbind_same(entry->text, resource, length);
}

/* Of an account that has no index. The youngest first: what was claimed last is mostly what is asked for. */
static inline struct xmppbind_entry *xmppbind_entry_walk(const struct xmppbind_entries *entries, const char *resource,
                                                         size_t length) {
    struct xmppbind_entry *oldest = entries->by.oldest, *entry = oldest;
    do {
        entry = entry->older;
        if (xmppbind_entry_is(entry, resource, length))
            return entry;
    } while (entry != oldest);
    return NULL;
}

/* Of one that has an index; the hash is that of the resource. */
static inline struct xmppbind_entry *xmppbind_entry_look_up(const struct xmppbind_entries *entries,
                                                            const char *resource, size_t length, uint32_t hash) {
    struct xmppbind_entry *entry = *xmppbind_table_place(&entries->by.index->table, hash);
    while (entry != NULL && (entry->hash != hash || !xmppbind_entry_is(entry, resource, length)))
        entry = entry->index_next;
    return entry;
}

/* The hash of a resource in the index of its account: that of the full JID, or one that is quicker to make. */
static inline uint32_t xmppbind_entry_hash(const struct xmppbind_shard *shard, const struct xmppbind_entries *entries,
                                           const struct xmppbind_name_key *key, const char *resource, size_t length) {
    return shard->shares_key ? xmppbind_name_hash_resource(&key->key, entries->hash, resource, length)
                             : xmppbind_name_hash_among(key, resource, length);
}

/* The entry of a resource, or NULL. */
static inline struct xmppbind_entry *xmppbind_entry_find(const struct xmppbind_shard *shard,
                                                         const struct xmppbind_entries *entries,
                                                         const struct xmppbind_name_key *key, const char *resource,
                                                         size_t length) {
    if (!entries->indexed)
        return xmppbind_entry_walk(entries, resource, length);
    return xmppbind_entry_look_up(entries, resource, length,
                                  xmppbind_entry_hash(shard, entries, key, resource, length));
}

/* A new account, in that room, with its first entry. */
static inline void xmppbind_entries_begin(struct xmppbind_shard *shard, struct xmppbind_entries *entries,
                                          const char *account, size_t length, uint32_t hash,
                                          struct xmppbind_entry *entry) {
    entries->by.oldest = entry->younger = entry->older = entry;
    entries->hash = hash;
    entries->count = 1;
    entries->length = (uint16_t)length;
    entries->indexed = 0;
    memcpy(entries->text, account, length);
    shard->count++;
    xmppbind_table_insert_hashed(&shard->accounts, entries, &entries->table_next, hash);
}

/* As the youngest. */
static inline void xmppbind_entries_append(const struct xmppbind_entries *entries, struct xmppbind_entry *entry) {
    struct xmppbind_entry *oldest = xmppbind_entries_oldest(entries);
    entry->younger = oldest;
    entry->older = oldest->older;
    oldest->older->younger = entry;
    oldest->older = entry;
}

/* The youngest of an account from now on. Its hash is known, if there is an index. */
static inline void xmppbind_entry_insert(struct xmppbind_shard *shard, struct xmppbind_entries *entries,
                                         struct xmppbind_entry *entry) {
    xmppbind_entries_append(entries, entry);
    if (entries->indexed)
        xmppbind_table_insert_hashed(&entries->by.index->table, entry, &entry->index_next, entry->hash);
    entries->count++;
    shard->count++;
}

/* The lists that were to tell this entry next go on to the one after it. */
void xmppbind_entry_step_over(const struct xmppbind_shard *shard, const struct xmppbind_entries *entries,
                              const struct xmppbind_entry *entry);

/* Out of the ring. */
static inline void xmppbind_entry_unlink(const struct xmppbind_shard *shard, struct xmppbind_entries *entries,
                                         struct xmppbind_entry *entry) {
    if (shard->places != NULL)
        xmppbind_entry_step_over(shard, entries, entry);
    entry->older->younger = entry->younger;
    entry->younger->older = entry->older;
    struct xmppbind_entry **oldest = entries->indexed ? &entries->by.index->oldest : &entries->by.oldest;
    if (*oldest == entry)
        *oldest = entry->younger;
}

/* As xmppbind_table_remove(), of items that are known. */
static inline void xmppbind_entry_leave_index(struct xmppbind_table *index, const struct xmppbind_entry *entry) {
    void **place = xmppbind_table_place(index, entry->hash);
    while (*place != entry)
        place = &((struct xmppbind_entry *)*place)->index_next;
    *place = entry->index_next;
    index->count--;
}

static inline void xmppbind_entries_leave_table(struct xmppbind_table *accounts,
                                                const struct xmppbind_entries *entries) {
    void **place = xmppbind_table_place(accounts, entries->hash);
    while (*place != entries)
        place = &((struct xmppbind_entries *)*place)->table_next;
    *place = entries->table_next;
    accounts->count--;
}

/* Of an account that may have lost its last entry then: what is in no table any longer, with its index; or NULL. */
static inline struct xmppbind_entries *
xmppbind_entry_take_out(struct xmppbind_shard *shard, struct xmppbind_entries *entries, struct xmppbind_entry *entry) {
    xmppbind_entry_unlink(shard, entries, entry);
    if (entries->indexed)
        xmppbind_entry_leave_index(&entries->by.index->table, entry);
    shard->count--;
    if (--entries->count > 0)
        return NULL;
    xmppbind_entries_leave_table(&shard->accounts, entries);
    return entries;
}

/* The same for who does it seldom. */
struct xmppbind_entries *xmppbind_entry_remove(struct xmppbind_shard *shard, struct xmppbind_entries *entries,
                                               struct xmppbind_entry *entry);
/* The entry has a new claim: it is the youngest of its account from now on. */
void xmppbind_entry_renew(struct xmppbind_shard *shard, struct xmppbind_entries *entries, struct xmppbind_entry *entry);

/* Whether an account wants an index, or a larger one. */
static inline int xmppbind_entries_are_full(const struct xmppbind_entries *entries) {
    return entries->count > XMPPBIND_ENTRY_WALK &&
           (!entries->indexed || xmppbind_table_is_full(&entries->by.index->table));
}
/* Gives it to the account, if it still is there and wants it. Takes the lock, allocates outside it; a failure is no
 * harm. */
void xmppbind_entries_grow(struct xmppbind_memory_directory *memory, const char *account, size_t length, uint32_t hash);

/* A list begins at the oldest entry of its account, which may be NULL. */
void xmppbind_list_place_open(struct xmppbind_shard *shard, struct xmppbind_list_place *place,
                              const struct xmppbind_entries *entries);
/* The entry to be told; the place goes on to the one after it. NULL at the end. */
const struct xmppbind_entry *xmppbind_list_place_step(struct xmppbind_list_place *place);
void xmppbind_list_place_close(struct xmppbind_shard *shard, const struct xmppbind_list_place *place);

#endif
