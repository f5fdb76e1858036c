/* A contact, as stores and sessions keep it. */
#ifndef XMPPBIND_STORAGE_ROSTER_ITEM_H
#define XMPPBIND_STORAGE_ROSTER_ITEM_H

#include "octets.h"
#include "xmppbind/roster.h"

struct xmppbind_roster_item {
    struct xmppbind_memory memory;
    struct xmppbind_roster_item *next; /* of the answer it came in */
    struct xmppbind_octets *name;      /* or NULL */
    struct xmppbind_octets *stanza;    /* or NULL */
    struct xmppbind_octets **groups;
    size_t group_count, group_room;
    uint64_t version;
    uint8_t subscription;
    uint8_t flags; /* enum xmppbind_roster_flag */
    size_t jid_length;
    char jid[];
};

/* As xmppbind_roster_item_new(), of memory; NULL without any. */
struct xmppbind_roster_item *xmppbind_roster_item_make(const struct xmppbind_memory *memory, const char *jid,
                                                       size_t length);
/* NULL without memory. */
struct xmppbind_roster_item *xmppbind_roster_item_copy(const struct xmppbind_roster_item *item,
                                                       const struct xmppbind_memory *memory);

#endif
