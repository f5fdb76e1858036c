/* A random sequence of operations, made from a seed, and played to the library and to the model at once. */
#ifndef XMPPBIND_TESTS_MODEL_SEQUENCE_H
#define XMPPBIND_TESTS_MODEL_SEQUENCE_H

#include "model.h"

#include <stdio.h>

enum step_kind {
    STEP_OPEN,
    STEP_BIND,
    STEP_UNBIND,
    STEP_STAMP,
    STEP_STANZA,
    STEP_MODE,
    STEP_ANSWER,
    STEP_REJECT,
    STEP_TIME,
    STEP_CLOSE,
    STEP_KINDS
};

/* What the numbers mean depends on the kind and on the state that is met, so that steps may be left out. */
struct step {
    int kind;
    int stream;
    uint32_t choice, detail;
};

enum { SEQUENCE_LONGEST = 60 };

struct sequence {
    uint64_t seed;
    struct model_options options;
    struct step steps[SEQUENCE_LONGEST];
    size_t length;
};

/* A generator of its own (splitmix64), so that a seed means the same everywhere. */
uint64_t sequence_random(uint64_t *state);
void sequence_make(struct sequence *sequence, uint64_t seed);
void sequence_print(const struct sequence *sequence, FILE *file);
/* 0 when library and model agree; otherwise says why in `trouble`. */
int sequence_play(const struct sequence *sequence, struct test_text *trouble);
/* Leaves out steps as long as the sequence still fails. */
void sequence_shrink(struct sequence *sequence);

#endif
