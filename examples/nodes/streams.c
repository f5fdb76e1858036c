#include "node.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void node_say(const struct node *node, const char *first, const char *second, const char *third) {
    const char *const words[] = {first, second, third};
    (void)printf("%s:", node->name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i] != NULL)
            (void)printf(" %s", words[i]);
    (void)printf("\n");
    (void)fflush(stdout);
}

struct node_stream *node_stream_find(const struct node *node, const char *name) {
    struct node_stream *stream = node->streams;
    while (stream != NULL && strcmp(stream->name, name) != 0)
        stream = stream->next;
    return stream;
}

struct node_stream *node_stream_obtain(struct node *node, const char *name, const char *account) {
    struct node_stream *stream = node_stream_find(node, name);
    if (stream != NULL)
        return stream;
    stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    if (snprintf(stream->name, sizeof stream->name, "%s", name) >= (int)sizeof stream->name ||
        xmppbind_stream_new(&stream->stream, node->host, account, strlen(account), stream) != XMPPBIND_OK) {
        free(stream);
        return NULL;
    }
    stream->next = node->streams;
    node->streams = stream;
    return stream;
}

/* Of a session: its full JID, and under which number it is claimed or why it ended. */
static void say_session(const struct node *node, const struct node_stream *stream, const xmppbind_event *event) {
    char text[XMPPBIND_JID_MAXIMUM + 64];
    const char *jid = xmppbind_event_jid(event, NULL);
    int opened = xmppbind_event_kind(event) == XMPPBIND_EVENT_OPENED;
    if (opened)
        (void)snprintf(text, sizeof text, "%s under %" PRIu64, jid, xmppbind_event_claim(event));
    else
        (void)snprintf(text, sizeof text, "%s %s", jid, xmppbind_reason_name(xmppbind_event_reason(event)));
    node_say(node, stream->name, opened ? "opened" : "closed", text);
}

static void say_event(const struct node *node, const struct node_stream *stream, const xmppbind_event *event) {
    int kind = xmppbind_event_kind(event), condition = xmppbind_event_condition(event);
    if (kind == XMPPBIND_EVENT_OPENED || kind == XMPPBIND_EVENT_CLOSED)
        say_session(node, stream, event);
    else if (kind == XMPPBIND_EVENT_ANSWER && condition != XMPPBIND_CONDITION_NONE)
        node_say(node, stream->name, "refused", xmppbind_condition_name(condition));
    /* no stanzas here; and CLOSE is seen to by who drains */
}

void node_stream_drain(struct node *node, struct node_stream *stream) {
    xmppbind_event *event = NULL;
    bool close = false;
    while (xmppbind_stream_next_event(stream->stream, &event) == 1) {
        say_event(node, stream, event);
        close = close || xmppbind_event_kind(event) == XMPPBIND_EVENT_CLOSE;
    }
    if (close)
        node_stream_close(node, stream);
}

void node_stream_close(struct node *node, struct node_stream *stream) {
    struct node_stream **place = &node->streams;
    while (*place != stream)
        place = &(*place)->next;
    *place = stream->next;
    (void)xmppbind_stream_disconnect(stream->stream);
    xmppbind_event *event = NULL;
    while (xmppbind_stream_next_event(stream->stream, &event) == 1)
        say_event(node, stream, event);
    xmppbind_stream_free(stream->stream);
    free(stream);
}

void node_drain_ready(struct node *node) {
    for (xmppbind_stream *ready; (ready = xmppbind_host_next_ready(node->host)) != NULL;)
        node_stream_drain(node, xmppbind_stream_user_data(ready));
}
