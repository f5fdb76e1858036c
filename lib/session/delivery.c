/* What arrives for an account: which flow it is (RFC 6121 section 8.5; DLV-1 to DLV-3, PRIV-5). */
#include "job.h"

#include "privacy.h"
#include "roster_xml.h"

/* PRIV-6: what comes from the account itself is not asked about. */
static int is_denied(const struct xmppbind_job *job, const struct xmppbind_letter *letter,
                     const struct xmppbind_privacy_list *list, uint32_t kind) {
    const struct xmppbind_letter_address *from = &letter->from;
    if (list == NULL || strcmp(from->bare, job->account->jid) == 0)
        return 0;
    const struct xmppbind_roster_item *item =
        xmppbind_contacts_item(xmppbind_job_contacts(job), xmppbind_job_key(job), from->bare, from->bare_length);
    return xmppbind_privacy_denies(list, kind, from->jid, from->length, item);
}

static int is_denied_by_default(const struct xmppbind_job *job, const struct xmppbind_letter *letter, uint32_t kind) {
    const struct xmppbind_list_entry *standard = job->account->default_list;
    return is_denied(job, letter, standard == NULL ? NULL : standard->list, kind);
}

/* The session that has the full JID of 'to', or NULL. */
static const struct xmppbind_session *addressee(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    const struct xmppbind_letter_address *to = &letter->to;
    if (to->length == to->bare_length)
        return NULL;
    const struct xmppbind_session *session = xmppbind_session_find_of(job->account, to->jid, to->length);
    return session == NULL || session->box == NULL ? NULL : session;
}

/* --- messages ---------------------------------------------------------------------------------------------------- */

/* Nobody is there who takes it (RFC 6121 8.5.2.2.1). */
static int message_to_nobody(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                             struct xmppbind_turn *turn) {
    (void)turn;
    if (letter->type == XMPPBIND_LETTER_HEADLINE || is_denied_by_default(job, letter, XMPPBIND_PRIVACY_MESSAGE))
        return XMPPBIND_FLOW_DONE;
    return XMPPBIND_FLOW_PASS; /* DLV-3 */
}

/* DLV-2: normal and chat messages go to the most available, headlines to all. */
static int message_to_account(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                              struct xmppbind_turn *turn) {
    const struct xmppbind_session *session;
    int most = -1, least;
    if (letter->type == XMPPBIND_LETTER_ERROR)
        return XMPPBIND_FLOW_DONE;
    if (letter->type == XMPPBIND_LETTER_GROUPCHAT)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_SERVICE_UNAVAILABLE, turn);
    for (session = job->account->oldest; session != NULL; session = session->younger)
        if (session->kept->presence != NULL && session->kept->priority > most)
            most = session->kept->priority;
    if (most < 0)
        return message_to_nobody(job, letter, turn);
    least = letter->type == XMPPBIND_LETTER_HEADLINE ? 0 : most;
    xmppbind_turn_begin_sharing(turn);
    for (session = job->account->oldest; session != NULL; session = session->younger)
        if (session->kept->presence != NULL && session->kept->priority >= least &&
            !is_denied(job, letter, xmppbind_session_list(session), XMPPBIND_PRIVACY_MESSAGE))
            xmppbind_turn_share(turn, session, job->node);
    return XMPPBIND_FLOW_DONE;
}

static int message(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    const struct xmppbind_session *session = addressee(job, letter);
    if (session != NULL) {
        if (!is_denied(job, letter, xmppbind_session_list(session), XMPPBIND_PRIVACY_MESSAGE))
            xmppbind_turn_give(turn, session, job->node);
        return XMPPBIND_FLOW_DONE;
    }
    /* RFC 6121 8.5.3.2.1: only a chat that was begun with a resource goes on with the others. */
    int full = letter->to.length != letter->to.bare_length;
    if (!full || letter->type == XMPPBIND_LETTER_CHAT)
        return message_to_account(job, letter, turn);
    return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_SERVICE_UNAVAILABLE, turn);
}

/* --- IQs --------------------------------------------------------------------------------------------------------- */

static int iq_to_account(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    int foreign = strcmp(letter->from.bare, job->account->jid) != 0;
    int private = xmppbind_letter_child(job->node, "query", XMPPBIND_NS_ROSTER) != NULL ||
                  xmppbind_letter_child(job->node, "query", XMPPBIND_NS_PRIVACY) != NULL;
    if (is_denied_by_default(job, letter, XMPPBIND_PRIVACY_IQ))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_SERVICE_UNAVAILABLE, turn);
    if (foreign && private && xmppbind_letter_asks(letter)) /* ROST-3 */
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_FORBIDDEN, turn);
    return XMPPBIND_FLOW_PASS;
}

static int iq(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    const struct xmppbind_session *session = addressee(job, letter);
    if (letter->to.length == letter->to.bare_length)
        return iq_to_account(job, letter, turn);
    if (session == NULL || is_denied(job, letter, xmppbind_session_list(session), XMPPBIND_PRIVACY_IQ))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_SERVICE_UNAVAILABLE, turn);
    xmppbind_turn_give(turn, session, job->node);
    return XMPPBIND_FLOW_DONE;
}

/* --- presence ---------------------------------------------------------------------------------------------------- */

static void presence_to_account(const struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                struct xmppbind_turn *turn) {
    xmppbind_turn_begin_sharing(turn);
    for (const struct xmppbind_session *session = job->account->oldest; session != NULL; session = session->younger)
        if (session->kept->presence != NULL &&
            !is_denied(job, letter, xmppbind_session_list(session), XMPPBIND_PRIVACY_PRESENCE_IN))
            xmppbind_turn_share(turn, session, job->node);
}

static int notification(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    const struct xmppbind_session *session = addressee(job, letter);
    uint32_t kind = letter->type == XMPPBIND_LETTER_ERROR ? 0 : XMPPBIND_PRIVACY_PRESENCE_IN;
    if (session != NULL && !is_denied(job, letter, xmppbind_session_list(session), kind))
        xmppbind_turn_give(turn, session, job->node);
    else if (letter->to.length == letter->to.bare_length && letter->type != XMPPBIND_LETTER_ERROR)
        presence_to_account(job, letter, turn);
    return XMPPBIND_FLOW_DONE; /* of a resource that is gone, it vanishes (DLV-1) */
}

static int presence(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    switch (letter->type) {
    case XMPPBIND_LETTER_AVAILABLE:
    case XMPPBIND_LETTER_UNAVAILABLE:
    case XMPPBIND_LETTER_ERROR:
        return notification(job, letter, turn);
    case XMPPBIND_LETTER_PROBE:
        if (!is_denied_by_default(job, letter, 0))
            xmppbind_probe_answer(job, letter, turn);
        return XMPPBIND_FLOW_DONE;
    case XMPPBIND_LETTER_SUBSCRIBE:
        return xmppbind_subscription_in(job, letter, turn);
    case XMPPBIND_LETTER_SUBSCRIBED:
    case XMPPBIND_LETTER_UNSUBSCRIBE:
    case XMPPBIND_LETTER_UNSUBSCRIBED: /* RFC 6121 8.5.3.2.2: to a resource that is not there, they are ignored */
        if (letter->to.length != letter->to.bare_length && addressee(job, letter) == NULL)
            return XMPPBIND_FLOW_DONE;
        return xmppbind_subscription_in(job, letter, turn);
    default:
        return XMPPBIND_FLOW_DONE; /* no presence that is known */
    }
}

int xmppbind_delivery(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    switch (letter->element) {
    case XMPPBIND_ELEMENT_MESSAGE:
        return message(job, letter, turn);
    case XMPPBIND_ELEMENT_IQ:
        return iq(job, letter, turn);
    default:
        return presence(job, letter, turn);
    }
}

int xmppbind_delivery_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                             struct xmppbind_turn *turn) {
    return xmppbind_subscription_in_stored(job, letter, turn);
}
