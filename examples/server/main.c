/* The loop, the beginning and the end. */
#include "server.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    EXIT_USAGE = 2,
    QUEUED_EVENTS = 32,          /* of a stream, unless --set says so: each may be as large as a stanza */
    LEAVING_MILLISECONDS = 10000 /* that it waits for what it shares with others */
};

void server_log(const struct server *server, enum log_level level, const char *format, ...) {
    static const char *const names[] = {"error", "warning", "info", "debug"};
    va_list arguments;
    if (level > server->log_level)
        return;
    (void)fprintf(stderr, "xmppbind-server: %s: ", names[level]);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
}

void server_log_library(int level, const char *message, size_t length, void *user_data) {
    static const enum log_level levels[] = {LOG_ERROR, LOG_ERROR, LOG_WARNING, LOG_INFO};
    server_log(user_data, levels[level], "%.*s", (int)length, message);
}

/* --- the loop --- */

/* Before the loop waits: what has been read is dealt with, and what has come of that is written. */
static void turn(uv_prepare_t *handle) {
    struct server *server = handle->data;
    do {
        routing_settle(server);
        register_expel(server);
    } while (socket_turn(server));
}

void server_tick(struct server *server) {
    uint64_t now = storage_clock(server);
    (void)xmppbind_sessions_expire(server->sessions, now);
    for (struct connection *connection = server->connections; connection != NULL; connection = connection->next) {
        socket_check(connection, now);
        stream_check(connection, now);
    }
    server_disconnected(server);
}

static void tick(uv_timer_t *handle) {
    server_tick(handle->data);
}

/* Everybody is told; the loop ends when the last one is gone. */
static void end(uv_signal_t *handle, int number) {
    struct server *server = handle->data;
    (void)number;
    if (server->ending)
        return;
    server->ending = true;
    server->ending_since = storage_clock(server);
    uv_close((uv_handle_t *)&server->listener, NULL);
    for (struct connection *connection = server->connections; connection != NULL; connection = connection->next)
        stream_close(connection, "system-shutdown");
    server_disconnected(server);
}

void server_disconnected(struct server *server) {
    if (server->ending && server->connections == NULL &&
        (storage_leave(server) || storage_clock(server) - server->ending_since > LEAVING_MILLISECONDS))
        uv_stop(&server->loop);
}

static bool watch(struct server *server) {
    uv_loop_t *loop = &server->loop;
    server->turn.data = server->second.data = server->terminate.data = server->interrupt.data = server;
    (void)uv_prepare_init(loop, &server->turn);
    (void)uv_timer_init(loop, &server->second);
    return uv_prepare_start(&server->turn, turn) == 0 && uv_timer_start(&server->second, tick, 1000, 1000) == 0 &&
           uv_signal_init(loop, &server->terminate) == 0 && uv_signal_start(&server->terminate, end, SIGTERM) == 0 &&
           uv_signal_init(loop, &server->interrupt) == 0 && uv_signal_start(&server->interrupt, end, SIGINT) == 0;
}

/* --- the beginning and the end --- */

/* As many connections as the system lets us have. */
static void raise_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a client that is gone is an error of writing */
}

static int has_account(const char *jid, size_t length, void *user_data) {
    return accounts_exists(user_data, jid, length);
}

static bool start(struct server *server, const struct options *options) {
    if (options->certificate != NULL && tls_context_new(&server->tls, options->certificate, options->key) != 0) {
        server_log(server, LOG_ERROR, "the certificate or the key cannot be used: %s, %s", options->certificate,
                   options->key);
        return false;
    }
    if (login_start(server) != 0) {
        server_log(server, LOG_ERROR, "GNU SASL does not start");
        return false;
    }
    int result = storage_open(server, options->rosters, options->redis, options->node);
    if (result == XMPPBIND_OK)
        result = xmppbind_sessions_set_account(server->sessions, has_account, server);
    if (result == XMPPBIND_OK)
        result = xmppbind_sessions_set_wakeup(server->sessions, routing_wake, server);
    if (result != XMPPBIND_OK) {
        server_log(server, LOG_ERROR, "the storage cannot be opened: %s", xmppbind_strerror(result));
        return false;
    }
    return watch(server) && listen_start(server, options->listen) == 0;
}

static void close_handle(uv_handle_t *handle, void *data) {
    (void)data;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct server *server) {
    storage_close(server);
    uv_walk(&server->loop, close_handle, NULL);
    (void)uv_run(&server->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&server->loop);
    login_stop(server);
    tls_context_free(server->tls);
    accounts_free(server);
    for (size_t i = 0; i < server->domain_count; i++)
        free(server->domains[i]);
}

static int run(struct server *server, const struct options *options) {
    raise_limit();
    if (uv_loop_init(&server->loop) != 0)
        return EXIT_FAILURE;
    (void)uv_tcp_init(&server->loop, &server->listener);
    bool started = start(server, options);
    if (started)
        (void)uv_run(&server->loop, UV_RUN_DEFAULT);
    stop(server);
    return started ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool make_host(struct server *server) {
    return xmppbind_host_new(&server->host, NULL) == XMPPBIND_OK &&
           xmppbind_host_set_log(server->host, server_log_library, server) == XMPPBIND_OK &&
           xmppbind_host_set_option(server->host, XMPPBIND_OPTION_MAX_QUEUED_EVENTS, QUEUED_EVENTS) == XMPPBIND_OK;
}

int main(int count, char **arguments) {
    static struct server server = {.limits = {{262144, 100, 1024}, 30, 30, 5, 10000}, .log_level = LOG_WARNING};
    struct options options = {0};
    int status = EXIT_FAILURE;
    if (count == 2 && strcmp(arguments[1], "--help") == 0) {
        (void)fputs(options_usage, stdout);
        return EXIT_SUCCESS;
    }
    options.accounts = calloc((size_t)count, sizeof *options.accounts);
    options.domains = calloc((size_t)count, sizeof *options.domains);
    if (options.accounts == NULL || options.domains == NULL || !make_host(&server)) {
        (void)fprintf(stderr, "xmppbind-server: out of memory\n");
    } else if (options_read(&server, &options, count, arguments)) {
        status = run(&server, &options);
    } else {
        (void)fputs(options_usage, stderr);
        status = EXIT_USAGE;
    }
    free(options.accounts);
    free(options.domains);
    return status;
}
