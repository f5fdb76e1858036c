/* Who it is: SASL (RFC 6120 section 6), by GNU SASL. */
#include "server.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#define SASL "urn:ietf:params:xml:ns:xmpp-sasl"

enum { MAX_FAILURES = 5 };

static const char *const mechanisms[] = {"SCRAM-SHA-256", "PLAIN"};

/* GNU SASL asks for the password of whoever wants to log in. */
static int answer(Gsasl *context, Gsasl_session *session, Gsasl_property property) {
    const struct connection *connection = gsasl_session_hook_get(session);
    const char *name = gsasl_property_fast(session, GSASL_AUTHID);
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length;
    (void)context;
    if (property != GSASL_PASSWORD)
        return GSASL_NO_CALLBACK;
    const char *password = name != NULL && accounts_jid(connection->server, name, connection->domain, jid, &length)
                               ? accounts_password(connection->server, jid, length)
                               : NULL;
    return password == NULL ? GSASL_AUTHENTICATION_ERROR : gsasl_property_set(session, GSASL_PASSWORD, password);
}

int login_start(struct server *server) {
    Gsasl *context;
    if (gsasl_init(&context) != GSASL_OK)
        return -1;
    gsasl_callback_set(context, answer);
    server->sasl = context;
    return 0;
}

void login_stop(struct server *server) {
    if (server->sasl != NULL)
        gsasl_done(server->sasl);
}

void login_free(struct connection *connection) {
    if (connection->login != NULL)
        gsasl_finish(connection->login);
    connection->login = NULL;
}

void login_add_features(struct connection *connection) {
    stream_send(connection, "<mechanisms xmlns='" SASL "'>");
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        stream_sendf(connection, "<mechanism>%s</mechanism>", mechanisms[i]);
    stream_send(connection, "</mechanisms>");
}

static void fail(struct connection *connection, const char *condition) {
    login_free(connection);
    stream_sendf(connection, "<failure xmlns='" SASL "'><%s/></failure>", condition);
    if (++connection->failures >= MAX_FAILURES)
        stream_close(connection, "policy-violation");
}

/* Words in base64, of any length: the client has a part in it. */
static void say(struct connection *connection, const char *element, const char *words) {
    stream_sendf(connection, "<%s xmlns='" SASL "'>", element);
    stream_send(connection, words);
    stream_sendf(connection, "</%s>", element);
}

/* To act for somebody else is nobody's right here. For PLAIN without another identity GNU SASL repeats the name. */
static bool is_own(const struct connection *connection, const char *name, const char *jid, size_t length) {
    const char *other = gsasl_property_fast(connection->login, GSASL_AUTHZID);
    int same = 0;
    if (other == NULL || *other == '\0' || strcmp(other, name) == 0)
        return true;
    (void)xmppbind_jid_compare(accounts_profile(connection->server), other, strlen(other), jid, length, &same);
    return same;
}

static void succeed(struct connection *connection, const char *words) {
    const char *name = gsasl_property_fast(connection->login, GSASL_AUTHID);
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length;
    if (name == NULL || !accounts_jid(connection->server, name, connection->domain, jid, &length)) {
        fail(connection, "not-authorized");
    } else if (!is_own(connection, name, jid, length)) {
        fail(connection, "invalid-authzid");
    } else if ((connection->account = strdup(jid)) == NULL) {
        fail(connection, "temporary-auth-failure");
    } else {
        say(connection, "success", words);
        server_log(connection->server, LOG_INFO, "%s has logged in", jid);
        login_free(connection);
    }
}

static const char *condition_of(int result) {
    switch (result) {
    case GSASL_BASE64_ERROR:
        return "incorrect-encoding";
    case GSASL_MECHANISM_PARSE_ERROR:
        return "malformed-request";
    case GSASL_MALLOC_ERROR:
        return "temporary-auth-failure";
    default:
        return "not-authorized";
    }
}

/* The client has said something, in base64; "=" is nothing at all. */
static void step(struct connection *connection, const xmlNode *element) {
    xmlChar *content = xmlNodeGetContent(element);
    const char *said = content == NULL || strcmp((const char *)content, "=") == 0 ? "" : (const char *)content;
    char *words = NULL;
    int result = gsasl_step64(connection->login, said, &words);
    if (result == GSASL_OK)
        succeed(connection, words == NULL ? "" : words);
    else if (result == GSASL_NEEDS_MORE)
        say(connection, "challenge", words == NULL ? "" : words);
    else
        fail(connection, condition_of(result));
    gsasl_free(words);
    xmlFree(content);
}

static void begin(struct connection *connection, const xmlNode *element) {
    xmlChar *mechanism = xmlGetNoNsProp(element, BAD_CAST "mechanism");
    Gsasl_session *session = NULL;
    bool is_known = false;
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        is_known = is_known || (mechanism != NULL && strcmp((const char *)mechanism, mechanisms[i]) == 0);
    if (is_known && gsasl_server_start(connection->server->sasl, (const char *)mechanism, &session) == GSASL_OK) {
        login_free(connection);
        gsasl_session_hook_set(session, connection);
        connection->login = session;
        step(connection, element);
    } else {
        fail(connection, "invalid-mechanism");
    }
    xmlFree(mechanism);
}

bool login_element(struct connection *connection, const xmlNode *element) {
    const char *name = (const char *)element->name;
    if (element->ns == NULL || strcmp((const char *)element->ns->href, SASL) != 0)
        return false;
    if (strcmp(name, "auth") == 0)
        begin(connection, element);
    else if (strcmp(name, "abort") == 0)
        fail(connection, "aborted");
    else if (strcmp(name, "response") == 0 && connection->login != NULL)
        step(connection, element);
    else
        fail(connection, "malformed-request");
    return true;
}
