/* What sessions cost: a broadcast for each contact, a delivery through a privacy list, memory for each session. */
#include "bench.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>

struct bench_sessions {
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    xmppbind_store *store;
    xmppbind_memory_store *memory;
    xmppbind_stream *stream;
    unsigned contacts;
};

/* A roster of so many contacts that get the account's presence. */
static int answer(const xmppbind_store_request *request, void *user_data) {
    struct bench_sessions *bench = user_data;
    uint64_t id = xmppbind_store_request_id(request);
    if (xmppbind_store_request_kind(request) != XMPPBIND_STORE_ROSTER_LOAD)
        return xmppbind_memory_store_answer(bench->memory, bench->store, request);
    for (unsigned i = 0; i < bench->contacts; i++) {
        char jid[BENCH_JID];
        xmppbind_roster_item *item = NULL;
        int length = snprintf(jid, sizeof jid, "contact%06u@montague.example", i);
        bench_check(xmppbind_roster_item_new(&item, NULL, jid, (size_t)length));
        bench_check(xmppbind_roster_item_set_subscription(item, XMPPBIND_SUBSCRIPTION_FROM));
        bench_check(xmppbind_roster_item_set_version(item, i + 1));
        bench_check(xmppbind_store_roster_entry(bench->store, id, item));
        xmppbind_roster_item_free(item);
    }
    return xmppbind_store_accept(bench->store, id, bench->contacts);
}

static void receive(struct bench_sessions *bench, const char *text) {
    bench_check(xmppbind_stream_receive_bytes(bench->stream, text, strlen(text)));
    (void)bench_drain(bench->stream);
}

static void open_sessions(struct bench_sessions *bench, unsigned contacts) {
    memset(bench, 0, sizeof *bench);
    bench->contacts = contacts;
    bench_check(xmppbind_host_new(&bench->host, NULL));
    bench_check(xmppbind_memory_store_new(&bench->memory, NULL, NULL, NULL));
    bench_check(xmppbind_store_new(&bench->store, NULL));
    bench_check(xmppbind_store_set_roster(bench->store, answer, answer, answer, bench));
    bench_check(xmppbind_store_set_lists(bench->store, answer, answer, answer, answer, bench));
    bench_check(xmppbind_sessions_new(&bench->sessions, bench->host, bench->store));
    bench_check(xmppbind_stream_new(&bench->stream, bench->host, BENCH_ACCOUNT, strlen(BENCH_ACCOUNT), NULL));
    receive(bench, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource>"
                   "</bind></iq>");
    receive(bench, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
}

static void close_sessions(struct bench_sessions *bench) {
    xmppbind_stream_free(bench->stream);
    xmppbind_sessions_free(bench->sessions);
    xmppbind_host_free(bench->host);
    xmppbind_store_free(bench->store);
    xmppbind_memory_store_free(bench->memory);
}

static xmlNode *presence(void) {
    xmlNode *node = xmlNewNode(NULL, BAD_CAST "presence");
    xmlNewProp(node, BAD_CAST "from", BAD_CAST BENCH_ACCOUNT "/balcony");
    xmlNewChild(node, NULL, BAD_CAST "show", BAD_CAST "away");
    xmlNewChild(node, NULL, BAD_CAST "status", BAD_CAST "In the garden, by the light of the moon");
    return node;
}

/* All that the broadcast makes is drained and taken. */
MEASURED static unsigned measured_broadcast(xmppbind_stream *stream, xmlNode *node, xmlNode **taken) {
    xmppbind_event *event;
    unsigned count = 0;
    bench_check(xmppbind_stream_receive(stream, node));
    while (xmppbind_stream_next_event(stream, &event) == 1)
        taken[count++] = xmppbind_event_take_stanza(event);
    return count;
}

void bench_session_broadcast(unsigned contacts, unsigned times) {
    struct bench_sessions bench;
    (void)times; /* once: run.sh divides by the number of contacts */
    open_sessions(&bench, contacts);
    xmlNode **taken = calloc(contacts + 1, sizeof *taken);
    if (taken == NULL) {
        bench_fail("out of memory");
        return;
    }
    if (measured_broadcast(bench.stream, presence(), taken) != contacts + 1)
        bench_fail("a contact was left out");
    for (unsigned i = 0; i <= contacts; i++)
        xmlFreeNode(taken[i]);
    free(taken);
    close_sessions(&bench);
}

MEASURED static xmlNode *measured_copy(xmlNode *node) {
    return xmlDocCopyNode(node, NULL, 1);
}

/* All are kept, as those of a broadcast are until they are drained; the stanza has a 'to', as what is routed. */
void bench_session_copy(unsigned resources, unsigned times) {
    xmlNode *node = presence(), **copies = calloc(times, sizeof *copies);
    (void)resources;
    xmlNewProp(node, BAD_CAST "to", BAD_CAST "contact000000@montague.example");
    for (unsigned i = 0; i < times && copies != NULL; i++)
        copies[i] = measured_copy(node);
    for (unsigned i = 0; i < times && copies != NULL; i++)
        xmlFreeNode(copies[i]);
    free(copies);
    xmlFreeNode(node);
}

MEASURED static xmlNode *measured_deliver(struct bench_sessions *bench, xmlNode *node) {
    xmppbind_event *event;
    bench_check(xmppbind_sessions_deliver(bench->sessions, node));
    return xmppbind_stream_next_event(bench->stream, &event) == 1 ? xmppbind_event_take_stanza(event) : NULL;
}

static void set_list(struct bench_sessions *bench, unsigned rules) {
    char text[4096];
    int at = snprintf(text, sizeof text, "<iq type='set' id='l'><query xmlns='jabber:iq:privacy'><list name='list'>");
    for (unsigned i = 0; i < rules; i++)
        at += snprintf(text + at, sizeof text - (size_t)at,
                       "<item type='jid' value='enemy%02u@montague.example' action='deny' order='%u'/>", i, i);
    (void)snprintf(text + at, sizeof text - (size_t)at, "</list></query></iq>");
    receive(bench, text);
    receive(bench, "<iq type='set' id='a'><query xmlns='jabber:iq:privacy'><active name='list'/></query></iq>");
}

void bench_session_deliver(unsigned rules, unsigned times) {
    struct bench_sessions bench;
    open_sessions(&bench, 0);
    if (rules > 0)
        set_list(&bench, rules);
    xmlNode *node = xmlNewNode(NULL, BAD_CAST "message");
    xmlNewProp(node, BAD_CAST "from", BAD_CAST "romeo@montague.example/orchard");
    xmlNewProp(node, BAD_CAST "to", BAD_CAST BENCH_ACCOUNT "/balcony");
    for (unsigned i = 0; i < times; i++)
        if ((node = measured_deliver(&bench, node)) == NULL)
            bench_fail("a message was not delivered");
    xmlFreeNode(node);
    close_sessions(&bench);
}

static size_t bytes_of(unsigned streams, unsigned resources, int with_sessions) {
    struct bench_counter counter = {0, 0};
    xmppbind_allocator *allocator;
    xmppbind_host *host;
    xmppbind_sessions *sessions = NULL;
    xmppbind_stream **made = calloc(streams, sizeof *made);
    bench_check(xmppbind_allocator_new(&allocator, bench_allocate, bench_release, &counter));
    bench_check(xmppbind_host_new(&host, allocator));
    xmppbind_allocator_free(allocator);
    if (with_sessions)
        bench_check(xmppbind_sessions_new(&sessions, host, NULL));
    for (unsigned i = 0; i < streams; i++) {
        char text[BENCH_JID];
        int length = snprintf(text, sizeof text, "user%07u@capulet.example", i);
        bench_check(xmppbind_stream_new(&made[i], host, text, (size_t)length, NULL));
        for (unsigned j = 0; j < resources; j++) {
            length = snprintf(text, sizeof text, "resource%u", j);
            bench_check(xmppbind_stream_bind(made[i], text, (size_t)length, 0));
            (void)bench_drain(made[i]);
        }
    }
    size_t bytes = counter.bytes;
    for (unsigned i = 0; i < streams; i++)
        xmppbind_stream_free(made[i]);
    xmppbind_sessions_free(sessions);
    xmppbind_host_free(host);
    free(made);
    return bytes;
}

/* Prints what sessions add to a further resource, and to an account with a stream and a resource. */
void bench_session_bytes(unsigned resources, unsigned times) {
    (void)resources;
    size_t one = bytes_of(times, 1, 1) - bytes_of(times, 1, 0);
    size_t two = bytes_of(times, 2, 1) - bytes_of(times, 2, 0);
    printf("%zu %zu\n", (two - one) / times, one / times);
}
