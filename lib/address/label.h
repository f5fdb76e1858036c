/* The labels of a domain name. */
#ifndef XMPPBIND_ADDRESS_LABEL_H
#define XMPPBIND_ADDRESS_LABEL_H

#include "ascii.h"
#include "xmppbind/base.h"

enum { XMPPBIND_LABEL_MAXIMUM = 63 };

/*
 * Checks what the octets of a label, letters, digits and hyphens in lower case, do not say: its length, and where its
 * hyphens are. Two in its third and fourth place are reserved; "xn--" stands for Unicode (RFC 5890 section 2.3.1).
 */
static inline int xmppbind_label_check(const char *label, size_t length) {
    if (length > XMPPBIND_LABEL_MAXIMUM)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    if (length == 0 || label[0] == '-' || label[length - 1] == '-')
        return XMPPBIND_ERROR_ADDRESS_DOMAIN;
    if (length < 4 || label[2] != '-' || label[3] != '-')
        return XMPPBIND_OK;
    return label[0] == 'x' && label[1] == 'n' ? XMPPBIND_ERROR_ADDRESS_UNSUPPORTED : XMPPBIND_ERROR_ADDRESS_DOMAIN;
}

/*
 * Lower-cases the labels from `*at` on, in their place, and moves `*at` to where they end, at the NUL behind the text
 * at the latest. Stops at the first label that is not in order and answers why.
 */
static inline int xmppbind_label_lower_all(char **at) {
    for (;; ++*at) {
        const char *label = *at;
        *at = xmppbind_ascii_lower(XMPPBIND_ASCII_DOMAIN, *at);
        int result = xmppbind_label_check(label, (size_t)(*at - label));
        if (result != XMPPBIND_OK || **at != '.')
            return result;
    }
}

#endif
