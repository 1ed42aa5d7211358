/* Class A: an index gives the order. Class B: the rows that an index narrows to are ranked here. */
#include <string.h>
#include "base/fail.h"
#include "query/run.h"

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

static const hc_value *seek_of(const hc__run *run, const hc__stage *stage)
{
    const hc__plan *plan = run->plan;
    bool null = run->after != NULL && (run->after->nulls & 1) != 0;
    hc_value *seek;

    if (run->after == NULL || null != stage->null_key)
        return NULL;
    seek = hc__arena_zero(run->scratch, 2, sizeof(*seek));
    if (seek == NULL)
        return NULL;
    if (stage->order_count == 2)
        *seek++ =
            (hc_value){.type = plan->entity->kind.fields[plan->keys[0].field].type, .as.integer = run->after->keys[0]};
    *seek = (hc_value){HC_TYPE_ID, 16, {.bytes = run->after->id.bytes}};
    return stage->order_count == 2 ? seek - 1 : seek;
}

static hc_status run_stage(hc__run *run, const hc__stage *stage, const hc_predicate *filter, int64_t budget,
                           hc_error *err)
{
    const hc__plan *plan = run->plan;
    hc_op *ops = hc__arena_alloc(run->scratch, plan->stream_count * sizeof(*ops));
    const hc_value *seek = seek_of(run, stage);
    int64_t left = budget - run->examined;
    bool seeks = run->after != NULL && ((run->after->nulls & 1) != 0) == stage->null_key;

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
        ops[i].limit = plan->residual_count == 0 && !run->test_words ? (int64_t)run->wanted : 0;
        ops[i].scan_limit = left / (int64_t)plan->stream_count;
    }
    run->null_key = stage->null_key;
    return hc__run_batch(run, ops, plan->stream_count, err);
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
    static const hc_order newest = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
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
    if (where == run->plan->match) { /* lets the words drive */
        op.order = &newest;
        op.order_count = 1;
    }
    status = hc__run_batch(run, &op, 1, err);
    if (status == HC_OK && run->cut) {
        *too_many = true;
        run->cut = false;
        run->count = 0;
    }
    return status;
}
