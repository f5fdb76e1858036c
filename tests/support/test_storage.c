#include "test_storage.h"

#include "test_allocator.h"
#include "test_cmocka.h"

#include "lib/storage/directory.h"

#include <stdlib.h>
#include <string.h>

static void answer(struct test_storage *storage, const xmppbind_request *request) {
    assert_int_equal(xmppbind_memory_directory_answer(storage->memory, storage->directory, request), XMPPBIND_OK);
}

static void assert_answered(struct test_storage *storage, uint64_t id) {
    xmppbind_directory *directory = storage->directory;
    assert_int_equal(xmppbind_directory_accept(directory, id, 1), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_reject(directory, id, XMPPBIND_CONDITION_CONFLICT),
                     XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_list_entry(directory, id, "a@b/c", 5, 1), XMPPBIND_ERROR_UNKNOWN_REQUEST);
}

static void hold(struct test_storage *storage, const xmppbind_request *request) {
    if (storage->held_count == storage->held_capacity) {
        storage->held_capacity = storage->held_capacity * 2 + 8;
        storage->held = test_memory_resize(storage->held, storage->held_capacity * sizeof(*storage->held));
    }
    storage->held[storage->held_count++] = request;
}

static const xmppbind_request *oldest(struct test_storage *storage) {
    if (storage->held_count == 0)
        return NULL;
    const xmppbind_request *request = storage->held[0];
    storage->held_count--;
    memmove(storage->held, storage->held + 1, storage->held_count * sizeof(*storage->held));
    return request;
}

int test_storage_callback(const xmppbind_request *request, void *user_data) {
    struct test_storage *storage = user_data;
    uint64_t id = xmppbind_request_id(request);
    assert_int_not_equal(id, 0);
    storage->asked++;
    switch (storage->mode) {
    case TEST_STORAGE_NOW:
        answer(storage, request);
        return 0;
    case TEST_STORAGE_LATER:
        hold(storage, request);
        return 0;
    case TEST_STORAGE_TWICE:
        answer(storage, request);
        assert_answered(storage, id);
        return 0;
    case TEST_STORAGE_FAIL:
        assert_int_equal(xmppbind_directory_reject(storage->directory, id, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR),
                         XMPPBIND_OK);
        return 0;
    case TEST_STORAGE_RETURN:
        return 1;
    default:
        return 0;
    }
}

void test_storage_set_up(struct test_storage *storage, xmppbind_host *host, const xmppbind_allocator *allocator) {
    memset(storage, 0, sizeof *storage);
    storage->directory = xmppbind_host_directory(host);
    assert_int_equal(xmppbind_memory_directory_new(&storage->memory, allocator, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(
        xmppbind_directory_set_claims(storage->directory, test_storage_callback, test_storage_callback, storage),
        XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_list(storage->directory, test_storage_callback, storage), XMPPBIND_OK);
}

void test_storage_tear_down(struct test_storage *storage) {
    xmppbind_memory_directory_free(storage->memory);
    free(storage->held);
    memset(storage, 0, sizeof *storage);
}

int test_storage_answer(struct test_storage *storage) {
    const xmppbind_request *request = oldest(storage);
    if (request == NULL)
        return 0;
    uint64_t id = xmppbind_request_id(request);
    answer(storage, request);
    assert_answered(storage, id);
    return 1;
}

int test_storage_reject(struct test_storage *storage, int condition) {
    const xmppbind_request *request = oldest(storage);
    if (request == NULL)
        return 0;
    uint64_t id = xmppbind_request_id(request);
    assert_int_equal(xmppbind_directory_reject(storage->directory, id, condition), XMPPBIND_OK);
    assert_answered(storage, id);
    return 1;
}

void test_storage_answer_all(struct test_storage *storage) {
    while (test_storage_answer(storage))
        ;
}

size_t test_storage_count(struct test_storage *storage) {
    return xmppbind_memory_directory_count(storage->memory);
}

const void *test_holder(xmppbind_host *host, const char *jid, uint64_t *number) {
    struct xmppbind_directory *directory = xmppbind_host_directory(host);
    size_t length = strlen(jid);
    uint32_t hash = xmppbind_name_hash_jid(&directory->key, jid, length);
    xmppbind_directory_lock(directory);
    const struct xmppbind_claim *claim = xmppbind_directory_holder(directory, jid, length, hash, 0);
    const void *owner = claim == NULL ? NULL : claim->request.owner;
    *number = claim == NULL ? 0 : claim->request.number;
    xmppbind_directory_unlock(directory);
    return owner;
}
