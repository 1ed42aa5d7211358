/* The rules of operations, predicates, values and rows that are broken, one by one. */
#include "lie.h"

#include <string.h>

static bool reads(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY;
}

static hc_predicate *leaf_of(arena *from, int32_t test, uint16_t field)
{
    hc_predicate *p = arena_take(from, sizeof(*p));

    p->test = test;
    p->field = field;
    p->inner = HC_NO_FIELD;
    return p;
}

/* ---- operations ----------------------------------------------------------------------------------------------------
 */

static void expect_anything(hc_op *op, arena *from)
{
    (void)from;
    op->expect = HC_EXPECT_ANY;
}

static void no_limit(hc_op *op, arena *from)
{
    (void)from;
    op->limit = reads(op) ? 0 : op->limit;
}

static void no_cap(hc_op *op, arena *from)
{
    (void)from;
    op->limit = op->verb == HC_VERB_COUNT ? 0 : op->limit;
}

static void one_more(hc_op *op, arena *from)
{
    (void)from;
    op->limit += op->limit > 0;
}

static void no_scan_limit(hc_op *op, arena *from)
{
    (void)from;
    op->scan_limit = 0;
}

static void scan_one_more(hc_op *op, arena *from)
{
    (void)from;
    op->scan_limit += op->scan_limit > 0;
}

static void no_seek(hc_op *op, arena *from)
{
    (void)from;
    op->seek = NULL;
}

static void no_filter(hc_op *op, arena *from)
{
    (void)from;
    op->filter = NULL;
}

static void insert_anyway(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb <= HC_VERB_INSERT_IF_ABSENT)
        op->where = NULL;
}

static void absent_or_error(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb == HC_VERB_INSERT_IF_ABSENT)
        op->verb = HC_VERB_INSERT;
}

static void taken_is_fine(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb == HC_VERB_INSERT)
        op->verb = HC_VERB_INSERT_IF_ABSENT;
}

/* Each key but the last, so that the order stays one. */
static void change_order(hc_op *op, arena *from, uint16_t set, uint16_t clear)
{
    hc_order *order = arena_take(from, (op->order_count + 1) * sizeof(*order));

    for (size_t i = 0; i < op->order_count; i++) {
        order[i] = op->order[i];
        order[i].flags = (uint16_t)((order[i].flags | set) & ~(unsigned)clear);
    }
    op->order = order;
}

static void nulls_anywhere(hc_op *op, arena *from)
{
    change_order(op, from, HC_ORDER_NOT_NULL, 0);
}

static void always_ascending(hc_op *op, arena *from)
{
    change_order(op, from, 0, HC_ORDER_DESCENDING);
}

static void by_id_only(hc_op *op, arena *from)
{
    (void)from;
    if (op->order_count > 1) {
        op->order += op->order_count - 1;
        op->seek = op->seek == NULL ? NULL : op->seek + op->order_count - 1;
        op->order_count = 1;
    }
}

static void drop_last_bound(hc_op *op, arena *from)
{
    hc_group *group;

    if (op->group == NULL || op->group->bound_count == 0)
        return;
    group = arena_take(from, sizeof(*group));
    *group = *op->group;
    group->bound_count--;
    op->group = group;
}

static void add_only_once(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb == HC_VERB_UPDATE_WHERE && op->set_count > 1)
        op->set_count--;
}

/* ---- predicates ----------------------------------------------------------------------------------------------------
 */

static void null_is_not_equal(hc_predicate *p, arena *from)
{
    const hc_predicate **both = arena_take(from, 2 * sizeof(*both));
    hc_predicate *same = arena_take(from, sizeof(*same));

    if (p->test != HC_TEST_NE)
        return;
    *same = *p;
    both[0] = same;
    both[1] = leaf_of(from, HC_TEST_IS_NULL, p->field);
    *p = (hc_predicate){.test = HC_TEST_OR, .inner = HC_NO_FIELD, .children = both, .child_count = 2};
}

static void null_in_a_list(hc_predicate *p, arena *from)
{
    const hc_predicate **both = arena_take(from, 2 * sizeof(*both));
    hc_predicate *same = arena_take(from, sizeof(*same));
    bool has = false;

    for (size_t i = 0; p->test == HC_TEST_IN && i < p->value_count; i++)
        has = has || p->values[i].type == HC_TYPE_NULL;
    if (!has)
        return;
    *same = *p;
    both[0] = same;
    both[1] = leaf_of(from, HC_TEST_IS_NULL, p->field);
    *p = (hc_predicate){.test = HC_TEST_OR, .inner = HC_NO_FIELD, .children = both, .child_count = 2};
}

static void less_or_equal(hc_predicate *p, arena *from)
{
    (void)from;
    p->test = p->test == HC_TEST_LT ? HC_TEST_LE : p->test;
}

static void contains_at_start(hc_predicate *p, arena *from)
{
    (void)from;
    p->test = p->test == HC_TEST_CONTAINS ? HC_TEST_STARTS_WITH : p->test;
}

static void first_of_list(hc_predicate *p, arena *from)
{
    (void)from;
    if (p->test == HC_TEST_IN)
        p->value_count = 1;
}

static void first_word_only(hc_predicate *p, arena *from)
{
    (void)from;
    if (p->test == HC_TEST_MATCH)
        p->value_count = 1;
}

static void first_field_only(hc_predicate *p, arena *from)
{
    (void)from;
    if (p->test == HC_TEST_MATCH)
        p->inner = HC_NO_FIELD;
}

static hc_value *own_values(hc_predicate *p, arena *from)
{
    hc_value *values = arena_take(from, (p->value_count + 1) * sizeof(*values));

    if (p->value_count > 0)
        memcpy(values, p->values, p->value_count * sizeof(*values));
    p->values = values;
    return values;
}

static void whole_words_only(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; p->test == HC_TEST_MATCH && i < p->value_count; i++) {
        const char *word = values[i].as.bytes;

        values[i].size -= values[i].size > 1 && word[values[i].size - 1] == '*';
    }
}

static void percent_is_anything(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; (p->test == HC_TEST_CONTAINS || p->test == HC_TEST_STARTS_WITH) && i < p->value_count; i++) {
        if (values[i].size == 1 && *(const char *)values[i].as.bytes == '%')
            values[i].size = 0;
    }
}

static void fold(hc_value *value, arena *from)
{
    char *folded = arena_take(from, value->size + 1);
    const char *text = value->as.bytes;

    for (uint32_t i = 0; i < value->size; i++)
        folded[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    value->as.bytes = folded;
}

static void folds_case(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; i < p->value_count; i++) {
        if (values[i].type == HC_TYPE_TEXT)
            fold(&values[i], from);
    }
}

static void clock_of_tomorrow(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; i < p->value_count; i++)
        values[i].as.integer += values[i].type == HC_TYPE_NOW ? INT64_C(86400000000) : 0;
}

/* ---- values --------------------------------------------------------------------------------------------------------
 */

static void add_is_set(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    set->how = HC_SET_TO;
}

static void empty_is_null(hc_set *set, const hc_field *field, arena *from)
{
    (void)from;
    if (set->value.type == HC_TYPE_TEXT && set->value.size == 0 && (field->flags & HC_FIELD_NULLABLE) != 0)
        set->value.type = HC_TYPE_NULL;
}

static void trims(hc_set *set, const hc_field *field, arena *from)
{
    const char *text = set->value.as.bytes;

    (void)field;
    (void)from;
    while ((set->value.type == HC_TYPE_TEXT || set->value.type == HC_TYPE_KEY) && set->value.size > 0 &&
           text[set->value.size - 1] == ' ')
        set->value.size--;
}

static void whole_amounts(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    if (set->value.type == HC_TYPE_DECIMAL)
        set->value.as.integer -= set->value.as.integer % 100;
}

static void doubles(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    if (set->value.type == HC_TYPE_INT64 && set->value.as.integer == INT64_MAX)
        set->value.as.integer--;
}

static void milliseconds(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    if (set->value.type == HC_TYPE_TIME)
        set->value.as.integer -= set->value.as.integer % 1000;
}

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

static bool local_time(const hc_op *op, hc_row *row)
{
    hc_value *values = (hc_value *)(uintptr_t)row->values;

    (void)op;
    for (uint32_t i = 0; i < row->count; i++)
        values[i].as.integer += values[i].type == HC_TYPE_TIME ? INT64_C(3600000000) : 0;
    return true;
}

static bool local_days(const hc_op *op, hc_row *row)
{
    if (op->group != NULL && op->group->how == HC_GROUP_DAY && row->values[0].type == HC_TYPE_DATE &&
        row->values[0].as.integer < 0)
        ((hc_value *)(uintptr_t)row->values)->as.integer++; /* rounds towards 1970 */
    return true;
}

static bool no_null_group(const hc_op *op, hc_row *row)
{
    return op->verb != HC_VERB_GROUP || row->values[0].type != HC_TYPE_NULL;
}

static bool no_last_key(const hc_op *op, hc_row *row)
{
    (void)op;
    return row->what != HC_ROW_SCANNED;
}

static bool null_is_zero(const hc_op *op, hc_row *row)
{
    hc_value *values = (hc_value *)(uintptr_t)row->values;

    for (uint32_t i = 0; row->what == HC_ROW_MATCH && op->verb == HC_VERB_QUERY && i < row->count; i++) {
        if (values[i].type == HC_TYPE_NULL && op->kind->fields[op->fields[i]].type == HC_TYPE_INT32)
            values[i] = (hc_value){HC_TYPE_INT32, 0, {0}};
    }
    return true;
}

static hc_status never_enough(hc_status status)
{
    return status > 0 ? HC_OK : status;
}

static hc_status never_refused(hc_status status)
{
    return status < 0 ? HC_OK : status;
}

const lie data_lies[] = {
    {.name = "drops expect", .op = expect_anything},
    {.name = "ignores the limit of a query", .op = no_limit},
    {.name = "ignores the cap of a count", .op = no_cap},
    {.name = "gives one row more than the limit", .op = one_more},
    {.name = "ignores scan_limit", .op = no_scan_limit},
    {.name = "examines one row more than scan_limit", .op = scan_one_more},
    {.name = "ignores seek", .op = no_seek},
    {.name = "ignores the filter", .op = no_filter},
    {.name = "inserts whatever the predicate says", .op = insert_anyway},
    {.name = "insert_if_absent fails when it is not", .op = absent_or_error},
    {.name = "insert passes over a taken key", .op = taken_is_fine},
    {.name = "puts nulls first", .op = nulls_anywhere},
    {.name = "sorts one way only", .op = always_ascending},
    {.name = "sorts by id only", .op = by_id_only},
    {.name = "takes a bound for the end", .op = drop_last_bound},
    {.name = "forgets the last set of an update", .op = add_only_once},
    {.name = "null is not equal to a value", .leaf = null_is_not_equal},
    {.name = "a null in a list is null", .leaf = null_in_a_list},
    {.name = "less includes equal", .leaf = less_or_equal},
    {.name = "contains looks at the start", .leaf = contains_at_start},
    {.name = "a list is its first value", .leaf = first_of_list},
    {.name = "a match is its first word", .leaf = first_word_only},
    {.name = "a match looks into one field", .leaf = first_field_only},
    {.name = "knows whole words only", .leaf = whole_words_only},
    {.name = "percent is a wildcard", .leaf = percent_is_anything},
    {.name = "folds case", .leaf = folds_case},
    {.name = "the clock of predicates is of tomorrow", .leaf = clock_of_tomorrow},
    {.name = "add is set", .set = add_is_set},
    {.name = "empty is null", .set = empty_is_null},
    {.name = "trims", .set = trims},
    {.name = "rounds amounts", .set = whole_amounts},
    {.name = "numbers are doubles", .set = doubles},
    {.name = "times are of milliseconds", .set = milliseconds},
    {.name = "reads times in a zone", .row = local_time},
    {.name = "days round towards 1970", .row = local_days},
    {.name = "leaves the group of null out", .row = no_null_group},
    {.name = "does not tell where a scan was cut", .row = no_last_key},
    {.name = "reads null as zero", .row = null_is_zero},
    {.name = "goes on when the callback has enough", .answer = never_enough},
    {.name = "goes on when the callback refuses", .answer = never_refused},
};
const size_t data_lie_count = sizeof(data_lies) / sizeof(data_lies[0]);
