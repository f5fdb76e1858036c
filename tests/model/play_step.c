/* Each step, done to the library and to the model. */
#include "play.h"

#include "tests/support/test_xml.h"

#include <stdlib.h>
#include <string.h>

static const char *const accounts[] = {"juliet@capulet.example", "romeo@montague.example"};
/* the same accounts, spelled differently; both are ASCII, so their prepared form is plain */
static const char *const spellings[] = {"JULIET@Capulet.EXAMPLE.", "Romeo@montague.example"};
static const char *const pool[] = {"balcony", "chamber", "Orchard", "a/b@c d", "balcon", "BALCONY"};

enum { POOL = sizeof pool / sizeof pool[0], TOO_LONG = 1024 };

static const char *spelling_of(const char *account) {
    return spellings[strcmp(account, accounts[1]) == 0];
}

/* A bound resource of the stream, or one of the pool. */
static const char *choose_resource(const struct model_stream *stream, uint32_t choice) {
    if (stream->open && stream->count > 0 && choice % 3 != 0)
        return strchr(stream->resources[choice / 3 % (uint32_t)stream->count].jid, '/') + 1;
    return pool[choice / 3 % POOL];
}

static void open_stream(struct play *play, const struct step *step) {
    int slot = step->stream;
    const char *account = accounts[step->choice % 4 == 0];
    const char *text = step->choice % 8 > 4 ? spelling_of(account) : account;
    if (xmppbind_stream_new(&play->streams[slot], play->host, text, strlen(text), play) != XMPPBIND_OK)
        play_fail(play, "stream %d could not be opened", slot);
    struct test_text kept = play->model.streams[slot].lines;
    model_open(&play->model, slot, account);
    play->model.streams[slot].lines = kept;
}

/* What is asked for, as the model sees it and as octets. */
struct asked {
    struct model_wish wish;
    struct test_text text;
};

static void ask_bad(struct asked *asked, uint32_t detail) {
    static const char *const bad[] = {"\x01", "a\tb", "\xC3", "\x7F"};
    asked->wish.name_kind = MODEL_BAD;
    if (detail % 5 < 4)
        test_text_format(&asked->text, "%s", bad[detail % 5]);
    else
        test_text_format(&asked->text, "%0*d", TOO_LONG, 0);
}

static void ask_named(struct play *play, struct asked *asked, const char *resource) {
    asked->wish.name_kind = MODEL_NAMED;
    snprintf(asked->wish.resource, sizeof asked->wish.resource, "%s", resource);
    play_translate(play, resource, &asked->text);
}

static void compare_results(struct play *play, const char *what, int result, int expected) {
    if (result != expected)
        play_fail(play, "%s gave %s, expected %s", what, xmppbind_error_name(result), xmppbind_error_name(expected));
}

static void bind(struct play *play, const struct step *step) {
    struct asked asked = {{MODEL_GENERATED, "", ++play->tag}, {NULL, 0, 0}};
    struct model_stream *model = &play->model.streams[step->stream];
    uint32_t choice = step->choice % 10;
    if (choice < 6)
        ask_named(play, &asked, pool[step->detail % POOL]);
    else if (choice == 6)
        ask_named(play, &asked, choose_resource(model, step->detail));
    else if (choice == 7)
        ask_bad(&asked, step->detail);
    else if (choice == 8)
        asked.wish.name_kind = MODEL_EMPTY;
    const char *resource = asked.wish.name_kind == MODEL_GENERATED ? NULL : test_text_get(&asked.text);
    int result = xmppbind_stream_bind(play->streams[step->stream], resource, asked.text.length, asked.wish.tag);
    compare_results(play, "bind", result, model_bind(&play->model, step->stream, &asked.wish));
    test_text_free(&asked.text);
}

static void unbind(struct play *play, const struct step *step) {
    struct asked asked = {{MODEL_EMPTY, "", ++play->tag}, {NULL, 0, 0}};
    struct model_stream *model = &play->model.streams[step->stream];
    uint32_t choice = step->choice % 12;
    if (choice < 10)
        ask_named(play, &asked, choose_resource(model, step->detail));
    else if (choice == 10)
        ask_bad(&asked, step->detail);
    int result = xmppbind_stream_unbind(play->streams[step->stream], test_text_get(&asked.text), asked.text.length,
                                        asked.wish.tag);
    compare_results(play, "unbind", result, model_unbind(&play->model, step->stream, &asked.wish));
    test_text_free(&asked.text);
}

static void full_from(struct model_from *from, const char *written, const char *account, const char *resource) {
    from->kind = MODEL_FROM_FULL;
    snprintf(from->prepared, sizeof from->prepared, "%.60s/%.30s", account, resource);
    snprintf(from->text, sizeof from->text, "%.60s/%.30s", written, resource);
}

static void strange_from(struct model_from *from, const char *account, uint32_t detail) {
    static const char *const malformed[] = {"",  "@capulet.example", "juliet@", "juliet@capulet.example/", "a b@c/d",
                                            "/x"};
    static const char *const foreign[] = {"capulet.example", "nurse@capulet.example/balcony", "juliet@capulet.examplex",
                                          "juliet@capulet.example.org/balcony", "juliett@capulet.example/balcony"};
    if (detail % 2 == 0) {
        from->kind = MODEL_FROM_MALFORMED;
        snprintf(from->text, sizeof from->text, "%s", malformed[detail / 2 % 6]);
    } else {
        from->kind = MODEL_FROM_FOREIGN;
        uint32_t which = detail / 2 % 6;
        const char *other = accounts[strcmp(account, accounts[0]) == 0];
        snprintf(from->text, sizeof from->text, "%s%s", which < 5 ? foreign[which] : other,
                 which < 5 ? "" : "/balcony");
    }
}

static struct model_from choose_from(struct play *play, const struct step *step) {
    struct model_from from = {MODEL_FROM_ABSENT, "", ""};
    struct model_stream *model = &play->model.streams[step->stream];
    uint32_t choice = step->detail % 16, rest = step->detail / 16;
    if (choice < 2)
        return from;
    if (choice == 2) {
        from.kind = MODEL_FROM_BARE;
        snprintf(from.text, sizeof from.text, "%s", rest % 2 == 0 ? model->account : spelling_of(model->account));
    } else if (choice < 12) {
        const char *written = choice % 3 == 0 ? spelling_of(model->account) : model->account;
        full_from(&from, written, model->account, choose_resource(model, rest));
    } else if (choice < 14) { /* one that another stream may hold */
        struct model_stream *other = &play->model.streams[rest % MODEL_STREAMS];
        full_from(&from, model->account, model->account, choose_resource(other, rest / MODEL_STREAMS));
    } else {
        strange_from(&from, model->account, rest);
    }
    return from;
}

static void stamp(struct play *play, const struct step *step) {
    static const int kinds[MODEL_STANZA_KINDS] = {XMPPBIND_STANZA_MESSAGE, XMPPBIND_STANZA_PRESENCE, XMPPBIND_STANZA_IQ,
                                                  XMPPBIND_STANZA_IQ, XMPPBIND_STANZA_SUBSCRIPTION};
    struct model_stanza stanza = {(int)(step->choice % MODEL_STANZA_KINDS), choose_from(play, step), 0};
    struct test_text expected = {NULL, 0, 0}, translated = {NULL, 0, 0}, text = {NULL, 0, 0};
    const char *from = NULL, *session = NULL;
    size_t from_length = 0, session_length = 0;
    play_translate(play, stanza.from.text, &text);
    const char *given = stanza.from.kind == MODEL_FROM_ABSENT ? NULL : test_text_get(&text);
    int result = xmppbind_stream_stamp(play->streams[step->stream], kinds[stanza.kind], given, text.length, &from,
                                       &from_length, &session, &session_length);
    compare_results(play, "stamp", result, model_stamp(&play->model, step->stream, &stanza, &expected));
    if (result == XMPPBIND_OK) {
        play_translate(play, test_text_get(&expected), &translated);
        test_text_clear(&text);
        test_text_format(&text, "%s %s", from, session);
        if (strcmp(test_text_get(&text), test_text_get(&translated)) != 0 || strlen(from) != from_length ||
            strlen(session) != session_length)
            play_fail(play, "stamped with %s, expected %s", test_text_get(&text), test_text_get(&translated));
    }
    test_text_free(&text);
    test_text_free(&expected);
    test_text_free(&translated);
}

static void send_stanza(struct play *play, const struct step *step) {
    static const char *const starts[MODEL_STANZA_KINDS] = {"<message", "<message type='error'", "<iq type='get'",
                                                           "<iq type='result'", "<presence type='subscribe'"};
    static const char *const names[MODEL_STANZA_KINDS] = {"message", "message", "iq", "iq", "presence"};
    struct model_stanza stanza = {(int)(step->choice % MODEL_STANZA_KINDS), choose_from(play, step), ++play->tag};
    struct test_text text = {NULL, 0, 0};
    test_text_format(&text, "%s to='nurse@capulet.example'", starts[stanza.kind]);
    if (stanza.from.kind != MODEL_FROM_ABSENT) {
        test_text_format(&text, " from='");
        play_translate(play, stanza.from.text, &text);
        test_text_format(&text, "'");
    }
    test_text_format(&text, " id='%llu'><body>hi</body></%s>", (unsigned long long)stanza.id, names[stanza.kind]);
    int result = step->choice % 2 == 0 ? test_receive(play->streams[step->stream], test_text_get(&text))
                                       : test_receive_bytes(play->streams[step->stream], test_text_get(&text));
    compare_results(play, "receive", result, model_receive(&play->model, step->stream, &stanza));
    test_text_free(&text);
}

static void set_mode(struct play *play, uint32_t choice) {
    static const int modes[MODEL_MODES] = {TEST_STORAGE_NOW, TEST_STORAGE_LATER, TEST_STORAGE_FAIL};
    static const int often[] = {MODEL_NOW, MODEL_NOW, MODEL_LATER, MODEL_LATER, MODEL_LATER, MODEL_FAIL};
    play->model.mode = often[choice % 6];
    play->storage.mode = modes[play->model.mode];
    if (play->model.mode == MODEL_NOW && choice / 6 % 2 == 0)
        play->storage.mode = TEST_STORAGE_TWICE;
    if (play->model.mode == MODEL_FAIL && choice / 6 % 2 == 0)
        play->storage.mode = TEST_STORAGE_RETURN;
}

static void reject(struct play *play, uint32_t choice) {
    static const int conditions[] = {XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR, XMPPBIND_CONDITION_CONFLICT,
                                     XMPPBIND_CONDITION_RESOURCE_LIMIT, XMPPBIND_CONDITION_NOT_ALLOWED};
    int rejected = test_storage_reject(&play->storage, conditions[choice % 4]);
    if (rejected != model_answer(&play->model, conditions[choice % 4]))
        play_fail(play, "only one side has an open request");
}

static void answer(struct play *play) {
    if (test_storage_answer(&play->storage) != model_answer(&play->model, XMPPBIND_CONDITION_NONE))
        play_fail(play, "only one side has an open request");
}

static void pass_time(struct play *play, uint32_t choice) {
    play->now += choice % 40 * 500;
    for (int i = 0; i < MODEL_STREAMS; i++) {
        if (play->streams[i] == NULL)
            continue;
        compare_results(play, "expire", xmppbind_stream_expire(play->streams[i], play->now), XMPPBIND_OK);
        model_expire(&play->model, i, play->now);
    }
}

static void close_stream(struct play *play, const struct step *step) {
    play_close(play, step->stream);
}

/* The steps that are done to a stream; the others are NULL. */
static void (*const on_stream[STEP_KINDS])(struct play *play, const struct step *step) = {
    [STEP_BIND] = bind,          [STEP_UNBIND] = unbind,      [STEP_STAMP] = stamp,
    [STEP_STANZA] = send_stanza, [STEP_CLOSE] = close_stream,
};

static void on_all(struct play *play, const struct step *step) {
    if (step->kind == STEP_MODE)
        set_mode(play, step->choice);
    else if (step->kind == STEP_ANSWER)
        answer(play);
    else if (step->kind == STEP_REJECT)
        reject(play, step->choice);
    else if (step->kind == STEP_TIME)
        pass_time(play, step->choice);
}

void play_step(struct play *play, const struct step *step) {
    int is_open = play->streams[step->stream] != NULL;
    if (on_stream[step->kind] == NULL && step->kind != STEP_OPEN) {
        on_all(play, step);
        return;
    }
    if (!is_open)
        open_stream(play, step);
    /* a first stanza that is no bind would only close the stream again: most of them wait until there is something to
     * see */
    if (on_stream[step->kind] != NULL && (is_open || step->kind == STEP_BIND || step->choice % 4 == 0))
        on_stream[step->kind](play, step);
}
