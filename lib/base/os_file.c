#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/thread.h"

/* Fails with what errno says, and leaves errno as it was. */
static hc_status fail_errno(hc_error *err, const char *field, const char *what)
{
    int code = errno;
    const char *why = strerrordesc_np(code);
    hc_status status = HC_ERR_IO;

    if (code == ENOENT || code == ENOTDIR)
        status = HC_ERR_NOT_FOUND;
    else if (code == EEXIST)
        status = HC_ERR_CONFLICT;
    else if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        status = HC_ERR_NO_SPACE;
    else if (code == ENOMEM)
        status = HC_ERR_NO_MEMORY;
    hc__fail(err, status, field, "%s: %s", what, why != NULL ? why : "unknown error");
    if (err != NULL)
        err->native = code;
    errno = code;
    return status;
}

static int open_again(const char *path, int flags, mode_t mode)
{
    int fd;

    do
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static void close_quietly(int fd)
{
    int code = errno;

    close(fd);
    errno = code;
}

static hc_status opened(hc__file *file, int fd, const char *field, hc_error *err)
{
    struct stat facts;

    *file = (hc__file){-1, -1};
    if (fd < 0)
        return fail_errno(err, field, "the file cannot be opened");
    if (fstat(fd, &facts) != 0) {
        close_quietly(fd);
        return fail_errno(err, field, "the file cannot be opened");
    }
    if (S_ISDIR(facts.st_mode)) {
        close(fd);
        errno = EISDIR;
        return fail_errno(err, field, "the file cannot be opened");
    }
    file->fd = fd;
    if (S_ISREG(facts.st_mode))
        file->size = facts.st_size;
    return HC_OK;
}

hc_status hc__file_open(hc__file *file, const char *path, const char *field, hc_error *err)
{
    return opened(file, open_again(path, O_RDONLY, 0), field, err);
}

hc_status hc__file_write_open(hc__file *file, const char *path, bool append, const char *field, hc_error *err)
{
    return opened(file, open_again(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0600), field, err);
}

hc_status hc__file_piece(hc__file *file, void *out, size_t capacity, size_t *got, hc_error *err)
{
    ssize_t size;

    *got = 0;
    do
        size = read(file->fd, out, capacity > SSIZE_MAX ? SSIZE_MAX : capacity);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return fail_errno(err, NULL, "the file cannot be read");
    *got = (size_t)size;
    return HC_OK;
}

hc_status hc__file_seek(hc__file *file, int64_t offset, hc_error *err)
{
    if (lseek(file->fd, offset, SEEK_SET) < 0)
        return fail_errno(err, NULL, "the position in the file cannot be set");
    return HC_OK;
}

void hc__file_close(hc__file *file)
{
    if (file->fd >= 0)
        close_quietly(file->fd);
    *file = (hc__file){-1, -1};
}

hc_status hc__file_write(hc__file *file, const void *bytes, size_t size, hc_error *err)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t put = write(file->fd, at, size > SSIZE_MAX ? SSIZE_MAX : size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_errno(err, NULL, "the file cannot be written");
        at += put;
        size -= (size_t)put;
    }
    return HC_OK;
}

hc_status hc__file_sync(hc__file *file, hc_error *err)
{
    /* EINVAL: a pipe or a terminal, which has nothing to sync. */
    if (fsync(file->fd) != 0 && errno != EINVAL)
        return fail_errno(err, NULL, "the file cannot be synced");
    return HC_OK;
}

hc_status hc__file_read(hc__buf *out, const char *path, size_t limit, const char *field, hc_error *err)
{
    hc__file file;
    hc_status status = hc__file_open(&file, path, field, err);
    size_t first = out->size;
    size_t got = 1;

    if (status == HC_OK && file.size >= 0 && (uint64_t)file.size > limit)
        status = hc__fail(err, HC_ERR_TOO_LARGE, field, "the file has more than %zu bytes", limit);
    while (status == HC_OK && got > 0) {
        size_t have = out->size - first;
        size_t want = file.size > 0 && (uint64_t)file.size >= have ? (size_t)file.size - have + 1 : 4096;

        if (!hc__buf_reserve(out, want)) {
            status = hc__no_memory(err);
            break;
        }
        status = hc__file_piece(&file, out->data + out->size, want, &got, err);
        out->size += got;
        out->data[out->size] = '\0';
        if (status == HC_OK && out->size - first > limit)
            status = hc__fail(err, HC_ERR_TOO_LARGE, field, "the file has more than %zu bytes", limit);
    }
    hc__file_close(&file);
    if (status != HC_OK && out->data != NULL) {
        out->size = first;
        out->data[first] = '\0';
    }
    return status;
}

/* A new name is safe from power loss only once its folder is synced. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";
    int fd;
    bool done;

    if (slash != NULL) {
        size_t size = slash == path ? 1 : (size_t)(slash - path);

        if (size >= sizeof(folder)) {
            errno = ENAMETOOLONG;
            return false;
        }
        memcpy(folder, path, size);
        folder[size] = '\0';
    }
    fd = open_again(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return false;
    done = fsync(fd) == 0 || errno == EINVAL;
    close_quietly(fd);
    return done;
}

_Static_assert(HC__PATH_LIMIT == PATH_MAX, "the longest path");

hc_status hc__file_beside(char out[HC__PATH_LIMIT], const char *path, const char *field, hc_error *err)
{
    struct stat facts;
    uint64_t number;
    int size;

    if (lstat(path, &facts) == 0)
        errno = EEXIST;
    else if (hc__os_random(&number, sizeof(number))) {
        size = snprintf(out, HC__PATH_LIMIT, "%s.new-%016llx", path, (unsigned long long)number);
        if (size > 0 && size < HC__PATH_LIMIT)
            return HC_OK;
        errno = ENAMETOOLONG;
    }
    return fail_errno(err, field, "the file cannot be made");
}

/* Without replacing: a file that came meanwhile is somebody's. */
static hc_status name_it(const char *beside, const char *path, const char *field, hc_error *err)
{
    hc_status status;

    if (renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return sync_folder(path) ? HC_OK : fail_errno(err, field, "the file's folder cannot be synced");
    status = fail_errno(err, field, "the file cannot be made");
    unlink(beside);
    return status;
}

hc_status hc__file_publish(const char *beside, const char *path, const char *field, hc_error *err)
{
    hc__file file;
    hc_status status = opened(&file, open_again(beside, O_RDWR | O_NOFOLLOW, 0), field, err);

    if (status == HC_OK)
        status = hc__file_sync(&file, err);
    hc__file_close(&file);
    if (status == HC_OK)
        return name_it(beside, path, field, err);
    unlink(beside);
    return status;
}

/* Written whole under another name first: whoever sees the file sees all of it, also after a kill. */
hc_status hc__file_create(const char *path, const void *bytes, size_t size, const char *field, hc_error *err)
{
    char beside[HC__PATH_LIMIT];
    hc__file file = {-1, -1};
    hc_status status = hc__file_beside(beside, path, field, err);

    if (status != HC_OK)
        return status;
    file.fd = open_again(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (file.fd < 0)
        return fail_errno(err, field, "the file cannot be made");
    if (fchmod(file.fd, 0600) != 0) /* whatever the umask */
        status = fail_errno(err, field, "the file cannot be made");
    if (status == HC_OK)
        status = hc__file_write(&file, bytes, size, err);
    if (status == HC_OK)
        status = hc__file_sync(&file, err);
    hc__file_close(&file);
    if (status == HC_OK)
        return name_it(beside, path, field, err);
    unlink(beside);
    return status;
}

bool hc__os_mode_private(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}
