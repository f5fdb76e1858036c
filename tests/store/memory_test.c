/* The cases of all stores with the store in memory, and what only that one has. */
#include "lib/storage/memory_store.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static int answer(struct fixture *fixture, const xmppbind_store_request *request) {
    return xmppbind_memory_store_answer(fixture->backend, fixture->store, request);
}

static int set_up(void **state) {
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    test_allocator_set_up(&fixture.source);
    fixture.answer = answer;
    xmppbind_memory_store *memory = NULL;
    assert_int_equal(xmppbind_memory_store_new(&memory, fixture.source.allocator, NULL, NULL), XMPPBIND_OK);
    fixture.backend = memory;
    fixture_open(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    fixture_close(fixture);
    xmppbind_memory_store_free(fixture->backend);
    test_allocator_tear_down(&fixture->source);
    return 0;
}

static int fail_random(uint8_t *octets, size_t length, void *user_data) {
    (void)octets;
    (void)length;
    (void)user_data;
    return -1;
}

static int all_ones(uint8_t *octets, size_t length, void *user_data) {
    (void)user_data;
    memset(octets, 0xFF, length);
    return 0;
}

static void arguments_are_checked(void **state) {
    struct fixture *fixture = *state;
    xmppbind_memory_store *memory = NULL;
    assert_int_equal(xmppbind_memory_store_new(NULL, NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_store_new(&memory, NULL, fail_random, NULL), XMPPBIND_ERROR_RANDOM);
    assert_int_equal(xmppbind_memory_store_answer(NULL, fixture->store, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_store_answer(fixture->backend, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_memory_store_answer(fixture->backend, fixture->store, NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_memory_store_free(NULL);
    assert_null(memory);
}

static void a_new_one_needs_memory(void **state) {
    enum { ALLOCATIONS = 3 };
    struct fixture *fixture = *state;
    xmppbind_memory_store *memory = NULL;
    for (size_t n = 1; n <= ALLOCATIONS; n++) {
        test_allocator_fail(&fixture->source, n, 0);
        assert_int_equal(xmppbind_memory_store_new(&memory, fixture->source.allocator, NULL, NULL),
                         XMPPBIND_ERROR_NO_MEMORY);
    }
    test_allocator_fail(&fixture->source, 0, 0);
    assert_null(memory);
}

/* Versions begin where the random number says, and have room to grow. */
static void the_first_version_is_drawn(void **state) {
    struct fixture *fixture = *state;
    xmppbind_memory_store *former = fixture->backend, *memory = NULL;
    assert_int_equal(xmppbind_memory_store_new(&memory, NULL, all_ones, NULL), XMPPBIND_OK);
    fixture->backend = memory;
    assert_int_equal(put_named(fixture, JULIET, ROMEO, NULL).version, UINT64_C(1) << 48);
    assert_int_equal(count_contacts(fixture, JULIET).floor, (UINT64_C(1) << 48) - 1);
    xmppbind_memory_store_free(memory);
    fixture->backend = former;
}

/* An allocator that lets something happen in the middle of a request, as another thread might do. */
struct meddler {
    struct test_allocator *source;
    struct fixture *other; /* the same records, by another store */
    const char *jid;       /* that is to be stored, or NULL */
    size_t countdown;
};

static void *allocate(size_t size, void *user_data) {
    struct meddler *meddler = user_data;
    const char *jid = meddler->jid;
    if (jid != NULL && meddler->countdown-- == 0) {
        meddler->jid = NULL;
        assert_int_equal(put_named(meddler->other, JULIET, jid, NULL).condition, XMPPBIND_CONDITION_NONE);
    }
    return test_allocate(size, meddler->source);
}

static void release(void *memory, void *user_data) {
    test_release(memory, ((struct meddler *)user_data)->source);
}

/* Of two threads that meet a new owner one is quicker; a roster may grow while a load makes room for it. */
static void another_thread_comes_between(void **state) {
    enum { MOST = 20 };
    struct fixture *fixture = *state;
    struct meddler meddler = {.source = &fixture->source};
    xmppbind_allocator *allocator = NULL;
    assert_int_equal(xmppbind_allocator_new(&allocator, allocate, release, &meddler), XMPPBIND_OK);
    for (size_t countdown = 0; countdown < MOST; countdown++) {
        struct fixture one = *fixture, two = *fixture;
        xmppbind_memory_store *memory = NULL;
        memset(&one.text, 0, sizeof one.text);
        memset(&two.text, 0, sizeof two.text);
        assert_int_equal(xmppbind_memory_store_new(&memory, allocator, NULL, NULL), XMPPBIND_OK);
        one.backend = two.backend = memory;
        fixture_open(&one);
        fixture_open(&two);
        meddler.other = &two;
        meddler.countdown = countdown;
        meddler.jid = NURSE;
        assert_int_equal(put_named(&one, JULIET, ROMEO, NULL).condition, XMPPBIND_CONDITION_NONE);
        struct answer loaded = count_contacts(&one, JULIET);
        assert_int_equal(loaded.version - loaded.floor, loaded.items);
        size_t expected = meddler.jid == NULL ? 2 : 1;
        meddler.jid = NULL;
        assert_int_equal(count_contacts(&one, JULIET).items, expected);
        fixture_close(&one);
        fixture_close(&two);
        xmppbind_memory_store_free(memory);
    }
    xmppbind_allocator_free(allocator);
}

/* More owners than its table began with: each is found. */
static void many_have_rosters(void **state) {
    enum { OWNERS = 100 };
    struct fixture *fixture = *state;
    char owner[64];
    for (int i = 0; i < OWNERS; i++) {
        (void)snprintf(owner, sizeof owner, "juliet%d@capulet.example", i);
        assert_int_equal(put_named(fixture, owner, ROMEO, NULL).condition, XMPPBIND_CONDITION_NONE);
    }
    for (int i = 0; i < OWNERS; i++) {
        (void)snprintf(owner, sizeof owner, "juliet%d@capulet.example", i);
        assert_int_equal(count_contacts(fixture, owner).items, 1);
    }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down),
    const struct CMUnitTest tests[] = {STORE_CASES(CASE) CASE(arguments_are_checked) CASE(a_new_one_needs_memory) CASE(
        the_first_version_is_drawn) CASE(another_thread_comes_between) CASE(many_have_rosters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
