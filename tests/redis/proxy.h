/*
 * A proxy before a server, in a process of its own, which cuts connections in the middle of a reply: after a random
 * number of octets that came from the server.
 */
#ifndef XMPPBIND_TESTS_REDIS_PROXY_H
#define XMPPBIND_TESTS_REDIS_PROXY_H

#include <stdint.h>
#include <sys/types.h>

struct test_proxy_shared; /* between the processes */

struct test_proxy {
    pid_t process;
    uint16_t port; /* that it listens on */
    struct test_proxy_shared *shared;
};

/* Starts one before the server on that port of 127.0.0.1. It cuts nothing yet. */
void test_proxy_start(struct test_proxy *proxy, uint16_t server, uint64_t seed);
/* Connections made from now on, and those there are, get through at most that many octets of replies; 0: any. */
void test_proxy_cut(const struct test_proxy *proxy, uint32_t most);
/* How many were cut. */
uint32_t test_proxy_cuts(const struct test_proxy *proxy);
void test_proxy_stop(struct test_proxy *proxy);

#endif
