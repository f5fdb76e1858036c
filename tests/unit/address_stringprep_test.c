/* The profiles of RFC 3920: nodeprep, resourceprep and nameprep. JID-4; or their refusal in a build without GNU libidn.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "lib/address/address.h"
#include "tests/support/test_cmocka.h"
#include "xmppbind/binding.h"

#include <dlfcn.h>
#include <string.h>

#ifdef XMPPBIND_WITH_LIBIDN
#include <idna.h>
#include <stringprep.h>
#endif

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

typedef int (*prepare_function)(int profile, const char *text, size_t length, char *out, size_t *out_length);

struct row {
    const char *text, *prepared;
    int result;
};

static void check(prepare_function prepare, const struct row *row) {
    char out[XMPPBIND_PART_MAXIMUM + 1], again[XMPPBIND_PART_MAXIMUM + 1];
    size_t length = 4711, again_length = 0;
    int result = prepare(XMPPBIND_ADDRESS_PROFILE_RFC3920, row->text, strlen(row->text), out, &length);
    if (!xmppbind_address_has_profile(XMPPBIND_ADDRESS_PROFILE_RFC3920)) {
        assert_int_not_equal(result, XMPPBIND_OK);
        return;
    }
    if (result != (row->prepared == NULL ? row->result : XMPPBIND_OK))
        fail_msg("'%s': %s", row->text, xmppbind_error_name(result));
    if (row->prepared == NULL) {
        assert_int_equal(length, 4711);
        return;
    }
    assert_int_equal(length, strlen(row->prepared));
    assert_memory_equal(out, row->prepared, length);
    assert_int_equal(prepare(XMPPBIND_ADDRESS_PROFILE_RFC3920, out, length, again, &again_length), XMPPBIND_OK);
    assert_int_equal(again_length, length);
    assert_memory_equal(again, out, length);
}

static void nodeprep(void **state) {
    static const struct row rows[] = {
        {"\u00c9", "\u00e9", 0},
        {"e\u0301", "\u00e9", 0},
        {"fu\u00df\u00e9", "fuss\u00e9", 0}, /* folded, other than in RFC 7622 */
        {"\u03c2\u03a3", "\u03c3\u03c3", 0},
        {"\uff2a", "j", 0},
        {"\u212b", "\u00e5", 0},
        {"a\u00adb", "ab", 0}, /* mapped to nothing */
        {"\u00ad", NULL, XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"\u00e9@", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\u00e9 ", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\uff20", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\u05d0a", NULL, XMPPBIND_ERROR_ADDRESS_BIDI},
        {"\u05d01", NULL, XMPPBIND_ERROR_ADDRESS_BIDI},
        {"\U0001f600", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}, /* not in Unicode 3.2 */
        {"\xff", NULL, XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        check(xmppbind_address_prepare_local, &rows[i]);
}

static void resourceprep(void **state) {
    static const struct row rows[] = {
        {"Balc\u00f3n", "Balc\u00f3n", 0},
        {"e\u0301", "\u00e9", 0},
        {"\uff2a", "J", 0},
        {"\u2163", "IV", 0},
        {"a\u200db", "ab", 0},
        {"a\u00a0b", "a b", 0},
        {"\u00e9\x01", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\u0340", "\u0300", 0},
        {"\ue000", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\xc3", NULL, XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        check(xmppbind_address_prepare_resource, &rows[i]);
}

static void nameprep(void **state) {
    static const struct row rows[] = {
        {"B\u00dcCHER.example", "b\u00fccher.example", 0},
        {"xn--bcher-kva.example", "b\u00fccher.example", 0},
        {"fa\u00df.\u00fc", "fass.\u00fc", 0},
        {"\u00fc.Example.XN--BCHER-KVA", "\u00fc.example.b\u00fccher", 0},
        {"a\u3002\u00fc", "a.\u00fc", 0}, /* a stop of RFC 3490 */
        {"\u00fc..", NULL, XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u00fc\u3002", NULL, XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\uff42.en--b", NULL, XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u00fc.xn--\uff01", NULL, XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u00fc.xn--zzzzzzzz", NULL, XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u00fc_", NULL, XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"-\u00fc", NULL, XMPPBIND_ERROR_ADDRESS_DOMAIN},
        {"\u0378\u00fc", NULL, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"\xff", NULL, XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        check(xmppbind_address_prepare_domain, &rows[i]);
}

static void lengths(void **state) {
    char text[5 * XMPPBIND_PART_MAXIMUM], out[XMPPBIND_PART_MAXIMUM + 1];
    size_t length, out_length;
    (void)state;
    if (!xmppbind_address_has_profile(XMPPBIND_ADDRESS_PROFILE_RFC3920))
        return;
    for (length = 0; length < 1023 * 3; length += 3)
        memcpy(text + length, "\uff41", 3);
    assert_int_equal(xmppbind_address_prepare_resource(1, text, length, out, &out_length), XMPPBIND_OK);
    assert_int_equal(out_length, 1023);
    memcpy(text + length, "\uff41", 3);
    assert_int_equal(xmppbind_address_prepare_resource(1, text, length + 3, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    for (length = 0; length < 1020; length += 3)
        memcpy(text + length, "\ufdfa", 3); /* each becomes 18 code points */
    assert_int_equal(xmppbind_address_prepare_resource(1, text, length, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    assert_int_equal(xmppbind_address_prepare_resource(1, text, 120, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    for (length = 0; length < 120; length += 2)
        memcpy(text + length, "\u00fc", 2);
    assert_int_equal(xmppbind_address_prepare_domain(1, text, length, out, &out_length),
                     XMPPBIND_ERROR_ADDRESS_TOO_LONG);
}

#ifdef XMPPBIND_WITH_LIBIDN
/* GNU libidn's functions, which find no memory when they are told. */
static int fails;

static void find(const char *name, void *function) {
    void *symbol = dlsym(RTLD_NEXT, name);
    assert_non_null(symbol);
    memcpy(function, &symbol, sizeof symbol);
}

int stringprep(char *text, size_t room, Stringprep_profile_flags flags, const Stringprep_profile *profile) {
    int (*real)(char *, size_t, Stringprep_profile_flags, const Stringprep_profile *);
    find("stringprep", &real);
    return fails ? STRINGPREP_MALLOC_ERROR : real(text, room, flags, profile);
}

int idna_to_ascii_8z(const char *text, char **ascii, int flags) {
    int (*real)(const char *, char **, int);
    find("idna_to_ascii_8z", &real);
    return fails ? IDNA_MALLOC_ERROR : real(text, ascii, flags);
}

static void no_memory_is_no_error_of_the_address(void **state) {
    static const struct row row = {"\u00e9", NULL, XMPPBIND_ERROR_NO_MEMORY};
    (void)state;
    fails = 1;
    check(xmppbind_address_prepare_local, &row);
    check(xmppbind_address_prepare_domain, &row);
    check(xmppbind_address_prepare_resource, &row);
    fails = 0;
}
#endif

/* A build without GNU libidn says so when the option is set. */
static void the_option_says_what_the_build_has(void **state) {
    xmppbind_host *host = NULL;
    (void)state;
    assert_false(xmppbind_address_has_profile(2));
    assert_true(xmppbind_address_has_profile(XMPPBIND_ADDRESS_PROFILE_RFC7622));
    assert_int_equal(xmppbind_host_new(&host, NULL), XMPPBIND_OK);
    int result = xmppbind_host_set_option(host, XMPPBIND_OPTION_ADDRESS_PROFILE, XMPPBIND_ADDRESS_PROFILE_RFC3920);
    assert_int_equal(result, xmppbind_address_has_profile(XMPPBIND_ADDRESS_PROFILE_RFC3920)
                                 ? XMPPBIND_OK
                                 : XMPPBIND_ERROR_ADDRESS_UNSUPPORTED);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodeprep),
        cmocka_unit_test(resourceprep),
        cmocka_unit_test(nameprep),
        cmocka_unit_test(lengths),
        cmocka_unit_test(the_option_says_what_the_build_has),
#ifdef XMPPBIND_WITH_LIBIDN
        cmocka_unit_test(no_memory_is_no_error_of_the_address),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
