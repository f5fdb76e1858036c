/*
 * What writes stanzas as text: an output of libxml2. Making one costs more than writing a short stanza, so a host keeps
 * the one that was used last (host.h), as it keeps other spares; whoever writes takes it away meanwhile, on any thread.
 */
#ifndef XMPPBIND_STANZA_WRITER_H
#define XMPPBIND_STANZA_WRITER_H

#include "lib/binding/host.h"

#include <libxml/tree.h>

/* Text that grows; `text` is from `memory`, and NULL before anything was written. */
struct xmppbind_sink {
    const struct xmppbind_memory *memory;
    char *text;
    size_t length;
    size_t capacity;
    int failed;
};

/* XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY; what is in the sink then is of no use. `kept` is where the writer is kept,
 * or NULL. */
int xmppbind_writer_write(xmppbind_kept_writer *kept, struct xmppbind_sink *sink, xmlNode *stanza);

#endif
