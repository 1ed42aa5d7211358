/* The plan for people. */
#include <string.h>
#include "base/fail.h"
#include "query/run.h"

typedef struct explaining {
    hc__buf *out;
    hc__run *run;
    hc_status (*more)(const hc_op *op, hc__buf *out, void *data);
    void *data;
} explaining;

static const char *index_name(const hc__plan *plan, int32_t index)
{
    if (index == HC_INDEX_ID)
        return "id";
    return index < 0 ? "none" : plan->entity->kind.indexes[index].name;
}

static const char *key_name(const hc__plan *plan, uint16_t field)
{
    switch (field) {
    case HC__SORT_DISTANCE:
        return "distance";
    case HC__SORT_RELEVANCE:
        return "relevance";
    case HC__SORT_DAYS_ON_MARKET:
        return "days_on_market";
    default:
        return plan->entity->kind.fields[field].name;
    }
}

static void put_order(hc__buf *out, const hc__plan *plan)
{
    hc__buf_text(out, "order ");
    for (size_t i = 0; i < plan->key_count; i++)
        hc__buf_format(out, "%s%s, ", plan->keys[i].descending ? "-" : "", key_name(plan, plan->keys[i].field));
    hc__buf_format(out, "%sid\n", plan->keys[plan->key_count - 1].descending ? "-" : "");
}

static hc_status put_op(const explaining *e, const hc_op *op)
{
    hc__buf_text(e->out, "where ");
    if (op->where == NULL)
        hc__buf_text(e->out, "true");
    else
        hc__predicate_print(e->out, op->kind, op->where);
    hc__buf_text(e->out, "\nfilter ");
    if (op->filter == NULL)
        hc__buf_text(e->out, "true");
    else
        hc__predicate_print(e->out, op->kind, op->filter);
    hc__buf_char(e->out, '\n');
    return e->more == NULL ? HC_OK : e->more(op, e->out, e->data);
}

/* The first stream of each stage; the others differ in values only. */
static hc_status put_walk(const explaining *e, hc_error *err)
{
    const hc__plan *plan = e->run->plan;
    const hc_predicate *filter = hc__plan_filter(plan, &plan->walk);
    hc__stage stages[2];
    size_t count = hc__plan_stages(plan, stages);
    hc_status status = HC_OK;

    hc__buf_format(e->out, "class A\nindex %s\n", index_name(plan, plan->walk.index));
    put_order(e->out, plan);
    hc__buf_format(e->out, "streams %zu\n", count * plan->stream_count);
    hc__run_project(e->run, true);
    for (size_t i = 0; i < count && status == HC_OK; i++) {
        const hc_predicate *where = hc__plan_stream(plan, &stages[i], 0);
        hc_op op;

        if (where == NULL || filter == NULL)
            return hc__no_memory(err);
        op = hc__run_op(e->run, where, filter, plan->walk.index);
        op.order = stages[i].order;
        op.order_count = stages[i].order_count;
        op.limit = (int64_t)e->run->wanted;
        op.scan_limit = HC__EXAMINE_LIMIT;
        status = put_op(e, &op);
    }
    return status;
}

/* Relevance is always read from the words, distance from the places; else what narrows most. */
static hc_status selected(hc_op *op, hc__run *run, hc_error *err)
{
    const hc__plan *plan = run->plan;
    const hc__access *access = plan->guess.score >= 0 ? &plan->guess : &plan->select;
    bool nearest = plan->keys[0].field == HC__SORT_DISTANCE && !plan->keys[0].descending;
    const hc_predicate *where, *filter;

    for (size_t i = 0; i < plan->key_count; i++)
        if (plan->keys[i].field == HC__SORT_RELEVANCE)
            return hc__ranking_op(op, run, err);
    where = nearest ? hc__plan_around(plan, plan->near->numbers[2]) : hc__plan_where(plan, access);
    filter = nearest ? hc__plan_beside_near(plan) : hc__plan_filter(plan, access);
    if (where == NULL || filter == NULL)
        return hc__no_memory(err);
    hc__run_project(run, false);
    *op = hc__run_op(run, where, filter, nearest ? hc__place_index(plan) : access->index);
    return HC_OK;
}

static hc_status put_selection(const explaining *e, hc_error *err)
{
    const hc__plan *plan = e->run->plan;
    hc_op op = {.index = HC_INDEX_ANY};
    hc_status status;

    status = selected(&op, e->run, err);
    if (status < 0)
        return status;
    hc__buf_format(e->out, "class B\nindex %s\n",
                   op.where != NULL && op.where == plan->match ? "words" : index_name(plan, op.index));
    put_order(e->out, plan);
    if (plan->guess.score >= 0 && !hc__plan_walks(plan))
        hc__buf_format(e->out, "over %d rows: index %s\n", HC__GUESS_LIMIT, index_name(plan, plan->select.index));
    if (plan->walk.score >= 0)
        hc__buf_format(e->out, "over %d rows: index %s\n",
                       plan->guess.score >= 0 && hc__plan_walks(plan) ? HC__GUESS_LIMIT : HC__PROBE_LIMIT,
                       index_name(plan, plan->walk.index));
    op.scan_limit = HC__EXAMINE_LIMIT;
    return put_op(e, &op);
}

hc_status hc__list_explain(hc__buf *out, const hc__query *query, const hc__list_context *context,
                           hc_status (*more)(const hc_op *op, hc__buf *out, void *data), void *data, hc_error *err)
{
    hc__arena scratch;
    hc__plan plan;
    hc__run run;
    explaining e = {out, &run, more, data};
    hc_status status;

    hc__arena_init(&scratch, query->arena.mem, NULL, 0);
    status = hc__plan_make(&plan, &scratch, query, context, context->now, err);
    if (status == HC_OK) {
        hc__run_init(&run, &plan, &scratch, &scratch, NULL);
        status = plan.guess.score < 0 && hc__plan_walks(&plan) ? put_walk(&e, err) : put_selection(&e, err);
    }
    if (status == HC_OK && plan.residual_count > 0)
        hc__buf_format(out, "tested here: %zu clauses\n", plan.residual_count);
    if (status == HC_OK && out->failed)
        status = hc__no_memory(err);
    hc__arena_free(&scratch);
    return status;
}
