/* Relevance: per word of q, title 8, city, address or zip code 4, description 1; over the newest matches only. */
#include "base/fail.h"
#include "query/run.h"

#define RANKED_LIMIT 2000

static bool shows_address(const hc__run *run, const hc__row_view *row)
{
    return run->plan->guard == HC_NO_FIELD || hc__row_shows(row, run->plan->guard);
}

static uint32_t seek_in(const hc__run *run, uint32_t found, const hc__row_view *row, uint16_t field)
{
    const hc_value *value = hc__row_value(row, field);

    return value->type == HC_TYPE_NULL ? found : hc__seek(run->seeker, found, value->as.bytes, value->size);
}

bool hc__words_hold(const hc__run *run, const hc__row_view *row)
{
    static const uint16_t fields[] = {hc__property_f_title, hc__property_f_city, hc__property_f_zip_code,
                                      hc__property_f_description};
    uint32_t found = 0;

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        found = seek_in(run, found, row, fields[i]);
    if (shows_address(run, row))
        found = seek_in(run, found, row, hc__property_f_address);
    return found == run->seeker->all;
}

int64_t hc__relevance(const hc__run *run, const hc__row_view *row)
{
    uint32_t title = seek_in(run, 0, row, hc__property_f_title);
    uint32_t place = seek_in(run, 0, row, hc__property_f_city);
    uint32_t text;

    place = seek_in(run, place, row, hc__property_f_zip_code);
    if (shows_address(run, row))
        place = seek_in(run, place, row, hc__property_f_address);
    /* The row matches, so a word that is nowhere else is in the description: the longest text is rarely looked at. */
    text = seek_in(run, run->seeker->all & ~(title | place), row, hc__property_f_description);
    return 8 * __builtin_popcount(title) + 4 * __builtin_popcount(place) + __builtin_popcount(text);
}

hc_status hc__run_seek(hc__run *run, hc_error *err)
{
    hc__seeker *seeker = hc__arena_alloc(run->scratch, sizeof(*seeker));

    if (seeker == NULL)
        return hc__no_memory(err);
    hc__seeker_init(seeker, run->plan->query->words, run->plan->query->word_count);
    run->seeker = seeker;
    return HC_OK;
}

hc_status hc__run_ranked(hc__run *run, hc_error *err)
{
    static const hc_order newest = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
    hc__plan *plan = run->plan;
    hc__access words = {HC_INDEX_ANY, 0, hc__arena_zero(run->scratch, 1, plan->part_count)};
    const hc_predicate *filter;
    hc_status status = hc__run_seek(run, err);
    hc_op op;

    if (status < 0 || words.used == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < plan->part_count; i++)
        words.used[i] = plan->parts[i] == plan->match;
    filter = hc__plan_filter(plan, &words);
    if (filter == NULL)
        return hc__no_memory(err);
    run->ordered = false;
    run->accept_limit = RANKED_LIMIT;
    hc__run_project(run, false);
    op = hc__run_op(run, plan->match, filter, HC_INDEX_ANY);
    op.order = &newest;
    op.order_count = 1;
    op.limit = plan->residual_count == 0 ? RANKED_LIMIT + 1 : 0;
    op.scan_limit = HC__EXAMINE_LIMIT;
    status = hc__run_batch(run, &op, 1, err);
    run->capped = run->capped || run->cut;
    run->cut = false;
    return status;
}
