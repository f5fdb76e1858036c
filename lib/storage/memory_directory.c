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
    made->key = (struct xmppbind_name_key){key, xmppbind_siphash_begin(key)};
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
    struct xmppbind_name_hashes hashes = xmppbind_name_hashes_here(&memory->key, jid, length, (size_t)(slash - jid));
    struct xmppbind_shard *shard = xmppbind_shard_of(memory, hashes.account);
    xmppbind_shard_lock(shard);
    const struct xmppbind_entry *entry = xmppbind_entry_find(shard, jid, length, hashes.name);
    if (entry == NULL) {
        xmppbind_shard_unlock(shard);
        return XMPPBIND_ERROR_UNKNOWN_CLAIM;
    }
    uint64_t number = entry->number;
    xmppbind_shard_unlock(shard);
    if (claim != NULL)
        *claim = number;
    return XMPPBIND_OK;
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
        (void)xmppbind_directory_evicted(directory, outcome.old->text, outcome.old->length, outcome.old_number);
    xmppbind_entry_free(memory, outcome.unused);
    return outcome.condition == XMPPBIND_CONDITION_NONE ? xmppbind_directory_accept(directory, id, outcome.number)
                                                        : xmppbind_directory_reject(directory, id, outcome.condition);
}

static XMPPBIND_NOINLINE int answer_release(struct xmppbind_memory_directory *memory, xmppbind_directory *directory,
                                            const xmppbind_request *request) {
    uint64_t id = xmppbind_id_of(request);
    xmppbind_memory_release(memory, directory, request);
    return xmppbind_directory_accept(directory, id, 0);
}

enum { JID_ROOM = 3072 /* octets: the longest JID and a NUL */ };

/* What a list tells next. */
struct told {
    size_t length; /* 0: nothing is left */
    uint64_t number;
    char text[JID_ROOM];
};

static void step(struct xmppbind_shard *shard, struct xmppbind_list_place *place, struct told *told) {
    xmppbind_shard_lock(shard);
    const struct xmppbind_entry *entry = xmppbind_list_place_step(place);
    told->length = entry == NULL ? 0 : entry->length;
    if (entry != NULL) {
        told->number = entry->number;
        memcpy(told->text, entry->text, (size_t)entry->length + 1);
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
    xmppbind_shard_lock(shard);
    xmppbind_list_place_open(shard, &place, xmppbind_entry_oldest(shard, account, request->length, hash));
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
