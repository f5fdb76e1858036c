/* The rules of the areas BIND, UNBIND and CONF, for one stream. */
#include "model.h"

#include <stdio.h>
#include <string.h>
#include <xmppbind.h>

void model_open(struct model *model, int stream, const char *account) {
    struct model_stream *at = &model->streams[stream];
    memset(at, 0, sizeof *at);
    at->open = 1;
    snprintf(at->account, sizeof at->account, "%s", account);
}

void model_close(struct model_stream *stream, const char *condition) {
    stream->closing = 1;
    test_text_format(&stream->lines, condition == NULL ? "close\n" : "close %s\n", condition);
}

static int find(const struct model_stream *stream, const char *jid) {
    for (int i = 0; i < stream->count; i++) {
        if (strcmp(stream->resources[i].jid, jid) == 0)
            return i;
    }
    return MODEL_NOBODY;
}

static void drop(struct model_stream *stream, int position, const char *reason) {
    test_text_format(&stream->lines, "closed %s %s\n", stream->resources[position].jid, reason);
    stream->count--;
    memmove(&stream->resources[position], &stream->resources[position + 1],
            (size_t)(stream->count - position) * sizeof stream->resources[0]);
}

static void fail(struct model *model, struct model_stream *stream, uint64_t tag, int condition, int counts) {
    test_text_format(&stream->lines, "answer %llu %s\n", (unsigned long long)tag, xmppbind_condition_name(condition));
    if (!counts || stream->count > 0)
        return;
    if (stream->was_bound) { /* CONF-4: the last one was lost while this one was asked for */
        model_close(stream, "conflict");
        return;
    }
    stream->failures++; /* BIND-16 */
    if (model->options.max_bind_failures != 0 && stream->failures >= model->options.max_bind_failures)
        model_close(stream, "policy-violation");
}

static void wait_for(struct model *model, int stream, const struct model_operation *operation) {
    struct model_stream *at = &model->streams[stream];
    struct model_request request = {.stream = stream, .release = operation->kind == MODEL_UNBIND};
    at->pending = *operation;
    at->answer = MODEL_UNANSWERED;
    at->deadline = 0;
    if (request.release)
        request.number = at->resources[find(at, at->pending_jid)].number;
    else
        request.replaces = model->options.conflict == XMPPBIND_CONFLICT_REPLACE;
    memcpy(request.jid, at->pending_jid, sizeof request.jid);
    model_ask(model, &request);
}

static void name_pending(struct model *model, struct model_stream *stream, const char *resource) {
    char jid[MODEL_NAME];
    if (resource == NULL)
        snprintf(jid, sizeof jid, "%.60s/%%%03llu", stream->account, (unsigned long long)++model->last_generated);
    else
        snprintf(jid, sizeof jid, "%.60s/%.30s", stream->account, resource);
    memcpy(stream->pending_jid, jid, sizeof jid);
}

/* BIND-2, BIND-3, BIND-11: 0, or the condition that answers the request. */
static int choose_name(struct model *model, struct model_stream *stream, const struct model_wish *wish) {
    if (wish->name_kind == MODEL_BAD || (wish->name_kind == MODEL_EMPTY && !model->options.empty_resource_generates))
        return XMPPBIND_CONDITION_BAD_REQUEST;
    if ((uint32_t)stream->count >= model->options.max_per_stream) /* BIND-10 */
        return model->options.max_per_stream == 1 ? XMPPBIND_CONDITION_NOT_ALLOWED : XMPPBIND_CONDITION_RESOURCE_LIMIT;
    name_pending(model, stream, wish->name_kind == MODEL_NAMED ? wish->resource : NULL);
    if (find(stream, stream->pending_jid) == MODEL_NOBODY)
        return 0;
    if (model->options.conflict != XMPPBIND_CONFLICT_RENAME)
        return XMPPBIND_CONDITION_CONFLICT;
    name_pending(model, stream, NULL);
    return 0;
}

static void start_bind(struct model *model, int stream, const struct model_operation *operation) {
    struct model_stream *at = &model->streams[stream];
    int condition = choose_name(model, at, &operation->wish);
    if (condition != 0)
        fail(model, at, operation->wish.tag, condition, 1);
    else
        wait_for(model, stream, operation);
}

static void start_unbind(struct model *model, int stream, const struct model_operation *operation) {
    struct model_stream *at = &model->streams[stream];
    if (!model->options.unbind_on || operation->wish.name_kind != MODEL_NAMED) { /* UNBIND-4, UNBIND-5 */
        fail(model, at, operation->wish.tag, XMPPBIND_CONDITION_BAD_REQUEST, 0);
        return;
    }
    name_pending(model, at, operation->wish.resource);
    if (find(at, at->pending_jid) == MODEL_NOBODY) /* UNBIND-2 */
        fail(model, at, operation->wish.tag, XMPPBIND_CONDITION_ITEM_NOT_FOUND, 0);
    else
        wait_for(model, stream, operation);
}

static void start(struct model *model, int stream, const struct model_operation *operation) {
    if (operation->kind == MODEL_BIND)
        start_bind(model, stream, operation);
    else if (operation->kind == MODEL_UNBIND)
        start_unbind(model, stream, operation);
    else
        model_stanza(model, stream, &operation->stanza);
}

static void finish_bind(struct model *model, int stream) {
    struct model_stream *at = &model->streams[stream];
    struct model_operation done = at->pending;
    at->pending.kind = MODEL_NOTHING;
    if (at->answer == MODEL_REJECTED) {
        int conflict = at->answer_condition == XMPPBIND_CONDITION_CONFLICT;
        int generated = strchr(at->pending_jid, '%') != NULL; /* BIND-2: a collision is tried again */
        if (conflict && (generated || model->options.conflict == XMPPBIND_CONFLICT_RENAME)) { /* CONF-3 */
            name_pending(model, at, NULL);
            wait_for(model, stream, &done);
        } else {
            fail(model, at, done.wish.tag, at->answer_condition, 1);
        }
        return;
    }
    struct model_resource *bound = &at->resources[at->count++];
    memcpy(bound->jid, at->pending_jid, sizeof bound->jid);
    bound->number = at->answer_number;
    at->failures = 0;
    at->was_several |= at->was_bound;
    at->was_bound = 1;
    test_text_format(&at->lines, "opened %s\nanswer %llu %s\n", bound->jid, (unsigned long long)done.wish.tag,
                     bound->jid);
}

/* UNBIND-1, UNBIND-3, UNBIND-9 */
static void finish_unbind(struct model_stream *stream, const char *reason) {
    stream->pending.kind = MODEL_NOTHING;
    drop(stream, find(stream, stream->pending_jid), reason);
    test_text_format(&stream->lines, "answer %llu %s\n", (unsigned long long)stream->pending.wish.tag,
                     stream->pending_jid);
    if (stream->count == 0)
        model_close(stream, NULL);
}

static void finish(struct model *model, int stream) {
    struct model_stream *at = &model->streams[stream];
    if (at->pending.kind == MODEL_BIND)
        finish_bind(model, stream);
    else
        finish_unbind(at, at->answer == MODEL_ACCEPTED ? "unbound" : "failed");
}

/* CONF-4; and CONF-7: a bind that may evict of its own stream decides whether that goes on. */
static void take_evictions(const struct model *model, struct model_stream *stream) {
    int may_be_own = stream->pending.kind == MODEL_BIND && model->options.account_limit_evicts;
    for (int i = 0; i < stream->evicted_count; i++) {
        for (int j = 0; j < stream->count; j++) {
            if (stream->resources[j].number == stream->evicted[i]) {
                drop(stream, j, "evicted");
                break;
            }
        }
    }
    int lost = stream->evicted_count > 0;
    stream->evicted_count = 0;
    if (lost && stream->count == 0 && !may_be_own)
        model_close(stream, "conflict");
}

void model_pump(struct model *model, int stream) {
    struct model_stream *at = &model->streams[stream];
    while (at->open && !at->closing) {
        if (at->pending.kind != MODEL_NOTHING && at->answer != MODEL_UNANSWERED) {
            finish(model, stream);
        } else if (at->evicted_count > 0) {
            take_evictions(model, at);
        } else if (at->pending.kind == MODEL_NOTHING && at->waiting_count > 0) {
            struct model_operation next = at->waiting[0];
            at->waiting_count--;
            memmove(&at->waiting[0], &at->waiting[1], (size_t)at->waiting_count * sizeof at->waiting[0]);
            start(model, stream, &next);
        } else {
            return;
        }
    }
}

static int enqueue(struct model *model, int stream, const struct model_operation *operation) {
    struct model_stream *at = &model->streams[stream];
    if (at->pending.kind == MODEL_NOTHING) {
        start(model, stream, operation);
        model_pump(model, stream);
        return XMPPBIND_OK;
    }
    if ((uint32_t)at->waiting_count >= model->options.max_waiting)
        return XMPPBIND_ERROR_WAITING_FULL;
    at->waiting[at->waiting_count++] = *operation;
    return XMPPBIND_OK;
}

int model_bind(struct model *model, int stream, const struct model_wish *wish) {
    struct model_operation operation = {.kind = MODEL_BIND, .wish = *wish};
    return enqueue(model, stream, &operation);
}

int model_unbind(struct model *model, int stream, const struct model_wish *wish) {
    struct model_operation operation = {.kind = MODEL_UNBIND, .wish = *wish};
    return enqueue(model, stream, &operation);
}

int model_receive(struct model *model, int stream, const struct model_stanza *stanza) {
    struct model_operation operation = {.kind = MODEL_STANZA, .stanza = *stanza};
    return enqueue(model, stream, &operation);
}

uint64_t model_next_deadline(struct model *model, int stream, uint64_t now) {
    struct model_stream *at = &model->streams[stream];
    if (at->pending.kind == MODEL_NOTHING)
        return XMPPBIND_NO_DEADLINE;
    if (at->deadline == 0)
        at->deadline = now + model->options.storage_timeout * UINT64_C(1000);
    return at->deadline;
}

void model_expire(struct model *model, int stream, uint64_t now) {
    struct model_stream *at = &model->streams[stream];
    if (model_next_deadline(model, stream, now) > now)
        return;
    if (at->pending.kind == MODEL_NOTHING)
        return;
    model_abandon(model, stream);
    if (at->pending.kind == MODEL_UNBIND) {
        finish_unbind(at, "expired");
    } else {
        at->pending.kind = MODEL_NOTHING;
        fail(model, at, at->pending.wish.tag, XMPPBIND_CONDITION_RESOURCE_CONSTRAINT, 1); /* BIND-12 */
    }
    model_pump(model, stream); /* what waited behind it begins before another stream expires */
}

static void release(struct model *model, struct model_stream *stream, int releasing) {
    struct model_request request = {.release = 1, .number = stream->resources[0].number, .stream = MODEL_NOBODY};
    memcpy(request.jid, stream->resources[0].jid, sizeof request.jid);
    drop(stream, 0, "disconnected");
    if (!releasing)
        model_ask(model, &request);
}

/* What waits behind an unbind is not from its resource any longer: takes it out of the list, and says where it was. */
static int set_aside(struct model_stream *stream, struct model_resource *aside) {
    int position = stream->pending.kind == MODEL_UNBIND ? find(stream, stream->pending_jid) : MODEL_NOBODY;
    if (position == MODEL_NOBODY)
        return MODEL_NOBODY;
    *aside = stream->resources[position];
    stream->count--;
    memmove(&stream->resources[position], &stream->resources[position + 1],
            (size_t)(stream->count - position) * sizeof stream->resources[0]);
    return position;
}

static void put_back(struct model_stream *stream, const struct model_resource *aside, int position) {
    if (position == MODEL_NOBODY)
        return;
    memmove(&stream->resources[position + 1], &stream->resources[position],
            (size_t)(stream->count - position) * sizeof stream->resources[0]);
    stream->resources[position] = *aside;
    stream->count++;
}

void model_disconnect(struct model *model, int stream) {
    struct model_stream *at = &model->streams[stream];
    struct model_resource aside;
    model_abandon(model, stream);
    int position = set_aside(at, &aside);
    for (int i = 0; i < at->waiting_count && !at->closing; i++) {
        if (at->waiting[i].kind == MODEL_STANZA && at->count > 0)
            model_stanza(model, stream, &at->waiting[i].stanza);
    }
    put_back(at, &aside, position);
    at->waiting_count = 0;
    at->closing = 1;
    while (at->count > 0) /* UNBIND-11 */
        release(model, at, at->pending.kind == MODEL_UNBIND && strcmp(at->pending_jid, at->resources[0].jid) == 0);
    at->pending.kind = MODEL_NOTHING;
}
