/* Reads of rows by their ids that differ in values alone, in one statement: each would cost a trip, and most of what a
 * small statement costs the server is not its rows. */
#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/fail.h"
#include "base/judge.h"

#define MOST 16

/* There is one row at most, so order and limit say nothing. */
static bool may_go_along(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY && op->filter == NULL && op->seek == NULL && op->limit == 0 &&
           op->scan_limit == 0 && op->order_count == 0 && op->field_count > 0 && hc__id_test(op->where) != NULL;
}

static bool same_shape(hc__my *conn, size_t first_size, const hc_op *op)
{
    conn->key.size = first_size;
    hc__sql_key(&conn->key, op);
    return !conn->key.failed && conn->key.size == 2 * first_size &&
           memcmp(conn->key.data, conn->key.data + first_size, first_size) == 0;
}

size_t hc__my_union_length(hc__my *conn, const hc_op *ops, size_t count)
{
    size_t length = 1, size;

    if (count < 2 || !may_go_along(&ops[0]) || !may_go_along(&ops[1]))
        return 1;
    hc__buf_clear(&conn->key);
    hc__sql_key(&conn->key, &ops[0]);
    size = conn->key.size;
    while (length < count && length < MOST && may_go_along(&ops[length]) && same_shape(conn, size, &ops[length]))
        length++;
    return length;
}

bool hc__my_repeat_query(hc__buf *text, uint32_t queries)
{
    static const char select[] = "SELECT ";
    size_t start = sizeof select - 1, size = text->size - start;
    hc__buf one = *text;

    if (queries <= 1)
        return true;
    hc__buf_init(text, one.mem);
    for (uint32_t i = 0; i < queries; i++) {
        hc__buf_text(text, i > 0 ? " UNION ALL SELECT " : select);
        hc__buf_int(text, i);
        hc__buf_char(text, ',');
        hc__buf_put(text, one.data + start, size);
    }
    hc__buf_free(&one);
    return !text->failed;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static hc_status take_row(hc__my *conn, const hc__my_statement *statement, hc_batch *batch, size_t first, hc_error *err)
{
    int64_t number = hc__my_cell_number(conn, 0);
    hc_row row = {first + (size_t)number, HC_ROW_MATCH, statement->columns, statement->values};
    hc_status status;

    if (number < 0 || number >= (int64_t)statement->rows)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_INTERNAL, NULL, "a row of a query that was not asked");
    status = hc__my_decode(statement->values, &conn->cells[1], &statement->fields[1], statement->columns, err);
    if (status < 0)
        return status;
    if (batch->ops[row.op].result != NULL)
        *batch->ops[row.op].result = (hc_op_result){.count = 1, .examined = 1};
    if (batch->on_row == NULL)
        return HC_OK;
    conn->gave = true;
    status = batch->on_row(&row, batch->data, err);
    if (status < 0)
        batch->failed_op = row.op;
    return status < 0 ? status : HC_OK; /* above 0: enough of this query, which has no more */
}

static hc_status take_rows(hc__my *conn, const hc__my_statement *statement, hc_batch *batch, size_t first, bool *over,
                           hc_error *err)
{
    hc_status status = hc__my_take_rows(conn, statement, err);
    hc__my_fault fault;

    *over = false;
    while (status == HC_OK) {
        int outcome = hc__my_fetch(conn, statement->handle, &fault);

        *over = outcome == MYSQL_NO_DATA;
        if (*over)
            break;
        if (outcome != 0)
            return hc__my_op_refused(conn, fault, &batch->ops[first], batch, err);
        status = take_row(conn, statement, batch, first, err);
        if (status == HC_OK && atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
            status = hc__fail_from(err, HC__MY_NAME, HC_ERR_CANCELLED, NULL, "the operation was interrupted");
    }
    return status;
}

hc_status hc__my_read_union(hc__my *conn, hc_batch *batch, size_t first, size_t *count, hc_error *err)
{
    hc__my_statement *statement;
    hc_status status = hc__my_statement_of(&statement, conn, &batch->ops[first], (uint32_t)*count, err);
    bool over;

    if (status == HC_OK && hc__my_encode_ops(conn, statement, &batch->ops[first], NULL) < 0) {
        *count = 1; /* one of them cannot be sent, or all together: so that the one is named, and those before it run */
        return hc__my_read(conn, batch, &batch->ops[first], err);
    }
    for (size_t i = first; i < first + *count; i++)
        if (batch->ops[i].result != NULL)
            *batch->ops[i].result = (hc_op_result){0};
    if (status == HC_OK)
        status = hc__my_send_ops(conn, statement, batch, &batch->ops[first], err);
    if (status < 0)
        return status;
    status = take_rows(conn, statement, batch, first, &over, err);
    if (!over && !conn->broken)
        (void)mysql_stmt_free_result(statement->handle);
    return status;
}
