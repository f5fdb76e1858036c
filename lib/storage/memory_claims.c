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
        shard->count = 0;
        shard->shares_key = 0;
        atomic_init(&shard->spare_entry.block, NULL);
        atomic_init(&shard->spare_entries.block, NULL);
        xmppbind_table_init(&shard->accounts, offsetof(struct xmppbind_entries, table_next),
                            offsetof(struct xmppbind_entries, hash));
    }
    return XMPPBIND_OK;
}

static void drop(struct xmppbind_entries *entries, const struct xmppbind_memory *source) {
    struct xmppbind_entry *entry = xmppbind_entries_oldest(entries);
    for (uint16_t i = 0; i < entries->count; i++) {
        struct xmppbind_entry *next = entry->younger;
        xmppbind_memory_put(source, entry);
        entry = next;
    }
    if (entries->indexed)
        xmppbind_entries_drop_index(entries, source);
    xmppbind_memory_put(source, entries);
}

static void empty(struct xmppbind_shard *shard, const struct xmppbind_memory *source) {
    for (uint32_t i = 0; i < shard->accounts.size; i++) {
        for (struct xmppbind_entries *entries = shard->accounts.heads[i], *next; entries != NULL; entries = next) {
            next = entries->table_next;
            drop(entries, source);
        }
    }
    xmppbind_spare_empty(&shard->spare_entry, source);
    xmppbind_spare_empty(&shard->spare_entries, source);
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
        count += memory->shards[i].count;
    return count;
}

size_t xmppbind_shards_count(struct xmppbind_memory_directory *memory) {
    lock_all(memory);
    size_t count = count_all(memory);
    unlock_all(memory);
    return count;
}

static inline int shares_key(const struct xmppbind_memory_directory *memory, const xmppbind_directory *directory) {
    const struct xmppbind_hash_key *own = &memory->key.key, *other = &directory->key;
    return ((own->first ^ other->first) | (own->second ^ other->second)) == 0;
}

/* An eviction could not be told to another directory than the one that asks (CONF-5), so all shards change over at
 * once, and only while they are empty. */
static int change_over(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory) {
    lock_all(memory);
    int free = memory->shards[0].directory == directory || count_all(memory) == 0;
    for (unsigned i = 0; free && i < XMPPBIND_SHARDS; i++) {
        memory->shards[i].directory = directory;
        memory->shards[i].shares_key = (uint8_t)shares_key(memory, directory);
    }
    unlock_all(memory);
    return free ? XMPPBIND_OK : XMPPBIND_ERROR_STATE;
}

/* Whether the shard has heads then, be they enough or not. Heads that are there once do not go. */
static XMPPBIND_NOINLINE int grow(struct xmppbind_shard *shard, const struct xmppbind_memory *source) {
    xmppbind_shard_lock(shard);
    uint32_t size = xmppbind_table_wanted(&shard->accounts);
    int has_heads = shard->accounts.heads != NULL;
    xmppbind_shard_unlock(shard);
    void **heads = size == 0 ? NULL : xmppbind_memory_get(source, size * sizeof *heads);
    if (heads == NULL)
        return has_heads;
    xmppbind_shard_lock(shard);
    heads = xmppbind_table_adopt(&shard->accounts, heads, size);
    xmppbind_shard_unlock(shard);
    xmppbind_memory_put(source, heads);
    return 1;
}

/* Under the lock: whether the shard can take an entry of this directory. */
static inline int is_ready(const struct xmppbind_shard *shard, const xmppbind_directory *directory) {
    return shard->directory == directory && shard->accounts.heads != NULL;
}

/* What the first claim of a directory, and the first in a shard, has to do: XMPPBIND_OK, or an error, and then the lock
 * is given back. */
static XMPPBIND_NOINLINE int make_ready(struct xmppbind_memory_directory *memory, struct xmppbind_shard *shard,
                                        const xmppbind_directory *directory) {
    while (!is_ready(shard, directory)) { /* another directory may be quicker */
        xmppbind_shard_unlock(shard);
        int result = change_over(memory, directory);
        if (result != XMPPBIND_OK)
            return result;
        if (!grow(shard, &memory->memory))
            return XMPPBIND_ERROR_NO_MEMORY;
        xmppbind_shard_lock(shard);
    }
    return XMPPBIND_OK;
}

/* Takes the lock, if it succeeds. */
static inline int lock_ready(struct xmppbind_memory_directory *memory, struct xmppbind_shard *shard,
                             const xmppbind_directory *directory) {
    xmppbind_shard_lock(shard);
    return is_ready(shard, directory) ? XMPPBIND_OK : make_ready(memory, shard, directory);
}

/* Under the lock: CONF-1, CONF-2. The entry stays and gets the new number; the session is the account's youngest. */
static void claim_held(struct xmppbind_shard *shard, struct xmppbind_entries *entries, struct xmppbind_entry *held,
                       const xmppbind_request *request, struct xmppbind_outcome *outcome) {
    if ((request->wish & XMPPBIND_WISH_REPLACE) == 0) {
        outcome->condition = XMPPBIND_CONDITION_CONFLICT;
        return;
    }
    outcome->old_number = held->number;
    held->number = outcome->number = ++shard->last_number;
    xmppbind_entry_renew(shard, entries, held);
}

/* Under the lock: BIND-10, CONF-7. */
static void claim_free(struct xmppbind_shard *shard, struct xmppbind_entries *entries, struct xmppbind_entry *entry,
                       const xmppbind_request *request, struct xmppbind_outcome *outcome) {
    struct xmppbind_entry *evicted = NULL;
    if (entries->count >= request->limit) {
        if ((request->wish & XMPPBIND_WISH_EVICT_OLDEST) == 0) {
            outcome->condition = XMPPBIND_CONDITION_RESOURCE_LIMIT;
            return;
        }
        evicted = xmppbind_entries_oldest(entries);
        outcome->old_number = evicted->number;
    }
    entry->number = outcome->number = ++shard->last_number;
    outcome->old = outcome->unused = evicted;
    xmppbind_entry_insert(shard, entries, entry);
    if (evicted != NULL) /* only now, so that the account does not go */
        (void)xmppbind_entry_remove(shard, entries, evicted);
}

/* Of a claim or release. */
static inline const char *text_of(const xmppbind_request *request) {
    return ((const struct xmppbind_claim *)(const void *)request)->text;
}

/* Of a request: the directory that asks may have the same key, and then it has done the work. */
static inline uint32_t account_hash_of(const struct xmppbind_memory_directory *memory,
                                       const xmppbind_directory *directory, const xmppbind_request *request) {
    if (shares_key(memory, directory))
        return request->account_hash;
    return xmppbind_name_hash_account_here(&memory->key, text_of(request), request->account_length);
}

/* Under the lock: as xmppbind_entry_hash() makes it. */
static inline uint32_t entry_hash_of(const struct xmppbind_memory_directory *memory, const struct xmppbind_shard *shard,
                                     const xmppbind_request *request, const char *resource, size_t length) {
    return shard->shares_key ? request->hash : xmppbind_name_hash_among(&memory->key, resource, length);
}

/* What a request names. */
struct name {
    const char *account, *resource;
    size_t account_length, length; /* of the resource */
    uint32_t account_hash;
};

static inline struct name name_of(const struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                                  const xmppbind_request *request) {
    const char *text = text_of(request);
    size_t account_length = request->account_length;
    return (struct name){text, text + account_length + 1, account_length, request->length - account_length - 1,
                         account_hash_of(memory, directory, request)};
}

/* Under the lock, of an account that has entries. */
static inline void claim_further(const struct xmppbind_memory_directory *memory, struct xmppbind_shard *shard,
                                 struct xmppbind_entries *entries, struct xmppbind_entry *entry,
                                 const xmppbind_request *request, struct xmppbind_outcome *outcome) {
    struct xmppbind_entry *held;
    if (entries->indexed) {
        entry->hash = entry_hash_of(memory, shard, request, entry->text, entry->length);
        held = xmppbind_entry_look_up(entries, entry->text, entry->length, entry->hash);
    } else {
        held = xmppbind_entry_walk(entries, entry->text, entry->length);
    }
    if (held != NULL)
        claim_held(shard, entries, held, request, outcome);
    else
        claim_free(shard, entries, entry, request, outcome);
}

/* Under the lock: the account that a claim is of. */
static inline struct xmppbind_entries *find_account(const struct xmppbind_shard *shard, const struct name *name) {
    return xmppbind_entries_find_in(*xmppbind_table_place(&shard->accounts, name->account_hash), name->account,
                                    name->account_length, name->account_hash);
}

/* Under the lock: room for a new account, in the spare, or in memory that the lock is given up for; then the account
 * may be there. XMPPBIND_OK, or an error, and then the lock is given back. */
static XMPPBIND_NOINLINE int find_room(struct xmppbind_memory_directory *memory, struct xmppbind_shard *shard,
                                       const xmppbind_directory *directory, const struct name *name,
                                       struct xmppbind_entries **room) {
    size_t size = xmppbind_entries_size(name->account_length);
    struct xmppbind_spare_block *spare = atomic_exchange(&shard->spare_entries.block, NULL);
    if (spare != NULL && xmppbind_spare_fits(spare, size)) {
        *room = xmppbind_spare_use(spare);
        return XMPPBIND_OK;
    }
    xmppbind_shard_unlock(shard);
    xmppbind_spare_drop(spare, &memory->memory);
    struct xmppbind_entries *made = xmppbind_memory_get(&memory->memory, size);
    int result = made == NULL ? XMPPBIND_ERROR_NO_MEMORY : lock_ready(memory, shard, directory);
    if (result == XMPPBIND_OK)
        *room = made;
    else
        xmppbind_memory_put(&memory->memory, made);
    return result;
}

/* Takes the lock, and finds the account or room for it; if that fails, nothing is left of it. */
static inline int begin_claim(struct xmppbind_memory_directory *memory, struct xmppbind_shard *shard,
                              const xmppbind_directory *directory, const struct name *name,
                              struct xmppbind_entries **entries, struct xmppbind_entries **room) {
    *room = xmppbind_entries_new(shard, &memory->memory, name->account_length);
    int result = lock_ready(memory, shard, directory);
    if (result != XMPPBIND_OK) {
        xmppbind_memory_put(&memory->memory, *room);
        return result;
    }
    *entries = find_account(shard, name);
    if (*entries != NULL || *room != NULL)
        return XMPPBIND_OK;
    result = find_room(memory, shard, directory, name, room);
    if (result == XMPPBIND_OK)
        *entries = find_account(shard, name);
    return result;
}

int xmppbind_memory_claim(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                          const xmppbind_request *request, struct xmppbind_outcome *outcome) {
    const struct name name = name_of(memory, directory, request);
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, name.account_hash);
    struct xmppbind_entries *entries, *room;
    int full = 0, larger = 0;
    struct xmppbind_entry *entry = xmppbind_entry_new(shard, &memory->memory, name.resource, name.length);
    if (entry == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    int result = begin_claim(memory, shard, directory, &name, &entries, &room);
    if (result != XMPPBIND_OK) {
        xmppbind_entry_free(shard, &memory->memory, entry);
        return result;
    }
    if (entries == NULL) {
        entry->number = ++shard->last_number;
        *outcome = (struct xmppbind_outcome){.shard = shard, .number = entry->number};
        xmppbind_entries_begin(shard, room, name.account, name.account_length, name.account_hash, entry);
        room = NULL;
        full = xmppbind_table_is_full(&shard->accounts);
    } else {
        *outcome = (struct xmppbind_outcome){.shard = shard, .unused = entry};
        claim_further(memory, shard, entries, entry, request, outcome);
        larger = xmppbind_entries_are_full(entries);
    }
    xmppbind_shard_unlock(shard);
    if (room != NULL)
        xmppbind_entries_give_back(shard, &memory->memory, room, name.account_length);
    if (full)
        (void)grow(shard, &memory->memory);
    if (larger)
        xmppbind_entries_grow(memory, name.account, name.account_length, name.account_hash);
    return XMPPBIND_OK;
}

size_t xmppbind_outcome_old_jid(const struct xmppbind_outcome *outcome, const xmppbind_request *request, char *jid) {
    size_t length = request->length;
    memcpy(jid, xmppbind_request_text(request), length + 1);
    if (outcome->old == NULL)
        return length;
    size_t at = (size_t)request->account_length + 1;
    memcpy(jid + at, outcome->old->text, outcome->old->length);
    length = at + outcome->old->length;
    jid[length] = '\0';
    return length;
}

/* Under the lock: the entry that a release is of, or NULL. */
static inline struct xmppbind_entry *find_entry(const struct xmppbind_memory_directory *memory,
                                                const struct xmppbind_shard *shard,
                                                const struct xmppbind_entries *entries, const struct name *name,
                                                const xmppbind_request *request) {
    if (!entries->indexed)
        return xmppbind_entry_walk(entries, name->resource, name->length);
    return xmppbind_entry_look_up(entries, name->resource, name->length,
                                  entry_hash_of(memory, shard, request, name->resource, name->length));
}

void xmppbind_memory_release(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory,
                             const xmppbind_request *request) {
    const struct name name = name_of(memory, directory, request);
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, name.account_hash);
    xmppbind_shard_lock(shard);
    struct xmppbind_entries *entries =
        xmppbind_entries_find(shard, name.account, name.account_length, name.account_hash);
    struct xmppbind_entry *entry = entries == NULL ? NULL : find_entry(memory, shard, entries, &name, request);
    if (entry == NULL || entry->number != request->number) {
        xmppbind_shard_unlock(shard);
        return;
    }
    entries = xmppbind_entry_take_out(shard, entries, entry);
    xmppbind_shard_unlock(shard);
    xmppbind_entry_free(shard, &memory->memory, entry);
    if (entries != NULL)
        xmppbind_entries_free(shard, &memory->memory, entries);
}
