#include "node.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: node --name NAME --redis HOST:PORT [--lease MILLISECONDS] [--set NAME=VALUE]...\n"
                            "Lines to standard input:\n"
                            "  bind STREAM ACCOUNT RESOURCE    on a stream that is opened if need be\n"
                            "  unbind STREAM RESOURCE\n"
                            "  close STREAM\n"
                            "  sessions ACCOUNT                on all nodes, the oldest first\n"
                            "  leave                           as does the end of the input, and SIGTERM\n";

enum { EXIT_USAGE = 2 };

struct options {
    const char *name, *redis, *lease;
};

/* --- the loop: lines, signals, and what the node has to say --- */

/* Both kinds of handles that standard input may need. */
static union {
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tty_t tty;
} input;
static uv_signal_t interrupt, terminate;
static uv_prepare_t prepare;
static char buffer[4096];

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
    (void)handle;
    (void)suggested;
    *room = uv_buf_init(buffer, sizeof buffer);
}

static void take_octet(struct node *node, char octet) {
    if (octet == '\n') {
        node->line[node->length] = '\0';
        node->length = 0;
        node_run_line(node, node->line);
    } else if (node->length + 1 < sizeof node->line) { /* what is longer than any command is cut off */
        node->line[node->length++] = octet;
    }
}

static void read_lines(uv_stream_t *stream, ssize_t count, const uv_buf_t *room) {
    struct node *node = stream->loop->data;
    for (ssize_t i = 0; i < count && !node->leaving; i++)
        take_octet(node, room->base[i]);
    if (count < 0)
        node_leave(node);
}

static void end(uv_signal_t *signal, int number) {
    (void)number;
    node_leave(signal->loop->data);
}

/* Before the loop waits: everything that has happened is said. */
static void look(uv_prepare_t *handle) {
    static const char *const states[] = {"idle", "away from Redis", "ready", "leaving", "gone"};
    struct node *node = handle->loop->data;
    node_drain_ready(node);
    int state = xmppbind_redis_state(node->redis);
    if (state != node->state)
        node_say(node, states[state], NULL, NULL);
    node->state = state;
    if (state == XMPPBIND_REDIS_LEFT)
        uv_stop(&node->loop);
}

static int watch_input(uv_loop_t *loop) {
    int result = UV_EINVAL;
    switch (uv_guess_handle(0)) {
    case UV_NAMED_PIPE:
        result = uv_pipe_init(loop, &input.pipe, 0);
        if (result == 0)
            result = uv_pipe_open(&input.pipe, 0);
        break;
    case UV_TTY:
        result = uv_tty_init(loop, &input.tty, 0, 1);
        break;
    default:
        (void)fprintf(stderr, "node: standard input is neither a pipe nor a terminal\n");
    }
    return result == 0 ? uv_read_start(&input.stream, allocate, read_lines) : result;
}

static int watch(struct node *node) {
    uv_loop_t *loop = &node->loop;
    loop->data = node;
    int failed = watch_input(loop) != 0;
    failed = failed || uv_signal_init(loop, &interrupt) != 0 || uv_signal_start(&interrupt, end, SIGINT) != 0;
    failed = failed || uv_signal_init(loop, &terminate) != 0 || uv_signal_start(&terminate, end, SIGTERM) != 0;
    return failed || uv_prepare_init(loop, &prepare) != 0 || uv_prepare_start(&prepare, look) != 0;
}

static void close_handle(uv_handle_t *handle, void *data) {
    (void)data;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* --- the node --- */

static void log_line(int level, const char *message, size_t length, void *user_data) {
    (void)level;
    (void)fprintf(stderr, "%s: %.*s\n", ((const struct node *)user_data)->name, (int)length, message);
}

/* How long a node that says nothing is held alive: the longer, the later its resources are free after a crash. */
static int set_lease(struct node *node, const char *text) {
    char *rest;
    unsigned long lease = text == NULL ? 0 : strtoul(text, &rest, 10);
    if (text == NULL)
        return XMPPBIND_OK;
    if (*text == '\0' || *rest != '\0' || lease > UINT32_MAX)
        return XMPPBIND_ERROR_OPTION_VALUE;
    return xmppbind_redis_set(node->redis, XMPPBIND_REDIS_LEASE, (uint32_t)lease);
}

static int add_server(struct node *node, const char *address) {
    const char *colon = strrchr(address, ':');
    unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, NULL, 10);
    if (port == 0 || port > UINT16_MAX)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    return xmppbind_redis_add_server(node->redis, address, (size_t)(colon - address), (uint32_t)port);
}

static int start(struct node *node, const struct options *options) {
    xmppbind_directory *directory = xmppbind_host_directory(node->host);
    node->name = options->name;
    int result = xmppbind_redis_new(&node->redis, directory, options->name, strlen(options->name), NULL);
    if (result == XMPPBIND_OK)
        result = xmppbind_redis_set_log(node->redis, log_line, node);
    if (result == XMPPBIND_OK)
        result = add_server(node, options->redis);
    if (result == XMPPBIND_OK)
        result = set_lease(node, options->lease);
    if (result == XMPPBIND_OK)
        result = xmppbind_redis_uv_new(&node->joined, node->redis, &node->loop, NULL);
    return result;
}

static void stop(struct node *node) {
    while (node->streams != NULL)
        node_stream_close(node, node->streams);
    xmppbind_redis_free(node->redis);
    xmppbind_redis_uv_free(node->joined);
    uv_walk(&node->loop, close_handle, NULL);
    (void)uv_run(&node->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&node->loop);
    xmppbind_host_free(node->host);
}

static int set_option(xmppbind_host *host, const char *text) {
    const char *equals = strchr(text, '=');
    if (equals == NULL)
        return XMPPBIND_ERROR_UNKNOWN_OPTION;
    return xmppbind_host_set_option_text(host, text, (size_t)(equals - text), equals + 1, strlen(equals + 1));
}

static int read_options(struct options *options, xmppbind_host *host, int count, char **arguments) {
    for (int i = 1; i + 1 < count; i += 2) {
        const char **place = strcmp(arguments[i], "--name") == 0    ? &options->name
                             : strcmp(arguments[i], "--redis") == 0 ? &options->redis
                             : strcmp(arguments[i], "--lease") == 0 ? &options->lease
                                                                    : NULL;
        if (place != NULL)
            *place = arguments[i + 1];
        else if (strcmp(arguments[i], "--set") != 0 || set_option(host, arguments[i + 1]) != XMPPBIND_OK)
            return 0;
    }
    return count % 2 == 1 && options->name != NULL && options->redis != NULL;
}

int main(int count, char **arguments) {
    struct options options = {NULL, NULL, NULL};
    struct node node = {0};
    if (count == 2 && strcmp(arguments[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (xmppbind_host_new(&node.host, NULL) != XMPPBIND_OK)
        return EXIT_FAILURE;
    if (!read_options(&options, node.host, count, arguments)) {
        (void)fputs(usage, stderr);
        xmppbind_host_free(node.host);
        return EXIT_USAGE;
    }
    if (uv_loop_init(&node.loop) != 0) {
        xmppbind_host_free(node.host);
        return EXIT_FAILURE;
    }
    int result = start(&node, &options);
    if (result != XMPPBIND_OK)
        (void)fprintf(stderr, "node: %s\n", xmppbind_strerror(result));
    int failed = result != XMPPBIND_OK || watch(&node) != 0;
    if (!failed)
        (void)uv_run(&node.loop, UV_RUN_DEFAULT);
    stop(&node);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
