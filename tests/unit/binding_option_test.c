/* The options: names, values, limits and defaults, by number and by name. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <stdio.h>
#include <string.h>

static const struct {
    int option;
    const char *name;
    uint32_t smallest, largest, normal;
    const char *words[3]; /* by number; none: it takes a number */
} options[] = {
    {XMPPBIND_OPTION_MISSING_FROM, "missing-from", 0, 1, 0, {"stamp", "reject", NULL}},
    {XMPPBIND_OPTION_UNBOUND_FROM, "unbound-from", 0, 1, 0, {"reject", "stamp", NULL}},
    {XMPPBIND_OPTION_FOREIGN_FROM, "foreign-from", 0, 1, 0, {"close", "override", NULL}},
    {XMPPBIND_OPTION_CONFLICT, "conflict", 0, 2, 1, {"reject", "replace", "rename"}},
    {XMPPBIND_OPTION_EMPTY_RESOURCE, "empty-resource", 0, 1, 0, {"refuse", "generate", NULL}},
    {XMPPBIND_OPTION_MAX_BIND_FAILURES, "max-bind-failures", 0, UINT32_MAX, 10, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM, "max-resources-per-stream", 1, 65535, 10, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT, "max-resources-per-account", 1, 65535, 100, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_ACCOUNT_LIMIT, "account-limit", 0, 1, 0, {"refuse", "evict-oldest", NULL}},
    {XMPPBIND_OPTION_UNBIND, "unbind", 0, 1, 1, {"off", "on", NULL}},
    {XMPPBIND_OPTION_ADDRESS_PROFILE, "address-profile", 0, 1, 0, {"rfc7622", "rfc3920", NULL}},
    {XMPPBIND_OPTION_DELIVER_TO, "deliver-to", 0, 1, 0, {"keep", "resource", NULL}},
    {XMPPBIND_OPTION_ROSTER_SCOPE, "roster-scope", 0, 1, 0, {"account", "resource", NULL}},
    {XMPPBIND_OPTION_STORAGE_TIMEOUT, "storage-timeout", 1, 86400, 30, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_WAITING, "max-waiting", 0, 65535, 64, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_QUEUED_EVENTS, "max-queued-events", 2, 65535, 1024, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_STANZA_BYTES, "max-stanza-bytes", 10000, 1073741824, 16777216, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_ROSTER_ITEMS, "max-roster-items", 1, 1000000, 20000, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_PRIVACY_LISTS, "max-privacy-lists", 1, 65535, 100, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_PRIVACY_ITEMS, "max-privacy-items", 1, 65535, 1000, {NULL, NULL, NULL}},
    {XMPPBIND_OPTION_MAX_DIRECTED_PRESENCE, "max-directed-presence", 0, 65535, 1000, {NULL, NULL, NULL}},
};
enum { COUNT = sizeof options / sizeof options[0] };

static uint32_t value_of(const xmppbind_host *host, int option) {
    uint32_t value = 0;
    assert_int_equal(xmppbind_host_option(host, option, &value), XMPPBIND_OK);
    return value;
}

static int set_text(xmppbind_host *host, const char *name, const char *value) {
    return xmppbind_host_set_option_text(host, name, strlen(name), value, strlen(value));
}

static void each_has_its_default_and_limits(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        int option = options[i].option;
        assert_int_equal(value_of(host, option), options[i].normal);
        assert_int_equal(xmppbind_host_set_option(host, option, options[i].smallest), XMPPBIND_OK);
        assert_int_equal(value_of(host, option), options[i].smallest);
        assert_int_equal(xmppbind_host_set_option(host, option, options[i].largest), XMPPBIND_OK);
        assert_int_equal(value_of(host, option), options[i].largest);
        if (options[i].smallest > 0)
            assert_int_equal(xmppbind_host_set_option(host, option, options[i].smallest - 1),
                             XMPPBIND_ERROR_OPTION_VALUE);
        if (options[i].largest < UINT32_MAX)
            assert_int_equal(xmppbind_host_set_option(host, option, options[i].largest + 1),
                             XMPPBIND_ERROR_OPTION_VALUE);
        assert_int_equal(value_of(host, option), options[i].largest); /* a refused value changes nothing */
    }
    xmppbind_host_free(host);
}

static void words_stand_for_values(void **state) {
    xmppbind_host *host = test_host(NULL);
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        for (uint32_t value = 0; value < 3 && options[i].words[value] != NULL; value++) {
            assert_int_equal(set_text(host, options[i].name, options[i].words[value]), XMPPBIND_OK);
            assert_int_equal(value_of(host, options[i].option), value);
        }
        if (options[i].words[0] != NULL)
            assert_int_equal(set_text(host, options[i].name, "1"), XMPPBIND_ERROR_OPTION_VALUE);
    }
    assert_int_equal(set_text(host, "conflict", "Replace"), XMPPBIND_ERROR_OPTION_VALUE);
    assert_int_equal(set_text(host, "conflict", "replac"), XMPPBIND_ERROR_OPTION_VALUE);
    assert_int_equal(set_text(host, "conflict", ""), XMPPBIND_ERROR_OPTION_VALUE);
    assert_int_equal(set_text(host, "missing-from", "rename"), XMPPBIND_ERROR_OPTION_VALUE);
    xmppbind_host_free(host);
}

static void numbers_are_decimal(void **state) {
    static const char *const bad[] = {"",    "-1",         "+1",         " 1",          "1 ", "0x10", "1.5",
                                      "one", "4294967296", "9999999999", "00000000001", ":",  "/"};
    char text[16];
    xmppbind_host *host = test_host(NULL);
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        if (options[i].words[0] != NULL)
            continue;
        snprintf(text, sizeof text, "%u", (unsigned)options[i].largest);
        assert_int_equal(set_text(host, options[i].name, text), XMPPBIND_OK);
        assert_int_equal(value_of(host, options[i].option), options[i].largest);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(set_text(host, "max-bind-failures", bad[i]), XMPPBIND_ERROR_OPTION_VALUE);
    assert_int_equal(value_of(host, XMPPBIND_OPTION_MAX_BIND_FAILURES), UINT32_MAX);
    assert_int_equal(set_text(host, "max-bind-failures", "0000000012"), XMPPBIND_OK);
    assert_int_equal(value_of(host, XMPPBIND_OPTION_MAX_BIND_FAILURES), 12);
    assert_int_equal(set_text(host, "storage-timeout", "86401"), XMPPBIND_ERROR_OPTION_VALUE);
    xmppbind_host_free(host);
}

static void there_are_no_others(void **state) {
    static const int unknown[] = {0, -1, COUNT + 1, 9999};
    uint32_t value = 5;
    xmppbind_host *host = test_host(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(xmppbind_host_set_option(host, unknown[i], 1), XMPPBIND_ERROR_UNKNOWN_OPTION);
        assert_int_equal(xmppbind_host_option(host, unknown[i], &value), XMPPBIND_ERROR_UNKNOWN_OPTION);
    }
    assert_int_equal(value, 5);
    assert_int_equal(set_text(host, "unbin", "on"), XMPPBIND_ERROR_UNKNOWN_OPTION);
    assert_int_equal(set_text(host, "unbind ", "on"), XMPPBIND_ERROR_UNKNOWN_OPTION);
    assert_int_equal(set_text(host, "", "on"), XMPPBIND_ERROR_UNKNOWN_OPTION);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_default_and_limits),
        cmocka_unit_test(words_stand_for_values),
        cmocka_unit_test(numbers_are_decimal),
        cmocka_unit_test(there_are_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
