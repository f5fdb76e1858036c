/* Rosters: what is asked, inside a transaction that answer.c begins and ends. */
#include "xmppbind/store.h"

#ifdef XMPPBIND_WITH_SQLITE

#include "sqlite.h"

/* Versions of an owner begin at a random number, so that a version which a client kept from a file that is lost is not
 * taken for one of this; with room to grow. */
static sqlite3_int64 first_version(void) {
    uint64_t drawn;
    sqlite3_randomness(sizeof drawn, &drawn);
    return (sqlite3_int64)(drawn & ((UINT64_C(1) << 48) - 1));
}

int xmppbind_sqlite_owner(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request, int add,
                          struct xmppbind_sqlite_owner *owner) {
    const char *jid = xmppbind_store_owner_of(request);
    memset(owner, 0, sizeof *owner);
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_FIND_OWNER);
    xmppbind_query_text(&query, 1, jid, request->owner_length);
    if (xmppbind_query_step(&query)) {
        owner->id = sqlite3_column_int64(query.statement, 0);
        owner->version = sqlite3_column_int64(query.statement, 1);
        owner->floor = sqlite3_column_int64(query.statement, 2);
    }
    int code = xmppbind_query_end(&query);
    if (code != SQLITE_OK || owner->id != 0 || !add)
        return code;
    query = xmppbind_query_of(sqlite, XMPPBIND_SQL_ADD_OWNER);
    owner->version = owner->floor = first_version();
    xmppbind_query_text(&query, 1, jid, request->owner_length);
    xmppbind_query_number(&query, 2, owner->version);
    code = xmppbind_query_run(&query);
    owner->id = sqlite3_last_insert_rowid(sqlite->connection);
    return code;
}

/* --- loading --------------------------------------------------------------------------------------------------- */

/* The contact of a row, without its groups. */
static int read_contact(struct xmppbind_query *query, const struct xmppbind_memory *memory,
                        struct xmppbind_roster_item **item) {
    size_t length;
    const char *text = xmppbind_query_column(query, 1, &length);
    if (query->code != SQLITE_OK || length == 0 || !xmppbind_octets_allowed(text, length))
        return query->code != SQLITE_OK ? query->code : SQLITE_CORRUPT;
    struct xmppbind_roster_item *made = *item = xmppbind_roster_item_make(memory, text, length);
    if (made == NULL)
        return SQLITE_NOMEM;
    made->version = (uint64_t)sqlite3_column_int64(query->statement, 2);
    text = xmppbind_query_column(query, 3, &length);
    int result = xmppbind_roster_item_set_name(made, text, length);
    if (result == XMPPBIND_OK)
        result = xmppbind_roster_item_set_subscription(made, sqlite3_column_int(query->statement, 4));
    if (result == XMPPBIND_OK)
        result = xmppbind_roster_item_set_flags(made, (uint32_t)sqlite3_column_int(query->statement, 5));
    text = xmppbind_query_column(query, 6, &length);
    if (result == XMPPBIND_OK)
        result = xmppbind_roster_item_set_stanza(made, text, length);
    return query->code != SQLITE_OK ? query->code : xmppbind_sqlite_code(result);
}

static int read_group(struct xmppbind_query *query, struct xmppbind_roster_item *item) {
    size_t length;
    const char *text = xmppbind_query_column(query, 7, &length);
    if (query->code != SQLITE_OK || text == NULL)
        return query->code;
    return xmppbind_sqlite_code(xmppbind_roster_item_add_group(item, text, length));
}

/* Hands the contact on, if there is one. */
static int name_contact(xmppbind_store *store, uint64_t id, struct xmppbind_roster_item **item) {
    int result = *item == NULL ? XMPPBIND_OK : xmppbind_store_roster_entry(store, id, *item);
    xmppbind_roster_item_free(*item);
    *item = NULL;
    return xmppbind_sqlite_code(result);
}

/* A contact with several groups comes in as many rows. */
static int load_contacts(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store, uint64_t id,
                         sqlite3_int64 owner) {
    struct xmppbind_roster_item *item = NULL;
    sqlite3_int64 last = 0;
    int code = SQLITE_OK;
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_LOAD_CONTACTS);
    xmppbind_query_number(&query, 1, owner);
    while (code == SQLITE_OK && xmppbind_query_step(&query)) {
        sqlite3_int64 contact = sqlite3_column_int64(query.statement, 0);
        if (item == NULL || contact != last) {
            last = contact;
            code = name_contact(store, id, &item);
            if (code == SQLITE_OK)
                code = read_contact(&query, &sqlite->memory, &item);
        }
        if (code == SQLITE_OK)
            code = read_group(&query, item);
    }
    int ended = xmppbind_query_end(&query);
    if (code == SQLITE_OK)
        code = ended;
    if (code == SQLITE_OK)
        code = name_contact(store, id, &item);
    xmppbind_roster_item_free(item);
    return code;
}

int xmppbind_sqlite_load_roster(struct xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                                const xmppbind_store_request *request, uint64_t *version) {
    struct xmppbind_sqlite_owner owner;
    int code = xmppbind_sqlite_owner(sqlite, request, 0, &owner);
    if (code == SQLITE_OK && owner.id != 0)
        code = load_contacts(sqlite, store, request->id, owner.id);
    if (code == SQLITE_OK)
        code = xmppbind_sqlite_code(xmppbind_store_floor(store, request->id, (uint64_t)owner.floor));
    *version = (uint64_t)owner.version;
    return code;
}

/* --- changing -------------------------------------------------------------------------------------------------- */

static int delete_contact(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 owner, const char *jid, size_t length) {
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_DELETE_CONTACT);
    xmppbind_query_number(&query, 1, owner);
    xmppbind_query_text(&query, 2, jid, length);
    return xmppbind_query_run(&query);
}

/* What a row of a contact holds; of one that was removed the first three and the flag. */
struct row {
    const char *jid;
    size_t jid_length;
    sqlite3_int64 version;
    const struct xmppbind_roster_item *item; /* NULL: removed */
};

static int add_contact(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 owner, const struct row *row) {
    size_t length;
    const struct xmppbind_roster_item *item = row->item;
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_ADD_CONTACT);
    xmppbind_query_number(&query, 1, owner);
    xmppbind_query_text(&query, 2, row->jid, row->jid_length);
    xmppbind_query_number(&query, 3, row->version);
    const char *text = xmppbind_roster_item_name(item, &length);
    xmppbind_query_text(&query, 4, text, length);
    xmppbind_query_number(&query, 5, xmppbind_roster_item_subscription(item));
    xmppbind_query_number(&query, 6, item == NULL ? XMPPBIND_ROSTER_REMOVED : item->flags);
    text = xmppbind_roster_item_stanza(item, &length);
    xmppbind_query_text(&query, 7, text, length);
    return xmppbind_query_run(&query);
}

static int add_groups(struct xmppbind_sqlite_store *sqlite, const struct xmppbind_roster_item *item) {
    sqlite3_int64 contact = sqlite3_last_insert_rowid(sqlite->connection);
    int code = SQLITE_OK;
    for (size_t i = 0; i < xmppbind_roster_item_group_count(item) && code == SQLITE_OK; i++) {
        struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_ADD_GROUP);
        xmppbind_query_number(&query, 1, contact);
        xmppbind_query_number(&query, 2, (sqlite3_int64)i);
        xmppbind_query_text(&query, 3, item->groups[i]->text, item->groups[i]->length);
        code = xmppbind_query_run(&query);
    }
    return code;
}

/* In place of what was known of the contact. */
static int replace_contact(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 owner, const struct row *row) {
    int code = delete_contact(sqlite, owner, row->jid, row->jid_length); /* its groups go with it */
    if (code == SQLITE_OK)
        code = add_contact(sqlite, owner, row);
    if (code == SQLITE_OK && row->item != NULL) /* a removed one is in none */
        code = add_groups(sqlite, row->item);
    if (code == SQLITE_OK)
        code = xmppbind_query_run_with(sqlite, XMPPBIND_SQL_SET_VERSION, owner, row->version);
    return code;
}

int xmppbind_sqlite_put_contact(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request,
                                uint64_t *version) {
    struct xmppbind_sqlite_owner owner;
    struct row row = {request->item->jid, request->item->jid_length, 0, request->item};
    int code = xmppbind_sqlite_owner(sqlite, request, 1, &owner);
    row.version = owner.version + 1;
    if (code == SQLITE_OK)
        code = replace_contact(sqlite, owner.id, &row);
    *version = (uint64_t)row.version;
    return code;
}

/* SQLITE_NOTFOUND: there is no such contact, or not any more. */
static int find_contact(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 owner, const struct row *row) {
    int there = 0;
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_FIND_CONTACT);
    xmppbind_query_number(&query, 1, owner);
    xmppbind_query_text(&query, 2, row->jid, row->jid_length);
    if (xmppbind_query_step(&query))
        there = sqlite3_column_int(query.statement, 0) != XMPPBIND_ROSTER_REMOVED;
    int code = xmppbind_query_end(&query);
    return code == SQLITE_OK && !there ? SQLITE_NOTFOUND : code;
}

/* Only so many removals are remembered. */
static int forget_removals(struct xmppbind_sqlite_store *sqlite, sqlite3_int64 owner) {
    sqlite3_int64 version = 0;
    struct xmppbind_query query = xmppbind_query_of(sqlite, XMPPBIND_SQL_FIND_OLD_REMOVAL);
    xmppbind_query_number(&query, 1, owner);
    xmppbind_query_number(&query, 2, XMPPBIND_STORE_REMOVALS);
    int found = xmppbind_query_step(&query);
    if (found)
        version = sqlite3_column_int64(query.statement, 0);
    int code = xmppbind_query_end(&query);
    if (code == SQLITE_OK && found)
        code = xmppbind_query_run_with(sqlite, XMPPBIND_SQL_FORGET_REMOVALS, owner, version);
    if (code == SQLITE_OK && found)
        code = xmppbind_query_run_with(sqlite, XMPPBIND_SQL_SET_FLOOR, owner, version);
    return code;
}

int xmppbind_sqlite_remove_contact(struct xmppbind_sqlite_store *sqlite, const xmppbind_store_request *request,
                                   uint64_t *version) {
    struct xmppbind_sqlite_owner owner;
    struct row row = {xmppbind_store_name_of(request), request->name_length, 0, NULL};
    int code = xmppbind_sqlite_owner(sqlite, request, 0, &owner);
    row.version = owner.version + 1;
    if (code == SQLITE_OK)
        code = find_contact(sqlite, owner.id, &row);
    if (code == SQLITE_OK)
        code = replace_contact(sqlite, owner.id, &row);
    if (code == SQLITE_OK)
        code = forget_removals(sqlite, owner.id);
    *version = (uint64_t)row.version;
    return code;
}

#endif
