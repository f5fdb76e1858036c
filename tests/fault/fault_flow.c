#include "fault_flow.h"

#include "fault_step.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fault_of_libxml2;

/* The allocations of the play that runs. */
static struct {
    int armed; /* inside a call of the library, not of the test */
    int mode;
    size_t calls, fail_at, refused;
} fault;

int fault_refuses(void) {
    if (!fault.armed || fault.fail_at == 0)
        return 0;
    fault.calls++;
    int refuse = fault.calls == fault.fail_at || (fault.calls > fault.fail_at && fault.mode != FAULT_ONCE);
    fault.refused += (size_t)refuse;
    return refuse;
}

void fault_arm(int armed) {
    fault.armed = armed;
}

static void *allocate(size_t size, void *user_data) {
    return !fault_of_libxml2 && fault_refuses() ? NULL : test_allocate(size, user_data);
}

int fault_again(struct fault_play *play, int result) {
    if (result != XMPPBIND_ERROR_NO_MEMORY) {
        play->attempts = 0;
        return 0;
    }
    assert_int_not_equal(fault.refused, 0);
    if (fault.mode == FAULT_FINAL) {
        play->dead = 1;
        return 0;
    }
    play->attempts++;
    if (fault.mode == FAULT_RECOVERING && play->attempts == 2)
        fault.fail_at = 0; /* there is memory again */
    assert_true(play->attempts <= 2);
    return 1;
}

static int is_hexadecimal(char octet) {
    return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'f');
}

/* Replaces what is generated, which differs from play to play. */
static void hide_generated(struct test_text *lines) {
    enum { LENGTH = 32 };
    for (size_t i = 0, digits = 0; i <= lines->length; i++) {
        if (is_hexadecimal(lines->text[i])) {
            digits++;
            continue;
        }
        if (digits == LENGTH)
            memset(lines->text + i - LENGTH, '#', LENGTH);
        digits = 0;
    }
}

/* The ids of pushes, of which some are lost with what found no memory. */
static void hide_pushes(char *lines) {
    for (char *push = lines; (push = strstr(push, "push-")) != NULL;) {
        push += strlen("push-");
        while (is_hexadecimal(*push))
            *push++ = '#';
    }
}

static void set_up(struct fault_play *play, const struct fault_plan *plan) {
    int result;
    memset(play, 0, sizeof *play);
    memset(&play->source, 0, sizeof play->source);
    assert_int_equal(xmppbind_allocator_new(&play->source.allocator, allocate, test_release, &play->source), 0);
    do {
        fault_arm(1);
        result = xmppbind_host_new(&play->host, play->source.allocator);
        fault_arm(0);
    } while (fault_again(play, result));
    if (play->dead) {
        assert_null(play->host);
        return;
    }
    assert_int_equal(result, XMPPBIND_OK);
    do {
        fault_arm(plan->storage == FAULT_STORAGE_SHARED);
        result = fault_storage(play, plan->storage == FAULT_STORAGE_SHARED ? play->source.allocator : NULL);
        fault_arm(0);
    } while (fault_again(play, result));
    if (plan->storage == FAULT_STORAGE_LATER)
        play->storage.mode = TEST_STORAGE_LATER;
    play->plan = plan;
    if (plan->way == FAULT_SESSIONS)
        fault_sessions_set_up(play);
}

/* All goes, with or without memory, and nothing stays. */
static void tear_down(struct fault_play *play) {
    fault_arm(1);
    for (int i = 0; i < FAULT_STREAMS; i++)
        xmppbind_stream_free(play->streams[i]);
    fault_arm(0);
    if (play->storage.memory != NULL) {
        test_storage_answer_all(&play->storage);
        assert_int_equal(test_storage_count(&play->storage), 0);
        assert_int_equal(xmppbind_directory_pending(play->storage.directory), 0);
    }
    fault_sessions_tear_down(play);
    xmppbind_host_free(play->host);
    test_storage_tear_down(&play->storage);
    test_allocator_tear_down(&play->source);
}

size_t fault_play(const struct fault_plan *plan, struct test_text *lines) {
    struct fault_play play;
    memset(&fault, 0, sizeof fault);
    fault.mode = (int)plan->mode;
    fault.fail_at = plan->fail_at;
    play.lines = lines;
    set_up(&play, plan);
    play.plan = plan;
    play.lines = lines;
    for (const struct fault_step *step = fault_steps(plan->way); step->kind != FAULT_END && !play.dead; step++)
        fault_step(&play, step);
    tear_down(&play);
    if (lines->length > 0) {
        hide_generated(lines);
        hide_pushes(lines->text);
    }
    return fault.refused;
}

static void compare(const struct fault_plan *plan, const struct test_text *expected, const struct test_text *lines) {
    const char *text = test_text_get(lines);
    int same = plan->mode == FAULT_FINAL ? strncmp(text, test_text_get(expected), lines->length) == 0
                                         : strcmp(text, test_text_get(expected)) == 0;
    if (!same)
        fprintf(stderr, "way %d, storage %d, mode %d, allocation %zu: expected\n%sbut the library gave\n%s", plan->way,
                plan->storage, plan->mode, plan->fail_at, test_text_get(expected), text);
    assert_true(same);
}

void fault_play_all(enum fault_way way, enum fault_storage storage, enum fault_mode mode) {
    struct fault_plan plan = {way, storage, mode, 0};
    struct test_text expected = {NULL, 0, 0};
    assert_int_equal(fault_play(&plan, &expected), 0);
    assert_int_not_equal(expected.length, 0);
    for (size_t refused = 1; refused > 0;) {
        struct test_text lines = {NULL, 0, 0};
        plan.fail_at++;
        refused = fault_play(&plan, &lines);
        compare(&plan, &expected, &lines);
        test_text_free(&lines);
    }
    assert_true(plan.fail_at > 1); /* something can fail at all */
    test_text_free(&expected);
}
