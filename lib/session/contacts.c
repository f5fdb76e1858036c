#include "contacts.h"

#include <stddef.h>

enum { REMOVALS = 1000 /* that are remembered: as many as the built-in stores do */ };

void xmppbind_contacts_init(struct xmppbind_contacts *contacts) {
    memset(contacts, 0, sizeof *contacts);
    xmppbind_table_init(&contacts->table, offsetof(struct xmppbind_contact, table_next),
                        offsetof(struct xmppbind_contact, hash));
}

static uint32_t hash_of(const struct xmppbind_hash_key *key, const char *jid, size_t length) {
    return (uint32_t)xmppbind_siphash(key, jid, length);
}

int xmppbind_item_subscription(const struct xmppbind_roster_item *item) {
    return item == NULL || (item->flags & XMPPBIND_ROSTER_LISTED) == 0 ? XMPPBIND_SUBSCRIPTION_NONE
                                                                       : item->subscription;
}

struct xmppbind_contact *xmppbind_contact_new(const struct xmppbind_memory *memory, struct xmppbind_roster_item *item) {
    struct xmppbind_contact *made = item == NULL ? NULL : xmppbind_memory_get(memory, sizeof *made);
    if (made == NULL) {
        xmppbind_roster_item_free(item);
        return NULL;
    }
    memset(made, 0, sizeof *made);
    made->item = item;
    return made;
}

void xmppbind_contact_free(const struct xmppbind_memory *memory, struct xmppbind_contact *contact) {
    if (contact == NULL)
        return;
    xmppbind_roster_item_free(contact->item);
    xmppbind_memory_put(memory, contact);
}

struct xmppbind_contact *xmppbind_contacts_find(const struct xmppbind_contacts *contacts,
                                                const struct xmppbind_hash_key *key, const char *jid, size_t length) {
    if (contacts->table.count == 0)
        return NULL; /* without looking at the name */
    struct xmppbind_contact *contact = xmppbind_table_first(&contacts->table, hash_of(key, jid, length));
    while (contact != NULL && (contact->item->jid_length != length || memcmp(contact->item->jid, jid, length) != 0))
        contact = contact->table_next;
    return contact;
}

struct xmppbind_roster_item *xmppbind_contacts_item(const struct xmppbind_contacts *contacts,
                                                    const struct xmppbind_hash_key *key, const char *jid,
                                                    size_t length) {
    const struct xmppbind_contact *contact = xmppbind_contacts_find(contacts, key, jid, length);
    return contact == NULL || (contact->item->flags & XMPPBIND_ROSTER_REMOVED) != 0 ? NULL : contact->item;
}

static void count(struct xmppbind_contacts *contacts, const struct xmppbind_contact *contact, uint32_t by) {
    if ((contact->item->flags & XMPPBIND_ROSTER_REMOVED) != 0)
        contacts->removed += by;
    if ((contact->item->flags & XMPPBIND_ROSTER_LISTED) != 0)
        contacts->listed += by;
}

static void take_out(struct xmppbind_contacts *contacts, const struct xmppbind_memory *memory,
                     struct xmppbind_contact *contact) {
    xmppbind_table_remove(&contacts->table, contact);
    *(contact->older == NULL ? &contacts->oldest : &contact->older->newer) = contact->newer;
    *(contact->newer == NULL ? &contacts->newest : &contact->newer->older) = contact->older;
    count(contacts, contact, (uint32_t)-1);
    xmppbind_contact_free(memory, contact);
}

/* What was removed longest ago is forgotten: whoever knows an older version gets the whole roster. */
static void forget_oldest(struct xmppbind_contacts *contacts, const struct xmppbind_memory *memory) {
    struct xmppbind_contact *contact = contacts->oldest;
    for (; contact != NULL; contact = contact->newer) {
        if ((contact->item->flags & XMPPBIND_ROSTER_REMOVED) == 0)
            continue;
        contacts->floor = contact->item->version;
        take_out(contacts, memory, contact);
        return;
    }
}

int xmppbind_contacts_reserve(struct xmppbind_contacts *contacts, const struct xmppbind_memory *memory) {
    xmppbind_table_grow(&contacts->table, memory); /* one that could not grow works on */
    return contacts->table.heads == NULL ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
}

void xmppbind_contacts_put(struct xmppbind_contacts *contacts, const struct xmppbind_hash_key *key,
                           const struct xmppbind_memory *memory, struct xmppbind_contact *contact) {
    const struct xmppbind_roster_item *item = contact->item;
    struct xmppbind_contact *before = xmppbind_contacts_find(contacts, key, item->jid, item->jid_length);
    if (before != NULL)
        take_out(contacts, memory, before);
    contact->hash = hash_of(key, item->jid, item->jid_length);
    xmppbind_table_insert(&contacts->table, contact);
    contact->older = contacts->newest;
    contact->newer = NULL;
    *(contacts->newest == NULL ? &contacts->oldest : &contacts->newest->newer) = contact;
    contacts->newest = contact;
    count(contacts, contact, 1);
    if (contacts->removed > REMOVALS)
        forget_oldest(contacts, memory);
}

void xmppbind_contacts_empty(struct xmppbind_contacts *contacts, const struct xmppbind_memory *memory) {
    while (contacts->oldest != NULL)
        take_out(contacts, memory, contacts->oldest);
    xmppbind_memory_put(memory, contacts->table.heads);
    xmppbind_contacts_init(contacts);
}
