#include "storage/merge.h"

#include "base/judge.h"

bool hc__asks_for(const hc_op *read, const hc_value *id)
{
    return hc__value_compare(hc__id_test(read->where)->values, id) == 0;
}

static bool same_values(const hc_predicate *a, const hc_predicate *b, bool loose)
{
    for (size_t i = 0; i < a->value_count; i++)
        if (a->values[i].type != b->values[i].type ||
            (!loose && a->values[i].type != HC_TYPE_NULL && hc__value_compare(&a->values[i], &b->values[i]) != 0))
            return false;
    return true;
}

/* But for the values of `id`, a test of `a`; loose: for all values. */
static bool alike(const hc_predicate *a, const hc_predicate *b, const hc_predicate *id, bool loose)
{
    if (a->test != b->test || a->field != b->field || a->inner != b->inner || a->kind != b->kind ||
        a->value_count != b->value_count || a->child_count != b->child_count)
        return false;
    if (a != id && !same_values(a, b, loose))
        return false;
    for (size_t i = 0; i < a->child_count; i++)
        if (!alike(a->children[i], b->children[i], id, loose))
            return false;
    return true;
}

/* Types whose values are equal here where an engine says so; of texts some pass over spaces at the end. */
#define SAME_EVERYWHERE                                                                                                \
    (1u << HC_TYPE_ID | 1u << HC_TYPE_ENUM | 1u << HC_TYPE_BOOL | 1u << HC_TYPE_INT32 | 1u << HC_TYPE_INT64 |          \
     1u << HC_TYPE_TIME)

static bool may_be_judged(const hc_predicate *leaf)
{
    bool same = leaf->test == HC_TEST_IS_NULL;

    if (leaf->test == HC_TEST_EQ)
        same = (SAME_EVERYWHERE >> leaf->values->type & 1u) != 0;
    if (leaf->test == HC_TEST_GT)
        same = leaf->values->type == HC_TYPE_TIME;
    return same && leaf->field < HC__MERGE_FIELDS;
}

static bool is_check(const hc_predicate *p)
{
    const hc_predicate *inside;

    if (!hc__names_a_row(p))
        return false;
    inside = p->children[0];
    if (inside->test != HC_TEST_AND)
        return may_be_judged(inside);
    for (size_t i = 0; i < inside->child_count; i++)
        if (!may_be_judged(inside->children[i]))
            return false;
    return inside->child_count <= HC__MERGE_LEAVES;
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

/* Whether the part may be judged here, being one of the first that may. */
static bool is_early_check(const hc_predicate *where, size_t part)
{
    size_t before = 0;

    for (size_t i = 0; i < part; i++)
        before += is_check(where->children[i]);
    return before < HC__MERGE_CHECKS && is_check(where->children[part]);
}

static bool parts_alike(const hc_predicate *a, const hc_predicate *b, const hc_predicate *id)
{
    if (a->child_count != b->child_count)
        return false;
    for (size_t i = 0; i < a->child_count; i++)
        if (!alike(a->children[i], b->children[i], id, is_early_check(a, i)))
            return false;
    return true;
}

static bool same_but_where(const hc_op *a, const hc_op *b)
{
    return mergeable(b) != NULL && a->kind == b->kind && a->fields == b->fields && a->field_count == b->field_count &&
           a->index == b->index;
}

bool hc__may_merge(const hc_op *a, const hc_op *b)
{
    const hc_predicate *id = mergeable(a);

    return id != NULL && same_but_where(a, b) && alike(a->where, b->where, id, false);
}

bool hc__are_kin(const hc_op *a, const hc_op *b)
{
    const hc_predicate *id = mergeable(a);

    if (id == NULL || !same_but_where(a, b))
        return false;
    return a->where == id ? alike(a->where, b->where, id, false) : parts_alike(a->where, b->where, id);
}

static bool differ_in(size_t part, const hc_op *const *reads, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (!alike(reads[0]->where->children[part], reads[i]->where->children[part], NULL, false))
            return true;
    return false;
}

static void ask_about(hc__check *check, uint16_t field)
{
    for (size_t i = 0; i < check->field_count; i++)
        if (check->fields[i] == field)
            return;
    check->fields[check->field_count++] = field;
}

static hc_op make_check(hc__check *check, size_t part, const hc_op *const *reads, size_t count)
{
    const hc_predicate *exists = reads[0]->where->children[part], *inside = exists->children[0];

    check->part = part;
    check->field_count = 0;
    ask_about(check, 0);
    for (size_t i = 0; inside->test == HC_TEST_AND && i < inside->child_count; i++)
        ask_about(check, inside->children[i]->field);
    for (size_t i = 0; i < count; i++)
        check->ids[i] = hc__id_test(reads[i]->where->children[part]->children[0])->values[0];
    check->in = (hc_predicate){.test = HC_TEST_IN, .values = check->ids, .value_count = count};
    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = exists->kind,
                   .where = &check->in,
                   .fields = check->fields,
                   .field_count = check->field_count,
                   .index = HC_INDEX_ID};
}

size_t hc__merge(hc__merged *merged, hc_op ops[HC__MERGE_OPS], const hc_op *const *reads, size_t count)
{
    const hc_predicate *where = reads[0]->where, *id = hc__id_test(where);
    size_t kept = 0;
    hc_op *op;

    for (size_t i = 0; i < count; i++)
        merged->ids[i] = hc__id_test(reads[i]->where)->values[0];
    merged->in = *id;
    merged->in.test = HC_TEST_IN;
    merged->in.values = merged->ids;
    merged->in.value_count = count;
    merged->check_count = 0;
    for (size_t i = 0; where != id && i < where->child_count; i++) {
        if (where->children[i] == id) {
            merged->parts[kept++] = &merged->in;
        } else if (is_early_check(where, i) && differ_in(i, reads, count)) {
            ops[merged->check_count] = make_check(&merged->checks[merged->check_count], i, reads, count);
            merged->check_count++;
        } else {
            merged->parts[kept++] = where->children[i];
        }
    }
    merged->where = *where;
    merged->where.children = merged->parts;
    merged->where.child_count = kept;
    op = &ops[merged->check_count];
    *op = *reads[0];
    op->where = kept > 1 ? &merged->where : &merged->in;
    op->order_count = 0;
    op->limit = 0;
    op->result = NULL;
    return merged->check_count + 1;
}

bool hc__passes(const hc__merged *merged, size_t check, const hc_op *read, const hc_row *row)
{
    const hc__check *of = &merged->checks[check];
    const hc_predicate *inside = read->where->children[of->part]->children[0];
    hc_value values[HC__MERGE_FIELDS]; /* those that are asked about */

    if (hc__value_compare(hc__id_test(inside)->values, &row->values[0]) != 0)
        return false;
    for (size_t i = 0; i < of->field_count; i++)
        values[of->fields[i]] = row->values[i];
    return hc__predicate_holds(inside, values);
}
