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

static uint64_t found_in(const hc__row_view *row, uint16_t field)
{
    return (uint64_t)hc__row_value(row, field)->as.integer;
}

int64_t hc__relevance(const hc__run *run, const hc__row_view *row)
{
    uint64_t place = found_in(row, hc__property_f_words_place);

    if (run->plan->guard == HC_NO_FIELD)
        place |= found_in(row, hc__property_f_words_hidden);
    return 8 * __builtin_popcountll(found_in(row, hc__property_f_words_title)) + 4 * __builtin_popcountll(place) +
           __builtin_popcountll(found_in(row, hc__property_f_words_text));
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

/* ---- an index that holds all that the ranking reads ---- */

static bool holds_field(const hc_kind *kind, const hc_index *index, uint16_t field)
{
    if (field == 0 || kind->fields[field].type == HC_TYPE_TOKENS)
        return true;
    for (uint32_t i = 0; i < index->field_count; i++)
        if (index->fields[i] == field)
            return true;
    return false;
}

static bool holds_predicate(const hc_kind *kind, const hc_index *index, const hc_predicate *p)
{
    for (size_t i = 0; p->test != HC_TEST_EXISTS && i < p->child_count; i++)
        if (!holds_predicate(kind, index, p->children[i]))
            return false;
    if (p->test == HC_TEST_EXISTS)
        return p->inner == HC_NO_FIELD || holds_field(kind, index, p->field);
    return p->field == HC_NO_FIELD || holds_field(kind, index, p->field);
}

static int32_t ranking_index(const hc__run *run, const hc_predicate *filter)
{
    const hc_kind *kind = &run->plan->entity->kind;

    for (uint32_t i = 0; i < kind->index_count; i++) {
        const hc_index *index = &kind->indexes[i];
        bool holds = (index->flags & HC_INDEX_ARRIVAL) != 0 && holds_predicate(kind, index, filter);

        for (size_t j = 0; holds && j < run->field_count; j++)
            holds = holds_field(kind, index, run->fields[j]);
        if (holds)
            return (int32_t)i;
    }
    return HC_INDEX_ANY;
}

hc_status hc__ranking_op(hc_op *out, hc__run *run, hc_error *err)
{
    hc__plan *plan = run->plan;
    hc__access words = {HC_INDEX_ANY, 0, hc__arena_zero(run->scratch, 1, plan->part_count)};
    const hc_predicate *filter;

    if (words.used == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < plan->part_count; i++)
        words.used[i] = plan->parts[i] == plan->match;
    filter = hc__plan_filter(plan, &words);
    if (filter == NULL)
        return hc__no_memory(err);
    hc__run_project(run, false);
    *out = hc__run_op(run, plan->match, filter, ranking_index(run, filter));
    out->scan_limit = HC__EXAMINE_LIMIT;
    return HC_OK;
}

hc_status hc__run_ranked(hc__run *run, hc_error *err)
{
    hc_op op;
    hc_status status = hc__ranking_op(&op, run, err);

    if (status < 0)
        return status;
    run->accept_limit = RANKED_LIMIT;
    op.limit = run->plan->residual_count == 0 ? RANKED_LIMIT + 1 : 0;
    status = hc__run_batch(run, &op, 1, err);
    run->capped = run->capped || run->cut;
    run->cut = false;
    return status;
}
