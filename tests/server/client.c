#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PATIENCE = 60000, /* milliseconds, for what a server that works does at once, also under sanitizers */
    BLOCK = 65536
};

void client_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    exit(1);
}

/* --- octets that wait -------------------------------------------------------------------------------------------- */

/* Room for so many octets behind those that wait. What is done with at the front makes room first. */
static char *make_room(struct octets *octets, size_t length) {
    if (octets->size - octets->end < length) {
        if (octets->begin > 0)
            memmove(octets->data, octets->data + octets->begin, octets->end - octets->begin);
        octets->end -= octets->begin;
        octets->begin = 0;
    }
    if (octets->size - octets->end < length) {
        octets->size = 2 * octets->size + length;
        octets->data = realloc(octets->data, octets->size);
        if (octets->data == NULL)
            client_fail("no memory");
    }
    return octets->data + octets->end;
}

void client_put(struct client *client, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        client_fail("cannot be formatted: %s", format);
    char *room = make_room(&client->out, (size_t)length + 1);
    va_start(arguments, format);
    (void)vsnprintf(room, (size_t)length + 1, format, arguments);
    va_end(arguments);
    client->out.end += (size_t)length;
}

/* --- the connection ---------------------------------------------------------------------------------------------- */

void client_connect(struct client *client, uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    memset(client, 0, sizeof *client);
    client->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (client->descriptor < 0 || connect(client->descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
        fcntl(client->descriptor, F_SETFL, O_NONBLOCK) != 0)
        client_fail("cannot connect: %s", strerror(errno));
}

void client_free(struct client *client) {
    (void)close(client->descriptor);
    free(client->in.data);
    free(client->out.data);
}

static int would_wait(void) {
    return errno == EAGAIN || errno == EINTR;
}

void client_write(struct client *client) {
    struct octets *out = &client->out;
    while (out->begin < out->end) {
        ssize_t written = send(client->descriptor, out->data + out->begin, out->end - out->begin, MSG_NOSIGNAL);
        if (written < 0 && would_wait())
            return;
        if (written < 0)
            client_fail("cannot write: %s", strerror(errno));
        out->begin += (size_t)written;
    }
    out->begin = out->end = 0;
}

void client_receive(struct client *client) {
    for (;;) {
        size_t gone = client->in.begin;
        char *room = make_room(&client->in, BLOCK);
        if (client->in.begin != gone) { /* what waits has moved */
            client->seen -= gone;
            client->element -= gone;
        }
        ssize_t length = recv(client->descriptor, room, client->in.size - client->in.end, 0);
        if (length < 0 && would_wait())
            return;
        if (length < 0)
            client_fail("cannot receive: %s", strerror(errno));
        client->in.end += (size_t)length;
        client->ended |= length == 0;
        if (length == 0 || client->in.end < client->in.size)
            return;
    }
}

static void wait_for_socket(struct client *client) {
    struct pollfd watched = {client->descriptor, POLLIN, 0};
    if (client->out.begin < client->out.end)
        watched.events |= POLLOUT;
    int ready = poll(&watched, 1, PATIENCE);
    if (ready == 0)
        client_fail("nothing came in %d seconds", PATIENCE / 1000);
    if (ready < 0 && errno != EINTR)
        client_fail("cannot wait: %s", strerror(errno));
}

/* --- elements ---------------------------------------------------------------------------------------------------- */

/* The octet behind the tag that begins at 'at'; 0 when it is not complete. A '>' may stand in a value. */
static size_t end_of_tag(const struct octets *in, size_t at) {
    char quote = 0;
    for (; at < in->end; at++) {
        char octet = in->data[at];
        if (quote != 0) {
            if (octet == quote)
                quote = 0;
        } else if (octet == '\'' || octet == '"') {
            quote = octet;
        } else if (octet == '>') {
            return at + 1;
        }
    }
    return 0;
}

/* What the tag from 'tag' to 'seen' completes: a header, an element, or nothing yet. */
static int completes(struct client *client, size_t tag) {
    const char *data = client->in.data;
    if (data[tag + 1] == '?') {
        client->in.begin = client->seen;
        return 0;
    }
    if (data[tag + 1] == '/') {
        client->depth--;
        client->ended |= client->depth == 0;
        return client->depth == 1;
    }
    if (client->depth <= 1)
        client->element = tag;
    if (data[client->seen - 2] == '/')
        return client->depth == 1;
    client->depth++;
    return client->depth == 1;
}

int client_next(struct client *client, struct span *element) {
    struct octets *in = &client->in;
    if (client->seen < in->begin)
        client->seen = in->begin;
    while (client->seen < in->end) {
        const char *found = memchr(in->data + client->seen, '<', in->end - client->seen);
        size_t tag = found == NULL ? in->end : (size_t)(found - in->data);
        size_t end = end_of_tag(in, tag);
        client->seen = end == 0 ? tag : end;
        if (end == 0)
            return 0;
        if (completes(client, tag)) {
            *element = (struct span){in->data + client->element, client->seen - client->element};
            in->begin = client->seen;
            return 1;
        }
    }
    return 0;
}

struct span client_wait(struct client *client) {
    struct span element = {NULL, 0};
    for (;;) {
        client_write(client);
        if (client_next(client, &element))
            return element;
        if (client->ended)
            client_fail("the server has ended the stream");
        wait_for_socket(client);
        client_receive(client);
    }
}

int client_is(struct span span, const char *text) {
    return span.length == strlen(text) && memcmp(span.data, text, span.length) == 0;
}

int client_begins(struct span span, const char *text) {
    return span.length >= strlen(text) && memcmp(span.data, text, strlen(text)) == 0;
}

struct span client_behind(struct span span, const char *text) {
    while (span.length > 0 && !client_begins(span, text)) {
        span.data++;
        span.length--;
    }
    size_t length = span.length == 0 ? 0 : strlen(text);
    return (struct span){span.data + length, span.length - length};
}

/* The octets of the span up to the first of 'any'. */
static size_t until(struct span span, const char *any) {
    size_t length = 0;
    while (length < span.length && strchr(any, span.data[length]) == NULL)
        length++;
    return length;
}

static void skip(struct span *span, size_t length) {
    if (length > span->length)
        length = span->length;
    span->data += length;
    span->length -= length;
}

struct span client_attribute(struct span element, const char *name) {
    skip(&element, until(element, " \t\r\n/>"));
    for (;;) {
        while (element.length > 0 && strchr(" \t\r\n", element.data[0]) != NULL)
            skip(&element, 1);
        struct span found = {element.data, until(element, "= /> ")};
        if (found.length == 0)
            return found;
        skip(&element, until(element, "'\""));
        if (element.length == 0)
            return element;
        const char quote[] = {element.data[0], '\0'};
        skip(&element, 1);
        struct span value = {element.data, until(element, quote)};
        if (client_is(found, name))
            return value;
        skip(&element, value.length + 1);
    }
}

/* --- the dialogue ------------------------------------------------------------------------------------------------ */

static _Noreturn void unexpected(const char *wanted, struct span came) {
    client_fail("%s was to come, not %.*s", wanted, (int)came.length, came.data);
}

static void expect(struct client *client, const char *beginning) {
    struct span element = client_wait(client);
    if (!client_begins(element, beginning))
        unexpected(beginning, element);
}

/* The result of the request with this id; what else comes is counted. */
static size_t expect_result(struct client *client, const char *id) {
    size_t others = 0;
    for (;;) {
        struct span element = client_wait(client);
        if (client_begins(element, "<iq") && client_is(client_attribute(element, "id"), id)) {
            if (!client_is(client_attribute(element, "type"), "result"))
                unexpected("a result", element);
            return others;
        }
        others++;
    }
}

static void open_stream(struct client *client) {
    client->depth = 0;
    client_put(client, "<?xml version='1.0'?><stream:stream to='" CLIENT_DOMAIN "' version='1.0' xmlns='jabber:client'"
                       " xmlns:stream='http://etherx.jabber.org/streams'>");
    expect(client, "<stream:stream");
    expect(client, "<stream:features");
}

/* In base 64, with an end; of 3 octets 4. */
static void encode(const char *text, size_t length, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        size_t present = length - i < 3 ? length - i : 3;
        unsigned bits = 0;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < present ? (unsigned char)text[i + j] : 0u);
        for (size_t j = 0; j < 4; j++)
            *out++ = j <= present ? digits[bits >> (18 - 6 * j) & 63u] : '=';
    }
    *out = '\0';
}

void client_login(struct client *client, const char *name) {
    char secret[128], encoded[200];
    int length = snprintf(secret, sizeof secret, "%c%s%c" CLIENT_PASSWORD, '\0', name, '\0');
    if (length < 0 || (size_t)length >= sizeof secret)
        client_fail("too long a name: %s", name);
    encode(secret, (size_t)length, encoded);
    open_stream(client);
    client_put(client, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>", encoded);
    expect(client, "<success");
    open_stream(client);
}

void client_bind(struct client *client, const char *resource) {
    client_put(client,
               "<iq type='set' id='bind-%s'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>%s</resource>"
               "</bind></iq>",
               resource, resource);
    char id[64];
    (void)snprintf(id, sizeof id, "bind-%s", resource);
    (void)expect_result(client, id);
}

size_t client_settle(struct client *client, const char *from) {
    client_put(client, "<iq type='get' id='settle' from='%s' to='" CLIENT_DOMAIN "'><ping xmlns='urn:xmpp:ping'/></iq>",
               from);
    return expect_result(client, "settle");
}

void client_close(struct client *client) {
    struct span element = {NULL, 0};
    client_put(client, "</stream:stream>");
    for (;;) {
        client_write(client);
        while (client_next(client, &element)) {
            if (client_begins(element, "<stream:error"))
                unexpected("the end of the stream", element);
        }
        if (client->ended)
            break;
        wait_for_socket(client);
        client_receive(client);
    }
    client_free(client);
}
