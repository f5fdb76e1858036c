/* The contract between a host's storage and who asks: each question gets one answer, or was cancelled. */
#include "lib/storage/store.h"
#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#define JULIET "juliet@capulet.example"
#define BALCONY JULIET "/balcony"
#define ROMEO "romeo@montague.example"

enum { MOST = 64 };

/* A storage that a test answers itself, and an asker. */
struct scene {
    struct test_allocator source;
    xmppbind_store *store;
    const xmppbind_store_request *asked[MOST];
    size_t count;
    int result;    /* of the callback */
    int calls;     /* answers that came */
    int condition; /* of the last one */
    uint64_t version, floor;
    size_t items, lists;
    char default_list[16];
    int free_inside, ask_inside, accept_inside;
};

static int callback(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    assert_in_range(scene->count, 0, MOST - 1);
    scene->asked[scene->count++] = request;
    if (scene->accept_inside)
        assert_int_equal(xmppbind_store_accept(scene->store, xmppbind_store_request_id(request), 7), XMPPBIND_OK);
    return scene->result;
}

static int question(struct scene *scene, int kind, uint64_t *id);

static void done(struct xmppbind_store_result *result, void *user_data) {
    struct scene *scene = user_data;
    scene->calls++;
    scene->condition = result->condition;
    scene->version = result->version;
    scene->floor = result->floor;
    scene->items = scene->lists = 0;
    scene->default_list[0] = '\0';
    for (const struct xmppbind_roster_item *item = result->items; item != NULL; item = item->next)
        scene->items++;
    for (const struct xmppbind_privacy_list *list = result->lists; list != NULL; list = list->next)
        scene->lists++;
    if (result->default_list != NULL)
        memcpy(scene->default_list, result->default_list->text, result->default_list->length + 1);
    if (scene->ask_inside) {
        scene->ask_inside = 0;
        scene->result = question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL);
    }
    if (scene->free_inside) {
        xmppbind_store_free(scene->store);
        assert_int_equal(xmppbind_store_pending(scene->store), scene->free_inside - 1); /* it is still there */
        scene->free_inside = 0;
    }
}

static int question(struct scene *scene, int kind, uint64_t *id) {
    xmppbind_roster_item *item = NULL;
    xmppbind_privacy_list *list = NULL;
    struct xmppbind_store_question asked = {.kind = kind,
                                            .owner = JULIET,
                                            .owner_length = sizeof JULIET - 1,
                                            .session = BALCONY,
                                            .session_length = sizeof BALCONY - 1};
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, ROMEO, sizeof ROMEO - 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, "public", 6), XMPPBIND_OK);
    if (kind == XMPPBIND_STORE_ROSTER_PUT)
        asked.item = item;
    if (kind == XMPPBIND_STORE_LIST_PUT)
        asked.list = list;
    if (kind == XMPPBIND_STORE_ROSTER_REMOVE || kind >= XMPPBIND_STORE_LIST_REMOVE) {
        asked.name = "public";
        asked.name_length = 6;
    }
    int result = xmppbind_store_ask(scene->store, &asked, done, scene, id);
    xmppbind_roster_item_free(item);
    xmppbind_privacy_list_free(list);
    return result;
}

static int set_up(void **state) {
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    test_allocator_set_up(&scene.source);
    assert_int_equal(xmppbind_store_new(&scene.store, scene.source.allocator), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(scene.store, callback, callback, callback, &scene), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(scene.store, callback, callback, callback, callback, &scene),
                     XMPPBIND_OK);
    *state = &scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    xmppbind_store_free(scene->store);
    test_allocator_tear_down(&scene->source);
    return 0;
}

/* ROST-6: the host is told which session asks. */
static void a_request_says_what_is_asked(void **state) {
    struct scene *scene = *state;
    uint64_t last = 0;
    for (int kind = XMPPBIND_STORE_ROSTER_LOAD; kind <= XMPPBIND_STORE_LIST_DEFAULT; kind++) {
        size_t length = 0;
        uint64_t id = 0;
        assert_int_equal(question(scene, kind, &id), XMPPBIND_OK);
        const xmppbind_store_request *request = scene->asked[scene->count - 1];
        assert_int_equal(xmppbind_store_request_id(request), id);
        assert_true(id > last);
        last = id;
        assert_int_equal(xmppbind_store_request_kind(request), kind);
        assert_string_equal(xmppbind_store_request_owner(request, &length), JULIET);
        assert_int_equal(length, sizeof JULIET - 1);
        assert_string_equal(xmppbind_store_request_session(request, &length), BALCONY);
        assert_int_equal(length, sizeof BALCONY - 1);
        int has_name = kind == XMPPBIND_STORE_ROSTER_REMOVE || kind >= XMPPBIND_STORE_LIST_REMOVE;
        assert_string_equal(xmppbind_store_request_name(request, &length), has_name ? "public" : "");
        assert_int_equal(length, has_name ? 6 : 0);
        const xmppbind_roster_item *item = xmppbind_store_request_item(request);
        assert_int_equal(item != NULL, kind == XMPPBIND_STORE_ROSTER_PUT);
        if (item != NULL)
            assert_string_equal(xmppbind_roster_item_jid(item, NULL), ROMEO);
        assert_int_equal(xmppbind_store_request_list(request) != NULL, kind == XMPPBIND_STORE_LIST_PUT);
        assert_string_equal(xmppbind_store_request_owner(request, NULL), JULIET);
        assert_string_equal(xmppbind_store_request_session(request, NULL), BALCONY);
        assert_non_null(xmppbind_store_request_name(request, NULL));
    }
    assert_int_equal(xmppbind_store_pending(scene->store), XMPPBIND_STORE_LIST_DEFAULT);
}

static void there_is_one_answer(void **state) {
    struct scene *scene = *state;
    uint64_t id = 0;
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_PUT, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_accept(scene->store, id, 0), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(scene->calls, 0);
    assert_int_equal(xmppbind_store_accept(scene->store, id, 9), XMPPBIND_OK);
    assert_int_equal(scene->calls, 1);
    assert_int_equal(scene->condition, XMPPBIND_CONDITION_NONE);
    assert_int_equal(scene->version, 9);
    assert_int_equal(xmppbind_store_accept(scene->store, id, 9), XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_store_reject(scene->store, id, XMPPBIND_CONDITION_CONFLICT),
                     XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(scene->calls, 1);
    assert_int_equal(question(scene, XMPPBIND_STORE_LIST_PUT, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_accept(scene->store, id, 9), XMPPBIND_OK);
    assert_int_equal(scene->version, 0); /* lists have none */
    scene->accept_inside = 1;
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_REMOVE, &id), XMPPBIND_OK);
    assert_int_equal(scene->calls, 3);
    assert_int_equal(scene->version, 7);
}

/* ROST-5. */
static void a_rejection_is_passed_on(void **state) {
    static const struct {
        int given, passed_on;
    } conditions[] = {{XMPPBIND_CONDITION_CONFLICT, XMPPBIND_CONDITION_CONFLICT},
                      {XMPPBIND_CONDITION_POLICY_VIOLATION, XMPPBIND_CONDITION_POLICY_VIOLATION},
                      {XMPPBIND_CONDITION_NONE, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR},
                      {XMPPBIND_CONDITION_LIST_IN_USE + 1, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR},
                      {-1, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR}};
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        uint64_t id = 0;
        assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_PUT, &id), XMPPBIND_OK);
        assert_int_equal(xmppbind_store_reject(scene->store, id, conditions[i].given), XMPPBIND_OK);
        assert_int_equal(scene->condition, conditions[i].passed_on);
    }
    scene->result = 1; /* as good as a rejection */
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL), XMPPBIND_OK);
    assert_int_equal(scene->condition, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    assert_int_equal(scene->calls, 6);
    scene->accept_inside = 1; /* but not after an answer */
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL), XMPPBIND_OK);
    assert_int_equal(scene->condition, XMPPBIND_CONDITION_NONE);
    assert_int_equal(scene->calls, 7);
}

static void name_things(struct scene *scene, uint64_t id, int roster, int lists) {
    xmppbind_roster_item *item = NULL;
    xmppbind_privacy_list *list = NULL;
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, ROMEO, sizeof ROMEO - 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, "public", 6), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_roster_entry(scene->store, id, item), roster);
    assert_int_equal(xmppbind_store_floor(scene->store, id, 3), roster);
    assert_int_equal(xmppbind_store_list_entry(scene->store, id, list), lists);
    assert_int_equal(xmppbind_store_default_entry(scene->store, id, "private", 7), lists);
    assert_int_equal(xmppbind_store_default_entry(scene->store, id, "public", 6), lists);
    xmppbind_roster_item_free(item);
    xmppbind_privacy_list_free(list);
}

static void a_load_gathers_what_is_named(void **state) {
    struct scene *scene = *state;
    const int unknown = XMPPBIND_ERROR_UNKNOWN_REQUEST;
    uint64_t id = 0;
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, &id), XMPPBIND_OK);
    name_things(scene, id, XMPPBIND_OK, unknown);
    name_things(scene, id, XMPPBIND_OK, unknown);
    assert_int_equal(scene->calls, 0); /* nothing of it is used before it is accepted */
    assert_int_equal(xmppbind_store_accept(scene->store, id, 0), XMPPBIND_OK);
    assert_int_equal(scene->items, 2);
    assert_int_equal(scene->floor, 3);
    assert_int_equal(scene->version, 0);
    name_things(scene, id, unknown, unknown);
    assert_int_equal(question(scene, XMPPBIND_STORE_LISTS_LOAD, &id), XMPPBIND_OK);
    name_things(scene, id, unknown, XMPPBIND_OK);
    assert_int_equal(xmppbind_store_accept(scene->store, id, 5), XMPPBIND_OK);
    assert_int_equal(scene->lists, 1);
    assert_string_equal(scene->default_list, "public"); /* the last one */
    assert_int_equal(scene->version, 0);
    assert_int_equal(question(scene, XMPPBIND_STORE_LISTS_LOAD, &id), XMPPBIND_OK);
    name_things(scene, id, unknown, XMPPBIND_OK);
    assert_int_equal(xmppbind_store_reject(scene->store, id, XMPPBIND_CONDITION_NOT_ALLOWED), XMPPBIND_OK);
    assert_int_equal(scene->lists, 0); /* what was named before a rejection is not used */
    assert_string_equal(scene->default_list, "");
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_PUT, &id), XMPPBIND_OK);
    name_things(scene, id, unknown, unknown);
}

/* A session that has gone is not told, and an answer that comes for it does no harm. */
static void what_is_cancelled_is_never_answered(void **state) {
    struct scene *scene = *state;
    uint64_t id = 0;
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_cancel(scene->store, id), 1);
    assert_int_equal(xmppbind_store_cancel(scene->store, id), 0);
    assert_int_equal(xmppbind_store_pending(scene->store), 1); /* the host may still be reading it */
    assert_string_equal(xmppbind_store_request_owner(scene->asked[0], NULL), JULIET);
    name_things(scene, id, XMPPBIND_OK, XMPPBIND_ERROR_UNKNOWN_REQUEST);
    assert_int_equal(xmppbind_store_accept(scene->store, id, 5), XMPPBIND_OK);
    assert_int_equal(scene->calls, 0);
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_accept(scene->store, id, 5), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_cancel(scene->store, id), 0); /* too late: it has come */
    assert_int_equal(scene->calls, 1);
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_cancel(scene->store, id), 1); /* and nobody ever answers */
}

static void many_are_open_at_once(void **state) {
    struct scene *scene = *state;
    for (int i = 0; i < MOST; i++) {
        test_allocator_fail(&scene->source, i == 20 ? 2 : 0, 0); /* the table does not grow, and works all the same */
        assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL), XMPPBIND_OK);
    }
    test_allocator_fail(&scene->source, 1, 1);
    assert_int_equal(xmppbind_store_pending(scene->store), MOST);
    for (size_t i = 0; i < MOST; i++)
        assert_int_equal(xmppbind_store_accept(scene->store, xmppbind_store_request_id(scene->asked[i * 5 % MOST]), i),
                         XMPPBIND_OK);
    assert_int_equal(scene->calls, MOST);
    assert_int_equal(xmppbind_store_pending(scene->store), 0);
}

static void what_cannot_be_kept_fails_the_load(void **state) {
    struct scene *scene = *state;
    xmppbind_roster_item *item = NULL;
    xmppbind_privacy_list *list = NULL;
    uint64_t id = 0;
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, ROMEO, sizeof ROMEO - 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_privacy_list_new(&list, NULL, "public", 6), XMPPBIND_OK);
    for (int i = 0; i < 3; i++) {
        int kind = i == 0 ? XMPPBIND_STORE_ROSTER_LOAD : XMPPBIND_STORE_LISTS_LOAD;
        assert_int_equal(question(scene, kind, &id), XMPPBIND_OK);
        test_allocator_fail(&scene->source, 1, 0);
        assert_int_equal(i == 0   ? xmppbind_store_roster_entry(scene->store, id, item)
                         : i == 1 ? xmppbind_store_list_entry(scene->store, id, list)
                                  : xmppbind_store_default_entry(scene->store, id, "public", 6),
                         XMPPBIND_ERROR_NO_MEMORY);
        name_things(scene, id, i == 0 ? XMPPBIND_OK : XMPPBIND_ERROR_UNKNOWN_REQUEST,
                    i == 0 ? XMPPBIND_ERROR_UNKNOWN_REQUEST : XMPPBIND_OK);
        assert_int_equal(xmppbind_store_accept(scene->store, id, 1), XMPPBIND_OK);
        assert_int_equal(scene->condition, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
        assert_int_equal(scene->items + scene->lists, 0);
    }
    xmppbind_roster_item_free(item);
    xmppbind_privacy_list_free(list);
}

static void without_memory_nothing_is_asked(void **state) {
    struct scene *scene = *state;
    xmppbind_store *store = NULL;
    for (size_t n = 1; n <= 2; n++) {
        test_allocator_fail(&scene->source, n, 0);
        assert_int_equal(xmppbind_store_new(&store, scene->source.allocator), XMPPBIND_ERROR_NO_MEMORY);
        test_allocator_fail(&scene->source, n, 0);
        assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_PUT, NULL), XMPPBIND_ERROR_NO_MEMORY);
        test_allocator_fail(&scene->source, n, 0);
        assert_int_equal(question(scene, XMPPBIND_STORE_LIST_PUT, NULL), XMPPBIND_ERROR_NO_MEMORY);
    }
    assert_null(store);
    assert_int_equal(scene->count, 0);
    assert_int_equal(xmppbind_store_pending(scene->store), 0);
}

static void callbacks_stay_once_something_was_asked(void **state) {
    struct scene *scene = *state;
    assert_int_equal(xmppbind_store_set_roster(scene->store, callback, callback, callback, scene), XMPPBIND_OK);
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_roster(scene->store, callback, callback, callback, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(xmppbind_store_set_lists(scene->store, callback, callback, callback, callback, NULL),
                     XMPPBIND_ERROR_STATE);
    xmppbind_store *whole = scene->store, *half = NULL;
    assert_int_equal(xmppbind_store_new(&half, scene->source.allocator), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_set_lists(half, callback, callback, callback, callback, scene), XMPPBIND_OK);
    scene->store = half; /* a host that plugs in one of the two */
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL), XMPPBIND_ERROR_STATE);
    assert_int_equal(question(scene, XMPPBIND_STORE_LISTS_LOAD, NULL), XMPPBIND_OK);
    scene->store = whole;
    xmppbind_store_free(half);
}

static void who_waits_is_told_when_the_store_goes(void **state) {
    struct scene *scene = *state;
    uint64_t id = 0;
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL), XMPPBIND_OK);
    assert_int_equal(question(scene, XMPPBIND_STORE_LIST_PUT, &id), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_cancel(scene->store, id), 1);
    scene->ask_inside = 1;
    xmppbind_store_free(scene->store);
    scene->store = NULL;
    assert_int_equal(scene->calls, 1);
    assert_int_equal(scene->condition, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    assert_int_equal(scene->result, XMPPBIND_ERROR_STATE); /* it takes no more questions */
}

/* Freeing in a callback waits until the call that made it returns. */
static void a_store_may_be_freed_in_its_callback(void **state) {
    struct scene *scene = *state;
    uint64_t id = 0;
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, &id), XMPPBIND_OK);
    assert_int_equal(question(scene, XMPPBIND_STORE_ROSTER_LOAD, NULL), XMPPBIND_OK);
    scene->free_inside = 2; /* one more is open */
    assert_int_equal(xmppbind_store_accept(scene->store, id, 5), XMPPBIND_OK);
    scene->store = NULL;
    assert_int_equal(scene->calls, 2);
    assert_int_equal(scene->condition, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
}

static int ask_with(struct scene *scene, struct xmppbind_store_question asked) {
    return xmppbind_store_ask(scene->store, &asked, done, scene, NULL);
}

static void questions_are_checked(void **state) {
    struct scene *scene = *state;
    xmppbind_roster_item *item = NULL;
    const struct xmppbind_store_question load = {
        .kind = XMPPBIND_STORE_ROSTER_LOAD, .owner = JULIET, .owner_length = sizeof JULIET - 1};
    const int invalid = XMPPBIND_ERROR_INVALID_ARGUMENT;
    struct xmppbind_store_question asked = load;
    assert_int_equal(xmppbind_store_ask(NULL, &load, done, scene, NULL), invalid);
    assert_int_equal(xmppbind_store_ask(scene->store, NULL, done, scene, NULL), invalid);
    assert_int_equal(xmppbind_store_ask(scene->store, &load, NULL, scene, NULL), invalid);
    asked.owner_length = 0;
    assert_int_equal(ask_with(scene, asked), invalid);
    for (int kind = XMPPBIND_STORE_ROSTER_LOAD - 1; kind <= XMPPBIND_STORE_LIST_DEFAULT + 1; kind++) {
        int alone = kind == XMPPBIND_STORE_ROSTER_LOAD || kind == XMPPBIND_STORE_LISTS_LOAD ||
                    kind == XMPPBIND_STORE_LIST_DEFAULT;
        asked = load;
        asked.kind = kind;
        assert_int_equal(ask_with(scene, asked), alone ? XMPPBIND_OK : invalid);
    }
    asked = load;
    asked.name = "public";
    asked.name_length = 6;
    assert_int_equal(ask_with(scene, asked), invalid);
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, ROMEO, sizeof ROMEO - 1), XMPPBIND_OK);
    asked = load;
    asked.item = item;
    assert_int_equal(ask_with(scene, asked), invalid);
    asked.kind = XMPPBIND_STORE_ROSTER_PUT;
    assert_int_equal(ask_with(scene, asked), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_flags(item, XMPPBIND_ROSTER_REMOVED), XMPPBIND_OK);
    assert_int_equal(ask_with(scene, asked), invalid); /* only a store makes them */
    xmppbind_roster_item_free(item);
}

static void arguments_are_checked(void **state) {
    struct scene *scene = *state;
    xmppbind_roster_item *item = NULL;
    size_t length = 1;
    const int invalid = XMPPBIND_ERROR_INVALID_ARGUMENT;
    assert_int_equal(xmppbind_roster_item_new(&item, NULL, ROMEO, sizeof ROMEO - 1), XMPPBIND_OK);
    assert_int_equal(xmppbind_store_new(NULL, NULL), invalid);
    assert_int_equal(xmppbind_store_set_roster(NULL, callback, callback, callback, NULL), invalid);
    assert_int_equal(xmppbind_store_set_roster(scene->store, callback, NULL, callback, NULL), invalid);
    assert_int_equal(xmppbind_store_set_lists(NULL, callback, callback, callback, callback, NULL), invalid);
    assert_int_equal(xmppbind_store_set_lists(scene->store, callback, callback, callback, NULL, NULL), invalid);
    assert_int_equal(xmppbind_store_roster_entry(NULL, 1, item), invalid);
    assert_int_equal(xmppbind_store_roster_entry(scene->store, 1, NULL), invalid);
    assert_int_equal(xmppbind_store_list_entry(NULL, 1, NULL), invalid);
    assert_int_equal(xmppbind_store_list_entry(scene->store, 1, NULL), invalid);
    assert_int_equal(xmppbind_store_default_entry(NULL, 1, "a", 1), invalid);
    assert_int_equal(xmppbind_store_default_entry(scene->store, 1, NULL, 1), invalid);
    assert_int_equal(xmppbind_store_default_entry(scene->store, 1, "", 0), invalid);
    assert_int_equal(xmppbind_store_floor(NULL, 1, 1), invalid);
    assert_int_equal(xmppbind_store_accept(NULL, 1, 1), invalid);
    assert_int_equal(xmppbind_store_reject(NULL, 1, 1), invalid);
    assert_int_equal(xmppbind_store_pending(NULL), 0);
    xmppbind_store_free(NULL);
    assert_int_equal(xmppbind_store_request_id(NULL), 0);
    assert_int_equal(xmppbind_store_request_kind(NULL), 0);
    assert_null(xmppbind_store_request_owner(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(xmppbind_store_request_session(NULL, &length));
    assert_null(xmppbind_store_request_name(NULL, &length));
    assert_null(xmppbind_store_request_item(NULL));
    assert_null(xmppbind_store_request_list(NULL));
    xmppbind_roster_item_free(item);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_request_says_what_is_asked),
        CASE(there_is_one_answer),
        CASE(a_rejection_is_passed_on),
        CASE(a_load_gathers_what_is_named),
        CASE(what_is_cancelled_is_never_answered),
        CASE(many_are_open_at_once),
        CASE(what_cannot_be_kept_fails_the_load),
        CASE(without_memory_nothing_is_asked),
        CASE(callbacks_stay_once_something_was_asked),
        CASE(who_waits_is_told_when_the_store_goes),
        CASE(a_store_may_be_freed_in_its_callback),
        CASE(questions_are_checked),
        CASE(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
