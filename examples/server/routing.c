/*
 * Stanzas to the library, and what comes of them.
 *
 * What a client sends goes to xmppbind_stream_receive(); what is due on a stream is drained by routing_drain(): sent to
 * its client, or on its way to an account (xmppbind_sessions_deliver(), for accounts of this server), to the server
 * itself, or to another server, of which none is known here.
 *
 * Nothing is lost when somebody is behind, and nobody waits long for somebody who does not read:
 * - What the library does not take from a client is `refused`: it stays with the connection, and nothing more is read
 *   from it.
 * - What the receiver has no room for waits with the receiver (`waiting`), and whatever else comes for its account
 * waits behind it. Its sender is not read from meanwhile (`waits_for`), unless the receiver has read nothing for a
 * while.
 * - A receiver for whom too much waits is closed; what waited is then dealt with as for somebody who is gone.
 */
#include "server.h"

#include <string.h>

enum {
    WAITING_BYTES = 8388608,     /* that may wait for one receiver, as they are in memory */
    PATIENCE_MILLISECONDS = 2000 /* of senders with a receiver who does not read */
};

bool routing_is_held(const struct connection *connection) {
    return connection->refused != NULL || connection->waiting.first != NULL || connection->waits_for != NULL;
}

/* --- addresses --- */

enum place { PLACE_SERVER, PLACE_ACCOUNT, PLACE_OWN_ACCOUNT, PLACE_ELSEWHERE };

struct address {
    enum place place;
    size_t length, bare;
    char jid[XMPPBIND_JID_MAXIMUM + 1];
};

/* Where a stanza goes. */
static void read_address(const struct server *server, const xmlNode *stanza, struct address *to) {
    const xmlAttr *attribute = xmlHasProp(stanza, BAD_CAST "to");
    to->place = attribute == NULL ? PLACE_OWN_ACCOUNT : PLACE_ELSEWHERE;
    if (attribute == NULL || attribute->children == NULL)
        return;
    const char *text = (const char *)attribute->children->content;
    if (xmppbind_jid_prepare(accounts_profile(server), text, strlen(text), to->jid, sizeof to->jid, &to->length,
                             &to->bare) != XMPPBIND_OK)
        return;
    const char *at = memchr(to->jid, '@', to->bare), *domain = at == NULL ? to->jid : at + 1;
    size_t length = to->bare - (size_t)(domain - to->jid);
    for (size_t i = 0; i < server->domain_count; i++)
        if (strlen(server->domains[i]) == length && memcmp(server->domains[i], domain, length) == 0)
            to->place = at == NULL ? PLACE_SERVER : PLACE_ACCOUNT;
}

static bool is_account(const struct connection *connection, const struct address *to) {
    return connection->stream != NULL && strlen(connection->account) == to->bare &&
           memcmp(connection->account, to->jid, to->bare) == 0;
}

/* --- what waits for its receiver --- */

static size_t weigh_text(const xmlNode *node) {
    return node == NULL || node->content == NULL ? 0 : strlen((const char *)node->content);
}

static size_t weigh_element(const xmlNode *element) {
    size_t weight = 0;
    for (const xmlAttr *attribute = element->properties; attribute != NULL; attribute = attribute->next)
        weight += 2 * NODE_BYTES + weigh_text(attribute->children);
    for (const xmlNs *ns = element->nsDef; ns != NULL; ns = ns->next)
        weight += NODE_BYTES + (ns->href == NULL ? 0 : strlen((const char *)ns->href));
    return weight;
}

/* What a stanza takes in memory, about. */
static size_t weigh(xmlNode *stanza) {
    size_t weight = 0;
    for (xmlNode *node = stanza; node != NULL; node = element_following(stanza, node))
        weight += NODE_BYTES + (node->type == XML_ELEMENT_NODE ? weigh_element(node) : weigh_text(node));
    return weight;
}

/* The one of the account for whom something waits already, or who has no room. */
static struct connection *find_receiver(const struct server *server, const struct address *to, bool is_full) {
    struct connection *found = NULL, *connection = is_full ? server->connections : server->behind;
    xmppbind_stream *stream =
        is_full && to->length > to->bare ? xmppbind_host_find(server->host, to->jid, to->length, NULL) : NULL;
    if (stream != NULL) /* without one, another resource may be meant (RFC 6121 section 8.5.3.2) */
        return xmppbind_stream_user_data(stream);
    for (; connection != NULL; connection = is_full ? connection->next : connection->next_behind)
        if (is_account(connection, to) && (found == NULL || connection->is_cut))
            found = connection;
    return found;
}

static void wait_for(struct connection *receiver, struct connection *sender, xmlNode *stanza) {
    struct server *server = receiver->server;
    if (receiver->waiting.first == NULL) {
        receiver->next_behind = server->behind;
        server->behind = receiver;
    }
    receiver->waiting_bytes += weigh(stanza);
    elements_append(&receiver->waiting, stanza);
    if (receiver->waiting_bytes > WAITING_BYTES) {
        receiver->is_too_slow = true; /* it is closed at the end of the turn */
        socket_touch(receiver);
    } else if (sender != NULL && sender != receiver && !routing_is_stalled(receiver)) {
        sender->waits_for = receiver;
    }
}

bool routing_is_stalled(struct connection *receiver) {
    return storage_clock(receiver->server) - receiver->progress > PATIENCE_MILLISECONDS;
}

static void forget_behind(struct connection *receiver) {
    struct connection **place = &receiver->server->behind;
    while (*place != NULL && *place != receiver)
        place = &(*place)->next_behind;
    if (*place != NULL)
        *place = receiver->next_behind;
    receiver->waiting_bytes = 0;
}

/* Those who wait for a receiver go on. */
void routing_release(struct connection *receiver) {
    for (struct connection *sender = receiver->server->connections; sender != NULL; sender = sender->next)
        if (sender->waits_for == receiver) {
            sender->waits_for = NULL;
            socket_touch(sender);
        }
}

/* --- on the way to somebody --- */

/* A full queue may only not have been drained in this turn; what that causes in turn has to wait. */
static int deliver_drained(struct server *server, xmlNode *stanza, struct connection *receiver) {
    if (receiver == NULL || server->is_making_room || socket_is_full(receiver))
        return XMPPBIND_ERROR_QUEUE_FULL;
    server->is_making_room = true;
    routing_drain(receiver);
    server->is_making_room = false;
    return xmppbind_sessions_deliver(server->sessions, stanza);
}

/* Takes the stanza for an account: NULL, or the answer that it gets. */
static xmlNode *deliver(struct server *server, struct connection *sender, xmlNode *stanza, const struct address *to) {
    struct connection *receiver = server->behind == NULL ? NULL : find_receiver(server, to, false);
    int result = receiver != NULL ? XMPPBIND_ERROR_QUEUE_FULL : xmppbind_sessions_deliver(server->sessions, stanza);
    if (result == XMPPBIND_ERROR_QUEUE_FULL && receiver == NULL) {
        result = deliver_drained(server, stanza, find_receiver(server, to, true));
        receiver = result == XMPPBIND_ERROR_QUEUE_FULL ? find_receiver(server, to, true) : NULL;
    }
    if (result == XMPPBIND_OK)
        return NULL;
    if (result == XMPPBIND_ERROR_QUEUE_FULL && receiver != NULL) {
        wait_for(receiver, sender, stanza);
        return NULL;
    }
    server_log(server, LOG_INFO, "a stanza cannot be delivered: %s", xmppbind_strerror(result));
    if (result == XMPPBIND_ERROR_QUEUE_FULL) /* the storage of the account is behind */
        return service_error(stanza, "resource-constraint", "wait");
    xmlFreeNode(stanza);
    return NULL;
}

/* Takes a stanza, and sends it and the answer that it gets here as far as they go. */
static void hand_on(struct server *server, struct connection *sender, xmlNode *stanza) {
    struct address to;
    while (stanza != NULL) {
        read_address(server, stanza, &to);
        if (to.place == PLACE_ACCOUNT)
            stanza = deliver(server, sender, stanza, &to);
        else if (to.place == PLACE_ELSEWHERE)
            stanza = service_error(stanza, "remote-server-not-found", "cancel");
        else /* without an address: an IQ for which the library has no code */
            stanza = service_answer(server, stanza, to.place == PLACE_SERVER);
    }
}

/* What waits for a receiver, as far as there is room: whether something has moved. */
static bool hand_on_waiting(struct connection *receiver) {
    struct server *server = receiver->server;
    bool moved = false;
    while (receiver->waiting.first != NULL && !receiver->is_too_slow) {
        xmlNode *next = receiver->waiting.first->next;
        size_t weight = weigh(receiver->waiting.first);
        receiver->waiting.first->next = NULL;
        int result = xmppbind_sessions_deliver(server->sessions, receiver->waiting.first);
        if (result == XMPPBIND_ERROR_QUEUE_FULL) {
            receiver->waiting.first->next = next;
            return moved;
        }
        if (result != XMPPBIND_OK)
            xmlFreeNode(receiver->waiting.first);
        receiver->waiting.first = next;
        receiver->waiting_bytes -= weight;
        moved = true;
    }
    if (receiver->waiting.first == NULL) {
        receiver->waiting.last = NULL;
        forget_behind(receiver);
        routing_release(receiver);
        socket_touch(receiver);
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
    switch (xmppbind_event_kind(event)) {
    case XMPPBIND_EVENT_SEND:
        if (connection->state == STREAM_OPEN && !connection->is_closed)
            write_stanza(connection, stream, event);
        break;
    case XMPPBIND_EVENT_ROUTE:
        hand_on(server, connection, xmppbind_event_take_stanza(event));
        break;
    case XMPPBIND_EVENT_HOST:
        hand_on(server, connection, service_answer(server, xmppbind_event_take_stanza(event), false));
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
    if (result < 0) /* without memory; it does not wait for better times */
        socket_close(connection);
    connection->is_cut = connection->stream != NULL && socket_is_full(connection);
    socket_touch(connection);
}

/* What the end of its sessions causes is still sent, and what waited for them goes where it goes without them. */
void routing_disconnect(struct connection *connection) {
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
    connection->waits_for = NULL;
    forget_behind(connection);
    routing_release(connection);
    for (xmlNode *stanza; (stanza = elements_take(&connection->waiting)) != NULL;)
        hand_on(connection->server, NULL, stanza);
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
        bool is_ours = xmppbind_event_kind(event) == XMPPBIND_EVENT_HOST;
        hand_on(server, NULL, is_ours ? service_answer(server, stanza, false) : stanza);
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
    if (result == XMPPBIND_OK) {
        routing_drain(connection);
        if (server->has_letters) { /* what it is answered comes before what is behind it */
            drain_sessions(server);
            routing_drain(connection);
        }
    } else if (result == XMPPBIND_ERROR_QUEUE_FULL || result == XMPPBIND_ERROR_WAITING_FULL) {
        connection->refused = stanza;
    } else {
        xmlFreeNode(stanza);
        if (result == XMPPBIND_ERROR_NOT_A_STANZA)
            stream_close(connection, "unsupported-stanza-type");
        else if (result != XMPPBIND_ERROR_CLOSED)
            stream_close(connection, "internal-server-error");
    }
}

/* Until nothing moves any more, or what it could move is full. */
void routing_settle(struct server *server) {
    struct connection *next;
    bool moved = true;
    while (moved) {
        moved = false;
        for (xmppbind_stream *ready; (ready = xmppbind_host_next_ready(server->host)) != NULL;)
            routing_drain(xmppbind_stream_user_data(ready));
        drain_sessions(server);
        for (struct connection *receiver = server->behind; receiver != NULL; receiver = next) {
            next = receiver->next_behind;
            moved = hand_on_waiting(receiver) || moved;
        }
    }
}
