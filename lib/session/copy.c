/*
 * libxml2 has a function to copy a tree, but when it finds no memory on the way it leaves pieces out without a word,
 * and loses others. So a copy is made here piece by piece, each of them checked.
 */
#include "copy.h"

#include "lib/stanza/draft.h"
#include "lib/stanza/namespaces.h"

/* Where `node`, of the tree `root`, has its namespace from: the same place above the copy, by its prefix, as libxml2
 * puts the declaration of "xml" first. NULL: from outside. */
static xmlNs *counterpart(const xmlNode *node, const xmlNode *root, const xmlNode *copy, const xmlNs *ns) {
    for (;;) {
        const xmlNs *declared = node->nsDef;
        while (declared != NULL && declared != ns)
            declared = declared->next;
        if (declared != NULL)
            return xmppbind_namespaces_declared(copy, ns->prefix);
        if (node == root)
            return NULL;
        node = node->parent;
        copy = copy->parent;
    }
}

/* The namespace of prefixes that need no declaration is nobody's to declare. */
static int is_xml(const xmlNs *ns) {
    return ns->prefix != NULL && strcmp((const char *)ns->prefix, "xml") == 0;
}

static xmlNs *declare(xmlNode *copy, const xmlNs *ns) {
    xmlNs *made = is_xml(ns) ? xmlSearchNs(NULL, copy, ns->prefix) : xmlNewNs(copy, ns->href, ns->prefix);
    int whole =
        made != NULL && (made->href == NULL) == (ns->href == NULL) && (made->prefix == NULL) == (ns->prefix == NULL);
    return whole ? made : NULL;
}

/* The namespace that the copy of `node` has in place of `ns`: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
static int find_namespace(const xmlNode *node, const xmlNode *root, xmlNode *copy, const xmlNs *ns, xmlNs **found) {
    *found = ns == NULL ? NULL : counterpart(node, root, copy, ns);
    if (ns != NULL && *found == NULL)
        *found = declare(copy, ns);
    return ns == NULL || *found != NULL ? XMPPBIND_OK : XMPPBIND_ERROR_NO_MEMORY;
}

static int copy_attribute(xmlNode *copy, const xmlAttr *attribute, xmlNs *ns) {
    struct xmppbind_value value;
    int result = xmppbind_value_read(attribute, &value);
    if (result != XMPPBIND_OK)
        return result;
    xmlAttr *made = xmlNewNsProp(copy, ns, attribute->name, (const xmlChar *)value.text);
    xmppbind_value_free(&value);
    if (made != NULL && made->name != NULL && made->children != NULL && made->children->content != NULL)
        return XMPPBIND_OK;
    if (made != NULL) {
        xmlUnlinkNode((xmlNode *)made);
        xmlFreeProp(made);
    }
    return XMPPBIND_ERROR_NO_MEMORY;
}

/* Declarations, namespace and attributes of an element whose copy is in its place. */
static int fill_element(const xmlNode *node, const xmlNode *root, xmlNode *copy) {
    int result = XMPPBIND_OK;
    xmlNs *found;
    for (const xmlNs *ns = node->nsDef; ns != NULL && result == XMPPBIND_OK; ns = ns->next)
        result = declare(copy, ns) != NULL ? XMPPBIND_OK : XMPPBIND_ERROR_NO_MEMORY;
    if (result == XMPPBIND_OK)
        result = find_namespace(node, root, copy, node->ns, &copy->ns);
    for (const xmlAttr *attribute = node->properties; attribute != NULL && result == XMPPBIND_OK;
         attribute = attribute->next) {
        result = find_namespace(node, root, copy, attribute->ns, &found);
        if (result == XMPPBIND_OK)
            result = copy_attribute(copy, attribute, found);
    }
    return result;
}

static xmlNode *make(const xmlNode *node) {
    switch (node->type) {
    case XML_ELEMENT_NODE:
        return xmlNewNode(NULL, node->name);
    case XML_CDATA_SECTION_NODE:
        return xmlNewCDataBlock(NULL, node->content, xmlStrlen(node->content));
    case XML_COMMENT_NODE:
        return xmlNewComment(node->content);
    case XML_PI_NODE:
        return xmlNewPI(node->name, node->content);
    case XML_ENTITY_REF_NODE:
        return xmlNewReference(NULL, node->name);
    default:
        return xmlNewText(node->content);
    }
}

/* A node of this kind alone, or NULL. A CDATA section has no name, elements and references have no content. */
static xmlNode *copy_node(const xmlNode *node) {
    xmlNode *made = make(node);
    int named = node->type != XML_CDATA_SECTION_NODE;
    int text = node->type != XML_ELEMENT_NODE && node->type != XML_ENTITY_REF_NODE && node->content != NULL;
    if (made == NULL || ((!named || made->name != NULL) && (!text || made->content != NULL)))
        return made;
    xmlFreeNode(made);
    return NULL;
}

/* Copies `node` below `parent` (NULL: it is the root): the copy, or NULL. */
static xmlNode *copy_below(const xmlNode *node, const xmlNode *root, xmlNode *parent) {
    xmlNode *copy = copy_node(node);
    if (copy == NULL)
        return NULL;
    if (parent != NULL)
        xmppbind_draft_append(parent, copy);
    if (node->type != XML_ELEMENT_NODE || fill_element(node, root, copy) == XMPPBIND_OK)
        return copy;
    if (parent == NULL)
        xmlFreeNode(copy);
    return NULL;
}

/* No recursion: a tree may be deep. */
xmlNode *xmppbind_copy_element(const xmlNode *element) {
    const xmlNode *at = element;
    xmlNode *top = copy_below(at, element, NULL), *copy = top;
    while (copy != NULL) {
        const xmlNode *next = at->type == XML_ELEMENT_NODE ? at->children : NULL;
        xmlNode *parent = copy;
        while (next == NULL && at != element) {
            next = at->next;
            at = at->parent;
            parent = parent->parent;
        }
        if (next == NULL)
            return top;
        at = next;
        copy = copy_below(at, element, parent);
    }
    xmlFreeNode(top);
    return NULL;
}
