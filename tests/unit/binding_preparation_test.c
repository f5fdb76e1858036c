/* A host's own preparation of addresses: used wherever an address is, held to the rules of comparison. JID-1, JID-2. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <string.h>

/* What the three callbacks do, and what happened. */
struct plugged {
    xmppbind_stream *stream; /* to be used from inside, or NULL */
    const char *answer;      /* in place of the lower-cased text; or NULL */
    size_t answer_length;
    int result;
    int calls;
    int inside; /* what using the stream from inside gave */
};

static int lower(const char *text, size_t length, char *prepared, size_t capacity, size_t *prepared_length,
                 void *user_data) {
    struct plugged *plugged = user_data;
    xmppbind_event *event = NULL;
    plugged->calls++;
    if (plugged->stream != NULL)
        plugged->inside = xmppbind_stream_next_event(plugged->stream, &event);
    if (plugged->result != 0)
        return plugged->result;
    if (plugged->answer != NULL) {
        text = plugged->answer;
        length = plugged->answer_length;
    }
    if (length > capacity)
        return XMPPBIND_ERROR_ADDRESS_TOO_LONG;
    for (size_t i = 0; i < length; i++)
        prepared[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
    *prepared_length = length;
    return 0;
}

static xmppbind_host *set_up(struct plugged *plugged) {
    xmppbind_host *host = test_host(NULL);
    memset(plugged, 0, sizeof *plugged);
    assert_int_equal(xmppbind_host_set_preparation(host, lower, lower, lower, plugged), XMPPBIND_OK);
    return host;
}

static void it_is_used_wherever_an_address_is(void **state) {
    struct plugged plugged;
    xmppbind_host *host = set_up(&plugged);
    xmppbind_stream *stream = test_stream(host, "JULIET@_Capulet");
    const char *stamp;
    size_t length;
    (void)state;
    assert_string_equal(xmppbind_stream_account(stream, NULL), "juliet@_capulet"); /* no domain name for us */
    assert_int_equal(test_bind(stream, "Balcony", 1), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "BALCONY", 2), XMPPBIND_OK);
    assert_int_equal(test_bind(stream, "Garden", 3), XMPPBIND_OK);
    test_expect(stream, "opened juliet@_capulet/balcony\nanswer 1 juliet@_capulet/balcony\nanswer 2 conflict\n"
                        "opened juliet@_capulet/garden\nanswer 3 juliet@_capulet/garden\n");
    assert_int_equal(
        xmppbind_stream_stamp(stream, XMPPBIND_STANZA_IQ, "juliet@_capulet/BalcoNY", 23, &stamp, &length, NULL, NULL),
        XMPPBIND_OK);
    assert_string_equal(stamp, "juliet@_capulet/balcony");
    assert_int_equal(test_receive(stream, "<message from='Juliet@_CAPULET/Garden'/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(stream, "<message from='juliet@_capulet/nowhere'/>"), XMPPBIND_OK);
    assert_int_equal(test_receive(stream, "<message from='juliet@_capulet/GARDEN'/>"), XMPPBIND_OK);
    test_expect(stream, "route <message from=\"juliet@_capulet/garden\"/>\n"
                        "send <message type=\"error\" to=\"juliet@_capulet/nowhere\"><error type=\"modify\">"
                        "<unknown-sender xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>\n"
                        "route <message from=\"juliet@_capulet/garden\"/>\n");
    assert_int_equal(test_unbind(stream, "GARDEN", 4), XMPPBIND_OK);
    test_expect(stream, "closed juliet@_capulet/garden unbound\nanswer 4 juliet@_capulet/garden\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* One part may be plugged in alone; the others go by the option. */
static void one_part_may_be_plugged_in(void **state) {
    struct plugged plugged = {NULL, NULL, 0, 0, 0, 0};
    xmppbind_host *host = test_host(NULL);
    (void)state;
    assert_int_equal(xmppbind_host_set_preparation(host, NULL, lower, NULL, &plugged), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, "\u00c9@A_B");
    assert_string_equal(xmppbind_stream_account(stream, NULL), "\u00e9@a_b");
    assert_int_equal(test_bind(stream, "Balcony", 1), XMPPBIND_OK);
    assert_string_equal(xmppbind_stream_resource(stream, 0, NULL), "\u00e9@a_b/Balcony");
    assert_int_equal(test_receive(stream, "<message from='e\u0301@a_B/Balcony'/>"), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_preparation(host, NULL, NULL, NULL, NULL), XMPPBIND_ERROR_STATE);
    xmppbind_stream_free(stream);
    xmppbind_stream *bare = NULL;
    assert_int_equal(xmppbind_stream_new(&bare, host, "a_b", 3, NULL), XMPPBIND_OK); /* no localpart at all */
    xmppbind_stream_free(bare);
    assert_int_equal(xmppbind_host_set_preparation(host, NULL, NULL, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_new(&bare, host, "a_b", 3, NULL), XMPPBIND_ERROR_ADDRESS_DOMAIN);
    assert_int_equal(xmppbind_host_set_preparation(NULL, NULL, NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    xmppbind_host_free(host);
}

static void what_would_not_be_a_part_is_refused(void **state) {
    static const struct {
        const char *answer;
        size_t length;
        int account, resource;
    } rows[] = {
        {"", 0, XMPPBIND_ERROR_ADDRESS_EMPTY, XMPPBIND_ERROR_ADDRESS_EMPTY},
        {"\xff", 1, XMPPBIND_ERROR_ADDRESS_NOT_UTF8, XMPPBIND_ERROR_ADDRESS_NOT_UTF8},
        {"a\0b", 3, XMPPBIND_ERROR_ADDRESS_FORBIDDEN, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
        {"a@b", 3, XMPPBIND_ERROR_ADDRESS_FORBIDDEN, XMPPBIND_OK},
        {"a/b", 3, XMPPBIND_ERROR_ADDRESS_FORBIDDEN, XMPPBIND_OK},
    };
    struct plugged plugged;
    xmppbind_host *host = set_up(&plugged);
    xmppbind_stream *good = test_stream(host, "a@b"), *stream = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        plugged.answer = rows[i].answer;
        plugged.answer_length = rows[i].length;
        assert_int_equal(xmppbind_stream_new(&stream, host, "c@d", 3, NULL), rows[i].account);
        assert_int_equal(test_bind(good, "r", 1), XMPPBIND_OK);
        if (rows[i].resource == XMPPBIND_OK)
            test_drain_all(good);
        else
            test_expect(good, "answer 1 bad-request\n");
    }
    assert_int_equal(xmppbind_stream_resource_count(good), 2);
    plugged.answer = NULL;
    assert_int_equal(xmppbind_stream_new(&stream, host, "@d", 2, NULL), XMPPBIND_ERROR_ADDRESS_EMPTY);
    xmppbind_stream_free(good);
    xmppbind_host_free(host);
}

/* More than there is room for, and whatever number a callback returns. */
static void its_errors_are_those_of_addresses(void **state) {
    static const struct {
        int given, result;
    } rows[] = {{XMPPBIND_ERROR_ADDRESS_BIDI, XMPPBIND_ERROR_ADDRESS_BIDI},
                {XMPPBIND_ERROR_ADDRESS_EMPTY, XMPPBIND_ERROR_ADDRESS_EMPTY},
                {XMPPBIND_ERROR_NO_MEMORY, XMPPBIND_ERROR_NO_MEMORY},
                {XMPPBIND_ERROR_CLOSED, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
                {-1, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
                {1, XMPPBIND_ERROR_ADDRESS_FORBIDDEN},
                {-99999, XMPPBIND_ERROR_ADDRESS_FORBIDDEN}};
    static char long_answer[XMPPBIND_PART_MAXIMUM + 1];
    struct plugged plugged;
    xmppbind_host *host = set_up(&plugged);
    xmppbind_stream *stream = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        plugged.result = rows[i].given;
        assert_int_equal(xmppbind_stream_new(&stream, host, "a@b", 3, NULL), rows[i].result);
    }
    plugged.result = 0;
    memset(long_answer, 'a', sizeof long_answer);
    plugged.answer = long_answer;
    plugged.answer_length = sizeof long_answer; /* there is room for a terminator too, and that is no part of it */
    assert_int_equal(xmppbind_stream_new(&stream, host, "a@b", 3, NULL), XMPPBIND_ERROR_ADDRESS_TOO_LONG);
    plugged.answer_length--;
    assert_int_equal(xmppbind_stream_new(&stream, host, "a@b", 3, NULL), XMPPBIND_OK);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

/* Its callbacks run inside a call, whichever it is. */
static void the_stream_cannot_be_used_from_inside(void **state) {
    struct plugged plugged;
    xmppbind_host *host = set_up(&plugged);
    xmppbind_stream *stream = test_stream(host, "a@b");
    const char *stamp;
    size_t length;
    (void)state;
    assert_int_equal(test_bind(stream, "c", 1), XMPPBIND_OK);
    test_drain_all(stream);
    plugged.stream = stream;
    assert_int_equal(xmppbind_stream_stamp(stream, XMPPBIND_STANZA_IQ, "A@b/c", 5, &stamp, &length, NULL, NULL),
                     XMPPBIND_OK);
    assert_int_equal(plugged.inside, XMPPBIND_ERROR_REENTRANT);
    plugged.inside = 0;
    assert_int_equal(test_receive(stream, "<message from='A@b/c'/>"), XMPPBIND_OK);
    assert_int_equal(plugged.inside, XMPPBIND_ERROR_REENTRANT);
    plugged.inside = 0;
    assert_int_equal(test_bind(stream, "d", 2), XMPPBIND_OK);
    assert_int_equal(plugged.inside, XMPPBIND_ERROR_REENTRANT);
    plugged.stream = NULL;
    test_drain_all(stream);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

#define BIND(attributes, resource)                                                                                     \
    "<iq type='set' id='i' " attributes "><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" resource          \
    "</resource></bind></iq>"
#define SESSION "<iq type='set' id='s' to='A@b'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"

/* Each is offered again when there is memory, and only then decided. */
static void received_without_memory(struct plugged *plugged, xmppbind_stream *stream, const char *stanza,
                                    const char *lines) {
    xmppbind_event *event = NULL;
    plugged->result = XMPPBIND_ERROR_NO_MEMORY;
    int result = test_receive(stream, stanza);
    if (result == XMPPBIND_OK) /* it waits for its turn */
        assert_int_equal(xmppbind_stream_next_event(stream, &event), XMPPBIND_ERROR_NO_MEMORY);
    else
        assert_int_equal(result, XMPPBIND_ERROR_NO_MEMORY);
    plugged->result = 0;
    if (result != XMPPBIND_OK)
        assert_int_equal(test_receive(stream, stanza), XMPPBIND_OK);
    test_expect(stream, lines);
}

static void no_memory_decides_nothing(void **state) {
    struct plugged plugged;
    xmppbind_host *host = set_up(&plugged);
    xmppbind_stream *stream = test_stream(host, "a@b");
    xmppbind_event *event = NULL;
    const char *stamp;
    size_t length;
    (void)state;
    plugged.result = XMPPBIND_ERROR_NO_MEMORY;
    assert_int_equal(test_bind(stream, "C", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_next_event(stream, &event), XMPPBIND_ERROR_NO_MEMORY);
    plugged.result = 0;
    test_expect(stream, "opened a@b/c\nanswer 1 a@b/c\n");
    plugged.result = XMPPBIND_ERROR_NO_MEMORY;
    assert_int_equal(xmppbind_stream_stamp(stream, XMPPBIND_STANZA_IQ, "A@b/c", 5, &stamp, &length, NULL, NULL),
                     XMPPBIND_ERROR_NO_MEMORY);
    received_without_memory(&plugged, stream, "<message from='A@b/c'/>", "route <message from=\"a@b/c\"/>\n");
    received_without_memory(&plugged, stream, SESSION, "send <iq type=\"result\" id=\"s\"/>\n");
    received_without_memory(&plugged, stream, BIND("to='B'", "d"),
                            "opened a@b/d\nsend <iq type=\"result\" id=\"i\"><bind "
                            "xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"><jid>a@b/d</jid></bind></iq>\n");
    received_without_memory(&plugged, stream, BIND("from='A@b'", "e"),
                            "opened a@b/e\nsend <iq type=\"result\" id=\"i\" to=\"A@b\"><bind "
                            "xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"><jid>a@b/e</jid></bind></iq>\n");
    plugged.result = XMPPBIND_ERROR_NO_MEMORY;
    assert_int_equal(test_unbind(stream, "C", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_next_event(stream, &event), XMPPBIND_ERROR_NO_MEMORY);
    plugged.result = 0;
    test_expect(stream, "closed a@b/c unbound\nanswer 2 a@b/c\n");
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_used_wherever_an_address_is),   cmocka_unit_test(one_part_may_be_plugged_in),
        cmocka_unit_test(what_would_not_be_a_part_is_refused), cmocka_unit_test(its_errors_are_those_of_addresses),
        cmocka_unit_test(no_memory_decides_nothing),           cmocka_unit_test(the_stream_cannot_be_used_from_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
