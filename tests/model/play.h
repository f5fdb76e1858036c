/* One sequence being played: the library's objects beside the model. */
#ifndef XMPPBIND_TESTS_MODEL_PLAY_H
#define XMPPBIND_TESTS_MODEL_PLAY_H

#include "sequence.h"
#include "tests/support/test_storage.h"

#include <xmppbind.h>

enum { PLAY_GENERATED = 256, PLAY_HEX = 32 };

struct play {
    struct model model;
    xmppbind_host *host;
    struct test_storage storage;
    xmppbind_stream *streams[MODEL_STREAMS];
    struct test_text lines[MODEL_STREAMS]; /* what the library said */
    char generated[PLAY_GENERATED][PLAY_HEX + 1];
    uint64_t now; /* milliseconds */
    uint64_t tag;
    uint64_t last_claims[2]; /* of each account */
    struct test_text *trouble;
    int failed;
};

/* Notes the first difference. */
void play_fail(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes the model's text with what the library made of each "%NUMBER". */
void play_translate(const struct play *play, const char *model_text, struct test_text *text);
/* Drains all streams, ends those that are closed, on both sides, and compares. */
void play_drain(struct play *play);
void play_compare(struct play *play, int stream);
/* The invariants: CONF-5, order, counts. */
void play_check(struct play *play);
void play_close(struct play *play, int stream);
void play_step(struct play *play, const struct step *step);

#endif
