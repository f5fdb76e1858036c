/*
 * Eight threads on one directory in memory, on one account and on many: bind, unbind, evict, list, close, as streams of
 * one host and on the directory itself. The history of each mix is checked (CONF-5, CONF-7, CONF-8). In
 * all that is a million operations.
 */
#include "load.h"
#include "tests/support/test_cmocka.h"

#include <stdlib.h>

enum { OPERATIONS = 130000 /* of each of the eight mixes */, STEPS = OPERATIONS / HISTORY_THREADS };

static const struct load_mix mixes[] = {
    {.accounts = 1, .names_per_account = 8, .limit = 8, .replace = 1, .evict = 0, .steps = STEPS},
    {.accounts = 1, .names_per_account = 12, .limit = 5, .replace = 0, .evict = 0, .steps = STEPS},
    {.accounts = 1, .names_per_account = 12, .limit = 5, .replace = 1, .evict = 1, .steps = STEPS},
    {.accounts = 50, .names_per_account = 6, .limit = 4, .replace = 1, .evict = 1, .steps = STEPS},
};

enum { MIXES = sizeof mixes / sizeof mixes[0] };

static size_t operations; /* whose outcome was noted, over all mixes */

static void set_option(xmppbind_host *host, int option, uint32_t value) {
    assert_int_equal(xmppbind_host_set_option(host, option, value), XMPPBIND_OK);
}

/* A run in which nothing happened proves nothing. */
static void check_kinds(const struct load *load, int lost) {
    const struct load_mix *mix = &load->mix;
    assert_true(history_count(&load->history, HISTORY_CLAIMED) > mix->steps / 8);
    assert_true(history_count(&load->history, HISTORY_RELEASED) > 0);
    assert_true(history_count(&load->history, HISTORY_FOUND) > 0);
    assert_true(history_count(&load->history, HISTORY_LISTED) > 0);
    assert_true((history_count(&load->history, HISTORY_CONFLICT) > 0) == !mix->replace);
    assert_true((history_count(&load->history, HISTORY_FULL) > 0) ==
                (!mix->evict && mix->limit < mix->names_per_account));
    assert_true((history_count(&load->history, HISTORY_LOST) > 0) == (lost && (mix->replace || mix->evict)));
}

static void play(const struct load_mix *mix, void *(*run)(void *worker), int told) {
    struct load *load = malloc(sizeof *load);
    assert_non_null(load);
    load_set_up(load, mix, told);
    set_option(load->host, XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT, mix->limit);
    set_option(load->host, XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM, mix->names_per_account + 1);
    set_option(load->host, XMPPBIND_OPTION_MAX_BIND_FAILURES, 0);
    set_option(load->host, XMPPBIND_OPTION_CONFLICT,
               mix->replace ? XMPPBIND_CONFLICT_REPLACE : XMPPBIND_CONFLICT_REJECT);
    set_option(load->host, XMPPBIND_OPTION_ACCOUNT_LIMIT,
               mix->evict ? XMPPBIND_ACCOUNT_LIMIT_EVICT_OLDEST : XMPPBIND_ACCOUNT_LIMIT_REFUSE);
    load_run(load, run);
    load_check(load);
    check_kinds(load, !told);
    if (!told)
        assert_int_equal(xmppbind_memory_directory_count(load->memory), 0);
    operations += history_count(&load->history, 0);
    load_tear_down(load);
    free(load);
}

static void of_the_directory_itself(void **state) {
    (void)state;
    for (unsigned i = 0; i < MIXES; i++)
        play(&mixes[i], load_directory, 1);
}

static void of_streams_of_one_host(void **state) {
    (void)state;
    for (unsigned i = 0; i < MIXES; i++)
        play(&mixes[i], load_streams, 0);
}

static void in_all_there_were_enough(void **state) {
    (void)state;
    print_message("%zu operations\n", operations);
    assert_true(operations >= (size_t)OPERATIONS * 2 * MIXES / 26 * 25);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_directory_itself),
        cmocka_unit_test(of_streams_of_one_host),
        cmocka_unit_test(in_all_there_were_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
