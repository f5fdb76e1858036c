#include "memory_entries.h"
#include "lib/base/text.h"

#include <stddef.h>

struct xmppbind_entry *xmppbind_entry_find(const struct xmppbind_memory_directory *memory, const char *jid,
                                           size_t length, uint32_t hash) {
    struct xmppbind_entry *entry = xmppbind_table_first(&memory->names, hash);
    while (entry != NULL &&
           (entry->name_hash != hash || entry->length != length || !xmppbind_same(entry->text, jid, length)))
        entry = entry->name_next;
    return entry;
}

struct xmppbind_entry *xmppbind_entry_oldest(const struct xmppbind_memory_directory *memory, const char *account,
                                             size_t length, uint32_t hash) {
    struct xmppbind_entry *entry = xmppbind_table_first(&memory->accounts, hash);
    while (entry != NULL && (entry->account_hash != hash || entry->account_length != length ||
                             !xmppbind_same(entry->text, account, length)))
        entry = entry->account_next;
    return entry;
}

static struct xmppbind_entry *oldest_of(const struct xmppbind_memory_directory *memory,
                                        const struct xmppbind_entry *entry) {
    return xmppbind_entry_oldest(memory, entry->text, entry->account_length, entry->account_hash);
}

static void link_account(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry,
                         struct xmppbind_entry *oldest) {
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
    struct xmppbind_entry *oldest = oldest_of(memory, entry);
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

static size_t size_of(size_t jid_length) {
    return offsetof(struct xmppbind_entry, text) + jid_length + 1;
}

struct xmppbind_entry *xmppbind_entry_new(struct xmppbind_memory_directory *memory, const xmppbind_request *request,
                                          uint32_t name_hash, uint32_t account_hash) {
    size_t length = request->length;
    struct xmppbind_entry *entry = xmppbind_spare_get(&memory->spare, &memory->memory, size_of(length));
    if (entry == NULL)
        return NULL;
    entry->name_hash = name_hash;
    entry->account_hash = account_hash;
    entry->account_length = request->account_length;
    entry->length = (uint16_t)length;
    memcpy(entry->text, xmppbind_request_text(request), length + 1);
    return entry;
}

void xmppbind_entry_free(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    if (entry != NULL)
        xmppbind_spare_put(&memory->spare, &memory->memory, entry, size_of(entry->length));
}

void xmppbind_entry_insert(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry,
                           struct xmppbind_entry *oldest) {
    link_account(memory, entry, oldest);
    xmppbind_table_insert(&memory->names, entry);
}

void xmppbind_entry_remove(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    unlink_account(memory, entry);
    xmppbind_table_remove(&memory->names, entry);
}

void xmppbind_entry_renew(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry) {
    unlink_account(memory, entry);
    link_account(memory, entry, oldest_of(memory, entry));
}
