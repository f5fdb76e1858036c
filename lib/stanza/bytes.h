/* A stanza as text. */
#ifndef XMPPBIND_STANZA_BYTES_H
#define XMPPBIND_STANZA_BYTES_H

#include "lib/base/memory.h"

#include <libxml/tree.h>

/* Puts the text into `place`, where it is freed from, in place of what was there: XMPPBIND_OK or
 * XMPPBIND_ERROR_NO_MEMORY (nothing changed). */
int xmppbind_stanza_bytes(xmlNode *stanza, const struct xmppbind_memory *memory, char **place, const char **text,
                          size_t *length);

#endif
