/*
 * The streams by name: feeding, draining, closing.
 *
 * A stanza that the library cannot take yet stays in the backlog of its stream, and everything that comes behind it
 * too, so that the order stays. A host with sockets would stop reading from the socket instead.
 */
#include <stdlib.h>
#include <string.h>

#include "console.h"

static bool is_full(int result) {
    return result == XMPPBIND_ERROR_WAITING_FULL || result == XMPPBIND_ERROR_QUEUE_FULL;
}

struct console_stream *console_stream_find(const struct console *console, struct console_text name) {
    struct console_stream *stream = console->streams;
    while (stream != NULL && !console_text_is(name, stream->name))
        stream = stream->next;
    return stream;
}

static void free_backlog(struct console_stream *stream) {
    while (stream->backlog != NULL) {
        struct console_stanza *first = stream->backlog;
        stream->backlog = first->next;
        free(first);
    }
    stream->backlog_end = &stream->backlog;
}

static void free_stream(struct console_stream *stream) {
    xmppbind_stream_free(stream->stream);
    free_backlog(stream);
    free(stream->name);
    free(stream);
}

void console_streams_free(struct console *console) {
    while (console->streams != NULL) {
        struct console_stream *first = console->streams;
        console->streams = first->next;
        free_stream(first);
    }
}

/* Puts the stream at the end; an earlier one of that name is over and makes room. */
static void append_stream(struct console *console, struct console_stream *stream) {
    struct console_stream **end = &console->streams;
    while (*end != NULL) {
        struct console_stream *other = *end;
        if (strcmp(other->name, stream->name) == 0) {
            *end = other->next;
            free_stream(other);
        } else {
            end = &other->next;
        }
    }
    *end = stream;
}

/* Opens a stream; the caller has made sure that no stream of that name is open. */
int console_stream_open(struct console *console, struct console_text name, struct console_text account) {
    struct console_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    stream->backlog_end = &stream->backlog;
    stream->name = calloc(1, name.length + 1);
    int result = XMPPBIND_ERROR_NO_MEMORY;
    if (stream->name != NULL) {
        memcpy(stream->name, name.data, name.length);
        result = xmppbind_stream_new(&stream->stream, console->host, account.data, account.length, stream);
    }
    if (result != XMPPBIND_OK) {
        free_stream(stream);
        return result;
    }
    console->opened = true;
    append_stream(console, stream);
    result = console_im_add_account(console, stream->stream);
    if (result != XMPPBIND_OK)
        return result;
    console_print_features(console, stream);
    return XMPPBIND_OK;
}

/* Prints what is due; tells whether the stream is to be closed. */
static bool print_events(struct console *console, struct console_stream *stream) {
    xmppbind_event *event = NULL;
    bool close = false;
    int result = xmppbind_stream_next_event(stream->stream, &event);
    while (result == 1 && !console->failed) {
        console_print_event(console, stream, event);
        if (xmppbind_event_kind(event) == XMPPBIND_EVENT_CLOSE)
            close = true;
        result = xmppbind_stream_next_event(stream->stream, &event);
    }
    if (result < 0)
        console_fail(console, "events cannot be drained", result);
    return close;
}

/* The transport of the stream is gone. What stood in its backlog came too late, like any later line. */
void console_stream_close(struct console *console, struct console_stream *stream) {
    int result = xmppbind_stream_disconnect(stream->stream);
    if (result != XMPPBIND_OK)
        console_fail(console, "a stream cannot be closed", result);
    print_events(console, stream);
    xmppbind_stream_free(stream->stream);
    stream->stream = NULL;
    for (const struct console_stanza *late = stream->backlog; late != NULL; late = late->next)
        console_print(console, stream->name, "gone", NULL, 0);
    free_backlog(stream);
}

void console_stream_drain(struct console *console, struct console_stream *stream) {
    if (print_events(console, stream))
        console_stream_close(console, stream);
}

/* Hands a stanza to the library. False: it cannot take it yet. */
static bool feed(struct console *console, struct console_stream *stream, struct console_text stanza,
                 unsigned long line) {
    static const char discarded[] = "not-a-stanza";
    int result = xmppbind_stream_receive_bytes(stream->stream, stanza.data, stanza.length);
    if (is_full(result))
        return false;
    if (result == XMPPBIND_ERROR_NOT_A_STANZA)
        console_print(console, stream->name, "discard", discarded, sizeof discarded - 1);
    else if (result == XMPPBIND_ERROR_NOT_WELL_FORMED || result == XMPPBIND_ERROR_TOO_LARGE)
        console_error(console, line, (struct console_text){NULL, 0}, xmppbind_strerror(result));
    else if (result == XMPPBIND_ERROR_CLOSED)
        console_print(console, stream->name, "gone", NULL, 0);
    else if (result != XMPPBIND_OK)
        console_fail(console, "a stanza cannot be received", result);
    console_stream_drain(console, stream);
    return true;
}

static void keep(struct console *console, struct console_stream *stream, struct console_text stanza) {
    struct console_stanza *kept = malloc(sizeof *kept + stanza.length);
    if (kept == NULL) {
        console_fail(console, "a stanza cannot be kept", XMPPBIND_ERROR_NO_MEMORY);
        return;
    }
    kept->next = NULL;
    kept->line = console->line;
    kept->length = stanza.length;
    memcpy(kept->text, stanza.data, stanza.length);
    *stream->backlog_end = kept;
    stream->backlog_end = &kept->next;
}

/* A stanza arrives: it goes to the library, or behind those that wait for their turn. */
void console_stream_offer(struct console *console, struct console_stream *stream, struct console_text stanza) {
    if (stream->backlog != NULL || !feed(console, stream, stanza, console->line))
        keep(console, stream, stanza);
}

/* Feeds as much of the backlog as the library takes; tells whether it took any. */
static bool feed_backlog(struct console *console, struct console_stream *stream) {
    bool fed = false;
    while (stream->stream != NULL && stream->backlog != NULL && !console->failed) {
        struct console_stanza *first = stream->backlog;
        /* Taken off before it is fed: closing the stream empties what is left of the backlog. */
        stream->backlog = first->next;
        if (!feed(console, stream, (struct console_text){first->text, first->length}, first->line)) {
            stream->backlog = first;
            break;
        }
        if (stream->backlog == NULL)
            stream->backlog_end = &stream->backlog;
        free(first);
        fed = true;
    }
    return fed;
}

/* Until all is quiet: drains the streams that became ready by what happened elsewhere, and feeds the backlogs. */
void console_settle(struct console *console) {
    bool fed = true;
    while (fed && !console->failed) {
        xmppbind_stream *ready = xmppbind_host_next_ready(console->host);
        for (; ready != NULL && !console->failed; ready = xmppbind_host_next_ready(console->host))
            console_stream_drain(console, xmppbind_stream_user_data(ready));
        fed = false;
        for (struct console_stream *stream = console->streams; stream != NULL; stream = stream->next)
            fed = feed_backlog(console, stream) || fed;
        fed = console_im_settle(console) || fed;
    }
    console_im_start_clock(console);
    /* The clock of a request starts when its deadline is asked for the first time. */
    for (struct console_stream *stream = console->streams; stream != NULL; stream = stream->next) {
        if (stream->stream != NULL)
            (void)xmppbind_stream_next_deadline(stream->stream, console->clock);
    }
}

/* The clock has moved. */
void console_expire(struct console *console) {
    console_im_expire(console);
    for (struct console_stream *stream = console->streams; stream != NULL && !console->failed; stream = stream->next) {
        if (stream->stream == NULL)
            continue;
        int result = xmppbind_stream_expire(stream->stream, console->clock);
        if (result != XMPPBIND_OK)
            console_fail(console, "deadlines cannot be met", result);
        else
            console_stream_drain(console, stream);
    }
}
