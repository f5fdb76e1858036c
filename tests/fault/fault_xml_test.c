/*
 * Every allocation of libxml2 fails once, inside a call of the library. libxml2 then hands out nodes without a name and
 * attributes without a value: no such thing may come out. What does come out is compared with the undisturbed flow.
 */
#include "fault_step.h"
#include "tests/support/test_xml.h"

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <stdlib.h>
#include <string.h>

static void *get(size_t size) {
    return fault_of_libxml2 && fault_refuses() ? NULL : malloc(size);
}

static void *resize(void *memory, size_t size) {
    return fault_of_libxml2 && fault_refuses() ? NULL : realloc(memory, size);
}

static char *duplicate(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = get(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

static void nodes_when_libxml2_has_no_memory(void **state) {
    (void)state;
    for (int mode = 0; mode < FAULT_MODES; mode++)
        fault_play_all(FAULT_NODES, FAULT_STORAGE_SAFE, (enum fault_mode)mode);
}

static void nodes_that_waited_when_libxml2_has_no_memory(void **state) {
    (void)state;
    for (int mode = 0; mode < FAULT_MODES; mode++)
        fault_play_all(FAULT_NODES, FAULT_STORAGE_LATER, (enum fault_mode)mode);
}

static void octets_when_libxml2_has_no_memory(void **state) {
    (void)state;
    for (int mode = 0; mode < FAULT_MODES; mode++)
        fault_play_all(FAULT_OCTETS, FAULT_STORAGE_SAFE, (enum fault_mode)mode);
}

static void sessions_when_libxml2_has_no_memory(void **state) {
    (void)state;
    fault_play_all(FAULT_SESSIONS, FAULT_STORAGE_SAFE, FAULT_ONCE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_when_libxml2_has_no_memory),
        cmocka_unit_test(nodes_that_waited_when_libxml2_has_no_memory),
        cmocka_unit_test(octets_when_libxml2_has_no_memory),
        cmocka_unit_test(sessions_when_libxml2_has_no_memory),
    };
    if (xmlMemSetup(free, get, resize, duplicate) != 0)
        return 1;
    xmlInitParser();
    test_silence_xml();
    fault_of_libxml2 = 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
