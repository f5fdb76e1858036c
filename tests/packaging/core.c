/* A server with XML of its own: the state machine by strings, linked without libxml2. */
#include "xmppbind/binding.h"

#include <string.h>

int main(void) {
    xmppbind_host *host;
    xmppbind_stream *stream;
    xmppbind_event *event;
    const char *stamp = "";
    size_t length = 0;
    int answers = 0;
    if (xmppbind_host_new(&host, NULL) != XMPPBIND_OK ||
        xmppbind_stream_new(&stream, host, "juliet@capulet.example", 22, NULL) != XMPPBIND_OK)
        return 1;
    if (xmppbind_stream_bind(stream, "balcony", 7, 1) != XMPPBIND_OK)
        return 1;
    while (xmppbind_stream_next_event(stream, &event) > 0)
        answers += xmppbind_event_kind(event) == XMPPBIND_EVENT_ANSWER;
    int result = xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, NULL, 0, &stamp, &length, NULL, NULL);
    int right = answers == 1 && result == XMPPBIND_OK && strcmp(stamp, "juliet@capulet.example/balcony") == 0;
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    return right ? 0 : 1;
}
