#include "client/hybrid_own.h"

#include <string.h>

#include "base/bug.h"
#include "base/judge.h"
#include "base/map.h"
#include "client/documents.h"
#include "client/hybrid.h"
#include "client/relay.h"
#include "model/effect.h"
#include "model/head.h"

#define CHUNK 200 /* documents that one operation asks for */

/* A document of which an effect waits. */
typedef struct waiting {
    struct waiting *next;
    hc_id id;
    hc__record stored, now; /* as the store of documents has it, and with what waits */
    bool was, is;           /* whether there is one: stored, and now */
    bool broken;            /* an effect between is gone: it is shown as it is stored */
    bool left_out;          /* of what the store counts */
} waiting;

/* A group that has more or fewer rows than the store counts. */
typedef struct delta {
    struct delta *next;
    hc_value key;
    int64_t count;
} delta;

/* One of the caller's operations. */
typedef struct asked {
    const hc_op *op;
    size_t place; /* in the caller's batch */
    const hc__entity *entity;
    hc_op_result result; /* the store's */
    uint16_t fields[HC__FIELD_LIMIT + HC_ORDER_LIMIT + 1];
    size_t field_count;
    const waiting **rows; /* that a query gives, in its order */
    size_t row_count, next;
    delta *deltas;
    int64_t count; /* of rows, beside the store's */
    int64_t given;
    bool ended; /* the caller has enough, or the scan was cut */
} asked;

struct hc__own {
    hc_session *as;
    hc__unit *unit; /* NULL: none is open */
    hc__arena *arena;
    const hc_batch *batch; /* the caller's */
    hc__map map;           /* of the documents, by kind and id */
    waiting *first;
    asked *asked;
    size_t asked_count, open; /* those before it were ended */
};

/* ---- what waits ---- */

typedef struct name {
    const hc__entity *entity;
    hc_id id;
} name;

static name name_of(const hc__entity *entity, const void *id)
{
    name out;

    memset(&out, 0, sizeof out);
    out.entity = entity;
    memcpy(out.id.bytes, id, sizeof out.id.bytes);
    return out;
}

static waiting *find(const hc__own *own, const hc__entity *entity, const void *id)
{
    name of = name_of(entity, id);

    return hc__map_get(&own->map, &of, sizeof of);
}

static waiting *add(hc__own *own, const hc__entity *entity, const void *id)
{
    name of = name_of(entity, id);
    waiting *out = hc__arena_zero(own->arena, 1, sizeof *out);

    if (out == NULL || hc__record_init(&out->stored, entity, own->arena, NULL) < 0 ||
        hc__record_init(&out->now, entity, own->arena, NULL) < 0 || !hc__map_put(&own->map, &of, sizeof of, out))
        return NULL;
    out->id = of.id;
    out->next = own->first;
    own->first = out;
    return out;
}

static bool is_asked(const hc__own *own, const hc__entity *entity)
{
    for (size_t i = 0; i < own->asked_count; i++)
        if (own->asked[i].entity == entity)
            return true;
    return false;
}

static hc_status take_own(const hc_row *row, void *data, hc_error *err)
{
    hc__own *own = data;
    const hc__entity *entity = hc__effect_entity_named(row->values[0].as.bytes, row->values[0].size);

    if (entity == NULL || !is_asked(own, entity) || find(own, entity, row->values[1].as.bytes) != NULL)
        return HC_OK;
    return add(own, entity, row->values[1].as.bytes) == NULL ? hc__no_memory(err) : HC_OK;
}

static hc_status read_sql(const hc__own *own, hc_op *op, hc_row_fn take, void *data, hc_error *err)
{
    return own->unit != NULL ? hc__unit_read(own->unit, op, 1, take, data, err)
                             : hc__session_read(own->as, op, 1, take, data, err);
}

static hc_status read_own(hc__own *own, hc_error *err)
{
    static const uint16_t fields[] = {hc__effect_f_kind, hc__effect_f_aggregate_id};
    static const hc_order order = {hc__effect_f_id, HC_ORDER_NOT_NULL};
    const hc_kind *kind = &hc__effect_entity.kind;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .where = hc__is_int(own->arena, kind, hc__effect_f_state, HC_TEST_EQ, HC__EFFECT_PENDING),
                .filter = hc__relay_is_own(own->arena, own->as->user),
                .fields = fields,
                .field_count = 2,
                .order = &order,
                .order_count = 1,
                .index = HC_INDEX_ANY};

    if (op.where == NULL || op.filter == NULL)
        return hc__no_memory(err);
    return read_sql(own, &op, take_own, own, err);
}

/* ---- what is stored of it, and what waits for it ---- */

struct chunk {
    hc__own *own;
    const hc__entity *entity;
    hc_value ids[CHUNK];
    size_t count;
    uint16_t fields[HC__FIELD_LIMIT];
};

static hc_status take_stored(const hc_row *row, void *data, hc_error *err)
{
    struct chunk *chunk = data;
    waiting *at = find(chunk->own, chunk->entity, row->values[0].as.bytes);

    if (at == NULL)
        return HC_OK;
    at->was = at->is = true;
    if (!hc__record_fill(&at->stored, chunk->fields, row->values, row->count) ||
        !hc__record_fill(&at->now, chunk->fields, row->values, row->count))
        return hc__no_memory(err);
    return HC_OK;
}

/* One that another program spoiled is shown by no list. */
static hc_status read_stored(struct chunk *chunk, hc_error *err)
{
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &chunk->entity->kind,
                .where = hc__is_in(chunk->own->arena, 0, chunk->ids, chunk->count),
                .fields = chunk->fields,
                .field_count = hc__readable_fields(chunk->fields, chunk->entity),
                .index = HC_INDEX_ID};
    hc_batch batch = {.ops = &op, .op_count = 1, .on_row = take_stored, .data = chunk};
    hc_error why = {0};
    hc_status status = op.where == NULL ? hc__no_memory(&why) : hc__documents_run(chunk->own->as, &batch, &why);

    if (status >= 0 || status == HC_ERR_CORRUPT)
        return HC_OK;
    if (chunk->own->unit != NULL)
        hc__unit_not_ours(chunk->own->unit);
    if (err != NULL)
        *err = why;
    return status;
}

static hc_status take_effect(const hc_row *row, void *data, hc_error *err)
{
    struct chunk *chunk = data;
    waiting *at = find(chunk->own, chunk->entity, row->values[0].as.bytes);
    hc__effect effect = hc__hybrid_effect(chunk->entity, row);
    hc_status status;

    if (at == NULL || at->broken)
        return HC_OK;
    status = hc__effect_apply(&at->now, &at->is, &effect, err);
    at->broken = status == HC_ERR_CONFLICT || status == HC_ERR_NOT_FOUND;
    return status == HC_ERR_NO_MEMORY || status == HC_ERR_CORRUPT ? status : HC_OK;
}

/* Of the stored ones; 0 when one is not. */
static int64_t least_version(const struct chunk *chunk)
{
    uint16_t field = chunk->entity->version;
    int64_t least = INT32_MAX;

    for (size_t i = 0; i < chunk->count; i++) {
        const waiting *at = find(chunk->own, chunk->entity, chunk->ids[i].as.bytes);
        int64_t version = !at->was || field == HC_NO_FIELD         ? 0
                          : hc__record_is_null(&at->stored, field) ? 1
                                                                   : hc__record_int(&at->stored, field);

        least = version < least ? version : least;
    }
    return least;
}

static hc_status read_effects(struct chunk *chunk, hc_error *err)
{
    hc_op op = hc__hybrid_effects(chunk->own->arena, chunk->ids, chunk->count, least_version(chunk));

    return op.where == NULL ? hc__no_memory(err) : read_sql(chunk->own, &op, take_effect, chunk, err);
}

/* What the unit itself appended: nobody else saw it. */
static bool is_unseen(const hc__own *own, const hc__entity *entity)
{
    return !hc__has_head(entity) && !hc__relay_own_waits(own->as);
}

static hc_status read_chunk(struct chunk *chunk, hc_error *err)
{
    bool known = is_unseen(chunk->own, chunk->entity);
    hc_status status = chunk->count == 0 || known ? HC_OK : read_stored(chunk, err);

    if (status >= 0 && chunk->count > 0)
        status = read_effects(chunk, err);
    chunk->count = 0;
    return status;
}

static hc_status read_kind(hc__own *own, const hc__entity *entity, hc_error *err)
{
    struct chunk *chunk = hc__arena_zero(own->arena, 1, sizeof *chunk);
    hc_status status = chunk == NULL ? hc__no_memory(err) : HC_OK;

    for (waiting *at = own->first; at != NULL && status >= 0; at = at->next) {
        chunk->own = own;
        chunk->entity = entity;
        if (at->now.entity != entity)
            continue;
        chunk->ids[chunk->count++] = hc__value_bytes(HC_TYPE_ID, at->id.bytes, sizeof at->id.bytes);
        if (chunk->count == CHUNK)
            status = read_chunk(chunk, err);
    }
    return status < 0 ? status : read_chunk(chunk, err);
}

hc_status hc__own_gather(hc__own **out, hc_session *as, hc__unit *unit, hc__arena *arena, const hc_batch *batch,
                         const size_t *which, size_t count, hc_error *err)
{
    hc__own *own;
    hc_status status;

    *out = NULL;
    if (!(unit != NULL && hc__hybrid_queued(unit)) && !hc__relay_own_waits(as))
        return HC_OK;
    own = hc__arena_zero(arena, 1, sizeof *own);
    if (own == NULL)
        return hc__no_memory(err);
    own->as = as;
    own->unit = unit;
    own->arena = arena;
    own->batch = batch;
    own->asked = hc__arena_zero(arena, count, sizeof *own->asked);
    own->asked_count = count;
    if (own->asked == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        own->asked[i].op = &batch->ops[which[i]];
        own->asked[i].place = which[i];
        own->asked[i].entity = hc__hybrid_entity(batch->ops[which[i]].kind);
    }
    hc__map_init(&own->map, arena->mem);
    *out = own;
    status = read_own(own, err);
    for (size_t i = 0; i < hc__entity_count && status >= 0; i++)
        if (own->first != NULL && is_asked(own, hc__entities[i]))
            status = read_kind(own, hc__entities[i], err);
    hc__failpoint("own.gathered");
    return status;
}

void hc__own_free(hc__own *own)
{
    if (own != NULL)
        hc__map_free(&own->map);
}

/* ---- what the store is asked ---- */

static bool matches(const hc_op *op, const hc__record *row)
{
    return hc__predicate_holds(op->where, row->values) && hc__predicate_holds(op->filter, row->values);
}

static bool concerns(const asked *a, const waiting *at)
{
    return at->now.entity == a->entity && !at->broken;
}

/* By position, from the order's keys. */
static void spread(hc_value out[HC__FIELD_LIMIT], const hc_op *op, const hc_value *keys)
{
    for (size_t i = 0; i < op->order_count; i++)
        out[op->order[i].field] = keys[i];
}

static bool is_behind_seek(const hc_op *op, const waiting *at)
{
    hc_value keys[HC__FIELD_LIMIT];

    if (op->seek == NULL)
        return true;
    spread(keys, op, op->seek);
    return hc__rows_compare(op, at->now.values, keys) > 0;
}

static void place(asked *a, const waiting *at)
{
    size_t low = 0, high = a->row_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (hc__rows_compare(a->op, a->rows[middle]->now.values, at->now.values) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(a->rows + low + 1, a->rows + low, (a->row_count - low) * sizeof *a->rows);
    a->rows[low] = at;
    a->row_count++;
}

static void want(asked *a, uint16_t field)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (a->fields[i] == field)
            return;
    a->fields[a->field_count++] = field;
}

static hc_status ask_query(hc__own *own, asked *a, hc_op *op, hc_error *err)
{
    bool unseen = is_unseen(own, a->entity);
    size_t count = 0, hidden = 0;

    for (const waiting *at = own->first; at != NULL; at = at->next) {
        count++;
        hidden += !unseen && concerns(a, at); /* stored, or delivered meanwhile */
    }
    a->rows = hc__arena_alloc(own->arena, (count + 1) * sizeof *a->rows);
    if (a->rows == NULL)
        return hc__no_memory(err);
    for (const waiting *at = own->first; at != NULL; at = at->next)
        if (concerns(a, at) && at->is && matches(a->op, &at->now) && is_behind_seek(a->op, at))
            place(a, at);
    for (size_t i = 0; i < op->field_count; i++)
        a->fields[a->field_count++] = op->fields[i];
    want(a, 0);
    for (size_t i = 0; i < op->order_count; i++)
        want(a, op->order[i].field);
    op->fields = a->fields;
    op->field_count = a->field_count;
    op->limit += op->limit == 0 ? 0 : (int64_t)hidden;
    return HC_OK;
}

static delta *delta_of(const asked *a, const hc_value *key)
{
    delta *at = a->deltas;

    while (at != NULL &&
           (at->key.type != key->type || (key->type != HC_TYPE_NULL && hc__value_compare(&at->key, key) != 0)))
        at = at->next;
    return at;
}

static hc_status change_group(hc__own *own, asked *a, const hc__record *row, int64_t by, hc_error *err)
{
    hc_value key = hc__group_key(a->op->group, &row->values[a->op->group->field]);
    delta *at = delta_of(a, &key);

    if (at == NULL) {
        at = hc__arena_zero(own->arena, 1, sizeof *at);
        if (at == NULL)
            return hc__no_memory(err);
        at->key = key;
        at->next = a->deltas;
        a->deltas = at;
    }
    at->count += by;
    return HC_OK;
}

/* Another process may deliver what waits between the look at it and the store's count: the store leaves out these
 * documents, up to CHUNK of them, and they are counted here. */
static hc_status leave_out(hc__own *own, const asked *a, hc_op *op, hc_error *err)
{
    const hc_predicate *others;
    hc_value *ids;
    size_t count = 0;

    if (is_unseen(own, a->entity))
        return HC_OK;
    ids = hc__arena_alloc(own->arena, CHUNK * sizeof *ids);
    if (ids == NULL)
        return hc__no_memory(err);
    for (waiting *at = own->first; at != NULL; at = at->next) {
        at->left_out = concerns(a, at) && count < CHUNK;
        if (at->left_out)
            ids[count++] = hc__value_bytes(HC_TYPE_ID, at->id.bytes, sizeof at->id.bytes);
    }
    if (count == 0)
        return HC_OK;
    others = hc__is_none_of(own->arena, 0, ids, count);
    if (others != NULL && op->where != NULL)
        others = hc__all_of(own->arena, op->where, others);
    op->where = others;
    return others == NULL ? hc__no_memory(err) : HC_OK;
}

static hc_status ask_number(hc__own *own, asked *a, hc_op *op, hc_error *err)
{
    bool group = op->verb == HC_VERB_GROUP;
    int64_t hidden = 0;
    hc_status status = leave_out(own, a, op, err);

    for (const waiting *at = own->first; at != NULL && status >= 0; at = at->next) {
        bool was = concerns(a, at) && !at->left_out && at->was && matches(a->op, &at->stored);
        bool is = concerns(a, at) && at->is && matches(a->op, &at->now);

        a->count += is - was;
        hidden += was;
        if (group && was)
            status = change_group(own, a, &at->stored, -1, err);
        if (group && is && status >= 0)
            status = change_group(own, a, &at->now, 1, err);
    }
    if (op->limit > 0)
        op->limit = group ? 0 : op->limit + hidden;
    return status;
}

static asked *asked_at(hc__own *own, size_t place)
{
    asked *out = own->asked;

    while (out->place != place)
        out++;
    return out;
}

hc_status hc__own_ask(hc__own *own, hc_op *op, size_t place, hc_error *err)
{
    asked *a = asked_at(own, place);

    op->result = &a->result;
    return op->verb == HC_VERB_QUERY ? ask_query(own, a, op, err) : ask_number(own, a, op, err);
}

/* ---- what the caller gets ---- */

static hc_status give(hc__own *own, asked *a, uint32_t count, const hc_value *values, hc_error *err)
{
    hc_row row = {.op = a->place, .what = HC_ROW_MATCH, .count = count, .values = values};
    hc_status status = own->batch->on_row == NULL ? HC_OK : own->batch->on_row(&row, own->batch->data, err);

    a->given++;
    a->ended = a->ended || status > 0 || (a->op->limit > 0 && a->given >= a->op->limit);
    return status;
}

/* Those up to `keys` (by position; NULL: all). */
static hc_status give_rows(hc__own *own, asked *a, const hc_value *keys, hc_error *err)
{
    hc_value values[HC__FIELD_LIMIT];
    hc_status status = HC_OK;

    while (status >= 0 && !a->ended && a->next < a->row_count &&
           (keys == NULL || hc__rows_compare(a->op, a->rows[a->next]->now.values, keys) <= 0)) {
        for (size_t i = 0; i < a->op->field_count; i++)
            values[i] = a->rows[a->next]->now.values[a->op->fields[i]];
        a->next++;
        status = give(own, a, (uint32_t)a->op->field_count, values, err);
    }
    return status;
}

static hc_status take_match(hc__own *own, asked *a, const hc_row *row, hc_error *err)
{
    hc_value values[HC__FIELD_LIMIT];
    const waiting *at;
    hc_status status;

    for (size_t i = 0; i < row->count; i++)
        values[a->fields[i]] = row->values[i];
    at = find(own, a->entity, values[0].as.bytes);
    if (at != NULL && !at->broken)
        return HC_OK; /* it is among the rows that wait, where it belongs now */
    status = a->op->order_count == 0 ? HC_OK : give_rows(own, a, values, err);
    return status < 0 || a->ended ? status : give(own, a, (uint32_t)a->op->field_count, row->values, err);
}

static hc_status take_group(hc__own *own, asked *a, const hc_row *row, hc_error *err)
{
    hc_value values[2] = {row->values[0], row->values[1]};
    delta *at = delta_of(a, &values[0]);

    if (at != NULL) {
        values[1].as.integer += at->count;
        at->count = 0;
    }
    return values[1].as.integer <= 0 ? HC_OK : give(own, a, 2, values, err);
}

/* The rows behind are those of the next page. */
static hc_status take_cut(hc__own *own, asked *a, const hc_row *row, hc_error *err)
{
    hc_value keys[HC__FIELD_LIMIT];
    hc_row moved = *row;
    hc_status status = HC_OK;

    if (a->op->verb == HC_VERB_QUERY) {
        spread(keys, a->op, row->values);
        status = give_rows(own, a, keys, err);
    }
    a->ended = true;
    moved.op = a->place;
    return status < 0 || own->batch->on_row == NULL ? status : own->batch->on_row(&moved, own->batch->data, err);
}

static void fill_result(asked *a)
{
    const hc_op *op = a->op;
    hc_op_result *out = op->result;

    if (out == NULL)
        return;
    *out = a->result;
    out->examined += op->verb == HC_VERB_QUERY ? (int64_t)a->next : a->count > 0 ? a->count : 0;
    out->count = op->verb == HC_VERB_COUNT ? a->result.count + a->count : a->given;
    if (op->verb == HC_VERB_COUNT && op->limit > 0 && out->count > op->limit)
        out->count = op->limit;
}

static hc_status end_one(hc__own *own, asked *a, hc_error *err)
{
    hc_status status = give_rows(own, a, NULL, err);

    for (const delta *at = a->deltas; at != NULL && status >= 0 && !a->ended; at = at->next) {
        const hc_value values[2] = {at->key, hc__value_int(HC_TYPE_INT64, at->count)};

        if (at->count > 0)
            status = give(own, a, 2, values, err);
    }
    fill_result(a);
    return status < 0 ? status : HC_OK;
}

static hc_status end_before(hc__own *own, size_t end, hc_error *err)
{
    hc_status status = HC_OK;

    while (own->open < end && status >= 0)
        status = end_one(own, &own->asked[own->open++], err);
    return status;
}

hc_status hc__own_take(hc__own *own, const hc_row *row, size_t place, hc_error *err)
{
    asked *a = asked_at(own, place);
    hc_status status = end_before(own, (size_t)(a - own->asked), err);

    if (status < 0 || a->ended)
        return status < 0 ? status : 1;
    if (row->what != HC_ROW_MATCH)
        return take_cut(own, a, row, err);
    status = a->op->verb == HC_VERB_QUERY ? take_match(own, a, row, err) : take_group(own, a, row, err);
    return status < 0 ? status : a->ended;
}

hc_status hc__own_end(hc__own *own, hc_error *err)
{
    return end_before(own, own->asked_count, err);
}
