#include "view.h"
#include "lib/binding/from.h"

static int equals(const xmlChar *text, const char *word) {
    return strcmp((const char *)text, word) == 0;
}

static int element_of(const xmlNode *node) {
    if (node == NULL || node->type != XML_ELEMENT_NODE || node->name == NULL)
        return 0;
    if (node->ns != NULL && (node->ns->href == NULL || !equals(node->ns->href, "jabber:client")))
        return 0;
    if (equals(node->name, "message"))
        return XMPPBIND_ELEMENT_MESSAGE;
    if (equals(node->name, "presence"))
        return XMPPBIND_ELEMENT_PRESENCE;
    return equals(node->name, "iq") ? XMPPBIND_ELEMENT_IQ : 0;
}

static enum xmppbind_type type_of(const char *text) {
    static const struct {
        const char *word;
        enum xmppbind_type type;
    } types[] = {{"get", XMPPBIND_TYPE_GET},
                 {"set", XMPPBIND_TYPE_SET},
                 {"result", XMPPBIND_TYPE_RESULT},
                 {"error", XMPPBIND_TYPE_ERROR},
                 {"subscribe", XMPPBIND_TYPE_SUBSCRIPTION},
                 {"subscribed", XMPPBIND_TYPE_SUBSCRIPTION},
                 {"unsubscribe", XMPPBIND_TYPE_SUBSCRIPTION},
                 {"unsubscribed", XMPPBIND_TYPE_SUBSCRIPTION}};
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].word[0] == text[0] && strcmp(types[i].word, text) == 0)
            return types[i].type;
    return XMPPBIND_TYPE_OTHER;
}

static int read_type(const xmlAttr *attribute, struct xmppbind_view *view) {
    struct xmppbind_value value;
    int result = xmppbind_value_read(attribute, &value);
    if (result == XMPPBIND_OK)
        view->type = type_of(value.text);
    xmppbind_value_free(&value);
    return result;
}

/* Only attributes without a namespace count (FROM-10). */
static int read_attributes(const xmlNode *node, struct xmppbind_view *view) {
    int result = XMPPBIND_OK;
    for (xmlAttr *attribute = node->properties; attribute != NULL && result == XMPPBIND_OK;
         attribute = attribute->next) {
        if (attribute->ns != NULL)
            continue;
        if (equals(attribute->name, "from"))
            view->from = attribute;
        else if (equals(attribute->name, "to"))
            view->to = attribute;
        else if (equals(attribute->name, "id"))
            view->id = attribute;
        else if (equals(attribute->name, "type"))
            result = read_type(attribute, view);
    }
    return result;
}

static enum xmppbind_content content_of(const xmlNode *child) {
    if (xmppbind_is_element(child, "bind", XMPPBIND_NS_BIND))
        return XMPPBIND_CONTENT_BIND;
    if (xmppbind_is_element(child, "unbind", XMPPBIND_NS_BIND))
        return XMPPBIND_CONTENT_UNBIND;
    if (xmppbind_is_element(child, "session", XMPPBIND_NS_SESSION))
        return XMPPBIND_CONTENT_SESSION;
    return XMPPBIND_CONTENT_OTHER;
}

/* A bind or unbind counts wherever it stands among the children, a session only alone. */
static void read_children(const xmlNode *node, struct xmppbind_view *view) {
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
    int element = element_of(node);
    *view = (struct xmppbind_view){0};
    if (element == 0)
        return XMPPBIND_ERROR_NOT_A_STANZA;
    view->element = (enum xmppbind_element)element;
    if (view->element == XMPPBIND_ELEMENT_IQ) /* BIND-17 */
        read_children(node, view);
    return read_attributes(node, view);
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

int xmppbind_value_read(const xmlAttr *attribute, struct xmppbind_value *value) {
    *value = (struct xmppbind_value){NULL, 0, NULL};
    if (attribute == NULL)
        return XMPPBIND_OK;
    const xmlNode *first = attribute->children;
    if (first != NULL && (first->next != NULL || first->type != XML_TEXT_NODE))
        return join(first, value);
    value->text = first == NULL || first->content == NULL ? "" : (const char *)first->content;
    value->length = strlen(value->text);
    return XMPPBIND_OK;
}

void xmppbind_value_free(struct xmppbind_value *value) {
    if (value->owned != NULL)
        xmlFree(value->owned);
    value->owned = NULL;
}

int xmppbind_view_is_request(const struct xmppbind_stream *stream, const struct xmppbind_view *view, int *is_request) {
    int asks = view->content == XMPPBIND_CONTENT_BIND || view->content == XMPPBIND_CONTENT_UNBIND;
    *is_request = 0;
    if (!asks || view->type == XMPPBIND_TYPE_RESULT || view->type == XMPPBIND_TYPE_ERROR)
        return XMPPBIND_OK;
    struct xmppbind_value to;
    int result = xmppbind_value_read(view->to, &to);
    if (result == XMPPBIND_OK)
        *is_request = to.text == NULL || xmppbind_from_is_account_or_domain(stream, to.text, to.length);
    xmppbind_value_free(&to);
    return result;
}
