#include "draft.h"

static const xmlChar *xml(const char *text) {
    return (const xmlChar *)text;
}

void xmppbind_draft_begin(xmlNode *draft, const xmlNode *stanza) {
    memset(draft, 0, sizeof *draft);
    draft->type = XML_ELEMENT_NODE;
    draft->name = xml("draft");
    draft->doc = stanza->doc;
}

void xmppbind_draft_drop(xmlNode *draft) {
    xmlFreePropList(draft->properties);
    xmlFreeNodeList(draft->children);
}

static int is_named(const xmlAttr *attribute, const char *name) {
    const char *own = (const char *)attribute->name;
    return attribute->ns == NULL && own[0] == name[0] && strcmp(own, name) == 0;
}

xmlAttr *xmppbind_draft_find(const xmlNode *element, const char *name) {
    xmlAttr *attribute = element->properties;
    while (attribute != NULL && !is_named(attribute, name))
        attribute = attribute->next;
    return attribute;
}

int xmppbind_draft_attribute(xmlNode *element, const char *name, const char *value) {
    xmlAttr *attribute = xmlNewProp(element, xml(name), xml(value));
    if (attribute == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (attribute->name != NULL && attribute->children != NULL && attribute->children->content != NULL)
        return XMPPBIND_OK;
    xmlUnlinkNode((xmlNode *)attribute);
    xmlFreeProp(attribute);
    return XMPPBIND_ERROR_NO_MEMORY;
}

void xmppbind_draft_append(xmlNode *parent, xmlNode *child) {
    child->parent = parent;
    child->prev = parent->last;
    *(parent->last == NULL ? &parent->children : &parent->last->next) = child;
    parent->last = child;
}

int xmppbind_draft_child(xmlNode *parent, const char *name, const char *href, xmlNode **child) {
    xmlNode *element = xmlNewDocNode(parent->doc, parent->ns, xml(name), NULL);
    if (element == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (href != NULL)
        element->ns = xmlNewNs(element, xml(href), NULL);
    if (element->name == NULL || (href != NULL && (element->ns == NULL || element->ns->href == NULL))) {
        xmlFreeNode(element);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    xmppbind_draft_append(parent, element);
    if (child != NULL)
        *child = element;
    return XMPPBIND_OK;
}

int xmppbind_draft_text(xmlNode *element, const char *text, size_t length) {
    xmlNode *node = xmlNewDocTextLen(element->doc, xml(text), (int)length);
    if (node == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (node->content == NULL) {
        xmlFreeNode(node);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    xmppbind_draft_append(element, node);
    return XMPPBIND_OK;
}

int xmppbind_draft_error(xmlNode *parent, int condition) {
    xmlNode *error;
    int result = xmppbind_draft_child(parent, "error", NULL, &error);
    if (result == XMPPBIND_OK)
        result = xmppbind_draft_attribute(error, "type", xmppbind_condition_type(condition));
    if (result == XMPPBIND_OK)
        result = xmppbind_draft_child(error, xmppbind_condition_name(condition), XMPPBIND_NS_STANZAS, NULL);
    if (result == XMPPBIND_OK && condition == XMPPBIND_CONDITION_RESOURCE_LIMIT) /* BIND-10, XEP-0205 */
        result = xmppbind_draft_child(error, "resource-limit-exceeded", "urn:xmpp:errors", NULL);
    return result;
}

static void append_attribute(xmlNode *element, xmlAttr **last, xmlAttr *attribute) {
    attribute->parent = element;
    attribute->prev = *last;
    attribute->next = NULL;
    *(*last == NULL ? &element->properties : &(*last)->next) = attribute;
    *last = attribute;
}

static void append_attributes(xmlNode *element, xmlAttr **last, xmlAttr *list) {
    for (xmlAttr *next; list != NULL; list = next) {
        next = list->next;
        append_attribute(element, last, list);
    }
}

/* Of the stanza's own attributes: its id, and what else is kept; the others are freed. */
static void sort_attributes(xmlAttr *own, enum xmppbind_keep keep, xmlAttr **id, xmlNode *kept) {
    xmlAttr *last = NULL;
    for (xmlAttr *next; own != NULL; own = next) {
        next = own->next;
        if (is_named(own, "id"))
            *id = own;
        else if (keep == XMPPBIND_KEEP_CONTENT && !is_named(own, "type") && !is_named(own, "to") &&
                 !is_named(own, "from"))
            append_attribute(kept, &last, own);
        else
            xmlFreeProp(own);
    }
}

/* The order is type, id, to, from, and then what was kept. */
static void merge_attributes(xmlNode *draft, xmlNode *stanza, enum xmppbind_keep keep) {
    xmlAttr *id = NULL, *last = NULL, *drafted = draft->properties, *own = stanza->properties;
    xmlNode kept = {0};
    sort_attributes(own, keep, &id, &kept);
    draft->properties = NULL;
    stanza->properties = NULL;
    xmlAttr *others = drafted->next;
    append_attribute(stanza, &last, drafted); /* every draft begins with its type */
    if (id != NULL)
        append_attribute(stanza, &last, id);
    append_attributes(stanza, &last, others);
    append_attributes(stanza, &last, kept.properties);
}

/* Children of a draft without a namespace of their own are in that of the stanza. */
void xmppbind_draft_move_children(const xmlNode *draft, xmlNode *stanza) {
    for (xmlNode *child = draft->children; child != NULL; child = child->next) {
        child->parent = stanza;
        if (child->ns == NULL)
            child->ns = stanza->ns;
    }
    if (draft->children == NULL)
        return;
    draft->children->prev = stanza->last;
    *(stanza->last == NULL ? &stanza->children : &stanza->last->next) = draft->children;
    stanza->last = draft->last;
}

void xmppbind_draft_commit(xmlNode *draft, xmlNode *stanza, enum xmppbind_keep keep) {
    merge_attributes(draft, stanza, keep);
    if (keep == XMPPBIND_KEEP_ID) {
        xmlFreeNodeList(stanza->children);
        stanza->children = stanza->last = NULL;
    }
    xmppbind_draft_move_children(draft, stanza);
}

static int replace_value(xmlAttr *attribute, const char *value) {
    xmlNode *text = xmlNewDocText(attribute->doc, xml(value));
    if (text == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (text->content == NULL) {
        xmlFreeNode(text);
        return XMPPBIND_ERROR_NO_MEMORY;
    }
    xmlFreeNodeList(attribute->children);
    text->parent = (xmlNode *)attribute;
    attribute->children = attribute->last = text;
    return XMPPBIND_OK;
}

int xmppbind_set_attribute(xmlNode *element, xmlAttr *attribute, const char *name, const char *value) {
    return attribute == NULL ? xmppbind_draft_attribute(element, name, value) : replace_value(attribute, value);
}
