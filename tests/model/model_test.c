/*
 * Random sequences of operations on several streams of two accounts: the library against the model.
 * XMPPBIND_MODEL_SEED and XMPPBIND_MODEL_COUNT choose the first seed and the number of sequences.
 */
#include "sequence.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_xml.h"

#include <stdlib.h>

enum { DEFAULT_SEED = 193, DEFAULT_COUNT = 3000 };

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text == NULL || *text == '\0' ? otherwise : strtoull(text, NULL, 10);
}

static void report(struct sequence *sequence) {
    struct test_text trouble = {NULL, 0, 0};
    sequence_shrink(sequence);
    (void)sequence_play(sequence, &trouble);
    sequence_print(sequence, stderr);
    fprintf(stderr, "%s", test_text_get(&trouble));
    test_text_free(&trouble);
}

static void library_and_model_agree(void **state) {
    uint64_t seed = number_from("XMPPBIND_MODEL_SEED", DEFAULT_SEED);
    uint64_t count = number_from("XMPPBIND_MODEL_COUNT", DEFAULT_COUNT);
    struct test_text trouble = {NULL, 0, 0};
    struct sequence sequence;
    (void)state;
    for (uint64_t i = 0; i < count; i++) {
        sequence_make(&sequence, seed + i);
        if (sequence_play(&sequence, &trouble) == 0)
            continue;
        fprintf(stderr, "sequence of seed %llu failed:\n%s", (unsigned long long)(seed + i), test_text_get(&trouble));
        test_text_free(&trouble);
        report(&sequence);
        fail_msg("run again with XMPPBIND_MODEL_SEED=%llu XMPPBIND_MODEL_COUNT=1", (unsigned long long)(seed + i));
    }
    test_text_free(&trouble);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(library_and_model_agree)};
    test_silence_xml();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
