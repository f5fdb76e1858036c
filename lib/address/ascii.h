/* What an octet may be in an address: one table, so that a part is prepared in one pass (JID-7). */
#ifndef XMPPBIND_ADDRESS_ASCII_H
#define XMPPBIND_ADDRESS_ASCII_H

#include <stddef.h>

enum xmppbind_ascii {
    XMPPBIND_ASCII_LOCAL = 1,    /* kept in a localpart: printable, no space, none of "&'/:<>@ (RFC 7622, 3.3.1) */
    XMPPBIND_ASCII_RESOURCE = 2, /* kept in a resourcepart: printable, space included (RFC 8265 section 4.2) */
    XMPPBIND_ASCII_DOMAIN = 4    /* kept in a label: letters, digits, hyphen (RFC 5890 section 2.3.1) */
};

/* By octet. Upper-case letters are not kept in a localpart or a label, but lower-cased. */
extern const unsigned char xmppbind_ascii_classes[256];

/*
 * Lower-cases, in its place, what may stand in such a part, LOCAL or DOMAIN; returns where that ends, at the NUL behind
 * the text at the latest. Most addresses are in lower case already, and only looked at.
 */
static inline char *xmppbind_ascii_lower(enum xmppbind_ascii part, char *at) {
    for (;; at++) {
        while (xmppbind_ascii_classes[(unsigned char)*at] & part)
            at++;
        if (*at < 'A' || *at > 'Z')
            return at;
        *at = (char)(*at + ('a' - 'A'));
    }
}

/* Whether all octets may stand in a resourcepart. */
int xmppbind_ascii_is_resource(const char *text, size_t length);

#endif
