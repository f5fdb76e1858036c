/*
 * SESS-1, PRES-3: a session that finds no memory to end with its stream ends later. Its claim stays until then, without
 * an owner, whatever the directory says meanwhile.
 */
#include "storage_by_hand.h"
#include "tests/support/test_xml.h"

#define OTHER JULIET "/other"

enum news { RELEASED_BEFORE, RELEASED_AFTER, RELEASED_NEVER, EVICTED, EXPIRED, NEWS };

struct scene {
    struct by_hand hand;
    xmppbind_sessions *sessions;
    xmppbind_stream *stream, *other;
};

static void say(xmppbind_stream *stream, const char *text) {
    assert_int_equal(test_receive_bytes(stream, text), XMPPBIND_OK);
    test_drain_all(stream);
}

static void set_up(struct scene *scene) {
    by_hand_set_up(&scene->hand);
    assert_int_equal(xmppbind_sessions_new(&scene->sessions, scene->hand.host, NULL), XMPPBIND_OK);
    scene->stream = by_hand_bound(&scene->hand, "balcony", 1);
    scene->other = by_hand_bound(&scene->hand, "other", 2);
    say(scene->stream, "<presence/>");
    say(scene->other, "<presence/>");
    test_drain_all(scene->stream);
    test_drain_all(scene->other);
}

/* The id of the release that is asked for, if there is one. */
static uint64_t lose_stream(struct scene *scene, enum news news) {
    struct by_hand *hand = &scene->hand;
    size_t before = hand->count;
    if (news == EVICTED)
        assert_int_equal(xmppbind_directory_evicted(hand->directory, BALCONY, strlen(BALCONY), 1), XMPPBIND_OK);
    if (news == EXPIRED) {
        assert_int_equal(test_unbind(scene->stream, "balcony", 2), XMPPBIND_OK);
        assert_int_equal(xmppbind_stream_expire(scene->stream, 0), XMPPBIND_OK);
        assert_int_equal(xmppbind_stream_expire(scene->stream, 1000000), XMPPBIND_OK);
    }
    test_allocator_fail(&hand->source, 1, 1);
    xmppbind_stream_free(scene->stream);
    test_allocator_fail(&hand->source, 0, 0);
    assert_int_equal(hand->count, before + (news != EVICTED));
    return news == EVICTED ? 0 : by_hand_last(hand, hand->count, XMPPBIND_REQUEST_RELEASE, BALCONY)->id;
}

static void retry(struct scene *scene) {
    xmppbind_event *event;
    assert_int_equal(xmppbind_sessions_next_event(scene->sessions, &event), XMPPBIND_OK);
    test_expect(scene->other, "send <presence type=\"unavailable\" to=\"" OTHER "\" from=\"" BALCONY "\"/>\n");
}

static void a_session_ends_after_its_stream(void **state) {
    (void)state;
    for (int news = 0; news < NEWS; news++) {
        struct scene scene;
        set_up(&scene);
        uint64_t release = lose_stream(&scene, (enum news)news);
        test_expect(scene.other, "");
        if (news == RELEASED_BEFORE || news == EXPIRED)
            by_hand_accept(&scene.hand, release, 0);
        retry(&scene);
        if (news == RELEASED_AFTER)
            by_hand_accept(&scene.hand, release, 0);
        by_hand_free(&scene.hand, scene.other);
        xmppbind_sessions_free(scene.sessions);
        by_hand_tear_down(&scene.hand); /* what was never answered goes here */
    }
}

/* Nobody drains: it ends with the sessions. */
static void a_session_ends_with_all(void **state) {
    (void)state;
    for (int news = 0; news < NEWS; news++) {
        struct scene scene;
        set_up(&scene);
        uint64_t release = lose_stream(&scene, (enum news)news);
        if (news == RELEASED_BEFORE || news == EXPIRED)
            by_hand_accept(&scene.hand, release, 0);
        by_hand_free(&scene.hand, scene.other);
        xmppbind_sessions_free(scene.sessions);
        if (news == RELEASED_AFTER)
            by_hand_accept(&scene.hand, release, 0);
        by_hand_tear_down(&scene.hand);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_ends_after_its_stream),
        cmocka_unit_test(a_session_ends_with_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
