/*
 * A roster as the sessions keep it while they need it: the contacts by address, and in the order of their last change,
 * those that were removed among them, so that a client can be told what changed since a version (RFC 6121 2.6.3).
 *
 * Invariants: nothing changes here that is not stored; versions grow along the list.
 */
#ifndef XMPPBIND_SESSION_CONTACTS_H
#define XMPPBIND_SESSION_CONTACTS_H

#include "lib/base/siphash.h"
#include "lib/base/table.h"
#include "lib/storage/roster_item.h"

struct xmppbind_contact {
    struct xmppbind_contact *table_next;
    struct xmppbind_contact *older, *newer; /* by version */
    struct xmppbind_roster_item *item;
    uint32_t hash;
};

struct xmppbind_contacts {
    struct xmppbind_table table;
    struct xmppbind_contact *oldest, *newest;
    uint64_t version, floor; /* now; and up to which removals are forgotten */
    uint32_t listed, removed;
    uint8_t loaded;
};

void xmppbind_contacts_init(struct xmppbind_contacts *contacts);
void xmppbind_contacts_empty(struct xmppbind_contacts *contacts, const struct xmppbind_memory *memory);
/* The contact with this address, though it may be removed; or NULL. */
struct xmppbind_contact *xmppbind_contacts_find(const struct xmppbind_contacts *contacts,
                                                const struct xmppbind_hash_key *key, const char *jid, size_t length);
/* The item of a contact that is there, or NULL. */
struct xmppbind_roster_item *xmppbind_contacts_item(const struct xmppbind_contacts *contacts,
                                                    const struct xmppbind_hash_key *key, const char *jid,
                                                    size_t length);
/* A contact that is in no roster yet, for an item that it takes over in any case; NULL without memory. */
struct xmppbind_contact *xmppbind_contact_new(const struct xmppbind_memory *memory, struct xmppbind_roster_item *item);
void xmppbind_contact_free(const struct xmppbind_memory *memory, struct xmppbind_contact *contact);
/* Puts it in as the newest, in place of the one with its address. There was room. */
void xmppbind_contacts_put(struct xmppbind_contacts *contacts, const struct xmppbind_hash_key *key,
                           const struct xmppbind_memory *memory, struct xmppbind_contact *contact);
/* Makes room for one more: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_contacts_reserve(struct xmppbind_contacts *contacts, const struct xmppbind_memory *memory);

/* Who gets whose presence, of an item or of none. */
int xmppbind_item_subscription(const struct xmppbind_roster_item *item);

static inline int xmppbind_item_is(const struct xmppbind_roster_item *item, uint32_t flag) {
    return item != NULL && (item->flags & flag) != 0;
}

/* A contact whose presence the account gets; one that gets the account's. */
static inline int xmppbind_item_sends(const struct xmppbind_roster_item *item) {
    return (xmppbind_item_subscription(item) & XMPPBIND_SUBSCRIPTION_TO) != 0;
}

static inline int xmppbind_item_receives(const struct xmppbind_roster_item *item) {
    return (xmppbind_item_subscription(item) & XMPPBIND_SUBSCRIPTION_FROM) != 0;
}

#endif
