/* The model's storage: a list of who holds what, and a list of open requests. */
#include "model.h"

#include <string.h>
#include <xmppbind.h>

static int same_account(const char *left, const char *right) {
    size_t length = strcspn(left, "/");
    return length == strcspn(right, "/") && memcmp(left, right, length) == 0;
}

static void remove_entry(struct model *model, int position) {
    model->entry_count--;
    memmove(&model->entries[position], &model->entries[position + 1],
            (size_t)(model->entry_count - position) * sizeof model->entries[0]);
}

/* The stream that holds a claim learns that it lost it; a claim that is being released is nobody's. */
static void evict(struct model *model, int position) {
    uint64_t number = model->entries[position].number;
    remove_entry(model, position);
    for (int i = 0; i < MODEL_STREAMS; i++) {
        struct model_stream *stream = &model->streams[i];
        for (int j = 0; j < stream->count; j++) {
            int releasing =
                stream->pending.kind == MODEL_UNBIND && strcmp(stream->pending_jid, stream->resources[j].jid) == 0;
            if (stream->open && stream->resources[j].number == number && !releasing)
                stream->evicted[stream->evicted_count++] = number;
        }
    }
}

static int find_entry(const struct model *model, const char *jid) {
    for (int i = 0; i < model->entry_count; i++) {
        if (strcmp(model->entries[i].jid, jid) == 0)
            return i;
    }
    return MODEL_NOBODY;
}

/* CONF-1, CONF-2, CONF-7: NONE when the claim may be granted. */
static int decide_claim(struct model *model, const struct model_request *request) {
    int holder = find_entry(model, request->jid);
    if (holder != MODEL_NOBODY && !request->replaces)
        return XMPPBIND_CONDITION_CONFLICT;
    if (holder != MODEL_NOBODY) {
        evict(model, holder);
        return XMPPBIND_CONDITION_NONE;
    }
    uint32_t held = 0;
    int oldest = MODEL_NOBODY;
    for (int i = model->entry_count - 1; i >= 0; i--) {
        if (same_account(model->entries[i].jid, request->jid)) {
            held++;
            oldest = i;
        }
    }
    if (held < model->options.max_per_account)
        return XMPPBIND_CONDITION_NONE;
    if (!model->options.account_limit_evicts)
        return XMPPBIND_CONDITION_RESOURCE_LIMIT;
    evict(model, oldest);
    return XMPPBIND_CONDITION_NONE;
}

static void tell(struct model *model, const struct model_request *request, int condition, uint64_t number) {
    if (request->stream != MODEL_NOBODY) {
        struct model_stream *stream = &model->streams[request->stream];
        stream->answer = condition == XMPPBIND_CONDITION_NONE ? MODEL_ACCEPTED : MODEL_REJECTED;
        stream->answer_condition = condition;
        stream->answer_number = number;
    } else if (!request->release && condition == XMPPBIND_CONDITION_NONE) {
        /* BIND-12: granted too late, given back at once */
        struct model_request back = {.release = 1, .number = number, .stream = MODEL_NOBODY};
        memcpy(back.jid, request->jid, sizeof back.jid);
        model_ask(model, &back);
    }
}

static void answer_claim(struct model *model, const struct model_request *request, int condition) {
    if (condition == XMPPBIND_CONDITION_NONE)
        condition = decide_claim(model, request);
    uint64_t number = 0;
    if (condition == XMPPBIND_CONDITION_NONE) {
        struct model_entry *entry = &model->entries[model->entry_count++];
        number = entry->number = ++model->last_number;
        memcpy(entry->jid, request->jid, sizeof entry->jid);
    }
    tell(model, request, condition, number);
}

static void answer_release(struct model *model, const struct model_request *request, int condition) {
    int holder = find_entry(model, request->jid);
    /* CONF-8: only the claim that was meant */
    if (condition == XMPPBIND_CONDITION_NONE && holder != MODEL_NOBODY &&
        model->entries[holder].number == request->number)
        remove_entry(model, holder);
    tell(model, request, condition, 0);
}

static void answer(struct model *model, const struct model_request *request, int condition) {
    if (request->release)
        answer_release(model, request, condition);
    else
        answer_claim(model, request, condition);
}

void model_ask(struct model *model, const struct model_request *request) {
    struct model_request copy = *request;
    if (model->mode == MODEL_NOW)
        answer(model, &copy, XMPPBIND_CONDITION_NONE);
    else if (model->mode == MODEL_FAIL)
        answer(model, &copy, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    else
        model->requests[model->request_count++] = copy;
}

int model_answer(struct model *model, int condition) {
    if (model->request_count == 0)
        return 0;
    struct model_request request = model->requests[0];
    model->request_count--;
    memmove(&model->requests[0], &model->requests[1], (size_t)model->request_count * sizeof model->requests[0]);
    answer(model, &request, condition);
    return 1;
}

void model_abandon(struct model *model, int stream) {
    for (int i = 0; i < model->request_count; i++) {
        if (model->requests[i].stream == stream)
            model->requests[i].stream = MODEL_NOBODY;
    }
}
