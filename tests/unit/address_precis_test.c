/* The PRECIS profiles: the examples of the RFCs, look-alikes, limits. JID-2, JID-3, JID-5, JID-6. */
#include "lib/address/address.h"
#include "tests/support/test_cmocka.h"

#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

typedef int (*prepare_function)(int profile, const char *text, size_t length, char *out, size_t *out_length);

struct row {
    const char *text;
    const char *prepared; /* NULL: refused */
    int result;
};

/* Prepares, and prepares the result again (JID-6). */
static void check(prepare_function prepare, const struct row *row) {
    char out[XMPPBIND_PART_MAXIMUM + 1], again[XMPPBIND_PART_MAXIMUM + 1];
    size_t length = 0, again_length = 0;
    int result = prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, row->text, strlen(row->text), out, &length);
    if (result != (row->prepared == NULL ? row->result : XMPPBIND_OK))
        fail_msg("'%s': %s", row->text, xmppbind_error_name(result));
    if (row->prepared == NULL)
        return;
    out[length] = '\0';
    assert_string_equal(out, row->prepared);
    assert_int_equal(prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, out, length, again, &again_length), XMPPBIND_OK);
    assert_int_equal(again_length, length);
    assert_memory_equal(again, out, length);
}

static void check_all(prepare_function prepare, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        check(prepare, &rows[i]);
}

/* RFC 8265 section 3.5, tables 1 to 3, for UsernameCaseMapped, with what RFC 7622 section 3.3.1 excludes. */
static void usernames_of_rfc_8265(void **state) {
    static const struct row rows[] = {
        {"fussball", "fussball", 0},
        {"fu\u00dfball", "fu\u00dfball", 0},
        {"\u03c0", "\u03c0", 0},
        {"\u03a3", "\u03c3", 0},
        {"\u03c3", "\u03c3", 0},
        {"\u03c2", "\u03c2", 0},
        {"foo bar", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"", NULL, XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"henry\u2163", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\u265a", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"juliet@example.com", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* allowed there, excluded in a JID */
        {"\u00e9@", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\u00e9\"", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
    };
    (void)state;
    check_all(xmppbind_address_prepare_local, rows, LENGTH(rows));
}

/* RFC 8265 section 4.3, tables 5 and 6, for OpaqueString. */
static void opaque_strings_of_rfc_8265(void **state) {
    static const struct row rows[] = {
        {"correct horse battery staple", "correct horse battery staple", 0},
        {"Correct Horse Battery Staple", "Correct Horse Battery Staple", 0},
        {"\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5", 0},
        {"Jack of \u2666s", "Jack of \u2666s", 0},
        {"foo\u1680bar", "foo bar", 0},
        {"", NULL, XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"my cat is a \tby", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"henry\u2163", "henry\u2163", 0},
        {"\u265a", "\u265a", 0},
    };
    (void)state;
    check_all(xmppbind_address_prepare_resource, rows, LENGTH(rows));
}

static void look_alike_localparts(void **state) {
    static const struct row rows[] = {
        {"\uff2a\uff55\uff4c\uff49\uff45\uff54", "juliet", 0}, /* full width */
        {"e\u0301", "\u00e9", 0},                              /* decomposed */
        {"E\u0301", "\u00e9", 0},                              /* and upper case */
        {"\u00c9", "\u00e9", 0},
        {"\u0391\u03a3", "\u03b1\u03c2", 0},             /* a final sigma */
        {"\u0391\u03a3\u0391", "\u03b1\u03c3\u03b1", 0}, /* one that is not */
        {"\u0130", "i\u0307", 0},                        /* I with a dot is no i */
        {"I\u0307", "i\u0307", 0},
        {"\u0131", "\u0131", 0},                                        /* nor is the dotless one */
        {"\uff76\uff9e", "\u30ac", 0},                                  /* half-width katakana with its mark */
        {"\u1112\u1161\u11ab", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* conjoining jamo */
        {"\ud55c", "\ud55c", 0},
        {"\u212b", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* the Angstrom sign is a compatibility character */
        {"\u3000", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\uf900", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* a compatibility ideograph is not mapped */
        {"a\u200db", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u00ad", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\u0378", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* unassigned */
        {"\uff20", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* a full-width @ */
    };
    (void)state;
    check_all(xmppbind_address_prepare_local, rows, LENGTH(rows));
}

static void look_alike_resourceparts(void **state) {
    static const struct row rows[] = {
        {"\uff2a", "\uff2a", 0}, /* width is kept in an OpaqueString */
        {"e\u0301", "\u00e9", 0},
        {"E\u0301", "\u00c9", 0},
        {"a\u3000b\u00a0c\u2003d", "a b c d", 0}, /* spaces become the one of ASCII */
        {"\u212b", "\u00c5", 0},
        {"\u0344", "\u0308\u0301", 0},
        {"\u03a3", "\u03a3", 0},
        {"\u0130", "\u0130", 0},
        {"\u1112\u1161\u11ab", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\U0001f408", "\U0001f408", 0},
        {"\u05d0a", "\u05d0a", 0}, /* no bidi rule here */
        {"a\u200db", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937", 0},
        {"\ue000", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\ufdd0", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\xc2\x85", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
    };
    (void)state;
    check_all(xmppbind_address_prepare_resource, rows, LENGTH(rows));
}

/* RFC 5892 appendix A, each rule kept and broken. */
static void contextual_rules(void **state) {
    static const struct row rows[] = {
        {"l\u00b7l", "l\u00b7l", 0},
        {"l\u00b7", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u00b7l", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u0375\u03b1", "\u0375\u03b1", 0},
        {"\u0375a", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u0375", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u05d0\u05f3", "\u05d0\u05f3", 0},
        {"\u05d0\u05f4", "\u05d0\u05f4", 0},
        {"a\u05f3", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u05f4", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u30a2\u30fb", "\u30a2\u30fb", 0},
        {"\u30fb\u3042", "\u30fb\u3042", 0},
        {"\u30fb\u65e5", "\u30fb\u65e5", 0},
        {"a\u30fb", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u0661\u0669", "\u0661\u0669", 0},
        {"\u06f1\u06f9", "\u06f1\u06f9", 0},
        {"\u0661\u06f1", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u06f1\u0661", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u0915\u094d\u200c\u0937", "\u0915\u094d\u200c\u0937", 0}, /* behind a virama */
        {"\u0628\u200c\u0628", "\u0628\u200c\u0628", 0},             /* between two that join */
        {"\u0628\u064b\u200c\u064b\u0628", "\u0628\u064b\u200c\u064b\u0628", 0},
        {"\u0628\u200c", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u200c\u0628", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u0627\u200c\u0628", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT}, /* alef joins to the right only */
        {"\u0628\u200ca", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
        {"\u0628\u200c\u0627", "\u0628\u200c\u0627", 0},
        {"\ua872\u200c\u0628", "\ua872\u200c\u0628", 0}, /* one that joins to the left only */
        {"\u200d", NULL, XMPPBIND_ERROR_ADDRESS_CONTEXT},
    };
    (void)state;
    check_all(xmppbind_address_prepare_resource, rows, LENGTH(rows));
}

/* RFC 5893 section 2, each rule kept and broken; and the examples of section 4. */
static void the_bidi_rule(void **state) {
    static const struct row rows[] = {
        {"\u05d0\u05d1", "\u05d0\u05d1", 0},
        {"\u05d01", "\u05d01", 0},
        {"\u0627\u0661", "\u0627\u0661", 0},
        {"\u05d0-\u05d1", "\u05d0-\u05d1", 0},
        {"\u05d0\u05b0", "\u05d0\u05b0", 0},            /* ends with a mark */
        {"1\u05d0", NULL, XMPPBIND_ERROR_ADDRESS_BIDI}, /* rule 1 */
        {"-\u05d0", NULL, XMPPBIND_ERROR_ADDRESS_BIDI},
        {"\u05d0a\u05d1", NULL, XMPPBIND_ERROR_ADDRESS_BIDI}, /* rule 2 */
        {"\u05d0-", NULL, XMPPBIND_ERROR_ADDRESS_BIDI},       /* rule 3 */
        {"\u06271\u0661", NULL, XMPPBIND_ERROR_ADDRESS_BIDI}, /* rule 4 */
        {"a\u05d0", NULL, XMPPBIND_ERROR_ADDRESS_BIDI},       /* rule 5 */
        {"a\u0661", NULL, XMPPBIND_ERROR_ADDRESS_BIDI},
        {"a-1", "a-1", 0}, /* nothing is right-to-left */
        {"\u0661", NULL, XMPPBIND_ERROR_ADDRESS_BIDI},
        {"\u078e\u07a6\u0782\u07b0", "\u078e\u07a6\u0782\u07b0", 0}, /* Dhivehi ends with a mark */
        {"\u05d9\u05d9\u05b4\u05d5\u05d0\u05b8", "\u05d9\u05d9\u05b4\u05d5\u05d0\u05b8", 0}, /* so does YIVO */
    };
    (void)state;
    check_all(xmppbind_address_prepare_local, rows, LENGTH(rows));
}

/* JID-2: what counts is the length behind the preparation. */
static void lengths_are_those_of_what_is_prepared(void **state) {
    char text[4 * XMPPBIND_PART_MAXIMUM], out[XMPPBIND_PART_MAXIMUM + 1];
    size_t length = 0, out_length = 0;
    (void)state;
    for (int spaces = 0; spaces < 1023; spaces++, length += 3)
        memcpy(text + length, "\u3000", 3);
    assert_int_equal(xmppbind_address_prepare_resource(0, text, length, out, &out_length), XMPPBIND_OK);
    assert_int_equal(out_length, 1023);
    memcpy(text + length, "\u3000", 3);
    assert_int_equal(xmppbind_address_prepare_resource(0, text, length + 3, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    text[length] = '\xff';
    assert_int_equal(xmppbind_address_prepare_resource(0, text, length + 1, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
    length = 0;
    for (int i = 0; i < 511; i++, length += 2)
        memcpy(text + length, "\u00e9", 2);
    assert_int_equal(xmppbind_address_prepare_resource(0, text, length, out, &out_length), XMPPBIND_OK);
    assert_int_equal(xmppbind_address_prepare_local(0, text, length, out, &out_length), XMPPBIND_OK);
    memcpy(text + length, "\u00e9", 2);
    assert_int_equal(xmppbind_address_prepare_resource(0, text, length + 2, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    assert_int_equal(xmppbind_address_prepare_local(0, text, length + 2, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    for (length = 0; length + 2 <= XMPPBIND_PART_INPUT; length += 2)
        memcpy(text + length, "\u0130", 2); /* each becomes two */
    assert_int_equal(xmppbind_address_prepare_local(0, text, length, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    for (length = 0; length + 3 <= XMPPBIND_PART_INPUT; length += 3)
        memcpy(text + length, "\u0958", 3); /* so does each of these, composed */
    assert_int_equal(xmppbind_address_prepare_resource(0, text, length, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
}

static uint64_t next_random(uint64_t *seed) {
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* JID-6 on random code points of scripts that combine. */
static void preparing_twice_changes_nothing(void **state) {
    static const uint32_t bases[] = {0x41,   0xc0,   0x300,  0x370,  0x590,  0x600,  0x900,   0x1100,
                                     0x1e00, 0x1f00, 0x2100, 0x3040, 0xac00, 0xff00, 0x1d160, 0x10400};
    uint64_t seed = 1;
    (void)state;
    for (int i = 0; i < 60000; i++) {
        char text[64], out[XMPPBIND_PART_MAXIMUM + 1], again[XMPPBIND_PART_MAXIMUM + 1];
        size_t length = 0, out_length, again_length = 0;
        for (uint64_t count = next_random(&seed) % 6 + 1; count > 0; count--) {
            uint32_t c = bases[next_random(&seed) % LENGTH(bases)] + (uint32_t)(next_random(&seed) % 128);
            if (c < 0x800) {
                if (c >= 0x80)
                    text[length++] = (char)(0xc0 | c >> 6), text[length++] = (char)(0x80 | (c & 63));
                else
                    text[length++] = (char)c;
            } else if (c < 0x10000) {
                text[length++] = (char)(0xe0 | c >> 12), text[length++] = (char)(0x80 | (c >> 6 & 63));
                text[length++] = (char)(0x80 | (c & 63));
            } else {
                text[length++] = (char)(0xf0 | c >> 18), text[length++] = (char)(0x80 | (c >> 12 & 63));
                text[length++] = (char)(0x80 | (c >> 6 & 63)), text[length++] = (char)(0x80 | (c & 63));
            }
        }
        for (int part = 0; part < 3; part++) {
            prepare_function prepare = part == 0   ? xmppbind_address_prepare_local
                                       : part == 1 ? xmppbind_address_prepare_resource
                                                   : xmppbind_address_prepare_domain;
            for (int profile = 0; profile < 2; profile++) {
                int result = prepare(profile, text, length, out, &out_length);
                assert_int_not_equal(result, XMPPBIND_ERROR_ADDRESS_NOT_UTF8);
                if (result != XMPPBIND_OK)
                    continue;
                assert_int_equal(prepare(profile, out, out_length, again, &again_length), XMPPBIND_OK);
                assert_int_equal(again_length, out_length);
                assert_memory_equal(again, out, out_length);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usernames_of_rfc_8265),
        cmocka_unit_test(opaque_strings_of_rfc_8265),
        cmocka_unit_test(look_alike_localparts),
        cmocka_unit_test(look_alike_resourceparts),
        cmocka_unit_test(contextual_rules),
        cmocka_unit_test(the_bidi_rule),
        cmocka_unit_test(lengths_are_those_of_what_is_prepared),
        cmocka_unit_test(preparing_twice_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
