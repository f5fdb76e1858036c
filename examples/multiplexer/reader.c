/*
 * XMPP allows a part of XML only (RFC 6120 section 11.1), and a stream has no end at which a parser would forget. So
 * each element has a parser of its own, which is told the header of the stream first. It is fed up to the next '>':
 * there, and nowhere else, does an element end, so nothing of the next one ever stands in the wrong parser.
 */
#include "xml.h"

#include <libxml/SAX2.h>
#include <stdint.h>
#include <string.h>
#include <unistr.h>

enum {
    DEEPEST = 100,        /* elements inside each other */
    LONGEST = 256 * 1024, /* octets of an element */
    MOST_IDLE = 1000      /* a '>' in the value of an attribute has libxml2 look at the whole tag again */
};

/* --- what the parser finds --- */

static struct reader *reader_of(void *context) {
    struct reader *reader = ((xmlParserCtxt *)context)->_private;
    reader->idle = 0;
    return reader;
}

static void stop_with(void *context, const char *fault) {
    struct reader *reader = reader_of(context);
    if (reader->fault == NULL)
        reader->fault = fault;
    xmlStopParser(context);
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace,
                          int namespaces, const xmlChar **namespace_list, int attributes, int defaulted,
                          const xmlChar **attribute_list) {
    if (++reader_of(context)->depth > DEEPEST)
        stop_with(context, "policy-violation");
    else
        xmlSAX2StartElementNs(context, name, prefix, namespace, namespaces, namespace_list, attributes, defaulted,
                              attribute_list);
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace) {
    struct reader *reader = reader_of(context);
    xmlSAX2EndElementNs(context, name, prefix, namespace);
    reader->depth--;
    reader->has_element = reader->depth == 1;
    reader->has_ended = reader->depth == 0;
}

static void characters(void *context, const xmlChar *text, int length) {
    if (reader_of(context)->depth == 1) /* between two stanzas; white space there does not come here */
        stop_with(context, "bad-format");
    else
        xmlSAX2Characters(context, text, length);
}

static void refuse_comment(void *context, const xmlChar *text) {
    (void)text;
    stop_with(context, "restricted-xml");
}

static void refuse_instruction(void *context, const xmlChar *target, const xmlChar *data) {
    (void)target;
    (void)data;
    stop_with(context, "restricted-xml");
}

static void refuse_document_type(void *context, const xmlChar *name, const xmlChar *public, const xmlChar *system) {
    (void)name;
    (void)public;
    (void)system;
    stop_with(context, "restricted-xml");
}

/* To libxml2 a prefix that nobody declared is no error. A namespace that is no URI is one to it, but to nobody else. */
static void note_error(void *context, xmlError *error) {
    if (error->domain == XML_FROM_NAMESPACE && error->code != XML_WAR_NS_URI && error->code != XML_WAR_NS_URI_RELATIVE)
        stop_with(context, "bad-namespace-prefix");
}

/* --- the reader --- */

static void free_parser(xmlParserCtxt *parser) {
    if (parser != NULL)
        xmlFreeDoc(parser->myDoc);
    xmlFreeParserCtxt(parser);
}

static bool parse(struct reader *reader, const struct text *text) {
    reader->idle++;
    (void)xmlParseChunk(reader->parser, text->octets, (int)text->length, 0);
    if (reader->fault == NULL && !reader->parser->wellFormed)
        reader->fault = "not-well-formed";
    else if (reader->fault == NULL && reader->idle > MOST_IDLE)
        reader->fault = "policy-violation";
    return reader->fault == NULL;
}

static bool open_parser(struct reader *reader) {
    xmlParserCtxt *parser = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
    if (parser == NULL)
        end_without_memory();
    (void)xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
                                        XML_PARSE_IGNORE_ENC);
    parser->_private = reader;
    parser->sax->startElementNs = start_element;
    parser->sax->endElementNs = end_element;
    parser->sax->characters = characters;
    parser->sax->ignorableWhitespace = characters;
    parser->sax->comment = refuse_comment;
    parser->sax->processingInstruction = refuse_instruction;
    parser->sax->internalSubset = refuse_document_type;
    parser->sax->serror = note_error;
    reader->parser = parser;
    reader->depth = 0;
    reader->has_element = false;
    return !reader->has_header || parse(reader, &reader->header);
}

void reader_start(struct reader *reader, const char *header) {
    reader_stop(reader);
    reader->has_header = header != NULL;
    if (header != NULL)
        text_add(&reader->header, header);
}

void reader_stop(struct reader *reader) {
    free_parser(reader->parser);
    text_free(&reader->header);
    text_free(&reader->piece);
    *reader = (struct reader){.parser = NULL};
}

/* The element is complete. Its parser goes with it, also when its owner starts the reader anew. */
static bool give_element(struct reader *reader, take_element *take, void *owner) {
    xmlParserCtxt *parser = reader->parser;
    reader->parser = NULL;
    reader->octets = 0;
    bool more = take(owner, xmlDocGetRootElement(parser->myDoc)->last);
    free_parser(parser);
    return more;
}

/* What is in the piece ends with a '>'. False: it is not to be read on. */
static bool take_piece(struct reader *reader, take_element *take, void *owner) {
    const struct text *piece = &reader->piece;
    /* In CDATA libxml2 takes characters that are spelt longer than they may be. */
    if (u8_check((const uint8_t *)piece->octets, piece->length) != NULL)
        reader->fault = "not-well-formed";
    if (reader->fault != NULL || (reader->parser == NULL && !open_parser(reader)) || !parse(reader, piece))
        return false;
    if (!reader->has_header) {
        text_append(&reader->header, piece->octets, piece->length);
        reader->has_header = reader->depth > 0;
        reader->octets = reader->has_header ? 0 : reader->octets;
    }
    reader->piece.length = 0;
    if (reader->has_ended)
        return take(owner, NULL) && false;
    return !reader->has_element || give_element(reader, take, owner);
}

static bool is_space(char octet) {
    return octet == ' ' || octet == '\n' || octet == '\t' || octet == '\r';
}

const char *reader_feed(struct reader *reader, const char *octets, size_t length, take_element *take, void *owner) {
    while (length > 0) {
        if (reader->octets == 0 && is_space(*octets)) { /* it keeps the connection open, or the lines short */
            octets++;
            length--;
            continue;
        }
        const char *end = memchr(octets, '>', length);
        size_t part = end == NULL ? length : (size_t)(end - octets) + 1;
        if (reader->octets == 0 && *octets != '<')
            return "not-well-formed";
        if (part > LONGEST - reader->octets)
            return "policy-violation";
        reader->octets += part;
        text_append(&reader->piece, octets, part);
        octets += part;
        length -= part;
        if (end != NULL && !take_piece(reader, take, owner))
            return reader->fault;
    }
    return NULL;
}
