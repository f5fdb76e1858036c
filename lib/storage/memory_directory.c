/*
 * The directory of one process. Decisions are made under the lock, in one piece (CONF-5); what follows from them
 * (eviction first, then acceptance) is told after it, so that no callback ever runs inside. Memory is asked for before
 * the lock and given back after it.
 */
#include "lib/base/random.h"
#include "lib/base/text.h"
#include "memory_entries.h"

#include <stddef.h>

int xmppbind_memory_directory_new(xmppbind_memory_directory **memory, const xmppbind_allocator *allocator,
                                  xmppbind_random_callback random, void *user_data) {
    struct xmppbind_memory source;
    struct xmppbind_hash_key key;
    if (memory == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&source, allocator);
    if ((random == NULL ? xmppbind_random_system : random)((uint8_t *)&key, sizeof key, user_data) != 0)
        return XMPPBIND_ERROR_RANDOM;
    struct xmppbind_memory_directory *made = xmppbind_memory_get(&source, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->memory = source;
    made->key = key;
    made->directory = NULL;
    made->last_number = 0;
    atomic_init(&made->spare.block, NULL);
    xmppbind_table_init(&made->names, offsetof(struct xmppbind_entry, name_next),
                        offsetof(struct xmppbind_entry, name_hash));
    xmppbind_table_init(&made->accounts, offsetof(struct xmppbind_entry, account_next),
                        offsetof(struct xmppbind_entry, account_hash));
    xmppbind_table_grow(&made->names, &source);
    xmppbind_table_grow(&made->accounts, &source);
    if (made->names.heads == NULL || made->accounts.heads == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        xmppbind_memory_put(&source, made->names.heads);
        xmppbind_memory_put(&source, made->accounts.heads);
        xmppbind_memory_put(&source, made);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    *memory = made;
    return XMPPBIND_OK;
}

void xmppbind_memory_directory_free(xmppbind_memory_directory *memory) {
    if (memory == NULL)
        return;
    struct xmppbind_memory source = memory->memory;
    for (uint32_t i = 0; i < memory->names.size; i++) {
        for (struct xmppbind_entry *entry = memory->names.heads[i], *next; entry != NULL; entry = next) {
            next = entry->name_next;
            xmppbind_memory_put(&source, entry);
        }
    }
    xmppbind_spare_empty(&memory->spare, &source);
    xmppbind_memory_put(&source, memory->names.heads);
    xmppbind_memory_put(&source, memory->accounts.heads);
    (void)pthread_mutex_destroy(&memory->lock);
    xmppbind_memory_put(&source, memory);
}

size_t xmppbind_memory_directory_count(xmppbind_memory_directory *memory) {
    if (memory == NULL)
        return 0;
    (void)pthread_mutex_lock(&memory->lock);
    size_t count = memory->names.count;
    (void)pthread_mutex_unlock(&memory->lock);
    return count;
}

/* What a claim came to. */
struct outcome {
    int condition;                 /* why it was refused, or none */
    uint64_t number;               /* of the new claim */
    uint64_t old_number;           /* of the claim that ended, or 0 */
    struct xmppbind_entry *old;    /* whose JID it was */
    struct xmppbind_entry *unused; /* to be freed */
};

/* Under the lock: CONF-1, CONF-2. The entry stays and gets the new number; the session is the account's youngest. */
static void claim_held(struct xmppbind_memory_directory *memory, struct xmppbind_entry *held,
                       const xmppbind_request *request, struct outcome *outcome) {
    if ((request->wish & XMPPBIND_WISH_REPLACE) == 0) {
        outcome->condition = XMPPBIND_CONDITION_CONFLICT;
        return;
    }
    outcome->old_number = held->number;
    held->number = outcome->number = ++memory->last_number;
    xmppbind_entry_renew(memory, held);
}

/* Under the lock: BIND-10, CONF-7. */
static void claim_free(struct xmppbind_memory_directory *memory, struct xmppbind_entry *entry,
                       const xmppbind_request *request, struct outcome *outcome) {
    struct xmppbind_entry *oldest =
        xmppbind_entry_oldest(memory, entry->text, entry->account_length, entry->account_hash);
    if (oldest != NULL && oldest->count >= request->limit) {
        if ((request->wish & XMPPBIND_WISH_EVICT_OLDEST) == 0) {
            outcome->condition = XMPPBIND_CONDITION_RESOURCE_LIMIT;
            return;
        }
        xmppbind_entry_remove(memory, oldest);
        outcome->old = outcome->unused = oldest;
        outcome->old_number = oldest->number;
        oldest = xmppbind_entry_oldest(memory, entry->text, entry->account_length, entry->account_hash);
    } else {
        outcome->unused = NULL;
    }
    entry->number = outcome->number = ++memory->last_number;
    xmppbind_entry_insert(memory, entry, oldest);
}

static void grow(struct xmppbind_memory_directory *memory, struct xmppbind_table *table) {
    (void)pthread_mutex_lock(&memory->lock);
    uint32_t size = xmppbind_table_wanted(table);
    (void)pthread_mutex_unlock(&memory->lock);
    void **heads = size == 0 ? NULL : xmppbind_memory_get(&memory->memory, size * sizeof *heads);
    if (heads == NULL)
        return;
    (void)pthread_mutex_lock(&memory->lock);
    heads = xmppbind_table_adopt(table, heads, size);
    (void)pthread_mutex_unlock(&memory->lock);
    xmppbind_memory_put(&memory->memory, heads);
}

struct hashes {
    uint32_t name;
    uint32_t account;
};

/* Of a request: the directory that asks may have the same key, and then it has done the work. */
static inline struct hashes hashes_of(const struct xmppbind_memory_directory *memory,
                                      const xmppbind_directory *directory, const xmppbind_request *request) {
    if (((memory->key.first ^ directory->key.first) | (memory->key.second ^ directory->key.second)) == 0)
        return (struct hashes){request->hash, request->account_hash};
    const char *jid = xmppbind_request_text(request);
    return (struct hashes){xmppbind_name_hash_jid(&memory->key, jid, request->length),
                           xmppbind_name_hash_account(&memory->key, jid, request->account_length)};
}

/* Under the lock: an eviction could not be told to another directory than the one that asks (CONF-5). */
static int serves(struct xmppbind_memory_directory *memory, const xmppbind_directory *directory) {
    if (memory->names.count == 0)
        memory->directory = directory;
    return memory->directory == directory;
}

static XMPPBIND_NOINLINE int answer_claim(struct xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                          const xmppbind_request *request) {
    uint64_t id = xmppbind_id_of(request);
    struct hashes hashes = hashes_of(memory, directory, request);
    struct xmppbind_entry *entry = xmppbind_entry_new(memory, request, hashes.name, hashes.account);
    if (entry == NULL)
        return xmppbind_directory_reject(directory, id, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    struct outcome outcome = {XMPPBIND_CONDITION_NONE, 0, 0, entry, entry};
    (void)pthread_mutex_lock(&memory->lock);
    if (!serves(memory, directory)) {
        (void)pthread_mutex_unlock(&memory->lock);
        xmppbind_entry_free(memory, entry);
        return XMPPBIND_ERROR_STATE;
    }
    struct xmppbind_entry *held = xmppbind_entry_find(memory, entry->text, entry->length, entry->name_hash);
    if (held != NULL)
        claim_held(memory, held, request, &outcome);
    else
        claim_free(memory, entry, request, &outcome);
    uint32_t growth = xmppbind_table_wanted(&memory->names) | xmppbind_table_wanted(&memory->accounts);
    (void)pthread_mutex_unlock(&memory->lock);
    if (outcome.old_number != 0)
        (void)xmppbind_directory_evicted(directory, outcome.old->text, outcome.old->length, outcome.old_number);
    xmppbind_entry_free(memory, outcome.unused);
    if (growth != 0) {
        grow(memory, &memory->names);
        grow(memory, &memory->accounts);
    }
    return outcome.condition == XMPPBIND_CONDITION_NONE ? xmppbind_directory_accept(directory, id, outcome.number)
                                                        : xmppbind_directory_reject(directory, id, outcome.condition);
}

/* A release that names another claim than the one that holds is late, and done already (CONF-8). */
static XMPPBIND_NOINLINE int answer_release(struct xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                            const xmppbind_request *request) {
    size_t length = request->length;
    const char *jid = xmppbind_request_text(request);
    uint32_t hash = hashes_of(memory, directory, request).name;
    (void)pthread_mutex_lock(&memory->lock);
    struct xmppbind_entry *entry = xmppbind_entry_find(memory, jid, length, hash);
    if (entry != NULL && entry->number != request->number)
        entry = NULL;
    if (entry != NULL)
        xmppbind_entry_remove(memory, entry);
    (void)pthread_mutex_unlock(&memory->lock);
    xmppbind_entry_free(memory, entry);
    return xmppbind_directory_accept(directory, xmppbind_id_of(request), 0);
}

enum { JID_ROOM = 3072 /* octets: the longest JID and a NUL */ };

/* Where a list has got to. */
struct place {
    uint64_t number; /* of the entry told last; 0: none yet */
    size_t length;
    char text[JID_ROOM];
};

/* Under the lock: the entry after `place`. The last one told is still there as a rule; if not, age finds the way. */
static struct xmppbind_entry *following(const struct xmppbind_memory_directory *memory, const char *account,
                                        size_t length, const struct place *place) {
    uint32_t hash = xmppbind_name_hash_account(&memory->key, account, length);
    struct xmppbind_entry *oldest = xmppbind_entry_oldest(memory, account, length, hash), *entry = oldest;
    if (place->number != 0) {
        hash = xmppbind_name_hash_jid(&memory->key, place->text, place->length);
        struct xmppbind_entry *last = xmppbind_entry_find(memory, place->text, place->length, hash);
        if (last != NULL && last->number == place->number)
            return last->younger == oldest ? NULL : last->younger;
    }
    while (entry != NULL && entry->number <= place->number)
        entry = entry->younger == oldest ? NULL : entry->younger;
    return entry;
}

static XMPPBIND_NOINLINE int answer_list(struct xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                         const xmppbind_request *request) {
    uint64_t id = xmppbind_id_of(request);
    size_t length = request->length;
    char account[XMPPBIND_ACCOUNT_MAXIMUM + 1]; /* a request that is answered by who is told an entry is gone */
    struct place place;
    memcpy(account, xmppbind_request_text(request), length);
    place.number = 0;
    for (int result = XMPPBIND_OK; result == XMPPBIND_OK;) {
        (void)pthread_mutex_lock(&memory->lock);
        const struct xmppbind_entry *entry = following(memory, account, length, &place);
        if (entry != NULL) {
            place.number = entry->number;
            place.length = entry->length;
            memcpy(place.text, entry->text, (size_t)entry->length + 1);
        }
        (void)pthread_mutex_unlock(&memory->lock);
        if (entry == NULL)
            break;
        result = xmppbind_directory_list_entry(directory, id, place.text, place.length, place.number);
    }
    return xmppbind_directory_accept(directory, id, 0);
}

int xmppbind_memory_directory_answer(xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                     const xmppbind_request *request) {
    if (memory == NULL || directory == NULL || request == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    switch (request->kind) {
    case XMPPBIND_REQUEST_CLAIM:
        return answer_claim(memory, directory, request);
    case XMPPBIND_REQUEST_RELEASE:
        return answer_release(memory, directory, request);
    default:
        return answer_list(memory, directory, request);
    }
}
