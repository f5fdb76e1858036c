#include "sequence.h"

#include <string.h>
#include <xmppbind.h>

uint64_t sequence_random(uint64_t *state) {
    uint64_t mixed = *state += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

static uint32_t below(uint64_t *state, uint32_t limit) {
    return (uint32_t)(sequence_random(state) % limit);
}

static uint32_t one_of(uint64_t *state, const uint32_t *values, size_t count) {
    return values[below(state, (uint32_t)count)];
}

static void make_options(struct model_options *options, uint64_t *state) {
    static const uint32_t failures[] = {10, 10, 0, 1, 2, 3};
    static const uint32_t per_stream[] = {10, 10, 10, 1, 2, 3};
    static const uint32_t per_account[] = {100, 100, 100, 1, 2, 3, 4, 5};
    static const uint32_t timeouts[] = {30, 5, 1};
    static const uint32_t waiting[] = {64, 64, 0, 1, 2, 4};
    options->missing_from_rejects = below(state, 2);
    options->unbound_from_stamps = below(state, 4) == 0;
    options->foreign_from_overrides = below(state, 2);
    options->conflict = below(state, 3);
    options->empty_resource_generates = below(state, 2);
    options->max_bind_failures = one_of(state, failures, sizeof failures / sizeof failures[0]);
    options->max_per_stream = one_of(state, per_stream, sizeof per_stream / sizeof per_stream[0]);
    options->max_per_account = one_of(state, per_account, sizeof per_account / sizeof per_account[0]);
    options->account_limit_evicts = below(state, 2);
    options->unbind_on = below(state, 8) != 0;
    options->storage_timeout = one_of(state, timeouts, sizeof timeouts / sizeof timeouts[0]);
    options->max_waiting = one_of(state, waiting, sizeof waiting / sizeof waiting[0]);
}

static int make_kind(uint64_t *state) {
    /* how often each kind comes, of 100 */
    static const uint32_t weights[STEP_KINDS] = {4, 25, 12, 20, 14, 5, 10, 2, 3, 5};
    uint32_t at = below(state, 100);
    int kind = 0;
    while (at >= weights[kind])
        at -= weights[kind++];
    return kind;
}

void sequence_make(struct sequence *sequence, uint64_t seed) {
    uint64_t state = seed;
    memset(sequence, 0, sizeof *sequence);
    sequence->seed = seed;
    make_options(&sequence->options, &state);
    sequence->length = 40 + below(&state, SEQUENCE_LONGEST - 40 + 1);
    for (size_t i = 0; i < sequence->length; i++) {
        struct step *step = &sequence->steps[i];
        step->kind = make_kind(&state);
        step->stream = (int)below(&state, MODEL_STREAMS);
        step->choice = below(&state, 1u << 16);
        step->detail = below(&state, 1u << 16);
    }
}

static const char *const step_names[STEP_KINDS] = {"open", "bind",   "unbind", "stamp", "stanza",
                                                   "mode", "answer", "reject", "time",  "close"};

void sequence_print(const struct sequence *sequence, FILE *file) {
    const struct model_options *options = &sequence->options;
    fprintf(file, "seed %llu: missing-from %u unbound-from %u foreign-from %u conflict %u empty-resource %u\n",
            (unsigned long long)sequence->seed, options->missing_from_rejects, options->unbound_from_stamps,
            options->foreign_from_overrides, options->conflict, options->empty_resource_generates);
    fprintf(file,
            "  max-bind-failures %u per-stream %u per-account %u account-limit %u unbind %u timeout %u waiting %u\n",
            options->max_bind_failures, options->max_per_stream, options->max_per_account,
            options->account_limit_evicts, options->unbind_on, options->storage_timeout, options->max_waiting);
    for (size_t i = 0; i < sequence->length; i++) {
        const struct step *step = &sequence->steps[i];
        fprintf(file, "  %zu: %s stream %d choice %u detail %u\n", i, step_names[step->kind], step->stream,
                step->choice, step->detail);
    }
}

static int still_fails(const struct sequence *sequence) {
    struct test_text trouble = {NULL, 0, 0};
    int failed = sequence_play(sequence, &trouble);
    test_text_free(&trouble);
    return failed;
}

/* Leaves out `size` steps from `position`; keeps the shorter sequence if it fails, too. */
static int without(struct sequence *sequence, size_t position, size_t size) {
    struct sequence shorter = *sequence;
    memmove(&shorter.steps[position], &shorter.steps[position + size],
            (shorter.length - position - size) * sizeof shorter.steps[0]);
    shorter.length -= size;
    if (!still_fails(&shorter))
        return 0;
    *sequence = shorter;
    return 1;
}

void sequence_shrink(struct sequence *sequence) {
    for (size_t size = sequence->length / 2; size > 0;) {
        int shorter = 0;
        for (size_t position = 0; position + size <= sequence->length;) {
            if (without(sequence, position, size))
                shorter = 1;
            else
                position++;
        }
        if (!shorter || size > sequence->length)
            size /= 2;
    }
}
