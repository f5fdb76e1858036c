#include "fight_scene.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>
#include <string.h>

static struct fight_scene scene;
static size_t servers;

static size_t any(size_t count) {
    return (size_t)fight_random(&scene.random, count);
}

static void nothing_goes_wrong(void **state) {
    (void)state;
    fight_begin(&scene, 0);
    fight_go_on(&scene, 500);
    fight_end(&scene);
}

static void nodes_are_killed(void **state) {
    (void)state;
    fight_begin(&scene, 0);
    for (int i = 0; i < 12; i++) {
        size_t victim = any(FIGHT_NODES);
        fight_go_on(&scene, 40);
        fight_kill_node(&scene, victim);
        fight_start_node(&scene, victim, i % 3 == 0);
    }
    fight_go_on(&scene, 40);
    fight_end(&scene);
}

/* It goes on as if nothing had happened, and finds that others have what it held. */
static void nodes_are_stopped(void **state) {
    (void)state;
    fight_begin(&scene, 0);
    for (int i = 0; i < 3; i++) {
        fight_go_on(&scene, 40);
        fight_stop_node_past_its_lease(&scene, any(FIGHT_NODES), 40);
    }
    fight_go_on(&scene, 40);
    fight_end(&scene);
}

static void redis_loses_everything(void **state) {
    (void)state;
    fight_begin(&scene, 0);
    for (int i = 0; i < (servers == 1 ? 4 : 1); i++) { /* a master of a cluster takes its time to come back */
        fight_go_on(&scene, 60);
        fight_restart_server(&scene, any(servers));
    }
    fight_go_on(&scene, 60);
    fight_end(&scene);
}

static void connections_are_cut(void **state) {
    (void)state;
    fight_begin(&scene, FIGHT_BY_PROXY);
    fight_go_on(&scene, 40);
    fight_cut(&scene, 60);
    fight_go_on(&scene, 40);
    fight_end(&scene);
}

/* A claim whose answer was lost would stay for ever, as nobody takes it away. */
static void connections_are_cut_and_nobody_takes(void **state) {
    (void)state;
    fight_begin(&scene, FIGHT_BY_PROXY | FIGHT_GENTLY);
    fight_go_on(&scene, 40);
    fight_cut(&scene, 60);
    fight_end(&scene);
}

static void everything_goes_wrong(void **state) {
    (void)state;
    fight_begin(&scene, FIGHT_BY_PROXY);
    for (int i = 0; i < 2; i++) {
        size_t victim = any(FIGHT_NODES);
        fight_cut(&scene, 15);
        fight_kill_node(&scene, victim);
        fight_start_node(&scene, victim, 0);
        if (i == 0)
            fight_restart_server(&scene, any(servers));
        fight_stop_node_past_its_lease(&scene, any(FIGHT_NODES), 20);
    }
    fight_end(&scene);
}

static int set_up(void **state) {
    (void)state;
    fight_start_servers(&scene, servers);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fight_end_servers(&scene);
    return 0;
}

static int clean(void **state) {
    (void)state;
    fight_clean(&scene);
    return 0;
}

int fight_run_cases(size_t server_count) {
#define CASE(name) cmocka_unit_test_teardown(name, clean)
    const struct CMUnitTest tests[] = {
        CASE(nothing_goes_wrong),     CASE(nodes_are_killed),    CASE(nodes_are_stopped),
        CASE(redis_loses_everything), CASE(connections_are_cut), CASE(connections_are_cut_and_nobody_takes),
        CASE(everything_goes_wrong),
    };
    servers = server_count;
    cmocka_set_test_filter(getenv("XMPPBIND_FIGHT_CASE"));
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
