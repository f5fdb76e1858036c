/* The life of a job; its states are in job.h. */
#include "job.h"

/* Texts of a question, while it is asked. */
struct question_room {
    char owner[XMPPBIND_JID_MAXIMUM + 1], session[XMPPBIND_JID_MAXIMUM + 1];
};

static void free_result(struct xmppbind_job *job) {
    struct xmppbind_store_result *result = &job->change.result;
    for (struct xmppbind_roster_item *item; (item = result->items) != NULL;) {
        result->items = item->next;
        xmppbind_roster_item_free(item);
    }
    for (struct xmppbind_privacy_list *list; (list = result->lists) != NULL;) {
        result->lists = list->next;
        xmppbind_privacy_list_free(list);
    }
    xmppbind_memory_put(&job->sessions->store->memory, result->default_list);
    *result = (struct xmppbind_store_result){.condition = XMPPBIND_CONDITION_NONE};
}

static void forget_change(struct xmppbind_job *job) {
    const struct xmppbind_memory *memory = &job->sessions->memory;
    free_result(job);
    xmppbind_privacy_list_free(job->change.list);
    xmppbind_memory_put(memory, job->change.name);
    xmppbind_memory_put(memory, job->change.entry);
    xmppbind_contact_free(memory, job->change.contact);
    memset(&job->change, 0, sizeof job->change);
}

/* --- steps ------------------------------------------------------------------------------------------------------- */

static int read(const struct xmppbind_job *job, struct xmppbind_letter *letter) {
    return xmppbind_letter_read(job->sessions->host, job->node, job->delivered, letter);
}

/* Ends a turn: what came of it is handed over, or nothing was. */
static int end_turn(struct xmppbind_job *job, struct xmppbind_turn *turn, int flow) {
    if (flow >= 0 && turn->failed)
        flow = XMPPBIND_ERROR_NO_MEMORY;
    if (flow >= 0)
        xmppbind_turn_commit(turn);
    else
        xmppbind_turn_discard(turn);
    if (flow >= 0 && turn->given)
        job->node = NULL;
    return flow;
}

static int refuse(struct xmppbind_job *job, const struct xmppbind_letter *letter, int condition) {
    struct xmppbind_turn turn;
    xmppbind_turn_begin(&turn, job->sessions, job->box);
    return end_turn(job, &turn, job->expired ? XMPPBIND_FLOW_DONE : xmppbind_job_refuse(job, letter, condition, &turn));
}

static int begin_flow(struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    struct xmppbind_turn turn;
    xmppbind_turn_begin(&turn, job->sessions, job->box);
    int flow = XMPPBIND_FLOW_DONE;
    if (job->delivered)
        flow = xmppbind_delivery(job, letter, &turn);
    else if (job->session != NULL) /* otherwise it has ended while it waited */
        flow = xmppbind_outgoing(job, letter, &turn);
    return end_turn(job, &turn, flow);
}

static int stored(struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    struct xmppbind_turn turn;
    xmppbind_turn_begin(&turn, job->sessions, job->box);
    int flow =
        job->delivered ? xmppbind_delivery_stored(job, letter, &turn) : xmppbind_outgoing_stored(job, letter, &turn);
    return end_turn(job, &turn, flow);
}

/* The store has answered. */
static int answered(struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    int flow, condition = job->change.result.condition;
    if (condition != XMPPBIND_CONDITION_NONE) {
        flow = refuse(job, letter, condition);
    } else if (!xmppbind_load_runs(job)) {
        flow = stored(job, letter);
    } else {
        flow = xmppbind_load_take(job);
        if (flow >= 0) {
            forget_change(job);
            job->state = XMPPBIND_JOB_WAITING; /* now it can begin */
            return job->expired ? XMPPBIND_FLOW_DONE : XMPPBIND_FLOW_ASK;
        }
    }
    return flow;
}

/* One step: XMPPBIND_FLOW_ASK when there is a question or another step. */
static int step(struct xmppbind_job *job) {
    struct xmppbind_letter letter;
    int result = read(job, &letter);
    if (result != XMPPBIND_OK)
        return result;
    if (job->state == XMPPBIND_JOB_ANSWERED)
        return answered(job, &letter);
    if (xmppbind_load_wanted(job))
        return XMPPBIND_FLOW_ASK;
    return begin_flow(job, &letter);
}

/* --- the list of an account -------------------------------------------------------------------------------------- */

void xmppbind_job_finish(struct xmppbind_job *job) {
    struct xmppbind_job **place = &job->account->first_job, *before = NULL;
    while (*place != job) {
        before = *place;
        place = &before->next;
    }
    *place = job->next;
    if (job->account->last_job == job)
        job->account->last_job = before;
    job->account->deliveries -= job->delivered;
    if (job->box != NULL) {
        job->box->job = NULL;
        xmppbind_box_wake(job->box);
    }
    forget_change(job);
    xmlFreeNode(job->node);
    xmppbind_memory_put(&job->sessions->memory, job);
}

/* A stanza that goes on as it is, though it had to wait. */
static int pass(struct xmppbind_job *job) {
    struct xmppbind_turn turn;
    xmppbind_turn_begin(&turn, job->sessions, job->box);
    if (job->delivered)
        xmppbind_turn_give(&turn, NULL, job->node);
    else
        xmppbind_turn_route(&turn, xmppbind_turn_copy(&turn, job->node));
    return end_turn(job, &turn, XMPPBIND_FLOW_DONE);
}

static void run_or_wake(struct xmppbind_sessions *sessions, struct xmppbind_account *account);

/* Under no lock: the answer to the question of a job. */
static void done(struct xmppbind_store_result *result, void *user_data) {
    struct xmppbind_job *job = user_data;
    struct xmppbind_sessions *sessions = job->sessions;
    (void)xmppbind_sessions_enter(sessions); /* no store answers from inside the lock: it is asked outside */
    job->change.result = *result;
    *result = (struct xmppbind_store_result){.condition = result->condition};
    job->state = XMPPBIND_JOB_ANSWERED;
    sessions->uses--;
    if (!job->in_call) {
        struct xmppbind_account *account = job->account;
        run_or_wake(sessions, account);
        xmppbind_account_release(sessions, account);
    }
    xmppbind_sessions_leave(sessions);
}

/* What is asked; the texts are copied into `room`, for the session may end as soon as the lock is given up. */
static struct xmppbind_store_question question_of(struct xmppbind_job *job, struct question_room *room) {
    const struct xmppbind_change *change = &job->change;
    const struct xmppbind_session *session = job->session;
    const struct xmppbind_roster_item *item = change->contact == NULL ? NULL : change->contact->item;
    struct xmppbind_store_question question = {.kind = change->kind, .list = change->list};
    job->own_roster =
        session != NULL && session->kept->contacts != NULL && change->kind <= XMPPBIND_STORE_ROSTER_REMOVE;
    const char *jid = session == NULL ? "" : xmppbind_session_jid(session);
    question.session_length = session == NULL ? 0 : xmppbind_session_length(session);
    question.session = memcpy(room->session, jid, question.session_length);
    question.owner_length = job->own_roster ? question.session_length : job->account->length; /* ROST-6 */
    question.owner = memcpy(room->owner, job->own_roster ? jid : job->account->jid, question.owner_length);
    if (change->kind == XMPPBIND_STORE_ROSTER_PUT) {
        question.item = item;
    } else if (item != NULL) {
        question.name = item->jid;
        question.name_length = item->jid_length;
    } else if (change->name != NULL) {
        question.name = change->name->text;
        question.name_length = change->name->length;
    }
    return question;
}

/* The question of a job, with the lock given up: XMPPBIND_OK, or XMPPBIND_ERROR_NO_MEMORY: it was not asked. */
static int ask(struct xmppbind_job *job) {
    struct xmppbind_sessions *sessions = job->sessions;
    struct question_room room;
    const struct xmppbind_store_question question = question_of(job, &room);
    job->state = XMPPBIND_JOB_ASKED;
    job->in_call = 1;
    sessions->uses++;
    xmppbind_sessions_unlock(sessions);
    int result = xmppbind_store_ask(sessions->store, &question, done, job, &job->request);
    xmppbind_sessions_lock(sessions);
    job->in_call = 0;
    if (result == XMPPBIND_OK)
        return XMPPBIND_OK;
    sessions->uses--;
    if (result == XMPPBIND_ERROR_NO_MEMORY) {
        job->state = XMPPBIND_JOB_WAITING;
        return result;
    }
    /* Nobody answers that: there is nothing to load, and nothing can be changed. */
    job->change.result.condition =
        xmppbind_load_runs(job) ? XMPPBIND_CONDITION_NONE : XMPPBIND_CONDITION_SERVICE_UNAVAILABLE;
    job->state = XMPPBIND_JOB_ANSWERED;
    return XMPPBIND_OK;
}

static int run(struct xmppbind_account *account) {
    while (xmppbind_jobs_are_due(account)) {
        struct xmppbind_job *job = account->first_job;
        int flow = step(job);
        if (flow == XMPPBIND_FLOW_PASS)
            flow = pass(job);
        if (flow == XMPPBIND_FLOW_ASK && job->change.kind != 0)
            flow = ask(job) == XMPPBIND_OK ? XMPPBIND_FLOW_ASK : XMPPBIND_ERROR_NO_MEMORY;
        if (flow < 0) {
            account->sessions->jobs_due = 1;
            if (job->state == XMPPBIND_JOB_WAITING)
                forget_change(job); /* it is planned anew */
            return flow;
        }
        if (flow == XMPPBIND_FLOW_DONE)
            xmppbind_job_finish(job);
    }
    return XMPPBIND_OK;
}

/* What finds no memory is taken up again by whoever drains the sessions. */
static void run_or_wake(struct xmppbind_sessions *sessions, struct xmppbind_account *account) {
    if (run(account) != XMPPBIND_OK)
        sessions->to_wake = 1;
}

int xmppbind_jobs_are_due(const struct xmppbind_account *account) {
    return account->first_job != NULL && !xmppbind_job_is_asking(account->first_job);
}

int xmppbind_jobs_run(struct xmppbind_sessions *sessions, struct xmppbind_account *account) {
    int result = run(account);
    xmppbind_account_release(sessions, account);
    return result;
}

/* From the stack into the list. */
static int enqueue(const struct xmppbind_job *job) {
    struct xmppbind_account *account = job->account;
    struct xmppbind_job *queued = xmppbind_memory_get(&job->sessions->memory, sizeof *queued);
    if (queued == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    *queued = *job;
    queued->next = NULL;
    memset(&queued->change, 0, sizeof queued->change); /* it is planned anew when its turn comes */
    *(account->last_job == NULL ? &account->first_job : &account->last_job->next) = queued;
    account->last_job = queued;
    account->deliveries += job->delivered;
    if (queued->box != NULL)
        queued->box->job = queued;
    return XMPPBIND_FLOW_ASK;
}

/* Whether something that was delivered before waits for its turn; what the store is asked about is no hindrance. */
static int would_overtake(const struct xmppbind_job *job) {
    const struct xmppbind_job *first = job->account->first_job;
    return job->delivered && first != NULL &&
           job->account->deliveries > (first->delivered && xmppbind_job_is_asking(first) ? 1U : 0U);
}

/* Whether there is anything to forget: most stanzas change nothing that is stored. */
static int is_planned(const struct xmppbind_change *change) {
    return change->kind != 0 || change->list != NULL; /* a list that was read and refused */
}

int xmppbind_job_begin(struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    int flow = XMPPBIND_FLOW_ASK;
    int waits = xmppbind_load_wanted(job) || would_overtake(job) ||
                (job->account->first_job != NULL && xmppbind_job_is_change(job, letter));
    if (!waits)
        flow = begin_flow(job, letter);
    if (flow == XMPPBIND_FLOW_ASK)
        flow = enqueue(job);
    if (is_planned(&job->change))
        forget_change(job);
    if (flow == XMPPBIND_FLOW_PASS && job->delivered)
        flow = pass(job);
    if (flow == XMPPBIND_FLOW_ASK)
        run_or_wake(job->sessions, job->account);
    return flow;
}

int xmppbind_job_expire(struct xmppbind_job *job) {
    struct xmppbind_letter letter;
    int result = read(job, &letter);
    if (result == XMPPBIND_OK)
        result = refuse(job, &letter, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT);
    if (result < 0)
        return result;
    job->expired = 1;
    if (!xmppbind_job_is_asking(job)) {
        xmppbind_job_finish(job);
    } else if (job->box != NULL) {
        job->box->job = NULL;
        xmppbind_box_wake(job->box);
        job->box = NULL;
    }
    return XMPPBIND_OK;
}

void xmppbind_jobs_forget_session(const struct xmppbind_session *session) {
    for (struct xmppbind_job *job = xmppbind_session_account(session)->first_job; job != NULL; job = job->next)
        if (job->session == session)
            job->session = NULL;
}

void xmppbind_jobs_forget_box(const struct xmppbind_box *box) {
    if (box->job != NULL)
        box->job->box = NULL;
}
