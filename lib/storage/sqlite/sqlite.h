/*
 * The store in SQLite: one connection behind one lock, its statements prepared once. Inside, results are codes of
 * SQLite; what is not there is SQLITE_NOTFOUND, which SQLite itself never answers to a statement.
 *
 * Under the lock nothing of the host is called but its allocator. The lock knows its thread: an allocator that calls
 * the store which it works for is refused.
 */
#ifndef XMPPBIND_STORAGE_SQLITE_H
#define XMPPBIND_STORAGE_SQLITE_H

#include "lib/storage/store.h"

#include <sqlite3.h>

/* What is prepared: a name and a statement. */
#define XMPPBIND_STATEMENTS(STATEMENT)                                                                                 \
    STATEMENT(BEGIN_LOAD, "BEGIN")                                                                                     \
    STATEMENT(BEGIN_CHANGE, "BEGIN IMMEDIATE")                                                                         \
    STATEMENT(COMMIT, "COMMIT")                                                                                        \
    STATEMENT(ROLLBACK, "ROLLBACK")                                                                                    \
    STATEMENT(FIND_OWNER, "SELECT id, version, floor FROM owner WHERE jid = ?1")                                       \
    STATEMENT(ADD_OWNER, "INSERT INTO owner (jid, version, floor) VALUES (?1, ?2, ?2)")                                \
    STATEMENT(SET_VERSION, "UPDATE owner SET version = ?2 WHERE id = ?1")                                              \
    STATEMENT(SET_FLOOR, "UPDATE owner SET floor = ?2 WHERE id = ?1")                                                  \
    STATEMENT(LOAD_CONTACTS, "SELECT c.id, c.jid, c.version, c.name, c.subscription, c.flags, c.stanza, g.name"        \
                             " FROM contact c LEFT JOIN contact_group g ON g.contact = c.id"                           \
                             " WHERE c.owner = ?1 ORDER BY c.version, g.position")                                     \
    STATEMENT(FIND_CONTACT, "SELECT flags FROM contact WHERE owner = ?1 AND jid = ?2")                                 \
    STATEMENT(DELETE_CONTACT, "DELETE FROM contact WHERE owner = ?1 AND jid = ?2")                                     \
    STATEMENT(ADD_CONTACT, "INSERT INTO contact (owner, jid, version, name, subscription, flags, stanza)"              \
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                     \
    STATEMENT(ADD_GROUP, "INSERT INTO contact_group (contact, position, name) VALUES (?1, ?2, ?3)")                    \
    STATEMENT(FIND_OLD_REMOVAL, "SELECT version FROM contact WHERE owner = ?1 AND flags = 16"                          \
                                " ORDER BY version DESC LIMIT 1 OFFSET ?2")                                            \
    STATEMENT(FORGET_REMOVALS, "DELETE FROM contact WHERE owner = ?1 AND flags = 16 AND version <= ?2")                \
    STATEMENT(LOAD_LISTS, "SELECT l.id, l.name, l.is_default, r.position, r.type, r.value, r.action, r.kinds"          \
                          " FROM list l LEFT JOIN list_rule r ON r.list = l.id"                                        \
                          " WHERE l.owner = ?1 ORDER BY l.id, r.position")                                             \
    STATEMENT(FIND_LIST, "SELECT id FROM list WHERE owner = ?1 AND name = ?2")                                         \
    STATEMENT(ADD_LIST, "INSERT INTO list (owner, name, is_default) VALUES (?1, ?2, 0)")                               \
    STATEMENT(DELETE_LIST, "DELETE FROM list WHERE id = ?1")                                                           \
    STATEMENT(DELETE_RULES, "DELETE FROM list_rule WHERE list = ?1")                                                   \
    STATEMENT(ADD_RULE, "INSERT INTO list_rule (list, position, type, value, action, kinds)"                           \
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                                            \
    STATEMENT(CLEAR_DEFAULT, "UPDATE list SET is_default = 0 WHERE owner = ?1 AND is_default = 1")                     \
    STATEMENT(SET_DEFAULT, "UPDATE list SET is_default = 1 WHERE id = ?1")

#define XMPPBIND_STATEMENT_NAME(name, text) XMPPBIND_SQL_##name,
enum xmppbind_statement { XMPPBIND_STATEMENTS(XMPPBIND_STATEMENT_NAME) XMPPBIND_SQL_COUNT };

_Static_assert(XMPPBIND_ROSTER_REMOVED == 16, "the statements say so");

enum { XMPPBIND_SQLITE_MESSAGE = 256 /* octets */ };

struct xmppbind_sqlite_store {
    struct xmppbind_memory memory;
    pthread_mutex_t lock;
    sqlite3 *connection;
    sqlite3_stmt *statements[XMPPBIND_SQL_COUNT];
    char message[XMPPBIND_SQLITE_MESSAGE]; /* of the last failure, or empty */
};

/* --- a statement that runs: the first code that is an error stays ---------------------------------------------------
 */

struct xmppbind_query {
    sqlite3_stmt *statement;
    int code;
};

struct xmppbind_query xmppbind_query_of(struct xmppbind_sqlite_store *sqlite, enum xmppbind_statement statement);
/* Binds. A text must stay until the end; NULL is NULL. */
void xmppbind_query_text(struct xmppbind_query *query, int index, const char *text, size_t length);
void xmppbind_query_number(struct xmppbind_query *query, int index, sqlite3_int64 number);
/* Whether there is a (further) row. */
int xmppbind_query_step(struct xmppbind_query *query);
/* A text of the row, or NULL; valid until the next step. */
const char *xmppbind_query_column(struct xmppbind_query *query, int column, size_t *length);
/* Makes it ready for the next time. */
int xmppbind_query_end(struct xmppbind_query *query);
/* For a statement that gives no rows: steps and ends. */
int xmppbind_query_run(struct xmppbind_query *query);
/* For a statement that has one number to bind, or two. */
int xmppbind_query_run_with(struct xmppbind_sqlite_store *sqlite, enum xmppbind_statement statement,
                            sqlite3_int64 first, sqlite3_int64 second);
/* What a result of the library is as a code of SQLite. */
int xmppbind_sqlite_code(int result);

/* --- what is asked, inside a transaction
 * ------------------------------------------------------------------------------ */

struct xmppbind_sqlite_owner {
    sqlite3_int64 id; /* 0: not known */
    sqlite3_int64 version, floor;
};

/* Finds the owner of a request; with `add`, adds it when it is not known. */
int xmppbind_sqlite_owner(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request, int add,
                          struct xmppbind_sqlite_owner *owner);
/* `version` is that of the change, or of the roster. */
int xmppbind_sqlite_load_roster(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                                const xmppbind_store_request *request, uint64_t *version);
int xmppbind_sqlite_put_contact(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request,
                                uint64_t *version);
int xmppbind_sqlite_remove_contact(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request,
                                   uint64_t *version);
int xmppbind_sqlite_load_lists(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                               const xmppbind_store_request *request);
int xmppbind_sqlite_put_list(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request);
int xmppbind_sqlite_remove_list(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request);
int xmppbind_sqlite_set_default(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request);

/* --- opening
 * ---------------------------------------------------------------------------------------------------------- */

/* What a code of SQLite is as a result of the library. */
int xmppbind_sqlite_result(int code);
/* Makes the schema of the file the present one, or says why not; results of the library. */
int xmppbind_sqlite_migrate(sqlite3 *connection);

#endif
