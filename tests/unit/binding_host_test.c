/* Hosts: how long they live, which streams are ready, and what they do without random octets or a lock. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <pthread.h>
#include <string.h>

/* The system's sources, replaced for this program, so that they can be made to fail: the n-th call from now on. */
static int fail_random, fail_mutex;

int xmppbind_random_system(uint8_t *octets, size_t length, void *user_data);
int xmppbind_random_system(uint8_t *octets, size_t length, void *user_data) {
    (void)user_data;
    memset(octets, 7, length);
    return fail_random > 0 && --fail_random == 0 ? -1 : 0;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    static const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    (void)attributes;
    *mutex = fresh;
    return fail_mutex > 0 && --fail_mutex == 0 ? 1 : 0;
}

static void a_host_that_cannot_be_made_leaves_nothing(void **state) {
    struct test_allocator source;
    xmppbind_host *host = NULL;
    (void)state;
    test_allocator_set_up(&source);
    fail_random = 1;
    assert_int_equal(xmppbind_host_new(&host, source.allocator), XMPPBIND_ERROR_RANDOM);
    for (int n = 1; n <= 2; n++) { /* of the directory, of the directory in memory */
        fail_mutex = n;
        assert_int_equal(xmppbind_host_new(&host, source.allocator), XMPPBIND_ERROR_NO_MEMORY);
    }
    int result = XMPPBIND_ERROR_NO_MEMORY;
    size_t n = 0;
    while (result == XMPPBIND_ERROR_NO_MEMORY) {
        assert_null(host);
        test_allocator_fail(&source, ++n, 0);
        result = xmppbind_host_new(&host, source.allocator);
    }
    assert_int_equal(result, XMPPBIND_OK);
    assert_true(n > 4);
    test_allocator_fail(&source, 0, 0);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

static void a_host_lives_as_long_as_its_streams(void **state) {
    struct test_allocator source;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_stream *one = test_stream(host, "a@b"), *two = test_stream(host, "a@b");
    xmppbind_host_free(host);
    assert_int_equal(test_bind(one, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(two, "c", 2), XMPPBIND_OK);
    test_expect(one, "opened a@b/c\nanswer 1 a@b/c\nclosed a@b/c evicted\nclose conflict\n");
    xmppbind_stream_free(one);
    test_expect(two, "opened a@b/c\nanswer 2 a@b/c\n");
    xmppbind_stream_free(two);
    test_allocator_tear_down(&source);
}

static void streams_become_ready_in_order(void **state) {
    struct test_storage storage;
    xmppbind_stream *streams[4];
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    storage.mode = TEST_STORAGE_LATER;
    for (int i = 0; i < 4; i++) {
        streams[i] = test_stream(host, "a@b");
        assert_int_equal(test_bind(streams[i], NULL, 1), XMPPBIND_OK);
    }
    assert_null(xmppbind_host_next_ready(NULL));
    assert_null(xmppbind_host_next_ready(host));
    test_storage_answer_all(&storage);
    storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(streams[1]); /* from the middle, and from the end */
    xmppbind_stream_free(streams[3]);
    assert_ptr_equal(xmppbind_host_next_ready(host), streams[0]);
    assert_ptr_equal(xmppbind_host_next_ready(host), streams[2]);
    assert_null(xmppbind_host_next_ready(host));
    test_drain_all(streams[0]);
    assert_null(xmppbind_host_next_ready(host));
    xmppbind_stream_free(streams[0]);
    xmppbind_stream_free(streams[2]);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

/* Evictions that nobody drained go with the stream. */
static void a_robbed_stream_may_be_freed_undrained(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    xmppbind_stream *one = test_stream(host, "a@b"), *two = test_stream(host, "a@b");
    for (int i = 0; i < 3; i++)
        assert_int_equal(test_bind(one, i == 0 ? "c" : i == 1 ? "d" : "e", 1), XMPPBIND_OK);
    test_drain_all(one);
    for (int i = 0; i < 3; i++) /* the youngest is lost first */
        assert_int_equal(test_bind(two, i == 0 ? "e" : i == 1 ? "d" : "c", 1), XMPPBIND_OK);
    assert_ptr_equal(xmppbind_host_next_ready(host), one);
    xmppbind_stream_free(one);
    assert_ptr_equal(xmppbind_host_find(host, "a@b/d", 5, NULL), two);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
}

static void a_stream_is_found_by_a_jid(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    uint64_t claim = 99;
    (void)state;
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    assert_null(xmppbind_host_find(NULL, "a@b/c", 5, &claim));
    assert_null(xmppbind_host_find(host, NULL, 0, &claim));
    assert_null(xmppbind_host_find(host, "a@b/d", 5, &claim));
    assert_null(xmppbind_host_find(host, "a@b", 3, &claim));
    assert_int_equal(claim, 99);
    assert_ptr_equal(xmppbind_host_find(host, "a@b/c", 5, NULL), stream);
    assert_ptr_equal(xmppbind_host_find(host, "a@b/c", 5, &claim), stream);
    assert_int_not_equal(claim, 99);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_that_cannot_be_made_leaves_nothing),
        cmocka_unit_test(a_host_lives_as_long_as_its_streams),
        cmocka_unit_test(streams_become_ready_in_order),
        cmocka_unit_test(a_stream_is_found_by_a_jid),
        cmocka_unit_test(a_robbed_stream_may_be_freed_undrained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
