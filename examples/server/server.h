/*
 * A small XMPP server for clients: what a server author copies from. The library does all binding and sessions; what is
 * here is what a host has to do, a file for each thing:
 *
 *   main.c      the loop, starting and ending
 *   options.c   what the command line says
 *   listen.c    where clients come in
 *   socket.c    connections: reading, writing in batches, closing (libuv)
 *   tls.c       the octets of a connection encrypted (OpenSSL)
 *   parser.c    octets to elements, within limits (libxml2)
 *   stream.c    the life of a stream: header, features, errors, the end
 *   login.c     who it is (GNU SASL)
 *   accounts.c  who there is; register.c: in-band registration
 *   routing.c   stanzas to the library, events from it, delivery
 *   service.c   what the server answers itself
 *   storage.c   where the library keeps things, and what time it is
 *
 * One thread, one loop. Octets come in (socket), perhaps through TLS, become elements (parser), which are the stream's
 * affair until somebody has logged in (stream), and the library's from then on (routing). What comes of them is
 * appended to the output of connections, which is written once in each turn of the loop.
 */
#ifndef EXAMPLES_SERVER_SERVER_H
#define EXAMPLES_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>
#include <xmppbind.h>

#include "parser.h"

struct connection;

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* What clients may do, and how long; set by --limit. */
struct limits {
    struct parser_limits parser;
    uint32_t login_seconds; /* until somebody has logged in */
    uint32_t stall_seconds; /* something is to be written, and the client reads nothing */
    uint32_t close_seconds; /* the client does not end its side */
    uint32_t connections;
};

/* Octets that grow at their end. */
struct text {
    char *data;
    size_t length, capacity;
};

enum { MAX_DOMAINS = 16 };

struct server {
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_prepare_t turn;
    uv_timer_t second;
    uv_signal_t terminate, interrupt;
    xmppbind_host *host;
    xmppbind_sessions *sessions;
    struct storage *storage;
    struct connection *connections;
    struct connection *touched; /* something is to be done for them in this turn */
    struct connection *behind;  /* stanzas wait for them; see routing.c */
    struct account *leaving;    /* removed when their streams have been closed */
    void *accounts;             /* a tree of tsearch() */
    void *sasl;                 /* Gsasl */
    void *tls;                  /* SSL_CTX; NULL without */
    char *domains[MAX_DOMAINS];
    size_t domain_count;
    struct limits limits;
    uint32_t connection_count;
    enum log_level log_level;
    uint64_t ending_since;
    bool registration, ending;
    bool is_making_room;
    bool has_letters; /* something leaves the sessions without a stream */
};

enum stream_state {
    STREAM_NEW,       /* before the header */
    STREAM_LOGIN,     /* TLS, SASL, registration; nothing else */
    STREAM_LOGGED_IN, /* before the second header */
    STREAM_OPEN,      /* the library has it */
    STREAM_CLOSING    /* our end has been said, and the other side's is waited for */
};

struct connection {
    uv_tcp_t socket;
    struct server *server;
    struct connection *next, **place, *next_touched, *next_behind;
    /* socket.c */
    struct text output, writing;
    uv_write_t write;
    uv_shutdown_t shutdown;
    void *tls;        /* struct tls; NULL without */
    size_t unwritten; /* when it was looked at last */
    uint64_t progress;
    bool is_touched, is_writing, is_reading, has_shut_down, has_ended, is_closed, is_closing;
    /* stream.c */
    enum stream_state state;
    struct parser *parser;
    const char *domain;
    uint64_t since; /* the state is what it is, as far as it is limited */
    char *account;  /* who has logged in */
    void *login;    /* Gsasl_session */
    uint32_t failures;
    bool has_header; /* ours has been sent */
    bool is_over;    /* nothing more comes from it: it is closed when what has come has been dealt with */
    size_t unread;   /* octets that have come behind those that are being dealt with */
    /* routing.c */
    xmppbind_stream *stream;
    xmlNode *refused;        /* the library could not take it yet */
    struct elements waiting; /* stanzas for it */
    size_t waiting_bytes;
    struct connection *waits_for; /* it has sent too much to this one */
    bool is_cut;                  /* draining has stopped before the end, as the output is full */
    bool is_too_slow;
};

/* options.c */
struct options {
    const char *listen, *rosters, *redis, *node, *certificate, *key;
    const char **accounts, **domains;
    int account_count, domain_count;
};
extern const char options_usage[];
/* False: what is wrong has been said. */
bool options_read(struct server *server, struct options *options, int count, char **arguments);
bool parse_number(const char *text, uint32_t most, uint32_t *number);

/* main.c */
void server_log(const struct server *server, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void server_log_library(int level, const char *message, size_t length, void *user_data);
void server_tick(struct server *server);
void server_disconnected(struct server *server);

/* listen.c */
int listen_start(struct server *server, const char *text);

/* socket.c */
void socket_accept(uv_stream_t *listener);
/* In this turn it is written to, and looked at in every other way. */
void socket_touch(struct connection *connection);
/* Whether there is something for another turn. */
bool socket_turn(struct server *server);
void socket_flush(struct connection *connection);
void socket_adjust(struct connection *connection);
void socket_close(struct connection *connection);
void socket_check(struct connection *connection, uint64_t now);
bool socket_is_full(const struct connection *connection);
bool text_append(struct text *text, const char *data, size_t length);

/* tls.c */
int tls_context_new(void **context, const char *certificate, const char *key);
void tls_context_free(void *context);
int tls_new(void **tls, void *context);
void tls_free(void *tls);
/* Gives what it decrypts to stream_input(). False: it is no TLS, or it is over. */
bool tls_input(struct connection *connection, const char *data, size_t length);
/* Encrypts the output in place; `last` says that nothing follows. */
bool tls_output(const struct connection *connection, struct text *output, bool last);
bool tls_has_output(const struct connection *connection);

/* stream.c */
void stream_input(struct connection *connection, const char *data, size_t length);
void stream_continue(struct connection *connection);
void stream_send(struct connection *connection, const char *text);
void stream_sendf(struct connection *connection, const char *format, ...) __attribute__((format(printf, 2, 3)));
void stream_close(struct connection *connection, const char *condition);
/* Nothing more comes from it. */
void stream_end(struct connection *connection);
void stream_check(struct connection *connection, uint64_t now);
void stream_free(struct connection *connection);

/* login.c */
int login_start(struct server *server);
void login_stop(struct server *server);
void login_add_features(struct connection *connection);
/* Whether the element is one of SASL; it is answered then. */
bool login_element(struct connection *connection, const xmlNode *element);
void login_free(struct connection *connection);

/* accounts.c */
enum { ACCOUNTS_ADDED, ACCOUNTS_TAKEN, ACCOUNTS_INVALID, ACCOUNTS_NO_MEMORY };
int accounts_add(struct server *server, const char *name, const char *domain, const char *password);
/* The bare JID of a name in a domain, prepared. */
bool accounts_jid(const struct server *server, const char *name, const char *domain, char *jid, size_t *length);
/* NULL: there is no such account. */
const char *accounts_password(const struct server *server, const char *jid, size_t length);
bool accounts_exists(const struct server *server, const char *jid, size_t length);
bool accounts_set_password(const struct server *server, const char *jid, const char *password);
/* It cannot log in any more, and is gone when its streams are: register_expel(). */
void accounts_remove(struct server *server, const char *jid);
/* One of those that are to be gone; NULL: none. */
const char *accounts_take_leaving(struct server *server);
void accounts_free(struct server *server);
const char *accounts_domain(const struct server *server, const char *name);
int accounts_profile(const struct server *server);

/* register.c: these take the IQ, and return the answer. */
xmlNode *register_stranger(struct connection *connection, xmlNode *iq);
xmlNode *register_account(struct server *server, xmlNode *iq);
void register_expel(struct server *server);
#define REGISTER_NAMESPACE "jabber:iq:register"

/* routing.c */
int routing_open(struct connection *connection);
/* Takes the stanza; it may be in `refused` then, to be tried again. */
void routing_receive(struct connection *connection, xmlNode *stanza);
void routing_drain(struct connection *connection);
void routing_disconnect(struct connection *connection);
/* Whether something that came from this connection can go no further now. */
bool routing_is_held(const struct connection *connection);
void routing_settle(struct server *server);
/* Whether it has read nothing for so long that nobody is to wait for it. */
bool routing_is_stalled(struct connection *receiver);
void routing_release(struct connection *receiver);
/* Set as the wake-up callback of the sessions. */
void routing_wake(xmppbind_sessions *sessions, void *user_data);

/* service.c: these take the stanza, and return what is to be sent, or NULL. */
xmlNode *service_answer(struct server *server, xmlNode *stanza, bool is_server);
xmlNode *service_error(xmlNode *stanza, const char *condition, const char *type);
xmlNode *service_result(xmlNode *stanza);
/* Adds a query to an answer; NULL without memory. */
xmlNode *service_query(xmlNode *answer, const char *href);
const xmlNode *service_child(const xmlNode *element, const char *name, const char *href);
bool service_is(const xmlNode *stanza, const char *attribute, const char *value);

/* storage.c */
int storage_open(struct server *server, const char *rosters, const char *redis, const char *node);
/* Whether it has left what it shares with others. */
bool storage_leave(struct server *server);
void storage_close(struct server *server);
uint64_t storage_clock(struct server *server);

#endif
