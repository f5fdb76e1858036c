/*
 * The console: the smallest host. No sockets, one process, streams by name.
 *
 * main.c reads lines, command.c carries them out, stream.c keeps the named streams and drains them, im.c is "im on" and
 * deliveries, store.c puts the storage modes before what is kept in memory, output.c prints, prompt.c is the line
 * editor of a terminal.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "xmppbind.h"

/* A piece of a line; not NUL-terminated. */
struct console_text {
    const char *data;
    size_t length;
};

/* A stanza that the library could not take yet (back-pressure), and the line it came in. */
struct console_stanza {
    struct console_stanza *next;
    unsigned long line;
    size_t length;
    char text[];
};

/* A name that was opened. `stream` is NULL when the stream is over: then the name only answers "gone". */
struct console_stream {
    struct console_stream *next;
    xmppbind_stream *stream;
    struct console_stanza *backlog;
    struct console_stanza **backlog_end;
    char *name;
};

struct console_store;
struct console_im;

struct console {
    xmppbind_host *host;
    struct console_store *store;
    struct console_im *im;          /* with "im on" */
    struct console_stream *streams; /* in the order they were opened */
    uint64_t clock;                 /* milliseconds; moved by "time" alone */
    unsigned long line;             /* the number of the line that is being carried out */
    bool opened;                    /* a stream was opened: too late for "set" */
    bool had_error;                 /* an "error" line was printed: exit status 2 */
    bool failed;                    /* the library failed: exit status 1 */
    bool colours;
};

/* command.c */
bool console_text_is(struct console_text text, const char *word);
struct console_text console_take_word(struct console_text *rest);
void console_run_line(struct console *console, struct console_text line);

/* stream.c */
struct console_stream *console_stream_find(const struct console *console, struct console_text name);
int console_stream_open(struct console *console, struct console_text name, struct console_text account);
void console_stream_offer(struct console *console, struct console_stream *stream, struct console_text stanza);
void console_stream_close(struct console *console, struct console_stream *stream);
void console_stream_drain(struct console *console, struct console_stream *stream);
void console_settle(struct console *console);
void console_expire(struct console *console);
void console_streams_free(struct console *console);

/* store.c */
int console_store_new(struct console_store **store, xmppbind_directory *directory);
void console_store_free(struct console_store *store);
bool console_store_set_mode(struct console_store *store, struct console_text mode);
int console_store_answer(struct console_store *store);
xmppbind_store *console_store_im(const struct console_store *store);

/* im.c */
int console_im_new(struct console *console);
void console_im_free(struct console *console);
int console_im_add_account(struct console *console, const xmppbind_stream *stream);
/* Whether the event is a stanza for an account here, which is then to be delivered. */
bool console_im_takes(struct console *console, xmppbind_event *event);
/* Prints what leaves without a stream, and delivers one stanza: whether there was one. */
bool console_im_settle(struct console *console);
int console_im_deliver(struct console *console, struct console_text stanza);
void console_im_expire(struct console *console);
void console_im_start_clock(struct console *console);
void console_im_print_state(const struct console *console, const char *jid, size_t length);

/* output.c */
void console_print(const struct console *console, const char *name, const char *word, const char *text, size_t length);
void console_print_session(const struct console *console, const char *jid, size_t length, const char *name);
void console_print_host(const struct console *console, const char *text, size_t length);
void console_print_features(const struct console *console, const struct console_stream *stream);
void console_print_event(struct console *console, const struct console_stream *stream, xmppbind_event *event);
void console_error(struct console *console, unsigned long line, struct console_text subject, const char *message);
void console_fail(struct console *console, const char *what, int result);

/* prompt.c */
struct console_prompt;
struct console_prompt *console_prompt_new(void);
void console_prompt_free(struct console_prompt *prompt);
const char *console_prompt_read(struct console_prompt *prompt, size_t *length);

#endif
