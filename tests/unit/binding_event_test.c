/* What an event says, and for how long. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

#define BALCONY "juliet@capulet.example/balcony"

/* The next event, which has to be of this kind. */
static xmppbind_event *next(xmppbind_stream *stream, int kind) {
    xmppbind_event *event = NULL;
    assert_int_equal(xmppbind_stream_next_event(stream, &event), 1);
    assert_int_equal(xmppbind_event_kind(event), kind);
    return event;
}

static void no_event_says_nothing(void **state) {
    size_t length = 5;
    xmppbind_event *event = NULL;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(xmppbind_stream_next_event(NULL, &event), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_next_event(stream, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_stream_next_event(stream, &event), 0);
    assert_null(event);
    assert_int_equal(xmppbind_event_kind(NULL), 0);
    assert_null(xmppbind_event_jid(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_event_jid(NULL, NULL));
    assert_int_equal(xmppbind_event_claim(NULL), 0);
    assert_int_equal(xmppbind_event_reason(NULL), 0);
    assert_int_equal(xmppbind_event_condition(NULL), XMPPBIND_CONDITION_NONE);
    assert_int_equal(xmppbind_event_tag(NULL), 0);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void sessions_have_a_jid_and_a_claim(void **state) {
    size_t length = 0;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    uint64_t claim = 0;
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 41), XMPPBIND_OK);
    assert_non_null(xmppbind_host_find(host, BALCONY, strlen(BALCONY), &claim));
    xmppbind_event *event = next(stream, XMPPBIND_EVENT_OPENED);
    assert_string_equal(xmppbind_event_jid(event, &length), BALCONY);
    assert_int_equal(length, strlen(BALCONY));
    assert_int_equal(xmppbind_event_claim(event), claim);
    assert_int_equal(xmppbind_event_tag(event), 0);
    assert_int_equal(xmppbind_event_reason(event), 0);
    assert_int_equal(xmppbind_event_condition(event), XMPPBIND_CONDITION_NONE);
    event = next(stream, XMPPBIND_EVENT_ANSWER);
    assert_string_equal(xmppbind_event_jid(event, NULL), BALCONY);
    assert_int_equal(xmppbind_event_claim(event), claim);
    assert_int_equal(xmppbind_event_tag(event), 41);
    assert_int_equal(test_unbind(stream, "balcony", 42), XMPPBIND_OK);
    event = next(stream, XMPPBIND_EVENT_CLOSED);
    assert_string_equal(xmppbind_event_jid(event, NULL), BALCONY); /* though the session is over */
    assert_int_equal(xmppbind_event_claim(event), claim);
    assert_int_equal(xmppbind_event_reason(event), XMPPBIND_REASON_UNBOUND);
    event = next(stream, XMPPBIND_EVENT_ANSWER);
    assert_int_equal(xmppbind_event_tag(event), 42);
    event = next(stream, XMPPBIND_EVENT_CLOSE);
    assert_null(xmppbind_event_jid(event, &length));
    assert_int_equal(xmppbind_event_claim(event), 0);
    assert_int_equal(xmppbind_event_condition(event), XMPPBIND_CONDITION_NONE);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void stanzas_have_the_session_that_sent_them(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    uint64_t claim = 0;
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    test_drain_all(stream);
    assert_non_null(xmppbind_host_find(host, BALCONY, strlen(BALCONY), &claim));
    assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_OK);
    xmppbind_event *event = next(stream, XMPPBIND_EVENT_ROUTE);
    assert_string_equal(xmppbind_event_jid(event, NULL), BALCONY);
    assert_int_equal(xmppbind_event_claim(event), claim);
    assert_int_equal(xmppbind_event_tag(event), 0);
    assert_int_equal(
        test_receive(stream, "<iq type='set' id='1'><unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
        XMPPBIND_OK);
    event = next(stream, XMPPBIND_EVENT_SEND);
    assert_int_equal(xmppbind_event_condition(event), XMPPBIND_CONDITION_NONE); /* it is in the stanza */
    assert_null(xmppbind_event_jid(event, NULL));
    assert_int_equal(xmppbind_event_claim(event), 0);
    assert_int_equal(test_receive(stream, "<iq type='result' from='juliet@capulet.example/a b\x7f'/>"), XMPPBIND_OK);
    event = next(stream, XMPPBIND_EVENT_DISCARD);
    assert_int_equal(xmppbind_event_condition(event), XMPPBIND_CONDITION_JID_MALFORMED);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* A text that was asked for, a stanza that was taken: both leave the event as it is until the next one. */
static void an_event_lives_until_the_next(void **state) {
    const char *text = NULL;
    size_t length = 0;
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, "juliet@capulet.example");
    (void)state;
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    xmppbind_event *event = next(stream, XMPPBIND_EVENT_OPENED);
    for (int i = 0; i < 20; i++) /* far more than the stream has room for */
        assert_int_equal(test_receive(stream, "<message/>"), XMPPBIND_OK);
    assert_int_equal(xmppbind_event_kind(event), XMPPBIND_EVENT_OPENED);
    assert_string_equal(xmppbind_event_jid(event, NULL), BALCONY);
    (void)next(stream, XMPPBIND_EVENT_ANSWER);
    for (int i = 0; i < 20; i++) {
        event = next(stream, XMPPBIND_EVENT_ROUTE);
        assert_int_equal(xmppbind_event_bytes(stream, event, &text, &length), XMPPBIND_OK);
        assert_int_equal(strlen(text), length);
    }
    assert_int_equal(xmppbind_stream_next_event(stream, &event), 0);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void reasons_have_names(void **state) {
    (void)state;
    assert_string_equal(xmppbind_reason_name(XMPPBIND_REASON_UNBOUND), "unbound");
    assert_string_equal(xmppbind_reason_name(XMPPBIND_REASON_EVICTED), "evicted");
    assert_string_equal(xmppbind_reason_name(XMPPBIND_REASON_DISCONNECTED), "disconnected");
    assert_string_equal(xmppbind_reason_name(XMPPBIND_REASON_EXPIRED), "expired");
    assert_string_equal(xmppbind_reason_name(XMPPBIND_REASON_FAILED), "failed");
    assert_string_equal(xmppbind_reason_name(0), "");
    assert_string_equal(xmppbind_reason_name(-1), "unknown");
    assert_string_equal(xmppbind_reason_name(XMPPBIND_REASON_FAILED + 1), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_event_says_nothing),
        cmocka_unit_test(sessions_have_a_jid_and_a_claim),
        cmocka_unit_test(stanzas_have_the_session_that_sent_them),
        cmocka_unit_test(an_event_lives_until_the_next),
        cmocka_unit_test(reasons_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
