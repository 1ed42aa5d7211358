#include "base/judge.h"

#include <string.h>

#include "base/time.h"

static bool has_bytes(int32_t type)
{
    return type == HC_TYPE_ID || (type >= HC_TYPE_TEXT && type <= HC_TYPE_TOKENS);
}

int hc__value_compare(const hc_value *a, const hc_value *b)
{
    size_t shorter = a->size < b->size ? a->size : b->size;
    int first;

    if (!has_bytes(a->type))
        return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
    first = shorter == 0 ? 0 : memcmp(a->as.bytes, b->as.bytes, shorter);
    return first != 0 ? first : (a->size > b->size) - (a->size < b->size);
}

static bool contains(const hc_value *stored, const hc_value *asked)
{
    return asked->size == 0 || memmem(stored->as.bytes, stored->size, asked->as.bytes, asked->size) != NULL;
}

static bool starts_with(const hc_value *stored, const hc_value *asked)
{
    return stored->size >= asked->size &&
           (asked->size == 0 || memcmp(stored->as.bytes, asked->as.bytes, asked->size) == 0);
}

static bool holds_for(int32_t test, const hc_value *stored, const hc_value *asked)
{
    int order;

    if (asked->type == HC_TYPE_NULL)
        return false;
    if (test == HC_TEST_STARTS_WITH)
        return starts_with(stored, asked);
    if (test == HC_TEST_CONTAINS)
        return contains(stored, asked);
    order = hc__value_compare(stored, asked);
    switch (test) {
    case HC_TEST_EQ:
    case HC_TEST_IN:
        return order == 0;
    case HC_TEST_NE:
        return order != 0;
    case HC_TEST_LT:
        return order < 0;
    case HC_TEST_LE:
        return order <= 0;
    case HC_TEST_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool leaf_holds(const hc_predicate *p, const hc_value *stored)
{
    if (p->test == HC_TEST_IS_NULL)
        return stored->type == HC_TYPE_NULL;
    if (stored->type == HC_TYPE_NULL)
        return false;
    if (p->test == HC_TEST_NOT_NULL)
        return true;
    for (size_t i = 0; i < p->value_count; i++) {
        if (holds_for(p->test, stored, &p->values[i]))
            return true;
    }
    return false;
}

bool hc__predicate_holds(const hc_predicate *p, const hc_value *values)
{
    if (p == NULL || p->test == HC_TEST_TRUE)
        return true;
    if (p->test == HC_TEST_FALSE)
        return false;
    if (p->test != HC_TEST_AND && p->test != HC_TEST_OR)
        return leaf_holds(p, &values[p->field]);
    for (size_t i = 0; i < p->child_count; i++) {
        if (hc__predicate_holds(p->children[i], values) == (p->test == HC_TEST_OR))
            return p->test == HC_TEST_OR;
    }
    return p->test == HC_TEST_AND;
}

static const hc_predicate *find_ids(const hc_predicate *where, bool several)
{
    const hc_predicate *found = NULL;

    if (where == NULL || where->test == HC_TEST_EQ || (several && where->test == HC_TEST_IN))
        return where != NULL && where->field == 0 ? where : NULL;
    for (size_t i = 0; where->test == HC_TEST_AND && i < where->child_count && found == NULL; i++)
        found = find_ids(where->children[i], several);
    return found;
}

const hc_predicate *hc__id_test(const hc_predicate *where)
{
    return find_ids(where, false);
}

const hc_predicate *hc__ids_test(const hc_predicate *where)
{
    return find_ids(where, true);
}

bool hc__names_a_row(const hc_predicate *p)
{
    const hc_predicate *inside = p->test == HC_TEST_EXISTS && p->child_count > 0 ? p->children[0] : NULL;

    if (inside == NULL || p->inner != HC_NO_FIELD || p->kind == NULL || hc__id_test(inside) == NULL)
        return false;
    for (size_t i = 0; inside->test == HC_TEST_AND && i < inside->child_count; i++) {
        int32_t test = inside->children[i]->test;

        if (test == HC_TEST_AND || test == HC_TEST_OR || test == HC_TEST_EXISTS)
            return false;
    }
    return true;
}

/* ---- orders and groups ---- */

int hc__rows_compare(const hc_op *op, const hc_value *a, const hc_value *b)
{
    for (size_t i = 0; i < op->order_count; i++) {
        const hc_value *x = &a[op->order[i].field], *y = &b[op->order[i].field];
        bool down = (op->order[i].flags & HC_ORDER_DESCENDING) != 0;
        bool x_null = x->type == HC_TYPE_NULL, y_null = y->type == HC_TYPE_NULL;
        int order = x_null || y_null ? x_null - y_null : down ? hc__value_compare(y, x) : hc__value_compare(x, y);

        if (order != 0)
            return order;
    }
    return 0;
}

hc_value hc__group_key(const hc_group *group, const hc_value *value)
{
    hc_value out = {.type = HC_TYPE_INT64};

    if (value->type == HC_TYPE_NULL || group->how == HC_GROUP_VALUE)
        return *value;
    if (group->how == HC_GROUP_DAY)
        return (hc_value){.type = HC_TYPE_DATE, .as.integer = hc__day_of(value->as.integer)};
    while (out.as.integer < group->bound_count && hc__value_compare(&group->bounds[out.as.integer], value) <= 0)
        out.as.integer++;
    return out;
}
