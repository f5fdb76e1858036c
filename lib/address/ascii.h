/* What an octet may be in an address: one table, so that a part is prepared in one pass (JID-7). */
#ifndef XMPPBIND_ADDRESS_ASCII_H
#define XMPPBIND_ADDRESS_ASCII_H

#include "lib/base/text.h"

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

static inline uint64_t xmppbind_ascii_eight_of(unsigned octet) {
    return UINT64_C(0x0101010101010101) * octet;
}

/* Eight octets at once, each from ' ' to '~': no sum carries into the next octet as long as all are ASCII. */
static inline int xmppbind_ascii_is_printable(uint64_t word) {
    uint64_t not_control = word + xmppbind_ascii_eight_of(0x80 - ' ');
    uint64_t beyond = word | (word + xmppbind_ascii_eight_of(0x7f - '~'));
    return (not_control & ~beyond & xmppbind_ascii_eight_of(0x80)) == xmppbind_ascii_eight_of(0x80);
}

/* Whether all octets may stand in a resourcepart. */
static inline int xmppbind_ascii_is_resource(const char *text, size_t length) {
    uint64_t word;
    for (; length > sizeof word; text += sizeof word, length -= sizeof word) {
        memcpy(&word, text, sizeof word);
        if (!xmppbind_ascii_is_printable(word))
            return 0;
    }
    return xmppbind_ascii_is_printable(length < sizeof word ? xmppbind_word_of(text, length) : xmppbind_word_at(text));
}

#endif
