/* What a 'from' becomes: area FROM, decided without a stanza. */
#include "lib/binding/from.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>

#define ACCOUNT "juliet@capulet.example"

static int classify(const xmppbind_stream *stream, const char *from) {
    return (int)xmppbind_from_classify(stream, from, from == NULL ? 0 : strlen(from));
}

/* FROM-6, FROM-11, BIND-8 */
static void an_address_is_of_the_account_or_not(void **state) {
    static const struct {
        const char *from;
        int close, override;
    } cases[] = {{NULL, XMPPBIND_FROM_NONE, XMPPBIND_FROM_NONE},
                 {ACCOUNT, XMPPBIND_FROM_ACCOUNT, XMPPBIND_FROM_ACCOUNT},
                 {"JULIET@Capulet.Example.", XMPPBIND_FROM_ACCOUNT, XMPPBIND_FROM_ACCOUNT},
                 {ACCOUNT "/balcony", XMPPBIND_FROM_ACCOUNT, XMPPBIND_FROM_ACCOUNT},
                 {ACCOUNT "/", XMPPBIND_FROM_MALFORMED, XMPPBIND_FROM_NONE},
                 {ACCOUNT "/\x01", XMPPBIND_FROM_MALFORMED, XMPPBIND_FROM_NONE},
                 {"", XMPPBIND_FROM_MALFORMED, XMPPBIND_FROM_NONE},
                 {ACCOUNT ".org", XMPPBIND_FROM_FOREIGN, XMPPBIND_FROM_NONE},
                 {ACCOUNT ".org/balcony", XMPPBIND_FROM_FOREIGN, XMPPBIND_FROM_NONE},
                 {"romeo@capulet.example", XMPPBIND_FROM_FOREIGN, XMPPBIND_FROM_NONE},
                 {"juliex@capulet.example/balcony", XMPPBIND_FROM_FOREIGN, XMPPBIND_FROM_NONE},
                 {"capulet.example", XMPPBIND_FROM_FOREIGN, XMPPBIND_FROM_NONE}};
    (void)state;
    for (int override = 0; override < 2; override++) {
        xmppbind_host *host = test_host(NULL);
        test_option(host, "foreign-from", override ? "override" : "close");
        xmppbind_stream *stream = test_stream(host, ACCOUNT);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
            assert_int_equal(classify(stream, cases[i].from), override ? cases[i].override : cases[i].close);
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
    }
}

static int is_here(const xmppbind_stream *stream, const char *address) {
    int is = -1;
    assert_int_equal(xmppbind_from_is_account_or_domain(stream, address, strlen(address), &is), XMPPBIND_OK);
    return is;
}

/* BIND-5: where a request may be addressed to. */
static void the_account_and_its_domain_are_here(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT), *server = test_stream(host, "capulet.example");
    (void)state;
    assert_true(is_here(stream, ACCOUNT));
    assert_true(is_here(stream, "Juliet@capulet.example"));
    assert_true(is_here(stream, "capulet.example"));
    assert_true(is_here(stream, "CAPULET.example."));
    assert_false(is_here(stream, ACCOUNT "/balcony"));
    assert_false(is_here(stream, "capulex.example")); /* as long as the domain */
    assert_false(is_here(stream, "romeo@capulet.example"));
    assert_false(is_here(stream, "juliex@capulet.example")); /* as long as the account */
    assert_false(is_here(stream, "example"));
    assert_false(is_here(stream, ""));
    assert_true(is_here(server, "capulet.example")); /* an account without a localpart is its domain */
    assert_false(is_here(server, ACCOUNT));
    xmppbind_stream_free(stream);
    xmppbind_stream_free(server);
    xmppbind_host_free(host);
}

static int decide(xmppbind_stream *stream, const char *from, const char **jid) {
    struct xmppbind_claim *sender = NULL;
    int result = xmppbind_from_decide(stream, from, from == NULL ? 0 : strlen(from), &sender);
    *jid = sender == NULL ? NULL : sender->text;
    return result;
}

#define assert_from(stream, from, expected)                                                                            \
    do {                                                                                                               \
        const char *jid;                                                                                               \
        assert_int_equal(decide(stream, from, &jid), XMPPBIND_OK);                                                     \
        assert_string_equal(jid, expected);                                                                            \
    } while (0)
#define assert_refused(stream, from, error)                                                                            \
    do {                                                                                                               \
        const char *jid;                                                                                               \
        assert_int_equal(decide(stream, from, &jid), error);                                                           \
        assert_null(jid);                                                                                              \
    } while (0)

/* FROM-1 to FROM-4, FROM-9 */
static void one_resource_speaks_for_itself(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    (void)state;
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_from(stream, NULL, ACCOUNT "/a");
    assert_from(stream, ACCOUNT, ACCOUNT "/a");
    assert_from(stream, ACCOUNT "/a", ACCOUNT "/a");
    assert_from(stream, ACCOUNT "/nowhere", ACCOUNT "/a");
    assert_refused(stream, "romeo@capulet.example", XMPPBIND_ERROR_INVALID_FROM);
    assert_refused(stream, ACCOUNT "/", XMPPBIND_ERROR_JID_MALFORMED);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void several_are_told_apart(void **state) {
    static const struct { const char *missing, *unbound; } cases[] = {{"stamp", "reject"}, {"reject", "stamp"}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        xmppbind_host *host = test_host(NULL);
        test_option(host, "missing-from", cases[i].missing);
        test_option(host, "unbound-from", cases[i].unbound);
        xmppbind_stream *stream = test_stream(host, ACCOUNT);
        assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
        assert_int_equal(test_bind(stream, "b", 1), XMPPBIND_OK);
        assert_from(stream, ACCOUNT "/b", ACCOUNT "/b");
        assert_from(stream, "JULIET@capulet.example/b", ACCOUNT "/b");
        if (i == 0) {
            assert_from(stream, NULL, ACCOUNT "/a");
            assert_from(stream, ACCOUNT, ACCOUNT "/a");
            assert_refused(stream, ACCOUNT "/nowhere", XMPPBIND_ERROR_UNKNOWN_SENDER);
            assert_refused(stream, ACCOUNT "/B", XMPPBIND_ERROR_UNKNOWN_SENDER);
            assert_refused(stream, "JULIET@capulet.example/nowhere", XMPPBIND_ERROR_UNKNOWN_SENDER);
        } else {
            assert_refused(stream, NULL, XMPPBIND_ERROR_UNKNOWN_SENDER);
            assert_refused(stream, ACCOUNT, XMPPBIND_ERROR_UNKNOWN_SENDER);
            assert_from(stream, ACCOUNT "/nowhere", ACCOUNT "/a");
        }
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
    }
}

/* 1023 octets are a resource, 1024 are none, also where the account is spelled as it is prepared. */
static void a_part_is_not_too_long(void **state) {
    char from[2048] = ACCOUNT "/";
    size_t at = strlen(from);
    struct xmppbind_claim *sender;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    (void)state;
    assert_int_equal(test_bind(stream, "a", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "b", 1), XMPPBIND_OK);
    memset(from + at, 'r', 1024);
    assert_int_equal(xmppbind_from_decide(stream, from, at + 1023, &sender), XMPPBIND_ERROR_UNKNOWN_SENDER);
    assert_int_equal(xmppbind_from_decide(stream, from, at + 1024, &sender), XMPPBIND_ERROR_JID_MALFORMED);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_of_the_account_or_not),
        cmocka_unit_test(the_account_and_its_domain_are_here),
        cmocka_unit_test(one_resource_speaks_for_itself),
        cmocka_unit_test(several_are_told_apart),
        cmocka_unit_test(a_part_is_not_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
