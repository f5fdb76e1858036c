/* A roster of 10,000 contacts: shown whole, told of presence one by one, and of its end. */
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>
#include <xmppbind.h>

#define JULIET "juliet@capulet.example"

enum { CONTACTS = 10000 };

static int answer(const xmppbind_store_request *request, void *user_data) {
    xmppbind_store *store = user_data;
    uint64_t id = xmppbind_store_request_id(request);
    for (unsigned i = 0; i < CONTACTS; i++) {
        char jid[40];
        xmppbind_roster_item *item = NULL;
        int length = snprintf(jid, sizeof jid, "contact%05u@verona.example", i);
        assert_int_equal(xmppbind_roster_item_new(&item, NULL, jid, (size_t)length), XMPPBIND_OK);
        assert_int_equal(xmppbind_roster_item_set_subscription(item, XMPPBIND_SUBSCRIPTION_BOTH), XMPPBIND_OK);
        assert_int_equal(xmppbind_roster_item_set_version(item, i + 1), XMPPBIND_OK);
        assert_int_equal(xmppbind_store_roster_entry(store, id, item), XMPPBIND_OK);
        xmppbind_roster_item_free(item);
    }
    return xmppbind_store_accept(store, id, CONTACTS);
}

static int refuse(const xmppbind_store_request *request, void *user_data) {
    (void)request;
    (void)user_data;
    return -1;
}

/* Receives a stanza, and counts the events of a kind that come of it, and the items in the first of them. */
static size_t count(xmppbind_stream *stream, const char *stanza, int kind, size_t *items) {
    xmppbind_event *event = NULL;
    size_t found = 0;
    assert_int_equal(test_receive_bytes(stream, stanza), XMPPBIND_OK);
    while (xmppbind_stream_next_event(stream, &event) == 1) {
        const xmlNode *node = xmppbind_event_stanza(event);
        if (xmppbind_event_kind(event) != kind)
            continue;
        if (found++ == 0 && items != NULL)
            *items = node->children == NULL ? 0 : xmlChildElementCount(node->children);
    }
    return found;
}

static void ten_thousand_contacts(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_store *store = NULL;
    xmppbind_sessions *sessions = NULL;
    (void)state;
    assert_int_equal(xmppbind_store_new(&store, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(store, answer, refuse, refuse, store), XMPPBIND_OK);
    assert_int_equal(xmppbind_sessions_new(&sessions, host, store), XMPPBIND_OK);
    xmppbind_stream *stream = test_stream(host, JULIET);
    assert_int_equal(test_bind(stream, "balcony", 1), XMPPBIND_OK);
    test_drain_all(stream);
    size_t items = 0;
    assert_int_equal(
        count(stream, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>", XMPPBIND_EVENT_SEND, &items), 1);
    assert_int_equal(items, CONTACTS);
    assert_int_equal(count(stream, "<presence/>", XMPPBIND_EVENT_ROUTE, NULL), 2 * CONTACTS); /* presence and probes */
    assert_int_equal(count(stream, "<presence><show>dnd</show></presence>", XMPPBIND_EVENT_ROUTE, NULL), CONTACTS);
    assert_int_equal(count(stream, "<presence type='unavailable'/>", XMPPBIND_EVENT_ROUTE, NULL), CONTACTS);
    /* ROST-5: the store fails in the middle of a change: an error, and no push */
    assert_int_equal(count(stream,
                           "<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='a@b'/></query></iq>",
                           XMPPBIND_EVENT_SEND, NULL),
                     1);
    xmppbind_stream_free(stream);
    xmppbind_sessions_free(sessions);
    xmppbind_host_free(host);
    xmppbind_store_free(store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_contacts),
    };
    test_silence_xml();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
