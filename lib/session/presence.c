/* The presence of a session: broadcast to contacts and to the account's other sessions (PRES-1 to PRES-3, PRES-6). */
#include "job.h"

#include "privacy.h"

int xmppbind_presence_denied(const struct xmppbind_session *session, const struct xmppbind_privacy_list *list,
                             const char *peer, size_t length) {
    const struct xmppbind_account *account = xmppbind_session_account(session);
    const char *slash = memchr(peer, '/', length);
    size_t bare = slash == NULL ? length : (size_t)(slash - peer);
    if (list == NULL || (bare == account->length && memcmp(peer, account->jid, bare) == 0)) /* PRIV-6 */
        return 0;
    const struct xmppbind_hash_key *key = &account->sessions->host->directory.key;
    const struct xmppbind_roster_item *item =
        xmppbind_contacts_item(xmppbind_session_contacts(session), key, peer, bare);
    return xmppbind_privacy_denies(list, XMPPBIND_PRIVACY_PRESENCE_OUT, peer, length, item);
}

/* Whether a contact gets the presence of a session. */
static int gets(const struct xmppbind_session *session, const struct xmppbind_roster_item *item) {
    return xmppbind_item_receives(item) &&
           !xmppbind_presence_denied(session, xmppbind_session_list(session), item->jid, item->jid_length);
}

/* Whether it is another session of the account that is available; who lost its address to this one, or took it, is no
 * other (CONF-8). */
static int is_available_other(const struct xmppbind_session *session, const struct xmppbind_session *other) {
    return other->kept->presence != NULL && strcmp(xmppbind_session_jid(other), xmppbind_session_jid(session)) != 0;
}

static void tell_contacts(const struct xmppbind_session *session, const xmlNode *presence, struct xmppbind_turn *turn) {
    const struct xmppbind_contact *contact = xmppbind_session_contacts(session)->oldest;
    for (; contact != NULL && !turn->failed; contact = contact->newer)
        if (gets(session, contact->item))
            xmppbind_turn_route_copy(turn, presence, contact->item->jid);
}

/* --- available --------------------------------------------------------------------------------------------------- */

static int is_blank(char octet) {
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/* xs:byte (RFC 6121 4.7.2.3), with white space around it. */
static int parse_priority(const char *text, int *priority) {
    int value = 0, digits = 0, negative;
    while (is_blank(*text))
        text++;
    negative = *text == '-';
    text += *text == '-' || *text == '+';
    for (; *text >= '0' && *text <= '9' && value < 1000; text++, digits++)
        value = value * 10 + (*text - '0');
    while (is_blank(*text))
        text++;
    *priority = negative ? -value : value;
    return digits > 0 && *text == '\0' && *priority >= INT8_MIN && *priority <= INT8_MAX;
}

/* PRES-7: XMPPBIND_OK, XMPPBIND_ERROR_INVALID_ARGUMENT or XMPPBIND_ERROR_NO_MEMORY. */
static int read_priority(const xmlNode *presence, int *priority) {
    const xmlNode *child = presence->children;
    *priority = 0;
    while (child != NULL && (child->type != XML_ELEMENT_NODE || !xmppbind_letter_shares_space(child, presence) ||
                             strcmp((const char *)child->name, "priority") != 0))
        child = child->next;
    if (child == NULL)
        return XMPPBIND_OK;
    xmlChar *text = xmlNodeGetContent((xmlNode *)(uintptr_t)child);
    if (text == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    int valid = parse_priority((const char *)text, priority);
    xmlFree(text);
    return valid ? XMPPBIND_OK : XMPPBIND_ERROR_INVALID_ARGUMENT;
}

static void probe_contacts(const struct xmppbind_session *session, struct xmppbind_turn *turn) {
    const struct xmppbind_contact *contact = xmppbind_session_contacts(session)->oldest;
    for (; contact != NULL && !turn->failed; contact = contact->newer)
        if (xmppbind_item_sends(contact->item))
            xmppbind_turn_route(turn, xmppbind_turn_stanza(turn, "presence", "probe", NULL, contact->item->jid,
                                                           xmppbind_session_jid(session)));
}

/* SUB-2, PRIV-5 */
static void show_requests(const struct xmppbind_session *session, struct xmppbind_turn *turn) {
    const struct xmppbind_contact *contact = xmppbind_session_contacts(session)->oldest;
    for (; contact != NULL && !turn->failed; contact = contact->newer) {
        const struct xmppbind_roster_item *item = contact->item;
        if (!xmppbind_item_is(item, XMPPBIND_ROSTER_PENDING_IN) ||
            xmppbind_privacy_denies(xmppbind_session_list(session), 0, item->jid, item->jid_length, item))
            continue;
        xmppbind_turn_send(turn, session,
                           item->stanza != NULL
                               ? xmppbind_turn_parse(turn, item->stanza)
                               : xmppbind_turn_stanza(turn, "presence", "subscribe", NULL,
                                                      xmppbind_session_account(session)->jid, item->jid));
    }
}

/* PRES-1: what becomes known to a session that was not there before. */
static void catch_up(const struct xmppbind_session *session, struct xmppbind_turn *turn) {
    probe_contacts(session, turn);
    for (const struct xmppbind_session *other = xmppbind_session_account(session)->oldest; other != NULL;
         other = other->younger)
        if (is_available_other(session, other))
            xmppbind_turn_send_copy(turn, session, other->kept->presence, xmppbind_session_jid(session));
    show_requests(session, turn);
}

int xmppbind_presence_available(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                struct xmppbind_turn *turn) {
    struct xmppbind_session *session = job->session;
    int priority, valid = read_priority(job->node, &priority);
    if (valid == XMPPBIND_ERROR_INVALID_ARGUMENT)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn);
    turn->failed |= valid != XMPPBIND_OK;
    tell_contacts(session, job->node, turn);
    for (const struct xmppbind_session *other = job->account->oldest; other != NULL; other = other->younger)
        if (other == session || is_available_other(session, other))
            xmppbind_turn_send_copy(turn, other, job->node, xmppbind_session_jid(other));
    if (session->kept->presence == NULL)
        catch_up(session, turn);
    xmlNode *copy = xmppbind_turn_copy(turn, job->node);
    struct xmppbind_kept *kept = turn->failed ? NULL : xmppbind_session_keep(session);
    if (kept == NULL) {
        xmlFreeNode(copy);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    if (kept->presence != NULL)
        xmlFreeNode(kept->presence);
    kept->presence = copy;
    kept->priority = (int16_t)priority;
    return XMPPBIND_FLOW_DONE;
}

/* --- unavailable ------------------------------------------------------------------------------------------------- */

static void tell_contacts_end(const struct xmppbind_session *session, const xmlNode *presence,
                              struct xmppbind_turn *turn) {
    const struct xmppbind_contact *contact = xmppbind_session_contacts(session)->oldest;
    for (; contact != NULL && !turn->failed; contact = contact->newer) {
        const struct xmppbind_roster_item *item = contact->item;
        if (gets(session, item) &&
            !xmppbind_presence_is_succeeded(turn->sessions, session, item->jid, item->jid_length))
            xmppbind_turn_route_copy(turn, presence, item->jid);
    }
}

/* PRES-3, with the stanza of the client or, when it sent none, one that is made here. */
static void tell_unavailable(struct xmppbind_session *session, const xmlNode *presence, struct xmppbind_turn *turn) {
    if (session->kept->presence != NULL) {
        tell_contacts_end(session, presence, turn);
        for (const struct xmppbind_session *other = xmppbind_session_account(session)->oldest; other != NULL;
             other = other->younger)
            if (is_available_other(session, other) &&
                !xmppbind_presence_is_succeeded(turn->sessions, session, xmppbind_session_jid(other),
                                                xmppbind_session_length(other)))
                xmppbind_turn_send_copy(turn, other, presence, xmppbind_session_jid(other));
    }
    xmppbind_directed_end(session, presence, turn);
}

void xmppbind_presence_end(struct xmppbind_session *session, struct xmppbind_turn *turn) {
    if (session->kept->presence == NULL && session->kept->directed == NULL)
        return;
    const char *account = xmppbind_session_account(session)->jid;
    xmlNode *made = xmppbind_turn_stanza(turn, "presence", "unavailable", NULL, account, xmppbind_session_jid(session));
    tell_unavailable(session, made, turn);
    xmlFreeNode(made);
}

int xmppbind_presence_unavailable(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                  struct xmppbind_turn *turn) {
    struct xmppbind_session *session = job->session;
    tell_unavailable(session, letter->node, turn);
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    struct xmppbind_kept *kept = xmppbind_session_kept(session);
    if (kept->presence != NULL) {
        xmlFreeNode(kept->presence);
        kept->presence = NULL;
        kept->priority = 0;
    }
    xmppbind_session_forget_directed(job->sessions, kept);
    return XMPPBIND_FLOW_DONE;
}
