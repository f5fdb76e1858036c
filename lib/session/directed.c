/* Directed presence (PRES-4; RFC 6121 4.6): who else saw a session, and is told when it goes. */
#include "job.h"

static struct xmppbind_directed **find(const struct xmppbind_session *session, const char *jid, size_t length) {
    struct xmppbind_directed **place = &xmppbind_session_kept(session)->directed;
    while (*place != NULL && ((*place)->length != length || memcmp((*place)->jid, jid, length) != 0))
        place = &(*place)->next;
    return place;
}

/* Whether the broadcast of a session reaches an address too. That to a contact goes to its bare JID: which of its
 * resources are available, and get it, is not known here. */
static int is_reached(const struct xmppbind_session *session, const struct xmppbind_sessions *sessions,
                      const char *peer, size_t length) {
    const char *slash = memchr(peer, '/', length);
    size_t bare = slash == NULL ? length : (size_t)(slash - peer);
    const struct xmppbind_account *account = xmppbind_session_account(session);
    if (session->kept->presence == NULL)
        return 0;
    if (bare == account->length && memcmp(peer, account->jid, bare) == 0) {
        const struct xmppbind_session *other = slash == NULL ? NULL : xmppbind_session_find(sessions, peer, length);
        return slash == NULL || (other != NULL && other->kept->presence != NULL);
    }
    return slash == NULL && xmppbind_item_receives(xmppbind_contacts_item(
                                xmppbind_session_contacts(session), &sessions->host->directory.key, peer, length));
}

int xmppbind_presence_is_succeeded(const struct xmppbind_sessions *sessions, const struct xmppbind_session *session,
                                   const char *peer, size_t length) {
    struct xmppbind_session *youngest =
        xmppbind_session_find(sessions, xmppbind_session_jid(session), xmppbind_session_length(session));
    return youngest != session &&
           (is_reached(youngest, sessions, peer, length) || *find(youngest, peer, length) != NULL);
}

void xmppbind_directed_end(struct xmppbind_session *session, const xmlNode *unavailable, struct xmppbind_turn *turn) {
    const struct xmppbind_directed *directed = session->kept->directed;
    for (; directed != NULL && !turn->failed; directed = directed->next)
        if (!is_reached(session, turn->sessions, directed->jid, directed->length) &&
            !xmppbind_presence_is_succeeded(turn->sessions, session, directed->jid, directed->length))
            xmppbind_turn_route_copy(turn, unavailable, directed->jid);
}

static int remember(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    const struct xmppbind_letter_address *to = &letter->to;
    struct xmppbind_kept *kept = xmppbind_session_keep(job->session);
    if (kept == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    struct xmppbind_directed **place = find(job->session, to->jid, to->length);
    if (*place != NULL)
        return XMPPBIND_FLOW_PASS;
    if (kept->directed_count >= xmppbind_host_value(job->sessions->host, XMPPBIND_OPTION_MAX_DIRECTED_PRESENCE))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT, turn);
    struct xmppbind_directed *made = xmppbind_memory_get(&job->sessions->memory, sizeof *made + to->length + 1);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->next = NULL;
    made->length = to->length;
    memcpy(made->jid, to->jid, to->length + 1);
    *place = made;
    kept->directed_count++;
    return XMPPBIND_FLOW_PASS;
}

static void forget(struct xmppbind_job *job, const struct xmppbind_letter_address *to) {
    struct xmppbind_directed **place = find(job->session, to->jid, to->length), *directed = *place;
    if (directed == NULL)
        return;
    *place = directed->next;
    xmppbind_session_kept(job->session)->directed_count--;
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
