#include "test_events.h"

#include "test_cmocka.h"

#include <stdio.h>
#include <string.h>

static int stanza_line(xmppbind_stream *stream, xmppbind_event *event, const char *word, struct test_text *text) {
    const char *octets = NULL;
    size_t length = 0;
    int result = xmppbind_event_bytes(stream, event, &octets, &length);
    if (result != XMPPBIND_OK)
        return result;
    assert_int_equal(strlen(octets), length);
    test_text_format(text, "%s %s\n", word, octets);
    return 0;
}

static void answer_line(xmppbind_event *event, struct test_text *text) {
    const char *jid = xmppbind_event_jid(event, NULL);
    int condition = xmppbind_event_condition(event);
    test_text_format(text, "answer %llu", (unsigned long long)xmppbind_event_tag(event));
    if (jid != NULL)
        test_text_format(text, " %s", jid);
    if (condition != XMPPBIND_CONDITION_NONE)
        test_text_format(text, " %s", xmppbind_condition_name(condition));
    test_text_add(text, "\n", 1);
}

static void close_line(const xmppbind_event *event, struct test_text *text) {
    int condition = xmppbind_event_condition(event);
    if (condition == XMPPBIND_CONDITION_NONE)
        test_text_format(text, "close\n");
    else
        test_text_format(text, "close %s\n", xmppbind_condition_name(condition));
}

int test_event_line(xmppbind_stream *stream, xmppbind_event *event, struct test_text *text) {
    switch (xmppbind_event_kind(event)) {
    case XMPPBIND_EVENT_SEND:
        return stanza_line(stream, event, "send", text);
    case XMPPBIND_EVENT_ROUTE:
        return stanza_line(stream, event, "route", text);
    case XMPPBIND_EVENT_DISCARD:
        test_text_format(text, "discard %s\n", xmppbind_condition_name(xmppbind_event_condition(event)));
        return 0;
    case XMPPBIND_EVENT_CLOSE:
        close_line(event, text);
        return 0;
    case XMPPBIND_EVENT_OPENED:
        assert_int_not_equal(xmppbind_event_claim(event), 0);
        test_text_format(text, "opened %s\n", xmppbind_event_jid(event, NULL));
        return 0;
    case XMPPBIND_EVENT_CLOSED:
        assert_int_not_equal(xmppbind_event_claim(event), 0);
        test_text_format(text, "closed %s %s\n", xmppbind_event_jid(event, NULL),
                         xmppbind_reason_name(xmppbind_event_reason(event)));
        return 0;
    case XMPPBIND_EVENT_ANSWER:
        answer_line(event, text);
        return 0;
    default:
        fail_msg("unknown event kind %d", xmppbind_event_kind(event));
        return 0;
    }
}

int test_drain(xmppbind_stream *stream, struct test_text *text) {
    xmppbind_event *event = NULL;
    int result;
    while ((result = xmppbind_stream_next_event(stream, &event)) == 1) {
        int error = test_event_line(stream, event, text);
        if (error != 0)
            return error;
    }
    return result;
}

void test_drain_all(xmppbind_stream *stream) {
    struct test_text text = {NULL, 0, 0};
    assert_int_equal(test_drain(stream, &text), 0);
    test_text_free(&text);
}

void test_expect_at(xmppbind_stream *stream, const char *lines, const char *file, int line) {
    struct test_text text = {NULL, 0, 0};
    int result = test_drain(stream, &text);
    if (result != 0)
        fprintf(stderr, "%s:%d: draining gave %s\n", file, line, xmppbind_error_name(result));
    _assert_int_equal(cast_to_largest_integral_type(result), 0, file, line);
    _assert_string_equal(test_text_get(&text), lines, file, line);
    test_text_free(&text);
}

xmppbind_host *test_host(const xmppbind_allocator *allocator) {
    xmppbind_host *host = NULL;
    assert_int_equal(xmppbind_host_new(&host, allocator), XMPPBIND_OK);
    return host;
}

xmppbind_stream *test_stream(xmppbind_host *host, const char *account) {
    xmppbind_stream *stream = NULL;
    assert_int_equal(xmppbind_stream_new(&stream, host, account, strlen(account), NULL), XMPPBIND_OK);
    return stream;
}

int test_bind(xmppbind_stream *stream, const char *resource, uint64_t tag) {
    return xmppbind_stream_bind(stream, resource, resource == NULL ? 0 : strlen(resource), tag);
}

int test_unbind(xmppbind_stream *stream, const char *resource, uint64_t tag) {
    return xmppbind_stream_unbind(stream, resource, resource == NULL ? 0 : strlen(resource), tag);
}

void test_option(xmppbind_host *host, const char *name, const char *value) {
    assert_int_equal(xmppbind_host_set_option_text(host, name, strlen(name), value, strlen(value)), XMPPBIND_OK);
}
