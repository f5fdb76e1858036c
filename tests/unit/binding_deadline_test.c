/* Deadlines: BIND-12 and UNBIND-9. Time is whatever the caller says. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"
#include "tests/support/test_xml.h"

#define BALCONY "juliet@capulet.example/balcony"

struct scene {
    struct test_allocator source;
    struct test_storage storage;
    xmppbind_host *host;
    xmppbind_stream *stream;
};

/* A stream whose storage answers later; the timeout is 30 seconds. */
static void set_up(struct scene *scene) {
    test_allocator_set_up(&scene->source);
    scene->host = test_host(scene->source.allocator);
    test_option(scene->host, "max-queued-events", "2");
    test_storage_set_up(&scene->storage, scene->host, NULL);
    scene->stream = test_stream(scene->host, "juliet@capulet.example");
    scene->storage.mode = TEST_STORAGE_LATER;
}

static void tear_down(struct scene *scene) {
    scene->storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(scene->stream);
    test_storage_answer_all(&scene->storage);
    xmppbind_host_free(scene->host);
    test_storage_tear_down(&scene->storage);
    test_allocator_tear_down(&scene->source);
}

static void there_is_none_when_nothing_waits(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_true(xmppbind_stream_next_deadline(NULL, 5) == XMPPBIND_NO_DEADLINE);
    assert_int_equal(xmppbind_stream_expire(NULL, 5), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 5) == XMPPBIND_NO_DEADLINE);
    assert_int_equal(xmppbind_stream_expire(scene.stream, UINT64_MAX), XMPPBIND_OK);
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 5) == 30005);
    test_storage_answer_all(&scene.storage);
    test_drain_all(scene.stream);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 6) == XMPPBIND_NO_DEADLINE);
    tear_down(&scene);
}

static void the_clock_starts_once(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 1000) == 31000);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 2000) == 31000);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 30999), XMPPBIND_OK);
    test_expect(scene.stream, "");
    assert_int_equal(xmppbind_stream_expire(scene.stream, 31000), XMPPBIND_OK);
    test_expect(scene.stream, "answer 1 resource-constraint\n");
    tear_down(&scene);
}

static void it_never_overflows(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, UINT64_MAX - 7) == XMPPBIND_NO_DEADLINE - 1);
    assert_int_equal(xmppbind_stream_expire(scene.stream, UINT64_MAX - 2), XMPPBIND_OK);
    test_expect(scene.stream, "");
    assert_int_equal(xmppbind_stream_expire(scene.stream, UINT64_MAX - 1), XMPPBIND_OK);
    test_expect(scene.stream, "answer 1 resource-constraint\n");
    tear_down(&scene);
}

static void an_answer_that_is_in_counts_however_late(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 0) == 30000);
    test_storage_answer_all(&scene.storage);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 99999), XMPPBIND_OK);
    test_expect(scene.stream, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    tear_down(&scene);
}

static void a_release_that_is_not_answered_ends_the_session(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    test_storage_answer_all(&scene.storage);
    test_drain_all(scene.stream);
    assert_int_equal(test_unbind(scene.stream, "balcony", 2), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 70000) == 100000);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 100000), XMPPBIND_OK);
    test_expect(scene.stream, "closed " BALCONY " expired\nanswer 2 " BALCONY "\nclose\n");
    tear_down(&scene);
}

static void what_waits_behind_has_no_clock_yet(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    scene.storage.mode = TEST_STORAGE_NOW;
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK); /* two events: the queue is full */
    test_expect(scene.stream, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    scene.storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_bind(scene.stream, "chamber", 2), XMPPBIND_OK);
    assert_int_equal(test_bind(scene.stream, "garden", 3), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 10) == 30010);
    assert_int_equal(test_storage_answer(&scene.storage), 1);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 20), XMPPBIND_OK);
    /* The answer fills the queue, so the third bind is not asked yet, and nothing is overdue. */
    assert_true(xmppbind_stream_next_deadline(scene.stream, 40000) == XMPPBIND_NO_DEADLINE);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 90000), XMPPBIND_OK);
    test_expect(scene.stream, "opened juliet@capulet.example/chamber\nanswer 2 juliet@capulet.example/chamber\n");
    assert_true(xmppbind_stream_next_deadline(scene.stream, 90000) == 120000);
    tear_down(&scene);
}

static void a_stream_that_is_over_has_none(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    test_storage_answer_all(&scene.storage);
    test_drain_all(scene.stream);
    assert_int_equal(test_bind(scene.stream, "chamber", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_disconnect(scene.stream), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 10) == XMPPBIND_NO_DEADLINE);
    assert_int_equal(xmppbind_stream_expire(scene.stream, UINT64_MAX), XMPPBIND_OK);
    test_expect(scene.stream, "closed " BALCONY " disconnected\n");
    tear_down(&scene);
}

/* What finds no memory is due again the next time. */
static void without_memory_it_is_due_again(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    scene.storage.mode = TEST_STORAGE_NOW;
    assert_int_equal(test_bind(scene.stream, "balcony", 1), XMPPBIND_OK);
    test_drain_all(scene.stream);
    assert_int_equal(test_receive(scene.stream, "<message/>"), XMPPBIND_OK); /* undrained: takes a place in the queue */
    scene.storage.mode = TEST_STORAGE_LATER;
    assert_int_equal(test_bind(scene.stream, "chamber", 2), XMPPBIND_OK);
    assert_true(xmppbind_stream_next_deadline(scene.stream, 0) == 30000);
    test_allocator_fail(&scene.source, 1, 1);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 30000), XMPPBIND_ERROR_NO_MEMORY);
    test_storage_answer_all(&scene.storage);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 30000), XMPPBIND_ERROR_NO_MEMORY);
    test_allocator_fail(&scene.source, 0, 0);
    assert_int_equal(xmppbind_stream_expire(scene.stream, 30000), XMPPBIND_OK);
    test_expect(scene.stream, "route <message from=\"" BALCONY "\"/>\n"
                              "opened juliet@capulet.example/chamber\nanswer 2 juliet@capulet.example/chamber\n");
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_none_when_nothing_waits),
        cmocka_unit_test(the_clock_starts_once),
        cmocka_unit_test(it_never_overflows),
        cmocka_unit_test(an_answer_that_is_in_counts_however_late),
        cmocka_unit_test(a_release_that_is_not_answered_ends_the_session),
        cmocka_unit_test(what_waits_behind_has_no_clock_yet),
        cmocka_unit_test(a_stream_that_is_over_has_none),
        cmocka_unit_test(without_memory_it_is_due_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
