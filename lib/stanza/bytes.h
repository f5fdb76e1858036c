/* A stanza as text. */
#ifndef XMPPBIND_STANZA_BYTES_H
#define XMPPBIND_STANZA_BYTES_H

#include "lib/binding/host.h"

#include <libxml/tree.h>

/* Puts the text, from the host's memory, into `place`, in place of what was there: XMPPBIND_OK or
 * XMPPBIND_ERROR_NO_MEMORY (nothing changed). */
int xmppbind_stanza_bytes(xmlNode *stanza, struct xmppbind_host *host, char **place, const char **text, size_t *length);

#endif
