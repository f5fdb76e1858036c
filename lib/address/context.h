/* The contextual rules (RFC 5892 appendix A), which RFC 8264 takes over. */
#ifndef XMPPBIND_ADDRESS_CONTEXT_H
#define XMPPBIND_ADDRESS_CONTEXT_H

#include "code_points.h"

/* Whether a code point that is CONTEXTJ or CONTEXTO may stand where it does. */
int xmppbind_context_allows(const struct xmppbind_code_points *text, size_t at);

#endif
