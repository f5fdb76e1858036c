/*
 * Connections, on libuv: what comes in goes to the stream, and what goes out is gathered and written once in a turn of
 * the loop. Reading stops while the library or another client is behind, so that the client has to wait, and not the
 * memory of the server to grow.
 */
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FULL = 262144, /* octets to be written, from which on no more events are drained */
    BACKLOG = 1024
};

bool text_append(struct text *text, const char *data, size_t length) {
    if (length > text->capacity - text->length) {
        size_t capacity = text->capacity < 1024 ? 1024 : text->capacity * 2;
        while (capacity < text->length + length)
            capacity *= 2;
        char *larger = realloc(text->data, capacity);
        if (larger == NULL)
            return false;
        text->data = larger;
        text->capacity = capacity;
    }
    memcpy(text->data + text->length, data, length);
    text->length += length;
    return true;
}

static void text_free(struct text *text) {
    free(text->data);
    *text = (struct text){NULL, 0, 0};
}

bool socket_is_full(const struct connection *connection) {
    return connection->output.length + connection->writing.length >= FULL;
}

/* --- whom there is something to do for --- */

void socket_touch(struct connection *connection) {
    struct server *server = connection->server;
    if (connection->touched_place != NULL || connection->is_closed)
        return;
    connection->touched_place = &server->touched;
    connection->next_touched = server->touched;
    if (connection->next_touched != NULL)
        connection->next_touched->touched_place = &connection->next_touched;
    server->touched = connection;
}

static void forget(struct connection *connection) {
    if (connection->touched_place == NULL)
        return;
    *connection->touched_place = connection->next_touched;
    if (connection->next_touched != NULL)
        connection->next_touched->touched_place = connection->touched_place;
    connection->touched_place = NULL;
}

/* --- the end --- */

static void free_connection(uv_handle_t *handle) {
    struct connection *connection = handle->data;
    struct server *server = connection->server;
    *connection->place = connection->next;
    if (connection->next != NULL)
        connection->next->place = connection->place;
    server->connection_count--;
    text_free(&connection->output);
    text_free(&connection->writing);
    tls_free(connection->tls);
    stream_free(connection);
    free(connection);
    server_disconnected(server);
}

/* At once; what was not written is lost. */
void socket_close(struct connection *connection) {
    if (connection->is_closed)
        return;
    connection->is_closed = true;
    forget(connection);
    routing_disconnect(connection);
    uv_close((uv_handle_t *)&connection->socket, free_connection);
}

/* Both sides have ended. */
static void close_if_over(struct connection *connection) {
    if (connection->has_shut_down && connection->has_ended)
        socket_close(connection);
}

/* If it fails, the other side is gone. */
static void have_shut_down(uv_shutdown_t *request, int status) {
    struct connection *connection = request->data;
    connection->has_shut_down = true;
    if (status != 0)
        connection->has_ended = true;
    close_if_over(connection);
}

/* We have said all there is to say. The other side may still be speaking: closing now could take away from it what it
 * has not read yet. */
static void shut_down(struct connection *connection) {
    if (connection->is_closed || connection->shutdown.data != NULL)
        return;
    connection->shutdown.data = connection;
    if (uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->socket, have_shut_down) != 0)
        socket_close(connection);
}

/* Nothing was written for too long: whoever does not read must not be waited for by others. */
void socket_check(struct connection *connection, uint64_t now) {
    size_t unwritten = uv_stream_get_write_queue_size((uv_stream_t *)&connection->socket);
    if (unwritten == 0 || unwritten != connection->unwritten)
        connection->progress = now;
    connection->unwritten = unwritten;
    if (now - connection->progress > (uint64_t)connection->server->limits.stall_seconds * 1000) {
        server_log(connection->server, LOG_WARNING, "a client does not read: closed");
        socket_close(connection);
    }
}

/* --- writing --- */

static void have_written(uv_write_t *request, int status) {
    struct connection *connection = request->data;
    connection->is_writing = false;
    connection->writing.length = 0;
    if (connection->is_closed)
        return;
    if (status != 0) {
        socket_close(connection);
        return;
    }
    routing_drain(connection);
    socket_touch(connection);
}

static void write_later(struct connection *connection) {
    struct text spare = connection->writing;
    connection->writing = connection->output;
    connection->output = spare;
    connection->is_writing = true;
    connection->write.data = connection;
    uv_buf_t buffer = uv_buf_init(connection->writing.data, (unsigned)connection->writing.length);
    if (uv_write(&connection->write, (uv_stream_t *)&connection->socket, &buffer, 1, have_written) != 0)
        socket_close(connection);
}

/* All that has gathered, in one system call, if the other side has room for it. */
void socket_flush(struct connection *connection) {
    bool is_due = connection->output.length > 0 || (connection->tls != NULL && tls_has_output(connection));
    if (!is_due || connection->is_writing || connection->is_closed)
        return;
    bool is_last = connection->state == STREAM_CLOSING;
    if (connection->tls != NULL && !tls_output(connection, &connection->output, is_last)) {
        socket_close(connection);
        return;
    }
    uv_buf_t buffer = uv_buf_init(connection->output.data, (unsigned)connection->output.length);
    int written = uv_try_write((uv_stream_t *)&connection->socket, &buffer, 1);
    if (written < 0 && written != UV_EAGAIN) {
        socket_close(connection);
    } else if (written == (int)connection->output.length) {
        text_free(&connection->output); /* most connections say nothing, most of the time */
    } else {
        size_t done = written < 0 ? 0 : (size_t)written;
        connection->output.length -= done;
        memmove(connection->output.data, connection->output.data + done, connection->output.length);
        write_later(connection);
    }
}

/* What has been said is written; whoever has room for more gets more; whoever has been said the last word is told that
 * it was the last. */
static void turn(struct connection *connection) {
    if (connection->is_expelled)
        register_expel(connection->server, connection->account);
    socket_flush(connection);
    while (connection->is_cut && !connection->is_writing && !connection->is_closed) {
        routing_drain(connection);
        socket_flush(connection);
    }
    if (connection->state == STREAM_CLOSING && connection->output.length == 0)
        shut_down(connection);
    socket_adjust(connection);
    close_if_over(connection);
}

/* Whose stanzas are held is looked at again in the next turn; what is written in this one may make room for them. */
void socket_turn(struct server *server) {
    struct connection *held = NULL, *next;
    for (struct connection *connection = server->touched; connection != NULL; connection = next) {
        forget(connection);
        turn(connection);
        next = server->touched;
        if (!connection->is_closed && routing_is_held(connection)) {
            connection->next_touched = held;
            held = connection;
        }
    }
    for (; held != NULL; held = next) {
        next = held->next_touched;
        socket_touch(held);
    }
}

/* --- reading --- */

static char room[65536]; /* for all: what was read is dealt with before the next is */

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(room, sizeof room);
}

static void have_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer) {
    struct connection *connection = handle->data;
    socket_touch(connection);
    if (count > 0) {
        if (connection->tls == NULL)
            stream_input(connection, buffer->base, (size_t)count);
        else if (!tls_input(connection, buffer->base, (size_t)count))
            socket_close(connection);
    } else if (count == UV_EOF) { /* nothing more is read, but the last words are still written */
        connection->is_reading = false;
        (void)uv_read_stop(handle);
        stream_end(connection);
    } else if (count < 0) {
        socket_close(connection);
    }
}

/* Reads, or does not, as it should be. What has been read and refused comes first. */
void socket_adjust(struct connection *connection) {
    bool wanted = !connection->has_ended && (connection->state == STREAM_CLOSING ||
                                             (!routing_is_held(connection) && !socket_is_full(connection)));
    if (connection->is_closed || wanted == connection->is_reading)
        return;
    connection->is_reading = wanted;
    if (!wanted)
        (void)uv_read_stop((uv_stream_t *)&connection->socket);
    else if (uv_read_start((uv_stream_t *)&connection->socket, allocate, have_read) != 0)
        socket_close(connection);
}

/* --- the beginning --- */

static void close_refused(uv_handle_t *handle) {
    free(handle->data);
}

static void have_client(uv_stream_t *listener, int status) {
    struct server *server = listener->data;
    struct connection *connection = status == 0 ? calloc(1, sizeof *connection) : NULL;
    if (connection == NULL)
        return;
    connection->server = server;
    connection->socket.data = connection;
    (void)uv_tcp_init(&server->loop, &connection->socket);
    if (uv_accept(listener, (uv_stream_t *)&connection->socket) != 0 ||
        (connection->parser = parser_new(&server->limits.parser)) == NULL) {
        uv_close((uv_handle_t *)&connection->socket, close_refused);
        return;
    }
    (void)uv_tcp_nodelay(&connection->socket, 1);
    connection->since = connection->progress = storage_clock(server);
    connection->place = &server->connections;
    connection->next = server->connections;
    if (connection->next != NULL)
        connection->next->place = &connection->next;
    server->connections = connection;
    socket_adjust(connection);
    if (server->connection_count++ >= server->limits.connections)
        stream_close(connection, "resource-constraint");
}

static bool is_loopback(const struct sockaddr *address) {
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    return address->sa_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 24 == 127
                                         : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static bool parse_address(const char *text, struct sockaddr_storage *address) {
    char host[64];
    const char *colon = strrchr(text, ':');
    unsigned long port = colon == NULL ? UINT16_MAX + 1UL : strtoul(colon + 1, NULL, 10);
    if (port > UINT16_MAX || (size_t)(colon - text) >= sizeof host)
        return false;
    bool bracketed = text[0] == '[' && colon[-1] == ']';
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - text) - 2 * bracketed, text + bracketed);
    return uv_ip4_addr(host, (int)port, (struct sockaddr_in *)address) == 0 ||
           uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)address) == 0;
}

static void say_address(const struct server *server) {
    struct sockaddr_storage address;
    char host[64] = "";
    int length = sizeof address;
    (void)uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &length);
    bool six = address.ss_family == AF_INET6;
    if (six)
        (void)uv_ip6_name((struct sockaddr_in6 *)&address, host, sizeof host);
    else
        (void)uv_ip4_name((struct sockaddr_in *)&address, host, sizeof host);
    (void)printf(six ? "listening on [%s]:%d\n" : "listening on %s:%d\n", host,
                 ntohs(((struct sockaddr_in *)&address)->sin_port));
    (void)fflush(stdout);
}

/* Returns 0, or says why not. Passwords do not cross a network in the clear. */
int socket_listen(struct server *server, const char *text) {
    struct sockaddr_storage address;
    if (!parse_address(text, &address)) {
        server_log(server, LOG_ERROR, "no address with a port: %s", text);
        return -1;
    }
    if (server->tls == NULL && !is_loopback((struct sockaddr *)&address)) {
        server_log(server, LOG_ERROR, "without --cert and --key it listens on a loopback address only, not on %s",
                   text);
        return -1;
    }
    server->listener.data = server;
    int result = uv_tcp_bind(&server->listener, (struct sockaddr *)&address, 0);
    if (result == 0)
        result = uv_listen((uv_stream_t *)&server->listener, BACKLOG, have_client);
    if (result != 0) {
        server_log(server, LOG_ERROR, "cannot listen on %s: %s", text, uv_strerror(result));
        return -1;
    }
    say_address(server);
    return 0;
}
