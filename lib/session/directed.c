/* Directed presence (PRES-4; RFC 6121 4.6): who else saw a session, and is told when it goes. */
#include "job.h"

static struct xmppbind_directed **find(struct xmppbind_session *session, const struct xmppbind_letter_address *to) {
    struct xmppbind_directed **place = &session->directed;
    while (*place != NULL && ((*place)->length != to->length || memcmp((*place)->jid, to->jid, to->length) != 0))
        place = &(*place)->next;
    return place;
}

/* Whether the broadcast reaches an address too. */
static int is_reached(const struct xmppbind_session *session, const struct xmppbind_sessions *sessions,
                      const struct xmppbind_directed *directed) {
    const char *slash = strchr(directed->jid, '/');
    size_t bare = slash == NULL ? directed->length : (size_t)(slash - directed->jid);
    const struct xmppbind_account *account = session->account;
    if (session->presence == NULL)
        return 0;
    if (bare == account->length && memcmp(directed->jid, account->jid, bare) == 0)
        return 1;
    return xmppbind_item_receives(xmppbind_contacts_item(xmppbind_session_contacts(session),
                                                         &sessions->host->directory.key, directed->jid, bare));
}

/* Whether who took the JID of a session has sent presence to an address too (CONF-8). */
static int is_taken_over(const struct xmppbind_session *youngest, const struct xmppbind_session *session,
                         const struct xmppbind_directed *directed) {
    const struct xmppbind_directed *other = youngest == session ? NULL : youngest->directed;
    while (other != NULL && strcmp(other->jid, directed->jid) != 0)
        other = other->next;
    return other != NULL;
}

void xmppbind_directed_end(struct xmppbind_session *session, const xmlNode *unavailable, struct xmppbind_turn *turn) {
    const struct xmppbind_session *youngest = xmppbind_session_find(turn->sessions, session->jid, session->length);
    const struct xmppbind_directed *directed = session->directed;
    for (; directed != NULL && !turn->failed; directed = directed->next)
        if (!is_reached(session, turn->sessions, directed) && !is_taken_over(youngest, session, directed))
            xmppbind_turn_route_copy(turn, unavailable, directed->jid);
}

static int remember(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    const struct xmppbind_letter_address *to = &letter->to;
    struct xmppbind_session *session = job->session;
    struct xmppbind_directed **place = find(session, to);
    if (*place != NULL)
        return XMPPBIND_FLOW_PASS;
    if (session->directed_count >= xmppbind_host_value(job->sessions->host, XMPPBIND_OPTION_MAX_DIRECTED_PRESENCE))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT, turn);
    struct xmppbind_directed *made = xmppbind_memory_get(&job->sessions->memory, sizeof *made + to->length + 1);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->next = NULL;
    made->length = to->length;
    memcpy(made->jid, to->jid, to->length + 1);
    *place = made;
    session->directed_count++;
    return XMPPBIND_FLOW_PASS;
}

static void forget(struct xmppbind_job *job, const struct xmppbind_letter_address *to) {
    struct xmppbind_directed **place = find(job->session, to), *directed = *place;
    if (directed == NULL)
        return;
    *place = directed->next;
    job->session->directed_count--;
    xmppbind_memory_put(&job->sessions->memory, directed);
}

int xmppbind_presence_directed(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                               struct xmppbind_turn *turn) {
    const struct xmppbind_session *session = job->session;
    if (xmppbind_presence_denied(session, xmppbind_session_list(session), letter->to.jid, letter->to.length))
        return XMPPBIND_FLOW_DONE; /* PRIV-5: it is not sent */
    if (letter->type == XMPPBIND_LETTER_AVAILABLE)
        return remember(job, letter, turn);
    forget(job, &letter->to);
    return XMPPBIND_FLOW_PASS;
}
