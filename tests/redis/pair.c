#include "pair.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void note(int level, const char *message, size_t length, void *user_data) {
    struct test_text *log = user_data;
    (void)level;
    test_text_add(log, message, length);
    test_text_add(log, "\n", 1);
}

void test_node_make(struct test_node *node, const char *name, const struct test_redis *server,
                    const xmppbind_allocator *allocator) {
    static const struct {
        const char *name;
        uint32_t value;
    } options[] = {{"lease", 4000},         {"check-interval", 60000}, {"claim-timeout", 2000},
                   {"reply-timeout", 1500}, {"backoff-least", 5},      {"backoff-most", 50}};
    *node = (struct test_node){NULL, NULL, NULL, {NULL, 0, 0}};
    node->host = test_host(NULL);
    assert_int_equal(
        xmppbind_redis_new(&node->redis, xmppbind_host_directory(node->host), name, strlen(name), allocator),
        XMPPBIND_OK);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int option = xmppbind_redis_option_number(options[i].name, strlen(options[i].name));
        assert_int_equal(xmppbind_redis_set(node->redis, option, options[i].value), XMPPBIND_OK);
    }
    assert_int_equal(xmppbind_redis_set_log(node->redis, note, &node->log), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_add_server(node->redis, "127.0.0.1", 9, server->port), XMPPBIND_OK);
}

void test_node_start(struct test_node *node, const char *name, const struct test_redis *server) {
    test_node_make(node, name, server, NULL);
    test_node_state(node, NULL, XMPPBIND_REDIS_READY);
    node->stream = test_stream(node->host, ACCOUNT);
}

void test_node_stop(struct test_node *node) {
    xmppbind_stream_free(node->stream);
    node->stream = NULL;
    assert_int_equal(xmppbind_redis_leave(node->redis), XMPPBIND_OK);
    test_node_state(node, NULL, XMPPBIND_REDIS_LEFT);
    test_node_drop(node);
}

void test_node_drop(struct test_node *node) {
    xmppbind_stream_free(node->stream);
    xmppbind_redis_free(node->redis);
    xmppbind_host_free(node->host);
    test_text_free(&node->log);
}

/* A turn that waits for a short time only when there is nothing to do at any of them. */
static void turn(struct test_node *node, int wait) {
    if (node != NULL)
        assert_int_equal(xmppbind_redis_poll(node->redis, wait), XMPPBIND_OK);
}

void test_nodes_until(struct test_node *one, struct test_node *other, int (*condition)(void *data), void *data) {
    struct timespec begin, now;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    while (!condition(data)) {
        turn(one, 5);
        turn(other, other == NULL ? 0 : 1);
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > 60)
            fail_msg("nothing happens any more; the log: %s", test_text_get(&one->log));
    }
}

struct events {
    xmppbind_stream *stream;
    struct test_text text;
};

static int has_events(void *data) {
    struct events *events = data;
    assert_int_equal(test_drain(events->stream, &events->text), 0);
    return events->text.length > 0;
}

void test_nodes_expect_at(struct test_node *one, struct test_node *other, xmppbind_stream *stream, const char *lines,
                          const char *file, int line) {
    struct events events = {stream, {NULL, 0, 0}};
    test_nodes_until(one, other, has_events, &events);
    if (strcmp(test_text_get(&events.text), lines) != 0)
        print_error("%s:%d: expected\n%s", file, line, lines);
    assert_string_equal(test_text_get(&events.text), lines);
    test_text_free(&events.text);
}

struct state {
    struct test_node *node;
    int wanted;
};

static int has_state(void *data) {
    const struct state *state = data;
    return xmppbind_redis_state(state->node->redis) == state->wanted;
}

void test_node_state(struct test_node *node, struct test_node *other, int state) {
    struct state wanted = {node, state};
    turn(node, 0);
    test_nodes_until(node, other, has_state, &wanted);
}

struct list {
    struct test_text text;
    int ended;
};

static void add_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct list *list = user_data;
    if (jid != NULL) {
        assert_int_not_equal(claim, 0);
        test_text_add(&list->text, jid + strlen(ACCOUNT "/"), length - strlen(ACCOUNT "/"));
        test_text_add(&list->text, " ", 1);
        return;
    }
    list->ended = 1;
    test_text_format(&list->text, "%s",
                     condition == XMPPBIND_CONDITION_NONE ? "." : xmppbind_condition_name(condition));
}

static int has_ended(void *data) {
    return ((struct list *)data)->ended;
}

const char *test_node_list(struct test_node *node, struct test_node *other) {
    static char answer[4096];
    struct list list = {{NULL, 0, 0}, 0};
    assert_int_equal(
        xmppbind_directory_list(xmppbind_host_directory(node->host), ACCOUNT, strlen(ACCOUNT), add_entry, &list),
        XMPPBIND_OK);
    test_nodes_until(node, other, has_ended, &list);
    assert_true(list.text.length < sizeof answer);
    memcpy(answer, test_text_get(&list.text), list.text.length + 1);
    test_text_free(&list.text);
    return answer;
}
