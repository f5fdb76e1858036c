/*
 * A connection to a server of Redis, over hiredis.
 *
 * States:
 *
 *     DOWN ---open---> GREETING ---each answer is there---> UP
 *      ^                  |                                 |
 *      +--- could not connect, lost, or cut because nothing came for too long; then a pause that grows
 *
 * What is sent on a connection that is lost is answered with NULL, for each command.
 */
#ifndef XMPPBIND_STORAGE_REDIS_SERVER_H
#define XMPPBIND_STORAGE_REDIS_SERVER_H

#include "node.h"

#include <hiredis/async.h>

enum xmppbind_redis_server_state { XMPPBIND_REDIS_DOWN, XMPPBIND_REDIS_GREETING, XMPPBIND_REDIS_UP };
/* The scripts, by number; the first are those of the purposes of records. */
enum { XMPPBIND_REDIS_REGISTRY = XMPPBIND_REDIS_LIST + 1, XMPPBIND_REDIS_SCRIPTS };
enum { XMPPBIND_REDIS_SHA = 40 /* octets of the name of a script */ };

struct xmppbind_redis_server {
    struct xmppbind_redis *redis;
    redisAsyncContext *context; /* NULL while DOWN */
    int descriptor;
    int events; /* that are watched */
    uint8_t state;
    uint8_t listener;  /* it is for messages */
    uint8_t greetings; /* answers that are missing before it is UP */
    uint8_t cut;       /* it is to be cut */
    uint8_t wanted;    /* somebody asked for it while its pause lasted */
    uint32_t pause;    /* before the next attempt */
    uint64_t retry_at;
    uint64_t up_since;
    size_t sent;       /* commands without an answer */
    uint64_t progress; /* when the last answer came, or the first of these was sent */
    uint32_t port;
    char host[XMPPBIND_REDIS_HOST_MAXIMUM + 1];
    char scripts[XMPPBIND_REDIS_SCRIPTS][XMPPBIND_REDIS_SHA + 1];
};

/* One command, being put together. Words are not copied. */
enum { XMPPBIND_REDIS_WORDS = 24 };
struct xmppbind_redis_command {
    int count;
    const char *words[XMPPBIND_REDIS_WORDS];
    size_t lengths[XMPPBIND_REDIS_WORDS];
};
void xmppbind_redis_word(struct xmppbind_redis_command *command, const char *word, size_t length);
void xmppbind_redis_text(struct xmppbind_redis_command *command, const char *word);

/* A server of that address, known or new: its index, or -1 (no memory, or too many). */
int xmppbind_redis_server_index(struct xmppbind_redis *redis, const char *host, size_t length, uint32_t port);
struct xmppbind_redis_server *xmppbind_redis_server_new(struct xmppbind_redis *redis, const char *host, size_t length,
                                                        uint32_t port);
void xmppbind_redis_server_free(struct xmppbind_redis_server *server);
/* Connects if it is DOWN and its pause is over. */
void xmppbind_redis_server_want(struct xmppbind_redis_server *server);
void xmppbind_redis_server_cut(struct xmppbind_redis_server *server, const char *why);
/* Cuts what has been silent for too long. */
void xmppbind_redis_server_check(struct xmppbind_redis_server *server);
/* When something is to be done about it. */
uint64_t xmppbind_redis_server_deadline(const struct xmppbind_redis_server *server);
/* Sends: XMPPBIND_OK, or XMPPBIND_ERROR_STATE, and then `callback` is not called. Otherwise it is, once, and has to
 * call xmppbind_redis_server_answered() first. */
int xmppbind_redis_server_send(struct xmppbind_redis_server *server, const struct xmppbind_redis_command *command,
                               redisCallbackFn *callback, void *data);
void xmppbind_redis_server_answered(struct xmppbind_redis_server *server);
/* One of the answers to its greetings is there. */
void xmppbind_redis_server_greeted(struct xmppbind_redis_server *server);
/* Whether an answer is an error that begins so. */
int xmppbind_redis_is_error(const redisReply *reply, const char *beginning);
/* Writes to the log what Redis complains of. */
void xmppbind_redis_complain(const struct xmppbind_redis *redis, const redisReply *reply);

/* cluster.c: where accounts lie. */
struct xmppbind_redis_server *xmppbind_redis_server_of(struct xmppbind_redis *redis, uint16_t slot);
void xmppbind_redis_ask_map(struct xmppbind_redis_server *server);
/* Asks for the map anew when that is due. */
void xmppbind_redis_map_run(struct xmppbind_redis *redis);
/* Of an answer that begins with MOVED or ASK: the server it names, or -1. `moved`: the slot is there from now on. */
int xmppbind_redis_redirected(struct xmppbind_redis *redis, const redisReply *reply, int moved);

/* listener.c: the connection for messages. When it is open it subscribes; on each turn of the loop it is looked after.
 */
void xmppbind_redis_listen(struct xmppbind_redis_server *server);
void xmppbind_redis_listener_run(struct xmppbind_redis *redis);
/* The registry has answered a question sent at that time: the channel should have said so. */
void xmppbind_redis_listener_expect(struct xmppbind_redis *redis, uint64_t asked_at);
uint64_t xmppbind_redis_listener_deadline(const struct xmppbind_redis *redis);

#endif
