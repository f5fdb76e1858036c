/* Octets in and octets out, for hosts that do not want to see libxml2. */
#include "bytes.h"
#include "lib/binding/layer.h"
#include "lib/binding/stream.h"
#include "parse.h"
#include "tree.h"
#include "xmppbind/stanza.h"

#include <libxml/xmlsave.h>

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

/* Where libxml2 writes to. */
struct sink {
    const struct xmppbind_memory *memory;
    char *text;
    size_t length;
    size_t capacity;
    int failed;
};

static int make_room(struct sink *sink, size_t more) {
    size_t capacity = sink->capacity == 0 ? 256 : sink->capacity;
    if (sink->length + more < sink->capacity)
        return 1;
    while (capacity <= sink->length + more)
        capacity *= 2;
    char *larger = xmppbind_memory_get(sink->memory, capacity);
    if (larger == NULL)
        return 0;
    if (sink->length > 0)
        memcpy(larger, sink->text, sink->length);
    xmppbind_memory_put(sink->memory, sink->text);
    sink->text = larger;
    sink->capacity = capacity;
    return 1;
}

static int write_to(void *context, const char *octets, int length) {
    struct sink *sink = context;
    if (length <= 0) /* it flushes: there may be no octets at all */
        return 0;
    if (!make_room(sink, (size_t)length)) {
        sink->failed = 1;
        return -1;
    }
    memcpy(sink->text + sink->length, octets, (size_t)length);
    sink->length += (size_t)length;
    sink->text[sink->length] = '\0';
    return length;
}

/* Says of all attributes that they are of `document`; NULL: of that of their element, as it should be. */
static void set_document(xmlNode *stanza, xmlDoc *document) {
    for (xmlNode *at = stanza; at != NULL; at = xmppbind_tree_following(stanza, at))
        for (xmlAttr *attribute = at->type == XML_ELEMENT_NODE ? at->properties : NULL; attribute != NULL;
             attribute = attribute->next)
            attribute->doc = document == NULL ? at->doc : document;
}

/* libxml2 writes attributes in UTF-8 only if their document is in it; otherwise it spells out numbers. */
static int serialise(struct sink *sink, xmlNode *stanza) {
    xmlDoc document = {.type = XML_DOCUMENT_NODE, .encoding = (const xmlChar *)"UTF-8"};
    xmlSaveCtxt *save = xmlSaveToIO(write_to, NULL, sink, "UTF-8", XML_SAVE_NO_DECL);
    if (save == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    set_document(stanza, &document);
    long saved = xmlSaveTree(save, stanza);
    set_document(stanza, NULL);
    int closed = xmlSaveClose(save);
    int broken = (saved < 0) | (closed < 0) | sink->failed | (sink->length == 0);
    return broken ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
}

int xmppbind_stanza_bytes(xmlNode *stanza, const struct xmppbind_memory *memory, char **place, const char **text,
                          size_t *length) {
    struct sink sink = {memory, NULL, 0, 0, 0};
    int result = serialise(&sink, stanza);
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
    return xmppbind_stanza_bytes(event->u.payload, xmppbind_host_memory(stream->host), &stream->events.text, text,
                                 length);
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
