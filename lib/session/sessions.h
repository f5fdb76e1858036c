/*
 * Sessions: one for each resource, beside the state machine that binds them (SESS-1).
 *
 *     sessions     the layer as a whole: one lock, the accounts, what leaves without a stream
 *     account      a bare JID with sessions here, or with something to do: its roster, its privacy lists, its jobs
 *     session      a full JID: it stands in one block of memory with its claim, before it
 *     kept         presence, interest in the roster, active list, whom it sent presence to: of sessions that have any
 *     box          the layer's part of a stream: what is to be drained there
 *     letter       a stanza as the flows see it: kind, type, addresses in prepared form
 *     turn         all that comes of one step: made first, then committed, so that lack of memory changes nothing
 *     job          a stanza whose turn needs storage, or has to wait for one that does
 *
 * A stanza of a stream is looked at when it is about to be drained, so its order is that of the stream; what comes of
 * it is drained before what stands behind it. While its job waits, what stands behind it waits too; what comes from
 * others does not.
 *
 * Jobs of an account run one after the other. What changes nothing that is stored does not become a job, once the
 * account is loaded.
 *
 * Invariants: everything here is behind the lock, which is not held while the store, the wake-up callback or the
 * account callback runs. (The host's memory and its preparation of addresses may run under it; who calls into the layer
 * from there is refused.) An account lives while it has a session, a box, a job or a delivery. A session refers to its
 * claim from its beginning to its end; it begins, and with one exception ends, on the thread that uses its stream, as
 * references are counted by one thread. The exception is what ends after its stream: nobody else refers to its claim
 * then.
 */
#ifndef XMPPBIND_SESSION_SESSIONS_H
#define XMPPBIND_SESSION_SESSIONS_H

#include "contacts.h"
#include "lib/binding/layer.h"
#include "lib/binding/stream.h"
#include "lib/storage/store.h"
#include "xmppbind/session.h"

#include <libxml/tree.h>

struct xmppbind_account;
struct xmppbind_box;
struct xmppbind_job;

/* Something to drain: from the box of a stream, or from the layer itself. */
struct xmppbind_parcel {
    struct xmppbind_parcel *next;
    struct xmppbind_box *box; /* or NULL: what leaves without a stream */
    xmlNode *node;
    uint8_t kind;  /* an enum xmppbind_event_kind */
    uint8_t given; /* until the turn is committed, the node is the job's */
};

struct xmppbind_parcels {
    struct xmppbind_parcel *first, *last;
};

/* An address that got directed presence (PRES-4). */
struct xmppbind_directed {
    struct xmppbind_directed *next;
    size_t length;
    char jid[];
};

/* A privacy list of an account; edits put another list in its place. */
struct xmppbind_list_entry {
    struct xmppbind_list_entry *next;
    struct xmppbind_privacy_list *list;
};

/* What a session has beside its full JID. Most have nothing of it: they share one, in which there is nothing. */
struct xmppbind_kept {
    struct xmppbind_account *account;
    xmlNode *presence; /* the last one, if it is available */
    struct xmppbind_directed *directed;
    struct xmppbind_list_entry *active; /* or NULL */
    struct xmppbind_contacts *contacts; /* its own roster (ROST-6), or NULL: that of the account */
    uint32_t directed_count;
    int16_t priority;
    uint8_t interested;
};

/* Its claim follows it. */
struct xmppbind_session {
    struct xmppbind_session *table_next;
    struct xmppbind_session *younger; /* of the account, by age */
    struct xmppbind_box *box;         /* NULL: it has not begun, or its stream is gone and it is about to end */
    const struct xmppbind_kept *kept; /* changed by what xmppbind_session_keep() returns */
};

struct xmppbind_box {
    struct xmppbind_layer_part part; /* first */
    struct xmppbind_sessions *sessions;
    struct xmppbind_stream *stream; /* NULL: gone */
    struct xmppbind_account *account;
    struct xmppbind_box *next;       /* of the account */
    struct xmppbind_box *wake_next;  /* of those that are to be woken */
    struct xmppbind_box *gone_next;  /* of those whose stream went while the lock was held */
    struct xmppbind_job *job;        /* of its first event, while that waits */
    struct xmppbind_parcels results; /* of its first event */
    struct xmppbind_parcels mail;    /* from others */
    uint32_t mail_count;
    uint32_t mark;      /* a turn that has given it its copy (SESS-3) */
    uint8_t waking;     /* it is among those to be woken */
    uint8_t dealt_with; /* its first event: what came of it is drained, then it goes */
};

struct xmppbind_account {
    struct xmppbind_account *table_next;
    struct xmppbind_sessions *sessions;
    uint32_t hash;
    struct xmppbind_session *oldest;
    struct xmppbind_box *boxes;
    struct xmppbind_job *first_job, *last_job;
    struct xmppbind_contacts contacts;
    struct xmppbind_list_entry *lists, *default_list;
    uint32_t ending;     /* sessions that are about to end without their stream */
    uint32_t deliveries; /* among the jobs */
    uint8_t lists_loaded;
    size_t length;
    char jid[];
};

struct xmppbind_sessions {
    pthread_mutex_t lock;
    struct xmppbind_memory memory;
    struct xmppbind_host *host;
    xmppbind_store *store;
    xmppbind_memory_store *memory_store; /* when none was given */
    xmppbind_account_callback account_exists;
    void *account_data;
    xmppbind_sessions_wakeup_callback wakeup;
    void *wakeup_data;
    struct xmppbind_table accounts, table; /* of sessions, by full JID */
    struct xmppbind_box *wake_first, *gone_first;
    struct xmppbind_session *ending; /* ended with their stream, when there was no memory to say so; by `younger` */
    struct xmppbind_parcels out;     /* what leaves without a stream */
    struct xmppbind_event event;     /* handed out */
    char *text;                      /* of that event */
    uint64_t pushes;                 /* their ids */
    uint64_t pushes_begin; /* and what they began with: random, so that ids of a former life do not come again */
    uint32_t mark;
    uint32_t uses;     /* of who made it, of boxes, of questions to the store, of calls */
    uint8_t woken;     /* the host knows that there is something in `out` */
    uint8_t to_wake;   /* it is to be told */
    uint8_t jobs_due;  /* jobs found no memory: they are taken up when it drains */
    uint8_t hands_out; /* `event` is handed out */
};

/* Takes the lock: XMPPBIND_OK, or XMPPBIND_ERROR_REENTRANT when this thread has it. */
int xmppbind_sessions_enter(struct xmppbind_sessions *sessions);
/* Wakes who has something to drain, and gives the lock back; the last use to end frees the sessions. */
void xmppbind_sessions_leave(struct xmppbind_sessions *sessions);
/* Around a call to the outside. */
static inline void xmppbind_sessions_lock(struct xmppbind_sessions *sessions) {
    (void)pthread_mutex_lock(&sessions->lock);
}
static inline void xmppbind_sessions_unlock(struct xmppbind_sessions *sessions) {
    (void)pthread_mutex_unlock(&sessions->lock);
}
/* The box has something to drain. */
void xmppbind_box_wake(struct xmppbind_box *box);
/* sessions.c: the event that is handed out. */
void xmppbind_sessions_release_event(struct xmppbind_sessions *sessions);
/* jobs.c: what found no memory is tried again: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_sessions_retry(struct xmppbind_sessions *sessions);
/* drain.c: sessions whose end found no memory. */
int xmppbind_sessions_retry_ends(struct xmppbind_sessions *sessions);
/* drain.c: the box of a stream that is gone: its sessions end. */
void xmppbind_box_end(struct xmppbind_box *box);
/* drain.c */
extern const struct xmppbind_layer_class xmppbind_session_layer;

/* account.c. All under the lock. */
struct xmppbind_account *xmppbind_account_find(struct xmppbind_sessions *sessions, const char *jid, size_t length);
/* Found or made; NULL without memory. */
struct xmppbind_account *xmppbind_account_get(struct xmppbind_sessions *sessions, const char *jid, size_t length);
/* Frees it if nothing holds it any longer. */
void xmppbind_account_release(struct xmppbind_sessions *sessions, struct xmppbind_account *account);
/* The youngest session that has this full JID, or NULL. */
struct xmppbind_session *xmppbind_session_find(const struct xmppbind_sessions *sessions, const char *jid,
                                               size_t length);
/* The same for a full JID of an account, whose name needs no hashing again. */
struct xmppbind_session *xmppbind_session_find_of(const struct xmppbind_account *account, const char *jid,
                                                  size_t length);
/* NULL without memory. */
struct xmppbind_session *xmppbind_session_open(struct xmppbind_box *box, struct xmppbind_claim *claim);
/* Out of all lists, and of its claim. */
void xmppbind_session_close(struct xmppbind_sessions *sessions, struct xmppbind_session *session);
/* What the session keeps, to be changed; NULL without memory. */
struct xmppbind_kept *xmppbind_session_keep(struct xmppbind_session *session);
/* The same for a session that keeps what is to be changed. */
static inline struct xmppbind_kept *xmppbind_session_kept(const struct xmppbind_session *session) {
    return (struct xmppbind_kept *)(uintptr_t)session->kept;
}
/* Writes to nothing in which there is nothing. */
void xmppbind_session_forget_directed(const struct xmppbind_sessions *sessions, struct xmppbind_kept *kept);
/* Of sessions that keep nothing. */
extern const struct xmppbind_kept xmppbind_nothing_kept;

static inline const struct xmppbind_claim *xmppbind_session_claim(const struct xmppbind_session *session) {
    return (const void *)(session + 1);
}

/* What its claim makes room for; not begun until xmppbind_session_open(). */
static inline struct xmppbind_session *xmppbind_session_before(struct xmppbind_claim *claim) {
    return (struct xmppbind_session *)(void *)claim - 1;
}

/* Its full JID. */
static inline const char *xmppbind_session_jid(const struct xmppbind_session *session) {
    return xmppbind_session_claim(session)->text;
}

static inline size_t xmppbind_session_length(const struct xmppbind_session *session) {
    return xmppbind_session_claim(session)->request.length;
}

/* What ends after its stream has something to say, and so keeps something. */
static inline struct xmppbind_account *xmppbind_session_account(const struct xmppbind_session *session) {
    return session->box != NULL ? session->box->account : session->kept->account;
}

static inline struct xmppbind_contacts *xmppbind_session_contacts(const struct xmppbind_session *session) {
    return session->kept->contacts != NULL ? session->kept->contacts : &xmppbind_session_account(session)->contacts;
}

/* The list that decides for a session, or NULL (PRIV-4: active over default). */
static inline const struct xmppbind_privacy_list *xmppbind_session_list(const struct xmppbind_session *session) {
    const struct xmppbind_list_entry *active = session->kept->active;
    const struct xmppbind_list_entry *entry = active != NULL ? active : xmppbind_session_account(session)->default_list;
    return entry == NULL ? NULL : entry->list;
}

#endif
