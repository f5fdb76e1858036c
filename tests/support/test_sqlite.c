#include "test_sqlite.h"

#ifdef XMPPBIND_WITH_SQLITE

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>

struct file {
    sqlite3_file base;
    sqlite3_file *real; /* behind it, in the same block */
};

static sqlite3_vfs *real;
static sqlite3_vfs shim;
static atomic_uint operations, count, fail_at, failed;
static atomic_int code_to_give, for_ever, read_only;

void test_sqlite_fail(unsigned which, unsigned n, int code, int always) {
    atomic_store(&operations, n == 0 ? 0 : which);
    atomic_store(&count, 0);
    atomic_store(&fail_at, n);
    atomic_store(&failed, 0);
    atomic_store(&code_to_give, code);
    atomic_store(&for_ever, always);
}

unsigned test_sqlite_failed(void) {
    return atomic_load(&failed);
}

void test_sqlite_read_only(int on) {
    atomic_store(&read_only, on);
}

/* What the operation is to give: SQLITE_OK, or the failure that was ordered. */
static int before(unsigned operation) {
    if ((atomic_load(&operations) & operation) == 0)
        return SQLITE_OK;
    unsigned number = atomic_fetch_add(&count, 1) + 1, at = atomic_load(&fail_at);
    if (number != at && !(number > at && atomic_load(&for_ever)))
        return SQLITE_OK;
    atomic_fetch_add(&failed, 1);
    if (atomic_load(&code_to_give) == TEST_SQLITE_KILL)
        (void)raise(SIGKILL);
    return atomic_load(&code_to_give);
}

static sqlite3_file *under(sqlite3_file *file) {
    return ((struct file *)(void *)file)->real;
}

/* A method that may fail: what fails it, and the method of the real file with its arguments. */
#define METHOD(name, operation, parameters, arguments)                                                                 \
    static int name parameters {                                                                                       \
        int code = before(operation);                                                                                  \
        return code != SQLITE_OK ? code : under(file)->pMethods->name arguments;                                       \
    }

METHOD(xRead, TEST_SQLITE_READ, (sqlite3_file * file, void *octets, int length, sqlite3_int64 offset),
       (under(file), octets, length, offset))
METHOD(xWrite, TEST_SQLITE_WRITE, (sqlite3_file * file, const void *octets, int length, sqlite3_int64 offset),
       (under(file), octets, length, offset))
METHOD(xTruncate, TEST_SQLITE_TRUNCATE, (sqlite3_file * file, sqlite3_int64 size), (under(file), size))
METHOD(xLock, TEST_SQLITE_LOCK, (sqlite3_file * file, int level), (under(file), level))
METHOD(xShmMap, TEST_SQLITE_SHARE, (sqlite3_file * file, int page, int size, int extend, void volatile **memory),
       (under(file), page, size, extend, memory))
METHOD(xFileSize, 0, (sqlite3_file * file, sqlite3_int64 *size), (under(file), size))
METHOD(xUnlock, 0, (sqlite3_file * file, int level), (under(file), level))
METHOD(xCheckReservedLock, 0, (sqlite3_file * file, int *result), (under(file), result))
METHOD(xFileControl, 0, (sqlite3_file * file, int operation, void *argument), (under(file), operation, argument))
METHOD(xShmUnmap, 0, (sqlite3_file * file, int erase), (under(file), erase))

/* A lock that is given up is always given up. */
static int xShmLock(sqlite3_file *file, int offset, int length, int flags) {
    int code = (flags & SQLITE_SHM_LOCK) != 0 ? before(TEST_SQLITE_LOCK) : SQLITE_OK;
    return code != SQLITE_OK ? code : under(file)->pMethods->xShmLock(under(file), offset, length, flags);
}

static int xSync(sqlite3_file *file, int flags) {
    (void)file;
    (void)flags;
    return before(TEST_SQLITE_SYNC);
}

static int xClose(sqlite3_file *file) {
    return under(file)->pMethods->xClose(under(file));
}

static int xSectorSize(sqlite3_file *file) {
    return under(file)->pMethods->xSectorSize(under(file));
}

static int xDeviceCharacteristics(sqlite3_file *file) {
    return under(file)->pMethods->xDeviceCharacteristics(under(file));
}

static void xShmBarrier(sqlite3_file *file) {
    under(file)->pMethods->xShmBarrier(under(file));
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = xClose,
    .xRead = xRead,
    .xWrite = xWrite,
    .xTruncate = xTruncate,
    .xSync = xSync,
    .xFileSize = xFileSize,
    .xLock = xLock,
    .xUnlock = xUnlock,
    .xCheckReservedLock = xCheckReservedLock,
    .xFileControl = xFileControl,
    .xSectorSize = xSectorSize,
    .xDeviceCharacteristics = xDeviceCharacteristics,
    .xShmMap = xShmMap,
    .xShmLock = xShmLock,
    .xShmBarrier = xShmBarrier,
    .xShmUnmap = xShmUnmap,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *opened, int flags, int *out_flags) {
    struct file *file = (struct file *)(void *)opened;
    (void)vfs;
    file->base.pMethods = NULL;
    file->real = (sqlite3_file *)(void *)(file + 1);
    int code = before(TEST_SQLITE_OPEN);
    if (code != SQLITE_OK)
        return code;
    if (atomic_load(&read_only))
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    code = real->xOpen(real, name, file->real, flags, out_flags);
    if (code == SQLITE_OK)
        file->base.pMethods = &methods;
    return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync) {
    int code = before(TEST_SQLITE_DELETE);
    (void)vfs;
    (void)sync;
    return code != SQLITE_OK ? code : real->xDelete(real, name, 0);
}

static int sleep_a_while(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return atomic_load(&operations) != 0 ? microseconds : real->xSleep(real, microseconds);
}

void test_sqlite_install(void) {
    if (real != NULL)
        return;
    real = sqlite3_vfs_find(NULL);
    if (real == NULL)
        abort();
    shim = *real;
    shim.zName = "test";
    shim.szOsFile = (int)sizeof(struct file) + real->szOsFile;
    shim.xOpen = open_file;
    shim.xDelete = delete_file;
    shim.xSleep = sleep_a_while;
    if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
        abort();
}

#else

/* Without SQLite there is nothing to stand before. */
void test_sqlite_install(void) {
}

#endif
