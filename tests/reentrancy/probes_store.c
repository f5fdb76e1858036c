#include "probes_store.h"

int probe_new_memory_store(void) {
    xmppbind_memory_store *memory = NULL;
    int result = xmppbind_memory_store_new(&memory, NULL, NULL, NULL);
    xmppbind_memory_store_free(memory);
    return result;
}

/* In a folder that is none: whether that is said, or that there is no SQLite. */
int probe_new_sqlite_store(void) {
    xmppbind_sqlite_store *sqlite = NULL;
    int result = xmppbind_sqlite_store_new(&sqlite, "/dev/null/none", 14, NULL);
    return sqlite == NULL && (result == XMPPBIND_ERROR_STORE_OPEN || result == XMPPBIND_ERROR_STORE_UNSUPPORTED);
}

int probe_new_store(void) {
    xmppbind_store *store = NULL;
    int result = xmppbind_store_new(&store, NULL);
    xmppbind_store_free(store);
    return result;
}

int probe_new_sessions(void) {
    xmppbind_host *host = NULL;
    xmppbind_sessions *sessions = NULL;
    int result = xmppbind_host_new(&host, NULL);
    if (result == XMPPBIND_OK)
        result = xmppbind_sessions_new(&sessions, host, NULL);
    xmppbind_sessions_free(sessions);
    xmppbind_host_free(host);
    return result;
}

/* A message for nobody comes out for the host. */
int probe_sessions_event(struct scene *scene, int as_bytes) {
    static const char message[] = "<message to='friar@verona.example' from='a@b'/>";
    xmppbind_event *event = NULL;
    const char *text = NULL;
    size_t length = 0;
    int result = xmppbind_sessions_deliver_bytes(scene->kept.sessions, message, sizeof message - 1);
    if (result == XMPPBIND_OK)
        result = xmppbind_sessions_next_event(scene->kept.sessions, &event) - 1;
    return result == XMPPBIND_OK && as_bytes
               ? xmppbind_sessions_event_bytes(scene->kept.sessions, event, &text, &length)
               : result;
}

int probe_new_item(void) {
    xmppbind_roster_item *item = NULL;
    int result = xmppbind_roster_item_new(&item, NULL, "a@b", 3);
    xmppbind_roster_item_free(item);
    return result;
}

int probe_new_list(void) {
    xmppbind_privacy_list *list = NULL;
    int result = xmppbind_privacy_list_new(&list, NULL, "public", 6);
    xmppbind_privacy_list_free(list);
    return result;
}

int probe_add_group(struct scene *scene) {
    int result = xmppbind_roster_item_add_group(scene->kept.item, "Friends", 7);
    xmppbind_roster_item_clear_groups(scene->kept.item);
    return result;
}

int probe_add_rule(struct scene *scene) {
    return xmppbind_privacy_list_add(scene->kept.list, 2, XMPPBIND_PRIVACY_ANY, NULL, 0, XMPPBIND_PRIVACY_ALLOW, 0);
}

static int answer(const xmppbind_store_request *request, void *user_data) {
    struct scene *scene = user_data;
    return xmppbind_memory_store_answer(scene->kept.memory, scene->kept.store, request);
}

int probe_set_roster(struct scene *scene) {
    return xmppbind_store_set_roster(scene->kept.store, answer, answer, answer, scene);
}

int probe_set_lists(struct scene *scene) {
    return xmppbind_store_set_lists(scene->kept.store, answer, answer, answer, answer, scene);
}

int probe_answer_store(struct scene *scene) {
    if (scene->kept.request == NULL || scene->kept.answered)
        return XMPPBIND_OK;
    scene->kept.answered = 1;
    return answer(scene->kept.request, scene);
}
