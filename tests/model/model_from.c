/* The rules of area FROM. */
#include "model.h"

#include <string.h>
#include <xmppbind.h>

static const char *find(const struct model_stream *stream, const char *jid) {
    for (int i = 0; i < stream->count; i++) {
        if (strcmp(stream->resources[i].jid, jid) == 0)
            return stream->resources[i].jid;
    }
    return NULL;
}

int model_decide(struct model *model, int stream, const struct model_from *from, const char **session) {
    const struct model_options *options = &model->options;
    const struct model_stream *at = &model->streams[stream];
    int kind = from->kind;
    if (at->count == 0)
        return XMPPBIND_ERROR_NOT_BOUND; /* BIND-13 */
    if (options->foreign_from_overrides && (kind == MODEL_FROM_FOREIGN || kind == MODEL_FROM_MALFORMED))
        kind = MODEL_FROM_ABSENT; /* FROM-6, FROM-11 */
    *session = at->resources[0].jid;
    switch (kind) {
    case MODEL_FROM_FOREIGN:
        return XMPPBIND_ERROR_INVALID_FROM; /* FROM-6 */
    case MODEL_FROM_MALFORMED:
        return XMPPBIND_ERROR_JID_MALFORMED; /* FROM-11 */
    case MODEL_FROM_FULL:
        if (find(at, from->prepared) != NULL) {
            *session = find(at, from->prepared); /* FROM-1 */
            return XMPPBIND_OK;
        }
        /* FROM-2 on a stream that never held more than one, otherwise FROM-4 */
        return !at->was_several || options->unbound_from_stamps ? XMPPBIND_OK : XMPPBIND_ERROR_UNKNOWN_SENDER;
    default:
        /* FROM-2, FROM-3, FROM-4 */
        return at->count == 1 || !options->missing_from_rejects ? XMPPBIND_OK : XMPPBIND_ERROR_UNKNOWN_SENDER;
    }
}

static const char *const names[MODEL_STANZA_KINDS] = {"message", "message", "iq", "iq", "presence"};
static const char *const types[MODEL_STANZA_KINDS] = {NULL, "error", "get", "result", "subscribe"};

/* A stanza in the short form of test_summary(). */
static void describe(struct test_text *lines, const struct model_stanza *stanza, const char *from, const char *to,
                     const char *type) {
    test_text_format(lines, "%s{", names[stanza->kind]);
    if (from != NULL)
        test_text_format(lines, "from=%s,", from);
    test_text_format(lines, "id=%llu", (unsigned long long)stanza->id);
    if (to != NULL)
        test_text_format(lines, ",to=%s", to);
    if (type != NULL)
        test_text_format(lines, ",type=%s", type);
    test_text_format(lines, "}(body[hi])");
}

/* FROM-7, FROM-8 */
static void give_back(struct model_stream *at, const struct model_stanza *stanza, const char *condition) {
    if (stanza->kind == MODEL_IQ_RESULT || stanza->kind == MODEL_ERROR_MESSAGE) {
        test_text_format(&at->lines, "discard %s\n", condition);
        return;
    }
    test_text_format(&at->lines, "send ");
    describe(&at->lines, stanza, "nurse@capulet.example",
             stanza->from.kind == MODEL_FROM_ABSENT ? NULL : stanza->from.text, "error");
    test_text_format(&at->lines, "(error{type=modify}(%s))\n", condition);
}

static void route(struct model_stream *at, const struct model_stanza *stanza, const char *session) {
    test_text_format(&at->lines, "route %s ", session);
    /* FROM-5 */
    describe(&at->lines, stanza, stanza->kind == MODEL_SUBSCRIBE ? at->account : session, "nurse@capulet.example",
             types[stanza->kind]);
    test_text_format(&at->lines, "\n");
}

static void refuse(struct model_stream *at, int error) {
    model_close(at, error == XMPPBIND_ERROR_NOT_BOUND ? "not-authorized" : "invalid-from");
}

void model_stanza(struct model *model, int stream, const struct model_stanza *stanza) {
    struct model_stream *at = &model->streams[stream];
    const char *session = NULL;
    int result = model_decide(model, stream, &stanza->from, &session);
    if (result == XMPPBIND_OK)
        route(at, stanza, session);
    else if (result == XMPPBIND_ERROR_UNKNOWN_SENDER)
        give_back(at, stanza, "unknown-sender");
    else if (result == XMPPBIND_ERROR_JID_MALFORMED)
        give_back(at, stanza, "jid-malformed");
    else
        refuse(at, result);
}

int model_stamp(struct model *model, int stream, const struct model_stanza *stanza, struct test_text *stamp) {
    struct model_stream *at = &model->streams[stream];
    const char *session = NULL;
    if (at->pending.kind != MODEL_NOTHING)
        return XMPPBIND_ERROR_WAITING;
    int result = model_decide(model, stream, &stanza->from, &session);
    if (result == XMPPBIND_OK)
        test_text_format(stamp, "%s %s", stanza->kind == MODEL_SUBSCRIBE ? at->account : session, session);
    else if (result == XMPPBIND_ERROR_NOT_BOUND || result == XMPPBIND_ERROR_INVALID_FROM)
        refuse(at, result);
    return result;
}
