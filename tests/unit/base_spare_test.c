/* The spare: what is given back last comes first, if it fits; nothing leaks. */
#include "lib/base/spare.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <string.h>

struct scene {
    struct test_allocator source;
    struct xmppbind_memory memory;
    struct xmppbind_spare spare;
};

static void set_up(struct scene *scene) {
    test_allocator_set_up(&scene->source);
    xmppbind_memory_init(&scene->memory, scene->source.allocator);
    atomic_init(&scene->spare.block, NULL);
}

static void tear_down(struct scene *scene) {
    xmppbind_spare_empty(&scene->spare, &scene->memory);
    test_allocator_tear_down(&scene->source);
}

static void *get(struct scene *scene, size_t size) {
    void *block = xmppbind_spare_get(&scene->spare, &scene->memory, size);
    if (block != NULL)
        memset(block, 0xa5, size);
    return block;
}

static void the_last_block_is_used_again(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    void *first = get(&scene, 100);
    size_t calls = atomic_load(&scene.source.calls);
    xmppbind_spare_put(&scene.spare, &scene.memory, first, 100);
    assert_ptr_equal(get(&scene, 100), first);
    xmppbind_spare_put(&scene.spare, &scene.memory, first, 100);
    assert_ptr_equal(get(&scene, 100 - XMPPBIND_SPARE_SLACK), first); /* a little too large will do */
    assert_int_equal(atomic_load(&scene.source.calls), calls);
    xmppbind_spare_put(&scene.spare, &scene.memory, first, 100 - XMPPBIND_SPARE_SLACK);
    tear_down(&scene);
}

static void a_block_that_does_not_fit_is_freed(void **state) {
    static const size_t sizes[] = {101, 100 - XMPPBIND_SPARE_SLACK - 1, 4000, 8};
    struct scene scene;
    (void)state;
    set_up(&scene);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        xmppbind_spare_put(&scene.spare, &scene.memory, get(&scene, 100), 100);
        size_t blocks = atomic_load(&scene.source.blocks), calls = atomic_load(&scene.source.calls);
        void *block = get(&scene, sizes[i]);
        assert_non_null(block);
        assert_int_equal(atomic_load(&scene.source.blocks), blocks);
        assert_int_equal(atomic_load(&scene.source.calls), calls + 1);
        xmppbind_memory_put(&scene.memory, block);
    }
    tear_down(&scene);
}

static void only_one_is_kept(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    void *first = get(&scene, 50), *second = get(&scene, 50);
    size_t blocks = atomic_load(&scene.source.blocks);
    xmppbind_spare_put(&scene.spare, &scene.memory, first, 50);
    xmppbind_spare_put(&scene.spare, &scene.memory, second, 50);
    assert_int_equal(atomic_load(&scene.source.blocks), blocks - 1);
    assert_ptr_equal(get(&scene, 50), second);
    xmppbind_memory_put(&scene.memory, second);
    tear_down(&scene);
}

static void without_memory_there_is_none(void **state) {
    struct scene scene;
    (void)state;
    set_up(&scene);
    xmppbind_spare_put(&scene.spare, &scene.memory, get(&scene, 50), 50);
    test_allocator_fail(&scene.source, 1, 1);
    assert_null(get(&scene, 500)); /* the spare was too small, and is gone */
    assert_null(get(&scene, 50));
    test_allocator_fail(&scene.source, 0, 0);
    tear_down(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_block_is_used_again),
        cmocka_unit_test(a_block_that_does_not_fit_is_freed),
        cmocka_unit_test(only_one_is_kept),
        cmocka_unit_test(without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
