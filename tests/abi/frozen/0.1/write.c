/* Inserts, updates, removals. They change the writer's own version, which is forgotten when anything fails. */
#include "memtable.h"

#include <string.h>

static const hc_index *unique_at(const mt_table *table, uint32_t i)
{
    const hc_index *index = &table->kind->indexes[i];
    bool here = index->since <= table->version && (i >= 32 || (table->dropped >> i & 1u) == 0);

    return here && (index->flags & HC_INDEX_UNIQUE) != 0 ? index : NULL;
}

static bool same_key(const hc_index *index, const mt_row *a, const mt_row *b)
{
    for (uint32_t i = 0; i < index->field_count; i++) {
        if (!mt_same(&a->values[index->fields[i]], &b->values[index->fields[i]]))
            return false;
    }
    return true;
}

/* Whether another row has what must be unique; `self` is the place of the row that this one replaces. */
static bool is_taken(const mt_table *table, const mt_row *row, size_t self, int32_t *which)
{
    size_t place;

    *which = HC_INDEX_ID;
    if (mt_row_is_there(table, &row->values[0], &place) && place != self)
        return true;
    for (uint32_t i = 0; i < table->kind->index_count; i++) {
        const hc_index *index = unique_at(table, i);

        *which = (int32_t)i;
        for (size_t at = 0; index != NULL && at < table->count; at++) {
            if (at != self && same_key(index, row, table->rows[at]))
                return true;
        }
    }
    return false;
}

static hc_status refuse_taken(mt_run *run, const hc_kind *kind, int32_t which)
{
    const hc_field *field = &kind->fields[which == HC_INDEX_ID ? 0 : kind->indexes[which].fields[0]];

    run->batch->fault = HC_FAULT_UNIQUE;
    run->batch->fault_index = which;
    return mt_fail(run->err, HC_ERR_CONFLICT, field->name, "a value that must be unique is taken in %s", kind->name);
}

static hc_status check_rules(const mt_run *run, const mt_table *table, const hc_value *values)
{
    for (uint32_t i = 0; i < table->kind->field_count; i++) {
        const hc_field *field = &table->kind->fields[i];

        if (field->since <= table->version && !mt_fits(field, &values[i]))
            return mt_fail(run->err, HC_ERR_INVALID, field->name, "a value breaks a rule of %s.%s", table->kind->name,
                           field->name);
    }
    return HC_OK;
}

/* ---- inserts -------------------------------------------------------------------------------------------------------
 */

/* What is not set has its default. That of a field which comes with a later migration is in the row already. */
static mt_row *new_row(const mt_run *run, const mt_table *table, const hc_op *op)
{
    mt_store *store = run->conn->store;
    hc_value *values = mt_allocate(store, table->kind->field_count * sizeof(*values));
    mt_row *row;

    if (values == NULL)
        return NULL;
    for (uint32_t i = 0; i < table->kind->field_count; i++) {
        if (table->kind->fields[i].initial != NULL)
            values[i] = mt_moment(run, table->kind->fields[i].initial);
    }
    for (size_t i = 0; i < op->set_count; i++)
        values[op->sets[i].field] = mt_moment(run, &op->sets[i].value);
    row = mt_row_make(store, ++store->arrivals, values, table->kind->field_count);
    mt_free(store, values);
    return row;
}

/* Gives the row to the table, or says why not; `*count` is 1 when it did. */
static hc_status try_insert(mt_run *run, mt_table *table, const hc_op *op, mt_row *row, int64_t *count)
{
    hc_status status = HC_OK;
    int32_t which;

    if (!mt_holds(run, row, op->where))
        return run->stopped;
    status = check_rules(run, table, row->values);
    if (status < 0)
        return status;
    if (is_taken(table, row, SIZE_MAX, &which))
        return op->verb == HC_VERB_INSERT_IF_ABSENT ? HC_OK : refuse_taken(run, table->kind, which);
    if (!mt_row_add(run->conn->store, table, row))
        return mt_no_memory(run->err);
    *count = 1;
    return HC_OK;
}

static hc_status insert(mt_run *run, mt_table *table, const hc_op *op, int64_t *count)
{
    mt_row *row = new_row(run, table, op);
    hc_status status = row == NULL ? mt_no_memory(run->err) : try_insert(run, table, op, row, count);

    if (*count == 0)
        mt_row_release(run->conn->store, row);
    return status;
}

/* ---- updates and removals ------------------------------------------------------------------------------------------
 */

/* The places of the rows that match, all found before the first one changes. NULL: no memory. */
static size_t *find(mt_run *run, const mt_table *table, const hc_op *op, size_t *count)
{
    size_t *places = mt_allocate(run->conn->store, (table->count + 1) * sizeof(*places));
    const hc_value *id = mt_only_id(op->where);
    size_t first = 0, last = table->count;

    *count = 0;
    if (id != NULL)
        last = mt_row_is_there(table, id, &first) ? first + 1 : first;
    for (size_t i = first; i < last && places != NULL && mt_goes_on(run); i++) {
        if (mt_holds(run, table->rows[i], op->where))
            places[(*count)++] = i;
    }
    return places;
}

static hc_status apply_sets(const mt_run *run, const mt_table *table, const hc_op *op, hc_value *values)
{
    for (size_t i = 0; i < op->set_count; i++) {
        const hc_set *set = &op->sets[i];
        hc_value *value = &values[set->field];

        if (set->how == HC_SET_TO)
            *value = mt_moment(run, &set->value);
        else if (value->type != HC_TYPE_NULL && set->value.type != HC_TYPE_NULL &&
                 __builtin_add_overflow(value->as.integer, set->value.as.integer, &value->as.integer))
            return mt_fail(run->err, HC_ERR_INVALID, table->kind->fields[set->field].name, "a sum is out of range");
    }
    return check_rules(run, table, values);
}

static hc_status update_row(mt_run *run, mt_table *table, const hc_op *op, size_t place, hc_value *values)
{
    mt_store *store = run->conn->store;
    mt_row *old = table->rows[place], *row;
    hc_status status;
    int32_t which;

    memcpy(values, old->values, table->kind->field_count * sizeof(*values));
    status = apply_sets(run, table, op, values);
    if (status < 0)
        return status;
    row = mt_row_make(store, old->arrival, values, table->kind->field_count);
    if (row == NULL)
        return mt_no_memory(run->err);
    if (is_taken(table, row, place, &which)) {
        mt_row_release(store, row);
        return refuse_taken(run, table->kind, which);
    }
    table->rows[place] = row;
    mt_row_release(store, old);
    return HC_OK;
}

static hc_status update(mt_run *run, mt_table *table, const hc_op *op, const size_t *places, size_t count)
{
    hc_value *values = mt_allocate(run->conn->store, table->kind->field_count * sizeof(*values));
    hc_status status = values == NULL ? mt_no_memory(run->err) : HC_OK;

    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = update_row(run, table, op, places[i], values);
    mt_free(run->conn->store, values);
    return status;
}

static void remove_rows(const mt_run *run, mt_table *table, const size_t *places, size_t count)
{
    size_t kept = 0, next = 0;

    for (size_t i = 0; i < table->count; i++) {
        if (next < count && places[next] == i) {
            mt_row_release(run->conn->store, table->rows[i]);
            next++;
        } else {
            table->rows[kept++] = table->rows[i];
        }
    }
    table->count = kept;
}

static hc_status change(mt_run *run, mt_table *table, const hc_op *op, int64_t *done)
{
    size_t count;
    size_t *places = find(run, table, op, &count);
    hc_status status = places == NULL ? mt_no_memory(run->err) : run->stopped;

    if (status == HC_OK && op->verb == HC_VERB_UPDATE_WHERE)
        status = update(run, table, op, places, count);
    else if (status == HC_OK)
        remove_rows(run, table, places, count);
    mt_free(run->conn->store, places);
    *done = (int64_t)count;
    return status;
}

hc_status mt_write(mt_run *run, const hc_op *op, hc_op_result *result)
{
    bool inserts = op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT;
    mt_table *table = mt_table_to_change(run, op->kind);
    hc_status status;

    if (table == NULL)
        return mt_no_memory(run->err);
    status = inserts ? insert(run, table, op, &result->count) : change(run, table, op, &result->count);
    result->examined = result->count;
    if (status == HC_OK && op->expect != HC_EXPECT_ANY && op->expect != result->count) {
        run->batch->fault = HC_FAULT_EXPECT;
        status = mt_fail(run->err, HC_ERR_CONFLICT, NULL, "a write changed %lld rows of %s, not %d",
                         (long long)result->count, op->kind->name, (int)op->expect);
    }
    return status;
}
