#include "receive.h"

#include "answer.h"
#include "draft.h"
#include "lib/binding/from.h"
#include "lib/binding/resource_list.h"
#include "namespaces.h"
#include "xmppbind/stanza.h"

static void free_stanza(void *payload) {
    xmlFreeNode(payload);
}

const struct xmppbind_payload_class xmppbind_stanza_payload = {free_stanza};

/* From here on the node is the library's alone. */
static inline xmlNode *take(xmlNode *node) {
    if (node->parent != NULL || node->prev != NULL || node->next != NULL)
        xmlUnlinkNode(node);
    return node;
}

/* One slot was reserved. */
static inline struct xmppbind_event *push(struct xmppbind_stream *stream, int kind, xmlNode *node,
                                          struct xmppbind_claim *claim) {
    struct xmppbind_event *event = xmppbind_stream_push(stream, kind, claim);
    event->u.payload = take(node);
    stream->payload_class = &xmppbind_stanza_payload;
    return event;
}

/* FROM-8: an answer is never answered. */
static int is_answer(const struct xmppbind_view *view, int *answer) {
    enum xmppbind_type type;
    int result = xmppbind_view_type(view, &type);
    if (result == XMPPBIND_OK)
        *answer = type == XMPPBIND_TYPE_ERROR || (type == XMPPBIND_TYPE_RESULT && view->element == XMPPBIND_ELEMENT_IQ);
    return result;
}

static void discard(struct xmppbind_stream *stream, xmlNode *node, int condition) {
    push(stream, XMPPBIND_EVENT_DISCARD, node, NULL)->condition = (uint8_t)condition;
}

static int close_for(struct xmppbind_stream *stream, xmlNode *node, int condition) {
    xmppbind_stream_close(stream, condition);
    xmlFreeNode(take(node));
    return XMPPBIND_OK;
}

static int give_back(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view, int condition) {
    int answer;
    int result = is_answer(view, &answer);
    if (result == XMPPBIND_OK && answer) {
        discard(stream, node, condition);
        return XMPPBIND_OK;
    }
    if (result == XMPPBIND_OK)
        result = xmppbind_answer_return(node, view, condition);
    if (result == XMPPBIND_OK)
        push(stream, XMPPBIND_EVENT_SEND, node, NULL);
    return result;
}

/* BIND-13; and BIND-5 for an answer that carries a bind or unbind. */
static int decide_unbound(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view) {
    int carries = view->content == XMPPBIND_CONTENT_BIND || view->content == XMPPBIND_CONTENT_UNBIND;
    int answer;
    int result = is_answer(view, &answer);
    if (result != XMPPBIND_OK)
        return result;
    if (!carries || !answer)
        return close_for(stream, node, XMPPBIND_CONDITION_NOT_AUTHORIZED);
    discard(stream, node, XMPPBIND_CONDITION_NOT_AUTHORIZED);
    return XMPPBIND_OK;
}

/* Whether the server itself answers: a session request of an old client (BIND-14). */
static int is_session_request(const struct xmppbind_stream *stream, const struct xmppbind_view *view, int *answer) {
    enum xmppbind_type type;
    struct xmppbind_value to;
    *answer = 0;
    if (view->content != XMPPBIND_CONTENT_SESSION)
        return XMPPBIND_OK;
    int result = xmppbind_view_type(view, &type);
    if (result != XMPPBIND_OK || type != XMPPBIND_TYPE_SET)
        return result;
    result = xmppbind_value_read(view->to, &to);
    if (result == XMPPBIND_OK)
        result = xmppbind_view_is_here(stream, &to, answer);
    xmppbind_value_free(&to);
    return result;
}

static int answer_session(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view) {
    struct xmppbind_value id;
    int result = xmppbind_value_read(view->id, &id);
    if (result != XMPPBIND_OK)
        return result;
    int condition = id.length == 0 ? XMPPBIND_CONDITION_BAD_REQUEST : XMPPBIND_CONDITION_NONE;
    xmppbind_value_free(&id);
    result = xmppbind_answer_request(stream, node, condition, NULL, 0);
    if (result == XMPPBIND_OK)
        push(stream, XMPPBIND_EVENT_SEND, node, NULL);
    return result;
}

/* FROM-5 */
static int is_subscription(const struct xmppbind_view *view, int *subscription) {
    enum xmppbind_type type = XMPPBIND_TYPE_OTHER;
    int result = view->element == XMPPBIND_ELEMENT_PRESENCE ? xmppbind_view_type(view, &type) : XMPPBIND_OK;
    *subscription = type == XMPPBIND_TYPE_SUBSCRIPTION;
    return result;
}

/* The sender is known: the stanza gets its stamp and goes on. */
static int accept(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view,
                  const struct xmppbind_value *from, struct xmppbind_claim *sender) {
    int answer, bare;
    int result = is_session_request(stream, view, &answer);
    if (result == XMPPBIND_OK && answer)
        return answer_session(stream, node, view);
    if (result == XMPPBIND_OK)
        result = is_subscription(view, &bare);
    if (result != XMPPBIND_OK)
        return result;
    const char *stamp = bare ? stream->account : sender->text;
    int stamped = from->text != NULL && from->owned == NULL && strcmp(from->text, stamp) == 0;
    if (!stamped)
        result = xmppbind_set_attribute(node, view->from, "from", stamp);
    if (result == XMPPBIND_OK)
        push(stream, XMPPBIND_EVENT_ROUTE, node, sender);
    return result;
}

/* `decision` is that of xmppbind_from_decide(). */
static int carry_out(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view,
                     const struct xmppbind_value *from, int decision, struct xmppbind_claim *sender) {
    switch (decision) {
    case XMPPBIND_OK:
        return accept(stream, node, view, from, sender);
    case XMPPBIND_ERROR_NO_MEMORY:
        return decision;
    case XMPPBIND_ERROR_UNKNOWN_SENDER:
        return give_back(stream, node, view, XMPPBIND_CONDITION_UNKNOWN_SENDER);
    case XMPPBIND_ERROR_JID_MALFORMED:
        return give_back(stream, node, view, XMPPBIND_CONDITION_JID_MALFORMED);
    default:
        return close_for(stream, node, XMPPBIND_CONDITION_INVALID_FROM); /* FROM-6 */
    }
}

int xmppbind_stanza_decide(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view) {
    int result = xmppbind_stream_reserve(stream, 1);
    if (result != XMPPBIND_OK)
        return result;
    if ((xmppbind_stream_attention(stream) & XMPPBIND_UNBOUND) != 0)
        return decide_unbound(stream, node, view);
    struct xmppbind_value from;
    struct xmppbind_claim *sender = NULL;
    result = xmppbind_value_read(view->from, &from);
    if (result == XMPPBIND_OK) {
        int decision = xmppbind_from_decide(stream, from.text, from.length, &sender);
        result = carry_out(stream, node, view, &from, decision, sender);
    }
    xmppbind_value_free(&from);
    return result;
}

/* Behind a bind or unbind that waits, or as one itself. */
static int submit(struct xmppbind_stream *stream, xmlNode *node, int kind) {
    int result = xmppbind_operation_admits(stream);
    if (result != XMPPBIND_OK)
        return result;
    struct xmppbind_operation *operation = xmppbind_operation_new(stream, &xmppbind_stanza_operations, NULL, 0);
    if (operation == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    stream->payload_class = &xmppbind_stanza_payload;
    operation->kind = (uint8_t)kind;
    operation->payload = take(node);
    xmppbind_operation_submit(stream, operation);
    return XMPPBIND_OK;
}

static int receive(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view) {
    int is_request;
    int result = xmppbind_stream_accepts(stream);
    if (result == XMPPBIND_OK)
        result = xmppbind_view_is_request(stream, view, &is_request);
    if (result != XMPPBIND_OK)
        return result;
    if (is_request || (xmppbind_stream_attention(stream) & XMPPBIND_PENDING) != 0)
        return submit(stream, node, is_request ? XMPPBIND_OPERATION_REQUEST : XMPPBIND_OPERATION_STANZA);
    return xmppbind_stanza_decide(stream, node, view);
}

/* The same for a stanza that nothing but its 'from' decides, which is no bound full JID as it came; there is room for
 * an event. */
static int decide_unknown(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view,
                          const struct xmppbind_value *from) {
    struct xmppbind_claim *sender = NULL;
    (void)xmppbind_stream_enter(stream); /* it is quiet: no call is inside */
    int decision = xmppbind_from_decide_unknown(stream, from->text, from->length, &sender);
    int result = carry_out(stream, node, view, from, decision, sender);
    xmppbind_stream_leave(stream);
    return result;
}

static int receive_slowly(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view) {
    int result = xmppbind_stream_enter(stream);
    if (result != XMPPBIND_OK)
        return result;
    result = view == NULL ? XMPPBIND_ERROR_NOT_A_STANZA : receive(stream, node, view);
    xmppbind_stream_leave(stream);
    return result;
}

/* By far the most stanzas: nothing is due, 'from' is a bound full JID as it came, and nothing but that decides. No
 * memory is needed and nobody is called, so the stream is not even entered. */
static int receive_view(struct xmppbind_stream *stream, xmlNode *node, const struct xmppbind_view *view) {
    const char *from = xmppbind_value_plain(view->from);
    int plain =
        view->content == XMPPBIND_CONTENT_OTHER && (view->element != XMPPBIND_ELEMENT_PRESENCE || view->type == NULL);
    if (from == NULL || !plain ||
        (xmppbind_stream_attention(stream) & ~(uint32_t)(XMPPBIND_READY | XMPPBIND_LAYERED)) != 0 ||
        xmppbind_event_queue_room(&stream->events) == 0)
        return receive_slowly(stream, node, view);
    struct xmppbind_claim *sender = stream->sender;
    if (sender == NULL || strcmp(sender->text, from) != 0) {
        struct xmppbind_value value = {from, strlen(from), NULL};
        sender = xmppbind_from_known(stream, from, value.length);
        if (sender == NULL)
            return decide_unknown(stream, node, view, &value);
    }
    push(stream, XMPPBIND_EVENT_ROUTE, node, sender);
    return XMPPBIND_OK;
}

int xmppbind_stream_receive(xmppbind_stream *stream, xmlNode *stanza) {
    struct xmppbind_view view;
    if (stream == NULL || stanza == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    if (xmppbind_view_read(stanza, &view) != XMPPBIND_OK)
        return receive_slowly(stream, stanza, NULL);
    if (stanza->parent != NULL && xmppbind_namespaces_own(stanza) != XMPPBIND_OK)
        return XMPPBIND_ERROR_NO_MEMORY;
    return receive_view(stream, stanza, &view);
}
