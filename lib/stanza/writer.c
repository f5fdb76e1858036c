#include "writer.h"

#include "tree.h"

#include <libxml/xmlIO.h>
#include <libxml/xmlsave.h>

enum { LARGEST = 16384 /* after a longer text the output, which has grown with it, is not kept */ };

struct writer {
    struct xmppbind_writer base; /* first */
    struct xmppbind_memory memory;
    xmlOutputBuffer *output;
};

static int make_room(struct xmppbind_sink *sink, size_t more) {
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
    struct xmppbind_sink *sink = context;
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

static void free_writer(struct xmppbind_writer *base) {
    struct writer *writer = (struct writer *)(void *)base;
    const struct xmppbind_memory memory = writer->memory;
    writer->output->writecallback = NULL; /* there is no sink any more */
    (void)xmlOutputBufferClose(writer->output);
    xmppbind_memory_put(&memory, writer);
}

static struct writer *new_writer(const struct xmppbind_memory *memory) {
    struct writer *writer = xmppbind_memory_get(memory, sizeof *writer);
    if (writer == NULL)
        return NULL;
    writer->base.free = free_writer;
    writer->memory = *memory;
    writer->output = xmlOutputBufferCreateIO(write_to, NULL, NULL, NULL);
    if (writer->output != NULL)
        return writer;
    xmppbind_memory_put(memory, writer);
    return NULL;
}

/* Says of all attributes that they are of `document`; NULL: of that of their element, as it should be. */
static void set_document(xmlNode *stanza, xmlDoc *document) {
    for (xmlNode *at = stanza; at != NULL; at = xmppbind_tree_following(stanza, at))
        for (xmlAttr *attribute = at->type == XML_ELEMENT_NODE ? at->properties : NULL; attribute != NULL;
             attribute = attribute->next)
            attribute->doc = document == NULL ? at->doc : document;
}

/* libxml2 writes attributes in UTF-8 only if their document is in it; otherwise it spells out numbers. Its buffer has
 * no content any more once it was without memory, though nothing else says so. */
static int write_with(xmlOutputBuffer *output, struct xmppbind_sink *sink, xmlNode *stanza) {
    xmlDoc document = {.type = XML_DOCUMENT_NODE, .encoding = (const xmlChar *)"UTF-8"};
    output->context = sink;
    set_document(stanza, &document);
    xmlNodeDumpOutput(output, NULL, stanza, 0, 0, "UTF-8");
    set_document(stanza, NULL);
    int broken = xmlBufContent(output->buffer) == NULL || xmlOutputBufferFlush(output) < 0;
    output->context = NULL;
    return !broken && !sink->failed && sink->length > 0;
}

int xmppbind_writer_write(xmppbind_kept_writer *kept, struct xmppbind_sink *sink, xmlNode *stanza) {
    struct writer *writer = kept == NULL ? NULL : (struct writer *)(void *)atomic_exchange(kept, NULL);
    if (writer == NULL)
        writer = new_writer(sink->memory);
    if (writer == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    struct xmppbind_writer *dropped = &writer->base;
    int written = write_with(writer->output, sink, stanza);
    if (written && kept != NULL && sink->length <= LARGEST)
        dropped = atomic_exchange(kept, dropped);
    xmppbind_writer_drop(dropped);
    return written ? XMPPBIND_OK : XMPPBIND_ERROR_NO_MEMORY;
}
