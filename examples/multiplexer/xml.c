#include "xml.h"

#include <libxml/xmlsave.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- texts --- */

void end_without_memory(void) {
    (void)fputs("multiplexer: no memory\n", stderr);
    exit(EXIT_FAILURE);
}

void *obtain(void *old, size_t size) {
    void *memory = realloc(old, size);
    if (memory == NULL)
        end_without_memory();
    return memory;
}

void text_append(struct text *text, const char *octets, size_t length) {
    size_t needed = text->length + length + 1;
    if (needed > text->capacity) {
        text->capacity = needed < 2 * text->capacity ? 2 * text->capacity : needed;
        text->octets = obtain(text->octets, text->capacity);
    }
    if (length > 0)
        memcpy(text->octets + text->length, octets, length);
    text->length += length;
    text->octets[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_append(text, string, strlen(string));
}

void text_add_escaped(struct text *text, const char *string) {
    for (; *string != '\0'; string++) {
        const char *reference = *string == '<'    ? "&lt;"
                                : *string == '&'  ? "&amp;"
                                : *string == '\'' ? "&apos;"
                                : *string == '"'  ? "&quot;"
                                                  : NULL;
        if (reference != NULL)
            text_add(text, reference);
        else
            text_append(text, string, 1);
    }
}

void text_free(struct text *text) {
    free(text->octets);
    *text = (struct text){NULL, 0, 0};
}

/* --- elements --- */

bool xml_is(const xmlNode *element, const char *name, const char *namespace) {
    return element->type == XML_ELEMENT_NODE && strcmp((const char *)element->name, name) == 0 && element->ns != NULL &&
           strcmp((const char *)element->ns->href, namespace) == 0;
}

bool xml_is_request(xmlNode *element) {
    return xml_is(element, "iq", CLIENT_NAMESPACE) &&
           (xml_has(element, "type", "get") || xml_has(element, "type", "set"));
}

xmlNode *xml_child(const xmlNode *element, const char *name, const char *namespace) {
    xmlNode *child = element->children;
    while (child != NULL && !xml_is(child, name, namespace))
        child = child->next;
    return child;
}

char *xml_attribute(xmlNode *element, const char *name) {
    return (char *)xmlGetNoNsProp(element, (const xmlChar *)name);
}

bool xml_has(xmlNode *element, const char *attribute, const char *value) {
    char *text = xml_attribute(element, attribute);
    bool same = text != NULL && strcmp(text, value) == 0;
    xmlFree(text);
    return same;
}

char *xml_content(xmlNode *element) {
    char *content = (char *)xmlNodeGetContent(element);
    if (content == NULL)
        end_without_memory();
    return content;
}

const char *xml_condition(const xmlNode *error, const char *namespace) {
    for (const xmlNode *child = error->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE && !xml_is(child, "text", namespace) &&
            xml_is(child, (const char *)child->name, namespace))
            return (const char *)child->name;
    return "undefined-condition";
}

void xml_add(struct text *text, xmlNode *element) {
    if (element->doc->encoding == NULL) /* else libxml2 spells out, in numbers, what is not ASCII in attributes */
        element->doc->encoding = xmlStrdup((const xmlChar *)"UTF-8");
    xmlBuffer *buffer = xmlBufferCreate();
    xmlSaveCtxt *save = buffer == NULL ? NULL : xmlSaveToBuffer(buffer, "UTF-8", XML_SAVE_NO_DECL);
    if (save == NULL || xmlSaveTree(save, element) < 0 || xmlSaveClose(save) < 0 || xmlBufferLength(buffer) <= 0)
        end_without_memory();
    text_append(text, (const char *)xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer));
    xmlBufferFree(buffer);
}

static bool uses(const xmlNode *node, const xmlNs *namespace) {
    if (node->type != XML_ELEMENT_NODE)
        return false;
    bool used = node->ns == namespace;
    for (const xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
        used = used || attribute->ns == namespace;
    for (const xmlNode *child = node->children; child != NULL && !used; child = child->next)
        used = uses(child, namespace); /* no deeper than what the reader lets through */
    return used;
}

void xml_add_line(struct text *text, xmlNode *element) {
    for (const xmlNs *declared = element->parent->nsDef; declared != NULL; declared = declared->next)
        if (uses(element, declared))
            (void)xmlNewNs(element, declared->href, declared->prefix);
    struct text whole = {NULL, 0, 0};
    xml_add(&whole, element);
    char *rest = whole.octets;
    for (char *line; (line = strchr(rest, '\n')) != NULL; rest = line + 1) {
        text_append(text, rest, (size_t)(line - rest));
        text_add(text, "&#10;");
    }
    text_add(text, rest);
    text_add(text, "\n");
    text_free(&whole);
}
