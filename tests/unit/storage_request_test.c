/* What a request tells the storage that is to answer it. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>

/* What the storage saw of one request. */
struct seen {
    xmppbind_directory *directory;
    int count;
    int kind;
    uint64_t id;
    uint64_t claim;
    char jid[128];
    size_t length;
    size_t account_length;
    int conflict;
    uint32_t limit;
    int account_limit;
};

static int look(const xmppbind_request *request, void *user_data) {
    struct seen *seen = user_data;
    size_t length;
    const char *jid = xmppbind_request_jid(request, &length);
    assert_ptr_equal(xmppbind_request_jid(request, NULL), jid);
    assert_true(length < sizeof seen->jid);
    assert_int_equal(strlen(jid), length);
    memcpy(seen->jid, jid, length + 1);
    seen->count++;
    seen->length = length;
    seen->kind = xmppbind_request_kind(request);
    seen->id = xmppbind_request_id(request);
    seen->claim = xmppbind_request_claim(request);
    seen->account_length = xmppbind_request_account_length(request);
    seen->conflict = xmppbind_request_conflict(request);
    seen->limit = xmppbind_request_limit(request);
    seen->account_limit = xmppbind_request_account_limit(request);
    return xmppbind_directory_accept(seen->directory, seen->id, 7);
}

static xmppbind_host *set_up(struct seen *seen) {
    xmppbind_host *host = test_host(NULL);
    memset(seen, 0, sizeof *seen);
    seen->directory = xmppbind_host_directory(host);
    assert_int_equal(xmppbind_directory_set_claims(seen->directory, look, look, seen), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_list(seen->directory, look, seen), XMPPBIND_OK);
    return host;
}

static void a_claim_names_the_jid_and_the_limits(void **state) {
    struct seen seen;
    xmppbind_host *host = set_up(&seen);
    (void)state;
    test_option(host, "max-resources-per-account", "65535");
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.kind, XMPPBIND_REQUEST_CLAIM);
    assert_int_not_equal(seen.id, 0);
    assert_int_equal(seen.claim, 0); /* it is the answer that has the number */
    assert_string_equal(seen.jid, "juliet@capulet.example/balcony");
    assert_int_equal(seen.account_length, strlen("juliet@capulet.example"));
    assert_int_equal(seen.conflict, XMPPBIND_CONFLICT_REPLACE);
    assert_int_equal(seen.limit, 65535);
    assert_int_equal(seen.account_limit, XMPPBIND_ACCOUNT_LIMIT_REFUSE);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void options_become_wishes(void **state) {
    struct seen seen;
    xmppbind_host *host = set_up(&seen);
    (void)state;
    test_option(host, "conflict", "reject");
    test_option(host, "account-limit", "evict-oldest");
    test_option(host, "max-resources-per-account", "1");
    xmppbind_stream *stream = test_stream(host, "capulet.example");
    assert_int_equal(test_bind(stream, "a/b", 1), XMPPBIND_OK);
    assert_string_equal(seen.jid, "capulet.example/a/b");
    assert_int_equal(seen.account_length, strlen("capulet.example"));
    assert_int_equal(seen.conflict, XMPPBIND_CONFLICT_REJECT);
    assert_int_equal(seen.limit, 1);
    assert_int_equal(seen.account_limit, XMPPBIND_ACCOUNT_LIMIT_EVICT_OLDEST);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void a_release_names_the_claim(void **state) {
    struct seen seen;
    xmppbind_host *host = set_up(&seen);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    uint64_t claim_request = seen.id;
    assert_int_equal(test_unbind(stream, "balcony", 2), XMPPBIND_OK);
    assert_int_equal(seen.kind, XMPPBIND_REQUEST_RELEASE);
    assert_int_equal(seen.claim, 7);
    assert_true(seen.id > claim_request);
    assert_string_equal(seen.jid, "juliet@capulet.example/balcony");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void note_end(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    assert_null(jid);
    assert_int_equal(length, 0);
    assert_int_equal(claim, 0);
    assert_int_equal(condition, XMPPBIND_CONDITION_NONE);
    ++*(int *)user_data;
}

static void a_list_names_the_account(void **state) {
    struct seen seen;
    xmppbind_host *host = set_up(&seen);
    int ends = 0;
    (void)state;
    assert_int_equal(xmppbind_directory_list(seen.directory, "juliet@capulet.example", 22, note_end, &ends),
                     XMPPBIND_OK);
    assert_int_equal(ends, 1);
    assert_int_equal(seen.kind, XMPPBIND_REQUEST_LIST);
    assert_string_equal(seen.jid, "juliet@capulet.example");
    assert_int_equal(seen.account_length, seen.length);
    assert_int_equal(seen.claim, 0);
    xmppbind_host_free(host);
}

static void no_request_says_nothing(void **state) {
    size_t length = 5;
    (void)state;
    assert_int_equal(xmppbind_request_id(NULL), 0);
    assert_int_equal(xmppbind_request_kind(NULL), 0);
    assert_null(xmppbind_request_jid(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_request_jid(NULL, NULL));
    assert_int_equal(xmppbind_request_account_length(NULL), 0);
    assert_int_equal(xmppbind_request_claim(NULL), 0);
    assert_int_equal(xmppbind_request_conflict(NULL), XMPPBIND_CONFLICT_REJECT);
    assert_int_equal(xmppbind_request_limit(NULL), 0);
    assert_int_equal(xmppbind_request_account_limit(NULL), XMPPBIND_ACCOUNT_LIMIT_REFUSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_names_the_jid_and_the_limits),
        cmocka_unit_test(options_become_wishes),
        cmocka_unit_test(a_release_names_the_claim),
        cmocka_unit_test(a_list_names_the_account),
        cmocka_unit_test(no_request_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
