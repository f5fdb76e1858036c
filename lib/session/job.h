/*
 * A job: a stanza that is being dealt with.
 *
 * States of a job in the list of its account, of which only the first one runs:
 *
 *     WAITING ---its turn comes---> (done) or ASKED ---the store answers---> ANSWERED ---its turn---> (done) or ASKED
 *
 * `expired`: its client has an answer already. One that is ASKED stays for the answer of the store, which is taken as
 * far as it concerns what is stored; one that is not is gone.
 *
 * Invariants: a job that is not in a list lives on the stack, until it has to wait. Whoever ends a session or a box
 * takes it out of the jobs that name it.
 */
#ifndef XMPPBIND_SESSION_JOB_H
#define XMPPBIND_SESSION_JOB_H

#include "letter.h"
#include "sessions.h"
#include "turn.h"

enum xmppbind_job_state { XMPPBIND_JOB_WAITING, XMPPBIND_JOB_ASKED, XMPPBIND_JOB_ANSWERED };

/* What a flow answers, beside errors. */
enum xmppbind_flow {
    XMPPBIND_FLOW_DONE = 0,
    XMPPBIND_FLOW_PASS = 1, /* the stanza goes on as it is */
    XMPPBIND_FLOW_ASK = 2   /* the question of the job is for the store */
};

/* What is asked of the store, and what it answered. */
struct xmppbind_change {
    int kind;                           /* an enum xmppbind_store_kind, or 0 */
    struct xmppbind_contact *contact;   /* what the roster gets when it is stored */
    struct xmppbind_privacy_list *list; /* what the lists get */
    struct xmppbind_list_entry *entry;  /* and where it goes, if it is new */
    struct xmppbind_octets *name;       /* of a list */
    struct xmppbind_store_result result;
};

struct xmppbind_job {
    struct xmppbind_job *next;
    struct xmppbind_sessions *sessions;
    struct xmppbind_account *account;
    struct xmppbind_session *session; /* whose stanza it is; NULL: it was delivered, or the session has ended */
    struct xmppbind_box *box;         /* whose first event it is; NULL: none, or the stream has gone */
    xmlNode *node;                    /* owned while it is in a list */
    struct xmppbind_change change;
    uint64_t request, deadline; /* deadline 0: its clock has not started */
    uint8_t delivered, state, expired, in_call;
    uint8_t own_roster; /* the question is about a roster of the session alone (ROST-6) */
};

/* Whether nobody else goes on with a job: the store has not answered, or whoever asked it is on the way back. */
static inline int xmppbind_job_is_asking(const struct xmppbind_job *job) {
    return job->state == XMPPBIND_JOB_ASKED || job->in_call;
}

/* job.c: does what can be done now. On the stack: XMPPBIND_FLOW_DONE, _PASS, XMPPBIND_FLOW_ASK when it was put among
 * the jobs of its account, which own its node from then on; or XMPPBIND_ERROR_NO_MEMORY. The lock is given up
 * meanwhile when the store is asked. */
int xmppbind_job_begin(struct xmppbind_job *job, const struct xmppbind_letter *letter);
/* Goes on with the jobs of an account, as far as they get, and releases it: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_jobs_run(struct xmppbind_sessions *sessions, struct xmppbind_account *account);
/* Whether there are jobs that could go on, but for memory. */
int xmppbind_jobs_are_due(const struct xmppbind_account *account);
/* load.c: whether something has to be loaded first, which is the question of the job then; whether that is what was
 * asked; what was loaded is taken: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY, and the rest is taken next time. */
int xmppbind_load_wanted(struct xmppbind_job *job);
int xmppbind_load_runs(const struct xmppbind_job *job);
int xmppbind_load_take(struct xmppbind_job *job);
/* A session or box goes: no job names it any longer. */
void xmppbind_jobs_forget_session(const struct xmppbind_session *session);
void xmppbind_jobs_forget_box(const struct xmppbind_box *box);
/* Out of its list and freed: its stream goes on. */
void xmppbind_job_finish(struct xmppbind_job *job);
/* Its client gets resource-constraint; it stays while the store is asked. XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_job_expire(struct xmppbind_job *job);
/* jobs.c: nobody waits any longer, for the sessions go. */
void xmppbind_jobs_cancel(struct xmppbind_sessions *sessions);

/* The roster that a job is about. */
static inline struct xmppbind_contacts *xmppbind_job_contacts(const struct xmppbind_job *job) {
    return job->session != NULL ? xmppbind_session_contacts(job->session) : &job->account->contacts;
}

static inline const struct xmppbind_hash_key *xmppbind_job_key(const struct xmppbind_job *job) {
    return &job->sessions->host->directory.key;
}

/* Whether a stanza is for the account itself: no 'to', or its bare JID. */
static inline int xmppbind_job_is_own(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    return !letter->to.given || strcmp(letter->to.jid, job->account->jid) == 0;
}

/* The flows. Each makes what comes of it in the turn, and changes the state only when nothing can fail any longer. A
 * change of what is stored is left in job->change (XMPPBIND_FLOW_ASK), and comes back as stored. */
/* outgoing.c, delivery.c: which flow it is. */
int xmppbind_outgoing(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn);
int xmppbind_delivery(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn);
int xmppbind_outgoing_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                             struct xmppbind_turn *turn);
int xmppbind_delivery_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                             struct xmppbind_turn *turn);
/* Whether it may change what is stored, and so has to wait for its turn. */
int xmppbind_job_is_change(const struct xmppbind_job *job, const struct xmppbind_letter *letter);
/* answer.c: it is refused. */
int xmppbind_job_refuse(const struct xmppbind_job *job, const struct xmppbind_letter *letter, int condition,
                        struct xmppbind_turn *turn);
/* The result of a request, to the session; with content, put below what is returned. */
xmlNode *xmppbind_job_result(const struct xmppbind_job *job, struct xmppbind_turn *turn);
/* A push to a session: its query element, which has `space` as its namespace. */
xmlNode *xmppbind_push(struct xmppbind_turn *turn, const struct xmppbind_session *session, const char *space,
                       xmlNode **push);

/* presence.c */
int xmppbind_presence_available(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                struct xmppbind_turn *turn);
int xmppbind_presence_unavailable(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                  struct xmppbind_turn *turn);
/* A session ends, by whatever cause (PRES-3). */
void xmppbind_presence_end(struct xmppbind_session *session, struct xmppbind_turn *turn);
/* directed.c */
int xmppbind_presence_directed(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                               struct xmppbind_turn *turn);
/* Whether who took the address of a session shows itself to somebody, who is told no end then (CONF-8). */
int xmppbind_presence_is_succeeded(const struct xmppbind_sessions *sessions, const struct xmppbind_session *session,
                                   const char *peer, size_t length);
/* Unavailable presence to whom a session sent presence beside its contacts. */
void xmppbind_directed_end(struct xmppbind_session *session, const xmlNode *unavailable, struct xmppbind_turn *turn);
/* probe.c */
void xmppbind_probe_answer(const struct xmppbind_job *job, const struct xmppbind_letter *letter,
                           struct xmppbind_turn *turn);
/* Presence of the available sessions with the roster of a job to a contact, which it may see from now on, or no longer.
 */
void xmppbind_presence_show(const struct xmppbind_job *job, const char *contact, struct xmppbind_turn *turn);
void xmppbind_presence_hide(const struct xmppbind_job *job, const char *contact, struct xmppbind_turn *turn);
/* Whether the list of a session keeps its presence from an address. */
int xmppbind_presence_denied(const struct xmppbind_session *session, const struct xmppbind_privacy_list *list,
                             const char *peer, size_t length);
/* Another list is in force for a session: who saw its presence and may no longer, and the other way round. */
void xmppbind_presence_relist(const struct xmppbind_session *session, const struct xmppbind_privacy_list *before,
                              const struct xmppbind_privacy_list *now, struct xmppbind_turn *turn);

/* roster_query.c */
int xmppbind_roster_query(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn);
int xmppbind_roster_stored(struct xmppbind_job *job, struct xmppbind_turn *turn);
/* roster_push.c: the contact as the clients see it. */
void xmppbind_roster_push(const struct xmppbind_job *job, const struct xmppbind_roster_item *item,
                          struct xmppbind_turn *turn);
void xmppbind_roster_push_to(const struct xmppbind_session *session, const struct xmppbind_roster_item *item,
                             struct xmppbind_turn *turn);
void xmppbind_roster_write(struct xmppbind_turn *turn, xmlNode *query, const struct xmppbind_roster_item *item);
void xmppbind_roster_write_version(struct xmppbind_turn *turn, xmlNode *query, uint64_t version);
/* What is asked of the store for a new state of a contact, and what the roster gets then: XMPPBIND_FLOW_ASK or
 * XMPPBIND_ERROR_NO_MEMORY. Takes over the item. */
int xmppbind_roster_ask(struct xmppbind_job *job, struct xmppbind_roster_item *item);
/* It is stored. */
void xmppbind_roster_take(struct xmppbind_job *job);

/* subscription.c */
int xmppbind_subscription_out(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                              struct xmppbind_turn *turn);
int xmppbind_subscription_out_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                     struct xmppbind_turn *turn);
int xmppbind_subscription_in(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                             struct xmppbind_turn *turn);
int xmppbind_subscription_in_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                    struct xmppbind_turn *turn);

/* privacy_query.c */
int xmppbind_privacy_query(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn);
int xmppbind_privacy_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn);

#endif
