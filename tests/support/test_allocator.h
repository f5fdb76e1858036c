/* An allocator that counts, and fails when told: from the n-th request on, once or for ever. Safe to share between
 * threads. */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_ALLOCATOR_H
#define XMPPBIND_TESTS_SUPPORT_TEST_ALLOCATOR_H

#include <xmppbind.h>

#include <stdatomic.h>

struct test_allocator {
    xmppbind_allocator *allocator; /* to be given to constructors */
    atomic_size_t calls;           /* requests so far, the refused ones included */
    atomic_size_t refused;         /* how many of them failed */
    atomic_size_t blocks;          /* outstanding */
    atomic_size_t bytes;           /* outstanding, as asked */
    atomic_size_t fail_at;         /* the request that fails, counted from 1; 0: none */
    atomic_int fail_for_ever;      /* and all after it */
};

/* Makes the allocator object; its own memory counts too. */
void test_allocator_set_up(struct test_allocator *source);
/* Frees the object and asserts that nothing is outstanding. */
void test_allocator_tear_down(struct test_allocator *source);
/* From now on the n-th request fails (1 is the next one), once or for ever; 0: none fails. */
void test_allocator_fail(struct test_allocator *source, size_t n, int for_ever);

void *test_allocate(size_t size, void *user_data);
void test_release(void *memory, void *user_data);

/* malloc that ends the test program when there is no memory, for what tests keep themselves. */
void *test_memory_get(size_t size);
void *test_memory_resize(void *memory, size_t size);

#endif
