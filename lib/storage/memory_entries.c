#include "memory_entries.h"

#include <stddef.h>

struct xmppbind_entry *xmppbind_entry_find(const struct xmppbind_memory_directory *memory, const char *jid,
                                           size_t length, uint32_t hash) {
    struct xmppbind_entry *entry = xmppbind_table_first(&memory->names, hash);
    while (entry != NULL &&
           (entry->name_hash != hash || entry->length != length || memcmp(entry->text, jid, length) != 0))
        entry = entry->name_next;
    return entry;
}

struct xmppbind_entry *xmppbind_entry_oldest(const struct xmppbind_memory_directory *memory, const char *account,
                                             size_t length, uint32_t hash) {
    struct xmppbind_entry *entry = xmppbind_table_first(&memory->accounts, hash);
    while (entry != NULL && (entry->account_hash != hash || entry->account_length != length ||
                             memcmp(entry->text, account, length) != 0))
        entry = entry->account_next;
    return entry;
}

static void link_account(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    struct xmppbind_entry *oldest =
        xmppbind_entry_oldest(memory, entry->text, entry->account_length, entry->account_hash);
    if (oldest == NULL) {
        entry->younger = entry->older = entry;
        entry->count = 1;
        xmppbind_table_insert(&memory->accounts, entry);
        return;
    }
    entry->younger = oldest;
    entry->older = oldest->older;
    oldest->older->younger = entry;
    oldest->older = entry;
    oldest->count++;
}

static void unlink_account(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    struct xmppbind_entry *oldest =
        xmppbind_entry_oldest(memory, entry->text, entry->account_length, entry->account_hash);
    oldest->count--;
    if (oldest == entry) {
        xmppbind_table_remove(&memory->accounts, entry);
        if (entry->younger != entry) {
            entry->younger->count = entry->count;
            xmppbind_table_insert(&memory->accounts, entry->younger);
        }
    }
    entry->older->younger = entry->younger;
    entry->younger->older = entry->older;
}

struct xmppbind_entry *xmppbind_entry_new(const struct xmppbind_memory_directory *memory,
                                          const xmppbind_request *request) {
    size_t length;
    const char *jid = xmppbind_request_jid(request, &length);
    size_t account_length = xmppbind_request_account_length(request);
    struct xmppbind_entry *entry =
        xmppbind_memory_get(&memory->memory, offsetof(struct xmppbind_entry, text) + length + 1);
    if (entry == NULL)
        return NULL;
    entry->name_hash = (uint32_t)xmppbind_siphash(&memory->key, jid, length);
    entry->account_hash = (uint32_t)xmppbind_siphash(&memory->key, jid, account_length);
    entry->account_length = (uint16_t)account_length;
    entry->length = (uint16_t)length;
    memcpy(entry->text, jid, length + 1);
    return entry;
}

void xmppbind_entry_insert(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    link_account(memory, entry);
    xmppbind_table_insert(&memory->names, entry);
}

void xmppbind_entry_remove(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    unlink_account(memory, entry);
    xmppbind_table_remove(&memory->names, entry);
}

void xmppbind_entry_renew(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    unlink_account(memory, entry);
    link_account(memory, entry);
}
