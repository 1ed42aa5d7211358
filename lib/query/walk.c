/* Class A: an index gives the order. Class B: the rows that an index narrows to are ranked here. */
#include <string.h>
#include "base/fail.h"
#include "query/run.h"

/* Rows of a stream at a time where they are tested here: one often has enough soon, and what a server has sent of the
 * rest must be read all the same. */
#define FIRST_PIECE 128
#define LAST_PIECE  8192

#define DIRECT_STREAMS                                                                                                 \
    8 /* above this, rows that do not make the page would cost more than reading the page's by id                      \
       */

/* Streams before the position were read by earlier pages. */
static bool is_past(const hc__run *run, const hc__stage *stage)
{
    bool null = run->after != NULL && (run->after->nulls & 1) != 0;

    if (run->after == NULL || null == stage->null_key)
        return false;
    return run->plan->reverse ? stage->null_key : !stage->null_key;
}

static const hc_value *seek_of(const hc__run *run, const hc__stage *stage, const hc__position *at)
{
    const hc__plan *plan = run->plan;
    hc_value *seek = hc__arena_zero(run->scratch, 2, sizeof(*seek)), *end = seek;

    if (seek == NULL)
        return NULL;
    if (stage->order_count == 2)
        *end++ = (hc_value){.type = plan->entity->kind.fields[plan->keys[0].field].type, .as.integer = at->keys[0]};
    *end = (hc_value){HC_TYPE_ID, 16, {.bytes = at->id.bytes}};
    return seek;
}

/* The operations of the streams that have more rows, to go on behind the last that came. */
static hc_status keep_unfinished(hc__run *run, const hc__stage *stage, hc_op *ops, size_t *count, hc_error *err)
{
    hc__position *last = hc__arena_alloc(run->scratch, *count * sizeof(*last));
    size_t kept = 0;

    if (last == NULL)
        return hc__no_memory(err);
    memcpy(last, run->last, *count * sizeof(*last));
    for (size_t i = 0; i < *count; i++) {
        const hc_op_result *result = ops[i].result;
        hc_op op = ops[i];

        if (result->count < op.limit || result->cut != 0)
            continue;
        op.scan_limit -= result->examined;
        op.seek = seek_of(run, stage, &last[i]);
        if (op.seek == NULL)
            return hc__no_memory(err);
        if (op.scan_limit > 0)
            ops[kept++] = op;
        else
            hc__run_cut(run, &last[i]);
    }
    *count = kept;
    return HC_OK;
}

static hc_status run_pieces(hc__run *run, const hc__stage *stage, hc_op *ops, size_t count, hc_error *err)
{
    hc_status status = HC_OK;

    run->last = hc__arena_alloc(run->scratch, count * sizeof(*run->last));
    if (run->last == NULL)
        return hc__no_memory(err);
    for (int64_t piece = FIRST_PIECE; count > 0; piece = piece < LAST_PIECE ? piece * 4 : LAST_PIECE) {
        for (size_t i = 0; i < count; i++)
            ops[i].limit = piece;
        status = hc__run_batch(run, ops, count, err);
        if (status < 0 || (run->alone && run->count == run->wanted))
            break;
        status = keep_unfinished(run, stage, ops, &count, err);
        if (status < 0)
            break;
    }
    run->last = NULL;
    return status;
}

static hc_status run_stage(hc__run *run, const hc__stage *stage, const hc_predicate *filter, int64_t budget,
                           hc_error *err)
{
    const hc__plan *plan = run->plan;
    hc_op *ops = hc__arena_alloc(run->scratch, plan->stream_count * sizeof(*ops));
    bool seeks = run->after != NULL && ((run->after->nulls & 1) != 0) == stage->null_key;
    const hc_value *seek = seeks ? seek_of(run, stage, run->after) : NULL;
    int64_t left = budget - run->examined;

    if (ops == NULL || (seeks && seek == NULL))
        return hc__no_memory(err);
    for (size_t i = 0; i < plan->stream_count; i++) {
        const hc_predicate *where = hc__plan_stream(plan, stage, i);

        if (where == NULL)
            return hc__no_memory(err);
        ops[i] = hc__run_op(run, where, filter, plan->walk.index);
        ops[i].order = stage->order;
        ops[i].order_count = stage->order_count;
        ops[i].seek = seek;
        ops[i].limit = (int64_t)run->wanted;
        ops[i].scan_limit = left / (int64_t)plan->stream_count;
    }
    run->null_key = stage->null_key;
    return plan->residual_count == 0 && !run->test_words ? hc__run_batch(run, ops, plan->stream_count, err)
                                                         : run_pieces(run, stage, ops, plan->stream_count, err);
}

/* Beyond the place where a stream was cut, other streams' rows may have gaps before them. */
static void drop_incomplete(hc__run *run)
{
    while (run->count > 0 && hc__plan_compare(run->plan, &run->entries[run->count - 1].at, &run->scanned) > 0)
        run->count--;
}

hc_status hc__run_walk(hc__run *run, int64_t budget, hc_error *err)
{
    const hc_predicate *filter = hc__plan_filter(run->plan, &run->plan->walk);
    hc__stage stages[2];
    size_t count = hc__plan_stages(run->plan, stages);
    hc_status status = HC_OK;

    if (filter == NULL)
        return hc__no_memory(err);
    run->ordered = true;
    run->test_words = run->plan->match != NULL;
    if (run->test_words)
        status = hc__run_seek(run, err);
    hc__run_project(run, run->plan->stream_count <= DIRECT_STREAMS);
    for (size_t i = 0; i < count && status == HC_OK && run->count < run->wanted && !run->cut; i++) {
        /* Each stream of a later stage may look at a row at least. */
        int64_t kept = (int64_t)((count - 1 - i) * run->plan->stream_count);

        run->alone = run->plan->stream_count == 1;
        run->rough = kept == 0 && !run->plan->context->counts_rows; /* no later stage has what this one leaves */
        if (!is_past(run, &stages[i]))
            status = run_stage(run, &stages[i], filter, budget - kept, err);
    }
    if (status == HC_OK && run->cut)
        drop_incomplete(run);
    return status;
}

hc_status hc__run_select(hc__run *run, bool *too_many, const hc__access *select, int64_t budget, hc_error *err)
{
    const hc_predicate *where = hc__plan_where(run->plan, select);
    const hc_predicate *filter = hc__plan_filter(run->plan, select);
    hc_status status;
    hc_op op;

    *too_many = false;
    if (where == NULL || filter == NULL)
        return hc__no_memory(err);
    run->ordered = false;
    hc__run_project(run, false);
    op = hc__run_op(run, where, filter, select->index);
    op.scan_limit = budget;
    status = hc__run_batch(run, &op, 1, err);
    if (status == HC_OK && run->cut) {
        *too_many = true;
        run->cut = false;
        run->count = 0;
    }
    return status;
}
