/* What the owner of a host sets before its first stream: options and callbacks. */
#include "host.h"
#include "lib/base/random.h"

int xmppbind_host_may_be_changed(const struct xmppbind_host *host) {
    if (host == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int fixed = atomic_load(&((struct xmppbind_host *)(uintptr_t)host)->directory.owners) > 0;
    return fixed ? XMPPBIND_ERROR_STATE : XMPPBIND_OK;
}

int xmppbind_host_set_option(xmppbind_host *host, int option, uint32_t value) {
    int result = xmppbind_host_may_be_changed(host);
    if (result == XMPPBIND_OK)
        result = xmppbind_option_check(option, value);
    if (result == XMPPBIND_OK)
        host->options[option] = value;
    return result;
}

int xmppbind_host_set_option_text(xmppbind_host *host, const char *name, size_t name_length, const char *value,
                                  size_t value_length) {
    int option;
    uint32_t number;
    if (host == NULL || name == NULL || value == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_option_parse(name, name_length, value, value_length, &option, &number);
    return result == XMPPBIND_OK ? xmppbind_host_set_option(host, option, number) : result;
}

int xmppbind_host_option(const xmppbind_host *host, int option, uint32_t *value) {
    if (host == NULL || value == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (option < 1 || option >= XMPPBIND_OPTION_COUNT)
        return XMPPBIND_ERROR_UNKNOWN_OPTION;
    *value = host->options[option];
    return XMPPBIND_OK;
}

int xmppbind_host_set_random(xmppbind_host *host, xmppbind_random_callback random, void *user_data) {
    int result = xmppbind_host_may_be_changed(host);
    if (result == XMPPBIND_OK) {
        host->random = random == NULL ? xmppbind_random_system : random;
        host->random_data = user_data;
    }
    return result;
}

int xmppbind_host_set_conflict(xmppbind_host *host, xmppbind_conflict_callback conflict, void *user_data) {
    int result = xmppbind_host_may_be_changed(host);
    if (result == XMPPBIND_OK) {
        host->conflict = conflict;
        host->conflict_data = user_data;
    }
    return result;
}

int xmppbind_host_set_wakeup(xmppbind_host *host, xmppbind_wakeup_callback wakeup, void *user_data) {
    int result = xmppbind_host_may_be_changed(host);
    if (result == XMPPBIND_OK) {
        host->wakeup = wakeup;
        host->wakeup_data = user_data;
    }
    return result;
}

int xmppbind_host_set_log(xmppbind_host *host, xmppbind_log_callback log, void *user_data) {
    int result = xmppbind_host_may_be_changed(host);
    if (result == XMPPBIND_OK) {
        host->log = log;
        host->log_data = user_data;
    }
    return result;
}
