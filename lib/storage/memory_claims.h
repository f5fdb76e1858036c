/*
 * What the directory in memory decides, in one piece under the lock of a shard (CONF-5). Nothing is told here: that is
 * done with the outcome, after the lock.
 */
#ifndef XMPPBIND_STORAGE_MEMORY_CLAIMS_H
#define XMPPBIND_STORAGE_MEMORY_CLAIMS_H

#include "memory_entries.h"

/* What a claim came to. */
struct xmppbind_outcome {
    int condition;                 /* why it was refused, or none */
    uint64_t number;               /* of the new claim */
    uint64_t old_number;           /* of the claim that ended, or 0 */
    struct xmppbind_entry *old;    /* whose JID it was */
    struct xmppbind_entry *unused; /* in no table; the caller frees it */
};

/* The memory and the locks of all shards; XMPPBIND_ERROR_NO_MEMORY changes nothing. */
int xmppbind_shards_init(struct xmppbind_memory_directory *memory);
void xmppbind_shards_destroy(struct xmppbind_memory_directory *memory);
/* Entries of all shards at one moment. */
size_t xmppbind_shards_count(struct xmppbind_memory_directory *memory);

/* XMPPBIND_OK when it was decided, XMPPBIND_ERROR_NO_MEMORY, or XMPPBIND_ERROR_STATE when full JIDs are held for
 * another directory. */
int xmppbind_memory_claim(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                          const xmppbind_request *request, struct xmppbind_outcome *outcome);
/* A release that names another claim than the one that holds is late, and done already (CONF-8). */
void xmppbind_memory_release(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                             const xmppbind_request *request);

#endif
