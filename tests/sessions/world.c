#include "lists.h"

#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void world_set_up(struct world *world, uint64_t seed) {
    memset(world, 0, sizeof *world);
    world->seed = world->random = seed;
    test_allocator_set_up(&world->memory);
    model_set_up(&world->model);
    world->host = test_host(world->memory.allocator);
    assert_int_equal(xmppbind_sessions_new(&world->sessions, world->host, NULL), XMPPBIND_OK);
}

void world_tear_down(struct world *world) {
    xmppbind_sessions_free(world->sessions);
    xmppbind_host_free(world->host);
    test_allocator_tear_down(&world->memory);
    test_text_free(&world->log);
    free(world->routed);
}

void world_fail(struct world *world, const char *format, ...) {
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%sseed %llu: %s\n", test_text_get(&world->log), (unsigned long long)world->seed, what);
    fail();
    abort();
}

/* xorshift64* */
int world_random(struct world *world, int limit) {
    world->random ^= world->random >> 12;
    world->random ^= world->random << 25;
    world->random ^= world->random >> 27;
    return (int)((world->random * UINT64_C(2685821657736338717) >> 33) % (uint64_t)limit);
}

const char *world_jid(struct model_target target, char *room) {
    int outside = target.peer >= ACCOUNTS;
    int length = snprintf(room, JID_ROOM, "%c%d@%s.example", outside ? 'o' : 'a',
                          outside ? target.peer - ACCOUNTS : target.peer, outside ? "outside" : "host");
    int resource = outside ? (target.address - SOURCES) % OUTSIDE_RESOURCES : target.address % RESOURCES;
    if (target.address >= 0)
        (void)snprintf(room + length, JID_ROOM - (size_t)length, "/r%d", resource);
    return room;
}

const char *world_address(int address, char *room) {
    return world_jid((struct model_target){model_peer(address), address}, room);
}

const char *world_attribute(const xmlNode *node, const char *name) {
    const xmlAttr *found = node->properties;
    while (found != NULL && strcmp((const char *)found->name, name) != 0)
        found = found->next;
    return found == NULL || found->children == NULL ? "" : (const char *)found->children->content;
}

/* --- in ----------------------------------------------------------------------------------------------------------- */

enum { TEXT = 1024 };

/* The arguments of a caller that has checked its format. */
__attribute__((format(printf, 5, 0))) static void format_into(struct world *world, char *text, size_t size,
                                                              const char *who, const char *format, va_list arguments) {
    int length = vsnprintf(text, size, format, arguments);
    assert_in_range(length, 1, size - 1);
    test_text_format(&world->log, "%s: %s\n", who, text);
}

void world_receive(struct world *world, int stream, const char *format, ...) {
    char text[TEXT], who[16];
    va_list arguments;
    va_start(arguments, format);
    (void)snprintf(who, sizeof who, "%d", stream);
    format_into(world, text, sizeof text, who, format, arguments);
    va_end(arguments);
    int result = xmppbind_stream_receive_bytes(world->streams[stream].stream, text, strlen(text));
    if (result != XMPPBIND_OK)
        world_fail(world, "not received: %s", xmppbind_error_name(result));
}

void world_deliver(struct world *world, const char *format, ...) {
    char text[TEXT];
    va_list arguments;
    va_start(arguments, format);
    format_into(world, text, sizeof text, "deliver", format, arguments);
    va_end(arguments);
    int result = xmppbind_sessions_deliver_bytes(world->sessions, text, strlen(text));
    if (result != XMPPBIND_OK)
        world_fail(world, "not delivered: %s", xmppbind_error_name(result));
    world_pump(world);
}

int world_request(struct world *world, int stream) {
    if (world->request_count == REQUESTS)
        world_fail(world, "too many requests");
    world->requests[world->request_count] = (struct world_request){stream, 0, 0};
    return world->request_count++;
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

static void enqueue(struct world *world, xmlNode *node) {
    if (world->routed_count == world->routed_capacity) {
        world->routed_capacity = world->routed_capacity * 2 + 16;
        world->routed = test_memory_resize(world->routed, world->routed_capacity * sizeof *world->routed);
    }
    world->routed[world->routed_count++] = node;
}

static void log_stanza(struct world *world, const char *word, int stream, const xmlNode *node) {
    test_text_format(&world->log, "    %d %s %s type=%s from=%s to=%s id=%s\n", stream, word, (const char *)node->name,
                     world_attribute(node, "type"), world_attribute(node, "from"), world_attribute(node, "to"),
                     world_attribute(node, "id"));
}

static void take_event(struct world *world, int stream, xmppbind_event *event) {
    switch (xmppbind_event_kind(event)) {
    case XMPPBIND_EVENT_SEND:
        log_stanza(world, "send", stream, xmppbind_event_stanza(event));
        lists_check_in(world, stream, xmppbind_event_stanza(event));
        world_note_sent(world, stream, xmppbind_event_stanza(event));
        break;
    case XMPPBIND_EVENT_ROUTE:
        log_stanza(world, "route", stream, xmppbind_event_stanza(event));
        lists_check_out(world, xmppbind_event_stanza(event));
        enqueue(world, xmppbind_event_take_stanza(event));
        break;
    case XMPPBIND_EVENT_HOST:
        log_stanza(world, "host", stream, xmppbind_event_stanza(event));
        world->to_host++;
        break;
    case XMPPBIND_EVENT_CLOSE:
        test_text_format(&world->log, "    %d close\n", stream);
        world->streams[stream].closing = 1;
        break;
    case XMPPBIND_EVENT_OPENED:
    case XMPPBIND_EVENT_CLOSED:
        test_text_format(&world->log, "    %d %s %s\n", stream,
                         xmppbind_event_kind(event) == XMPPBIND_EVENT_OPENED ? "opened" : "closed",
                         xmppbind_event_jid(event, NULL));
        break;
    default:
        if (xmppbind_event_condition(event) != XMPPBIND_CONDITION_NONE)
            world_fail(world, "refused: %s", xmppbind_condition_name(xmppbind_event_condition(event)));
    }
}

static void drain_sessions(struct world *world) {
    xmppbind_event *event = NULL;
    int result;
    while ((result = xmppbind_sessions_next_event(world->sessions, &event)) == 1)
        take_event(world, -1, event);
    if (result != 0)
        world_fail(world, "draining the sessions: %s", xmppbind_error_name(result));
}

static void hand_on(struct world *world, xmlNode *node) {
    if (strstr(world_attribute(node, "to"), "@host.example") == NULL) {
        world_note_outside(world, node);
        xmlFreeNode(node);
        return;
    }
    int result = xmppbind_sessions_deliver(world->sessions, node);
    if (result != XMPPBIND_OK)
        world_fail(world, "not delivered: %s", xmppbind_error_name(result));
}

void world_pump(struct world *world) {
    drain_sessions(world);
    while (world->routed_first < world->routed_count) {
        hand_on(world, world->routed[world->routed_first++]);
        drain_sessions(world);
    }
    world->routed_first = world->routed_count = 0;
}

/* Whether there was something. */
static int drain(struct world *world, int stream) {
    xmppbind_event *event = NULL;
    int result, count = 0;
    while ((result = xmppbind_stream_next_event(world->streams[stream].stream, &event)) == 1) {
        take_event(world, stream, event);
        count++;
    }
    if (result != 0)
        world_fail(world, "draining: %s", xmppbind_error_name(result));
    world->streams[stream].has_lost = 0;
    world_pump(world);
    return count > 0;
}

void world_drain(struct world *world, int stream) {
    while (drain(world, stream)) /* it may have written to itself */
        ;
}

void world_drain_one(struct world *world, int stream) {
    xmppbind_event *event = NULL;
    int result = xmppbind_stream_next_event(world->streams[stream].stream, &event);
    if (result == 1)
        take_event(world, stream, event);
    else if (result != 0)
        world_fail(world, "draining: %s", xmppbind_error_name(result));
    world_pump(world);
}

void world_forget_stream(struct world *world, int stream) {
    for (int i = 0; i < world->request_count; i++)
        if (world->requests[i].stream == stream)
            world->requests[i].stream = -1;
    memset(&world->streams[stream], 0, sizeof world->streams[stream]);
}

void world_forget_seen(struct world *world, int address) {
    memset(world->sees[address], 0, sizeof world->sees[address]);
}

static void close_told(struct world *world, int stream) {
    xmppbind_stream *closed = world->streams[stream].stream;
    for (int address = 0; address < SOURCES; address++)
        if (world->model.sessions[address].is_bound && world->model.sessions[address].stream == stream)
            world_fail(world, "stream %d is closed though it has a resource", stream);
    assert_int_equal(xmppbind_stream_disconnect(closed), XMPPBIND_OK);
    (void)drain(world, stream);
    xmppbind_stream_free(closed);
    world_forget_stream(world, stream);
}

void world_settle(struct world *world) {
    int busy = 1;
    while (busy) {
        busy = 0;
        world_pump(world);
        for (int i = 0; i < STREAMS; i++) {
            if (world->streams[i].stream == NULL)
                continue;
            busy |= drain(world, i);
            if (world->streams[i].closing)
                close_told(world, i);
        }
    }
    world_compare(world);
    model_forget(&world->model);
}
