/* Octets in and octets out, for hosts that do not want to see libxml2. */
#include "bytes.h"
#include "lib/binding/layer.h"
#include "lib/binding/stream.h"
#include "parse.h"
#include "writer.h"
#include "xmppbind/stanza.h"

int xmppbind_stream_receive_bytes(xmppbind_stream *stream, const char *text, size_t length) {
    xmlNode *element = NULL;
    if (stream == NULL || text == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if ((xmppbind_stream_attention(stream) & XMPPBIND_BUSY) != 0)
        return XMPPBIND_ERROR_REENTRANT;
    if (length > xmppbind_host_value(stream->host, XMPPBIND_OPTION_MAX_STANZA_BYTES))
        return XMPPBIND_ERROR_TOO_LARGE;
    int result = xmppbind_parse(text, length, &element);
    if (result != XMPPBIND_OK)
        return result;
    result = xmppbind_stream_receive(stream, element);
    if (result != XMPPBIND_OK)
        xmlFreeNode(element);
    return result;
}

xmlNode *xmppbind_event_stanza(const xmppbind_event *event) {
    return event != NULL && xmppbind_event_carries(event) ? event->u.payload : NULL;
}

xmlNode *xmppbind_event_take_stanza(xmppbind_event *event) {
    xmlNode *stanza = xmppbind_event_stanza(event);
    if (stanza != NULL)
        event->u.payload = NULL;
    return stanza;
}

int xmppbind_stanza_bytes(xmlNode *stanza, struct xmppbind_host *host, char **place, const char **text,
                          size_t *length) {
    const struct xmppbind_memory *memory = xmppbind_host_memory(host);
    struct xmppbind_sink sink = {memory, NULL, 0, 0, 0};
    int result = xmppbind_writer_write(&host->writer, &sink, stanza);
    if (result != XMPPBIND_OK) {
        xmppbind_memory_put(memory, sink.text);
        return result;
    }
    xmppbind_memory_put(memory, *place);
    *place = sink.text;
    *text = sink.text;
    *length = sink.length;
    return XMPPBIND_OK;
}

static int event_bytes(struct xmppbind_stream *stream, struct xmppbind_event *event, const char **text,
                       size_t *length) {
    return xmppbind_stanza_bytes(event->u.payload, stream->host, &stream->events.text, text, length);
}

static int is_handed_out(struct xmppbind_stream *stream, const struct xmppbind_event *event) {
    if (event == xmppbind_event_queue_held(&stream->events))
        return 1;
    int layered = (xmppbind_stream_attention(stream) & XMPPBIND_LAYERED) != 0;
    return layered && event == &xmppbind_stream_part(stream)->event;
}

int xmppbind_event_bytes(xmppbind_stream *stream, xmppbind_event *event, const char **text, size_t *length) {
    if (stream == NULL || xmppbind_event_stanza(event) == NULL || text == NULL || length == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    int result = xmppbind_stream_enter(stream);
    if (result != XMPPBIND_OK)
        return result;
    result = is_handed_out(stream, event) ? event_bytes(stream, event, text, length) : XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_stream_leave(stream);
    return result;
}
