/*
 * Between SQLite and the files: counts what is done to them, and lets it fail, or ends the process, when told. Nothing
 * is forced onto the disk, which no test here needs and which takes time.
 */
#ifndef XMPPBIND_TESTS_SUPPORT_TEST_SQLITE_H
#define XMPPBIND_TESTS_SUPPORT_TEST_SQLITE_H

/* What can fail, as bits. */
enum test_sqlite_operation {
    TEST_SQLITE_READ = 1,
    TEST_SQLITE_WRITE = 2,
    TEST_SQLITE_SYNC = 4,
    TEST_SQLITE_TRUNCATE = 8,
    TEST_SQLITE_OPEN = 16,
    TEST_SQLITE_DELETE = 32,
    TEST_SQLITE_LOCK = 64,
    TEST_SQLITE_SHARE = 128, /* the memory that processes share */
    TEST_SQLITE_CHANGES = 2 | 4 | 8 | 16 | 32 | 128
};

enum { TEST_SQLITE_KILL = -1 /* in place of a code of SQLite: SIGKILL for this process */ };

/* From now on all files of this process go through here. */
void test_sqlite_install(void);
/* The n-th of these operations (1 is the next one) gives this code, and each one after it if `for_ever`; 0: none.
 * Waiting for a lock takes no time as long as something is to fail. */
void test_sqlite_fail(unsigned operations, unsigned n, int code, int for_ever);
/* How many operations have failed since. */
unsigned test_sqlite_failed(void);
/* As if no file that is there might be written, and none be made. */
void test_sqlite_read_only(int on);

#endif
