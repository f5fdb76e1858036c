/* One call of each public function. The list is compared with that of the exported symbols, so none can be forgotten.
 */
#include "probes_store.h"
#include "scene.h"

#include "tests/support/test_cmocka.h"
#include "tests/support/test_xml.h"

#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

static void *allocate_plainly(size_t size, void *user_data) {
    (void)user_data;
    return malloc(size);
}

static void release_plainly(void *memory, void *user_data) {
    (void)user_data;
    free(memory);
}

static int new_allocator(void) {
    xmppbind_allocator *allocator = NULL;
    int result = xmppbind_allocator_new(&allocator, allocate_plainly, release_plainly, NULL);
    xmppbind_allocator_free(allocator);
    return result;
}

static int new_host(void) {
    xmppbind_host *host = NULL;
    int result = xmppbind_host_new(&host, NULL);
    xmppbind_host_free(host);
    return result;
}

static int new_memory_directory(void) {
    xmppbind_memory_directory *memory = NULL;
    int result = xmppbind_memory_directory_new(&memory, NULL, NULL, NULL);
    xmppbind_memory_directory_free(memory);
    return result;
}

static int new_stream(struct scene *scene) {
    return xmppbind_stream_new(&scene->made, scene->host, "a@b.example", 11, NULL);
}

static int free_host(struct scene *scene) {
    scene->host_freed = 1;
    xmppbind_host_free(scene->host);
    return 0;
}

static int free_stream(xmppbind_stream **stream) {
    xmppbind_stream *freed = *stream;
    *stream = NULL;
    xmppbind_stream_free(freed);
    return 0;
}

static int free_stream_of(struct scene *scene, xmppbind_stream **stream) {
    if (stream == &scene->bystander)
        scene->event = NULL;
    return free_stream(stream);
}

static int next_event(struct scene *scene, xmppbind_stream *stream) {
    xmppbind_event *event = NULL;
    if (stream == scene->bystander)
        scene->event = NULL;
    return xmppbind_stream_next_event(stream, &event);
}

static int event_bytes(struct scene *scene, xmppbind_stream *stream) {
    const char *text = NULL;
    size_t length = 0;
    if (stream == scene->elsewhere)
        return 0; /* it has no event in hand */
    int result = xmppbind_event_bytes(stream, scene->event, &text, &length);
    if (result == XMPPBIND_ERROR_INVALID_ARGUMENT && stream != scene->bystander)
        return 0; /* the event is the bystander's, and the stream was not busy */
    return result;
}

static int take_stanza(struct scene *scene) {
    xmlNode *node = xmppbind_event_take_stanza(scene->event);
    xmlFreeNode(node);
    return node != NULL;
}

static int stamp(xmppbind_stream *stream) {
    const char *text = NULL;
    size_t length = 0;
    return xmppbind_stream_stamp(stream, XMPPBIND_STANZA_MESSAGE, NULL, 0, &text, &length, NULL, NULL);
}

static int add_features(const xmppbind_stream *stream) {
    xmlNode *node = test_node("<features/>");
    int result = xmppbind_stream_add_features(stream, node);
    xmlFreeNode(node);
    return result;
}

static int prepare(int whole) {
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t length = 0, bare_length = 0;
    return whole ? xmppbind_jid_prepare(0, "a@b/c", 5, prepared, sizeof prepared, &length, &bare_length)
                 : xmppbind_resource_prepare(0, "c", 1, prepared, sizeof prepared, &length);
}

static int compare(void) {
    int same = 0;
    return xmppbind_jid_compare(0, "a@b/c", 5, "A@b/c", 5, &same);
}

static int format(void) {
    char prepared[XMPPBIND_JID_MAXIMUM + 1];
    size_t length = 0, bare_length = 0;
    return xmppbind_jid_format(0, "a", 1, "b", 1, "c", 1, prepared, sizeof prepared, &length, &bare_length);
}

static void ignore_entry(const char *jid, size_t length, uint64_t claim, int condition, void *user_data) {
    (void)jid;
    (void)length;
    (void)claim;
    (void)condition;
    (void)user_data;
}

static int list(struct scene *scene) {
    return xmppbind_directory_list(scene->storage.directory, "a@b.example", 11, ignore_entry, NULL);
}

/* Answers the request of the callback, if it is one of a directory. */
static int answer(struct scene *scene) {
    if (scene->request == NULL || scene->answered)
        return XMPPBIND_OK;
    scene->answered = 1;
    return xmppbind_memory_directory_answer(scene->storage.memory, scene->storage.directory, scene->request);
}

static int option(struct scene *scene) {
    uint32_t value = 0;
    return xmppbind_host_option(scene->host, XMPPBIND_OPTION_UNBIND, &value);
}

static int request_callback(const xmppbind_request *request, void *user_data) {
    (void)request;
    (void)user_data;
    return 0;
}

#define DIRECTORY scene->storage.directory
#define VALUE(call) ((void)(call), 0)

/* function, what it answers, the call; `scene` and `stream` may be used */
#define PROBES(PROBE)                                                                                                  \
    PROBE(allocator_free, EXPECT_ANYTHING, VALUE(xmppbind_allocator_free(NULL)))                                       \
    PROBE(allocator_new, XMPPBIND_OK, new_allocator())                                                                 \
    PROBE(condition_name, EXPECT_ANYTHING, VALUE(xmppbind_condition_name(1)))                                          \
    PROBE(condition_type, EXPECT_ANYTHING, VALUE(xmppbind_condition_type(1)))                                          \
    PROBE(directory_accept, XMPPBIND_ERROR_UNKNOWN_REQUEST, xmppbind_directory_accept(DIRECTORY, UINT64_MAX, 1))       \
    PROBE(directory_evicted, XMPPBIND_ERROR_UNKNOWN_CLAIM, xmppbind_directory_evicted(DIRECTORY, "a@b/c", 5, 1))       \
    PROBE(directory_list, XMPPBIND_OK, list(scene))                                                                    \
    PROBE(directory_list_entry, XMPPBIND_ERROR_UNKNOWN_REQUEST,                                                        \
          xmppbind_directory_list_entry(DIRECTORY, UINT64_MAX, "a@b/c", 5, 1))                                         \
    PROBE(directory_pending, EXPECT_ANYTHING, VALUE(xmppbind_directory_pending(DIRECTORY)))                            \
    PROBE(directory_reject, XMPPBIND_ERROR_UNKNOWN_REQUEST, xmppbind_directory_reject(DIRECTORY, UINT64_MAX, 1))       \
    PROBE(directory_set_claims, XMPPBIND_ERROR_STATE,                                                                  \
          xmppbind_directory_set_claims(DIRECTORY, request_callback, request_callback, NULL))                          \
    PROBE(directory_set_list, XMPPBIND_ERROR_STATE, xmppbind_directory_set_list(DIRECTORY, request_callback, NULL))    \
    PROBE(error_name, EXPECT_ANYTHING, VALUE(xmppbind_error_name(0)))                                                  \
    PROBE(event_bytes, EXPECT_BUSY, event_bytes(scene, *stream))                                                       \
    PROBE(event_claim, EXPECT_ANYTHING, VALUE(xmppbind_event_claim(scene->event)))                                     \
    PROBE(event_condition, EXPECT_ANYTHING, VALUE(xmppbind_event_condition(scene->event)))                             \
    PROBE(event_jid, EXPECT_ANYTHING, VALUE(xmppbind_event_jid(scene->event, NULL)))                                   \
    PROBE(event_kind, XMPPBIND_EVENT_ROUTE, xmppbind_event_kind(scene->event))                                         \
    PROBE(event_reason, EXPECT_ANYTHING, VALUE(xmppbind_event_reason(scene->event)))                                   \
    PROBE(event_stanza, 1, xmppbind_event_stanza(scene->event) != NULL)                                                \
    PROBE(event_tag, EXPECT_ANYTHING, VALUE(xmppbind_event_tag(scene->event)))                                         \
    PROBE(event_take_stanza, 1, take_stanza(scene))                                                                    \
    PROBE(host_directory, 1, xmppbind_host_directory(scene->host) == DIRECTORY)                                        \
    PROBE(host_find, 1,                                                                                                \
          xmppbind_host_find(scene->host, "romeo@montague.example/street", 29, NULL) == scene->bystander)              \
    PROBE(host_free, EXPECT_ANYTHING, free_host(scene))                                                                \
    PROBE(host_new, XMPPBIND_OK, new_host())                                                                           \
    PROBE(host_next_ready, EXPECT_ANYTHING, VALUE(xmppbind_host_next_ready(scene->host)))                              \
    PROBE(host_option, XMPPBIND_OK, option(scene))                                                                     \
    PROBE(host_set_conflict, XMPPBIND_ERROR_STATE, xmppbind_host_set_conflict(scene->host, NULL, NULL))                \
    PROBE(host_set_log, XMPPBIND_ERROR_STATE, xmppbind_host_set_log(scene->host, NULL, NULL))                          \
    PROBE(host_set_option, XMPPBIND_ERROR_STATE, xmppbind_host_set_option(scene->host, XMPPBIND_OPTION_UNBIND, 0))     \
    PROBE(host_set_option_text, XMPPBIND_ERROR_STATE,                                                                  \
          xmppbind_host_set_option_text(scene->host, "unbind", 6, "off", 3))                                           \
    PROBE(host_set_preparation, XMPPBIND_ERROR_STATE,                                                                  \
          xmppbind_host_set_preparation(scene->host, NULL, NULL, NULL, NULL))                                          \
    PROBE(host_set_random, XMPPBIND_ERROR_STATE, xmppbind_host_set_random(scene->host, NULL, NULL))                    \
    PROBE(host_set_wakeup, XMPPBIND_ERROR_STATE, xmppbind_host_set_wakeup(scene->host, NULL, NULL))                    \
    PROBE(jid_compare, XMPPBIND_OK, compare())                                                                         \
    PROBE(jid_explain, XMPPBIND_OK, xmppbind_jid_explain(0, "a@b/c", 5, NULL, NULL, NULL, 0))                          \
    PROBE(jid_format, XMPPBIND_OK, format())                                                                           \
    PROBE(jid_part, EXPECT_ANYTHING, VALUE(xmppbind_jid_part("a@b/c", 5, 1, NULL)))                                    \
    PROBE(jid_prepare, XMPPBIND_OK, prepare(1))                                                                        \
    PROBE(memory_directory_answer, XMPPBIND_OK, answer(scene))                                                         \
    PROBE(memory_directory_count, EXPECT_ANYTHING, VALUE(xmppbind_memory_directory_count(scene->storage.memory)))      \
    PROBE(memory_directory_find, XMPPBIND_ERROR_UNKNOWN_CLAIM,                                                         \
          xmppbind_memory_directory_find(scene->storage.memory, "a@b/c", 5, NULL))                                     \
    PROBE(memory_directory_free, EXPECT_ANYTHING, VALUE(xmppbind_memory_directory_free(NULL)))                         \
    PROBE(memory_directory_new, XMPPBIND_OK, new_memory_directory())                                                   \
    PROBE(reason_name, EXPECT_ANYTHING, VALUE(xmppbind_reason_name(1)))                                                \
    PROBE(request_account_length, EXPECT_ANYTHING, VALUE(xmppbind_request_account_length(scene->request)))             \
    PROBE(request_account_limit, EXPECT_ANYTHING, VALUE(xmppbind_request_account_limit(scene->request)))               \
    PROBE(request_claim, EXPECT_ANYTHING, VALUE(xmppbind_request_claim(scene->request)))                               \
    PROBE(request_conflict, EXPECT_ANYTHING, VALUE(xmppbind_request_conflict(scene->request)))                         \
    PROBE(request_id, EXPECT_ANYTHING, VALUE(xmppbind_request_id(scene->request)))                                     \
    PROBE(request_jid, EXPECT_ANYTHING, VALUE(xmppbind_request_jid(scene->request, NULL)))                             \
    PROBE(request_kind, EXPECT_ANYTHING, VALUE(xmppbind_request_kind(scene->request)))                                 \
    PROBE(request_limit, EXPECT_ANYTHING, VALUE(xmppbind_request_limit(scene->request)))                               \
    PROBE(resource_prepare, XMPPBIND_OK, prepare(0))                                                                   \
    PROBE(stream_account, EXPECT_ANYTHING, VALUE(xmppbind_stream_account(*stream, NULL)))                              \
    PROBE(stream_add_features, XMPPBIND_OK, add_features(*stream))                                                     \
    PROBE(stream_bind, EXPECT_BUSY, xmppbind_stream_bind(*stream, "tower", 5, 9))                                      \
    PROBE(stream_disconnect, EXPECT_BUSY, xmppbind_stream_disconnect(*stream))                                         \
    PROBE(stream_expire, EXPECT_BUSY, xmppbind_stream_expire(*stream, 1))                                              \
    PROBE(stream_features_bytes, 1, xmppbind_stream_features_bytes(*stream, NULL) != NULL)                             \
    PROBE(stream_free, EXPECT_ANYTHING, free_stream_of(scene, stream))                                                 \
    PROBE(stream_new, XMPPBIND_OK, new_stream(scene))                                                                  \
    PROBE(stream_next_deadline, EXPECT_ANYTHING, VALUE(xmppbind_stream_next_deadline(*stream, 1)))                     \
    PROBE(stream_next_event, EXPECT_BUSY, next_event(scene, *stream))                                                  \
    PROBE(stream_offers, EXPECT_ANYTHING, VALUE(xmppbind_stream_offers(*stream)))                                      \
    PROBE(stream_receive, EXPECT_BUSY, test_receive(*stream, "<message/>"))                                            \
    PROBE(stream_receive_bytes, EXPECT_BUSY, test_receive_bytes(*stream, "<message/>"))                                \
    PROBE(stream_resource, EXPECT_ANYTHING, VALUE(xmppbind_stream_resource(*stream, 0, NULL)))                         \
    PROBE(stream_resource_count, EXPECT_ANYTHING, VALUE(xmppbind_stream_resource_count(*stream)))                      \
    PROBE(stream_stamp, EXPECT_BUSY, stamp(*stream))                                                                   \
    PROBE(stream_unbind, EXPECT_BUSY, xmppbind_stream_unbind(*stream, "street", 6, 9))                                 \
    PROBE(stream_user_data, EXPECT_ANYTHING, VALUE(xmppbind_stream_user_data(*stream)))                                \
    PROBE(strerror, EXPECT_ANYTHING, VALUE(xmppbind_strerror(0)))                                                      \
    PROBE(version, EXPECT_ANYTHING, VALUE(xmppbind_version()))                                                         \
    PROBE(version_number, EXPECT_ANYTHING, VALUE(xmppbind_version_number()))

#define DEFINE(name, expected, call)                                                                                   \
    static int run_##name(struct scene *scene, xmppbind_stream **stream) {                                             \
        (void)scene;                                                                                                   \
        (void)stream;                                                                                                  \
        return call;                                                                                                   \
    }
PROBES(DEFINE)
STORE_PROBES(DEFINE)
SESSION_PROBES(DEFINE)

#define ENTRY(name, expected, call) {"xmppbind_" #name, run_##name, expected},
const struct probe probes[] = {PROBES(ENTRY) STORE_PROBES(ENTRY) SESSION_PROBES(ENTRY)};
const size_t probe_count = sizeof probes / sizeof probes[0];
