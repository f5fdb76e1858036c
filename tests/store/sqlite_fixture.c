#include "sqlite_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int answer(struct fixture *fixture, const xmppbind_store_request *request) {
    return xmppbind_sqlite_store_answer(fixture->backend, fixture->store, request);
}

int fixture_try(struct fixture *fixture) {
    xmppbind_sqlite_store *sqlite = NULL;
    int result = xmppbind_sqlite_store_new(&sqlite, fixture->path, strlen(fixture->path), fixture->source.allocator);
    assert_int_equal(result == XMPPBIND_OK, sqlite != NULL);
    fixture->backend = sqlite;
    return result;
}

void fixture_shut(struct fixture *fixture) {
    xmppbind_sqlite_store_free(fixture->backend);
    fixture->backend = NULL;
}

void fixture_reopen(struct fixture *fixture) {
    fixture_shut(fixture);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
}

void fixture_for_file(struct fixture *fixture, const char *path) {
    memset(fixture, 0, sizeof *fixture);
    test_allocator_set_up(&fixture->source);
    fixture->answer = answer;
    (void)snprintf(fixture->path, sizeof fixture->path, "%s", path);
    assert_int_equal(fixture_try(fixture), XMPPBIND_OK);
    fixture_open(fixture);
}

void fixture_done(struct fixture *fixture) {
    fixture_close(fixture);
    fixture_shut(fixture);
    test_allocator_tear_down(&fixture->source);
}

int fixture_set_up(void **state) {
    static struct fixture fixture;
    char folder[] = "/tmp/xmppbind-store-XXXXXX", path[96];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/store", folder);
    fixture_for_file(&fixture, path);
    (void)snprintf(fixture.folder, sizeof fixture.folder, "%s", folder);
    *state = &fixture;
    return 0;
}

int fixture_tear_down(void **state) {
    struct fixture *fixture = *state;
    char path[512];
    fixture_done(fixture);
    DIR *folder = opendir(fixture->folder);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, entry->d_name);
        (void)unlink(path);
    }
    (void)closedir(folder);
    assert_int_equal(rmdir(fixture->folder), 0);
    return 0;
}

void assert_ended_well(pid_t process) {
    int status = 0;
    assert_true(process > 0);
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#ifdef XMPPBIND_WITH_SQLITE

#include <sqlite3.h>

/* What another program does to the file. */
void execute(const char *path, const char *text) {
    sqlite3 *connection = NULL;
    assert_int_equal(sqlite3_open(path, &connection), SQLITE_OK);
    if (sqlite3_exec(connection, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(connection));
    assert_int_equal(sqlite3_close(connection), SQLITE_OK);
}

/* What is refused, and what is written about it. */
void assert_fails(struct fixture *fixture, struct answer answer, const char *message) {
    char text[256];
    assert_int_equal(answer.condition, XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
    size_t length = xmppbind_sqlite_store_message(fixture->backend, text, sizeof text);
    assert_int_equal(length, strlen(text));
    if (strstr(text, message) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, message);
}

void fill(struct fixture *fixture, int contacts) {
    char jid[64];
    for (int i = 0; i < contacts; i++) {
        (void)snprintf(jid, sizeof jid, "contact%d@verona.example", i);
        assert_int_equal(
            put_named(fixture, JULIET, jid, "a name of some length, so that there are some pages").condition,
            XMPPBIND_CONDITION_NONE);
    }
}

void make_old_file(const char *path) {
    (void)unlink(path);
    execute(path, "CREATE TABLE owner (id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,"
                  "  floor INTEGER NOT NULL);"
                  "CREATE TABLE contact (id INTEGER PRIMARY KEY,"
                  "  owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE, jid TEXT NOT NULL,"
                  "  version INTEGER NOT NULL, name TEXT, subscription INTEGER NOT NULL, flags INTEGER NOT NULL,"
                  "  stanza TEXT, UNIQUE (owner, jid), UNIQUE (owner, version));"
                  "CREATE INDEX contact_removed ON contact (owner, version) WHERE flags = 16;"
                  "CREATE TABLE contact_group (contact INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,"
                  "  position INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (contact, position)) WITHOUT ROWID;"
                  "INSERT INTO owner VALUES (1, '" JULIET "', 107, 100);"
                  "INSERT INTO contact VALUES (5, 1, '" ROMEO "', 107, 'Romeo', 3, 8, NULL),"
                  "  (6, 1, '" NURSE "', 103, NULL, 0, 16, NULL);"
                  "INSERT INTO contact_group VALUES (5, 0, 'Verona'), (5, 1, 'Friends');"
                  "PRAGMA application_id = 0x786D7062; PRAGMA user_version = 1");
}

#endif
