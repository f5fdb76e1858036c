/*
 * A node of the directory in Redis: what its parts share.
 *
 *     inbox        requests that the streams made, on any thread, until the loop takes them over
 *     record       one full JID from its claim over its session to its release, or a list
 *     server       a connection, and which server has which account
 *     registry     the node's incarnations and their leases; which other incarnations live
 *     claims       what a record asks of Redis, and what its answers mean
 *     holding      what is held is checked now and then, and claimed again after trouble
 *     evictions    the channel on which other nodes tell what they took
 *
 * States of a node, by its incarnations:
 *
 *     no current incarnation ---registered---> current, READY while its lease lasts
 *          ^                                      |
 *          +--- its lease ended, or commands that were under way were lost with a connection ---+
 *
 * Invariants: a record is sent under one incarnation at most (its `generation`). Every record that is held under an
 * older generation than the current one is asked for again; only then the older incarnations are given up, so that what
 * was claimed without our knowing (its answer was lost) dies with them, and nothing that is held here ever does.
 * A release is known by the number of its claim alone, so it may be sent any number of times.
 */
#ifndef XMPPBIND_STORAGE_REDIS_NODE_H
#define XMPPBIND_STORAGE_REDIS_NODE_H

#include "lib/base/memory.h"
#include "lib/base/siphash.h"
#include "lib/base/table.h"
#include "xmppbind/redis.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    XMPPBIND_REDIS_OPTIONS = 10,
    XMPPBIND_REDIS_NAME_MAXIMUM = 64,     /* octets of the name of a node, and of a prefix */
    XMPPBIND_REDIS_INCARNATION_ROOM = 96, /* a name, a dot, a number, a NUL */
    XMPPBIND_REDIS_FORMER = 4,            /* former incarnations that may still live */
    XMPPBIND_REDIS_DEAD = 16,             /* incarnations known to be dead that are remembered */
    XMPPBIND_REDIS_EARLY = 64,            /* evictions that overtook their claims */
    XMPPBIND_REDIS_SERVERS = 64,
    XMPPBIND_REDIS_HOST_MAXIMUM = 255 /* octets of the address of a server, a user, a password */
};

/* What a record wants of Redis. */
enum xmppbind_redis_purpose { XMPPBIND_REDIS_CLAIM, XMPPBIND_REDIS_HOLD, XMPPBIND_REDIS_RELEASE, XMPPBIND_REDIS_LIST };

/*
 * States of a record. Only the thread of the loop changes them; while it is in the table of held claims, another
 * thread may leave the request for its release in it (under the lock).
 */
enum xmppbind_redis_record_state {
    XMPPBIND_REDIS_RECORD_WAITING, /* in the inbox, or in `waiting` to be sent */
    XMPPBIND_REDIS_RECORD_SENT,    /* in no list: its answer will come, or the loss of its connection */
    XMPPBIND_REDIS_RECORD_ASKING,  /* in `asking`, until the registry says whether an incarnation lives */
    XMPPBIND_REDIS_RECORD_HELD,    /* in `holding`, by when it was checked */
    XMPPBIND_REDIS_RECORD_DROPPED  /* in the inbox of releases only, and freed when that is emptied */
};

struct xmppbind_redis_list {
    struct xmppbind_redis_record *first, *last;
    size_t count;
};

struct xmppbind_redis_record {
    struct xmppbind_redis_record *next, *previous; /* in its list */
    void *table_next;                              /* in the table of held claims */
    char *asked;                                   /* ASKING: the incarnation whose state decides; otherwise NULL */
    struct xmppbind_redis_record *released_next;   /* in the inbox of releases */
    uint64_t request;                              /* of the directory, 0 when it is answered */
    uint64_t number;                               /* of the claim, 0 before it has one */
    uint64_t time;       /* claims and lists: when they end; HELD: when it was checked; releases: not before */
    uint32_t hash;       /* of the JID */
    uint32_t generation; /* of the incarnation under which it was sent last */
    uint16_t length, account_length, slot, limit;
    uint8_t purpose, state;
    uint8_t replace, evict_oldest;
    uint8_t held;       /* it is in the table */
    uint8_t open;       /* its request counts among those that wait */
    uint8_t released;   /* under the lock: it is in the inbox of releases */
    uint8_t stale;      /* sent to be held under a new incarnation */
    uint8_t redirected; /* 1 + the server that is to be asked once (ASK) */
    uint32_t question;  /* ASKING: the question to the registry that was under way, too early to decide it */
    char text[];        /* the JID */
};

struct xmppbind_redis_incarnation {
    uint64_t until; /* when its lease ends by our clock */
    char name[XMPPBIND_REDIS_INCARNATION_ROOM];
};

struct xmppbind_redis_registry {
    char current[XMPPBIND_REDIS_INCARNATION_ROOM]; /* or "" */
    uint64_t until;                                /* its lease by our clock */
    uint32_t generation;                           /* of the current one */
    char former[XMPPBIND_REDIS_FORMER][XMPPBIND_REDIS_INCARNATION_ROOM];
    size_t former_count;
    char former_text[XMPPBIND_REDIS_FORMER * XMPPBIND_REDIS_INCARNATION_ROOM + 2]; /* ",a.1,a.2," */
    char dead[XMPPBIND_REDIS_DEAD][XMPPBIND_REDIS_INCARNATION_ROOM];
    size_t dead_next;
    char dead_text[XMPPBIND_REDIS_DEAD * XMPPBIND_REDIS_INCARNATION_ROOM + 2];
    struct xmppbind_redis_incarnation *living; /* as of the last answer */
    size_t living_count;
    char *living_text;       /* ",a.1,b.2," of those whose lease has not ended by our clock */
    uint64_t living_changes; /* when one ends */
    int under_way;           /* a question is */
    uint64_t asked_at;       /* when the last one was sent */
    uint64_t renew_at;       /* when the next one is due */
    int wanted;              /* somebody asks whether an incarnation lives, or a new one is needed */
    uint32_t question;       /* the number of the last one */
    size_t sent_old;         /* commands under way under an older incarnation */
    size_t sent_stale;       /* records under way to be held under the current one */
};

struct xmppbind_redis_server; /* a connection */

struct xmppbind_redis {
    struct xmppbind_memory memory;
    xmppbind_directory *directory;
    uint32_t options[XMPPBIND_REDIS_OPTIONS];
    char node[XMPPBIND_REDIS_NAME_MAXIMUM + 1];
    char prefix[XMPPBIND_REDIS_NAME_MAXIMUM + 1];
    char channels[XMPPBIND_REDIS_NAME_MAXIMUM + 8]; /* what channels begin with */
    char user[XMPPBIND_REDIS_HOST_MAXIMUM + 1], password[XMPPBIND_REDIS_HOST_MAXIMUM + 1];
    size_t user_length, password_length; /* no password: 0 */
    xmppbind_redis_watch_callback watch;
    void *watch_data;
    xmppbind_log_callback log;
    void *log_data;
    struct xmppbind_redis_poll *poll; /* of xmppbind_redis_poll() */

    uint64_t now;
    int started, leaving, left, running, closing;
    struct xmppbind_redis_server *servers[XMPPBIND_REDIS_SERVERS];
    size_t server_count;
    size_t seed;                            /* the server that is asked when there is no cluster, and for messages */
    uint8_t *slots;                         /* of a cluster: 1 + the server of each slot; NULL: no cluster */
    uint64_t map_time;                      /* when the map of slots is to be asked for again; UINT64_MAX: not */
    struct xmppbind_redis_server *listener; /* the connection for messages */
    uint64_t heard_at;                      /* when the channel said something last */
    uint64_t unheard_since;                 /* when it should have said something; UINT64_MAX: it did */
    uint64_t check_before;                  /* what was checked before this time is to be checked again */

    struct xmppbind_redis_registry registry;
    struct xmppbind_redis_list waiting, asking, holding;
    uint64_t expiry;        /* the earliest end of a claim or list that is not sent; a bound */
    uint64_t resume_at;     /* nothing is sent before: a server said that it cannot answer now */
    uint64_t resume_checks; /* and no checks before this */
    uint64_t release_again; /* when a release that failed is due again; a bound */
    size_t sent;
    size_t checks;     /* of these, records to be held */
    size_t releases;   /* records that are releases */
    uint64_t greatest; /* number seen */
    struct {
        uint64_t number;
        uint32_t hash; /* of the JID: numbers grow for each account on its own */
    } early[XMPPBIND_REDIS_EARLY];
    size_t early_next;

    pthread_mutex_t lock; /* over what follows */
    struct xmppbind_hash_key key;
    struct xmppbind_table held;
    struct xmppbind_redis_list inbox;
    struct xmppbind_redis_record *released;
    size_t open; /* claims and lists not answered */
    _Atomic int signalled;
    int wake_read, wake_write; /* a pipe: the inbox is not empty */
    _Atomic uint64_t connections, incarnations, evictions, release_count, held_count;
};

static inline uint32_t xmppbind_redis_option(const struct xmppbind_redis *redis, int option) {
    return redis->options[option];
}

static inline uint64_t xmppbind_redis_earlier(uint64_t one, uint64_t other) {
    return one < other ? one : other;
}

/* node.c: a line for the log, with a detail or NULL. */
void xmppbind_redis_log(const struct xmppbind_redis *redis, int level, const char *message, const char *detail);

#endif
