#include "query/run.h"

#include <string.h>
#include "base/fail.h"
#include "base/time.h"
#include "query/geo.h"
#include "query/listing.h"

#define NO_COLUMN 0xFF

void hc__run_init(hc__run *run, hc__plan *plan, hc__arena *page, hc__arena *scratch, const hc__position *after)
{
    memset(run, 0, sizeof(*run));
    run->plan = plan;
    run->page = page;
    run->scratch = scratch;
    run->after = after;
    run->wanted = (size_t)plan->query->limit + 1;
}

/* ---- projection ---- */

void hc__run_read(hc__run *run, uint16_t field)
{
    if (run->columns[field] != NO_COLUMN)
        return;
    run->columns[field] = (uint8_t)run->field_count;
    run->fields[run->field_count++] = field;
}

static void project_shown(hc__run *run)
{
    const hc__entity *entity = run->plan->entity;
    const uint64_t *chosen = run->plan->query->fields;
    bool guarded = false;

    hc__run_read(run, 0);
    for (uint32_t i = 1; i < entity->kind.field_count; i++) {
        bool asked = chosen == NULL || (chosen[i / 64] >> i % 64 & 1) != 0 || i == entity->version;

        if (!asked || entity->info[i].privacy == HC__SECRET)
            continue;
        hc__run_read(run, (uint16_t)i);
        guarded = guarded || entity->info[i].privacy == HC__PUBLIC_ADDRESS;
    }
    run->shown_count = run->field_count;
    if (guarded && run->plan->guard != HC_NO_FIELD)
        hc__run_read(run, run->plan->guard);
}

static void project_key(hc__run *run, uint16_t field)
{
    static const uint16_t places[] = {hc__property_f_latitude, hc__property_f_longitude};
    static const uint16_t days[] = {hc__property_f_days_to_close, hc__property_f_list_date};
    static const uint16_t words[] = {hc__property_f_words_title, hc__property_f_words_place, hc__property_f_words_text,
                                     hc__property_f_words_hidden};
    const uint16_t *several = &field;
    size_t count = 1;

    if (field == HC__SORT_DISTANCE || field == HC__SORT_DAYS_ON_MARKET) {
        several = field == HC__SORT_DISTANCE ? places : days;
        count = 2;
    } else if (field == HC__SORT_RELEVANCE) {
        several = words;
        count = run->plan->guard == HC_NO_FIELD ? 4 : 3; /* where plan->match looks */
    }
    for (size_t i = 0; i < count; i++)
        hc__run_read(run, several[i]);
}

void hc__run_project(hc__run *run, bool rows)
{
    static const uint16_t texts[] = {hc__property_f_title,       hc__property_f_city,
                                     hc__property_f_address,     hc__property_f_zip_code,
                                     hc__property_f_description, hc__property_f_display_address_ok};
    const hc__plan *plan = run->plan;
    uint64_t needed[(HC__FIELD_LIMIT + 63) / 64] = {0};

    memset(run->columns, NO_COLUMN, sizeof(run->columns));
    run->field_count = run->shown_count = 0;
    if (rows)
        project_shown(run);
    hc__run_read(run, 0);
    /* Only the ranking itself can ask where words stand, and it reads no rows to show. */
    for (size_t i = 0; i < plan->key_count; i++)
        if (!rows || plan->keys[i].field != HC__SORT_RELEVANCE)
            project_key(run, plan->keys[i].field);
    for (size_t i = 0; run->test_words && i < sizeof(texts) / sizeof(texts[0]); i++)
        hc__run_read(run, texts[i]);
    for (size_t i = 0; i < plan->residual_count; i++)
        hc__needed(needed, plan->entity, plan->guard, plan->residual[i]);
    for (uint16_t i = 0; plan->residual_count > 0 && i < plan->entity->kind.field_count; i++)
        if ((needed[i / 64] >> i % 64 & 1) != 0)
            hc__run_read(run, i);
    run->with_rows = rows;
}

/* ---- one row ---- */

static void key_of(int64_t *out, bool *null, const hc__run *run, uint16_t field, const hc__row_view *row)
{
    const hc__query *query = run->plan->query;
    const hc_value *value, *other;

    *null = false;
    switch (field) {
    case HC__SORT_DISTANCE:
        value = hc__row_value(row, hc__property_f_latitude);
        other = hc__row_value(row, hc__property_f_longitude);
        /* the row is in a circle, so it has a place */
        *out = hc__geo_metres(query->near_latitude, query->near_longitude, value->as.integer, other->as.integer);
        return;
    case HC__SORT_DAYS_ON_MARKET:
        *null = !hc__listing_days_of(out, hc__row_value(row, hc__property_f_days_to_close),
                                     hc__row_value(row, hc__property_f_list_date), hc__day_of(run->plan->now));
        return;
    case HC__SORT_RELEVANCE:
        *out = hc__relevance(run, row);
        return;
    default:
        value = hc__row_value(row, field);
        *null = value->type == HC_TYPE_NULL;
        *out = *null ? 0 : value->as.integer;
        return;
    }
}

static void position_of(hc__position *out, const hc__run *run, const hc__row_view *row)
{
    const hc_value *id = hc__row_value(row, 0);

    out->nulls = 0;
    for (size_t i = 0; i < run->plan->key_count; i++) {
        bool null;

        out->keys[i] = 0;
        key_of(&out->keys[i], &null, run, run->plan->keys[i].field, row);
        if (null)
            out->nulls = (uint8_t)(out->nulls | 1 << i);
    }
    memcpy(out->id.bytes, id->as.bytes, sizeof(out->id.bytes));
}

static bool residual_holds(const hc__run *run, const hc__row_view *row)
{
    const hc__plan *plan = run->plan;

    for (size_t i = 0; i < plan->residual_count; i++)
        if (!hc__holds(plan->entity, plan->guard, plan->residual[i], row))
            return false;
    return !run->test_words || hc__words_hold(run, row);
}

/* The fields that rows show. What the reader may not see of an address becomes null here. */
static hc_status put_record(hc__run *run, hc__record *record, const hc__row_view *row, hc_error *err)
{
    const hc__entity *entity = run->plan->entity;
    bool masked = run->plan->guard != HC_NO_FIELD && run->columns[run->plan->guard] != NO_COLUMN &&
                  !hc__row_shows(row, run->plan->guard);
    hc_status status = HC_OK;

    if (record->values == NULL)
        status = hc__record_init(record, entity, run->page, err);
    if (status == HC_OK && !hc__record_fill(record, run->fields, row->values, run->shown_count))
        status = hc__no_memory(err);
    for (size_t i = 0; masked && i < entity->guarded_count && status == HC_OK; i++)
        if (entity->info[entity->guarded[i]].privacy == HC__PUBLIC_ADDRESS)
            record->values[entity->guarded[i]] = (hc_value){HC_TYPE_NULL, 0, {0}};
    return status;
}

/* The last entry's record, if there is one, serves the new row. */
static hc__entry *insert(hc__run *run, const hc__position *at)
{
    size_t low, last;
    hc__record spare = {.values = NULL};

    if (run->count == run->wanted)
        spare = run->entries[--run->count].row;
    last = run->count;
    low = last;
    while (low > 0 && !run->alone && hc__plan_compare(run->plan, at, &run->entries[low - 1].at) < 0)
        low--;
    memmove(&run->entries[low + 1], &run->entries[low], (last - low) * sizeof(run->entries[0]));
    run->entries[low].at = *at;
    run->entries[low].row = spare;
    run->count++;
    return &run->entries[low];
}

void hc__run_cut(hc__run *run, const hc__position *at)
{
    if (!run->cut || hc__plan_compare(run->plan, at, &run->scanned) < 0)
        run->scanned = *at;
    run->cut = true;
}

static void note_scanned(hc__run *run, const hc_row *row)
{
    hc__position at = {.nulls = run->null_key};

    if (!run->ordered)
        return;
    if (row->count > 1)
        at.keys[0] = row->values[0].as.integer;
    memcpy(at.id.bytes, row->values[row->count - 1].as.bytes, sizeof(at.id.bytes));
    hc__run_cut(run, &at);
}

/* Whether the row is none of the best, and whether its stream has no more of them. */
static bool too_late(const hc__run *run, const hc__position *at)
{
    return run->count == run->wanted && hc__plan_compare(run->plan, at, &run->entries[run->count - 1].at) > 0;
}

static hc_status on_row(const hc_row *row, void *data, hc_error *err)
{
    hc__run *run = data;
    hc__row_view view = {row->values, run->columns};
    hc__position at;
    hc__entry *entry;
    hc_status status = HC_OK;

    if (row->what == HC_ROW_SCANNED) {
        note_scanned(run, row);
        return HC_OK;
    }
    if (run->last != NULL)
        position_of(&run->last[row->op], run, &view);
    if (!residual_holds(run, &view))
        return HC_OK;
    run->accepted++;
    if (run->accept_limit != 0 && run->accepted > run->accept_limit) {
        run->capped = true;
        return 1;
    }
    position_of(&at, run, &view);
    if (run->within != 0 && at.keys[0] > run->within)
        return HC_OK;
    if (!run->ordered && run->after != NULL && hc__plan_compare(run->plan, &at, run->after) <= 0)
        return HC_OK;
    if (too_late(run, &at))
        return run->ordered ? 1 : HC_OK;
    entry = insert(run, &at);
    /* The last of the wanted ones tells that there are more, and is never given out. */
    if (run->with_rows && entry != &run->entries[run->wanted - 1])
        status = put_record(run, &entry->row, &view, err);
    return status == HC_OK && run->alone && run->count == run->wanted ? 1 : status;
}

/* ---- operations ---- */

/* Where words alone select, they drive the scan: newest first is the order in which an engine has them at hand. */
hc_op hc__run_op(const hc__run *run, const hc_predicate *where, const hc_predicate *filter, int32_t index)
{
    static const hc_order newest = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
    bool by_words = where == run->plan->match;

    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = &run->plan->entity->kind,
                   .where = where->test == HC_TEST_TRUE ? NULL : where,
                   .filter = filter->test == HC_TEST_TRUE ? NULL : filter,
                   .fields = run->fields,
                   .field_count = run->field_count,
                   .order = by_words ? &newest : NULL,
                   .order_count = by_words ? 1 : 0,
                   /* A hint must be one that the engine can follow. */
                   .index = where->test == HC_TEST_FALSE ? HC_INDEX_ANY : index};
}

hc_status hc__run_batch(hc__run *run, hc_op *ops, size_t count, hc_error *err)
{
    hc_batch batch = {.struct_size = sizeof(batch), .ops = ops, .op_count = count, .on_row = on_row, .data = run};
    hc_op_result *results = hc__arena_zero(run->scratch, count, sizeof(*results));
    hc_status status;

    if (run->entries == NULL)
        run->entries = hc__arena_alloc(run->scratch, run->wanted * sizeof(*run->entries));
    if (results == NULL || run->entries == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++)
        ops[i].result = &results[i];
    batch.flags = run->rough ? HC_BATCH_ROUGH : 0;
    status = run->plan->context->execute(&batch, run->plan->context->data, err);
    for (size_t i = 0; i < count; i++) {
        run->examined += results[i].examined;
        run->cut = run->cut || results[i].cut != 0;
    }
    return status < 0 ? status : HC_OK;
}

hc_status hc__too_broad(const hc__run *run, const char *what, hc_error *err)
{
    const char *field = hc__plan_narrower(run->plan);

    return hc__fail(err, HC_ERR_TOO_BROAD, field, "%s more than %d rows: narrow the search by %s", what,
                    HC__EXAMINE_LIMIT, field);
}

/* ---- rows by id ---- */

typedef struct fetching {
    hc__run *run;
} fetching;

/* All of them match: a reading by id has no end before its rows'. */
static hc_status on_fetched(const hc_row *row, void *data, hc_error *err)
{
    hc__run *run = ((fetching *)data)->run;
    hc__row_view view = {row->values, run->columns};
    const hc_value *id = hc__row_value(&view, 0);

    for (size_t i = 0; i < run->count; i++) {
        if (run->entries[i].row.values == NULL && memcmp(run->entries[i].at.id.bytes, id->as.bytes, 16) == 0)
            return put_record(run, &run->entries[i].row, &view, err);
    }
    return HC_OK;
}

hc_status hc__run_fetch(hc__run *run, hc_error *err)
{
    static const hc_predicate always = {.test = HC_TEST_TRUE, .field = HC_NO_FIELD, .inner = HC_NO_FIELD};
    const hc_predicate *policy = run->plan->context->policy;
    fetching data = {run};
    hc_batch batch = {.struct_size = sizeof(batch), .op_count = 1, .on_row = on_fetched, .data = &data};
    const hc_predicate *where;
    hc_value *ids;
    hc_op op;
    size_t kept = 0;
    hc_status status;

    if (run->count == 0)
        return HC_OK;
    ids = hc__arena_zero(run->scratch, run->count, sizeof(*ids));
    if (ids == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < run->count; i++)
        ids[i] = (hc_value){HC_TYPE_ID, 16, {.bytes = run->entries[i].at.id.bytes}};
    where = hc__predicate_leaf(run->scratch, 0, HC_TEST_IN, ids, run->count);
    if (where == NULL)
        return hc__no_memory(err);
    hc__run_project(run, true);
    op = hc__run_op(run, where, policy == NULL ? &always : policy, HC_INDEX_ID);
    batch.ops = &op;
    status = run->plan->context->execute(&batch, run->plan->context->data, err);
    if (status < 0)
        return status;
    for (size_t i = 0; i < run->count; i++)
        if (run->entries[i].row.values != NULL)
            run->entries[kept++] = run->entries[i];
    run->count = kept;
    return HC_OK;
}
