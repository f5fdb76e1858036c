/* Requests to bind and unbind, as operations of the state machine. */
#include "receive.h"

#include "answer.h"
#include "lib/address/address.h"
#include "lib/binding/from.h"

/* The character data of a resource element. Text may be split over nodes; comments are skipped; anything else is no
 * resource. */
static int read_text(const xmlNode *element, char text[XMPPBIND_PART_INPUT + 1], size_t *length) {
    *length = 0;
    for (const xmlNode *node = element->children; node != NULL; node = node->next) {
        if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE)
            continue;
        if ((node->type != XML_TEXT_NODE && node->type != XML_CDATA_SECTION_NODE) || node->content == NULL)
            return XMPPBIND_CONDITION_BAD_REQUEST;
        size_t part = strlen((const char *)node->content);
        if (part > XMPPBIND_PART_INPUT - *length) /* never truncated (BIND-3) */
            return XMPPBIND_CONDITION_BAD_REQUEST;
        memcpy(text + *length, node->content, part);
        *length += part;
    }
    text[*length] = '\0';
    return XMPPBIND_CONDITION_NONE;
}

static int is_named(const xmlNode *node, const char *name) {
    return strcmp((const char *)node->name, name) == 0;
}

/* The one resource element of a bind or unbind, or NULL; elements of other namespaces are ignored (BIND-4, UNBIND-4),
 * and the <required/> of the feature: libstrophe, on which other clients are built, sends it back. */
static int find_resource(const xmlNode *child, const xmlNode **resource) {
    *resource = NULL;
    for (const xmlNode *node = child->children; node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE || node->ns == NULL || node->ns->href == NULL ||
            strcmp((const char *)node->ns->href, XMPPBIND_NS_BIND) != 0)
            continue;
        if (*resource == NULL && is_named(node, "resource"))
            *resource = node;
        else if (!is_named(node, "required") || !is_named(child, "bind"))
            return XMPPBIND_CONDITION_BAD_REQUEST;
    }
    return XMPPBIND_CONDITION_NONE;
}

/* What is wrong with the form of a request, or none (BIND-4 to BIND-6). */
static int check_form(const struct xmppbind_view *view, int *condition) {
    struct xmppbind_value id;
    enum xmppbind_type type;
    int result = xmppbind_value_read(view->id, &id);
    if (result == XMPPBIND_OK)
        result = xmppbind_view_type(view, &type);
    if (result == XMPPBIND_OK)
        *condition = id.length > 0 && type == XMPPBIND_TYPE_SET && !view->crowded ? XMPPBIND_CONDITION_NONE
                                                                                  : XMPPBIND_CONDITION_BAD_REQUEST;
    xmppbind_value_free(&id);
    return result;
}

static int refuse(struct xmppbind_stream *stream, struct xmppbind_operation *operation,
                  const struct xmppbind_view *view, int condition) {
    return view->content == XMPPBIND_CONTENT_BIND ? xmppbind_bind_refuse(stream, operation, condition)
                                                  : xmppbind_operation_refuse(stream, operation, condition);
}

static int start_checked(struct xmppbind_stream *stream, struct xmppbind_operation *operation,
                         const struct xmppbind_view *view) {
    const xmlNode *resource = NULL;
    char text[XMPPBIND_PART_INPUT + 1];
    size_t length = 0;
    int condition = XMPPBIND_CONDITION_BAD_REQUEST;
    int result = check_form(view, &condition);
    if (result != XMPPBIND_OK)
        return result;
    if (condition == XMPPBIND_CONDITION_NONE)
        condition = find_resource(view->child, &resource);
    if (condition == XMPPBIND_CONDITION_NONE && resource != NULL)
        condition = read_text(resource, text, &length);
    if (condition == XMPPBIND_CONDITION_NONE && resource == NULL && view->content == XMPPBIND_CONTENT_UNBIND)
        condition = XMPPBIND_CONDITION_BAD_REQUEST; /* UNBIND-4 */
    if (condition != XMPPBIND_CONDITION_NONE)
        return refuse(stream, operation, view, condition);
    if (view->content == XMPPBIND_CONTENT_UNBIND)
        return xmppbind_unbind_start(stream, operation, text, length);
    return xmppbind_bind_start(stream, operation, resource == NULL ? NULL : text, length);
}

/* BIND-8: any address of the account will do. */
static int start_request(struct xmppbind_stream *stream, struct xmppbind_operation *operation,
                         const struct xmppbind_view *view) {
    struct xmppbind_value from;
    if (view->from == NULL)
        return start_checked(stream, operation, view);
    int result = xmppbind_value_read(view->from, &from);
    if (result != XMPPBIND_OK)
        return result;
    enum xmppbind_from whose = xmppbind_from_classify(stream, from.text, from.length);
    xmppbind_value_free(&from);
    if (whose == XMPPBIND_FROM_UNDECIDED)
        return XMPPBIND_ERROR_NO_MEMORY;
    if (whose == XMPPBIND_FROM_MALFORMED)
        return refuse(stream, operation, view, XMPPBIND_CONDITION_JID_MALFORMED);
    if (whose != XMPPBIND_FROM_FOREIGN)
        return start_checked(stream, operation, view);
    result = xmppbind_stream_reserve(stream, 1);
    if (result == XMPPBIND_OK) {
        xmppbind_operation_finish(stream);
        xmppbind_stream_close(stream, XMPPBIND_CONDITION_INVALID_FROM);
    }
    return result;
}

static int start(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    struct xmppbind_view view;
    (void)xmppbind_view_read(operation->payload, &view); /* it was a stanza when it came */
    if (operation->kind == XMPPBIND_OPERATION_REQUEST)
        return start_request(stream, operation, &view);
    int result = xmppbind_stanza_decide(stream, operation->payload, &view);
    if (result == XMPPBIND_OK) {
        operation->payload = NULL;
        xmppbind_operation_finish(stream);
    }
    return result;
}

/* The request becomes its own answer. */
static int answer(struct xmppbind_stream *stream, struct xmppbind_operation *operation, int condition,
                  struct xmppbind_claim *claim, struct xmppbind_event *event) {
    int binds = claim != NULL && operation->step == XMPPBIND_STEP_BINDING;
    int result = xmppbind_answer_request(stream, operation->payload, condition, binds ? claim->text : NULL,
                                         binds ? claim->request.length : 0);
    if (result != XMPPBIND_OK)
        return result;
    event->kind = XMPPBIND_EVENT_SEND;
    event->u.payload = operation->payload;
    operation->payload = NULL;
    return XMPPBIND_OK;
}

static int flush(struct xmppbind_stream *stream, struct xmppbind_operation *operation) {
    struct xmppbind_view view;
    if (operation->kind == XMPPBIND_OPERATION_REQUEST)
        return XMPPBIND_OK;
    (void)xmppbind_view_read(operation->payload, &view);
    int result = xmppbind_stanza_decide(stream, operation->payload, &view);
    if (result == XMPPBIND_OK)
        operation->payload = NULL;
    return result;
}

const struct xmppbind_operation_class xmppbind_stanza_operations = {start, answer, flush};
