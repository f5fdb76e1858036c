/*
 * The entries of the directory in memory: an entry per full JID, in two tables: all entries by full JID, and the oldest
 * entry of each account by account. The entries of an account form a ring by age, so its oldest entry reaches the
 * youngest too; only the oldest counts them. Age and claim number grow together.
 */
#ifndef XMPPBIND_STORAGE_MEMORY_ENTRIES_H
#define XMPPBIND_STORAGE_MEMORY_ENTRIES_H

#include "directory.h"

struct xmppbind_entry {
    void *name_next;
    void *account_next;
    struct xmppbind_entry *younger; /* the youngest goes on to the oldest */
    struct xmppbind_entry *older;
    uint64_t number;
    uint32_t name_hash;
    uint32_t account_hash;
    uint32_t count; /* entries of the account; right in the oldest only */
    uint16_t account_length;
    uint16_t length;
    char text[];
};

struct xmppbind_memory_directory {
    pthread_mutex_t lock;
    struct xmppbind_memory memory;
    struct xmppbind_hash_key key;
    struct xmppbind_table names;
    struct xmppbind_table accounts;
    struct xmppbind_spare spare;
    const xmppbind_directory *directory; /* that the entries are held for */
    uint64_t last_number;
};

/* A new entry in no table; NULL without memory. Takes no lock. */
struct xmppbind_entry *xmppbind_entry_new(struct xmppbind_memory_directory *memory, const xmppbind_request *request,
                                          uint32_t name_hash, uint32_t account_hash);
/* Of an entry in no table; NULL is fine. */
void xmppbind_entry_free(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry);

/* The others want the lock held. */
struct xmppbind_entry *xmppbind_entry_find(const struct xmppbind_memory_directory *memory, const char *jid,
                                           size_t length, uint32_t hash);
/* The oldest entry of an account. */
struct xmppbind_entry *xmppbind_entry_oldest(const struct xmppbind_memory_directory *memory, const char *account,
                                             size_t length, uint32_t hash);
/* `oldest` is that of its account, or NULL. */
void xmppbind_entry_insert(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry,
                           struct xmppbind_entry *oldest);
void xmppbind_entry_remove(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry);
/* The entry has a new claim: it is the youngest of its account from now on. */
void xmppbind_entry_renew(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry);

#endif
