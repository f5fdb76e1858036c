/*
 * Trees in the making. libxml2 hands out nodes without a name and attributes without a value when it finds no memory
 * for them, so every piece is checked here. A change to a stanza is drafted completely first and then committed without
 * any allocation: a stanza is changed as a whole or not at all.
 */
#ifndef XMPPBIND_STANZA_DRAFT_H
#define XMPPBIND_STANZA_DRAFT_H

#include "view.h"

/* An element without a namespace, in the caller's memory, to be committed to `stanza` or dropped. */
void xmppbind_draft_begin(xmlNode *draft, const xmlNode *stanza);
void xmppbind_draft_drop(xmlNode *draft);
/* The attribute of this name, without a namespace, or NULL. */
xmlAttr *xmppbind_draft_find(const xmlNode *element, const char *name);
/* All return XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY; what was added before stays. */
int xmppbind_draft_attribute(xmlNode *element, const char *name, const char *value);
/* A child that declares `href` as its namespace; or none when `href` is NULL and it is in that of its parent. */
int xmppbind_draft_child(xmlNode *parent, const char *name, const char *href, xmlNode **child);
int xmppbind_draft_text(xmlNode *element, const char *text, size_t length);
/* A node that stands alone, of the document of `parent`, becomes its last child. Never fails. */
void xmppbind_draft_append(xmlNode *parent, xmlNode *child);
/* `<error type='...'><condition xmlns='...'/></error>` */
int xmppbind_draft_error(xmlNode *parent, int condition);
/* Appends the draft's children to `stanza`'s own. Never fails. */
void xmppbind_draft_move_children(const xmlNode *draft, xmlNode *stanza);

enum xmppbind_keep {
    XMPPBIND_KEEP_ID,     /* of the stanza's own: its id alone */
    XMPPBIND_KEEP_CONTENT /* its id, its children and its attributes other than type, to and from */
};
/* Makes `stanza` what `draft` says; nothing is left in the draft. Never fails. */
void xmppbind_draft_commit(xmlNode *draft, xmlNode *stanza, enum xmppbind_keep keep);

/* Gives an attribute a new value, or adds it: XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY (nothing changed). */
int xmppbind_set_attribute(xmlNode *element, xmlAttr *attribute, const char *name, const char *value);

#endif
