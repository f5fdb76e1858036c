/* The one way in for what is not from a client of the account (RFC 6121 section 8). */
#include "job.h"

#include "lib/stanza/namespaces.h"
#include "lib/stanza/parse.h"

/* RFC 6121 8.5.1 */
static int deliver_to_nobody(struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    struct xmppbind_turn turn;
    xmppbind_turn_begin(&turn, job->sessions, NULL);
    if (letter->type != XMPPBIND_LETTER_GROUPCHAT)
        (void)xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_SERVICE_UNAVAILABLE, &turn);
    if (turn.failed)
        xmppbind_turn_discard(&turn);
    else
        xmppbind_turn_commit(&turn);
    return xmppbind_turn_result(&turn);
}

/* What waits for the store counts by itself; what is for one session has to do with its stream only. */
static int is_full(const struct xmppbind_account *account, const struct xmppbind_letter_address *to) {
    const struct xmppbind_box *box = account->boxes;
    uint32_t limit = xmppbind_host_value(account->sessions->host, XMPPBIND_OPTION_MAX_QUEUED_EVENTS);
    if (account->deliveries >= limit)
        return 1;
    while (box != NULL && box->mail_count < limit)
        box = box->next;
    if (box == NULL) /* as a rule: none is full, whosever it is */
        return 0;
    const struct xmppbind_session *session =
        to->length == to->bare_length ? NULL : xmppbind_session_find_of(account, to->jid, to->length);
    return session == NULL || session->box == NULL || session->box->mail_count >= limit;
}

/* ROST-6: where each resource has a roster, a stanza is about that of the oldest session that knows its sender, or of
 * the oldest. */
static struct xmppbind_session *roster_owner(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    struct xmppbind_session *session = job->account->oldest;
    const struct xmppbind_letter_address *from = &letter->from;
    if (session == NULL || session->kept->contacts == NULL)
        return NULL;
    while (session != NULL && xmppbind_contacts_item(session->kept->contacts, xmppbind_job_key(job), from->bare,
                                                     from->bare_length) == NULL)
        session = session->younger;
    return session != NULL ? session : job->account->oldest;
}

static int deliver_to_account(struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    job->account = xmppbind_account_get(job->sessions, letter->to.bare, letter->to.bare_length);
    if (job->account == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    job->session = roster_owner(job, letter);
    struct xmppbind_account *account = job->account;
    int result = is_full(account, &letter->to) ? XMPPBIND_ERROR_QUEUE_FULL : xmppbind_job_begin(job, letter);
    if (result == XMPPBIND_FLOW_ASK) {
        job->node = NULL; /* it is among the jobs */
        result = XMPPBIND_OK;
    }
    xmppbind_account_release(job->sessions, account);
    return result;
}

/* `node` is taken on XMPPBIND_OK. */
static int deliver(struct xmppbind_sessions *sessions, xmlNode *node, const struct xmppbind_letter *letter,
                   int exists) {
    struct xmppbind_job job = {.sessions = sessions, .node = node, .delivered = 1};
    int result = xmppbind_sessions_enter(sessions);
    if (result != XMPPBIND_OK)
        return result;
    result = exists ? deliver_to_account(&job, letter) : deliver_to_nobody(&job, letter);
    xmppbind_sessions_leave(sessions);
    if (result == XMPPBIND_OK)
        xmlFreeNode(job.node);
    return result;
}

/* A stanza that stands in a tree of the host is copied: whatever happens, the tree is as it was. */
static int deliver_copy(struct xmppbind_sessions *sessions, xmlNode *stanza, const struct xmppbind_letter *letter,
                        int exists) {
    struct xmppbind_turn turn;
    xmppbind_turn_begin(&turn, sessions, NULL);
    xmlNode *copy = xmppbind_namespaces_own(stanza) == XMPPBIND_OK ? xmppbind_turn_copy(&turn, stanza) : NULL;
    if (copy == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    int result = deliver(sessions, copy, letter, exists);
    if (result != XMPPBIND_OK) {
        xmlFreeNode(copy);
        return result;
    }
    xmlUnlinkNode(stanza);
    xmlFreeNode(stanza);
    return XMPPBIND_OK;
}

int xmppbind_sessions_deliver(xmppbind_sessions *sessions, xmlNode *stanza) {
    struct xmppbind_letter letter;
    if (sessions == NULL || stanza == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_letter_read(sessions->host, stanza, 1, &letter);
    if (result != XMPPBIND_OK)
        return result;
    if (letter.to.result != XMPPBIND_OK || letter.from.result != XMPPBIND_OK)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int exists = sessions->account_exists == NULL ||
                 sessions->account_exists(letter.to.bare, letter.to.bare_length, sessions->account_data) != 0;
    return stanza->parent == NULL ? deliver(sessions, stanza, &letter, exists)
                                  : deliver_copy(sessions, stanza, &letter, exists);
}

int xmppbind_sessions_deliver_bytes(xmppbind_sessions *sessions, const char *text, size_t length) {
    xmlNode *element = NULL;
    if (sessions == NULL || text == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (length > xmppbind_host_value(sessions->host, XMPPBIND_OPTION_MAX_STANZA_BYTES))
        return XMPPBIND_ERROR_TOO_LARGE;
    int result = xmppbind_parse(text, length, &element);
    if (result != XMPPBIND_OK)
        return result;
    result = xmppbind_sessions_deliver(sessions, element);
    if (result != XMPPBIND_OK)
        xmlFreeNode(element);
    return result;
}
