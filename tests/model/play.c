#include "play.h"

#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void play_fail(struct play *play, const char *format, ...) {
    char message[2000];
    va_list arguments;
    if (play->failed)
        return;
    play->failed = 1;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    test_text_format(play->trouble, "%s\n", message);
}

/* The number of a "%NUMBER" at `text`, which has three digits, or -1. */
static int token(const char *text) {
    if (text[0] != '%' || !isdigit((unsigned char)text[1]))
        return -1;
    return (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
}

void play_translate(const struct play *play, const char *model_text, struct test_text *text) {
    while (*model_text != '\0') {
        int number = token(model_text);
        if (number >= 0 && play->generated[number][0] != '\0') {
            test_text_add(text, play->generated[number], PLAY_HEX);
            model_text += 4;
        } else {
            test_text_add(text, model_text++, 1);
        }
    }
}

/* BIND-2: a new name of 32 lower-case hexadecimal digits stands where the model has "%NUMBER". */
static int learn(struct play *play, int number, const char *text) {
    if (strspn(text, "0123456789abcdef") < PLAY_HEX)
        return 0;
    for (int i = 0; i < PLAY_GENERATED; i++) {
        if (memcmp(play->generated[i], text, PLAY_HEX) == 0)
            return i == number;
    }
    memcpy(play->generated[number], text, PLAY_HEX);
    return 1;
}

static int same(struct play *play, const char *expected, const char *text) {
    while (*expected != '\0') {
        int number = token(expected);
        if (number >= 0 && play->generated[number][0] == '\0' && !learn(play, number, text))
            return 0;
        if (number >= 0) {
            if (strncmp(play->generated[number], text, PLAY_HEX) != 0)
                return 0;
            expected += 4;
            text += PLAY_HEX;
        } else if (*expected++ != *text++) {
            return 0;
        }
    }
    return *text == '\0';
}

void play_compare(struct play *play, int stream) {
    struct test_text *expected = &play->model.streams[stream].lines, *text = &play->lines[stream];
    if (!same(play, test_text_get(expected), test_text_get(text)))
        play_fail(play, "stream %d: expected\n%sbut the library gave\n%s", stream, test_text_get(expected),
                  test_text_get(text));
    test_text_clear(expected);
    test_text_clear(text);
}

static void add_stanza(xmppbind_event *event, const char *word, struct test_text *text) {
    test_text_format(text, "%s ", word);
    if (xmppbind_event_jid(event, NULL) != NULL)
        test_text_format(text, "%s ", xmppbind_event_jid(event, NULL));
    test_summary(xmppbind_event_stanza(event), text);
    test_text_add(text, "\n", 1);
}

static void add_event(struct play *play, int stream, xmppbind_event *event) {
    struct test_text *text = &play->lines[stream];
    int kind = xmppbind_event_kind(event);
    if (kind == XMPPBIND_EVENT_SEND)
        add_stanza(event, "send", text);
    else if (kind == XMPPBIND_EVENT_ROUTE)
        add_stanza(event, "route", text);
    else if (test_event_line(play->streams[stream], event, text) != 0)
        play_fail(play, "stream %d: an event could not be read", stream);
    if (kind != XMPPBIND_EVENT_OPENED)
        return;
    int romeo = xmppbind_event_jid(event, NULL)[0] == 'r';       /* the other one is Juliet */
    if (xmppbind_event_claim(event) <= play->last_claims[romeo]) /* CONF-8 */
        play_fail(play, "the claim number did not grow");
    play->last_claims[romeo] = xmppbind_event_claim(event);
}

/* Drains one stream; 1 when it is to be closed. */
static int drain(struct play *play, int stream) {
    xmppbind_event *event = NULL;
    int result, closed = 0;
    while ((result = xmppbind_stream_next_event(play->streams[stream], &event)) == 1) {
        closed |= xmppbind_event_kind(event) == XMPPBIND_EVENT_CLOSE;
        add_event(play, stream, event);
    }
    if (result != 0)
        play_fail(play, "stream %d: draining gave %s", stream, xmppbind_error_name(result));
    return closed;
}

void play_close(struct play *play, int stream) {
    if (xmppbind_stream_disconnect(play->streams[stream]) != XMPPBIND_OK)
        play_fail(play, "stream %d: disconnect failed", stream);
    (void)drain(play, stream);
    model_disconnect(&play->model, stream);
    play_compare(play, stream);
    xmppbind_stream_free(play->streams[stream]);
    play->streams[stream] = NULL;
    play->model.streams[stream].open = 0;
}

/* Both sides of one stream; 1 when something came out, which may have consequences for the others. */
static int drain_both(struct play *play, int stream) {
    if (play->streams[stream] == NULL)
        return 0;
    int closed = drain(play, stream);
    model_pump(&play->model, stream);
    int happened = play->lines[stream].length > 0;
    if (closed != play->model.streams[stream].closing)
        play_fail(play, "stream %d: only one side closes it\nexpected\n%sbut the library gave\n%s", stream,
                  test_text_get(&play->model.streams[stream].lines), test_text_get(&play->lines[stream]));
    play_compare(play, stream);
    if (closed && !play->failed)
        play_close(play, stream);
    return happened;
}

void play_drain(struct play *play) {
    for (int again = 1; again && !play->failed;) {
        again = 0;
        for (int i = 0; i < MODEL_STREAMS && !play->failed; i++)
            again |= drain_both(play, i);
    }
}
