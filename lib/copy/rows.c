/* Rows of one store, page by page, and what makes two of them the same. */
#include <string.h>

#include "base/json.h"
#include "client/unfinished.h"
#include "client/unit.h"
#include "copy/copy.h"
#include "model/head.h"

#define PAGE_BYTES (8u << 20) /* of text and documents; a page ends behind them */
#define FIRST_ROWS 64

hc_op hc__count_op(const hc__entity *entity, const hc_predicate *where, int64_t limit, hc_op_result *result)
{
    return (hc_op){.verb = HC_VERB_COUNT,
                   .expect = HC_EXPECT_ANY,
                   .kind = &entity->kind,
                   .where = where,
                   .limit = limit,
                   .index = HC_INDEX_ANY,
                   .result = result};
}

hc_status hc__side_execute(hc__side *side, hc_batch *batch, hc_error *err)
{
    const uint32_t ends = HC_BATCH_COMMIT | HC_BATCH_ROLLBACK;
    hc_status status;

    batch->struct_size = sizeof *batch;
    batch->deadline = hc__os_monotonic() + HC__COPY_WAIT;
    status = hc__store_driver(side->store)->execute(side->lease.conn, batch, err);
    if (status < 0 || (batch->flags & ends) != 0)
        side->lease.in_transaction = false;
    else if ((batch->flags & HC_BATCH_BEGIN) != 0)
        side->lease.in_transaction = true;
    return status;
}

hc_status hc__side_connect(hc__side *side, int32_t role, hc_error *err)
{
    return hc__store_acquire(&side->lease, side->store, role, hc__os_monotonic() + HC__COPY_WAIT, NULL, err);
}

void hc__side_release(hc__side *side, hc_status status)
{
    hc_batch undo = {.flags = HC_BATCH_ROLLBACK};
    hc_status undone = HC_OK;

    if (side->lease.conn == NULL)
        return;
    if (side->lease.in_transaction)
        undone = hc__side_execute(side, &undo, NULL);
    hc__store_release(side->store, &side->lease, undone >= 0 && hc__store_usable_after(status));
}

void hc__side_open(hc__side *side, const hc__part *part, const hc_id *after, bool whole)
{
    side->entity = part->entity;
    side->of = part->of;
    side->field_count = whole ? hc__readable_fields(side->fields, part->entity) : 1;
    side->fields[0] = 0;
    side->count = side->at = 0;
    side->limit = side->capacity < FIRST_ROWS ? side->capacity : FIRST_ROWS;
    side->ended = false;
    side->begun = after != NULL;
    if (after != NULL)
        side->last = *after;
}

/* Another program may have spelled it otherwise; what cannot be read is for the target to refuse. */
static bool take_json(hc__side *side, hc_value *value)
{
    const hc__json_limits limits = {(size_t)value->size + 1, 63, (size_t)value->size + 1};
    hc__buf canonical;
    const char *copy = NULL;
    bool taken = true;

    hc__buf_init(&canonical, side->mem);
    if (hc__json_canonical(&canonical, side->mem, value->as.bytes, value->size, &limits, "json", NULL) == HC_OK) {
        copy = hc__arena_text(&side->arena, canonical.data, canonical.size);
        taken = copy != NULL;
        value->as.bytes = copy;
        value->size = (uint32_t)canonical.size;
    }
    hc__buf_free(&canonical);
    return taken;
}

static bool take_value(hc__side *side, hc_value *out, const hc_value *value)
{
    *out = *value;
    if (value->type == HC_TYPE_NULL || ((1u << value->type) & HC__TYPES_OF_BYTES) == 0)
        return true;
    out->as.bytes = hc__arena_text(&side->arena, value->size == 0 ? "" : value->as.bytes, value->size);
    side->bytes += value->size;
    return out->as.bytes != NULL && (value->type != HC_TYPE_JSON || take_json(side, out));
}

static bool makes_heads(const hc__side *side)
{
    return side->of != NULL && !side->is_target;
}

/* All fields of a document were read. */
static hc_status take_head(hc__side *side, hc_value *out, const hc_row *row, hc_error *err)
{
    hc_value values[HC__FIELD_LIMIT] = {{HC_TYPE_NULL, 0, {0}}};
    uint16_t fields[HC__FIELD_LIMIT];
    const hc__record document = {.entity = side->of, .values = values, .arena = &side->arena};
    hc__record head = {.entity = side->entity, .values = out, .arena = &side->arena};
    size_t count = hc__readable_fields(fields, side->of);

    for (size_t i = 0; i < count; i++)
        if (!take_value(side, &values[fields[i]], &row->values[i]))
            return hc__no_memory(err);
    return hc__head_of(&head, &document, err);
}

static hc_status take(const hc_row *row, void *data, hc_error *err)
{
    hc__side *side = data;
    size_t width = side->entity->kind.field_count;
    hc_value *out = side->rows + side->count * width;
    hc_status status = HC_OK;

    memset(out, 0, width * sizeof *out);
    if (makes_heads(side))
        status = take_head(side, out, row, err);
    for (size_t i = 0; !makes_heads(side) && i < side->field_count; i++)
        if (!take_value(side, &out[side->fields[i]], &row->values[i]))
            return hc__no_memory(err);
    if (status < 0)
        return status;
    if (out[0].size != sizeof side->last)
        return hc__fail(err, HC_ERR_CORRUPT, side->entity->kind.name, "an id does not have 16 bytes");
    memcpy(side->last.bytes, out[0].as.bytes, sizeof side->last);
    side->begun = true;
    side->count++;
    return side->bytes < PAGE_BYTES ? HC_OK : 1;
}

/* Some engines hand over a page as a whole, however soon the callback has enough. */
static void fit_limit(hc__side *side)
{
    if (side->bytes >= PAGE_BYTES / 2)
        side->limit = side->limit / 2 + 1;
    else if (side->bytes < PAGE_BYTES / 8)
        side->limit = side->limit * 2 < side->capacity ? side->limit * 2 : side->capacity;
}

hc_status hc__side_page(hc__side *side, hc_error *err)
{
    static const hc_order order = {0, 0};
    const hc_predicate others = {.test = HC_TEST_NE,
                                 .field = hc__is_copy_mark.field,
                                 .inner = HC_NO_FIELD,
                                 .values = hc__is_copy_mark.values,
                                 .value_count = 1};
    const char *name = side->of == NULL ? "" : side->of->kind.name;
    const hc_value kind = {HC_TYPE_KEY, (uint32_t)strlen(name), {.bytes = name}};
    const hc_predicate of_kind = {
        .test = HC_TEST_EQ, .field = hc__head_f_kind, .inner = HC_NO_FIELD, .values = &kind, .value_count = 1};
    const hc__entity *read = makes_heads(side) ? side->of : side->entity;
    uint16_t fields[HC__FIELD_LIMIT];
    const hc_id after = side->last; /* the callback moves the one in `side` */
    const hc_value seek = {HC_TYPE_ID, sizeof after, {.bytes = after.bytes}};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &read->kind,
                .where = read == &hc__audit_head_entity ? &others
                         : read == &hc__head_entity     ? &of_kind
                                                        : NULL,
                .fields = makes_heads(side) ? fields : side->fields,
                .field_count = makes_heads(side) ? hc__readable_fields(fields, read) : side->field_count,
                .order = &order,
                .order_count = 1,
                .limit = (int64_t)side->limit,
                .index = HC_INDEX_ANY};
    hc_batch batch = {.ops = &op, .op_count = 1, .on_row = take, .data = side};
    hc_status status;

    side->count = side->at = side->bytes = 0;
    hc__arena_free(&side->arena);
    if (side->ended)
        return HC_OK;
    op.seek = side->begun ? &seek : NULL;
    status = hc__side_execute(side, &batch, err);
    side->ended = side->count < side->limit && side->bytes < PAGE_BYTES;
    fit_limit(side);
    return side->is_target ? hc__blame_target(status, err) : status;
}

hc_status hc__side_row(const hc_value **out, hc__side *side, hc_error *err)
{
    hc_status status = HC_OK;

    *out = NULL;
    if (side->at == side->count)
        status = hc__side_page(side, err);
    if (status >= 0 && side->at < side->count)
        *out = side->rows + side->at * side->entity->kind.field_count;
    return status;
}

static bool has_bytes(const hc_value *value)
{
    return value->type != HC_TYPE_NULL && ((1u << value->type) & HC__TYPES_OF_BYTES) != 0;
}

bool hc__same_row(const hc__side *side, const hc_value *a, const hc_value *b)
{
    for (size_t i = 0; i < side->field_count; i++) {
        const hc_value *x = &a[side->fields[i]], *y = &b[side->fields[i]];

        if (x->type != y->type)
            return false;
        if (has_bytes(x) ? x->size != y->size || memcmp(x->as.bytes, y->as.bytes, x->size) != 0
                         : x->type != HC_TYPE_NULL && x->as.integer != y->as.integer)
            return false;
    }
    return true;
}

/* The hash so far, then of each value its type, its size or number, and its bytes. */
bool hc__fold_row(uint8_t hash[32], hc__buf *scratch, const hc__core *core, const hc__side *side, const hc_value *row)
{
    hc__buf_clear(scratch);
    hc__buf_put(scratch, hash, 32);
    for (size_t i = 0; i < side->field_count; i++) {
        const hc_value *value = &row[side->fields[i]];
        uint8_t type = (uint8_t)value->type;
        int64_t number = has_bytes(value) ? value->size : value->as.integer;

        hc__buf_put(scratch, &type, 1);
        if (type != HC_TYPE_NULL)
            hc__buf_put(scratch, &number, sizeof number);
        if (has_bytes(value))
            hc__buf_put(scratch, value->as.bytes, value->size);
    }
    if (scratch->failed)
        return false;
    hc__mac(hash, core->request_key, "copy", scratch->data, scratch->size);
    return true;
}
