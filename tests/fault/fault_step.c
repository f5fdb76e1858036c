#include "fault_step.h"

#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#define BIND(id, child)                                                                                                \
    "<iq type='set' id='" id "'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" child "</bind></iq>"
#define UNBIND(id, resource)                                                                                           \
    "<iq type='set' id='" id "'><unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" resource                  \
    "</resource></unbind></iq>"

/* long enough that it cannot live inside a node */
#define LONG_NAME "a-resource-that-is-longer-than-what-fits-elsewhere"

static const struct fault_step by_strings[] = {
    {FAULT_OPEN, 0, "juliet@capulet.example"},
    {FAULT_BIND, 0, "balcony"},
    {FAULT_STAMP, 0, NULL},
    {FAULT_STAMP, 0, "JULIET@capulet.example/balcony"},
    {FAULT_BIND, 0, LONG_NAME},
    {FAULT_BIND, 0, NULL},
    {FAULT_BIND, 0, "balcony"},
    {FAULT_BIND, 0, "\x01"},
    {FAULT_STAMP, 0, "juliet@capulet.example/" LONG_NAME},
    {FAULT_STAMP, 0, "juliet@capulet.example/garden"},
    {FAULT_UNBIND, 0, LONG_NAME},
    {FAULT_UNBIND, 0, "garden"},
    {FAULT_OPEN, 1, "juliet@capulet.example"},
    {FAULT_BIND, 1, "balcony"},
    {FAULT_STAMP, 1, "juliet@capulet.example"},
    {FAULT_STAMP, 0, "juliet@capulet.example/balcony"},
    {FAULT_UNBIND, 1, "balcony"},
    {FAULT_BIND, 0, "orchard"},
    {FAULT_STAMP, 0, "romeo@montague.example"},
    {FAULT_DISCONNECT, 0, NULL},
    {FAULT_DISCONNECT, 1, NULL},
    {FAULT_END, 0, NULL},
};

static const struct fault_step by_stanzas[] = {
    {FAULT_OPEN, 0, "juliet@capulet.example"},
    {FAULT_FEATURES, 0, NULL},
    {FAULT_RECEIVE, 0, BIND("b1", "<resource>balcony</resource>")},
    {FAULT_FEATURES, 0, NULL},
    {FAULT_RECEIVE, 0, "<message to='nurse@capulet.example' xml:lang='it'><body>one &amp; two</body></message>"},
    {FAULT_RECEIVE, 0, BIND("b2&amp;", "<resource>" LONG_NAME "</resource>")},
    {FAULT_RECEIVE, 0, BIND("b3", "")},
    {FAULT_RECEIVE, 0, BIND("b4", "<resource>balcony</resource>")},
    {FAULT_RECEIVE, 0, BIND("b5", "<resource/>")},
    {FAULT_RECEIVE, 0, BIND("b6", "<resource>a<!-- split -->b<![CDATA[c]]></resource>")},
    {FAULT_RECEIVE, 0, "<message id='m1' from='juliet@capulet.example/" LONG_NAME "'><body/></message>"},
    {FAULT_RECEIVE, 0, "<message id='m2' to='a@b' from='juliet@capulet.example/nowhere'><body>hi</body></message>"},
    {FAULT_RECEIVE, 0, "<message id='m3' to='a@b' from=''><x xmlns='urn:example:x'>hi</x></message>"},
    {FAULT_RECEIVE, 0, "<iq type='result' id='m4' from='juliet@capulet.example/nowhere'/>"},
    {FAULT_RECEIVE, 0, "<presence type='subscribe' to='nurse@capulet.example' id='s1'/>"},
    {FAULT_RECEIVE, 0, "<iq type='set' id='s2'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"},
    {FAULT_RECEIVE, 0, "<c:message xmlns:c='jabber:client' c:id='no' id='yes'><c:body>&#65;</c:body></c:message>"},
    {FAULT_RECEIVE, 0, UNBIND("u1", LONG_NAME)},
    {FAULT_RECEIVE, 0, UNBIND("u2", "garden")},
    {FAULT_RECEIVE, 0, UNBIND("u3", "")},
    {FAULT_OPEN, 1, "juliet@capulet.example"},
    {FAULT_RECEIVE, 1,
     "<iq type='set' id='b7' from='juliet@capulet.example/balcony' xmlns='jabber:client'>"
     "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>"},
    {FAULT_RECEIVE, 0, "<message id='m5' from='juliet@capulet.example/balcony'><body>late</body></message>"},
    {FAULT_RECEIVE, 1, UNBIND("u4", "balcony")},
    {FAULT_RECEIVE, 0, "<message id='m6' from='romeo@montague.example'/>"},
    {FAULT_DISCONNECT, 0, NULL},
    {FAULT_DISCONNECT, 1, NULL},
    {FAULT_END, 0, NULL},
};

const struct fault_step *fault_steps(enum fault_way way) {
    return way == FAULT_STRINGS ? by_strings : way == FAULT_SESSIONS ? fault_session_steps : by_stanzas;
}

/* What test_storage_set_up() does, with a constructor that may fail. */
int fault_storage(struct fault_play *play, const xmppbind_allocator *allocator) {
    struct test_storage *storage = &play->storage;
    storage->directory = xmppbind_host_directory(play->host);
    int result = xmppbind_memory_directory_new(&storage->memory, allocator, NULL, NULL);
    if (result != XMPPBIND_OK) {
        assert_null(storage->memory);
        return result;
    }
    return xmppbind_directory_set_claims(storage->directory, test_storage_callback, test_storage_callback, storage);
}

static void open_stream(struct fault_play *play, const struct fault_step *step) {
    int result;
    do {
        fault_arm(1);
        result = xmppbind_stream_new(&play->streams[step->stream], play->host, step->text, strlen(step->text), NULL);
        fault_arm(0);
        assert_true((result == XMPPBIND_OK) == (play->streams[step->stream] != NULL));
    } while (fault_again(play, result));
}

/* Shows the flow what a call without a stanza answered. */
static void show_result(struct fault_play *play, const char *what, int result) {
    if (result != XMPPBIND_OK && !play->dead)
        test_text_format(play->lines, "%s %s\n", what, xmppbind_error_name(result));
}

static void stamp(struct fault_play *play, const struct fault_step *step) {
    const char *from = NULL, *session = NULL;
    size_t length = 0, session_length = 0;
    int result;
    do {
        fault_arm(1);
        result = xmppbind_stream_stamp(play->streams[step->stream], XMPPBIND_STANZA_MESSAGE, step->text,
                                       step->text == NULL ? 0 : strlen(step->text), &from, &length, &session,
                                       &session_length);
        fault_arm(0);
    } while (fault_again(play, result));
    if (result == XMPPBIND_OK)
        test_text_format(play->lines, "stamp %s %s\n", from, session);
    show_result(play, "stamp", result);
}

static void ask(struct fault_play *play, const struct fault_step *step) {
    xmppbind_stream *stream = play->streams[step->stream];
    int result;
    do {
        fault_arm(1);
        result = step->kind == FAULT_BIND ? test_bind(stream, step->text, 1) : test_unbind(stream, step->text, 2);
        fault_arm(0);
    } while (fault_again(play, result));
    show_result(play, "ask", result);
}

static int receive_node(struct fault_play *play, const struct fault_step *step) {
    struct test_text before = {NULL, 0, 0}, after = {NULL, 0, 0};
    xmlNode *node = test_node(step->text);
    assert_non_null(node);
    test_summary(node, &before);
    fault_arm(1);
    int result = xmppbind_stream_receive(play->streams[step->stream], node);
    fault_arm(0);
    if (result != XMPPBIND_OK) { /* untouched, and the caller's */
        test_summary(node, &after);
        assert_string_equal(test_text_get(&after), test_text_get(&before));
        xmlFreeNode(node);
    }
    test_text_free(&before);
    test_text_free(&after);
    return result;
}

static int receive_octets(struct fault_play *play, const struct fault_step *step) {
    fault_arm(1);
    int result = test_receive_bytes(play->streams[step->stream], step->text);
    fault_arm(0);
    return result;
}

static void receive(struct fault_play *play, const struct fault_step *step) {
    int result;
    do {
        if (play->plan->way == FAULT_SESSIONS && fault_sessions_receive(play, step, &result))
            continue;
        result = play->plan->way == FAULT_NODES ? receive_node(play, step) : receive_octets(play, step);
    } while (fault_again(play, result));
    show_result(play, "receive", result);
}

static void features(struct fault_play *play, const struct fault_step *step) {
    int result;
    xmlNode *node = test_node("<features/>");
    do {
        fault_arm(1);
        result = xmppbind_stream_add_features(play->streams[step->stream], node);
        fault_arm(0);
        if (result != XMPPBIND_OK)
            assert_null(node->children);
    } while (fault_again(play, result));
    if (result == XMPPBIND_OK) {
        test_text_format(play->lines, "features ");
        test_summary(node, play->lines);
        test_text_format(play->lines, "\n");
    }
    xmlFreeNode(node);
}

/* One event; its text is asked for until there is memory for it. */
static void show_event(struct fault_play *play, int stream, xmppbind_event *event) {
    int result;
    do {
        size_t length = play->lines->length;
        fault_arm(1);
        result = test_event_line(play->streams[stream], event, play->lines);
        fault_arm(0);
        if (result != 0)
            assert_int_equal(play->lines->length, length);
    } while (fault_again(play, result));
}

static void drain(struct fault_play *play, int stream) {
    xmppbind_event *event = NULL;
    int result = 0;
    while (!play->dead) {
        fault_arm(1);
        result = xmppbind_stream_next_event(play->streams[stream], &event);
        fault_arm(0);
        if (fault_again(play, result))
            continue;
        if (result != 1)
            break;
        test_text_format(play->lines, "%c ", 'A' + stream);
        show_event(play, stream, event);
        if (play->dead) /* a line that was begun */
            play->lines->length -= 2;
    }
    assert_true(play->dead || result == 0);
}

/* Lack of memory can move what one stream says behind what another says, never within a stream: a step's lines are
 * compared by stream. */
static void sort_lines(char *lines) {
    size_t length = strlen(lines), at = 0;
    char *sorted = malloc(length + 1);
    assert_non_null(sorted);
    for (int letter = 0; letter < 128; letter++) {
        for (char *line = lines, *end; *line != '\0'; line = end + 1) {
            end = strchr(line, '\n');
            if (line[0] == letter) {
                memcpy(sorted + at, line, (size_t)(end - line) + 1);
                at += (size_t)(end - line) + 1;
            }
        }
    }
    assert_int_equal(at, length);
    memcpy(lines, sorted, length);
    free(sorted);
}

/* Drains until all streams are quiet. */
static void settle(struct fault_play *play) {
    size_t length;
    int answered;
    do {
        length = play->lines->length;
        for (int i = 0; i < FAULT_STREAMS; i++) {
            if (play->streams[i] != NULL)
                drain(play, i);
        }
        fault_sessions_drain(play);
        fault_arm(1);
        answered = !play->dead && (test_storage_answer(&play->storage) || fault_sessions_answer(play));
        fault_arm(0);
    } while (!play->dead &&
             (answered || play->lines->length != length || xmppbind_host_next_ready(play->host) != NULL));
}

static void act(struct fault_play *play, const struct fault_step *step) {
    switch (step->kind) {
    case FAULT_OPEN:
        open_stream(play, step);
        break;
    case FAULT_BIND:
    case FAULT_UNBIND:
        ask(play, step);
        break;
    case FAULT_STAMP:
        stamp(play, step);
        break;
    case FAULT_RECEIVE:
        receive(play, step);
        break;
    case FAULT_FEATURES:
        features(play, step);
        break;
    case FAULT_SILENCE:
        play->silent = step->text[1] == 'n';
        break;
    case FAULT_EXPIRE:
        fault_sessions_expire(play, step);
        break;
    case FAULT_DELIVER:
        fault_sessions_deliver(play, step);
        break;
    case FAULT_FREE:
        fault_arm(1);
        xmppbind_stream_free(play->streams[step->stream]);
        fault_arm(0);
        play->streams[step->stream] = NULL;
        break;
    default:
        fault_arm(1);
        assert_int_equal(xmppbind_stream_disconnect(play->streams[step->stream]), XMPPBIND_OK);
        fault_arm(0);
        break;
    }
}

void fault_step(struct fault_play *play, const struct fault_step *step) {
    size_t length = play->lines->length;
    act(play, step);
    settle(play);
    if (play->lines->length > length && play->dead) { /* a step that was broken off has no order to compare */
        play->lines->length = length;
        play->lines->text[length] = '\0';
    } else if (play->lines->length > length) {
        sort_lines(play->lines->text + length);
    }
    if (play->dead || play->plan->storage != FAULT_STORAGE_SHARED || play->lines->length == length)
        return;
    if (strstr(play->lines->text + length, "internal-server-error") == NULL)
        return;
    /* BIND-12: the directory had no memory, the client got an answer; it tries again and succeeds */
    play->lines->length = length;
    play->lines->text[length] = '\0';
    if (play->plan->mode == FAULT_FINAL)
        play->dead = 1;
    else
        fault_step(play, step);
}
