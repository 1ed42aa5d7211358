/* Batches: everything that may go together goes in one pipeline, up to the Sync that ends it. A statement that goes
 * alone needs none. */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/bug.h"
#include "base/fail.h"
#include "base/time.h"

#define WIDE 100 /* values of a list */

/* A batch as it runs. */
typedef struct running {
    hc__pg *conn;
    hc_batch *batch;
    hc_error *err;
    hc_status status; /* of the first failure, in the order of the operations */
    bool commits;     /* the pipeline under way makes something last */
    bool forgot;      /* the session has other statements than were prepared in it */
    bool stale;       /* it has, or what they were prepared for changed */
    bool gave;        /* a row went to the callback */
} running;

/* ---- sending ----------------------------------------------------------------------------------------------------- */

/* Before anything is sent: a COMMIT that went out must never be told as a failure for want of memory. */
static bool reserve_steps(hc__pg *conn, size_t ops)
{
    size_t capacity = 3 * ops + 4; /* of each a PREPARE, perhaps a DEALLOCATE; BEGIN, end and Sync */
    hc__pg_step *grown;

    if (capacity <= conn->step_capacity)
        return true;
    grown = hc__realloc(conn->mem, conn->steps, capacity, sizeof(*grown));
    if (grown == NULL)
        return false;
    conn->steps = grown;
    conn->step_capacity = capacity;
    return true;
}

void hc__pg_push(hc__pg *conn, int32_t what, size_t op, hc__pg_statement *statement)
{
    conn->steps[conn->step_count++] = (hc__pg_step){what, op, statement};
}

static hc_status sent(hc__pg *conn, int accepted, int32_t what, size_t op, hc__pg_statement *statement, hc_error *err)
{
    if (accepted == 0)
        return hc__pg_lost(conn, err);
    hc__pg_push(conn, what, op, statement);
    return HC_OK;
}

/* Whether the next statement goes alone: libpq then sends its Sync with it. One whose rows come one by one does not:
 * libpq forgets at a pipeline's end that they do, and else would give the first answer of the next pipeline so too. */
static bool goes_alone(const hc__pg *conn, const hc__pg_statement *statement, bool known)
{
    return conn->alone && known && conn->step_count == 0 && !statement->streams;
}

bool hc__pg_pipe(hc__pg *conn)
{
    return PQpipelineStatus(conn->pg) != PQ_PIPELINE_OFF || PQenterPipelineMode(conn->pg) != 0;
}

static hc_status send_text(hc__pg *conn, const char *sql, int32_t what, size_t op, hc_error *err)
{
    return sent(conn, hc__pg_pipe(conn) && PQsendQueryParams(conn->pg, sql, 0, NULL, NULL, NULL, NULL, 1) != 0, what,
                op, NULL, err);
}

/* Whether planning for the values is worth it: of many, since a plan that was kept from when the table was small would
 * walk all of it; of words, since only for rare ones their own index is the way. */
static bool needs_plan(const hc_predicate *p)
{
    if (p == NULL)
        return false;
    for (size_t i = 0; p->test == HC_TEST_AND && i < p->child_count; i++) {
        if (needs_plan(p->children[i]))
            return true;
    }
    return p->test == HC_TEST_MATCH || (p->test == HC_TEST_IN && p->value_count > WIDE);
}

static hc_status send_once(hc__pg *conn, hc__pg_statement *statement, size_t i, hc_error *err)
{
    const hc__sql *sql = &conn->sql;

    return sent(conn,
                PQsendQueryParams(conn->pg, sql->text.data, (int)sql->param_count, conn->params.types,
                                  conn->params.values, conn->params.lengths, conn->params.formats, 1),
                HC__STEP_OP, i, statement, err);
}

/* To the parameters alone, where the server knows the text and it is not sent again. */
static hc_status compile(hc__pg *conn, hc__pg_statement *statement, const hc_op *op, bool once, hc_error *err)
{
    bool known = statement->prepared && !once;
    hc__sql *sql = &conn->sql;
    hc_status status;

    sql->want_text = !known;
    if (known && hc__sql_follow(sql, &statement->recipe, op))
        return HC_OK;
    status = hc__sql_compile(sql, &hc__pg_dialect, op, hc__pg_scan(op), err);
    if (status == HC_OK && known && !hc__sql_learn(&statement->recipe, conn->mem, sql, op))
        return hc__no_memory(err);
    return status;
}

static hc_status send_op(hc__pg *conn, const hc_op *op, size_t i, hc_error *err)
{
    hc__pg_statement *statement;
    hc__sql *sql = &conn->sql;
    bool once;
    hc_status status = hc__pg_statement_of(&statement, conn, op, err);

    if (status < 0)
        return status;
    once = statement->lists && needs_plan(op->where);
    hc__arena_free(&conn->scratch);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
    status = compile(conn, statement, op, once, err);
    if (status == HC_OK)
        status = hc__pg_encode(conn, sql, op, err);
    if (status == HC_OK && !goes_alone(conn, statement, once || statement->prepared) && !hc__pg_pipe(conn))
        status = hc__pg_lost(conn, err);
    if (status == HC_OK && once)
        return send_once(conn, statement, i, err);
    if (status == HC_OK && !statement->prepared) {
        status = sent(
            conn, PQsendPrepare(conn->pg, statement->name, sql->text.data, (int)sql->param_count, conn->params.types),
            HC__STEP_PREPARE, i, statement, err);
        statement->prepared = status == HC_OK && !conn->pooled;
    }
    if (status == HC_OK)
        status = sent(conn,
                      PQsendQueryPrepared(conn->pg, statement->name, (int)sql->param_count, conn->params.values,
                                          conn->params.lengths, conn->params.formats, 1),
                      HC__STEP_OP, i, statement, err);
    return status;
}

/* ---- receiving --------------------------------------------------------------------------------------------------- */

static void fail(running *r, hc_status status, size_t op)
{
    if (r->status == HC_OK) {
        r->status = status;
        r->batch->failed_op = op;
    }
}

static void fail_lost(running *r, size_t op)
{
    hc_status status;

    if (r->status < 0 || (r->commits && hc__bug("ack-without-answer")))
        return;
    status = hc__pg_lost(r->conn, r->err);
    fail(r, status, op);
    if (r->commits && r->err != NULL && !hc__bug("unknown-as-not-written"))
        r->err->flags = (r->err->flags & ~HC_ERROR_WRITTEN_MASK) | HC_ERROR_WRITTEN_UNKNOWN;
}

/* Whether what went out with a COMMIT may last though this is all that is heard of it. A server that ends a session at
 * an operation never comes to the COMMIT behind it; at that, and behind the answer to a statement that goes alone, it
 * may have been past it. Who stands between, such as a pooler, tells at the first answer that the server is gone,
 * however far that was. */
static bool may_last(const running *r, const PGresult *result, bool of_op, bool answered)
{
    if (!r->commits || hc__bug("unknown-as-not-written"))
        return false;
    if (of_op && !answered)
        return hc__pg_is_final(result) && !hc__pg_is_ended(result);
    return hc__pg_is_final(result) || hc__pg_is(result, "40003");
}

static void refuse(running *r, const hc__pg_step *step, const PGresult *result, bool answered)
{
    bool of_op = step->what == HC__STEP_OP || step->what == HC__STEP_PREPARE;
    hc_status status;

    if (step->what == HC__STEP_PREPARE)
        step->statement->prepared = false;
    if (step->what == HC__STEP_CLOSE || r->status < 0)
        return;
    if (hc__pg_is(result, "")) {
        fail_lost(r, step->op);
        return;
    }
    r->forgot = hc__pg_is(result, "26000") || hc__pg_is(result, "42P05");
    r->stale = r->forgot || hc__pg_is(result, "0A000");
    status = of_op ? hc__pg_op_refused(r->conn, result, &r->batch->ops[step->op], r->batch, r->err)
                   : hc__pg_refused(r->conn, result, r->err);
    if (!of_op && (hc__pg_is(result, "40001") || hc__pg_is(result, "40P01")))
        r->batch->fault = HC_FAULT_RERUN;
    fail(r, status, step->op);
    if (r->err != NULL && may_last(r, result, of_op, answered))
        r->err->flags = (r->err->flags & ~HC_ERROR_WRITTEN_MASK) | HC_ERROR_WRITTEN_UNKNOWN;
}

static int64_t rows_changed(PGresult *result, const hc_op *op)
{
    const char *text = PQcmdTuples(result);
    int64_t count = 0;

    if (hc__sql_expects(&hc__pg_dialect, op))
        return hc__pg_number(result, 0, 0);
    for (; *text >= '0' && *text <= '9'; text++)
        count = count * 10 + (*text - '0');
    return count;
}

static void accept(running *r, const hc__pg_step *step, PGresult *result, hc__pg_reading *reading)
{
    hc_status status = HC_OK;

    if (r->status < 0)
        return;
    if (step->what == HC__STEP_COMMIT && strcmp(PQcmdStatus(result), "COMMIT") != 0)
        status = hc__fail_from(r->err, HC__PG_NAME, HC_ERR_INTERNAL, NULL, "the server rolled back instead");
    if (step->what == HC__STEP_OP && hc__sql_writes(reading->op))
        reading->result->count = reading->result->examined = rows_changed(result, reading->op);
    else if (step->what == HC__STEP_OP && !reading->ended) {
        status = hc__pg_read(reading, result, r->err);
        r->gave = r->gave || reading->gave;
    }
    if (status < 0) {
        fail(r, status, step->op);
        /* Nobody wants what is still to come of it, and all will be rolled back. */
        if (step->what == HC__STEP_OP && step->statement->streams)
            hc__pg_interrupt(r->conn);
    }
}

static void begin_reading(running *r, const hc__pg_step *step, hc__pg_reading *reading, hc_op_result *unwanted)
{
    const hc_op *op = &r->batch->ops[step->op];

    *reading = (hc__pg_reading){.conn = r->conn, .batch = r->batch, .op = op, .statement = step->statement};
    reading->result = op->result != NULL ? op->result : unwanted;
    *reading->result = (hc_op_result){0};
    hc__arena_free(&r->conn->kept);
    if (step->statement->streams)
        (void)PQsetSingleRowMode(r->conn->pg);
}

/* All results of one step. False when the connection is lost. */
static bool take_step(running *r, const hc__pg_step *step)
{
    hc_op_result unwanted = {0};
    hc__pg_reading reading = {0};
    bool answered = false;
    int silences = 0;

    if (step->what == HC__STEP_OP)
        begin_reading(r, step, &reading, &unwanted);
    while (silences < 3) {
        PGresult *result;
        ExecStatusType what;

        if (!hc__pg_wait(r->conn))
            return false;
        result = PQgetResult(r->conn->pg);
        what = PQresultStatus(result);
        if (result == NULL) {
            if (step->what != HC__STEP_SYNC)
                break;
            silences++;
            continue;
        }
        if (what == PGRES_TUPLES_OK || what == PGRES_SINGLE_TUPLE || what == PGRES_COMMAND_OK) {
            accept(r, step, result, &reading);
            answered = true;
        } else if (what == PGRES_PIPELINE_ABORTED && step->what == HC__STEP_PREPARE)
            step->statement->prepared = false;
        else if (what != PGRES_PIPELINE_ABORTED && what != PGRES_PIPELINE_SYNC)
            refuse(r, step, result, answered);
        PQclear(result);
        if (step->what == HC__STEP_SYNC && what == PGRES_PIPELINE_SYNC)
            return true;
        if (PQstatus(r->conn->pg) == CONNECTION_BAD)
            return false;
    }
    if (step->what == HC__STEP_OP && r->status == HC_OK && !hc__sql_writes(reading.op)) {
        hc_status status = hc__pg_read_end(&reading, r->err);

        if (status < 0)
            fail(r, status, step->op);
    }
    return silences == 0;
}

static void receive(running *r)
{
    hc__pg *conn = r->conn;

    for (size_t i = 0; i < conn->step_count; i++) {
        if (!take_step(r, &conn->steps[i])) {
            conn->broken = true;
            fail_lost(r, conn->steps[i].op);
            return;
        }
    }
}

/* What was committed may still be lost with the server, though its settings promise more. */
static void fail_unreplicated(running *r, size_t op)
{
    hc_status status = r->conn->stopped == HC_OK ? HC_ERR_UNAVAILABLE : r->conn->stopped;

    fail(r, hc__fail_from(r->err, HC__PG_NAME, status, NULL, "the server did not wait until a standby had the commit"),
         op);
    if (r->err != NULL)
        r->err->flags = (r->err->flags & ~HC_ERROR_WRITTEN_MASK) | HC_ERROR_WRITTEN_UNKNOWN;
}

/* ---- a pipeline -------------------------------------------------------------------------------------------------- */

/* Operations [first, last), a BEGIN before them and an end behind them. */
typedef struct stretch {
    size_t first, last;
    const char *begin;
    uint32_t end; /* HC_BATCH_COMMIT, HC_BATCH_ROLLBACK or 0 */
    bool alone;   /* outside a transaction: the Sync commits */
} stretch;

static void run_stretch(running *r, const stretch *part)
{
    hc__pg *conn = r->conn;
    hc_error why = {0};
    hc_status status = HC_OK;
    size_t failed = part->first;

    if (!reserve_steps(conn, part->last - part->first)) {
        fail(r, hc__no_memory(r->err), part->first);
        return;
    }
    conn->pipeline++;
    conn->step_count = 0;
    conn->unreplicated = false;
    conn->alone = part->begin == NULL && part->end == 0 && part->last - part->first == 1;
    r->commits = part->end == HC_BATCH_COMMIT && !conn->read_only;
    if (part->begin != NULL)
        status = send_text(conn, part->begin, HC__STEP_BEGIN, part->first, &why);
    for (size_t i = part->first; i < part->last && status == HC_OK; i++) {
        failed = i;
        r->commits = r->commits || (part->alone && hc__sql_writes(&r->batch->ops[i]));
        status = send_op(conn, &r->batch->ops[i], i, &why);
    }
    if (status == HC_OK && part->end != 0) {
        failed = r->batch->op_count;
        status = send_text(conn, part->end == HC_BATCH_COMMIT ? "COMMIT" : "ROLLBACK",
                           part->end == HC_BATCH_COMMIT ? HC__STEP_COMMIT : HC__STEP_ROLLBACK, failed, &why);
    }
    if (status < 0) /* what cannot be sent is told after what comes before it, and nothing is committed */
        r->commits = false;
    if (!conn->broken && PQpipelineStatus(conn->pg) != PQ_PIPELINE_OFF) {
        conn->broken = PQpipelineSync(conn->pg) == 0;
        hc__pg_push(conn, HC__STEP_SYNC, part->last, NULL);
    }
    receive(r);
    if (!conn->broken && PQexitPipelineMode(conn->pg) == 0)
        conn->broken = true;
    if (r->commits && conn->unreplicated && r->status == HC_OK)
        fail_unreplicated(r, part->last);
    if (status < 0 && r->status == HC_OK) {
        fail(r, status, failed);
        if (r->err != NULL)
            *r->err = why;
    }
}

/* ---- a batch ----------------------------------------------------------------------------------------------------- */

static bool may_go_on(running *r, size_t next)
{
    hc__pg *conn = r->conn;

    if (r->status < 0)
        return false;
    if (atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
        conn->stopped = HC_ERR_CANCELLED;
    else if (conn->deadline != 0 && hc__os_monotonic() >= conn->deadline)
        conn->stopped = HC_ERR_TIMEOUT;
    else
        return true;
    fail(r,
         hc__fail_from(r->err, HC__PG_NAME, conn->stopped, NULL,
                       conn->stopped == HC_ERR_TIMEOUT ? "the deadline passed" : "the operation was interrupted"),
         next);
    return false;
}

/* Outside a transaction: a write for itself, since the ones behind it must not run when it fails; reads together. */
static void run_alone(running *r)
{
    const hc_batch *batch = r->batch;
    size_t at = 0;

    while (at < batch->op_count && (at == 0 || may_go_on(r, at))) { /* who enters has looked at the deadline */
        stretch part = {.first = at, .last = at + 1, .alone = true};

        while (!hc__sql_writes(&batch->ops[at]) && part.last < batch->op_count &&
               !hc__sql_writes(&batch->ops[part.last]))
            part.last++;
        run_stretch(r, &part);
        at = part.last;
    }
}

/* The callback may still refuse a row, and then nothing of the unit may last. */
static bool must_wait(const hc__pg *conn, const hc_batch *batch)
{
    bool wrote = conn->wrote, gives = false;

    for (size_t i = 0; i < batch->op_count; i++) {
        wrote = wrote || hc__sql_writes(&batch->ops[i]);
        gives = gives || batch->ops[i].verb == HC_VERB_QUERY || batch->ops[i].verb == HC_VERB_GROUP;
    }
    return batch->on_row != NULL && gives && wrote;
}

static void run_bulk(running *r, hc__bulk_table *tables, const hc__bulk *bulk)
{
    hc_error why = {0};
    size_t failed;
    hc_status status;

    r->commits = false;
    status = hc__pg_copy(r->conn, tables, bulk, r->batch, &failed, &why);
    if (status == HC_OK)
        return;
    fail(r, status, failed);
    if (r->err != NULL)
        *r->err = why;
}

/* What comes before the end, with its BEGIN and its runs of inserts, as far as a run is worth it. Gives where the rest
 * begins. */
static size_t run_bulks(running *r, const char **begin)
{
    const hc_batch *batch = r->batch;
    hc__bulk_table tables[HC__BULK_KINDS];
    hc__arena arena;
    hc__bulk bulk;
    size_t at = 0;

    hc__arena_init(&arena, r->conn->mem, NULL, 0);
    while (r->status == HC_OK && hc__bulk_next(&bulk, batch->ops, batch->op_count, at, HC__PG_COPY_LEAST) &&
           hc__pg_may_copy(tables, &arena, &bulk, batch)) {
        stretch part = {.first = at, .last = bulk.first, .begin = *begin};

        if (part.begin != NULL || part.last > part.first)
            run_stretch(r, &part);
        *begin = NULL;
        if (!may_go_on(r, bulk.first))
            break;
        run_bulk(r, tables, &bulk);
        at = bulk.last;
    }
    hc__arena_free(&arena);
    return at;
}

static void run_inside(running *r)
{
    hc__pg *conn = r->conn;
    hc_batch *batch = r->batch;
    uint32_t end = batch->flags & HC_BATCH_ROLLBACK ? HC_BATCH_ROLLBACK : batch->flags & HC_BATCH_COMMIT;
    bool held = end == HC_BATCH_COMMIT && must_wait(conn, batch);
    stretch part = {.first = 0, .last = batch->op_count, .end = held ? 0 : end};

    if ((batch->flags & HC_BATCH_BEGIN) != 0) {
        conn->in_transaction = true;
        conn->wrote = false;
        conn->read_only = (batch->flags & HC_BATCH_READ_ONLY) != 0;
        part.begin = conn->read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                     : "BEGIN ISOLATION LEVEL READ COMMITTED";
    }
    for (size_t i = 0; i < batch->op_count; i++)
        conn->wrote = conn->wrote || hc__sql_writes(&batch->ops[i]);
    part.first = run_bulks(r, &part.begin);
    if (r->status < 0)
        return;
    if (part.begin != NULL || part.end != 0 || part.last > part.first)
        run_stretch(r, &part);
    if (held && may_go_on(r, batch->op_count)) {
        part = (stretch){.first = batch->op_count, .last = batch->op_count, .end = end};
        run_stretch(r, &part);
    }
    if (end != 0 && r->status == HC_OK)
        conn->in_transaction = conn->read_only = conn->wrote = false;
}

static void run(running *r)
{
    const uint32_t whole = HC_BATCH_BEGIN | HC_BATCH_COMMIT;
    const hc_batch *batch = r->batch;

    bool bare = (batch->flags & whole) == whole && batch->op_count <= 1; /* one statement is a transaction by itself */

    if (!bare && (r->conn->in_transaction || (batch->flags & HC_BATCH_BEGIN) != 0))
        run_inside(r);
    else
        run_alone(r);
}

static void run_once(running *r)
{
    hc__pg *conn = r->conn;
    hc_batch *batch = r->batch;

    batch->failed_op = 0;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    r->stale = r->forgot = false;
    r->status = hc__sql_check_batch(&hc__pg_dialect, conn->in_transaction,
                                    conn->role == HC_CONNECT_READ || conn->read_only, batch, r->err);
    if (r->status == HC_OK)
        run(r);
    /* Nobody else prepares and forgets in a session of ours: it is another one now. */
    conn->pooled = conn->pooled || r->forgot;
    if (r->stale)
        hc__pg_forget_all(conn);
    if (r->status < 0)
        hc__pg_undo(conn);
    else
        batch->failed_op = batch->op_count;
}

/* Nothing of the batch is left, and nobody saw any of it. */
static bool may_repeat(const running *r, bool inside)
{
    bool alone = (r->batch->flags & HC_BATCH_BEGIN) == 0;

    return r->stale && !r->gave && !inside && !r->conn->broken && (!alone || r->batch->failed_op == 0);
}

hc_status hc__pg_execute(void *handle, hc_batch *batch, hc_error *err)
{
    hc__pg *conn = handle;
    hc_error why = {0};
    running r = {.conn = conn, .batch = batch, .err = &why};
    bool inside = conn->in_transaction;

    batch->stamp = 0;
    batch->failed_op = 0;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    r.status = hc__pg_enter(conn, batch->deadline, &why);
    if (r.status == HC_OK)
        r.status = hc__pg_settle(conn, batch, &why);
    if (r.status == HC_OK) {
        run_once(&r);
        if (may_repeat(&r, inside))
            run_once(&r);
    } else if (r.status != HC_ERR_FORKED) {
        hc__pg_undo(conn);
    }
    if (r.status < 0 && err != NULL)
        *err = why;
    return r.status;
}

hc_status hc__pg_explain(void *handle, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                         hc_error *err)
{
    hc__pg *conn = handle;
    hc_status status = hc__pg_enter(conn, hc__pg_soon(conn), err);
    hc__sql sql;
    hc__buf text;

    if (status < 0)
        return status;
    hc__sql_init(&sql, conn->mem, true);
    hc__buf_init(&text, conn->mem);
    status = hc__sql_compile(&sql, &hc__pg_dialect, op, hc__pg_scan(op), err);
    if (status == HC_OK)
        status = hc__pg_encode(conn, &sql, op, err);
    hc__buf_text(&text, "EXPLAIN ");
    hc__buf_text(&text, sql.text.data == NULL ? "" : sql.text.data);
    if (status == HC_OK && text.failed)
        status = hc__no_memory(err);
    if (status == HC_OK)
        status = line(sql.text.data, data);
    if (status == HC_OK) {
        status = PQsendQueryParams(conn->pg, text.data, (int)sql.param_count, conn->params.types, conn->params.values,
                                   conn->params.lengths, conn->params.formats, 0) == 0
                     ? hc__pg_lost(conn, err)
                     : hc__pg_take_lines(conn, NULL, line, data, err);
    }
    hc__sql_free(&sql);
    hc__buf_free(&text);
    return status < 0 ? status : HC_OK;
}
