/* A node and a server that answers strangely, late, or not at all: every client gets an answer, and nothing is lost. */
#include "fake.h"
#include "lib/storage/redis/node.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BALCONY ACCOUNT "/balcony"
#define BOUND "opened " BALCONY "\nanswer 1 " BALCONY "\n"

struct scene {
    struct fake fake, other;
    struct test_node node;
    char map[512];
};

/* A cluster of two, one with the slot of the registry (9928), the other with that of the account (11015). */
static void map_to(struct scene *scene, const struct fake *registry, const struct fake *account) {
    (void)snprintf(scene->map, sizeof scene->map,
                   "*2\r\n*3\r\n:0\r\n:9999\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n"
                   "*4\r\n:10000\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n*2\r\n$0\r\n\r\n:1\r\n",
                   (unsigned)registry->port, (unsigned)account->port);
    scene->fake.map = scene->other.map = scene->map;
}

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

static void expect(struct scene *scene, const char *lines) {
    fake_expect(&scene->node, &scene->fake, &scene->other, lines);
}

static void until_asked(struct scene *scene, int script, int times) {
    fake_until_at_least(&scene->node, &scene->fake, &scene->other, &scene->fake.asked[script], times);
}

/* What the account is asked for is asked of the other one now, so that the registry goes on when that is withheld. */
static void part(struct scene *scene) {
    map_to(scene, &scene->fake, &scene->other);
}

static void until_other_asked(struct scene *scene, int script, int times) {
    fake_until_at_least(&scene->node, &scene->fake, &scene->other, &scene->other.asked[script], times);
}

/* The registry has answered twice more: what came before was taken. */
static void until_taken(struct scene *scene) {
    until_asked(scene, FAKE_REGISTRY, scene->fake.asked[FAKE_REGISTRY] + 2);
}

static void until_ready(struct scene *scene) {
    fake_until_state(&scene->node, &scene->fake, &scene->other, XMPPBIND_REDIS_READY);
}

static void until_logged(struct scene *scene, const char *text) {
    fake_until_logged(&scene->node, &scene->fake, &scene->other, text);
}

static void bind(struct scene *scene, const char *lines) {
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    expect(scene, lines);
}

/* CONF-8: the message is quicker than the answer. */
static void an_eviction_overtakes_its_claim(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_REPLY_TIMEOUT, 60000), XMPPBIND_OK);
    part(scene);
    scene->other.answers[FAKE_CLAIM] = "";
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    until_other_asked(scene, FAKE_CLAIM, 1);
    fake_publish(&scene->fake, "nonsense");
    fake_publish(&scene->fake, "0 " BALCONY);
    fake_publish(&scene->fake, "17 " BALCONY "x");
    fake_publish(&scene->fake, "17 " BALCONY);
    until_taken(scene);
    fake_answer(&scene->other, FAKE_CLAIM, "*2\r\n$2\r\nok\r\n$2\r\n17\r\n");
    expect(scene, BOUND "closed " BALCONY " evicted\nclose conflict\n");
    until_other_asked(scene, FAKE_RELEASE, 1); /* that it knows */
    assert_non_null(strstr(scene->other.last[FAKE_RELEASE], "balcony 17 "));
}

static void a_claim_is_answered_strangely(void **state) {
    static const char *const answers[] = {"+OK\r\n",
                                          ":1\r\n",
                                          "*0\r\n",
                                          "*-1\r\n",
                                          "$-1\r\n",
                                          "*1\r\n:1\r\n",
                                          "*1\r\n$3\r\nhuh\r\n",
                                          "*1\r\n$2\r\nok\r\n",
                                          "*1\r\n$3\r\nask\r\n",
                                          "*2\r\n$2\r\nok\r\n:5\r\n",
                                          "*2\r\n$2\r\nok\r\n$1\r\n0\r\n",
                                          "-ERR no\r\n",
                                          "-ER\r\n"};
    struct scene *scene = *state;
    test_node_drop(&scene->node);
    fake_node(&scene->node, &scene->fake, NULL);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        scene->fake.answers[FAKE_CLAIM] = answers[i];
        bind(scene, i % 10 == 9 ? "answer 1 internal-server-error\nclose policy-violation\n"
                                : "answer 1 internal-server-error\n");
        if (i % 10 == 9) {
            xmppbind_stream_free(scene->node.stream);
            scene->node.stream = test_stream(scene->node.host, ACCOUNT);
        }
    }
    /* claims that ended, of others, of ours that are unknown here, and nonsense */
    scene->fake.answers[FAKE_CLAIM] =
        "*21\r\n$2\r\nok\r\n$2\r\n17\r\n$1\r\na\r\n$1\r\n3\r\n$5\r\ntwo.1\r\n$1\r\na\r\n$1\r\n4\r\n$5\r\none.1\r\n"
        "$1\r\na\r\n$1\r\n5\r\n$5\r\none-1\r\n$1\r\na\r\n$1\r\n5\r\n$2\r\non\r\n:1\r\n$1\r\n4\r\n$5\r\none.1\r\n$"
        "1\r\na\r\n$1\r\n5\r\n:1\r\n$1\r\na\r\n";
    bind(scene, BOUND);
}

static void a_check_is_answered_strangely(void **state) {
    struct scene *scene = *state;
    xmppbind_redis *redis = scene->node.redis;
    assert_int_equal(xmppbind_redis_set(redis, XMPPBIND_REDIS_CHECK_INTERVAL, 10), XMPPBIND_OK);
    scene->fake.answers[FAKE_HOLD] = "*1\r\n$3\r\nhuh\r\n";
    bind(scene, BOUND);
    until_asked(scene, FAKE_HOLD, 2);
    scene->fake.answers[FAKE_HOLD] = "-TRYAGAIN later\r\n";
    until_asked(scene, FAKE_HOLD, 4);
    scene->fake.answers[FAKE_HOLD] = "*1\r\n$4\r\nlost\r\n";
    expect(scene, "closed " BALCONY " evicted\nclose conflict\n");
}

/* What is released, or lost, while it is being checked. */
static void a_check_is_overtaken(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_CHECK_INTERVAL, 10), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_REPLY_TIMEOUT, 60000), XMPPBIND_OK);
    part(scene);
    scene->other.answers[FAKE_HOLD] = "";
    bind(scene, BOUND);
    until_other_asked(scene, FAKE_HOLD, 1);
    assert_int_equal(test_unbind(scene->node.stream, "balcony", 2), XMPPBIND_OK);
    until_taken(scene);
    assert_int_equal(scene->other.asked[FAKE_RELEASE], 0);
    fake_answer(&scene->other, FAKE_HOLD, "*1\r\n$4\r\nheld\r\n");
    expect(scene, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\nclose\n");
    xmppbind_stream_free(scene->node.stream);
    scene->node.stream = test_stream(scene->node.host, ACCOUNT);
    int before = scene->other.asked[FAKE_HOLD];
    bind(scene, BOUND);
    until_other_asked(scene, FAKE_HOLD, before + 1);
    fake_publish(&scene->fake, "17 " BALCONY);
    expect(scene, "closed " BALCONY " evicted\nclose conflict\n");
    before = scene->other.asked[FAKE_RELEASE];
    fake_answer(&scene->other, FAKE_HOLD, "*1\r\n$4\r\nlost\r\n");
    until_other_asked(scene, FAKE_RELEASE, before + 1);
}

static void a_release_is_answered_strangely(void **state) {
    struct scene *scene = *state;
    scene->fake.answer_once[FAKE_RELEASE] = "+huh\r\n";
    bind(scene, BOUND);
    assert_int_equal(test_unbind(scene->node.stream, "balcony", 2), XMPPBIND_OK);
    expect(scene, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\nclose\n");
    assert_int_equal(scene->fake.asked[FAKE_RELEASE], 2);
}

static void note_list(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    (void)claim;
    if (jid != NULL)
        test_text_add(user_data, jid, length);
    else
        test_text_format(user_data, ".%s", xmppbind_condition_name(condition));
}

/* The end is a dot, which the names do not have. */
static int has_ended(void *data) {
    return strchr(test_text_get(data), '.') != NULL;
}

static void a_list_is_answered_strangely(void **state) {
    struct scene *scene = *state;
    struct test_text text = {NULL, 0, 0};
    scene->fake.answers[FAKE_LIST] = "*6\r\n$2\r\nok\r\n:1\r\n$1\r\n2\r\n$1\r\nx\r\n$1\r\n3\r\n$1\r\ny\r\n";
    assert_int_equal(xmppbind_directory_list(xmppbind_host_directory(scene->node.host), "a@b", 3, note_list, &text),
                     XMPPBIND_OK);
    fake_until(&scene->node, &scene->fake, NULL, has_ended, &text);
    assert_string_equal(test_text_get(&text), "a@b/x.");
    test_text_clear(&text);
    scene->fake.answers[FAKE_LIST] = "*1\r\n$3\r\nhuh\r\n";
    assert_int_equal(xmppbind_directory_list(xmppbind_host_directory(scene->node.host), "a@b", 3, note_list, &text),
                     XMPPBIND_OK);
    fake_until(&scene->node, &scene->fake, NULL, has_ended, &text);
    assert_string_equal(test_text_get(&text), ".internal-server-error");
    test_text_free(&text);
}

/* It says that it cannot answer now: it is asked again. */
static void it_answers_later(void **state) {
    static const char *const answers[] = {"-LOADING x\r\n", "-BUSY x\r\n", "-CLUSTERDOWN x\r\n", "-READONLY x\r\n",
                                          "-NOSCRIPT x\r\n"};
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        int before = scene->fake.asked[FAKE_CLAIM];
        scene->fake.answer_once[FAKE_CLAIM] = answers[i];
        bind(scene, BOUND);
        assert_int_equal(scene->fake.asked[FAKE_CLAIM], before + 2);
        assert_int_equal(test_unbind(scene->node.stream, "balcony", 2), XMPPBIND_OK);
        expect(scene, "closed " BALCONY " unbound\nanswer 2 " BALCONY "\nclose\n");
        xmppbind_stream_free(scene->node.stream);
        scene->node.stream = test_stream(scene->node.host, ACCOUNT);
    }
}

/* The connection breaks in the middle of an answer: the claim is made under a new incarnation, the old one given up. */
static void an_answer_is_cut(void **state) {
    struct scene *scene = *state;
    until_ready(scene);
    scene->fake.answers[FAKE_CLAIM] = "";
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    until_asked(scene, FAKE_CLAIM, 1);
    assert_non_null(strstr(scene->fake.last[FAKE_CLAIM], " one.1 "));
    scene->fake.answers[FAKE_CLAIM] = NULL;
    fake_cut(&scene->fake, 0, "*2\r\n$2\r\nok\r\n$2\r\n1");
    expect(scene, BOUND);
    assert_non_null(strstr(scene->fake.last[FAKE_CLAIM], " one.2 "));
    assert_non_null(strstr(scene->fake.last[FAKE_CLAIM], " ,one.1, ")); /* a former one, which may have it */
    int before = scene->fake.asked[FAKE_REGISTRY];
    until_asked(scene, FAKE_REGISTRY, before + 2);
    assert_string_equal(scene->fake.living[0], ""); /* one.1 */
}

/* As often as that happens, what was claimed without our knowing dies at last. */
static void answers_are_cut_again_and_again(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_CLAIM_TIMEOUT, 60000), XMPPBIND_OK);
    part(scene);
    until_ready(scene);
    scene->other.answers[FAKE_CLAIM] = "";
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    for (int i = 1; i <= 7; i++) {
        until_other_asked(scene, FAKE_CLAIM, i);
        fake_cut(&scene->other, 0, NULL);
    }
    scene->other.answers[FAKE_CLAIM] = NULL;
    expect(scene, BOUND);
    assert_int_equal(xmppbind_redis_count(scene->node.redis, XMPPBIND_REDIS_INCARNATIONS), 8);
}

/* The present one and those that were too many; the last four are given up. */
static int only_forgotten_ones_live(void *data) {
    const struct fake *fake = data;
    int alive = 0;
    for (int i = 0; i < FAKE_NAMES; i++)
        alive += fake->living[i][0] != '\0';
    return alive == fake->incarnations - XMPPBIND_REDIS_FORMER;
}

/* What is held cannot be claimed again, so its former incarnations live on; of more than a few the oldest is left to
 * its lease. */
static void many_former_incarnations(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_LEASE, 60000), XMPPBIND_OK);
    part(scene);
    scene->other.answers[FAKE_HOLD] = "";
    bind(scene, BOUND);
    fake_cut(&scene->fake, 1, NULL); /* what is held is checked when the channel is open again */
    for (int i = 1; i <= 6; i++) {
        until_other_asked(scene, FAKE_HOLD, i);
        if (i == 6)
            scene->other.answers[FAKE_HOLD] = NULL;
        fake_cut(&scene->other, 0, NULL);
        fake_until_at_least(&scene->node, &scene->fake, &scene->other, &scene->fake.incarnations, i + 1);
    }
    until_other_asked(scene, FAKE_HOLD, 7);
    fake_until(&scene->node, &scene->fake, &scene->other, only_forgotten_ones_live, &scene->fake);
}

/* The lease ends while a claim is under way; its answer says that it came too late. */
static void a_claim_is_late(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_REPLY_TIMEOUT, 60000), XMPPBIND_OK);
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_CLAIM_TIMEOUT, 60000), XMPPBIND_OK);
    part(scene);
    until_ready(scene);
    scene->other.answer_once[FAKE_CLAIM] = "";
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    until_other_asked(scene, FAKE_CLAIM, 1);
    scene->fake.forgetful = 1;
    fake_cut(&scene->fake, 1, NULL); /* it is asked at once when the channel is open again */
    fake_until_at_least(&scene->node, &scene->fake, &scene->other, &scene->fake.incarnations, 2);
    until_taken(scene);
    fake_answer(&scene->other, FAKE_CLAIM, "*1\r\n$4\r\nlate\r\n");
    expect(scene, BOUND);
    assert_int_equal(scene->other.asked[FAKE_CLAIM], 2);
}

/* Granted under an incarnation that has ended: it is held under the new one at once. */
static void a_claim_is_granted_under_an_old_incarnation(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_REPLY_TIMEOUT, 60000), XMPPBIND_OK);
    part(scene);
    until_ready(scene);
    scene->other.answer_once[FAKE_CLAIM] = "";
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    until_other_asked(scene, FAKE_CLAIM, 1);
    scene->fake.forgetful = 1;
    fake_cut(&scene->fake, 1, NULL); /* it is asked at once when the channel is open again */
    fake_until_at_least(&scene->node, &scene->fake, &scene->other, &scene->fake.incarnations, 2);
    until_taken(scene);
    fake_answer(&scene->other, FAKE_CLAIM, "*2\r\n$2\r\nok\r\n$2\r\n17\r\n");
    expect(scene, BOUND);
    until_other_asked(scene, FAKE_HOLD, 1);
    assert_non_null(strstr(scene->other.last[FAKE_HOLD], " one.2 "));
}

/* It depends on an incarnation that is not known. */
static void an_incarnation_is_asked_about(void **state) {
    struct scene *scene = *state;
    memcpy(scene->fake.living[5], "two.1", 6);
    until_ready(scene);
    memcpy(scene->fake.living[6], "three.1", 8);
    scene->fake.answer_once[FAKE_CLAIM] = "*2\r\n$3\r\nask\r\n$7\r\nthree.1\r\n"; /* it lives */
    bind(scene, BOUND);
    assert_non_null(strstr(scene->fake.last[FAKE_CLAIM], ",two.1,three.1,"));
    assert_int_equal(test_bind(scene->node.stream, "chamber", 2), XMPPBIND_OK);
    scene->fake.answer_once[FAKE_CLAIM] = "*2\r\n$3\r\nask\r\n$6\r\nfour.1\r\n"; /* it does not */
    expect(scene, "opened " ACCOUNT "/chamber\nanswer 2 " ACCOUNT "/chamber\n");
    assert_non_null(strstr(scene->fake.last[FAKE_CLAIM], ",four.1,"));
    assert_int_equal(test_bind(scene->node.stream, "garden", 3), XMPPBIND_OK);
    scene->fake.answer_once[FAKE_CLAIM] =
        "*2\r\n$3\r\nask\r\n$120\r\n12345678901234567890123456789012345678901234567890123456789012345678901234567890"
        "1234567890123456789012345678901234567890\r\n";
    expect(scene, "opened " ACCOUNT "/garden\nanswer 3 " ACCOUNT "/garden\n");
    assert_int_equal(test_bind(scene->node.stream, "attic", 4), XMPPBIND_OK);
    scene->fake.answer_once[FAKE_CLAIM] = "*2\r\n$3\r\nask\r\n$6\r\nfour.1\r\n"; /* known to be dead */
    expect(scene, "opened " ACCOUNT "/attic\nanswer 4 " ACCOUNT "/attic\n");
}

/* And the registry does not answer: the claim ends in time; so does a list, and one is freed while it asks. */
static void nobody_says_whether_it_lives(void **state) {
    struct scene *scene = *state;
    struct test_text text = {NULL, 0, 0};
    assert_int_equal(xmppbind_redis_set(scene->node.redis, XMPPBIND_REDIS_CLAIM_TIMEOUT, 50), XMPPBIND_OK);
    part(scene);
    until_ready(scene);
    scene->fake.answers[FAKE_REGISTRY] = "";
    scene->other.answers[FAKE_LIST] = scene->other.answers[FAKE_CLAIM] = "*2\r\n$3\r\nask\r\n$6\r\nfour.1\r\n";
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    until_other_asked(scene, FAKE_CLAIM, 1);
    assert_int_equal(xmppbind_directory_list(xmppbind_host_directory(scene->node.host), "a@b", 3, note_list, &text),
                     XMPPBIND_OK);
    expect(scene, "answer 1 resource-constraint\n");
    fake_until(&scene->node, &scene->fake, &scene->other, has_ended, &text);
    assert_string_equal(test_text_get(&text), ".resource-constraint");
    test_text_free(&text);
    int before = scene->other.asked[FAKE_CLAIM];
    assert_int_equal(test_bind(scene->node.stream, "balcony", 2), XMPPBIND_OK);
    until_other_asked(scene, FAKE_CLAIM, before + 1);
}

static int is_asking(void *data) {
    return ((const struct xmppbind_redis *)data)->asking.count > 0;
}

/* An answer whose question was sent before is no answer to that: an incarnation may have been made meanwhile. */
static void the_registry_was_asked_before(void **state) {
    struct scene *scene = *state;
    part(scene);
    until_ready(scene);
    scene->fake.answer_once[FAKE_REGISTRY] = "";
    until_asked(scene, FAKE_REGISTRY, scene->fake.asked[FAKE_REGISTRY] + 1);
    scene->other.answer_once[FAKE_CLAIM] = "*2\r\n$3\r\nask\r\n$6\r\nfour.1\r\n";
    assert_int_equal(test_bind(scene->node.stream, "balcony", 1), XMPPBIND_OK);
    fake_until(&scene->node, &scene->fake, &scene->other, is_asking, scene->node.redis);
    memcpy(scene->fake.living[5], "four.1", 7);
    fake_answer(&scene->fake, FAKE_REGISTRY, "*3\r\n$0\r\n\r\n$5\r\none.1\r\n$4\r\n1000\r\n");
    expect(scene, BOUND);
    assert_non_null(strstr(scene->other.last[FAKE_CLAIM], ",four.1,"));
    assert_null(strstr(scene->other.last[FAKE_CLAIM], ",,four.1,")); /* not among the dead */
}

/* After many the oldest are forgotten. */
static void many_incarnations_have_died(void **state) {
    struct scene *scene = *state;
    char answer[64], resource[16], expected[128];
    until_ready(scene);
    for (int i = 0; i < 20; i++) {
        xmppbind_stream *stream = test_stream(scene->node.host, ACCOUNT);
        (void)snprintf(answer, sizeof answer, "*2\r\n$3\r\nask\r\n$7\r\nnode.%02d\r\n", i);
        (void)snprintf(resource, sizeof resource, "r%d", i);
        scene->fake.answer_once[FAKE_CLAIM] = answer;
        xmppbind_stream *before = scene->node.stream;
        scene->node.stream = stream;
        assert_int_equal(test_bind(stream, resource, 1), XMPPBIND_OK);
        (void)snprintf(expected, sizeof expected, "opened " ACCOUNT "/%s\nanswer 1 " ACCOUNT "/%s\n", resource,
                       resource);
        expect(scene, expected);
        scene->node.stream = before;
        xmppbind_stream_free(stream);
    }
    assert_non_null(strstr(scene->fake.last[FAKE_CLAIM], ",node.19,"));
    assert_null(strstr(scene->fake.last[FAKE_CLAIM], ",node.00,"));
}

static void the_registry_answers_strangely(void **state) {
    static const char *const answers[] = {"+OK\r\n",
                                          "*0\r\n",
                                          "-ERR no\r\n",
                                          "-MOVED 1 127.0.0.1:1\r\n",
                                          "-ASK 9928 127.0.0.1:1\r\n",
                                          "*1\r\n:1\r\n",
                                          "*3\r\n$0\r\n\r\n:1\r\n:2\r\n",
                                          "-NOSCRIPT x\r\n",
                                          "*3\r\n$0\r\n\r\n$5\r\ntwo.1\r\n:2\r\n"};
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        int before = scene->fake.asked[FAKE_REGISTRY];
        scene->fake.answer_once[FAKE_REGISTRY] = answers[i];
        fake_cut(&scene->fake, 1, NULL); /* it is asked at once when the channel is open again */
        until_asked(scene, FAKE_REGISTRY, before + 2);
    }
    until_ready(scene);
    bind(scene, BOUND);
}

/* Nothing is heard on the channel, or something strange: it is opened anew. */
static void the_channel_is_silent(void **state) {
    struct scene *scene = *state;
    until_ready(scene);
    scene->fake.silent = 1;
    until_logged(scene, "heard nothing on the channel from 127.0.0.1");
    scene->fake.silent = 0;
    scene->fake.subscribe = "-ERR no\r\n";
    fake_cut(&scene->fake, 1, NULL);
    until_logged(scene, "lost the connection to 127.0.0.1\nlost the connection to 127.0.0.1");
    scene->fake.subscribe = "+OK\r\n"; /* which is no answer to that */
    until_logged(scene, "no answer from 127.0.0.1");
    scene->fake.subscribe = NULL;
    bind(scene, BOUND);
}

static void the_scripts_do_not_load(void **state) {
    struct scene *scene = *state;
    scene->fake.load = "+OK\r\n";
    until_logged(scene, "Redis answered something unexpected");
    scene->fake.load = "-ERR no\r\n";
    until_logged(scene, "Redis answered ERR no");
    scene->fake.load = NULL;
    until_ready(scene);
}

static void it_does_not_answer(void **state) {
    struct scene *scene = *state;
    until_ready(scene);
    scene->fake.answers[FAKE_CLAIM] = "";
    assert_int_equal(xmppbind_directory_pending(xmppbind_host_directory(scene->node.host)), 0);
    bind(scene, "answer 1 resource-constraint\n");
    assert_non_null(strstr(test_text_get(&scene->node.log), "no answer from 127.0.0.1\n"));
}

/* --- a cluster --- */

static void accounts_lie_on_several_servers(void **state) {
    struct scene *scene = *state;
    char moved[64], asked[64], back[64];
    part(scene);
    bind(scene, BOUND);
    assert_int_equal(scene->fake.asked[FAKE_CLAIM], 0);
    assert_int_equal(scene->other.asked[FAKE_CLAIM], 1);
    /* a slot moves */
    (void)snprintf(moved, sizeof moved, "-MOVED 11015 127.0.0.1:%u\r\n", (unsigned)scene->fake.port);
    scene->other.answers[FAKE_CLAIM] = moved;
    scene->fake.answers[FAKE_CLAIM] = "*2\r\n$2\r\nok\r\n$2\r\n18\r\n";
    assert_int_equal(test_bind(scene->node.stream, "chamber", 2), XMPPBIND_OK);
    expect(scene, "opened " ACCOUNT "/chamber\nanswer 2 " ACCOUNT "/chamber\n");
    assert_int_equal(scene->fake.asked[FAKE_CLAIM], 1);
    /* it is on its way back: the other one is to be asked, for this once */
    (void)snprintf(back, sizeof back, "-MOVED 11015 127.0.0.1:%u\r\n", (unsigned)scene->other.port);
    (void)snprintf(asked, sizeof asked, "-ASK 11015 127.0.0.1:%u\r\n", (unsigned)scene->fake.port);
    scene->fake.answer_once[FAKE_CLAIM] = back;
    scene->other.answers[FAKE_CLAIM] = asked;
    scene->fake.answers[FAKE_CLAIM] = "*2\r\n$2\r\nok\r\n$2\r\n19\r\n";
    assert_int_equal(test_bind(scene->node.stream, "garden", 3), XMPPBIND_OK);
    expect(scene, "opened " ACCOUNT "/garden\nanswer 3 " ACCOUNT "/garden\n");
    assert_int_equal(scene->fake.asking, 1);
}

static void a_server_of_the_cluster_is_lost(void **state) {
    struct scene *scene = *state;
    part(scene);
    bind(scene, BOUND);
    /* its slots are the other's now, and the map says so when it is asked for again */
    map_to(scene, &scene->fake, &scene->fake);
    fake_stop(&scene->other);
    scene->fake.answers[FAKE_CLAIM] = "*2\r\n$2\r\nok\r\n$2\r\n18\r\n";
    assert_int_equal(test_bind(scene->node.stream, "chamber", 2), XMPPBIND_OK);
    expect(scene, "opened " ACCOUNT "/chamber\nanswer 2 " ACCOUNT "/chamber\n");
    assert_true(scene->fake.asked[FAKE_CLAIM] >= 1);
}

/* And nobody is there to be asked for the map: it is asked for when the first one is back. */
static void all_servers_of_the_cluster_are_lost(void **state) {
    struct scene *scene = *state;
    part(scene);
    bind(scene, BOUND);
    scene->fake.load = ""; /* nor does it come up */
    fake_cut(&scene->fake, 0, NULL);
    fake_cut(&scene->other, 0, NULL);
    until_logged(scene, "lost the connection to 127.0.0.1\nlost the connection to 127.0.0.1");
    until_logged(scene, "no answer from 127.0.0.1");
    scene->fake.load = NULL;
    scene->other.answers[FAKE_CLAIM] = "*2\r\n$2\r\nok\r\n$2\r\n18\r\n";
    until_ready(scene);
    assert_int_equal(test_bind(scene->node.stream, "chamber", 2), XMPPBIND_OK);
    expect(scene, "opened " ACCOUNT "/chamber\nanswer 2 " ACCOUNT "/chamber\n");
}

/* Maps that make no sense are taken for what they say, as far as that goes. */
static void the_map_is_strange(void **state) {
    static const char *const maps[] = {
        "*0\r\n",
        "+OK\r\n",
        "*1\r\n:1\r\n",
        "*1\r\n*2\r\n:0\r\n:1\r\n",
        "*1\r\n*3\r\n$1\r\nx\r\n:1\r\n*2\r\n$1\r\nx\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n$1\r\nx\r\n*2\r\n$1\r\nx\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nx\r\n$1\r\nx\r\n",
        "*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\nx\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nx\r\n:1\r\n",
        "*1\r\n*3\r\n:16383\r\n:0\r\n*2\r\n$1\r\nx\r\n:1\r\n",
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        test_node_drop(&scene->node);
        fake_node(&scene->node, &scene->fake, NULL);
        scene->fake.map = maps[i];
        bind(scene, BOUND);
    }
    /* no host: the one that is asked */
    char map[128];
    (void)snprintf(map, sizeof map, "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$-1\r\n:%u\r\n", (unsigned)scene->fake.port);
    test_node_drop(&scene->node);
    fake_node(&scene->node, &scene->fake, NULL);
    scene->fake.map = map;
    bind(scene, BOUND);
}

/* Where it is said to be makes no sense, or there are too many places. */
static void it_is_said_to_be_nowhere(void **state) {
    static const char *const answers[] = {"-MOVED \r\n", "-MOVED 1\r\n", "-MOVED 1 nowhere\r\n", "-MOVED 1 :1\r\n",
                                          "-ASK 1 nowhere\r\n"};
    struct scene *scene = *state;
    char moved[64];
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        scene->fake.answer_once[FAKE_LIST] = answers[i];
        struct test_text text = {NULL, 0, 0};
        assert_int_equal(xmppbind_directory_list(xmppbind_host_directory(scene->node.host), "a@b", 3, note_list, &text),
                         XMPPBIND_OK);
        fake_until(&scene->node, &scene->fake, NULL, has_ended, &text);
        assert_string_equal(test_text_get(&text), ".");
        test_text_free(&text);
    }
    for (int i = 0; i < 70; i++) {
        (void)snprintf(moved, sizeof moved, "-MOVED 99999 127.0.0.1:%d\r\n", 1 + i);
        scene->fake.answer_once[FAKE_LIST] = moved;
        struct test_text text = {NULL, 0, 0};
        assert_int_equal(xmppbind_directory_list(xmppbind_host_directory(scene->node.host), "a@b", 3, note_list, &text),
                         XMPPBIND_OK);
        fake_until(&scene->node, &scene->fake, NULL, has_ended, &text);
        assert_string_equal(test_text_get(&text), ".");
        test_text_free(&text);
    }
    assert_int_equal(xmppbind_redis_state(scene->node.redis), XMPPBIND_REDIS_READY);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_eviction_overtakes_its_claim),
        CASE(a_claim_is_answered_strangely),
        CASE(a_check_is_answered_strangely),
        CASE(a_check_is_overtaken),
        CASE(a_release_is_answered_strangely),
        CASE(a_list_is_answered_strangely),
        CASE(it_answers_later),
        CASE(an_answer_is_cut),
        CASE(answers_are_cut_again_and_again),
        CASE(many_former_incarnations),
        CASE(a_claim_is_late),
        CASE(a_claim_is_granted_under_an_old_incarnation),
        CASE(an_incarnation_is_asked_about),
        CASE(nobody_says_whether_it_lives),
        CASE(the_registry_was_asked_before),
        CASE(many_incarnations_have_died),
        CASE(the_registry_answers_strangely),
        CASE(the_channel_is_silent),
        CASE(the_scripts_do_not_load),
        CASE(it_does_not_answer),
        CASE(accounts_lie_on_several_servers),
        CASE(a_server_of_the_cluster_is_lost),
        CASE(all_servers_of_the_cluster_are_lost),
        CASE(the_map_is_strange),
        CASE(it_is_said_to_be_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
