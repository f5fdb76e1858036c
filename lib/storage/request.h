/*
 * A request to the directory, and the claim it is part of. One block of memory serves a full JID from the first
 * question to the last answer, so that giving a JID back never needs memory.
 *
 * States of a claim (guarded by the lock of the directory):
 *
 *     IDLE ---ask---> ASKED ---accept---> HELD ---release---> RELEASING ---answer---> IDLE
 *                       |                  |
 *                       |                  +---evicted---> EVICTED
 *                       +---reject---> IDLE, or EVICTED when the eviction overtook the acceptance
 *
 * Invariants: it is in the table of open requests exactly while ASKED or RELEASING, in the table of holders exactly
 * while HELD, and in the chain of its owner exactly while EVICTED. Without an owner (the client has gone) it is the
 * directory's: an acceptance is released again, and the last answer frees it, unless a layer below still refers to it.
 */
#ifndef XMPPBIND_STORAGE_REQUEST_H
#define XMPPBIND_STORAGE_REQUEST_H

#include "xmppbind/storage.h"

enum xmppbind_claim_state {
    XMPPBIND_CLAIM_IDLE,
    XMPPBIND_CLAIM_ASKED,
    XMPPBIND_CLAIM_HELD,
    XMPPBIND_CLAIM_RELEASING,
    XMPPBIND_CLAIM_EVICTED
};

/* What a claim wants, as bits. */
enum xmppbind_wish { XMPPBIND_WISH_REPLACE = 1, XMPPBIND_WISH_EVICT_OLDEST = 2 };

struct xmppbind_request {
    void *table_next; /* of the table, or of the owner's chain of evicted claims */
    void *owner;      /* a stream; NULL when nobody waits for the answer */
    uint32_t id_low;  /* the id in halves: the low one is its hash */
    uint32_t id_high;
    uint64_t number;       /* of the claim */
    uint32_t hash;         /* of the JID */
    uint32_t account_hash; /* of its account */
    uint32_t references;   /* the owner's: its list, its operation, its events; of a layer below: its session */
    uint16_t length;       /* of the JID */
    uint16_t account_length;
    uint16_t limit; /* resources per account */
    uint8_t kind;
    _Atomic uint8_t state; /* written under the lock; its owner also reads it without */
    uint8_t wish;          /* enum xmppbind_wish bits of a claim */
    uint8_t answer;        /* the condition of the last rejection, or none */
    _Atomic uint8_t taken; /* its owner has seen that it is held, and says so to its client */
    uint8_t room;          /* octets before the claim, for a layer below */
};

/* Its id, by which storage answers. */
static inline uint64_t xmppbind_id_of(const struct xmppbind_request *request) {
    return (uint64_t)request->id_high << 32 | request->id_low;
}

/* A full JID that is wanted, held or given back: what a stream calls a resource. A layer below may have its part of it,
 * in the same block of memory, before it. */
struct xmppbind_claim {
    struct xmppbind_request request;
    struct xmppbind_claim *younger; /* the owner's list, by age */
    struct xmppbind_claim *older;   /* itself while it is in no list */
    void *index_next;               /* the owner's index by name */
    char text[];                    /* the prepared full JID */
};

/* A question for the resources of an account. */
struct xmppbind_list_request {
    struct xmppbind_request request;
    xmppbind_list_callback callback;
    void *user_data;
    char text[]; /* the prepared bare JID */
};

static inline const char *xmppbind_request_text(const struct xmppbind_request *request) {
    return request->kind == XMPPBIND_REQUEST_LIST ? ((const struct xmppbind_list_request *)(const void *)request)->text
                                                  : ((const struct xmppbind_claim *)(const void *)request)->text;
}

#endif
