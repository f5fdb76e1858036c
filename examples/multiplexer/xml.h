/* Elements out of octets, and octets out of elements, with libxml2. Nothing here knows what a stanza means. */
#ifndef EXAMPLES_MULTIPLEXER_XML_H
#define EXAMPLES_MULTIPLEXER_XML_H

#include <libxml/parser.h>
#include <stdbool.h>
#include <stddef.h>

#define CLIENT_NAMESPACE "jabber:client"
#define STREAM_NAMESPACE "http://etherx.jabber.org/streams"
#define STREAM_ERROR_NAMESPACE "urn:ietf:params:xml:ns:xmpp-streams"
#define BIND_NAMESPACE "urn:ietf:params:xml:ns:xmpp-bind"
#define STANZA_ERROR_NAMESPACE "urn:ietf:params:xml:ns:xmpp-stanzas"

/* A text that grows. Begins as zeroes. */
struct text {
    char *octets;
    size_t length, capacity;
};

_Noreturn void end_without_memory(void);
/* As realloc(), but ends the program when there is no memory. */
void *obtain(void *old, size_t size);
void text_append(struct text *text, const char *octets, size_t length);
void text_add(struct text *text, const char *string);
/* As the value of an attribute in either kind of quotes, or as character data. */
void text_add_escaped(struct text *text, const char *string);
void text_free(struct text *text);

/* Takes an element, which stays the reader's; NULL: the root has ended. False: nothing more is to be read. */
typedef bool take_element(void *owner, xmlNode *element);

/* reader.c: reads a stream, which is a root, and in it one element after another. */
struct reader {
    struct text header; /* what opens the root */
    struct text piece;  /* what is not parsed yet */
    xmlParserCtxt *parser;
    const char *fault;
    size_t octets; /* of the element that is being read; 0: between two of them */
    int depth;
    int idle; /* how often the parser was fed since it found something */
    bool has_header, has_element, has_ended;
};

/* With the octets that open the root; NULL: they are the first that is read. Anew: what was read is forgotten. */
void reader_start(struct reader *reader, const char *header);
void reader_stop(struct reader *reader);
/* NULL, or why it cannot be read on, as a condition of a stream error (RFC 6120 4.9.3). */
const char *reader_feed(struct reader *reader, const char *octets, size_t length, take_element *take, void *owner);

/* xml.c: what can be done with elements. */
bool xml_is(const xmlNode *element, const char *name, const char *namespace);
/* An IQ that has to be answered. */
bool xml_is_request(xmlNode *element);
xmlNode *xml_child(const xmlNode *element, const char *name, const char *namespace);
/* The value of an attribute without a namespace, or NULL; xmlFree(). */
char *xml_attribute(xmlNode *element, const char *name);
bool xml_has(xmlNode *element, const char *attribute, const char *value);
/* xmlFree() */
char *xml_content(xmlNode *element);
/* The condition that an error names in this namespace: the first child, but for the text. */
const char *xml_condition(const xmlNode *error, const char *namespace);
/* Adds the element as it stands in its stream: what the root declares is not declared again. */
void xml_add(struct text *text, xmlNode *element);
/* Adds the element as a line, and a document of its own. It is cut out of its stream for that. */
void xml_add_line(struct text *text, xmlNode *element);

#endif
