/* Inserts, updates, removals. */
#include "driver/mysql/mysql.h"

#include <mysqld_error.h>
#include <string.h>

#include "base/fail.h"

#define MOST_ROWS 1000 /* of one execution */

static void clear_scratch(hc__my *conn)
{
    hc__arena_free(&conn->scratch);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
}

/* The client library keeps the parameters that it is given, and would send their types to the server with each. Where
 * they are as before, only what they point to changes. */
static bool bind(hc__my *conn, hc__my_statement *statement)
{
    static my_bool no = 0;
    MYSQL_BIND *kept = statement->handle->params;

    for (unsigned i = 0; i < statement->handle->param_count && statement->bound; i++)
        statement->bound = kept[i].buffer_type == conn->ins[i].buffer_type;
    if (!statement->bound) {
        statement->bound = mysql_stmt_bind_param(statement->handle, conn->ins) == 0;
        return statement->bound;
    }
    for (unsigned i = 0; i < statement->handle->param_count; i++) {
        kept[i].buffer = conn->ins[i].buffer;
        kept[i].buffer_length = conn->ins[i].buffer_length;
        kept[i].is_null = conn->ins[i].is_null == NULL ? &no : conn->ins[i].is_null;
    }
    return true;
}

hc_status hc__my_encode_ops(hc__my *conn, hc__my_statement *statement, const hc_op *ops, hc_error *err)
{
    clear_scratch(conn);
    return hc__my_encode(conn, &statement->recipe, ops, statement->rows, err);
}

hc_status hc__my_send_ops(hc__my *conn, hc__my_statement *statement, hc_batch *batch, const hc_op *ops, hc_error *err)
{
    if (bind(conn, statement) && mysql_stmt_execute(statement->handle) == 0)
        return HC_OK;
    statement->bound = false;
    return hc__my_op_refused(conn, hc__my_fault_of(conn, statement->handle), ops, batch, err);
}

hc_status hc__my_start_ops(hc__my *conn, hc__my_statement *statement, hc_batch *batch, const hc_op *ops, hc_error *err)
{
    hc_status status = hc__my_encode_ops(conn, statement, ops, err);

    return status < 0 ? status : hc__my_send_ops(conn, statement, batch, ops, err);
}

static hc_status check_count(int64_t count, const hc_op *op, hc_batch *batch, hc_error *err)
{
    if (op->result != NULL)
        *op->result = (hc_op_result){.count = count, .examined = count};
    if (op->expect < 0 || count == op->expect)
        return HC_OK;
    batch->fault = HC_FAULT_EXPECT;
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_CONFLICT, NULL, "a write did not change %d rows of %s",
                         (int)op->expect, op->kind->name);
}

hc_status hc__my_write(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err)
{
    hc__my_statement *statement;
    hc_status status = hc__my_statement_of(&statement, conn, op, 1, err);

    if (status == HC_OK)
        status = hc__my_start_ops(conn, statement, batch, op, err);
    if (status == HC_ERR_CONFLICT && batch->fault == HC_FAULT_UNIQUE && op->verb == HC_VERB_INSERT_IF_ABSENT) {
        batch->fault = HC_FAULT_NONE; /* the server undid this statement alone */
        batch->fault_index = HC_INDEX_ANY;
        return check_count(0, op, batch, err);
    }
    if (status < 0)
        return status;
    return check_count((int64_t)mysql_stmt_affected_rows(statement->handle), op, batch, err);
}

/* ---- many at once ------------------------------------------------------------------------------------------------ */

static bool may_go_along(const hc_op *op)
{
    return op->verb == HC_VERB_INSERT && op->where == NULL && op->expect != 0 && op->expect <= 1;
}

static bool same_shape(const hc_op *a, const hc_op *b)
{
    if (!may_go_along(b) || a->kind != b->kind || a->set_count != b->set_count)
        return false;
    for (size_t i = 0; i < a->set_count; i++) {
        if (a->sets[i].field != b->sets[i].field || a->sets[i].how != b->sets[i].how ||
            (a->sets[i].value.type == HC_TYPE_NOW) != (b->sets[i].value.type == HC_TYPE_NOW))
            return false;
    }
    return true;
}

size_t hc__my_run_length(const hc_op *ops, size_t count)
{
    size_t length = 1;

    if (!may_go_along(&ops[0]) || ops[0].set_count == 0)
        return 1;
    while (length < count && length < MOST_ROWS && same_shape(&ops[0], &ops[length]))
        length++;
    return length;
}

/* Powers of two, so that there are few statements. */
static size_t rows_of_values(size_t count)
{
    size_t rows = 64;

    while (rows > count)
        rows /= 2;
    return rows;
}

static bool start_many(hc__my *conn, hc__my_statement *statement, size_t rows)
{
    MYSQL_STMT *handle = statement->handle;
    unsigned size = (unsigned)rows;
    bool started;

    statement->bound = false;
    if (!conn->flavor->arrays)
        return mysql_stmt_bind_param(handle, conn->ins) == 0 && mysql_stmt_execute(handle) == 0;
    (void)mysql_stmt_attr_set(handle, STMT_ATTR_ARRAY_SIZE, &size);
    started = mysql_stmt_bind_param(handle, conn->ins) == 0 && mysql_stmt_execute(handle) == 0;
    size = 0;
    (void)mysql_stmt_attr_set(handle, STMT_ATTR_ARRAY_SIZE, &size);
    return started;
}

/* Nothing of them is written, and it is not known which was the one. Each by itself comes to it again, and all will be
 * rolled back in the end. */
static hc_status find_refused(hc__my *conn, hc_batch *batch, size_t first, size_t count, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t i = first; i < first + count && status == HC_OK; i++) {
        batch->failed_op = i;
        status = hc__my_write(conn, batch, &batch->ops[i], err);
    }
    return status;
}

hc_status hc__my_write_many(hc__my *conn, hc_batch *batch, size_t first, size_t *count, hc_error *err)
{
    const hc_op *ops = &batch->ops[first];
    size_t rows = conn->flavor->arrays ? *count : rows_of_values(*count);
    hc__my_statement *statement;
    hc__my_fault fault;
    hc_status status;

    status = hc__my_statement_of(&statement, conn, ops, conn->flavor->arrays ? 1 : (uint32_t)rows, err);
    clear_scratch(conn);
    if (status == HC_OK)
        status = conn->flavor->arrays ? hc__my_encode_rows(conn, &statement->recipe, ops, &rows, err)
                                      : hc__my_encode(conn, &statement->recipe, ops, rows, err);
    *count = rows;
    if (status == HC_ERR_NO_MEMORY)
        return status;
    if (status < 0)
        return find_refused(conn, batch, first, rows, err);
    if (!start_many(conn, statement, rows)) {
        fault = hc__my_fault_of(conn, statement->handle);
        if (hc__my_is_lost(fault.number) || hc__my_asks_for_rerun(fault.number) || conn->stopped != HC_OK)
            return hc__my_op_refused(conn, fault, ops, batch, err);
        return find_refused(conn, batch, first, rows, err);
    }
    if (mysql_stmt_affected_rows(statement->handle) != rows)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_INTERNAL, NULL, "the server wrote another number of rows");
    for (size_t i = 0; i < rows; i++) {
        if (ops[i].result != NULL)
            *ops[i].result = (hc_op_result){.count = 1, .examined = 1};
    }
    return HC_OK;
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

/* An operation that names all columns of its table, so that those of a run have one shape. */
static bool widen(hc_op *out, hc__bulk_table *table, const hc_op *op, hc__arena *arena)
{
    hc_set *sets = hc__arena_zero(arena, table->column_count, sizeof(*sets));

    *out = *op;
    if (sets == NULL)
        return false;
    hc__bulk_row(table, op);
    for (size_t i = 0; i < table->column_count; i++) {
        sets[i].field = table->columns[i];
        if (table->row[i] != NULL)
            sets[i].value = *table->row[i];
    }
    out->sets = sets;
    out->set_count = table->column_count;
    return true;
}

static hc_status write_slice(hc__my *conn, hc_batch *slice, hc_error *err)
{
    hc_status status = HC_OK;
    size_t i = 0;

    while (i < slice->op_count && status == HC_OK) {
        size_t count = hc__my_run_length(&slice->ops[i], slice->op_count - i);

        slice->failed_op = i;
        status =
            count > 1 ? hc__my_write_many(conn, slice, i, &count, err) : hc__my_write(conn, slice, &slice->ops[i], err);
        i += count;
    }
    return status;
}

static hc_status write_table(hc__my *conn, hc__bulk_table *table, hc_batch *batch, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t at = 0; at < table->op_count && status == HC_OK; at += MOST_ROWS) {
        size_t count = table->op_count - at < MOST_ROWS ? table->op_count - at : MOST_ROWS;
        hc_batch slice = {.fault = HC_FAULT_NONE, .fault_index = HC_INDEX_ANY};
        hc__arena arena;
        hc_op *ops;

        hc__arena_init(&arena, conn->mem, NULL, 0);
        ops = hc__arena_zero(&arena, count, sizeof(*ops));
        for (size_t i = 0; ops != NULL && i < count; i++) {
            ops[i] = *table->ops[at + i];
            if (!table->mixed && !widen(&ops[i], table, table->ops[at + i], &arena))
                ops = NULL;
        }
        slice.ops = ops;
        slice.op_count = count;
        status = ops == NULL ? hc__no_memory(err) : write_slice(conn, &slice, err);
        if (status < 0) {
            batch->failed_op = (size_t)(table->ops[at + slice.failed_op] - batch->ops);
            batch->fault = slice.fault;
            batch->fault_index = slice.fault_index;
        }
        hc__arena_free(&arena);
    }
    return status;
}

hc_status hc__my_write_bulk(hc__my *conn, const hc__bulk *bulk, hc_batch *batch, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t kind = 0; kind < bulk->kind_count && status == HC_OK; kind++) {
        hc__bulk_table table;

        hc__arena_free(&conn->kept);
        status = hc__bulk_table_of(&table, &conn->kept, bulk, batch->ops, kind) ? write_table(conn, &table, batch, err)
                                                                                : hc__no_memory(err);
    }
    return status;
}
