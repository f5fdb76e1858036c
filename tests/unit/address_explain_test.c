/* Why an address is refused: the part, the reason, the code point; as numbers and as text. */
#include "tests/support/test_cmocka.h"
#include "xmppbind/address.h"
#include "xmppbind/base.h"

#include <string.h>

enum {
    LOCAL = XMPPBIND_ADDRESS_PART_LOCAL,
    DOMAIN = XMPPBIND_ADDRESS_PART_DOMAIN,
    RESOURCE = XMPPBIND_ADDRESS_PART_RESOURCE
};

static void each_reason(void **state) {
    static const struct {
        const char *text;
        int result, part;
        uint32_t code_point;
    } rows[] = {
        {"juliet@capulet.example/balcony", XMPPBIND_OK, 0, 0},
        {"@b", XMPPBIND_ERROR_ADDRESS_EMPTY, LOCAL, 0},
        {"a@", XMPPBIND_ERROR_ADDRESS_EMPTY, DOMAIN, 0},
        {"a@b/", XMPPBIND_ERROR_ADDRESS_EMPTY, RESOURCE, 0},
        {"a\"b@c", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, LOCAL, '"'},
        {"A b@c", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, LOCAL, ' '},
        {"A\u265a@c", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, LOCAL, 0x265a},
        {"a\uff20@c", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, LOCAL, '@'},
        {"a@b\x01", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, DOMAIN, 1},
        {"a@\u2603.b", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, DOMAIN, 0x2603},
        {"a@b.\u2603", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, DOMAIN, 0x2603},
        {"a@xn--n3h", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, DOMAIN, 0}, /* it is not there to be seen */
        {"a@-b", XMPPBIND_ERROR_ADDRESS_DOMAIN, DOMAIN, 0},
        {"a@b/c\x7f", XMPPBIND_ERROR_ADDRESS_FORBIDDEN, RESOURCE, 0x7f},
        {"a@b/a\u200db", XMPPBIND_ERROR_ADDRESS_CONTEXT, RESOURCE, 0x200d},
        {"a\u00b7@b", XMPPBIND_ERROR_ADDRESS_CONTEXT, LOCAL, 0xb7},
        {"1\u05d0@b", XMPPBIND_ERROR_ADDRESS_BIDI, LOCAL, 0},
        {"a@b/\xff", XMPPBIND_ERROR_ADDRESS_NOT_UTF8, RESOURCE, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int part = -1;
        uint32_t code_point = 99;
        assert_int_equal(xmppbind_jid_explain(0, rows[i].text, strlen(rows[i].text), &part, &code_point, NULL, 0),
                         rows[i].result);
        assert_int_equal(part, rows[i].part);
        assert_int_equal(code_point, rows[i].code_point);
    }
}

static void it_is_said_in_words(void **state) {
    char message[128], little[8];
    (void)state;
    assert_int_equal(xmppbind_jid_explain(0, "a\"b@c", 5, NULL, NULL, message, sizeof message),
                     XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
    assert_string_equal(message, "localpart: the address has a code point that is not allowed there: U+0022");
    assert_int_equal(xmppbind_jid_explain(0, "a@b/", 4, NULL, NULL, message, sizeof message),
                     XMPPBIND_ERROR_ADDRESS_EMPTY);
    assert_string_equal(message, "resourcepart: a part of the address is empty");
    assert_int_equal(xmppbind_jid_explain(0, "a@b", 3, NULL, NULL, message, sizeof message), XMPPBIND_OK);
    assert_string_equal(message, "no error");
    assert_int_equal(xmppbind_jid_explain(0, "a@-", 3, NULL, NULL, little, sizeof little),
                     XMPPBIND_ERROR_ADDRESS_DOMAIN);
    assert_string_equal(little, "domainp");
}

/* The longest text that is refused for what it has, not for its length. */
static void a_long_text_is_not_searched(void **state) {
    static char text[5000];
    uint32_t code_point = 99;
    (void)state;
    memset(text, 'a', sizeof text);
    text[10] = '\0';
    int result = xmppbind_jid_explain(XMPPBIND_ADDRESS_PROFILE_RFC3920, text, sizeof text, NULL, &code_point, NULL, 0);
    assert_true(result < 0);
    memcpy(text, "a@b/\xc3\xa9", 6);
    result = xmppbind_jid_explain(XMPPBIND_ADDRESS_PROFILE_RFC3920, text, sizeof text, NULL, &code_point, NULL, 0);
    assert_true(result < 0);
    assert_int_equal(code_point, 0);
}

static void arguments_are_checked(void **state) {
    int part = -1;
    (void)state;
    assert_int_equal(xmppbind_jid_explain(0, NULL, 0, &part, NULL, NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(part, XMPPBIND_ADDRESS_PART_NONE);
    assert_int_equal(xmppbind_jid_explain(2, "a@b", 3, &part, NULL, NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason),
        cmocka_unit_test(it_is_said_in_words),
        cmocka_unit_test(a_long_text_is_not_searched),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
