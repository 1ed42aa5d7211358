#include "power.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT   32
#define SECTOR       512
#define SHORT_OF_ALL 3 /* of four unsynced writes, how many survive in an image that loses some */

/* Unsynced, in order: `bytes` NULL is a truncation to `offset`. */
typedef struct change {
    struct change *next;
    int64_t offset;
    size_t size;
    unsigned char *bytes;
} change;

typedef struct disk_file {
    char path[512];
    bool there;           /* its name is on the disk: it was synced at least once and not removed */
    unsigned char *bytes; /* synced content */
    size_t size, capacity;
    change *first, **last;
} disk_file;

/* What SQLite sees: our methods, then the real file. */
typedef struct power_file {
    sqlite3_file base;
    disk_file *disk; /* NULL: not below the folder, or not to be kept */
    sqlite3_file *real;
} power_file;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
    bool registered;
    char folder[256];
    disk_file files[FILE_LIMIT];
    size_t count;
    uint64_t random;
    int64_t moments, cut_at;
    power_loss loss;
    char image[256];
    void (*cut)(void *data);
    void *data;
    bool is_cut;
    sqlite3_mutex *lock;
} power;

static uint64_t draw(uint64_t below)
{
    uint64_t x = power.random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    power.random = x;
    return (x >> 11) % below;
}

/* ---- content ---- */

static void reserve(unsigned char **bytes, size_t *capacity, size_t size)
{
    if (size <= *capacity)
        return;
    *capacity = size * 2;
    *bytes = realloc(*bytes, *capacity);
    if (*bytes == NULL)
        abort();
}

/* Applies `size` bytes of a change at its offset; a gap before it reads as zero. */
static void apply(unsigned char **bytes, size_t *length, size_t *capacity, const change *one, size_t from, size_t size)
{
    size_t at = (size_t)one->offset + from, end = at + size;

    if (one->bytes == NULL) {
        if ((size_t)one->offset < *length)
            *length = (size_t)one->offset;
        return;
    }
    reserve(bytes, capacity, end);
    if (at > *length)
        memset(*bytes + *length, 0, at - *length);
    memcpy(*bytes + at, one->bytes + from, size);
    if (end > *length)
        *length = end;
}

static void drop_changes(disk_file *file)
{
    while (file->first != NULL) {
        change *one = file->first;

        file->first = one->next;
        free(one->bytes);
        free(one);
    }
    file->last = &file->first;
}

static void synced(disk_file *file)
{
    for (const change *one = file->first; one != NULL; one = one->next)
        apply(&file->bytes, &file->size, &file->capacity, one, 0, one->size);
    drop_changes(file);
    file->there = true;
}

static void changed(disk_file *file, int64_t offset, const void *bytes, size_t size)
{
    change *one = calloc(1, sizeof *one);

    if (one == NULL)
        abort();
    one->offset = offset;
    one->size = size;
    if (bytes != NULL) {
        one->bytes = malloc(size);
        if (one->bytes == NULL)
            abort();
        memcpy(one->bytes, bytes, size);
    }
    *file->last = one;
    file->last = &one->next;
}

/* ---- the image ---- */

static void survive(unsigned char **bytes, size_t *size, size_t *capacity, const change *one)
{
    if (power.loss == POWER_LOSES_ALL || draw(4) >= SHORT_OF_ALL)
        return;
    if (power.loss == POWER_LOSES_SOME || one->bytes == NULL) {
        apply(bytes, size, capacity, one, 0, one->size);
        return;
    }
    for (size_t at = 0; at < one->size; at += SECTOR) {
        size_t part = one->size - at < SECTOR ? one->size - at : SECTOR;

        if (draw(2) == 0)
            apply(bytes, size, capacity, one, at, part);
    }
}

static void write_image(const disk_file *file)
{
    const char *name = strrchr(file->path, '/');
    size_t size = file->size, capacity = file->size + 1;
    unsigned char *bytes = malloc(capacity);
    char path[1024];
    FILE *out;

    if (bytes == NULL)
        abort();
    if (file->size > 0)
        memcpy(bytes, file->bytes, file->size);
    for (const change *one = file->first; one != NULL; one = one->next)
        survive(&bytes, &size, &capacity, one);
    snprintf(path, sizeof path, "%s%s", power.image, name);
    out = fopen(path, "wb");
    if (out == NULL || fwrite(bytes, 1, size, out) != size || fclose(out) != 0)
        abort();
    free(bytes);
}

/* Before the change that is about to happen. Holds the lock. */
static void moment(void)
{
    power.moments++;
    if (power.is_cut || power.cut_at == 0 || power.moments < power.cut_at)
        return;
    power.is_cut = true;
    for (size_t i = 0; i < power.count; i++)
        if (power.files[i].there)
            write_image(&power.files[i]);
    power.cut(power.data);
}

/* ---- files ---- */

/* What was there before the first opening is on the disk. */
static void load(disk_file *file)
{
    FILE *in = fopen(file->path, "rb");
    unsigned char part[4096];

    if (in == NULL)
        return;
    for (size_t got = fread(part, 1, sizeof part, in); got > 0; got = fread(part, 1, sizeof part, in)) {
        reserve(&file->bytes, &file->capacity, file->size + got);
        memcpy(file->bytes + file->size, part, got);
        file->size += got;
    }
    fclose(in);
    file->there = file->size > 0;
}

static disk_file *disk_of(const char *path, int flags)
{
    disk_file *file;

    if (path == NULL || strncmp(path, power.folder, strlen(power.folder)) != 0 ||
        (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) == 0)
        return NULL;
    for (size_t i = 0; i < power.count; i++)
        if (strcmp(power.files[i].path, path) == 0)
            return &power.files[i];
    if (power.count == FILE_LIMIT)
        abort();
    file = &power.files[power.count++];
    memset(file, 0, sizeof *file);
    snprintf(file->path, sizeof file->path, "%s", path);
    file->last = &file->first;
    load(file);
    return file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((power_file *)file)->real;
}

static int power_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int power_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), out, size, offset);
}

static int power_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    disk_file *disk = ((power_file *)file)->disk;

    if (disk != NULL) {
        sqlite3_mutex_enter(power.lock);
        moment();
        changed(disk, offset, bytes, (size_t)size);
        sqlite3_mutex_leave(power.lock);
    }
    return real_of(file)->pMethods->xWrite(real_of(file), bytes, size, offset);
}

static int power_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    disk_file *disk = ((power_file *)file)->disk;

    if (disk != NULL) {
        sqlite3_mutex_enter(power.lock);
        moment();
        changed(disk, size, NULL, 0);
        sqlite3_mutex_leave(power.lock);
    }
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

/* The real file is not synced: the image is the disk here, and a sync of the machine's would only take time. */
static int power_sync(sqlite3_file *file, int flags)
{
    disk_file *disk = ((power_file *)file)->disk;

    (void)flags;
    if (disk != NULL) {
        sqlite3_mutex_enter(power.lock);
        moment();
        synced(disk);
        sqlite3_mutex_leave(power.lock);
    }
    return SQLITE_OK;
}

static int power_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), out);
}

static int power_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int power_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int power_reserved(sqlite3_file *file, int *out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int power_control(sqlite3_file *file, int what, void *data)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, data);
}

static int power_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int power_traits(sqlite3_file *file)
{
    /* Only what an image keeps: no write damages its neighbours, but none is atomic. */
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)) &
           (SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN | SQLITE_IOCAP_POWERSAFE_OVERWRITE);
}

static int power_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int power_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void power_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int power_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static int power_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
    power_file *mine = (power_file *)file;
    int rc;

    (void)vfs;
    mine->base.pMethods = NULL;
    mine->real = (sqlite3_file *)(mine + 1);
    rc = power.real->xOpen(power.real, path, mine->real, flags, out);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_mutex_enter(power.lock);
    mine->disk = disk_of(path, flags);
    sqlite3_mutex_leave(power.lock);
    mine->base.pMethods = &power.methods;
    return SQLITE_OK;
}

static int power_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    sqlite3_mutex_enter(power.lock);
    for (size_t i = 0; i < power.count; i++)
        if (strcmp(power.files[i].path, path) == 0) {
            moment();
            /* A removal that is not synced may or may not have reached the disk. */
            if (sync || draw(2) == 0)
                power.files[i].there = false;
            power.files[i].size = 0;
            drop_changes(&power.files[i]);
        }
    sqlite3_mutex_leave(power.lock);
    return power.real->xDelete(power.real, path, 0);
}

/* ---- on and off ---- */

static void forget(void)
{
    for (size_t i = 0; i < power.count; i++) {
        drop_changes(&power.files[i]);
        free(power.files[i].bytes);
    }
    memset(power.files, 0, sizeof power.files);
    power.count = 0;
    power.moments = power.cut_at = 0;
    power.is_cut = false;
}

void power_on(const char *folder, uint64_t seed)
{
    char *real = realpath(folder, NULL); /* SQLite asks by the path behind links */

    if (real == NULL)
        abort();
    forget();
    snprintf(power.folder, sizeof power.folder, "%s/", real);
    free(real);
    power.random = seed == 0 ? 1 : seed;
    if (power.registered)
        return;
    sqlite3_initialize();
    power.lock = sqlite3_mutex_alloc(SQLITE_MUTEX_RECURSIVE);
    power.real = sqlite3_vfs_find(NULL);
    power.vfs = *power.real;
    power.vfs.zName = "power";
    power.vfs.szOsFile = (int)sizeof(power_file) + power.real->szOsFile;
    power.vfs.xOpen = power_open;
    power.vfs.xDelete = power_delete;
    power.methods = (sqlite3_io_methods){
        .iVersion = 2, /* no memory mapping */
        .xClose = power_close,
        .xRead = power_read,
        .xWrite = power_write,
        .xTruncate = power_truncate,
        .xSync = power_sync,
        .xFileSize = power_size,
        .xLock = power_lock,
        .xUnlock = power_unlock,
        .xCheckReservedLock = power_reserved,
        .xFileControl = power_control,
        .xSectorSize = power_sector,
        .xDeviceCharacteristics = power_traits,
        .xShmMap = power_shm_map,
        .xShmLock = power_shm_lock,
        .xShmBarrier = power_shm_barrier,
        .xShmUnmap = power_shm_unmap,
    };
    sqlite3_vfs_register(&power.vfs, 1);
    power.registered = true;
}

void power_cut_at(int64_t at, power_loss loss, const char *image, void (*cut)(void *data), void *data)
{
    power.cut_at = power.moments + at;
    power.loss = loss;
    snprintf(power.image, sizeof power.image, "%s", image);
    power.cut = cut;
    power.data = data;
}

int64_t power_moments(void)
{
    return power.moments;
}

bool power_is_cut(void)
{
    return power.is_cut;
}

void power_off(void)
{
    forget();
    if (power.registered)
        sqlite3_vfs_unregister(&power.vfs);
    sqlite3_mutex_free(power.lock);
    power.registered = false;
}
