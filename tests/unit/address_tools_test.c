/* Comparing, formatting and taking apart: JID-1, JID-3. */
#include "tests/support/test_cmocka.h"
#include "xmppbind/address.h"
#include "xmppbind/base.h"

#include <string.h>

static void two_spellings_are_compared(void **state) {
    static const struct {
        const char *left, *right;
        int profile, same;
    } rows[] = {
        {"juliet@capulet.example/a", "JULIET@Capulet.Example./a", 0, 1},
        {"juliet@capulet.example/a", "juliet@capulet.example/A", 0, 0},
        {"juliet@capulet.example", "juliet@capulet.example/a", 0, 0},
        {"\u00e9@d", "e\u0301@d", 0, 1},
        {"a@b\u00fccher.example", "a@xn--bcher-kva.example", 0, 1},
        {"stra\u00dfe@d", "strasse@d", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int same = -1;
        assert_int_equal(xmppbind_jid_compare(rows[i].profile, rows[i].left, strlen(rows[i].left), rows[i].right,
                                              strlen(rows[i].right), &same),
                         XMPPBIND_OK);
        assert_int_equal(same, rows[i].same);
    }
}

static void what_cannot_be_prepared_is_not_compared(void **state) {
    int same = -1;
    (void)state;
    assert_int_equal(xmppbind_jid_compare(0, "a@b", 3, "a@", 2, &same), XMPPBIND_ERROR_ADDRESS_EMPTY);
    assert_int_equal(xmppbind_jid_compare(0, "a b@c", 5, "a@b", 3, &same), XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
    assert_int_equal(xmppbind_jid_compare(7, "a@b", 3, "a@b", 3, &same), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_jid_compare(0, NULL, 0, "a@b", 3, &same), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_jid_compare(0, "a@b", 3, NULL, 0, &same), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(same, -1);
    assert_int_equal(xmppbind_jid_compare(0, "a@b", 3, "a@b", 3, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
}

static void parts_are_put_together(void **state) {
    char out[64] = "~";
    size_t length = 0, bare = 0;
    (void)state;
    assert_int_equal(xmppbind_jid_format(0, "\u00c9", 2, "D.", 2, "R/@", 3, out, sizeof out, &length, &bare),
                     XMPPBIND_OK);
    assert_string_equal(out, "\u00e9@d/R/@");
    assert_int_equal(length, strlen(out));
    assert_int_equal(bare, 4);
    assert_int_equal(xmppbind_jid_format(0, NULL, 0, "d", 1, NULL, 0, out, sizeof out, &length, &bare), XMPPBIND_OK);
    assert_string_equal(out, "d");
    assert_int_equal(bare, 1);
    /* A separator inside a part is no separator. */
    assert_int_equal(xmppbind_jid_format(0, "a@b", 3, "d", 1, NULL, 0, out, sizeof out, &length, &bare),
                     XMPPBIND_ERROR_ADDRESS_FORBIDDEN);
    assert_int_equal(xmppbind_jid_format(0, "a", 1, "d/e", 3, NULL, 0, out, sizeof out, &length, &bare),
                     XMPPBIND_ERROR_ADDRESS_DOMAIN);
    assert_int_equal(xmppbind_jid_format(0, "", 0, "d", 1, NULL, 0, out, sizeof out, &length, &bare),
                     XMPPBIND_ERROR_ADDRESS_EMPTY);
    assert_int_equal(xmppbind_jid_format(0, NULL, 0, "d", 1, NULL, 0, out, 1, &length, &bare),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_jid_format(2, NULL, 0, "d", 1, NULL, 0, out, 9, &length, &bare),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_jid_format(0, NULL, 0, NULL, 1, NULL, 0, out, 9, &length, &bare),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_jid_format(0, NULL, 0, "d", 1, NULL, 0, NULL, 9, &length, &bare),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_jid_format(0, NULL, 0, "d", 1, NULL, 0, out, 9, NULL, &bare),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_jid_format(0, NULL, 0, "d", 1, NULL, 0, out, 9, &length, NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_string_equal(out, "d");
}

static void assert_part(const char *jid, int part, const char *expected) {
    size_t length = 99;
    const char *text = xmppbind_jid_part(jid, jid == NULL ? 0 : strlen(jid), part, &length);
    if (expected == NULL) {
        assert_null(text);
        assert_int_equal(length, 0);
        return;
    }
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text, expected, length);
}

static void parts_are_found(void **state) {
    (void)state;
    assert_part("a@b/c@d/e", XMPPBIND_ADDRESS_PART_LOCAL, "a");
    assert_part("a@b/c@d/e", XMPPBIND_ADDRESS_PART_DOMAIN, "b");
    assert_part("a@b/c@d/e", XMPPBIND_ADDRESS_PART_RESOURCE, "c@d/e");
    assert_part("b", XMPPBIND_ADDRESS_PART_LOCAL, NULL);
    assert_part("b", XMPPBIND_ADDRESS_PART_DOMAIN, "b");
    assert_part("b", XMPPBIND_ADDRESS_PART_RESOURCE, NULL);
    assert_part("@/", XMPPBIND_ADDRESS_PART_LOCAL, "");
    assert_part("@/", XMPPBIND_ADDRESS_PART_DOMAIN, "");
    assert_part("@/", XMPPBIND_ADDRESS_PART_RESOURCE, "");
    assert_part("a@b/c", XMPPBIND_ADDRESS_PART_NONE, NULL);
    assert_part("a@b/c", 4, NULL);
    assert_part(NULL, XMPPBIND_ADDRESS_PART_LOCAL, NULL);
    assert_ptr_equal(xmppbind_jid_part("b", 1, XMPPBIND_ADDRESS_PART_RESOURCE, NULL), NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_spellings_are_compared),
        cmocka_unit_test(what_cannot_be_prepared_is_not_compared),
        cmocka_unit_test(parts_are_put_together),
        cmocka_unit_test(parts_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
