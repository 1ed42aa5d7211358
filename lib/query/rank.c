/* Relevance: per word of q, title 8, city, address or zip code 4, description 1; over the newest matches only. */
#include <string.h>
#include "base/fail.h"
#include "base/utf8.h"
#include "query/run.h"

#define RANKED_LIMIT 2000

typedef struct seeking {
    const char *const *words;
    size_t sizes[HC__WORD_LIMIT]; /* 0: exact, else the length of a prefix */
    size_t count;
    uint32_t all, found; /* bit i: word i */
} seeking;

static bool on_word(const char *coded, size_t size, void *data)
{
    seeking *s = data;

    for (size_t i = 0; i < s->count; i++) {
        size_t prefix = s->sizes[i];

        if (prefix == 0 ? strcmp(coded, s->words[i]) == 0 : size >= prefix && memcmp(coded, s->words[i], prefix) == 0)
            s->found |= UINT32_C(1) << i;
    }
    return s->found != s->all;
}

static void seek_in(seeking *s, const hc__row_view *row, uint16_t field)
{
    const hc_value *value = hc__row_value(row, field);

    if (value->type != HC_TYPE_NULL && s->found != s->all)
        hc__text_words(value->as.bytes, value->size, on_word, s);
}

static seeking seek_for(const hc__query *query)
{
    seeking s = {.words = query->words, .count = query->word_count};

    for (size_t i = 0; i < s.count; i++) {
        size_t size = strlen(s.words[i]);

        s.sizes[i] = s.words[i][size - 1] == '*' ? size - 1 : 0;
        s.all |= UINT32_C(1) << i;
    }
    return s;
}

static bool shows_address(const hc__run *run, const hc__row_view *row)
{
    return run->plan->guard == HC_NO_FIELD || hc__row_shows(row, run->plan->guard);
}

bool hc__words_hold(const hc__run *run, const hc__row_view *row)
{
    static const uint16_t fields[] = {hc__property_f_title, hc__property_f_city, hc__property_f_zip_code,
                                      hc__property_f_description};
    seeking s = seek_for(run->plan->query);

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        seek_in(&s, row, fields[i]);
    if (shows_address(run, row))
        seek_in(&s, row, hc__property_f_address);
    return s.found == s.all;
}

static int64_t points(seeking *s, const hc__row_view *row, const uint16_t *fields, size_t count, int64_t each)
{
    s->found = 0;
    for (size_t i = 0; i < count; i++)
        seek_in(s, row, fields[i]);
    return each * __builtin_popcount(s->found);
}

static hc_status relevance(int64_t *out, const hc__run *run, const hc__row_view *row)
{
    static const uint16_t title[] = {hc__property_f_title}, text[] = {hc__property_f_description};
    static const uint16_t place[] = {hc__property_f_city, hc__property_f_zip_code, hc__property_f_address};
    seeking s = seek_for(run->plan->query);
    size_t place_count = shows_address(run, row) ? 3 : 2;

    *out = points(&s, row, title, 1, 8) + points(&s, row, place, place_count, 4) + points(&s, row, text, 1, 1);
    return HC_OK;
}

hc_status hc__run_ranked(hc__run *run, hc_error *err)
{
    static const hc_order newest = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
    hc__plan *plan = run->plan;
    hc__access words = {HC_INDEX_ANY, 0, hc__arena_zero(run->scratch, 1, plan->part_count)};
    const hc_predicate *filter;
    hc_status status;
    hc_op op;

    if (words.used == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < plan->part_count; i++)
        words.used[i] = plan->parts[i] == plan->match;
    filter = hc__plan_filter(plan, &words);
    if (filter == NULL)
        return hc__no_memory(err);
    run->ordered = false;
    run->relevance = relevance;
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
