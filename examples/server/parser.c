/*
 * A parser is
 *   reading    a context of libxml2 takes what is fed;
 *   stopped    at the end of an element: the context is done with, and what stands behind it is kept in `rest`. It goes
 *              on, with a new context, when its elements have been taken: as a new stream, or in the middle of the old
 *              one, whose header the new context is then given again;
 *   over       the stream has ended, or `error` says why it has to. What had come before is still handed out.
 *
 * It stops for two reasons. Until somebody has logged in, each element may be one behind which another stream begins.
 * And a context keeps each name of an element, attribute, prefix or namespace that it has met for as long as it lives,
 * and gets slower by that; so after so many names another one takes its place, and clients can not make it grow.
 */
#include "parser.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum {
    STRANGERS_BYTES = 16384, /* of an element before somebody has logged in */
    ATTRIBUTES = 1024,       /* of one element, about: libxml2 compares each with each */
    DECLARATIONS = 32,       /* in a header: each prefix of each stanza is looked for among them */
    HEAVIER = 4,             /* how much more a stanza may take in memory than as text */
    PIECE = 4096
};

struct parser {
    const struct parser_limits *limits;
    xmlParserCtxt *context;
    struct elements elements;
    const char *error, *late; /* what is wrong, and what will be when the rest has been read */
    char *rest, *opening;
    size_t rest_length, rest_capacity;
    size_t fed, boundary;  /* octets of this context: all, and up to the end of the last element */
    size_t weight;         /* of the nodes of the element that is being read */
    uint32_t depth, names; /* names: those of the header */
    unsigned char tail[4]; /* the beginning of a character whose end has not come */
    size_t tail_length;
    bool one_by_one, has_header, is_again, is_stopped, has_ended;
};

/* --- what libxml2 reports --- */

static void fail(struct parser *parser, const char *condition) {
    if (parser->error == NULL)
        parser->error = condition;
    xmlStopParser(parser->context);
}

static bool keep_rest(struct parser *parser, const char *data, size_t length) {
    if (parser->rest_length + length > parser->rest_capacity) {
        char *larger = realloc(parser->rest, parser->rest_length + length);
        if (larger == NULL)
            return false;
        parser->rest = larger;
        parser->rest_capacity = parser->rest_length + length;
    }
    if (length > 0)
        memcpy(parser->rest + parser->rest_length, data, length);
    parser->rest_length += length;
    return true;
}

static size_t largest(const struct parser *parser) {
    uint32_t limit = parser->limits->stanza_bytes;
    return parser->one_by_one && limit > STRANGERS_BYTES ? STRANGERS_BYTES : limit;
}

static bool is_too_large(const struct parser *parser, size_t bytes) {
    return bytes > largest(parser) || parser->weight > HEAVIER * largest(parser);
}

static void stop(struct parser *parser) {
    const xmlParserInput *input = parser->context->input;
    parser->is_stopped = true;
    if (!keep_rest(parser, (const char *)input->cur, (size_t)(input->end - input->cur)))
        parser->error = "internal-server-error";
    xmlStopParser(parser->context);
}

/* Whether a prefix stands for nothing: libxml2 would go on, with names that have a colon in them. */
static bool has_undeclared(const xmlChar *prefix, const xmlChar *href, int attributes, const xmlChar **list) {
    enum { PREFIX = 1, HREF = 2, FIELDS = 5 };
    bool undeclared = prefix != NULL && href == NULL;
    for (; attributes > 0; attributes--, list += FIELDS)
        undeclared = undeclared || (list[PREFIX] != NULL && list[HREF] == NULL);
    return undeclared;
}

/* The prefix "xml" is declared in the document; whatever uses it takes the declaration along. */
static void take_declaration(xmlDoc *document, xmlNode *element) {
    xmlNs **last = &element->nsDef;
    if (document->oldNs == NULL)
        return;
    while (*last != NULL)
        last = &(*last)->next;
    *last = document->oldNs;
    document->oldNs = NULL;
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *href,
                          int namespaces, const xmlChar **namespace_list, int attributes, int defaulted,
                          const xmlChar **list) {
    xmlParserCtxt *libxml = context;
    struct parser *parser = libxml->_private;
    if (has_undeclared(prefix, href, attributes, list)) {
        fail(parser, "not-well-formed");
        return;
    }
    parser->weight += NODE_BYTES * (1 + (size_t)(attributes + namespaces));
    if (parser->depth > parser->limits->depth || is_too_large(parser, 0) ||
        (parser->depth == 0 && namespaces > DECLARATIONS)) {
        fail(parser, "policy-violation");
        return;
    }
    xmlSAX2StartElementNs(context, name, prefix, href, namespaces, namespace_list, attributes, defaulted, list);
    if (parser->depth++ > 0)
        return;
    take_declaration(libxml->myDoc, libxml->node); /* before an element takes it away */
    parser->has_header = !parser->is_again;
    parser->names = (uint32_t)xmlDictSize(libxml->dict);
    parser->boundary = (size_t)xmlByteConsumed(libxml);
    parser->weight = 0;
}

/* What the header has declared stays with it, so the element declares that itself. The prefix stands for nothing else
 * there, or it would not have meant this. What is in the default namespace of the stream, which is that of every
 * client's, needs no declaration here or there: it counts as in no namespace, for the library, too. */
static bool own(xmlNode *element, const xmlNode *header, xmlNs **ns) {
    const xmlNs *declared = *ns == NULL ? NULL : header->nsDef;
    while (declared != NULL && declared != *ns)
        declared = declared->next;
    if (declared == NULL)
        return true;
    xmlNs *made = declared->prefix == NULL ? NULL : element->nsDef;
    while (made != NULL && !xmlStrEqual(made->prefix, declared->prefix))
        made = made->next;
    *ns = made != NULL || declared->prefix == NULL ? made : xmlNewNs(element, declared->href, declared->prefix);
    return declared->prefix == NULL || *ns != NULL;
}

static bool own_all(xmlNode *element, const xmlNode *header) {
    bool owned = true;
    for (xmlNode *node = element; node != NULL; node = element_following(element, node)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        owned = own(element, header, &node->ns) && owned;
        for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
            owned = own(element, header, &attribute->ns) && owned;
    }
    return owned;
}

/* The element leaves the document, and has no more to do with the stream. */
static void append(struct parser *parser, xmlNode *element) {
    if (element->ns == NULL || element->ns->href == NULL || *element->ns->href == '\0') {
        fail(parser, "invalid-namespace"); /* it has taken itself out of all (RFC 6120 section 4.8.3) */
        return;
    }
    take_declaration(parser->context->myDoc, element);
    if (!own_all(element, element->parent))
        fail(parser, "internal-server-error");
    xmlUnlinkNode(element);
    xmlSetTreeDoc(element, NULL);
    elements_append(&parser->elements, element);
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *href) {
    xmlParserCtxt *libxml = context;
    struct parser *parser = libxml->_private;
    xmlNode *element = libxml->node;
    xmlSAX2EndElementNs(context, name, prefix, href);
    if (--parser->depth > 1)
        return;
    if (parser->depth == 0) {
        parser->has_ended = true;
        return;
    }
    size_t start = parser->boundary;
    parser->boundary = (size_t)xmlByteConsumed(libxml);
    append(parser, element);
    if (is_too_large(parser, parser->boundary - start))
        fail(parser, "policy-violation");
    else if (parser->one_by_one || (uint32_t)xmlDictSize(libxml->dict) > parser->names + parser->limits->names)
        stop(parser);
    parser->weight = 0;
}

/* Between stanzas stands white space, if anything: it keeps the connection alive (RFC 6120 section 4.6.1). */
static void characters(void *context, const xmlChar *text, int length) {
    struct parser *parser = ((xmlParserCtxt *)context)->_private;
    if (parser->depth > 1) {
        xmlSAX2Characters(context, text, length);
        return;
    }
    for (int i = 0; i < length; i++)
        if (strchr(" \t\r\n", text[i]) == NULL) {
            fail(parser, "bad-format");
            return;
        }
    parser->boundary = (size_t)xmlByteConsumed(context);
}

static void cdata(void *context, const xmlChar *text, int length) {
    struct parser *parser = ((xmlParserCtxt *)context)->_private;
    if (parser->depth > 1)
        xmlSAX2CDataBlock(context, text, length);
    else
        fail(parser, "bad-format");
}

/* RFC 6120 section 11.1 */
static void refuse_comment(void *context, const xmlChar *text) {
    (void)text;
    fail(((xmlParserCtxt *)context)->_private, "restricted-xml");
}

static void refuse_instruction(void *context, const xmlChar *target, const xmlChar *data) {
    (void)target;
    (void)data;
    fail(((xmlParserCtxt *)context)->_private, "restricted-xml");
}

static void refuse_dtd(void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id) {
    (void)name;
    (void)external_id;
    (void)system_id;
    fail(((xmlParserCtxt *)context)->_private, "restricted-xml");
}

/* Names and namespaces that do not go together, such as two attributes of one name by different prefixes: libxml2 would
 * go on. That a namespace is no URI is bad style, not an error. */
static void note_error(void *context, xmlError *error) {
    if (error->domain == XML_FROM_NAMESPACE && error->code != XML_WAR_NS_URI && error->code != XML_WAR_NS_URI_RELATIVE)
        fail(((xmlParserCtxt *)context)->_private, "not-well-formed");
}

/* --- contexts --- */

static xmlParserCtxt *make_context(struct parser *parser) {
    xmlParserCtxt *context = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
    if (context == NULL)
        return NULL;
    /* Names are copied, as stanzas outlive the context; how long things may be is our affair; UTF-8 it is, whatever
     * the client says (RFC 6120 section 11.6). */
    (void)xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NODICT | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC);
    context->_private = parser;
    context->sax->startElementNs = start_element;
    context->sax->endElementNs = end_element;
    context->sax->characters = characters;
    context->sax->ignorableWhitespace = characters;
    context->sax->cdataBlock = cdata;
    context->sax->comment = refuse_comment;
    context->sax->processingInstruction = refuse_instruction;
    context->sax->internalSubset = refuse_dtd;
    context->sax->serror = note_error;
    return context;
}

static void free_context(struct parser *parser) {
    if (parser->context == NULL)
        return;
    xmlFreeDoc(parser->context->myDoc);
    xmlFreeParserCtxt(parser->context);
    parser->context = NULL;
}

static const char *error_of(const xmlParserCtxt *context) {
    switch (context->errNo) {
    case XML_ERR_NO_MEMORY:
        return "internal-server-error";
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
        return "restricted-xml";
    default:
        return "not-well-formed";
    }
}

/* What libxml2 has not looked at yet is a tag whose end has not come, if it is long. */
static bool has_too_many_attributes(const struct parser *parser) {
    const xmlParserInput *input = parser->context->input;
    size_t equals = 0;
    if (input->end - input->cur <= PIECE)
        return false;
    for (const xmlChar *at = input->cur; at < input->end; at++)
        equals += *at == '=';
    return equals > ATTRIBUTES;
}

/* A piece of octets that are UTF-8. */
static void push_piece(struct parser *parser, const char *data, size_t length) {
    parser->fed += length;
    (void)xmlParseChunk(parser->context, data, (int)length, 0);
    if (parser->is_stopped) {
        if (data[length - 1] == '\r' && !keep_rest(parser, "\r", 1)) /* it waits for a line feed, outside the input */
            parser->error = "internal-server-error";
    } else if (parser->error == NULL && !parser->has_ended) {
        if (!parser->context->wellFormed)
            parser->error = error_of(parser->context);
        else if (is_too_large(parser, parser->fed - parser->boundary) || has_too_many_attributes(parser))
            fail(parser, "policy-violation");
    }
}

/* When it stops, what is left is kept. */
static void push(struct parser *parser, const char *data, size_t length) {
    while (length > 0 && parser->error == NULL && !parser->has_ended && !parser->is_stopped) {
        size_t piece = length < PIECE ? length : PIECE;
        push_piece(parser, data, piece);
        data += piece;
        length -= piece;
    }
    if (parser->is_stopped && !keep_rest(parser, data, length))
        parser->error = "internal-server-error";
}

/* The tag of the header, for a context that goes on in the middle of the stream; false: out of memory. */
static bool remember_opening(struct parser *parser) {
    xmlBuffer *buffer = xmlBufferCreate();
    xmlNode *root = xmlDocGetRootElement(parser->context->myDoc);
    int length = buffer == NULL ? -1 : xmlNodeDump(buffer, parser->context->myDoc, root, 0, 0);
    if (length > 2) {
        parser->opening = strndup((const char *)xmlBufferContent(buffer), (size_t)length - 1);
        if (parser->opening != NULL) /* it is empty there: "/>" */
            parser->opening[length - 2] = '>';
    }
    xmlBufferFree(buffer);
    return parser->opening != NULL;
}

static bool renew(struct parser *parser, bool same_stream) {
    if (same_stream && parser->opening == NULL && !remember_opening(parser))
        return false;
    free_context(parser);
    parser->context = make_context(parser);
    parser->fed = parser->boundary = 0;
    parser->depth = 0;
    parser->is_stopped = false;
    if (parser->context == NULL)
        return false;
    if (!same_stream) {
        free(parser->opening);
        parser->opening = NULL;
        return true;
    }
    parser->is_again = true;
    push(parser, parser->opening, strlen(parser->opening));
    parser->is_again = false;
    parser->boundary = parser->fed;
    return parser->error == NULL;
}

static void meet_late_error(struct parser *parser) {
    if (parser->error == NULL && !parser->is_stopped && !parser->has_ended)
        parser->error = parser->late;
}

/* What waited behind an element goes to the next context. */
static void go_on(struct parser *parser, bool same_stream) {
    char *rest = parser->rest;
    size_t length = parser->rest_length;
    parser->rest = NULL;
    parser->rest_length = parser->rest_capacity = 0;
    if (renew(parser, same_stream))
        push(parser, rest, length);
    else if (parser->error == NULL)
        parser->error = "internal-server-error";
    free(rest);
    meet_late_error(parser);
}

/* --- for others --- */

struct parser *parser_new(const struct parser_limits *limits) {
    struct parser *parser = calloc(1, sizeof *parser);
    if (parser == NULL)
        return NULL;
    parser->limits = limits;
    parser->one_by_one = true;
    parser->context = make_context(parser);
    if (parser->context == NULL) {
        free(parser);
        return NULL;
    }
    return parser;
}

void parser_free(struct parser *parser) {
    if (parser == NULL)
        return;
    elements_free(&parser->elements);
    free_context(parser);
    free(parser->rest);
    free(parser->opening);
    free(parser);
}

/* Most text is ASCII, which needs no check: how much of it is, in words. */
static size_t skip_ascii(const char *data, size_t length) {
    uint64_t word;
    size_t at = 0;
    for (; at + sizeof word <= length; at += sizeof word) {
        memcpy(&word, data + at, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return at;
}

/* Whole characters go on, the beginning of one waits. Nothing is repaired, and libxml2, which would guess other
 * encodings and take a NUL for an end, never sees such a thing. */
static void feed_characters(struct parser *parser, const char *data, size_t length) {
    const char *zero = memchr(data, '\0', length);
    size_t whole = zero == NULL ? length : (size_t)(zero - data);
    size_t ascii = skip_ascii(data, whole);
    const uint8_t *wrong = u8_check((const uint8_t *)data + ascii, whole - ascii);
    size_t good = wrong == NULL ? whole : (size_t)((const char *)wrong - data);
    ucs4_t character;
    if (zero == NULL && wrong != NULL && u8_mbtoucr(&character, wrong, length - good) == -2) {
        parser->tail_length = length - good;
        memcpy(parser->tail, wrong, parser->tail_length);
    } else if (good < length) {
        parser->late = "unsupported-encoding";
    }
    push(parser, data, good);
    meet_late_error(parser);
}

void parser_feed(struct parser *parser, const char *data, size_t length) {
    if (parser->error != NULL || parser->late != NULL || parser->has_ended)
        return;
    if (parser->tail_length == 0) {
        feed_characters(parser, data, length);
        return;
    }
    size_t before = parser->tail_length;
    char *joined = malloc(before + length);
    if (joined == NULL) {
        parser->error = "internal-server-error";
        return;
    }
    memcpy(joined, parser->tail, before);
    memcpy(joined + before, data, length);
    parser->tail_length = 0;
    feed_characters(parser, joined, before + length);
    free(joined);
}

xmlNode *parser_header(struct parser *parser) {
    if (!parser->has_header)
        return NULL;
    parser->has_header = false;
    return xmlDocGetRootElement(parser->context->myDoc);
}

xmlNode *parser_next(struct parser *parser) {
    if (parser->elements.first == NULL && parser->is_stopped && parser->error == NULL)
        go_on(parser, true);
    return elements_take(&parser->elements);
}

const char *parser_error(const struct parser *parser) {
    return parser->elements.first == NULL ? parser->error : NULL;
}

bool parser_has_ended(const struct parser *parser) {
    return parser->elements.first == NULL && parser->has_ended;
}

void parser_restart(struct parser *parser) {
    go_on(parser, false);
}

void parser_run_on(struct parser *parser) {
    parser->one_by_one = false;
}

bool parser_has_rest(const struct parser *parser) {
    return parser->rest_length > 0 || parser->tail_length > 0;
}
