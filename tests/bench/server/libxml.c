/*
 * What libxml2 alone needs for the messages of messages.py: its push parser makes trees of them, and each is written
 * out again as text. The server does this, too; the rest of its work is what the limit of the benchmark is about.
 */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN_FLIGHT = 1000, PIECE = 65536 };

static const char opening[] = "<?xml version='1.0'?><stream:stream to='capulet.example' version='1.0' "
                              "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
static const char message[] = "<message type='chat' id='m1234' from='juliet@capulet.example/resource0' "
                              "to='juliet@capulet.example/resource0'><body>Wherefore art thou, Romeo?</body></message>";
static int written;

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *href) {
    xmlParserCtxt *parser = context;
    xmlNode *element = parser->node;
    xmlSAX2EndElementNs(context, name, prefix, href);
    if (parser->nodeNr != 1)
        return;
    xmlBuffer *buffer = xmlBufferCreate();
    written += xmlNodeDump(buffer, parser->myDoc, element, 0, 0) > 0;
    xmlBufferFree(buffer);
    xmlUnlinkNode(element);
    xmlFreeNode(element);
}

int main(int count, char **arguments) {
    int messages = count == 2 ? atoi(arguments[1]) : 0;
    size_t length = strlen(message) * IN_FLIGHT;
    char *text = malloc(length + 1);
    xmlParserCtxt *parser = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
    if (messages <= 0 || text == NULL || parser == NULL)
        return EXIT_FAILURE;
    for (int i = 0; i < IN_FLIGHT; i++)
        memcpy(text + strlen(message) * (size_t)i, message, sizeof message);
    parser->sax->endElementNs = end_element;
    (void)xmlParseChunk(parser, opening, sizeof opening - 1, 0);
    for (int i = 0; i < messages / IN_FLIGHT; i++)
        for (size_t at = 0; at < length; at += PIECE)
            (void)xmlParseChunk(parser, text + at, (int)(length - at < PIECE ? length - at : PIECE), 0);
    printf("%d messages\n", written);
    xmlFreeDoc(parser->myDoc);
    xmlFreeParserCtxt(parser);
    free(text);
    return written == messages ? EXIT_SUCCESS : EXIT_FAILURE;
}
