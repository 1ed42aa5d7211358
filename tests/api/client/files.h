/* Files around a store, byte for byte. */
#ifndef API_CLIENT_FILES_H
#define API_CLIENT_FILES_H

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "house.h"

typedef struct file {
    char path[400];
    unsigned char *bytes;
    size_t size;
    mode_t mode;
} file;

static inline file file_at(const char *name)
{
    file out = {.bytes = NULL};

    ck_assert_int_lt(snprintf(out.path, sizeof out.path, "%s/%s", house.folder, name), (int)sizeof out.path);
    return out;
}

static inline void file_put(const char *path, const void *bytes, size_t size)
{
    FILE *to = fopen(path, "wb");

    ck_assert_ptr_nonnull(to);
    ck_assert_uint_eq(fwrite(bytes, 1, size, to), size);
    ck_assert_int_eq(fclose(to), 0);
}

static inline file file_read(const char *path)
{
    file out = {.bytes = NULL};
    struct stat facts;
    FILE *from = fopen(path, "rb");

    snprintf(out.path, sizeof out.path, "%s", path);
    ck_assert_msg(from != NULL, "%s", path);
    ck_assert_int_eq(fstat(fileno(from), &facts), 0);
    out.mode = facts.st_mode & 07777;
    out.size = (size_t)facts.st_size;
    out.bytes = malloc(out.size + 1);
    ck_assert_uint_eq(fread(out.bytes, 1, out.size, from), out.size);
    fclose(from);
    return out;
}

static inline bool file_there(const char *path)
{
    struct stat facts;

    return lstat(path, &facts) == 0;
}

/* As it was read; frees it. */
static inline void file_assert_same(file *before)
{
    file now = file_read(before->path);

    ck_assert_uint_eq(now.size, before->size);
    ck_assert_int_eq(now.mode, before->mode);
    ck_assert(memcmp(now.bytes, before->bytes, now.size) == 0);
    free(now.bytes);
    free(before->bytes);
}

static inline int files_in_folder(void)
{
    DIR *folder = opendir(house.folder);
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count - 2;
}

#endif
