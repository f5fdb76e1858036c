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
