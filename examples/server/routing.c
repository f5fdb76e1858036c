/*
 * Stanzas to the library, and what comes of them.
 *
 * What a client sends goes to xmppbind_stream_receive(); what is due on a stream is drained by routing_drain(): sent to
 * its client, or on its way to an account (xmppbind_sessions_deliver(), for accounts of this server), to the server
 * itself, or to another server, of which none is known here.
 *
 * Nothing is lost when somebody is behind. A stanza that the library does not take stays with its connection
 * (`refused`); so does one whose receiver has too much to be drained (`held`), and whatever its sender sends behind it.
 * Meanwhile nothing is read from that connection.
 */
#include "server.h"

#include <string.h>

enum { MAX_LEFT_BEHIND = 10000 /* stanzas */ };

bool routing_is_held(const struct connection *connection) {
    return connection->refused != NULL || connection->held.first != NULL;
}

/* --- on the way to somebody --- */

enum place { PLACE_SERVER, PLACE_ACCOUNT, PLACE_OWN_ACCOUNT, PLACE_ELSEWHERE };

/* Where it goes. */
static enum place place_of(const struct server *server, const xmlNode *stanza) {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare;
    const xmlAttr *to = xmlHasProp(stanza, BAD_CAST "to");
    if (to == NULL)
        return PLACE_OWN_ACCOUNT;
    const char *text = to->children == NULL ? "" : (const char *)to->children->content;
    if (xmppbind_jid_prepare(accounts_profile(server), text, strlen(text), jid, sizeof jid, &length, &bare) !=
        XMPPBIND_OK)
        return PLACE_ELSEWHERE;
    const char *at = memchr(jid, '@', bare), *domain = at == NULL ? jid : at + 1;
    size_t domain_length = bare - (size_t)(domain - jid);
    for (size_t i = 0; i < server->domain_count; i++)
        if (strlen(server->domains[i]) == domain_length && memcmp(server->domains[i], domain, domain_length) == 0)
            return at == NULL ? PLACE_SERVER : PLACE_ACCOUNT;
    return PLACE_ELSEWHERE;
}

/* One stanza goes as far as it can, and so does the answer that it gets here. False: what is left of it in `stanza` can
 * go no further now. */
static bool deliver(struct server *server, xmlNode **stanza) {
    while (*stanza != NULL) {
        int result;
        switch (place_of(server, *stanza)) {
        case PLACE_SERVER:
            *stanza = service_answer(server, *stanza, true);
            break;
        case PLACE_OWN_ACCOUNT: /* an IQ for which the library has no code */
            *stanza = service_answer(server, *stanza, false);
            break;
        case PLACE_ELSEWHERE:
            *stanza = service_error(*stanza, "remote-server-not-found", "cancel");
            break;
        case PLACE_ACCOUNT:
            result = xmppbind_sessions_deliver(server->sessions, *stanza);
            if (result == XMPPBIND_ERROR_QUEUE_FULL || result == XMPPBIND_ERROR_NO_MEMORY)
                return false;
            if (result != XMPPBIND_OK) {
                server_log(server, LOG_WARNING, "a stanza is dropped: %s", xmppbind_strerror(result));
                xmlFreeNode(*stanza);
            }
            *stanza = NULL;
            break;
        }
    }
    return true;
}

/* Behind what is held already, if anything is. */
static void hand_on(struct server *server, struct elements *held, xmlNode *stanza) {
    if (held->first != NULL || !deliver(server, &stanza))
        elements_append(held, stanza);
}

/* Whether something has moved. */
static bool send_held(struct server *server, struct elements *held) {
    bool moved = false;
    while (held->first != NULL) {
        struct elements others;
        xmlNode *stanza = elements_take(held);
        if (!deliver(server, &stanza)) { /* back to where it was */
            others = *held;
            *held = (struct elements){NULL, NULL, 0};
            elements_append(held, stanza);
            if (others.first != NULL) {
                stanza->next = others.first;
                held->last = others.last;
                held->count += others.count;
            }
            break;
        }
        moved = true;
    }
    return moved;
}

/* --- events --- */

static void write_stanza(struct connection *connection, xmppbind_stream *stream, xmppbind_event *event) {
    const char *text;
    size_t length;
    if (xmppbind_event_bytes(stream, event, &text, &length) != XMPPBIND_OK ||
        !text_append(&connection->output, text, length))
        socket_close(connection); /* a stream with a gap is worse than none */
}

static void log_session(const struct connection *connection, const xmppbind_event *event) {
    bool opened = xmppbind_event_kind(event) == XMPPBIND_EVENT_OPENED;
    server_log(connection->server, LOG_INFO, "%s: %s", xmppbind_event_jid(event, NULL),
               opened ? "opened" : xmppbind_reason_name(xmppbind_event_reason(event)));
}

static void carry_out(struct connection *connection, xmppbind_stream *stream, xmppbind_event *event) {
    struct server *server = connection->server;
    xmlNode *answer;
    switch (xmppbind_event_kind(event)) {
    case XMPPBIND_EVENT_SEND:
        if (connection->state == STREAM_OPEN && !connection->is_closed)
            write_stanza(connection, stream, event);
        break;
    case XMPPBIND_EVENT_ROUTE:
        hand_on(server, &connection->held, xmppbind_event_take_stanza(event));
        break;
    case XMPPBIND_EVENT_HOST:
        if ((answer = service_answer(server, xmppbind_event_take_stanza(event), false)) != NULL)
            hand_on(server, &connection->held, answer);
        break;
    case XMPPBIND_EVENT_OPENED:
    case XMPPBIND_EVENT_CLOSED:
        log_session(connection, event);
        break;
    case XMPPBIND_EVENT_DISCARD:
        server_log(server, LOG_DEBUG, "%s: a stanza is discarded: %s", connection->account,
                   xmppbind_condition_name(xmppbind_event_condition(event)));
        break;
    default: /* CLOSE is seen to by whoever drains */
        break;
    }
}

void routing_drain(struct connection *connection) {
    xmppbind_event *event;
    int result = 0;
    while (connection->stream != NULL && !socket_is_full(connection) &&
           (result = xmppbind_stream_next_event(connection->stream, &event)) == 1) {
        if (xmppbind_event_kind(event) == XMPPBIND_EVENT_CLOSE) {
            int condition = xmppbind_event_condition(event);
            stream_close(connection, condition == XMPPBIND_CONDITION_NONE ? NULL : xmppbind_condition_name(condition));
            return;
        }
        carry_out(connection, connection->stream, event);
    }
    connection->is_cut = connection->stream != NULL && (result < 0 || socket_is_full(connection));
    socket_touch(connection);
}

/* What a connection that is gone leaves behind is not for ever: nobody would have to wait for it. */
static void leave_behind(struct server *server, xmlNode *stanza) {
    if (server->held.count < MAX_LEFT_BEHIND) {
        hand_on(server, &server->held, stanza);
        return;
    }
    server_log(server, LOG_WARNING, "a stanza is dropped: its sender is gone, and its receiver does not read");
    xmlFreeNode(stanza);
}

/* What the end of its sessions causes is still sent. */
void routing_disconnect(struct connection *connection) {
    struct server *server = connection->server;
    xmppbind_stream *stream = connection->stream;
    xmppbind_event *event;
    if (stream == NULL)
        return;
    connection->stream = NULL;
    connection->is_cut = false;
    (void)xmppbind_stream_disconnect(stream);
    while (xmppbind_stream_next_event(stream, &event) == 1)
        carry_out(connection, stream, event);
    xmppbind_stream_free(stream);
    xmlFreeNode(connection->refused);
    connection->refused = NULL;
    for (xmlNode *stanza; (stanza = elements_take(&connection->held)) != NULL;)
        leave_behind(server, stanza);
}

/* --- what comes of no stream --- */

void routing_wake(xmppbind_sessions *sessions, void *user_data) {
    struct server *server = user_data;
    (void)sessions;
    server->has_letters = true;
}

static void drain_sessions(struct server *server) {
    xmppbind_event *event;
    server->has_letters = false;
    while (xmppbind_sessions_next_event(server->sessions, &event) == 1) {
        xmlNode *stanza = xmppbind_event_take_stanza(event);
        if (xmppbind_event_kind(event) == XMPPBIND_EVENT_HOST)
            stanza = service_answer(server, stanza, false);
        if (stanza != NULL)
            hand_on(server, &server->held, stanza);
    }
}

/* --- from clients --- */

int routing_open(struct connection *connection) {
    return xmppbind_stream_new(&connection->stream, connection->server->host, connection->account,
                               strlen(connection->account), connection);
}

void routing_receive(struct connection *connection, xmlNode *stanza) {
    struct server *server = connection->server;
    int result = xmppbind_stream_receive(connection->stream, stanza);
    connection->refused = NULL;
    if (result == XMPPBIND_OK) {
        routing_drain(connection);
        if (server->has_letters) { /* what it is answered comes before what is behind it */
            drain_sessions(server);
            routing_drain(connection);
        }
        return;
    }
    if (result == XMPPBIND_ERROR_QUEUE_FULL || result == XMPPBIND_ERROR_WAITING_FULL ||
        result == XMPPBIND_ERROR_NO_MEMORY) {
        connection->refused = stanza;
        socket_touch(connection);
        return;
    }
    xmlFreeNode(stanza);
    if (result == XMPPBIND_ERROR_NOT_A_STANZA)
        stream_close(connection, "unsupported-stanza-type");
    else if (result != XMPPBIND_ERROR_CLOSED)
        stream_close(connection, "internal-server-error");
}

/* --- once in each turn --- */

/* Whether the connection got on. */
static bool get_on(struct connection *connection) {
    xmlNode *refused = connection->refused;
    bool moved = send_held(connection->server, &connection->held);
    if (connection->held.first != NULL)
        return moved;
    if (refused != NULL) {
        routing_receive(connection, refused);
        if (connection->refused == refused)
            return moved;
    }
    if (moved || refused != NULL)
        stream_continue(connection);
    return moved || refused != NULL;
}

/* Until nothing moves any more, or what it could move is full. */
void routing_settle(struct server *server) {
    bool moved = true;
    while (moved) {
        moved = false;
        for (xmppbind_stream *ready; (ready = xmppbind_host_next_ready(server->host)) != NULL;) {
            routing_drain(xmppbind_stream_user_data(ready));
            moved = true;
        }
        drain_sessions(server);
        moved = send_held(server, &server->held) || moved;
        for (struct connection *next, *connection = server->touched; connection != NULL; connection = next) {
            next = connection->next_touched;
            moved = (routing_is_held(connection) && get_on(connection)) || moved;
        }
    }
}
