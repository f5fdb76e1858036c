/* From the octets of a stream to its elements, on libxml2's push parser. */
#ifndef EXAMPLES_SERVER_PARSER_H
#define EXAMPLES_SERVER_PARSER_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct parser;

enum { NODE_BYTES = 150 /* that an element takes in memory, or an attribute, beside its text */ };

/* The next one in the tree of `root`, in the order of the text. */
static inline xmlNode *element_following(const xmlNode *root, xmlNode *node) {
    if (node->type == XML_ELEMENT_NODE && node->children != NULL)
        return node->children;
    while (node != root && node->next == NULL)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/* Elements that wait, each with a `next` but without a parent. */
struct elements {
    xmlNode *first, *last;
};

static inline void elements_append(struct elements *elements, xmlNode *element) {
    if (elements->last != NULL)
        elements->last->next = element;
    else
        elements->first = element;
    elements->last = element;
}

static inline xmlNode *elements_take(struct elements *elements) {
    xmlNode *element = elements->first;
    if (element == NULL)
        return NULL;
    elements->first = element->next;
    if (elements->first == NULL)
        elements->last = NULL;
    element->next = NULL;
    return element;
}

static inline void elements_free(struct elements *elements) {
    for (xmlNode *element; (element = elements_take(elements)) != NULL;)
        xmlFreeNode(element);
}

struct parser_limits {
    uint32_t stanza_bytes; /* of one stanza */
    uint32_t depth;        /* elements inside each other in one stanza */
    uint32_t names;        /* that a parser keeps before another takes its place */
};

struct parser *parser_new(const struct parser_limits *limits);
void parser_free(struct parser *parser);

void parser_feed(struct parser *parser, const char *data, size_t length);
/* What has come, in this order: the header of the stream, once; its elements, which are the caller's (to be freed with
 * xmlFreeNode); then, perhaps, an error (the condition of a stream error) or the end. */
xmlNode *parser_header(struct parser *parser);
xmlNode *parser_next(struct parser *parser);
const char *parser_error(const struct parser *parser);
bool parser_has_ended(const struct parser *parser);

/* A new stream begins behind the element that was handed out last: after a login. */
void parser_restart(struct parser *parser);
/* From now on many elements at once; before, it stops at each, as another stream may begin behind it. */
void parser_run_on(struct parser *parser);
/* Whether octets wait behind the element that was handed out last, though it has stopped there. */
bool parser_has_rest(const struct parser *parser);

#endif
