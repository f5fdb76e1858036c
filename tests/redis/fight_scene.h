/* A fight as its referee sees it: servers, processes that come and go, and what has to be true in the end. */
#ifndef XMPPBIND_TESTS_REDIS_FIGHT_SCENE_H
#define XMPPBIND_TESTS_REDIS_FIGHT_SCENE_H

#include "fight.h"
#include "proxy.h"
#include "server.h"

enum { FIGHT_NODES = 4 /* at a time */ };

struct fight_scene {
    struct fight *fight; /* shared with the processes */
    struct test_redis servers[FIGHT_SERVERS];
    struct test_proxy proxies[FIGHT_SERVERS];
    size_t server_count;
    struct {
        pid_t process; /* 0: none */
        struct fight_log *log;
    } nodes[FIGHT_NODES];
    uint64_t random;
};

/* Starts servers, one or as many masters of a cluster; ends them. */
void fight_start_servers(struct fight_scene *scene, size_t count);
void fight_end_servers(struct fight_scene *scene);

enum {
    FIGHT_BY_PROXY = 1, /* each server has a proxy before it */
    FIGHT_GENTLY = 2    /* nobody takes what another holds */
};
/* Nodes begin to fight over servers that know nothing. */
void fight_begin(struct fight_scene *scene, int how);
/* They have time for so many claims more. */
void fight_go_on(struct fight_scene *scene, size_t claims);
/* They rest, and agree with each other and with Redis on who holds what; then they leave, nothing is left in Redis, and
 * the history is checked. */
void fight_end(struct fight_scene *scene);
/* Whatever is left of a fight that failed. */
void fight_clean(struct fight_scene *scene);

/* Waits until it holds, for a long time at most. */
void fight_until(struct fight_scene *scene, int (*condition)(struct fight_scene *scene, void *data), void *data,
                 const char *what);
/* Those that were not told to have not ended. */
void fight_expect_all_running(struct fight_scene *scene);
void fight_kill_node(struct fight_scene *scene, size_t index);
/* One more, under the name that this place has, or under a new one. */
void fight_start_node(struct fight_scene *scene, size_t index, int under_new_name);
/* Stops it until its lease has ended and others have gone on. */
void fight_stop_node_past_its_lease(struct fight_scene *scene, size_t index, size_t claims);
/* Kills a server and starts it again, empty. */
void fight_restart_server(struct fight_scene *scene, size_t index);
/* Connections are cut until so many more were. */
void fight_cut(struct fight_scene *scene, uint32_t cuts);

/* The cases, the same over one server and over a cluster of several; as cmocka_run_group_tests(): fight_cases.c. */
int fight_run_cases(size_t servers);

#endif
