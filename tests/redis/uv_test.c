/* A node in a loop of libuv: what it needs is there from the beginning, and it is woken at once. */
#include "fake.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>
#include <uv.h>
#include <xmppbind/redis_uv.h>

enum { LONG = 60000 /* milliseconds: what is only seen when a timer ends comes too late */ };

struct scene {
    struct fake fake;
    struct test_node node;
    uv_loop_t loop;
    xmppbind_redis_uv *joined;
};

static int set_up(void **state) {
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    fake_start(&scene.fake);
    fake_node(&scene.node, &scene.fake, NULL);
    assert_int_equal(xmppbind_redis_set(scene.node.redis, XMPPBIND_REDIS_LEASE, LONG), XMPPBIND_OK);
    assert_int_equal(uv_loop_init(&scene.loop), 0);
    *state = &scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    test_node_drop(&scene->node);
    xmppbind_redis_uv_free(scene->joined);
    (void)uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    fake_stop(&scene->fake);
    return 0;
}

static void turn(struct scene *scene) {
    fake_turn(&scene->fake);
    (void)uv_run(&scene->loop, UV_RUN_NOWAIT);
}

static void until_ready(struct scene *scene) {
    while (xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_CONNECTIONS) < 2 ||
           xmppbind_redis_state(scene->node.redis) != XMPPBIND_REDIS_READY)
        turn(scene);
}

/* Joining fails without memory and changes nothing, or requests are seen. */
static void without_memory_it_is_not_joined(void **state) {
    struct scene *scene = *state;
    struct test_allocator source;
    struct test_text text = {NULL, 0, 0};
    int result = XMPPBIND_ERROR_NO_MEMORY;
    test_allocator_set_up(&source);
    for (size_t n = 1; result != XMPPBIND_OK; n++) {
        test_allocator_fail(&source, n, 0);
        result = xmppbind_redis_uv_new(&scene->joined, scene->node.redis, &scene->loop, source.allocator);
        assert_true(result == XMPPBIND_OK || result == XMPPBIND_ERROR_NO_MEMORY);
        assert_true(result == XMPPBIND_OK || scene->joined == NULL);
    }
    /* one for a connection is missing: that is silent, and opened anew */
    until_ready(scene);
    for (int i = 0; i < 100; i++)
        turn(scene);
    uint64_t begin = uv_now(&scene->loop);
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    while (text.length == 0) {
        turn(scene);
        assert_int_equal(test_drain(scene->node.stream, &text), 0);
    }
    assert_string_equal(test_text_get(&text), "opened " ACCOUNT "/balcony\nanswer 1 " ACCOUNT "/balcony\n");
    test_text_free(&text);
    assert_true(uv_now(&scene->loop) - begin < LONG / 6);
    test_node_drop(&scene->node);
    memset(&scene->node, 0, sizeof scene->node);
    xmppbind_redis_uv_free(scene->joined);
    scene->joined = NULL;
    (void)uv_run(&scene->loop, UV_RUN_DEFAULT);
    test_allocator_tear_down(&source);
}

/* The loop sleeps until the next renewal when it is told to leave. */
static void it_leaves_at_once(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_uv_new(&scene->joined, scene->node.redis, &scene->loop, NULL), XMPPBIND_OK);
    until_ready(scene);
    for (int i = 0; i < 100; i++)
        turn(scene);
    uint64_t begin = uv_now(&scene->loop);
    assert_int_equal(xmppbind_redis_leave(scene->node.redis), XMPPBIND_OK);
    while (xmppbind_redis_state(scene->node.redis) != XMPPBIND_REDIS_LEFT)
        turn(scene);
    assert_true(uv_now(&scene->loop) - begin < LONG / 6);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(without_memory_it_is_not_joined),
        CASE(it_leaves_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
