/* The bidi rule (RFC 5893 section 2). */
#ifndef XMPPBIND_ADDRESS_BIDI_H
#define XMPPBIND_ADDRESS_BIDI_H

#include "code_points.h"

/* Whether a text has no right-to-left characters, or keeps the rule. */
int xmppbind_bidi_allows(const struct xmppbind_code_points *text);

#endif
