/* The classes of octets, each said again in words: JID-3, JID-7. */
#include "lib/address/ascii.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

static int is_one_of(int octet, const char *list) {
    return octet != 0 && strchr(list, octet) != NULL;
}

static int is_letter(int octet) {
    return octet >= 'a' && octet <= 'z';
}

static int is_upper(int octet) {
    return octet >= 'A' && octet <= 'Z';
}

static void jid_3_classes(void **state) {
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        int printable = octet >= 0x20 && octet <= 0x7e;
        int local = printable && !is_upper(octet) && !is_one_of(octet, " \"&'/:<>@");
        int domain = is_letter(octet) || is_one_of(octet, "0123456789-");
        int bits = xmppbind_ascii_classes[octet];
        assert_int_equal((bits & XMPPBIND_ASCII_RESOURCE) != 0, printable);
        assert_int_equal((bits & XMPPBIND_ASCII_LOCAL) != 0, local);
        assert_int_equal((bits & XMPPBIND_ASCII_DOMAIN) != 0, domain);
    }
}

/* The words of eight octets and what is left of one: each octet at each place of texts up to 25 octets. */
static void jid_7_resourceparts(void **state) {
    (void)state;
    for (size_t length = 1; length <= 25; length++) {
        char *text = test_memory_get(length);
        for (size_t place = 0; place < length; place++) {
            for (int octet = 0; octet < 256; octet++) {
                memset(text, octet % 2 ? '~' : ' ', length);
                text[place] = (char)octet;
                assert_int_equal(xmppbind_ascii_is_resource(text, length), octet >= 0x20 && octet <= 0x7e);
            }
        }
        free(text);
    }
}

/* Two octets side by side must not hide one another. */
static void jid_7_resourceparts_of_two_odd_octets(void **state) {
    char text[8];
    (void)state;
    memset(text, 'a', sizeof text);
    for (int pair = 0; pair < 65536; pair++) {
        int first = pair / 256, second = pair % 256;
        text[3] = (char)first;
        text[4] = (char)second;
        assert_int_equal(xmppbind_ascii_is_resource(text, sizeof text),
                         first >= 0x20 && first <= 0x7e && second >= 0x20 && second <= 0x7e);
    }
}

static void lower_case_up_to_what_is_no_part(void **state) {
    char local[] = "ABC.xyz-@Q", domain[] = "aBZ-09.Q", none[] = "";
    (void)state;
    assert_ptr_equal(xmppbind_ascii_lower(XMPPBIND_ASCII_LOCAL, local), local + 8);
    assert_string_equal(local, "abc.xyz-@Q");
    assert_ptr_equal(xmppbind_ascii_lower(XMPPBIND_ASCII_DOMAIN, domain), domain + 6);
    assert_string_equal(domain, "abz-09.Q");
    assert_ptr_equal(xmppbind_ascii_lower(XMPPBIND_ASCII_DOMAIN, none), none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jid_3_classes),
        cmocka_unit_test(jid_7_resourceparts),
        cmocka_unit_test(jid_7_resourceparts_of_two_odd_octets),
        cmocka_unit_test(lower_case_up_to_what_is_no_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
