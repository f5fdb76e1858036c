/*
 * Connections, on libuv: what comes in goes to the stream, and what goes out is gathered and written once in a turn of
 * the loop. Reading stops while the library or another client is behind, so that the client has to wait, and not the
 * memory of the server to grow.
 */
#include "server.h"

#include <stdlib.h>
#include <string.h>

enum {
    FULL = 262144, /* octets to be written, from which on no more events are drained */
    SEND_BUFFER = 131072,
    KEEPALIVE_SECONDS = 120
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
    if (connection->is_touched || connection->is_closing)
        return;
    connection->is_touched = true;
    connection->next_touched = connection->server->touched;
    connection->server->touched = connection;
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

/* What was not written is lost. From now on it does nothing any more; it goes when its turn has come. */
void socket_close(struct connection *connection) {
    if (connection->is_closed)
        return;
    connection->is_closed = true;
    socket_touch(connection);
    routing_disconnect(connection);
}

/* If it fails, the other side is gone. */
static void have_shut_down(uv_shutdown_t *request, int status) {
    struct connection *connection = request->data;
    connection->has_shut_down = true;
    connection->has_ended = connection->has_ended || status != 0;
    socket_touch(connection);
}

/* We have said all there is to say. The other side may still be speaking: closing now could take away from it what it
 * has not read yet, so what it says is read, and dropped, until it has ended, too. */
static void shut_down(struct connection *connection) {
    if (connection->shutdown.data != NULL)
        return;
    connection->shutdown.data = connection;
    if (uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->socket, have_shut_down) != 0)
        socket_close(connection);
}

/* Whether the other side has read something since; whoever does not read at all must not be waited for. */
void socket_check(struct connection *connection, uint64_t now) {
    size_t unwritten = uv_stream_get_write_queue_size((uv_stream_t *)&connection->socket);
    if (unwritten == 0 || unwritten != connection->unwritten)
        connection->progress = now;
    connection->unwritten = unwritten;
    if (now - connection->progress > (uint64_t)connection->server->limits.stall_seconds * 1000)
        connection->is_too_slow = true;
    if (connection->waits_for != NULL && routing_is_stalled(connection->waits_for))
        routing_release(connection->waits_for);
    if (connection->is_too_slow)
        socket_touch(connection);
}

/* --- writing --- */

static void have_written(uv_write_t *request, int status) {
    struct connection *connection = request->data;
    connection->is_writing = false;
    connection->progress = storage_clock(connection->server);
    if (connection->state == STREAM_CLOSING)
        connection->since = connection->progress;
    text_free(&connection->writing);
    if (connection->is_closed)
        return;
    if (status != 0)
        socket_close(connection);
    else
        routing_drain(connection);
}

static void write_later(struct connection *connection) {
    connection->writing = connection->output;
    connection->output = (struct text){NULL, 0, 0};
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

/* What has come goes on; what has been said is written; whoever has room for more gets more; whoever has been said the
 * last word is told that it was the last. */
static void turn(struct connection *connection) {
    if (connection->is_too_slow && !connection->is_closed) {
        server_log(connection->server, LOG_WARNING, "a client does not read: closed");
        socket_close(connection);
    }
    stream_continue(connection);
    socket_flush(connection);
    while (connection->is_cut && !connection->is_writing && !connection->is_closed) {
        routing_drain(connection);
        socket_flush(connection);
    }
    if (connection->state == STREAM_CLOSING && connection->output.length == 0 && !connection->is_closed)
        shut_down(connection);
    if (connection->has_shut_down && connection->has_ended)
        socket_close(connection);
    socket_adjust(connection);
    if (connection->is_closed && !connection->is_closing) {
        connection->is_closing = true;
        uv_close((uv_handle_t *)&connection->socket, free_connection);
    }
}

bool socket_turn(struct server *server) {
    struct connection *touched = server->touched;
    server->touched = NULL;
    while (touched != NULL) {
        struct connection *connection = touched;
        touched = connection->next_touched;
        connection->is_touched = false;
        turn(connection);
    }
    return server->touched != NULL;
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
    if (count > 0 && connection->tls == NULL) {
        stream_input(connection, buffer->base, (size_t)count);
    } else if (count > 0 && !tls_input(connection, buffer->base, (size_t)count)) {
        socket_flush(connection); /* what is wrong, in the words of TLS */
        socket_close(connection);
    } else if (count == UV_EOF) { /* nothing more is read, but the last words are still written */
        connection->has_ended = true;
        stream_end(connection);
    } else if (count < 0) {
        socket_close(connection);
    }
    socket_adjust(connection);
    socket_touch(connection);
}

/* Reads, or does not, as it should be. */
void socket_adjust(struct connection *connection) {
    bool wanted = !connection->has_ended && !connection->is_closed &&
                  (connection->state == STREAM_CLOSING ||
                   (!connection->is_over && !routing_is_held(connection) && !socket_is_full(connection)));
    if (connection->is_closing || wanted == connection->is_reading)
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

/* The kernel would keep megabytes for those who do not read, and tell nobody of those who are gone. */
static void set_up(struct connection *connection) {
    int room_to_write = SEND_BUFFER;
    (void)uv_tcp_nodelay(&connection->socket, 1);
    (void)uv_tcp_keepalive(&connection->socket, 1, KEEPALIVE_SECONDS);
    (void)uv_send_buffer_size((uv_handle_t *)&connection->socket, &room_to_write);
}

void socket_accept(uv_stream_t *listener) {
    struct server *server = listener->data;
    struct connection *connection = calloc(1, sizeof *connection);
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
    set_up(connection);
    connection->since = connection->progress = storage_clock(server);
    connection->place = &server->connections;
    connection->next = server->connections;
    if (connection->next != NULL)
        connection->next->place = &connection->next;
    server->connections = connection;
    if (server->connection_count++ >= server->limits.connections)
        stream_close(connection, "resource-constraint");
    socket_touch(connection);
}
