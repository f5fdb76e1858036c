/* Sessions of streams that never received a stanza: bound by xmppbind_stream_bind(), they get what others send. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>

static void deliver(xmppbind_sessions *sessions, const char *text) {
    assert_int_equal(xmppbind_sessions_deliver_bytes(sessions, text, strlen(text)), XMPPBIND_OK);
}

static void dlv_1_to_a_stream_that_received_nothing(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_sessions *sessions = NULL;
    (void)state;
    assert_int_equal(xmppbind_sessions_new(&sessions, host, NULL), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, "a@b");
    assert_int_equal(test_bind(stream, "one", 1), XMPPBIND_OK);
    test_drain_all(stream);
    deliver(sessions, "<message from='c@d' to='a@b/one'/>");
    deliver(sessions, "<message from='e@f' to='a@b/one'/>");
    test_expect(stream, "send <message from=\"c@d\" to=\"a@b/one\"/>\nsend <message from=\"e@f\" to=\"a@b/one\"/>\n");
    deliver(sessions, "<message from='c@d' to='a@b/one'/>"); /* freed with the stream */
    xmppbind_event *event = NULL;
    assert_int_equal(xmppbind_stream_next_event(stream, &event), 1);
    xmppbind_stream_free(stream);
    xmppbind_sessions_free(sessions);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dlv_1_to_a_stream_that_received_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
