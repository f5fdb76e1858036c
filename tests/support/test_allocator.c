#include "test_allocator.h"

#include "test_cmocka.h"

#include <stdlib.h>
#include <string.h>

/* Stands before each block, so that the release knows the size. */
union header {
    size_t size;
    max_align_t alignment;
};

enum { UNUSED_OCTET = 0xA5, FREED_OCTET = 0x5A };

void *test_allocate(size_t size, void *user_data) {
    struct test_allocator *source = user_data;
    size_t call = atomic_fetch_add(&source->calls, 1) + 1;
    size_t fail_at = atomic_load(&source->fail_at);
    if (fail_at != 0 && (call == fail_at || (call > fail_at && atomic_load(&source->fail_for_ever)))) {
        atomic_fetch_add(&source->refused, 1);
        return NULL;
    }
    if (size == 0)
        abort(); /* not an assertion: this may be another thread than the one of the test */
    union header *header = malloc(sizeof *header + size);
    if (header == NULL)
        return NULL;
    header->size = size;
    memset(header + 1, UNUSED_OCTET, size);
    atomic_fetch_add(&source->blocks, 1);
    atomic_fetch_add(&source->bytes, size);
    return header + 1;
}

void test_release(void *memory, void *user_data) {
    struct test_allocator *source = user_data;
    union header *header = (union header *)memory - 1;
    atomic_fetch_sub(&source->blocks, 1);
    atomic_fetch_sub(&source->bytes, header->size);
    memset(memory, FREED_OCTET, header->size);
    free(header);
}

void test_allocator_set_up(struct test_allocator *source) {
    memset(source, 0, sizeof *source);
    assert_int_equal(xmppbind_allocator_new(&source->allocator, test_allocate, test_release, source), XMPPBIND_OK);
}

void test_allocator_tear_down(struct test_allocator *source) {
    xmppbind_allocator_free(source->allocator);
    source->allocator = NULL;
    assert_int_equal(atomic_load(&source->blocks), 0);
    assert_int_equal(atomic_load(&source->bytes), 0);
}

void test_allocator_fail(struct test_allocator *source, size_t n, int for_ever) {
    atomic_store(&source->fail_for_ever, for_ever);
    atomic_store(&source->fail_at, n == 0 ? 0 : atomic_load(&source->calls) + n);
}

void *test_memory_get(size_t size) {
    return test_memory_resize(NULL, size);
}

void *test_memory_resize(void *memory, size_t size) {
    void *grown = realloc(memory, size);
    if (grown == NULL)
        abort();
    return grown;
}
