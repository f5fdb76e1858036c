/* Internationalised domain names, label by label (RFC 7622 section 3.2, RFC 5891): libidn2's. */
#ifndef XMPPBIND_ADDRESS_IDN_H
#define XMPPBIND_ADDRESS_IDN_H

#include "xmppbind/address.h"

/*
 * Prepares a domain name that is not plain ASCII, or has labels that stand for Unicode ("xn--"): mapped to lower case,
 * normal width and NFC, each label a valid U-label or a label of letters, digits and hyphens. `out` has room for
 * XMPPBIND_PART_MAXIMUM + 1 octets. XMPPBIND_OK, an XMPPBIND_ERROR_ADDRESS_... or XMPPBIND_ERROR_NO_MEMORY.
 */
int xmppbind_idn_prepare(const char *text, size_t length, char *out, size_t *out_length);

#endif
