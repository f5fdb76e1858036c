/* A privacy list, as stores and sessions keep it. */
#ifndef XMPPBIND_STORAGE_PRIVACY_LIST_H
#define XMPPBIND_STORAGE_PRIVACY_LIST_H

#include "octets.h"
#include "xmppbind/roster.h"

struct xmppbind_privacy_rule {
    struct xmppbind_octets *value; /* or NULL */
    uint32_t order;
    uint8_t type, action, kinds;
};

struct xmppbind_privacy_list {
    struct xmppbind_memory memory;
    struct xmppbind_privacy_list *next;  /* of the answer it came in */
    struct xmppbind_privacy_rule *rules; /* by order */
    size_t count, room;
    size_t name_length;
    char name[];
};

/* NULL without memory. */
struct xmppbind_privacy_list *xmppbind_privacy_list_copy(const struct xmppbind_privacy_list *list,
                                                         const struct xmppbind_memory *memory);
/* As xmppbind_privacy_list_new(), of memory; NULL without any. */
struct xmppbind_privacy_list *xmppbind_privacy_list_make(const struct xmppbind_memory *memory, const char *name,
                                                         size_t length);

#endif
