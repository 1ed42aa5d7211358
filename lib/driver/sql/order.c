/* Orders with nulls last both ways, and seeks: the rows strictly after a key. */
#include "driver/sql/private.h"

static bool descending(const hc_order *order)
{
    return (order->flags & HC_ORDER_DESCENDING) != 0;
}

static bool may_be_null(const hc_kind *kind, const hc_order *order)
{
    return (order->flags & HC_ORDER_NOT_NULL) == 0 && order->field < kind->field_count &&
           (kind->fields[order->field].flags & HC_FIELD_NULLABLE) != 0;
}

void hc__put_order_column(hc__compiler *c, const hc__scope *scope, const hc_order *order)
{
    const hc_field *field;

    if (order->field == HC_ORDER_ARRIVAL) {
        if (c->op->order_count != 1 || c->op->seek != NULL)
            hc__misuse(c, "the order of arrival stands alone and without seek");
        else if (c->words)
            hc__put_template(c, scope, c->dialect->words_arrival, HC_ORDER_ARRIVAL, NULL, 0);
        else
            hc__put_name(c, c->dialect->arrival, "");
        return;
    }
    field = hc__field(c, scope->kind, order->field);
    if (field != NULL && field->type == HC_TYPE_TOKENS)
        hc__misuse(c, "tokens have no order");
    else
        hc__put_column(c, scope, order->field);
}

static bool is_tested_for_null(const hc_predicate *p, uint16_t field)
{
    if (p == NULL)
        return false;
    for (size_t i = 0; p->test == HC_TEST_AND && i < p->child_count; i++) {
        if (is_tested_for_null(p->children[i], field))
            return true;
    }
    return p->test == HC_TEST_IS_NULL && p->field == field;
}

static bool is_ordered_by(const hc_op *op, uint16_t field)
{
    for (size_t i = 0; i < op->order_count; i++) {
        if (op->order[i].field == field)
            return true;
    }
    return false;
}

/* See null_keys. All rows are equal there, so that the order stays the same; what is behind the id orders nothing. */
static const char *put_null_keys(hc__compiler *c, const hc__scope *scope, const char *lead)
{
    const hc_op *op = c->op;
    const hc_index *index =
        op->index >= 0 && (uint32_t)op->index < scope->kind->index_count ? &scope->kind->indexes[op->index] : NULL;

    if (!c->dialect->null_keys || index == NULL || op->order[0].field == HC_ORDER_ARRIVAL)
        return lead;
    for (uint32_t i = 0; i < index->field_count && index->fields[i] != 0; i++) {
        if (is_ordered_by(op, index->fields[i]) || !is_tested_for_null(op->where, index->fields[i]))
            continue;
        hc__put(c, lead);
        hc__put_column(c, scope, index->fields[i]);
        hc__put(c, descending(&op->order[0]) ? " DESC" : "");
        lead = ", ";
    }
    return lead;
}

void hc__put_order(hc__compiler *c, const hc__scope *scope)
{
    const hc_op *op = c->op;
    const char *lead = " ORDER BY ";

    if (!c->sql->want_text || op->order_count == 0) /* no parameters here */
        return;
    if (op->where != NULL && op->where->test == HC_TEST_FALSE) /* some engine would make ready to sort nothing */
        return;
    lead = put_null_keys(c, scope, lead);
    for (size_t i = 0; i < op->order_count && c->status == HC_OK; i++) {
        const hc_order *order = &op->order[i];
        bool nulls_first = descending(order) == c->dialect->nulls_high;
        bool place_nulls = nulls_first && may_be_null(scope->kind, order);

        hc__put(c, lead);
        lead = ", ";
        if (place_nulls && c->dialect->nulls_last == NULL) {
            hc__put_order_column(c, scope, order);
            hc__put(c, " IS NULL, ");
        }
        hc__put_order_column(c, scope, order);
        if (descending(order))
            hc__put(c, " DESC");
        if (place_nulls && c->dialect->nulls_last != NULL)
            hc__put(c, c->dialect->nulls_last);
    }
}

static bool is_equal_to_one(const hc_predicate *p, uint16_t field)
{
    for (size_t i = 0; p != NULL && p->test == HC_TEST_AND && i < p->child_count; i++) {
        if (is_equal_to_one(p->children[i], field))
            return true;
    }
    return p != NULL && p->test == HC_TEST_EQ && p->field == field;
}

/* Its fields are fixed by equalities, or the sort keys one after the other, all in one direction and none with nulls
 * that have to be placed. */
bool hc__index_orders(const hc_op *op)
{
    const hc_index *index =
        op->index >= 0 && (uint32_t)op->index < op->kind->index_count ? &op->kind->indexes[op->index] : NULL;
    size_t fields = op->index == HC_INDEX_ID ? 1 : index == NULL ? 0 : index->field_count, key = 0;

    if (index != NULL && (index->flags & HC_INDEX_ARRIVAL) != 0)
        return false;
    if (index != NULL && hc__sql_index_lacks_id(index))
        fields++;
    for (size_t i = 0; i < fields && key < op->order_count; i++) {
        uint16_t field = index != NULL && i < index->field_count ? index->fields[i] : 0;
        const hc_order *order = &op->order[key];

        if (order->field == field && descending(order) == descending(&op->order[0]) &&
            (descending(order) || !may_be_null(op->kind, order)))
            key++;
        else if (!is_equal_to_one(op->where, field))
            return false;
    }
    return key > 0 && key == op->order_count;
}

bool hc__seek_implies(const hc_op *op, const hc_predicate *leaf)
{
    bool lower = leaf->test == HC_TEST_GT || leaf->test == HC_TEST_GE;
    bool upper = leaf->test == HC_TEST_LT || leaf->test == HC_TEST_LE;

    if (op->verb != HC_VERB_QUERY || op->seek == NULL || op->order_count == 0 || op->order[0].field != leaf->field ||
        (may_be_null(op->kind, &op->order[0]) && op->seek[0].type != HC_TYPE_NULL))
        return false;
    return descending(&op->order[0]) ? upper : lower;
}

static bool seek_is_null(const hc_op *op, size_t i)
{
    return op->seek[i].type == HC_TYPE_NULL;
}

static void put_key_test(hc__compiler *c, const hc__scope *scope, size_t i, const char *operator)
{
    const hc_order *order = &c->op->order[i];
    const hc_field *field = hc__field(c, scope->kind, order->field);

    if (field == NULL)
        return;
    hc__put_order_column(c, scope, order);
    hc__put(c, operator);
    hc__put_value(c, &c->op->seek[i], field);
}

/* One direction and no nulls: an index answers the comparison of the whole row. */
static bool comparable_from(const hc_op *op, const hc_kind *kind, size_t from)
{
    for (size_t i = from; i < op->order_count; i++) {
        if (descending(&op->order[i]) != descending(&op->order[from]) || may_be_null(kind, &op->order[i]) ||
            seek_is_null(op, i))
            return false;
    }
    return true;
}

static void put_row_values(hc__compiler *c, const hc__scope *scope, size_t from)
{
    const hc_op *op = c->op;
    bool several = from + 1 < op->order_count;

    hc__put(c, several ? "(" : "");
    for (size_t i = from; i < op->order_count; i++) {
        hc__put(c, i > from ? "," : "");
        hc__put_order_column(c, scope, &op->order[i]);
    }
    hc__put(c, several ? ")" : "");
    hc__put(c, descending(&op->order[from]) ? " < " : " > ");
    hc__put(c, several ? "(" : "");
    for (size_t i = from; i < op->order_count; i++) {
        const hc_field *field = hc__field(c, scope->kind, op->order[i].field);

        hc__put(c, i > from ? "," : "");
        if (field != NULL)
            hc__put_value(c, &op->seek[i], field);
    }
    hc__put(c, several ? ")" : "");
}

/* Key i is after the seek's, whatever follows. Nothing is after null. */
static void put_after(hc__compiler *c, const hc__scope *scope, size_t i)
{
    const hc_order *order = &c->op->order[i];

    if (seek_is_null(c->op, i)) {
        hc__put(c, "FALSE");
        return;
    }
    if (may_be_null(scope->kind, order))
        hc__put(c, "(");
    put_key_test(c, scope, i, descending(order) ? " < " : " > ");
    if (may_be_null(scope->kind, order)) {
        hc__put(c, " OR ");
        hc__put_order_column(c, scope, order);
        hc__put(c, " IS NULL)");
    }
}

static void put_equal(hc__compiler *c, const hc__scope *scope, size_t i)
{
    if (seek_is_null(c->op, i)) {
        hc__put_order_column(c, scope, &c->op->order[i]);
        hc__put(c, " IS NULL");
    } else {
        put_key_test(c, scope, i, " = ");
    }
}

/* (a after) OR (a equal AND ((b after) OR (b equal AND …))) */
static void put_expanded(hc__compiler *c, const hc__scope *scope, size_t from)
{
    size_t last = c->op->order_count - 1;

    for (size_t i = from; i < last; i++) {
        hc__put(c, "(");
        put_after(c, scope, i);
        hc__put(c, " OR ");
        put_equal(c, scope, i);
        hc__put(c, " AND ");
    }
    put_after(c, scope, last);
    for (size_t i = from; i < last; i++)
        hc__put(c, ")");
}

void hc__put_seek(hc__compiler *c, const hc__scope *scope)
{
    const hc_op *op = c->op;
    size_t from = 0;

    /* Nulls come last, so after a null key all first keys are null: an equality, which an index answers. */
    while (from + 1 < op->order_count && seek_is_null(op, from)) {
        put_equal(c, scope, from);
        hc__put(c, " AND ");
        from++;
    }
    if (c->dialect->row_values && comparable_from(op, scope->kind, from)) {
        put_row_values(c, scope, from);
        return;
    }
    if (from + 1 < op->order_count && !may_be_null(scope->kind, &op->order[from])) {
        put_key_test(c, scope, from, descending(&op->order[from]) ? " <= " : " >= ");
        hc__put(c, " AND ");
    }
    put_expanded(c, scope, from);
}
