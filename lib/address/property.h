/* The derived property of a code point (RFC 8264 section 8), for the Unicode version of libunistring. */
#ifndef XMPPBIND_ADDRESS_PROPERTY_H
#define XMPPBIND_ADDRESS_PROPERTY_H

#include <stdint.h>

enum xmppbind_property {
    XMPPBIND_PROPERTY_PVALID,    /* in both classes */
    XMPPBIND_PROPERTY_FREE_PVAL, /* in the FreeformClass, not in the IdentifierClass (ID_DIS) */
    XMPPBIND_PROPERTY_CONTEXTJ,  /* in both, where its rule says so */
    XMPPBIND_PROPERTY_CONTEXTO,
    XMPPBIND_PROPERTY_DISALLOWED,
    XMPPBIND_PROPERTY_UNASSIGNED
};

enum xmppbind_property xmppbind_property_of(uint32_t code_point);

#endif
