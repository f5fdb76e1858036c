/*
 * Streams on threads of their own, two nodes each with its loop on another thread: they take one account's resources
 * from each other while connections are cut. Every request is answered, and nothing is left in Redis at the end. Run
 * under TSan, too.
 */
#include "pair.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { NODES = 2, WORKERS = 3 /* on each node */, ROUNDS = 30, CUTS = 5 };

struct loop {
    struct test_node node;
    pthread_t thread;
    atomic_int stopping;
    int result;
};

struct worker {
    struct loop *loop;
    pthread_t thread;
    int number;
    int answers, numbers_fell;
};

static void *turn(void *data) {
    struct loop *loop = data;
    while (!atomic_load(&loop->stopping) && loop->result == XMPPBIND_OK)
        loop->result = xmppbind_redis_poll(loop->node.redis, 5);
    return NULL;
}

static void note_end(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    (void)length, (void)claim, (void)condition;
    if (jid == NULL)
        atomic_store((atomic_int *)user_data, 1);
}

/* Drains until the bind is answered; the numbers of what it opens only grow (CONF-8). */
static void await(struct worker *worker, xmppbind_stream *stream, uint64_t *greatest) {
    xmppbind_event *event;
    for (int answered = 0; !answered; (void)sched_yield())
        while (xmppbind_stream_next_event(stream, &event) == 1) {
            answered |= xmppbind_event_kind(event) == XMPPBIND_EVENT_ANSWER;
            if (xmppbind_event_kind(event) != XMPPBIND_EVENT_OPENED)
                continue;
            worker->numbers_fell += xmppbind_event_claim(event) <= *greatest;
            *greatest = xmppbind_event_claim(event);
        }
    worker->answers++;
}

static void *work(void *data) {
    struct worker *worker = data;
    struct loop *loop = worker->loop;
    uint64_t greatest = 0;
    for (int i = 0; i < ROUNDS; i++) {
        xmppbind_stream *stream = NULL;
        atomic_int ended = 0;
        char resource[] = {(char)('a' + (i + worker->number) % 3)};
        if (xmppbind_stream_new(&stream, loop->node.host, ACCOUNT, strlen(ACCOUNT), NULL) != XMPPBIND_OK)
            return NULL;
        if (xmppbind_stream_bind(stream, resource, 1, 1) == XMPPBIND_OK)
            await(worker, stream, &greatest);
        (void)xmppbind_redis_count(loop->node.redis, 1 + i % 6);
        if (i % 8 == 0 && xmppbind_directory_list(xmppbind_host_directory(loop->node.host), ACCOUNT, strlen(ACCOUNT),
                                                  note_end, &ended) == XMPPBIND_OK)
            while (!atomic_load(&ended))
                (void)sched_yield();
        xmppbind_stream_free(stream);
    }
    return NULL;
}

static int is_delivered(void *data) {
    xmppbind_redis *redis = ((struct test_node *)data)->redis;
    return xmppbind_redis_count(redis, XMPPBIND_REDIS_HELD) + xmppbind_redis_count(redis, XMPPBIND_REDIS_RELEASES) == 0;
}

static void threads_and_nodes_take_from_each_other(void **state) {
    static struct loop loops[NODES];
    static struct worker workers[NODES * WORKERS];
    struct test_redis server = {.port = 0};
    (void)state;
    test_redis_start(&server);
    for (int i = 0; i < NODES; i++) {
        test_node_make(&loops[i].node, i == 0 ? "one" : "two", &server, NULL);
        test_node_state(&loops[i].node, NULL, XMPPBIND_REDIS_READY);
        assert_int_equal(pthread_create(&loops[i].thread, NULL, turn, &loops[i]), 0);
    }
    for (int i = 0; i < NODES * WORKERS; i++) {
        workers[i] = (struct worker){.loop = &loops[i % NODES], .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < CUTS; i++) /* whenever that may be */
        (void)test_redis_command(&server, i % 2 == 0 ? "CLIENT KILL TYPE normal" : "CLIENT KILL TYPE pubsub");
    for (int i = 0; i < NODES * WORKERS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].answers, ROUNDS);
        assert_int_equal(workers[i].numbers_fell, 0);
    }
    for (int i = 0; i < NODES; i++) {
        atomic_store(&loops[i].stopping, 1);
        assert_int_equal(pthread_join(loops[i].thread, NULL), 0);
        assert_int_equal(loops[i].result, XMPPBIND_OK);
    }
    for (int i = 0; i < NODES; i++)
        test_nodes_until(&loops[i].node, &loops[1 - i].node, is_delivered, &loops[i].node);
    assert_string_equal(test_node_list(&loops[0].node, &loops[1].node), ".");
    for (int i = 0; i < NODES; i++)
        test_node_stop(&loops[i].node);
    test_redis_kill(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_nodes_take_from_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
