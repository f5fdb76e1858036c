/*
 * The store of one process. What a change needs is made before the lock, the change is made under it in one piece, and
 * what it made useless is freed after it, so that a lack of memory changes nothing and no callback runs inside.
 */
#include "memory_store.h"

#include "lib/base/random.h"

#include <stddef.h>

/* Versions have room to grow, in any number that a database or a language of a host may have for them. */
static const uint64_t first_versions = (UINT64_C(1) << 48) - 1;

static void init_tables(struct xmppbind_memory_store *memory) {
    xmppbind_table_init(&memory->owners, offsetof(struct xmppbind_record_owner, table_next),
                        offsetof(struct xmppbind_record_owner, hash));
    xmppbind_table_init(&memory->records, offsetof(struct xmppbind_record, table_next),
                        offsetof(struct xmppbind_record, hash));
    xmppbind_table_grow(&memory->owners, &memory->memory);
    xmppbind_table_grow(&memory->records, &memory->memory);
}

int xmppbind_memory_store_new(xmppbind_memory_store **memory, const xmppbind_allocator *allocator,
                              xmppbind_random_callback random, void *user_data) {
    struct {
        struct xmppbind_hash_key key;
        uint64_t version;
    } drawn;
    struct xmppbind_memory source;
    if (memory == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&source, allocator);
    if ((random == NULL ? xmppbind_random_system : random)((uint8_t *)&drawn, sizeof drawn, user_data) != 0)
        return XMPPBIND_ERROR_RANDOM;
    struct xmppbind_memory_store *made = xmppbind_memory_get(&source, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->memory = source;
    made->key = drawn.key;
    made->first_version = drawn.version & first_versions;
    init_tables(made);
    if (made->owners.heads == NULL || made->records.heads == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        xmppbind_memory_put(&source, made->owners.heads);
        xmppbind_memory_put(&source, made->records.heads);
        xmppbind_memory_put(&source, made);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    *memory = made;
    return XMPPBIND_OK;
}

static void free_owner(struct xmppbind_memory_store *memory, struct xmppbind_record_owner *owner) {
    for (int chain = 0; chain < XMPPBIND_CHAINS; chain++) {
        for (struct xmppbind_record *record = owner->chains[chain].oldest, *next; record != NULL; record = next) {
            next = record->newer;
            xmppbind_record_free(memory, record);
        }
    }
    xmppbind_memory_put(&memory->memory, owner);
}

void xmppbind_memory_store_free(xmppbind_memory_store *memory) {
    if (memory == NULL)
        return;
    const struct xmppbind_memory source = memory->memory;
    for (uint32_t i = 0; i < memory->owners.size; i++) {
        for (struct xmppbind_record_owner *owner = memory->owners.heads[i], *next; owner != NULL; owner = next) {
            next = owner->table_next;
            free_owner(memory, owner);
        }
    }
    xmppbind_memory_put(&source, memory->owners.heads);
    xmppbind_memory_put(&source, memory->records.heads);
    (void)pthread_mutex_destroy(&memory->lock);
    xmppbind_memory_put(&source, memory);
}

/* How a request ends, found out before it is answered: the answer may be the end of the store in memory. */
struct outcome {
    int condition;
    uint64_t version;
};

static const struct outcome failed = {XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR, 0};
static const struct outcome not_found = {XMPPBIND_CONDITION_ITEM_NOT_FOUND, 0};

static struct xmppbind_record_owner *owner_of(struct xmppbind_memory_store *memory,
                                              const xmppbind_store_request *request, int make) {
    return xmppbind_record_owner_of(memory, xmppbind_store_owner_of(request), request->owner_length, make);
}

/* --- changes --------------------------------------------------------------------------------------------------- */

/* Under the lock: only so many removals are remembered. What is to be freed, or NULL. */
static struct xmppbind_record *forget_removal(struct xmppbind_memory_store *memory,
                                              struct xmppbind_record_owner *owner) {
    struct xmppbind_record *oldest = owner->chains[XMPPBIND_REMOVALS].oldest;
    if (owner->chains[XMPPBIND_REMOVALS].count <= XMPPBIND_STORE_REMOVALS)
        return NULL;
    owner->floor = oldest->item->version;
    return xmppbind_record_remove(memory, oldest);
}

/* Of what is to be stored; NULL without memory. */
static struct xmppbind_record *new_record(const struct xmppbind_memory_store *memory,
                                          const xmppbind_store_request *request) {
    if (request->kind == XMPPBIND_STORE_LIST_PUT)
        return xmppbind_record_new(memory, XMPPBIND_LISTS, NULL,
                                   xmppbind_privacy_list_copy(request->list, &memory->memory));
    return xmppbind_record_new(memory, XMPPBIND_CONTACTS, xmppbind_roster_item_copy(request->item, &memory->memory),
                               NULL);
}

/* A contact or a list takes the place of the one with its name; a list also as the default. */
static struct outcome put(struct xmppbind_memory_store *memory, const xmppbind_store_request *request) {
    size_t length;
    int lists = request->kind == XMPPBIND_STORE_LIST_PUT;
    const char *name =
        lists ? xmppbind_privacy_list_name(request->list, &length) : xmppbind_roster_item_jid(request->item, &length);
    struct xmppbind_record *garbage = NULL, *record = new_record(memory, request);
    struct xmppbind_record_owner *owner = record == NULL ? NULL : owner_of(memory, request, 1);
    if (owner == NULL) {
        xmppbind_record_free(memory, record);
        return failed;
    }
    xmppbind_memory_store_lock(memory);
    struct xmppbind_record *former = xmppbind_record_find(memory, owner, lists, name, length);
    int is_default = former != NULL && owner->default_list == former;
    if (former != NULL)
        garbage = xmppbind_record_remove(memory, former);
    uint64_t version = lists ? 0 : ++owner->version;
    if (!lists)
        record->item->version = version;
    xmppbind_record_insert(memory, owner, record);
    if (is_default)
        owner->default_list = record;
    xmppbind_memory_store_unlock(memory);
    xmppbind_record_free(memory, garbage);
    xmppbind_record_grow(memory);
    return (struct outcome){XMPPBIND_CONDITION_NONE, version};
}

/* What a removed contact leaves behind. */
static struct xmppbind_record *new_removal(const struct xmppbind_memory_store *memory,
                                           const xmppbind_store_request *request) {
    struct xmppbind_roster_item *item =
        xmppbind_roster_item_make(&memory->memory, xmppbind_store_name_of(request), request->name_length);
    if (item != NULL)
        item->flags = XMPPBIND_ROSTER_REMOVED;
    return xmppbind_record_new(memory, XMPPBIND_REMOVALS, item, NULL);
}

static struct outcome remove_contact(struct xmppbind_memory_store *memory, const xmppbind_store_request *request) {
    struct xmppbind_record *garbage = NULL, *forgotten = NULL;
    struct outcome outcome = not_found;
    struct xmppbind_record_owner *owner = owner_of(memory, request, 0);
    struct xmppbind_record *removal = owner == NULL ? NULL : new_removal(memory, request);
    if (removal == NULL)
        return owner == NULL ? not_found : failed;
    xmppbind_memory_store_lock(memory);
    struct xmppbind_record *former =
        xmppbind_record_find(memory, owner, 0, removal->item->jid, removal->item->jid_length);
    if (former == NULL || former->chain == XMPPBIND_REMOVALS) {
        garbage = removal;
    } else {
        garbage = xmppbind_record_remove(memory, former);
        outcome = (struct outcome){XMPPBIND_CONDITION_NONE, ++owner->version};
        removal->item->version = outcome.version;
        xmppbind_record_insert(memory, owner, removal);
        forgotten = forget_removal(memory, owner);
    }
    xmppbind_memory_store_unlock(memory);
    xmppbind_record_free(memory, garbage);
    xmppbind_record_free(memory, forgotten);
    return outcome;
}

/* Removes a list or makes it the default. An account that is not known has no list, and no default either. */
static struct outcome change_list(struct xmppbind_memory_store *memory, const xmppbind_store_request *request) {
    struct xmppbind_record *garbage = NULL, *record = NULL;
    int no_default = request->kind == XMPPBIND_STORE_LIST_DEFAULT && request->name_length == 0;
    struct xmppbind_record_owner *owner = owner_of(memory, request, 0);
    if (owner != NULL) {
        xmppbind_memory_store_lock(memory);
        if (!no_default)
            record = xmppbind_record_find(memory, owner, 1, xmppbind_store_name_of(request), request->name_length);
        if (no_default || (record != NULL && request->kind == XMPPBIND_STORE_LIST_DEFAULT))
            owner->default_list = record;
        else if (record != NULL)
            garbage = xmppbind_record_remove(memory, record);
        xmppbind_memory_store_unlock(memory);
        xmppbind_record_free(memory, garbage);
    }
    return no_default || record != NULL ? (struct outcome){XMPPBIND_CONDITION_NONE, 0} : not_found;
}

/* --- loads ----------------------------------------------------------------------------------------------------- */

/* What a load has in hand: the records of an owner at one moment. */
struct picture {
    struct xmppbind_record **records;
    size_t count, room;
    uint64_t version, floor;
    struct xmppbind_record *default_list;
};

/* Under the lock: the two chains of a roster become one, by version; of lists there is one. */
static void take_records(const struct xmppbind_record_owner *owner, int lists, struct picture *picture) {
    struct xmppbind_record *left = owner->chains[lists ? XMPPBIND_LISTS : XMPPBIND_CONTACTS].oldest;
    struct xmppbind_record *right = lists ? NULL : owner->chains[XMPPBIND_REMOVALS].oldest;
    picture->version = owner->version;
    picture->floor = owner->floor;
    picture->default_list = lists ? owner->default_list : NULL; /* one of the records */
    if (picture->records == NULL)                               /* no room was needed: there are none */
        return;
    while (left != NULL || right != NULL) {
        int from_left = right == NULL || (left != NULL && left->item->version < right->item->version);
        struct xmppbind_record **from = from_left ? &left : &right;
        (*from)->references++;
        picture->records[picture->count++] = *from;
        *from = (*from)->newer;
    }
}

/* Room is made without the lock, so there may be too little of it when the lock is taken again. */
static int take_picture(struct xmppbind_memory_store *memory, const struct xmppbind_record_owner *owner, int lists,
                        struct picture *picture) {
    for (;;) {
        xmppbind_memory_store_lock(memory);
        size_t count = lists ? owner->chains[XMPPBIND_LISTS].count
                             : owner->chains[XMPPBIND_CONTACTS].count + owner->chains[XMPPBIND_REMOVALS].count;
        if (count <= picture->room)
            take_records(owner, lists, picture);
        xmppbind_memory_store_unlock(memory);
        if (count <= picture->room)
            return XMPPBIND_OK;
        xmppbind_memory_put(&memory->memory, picture->records);
        picture->room = count;
        picture->records = xmppbind_memory_get(&memory->memory, count * sizeof(struct xmppbind_record *));
        if (picture->records == NULL)
            return XMPPBIND_ERROR_NO_MEMORY;
    }
}

static void drop_picture(struct xmppbind_memory_store *memory, struct picture *picture) {
    for (size_t i = 0; i < picture->count; i++) {
        xmppbind_memory_store_lock(memory);
        struct xmppbind_record *garbage = xmppbind_record_unreference(picture->records[i]);
        xmppbind_memory_store_unlock(memory);
        xmppbind_record_free(memory, garbage);
    }
    xmppbind_memory_put(&memory->memory, picture->records);
}

static int name_records(const struct picture *picture, struct xmppbind_store *store, uint64_t id) {
    int result = XMPPBIND_OK;
    for (size_t i = 0; i < picture->count && result == XMPPBIND_OK; i++) {
        const struct xmppbind_record *record = picture->records[i];
        result = record->list != NULL ? xmppbind_store_list_entry(store, id, record->list)
                                      : xmppbind_store_roster_entry(store, id, record->item);
    }
    if (result == XMPPBIND_OK && picture->default_list != NULL)
        result = xmppbind_store_default_entry(store, id, picture->default_list->list->name,
                                              picture->default_list->list->name_length);
    return result;
}

static struct outcome load(struct xmppbind_memory_store *memory, struct xmppbind_store *store,
                           const xmppbind_store_request *request) {
    struct picture picture = {.records = NULL};
    int lists = request->kind == XMPPBIND_STORE_LISTS_LOAD;
    struct xmppbind_record_owner *owner = owner_of(memory, request, 0);
    int result = owner == NULL ? XMPPBIND_OK : take_picture(memory, owner, lists, &picture);
    if (result == XMPPBIND_OK)
        result = name_records(&picture, store, request->id);
    if (result == XMPPBIND_OK && !lists)
        result = xmppbind_store_floor(store, request->id, picture.floor);
    drop_picture(memory, &picture);
    return result == XMPPBIND_OK ? (struct outcome){XMPPBIND_CONDITION_NONE, picture.version} : failed;
}

int xmppbind_memory_store_answer(xmppbind_memory_store *memory, xmppbind_store *store,
                                 const xmppbind_store_request *request) {
    struct outcome outcome;
    if (memory == NULL || store == NULL || request == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    uint64_t id = request->id;
    switch (request->kind) {
    case XMPPBIND_STORE_ROSTER_PUT:
    case XMPPBIND_STORE_LIST_PUT:
        outcome = put(memory, request);
        break;
    case XMPPBIND_STORE_ROSTER_REMOVE:
        outcome = remove_contact(memory, request);
        break;
    case XMPPBIND_STORE_LIST_REMOVE:
    case XMPPBIND_STORE_LIST_DEFAULT:
        outcome = change_list(memory, request);
        break;
    default:
        outcome = load(memory, store, request);
        break;
    }
    return outcome.condition == XMPPBIND_CONDITION_NONE ? xmppbind_store_accept(store, id, outcome.version)
                                                        : xmppbind_store_reject(store, id, outcome.condition);
}
