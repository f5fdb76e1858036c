/* The flow of a stanza from the client. */
#ifndef XMPPBIND_STANZA_RECEIVE_H
#define XMPPBIND_STANZA_RECEIVE_H

#include "lib/binding/operation.h"
#include "view.h"

enum { XMPPBIND_OPERATION_STANZA, XMPPBIND_OPERATION_REQUEST /* to bind or unbind */ }; /* the kinds of operations */

/* What events carry here: nodes. */
extern const struct xmppbind_payload_class xmppbind_stanza_payload;

/* Stanzas that wait; their payload is the node. */
extern const struct xmppbind_operation_class xmppbind_stanza_operations;

/* Decides what asks nothing of storage: routed, returned, discarded or the end of the stream. On XMPPBIND_OK the node
 * is taken; on XMPPBIND_ERROR_NO_MEMORY nothing changed. */
int xmppbind_stanza_decide(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view);

#endif
