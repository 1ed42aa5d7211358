/* Rows of queries, counts and groups to the caller. */
#include "driver/postgres/postgres.h"

#include "base/fail.h"

/* Whether ids are named at the top: then there are no more rows than ids. */
static bool names_ids(const hc_predicate *p)
{
    if (p == NULL)
        return false;
    if (p->field == 0 && (p->test == HC_TEST_EQ || p->test == HC_TEST_IN))
        return true;
    for (size_t i = 0; p->test == HC_TEST_AND && i < p->child_count; i++) {
        if (names_ids(p->children[i]))
            return true;
    }
    return false;
}

bool hc__pg_streams(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY && op->limit == 0 && !names_ids(op->where);
}

static void clear_scratch(hc__pg *conn)
{
    hc__arena_free(&conn->scratch);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
}

static hc_status give(const hc__pg_reading *r, int32_t what, uint32_t count, const hc_value *values, hc_error *err)
{
    hc_row row = {(size_t)(r->op - r->batch->ops), what, count, values};

    return r->batch->on_row == NULL ? HC_OK : r->batch->on_row(&row, r->batch->data, err);
}

static hc_status decode_row(const hc__pg_reading *r, const PGresult *result, int row, int column, hc_error *err)
{
    const hc__pg_statement *statement = r->statement;

    if (statement->columns == 0)
        return HC_OK;
    if (statement->has_json)
        clear_scratch(r->conn);
    return hc__pg_decode_row(r->conn, statement->values, statement->fields, statement->columns,
                             PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column), err);
}

/* Past the row that they stand in. */
static hc_status keep_keys(hc__pg_reading *r, const PGresult *result, int row, hc_error *err)
{
    static const hc_field arrival = {.name = HC__PG_ARRIVAL, .type = HC_TYPE_INT64};
    const hc_field *fields[HC_ORDER_LIMIT];
    hc_status status;

    for (size_t i = 0; i < r->op->order_count; i++)
        fields[i] = r->op->order[i].field == HC_ORDER_ARRIVAL ? &arrival : &r->op->kind->fields[r->op->order[i].field];
    status = hc__pg_decode_row(r->conn, r->keys, fields, (uint32_t)r->op->order_count, PQgetvalue(result, row, 2),
                               (size_t)PQgetlength(result, row, 2), err);
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
static hc_status examine(hc__pg_reading *r, const PGresult *result, int row, bool *pass, hc_error *err)
{
    int64_t number = hc__pg_number(result, row, 0);

    *pass = false;
    if (number > r->op->scan_limit) {
        r->result->cut = 1;
        r->ended = true;
        return HC_OK;
    }
    r->result->examined = number;
    *pass = !PQgetisnull(result, row, 1);
    return number == r->op->scan_limit ? keep_keys(r, result, row, err) : HC_OK;
}

static hc_status read_query(hc__pg_reading *r, const PGresult *result, hc_error *err)
{
    bool windowed = r->op->scan_limit != 0;
    hc_status status = HC_OK;

    for (int row = 0; row < PQntuples(result) && !r->ended; row++) {
        bool pass = true;

        if (windowed)
            status = examine(r, result, row, &pass, err);
        if (status == HC_OK && pass)
            status = decode_row(r, result, row, windowed, err);
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
