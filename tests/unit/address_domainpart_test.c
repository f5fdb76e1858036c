/* Domainparts: JID-2, JID-3, JID-5, JID-6. */
#include "lib/address/address.h"
#include "tests/support/test_cmocka.h"
#include "tests/unit/address_reference.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Prepares and compares with the reference; the answer is in `out`, which ends in a NUL. */
static int prepare(const char *text, size_t length, char *out) {
    struct reference reference = {.length = 0};
    size_t out_length = 4711;
    int result = xmppbind_address_prepare_domain(XMPPBIND_ADDRESS_PROFILE_RFC7622, text, length, out, &out_length);
    int expected = reference_domain(&reference, text, length);
    if (expected == XMPPBIND_ERROR_ADDRESS_UNSUPPORTED) { /* not ASCII: the reference has no opinion */
        assert_int_not_equal(result, XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
        return expected;
    }
    if (result != expected)
        fail_msg("'%.*s': %s instead of %s", (int)length, text, xmppbind_error_name(result),
                 xmppbind_error_name(expected));
    if (result != XMPPBIND_OK) {
        assert_int_equal(out_length, 4711);
        return result;
    }
    assert_int_equal(out_length, reference.length);
    assert_memory_equal(out, reference.text, out_length);
    out[out_length] = '\0';
    return result;
}

static void jid_3_all_of_one_and_two_octets(void **state) {
    char out[XMPPBIND_PART_MAXIMUM + 1];
    (void)state;
    for (int first = 0; first < 256; first++) {
        prepare((const char[]){(char)first}, 1, out);
        for (int second = 0; second < 256; second++)
            prepare((const char[]){(char)first, (char)second}, 2, out);
    }
}

static void jid_3_jid_6_prepared(void **state) {
    static const struct {
        const char *text, *prepared;
    } rows[] = {
        {"a", "a"},
        {"A", "a"},
        {"0", "0"},
        {"d.", "d"},
        {"EXAMPLE.Com", "example.com"},
        {"my-server.example", "my-server.example"},
        {"a-b--c.d", "a-b--c.d"},
        {"a--b", "a--b"},
        {"abc-d-e", "abc-d-e"},
        {"a.b.xn", "a.b.xn"},
        {"192.0.2.1", "192.0.2.1"},
        {"999.999.999.999", "999.999.999.999"}, /* a name, as far as its form goes */
        {"[::]", "[::]"},
        {"[::1]", "[::1]"},
        {"[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]"},
        {"[2001:0db8::0001]", "[2001:db8::1]"},
        {"[::FFFF:192.0.2.1]", "[::ffff:192.0.2.1]"},
        {"[::ffff:c000:201]", "[::ffff:192.0.2.1]"},
        {"[0000:0000:0000:0000:0000:ffff:255.255.255.255]", "[::ffff:255.255.255.255]"},
        {"[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]"},
    };
    char out[XMPPBIND_PART_MAXIMUM + 1], again[XMPPBIND_PART_MAXIMUM + 1];
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        assert_int_equal(prepare(rows[i].text, strlen(rows[i].text), out), XMPPBIND_OK);
        assert_string_equal(out, rows[i].prepared);
        assert_int_equal(prepare(out, strlen(out), again), XMPPBIND_OK);
        assert_string_equal(again, rows[i].prepared);
    }
}

static void check_refused(const char *const *texts, size_t count, int result) {
    char out[XMPPBIND_PART_MAXIMUM + 1];
    for (size_t i = 0; i < count; i++)
        assert_string_equal(xmppbind_error_name(prepare(texts[i], strlen(texts[i]), out)), xmppbind_error_name(result));
}

static void jid_3_no_domain_name_and_no_literal(void **state) {
    static const char *const texts[] = {
        "..",
        ".a",
        "a..",
        "a..b",
        "-",
        "-a",
        "a-",
        "a.-b",
        "a-.b",
        "ab--c",
        "AB--c",
        "xm--a",
        "yn--a",
        "a_b",
        "a b",
        "a@b",
        "a:5222",
        "a/b",
        "::1",
        "[",
        "]",
        "[]",
        "[::1",
        "[::1]]",
        "[::1]a",
        "[[::1]]",
        "[ ::1]",
        "[::1%25lo]",
        "[::1%1]",
        "[192.0.2.1]",
        "[v1.abc]",
        "[:::]",
        "[1:2:3:4]",
        "[::g]",
        "[1:2:3:4:5:6:7:8:9]",
        "a[::1]",
        "*",
        "a,b",
        "[0000:0000:0000:0000:0000:ffff:255.255.255.2555]",
    };
    (void)state;
    check_refused(texts, LENGTH(texts), XMPPBIND_ERROR_ADDRESS_DOMAIN);
}

static void jid_5_octets_that_no_domainpart_has(void **state) {
    static const char *const controls[] = {"a\x01", "\x1f", "a.\x7f", "[\x01]", "-\n"};
    static const char *const broken[] = {"\xc3",           "a.\xff",           "-.\x80",
                                         "[\xed\xa0\x80]", "\xc3\xa9\xc0\x80", "xn--a.\xff"};
    char out[XMPPBIND_PART_MAXIMUM + 1];
    (void)state;
    check_refused(controls, LENGTH(controls), XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
    check_refused(broken, LENGTH(broken), XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
    assert_int_equal(prepare("a\0b", 3, out), XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
    assert_int_equal(prepare("a\0", 2, out), XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
    assert_int_equal(prepare("[::1\0]", 6, out), XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
}

static void jid_2_empty(void **state) {
    static const char *const texts[] = {"", "."};
    (void)state;
    check_refused(texts, LENGTH(texts), XMPPBIND_ERROR_ADDRESS_EMPTY);
}

static void jid_2_labels_of_62_to_64_octets(void **state) {
    char text[128], out[XMPPBIND_PART_MAXIMUM + 1];
    (void)state;
    memset(text, 'A', sizeof text);
    for (size_t size = 62; size <= 64; size++) {
        int result = size <= 63 ? XMPPBIND_OK : XMPPBIND_ERROR_ADDRESS_TOO_LONG;
        assert_int_equal(prepare(text, size, out), result);
        text[size] = '.';
        assert_int_equal(prepare(text, size + 1, out), result);
        assert_int_equal(prepare(text, size + 3, out), result);
        text[size] = 'A';
    }
}

static void jid_2_1022_to_1024_octets(void **state) {
    char text[1026], out[XMPPBIND_PART_MAXIMUM + 1];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 32 == 31 ? '.' : 'a';
    for (size_t size = 1021; size <= 1023; size++)
        assert_int_equal(prepare(text, size, out), XMPPBIND_OK);
    assert_int_equal(prepare(text, 1024, out), XMPPBIND_OK); /* a dot at the end, which is dropped first */
    assert_int_equal(prepare(text, 1025, out), XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    text[1023] = 'a';
    assert_int_equal(prepare(text, 1024, out), XMPPBIND_ERROR_ADDRESS_TOO_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jid_3_all_of_one_and_two_octets),
        cmocka_unit_test(jid_3_jid_6_prepared),
        cmocka_unit_test(jid_3_no_domain_name_and_no_literal),
        cmocka_unit_test(jid_5_octets_that_no_domainpart_has),
        cmocka_unit_test(jid_2_empty),
        cmocka_unit_test(jid_2_labels_of_62_to_64_octets),
        cmocka_unit_test(jid_2_1022_to_1024_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
