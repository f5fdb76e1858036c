#define _GNU_SOURCE
#include "server.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_text.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    ATTEMPTS = 5, /* ports to try, as somebody may be quicker to take one */
    PATIENCE = 60 /* seconds */
};

uint16_t test_free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &length), 0);
    (void)close(descriptor);
    return ntohs(address.sin_port);
}

pid_t test_fork(void) {
    pid_t parent = getpid();
    (void)fflush(NULL);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
    }
    return process;
}

static void run_server(const struct test_redis *server, const char *folder, int output) {
    char port[8], bus[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)server->port);
    (void)snprintf(bus, sizeof bus, "%u", (unsigned)server->bus);
    if (chdir(folder) != 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        _exit(1);
    (void)execlp("redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly",
                 "no", "--enable-debug-command", "yes", "--cluster-enabled", server->cluster ? "yes" : "no",
                 "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000",
                 "--cluster-require-full-coverage", "no", "--cluster-port", bus, (char *)NULL);
    _exit(1);
}

/* Whether it says that it is ready before it ends. */
static int becomes_ready(int output) {
    char line[4096];
    size_t length = 0;
    for (;;) {
        struct pollfd watched = {output, POLLIN, 0};
        if (poll(&watched, 1, 30000) != 1)
            return 0;
        ssize_t got = read(output, line + length, sizeof line - 1 - length);
        if (got <= 0)
            return 0;
        length += (size_t)got;
        line[length] = '\0';
        if (strstr(line, "Ready to accept connections") != NULL)
            return 1;
        if (length > sizeof line / 2) {
            memmove(line, line + length / 2, length - length / 2);
            length -= length / 2;
        }
    }
}

/* Its output goes on into a pipe that nobody reads, so it is let go. */
static int start_on(struct test_redis *server, const char *folder) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    server->process = test_fork();
    if (server->process == 0)
        run_server(server, folder, ends[1]);
    (void)close(ends[1]);
    int ready = becomes_ready(ends[0]);
    (void)close(ends[0]);
    if (!ready)
        test_redis_kill(server);
    return ready;
}

/* One of a cluster finds there what it was before; of others nothing is left. */
static void prepare_folder(const struct test_redis *server, char *folder) {
    if (server->folder[0] != '\0')
        memcpy(folder, server->folder, sizeof server->folder);
    else
        assert_non_null(mkdtemp(folder));
}

/* A server that is killed may leave half a configuration beside the whole one. */
static void remove_folder(const char *folder) {
    DIR *files = opendir(folder);
    for (const struct dirent *file; files != NULL && (file = readdir(files)) != NULL;)
        (void)unlinkat(dirfd(files), file->d_name, 0);
    if (files != NULL)
        (void)closedir(files);
    (void)rmdir(folder);
}

void test_redis_start(struct test_redis *server) {
    char folder[sizeof server->folder] = "/tmp/xmppbind-redis-XXXXXX";
    int started = 0, had_port = server->port != 0;
    prepare_folder(server, folder);
    for (int i = 0; i < ATTEMPTS && !started; i++) {
        if (!had_port) {
            server->port = test_free_port();
            server->bus = server->cluster ? test_free_port() : 0;
        }
        started = start_on(server, folder);
    }
    if (server->cluster && started)
        memcpy(server->folder, folder, sizeof folder);
    else
        remove_folder(folder);
    if (!started)
        fail_msg("redis-server does not start");
}

void test_redis_kill(struct test_redis *server) {
    if (server->process == 0)
        return;
    (void)kill(server->process, SIGKILL);
    (void)waitpid(server->process, NULL, 0);
    server->process = 0;
}

void test_redis_end(struct test_redis *server) {
    test_redis_kill(server);
    if (server->folder[0] != '\0')
        remove_folder(server->folder);
    server->folder[0] = '\0';
}

void test_redis_pause(const struct test_redis *server) {
    assert_int_equal(kill(server->process, SIGSTOP), 0);
}

void test_redis_resume(const struct test_redis *server) {
    assert_int_equal(kill(server->process, SIGCONT), 0);
}

static void add_reply(struct test_text *text, const redisReply *reply) {
    if (reply->type == REDIS_REPLY_INTEGER)
        test_text_format(text, "%lld", reply->integer);
    else if (reply->type == REDIS_REPLY_ARRAY)
        for (size_t i = 0; i < reply->elements; i++) {
            if (i > 0)
                test_text_add(text, " ", 1);
            add_reply(text, reply->element[i]);
        }
    else if (reply->type != REDIS_REPLY_NIL)
        test_text_add(text, reply->str, reply->len);
}

const char *test_redis_command(const struct test_redis *server, const char *words) {
    static char answer[65536];
    const char *argv[64];
    char copy[4096];
    int argc = 0;
    assert_true(strlen(words) < sizeof copy);
    (void)snprintf(copy, sizeof copy, "%s", words);
    for (char *rest = NULL, *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    redisContext *context = redisConnect("127.0.0.1", server->port);
    assert_non_null(context);
    assert_int_equal(context->err, 0);
    redisReply *reply = redisCommandArgv(context, argc, argv, NULL);
    assert_non_null(reply);
    struct test_text text = {NULL, 0, 0};
    add_reply(&text, reply);
    (void)snprintf(answer, sizeof answer, "%s", test_text_get(&text));
    test_text_free(&text);
    freeReplyObject(reply);
    redisFree(context);
    return answer;
}

/* --- clusters --- */

/* Each of them knows of all, and who has every slot. */
static int is_cluster_ready(const struct test_redis *servers, int count) {
    char known[64];
    (void)snprintf(known, sizeof known, "cluster_known_nodes:%d\r\n", count);
    for (int i = 0; i < count; i++) {
        const char *state = test_redis_command(&servers[i], "CLUSTER INFO");
        if (strstr(state, "cluster_state:ok") == NULL || strstr(state, "cluster_slots_ok:16384") == NULL ||
            strstr(state, known) == NULL)
            return 0;
    }
    return 1;
}

void test_redis_wait_for_cluster(const struct test_redis *servers, int count) {
    static const struct timespec pause = {0, 10000000};
    for (time_t begin = time(NULL); !is_cluster_ready(servers, count); (void)nanosleep(&pause, NULL))
        if (time(NULL) - begin > PATIENCE)
            fail_msg("the cluster does not come up");
}

void test_redis_join(const struct test_redis *servers, int count) {
    enum { SLOTS = 16384 };
    char command[128];
    for (int i = 0; i < count; i++) {
        /* so that they need not settle first whose word counts */
        (void)snprintf(command, sizeof command, "CLUSTER SET-CONFIG-EPOCH %d", i + 1);
        assert_string_equal(test_redis_command(&servers[i], command), "OK");
        (void)snprintf(command, sizeof command, "CLUSTER ADDSLOTSRANGE %d %d", SLOTS * i / count,
                       SLOTS * (i + 1) / count - 1);
        assert_string_equal(test_redis_command(&servers[i], command), "OK");
    }
    for (int i = 1; i < count; i++) {
        (void)snprintf(command, sizeof command, "CLUSTER MEET 127.0.0.1 %u %u", (unsigned)servers[i].port,
                       (unsigned)servers[i].bus);
        assert_string_equal(test_redis_command(&servers[0], command), "OK");
    }
    test_redis_wait_for_cluster(servers, count);
}
