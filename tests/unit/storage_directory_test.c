/* The directory of a host: who is asked, who holds what, and news from other nodes. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <stdio.h>
#include <string.h>

#define BALCONY "juliet@capulet.example/balcony"

static size_t length_of(const char *text) {
    return strlen(text);
}

static int never_called(const xmppbind_request *request, void *user_data) {
    (void)user_data;
    fail_msg("asked for %s", xmppbind_request_jid(request, NULL));
    return 0;
}

static void note_end(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    (void)length;
    (void)claim;
    (void)condition;
    if (jid == NULL)
        ++*(int *)user_data;
}

static void callbacks_are_fixed_from_the_first_use_on(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    int ends = 0;
    (void)state;
    assert_int_equal(xmppbind_directory_set_claims(NULL, never_called, never_called, NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_claims(directory, NULL, never_called, NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_claims(directory, never_called, NULL, NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_list(NULL, never_called, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_set_list(directory, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(xmppbind_directory_set_claims(directory, never_called, never_called, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_directory_set_list(directory, never_called, NULL), XMPPBIND_ERROR_STATE);
    xmppbind_stream_free(stream);
    /* Nothing was asked so far: once more they may be changed. */
    assert_int_equal(xmppbind_directory_set_claims(directory, never_called, never_called, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_list(directory, "a@b", 3, note_end, &ends), XMPPBIND_OK);
    assert_int_equal(ends, 1);
    assert_int_equal(xmppbind_directory_set_list(directory, never_called, NULL), XMPPBIND_ERROR_STATE);
    xmppbind_host_free(host);
}

static void a_claim_is_found_by_its_jid(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    uint64_t claim = 0, other = 99;
    (void)state;
    assert_null(xmppbind_host_find(host, BALCONY, length_of(BALCONY), &claim));
    assert_int_equal(claim, 0);
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    assert_ptr_equal(xmppbind_host_find(host, BALCONY, length_of(BALCONY), &claim), stream);
    assert_int_not_equal(claim, 0);
    assert_ptr_equal(xmppbind_host_find(host, BALCONY, length_of(BALCONY), NULL), stream);
    assert_null(xmppbind_host_find(host, BALCONY, length_of(BALCONY) - 1, &other));
    assert_null(xmppbind_host_find(host, "juliet@capulet.example", 22, &other));
    assert_null(xmppbind_host_find(NULL, BALCONY, length_of(BALCONY), &other));
    assert_null(xmppbind_host_find(host, NULL, 0, &other));
    assert_int_equal(other, 99);
    xmppbind_stream_free(stream);
    assert_null(xmppbind_host_find(host, BALCONY, length_of(BALCONY), NULL));
    xmppbind_host_free(host);
}

/* CONF-8: an eviction counts only for the claim that it names. */
static void an_eviction_names_the_claim(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    uint64_t claim = 0;
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    test_drain_all(stream);
    assert_non_null(xmppbind_host_find(host, BALCONY, length_of(BALCONY), &claim));
    assert_int_equal(xmppbind_directory_evicted(directory, BALCONY, length_of(BALCONY), 0),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(xmppbind_directory_evicted(directory, BALCONY, length_of(BALCONY), claim + 1),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(xmppbind_directory_evicted(directory, "juliet@capulet.example/garden", 29, claim),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM);
    assert_int_equal(xmppbind_directory_evicted(NULL, BALCONY, length_of(BALCONY), claim),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_evicted(directory, NULL, 0, claim), XMPPBIND_ERROR_INVALID_ARGUMENT);
    test_expect(stream, "");
    assert_int_equal(xmppbind_directory_evicted(directory, BALCONY, length_of(BALCONY), claim), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_evicted(directory, BALCONY, length_of(BALCONY), claim),
                     XMPPBIND_ERROR_UNKNOWN_CLAIM);
    test_expect(stream, "closed " BALCONY " evicted\nclose conflict\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void open_requests_are_counted(void **state) {
    struct test_storage storage;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    storage.mode = TEST_STORAGE_LATER;
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(xmppbind_directory_pending(NULL), 0);
    assert_int_equal(xmppbind_directory_pending(storage.directory), 0);
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_pending(storage.directory), 1);
    test_storage_answer_all(&storage);
    assert_int_equal(xmppbind_directory_pending(storage.directory), 0);
    storage.mode = TEST_STORAGE_NOW;
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

/* Its tables grow with it, or work on as they are when there is no memory. */
static void many_claims_are_held_without_memory_to_grow(void **state) {
    enum { MANY = 200 };
    struct test_storage storage;
    struct test_allocator source;
    char resource[16], jid[64];
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    test_option(host, "max-resources-per-stream", "65535");
    test_option(host, "max-resources-per-account", "65535");
    test_storage_set_up(&storage, host, NULL);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    for (int i = 0; i < MANY; i++) {
        snprintf(resource, sizeof resource, "r%d", i);
        for (size_t n = 1; test_bind(stream, resource, 1) == XMPPBIND_ERROR_NO_MEMORY; n++)
            test_allocator_fail(&source, n, 1); /* more and more is to be had, up to what the bind itself needs */
        test_allocator_fail(&source, 0, 0);
        test_drain_all(stream);
        test_allocator_fail(&source, 1, 1);
    }
    test_allocator_fail(&source, 0, 0);
    for (int i = 0; i < MANY; i++) {
        int length = snprintf(jid, sizeof jid, "juliet@capulet.example/r%d", i);
        assert_ptr_equal(xmppbind_host_find(host, jid, (size_t)length, NULL), stream);
    }
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_are_fixed_from_the_first_use_on),
        cmocka_unit_test(a_claim_is_found_by_its_jid),
        cmocka_unit_test(an_eviction_names_the_claim),
        cmocka_unit_test(open_requests_are_counted),
        cmocka_unit_test(many_claims_are_held_without_memory_to_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
