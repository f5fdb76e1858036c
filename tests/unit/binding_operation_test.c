/* Operations: one at a time, in the order they came, whatever storage does. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <string.h>

struct scene {
    struct test_storage storage;
    xmppbind_host *host;
    xmppbind_stream *stream;
};

static void set_up(struct scene *scene, const char *option, const char *value) {
    scene->host = test_host(NULL);
    if (option != NULL)
        test_option(scene->host, option, value);
    test_storage_set_up(&scene->storage, scene->host, NULL);
    scene->storage.mode = TEST_STORAGE_LATER;
    scene->stream = test_stream(scene->host, "a@b");
}

static void tear_down(struct scene *scene) {
    scene->storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(scene->stream);
    test_storage_answer_all(&scene->storage);
    xmppbind_host_free(scene->host);
    test_storage_tear_down(&scene->storage);
}

static void one_is_asked_at_a_time(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene, NULL, NULL);
    assert_int_equal(test_bind(scene.stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(scene.stream, "d", 2), XMPPBIND_OK);
    assert_int_equal(test_unbind(scene.stream, "c", 3), XMPPBIND_OK);
    assert_int_equal(scene.storage.asked, 1);
    assert_int_equal(test_storage_answer(&scene.storage), 1);
    test_expect(scene.stream, "opened a@b/c\nanswer 1 a@b/c\n");
    assert_int_equal(scene.storage.asked, 2);
    assert_int_equal(test_storage_reject(&scene.storage, XMPPBIND_CONDITION_RESOURCE_LIMIT), 1);
    test_expect(scene.stream, "answer 2 resource-constraint\n");
    assert_int_equal(scene.storage.asked, 3);
    assert_int_equal(test_storage_answer(&scene.storage), 1);
    test_expect(scene.stream, "closed a@b/c unbound\nanswer 3 a@b/c\nclose\n");
    tear_down(&scene);
}

static void no_more_wait_than_the_limit_says(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene, "max-waiting", "2");
    assert_int_equal(test_bind(scene.stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(scene.stream, "d", 2), XMPPBIND_OK);
    assert_int_equal(test_unbind(scene.stream, "nowhere", 3), XMPPBIND_OK);
    assert_int_equal(test_bind(scene.stream, "e", 4), XMPPBIND_ERROR_WAITING_FULL);
    test_storage_answer_all(&scene.storage);
    test_expect(scene.stream, "opened a@b/c\nanswer 1 a@b/c\n");
    assert_int_equal(test_bind(scene.stream, "e", 4), XMPPBIND_OK);
    test_storage_answer_all(&scene.storage);
    test_expect(scene.stream, "opened a@b/d\nanswer 2 a@b/d\nanswer 3 item-not-found\n");
    test_storage_answer_all(&scene.storage);
    test_expect(scene.stream, "opened a@b/e\nanswer 4 a@b/e\n");
    tear_down(&scene);
}

/* What is next does not begin while the queue is full, and begins when it is drained. */
static void a_full_queue_holds_the_next_one_back(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene, "max-queued-events", "2");
    assert_int_equal(test_bind(scene.stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(scene.stream, "d", 2), XMPPBIND_OK);
    test_storage_answer_all(&scene.storage);
    assert_ptr_equal(xmppbind_host_next_ready(scene.host), scene.stream);
    assert_int_equal(test_bind(scene.stream, "e", 3), XMPPBIND_ERROR_QUEUE_FULL);
    assert_int_equal(scene.storage.asked, 1);
    test_expect(scene.stream, "opened a@b/c\nanswer 1 a@b/c\n");
    assert_int_equal(scene.storage.asked, 2);
    tear_down(&scene);
}

/* CONF-4 while a bind waits: the eviction is told, the bind goes on; and it is told once. */
static void an_eviction_does_not_wait(void **state) {
    struct scene scene;
    uint64_t claim = 0;
    (void)state;
    set_up(&scene, NULL, NULL);
    scene.storage.mode = TEST_STORAGE_NOW;
    assert_int_equal(test_bind(scene.stream, "c", 1), XMPPBIND_OK);
    test_drain_all(scene.stream);
    scene.storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_bind(scene.stream, "d", 2), XMPPBIND_OK);
    assert_non_null(xmppbind_host_find(scene.host, "a@b/c", 5, &claim));
    assert_int_equal(xmppbind_directory_evicted(scene.storage.directory, "a@b/c", 5, claim), XMPPBIND_OK);
    test_expect(scene.stream, "closed a@b/c evicted\nclose conflict\n");
    test_storage_answer_all(&scene.storage);
    test_expect(scene.stream, "");
    assert_int_equal(xmppbind_stream_resource_count(scene.stream), 0);
    tear_down(&scene);
}

/* The resource that is being unbound is evicted no more: the release is on its way. */
static void what_is_being_unbound_is_not_evicted(void **state) {
    struct scene scene;
    uint64_t claim = 0;
    (void)state;
    set_up(&scene, NULL, NULL);
    scene.storage.mode = TEST_STORAGE_NOW;
    assert_int_equal(test_bind(scene.stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(scene.stream, "d", 1), XMPPBIND_OK);
    test_drain_all(scene.stream);
    assert_non_null(xmppbind_host_find(scene.host, "a@b/c", 5, &claim));
    scene.storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_unbind(scene.stream, "c", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_evicted(scene.storage.directory, "a@b/c", 5, claim),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM);
    test_storage_answer_all(&scene.storage);
    test_expect(scene.stream, "closed a@b/c unbound\nanswer 2 a@b/c\n");
    tear_down(&scene);
}

static void one_block_serves_one_after_the_other(void **state) {
    struct test_allocator source;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    for (int round = 0; round < 2; round++) {
        test_drain_all(stream);
        size_t calls = atomic_load(&source.calls);
        assert_int_equal(test_bind(stream, "d", 2), XMPPBIND_OK);
        test_drain_all(stream);
        assert_int_equal(test_unbind(stream, "d", 3), XMPPBIND_OK);
        test_drain_all(stream);
        if (round > 0)
            assert_int_equal(atomic_load(&source.calls), calls);
    }
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_asked_at_a_time),
        cmocka_unit_test(no_more_wait_than_the_limit_says),
        cmocka_unit_test(a_full_queue_holds_the_next_one_back),
        cmocka_unit_test(an_eviction_does_not_wait),
        cmocka_unit_test(what_is_being_unbound_is_not_evicted),
        cmocka_unit_test(one_block_serves_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
