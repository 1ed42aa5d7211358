#include "driver/sqlite/sqlite.h"

#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/thread.h"
#include "base/time.h"

#define HEADER          100
#define HEADER_FORMAT   18 /* of who writes and of who reads: 2 with a log */
#define HEADER_APP_ID   68
#define MAGIC           "SQLite format 3"
#define OPEN_WAIT_MS    5000
#define OPEN_WAIT_PIECE INT64_C(2000)

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Whether there is something in a journal or log beside the file. */
static bool beside(sqlite3 *db, const char *(*name)(const char *))
{
    sqlite3_vfs *vfs = NULL;
    int exists = 0;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) != SQLITE_OK || vfs == NULL)
        return false;
    vfs->xAccess(vfs, name(sqlite3_db_filename(db, "main")), SQLITE_ACCESS_EXISTS, &exists);
    return exists != 0;
}

/* A new file whose first commit was cut short by a crash: the journal empties it again. */
static bool unfinished(sqlite3 *db, const unsigned char *header)
{
    static const unsigned char zero[HEADER] = {0};

    return memcmp(header, zero, HEADER) == 0 && beside(db, sqlite3_filename_journal);
}

/* The engine misses whole pages by itself, but takes a page that ends early for zeros. */
static bool cut_short(sqlite3 *db, const unsigned char *header, int64_t size)
{
    int64_t page = header[16] << 8 | header[17];

    if (page == 1)
        page = 65536;
    return size < HEADER || (page >= 512 && size % page != 0 && !beside(db, sqlite3_filename_wal));
}

/*
 * Looks at the file before the engine does, which would recover, checkpoint or lock what may not be ours. Reads through
 * the engine's own descriptor: closing another one would drop the locks of every connection of this process.
 */
static hc_status look(sqlite3 *db, bool *fresh, bool *logged, hc_error *err)
{
    unsigned char header[HEADER] = {0};
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

    if (rc == SQLITE_OK)
        rc = file->pMethods->xFileSize(file, &size);
    if (rc == SQLITE_OK && size > 0)
        rc = file->pMethods->xRead(file, header, HEADER, 0);
    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
        return hc__sqlite_open_fail(db, rc, err);
    *fresh = size == 0 || unfinished(db, header);
    if (!*fresh && (size < HEADER || memcmp(header, MAGIC, sizeof(MAGIC)) != 0))
        return hc__sqlite_open_fail(db, SQLITE_NOTADB, err);
    if (!*fresh && size >= HEADER && big_endian(header + HEADER_APP_ID) != HC__SQLITE_APPLICATION_ID)
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_INVALID, "storage_uri",
                             "the file is a SQLite database of another program");
    if (!*fresh && cut_short(db, header, size))
        return hc__sqlite_open_fail(db, SQLITE_CORRUPT, err);
    if (sqlite3_db_readonly(db, "main") == 1)
        return hc__sqlite_open_fail(db, SQLITE_READONLY, err);
    *logged = !*fresh && header[HEADER_FORMAT] == 2 && header[HEADER_FORMAT + 1] == 2;
    return HC_OK;
}

/* The switch needs the file alone for a moment, and the engine does not wait for that. */
static int switch_to_wal(sqlite3 *db)
{
    int64_t until = hc__os_monotonic() + INT64_C(1000) * OPEN_WAIT_MS;
    sqlite3_stmt *stmt = NULL;
    bool on = false;
    int rc;

    for (;;) {
        rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
        if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
            on = sqlite3_stricmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
        rc = rc == SQLITE_OK ? sqlite3_finalize(stmt) : rc;
        if ((rc & 0xff) != SQLITE_BUSY || hc__os_monotonic() >= until)
            return rc != SQLITE_OK || on ? rc : SQLITE_CANTOPEN;
        hc__os_sleep(OPEN_WAIT_PIECE);
    }
}

/* Of a file that has its log nothing here needs the tables, which the engine would read one by one. */
static int settle(sqlite3 *db, bool fresh, bool logged)
{
    int64_t version;
    int rc = SQLITE_OK;

    sqlite3_busy_timeout(db, OPEN_WAIT_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    rc = hc__sqlite_run(db, "PRAGMA cell_size_check=ON");
    /* Before WAL, so that the mark is in the file itself whenever the file is not empty. */
    if (rc == SQLITE_OK && fresh)
        rc = hc__sqlite_run(db, HC__SQLITE_MARK);
    if (rc == SQLITE_OK && !logged)
        rc = switch_to_wal(db);
    if (rc == SQLITE_OK)
        rc = hc__sqlite_number(db, "PRAGMA user_version", &version);
    return rc;
}

static int open_file(sqlite3 **db, const char *path)
{
    int rc = sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL);

    if (rc == SQLITE_OK)
        sqlite3_extended_result_codes(*db, 1);
    return rc;
}

static hc_status keep(hc__sqlite_store *store, const char *path, hc_error *err)
{
    bool fresh = false, logged = false;
    hc_status status;
    int rc = open_file(&store->keeper, path);

    if ((rc & 0xff) == SQLITE_CANTOPEN) {
        sqlite3_close(store->keeper);
        store->keeper = NULL;
        /* Made here and not by the engine: nobody else may read it, from the first moment on. */
        status = hc__file_create(path, "", 0, "storage_uri", err);
        if (status < 0 && status != HC_ERR_CONFLICT)
            return status;
        rc = open_file(&store->keeper, path);
    }
    if (rc != SQLITE_OK)
        return hc__sqlite_open_fail(store->keeper, rc, err);
    status = look(store->keeper, &fresh, &logged, err);
    if (status < 0)
        return status;
    rc = settle(store->keeper, fresh, logged);
    if (rc != SQLITE_OK)
        return hc__sqlite_open_fail(store->keeper, rc, err);
    path = sqlite3_db_filename(store->keeper, "main");
    store->path = hc__strndup(&store->mem, path, strlen(path));
    return store->path == NULL ? hc__no_memory(err) : HC_OK;
}

/* The engine keeps account of its locks on files for the whole process, and a fork copies the account without the locks.
 * A child that opened a file beside its parent would write into a log that the parent deletes when it closes. So here is
 * how many files are open, and in which process. */
static atomic_int open_files;
static atomic_int open_in;

static hc_status count_file(hc__sqlite_store *store, hc_error *err)
{
    if (atomic_load(&open_files) > 0 && atomic_load(&open_in) != store->pid)
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_FORKED, "storage_uri",
                             "this process was forked while a SQLite store was open: open stores after the fork");
    atomic_store(&open_in, store->pid);
    atomic_fetch_add(&open_files, 1);
    store->counted = true;
    return HC_OK;
}

static hc_status engine_serves(hc_error *err)
{
    if (sqlite3_libversion_number() >= 3037000 && sqlite3_threadsafe() != 0 &&
        sqlite3_compileoption_used("ENABLE_FTS5") != 0)
        return HC_OK;
    return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_UNSUPPORTED, "storage_uri",
                         "SQLite %s is older than 3.37, not thread-safe, or without FTS5", sqlite3_libversion());
}

hc_status hc__sqlite_open(void **out, const hc_host *host, const char *uri, hc_error *err)
{
    hc__sqlite_store *store;
    hc__mem mem;
    char *path = NULL;
    hc_status status;

    *out = NULL;
    status = engine_serves(err);
    if (status == HC_OK)
        status = hc__mem_init(&mem, host->allocator, err);
    if (status < 0)
        return status;
    store = hc__alloc_zero(&mem, 1, sizeof(*store));
    if (store == NULL)
        return hc__no_memory(err);
    store->mem = mem;
    store->host = host;
    store->pid = hc__os_pid();
    status = hc__sqlite_uri(store, uri, &path, err);
    if (status == HC_OK && path != NULL)
        status = count_file(store, err);
    if (status == HC_OK && path != NULL)
        status = keep(store, path, err);
    hc__free(&mem, path);
    if (status < 0) {
        hc__sqlite_close(store);
        return status;
    }
    *out = store;
    return HC_OK;
}

void hc__sqlite_close(void *handle)
{
    hc__sqlite_store *store = handle;
    hc__mem mem;

    if (store == NULL)
        return;
    mem = store->mem;
    /* In a child the descriptors are the parent's too: closing them would drop the parent's locks. */
    if (store->pid == hc__os_pid()) {
        sqlite3_close(store->keeper);
        if (store->counted)
            atomic_fetch_sub(&open_files, 1);
    }
    hc__free(&mem, store->path);
    hc__free(&mem, store);
}

void hc__sqlite_limits(void *handle, hc_storage_limits *out)
{
    const hc__sqlite_store *store = handle;

    out->connections = store->path == NULL ? 1 : 0;
}
