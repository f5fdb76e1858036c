/* The PRECIS profiles that RFC 7622 takes: UsernameCaseMapped (RFC 8265 section 3.3) and OpaqueString (section 4.2). */
#ifndef XMPPBIND_ADDRESS_PRECIS_H
#define XMPPBIND_ADDRESS_PRECIS_H

#include "code_points.h"

/* In the place of the text. XMPPBIND_OK or an XMPPBIND_ERROR_ADDRESS_...; a text that does not become stable is
 * refused.
 */
int xmppbind_precis_username(struct xmppbind_code_points *text);
/* Whether a code point may stand where it does, in the FreeformClass or the IdentifierClass. */
int xmppbind_precis_allows(const struct xmppbind_code_points *text, size_t at, int freeform);
int xmppbind_precis_opaque(struct xmppbind_code_points *text);

#endif
