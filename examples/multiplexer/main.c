#include "multiplexer.h"

#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const char usage[] =
    "usage: multiplexer --connect HOST:PORT --jid NAME@DOMAIN [--password SECRET] --socket PATH [--log LEVEL]\n"
    "HOST is this machine: the connection is not encrypted. SECRET is better in the environment, as "
    "MULTIPLEXER_PASSWORD:\n"
    "a command line can be seen by everyone. LEVEL: error, warning, info, debug.\n"
    "A program connects to PATH and writes a line, the resource it wants, then stanzas; it reads a line\n"
    "`bound FULL-JID`, then a line for each stanza.\n";

enum { EXIT_USAGE = 2, LOGIN_MILLISECONDS = 30000, CLOSE_MILLISECONDS = 5000 };

static const char *const levels[] = {"error", "warning", "info", "debug"};

void log_line(const struct multiplexer *multiplexer, enum log_level level, const char *format, ...) {
    va_list arguments;
    if (level > multiplexer->level)
        return;
    va_start(arguments, format);
    (void)fprintf(stderr, "multiplexer: %s: ", levels[level]);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

void fill_random(char *text) {
    unsigned char octets[8];
    if (uv_random(NULL, NULL, octets, sizeof octets, 0, NULL) != 0)
        abort(); /* there is no such system */
    for (size_t i = 0; i < sizeof octets; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", octets[i]);
}

/* --- beginning and end --- */

static void close_everything(struct multiplexer *multiplexer) {
    connection_close(multiplexer);
    for (struct program *program = multiplexer->programs; program != NULL; program = program->next)
        program_drop(program);
}

void multiplexer_ready(struct multiplexer *multiplexer) {
    (void)uv_timer_stop(&multiplexer->timer);
    if (!programs_listen(multiplexer)) {
        multiplexer_end(multiplexer, "internal-server-error", EXIT_FAILURE);
        return;
    }
    (void)printf("listening on %s\n", multiplexer->path);
    (void)fflush(stdout);
}

static void time_out(uv_timer_t *timer) {
    struct multiplexer *multiplexer = timer->loop->data;
    if (multiplexer->ending)
        close_everything(multiplexer);
    multiplexer_end(multiplexer, "connection-timeout", EXIT_FAILURE);
}

void multiplexer_end(struct multiplexer *multiplexer, const char *reason, int status) {
    if (multiplexer->ending)
        return;
    multiplexer->ending = true;
    multiplexer->status = status;
    log_line(multiplexer, status == 0 ? LOG_INFO : LOG_ERROR, "ends: %s", reason);
    if (multiplexer->listening.type == UV_NAMED_PIPE) /* this also removes the file */
        uv_close((uv_handle_t *)&multiplexer->listening, NULL);
    for (struct program *program = multiplexer->programs; program != NULL; program = program->next)
        program_end(program, reason, status == 0);
    bool wait = status == 0 && multiplexer->may_send;
    connection_end(multiplexer);
    if (!wait) /* for the server's end */
        connection_close(multiplexer);
    (void)uv_timer_start(&multiplexer->timer, time_out, CLOSE_MILLISECONDS, 0);
}

/* The first signal: in good order. The second one: now. */
static void take_signal(uv_signal_t *signal, int number) {
    struct multiplexer *multiplexer = signal->loop->data;
    (void)number;
    if (multiplexer->ending)
        close_everything(multiplexer);
    multiplexer_end(multiplexer, "shutdown", EXIT_SUCCESS);
}

/* They do not keep the loop running: what does are the connection, the socket and the programs. */
static bool watch(struct multiplexer *multiplexer) {
    uv_loop_t *loop = &multiplexer->loop;
    loop->data = multiplexer;
    (void)signal(SIGPIPE, SIG_IGN);
    if (uv_signal_init(loop, &multiplexer->interrupt) != 0 ||
        uv_signal_start(&multiplexer->interrupt, take_signal, SIGINT) != 0 ||
        uv_signal_init(loop, &multiplexer->terminate) != 0 ||
        uv_signal_start(&multiplexer->terminate, take_signal, SIGTERM) != 0 ||
        uv_timer_init(loop, &multiplexer->timer) != 0 ||
        uv_timer_start(&multiplexer->timer, time_out, LOGIN_MILLISECONDS, 0) != 0)
        return false;
    uv_unref((uv_handle_t *)&multiplexer->interrupt);
    uv_unref((uv_handle_t *)&multiplexer->terminate);
    uv_unref((uv_handle_t *)&multiplexer->timer);
    return true;
}

static void close_handle(uv_handle_t *handle, void *data) {
    (void)data;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static int run(struct multiplexer *multiplexer) {
    if (uv_loop_init(&multiplexer->loop) != 0)
        return EXIT_FAILURE;
    multiplexer->status = EXIT_FAILURE;
    if (watch(multiplexer)) {
        connection_open(multiplexer);
        (void)uv_run(&multiplexer->loop, UV_RUN_DEFAULT);
    }
    uv_walk(&multiplexer->loop, close_handle, NULL);
    (void)uv_run(&multiplexer->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&multiplexer->loop);
    login_free(multiplexer);
    reader_stop(&multiplexer->reader);
    return multiplexer->status;
}

/* --- options --- */

struct options {
    const char *connect, *jid, *level;
};

static bool read_options(struct multiplexer *multiplexer, struct options *options, int count, char **arguments) {
    multiplexer->password = getenv("MULTIPLEXER_PASSWORD");
    for (int i = 1; i < count; i += 2) {
        const char **place = strcmp(arguments[i], "--connect") == 0    ? &options->connect
                             : strcmp(arguments[i], "--jid") == 0      ? &options->jid
                             : strcmp(arguments[i], "--password") == 0 ? &multiplexer->password
                             : strcmp(arguments[i], "--socket") == 0   ? &multiplexer->path
                             : strcmp(arguments[i], "--log") == 0      ? &options->level
                                                                       : NULL;
        if (place == NULL || i + 1 == count)
            return false;
        *place = arguments[i + 1];
    }
    return options->connect != NULL && options->jid != NULL && multiplexer->password != NULL &&
           multiplexer->path != NULL;
}

static bool understand_options(struct multiplexer *multiplexer, const struct options *options) {
    const struct address *account = &multiplexer->account;
    size_t level = 0, length = 0;
    while (level < sizeof levels / sizeof *levels && strcmp(levels[level], options->level) != 0)
        level++;
    multiplexer->level = (enum log_level)level;
    if (!address_read(&multiplexer->account, options->jid) || account->length != account->bare_length ||
        xmppbind_jid_part(account->text, account->length, XMPPBIND_ADDRESS_PART_LOCAL, &length) == NULL)
        return false;
    return level < sizeof levels / sizeof *levels && *multiplexer->path != '\0' &&
           strlen(multiplexer->path) < sizeof((struct sockaddr_un *)NULL)->sun_path;
}

int main(int count, char **arguments) {
    static struct multiplexer multiplexer;
    struct options options = {NULL, NULL, "warning"};
    if (count == 2 && strcmp(arguments[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (!read_options(&multiplexer, &options, count, arguments) || !understand_options(&multiplexer, &options)) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    int status = connection_find(&multiplexer, options.connect) ? run(&multiplexer) : EXIT_FAILURE;
    if (multiplexer.addresses != NULL)
        freeaddrinfo(multiplexer.addresses);
    xmlCleanupParser();
    return status;
}
