/* The tree on one row, for what no predicate can say: radius, polygon, and texts that do not contain something. */
#include <string.h>
#include "query/geo.h"
#include "query/lower.h"

const hc_value *hc__row_value(const hc__row_view *row, uint16_t field)
{
    return &row->values[row->columns[field]];
}

bool hc__row_shows(const hc__row_view *row, uint16_t guard)
{
    const hc_value *value = hc__row_value(row, guard);

    return value->type != HC_TYPE_NULL && value->as.integer != 0;
}

static int compare_bytes(const hc_value *a, const hc_value *b)
{
    uint32_t common = a->size < b->size ? a->size : b->size;
    int order = common == 0 ? 0 : memcmp(a->as.bytes, b->as.bytes, common);

    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static int compare(const hc_value *a, const hc_value *b)
{
    if (a->type == HC_TYPE_ID || a->type == HC_TYPE_TEXT || a->type == HC_TYPE_KEY)
        return compare_bytes(a, b);
    return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
}

static bool contains(const hc_value *value, const hc_value *part)
{
    return part->size == 0 || memmem(value->as.bytes, value->size, part->as.bytes, part->size) != NULL;
}

static bool starts_with(const hc_value *value, const hc_value *part)
{
    return part->size <= value->size && (part->size == 0 || memcmp(value->as.bytes, part->as.bytes, part->size) == 0);
}

static bool in(const hc_value *value, const hc__expr *expr)
{
    for (size_t i = 0; i < expr->value_count; i++)
        if (compare(value, &expr->values[i]) == 0)
            return true;
    return false;
}

/* A value that is there. */
static bool test_value(const hc__expr *expr, const hc_value *value)
{
    switch (expr->test) {
    case HC_TEST_EQ:
        return compare(value, expr->values) == 0;
    case HC_TEST_NE:
        return compare(value, expr->values) != 0;
    case HC_TEST_LT:
        return compare(value, expr->values) < 0;
    case HC_TEST_LE:
        return compare(value, expr->values) <= 0;
    case HC_TEST_GT:
        return compare(value, expr->values) > 0;
    case HC_TEST_GE:
        return compare(value, expr->values) >= 0;
    case HC_TEST_STARTS_WITH:
        return starts_with(value, expr->values);
    case HC_TEST_CONTAINS:
        return contains(value, expr->values);
    case HC_TEST_IN:
        return in(value, expr);
    default:
        return expr->test == HC_TEST_NOT_NULL;
    }
}

static uint16_t compared(const hc__entity *entity, const hc__expr *expr)
{
    uint16_t norm = entity->info[expr->field].norm;
    bool null_test = expr->test == HC_TEST_IS_NULL || expr->test == HC_TEST_NOT_NULL;

    return norm == HC_NO_FIELD || null_test ? expr->field : norm;
}

static bool test_holds(const hc__entity *entity, const hc__expr *expr, const hc__row_view *row)
{
    const hc_value *value;

    if (expr->test == HC_TEST_TRUE || expr->test == HC_TEST_FALSE)
        return expr->test == HC_TEST_TRUE;
    value = hc__row_value(row, compared(entity, expr));
    if (value->type == HC_TYPE_NULL)
        return expr->test == HC_TEST_NE || expr->test == HC_TEST_IS_NULL;
    return test_value(expr, value);
}

static bool place_holds(const hc__expr *expr, const hc__row_view *row)
{
    const hc_value *latitude = hc__row_value(row, hc__property_f_latitude);
    const hc_value *longitude = hc__row_value(row, hc__property_f_longitude);

    return latitude->type != HC_TYPE_NULL && longitude->type != HC_TYPE_NULL &&
           hc__geo_holds(expr, latitude->as.integer, longitude->as.integer);
}

static bool is_guarded(const hc__entity *entity, const hc__expr *expr)
{
    return expr->kind != HC__EXPR_TEST || entity->info[expr->field].privacy == HC__PUBLIC_ADDRESS;
}

static bool holds(const hc__entity *entity, uint16_t guard, const hc__expr *expr, const hc__row_view *row, bool negated)
{
    bool all = (expr->kind == HC__EXPR_AND) != negated, truth;

    if (expr->kind == HC__EXPR_NOT)
        return holds(entity, guard, expr->children[0], row, !negated);
    if (expr->child_count > 0) {
        for (size_t i = 0; i < expr->child_count; i++)
            if (holds(entity, guard, expr->children[i], row, negated) != all)
                return !all;
        return all;
    }
    if (guard != HC_NO_FIELD && is_guarded(entity, expr) && !hc__row_shows(row, guard))
        return false;
    truth = expr->kind == HC__EXPR_TEST ? test_holds(entity, expr, row) : place_holds(expr, row);
    return truth != negated;
}

bool hc__holds(const hc__entity *entity, uint16_t guard, const hc__expr *expr, const hc__row_view *row)
{
    return holds(entity, guard, expr, row, false);
}

static void mark(uint64_t *fields, uint16_t field)
{
    fields[field / 64] |= UINT64_C(1) << field % 64;
}

void hc__needed(uint64_t *fields, const hc__entity *entity, uint16_t guard, const hc__expr *expr)
{
    for (size_t i = 0; i < expr->child_count; i++)
        hc__needed(fields, entity, guard, expr->children[i]);
    if (expr->child_count > 0)
        return;
    if (expr->kind == HC__EXPR_TEST) {
        mark(fields, compared(entity, expr));
    } else {
        mark(fields, hc__property_f_latitude);
        mark(fields, hc__property_f_longitude);
    }
    if (guard != HC_NO_FIELD && is_guarded(entity, expr))
        mark(fields, guard);
}
