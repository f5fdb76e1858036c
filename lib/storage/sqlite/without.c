/* What there is of the store in SQLite in a build without SQLite (make WITHOUT_SQLITE=1). */
#include "xmppbind/store.h"

#ifndef XMPPBIND_WITH_SQLITE

int xmppbind_sqlite_store_new(xmppbind_sqlite_store **sqlite, const char *path, size_t length,
                              const xmppbind_allocator *allocator) {
    (void)allocator;
    return sqlite == NULL || path == NULL || length == 0 ? XMPPBIND_ERROR_INVALID_ARGUMENT
                                                         : XMPPBIND_ERROR_STORE_UNSUPPORTED;
}

void xmppbind_sqlite_store_free(xmppbind_sqlite_store *sqlite) {
    (void)sqlite; /* there is none */
}

int xmppbind_sqlite_store_answer(xmppbind_sqlite_store *sqlite, xmppbind_store *store,
                                 const xmppbind_store_request *request) {
    (void)sqlite;
    (void)store;
    (void)request;
    return XMPPBIND_ERROR_INVALID_ARGUMENT;
}

size_t xmppbind_sqlite_store_message(xmppbind_sqlite_store *sqlite, char *text, size_t size) {
    (void)sqlite;
    if (size > 0 && text != NULL)
        text[0] = '\0';
    return 0;
}

#endif
