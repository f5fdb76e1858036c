/* The queue: order over the inline slots and the ring, and memory only where it is needed. */
#include "lib/binding/event_queue.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <string.h>

struct scene {
    struct test_allocator source;
    struct xmppbind_memory memory;
    struct xmppbind_event_queue queue;
    uint64_t pushed, taken;
};

static void set_up(struct scene *scene) {
    memset(scene, 0, sizeof *scene);
    test_allocator_set_up(&scene->source);
    xmppbind_memory_init(&scene->memory, scene->source.allocator);
}

/* Pushes events with the numbers that follow. */
static void push(struct scene *scene, uint32_t count) {
    assert_int_equal(xmppbind_event_queue_reserve(&scene->queue, &scene->memory, count), XMPPBIND_OK);
    for (uint32_t i = 0; i < count; i++) {
        struct xmppbind_event *event = xmppbind_event_queue_push(&scene->queue);
        assert_int_equal(event->kind, 0);
        assert_int_equal(event->u.number, 0);
        event->u.number = ++scene->pushed;
    }
}

/* Drops the one that is handed out and takes the next, which has the next number. */
static void take(struct scene *scene, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (xmppbind_event_queue_held(&scene->queue) != NULL)
            xmppbind_event_queue_drop(&scene->queue, &scene->memory);
        const struct xmppbind_event *event = xmppbind_event_queue_take(&scene->queue, &scene->memory);
        assert_non_null(event);
        assert_int_equal(event->u.number, ++scene->taken);
        assert_ptr_equal(xmppbind_event_queue_held(&scene->queue), event);
    }
}

static void tear_down(struct scene *scene) {
    take(scene, xmppbind_event_queue_count(&scene->queue));
    assert_int_equal(scene->taken, scene->pushed);
    if (xmppbind_event_queue_held(&scene->queue) != NULL)
        xmppbind_event_queue_drop(&scene->queue, &scene->memory);
    assert_null(xmppbind_event_queue_take(&scene->queue, &scene->memory));
    assert_null(scene->queue.ring);
    test_allocator_tear_down(&scene->source);
}

static void a_few_need_no_memory(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    size_t calls = atomic_load(&scene.source.calls);
    for (int i = 0; i < 10; i++) {
        push(&scene, XMPPBIND_EVENTS_INLINE);
        assert_int_equal(xmppbind_event_queue_count(&scene.queue), XMPPBIND_EVENTS_INLINE);
        take(&scene, XMPPBIND_EVENTS_INLINE);
        xmppbind_event_queue_drop(&scene.queue, &scene.memory);
    }
    assert_int_equal(atomic_load(&scene.source.calls), calls);
    tear_down(&scene);
}

static void many_keep_their_order(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    for (uint32_t round = 1; round < 40; round++) {
        push(&scene, round);
        push(&scene, 3);
        take(&scene, round % 5 + 1);
        assert_int_equal(xmppbind_event_queue_count(&scene.queue), scene.pushed - scene.taken);
    }
    tear_down(&scene);
}

static void what_is_handed_out_stays_where_it_is(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    push(&scene, 1);
    take(&scene, 1);
    const struct xmppbind_event *held = xmppbind_event_queue_held(&scene.queue);
    push(&scene, 100);
    assert_ptr_equal(xmppbind_event_queue_held(&scene.queue), held);
    assert_int_equal(held->u.number, 1);
    take(&scene, 50);
    push(&scene, 100);
    tear_down(&scene);
}

static void without_memory_there_is_only_the_room_inside(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    test_allocator_fail(&scene.source, 1, 1);
    assert_int_equal(xmppbind_event_queue_reserve(&scene.queue, &scene.memory, XMPPBIND_EVENTS_INLINE + 1),
                     XMPPBIND_ERROR_NO_MEMORY);
    push(&scene, XMPPBIND_EVENTS_INLINE);
    assert_int_equal(xmppbind_event_queue_reserve(&scene.queue, &scene.memory, 1), XMPPBIND_ERROR_NO_MEMORY);
    test_allocator_fail(&scene.source, 0, 0);
    push(&scene, 8);
    test_allocator_fail(&scene.source, 1, 1);
    assert_int_equal(xmppbind_event_queue_reserve(&scene.queue, &scene.memory, 1), XMPPBIND_ERROR_NO_MEMORY);
    test_allocator_fail(&scene.source, 0, 0);
    tear_down(&scene);
}

static void events_that_carry_a_stanza(void **state) {
    (void)state;
    for (int kind = XMPPBIND_EVENT_SEND; kind <= XMPPBIND_EVENT_ANSWER; kind++) {
        const struct xmppbind_event event = {{NULL}, NULL, (uint8_t)kind, 0, 0};
        int carries = kind == XMPPBIND_EVENT_SEND || kind == XMPPBIND_EVENT_ROUTE || kind == XMPPBIND_EVENT_DISCARD;
        assert_int_equal(xmppbind_event_carries(&event), carries);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_need_no_memory),
        cmocka_unit_test(many_keep_their_order),
        cmocka_unit_test(what_is_handed_out_stays_where_it_is),
        cmocka_unit_test(without_memory_there_is_only_the_room_inside),
        cmocka_unit_test(events_that_carry_a_stanza),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
