/* What an octet may be in an address, as bits, and its lower case: one table, so that a part is prepared in one pass
 * (JID-7). */
#ifndef XMPPBIND_ADDRESS_ASCII_H
#define XMPPBIND_ADDRESS_ASCII_H

enum xmppbind_ascii {
    XMPPBIND_ASCII_LOCAL = 1,    /* in a localpart: printable, no space, none of "&'/:<>@ (RFC 7622 section 3.3.1) */
    XMPPBIND_ASCII_RESOURCE = 2, /* in a resourcepart: printable, space included (RFC 8265 section 4.2) */
    XMPPBIND_ASCII_DOMAIN = 4    /* in a label: letters, digits, hyphen (RFC 5890 section 2.3.1) */
};

struct xmppbind_ascii_class {
    unsigned char bits;
    char lower;
};

extern const struct xmppbind_ascii_class xmppbind_ascii_classes[256];

static inline unsigned xmppbind_ascii_bits(char octet) {
    return xmppbind_ascii_classes[(unsigned char)octet].bits;
}

static inline char xmppbind_ascii_lower(char octet) {
    return xmppbind_ascii_classes[(unsigned char)octet].lower;
}

#endif
