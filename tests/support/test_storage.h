/*
 * A directory for tests, plugged into a host: a directory in memory with a switch before it that says when and how it
 * answers.
 */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_STORAGE_H
#define XMPPBIND_TESTS_SUPPORT_TEST_STORAGE_H

#include <xmppbind.h>

enum test_storage_mode {
    TEST_STORAGE_NOW,   /* answers inside the callback */
    TEST_STORAGE_LATER, /* keeps the request until test_storage_answer() */
    TEST_STORAGE_NEVER, /* forgets the request */
    TEST_STORAGE_TWICE, /* answers inside the callback, then again, and asserts that the second answer is refused */
    TEST_STORAGE_FAIL,  /* rejects with internal-server-error */
    TEST_STORAGE_RETURN /* returns a number other than 0, without an answer */
};

struct test_storage {
    xmppbind_directory *directory;
    xmppbind_memory_directory *memory;
    int mode;
    const xmppbind_request **held; /* by LATER, in the order they were asked */
    size_t held_count;
    size_t held_capacity;
    size_t asked; /* requests so far */
};

/* Plugs it into a host that has no stream yet. */
void test_storage_set_up(struct test_storage *storage, xmppbind_host *host, const xmppbind_allocator *allocator);
/* Frees it; the host must be gone, or never ask again. */
void test_storage_tear_down(struct test_storage *storage);
/* Answers the oldest request that is held, as `memory` says, and asserts that it cannot be answered twice. 0 when none
 * is held. */
int test_storage_answer(struct test_storage *storage);
/* Rejects the oldest request that is held. 0 when none is held. */
int test_storage_reject(struct test_storage *storage, int condition);
/* Answers all that are held, and what is asked meanwhile. */
void test_storage_answer_all(struct test_storage *storage);
size_t test_storage_count(struct test_storage *storage);

/* Who holds a JID and under which number as the directory sees it, though its stream may not have seen that yet: NULL
 * and 0 for nobody. */
const void *test_holder(xmppbind_host *host, const char *jid, uint64_t *number);

int test_storage_callback(const xmppbind_request *request, void *user_data);

#endif
