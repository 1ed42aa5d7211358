/* How many rows match. */
#include "base/fail.h"
#include "query/run.h"

typedef struct counting {
    const hc__run *run;
    int64_t count, cap;
} counting;

static hc_status on_counted(const hc_row *row, void *data, hc_error *err)
{
    counting *c = data;
    const hc__plan *plan = c->run->plan;
    hc__row_view view = {row->values, c->run->columns};

    (void)err;
    if (row->what != HC_ROW_MATCH)
        return HC_OK;
    for (size_t i = 0; i < plan->residual_count; i++)
        if (!hc__holds(plan->entity, plan->guard, plan->residual[i], &view))
            return HC_OK;
    c->count++;
    return c->count >= c->cap ? 1 : HC_OK;
}

/* By reading, so that the rows examined are bounded and the residual is tested. */
static hc_status count_rows(int64_t *out, bool *cut, hc__run *run, int64_t cap, hc_error *err)
{
    const hc__access *select = &run->plan->select;
    const hc_predicate *where = hc__plan_where(run->plan, select);
    const hc_predicate *filter = hc__plan_filter(run->plan, select);
    counting data = {run, 0, cap};
    hc_op_result result = {0};
    hc_batch batch = {.struct_size = sizeof(batch), .op_count = 1, .on_row = on_counted, .data = &data};
    hc_status status;
    hc_op op;

    if (where == NULL || filter == NULL)
        return hc__no_memory(err);
    op = hc__run_op(run, where, filter, select->index);
    op.limit = run->plan->residual_count == 0 ? cap : 0;
    op.scan_limit = HC__EXAMINE_LIMIT;
    op.result = &result;
    batch.ops = &op;
    status = run->plan->context->execute(&batch, run->plan->context->data, err);
    run->examined += result.examined;
    *out = data.count;
    *cut = result.cut != 0;
    return status < 0 ? status : HC_OK;
}

/* Only what the residual needs is read. */
static void project_for_count(hc__run *run)
{
    run->plan->key_count = 0;
    hc__run_project(run, false);
    if (run->plan->residual_count == 0)
        run->field_count = 0;
}

hc_status hc__run_total(int64_t *out, bool *exact, hc__run *run, int64_t cap, hc_error *err)
{
    hc_status status;
    bool cut = false;

    project_for_count(run);
    status = count_rows(out, &cut, run, cap, err);
    *exact = !cut && *out < cap;
    return status;
}
