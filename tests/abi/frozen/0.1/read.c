/* Queries, counts and groups. Each first finds the rows that `where` lets through, then looks at them one by one. */
#include "memtable.h"

#include <string.h>

#define DAY INT64_C(86400000000)

/* The rows that `where` lets through, in the order of the query. */
typedef struct found {
    const mt_row **rows;
    size_t count;
} found;

/* ---- order ---------------------------------------------------------------------------------------------------------
 */

/* Nulls come last both ways. */
static int compare_keys(const hc_value *a, const hc_value *b, bool descending)
{
    bool a_null = a->type == HC_TYPE_NULL, b_null = b->type == HC_TYPE_NULL;

    if (a_null || b_null)
        return a_null - b_null;
    return descending ? mt_compare(b, a) : mt_compare(a, b);
}

static int compare_rows(const hc_op *op, const mt_row *a, const mt_row *b)
{
    for (size_t i = 0; i < op->order_count; i++) {
        bool descending = (op->order[i].flags & HC_ORDER_DESCENDING) != 0;
        uint16_t field = op->order[i].field;
        int order = field != HC_ORDER_ARRIVAL ? compare_keys(&a->values[field], &b->values[field], descending)
                    : descending              ? (a->arrival < b->arrival) - (a->arrival > b->arrival)
                                              : (a->arrival > b->arrival) - (a->arrival < b->arrival);

        if (order != 0)
            return order;
    }
    return 0;
}

static bool is_after_seek(const hc_op *op, const mt_row *row)
{
    for (size_t i = 0; op->seek != NULL && i < op->order_count; i++) {
        int order = compare_keys(&row->values[op->order[i].field], &op->seek[i],
                                 (op->order[i].flags & HC_ORDER_DESCENDING) != 0);

        if (order != 0)
            return order > 0;
    }
    return op->seek == NULL;
}

static void merge(const hc_op *op, const mt_row **from, const mt_row **to, size_t first, size_t middle, size_t last)
{
    size_t left = first, right = middle;

    for (size_t at = first; at < last; at++) {
        bool from_left = right == last || (left < middle && compare_rows(op, from[left], from[right]) <= 0);

        to[at] = from_left ? from[left++] : from[right++];
    }
}

static hc_status sort(const mt_run *run, const hc_op *op, found *f)
{
    const mt_row **other;

    if (f->count < 2 || op->order_count == 0)
        return HC_OK;
    other = mt_allocate(run->conn->store, f->count * sizeof(*other));
    if (other == NULL)
        return mt_no_memory(run->err);
    for (size_t width = 1; width < f->count; width *= 2) {
        const mt_row **swap = f->rows;

        for (size_t at = 0; at < f->count; at += 2 * width) {
            size_t middle = at + width < f->count ? at + width : f->count;
            size_t last = middle + width < f->count ? middle + width : f->count;

            merge(op, f->rows, other, at, middle, last);
        }
        f->rows = other;
        other = swap;
    }
    mt_free(run->conn->store, other);
    return HC_OK;
}

static hc_status find(mt_run *run, const hc_op *op, found *f)
{
    const mt_table *table = mt_table_of(run->view, op->kind);
    const hc_value *id = mt_only_id(op->where);
    size_t first = 0, last = table->count;

    f->count = 0;
    f->rows = mt_allocate(run->conn->store, (table->count + 1) * sizeof(*f->rows));
    if (f->rows == NULL)
        return mt_no_memory(run->err);
    if (id != NULL)
        last = mt_row_is_there(table, id, &first) ? first + 1 : first;
    for (size_t i = first; i < last && mt_goes_on(run); i++) {
        if (is_after_seek(op, table->rows[i]) && mt_holds(run, table->rows[i], op->where))
            f->rows[f->count++] = table->rows[i];
    }
    return run->stopped == HC_OK ? sort(run, op, f) : run->stopped;
}

/* ---- giving rows ---------------------------------------------------------------------------------------------------
 */

/* An interrupt may come while the callback runs. */
static hc_status give(mt_run *run, size_t op, int32_t what, uint32_t count, const hc_value *values)
{
    hc_row row = {op, what, count, values};
    hc_status status = run->batch->on_row == NULL ? HC_OK : run->batch->on_row(&row, run->batch->data, run->err);

    return status == HC_OK && !mt_goes_on(run) ? run->stopped : status;
}

static hc_status give_match(mt_run *run, size_t i, const mt_row *row, hc_value *values)
{
    const hc_op *op = &run->batch->ops[i];

    for (size_t k = 0; k < op->field_count; k++) {
        values[k] = row->values[op->fields[k]];
        if (op->kind->fields[op->fields[k]].type == HC_TYPE_TOKENS)
            values[k] = mt_words_found(mt_match_of(op->where), &values[k]);
    }
    return give(run, i, HC_ROW_MATCH, (uint32_t)op->field_count, values);
}

static hc_status give_last(mt_run *run, size_t i, const mt_row *row)
{
    const hc_op *op = &run->batch->ops[i];
    hc_value keys[HC_ORDER_LIMIT] = {{0}};

    for (size_t k = 0; k < op->order_count && k < HC_ORDER_LIMIT; k++) {
        if (op->order[k].field != HC_ORDER_ARRIVAL)
            keys[k] = row->values[op->order[k].field];
    }
    return give(run, i, HC_ROW_SCANNED, (uint32_t)op->order_count, keys);
}

/* ---- queries and counts --------------------------------------------------------------------------------------------
 */

/* Whether the scan goes on to row `at`; sets `cut` when it is scan_limit that ends it. */
static bool examines(const hc_op *op, const found *f, size_t at, hc_op_result *result)
{
    if (at == f->count || (op->limit > 0 && result->count >= op->limit))
        return false;
    result->cut = op->scan_limit > 0 && result->examined == op->scan_limit;
    return !result->cut;
}

static hc_status scan(mt_run *run, size_t i, const found *f, hc_value *values, hc_op_result *result)
{
    const hc_op *op = &run->batch->ops[i];
    size_t at = 0;

    for (; examines(op, f, at, result); at++) {
        bool holds = mt_holds(run, f->rows[at], op->filter);
        hc_status status = mt_goes_on(run) ? HC_OK : run->stopped;

        result->examined++;
        if (status == HC_OK && holds && op->verb == HC_VERB_QUERY)
            status = give_match(run, i, f->rows[at], values);
        if (status < 0)
            return status;
        result->count += holds;
        if (status > 0)
            return HC_OK; /* the callback has enough */
    }
    return result->cut && op->verb == HC_VERB_QUERY ? give_last(run, i, f->rows[at - 1]) : HC_OK;
}

static hc_status query(mt_run *run, size_t i, const found *f, hc_op_result *result)
{
    const hc_op *op = &run->batch->ops[i];
    hc_value *values = mt_allocate(run->conn->store, (op->field_count + 1) * sizeof(*values));
    hc_status status;

    if (values == NULL)
        return mt_no_memory(run->err);
    status = scan(run, i, f, values, result);
    mt_free(run->conn->store, values);
    return status;
}

/* ---- groups --------------------------------------------------------------------------------------------------------
 */

static hc_value group_of(const hc_group *group, const hc_value *value)
{
    hc_value out = {HC_TYPE_INT64, 0, {0}};

    if (value->type == HC_TYPE_NULL || group->how == HC_GROUP_VALUE)
        return *value;
    if (group->how == HC_GROUP_DAY) {
        out.type = HC_TYPE_DATE;
        out.as.integer = value->as.integer / DAY - (value->as.integer % DAY < 0);
        return out;
    }
    while (out.as.integer < group->bound_count && mt_compare(&group->bounds[out.as.integer], value) <= 0)
        out.as.integer++;
    return out;
}

static hc_status group(mt_run *run, size_t i, const found *f, hc_op_result *result)
{
    const hc_op *op = &run->batch->ops[i];
    hc_value(*groups)[2] = mt_allocate(run->conn->store, (f->count + 1) * sizeof(*groups));
    hc_status status = groups == NULL ? mt_no_memory(run->err) : HC_OK;
    size_t count = 0;

    for (size_t at = 0; status == HC_OK && examines(op, f, at, result); at++) {
        hc_value key = group_of(op->group, &f->rows[at]->values[op->group->field]);
        size_t k = 0;

        result->examined++;
        if (mt_holds(run, f->rows[at], op->filter)) {
            while (k < count && !mt_same(&groups[k][0], &key) &&
                   (groups[k][0].type != HC_TYPE_NULL || key.type != HC_TYPE_NULL))
                k++;
            groups[k][0] = key;
            groups[k][1].type = HC_TYPE_INT64;
            groups[k][1].as.integer++;
            count += k == count;
        }
        status = mt_goes_on(run) ? HC_OK : run->stopped;
    }
    for (size_t k = 0; k < count && status == HC_OK; k++) {
        status = give(run, i, HC_ROW_MATCH, 2, groups[k]);
        result->count += status >= 0;
    }
    mt_free(run->conn->store, groups);
    return status < 0 ? status : HC_OK;
}

hc_status mt_read(mt_run *run, size_t i, hc_op_result *result)
{
    const hc_op *op = &run->batch->ops[i];
    found f = {NULL, 0};
    hc_status status = find(run, op, &f);

    if (status == HC_OK)
        status = op->verb == HC_VERB_GROUP ? group(run, i, &f, result) : query(run, i, &f, result);
    mt_free(run->conn->store, f.rows);
    return status;
}
