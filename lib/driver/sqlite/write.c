#include "driver/sqlite/sqlite.h"

#include "base/fail.h"

/* The engine has done all of the change at the first step; the rows that follow tell which it was. */
static int write_words(hc__sqlite *conn, const hc__statement *statement, const hc_op *op, int64_t *count,
                       hc_status *status, hc_error *err)
{
    int rc = SQLITE_ROW;

    while (rc == SQLITE_ROW && *status == HC_OK) {
        *status = hc__sqlite_words_write(conn, statement, op, sqlite3_column_int64(statement->main, 0), err);
        ++*count;
        if (*status == HC_OK)
            rc = sqlite3_step(statement->main);
    }
    return rc;
}

static hc_status step_write(hc__sqlite *conn, hc_batch *batch, const hc__statement *statement, const hc_op *op,
                            int64_t *count, hc_error *err)
{
    bool insert = op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT;
    hc_status status = HC_OK;
    int rc = hc__sqlite_step(conn, statement->main);

    if (rc == SQLITE_ROW) {
        rc = write_words(conn, statement, op, count, &status, err);
    } else if (rc == SQLITE_DONE && (statement->words == NULL || insert)) {
        *count = sqlite3_changes64(conn->db);
        if (statement->words != NULL && *count > 0)
            status = hc__sqlite_words_write(conn, statement, op, sqlite3_last_insert_rowid(conn->db), err);
    }
    if (rc != SQLITE_DONE && status == HC_OK)
        status = hc__sqlite_refuse(conn, rc, op, batch, err);
    sqlite3_reset(statement->main);
    return status;
}

hc_status hc__sqlite_write(hc__sqlite *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err)
{
    hc__statement *statement;
    hc_status status = hc__sqlite_statement(&statement, conn, op, err);

    if (status == HC_OK)
        status = hc__sqlite_bind(conn, statement, op, err);
    if (status == HC_OK)
        status = step_write(conn, batch, statement, op, &result->count, err);
    result->examined = result->count;
    if (status == HC_OK && op->expect >= 0 && result->count != op->expect) {
        batch->fault = HC_FAULT_EXPECT;
        status = hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_CONFLICT, NULL, "a write changed %lld rows of %s, not %d",
                               (long long)result->count, op->kind->name, (int)op->expect);
    }
    return status;
}
