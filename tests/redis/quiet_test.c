/*
 * Redis hangs up while a node has something to say. Each case runs in a process of its own, which SIGPIPE would end: as
 * long as nobody reads what the other side has said, the first write makes it answer that it is gone, and the second
 * one finds a broken pipe.
 */
#include "fake.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 60 /* seconds */ };

struct scene {
    struct fake fake;
    struct test_node node;
    struct pollfd watched[FAKE_CLIENTS];
    nfds_t count;
    uint64_t now;
};

static void watch(int descriptor, int events, void *user_data) {
    struct scene *scene = user_data;
    nfds_t i = 0;
    while (i < scene->count && scene->watched[i].fd != descriptor)
        i++;
    if (events == 0) {
        assert_true(i < scene->count);
        scene->watched[i] = scene->watched[--scene->count];
        return;
    }
    scene->count += i == scene->count;
    int both = (events & XMPPBIND_REDIS_READ ? POLLIN : 0) | (events & XMPPBIND_REDIS_WRITE ? POLLOUT : 0);
    scene->watched[i] = (struct pollfd){descriptor, (short)both, 0};
}

/* What has happened is seen to; or only what the node wants to write is written. */
static void turn(struct scene *scene, int events) {
    struct pollfd copy[FAKE_CLIENTS];
    nfds_t count = scene->count;
    fake_turn(&scene->fake);
    memcpy(copy, scene->watched, count * sizeof *copy);
    (void)poll(copy, count, 0);
    for (nfds_t i = 0; i < count; i++)
        if (copy[i].revents != 0)
            assert_int_equal(xmppbind_redis_ready(scene->node.redis, copy[i].fd, events, scene->now), XMPPBIND_OK);
}

static void start(struct scene *scene) {
    memset(scene, 0, sizeof *scene);
    fake_start(&scene->fake);
    fake_node(&scene->node, &scene->fake, NULL);
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_LEASE, 60000), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_set_watch(scene->node.redis, watch, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_start(scene->node.redis, 0), XMPPBIND_OK);
    time_t begin = time(NULL);
    while (xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_CONNECTIONS) < 2 ||
           xmppbind_redis_state(scene->node.redis) != XMPPBIND_REDIS_READY) {
        turn(scene, XMPPBIND_REDIS_READ | XMPPBIND_REDIS_WRITE);
        assert_true(time(NULL) - begin < PATIENCE);
    }
}

/* The node writes twice to who has gone. */
static void write_into_nothing(struct scene *scene, xmppbind_stream *other) {
    fake_cut(&scene->fake, 0, NULL);
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_run(scene->node.redis, scene->now), XMPPBIND_OK);
    turn(scene, XMPPBIND_REDIS_WRITE);
    assert_null(strstr(test_text_get(&scene->node.log), "lost the connection"));
    assert_int_equal(test_bind(other, "garden", 2), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_run(scene->node.redis, scene->now), XMPPBIND_OK);
    turn(scene, XMPPBIND_REDIS_WRITE);
    assert_non_null(strstr(test_text_get(&scene->node.log), "lost the connection")); /* the write said so */
}

static void expect(struct scene *scene, xmppbind_stream *stream, const char *lines) {
    struct test_text text = {NULL, 0, 0};
    for (time_t begin = time(NULL); text.length == 0; assert_true(time(NULL) - begin < PATIENCE)) {
        scene->now++; /* it connects again after a pause */
        turn(scene, XMPPBIND_REDIS_READ | XMPPBIND_REDIS_WRITE);
        assert_int_equal(xmppbind_redis_run(scene->node.redis, scene->now), XMPPBIND_OK);
        assert_int_equal(test_drain(stream, &text), 0);
    }
    assert_string_equal(test_text_get(&text), lines);
    test_text_free(&text);
}

static void play(void) {
    static struct scene scene;
    start(&scene);
    xmppbind_stream *other = test_stream(scene.node.host, ACCOUNT);
    write_into_nothing(&scene, other);
    scene.now += 10;
    expect(&scene, scene.node.stream, "opened " ACCOUNT "/balcony\nanswer 1 " ACCOUNT "/balcony\n");
    expect(&scene, other, "opened " ACCOUNT "/garden\nanswer 2 " ACCOUNT "/garden\n");
    xmppbind_stream_free(other);
    test_node_drop(&scene.node);
    fake_stop(&scene.fake);
}

static int is_pending(void) {
    sigset_t pending;
    assert_int_equal(sigpending(&pending), 0);
    return sigismember(&pending, SIGPIPE);
}

static int is_blocked(void) {
    sigset_t mask;
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    return sigismember(&mask, SIGPIPE);
}

static void block(void) {
    sigset_t mask;
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &mask, NULL), 0);
}

/* --- what happens in a process of its own: 0 when all is well --- */

static int a_host_that_knows_of_nothing(void) {
    play();
    return is_pending() || is_blocked();
}

static volatile sig_atomic_t handled;

static void handle(int number) {
    (void)number;
    handled++;
}

/* A host that counts its own broken pipes is not told of ours; and still of its own. */
static int a_host_with_a_handler(void) {
    (void)signal(SIGPIPE, handle);
    play();
    if (handled != 0 || is_blocked())
        return 1;
    (void)raise(SIGPIPE);
    return handled != 1;
}

static int a_host_that_blocks_it(void) {
    block();
    play();
    return is_pending() || !is_blocked();
}

/* What was pending is the host's, and stays. */
static int a_host_for_which_one_is_pending(void) {
    block();
    (void)raise(SIGPIPE);
    play();
    return !is_pending() || !is_blocked();
}

/* The same for one that was sent to the whole process. */
static int a_host_to_which_one_was_sent(void) {
    block();
    (void)kill(getpid(), SIGPIPE);
    play();
    return !is_pending() || !is_blocked();
}

static void in_a_process(int (*run)(void)) {
    int status = 0;
    pid_t process = test_fork();
    if (process == 0) {
        (void)signal(SIGPIPE, SIG_DFL);
        _exit(run());
    }
    assert_int_equal(waitpid(process, &status, 0), process);
    if (WIFSIGNALED(status))
        fail_msg("ended by signal %d", WTERMSIG(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_process_lives(void **state) {
    (void)state;
    in_a_process(a_host_that_knows_of_nothing);
}

static void a_handler_is_not_called(void **state) {
    (void)state;
    in_a_process(a_host_with_a_handler);
}

static void a_mask_stays(void **state) {
    (void)state;
    in_a_process(a_host_that_blocks_it);
}

static void what_was_pending_stays(void **state) {
    (void)state;
    in_a_process(a_host_for_which_one_is_pending);
    in_a_process(a_host_to_which_one_was_sent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_process_lives),
        cmocka_unit_test(a_handler_is_not_called),
        cmocka_unit_test(a_mask_stays),
        cmocka_unit_test(what_was_pending_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
