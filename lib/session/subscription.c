/* Subscriptions that are asked for, approved, cancelled and refused (RFC 6121 section 3). */
#include "job.h"

#include "lib/stanza/bytes.h"
#include "privacy.h"
#include "subscription_table.h"

static struct xmppbind_roster_item *item_of(const struct xmppbind_job *job,
                                            const struct xmppbind_letter_address *peer) {
    return xmppbind_contacts_item(xmppbind_job_contacts(job), xmppbind_job_key(job), peer->bare, peer->bare_length);
}

/* A pending request is kept as it came (RFC 6121 3.1.3). */
static int keep_request(const struct xmppbind_job *job, struct xmppbind_roster_item *item) {
    char *text = NULL;
    const char *start;
    size_t length;
    int result = xmppbind_stanza_bytes(job->node, job->sessions->host, &text, &start, &length);
    if (result == XMPPBIND_OK)
        result = xmppbind_roster_item_set_stanza(item, start, length);
    xmppbind_memory_put(&job->sessions->memory, text);
    return result;
}

/* The contact in its new state; NULL without memory. */
static struct xmppbind_roster_item *changed(const struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                            const struct xmppbind_letter_address *peer, unsigned next) {
    const struct xmppbind_memory *memory = &job->sessions->memory;
    const struct xmppbind_roster_item *item = item_of(job, peer);
    int listed = xmppbind_item_is(item, XMPPBIND_ROSTER_LISTED) || (next & (unsigned)~XMPPBIND_STATE_IN) != 0;
    struct xmppbind_roster_item *made = item != NULL ? xmppbind_roster_item_copy(item, memory)
                                                     : xmppbind_roster_item_make(memory, peer->bare, peer->bare_length);
    if (made == NULL)
        return NULL;
    made->subscription = (uint8_t)(next & XMPPBIND_STATE_BOTH);
    made->flags =
        (uint8_t)((listed ? XMPPBIND_ROSTER_LISTED : 0) | (next & XMPPBIND_STATE_OUT ? XMPPBIND_ROSTER_ASK : 0) |
                  (next & XMPPBIND_STATE_IN ? XMPPBIND_ROSTER_PENDING_IN : 0));
    int result = XMPPBIND_OK;
    if ((next & XMPPBIND_STATE_IN) == 0)
        (void)xmppbind_roster_item_set_stanza(made, NULL, 0);
    else if (job->delivered && letter->type == XMPPBIND_LETTER_SUBSCRIBE)
        result = keep_request(job, made);
    if (result == XMPPBIND_OK)
        return made;
    xmppbind_roster_item_free(made);
    return NULL;
}

static const struct xmppbind_subscription_row *row_of(const struct xmppbind_job *job,
                                                      const struct xmppbind_letter *letter) {
    enum xmppbind_subscription_direction direction =
        job->delivered ? XMPPBIND_SUBSCRIPTION_INBOUND : XMPPBIND_SUBSCRIPTION_OUTBOUND;
    const struct xmppbind_letter_address *peer = job->delivered ? &letter->from : &letter->to;
    return xmppbind_subscription_row(direction, letter->type, xmppbind_subscription_state_of(item_of(job, peer)));
}

/* Whether the roster takes no more; those who ask count too, or anybody could fill the store. */
static int is_full(const struct xmppbind_job *job, const struct xmppbind_letter_address *peer) {
    const struct xmppbind_contacts *contacts = xmppbind_job_contacts(job);
    uint32_t limit = xmppbind_host_value(job->sessions->host, XMPPBIND_OPTION_MAX_ROSTER_ITEMS);
    return item_of(job, peer) == NULL && contacts->table.count - contacts->removed >= limit;
}

static void route_own(const struct xmppbind_job *job, const struct xmppbind_letter *letter,
                      const struct xmppbind_subscription_row *row, struct xmppbind_turn *turn) {
    if (row->goes)
        xmppbind_turn_route_copy(turn, job->node, letter->to.bare);
}

int xmppbind_subscription_out(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                              struct xmppbind_turn *turn) {
    if (strcmp(letter->to.bare, job->account->jid) == 0)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn);
    const struct xmppbind_subscription_row *row = row_of(job, letter);
    if (row->next == row->state) {
        route_own(job, letter, row, turn);
        return XMPPBIND_FLOW_DONE;
    }
    if (is_full(job, &letter->to))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT, turn);
    return xmppbind_roster_ask(job, changed(job, letter, &letter->to, row->next));
}

/* Who may see the account from now on, or no longer (RFC 6121 3.1.5, 3.2.2). */
static void tell_presence(const struct xmppbind_job *job, const struct xmppbind_subscription_row *row,
                          const char *contact, struct xmppbind_turn *turn) {
    int before = row->state & XMPPBIND_STATE_FROM, now = row->next & XMPPBIND_STATE_FROM;
    if (now && !before)
        xmppbind_presence_show(job, contact, turn);
    else if (before && !now)
        xmppbind_presence_hide(job, contact, turn);
}

/* RFC 6121 3.1.3: that a contact waits for an answer is no change of the roster. */
static void push(const struct xmppbind_job *job, const struct xmppbind_subscription_row *row,
                 struct xmppbind_turn *turn) {
    const struct xmppbind_roster_item *item = job->change.contact->item;
    if (((row->state ^ row->next) & ~XMPPBIND_STATE_IN) != 0 || !xmppbind_item_is(item, XMPPBIND_ROSTER_LISTED))
        xmppbind_roster_push(job, item, turn);
}

int xmppbind_subscription_out_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                     struct xmppbind_turn *turn) {
    const struct xmppbind_subscription_row *row = row_of(job, letter);
    route_own(job, letter, row, turn);
    push(job, row, turn);
    tell_presence(job, row, letter->to.bare, turn);
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_roster_take(job);
    return XMPPBIND_FLOW_DONE;
}

/* --- from contacts ----------------------------------------------------------------------------------------------- */

static int is_denied(const struct xmppbind_job *job, const struct xmppbind_letter *letter,
                     const struct xmppbind_privacy_list *list) {
    return xmppbind_privacy_denies(list, 0, letter->from.jid, letter->from.length, item_of(job, &letter->from));
}

/* RFC 6121 3.1.3: a request goes to those who are available; the others also to those who only know the roster. */
static void deliver(const struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    xmlNode *copy = xmppbind_turn_copy(turn, job->node);
    xmppbind_turn_set(turn, copy, "to", job->account->jid);
    xmppbind_turn_begin_sharing(turn);
    const struct xmppbind_session *session = job->account->oldest;
    for (; session != NULL && !turn->failed; session = session->younger) {
        int wants =
            session->kept->presence != NULL || (letter->type != XMPPBIND_LETTER_SUBSCRIBE && session->kept->interested);
        if (wants && !is_denied(job, letter, xmppbind_session_list(session)))
            xmppbind_turn_share(turn, session, copy);
    }
    xmlFreeNode(copy);
}

int xmppbind_subscription_in(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                             struct xmppbind_turn *turn) {
    const struct xmppbind_list_entry *standard = job->account->default_list;
    if (strcmp(letter->from.bare, job->account->jid) == 0 ||
        is_denied(job, letter, standard == NULL ? NULL : standard->list))
        return XMPPBIND_FLOW_DONE; /* PRIV-5 */
    const struct xmppbind_subscription_row *row = row_of(job, letter);
    if (row->next != row->state)
        return is_full(job, &letter->from) ? XMPPBIND_FLOW_DONE
                                           : xmppbind_roster_ask(job, changed(job, letter, &letter->from, row->next));
    if (letter->type == XMPPBIND_LETTER_SUBSCRIBE && (row->state & XMPPBIND_STATE_FROM) != 0) /* RFC 6121 3.1.3 */
        xmppbind_turn_route(
            turn, xmppbind_turn_stanza(turn, "presence", "subscribed", NULL, letter->from.bare, job->account->jid));
    return XMPPBIND_FLOW_DONE;
}

int xmppbind_subscription_in_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                                    struct xmppbind_turn *turn) {
    const struct xmppbind_subscription_row *row = row_of(job, letter);
    deliver(job, letter, turn); /* what changes a state goes, in all rows */
    push(job, row, turn);
    tell_presence(job, row, letter->from.bare, turn);
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_roster_take(job);
    return XMPPBIND_FLOW_DONE;
}
