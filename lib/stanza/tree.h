/* Walking the tree of a stanza. */
#ifndef XMPPBIND_STANZA_TREE_H
#define XMPPBIND_STANZA_TREE_H

#include <libxml/tree.h>

/* The node after `at` in the order of the text, or NULL at the end of `root`. No recursion: a tree may be deep. */
static inline xmlNode *xmppbind_tree_following(const xmlNode *root, xmlNode *at) {
    if (at->type == XML_ELEMENT_NODE && at->children != NULL)
        return at->children;
    while (at != root && at->next == NULL)
        at = at->parent;
    return at == root ? NULL : at->next;
}

#endif
