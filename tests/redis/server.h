/*
 * A redis-server of the test's own: on a free port of 127.0.0.1, with nothing on disk, ended with the test at the
 * latest.
 */
#ifndef XMPPBIND_TESTS_REDIS_SERVER_H
#define XMPPBIND_TESTS_REDIS_SERVER_H

#include <stdint.h>
#include <sys/types.h>

struct test_redis {
    pid_t process; /* 0: not running */
    uint16_t port;
    int cluster;     /* a master of a cluster */
    uint16_t bus;    /* of a cluster: the port for the other masters */
    char folder[32]; /* of a cluster: where it keeps who it is, and which slots it has */
};

/* Starts one and returns when it answers; on the port it had before, if it had one, and then it knows nothing. Fails
 * the test when it does not come up. */
void test_redis_start(struct test_redis *server);
/* Ends it at once, as a crash would. */
void test_redis_kill(struct test_redis *server);
/* The same, and nothing is left of it: one of a cluster does not start again as who it was. */
void test_redis_end(struct test_redis *server);
/* Stops it, and lets it go on. */
void test_redis_pause(const struct test_redis *server);
void test_redis_resume(const struct test_redis *server);
/* Sends a command of words parted by blanks, waits for the answer, and gives it as text (arrays: words parted by
 * blanks, nil:
 * "", errors as they are). Valid until the next call. */
const char *test_redis_command(const struct test_redis *server, const char *words);
/* A port nobody listens on just now. */
uint16_t test_free_port(void);
/* Starts a process that ends with this one: as fork(). */
pid_t test_fork(void);
/* Joins servers to a cluster, each with its share of slots, and returns when all of them agree. */
void test_redis_join(const struct test_redis *servers, int count);
/* Waits until all of them agree (again). */
void test_redis_wait_for_cluster(const struct test_redis *servers, int count);

#endif
