#include "query/expr.h"

#include <string.h>

static hc__expr *make(hc__arena *arena, hc__expr_kind kind)
{
    hc__expr *expr = hc__arena_zero(arena, 1, sizeof(*expr));

    if (expr != NULL) {
        expr->kind = kind;
        expr->field = HC_NO_FIELD;
    }
    return expr;
}

const hc__expr *hc__expr_join(hc__arena *arena, hc__expr_kind kind, const hc__expr *const *items, size_t count)
{
    hc__expr *expr;

    if (count == 1)
        return items[0];
    expr = make(arena, kind);
    if (expr == NULL)
        return NULL;
    expr->children = hc__arena_copy(arena, items, count * sizeof(const hc__expr *));
    expr->child_count = count;
    return expr->children == NULL ? NULL : expr;
}

const hc__expr *hc__expr_not(hc__arena *arena, const hc__expr *item)
{
    hc__expr *expr;

    if (item->kind == HC__EXPR_NOT)
        return item->children[0];
    expr = make(arena, HC__EXPR_NOT);
    if (expr == NULL)
        return NULL;
    expr->children = hc__arena_copy(arena, &item, sizeof(const hc__expr *));
    expr->child_count = 1;
    return expr->children == NULL ? NULL : expr;
}

const hc__expr *hc__expr_test(hc__arena *arena, uint16_t field, int32_t test, const hc_value *values, size_t count)
{
    hc__expr *expr = make(arena, HC__EXPR_TEST);

    if (expr == NULL)
        return NULL;
    expr->field = field;
    expr->test = test;
    if (count > 0) {
        expr->values = hc__arena_copy(arena, values, count * sizeof(hc_value));
        expr->value_count = count;
        if (expr->values == NULL)
            return NULL;
    }
    return expr;
}

const hc__expr *hc__expr_int(hc__arena *arena, uint16_t field, int32_t test, int32_t type, int64_t value)
{
    hc_value typed = {.type = type, .as.integer = value};

    return hc__expr_test(arena, field, test, &typed, 1);
}

const hc__expr *hc__expr_geo(hc__arena *arena, hc__expr_kind kind, const int64_t *numbers, size_t count)
{
    hc__expr *expr = make(arena, kind);

    if (expr == NULL)
        return NULL;
    expr->numbers = hc__arena_copy(arena, numbers, count * sizeof(int64_t));
    expr->number_count = count;
    return expr->numbers == NULL ? NULL : expr;
}

bool hc__expr_names(const hc__expr *expr, uint16_t field)
{
    if (expr->kind == HC__EXPR_TEST)
        return expr->field == field;
    for (size_t i = 0; i < expr->child_count; i++)
        if (hc__expr_names(expr->children[i], field))
            return true;
    return false;
}

size_t hc__expr_predicates(const hc__expr *expr)
{
    size_t count = expr->child_count == 0 ? 1 : 0;

    for (size_t i = 0; i < expr->child_count; i++)
        count += hc__expr_predicates(expr->children[i]);
    return count;
}

int32_t hc__test_inverse(int32_t test)
{
    switch (test) {
    case HC_TEST_EQ:
        return HC_TEST_NE;
    case HC_TEST_NE:
        return HC_TEST_EQ;
    case HC_TEST_LT:
        return HC_TEST_GE;
    case HC_TEST_GE:
        return HC_TEST_LT;
    case HC_TEST_LE:
        return HC_TEST_GT;
    case HC_TEST_GT:
        return HC_TEST_LE;
    case HC_TEST_IS_NULL:
        return HC_TEST_NOT_NULL;
    case HC_TEST_NOT_NULL:
        return HC_TEST_IS_NULL;
    case HC_TEST_TRUE:
        return HC_TEST_FALSE;
    default:
        return HC_TEST_TRUE;
    }
}

int32_t hc__test_of_floor(int32_t test)
{
    switch (test) {
    case HC_TEST_GT:
    case HC_TEST_GE:
        return HC_TEST_GT;
    case HC_TEST_LT:
    case HC_TEST_LE:
        return HC_TEST_LE;
    case HC_TEST_NE:
        return HC_TEST_TRUE;
    default:
        return HC_TEST_FALSE;
    }
}

static bool has_bytes(int32_t type)
{
    return type == HC_TYPE_ID || type == HC_TYPE_TEXT || type == HC_TYPE_KEY;
}

static void key_value(hc__buf *out, const hc_value *value)
{
    hc__buf_put(out, &value->type, sizeof(value->type));
    if (has_bytes(value->type)) {
        hc__buf_put(out, &value->size, sizeof(value->size));
        hc__buf_put(out, value->as.bytes, value->size);
    } else {
        hc__buf_put(out, &value->as.integer, sizeof(value->as.integer));
    }
}

void hc__expr_key(hc__buf *out, const hc__expr *expr)
{
    struct {
        int32_t kind, test, field, values, children, numbers;
    } head = {
        (int32_t)expr->kind,        expr->test, expr->field, (int32_t)expr->value_count, (int32_t)expr->child_count,
        (int32_t)expr->number_count};

    hc__buf_put(out, &head, sizeof(head));
    for (size_t i = 0; i < expr->value_count; i++)
        key_value(out, &expr->values[i]);
    if (expr->number_count > 0)
        hc__buf_put(out, expr->numbers, expr->number_count * sizeof(int64_t));
    for (size_t i = 0; i < expr->child_count; i++)
        hc__expr_key(out, expr->children[i]);
}
