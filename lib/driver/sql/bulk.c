#include "driver/sql/bulk.h"

static bool plain(const hc_op *op)
{
    if (op->verb != HC_VERB_INSERT || op->where != NULL || op->kind == NULL ||
        (op->expect != HC_EXPECT_ANY && op->expect != 1))
        return false;
    for (size_t i = 0; i < op->set_count; i++) {
        const hc_set *set = &op->sets[i];

        if (set->field >= op->kind->field_count || set->how != HC_SET_TO || set->value.type == HC_TYPE_NOW)
            return false;
    }
    return op->set_count > 0;
}

/* False: one kind too many. */
static bool note_kind(hc__bulk *bulk, const hc_kind *kind)
{
    for (size_t i = 0; i < bulk->kind_count; i++) {
        if (bulk->kinds[i] == kind)
            return true;
    }
    if (bulk->kind_count == HC__BULK_KINDS)
        return false;
    bulk->kinds[bulk->kind_count++] = kind;
    return true;
}

bool hc__bulk_next(hc__bulk *out, const hc_op *ops, size_t count, size_t from, size_t least)
{
    while (from + least <= count) {
        *out = (hc__bulk){.first = from, .last = from};
        while (out->last < count && plain(&ops[out->last]) && note_kind(out, ops[out->last].kind))
            out->last++;
        if (out->last - out->first >= least * (out->kind_count > 0 ? out->kind_count : 1))
            return true;
        from = out->last > from ? out->last : from + 1;
    }
    return false;
}

static bool defaults_to_null(const hc_field *field)
{
    return (field->flags & HC_FIELD_NULLABLE) != 0 && field->initial == NULL;
}

static void take_columns(hc__bulk_table *out, uint16_t *columns, size_t *uses)
{
    for (size_t i = 0; i < out->op_count; i++) {
        for (size_t k = 0; k < out->ops[i]->set_count; k++)
            uses[out->ops[i]->sets[k].field]++;
    }
    for (uint16_t field = 0; field < out->kind->field_count; field++) {
        if (uses[field] == 0)
            continue;
        columns[out->column_count++] = field;
        out->mixed = out->mixed || uses[field] > out->op_count ||
                     (uses[field] < out->op_count && !defaults_to_null(&out->kind->fields[field]));
    }
    out->columns = columns;
}

bool hc__bulk_table_of(hc__bulk_table *out, hc__arena *arena, const hc__bulk *bulk, const hc_op *ops, size_t kind)
{
    size_t fields = bulk->kinds[kind]->field_count;
    uint16_t *columns = hc__arena_zero(arena, fields, sizeof(*columns));
    size_t *uses = hc__arena_zero(arena, fields, sizeof(*uses));

    *out = (hc__bulk_table){.kind = bulk->kinds[kind]};
    out->row = hc__arena_zero(arena, fields, sizeof(*out->row));
    out->ops = hc__arena_zero(arena, bulk->last - bulk->first, sizeof(*out->ops));
    if (columns == NULL || uses == NULL || out->row == NULL || out->ops == NULL)
        return false;
    for (size_t i = bulk->first; i < bulk->last; i++) {
        if (ops[i].kind == out->kind)
            out->ops[out->op_count++] = &ops[i];
    }
    take_columns(out, columns, uses);
    return true;
}

void hc__bulk_row(const hc__bulk_table *table, const hc_op *op)
{
    size_t at = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        size_t tries = 0;

        /* Sets come in the order of their fields: the next one, or none. */
        for (at = at < op->set_count ? at : 0; tries < op->set_count && op->sets[at].field != table->columns[i];
             tries++)
            at = at + 1 < op->set_count ? at + 1 : 0;
        table->row[i] = tries < op->set_count && op->sets[at].value.type != HC_TYPE_NULL ? &op->sets[at].value : NULL;
        at += tries < op->set_count;
    }
}
