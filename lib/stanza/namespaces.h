/* Namespaces of a stanza that is about to leave its tree. */
#ifndef XMPPBIND_STANZA_NAMESPACES_H
#define XMPPBIND_STANZA_NAMESPACES_H

#include <libxml/tree.h>

/*
 * Declares, inside the stanza, the namespaces that are declared above it: on the stanza itself wherever that changes
 * nothing for other elements, or else where they are used. What it means stays as it is, and it can stand alone then.
 * XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY (some of them may be declared then).
 */
int xmppbind_namespaces_own(xmlNode *stanza);

/* The declaration of this prefix (NULL: of the default namespace) on the element itself, or NULL. */
xmlNs *xmppbind_namespaces_declared(const xmlNode *element, const xmlChar *prefix);

#endif
