/* What the clients of an account send: which flow it is. */
#include "job.h"

#include "lib/stanza/draft.h"
#include "privacy.h"
#include "roster_xml.h"

static int has_query(const struct xmppbind_letter *letter, const char *space) {
    return xmppbind_letter_child(letter->node, "query", space) != NULL;
}

int xmppbind_job_is_change(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    if (letter->element == XMPPBIND_ELEMENT_PRESENCE)
        return xmppbind_letter_is_subscription(letter);
    return !job->delivered && letter->type == XMPPBIND_LETTER_SET && xmppbind_job_is_own(job, letter) &&
           (has_query(letter, XMPPBIND_NS_ROSTER) || has_query(letter, XMPPBIND_NS_PRIVACY));
}

/* PRIV-5, PRIV-6: whether the list of the session keeps back what it sends. */
static int is_denied(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    const struct xmppbind_letter_address *to = &letter->to;
    if (!to->given || strcmp(to->bare, job->account->jid) == 0)
        return 0;
    const struct xmppbind_roster_item *item =
        xmppbind_contacts_item(xmppbind_job_contacts(job), xmppbind_job_key(job), to->bare, to->bare_length);
    return xmppbind_privacy_denies(xmppbind_session_list(job->session), 0, to->jid, to->length, item);
}

static int own_request(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    if (!xmppbind_letter_asks(letter)) /* ROST-4 */
        return letter->type == XMPPBIND_LETTER_OTHER
                   ? xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn)
                   : XMPPBIND_FLOW_DONE;
    if (has_query(letter, XMPPBIND_NS_ROSTER))
        return xmppbind_roster_query(job, letter, turn);
    if (has_query(letter, XMPPBIND_NS_PRIVACY))
        return xmppbind_privacy_query(job, letter, turn);
    return XMPPBIND_FLOW_PASS; /* the host's to answer */
}

static int presence_of_own(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    switch (letter->type) {
    case XMPPBIND_LETTER_AVAILABLE:
        return xmppbind_presence_available(job, letter, turn);
    case XMPPBIND_LETTER_UNAVAILABLE:
        return xmppbind_presence_unavailable(job, letter, turn);
    default: /* nobody is addressed */
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn);
    }
}

static int presence(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    if (letter->type == XMPPBIND_LETTER_OTHER) /* PRES-7 */
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn);
    if (!letter->to.given)
        return presence_of_own(job, letter, turn);
    if (letter->type == XMPPBIND_LETTER_AVAILABLE || letter->type == XMPPBIND_LETTER_UNAVAILABLE)
        return xmppbind_presence_directed(job, letter, turn);
    if (is_denied(job, letter))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_NOT_ACCEPTABLE, turn);
    return xmppbind_letter_is_subscription(letter) ? xmppbind_subscription_out(job, letter, turn) : XMPPBIND_FLOW_PASS;
}

/* RFC 6120 8.1.1.1: what has no 'to' is for the account of its sender. */
static int address_message(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    if (letter->to.given)
        return XMPPBIND_FLOW_PASS;
    int result = xmppbind_set_attribute(job->node, NULL, "to", job->account->jid);
    return result == XMPPBIND_OK ? XMPPBIND_FLOW_PASS : result;
}

int xmppbind_outgoing(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    if (letter->to.given && letter->to.result != XMPPBIND_OK)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_JID_MALFORMED, turn);
    if (letter->element == XMPPBIND_ELEMENT_PRESENCE)
        return presence(job, letter, turn);
    if (letter->element == XMPPBIND_ELEMENT_IQ && xmppbind_job_is_own(job, letter))
        return own_request(job, letter, turn);
    if (is_denied(job, letter))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_NOT_ACCEPTABLE, turn);
    return letter->element == XMPPBIND_ELEMENT_MESSAGE ? address_message(job, letter) : XMPPBIND_FLOW_PASS;
}

int xmppbind_outgoing_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                             struct xmppbind_turn *turn) {
    if (letter->element == XMPPBIND_ELEMENT_PRESENCE)
        return xmppbind_subscription_out_stored(job, letter, turn);
    return job->change.kind <= XMPPBIND_STORE_ROSTER_REMOVE ? xmppbind_roster_stored(job, turn)
                                                            : xmppbind_privacy_stored(job, letter, turn);
}
