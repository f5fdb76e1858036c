/* What an account needs before anything can be decided: its privacy lists, and the roster. */
#include "job.h"

/* Whether something has to be loaded first: that is the question then. */
int xmppbind_load_wanted(struct xmppbind_job *job) {
    if (!job->account->lists_loaded)
        job->change.kind = XMPPBIND_STORE_LISTS_LOAD;
    else if (!xmppbind_job_contacts(job)->loaded)
        job->change.kind = XMPPBIND_STORE_ROSTER_LOAD;
    return job->change.kind != 0;
}

int xmppbind_load_runs(const struct xmppbind_job *job) {
    return job->change.kind == XMPPBIND_STORE_LISTS_LOAD || job->change.kind == XMPPBIND_STORE_ROSTER_LOAD;
}

static int take_roster(struct xmppbind_job *job) {
    const struct xmppbind_memory *memory = &job->sessions->memory;
    struct xmppbind_contacts *contacts = xmppbind_job_contacts(job);
    struct xmppbind_store_result *result = &job->change.result;
    if (job->own_roster && job->session == NULL)
        return XMPPBIND_OK; /* the roster has gone with its session */
    for (struct xmppbind_roster_item *item; (item = result->items) != NULL;) {
        if (xmppbind_contacts_reserve(contacts, memory) != XMPPBIND_OK)
            return XMPPBIND_ERROR_NO_MEMORY;
        struct xmppbind_contact *contact = xmppbind_memory_get(memory, sizeof *contact);
        if (contact == NULL)
            return XMPPBIND_ERROR_NO_MEMORY; /* those taken so far are taken; the rest is taken next time */
        *contact = (struct xmppbind_contact){.item = item};
        result->items = item->next;
        item->next = NULL;
        xmppbind_contacts_put(contacts, xmppbind_job_key(job), memory, contact);
    }
    contacts->version = result->version;
    contacts->floor = result->floor > contacts->floor ? result->floor : contacts->floor;
    contacts->loaded = 1;
    return XMPPBIND_OK;
}

/* Where a list stands, or goes; it may be there of a former answer that was not taken to its end. */
static struct xmppbind_list_entry **place_of(struct xmppbind_account *account, const char *name) {
    struct xmppbind_list_entry **place = &account->lists;
    while (*place != NULL && strcmp((*place)->list->name, name) != 0)
        place = &(*place)->next;
    return place;
}

static int take_lists(struct xmppbind_job *job) {
    struct xmppbind_account *account = job->account;
    struct xmppbind_store_result *result = &job->change.result;
    for (struct xmppbind_privacy_list *list; (list = result->lists) != NULL;) {
        struct xmppbind_list_entry **place = place_of(account, list->name);
        if (*place == NULL) {
            *place = xmppbind_memory_get(&job->sessions->memory, sizeof **place);
            if (*place == NULL)
                return XMPPBIND_ERROR_NO_MEMORY;
            **place = (struct xmppbind_list_entry){NULL, NULL};
        }
        result->lists = list->next;
        list->next = NULL;
        xmppbind_privacy_list_free((*place)->list);
        (*place)->list = list;
    }
    for (struct xmppbind_list_entry *entry = account->lists; entry != NULL; entry = entry->next)
        if (result->default_list != NULL && strcmp(entry->list->name, result->default_list->text) == 0)
            account->default_list = entry;
    account->lists_loaded = 1;
    return XMPPBIND_OK;
}

int xmppbind_load_take(struct xmppbind_job *job) {
    return job->change.kind == XMPPBIND_STORE_LISTS_LOAD ? take_lists(job) : take_roster(job);
}
