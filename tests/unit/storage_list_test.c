/* Listing the resources of an account. */
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_storage.h"

#include <stdlib.h>
#include <string.h>

#define ACCOUNT "juliet@capulet.example"

/* Notes an entry as "JID " and the end as ".", or as the name of its condition. */
static void note(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct test_text *text = user_data;
    if (jid != NULL) {
        assert_int_not_equal(claim, 0);
        test_text_add(text, jid, length);
        test_text_add(text, " ", 1);
    } else if (condition == XMPPBIND_CONDITION_NONE) {
        test_text_add(text, ".", 1);
    } else {
        test_text_format(text, "%s", xmppbind_condition_name(condition));
    }
}

static void expect_list(xmppbind_directory *directory, const char *account, const char *expected) {
    struct test_text text = {NULL, 0, 0};
    assert_int_equal(xmppbind_directory_list(directory, account, strlen(account), note, &text), XMPPBIND_OK);
    assert_string_equal(test_text_get(&text), expected);
    test_text_free(&text);
}

static void names_come_oldest_first(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    xmppbind_stream *one = test_stream(host, ACCOUNT), *two = test_stream(host, ACCOUNT);
    (void)state;
    expect_list(directory, ACCOUNT, ".");
    assert_int_equal(test_bind(one, "balcony", 1), XMPPBIND_OK);
    expect_list(directory, ACCOUNT, ACCOUNT "/balcony .");
    assert_int_equal(test_bind(two, "chamber", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(one, "garden", 2), XMPPBIND_OK);
    expect_list(directory, ACCOUNT, ACCOUNT "/balcony " ACCOUNT "/chamber " ACCOUNT "/garden .");
    assert_int_equal(test_bind(two, "balcony", 3), XMPPBIND_OK); /* CONF-1: the youngest session now */
    expect_list(directory, ACCOUNT, ACCOUNT "/chamber " ACCOUNT "/garden " ACCOUNT "/balcony .");
    assert_int_equal(test_unbind(two, "chamber", 4), XMPPBIND_OK);
    expect_list(directory, ACCOUNT, ACCOUNT "/garden " ACCOUNT "/balcony .");
    expect_list(directory, "romeo@montague.example", ".");
    xmppbind_stream_free(one);
    xmppbind_stream_free(two);
    xmppbind_host_free(host);
}

/* Unbinds what it is told, so that the place where the list has got to is gone. */
struct remover {
    xmppbind_stream *stream;
    struct test_text text;
};

static void note_of_remover(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    note(jid, length, claim, condition, &((struct remover *)user_data)->text);
}

static void note_and_unbind(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct remover *remover = user_data;
    size_t account = strlen(ACCOUNT "/");
    note(jid, length, claim, condition, &remover->text);
    if (jid != NULL)
        assert_int_equal(xmppbind_stream_unbind(remover->stream, jid + account, length - account, 9), XMPPBIND_OK);
}

static void what_goes_meanwhile_does_not_end_the_list(void **state) {
    xmppbind_host *host = test_host(NULL);
    struct remover remover = {test_stream(host, ACCOUNT), {NULL, 0, 0}};
    static const char *const names[] = {"a", "b", "c", "d"};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(test_bind(remover.stream, names[i], 1), XMPPBIND_OK);
    assert_int_equal(
        xmppbind_directory_list(xmppbind_host_directory(host), ACCOUNT, strlen(ACCOUNT), note_and_unbind, &remover),
        XMPPBIND_OK);
    assert_string_equal(test_text_get(&remover.text), ACCOUNT "/a " ACCOUNT "/b " ACCOUNT "/c " ACCOUNT "/d .");
    expect_list(xmppbind_host_directory(host), ACCOUNT, ".");
    test_text_free(&remover.text);
    xmppbind_stream_free(remover.stream);
    xmppbind_host_free(host);
}

static void note_and_unbind_the_last(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    int last = jid != NULL && jid[length - 1] == 'c';
    (last ? note_and_unbind : note_of_remover)(jid, length, claim, condition, user_data);
}

static void the_last_may_go_meanwhile(void **state) {
    xmppbind_host *host = test_host(NULL);
    struct remover remover = {test_stream(host, ACCOUNT), {NULL, 0, 0}};
    (void)state;
    assert_int_equal(test_bind(remover.stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(remover.stream, "b", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(remover.stream, "c", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_list(xmppbind_host_directory(host), ACCOUNT, strlen(ACCOUNT),
                                             note_and_unbind_the_last, &remover),
                     XMPPBIND_OK);
    assert_string_equal(test_text_get(&remover.text), ACCOUNT "/a " ACCOUNT "/b " ACCOUNT "/c .");
    expect_list(xmppbind_host_directory(host), ACCOUNT, ACCOUNT "/a " ACCOUNT "/b .");
    test_text_free(&remover.text);
    xmppbind_stream_free(remover.stream);
    xmppbind_host_free(host);
}

/* Replaces what it is told, each once: the entry stays, as a younger one. */
static void note_and_replace(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct remover *remover = user_data;
    size_t account = strlen(ACCOUNT "/");
    note(jid, length, claim, condition, &remover->text);
    if (jid != NULL && xmppbind_stream_resource_count(remover->stream) < 2)
        assert_int_equal(xmppbind_stream_bind(remover->stream, jid + account, length - account, 9), XMPPBIND_OK);
}

static void what_is_replaced_meanwhile_comes_again(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *first = test_stream(host, ACCOUNT);
    struct remover remover = {test_stream(host, ACCOUNT), {NULL, 0, 0}};
    (void)state;
    assert_int_equal(test_bind(first, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(first, "b", 1), XMPPBIND_OK);
    assert_int_equal(
        xmppbind_directory_list(xmppbind_host_directory(host), ACCOUNT, strlen(ACCOUNT), note_and_replace, &remover),
        XMPPBIND_OK);
    assert_string_equal(test_text_get(&remover.text), ACCOUNT "/a " ACCOUNT "/b " ACCOUNT "/a " ACCOUNT "/b .");
    test_text_free(&remover.text);
    xmppbind_stream_free(first);
    xmppbind_stream_free(remover.stream);
    xmppbind_host_free(host);
}

static int fail_to_list(const xmppbind_request *request, void *user_data) {
    (void)request;
    (void)user_data;
    return 1;
}

static void a_directory_that_fails_ends_the_list(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    (void)state;
    assert_int_equal(xmppbind_directory_set_list(directory, fail_to_list, NULL), XMPPBIND_OK);
    expect_list(directory, ACCOUNT, "internal-server-error");
    assert_int_equal(xmppbind_directory_pending(directory), 0);
    xmppbind_host_free(host);
}

static int keep(const xmppbind_request *request, void *user_data) {
    *(uint64_t *)user_data = xmppbind_request_id(request);
    return 0;
}

static void entries_and_the_end_may_come_later(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    struct test_text text = {NULL, 0, 0};
    uint64_t id = 0;
    (void)state;
    assert_int_equal(xmppbind_directory_set_list(directory, keep, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_list(directory, ACCOUNT, strlen(ACCOUNT), note, &text), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_pending(directory), 1);
    assert_int_equal(xmppbind_directory_list_entry(directory, id, ACCOUNT "/a", strlen(ACCOUNT "/a"), 3), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_list_entry(directory, id + 1, "x/a", 3, 3), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_directory_list_entry(directory, id, NULL, 0, 3), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_list_entry(NULL, id, "x/a", 3, 3), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_accept(directory, id, 0), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_list_entry(directory, id, "x/a", 3, 3), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_string_equal(test_text_get(&text), ACCOUNT "/a .");
    test_text_free(&text);
    xmppbind_host_free(host);
}

static void a_claim_has_no_entries(void **state) {
    struct test_storage storage;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    test_storage_set_up(&storage, host, NULL);
    storage.mode = TEST_STORAGE_LATER;
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(storage.held_count, 1);
    assert_int_equal(
        xmppbind_directory_list_entry(storage.directory, xmppbind_request_id(storage.held[0]), "x/a", 3, 3),
        XMPPBIND_ERROR_UNKNOWN_REQUEST);
    test_storage_answer_all(&storage);
    xmppbind_stream_free(stream);
    test_storage_answer_all(&storage);
    xmppbind_host_free(host);
    test_storage_tear_down(&storage);
}

static void the_end_comes_with_the_directory_at_the_latest(void **state) {
    xmppbind_host *host = test_host(NULL);
    struct test_text text = {NULL, 0, 0};
    uint64_t id = 0;
    (void)state;
    assert_int_equal(xmppbind_directory_set_list(xmppbind_host_directory(host), keep, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_list(xmppbind_host_directory(host), ACCOUNT, strlen(ACCOUNT), note, &text),
                     XMPPBIND_OK);
    xmppbind_host_free(host);
    assert_string_equal(test_text_get(&text), "internal-server-error");
    test_text_free(&text);
}

static void arguments_are_checked(void **state) {
    struct test_allocator source;
    char account[3000];
    struct test_text text = {NULL, 0, 0};
    (void)state;
    test_allocator_set_up(&source);
    xmppbind_host *host = test_host(source.allocator);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    memset(account, 'a', sizeof account);
    assert_int_equal(xmppbind_directory_list(NULL, "a", 1, note, &text), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_list(directory, NULL, 1, note, &text), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_list(directory, "a", 0, note, &text), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_list(directory, "a", 1, NULL, &text), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_list(directory, "a/b", 3, note, &text), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_directory_list(directory, account, 2048, note, &text), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(text.length, 0);
    assert_int_equal(xmppbind_directory_list(directory, account, 2047, note, &text), XMPPBIND_OK);
    test_allocator_fail(&source, 1, 1);
    assert_int_equal(xmppbind_directory_list(directory, "a", 1, note, &text), XMPPBIND_ERROR_NO_MEMORY);
    test_allocator_fail(&source, 0, 0);
    assert_string_equal(test_text_get(&text), ".");
    test_text_free(&text);
    xmppbind_host_free(host);
    test_allocator_tear_down(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_oldest_first),
        cmocka_unit_test(what_goes_meanwhile_does_not_end_the_list),
        cmocka_unit_test(the_last_may_go_meanwhile),
        cmocka_unit_test(what_is_replaced_meanwhile_comes_again),
        cmocka_unit_test(a_directory_that_fails_ends_the_list),
        cmocka_unit_test(entries_and_the_end_may_come_later),
        cmocka_unit_test(a_claim_has_no_entries),
        cmocka_unit_test(the_end_comes_with_the_directory_at_the_latest),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
