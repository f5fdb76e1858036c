/*
 * A client made with libstrophe: what its own examples do (basic.c, bot.c, roster.c), one after the other, and a
 * message to oneself. Each step is begun by the answer to the one before. Prints TAP.
 *
 *     strophe PORT plain     without TLS
 *     strophe PORT tls       with TLS, whatever the certificate
 *     strophe PORT refused   with a wrong password: no step is reached
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>

#define ACCOUNT "juliet@capulet.example"
#define FULL_JID ACCOUNT "/strophe"
#define TEXT "O Romeo & <Romeo>"
#define VERSION "jabber:iq:version"

struct run {
    xmpp_ctx_t *context;
    int results;
    int failed;
    bool connected;
    bool secured;
    bool finished; /* every step was taken */
};

static void result(struct run *run, bool good, const char *name) {
    run->failed += !good;
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++run->results, name);
}

static bool is(const char *value, const char *expected) {
    return value != NULL && strcmp(value, expected) == 0;
}

static bool has_type(xmpp_stanza_t *stanza, const char *type) {
    return is(xmpp_stanza_get_type(stanza), type);
}

/* Sends a request with an empty child, whose answer is for `handler`. `to` may be NULL. */
static void ask(struct run *run, xmpp_conn_t *connection, const char *to, const char *space, xmpp_handler handler) {
    xmpp_stanza_t *request = xmpp_iq_new(run->context, "get", space);
    xmpp_stanza_t *query = xmpp_stanza_new(run->context);
    xmpp_stanza_set_name(query, "query");
    xmpp_stanza_set_ns(query, space);
    xmpp_stanza_add_child(request, query);
    xmpp_stanza_release(query);
    if (to != NULL)
        xmpp_stanza_set_to(request, to);
    xmpp_id_handler_add(connection, handler, space, run);
    xmpp_send(connection, request);
    xmpp_stanza_release(request);
}

static int take_message(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *data) {
    struct run *run = data;
    char *text = xmpp_message_get_body(stanza);
    result(run, is(text, TEXT), "a message to oneself has its text");
    result(run, is(xmpp_stanza_get_from(stanza), FULL_JID), "and the full JID that sent it");
    xmpp_free(run->context, text);
    run->finished = true;
    xmpp_disconnect(connection);
    return 1;
}

static int take_roster(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *data) {
    struct run *run = data;
    xmpp_stanza_t *query = xmpp_stanza_get_child_by_name_and_ns(stanza, "query", XMPP_NS_ROSTER);
    result(run, has_type(stanza, "result") && query != NULL, "the roster");
    result(run, query != NULL && xmpp_stanza_get_children(query) == NULL, "which is empty");
    xmpp_stanza_t *message = xmpp_message_new(run->context, "chat", ACCOUNT, "message");
    xmpp_message_set_body(message, TEXT);
    xmpp_send(connection, message);
    xmpp_stanza_release(message);
    return 0;
}

static int take_own_version(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *data) {
    struct run *run = data;
    if (has_type(stanza, "get"))
        return 1; /* the request itself, which has the same id */
    result(run, has_type(stanza, "result"), "the answer comes back from the client");
    result(run, is(xmpp_stanza_get_from(stanza), FULL_JID), "from its full JID");
    ask(run, connection, NULL, XMPP_NS_ROSTER, take_roster);
    return 0;
}

/* The other end of a request for the version, as in bot.c. */
static int answer_version(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *data) {
    struct run *run = data;
    result(run, is(xmpp_stanza_get_from(stanza), FULL_JID), "a request for the version reaches the client");
    xmpp_stanza_t *reply = xmpp_stanza_reply(stanza);
    xmpp_stanza_t *query = xmpp_stanza_new(run->context);
    xmpp_stanza_set_type(reply, "result");
    xmpp_stanza_set_name(query, "query");
    xmpp_stanza_set_ns(query, VERSION);
    xmpp_stanza_add_child(reply, query);
    xmpp_stanza_release(query);
    xmpp_send(connection, reply);
    xmpp_stanza_release(reply);
    return 1;
}

/* The server does not say its version, but that it does not. */
static int take_server_version(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *data) {
    struct run *run = data;
    xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(stanza, "error");
    bool refused = error != NULL &&
                   xmpp_stanza_get_child_by_name_and_ns(error, "service-unavailable", XMPP_NS_STANZAS_IETF) != NULL;
    result(run, has_type(stanza, "error") && refused, "the server does not say its version");
    xmpp_handler_add(connection, answer_version, VERSION, "iq", "get", run);
    ask(run, connection, FULL_JID, VERSION, take_own_version);
    return 0;
}

static int take_presence(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *data) {
    struct run *run = data;
    result(run, is(xmpp_stanza_get_from(stanza), FULL_JID), "the presence comes back");
    ask(run, connection, "capulet.example", VERSION, take_server_version);
    return 0;
}

static void begin(struct run *run, xmpp_conn_t *connection) {
    run->connected = true;
    run->secured = xmpp_conn_is_secured(connection);
    result(run, is(xmpp_conn_get_bound_jid(connection), FULL_JID), "connected, and the resource is bound");
    xmpp_handler_add(connection, take_presence, NULL, "presence", NULL, run);
    xmpp_handler_add(connection, take_message, NULL, "message", NULL, run);
    xmpp_stanza_t *presence = xmpp_presence_new(run->context);
    xmpp_send(connection, presence);
    xmpp_stanza_release(presence);
}

static void take_news(xmpp_conn_t *connection, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error,
                      void *data) {
    struct run *run = data;
    if (event == XMPP_CONN_CONNECT) {
        begin(run, connection);
        return;
    }
    if (run->connected)
        result(run, run->finished && error == 0 && stream_error == NULL, "disconnected in good order, at the end");
    xmpp_stop(run->context);
}

static long flags_of(const char *mode) {
    return is(mode, "tls") ? (long)(XMPP_CONN_FLAG_MANDATORY_TLS | XMPP_CONN_FLAG_TRUST_TLS)
                           : (long)XMPP_CONN_FLAG_DISABLE_TLS;
}

static void talk(struct run *run, unsigned short port, const char *mode) {
    xmpp_conn_t *connection = xmpp_conn_new(run->context);
    bool refused = is(mode, "refused");
    xmpp_conn_set_flags(connection, flags_of(mode));
    xmpp_conn_set_jid(connection, FULL_JID);
    xmpp_conn_set_pass(connection, refused ? "wrong" : "secret");
    if (xmpp_connect_client(connection, "127.0.0.1", port, take_news, run) == XMPP_EOK)
        xmpp_run(run->context);
    result(run, run->connected == !refused, refused ? "a wrong password is refused" : "the password is right");
    if (is(mode, "tls"))
        result(run, run->secured, "with TLS");
    xmpp_conn_release(connection);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fputs("usage: strophe PORT plain|tls|refused\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* a result that was reached is seen, whatever comes after it */
    struct run run = {0};
    xmpp_initialize();
    run.context = xmpp_ctx_new(NULL, xmpp_get_default_logger(XMPP_LEVEL_ERROR));
    talk(&run, (unsigned short)strtoul(arguments[1], NULL, 10), arguments[2]);
    xmpp_ctx_free(run.context);
    xmpp_shutdown();
    printf("1..%d\n", run.results);
    return run.failed == 0 ? 0 : 1;
}
