#include "driver/sqlite/sqlite.h"

#include "base/fail.h"

/* A query as it runs. */
typedef struct reading {
    hc__sqlite *conn;
    const hc_batch *batch;
    const hc_op *op;
    const hc__statement *statement;
    hc_op_result *result;
    bool silent; /* rows are counted, not given */
    bool flagged;
} reading;

static hc_status give(const reading *r, int32_t what, uint32_t count, const hc_value *values, hc_error *err)
{
    hc_row row = {(size_t)(r->op - r->batch->ops), what, count, values};

    return r->batch->on_row == NULL ? HC_OK : r->batch->on_row(&row, r->batch->data, err);
}

/* Runs for every column of every row: as few calls as the engine lets. */
static hc_status decode_row(const reading *r, int first, hc_error *err)
{
    const hc_field *const *fields = r->statement->fields;
    const uint8_t *classes = r->statement->classes;
    sqlite3_stmt *stmt = r->statement->main;
    hc_value *value = r->statement->values;

    for (uint32_t i = 0, count = r->statement->columns; i < count; i++, value++) {
        uint8_t class = classes[i];
        sqlite3_value *column;
        hc_status status;

        if (class == HC__COLUMN_INTEGER) {
            value->as.integer = sqlite3_column_int64(stmt, first + (int)i);
            continue;
        }
        /* No other thread steps this statement, so its unprotected values may be read. */
        column = sqlite3_column_value(stmt, first + (int)i);
        if (sqlite3_value_type(column) == SQLITE_NULL) {
            value->type = HC_TYPE_NULL;
            value->size = 0;
        } else if (class == HC__COLUMN_NULLABLE) {
            value->as.integer = sqlite3_value_int64(column);
            value->type = fields[i]->type;
        } else if (class == HC__COLUMN_TEXT && (value->as.bytes = sqlite3_value_text(column)) != NULL) {
            value->size = (uint32_t)sqlite3_value_bytes(column);
            value->type = fields[i]->type;
        } else {
            status = hc__sqlite_decode_some(value, column, fields[i], err);
            if (status < 0)
                return status;
        }
    }
    return HC_OK;
}

/* Keeps one order key past the row that it stands in. */
static hc_status keep_key(hc__sqlite *conn, const hc_op *op, size_t i, sqlite3_value *column, hc_error *err)
{
    hc_value *key = &conn->scan.keys[i];
    uint16_t position = op->order[i].field;
    hc_status status;

    *key = (hc_value){.type = HC_TYPE_NULL};
    if (position == HC_ORDER_ARRIVAL)
        return HC_OK;
    status = hc__sqlite_decode(key, column, &op->kind->fields[position], err);
    if (status == HC_OK && key->size > 0) {
        key->as.bytes = hc__arena_copy(&conn->scratch, key->as.bytes, key->size);
        if (key->as.bytes == NULL)
            status = hc__no_memory(err);
    }
    return status;
}

/* A statement inside another: it sees the same snapshot. Runs once in a scan that reaches its limit. */
static hc_status keep_keys_of(hc__sqlite *conn, const hc_op *op, int64_t pk)
{
    hc_status status = HC_OK;
    sqlite3_stmt *stmt = NULL;
    hc__buf sql;
    int rc;

    hc__buf_init(&sql, conn->mem);
    hc__buf_text(&sql, "SELECT pk");
    for (size_t i = 0; i < op->order_count; i++) {
        hc__buf_char(&sql, ',');
        hc__sql_name(&sql, &hc__sqlite_dialect,
                     op->order[i].field == HC_ORDER_ARRIVAL ? "pk" : op->kind->fields[op->order[i].field].name, "");
    }
    hc__buf_text(&sql, " FROM ");
    hc__sql_name(&sql, &hc__sqlite_dialect, op->kind->name, "");
    hc__buf_text(&sql, " WHERE pk = ?");
    rc = sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(conn->db, sql.data, (int)sql.size, &stmt, NULL);
    hc__buf_free(&sql);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 1, pk);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    for (size_t i = 0; rc == SQLITE_ROW && i < op->order_count && status == HC_OK; i++)
        status = keep_key(conn, op, i, sqlite3_column_value(stmt, (int)i + 1), NULL);
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? status : rc == SQLITE_NOMEM ? HC_ERR_NO_MEMORY : HC_ERR_CORRUPT;
}

void hc__sqlite_count_row(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    hc__sqlite *conn = sqlite3_user_data(context);
    hc__scan *scan = &conn->scan;
    hc_status status = HC_OK;

    (void)count;
    if (scan->examined == scan->limit) {
        scan->cut = true;
        sqlite3_result_error_code(context, SQLITE_ABORT);
        return;
    }
    if (++scan->examined == scan->limit)
        status = keep_keys_of(conn, scan->op, sqlite3_value_int64(arguments[0]));
    if (status < 0)
        sqlite3_result_error_code(context, status == HC_ERR_NO_MEMORY ? SQLITE_NOMEM : SQLITE_CORRUPT);
    else
        sqlite3_result_int(context, 1);
}

/* The row under a flagged statement: counts it. *pass: it goes on to the caller. */
static hc_status examine(const reading *r, bool *pass, hc_error *err)
{
    hc__sqlite *conn = r->conn;
    sqlite3_stmt *stmt = r->statement->main;
    int first_key = 1 + (r->statement->columns == 0 ? 1 : (int)r->statement->columns);
    hc_status status = HC_OK;

    *pass = false;
    if (conn->scan.examined == conn->scan.limit) {
        conn->scan.cut = true;
        return HC_OK;
    }
    if (++conn->scan.examined == conn->scan.limit) {
        for (size_t i = 0; i < r->op->order_count && status == HC_OK; i++)
            status = keep_key(conn, r->op, i, sqlite3_column_value(stmt, first_key + (int)i), err);
    }
    *pass = sqlite3_column_int(stmt, 0) != 0;
    return status;
}

static hc_status step_rows(reading *r, hc_error *err)
{
    hc__sqlite *conn = r->conn;
    sqlite3_stmt *stmt = r->statement->main;
    int rc = hc__sqlite_step(conn, stmt);
    hc_status status = HC_OK;

    while (rc == SQLITE_ROW) {
        bool pass = true;

        if (r->flagged)
            status = examine(r, &pass, err);
        if (status == HC_OK && pass && !r->silent)
            status = decode_row(r, r->flagged, err);
        if (status == HC_OK && pass && !r->silent)
            status = give(r, HC_ROW_MATCH, r->statement->columns, r->statement->values, err);
        r->result->count += pass && status >= 0;
        if (status == HC_OK && atomic_load_explicit(&conn->interrupted, memory_order_relaxed)) {
            conn->stopped = HC_ERR_CANCELLED;
            return hc__sqlite_fail(conn, SQLITE_INTERRUPT, err);
        }
        if (status != HC_OK || conn->scan.cut || (r->op->limit > 0 && r->result->count >= r->op->limit))
            return status < 0 ? status : HC_OK;
        rc = sqlite3_step(stmt);
    }
    return rc == SQLITE_DONE || (rc == SQLITE_ABORT && conn->scan.cut) ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

static hc_status run_query(hc__sqlite *conn, const hc_batch *batch, const hc_op *op, const hc_op *given,
                           hc_op_result *result, hc_error *err)
{
    reading r = {conn, batch, given, NULL, result, op != given, false};
    hc__statement *statement;
    hc_status status = hc__sqlite_statement(&statement, conn, op, err);

    if (status == HC_OK)
        status = hc__sqlite_bind(conn, statement, op, err);
    if (status < 0)
        return status;
    r.statement = statement;
    r.flagged = op->scan_limit != 0 && statement->scan == HC__SCAN_FLAG;
    conn->scan.examined = 0;
    conn->scan.limit = op->scan_limit;
    conn->scan.cut = false;
    conn->scan.op = op;
    status = step_rows(&r, err);
    sqlite3_reset(statement->main);
    result->examined = op->scan_limit != 0 ? conn->scan.examined : result->count;
    result->cut = conn->scan.cut;
    if (status == HC_OK && result->cut)
        status = give(&r, HC_ROW_SCANNED, (uint32_t)op->order_count, conn->scan.keys, err);
    return status < 0 ? status : HC_OK;
}

static hc_status run_count(hc__sqlite *conn, const hc_batch *batch, const hc_op *op, hc_op_result *result,
                           hc_error *err)
{
    hc__statement *statement;
    hc_op query = *op;
    hc_status status;
    int rc;

    if (op->scan_limit != 0) {
        query.verb = HC_VERB_QUERY;
        query.field_count = 0;
        return run_query(conn, batch, &query, op, result, err);
    }
    status = hc__sqlite_statement(&statement, conn, op, err);
    if (status == HC_OK)
        status = hc__sqlite_bind(conn, statement, op, err);
    if (status < 0)
        return status;
    rc = hc__sqlite_step(conn, statement->main);
    if (rc == SQLITE_ROW)
        result->count = result->examined = sqlite3_column_int64(statement->main, 0);
    else
        status = hc__sqlite_fail(conn, rc, err);
    sqlite3_reset(statement->main);
    return status;
}

static hc_status step_groups(reading *r, hc_error *err)
{
    bool bounded = r->op->scan_limit != 0;
    sqlite3_stmt *stmt = r->statement->main;
    int rc = hc__sqlite_step(r->conn, stmt);
    hc_status status = HC_OK;

    while (rc == SQLITE_ROW) {
        int64_t matches = sqlite3_column_int64(stmt, 1);

        r->result->examined += bounded ? sqlite3_column_int64(stmt, 2) : matches;
        if (matches > 0) {
            status = decode_row(r, 0, err);
            if (status == HC_OK)
                status = give(r, HC_ROW_MATCH, 2, r->statement->values, err);
            r->result->count += status >= 0;
        }
        if (status != HC_OK || (r->op->limit > 0 && r->result->count >= r->op->limit))
            return status < 0 ? status : HC_OK;
        rc = sqlite3_step(stmt);
    }
    return rc == SQLITE_DONE ? HC_OK : hc__sqlite_fail(r->conn, rc, err);
}

static hc_status run_group(hc__sqlite *conn, const hc_batch *batch, const hc_op *op, hc_op_result *result,
                           hc_error *err)
{
    reading r = {conn, batch, op, NULL, result, false, false};
    hc__statement *statement;
    hc_status status = hc__sqlite_statement(&statement, conn, op, err);

    if (status == HC_OK)
        status = hc__sqlite_bind(conn, statement, op, err);
    if (status < 0)
        return status;
    r.statement = statement;
    status = step_groups(&r, err);
    sqlite3_reset(statement->main);
    result->cut = op->scan_limit != 0 && result->examined >= op->scan_limit;
    return status;
}

hc_status hc__sqlite_read(hc__sqlite *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err)
{
    switch (op->verb) {
    case HC_VERB_QUERY:
        return run_query(conn, batch, op, op, result, err);
    case HC_VERB_COUNT:
        return run_count(conn, batch, op, result, err);
    default:
        return run_group(conn, batch, op, result, err);
    }
}
