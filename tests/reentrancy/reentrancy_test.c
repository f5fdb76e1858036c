/*
 * Every public function, called from every callback, on the stream that is in use, on another of the host, and on one
 * of another host: it works, or says REENTRANT or STATE; the flow around it comes out as without it.
 */
#include "scene.h"
#include "tests/support/test_cmocka.h"
#include "tests/support/test_xml.h"

#include <stdio.h>
#include <string.h>

/* Run from the top of the project. */
static const char exports[] = "tests/exports.txt";

static struct scene baseline;

static int set_up_baseline(void **state) {
    (void)state;
    scene_play(&baseline, NULL, 0, 0);
    return 0;
}

static int tear_down_baseline(void **state) {
    (void)state;
    scene_free_lines(&baseline);
    return 0;
}

static void every_callback_is_reached(void **state) {
    (void)state;
    for (int place = 0; place < PLACES; place++) {
        if (baseline.reached[place] == 0)
            fail_msg("the flow does not reach '%s':\n%s", place_name(place), baseline.lines.text);
    }
}

static int is_probed(const char *name) {
    for (size_t i = 0; i < probe_count; i++) {
        if (strcmp(probes[i].name, name) == 0)
            return 1;
    }
    return 0;
}

static void every_function_is_probed(void **state) {
    char line[200];
    size_t count = 0;
    (void)state;
    FILE *file = fopen(exports, "r");
    if (file == NULL)
        fail_msg("%s cannot be read; run this from the top of the project", exports);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, " \t\r\n@")] = '\0';
        if (strncmp(line, "xmppbind_", 9) != 0)
            continue;
        count++;
        if (!is_probed(line))
            fail_msg("%s is exported, but no probe calls it", line);
    }
    (void)fclose(file);
    assert_int_equal(count, probe_count);
}

/* Whether the flow must come out as without the probe: unless the probe was let to change the stream that runs it. */
static int is_same_flow(const struct scene *scene, const struct probe *probe) {
    if (strcmp(probe->name, "xmppbind_stream_free") == 0)
        return scene->target != TARGET_OWN;
    return scene->target != TARGET_OWN || probe->expected != EXPECT_BUSY || scene->result == XMPPBIND_ERROR_REENTRANT;
}

static void probe_from(int place, int target) {
    for (size_t i = 0; i < probe_count; i++) {
        struct scene scene;
        scene_play(&scene, &probes[i], place, target);
        if (is_same_flow(&scene, &probes[i]) && strcmp(scene.lines.text, baseline.lines.text) != 0)
            fail_msg("%s from '%s' on target %d changed the flow to\n%sfrom\n%s", probes[i].name, place_name(place),
                     target, scene.lines.text, baseline.lines.text);
        scene_free_lines(&scene);
    }
}

static void functions_from_callbacks(void **state) {
    const int *target = *state;
    for (int place = 0; place < PLACES; place++)
        probe_from(place, *target);
}

int main(void) {
    static int own = TARGET_OWN, bystander = TARGET_BYSTANDER, elsewhere = TARGET_ELSEWHERE;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_callback_is_reached),
        cmocka_unit_test(every_function_is_probed),
        {"functions_on_the_same_stream", functions_from_callbacks, NULL, NULL, &own},
        {"functions_on_another_stream", functions_from_callbacks, NULL, NULL, &bystander},
        {"functions_on_another_host", functions_from_callbacks, NULL, NULL, &elsewhere},
    };
    test_silence_xml();
    return cmocka_run_group_tests(tests, set_up_baseline, tear_down_baseline);
}
