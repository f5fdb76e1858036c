/* Plays the files of a folder to a fuzz target, without libFuzzer. */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_CORPUS_H
#define XMPPBIND_TESTS_SUPPORT_TEST_CORPUS_H

#include <stddef.h>
#include <stdint.h>

/* The folder is seen from the top of the project. Fails the test when it cannot be read or is empty. */
void test_corpus_play(const char *folder, int (*target)(const uint8_t *data, size_t size));

#endif
