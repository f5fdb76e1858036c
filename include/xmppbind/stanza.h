/**
 * @file stanza.h
 * @brief Stanzas in, stanzas out: recognises bind and unbind (XEP-0193), answers them, stamps everything else. On
 * libxml2.
 *
 * A node given to the library keeps using its document (for the dictionary of its names), so the document has to live
 * until the node is freed; a node without a document has no such ties.
 */
#ifndef XMPPBIND_STANZA_H
#define XMPPBIND_STANZA_H

#include "binding.h"

#ifdef __cplusplus
extern "C" {
#endif

struct _xmlNode;

/**
 * @brief A stanza arrived on the stream. Drain the events afterwards.
 * @param stream the stream
 * @param stanza a message, presence or IQ element in jabber:client or no namespace. On #XMPPBIND_OK the library owns it
 * and has unlinked it from its parent, after declaring in it the namespaces that were declared above it; on an error
 * it is the caller's, and untouched but for such declarations
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_NOT_A_STANZA (FROM-10), #XMPPBIND_ERROR_INVALID_ARGUMENT,
 * #XMPPBIND_ERROR_NO_MEMORY, #XMPPBIND_ERROR_REENTRANT, #XMPPBIND_ERROR_CLOSED, #XMPPBIND_ERROR_QUEUE_FULL or
 * #XMPPBIND_ERROR_WAITING_FULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_receive(xmppbind_stream *stream, struct _xmlNode *stanza);
/**
 * @brief As xmppbind_stream_receive(), with the stanza as text: one element, complete, every prefix declared, no DTD.
 * @param stream the stream
 * @param text the element, in UTF-8 whatever it says of itself (RFC 6120 section 11.6), perhaps behind a byte order
 * mark; the caller's
 * @param length its length in octets
 * @return as xmppbind_stream_receive(), or #XMPPBIND_ERROR_NOT_WELL_FORMED or #XMPPBIND_ERROR_TOO_LARGE
 * ("max-stanza-bytes")
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_receive_bytes(xmppbind_stream *stream, const char *text, size_t length);

/**
 * @brief The stanza of SEND, ROUTE or DISCARD.
 * @param event the event
 * @return the element, valid as long as the event and the library's; NULL when there is none or it was taken
 * @since 0.1.0
 */
XMPPBIND_EXPORT struct _xmlNode *xmppbind_event_stanza(const xmppbind_event *event);
/**
 * @brief Takes the stanza out of SEND, ROUTE or DISCARD.
 * @param event the event
 * @return the element, now the caller's (free it with xmlFreeNode); NULL when there is none or it was taken. A stanza
 * that came through xmppbind_stream_receive_bytes() has no document: all its names are its own
 * @since 0.1.0
 */
XMPPBIND_EXPORT struct _xmlNode *xmppbind_event_take_stanza(xmppbind_event *event);
/**
 * @brief The stanza of SEND, ROUTE or DISCARD as text.
 * @param stream the stream the event came from
 * @param event the event
 * @param[out] text the element, UTF-8, on as many lines as its text has; valid as long as the event
 * @param[out] length its length in octets
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT (an event without a stanza), #XMPPBIND_ERROR_NO_MEMORY (may be
 * tried again) or #XMPPBIND_ERROR_REENTRANT
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_event_bytes(xmppbind_stream *stream, xmppbind_event *event, const char **text,
                                         size_t *length);

/**
 * @brief Adds what the stream offers (FEAT-1 to FEAT-4) to a stream features element of the host.
 * @param stream the stream
 * @param features the element; gets children
 * @return #XMPPBIND_OK, #XMPPBIND_ERROR_INVALID_ARGUMENT or #XMPPBIND_ERROR_NO_MEMORY (nothing added)
 * @since 0.1.0
 */
XMPPBIND_EXPORT int xmppbind_stream_add_features(const xmppbind_stream *stream, struct _xmlNode *features);
/**
 * @brief What the stream offers as text: the children of a stream features element.
 * @param stream the stream
 * @param[out] length its length in octets; may be NULL
 * @return a static text; NULL for NULL
 * @since 0.1.0
 */
XMPPBIND_EXPORT const char *xmppbind_stream_features_bytes(const xmppbind_stream *stream, size_t *length);

#ifdef __cplusplus
}
#endif

#endif
