#include "driver/sqlite/sqlite.h"

#include <string.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"

#define PROGRESS_STEPS 1000 /* about 20 µs of work */
#define SCRATCH        ((size_t)4096)
#define STAMP_SHIFT    40

int hc__sqlite_run(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int rc = SQLITE_OK;

    while (rc == SQLITE_OK && *sql != '\0') {
        rc = sqlite3_prepare_v2(db, sql, -1, &stmt, &sql);
        if (rc != SQLITE_OK)
            break;
        while (sqlite3_step(stmt) == SQLITE_ROW)
            continue;
        rc = sqlite3_finalize(stmt);
    }
    return rc;
}

int hc__sqlite_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

    *out = 0;
    if (rc != SQLITE_OK)
        return rc;
    if (sqlite3_step(stmt) == SQLITE_ROW)
        *out = sqlite3_column_int64(stmt, 0);
    return sqlite3_finalize(stmt);
}

static bool must_stop(hc__sqlite *conn)
{
    if (atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
        conn->stopped = HC_ERR_CANCELLED;
    else if (conn->deadline != 0 && hc__os_monotonic() >= conn->deadline)
        conn->stopped = HC_ERR_TIMEOUT;
    return conn->stopped != HC_OK;
}

static int on_progress(void *data)
{
    return must_stop(data);
}

/* Waits for other processes, jittered so that equal waiters do not meet again; never past the deadline. The pauses stay
 * short: one process whose threads write in turn leaves gaps of a tenth of a millisecond, which is all that the others
 * get. */
static int on_busy(void *data, int tries)
{
    hc__sqlite *conn = data;
    int64_t wait = INT64_C(100) << (tries < 5 ? tries : 5);
    int64_t now = hc__os_monotonic();

    if (tries == 0)
        conn->busy_until = now + HC__SQLITE_BUSY_WAIT;
    if (must_stop(conn) || now >= conn->busy_until)
        return 0;
    conn->jitter = conn->jitter * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    hc__os_sleep(wait / 2 + (int64_t)((conn->jitter >> 33) % (uint64_t)wait));
    return 1;
}

static int configure(hc__sqlite *conn)
{
    static const int switches[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},     {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_QPSG, 1}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    };
    char cache[64];
    int rc = SQLITE_OK;

    sqlite3_extended_result_codes(conn->db, 1);
    sqlite3_busy_handler(conn->db, on_busy, conn);
    sqlite3_progress_handler(conn->db, PROGRESS_STEPS, on_progress, conn);
    sqlite3_limit(conn->db, SQLITE_LIMIT_ATTACHED, 0);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof(switches) / sizeof(switches[0]); i++)
        rc = sqlite3_db_config(conn->db, switches[i][0], switches[i][1], NULL);
    sqlite3_snprintf((int)sizeof(cache), cache, "PRAGMA cache_size=-%d", (int)conn->store->cache_kib);
    if (rc == SQLITE_OK)
        rc = hc__sqlite_run(conn->db, cache);
    if (rc == SQLITE_OK)
        rc = hc__sqlite_run(conn->db, "PRAGMA cell_size_check=ON; PRAGMA secure_delete=FAST;"
                                      "PRAGMA journal_size_limit=67108864");
    if (rc == SQLITE_OK)
        rc = hc__sqlite_run(conn->db, conn->store->relaxed ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
    if (rc == SQLITE_OK && conn->role == HC_CONNECT_READ)
        rc = hc__sqlite_run(conn->db, "PRAGMA query_only=ON");
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(conn->db, "hc_scanned", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, conn,
                                        hc__sqlite_count_row, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = hc__sqlite_words_connect(conn->db);
    return rc;
}

static int prepare_control(hc__sqlite *conn)
{
    const struct {
        sqlite3_stmt **stmt;
        const char *sql;
    } list[] = {{&conn->begin_write, "BEGIN IMMEDIATE"},
                {&conn->begin_read, "BEGIN"},
                {&conn->commit, "COMMIT"},
                {&conn->rollback, "ROLLBACK"}};
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && i < sizeof(list) / sizeof(list[0]); i++)
        rc = sqlite3_prepare_v3(conn->db, list[i].sql, -1, SQLITE_PREPARE_PERSISTENT, list[i].stmt, NULL);
    return rc;
}

static hc_status attach(hc__sqlite *conn, hc_error *err)
{
    hc__sqlite_store *store = conn->store;
    hc_status status = HC_OK;
    int64_t version;
    int rc;

    rc = sqlite3_open_v2(store->path == NULL ? ":memory:" : store->path, &conn->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return hc__sqlite_open_fail(conn->db, rc, err);
    /* Both still are the path's: so this is the keeper's file and none that took its place. */
    if (store->path != NULL)
        status = hc__sqlite_here(store, conn->db, err);
    if (status == HC_OK && store->path != NULL)
        status = hc__sqlite_here(store, store->keeper, err);
    if (status < 0)
        return status;
    rc = configure(conn);
    if (rc == SQLITE_OK && store->path == NULL) /* a copy of it is a file that must be known as ours */
        rc = hc__sqlite_run(conn->db, HC__SQLITE_MARK);
    if (rc == SQLITE_OK)
        rc = prepare_control(conn);
    if (rc == SQLITE_OK)
        rc = hc__sqlite_number(conn->db, "PRAGMA user_version", &version);
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

/* What is this process's own, and neither the engine's nor the file's. */
static void release(hc__sqlite *conn)
{
    hc__sqlite_store *store = conn->store;

    hc__map_free(&conn->statements);
    hc__buf_free(&conn->key);
    hc__sql_free(&conn->params);
    hc__arena_free(&conn->scratch);
    hc__free(conn->mem, conn->scratch_first);
    if (store->path == NULL)
        atomic_store(&store->taken, false);
    hc__free(conn->mem, conn);
}

hc_status hc__sqlite_connect(void **out, void *handle, int32_t role, int64_t deadline, hc_error *err)
{
    hc__sqlite_store *store = handle;
    hc__sqlite *conn;
    hc_status status;

    *out = NULL;
    if (store->pid != hc__os_pid())
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_FORKED, NULL,
                             "the store belongs to the parent of this process");
    if (store->path == NULL && atomic_exchange(&store->taken, true))
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_MISUSE, NULL, "a database in memory has one connection");
    conn = hc__alloc_zero(&store->mem, 1, sizeof(*conn));
    if (conn == NULL) {
        atomic_store(&store->taken, false);
        return hc__no_memory(err);
    }
    conn->store = store;
    conn->mem = &store->mem;
    conn->pid = store->pid;
    conn->role = store->path == NULL ? HC_CONNECT_WRITE : role;
    conn->deadline = deadline;
    conn->stamp = (uint64_t)(atomic_fetch_add(&store->connects, 1) + 1) << STAMP_SHIFT;
    conn->jitter = (uint64_t)hc__os_monotonic() ^ (uint64_t)(uintptr_t)conn ^ (uint64_t)conn->pid << 32;
    conn->scratch_first = hc__alloc(conn->mem, SCRATCH);
    hc__map_init(&conn->statements, conn->mem);
    hc__buf_init(&conn->key, conn->mem);
    hc__sql_init(&conn->params, conn->mem, false);
    conn->scratch_size = conn->scratch_first == NULL ? 0 : SCRATCH;
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
    status = attach(conn, err);
    if (status < 0) {
        hc__sqlite_disconnect(conn);
        return status;
    }
    *out = conn;
    return HC_OK;
}

void hc__sqlite_disconnect(void *handle)
{
    hc__sqlite *conn = handle;

    if (conn == NULL)
        return;
    if (conn->pid != hc__os_pid()) {
        hc__sqlite_abandon(conn);
        return;
    }
    hc__sqlite_forget_all(conn);
    sqlite3_finalize(conn->begin_write);
    sqlite3_finalize(conn->begin_read);
    sqlite3_finalize(conn->commit);
    sqlite3_finalize(conn->rollback);
    sqlite3_close(conn->db);
    release(conn);
}

void hc__sqlite_abandon(void *handle)
{
    hc__sqlite *conn = handle;
    hc__statement *statement;

    if (conn == NULL)
        return;
    for (statement = conn->newest; statement != NULL; statement = conn->newest) {
        conn->newest = statement->older;
        hc__sql_forget(&statement->recipe, conn->mem);
        hc__free(conn->mem, statement);
    }
    release(conn);
}

void hc__sqlite_interrupt(void *handle)
{
    hc__sqlite *conn = handle;

    atomic_store_explicit(&conn->interrupted, true, memory_order_relaxed);
}

hc_status hc__sqlite_ping(void *handle, int64_t deadline, hc_error *err)
{
    hc__sqlite *conn = handle;
    hc_status status = hc__sqlite_enter(conn, deadline, err);
    int64_t version;
    int rc;

    if (status == HC_OK)
        status = hc__sqlite_here(conn->store, conn->db, err);
    if (status < 0)
        return status;
    rc = hc__sqlite_number(conn->db, "PRAGMA user_version", &version);
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}
