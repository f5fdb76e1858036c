/* A store in SQLite when something breaks: the disk, the memory of SQLite, the process. */
#include "sqlite_fixture.h"

#ifdef XMPPBIND_WITH_SQLITE

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_OPERATIONS = 2000 };

/* --- the disk fails -------------------------------------------------------------------------------------------- */

static const struct fault {
    unsigned operations;
    int code, result;
} faults[] = {
    {TEST_SQLITE_WRITE, SQLITE_FULL, XMPPBIND_ERROR_STORE_FULL},
    {TEST_SQLITE_WRITE, SQLITE_IOERR_WRITE, XMPPBIND_ERROR_STORE_INPUT_OUTPUT},
    {TEST_SQLITE_READ, SQLITE_IOERR_READ, XMPPBIND_ERROR_STORE_INPUT_OUTPUT},
    {TEST_SQLITE_READ, SQLITE_IOERR_NOMEM, XMPPBIND_ERROR_NO_MEMORY},
    {TEST_SQLITE_SYNC, SQLITE_IOERR_FSYNC, XMPPBIND_ERROR_STORE_INPUT_OUTPUT},
    {TEST_SQLITE_TRUNCATE, SQLITE_IOERR_TRUNCATE, XMPPBIND_ERROR_STORE_INPUT_OUTPUT},
    {TEST_SQLITE_OPEN, SQLITE_CANTOPEN, XMPPBIND_ERROR_STORE_OPEN},
    {TEST_SQLITE_SHARE, SQLITE_IOERR_SHMMAP, XMPPBIND_ERROR_STORE_INPUT_OUTPUT},
    {TEST_SQLITE_LOCK, SQLITE_BUSY, XMPPBIND_ERROR_STORE_BUSY},
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

/* Each operation of opening a new file fails once, and for ever: either it works all the same, or the error is the one
 * that belongs to it; and nothing is left behind that could not be opened then. */
static void opening_fails_clearly(void **state) {
    struct fixture *fixture = *state;
    fixture_shut(fixture);
    for (size_t i = 0; i < FAULTS; i++) {
        for (int for_ever = 0; for_ever < 2; for_ever++) {
            unsigned failures = 0;
            for (unsigned n = 1;; n++) {
                assert_in_range(n, 1, MOST_OPERATIONS);
                (void)unlink(fixture->path);
                test_sqlite_fail(faults[i].operations, n, faults[i].code, for_ever);
                int result = fixture_try(fixture);
                unsigned failed = test_sqlite_failed();
                test_sqlite_fail(0, 0, 0, 0);
                if (result != XMPPBIND_OK) {
                    failures++;
                    if (result != faults[i].result)
                        fail_msg("operation %u of fault %zu: %s", n, i, xmppbind_error_name(result));
                    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
                }
                assert_string_equal(roster_text(fixture, JULIET), "");
                fixture_shut(fixture);
                if (failed == 0)
                    break;
            }
            if (failures == 0 && for_ever && faults[i].operations != TEST_SQLITE_TRUNCATE)
                fail_msg("fault %zu has no effect", i);
        }
    }
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
}

/* What another process stores makes this one read the file again. */
static void disturb(struct fixture *fixture) {
    execute(fixture->path, "CREATE TABLE IF NOT EXISTS other (number); INSERT INTO other VALUES (1)");
}

/* ROST-5: a change that fails is not there, one that is accepted is; a load that fails says so. */
static void a_change_is_all_or_nothing(struct fixture *fixture, const struct fault *fault) {
    unsigned rejected = 0;
    for (unsigned n = 1;; n++) {
        char former[256];
        assert_in_range(n, 1, MOST_OPERATIONS);
        (void)snprintf(former, sizeof former, "%s", roster_text(fixture, JULIET));
        char name[16];
        (void)snprintf(name, sizeof name, "%u", n);
        disturb(fixture);
        test_sqlite_fail(fault->operations, n, fault->code, 1);
        struct answer answer = put_named(fixture, JULIET, ROMEO, name);
        unsigned failed = test_sqlite_failed();
        test_sqlite_fail(0, 0, 0, 0);
        if (answer.condition != XMPPBIND_CONDITION_NONE) {
            rejected++;
            assert_fails(fixture, answer, "storing a contact: ");
            assert_string_equal(roster_text(fixture, JULIET), former);
        } else {
            assert_non_null(strstr(roster_text(fixture, JULIET), name));
        }
        if (failed == 0)
            break;
    }
    if (rejected == 0 && (fault->operations & (TEST_SQLITE_WRITE | TEST_SQLITE_SYNC | TEST_SQLITE_READ)) != 0)
        fail_msg("%d has no effect", fault->code);
}

static void changes_fail_clearly(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 1);
    assert_int_equal(put_named(fixture, JULIET, ROMEO, "Romeo").condition, XMPPBIND_CONDITION_NONE);
    for (size_t i = 0; i < FAULTS; i++)
        a_change_is_all_or_nothing(fixture, &faults[i]);
}

static void loads_fail_clearly(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 100);
    unsigned rejected = 0;
    for (unsigned n = 1;; n++) {
        assert_in_range(n, 1, MOST_OPERATIONS);
        disturb(fixture);
        test_sqlite_fail(TEST_SQLITE_READ, n, SQLITE_IOERR_READ, 0);
        struct answer answer = count_contacts(fixture, JULIET);
        unsigned failed = test_sqlite_failed();
        test_sqlite_fail(0, 0, 0, 0);
        if (failed == 0)
            break;
        rejected++;
        assert_fails(fixture, answer, "loading a roster: disk I/O error");
        assert_int_equal(answer.items, 0);
    }
    assert_true(rejected > 0);
    assert_int_equal(count_contacts(fixture, JULIET).items, 100);
}

/* --- SQLite has no memory -------------------------------------------------------------------------------------- */

static void opening_without_memory(void **state) {
    enum { STEP = 2048, LARGEST = 4 << 20 };
    struct fixture *fixture = *state;
    int failures = 0, result = XMPPBIND_ERROR_NO_MEMORY;
    fixture_shut(fixture);
    for (sqlite3_int64 room = STEP; result != XMPPBIND_OK; room += STEP) {
        assert_in_range(room, 1, LARGEST);
        (void)unlink(fixture->path);
        (void)sqlite3_hard_heap_limit64(sqlite3_memory_used() + room);
        result = fixture_try(fixture);
        (void)sqlite3_hard_heap_limit64(0);
        failures += result != XMPPBIND_OK;
        if (result != XMPPBIND_OK && result != XMPPBIND_ERROR_NO_MEMORY)
            fail_msg("%s with %d octets", xmppbind_error_name(result), (int)room);
    }
    assert_true(failures > 1);
    for (size_t n = 1; n <= 2; n++) { /* and the library's own */
        test_allocator_fail(&fixture->source, n, 0);
        xmppbind_sqlite_store *sqlite = NULL;
        assert_int_equal(
            xmppbind_sqlite_store_new(&sqlite, fixture->path, strlen(fixture->path), fixture->source.allocator),
            XMPPBIND_ERROR_NO_MEMORY);
    }
    test_allocator_fail(&fixture->source, 0, 0);
}

/* What is too large for SQLite is refused before anything is stored. */
static void requests_without_memory(void **state) {
    enum { LONG = 200000, STEP = 1024, LARGEST = 4 << 20 };
    struct fixture *fixture = *state;
    char *text = test_memory_get(LONG + 1);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    xmppbind_roster_item *item = new_item(text);
    assert_int_equal(xmppbind_roster_item_add_group(item, text, LONG), XMPPBIND_OK);
    xmppbind_privacy_list *list = new_list(text);
    add_rule(list, 1, XMPPBIND_PRIVACY_GROUP, text, XMPPBIND_PRIVACY_DENY, 0);
    for (int kind = XMPPBIND_STORE_ROSTER_LOAD; kind <= XMPPBIND_STORE_LIST_DEFAULT; kind++) {
        const char *name = kind == XMPPBIND_STORE_ROSTER_REMOVE || kind >= XMPPBIND_STORE_LIST_REMOVE ? text : NULL;
        struct answer answer = {.condition = XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR};
        for (sqlite3_int64 room = 0; answer.condition != XMPPBIND_CONDITION_NONE; room += STEP) {
            assert_in_range(room, 0, LARGEST);
            assert_int_equal(put_item(fixture, text, item).condition, XMPPBIND_CONDITION_NONE);
            assert_int_equal(put_list(fixture, text, list).condition, XMPPBIND_CONDITION_NONE);
            fixture_reopen(fixture); /* with nothing in its cache */
            (void)sqlite3_hard_heap_limit64(sqlite3_memory_used() + room);
            answer = kind == XMPPBIND_STORE_ROSTER_PUT ? put_item(fixture, text, item)
                     : kind == XMPPBIND_STORE_LIST_PUT ? put_list(fixture, text, list)
                                                       : ask_for(fixture, kind, text, name);
            (void)sqlite3_hard_heap_limit64(0);
            if (answer.condition != XMPPBIND_CONDITION_NONE)
                assert_fails(fixture, answer, "out of memory");
            room += room / 4;
        }
    }
    xmppbind_roster_item_free(item);
    xmppbind_privacy_list_free(list);
    free(text);
}

/* --- the process dies ------------------------------------------------------------------------------------------ */

/* Whether the process was killed; otherwise it ended well. */
static int was_killed(pid_t process) {
    int status = 0;
    assert_int_equal(waitpid(process, &status, 0), process);
    if (!WIFSIGNALED(status)) {
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        return 0;
    }
    assert_int_equal(WTERMSIG(status), SIGKILL);
    return 1;
}

static void change_and_die(const char *path, unsigned n) {
    struct fixture fixture;
    char name[16];
    xmppbind_roster_item *item = new_item(ROMEO);
    (void)snprintf(name, sizeof name, "%u", n);
    fixture_for_file(&fixture, path);
    for (int i = 0; i < 3; i++) {
        char group[32];
        (void)snprintf(group, sizeof group, "%s.%d", name, i);
        if (xmppbind_roster_item_add_group(item, group, strlen(group)) != XMPPBIND_OK)
            _exit(1);
    }
    (void)xmppbind_roster_item_set_name(item, name, strlen(name));
    test_sqlite_fail(TEST_SQLITE_CHANGES, n, TEST_SQLITE_KILL, 0);
    if (put_item(&fixture, JULIET, item).condition != XMPPBIND_CONDITION_NONE)
        _exit(2);
    fixture_shut(&fixture); /* and while all goes from the log into the file */
    _exit(0);
}

/* Killed at each thing that it does to the files in the middle of a change: the change is there or not, and the file is
 * whole. */
static void killed_while_it_changes(void **state) {
    struct fixture *fixture = *state;
    char former[256], now[256];
    unsigned lost = 0, kept = 0, n = 1;
    assert_int_equal(put_named(fixture, JULIET, ROMEO, "0").condition, XMPPBIND_CONDITION_NONE);
    for (int killed = 1; killed; n++) {
        assert_in_range(n, 1, MOST_OPERATIONS);
        struct answer before = count_contacts(fixture, JULIET);
        (void)snprintf(former, sizeof former, "%s", roster_text(fixture, JULIET));
        fixture_shut(fixture);
        pid_t child = fork();
        if (child == 0)
            change_and_die(fixture->path, n);
        killed = was_killed(child);
        assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
        struct answer after = count_contacts(fixture, JULIET);
        (void)snprintf(now, sizeof now, "+%llu " ROMEO " name=[%u] groups=[%u.0][%u.1][%u.2]\n",
                       (unsigned long long)(before.version + 1 - before.floor), n, n, n, n);
        int is_lost = after.version == before.version;
        assert_int_equal(after.version, before.version + !is_lost);
        assert_string_equal(roster_text(fixture, JULIET), is_lost ? former : now);
        lost += is_lost ? 1 : 0;
        kept += is_lost ? 0 : 1;
    }
    assert_true(lost > 2);
    assert_true(kept > 2);
}

static void make_and_die(const char *path, unsigned n) {
    struct fixture fixture;
    test_sqlite_fail(TEST_SQLITE_CHANGES, n, TEST_SQLITE_KILL, 0);
    fixture_for_file(&fixture, path);
    fixture_done(&fixture);
    _exit(0);
}

/* The same while the file is made, and while it is brought from an older schema to the present one. */
static void killed_while_it_opens(void **state) {
    struct fixture *fixture = *state;
    for (int old = 0; old < 2; old++) {
        unsigned n = 1;
        for (int killed = 1; killed; n++) {
            assert_in_range(n, 1, MOST_OPERATIONS);
            fixture_shut(fixture);
            if (old)
                make_old_file(fixture->path);
            else
                (void)unlink(fixture->path);
            pid_t child = fork();
            if (child == 0)
                make_and_die(fixture->path, n);
            killed = was_killed(child);
            assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
            assert_string_equal(roster_text(fixture, JULIET), old ? OLD_TEXT : "");
            assert_string_equal(lists_text(fixture, JULIET), "");
        }
        assert_true(n > 5);
    }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(opening_fails_clearly),  CASE(changes_fail_clearly),    CASE(loads_fail_clearly),
        CASE(opening_without_memory), CASE(requests_without_memory), CASE(killed_while_it_changes),
        CASE(killed_while_it_opens),
    };
    test_sqlite_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

/* Without SQLite nothing can break. */
static void nothing_is_tried(void **state) {
    xmppbind_sqlite_store *sqlite = NULL;
    (void)state;
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, "none", 4, NULL), XMPPBIND_ERROR_STORE_UNSUPPORTED);
    assert_null(sqlite);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_tried)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
