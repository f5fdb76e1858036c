#include "memory_entries.h"

/* NULL after the youngest. */
static struct xmppbind_entry *after(const struct xmppbind_entries *entries, const struct xmppbind_entry *entry) {
    return entry->younger == xmppbind_entries_oldest(entries) ? NULL : entry->younger;
}

/* --- the ring ---------------------------------------------------------------------------------------------------- */

/* The lists that were to tell this entry next go on to the one after it. */
void xmppbind_entry_step_over(const struct xmppbind_shard *shard, const struct xmppbind_entries *entries,
                              const struct xmppbind_entry *entry) {
    for (struct xmppbind_list_place *place = shard->places; place != NULL; place = place->other) {
        if (place->next == entry)
            place->next = after(entries, entry);
    }
}

struct xmppbind_entries *xmppbind_entry_remove(struct xmppbind_shard *shard, struct xmppbind_entries *entries,
                                               struct xmppbind_entry *entry) {
    return xmppbind_entry_take_out(shard, entries, entry);
}

void xmppbind_entry_renew(struct xmppbind_shard *shard, struct xmppbind_entries *entries,
                          struct xmppbind_entry *entry) {
    if (entry->younger == xmppbind_entries_oldest(entries))
        return; /* it is the youngest already, and a list that was to tell it next still does */
    xmppbind_entry_unlink(shard, entries, entry);
    xmppbind_entries_append(entries, entry);
}

/* --- the index --------------------------------------------------------------------------------------------------- */

/* The size that its heads should have, or 0. */
static uint32_t wanted(const struct xmppbind_entries *entries) {
    static const struct xmppbind_table none = {.heads = NULL};
    if (entries == NULL || !xmppbind_entries_are_full(entries))
        return 0;
    return xmppbind_table_wanted(entries->indexed ? &entries->by.index->table : &none);
}

/* An account has its index from now on, with heads of that size. */
static void begin_index(const struct xmppbind_shard *shard, struct xmppbind_entries *entries,
                        struct xmppbind_entry_index *index, void **heads, uint32_t size,
                        const struct xmppbind_name_key *key) {
    struct xmppbind_entry *oldest = entries->by.oldest, *entry = oldest;
    xmppbind_table_init(&index->table, offsetof(struct xmppbind_entry, index_next),
                        offsetof(struct xmppbind_entry, hash));
    (void)xmppbind_table_adopt(&index->table, heads, size);
    do {
        entry->hash = xmppbind_entry_hash(shard, entries, key, entry->text, entry->length);
        xmppbind_table_insert(&index->table, entry);
        entry = entry->younger;
    } while (entry != oldest);
    index->oldest = oldest;
    entries->by.index = index;
    entries->indexed = 1;
}

void xmppbind_entries_grow(struct xmppbind_memory_directory *memory, const char *account, size_t length,
                           uint32_t hash) {
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hash);
    xmppbind_shard_lock(shard);
    uint32_t size = wanted(xmppbind_entries_find(shard, account, length, hash));
    xmppbind_shard_unlock(shard);
    if (size == 0)
        return;
    void **heads = xmppbind_memory_get(&memory->memory, size * sizeof *heads);
    struct xmppbind_entry_index *index = heads == NULL ? NULL : xmppbind_memory_get(&memory->memory, sizeof *index);
    if (index != NULL) {
        xmppbind_shard_lock(shard);
        struct xmppbind_entries *entries = xmppbind_entries_find(shard, account, length, hash);
        if (entries != NULL && entries->indexed) {
            heads = xmppbind_table_adopt(&entries->by.index->table, heads, size);
        } else if (entries != NULL) {
            begin_index(shard, entries, index, heads, size, &memory->key);
            index = NULL;
            heads = NULL;
        }
        xmppbind_shard_unlock(shard);
    }
    xmppbind_memory_put(&memory->memory, index);
    xmppbind_memory_put(&memory->memory, heads);
}

void xmppbind_entries_drop_index(const struct xmppbind_entries *entries, const struct xmppbind_memory *memory) {
    xmppbind_memory_put(memory, entries->by.index->table.heads);
    xmppbind_memory_put(memory, entries->by.index);
}

/* --- lists ------------------------------------------------------------------------------------------------------- */

void xmppbind_list_place_open(struct xmppbind_shard *shard, struct xmppbind_list_place *place,
                              const struct xmppbind_entries *entries) {
    place->entries = entries;
    place->next = entries == NULL ? NULL : xmppbind_entries_oldest(entries);
    place->other = shard->places;
    shard->places = place;
}

const struct xmppbind_entry *xmppbind_list_place_step(struct xmppbind_list_place *place) {
    const struct xmppbind_entry *entry = place->next;
    if (entry != NULL)
        place->next = after(place->entries, entry);
    return entry;
}

void xmppbind_list_place_close(struct xmppbind_shard *shard, const struct xmppbind_list_place *place) {
    struct xmppbind_list_place **at = &shard->places;
    while (*at != place)
        at = &(*at)->other;
    *at = place->other;
}
