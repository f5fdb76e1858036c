/* The shortest complete host: one stream, a bind, a message. */
#include <stdio.h>
#include <string.h>
#include <xmppbind.h>

/* Hands a stanza to the library and does what it asks for. Returns how many stanzas came out. */
static int receive(xmppbind_stream *stream, const char *stanza) {
    int count = 0;
    if (xmppbind_stream_receive_bytes(stream, stanza, strlen(stanza)) != XMPPBIND_OK)
        return -1;
    for (xmppbind_event *event = NULL; xmppbind_stream_next_event(stream, &event) == 1;) {
        const char *text = NULL;
        size_t length = 0;
        int kind = xmppbind_event_kind(event);
        if (kind != XMPPBIND_EVENT_SEND && kind != XMPPBIND_EVENT_ROUTE)
            continue; /* a session began or ended, the stream is to be closed: see binding.h */
        if (xmppbind_event_bytes(stream, event, &text, &length) != XMPPBIND_OK)
            return -1;
        printf("%s %s\n", kind == XMPPBIND_EVENT_SEND ? "to the client:" : "to be routed: ", text);
        count++;
    }
    return count;
}

int main(void) {
    static const char account[] = "juliet@capulet.example";
    xmppbind_host *host = NULL;
    xmppbind_stream *stream = NULL;
    int worked =
        xmppbind_host_new(&host, NULL) == XMPPBIND_OK &&
        xmppbind_stream_new(&stream, host, account, strlen(account), NULL) == XMPPBIND_OK &&
        receive(stream, "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                        "<resource>balcony</resource></bind></iq>") == 1 &&
        receive(stream, "<message to='romeo@montague.example'><body>Art thou not Romeo?</body></message>") == 1;
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
    return worked ? 0 : 1;
}
