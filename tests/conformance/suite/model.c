#include "model.h"

/* ---- predicates ----------------------------------------------------------------------------------------------------
 */

static bool has_word(const hc_value *stored, const hc_value *asked)
{
    const char *text = stored->as.bytes;
    const char *word = asked->as.bytes;
    size_t size = asked->size;
    bool prefix = size > 0 && word[size - 1] == '*';

    size -= prefix;
    for (size_t at = 0; at < stored->size;) {
        size_t end = at;

        while (end < stored->size && text[end] != ' ')
            end++;
        if (end - at >= size && (prefix || end - at == size) && memcmp(text + at, word, size) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

static bool contains(const hc_value *stored, const hc_value *asked)
{
    const char *text = stored->as.bytes;

    for (size_t at = 0; at + asked->size <= stored->size; at++) {
        if (asked->size == 0 || memcmp(text + at, asked->as.bytes, asked->size) == 0)
            return true;
    }
    return false;
}

static bool starts_with(const hc_value *stored, const hc_value *asked)
{
    return stored->size >= asked->size &&
           (asked->size == 0 || memcmp(stored->as.bytes, asked->as.bytes, asked->size) == 0);
}

static bool holds_for(int32_t what, const hc_value *stored, const hc_value *asked)
{
    int order;

    if (asked->type == HC_TYPE_NULL)
        return false;
    if (what == HC_TEST_STARTS_WITH)
        return starts_with(stored, asked);
    if (what == HC_TEST_CONTAINS)
        return contains(stored, asked);
    order = compare_values(stored, asked);
    switch (what) {
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

static uint16_t match_last(const hc_predicate *p)
{
    return p->inner == HC_NO_FIELD ? p->field : p->inner;
}

static bool has_tokens(const hc_value *stored, const hc_value *word)
{
    return stored->type == HC_TYPE_TOKENS && has_word(stored, word);
}

static bool match_holds(const model_row *row, const hc_predicate *p)
{
    for (size_t i = 0; i < p->value_count; i++) {
        bool stands = false;

        for (uint16_t field = p->field; field <= match_last(p); field++)
            stands = stands || has_tokens(&row->values[field], &p->values[i]);
        if (!stands)
            return false;
    }
    return true;
}

static bool leaf_holds(const hc_value *stored, const hc_predicate *p)
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

static bool exists_holds(const model *m, const model_row *row, const hc_predicate *p)
{
    for (size_t i = 0; i < m->owner_count; i++) {
        const hc_value *outer = &row->values[p->field];

        if (p->inner != HC_NO_FIELD &&
            (outer->type == HC_TYPE_NULL || !same_value(outer, &m->owners[i].values[p->inner])))
            continue;
        if (model_holds(m, &owners, &m->owners[i], p->children[0]))
            return true;
    }
    return false;
}

void model_copy(model *out, const model *from)
{
    memcpy(out->rows, from->rows, from->count * sizeof(from->rows[0]));
    memcpy(out->owners, from->owners, from->owner_count * sizeof(from->owners[0]));
    out->count = from->count;
    out->owner_count = from->owner_count;
}

const model_row *model_row_of(const model *m, uint32_t n)
{
    for (size_t i = 0; i < m->count; i++) {
        if (is_id(&m->rows[i].values[ITEM_ID], n))
            return &m->rows[i];
    }
    return NULL;
}

bool model_holds(const model *m, const hc_kind *kind, const model_row *row, const hc_predicate *p)
{
    if (p == NULL || p->test == HC_TEST_TRUE)
        return true;
    if (p->test == HC_TEST_FALSE)
        return false;
    if (p->test == HC_TEST_EXISTS)
        return exists_holds(m, row, p);
    if (p->test == HC_TEST_MATCH)
        return match_holds(row, p);
    if (p->test != HC_TEST_AND && p->test != HC_TEST_OR)
        return leaf_holds(&row->values[p->field], p);
    for (size_t i = 0; i < p->child_count; i++) {
        if (model_holds(m, kind, row, p->children[i]) == (p->test == HC_TEST_OR))
            return p->test == HC_TEST_OR;
    }
    return p->test == HC_TEST_AND;
}

/* ---- writes --------------------------------------------------------------------------------------------------------
 */

static void fail(expectation *out, hc_status status, int32_t fault, int32_t index)
{
    out->status = status;
    out->fault = fault;
    out->fault_index = index;
}

static bool taken(const model *m, const hc_kind *kind, const model_row *row, const model_row *self, int32_t *index)
{
    bool pair = kind->indexes[BY_SOURCE].field_count == 2;
    bool id = false, source = false;

    for (size_t i = 0; i < m->count; i++) {
        const model_row *other = &m->rows[i];

        if (other == self)
            continue;
        id = id || same_value(&row->values[ITEM_ID], &other->values[ITEM_ID]);
        source = source || (row->values[ITEM_SOURCE].type != HC_TYPE_NULL &&
                            (!pair || row->values[ITEM_SOURCE_NO].type != HC_TYPE_NULL) &&
                            same_value(&row->values[ITEM_SOURCE], &other->values[ITEM_SOURCE]) &&
                            (!pair || same_value(&row->values[ITEM_SOURCE_NO], &other->values[ITEM_SOURCE_NO])));
    }
    *index = id && source ? HC_INDEX_ANY : id ? HC_INDEX_ID : BY_SOURCE;
    return id || source;
}

static bool keeps_rules(const model_row *row)
{
    int64_t rank = row->values[ITEM_RANK].as.integer;

    return row->values[ITEM_BIG].type != HC_TYPE_NULL && row->values[ITEM_RANK].type != HC_TYPE_NULL &&
           rank >= -1000000 && rank <= 1000000;
}

static void apply_sets(model_row *row, const hc_op *op)
{
    for (size_t i = 0; i < op->set_count; i++) {
        hc_value *value = &row->values[op->sets[i].field];

        if (op->sets[i].how == HC_SET_TO)
            *value = op->sets[i].value;
        else if (value->type != HC_TYPE_NULL)
            value->as.integer += op->sets[i].value.as.integer;
    }
}

static void apply_insert(model *m, const hc_op *op, expectation *out)
{
    model_row row = {0};
    int32_t index;

    apply_sets(&row, op);
    out->refused = !model_holds(m, op->kind, &row, op->where);
    if (out->refused)
        return;
    if (!keeps_rules(&row)) {
        fail(out, HC_ERR_INVALID, HC_FAULT_NONE, HC_INDEX_ANY);
    } else if (taken(m, op->kind, &row, NULL, &index)) {
        if (op->verb == HC_VERB_INSERT)
            fail(out, HC_ERR_CONFLICT, HC_FAULT_UNIQUE, index);
    } else {
        m->rows[m->count++] = row;
        out->count = 1;
    }
}

static void apply_update(model *m, const hc_op *op, expectation *out)
{
    int32_t index;

    for (size_t i = 0; i < m->count && out->status == HC_OK; i++) {
        if (!model_holds(m, op->kind, &m->rows[i], op->where))
            continue;
        apply_sets(&m->rows[i], op);
        out->count++;
        if (!keeps_rules(&m->rows[i]))
            fail(out, HC_ERR_INVALID, HC_FAULT_NONE, HC_INDEX_ANY);
        else if (taken(m, op->kind, &m->rows[i], &m->rows[i], &index))
            fail(out, HC_ERR_CONFLICT, HC_FAULT_UNIQUE, index);
    }
}

static void apply_removal(model *m, const hc_op *op, expectation *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (model_holds(m, op->kind, &m->rows[i], op->where))
            out->count++;
        else
            m->rows[kept++] = m->rows[i];
    }
    m->count = kept;
}

/* ---- reads ---------------------------------------------------------------------------------------------------------
 */

/* Nulls last both ways. */
static int compare_keys(const hc_value *a, const hc_value *b, bool descending)
{
    bool a_null = a->type == HC_TYPE_NULL, b_null = b->type == HC_TYPE_NULL;
    int order;

    if (a_null || b_null)
        return a_null - b_null;
    order = compare_values(a, b);
    return descending ? -order : order;
}

static int compare_rows(const model_row *a, const model_row *b, const hc_op *op)
{
    for (size_t i = 0; i < op->order_count; i++) {
        bool descending = (op->order[i].flags & HC_ORDER_DESCENDING) != 0;
        int order;

        if (op->order[i].field == HC_ORDER_ARRIVAL)
            order = descending ? (a < b) - (a > b) : (a > b) - (a < b);
        else
            order = compare_keys(&a->values[op->order[i].field], &b->values[op->order[i].field], descending);
        if (order != 0)
            return order;
    }
    return 0;
}

static bool after_seek(const model_row *row, const hc_op *op)
{
    for (size_t i = 0; op->seek != NULL && i < op->order_count; i++) {
        int order = compare_keys(&row->values[op->order[i].field], &op->seek[i],
                                 (op->order[i].flags & HC_ORDER_DESCENDING) != 0);

        if (order != 0)
            return order > 0;
    }
    return op->seek == NULL;
}

static size_t candidates(const model *m, const hc_op *op, const model_row **out)
{
    size_t count = 0;

    for (size_t i = 0; i < m->count; i++) {
        size_t at = count;

        if (!model_holds(m, op->kind, &m->rows[i], op->where) || !after_seek(&m->rows[i], op))
            continue;
        for (; at > 0 && compare_rows(out[at - 1], &m->rows[i], op) > 0; at--)
            out[at] = out[at - 1];
        out[at] = &m->rows[i];
        count++;
    }
    return count;
}

/* Which words of the query's MATCH stand in a field of tokens. */
static hc_value found_in(const hc_op *op, const hc_value *stored)
{
    const hc_predicate *match = op->where;
    int64_t bits = 0;

    for (size_t i = 0; match->test == HC_TEST_AND && i < op->where->child_count; i++) {
        if (op->where->children[i]->test == HC_TEST_MATCH)
            match = op->where->children[i];
    }
    for (size_t i = 0; i < match->value_count; i++)
        bits |= (int64_t)has_tokens(stored, &match->values[i]) << i;
    return number(HC_TYPE_INT64, bits);
}

static void give(test *t, expectation *out, int32_t what, const model_row *row, const hc_op *op)
{
    expected_row *given = &out->rows[out->row_count++];

    given->what = what;
    given->count = (uint32_t)(what == HC_ROW_MATCH ? op->field_count : op->order_count);
    given->values = take(t, (given->count + 1) * sizeof(hc_value));
    for (uint32_t i = 0; i < given->count; i++) {
        uint16_t field = what == HC_ROW_MATCH ? op->fields[i] : op->order[i].field;

        given->values[i] = field == HC_ORDER_ARRIVAL ? null_value() : row->values[field];
        if (field < ITEM_FIELDS && op->kind->fields[field].type == HC_TYPE_TOKENS)
            given->values[i] = found_in(op, &row->values[field]);
    }
}

static void answer_query(test *t, const model *m, const hc_op *op, expectation *out)
{
    const model_row *rows[MODEL_ROWS];
    size_t count = candidates(m, op, rows);
    size_t i;

    for (i = 0; i < count; i++) {
        if (op->limit > 0 && out->count == op->limit)
            break;
        if (op->scan_limit > 0 && out->examined == op->scan_limit) {
            out->cut = 1;
            out->loose = op->verb == HC_VERB_COUNT && op->filter != NULL;
            if (op->verb == HC_VERB_QUERY)
                give(t, out, HC_ROW_SCANNED, rows[i - 1], op);
            break;
        }
        out->examined++;
        if (!model_holds(m, op->kind, rows[i], op->filter))
            continue;
        if (op->verb == HC_VERB_QUERY)
            give(t, out, HC_ROW_MATCH, rows[i], op);
        out->count++;
    }
    if (op->scan_limit == 0 && op->filter != NULL)
        out->examined = -1;
}

static hc_value group_value(const hc_value *value, const hc_group *group)
{
    int64_t day = INT64_C(86400000000);
    int64_t n = value->as.integer;
    int64_t bound = 0;

    if (value->type == HC_TYPE_NULL || group->how == HC_GROUP_VALUE)
        return *value;
    if (group->how == HC_GROUP_DAY)
        return number(HC_TYPE_DATE, n / day - (n % day < 0));
    while (bound < group->bound_count && compare_values(&group->bounds[bound], value) <= 0)
        bound++;
    return number(HC_TYPE_INT64, bound);
}

static void answer_group(test *t, const model *m, const hc_op *op, expectation *out)
{
    int64_t examined = 0;

    for (size_t i = 0; i < m->count; i++) {
        hc_value key = group_value(&m->rows[i].values[op->group->field], op->group);
        size_t at = 0;

        if (!model_holds(m, op->kind, &m->rows[i], op->where))
            continue;
        examined++;
        if (!model_holds(m, op->kind, &m->rows[i], op->filter))
            continue;
        while (at < out->row_count && !same_value(&out->rows[at].values[0], &key))
            at++;
        if (at == out->row_count) {
            out->rows[at] = (expected_row){HC_ROW_MATCH, 2, take(t, 2 * sizeof(hc_value))};
            out->rows[at].values[0] = key;
            out->rows[at].values[1] = number(HC_TYPE_INT64, 0);
            out->row_count++;
            out->count++;
        }
        out->rows[at].values[1].as.integer++;
    }
    out->examined = -1;
    if (op->scan_limit > 0) { /* which rows it is cut to is not said, nor whether just enough is a cut */
        out->loose = examined > op->scan_limit;
        out->examined = out->loose ? op->scan_limit : examined;
        out->cut = examined == op->scan_limit ? -1 : out->loose;
    }
}

void model_apply(test *t, model *m, const hc_op *op, expectation *out)
{
    memset(out, 0, offsetof(expectation, rows)); /* which are written before they are read */
    out->fault_index = HC_INDEX_ANY;
    switch (op->verb) {
    case HC_VERB_INSERT:
    case HC_VERB_INSERT_IF_ABSENT:
        apply_insert(m, op, out);
        break;
    case HC_VERB_UPDATE_WHERE:
        apply_update(m, op, out);
        break;
    case HC_VERB_REMOVE_WHERE:
        apply_removal(m, op, out);
        break;
    case HC_VERB_GROUP:
        answer_group(t, m, op, out);
        break;
    default:
        answer_query(t, m, op, out);
        break;
    }
    if (op->verb < HC_VERB_QUERY) {
        out->examined = -1;
        if (out->status == HC_OK && op->expect >= 0 && op->expect != out->count)
            fail(out, HC_ERR_CONFLICT, HC_FAULT_EXPECT, HC_INDEX_ANY);
    }
}
