/* The resources of a stream: by age and by name, with an index and without. */
#include "lib/binding/resource_list.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <stdio.h>
#include <string.h>

enum { MANY = 40, BEFORE_INDEX = 8 };

static void name_of(int number, char jid[32]) {
    snprintf(jid, 32, "a@b/r%d", number);
}

static void bind(xmppbind_stream *stream, int number) {
    char jid[32];
    name_of(number, jid);
    assert_int_equal(test_bind(stream, jid + 4, 1), XMPPBIND_OK);
}

static int is_bound(const xmppbind_stream *stream, int number) {
    char jid[32];
    name_of(number, jid);
    const struct xmppbind_claim *claim = xmppbind_resource_find(stream, jid, strlen(jid));
    if (claim != NULL)
        assert_string_equal(claim->text, jid);
    return claim != NULL;
}

static xmppbind_host *make_host(const xmppbind_allocator *allocator) {
    xmppbind_host *host = test_host(allocator);
    test_option(host, "max-resources-per-stream", "1000");
    test_option(host, "max-resources-per-account", "1000");
    return host;
}

static void all_are_found_and_no_others(void **state) {
    xmppbind_host *host = make_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    (void)state;
    for (int i = 0; i < MANY; i++) {
        assert_false(is_bound(stream, i));
        bind(stream, i);
        for (int j = 0; j <= i; j++)
            assert_true(is_bound(stream, j));
        assert_int_equal(stream->index != NULL, i >= BEFORE_INDEX);
    }
    assert_null(xmppbind_resource_find(stream, "a@b", 3));
    assert_null(xmppbind_resource_find(stream, "a@b/", 4));
    assert_null(xmppbind_resource_find(stream, "c@b/r1", 6)); /* another account with the same resource */
    for (int i = 0; i < MANY; i += 2) {
        char jid[32];
        name_of(i, jid);
        assert_int_equal(test_unbind(stream, jid + 4, 1), XMPPBIND_OK);
        assert_false(is_bound(stream, i));
    }
    for (int i = 0; i < MANY; i++)
        assert_int_equal(is_bound(stream, i), i % 2);
    assert_string_equal(xmppbind_stream_resource(stream, 0, NULL), "a@b/r1");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* An index that cannot be made, or cannot grow, is no reason to refuse anything. */
static void without_memory_for_an_index_they_are_walked(void **state) {
    (void)state;
    for (size_t n = 1; n <= 2; n++) { /* of the index, of its chains */
        struct test_allocator source;
        struct test_storage storage;
        test_allocator_set_up(&source);
        xmppbind_host *host = make_host(source.allocator);
        test_storage_set_up(&storage, host, NULL);
        xmppbind_stream *stream = test_stream(host, "a@b");
        for (int i = 0; i < BEFORE_INDEX; i++)
            bind(stream, i);
        test_drain_all(stream);
        storage.mode = TEST_STORAGE_LATER;
        bind(stream, BEFORE_INDEX);
        test_storage_answer_all(&storage);
        test_allocator_fail(&source, n, 0);
        test_drain_all(stream);
        test_allocator_fail(&source, 0, 0);
        assert_null(stream->index);
        storage.mode = TEST_STORAGE_NOW;
        for (int i = 0; i <= BEFORE_INDEX; i++)
            assert_true(is_bound(stream, i));
        assert_false(is_bound(stream, MANY));
        bind(stream, BEFORE_INDEX + 1); /* the next one makes it */
        assert_non_null(stream->index);
        for (int i = 0; i <= BEFORE_INDEX + 1; i++)
            assert_true(is_bound(stream, i));
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
        test_storage_tear_down(&storage);
        test_allocator_tear_down(&source);
    }
}

/* Taken out and put back where it was, as at the end of a stream. */
static void a_place_in_the_order_is_kept(void **state) {
    xmppbind_host *host = make_host(NULL);
    xmppbind_stream *stream = test_stream(host, "a@b");
    (void)state;
    for (int i = 0; i < 3; i++)
        bind(stream, i);
    for (int i = 0; i < 3; i++) {
        char jid[32];
        name_of(i, jid);
        struct xmppbind_claim *claim = xmppbind_resource_find(stream, jid, strlen(jid)), *older = claim->older;
        assert_true(xmppbind_resource_listed(claim));
        xmppbind_resource_remove(stream, claim);
        assert_false(xmppbind_resource_listed(claim));
        assert_int_equal(xmppbind_stream_resource_count(stream), 2);
        xmppbind_resource_insert(stream, claim, older);
        for (uint32_t j = 0; j < 3; j++) {
            name_of((int)j, jid);
            assert_string_equal(xmppbind_stream_resource(stream, j, NULL), jid);
        }
    }
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_found_and_no_others),
        cmocka_unit_test(without_memory_for_an_index_they_are_walked),
        cmocka_unit_test(a_place_in_the_order_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
