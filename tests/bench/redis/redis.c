/*
 * How many claims a second a node gets from a redis-server of its own, beside what redis-benchmark gets for the same
 * script on the same server just before and after. Wall time: it tells something only as a share, so it is printed and
 * marked.
 */
#include "redis_scripts.h"
#include "tests/redis/server.h"

#include <xmppbind.h>
#include <xmppbind/redis.h>

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STREAMS = 20000, ROUNDS = 5, LEAST_SHARE = 50 /* percent */ };

static double now(void) {
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void must(int holds, const char *what) {
    if (!holds) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

/* The name of the claim script in the server. */
static void load_script(const struct test_redis *server, char *sha, size_t size) {
    redisContext *context = redisConnect("127.0.0.1", server->port);
    must(context != NULL && context->err == 0, "no connection");
    redisReply *reply = redisCommand(context, "SCRIPT LOAD %s", script_claim);
    must(reply != NULL && reply->type == REDIS_REPLY_STRING, "the script does not load");
    (void)snprintf(sha, size, "%s", reply->str);
    freeReplyObject(reply);
    redisFree(context);
}

/* redis-benchmark, which claims resources of random accounts. */
static double benchmark(const struct test_redis *server) {
    char sha[64], command[1024], line[256];
    double rate = 0;
    load_script(server, sha, sizeof sha);
    (void)snprintf(
        command, sizeof command,
        "redis-benchmark -h 127.0.0.1 -p %u -n %d -c 1 -P 256 -r 100000000 --csv EVALSHA %s 2 "
        "'xmppbind:{user__rand_int__@capulet.example}' 'xmppbind:{user__rand_int__@capulet.example}z' "
        "bench.1763942400000000 ,bench.1763942400000000, '' 86400 xmppbind:node: user@capulet.example balcony "
        "replace 100 refuse 0 '' 0 2>/dev/null",
        (unsigned)server->port, STREAMS * ROUNDS, sha);
    FILE *output = popen(command, "r");
    must(output != NULL, "no redis-benchmark");
    while (fgets(line, sizeof line, output) != NULL) { /* "EVALSHA ...","12345.67",... */
        const char *number = strstr(line, "\",\"");
        if (number != NULL && atof(number + 3) > 0)
            rate = atof(number + 3);
    }
    must(pclose(output) == 0 && rate > 0, "redis-benchmark gave no result");
    return rate;
}

static double bind_all(xmppbind_host *host, xmppbind_redis *redis, xmppbind_stream **streams) {
    double begin = now();
    for (size_t i = 0; i < STREAMS; i++)
        must(xmppbind_stream_bind(streams[i], "balcony", 7, 1) == XMPPBIND_OK, "bind");
    while (xmppbind_redis_count(redis, XMPPBIND_REDIS_HELD) < STREAMS)
        must(xmppbind_redis_poll(redis, 1000) == XMPPBIND_OK, "poll");
    for (xmppbind_stream *stream; (stream = xmppbind_host_next_ready(host)) != NULL;)
        for (xmppbind_event *event; xmppbind_stream_next_event(stream, &event) == 1;)
            continue;
    return now() - begin;
}

static void make_streams(xmppbind_host *host, xmppbind_stream **streams, int round) {
    char account[64];
    for (int i = 0; i < STREAMS; i++) {
        int length = snprintf(account, sizeof account, "user%012d@capulet.example", round * STREAMS + i);
        must(xmppbind_stream_new(&streams[i], host, account, (size_t)length, NULL) == XMPPBIND_OK, "stream");
    }
}

/* Claims alone: each round has accounts of its own, and gives them back before the next. */
static double measure(const struct test_redis *server) {
    static xmppbind_stream *streams[STREAMS];
    xmppbind_host *host;
    xmppbind_redis *redis;
    double spent = 0;
    must(xmppbind_host_new(&host, NULL) == XMPPBIND_OK, "host");
    must(xmppbind_redis_new(&redis, xmppbind_host_directory(host), "bench", 5, NULL) == XMPPBIND_OK, "node");
    must(xmppbind_redis_add_server(redis, "127.0.0.1", 9, server->port) == XMPPBIND_OK, "server");
    while (xmppbind_redis_state(redis) != XMPPBIND_REDIS_READY)
        must(xmppbind_redis_poll(redis, 1000) == XMPPBIND_OK, "poll");
    for (int round = 0; round < ROUNDS; round++) {
        make_streams(host, streams, round);
        spent += bind_all(host, redis, streams);
        for (size_t i = 0; i < STREAMS; i++)
            xmppbind_stream_free(streams[i]);
        while (xmppbind_redis_count(redis, XMPPBIND_REDIS_HELD) + xmppbind_redis_count(redis, XMPPBIND_REDIS_RELEASES) >
               0)
            must(xmppbind_redis_poll(redis, 1000) == XMPPBIND_OK, "poll");
    }
    xmppbind_redis_free(redis);
    xmppbind_host_free(host);
    return STREAMS * ROUNDS / spent;
}

int main(void) {
    struct test_redis server = {.port = 0};
    test_redis_start(&server);
    double before = benchmark(&server), ours = measure(&server), after = benchmark(&server);
    test_redis_kill(&server);
    double theirs = before < after ? after : before, share = 100 * ours / theirs;
    (void)printf("\nclaims in Redis a second (wall time)\n");
    (void)printf("redis-benchmark, the same script, 256 in flight   %9.0f and %.0f\n", before, after);
    (void)printf("a node, binds of %d streams at once            %9.0f   %3.0f %% of it, at least %d %%  %s\n", STREAMS,
                 ours, share, LEAST_SHARE, share < LEAST_SHARE ? "OVER" : "ok");
    return 0;
}
