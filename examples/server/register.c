/* In-band registration (XEP-0077): strangers make accounts, and accounts change their password or end. For tests; a
 * server on the Internet that does no more than this is soon full of robots. */
#include "server.h"

#include <stdlib.h>
#include <string.h>

static xmlChar *field(const xmlNode *query, const char *name) {
    const xmlNode *element = service_child(query, name, REGISTER_NAMESPACE);
    return element == NULL ? NULL : xmlNodeGetContent(element);
}

static xmlNode *describe(xmlNode *iq) {
    xmlNode *answer = service_result(iq), *query = service_query(answer, REGISTER_NAMESPACE);
    if (query != NULL) {
        (void)xmlNewChild(query, query->ns, BAD_CAST "username", NULL);
        (void)xmlNewChild(query, query->ns, BAD_CAST "password", NULL);
    }
    return answer;
}

static xmlNode *add(struct connection *connection, xmlNode *iq, const xmlNode *query) {
    xmlChar *name = field(query, "username"), *password = field(query, "password");
    bool is_whole = name != NULL && password != NULL && *name != '\0' && *password != '\0';
    int added = is_whole
                    ? accounts_add(connection->server, (const char *)name, connection->domain, (const char *)password)
                    : ACCOUNTS_INVALID;
    xmlFree(name);
    xmlFree(password);
    switch (added) {
    case ACCOUNTS_ADDED:
        return service_result(iq);
    case ACCOUNTS_TAKEN:
        return service_error(iq, "conflict", "cancel");
    case ACCOUNTS_INVALID:
        return service_error(iq, "not-acceptable", "modify");
    default:
        return service_error(iq, "resource-constraint", "wait");
    }
}

xmlNode *register_stranger(struct connection *connection, xmlNode *iq) {
    const xmlNode *query = service_child(iq, "query", REGISTER_NAMESPACE);
    if (service_is(iq, "type", "get"))
        return describe(iq);
    if (service_is(iq, "type", "set"))
        return add(connection, iq, query);
    return service_error(iq, "bad-request", "modify");
}

/* The streams of those who have left, when the answer has been sent. */
void register_expel(struct server *server) {
    for (const char *jid; (jid = accounts_take_leaving(server)) != NULL;)
        for (struct connection *connection = server->connections; connection != NULL; connection = connection->next)
            if (connection->account != NULL && strcmp(connection->account, jid) == 0)
                stream_close(connection, "not-authorized");
}

/* The fields name nobody else. */
static bool is_own_name(const xmlNode *query, const char *jid) {
    xmlChar *name = field(query, "username");
    size_t length = strcspn(jid, "@");
    bool own = name == NULL || (strlen((const char *)name) == length && memcmp(name, jid, length) == 0);
    xmlFree(name);
    return own;
}

static xmlNode *change(struct server *server, xmlNode *iq, const xmlNode *query, const char *jid) {
    if (service_child(query, "remove", REGISTER_NAMESPACE) != NULL) {
        accounts_remove(server, jid);
        return service_result(iq);
    }
    xmlChar *password = field(query, "password");
    bool is_changed = password != NULL && *password != '\0' && is_own_name(query, jid) &&
                      accounts_set_password(server, jid, (const char *)password);
    xmlFree(password);
    return is_changed ? service_result(iq) : service_error(iq, "bad-request", "modify");
}

/* An IQ of somebody who has logged in. */
xmlNode *register_account(struct server *server, xmlNode *iq) {
    const xmlNode *query = service_child(iq, "query", REGISTER_NAMESPACE);
    xmlChar *from = xmlGetNoNsProp(iq, BAD_CAST "from");
    char jid[XMPPBIND_JID_MAXIMUM + 1] = "";
    if (from != NULL) /* it was stamped: it is prepared, and a full JID */
        (void)snprintf(jid, sizeof jid, "%.*s", (int)strcspn((const char *)from, "/"), (const char *)from);
    xmlFree(from);
    return service_is(iq, "type", "get") ? describe(iq) : change(server, iq, query, jid);
}
