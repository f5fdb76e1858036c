/* Answers to the sessions of an account: results, refusals, pushes (SESS-4). */
#include "job.h"

#include "lib/stanza/draft.h"

/* An IQ of the client to its own account, which answers as a server does. */
static int is_own_request(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    return !job->delivered && letter->element == XMPPBIND_ELEMENT_IQ && xmppbind_job_is_own(job, letter);
}

static xmlNode *answer(const struct xmppbind_job *job, struct xmppbind_turn *turn, const char *type) {
    struct xmppbind_value id;
    if (xmppbind_value_read(xmppbind_draft_find(job->node, "id"), &id) != XMPPBIND_OK)
        turn->failed = 1;
    const char *text = id.length == 0 ? NULL : id.text;
    xmlNode *made = xmppbind_turn_stanza(turn, "iq", type, text, xmppbind_session_jid(job->session), NULL);
    xmppbind_value_free(&id);
    return made;
}

xmlNode *xmppbind_job_result(const struct xmppbind_job *job, struct xmppbind_turn *turn) {
    return answer(job, turn, "result");
}

/* RFC 6120 8.3.1: an answer is never answered, nor is presence from elsewhere. */
static int is_answerable(const struct xmppbind_job *job, const struct xmppbind_letter *letter) {
    if (!job->delivered)
        return job->session != NULL && xmppbind_letter_is_answerable(letter);
    return letter->element != XMPPBIND_ELEMENT_PRESENCE && letter->type != XMPPBIND_LETTER_HEADLINE &&
           xmppbind_letter_is_answerable(letter);
}

int xmppbind_job_refuse(const struct xmppbind_job *job, const struct xmppbind_letter *letter, int condition,
                        struct xmppbind_turn *turn) {
    if (!is_answerable(job, letter))
        return XMPPBIND_FLOW_DONE;
    if (is_own_request(job, letter)) {
        xmlNode *error = answer(job, turn, "error");
        xmppbind_turn_error(turn, error, condition);
        xmppbind_turn_send(turn, job->session, error);
        return XMPPBIND_FLOW_DONE;
    }
    xmlNode *returned = xmppbind_turn_return(turn, job->node, condition);
    if (job->delivered) {
        xmppbind_turn_route(turn, returned);
        return XMPPBIND_FLOW_DONE;
    }
    xmppbind_turn_set(turn, returned, "to",
                      xmppbind_session_jid(job->session)); /* of a subscription, 'from' is the bare JID */
    xmppbind_turn_send(turn, job->session, returned);
    return XMPPBIND_FLOW_DONE;
}

xmlNode *xmppbind_push(struct xmppbind_turn *turn, const struct xmppbind_session *session, const char *space,
                       xmlNode **push) {
    char id[32];
    *push = xmppbind_turn_stanza(turn, "iq", "set", xmppbind_turn_push_id(turn, id, sizeof id),
                                 xmppbind_session_jid(session), NULL);
    return xmppbind_turn_child(turn, *push, "query", space);
}
