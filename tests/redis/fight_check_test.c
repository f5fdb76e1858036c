/* Histories that were forged, for the one who checks the real ones. */
#include "fight.h"
#include "tests/support/test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BALCONY = 0, CHAMBER = 1, OF_ANOTHER = FIGHT_RESOURCES };

static int set_up(void **state) {
    struct fight *fight = calloc(1, sizeof *fight);
    assert_non_null(fight);
    fight->log_count = 2;
    (void)snprintf(fight->logs[0].node, sizeof fight->logs[0].node, "one");
    (void)snprintf(fight->logs[1].node, sizeof fight->logs[1].node, "two");
    *state = fight;
    return 0;
}

static int tear_down(void **state) {
    free(*state);
    return 0;
}

static void note(struct fight *fight, int log, uint64_t time, int kind, unsigned name, uint32_t tag, uint64_t number) {
    fight_write(&fight->logs[log], kind, name, tag, number, time);
}

/* Asked for, granted, answered, lost. */
static void hold(struct fight *fight, int log, unsigned name, uint32_t tag, uint64_t number, uint64_t from,
                 uint64_t to) {
    note(fight, log, from, FIGHT_ASKED, name, tag, 0);
    note(fight, log, to, FIGHT_OPENED, name, tag, number);
    note(fight, log, to, FIGHT_ANSWERED, name, tag, 0);
    note(fight, log, to, FIGHT_CLOSED, name, 0, number);
}

static void rejected(const struct fight *fight, const char *why) {
    const char *problem = fight_check(fight);
    assert_non_null(problem);
    if (strstr(problem, why) == NULL)
        fail_msg("rejected for another reason: %s", problem);
}

static void what_may_happen(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    hold(fight, 1, BALCONY, 1, 11, 150, 300);
    hold(fight, 0, BALCONY, 2, 13, 400, 500);
    hold(fight, 1, CHAMBER, 2, 12, 450, 600);    /* they overlap: either may be the first */
    hold(fight, 1, OF_ANOTHER, 3, 10, 700, 800); /* accounts have nothing to do with each other */
    note(fight, 0, 900, FIGHT_ASKED, BALCONY, 4, 0);
    note(fight, 0, 901, FIGHT_ANSWERED, BALCONY, 4, 0); /* refused */
    assert_null(fight_check(fight));
    assert_int_equal(fight_grants(fight), 5);
    assert_int_equal(fight_open_requests(fight), 0);
    assert_int_equal(fight_holder(fight, BALCONY), 0);
}

static void a_number_is_granted_twice(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    hold(fight, 1, BALCONY, 1, 10, 100, 200);
    rejected(fight, "10 was granted twice: to one for juliet@capulet.example/balcony, to two");
}

static void a_number_is_granted_for_two_names(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    hold(fight, 0, CHAMBER, 2, 10, 300, 400);
    rejected(fight, "granted twice");
}

static void numbers_fall(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 11, 100, 200);
    hold(fight, 1, CHAMBER, 1, 10, 201, 300);
    rejected(fight, "numbers fell: one got juliet@capulet.example/balcony under 11, and after that two");
}

/* Beyond others that overlap both. */
static void numbers_fall_between_others(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 20, 100, 200);
    hold(fight, 1, BALCONY, 1, 15, 150, 900);
    hold(fight, 0, BALCONY, 2, 14, 250, 300);
    hold(fight, 0, BALCONY, 3, 30, 310, 320);
    rejected(fight, "numbers fell");
}

static void a_request_is_not_answered(void **state) {
    struct fight *fight = *state;
    note(fight, 1, 100, FIGHT_ASKED, BALCONY, 7, 0);
    assert_int_equal(fight_open_requests(fight), 1);
    rejected(fight, "two: request 7 for juliet@capulet.example/balcony was not answered");
    fight->logs[1].killed = 1;
    assert_int_equal(fight_open_requests(fight), 0);
    assert_null(fight_check(fight));
}

static void a_request_is_answered_twice(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    note(fight, 0, 300, FIGHT_ANSWERED, BALCONY, 1, 0);
    rejected(fight, "answered twice");
}

static void nobody_asked(void **state) {
    struct fight *fight = *state;
    note(fight, 0, 300, FIGHT_ANSWERED, BALCONY, 1, 0);
    rejected(fight, "never made");
}

static void a_request_is_made_twice(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    hold(fight, 0, BALCONY, 1, 11, 300, 400);
    rejected(fight, "made twice");
}

static void a_tag_is_nonsense(void **state) {
    struct fight *fight = *state;
    note(fight, 0, 300, FIGHT_ANSWERED, BALCONY, FIGHT_EVENTS, 0);
    rejected(fight, "no request has the number");
}

static void another_name_is_granted(void **state) {
    struct fight *fight = *state;
    note(fight, 0, 100, FIGHT_ASKED, BALCONY, 1, 0);
    note(fight, 0, 200, FIGHT_OPENED, CHAMBER, 1, 10);
    rejected(fight, "asked for juliet@capulet.example/balcony and got juliet@capulet.example/chamber");
}

static void a_request_is_granted_twice(void **state) {
    struct fight *fight = *state;
    note(fight, 0, 100, FIGHT_ASKED, BALCONY, 1, 0);
    note(fight, 0, 200, FIGHT_OPENED, BALCONY, 1, 10);
    note(fight, 0, 300, FIGHT_OPENED, BALCONY, 1, 11);
    rejected(fight, "granted after");
}

static void no_number_is_granted(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 0, 100, 200);
    rejected(fight, "under no number");
}

static void something_is_held_at_the_end(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    note(fight, 1, 300, FIGHT_ASKED, BALCONY, 1, 0);
    note(fight, 1, 400, FIGHT_OPENED, BALCONY, 1, 11);
    note(fight, 1, 400, FIGHT_ANSWERED, BALCONY, 1, 0);
    assert_int_equal(fight_holder(fight, BALCONY), 11);
    rejected(fight, "two went and still held juliet@capulet.example/balcony under 11");
    note(fight, 0, 500, FIGHT_ASKED, BALCONY, 2, 0);
    note(fight, 0, 600, FIGHT_OPENED, BALCONY, 2, 12);
    assert_true(fight_holder(fight, BALCONY) == UINT64_MAX);
    fight->logs[1].killed = 1;
    assert_int_equal(fight_holder(fight, BALCONY), 12);
    fight->logs[0].killed = 1;
    assert_null(fight_check(fight));
}

static void what_is_not_held_is_lost(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    note(fight, 1, 300, FIGHT_CLOSED, BALCONY, 0, 10);
    rejected(fight, "two lost juliet@capulet.example/balcony under 10 without holding it");
}

static void it_is_lost_twice(void **state) {
    struct fight *fight = *state;
    hold(fight, 0, BALCONY, 1, 10, 100, 200);
    note(fight, 0, 300, FIGHT_CLOSED, BALCONY, 0, 10);
    rejected(fight, "without holding it");
}

static void it_is_lost_under_another_number(void **state) {
    struct fight *fight = *state;
    note(fight, 0, 100, FIGHT_ASKED, BALCONY, 1, 0);
    note(fight, 0, 200, FIGHT_OPENED, BALCONY, 1, 10);
    note(fight, 0, 200, FIGHT_ANSWERED, BALCONY, 1, 0);
    note(fight, 0, 300, FIGHT_CLOSED, BALCONY, 0, 11);
    rejected(fight, "under 11 without holding it");
}

static void the_log_is_full(void **state) {
    struct fight *fight = *state;
    for (uint32_t i = 0; i < FIGHT_EVENTS; i++)
        note(fight, 0, i, i % 2 == 0 ? FIGHT_ASKED : FIGHT_ANSWERED, BALCONY, i / 2, 0);
    rejected(fight, "one: the log is full");
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_may_happen),
        CASE(a_number_is_granted_twice),
        CASE(a_number_is_granted_for_two_names),
        CASE(numbers_fall),
        CASE(numbers_fall_between_others),
        CASE(a_request_is_not_answered),
        CASE(a_request_is_answered_twice),
        CASE(nobody_asked),
        CASE(a_request_is_made_twice),
        CASE(a_tag_is_nonsense),
        CASE(another_name_is_granted),
        CASE(a_request_is_granted_twice),
        CASE(no_number_is_granted),
        CASE(something_is_held_at_the_end),
        CASE(what_is_not_held_is_lost),
        CASE(it_is_lost_twice),
        CASE(it_is_lost_under_another_number),
        CASE(the_log_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
