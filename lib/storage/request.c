#include "request.h"

uint64_t xmppbind_request_id(const xmppbind_request *request) {
    return request == NULL ? 0 : xmppbind_id_of(request);
}

int xmppbind_request_kind(const xmppbind_request *request) {
    return request == NULL ? 0 : request->kind;
}

const char *xmppbind_request_jid(const xmppbind_request *request, size_t *length) {
    if (length != NULL)
        *length = request == NULL ? 0 : request->length;
    return request == NULL ? NULL : xmppbind_request_text(request);
}

size_t xmppbind_request_account_length(const xmppbind_request *request) {
    return request == NULL ? 0 : request->account_length;
}

uint64_t xmppbind_request_claim(const xmppbind_request *request) {
    return request == NULL || request->kind != XMPPBIND_REQUEST_RELEASE ? 0 : request->number;
}

int xmppbind_request_conflict(const xmppbind_request *request) {
    return request != NULL && (request->wish & XMPPBIND_WISH_REPLACE) != 0 ? XMPPBIND_CONFLICT_REPLACE
                                                                           : XMPPBIND_CONFLICT_REJECT;
}

uint32_t xmppbind_request_limit(const xmppbind_request *request) {
    return request == NULL ? 0 : request->limit;
}

int xmppbind_request_account_limit(const xmppbind_request *request) {
    return request != NULL && (request->wish & XMPPBIND_WISH_EVICT_OLDEST) != 0 ? XMPPBIND_ACCOUNT_LIMIT_EVICT_OLDEST
                                                                                : XMPPBIND_ACCOUNT_LIMIT_REFUSE;
}
