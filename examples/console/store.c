/*
 * Storage that answers at once, later, with a failure or never: what a host's own storage may do, put before the
 * directory in memory and, with "im on", before the rosters and privacy lists in memory. Listing always works at once,
 * so that "sessions" can show what is held meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "console.h"

enum store_mode { STORE_ACCEPT, STORE_LATER, STORE_FAIL, STORE_SILENT };

/* A request that is held back; each is valid until it is answered. One of the two. */
struct held {
    const xmppbind_request *request;
    const xmppbind_store_request *store_request;
};

struct console_store {
    xmppbind_directory *directory;
    xmppbind_memory_directory *memory;
    xmppbind_store *im; /* rosters and privacy lists */
    xmppbind_memory_store *im_memory;
    struct held *held; /* what "later" holds back, in order */
    size_t held_count;
    size_t held_capacity;
    enum store_mode mode;
};

static int hold(struct console_store *store, const xmppbind_request *request,
                const xmppbind_store_request *store_request) {
    if (store->held_count == store->held_capacity) {
        size_t capacity = store->held_capacity == 0 ? 16 : store->held_capacity * 2;
        void *larger = realloc(store->held, capacity * sizeof *store->held);
        if (larger == NULL)
            return -1;
        store->held = larger;
        store->held_capacity = capacity;
    }
    store->held[store->held_count++] = (struct held){request, store_request};
    return 0;
}

/* Claims and releases. Returning 0 without an answer means "later", any other number is a rejection. */
static int take_request(const xmppbind_request *request, void *user_data) {
    struct console_store *store = user_data;
    switch (store->mode) {
    case STORE_ACCEPT:
        return xmppbind_memory_directory_answer(store->memory, store->directory, request);
    case STORE_LATER:
        return hold(store, request, NULL);
    case STORE_FAIL:
        return xmppbind_directory_reject(store->directory, xmppbind_request_id(request),
                                         XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    case STORE_SILENT:
        break;
    }
    return 0;
}

static int take_list(const xmppbind_request *request, void *user_data) {
    struct console_store *store = user_data;
    return xmppbind_memory_directory_answer(store->memory, store->directory, request);
}

/* Rosters and privacy lists, in the same way. */
static int take_store_request(const xmppbind_store_request *request, void *user_data) {
    struct console_store *store = user_data;
    switch (store->mode) {
    case STORE_ACCEPT:
        return xmppbind_memory_store_answer(store->im_memory, store->im, request);
    case STORE_LATER:
        return hold(store, NULL, request);
    case STORE_FAIL:
        return xmppbind_store_reject(store->im, xmppbind_store_request_id(request),
                                     XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    case STORE_SILENT:
        break;
    }
    return 0;
}

static int make_im(struct console_store *store) {
    int result = xmppbind_memory_store_new(&store->im_memory, NULL, NULL, NULL);
    if (result == XMPPBIND_OK)
        result = xmppbind_store_new(&store->im, NULL);
    if (result == XMPPBIND_OK)
        result =
            xmppbind_store_set_roster(store->im, take_store_request, take_store_request, take_store_request, store);
    if (result == XMPPBIND_OK)
        result = xmppbind_store_set_lists(store->im, take_store_request, take_store_request, take_store_request,
                                          take_store_request, store);
    return result;
}

int console_store_new(struct console_store **store, xmppbind_directory *directory) {
    struct console_store *made = calloc(1, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    made->directory = directory;
    made->mode = STORE_ACCEPT;
    int result = xmppbind_memory_directory_new(&made->memory, NULL, NULL, NULL);
    if (result == XMPPBIND_OK)
        result = xmppbind_directory_set_claims(directory, take_request, take_request, made);
    if (result == XMPPBIND_OK)
        result = xmppbind_directory_set_list(directory, take_list, made);
    if (result == XMPPBIND_OK)
        result = make_im(made);
    if (result == XMPPBIND_OK)
        *store = made;
    else
        console_store_free(made);
    return result;
}

xmppbind_store *console_store_im(const struct console_store *store) {
    return store->im;
}

void console_store_free(struct console_store *store) {
    if (store == NULL)
        return;
    xmppbind_store_free(store->im);
    xmppbind_memory_store_free(store->im_memory);
    xmppbind_memory_directory_free(store->memory);
    free(store->held);
    free(store);
}

bool console_store_set_mode(struct console_store *store, struct console_text mode) {
    static const struct {
        const char *word;
        enum store_mode mode;
    } modes[] = {{"accept", STORE_ACCEPT}, {"later", STORE_LATER}, {"fail", STORE_FAIL}, {"silent", STORE_SILENT}};
    for (size_t index = 0; index < sizeof modes / sizeof modes[0]; index++) {
        if (console_text_is(mode, modes[index].word)) {
            store->mode = modes[index].mode;
            return true;
        }
    }
    return false;
}

/* Answers what is held now. What the library asks because of these answers is held for the next time. */
int console_store_answer(struct console_store *store) {
    struct held *held = store->held;
    size_t count = store->held_count;
    store->held = NULL;
    store->held_count = store->held_capacity = 0;

    int result = XMPPBIND_OK;
    for (size_t index = 0; index < count && result == XMPPBIND_OK; index++)
        result = held[index].request != NULL
                     ? xmppbind_memory_directory_answer(store->memory, store->directory, held[index].request)
                     : xmppbind_memory_store_answer(store->im_memory, store->im, held[index].store_request);
    free(held);
    return result;
}
