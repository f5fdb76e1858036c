/*
 * The check of histories, by histories that were made up: each kind of fault in the fewest calls, beside the sound
 * history that it differs from least. Names 0 to 3 are of one account that may hold two, names 4 to 7 of another.
 */
#include "history_check.h"
#include "tests/support/test_cmocka.h"

#include <string.h>

enum { NAMES = 4, LIMIT = 2, CALLS = 8, ENTRIES = 3, TOLD = 1, NOT_TOLD = 0 };

struct call {
    uint32_t before, after;
    int kind;
    unsigned name;
    uint32_t number;
    unsigned old_name;
    uint32_t old_number;
};

struct example {
    const char *text;
    int fault, told;
    struct call calls[CALLS];             /* each of a thread of its own, or of the same if they follow each other */
    struct history_entry listed[ENTRIES]; /* by every list among them, if the number is not 0 */
};

#define CLAIMED(before, after, name, number)                                                                           \
    { before, after, HISTORY_CLAIMED, name, number, 0, 0 }
#define TAKING(before, after, name, number, old_name, old_number)                                                      \
    { before, after, HISTORY_CLAIMED, name, number, old_name, old_number }
#define RELEASED(before, after, name, number)                                                                          \
    { before, after, HISTORY_RELEASED, name, number, 0, 0 }
#define LOST(before, after, name, number)                                                                              \
    { before, after, HISTORY_LOST, name, number, 0, 0 }
#define CONFLICT(before, after, name)                                                                                  \
    { before, after, HISTORY_CONFLICT, name, 0, 0, 0 }
#define FULL(before, after, name)                                                                                      \
    { before, after, HISTORY_FULL, name, 0, 0, 0 }
#define FOUND(before, after, name, number)                                                                             \
    { before, after, HISTORY_FOUND, name, number, 0, 0 }
#define LISTED(before, after)                                                                                          \
    { before, after, HISTORY_LISTED, 0, 0, 0, 0 }

static const struct example examples[] = {
    {"nothing happened", HISTORY_SOUND, TOLD, {{0}}, {{0, 0}}},
    {"claims of two accounts may have one number",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 4, 1)},
     {{0, 0}}},
    {"a number that nobody was given is found",
     HISTORY_NEVER_GRANTED,
     TOLD,
     {CLAIMED(1, 2, 0, 1), FOUND(3, 4, 0, 2)},
     {{0, 0}}},
    {"one is evicted that nobody was given",
     HISTORY_NEVER_GRANTED,
     TOLD,
     {CLAIMED(1, 2, 0, 1), TAKING(3, 4, 0, 3, 0, 2)},
     {{0, 0}}},
    {"one is released that nobody was given", HISTORY_NEVER_GRANTED, TOLD, {RELEASED(3, 4, 0, 2)}, {{0, 0}}},
    {"one number for two claims of a name",
     HISTORY_NUMBER_TWICE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), RELEASED(3, 4, 0, 1), CLAIMED(5, 6, 0, 1)},
     {{0, 0}}},
    {"one number for two names of an account",
     HISTORY_NUMBER_TWICE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 1)},
     {{0, 0}}},
    {"a smaller number after a greater one",
     HISTORY_NUMBER_SHRANK,
     TOLD,
     {CLAIMED(1, 2, 0, 2), RELEASED(3, 4, 0, 2), CLAIMED(5, 6, 0, 1)},
     {{0, 0}}},
    {"a smaller number beside a greater one",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 5, 0, 2), CLAIMED(2, 6, 1, 1)},
     {{0, 0}}},
    {"granted again though it was never released",
     HISTORY_TWO_OWNERS,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 0, 2)},
     {{0, 0}}},
    {"granted again before it was released",
     HISTORY_TWO_OWNERS,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 0, 2), RELEASED(5, 6, 0, 1)},
     {{0, 0}}},
    {"granted again while it was released",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 5, 0, 2), RELEASED(4, 6, 0, 1)},
     {{0, 0}}},
    {"replaced by another than the next",
     HISTORY_TWO_OWNERS,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 6, 0, 2), TAKING(4, 7, 0, 3, 0, 1)},
     {{0, 0}}},
    {"two claims took the same one",
     HISTORY_ENDED_TWICE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), TAKING(3, 5, 0, 2, 0, 1), TAKING(4, 6, 1, 3, 0, 1)},
     {{0, 0}}},
    {"released twice",
     HISTORY_ENDED_TWICE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), RELEASED(3, 4, 0, 1), RELEASED(5, 6, 0, 1)},
     {{0, 0}}},
    {"lost and released",
     HISTORY_ENDED_TWICE,
     NOT_TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 0, 2), LOST(2, 6, 0, 1), RELEASED(7, 8, 0, 1)},
     {{0, 0}}},
    {"released late, after it was taken",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), TAKING(3, 4, 0, 2, 0, 1), RELEASED(5, 6, 0, 1), FOUND(7, 8, 0, 2)},
     {{0, 0}}},
    {"a late release took what it does not name",
     HISTORY_LOST_CLAIM,
     TOLD,
     {CLAIMED(1, 2, 0, 1), TAKING(3, 4, 0, 2, 0, 1), RELEASED(5, 6, 0, 1), FOUND(7, 8, 0, 0)},
     {{0, 0}}},
    {"lost, and no claim is younger", HISTORY_NO_CAUSE, NOT_TOLD, {CLAIMED(1, 2, 0, 1), LOST(3, 4, 0, 1)}, {{0, 0}}},
    {"lost before the claim that could have taken it",
     HISTORY_NO_CAUSE,
     NOT_TOLD,
     {CLAIMED(1, 2, 0, 1), LOST(3, 4, 0, 1), CLAIMED(5, 6, 0, 2)},
     {{0, 0}}},
    {"lost to a claim that is told of what it took",
     HISTORY_NO_CAUSE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 0, 2), LOST(2, 6, 0, 1)},
     {{0, 0}}},
    {"lost to another name of the account",
     HISTORY_SOUND,
     NOT_TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), LOST(2, 6, 0, 1), FOUND(7, 8, 0, 0)},
     {{0, 0}}},
    {"released when a claim had it already, whose call has not ended",
     HISTORY_SOUND,
     NOT_TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 9, 0, 2), FOUND(4, 5, 0, 2), RELEASED(6, 7, 0, 1)},
     {{0, 0}}},
    {"the same where the claim would know",
     HISTORY_STALE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 9, 0, 2), FOUND(4, 5, 0, 2), RELEASED(6, 7, 0, 1)},
     {{0, 0}}},
    {"found before it was claimed", HISTORY_STALE, TOLD, {FOUND(1, 2, 0, 1), CLAIMED(3, 4, 0, 1)}, {{0, 0}}},
    {"found after it was released",
     HISTORY_STALE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), RELEASED(3, 4, 0, 1), FOUND(5, 6, 0, 1)},
     {{0, 0}}},
    {"the old one is found after the new one was",
     HISTORY_STALE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), TAKING(3, 9, 0, 2, 0, 1), FOUND(4, 5, 0, 2), FOUND(6, 7, 0, 1)},
     {{0, 0}}},
    {"the old one is found before the new one is",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), TAKING(3, 9, 0, 2, 0, 1), FOUND(4, 5, 0, 1), FOUND(6, 7, 0, 2)},
     {{0, 0}}},
    {"a conflict after the release",
     HISTORY_NO_OWNER,
     TOLD,
     {CLAIMED(1, 2, 0, 1), RELEASED(3, 4, 0, 1), CONFLICT(5, 6, 0)},
     {{0, 0}}},
    {"a conflict before any claim", HISTORY_NO_OWNER, TOLD, {CONFLICT(1, 2, 0), CLAIMED(3, 4, 0, 1)}, {{0, 0}}},
    {"a conflict before the release has ended",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), RELEASED(3, 6, 0, 1), CONFLICT(4, 5, 0)},
     {{0, 0}}},
    {"nothing is found of what is held",
     HISTORY_LOST_CLAIM,
     TOLD,
     {CLAIMED(1, 2, 0, 1), FOUND(3, 4, 0, 0), RELEASED(5, 6, 0, 1)},
     {{0, 0}}},
    {"nothing is found of what is replaced meanwhile",
     HISTORY_LOST_CLAIM,
     TOLD,
     {CLAIMED(1, 2, 0, 1), FOUND(3, 7, 0, 0), TAKING(4, 5, 0, 2, 0, 1)},
     {{0, 0}}},
    {"nothing is found of what was claimed again meanwhile",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), FOUND(3, 8, 0, 0), RELEASED(4, 5, 0, 1), CLAIMED(6, 7, 0, 2)},
     {{0, 0}}},
    {"nothing is found before the first claim has ended",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 4, 0, 1), FOUND(2, 3, 0, 0)},
     {{0, 0}}},
    {"it is still found at the end though it was released",
     HISTORY_STALE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), RELEASED(3, 4, 0, 1), FOUND(9, 10, 0, 1)},
     {{0, 0}}},
    {"three of two",
     HISTORY_OVER_LIMIT,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), CLAIMED(5, 6, 2, 3)},
     {{0, 0}}},
    {"the third while the first goes",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), CLAIMED(5, 7, 2, 3), RELEASED(6, 8, 0, 1)},
     {{0, 0}}},
    {"the third takes the place of the first",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), TAKING(5, 6, 2, 3, 0, 1)},
     {{0, 0}}},
    {"refused though there is room",
     HISTORY_NOT_FULL,
     TOLD,
     {CLAIMED(1, 2, 0, 1), FULL(3, 4, 1), CLAIMED(5, 6, 2, 2)},
     {{0, 0}}},
    {"refused while the second comes",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), FULL(3, 5, 1), CLAIMED(4, 6, 2, 2)},
     {{0, 0}}},
    {"evicted though there is room", HISTORY_NOT_FULL, TOLD, {CLAIMED(1, 2, 0, 1), TAKING(3, 4, 1, 2, 0, 1)}, {{0, 0}}},
    {"the younger one is evicted",
     HISTORY_NOT_OLDEST,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), TAKING(5, 6, 2, 3, 1, 2)},
     {{0, 0}}},
    {"a list without what is held",
     HISTORY_LIST_OMITS,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), LISTED(5, 6)},
     {{2, 1}}},
    {"a list without what is replaced meanwhile",
     HISTORY_LIST_OMITS,
     TOLD,
     {CLAIMED(1, 2, 0, 1), LISTED(3, 6), TAKING(4, 5, 0, 2, 0, 1)},
     {{0, 0}}},
    {"a list without what is released meanwhile",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), LISTED(3, 5), RELEASED(4, 6, 0, 1)},
     {{0, 0}}},
    {"a list with what was released before",
     HISTORY_LIST_STALE,
     TOLD,
     {CLAIMED(1, 2, 0, 1), RELEASED(3, 4, 0, 1), LISTED(5, 6)},
     {{1, 0}}},
    {"a list with what was claimed after", HISTORY_LIST_STALE, TOLD, {LISTED(1, 2), CLAIMED(3, 4, 0, 1)}, {{1, 0}}},
    {"a list out of order",
     HISTORY_LIST_DISORDER,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), LISTED(5, 6)},
     {{2, 1}, {1, 0}}},
    {"a list that names one twice, under one number",
     HISTORY_LIST_DISORDER,
     TOLD,
     {CLAIMED(1, 2, 0, 1), LISTED(5, 6)},
     {{1, 0}, {1, 0}}},
    {"a list that meets what was replaced again",
     HISTORY_SOUND,
     TOLD,
     {CLAIMED(1, 2, 0, 1), CLAIMED(3, 4, 1, 2), LISTED(5, 8), TAKING(6, 7, 0, 3, 0, 1)},
     {{1, 0}, {2, 1}, {3, 0}}},
};

static void tell(struct history *history, const struct example *example) {
    for (int i = 0; i < CALLS && example->calls[i].kind != 0; i++) {
        const struct call *call = &example->calls[i];
        struct history_log *log = &history->logs[i];
        struct history_event *event = history_note(log, call->before, call->kind, call->name, call->number);
        event->after = call->after;
        event->old_name = (uint16_t)call->old_name;
        event->old_number = call->old_number;
        for (int j = 0; call->kind == HISTORY_LISTED && j < ENTRIES && example->listed[j].number != 0; j++) {
            history_note_entry(log, example->listed[j].name, example->listed[j].number);
            event->old_number++;
        }
    }
}

static void each_fault_is_found(void **state) {
    int found[HISTORY_FAULTS] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct history history;
        struct history_event culprit;
        history_set_up(&history, 2, NAMES, LIMIT, examples[i].told);
        tell(&history, &examples[i]);
        int fault = history_check(&history, &culprit);
        history_tear_down(&history);
        if (fault != examples[i].fault)
            fail_msg("%s: %s", examples[i].text, history_fault_name(fault));
        found[fault]++;
    }
    for (int fault = 0; fault < HISTORY_FAULTS; fault++) {
        if (found[fault] == 0)
            fail_msg("there is no example of %s", history_fault_name(fault));
    }
}

/* As threads note them: the second ticket comes when the call has ended, for all that was noted in it. */
static void calls_are_noted(void **state) {
    struct history history;
    (void)state;
    history_set_up(&history, 1, NAMES, LIMIT, TOLD);
    struct history_log *log = &history.logs[0];
    uint32_t before = history_begin(&history);
    (void)history_note(log, before, HISTORY_CLAIMED, 1, 7);
    (void)history_note(log, before, HISTORY_LOST, 2, 6);
    history_end(&history, log);
    (void)history_note(log, history_begin(&history), HISTORY_FOUND, 1, 7);
    history_end(&history, log);
    assert_int_equal(log->count, 3);
    assert_int_equal(log->events[0].before, 1);
    assert_int_equal(log->events[0].after, 2);
    assert_int_equal(log->events[1].after, 2);
    assert_int_equal(log->events[2].before, 3);
    assert_int_equal(log->events[2].after, 4);
    assert_int_equal(history_count(&history, HISTORY_LOST), 1);
    assert_int_equal(history_count(&history, 0), 3);
    history_tear_down(&history);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_found),
        cmocka_unit_test(calls_are_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
