/* One line for each event, flushed, so that a program at the other end of a pipe can read while the console runs. */
#include <string.h>

#include "console.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define BLUE "\033[34m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static const char *colour_of(const char *word) {
    static const struct {
        const char *word;
        const char *colour;
    } colours[] = {{"send", GREEN},     {"route", BLUE},  {"opened", BOLD}, {"closed", BOLD}, {"close", RED},
                   {"discard", YELLOW}, {"gone", YELLOW}, {"error", RED},   {"host", BLUE}};
    for (size_t index = 0; index < sizeof colours / sizeof colours[0]; index++) {
        if (strcmp(word, colours[index].word) == 0)
            return colours[index].colour;
    }
    return "";
}

static void print_word(const struct console *console, const char *word) {
    const char *colour = console->colours ? colour_of(word) : "";
    printf("%s%s%s", colour, word, *colour != '\0' ? PLAIN : "");
}

static void end_line(void) {
    putchar('\n');
    fflush(stdout);
}

void console_print(const struct console *console, const char *name, const char *word, const char *text, size_t length) {
    printf("%s ", name);
    print_word(console, word);
    if (length > 0) {
        putchar(' ');
        fwrite(text, 1, length, stdout);
    }
    end_line();
}

/*
 * A section where a character reference is no reference. Input is one line, but the parser turns a carriage return
 * into a line feed, so even these can hold one.
 */
struct section {
    const char *start;
    const char *end;
    const char *line_feed;
};

static const struct section *section_at(const char *text, size_t length) {
    static const struct section sections[] = {
        {"<![CDATA[", "]]>", "]]>&#10;<![CDATA["}, {"<!--", "-->", " "}, {"<?", "?>", " "}};
    for (size_t index = 0; index < sizeof sections / sizeof sections[0]; index++) {
        size_t size = strlen(sections[index].start);
        if (length >= size && memcmp(text, sections[index].start, size) == 0)
            return &sections[index];
    }
    return NULL;
}

/* Prints XML with each line feed as a reference, so that the content stays and the line is one. */
static void print_on_one_line(const char *text, size_t length) {
    const struct section *section = NULL;
    size_t printed = 0;
    for (size_t index = 0; index < length; index++) {
        if (text[index] == '\n') {
            fwrite(text + printed, 1, index - printed, stdout);
            fputs(section == NULL ? "&#10;" : section->line_feed, stdout);
            printed = index + 1;
        } else if (section == NULL && text[index] == '<') {
            section = section_at(text + index, length - index);
        } else if (section != NULL && text[index] == section->end[0]) {
            size_t size = strlen(section->end);
            if (length - index >= size && memcmp(text + index, section->end, size) == 0)
                section = NULL;
        }
    }
    fwrite(text + printed, 1, length - printed, stdout);
}

void console_print_features(const struct console *console, const struct console_stream *stream) {
    size_t length = 0;
    const char *children = xmppbind_stream_features_bytes(stream->stream, &length);
    printf("%s ", stream->name);
    print_word(console, "features");
    fputs(" <stream:features xmlns:stream=\"http://etherx.jabber.org/streams\">", stdout);
    print_on_one_line(children, length);
    fputs("</stream:features>", stdout);
    end_line();
}

void console_print_session(const struct console *console, const char *jid, size_t length, const char *name) {
    print_word(console, "session");
    putchar(' ');
    fwrite(jid, 1, length, stdout);
    printf(" %s", name);
    console_im_print_state(console, jid, length);
    end_line();
}

void console_print_host(const struct console *console, const char *text, size_t length) {
    print_word(console, "host");
    putchar(' ');
    print_on_one_line(text, length);
    end_line();
}

static void print_stanza(struct console *console, const struct console_stream *stream, const char *word,
                         xmppbind_event *event) {
    const char *text = NULL;
    size_t length = 0;
    int result = xmppbind_event_bytes(stream->stream, event, &text, &length);
    if (result != XMPPBIND_OK) {
        console_fail(console, "a stanza cannot be written", result);
        return;
    }
    printf("%s ", stream->name);
    print_word(console, word);
    putchar(' ');
    print_on_one_line(text, length);
    end_line();
}

/* `S closed JID REASON` and `S opened JID`. */
static void print_session_event(const struct console *console, const struct console_stream *stream, const char *word,
                                const xmppbind_event *event) {
    size_t length = 0;
    const char *jid = xmppbind_event_jid(event, &length);
    printf("%s ", stream->name);
    print_word(console, word);
    putchar(' ');
    fwrite(jid, 1, length, stdout);
    if (xmppbind_event_kind(event) == XMPPBIND_EVENT_CLOSED)
        printf(" %s", xmppbind_reason_name(xmppbind_event_reason(event)));
    end_line();
}

void console_print_event(struct console *console, const struct console_stream *stream, xmppbind_event *event) {
    const char *condition = xmppbind_condition_name(xmppbind_event_condition(event));
    switch (xmppbind_event_kind(event)) {
    case XMPPBIND_EVENT_SEND:
        print_stanza(console, stream, "send", event);
        break;
    case XMPPBIND_EVENT_ROUTE:
        if (!console_im_takes(console, event))
            print_stanza(console, stream, "route", event);
        break;
    case XMPPBIND_EVENT_OPENED:
        print_session_event(console, stream, "opened", event);
        break;
    case XMPPBIND_EVENT_CLOSED:
        print_session_event(console, stream, "closed", event);
        break;
    case XMPPBIND_EVENT_CLOSE:
        console_print(console, stream->name, "close", condition, strlen(condition));
        break;
    case XMPPBIND_EVENT_DISCARD:
        console_print(console, stream->name, "discard", condition, strlen(condition));
        break;
    default: /* ANSWER belongs to the strings way in, which the console does not use; later versions may add kinds */
        break;
    }
}

void console_error(struct console *console, unsigned long line, struct console_text subject, const char *message) {
    print_word(console, "error");
    printf(" %lu ", line);
    if (subject.length > 0) {
        fwrite(subject.data, 1, subject.length, stdout);
        fputs(": ", stdout);
    }
    fputs(message, stdout);
    end_line();
    console->had_error = true;
}

void console_fail(struct console *console, const char *what, int result) {
    fprintf(stderr, "console: line %lu: %s: %s (%s)\n", console->line, what, xmppbind_strerror(result),
            xmppbind_error_name(result));
    console->failed = true;
}
