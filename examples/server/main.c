/* The command line, the loop, the beginning and the end. */
#include "server.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char usage[] =
    "usage: xmppbind-server --listen HOST:PORT --domain DOMAIN... --account NAME[@DOMAIN]:PASSWORD...\n"
    "  --rosters FILE          keep rosters and privacy lists in a file of SQLite; otherwise in memory\n"
    "  --redis HOST:PORT --node NAME   share who holds which resource with other nodes\n"
    "  --cert FILE --key FILE  encrypt (STARTTLS); without, it listens on a loopback address only\n"
    "  --register              let strangers make accounts (XEP-0077); in memory, so not with --rosters\n"
    "  --set NAME=VALUE        an option of the library, such as conflict=reject\n"
    "  --limit NAME=VALUE      stanza-bytes, depth, names, login-seconds, stall-seconds, close-seconds, connections\n"
    "  --log LEVEL             error, warning, info or debug\n";

enum { EXIT_USAGE = 2, LEAVING_MILLISECONDS = 10000 /* that it waits for what it shares with others */ };

static const char *const levels[] = {"error", "warning", "info", "debug"};

void server_log(const struct server *server, enum log_level level, const char *format, ...) {
    va_list arguments;
    if (level > server->log_level)
        return;
    (void)fprintf(stderr, "xmppbind-server: %s: ", levels[level]);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
}

static void log_library(int level, const char *message, size_t length, void *user_data) {
    server_log(user_data,
               level == XMPPBIND_LOG_ERROR     ? LOG_ERROR
               : level == XMPPBIND_LOG_WARNING ? LOG_WARNING
                                               : LOG_INFO,
               "%.*s", (int)length, message);
}

/* --- the command line --- */

struct options {
    const char *listen, *rosters, *redis, *node, *certificate, *key;
    const char **accounts;
    int account_count;
};

/* The name and the value of NAME=VALUE. */
static const char *split(const char *text, size_t *length) {
    const char *equals = strchr(text, '=');
    *length = equals == NULL ? 0 : (size_t)(equals - text);
    return equals == NULL ? NULL : equals + 1;
}

static bool set_option(struct server *server, const char *text) {
    size_t length;
    const char *value = split(text, &length);
    return value != NULL &&
           xmppbind_host_set_option_text(server->host, text, length, value, strlen(value)) == XMPPBIND_OK;
}

static bool set_limit(struct limits *limits, const char *text) {
    const struct {
        const char *name;
        uint32_t *place;
    } known[] = {{"stanza-bytes", &limits->parser.stanza_bytes},
                 {"depth", &limits->parser.depth},
                 {"names", &limits->parser.names},
                 {"login-seconds", &limits->login_seconds},
                 {"stall-seconds", &limits->stall_seconds},
                 {"close-seconds", &limits->close_seconds},
                 {"connections", &limits->connections}};
    size_t length;
    char *rest;
    const char *value = split(text, &length);
    unsigned long number = value == NULL ? 0 : strtoul(value, &rest, 10);
    if (value == NULL || *value < '0' || *value > '9' || *rest != '\0' || number == 0 || number > UINT32_MAX)
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == length && memcmp(known[i].name, text, length) == 0) {
            *known[i].place = (uint32_t)number;
            return true;
        }
    return false;
}

static bool set_level(struct server *server, const char *name) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(name, levels[i]) == 0) {
            server->log_level = (enum log_level)i;
            return true;
        }
    return false;
}

static bool add_domain(struct server *server, const char *name) {
    char jid[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare;
    if (server->domain_count == MAX_DOMAINS || strpbrk(name, "@/<>&'\"") != NULL ||
        xmppbind_jid_prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, name, strlen(name), jid, sizeof jid, &length, &bare) !=
            XMPPBIND_OK)
        return false;
    server->domains[server->domain_count] = strdup(jid);
    return server->domains[server->domain_count++] != NULL;
}

/* NAME[@DOMAIN]:PASSWORD, when all domains are known. */
static bool add_account(struct server *server, const char *text) {
    char name[XMPPBIND_JID_MAXIMUM + 1];
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof name)
        return false;
    (void)snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
    char *at = strchr(name, '@');
    if (at != NULL) {
        *at = '\0';
        const char *domain = accounts_domain(server, at + 1);
        return domain != NULL && accounts_add(server, name, domain, colon + 1) == ACCOUNTS_ADDED;
    }
    for (size_t i = 0; i < server->domain_count; i++)
        if (accounts_add(server, name, server->domains[i], colon + 1) != ACCOUNTS_ADDED)
            return false;
    return true;
}

static bool read_option(struct server *server, struct options *options, const char *name, const char *value) {
    const struct {
        const char *name;
        const char **place;
    } texts[] = {{"--listen", &options->listen}, {"--rosters", &options->rosters},  {"--redis", &options->redis},
                 {"--node", &options->node},     {"--cert", &options->certificate}, {"--key", &options->key}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].place = value;
            return true;
        }
    if (strcmp(name, "--account") == 0) {
        options->accounts[options->account_count++] = value;
        return true;
    }
    return strcmp(name, "--domain") == 0  ? add_domain(server, value)
           : strcmp(name, "--set") == 0   ? set_option(server, value)
           : strcmp(name, "--limit") == 0 ? set_limit(&server->limits, value)
           : strcmp(name, "--log") == 0   ? set_level(server, value)
                                          : false;
}

/* True, or what is wrong has been said. */
static bool read_options(struct server *server, struct options *options, int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--register") == 0) {
            server->registration = true;
        } else if (i + 1 == count || !read_option(server, options, arguments[i], arguments[i + 1])) {
            (void)fprintf(stderr, "xmppbind-server: not understood: %s %s\n", arguments[i],
                          i + 1 == count ? "" : arguments[i + 1]);
            return false;
        } else {
            i++;
        }
    }
    for (int i = 0; i < options->account_count; i++)
        if (!add_account(server, options->accounts[i])) {
            (void)fprintf(stderr, "xmppbind-server: no account, or a second one: %s\n", options->accounts[i]);
            return false;
        }
    bool is_whole =
        options->listen != NULL && server->domain_count > 0 && (options->redis == NULL) == (options->node == NULL) &&
        (options->certificate == NULL) == (options->key == NULL) && !(server->registration && options->rosters != NULL);
    if (!is_whole)
        (void)fprintf(stderr, "xmppbind-server: --listen and --domain are needed; --redis goes with --node, --cert "
                              "with --key, and --register does not go with --rosters\n");
    return is_whole;
}

/* --- the loop --- */

static void turn(uv_prepare_t *handle) {
    struct server *server = handle->data;
    routing_settle(server);
    socket_turn(server);
}

void server_tick(struct server *server) {
    uint64_t now = storage_clock(server);
    struct connection *next;
    (void)xmppbind_sessions_expire(server->sessions, now);
    for (struct connection *connection = server->connections; connection != NULL; connection = next) {
        next = connection->next;
        stream_check(connection, now);
        socket_check(connection, now);
    }
    server_disconnected(server);
}

static void tick(uv_timer_t *handle) {
    server_tick(handle->data);
}

/* Everybody is told; the loop ends when the last one is gone. */
void server_end(struct server *server) {
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

static void end(uv_signal_t *handle, int number) {
    (void)number;
    server_end(handle->data);
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
        result = xmppbind_sessions_set_wakeup(server->sessions, routing_wake, server);
    if (result != XMPPBIND_OK) {
        server_log(server, LOG_ERROR, "the storage cannot be opened: %s", xmppbind_strerror(result));
        return false;
    }
    return watch(server) && socket_listen(server, options->listen) == 0;
}

static void close_handle(uv_handle_t *handle, void *data) {
    (void)data;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct server *server) {
    elements_free(&server->held);
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

int main(int count, char **arguments) {
    static struct server server = {.limits = {{262144, 100, 1024}, 30, 30, 5, 10000}, .log_level = LOG_WARNING};
    struct options options = {0};
    if (count == 2 && strcmp(arguments[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    options.accounts = calloc((size_t)count, sizeof *options.accounts);
    int status = EXIT_FAILURE;
    if (options.accounts == NULL || xmppbind_host_new(&server.host, NULL) != XMPPBIND_OK ||
        xmppbind_host_set_log(server.host, log_library, &server) != XMPPBIND_OK) {
        (void)fprintf(stderr, "xmppbind-server: out of memory\n");
    } else if (read_options(&server, &options, count, arguments)) {
        status = run(&server, &options);
    } else {
        (void)fputs(usage, stderr);
        status = EXIT_USAGE;
    }
    free(options.accounts);
    return status;
}
