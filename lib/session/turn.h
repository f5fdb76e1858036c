/*
 * A turn: what comes of one step, made completely before anything is changed. Its functions do nothing once memory was
 * missing, so that a flow is written as if there always were some, and asks once, at its end, whether there was.
 */
#ifndef XMPPBIND_SESSION_TURN_H
#define XMPPBIND_SESSION_TURN_H

#include "sessions.h"

struct xmppbind_turn {
    struct xmppbind_sessions *sessions;
    struct xmppbind_box *origin; /* what leaves the account is drained there; NULL: from the sessions */
    struct xmppbind_parcels parcels;
    int failed;
    int given; /* the node of the job is in a parcel */
};

void xmppbind_turn_begin(struct xmppbind_turn *turn, struct xmppbind_sessions *sessions, struct xmppbind_box *origin);
/* All of it is handed over; never fails. */
void xmppbind_turn_commit(struct xmppbind_turn *turn);
void xmppbind_turn_discard(struct xmppbind_turn *turn);
/* XMPPBIND_OK or XMPPBIND_ERROR_NO_MEMORY. */
static inline int xmppbind_turn_result(const struct xmppbind_turn *turn) {
    return turn->failed ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
}

/* Nodes that are made belong to nobody until they are put; NULL when memory was missing, which all of these take. */
xmlNode *xmppbind_turn_copy(struct xmppbind_turn *turn, const xmlNode *node);
xmlNode *xmppbind_turn_parse(struct xmppbind_turn *turn, const struct xmppbind_octets *text);
/* A stanza: attributes that are NULL are left out. */
xmlNode *xmppbind_turn_stanza(struct xmppbind_turn *turn, const char *name, const char *type, const char *id,
                              const char *to, const char *from);
void xmppbind_turn_set(struct xmppbind_turn *turn, xmlNode *node, const char *name, const char *value);
/* A child; `space`: its namespace, or NULL for that of its parent. */
xmlNode *xmppbind_turn_child(struct xmppbind_turn *turn, xmlNode *parent, const char *name, const char *space);
void xmppbind_turn_text(struct xmppbind_turn *turn, xmlNode *parent, const char *text, size_t length);
void xmppbind_turn_error(struct xmppbind_turn *turn, xmlNode *parent, int condition);
/* A copy of a stanza as the error that returns it to its sender, with its content (RFC 6120 8.3.1). */
xmlNode *xmppbind_turn_return(struct xmppbind_turn *turn, const xmlNode *stanza, int condition);
/* The id of a push: never used before. */
const char *xmppbind_turn_push_id(struct xmppbind_turn *turn, char *room, size_t size);

/* Puts a node where it goes, and takes it over in any case. */
void xmppbind_turn_send(struct xmppbind_turn *turn, const struct xmppbind_session *session, xmlNode *node);
void xmppbind_turn_route(struct xmppbind_turn *turn, xmlNode *node);
/* The node of the job itself goes to a session, or to the host: at most once. */
void xmppbind_turn_give(struct xmppbind_turn *turn, const struct xmppbind_session *session, xmlNode *node);
/* A copy with another 'to'. */
void xmppbind_turn_route_copy(struct xmppbind_turn *turn, const xmlNode *node, const char *to);
void xmppbind_turn_send_copy(struct xmppbind_turn *turn, const struct xmppbind_session *session, const xmlNode *node,
                             const char *to);
/* SESS-3: a copy of what is addressed to the account, unless the stream of the session has it already. Begin with
 * xmppbind_turn_begin_sharing(). */
void xmppbind_turn_begin_sharing(struct xmppbind_turn *turn);
void xmppbind_turn_share(struct xmppbind_turn *turn, const struct xmppbind_session *session, const xmlNode *node);

/* The oldest parcel, out of its list, or NULL. */
struct xmppbind_parcel *xmppbind_parcels_take(struct xmppbind_parcels *parcels);
void xmppbind_parcels_free(struct xmppbind_sessions *sessions, struct xmppbind_parcels *parcels);
/* Their stream is gone: what is for its client is freed, the rest leaves without a stream. */
void xmppbind_parcels_leave(struct xmppbind_sessions *sessions, struct xmppbind_parcels *parcels);

#endif
