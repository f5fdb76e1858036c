/* Troubles that come together: each is nothing on its own, and none of them may last. */
#include "fake.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define BALCONY ACCOUNT "/balcony"
#define BOUND "opened " BALCONY "\nanswer 1 " BALCONY "\n"

enum { LONG = 60000 /* milliseconds: what takes so long fails the test */ };

/* A loop of the host's own. */
struct watched {
    struct pollfd descriptors[FAKE_CLIENTS];
    nfds_t count;
    uint64_t now;
};

struct scene {
    struct fake fake, other;
    struct test_node node;
    struct watched watched;
    char map[256];
};

static int set_up(void **state) {
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    fake_start(&scene.fake);
    fake_start(&scene.other);
    fake_node(&scene.node, &scene.fake, NULL);
    *state = &scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    test_node_drop(&scene->node);
    fake_stop(&scene->fake);
    fake_stop(&scene->other);
    return 0;
}

static void set(struct scene *scene, int option, uint32_t value) {
    assert_int_equal(xmppbind_redis_set(scene->node.redis, option, value), XMPPBIND_OK);
}

/* A cluster: the registry lies on the first server, the account on the other. */
static void part(struct scene *scene) {
    (void)snprintf(scene->map, sizeof scene->map,
                   "*2\r\n*3\r\n:0\r\n:9999\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n"
                   "*3\r\n:10000\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
                   (unsigned)scene->fake.port, (unsigned)scene->other.port);
    scene->fake.map = scene->other.map = scene->map;
}

static void until_ready(struct scene *scene) {
    fake_until_state(&scene->node, &scene->fake, &scene->other, XMPPBIND_REDIS_READY);
}

static void until(struct scene *scene, const int *number, int least) {
    fake_until_at_least(&scene->node, &scene->fake, &scene->other, number, least);
}

static void expect(struct scene *scene, const char *lines) {
    fake_expect(&scene->node, &scene->fake, &scene->other, lines);
}

static void bind(struct scene *scene, const char *resource) {
    char expected[128];
    (void)snprintf(expected, sizeof expected, "opened " ACCOUNT "/%s\nanswer 1 " ACCOUNT "/%s\n", resource, resource);
    assert_int_equal(test_bind(scene->node.stream, resource, 1), XMPPBIND_OK);
    expect(scene, expected);
}

/* A cluster whose map cannot be had (by the rights of the user, say) is known by what it answers. */
static void a_cluster_does_not_show_its_map(void **state) {
    struct scene *scene = *state;
    char moved[64];
    until_ready(scene);
    (void)snprintf(moved, sizeof moved, "-MOVED 11015 127.0.0.1:%u\r\n", (unsigned)scene->other.port);
    scene->fake.answers[FAKE_CLAIM] = moved;
    bind(scene, "balcony");
    assert_int_equal(scene->fake.asked[FAKE_CLAIM], 1);
    assert_int_equal(scene->other.asked[FAKE_CLAIM], 1);
}

/* The server that was to be asked for this once is gone: the one that has the slot is asked again. */
static void who_is_to_be_asked_is_gone(void **state) {
    struct scene *scene = *state;
    char asked[64];
    bind(scene, "balcony");
    (void)snprintf(asked, sizeof asked, "-ASK 11015 127.0.0.1:%u\r\n", (unsigned)test_free_port());
    scene->fake.answer_once[FAKE_RELEASE] = asked;
    assert_int_equal(test_unbind(scene->node.stream, "balcony", 2), XMPPBIND_OK);
    expect(scene, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\nclose\n");
    assert_int_equal(xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_RELEASES), 0);
}

/* A server that is no longer to be written to, before anything was claimed: the next one is tried. */
static void the_registry_cannot_be_written(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_add_server(scene->node.redis, "127.0.0.1", 9, scene->other.port), XMPPBIND_OK);
    scene->fake.answers[FAKE_REGISTRY] = "-READONLY You can't write against a read only replica.\r\n";
    until_ready(scene);
    bind(scene, "balcony");
    assert_int_equal(scene->other.asked[FAKE_CLAIM], 1);
}

static int is_listening(void *data) {
    const struct scene *scene = data;
    return xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_CONNECTIONS) == 2;
}

/* A connection is lost while the registry is being asked: its answer does not put off the new incarnation. */
static void a_lease_is_given_up_while_the_registry_is_asked(void **state) {
    static const char ask[] = "*2\r\n$3\r\nask\r\n$6\r\nfour.1\r\n";
    struct scene *scene = *state;
    set(scene, XMPPBIND_REDIS_LEASE, LONG);
    set(scene, XMPPBIND_REDIS_REPLY_TIMEOUT, LONG);
    part(scene);
    fake_until(&scene->node, &scene->fake, &scene->other, is_listening, scene);
    memcpy(scene->fake.living[5], "four.1", 7);
    scene->other.answer_once[FAKE_CLAIM] = ask;
    bind(scene, "terrace"); /* now every connection is open, and the registry was asked after that */
    scene->fake.answers[FAKE_REGISTRY] = "";
    scene->other.answer_once[FAKE_CLAIM] = ask;
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    until(scene, &scene->fake.withheld[FAKE_REGISTRY], 1);
    scene->other.answer_once[FAKE_CLAIM] = "";
    xmppbind_stream *stream = test_stream(scene->node.host, ACCOUNT);
    assert_int_equal(test_bind(stream, "garden", 1), XMPPBIND_OK);
    until(scene, &scene->other.withheld[FAKE_CLAIM], 1);
    fake_cut(&scene->other, 0, NULL);
    fake_until_logged(&scene->node, &scene->fake, &scene->other, "lost the connection");
    scene->fake.answers[FAKE_REGISTRY] = NULL;
    fake_answer(&scene->fake, FAKE_REGISTRY,
                "*5\r\n$0\r\n\r\n$5\r\none.1\r\n$5\r\n60000\r\n$6\r\nfour.1\r\n$5\r\n60000\r\n");
    expect(scene, BOUND);
    xmppbind_stream_free(stream);
}

/* --- loops of the host's own --- */

static void watch(int descriptor, int events, void *user_data) {
    struct watched *watched = user_data;
    nfds_t i = 0;
    while (i < watched->count && watched->descriptors[i].fd != descriptor)
        i++;
    if (events == 0) {
        assert_true(i < watched->count);
        watched->descriptors[i] = watched->descriptors[--watched->count];
        return;
    }
    watched->count += i == watched->count;
    watched->descriptors[i] = (struct pollfd){descriptor,
                                              (short)(((events & XMPPBIND_REDIS_READ) != 0 ? POLLIN : 0) |
                                                      ((events & XMPPBIND_REDIS_WRITE) != 0 ? POLLOUT : 0)),
                                              0};
}

/* Whatever is ready at this moment, the inbox last; the number of descriptors that were. */
static int turn(struct scene *scene) {
    struct watched copy = scene->watched;
    fake_turn(&scene->fake);
    int found = poll(copy.descriptors, copy.count, 0);
    for (nfds_t i = copy.count; i-- > 0;)
        if (copy.descriptors[i].revents != 0)
            assert_int_equal(xmppbind_redis_ready(scene->node.redis, copy.descriptors[i].fd, 3, copy.now), XMPPBIND_OK);
    return found;
}

static void start(struct scene *scene) {
    assert_int_equal(xmppbind_redis_set_watch(scene->node.redis, watch, &scene->watched), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_start(scene->node.redis, 0), XMPPBIND_OK);
    while (xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_CONNECTIONS) < 2 ||
           xmppbind_redis_state(scene->node.redis) != XMPPBIND_REDIS_READY)
        (void)turn(scene);
    scene->watched.now += 10; /* what is held from now on needs no check */
}

static void bind_in_loop(struct scene *scene, xmppbind_stream *stream, const char *resource) {
    char expected[128];
    struct test_text text = {NULL, 0, 0};
    (void)snprintf(expected, sizeof expected, "opened " ACCOUNT "/%s\nanswer 1 " ACCOUNT "/%s\n", resource, resource);
    assert_int_equal(test_bind(stream, resource, 1), XMPPBIND_OK);
    while (text.length == 0) {
        (void)turn(scene);
        assert_int_equal(test_drain(stream, &text), 0);
    }
    assert_string_equal(test_text_get(&text), expected);
    test_text_free(&text);
}

/* CONF-8: lost to another and given back here in one turn, while no more releases are kept. */
static void it_is_lost_and_released_and_nothing_more_is_kept(void **state) {
    struct scene *scene = *state;
    set(scene, XMPPBIND_REDIS_MAX_RELEASES, 1);
    start(scene);
    xmppbind_stream *other = test_stream(scene->node.host, ACCOUNT);
    bind_in_loop(scene, other, "garden");
    scene->fake.answers[FAKE_CLAIM] = "*2\r\n$2\r\nok\r\n$2\r\n18\r\n";
    bind_in_loop(scene, scene->node.stream, "balcony");
    scene->fake.answers[FAKE_RELEASE] = "";
    xmppbind_stream_free(other);
    while (scene->fake.asked[FAKE_RELEASE] == 0)
        (void)turn(scene);
    assert_int_equal(xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_RELEASES), 1);
    fake_publish(&scene->fake, "18 " BALCONY);
    assert_int_equal(test_unbind(scene->node.stream, "balcony", 3), XMPPBIND_OK);
    (void)turn(scene); /* the message comes before the inbox */
    test_expect(scene->node.stream, "closed " BALCONY " unbound\nanswer 3 " BALCONY "\nclose\n");
    assert_int_equal(xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_RELEASES), 1);
    assert_int_equal(xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_HELD), 0);
}

/* A loop that waits for descriptors, and until the deadline that it asked for last, is woken by a call to leave. */
static void leaving_wakes_the_loop(void **state) {
    struct scene *scene = *state;
    start(scene);
    while (turn(scene) > 0 || xmppbind_redis_deadline(scene->node.redis) <= scene->watched.now)
        continue;
    assert_int_equal(xmppbind_redis_leave(scene->node.redis), XMPPBIND_OK);
    assert_int_not_equal(turn(scene), 0);
    while (xmppbind_redis_state(scene->node.redis) != XMPPBIND_REDIS_LEFT)
        (void)turn(scene);
}

/* Each descriptor is taken from the loop before it is closed. */
static void nothing_is_left_in_the_loop(void **state) {
    struct scene *scene = *state;
    start(scene);
    assert_int_not_equal(scene->watched.count, 0);
    xmppbind_stream_free(scene->node.stream);
    scene->node.stream = NULL;
    xmppbind_redis_free(scene->node.redis);
    scene->node.redis = NULL;
    assert_int_equal(scene->watched.count, 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_cluster_does_not_show_its_map),
        CASE(who_is_to_be_asked_is_gone),
        CASE(the_registry_cannot_be_written),
        CASE(a_lease_is_given_up_while_the_registry_is_asked),
        CASE(it_is_lost_and_released_and_nothing_more_is_kept),
        CASE(leaving_wakes_the_loop),
        CASE(nothing_is_left_in_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
