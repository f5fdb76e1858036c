/*
 * Storage of the server for tests, in place of examples/server/storage.c: it answers as it is told to, and the time is
 * what it is told. The modes are those of the console (accept, later, fail, silent); they are put before the directory
 * in memory and, with CONTROLLED_ROSTERS in the environment, before rosters and privacy lists.
 *
 * Commands come through a Unix socket, whose path CONTROLLED_SOCKET names, one a line:
 *
 *   storage MODE    how storage answers from now on
 *   answer          what "later" held back is answered
 *   time SECONDS    moves the clock, which does not move by itself
 *   settle          nothing
 *
 * Each is answered by the line "done". The loop polls once more before a command is carried out, so that everything has
 * been read that clients sent before it, and once more behind it, so that what comes of it has been written.
 */
#include <stdlib.h>
#include <string.h>

#include "examples/console/console.h"
#include "examples/server/server.h"

enum { LINE_LENGTH = 64, SECOND = 1000 };

/* Static, as handles outlive storage_close(). */
static struct storage {
    struct console_store *store;
    uint64_t clock;
    uv_pipe_t listener, control;
    uv_idle_t idle; /* between a command and its answer */
    uv_write_t write;
    unsigned turns; /* since the command came */
    char line[LINE_LENGTH];
    size_t length;
} storage = {.clock = SECOND};

uint64_t storage_clock(struct server *server) {
    (void)server;
    return storage.clock;
}

bool console_text_is(struct console_text text, const char *word) {
    return text.length == strlen(word) && memcmp(text.data, word, text.length) == 0;
}

/* What follows the word in the line; NULL: it begins with another one. */
static const char *behind(const char *word) {
    size_t length = strlen(word);
    return strncmp(storage.line, word, length) == 0 ? storage.line + length : NULL;
}

static bool carry_out(void) {
    const char *rest;
    if ((rest = behind("storage ")) != NULL)
        return console_store_set_mode(storage.store, (struct console_text){rest, strlen(rest)});
    if ((rest = behind("time ")) != NULL) {
        storage.clock += strtoul(rest, NULL, 10) * SECOND;
        return true;
    }
    if (strcmp(storage.line, "answer") == 0)
        return console_store_answer(storage.store) == XMPPBIND_OK;
    return strcmp(storage.line, "settle") == 0;
}

/* Deadlines start and end with the ticks of the server: before time moves, and behind it. */
static void on_turn(uv_idle_t *idle) {
    static char done[] = "done\n", failed[] = "failed\n";
    static bool good;
    struct server *server = idle->data;
    uv_buf_t answer;
    switch (++storage.turns) {
    case 1:
        break;
    case 2:
        server_tick(server);
        good = carry_out();
        server_tick(server);
        break;
    case 3:
        server_tick(server);
        break;
    default:
        (void)uv_idle_stop(idle);
        answer = good ? uv_buf_init(done, sizeof done - 1) : uv_buf_init(failed, sizeof failed - 1);
        (void)uv_write(&storage.write, (uv_stream_t *)&storage.control, &answer, 1, NULL);
    }
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(storage.line + storage.length, (unsigned)(sizeof storage.line - storage.length));
}

/* One command at a time: the other side waits for its answer. */
static void on_octets(uv_stream_t *control, ssize_t length, const uv_buf_t *buffer) {
    (void)buffer;
    if (length < 0) {
        uv_close((uv_handle_t *)control, NULL);
        return;
    }
    storage.length += (size_t)length;
    char *end = memchr(storage.line, '\n', storage.length);
    if (end == NULL)
        return;
    *end = '\0';
    storage.length = 0;
    storage.turns = 0;
    (void)uv_idle_start(&storage.idle, on_turn);
}

static void on_connection(uv_stream_t *listener, int status) {
    (void)status;
    if (uv_accept(listener, (uv_stream_t *)&storage.control) == 0)
        (void)uv_read_start((uv_stream_t *)&storage.control, allocate, on_octets);
}

static int listen_for_commands(struct server *server) {
    const char *path = getenv("CONTROLLED_SOCKET");
    storage.idle.data = server;
    bool listens = path != NULL && uv_pipe_init(&server->loop, &storage.listener, 0) == 0 &&
                   uv_pipe_init(&server->loop, &storage.control, 0) == 0 &&
                   uv_idle_init(&server->loop, &storage.idle) == 0 && uv_pipe_bind(&storage.listener, path) == 0 &&
                   uv_listen((uv_stream_t *)&storage.listener, 1, on_connection) == 0;
    return listens ? XMPPBIND_OK : XMPPBIND_ERROR_INVALID_ARGUMENT;
}

int storage_open(struct server *server, const char *rosters, const char *redis, const char *node) {
    (void)rosters, (void)redis, (void)node;
    server->storage = &storage;
    int result = console_store_new(&storage.store, xmppbind_host_directory(server->host));
    if (result == XMPPBIND_OK)
        result = xmppbind_sessions_new(&server->sessions, server->host,
                                       getenv("CONTROLLED_ROSTERS") == NULL ? NULL : console_store_im(storage.store));
    return result == XMPPBIND_OK ? listen_for_commands(server) : result;
}

bool storage_leave(struct server *server) {
    (void)server;
    return true;
}

void storage_close(struct server *server) {
    xmppbind_sessions_free(server->sessions);
    xmppbind_host_free(server->host);
    console_store_free(storage.store);
}
