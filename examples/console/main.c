/* Reads the command line and the lines, and answers with the exit status: 0, 1 the library failed, 2 a bad line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"

enum { EXIT_FAILED = 1, EXIT_BAD_LINE = 2 };

static int usage(const char *complaint, const char *argument) {
    fprintf(stderr, "console: %s%s\nusage: console [--set NAME=VALUE]... [FILE]\n", complaint, argument);
    return EXIT_BAD_LINE;
}

/* Handles NAME=VALUE of the command line. */
static int set_option(const struct console *console, const char *setting) {
    const char *equals = strchr(setting, '=');
    if (equals == NULL)
        return usage("--set takes NAME=VALUE, not ", setting);
    int result = xmppbind_host_set_option_text(console->host, setting, (size_t)(equals - setting), equals + 1,
                                               strlen(equals + 1));
    if (result != XMPPBIND_OK) {
        fprintf(stderr, "console: --set %s: %s\n", setting, xmppbind_strerror(result));
        return EXIT_BAD_LINE;
    }
    return 0;
}

static int read_arguments(const struct console *console, int count, char **arguments, const char **file) {
    for (int index = 1; index < count; index++) {
        if (strcmp(arguments[index], "--set") == 0) {
            if (++index == count)
                return usage("--set needs NAME=VALUE", "");
            int status = set_option(console, arguments[index]);
            if (status != 0)
                return status;
        } else if (arguments[index][0] == '-') {
            return usage("unknown option ", arguments[index]);
        } else if (*file != NULL) {
            return usage("one FILE is enough: ", arguments[index]);
        } else {
            *file = arguments[index];
        }
    }
    return 0;
}

static void run_file(struct console *console, FILE *file) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    while (!console->failed && (length = getline(&line, &capacity, file)) >= 0)
        console_run_line(console, (struct console_text){line, (size_t)length});
    if (!console->failed && !feof(file)) {
        fprintf(stderr, "console: cannot read: %s\n", strerror(errno));
        console->failed = true;
    }
    free(line);
}

static void run_terminal(struct console *console) {
    struct console_prompt *prompt = console_prompt_new();
    if (prompt == NULL) {
        run_file(console, stdin);
        return;
    }
    console->colours = true;
    const char *line = NULL;
    size_t length = 0;
    while (!console->failed && (line = console_prompt_read(prompt, &length)) != NULL)
        console_run_line(console, (struct console_text){line, length});
    console_prompt_free(prompt);
}

static int run_input(struct console *console, const char *name) {
    if (name == NULL) {
        if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1)
            run_terminal(console);
        else
            run_file(console, stdin);
    } else {
        FILE *file = fopen(name, "r");
        if (file == NULL) {
            fprintf(stderr, "console: %s: %s\n", name, strerror(errno));
            return EXIT_BAD_LINE;
        }
        run_file(console, file);
        fclose(file);
    }
    if (console->failed || ferror(stdout))
        return EXIT_FAILED;
    return console->had_error ? EXIT_BAD_LINE : 0;
}

int main(int count, char **arguments) {
    struct console console = {0};
    int result = xmppbind_host_new(&console.host, NULL);
    if (result == XMPPBIND_OK)
        result = console_store_new(&console.store, xmppbind_host_directory(console.host));
    int status = EXIT_FAILED;
    if (result == XMPPBIND_OK) {
        const char *file = NULL;
        status = read_arguments(&console, count, arguments, &file);
        if (status == 0)
            status = run_input(&console, file);
    } else {
        console_fail(&console, "no host", result);
    }
    console_streams_free(&console);
    console_im_free(&console);
    xmppbind_host_free(console.host);
    console_store_free(console.store);
    return status;
}
