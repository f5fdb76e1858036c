/* Domain names in every script (RFC 7622 section 3.2, RFC 5891): U-labels, and what cannot be one. */
#include "lib/address/address.h"
#include "tests/support/test_cmocka.h"

#include <idn2.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void check(const char *text, const char *prepared, int refused) {
    char out[XMPPBIND_PART_MAXIMUM + 1];
    size_t length = 4711;
    int result = xmppbind_address_prepare_domain(XMPPBIND_ADDRESS_PROFILE_RFC7622, text, strlen(text), out, &length);
    if (result != (prepared == NULL ? refused : XMPPBIND_OK))
        fail_msg("'%s': %s", text, xmppbind_error_name(result));
    if (prepared == NULL) {
        assert_int_equal(length, 4711);
        return;
    }
    assert_int_equal(length, strlen(prepared));
    assert_memory_equal(out, prepared, length);
}

static void names_that_are_prepared(void **state) {
    static const char *const rows[][2] = {
        {"b\u00fccher.example", "b\u00fccher.example"},
        {"B\u00dcCHER.Example", "b\u00fccher.example"},
        {"bu\u0308cher.example.", "b\u00fccher.example"},
        {"xn--bcher-kva.example", "b\u00fccher.example"},
        {"XN--BCHER-KVA.example", "b\u00fccher.example"},
        {"\uff42\uff43.example", "bc.example"},
        {"a\uff0eb\u00fc", "a.b\u00fc"}, /* a full-width stop is a stop */
        {"fa\u00df.example", "fa\u00df.example"},
        {"\u0391\u03a3.example", "\u03b1\u03c3.example"}, /* each letter by itself */
        {"\u03b1\u03c2.example", "\u03b1\u03c2.example"},
        {"\u0130.example", "i\u0307.example"},
        {"\u65e5\u672c\u30fb\u8a9e", "\u65e5\u672c\u30fb\u8a9e"},
        {"\u05d0\u05d11.example", "\u05d0\u05d11.example"},
        {"\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"},
        {"my-server.b\u00fccher", "my-server.b\u00fccher"},
        {"xn--bbe", "\u13c8"}, /* Cherokee, in capitals */
        {"\uab98\u13f8", "\u13c8\u13f0"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        check(rows[i][0], rows[i][1], 0);
        check(rows[i][1], rows[i][1], 0); /* JID-6 */
    }
}

static void names_that_are_refused(void **state) {
    static const struct {
        const char *text;
        int result;
    } rows[] = {
        {"\u2603.example", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\U0001f600.example", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"a\u3002b", XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* mapped by no rule here */
        {"a b\u00fc", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"a_b.b\u00fc", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"a_b\u00fc", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\u00fc\x01", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"-\u00fc", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u00fc-", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"-a.\u00fc", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u00fc..a", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {".\u00fc", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u00fc..", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u0301a", XMPPBIND_ERROR_ADDRESS_DOMAIN}, /* begins with a mark */
        {"a\u00b7l", XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u200d\u00fc", XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"1\u05d0", XMPPBIND_ERROR_ADDRESS_BIDI},
        {"[\u00fc]", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"xn--a", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"xn--", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"xn--abc-", XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"xn--n3h", XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* a snowman all the same */
        {"\u0378", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        check(rows[i].text, NULL, rows[i].result);
}

/* A label of 63 octets as an A-label, a name of 1023 octets as it is prepared. */
static void names_that_are_too_long(void **state) {
    char text[4 * XMPPBIND_PART_MAXIMUM];
    size_t length = 0;
    (void)state;
    for (int i = 0; i < 60; i++, length += 2)
        memcpy(text + length, "\u00fc", 2);
    text[length] = '\0';
    check(text, NULL, XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    for (length = 0; length < 1020; length += 3)
        memcpy(text + length, "\u00fc.", 3);
    memcpy(text + length, "abc", 4);
    check(text, text, 0);
    memcpy(text + length, "abcd", 5);
    check(text, NULL, XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    for (length = 0; length < 3000; length += 3)
        memcpy(text + length, "\u00fc.", 3);
    text[length - 1] = '\0';
    check(text, NULL, XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    for (length = 0; length < 3060; length += 2)
        memcpy(text + length, "\u0130", 2);
    text[length] = '\0';
    check(text, NULL, XMPPBIND_ERROR_ADDRESS_TOO_LONG);
}

/* Short as A-labels, too long as what they stand for. */
static void names_that_grow(void **state) {
    char text[XMPPBIND_PART_MAXIMUM + 1], label[64] = "";
    uint8_t *ascii = NULL;
    size_t length = 0;
    (void)state;
    for (int i = 0; i < 15; i++)
        memcpy(label + 4 * i, "\U00020000", 5);
    assert_int_equal(idn2_register_u8((const uint8_t *)label, NULL, &ascii, 0), IDN2_OK);
    size_t size = strlen((const char *)ascii);
    assert_true(size < strlen(label));
    while (length + size + 1 < sizeof text) {
        memcpy(text + length, ascii, size);
        text[length + size] = '.';
        length += size + 1;
    }
    text[length - 1] = '\0';
    idn2_free(ascii);
    check(text, NULL, XMPPBIND_ERROR_ADDRESS_TOO_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_prepared),
        cmocka_unit_test(names_that_are_refused),
        cmocka_unit_test(names_that_are_too_long),
        cmocka_unit_test(names_that_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
