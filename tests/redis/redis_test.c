/* The directory in Redis as hosts see it: two nodes on a server of the test's own. */
#include "pair.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <stdio.h>
#include <string.h>

#define BALCONY ACCOUNT "/balcony"
#define CHAMBER ACCOUNT "/chamber"
#define GARDEN ACCOUNT "/garden"
#define KEY "xmppbind:{" ACCOUNT "}"

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
    (void)test_redis_command(&server, "CONFIG SET maxmemory 0");
    return 0;
}

static void bind(struct test_node *node, struct test_node *other, const char *resource) {
    char expected[256];
    (void)snprintf(expected, sizeof expected, "opened " ACCOUNT "/%s\nanswer 1 " ACCOUNT "/%s\n", resource, resource);
    assert_int_equal(test_bind(node->stream, resource, 1), XMPPBIND_OK);
    test_nodes_expect(node, other, node->stream, expected);
}

static void refused(struct test_node *node, struct test_node *other, const char *resource, const char *condition) {
    char expected[64];
    (void)snprintf(expected, sizeof expected, "answer 1 %s\n", condition);
    assert_int_equal(test_bind(node->stream, resource, 1), XMPPBIND_OK);
    test_nodes_expect(node, other, node->stream, expected);
}

static uint64_t number_of(const struct test_node *node, const char *jid) {
    uint64_t number = 0;
    (void)xmppbind_host_find(node->host, jid, strlen(jid), &number);
    return number;
}

static uint64_t count(const struct test_node *node, int counter) {
    return xmppbind_redis_count(node->redis, counter);
}

struct counter {
    const struct test_node *node;
    int counter;
    uint64_t least, most;
};

static int is_counted(void *data) {
    const struct counter *counter = data;
    uint64_t number = count(counter->node, counter->counter);
    return number >= counter->least && number <= counter->most;
}

static void until(struct test_node *node, struct test_node *other, int counter, uint64_t least, uint64_t most) {
    struct counter wanted = {node, counter, least, most};
    test_nodes_until(node, other, is_counted, &wanted);
}

static int is_logged(void *data) {
    const struct test_node *node = ((void **)data)[0];
    return strstr(test_text_get(&node->log), ((void **)data)[1]) != NULL;
}

static void until_logged(struct test_node *node, struct test_node *other, const char *text) {
    void *data[] = {node, (void *)(uintptr_t)text};
    test_nodes_until(node, other, is_logged, data);
}

/* CONF-1, CONF-5: the other node's stream loses the resource. */
static void a_claim_is_taken_from_another_node(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_start(&one, "one", &server);
    test_node_start(&two, "two", &server);
    bind(&one, &two, "balcony");
    bind(&one, &two, "garden");
    uint64_t before = number_of(&one, BALCONY);
    assert_string_equal(test_node_list(&two, &one), "balcony garden .");
    bind(&two, &one, "balcony");
    test_nodes_expect(&one, &two, one.stream, "closed " BALCONY " evicted\n");
    assert_true(number_of(&two, BALCONY) > before);
    assert_string_equal(test_node_list(&one, &two), "garden balcony .");
    assert_int_equal(test_unbind(one.stream, "garden", 3), XMPPBIND_OK);
    test_nodes_expect(&one, &two, one.stream, "closed " GARDEN " unbound\nanswer 3 " GARDEN "\nclose\n");
    assert_string_equal(test_node_list(&one, &two), "balcony .");
    assert_int_equal(count(&one, XMPPBIND_REDIS_EVICTIONS), 1);
    assert_int_equal(count(&one, XMPPBIND_REDIS_HELD), 0);
    assert_int_equal(count(&two, XMPPBIND_REDIS_HELD), 1);
    assert_int_equal(count(&two, XMPPBIND_REDIS_WAITING), 0);
    assert_int_equal(count(&two, XMPPBIND_REDIS_CONNECTIONS), 2);
    test_node_stop(&one);
    test_node_stop(&two);
}

/* On one node as between two; nothing is published for that. */
static void a_claim_is_taken_from_the_same_node(void **state) {
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    bind(&one, NULL, "balcony");
    uint64_t before = number_of(&one, BALCONY);
    xmppbind_stream *other = test_stream(one.host, ACCOUNT);
    assert_int_equal(test_bind(other, "balcony", 1), XMPPBIND_OK);
    test_nodes_expect(&one, NULL, other, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    test_expect(one.stream, "closed " BALCONY " evicted\nclose conflict\n");
    assert_true(number_of(&one, BALCONY) > before);
    until(&one, NULL, XMPPBIND_REDIS_RELEASES, 0, 0);
    assert_string_equal(test_redis_command(&server, "HLEN " KEY), "3");
    xmppbind_stream_free(other);
    test_node_stop(&one);
}

/* CONF-2, BIND-10: refusals are the directory's. */
static void what_is_held_may_be_refused(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_start(&one, "one", &server);
    test_node_make(&two, "two", &server, NULL);
    test_option(two.host, "conflict", "reject");
    test_option(two.host, "max-resources-per-account", "2");
    test_node_state(&two, NULL, XMPPBIND_REDIS_READY);
    two.stream = test_stream(two.host, ACCOUNT);
    bind(&one, &two, "balcony");
    refused(&two, &one, "balcony", "conflict");
    bind(&two, &one, "chamber");
    refused(&two, &one, "garden", "resource-constraint");
    assert_string_equal(test_node_list(&one, &two), "balcony chamber .");
    test_node_stop(&one);
    bind(&two, NULL, "garden");
    test_node_stop(&two);
}

/* CONF-7: on whichever node it is, its own included. */
static void the_oldest_may_be_evicted(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_start(&one, "one", &server);
    test_node_make(&two, "two", &server, NULL);
    test_option(two.host, "account-limit", "evict-oldest");
    test_option(two.host, "max-resources-per-account", "2");
    test_node_state(&two, NULL, XMPPBIND_REDIS_READY);
    two.stream = test_stream(two.host, ACCOUNT);
    bind(&one, &two, "a");
    bind(&two, &one, "b");
    bind(&two, &one, "c");
    test_nodes_expect(&one, &two, one.stream, "closed " ACCOUNT "/a evicted\nclose conflict\n");
    assert_int_equal(test_bind(two.stream, "d", 1), XMPPBIND_OK);
    test_nodes_expect(&two, &one, two.stream,
                      "opened " ACCOUNT "/d\nanswer 1 " ACCOUNT "/d\nclosed " ACCOUNT "/b evicted\n");
    assert_string_equal(test_node_list(&one, &two), "c d .");
    test_node_stop(&one);
    test_node_stop(&two);
}

static int binds_again(void *data) {
    struct test_node *node = data;
    struct test_text text = {NULL, 0, 0};
    assert_int_equal(test_drain(node->stream, &text), 0);
    int bound = strstr(test_text_get(&text), "opened") != NULL;
    if (text.length > 0 && !bound)
        assert_int_equal(test_bind(node->stream, "balcony", 1), XMPPBIND_OK);
    test_text_free(&text);
    return bound;
}

/* What a dead node held is free when its lease ends: names, and places within a limit. */
static void a_lease_ends(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_start(&one, "one", &server);
    bind(&one, NULL, "balcony");
    bind(&one, NULL, "chamber");
    bind(&one, NULL, "garden");
    test_node_drop(&one);
    test_node_make(&two, "two", &server, NULL);
    test_option(two.host, "conflict", "reject");
    test_option(two.host, "max-resources-per-account", "2");
    test_option(two.host, "max-bind-failures", "0");
    test_node_state(&two, NULL, XMPPBIND_REDIS_READY);
    two.stream = test_stream(two.host, ACCOUNT);
    assert_string_equal(test_node_list(&two, NULL), "balcony chamber garden .");
    assert_int_equal(test_bind(two.stream, "balcony", 1), XMPPBIND_OK);
    test_nodes_until(&two, NULL, binds_again, &two);
    assert_string_equal(test_node_list(&two, NULL), "balcony .");
    bind(&two, NULL, "attic"); /* the two of the dead one do not count, and are gone */
    refused(&two, NULL, "cellar", "resource-constraint");
    assert_string_equal(test_redis_command(&server, "ZCARD " KEY "z"), "2");
    test_node_stop(&two);
    assert_string_equal(test_redis_command(&server, "ZCARD " KEY "z"), "0");
}

/* Nothing was heard on the channel, so the owner finds out when it checks, at the latest when it listens again. */
static void an_eviction_whose_message_was_lost(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_start(&one, "one", &server);
    test_node_start(&two, "two", &server);
    bind(&one, &two, "balcony");
    (void)test_redis_command(&server, "CLIENT KILL TYPE pubsub");
    bind(&two, NULL, "balcony");
    test_nodes_expect(&one, &two, one.stream, "closed " BALCONY " evicted\nclose conflict\n");
    until(&one, &two, XMPPBIND_REDIS_RELEASES, 0, 0);
    assert_string_equal(test_redis_command(&server, "HLEN " KEY), "3"); /* holder, counts, number: no mark is left */
    test_node_stop(&one);
    test_node_stop(&two);
}

/* Each claim is checked once in a while. */
static void what_is_held_is_checked(void **state) {
    struct test_node one;
    (void)state;
    test_node_make(&one, "one", &server, NULL);
    assert_int_equal(xmppbind_redis_set(one.redis, XMPPBIND_REDIS_CHECK_INTERVAL, 10), XMPPBIND_OK);
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, NULL, "balcony");
    bind(&one, NULL, "chamber");
    /* as if another had taken it, unheard */
    (void)test_redis_command(
        &server, "EVAL redis.call('HSET',KEYS[1],'rbalcony','9000000000000000'..string.char(32)..'two.1') 1 " KEY);
    test_nodes_expect(&one, NULL, one.stream, "closed " BALCONY " evicted\n");
    /* a smaller number gives way */
    (void)test_redis_command(&server,
                             "EVAL redis.call('HSET',KEYS[1],'rchamber','5'..string.char(32)..'two.1') 1 " KEY);
    uint64_t number = number_of(&one, CHAMBER);
    char expected[64];
    (void)snprintf(expected, sizeof expected, "%llu", (unsigned long long)number);
    while (strncmp(test_redis_command(&server, "HGET " KEY " rchamber"), expected, strlen(expected)) != 0)
        assert_int_equal(xmppbind_redis_poll(one.redis, 5), XMPPBIND_OK);
    assert_string_equal(test_redis_command(&server, "HGET " KEY " e5"), "two.1");
    test_node_stop(&one);
}

/* The node claims again what it holds, under the numbers that it had. */
static void redis_loses_its_data(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_start(&one, "one", &server);
    test_node_start(&two, "two", &server);
    bind(&one, &two, "balcony");
    bind(&one, &two, "chamber");
    uint64_t number = number_of(&one, CHAMBER);
    test_redis_kill(&server);
    test_node_state(&two, &one, XMPPBIND_REDIS_AWAY);
    test_redis_start(&server);
    bind(&two, NULL, "balcony"); /* before the first one is back */
    test_nodes_expect(&one, &two, one.stream, "closed " BALCONY " evicted\n");
    test_node_state(&one, &two, XMPPBIND_REDIS_READY);
    while (strcmp(test_node_list(&two, &one), "chamber balcony .") != 0)
        continue;
    assert_int_equal(number_of(&one, CHAMBER), number);
    test_node_stop(&one);
    test_node_stop(&two);
}

/* The same without a connection being lost: the next renewal finds out. */
static void the_registry_is_lost(void **state) {
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    bind(&one, NULL, "balcony");
    (void)test_redis_command(&server, "FLUSHALL");
    until(&one, NULL, XMPPBIND_REDIS_INCARNATIONS, 2, UINT64_MAX);
    while (strcmp(test_node_list(&one, NULL), "balcony .") != 0)
        continue;
    until_logged(&one, NULL, "the lease has ended");
    test_node_stop(&one);
}

/* Claims end in time, sessions go on, releases are answered and kept. */
static void redis_is_away(void **state) {
    struct test_node one, two;
    const char *stamp;
    size_t length;
    (void)state;
    test_node_start(&one, "one", &server);
    test_node_start(&two, "two", &server);
    bind(&one, &two, "balcony");
    bind(&one, &two, "chamber");
    test_redis_pause(&server);
    refused(&one, &two, "garden", "resource-constraint");
    assert_int_equal(
        xmppbind_stream_stamp(one.stream, XMPPBIND_STANZA_IQ, BALCONY, strlen(BALCONY), &stamp, &length, NULL, NULL),
        XMPPBIND_OK);
    assert_int_equal(test_unbind(one.stream, "chamber", 2), XMPPBIND_OK);
    test_nodes_expect(&one, &two, one.stream, "closed " CHAMBER " unbound\nanswer 2 " CHAMBER "\n");
    assert_int_equal(count(&one, XMPPBIND_REDIS_RELEASES), 1);
    assert_string_equal(test_node_list(&one, &two), "resource-constraint");
    test_redis_resume(&server);
    until(&one, &two, XMPPBIND_REDIS_RELEASES, 0, 0);
    test_node_state(&two, &one, XMPPBIND_REDIS_READY);
    while (strcmp(test_node_list(&two, &one), "balcony .") != 0)
        continue; /* the claim whose answer was lost dies with its incarnation */
    test_node_stop(&one);
    test_node_stop(&two);
}

/* With too many releases the incarnation is given up, and what is held is claimed again. */
static void more_releases_than_are_kept(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_make(&one, "one", &server, NULL);
    assert_int_equal(xmppbind_redis_set(one.redis, XMPPBIND_REDIS_MAX_RELEASES, 1), XMPPBIND_OK);
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    one.stream = test_stream(one.host, ACCOUNT);
    test_node_start(&two, "two", &server);
    bind(&one, &two, "a");
    bind(&one, &two, "b");
    bind(&one, &two, "c");
    bind(&one, &two, "d");
    test_redis_pause(&server);
    test_node_state(&one, &two, XMPPBIND_REDIS_AWAY);
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        char expected[128];
        (void)snprintf(expected, sizeof expected, "closed " ACCOUNT "/%s unbound\nanswer 2 " ACCOUNT "/%s\n", names[i],
                       names[i]);
        assert_int_equal(test_unbind(one.stream, names[i], 2), XMPPBIND_OK);
        test_nodes_expect(&one, &two, one.stream, expected);
    }
    until_logged(&one, NULL, "too many releases");
    test_redis_resume(&server);
    test_node_state(&one, &two, XMPPBIND_REDIS_READY);
    test_node_state(&two, &one, XMPPBIND_REDIS_READY);
    while (strcmp(test_node_list(&two, &one), "d .") != 0)
        continue;
    test_node_stop(&one);
    test_node_stop(&two);
}

static void more_waiting_than_may(void **state) {
    struct test_node one;
    (void)state;
    test_node_make(&one, "one", &server, NULL);
    assert_int_equal(xmppbind_redis_set(one.redis, XMPPBIND_REDIS_MAX_WAITING, 1), XMPPBIND_OK);
    one.stream = test_stream(one.host, ACCOUNT);
    xmppbind_stream *other = test_stream(one.host, "romeo@montague.example");
    assert_int_equal(test_bind(one.stream, "balcony", 1), XMPPBIND_OK); /* before it is started, too */
    assert_int_equal(count(&one, XMPPBIND_REDIS_WAITING), 1);
    assert_int_equal(test_bind(other, "balcony", 1), XMPPBIND_OK);
    test_expect(other, "answer 1 resource-constraint\n");
    test_nodes_expect(&one, NULL, one.stream, "opened " BALCONY "\nanswer 1 " BALCONY "\n");
    xmppbind_stream_free(other);
    test_node_stop(&one);
}

static void it_logs_in(void **state) {
    struct test_node one;
    (void)state;
    (void)test_redis_command(&server, "ACL SETUSER verona on >secret ~* &* +@all");
    (void)test_redis_command(&server, "ACL SETUSER default resetpass >other");
    for (int i = 0; i < 3; i++) {
        test_node_make(&one, "one", &server, NULL);
        assert_int_equal(xmppbind_redis_set_password(one.redis, i == 0 ? "verona" : NULL, i == 0 ? 6 : 0,
                                                     i == 0 ? "secret" : "other",
                                                     i == 2   ? 3
                                                     : i == 1 ? 5
                                                              : 6),
                         XMPPBIND_OK);
        if (i == 2)
            until_logged(&one, NULL, "WRONGPASS");
        else
            test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
        test_node_drop(&one);
    }
    test_redis_kill(&server); /* nobody else has the password */
    test_redis_start(&server);
}

/* The scripts are gone: they are loaded again, and nobody notices. */
static void the_scripts_are_flushed(void **state) {
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    bind(&one, NULL, "balcony");
    (void)test_redis_command(&server, "SCRIPT FLUSH");
    bind(&one, NULL, "chamber");
    (void)test_redis_command(&server, "SCRIPT FLUSH");
    until(&one, NULL, XMPPBIND_REDIS_CONNECTIONS, 4, 100); /* the registry asks by itself */
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    test_node_stop(&one);
}

/* Storage that does not work is an error, not silence; and what is held or given back is not forgotten. */
static void a_key_of_the_wrong_type(void **state) {
    struct test_node one;
    (void)state;
    test_node_make(&one, "one", &server, NULL);
    assert_int_equal(xmppbind_redis_set(one.redis, XMPPBIND_REDIS_CHECK_INTERVAL, 10), XMPPBIND_OK);
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, NULL, "balcony");
    bind(&one, NULL, "chamber");
    (void)test_redis_command(&server, "SET " KEY " x");
    refused(&one, NULL, "garden", "internal-server-error");
    until_logged(&one, NULL, "WRONGTYPE");
    assert_int_equal(test_unbind(one.stream, "chamber", 2), XMPPBIND_OK);
    until(&one, NULL, XMPPBIND_REDIS_RELEASES, 1, 1);
    (void)test_redis_command(&server, "SET " KEY "z x");
    assert_string_equal(test_node_list(&one, NULL), "internal-server-error");
    (void)test_redis_command(&server, "DEL " KEY " " KEY "z");
    test_nodes_expect(&one, NULL, one.stream, "closed " CHAMBER " unbound\nanswer 2 " CHAMBER "\n");
    while (strcmp(test_node_list(&one, NULL), "balcony .") != 0)
        continue;
    test_node_stop(&one);
}

static void redis_has_no_memory(void **state) {
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    bind(&one, NULL, "balcony");
    (void)test_redis_command(&server, "CONFIG SET maxmemory 1");
    refused(&one, NULL, "chamber", "internal-server-error");
    (void)test_redis_command(&server, "CONFIG SET maxmemory 0");
    bind(&one, NULL, "chamber");
    test_node_stop(&one);
}

/* Of several servers that are no cluster the next one is tried, when one is not there or does not write. */
static void another_server_is_tried(void **state) {
    struct test_redis replica = {.port = 0};
    struct test_node one;
    char command[64];
    (void)state;
    test_redis_start(&replica);
    (void)snprintf(command, sizeof command, "REPLICAOF 127.0.0.1 %u", (unsigned)server.port);
    (void)test_redis_command(&replica, command);
    test_node_make(&one, "one", &replica, NULL);
    assert_int_equal(xmppbind_redis_add_server(one.redis, "/nonexistent/redis", 18, 0), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_add_server(one.redis, "127.0.0.1", 9, server.port), XMPPBIND_OK);
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, NULL, "balcony");
    assert_non_null(strstr(test_text_get(&one.log), "could not connect to /nonexistent/redis\n"));
    test_node_stop(&one);
    test_redis_kill(&replica);
}

/* Two processes with one name are told. */
static void a_name_is_used_twice(void **state) {
    struct test_node one, two;
    (void)state;
    test_node_start(&one, "same", &server);
    test_node_start(&two, "same", &server);
    bind(&two, &one, "balcony");
    refused(&one, &two, "balcony", "internal-server-error");
    assert_non_null(strstr(test_text_get(&one.log), "another node is running under the name same\n"));
    test_node_stop(&one);
    test_node_stop(&two);
}

/* Whatever is under way when a node is freed is answered. */
static void it_is_freed_at_any_time(void **state) {
    struct test_node one, two;
    (void)state;
    for (int turns = 0; turns < 12; turns++) {
        (void)test_redis_command(&server, "FLUSHALL");
        test_node_start(&two, "two", &server);
        bind(&two, NULL, "balcony");
        test_node_make(&one, "one", &server, NULL);
        one.stream = test_stream(one.host, ACCOUNT);
        if (turns >= 6) {
            test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
            bind(&one, NULL, "chamber");
            assert_int_equal(test_unbind(one.stream, "chamber", 2), XMPPBIND_OK);
        } else {
            assert_int_equal(test_bind(one.stream, "balcony", 1), XMPPBIND_OK);
        }
        for (int i = 0; i < turns % 6; i++)
            assert_int_equal(xmppbind_redis_poll(one.redis, i), XMPPBIND_OK);
        xmppbind_redis_free(one.redis);
        one.redis = NULL;
        assert_int_equal(xmppbind_directory_pending(xmppbind_host_directory(one.host)), 0);
        struct test_text text = {NULL, 0, 0};
        assert_int_equal(test_drain(one.stream, &text), 0);
        assert_true(turns >= 6 || strstr(test_text_get(&text), "answer 1 ") != NULL);
        test_text_free(&text);
        assert_int_equal(xmppbind_stream_resource_count(one.stream), 0);
        xmppbind_host_free(one.host);
        test_text_free(&one.log);
        xmppbind_stream_free(one.stream);
        test_node_stop(&two);
    }
}

static void it_leaves(void **state) {
    struct test_node one;
    (void)state;
    test_node_make(&one, "one", &server, NULL);
    assert_int_equal(xmppbind_redis_state(one.redis), XMPPBIND_REDIS_IDLE);
    assert_int_equal(xmppbind_redis_leave(one.redis), XMPPBIND_ERROR_STATE);
    test_node_state(&one, NULL, XMPPBIND_REDIS_READY);
    one.stream = test_stream(one.host, ACCOUNT);
    bind(&one, NULL, "balcony");
    assert_int_equal(xmppbind_redis_leave(one.redis), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_leave(one.redis), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_state(one.redis), XMPPBIND_REDIS_LEAVING);
    refused(&one, NULL, "chamber", "resource-constraint");
    test_node_state(&one, NULL, XMPPBIND_REDIS_LEFT);
    assert_int_equal(xmppbind_redis_poll(one.redis, 0), XMPPBIND_OK); /* there is nothing to do any longer */
    assert_string_equal(test_redis_command(&server, "ZCARD xmppbind:#{nodes}"), "0"); /* so what it held is free */
    test_node_drop(&one);
}

struct reentry {
    struct test_node *node;
    int done;
};

static void call_back(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct reentry *reentry = user_data;
    xmppbind_redis *redis = reentry->node->redis;
    (void)jid, (void)length, (void)claim, (void)condition;
    assert_int_equal(xmppbind_redis_poll(redis, 0), XMPPBIND_ERROR_REENTRANT);
    assert_int_equal(xmppbind_redis_run(redis, 0), XMPPBIND_ERROR_REENTRANT);
    assert_int_equal(xmppbind_redis_ready(redis, 0, XMPPBIND_REDIS_READ, 0), XMPPBIND_ERROR_REENTRANT);
    assert_int_equal(xmppbind_redis_start(redis, 0), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_state(redis), XMPPBIND_REDIS_READY);
    reentry->done = 1;
}

static int is_done(void *data) {
    return ((struct reentry *)data)->done;
}

static void a_callback_calls_the_node(void **state) {
    struct test_node one;
    struct reentry reentry = {&one, 0};
    (void)state;
    test_node_start(&one, "one", &server);
    assert_int_equal(
        xmppbind_directory_list(xmppbind_host_directory(one.host), ACCOUNT, strlen(ACCOUNT), call_back, &reentry),
        XMPPBIND_OK);
    test_nodes_until(&one, NULL, is_done, &reentry);
    test_node_stop(&one);
}

/* BIND-12: a claim that is granted after its client has gone is given back. */
static void its_client_has_gone(void **state) {
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    assert_int_equal(test_bind(one.stream, "balcony", 1), XMPPBIND_OK);
    xmppbind_stream_free(one.stream);
    one.stream = test_stream(one.host, ACCOUNT);
    until(&one, NULL, XMPPBIND_REDIS_WAITING, 0, 0);
    until(&one, NULL, XMPPBIND_REDIS_HELD, 0, 0);
    until(&one, NULL, XMPPBIND_REDIS_RELEASES, 0, 0);
    assert_string_equal(test_node_list(&one, NULL), ".");
    test_node_stop(&one);
}

/* Octets that mean something in keys are no trouble in accounts. */
static void accounts_may_have_braces(void **state) {
    static const char *const accounts[] = {"}a{@capulet.example", "{}@capulet.example", "%7b@capulet.example", "nodes"};
    struct test_node one;
    (void)state;
    test_node_start(&one, "one", &server);
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
        char expected[128];
        xmppbind_stream *stream = test_stream(one.host, accounts[i]);
        (void)snprintf(expected, sizeof expected, "opened %s/{x}\nanswer 1 %s/{x}\n", accounts[i], accounts[i]);
        assert_int_equal(test_bind(stream, "{x}", 1), XMPPBIND_OK);
        test_nodes_expect(&one, NULL, stream, expected);
        xmppbind_stream_free(stream);
    }
    test_node_stop(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_claim_is_taken_from_another_node, forget_all),
        cmocka_unit_test_setup(a_claim_is_taken_from_the_same_node, forget_all),
        cmocka_unit_test_setup(what_is_held_may_be_refused, forget_all),
        cmocka_unit_test_setup(the_oldest_may_be_evicted, forget_all),
        cmocka_unit_test_setup(a_lease_ends, forget_all),
        cmocka_unit_test_setup(an_eviction_whose_message_was_lost, forget_all),
        cmocka_unit_test_setup(what_is_held_is_checked, forget_all),
        cmocka_unit_test_setup(redis_loses_its_data, forget_all),
        cmocka_unit_test_setup(the_registry_is_lost, forget_all),
        cmocka_unit_test_setup(redis_is_away, forget_all),
        cmocka_unit_test_setup(more_releases_than_are_kept, forget_all),
        cmocka_unit_test_setup(more_waiting_than_may, forget_all),
        cmocka_unit_test_setup(it_logs_in, forget_all),
        cmocka_unit_test_setup(the_scripts_are_flushed, forget_all),
        cmocka_unit_test_setup(a_key_of_the_wrong_type, forget_all),
        cmocka_unit_test_setup(redis_has_no_memory, forget_all),
        cmocka_unit_test_setup(another_server_is_tried, forget_all),
        cmocka_unit_test_setup(a_name_is_used_twice, forget_all),
        cmocka_unit_test_setup(it_is_freed_at_any_time, forget_all),
        cmocka_unit_test_setup(it_leaves, forget_all),
        cmocka_unit_test_setup(a_callback_calls_the_node, forget_all),
        cmocka_unit_test_setup(its_client_has_gone, forget_all),
        cmocka_unit_test_setup(accounts_may_have_braces, forget_all),
    };
    return cmocka_run_group_tests(tests, start, end);
}
