/*
 * What the multiplexer asks its server for, in its own name: resources for programs, and whether they are still theirs.
 * Each request has an id that nobody else can know, so that nobody else can answer it; the programs never see it.
 */
#include "multiplexer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Begins an IQ from the resource `from`, or from none when there is none yet. */
static uint64_t begin_request(struct multiplexer *multiplexer, struct text *text, const char *type,
                              const struct address *from) {
    char number[24];
    (void)snprintf(number, sizeof number, "-%" PRIu64, ++multiplexer->requests);
    text_add(text, "<iq type='");
    text_add(text, type);
    text_add(text, "' id='");
    text_add(text, multiplexer->secret);
    text_add(text, number);
    if (from->length > 0) {
        text_add(text, "' from='");
        text_add_escaped(text, from->text);
    }
    return multiplexer->requests;
}

static void send_and_free(struct multiplexer *multiplexer, struct text *text) {
    connection_send(multiplexer, text);
    text_free(text);
}

uint64_t request_bind(struct multiplexer *multiplexer, const char *resource) {
    struct text text = {NULL, 0, 0};
    uint64_t number = begin_request(multiplexer, &text, "set", &multiplexer->own);
    text_add(&text, "'><bind xmlns='" BIND_NAMESPACE "'>");
    if (resource != NULL) {
        text_add(&text, "<resource>");
        text_add_escaped(&text, resource);
        text_add(&text, "</resource>");
    }
    text_add(&text, "</bind></iq>");
    send_and_free(multiplexer, &text);
    return number;
}

void request_unbind(struct multiplexer *multiplexer, const struct address *jid) {
    struct text text = {NULL, 0, 0};
    (void)begin_request(multiplexer, &text, "set", &multiplexer->own);
    text_add(&text, "'><unbind xmlns='" BIND_NAMESPACE "'><resource>");
    text_add_escaped(&text, xmppbind_jid_part(jid->text, jid->length, XMPPBIND_ADDRESS_PART_RESOURCE, NULL));
    text_add(&text, "</resource></unbind></iq>");
    send_and_free(multiplexer, &text);
}

void request_check(struct program *program) {
    struct multiplexer *multiplexer = program->multiplexer;
    struct text text = {NULL, 0, 0};
    if (program->request != 0)
        return;
    program->request = begin_request(multiplexer, &text, "get", &program->jid);
    text_add(&text, "' to='");
    text_add_escaped(&text, server_name(multiplexer));
    text_add(&text, "'><ping xmlns='urn:xmpp:ping'/></iq>");
    send_and_free(multiplexer, &text);
}

uint64_t request_answered_by(const struct multiplexer *multiplexer, xmlNode *stanza) {
    size_t length = strlen(multiplexer->secret);
    char *id = xml_attribute(stanza, "id");
    bool own = id != NULL && xml_is(stanza, "iq", CLIENT_NAMESPACE) && !xml_is_request(stanza) &&
               strncmp(id, multiplexer->secret, length) == 0 && id[length] == '-';
    uint64_t number = own ? strtoull(id + length + 1, NULL, 10) : 0;
    xmlFree(id);
    return number;
}

const char *request_result(struct address *jid, xmlNode *answer) {
    const xmlNode *bind = xml_child(answer, "bind", BIND_NAMESPACE);
    const xmlNode *error = xml_child(answer, "error", CLIENT_NAMESPACE);
    xmlNode *element = bind == NULL ? NULL : xml_child(bind, "jid", BIND_NAMESPACE);
    if (!xml_has(answer, "type", "result") || element == NULL)
        return error == NULL ? "undefined-condition" : xml_condition(error, STANZA_ERROR_NAMESPACE);
    char *text = xml_content(element);
    bool good = address_read(jid, text) && jid->length > jid->bare_length;
    xmlFree(text);
    return good ? NULL : "jid-malformed";
}

bool says_unknown_sender(const xmlNode *stanza) {
    const xmlNode *error = xml_child(stanza, "error", CLIENT_NAMESPACE);
    return error != NULL && strcmp(xml_condition(error, STANZA_ERROR_NAMESPACE), "unknown-sender") == 0;
}

void request_answered(struct multiplexer *multiplexer, uint64_t number, xmlNode *answer, const struct address *to) {
    struct program *program = multiplexer->programs;
    while (program != NULL && program->request != number)
        program = program->next;
    if (program == NULL) /* of an unbind, or about a program that is gone */
        return;
    program->request = 0;
    if (program->state == PROGRAM_BINDING)
        program_bound(program, answer);
    else if (says_unknown_sender(answer) ||
             (to->length > 0 && !address_is(to, &program->jid))) /* stamped: for another */
        program_end(program, "conflict", false);
}
