/* The cases of all stores with the store in SQLite, and what only that one has: its file. */
#include "sqlite_fixture.h"

#include <string.h>

#ifdef XMPPBIND_WITH_SQLITE

#include "lib/storage/sqlite/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void arguments_are_checked(void **state) {
    struct fixture *fixture = *state;
    xmppbind_sqlite_store *sqlite = NULL;
    char text[8] = "x";
    assert_int_equal(xmppbind_sqlite_store_new(NULL, "a", 1, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, NULL, 1, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, "a", 0, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, "a\0b", 3, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(sqlite);
    assert_int_equal(xmppbind_sqlite_store_answer(NULL, fixture->store, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sqlite_store_answer(fixture->backend, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sqlite_store_answer(fixture->backend, fixture->store, NULL),
                     XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sqlite_store_message(NULL, text, sizeof text), 0);
    assert_string_equal(text, "");
    assert_int_equal(xmppbind_sqlite_store_message(fixture->backend, NULL, 0), 0);
    assert_int_equal(xmppbind_sqlite_store_message(fixture->backend, NULL, 8), 0);
    xmppbind_sqlite_store_free(NULL);
}

static void what_was_stored_is_there_after_it_was_closed(void **state) {
    struct fixture *fixture = *state;
    struct answer put = put_named(fixture, JULIET, ROMEO, "Romeo");
    fixture_reopen(fixture);
    assert_string_equal(roster_text(fixture, JULIET), "+1 " ROMEO " name=[Romeo]\n");
    assert_int_equal(put_named(fixture, JULIET, NURSE, NULL).version, put.version + 1);
}

/* Each path is the name of a file, whatever it looks like. */
static void a_path_has_no_meaning_of_its_own(void **state) {
    static const char *const names[] = {":memory:", "file:a?mode=memory", "a%20b #c", "\xC3\xA9'\"", "//a///b"};
    struct fixture *fixture = *state;
    char folder[256];
    assert_non_null(getcwd(folder, sizeof folder));
    assert_int_equal(chdir(fixture->folder), 0);
    assert_int_equal(mkdir("a", S_IRWXU), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct stat status;
        xmppbind_sqlite_store *sqlite = NULL;
        const char *name = names[i];
        if (i == sizeof names / sizeof names[0] - 1) {
            (void)snprintf(fixture->path, sizeof fixture->path, "//%s//a///b", fixture->folder);
            name = fixture->path;
        }
        assert_int_equal(xmppbind_sqlite_store_new(&sqlite, name, strlen(name), NULL), XMPPBIND_OK);
        assert_int_equal(stat(name, &status), 0);
        assert_true(S_ISREG(status.st_mode));
        xmppbind_sqlite_store_free(sqlite);
        assert_int_equal(unlink(name), 0);
    }
    assert_int_equal(rmdir("a"), 0);
    assert_int_equal(chdir(folder), 0);
}

/* In a process of its own: so many contacts of one owner, each by a name of its own. */
static void write_contacts(const char *path, char letter, int count) {
    struct fixture fixture;
    char jid[64];
    fixture_for_file(&fixture, path);
    for (int i = 0; i < count; i++) {
        (void)snprintf(jid, sizeof jid, "%c%d@verona.example", letter, i);
        if (put_named(&fixture, JULIET, jid, NULL).condition != XMPPBIND_CONDITION_NONE)
            _exit(1);
    }
    fixture_done(&fixture);
    _exit(0);
}

/* No change of one process is lost to another, and no version is given twice. */
static void two_processes_write_one_file(void **state) {
    enum { CHANGES = 200 };
    struct fixture *fixture = *state;
    uint64_t before = put_named(fixture, JULIET, ROMEO, NULL).version;
    pid_t first = fork();
    if (first == 0)
        write_contacts(fixture->path, 'a', CHANGES);
    pid_t second = fork();
    if (second == 0)
        write_contacts(fixture->path, 'b', CHANGES);
    for (int i = 0; i < CHANGES; i++) { /* and this one as well */
        char name[16];
        (void)snprintf(name, sizeof name, "%d", i);
        assert_int_equal(put_named(fixture, JULIET, ROMEO, name).condition, XMPPBIND_CONDITION_NONE);
    }
    assert_ended_well(first);
    assert_ended_well(second);
    struct answer answer = count_contacts(fixture, JULIET);
    assert_int_equal(answer.items, 2 * CHANGES + 1);
    assert_int_equal(answer.version, before + 3 * CHANGES);
}

static void make_file(const char *path, int *ends) {
    struct fixture fixture;
    char octet;
    (void)close(ends[1]);
    (void)read(ends[0], &octet, 1); /* until all are there */
    fixture_for_file(&fixture, path);
    int done = put_named(&fixture, JULIET, ROMEO, NULL).condition == XMPPBIND_CONDITION_NONE;
    fixture_done(&fixture);
    _exit(done ? 0 : 1);
}

static void several_processes_make_one_file(void **state) {
    enum { PROCESSES = 4, ROUNDS = 10 };
    struct fixture *fixture = *state;
    for (int round = 0; round < ROUNDS; round++) {
        pid_t children[PROCESSES];
        int ends[2];
        char path[128];
        (void)snprintf(path, sizeof path, "%s/new%d", fixture->folder, round);
        assert_int_equal(pipe(ends), 0);
        for (int i = 0; i < PROCESSES; i++)
            if ((children[i] = fork()) == 0)
                make_file(path, ends);
        (void)close(ends[0]);
        (void)close(ends[1]); /* go */
        for (int i = 0; i < PROCESSES; i++)
            assert_ended_well(children[i]);
        struct fixture made;
        fixture_for_file(&made, path);
        struct answer answer = count_contacts(&made, JULIET);
        assert_int_equal(answer.items, 1);
        assert_int_equal(answer.version, answer.floor + PROCESSES);
        fixture_done(&made);
    }
}

/* One store in memory and one in SQLite are asked the same at random, and answer the same. */
struct pair {
    struct fixture *sqlite;
    struct fixture memory;
    uint32_t random;
};

static int answer_from_memory(struct fixture *fixture, const xmppbind_store_request *request) {
    return xmppbind_memory_store_answer(fixture->backend, fixture->store, request);
}

static uint32_t below(struct pair *pair, uint32_t limit) {
    pair->random = pair->random * UINT32_C(1664525) + UINT32_C(1013904223);
    return (pair->random >> 8) % limit;
}

static void assert_same(struct pair *pair, struct answer left, struct answer right) {
    assert_int_equal(left.condition, right.condition);
    assert_int_equal(left.items, right.items);
    assert_int_equal(left.removals, right.removals);
    assert_int_equal(left.version - left.floor != 0, right.version - right.floor != 0);
    assert_string_equal(test_text_get(&pair->sqlite->text), test_text_get(&pair->memory.text));
}

static xmppbind_roster_item *random_item(struct pair *pair, const char *jid) {
    static const char *const groups[] = {"Verona", "Friends", "Family"};
    xmppbind_roster_item *item = new_item(jid);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (below(pair, 2) == 0)
            assert_int_equal(xmppbind_roster_item_add_group(item, groups[i], strlen(groups[i])), XMPPBIND_OK);
    if (below(pair, 2) == 0)
        assert_int_equal(xmppbind_roster_item_set_name(item, "name", below(pair, 5)), XMPPBIND_OK);
    if (below(pair, 4) == 0)
        assert_int_equal(xmppbind_roster_item_set_stanza(item, "<presence/>", 11), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_subscription(item, (int)below(pair, 4)), XMPPBIND_OK);
    assert_int_equal(xmppbind_roster_item_set_flags(item, below(pair, XMPPBIND_ROSTER_REMOVED)), XMPPBIND_OK);
    return item;
}

static xmppbind_privacy_list *random_list(struct pair *pair, const char *name) {
    static const char *const values[] = {NULL, ROMEO, "Friends", "both"};
    xmppbind_privacy_list *list = new_list(name);
    for (uint32_t i = below(pair, 4); i > 0; i--) {
        int type = (int)below(pair, 4);
        add_rule(list, i * 10, type, values[type], 1 + (int)below(pair, 2), below(pair, 16));
    }
    return list;
}

static void change_both(struct pair *pair) {
    static const char *const owners[] = {JULIET, BALCONY, NURSE};
    static const char *const jids[] = {ROMEO, "tybalt@capulet.example", "capulet.example", "mercutio@verona.example"};
    static const char *const names[] = {"public", "private", ROMEO, NULL};
    const char *owner = owners[below(pair, 3)], *jid = jids[below(pair, 4)], *name = names[below(pair, 3)];
    int kind = XMPPBIND_STORE_ROSTER_LOAD + (int)below(pair, XMPPBIND_STORE_LIST_DEFAULT);
    if (kind == XMPPBIND_STORE_ROSTER_PUT) {
        xmppbind_roster_item *item = random_item(pair, jid);
        struct answer answer = put_item(pair->sqlite, owner, item);
        assert_same(pair, answer, put_item(&pair->memory, owner, item));
        xmppbind_roster_item_free(item);
    } else if (kind == XMPPBIND_STORE_LIST_PUT) {
        xmppbind_privacy_list *list = random_list(pair, name);
        struct answer answer = put_list(pair->sqlite, owner, list);
        assert_same(pair, answer, put_list(&pair->memory, owner, list));
        xmppbind_privacy_list_free(list);
    } else {
        if (kind == XMPPBIND_STORE_ROSTER_REMOVE)
            name = jid;
        else if (kind == XMPPBIND_STORE_ROSTER_LOAD || kind == XMPPBIND_STORE_LISTS_LOAD ||
                 (kind == XMPPBIND_STORE_LIST_DEFAULT && below(pair, 3) == 0))
            name = NULL;
        struct answer answer = ask_for(pair->sqlite, kind, owner, name);
        if (kind != XMPPBIND_STORE_LISTS_LOAD) /* which come in any order */
            assert_same(pair, answer, ask_for(&pair->memory, kind, owner, name));
    }
}

static void assert_same_lists(struct pair *pair, const char *owner) {
    size_t length = strlen(lists_text(pair->sqlite, owner));
    char *left = test_memory_get(length + 2);
    (void)snprintf(left, length + 2, "\n%s", test_text_get(&pair->sqlite->text));
    const char *right = lists_text(&pair->memory, owner);
    assert_int_equal(strlen(right), length);
    for (const char *line = right; *line != '\0'; line += strcspn(line, "\n") + 1) {
        char wanted[512];
        (void)snprintf(wanted, sizeof wanted, "\n%.*s", (int)strcspn(line, "\n") + 1, line);
        if (strstr(left, wanted) == NULL)
            fail_msg("%s is not in %s", wanted, left);
    }
    free(left);
}

static void it_answers_as_the_store_in_memory_does(void **state) {
    enum { CHANGES = 4000, SOMETIMES = 200 };
    struct pair pair = {.sqlite = *state, .random = 4711};
    xmppbind_memory_store *memory = NULL;
    assert_int_equal(xmppbind_memory_store_new(&memory, NULL, NULL, NULL), XMPPBIND_OK);
    pair.memory.answer = answer_from_memory;
    pair.memory.backend = memory;
    fixture_open(&pair.memory);
    for (int i = 0; i < CHANGES; i++) {
        change_both(&pair);
        if (i % SOMETIMES == 0) {
            fixture_reopen(pair.sqlite);
            assert_same_lists(&pair, JULIET);
            assert_same_lists(&pair, NURSE);
        }
    }
    fixture_close(&pair.memory);
    xmppbind_memory_store_free(memory);
}

/* An allocator that calls the store which it works for is refused. */
struct caller {
    struct fixture *fixture;
    xmppbind_sqlite_store *backend;
    const xmppbind_store_request *request;
    int result;
    size_t length;
};

static void *call_while_allocating(size_t size, void *user_data) {
    struct caller *caller = user_data;
    if (caller->request != NULL) {
        char text[4] = "xyz";
        caller->result = xmppbind_sqlite_store_answer(caller->backend, caller->fixture->store, caller->request);
        caller->length = xmppbind_sqlite_store_message(caller->backend, text, sizeof text);
        assert_string_equal(text, "");
    }
    return test_allocate(size, &caller->fixture->source);
}

static void release(void *memory, void *user_data) {
    test_release(memory, &((struct caller *)user_data)->fixture->source);
}

static struct caller caller;

static int remember_request(struct fixture *fixture, const xmppbind_store_request *request) {
    caller.request = request;
    int result = xmppbind_sqlite_store_answer(fixture->backend, fixture->store, request);
    caller.request = NULL;
    return result;
}

static void its_allocator_may_not_call_it(void **state) {
    struct fixture *fixture = *state, other = *fixture;
    xmppbind_allocator *allocator = NULL;
    xmppbind_sqlite_store *sqlite = NULL;
    assert_int_equal(put_named(fixture, JULIET, ROMEO, NULL).condition, XMPPBIND_CONDITION_NONE);
    memset(&caller, 0, sizeof caller);
    memset(&other.text, 0, sizeof other.text);
    caller.fixture = fixture;
    assert_int_equal(xmppbind_allocator_new(&allocator, call_while_allocating, release, &caller), XMPPBIND_OK);
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, other.path, strlen(other.path), allocator), XMPPBIND_OK);
    other.backend = caller.backend = sqlite;
    other.answer = remember_request;
    fixture_open(&other);
    assert_string_equal(roster_text(&other, JULIET), "+1 " ROMEO "\n");
    assert_int_equal(caller.result, XMPPBIND_ERROR_REENTRANT);
    assert_int_equal(caller.length, 0);
    fixture_close(&other);
    xmppbind_sqlite_store_free(sqlite);
    xmppbind_allocator_free(allocator);
}

/* What could not be bound to a statement is its result, whatever else is bound to it; it is never run. */
static void a_query_that_failed_goes_no_further(void **state) {
    struct fixture *fixture = *state;
    struct xmppbind_query query = xmppbind_query_of(fixture->backend, 0);
    query.code = SQLITE_NOMEM;
    xmppbind_query_text(&query, 1, "text", 4);
    xmppbind_query_number(&query, 2, 7);
    assert_int_equal(xmppbind_query_step(&query), 0);
    assert_int_equal(xmppbind_query_end(&query), SQLITE_NOMEM);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down),
    const struct CMUnitTest tests[] = {
        STORE_CASES(CASE) CASE(arguments_are_checked) CASE(what_was_stored_is_there_after_it_was_closed)
            CASE(a_path_has_no_meaning_of_its_own) CASE(two_processes_write_one_file)
                CASE(several_processes_make_one_file) CASE(it_answers_as_the_store_in_memory_does)
                    CASE(its_allocator_may_not_call_it) CASE(a_query_that_failed_goes_no_further)};
    test_sqlite_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

/* All that there is without SQLite. */
static void it_says_that_it_is_not_there(void **state) {
    xmppbind_sqlite_store *sqlite = NULL;
    char text[8] = "x";
    (void)state;
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, "a", 1, NULL), XMPPBIND_ERROR_STORE_UNSUPPORTED);
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, "a", 0, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_null(sqlite);
    assert_int_equal(xmppbind_sqlite_store_answer(NULL, NULL, NULL), XMPPBIND_ERROR_INVALID_ARGUMENT);
    assert_int_equal(xmppbind_sqlite_store_message(NULL, text, sizeof text), 0);
    assert_string_equal(text, "");
    xmppbind_sqlite_store_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_says_that_it_is_not_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
