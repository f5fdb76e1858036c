#include "memory_entries.h"

/* NULL after the youngest. */
static struct xmppbind_entry *after(const struct xmppbind_entry *entry) {
    return entry->younger->count != 0 ? NULL : entry->younger;
}

/* The oldest of the account of an entry that is another one; mostly the entry is the youngest. */
static struct xmppbind_entry *oldest_of(const struct xmppbind_shard *shard, const struct xmppbind_entry *entry) {
    return entry->younger->count != 0
               ? entry->younger
               : xmppbind_entry_oldest(shard, entry->text, entry->account_length, entry->account_hash);
}

static inline void link_account(struct xmppbind_shard *shard, struct xmppbind_entry *entry,
                                struct xmppbind_entry *oldest) {
    if (oldest == NULL) {
        entry->younger = entry->older = entry;
        entry->count = 1;
        xmppbind_table_insert(&shard->accounts, entry);
        return;
    }
    entry->count = 0;
    entry->younger = oldest;
    entry->older = oldest->older;
    oldest->older->younger = entry;
    oldest->older = entry;
    oldest->count++;
}

/* The lists that were to tell this entry next go on to the one after it. */
static XMPPBIND_NOINLINE void step_over(const struct xmppbind_shard *shard, const struct xmppbind_entry *entry) {
    for (struct xmppbind_list_place *place = shard->places; place != NULL; place = place->other) {
        if (place->next == entry)
            place->next = after(entry);
    }
}

/* The oldest is another one then, or there is none. */
static void unlink_oldest(struct xmppbind_shard *shard, struct xmppbind_entry *entry) {
    xmppbind_table_remove(&shard->accounts, entry);
    if (entry->younger == entry)
        return;
    entry->younger->count = entry->count - 1;
    xmppbind_table_insert(&shard->accounts, entry->younger);
    entry->older->younger = entry->younger;
    entry->younger->older = entry->older;
}

static inline void unlink_account(struct xmppbind_shard *shard, struct xmppbind_entry *entry) {
    if (shard->places != NULL)
        step_over(shard, entry);
    if (entry->count != 0) {
        unlink_oldest(shard, entry);
        return;
    }
    oldest_of(shard, entry)->count--;
    entry->older->younger = entry->younger;
    entry->younger->older = entry->older;
}

void xmppbind_entry_insert(struct xmppbind_shard *shard, struct xmppbind_entry *entry, struct xmppbind_entry *oldest) {
    link_account(shard, entry, oldest);
    xmppbind_table_insert(&shard->names, entry);
}

void xmppbind_entry_remove(struct xmppbind_shard *shard, struct xmppbind_entry *entry) {
    unlink_account(shard, entry);
    xmppbind_table_remove(&shard->names, entry);
}

void xmppbind_entry_renew(struct xmppbind_shard *shard, struct xmppbind_entry *entry) {
    if (entry->younger->count != 0)
        return; /* it is the youngest already, and a list that was to tell it next still does */
    struct xmppbind_entry *oldest = entry->count != 0 ? entry->younger : oldest_of(shard, entry);
    unlink_account(shard, entry);
    link_account(shard, entry, oldest);
}

void xmppbind_list_place_open(struct xmppbind_shard *shard, struct xmppbind_list_place *place,
                              struct xmppbind_entry *oldest) {
    place->next = oldest;
    place->other = shard->places;
    shard->places = place;
}

const struct xmppbind_entry *xmppbind_list_place_step(struct xmppbind_list_place *place) {
    const struct xmppbind_entry *entry = place->next;
    if (entry != NULL)
        place->next = after(entry);
    return entry;
}

void xmppbind_list_place_close(struct xmppbind_shard *shard, const struct xmppbind_list_place *place) {
    struct xmppbind_list_place **at = &shard->places;
    while (*at != place)
        at = &(*at)->other;
    *at = place->other;
}
