/* Opening and closing the file of a store. */
#include "xmppbind/store.h"

#ifdef XMPPBIND_WITH_SQLITE

#include "sqlite.h"

#include <sys/stat.h>

int xmppbind_sqlite_result(int code) {
    enum { PRIMARY = 0xFF };
    if (code == SQLITE_IOERR_NOMEM)
        return XMPPBIND_ERROR_NO_MEMORY;
    switch (code & PRIMARY) {
    case SQLITE_OK:
        return XMPPBIND_OK;
    case SQLITE_NOMEM:
        return XMPPBIND_ERROR_NO_MEMORY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return XMPPBIND_ERROR_STORE_OPEN;
    case SQLITE_READONLY:
        return XMPPBIND_ERROR_STORE_READ_ONLY;
    case SQLITE_FULL:
        return XMPPBIND_ERROR_STORE_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* many processes open it at once */
        return XMPPBIND_ERROR_STORE_BUSY;
    case SQLITE_IOERR:
        return XMPPBIND_ERROR_STORE_INPUT_OUTPUT;
    default: /* no database, or not the tables that its version should have */
        return XMPPBIND_ERROR_STORE_DAMAGED;
    }
}

static void close_connection(struct xmppbind_sqlite_store *sqlite) {
    for (int i = 0; i < XMPPBIND_SQL_COUNT; i++) {
        (void)sqlite3_finalize(sqlite->statements[i]);
        sqlite->statements[i] = NULL;
    }
    (void)sqlite3_close(sqlite->connection);
    sqlite->connection = NULL;
}

/* Looks at every page, so that a damaged file is noticed before it is used, and not years later by one user. */
static int check(sqlite3 *connection) {
    sqlite3_stmt *statement = NULL;
    int result = XMPPBIND_ERROR_STORE_DAMAGED;
    int code = sqlite3_prepare_v2(connection, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        result = xmppbind_sqlite_result(code);
    else if (sqlite3_stricmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0)
        result = XMPPBIND_OK;
    (void)sqlite3_finalize(statement);
    return result;
}

static int prepare(struct xmppbind_sqlite_store *sqlite) {
#define TEXT(name, text) text,
    static const char *const texts[] = {XMPPBIND_STATEMENTS(TEXT)};
#undef TEXT
    int code = SQLITE_OK;
    for (int i = 0; i < XMPPBIND_SQL_COUNT && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v3(sqlite->connection, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &sqlite->statements[i],
                                  NULL);
    return xmppbind_sqlite_result(code);
}

static int open_connection(struct xmppbind_sqlite_store *sqlite, const char *uri, int flags) {
    enum { PATIENCE = 5000 /* milliseconds */ };
    /* What is accepted is on the disk: a version is never given twice, whatever happens to the machine. */
    static const char settings[] =
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON";
    int code = sqlite3_open_v2(uri, &sqlite->connection, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return xmppbind_sqlite_result(code);
    (void)sqlite3_extended_result_codes(sqlite->connection, 1);
    (void)sqlite3_busy_timeout(sqlite->connection, PATIENCE);
    int result = xmppbind_sqlite_result(sqlite3_exec(sqlite->connection, settings, NULL, NULL, NULL));
    if (result == XMPPBIND_OK)
        result = xmppbind_sqlite_migrate(sqlite->connection);
    if (result == XMPPBIND_OK)
        result = check(sqlite->connection);
    return result == XMPPBIND_OK ? prepare(sqlite) : result;
}

/* Whether it failed only because nothing can be written beside the file, and all that was stored is in the file. */
static int is_in_read_only_folder(struct xmppbind_sqlite_store *sqlite, int result) {
    struct stat log;
    if (result != XMPPBIND_ERROR_STORE_OPEN && result != XMPPBIND_ERROR_STORE_READ_ONLY)
        return 0;
    if (sqlite->connection == NULL || sqlite3_db_readonly(sqlite->connection, "main") != 1)
        return 0;
    const char *name = sqlite3_filename_wal(sqlite3_db_filename(sqlite->connection, "main"));
    return stat(name, &log) != 0 || log.st_size == 0;
}

/* The path as a URI, so that no name has a meaning of its own, with room for what may follow. */
static char *new_uri(const struct xmppbind_memory *memory, const char *path, size_t length) {
    static const char digits[] = "0123456789ABCDEF", plain[] = "/._-~";
    static const char absolute[] = "file://", relative[] = "file:./";
    enum { ESCAPED = 3, MORE = 32, NIBBLE = 4, LOW = 0xF };
    char *uri = xmppbind_memory_get(memory, length * ESCAPED + MORE);
    if (uri == NULL)
        return NULL;
    memcpy(uri, path[0] == '/' ? absolute : relative, sizeof absolute);
    char *place = uri + sizeof absolute - 1;
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)path[i];
        if ((octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9') ||
            memchr(plain, octet, sizeof plain - 1) != NULL) {
            *place++ = path[i];
        } else {
            *place++ = '%';
            *place++ = digits[octet >> NIBBLE];
            *place++ = digits[octet & LOW];
        }
    }
    *place = '\0';
    return uri;
}

static int open_file(struct xmppbind_sqlite_store *sqlite, const char *path, size_t length) {
    char *uri = new_uri(&sqlite->memory, path, length);
    if (uri == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    int result = open_connection(sqlite, uri, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (is_in_read_only_folder(sqlite, result)) {
        static const char immutable[] = "?immutable=1";
        close_connection(sqlite);
        memcpy(uri + strlen(uri), immutable, sizeof immutable);
        result = open_connection(sqlite, uri, SQLITE_OPEN_READONLY);
    }
    xmppbind_memory_put(&sqlite->memory, uri);
    if (result != XMPPBIND_OK)
        close_connection(sqlite);
    return result;
}

static int init_lock(pthread_mutex_t *lock) {
    pthread_mutexattr_t attributes;
    (void)pthread_mutexattr_init(&attributes);
    (void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    int failed = pthread_mutex_init(lock, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
    return failed ? XMPPBIND_ERROR_NO_MEMORY : XMPPBIND_OK;
}

int xmppbind_sqlite_store_new(xmppbind_sqlite_store **sqlite, const char *path, size_t length,
                              const xmppbind_allocator *allocator) {
    struct xmppbind_memory memory;
    if (sqlite == NULL || length == 0 || !xmppbind_octets_allowed(path, length))
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    xmppbind_memory_init(&memory, allocator);
    struct xmppbind_sqlite_store *made = xmppbind_memory_get(&memory, sizeof *made);
    if (made == NULL)
        return XMPPBIND_ERROR_NO_MEMORY;
    memset(made, 0, sizeof *made);
    made->memory = memory;
    int result = open_file(made, path, length);
    if (result == XMPPBIND_OK)
        result = init_lock(&made->lock);
    if (result == XMPPBIND_OK) {
        *sqlite = made;
        return XMPPBIND_OK;
    }
    close_connection(made);
    xmppbind_memory_put(&memory, made);
    return result;
}

void xmppbind_sqlite_store_free(xmppbind_sqlite_store *sqlite) {
    if (sqlite == NULL)
        return;
    const struct xmppbind_memory memory = sqlite->memory;
    close_connection(sqlite);
    (void)pthread_mutex_destroy(&sqlite->lock);
    xmppbind_memory_put(&memory, sqlite);
}

#endif
