#include "tests/support/fault_vfs.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* in the bytes behind this struct */
};

static pthread_mutex_t plan_lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault_plan current_plan;
static long counted;
static bool fired;

void fault_vfs_arm(const struct fault_plan *plan)
{
    pthread_mutex_lock(&plan_lock);
    current_plan = *plan;
    counted = 0;
    fired = false;
    pthread_mutex_unlock(&plan_lock);
}

void fault_vfs_disarm(void)
{
    pthread_mutex_lock(&plan_lock);
    current_plan.nth = 0;
    pthread_mutex_unlock(&plan_lock);
}

bool fault_vfs_fired(void)
{
    pthread_mutex_lock(&plan_lock);
    bool has_fired = fired;
    pthread_mutex_unlock(&plan_lock);
    return has_fired;
}

/* Whether this operation fails; then `kind` says how. */
static bool strikes(enum fault_operation operation, enum fault_kind *kind)
{
    pthread_mutex_lock(&plan_lock);
    bool strike = false;
    if (current_plan.nth > 0 && (current_plan.operations & (unsigned)operation)) {
        counted++;
        strike =
            counted == current_plan.nth || (current_plan.forever && counted > current_plan.nth);
        fired = fired || strike;
        *kind = current_plan.kind;
    }
    pthread_mutex_unlock(&plan_lock);
    return strike;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

/* The code that the Unix VFS gives, with errno as it leaves it. */
static int failure(enum fault_kind kind, int code)
{
    errno = kind == FAULT_DISK_FULL ? ENOSPC : EIO;
    return kind == FAULT_DISK_FULL && code == SQLITE_IOERR_WRITE ? SQLITE_FULL : code;
}

/* ---- files ---- */

static int fault_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int fault_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset)
{
    enum fault_kind kind;
    if (strikes(FAULT_READ, &kind))
        return failure(FAULT_IO_ERROR, SQLITE_IOERR_READ);
    return real_of(file)->pMethods->xRead(real_of(file), bytes, size, offset);
}

static int fault_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    enum fault_kind kind;
    if (!strikes(FAULT_WRITE, &kind))
        return real_of(file)->pMethods->xWrite(real_of(file), bytes, size, offset);
    if (kind != FAULT_SHORT_WRITE)
        return failure(kind, SQLITE_IOERR_WRITE);
    int code = real_of(file)->pMethods->xWrite(real_of(file), bytes, size / 2, offset);
    assert_int_equal(code, SQLITE_OK);
    return failure(FAULT_DISK_FULL, SQLITE_IOERR_WRITE);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    enum fault_kind kind;
    if (strikes(FAULT_TRUNCATE, &kind))
        return failure(kind, SQLITE_IOERR_TRUNCATE);
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
    enum fault_kind kind;
    if (strikes(FAULT_SYNC, &kind))
        return failure(kind, SQLITE_IOERR_FSYNC);
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int fault_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int fault_lock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int fault_unlock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int fault_check_reserved_lock(sqlite3_file *file, int *held)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}

static int fault_file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int fault_sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int fault_device_characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int fault_shm_unmap(sqlite3_file *file, int erase)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), erase);
}

/* Version 2: with the WAL's shared memory, without mapped files. */
static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_file_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_reserved_lock,
    .xFileControl = fault_file_control,
    .xSectorSize = fault_sector_size,
    .xDeviceCharacteristics = fault_device_characteristics,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

/* ---- the VFS ---- */

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *real_vfs = vfs->pAppData;
    struct fault_file *opened = (struct fault_file *)file;
    enum fault_kind kind;
    opened->base.pMethods = NULL; /* nothing to close after a failure */
    opened->real = (sqlite3_file *)(opened + 1);
    if (strikes(FAULT_OPEN, &kind))
        return failure(kind, SQLITE_CANTOPEN);
    int code = real_vfs->xOpen(real_vfs, name, opened->real, flags, out);
    if (code == SQLITE_OK)
        opened->base.pMethods = &fault_methods;
    return code;
}

const char *fault_vfs_name(void)
{
    static sqlite3_vfs vfs;
    if (vfs.zName)
        return vfs.zName;
    sqlite3_vfs *real_vfs = sqlite3_vfs_find(NULL);
    assert_non_null(real_vfs);
    vfs = *real_vfs;
    vfs.pNext = NULL;
    vfs.zName = "fault";
    vfs.pAppData = real_vfs;
    vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    vfs.xOpen = fault_open;
    /* The Unix VFS's other methods take what they need from their arguments, not from the VFS. */
    assert_int_equal(sqlite3_vfs_register(&vfs, 0), SQLITE_OK);
    return vfs.zName;
}

long fault_vfs_until_clean(struct fault_plan plan, void (*run)(void *context), void *context)
{
    enum { TOO_MANY = 100000 };
    for (plan.nth = 1; plan.nth < TOO_MANY; plan.nth++) {
        fault_vfs_arm(&plan);
        run(context);
        bool met_fault = fault_vfs_fired();
        fault_vfs_disarm();
        if (!met_fault)
            return plan.nth - 1;
    }
    fail_msg("the run never gets through");
    return plan.nth;
}
