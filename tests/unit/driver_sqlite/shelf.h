/* A store with one small kind, and a look at its files from outside. */
#ifndef DRIVER_SQLITE_SHELF_H
#define DRIVER_SQLITE_SHELF_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/sqlite/entry.h"
#include "suite.h"

static const uint16_t book_title[] = {1};
static const hc_field book_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"title", HC_TYPE_TEXT, 4000, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"copies", HC_TYPE_INT32, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"words", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
};
static const hc_index book_indexes[] = {{"by_title", 0, 1, book_title, 1, 0}};
static const hc_kind books = {"books", HC_KIND_TRANSACTIONAL, 0, book_fields, 4, 1, book_indexes, 1, 0, NULL, 0, 0};
static const hc_step book_steps[] = {{HC_STEP_CREATE_KIND, 0, &books}};
static const hc_migration book_migration = {1, 1, book_steps};

static void *shelf_allocate(size_t size, void *data)
{
    (void)data;
    return malloc(size);
}

static void *shelf_reallocate(void *block, size_t size, void *data)
{
    (void)data;
    return realloc(block, size);
}

static void shelf_release(void *block, void *data)
{
    (void)data;
    free(block);
}

static void shelf_log(int32_t level, const char *line, void *data)
{
    (void)level;
    (void)line;
    (void)data;
}

static int64_t shelf_now(void *data)
{
    (void)data;
    return 0;
}

static hc_allocator shelf_memory = {sizeof(hc_allocator), shelf_allocate, shelf_reallocate, shelf_release, NULL};
static const hc_host shelf_host = {sizeof(hc_host), HC_DRIVER_ABI, 0, &shelf_memory, shelf_log, shelf_now, NULL};

static const hc_storage_driver *driver;
static void *store, *conn;
static hc_error err;
static char folder[256];
static char path[320];
static char uri[512];

static inline void shelf_set_up(void)
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(folder, sizeof(folder), "%s/hc-shelf-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    (void)snprintf(path, sizeof(path), "%s/s.db", folder);
    (void)snprintf(uri, sizeof(uri), "sqlite:%s?durability=relaxed", path);
    ck_assert_int_eq(hc_driver_sqlite_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
}

static inline void shelf_close(void)
{
    if (conn != NULL)
        driver->disconnect(conn);
    if (store != NULL)
        driver->close(store);
    conn = store = NULL;
}

static inline void shelf_tear_down(void)
{
    char command[300];

    shelf_close();
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static inline hc_status shelf_open(void)
{
    hc_status status = driver->open(&store, &shelf_host, uri, &err);

    if (status == HC_OK)
        status = driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err);
    if (status == HC_OK)
        status = driver->migrate(conn, &book_migration, 1, 0, &err);
    return status;
}

static inline hc_status shelf_run(void *on, uint32_t flags, hc_op *ops, size_t count)
{
    hc_batch batch = {.struct_size = sizeof(batch), .flags = flags, .ops = ops, .op_count = count};

    return driver->execute(on, &batch, &err);
}

static inline hc_status shelf_add(void *on, uint32_t n, const char *title)
{
    unsigned char id[16] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                            (unsigned char)n};
    hc_set sets[4] = {{0, HC_SET_TO, 0, {HC_TYPE_ID, 16, {.bytes = id}}},
                      {1, HC_SET_TO, 0, {HC_TYPE_TEXT, (uint32_t)strlen(title), {.bytes = title}}},
                      {2, HC_SET_TO, 0, {HC_TYPE_INT32, 0, {0}}},
                      {3, HC_SET_TO, 0, {HC_TYPE_TOKENS, 3, {.bytes = "zqa"}}}};
    hc_op op = {
        .verb = HC_VERB_INSERT, .expect = 1, .kind = &books, .sets = sets, .set_count = 4, .index = HC_INDEX_ANY};

    return shelf_run(on, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &op, 1);
}

static inline int64_t shelf_count(void *on)
{
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .index = HC_INDEX_ANY, .result = &result};

    return shelf_run(on, 0, &op, 1) < 0 ? -1 : result.count;
}

static inline bool shelf_exists(const char *end)
{
    char name[330];
    struct stat at;

    (void)snprintf(name, sizeof(name), "%s%s", path, end);
    return stat(name, &at) == 0;
}

/* All bytes of a file, mixed; 0 when there is none. */
static inline uint64_t shelf_bytes(const char *end)
{
    char name[330];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    FILE *file;
    int c;

    (void)snprintf(name, sizeof(name), "%s%s", path, end);
    file = fopen(name, "rb");
    if (file == NULL)
        return 0;
    while ((c = getc(file)) != EOF)
        hash = (hash ^ (uint64_t)c) * UINT64_C(0x100000001b3);
    ck_assert_int_eq(fclose(file), 0);
    return hash;
}

static inline void shelf_write(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

/* From another program. */
static inline void shelf_foreign(const char *sql)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

#endif
