/* Allocators: what is made of them, and what becomes of failing ones. */
#include "lib/base/memory.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <string.h>

static void without_an_allocator_it_is_malloc(void **state) {
    struct xmppbind_memory memory;
    (void)state;
    xmppbind_memory_init(&memory, NULL);
    char *block = xmppbind_memory_get(&memory, 100);
    assert_non_null(block);
    memset(block, 1, 100);
    xmppbind_memory_put(&memory, block);
    xmppbind_memory_put(&memory, NULL);
}

static void an_allocator_is_copied(void **state) {
    struct test_allocator source;
    struct xmppbind_memory memory;
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_memory_init(&memory, source.allocator);
    xmppbind_allocator_free(source.allocator);
    source.allocator = NULL;
    assert_int_equal(source.blocks, 0);
    char *block = xmppbind_memory_get(&memory, 100);
    assert_non_null(block);
    assert_int_equal(source.bytes, 100);
    xmppbind_memory_put(&memory, NULL);
    xmppbind_memory_put(&memory, block);
    test_allocator_tear_down(&source);
}

/* Its own memory comes from its callbacks; out of memory, nothing changes and the call can be made again. */
static void out_of_memory(void **state) {
    struct test_allocator source;
    xmppbind_allocator *const untouched = (xmppbind_allocator *)&source;
    xmppbind_allocator *made = untouched;
    (void)state;
    memset(&source, 0, sizeof source);
    test_allocator_fail(&source, 1, 0);
    assert_int_equal(xmppbind_allocator_new(&made, test_allocate, test_release, &source), XMPPBIND_ERROR_NO_MEMORY);
    assert_ptr_equal(made, untouched);
    assert_int_equal(source.refused, 1);
    assert_int_equal(source.blocks, 0);
    assert_int_equal(xmppbind_allocator_new(&made, test_allocate, test_release, &source), XMPPBIND_OK);
    assert_ptr_not_equal(made, untouched);
    assert_int_equal(source.blocks, 1);
    xmppbind_allocator_free(made);
    assert_int_equal(source.blocks, 0);
}

static void arguments(void **state) {
    struct test_allocator source;
    xmppbind_allocator *made = NULL;
    (void)state;
    const int invalid = XMPPBIND_ERROR_INVALID_ARGUMENT;
    assert_int_equal(xmppbind_allocator_new(NULL, test_allocate, test_release, &source), invalid);
    assert_int_equal(xmppbind_allocator_new(&made, NULL, test_release, &source), invalid);
    assert_int_equal(xmppbind_allocator_new(&made, test_allocate, NULL, &source), invalid);
    assert_null(made);
    xmppbind_allocator_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_allocator_it_is_malloc),
        cmocka_unit_test(an_allocator_is_copied),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
