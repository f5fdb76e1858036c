/* The parts of an address, each prepared by itself. All of them leave `out` untouched or half written on failure. */
#ifndef XMPPBIND_ADDRESS_ADDRESS_H
#define XMPPBIND_ADDRESS_ADDRESS_H

#include "xmppbind/address.h"

/* `out` has room for XMPPBIND_PART_MAXIMUM + 1 octets. XMPPBIND_OK or an XMPPBIND_ERROR_ADDRESS_... */
int xmppbind_address_prepare_local(const char *text, size_t length, char *out, size_t *out_length);
int xmppbind_address_prepare_domain(const char *text, size_t length, char *out, size_t *out_length);
int xmppbind_address_prepare_resource(const char *text, size_t length, char *out, size_t *out_length);

/* A resourcepart in ASCII is prepared already, or refused. */
int xmppbind_address_check_resource(const char *text, size_t length);

/* Why a text that is not plain ASCII is refused: not UTF-8, or beyond what this version prepares (JID-5). */
int xmppbind_address_refuse(const char *text, size_t length);

#endif
