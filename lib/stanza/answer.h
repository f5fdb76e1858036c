/* What goes back to the client: answers to requests, and stanzas that are returned with an error. */
#ifndef XMPPBIND_STANZA_ANSWER_H
#define XMPPBIND_STANZA_ANSWER_H

#include "view.h"

/* Turns a request into its answer (BIND-1, BIND-7, UNBIND-1): `condition`, or none; `jid` NULL for an empty result.
 * XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY (unchanged). */
int xmppbind_answer_request(const struct xmppbind_stream *stream, xmlNode *request, int condition, const char *jid,
                            size_t jid_length);
/* Turns a stanza into the error that returns it to its sender (FROM-7, FROM-11). */
int xmppbind_answer_return(xmlNode *stanza, const struct xmppbind_view *view, int condition);

#endif
