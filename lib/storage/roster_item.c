#include "roster_item.h"

struct xmppbind_roster_item *xmppbind_roster_item_make(const struct xmppbind_memory *memory, const char *jid,
                                                       size_t length) {
    struct xmppbind_roster_item *made = xmppbind_memory_get(memory, sizeof *made + length + 1);
    if (made == NULL)
        return NULL;
    memset(made, 0, sizeof *made);
    made->memory = *memory;
    made->flags = XMPPBIND_ROSTER_LISTED;
    made->jid_length = length;
    memcpy(made->jid, jid, length);
    made->jid[length] = '\0';
    return made;
}

int xmppbind_roster_item_new(xmppbind_roster_item **item, const xmppbind_allocator *allocator, const char *jid,
                             size_t length) {
    struct xmppbind_memory memory;
    if (item == NULL || length == 0 || !xmppbind_octets_allowed(jid, length))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&memory, allocator);
    struct xmppbind_roster_item *made = xmppbind_roster_item_make(&memory, jid, length);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    *item = made;
    return XMPPBIND_OK;
}

void xmppbind_roster_item_free(xmppbind_roster_item *item) {
    if (item == NULL)
        return;
    const struct xmppbind_memory memory = item->memory;
    xmppbind_roster_item_clear_groups(item);
    xmppbind_memory_put(&memory, item->groups);
    xmppbind_memory_put(&memory, item->name);
    xmppbind_memory_put(&memory, item->stanza);
    xmppbind_memory_put(&memory, item);
}

static int copy_texts(struct xmppbind_roster_item *copy, const struct xmppbind_roster_item *item) {
    size_t length;
    const char *text = xmppbind_octets_text(item->name, &length);
    int result = xmppbind_roster_item_set_name(copy, text, length);
    text = xmppbind_octets_text(item->stanza, &length);
    if (result == XMPPBIND_OK)
        result = xmppbind_roster_item_set_stanza(copy, text, length);
    for (size_t i = 0; i < item->group_count && result == XMPPBIND_OK; i++)
        result = xmppbind_roster_item_add_group(copy, item->groups[i]->text, item->groups[i]->length);
    return result;
}

struct xmppbind_roster_item *xmppbind_roster_item_copy(const struct xmppbind_roster_item *item,
                                                       const struct xmppbind_memory *memory) {
    struct xmppbind_roster_item *copy = xmppbind_roster_item_make(memory, item->jid, item->jid_length);
    if (copy == NULL)
        return NULL;
    copy->version = item->version;
    copy->subscription = item->subscription;
    copy->flags = item->flags;
    if (copy_texts(copy, item) == XMPPBIND_OK)
        return copy;
    xmppbind_roster_item_free(copy);
    return NULL;
}

const char *xmppbind_roster_item_jid(const xmppbind_roster_item *item, size_t *length) {
    if (length != NULL)
        *length = item == NULL ? 0 : item->jid_length;
    return item == NULL ? NULL : item->jid;
}

const char *xmppbind_roster_item_name(const xmppbind_roster_item *item, size_t *length) {
    return xmppbind_octets_text(item == NULL ? NULL : item->name, length);
}

int xmppbind_roster_item_set_name(xmppbind_roster_item *item, const char *name, size_t length) {
    return item == NULL ? XMPPBIND_ERROR_INVALID_ARGUMENT
                        : xmppbind_octets_replace(&item->name, &item->memory, name, length);
}

const char *xmppbind_roster_item_stanza(const xmppbind_roster_item *item, size_t *length) {
    return xmppbind_octets_text(item == NULL ? NULL : item->stanza, length);
}

int xmppbind_roster_item_set_stanza(xmppbind_roster_item *item, const char *stanza, size_t length) {
    return item == NULL ? XMPPBIND_ERROR_INVALID_ARGUMENT
                        : xmppbind_octets_replace(&item->stanza, &item->memory, stanza, length);
}

size_t xmppbind_roster_item_group_count(const xmppbind_roster_item *item) {
    return item == NULL ? 0 : item->group_count;
}

const char *xmppbind_roster_item_group(const xmppbind_roster_item *item, size_t index, size_t *length) {
    int there = item != NULL && index < item->group_count;
    return xmppbind_octets_text(there ? item->groups[index] : NULL, length);
}

static int is_in_group(const struct xmppbind_roster_item *item, const char *name, size_t length) {
    for (size_t i = 0; i < item->group_count; i++)
        if (item->groups[i]->length == length && memcmp(item->groups[i]->text, name, length) == 0)
            return 1;
    return 0;
}

int xmppbind_roster_item_add_group(xmppbind_roster_item *item, const char *name, size_t length) {
    if (item == NULL || length == 0 || !xmppbind_octets_allowed(name, length) || is_in_group(item, name, length))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    void *groups = item->groups;
    int result =
        xmppbind_octets_room(&groups, item->group_count, &item->group_room, sizeof *item->groups, &item->memory);
    item->groups = groups;
    if (result != XMPPBIND_OK)
        return result;
    struct xmppbind_octets *group = xmppbind_octets_new(&item->memory, name, length);
    if (group == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    item->groups[item->group_count++] = group;
    return XMPPBIND_OK;
}

void xmppbind_roster_item_clear_groups(xmppbind_roster_item *item) {
    while (item != NULL && item->group_count > 0)
        xmppbind_memory_put(&item->memory, item->groups[--item->group_count]);
}

int xmppbind_roster_item_subscription(const xmppbind_roster_item *item) {
    return item == NULL ? XMPPBIND_SUBSCRIPTION_NONE : item->subscription;
}

int xmppbind_roster_item_set_subscription(xmppbind_roster_item *item, int subscription) {
    if (item == NULL || subscription < XMPPBIND_SUBSCRIPTION_NONE || subscription > XMPPBIND_SUBSCRIPTION_BOTH)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    item->subscription = (uint8_t)subscription;
    return XMPPBIND_OK;
}

uint32_t xmppbind_roster_item_flags(const xmppbind_roster_item *item) {
    return item == NULL ? 0 : item->flags;
}

int xmppbind_roster_item_set_flags(xmppbind_roster_item *item, uint32_t flags) {
    if (item == NULL || flags > XMPPBIND_ROSTER_REMOVED) /* all bits are below "removed", which stands alone */
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    item->flags = (uint8_t)flags;
    return XMPPBIND_OK;
}

uint64_t xmppbind_roster_item_version(const xmppbind_roster_item *item) {
    return item == NULL ? 0 : item->version;
}

int xmppbind_roster_item_set_version(xmppbind_roster_item *item, uint64_t version) {
    if (item == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    item->version = version;
    return XMPPBIND_OK;
}
