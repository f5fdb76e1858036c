/* Running prepared statements. */
#include "xmppbind/store.h"

#ifdef XMPPBIND_WITH_SQLITE

#include "sqlite.h"

struct xmppbind_query xmppbind_query_of(struct xmppbind_sqlite_store *sqlite, enum xmppbind_statement statement) {
    return (struct xmppbind_query){sqlite->statements[statement], SQLITE_OK};
}

void xmppbind_query_text(struct xmppbind_query *query, int index, const char *text, size_t length) {
    if (query->code == SQLITE_OK)
        query->code = sqlite3_bind_text64(query->statement, index, text, length, SQLITE_STATIC, SQLITE_UTF8);
}

void xmppbind_query_number(struct xmppbind_query *query, int index, sqlite3_int64 number) {
    if (query->code == SQLITE_OK)
        query->code = sqlite3_bind_int64(query->statement, index, number);
}

int xmppbind_query_step(struct xmppbind_query *query) {
    int code = query->code != SQLITE_OK ? query->code : sqlite3_step(query->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        query->code = code;
    return code == SQLITE_ROW;
}

const char *xmppbind_query_column(struct xmppbind_query *query, int column, size_t *length) {
    const char *text = NULL;
    *length = 0;
    if (sqlite3_column_type(query->statement, column) == SQLITE_NULL)
        return NULL;
    text = (const char *)sqlite3_column_text(query->statement, column);
    *length = (size_t)sqlite3_column_bytes(query->statement, column);
    query->code = text == NULL ? SQLITE_NOMEM : query->code;
    return text;
}

int xmppbind_query_end(struct xmppbind_query *query) {
    (void)sqlite3_reset(query->statement); /* says again what the last step said */
    (void)sqlite3_clear_bindings(query->statement);
    return query->code;
}

int xmppbind_query_run(struct xmppbind_query *query) {
    (void)xmppbind_query_step(query);
    return xmppbind_query_end(query);
}

int xmppbind_query_run_with(struct xmppbind_sqlite_store *sqlite, enum xmppbind_statement statement,
                            sqlite3_int64 first, sqlite3_int64 second) {
    struct xmppbind_query query = xmppbind_query_of(sqlite, statement);
    xmppbind_query_number(&query, 1, first);
    if (sqlite3_bind_parameter_count(query.statement) > 1)
        xmppbind_query_number(&query, 2, second);
    return xmppbind_query_run(&query);
}

int xmppbind_sqlite_code(int result) {
    switch (result) {
    case XMPPBIND_OK:
        return SQLITE_OK;
    case XMPPBIND_ERROR_NO_MEMORY:
        return SQLITE_NOMEM;
    case XMPPBIND_ERROR_UNKNOWN_REQUEST:
        return SQLITE_ABORT; /* somebody else has answered it meanwhile */
    default:
        return SQLITE_CORRUPT; /* what is in the file cannot have been put there by us */
    }
}

#endif
