/* The jobs of all accounts: those that found no memory, those whose time is over, and what becomes of them at the end.
 */
#include "job.h"

static struct xmppbind_account *account_at(const struct xmppbind_sessions *sessions, uint32_t chain) {
    return sessions->accounts.heads[chain];
}

/* Of a question that is answered at this moment on another thread, the answer still comes. */
static int cancel(struct xmppbind_job *job) {
    return !xmppbind_job_is_asking(job) ||
           (!job->in_call && job->request != 0 && xmppbind_store_cancel(job->sessions->store, job->request));
}

static void cancel_first(struct xmppbind_sessions *sessions, struct xmppbind_account *account) {
    while (account->first_job != NULL) {
        int asked = account->first_job->state == XMPPBIND_JOB_ASKED;
        if (!cancel(account->first_job))
            return;
        sessions->uses -= (uint32_t)asked;
        xmppbind_job_finish(account->first_job);
    }
    xmppbind_account_release(sessions, account);
}

void xmppbind_jobs_cancel(struct xmppbind_sessions *sessions) {
    for (uint32_t i = 0; i < sessions->accounts.size; i++) {
        struct xmppbind_account *account = account_at(sessions, i);
        while (account != NULL) {
            struct xmppbind_account *next = account->table_next;
            if (account->boxes == NULL)
                cancel_first(sessions, account);
            account = next;
        }
    }
}

static struct xmppbind_account *find_due(const struct xmppbind_sessions *sessions) {
    for (uint32_t i = 0; i < sessions->accounts.size; i++)
        for (struct xmppbind_account *account = account_at(sessions, i); account != NULL; account = account->table_next)
            if (xmppbind_jobs_are_due(account))
                return account;
    return NULL;
}

/* The lock is given up when a job asks the store, and any account may go then: the search begins anew. */
int xmppbind_sessions_retry(struct xmppbind_sessions *sessions) {
    int result = xmppbind_sessions_retry_ends(sessions);
    while (sessions->jobs_due && result == XMPPBIND_OK) {
        struct xmppbind_account *account = find_due(sessions);
        if (account != NULL)
            result = xmppbind_jobs_run(sessions, account);
        else
            sessions->jobs_due = 0;
    }
    return result;
}

/* --- time -------------------------------------------------------------------------------------------------------- */

static uint64_t start_clock(struct xmppbind_job *job, uint64_t now) {
    if (job->deadline == 0) {
        uint32_t seconds = xmppbind_host_value(job->sessions->host, XMPPBIND_OPTION_STORAGE_TIMEOUT);
        job->deadline = now + (uint64_t)seconds * 1000;
    }
    return job->expired ? XMPPBIND_NO_DEADLINE : job->deadline;
}

static int expire(struct xmppbind_job *job, uint64_t now) {
    return start_clock(job, now) > now ? XMPPBIND_OK : xmppbind_job_expire(job);
}

static int expire_account(struct xmppbind_account *account, uint64_t now) {
    int result = XMPPBIND_OK;
    for (struct xmppbind_job *job = account->first_job, *next; job != NULL && result == XMPPBIND_OK; job = next) {
        next = job->next;
        result = expire(job, now);
    }
    return result;
}

int xmppbind_sessions_expire(xmppbind_sessions *sessions, uint64_t now) {
    if (sessions == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_sessions_enter(sessions);
    if (result != XMPPBIND_OK)
        return result;
    for (uint32_t i = 0; i < sessions->accounts.size && result == XMPPBIND_OK; i++) {
        struct xmppbind_account *account = account_at(sessions, i);
        while (account != NULL && result == XMPPBIND_OK) {
            struct xmppbind_account *next = account->table_next;
            result = expire_account(account, now);
            xmppbind_account_release(sessions, account);
            account = next;
        }
    }
    xmppbind_sessions_leave(sessions);
    return result;
}

uint64_t xmppbind_sessions_next_deadline(xmppbind_sessions *sessions, uint64_t now) {
    uint64_t earliest = XMPPBIND_NO_DEADLINE;
    if (sessions == NULL || xmppbind_sessions_enter(sessions) != XMPPBIND_OK)
        return earliest;
    for (uint32_t i = 0; i < sessions->accounts.size; i++)
        for (const struct xmppbind_account *account = account_at(sessions, i); account != NULL;
             account = account->table_next)
            for (struct xmppbind_job *job = account->first_job; job != NULL; job = job->next) {
                uint64_t deadline = start_clock(job, now);
                earliest = deadline < earliest ? deadline : earliest;
            }
    xmppbind_sessions_leave(sessions);
    return earliest;
}
