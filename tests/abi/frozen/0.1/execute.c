/* Batches: transactions begin and end here, and whatever fails undoes all of its transaction. */
#include "memtable.h"

static bool writes(const hc_op *op)
{
    return op->verb < HC_VERB_QUERY;
}

/* ---- transactions --------------------------------------------------------------------------------------------------
 */

static hc_status begin(mt_conn *conn, const hc_batch *batch, hc_error *err)
{
    if ((batch->flags & HC_BATCH_READ_ONLY) == 0 && conn->role == HC_CONNECT_WRITE)
        return mt_turn_take(conn, batch->deadline, err);
    conn->view = mt_version_hold(conn->store);
    return HC_OK;
}

static void end(mt_conn *conn, bool commit)
{
    if (conn->writing) {
        mt_turn_end(conn, commit);
    } else {
        mt_version_release(conn->store, conn->view);
        conn->view = NULL;
    }
}

/* ---- operations ----------------------------------------------------------------------------------------------------
 */

static hc_status run_inside(mt_run *run, size_t i)
{
    const hc_op *op = &run->batch->ops[i];
    hc_op_result unwanted;
    hc_op_result *result = op->result != NULL ? op->result : &unwanted;
    hc_status status;

    *result = (hc_op_result){0};
    run->view = run->conn->view;
    status = mt_check(run->view, op, run->err);
    if (status < 0)
        return status;
    return writes(op) ? mt_write(run, op, result) : mt_read(run, i, result);
}

/* Outside a transaction an operation has one of its own. */
static hc_status run_alone(mt_run *run, size_t i)
{
    mt_conn *conn = run->conn;
    hc_status status = HC_OK;

    if (writes(&run->batch->ops[i]))
        status = mt_turn_take(conn, run->batch->deadline, run->err);
    else
        conn->view = mt_version_hold(conn->store);
    if (status < 0)
        return status;
    status = run_inside(run, i);
    end(conn, status >= 0);
    return status;
}

static hc_status fail_stopped(const mt_run *run)
{
    return mt_fail(run->err, run->stopped, NULL,
                   run->stopped == HC_ERR_TIMEOUT ? "the deadline passed" : "the operation was interrupted");
}

static hc_status run_ops(mt_run *run)
{
    hc_batch *batch = run->batch;
    hc_status status = HC_OK;

    for (size_t i = 0; i < batch->op_count && status == HC_OK; i++) {
        batch->failed_op = i;
        status = run->conn->view != NULL ? run_inside(run, i) : run_alone(run, i);
        if (run->stopped < 0 && status == run->stopped)
            status = fail_stopped(run);
    }
    if (status == HC_OK)
        batch->failed_op = batch->op_count;
    return status;
}

/* ---- a batch -------------------------------------------------------------------------------------------------------
 */

static hc_status check(const mt_conn *conn, const hc_batch *batch, hc_error *err)
{
    bool begins = (batch->flags & HC_BATCH_BEGIN) != 0;
    bool ends = (batch->flags & (HC_BATCH_COMMIT | HC_BATCH_ROLLBACK)) != 0;
    bool read_only = conn->role == HC_CONNECT_READ || (batch->flags & HC_BATCH_READ_ONLY) != 0 ||
                     (conn->view != NULL && !conn->writing);
    const char *wrong = NULL;

    if (begins && conn->view != NULL)
        wrong = "a transaction inside another";
    else if (ends && !begins && conn->view == NULL)
        wrong = "an end without a transaction";
    for (size_t i = 0; i < batch->op_count && wrong == NULL; i++) {
        if (batch->ops[i].kind == NULL || batch->ops[i].verb < HC_VERB_INSERT || batch->ops[i].verb > HC_VERB_GROUP)
            wrong = "an operation without a kind or verb";
        else if (read_only && writes(&batch->ops[i]))
            wrong = "a write where only reads are allowed";
    }
    return wrong == NULL ? HC_OK : mt_fail(err, HC_ERR_MISUSE, NULL, "%s", wrong);
}

hc_status mt_execute(void *handle, hc_batch *batch, hc_error *err)
{
    mt_conn *conn = handle;
    mt_run run = {.conn = conn, .batch = batch, .err = err, .now = mt_wall_clock()};
    hc_status status;

    batch->stamp = 0;
    batch->failed_op = 0;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    atomic_store(&conn->interrupted, false);
    status = check(conn, batch, err);
    if (status == HC_OK && batch->deadline != 0 && mt_monotonic() >= batch->deadline)
        status = mt_fail(err, HC_ERR_TIMEOUT, NULL, "the deadline passed");
    if (status == HC_OK && (batch->flags & HC_BATCH_BEGIN) != 0)
        status = begin(conn, batch, err);
    if (status == HC_OK)
        status = run_ops(&run);
    if (conn->view != NULL && (status < 0 || (batch->flags & (HC_BATCH_COMMIT | HC_BATCH_ROLLBACK)) != 0))
        end(conn, status >= 0 && (batch->flags & HC_BATCH_COMMIT) != 0);
    return status;
}

hc_status mt_explain(void *handle, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                     hc_error *err)
{
    mt_conn *conn = handle;
    mt_version *view = mt_version_hold(conn->store);
    hc_status status = mt_check(view, op, err);

    mt_version_release(conn->store, view);
    if (status == HC_OK)
        status =
            line(mt_only_id(op->where) != NULL ? "look up one row by its id" : "look at every row of the table", data);
    if (status == HC_OK && op->order_count > 0)
        status = line("sort what was found", data);
    return status < 0 ? status : HC_OK;
}
