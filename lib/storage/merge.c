#include "storage/merge.h"

#include "base/judge.h"

bool hc__asks_for(const hc_op *read, const hc_value *id)
{
    return hc__value_compare(hc__id_test(read->where)->values, id) == 0;
}

static bool same_values(const hc_predicate *a, const hc_predicate *b)
{
    for (size_t i = 0; i < a->value_count; i++)
        if (a->values[i].type != b->values[i].type ||
            (a->values[i].type != HC_TYPE_NULL && hc__value_compare(&a->values[i], &b->values[i]) != 0))
            return false;
    return true;
}

/* But for the values of `id`, a test of `a`. */
static bool alike(const hc_predicate *a, const hc_predicate *b, const hc_predicate *id)
{
    if (a->test != b->test || a->field != b->field || a->inner != b->inner || a->kind != b->kind ||
        a->value_count != b->value_count || a->child_count != b->child_count)
        return false;
    if (a != id && !same_values(a, b))
        return false;
    for (size_t i = 0; i < a->child_count; i++)
        if (!alike(a->children[i], b->children[i], id))
            return false;
    return true;
}

/* The id test among the conjuncts at the top, or NULL. */
static const hc_predicate *mergeable(const hc_op *op)
{
    const hc_predicate *id = hc__id_test(op->where);
    bool top = op->where == id;

    if (id == NULL || id->values->type != HC_TYPE_ID || op->filter != NULL || op->seek != NULL || op->scan_limit != 0 ||
        op->field_count == 0 || op->fields[0] != 0)
        return NULL;
    if (!top && op->where->child_count > HC__MERGE_PARTS)
        return NULL;
    for (size_t i = 0; !top && i < op->where->child_count; i++)
        top = op->where->children[i] == id;
    return top ? id : NULL;
}

bool hc__may_merge(const hc_op *a, const hc_op *b)
{
    const hc_predicate *id = mergeable(a);

    return id != NULL && mergeable(b) != NULL && a->kind == b->kind && a->fields == b->fields &&
           a->field_count == b->field_count && a->index == b->index && alike(a->where, b->where, id);
}

hc_op hc__merge(hc__merged *merged, const hc_op *const *reads, size_t count)
{
    const hc_predicate *where = reads[0]->where, *id = hc__id_test(where);
    hc_op op = *reads[0];

    for (size_t i = 0; i < count; i++)
        merged->ids[i] = hc__id_test(reads[i]->where)->values[0];
    merged->in = *id;
    merged->in.test = HC_TEST_IN;
    merged->in.values = merged->ids;
    merged->in.value_count = count;
    op.where = &merged->in;
    if (where != id) {
        merged->where = *where;
        for (size_t i = 0; i < where->child_count; i++)
            merged->parts[i] = where->children[i] == id ? &merged->in : where->children[i];
        merged->where.children = merged->parts;
        op.where = &merged->where;
    }
    op.order_count = 0;
    op.limit = 0;
    op.result = NULL;
    return op;
}
