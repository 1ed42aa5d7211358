/* The shape of an operation as bytes: what its text depends on, and nothing else. */
#include "driver/sql/private.h"

#include <string.h>

#define SHAPE_NULL  0x1u
#define SHAPE_NOW   0x2u
#define SHAPE_EMPTY 0x4u

typedef struct leaf_key {
    int32_t test;
    uint16_t field, inner;
    uint32_t values; /* parameters, or a mask of SHAPE_ */
    uint32_t children;
    const void *kind;
} leaf_key;

/* Keys are made for every operation that runs, of pieces of a few bytes. */
static inline void put(hc__buf *key, const void *bytes, size_t size)
{
    if (size < key->capacity - key->size) {
        memcpy(key->data + key->size, bytes, size);
        key->size += size;
    } else {
        hc__buf_put(key, bytes, size);
    }
}

static uint32_t value_shape(const hc_value *value)
{
    return (value->type == HC_TYPE_NULL ? SHAPE_NULL : 0u) | (value->type == HC_TYPE_NOW ? SHAPE_NOW : 0u);
}

static void predicate_key(hc__buf *key, const hc_predicate *p, int depth)
{
    leaf_key k = {0};

    if (p == NULL || depth > HC__SQL_DEPTH) {
        put(key, &k, sizeof(k.test));
        return;
    }
    k.test = p->test;
    k.field = p->field;
    k.inner = p->inner;
    k.children = (uint32_t)p->child_count;
    k.kind = p->test == HC_TEST_EXISTS ? p->kind : NULL;
    if (p->test == HC_TEST_IN) {
        k.values = (uint32_t)hc__sql_padded(p->value_count);
    } else if (p->test == HC_TEST_MATCH) {
        k.values = (uint32_t)p->value_count; /* some engines look for each word by itself */
    } else if (p->value_count > 0) {
        k.values = value_shape(p->values);
        if (p->test == HC_TEST_STARTS_WITH || p->test == HC_TEST_CONTAINS)
            k.values |= p->values[0].size == 0 ? SHAPE_EMPTY : 0u;
    }
    put(key, &k, sizeof(k));
    for (size_t i = 0; i < p->child_count; i++)
        predicate_key(key, p->children[i], depth + 1);
}

/* There is room. */
static void sets_key(hc__buf *key, const hc_op *op)
{
    const hc_set *set = op->sets;
    char *at = key->data + key->size;

    for (size_t left = op->set_count; left > 0; left--, set++, at += 4) {
        uint32_t shape =
            (uint32_t)set->field << 4 | (uint32_t)set->how << 2 | (set->value.type == HC_TYPE_NOW ? SHAPE_NOW : 0u);

        memcpy(at, &shape, sizeof(shape));
    }
    key->size += op->set_count * sizeof(uint32_t);
}

void hc__sql_key(hc__buf *key, const hc_op *op)
{
    struct {
        const void *kind;
        int32_t verb, index;
        uint32_t sets, fields, orders, nulls;
        uint32_t limits, group_how, group_field, group_bounds;
    } head = {op->kind,
              op->verb,
              op->index,
              (uint32_t)op->set_count,
              (uint32_t)op->field_count,
              (uint32_t)op->order_count,
              0,
              0,
              0,
              0,
              0};

    head.limits = (op->limit != 0 ? 1u : 0u) | (op->scan_limit != 0 ? 2u : 0u) | (op->seek != NULL ? 4u : 0u);
    for (size_t i = 0; op->seek != NULL && i < op->order_count; i++)
        head.nulls |= (op->seek[i].type == HC_TYPE_NULL ? 1u : 0u) << i;
    if (op->group != NULL) {
        head.group_how = op->group->how;
        head.group_field = op->group->field;
        head.group_bounds = op->group->bound_count;
    }
    if (!hc__buf_reserve(key, sizeof(head) + op->set_count * 4 + op->field_count * 2 + 128))
        return;
    put(key, &head, sizeof(head));
    sets_key(key, op);
    if (op->field_count > 0)
        put(key, op->fields, op->field_count * sizeof(op->fields[0]));
    if (op->order_count > 0)
        put(key, op->order, op->order_count * sizeof(op->order[0]));
    predicate_key(key, op->where, 0);
    predicate_key(key, op->filter, 0);
}
