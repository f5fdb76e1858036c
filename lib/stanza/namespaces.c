#include "namespaces.h"

#include "tree.h"

#include "xmppbind/base.h"

#include <string.h>

static int is_same(const xmlChar *left, const xmlChar *right) {
    return left == right || (left != NULL && right != NULL && strcmp((const char *)left, (const char *)right) == 0);
}

xmlNs *xmppbind_namespaces_declared(const xmlNode *element, const xmlChar *prefix) {
    xmlNs *ns = element->nsDef;
    while (ns != NULL && !is_same(ns->prefix, prefix))
        ns = ns->next;
    return ns;
}

/* What the prefix of `ns` stands for at `at`, as far as the stanza itself says; or NULL. */
static xmlNs *in_scope(const xmlNode *stanza, const xmlNode *at, const xmlNs *ns) {
    for (;; at = at->parent) {
        xmlNs *found = xmppbind_namespaces_declared(at, ns->prefix);
        if (found != NULL || at == stanza)
            return found;
    }
}

/* A prefix may be declared on the stanza for all that is in it; the default namespace only if the stanza is in it, for
 * otherwise elements in no namespace would come into it. */
static xmlNode *place_for(xmlNode *stanza, xmlNode *at, const xmlNs *ns) {
    int by_all = ns->prefix != NULL || (stanza->ns != NULL && stanza->ns->prefix == NULL);
    return by_all ? stanza : at;
}

/* libxml2 hands out a declaration without its texts when it finds no memory for them. */
static xmlNs *declare(xmlNode *place, const xmlNs *like) {
    xmlNs **last = &place->nsDef;
    while (*last != NULL)
        last = &(*last)->next;
    xmlNs *made = xmlNewNs(place, like->href, like->prefix);
    if (made != NULL && is_same(made->href, like->href) && is_same(made->prefix, like->prefix))
        return made;
    xmlFreeNs(*last);
    *last = NULL;
    return NULL;
}

/* Makes `*ns`, which is used at `at`, one of the stanza's own. */
static int own(xmlNode *stanza, xmlNode *at, xmlNs **ns) {
    if (*ns == NULL || (*ns)->href == NULL || is_same((*ns)->prefix, (const xmlChar *)"xml")) /* needs no declaration */
        return XMPPBIND_OK;
    xmlNs *found = in_scope(stanza, at, *ns);
    if (found == NULL)
        found = declare(place_for(stanza, at, *ns), *ns);
    else if (!is_same(found->href, (*ns)->href)) /* the prefix stands for something else here */
        found = xmppbind_namespaces_declared(at, (*ns)->prefix) == NULL ? declare(at, *ns) : *ns;
    if (found == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    *ns = found;
    return XMPPBIND_OK;
}

static int own_all(xmlNode *stanza, xmlNode *element) {
    int result = own(stanza, element, &element->ns);
    for (xmlAttr *attribute = element->properties; attribute != NULL && result == XMPPBIND_OK;
         attribute = attribute->next)
        result = own(stanza, element, &attribute->ns);
    return result;
}

int xmppbind_namespaces_own(xmlNode *stanza) {
    int result = XMPPBIND_OK;
    for (xmlNode *at = stanza; at != NULL && result == XMPPBIND_OK; at = xmppbind_tree_following(stanza, at))
        if (at->type == XML_ELEMENT_NODE)
            result = own_all(stanza, at);
    return result;
}
