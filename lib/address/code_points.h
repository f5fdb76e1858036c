/*
 * Texts as code points, and what libunistring does to them. Nothing here allocates as long as a text has room where it
 * is; one that has not is too long for an address in any case.
 */
#ifndef XMPPBIND_ADDRESS_CODE_POINTS_H
#define XMPPBIND_ADDRESS_CODE_POINTS_H

#include "address.h"

#include <stdint.h>

struct xmppbind_code_points {
    size_t count;
    uint32_t text[XMPPBIND_PART_INPUT];
};

/* All return XMPPBIND_OK, an XMPPBIND_ERROR_ADDRESS_... or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_code_points_decode(struct xmppbind_code_points *to, const char *text, size_t length);
/* `out` has room for XMPPBIND_PART_MAXIMUM + 1 octets; a NUL is put behind the text. */
int xmppbind_code_points_encode(const struct xmppbind_code_points *from, char *out, size_t *length);
/* Whether toLowerCase() leaves it as it is. */
int xmppbind_code_points_are_lower(const struct xmppbind_code_points *text);
/* Unicode's toLowerCase(), with the final sigma; no language. */
int xmppbind_code_points_lower(struct xmppbind_code_points *text);
/* Each by itself, as domain names want it: RFC 5895 section 2. */
void xmppbind_code_points_lower_each(struct xmppbind_code_points *text);
/* Whether NFC leaves it as it is; 0 also when that is not to be known at a glance. */
int xmppbind_code_points_are_composed(const struct xmppbind_code_points *text);
int xmppbind_code_points_compose(struct xmppbind_code_points *text); /* NFC */
/* Full-width and half-width characters become what they stand for (RFC 8264 section 5.2.1). */
void xmppbind_code_points_map_width(struct xmppbind_code_points *text);

#endif
