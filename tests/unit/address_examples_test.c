/* The examples of RFC 7622 section 3.5, each by its number; and every way in for octets that are no UTF-8 (JID-5). */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "xmppbind/address.h"

#include <string.h>

static int prepare(int profile, const char *text, char prepared[XMPPBIND_JID_MAXIMUM + 1]) {
    size_t length, bare_length;
    return xmppbind_jid_prepare(profile, text, strlen(text), prepared, XMPPBIND_JID_MAXIMUM + 1, &length, &bare_length);
}

/* Table 1. */
static void jids_that_are_valid(void **state) {
    static const struct {
        int number;
        const char *text, *prepared;
    } rows[] = {
        {1, "juliet@example.com", "juliet@example.com"},
        {2, "juliet@example.com/foo", "juliet@example.com/foo"},
        {3, "juliet@example.com/foo bar", "juliet@example.com/foo bar"},
        {4, "juliet@example.com/foo@bar", "juliet@example.com/foo@bar"},
        {5, "foo\\20bar@example.com", "foo\\20bar@example.com"},
        {6, "fussball@example.com", "fussball@example.com"},
        {7, "fu\u00dfball@example.com", "fu\u00dfball@example.com"},
        {8, "\u03c0@example.com", "\u03c0@example.com"},
        {9, "\u03a3@example.com/foo", "\u03c3@example.com/foo"},
        {10, "\u03c3@example.com/foo", "\u03c3@example.com/foo"},
        {11, "\u03c2@example.com/foo", "\u03c2@example.com/foo"},
        {12, "king@example.com/\u265a", "king@example.com/\u265a"},
        {13, "example.com", "example.com"},
        {14, "example.com/foobar", "example.com/foobar"},
        {15, "a.example.com/b@example.net", "a.example.com/b@example.net"},
    };
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int result = prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, rows[i].text, prepared);
        if (result != XMPPBIND_OK)
            fail_msg("example %d: %s", rows[i].number, xmppbind_error_name(result));
        assert_string_equal(prepared, rows[i].prepared);
    }
}

/* Table 2, without number 18: it calls a space at the beginning of a resourcepart wrong, and no rule of OpaqueString
 * does. */
static void jids_that_are_not(void **state) {
    static const struct {
        int number;
        const char *text;
        int result;
    } rows[] = {
        {16, "\"juliet\"@example.com", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {17, "foo bar@example.com", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {19, "@example.com/", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {20, "henry\u2163@example.com", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {21, "\u265a@example.com", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {22, "juliet@", XMPPBIND_ERROR_ADDRESS_EMPTY},
        {23, "/foobar", XMPPBIND_ERROR_ADDRESS_EMPTY},
    };
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int result = prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, rows[i].text, prepared);
        if (result != rows[i].result)
            fail_msg("example %d: %s", rows[i].number, xmppbind_error_name(result));
    }
}

static void check_part(const char *part, xmppbind_stream *stream) {
    char out[XMPPBIND_JID_MAXIMUM + 1], jid[64] = "a@b/";
    size_t length = strlen(part), out_length, bare_length, stamp_length;
    const char *stamp;
    int same;
    memcpy(jid + 4, part, length + 1);
    for (int profile = 0; profile < 2; profile++) {
        assert_int_equal(prepare(profile, jid, out), XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
        assert_int_equal(xmppbind_resource_prepare(profile, part, length, out, sizeof out, &out_length),
                         XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
        assert_int_equal(xmppbind_jid_compare(profile, "a@b", 3, jid, strlen(jid), &same),
                         XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
        assert_int_equal(xmppbind_jid_explain(profile, jid, strlen(jid), NULL, NULL, NULL, 0),
                         XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
        assert_int_equal(
            xmppbind_jid_format(profile, part, length, "b", 1, NULL, 0, out, sizeof out, &out_length, &bare_length),
            XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
        assert_int_equal(
            xmppbind_jid_format(profile, NULL, 0, part, length, NULL, 0, out, sizeof out, &out_length, &bare_length),
            XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
    }
    assert_int_equal(xmppbind_stream_bind(stream, part, length, 1), XMPPBIND_OK);
    test_expect(stream, "answer 1 bad-request\n"); /* BIND-3 */
    assert_int_equal(xmppbind_stream_unbind(stream, part, length, 2), XMPPBIND_OK);
    test_expect(stream, "answer 2 bad-request\n");
    assert_int_equal(
        xmppbind_stream_stamp(stream, XMPPBIND_STANZA_IQ, jid, strlen(jid), &stamp, &stamp_length, NULL, NULL),
        XMPPBIND_ERROR_JID_MALFORMED);
}

static void octets_that_are_no_utf_8(void **state) {
    static const char *const parts[] = {"\x80",
                                        "\xc0\xaf",
                                        "\xe0\x80\xaf",
                                        "\xf0\x80\x80\xaf", /* a continuation, overlong forms */
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xed\xa0\xbd\xed\xb8\x80", /* surrogates, a pair of them too */
                                        "\xc3",
                                        "\xe2\x82",
                                        "\xf0\x9f\x98",
                                        "a\xc3(",
                                        "\xf4\x90\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xff",
                                        "\xfe"};
    (void)state;
    for (int profile = 0; profile < 2; profile++) {
        xmppbind_host *host = test_host(NULL);
        if (xmppbind_host_set_option(host, XMPPBIND_OPTION_ADDRESS_PROFILE, (uint32_t)profile) != XMPPBIND_OK)
            profile = 2; /* a build without it */
        test_option(host, "max-bind-failures", "0");
        xmppbind_stream *stream = test_stream(host, "a@b");
        assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
        test_drain_all(stream);
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            check_part(parts[i], stream);
        xmppbind_stream_free(stream);
        xmppbind_host_free(host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jids_that_are_valid),
        cmocka_unit_test(jids_that_are_not),
        cmocka_unit_test(octets_that_are_no_utf_8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
