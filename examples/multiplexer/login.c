/*
 * From the first octet to the first resource (RFC 6120 sections 4, 6 and 7): the header, SASL, the header anew, and the
 * bind of a resource that is the multiplexer's own.
 *
 * Why one of its own: a server closes the stream when its last resource is unbound, and programs come and go. And while
 * no program is there, nothing that is meant for one should come: this resource never sends presence.
 */
#include "multiplexer.h"

#include <stdlib.h>
#include <string.h>

#define SASL_NAMESPACE "urn:ietf:params:xml:ns:xmpp-sasl"

static bool fail(struct multiplexer *multiplexer, const char *what, const char *detail) {
    log_line(multiplexer, LOG_ERROR, "cannot log in: %s%s", what, detail);
    multiplexer_end(multiplexer, "disconnected", EXIT_FAILURE);
    return false;
}

const char *server_name(const struct multiplexer *multiplexer) {
    return xmppbind_jid_part(multiplexer->account.text, multiplexer->account.length, XMPPBIND_ADDRESS_PART_DOMAIN,
                             NULL);
}

static void send_header(struct multiplexer *multiplexer) {
    struct text header = {NULL, 0, 0};
    reader_start(&multiplexer->reader, NULL);
    text_add(&header, "<?xml version='1.0'?><stream:stream xmlns='" CLIENT_NAMESPACE "' xmlns:stream='" STREAM_NAMESPACE
                      "' version='1.0' to='");
    text_add_escaped(&header, server_name(multiplexer));
    text_add(&header, "'>");
    connection_send(multiplexer, &header);
    text_free(&header);
}

/* What can come at any time: the end, or an error before it. */
static bool is_end(struct multiplexer *multiplexer, const xmlNode *element) {
    if (element == NULL)
        return !fail(multiplexer, "the server has ended the stream", "");
    if (!xml_is(element->parent, "stream", STREAM_NAMESPACE))
        return !fail(multiplexer, "the server speaks something else", "");
    if (xml_is(element, "error", STREAM_NAMESPACE))
        return !fail(multiplexer, "", xml_condition(element, STREAM_ERROR_NAMESPACE));
    return false;
}

/* --- the resource --- */

static bool take_first_resource(void *owner, xmlNode *element) {
    struct multiplexer *multiplexer = owner;
    if (is_end(multiplexer, element))
        return false;
    if (request_answered_by(multiplexer, element) == 0)
        return true;
    const char *refusal = request_result(&multiplexer->own, element);
    if (refusal != NULL)
        return fail(multiplexer, "no resource: ", refusal);
    multiplexer->take = resources_take;
    multiplexer_ready(multiplexer);
    return true;
}

static bool take_bind_features(void *owner, xmlNode *element) {
    char resource[] = "multiplexer-0123456789abcdef";
    struct multiplexer *multiplexer = owner;
    if (is_end(multiplexer, element))
        return false;
    if (xml_child(element, "bind", BIND_NAMESPACE) == NULL)
        return fail(multiplexer, "the server offers no <bind/>", "");
    if (xml_child(element, "unbind", BIND_NAMESPACE) == NULL)
        return fail(multiplexer, "the server offers no <unbind/>, so what a program has bound would stay for ever", "");
    fill_random(strchr(resource, '-') + 1);
    multiplexer->take = take_first_resource;
    (void)request_bind(multiplexer, resource);
    return true;
}

/* --- SASL --- */

/* A step of the mechanism, from what the server said to what is answered; false: it does not go on. */
static bool step(struct multiplexer *multiplexer, const char *input, char **output) {
    int result = gsasl_step64(multiplexer->sasl_session, input, output);
    multiplexer->authenticated = result == GSASL_OK;
    return result == GSASL_OK || result == GSASL_NEEDS_MORE ? true : fail(multiplexer, "", gsasl_strerror(result));
}

static bool take_challenge(struct multiplexer *multiplexer, xmlNode *element) {
    char *input = xml_content(element), *output = NULL;
    bool good = step(multiplexer, input, &output);
    if (good) {
        struct text response = {NULL, 0, 0};
        text_add(&response, "<response xmlns='" SASL_NAMESPACE "'>");
        text_add(&response, output);
        text_add(&response, "</response>");
        connection_send(multiplexer, &response);
        text_free(&response);
    }
    gsasl_free(output);
    xmlFree(input);
    return good;
}

/* With SCRAM the server proves here that it knows the password too: no other one may take its place. */
static bool take_success(struct multiplexer *multiplexer, xmlNode *element) {
    char *input = xml_content(element), *output = NULL;
    bool good = *input == '\0' || step(multiplexer, input, &output);
    gsasl_free(output);
    xmlFree(input);
    if (good && !multiplexer->authenticated)
        good = fail(multiplexer, "the server did not prove who it is", "");
    if (!good)
        return false;
    login_free(multiplexer);
    multiplexer->take = take_bind_features;
    send_header(multiplexer);
    return true;
}

static bool take_sasl(void *owner, xmlNode *element) {
    if (is_end(owner, element))
        return false;
    if (xml_is(element, "challenge", SASL_NAMESPACE))
        return take_challenge(owner, element);
    if (xml_is(element, "success", SASL_NAMESPACE))
        return take_success(owner, element);
    return fail(owner, "", xml_condition(element, SASL_NAMESPACE));
}

static bool offers(const xmlNode *mechanisms, const char *name) {
    bool found = false;
    for (xmlNode *child = mechanisms->children; child != NULL && !found; child = child->next) {
        char *content = xml_content(child);
        found = strcmp(content, name) == 0;
        xmlFree(content);
    }
    return found;
}

static bool authenticate(struct multiplexer *multiplexer, const char *mechanism) {
    size_t length;
    const char *name =
        xmppbind_jid_part(multiplexer->account.text, multiplexer->account.length, XMPPBIND_ADDRESS_PART_LOCAL, &length);
    struct text local = {NULL, 0, 0}, request = {NULL, 0, 0};
    char *initial = NULL;
    text_append(&local, name, length);
    bool good = gsasl_init(&multiplexer->sasl) == GSASL_OK &&
                gsasl_client_start(multiplexer->sasl, mechanism, &multiplexer->sasl_session) == GSASL_OK &&
                gsasl_property_set(multiplexer->sasl_session, GSASL_AUTHID, local.octets) == GSASL_OK &&
                gsasl_property_set(multiplexer->sasl_session, GSASL_PASSWORD, multiplexer->password) == GSASL_OK;
    good = good ? step(multiplexer, NULL, &initial) : fail(multiplexer, "no ", mechanism);
    if (good) {
        text_add(&request, "<auth xmlns='" SASL_NAMESPACE "' mechanism='");
        text_add(&request, mechanism);
        text_add(&request, "'>");
        text_add(&request, initial);
        text_add(&request, "</auth>");
        connection_send(multiplexer, &request);
    }
    gsasl_free(initial);
    text_free(&local);
    text_free(&request);
    return good;
}

static bool take_first_features(void *owner, xmlNode *element) {
    struct multiplexer *multiplexer = owner;
    if (is_end(multiplexer, element))
        return false;
    const xmlNode *mechanisms = xml_child(element, "mechanisms", SASL_NAMESPACE);
    const char *mechanism = mechanisms == NULL                    ? NULL
                            : offers(mechanisms, "SCRAM-SHA-256") ? "SCRAM-SHA-256"
                            : offers(mechanisms, "PLAIN")         ? "PLAIN"
                                                                  : NULL;
    if (mechanism == NULL)
        return fail(multiplexer, "the server offers neither SCRAM-SHA-256 nor PLAIN (without TLS)", "");
    multiplexer->take = take_sasl;
    return authenticate(multiplexer, mechanism);
}

void login_begin(struct multiplexer *multiplexer) {
    fill_random(multiplexer->secret);
    multiplexer->take = take_first_features;
    send_header(multiplexer);
}

void login_free(struct multiplexer *multiplexer) {
    if (multiplexer->sasl_session != NULL)
        gsasl_finish(multiplexer->sasl_session);
    if (multiplexer->sasl != NULL)
        gsasl_done(multiplexer->sasl);
    multiplexer->sasl_session = NULL;
    multiplexer->sasl = NULL;
}
