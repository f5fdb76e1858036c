/* Contacts as clients see them, and how what changes becomes stored and known (RFC 6121 2.1.6, 2.6.3). */
#include "job.h"

#include "roster_xml.h"

#include <inttypes.h>
#include <stdio.h>

static void write_item(struct xmppbind_turn *turn, xmlNode *element, const struct xmppbind_roster_item *item) {
    static const char *const subscriptions[] = {"none", "to", "from", "both"};
    if (item->name != NULL)
        xmppbind_turn_set(turn, element, "name", item->name->text);
    xmppbind_turn_set(turn, element, "subscription", subscriptions[item->subscription]);
    if (xmppbind_item_is(item, XMPPBIND_ROSTER_ASK))
        xmppbind_turn_set(turn, element, "ask", "subscribe");
    for (size_t i = 0; i < item->group_count; i++) {
        xmlNode *group = xmppbind_turn_child(turn, element, "group", NULL);
        xmppbind_turn_text(turn, group, item->groups[i]->text, item->groups[i]->length);
    }
}

/* What is not listed is not there, for clients. */
void xmppbind_roster_write(struct xmppbind_turn *turn, xmlNode *query, const struct xmppbind_roster_item *item) {
    xmlNode *element = xmppbind_turn_child(turn, query, "item", NULL);
    xmppbind_turn_set(turn, element, "jid", item->jid);
    if (xmppbind_item_is(item, XMPPBIND_ROSTER_LISTED))
        write_item(turn, element, item);
    else
        xmppbind_turn_set(turn, element, "subscription", "remove");
}

void xmppbind_roster_write_version(struct xmppbind_turn *turn, xmlNode *query, uint64_t version) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, version);
    xmppbind_turn_set(turn, query, "ver", text);
}

void xmppbind_roster_push_to(const struct xmppbind_session *session, const struct xmppbind_roster_item *item,
                             struct xmppbind_turn *turn) {
    xmlNode *push, *query = xmppbind_push(turn, session, XMPPBIND_NS_ROSTER, &push);
    xmppbind_roster_write_version(turn, query, item->version);
    xmppbind_roster_write(turn, query, item);
    xmppbind_turn_send(turn, session, push);
}

/* ROST-2: to each interested session that has this roster. A contact that never was in it is nobody's business. */
void xmppbind_roster_push(const struct xmppbind_job *job, const struct xmppbind_roster_item *item,
                          struct xmppbind_turn *turn) {
    const struct xmppbind_contacts *contacts = xmppbind_job_contacts(job);
    const struct xmppbind_roster_item *before =
        xmppbind_contacts_item(contacts, xmppbind_job_key(job), item->jid, item->jid_length);
    job->change.contact->item->version = job->change.result.version;
    if (!xmppbind_item_is(item, XMPPBIND_ROSTER_LISTED) && !xmppbind_item_is(before, XMPPBIND_ROSTER_LISTED))
        return;
    if (job->own_roster && job->session == NULL)
        return;
    for (const struct xmppbind_session *session = job->account->oldest; session != NULL; session = session->younger)
        if (session->kept->interested && xmppbind_session_contacts(session) == contacts)
            xmppbind_roster_push_to(session, item, turn);
}

int xmppbind_roster_ask(struct xmppbind_job *job, struct xmppbind_roster_item *item) {
    const struct xmppbind_memory *memory = &job->sessions->memory;
    struct xmppbind_contact *contact = xmppbind_contact_new(memory, item);
    if (contact == NULL || xmppbind_contacts_reserve(xmppbind_job_contacts(job), memory) != XMPPBIND_OK) {
        xmppbind_contact_free(memory, contact);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    job->change.kind = item->flags == 0 ? XMPPBIND_STORE_ROSTER_REMOVE : XMPPBIND_STORE_ROSTER_PUT;
    if (item->flags == 0)
        item->flags = XMPPBIND_ROSTER_REMOVED;
    job->change.contact = contact;
    return XMPPBIND_FLOW_ASK;
}

void xmppbind_roster_take(struct xmppbind_job *job) {
    struct xmppbind_contacts *contacts = xmppbind_job_contacts(job);
    struct xmppbind_contact *contact = job->change.contact;
    if (job->own_roster && job->session == NULL)
        return;                 /* the roster has gone with its session */
    if (contacts->version == 0) /* the first change ever: of what was before, also in a former life, nothing is known */
        contacts->floor = job->change.result.version - 1;
    contact->item->version = contacts->version = job->change.result.version;
    xmppbind_contacts_put(contacts, xmppbind_job_key(job), &job->sessions->memory, contact);
    job->change.contact = NULL;
}
