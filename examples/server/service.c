/* What the server answers itself: pings (XEP-0199), what it is (XEP-0030); and that something cannot be done. */
#include "server.h"

#include <string.h>

#define TEXT(string) ((const xmlChar *)(string))

#define STANZA_ERRORS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define DISCO_INFO "http://jabber.org/protocol/disco#info"
#define DISCO_ITEMS "http://jabber.org/protocol/disco#items"

bool service_is(const xmlNode *stanza, const char *attribute, const char *value) {
    xmlChar *found = xmlGetNoNsProp(stanza, TEXT(attribute));
    bool is_same = found == NULL ? value == NULL : value != NULL && strcmp((const char *)found, value) == 0;
    xmlFree(found);
    return is_same;
}

const xmlNode *service_child(const xmlNode *element, const char *name, const char *href) {
    for (const xmlNode *child = element->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE && strcmp((const char *)child->name, name) == 0 && child->ns != NULL &&
            strcmp((const char *)child->ns->href, href) == 0)
            return child;
    return NULL;
}

static void set(xmlNode *stanza, const char *attribute, const xmlChar *value) {
    if (value != NULL)
        (void)xmlSetProp(stanza, TEXT(attribute), value);
    else
        (void)xmlUnsetProp(stanza, TEXT(attribute));
}

/* Back to where it came from. What had no address was for the sender's own account. */
static void turn_round(xmlNode *stanza, const char *type) {
    xmlChar *from = xmlGetNoNsProp(stanza, TEXT("from")), *to = xmlGetNoNsProp(stanza, TEXT("to"));
    if (to == NULL && from != NULL)
        to = xmlStrndup(from, (int)strcspn((const char *)from, "/"));
    set(stanza, "from", to);
    set(stanza, "to", from);
    (void)xmlSetProp(stanza, TEXT("type"), TEXT(type));
    xmlFree(from);
    xmlFree(to);
}

/* The stanza as the result of itself. */
xmlNode *service_result(xmlNode *stanza) {
    turn_round(stanza, "result");
    for (xmlNode *child; (child = stanza->children) != NULL;) {
        xmlUnlinkNode(child);
        xmlFreeNode(child);
    }
    return stanza;
}

/* What is itself an answer is not answered, nor is presence that only says that somebody is gone, or asks. */
static bool is_answered(const xmlNode *stanza) {
    if (service_is(stanza, "type", "error"))
        return false;
    if (strcmp((const char *)stanza->name, "iq") == 0)
        return !service_is(stanza, "type", "result");
    return strcmp((const char *)stanza->name, "presence") != 0 || service_is(stanza, "type", NULL) ||
           service_is(stanza, "type", "subscribe");
}

xmlNode *service_error(xmlNode *stanza, const char *condition, const char *type) {
    if (!is_answered(stanza)) {
        xmlFreeNode(stanza);
        return NULL;
    }
    turn_round(stanza, "error");
    xmlNode *error = xmlNewChild(stanza, stanza->ns, TEXT("error"), NULL);
    xmlNode *reason = error == NULL ? NULL : xmlNewChild(error, NULL, TEXT(condition), NULL);
    if (reason != NULL) {
        (void)xmlSetProp(error, TEXT("type"), TEXT(type));
        xmlSetNs(reason, xmlNewNs(reason, TEXT(STANZA_ERRORS), NULL));
    }
    return stanza;
}

xmlNode *service_query(xmlNode *answer, const char *href) {
    xmlNode *query = answer == NULL ? NULL : xmlNewChild(answer, NULL, TEXT("query"), NULL);
    if (query != NULL)
        xmlSetNs(query, xmlNewNs(query, TEXT(href), NULL));
    return query;
}

static xmlNode *describe(const struct server *server, xmlNode *iq, bool is_server) {
    static const char *const features[] = {DISCO_INFO, DISCO_ITEMS, "urn:xmpp:ping", "jabber:iq:roster",
                                           "jabber:iq:privacy"};
    xmlNode *answer = service_result(iq), *query = service_query(answer, DISCO_INFO);
    if (query == NULL)
        return answer;
    xmlNode *identity = xmlNewChild(query, query->ns, TEXT("identity"), NULL);
    (void)xmlSetProp(identity, TEXT("category"), TEXT(is_server ? "server" : "account"));
    (void)xmlSetProp(identity, TEXT("type"), TEXT(is_server ? "im" : "registered"));
    for (size_t i = 0; is_server && i < sizeof features / sizeof *features; i++)
        (void)xmlSetProp(xmlNewChild(query, query->ns, TEXT("feature"), NULL), TEXT("var"), TEXT(features[i]));
    if (is_server && server->registration)
        (void)xmlSetProp(xmlNewChild(query, query->ns, TEXT("feature"), NULL), TEXT("var"), TEXT(REGISTER_NAMESPACE));
    return answer;
}

/* An account is nobody's business but its owner's. */
static bool is_own(const struct server *server, const xmlNode *iq) {
    xmlChar *from = xmlGetNoNsProp(iq, TEXT("from")), *to = xmlGetNoNsProp(iq, TEXT("to"));
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare;
    bool own = to == NULL;
    if (from != NULL && to != NULL)
        own = xmppbind_jid_prepare(accounts_profile(server), (const char *)to, strlen((const char *)to), jid,
                                   sizeof jid, &length, &bare) == XMPPBIND_OK &&
              strcspn((const char *)from, "/") == bare && strncmp((const char *)from, jid, bare) == 0;
    xmlFree(from);
    xmlFree(to);
    return own;
}

static xmlNode *answer_iq(struct server *server, xmlNode *iq, bool is_server) {
    bool is_get = service_is(iq, "type", "get"), is_set = service_is(iq, "type", "set");
    const xmlNode *query;
    if (!is_get && !is_set)
        return service_error(iq, "bad-request", "modify");
    if (!is_server && !is_own(server, iq))
        return service_error(iq, "service-unavailable", "cancel");
    if (is_get && service_child(iq, "ping", "urn:xmpp:ping") != NULL)
        return service_result(iq);
    if (server->registration && service_child(iq, "query", REGISTER_NAMESPACE) != NULL)
        return register_account(server, iq);
    bool is_info = (query = service_child(iq, "query", DISCO_INFO)) != NULL;
    if (!is_get || (!is_info && (query = service_child(iq, "query", DISCO_ITEMS)) == NULL))
        return service_error(iq, "service-unavailable", "cancel");
    if (!service_is(query, "node", NULL))
        return service_error(iq, "item-not-found", "cancel");
    if (is_info)
        return describe(server, iq, is_server);
    xmlNode *answer = service_result(iq);
    (void)service_query(answer, DISCO_ITEMS);
    return answer;
}

/* RFC 6121 section 8.5.2.2: who is not there gets no message, and there is no storage for them here. */
static xmlNode *return_message(xmlNode *message) {
    if (!service_is(message, "type", "headline"))
        return service_error(message, "service-unavailable", "cancel");
    xmlFreeNode(message);
    return NULL;
}

xmlNode *service_answer(struct server *server, xmlNode *stanza, bool is_server) {
    if (strcmp((const char *)stanza->name, "iq") == 0)
        return answer_iq(server, stanza, is_server);
    if (strcmp((const char *)stanza->name, "message") == 0)
        return return_message(stanza);
    xmlFreeNode(stanza); /* presence of somebody to the server itself */
    return NULL;
}
