/*
 * The schema of the file, in steps: each step takes a file from one version to the next, an empty file is version 0. A
 * step that was released is never changed. The version is in user_version; application_id says that the file is ours.
 *
 * All steps that a file lacks are made in one transaction, so that several processes may open it at once.
 */
#include "xmppbind/store.h"

#ifdef XMPPBIND_WITH_SQLITE

#include "sqlite.h"

#define APPLICATION_ID "0x786D7062" /* "xmpb" */

static const char *const steps[] = {
    /* 1: rosters. subscription: 0 none, 1 to, 2 from, 3 both. flags: 1 ask, 2 approved in advance, 4 the contact asks,
     * 8 in the roster, 16 removed. version: grows with each change of an owner; removals up to floor are forgotten. */
    "CREATE TABLE owner (id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,"
    "  floor INTEGER NOT NULL);"
    "CREATE TABLE contact (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,"
    "  jid TEXT NOT NULL, version INTEGER NOT NULL, name TEXT, subscription INTEGER NOT NULL, flags INTEGER NOT NULL,"
    "  stanza TEXT, UNIQUE (owner, jid), UNIQUE (owner, version));"
    "CREATE INDEX contact_removed ON contact (owner, version) WHERE flags = 16;"
    "CREATE TABLE contact_group (contact INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,"
    "  position INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (contact, position)) WITHOUT ROWID;",
    /* 2: privacy lists. type: 0 any, 1 jid, 2 group, 3 subscription. action: 1 allow, 2 deny. kinds: 1 message, 2 iq,
     * 4 presence-in, 8 presence-out; 0 all. */
    "CREATE TABLE list (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,"
    "  name TEXT NOT NULL, is_default INTEGER NOT NULL, UNIQUE (owner, name));"
    "CREATE UNIQUE INDEX list_default ON list (owner) WHERE is_default = 1;"
    "CREATE TABLE list_rule (list INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,"
    "  position INTEGER NOT NULL, type INTEGER NOT NULL, value TEXT, action INTEGER NOT NULL, kinds INTEGER NOT NULL,"
    "  PRIMARY KEY (list, position)) WITHOUT ROWID;",
};
#define FINAL "PRAGMA application_id = " APPLICATION_ID "; PRAGMA user_version = 2;"

enum { PRESENT = sizeof steps / sizeof steps[0] };
_Static_assert(PRESENT == 2, "FINAL says so");

static int number_of(sqlite3 *connection, const char *text, int *number) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection, text, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        *number = sqlite3_column_int(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* Which version the file has, in a transaction. */
static int identify(sqlite3 *connection, int *version) {
    int application = 0, tables = 0, ours = 0;
    int code = number_of(connection, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = number_of(connection, "PRAGMA user_version", version);
    if (code == SQLITE_OK)
        code = number_of(connection, "SELECT count(*) FROM sqlite_master", &tables);
    if (code == SQLITE_OK)
        code = number_of(connection, "SELECT " APPLICATION_ID, &ours);
    if (code != SQLITE_OK)
        return xmppbind_sqlite_result(code);
    if (application != ours && (application != 0 || *version != 0 || tables != 0))
        return XMPPBIND_ERROR_STORE_FOREIGN;
    return *version > PRESENT ? XMPPBIND_ERROR_STORE_NEWER : XMPPBIND_OK;
}

static int run(sqlite3 *connection, const char *text) {
    return xmppbind_sqlite_result(sqlite3_exec(connection, text, NULL, NULL, NULL));
}

/* In a transaction: the steps that the file lacks. */
static int upgrade(sqlite3 *connection) {
    int version = 0;
    int result = identify(connection, &version);
    for (int step = version; step < PRESENT && result == XMPPBIND_OK; step++)
        result = run(connection, steps[step]);
    return result == XMPPBIND_OK ? run(connection, FINAL) : result;
}

static int in_transaction(sqlite3 *connection, const char *begin, int *version) {
    int result = run(connection, begin);
    if (result == XMPPBIND_OK)
        result = version != NULL ? identify(connection, version) : upgrade(connection);
    if (result == XMPPBIND_OK)
        result = run(connection, "COMMIT");
    if (!sqlite3_get_autocommit(connection))
        (void)run(connection, "ROLLBACK");
    return result;
}

int xmppbind_sqlite_migrate(sqlite3 *connection) {
    int version = 0;
    int result = in_transaction(connection, "BEGIN", &version);
    if (result != XMPPBIND_OK)
        return result; /* before anything is written into a file of somebody else */
    /* It may not be possible now, because another process has just made the file. Then it did this, too. */
    (void)run(connection, "PRAGMA journal_mode = WAL");
    return version == PRESENT ? XMPPBIND_OK : in_transaction(connection, "BEGIN IMMEDIATE", NULL);
}

#endif
