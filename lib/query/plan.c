#include "query/plan.h"

#include <string.h>
#include "base/fail.h"
#include "query/listing.h"

/* ---- conjuncts ---- */

static hc_status add_part(hc__plan *plan, const hc_predicate *part, hc_error *err)
{
    if (part == NULL)
        return hc__no_memory(err);
    if (part->test == HC_TEST_AND) {
        hc_status status = HC_OK;

        for (size_t i = 0; i < part->child_count && status == HC_OK; i++)
            status = add_part(plan, part->children[i], err);
        return status;
    }
    if (part->test == HC_TEST_TRUE)
        return HC_OK;
    if (plan->part_count == plan->part_capacity) {
        size_t capacity = plan->part_capacity == 0 ? 24 : 2 * plan->part_capacity;
        const hc_predicate **parts = hc__arena_alloc(plan->arena, capacity * sizeof(*parts));

        if (parts == NULL)
            return hc__no_memory(err);
        if (plan->part_count > 0)
            memcpy(parts, plan->parts, plan->part_count * sizeof(*parts));
        plan->parts = parts;
        plan->part_capacity = capacity;
    }
    plan->parts[plan->part_count++] = part;
    return HC_OK;
}

static bool is_centre(const hc__plan *plan, const hc__expr *expr)
{
    return plan->query->near && plan->near == NULL && expr->kind == HC__EXPR_NEAR &&
           expr->numbers[0] == plan->query->near_latitude && expr->numbers[1] == plan->query->near_longitude;
}

static hc_status add_clause(hc__plan *plan, const hc__expr *clause, hc_error *err)
{
    const hc__expr *plain = hc__resolve(plan->arena, plan->entity, clause, plan->now);
    size_t before = plan->part_count;
    const hc_predicate *part;
    hc_status status;
    bool exact;

    if (plain == NULL)
        return hc__no_memory(err);
    part = hc__lower(&exact, plan->arena, plan->entity, plan->guard, plain);
    status = add_part(plan, part, err);
    if (status == HC_OK && is_centre(plan, plain)) {
        plan->near = plain;
        plan->near_first = before;
        plan->near_count = plan->part_count - before;
    }
    if (status == HC_OK && !exact)
        plan->residual[plan->residual_count++] = plain;
    return status;
}

static hc_status add_words(hc__plan *plan, hc_error *err)
{
    const hc__query *query = plan->query;
    hc_value *values;

    if (query->word_count == 0)
        return HC_OK;
    values = hc__arena_zero(plan->arena, query->word_count, sizeof(*values));
    if (values == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < query->word_count; i++)
        values[i] = (hc_value){HC_TYPE_TOKENS, (uint32_t)strlen(query->words[i]), {.bytes = query->words[i]}};
    plan->match = hc__predicate_words(plan->arena, hc__property_f_words_title, hc__words_last(plan->context->entitled),
                                      values, query->word_count);
    return add_part(plan, plan->match, err);
}

static hc_status add_clauses(hc__plan *plan, hc_error *err)
{
    const hc__expr *where = plan->query->where, *defaults[2];
    size_t count = where == NULL ? 0 : where->kind == HC__EXPR_AND ? where->child_count : 1, default_count;
    hc_status status = hc__listing_defaults(defaults, &default_count, plan->arena, plan->query, plan->context, err);

    plan->residual = hc__arena_alloc(plan->arena, (count + 1) * sizeof(*plan->residual));
    if (plan->residual == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = add_clause(plan, where->kind == HC__EXPR_AND ? where->children[i] : where, err);
    for (size_t i = 0; i < default_count && status == HC_OK; i++)
        status = add_clause(plan, defaults[i], err);
    return status;
}

/* Every test of a field is false on null. */
static bool is_never_null(const hc__plan *plan, uint16_t field)
{
    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->parts[i]->field == field &&
            (plan->parts[i]->test == HC_TEST_NOT_NULL || plan->parts[i]->test == HC_TEST_EQ))
            return true;
    return false;
}

/* Such as listings without a status among those that a guest may see, which all have one. */
static void fold_contradictions(hc__plan *plan)
{
    static const hc_predicate never = {.test = HC_TEST_FALSE, .field = HC_NO_FIELD, .inner = HC_NO_FIELD};

    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->parts[i]->test == HC_TEST_IS_NULL && is_never_null(plan, plan->parts[i]->field))
            plan->parts[i] = &never;
}

/* ---- order ---- */

static hc__sort_key default_order(const hc__entity *entity)
{
    if (entity->order != HC_NO_FIELD)
        return (hc__sort_key){entity->order, false};
    return (hc__sort_key){entity->created_at, true};
}

static void set_keys(hc__plan *plan)
{
    const hc__query *query = plan->query;

    plan->key_count = query->sort_count;
    memcpy(plan->keys, query->sort, sizeof(plan->keys));
    if (query->sort_count == 0) {
        plan->key_count = 1;
        plan->keys[0] = default_order(plan->entity);
    }
}

int hc__plan_compare(const hc__plan *plan, const hc__position *a, const hc__position *b)
{
    int order = 0;

    for (size_t i = 0; i < plan->key_count && order == 0; i++) {
        int a_null = a->nulls >> i & 1, b_null = b->nulls >> i & 1;

        if (a_null != b_null)
            order = a_null - b_null;
        else if (a_null == 0)
            order = ((a->keys[i] > b->keys[i]) - (a->keys[i] < b->keys[i])) * (plan->keys[i].descending ? -1 : 1);
    }
    if (order == 0) {
        order = memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes));
        if (plan->keys[plan->key_count - 1].descending)
            order = -order;
    }
    return plan->reverse ? -order : order;
}

/* ---- the whole ---- */

hc_status hc__plan_make(hc__plan *plan, hc__arena *arena, const hc__query *query, const hc__list_context *context,
                        int64_t now, hc_error *err)
{
    hc_status status;

    *plan = (hc__plan){.arena = arena,
                       .query = query,
                       .context = context,
                       .entity = query->entity,
                       .now = now,
                       .guard = context->entitled ? HC_NO_FIELD : hc__address_guard(query->entity),
                       .walk = {HC_INDEX_ANY, -1, NULL},
                       .select = {HC_INDEX_ANY, 0, NULL},
                       .guess = {HC_INDEX_ANY, -1, NULL}};
    status = add_clauses(plan, err);
    if (status == HC_OK)
        status = add_words(plan, err);
    if (status == HC_OK && context->policy != NULL)
        status = add_part(plan, context->policy, err);
    fold_contradictions(plan);
    set_keys(plan);
    if (status == HC_OK)
        status = hc__query_check_sort(query, err);
    return status < 0 ? status : hc__plan_choose(plan, err);
}

/* The parts that an access uses, or those that it leaves. */
static const hc_predicate *chosen(const hc__plan *plan, const hc__access *access, bool used)
{
    const hc_predicate **items = hc__arena_alloc(plan->arena, (plan->part_count + 1) * sizeof(*items));
    size_t count = 0;

    if (items == NULL)
        return NULL;
    for (size_t i = 0; i < plan->part_count; i++)
        if ((access->used[i] != 0) == used)
            items[count++] = plan->parts[i];
    return hc__predicate_join(plan->arena, HC_TEST_AND, items, count);
}

const hc_predicate *hc__plan_where(const hc__plan *plan, const hc__access *access)
{
    return chosen(plan, access, true);
}

const hc_predicate *hc__plan_filter(const hc__plan *plan, const hc__access *access)
{
    return chosen(plan, access, false);
}

const hc_predicate *hc__plan_around(const hc__plan *plan, int64_t metres)
{
    int64_t numbers[3] = {plan->query->near_latitude, plan->query->near_longitude, metres};
    const hc__expr near = {.kind = HC__EXPR_NEAR, .field = HC_NO_FIELD, .numbers = numbers, .number_count = 3};
    bool exact;

    return hc__lower(&exact, plan->arena, plan->entity, HC_NO_FIELD, &near);
}

const hc_predicate *hc__plan_beside_near(const hc__plan *plan)
{
    const hc_predicate **items = hc__arena_alloc(plan->arena, (plan->part_count + 1) * sizeof(*items));
    size_t count = 0;

    if (items == NULL)
        return NULL;
    for (size_t i = 0; i < plan->part_count; i++) {
        bool of_near = i >= plan->near_first && i < plan->near_first + plan->near_count;

        if (!of_near || (plan->guard != HC_NO_FIELD && plan->parts[i]->field == plan->guard))
            items[count++] = plan->parts[i];
    }
    return hc__predicate_join(plan->arena, HC_TEST_AND, items, count);
}

size_t hc__plan_stages(const hc__plan *plan, hc__stage out[2])
{
    const hc__sort_key *key = &plan->keys[0];
    uint16_t flags = (uint16_t)(HC_ORDER_NOT_NULL | (key->descending != plan->reverse ? HC_ORDER_DESCENDING : 0));
    hc__stage by_key = {false, {{key->field, flags}, {0, flags}}, 2};
    hc__stage by_id = {true, {{0, flags}}, 1};
    bool nulls = plan->key_nullable && !plan->key_bounded;
    size_t count = 0;

    if (plan->key_is_null || (nulls && plan->reverse))
        out[count++] = by_id;
    if (!plan->key_is_null)
        out[count++] = by_key;
    if (!plan->key_is_null && nulls && !plan->reverse)
        out[count++] = by_id;
    return count;
}

const hc_predicate *hc__plan_stream(const hc__plan *plan, const hc__stage *stage, size_t at)
{
    size_t most = plan->part_count + plan->fan_count + 1, count = 0;
    const hc_predicate **items = hc__arena_alloc(plan->arena, most * sizeof(*items));
    uint16_t key = plan->keys[0].field;

    if (items == NULL)
        return NULL;
    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->walk.used[i] == HC__USED)
            items[count++] = plan->parts[i];
    for (size_t i = 0; i < plan->fan_count; i++) {
        const hc__fan *fan = &plan->fans[i];
        const hc_value *value = &fan->values[at % fan->count];
        bool null = value->type == HC_TYPE_NULL;

        at /= fan->count;
        items[count++] = hc__predicate_leaf(plan->arena, fan->field, null ? HC_TEST_IS_NULL : HC_TEST_EQ,
                                            null ? NULL : value, null ? 0 : 1);
    }
    if (plan->key_nullable && !plan->key_bounded && !plan->key_is_null)
        items[count++] =
            hc__predicate_leaf(plan->arena, key, stage->null_key ? HC_TEST_IS_NULL : HC_TEST_NOT_NULL, NULL, 0);
    return hc__predicate_join(plan->arena, HC_TEST_AND, items, count);
}
