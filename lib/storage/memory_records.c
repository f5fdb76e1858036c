#include "memory_store.h"

#include <stddef.h>

/* --- owners ---------------------------------------------------------------------------------------------------- */

/* Under the lock. */
static struct xmppbind_record_owner *find_owner(struct xmppbind_memory_store *memory, const char *text, size_t length,
                                                uint32_t hash) {
    struct xmppbind_record_owner *owner = xmppbind_table_first(&memory->owners, hash);
    while (owner != NULL && (owner->hash != hash || owner->length != length || memcmp(owner->text, text, length) != 0))
        owner = owner->table_next;
    return owner;
}

static struct xmppbind_record_owner *new_owner(struct xmppbind_memory_store *memory, const char *text, size_t length,
                                               uint32_t hash) {
    struct xmppbind_record_owner *made = xmppbind_memory_get(&memory->memory, sizeof *made + length + 1);
    if (made == NULL)
        return NULL;
    memset(made, 0, sizeof *made);
    made->hash = hash;
    made->version = made->floor = memory->first_version;
    made->length = length;
    memcpy(made->text, text, length);
    made->text[length] = '\0';
    return made;
}

struct xmppbind_record_owner *xmppbind_record_owner_of(struct xmppbind_memory_store *memory, const char *text,
                                                       size_t length, int make) {
    uint32_t hash = (uint32_t)xmppbind_siphash(&memory->key, text, length);
    xmppbind_memory_store_lock(memory);
    struct xmppbind_record_owner *owner = find_owner(memory, text, length, hash);
    xmppbind_memory_store_unlock(memory);
    if (owner != NULL || !make)
        return owner;
    struct xmppbind_record_owner *made = new_owner(memory, text, length, hash);
    if (made == NULL)
        return NULL;
    xmppbind_memory_store_lock(memory);
    owner = find_owner(memory, text, length, hash); /* another thread may have been quicker */
    if (owner == NULL)
        xmppbind_table_insert(&memory->owners, made);
    xmppbind_memory_store_unlock(memory);
    if (owner == NULL)
        return made;
    xmppbind_memory_put(&memory->memory, made);
    return owner;
}

/* --- records --------------------------------------------------------------------------------------------------- */

struct xmppbind_record *xmppbind_record_new(const struct xmppbind_memory_store *memory, int chain,
                                            struct xmppbind_roster_item *item, struct xmppbind_privacy_list *list) {
    if (item == NULL && list == NULL)
        return NULL;
    struct xmppbind_record *made = xmppbind_memory_get(&memory->memory, sizeof *made);
    if (made == NULL) {
        xmppbind_roster_item_free(item);
        xmppbind_privacy_list_free(list);
        return NULL;
    }
    memset(made, 0, sizeof *made);
    made->references = 1;
    made->chain = chain;
    made->item = item;
    made->list = list;
    return made;
}

void xmppbind_record_free(const struct xmppbind_memory_store *memory, struct xmppbind_record *record) {
    if (record == NULL)
        return;
    xmppbind_roster_item_free(record->item);
    xmppbind_privacy_list_free(record->list);
    xmppbind_memory_put(&memory->memory, record);
}

struct xmppbind_record *xmppbind_record_unreference(struct xmppbind_record *record) {
    return --record->references == 0 ? record : NULL;
}

static const char *name_of(const struct xmppbind_record *record, size_t *length) {
    return record->list != NULL ? xmppbind_privacy_list_name(record->list, length)
                                : xmppbind_roster_item_jid(record->item, length);
}

/* Of a name under a key that the owner changes, and another one for lists than for contacts. */
static uint32_t hash_of(const struct xmppbind_memory_store *memory, const struct xmppbind_record_owner *owner, int list,
                        const char *name, size_t length) {
    struct xmppbind_hash_key key = {memory->key.first ^ owner->hash, memory->key.second ^ (uint64_t)(unsigned)list};
    return (uint32_t)xmppbind_siphash(&key, name, length);
}

static int is_named(const struct xmppbind_record *record, int list, const char *name, size_t length) {
    size_t own_length;
    const char *own = name_of(record, &own_length);
    return (record->chain == XMPPBIND_LISTS) == list && own_length == length && memcmp(own, name, length) == 0;
}

struct xmppbind_record *xmppbind_record_find(const struct xmppbind_memory_store *memory,
                                             const struct xmppbind_record_owner *owner, int list, const char *name,
                                             size_t length) {
    uint32_t hash = hash_of(memory, owner, list, name, length);
    struct xmppbind_record *record = xmppbind_table_first(&memory->records, hash);
    while (record != NULL && (record->hash != hash || record->owner != owner || !is_named(record, list, name, length)))
        record = record->table_next;
    return record;
}

void xmppbind_record_insert(struct xmppbind_memory_store *memory, struct xmppbind_record_owner *owner,
                            struct xmppbind_record *record) {
    size_t length;
    const char *name = name_of(record, &length);
    record->owner = owner;
    record->hash = hash_of(memory, owner, record->chain == XMPPBIND_LISTS, name, length);
    record->older = owner->chains[record->chain].newest;
    record->newer = NULL;
    if (record->older != NULL)
        record->older->newer = record;
    else
        owner->chains[record->chain].oldest = record;
    owner->chains[record->chain].newest = record;
    owner->chains[record->chain].count++;
    xmppbind_table_insert(&memory->records, record);
}

struct xmppbind_record *xmppbind_record_remove(struct xmppbind_memory_store *memory, struct xmppbind_record *record) {
    struct xmppbind_record_owner *owner = record->owner;
    if (record->older != NULL)
        record->older->newer = record->newer;
    else
        owner->chains[record->chain].oldest = record->newer;
    if (record->newer != NULL)
        record->newer->older = record->older;
    else
        owner->chains[record->chain].newest = record->older;
    owner->chains[record->chain].count--;
    if (owner->default_list == record)
        owner->default_list = NULL;
    xmppbind_table_remove(&memory->records, record);
    return xmppbind_record_unreference(record);
}

static void grow_table(struct xmppbind_memory_store *memory, struct xmppbind_table *table) {
    xmppbind_memory_store_lock(memory);
    uint32_t size = xmppbind_table_wanted(table);
    xmppbind_memory_store_unlock(memory);
    void **heads = size == 0 ? NULL : xmppbind_memory_get(&memory->memory, size * sizeof *heads);
    if (heads == NULL)
        return; /* it works on with longer chains */
    xmppbind_memory_store_lock(memory);
    heads = xmppbind_table_adopt(table, heads, size);
    xmppbind_memory_store_unlock(memory);
    xmppbind_memory_put(&memory->memory, heads);
}

void xmppbind_record_grow(struct xmppbind_memory_store *memory) {
    grow_table(memory, &memory->owners);
    grow_table(memory, &memory->records);
}
