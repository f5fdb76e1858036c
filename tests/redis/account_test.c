/* What Redis keeps of an account, when it is not as the scripts left it: half lost, full of the dead, or from another
 * time. */
#include "build/generated/redis_scripts.h"
#include "pair.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BALCONY ACCOUNT "/balcony"
#define KEY "xmppbind:{" ACCOUNT "}"

enum { MANY = 40 /* more incarnations than a node remembers as dead */ };

static struct test_redis server;

static int start(void **state) {
    (void)state;
    test_redis_start(&server);
    return 0;
}

static int end(void **state) {
    (void)state;
    test_redis_kill(&server);
    return 0;
}

static int forget_all(void **state) {
    (void)state;
    (void)test_redis_command(&server, "FLUSHALL");
    return 0;
}

/* A node with options of its host: pairs of names and values, then NULL. */
static void start_with(struct test_node *node, const char *name, const char *const *options) {
    test_node_make(node, name, &server, NULL);
    for (; *options != NULL; options += 2)
        test_option(node->host, options[0], options[1]);
    test_node_state(node, NULL, XMPPBIND_REDIS_READY);
    node->stream = test_stream(node->host, ACCOUNT);
}

static void bind(struct test_node *node, const char *resource) {
    char expected[256];
    (void)snprintf(expected, sizeof expected, "opened " ACCOUNT "/%s\nanswer 1 " ACCOUNT "/%s\n", resource, resource);
    assert_int_equal(test_bind(node->stream, resource, 1), XMPPBIND_OK);
    test_nodes_expect(node, NULL, node->stream, expected);
}

static uint64_t number_of(const struct test_node *node) {
    uint64_t number = 0;
    (void)xmppbind_host_find(node->host, BALCONY, strlen(BALCONY), &number);
    return number;
}

/* As many nodes as that have died, each with one resource. */
static void bury_many(void) {
    for (int i = 1; i <= MANY; i++) {
        char command[512];
        (void)snprintf(
            command, sizeof command,
            "EVAL redis.call('HSET',KEYS[1],'rr%d','%d'..string.char(32)..'dead%d.1')"
            "redis.call('ZADD',KEYS[1]..'z',%d,'r%d')"
            "redis.call('HSET',KEYS[1],'n',(redis.call('HGET',KEYS[1],'n')or'')..string.char(32)..'dead%d.1=1') 1 " KEY,
            i, i, i, i, i, i);
        (void)test_redis_command(&server, command);
    }
    assert_string_equal(test_redis_command(&server, "ZCARD " KEY "z"), "40");
}

static void many_nodes_have_died_and_it_is_listed(void **state) {
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    bury_many();
    bind(&one, "balcony");
    assert_string_equal(test_node_list(&one, NULL), "balcony .");
    assert_string_equal(test_redis_command(&server, "ZCARD " KEY "z"), "1"); /* it is tidied up for the next one */
    test_node_stop(&one);
}

static void many_nodes_have_died_and_the_limit_is_reached(void **state) {
    static const char *const options[] = {"max-resources-per-account", "2", NULL};
    struct test_node one;
    (void)state;
    start_with(&one, "one", options);
    bury_many();
    bind(&one, "balcony");
    bind(&one, "chamber");
    assert_string_equal(test_node_list(&one, NULL), "balcony chamber .");
    assert_int_equal(test_bind(one.stream, "garden", 1), XMPPBIND_OK);
    test_nodes_expect(&one, NULL, one.stream, "answer 1 resource-constraint\n");
    test_node_stop(&one);
}

/* One of the two keys may go without the other, if Redis runs out of memory and may throw keys away. */
static void half_of_it_is_lost(void **state) {
    static const char *const refuse[] = {"max-resources-per-account", "3", NULL};
    static const char *const evict[] = {"max-resources-per-account", "2", "account-limit", "evict-oldest", NULL};
    struct test_node one;
    (void)state;
    for (int i = 0; i < 2; i++) {
        start_with(&one, "one", i == 0 ? refuse : evict);
        (void)test_redis_command(&server, "ZADD " KEY "z 1 ghost 2 spectre 3 wraith");
        if (i == 0)
            assert_string_equal(test_node_list(&one, NULL), ".");
        (void)test_redis_command(&server, "ZADD " KEY "z 1 ghost 2 spectre 3 wraith");
        bind(&one, "balcony");
        bind(&one, "chamber");
        assert_string_equal(test_node_list(&one, NULL), "balcony chamber .");
        test_node_stop(&one);
    }
}

/* The order of its resources is lost: it is written again when they are checked. */
static void the_order_is_lost(void **state) {
    struct test_node one;
    (void)state;
    test_node_make(&one, "one", &server, NULL);
    assert_int_equal(xmppbind_redis_set(one.redis, XMPPBIND_REDIS_CHECK_INTERVAL, 10), XMPPBIND_OK);
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, "balcony");
    bind(&one, "chamber");
    (void)test_redis_command(&server, "DEL " KEY "z");
    while (strcmp(test_node_list(&one, NULL), "balcony chamber .") != 0)
        continue;
    test_node_stop(&one);
}

/* CONF-2: what a stream of the same node holds is held, even if Redis does not know it any longer. */
static void what_redis_has_forgotten_is_still_held(void **state) {
    static const char *const options[] = {"conflict", "reject", NULL};
    struct test_node one;
    (void)state;
    start_with(&one, "one", options);
    while (xmppbind_redis_count(one.redis, XMPPBIND_REDIS_CONNECTIONS) < 2) /* and nothing is to be checked then */
        assert_int_equal(xmppbind_redis_poll(one.redis, 5), XMPPBIND_OK);
    bind(&one, "balcony");
    assert_string_equal(test_node_list(&one, NULL), "balcony .");
    (void)test_redis_command(&server, "DEL " KEY " " KEY "z");
    xmppbind_stream *other = test_stream(one.host, ACCOUNT);
    assert_int_equal(test_bind(other, "balcony", 1), XMPPBIND_OK);
    test_nodes_expect(&one, NULL, other, "answer 1 conflict\n");
    test_expect(one.stream, "");
    xmppbind_stream_free(other);
    test_node_stop(&one);
}

/* What is checked is not forgotten between two checks, however short a time it is to be kept. */
static void it_is_kept_from_check_to_check(void **state) {
    struct test_node one;
    (void)state;
    test_node_make(&one, "one", &server, NULL);
    assert_int_equal(xmppbind_redis_set(one.redis, XMPPBIND_REDIS_KEEP, 1000), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_set(one.redis, XMPPBIND_REDIS_CHECK_INTERVAL, 100000), XMPPBIND_OK);
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, "balcony");
    assert_true(atoi(test_redis_command(&server, "TTL " KEY)) > 100);
    assert_true(atoi(test_redis_command(&server, "TTL " KEY "z")) > 100);
    test_node_stop(&one);
}

/* CONF-8: greater than all before it: by what Redis keeps, when its clock is behind; by what the node has seen, when
 * Redis has lost that as well. */
static void numbers_grow(void **state) {
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    bind(&one, "balcony");
    uint64_t first = number_of(&one);
    xmppbind_stream_free(one.stream);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, "balcony");
    assert_true(number_of(&one) > first);
    (void)test_redis_command(&server, "HSET " KEY " s 9000000000000000"); /* by a clock that was far ahead */
    xmppbind_stream_free(one.stream);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, "balcony");
    assert_int_equal(number_of(&one), 9000000000000001);
    (void)test_redis_command(&server, "FLUSHALL");
    xmppbind_stream_free(one.stream);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, "balcony");
    assert_int_equal(number_of(&one), 9000000000000002);
    test_node_stop(&one);
}

/* A check as the incarnation of a node sends it. */
static const char *hold_as(const char *incarnation, const char *number) {
    static char answer[64];
    redisContext *context = redisConnect("127.0.0.1", server.port);
    assert_non_null(context);
    redisReply *reply =
        redisCommand(context, "EVAL %s 2 " KEY " " KEY "z %s ,%s, , 60 xmppbind: " ACCOUNT " balcony %s", script_hold,
                     incarnation, incarnation, number);
    assert_non_null(reply);
    assert_int_equal(reply->type, REDIS_REPLY_ARRAY);
    (void)snprintf(answer, sizeof answer, "%s", reply->element[0]->str);
    freeReplyObject(reply);
    redisFree(context);
    return answer;
}

/* A check was under way when its connection broke, and Redis gets round to it when the node holds the same claim under
 * a later incarnation: it does not fall back to the former one, which is about to end. */
static void a_check_comes_late(void **state) {
    (void)state;
    assert_string_equal(hold_as("one.9", "17"), "held");
    assert_string_equal(hold_as("one.10", "17"), "held");
    assert_string_equal(test_redis_command(&server, "HGET " KEY " rbalcony"), "17 one.10");
    assert_string_equal(hold_as("one.9", "17"), "held");
    assert_string_equal(test_redis_command(&server, "HGET " KEY " rbalcony"), "17 one.10");
    assert_string_equal(test_redis_command(&server, "HGET " KEY " n"), "one.10=1");
    assert_string_equal(hold_as("two.1", "16"), "lost");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(many_nodes_have_died_and_it_is_listed, forget_all),
        cmocka_unit_test_setup(many_nodes_have_died_and_the_limit_is_reached, forget_all),
        cmocka_unit_test_setup(half_of_it_is_lost, forget_all),
        cmocka_unit_test_setup(the_order_is_lost, forget_all),
        cmocka_unit_test_setup(what_redis_has_forgotten_is_still_held, forget_all),
        cmocka_unit_test_setup(it_is_kept_from_check_to_check, forget_all),
        cmocka_unit_test_setup(numbers_grow, forget_all),
        cmocka_unit_test_setup(a_check_comes_late, forget_all),
    };
    return cmocka_run_group_tests(tests, start, end);
}
