/* The store of a scene. */
#include "lib/storage/store.h"
#include "scene.h"

#include "tests/support/test_cmocka.h"
#include "tests/support/test_events.h"

static int ask(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    scene->kept.request = request;
    scene->kept.answered = 0;
    scene_reach(scene, PLACE_STORE);
    scene->kept.request = NULL;
    return scene->kept.answered ? 0 : xmppbind_memory_store_answer(scene->kept.memory, scene->kept.store, request);
}

void kept_set_up(struct scene *scene) {
    struct kept *kept = &scene->kept;
    assert_int_equal(xmppbind_store_new(&kept->store, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_memory_store_new(&kept->memory, NULL, NULL, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_new(&kept->item, NULL, "romeo@montague.example", 22), XMPPBIND_OK);
    assert_int_equal(xmppbind_privacy_list_new(&kept->list, NULL, "public", 6), XMPPBIND_OK);
    assert_int_equal(xmppbind_privacy_list_add(kept->list, 1, XMPPBIND_PRIVACY_ANY, NULL, 0, XMPPBIND_PRIVACY_DENY, 0),
                     XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(kept->store, ask, ask, ask, scene), XMPPBIND_OK);
    kept->session_host = test_host(NULL);
    assert_int_equal(xmppbind_sessions_new(&kept->sessions, kept->session_host, NULL), XMPPBIND_OK);
    kept->session_stream = test_stream(kept->session_host, "nurse@capulet.example");
    assert_int_equal(test_bind(kept->session_stream, "kitchen", 1), XMPPBIND_OK);
    test_drain_all(kept->session_stream);
}

static void answered(struct xmppbind_store_result *result, void *user_data) {
    struct scene *scene = user_data;
    test_text_format(&scene->lines, "stored %s\n", xmppbind_condition_name(result->condition));
}

void kept_ask(struct scene *scene) {
    static const char owner[] = "juliet@capulet.example";
    const struct xmppbind_store_question question = {.kind = XMPPBIND_STORE_ROSTER_PUT,
                                                     .owner = owner,
                                                     .owner_length = sizeof owner - 1,
                                                     .session = "",
                                                     .name = "",
                                                     .item = scene->kept.item};
    assert_int_equal(xmppbind_store_ask(scene->kept.store, &question, answered, scene, NULL), XMPPBIND_OK);
}

void kept_tear_down(struct scene *scene) {
    struct kept *kept = &scene->kept;
    assert_int_equal(xmppbind_store_pending(kept->store), 0);
    xmppbind_stream_free(kept->session_stream);
    xmppbind_sessions_free(kept->sessions);
    xmppbind_host_free(kept->session_host);
    xmppbind_store_free(kept->store);
    xmppbind_memory_store_free(kept->memory);
    xmppbind_roster_item_free(kept->item);
    xmppbind_privacy_list_free(kept->list);
}
