/*
 * The directory as the layers below see it: asks the host's storage, keeps the requests that are open and the claims
 * that are held here, and tells the owner of a claim (a stream) about answers and evictions. Everything shared between
 * threads is behind its one lock; no callback of the host, the allocator included, runs while it is held.
 */
#ifndef XMPPBIND_STORAGE_DIRECTORY_H
#define XMPPBIND_STORAGE_DIRECTORY_H

#include "lib/base/memory.h"
#include "lib/base/spare.h"
#include "lib/base/table.h"
#include "name_hash.h"
#include "request.h"

#include <pthread.h>
#include <stdatomic.h>

/* Who is to be woken: copied under the lock, used after it, when the owner may be gone already. */
struct xmppbind_notice {
    void *owner; /* NULL: nobody */
    void *owner_data;
};

/* What the layer below does when something happens to a claim that it owns. */
struct xmppbind_owner_class {
    /* Under the lock: notes it with the owner; an evicted claim goes into the owner's chain. */
    void (*notify)(struct xmppbind_claim *claim, int evicted, struct xmppbind_notice *notice);
    /* Under the lock: the evicted claim is leaving the owner's chain, because the owner gives it up. */
    void (*forget)(struct xmppbind_claim *claim);
    /* After the lock: calls the host. */
    void (*wake)(void *context, const struct xmppbind_notice *notice);
    /* After the lock: a release failed. */
    void (*release_failed)(void *context, int condition);
    /* Nothing uses the directory any longer: frees it with its host. */
    void (*unused)(void *context);
};

enum { XMPPBIND_ACCOUNT_MAXIMUM = 2047 /* octets: two parts and a separator */ };

struct xmppbind_directory {
    pthread_mutex_t lock;
    struct xmppbind_memory memory;
    struct xmppbind_hash_key key;
    const struct xmppbind_owner_class *owner_class;
    void *context; /* the host */
    xmppbind_request_callback claim, release, list;
    void *claims_data, *list_data;
    struct xmppbind_table requests; /* by id */
    struct xmppbind_table holders;  /* claims that are HELD, by JID */
    struct xmppbind_spare spare_claim;
    uint64_t last_id;
    uint8_t claim_room;      /* octets of a layer below before each claim: a multiple of what aligns it */
    _Atomic uint32_t uses;   /* by whoever made the host, by its streams, by calls that run */
    _Atomic uint32_t owners; /* streams; callbacks are fixed while there are any */
};

int xmppbind_directory_init(struct xmppbind_directory *directory, const struct xmppbind_memory *memory,
                            const struct xmppbind_owner_class *owner_class, void *context);
/* The block of memory that a claim is in. */
static inline void *xmppbind_claim_block(struct xmppbind_claim *claim) {
    return (char *)claim - claim->request.room;
}

/* Ends list requests with internal-server-error and frees what still waits for an answer. */
void xmppbind_directory_destroy(struct xmppbind_directory *directory);

static inline void xmppbind_directory_lock(struct xmppbind_directory *directory) {
    (void)pthread_mutex_lock(&directory->lock);
}

static inline void xmppbind_directory_unlock(struct xmppbind_directory *directory) {
    (void)pthread_mutex_unlock(&directory->lock);
}

/* Around every use: by the host, by a stream, by a call from outside that may call back. The last one to leave frees it
 * all. */
static inline void xmppbind_directory_enter(struct xmppbind_directory *directory) {
    (void)atomic_fetch_add(&directory->uses, 1);
}

static inline void xmppbind_directory_leave(struct xmppbind_directory *directory) {
    const struct xmppbind_owner_class *owner_class = directory->owner_class;
    void *context = directory->context;
    if (atomic_fetch_sub(&directory->uses, 1) == 1)
        owner_class->unused(context);
}

/* Grows a table of the directory if it wants to; takes the lock, allocates outside it. */
void xmppbind_directory_grow(struct xmppbind_directory *directory, struct xmppbind_table *table);
/* Under the lock: a new id, and into the table of open requests. Whether that wants to grow then. */
int xmppbind_directory_open(struct xmppbind_directory *directory, struct xmppbind_request *request);
/* Under the lock: the open request with this id, or NULL. */
struct xmppbind_request *xmppbind_directory_opened(struct xmppbind_directory *directory, uint64_t id);

/* Under the lock: the claim that is held for a JID, under this number (0: any), or NULL. */
struct xmppbind_claim *xmppbind_directory_holder(struct xmppbind_directory *directory, const char *jid, size_t length,
                                                 uint32_t hash, uint64_t number);
/* Under the lock: a claim that is held was lost to another. */
void xmppbind_directory_evict(struct xmppbind_directory *directory, struct xmppbind_claim *held,
                              struct xmppbind_notice *notice);

/* A claim that is IDLE, of nobody, with one reference, the room before it zeroed; NULL without memory. `resource` need
 * not be terminated. */
struct xmppbind_claim *xmppbind_claim_new(struct xmppbind_directory *directory, const char *account,
                                          size_t account_length, uint32_t account_hash, const char *resource,
                                          size_t resource_length);
/* Gives up a reference. What goes with the last one: a claim that is held is released, one that is asked for is
 * released as soon as it is accepted, and the memory is freed at once or by the last answer. */
void xmppbind_claim_unreference(struct xmppbind_directory *directory, struct xmppbind_claim *claim);
/* Gives up a reference of an owner that goes: whoever refers to the claim still, refers to it without an owner. */
void xmppbind_claim_disown(struct xmppbind_directory *directory, struct xmppbind_claim *claim);
/* The owner has seen that the claim was evicted: out of its chain, and IDLE. */
void xmppbind_claim_forget(struct xmppbind_directory *directory, struct xmppbind_claim *claim);

/* Asks for an IDLE claim; the answer may come inside. `wish` and `limit` are kept in the request. */
void xmppbind_directory_claim(struct xmppbind_directory *directory, struct xmppbind_claim *claim, void *owner);
/* Takes a HELD claim out of the holders: RELEASING from now on. 0 when it is not held, because it was evicted. */
int xmppbind_directory_begin_release(struct xmppbind_directory *directory, struct xmppbind_claim *claim);
/* Asks for the release that was begun. */
void xmppbind_directory_ask_release(struct xmppbind_directory *directory, struct xmppbind_claim *claim);
/* The owner of the claim that is held for this JID, or NULL. */
void *xmppbind_directory_find(struct xmppbind_directory *directory, const char *jid, size_t length, uint64_t *number);

/* Without the lock, so it may be out of date, but for a state that only the owner ends. */
static inline uint8_t xmppbind_claim_state(const struct xmppbind_claim *claim) {
    return atomic_load_explicit(&((struct xmppbind_claim *)(uintptr_t)claim)->request.state, memory_order_acquire);
}

/* Whether the directory owes an answer. */
static inline int xmppbind_claim_open(const struct xmppbind_claim *claim) {
    uint8_t state = xmppbind_claim_state(claim);
    return state == XMPPBIND_CLAIM_ASKED || state == XMPPBIND_CLAIM_RELEASING;
}

#endif
