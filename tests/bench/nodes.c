/* The way in by nodes, and libxml2's own prices beside it. */
#include "bench.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

MEASURED static int measured_receive(xmppbind_stream *stream, xmlNode *node) {
    return xmppbind_stream_receive(stream, node);
}

/* Takes the one event, and its stanza. */
static xmlNode *take(xmppbind_stream *stream, int kind) {
    xmppbind_event *event;
    if (xmppbind_stream_next_event(stream, &event) != 1 || xmppbind_event_kind(event) != kind)
        bench_fail("a stanza had another outcome");
    xmlNode *node = xmppbind_event_take_stanza(event);
    if (xmppbind_stream_next_event(stream, &event) != 0)
        bench_fail("a stanza had more than one outcome");
    return node;
}

static xmlNode *make(const char *name, const char *type, const char *from) {
    xmlNode *node = xmlNewNode(NULL, (const xmlChar *)name);
    if (from != NULL)
        xmlNewProp(node, BAD_CAST "from", (const xmlChar *)from);
    xmlNewProp(node, BAD_CAST "to", BAD_CAST "romeo@montague.example/orchard");
    xmlNewProp(node, BAD_CAST "type", (const xmlChar *)type);
    xmlNewProp(node, BAD_CAST "id", BAD_CAST "id-1");
    xmlNewChild(node, NULL, BAD_CAST "body", BAD_CAST "Art thou not Romeo, and a Montague?");
    return node;
}

static void receive(unsigned resources, unsigned times, unsigned step) {
    struct bench_stream bench;
    bench_open(&bench, resources, NULL);
    xmlNode **nodes = xmlMalloc(resources * sizeof *nodes);
    for (unsigned i = 0; i < resources; i++)
        nodes[i] = make("message", "chat", bench.jids[i]);
    for (unsigned i = 0, at = 0; i < times; i++, at = (at + step) % resources) {
        bench_check(measured_receive(bench.stream, nodes[at]));
        if (take(bench.stream, XMPPBIND_EVENT_ROUTE) != nodes[at])
            bench_fail("another stanza came out");
    }
    for (unsigned i = 0; i < resources; i++)
        xmlFreeNode(nodes[i]);
    xmlFree(nodes);
    bench_close(&bench);
}

void bench_receive_same(unsigned resources, unsigned times) {
    receive(resources, times, 0);
}

void bench_receive_rotate(unsigned resources, unsigned times) {
    receive(resources, times, 1);
}

void bench_receive_refused(unsigned resources, unsigned times) {
    struct bench_stream bench;
    bench_open(&bench, resources, NULL);
    xmlNode *node = make("iq", "result", BENCH_ACCOUNT "/nowhere");
    for (unsigned i = 0; i < times; i++) {
        bench_check(measured_receive(bench.stream, node));
        node = take(bench.stream, XMPPBIND_EVENT_DISCARD);
    }
    xmlFreeNode(node);
    bench_close(&bench);
}

void bench_receive_returned(unsigned resources, unsigned times) {
    struct bench_stream bench;
    bench_open(&bench, resources, NULL);
    for (unsigned i = 0; i < times; i++) {
        bench_check(measured_receive(bench.stream, make("message", "chat", BENCH_ACCOUNT "/nowhere")));
        xmlFreeNode(take(bench.stream, XMPPBIND_EVENT_SEND));
    }
    bench_close(&bench);
}

void bench_receive_missing(unsigned resources, unsigned times) {
    struct bench_stream bench;
    bench_open(&bench, resources, NULL);
    xmlNode *node = make("message", "chat", NULL);
    for (unsigned i = 0; i < times; i++) {
        bench_check(measured_receive(bench.stream, node));
        node = take(bench.stream, XMPPBIND_EVENT_ROUTE);
        xmlUnsetProp(node, BAD_CAST "from");
    }
    xmlFreeNode(node);
    bench_close(&bench);
}

static xmlNode *make_request(const char *what) {
    xmlNode *node = xmlNewNode(NULL, BAD_CAST "iq");
    xmlNewProp(node, BAD_CAST "type", BAD_CAST "set");
    xmlNewProp(node, BAD_CAST "id", BAD_CAST "id-1");
    xmlNode *child = xmlNewChild(node, NULL, (const xmlChar *)what, NULL);
    xmlSetNs(child, xmlNewNs(child, BAD_CAST "urn:ietf:params:xml:ns:xmpp-bind", NULL));
    xmlNewChild(child, child->ns, BAD_CAST "resource", BAD_CAST "chamber");
    return node;
}

MEASURED static void measured_pair(xmppbind_stream *stream, xmlNode *bind, xmlNode *unbind) {
    bench_check(xmppbind_stream_receive(stream, bind));
    if (bench_drain(stream) != 2)
        bench_fail("a bind did not work");
    bench_check(xmppbind_stream_receive(stream, unbind));
    if (bench_drain(stream) != 2)
        bench_fail("an unbind did not work");
}

void bench_pair_nodes(unsigned resources, unsigned times) {
    struct bench_stream bench;
    bench_open(&bench, resources, NULL);
    for (unsigned i = 0; i < times; i++)
        measured_pair(bench.stream, make_request("bind"), make_request("unbind"));
    bench_close(&bench);
}

MEASURED static void measured_attribute(xmlNode *node) {
    xmlNewProp(node, BAD_CAST "from", BAD_CAST "juliet@capulet.example/balcony");
    xmlUnsetProp(node, BAD_CAST "from");
}

void bench_xml_attribute(unsigned resources, unsigned times) {
    (void)resources;
    xmlNode *node = make("message", "chat", NULL);
    for (unsigned i = 0; i < times; i++)
        measured_attribute(node);
    xmlFreeNode(node);
}

static const char message[] =
    "<message from='juliet@capulet.example/balcony' to='romeo@montague.example/orchard' type='chat' id='id-1'>"
    "<body>Art thou not Romeo, and a Montague?</body><thread>e0ffe42b28561960c6b12b944a092794</thread></message>";

MEASURED static void measured_parse(xmlParserCtxt *parser) {
    if (xmlParseChunk(parser, message, (int)sizeof message - 1, 0) != 0)
        bench_fail("the message did not parse");
}

void bench_xml_parse(unsigned resources, unsigned times) {
    (void)resources;
    static const char start[] = "<stream xmlns='jabber:client'>";
    xmlParserCtxt *parser = xmlCreatePushParserCtxt(NULL, NULL, start, (int)sizeof start - 1, NULL);
    for (unsigned i = 0; i < times; i++)
        measured_parse(parser);
    xmlFreeDoc(parser->myDoc);
    xmlFreeParserCtxt(parser);
}
