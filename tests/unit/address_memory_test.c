/* The libraries of Unicode find no memory: that is what is said, and not that the address is wrong. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "lib/address/address.h"
#include "tests/support/test_cmocka.h"

#include <dlfcn.h>
#include <idn2.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

/* Which function fails from now on; the others are those of the libraries. */
enum { NONE, LOWER, NORMALIZE, REGISTER, TO_UNICODE };
static int failing;

static void find(const char *name, void *function) {
    void *symbol = dlsym(RTLD_NEXT, name);
    assert_non_null(symbol);
    memcpy(function, &symbol, sizeof symbol);
}

uint32_t *u32_tolower(const uint32_t *text, size_t count, const char *language, uninorm_t form, uint32_t *room,
                      size_t *length) {
    uint32_t *(*real)(const uint32_t *, size_t, const char *, uninorm_t, uint32_t *, size_t *);
    find("u32_tolower", &real);
    return failing == LOWER ? NULL : real(text, count, language, form, room, length);
}

uint32_t *u32_normalize(uninorm_t form, const uint32_t *text, size_t count, uint32_t *room, size_t *length) {
    uint32_t *(*real)(uninorm_t, const uint32_t *, size_t, uint32_t *, size_t *);
    find("u32_normalize", &real);
    return failing == NORMALIZE ? NULL : real(form, text, count, room, length);
}

int idn2_register_u8(const uint8_t *unicode, const uint8_t *ascii, uint8_t **name, int flags) {
    int (*real)(const uint8_t *, const uint8_t *, uint8_t **, int);
    find("idn2_register_u8", &real);
    return failing == REGISTER ? IDN2_MALLOC : real(unicode, ascii, name, flags);
}

int idn2_to_unicode_8z8z(const char *text, char **unicode, int flags) {
    int (*real)(const char *, char **, int);
    find("idn2_to_unicode_8z8z", &real);
    return failing == TO_UNICODE ? IDN2_MALLOC : real(text, unicode, flags);
}

static void check(int function, int profile, const char *address, int works) {
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare_length;
    failing = function;
    int result =
        xmppbind_jid_prepare(profile, address, strlen(address), prepared, sizeof prepared, &length, &bare_length);
    failing = NONE;
    assert_int_equal(result, works ? XMPPBIND_OK : XMPPBIND_ERROR_NO_MEMORY);
}

static void precis(void **state) {
    static const char *const addresses[] = {"\u00c9@d",  "E\u0301@d", "a@d/e\u0301",
                                            "a@e\u0301", "a@b\u00fc", "a@xn--bcher-kva"};
    static const int needs[][4] = {{LOWER, NONE},         {LOWER, NORMALIZE}, {NORMALIZE},
                                   {NORMALIZE, REGISTER}, {REGISTER},         {TO_UNICODE, REGISTER}};
    (void)state;
    for (int i = 0; i < 6; i++) {
        check(NONE, XMPPBIND_ADDRESS_PROFILE_RFC7622, addresses[i], 1);
        for (int j = 0; j < 4 && needs[i][j] != NONE; j++)
            check(needs[i][j], XMPPBIND_ADDRESS_PROFILE_RFC7622, addresses[i], 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
