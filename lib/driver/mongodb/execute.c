/* Batches: there are no transactions, so each operation stands alone; runs of inserts, and of changes of one
 * document each, go in one command. */
#include "driver/mongodb/mongodb.h"

#include "base/fail.h"

static bool writes(const hc_op *op)
{
    return op->verb < HC_VERB_QUERY;
}

static hc_status check_op(const hc__mongo *conn, const hc_op *op, hc_error *err)
{
    hc_status status = HC_OK;

    if (op->kind == NULL || op->kind->field_count == 0)
        return hc__mongo_misuse(err, "an operation without a kind");
    if (writes(op) && conn->role == HC_CONNECT_READ)
        return hc__mongo_misuse(err, "a write on a connection for reads");
    if (op->kind->storage != HC_KIND_DOCUMENT)
        return hc__mongo_unsupported(err, "transactional kinds: it keeps kinds of documents");
    for (size_t i = 0; i < op->set_count && status == HC_OK; i++)
        status = hc__mongo_check_set(op->kind, &op->sets[i], err);
    if (status == HC_OK)
        status = hc__mongo_check_predicate(op->kind, op->where, err);
    return status < 0 ? status : hc__mongo_check_predicate(op->kind, op->filter, err);
}

static hc_status check(const hc__mongo *conn, hc_batch *batch, hc_error *err)
{
    const uint32_t bounds = HC_BATCH_BEGIN | HC_BATCH_COMMIT | HC_BATCH_ROLLBACK | HC_BATCH_READ_ONLY;

    for (size_t i = 0; i < batch->op_count; i++) {
        if (writes(&batch->ops[i]) && conn->role == HC_CONNECT_READ) {
            batch->failed_op = i;
            return hc__mongo_misuse(err, "a write on a connection for reads");
        }
    }
    return (batch->flags & bounds) == 0 ? HC_OK : hc__mongo_unsupported(err, "transactions");
}

static hc_status run_op(hc__mongo *conn, hc_batch *batch, size_t first, size_t *done, hc_error *err)
{
    const hc_op *op = &batch->ops[first];
    hc_op_result unwanted = {0};
    hc_op_result *result = op->result == NULL ? &unwanted : op->result;
    hc_status status;

    *done = 1;
    *result = (hc_op_result){0};
    switch (op->verb) {
    case HC_VERB_INSERT:
    case HC_VERB_INSERT_IF_ABSENT:
        return hc__mongo_insert_ops(conn, batch, first, done, err);
    case HC_VERB_UPDATE_WHERE:
    case HC_VERB_REMOVE_WHERE:
        status = hc__mongo_change_ops(conn, batch, first, done, err);
        if (status < 0 || *done > 0)
            return status;
        *done = 1;
        return hc__mongo_change_op(conn, batch, op, result, err);
    case HC_VERB_QUERY:
    case HC_VERB_COUNT:
    case HC_VERB_GROUP:
        return hc__mongo_read_op(conn, batch, op, result, err);
    default:
        return hc__mongo_misuse(err, "a verb that there is not");
    }
}

hc_status hc__mongo_execute(void *handle, hc_batch *batch, hc_error *err)
{
    hc__mongo *conn = handle;
    hc_status status;

    batch->stamp = 0;
    batch->failed_op = 0;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    conn->singly = false;
    status = hc__mongo_enter(conn, batch->deadline, err);
    if (status == HC_OK)
        status = check(conn, batch, err);
    for (size_t at = 0, done = 0; status == HC_OK && at < batch->op_count; at += done) {
        batch->failed_op = at;
        hc__mongo_clear(conn);
        conn->sent = false;
        status = hc__mongo_may_go_on(conn, err);
        if (status == HC_OK)
            status = check_op(conn, &batch->ops[at], err);
        if (status == HC_OK)
            status = run_op(conn, batch, at, &done, err);
    }
    if (status == HC_OK)
        batch->failed_op = batch->op_count;
    return status;
}
