#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "fight_scene.h"
#include "tests/support/test_cmocka.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 60 /* seconds */ };

void fight_until(struct fight_scene *scene, int (*condition)(struct fight_scene *scene, void *data), void *data,
                 const char *what) {
    static const struct timespec pause = {0, 2000000};
    uint64_t end = fight_clock() + (uint64_t)PATIENCE * 1000000000;
    while (!condition(scene, data)) {
        if (fight_clock() > end)
            fail_msg("it never happens that %s (XMPPBIND_FIGHT_SEED=%llu)", what,
                     (unsigned long long)scene->fight->seed);
        (void)nanosleep(&pause, NULL);
    }
}

/* --- processes --- */

void fight_start_node(struct fight_scene *scene, size_t index, int under_new_name) {
    struct fight *fight = scene->fight;
    const struct fight_log *before = scene->nodes[index].log;
    assert_true(fight->log_count < FIGHT_LOGS);
    struct fight_log *log = &fight->logs[fight->log_count];
    if (before == NULL || under_new_name)
        (void)snprintf(log->node, sizeof log->node, "node-%zu", fight->log_count);
    else
        memcpy(log->node, before->node, sizeof log->node);
    pid_t process = test_fork();
    if (process == 0)
        _exit(fight_run_node(fight, log));
    fight->log_count++;
    scene->nodes[index].process = process;
    scene->nodes[index].log = log;
}

void fight_kill_node(struct fight_scene *scene, size_t index) {
    int status = 0;
    assert_int_equal(kill(scene->nodes[index].process, SIGKILL), 0);
    assert_int_equal(waitpid(scene->nodes[index].process, &status, 0), scene->nodes[index].process);
    assert_true(WIFSIGNALED(status)); /* it did not give up before */
    scene->nodes[index].process = 0;
    scene->nodes[index].log->killed = 1;
}

void fight_expect_all_running(struct fight_scene *scene) {
    for (size_t i = 0; i < FIGHT_NODES; i++)
        if (scene->nodes[i].process != 0 && waitpid(scene->nodes[i].process, NULL, WNOHANG) != 0) {
            scene->nodes[i].process = 0;
            fail_msg("%s gave up (XMPPBIND_FIGHT_SEED=%llu)", scene->nodes[i].log->node,
                     (unsigned long long)scene->fight->seed);
        }
}

static int has_grants(struct fight_scene *scene, void *data) {
    fight_expect_all_running(scene);
    return fight_grants(scene->fight) >= *(const size_t *)data;
}

void fight_go_on(struct fight_scene *scene, size_t claims) {
    size_t wanted = fight_grants(scene->fight) + claims;
    fight_until(scene, has_grants, &wanted, "claims are granted");
}

/* --- servers --- */

void fight_start_servers(struct fight_scene *scene, size_t count) {
    scene->server_count = count;
    for (size_t i = 0; i < count; i++) {
        scene->servers[i].cluster = count > 1;
        test_redis_start(&scene->servers[i]);
    }
    if (count > 1)
        test_redis_join(scene->servers, (int)count);
}

void fight_end_servers(struct fight_scene *scene) {
    for (size_t i = 0; i < scene->server_count; i++)
        test_redis_end(&scene->servers[i]);
}

static void pause_for(struct fight_scene *scene, uint64_t most_milliseconds) {
    struct timespec pause = {0, (long)(fight_random(&scene->random, most_milliseconds) * 1000000)};
    (void)nanosleep(&pause, NULL);
}

/* A master that comes back with the configuration it had (nodes.conf, not its data) has its slots as before, as nobody
 * else could take them, so that nothing has to be put in order by hand. */
void fight_restart_server(struct fight_scene *scene, size_t index) {
    test_redis_kill(&scene->servers[index]);
    pause_for(scene, 200); /* some nodes find nobody there, and some do not notice */
    test_redis_start(&scene->servers[index]);
    if (scene->server_count > 1)
        test_redis_wait_for_cluster(scene->servers, (int)scene->server_count);
}

static int is_without_lease(struct fight_scene *scene, void *data) {
    char beginning[32];
    (void)snprintf(beginning, sizeof beginning, "%s.", (const char *)data);
    for (size_t i = 0; i < scene->server_count; i++) /* those that do not have the key say who does */
        if (strstr(test_redis_command(&scene->servers[i], "ZRANGE xmppbind:#{nodes} 0 -1"), beginning) != NULL)
            return 0;
    return 1;
}

void fight_stop_node_past_its_lease(struct fight_scene *scene, size_t index, size_t claims) {
    size_t wanted = fight_grants(scene->fight) + claims;
    assert_int_equal(kill(scene->nodes[index].process, SIGSTOP), 0);
    fight_until(scene, is_without_lease, scene->nodes[index].log->node, "the lease ends of a node that was stopped");
    fight_until(scene, has_grants, &wanted, "claims are granted while a node is stopped");
    assert_int_equal(kill(scene->nodes[index].process, SIGCONT), 0);
}

static uint32_t count_cuts(const struct fight_scene *scene) {
    uint32_t cuts = 0;
    for (size_t i = 0; i < scene->server_count; i++)
        cuts += test_proxy_cuts(&scene->proxies[i]);
    return cuts;
}

static int has_cuts(struct fight_scene *scene, void *data) {
    fight_expect_all_running(scene);
    return count_cuts(scene) >= *(const uint32_t *)data;
}

/* The shortest do not get through the greetings, the longest for some dozen claims. */
void fight_cut(struct fight_scene *scene, uint32_t cuts) {
    enum { MOST = 6000 };
    uint32_t wanted = count_cuts(scene) + cuts;
    for (size_t i = 0; i < scene->server_count; i++)
        test_proxy_cut(&scene->proxies[i], MOST);
    fight_until(scene, has_cuts, &wanted, "connections are cut");
    for (size_t i = 0; i < scene->server_count; i++)
        test_proxy_cut(&scene->proxies[i], 0);
}

/* Masters of a cluster name themselves to nodes, so they have to name the proxy that stands before them. */
static void announce(struct fight_scene *scene, size_t index, uint16_t port) {
    char command[64];
    (void)snprintf(command, sizeof command, "CONFIG SET cluster-announce-port %u", (unsigned)port);
    if (scene->server_count > 1)
        assert_string_equal(test_redis_command(&scene->servers[index], command), "OK");
}

static void start_proxies(struct fight_scene *scene) {
    for (size_t i = 0; i < scene->server_count; i++) {
        test_proxy_start(&scene->proxies[i], scene->servers[i].port, scene->fight->seed + i);
        announce(scene, i, scene->proxies[i].port);
        scene->fight->ports[i] = scene->proxies[i].port;
    }
}

/* --- its beginning, and what is left of it --- */

static uint64_t choose_seed(void) {
    const char *given = getenv("XMPPBIND_FIGHT_SEED");
    return given != NULL ? strtoull(given, NULL, 10) : fight_clock() % 1000000000;
}

void fight_begin(struct fight_scene *scene, int how) {
    scene->fight = mmap(NULL, sizeof *scene->fight, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(scene->fight != MAP_FAILED);
    scene->fight->seed = scene->random = choose_seed();
    scene->fight->gently = (how & FIGHT_GENTLY) != 0;
    scene->fight->port_count = scene->server_count;
    for (size_t i = 0; i < scene->server_count; i++) {
        (void)test_redis_command(&scene->servers[i], "FLUSHALL");
        scene->fight->ports[i] = scene->servers[i].port;
    }
    if ((how & FIGHT_BY_PROXY) != 0)
        start_proxies(scene);
    for (size_t i = 0; i < FIGHT_NODES; i++)
        fight_start_node(scene, i, 1);
}

void fight_clean(struct fight_scene *scene) {
    for (size_t i = 0; i < FIGHT_NODES; i++)
        if (scene->nodes[i].process != 0) {
            (void)kill(scene->nodes[i].process, SIGKILL);
            (void)waitpid(scene->nodes[i].process, NULL, 0);
        }
    for (size_t i = 0; i < scene->server_count; i++) {
        if (scene->proxies[i].process != 0)
            announce(scene, i, 0);
        test_proxy_stop(&scene->proxies[i]);
    }
    memset(scene->nodes, 0, sizeof scene->nodes);
    if (scene->fight != NULL)
        (void)munmap(scene->fight, sizeof *scene->fight);
    scene->fight = NULL;
}
