/*
 * The directory of one process, as a host sees it. Decisions are made under the lock of a shard, in one piece (CONF-5);
 * what follows from them (eviction first, then acceptance) is told after it, so that no callback ever runs inside.
 * Memory is asked for before the lock and given back after it.
 */
#include "lib/base/random.h"
#include "memory_claims.h"

#include <stddef.h>

/* An allocator need not know of cache lines, so there is room for moving to the next one. */
static struct xmppbind_memory_directory *get_aligned(const struct xmppbind_memory *source) {
    enum { MORE = XMPPBIND_CACHE_LINE - 1 };
    char *block = xmppbind_memory_get(source, sizeof(struct xmppbind_memory_directory) + MORE);
    if (block == NULL)
        return NULL;
    size_t over = (uintptr_t)block % XMPPBIND_CACHE_LINE;
    struct xmppbind_memory_directory *memory = (void *)(over == 0 ? block : block + XMPPBIND_CACHE_LINE - over);
    memory->block = block;
    return memory;
}

int xmppbind_memory_directory_new(xmppbind_memory_directory **memory, const xmppbind_allocator *allocator,
                                  xmppbind_random_callback random, void *user_data) {
    struct xmppbind_memory source;
    struct xmppbind_hash_key key;
    if (memory == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&source, allocator);
    if ((random == NULL ? xmppbind_random_system : random)((uint8_t *)&key, sizeof key, user_data) != 0)
        return XMPPBIND_ERROR_RANDOM;
    struct xmppbind_memory_directory *made = get_aligned(&source);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->memory = source;
    xmppbind_name_key_init(&made->key, &key);
    if (xmppbind_shards_init(made) != XMPPBIND_OK) {
        xmppbind_memory_put(&source, made->block);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    *memory = made;
    return XMPPBIND_OK;
}

void xmppbind_memory_directory_free(xmppbind_memory_directory *memory) {
    if (memory == NULL)
        return;
    struct xmppbind_memory source = memory->memory;
    xmppbind_shards_destroy(memory);
    xmppbind_memory_put(&source, memory->block);
}

size_t xmppbind_memory_directory_count(xmppbind_memory_directory *memory) {
    return memory == NULL ? 0 : xmppbind_shards_count(memory);
}

int xmppbind_memory_directory_find(xmppbind_memory_directory *memory, const char *jid, size_t length, uint64_t *claim) {
    if (memory == NULL || jid == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    const char *slash = memchr(jid, '/', length);
    if (slash == NULL) /* a bare JID */
        return XMPPBIND_ERROR_UNKNOWN_CLAIM;
    size_t account_length = (size_t)(slash - jid);
    uint32_t hash = xmppbind_name_hash_account_here(&memory->key, jid, account_length);
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hash);
    xmppbind_shard_lock(shard);
    const struct xmppbind_entries *entries = xmppbind_entries_find(shard, jid, account_length, hash);
    const struct xmppbind_entry *entry =
        entries == NULL ? NULL
                        : xmppbind_entry_find(shard, entries, &memory->key, slash + 1, length - account_length - 1);
    uint64_t number = entry == NULL ? 0 : entry->number;
    xmppbind_shard_unlock(shard);
    if (number == 0)
        return XMPPBIND_ERROR_UNKNOWN_CLAIM;
    if (claim != NULL)
        *claim = number;
    return XMPPBIND_OK;
}

enum { JID_ROOM = 3072 /* octets: the longest JID and a NUL */ };

/* The request stays until it is answered, but what is told is told of a copy. */
static XMPPBIND_NOINLINE void tell_eviction(xmppbind_directory *directory, const xmppbind_request *request,
                                            const struct xmppbind_outcome *outcome) {
    char jid[JID_ROOM];
    size_t length = xmppbind_outcome_old_jid(outcome, request, jid);
    (void)xmppbind_directory_evicted(directory, jid, length, outcome->old_number);
}

static XMPPBIND_NOINLINE int answer_claim(struct xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                          const xmppbind_request *request) {
    uint64_t id = xmppbind_id_of(request);
    struct xmppbind_outcome outcome;
    int result = xmppbind_memory_claim(memory, directory, request, &outcome);
    if (result == XMPPBIND_ERROR_NO_MEMORY)
        return xmppbind_directory_reject(directory, id, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    if (result != XMPPBIND_OK)
        return result;
    if (outcome.old_number != 0)
        tell_eviction(directory, request, &outcome);
    xmppbind_outcome_end(memory, &outcome);
    return outcome.condition == XMPPBIND_CONDITION_NONE ? xmppbind_directory_accept(directory, id, outcome.number)
                                                        : xmppbind_directory_reject(directory, id, outcome.condition);
}

static XMPPBIND_NOINLINE int answer_release(struct xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                            const xmppbind_request *request) {
    uint64_t id = xmppbind_id_of(request);
    xmppbind_memory_release(memory, directory, request);
    return xmppbind_directory_accept(directory, id, 0);
}

/* What a list tells next. */
struct told {
    size_t account_length; /* with what is behind it */
    size_t length;         /* 0: nothing is left */
    uint64_t number;
    char text[JID_ROOM];
};

static void step(struct xmppbind_shard *shard, struct xmppbind_list_place *place, struct told *told) {
    xmppbind_shard_lock(shard);
    const struct xmppbind_entry *entry = xmppbind_list_place_step(place);
    told->length = entry == NULL ? 0 : told->account_length + entry->length;
    if (entry != NULL) {
        told->number = entry->number;
        memcpy(told->text + told->account_length, entry->text, entry->length);
        told->text[told->length] = '\0';
    }
    xmppbind_shard_unlock(shard);
}

/* The resources are told one after the other, each as it is at that moment. The request may be gone with the first. */
static XMPPBIND_NOINLINE int answer_list(struct xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                         const xmppbind_request *request) {
    uint64_t id = xmppbind_id_of(request);
    const char *account = xmppbind_request_text(request);
    uint32_t hash = xmppbind_name_hash_account(&memory->key.key, account, request->length);
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hash);
    struct xmppbind_list_place place;
    struct told told;
    memcpy(told.text, account, request->length);
    told.text[request->length] = '/';
    told.account_length = (size_t)request->length + 1;
    xmppbind_shard_lock(shard);
    xmppbind_list_place_open(shard, &place, xmppbind_entries_find(shard, account, request->length, hash));
    xmppbind_shard_unlock(shard);
    for (int result = XMPPBIND_OK; result == XMPPBIND_OK;) {
        step(shard, &place, &told);
        if (told.length == 0)
            break;
        result = xmppbind_directory_list_entry(directory, id, told.text, told.length, told.number);
    }
    xmppbind_shard_lock(shard);
    xmppbind_list_place_close(shard, &place);
    xmppbind_shard_unlock(shard);
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
