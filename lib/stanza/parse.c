/*
 * One element from text, with libxml2's parser kept to what XMPP allows (RFC 6120 section 11.1): no DTD, hence no
 * entities but the predefined ones; and a bounded depth, because some of libxml2's tree functions recurse.
 */
#include "parse.h"

#include "xmppbind/base.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdint.h>
#include <string.h>
#include <unistr.h>

enum { DEEPEST = 2000 /* elements inside each other */ };

/* Kept in the one field of the context that is the application's. */
struct state {
    int depth;
    int refused; /* it was stopped: too deep, or a DTD; what there is of a tree then is not whole */
    int lost;    /* libxml2 went on without something that it found no memory for */
    int unnamed; /* names and namespaces do not go together */
};

/* An attribute as SAX2 hands it over: five pointers. */
enum { PREFIX = 1, HREF = 2, VALUE = 3, VALUE_END = 4, FIELDS = 5 };

/* Each is a pair of prefix and URI, in the order of the text. */
static int has_all_namespaces(const xmlNode *element, int namespaces, const xmlChar **list) {
    const xmlNs *ns = element->nsDef;
    for (; namespaces > 0 && ns != NULL; namespaces--, list += 2, ns = ns->next)
        if (!xmlStrEqual(ns->prefix, list[0]) || !xmlStrEqual(ns->href, list[1]))
            return 0;
    return namespaces == 0 && ns == NULL;
}

/* A value with a reference in it becomes another text, so there only its presence can be seen. */
static int has_value(const xmlAttr *attribute, const xmlChar *value, size_t length) {
    const xmlNode *text = attribute->children;
    if (length == 0 || memchr(value, '&', length) != NULL)
        return length == 0 || text != NULL;
    return text != NULL && text->content != NULL &&
           strncmp((const char *)text->content, (const char *)value, length) == 0;
}

static int has_all_attributes(const xmlNode *element, int attributes, const xmlChar **list) {
    for (const xmlAttr *attribute = element->properties; attribute != NULL; attribute = attribute->next, attributes--) {
        const xmlChar *prefix = list[PREFIX];
        if (attributes == 0 || attribute->name == NULL ||
            !has_value(attribute, list[VALUE], (size_t)(list[VALUE_END] - list[VALUE])))
            return 0;
        if (prefix != NULL && (attribute->ns == NULL || !xmlStrEqual(attribute->ns->prefix, prefix)))
            return 0;
        list += FIELDS;
    }
    return attributes == 0;
}

/* The content that was just handed over stands last in the element that is open. */
static void check_last(xmlParserCtxt *parser, xmlElementType type) {
    struct state *state = parser->_private;
    const xmlNode *last = parser->node == NULL ? NULL : parser->node->last;
    if (parser->node != NULL && (last == NULL || last->type != type || last->content == NULL))
        state->lost = 1;
}

static void characters(void *context, const xmlChar *text, int length) {
    xmlSAX2Characters(context, text, length);
    check_last(context, XML_TEXT_NODE);
}

static void cdata(void *context, const xmlChar *text, int length) {
    xmlSAX2CDataBlock(context, text, length);
    check_last(context, XML_CDATA_SECTION_NODE);
}

static const xmlNode *last_in(const xmlParserCtxt *parser) {
    return parser->node == NULL ? NULL : parser->node->last;
}

/* Text joins the text before it; these never do, so each is a node that was not there before. */
static void check_new(xmlParserCtxt *parser, const xmlNode *before, int has_content) {
    const xmlNode *last = last_in(parser);
    if (parser->node != NULL && (last == before || last->name == NULL || (has_content && last->content == NULL)))
        ((struct state *)parser->_private)->lost = 1;
}

static void comment(void *context, const xmlChar *text) {
    const xmlNode *before = last_in(context);
    xmlSAX2Comment(context, text);
    check_new(context, before, 1);
}

static void instruction(void *context, const xmlChar *target, const xmlChar *data) {
    const xmlNode *before = last_in(context);
    xmlSAX2ProcessingInstruction(context, target, data);
    check_new(context, before, data != NULL);
}

/* Whether a prefix stands for nothing: libxml2 would go on, with names that have a colon in them. */
static int has_undeclared(const xmlChar *prefix, const xmlChar *href, int attributes, const xmlChar **list) {
    int undeclared = prefix != NULL && href == NULL;
    for (; attributes > 0; attributes--, list += FIELDS)
        undeclared |= list[PREFIX] != NULL && list[HREF] == NULL;
    return undeclared;
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *href,
                          int namespaces, const xmlChar **namespace_list, int attributes, int defaulted,
                          const xmlChar **attribute_list) {
    xmlParserCtxt *parser = context;
    struct state *state = parser->_private;
    if (++state->depth > DEEPEST || has_undeclared(prefix, href, attributes, attribute_list)) {
        state->refused = 1;
        xmlStopParser(parser);
        return;
    }
    const xmlNode *parent = parser->node;
    xmlSAX2StartElementNs(context, name, prefix, href, namespaces, namespace_list, attributes, defaulted,
                          attribute_list);
    const xmlNode *element = parser->node;
    if (element == parent || element == NULL || element->name == NULL ||
        (href != NULL && (element->ns == NULL || element->ns->href == NULL)) ||
        !has_all_namespaces(element, namespaces, namespace_list) ||
        !has_all_attributes(element, attributes, attribute_list))
        state->lost = 1;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *href) {
    struct state *state = ((xmlParserCtxt *)context)->_private;
    --state->depth;
    xmlSAX2EndElementNs(context, name, prefix, href);
}

static void refuse_dtd(void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id) {
    (void)name;
    (void)external_id;
    (void)system_id;
    ((struct state *)((xmlParserCtxt *)context)->_private)->refused = 1;
    xmlStopParser(context);
}

/* A namespace name that is no URI is bad style, not an error (Namespaces in XML, section 2.1): it is a name all the
 * same. libxml2 counts it as one. */
static void note_error(void *context, xmlError *error) {
    if (error->domain == XML_FROM_NAMESPACE && error->code != XML_WAR_NS_URI && error->code != XML_WAR_NS_URI_RELATIVE)
        ((struct state *)((xmlParserCtxt *)context)->_private)->unnamed = 1;
}

/* The element leaves its document. Only the declaration of the prefix "xml" belongs to that, and goes along. */
static xmlNode *detach(xmlDoc *document) {
    xmlNode *root = xmlDocGetRootElement(document);
    xmlUnlinkNode(root);
    xmlNs **last = &root->nsDef;
    while (*last != NULL)
        last = &(*last)->next;
    *last = document->oldNs;
    document->oldNs = NULL;
    xmlSetTreeDoc(root, NULL);
    return root;
}

static int result_of(const xmlParserCtxt *parser, const xmlDoc *document) {
    const struct state *state = parser->_private;
    if (state->refused)
        return XMPPBIND_ERROR_NOT_WELL_FORMED;
    int silent = document == NULL && parser->errNo == XML_ERR_OK; /* it gave up without finding anything wrong */
    if (silent || state->lost || parser->errNo == XML_ERR_NO_MEMORY || parser->errNo == XML_ERR_INTERNAL_ERROR)
        return XMPPBIND_ERROR_NO_MEMORY;
    return document != NULL && parser->wellFormed && !state->unnamed && xmlDocGetRootElement(document) != NULL
               ? XMPPBIND_OK
               : XMPPBIND_ERROR_NOT_WELL_FORMED;
}

static int parse_once(const char *text, size_t length, xmlNode **element) {
    static const int options = XML_PARSE_NONET | XML_PARSE_NODICT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                               XML_PARSE_IGNORE_ENC | XML_PARSE_HUGE;
    struct state state = {0, 0, 0, 0};
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (parser == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    parser->_private = &state;
    parser->sax->startElementNs = start_element;
    parser->sax->endElementNs = end_element;
    parser->sax->characters = characters;
    parser->sax->ignorableWhitespace = characters;
    parser->sax->cdataBlock = cdata;
    parser->sax->comment = comment;
    parser->sax->processingInstruction = instruction;
    parser->sax->internalSubset = refuse_dtd;
    parser->sax->serror = note_error;
    xmlDoc *document = xmlCtxtReadMemory(parser, text, (int)length, NULL, NULL, options);
    int result = result_of(parser, document);
    if (result == XMPPBIND_OK)
        *element = detach(document);
    xmlFreeDoc(document);
    xmlFreeParserCtxt(parser);
    return result;
}

/* Whether there is memory at all. */
static int has_memory(void) {
    void *probe = xmlMalloc(256);
    if (probe != NULL)
        xmlFree(probe);
    return probe != NULL;
}

/* Without memory libxml2 also takes names and values for missing: what it calls wrong has to be wrong twice. */
int xmppbind_parse(const char *text, size_t length, xmlNode **element) {
    /* Nothing is converted or repaired (RFC 6120 section 11.6): libxml2 would guess other encodings from the first
     * octets, take a NUL for the end, and find octets that are no UTF-8 only now and then. */
    if (memchr(text, '\0', length) != NULL || u8_check((const uint8_t *)text, length) != NULL)
        return XMPPBIND_ERROR_NOT_WELL_FORMED;
    int result = parse_once(text, length, element);
    if (result == XMPPBIND_ERROR_NOT_WELL_FORMED)
        result = parse_once(text, length, element);
    return result == XMPPBIND_ERROR_NOT_WELL_FORMED && !has_memory() ? XMPPBIND_ERROR_NO_MEMORY : result;
}
