/* What clients ask of their roster (RFC 6121 section 2): ROST-1 to ROST-3, ROST-5. */
#include "job.h"

#include "lib/binding/preparation.h"
#include "lib/stanza/draft.h"
#include "roster_xml.h"

enum { TEXT_MAXIMUM = 1023 /* octets of a name or a group, as of the part of an address */ };

/* --- get --------------------------------------------------------------------------------------------------------- */

/* Whether a text is a version of this roster since which all changes are known (RFC 6121 2.6.3). Version 0 is that of
 * the empty roster, before the first change: of what was removed since, whoever knows it knows nothing. */
static int is_known_version(const struct xmppbind_contacts *contacts, const char *text, uint64_t *version) {
    enum { DIGITS = 19 /* that do not overflow */ };
    size_t length = strspn(text, "0123456789");
    *version = 0;
    if (length == 0 || length > DIGITS || text[length] != '\0')
        return 0;
    for (size_t i = 0; i < length; i++)
        *version = *version * 10 + (uint64_t)(text[i] - '0');
    return *version == 0 || (*version >= contacts->floor && *version <= contacts->version);
}

static void send_changes(const struct xmppbind_job *job, uint64_t since, struct xmppbind_turn *turn) {
    const struct xmppbind_contact *contact = xmppbind_job_contacts(job)->oldest;
    xmppbind_turn_send(turn, job->session, xmppbind_job_result(job, turn));
    for (; contact != NULL && !turn->failed; contact = contact->newer)
        if (contact->item->version > since)
            xmppbind_roster_push_to(job->session, contact->item, turn);
}

static void send_all(const struct xmppbind_job *job, int versioned, struct xmppbind_turn *turn) {
    const struct xmppbind_contacts *contacts = xmppbind_job_contacts(job);
    xmlNode *result = xmppbind_job_result(job, turn);
    xmlNode *query = xmppbind_turn_child(turn, result, "query", XMPPBIND_NS_ROSTER);
    if (versioned)
        xmppbind_roster_write_version(turn, query, contacts->version);
    for (const struct xmppbind_contact *contact = contacts->oldest; contact != NULL && !turn->failed;
         contact = contact->newer)
        if (xmppbind_item_is(contact->item, XMPPBIND_ROSTER_LISTED))
            xmppbind_roster_write(turn, query, contact->item);
    xmppbind_turn_send(turn, job->session, result);
}

static int get(struct xmppbind_job *job, const xmlNode *query, struct xmppbind_turn *turn) {
    struct xmppbind_value ver;
    uint64_t since;
    turn->failed |= xmppbind_value_read(xmppbind_draft_find(query, "ver"), &ver) != XMPPBIND_OK;
    if (ver.text != NULL && is_known_version(xmppbind_job_contacts(job), ver.text, &since))
        send_changes(job, since, turn);
    else
        send_all(job, ver.text != NULL, turn);
    xmppbind_value_free(&ver);
    struct xmppbind_kept *kept = xmppbind_session_keep(job->session);
    turn->failed |= kept == NULL;
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    kept->interested = 1;
    return XMPPBIND_FLOW_DONE;
}

/* --- set --------------------------------------------------------------------------------------------------------- */

/* A contact as a client wants it. */
struct wish {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length;
    struct xmppbind_value name, subscription;
    int condition; /* or none: why it is refused */
};

static int refuse(struct wish *wish, int condition) {
    wish->condition = condition;
    return XMPPBIND_OK;
}

static int read_jid(const struct xmppbind_job *job, const xmlNode *item, struct wish *wish) {
    struct xmppbind_value value;
    size_t bare;
    int result = xmppbind_value_read(xmppbind_draft_find(item, "jid"), &value);
    if (result == XMPPBIND_OK)
        result = value.text == NULL ? XMPPBIND_ERROR_ADDRESS_EMPTY
                                    : xmppbind_preparation_jid(job->sessions->host, value.text, value.length, wish->jid,
                                                               sizeof wish->jid, &wish->length, &bare);
    xmppbind_value_free(&value);
    return result == XMPPBIND_OK || result == XMPPBIND_ERROR_NO_MEMORY ? result
                                                                       : refuse(wish, XMPPBIND_CONDITION_BAD_REQUEST);
}

static int add_group(const xmlNode *group, struct xmppbind_roster_item *made, struct wish *wish) {
    xmlChar *text = xmlNodeGetContent((xmlNode *)(uintptr_t)group);
    if (text == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    size_t length = strlen((const char *)text);
    int result = XMPPBIND_OK;
    if (length == 0 || length > TEXT_MAXIMUM)
        wish->condition = XMPPBIND_CONDITION_NOT_ACCEPTABLE;
    else
        result = xmppbind_roster_item_add_group(made, (const char *)text, length);
    xmlFree(text);
    return result == XMPPBIND_ERROR_INVALID_ARGUMENT ? refuse(wish, XMPPBIND_CONDITION_BAD_REQUEST) : result;
}

/* Name and groups are those of the wish and no others (RFC 6121 2.4.1). */
static int fill(struct xmppbind_roster_item *made, const xmlNode *item, struct wish *wish) {
    xmppbind_roster_item_clear_groups(made);
    if (wish->name.length > TEXT_MAXIMUM)
        return refuse(wish, XMPPBIND_CONDITION_NOT_ACCEPTABLE);
    int result =
        xmppbind_roster_item_set_name(made, wish->name.length == 0 ? NULL : wish->name.text, wish->name.length);
    const xmlNode *group = xmppbind_letter_child(item, "group", XMPPBIND_NS_ROSTER);
    for (; group != NULL && result == XMPPBIND_OK && wish->condition == XMPPBIND_CONDITION_NONE;
         group = xmppbind_letter_next(group, "group", XMPPBIND_NS_ROSTER))
        result = add_group(group, made, wish);
    return result;
}

static struct xmppbind_roster_item *copy_or_make(const struct xmppbind_job *job, const struct wish *wish,
                                                 const struct xmppbind_roster_item *item) {
    const struct xmppbind_memory *memory = &job->sessions->memory;
    return item != NULL ? xmppbind_roster_item_copy(item, memory)
                        : xmppbind_roster_item_make(memory, wish->jid, wish->length);
}

static int put(struct xmppbind_job *job, const xmlNode *item, struct wish *wish,
               const struct xmppbind_roster_item *before) {
    const struct xmppbind_contacts *contacts = xmppbind_job_contacts(job);
    uint32_t limit = xmppbind_host_value(job->sessions->host, XMPPBIND_OPTION_MAX_ROSTER_ITEMS);
    if (before == NULL && contacts->table.count - contacts->removed >= limit)
        return refuse(wish, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT);
    struct xmppbind_roster_item *made = copy_or_make(job, wish, before);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->flags |= XMPPBIND_ROSTER_LISTED;
    int result = fill(made, item, wish);
    if (result == XMPPBIND_OK && wish->condition == XMPPBIND_CONDITION_NONE)
        return xmppbind_roster_ask(job, made);
    xmppbind_roster_item_free(made);
    return result;
}

/* What the contact asked for stays, though the contact goes. */
static int erase(struct xmppbind_job *job, struct wish *wish, const struct xmppbind_roster_item *before) {
    if (!xmppbind_item_is(before, XMPPBIND_ROSTER_LISTED))
        return refuse(wish, XMPPBIND_CONDITION_ITEM_NOT_FOUND);
    struct xmppbind_roster_item *made = copy_or_make(job, wish, before);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    (void)xmppbind_roster_item_set_name(made, NULL, 0);
    xmppbind_roster_item_clear_groups(made);
    made->subscription = XMPPBIND_SUBSCRIPTION_NONE;
    made->flags &= XMPPBIND_ROSTER_PENDING_IN;
    return xmppbind_roster_ask(job, made);
}

static int plan(struct xmppbind_job *job, const xmlNode *item, struct wish *wish) {
    int result = read_jid(job, item, wish);
    if (result == XMPPBIND_OK)
        result = xmppbind_value_read(xmppbind_draft_find(item, "name"), &wish->name);
    if (result == XMPPBIND_OK)
        result = xmppbind_value_read(xmppbind_draft_find(item, "subscription"), &wish->subscription);
    if (result != XMPPBIND_OK || wish->condition != XMPPBIND_CONDITION_NONE)
        return result;
    const struct xmppbind_roster_item *before =
        xmppbind_contacts_item(xmppbind_job_contacts(job), xmppbind_job_key(job), wish->jid, wish->length);
    int removes = wish->subscription.text != NULL && strcmp(wish->subscription.text, "remove") == 0; /* ROST-3 */
    return removes ? erase(job, wish, before) : put(job, item, wish, before);
}

static int set(struct xmppbind_job *job, const struct xmppbind_letter *letter, const xmlNode *query,
               struct xmppbind_turn *turn) {
    struct wish wish = {.condition = XMPPBIND_CONDITION_NONE};
    const xmlNode *item = xmppbind_letter_child(query, "item", XMPPBIND_NS_ROSTER);
    if (item == NULL || xmppbind_letter_next(item, "item", XMPPBIND_NS_ROSTER) != NULL)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn);
    int flow = plan(job, item, &wish);
    xmppbind_value_free(&wish.name);
    xmppbind_value_free(&wish.subscription);
    return wish.condition != XMPPBIND_CONDITION_NONE ? xmppbind_job_refuse(job, letter, wish.condition, turn) : flow;
}

int xmppbind_roster_query(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    const xmlNode *query = xmppbind_letter_child(job->node, "query", XMPPBIND_NS_ROSTER);
    return letter->type == XMPPBIND_LETTER_GET ? get(job, query, turn) : set(job, letter, query, turn);
}

/* --- it is stored ------------------------------------------------------------------------------------------------ */

/* RFC 6121 2.5.2: a contact that is removed is told, in both directions. */
static void cancel(const struct xmppbind_job *job, const struct xmppbind_roster_item *before,
                   struct xmppbind_turn *turn) {
    const char *account = job->account->jid;
    if (xmppbind_item_sends(before) || xmppbind_item_is(before, XMPPBIND_ROSTER_ASK))
        xmppbind_turn_route(turn, xmppbind_turn_stanza(turn, "presence", "unsubscribe", NULL, before->jid, account));
    if (!xmppbind_item_receives(before))
        return;
    xmppbind_turn_route(turn, xmppbind_turn_stanza(turn, "presence", "unsubscribed", NULL, before->jid, account));
    xmppbind_presence_hide(job, before->jid, turn);
}

int xmppbind_roster_stored(struct xmppbind_job *job, struct xmppbind_turn *turn) {
    const struct xmppbind_roster_item *item = job->change.contact->item;
    const struct xmppbind_roster_item *before =
        xmppbind_contacts_item(xmppbind_job_contacts(job), xmppbind_job_key(job), item->jid, item->jid_length);
    if (job->session != NULL && !job->expired)
        xmppbind_turn_send(turn, job->session, xmppbind_job_result(job, turn));
    xmppbind_roster_push(job, item, turn);
    if (before != NULL && !xmppbind_item_is(item, XMPPBIND_ROSTER_LISTED))
        cancel(job, before, turn);
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    xmppbind_roster_take(job);
    return XMPPBIND_FLOW_DONE;
}
