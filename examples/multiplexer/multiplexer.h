/*
 * A client that lets several local programs share one connection to their XMPP server: what XEP-0193 was written for
 * ("a machine runs a daemon process that is used by multiple applications"). It logs in once, and binds a resource for
 * each program that connects to its Unix socket.
 *
 * What a program sees:
 *   > balcony                                     its first line: the resource it wants, or an empty line for any
 *   < bound juliet@capulet.example/balcony        or `refused CONDITION`, and the socket is closed
 *   > <message to='romeo@montague.example'/>      stanzas, on one line or several; 'from' is seen to
 *   < <message xmlns="jabber:client" .../>        stanzas, each a line and a document of its own
 *   < closed REASON                               the last line, if it was not the program that closed
 *
 * main.c reads the options and has the loop of libuv, connection.c is the socket to the server, login.c what is said on
 * it until a resource is bound, resources.c says who has which resource and who gets which stanza, program.c is the
 * local sockets, xml.c makes elements of octets and octets of elements.
 */
#ifndef EXAMPLES_MULTIPLEXER_MULTIPLEXER_H
#define EXAMPLES_MULTIPLEXER_MULTIPLEXER_H

#include "xml.h"

#include <gsasl.h>
#include <uv.h>
#include <xmppbind/address.h>

/* A JID in prepared form: two spellings of one address are the same octets here. */
struct address {
    char text[XMPPBIND_JID_MAXIMUM + 1];
    size_t length, bare_length;
};

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

enum program_state {
    PROGRAM_NAMING,  /* its first line is awaited */
    PROGRAM_BINDING, /* the server is asked */
    PROGRAM_BOUND,
    PROGRAM_ENDED /* only what was written to it still has to leave */
};

struct program {
    struct program *next; /* those that are bound stand behind the others, the oldest of them first */
    struct multiplexer *multiplexer;
    uv_pipe_t pipe;
    uv_shutdown_t shutdown;
    enum program_state state;
    struct text input; /* its first line; then what it wrote after that before it was bound */
    struct reader reader;
    struct address jid;
    uint64_t request; /* the number of the request to the server that is about this program; 0: there is none */
    bool available;   /* as it said itself by presence */
    long priority;
};

struct multiplexer {
    const char *password, *path;
    struct address account; /* the bare JID */
    enum log_level level;
    uv_loop_t loop;
    uv_signal_t interrupt, terminate;
    uv_timer_t timer;
    int status;
    bool ending;

    /* connection.c */
    struct addrinfo *addresses, *next_address;
    uv_tcp_t tcp;
    uv_connect_t connecting;
    struct reader reader;
    take_element *take; /* who is told of what the server sends */
    bool may_send, congested;

    /* login.c */
    Gsasl *sasl;
    Gsasl_session *sasl_session;
    bool authenticated;

    /* requests.c */
    struct address own; /* the multiplexer's own resource */
    char secret[17];    /* what begins the ids of its own requests: nobody else can know it */
    uint64_t requests;

    /* program.c */
    uv_pipe_t listening;
    struct program *programs;
    size_t program_count;
};

/* main.c */
void log_line(const struct multiplexer *multiplexer, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The first call counts. Status 0: on request, so in good order; else the connection is over. */
void multiplexer_end(struct multiplexer *multiplexer, const char *reason, int status);
/* The multiplexer has a resource of its own: programs may come. */
void multiplexer_ready(struct multiplexer *multiplexer);
/* Sixteen digits, which nobody can guess, and a NUL. */
void fill_random(char *text);

/* connection.c */
/* False: it is said why. */
bool connection_find(struct multiplexer *multiplexer, const char *address);
void connection_open(struct multiplexer *multiplexer);
void connection_send(struct multiplexer *multiplexer, const struct text *text);
/* Says the end of our stream, behind which nothing is sent. */
void connection_end(struct multiplexer *multiplexer);
void connection_close(struct multiplexer *multiplexer);
/* Writes a copy of the text, now or when there is room. */
void write_text(uv_stream_t *stream, const struct text *text, uv_write_cb written);

/* login.c */
const char *server_name(const struct multiplexer *multiplexer);
void login_begin(struct multiplexer *multiplexer);
void login_free(struct multiplexer *multiplexer);

/* requests.c */
/* Asks for a resource, NULL for a generated one. The number of the request. */
uint64_t request_bind(struct multiplexer *multiplexer, const char *resource);
void request_unbind(struct multiplexer *multiplexer, const struct address *jid);
/* Something looks as if another connection had taken this resource. Anybody can make it look so: the server is asked.
 */
void request_check(struct program *program);
/* The number of the request to which a stanza is the answer; 0: it is none. */
uint64_t request_answered_by(const struct multiplexer *multiplexer, xmlNode *stanza);
/* Brings the answer to the program that it is about. */
void request_answered(struct multiplexer *multiplexer, uint64_t number, xmlNode *answer, const struct address *to);
/* NULL, and the full JID that was bound; or the condition of the refusal. */
const char *request_result(struct address *jid, xmlNode *answer);
/* Whether somebody says that a resource is not (any more) one of this stream. */
bool says_unknown_sender(const xmlNode *stanza);

/* resources.c */
bool address_read(struct address *address, const char *text);
bool address_is(const struct address *left, const struct address *right);
/* A stanza from the server: it is brought to whom it is for. */
bool resources_take(void *multiplexer, xmlNode *stanza);
/* A stanza from a program: it gets its 'from'. */
void resources_send(struct program *program, xmlNode *stanza);

/* program.c */
/* False: it is said why. */
bool programs_listen(struct multiplexer *multiplexer);
/* Reads from those from which something may be read at the moment: from none while the server takes nothing. */
void programs_watch(struct multiplexer *multiplexer);
void program_bound(struct program *program, xmlNode *answer);
void program_send(struct program *program, const struct text *line);
/* What is left of the program is its last line. Its resource is unbound, if it is still bound. */
void program_end(struct program *program, const char *reason, bool still_bound);
/* At once, without a line. */
void program_drop(struct program *program);

#endif
