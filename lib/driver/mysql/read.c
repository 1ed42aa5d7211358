/* Rows of queries, counts and groups to the caller. */
#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/fail.h"

#define FEW_ROWS 1000 /* are read to their end rather than stopped */

/* A scan that may examine fewer rows than this leaves the session's count below four times as many more. */
#define COUNT_STEP  (INT64_C(1) << 20)
#define COUNT_LIMIT (INT64_C(1) << 60)

/* A query as it runs. */
typedef struct reading {
    hc__my *conn;
    hc_batch *batch;
    const hc_op *op;
    hc__my_statement *statement;
    hc_op_result *result;
    hc_value keys[HC_ORDER_LIMIT];
    bool ended;    /* what still comes is not wanted */
    bool over;     /* and nothing does */
    int64_t rows;  /* that came */
    int64_t last;  /* the number of the last one */
    bool doubtful; /* whether the scan was cut */
    bool silent;   /* the caller has enough, but rows still come */
    size_t index;  /* of the operation in the batch */
} reading;

static bool may_be_long(const hc_op *op)
{
    int64_t most = op->scan_limit != 0 ? op->scan_limit : op->limit;

    return op->verb == HC_VERB_QUERY && (most <= 0 || most > FEW_ROWS);
}

static hc_status give(const reading *r, int32_t what, uint32_t count, const hc_value *values, hc_error *err)
{
    hc_row row = {r->index, what, count, values};

    if (r->batch->on_row == NULL)
        return HC_OK;
    r->conn->gave = true;
    return r->batch->on_row(&row, r->batch->data, err);
}

static hc_status decode_row(const reading *r, hc_error *err)
{
    const hc__my_statement *statement = r->statement;

    return hc__my_decode(statement->values, &r->conn->cells[statement->first], &statement->fields[statement->first],
                         statement->columns, err);
}

static bool is_numbered(const reading *r)
{
    return r->statement->first == HC__MY_NUMBERED;
}

/* Past the row that they stand in. */
static hc_status keep_keys(reading *r, hc_error *err)
{
    uint32_t shown = r->op->field_count == 0 ? 1 : (uint32_t)r->op->field_count;
    hc_status status = HC_OK;

    for (uint32_t i = 0; i < r->op->order_count && status == HC_OK; i++) {
        uint32_t column = r->statement->first + (is_numbered(r) ? hc__sql_key_column(r->op, i) : shown + i);
        hc_value *key = &r->keys[i];
        const hc_field *field;

        *key = (hc_value){.type = HC_TYPE_NULL};
        if (r->op->order[i].field == HC_ORDER_ARRIVAL)
            continue;
        field = &r->op->kind->fields[r->op->order[i].field];
        status = hc__my_decode(key, &r->conn->cells[column], &field, 1, err);
        if (status == HC_OK && key->size > 0) {
            key->as.bytes = hc__arena_copy(&r->conn->kept, key->as.bytes, key->size);
            if (key->as.bytes == NULL)
                status = hc__no_memory(err);
        }
    }
    return status;
}

/* A row of a scan. *pass: it goes on to the caller. */
static hc_status examine(reading *r, bool *pass, hc_error *err)
{
    int64_t number = is_numbered(r) ? hc__my_cell_number(r->conn, 1) - r->conn->counted : r->result->examined + 1;

    *pass = false;
    r->last = number;
    if (number > r->op->scan_limit) {
        r->result->cut = 1;
        return HC_OK;
    }
    r->result->examined = number;
    *pass = hc__my_cell_number(r->conn, 0) != 0;
    return number == r->op->scan_limit ? keep_keys(r, err) : HC_OK;
}

static hc_status take_query_row(reading *r, hc_error *err)
{
    bool pass = true;
    hc_status status = HC_OK;

    if (r->silent) {
        r->last = hc__my_cell_number(r->conn, 1) - r->conn->counted;
        return HC_OK;
    }
    if (r->op->scan_limit != 0)
        status = examine(r, &pass, err);
    if (status == HC_OK && pass)
        status = decode_row(r, err);
    if (status == HC_OK && pass)
        status = give(r, HC_ROW_MATCH, r->statement->columns, r->statement->values, err);
    r->result->count += pass && status >= 0;
    if (status == HC_OK && atomic_load_explicit(&r->conn->interrupted, memory_order_relaxed))
        status = hc__fail_from(err, HC__MY_NAME, HC_ERR_CANCELLED, NULL, "the operation was interrupted");
    if (status > 0 && is_numbered(r)) {
        r->silent = true;
        status = HC_OK;
    }
    /* Those that are numbered are read to their end, which is near: the last tells where the count stands. */
    r->ended = status != HC_OK ||
               (!is_numbered(r) && (r->result->cut != 0 || (r->op->limit > 0 && r->result->count >= r->op->limit)));
    return status;
}

static hc_status take_count(const reading *r)
{
    hc_op_result *out = r->result;

    out->count = out->examined = hc__my_cell_number(r->conn, 0);
    if (r->op->scan_limit != 0) {
        out->examined = hc__my_cell_number(r->conn, 1);
        out->cut = out->examined > r->op->scan_limit;
        out->examined -= out->cut;
        if (r->op->limit > 0 && out->count > r->op->limit)
            out->count = r->op->limit;
    }
    return HC_OK;
}

static hc_status take_group(reading *r, hc_error *err)
{
    int64_t matches = hc__my_cell_number(r->conn, 1);
    hc_status status;

    r->result->examined += r->op->scan_limit != 0 ? hc__my_cell_number(r->conn, 2) : matches;
    if (matches == 0)
        return HC_OK;
    status = decode_row(r, err);
    if (status == HC_OK)
        status = give(r, HC_ROW_MATCH, 2, r->statement->values, err);
    r->result->count += status >= 0;
    r->ended = status != HC_OK || (r->op->limit > 0 && r->result->count >= r->op->limit);
    return status;
}

static hc_status take_row(reading *r, hc_error *err)
{
    return r->op->verb == HC_VERB_QUERY   ? take_query_row(r, err)
           : r->op->verb == HC_VERB_COUNT ? take_count(r)
                                          : take_group(r, err);
}

/* One by one from the socket: the client library does not find back from a result that ends in an error while it is
 * stored. */
static hc_status take_rows(reading *r, hc_error *err)
{
    MYSQL_STMT *handle = r->statement->handle;
    hc_status status = HC_OK;
    hc__my_fault fault;

    while (!r->ended) {
        int outcome = hc__my_fetch(r->conn, handle, &fault);

        r->over = outcome == MYSQL_NO_DATA;
        if (r->over)
            break;
        if (outcome != 0)
            return hc__my_op_refused(r->conn, fault, r->op, r->batch, err);
        status = take_row(r, err);
        r->rows++;
        if (status != HC_OK)
            break;
    }
    if (r->ended && status == HC_OK && r->op->limit > 0 && r->rows >= r->op->limit)
        r->over = hc__my_fetch(r->conn, handle, &fault) == MYSQL_NO_DATA; /* the server had no more to give */
    return status;
}

/* ---- numbered scans ---------------------------------------------------------------------------------------------- */

static hc_status start_count(hc__my *conn, hc_error *err)
{
    bool known = conn->counted >= 0 && conn->counted <= COUNT_LIMIT;
    hc_status status = known ? HC_OK : hc__my_run(conn, "SET @hc_n = 0", NULL, NULL, err);

    if (status == HC_OK && !known)
        conn->counted = 0;
    return status;
}

/* As many rows as asked for: the last of them is the last that was examined. Fewer: all were, and how many must be
 * asked, if anybody wants to know: the next count starts from a number that this one cannot have reached. When the last
 * is the one that may be examined last, and no match, it is not known whether there are more. */
static hc_status end_count(reading *r, hc_error *err)
{
    bool full = r->rows >= r->op->limit;
    bool rough = (r->batch->flags & HC_BATCH_ROUGH) != 0 && r->op->scan_limit < COUNT_STEP && r->op->limit < COUNT_STEP;
    int64_t number = r->conn->counted + r->last;
    hc_status status = HC_OK;

    if (!full && !rough)
        status = hc__my_number(r->conn, "SELECT @hc_n", &number, err);
    if (status < 0)
        return status;
    if (number < r->conn->counted)
        number = r->conn->counted; /* no row was examined, so the server is where an earlier scan left it */
    r->doubtful = full && !r->silent && r->last == r->op->scan_limit && r->result->count < r->op->limit;
    if (r->result->cut == 0 && !r->silent)
        r->result->examined = number - r->conn->counted;
    r->conn->counted = full || !rough ? number : r->conn->counted + 4 * COUNT_STEP;
    return HC_OK;
}

static hc_status read_op(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err);

static bool is_by_arrival(const hc_op *op)
{
    return op->order_count == 1 && op->order[0].field == HC_ORDER_ARRIVAL;
}

/* Looks for one row after the last one that was examined. None can be sought by arrival: then all are counted. */
static hc_status settle_doubt(reading *r, hc_error *err)
{
    static const uint16_t id = 0;
    hc_op_result found = {0};
    hc_op op = *r->op;
    hc_batch batch = {.ops = &op, .op_count = 1};
    hc_status status;

    op.fields = &id;
    op.field_count = 1;
    op.filter = NULL;
    op.result = &found;
    if (is_by_arrival(&op)) {
        op.verb = HC_VERB_COUNT;
        op.limit = 0;
    } else {
        op.scan_limit = 0;
        op.limit = 1;
        op.seek = r->keys;
    }
    status = read_op(r->conn, &batch, &op, err);
    r->result->cut = is_by_arrival(&op) ? found.cut : found.count > 0;
    return status;
}

/* What is left of a result that may be long is not worth its way: when the unit failed, the server is told to stop. */
static void end_rows(reading *r, bool failed)
{
    if (r->conn->broken || r->over)
        return; /* then the statement is as it was */
    if (failed && may_be_long(r->op) && r->conn->stopped == HC_OK) {
        r->conn->stopped = HC_ERR_CANCELLED; /* for hc__my_undo(): the KILL may come late */
        (void)hc__my_stop(r->conn);
    }
    (void)mysql_stmt_free_result(r->statement->handle);
}

static hc_status finish(reading *r, hc_error *err)
{
    hc_op_result *out = r->result;

    if (r->op->verb == HC_VERB_QUERY && r->op->scan_limit == 0)
        out->examined = out->count;
    if (r->op->verb == HC_VERB_GROUP) {
        out->cut = r->op->scan_limit != 0 && out->examined >= r->op->scan_limit;
        return HC_OK;
    }
    if (out->cut == 0)
        return HC_OK;
    return give(r, HC_ROW_SCANNED, r->op->verb == HC_VERB_COUNT ? 0 : (uint32_t)r->op->order_count, r->keys, err);
}

static hc_status read_statement(reading *r, hc_error *err)
{
    hc_status status = hc__my_start_ops(r->conn, r->statement, r->batch, r->op, err);

    if (status < 0)
        return status;
    status = hc__my_take_rows(r->conn, r->statement, err);
    if (status == HC_OK)
        status = take_rows(r, err);
    end_rows(r, status < 0);
    return status;
}

static hc_status read_numbered(reading *r, hc_error *err)
{
    hc_status status = start_count(r->conn, err);

    if (status == HC_OK)
        status = read_statement(r, err);
    if (status == HC_OK)
        status = end_count(r, err);
    else
        r->conn->counted = -1;
    return status == HC_OK && r->doubtful ? settle_doubt(r, err) : status;
}

static hc_status scan(reading *r, hc_error *err)
{
    hc_status status = hc__my_statement_of(&r->statement, r->conn, r->op, 1, err);

    *r->result = (hc_op_result){0};
    if (status == HC_OK)
        status = is_numbered(r) ? read_numbered(r, err) : read_statement(r, err);
    return status == HC_OK && r->silent ? 1 : status;
}

static hc_status read_op(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err)
{
    hc_op_result unwanted;
    hc_op way;
    reading r = {.conn = conn, .batch = batch, .op = &way, .result = op->result != NULL ? op->result : &unwanted};
    hc_status status = hc__my_search(&way, conn, op, err);

    r.index = (size_t)(op - batch->ops);
    if (status == HC_OK)
        status = scan(&r, err);
    if (status >= 0)
        status = finish(&r, err);
    return status < 0 ? status : HC_OK;
}

hc_status hc__my_read(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err)
{
    hc_status status;

    hc__arena_free(&conn->kept);
    status = read_op(conn, batch, op, err);
    conn->common = 0;
    return status;
}
