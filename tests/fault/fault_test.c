/* Every allocation of the library fails once: by strings, by nodes, by octets; once, for a while, for ever. */
#include "fault_step.h"
#include "tests/support/test_xml.h"

static void play_modes(enum fault_way way, enum fault_storage storage) {
    for (int mode = 0; mode < FAULT_MODES; mode++) {
        if (storage == FAULT_STORAGE_SHARED && mode == FAULT_RECOVERING)
            continue; /* a refusal of the directory is an answer: nothing says that memory is needed */
        fault_play_all(way, storage, (enum fault_mode)mode);
    }
}

#define FAULT_TEST(name, way, storage)                                                                                 \
    static void name(void **state) {                                                                                   \
        (void)state;                                                                                                   \
        play_modes(way, storage);                                                                                      \
    }

FAULT_TEST(strings_with_storage_now, FAULT_STRINGS, FAULT_STORAGE_SAFE)
FAULT_TEST(strings_with_storage_later, FAULT_STRINGS, FAULT_STORAGE_LATER)
FAULT_TEST(strings_with_storage_that_fails_too, FAULT_STRINGS, FAULT_STORAGE_SHARED)
FAULT_TEST(nodes_with_storage_now, FAULT_NODES, FAULT_STORAGE_SAFE)
FAULT_TEST(nodes_with_storage_later, FAULT_NODES, FAULT_STORAGE_LATER)
FAULT_TEST(nodes_with_storage_that_fails_too, FAULT_NODES, FAULT_STORAGE_SHARED)
FAULT_TEST(octets_with_storage_now, FAULT_OCTETS, FAULT_STORAGE_SAFE)
FAULT_TEST(octets_with_storage_later, FAULT_OCTETS, FAULT_STORAGE_LATER)
FAULT_TEST(octets_with_storage_that_fails_too, FAULT_OCTETS, FAULT_STORAGE_SHARED)
FAULT_TEST(sessions_with_storage_now, FAULT_SESSIONS, FAULT_STORAGE_SAFE)
FAULT_TEST(sessions_with_storage_later, FAULT_SESSIONS, FAULT_STORAGE_LATER)
FAULT_TEST(sessions_with_storage_that_fails_too, FAULT_SESSIONS, FAULT_STORAGE_SHARED)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_with_storage_now),
        cmocka_unit_test(strings_with_storage_later),
        cmocka_unit_test(strings_with_storage_that_fails_too),
        cmocka_unit_test(nodes_with_storage_now),
        cmocka_unit_test(nodes_with_storage_later),
        cmocka_unit_test(nodes_with_storage_that_fails_too),
        cmocka_unit_test(octets_with_storage_now),
        cmocka_unit_test(octets_with_storage_later),
        cmocka_unit_test(octets_with_storage_that_fails_too),
        cmocka_unit_test(sessions_with_storage_now),
        cmocka_unit_test(sessions_with_storage_later),
        cmocka_unit_test(sessions_with_storage_that_fails_too),
    };
    test_silence_xml();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
