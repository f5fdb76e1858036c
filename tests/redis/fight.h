/*
 * Node processes that fight for the same few names, and the history of it.
 *
 * Each process writes its own log into memory that all share, so that nothing is lost when it is killed: what it asked,
 * what was answered, and between which moments it believed that it held which name under which fencing number. When all
 * have gone the logs are merged and checked. Times are of CLOCK_MONOTONIC, which is one for all.
 */
#ifndef XMPPBIND_TESTS_REDIS_FIGHT_H
#define XMPPBIND_TESTS_REDIS_FIGHT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIGHT_ACCOUNTS = 4,
    FIGHT_RESOURCES = 3, /* of each */
    FIGHT_NAMES = FIGHT_ACCOUNTS * FIGHT_RESOURCES,
    FIGHT_LIMIT = 2, /* resources that an account may hold, or else the oldest is taken */
    FIGHT_SERVERS = 3,
    FIGHT_LOGS = 24,     /* processes, one after the other and side by side */
    FIGHT_EVENTS = 40000 /* in a log */
};

enum fight_kind {
    FIGHT_ASKED = 1, /* request `tag`: to bind or unbind `name` */
    FIGHT_ANSWERED,  /* request `tag` was answered, or ended with its stream */
    FIGHT_OPENED,    /* `number` of `name` was granted to request `tag`, and is held here from now on */
    FIGHT_CLOSED     /* and not any longer */
};

struct fight_event {
    uint64_t time; /* nanoseconds: before it was asked, or after it was learnt */
    uint64_t number;
    uint32_t tag;
    uint8_t kind, name;
};

struct fight_log {
    char node[16];
    int killed; /* it may have left anything undone */
    _Atomic uint32_t count;
    struct fight_event events[FIGHT_EVENTS];
};

/* What the processes are to do. */
enum fight_phase {
    FIGHT_ON,    /* ask for whatever comes to mind */
    FIGHT_REST,  /* ask no more, and learn what has become of it */
    FIGHT_LEAVE, /* give everything back, and end */
};

struct fight {
    _Atomic int phase;
    int gently; /* nobody takes what another holds */
    uint64_t seed;
    uint16_t ports[FIGHT_SERVERS];
    size_t port_count, log_count;
    struct fight_log logs[FIGHT_LOGS];
};

/* --- the history: fight_log.c, fight_check.c --- */

uint64_t fight_clock(void);
uint64_t fight_random(uint64_t *state, uint64_t below);
/* "juliet@capulet.example/balcony"; and the number of octets of its account. Valid for ever. */
const char *fight_name(unsigned name, size_t *account_length);
void fight_write(struct fight_log *log, int kind, unsigned name, uint32_t tag, uint64_t number, uint64_t time);
/* What is wrong with it, or NULL. Valid until the next call. */
const char *fight_check(const struct fight *fight);
/* What stands in the logs so far: the number under which `name` is held by a process that was not killed; 0: nobody
 * does, UINT64_MAX: several do. */
uint64_t fight_holder(const struct fight *fight, unsigned name);
/* Requests that have no answer yet, of processes that were not killed. */
size_t fight_open_requests(const struct fight *fight);
/* Claims that were granted. */
size_t fight_grants(const struct fight *fight);

/* --- a process: fight_node.c --- */

/* Fights until it may leave; the exit status. Nothing of cmocka may be used in it. */
int fight_run_node(struct fight *fight, struct fight_log *log);

#endif
