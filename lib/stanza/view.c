#include "view.h"
#include "lib/base/text.h"
#include "lib/binding/from.h"

static int equals(const xmlChar *text, const char *word) {
    return strcmp((const char *)text, word) == 0;
}

static XMPPBIND_NOINLINE int is_client_namespace(const xmlNs *ns) {
    return ns->href != NULL && equals(ns->href, "jabber:client");
}

/* Spelled out, as the names of attributes are: each stanza passes here, and a call costs more than these few octets. */
static int element_of(const xmlChar *name) {
    switch (name[0]) {
    case 'm':
        return name[1] == 'e' && name[2] == 's' && name[3] == 's' && name[4] == 'a' && name[5] == 'g' &&
                       name[6] == 'e' && name[7] == '\0'
                   ? XMPPBIND_ELEMENT_MESSAGE
                   : 0;
    case 'p':
        return name[1] == 'r' && name[2] == 'e' && name[3] == 's' && name[4] == 'e' && name[5] == 'n' &&
                       name[6] == 'c' && name[7] == 'e' && name[8] == '\0'
                   ? XMPPBIND_ELEMENT_PRESENCE
                   : 0;
    case 'i':
        return name[1] == 'q' && name[2] == '\0' ? XMPPBIND_ELEMENT_IQ : 0;
    default:
        return 0;
    }
}

static enum xmppbind_type type_if(const char *text, const char *word, enum xmppbind_type type) {
    return strcmp(text, word) == 0 ? type : XMPPBIND_TYPE_OTHER;
}

/* One of subscribe, subscribed, unsubscribe and unsubscribed. */
static enum xmppbind_type type_if_subscription(const char *text) {
    if (strncmp(text, "un", 2) == 0)
        text += 2;
    int asks = strcmp(text, "subscribe") == 0 || strcmp(text, "subscribed") == 0;
    return asks ? XMPPBIND_TYPE_SUBSCRIPTION : XMPPBIND_TYPE_OTHER;
}

static enum xmppbind_type type_of(const char *text) {
    switch (text[0]) {
    case 'g':
        return type_if(text, "get", XMPPBIND_TYPE_GET);
    case 'r':
        return type_if(text, "result", XMPPBIND_TYPE_RESULT);
    case 'e':
        return type_if(text, "error", XMPPBIND_TYPE_ERROR);
    case 's':
        return text[1] == 'e' && text[2] == 't' && text[3] == '\0' ? XMPPBIND_TYPE_SET : type_if_subscription(text);
    case 'u':
        return type_if_subscription(text);
    default:
        return XMPPBIND_TYPE_OTHER;
    }
}

int xmppbind_view_type(const struct xmppbind_view *view, enum xmppbind_type *type) {
    struct xmppbind_value value;
    int result = xmppbind_value_read(view->type, &value);
    if (result == XMPPBIND_OK)
        *type = value.text == NULL ? XMPPBIND_TYPE_OTHER : type_of(value.text);
    xmppbind_value_free(&value);
    return result;
}

/* Where an attribute of this name is kept, or NULL. */
static xmlAttr **place_of(struct xmppbind_view *view, const xmlChar *name) {
    switch (name[0]) {
    case 'f':
        return name[1] == 'r' && name[2] == 'o' && name[3] == 'm' && name[4] == '\0' ? &view->from : NULL;
    case 'i':
        return name[1] == 'd' && name[2] == '\0' ? &view->id : NULL;
    case 't':
        if (name[1] == 'o' && name[2] == '\0')
            return &view->to;
        return name[1] == 'y' && name[2] == 'p' && name[3] == 'e' && name[4] == '\0' ? &view->type : NULL;
    default:
        return NULL;
    }
}

/* Only attributes without a namespace count (FROM-10). */
static void read_attributes(const xmlNode *node, struct xmppbind_view *view) {
    for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next) {
        xmlAttr **place = attribute->ns == NULL ? place_of(view, attribute->name) : NULL;
        if (place != NULL)
            *place = attribute;
    }
}

/* Of an element in some namespace. */
static int is_element(const xmlNode *node, const char *name, const char *href) {
    return equals(node->name, name) && node->ns->href != NULL && equals(node->ns->href, href);
}

static enum xmppbind_content content_of(const xmlNode *child) {
    switch (child->ns == NULL ? '\0' : child->name[0]) {
    case 'b':
        return is_element(child, "bind", XMPPBIND_NS_BIND) ? XMPPBIND_CONTENT_BIND : XMPPBIND_CONTENT_OTHER;
    case 'u':
        return is_element(child, "unbind", XMPPBIND_NS_BIND) ? XMPPBIND_CONTENT_UNBIND : XMPPBIND_CONTENT_OTHER;
    case 's':
        return is_element(child, "session", XMPPBIND_NS_SESSION) ? XMPPBIND_CONTENT_SESSION : XMPPBIND_CONTENT_OTHER;
    default:
        return XMPPBIND_CONTENT_OTHER;
    }
}

/* A bind or unbind counts wherever it stands among the children, a session only alone. */
static XMPPBIND_NOINLINE void read_children(const xmlNode *node, struct xmppbind_view *view) {
    int elements = 0;
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type != XML_ELEMENT_NODE)
            continue;
        enum xmppbind_content content = content_of(child);
        int stronger = content != XMPPBIND_CONTENT_OTHER &&
                       (view->content == XMPPBIND_CONTENT_OTHER || view->content == XMPPBIND_CONTENT_SESSION);
        elements++;
        if (stronger) {
            view->content = content;
            view->child = child;
        }
    }
    view->crowded = elements > 1;
    if (view->crowded && view->content == XMPPBIND_CONTENT_SESSION)
        view->content = XMPPBIND_CONTENT_OTHER;
}

int xmppbind_view_read(const xmlNode *node, struct xmppbind_view *view) {
    int element = node->type == XML_ELEMENT_NODE && node->name != NULL ? element_of(node->name) : 0;
    if (element == 0 || (node->ns != NULL && !is_client_namespace(node->ns)))
        return XMPPBIND_ERROR_NOT_A_STANZA;
    *view = (struct xmppbind_view){.element = (enum xmppbind_element)element};
    read_attributes(node, view);
    if (element == XMPPBIND_ELEMENT_IQ) /* BIND-17 */
        read_children(node, view);
    return XMPPBIND_OK;
}

/* A text that a reference stands in, which cannot be resolved without a DTD, is no address and no type: DEL is in
 * neither. */
static const char *part_of(const xmlNode *node) {
    int text = node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
    if (!text)
        return "\x7f";
    return node->content == NULL ? "" : (const char *)node->content;
}

static int join(const xmlNode *first, struct xmppbind_value *value) {
    size_t length = 0;
    for (const xmlNode *node = first; node != NULL; node = node->next)
        length += strlen(part_of(node));
    char *text = xmlMalloc(length + 1);
    if (text == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    value->owned = (xmlChar *)text;
    value->text = text;
    value->length = length;
    for (const xmlNode *node = first; node != NULL; node = node->next) {
        size_t part = strlen(part_of(node));
        memcpy(text, part_of(node), part);
        text += part;
    }
    *text = '\0';
    return XMPPBIND_OK;
}

int xmppbind_value_join(const xmlAttr *attribute, struct xmppbind_value *value) {
    const xmlNode *first = attribute->children;
    if (first != NULL && (first->next != NULL || first->type != XML_TEXT_NODE))
        return join(first, value);
    value->text = ""; /* no node, or one without a text */
    return XMPPBIND_OK;
}

int xmppbind_view_is_here(const struct xmppbind_stream *stream, const struct xmppbind_value *to, int *here) {
    *here = 1;
    return to->text == NULL ? XMPPBIND_OK : xmppbind_from_is_account_or_domain(stream, to->text, to->length, here);
}

int xmppbind_view_is_request(const struct xmppbind_stream *stream, const struct xmppbind_view *view, int *is_request) {
    int asks = view->content == XMPPBIND_CONTENT_BIND || view->content == XMPPBIND_CONTENT_UNBIND;
    enum xmppbind_type type;
    struct xmppbind_value to;
    *is_request = 0;
    if (!asks)
        return XMPPBIND_OK;
    int result = xmppbind_view_type(view, &type);
    if (result != XMPPBIND_OK || type == XMPPBIND_TYPE_RESULT || type == XMPPBIND_TYPE_ERROR)
        return result;
    result = xmppbind_value_read(view->to, &to);
    if (result == XMPPBIND_OK)
        result = xmppbind_view_is_here(stream, &to, is_request);
    xmppbind_value_free(&to);
    return result;
}
