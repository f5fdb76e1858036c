/*
 * The life of a stream (RFC 6120 sections 4 to 7). It is
 *   NEW          until the header has come, which is answered with ours and with features
 *   LOGIN        while they find out who it is; nothing else is done before that (TLS and SASL begin a NEW stream, or
 *                one that is LOGGED_IN)
 *   LOGGED_IN    until the header has come again
 *   OPEN         the library's: every stanza goes to it
 *   CLOSING      we have said our end, and nothing follows it; what still comes is read and dropped, until the other
 *                side has ended, too, or has taken too long
 * A stream error leads from every state to CLOSING, as does the other side's end.
 */
#include "server.h"

#include <gsasl.h>
#include <libxml/parser.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define STREAMS "http://etherx.jabber.org/streams"
#define TLS "urn:ietf:params:xml:ns:xmpp-tls"

enum { PIECE = 2048 };

/* --- what we say --- */

void stream_send(struct connection *connection, const char *text) {
    if (!text_append(&connection->output, text, strlen(text)))
        socket_close(connection);
    socket_touch(connection);
}

/* Short texts of our own; what a client gave us is not among them. */
void stream_sendf(struct connection *connection, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof text)
        stream_send(connection, text);
}

static void send_header(struct connection *connection) {
    char octets[16], id[2 * sizeof octets + 1];
    const char *domain = connection->domain != NULL ? connection->domain : connection->server->domains[0];
    (void)gsasl_nonce(octets, sizeof octets);
    for (size_t i = 0; i < sizeof octets; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", (unsigned char)octets[i]);
    stream_sendf(connection,
                 "<?xml version='1.0'?><stream:stream id='%s' version='1.0' xml:lang='en' xmlns='jabber:client' "
                 "xmlns:stream='" STREAMS "' from='",
                 id);
    stream_send(connection, domain); /* no character of a domain name has to be escaped */
    stream_send(connection, "'>");
    connection->has_header = true;
}

static void send_features(struct connection *connection) {
    stream_send(connection, "<stream:features>");
    if (connection->state == STREAM_OPEN) {
        stream_send(connection, xmppbind_stream_features_bytes(connection->stream, NULL));
        stream_send(connection, "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
                                "<ver xmlns='urn:xmpp:features:rosterver'/>");
    } else if (connection->server->tls != NULL && connection->tls == NULL) {
        stream_send(connection, "<starttls xmlns='" TLS "'><required/></starttls>");
    } else {
        login_add_features(connection);
        if (connection->server->registration)
            stream_send(connection, "<register xmlns='http://jabber.org/features/iq-register'/>");
    }
    stream_send(connection, "</stream:features>");
}

/* --- the end --- */

static void set_state(struct connection *connection, enum stream_state state) {
    connection->state = state;
    if (state == STREAM_CLOSING) /* until then the clock of the login runs */
        connection->since = storage_clock(connection->server);
}

/* Our end, with a stream error (RFC 6120 section 4.9) or without. */
void stream_close(struct connection *connection, const char *condition) {
    if (connection->is_closed || connection->state == STREAM_CLOSING)
        return;
    if (!connection->has_header)
        send_header(connection);
    routing_disconnect(connection);
    if (condition != NULL) {
        server_log(connection->server, LOG_INFO, "a stream ends: %s", condition);
        stream_sendf(connection, "<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
                     condition);
    }
    stream_send(connection, "</stream:stream>");
    set_state(connection, STREAM_CLOSING);
}

void stream_end(struct connection *connection) {
    connection->is_over = true;
    socket_touch(connection);
}

void stream_free(struct connection *connection) {
    parser_free(connection->parser);
    login_free(connection);
    free(connection->account);
    elements_free(&connection->waiting);
    xmlFreeNode(connection->refused);
}

/* Once a second. */
void stream_check(struct connection *connection, uint64_t now) {
    const struct limits *limits = &connection->server->limits;
    bool is_waited_for = connection->is_writing && !connection->server->ending; /* see socket_check() */
    uint64_t elapsed = is_waited_for ? 0 : now - connection->since;
    if (connection->state == STREAM_CLOSING && elapsed >= (uint64_t)limits->close_seconds * 1000)
        socket_close(connection);
    else if (connection->state < STREAM_OPEN && elapsed >= (uint64_t)limits->login_seconds * 1000)
        stream_close(connection, "connection-timeout");
    else if (connection->stream != NULL && xmppbind_stream_expire(connection->stream, now) == XMPPBIND_OK)
        routing_drain(connection);
}

/* --- what comes in --- */

static bool text_is(const xmlChar *text, const char *expected) {
    return text != NULL && strcmp((const char *)text, expected) == 0;
}

/* What is wrong with it, as the condition of a stream error; NULL: nothing. */
static const char *header_error(struct connection *connection, xmlNode *header) {
    const xmlNs *content = xmlSearchNs(header->doc, header, NULL);
    if (!text_is(header->name, "stream"))
        return "bad-format";
    if (header->ns == NULL || !text_is(header->ns->href, STREAMS) || content == NULL ||
        !text_is(content->href, "jabber:client"))
        return "invalid-namespace";
    xmlChar *to = xmlGetNoNsProp(header, BAD_CAST "to"), *version = xmlGetNoNsProp(header, BAD_CAST "version");
    const char *before = connection->domain;
    bool is_supported = version != NULL && strtol((const char *)version, NULL, 10) >= 1;
    bool is_known = to != NULL && (connection->domain = accounts_domain(connection->server, (const char *)to)) != NULL;
    const char *error = to == NULL || (is_known && before != NULL && before != connection->domain)
                            ? "improper-addressing"
                        : !is_known     ? "host-unknown"
                        : !is_supported ? "unsupported-version"
                                        : NULL;
    xmlFree(to);
    xmlFree(version);
    return error;
}

static void take_header(struct connection *connection, xmlNode *header) {
    const char *error = header_error(connection, header);
    if (error != NULL) {
        stream_close(connection, error);
        return;
    }
    send_header(connection);
    if (connection->state == STREAM_NEW) {
        set_state(connection, STREAM_LOGIN);
    } else if (routing_open(connection) == XMPPBIND_OK) {
        set_state(connection, STREAM_OPEN);
        parser_run_on(connection->parser);
    } else {
        stream_close(connection, "internal-server-error");
        return;
    }
    send_features(connection);
}

/* RFC 6120 section 5.4.3.3: what was sent behind it in the clear might be somebody else's. */
static void start_tls(struct connection *connection) {
    if (parser_has_rest(connection->parser) || connection->unread > 0) {
        stream_close(connection, "policy-violation");
        return;
    }
    stream_send(connection, "<proceed xmlns='" TLS "'/>");
    socket_flush(connection);
    if (connection->is_writing || tls_new(&connection->tls, connection->server->tls) != 0) {
        socket_close(connection); /* it does not even read this */
        return;
    }
    connection->has_header = false;
    set_state(connection, STREAM_NEW);
    parser_restart(connection->parser);
}

static bool is_stanza(const xmlNode *element) {
    bool is_named =
        text_is(element->name, "message") || text_is(element->name, "presence") || text_is(element->name, "iq");
    return is_named && element->ns == NULL;
}

static void send_element(struct connection *connection, xmlNode *element) {
    xmlBuffer *buffer = xmlBufferCreate();
    if (buffer != NULL && element != NULL && xmlNodeDump(buffer, NULL, element, 0, 0) > 0)
        stream_send(connection, (const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    xmlFreeNode(element);
}

/* Before anybody has logged in. */
static void take_stranger(struct connection *connection, xmlNode *element) {
    const struct server *server = connection->server;
    bool in_clear = server->tls != NULL && connection->tls == NULL;
    if (in_clear && text_is(element->name, "starttls") && element->ns != NULL && text_is(element->ns->href, TLS)) {
        start_tls(connection);
    } else if (in_clear) {
        stream_close(connection, "policy-violation");
    } else if (server->registration && text_is(element->name, "iq") &&
               service_child(element, "query", REGISTER_NAMESPACE) != NULL) {
        send_element(connection, register_stranger(connection, element));
        return;
    } else if (!login_element(connection, element)) {
        stream_close(connection, is_stanza(element) ? "not-authorized" : "unsupported-stanza-type");
    }
    xmlFreeNode(element);
    if (connection->account != NULL && connection->state == STREAM_LOGIN) {
        connection->has_header = false;
        set_state(connection, STREAM_LOGGED_IN);
        parser_restart(connection->parser);
    }
}

/* One thing that has come: whether there was one. */
static bool take_one(struct connection *connection) {
    xmlNode *element = NULL, *header = parser_header(connection->parser);
    if (header != NULL)
        take_header(connection, header);
    else if ((element = parser_next(connection->parser)) != NULL && connection->state == STREAM_OPEN)
        routing_receive(connection, element);
    else if (element != NULL)
        take_stranger(connection, element);
    return header != NULL || element != NULL;
}

static bool goes_on(const struct connection *connection) {
    return !connection->is_closed && connection->state != STREAM_CLOSING && !routing_is_held(connection);
}

/* What has come is dealt with as far as it goes; then the end, if that has come. */
void stream_continue(struct connection *connection) {
    xmlNode *refused = connection->refused;
    connection->refused = NULL;
    if (refused != NULL)
        routing_receive(connection, refused);
    while (goes_on(connection) && take_one(connection)) {
    }
    if (!goes_on(connection))
        return;
    bool has_ended = parser_has_ended(connection->parser);
    const char *error = has_ended ? NULL : parser_error(connection->parser);
    if (has_ended || error != NULL || connection->is_over)
        stream_close(connection, error);
}

/* Piece by piece: what has been dealt with makes room for what comes next, which is faster than to have it all at once.
 * When the connection is held, the rest waits in the parser; behind our end nothing counts. */
void stream_input(struct connection *connection, const char *data, size_t length) {
    while (length > 0 && !connection->is_closed && connection->state != STREAM_CLOSING) {
        size_t piece = length < PIECE || routing_is_held(connection) ? length : PIECE;
        connection->unread = length - piece;
        parser_feed(connection->parser, data, piece);
        stream_continue(connection);
        data += piece;
        length -= piece;
    }
}
