#include "answer.h"
#include "draft.h"
#include "lib/binding/from.h"

static int copy_attribute(xmlNode *draft, const char *name, const xmlAttr *attribute) {
    struct xmppbind_value value;
    int result = xmppbind_value_read(attribute, &value);
    if (result == XMPPBIND_OK && value.text != NULL)
        result = xmppbind_draft_attribute(draft, name, value.text);
    xmppbind_value_free(&value);
    return result;
}

/* BIND-7: 'to' is what came as 'from', if that was of this account. */
static int draft_to(const struct xmppbind_stream *stream, xmlNode *draft, const xmlAttr *from) {
    struct xmppbind_value value;
    if (from == NULL)
        return XMPPBIND_OK;
    int result = xmppbind_value_read(from, &value);
    enum xmppbind_from whose =
        result == XMPPBIND_OK ? xmppbind_from_classify(stream, value.text, value.length) : XMPPBIND_FROM_UNDECIDED;
    if (whose == XMPPBIND_FROM_UNDECIDED)
        result = XMPPBIND_ERROR_NO_MEMORY;
    else if (whose == XMPPBIND_FROM_ACCOUNT)
        result = xmppbind_draft_attribute(draft, "to", value.text);
    xmppbind_value_free(&value);
    return result;
}

static int draft_jid(xmlNode *draft, const char *jid, size_t length) {
    xmlNode *bind, *child;
    int result = xmppbind_draft_child(draft, "bind", XMPPBIND_NS_BIND, &bind);
    if (result == XMPPBIND_OK)
        result = xmppbind_draft_child(bind, "jid", NULL, &child);
    return result == XMPPBIND_OK ? xmppbind_draft_text(child, jid, length) : result;
}

static int draft_answer(const struct xmppbind_stream *stream, xmlNode *draft, const xmlAttr *from, int condition,
                        const char *jid, size_t jid_length) {
    int refused = condition != XMPPBIND_CONDITION_NONE;
    int result = xmppbind_draft_attribute(draft, "type", refused ? "error" : "result");
    if (result == XMPPBIND_OK)
        result = draft_to(stream, draft, from);
    if (result == XMPPBIND_OK && refused)
        return xmppbind_draft_error(draft, condition);
    if (result == XMPPBIND_OK && jid != NULL)
        return draft_jid(draft, jid, jid_length);
    return result;
}

/* As xmppbind_value_read() sees it, where a reference is not empty. */
static int is_empty(const xmlAttr *attribute) {
    for (const xmlNode *node = attribute->children; node != NULL; node = node->next) {
        int text = node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
        if (!text || (node->content != NULL && node->content[0] != '\0'))
            return 0;
    }
    return 1;
}

/* An empty id is no id: it does not go back (BIND-6). */
static void drop_empty_id(xmlNode *request) {
    xmlAttr *id = xmppbind_draft_find(request, "id");
    if (id != NULL && is_empty(id)) {
        xmlUnlinkNode((xmlNode *)id);
        xmlFreeProp(id);
    }
}

int xmppbind_answer_request(const struct xmppbind_stream *stream, xmlNode *request, int condition, const char *jid,
                            size_t jid_length) {
    xmlNode draft;
    xmppbind_draft_begin(&draft, request);
    int result = draft_answer(stream, &draft, xmppbind_draft_find(request, "from"), condition, jid, jid_length);
    if (result != XMPPBIND_OK) {
        xmppbind_draft_drop(&draft);
        return result;
    }
    drop_empty_id(request);
    xmppbind_draft_commit(&draft, request, XMPPBIND_KEEP_ID);
    return XMPPBIND_OK;
}

int xmppbind_answer_return(xmlNode *stanza, const struct xmppbind_view *view, int condition) {
    xmlNode draft;
    xmppbind_draft_begin(&draft, stanza);
    int result = xmppbind_draft_attribute(&draft, "type", "error");
    if (result == XMPPBIND_OK)
        result = copy_attribute(&draft, "to", view->from);
    if (result == XMPPBIND_OK)
        result = copy_attribute(&draft, "from", view->to);
    if (result == XMPPBIND_OK)
        result = xmppbind_draft_error(&draft, condition);
    if (result == XMPPBIND_OK)
        xmppbind_draft_commit(&draft, stanza, XMPPBIND_KEEP_CONTENT);
    else
        xmppbind_draft_drop(&draft);
    return result;
}
