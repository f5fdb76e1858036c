/* Listing the resources of an account: a request whose answer goes to a callback of the caller. */
#include "directory.h"

int xmppbind_directory_list(xmppbind_directory *directory, const char *account, size_t length,
                            xmppbind_list_callback callback, void *user_data) {
    if (directory == NULL || account == NULL || length == 0 || length > XMPPBIND_ACCOUNT_MAXIMUM || callback == NULL ||
        memchr(account, '/', length) != NULL) /* no bare JID */
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    struct xmppbind_list_request *list = xmppbind_memory_get(&directory->memory, sizeof *list + length + 1);
    if (list == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memset(list, 0, sizeof *list);
    list->callback = callback;
    list->user_data = user_data;
    memcpy(list->text, account, length);
    list->text[length] = '\0';
    list->request.length = list->request.account_length = (uint16_t)length;
    list->request.hash = list->request.account_hash = xmppbind_name_hash_account(&directory->key, account, length);
    list->request.kind = XMPPBIND_REQUEST_LIST;
    xmppbind_directory_enter(directory);
    xmppbind_directory_lock(directory);
    (void)xmppbind_directory_open(directory, &list->request);
    uint64_t id = xmppbind_id_of(&list->request);
    xmppbind_directory_unlock(directory);
    if (directory->list(&list->request, directory->list_data) != 0)
        (void)xmppbind_directory_reject(directory, id, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    xmppbind_directory_leave(directory);
    return XMPPBIND_OK;
}

int xmppbind_directory_list_entry(xmppbind_directory *directory, uint64_t request, const char *jid, size_t length,
                                  uint64_t claim) {
    xmppbind_list_callback callback = NULL;
    void *user_data = NULL;
    if (directory == NULL || jid == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_directory_enter(directory);
    xmppbind_directory_lock(directory);
    struct xmppbind_request *open = xmppbind_directory_opened(directory, request);
    if (open != NULL && open->kind == XMPPBIND_REQUEST_LIST) {
        callback = ((struct xmppbind_list_request *)(void *)open)->callback;
        user_data = ((struct xmppbind_list_request *)(void *)open)->user_data;
    }
    xmppbind_directory_unlock(directory);
    if (callback != NULL)
        callback(jid, length, claim, XMPPBIND_CONDITION_NONE, user_data);
    xmppbind_directory_leave(directory);
    return callback == NULL ? XMPPBIND_ERROR_UNKNOWN_REQUEST : XMPPBIND_OK;
}
