/*
 * A store as the layers below see it: what sessions ask goes to the host's callbacks, and the answer, once it is whole,
 * to who asked.
 *
 * A request is OPEN from the question to its answer: it is in the table, its text and its objects do not change, what
 * the answer names is gathered in it. While it is open it may become CANCELLED: nobody waits any longer, but it stays
 * until it is answered, because the host may still be reading it. Of answer and cancel one comes first, under the lock:
 * either the asker's callback runs, once, or it never does.
 *
 * No callback, the allocator's included, runs under the lock.
 */
#ifndef XMPPBIND_STORAGE_STORE_H
#define XMPPBIND_STORAGE_STORE_H

#include "lib/base/memory.h"
#include "lib/base/table.h"
#include "octets.h"
#include "privacy_list.h"
#include "roster_item.h"
#include "xmppbind/store.h"

#include <pthread.h>
#include <stdatomic.h>

/* The answer to a question. What it names belongs to it; a callback that keeps some of it sets the pointer to NULL. */
struct xmppbind_store_result {
    int condition;                        /* none, or why it was rejected: then nothing is named */
    uint64_t version;                     /* of the change or of the roster */
    uint64_t floor;                       /* removals up to this version are forgotten */
    struct xmppbind_roster_item *items;   /* a chain by `next`, in the order they were named */
    struct xmppbind_privacy_list *lists;  /* likewise */
    struct xmppbind_octets *default_list; /* its name, or NULL */
};

/* Runs once, when the question is answered and nobody has cancelled it: inside the question or later, on any thread. */
typedef void (*xmppbind_store_done)(struct xmppbind_store_result *result, void *user_data);

/* What is asked; copied. What the kind does not want is NULL or empty. */
struct xmppbind_store_question {
    int kind;
    const char *owner; /* prepared JID */
    size_t owner_length;
    const char *session; /* prepared full JID; empty: no session */
    size_t session_length;
    const char *name; /* of what is to be removed or to be the default; empty: no default any longer */
    size_t name_length;
    const xmppbind_roster_item *item;
    const xmppbind_privacy_list *list;
};

struct xmppbind_store_request {
    struct xmppbind_store_request *table_next;
    uint64_t id;
    uint32_t id_low; /* its hash */
    uint8_t kind;
    uint8_t failed;           /* something that was named could not be kept */
    xmppbind_store_done done; /* NULL: nobody waits (any longer) */
    void *user_data;
    struct xmppbind_store_result result;
    struct xmppbind_roster_item **last_item; /* where the next one that is named goes */
    struct xmppbind_privacy_list **last_list;
    struct xmppbind_roster_item *item; /* what is asked, and owned */
    struct xmppbind_privacy_list *list;
    size_t owner_length, session_length, name_length;
    char text[]; /* owner, session and name, each with its NUL */
};

enum {
    XMPPBIND_STORE_KINDS = XMPPBIND_STORE_LIST_DEFAULT + 1,
    XMPPBIND_STORE_REMOVALS = 1000 /* that the built-in stores remember, per owner */
};

struct xmppbind_store {
    pthread_mutex_t lock;
    struct xmppbind_memory memory;
    struct xmppbind_table requests; /* by id */
    uint64_t last_id;               /* 0: nothing was asked yet */
    _Atomic uint32_t uses;          /* by who made it, by calls that run: the last one to leave frees it */
    xmppbind_store_callback callbacks[XMPPBIND_STORE_KINDS]; /* by kind; fixed after the first question */
    void *callbacks_data[XMPPBIND_STORE_KINDS];
    int closing; /* it answers what is open, and takes no more */
};

/*
 * Asks. `id` (or NULL) is set before any callback runs. XMPPBIND_OK: `done` will run, or has run. Otherwise nothing was
 * asked: INVALID_ARGUMENT (the question lacks what its kind wants), NO_MEMORY, or STATE: nobody answers this kind, or
 * the store is being freed.
 */
int xmppbind_store_ask(xmppbind_store *store, const struct xmppbind_store_question *question, xmppbind_store_done done,
                       void *user_data, uint64_t *id);
/*
 * Who asked does not wait any longer. 1: the callback has not run, and never will; 0: it has run, or is about to, or
 * runs at this moment on another thread, and `user_data` has to stay until it has.
 */
int xmppbind_store_cancel(xmppbind_store *store, uint64_t id);

/* A request for this question, not open yet; NULL without memory. */
struct xmppbind_store_request *xmppbind_store_request_new(const struct xmppbind_memory *memory,
                                                          const struct xmppbind_store_question *question);
/* With all that was named and not taken. */
void xmppbind_store_request_free(struct xmppbind_store_request *request, const struct xmppbind_memory *memory);

/* What the texts of a request are, without going through the public interface. */
static inline const char *xmppbind_store_owner_of(const struct xmppbind_store_request *request) {
    return request->text;
}

static inline const char *xmppbind_store_session_of(const struct xmppbind_store_request *request) {
    return request->text + request->owner_length + 1;
}

static inline const char *xmppbind_store_name_of(const struct xmppbind_store_request *request) {
    return xmppbind_store_session_of(request) + request->session_length + 1;
}

#endif
