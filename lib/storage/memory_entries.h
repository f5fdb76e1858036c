/*
 * The entries of the directory in memory, an entry per full JID, and the shards they lie in. All entries of an account
 * lie in one shard, so that its limit, the age of its resources and a claim are decided in one piece (CONF-5, CONF-7).
 *
 * A shard has two tables: all its entries by full JID, and the oldest entry of each account by account. The entries of
 * an account form a ring by age, so its oldest entry reaches the youngest too; only the oldest counts them. Age and
 * claim number grow together. Nothing that is done to one entry looks at the others of its account.
 *
 * Invariants, under the lock of the shard: the tables have heads if the shard has entries; all shards serve the same
 * directory, for that changes only under all locks and while there is no entry at all; the places of the lists that run
 * name entries of the shard.
 */
#ifndef XMPPBIND_STORAGE_MEMORY_ENTRIES_H
#define XMPPBIND_STORAGE_MEMORY_ENTRIES_H

#include "directory.h"
#include "lib/base/text.h"
#include "name_hashes.h"

#include <stdalign.h>
#include <stddef.h>

struct xmppbind_entry {
    void *name_next;
    void *account_next;
    struct xmppbind_entry *younger; /* the youngest goes on to the oldest */
    struct xmppbind_entry *older;
    uint64_t number;
    uint32_t name_hash;
    uint32_t account_hash;
    uint32_t count; /* entries of the account; 0 in all but the oldest */
    uint16_t account_length;
    uint16_t length;
    char text[];
};

/* Where a list of an account that is being told has got to. */
struct xmppbind_list_place {
    struct xmppbind_entry *next; /* NULL: that was the youngest */
    struct xmppbind_list_place *other;
};

enum {
    XMPPBIND_SHARD_BITS = 4,
    XMPPBIND_SHARDS = 1 << XMPPBIND_SHARD_BITS,
    XMPPBIND_CACHE_LINE = 64 /* octets: what two processors should not both write to */
};

struct xmppbind_shard {
    alignas(XMPPBIND_CACHE_LINE) pthread_mutex_t lock;
    const xmppbind_directory *directory; /* that the entries are held for */
    struct xmppbind_list_place *places;  /* of the lists that run */
    uint64_t last_number;
    struct xmppbind_table names;
    struct xmppbind_table accounts;
    struct xmppbind_spare spare;
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

static inline size_t xmppbind_entry_size(size_t jid_length) {
    return offsetof(struct xmppbind_entry, text) + jid_length + 1;
}

/* A new entry in no table; NULL without memory. Takes no lock. */
static inline struct xmppbind_entry *xmppbind_entry_new(struct xmppbind_memory_directory *memory,
                                                        const xmppbind_request *request,
                                                        struct xmppbind_name_hashes hashes) {
    size_t length = request->length;
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    struct xmppbind_entry *entry = xmppbind_spare_get(&shard->spare, &memory->memory, xmppbind_entry_size(length));
    if (entry == NULL)
        return NULL;
    entry->name_hash = hashes.name;
    entry->account_hash = hashes.account;
    entry->account_length = request->account_length;
    entry->length = (uint16_t)length;
    memcpy(entry->text, xmppbind_request_text(request), length + 1);
    return entry;
}

/* Of an entry in no table; NULL is fine. */
static inline void xmppbind_entry_free(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    if (entry == NULL)
        return;
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, entry->account_hash);
    xmppbind_spare_put(&shard->spare, &memory->memory, entry, xmppbind_entry_size(entry->length));
}

/* The others want the lock held. */
static inline struct xmppbind_entry *xmppbind_entry_find(const struct xmppbind_shard *shard, const char *jid,
                                                         size_t length, uint32_t hash) {
    struct xmppbind_entry *entry = xmppbind_table_first(&shard->names, hash);
    while (entry != NULL &&
           (entry->name_hash != hash || entry->length != length || memcmp(entry->text, jid, length) != 0))
        entry = entry->name_next;
    return entry;
}

/* The oldest entry of an account. */
static inline struct xmppbind_entry *xmppbind_entry_oldest(const struct xmppbind_shard *shard, const char *account,
                                                           size_t length, uint32_t hash) {
    struct xmppbind_entry *entry = xmppbind_table_first(&shard->accounts, hash);
    while (entry != NULL && (entry->account_hash != hash || entry->account_length != length ||
                             !xmppbind_same(entry->text, account, length)))
        entry = entry->account_next;
    return entry;
}

/* `oldest` is that of its account, or NULL. */
void xmppbind_entry_insert(struct xmppbind_shard *shard, struct xmppbind_entry *entry, struct xmppbind_entry *oldest);
void xmppbind_entry_remove(struct xmppbind_shard *shard, struct xmppbind_entry *entry);
/* The entry has a new claim: it is the youngest of its account from now on. */
void xmppbind_entry_renew(struct xmppbind_shard *shard, struct xmppbind_entry *entry);

/* A list begins at the oldest entry of its account, or NULL. */
void xmppbind_list_place_open(struct xmppbind_shard *shard, struct xmppbind_list_place *place,
                              struct xmppbind_entry *oldest);
/* The entry to be told; the place goes on to the one after it. NULL at the end. */
const struct xmppbind_entry *xmppbind_list_place_step(struct xmppbind_list_place *place);
void xmppbind_list_place_close(struct xmppbind_shard *shard, const struct xmppbind_list_place *place);

#endif
