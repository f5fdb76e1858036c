/* Plays the corpus of the fuzz target receive_bytes with any compiler. The target has one name in every program, so it
 * is taken in here. */
#include "tests/fuzz/fuzz.c"
#include "tests/fuzz/receive_bytes_fuzz.c"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_corpus.h"

static void corpus_of_receive_bytes(void **state) {
    (void)state;
    test_corpus_play("tests/corpus/receive_bytes", LLVMFuzzerTestOneInput);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus_of_receive_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
