/* A node as its host sees it: what it refuses to be told, loops of the host's own, no memory, other threads. */
#define _GNU_SOURCE /* RTLD_NEXT, pthread_tryjoin_np */
#include "fake.h"
#include "lib/storage/redis/slots.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <hiredis/async.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>
#include <xmppbind/redis_uv.h>

#define BALCONY ACCOUNT "/balcony"
#define BOUND "opened " BALCONY "\nanswer 1 " BALCONY "\n"

/* hiredis finds no memory for a command: the one that is counted down to. */
static int commands_until_failure;

int redisAsyncCommandArgv(redisAsyncContext *context, redisCallbackFn *callback, void *data, int count,
                          const char **words, const size_t *lengths) {
    int (*real)(redisAsyncContext *, redisCallbackFn *, void *, int, const char **, const size_t *);
    void *symbol = dlsym(RTLD_NEXT, "redisAsyncCommandArgv");
    memcpy(&real, &symbol, sizeof real);
    if (commands_until_failure > 0 && --commands_until_failure == 0)
        return REDIS_ERR;
    return real(context, callback, data, count, words, lengths);
}

/* Nor does the system give random octets, or a mutex: the one that is counted down to. */
static int randoms_until_failure, mutexes_until_failure;

int getentropy(void *octets, size_t length) {
    int (*real)(void *, size_t);
    void *symbol = dlsym(RTLD_NEXT, "getentropy");
    memcpy(&real, &symbol, sizeof real);
    if (randoms_until_failure > 0 && --randoms_until_failure == 0)
        return -1;
    return real(octets, length);
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    int (*real)(pthread_mutex_t *, const pthread_mutexattr_t *);
    void *symbol = dlsym(RTLD_NEXT, "pthread_mutex_init");
    memcpy(&real, &symbol, sizeof real);
    if (mutexes_until_failure > 0 && --mutexes_until_failure == 0)
        return ENOMEM;
    return real(mutex, attributes);
}

static void the_system_gives_nothing(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_redis *redis = NULL;
    (void)state;
    randoms_until_failure = 1;
    assert_int_equal(xmppbind_redis_new(&redis, xmppbind_host_directory(host), "one", 3, NULL), XMPPBIND_ERROR_RANDOM);
    mutexes_until_failure = 1;
    assert_int_equal(xmppbind_redis_new(&redis, xmppbind_host_directory(host), "one", 3, NULL),
                     XMPPBIND_ERROR_NO_MEMORY);
    assert_null(redis);
    xmppbind_host_free(host);
}

/* --- what it is told --- */

static void nonsense_is_refused(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_directory *directory = xmppbind_host_directory(host);
    xmppbind_redis *redis = NULL;
    char longest[66], host_name[257];
    (void)state;
    memset(longest, 'a', sizeof longest);
    memset(host_name, 'a', sizeof host_name);
    assert_int_equal(xmppbind_redis_new(NULL, directory, "a", 1, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_new(&redis, NULL, "a", 1, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_new(&redis, directory, NULL, 1, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_new(&redis, directory, "", 0, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_new(&redis, directory, "a.b", 3, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_new(&redis, directory, "a\0b", 3, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_new(&redis, directory, longest, 65, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(redis);
    assert_int_equal(xmppbind_redis_new(&redis, directory, longest, 64, NULL), XMPPBIND_OK);

    assert_int_equal(xmppbind_redis_add_server(redis, NULL, 1, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_add_server(redis, "", 0, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_add_server(redis, host_name, 256, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_add_server(redis, "a\0b", 3, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_add_server(redis, "a", 1, 65536), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_add_server(redis, "a", 1, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_add_server(redis, "/a", 2, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_start(redis, 0), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_poll(redis, 0), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_poll(NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_add_server(redis, "127.0.0.1", 9, 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_start(redis, 0), XMPPBIND_ERROR_STATE); /* nothing watches for it */

    assert_int_equal(xmppbind_redis_set_prefix(redis, NULL, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_prefix(redis, "", 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_prefix(redis, longest, 65), XMPPBIND_ERROR_INVALID_ARGUMENT);
    static const char *const bad[] = {"a b", "a{", "}", "a\x7f", "a\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(xmppbind_redis_set_prefix(redis, bad[i], strlen(bad[i])), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_prefix(redis, longest, 64), XMPPBIND_OK);

    assert_int_equal(xmppbind_redis_set_password(redis, NULL, 0, NULL, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_password(redis, NULL, 0, "", 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_password(redis, NULL, 0, host_name, 256), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_password(redis, "", 0, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_password(redis, host_name, 256, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);

    assert_int_equal(xmppbind_redis_set(redis, 0, 1), XMPPBIND_ERROR_UNKNOWN_OPTION);
    assert_int_equal(xmppbind_redis_set(redis, 10, 1), XMPPBIND_ERROR_UNKNOWN_OPTION);
    assert_int_equal(xmppbind_redis_set(redis, XMPPBIND_REDIS_LEASE, 99), XMPPBIND_ERROR_OPTION_VALUE);
    assert_int_equal(xmppbind_redis_set(redis, XMPPBIND_REDIS_LEASE, 86400001), XMPPBIND_ERROR_OPTION_VALUE);
    assert_int_equal(xmppbind_redis_option_number("keep", 4), XMPPBIND_REDIS_KEEP);
    assert_int_equal(xmppbind_redis_option_number("kee", 3), XMPPBIND_ERROR_UNKNOWN_OPTION);
    assert_int_equal(xmppbind_redis_option_number("keeq", 4), XMPPBIND_ERROR_UNKNOWN_OPTION);
    assert_int_equal(xmppbind_redis_option_number(NULL, 4), XMPPBIND_ERROR_UNKNOWN_OPTION);

    assert_int_equal(xmppbind_redis_leave(redis), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_run(redis, 0), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_ready(redis, 0, 0, 0), XMPPBIND_ERROR_STATE);
    assert_true(xmppbind_redis_deadline(redis) == UINT64_MAX);
    assert_int_equal(xmppbind_redis_count(redis, 0), 0);
    xmppbind_redis_free(redis);
    xmppbind_host_free(host);
}

static void nothing_is_no_node(void **state) {
    (void)state;
    assert_int_equal(xmppbind_redis_add_server(NULL, "a", 1, 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_prefix(NULL, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_password(NULL, NULL, 0, "a", 1), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set(NULL, XMPPBIND_REDIS_LEASE, 1000), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_log(NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_set_watch(NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_start(NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_run(NULL, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_ready(NULL, 0, 0, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_leave(NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_true(xmppbind_redis_deadline(NULL) == UINT64_MAX);
    assert_int_equal(xmppbind_redis_state(NULL), XMPPBIND_REDIS_IDLE);
    assert_int_equal(xmppbind_redis_count(NULL, XMPPBIND_REDIS_HELD), 0);
    xmppbind_redis_free(NULL);
    xmppbind_redis_uv_free(NULL);
}

static void it_is_plugged_in_before_the_first_stream(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_stream *stream = test_stream(host, ACCOUNT);
    xmppbind_redis *redis = NULL;
    (void)state;
    assert_int_equal(xmppbind_redis_new(&redis, xmppbind_host_directory(host), "one", 3, NULL), XMPPBIND_ERROR_STATE);
    assert_null(redis);
    xmppbind_stream_free(stream);
    xmppbind_host_free(host);
}

static void nothing_is_set_once_it_is_started(void **state) {
    struct fake fake;
    struct test_node node;
    (void)state;
    fake_start(&fake);
    fake_node(&node, &fake, NULL);
    fake_until_state(&node, &fake, NULL, XMPPBIND_REDIS_READY);
    assert_int_equal(xmppbind_redis_add_server(node.redis, "a", 1, 1), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_set_prefix(node.redis, "a", 1), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_set_password(node.redis, NULL, 0, "a", 1), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_set(node.redis, XMPPBIND_REDIS_LEASE, 1000), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_set_log(node.redis, NULL, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_set_watch(node.redis, NULL, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_start(node.redis, 0), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_redis_ready(node.redis, 9999, 3, 0), XMPPBIND_OK); /* no descriptor of its */
    test_node_drop(&node);
    fake_stop(&fake);
}

/* No descriptor is left for the pipe; or one only. */
static void there_are_no_descriptors(void **state) {
    struct rlimit limit, before;
    xmppbind_host *host = test_host(NULL);
    xmppbind_redis *redis = NULL;
    (void)state;
    int lowest = dup(0);
    (void)close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)lowest;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int result = xmppbind_redis_new(&redis, xmppbind_host_directory(host), "one", 3, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(result, XMPPBIND_ERROR_STATE);
    xmppbind_host_free(host);
}

static void there_is_no_memory_for_it(void **state) {
    struct test_allocator source;
    int result = XMPPBIND_ERROR_NO_MEMORY;
    (void)state;
    for (size_t n = 1; result == XMPPBIND_ERROR_NO_MEMORY; n++) {
        xmppbind_host *host = test_host(NULL);
        xmppbind_redis *redis = NULL;
        test_allocator_set_up(&source);
        test_allocator_fail(&source, n, 0);
        result = xmppbind_redis_new(&redis, xmppbind_host_directory(host), "one", 3, source.allocator);
        if (result == XMPPBIND_OK) { /* enough for itself: then for a server, and for polling */
            test_allocator_fail(&source, 1, 0);
            assert_int_equal(xmppbind_redis_add_server(redis, "127.0.0.1", 9, 1), XMPPBIND_ERROR_NO_MEMORY);
            assert_int_equal(xmppbind_redis_add_server(redis, "127.0.0.1", 9, 1), XMPPBIND_OK);
            test_allocator_fail(&source, 1, 0);
            assert_int_equal(xmppbind_redis_poll(redis, 0), XMPPBIND_ERROR_NO_MEMORY);
            assert_int_equal(xmppbind_redis_poll(redis, 0), XMPPBIND_OK);
        } else {
            assert_int_equal(result, XMPPBIND_ERROR_NO_MEMORY);
            assert_null(redis);
        }
        test_allocator_fail(&source, 0, 0);
        xmppbind_redis_free(redis);
        xmppbind_host_free(host);
        test_allocator_tear_down(&source);
    }
    assert_int_equal(result, XMPPBIND_OK);
}

/* Each request for memory fails once: every bind is answered, and nothing is held that its stream does not know. */
static void each_piece_of_memory_is_missing_once(void **state) {
    struct test_allocator source;
    (void)state;
    for (size_t n = 1, reached = 1; reached; n++) {
        struct fake fake, other;
        struct test_node node;
        char map[256];
        test_allocator_set_up(&source);
        fake_start(&fake);
        fake_start(&other);
        (void)snprintf(map, sizeof map,
                       "*2\r\n*3\r\n:0\r\n:9999\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n"
                       "*3\r\n:10000\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
                       (unsigned)fake.port, (unsigned)other.port);
        fake.map = other.map = map;
        memcpy(fake.living[3], "two.1", 6);
        fake_node(&node, &fake, source.allocator);
        fake_until_state(&node, &fake, &other, XMPPBIND_REDIS_READY);
        size_t before = atomic_load(&source.calls);
        test_allocator_fail(&source, n, 0);
        static const char *const ask = "*2\r\n$3\r\nask\r\n$7\r\nthree.1\r\n";
        fake.answer_once[FAKE_CLAIM] = other.answer_once[FAKE_CLAIM] = ask;
        assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
        struct test_text text = {NULL, 0, 0};
        while (strstr(test_text_get(&text), "answer") == NULL) {
            assert_int_equal(xmppbind_redis_poll(node.redis, 1), XMPPBIND_OK);
            fake_turn(&fake);
            fake_turn(&other);
            assert_int_equal(test_drain(node.stream, &text), 0);
        }
        int bound = strcmp(test_text_get(&text), BOUND) == 0;
        assert_true(bound || strcmp(test_text_get(&text), "answer 1 internal-server-error\n") == 0);
        assert_int_equal(xmppbind_redis_count(node.redis, XMPPBIND_REDIS_HELD), bound);
        assert_int_equal(xmppbind_redis_count(node.redis, XMPPBIND_REDIS_WAITING), 0);
        reached = atomic_load(&source.calls) >= before + n;
        test_allocator_fail(&source, 0, 0);
        test_text_free(&text);
        test_node_drop(&node);
        fake_stop(&fake);
        fake_stop(&other);
        test_allocator_tear_down(&source);
    }
}

/* The map of a cluster, a further server, who lives: without memory for them it goes on with what it has. */
static void there_is_no_memory_for_the_map(void **state) {
    struct test_allocator source;
    struct fake fake, other;
    struct test_node node;
    char map[256];
    (void)state;
    for (size_t n = 1; n <= 8; n++) {
        test_allocator_set_up(&source);
        fake_start(&fake);
        fake_start(&other);
        (void)snprintf(map, sizeof map, "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
                       (unsigned)other.port);
        fake.map = other.map = map;
        fake_node(&node, &fake, source.allocator);
        assert_int_equal(xmppbind_redis_poll(node.redis, 0), XMPPBIND_OK);
        test_allocator_fail(&source, n, 0);
        fake_until_state(&node, &fake, &other, XMPPBIND_REDIS_READY);
        test_allocator_fail(&source, 0, 0);
        test_node_drop(&node);
        fake_stop(&fake);
        fake_stop(&other);
        test_allocator_tear_down(&source);
    }
}

/* hiredis cannot send: the connection is opened anew, and what was to be sent waits. */
static void a_command_cannot_be_sent(void **state) {
    (void)state;
    for (int n = 1; n <= 16; n++) {
        struct fake fake;
        struct test_node node;
        fake_start(&fake);
        fake_node(&node, &fake, NULL);
        assert_int_equal(xmppbind_redis_set(node.redis, XMPPBIND_REDIS_CHECK_INTERVAL, 10), XMPPBIND_OK);
        commands_until_failure = n;
        assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
        fake_expect(&node, &fake, NULL, BOUND);
        fake_until_at_least(&node, &fake, NULL, &fake.asked[FAKE_HOLD], 3);
        commands_until_failure = 1;
        assert_int_equal(test_unbind(node.stream, "balcony", 2), XMPPBIND_OK);
        fake_expect(&node, &fake, NULL, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\nclose\n");
        test_node_drop(&node);
        fake_stop(&fake);
    }
    commands_until_failure = 0;
}

static void asking_cannot_be_sent(void **state) {
    struct fake fake;
    struct test_node node;
    char asked[64];
    (void)state;
    fake_start(&fake);
    fake_node(&node, &fake, NULL);
    fake_until_state(&node, &fake, NULL, XMPPBIND_REDIS_READY);
    (void)snprintf(asked, sizeof asked, "-ASK 1 127.0.0.1:%u\r\n", (unsigned)fake.port);
    fake.answer_once[FAKE_CLAIM] = asked;
    assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
    commands_until_failure = 2;
    fake_expect(&node, &fake, NULL, BOUND);
    assert_int_equal(fake.asking, 1);
    test_node_drop(&node);
    fake_stop(&fake);
}

/* --- a loop of the host's own --- */

struct loop {
    struct pollfd watched[16];
    nfds_t count;
    uint64_t now;
};

static void watch(int descriptor, int events, void *user_data) {
    struct loop *loop = user_data;
    nfds_t i = 0;
    while (i < loop->count && loop->watched[i].fd != descriptor)
        i++;
    if (events == 0) {
        loop->watched[i] = loop->watched[--loop->count];
        return;
    }
    loop->count += i == loop->count;
    loop->watched[i] = (struct pollfd){descriptor,
                                       (short)(((events & XMPPBIND_REDIS_READ) != 0 ? POLLIN : 0) |
                                               ((events & XMPPBIND_REDIS_WRITE) != 0 ? POLLOUT : 0)),
                                       0};
}

/* One turn; the descriptor that was watched first, the inbox, is looked at last. Time goes by as the test says. */
static int turn(struct test_node *node, struct loop *loop, struct fake *fake, uint64_t milliseconds) {
    struct pollfd ready[16];
    fake_turn(fake);
    loop->now += milliseconds;
    nfds_t count = loop->count;
    memcpy(ready, loop->watched, sizeof ready);
    int found = poll(ready, count, 10);
    for (nfds_t i = count; i-- > 0;)
        if (ready[i].revents != 0)
            assert_int_equal(xmppbind_redis_ready(node->redis, ready[i].fd,
                                                  ((ready[i].revents & POLLIN) != 0 ? XMPPBIND_REDIS_READ : 0) |
                                                      ((ready[i].revents & POLLOUT) != 0 ? XMPPBIND_REDIS_WRITE : 0),
                                                  loop->now),
                             XMPPBIND_OK);
    if (xmppbind_redis_deadline(node->redis) <= loop->now)
        assert_int_equal(xmppbind_redis_run(node->redis, loop->now), XMPPBIND_OK);
    return found;
}

static void start_loop(struct test_node *node, struct loop *loop, struct fake *fake) {
    memset(loop, 0, sizeof *loop);
    fake_start(fake);
    fake_node(node, fake, NULL);
    assert_int_equal(xmppbind_redis_set(node->redis, XMPPBIND_REDIS_LEASE, 1000), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_set_watch(node->redis, watch, loop), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_start(node->redis, 0), XMPPBIND_OK); /* a clock may begin at 0 */
    while (xmppbind_redis_state(node->redis) != XMPPBIND_REDIS_READY ||
           xmppbind_redis_count(node->redis, XMPPBIND_REDIS_CONNECTIONS) < 2)
        turn(node, loop, fake, 0);
}

static void bind_in_loop(struct test_node *node, struct loop *loop, struct fake *fake, const char *lines) {
    struct test_text text = {NULL, 0, 0};
    while (text.length == 0) {
        turn(node, loop, fake, 0);
        assert_int_equal(test_drain(node->stream, &text), 0);
    }
    assert_string_equal(test_text_get(&text), lines);
    test_text_free(&text);
}

static void the_loop_is_the_hosts(void **state) {
    struct loop loop;
    struct fake fake;
    struct test_node node;
    (void)state;
    start_loop(&node, &loop, &fake);
    assert_int_equal(xmppbind_redis_poll(node.redis, 0), XMPPBIND_ERROR_STATE);
    assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
    bind_in_loop(&node, &loop, &fake, BOUND);
    /* it is renewed at a third of the lease, and checked at its interval */
    int before = fake.asked[FAKE_REGISTRY];
    turn(&node, &loop, &fake, 400);
    turn(&node, &loop, &fake, 0);
    turn(&node, &loop, &fake, 0);
    assert_true(fake.asked[FAKE_REGISTRY] > before);
    /* time that goes backwards counts as standing still */
    assert_int_equal(xmppbind_redis_run(node.redis, 0), XMPPBIND_OK);
    test_node_drop(&node);
    assert_int_equal(loop.count, 0);
    fake_stop(&fake);
}

/* The lease ends by our own clock: nothing is sent until it is known to last. */
static void the_lease_ends_by_our_clock(void **state) {
    struct loop loop;
    struct fake fake;
    struct test_node node;
    (void)state;
    start_loop(&node, &loop, &fake);
    fake.answers[FAKE_REGISTRY] = "";
    loop.now += 1000;
    assert_int_equal(xmppbind_redis_run(node.redis, loop.now), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_state(node.redis), XMPPBIND_REDIS_AWAY);
    assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
    for (int i = 0; i < 5; i++)
        turn(&node, &loop, &fake, 0);
    assert_int_equal(fake.asked[FAKE_CLAIM], 0);
    turn(&node, &loop, &fake, 2000);
    test_expect(node.stream, "answer 1 resource-constraint\n");
    test_node_drop(&node);
    fake_stop(&fake);
}

/* A resource is given back here while the news come that another has it. */
static void it_is_released_and_lost_at_once(void **state) {
    struct loop loop;
    struct fake fake;
    struct test_node node;
    (void)state;
    start_loop(&node, &loop, &fake);
    assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
    bind_in_loop(&node, &loop, &fake, BOUND);
    while (turn(&node, &loop, &fake, 1) > 0) /* nothing is under way any longer */
        continue;
    assert_int_equal(test_unbind(node.stream, "balcony", 2), XMPPBIND_OK);
    fake_publish(&fake, "17 " BALCONY);
    turn(&node, &loop, &fake, 0); /* the message comes before the inbox */
    test_expect(node.stream, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\nclose\n");
    assert_int_equal(xmppbind_redis_count(node.redis, XMPPBIND_REDIS_EVICTIONS), 0);
    test_node_drop(&node);
    fake_stop(&fake);
}

/* Somebody else has answered the claim: what was granted is given back. */
static void somebody_else_has_answered(void **state) {
    struct loop loop;
    struct fake fake;
    struct test_node node;
    (void)state;
    start_loop(&node, &loop, &fake);
    assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_reject(xmppbind_host_directory(node.host), 1, XMPPBIND_CONDITION_NOT_ALLOWED),
                     XMPPBIND_OK);
    test_expect(node.stream, "answer 1 not-allowed\n");
    while (fake.asked[FAKE_RELEASE] == 0)
        turn(&node, &loop, &fake, 0);
    test_node_drop(&node);
    fake_stop(&fake);
}

/* A message on the channel that is none. */
static void the_channel_says_something_strange(void **state) {
    struct loop loop;
    struct fake fake;
    struct test_node node;
    (void)state;
    start_loop(&node, &loop, &fake);
    for (int i = 0; i < 5; i++)
        turn(&node, &loop, &fake, 0);
    fake_cut(&fake, 1, "*2\r\n$7\r\nmessage\r\n$17\r\nxmppbind:node:one\r\n");
    while (strstr(test_text_get(&node.log), "Redis answered something unexpected") == NULL)
        turn(&node, &loop, &fake, 0);
    test_node_drop(&node);
    fake_stop(&fake);
}

/* More than the first table holds. */
static void many_are_held(void **state) {
    struct test_allocator source;
    struct fake fake;
    struct test_node node;
    (void)state;
    test_allocator_set_up(&source);
    fake_start(&fake);
    fake_node(&node, &fake, source.allocator);
    fake_until_state(&node, &fake, NULL, XMPPBIND_REDIS_READY);
    xmppbind_stream *streams[100];
    for (int i = 0; i < 100; i++) {
        char account[32];
        (void)snprintf(account, sizeof account, "user%d@capulet.example", i);
        streams[i] = test_stream(node.host, account);
        assert_int_equal(test_bind(streams[i], "a", 1), XMPPBIND_OK);
    }
    while (xmppbind_redis_count(node.redis, XMPPBIND_REDIS_HELD) < 100) {
        if (xmppbind_redis_count(node.redis, XMPPBIND_REDIS_HELD) == 32)
            test_allocator_fail(&source, 1, 0); /* the larger table: it goes on with the small one */
        assert_int_equal(xmppbind_redis_poll(node.redis, 1), XMPPBIND_OK);
        fake_turn(&fake);
    }
    test_allocator_fail(&source, 0, 0);
    for (int i = 0; i < 100; i++)
        xmppbind_stream_free(streams[i]);
    while (xmppbind_redis_count(node.redis, XMPPBIND_REDIS_HELD) +
               xmppbind_redis_count(node.redis, XMPPBIND_REDIS_RELEASES) >
           0) {
        assert_int_equal(xmppbind_redis_poll(node.redis, 1), XMPPBIND_OK);
        fake_turn(&fake);
    }
    test_node_drop(&node);
    fake_stop(&fake);
    test_allocator_tear_down(&source);
}

/* --- other threads --- */

enum { THREADS = 4, ROUNDS = 25 };

struct worker {
    xmppbind_host *host;
    int number;
};

/* Binds and unbinds on a stream of its own, and waits for each answer. */
static void *work(void *data) {
    const struct worker *worker = data;
    char account[32];
    (void)snprintf(account, sizeof account, "user%d@capulet.example", worker->number);
    for (int i = 0; i < ROUNDS; i++) {
        xmppbind_stream *stream = NULL;
        xmppbind_event *event;
        int answers = 0;
        if (xmppbind_stream_new(&stream, worker->host, account, strlen(account), NULL) != XMPPBIND_OK ||
            xmppbind_stream_bind(stream, "a", 1, 1) != XMPPBIND_OK ||
            xmppbind_stream_bind(stream, "b", 1, 2) != XMPPBIND_OK)
            return NULL;
        while (answers < 2)
            while (xmppbind_stream_next_event(stream, &event) == 1)
                answers += xmppbind_event_kind(event) == XMPPBIND_EVENT_ANSWER;
        if (i % 2 == 0)
            (void)xmppbind_stream_unbind(stream, "a", 1, 3);
        xmppbind_stream_free(stream);
    }
    return data;
}

static void streams_are_on_other_threads(void **state) {
    struct test_redis server = {.port = 0};
    struct test_node node;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    (void)state;
    test_redis_start(&server);
    test_node_start(&node, "one", &server);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){node.host, i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        while (pthread_tryjoin_np(threads[i], &result) != 0)
            assert_int_equal(xmppbind_redis_poll(node.redis, 5), XMPPBIND_OK);
        assert_ptr_equal(result, &workers[i]);
    }
    while (xmppbind_redis_count(node.redis, XMPPBIND_REDIS_HELD) +
               xmppbind_redis_count(node.redis, XMPPBIND_REDIS_RELEASES) >
           0)
        assert_int_equal(xmppbind_redis_poll(node.redis, 5), XMPPBIND_OK);
    assert_string_equal(test_redis_command(&server, "ZCARD xmppbind:{user0@capulet.example}z"), "0");
    test_node_stop(&node);
    test_redis_kill(&server);
}

/* --- libuv --- */

static void the_loop_is_libuvs(void **state) {
    struct test_redis server = {.port = 0};
    struct test_allocator source;
    struct test_node node;
    xmppbind_redis_uv *joined = NULL;
    uv_loop_t loop;
    (void)state;
    test_redis_start(&server);
    test_allocator_set_up(&source);
    test_node_make(&node, "one", &server, NULL);
    node.stream = test_stream(node.host, ACCOUNT);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(xmppbind_redis_uv_new(NULL, node.redis, &loop, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_uv_new(&joined, NULL, &loop, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_redis_uv_new(&joined, node.redis, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    test_allocator_fail(&source, 1, 0);
    assert_int_equal(xmppbind_redis_uv_new(&joined, node.redis, &loop, source.allocator), XMPPBIND_ERROR_NO_MEMORY);
    assert_null(joined);
    assert_int_equal(xmppbind_redis_uv_new(&joined, node.redis, &loop, source.allocator), XMPPBIND_OK);
    xmppbind_redis_uv *second = NULL;
    assert_int_equal(xmppbind_redis_uv_new(&second, node.redis, &loop, source.allocator), XMPPBIND_ERROR_STATE);
    assert_int_equal(test_bind(node.stream, "balcony", 1), XMPPBIND_OK);
    struct test_text text = {NULL, 0, 0};
    while (text.length == 0) {
        (void)uv_run(&loop, UV_RUN_ONCE);
        assert_int_equal(test_drain(node.stream, &text), 0);
    }
    assert_string_equal(test_text_get(&text), BOUND);
    test_text_free(&text);
    /* a connection for whose descriptor there is no memory is silent, and is opened anew */
    (void)test_redis_command(&server, "CLIENT KILL TYPE pubsub");
    test_allocator_fail(&source, 1, 0);
    while (xmppbind_redis_count(node.redis, XMPPBIND_REDIS_CONNECTIONS) < 3)
        (void)uv_run(&loop, UV_RUN_ONCE);
    test_redis_kill(&server);
    while (xmppbind_redis_state(node.redis) != XMPPBIND_REDIS_AWAY)
        (void)uv_run(&loop, UV_RUN_ONCE);
    test_redis_start(&server);
    while (xmppbind_redis_state(node.redis) != XMPPBIND_REDIS_READY)
        (void)uv_run(&loop, UV_RUN_ONCE);
    xmppbind_stream_free(node.stream);
    assert_int_equal(xmppbind_redis_leave(node.redis), XMPPBIND_OK);
    while (xmppbind_redis_state(node.redis) != XMPPBIND_REDIS_LEFT)
        (void)uv_run(&loop, UV_RUN_ONCE);
    xmppbind_redis_free(node.redis);
    xmppbind_redis_uv_free(joined);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    xmppbind_host_free(node.host);
    test_text_free(&node.log);
    test_allocator_tear_down(&source);
    test_redis_kill(&server);
}

static void libuv_wants_a_node_with_a_server(void **state) {
    xmppbind_host *host = test_host(NULL);
    xmppbind_redis *redis = NULL;
    xmppbind_redis_uv *joined = NULL;
    uv_loop_t loop;
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(xmppbind_redis_new(&redis, xmppbind_host_directory(host), "one", 3, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_uv_new(&joined, redis, &loop, NULL), XMPPBIND_ERROR_STATE);
    assert_null(joined);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(xmppbind_redis_add_server(redis, "127.0.0.1", 9, 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_poll(redis, -1), XMPPBIND_OK); /* it can still be joined to another loop */
    xmppbind_redis_free(redis);
    xmppbind_host_free(host);
}

/* --- keys --- */

static void keys_lie_where_redis_says(void **state) {
    static const char *const accounts[] = {ACCOUNT, "nodes", "}a{@capulet.example",
                                           "{}",    "%",     "\xc3\xa4@capulet.example"};
    struct test_redis server = {.cluster = 1};
    (void)state;
    assert_int_equal(xmppbind_redis_slot("123456789", 9), 12739);
    test_redis_start(&server);
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
        char key[XMPPBIND_REDIS_KEY_ROOM], command[XMPPBIND_REDIS_KEY_ROOM + 32], expected[16];
        size_t length = xmppbind_redis_account_key(key, "xmppbind:", accounts[i], strlen(accounts[i]));
        (void)snprintf(command, sizeof command, "CLUSTER KEYSLOT %.*sz", (int)length, key);
        (void)snprintf(expected, sizeof expected, "%u",
                       (unsigned)xmppbind_redis_slot_of_account(accounts[i], strlen(accounts[i])));
        assert_string_equal(test_redis_command(&server, command), expected);
    }
    test_redis_end(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_gives_nothing),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(nothing_is_no_node),
        cmocka_unit_test(it_is_plugged_in_before_the_first_stream),
        cmocka_unit_test(nothing_is_set_once_it_is_started),
        cmocka_unit_test(there_are_no_descriptors),
        cmocka_unit_test(there_is_no_memory_for_it),
        cmocka_unit_test(each_piece_of_memory_is_missing_once),
        cmocka_unit_test(there_is_no_memory_for_the_map),
        cmocka_unit_test(a_command_cannot_be_sent),
        cmocka_unit_test(asking_cannot_be_sent),
        cmocka_unit_test(the_loop_is_the_hosts),
        cmocka_unit_test(the_lease_ends_by_our_clock),
        cmocka_unit_test(it_is_released_and_lost_at_once),
        cmocka_unit_test(somebody_else_has_answered),
        cmocka_unit_test(the_channel_says_something_strange),
        cmocka_unit_test(many_are_held),
        cmocka_unit_test(streams_are_on_other_threads),
        cmocka_unit_test(the_loop_is_libuvs),
        cmocka_unit_test(libuv_wants_a_node_with_a_server),
        cmocka_unit_test(keys_lie_where_redis_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
