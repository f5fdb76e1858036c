/* Requests that no stream has made, for tests of what a directory does with them. */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_REQUEST_H
#define XMPPBIND_TESTS_SUPPORT_TEST_REQUEST_H

#include "lib/storage/request.h"

enum { TEST_REQUEST_JID = 63 /* octets, at most */ };

/* A claim or a release, with room for its JID. */
struct test_request {
    struct xmppbind_claim *claim;
};

void test_request_set_up(struct test_request *request);
void test_request_tear_down(struct test_request *request);
/* What it asks from now on; `wish`: enum xmppbind_wish bits. Its hashes are those of no key. */
const xmppbind_request *test_request_claim(struct test_request *request, const char *jid, int wish, unsigned limit);
const xmppbind_request *test_request_release(struct test_request *request, const char *jid, uint64_t number);

#endif
