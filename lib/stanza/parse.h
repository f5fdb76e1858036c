/* One element from text. */
#ifndef XMPPBIND_STANZA_PARSE_H
#define XMPPBIND_STANZA_PARSE_H

#include <libxml/tree.h>
#include <stddef.h>

/* An element without a document, or XMPPBIND_ERROR_NOT_WELL_FORMED or XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_parse(const char *text, size_t length, xmlNode **element);

#endif
