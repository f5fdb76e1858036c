/* The socket to the server. */
#include "multiplexer.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONGESTED = 256 * 1024,     /* octets that the server has not taken; below half of it it goes on */
    STALLED = 16 * 1024 * 1024, /* beyond this the server is given up */
    KEEP_ALIVE = 60             /* seconds */
};

struct writing {
    uv_write_t request;
    char octets[];
};

static void connect_to_next(struct multiplexer *multiplexer);

void write_text(uv_stream_t *stream, const struct text *text, uv_write_cb written) {
    struct writing *writing = obtain(NULL, sizeof *writing + text->length);
    memcpy(writing->octets, text->octets, text->length);
    uv_buf_t buffer = uv_buf_init(writing->octets, (unsigned int)text->length);
    if (uv_write(&writing->request, stream, &buffer, 1, written) != 0)
        free(writing);
}

/* --- sending --- */

static void written(uv_write_t *request, int status) {
    struct multiplexer *multiplexer = request->handle->data;
    free(request);
    if (status < 0) { /* which it also is when the connection was closed */
        multiplexer_end(multiplexer, "disconnected", EXIT_FAILURE);
        connection_close(multiplexer);
        return;
    }
    size_t waiting = uv_stream_get_write_queue_size((const uv_stream_t *)&multiplexer->tcp);
    if (multiplexer->congested && waiting < CONGESTED / 2) {
        multiplexer->congested = false;
        programs_watch(multiplexer);
    }
}

void connection_send(struct multiplexer *multiplexer, const struct text *text) {
    uv_stream_t *stream = (uv_stream_t *)&multiplexer->tcp;
    if (!multiplexer->may_send)
        return;
    write_text(stream, text, written);
    size_t waiting = uv_stream_get_write_queue_size(stream);
    if (waiting > STALLED)
        multiplexer_end(multiplexer, "connection-timeout", EXIT_FAILURE);
    else if (waiting > CONGESTED && !multiplexer->congested) {
        multiplexer->congested = true;
        programs_watch(multiplexer);
    }
}

void connection_end(struct multiplexer *multiplexer) {
    struct text end = {NULL, 0, 0};
    text_add(&end, "</stream:stream>");
    connection_send(multiplexer, &end);
    text_free(&end);
    multiplexer->may_send = false;
}

/* --- receiving --- */

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
    static char octets[16384];
    (void)handle;
    (void)suggested;
    *room = uv_buf_init(octets, sizeof octets);
}

static void receive(uv_stream_t *stream, ssize_t count, const uv_buf_t *room) {
    struct multiplexer *multiplexer = stream->data;
    if (count < 0) { /* in good order, if that was what we asked for */
        multiplexer_end(multiplexer, "disconnected", EXIT_FAILURE);
        connection_close(multiplexer);
        return;
    }
    const char *fault = reader_feed(&multiplexer->reader, room->base, (size_t)count, multiplexer->take, multiplexer);
    if (fault != NULL) {
        log_line(multiplexer, LOG_ERROR, "the server sent what cannot be read: %s", fault);
        multiplexer_end(multiplexer, fault, EXIT_FAILURE);
        connection_close(multiplexer);
    }
}

/* --- connecting --- */

/* There is no TLS here, so nobody else may be able to listen. To a server elsewhere leads a tunnel. */
static bool is_this_machine(const struct sockaddr *address) {
    static const unsigned char network = 127;
    if (address->sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    const struct sockaddr_in *four = (const void *)address;
    return address->sa_family == AF_INET && *(const unsigned char *)&four->sin_addr == network;
}

bool connection_find(struct multiplexer *multiplexer, const char *address) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(address, ':');
    if (colon == NULL) {
        log_line(multiplexer, LOG_ERROR, "%s has no port", address);
        return false;
    }
    bool in_brackets = address[0] == '[' && colon > address + 1 && colon[-1] == ']';
    struct text host = {NULL, 0, 0};
    text_append(&host, address + in_brackets, (size_t)(colon - address) - 2U * in_brackets);
    int failed = getaddrinfo(host.octets, colon + 1, &hints, &multiplexer->addresses);
    text_free(&host);
    if (failed != 0)
        log_line(multiplexer, LOG_ERROR, "%s: %s", address, gai_strerror(failed));
    multiplexer->next_address = multiplexer->addresses;
    return failed == 0;
}

static void try_next(uv_handle_t *handle) {
    connect_to_next(handle->data);
}

static void opened(uv_connect_t *request, int status) {
    struct multiplexer *multiplexer = request->handle->data;
    if (multiplexer->ending)
        return;
    if (status != 0) {
        log_line(multiplexer, LOG_INFO, "cannot connect: %s", uv_strerror(status));
        uv_close((uv_handle_t *)&multiplexer->tcp, try_next);
        return;
    }
    multiplexer->may_send = true;
    (void)uv_tcp_nodelay(&multiplexer->tcp, 1);
    (void)uv_tcp_keepalive(&multiplexer->tcp, 1, KEEP_ALIVE);
    (void)uv_read_start((uv_stream_t *)&multiplexer->tcp, allocate, receive);
    login_begin(multiplexer);
}

static void connect_to_next(struct multiplexer *multiplexer) {
    struct addrinfo *address = multiplexer->next_address;
    while (address != NULL && !is_this_machine(address->ai_addr)) {
        log_line(multiplexer, LOG_WARNING, "an address that is not of this machine is not used");
        address = address->ai_next;
    }
    if (address == NULL || multiplexer->ending) {
        log_line(multiplexer, LOG_ERROR, "there is no server");
        multiplexer_end(multiplexer, "disconnected", EXIT_FAILURE);
        return;
    }
    multiplexer->next_address = address->ai_next;
    (void)uv_tcp_init(&multiplexer->loop, &multiplexer->tcp);
    multiplexer->tcp.data = multiplexer;
    int failed = uv_tcp_connect(&multiplexer->connecting, &multiplexer->tcp, address->ai_addr, opened);
    if (failed != 0)
        uv_close((uv_handle_t *)&multiplexer->tcp, try_next);
}

void connection_open(struct multiplexer *multiplexer) {
    connect_to_next(multiplexer);
}

void connection_close(struct multiplexer *multiplexer) {
    uv_handle_t *handle = (uv_handle_t *)&multiplexer->tcp;
    multiplexer->may_send = false;
    if (handle->type == UV_TCP && !uv_is_closing(handle))
        uv_close(handle, NULL);
}
