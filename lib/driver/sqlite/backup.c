#include "driver/sqlite/sqlite.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/thread.h"

#define PIECE      256 /* pages between two calls of `progress` */
#define BUSY_SLEEP INT64_C(2000)

typedef hc_status (*progress_fn)(const hc_backup_progress *at, void *data);

static hc_status copy(hc__sqlite *conn, sqlite3 *target, progress_fn progress, void *data, hc_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", conn->db, "main");
    hc_status status = HC_OK;
    int rc = backup == NULL ? sqlite3_errcode(target) : SQLITE_OK;

    while (backup != NULL && rc == SQLITE_OK && status == HC_OK) {
        hc_backup_progress at;

        rc = sqlite3_backup_step(backup, PIECE);
        at.total = sqlite3_backup_pagecount(backup);
        at.done = at.total - sqlite3_backup_remaining(backup);
        if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
            hc__os_sleep(BUSY_SLEEP);
            rc = SQLITE_OK;
        }
        if ((rc == SQLITE_OK || rc == SQLITE_DONE) && progress != NULL)
            status = progress(&at, data);
        if (status == HC_OK && atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
            status = HC_ERR_CANCELLED;
    }
    if (backup != NULL && sqlite3_backup_finish(backup) != SQLITE_OK && rc == SQLITE_DONE)
        rc = sqlite3_errcode(target);
    if (status != HC_OK)
        return hc__fail_from(err, HC__SQLITE_NAME, status < 0 ? status : HC_ERR_CANCELLED, NULL,
                             "the backup was cancelled");
    return rc == SQLITE_DONE ? HC_OK : hc__sqlite_open_fail(target, rc, err);
}

/* A snapshot is held meanwhile, so that writers neither change the copy nor make it start over. */
static hc_status copy_snapshot(hc__sqlite *conn, sqlite3 *target, progress_fn progress, void *data, hc_error *err)
{
    int64_t version;
    hc_status status;
    int rc = hc__sqlite_begin(conn, false);

    if (rc == SQLITE_OK)
        rc = hc__sqlite_number(conn->db, "PRAGMA user_version", &version);
    if (rc != SQLITE_OK)
        status = hc__sqlite_fail(conn, rc, err);
    else
        status = copy(conn, target, progress, data, err);
    hc__sqlite_rollback(conn);
    return status;
}

hc_status hc__sqlite_backup(void *handle, const char *path, progress_fn progress, void *data, hc_error *err)
{
    hc__sqlite *conn = handle;
    sqlite3 *target = NULL;
    hc_status status = hc__sqlite_enter(conn, 0, err);
    int rc;

    if (status == HC_OK && conn->in_transaction)
        status = hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_MISUSE, NULL, "a backup inside a transaction");
    if (status == HC_OK)
        status = hc__sqlite_here(conn->store, conn->db, err);
    if (status == HC_OK)
        status = hc__file_create(path, "", 0, "path", err);
    if (status < 0)
        return status;
    rc = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        status = copy_snapshot(conn, target, progress, data, err);
    else
        status = hc__sqlite_open_fail(target, rc, err);
    rc = sqlite3_close(target);
    if (status == HC_OK && rc != SQLITE_OK)
        status = hc__sqlite_fail(conn, rc, err);
    /* Made above by nobody else: half a copy is worse than none. */
    if (status < 0)
        (void)remove(path);
    return status;
}
