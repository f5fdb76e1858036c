#include "directory.h"
#include "lib/base/text.h"

#include <stddef.h>

int xmppbind_directory_init(struct xmppbind_directory *directory, const struct xmppbind_memory *memory,
                            const struct xmppbind_owner_class *owner_class, void *context) {
    memset(directory, 0, sizeof *directory);
    directory->memory = *memory;
    directory->owner_class = owner_class;
    directory->context = context;
    atomic_init(&directory->uses, 1);
    atomic_init(&directory->owners, 0);
    xmppbind_table_init(&directory->requests, offsetof(struct xmppbind_request, table_next),
                        offsetof(struct xmppbind_request, id_low));
    xmppbind_table_init(&directory->holders, offsetof(struct xmppbind_request, table_next),
                        offsetof(struct xmppbind_request, hash));
    xmppbind_table_grow(&directory->requests, memory);
    xmppbind_table_grow(&directory->holders, memory);
    if (directory->requests.heads == NULL || directory->holders.heads == NULL ||
        pthread_mutex_init(&directory->lock, NULL) != 0) {
        xmppbind_memory_put(memory, directory->requests.heads);
        xmppbind_memory_put(memory, directory->holders.heads);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    return XMPPBIND_OK;
}

static struct xmppbind_request *any_request(struct xmppbind_directory *directory) {
    for (uint32_t i = 0; i < directory->requests.size; i++)
        if (directory->requests.heads[i] != NULL)
            return directory->requests.heads[i];
    return NULL;
}

void xmppbind_directory_destroy(struct xmppbind_directory *directory) {
    for (struct xmppbind_request *request; (request = any_request(directory)) != NULL;) {
        xmppbind_table_remove(&directory->requests, request);
        if (request->kind == XMPPBIND_REQUEST_LIST) {
            struct xmppbind_list_request *list = (struct xmppbind_list_request *)(void *)request;
            list->callback(NULL, 0, 0, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR, list->user_data);
        }
        xmppbind_memory_put(&directory->memory, (char *)request - request->room);
    }
    xmppbind_spare_empty(&directory->spare_claim, &directory->memory);
    xmppbind_memory_put(&directory->memory, directory->requests.heads);
    xmppbind_memory_put(&directory->memory, directory->holders.heads);
    (void)pthread_mutex_destroy(&directory->lock);
}

void xmppbind_directory_grow(struct xmppbind_directory *directory, struct xmppbind_table *table) {
    xmppbind_directory_lock(directory);
    uint32_t size = xmppbind_table_wanted(table);
    xmppbind_directory_unlock(directory);
    if (size == 0)
        return;
    void **heads = xmppbind_memory_get(&directory->memory, size * sizeof *heads);
    if (heads == NULL)
        return; /* it works on with longer chains */
    xmppbind_directory_lock(directory);
    heads = xmppbind_table_adopt(table, heads, size);
    xmppbind_directory_unlock(directory);
    xmppbind_memory_put(&directory->memory, heads);
}

int xmppbind_directory_open(struct xmppbind_directory *directory, struct xmppbind_request *request) {
    uint64_t id = ++directory->last_id;
    request->id_low = (uint32_t)id;
    request->id_high = (uint32_t)(id >> 32);
    xmppbind_table_insert(&directory->requests, request);
    return xmppbind_table_wanted(&directory->requests) != 0;
}

struct xmppbind_request *xmppbind_directory_opened(struct xmppbind_directory *directory, uint64_t id) {
    struct xmppbind_request *request = xmppbind_table_first(&directory->requests, (uint32_t)id);
    while (request != NULL && xmppbind_id_of(request) != id)
        request = request->table_next;
    return request;
}

/* Callbacks are read without the lock, so they stay as they are from the first stream on. */
static int may_be_changed(struct xmppbind_directory *directory) {
    xmppbind_directory_lock(directory);
    int fixed = atomic_load(&directory->owners) > 0 || directory->last_id > 0;
    xmppbind_directory_unlock(directory);
    return !fixed;
}

int xmppbind_directory_set_claims(xmppbind_directory *directory, xmppbind_request_callback claim,
                                  xmppbind_request_callback release, void *user_data) {
    if (directory == NULL || claim == NULL || release == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (!may_be_changed(directory))
        return XMPPBIND_ERROR_STATE;
    directory->claim = claim;
    directory->release = release;
    directory->claims_data = user_data;
    return XMPPBIND_OK;
}

int xmppbind_directory_set_list(xmppbind_directory *directory, xmppbind_request_callback list, void *user_data) {
    if (directory == NULL || list == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (!may_be_changed(directory))
        return XMPPBIND_ERROR_STATE;
    directory->list = list;
    directory->list_data = user_data;
    return XMPPBIND_OK;
}

struct xmppbind_claim *xmppbind_directory_holder(struct xmppbind_directory *directory, const char *jid, size_t length,
                                                 uint32_t hash, uint64_t number) {
    struct xmppbind_claim *claim = xmppbind_table_first(&directory->holders, hash);
    for (; claim != NULL; claim = claim->request.table_next)
        if (claim->request.hash == hash && claim->request.length == length && xmppbind_same(claim->text, jid, length) &&
            (number == 0 || claim->request.number == number))
            break;
    return claim;
}

void *xmppbind_directory_find(struct xmppbind_directory *directory, const char *jid, size_t length, uint64_t *number) {
    uint32_t hash = xmppbind_name_hash_jid(&directory->key, jid, length);
    xmppbind_directory_lock(directory);
    struct xmppbind_claim *claim = xmppbind_directory_holder(directory, jid, length, hash, 0);
    if (claim != NULL && atomic_load_explicit(&claim->request.taken, memory_order_relaxed) == 0)
        claim = NULL; /* its client does not know yet that it has it */
    void *owner = claim == NULL ? NULL : claim->request.owner;
    if (claim != NULL && number != NULL)
        *number = claim->request.number;
    xmppbind_directory_unlock(directory);
    return owner;
}

void xmppbind_directory_evict(struct xmppbind_directory *directory, struct xmppbind_claim *held,
                              struct xmppbind_notice *notice) {
    xmppbind_table_remove(&directory->holders, held);
    held->request.state = XMPPBIND_CLAIM_EVICTED;
    directory->owner_class->notify(held, 1, notice);
}

/* Under the lock: the claim may have been granted and lost before its acceptance arrives here; it is marked with the
 * number that is over. Only open requests are searched. */
static void mark_open_claims(struct xmppbind_directory *directory, const char *jid, size_t length, uint64_t number) {
    for (uint32_t i = 0; i < directory->requests.size; i++) {
        for (struct xmppbind_request *request = directory->requests.heads[i]; request != NULL;
             request = request->table_next) {
            struct xmppbind_claim *claim = (struct xmppbind_claim *)(void *)request;
            if (request->state == XMPPBIND_CLAIM_ASKED && request->length == length &&
                memcmp(claim->text, jid, length) == 0 && request->number < number)
                request->number = number;
        }
    }
}

int xmppbind_directory_evicted(xmppbind_directory *directory, const char *jid, size_t length, uint64_t claim) {
    struct xmppbind_notice notice = {NULL, NULL};
    if (directory == NULL || jid == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    uint32_t hash = xmppbind_name_hash_jid(&directory->key, jid, length);
    xmppbind_directory_enter(directory);
    xmppbind_directory_lock(directory);
    struct xmppbind_claim *held =
        claim == 0 ? NULL : xmppbind_directory_holder(directory, jid, length, hash, claim); /* CONF-8 */
    if (held != NULL) {
        xmppbind_directory_evict(directory, held, &notice);
    } else {
        mark_open_claims(directory, jid, length, claim);
    }
    xmppbind_directory_unlock(directory);
    if (notice.owner != NULL)
        directory->owner_class->wake(directory->context, &notice);
    xmppbind_directory_leave(directory);
    return held == NULL ? XMPPBIND_ERROR_UNKNOWN_CLAIM : XMPPBIND_OK;
}

size_t xmppbind_directory_pending(xmppbind_directory *directory) {
    if (directory == NULL)
        return 0;
    xmppbind_directory_lock(directory);
    size_t pending = directory->requests.count;
    xmppbind_directory_unlock(directory);
    return pending;
}
