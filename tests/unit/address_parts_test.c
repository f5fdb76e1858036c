/* Localparts, resourceparts and what is not ASCII: JID-2, JID-3, JID-5. */
#include "lib/address/address.h"
#include "tests/support/test_cmocka.h"
#include "tests/unit/address_reference.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

typedef int (*prepare_function)(int profile, const char *text, size_t length, char *out, size_t *out_length);
typedef int (*reference_function)(struct reference *reference, const char *text, size_t length);

static void compare(prepare_function prepare, reference_function expected, const char *text, size_t length) {
    struct reference reference = {.length = 0};
    char out[XMPPBIND_PART_MAXIMUM + 1];
    size_t out_length = 4711;
    int result = prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, text, length, out, &out_length);
    int wanted = expected(&reference, text, length);
    if (wanted == XMPPBIND_ERROR_ADDRESS_UNSUPPORTED) { /* not ASCII: the reference has no opinion */
        assert_int_not_equal(result, XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
        return;
    }
    assert_int_equal(result, wanted);
    if (result == XMPPBIND_OK) {
        assert_int_equal(out_length, reference.length);
        assert_memory_equal(out, reference.text, out_length);
    } else {
        assert_int_equal(out_length, 4711);
    }
}

static void compare_all(prepare_function prepare, reference_function expected) {
    char text[1024];
    compare(prepare, expected, "", 0);
    for (int first = 0; first < 256; first++) {
        compare(prepare, expected, (const char[]){(char)first}, 1);
        for (int second = 0; second < 256; second++)
            compare(prepare, expected, (const char[]){(char)first, (char)second}, 2);
    }
    memset(text, 'Q', sizeof text);
    for (size_t size = 1022; size <= 1024; size++)
        compare(prepare, expected, text, size);
}

static void jid_3_localparts_of_one_and_two_octets(void **state) {
    (void)state;
    compare_all(xmppbind_address_prepare_local, reference_local);
}

static void jid_3_resourceparts_of_one_and_two_octets(void **state) {
    (void)state;
    compare_all(xmppbind_address_prepare_resource, reference_resource);
}

/* A bad octet among good ones, at each place of a long part. */
static void jid_3_one_bad_octet_anywhere(void **state) {
    char text[20];
    (void)state;
    for (size_t place = 0; place < sizeof text; place++) {
        for (int octet = 0; octet < 256; octet++) {
            memset(text, 'a', sizeof text);
            text[place] = (char)octet;
            compare(xmppbind_address_prepare_local, reference_local, text, sizeof text);
            compare(xmppbind_address_prepare_resource, reference_resource, text, sizeof text);
        }
    }
}

/* RFC 3629: every kind of sequence that is none, and the limits of those that are. */
static void jid_5_utf8(void **state) {
    static const struct {
        const char *text;
        int result;
    } rows[] = {
        {"\x80", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},             /* a continuation alone */
        {"\xbf", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},             /* the last of them */
        {"\xc0\x80", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},         /* NUL in two octets */
        {"\xc1\xbf", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},         /* overlong */
        {"\xc2", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},             /* cut */
        {"\xc2\x7f", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},         /* no continuation */
        {"\xc2\xc0", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},         /* two leads */
        {"\xc2\x80", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},      /* U+0080 */
        {"\xdf\xbf", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},      /* U+07FF */
        {"\xe0\x9f\xbf", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},     /* overlong */
        {"\xe0\xa0\x80", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},  /* U+0800 */
        {"\xe2\x82", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},         /* cut */
        {"\xe2\x82(", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},        /* the third is none */
        {"\xe2(\xa1", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},        /* the second is none */
        {"\xed\x9f\xbf", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},  /* U+D7FF */
        {"\xed\xa0\x80", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},     /* the first surrogate */
        {"\xed\xbf\xbf", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},     /* the last */
        {"\xee\x80\x80", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},  /* U+E000 */
        {"\xef\xbf\xbf", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},  /* U+FFFF */
        {"\xf0\x8f\xbf\xbf", XMPPBIND_ERROR_ADDRESS_NOT_UTF8}, /* overlong */
        {"\xf0\x90\x80\x80", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},
        {"\xf0\x9f\x98", XMPPBIND_ERROR_ADDRESS_NOT_UTF8}, /* cut */
        {"\xf4\x8f\xbf\xbf", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED},
        {"\xf4\x90\x80\x80", XMPPBIND_ERROR_ADDRESS_NOT_UTF8}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"\xf8\x88\x80\x80\x80", XMPPBIND_ERROR_ADDRESS_NOT_UTF8}, /* five octets */
        {"\xfe", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"\xff", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"\xc3\xa9\xff", XMPPBIND_ERROR_ADDRESS_NOT_UTF8},    /* the worse error wins */
        {"\x01\xc3\xa9", XMPPBIND_ERROR_ADDRESS_UNSUPPORTED}, /* so does this one */
        {"a\x01\x7f", XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t length = strlen(rows[i].text);
        if (rows[i].result == XMPPBIND_ERROR_ADDRESS_NOT_UTF8) {
            char out[XMPPBIND_PART_MAXIMUM + 1];
            size_t out_length;
            assert_int_equal(xmppbind_address_prepare_resource(0, rows[i].text, length, out, &out_length),
                             rows[i].result);
        }
        compare(xmppbind_address_prepare_local, reference_local, rows[i].text, length);
        compare(xmppbind_address_prepare_resource, reference_resource, rows[i].text, length);
        compare(xmppbind_address_prepare_domain, reference_domain, rows[i].text, length);
    }
}

/* All leads with second octets from every range of RFC 3629, with good and bad ones behind them. */
static void jid_5_utf8_ranges(void **state) {
    static const unsigned char seconds[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    static const unsigned char others[] = {0x41, 0x80, 0xbf, 0xc2};
    (void)state;
    for (int lead = 0x80; lead < 256; lead++) {
        for (size_t i = 0; i < sizeof seconds * sizeof others * sizeof others; i++) {
            const char text[] = {(char)lead, (char)seconds[i / 16], (char)others[i / 4 % 4], (char)others[i % 4]};
            for (size_t length = 1; length <= sizeof text; length++)
                compare(xmppbind_address_prepare_resource, reference_resource, text, length);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jid_3_localparts_of_one_and_two_octets),
        cmocka_unit_test(jid_3_resourceparts_of_one_and_two_octets),
        cmocka_unit_test(jid_3_one_bad_octet_anywhere),
        cmocka_unit_test(jid_5_utf8),
        cmocka_unit_test(jid_5_utf8_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
