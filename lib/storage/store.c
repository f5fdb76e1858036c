/* The life of a request; its states and invariants are in store.h. */
#include "store.h"
#include "lib/base/condition.h"

#include <stddef.h>

int xmppbind_store_new(xmppbind_store **store, const xmppbind_allocator *allocator) {
    struct xmppbind_memory memory;
    if (store == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&memory, allocator);
    struct xmppbind_store *made = xmppbind_memory_get(&memory, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memset(made, 0, sizeof *made);
    made->memory = memory;
    atomic_init(&made->uses, 1);
    xmppbind_table_init(&made->requests, offsetof(struct xmppbind_store_request, table_next),
                        offsetof(struct xmppbind_store_request, id_low));
    xmppbind_table_grow(&made->requests, &memory);
    if (made->requests.heads == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        xmppbind_memory_put(&memory, made->requests.heads);
        xmppbind_memory_put(&memory, made);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    *store = made;
    return XMPPBIND_OK;
}

static void lock(struct xmppbind_store *store) {
    (void)pthread_mutex_lock(&store->lock);
}

static void unlock(struct xmppbind_store *store) {
    (void)pthread_mutex_unlock(&store->lock);
}

/* Tells who asked, if anybody waits, and frees the request. */
static void finish(struct xmppbind_store *store, struct xmppbind_store_request *request, int condition) {
    request->result.condition = request->failed ? XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR : condition;
    if (request->done != NULL) {
        struct xmppbind_store_result rejected = {.condition = request->result.condition};
        int accepted = request->result.condition == XMPPBIND_CONDITION_NONE;
        request->done(accepted ? &request->result : &rejected, request->user_data);
    }
    xmppbind_store_request_free(request, &store->memory);
}

static struct xmppbind_store_request *any_request(struct xmppbind_store *store) {
    for (uint32_t i = 0; i < store->requests.size; i++)
        if (store->requests.heads[i] != NULL)
            return store->requests.heads[i];
    return NULL;
}

/* Nobody uses it any longer, but those who are told now may still call it: `uses` is kept up meanwhile. */
static void destroy(struct xmppbind_store *store) {
    const struct xmppbind_memory memory = store->memory;
    atomic_store(&store->uses, 1);
    store->closing = 1;
    for (struct xmppbind_store_request *request; (request = any_request(store)) != NULL;) {
        xmppbind_table_remove(&store->requests, request);
        finish(store, request, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    }
    xmppbind_memory_put(&memory, store->requests.heads);
    (void)pthread_mutex_destroy(&store->lock);
    xmppbind_memory_put(&memory, store);
}

/* Around every call that may call back. */
static void enter(struct xmppbind_store *store) {
    (void)atomic_fetch_add(&store->uses, 1);
}

static void leave(struct xmppbind_store *store) {
    if (atomic_fetch_sub(&store->uses, 1) == 1)
        destroy(store);
}

void xmppbind_store_free(xmppbind_store *store) {
    if (store != NULL)
        leave(store);
}

static int set_callbacks(struct xmppbind_store *store, int first, const xmppbind_store_callback *callbacks, int count,
                         void *user_data) {
    for (int i = 0; i < count; i++)
        if (callbacks[i] == NULL)
            return XMPPBIND_ERROR_INVALID_ARGUMENT;
    lock(store);
    int result = store->last_id == 0 ? XMPPBIND_OK : XMPPBIND_ERROR_STATE;
    for (int i = 0; i < count && result == XMPPBIND_OK; i++) {
        store->callbacks[first + i] = callbacks[i];
        store->callbacks_data[first + i] = user_data;
    }
    unlock(store);
    return result;
}

int xmppbind_store_set_roster(xmppbind_store *store, xmppbind_store_callback load, xmppbind_store_callback put,
                              xmppbind_store_callback erase, void *user_data) {
    const xmppbind_store_callback callbacks[] = {load, put, erase};
    return store == NULL ? XMPPBIND_ERROR_INVALID_ARGUMENT
                         : set_callbacks(store, XMPPBIND_STORE_ROSTER_LOAD, callbacks,
                                         sizeof callbacks / sizeof callbacks[0], user_data);
}

int xmppbind_store_set_lists(xmppbind_store *store, xmppbind_store_callback load, xmppbind_store_callback put,
                             xmppbind_store_callback erase, xmppbind_store_callback set_default, void *user_data) {
    const xmppbind_store_callback callbacks[] = {load, put, erase, set_default};
    return store == NULL ? XMPPBIND_ERROR_INVALID_ARGUMENT
                         : set_callbacks(store, XMPPBIND_STORE_LISTS_LOAD, callbacks,
                                         sizeof callbacks / sizeof callbacks[0], user_data);
}

/* --- questions ------------------------------------------------------------------------------------------------- */

static int is_complete(const struct xmppbind_store_question *question) {
    int wants_item = question->kind == XMPPBIND_STORE_ROSTER_PUT;
    int wants_list = question->kind == XMPPBIND_STORE_LIST_PUT;
    int wants_name = question->kind == XMPPBIND_STORE_ROSTER_REMOVE || question->kind == XMPPBIND_STORE_LIST_REMOVE;
    int may_have_name = wants_name || question->kind == XMPPBIND_STORE_LIST_DEFAULT;
    if (question->kind < XMPPBIND_STORE_ROSTER_LOAD || question->kind > XMPPBIND_STORE_LIST_DEFAULT)
        return 0;
    if (question->owner_length == 0 || wants_item != (question->item != NULL) || wants_list != (question->list != NULL))
        return 0;
    if (wants_item && (question->item->flags & XMPPBIND_ROSTER_REMOVED) != 0)
        return 0;
    return question->name_length == 0 ? !wants_name : may_have_name;
}

/* Grows the table of open requests if it wants to, outside the lock. */
static void grow(struct xmppbind_store *store, uint32_t size) {
    void **heads = size == 0 ? NULL : xmppbind_memory_get(&store->memory, size * sizeof *heads);
    if (heads == NULL)
        return; /* it works on with longer chains */
    lock(store);
    heads = xmppbind_table_adopt(&store->requests, heads, size);
    unlock(store);
    xmppbind_memory_put(&store->memory, heads);
}

static uint64_t open_request(struct xmppbind_store *store, struct xmppbind_store_request *request) {
    lock(store);
    uint64_t id = request->id = ++store->last_id;
    request->id_low = (uint32_t)id;
    xmppbind_table_insert(&store->requests, request);
    uint32_t size = xmppbind_table_wanted(&store->requests);
    unlock(store);
    grow(store, size);
    return id;
}

int xmppbind_store_ask(xmppbind_store *store, const struct xmppbind_store_question *question, xmppbind_store_done done,
                       void *user_data, uint64_t *id) {
    if (store == NULL || question == NULL || done == NULL || !is_complete(question))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_store_callback callback = store->callbacks[question->kind];
    void *callback_data = store->callbacks_data[question->kind];
    if (callback == NULL || store->closing)
        return XMPPBIND_ERROR_STATE;
    enter(store);
    struct xmppbind_store_request *request = xmppbind_store_request_new(&store->memory, question);
    if (request != NULL) {
        request->done = done;
        request->user_data = user_data;
        uint64_t opened = open_request(store, request);
        if (id != NULL)
            *id = opened;
        if (callback(request, callback_data) != 0)
            (void)xmppbind_store_reject(store, opened, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    }
    leave(store);
    return request == NULL ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
}

/* Under the lock. */
static struct xmppbind_store_request *find(struct xmppbind_store *store, uint64_t id) {
    struct xmppbind_store_request *request = xmppbind_table_first(&store->requests, (uint32_t)id);
    while (request != NULL && request->id != id)
        request = request->table_next;
    return request;
}

int xmppbind_store_cancel(xmppbind_store *store, uint64_t id) {
    lock(store);
    struct xmppbind_store_request *request = find(store, id);
    int waits = request != NULL && request->done != NULL;
    if (waits)
        request->done = NULL;
    unlock(store);
    return waits;
}

size_t xmppbind_store_pending(xmppbind_store *store) {
    if (store == NULL)
        return 0;
    lock(store);
    size_t pending = store->requests.count;
    unlock(store);
    return pending;
}

/* --- answers --------------------------------------------------------------------------------------------------- */

/* Under the lock: an open load of this kind. */
static struct xmppbind_store_request *find_load(struct xmppbind_store *store, uint64_t id, int kind) {
    struct xmppbind_store_request *request = find(store, id);
    return request != NULL && request->kind == kind ? request : NULL;
}

/* What a load names: one of these, or none when there was no memory for it. */
struct entry {
    struct xmppbind_roster_item *item;
    struct xmppbind_privacy_list *list;
    struct xmppbind_octets *name;
};

/* Under the lock: moves it into the request; what is left in the entry is to be freed. */
static void keep(struct xmppbind_store_request *request, struct entry *entry) {
    if (entry->item != NULL) {
        *request->last_item = entry->item;
        request->last_item = &entry->item->next;
        entry->item = NULL;
    } else if (entry->list != NULL) {
        *request->last_list = entry->list;
        request->last_list = &entry->list->next;
        entry->list = NULL;
    } else if (entry->name != NULL) {
        struct xmppbind_octets *former = request->result.default_list; /* the last one counts */
        request->result.default_list = entry->name;
        entry->name = former;
    } else {
        request->failed = 1; /* it cannot be accepted any more */
    }
}

/* Leaves the store, which the caller has entered. */
static int add_entry(struct xmppbind_store *store, uint64_t id, int kind, struct entry entry) {
    int complete = entry.item != NULL || entry.list != NULL || entry.name != NULL;
    lock(store);
    struct xmppbind_store_request *request = find_load(store, id, kind);
    if (request != NULL)
        keep(request, &entry);
    unlock(store);
    xmppbind_roster_item_free(entry.item);
    xmppbind_privacy_list_free(entry.list);
    xmppbind_memory_put(&store->memory, entry.name);
    leave(store);
    if (request == NULL)
        return XMPPBIND_ERROR_UNKNOWN_REQUEST;
    return complete ? XMPPBIND_OK : XMPPBIND_ERROR_NO_MEMORY;
}

int xmppbind_store_roster_entry(xmppbind_store *store, uint64_t request, const xmppbind_roster_item *item) {
    if (store == NULL || item == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    enter(store);
    struct entry entry = {.item = xmppbind_roster_item_copy(item, &store->memory)};
    return add_entry(store, request, XMPPBIND_STORE_ROSTER_LOAD, entry);
}

int xmppbind_store_list_entry(xmppbind_store *store, uint64_t request, const xmppbind_privacy_list *list) {
    if (store == NULL || list == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    enter(store);
    struct entry entry = {.list = xmppbind_privacy_list_copy(list, &store->memory)};
    return add_entry(store, request, XMPPBIND_STORE_LISTS_LOAD, entry);
}

int xmppbind_store_default_entry(xmppbind_store *store, uint64_t request, const char *name, size_t length) {
    if (store == NULL || length == 0 || !xmppbind_octets_allowed(name, length))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    enter(store);
    struct entry entry = {.name = xmppbind_octets_new(&store->memory, name, length)};
    return add_entry(store, request, XMPPBIND_STORE_LISTS_LOAD, entry);
}

int xmppbind_store_floor(xmppbind_store *store, uint64_t request, uint64_t floor) {
    if (store == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    lock(store);
    struct xmppbind_store_request *open = find_load(store, request, XMPPBIND_STORE_ROSTER_LOAD);
    if (open != NULL)
        open->result.floor = floor;
    unlock(store);
    return open == NULL ? XMPPBIND_ERROR_UNKNOWN_REQUEST : XMPPBIND_OK;
}

/* Under the lock: takes the request out of the table, if it may be answered like this. */
static int take(struct xmppbind_store *store, uint64_t id, uint64_t version, int condition,
                struct xmppbind_store_request **taken) {
    struct xmppbind_store_request *request = find(store, id);
    if (request == NULL)
        return XMPPBIND_ERROR_UNKNOWN_REQUEST;
    int changes = request->kind == XMPPBIND_STORE_ROSTER_PUT || request->kind == XMPPBIND_STORE_ROSTER_REMOVE;
    if (changes && condition == XMPPBIND_CONDITION_NONE && version == 0)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    request->result.version = changes || request->kind == XMPPBIND_STORE_ROSTER_LOAD ? version : 0;
    xmppbind_table_remove(&store->requests, request);
    *taken = request;
    return XMPPBIND_OK;
}

static int answer(struct xmppbind_store *store, uint64_t id, uint64_t version, int condition) {
    struct xmppbind_store_request *request = NULL;
    if (store == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    enter(store);
    lock(store);
    int result = take(store, id, version, condition, &request);
    unlock(store);
    if (result == XMPPBIND_OK)
        finish(store, request, condition);
    leave(store);
    return result;
}

int xmppbind_store_accept(xmppbind_store *store, uint64_t request, uint64_t version) {
    return answer(store, request, version, XMPPBIND_CONDITION_NONE);
}

int xmppbind_store_reject(xmppbind_store *store, uint64_t request, int condition) {
    int known = xmppbind_condition_is_error(condition);
    return answer(store, request, 0, known ? condition : XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
}
