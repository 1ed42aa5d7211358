/* Runs of inserts by COPY, which costs the server a fraction of a statement a row. */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/fail.h"

#define PIECE ((size_t)65536) /* bytes that go to libpq together */

static size_t values_of(const hc__bulk_table *table)
{
    return table->op_count * table->column_count;
}

bool hc__pg_may_copy(hc__bulk_table *tables, hc__arena *arena, const hc__bulk *bulk, const hc_batch *batch)
{
    for (size_t kind = 0; kind < bulk->kind_count; kind++) {
        hc__bulk_table table;
        size_t at = kind;

        if (!hc__bulk_table_of(&table, arena, bulk, batch->ops, kind) || table.mixed)
            return false;
        for (; at > 0 && values_of(&tables[at - 1]) > values_of(&table); at--)
            tables[at] = tables[at - 1];
        tables[at] = table;
    }
    return true;
}

/* ---- one COPY ---- */

static bool put(hc__pg *conn, const char *bytes, size_t size)
{
    return PQputCopyData(conn->pg, bytes, (int)size) == 1 && hc__pg_drain(conn);
}

static hc_status begin(hc__pg *conn, const hc__bulk_table *table, hc_error *err)
{
    static const char head[19] = "PGCOPY\n\377\r\n"; /* then flags and the size of an extension, both 0 */
    hc_status status = HC_OK;
    PGresult *result;

    hc__buf_clear(&conn->rows);
    hc__buf_text(&conn->rows, "COPY ");
    hc__sql_name(&conn->rows, &hc__pg_dialect, table->kind->name, "");
    for (size_t i = 0; i < table->column_count; i++) {
        hc__buf_text(&conn->rows, i == 0 ? " (" : ",");
        hc__sql_name(&conn->rows, &hc__pg_dialect, table->kind->fields[table->columns[i]].name, "");
    }
    hc__buf_text(&conn->rows, ") FROM STDIN (FORMAT binary)");
    if (conn->rows.failed)
        return hc__no_memory(err);
    if (PQsendQuery(conn->pg, conn->rows.data) == 0 || !hc__pg_wait(conn))
        return hc__pg_lost(conn, err);
    result = PQgetResult(conn->pg);
    if (PQresultStatus(result) != PGRES_COPY_IN)
        status = hc__pg_refused(conn, result, err);
    PQclear(result);
    if (status < 0)
        (void)hc__pg_take_lines(conn, NULL, NULL, NULL, NULL);
    else if (!put(conn, head, sizeof(head)))
        status = hc__pg_lost(conn, err);
    hc__buf_clear(&conn->rows);
    return status;
}

static hc_status put_row(hc__pg *conn, hc__bulk_table *table, const hc_op *op, hc_error *err)
{
    const char count[2] = {(char)(unsigned char)(table->column_count >> 8), (char)(unsigned char)table->column_count};
    hc_status status = HC_OK;

    hc__arena_free(&conn->scratch);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
    hc__bulk_row(table, op);
    hc__buf_put(&conn->rows, count, sizeof(count));
    for (size_t i = 0; i < table->column_count && status == HC_OK; i++)
        status = hc__pg_encode_field(conn, &conn->rows, table->row[i], &table->kind->fields[table->columns[i]], err);
    return status == HC_OK && conn->rows.failed ? hc__no_memory(err) : status;
}

/* What is whole goes out; so that the server works meanwhile, long before the last row. */
static bool send(hc__pg *conn)
{
    bool sent = conn->rows.size == 0 || put(conn, conn->rows.data, conn->rows.size);

    hc__buf_clear(&conn->rows);
    return sent;
}

/* All of them, or up to the first that cannot be written: *done tells. */
static hc_status put_rows(hc__pg *conn, hc__bulk_table *table, size_t *done, hc_error *err)
{
    hc_status status = HC_OK;

    for (*done = 0; *done < table->op_count && conn->stopped == HC_OK; ++*done) {
        size_t start = conn->rows.size;

        status = put_row(conn, table, table->ops[*done], err);
        if (status < 0) {
            conn->rows.size = start;
            break;
        }
        if (conn->rows.size >= PIECE && !send(conn))
            return hc__pg_lost(conn, err);
    }
    if (status == HC_OK && conn->stopped != HC_OK && *done < table->op_count)
        status = hc__fail_from(err, HC__PG_NAME, conn->stopped, NULL, "a bulk of %s was stopped", table->kind->name);
    return status;
}

/* "COPY kind, line 57[, …]" in the server's language: the first number behind the name. 0: it does not say. */
static size_t line_of(const PGresult *result, const hc_kind *kind)
{
    const char *text = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *name = text == NULL ? NULL : strstr(text, kind->name);
    size_t line = 0;

    if (name == NULL)
        return 0;
    name += strlen(kind->name);
    name += strcspn(name, "0123456789");
    for (; *name >= '0' && *name <= '9' && line < SIZE_MAX / 16; name++)
        line = line * 10 + (size_t)(*name - '0');
    return line;
}

/* The operation that a complaint is about; the first, when it names no line. */
static const hc_op *op_of(const PGresult *result, const hc__bulk_table *table)
{
    size_t line = line_of(result, table->kind);

    return table->ops[line > 0 && line <= table->op_count ? line - 1 : 0];
}

/* What the server says to a whole COPY. *at: the operation that it refused. */
static hc_status take_answer(hc__pg *conn, const hc__bulk_table *table, const hc_op **at, hc_batch *batch,
                             hc_error *err)
{
    hc_status status = HC_OK;

    for (;;) {
        PGresult *result;

        if (!hc__pg_wait(conn))
            return hc__pg_lost(conn, err);
        result = PQgetResult(conn->pg);
        if (result == NULL)
            return status;
        if (PQresultStatus(result) != PGRES_COMMAND_OK && status == HC_OK) {
            *at = op_of(result, table);
            status = hc__pg_op_refused(conn, result, *at, batch, err);
        }
        PQclear(result);
        if (PQstatus(conn->pg) == CONNECTION_BAD)
            return status < 0 ? status : hc__pg_lost(conn, err);
    }
}

hc_status hc__pg_settle(hc__pg *conn, hc_batch *batch, hc_error *err)
{
    /* Of its operations nothing is left but what they were. */
    const hc_op any = {.verb = HC_VERB_INSERT, .expect = HC_EXPECT_ANY, .kind = conn->ahead};
    const hc_op *ops[] = {&any}, *at;
    const hc__bulk_table table = {.kind = conn->ahead, .ops = ops, .op_count = 1};

    if (conn->ahead == NULL)
        return HC_OK;
    conn->ahead = NULL;
    batch->failed_op = batch->op_count;
    return take_answer(conn, &table, &at, batch, err);
}

static hc_status copy_table(hc__pg *conn, hc__bulk_table *table, bool ahead, hc_batch *batch, size_t *failed,
                            hc_error *err)
{
    hc_error why = {0};
    hc_status status = begin(conn, table, err), written;
    const hc_op *at = table->ops[0];
    size_t done = 0;

    if (status < 0)
        return status;
    written = put_rows(conn, table, &done, &why);
    if (conn->broken) {
        if (err != NULL)
            *err = why;
        return written;
    }
    if (!send(conn) || !put(conn, "\377\377", 2) || PQputCopyEnd(conn->pg, NULL) != 1)
        return hc__pg_lost(conn, err);
    if (ahead && written == HC_OK && hc__pg_drain(conn)) {
        conn->ahead = table->kind; /* hc__pg_settle() asks */
    } else {
        /* What the server finds in the rows before it comes first. */
        status = take_answer(conn, table, &at, batch, err);
        *failed = (size_t)(at - batch->ops);
    }
    if (status == HC_OK && written < 0) {
        *failed = (size_t)(table->ops[done] - batch->ops);
        status = written;
        if (err != NULL)
            *err = why;
    }
    for (size_t i = 0; status == HC_OK && i < table->op_count; i++) {
        if (table->ops[i]->result != NULL)
            *table->ops[i]->result = (hc_op_result){.count = 1, .examined = 1};
    }
    return status;
}

hc_status hc__pg_copy(hc__pg *conn, hc__bulk_table *tables, const hc__bulk *bulk, hc_batch *batch, size_t *failed,
                      hc_error *err)
{
    const uint32_t ends = HC_BATCH_COMMIT | HC_BATCH_ROLLBACK;
    bool ahead = (batch->flags & (HC_BATCH_AHEAD | ends)) == HC_BATCH_AHEAD && bulk->last == batch->op_count;
    hc_status status = HC_OK;

    *failed = bulk->first;
    for (size_t i = 0; i < bulk->kind_count && status == HC_OK; i++)
        status = copy_table(conn, &tables[i], ahead && i + 1 == bulk->kind_count, batch, failed, err);
    return status;
}
