/*
 * What the directory in memory decides, in one piece under the lock of a shard (CONF-5). Nothing is told here: that is
 * done with the outcome, after the lock.
 */
#ifndef XMPPBIND_STORAGE_MEMORY_CLAIMS_H
#define XMPPBIND_STORAGE_MEMORY_CLAIMS_H

#include "memory_entries.h"

/* What a claim came to. */
struct xmppbind_outcome {
    struct xmppbind_shard *shard;
    uint64_t number;               /* of the new claim */
    uint64_t old_number;           /* of the claim that ended, or 0 */
    struct xmppbind_entry *old;    /* of its JID, if that is not the one that was claimed */
    struct xmppbind_entry *unused; /* of no account any longer, or never; or NULL */
    int condition;                 /* why it was refused, or none */
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
/* The JID of the claim that ended, and its length; `jid` has room for any. */
size_t xmppbind_outcome_old_jid(const struct xmppbind_outcome *outcome, const xmppbind_request *request, char *jid);
/* What a claim came to is not looked at any longer. */
static inline void xmppbind_outcome_end(struct xmppbind_memory_directory *memory, struct xmppbind_outcome *outcome) {
    xmppbind_entry_free(outcome->shard, &memory->memory, outcome->unused);
}
/* A release that names another claim than the one that holds is late, and done already (CONF-8). */
void xmppbind_memory_release(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                             const xmppbind_request *request);

#endif
