#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const disk_ops[DISK_OPS] = {"open", "read", "write", "sync", "truncate", "size", "delete", "lock", "map"};

/* What SQLite sees: our methods, then the real file. */
typedef struct disk_file {
    sqlite3_file base;
} disk_file;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
    _Atomic int64_t left[DISK_OPS]; /* 0: works */
    _Atomic int64_t failed;
    _Atomic bool and_after;
    _Atomic disk_fault how;
    _Atomic bool told; /* the last error was ours */
} disk;

static bool fails(disk_op op)
{
    int64_t left = atomic_load(&disk.left[op]);

    if (left == 0)
        return false;
    if (left > 1) {
        atomic_store(&disk.left[op], left - 1);
        return false;
    }
    if (!atomic_load(&disk.and_after))
        atomic_store(&disk.left[op], 0);
    atomic_fetch_add(&disk.failed, 1);
    atomic_store(&disk.told, true);
    return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)((disk_file *)file + 1);
}

#define REAL(file) real_of(file)->pMethods

static int disk_close(sqlite3_file *file)
{
    return REAL(file)->xClose(real_of(file));
}

static int disk_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
    return fails(DISK_READ) ? SQLITE_IOERR_READ : REAL(file)->xRead(real_of(file), out, size, offset);
}

static int disk_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    if (!fails(DISK_WRITE))
        return REAL(file)->xWrite(real_of(file), bytes, size, offset);
    if (size > 1)
        (void)REAL(file)->xWrite(real_of(file), bytes, size / 2, offset);
    return atomic_load(&disk.how) == DISK_NO_SPACE ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return fails(DISK_TRUNCATE) ? SQLITE_IOERR_TRUNCATE : REAL(file)->xTruncate(real_of(file), size);
}

static int disk_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return fails(DISK_SYNC) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return fails(DISK_SIZE) ? SQLITE_IOERR_FSTAT : REAL(file)->xFileSize(real_of(file), out);
}

static int disk_lock(sqlite3_file *file, int level)
{
    return fails(DISK_LOCK) ? SQLITE_IOERR_LOCK : REAL(file)->xLock(real_of(file), level);
}

static int disk_unlock(sqlite3_file *file, int level)
{
    return REAL(file)->xUnlock(real_of(file), level);
}

static int disk_reserved(sqlite3_file *file, int *out)
{
    return fails(DISK_LOCK) ? SQLITE_IOERR_CHECKRESERVEDLOCK : REAL(file)->xCheckReservedLock(real_of(file), out);
}

static int disk_control(sqlite3_file *file, int what, void *data)
{
    return REAL(file)->xFileControl(real_of(file), what, data);
}

static int disk_sector(sqlite3_file *file)
{
    return REAL(file)->xSectorSize(real_of(file));
}

static int disk_traits(sqlite3_file *file)
{
    return REAL(file)->xDeviceCharacteristics(real_of(file));
}

static int disk_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    if (fails(DISK_MAP)) {
        *out = NULL;
        return atomic_load(&disk.how) == DISK_NO_SPACE ? SQLITE_IOERR_SHMSIZE : SQLITE_IOERR_SHMMAP;
    }
    return REAL(file)->xShmMap(real_of(file), page, size, extend, out);
}

static int disk_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    if ((flags & SQLITE_SHM_LOCK) != 0 && fails(DISK_LOCK))
        return SQLITE_IOERR_SHMLOCK;
    return REAL(file)->xShmLock(real_of(file), offset, n, flags);
}

static void disk_shm_barrier(sqlite3_file *file)
{
    REAL(file)->xShmBarrier(real_of(file));
}

static int disk_shm_unmap(sqlite3_file *file, int remove)
{
    return REAL(file)->xShmUnmap(real_of(file), remove);
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
    int rc;

    (void)vfs;
    file->pMethods = NULL;
    if (fails(DISK_OPEN))
        return SQLITE_CANTOPEN;
    rc = disk.real->xOpen(disk.real, path, real_of(file), flags, out);
    if (rc == SQLITE_OK)
        file->pMethods = &disk.methods;
    return rc;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    (void)sync;
    return fails(DISK_DELETE) ? SQLITE_IOERR_DELETE : disk.real->xDelete(disk.real, path, 0);
}

static int disk_last_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void)vfs;
    if (!atomic_exchange(&disk.told, false))
        return disk.real->xGetLastError(disk.real, size, text);
    return atomic_load(&disk.how) == DISK_NO_SPACE ? ENOSPC : EIO;
}

/* ---- on and off ---- */

void disk_on(void)
{
    sqlite3_initialize();
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "disk";
    disk.vfs.szOsFile = (int)sizeof(disk_file) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    disk.vfs.xGetLastError = disk_last_error;
    disk.methods = (sqlite3_io_methods){
        .iVersion = 2, /* no memory mapping */
        .xClose = disk_close,
        .xRead = disk_read,
        .xWrite = disk_write,
        .xTruncate = disk_truncate,
        .xSync = disk_sync,
        .xFileSize = disk_size,
        .xLock = disk_lock,
        .xUnlock = disk_unlock,
        .xCheckReservedLock = disk_reserved,
        .xFileControl = disk_control,
        .xSectorSize = disk_sector,
        .xDeviceCharacteristics = disk_traits,
        .xShmMap = disk_shm_map,
        .xShmLock = disk_shm_lock,
        .xShmBarrier = disk_shm_barrier,
        .xShmUnmap = disk_shm_unmap,
    };
    sqlite3_vfs_register(&disk.vfs, 1);
}

void disk_fail(disk_op op, int64_t n, bool and_after, disk_fault how)
{
    atomic_store(&disk.failed, 0);
    atomic_store(&disk.told, false);
    atomic_store(&disk.and_after, and_after);
    atomic_store(&disk.how, how);
    atomic_store(&disk.left[op], n);
}

int64_t disk_restore(void)
{
    for (int op = 0; op < DISK_OPS; op++)
        atomic_store(&disk.left[op], 0);
    return atomic_load(&disk.failed);
}

void disk_off(void)
{
    sqlite3_vfs_unregister(&disk.vfs);
}

/* ---- the storm ---- */

static _Atomic uint64_t random_state;
static _Atomic int64_t storms;

static uint64_t draw(uint64_t below)
{
    uint64_t x = atomic_fetch_add(&random_state, UINT64_C(0x9e3779b97f4a7c15));

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) % below;
}

/* Whether this call is interrupted: two of five. */
static bool interrupted(void)
{
    if (draw(5) >= 2)
        return false;
    atomic_fetch_add(&storms, 1);
    errno = EINTR;
    return true;
}

/* How much of it is done: sometimes all. */
static size_t part(size_t size)
{
    if (size < 2 || draw(3) == 0)
        return size;
    atomic_fetch_add(&storms, 1);
    return 1 + (size_t)draw(size - 1);
}

static ssize_t storm_pread(int fd, void *out, size_t size, off_t offset)
{
    return interrupted() ? -1 : pread(fd, out, part(size), offset);
}

static ssize_t storm_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return interrupted() ? -1 : pwrite(fd, bytes, part(size), offset);
}

static ssize_t storm_read(int fd, void *out, size_t size)
{
    return interrupted() ? -1 : read(fd, out, part(size));
}

static ssize_t storm_write(int fd, const void *bytes, size_t size)
{
    return interrupted() ? -1 : write(fd, bytes, part(size));
}

static int storm_open(const char *path, int flags, int mode)
{
    return interrupted() ? -1 : open(path, flags, mode);
}

static int storm_truncate(int fd, off_t size)
{
    return interrupted() ? -1 : ftruncate(fd, size);
}

static const struct {
    const char *name;
    sqlite3_syscall_ptr call;
} stormy[] = {
    {"read", (sqlite3_syscall_ptr)storm_read},     {"write", (sqlite3_syscall_ptr)storm_write},
    {"pread", (sqlite3_syscall_ptr)storm_pread},   {"pread64", (sqlite3_syscall_ptr)storm_pread},
    {"pwrite", (sqlite3_syscall_ptr)storm_pwrite}, {"pwrite64", (sqlite3_syscall_ptr)storm_pwrite},
    {"open", (sqlite3_syscall_ptr)storm_open},     {"ftruncate", (sqlite3_syscall_ptr)storm_truncate},
};

void disk_storm(uint64_t seed)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

    atomic_store(&random_state, seed);
    atomic_store(&storms, 0);
    for (size_t i = 0; i < sizeof stormy / sizeof stormy[0]; i++)
        (void)vfs->xSetSystemCall(vfs, stormy[i].name, stormy[i].call);
}

int64_t disk_calm(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

    for (size_t i = 0; i < sizeof stormy / sizeof stormy[0]; i++)
        (void)vfs->xSetSystemCall(vfs, stormy[i].name, NULL);
    return atomic_load(&storms);
}
