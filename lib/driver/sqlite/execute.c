#include "driver/sqlite/sqlite.h"

#include "base/bug.h"
#include "base/fail.h"

/* Equal stamps prove that nothing changed in between: the engine's version rises with each commit of anyone, own ones
 * included, and is right only once a statement holds its snapshot. Each connection counts for itself. */
static void read_stamp(hc__sqlite *conn)
{
    uint32_t version = 0;

    conn->want_stamp = false;
    sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    if (version != conn->data_version) {
        conn->data_version = version;
        conn->stamp++;
    }
}

int hc__sqlite_step(hc__sqlite *conn, sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);

    if (conn->want_stamp)
        read_stamp(conn);
    return rc;
}

static int run(sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);

    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int hc__sqlite_begin(hc__sqlite *conn, bool write)
{
    int rc = run(write ? conn->begin_write : conn->begin_read);

    conn->in_transaction = rc == SQLITE_OK;
    conn->read_only = rc == SQLITE_OK && !write;
    return rc;
}

int hc__sqlite_commit(hc__sqlite *conn)
{
    int rc = run(conn->commit);

    if (rc == SQLITE_OK)
        conn->in_transaction = conn->read_only = false;
    return rc;
}

void hc__sqlite_rollback(hc__sqlite *conn)
{
    /* The engine rolls back by itself after some errors. A deadline that passed must not stop the way back. */
    conn->deadline = 0;
    atomic_store_explicit(&conn->interrupted, false, memory_order_relaxed);
    if (sqlite3_get_autocommit(conn->db) == 0 &&
        run(hc__bug("keeps-half") ? conn->commit : conn->rollback) != SQLITE_OK)
        conn->poisoned = true;
    conn->in_transaction = conn->read_only = false;
}

static hc_status begin(hc__sqlite *conn, bool write, hc_error *err)
{
    hc_status status = write ? hc__sqlite_here(conn->store, conn->db, err) : HC_OK;
    int rc;

    if (status < 0)
        return status;
    rc = hc__sqlite_begin(conn, write);
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

static hc_status commit(hc__sqlite *conn, hc_error *err)
{
    int rc = hc__sqlite_commit(conn);
    hc_status status;

    if (rc == SQLITE_OK || hc__bug("ack-failed-commit"))
        return HC_OK;
    status = hc__sqlite_fail(conn, rc, err);
    /* The frames may be on disk or not, and a recovery would replay them. */
    if (conn->poisoned && err != NULL)
        err->flags |= HC_ERROR_WRITTEN_UNKNOWN;
    return status;
}

static hc_status run_op(hc__sqlite *conn, hc_batch *batch, const hc_op *op, hc_error *err)
{
    hc_op_result unwanted;
    hc_op_result *result = op->result != NULL ? op->result : &unwanted;

    *result = (hc_op_result){0};
    hc__arena_free(&conn->scratch);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
    return hc__sql_writes(op) ? hc__sqlite_write(conn, batch, op, result, err)
                              : hc__sqlite_read(conn, batch, op, result, err);
}

/* Outside a transaction: a write that may have to be undone, or that is two statements, gets one of its own. */
static hc_status run_alone(hc__sqlite *conn, hc_batch *batch, const hc_op *op, hc_error *err)
{
    bool wrapped = hc__sql_writes(op) && (op->expect >= 0 || hc__sql_has_tokens(op->kind));
    hc_status status = HC_OK;

    if (wrapped)
        status = begin(conn, true, err);
    else if (hc__sql_writes(op))
        status = hc__sqlite_here(conn->store, conn->db, err);
    if (status == HC_OK)
        status = run_op(conn, batch, op, err);
    if (status == HC_OK && wrapped)
        status = commit(conn, err);
    return status;
}

/* One statement is a transaction by itself, which spares two more. */
static bool needs_no_transaction(const hc_batch *batch)
{
    const uint32_t whole = HC_BATCH_BEGIN | HC_BATCH_COMMIT;

    return (batch->flags & whole) == whole && batch->op_count == 1;
}

static hc_status run_ops(hc__sqlite *conn, hc_batch *batch, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t i = 0; i < batch->op_count && status == HC_OK; i++) {
        batch->failed_op = i;
        conn->want_stamp = i == 0;
        if (atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
            status = hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_CANCELLED, NULL, "the operation was interrupted");
        else if (conn->in_transaction)
            status = run_op(conn, batch, &batch->ops[i], err);
        else
            status = run_alone(conn, batch, &batch->ops[i], err);
        if (i == 0 && !conn->want_stamp)
            batch->stamp = conn->stamp;
    }
    if (status == HC_OK)
        batch->failed_op = batch->op_count;
    return status;
}

hc_status hc__sqlite_execute(void *handle, hc_batch *batch, hc_error *err)
{
    hc__sqlite *conn = handle;
    hc_status status = hc__sqlite_enter(conn, batch->deadline, err);
    bool bare = needs_no_transaction(batch);

    batch->stamp = 0;
    batch->failed_op = 0;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    if (status == HC_ERR_FORKED)
        return status;
    conn->now = 0;
    if (status == HC_OK)
        status = hc__sql_check_batch(&hc__sqlite_dialect, conn->in_transaction,
                                     conn->role == HC_CONNECT_READ || conn->read_only, batch, err);
    if (status == HC_OK && (batch->flags & HC_BATCH_BEGIN) != 0 && !bare)
        status = begin(conn, (batch->flags & HC_BATCH_READ_ONLY) == 0 && conn->role == HC_CONNECT_WRITE, err);
    if (status == HC_OK)
        status = run_ops(conn, batch, err);
    if (status == HC_OK && (batch->flags & HC_BATCH_COMMIT) != 0 && !bare)
        status = commit(conn, err);
    conn->want_stamp = false;
    if (status < 0 || (batch->flags & HC_BATCH_ROLLBACK) != 0)
        hc__sqlite_rollback(conn);
    return status;
}

hc_status hc__sqlite_explain(void *handle, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                             hc_error *err)
{
    hc__sqlite *conn = handle;
    hc__statement *statement = NULL;
    sqlite3_stmt *stmt = NULL;
    hc_status status = hc__sqlite_enter(conn, 0, err);
    hc__buf sql;
    int rc;

    if (status == HC_OK)
        status = hc__sqlite_statement(&statement, conn, op, err);
    if (status == HC_OK)
        status = line(sqlite3_sql(statement->main), data);
    if (status != HC_OK)
        return status < 0 ? status : HC_OK;
    hc__buf_init(&sql, conn->mem);
    hc__buf_text(&sql, "EXPLAIN QUERY PLAN ");
    hc__buf_text(&sql, sqlite3_sql(statement->main));
    rc = sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(conn->db, sql.data, (int)sql.size, &stmt, NULL);
    hc__buf_free(&sql);
    if (rc == SQLITE_OK) {
        while (status == HC_OK && sqlite3_step(stmt) == SQLITE_ROW)
            status = line((const char *)sqlite3_column_text(stmt, 3), data);
        rc = sqlite3_finalize(stmt);
    }
    if (status != HC_OK)
        return status < 0 ? status : HC_OK;
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}
