/* The store in SQLite as suite.h wants it: a file of its own in a folder of its own. */
#ifndef XMPPBIND_TESTS_STORE_SQLITE_FIXTURE_H
#define XMPPBIND_TESTS_STORE_SQLITE_FIXTURE_H

#include "suite.h"
#include "tests/support/test_sqlite.h"

#include <sys/types.h>

/* For cmocka: a folder, a file and a store on it. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* Closes the store and opens it again. */
void fixture_reopen(struct fixture *fixture);
/* Another store on a file, here or in another process. */
void fixture_for_file(struct fixture *fixture, const char *path);
void fixture_done(struct fixture *fixture);
/* Closes the store, then opens the file for the result alone; if that worked, the store is there again. */
int fixture_try(struct fixture *fixture);
/* Closes the store only, so that something can be done to its file. */
void fixture_shut(struct fixture *fixture);
/* Waits for a process that ends with 0. */
void assert_ended_well(pid_t process);

#ifdef XMPPBIND_WITH_SQLITE

/* What another program does to the file. */
void execute(const char *path, const char *text);
/* That it was refused, and what is written about it. */
void assert_fails(struct fixture *fixture, struct answer answer, const char *message);
/* Stores so many contacts. */
void fill(struct fixture *fixture, int contacts);
/* A file as version 1 of the schema had it: rosters alone; and what is in it. */
void make_old_file(const char *path);
#define OLD_TEXT "+3 " NURSE " flags=16\n+7 " ROMEO " name=[Romeo] groups=[Verona][Friends] subscription=3\n"

#endif

#endif
