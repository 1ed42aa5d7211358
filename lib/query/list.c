#include "query/query.h"

#include <string.h>
#include "base/fail.h"
#include "query/cursor.h"
#include "query/run.h"

#define SCRATCH_SIZE 8192

/* ---- choosing the way ---- */

static hc_status run_sorted(hc__run *run, hc_error *err)
{
    const hc__plan *plan = run->plan;
    bool can_walk = plan->walk.score >= 0, walks = hc__plan_walks(plan), too_many = true;
    hc_status status = HC_OK;

    if (plan->guess.score >= 0)
        status = hc__run_select(run, &too_many, &plan->guess, HC__GUESS_LIMIT, err);
    if (status == HC_OK && too_many && !walks)
        status = hc__run_select(run, &too_many, &plan->select,
                                can_walk ? HC__PROBE_LIMIT : HC__EXAMINE_LIMIT - run->examined, err);
    if (status < 0 || !too_many)
        return status;
    if (can_walk)
        return hc__run_walk(run, HC__EXAMINE_LIMIT, err);
    return hc__too_broad(run, "this order must look at", err);
}

static hc_status run_any(hc__run *run, hc_error *err)
{
    const hc__plan *plan = run->plan;
    hc_status status;

    for (size_t i = 0; i < plan->key_count; i++)
        if (plan->keys[i].field == HC__SORT_RELEVANCE)
            return hc__run_ranked(run, err);
    if (plan->keys[0].field == HC__SORT_DISTANCE && !plan->keys[0].descending)
        status = hc__run_nearest(run, err);
    else
        status = run_sorted(run, err);
    return status;
}

/* ---- the page ---- */

typedef struct sealing {
    hc__arena *arena;
    const hc__plan *plan;
    const hc__bound *bound; /* NULL until it is needed: many a page is the only one */
} sealing;

static hc_status seal(hc__late_cursor **out, sealing *with, const hc__position *at, bool reverse, hc_error *err)
{
    hc__late_cursor *late = hc__arena_alloc(with->arena, sizeof(*late));

    if (with->bound == NULL)
        with->bound = hc__cursor_bound(with->arena, with->plan->query, with->plan->context);
    *out = late;
    if (late == NULL || with->bound == NULL)
        return hc__no_memory(err);
    late->cursor = (hc__cursor){reverse, with->plan->now, with->plan->key_count, *at};
    late->bound = with->bound;
    late->key = with->plan->context->cursor_key;
    atomic_init(&late->made, 0);
    return HC_OK;
}

static hc_status copy_rows(hc__list *out, const hc__run *run, hc_error *err)
{
    out->rows = hc__arena_alloc(run->page, (run->count + 1) * sizeof(*out->rows));
    if (out->rows == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < run->count; i++)
        out->rows[i] = run->entries[run->plan->reverse ? run->count - 1 - i : i].row;
    out->count = run->count;
    return HC_OK;
}

/* Rows lie in the direction of reading: `ahead` goes on, `behind` is where the reader came from. */
static hc_status finish(hc__list *out, hc__run *run, sealing *with, hc_error *err)
{
    hc__late_cursor **ahead = run->plan->reverse ? &out->previous : &out->next;
    hc__late_cursor **behind = run->plan->reverse ? &out->next : &out->previous;
    bool more = run->count == run->wanted;
    hc__position first, last;
    bool any;
    hc_status status = HC_OK;

    if (more)
        run->count--;
    any = run->count > 0;
    if (any) {
        first = run->entries[0].at;
        last = run->entries[run->count - 1].at;
    }
    if (!run->with_rows)
        status = hc__run_fetch(run, err);
    if (status == HC_OK && any && more)
        status = seal(ahead, with, &last, run->plan->reverse, err);
    else if (status == HC_OK && run->cut)
        status = seal(ahead, with, &run->scanned, run->plan->reverse, err);
    if (status == HC_OK && run->after != NULL && (any || run->cut))
        status = seal(behind, with, any ? &first : &run->scanned, !run->plan->reverse, err);
    if (status == HC_OK)
        status = copy_rows(out, run, err);
    out->is_short = run->cut && !more;
    out->is_capped = run->capped;
    out->has_more = out->next != NULL;
    return status;
}

static hc_status list(hc__list *out, hc__arena *arena, hc__arena *scratch, const hc__query *query,
                      const hc__list_context *context, hc_error *err)
{
    uint8_t binding[HC__BINDING_SIZE];
    hc__cursor cursor = {.now = context->now};
    hc__plan plan;
    hc__run run;
    sealing with = {arena, &plan, NULL};
    hc_status status = HC_OK;

    if (query->cursor != NULL) {
        with.bound = hc__cursor_bound(arena, query, context);
        if (with.bound == NULL)
            return hc__no_memory(err);
        hc__cursor_binding(binding, with.bound, context->cursor_key);
        status = hc__cursor_open(&cursor, arena->mem, query->cursor, binding, context->cursor_key, err);
    }
    if (status == HC_OK)
        status = hc__plan_make(&plan, scratch, query, context, cursor.now, err);
    if (status < 0)
        return status;
    if (query->cursor != NULL && cursor.key_count != plan.key_count)
        return hc__fail(err, HC_ERR_INVALID, "cursor", "this cursor was made for another order");
    plan.reverse = cursor.reverse;
    hc__run_init(&run, &plan, arena, scratch, query->cursor == NULL ? NULL : &cursor.at);
    status = run_any(&run, err);
    out->examined = run.examined;
    if (status == HC_OK)
        status = finish(out, &run, &with, err);
    if (status == HC_OK && query->count > 0)
        status = hc__run_total(&out->total, &out->total_is_exact, &run, query->count + 1, err);
    out->counted = run.examined - out->examined;
    return status;
}

hc_status hc__list_run(hc__list *out, hc__arena *arena, const hc__query *query, const hc__list_context *context,
                       hc_error *err)
{
    uint8_t first[SCRATCH_SIZE];
    hc__arena scratch;
    hc_status status;

    *out = (hc__list){.total = -1};
    hc__arena_init(&scratch, arena->mem, first, sizeof(first));
    status = list(out, arena, &scratch, query, context, err);
    hc__arena_free(&scratch);
    if (status < 0)
        *out = (hc__list){.total = -1, .examined = out->examined, .counted = out->counted};
    return status;
}
