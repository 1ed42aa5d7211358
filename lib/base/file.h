/* Files, through the operating system only here. Paths are UTF-8. errno is left as set on failure. */
#ifndef HC__BASE_FILE_H
#define HC__BASE_FILE_H

#include <stdbool.h>
#include "base/buf.h"

/* Reads a whole file of at most `limit` bytes. IO, NOT_FOUND, TOO_LARGE; `field` is what the error names. */
hc_status hc__file_read(hc__buf *out, const char *path, size_t limit, const char *field, hc_error *err);
/* Makes a file that must not exist, mode 0600, writes, syncs it and its folder. HC_ERR_CONFLICT when it exists. */
hc_status hc__file_create(const char *path, const void *bytes, size_t size, const char *field, hc_error *err);

/* A file opened for reading in pieces. */
typedef struct hc__file {
    int fd;
    int64_t size; /* -1 when it is not a regular file */
} hc__file;
hc_status hc__file_open(hc__file *file, const char *path, const char *field, hc_error *err);
hc_status hc__file_piece(hc__file *file, void *out, size_t capacity, size_t *got, hc_error *err); /* *got 0 at the end */
hc_status hc__file_seek(hc__file *file, int64_t offset, hc_error *err);
void hc__file_close(hc__file *file);

/* A file opened for writing in pieces; truncated or appended to. */
hc_status hc__file_write_open(hc__file *file, const char *path, bool append, const char *field, hc_error *err);
hc_status hc__file_write(hc__file *file, const void *bytes, size_t size, hc_error *err);
hc_status hc__file_sync(hc__file *file, hc_error *err);
bool hc__os_mode_private(const char *path); /* no group or other bits */

#define HC__PATH_LIMIT 4096 /* bytes of a path, with its NUL */

/* A name beside `path`, which must not exist (HC_ERR_CONFLICT), for what is seen only once it is whole. */
hc_status hc__file_beside(char out[HC__PATH_LIMIT], const char *path, const char *field, hc_error *err);
/* Syncs the file `beside` and names it `path`, which must not exist; syncs the folder. Removes it on failure. */
hc_status hc__file_publish(const char *beside, const char *path, const char *field, hc_error *err);

#endif
