#include "scene.h"

#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

#include <string.h>

static const char *const names[PLACES] = {"allocate", "release memory", "claim", "release", "list", "list entry",
                                          "random",   "conflict",       "log",   "wakeup",  "store"};

const char *place_name(int place) {
    return names[place];
}

static void check_result(const struct scene *scene, const struct probe *probe) {
    int busy = scene->target == TARGET_OWN && scene->own_busy;
    int good = scene->result == probe->expected || probe->expected == EXPECT_ANYTHING;
    if (probe->expected == EXPECT_BUSY)
        good = busy ? scene->result == XMPPBIND_ERROR_REENTRANT : scene->result >= 0;
    if (!good)
        fail_msg("%s from '%s' on target %d gave %d (%s)", probe->name, place_name(scene->place), scene->target,
                 scene->result, xmppbind_error_name(scene->result));
}

void scene_reach(struct scene *scene, int place) {
    scene->reached[place]++;
    if (scene->probe == NULL || scene->place != place || scene->host == NULL)
        return;
    const struct probe *probe = scene->probe;
    scene->probe = NULL;
    xmppbind_stream **stream = scene->target == TARGET_OWN         ? &scene->own
                               : scene->target == TARGET_BYSTANDER ? &scene->bystander
                                                                   : &scene->elsewhere;
    scene->result = probe->run(scene, stream);
    check_result(scene, probe);
}

static void *allocate(size_t size, void *user_data) {
    struct scene *scene = user_data;
    scene_reach(scene, PLACE_ALLOCATE);
    return test_allocate(size, &scene->source);
}

static void release_memory(void *memory, void *user_data) {
    struct scene *scene = user_data;
    test_release(memory, &scene->source);
    scene_reach(scene, PLACE_RELEASE_MEMORY);
}

static int ask(const xmppbind_request *request, void *user_data) {
    static const int places[] = {0, PLACE_CLAIM, PLACE_RELEASE, PLACE_LIST};
    struct scene *scene = user_data;
    const xmppbind_request *outer = scene->request;
    scene->request = request;
    scene->answered = 0;
    scene_reach(scene, places[xmppbind_request_kind(request)]);
    int answered = scene->answered;
    scene->answered = 0;
    scene->request = outer;
    if (answered)
        return 0;
    if (scene->storage.mode == TEST_STORAGE_FAIL && xmppbind_request_kind(request) == XMPPBIND_REQUEST_RELEASE)
        scene->failed_releases++;
    return test_storage_callback(request, &scene->storage);
}

static void list_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    struct scene *scene = user_data;
    if (jid == NULL)
        test_text_format(&scene->lines, "end of list %s\n", xmppbind_condition_name(condition));
    else
        test_text_format(&scene->lines, "listed %.*s %d\n", (int)length, jid, claim != 0);
    scene_reach(scene, PLACE_LIST_CALLBACK);
}

static int random_octets(uint8_t *octets, size_t length, void *user_data) {
    static const uint8_t seven = 7;
    scene_reach(user_data, PLACE_RANDOM);
    memset(octets, seven, length);
    return 0;
}

static int conflict(const xmppbind_stream *stream, const char *jid, size_t length, void *user_data) {
    struct scene *scene = user_data;
    assert_ptr_equal(stream, scene->own);
    test_text_format(&scene->lines, "conflict %.*s\n", (int)length, jid);
    scene_reach(scene, PLACE_CONFLICT);
    return XMPPBIND_CONFLICT_REPLACE;
}

static void log_line(int level, const char *message, size_t length, void *user_data) {
    (void)level;
    assert_int_equal(strlen(message), length);
    scene_reach(user_data, PLACE_LOG);
}

static void wakeup(xmppbind_stream *stream, void *stream_user_data, void *user_data) {
    (void)stream;
    (void)stream_user_data;
    scene_reach(user_data, PLACE_WAKEUP);
}

static xmppbind_stream *bound_stream(xmppbind_host *host, const char *account, const char *resource) {
    xmppbind_stream *stream = test_stream(host, account);
    assert_int_equal(test_bind(stream, resource, 1), XMPPBIND_OK);
    test_drain_all(stream);
    return stream;
}

/* A routed message that the bystander has in hand. */
static void hand_out_event(struct scene *scene) {
    xmppbind_stream *stream = scene->bystander;
    static const char text[] = "<message><body>hi</body></message>";
    assert_int_equal(xmppbind_stream_receive_bytes(stream, text, sizeof text - 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_stream_next_event(stream, &scene->event), 1);
}

static void set_up(struct scene *scene) {
    memset(scene, 0, sizeof *scene);
    assert_int_equal(xmppbind_allocator_new(&scene->source.allocator, allocate, release_memory, scene), XMPPBIND_OK);
    scene->host = test_host(scene->source.allocator);
    scene->other_host = test_host(NULL);
    test_storage_set_up(&scene->storage, scene->host, NULL);
    assert_int_equal(xmppbind_directory_set_claims(scene->storage.directory, ask, ask, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_directory_set_list(scene->storage.directory, ask, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_random(scene->host, random_octets, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_conflict(scene->host, conflict, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_log(scene->host, log_line, scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_host_set_wakeup(scene->host, wakeup, scene), XMPPBIND_OK);
    scene->own = bound_stream(scene->host, "juliet@capulet.example", "balcony");
    scene->holder = bound_stream(scene->host, "juliet@capulet.example", "garden");
    scene->bystander = bound_stream(scene->host, "romeo@montague.example", "street");
    scene->elsewhere = bound_stream(scene->other_host, "juliet@capulet.example", "balcony");
    hand_out_event(scene);
    kept_set_up(scene);
}

static void drain_own(struct scene *scene) {
    while (scene->own != NULL) {
        xmppbind_event *event = NULL;
        scene->own_busy = 1;
        int result = xmppbind_stream_next_event(scene->own, &event);
        scene->own_busy = 0;
        if (result != 1 || scene->own == NULL)
            return;
        scene->own_busy = 1;
        assert_int_equal(test_event_line(scene->own, event, &scene->lines), 0);
        scene->own_busy = 0;
    }
}

static void bind(struct scene *scene, const char *resource) {
    if (scene->own == NULL)
        return;
    scene->own_busy = 1;
    int result = test_bind(scene->own, resource, 2);
    scene->own_busy = 0;
    if (scene->own != NULL && result != XMPPBIND_OK)
        test_text_format(&scene->lines, "bind %s\n", xmppbind_error_name(result));
    drain_own(scene);
}

static void unbind(struct scene *scene, const char *resource) {
    if (scene->own == NULL)
        return;
    scene->own_busy = 1;
    int result = test_unbind(scene->own, resource, 3);
    scene->own_busy = 0;
    if (scene->own != NULL && result != XMPPBIND_OK)
        test_text_format(&scene->lines, "unbind %s\n", xmppbind_error_name(result));
    drain_own(scene);
}

static void flow(struct scene *scene) {
    static const char account[] = "juliet@capulet.example";
    kept_ask(scene);
    bind(scene, "orchard");
    bind(scene, "garden"); /* asks which of the two keeps it, then wakes the holder */
    bind(scene, NULL);
    assert_int_equal(xmppbind_directory_list(scene->storage.directory, account, sizeof account - 1, list_entry, scene),
                     XMPPBIND_OK);
    unbind(scene, "orchard");
    scene->storage.mode = TEST_STORAGE_FAIL;
    unbind(scene, "garden"); /* a release that fails goes to the log */
    scene->storage.mode = TEST_STORAGE_NOW;
    if (scene->own == NULL)
        return;
    scene->own_busy = 1;
    (void)xmppbind_stream_disconnect(scene->own);
    scene->own_busy = 0;
    drain_own(scene);
}

static void tear_down(struct scene *scene) {
    /* a callback may still be waiting for its turn */
    scene->probe = NULL;
    xmppbind_stream_free(scene->own);
    xmppbind_stream_free(scene->holder);
    xmppbind_stream_free(scene->bystander);
    xmppbind_stream_free(scene->elsewhere);
    xmppbind_stream_free(scene->made);
    /* what could not be released is still there, and nothing else */
    assert_int_equal(test_storage_count(&scene->storage), scene->failed_releases);
    if (!scene->host_freed) { /* otherwise it went with its last stream */
        assert_int_equal(xmppbind_directory_pending(scene->storage.directory), 0);
        xmppbind_host_free(scene->host);
    }
    xmppbind_host_free(scene->other_host);
    kept_tear_down(scene);
    test_storage_tear_down(&scene->storage);
    test_allocator_tear_down(&scene->source);
}

void scene_play(struct scene *scene, const struct probe *probe, int place, int target) {
    set_up(scene);
    memset(scene->reached, 0, sizeof scene->reached);
    scene->probe = probe;
    scene->place = place;
    scene->target = target;
    flow(scene);
    assert_null(scene->probe); /* it ran, if there was one */
    tear_down(scene);
}

void scene_free_lines(struct scene *scene) {
    test_text_free(&scene->lines);
}
