#include "letter.h"

#include "lib/binding/preparation.h"
#include "lib/stanza/draft.h"

struct word {
    const char *text;
    enum xmppbind_letter_type type;
};

static const struct word message_types[] = {
    {"normal", XMPPBIND_LETTER_NORMAL},     {"chat", XMPPBIND_LETTER_CHAT},   {"groupchat", XMPPBIND_LETTER_GROUPCHAT},
    {"headline", XMPPBIND_LETTER_HEADLINE}, {"error", XMPPBIND_LETTER_ERROR}, {NULL, XMPPBIND_LETTER_NORMAL}};
static const struct word presence_types[] = {{"unavailable", XMPPBIND_LETTER_UNAVAILABLE},
                                             {"probe", XMPPBIND_LETTER_PROBE},
                                             {"subscribe", XMPPBIND_LETTER_SUBSCRIBE},
                                             {"subscribed", XMPPBIND_LETTER_SUBSCRIBED},
                                             {"unsubscribe", XMPPBIND_LETTER_UNSUBSCRIBE},
                                             {"unsubscribed", XMPPBIND_LETTER_UNSUBSCRIBED},
                                             {"error", XMPPBIND_LETTER_ERROR},
                                             {NULL, XMPPBIND_LETTER_OTHER}};
static const struct word iq_types[] = {{"get", XMPPBIND_LETTER_GET},
                                       {"set", XMPPBIND_LETTER_SET},
                                       {"result", XMPPBIND_LETTER_RESULT},
                                       {"error", XMPPBIND_LETTER_ERROR},
                                       {NULL, XMPPBIND_LETTER_OTHER}};

static enum xmppbind_letter_type type_of(enum xmppbind_element element, const char *text) {
    const struct word *word = element == XMPPBIND_ELEMENT_MESSAGE    ? message_types
                              : element == XMPPBIND_ELEMENT_PRESENCE ? presence_types
                                                                     : iq_types;
    if (text == NULL && element == XMPPBIND_ELEMENT_PRESENCE)
        return XMPPBIND_LETTER_AVAILABLE;
    while (word->text != NULL && (text == NULL || strcmp(word->text, text) != 0))
        word++;
    return word->type;
}

static int read_type(const struct xmppbind_view *view, struct xmppbind_letter *letter) {
    struct xmppbind_value value;
    int result = xmppbind_value_read(view->type, &value);
    if (result == XMPPBIND_OK)
        letter->type = type_of(letter->element, value.text);
    xmppbind_value_free(&value);
    return result;
}

static int read_address(const struct xmppbind_host *host, const xmlAttr *attribute,
                        struct xmppbind_letter_address *address) {
    struct xmppbind_value value;
    int result = xmppbind_value_read(attribute, &value);
    address->given = attribute != NULL;
    address->length = address->bare_length = 0;
    address->result = XMPPBIND_ERROR_ADDRESS_EMPTY;
    if (result == XMPPBIND_OK && value.text != NULL) {
        address->result = xmppbind_preparation_jid(host, value.text, value.length, address->jid, sizeof address->jid,
                                                   &address->length, &address->bare_length);
        if (address->result == XMPPBIND_ERROR_NO_MEMORY)
            result = address->result;
    }
    xmppbind_value_free(&value);
    if (address->result == XMPPBIND_OK)
        memcpy(address->bare, address->jid, address->bare_length);
    else
        address->length = address->bare_length = 0;
    address->jid[address->length] = '\0';
    address->bare[address->bare_length] = '\0';
    return result;
}

int xmppbind_letter_read(const struct xmppbind_host *host, xmlNode *node, int with_from,
                         struct xmppbind_letter *letter) {
    struct xmppbind_view view;
    int result = xmppbind_view_read(node, &view);
    if (result != XMPPBIND_OK)
        return result;
    letter->node = node;
    letter->element = view.element;
    result = read_type(&view, letter);
    if (result == XMPPBIND_OK)
        result = read_address(host, view.to, &letter->to);
    if (result == XMPPBIND_OK && with_from)
        result = read_address(host, view.from, &letter->from);
    return result;
}

static const char *space_of(const xmlNode *node) {
    return node->ns == NULL || node->ns->href == NULL ? "jabber:client" : (const char *)node->ns->href;
}

int xmppbind_letter_shares_space(const xmlNode *left, const xmlNode *right) {
    return left->ns == right->ns || strcmp(space_of(left), space_of(right)) == 0;
}

static int is_named(const xmlNode *node, const char *name, const char *space) {
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0 && node->ns != NULL &&
           node->ns->href != NULL && strcmp((const char *)node->ns->href, space) == 0;
}

static xmlNode *find(xmlNode *node, const char *name, const char *space) {
    while (node != NULL && !is_named(node, name, space))
        node = node->next;
    return node;
}

xmlNode *xmppbind_letter_child(const xmlNode *parent, const char *name, const char *space) {
    return find(parent->children, name, space);
}

xmlNode *xmppbind_letter_next(const xmlNode *at, const char *name, const char *space) {
    return find(at->next, name, space);
}
