/* Plays the corpus of the fuzz target jid_prepare with any compiler. The target has one name in every program, so it is
 * taken in here. */
#include "tests/fuzz/jid_prepare_fuzz.c"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_corpus.h"

static void corpus_of_jid_prepare(void **state) {
    (void)state;
    test_corpus_play("tests/corpus/jid_prepare", LLVMFuzzerTestOneInput);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus_of_jid_prepare)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
