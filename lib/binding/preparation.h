/* How the addresses of a host are prepared: by its profile, or by the callbacks that it has plugged in. */
#ifndef XMPPBIND_BINDING_PREPARATION_H
#define XMPPBIND_BINDING_PREPARATION_H

#include "host.h"
#include "lib/address/address.h"

/* As xmppbind_jid_prepare(), and as the functions of lib/address/address.h. */
int xmppbind_preparation_jid(const struct xmppbind_host *host, const char *text, size_t length, char *prepared,
                             size_t capacity, size_t *prepared_length, size_t *bare_length);
int xmppbind_preparation_resource(const struct xmppbind_host *host, const char *text, size_t length, char *out,
                                  size_t *out_length);

/* Whether preparing an address may call the host. */
static inline int xmppbind_preparation_calls(const struct xmppbind_host *host) {
    return host->prepare_local != NULL || host->prepare_domain != NULL || host->prepare_resource != NULL;
}

static inline int xmppbind_preparation_profile(const struct xmppbind_host *host) {
    return (int)xmppbind_host_value(host, XMPPBIND_OPTION_ADDRESS_PROFILE);
}

#endif
