/* The file of a store in SQLite, in all the states it may be found in. */
#include "sqlite_fixture.h"

#ifdef XMPPBIND_WITH_SQLITE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL "+1 " ROMEO " name=[Romeo]\n"

static long size_of(const char *path) {
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (long)status.st_size;
}

/* --- damage ---------------------------------------------------------------------------------------------------- */

static void overwrite(const char *path, long offset, size_t length) {
    unsigned char octets[4096];
    assert_in_range(length, 1, sizeof octets);
    memset(octets, 0xA5, length);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(octets, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

enum { PAGE = 4096, HEADER = 100 };

static void a_damaged_page_is_noticed(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 500);
    fixture_shut(fixture);
    long pages = size_of(fixture->path) / PAGE;
    assert_in_range(pages, 10, 1000);
    for (long page = 0; page < pages; page++) {
        unsigned char kept[PAGE];
        FILE *file = fopen(fixture->path, "rb");
        assert_non_null(file);
        assert_int_equal(fseek(file, page * PAGE, SEEK_SET), 0);
        assert_int_equal(fread(kept, 1, PAGE, file), PAGE);
        assert_int_equal(fclose(file), 0);
        overwrite(fixture->path, page * PAGE, PAGE);
        assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_DAMAGED);
        file = fopen(fixture->path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, page * PAGE, SEEK_SET), 0);
        assert_int_equal(fwrite(kept, 1, PAGE, file), PAGE);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
    assert_int_equal(count_contacts(fixture, JULIET).items, 500);
}

static void a_file_of_something_else_is_no_database(void **state) {
    struct fixture *fixture = *state;
    fixture_shut(fixture);
    FILE *file = fopen(fixture->path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        (void)fputs("Two households, both alike in dignity\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_DAMAGED);
    assert_int_equal(size_of(fixture->path), 38000); /* it was left alone */
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
}

static void a_truncated_file_is_noticed(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 500);
    fixture_shut(fixture);
    for (long size = size_of(fixture->path) - PAGE; size > 1; size = size / 2) {
        assert_int_equal(truncate(fixture->path, (off_t)size), 0);
        assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_DAMAGED);
    }
    assert_int_equal(truncate(fixture->path, 0), 0);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK); /* an empty file is a new one */
    assert_string_equal(roster_text(fixture, JULIET), "");
}

/* While it is open, the failure is in the answer and in the message. */
static void damage_is_noticed_while_it_is_open(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 500);
    fixture_reopen(fixture); /* everything is in the file itself */
    execute(fixture->path, "CREATE TABLE other (text); DROP TABLE other; PRAGMA wal_checkpoint(TRUNCATE)");
    for (long page = 1; page < size_of(fixture->path) / PAGE; page++)
        overwrite(fixture->path, page * PAGE, PAGE);
    assert_fails(fixture, count_contacts(fixture, JULIET), "loading a roster: ");
    assert_fails(fixture, put_named(fixture, JULIET, ROMEO, NULL), "storing a contact: ");
    assert_fails(fixture, ask_for(fixture, XMPPBIND_STORE_LISTS_LOAD, JULIET, NULL), "malformed");
    fixture_shut(fixture);
    assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_DAMAGED);
}

/* A row that no store has written: its values are not what the interface knows. */
static void values_are_checked(void **state) {
    static const char *const changes[] = {
        "UPDATE contact SET subscription = 4",
        "UPDATE contact SET subscription = -1",
        "UPDATE contact SET flags = 17",
        "UPDATE contact SET jid = ''",
        "UPDATE contact SET jid = CAST(x'610062' AS TEXT)",
        "UPDATE contact SET name = CAST(x'610062' AS TEXT)",
        "UPDATE contact SET stanza = CAST(x'610062' AS TEXT)",
        "UPDATE contact_group SET name = ''",
        "INSERT INTO contact_group SELECT contact, 7, name FROM contact_group",
    };
    static const char *const list_changes[] = {
        "UPDATE list SET name = ''",          "UPDATE list SET name = CAST(x'610062' AS TEXT)",
        "UPDATE list_rule SET position = -1", "UPDATE list_rule SET position = 4294967296",
        "UPDATE list_rule SET type = 4",      "UPDATE list_rule SET action = 0",
        "UPDATE list_rule SET kinds = 16",    "UPDATE list_rule SET value = NULL",
    };
    struct fixture *fixture = *state;
    xmppbind_roster_item *item = new_item(ROMEO);
    xmppbind_privacy_list *list = new_list("public");
    assert_int_equal(xmppbind_roster_item_add_group(item, "Verona", 6), XMPPBIND_OK);
    add_rule(list, 1, XMPPBIND_PRIVACY_GROUP, "Enemies", XMPPBIND_PRIVACY_DENY, 0);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        execute(fixture->path, "DELETE FROM contact_group; DELETE FROM contact");
        assert_int_equal(put_item(fixture, JULIET, item).condition, XMPPBIND_CONDITION_NONE);
        execute(fixture->path, changes[i]);
        assert_fails(fixture, count_contacts(fixture, JULIET), "loading a roster: database disk image is malformed");
    }
    for (size_t i = 0; i < sizeof list_changes / sizeof list_changes[0]; i++) {
        execute(fixture->path, "DELETE FROM list_rule; DELETE FROM list");
        assert_int_equal(put_list(fixture, JULIET, list).condition, XMPPBIND_CONDITION_NONE);
        execute(fixture->path, list_changes[i]);
        assert_fails(fixture, ask_for(fixture, XMPPBIND_STORE_LISTS_LOAD, JULIET, NULL), "loading privacy lists: ");
    }
    xmppbind_roster_item_free(item);
    xmppbind_privacy_list_free(list);
}

/* A message that does not fit is cut off. */
static void a_message_is_cut_off(void **state) {
    struct fixture *fixture = *state;
    char text[8] = "";
    fill(fixture, 1);
    assert_int_equal(xmppbind_sqlite_store_message(fixture->backend, text, sizeof text), 0);
    execute(fixture->path, "DROP TABLE contact_group");
    assert_fails(fixture, count_contacts(fixture, JULIET), "no such table");
    size_t length = xmppbind_sqlite_store_message(fixture->backend, text, sizeof text);
    assert_true(length > sizeof text);
    assert_string_equal(text, "loading");
    fixture_shut(fixture);
    assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_DAMAGED); /* not what its version has */
}

/* --- schemas --------------------------------------------------------------------------------------------------- */

static void a_newer_schema_is_refused(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(put_named(fixture, JULIET, ROMEO, "Romeo").condition, XMPPBIND_CONDITION_NONE);
    fixture_shut(fixture);
    execute(fixture->path, "PRAGMA user_version = 3");
    assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_NEWER);
    execute(fixture->path, "PRAGMA user_version = 2"); /* it was left alone */
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
    assert_string_equal(roster_text(fixture, JULIET), SMALL);
}

static void a_database_of_another_program_is_left_alone(void **state) {
    struct fixture *fixture = *state;
    static const char *const others[] = {"CREATE TABLE messages (text)", "PRAGMA user_version = 1",
                                         "PRAGMA application_id = 42"};
    fixture_shut(fixture);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        (void)unlink(fixture->path);
        execute(fixture->path, others[i]);
        long size = size_of(fixture->path);
        assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_FOREIGN);
        assert_int_equal(size_of(fixture->path), size);
    }
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
}

static void an_older_schema_becomes_the_present_one(void **state) {
    struct fixture *fixture = *state;
    xmppbind_privacy_list *list = new_list("public");
    fixture_shut(fixture);
    make_old_file(fixture->path);
    for (int time = 0; time < 2; time++) { /* the second time there is nothing to do */
        assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
        assert_string_equal(roster_text(fixture, JULIET), OLD_TEXT);
        assert_int_equal(count_contacts(fixture, JULIET).version, 107);
        assert_int_equal(put_list(fixture, JULIET, list).condition, XMPPBIND_CONDITION_NONE);
        assert_string_equal(lists_text(fixture, JULIET), "public:\n");
        fixture_shut(fixture);
    }
    xmppbind_privacy_list_free(list);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
    assert_int_equal(put_named(fixture, JULIET, NURSE, NULL).version, 108);
}

/* --- files that may not be written ----------------------------------------------------------------------------- */

static void a_file_that_cannot_be_made(void **state) {
    struct fixture *fixture = *state;
    xmppbind_sqlite_store *sqlite = NULL;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/none/store", fixture->folder);
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, path, strlen(path), NULL), XMPPBIND_ERROR_STORE_OPEN);
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, fixture->folder, strlen(fixture->folder), NULL),
                     XMPPBIND_ERROR_STORE_OPEN);
    assert_null(sqlite);
}

static void assert_read_only(struct fixture *fixture) {
    assert_string_equal(roster_text(fixture, JULIET), SMALL);
    assert_fails(fixture, put_named(fixture, JULIET, NURSE, NULL),
                 "storing a contact: attempt to write a readonly database");
    assert_fails(fixture, ask_for(fixture, XMPPBIND_STORE_ROSTER_REMOVE, JULIET, ROMEO), "readonly");
    assert_string_equal(roster_text(fixture, JULIET), SMALL);
}

static void a_read_only_file_is_loaded_from(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(put_named(fixture, JULIET, ROMEO, "Romeo").condition, XMPPBIND_CONDITION_NONE);
    fixture_shut(fixture);
    test_sqlite_read_only(1);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
    assert_read_only(fixture);
    fixture_shut(fixture);
    test_sqlite_read_only(0);
    make_old_file(fixture->path); /* reading it is not enough */
    test_sqlite_read_only(1);
    assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_READ_ONLY);
    assert_int_equal(truncate(fixture->path, 0), 0);
    assert_int_equal(fixture_try(fixture), XMPPBIND_ERROR_STORE_READ_ONLY);
    test_sqlite_read_only(0);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
}

/* In a process of its own, which root has become somebody else in. */
static void read_in_read_only_folder(struct fixture *fixture, int expected) {
    enum { SOMEBODY = 65534 };
    if (geteuid() == 0 && seteuid(SOMEBODY) != 0)
        _exit(2);
    int result = fixture_try(fixture);
    if (result != expected)
        _exit(3);
    if (result == XMPPBIND_OK)
        assert_read_only(fixture);
    _exit(0);
}

static void in_a_read_only_folder(struct fixture *fixture, int expected) {
    assert_int_equal(chmod(fixture->path, S_IRUSR | S_IRGRP | S_IROTH), 0);
    assert_int_equal(chmod(fixture->folder, S_IRUSR | S_IXUSR | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH), 0);
    pid_t child = fork();
    if (child == 0)
        read_in_read_only_folder(fixture, expected);
    assert_ended_well(child);
    assert_int_equal(chmod(fixture->folder, S_IRWXU), 0);
    assert_int_equal(chmod(fixture->path, S_IRUSR | S_IWUSR), 0);
}

static void a_file_in_a_read_only_folder_is_loaded_from(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(put_named(fixture, JULIET, ROMEO, "Romeo").condition, XMPPBIND_CONDITION_NONE);
    fixture_shut(fixture);
    in_a_read_only_folder(fixture, XMPPBIND_OK);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
}

static void copy_file(const char *from, const char *to) {
    char octets[PAGE];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t length; (length = fread(octets, 1, sizeof octets, in)) > 0;)
        assert_int_equal(fwrite(octets, 1, length, out), length);
    assert_int_equal(fclose(in), 0);
    assert_int_equal(fclose(out), 0);
}

/* What was stored last is in the log beside the file: without it the file is not what it was. */
static void a_log_in_a_read_only_folder_is_not_passed_over(void **state) {
    struct fixture *fixture = *state, copy = *fixture;
    char log[128], copied_log[128];
    assert_int_equal(put_named(fixture, JULIET, ROMEO, "Romeo").condition, XMPPBIND_CONDITION_NONE);
    memcpy(copy.folder + strlen(copy.folder), "/folder", sizeof "/folder");
    (void)snprintf(copy.path, sizeof copy.path, "%s/copy", copy.folder);
    (void)snprintf(log, sizeof log, "%s-wal", fixture->path);
    (void)snprintf(copied_log, sizeof copied_log, "%s-wal", copy.path);
    assert_int_equal(mkdir(copy.folder, S_IRWXU), 0);
    copy_file(fixture->path, copy.path);
    copy_file(log, copied_log);
    assert_int_equal(chmod(fixture->folder, S_IRWXU | S_IXOTH), 0);
    in_a_read_only_folder(&copy, XMPPBIND_ERROR_STORE_OPEN);
    assert_int_equal(unlink(copy.path) | unlink(copied_log) | rmdir(copy.folder), 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_damaged_page_is_noticed),
        CASE(a_file_of_something_else_is_no_database),
        CASE(a_truncated_file_is_noticed),
        CASE(damage_is_noticed_while_it_is_open),
        CASE(values_are_checked),
        CASE(a_message_is_cut_off),
        CASE(a_newer_schema_is_refused),
        CASE(a_database_of_another_program_is_left_alone),
        CASE(an_older_schema_becomes_the_present_one),
        CASE(a_file_that_cannot_be_made),
        CASE(a_read_only_file_is_loaded_from),
        CASE(a_file_in_a_read_only_folder_is_loaded_from),
        CASE(a_log_in_a_read_only_folder_is_not_passed_over),
    };
    test_sqlite_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

/* Without SQLite there is no file. */
static void no_file_is_made(void **state) {
    xmppbind_sqlite_store *sqlite = NULL;
    (void)state;
    assert_int_equal(xmppbind_sqlite_store_new(&sqlite, "none", 4, NULL), XMPPBIND_ERROR_STORE_UNSUPPORTED);
    assert_null(sqlite);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_file_is_made)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
