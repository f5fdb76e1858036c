/*
 * What the store in memory keeps. An owner has three chains of records, each from the oldest change to the newest: its
 * contacts, the contacts that were removed, its privacy lists. A record never changes once it is in a chain; a change
 * puts a new one in its place, so that a load which still has the old one in hand can go on without the lock.
 *
 * Under the lock: the tables, the chains, the numbers of an owner, the references of a record. The allocator is never
 * called under it.
 */
#ifndef XMPPBIND_STORAGE_MEMORY_STORE_H
#define XMPPBIND_STORAGE_MEMORY_STORE_H

#include "lib/base/siphash.h"
#include "store.h"

enum xmppbind_record_chain { XMPPBIND_CONTACTS, XMPPBIND_REMOVALS, XMPPBIND_LISTS, XMPPBIND_CHAINS };

struct xmppbind_record {
    struct xmppbind_record *table_next;
    struct xmppbind_record *older, *newer; /* in its chain */
    struct xmppbind_record_owner *owner;
    uint32_t hash;       /* of its name, for its owner */
    uint32_t references; /* the chain's, and one of each load that has it in hand */
    int chain;           /* enum xmppbind_record_chain */
    struct xmppbind_roster_item *item;
    struct xmppbind_privacy_list *list; /* in LISTS, in place of the item */
};

struct xmppbind_record_owner {
    struct xmppbind_record_owner *table_next;
    uint32_t hash;
    uint64_t version; /* of the last change of the roster */
    uint64_t floor;   /* removals up to this version are forgotten */
    struct {
        struct xmppbind_record *oldest, *newest;
        size_t count;
    } chains[XMPPBIND_CHAINS];
    struct xmppbind_record *default_list; /* or NULL */
    size_t length;
    char text[];
};

struct xmppbind_memory_store {
    pthread_mutex_t lock;
    struct xmppbind_memory memory;
    struct xmppbind_hash_key key;
    uint64_t first_version; /* of each owner */
    struct xmppbind_table owners, records;
};

static inline void xmppbind_memory_store_lock(struct xmppbind_memory_store *memory) {
    (void)pthread_mutex_lock(&memory->lock);
}

static inline void xmppbind_memory_store_unlock(struct xmppbind_memory_store *memory) {
    (void)pthread_mutex_unlock(&memory->lock);
}

/* Finds an owner; with `make`, makes it when it is not known. Takes the lock. NULL: not known, or no memory. Owners
 * stay. */
struct xmppbind_record_owner *xmppbind_record_owner_of(struct xmppbind_memory_store *memory, const char *text,
                                                       size_t length, int make);

/* Takes over the item or the list, and frees it when it fails. NULL for NULL, and without memory. */
struct xmppbind_record *xmppbind_record_new(const struct xmppbind_memory_store *memory, int chain,
                                            struct xmppbind_roster_item *item, struct xmppbind_privacy_list *list);
/* A record that nobody refers to any more, or NULL. */
void xmppbind_record_free(const struct xmppbind_memory_store *memory, struct xmppbind_record *record);
/* Under the lock: gives up one reference. The record if it is to be freed, or NULL. */
struct xmppbind_record *xmppbind_record_unreference(struct xmppbind_record *record);

/* Under the lock, as what follows: the record of a contact (there or removed) or of a list, or NULL. */
struct xmppbind_record *xmppbind_record_find(const struct xmppbind_memory_store *memory,
                                             const struct xmppbind_record_owner *owner, int list, const char *name,
                                             size_t length);
/* Puts a record at the newer end of its chain. */
void xmppbind_record_insert(struct xmppbind_memory_store *memory, struct xmppbind_record_owner *owner,
                            struct xmppbind_record *record);
/* Takes it out of its chain. As xmppbind_record_unreference(). */
struct xmppbind_record *xmppbind_record_remove(struct xmppbind_memory_store *memory, struct xmppbind_record *record);
/* Grows the tables if they want to; takes the lock itself. */
void xmppbind_record_grow(struct xmppbind_memory_store *memory);

#endif
