/* Answering a request: one transaction, and after it, without the lock, the answer. */
#include "xmppbind/store.h"

#ifdef XMPPBIND_WITH_SQLITE

#include "sqlite.h"

#include <stdio.h>

static int run(struct xmppbind_sqlite_store *sqlite, enum xmppbind_statement statement) {
    struct xmppbind_query query = xmppbind_query_of(sqlite, statement);
    return xmppbind_query_run(&query);
}

static int is_load(const xmppbind_store_request *request) {
    return request->kind == XMPPBIND_STORE_ROSTER_LOAD || request->kind == XMPPBIND_STORE_LISTS_LOAD;
}

static int do_request(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                      const xmppbind_store_request *request, uint64_t *version) {
    switch (request->kind) {
    case XMPPBIND_STORE_ROSTER_LOAD:
        return xmppbind_sqlite_load_roster(sqlite, store, request, version);
    case XMPPBIND_STORE_ROSTER_PUT:
        return xmppbind_sqlite_put_contact(sqlite, request, version);
    case XMPPBIND_STORE_ROSTER_REMOVE:
        return xmppbind_sqlite_remove_contact(sqlite, request, version);
    case XMPPBIND_STORE_LISTS_LOAD:
        return xmppbind_sqlite_load_lists(sqlite, store, request);
    case XMPPBIND_STORE_LIST_PUT:
        return xmppbind_sqlite_put_list(sqlite, request);
    case XMPPBIND_STORE_LIST_REMOVE:
        return xmppbind_sqlite_remove_list(sqlite, request);
    default:
        return xmppbind_sqlite_set_default(sqlite, request);
    }
}

/* Keeps what SQLite says of its failure, or what the code means when it is one of ours. */
static void note_failure(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request, int code) {
    static const char *const names[XMPPBIND_STORE_KINDS] = {"",
                                                            "loading a roster",
                                                            "storing a contact",
                                                            "removing a contact",
                                                            "loading privacy lists",
                                                            "storing a privacy list",
                                                            "removing a privacy list",
                                                            "setting the default list"};
    int is_its_own = sqlite3_extended_errcode(sqlite->connection) == code;
    (void)snprintf(sqlite->message, sizeof sqlite->message, "%s: %s (%d)", names[request->kind],
                   is_its_own ? sqlite3_errmsg(sqlite->connection) : sqlite3_errstr(code), code);
}

/* Under the lock. */
static int transact(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store, const xmppbind_store_request *request,
                    uint64_t *version) {
    int code = run(sqlite, is_load(request) ? XMPPBIND_SQL_BEGIN_LOAD : XMPPBIND_SQL_BEGIN_CHANGE);
    if (code == SQLITE_OK)
        code = do_request(sqlite, store, request, version);
    if (code == SQLITE_OK)
        code = run(sqlite, XMPPBIND_SQL_COMMIT);
    if (code != SQLITE_OK && code != SQLITE_NOTFOUND)
        note_failure(sqlite, request, code);
    if (!sqlite3_get_autocommit(sqlite->connection))
        (void)run(sqlite, XMPPBIND_SQL_ROLLBACK);
    return code;
}

int xmppbind_sqlite_store_answer(xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                                 const xmppbind_store_request *request) {
    uint64_t version = 0;
    if (sqlite == NULL || store == NULL || request == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    uint64_t id = request->id;
    if (pthread_mutex_lock(&sqlite->lock) != 0)
        return XMPPBIND_ERROR_REENTRANT;
    int code = transact(sqlite, store, request, &version);
    (void)pthread_mutex_unlock(&sqlite->lock);
    if (code == SQLITE_OK)
        return xmppbind_store_accept(store, id, version);
    return xmppbind_store_reject(store, id,
                                 code == SQLITE_NOTFOUND ? XMPPBIND_CONDITION_ITEM_NOT_FOUND
                                                         : XMPPBIND_CONDITION_INTERNAL_SERVER_ERROR);
}

size_t xmppbind_sqlite_store_message(xmppbind_sqlite_store *sqlite, char *text, size_t size) {
    size_t length = 0;
    if (size > 0 && text != NULL)
        text[0] = '\0';
    if (sqlite == NULL || pthread_mutex_lock(&sqlite->lock) != 0)
        return 0;
    length = strlen(sqlite->message);
    if (size > 0 && text != NULL) {
        size_t fits = length < size ? length : size - 1;
        memcpy(text, sqlite->message, fits);
        text[fits] = '\0';
    }
    (void)pthread_mutex_unlock(&sqlite->lock);
    return length;
}

#endif
