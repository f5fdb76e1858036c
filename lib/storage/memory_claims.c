#include "memory_claims.h"

#include <stddef.h>

static void destroy_locks(struct xmppbind_memory_directory *memory, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        (void)pthread_mutex_destroy(&memory->shards[i].lock);
}

int xmppbind_shards_init(struct xmppbind_memory_directory *memory) {
    for (unsigned i = 0; i < XMPPBIND_SHARDS; i++) {
        struct xmppbind_shard *shard = &memory->shards[i];
        if (pthread_mutex_init(&shard->lock, NULL) != 0) {
            destroy_locks(memory, i);
            return XMPPBIND_ERROR_NO_MEMORY;
        }
        shard->directory = NULL;
        shard->places = NULL;
        shard->last_number = 0;
        atomic_init(&shard->spare.block, NULL);
        xmppbind_table_init(&shard->names, offsetof(struct xmppbind_entry, name_next),
                            offsetof(struct xmppbind_entry, name_hash));
        xmppbind_table_init(&shard->accounts, offsetof(struct xmppbind_entry, account_next),
                            offsetof(struct xmppbind_entry, account_hash));
    }
    return XMPPBIND_OK;
}

static void empty(struct xmppbind_shard *shard, const struct xmppbind_memory *source) {
    for (uint32_t i = 0; i < shard->names.size; i++) {
        for (struct xmppbind_entry *entry = shard->names.heads[i], *next; entry != NULL; entry = next) {
            next = entry->name_next;
            xmppbind_memory_put(source, entry);
        }
    }
    xmppbind_spare_empty(&shard->spare, source);
    xmppbind_memory_put(source, shard->names.heads);
    xmppbind_memory_put(source, shard->accounts.heads);
}

void xmppbind_shards_destroy(struct xmppbind_memory_directory *memory) {
    for (unsigned i = 0; i < XMPPBIND_SHARDS; i++)
        empty(&memory->shards[i], &memory->memory);
    destroy_locks(memory, XMPPBIND_SHARDS);
}

/* Nobody locks a second shard but this, which locks them in their order. */
static void lock_all(struct xmppbind_memory_directory *memory) {
    for (unsigned i = 0; i < XMPPBIND_SHARDS; i++)
        xmppbind_shard_lock(&memory->shards[i]);
}

static void unlock_all(struct xmppbind_memory_directory *memory) {
    for (unsigned i = 0; i < XMPPBIND_SHARDS; i++)
        xmppbind_shard_unlock(&memory->shards[i]);
}

/* Under all locks. */
static size_t count_all(const struct xmppbind_memory_directory *memory) {
    size_t count = 0;
    for (unsigned i = 0; i < XMPPBIND_SHARDS; i++)
        count += memory->shards[i].names.count;
    return count;
}

size_t xmppbind_shards_count(struct xmppbind_memory_directory *memory) {
    lock_all(memory);
    size_t count = count_all(memory);
    unlock_all(memory);
    return count;
}

/* An eviction could not be told to another directory than the one that asks (CONF-5), so all shards change over at
 * once, and only while they are empty. */
static int change_over(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory) {
    lock_all(memory);
    int free = memory->shards[0].directory == directory || count_all(memory) == 0;
    for (unsigned i = 0; free && i < XMPPBIND_SHARDS; i++)
        memory->shards[i].directory = directory;
    unlock_all(memory);
    return free ? XMPPBIND_OK : XMPPBIND_ERROR_STATE;
}

/* Whether the table has heads then, be they enough or not. */
static int grow(struct xmppbind_shard *shard, struct xmppbind_table *table, const struct xmppbind_memory *source) {
    xmppbind_shard_lock(shard);
    uint32_t size = xmppbind_table_wanted(table);
    int has_heads = table->heads != NULL;
    xmppbind_shard_unlock(shard);
    void **heads = size == 0 ? NULL : xmppbind_memory_get(source, size * sizeof *heads);
    if (heads == NULL)
        return has_heads;
    xmppbind_shard_lock(shard);
    heads = xmppbind_table_adopt(table, heads, size);
    xmppbind_shard_unlock(shard);
    xmppbind_memory_put(source, heads);
    return 1;
}

/* The names after the accounts: a shard whose names have heads has both. Heads that are there once do not go. */
static XMPPBIND_NOINLINE int grow_both(struct xmppbind_shard *shard, const struct xmppbind_memory *source) {
    return grow(shard, &shard->accounts, source) && grow(shard, &shard->names, source);
}

/* Under the lock: whether the shard can take an entry of this directory. */
static inline int is_ready(const struct xmppbind_shard *shard, const xmppbind_directory *directory) {
    return shard->directory == directory && shard->names.heads != NULL;
}

/* What the first claim of a directory, and the first in a shard, has to do. */
static XMPPBIND_NOINLINE int make_ready(struct xmppbind_memory_directory *memory, struct xmppbind_shard *shard,
                                        const xmppbind_directory *directory) {
    int result = change_over(memory, directory);
    if (result != XMPPBIND_OK)
        return result;
    return grow_both(shard, &memory->memory) ? XMPPBIND_OK : XMPPBIND_ERROR_NO_MEMORY;
}

/* Takes the lock, if it succeeds. */
static int lock_ready(struct xmppbind_memory_directory *memory, struct xmppbind_shard *shard,
                      const xmppbind_directory *directory) {
    xmppbind_shard_lock(shard);
    while (!is_ready(shard, directory)) {
        xmppbind_shard_unlock(shard);
        int result = make_ready(memory, shard, directory);
        if (result != XMPPBIND_OK)
            return result;
        xmppbind_shard_lock(shard); /* another directory may have been quicker */
    }
    return XMPPBIND_OK;
}

/* Under the lock: CONF-1, CONF-2. The entry stays and gets the new number; the session is the account's youngest. */
static void claim_held(struct xmppbind_shard *shard, struct xmppbind_entry *held, const xmppbind_request *request,
                       struct xmppbind_outcome *outcome) {
    if ((request->wish & XMPPBIND_WISH_REPLACE) == 0) {
        outcome->condition = XMPPBIND_CONDITION_CONFLICT;
        return;
    }
    outcome->old_number = held->number;
    held->number = outcome->number = ++shard->last_number;
    xmppbind_entry_renew(shard, held);
}

/* Under the lock: BIND-10, CONF-7. */
static void claim_free(struct xmppbind_shard *shard, struct xmppbind_entry *entry, const xmppbind_request *request,
                       struct xmppbind_outcome *outcome) {
    struct xmppbind_entry *oldest =
        xmppbind_entry_oldest(shard, entry->text, entry->account_length, entry->account_hash);
    if (oldest != NULL && oldest->count >= request->limit) {
        if ((request->wish & XMPPBIND_WISH_EVICT_OLDEST) == 0) {
            outcome->condition = XMPPBIND_CONDITION_RESOURCE_LIMIT;
            return;
        }
        xmppbind_entry_remove(shard, oldest);
        outcome->old = outcome->unused = oldest;
        outcome->old_number = oldest->number;
        oldest = xmppbind_entry_oldest(shard, entry->text, entry->account_length, entry->account_hash);
    } else {
        outcome->unused = NULL;
    }
    entry->number = outcome->number = ++shard->last_number;
    xmppbind_entry_insert(shard, entry, oldest);
}

/* Of a request: the directory that asks may have the same key, and then it has done the work. */
static inline struct xmppbind_name_hashes hashes_of(const struct xmppbind_memory_directory *memory,
                                                    const xmppbind_directory *directory,
                                                    const xmppbind_request *request) {
    const struct xmppbind_hash_key *own = &memory->key.key, *other = &directory->key;
    if (((own->first ^ other->first) | (own->second ^ other->second)) == 0)
        return (struct xmppbind_name_hashes){request->hash, request->account_hash};
    return xmppbind_name_hashes_of(&memory->key, xmppbind_request_text(request), request->length,
                                   request->account_length);
}

int xmppbind_memory_claim(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                          const xmppbind_request *request, struct xmppbind_outcome *outcome) {
    struct xmppbind_name_hashes hashes = hashes_of(memory, directory, request);
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    struct xmppbind_entry *entry = xmppbind_entry_new(memory, request, hashes);
    if (entry == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    *outcome = (struct xmppbind_outcome){XMPPBIND_CONDITION_NONE, 0, 0, entry, entry};
    int result = lock_ready(memory, shard, directory);
    if (result != XMPPBIND_OK) {
        xmppbind_entry_free(memory, entry);
        return result;
    }
    struct xmppbind_entry *held = xmppbind_entry_find(shard, entry->text, entry->length, hashes.name);
    if (held != NULL)
        claim_held(shard, held, request, outcome);
    else
        claim_free(shard, entry, request, outcome);
    int full = xmppbind_table_is_full(&shard->names) || xmppbind_table_is_full(&shard->accounts);
    xmppbind_shard_unlock(shard);
    if (full)
        (void)grow_both(shard, &memory->memory);
    return XMPPBIND_OK;
}

void xmppbind_memory_release(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                             const xmppbind_request *request) {
    struct xmppbind_name_hashes hashes = hashes_of(memory, directory, request);
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    xmppbind_shard_lock(shard);
    struct xmppbind_entry *entry =
        xmppbind_entry_find(shard, xmppbind_request_text(request), request->length, hashes.name);
    if (entry != NULL && entry->number != request->number)
        entry = NULL;
    if (entry != NULL)
        xmppbind_entry_remove(shard, entry);
    xmppbind_shard_unlock(shard);
    xmppbind_entry_free(memory, entry);
}
