/* The profiles of RFC 3920 (nodeprep, resourceprep, nameprep). */
#ifndef XMPPBIND_ADDRESS_STRINGPREP_H
#define XMPPBIND_ADDRESS_STRINGPREP_H

#include "address.h"

/* As xmppbind_address_prepare_...(), for what is not plain ASCII; XMPPBIND_ERROR_ADDRESS_UNSUPPORTED when the library
 * was built without GNU libidn. */
int xmppbind_stringprep_local(const char *text, size_t length, char *out, size_t *out_length);
int xmppbind_stringprep_domain(const char *text, size_t length, char *out, size_t *out_length);
int xmppbind_stringprep_resource(const char *text, size_t length, char *out, size_t *out_length);

#endif
