/* Presence of an account's sessions for one address: probes, subscriptions that begin or end, other privacy lists. */
#include "job.h"

static void hide_session(const struct xmppbind_session *session, const char *contact, struct xmppbind_turn *turn) {
    xmppbind_turn_route(
        turn, xmppbind_turn_stanza(turn, "presence", "unavailable", NULL, contact, xmppbind_session_jid(session)));
}

static int may_see(const struct xmppbind_session *session, const char *peer) {
    return session->kept->presence != NULL &&
           !xmppbind_presence_denied(session, xmppbind_session_list(session), peer, strlen(peer));
}

/* A session with the roster that a job is about (ROST-6). */
static int is_of_roster(const struct xmppbind_session *session, const struct xmppbind_job *job) {
    return xmppbind_session_contacts(session) == xmppbind_job_contacts(job);
}

void xmppbind_presence_show(const struct xmppbind_job *job, const char *contact, struct xmppbind_turn *turn) {
    for (const struct xmppbind_session *session = job->account->oldest; session != NULL; session = session->younger)
        if (is_of_roster(session, job) && may_see(session, contact))
            xmppbind_turn_route_copy(turn, session->kept->presence, contact);
}

void xmppbind_presence_hide(const struct xmppbind_job *job, const char *contact, struct xmppbind_turn *turn) {
    for (const struct xmppbind_session *session = job->account->oldest; session != NULL; session = session->younger)
        if (is_of_roster(session, job) && may_see(session, contact))
            hide_session(session, contact, turn);
}

/* Whether somebody gets the presence of who has a roster; the account itself always does. */
static int is_subscribed(const struct xmppbind_job *job, const struct xmppbind_contacts *contacts,
                         const struct xmppbind_letter_address *from) {
    const struct xmppbind_roster_item *item =
        xmppbind_contacts_item(contacts, xmppbind_job_key(job), from->bare, from->bare_length);
    return xmppbind_item_receives(item) || strcmp(from->bare, job->account->jid) == 0;
}

/* PRES-5 */
void xmppbind_probe_answer(const struct xmppbind_job *job, const struct xmppbind_letter *letter,
                           struct xmppbind_turn *turn) {
    const struct xmppbind_account *account = job->account;
    const struct xmppbind_letter_address *to = &letter->to, *from = &letter->from;
    int full = to->length != to->bare_length, shown = 0;
    if (!is_subscribed(job, xmppbind_job_contacts(job), from)) {
        xmppbind_turn_route(turn,
                            xmppbind_turn_stanza(turn, "presence", "unsubscribed", NULL, from->bare, account->jid));
        return;
    }
    for (const struct xmppbind_session *session = account->oldest; session != NULL; session = session->younger)
        if ((!full || strcmp(xmppbind_session_jid(session), to->jid) == 0) && may_see(session, from->jid) &&
            is_subscribed(job, xmppbind_session_contacts(session), from)) {
            xmppbind_turn_route_copy(turn, session->kept->presence, from->jid);
            shown = 1;
        }
    if (!shown)
        xmppbind_turn_route(turn, xmppbind_turn_stanza(turn, "presence", "unavailable", NULL, from->jid, account->jid));
}

static void relist_for(const struct xmppbind_session *session, const struct xmppbind_privacy_list *before,
                       const struct xmppbind_privacy_list *now, const char *peer, struct xmppbind_turn *turn) {
    int denied_before = xmppbind_presence_denied(session, before, peer, strlen(peer));
    int denied_now = xmppbind_presence_denied(session, now, peer, strlen(peer));
    if (!denied_before && denied_now)
        hide_session(session, peer, turn);
    else if (denied_before && !denied_now && session->kept->presence != NULL)
        xmppbind_turn_route_copy(turn, session->kept->presence, peer);
}

void xmppbind_presence_relist(const struct xmppbind_session *session, const struct xmppbind_privacy_list *before,
                              const struct xmppbind_privacy_list *now, struct xmppbind_turn *turn) {
    if (before == now)
        return;
    const struct xmppbind_contact *contact = xmppbind_session_contacts(session)->oldest;
    for (; contact != NULL && session->kept->presence != NULL; contact = contact->newer)
        if (xmppbind_item_receives(contact->item))
            relist_for(session, before, now, contact->item->jid, turn);
    for (const struct xmppbind_directed *directed = session->kept->directed; directed != NULL;
         directed = directed->next)
        relist_for(session, before, now, directed->jid, turn);
}
