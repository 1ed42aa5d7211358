/* Nearest first: boxes of a sixteenth, a quarter and all of the radius, until the page is full. */
#include "base/fail.h"
#include "query/run.h"

static hc_status run_round(hc__run *run, int64_t metres, const hc_predicate *filter, int32_t index, hc_error *err)
{
    const hc_predicate *where = hc__plan_around(run->plan, metres);
    hc_op op;

    if (where == NULL)
        return hc__no_memory(err);
    if (run->examined >= HC__EXAMINE_LIMIT) { /* a wider box holds those rows too */
        run->cut = true;
        return HC_OK;
    }
    op = hc__run_op(run, where, filter, index);
    op.scan_limit = HC__EXAMINE_LIMIT - run->examined;
    run->count = 0;
    run->within = metres > 0 ? metres : 1;
    return hc__run_batch(run, &op, 1, err);
}

int32_t hc__place_index(const hc__plan *plan)
{
    const hc_kind *kind = &plan->entity->kind;

    for (uint32_t i = 0; i < kind->index_count; i++)
        if (kind->indexes[i].fields[0] == hc__property_f_latitude)
            return (int32_t)i;
    return HC_INDEX_ANY;
}

hc_status hc__run_nearest(hc__run *run, hc_error *err)
{
    static const int64_t parts[] = {16, 4, 1};
    const hc_predicate *filter = hc__plan_beside_near(run->plan);
    int64_t radius = run->plan->near->numbers[2], from = run->after == NULL ? 0 : run->after->keys[0];
    hc_status status = HC_OK;

    if (filter == NULL)
        return hc__no_memory(err);
    hc__run_project(run, false);
    /* Back from a row: all before it lie no farther. */
    if (run->plan->reverse)
        status = run_round(run, from < radius ? from : radius, filter, hc__place_index(run->plan), err);
    for (size_t i = run->plan->reverse ? 3 : 0; i < 3 && status == HC_OK && run->count < run->wanted && !run->cut;
         i++) {
        int64_t metres = radius / parts[i];

        if (metres >= 1 && metres >= from)
            status = run_round(run, metres, filter, hc__place_index(run->plan), err);
    }
    if (status == HC_OK && run->cut)
        return hc__too_broad(run, "the circle holds", err);
    return status;
}
