#include "test_request.h"

#include "test_allocator.h"

#include <stdlib.h>
#include <string.h>

void test_request_set_up(struct test_request *request) {
    size_t size = sizeof *request->claim + TEST_REQUEST_JID + 1;
    request->claim = test_memory_get(size);
    memset(request->claim, 0, size);
}

void test_request_tear_down(struct test_request *request) {
    free(request->claim);
    request->claim = NULL;
}

static xmppbind_request *ask(struct test_request *request, int kind, const char *jid) {
    xmppbind_request *asked = &request->claim->request;
    const char *slash = strchr(jid, '/');
    size_t length = strlen(jid);
    if (slash == NULL || length > TEST_REQUEST_JID)
        abort(); /* not an assertion: this may be another thread than the one of the test */
    memcpy(request->claim->text, jid, length + 1);
    asked->kind = (uint8_t)kind;
    asked->length = (uint16_t)length;
    asked->account_length = (uint16_t)(slash - jid);
    return asked;
}

const xmppbind_request *test_request_claim(struct test_request *request, const char *jid, int wish, unsigned limit) {
    xmppbind_request *asked = ask(request, XMPPBIND_REQUEST_CLAIM, jid);
    asked->wish = (uint8_t)wish;
    asked->limit = (uint16_t)limit;
    return asked;
}

const xmppbind_request *test_request_release(struct test_request *request, const char *jid, uint64_t number) {
    xmppbind_request *asked = ask(request, XMPPBIND_REQUEST_RELEASE, jid);
    asked->number = number;
    return asked;
}
