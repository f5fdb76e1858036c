/* What has to hold after each step, whatever was done. */
#include "play.h"

#include <string.h>

static int is_releasing(const struct play *play, int stream, uint32_t position) {
    const struct model_stream *model = &play->model.streams[stream];
    return model->pending.kind == MODEL_UNBIND && strcmp(model->pending_jid, model->resources[position].jid) == 0;
}

static void check_resource(struct play *play, int stream, uint32_t position) {
    struct test_text expected = {NULL, 0, 0};
    size_t length = 0;
    const char *jid = xmppbind_stream_resource(play->streams[stream], position, &length);
    play_translate(play, play->model.streams[stream].resources[position].jid, &expected);
    if (jid == NULL || strlen(jid) != length || strcmp(jid, test_text_get(&expected)) != 0)
        play_fail(play, "stream %d: resource %u is %s, expected %s", stream, position, jid == NULL ? "none" : jid,
                  test_text_get(&expected));
    test_text_free(&expected);
    if (jid == NULL || is_releasing(play, stream, position))
        return;
    uint64_t claim = 0;
    if (xmppbind_host_find(play->host, jid, length, &claim) != play->streams[stream] || claim == 0) /* CONF-5 */
        play_fail(play, "stream %d: the host does not find %s there", stream, jid);
}

static void check_stream(struct play *play, int stream) {
    const struct model_stream *model = &play->model.streams[stream];
    uint32_t count = xmppbind_stream_resource_count(play->streams[stream]);
    if (count != (uint32_t)model->count) {
        play_fail(play, "stream %d: %u resources, expected %d", stream, count, model->count);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        check_resource(play, stream, i);
    if (xmppbind_stream_resource(play->streams[stream], count, NULL) != NULL)
        play_fail(play, "stream %d: a resource beyond the last", stream);
    uint32_t offers = XMPPBIND_OFFER_BIND; /* FEAT-1 to FEAT-4 */
    if (count == 0)
        offers |= XMPPBIND_OFFER_REQUIRED;
    if (play->model.options.unbind_on)
        offers |= XMPPBIND_OFFER_UNBIND;
    if (xmppbind_stream_offers(play->streams[stream]) != offers)
        play_fail(play, "stream %d: wrong offers", stream);
    uint64_t deadline = xmppbind_stream_next_deadline(play->streams[stream], play->now);
    uint64_t expected = model_next_deadline(&play->model, stream, play->now);
    if (deadline != expected)
        play_fail(play, "stream %d: deadline %llu, expected %llu", stream, (unsigned long long)deadline,
                  (unsigned long long)expected);
}

/* CONF-5, among the streams themselves. */
static void check_holders(struct play *play) {
    const struct model *model = &play->model;
    for (int i = 0; i < MODEL_STREAMS; i++) {
        for (int j = i + 1; j < MODEL_STREAMS; j++) {
            for (int k = 0; k < model->streams[i].count * model->streams[j].count; k++) {
                int left = k % model->streams[i].count, right = k / model->streams[i].count;
                if (play->streams[i] != NULL && play->streams[j] != NULL &&
                    strcmp(model->streams[i].resources[left].jid, model->streams[j].resources[right].jid) == 0 &&
                    !is_releasing(play, i, (uint32_t)left) && !is_releasing(play, j, (uint32_t)right))
                    play_fail(play, "streams %d and %d hold the same JID", i, j);
            }
        }
    }
}

void play_check(struct play *play) {
    for (int i = 0; i < MODEL_STREAMS && !play->failed; i++) {
        if (play->streams[i] != NULL)
            check_stream(play, i);
    }
    check_holders(play);
    if (test_storage_count(&play->storage) != (size_t)play->model.entry_count)
        play_fail(play, "%zu full JIDs are held in the directory, expected %d", test_storage_count(&play->storage),
                  play->model.entry_count);
    if (xmppbind_directory_pending(play->storage.directory) != (size_t)play->model.request_count)
        play_fail(play, "%zu requests are open, expected %d", xmppbind_directory_pending(play->storage.directory),
                  play->model.request_count);
    if (play->storage.held_count != (size_t)play->model.request_count)
        play_fail(play, "%zu requests were asked, expected %d", play->storage.held_count, play->model.request_count);
}
