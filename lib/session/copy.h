/* Copies of stanzas. */
#ifndef XMPPBIND_SESSION_COPY_H
#define XMPPBIND_SESSION_COPY_H

#include <libxml/tree.h>

/* A copy of an element with all that is in it, which can stand alone; NULL without memory, and then nothing is left
 * behind. */
xmlNode *xmppbind_copy_element(const xmlNode *element);

#endif
