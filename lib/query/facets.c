/* Counts by city, status, type and price band: one reading of the rows that a query selects. */
#include <string.h>
#include "base/fail.h"
#include "base/map.h"
#include "query/run.h"

#define CITY_LIMIT 100
#define WORD_LIMIT 8 /* words of status or type, and null */

/* Lower bounds in cents. */
static const int64_t bands[] = {0,        10000000,  20000000,  30000000,  40000000, 50000000,
                                75000000, 100000000, 150000000, 200000000, 500000000};
#define BAND_COUNT (sizeof(bands) / sizeof(bands[0]))

typedef struct spelling {
    const char *text;
    int64_t count;
    struct spelling *next;
} spelling;

typedef struct city {
    spelling *spellings;
    int64_t count;
    struct city *next;
} city;

typedef struct tally {
    hc__run *run;
    hc__arena *arena;
    hc__map map; /* city by its norm */
    city *cities;
    size_t city_count;
    const char *currency; /* of the prices that bands are of; NULL: any */
    int64_t status[WORD_LIMIT], type[WORD_LIMIT], price[BAND_COUNT];
} tally;

static bool add_spelling(tally *t, city *of, const hc_value *text)
{
    spelling *at = of->spellings;

    while (at != NULL && (strlen(at->text) != text->size || memcmp(at->text, text->as.bytes, text->size) != 0))
        at = at->next;
    if (at == NULL) {
        at = hc__arena_zero(t->arena, 1, sizeof(*at));
        if (at == NULL)
            return false;
        at->text = hc__arena_text(t->arena, text->as.bytes, text->size);
        at->next = of->spellings;
        of->spellings = at;
    }
    at->count++;
    return at->text != NULL;
}

static bool add_city(tally *t, const hc_value *text, const hc_value *norm)
{
    const hc_value *key = norm->type == HC_TYPE_NULL ? text : norm;
    city *at = hc__map_get(&t->map, key->as.bytes, key->size);

    if (at == NULL) {
        at = hc__arena_zero(t->arena, 1, sizeof(*at));
        if (at == NULL || !hc__map_put(&t->map, key->as.bytes, key->size, at))
            return false;
        at->next = t->cities;
        t->cities = at;
        t->city_count++;
    }
    at->count++;
    return add_spelling(t, at, text);
}

static void add_word(int64_t counts[WORD_LIMIT], const hc_value *value)
{
    uint64_t code = value->type == HC_TYPE_NULL ? 0 : (uint64_t)value->as.integer;

    if (code < WORD_LIMIT)
        counts[code]++;
}

static void add_price(tally *t, const hc_value *price, const hc_value *currency)
{
    size_t band = 0;

    if (t->currency != NULL &&
        (currency->size != strlen(t->currency) || memcmp(currency->as.bytes, t->currency, currency->size) != 0))
        return;
    while (band + 1 < BAND_COUNT && price->as.integer >= bands[band + 1])
        band++;
    t->price[band]++;
}

static hc_status on_row(const hc_row *row, void *data, hc_error *err)
{
    tally *t = data;
    const hc__plan *plan = t->run->plan;
    hc__row_view view = {row->values, t->run->columns};

    if (row->what != HC_ROW_MATCH)
        return HC_OK;
    for (size_t i = 0; i < plan->residual_count; i++)
        if (!hc__holds(plan->entity, plan->guard, plan->residual[i], &view))
            return HC_OK;
    add_price(t, hc__row_value(&view, hc__property_f_price), hc__row_value(&view, hc__property_f_currency));
    add_word(t->status, hc__row_value(&view, hc__property_f_status));
    add_word(t->type, hc__row_value(&view, hc__property_f_property_type));
    if (!add_city(t, hc__row_value(&view, hc__property_f_city), hc__row_value(&view, hc__property_f_city_norm)))
        return hc__no_memory(err);
    return HC_OK;
}

/* ---- the answer ---- */

static bool before(const hc__facet *a, const hc__facet *b)
{
    if (a->dimension != b->dimension)
        return a->dimension < b->dimension;
    if (a->count != b->count)
        return a->count > b->count;
    if (a->text != NULL && b->text != NULL)
        return strcmp(a->text, b->text) < 0;
    return a->text == NULL && b->text == NULL ? a->low < b->low : b->text == NULL;
}

/* Merge sort: stable, and no more than its own halves of memory. */
static void sort_facets(hc__facet *items, hc__facet *spare, size_t count)
{
    size_t half = count / 2, left = 0, right = half;

    if (count < 2)
        return;
    sort_facets(items, spare, half);
    sort_facets(items + half, spare, count - half);
    memcpy(spare, items, count * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        bool from_right = left == half || (right < count && before(&spare[right], &spare[left]));

        items[i] = from_right ? spare[right++] : spare[left++];
    }
}

static const char *usual_spelling(const city *of)
{
    const spelling *best = of->spellings;

    for (const spelling *at = best->next; at != NULL; at = at->next)
        if (at->count > best->count || (at->count == best->count && strcmp(at->text, best->text) < 0))
            best = at;
    return best->text;
}

static size_t put_words(hc__facet *out, int32_t dimension, uint16_t field, const int64_t counts[WORD_LIMIT])
{
    const char *const *words = hc__property_entity.kind.fields[field].words;
    size_t count = 0;

    for (size_t i = 0; i < WORD_LIMIT && (i == 0 || words[i - 1] != NULL); i++) /* others are a later version's */
        if (counts[i] > 0)
            out[count++] = (hc__facet){dimension, i == 0 ? NULL : words[i - 1], 0, 0, counts[i]};
    return count;
}

static hc_status put_facets(const hc__facet **out, size_t *count, const tally *t, hc_error *err)
{
    size_t most = t->city_count + 2 * WORD_LIMIT + BAND_COUNT, used = 0, kept = 0;
    hc__facet *items = hc__arena_zero(t->arena, most, sizeof(*items));
    hc__facet *spare = hc__arena_zero(t->arena, most, sizeof(*spare));

    if (items == NULL || spare == NULL)
        return hc__no_memory(err);
    for (const city *at = t->cities; at != NULL; at = at->next)
        items[used++] = (hc__facet){HC__FACET_CITY, usual_spelling(at), 0, 0, at->count};
    used += put_words(items + used, HC__FACET_STATUS, hc__property_f_status, t->status);
    used += put_words(items + used, HC__FACET_TYPE, hc__property_f_property_type, t->type);
    for (size_t i = 0; i < BAND_COUNT; i++)
        if (t->price[i] > 0)
            items[used++] = (hc__facet){HC__FACET_PRICE, NULL, bands[i], i + 1 < BAND_COUNT ? bands[i + 1] : INT64_MAX,
                                        t->price[i]};
    sort_facets(items, spare, used);
    for (size_t i = 0; i < used; i++)
        if (items[i].dimension != HC__FACET_CITY || i < CITY_LIMIT)
            items[kept++] = items[i];
    *out = items;
    *count = kept;
    return HC_OK;
}

static hc_status tally_rows(tally *t, hc_error *err)
{
    static const uint16_t fields[] = {hc__property_f_city,          hc__property_f_city_norm, hc__property_f_status,
                                      hc__property_f_property_type, hc__property_f_price,     hc__property_f_currency};
    hc__run *run = t->run;
    const hc__access *select = &run->plan->select;
    const hc_predicate *where = hc__plan_where(run->plan, select), *filter = hc__plan_filter(run->plan, select);
    hc_op_result result = {0};
    hc_batch batch = {.struct_size = sizeof(batch), .op_count = 1, .on_row = on_row, .data = t};
    hc_status status;
    hc_op op;

    if (where == NULL || filter == NULL)
        return hc__no_memory(err);
    run->plan->key_count = 0;
    hc__run_project(run, false);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        hc__run_read(run, fields[i]);
    op = hc__run_op(run, where, filter, select->index);
    op.scan_limit = HC__EXAMINE_LIMIT;
    op.result = &result;
    batch.ops = &op;
    status = run->plan->context->execute(&batch, run->plan->context->data, err);
    if (status < 0)
        return status;
    return result.cut != 0 ? hc__too_broad(run, "the counts are over", err) : HC_OK;
}

/* As hc__listing_defaults() has it: who names a currency means the prices in it. */
static const char *currency_of(const hc__query *query, const hc__list_context *context)
{
    bool named = query->where != NULL && hc__expr_names(query->where, hc__property_f_currency);

    return named ? NULL : context->currency;
}

hc_status hc__list_facets(const hc__facet **out, size_t *count, hc__arena *arena, const hc__query *query,
                          const hc__list_context *context, hc_error *err)
{
    hc__query unordered = *query;
    hc__arena scratch;
    hc__plan plan;
    hc__run run;
    tally t = {.run = &run, .arena = arena, .currency = currency_of(query, context)};
    hc_status status;

    *out = NULL;
    *count = 0;
    if (query->entity != &hc__property_entity)
        return hc__fail(err, HC_ERR_UNSUPPORTED, NULL, "only listings have facets");
    hc__arena_init(&scratch, arena->mem, NULL, 0);
    hc__map_init(&t.map, arena->mem);
    unordered.sort_count = 0;
    status = hc__plan_make(&plan, &scratch, &unordered, context, context->now, err);
    if (status == HC_OK) {
        hc__run_init(&run, &plan, arena, &scratch, NULL);
        status = tally_rows(&t, err);
    }
    if (status == HC_OK)
        status = put_facets(out, count, &t, err);
    hc__map_free(&t.map);
    hc__arena_free(&scratch);
    return status;
}
