/* Batches: one operation after the other, a run of inserts together. */
#include "driver/mysql/mysql.h"

#include <errmsg.h>
#include <string.h>

#include "base/bug.h"
#include "base/fail.h"
#include "base/judge.h"
#include "base/time.h"

static void unknown(hc_error *err)
{
    if (err != NULL && !hc__bug("unknown-as-not-written"))
        err->flags = (err->flags & ~HC_ERROR_WRITTEN_MASK) | HC_ERROR_WRITTEN_UNKNOWN;
}

static hc_status tell(hc__my *conn, hc_batch *batch, const char *sql, hc_error *err)
{
    unsigned refused = hc__my_query(conn, sql);

    if (refused == 0)
        return HC_OK;
    if (hc__my_asks_for_rerun(refused))
        batch->fault = HC_FAULT_RERUN;
    return hc__my_refused(conn, hc__my_fault_of(conn, NULL), err);
}

/* A session that only reads is at the level of snapshots; another asks for it. A statement that no row can match takes
 * none, so the transaction begins with one. */
static hc_status begin(hc__my *conn, hc_batch *batch, bool read_only, hc_error *err)
{
    hc_status status = HC_OK;

    if (read_only && conn->role != HC_CONNECT_READ)
        status = tell(conn, batch, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", err);
    if (status == HC_OK)
        status = tell(conn, batch,
                      read_only ? "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY" : "START TRANSACTION", err);
    conn->in_transaction = status == HC_OK;
    conn->read_only = status == HC_OK && read_only;
    return status;
}

static hc_status commit(hc__my *conn, hc_batch *batch, hc_error *err)
{
    bool read_only = conn->read_only;
    hc_status status = tell(conn, batch, "COMMIT", err);

    if (conn->lost && hc__bug("ack-without-answer"))
        return HC_OK;
    if (status == HC_OK)
        conn->in_transaction = conn->read_only = false;
    else if (conn->lost && !read_only)
        unknown(err);
    return status;
}

static hc_status may_go_on(hc__my *conn, hc_error *err)
{
    if (atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
        conn->stopped = HC_ERR_CANCELLED;
    else if (conn->deadline != 0 && hc__os_monotonic() >= conn->deadline)
        conn->stopped = HC_ERR_TIMEOUT;
    else
        return HC_OK;
    return hc__my_stopped(conn, err);
}

/* ---- alone ------------------------------------------------------------------------------------------------------- */

/* One row is the most that this can change, so that when it does not change one there is nothing to undo. */
static bool needs_no_undo(const hc_op *op)
{
    bool one = op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT || hc__id_test(op->where) != NULL;

    return op->expect < 0 || (op->expect == 1 && one);
}

static hc_status run_one(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err)
{
    return hc__sql_writes(op) ? hc__my_write(conn, batch, op, err) : hc__my_read(conn, batch, op, err);
}

/* Outside a transaction. */
static hc_status run_alone(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err)
{
    bool wrapped = hc__sql_writes(op) && !needs_no_undo(op);
    hc_status status = wrapped ? begin(conn, batch, false, err) : HC_OK;

    if (status == HC_OK)
        status = run_one(conn, batch, op, err);
    if (status == HC_OK && wrapped)
        return commit(conn, batch, err);
    if (status < 0 && !wrapped && conn->lost && hc__sql_writes(op))
        unknown(err);
    return status;
}

/* ---- a batch ----------------------------------------------------------------------------------------------------- */

/* The next run of inserts that go together; behind the last operation when there is none. */
static void next_bulk(hc__bulk *out, const hc__my *conn, const hc_batch *batch, size_t from)
{
    if (!conn->in_transaction || !hc__bulk_next(out, batch->ops, batch->op_count, from, HC__MY_BULK_LEAST))
        *out = (hc__bulk){.first = batch->op_count, .last = batch->op_count};
}

/* *count: how many of them were run. */
static hc_status run_next(hc__my *conn, hc_batch *batch, size_t i, size_t *count, hc_error *err)
{
    *count = hc__my_union_length(conn, &batch->ops[i], batch->op_count - i);
    if (*count > 1)
        return hc__my_read_union(conn, batch, i, count, err);
    return conn->in_transaction ? run_one(conn, batch, &batch->ops[i], err)
                                : run_alone(conn, batch, &batch->ops[i], err);
}

static hc_status run_ops(hc__my *conn, hc_batch *batch, hc_error *err)
{
    hc_status status = HC_OK;
    hc__bulk bulk;
    size_t i = 0, count;

    next_bulk(&bulk, conn, batch, 0);
    while (i < batch->op_count && status == HC_OK) {
        batch->failed_op = i;
        status = may_go_on(conn, err);
        if (status < 0)
            break;
        if (i == bulk.first) {
            status = hc__my_write_bulk(conn, &bulk, batch, err);
            i = bulk.last;
            next_bulk(&bulk, conn, batch, i);
        } else {
            status = run_next(conn, batch, i, &count, err);
            i += count;
        }
    }
    if (status == HC_OK)
        batch->failed_op = batch->op_count;
    return status;
}

static hc_status run(hc__my *conn, hc_batch *batch, hc_error *err)
{
    const uint32_t whole = HC_BATCH_BEGIN | HC_BATCH_COMMIT;
    bool bare = (batch->flags & whole) == whole && batch->op_count <= 1; /* one statement is a transaction by itself */
    hc_status status = HC_OK;

    if ((batch->flags & HC_BATCH_BEGIN) != 0 && !bare)
        status = begin(conn, batch, (batch->flags & HC_BATCH_READ_ONLY) != 0, err);
    if (status == HC_OK)
        status = run_ops(conn, batch, err);
    if (status == HC_OK && (batch->flags & HC_BATCH_ROLLBACK) != 0) {
        hc__my_undo(conn);
        return HC_OK;
    }
    if (status == HC_OK && (batch->flags & HC_BATCH_COMMIT) != 0 && !bare) {
        status = may_go_on(conn, err);
        if (status == HC_OK)
            status = commit(conn, batch, err);
    }
    return status;
}

static hc_status run_once(hc__my *conn, hc_batch *batch, hc_error *err)
{
    hc_status status;

    batch->failed_op = 0;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    status = hc__sql_check_batch(&hc__my_mariadb.dialect, conn->in_transaction,
                                 conn->role == HC_CONNECT_READ || conn->read_only, batch, err);
    if (status == HC_OK)
        status = run(conn, batch, err);
    if (status < 0)
        hc__my_undo(conn);
    return status;
}

/* The server does not know our statements any more. Nothing of the batch is left, and nobody saw any of it. */
static bool may_repeat(const hc__my *conn, const hc_batch *batch, const hc_error *why, bool inside)
{
    bool alone = (batch->flags & HC_BATCH_BEGIN) == 0;

    return why->native > 0 && hc__my_is_stale((unsigned)why->native) && !conn->gave && !inside && !conn->broken &&
           (!alone || batch->failed_op == 0);
}

hc_status hc__my_execute(void *handle, hc_batch *batch, hc_error *err)
{
    hc__my *conn = handle;
    bool inside = conn->in_transaction;
    hc_error why = {0};
    hc_status status;

    batch->stamp = 0;
    batch->failed_op = 0;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    status = hc__my_enter(conn, batch->deadline, &why);
    conn->gave = false;
    if (status == HC_OK) {
        status = run_once(conn, batch, &why);
        if (status < 0 && may_repeat(conn, batch, &why, inside)) {
            hc__my_forget_all(conn);
            why = (hc_error){0};
            status = run_once(conn, batch, &why);
        }
    } else if (status != HC_ERR_FORKED) {
        hc__my_undo(conn);
    }
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}

/* ---- plans ------------------------------------------------------------------------------------------------------- */

/* table, type, key, rows and extra of one step, with a space between them. */
static hc_status plan_line(hc__my *conn, hc__buf *text, uint32_t columns)
{
    static const uint32_t shown[2][5] = {{2, 3, 5, 8, 9}, {2, 4, 6, 9, 11}}; /* MySQL's has more between them */
    const uint32_t *at = shown[columns > 10];

    hc__buf_clear(text);
    for (size_t i = 0; i < 5; i++) {
        const hc__my_cell *cell = at[i] < columns ? &conn->cells[at[i]] : NULL;

        if (cell == NULL || cell->bytes == NULL || cell->size == 0)
            continue;
        hc__buf_text(text, text->size > 0 ? " " : "");
        if (cell->type == MYSQL_TYPE_LONGLONG || cell->type == MYSQL_TYPE_DOUBLE)
            hc__buf_int(text, hc__my_cell_number(conn, at[i]));
        else
            hc__buf_put(text, cell->bytes, cell->size);
    }
    return text->failed ? HC_ERR_NO_MEMORY : HC_OK;
}

static hc_status plan_lines(hc__my *conn, hc__my_statement *plan, hc_status (*line)(const char *text, void *data),
                            void *data, hc_error *err)
{
    hc_status status = hc__my_take_rows(conn, plan, err);
    hc__my_fault fault;
    int outcome = 0;
    hc__buf text;

    hc__buf_init(&text, conn->mem);
    while (status == HC_OK) {
        outcome = hc__my_fetch(conn, plan->handle, &fault);
        if (outcome != 0)
            break;
        status = plan_line(conn, &text, plan->all);
        if (status == HC_OK)
            status = line(text.data == NULL ? "" : text.data, data);
    }
    hc__buf_free(&text);
    if (status == HC_OK && outcome == 1)
        return hc__my_refused(conn, fault, err);
    return status;
}

static hc_status explain(hc__my *conn, const hc__buf *text, const hc_op *op,
                         hc_status (*line)(const char *text, void *data), void *data, hc_error *err)
{
    hc__my_statement plan = {.handle = mysql_stmt_init(conn->my)};
    hc_status status = plan.handle == NULL ? hc__no_memory(err) : hc__my_encode(conn, NULL, op, 1, err);

    if (status == HC_OK && (mysql_stmt_prepare(plan.handle, text->data, text->size) != 0 ||
                            mysql_stmt_bind_param(plan.handle, conn->ins) != 0 || mysql_stmt_execute(plan.handle) != 0))
        status = hc__my_refused(conn, hc__my_fault_of(conn, plan.handle), err);
    if (status == HC_OK) {
        plan.all = mysql_stmt_field_count(plan.handle);
        status = plan_lines(conn, &plan, line, data, err);
    }
    if (plan.handle != NULL)
        (void)mysql_stmt_close(plan.handle);
    return status;
}

hc_status hc__my_explain(void *handle, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                         hc_error *err)
{
    hc__my *conn = handle;
    hc_status status = hc__my_enter(conn, hc__my_soon(conn), err);
    hc__sql sql;
    hc__buf text;
    hc_op way;

    if (status == HC_OK)
        status = hc__my_search(&way, conn, op, err);
    if (status < 0)
        return status;
    hc__sql_init(&sql, conn->mem, true);
    hc__buf_init(&text, conn->mem);
    status = hc__sql_compile(&sql, &conn->flavor->dialect, &way, hc__my_scan(conn, &way), err);
    hc__buf_text(&text, "EXPLAIN ");
    hc__buf_text(&text, sql.text.data == NULL ? "" : sql.text.data);
    if (status == HC_OK && text.failed)
        status = hc__no_memory(err);
    if (status == HC_OK)
        status = line(sql.text.data, data);
    if (status == HC_OK)
        status = explain(conn, &text, &way, line, data, err);
    conn->common = 0;
    hc__sql_free(&sql);
    hc__buf_free(&text);
    return status < 0 ? status : HC_OK;
}
