#include "turn.h"

#include "copy.h"
#include "lib/stanza/draft.h"
#include "lib/stanza/parse.h"

#include <inttypes.h>
#include <stdio.h>

void xmppbind_turn_begin(struct xmppbind_turn *turn, struct xmppbind_sessions *sessions, struct xmppbind_box *origin) {
    *turn = (struct xmppbind_turn){.sessions = sessions, .origin = origin};
}

/* --- parcels ----------------------------------------------------------------------------------------------------- */

struct xmppbind_parcel *xmppbind_parcels_take(struct xmppbind_parcels *parcels) {
    struct xmppbind_parcel *parcel = parcels->first;
    if (parcel == NULL)
        return NULL;
    parcels->first = parcel->next;
    if (parcels->first == NULL)
        parcels->last = NULL;
    return parcel;
}

static void append(struct xmppbind_parcels *parcels, struct xmppbind_parcel *parcel) {
    parcel->next = NULL;
    *(parcels->last == NULL ? &parcels->first : &parcels->last->next) = parcel;
    parcels->last = parcel;
}

void xmppbind_parcels_free(struct xmppbind_sessions *sessions, struct xmppbind_parcels *parcels) {
    for (struct xmppbind_parcel *parcel; (parcel = xmppbind_parcels_take(parcels)) != NULL;) {
        if (!parcel->given)
            xmlFreeNode(parcel->node);
        xmppbind_memory_put(&sessions->memory, parcel);
    }
}

void xmppbind_parcels_leave(struct xmppbind_sessions *sessions, struct xmppbind_parcels *parcels) {
    struct xmppbind_parcels others = {NULL, NULL};
    for (struct xmppbind_parcel *parcel; (parcel = xmppbind_parcels_take(parcels)) != NULL;) {
        append(parcel->kind == XMPPBIND_EVENT_SEND ? &others : &sessions->out, parcel);
        parcel->box = NULL;
        sessions->to_wake = 1;
    }
    xmppbind_parcels_free(sessions, &others);
}

static void hand_over(struct xmppbind_turn *turn, struct xmppbind_parcel *parcel) {
    struct xmppbind_box *box = parcel->box;
    if (box == NULL) {
        append(&turn->sessions->out, parcel);
        turn->sessions->to_wake = 1;
    } else if (box == turn->origin) {
        append(&box->results, parcel);
    } else {
        append(&box->mail, parcel);
        box->mail_count++;
        xmppbind_box_wake(box);
    }
}

void xmppbind_turn_commit(struct xmppbind_turn *turn) {
    for (struct xmppbind_parcel *parcel; (parcel = xmppbind_parcels_take(&turn->parcels)) != NULL;) {
        parcel->given = 0;
        hand_over(turn, parcel);
    }
}

void xmppbind_turn_discard(struct xmppbind_turn *turn) {
    xmppbind_parcels_free(turn->sessions, &turn->parcels);
}

/* Whether there was memory for it. */
static int add(struct xmppbind_turn *turn, struct xmppbind_box *box, int kind, xmlNode *node, int given) {
    struct xmppbind_parcel *parcel = turn->failed ? NULL : xmppbind_memory_get(&turn->sessions->memory, sizeof *parcel);
    if (parcel == NULL) {
        turn->failed = 1;
        return 0;
    }
    *parcel = (struct xmppbind_parcel){.box = box, .node = node, .kind = (uint8_t)kind, .given = (uint8_t)given};
    append(&turn->parcels, parcel);
    return 1;
}

static void put(struct xmppbind_turn *turn, struct xmppbind_box *box, int kind, xmlNode *node) {
    if (!add(turn, box, kind, node, 0))
        xmlFreeNode(node);
}

void xmppbind_turn_send(struct xmppbind_turn *turn, const struct xmppbind_session *session, xmlNode *node) {
    put(turn, session->box, XMPPBIND_EVENT_SEND, node);
}

void xmppbind_turn_give(struct xmppbind_turn *turn, const struct xmppbind_session *session, xmlNode *node) {
    turn->given = session == NULL ? add(turn, turn->origin, XMPPBIND_EVENT_HOST, node, 1)
                                  : add(turn, session->box, XMPPBIND_EVENT_SEND, node, 1);
}

void xmppbind_turn_route(struct xmppbind_turn *turn, xmlNode *node) {
    put(turn, turn->origin, XMPPBIND_EVENT_ROUTE, node);
}

void xmppbind_turn_route_copy(struct xmppbind_turn *turn, const xmlNode *node, const char *to) {
    xmlNode *copy = xmppbind_turn_copy(turn, node);
    xmppbind_turn_set(turn, copy, "to", to);
    xmppbind_turn_route(turn, copy);
}

void xmppbind_turn_send_copy(struct xmppbind_turn *turn, const struct xmppbind_session *session, const xmlNode *node,
                             const char *to) {
    xmlNode *copy = xmppbind_turn_copy(turn, node);
    xmppbind_turn_set(turn, copy, "to", to);
    xmppbind_turn_send(turn, session, copy);
}

void xmppbind_turn_begin_sharing(struct xmppbind_turn *turn) {
    turn->sessions->mark++;
}

/* Whether a stream has several sessions, which could not tell copies for one from copies for another. */
static int is_shared(const struct xmppbind_session *session) {
    int count = 0;
    for (const struct xmppbind_session *at = xmppbind_session_account(session)->oldest; at != NULL; at = at->younger)
        count += at->box == session->box;
    return count > 1;
}

void xmppbind_turn_share(struct xmppbind_turn *turn, const struct xmppbind_session *session, const xmlNode *node) {
    uint32_t deliver_to = xmppbind_host_value(turn->sessions->host, XMPPBIND_OPTION_DELIVER_TO);
    if (deliver_to == XMPPBIND_DELIVER_TO_RESOURCE && is_shared(session)) {
        xmppbind_turn_send_copy(turn, session, node, xmppbind_session_jid(session));
    } else if (session->box->mark != turn->sessions->mark) {
        session->box->mark = turn->sessions->mark;
        xmppbind_turn_send(turn, session, xmppbind_turn_copy(turn, node));
    }
}

/* --- nodes ------------------------------------------------------------------------------------------------------- */

/* A node that came out whole, or NULL. */
static xmlNode *keep(struct xmppbind_turn *turn, xmlNode *node, int whole) {
    if (node != NULL && whole)
        return node;
    turn->failed = 1;
    xmlFreeNode(node);
    return NULL;
}

xmlNode *xmppbind_turn_copy(struct xmppbind_turn *turn, const xmlNode *node) {
    if (turn->failed)
        return NULL;
    return keep(turn, xmppbind_copy_element(node), 1);
}

xmlNode *xmppbind_turn_parse(struct xmppbind_turn *turn, const struct xmppbind_octets *text) {
    xmlNode *node = NULL;
    int result = turn->failed ? XMPPBIND_ERROR_NO_MEMORY : xmppbind_parse(text->text, text->length, &node);
    return keep(turn, node, result == XMPPBIND_OK);
}

void xmppbind_turn_set(struct xmppbind_turn *turn, xmlNode *node, const char *name, const char *value) {
    if (turn->failed || value == NULL)
        return;
    turn->failed = xmppbind_set_attribute(node, xmppbind_draft_find(node, name), name, value) != XMPPBIND_OK;
}

xmlNode *xmppbind_turn_stanza(struct xmppbind_turn *turn, const char *name, const char *type, const char *id,
                              const char *to, const char *from) {
    xmlNode *made = turn->failed ? NULL : xmlNewNode(NULL, (const xmlChar *)name);
    made = keep(turn, made, made != NULL && made->name != NULL);
    xmppbind_turn_set(turn, made, "type", type);
    xmppbind_turn_set(turn, made, "id", id);
    xmppbind_turn_set(turn, made, "to", to);
    xmppbind_turn_set(turn, made, "from", from);
    return made;
}

xmlNode *xmppbind_turn_child(struct xmppbind_turn *turn, xmlNode *parent, const char *name, const char *space) {
    xmlNode *child = NULL;
    if (!turn->failed)
        turn->failed = xmppbind_draft_child(parent, name, space, &child) != XMPPBIND_OK;
    return child;
}

void xmppbind_turn_text(struct xmppbind_turn *turn, xmlNode *parent, const char *text, size_t length) {
    if (!turn->failed)
        turn->failed = xmppbind_draft_text(parent, text, length) != XMPPBIND_OK;
}

void xmppbind_turn_error(struct xmppbind_turn *turn, xmlNode *parent, int condition) {
    if (!turn->failed)
        turn->failed = xmppbind_draft_error(parent, condition) != XMPPBIND_OK;
}

static void set_from(struct xmppbind_turn *turn, xmlNode *draft, const char *name, const xmlNode *stanza,
                     const char *attribute) {
    struct xmppbind_value value;
    if (xmppbind_value_read(xmppbind_draft_find(stanza, attribute), &value) != XMPPBIND_OK)
        turn->failed = 1;
    xmppbind_turn_set(turn, draft, name, value.text);
    xmppbind_value_free(&value);
}

xmlNode *xmppbind_turn_return(struct xmppbind_turn *turn, const xmlNode *stanza, int condition) {
    xmlNode draft, *copy = xmppbind_turn_copy(turn, stanza);
    xmppbind_draft_begin(&draft, stanza);
    draft.doc = NULL;
    xmppbind_turn_set(turn, &draft, "type", "error");
    set_from(turn, &draft, "to", stanza, "from");
    set_from(turn, &draft, "from", stanza, "to");
    xmppbind_turn_error(turn, &draft, condition);
    if (turn->failed)
        xmppbind_draft_drop(&draft);
    else
        xmppbind_draft_commit(&draft, copy, XMPPBIND_KEEP_CONTENT);
    return copy;
}

const char *xmppbind_turn_push_id(struct xmppbind_turn *turn, char *room, size_t size) {
    (void)snprintf(room, size, "push-%016" PRIx64, turn->sessions->pushes_begin + turn->sessions->pushes++);
    return room;
}
