/* Statements by the shape of their operation. */
#include "driver/sqlite/sqlite.h"

#include <string.h>

#include "base/fail.h"

static const hc_field day_field = {.name = "day", .type = HC_TYPE_DATE, .flags = HC_FIELD_NULLABLE};
static const hc_field bounds_field = {.name = "bounds", .type = HC_TYPE_INT64, .flags = HC_FIELD_NULLABLE};
static const hc_field number_field = {.name = "number", .type = HC_TYPE_INT64};

static void unlink_statement(hc__sqlite *conn, hc__statement *statement)
{
    *(statement->newer != NULL ? &statement->newer->older : &conn->newest) = statement->older;
    *(statement->older != NULL ? &statement->older->newer : &conn->oldest) = statement->newer;
    statement->newer = statement->older = NULL;
}

static void link_newest(hc__sqlite *conn, hc__statement *statement)
{
    statement->older = conn->newest;
    *(conn->newest != NULL ? &conn->newest->newer : &conn->oldest) = statement;
    conn->newest = statement;
}

static void destroy(hc__sqlite *conn, hc__statement *statement)
{
    sqlite3_finalize(statement->main);
    sqlite3_finalize(statement->words);
    hc__sql_forget(&statement->recipe, conn->mem);
    hc__free(conn->mem, statement);
}

static void forget(hc__sqlite *conn, hc__statement *statement)
{
    hc__map_remove(&conn->statements, statement->key, statement->key_size);
    unlink_statement(conn, statement);
    conn->statement_count--;
    if (conn->last == statement)
        conn->last = NULL;
    destroy(conn, statement);
}

void hc__sqlite_forget_all(hc__sqlite *conn)
{
    while (conn->newest != NULL)
        forget(conn, conn->newest);
}

static size_t column_count(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY ? op->field_count : op->verb == HC_VERB_GROUP ? 2 : 0;
}

static uint8_t class_of(const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_BOOL:
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
    case HC_TYPE_DECIMAL:
    case HC_TYPE_TIME:
    case HC_TYPE_DATE:
        return (field->flags & HC_FIELD_NULLABLE) != 0 ? HC__COLUMN_NULLABLE : HC__COLUMN_INTEGER;
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_JSON:
        return HC__COLUMN_TEXT;
    default:
        return HC__COLUMN_OTHER;
    }
}

static const hc_field *field_of(const hc_op *op, uint32_t column)
{
    if (op->verb == HC_VERB_QUERY) {
        const hc_field *field = &op->kind->fields[op->fields[column]];

        return field->type == HC_TYPE_TOKENS ? &number_field : field;
    }
    if (column > 0)
        return &number_field;
    return op->group->how == HC_GROUP_VALUE ? &op->kind->fields[op->group->field]
           : op->group->how == HC_GROUP_DAY ? &day_field
                                            : &bounds_field;
}

/* After the text was made, which checked all positions. */
static void describe_columns(hc__statement *statement, const hc_op *op)
{
    const hc_field **fields = (const hc_field **)(void *)(statement->values + statement->columns);
    uint8_t *classes = (uint8_t *)(fields + statement->columns);

    for (uint32_t i = 0; i < statement->columns; i++) {
        fields[i] = field_of(op, i);
        classes[i] = class_of(fields[i]);
        statement->values[i].type = fields[i]->type;
    }
    statement->fields = fields;
    statement->classes = classes;
}

/* One block: the statement, one row of values, what its columns are, its key. */
static hc__statement *allocate(hc__sqlite *conn, const hc_op *op)
{
    size_t columns = column_count(op);
    size_t size = sizeof(hc__statement) + columns * (sizeof(hc_value) + sizeof(hc_field *) + 1) + conn->key.size;
    hc__statement *statement = hc__alloc_zero(conn->mem, 1, size);

    if (statement == NULL)
        return NULL;
    statement->columns = (uint32_t)columns;
    statement->values = (hc_value *)(void *)(statement + 1);
    statement->key = memcpy((char *)(statement->values + columns) + columns * (sizeof(hc_field *) + 1), conn->key.data,
                            conn->key.size);
    statement->key_size = conn->key.size;
    return statement;
}

static int prepare(hc__sqlite *conn, sqlite3_stmt **out, const hc__buf *sql)
{
    return sqlite3_prepare_v3(conn->db, sql->data, (int)sql->size, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

/* Whether the engine would read all rows before it gives the first. */
static int sorts(hc__sqlite *conn, const char *sql, bool *out)
{
    sqlite3_stmt *stmt = NULL;
    hc__buf text;
    int rc;

    *out = false;
    hc__buf_init(&text, conn->mem);
    hc__buf_text(&text, "EXPLAIN QUERY PLAN ");
    hc__buf_text(&text, sql);
    rc = text.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(conn->db, text.data, (int)text.size, &stmt, NULL);
    hc__buf_free(&text);
    if (rc != SQLITE_OK)
        return rc;
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(stmt, 3);

        if (detail != NULL && strstr(detail, "TEMP B-TREE FOR") != NULL)
            *out = true;
    }
    return sqlite3_finalize(stmt);
}

/* Of one that the engine refused. */
static bool is_too_much(hc__sqlite *conn, const hc__sql *sql)
{
    return sql->param_count > (size_t)sqlite3_limit(conn->db, SQLITE_LIMIT_VARIABLE_NUMBER, -1) ||
           strstr(sqlite3_errmsg(conn->db), "Expression tree is too large") != NULL;
}

static hc_status prepare_main(hc__sqlite *conn, hc__statement *statement, const hc_op *op, int scan, int *rc,
                              hc_error *err)
{
    hc__sql sql;
    hc_status status;
    bool sorted = false;

    hc__sql_init(&sql, conn->mem, true);
    status = hc__sql_compile(&sql, &hc__sqlite_dialect, op, scan, err);
    if (status == HC_OK)
        *rc = prepare(conn, &statement->main, &sql.text);
    if (status == HC_OK && *rc == SQLITE_ERROR && is_too_much(conn, &sql))
        status = hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_TOO_LARGE, NULL,
                               "an operation has more conditions or values than the engine takes");
    if (status == HC_OK && *rc == SQLITE_OK && scan == HC__SCAN_COUNTER)
        *rc = sorts(conn, sql.text.data, &sorted);
    hc__sql_free(&sql);
    statement->scan = scan;
    if (sorted && *rc == SQLITE_OK) {
        sqlite3_finalize(statement->main);
        statement->main = NULL;
        return prepare_main(conn, statement, op, HC__SCAN_FLAG, rc, err);
    }
    return status;
}

static hc_status prepare_all(hc__sqlite *conn, hc__statement *statement, const hc_op *op, hc_error *err)
{
    int scan = hc__sql_may_count(&hc__sqlite_dialect, op) ? HC__SCAN_COUNTER : HC__SCAN_FLAG;
    hc_op unhinted = *op;
    int rc = SQLITE_OK;
    hc_status status = prepare_main(conn, statement, op, scan, &rc, err);

    /* A hint that the engine cannot follow ("no query solution") is no reason to fail. */
    if (status == HC_OK && rc == SQLITE_ERROR && op->index != HC_INDEX_ANY) {
        unhinted.index = HC_INDEX_ANY;
        rc = SQLITE_OK;
        status = prepare_main(conn, statement, &unhinted, HC__SCAN_FLAG, &rc, err);
    }
    if (status < 0)
        return status;
    if (rc != SQLITE_OK) {
        hc__sqlite_log(conn);
        return hc__sqlite_fail(conn, rc, err);
    }
    return hc__sqlite_words_prepare(conn, statement, op, err);
}

static hc_status make(hc__statement **out, hc__sqlite *conn, const hc_op *op, hc_error *err)
{
    hc__statement *statement = allocate(conn, op);
    hc_status status;

    *out = NULL;
    if (statement == NULL)
        return hc__no_memory(err);
    status = prepare_all(conn, statement, op, err);
    if (status == HC_OK) {
        describe_columns(statement, op);
        if (conn->statement_count >= HC__SQLITE_STATEMENTS)
            forget(conn, conn->oldest);
        if (!hc__map_put(&conn->statements, statement->key, statement->key_size, statement))
            status = hc__no_memory(err);
    }
    if (status < 0) {
        destroy(conn, statement);
        return status;
    }
    link_newest(conn, statement);
    conn->statement_count++;
    *out = statement;
    return HC_OK;
}

hc_status hc__sqlite_statement(hc__statement **out, hc__sqlite *conn, const hc_op *op, hc_error *err)
{
    hc__statement *statement = conn->last;
    hc_status status = HC_OK;

    *out = NULL;
    if (op->kind == NULL)
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_MISUSE, NULL, "an operation without a kind");
    hc__buf_clear(&conn->key);
    hc__sql_key(&conn->key, op);
    if (conn->key.failed)
        return hc__no_memory(err);
    if (statement == NULL || statement->key_size != conn->key.size ||
        memcmp(statement->key, conn->key.data, conn->key.size) != 0) {
        statement = hc__map_get(&conn->statements, conn->key.data, conn->key.size);
        if (statement == NULL) {
            status = make(&statement, conn, op, err);
        } else if (statement != conn->newest) {
            unlink_statement(conn, statement);
            link_newest(conn, statement);
        }
        conn->last = statement;
    }
    *out = statement;
    return status;
}

static hc_status params_of(hc__sqlite *conn, hc__statement *statement, const hc_op *op, hc_error *err)
{
    hc_status status;

    if (hc__sql_follow(&conn->params, &statement->recipe, op))
        return HC_OK;
    status = hc__sql_compile(&conn->params, &hc__sqlite_dialect, op, statement->scan, err);
    if (status == HC_OK && !hc__sql_learn(&statement->recipe, conn->mem, &conn->params, op))
        return hc__no_memory(err);
    return status;
}

hc_status hc__sqlite_bind(hc__sqlite *conn, hc__statement *statement, const hc_op *op, hc_error *err)
{
    hc_status status = params_of(conn, statement, op, err);

    return status < 0 ? status : hc__sqlite_bind_params(conn, statement->main, &conn->params, err);
}
