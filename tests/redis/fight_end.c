/* How a fight ends: what has to be true of all nodes, of Redis and of the history. */
#include "fight_scene.h"
#include "pair.h"
#include "tests/support/test_cmocka.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static int is_all_answered(struct fight_scene *scene, void *data) {
    (void)data;
    fight_expect_all_running(scene);
    return fight_open_requests(scene->fight) == 0;
}

struct listed {
    uint64_t numbers[FIGHT_NAMES];
    int ended, failed;
};

static void note_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct listed *listed = user_data;
    listed->ended += jid == NULL;
    listed->failed += condition != XMPPBIND_CONDITION_NONE;
    for (unsigned i = 0; jid != NULL && i < FIGHT_NAMES; i++)
        if (strlen(fight_name(i, NULL)) == length && memcmp(fight_name(i, NULL), jid, length) == 0)
            listed->numbers[i] = claim;
}

static int is_listed(void *data) {
    return ((const struct listed *)data)->ended == FIGHT_ACCOUNTS;
}

/* What stands in Redis, as any node would list it; 0 when it cannot be had. */
static int list_all(struct test_node *watcher, struct listed *listed) {
    memset(listed, 0, sizeof *listed);
    for (unsigned i = 0; i < FIGHT_ACCOUNTS; i++) {
        size_t length;
        const char *account = fight_name(i * FIGHT_RESOURCES, &length);
        assert_int_equal(
            xmppbind_directory_list(xmppbind_host_directory(watcher->host), account, length, note_entry, listed),
            XMPPBIND_OK);
    }
    test_nodes_until(watcher, NULL, is_listed, listed);
    return !listed->failed;
}

/* Each name is held by the one that Redis says, under that number, and by nobody else. */
static int is_agreed(struct fight_scene *scene, void *watcher) {
    struct listed listed;
    fight_expect_all_running(scene);
    if (!list_all(watcher, &listed))
        return 0;
    for (unsigned i = 0; i < FIGHT_NAMES; i++)
        if (fight_holder(scene->fight, i) != listed.numbers[i])
            return 0;
    return 1;
}

static int is_nothing_listed(struct fight_scene *scene, void *watcher) {
    static const struct listed none = {.ended = FIGHT_ACCOUNTS};
    struct listed listed;
    (void)scene;
    return list_all(watcher, &listed) && memcmp(listed.numbers, none.numbers, sizeof none.numbers) == 0;
}

static int have_left(struct fight_scene *scene, void *data) {
    int left = 1, status = 0;
    (void)data;
    for (size_t i = 0; i < FIGHT_NODES; i++) {
        pid_t ended = scene->nodes[i].process == 0 ? 0 : waitpid(scene->nodes[i].process, &status, WNOHANG);
        if (ended != 0)
            scene->nodes[i].process = 0;
        if (ended != 0 && status != 0)
            fail_msg("%s left with status %d", scene->nodes[i].log->node, status);
        left &= scene->nodes[i].process == 0;
    }
    return left;
}

/* No name is held, and no place within a limit taken. Of accounts the last number is kept for a while, and marks for
 * nodes that died before they heard of an eviction. */
static void expect_account_free(const struct test_redis *server, const char *key) {
    char command[256], fields[4096];
    assert_int_equal(key[strlen(key) - 1], '}'); /* the sorted set of what is held is gone */
    (void)snprintf(command, sizeof command, "HKEYS %s", key);
    (void)snprintf(fields, sizeof fields, "%s", test_redis_command(server, command));
    for (char *rest = NULL, *field = strtok_r(fields, " ", &rest); field != NULL; field = strtok_r(NULL, " ", &rest))
        if (field[0] == 'r' || field[0] == 'n')
            fail_msg("%s still has %s", key, field);
}

static void expect_nothing_left(const struct test_redis *server) {
    char keys[4096];
    (void)snprintf(keys, sizeof keys, "%s", test_redis_command(server, "KEYS *"));
    for (char *rest = NULL, *key = strtok_r(keys, " ", &rest); key != NULL; key = strtok_r(NULL, " ", &rest))
        if (strcmp(key, "xmppbind:#{nodes}n") != 0)
            expect_account_free(server, key);
}

/* The leases of nodes that were killed have ended, too. */
static int is_alone(struct fight_scene *scene, void *data) {
    struct test_node *watcher = data;
    const char *living = "";
    assert_int_equal(xmppbind_redis_poll(watcher->redis, 5), XMPPBIND_OK);
    for (size_t i = 0; i < scene->server_count; i++) {
        living = test_redis_command(&scene->servers[i], "ZRANGE xmppbind:#{nodes} 0 -1");
        if (strncmp(living, "watcher.", strlen("watcher.")) == 0 && strchr(living, ' ') == NULL)
            return 1;
    }
    return 0;
}

static void leave_and_look(struct fight_scene *scene, struct test_node *watcher) {
    atomic_store(&scene->fight->phase, FIGHT_LEAVE);
    fight_until(scene, have_left, NULL, "all nodes leave");
    fight_until(scene, is_nothing_listed, watcher, "nothing is held any longer");
    fight_until(scene, is_alone, watcher, "all leases have ended");
    test_node_stop(watcher);
    for (size_t i = 0; i < scene->server_count; i++)
        expect_nothing_left(&scene->servers[i]);
}

void fight_end(struct fight_scene *scene) {
    struct test_node watcher;
    atomic_store(&scene->fight->phase, FIGHT_REST);
    fight_until(scene, is_all_answered, NULL, "all requests are answered");
    test_node_make(&watcher, "watcher", &scene->servers[0], NULL);
    test_node_state(&watcher, NULL, XMPPBIND_REDIS_READY);
    fight_until(scene, is_agreed, &watcher, "the nodes agree with Redis on who holds what");
    leave_and_look(scene, &watcher);
    const char *problem = fight_check(scene->fight);
    if (problem != NULL)
        fail_msg("%s (XMPPBIND_FIGHT_SEED=%llu)", problem, (unsigned long long)scene->fight->seed);
}
