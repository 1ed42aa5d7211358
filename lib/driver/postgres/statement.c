/* Statements by the shape of their operation. */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/fail.h"

static const hc_field day_field = {.name = "day", .type = HC_TYPE_DATE, .flags = HC_FIELD_NULLABLE};
static const hc_field bounds_field = {.name = "bounds", .type = HC_TYPE_INT64, .flags = HC_FIELD_NULLABLE};
static const hc_field number_field = {.name = "number", .type = HC_TYPE_INT64};

static void unlink_statement(hc__pg *conn, hc__pg_statement *statement)
{
    *(statement->newer != NULL ? &statement->newer->older : &conn->newest) = statement->older;
    *(statement->older != NULL ? &statement->older->newer : &conn->oldest) = statement->newer;
    statement->newer = statement->older = NULL;
}

static void link_newest(hc__pg *conn, hc__pg_statement *statement)
{
    statement->older = conn->newest;
    *(conn->newest != NULL ? &conn->newest->newer : &conn->oldest) = statement;
    conn->newest = statement;
}

static void forget(hc__pg *conn, hc__pg_statement *statement)
{
    hc__map_remove(&conn->statements, statement->key, statement->key_size);
    unlink_statement(conn, statement);
    conn->statement_count--;
    if (conn->last == statement)
        conn->last = NULL;
    hc__sql_forget(&statement->recipe, conn->mem);
    hc__free(conn->mem, statement);
}

void hc__pg_forget_all(hc__pg *conn)
{
    while (conn->newest != NULL)
        forget(conn, conn->newest);
}

/* "hc", eight letters of the connection's own, its number. */
static void put_name(char out[HC__PG_STATEMENT_NAME], uint64_t salt, uint32_t number)
{
    char digits[12];
    size_t count = 0, at = 2;

    for (uint32_t n = number; n > 0 || count == 0; n /= 10)
        digits[count++] = (char)('0' + n % 10);
    memcpy(out, "hc", 2);
    for (; at < 10; at++, salt /= 26)
        out[at] = (char)('a' + salt % 26);
    for (; count > 0; at++)
        out[at] = digits[--count];
    out[at] = '\0';
}

/* On the server too, where it can be sent: what fails there is only memory of the session. */
static void evict(hc__pg *conn)
{
    hc__pg_statement *oldest = conn->oldest;
    char sql[16 + HC__PG_STATEMENT_NAME] = "DEALLOCATE ";

    if (oldest->used_in == conn->pipeline)
        return;
    if (oldest->prepared) {
        memcpy(sql + 11, oldest->name, sizeof(oldest->name));
        if (!hc__pg_pipe(conn) || PQsendQueryParams(conn->pg, sql, 0, NULL, NULL, NULL, NULL, 0) == 0)
            return;
        hc__pg_push(conn, HC__STEP_CLOSE, 0, NULL);
    }
    forget(conn, oldest);
}

static size_t column_count(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY ? op->field_count : op->verb == HC_VERB_GROUP ? 2 : 0;
}

static const hc_field *field_of(const hc_op *op, uint32_t column)
{
    if (op->verb == HC_VERB_QUERY) {
        if (op->fields[column] >= op->kind->field_count)
            return NULL;
        return op->kind->fields[op->fields[column]].type == HC_TYPE_TOKENS ? &number_field
                                                                           : &op->kind->fields[op->fields[column]];
    }
    if (column > 0)
        return &number_field;
    if (op->group == NULL || op->group->field >= op->kind->field_count)
        return NULL;
    return op->group->how == HC_GROUP_VALUE ? &op->kind->fields[op->group->field]
           : op->group->how == HC_GROUP_DAY ? &day_field
                                            : &bounds_field;
}

static bool looks_at_values(const hc_predicate *p)
{
    if (p == NULL)
        return false;
    for (size_t i = 0; i < p->child_count; i++) {
        if (looks_at_values(p->children[i]))
            return true;
    }
    return p->test == HC_TEST_MATCH || p->test == HC_TEST_IN;
}

/* One block: the statement, one row of values, what its columns are, its key. */
static hc__pg_statement *allocate(hc__pg *conn, const hc_op *op)
{
    size_t columns = column_count(op);
    size_t size = sizeof(hc__pg_statement) + columns * (sizeof(hc_value) + sizeof(hc_field *)) + conn->key.size;
    hc__pg_statement *statement = hc__alloc_zero(conn->mem, 1, size);
    const hc_field **fields;

    if (statement == NULL)
        return NULL;
    statement->columns = (uint32_t)columns;
    statement->values = (hc_value *)(void *)(statement + 1);
    fields = (const hc_field **)(void *)(statement->values + columns);
    for (uint32_t i = 0; i < columns; i++) {
        fields[i] = field_of(op, i);
        statement->has_json = statement->has_json || (fields[i] != NULL && fields[i]->type == HC_TYPE_JSON);
    }
    statement->fields = fields;
    statement->key = memcpy((char *)(fields + columns), conn->key.data, conn->key.size);
    statement->key_size = conn->key.size;
    if (!conn->pooled)
        put_name(statement->name, conn->salt, ++conn->statement_number);
    statement->lists = looks_at_values(op->where);
    statement->streams = hc__pg_streams(op);
    statement->gathers = hc__sql_gathers(&hc__pg_dialect, op);
    return statement;
}

static hc_status make(hc__pg_statement **out, hc__pg *conn, const hc_op *op, hc_error *err)
{
    hc__pg_statement *statement = allocate(conn, op);

    *out = NULL;
    if (statement == NULL)
        return hc__no_memory(err);
    if (conn->statement_count >= HC__PG_STATEMENTS)
        evict(conn);
    if (!hc__map_put(&conn->statements, statement->key, statement->key_size, statement)) {
        hc__free(conn->mem, statement);
        return hc__no_memory(err);
    }
    link_newest(conn, statement);
    conn->statement_count++;
    *out = statement;
    return HC_OK;
}

hc_status hc__pg_statement_of(hc__pg_statement **out, hc__pg *conn, const hc_op *op, hc_error *err)
{
    hc__pg_statement *statement = conn->last;
    hc_status status = HC_OK;

    *out = NULL;
    hc__buf_clear(&conn->key);
    hc__sql_key(&conn->key, op);
    hc__buf_char(&conn->key, hc__sql_expects(&hc__pg_dialect, op)   ? 'x'
                             : hc__sql_gathers(&hc__pg_dialect, op) ? 'g'
                                                                    : '-');
    hc__buf_char(&conn->key, hc__sql_holds(&hc__pg_dialect, op) ? 'h' : '-');
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
    if (statement != NULL)
        statement->used_in = conn->pipeline;
    *out = statement;
    return status;
}

int hc__pg_scan(const hc_op *op)
{
    return op->verb == HC_VERB_GROUP ? HC__SCAN_FLAG : HC__SCAN_WINDOW;
}
