/* What clients ask of their privacy lists (XEP-0016 2.3 to 2.8): PRIV-1 to PRIV-3. */
#include "job.h"

#include "lib/stanza/draft.h"
#include "privacy.h"

static struct xmppbind_list_entry *find(const struct xmppbind_account *account, const char *name) {
    struct xmppbind_list_entry *entry = account->lists;
    while (entry != NULL && strcmp(entry->list->name, name) != 0)
        entry = entry->next;
    return entry;
}

/* Whether another session than the one that asks goes by a list. */
static int is_used_by_others(const struct xmppbind_job *job, const struct xmppbind_list_entry *entry) {
    const struct xmppbind_session *session = job->account->oldest;
    while (session != NULL && (session == job->session || xmppbind_session_list(session) != entry->list))
        session = session->younger;
    return session != NULL;
}

/* The only child element of a query in its namespace. NULL: none, or several. */
static xmlNode *only_child(const xmlNode *query, int *count) {
    xmlNode *found = NULL;
    *count = 0;
    for (xmlNode *child = query->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE && xmppbind_letter_shares_space(child, query)) {
            found = child;
            (*count)++;
        }
    return *count == 1 ? found : NULL;
}

static int is_named(const xmlNode *element, const char *name) {
    return strcmp((const char *)element->name, name) == 0;
}

/* --- get --------------------------------------------------------------------------------------------------------- */

static void write_name(struct xmppbind_turn *turn, xmlNode *query, const char *element,
                       const struct xmppbind_list_entry *entry) {
    if (entry == NULL)
        return;
    xmlNode *child = xmppbind_turn_child(turn, query, element, NULL);
    xmppbind_turn_set(turn, child, "name", entry->list->name);
}

static void write_names(const struct xmppbind_job *job, xmlNode *query, struct xmppbind_turn *turn) {
    write_name(turn, query, "active", job->session->kept->active);
    write_name(turn, query, "default", job->account->default_list);
    for (const struct xmppbind_list_entry *entry = job->account->lists; entry != NULL; entry = entry->next)
        write_name(turn, query, "list", entry);
}

static int get(struct xmppbind_job *job, const struct xmppbind_letter *letter, const xmlNode *query, const char *name,
               struct xmppbind_turn *turn) {
    int count;
    const xmlNode *list = only_child(query, &count);
    if (count > 1 || (list != NULL && (!is_named(list, "list") || name == NULL)))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn);
    const struct xmppbind_list_entry *entry = list == NULL ? NULL : find(job->account, name);
    if (list != NULL && entry == NULL)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_ITEM_NOT_FOUND, turn);
    xmlNode *result = xmppbind_job_result(job, turn);
    xmlNode *answer = xmppbind_turn_child(turn, result, "query", XMPPBIND_NS_PRIVACY);
    if (list == NULL)
        write_names(job, answer, turn);
    else if (!turn->failed)
        turn->failed = xmppbind_privacy_write(answer, entry->list) != XMPPBIND_OK;
    xmppbind_turn_send(turn, job->session, result);
    return XMPPBIND_FLOW_DONE;
}

/* --- set --------------------------------------------------------------------------------------------------------- */

static int set_active(struct xmppbind_job *job, const struct xmppbind_letter *letter, const char *name,
                      struct xmppbind_turn *turn) {
    struct xmppbind_session *session = job->session;
    struct xmppbind_list_entry *entry = name == NULL ? NULL : find(job->account, name);
    if (name != NULL && entry == NULL)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_ITEM_NOT_FOUND, turn);
    const struct xmppbind_list_entry *now = entry != NULL ? entry : job->account->default_list;
    xmppbind_turn_send(turn, session, xmppbind_job_result(job, turn));
    xmppbind_presence_relist(session, xmppbind_session_list(session), now == NULL ? NULL : now->list, turn);
    struct xmppbind_kept *kept = xmppbind_session_keep(session);
    turn->failed |= kept == NULL;
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    kept->active = entry;
    return XMPPBIND_FLOW_DONE;
}

static int ask(struct xmppbind_job *job, int kind, const char *name) {
    if (name != NULL) {
        job->change.name = xmppbind_octets_new(&job->sessions->memory, name, strlen(name));
        if (job->change.name == NULL)
            return XMPPBIND_ERROR_NO_MEMORY;
    }
    job->change.kind = kind;
    return XMPPBIND_FLOW_ASK;
}

static int set_default(struct xmppbind_job *job, const struct xmppbind_letter *letter, const char *name,
                       struct xmppbind_turn *turn) {
    const struct xmppbind_list_entry *before = job->account->default_list;
    if (name != NULL && find(job->account, name) == NULL)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_ITEM_NOT_FOUND, turn);
    const struct xmppbind_session *session = job->account->oldest; /* one that has chosen no list */
    while (session != NULL && (session == job->session || session->kept->active != NULL))
        session = session->younger;
    if (before != NULL && session != NULL)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_LIST_IN_USE, turn);
    return ask(job, XMPPBIND_STORE_LIST_DEFAULT, name);
}

static int has_group(const char *group, size_t length, void *user_data) {
    const struct xmppbind_contact *contact = ((const struct xmppbind_contacts *)user_data)->oldest;
    for (; contact != NULL; contact = contact->newer)
        for (size_t i = 0; i < contact->item->group_count; i++)
            if (contact->item->groups[i]->length == length &&
                memcmp(contact->item->groups[i]->text, group, length) == 0)
                return 1;
    return 0;
}

static int erase(struct xmppbind_job *job, const struct xmppbind_letter *letter, const char *name,
                 struct xmppbind_turn *turn) {
    const struct xmppbind_list_entry *entry = find(job->account, name);
    if (entry == NULL)
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_ITEM_NOT_FOUND, turn);
    if (is_used_by_others(job, entry))
        return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_LIST_IN_USE, turn);
    return ask(job, XMPPBIND_STORE_LIST_REMOVE, name);
}

static size_t count_lists(const struct xmppbind_account *account) {
    size_t count = 0;
    for (const struct xmppbind_list_entry *entry = account->lists; entry != NULL; entry = entry->next)
        count++;
    return count;
}

/* A list that is new needs a place. */
static int put(struct xmppbind_job *job, const struct xmppbind_letter *letter, const char *name,
               struct xmppbind_turn *turn) {
    const struct xmppbind_host *host = job->sessions->host;
    if (find(job->account, name) == NULL) {
        if (count_lists(job->account) >= xmppbind_host_value(host, XMPPBIND_OPTION_MAX_PRIVACY_LISTS))
            return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT, turn);
        job->change.entry = xmppbind_memory_get(&job->sessions->memory, sizeof *job->change.entry);
        if (job->change.entry == NULL)
            return XMPPBIND_ERROR_NO_MEMORY;
    }
    job->change.kind = XMPPBIND_STORE_LIST_PUT;
    return XMPPBIND_FLOW_ASK;
}

static int set_list(struct xmppbind_job *job, const struct xmppbind_letter *letter, const xmlNode *element,
                    const char *name, struct xmppbind_turn *turn) {
    const struct xmppbind_host *host = job->sessions->host;
    int condition;
    int result = xmppbind_privacy_read(host, element, xmppbind_host_value(host, XMPPBIND_OPTION_MAX_PRIVACY_ITEMS),
                                       has_group, xmppbind_job_contacts(job), &job->change.list, &condition);
    if (result != XMPPBIND_OK)
        return result;
    if (condition != XMPPBIND_CONDITION_NONE)
        return xmppbind_job_refuse(job, letter, condition, turn);
    if (job->change.list->count > 0)
        return put(job, letter, name, turn);
    xmppbind_privacy_list_free(job->change.list);
    job->change.list = NULL;
    return erase(job, letter, name, turn);
}

static int set(struct xmppbind_job *job, const struct xmppbind_letter *letter, const xmlNode *query, const char *name,
               struct xmppbind_turn *turn) {
    int count;
    const xmlNode *child = only_child(query, &count);
    if (child != NULL && is_named(child, "active"))
        return set_active(job, letter, name, turn);
    if (child != NULL && is_named(child, "default"))
        return set_default(job, letter, name, turn);
    if (child != NULL && is_named(child, "list"))
        return set_list(job, letter, child, name, turn);
    return xmppbind_job_refuse(job, letter, XMPPBIND_CONDITION_BAD_REQUEST, turn);
}

int xmppbind_privacy_query(struct xmppbind_job *job, const struct xmppbind_letter *letter, struct xmppbind_turn *turn) {
    const xmlNode *query = xmppbind_letter_child(job->node, "query", XMPPBIND_NS_PRIVACY);
    struct xmppbind_value name = {NULL, 0, NULL};
    int count;
    const xmlNode *child = only_child(query, &count);
    if (child != NULL && xmppbind_value_read(xmppbind_draft_find(child, "name"), &name) != XMPPBIND_OK)
        return XMPPBIND_ERROR_NO_MEMORY;
    int flow = letter->type == XMPPBIND_LETTER_GET ? get(job, letter, query, name.text, turn)
                                                   : set(job, letter, query, name.text, turn);
    xmppbind_value_free(&name);
    return flow;
}

/* --- it is stored ------------------------------------------------------------------------------------------------ */

/* Another list is in force for all sessions that went by `before`, or by no list of their own. Another default is none
 * of the business of who has chosen a list. */
static void relist(const struct xmppbind_job *job, const struct xmppbind_list_entry *before,
                   const struct xmppbind_privacy_list *now, struct xmppbind_turn *turn) {
    const struct xmppbind_privacy_list *list = before == NULL ? NULL : before->list;
    int by_default = job->change.kind == XMPPBIND_STORE_LIST_DEFAULT;
    for (const struct xmppbind_session *session = job->account->oldest; session != NULL; session = session->younger)
        if (xmppbind_session_list(session) == list && (session->kept->active == NULL || !by_default))
            xmppbind_presence_relist(session, list, now, turn);
}

/* PRIV-3 */
static void push(const struct xmppbind_job *job, const char *name, struct xmppbind_turn *turn) {
    for (const struct xmppbind_session *session = job->account->oldest; session != NULL; session = session->younger) {
        xmlNode *made, *query = xmppbind_push(turn, session, XMPPBIND_NS_PRIVACY, &made);
        xmlNode *list = xmppbind_turn_child(turn, query, "list", NULL);
        xmppbind_turn_set(turn, list, "name", name);
        xmppbind_turn_send(turn, session, made);
    }
}

static int default_stored(struct xmppbind_job *job, struct xmppbind_turn *turn) {
    struct xmppbind_account *account = job->account;
    struct xmppbind_list_entry *now = job->change.name == NULL ? NULL : find(account, job->change.name->text);
    relist(job, account->default_list, now == NULL ? NULL : now->list, turn);
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    account->default_list = now;
    return XMPPBIND_FLOW_DONE;
}

static void remove_entry(struct xmppbind_job *job, struct xmppbind_list_entry *entry) {
    struct xmppbind_account *account = job->account;
    struct xmppbind_list_entry **place = &account->lists;
    while (*place != entry)
        place = &(*place)->next;
    *place = entry->next;
    if (account->default_list == entry)
        account->default_list = NULL;
    for (struct xmppbind_session *session = account->oldest; session != NULL; session = session->younger)
        if (session->kept->active == entry)
            xmppbind_session_kept(session)->active = NULL;
    xmppbind_privacy_list_free(entry->list);
    xmppbind_memory_put(&job->sessions->memory, entry);
}

static int removal_stored(struct xmppbind_job *job, struct xmppbind_turn *turn) {
    struct xmppbind_list_entry *entry = find(job->account, job->change.name->text);
    const struct xmppbind_list_entry *standard = job->account->default_list;
    relist(job, entry, standard == NULL || standard == entry ? NULL : standard->list, turn);
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    remove_entry(job, entry);
    return XMPPBIND_FLOW_DONE;
}

static int list_stored(struct xmppbind_job *job, struct xmppbind_turn *turn) {
    struct xmppbind_change *change = &job->change;
    struct xmppbind_list_entry *entry = find(job->account, change->list->name);
    if (entry != NULL)
        relist(job, entry, change->list, turn);
    push(job, change->list->name, turn);
    if (turn->failed)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (entry == NULL) {
        struct xmppbind_list_entry **place = &job->account->lists;
        while (*place != NULL)
            place = &(*place)->next;
        entry = *place = change->entry;
        change->entry = NULL;
        *entry = (struct xmppbind_list_entry){NULL, NULL};
    }
    xmppbind_privacy_list_free(entry->list);
    entry->list = change->list;
    change->list = NULL;
    return XMPPBIND_FLOW_DONE;
}

int xmppbind_privacy_stored(struct xmppbind_job *job, const struct xmppbind_letter *letter,
                            struct xmppbind_turn *turn) {
    (void)letter;
    if (job->session != NULL && !job->expired)
        xmppbind_turn_send(turn, job->session, xmppbind_job_result(job, turn));
    if (job->change.kind == XMPPBIND_STORE_LIST_DEFAULT)
        return default_stored(job, turn);
    return job->change.kind == XMPPBIND_STORE_LIST_REMOVE ? removal_stored(job, turn) : list_stored(job, turn);
}
