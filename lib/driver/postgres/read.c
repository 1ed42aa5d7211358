/* Rows of queries, counts and groups to the caller. */
#include "driver/postgres/postgres.h"

#include "base/fail.h"

bool hc__pg_streams(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY && hc__sql_most_rows(op) == SIZE_MAX;
}

/* ---- the rows of an answer, one after the other ---- */

#define COLUMNS    3  /* of a scan: the number, the row, the keys; of other queries the row alone */
#define ARRAY_HEAD 20 /* bytes: how many dimensions, whether there are nulls, of what type, how many, from where */

typedef struct cell {
    const char *bytes; /* NULL: a null */
    size_t size;
} cell;

typedef struct walk {
    const PGresult *result;
    int columns, row, rows;
    bool gathered;
    cell left[COLUMNS]; /* of the arrays */
} walk;

static cell cell_of(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column))
        return (cell){NULL, 0};
    return (cell){PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
}

/* Of no rows the array is a null. */
static bool open_array(walk *w, int column)
{
    cell *array = &w->left[column];
    int rows = 0;

    *array = cell_of(w->result, 0, column);
    if (array->bytes != NULL) {
        if (array->size < ARRAY_HEAD || hc__pg_integer(array->bytes, 4) != 1)
            return false;
        rows = (int)hc__pg_integer(array->bytes + 12, 4);
        array->bytes += ARRAY_HEAD;
        array->size -= ARRAY_HEAD;
    }
    if (column > 0 && rows != w->rows)
        return false;
    w->rows = rows;
    return true;
}

static bool begin_walk(walk *w, const hc__pg_reading *r, const PGresult *result)
{
    bool sound = true;

    *w = (walk){.result = result, .columns = r->op->scan_limit != 0 ? COLUMNS : 1, .rows = PQntuples(result)};
    w->gathered = r->statement->gathers;
    for (int i = 0; w->gathered && sound && i < w->columns; i++)
        sound = PQntuples(result) == 1 && open_array(w, i);
    return sound;
}

static bool take_cell(cell *out, cell *left)
{
    int64_t size = left->size < 4 ? INT64_MAX : hc__pg_integer(left->bytes, 4);

    *out = (cell){NULL, 0};
    if (size > (int64_t)left->size - 4)
        return false;
    left->bytes += 4;
    left->size -= 4;
    if (size < 0)
        return true;
    *out = (cell){left->bytes, (size_t)size};
    left->bytes += size;
    left->size -= (size_t)size;
    return true;
}

static bool next_row(walk *w, cell cells[COLUMNS])
{
    bool sound = true;

    for (int i = 0; i < w->columns && sound; i++) {
        if (w->gathered)
            sound = take_cell(&cells[i], &w->left[i]);
        else
            cells[i] = cell_of(w->result, w->row, i);
    }
    w->row++;
    return sound;
}

/* ---- rows to the caller ---- */

static void clear_scratch(hc__pg *conn)
{
    hc__arena_free(&conn->scratch);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
}

static hc_status give(hc__pg_reading *r, int32_t what, uint32_t count, const hc_value *values, hc_error *err)
{
    hc_row row = {(size_t)(r->op - r->batch->ops), what, count, values};

    if (r->batch->on_row == NULL)
        return HC_OK;
    r->gave = true;
    return r->batch->on_row(&row, r->batch->data, err);
}

static hc_status decode_row(const hc__pg_reading *r, const cell *row, hc_error *err)
{
    const hc__pg_statement *statement = r->statement;

    if (statement->columns == 0)
        return HC_OK;
    if (statement->has_json)
        clear_scratch(r->conn);
    return hc__pg_decode_row(r->conn, statement->values, statement->fields, statement->columns, row->bytes, row->size,
                             err);
}

/* Past the row that they stand in. */
static hc_status keep_keys(hc__pg_reading *r, const cell *keys, hc_error *err)
{
    static const hc_field arrival = {.name = HC__PG_ARRIVAL, .type = HC_TYPE_INT64};
    const hc_field *fields[HC_ORDER_LIMIT];
    hc_status status;

    for (size_t i = 0; i < r->op->order_count; i++)
        fields[i] = r->op->order[i].field == HC_ORDER_ARRIVAL ? &arrival : &r->op->kind->fields[r->op->order[i].field];
    status = hc__pg_decode_row(r->conn, r->keys, fields, (uint32_t)r->op->order_count, keys->bytes, keys->size, err);
    for (size_t i = 0; i < r->op->order_count && status == HC_OK; i++) {
        hc_value *key = &r->keys[i];

        if (fields[i] == &arrival)
            *key = (hc_value){.type = HC_TYPE_NULL};
        if (key->size > 0) {
            key->as.bytes = hc__arena_copy(&r->conn->kept, key->as.bytes, key->size);
            if (key->as.bytes == NULL)
                status = hc__no_memory(err);
        }
    }
    return status;
}

/* The numbered row of a scan. *pass: it goes on to the caller. */
static hc_status examine(hc__pg_reading *r, const cell cells[COLUMNS], bool *pass, hc_error *err)
{
    int64_t number = cells[0].bytes == NULL ? 0 : hc__pg_integer(cells[0].bytes, cells[0].size);

    *pass = false;
    if (number > r->op->scan_limit) {
        r->result->cut = 1;
        r->ended = true;
        return HC_OK;
    }
    r->result->examined = number;
    *pass = cells[1].bytes != NULL;
    return number == r->op->scan_limit ? keep_keys(r, &cells[2], err) : HC_OK;
}

static hc_status read_query(hc__pg_reading *r, const PGresult *result, hc_error *err)
{
    bool windowed = r->op->scan_limit != 0;
    hc_status status = HC_OK;
    walk rows;

    if (!begin_walk(&rows, r, result))
        return hc__pg_misread(err);
    while (rows.row < rows.rows && !r->ended) {
        cell cells[COLUMNS] = {{NULL, 0}};
        bool pass = true;

        if (!next_row(&rows, cells))
            return hc__pg_misread(err);
        if (windowed)
            status = examine(r, cells, &pass, err);
        if (status == HC_OK && pass)
            status = decode_row(r, &cells[windowed ? 1 : 0], err);
        if (status == HC_OK && pass)
            status = give(r, HC_ROW_MATCH, r->statement->columns, r->statement->values, err);
        r->result->count += pass && status >= 0;
        if (status == HC_OK && atomic_load_explicit(&r->conn->interrupted, memory_order_relaxed))
            status = hc__fail_from(err, HC__PG_NAME, HC_ERR_CANCELLED, NULL, "the operation was interrupted");
        r->ended = r->ended || status != HC_OK || (r->op->limit > 0 && r->result->count >= r->op->limit);
    }
    return status < 0 ? status : HC_OK;
}

static hc_status read_count(const hc__pg_reading *r, const PGresult *result)
{
    hc_op_result *out = r->result;

    out->count = out->examined = hc__pg_number(result, 0, 0);
    if (r->op->scan_limit != 0) {
        out->examined = hc__pg_number(result, 0, 1);
        out->cut = out->examined > r->op->scan_limit;
        out->examined -= out->cut;
        if (r->op->limit > 0 && out->count > r->op->limit)
            out->count = r->op->limit;
    }
    return HC_OK;
}

static hc_status read_groups(hc__pg_reading *r, const PGresult *result, hc_error *err)
{
    bool bounded = r->op->scan_limit != 0;
    hc_status status = HC_OK;

    for (int row = 0; row < PQntuples(result) && !r->ended; row++) {
        int64_t matches = hc__pg_number(result, row, 1);

        r->result->examined += bounded ? hc__pg_number(result, row, 2) : matches;
        if (matches == 0)
            continue;
        for (int i = 0; i < 2 && status == HC_OK; i++)
            status = hc__pg_decode(r->conn, &r->statement->values[i], r->statement->fields[i],
                                   PQgetisnull(result, row, i) ? NULL : PQgetvalue(result, row, i),
                                   (size_t)PQgetlength(result, row, i), err);
        if (status == HC_OK)
            status = give(r, HC_ROW_MATCH, 2, r->statement->values, err);
        r->result->count += status >= 0;
        r->ended = status != HC_OK || (r->op->limit > 0 && r->result->count >= r->op->limit);
    }
    return status < 0 ? status : HC_OK;
}

hc_status hc__pg_read(hc__pg_reading *r, const PGresult *result, hc_error *err)
{
    switch (r->op->verb) {
    case HC_VERB_QUERY:
        return read_query(r, result, err);
    case HC_VERB_COUNT:
        return read_count(r, result);
    default:
        return read_groups(r, result, err);
    }
}

hc_status hc__pg_read_end(hc__pg_reading *r, hc_error *err)
{
    hc_status status = HC_OK;

    if (r->op->verb == HC_VERB_QUERY && r->op->scan_limit == 0)
        r->result->examined = r->result->count;
    if (r->op->verb == HC_VERB_GROUP)
        r->result->cut = r->op->scan_limit != 0 && r->result->examined >= r->op->scan_limit;
    else if (r->result->cut)
        status = give(r, HC_ROW_SCANNED, r->op->verb == HC_VERB_COUNT ? 0 : (uint32_t)r->op->order_count, r->keys, err);
    return status < 0 ? status : HC_OK;
}
