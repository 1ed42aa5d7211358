#include "query/lower.h"

#include <string.h>
#include "base/time.h"
#include "query/geo.h"
#include "query/listing.h"

static const hc_predicate always = {.test = HC_TEST_TRUE, .field = HC_NO_FIELD, .inner = HC_NO_FIELD};
static const hc_predicate never = {.test = HC_TEST_FALSE, .field = HC_NO_FIELD, .inner = HC_NO_FIELD};
static const hc_value truth = {HC_TYPE_BOOL, 0, {.integer = 1}};

/* ---- now() and days_on_market ---- */

static const hc__expr *resolve_test(hc__arena *arena, const hc__entity *entity, const hc__expr *expr, int64_t now)
{
    int32_t test = expr->test;

    if (expr->field == HC__DAYS_ON_MARKET)
        return hc__listing_days(arena, expr, hc__day_of(now));
    if (expr->value_count != 1 || expr->values[0].type != HC_TYPE_NOW)
        return expr;
    if (entity->kind.fields[expr->field].type == HC_TYPE_TIME)
        return hc__expr_int(arena, expr->field, test, HC_TYPE_TIME, now);
    if (now % HC__DAY != 0)
        test = hc__test_of_floor(test);
    return hc__expr_int(arena, expr->field, test, HC_TYPE_DATE, hc__day_of(now));
}

const hc__expr *hc__resolve(hc__arena *arena, const hc__entity *entity, const hc__expr *expr, int64_t now)
{
    const hc__expr **children;
    hc__expr *copy;
    bool changed = false;

    if (expr->kind == HC__EXPR_TEST)
        return resolve_test(arena, entity, expr, now);
    if (expr->child_count == 0)
        return expr;
    children = hc__arena_alloc(arena, expr->child_count * sizeof(*children));
    copy = hc__arena_copy(arena, expr, sizeof(*expr));
    if (children == NULL || copy == NULL)
        return NULL;
    for (size_t i = 0; i < expr->child_count; i++) {
        children[i] = hc__resolve(arena, entity, expr->children[i], now);
        if (children[i] == NULL)
            return NULL;
        changed = changed || children[i] != expr->children[i];
    }
    copy->children = children;
    return changed ? copy : expr;
}

/* ---- predicates ---- */

static hc_predicate *make(hc__arena *arena, int32_t test)
{
    hc_predicate *out = hc__arena_zero(arena, 1, sizeof(*out));

    if (out != NULL) {
        out->test = test;
        out->field = HC_NO_FIELD;
        out->inner = HC_NO_FIELD;
    }
    return out;
}

const hc_predicate *hc__predicate_leaf(hc__arena *arena, uint16_t field, int32_t test, const hc_value *values,
                                       size_t count)
{
    hc_predicate *out = make(arena, test);

    if (out != NULL) {
        out->field = field;
        out->values = values;
        out->value_count = count;
    }
    return out;
}

const hc_predicate *hc__predicate_words(hc__arena *arena, uint16_t first, uint16_t last, const hc_value *words,
                                        size_t count)
{
    hc_predicate *out = make(arena, HC_TEST_MATCH);

    if (out != NULL) {
        out->field = first;
        out->inner = last;
        out->values = words;
        out->value_count = count;
    }
    return out;
}

const hc_predicate *hc__predicate_int(hc__arena *arena, uint16_t field, int32_t test, int32_t type, int64_t value)
{
    hc_value *typed = hc__arena_zero(arena, 1, sizeof(*typed));

    if (typed == NULL)
        return NULL;
    typed->type = type;
    typed->as.integer = value;
    return hc__predicate_leaf(arena, field, test, typed, 1);
}

bool hc__is_test(const hc_predicate *predicate, int32_t test)
{
    return predicate->test == test;
}

const hc_predicate *hc__predicate_join(hc__arena *arena, int32_t test, const hc_predicate *const *items, size_t count)
{
    const hc_predicate *neutral = test == HC_TEST_AND ? &always : &never;
    const hc_predicate *decisive = test == HC_TEST_AND ? &never : &always;
    const hc_predicate **kept = hc__arena_alloc(arena, count * sizeof(*kept));
    hc_predicate *out;
    size_t kept_count = 0;
    bool decided = false;

    if (kept == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (items[i] == NULL)
            return NULL;
        decided = decided || hc__is_test(items[i], decisive->test);
        if (!hc__is_test(items[i], neutral->test))
            kept[kept_count++] = items[i];
    }
    if (decided)
        return decisive;
    if (kept_count < 2)
        return kept_count == 0 ? neutral : kept[0];
    out = make(arena, test);
    if (out == NULL)
        return NULL;
    out->children = kept;
    out->child_count = kept_count;
    return out;
}

/* ---- lowering ---- */

typedef struct lowering {
    hc__arena *arena;
    const hc__entity *entity;
    uint16_t guard;
    bool exact;
} lowering;

static uint16_t compared(const hc__entity *entity, uint16_t field)
{
    uint16_t norm = entity->info[field].norm;

    return norm == HC_NO_FIELD ? field : norm;
}

static bool nullable(const lowering *l, uint16_t field)
{
    return (l->entity->kind.fields[field].flags & HC_FIELD_NULLABLE) != 0;
}

static const hc_predicate *or_null(lowering *l, const hc_predicate *leaf, uint16_t field)
{
    const hc_predicate *either[2] = {leaf, NULL};

    if (!nullable(l, field))
        return leaf;
    either[1] = hc__predicate_leaf(l->arena, field, HC_TEST_IS_NULL, NULL, 0);
    return hc__predicate_join(l->arena, HC_TEST_OR, either, 2);
}

static const hc_predicate *in_none(lowering *l, const hc__expr *expr, uint16_t field)
{
    const hc_predicate **items = hc__arena_alloc(l->arena, expr->value_count * sizeof(*items));

    if (items == NULL)
        return NULL;
    for (size_t i = 0; i < expr->value_count; i++)
        items[i] = hc__predicate_leaf(l->arena, field, HC_TEST_NE, &expr->values[i], 1);
    return or_null(l, hc__predicate_join(l->arena, HC_TEST_AND, items, expr->value_count), field);
}

static const hc_predicate *lower_test(lowering *l, const hc__expr *expr, bool negated)
{
    uint16_t field = compared(l->entity, expr->field);
    int32_t test = negated && expr->test != HC_TEST_IN ? hc__test_inverse(expr->test) : expr->test;
    const hc_predicate *leaf;

    switch (expr->test) {
    case HC_TEST_STARTS_WITH:
    case HC_TEST_CONTAINS:
        if (negated) { /* no driver has it: the rows are tested here */
            l->exact = false;
            return &always;
        }
        return hc__predicate_leaf(l->arena, field, expr->test, expr->values, 1);
    case HC_TEST_IN:
        if (negated)
            return in_none(l, expr, field);
        return hc__predicate_leaf(l->arena, field, HC_TEST_IN, expr->values, expr->value_count);
    case HC_TEST_TRUE:
    case HC_TEST_FALSE:
        return test == HC_TEST_TRUE ? &always : &never;
    case HC_TEST_IS_NULL:
    case HC_TEST_NOT_NULL:
        if (!nullable(l, expr->field))
            return test == HC_TEST_NOT_NULL ? &always : &never;
        return hc__predicate_leaf(l->arena, expr->field, test, NULL, 0);
    default:
        leaf = hc__predicate_leaf(l->arena, field, test, expr->values, 1);
        return negated != (expr->test == HC_TEST_NE) ? or_null(l, leaf, field) : leaf;
    }
}

static const hc_predicate *bound(lowering *l, uint16_t field, int32_t test, int64_t value)
{
    return hc__predicate_int(l->arena, field, test, HC_TYPE_DECIMAL, value);
}

#define LATITUDE  hc__property_f_latitude
#define LONGITUDE hc__property_f_longitude

static const hc_predicate *inside(lowering *l, const hc__box *box)
{
    const hc_predicate *sides[2] = {bound(l, LONGITUDE, HC_TEST_GE, box->west),
                                    bound(l, LONGITUDE, HC_TEST_LE, box->east)};
    const hc_predicate *parts[4] = {bound(l, LATITUDE, HC_TEST_GE, box->south),
                                    bound(l, LATITUDE, HC_TEST_LE, box->north), sides[0], sides[1]};

    if (box->west <= box->east)
        return hc__predicate_join(l->arena, HC_TEST_AND, parts, 4);
    parts[2] = hc__predicate_join(l->arena, HC_TEST_OR, sides, 2);
    return hc__predicate_join(l->arena, HC_TEST_AND, parts, 3);
}

static const hc_predicate *outside(lowering *l, const hc__box *box)
{
    const hc_predicate *sides[2] = {bound(l, LONGITUDE, HC_TEST_LT, box->west),
                                    bound(l, LONGITUDE, HC_TEST_GT, box->east)};
    const hc_predicate *parts[5] = {
        bound(l, LATITUDE, HC_TEST_LT, box->south), bound(l, LATITUDE, HC_TEST_GT, box->north),
        hc__predicate_join(l->arena, box->west <= box->east ? HC_TEST_OR : HC_TEST_AND, sides, 2),
        hc__predicate_leaf(l->arena, LATITUDE, HC_TEST_IS_NULL, NULL, 0),
        hc__predicate_leaf(l->arena, LONGITUDE, HC_TEST_IS_NULL, NULL, 0)};

    return hc__predicate_join(l->arena, HC_TEST_OR, parts, 5);
}

static const hc_predicate *lower_place(lowering *l, const hc__expr *expr, bool negated)
{
    hc__box box = hc__geo_bounds(expr);

    if (expr->kind != HC__EXPR_BOX) {
        l->exact = false;
        return negated ? &always : inside(l, &box);
    }
    return negated ? outside(l, &box) : inside(l, &box);
}

static bool is_guarded(const hc__entity *entity, const hc__expr *expr)
{
    return expr->kind != HC__EXPR_TEST || entity->info[expr->field].privacy == HC__PUBLIC_ADDRESS;
}

/* The guard joins after the negation, so that the complement reveals no more than the leaf. */
static const hc_predicate *guarded(lowering *l, const hc__expr *expr, const hc_predicate *leaf)
{
    const hc_predicate *both[2] = {leaf, NULL};

    if (leaf == NULL || l->guard == HC_NO_FIELD || !is_guarded(l->entity, expr))
        return leaf;
    both[1] = hc__predicate_leaf(l->arena, l->guard, HC_TEST_EQ, &truth, 1);
    return hc__predicate_join(l->arena, HC_TEST_AND, both, 2);
}

static const hc_predicate *lower(lowering *l, const hc__expr *expr, bool negated)
{
    const hc_predicate **items;
    bool both = (expr->kind == HC__EXPR_AND) != negated;

    if (expr->kind == HC__EXPR_NOT)
        return lower(l, expr->children[0], !negated);
    if (expr->kind == HC__EXPR_TEST)
        return guarded(l, expr, lower_test(l, expr, negated));
    if (expr->child_count == 0)
        return guarded(l, expr, lower_place(l, expr, negated));
    items = hc__arena_alloc(l->arena, expr->child_count * sizeof(*items));
    if (items == NULL)
        return NULL;
    for (size_t i = 0; i < expr->child_count; i++)
        items[i] = lower(l, expr->children[i], negated);
    return hc__predicate_join(l->arena, both ? HC_TEST_AND : HC_TEST_OR, items, expr->child_count);
}

const hc_predicate *hc__lower(bool *exact, hc__arena *arena, const hc__entity *entity, uint16_t guard,
                              const hc__expr *expr)
{
    lowering l = {arena, entity, guard, true};
    const hc_predicate *out = lower(&l, expr, false);

    *exact = l.exact;
    return out;
}
