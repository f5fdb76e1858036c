/* The commands: a table of names, and one function for each. */
#include <string.h>

#include "console.h"

static const struct console_text nothing = {NULL, 0};

static bool is_blank(char octet) {
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

static bool is_name_octet(char octet) {
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9') ||
           octet == '-' || octet == '_';
}

bool console_text_is(struct console_text text, const char *word) {
    return strlen(word) == text.length && memcmp(text.data, word, text.length) == 0;
}

static struct console_text trim(struct console_text text) {
    while (text.length > 0 && is_blank(text.data[0])) {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

/* Takes the next word off a trimmed text; an empty one when there is none. */
struct console_text console_take_word(struct console_text *rest) {
    struct console_text word = {rest->data, 0};
    while (word.length < rest->length && !is_blank(rest->data[word.length]))
        word.length++;
    *rest = trim((struct console_text){rest->data + word.length, rest->length - word.length});
    return word;
}

/* How many octets at the start are a stream name. */
static size_t name_length(struct console_text text) {
    size_t length = 0;
    while (length < text.length && is_name_octet(text.data[length]))
        length++;
    return length;
}

static void malformed(struct console *console, const char *form) {
    console_error(console, console->line, (struct console_text){"expected", 8}, form);
}

/* The only word of a command, or an empty text after an error line. */
static struct console_text only_word(struct console *console, struct console_text rest, const char *form) {
    struct console_text word = console_take_word(&rest);
    if (word.length > 0 && rest.length == 0)
        return word;
    malformed(console, form);
    return nothing;
}

/* The stream that is open under the name. NULL after a line that says why there is none. */
static struct console_stream *open_stream(struct console *console, struct console_text name) {
    struct console_stream *stream = console_stream_find(console, name);
    if (stream == NULL) {
        console_error(console, console->line, name, "no stream of this name was opened");
    } else if (stream->stream == NULL) {
        console_print(console, stream->name, "gone", NULL, 0);
        stream = NULL;
    }
    return stream;
}

static void run_set(struct console *console, struct console_text rest) {
    struct console_text name = console_take_word(&rest);
    struct console_text value = console_take_word(&rest);
    if (value.length == 0 || rest.length > 0) {
        malformed(console, "set NAME VALUE");
        return;
    }
    int result = XMPPBIND_ERROR_STATE;
    if (!console->opened)
        result = xmppbind_host_set_option_text(console->host, name.data, name.length, value.data, value.length);
    if (result != XMPPBIND_OK)
        console_error(console, console->line, name, xmppbind_strerror(result));
}

static void run_open(struct console *console, struct console_text rest) {
    struct console_text name = console_take_word(&rest);
    struct console_text account = console_take_word(&rest);
    if (account.length == 0 || rest.length > 0 || name_length(name) != name.length) {
        malformed(console, "open S JID, with S of letters, digits, - and _");
        return;
    }
    const struct console_stream *stream = console_stream_find(console, name);
    if (stream != NULL && stream->stream != NULL) {
        console_error(console, console->line, name, "this stream is open");
        return;
    }
    int result = console_stream_open(console, name, account);
    if (result == XMPPBIND_ERROR_NO_MEMORY)
        console_fail(console, "a stream cannot be opened", result);
    else if (result != XMPPBIND_OK)
        console_error(console, console->line, account, xmppbind_strerror(result));
}

static void run_features(struct console *console, struct console_text rest) {
    struct console_text name = only_word(console, rest, "features S");
    const struct console_stream *stream = name.length > 0 ? open_stream(console, name) : NULL;
    if (stream != NULL)
        console_print_features(console, stream);
}

static void run_close(struct console *console, struct console_text rest) {
    struct console_text name = only_word(console, rest, "close S");
    struct console_stream *stream = name.length > 0 ? open_stream(console, name) : NULL;
    if (stream != NULL)
        console_stream_close(console, stream);
}

static void run_storage(struct console *console, struct console_text rest) {
    if (!console_store_set_mode(console->store, rest))
        malformed(console, "storage accept, later, fail or silent");
}

static void run_answer(struct console *console, struct console_text rest) {
    if (rest.length > 0) {
        malformed(console, "answer");
        return;
    }
    int result = console_store_answer(console->store);
    if (result != XMPPBIND_OK)
        console_fail(console, "storage cannot answer", result);
}

static void run_time(struct console *console, struct console_text rest) {
    static const size_t digits_maximum = 9; /* some thirty years: far from where the clock would turn over */
    struct console_text word = only_word(console, rest, "time SECONDS");
    if (word.length == 0)
        return;
    uint64_t seconds = 0;
    for (size_t index = 0; index < word.length; index++) {
        if (word.length > digits_maximum || word.data[index] < '0' || word.data[index] > '9') {
            malformed(console, "time SECONDS, a whole number of at most nine digits");
            return;
        }
        seconds = seconds * 10 + (uint64_t)(word.data[index] - '0');
    }
    console->clock += seconds * 1000;
    console_expire(console);
}

/* Whose session it is; one that waits for its unbinding is still a session, though nothing is delivered to it. */
static const struct console_stream *holder(const struct console *console, const char *jid, size_t length,
                                           uint64_t claim) {
    uint64_t held = 0;
    const xmppbind_stream *found = xmppbind_host_find(console->host, jid, length, &held);
    if (found != NULL && held == claim)
        return xmppbind_stream_user_data(found);
    for (const struct console_stream *stream = console->streams; stream != NULL; stream = stream->next) {
        const char *resource;
        size_t resource_length;
        for (uint32_t i = 0; (resource = xmppbind_stream_resource(stream->stream, i, &resource_length)) != NULL; i++)
            if (resource_length == length && memcmp(resource, jid, length) == 0)
                return stream;
    }
    return NULL;
}

/* One resource of the list. The stream is named only if it holds this very claim. */
static void print_session(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct console *console = user_data;
    if (jid == NULL) {
        if (condition != XMPPBIND_CONDITION_NONE)
            console_error(console, console->line, nothing, xmppbind_condition_name(condition));
        return;
    }
    const struct console_stream *stream = holder(console, jid, length, claim);
    if (stream != NULL) /* otherwise a claim of a session that is over, which is still to be given back */
        console_print_session(console, jid, length, stream->name);
}

static void run_sessions(struct console *console, struct console_text rest) {
    struct console_text account = only_word(console, rest, "sessions JID");
    if (account.length == 0)
        return;
    uint32_t profile = XMPPBIND_ADDRESS_PROFILE_RFC7622;
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t length = 0;
    size_t bare_length = 0;
    int result = xmppbind_host_option(console->host, XMPPBIND_OPTION_ADDRESS_PROFILE, &profile);
    if (result == XMPPBIND_OK)
        result = xmppbind_jid_prepare((int)profile, account.data, account.length, prepared, sizeof prepared, &length,
                                      &bare_length);
    if (result == XMPPBIND_OK && bare_length != length)
        console_error(console, console->line, account, "an account is a JID without a resource");
    else if (result == XMPPBIND_OK)
        result =
            xmppbind_directory_list(xmppbind_host_directory(console->host), prepared, length, print_session, console);
    if (result == XMPPBIND_ERROR_NO_MEMORY)
        console_fail(console, "sessions cannot be listed", result);
    else if (result != XMPPBIND_OK)
        console_error(console, console->line, account, xmppbind_strerror(result));
}

static void run_im(struct console *console, struct console_text rest) {
    if (!console_text_is(rest, "on")) {
        malformed(console, "im on");
        return;
    }
    int result = console_im_new(console);
    if (result == XMPPBIND_ERROR_STATE)
        console_error(console, console->line, nothing, "im on comes once, before the first open");
    else if (result != XMPPBIND_OK)
        console_fail(console, "no sessions", result);
}

static void run_deliver(struct console *console, struct console_text rest) {
    static const struct console_text subject = {"deliver", 7};
    if (console->im == NULL) {
        console_error(console, console->line, subject, "im on comes first");
        return;
    }
    int result = console_im_deliver(console, rest);
    if (result == XMPPBIND_ERROR_NO_MEMORY)
        console_fail(console, "a stanza cannot be delivered", result);
    else if (result == XMPPBIND_ERROR_INVALID_ARGUMENT)
        console_error(console, console->line, subject, "'from' and 'to' are to be JIDs");
    else if (result != XMPPBIND_OK)
        console_error(console, console->line, subject, xmppbind_strerror(result));
}

static void run_stanza(struct console *console, struct console_text name, struct console_text stanza) {
    struct console_stream *stream = open_stream(console, name);
    if (stream != NULL)
        console_stream_offer(console, stream, stanza);
}

static void run_command(struct console *console, struct console_text line) {
    static const struct {
        const char *name;
        void (*run)(struct console *console, struct console_text rest);
    } commands[] = {{"set", run_set},        {"open", run_open},         {"features", run_features},
                    {"close", run_close},    {"sessions", run_sessions}, {"storage", run_storage},
                    {"answer", run_answer},  {"time", run_time},         {"im", run_im},
                    {"deliver", run_deliver}};
    struct console_text rest = line;
    struct console_text word = console_take_word(&rest);
    for (size_t index = 0; index < sizeof commands / sizeof commands[0]; index++) {
        if (console_text_is(word, commands[index].name)) {
            commands[index].run(console, rest);
            return;
        }
    }
    console_error(console, console->line, nothing, "unknown command");
}

void console_run_line(struct console *console, struct console_text line) {
    console->line++;
    if (line.length > 0 && line.data[0] == '#')
        return;
    line = trim(line);
    if (line.length == 0)
        return;
    size_t length = name_length(line);
    if (length > 0 && length < line.length && line.data[length] == ':') {
        struct console_text name = {line.data, length};
        run_stanza(console, name, trim((struct console_text){line.data + length + 1, line.length - length - 1}));
    } else {
        run_command(console, line);
    }
    if (!console->failed)
        console_settle(console);
}
