/* What a host sees of a request, and how one is made. */
#include "store.h"

uint64_t xmppbind_store_request_id(const xmppbind_store_request *request) {
    return request == NULL ? 0 : request->id;
}

int xmppbind_store_request_kind(const xmppbind_store_request *request) {
    return request == NULL ? 0 : request->kind;
}

const char *xmppbind_store_request_owner(const xmppbind_store_request *request, size_t *length) {
    if (length != NULL)
        *length = request == NULL ? 0 : request->owner_length;
    return request == NULL ? NULL : xmppbind_store_owner_of(request);
}

const char *xmppbind_store_request_session(const xmppbind_store_request *request, size_t *length) {
    if (length != NULL)
        *length = request == NULL ? 0 : request->session_length;
    return request == NULL ? NULL : xmppbind_store_session_of(request);
}

const char *xmppbind_store_request_name(const xmppbind_store_request *request, size_t *length) {
    if (length != NULL)
        *length = request == NULL ? 0 : request->name_length;
    return request == NULL ? NULL : xmppbind_store_name_of(request);
}

const xmppbind_roster_item *xmppbind_store_request_item(const xmppbind_store_request *request) {
    return request == NULL ? NULL : request->item;
}

const xmppbind_privacy_list *xmppbind_store_request_list(const xmppbind_store_request *request) {
    return request == NULL ? NULL : request->list;
}

static char *append(char *place, const char *text, size_t length) {
    if (length > 0)
        memcpy(place, text, length);
    place[length] = '\0';
    return place + length + 1;
}

struct xmppbind_store_request *xmppbind_store_request_new(const struct xmppbind_memory *memory,
                                                          const struct xmppbind_store_question *question) {
    enum { TERMINATORS = 3 };
    size_t length = question->owner_length + question->session_length + question->name_length + TERMINATORS;
    struct xmppbind_store_request *made = xmppbind_memory_get(memory, sizeof *made + length);
    if (made == NULL)
        return NULL;
    memset(made, 0, sizeof *made);
    made->kind = (uint8_t)question->kind;
    made->owner_length = question->owner_length;
    made->session_length = question->session_length;
    made->name_length = question->name_length;
    made->last_item = &made->result.items;
    made->last_list = &made->result.lists;
    char *place = append(made->text, question->owner, question->owner_length);
    place = append(place, question->session, question->session_length);
    (void)append(place, question->name, question->name_length);
    if (question->item != NULL)
        made->item = xmppbind_roster_item_copy(question->item, memory);
    if (question->list != NULL)
        made->list = xmppbind_privacy_list_copy(question->list, memory);
    if ((question->item == NULL) == (made->item == NULL) && (question->list == NULL) == (made->list == NULL))
        return made;
    xmppbind_store_request_free(made, memory);
    return NULL;
}

static void free_result(struct xmppbind_store_result *result, const struct xmppbind_memory *memory) {
    while (result->items != NULL) {
        struct xmppbind_roster_item *next = result->items->next;
        xmppbind_roster_item_free(result->items);
        result->items = next;
    }
    while (result->lists != NULL) {
        struct xmppbind_privacy_list *next = result->lists->next;
        xmppbind_privacy_list_free(result->lists);
        result->lists = next;
    }
    xmppbind_memory_put(memory, result->default_list);
    result->default_list = NULL;
}

void xmppbind_store_request_free(struct xmppbind_store_request *request, const struct xmppbind_memory *memory) {
    free_result(&request->result, memory);
    xmppbind_roster_item_free(request->item);
    xmppbind_privacy_list_free(request->list);
    xmppbind_memory_put(memory, request);
}
