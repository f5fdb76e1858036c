/*
 * Who a stanza is from, and whom it is for.
 *
 * CLI-1: every stanza has a full JID as 'from', always, so the server never has to guess. CLI-2: a stanza goes by its
 * 'to' to the program that has that resource.
 */
#include "multiplexer.h"

#include <stdlib.h>
#include <string.h>

bool address_read(struct address *address, const char *text) {
    return text != NULL &&
           xmppbind_jid_prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, text, strlen(text), address->text,
                                sizeof address->text, &address->length, &address->bare_length) == XMPPBIND_OK;
}

bool address_is(const struct address *left, const struct address *right) {
    return left->length == right->length && memcmp(left->text, right->text, left->length) == 0;
}

static bool is_stanza(const xmlNode *element) {
    return xml_is(element, "message", CLIENT_NAMESPACE) || xml_is(element, "presence", CLIENT_NAMESPACE) ||
           xml_is(element, "iq", CLIENT_NAMESPACE);
}

/* --- from a program --- */

/* An answer to an IQ that does not get where it should. */
static void add_error(struct text *text, xmlNode *request, const char *from, const char *to, const char *condition) {
    const char *const names[] = {"id", "from", "to"};
    char *id = xml_attribute(request, "id");
    const char *const values[] = {id, from, to};
    text_add(text, "<iq xmlns='" CLIENT_NAMESPACE "' type='error'");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (values[i] == NULL)
            continue;
        text_add(text, " ");
        text_add(text, names[i]);
        text_add(text, "='");
        text_add_escaped(text, values[i]);
        text_add(text, "'");
    }
    text_add(text, "><error type='cancel'><");
    text_add(text, condition);
    text_add(text, " xmlns='" STANZA_ERROR_NAMESPACE "'/></error></iq>\n");
    xmlFree(id);
}

/* Binding and unbinding are the multiplexer's: a program could unbind the resource of another one. */
static bool has_bind_request(const xmlNode *stanza) {
    return xml_child(stanza, "bind", BIND_NAMESPACE) != NULL || xml_child(stanza, "unbind", BIND_NAMESPACE) != NULL;
}

static void refuse_bind_request(struct program *program, xmlNode *stanza) {
    struct text text = {NULL, 0, 0};
    add_error(&text, stanza, NULL, program->jid.text, "not-allowed");
    program_send(program, &text);
    text_free(&text);
}

/* Whether a program wants what is sent to all: it says so itself, by the presence that it sends (RFC 6121 8.5.2). */
static void note_presence(struct program *program, xmlNode *presence) {
    char *to = xml_attribute(presence, "to"), *type = xml_attribute(presence, "type");
    if (to == NULL && (type == NULL || strcmp(type, "unavailable") == 0)) {
        xmlNode *priority = xml_child(presence, "priority", CLIENT_NAMESPACE);
        char *text = priority == NULL ? NULL : xml_content(priority);
        program->available = type == NULL;
        program->priority = text == NULL ? 0 : strtol(text, NULL, 10);
        xmlFree(text);
    }
    xmlFree(to);
    xmlFree(type);
}

void resources_send(struct program *program, xmlNode *stanza) {
    struct text text = {NULL, 0, 0};
    if (!is_stanza(stanza)) {
        program_end(program, "unsupported-stanza-type", true);
        return;
    }
    if (xml_is_request(stanza) && has_bind_request(stanza)) {
        refuse_bind_request(program, stanza);
        return;
    }
    if (xml_is(stanza, "presence", CLIENT_NAMESPACE))
        note_presence(program, stanza);
    (void)xmlSetNsProp(stanza, NULL, (const xmlChar *)"from", (const xmlChar *)program->jid.text);
    xml_add(&text, stanza);
    log_line(program->multiplexer, LOG_DEBUG, "from a program: %s", text.octets);
    connection_send(program->multiplexer, &text);
    text_free(&text);
}

/* --- to programs --- */

static struct program *program_of(const struct multiplexer *multiplexer, const struct address *jid) {
    struct program *program = multiplexer->programs;
    while (program != NULL && (program->state != PROGRAM_BOUND || !address_is(&program->jid, jid)))
        program = program->next;
    return program;
}

static struct program *oldest_program(const struct multiplexer *multiplexer) {
    struct program *program = multiplexer->programs;
    while (program != NULL && program->state != PROGRAM_BOUND)
        program = program->next;
    return program;
}

static void send_line(struct program *program, xmlNode *stanza) {
    struct text line = {NULL, 0, 0};
    xml_add_line(&line, stanza);
    program_send(program, &line);
    text_free(&line);
}

/*
 * To the bare JID: of that a server sends one copy through a stream, however many of its resources are to have it, for
 * copies could not be told apart (SESS-3). Here they are told apart: each program gets one that wants it.
 */
static void send_to_all(const struct multiplexer *multiplexer, xmlNode *stanza) {
    bool message = xml_is(stanza, "message", CLIENT_NAMESPACE);
    struct text line = {NULL, 0, 0};
    xml_add_line(&line, stanza);
    int count = 0;
    for (struct program *program = multiplexer->programs, *next; program != NULL; program = next) {
        next = program->next;
        if (program->state != PROGRAM_BOUND || !program->available || (message && program->priority < 0))
            continue;
        program_send(program, &line);
        count++;
    }
    if (count == 0)
        log_line(multiplexer, LOG_WARNING, "a %s for no program", (const char *)stanza->name);
    text_free(&line);
}

/* Requests must be answered (RFC 6120 8.2.3). Only what is addressed to our own resource can be, by nobody. */
static void answer_for_nobody(struct multiplexer *multiplexer, xmlNode *request) {
    struct text text = {NULL, 0, 0};
    char *from = xml_attribute(request, "from");
    add_error(&text, request, multiplexer->own.text, from, "service-unavailable");
    xmlFree(from);
    if (!multiplexer->congested)
        connection_send(multiplexer, &text);
    text_free(&text);
}

/* The program that has this resource lost it, it may be: the server tells its neighbours, or returns what it sent. */
static void look_for_loss(const struct multiplexer *multiplexer, xmlNode *stanza, struct program *recipient) {
    struct address from;
    char *text = xml_attribute(stanza, "from");
    if (recipient != NULL && xml_has(stanza, "type", "error") && says_unknown_sender(stanza))
        request_check(recipient);
    if (xml_is(stanza, "presence", CLIENT_NAMESPACE) && xml_has(stanza, "type", "unavailable") &&
        address_read(&from, text)) {
        struct program *lost = program_of(multiplexer, &from);
        if (lost != NULL && lost->available)
            request_check(lost);
    }
    xmlFree(text);
}

static void bring(struct multiplexer *multiplexer, xmlNode *stanza, const struct address *to) {
    bool message = xml_is(stanza, "message", CLIENT_NAMESPACE);
    bool bare = to->length == to->bare_length; /* also: no 'to' at all */
    struct program *program = bare && !message && !xml_is(stanza, "presence", CLIENT_NAMESPACE)
                                  ? oldest_program(multiplexer)
                                  : program_of(multiplexer, to);
    look_for_loss(multiplexer, stanza, program);
    if (program != NULL)
        send_line(program, stanza);
    else if (xml_is_request(stanza) && (bare || address_is(to, &multiplexer->own)))
        answer_for_nobody(multiplexer, stanza);
    else if ((bare || message) && !xml_is_request(stanza)) /* a message to a program that has just left: DLV-1 */
        send_to_all(multiplexer, stanza);
    else
        log_line(multiplexer, LOG_INFO, "%s for %s, who is not here", (const char *)stanza->name, to->text);
}

bool resources_take(void *owner, xmlNode *stanza) {
    struct multiplexer *multiplexer = owner;
    struct address to = {.length = 0};
    if (stanza == NULL || xml_is(stanza, "error", STREAM_NAMESPACE)) {
        const char *reason = stanza == NULL ? "disconnected" : xml_condition(stanza, STREAM_ERROR_NAMESPACE);
        multiplexer_end(multiplexer, reason, EXIT_FAILURE);
        connection_close(multiplexer);
        return false;
    }
    char *text = xml_attribute(stanza, "to");
    uint64_t number = request_answered_by(multiplexer, stanza);
    bool addressed = text == NULL || address_read(&to, text);
    xmlFree(text);
    if (number != 0)
        request_answered(multiplexer, number, stanza, &to);
    else if (!is_stanza(stanza) || !addressed)
        log_line(multiplexer, LOG_WARNING, "%s for nobody", (const char *)stanza->name);
    else
        bring(multiplexer, stanza, &to);
    return true;
}
