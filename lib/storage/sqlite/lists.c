/* Privacy lists: what is asked, inside a transaction that answer.c begins and ends. */
#include "xmppbind/store.h"

#ifdef XMPPBIND_WITH_SQLITE

#include "sqlite.h"

/* --- loading --------------------------------------------------------------------------------------------------- */

/* The list of a row, without its rules. */
static int read_list(struct xmppbind_query *query, const struct xmppbind_memory *memory,
                     struct xmppbind_privacy_list **list) {
    size_t length;
    const char *text = xmppbind_query_column(query, 1, &length);
    if (query->code != SQLITE_OK || length == 0 || !xmppbind_octets_allowed(text, length))
        return query->code != SQLITE_OK ? query->code : SQLITE_CORRUPT;
    *list = xmppbind_privacy_list_make(memory, text, length);
    return *list == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

/* The rule of a row; a list without rules comes in a row without one. */
static int read_rule(struct xmppbind_query *query, struct xmppbind_privacy_list *list) {
    size_t length;
    sqlite3_stmt *row = query->statement;
    if (sqlite3_column_type(row, 3) == SQLITE_NULL)
        return SQLITE_OK;
    sqlite3_int64 order = sqlite3_column_int64(row, 3);
    const char *value = xmppbind_query_column(query, 5, &length);
    if (query->code != SQLITE_OK || order < 0 || order > UINT32_MAX)
        return query->code != SQLITE_OK ? query->code : SQLITE_CORRUPT;
    return xmppbind_sqlite_code(xmppbind_privacy_list_add(list, (uint32_t)order, sqlite3_column_int(row, 4), value,
                                                          length, sqlite3_column_int(row, 6),
                                                          (uint32_t)sqlite3_column_int(row, 7)));
}

/* Hands the list on, if there is one. */
static int name_list(xmppbind_store *store, uint64_t id, struct xmppbind_privacy_list **list, int is_default) {
    int result = *list == NULL ? XMPPBIND_OK : xmppbind_store_list_entry(store, id, *list);
    if (result == XMPPBIND_OK && *list != NULL && is_default)
        result = xmppbind_store_default_entry(store, id, (*list)->name, (*list)->name_length);
    xmppbind_privacy_list_free(*list);
    *list = NULL;
    return xmppbind_sqlite_code(result);
}

/* A list with several rules comes in as many rows. */
static int load_lists(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store, uint64_t id, sqlite3_int64 owner) {
    struct xmppbind_privacy_list *list = NULL;
    sqlite3_int64 last = 0;
    int code = SQLITE_OK, is_default = 0;
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_LOAD_LISTS);
    xmppbind_query_number(&query, 1, owner);
    while (code == SQLITE_OK && xmppbind_query_step(&query)) {
        sqlite3_int64 number = sqlite3_column_int64(query.statement, 0);
        if (list == NULL || number != last) {
            last = number;
            code = name_list(store, id, &list, is_default);
            is_default = sqlite3_column_int(query.statement, 2);
            if (code == SQLITE_OK)
                code = read_list(&query, &sqlite->memory, &list);
        }
        if (code == SQLITE_OK)
            code = read_rule(&query, list);
    }
    int ended = xmppbind_query_end(&query);
    if (code == SQLITE_OK)
        code = ended;
    if (code == SQLITE_OK)
        code = name_list(store, id, &list, is_default);
    xmppbind_privacy_list_free(list);
    return code;
}

int xmppbind_sqlite_load_lists(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                               const xmppbind_store_request *request) {
    struct xmppbind_sqlite_owner owner;
    int code = xmppbind_sqlite_owner(sqlite, request, 0, &owner);
    return code == SQLITE_OK && owner.id != 0 ? load_lists(sqlite, store, request->id, owner.id) : code;
}

/* --- changing -------------------------------------------------------------------------------------------------- */

/* SQLITE_NOTFOUND: there is no such list. */
static int find_list(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 owner, const char *name, size_t length,
                     sqlite3_int64 *list) {
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_FIND_LIST);
    xmppbind_query_number(&query, 1, owner);
    xmppbind_query_text(&query, 2, name, length);
    int found = xmppbind_query_step(&query);
    if (found)
        *list = sqlite3_column_int64(query.statement, 0);
    int code = xmppbind_query_end(&query);
    return code == SQLITE_OK && !found ? SQLITE_NOTFOUND : code;
}

static int add_list(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 owner, const struct xmppbind_privacy_list *list,
                    sqlite3_int64 *added) {
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_ADD_LIST);
    xmppbind_query_number(&query, 1, owner);
    xmppbind_query_text(&query, 2, list->name, list->name_length);
    int code = xmppbind_query_run(&query);
    *added = sqlite3_last_insert_rowid(sqlite->connection);
    return code;
}

static int add_rule(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 list,
                    const struct xmppbind_privacy_rule *rule) {
    size_t length;
    const char *value = xmppbind_octets_text(rule->value, &length);
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_ADD_RULE);
    xmppbind_query_number(&query, 1, list);
    xmppbind_query_number(&query, 2, rule->order);
    xmppbind_query_number(&query, 3, rule->type);
    xmppbind_query_text(&query, 4, value, length);
    xmppbind_query_number(&query, 5, rule->action);
    xmppbind_query_number(&query, 6, rule->kinds);
    return xmppbind_query_run(&query);
}

/* The row of the list stays, so that it stays the default. */
int xmppbind_sqlite_put_list(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request) {
    struct xmppbind_sqlite_owner owner;
    const struct xmppbind_privacy_list *list = request->list;
    sqlite3_int64 number = 0;
    int code = xmppbind_sqlite_owner(sqlite, request, 1, &owner);
    if (code == SQLITE_OK)
        code = find_list(sqlite, owner.id, list->name, list->name_length, &number);
    if (code == SQLITE_OK)
        code = xmppbind_query_run_with(sqlite, XMPPBIND_SQL_DELETE_RULES, number, 0);
    else if (code == SQLITE_NOTFOUND)
        code = add_list(sqlite, owner.id, list, &number);
    for (size_t i = 0; i < list->count && code == SQLITE_OK; i++)
        code = add_rule(sqlite, number, &list->rules[i]);
    return code;
}

/* The list that a request names. */
static int named_list(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request,
                      struct xmppbind_sqlite_owner *owner, sqlite3_int64 *list) {
    int code = xmppbind_sqlite_owner(sqlite, request, 0, owner);
    if (code == SQLITE_OK)
        code = find_list(sqlite, owner->id, xmppbind_store_name_of(request), request->name_length, list);
    return code;
}

int xmppbind_sqlite_remove_list(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request) {
    struct xmppbind_sqlite_owner owner;
    sqlite3_int64 list = 0;
    int code = named_list(sqlite, request, &owner, &list);
    return code == SQLITE_OK ? xmppbind_query_run_with(sqlite, XMPPBIND_SQL_DELETE_LIST, list, 0) : code;
}

int xmppbind_sqlite_set_default(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request) {
    struct xmppbind_sqlite_owner owner;
    sqlite3_int64 list = 0;
    int code = named_list(sqlite, request, &owner, &list);
    if (code == SQLITE_NOTFOUND && request->name_length == 0)
        code = SQLITE_OK; /* no list has an empty name: there is to be no default */
    if (code == SQLITE_OK)
        code = xmppbind_query_run_with(sqlite, XMPPBIND_SQL_CLEAR_DEFAULT, owner.id, 0);
    if (code == SQLITE_OK && list != 0)
        code = xmppbind_query_run_with(sqlite, XMPPBIND_SQL_SET_DEFAULT, list, 0);
    return code;
}

#endif
