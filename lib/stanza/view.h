/* What the library needs to know of an element: read once, without changing it. */
#ifndef XMPPBIND_STANZA_VIEW_H
#define XMPPBIND_STANZA_VIEW_H

#include "lib/binding/stream.h"

#include <libxml/tree.h>

#define XMPPBIND_NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define XMPPBIND_NS_SESSION "urn:ietf:params:xml:ns:xmpp-session"
#define XMPPBIND_NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

enum xmppbind_element { XMPPBIND_ELEMENT_MESSAGE = 1, XMPPBIND_ELEMENT_PRESENCE, XMPPBIND_ELEMENT_IQ };

/* The type attribute, as far as it matters here. */
enum xmppbind_type {
    XMPPBIND_TYPE_OTHER,
    XMPPBIND_TYPE_GET,
    XMPPBIND_TYPE_SET,
    XMPPBIND_TYPE_RESULT,
    XMPPBIND_TYPE_ERROR,
    XMPPBIND_TYPE_SUBSCRIPTION /* subscribe, subscribed, unsubscribe, unsubscribed */
};

/* What an IQ carries. */
enum xmppbind_content {
    XMPPBIND_CONTENT_OTHER,
    XMPPBIND_CONTENT_BIND,
    XMPPBIND_CONTENT_UNBIND,
    XMPPBIND_CONTENT_SESSION
};

struct xmppbind_view {
    enum xmppbind_element element;
    enum xmppbind_content content;
    int crowded;          /* the IQ has other child elements beside that content */
    const xmlNode *child; /* the first with that content */
    xmlAttr *from, *to, *id, *type;
};

/* XMPPBIND_OK, or XMPPBIND_ERROR_NOT_A_STANZA (FROM-10). */
int xmppbind_view_read(const xmlNode *node, struct xmppbind_view *view);
/* The type, which is not needed as a rule. */
int xmppbind_view_type(const struct xmppbind_view *view, enum xmppbind_type *type);

/* The value of an attribute; most are one text node and cost nothing. */
struct xmppbind_value {
    const char *text; /* NULL: no such attribute */
    size_t length;
    xmlChar *owned; /* freed by xmppbind_value_free() */
};
/* The text of an attribute that is one text node, or NULL. */
static inline const char *xmppbind_value_plain(const xmlAttr *attribute) {
    const xmlNode *text = attribute == NULL ? NULL : attribute->children;
    return text != NULL && text->next == NULL && text->type == XML_TEXT_NODE ? (const char *)text->content : NULL;
}
/* An attribute of several nodes, or of none. */
int xmppbind_value_join(const xmlAttr *attribute, struct xmppbind_value *value);
/* XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
static inline int xmppbind_value_read(const xmlAttr *attribute, struct xmppbind_value *value) {
    const char *plain = xmppbind_value_plain(attribute);
    value->text = plain;
    value->length = plain == NULL ? 0 : strlen(plain);
    value->owned = NULL;
    return plain != NULL || attribute == NULL ? XMPPBIND_OK : xmppbind_value_join(attribute, value);
}
static inline void xmppbind_value_free(struct xmppbind_value *value) {
    if (value->owned != NULL)
        xmlFree(value->owned);
}

/* Whether a 'to' is that of what the server itself answers: none, the account, or its domain. XMPPBIND_OK or
 * XMPPBIND_ERROR_NO_MEMORY. */
int xmppbind_view_is_here(const struct xmppbind_stream *stream, const struct xmppbind_value *to, int *here);

/* Whether it asks to bind or unbind: addressed to the account or its domain, and no answer (BIND-5). */
int xmppbind_view_is_request(const struct xmppbind_stream *stream, const struct xmppbind_view *view, int *is_request);

#endif
