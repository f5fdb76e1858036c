/* The options: one table of names, limits and defaults. The names are those of the console. */
#include "host.h"
#include "lib/address/address.h"

struct option {
    const char *name;
    const char *words[3]; /* the values by number, for options that take words */
    uint32_t smallest, largest, normal;
};

static const struct option options[XMPPBIND_OPTION_COUNT] = {
    [XMPPBIND_OPTION_MISSING_FROM] = {"missing-from", {"stamp", "reject", NULL}, 0, 1, XMPPBIND_MISSING_FROM_STAMP},
    [XMPPBIND_OPTION_UNBOUND_FROM] = {"unbound-from", {"reject", "stamp", NULL}, 0, 1, XMPPBIND_UNBOUND_FROM_REJECT},
    [XMPPBIND_OPTION_FOREIGN_FROM] = {"foreign-from", {"close", "override", NULL}, 0, 1, XMPPBIND_FOREIGN_FROM_CLOSE},
    [XMPPBIND_OPTION_CONFLICT] = {"conflict", {"reject", "replace", "rename"}, 0, 2, XMPPBIND_CONFLICT_REPLACE},
    [XMPPBIND_OPTION_EMPTY_RESOURCE] =
        {"empty-resource", {"refuse", "generate", NULL}, 0, 1, XMPPBIND_EMPTY_RESOURCE_REFUSE},
    [XMPPBIND_OPTION_MAX_BIND_FAILURES] = {"max-bind-failures", {NULL}, 0, UINT32_MAX, 10},
    [XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM] = {"max-resources-per-stream", {NULL}, 1, 65535, 10},
    [XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT] = {"max-resources-per-account", {NULL}, 1, 65535, 100},
    [XMPPBIND_OPTION_ACCOUNT_LIMIT] =
        {"account-limit", {"refuse", "evict-oldest", NULL}, 0, 1, XMPPBIND_ACCOUNT_LIMIT_REFUSE},
    [XMPPBIND_OPTION_UNBIND] = {"unbind", {"off", "on", NULL}, 0, 1, XMPPBIND_UNBIND_ON},
    [XMPPBIND_OPTION_ADDRESS_PROFILE] =
        {"address-profile", {"rfc7622", "rfc3920", NULL}, 0, 1, XMPPBIND_ADDRESS_PROFILE_RFC7622},
    [XMPPBIND_OPTION_DELIVER_TO] = {"deliver-to", {"keep", "resource", NULL}, 0, 1, XMPPBIND_DELIVER_TO_KEEP},
    [XMPPBIND_OPTION_ROSTER_SCOPE] =
        {"roster-scope", {"account", "resource", NULL}, 0, 1, XMPPBIND_ROSTER_SCOPE_ACCOUNT},
    [XMPPBIND_OPTION_STORAGE_TIMEOUT] = {"storage-timeout", {NULL}, 1, 86400, 30},
    [XMPPBIND_OPTION_MAX_WAITING] = {"max-waiting", {NULL}, 0, 65535, 64},
    [XMPPBIND_OPTION_MAX_QUEUED_EVENTS] = {"max-queued-events", {NULL}, 2, 65535, 1024},
    [XMPPBIND_OPTION_MAX_STANZA_BYTES] = {"max-stanza-bytes", {NULL}, 10000, 1073741824, 16777216},
    [XMPPBIND_OPTION_MAX_ROSTER_ITEMS] = {"max-roster-items", {NULL}, 1, 1000000, 20000},
    [XMPPBIND_OPTION_MAX_PRIVACY_LISTS] = {"max-privacy-lists", {NULL}, 1, 65535, 100},
    [XMPPBIND_OPTION_MAX_PRIVACY_ITEMS] = {"max-privacy-items", {NULL}, 1, 65535, 1000},
    [XMPPBIND_OPTION_MAX_DIRECTED_PRESENCE] = {"max-directed-presence", {NULL}, 0, 65535, 1000},
};

uint32_t xmppbind_option_default(int option) {
    return options[option].normal;
}

int xmppbind_option_check(int option, uint32_t value) {
    if (option < 1 || option >= XMPPBIND_OPTION_COUNT)
        return XMPPBIND_ERROR_UNKNOWN_OPTION;
    if (value < options[option].smallest || value > options[option].largest)
        return XMPPBIND_ERROR_OPTION_VALUE;
    int missing = option == XMPPBIND_OPTION_ADDRESS_PROFILE && !xmppbind_address_has_profile((int)value);
    return missing ? XMPPBIND_ERROR_ADDRESS_UNSUPPORTED : XMPPBIND_OK;
}

static int same(const char *word, const char *text, size_t length) {
    return strlen(word) == length && memcmp(word, text, length) == 0;
}

static int parse_number(const char *text, size_t length, uint32_t *value) {
    uint64_t number = 0;
    if (length == 0 || length > 10)
        return XMPPBIND_ERROR_OPTION_VALUE;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return XMPPBIND_ERROR_OPTION_VALUE;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    if (number > UINT32_MAX)
        return XMPPBIND_ERROR_OPTION_VALUE;
    *value = (uint32_t)number;
    return XMPPBIND_OK;
}

static int parse_value(const struct option *option, const char *text, size_t length, uint32_t *value) {
    if (option->words[0] == NULL)
        return parse_number(text, length, value);
    for (uint32_t i = 0; i <= option->largest; i++) {
        if (same(option->words[i], text, length)) {
            *value = i;
            return XMPPBIND_OK;
        }
    }
    return XMPPBIND_ERROR_OPTION_VALUE;
}

int xmppbind_option_parse(const char *name, size_t name_length, const char *text, size_t text_length, int *option,
                          uint32_t *value) {
    for (int i = 1; i < XMPPBIND_OPTION_COUNT; i++) {
        if (same(options[i].name, name, name_length)) {
            *option = i;
            return parse_value(&options[i], text, text_length, value);
        }
    }
    return XMPPBIND_ERROR_UNKNOWN_OPTION;
}
