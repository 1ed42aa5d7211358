/* Statements by the shape of their operation. */
#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/fail.h"

static const hc_field day_field = {.name = "day", .type = HC_TYPE_DATE, .flags = HC_FIELD_NULLABLE};
static const hc_field bounds_field = {.name = "bounds", .type = HC_TYPE_INT64, .flags = HC_FIELD_NULLABLE};
static const hc_field number_field = {.name = "number", .type = HC_TYPE_INT64};

static void unlink_statement(hc__my *conn, hc__my_statement *statement)
{
    *(statement->newer != NULL ? &statement->newer->older : &conn->newest) = statement->older;
    *(statement->older != NULL ? &statement->older->newer : &conn->oldest) = statement->newer;
    statement->newer = statement->older = NULL;
}

static void link_newest(hc__my *conn, hc__my_statement *statement)
{
    statement->older = conn->newest;
    *(conn->newest != NULL ? &conn->newest->newer : &conn->oldest) = statement;
    conn->newest = statement;
}

static void forget(hc__my *conn, hc__my_statement *statement)
{
    hc__map_remove(&conn->statements, statement->key, statement->key_size);
    unlink_statement(conn, statement);
    conn->statement_count--;
    if (conn->last == statement)
        conn->last = NULL;
    hc__sql_forget(&statement->recipe, conn->mem);
    hc__free(conn->mem, statement);
}

void hc__my_forget(hc__my *conn, hc__my_statement *statement)
{
    (void)mysql_stmt_close(statement->handle);
    forget(conn, statement);
}

void hc__my_forget_all(hc__my *conn)
{
    while (conn->newest != NULL)
        hc__my_forget(conn, conn->newest);
}

void hc__my_lose_all(hc__my *conn)
{
    while (conn->newest != NULL)
        forget(conn, conn->newest);
}

int hc__my_scan(const hc__my *conn, const hc_op *op)
{
    return hc__sql_may_number(&conn->flavor->dialect, op) ? HC__SCAN_NUMBERED
           : op->verb == HC_VERB_COUNT                    ? HC__SCAN_WINDOW
                                                          : HC__SCAN_FLAG;
}

/* ---- result columns ---------------------------------------------------------------------------------------------- */

static bool is_flagged(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY && op->scan_limit != 0;
}

static uint32_t given_columns(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY ? (uint32_t)op->field_count : op->verb == HC_VERB_GROUP ? 2 : 0;
}

/* A union tells which of its queries a row is of. */
static uint32_t columns_before(const hc__my *conn, const hc_op *op, uint32_t rows)
{
    if (!is_flagged(op))
        return op->verb == HC_VERB_QUERY && rows > 1;
    return hc__sql_may_number(&conn->flavor->dialect, op) ? HC__MY_NUMBERED : 1;
}

static uint32_t all_columns(const hc__my *conn, const hc_op *op, uint32_t rows)
{
    uint32_t before = columns_before(conn, op, rows);

    if (op->verb == HC_VERB_COUNT)
        return op->scan_limit != 0 ? 2 : 1;
    if (op->verb == HC_VERB_GROUP)
        return op->scan_limit != 0 ? 3 : 2;
    if (op->verb != HC_VERB_QUERY)
        return 0;
    if (before == HC__MY_NUMBERED)
        return before + hc__sql_key_column(op, op->order_count);
    return before + (op->field_count == 0 ? 1 : (uint32_t)op->field_count) +
           (is_flagged(op) ? (uint32_t)op->order_count : 0);
}

/* Of a query; positions were checked when its text was made. */
static const hc_field *field_at(const hc_op *op, uint16_t position)
{
    const hc_field *field =
        position < op->kind->field_count ? &op->kind->fields[position] : NULL; /* the order of arrival is a number */

    return field == NULL || field->type == HC_TYPE_TOKENS ? &number_field : field;
}

/* Of one that is given, or stands before those. */
static const hc_field *column_field(const hc_op *op, uint32_t before, uint32_t column)
{
    if (op->verb == HC_VERB_GROUP && column == 0)
        return op->group->how == HC_GROUP_VALUE ? field_at(op, op->group->field)
               : op->group->how == HC_GROUP_DAY ? &day_field
                                                : &bounds_field;
    if (op->verb != HC_VERB_QUERY || column < before)
        return &number_field;
    return field_at(op, op->fields[column - before]);
}

/* ---- the cache --------------------------------------------------------------------------------------------------- */

/* One block: the statement, one row of values, what its columns are, its key. */
static hc__my_statement *allocate(hc__my *conn, const hc_op *op, uint32_t rows)
{
    uint32_t given = given_columns(op), before = columns_before(conn, op, rows), told = before + given;
    size_t size = sizeof(hc__my_statement) + given * sizeof(hc_value) + told * sizeof(hc_field *) + conn->key.size;
    hc__my_statement *statement = hc__alloc_zero(conn->mem, 1, size);
    const hc_field **fields;

    if (statement == NULL)
        return NULL;
    statement->columns = given;
    statement->first = before;
    statement->rows = rows;
    statement->all = all_columns(conn, op, rows);
    statement->values = (hc_value *)(void *)(statement + 1);
    fields = (const hc_field **)(void *)(statement->values + given);
    for (uint32_t i = 0; i < told; i++)
        fields[i] = column_field(op, before, i);
    statement->fields = fields;
    statement->key = memcpy((char *)(fields + told), conn->key.data, conn->key.size);
    statement->key_size = conn->key.size;
    return statement;
}

/* "… VALUES (?,?)" to "… VALUES (?,?),(?,?)". */
bool hc__my_repeat_values(hc__buf *text, uint32_t rows)
{
    const char *mark = strstr(text->data, ") VALUES (");
    size_t start = mark == NULL ? 0 : (size_t)(mark - text->data) + strlen(") VALUES ");
    size_t size = text->size - start;

    if (rows > 1 && (mark == NULL || !hc__buf_reserve(text, rows * (size + 1))))
        return false;
    for (uint32_t i = 1; i < rows; i++) {
        hc__buf_char(text, ',');
        hc__buf_put(text, text->data + start, size);
    }
    return !text->failed;
}

/* The client library copies all that it knows of the columns at each execution, and most of that are names that nobody
 * asks for: half of what a get would cost. They lie in the statement's arena. */
static void drop_names(const hc__my_statement *statement)
{
    MYSQL_FIELD *fields = mariadb_stmt_fetch_fields(statement->handle);

    for (uint32_t i = 0; i < statement->all && fields != NULL; i++)
        fields[i].name = fields[i].org_name = fields[i].table = fields[i].org_table = fields[i].db = fields[i].catalog =
            fields[i].def = NULL;
}

static hc_status prepare(hc__my *conn, hc__my_statement *statement, const hc_op *op, uint32_t rows, hc_error *err)
{
    hc__sql sql;
    hc_status status;

    hc__sql_init(&sql, conn->mem, true);
    status = hc__sql_compile(&sql, &conn->flavor->dialect, op, hc__my_scan(conn, op), err);
    if (status == HC_OK &&
        !(op->verb == HC_VERB_QUERY ? hc__my_repeat_query(&sql.text, rows) : hc__my_repeat_values(&sql.text, rows)))
        status = hc__no_memory(err);
    if (status == HC_OK) {
        statement->handle = mysql_stmt_init(conn->my);
        if (statement->handle == NULL)
            status = hc__no_memory(err);
    }
    if (status == HC_OK && mysql_stmt_prepare(statement->handle, sql.text.data, sql.text.size) != 0)
        status = hc__my_refused_for(conn, hc__my_fault_of(conn, statement->handle), op, err);
    hc__sql_free(&sql);
    if (status == HC_OK && statement->all != mysql_stmt_field_count(statement->handle))
        status = hc__fail_from(err, HC__MY_NAME, HC_ERR_INTERNAL, NULL, "a statement has other columns than asked for");
    if (status == HC_OK)
        drop_names(statement);
    return status;
}

static hc_status make(hc__my_statement **out, hc__my *conn, const hc_op *op, uint32_t rows, hc_error *err)
{
    hc__my_statement *statement;
    hc_status status = HC_OK;

    *out = NULL;
    if (op->verb == HC_VERB_GROUP && op->group == NULL)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_MISUSE, NULL, "a group without its field");
    statement = allocate(conn, op, rows);
    if (statement == NULL)
        return hc__no_memory(err);
    if (conn->statement_count >= HC__MY_STATEMENTS)
        hc__my_forget(conn, conn->oldest);
    status = prepare(conn, statement, op, rows, err);
    if (status == HC_OK && !hc__map_put(&conn->statements, statement->key, statement->key_size, statement))
        status = hc__no_memory(err);
    if (status < 0) {
        if (statement->handle != NULL)
            (void)mysql_stmt_close(statement->handle);
        hc__free(conn->mem, statement);
        return status;
    }
    link_newest(conn, statement);
    conn->statement_count++;
    *out = statement;
    return HC_OK;
}

hc_status hc__my_statement_of(hc__my_statement **out, hc__my *conn, const hc_op *op, uint32_t rows, hc_error *err)
{
    hc__my_statement *statement = conn->last;
    hc_status status = HC_OK;

    *out = NULL;
    hc__buf_clear(&conn->key);
    hc__sql_key(&conn->key, op);
    hc__buf_put(&conn->key, &rows, sizeof(rows));
    if (conn->key.failed)
        return hc__no_memory(err);
    if (statement == NULL || statement->key_size != conn->key.size ||
        memcmp(statement->key, conn->key.data, conn->key.size) != 0) {
        statement = hc__map_get(&conn->statements, conn->key.data, conn->key.size);
        if (statement == NULL) {
            status = make(&statement, conn, op, rows, err);
        } else if (statement != conn->newest) {
            unlink_statement(conn, statement);
            link_newest(conn, statement);
        }
        conn->last = statement;
    }
    *out = statement;
    return status;
}
