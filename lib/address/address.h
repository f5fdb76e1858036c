/* The parts of an address, each prepared by itself. */
#ifndef XMPPBIND_ADDRESS_ADDRESS_H
#define XMPPBIND_ADDRESS_ADDRESS_H

#include "xmppbind/address.h"

enum {
    /* Octets of a part that may be worth preparing: it becomes shorter at most threefold, when ideographic spaces
     * become ASCII, or decomposed characters are composed. */
    XMPPBIND_PART_INPUT = 3 * XMPPBIND_PART_MAXIMUM
};

/*
 * `profile` is an enum xmppbind_address_profile; `out` has room for XMPPBIND_PART_MAXIMUM + 1 octets, is not `text`,
 * and may be half written on failure. XMPPBIND_OK, an XMPPBIND_ERROR_ADDRESS_... or XMPPBIND_ERROR_NO_MEMORY.
 */
int xmppbind_address_prepare_local(int profile, const char *text, size_t length, char *out, size_t *out_length);
int xmppbind_address_prepare_domain(int profile, const char *text, size_t length, char *out, size_t *out_length);
int xmppbind_address_prepare_resource(int profile, const char *text, size_t length, char *out, size_t *out_length);

/* Whether this build has the profile. */
int xmppbind_address_has_profile(int profile);
/* Whether all octets are ASCII. */
int xmppbind_address_is_ascii(const char *text, size_t length);

#endif
