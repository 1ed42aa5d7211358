/* The relay's side of the store: the lease, what waits, and what became of it. All times are the store's. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "client/audit.h"
#include "client/relay_inside.h"

#define BY_STATE     0 /* positions of the outbox's indexes */
#define BY_AGGREGATE 1
#define FIRST_REST   HC__SECOND /* after the first failure; twice as long each time */
#define REST_LIMIT   (300 * HC__SECOND)

static const char name[] = "relay";
static const hc_id row_id = {{0x72, 0x65, 0x6c, 0x61, 0x79, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

static const hc_predicate *is_relay(hc__arena *arena)
{
    return hc__is_bytes(arena, &hc__lease_entity.kind, hc__lease_f_name, HC_TEST_EQ, name, sizeof name - 1);
}

static const hc_predicate *has_state(hc__arena *arena, int32_t state)
{
    return hc__is_int(arena, &hc__effect_entity.kind, hc__effect_f_state, HC_TEST_EQ, state);
}

/* An update whose sets the caller fills. NULL: no memory, and the unit is doomed. */
static hc_op *update_by(hc__unit *unit, const hc_kind *kind, int32_t index, const hc_predicate *where, hc_set *sets,
                        size_t count)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_op *op = hc__arena_zero(arena, 1, sizeof *op);
    hc_set *copy = hc__arena_copy(arena, sets, count * sizeof *sets);

    if (op == NULL || copy == NULL || where == NULL) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return NULL;
    }
    *op = (hc_op){.verb = HC_VERB_UPDATE_WHERE,
                  .expect = HC_EXPECT_ANY,
                  .kind = kind,
                  .where = where,
                  .sets = copy,
                  .set_count = count,
                  .index = index,
                  .result = hc__arena_zero(arena, 1, sizeof(hc_op_result))};
    if (op->result == NULL) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return NULL;
    }
    hc__unit_add(unit, op);
    return op;
}

static hc_op *update_of(hc__unit *unit, const hc_kind *kind, const hc_predicate *where, hc_set *sets, size_t count)
{
    return update_by(unit, kind, HC_INDEX_ANY, where, sets, count);
}

static hc_set set_int(uint16_t field, int32_t type, int64_t value)
{
    return (hc_set){field, HC_SET_TO, 0, hc__value_int(type, value)};
}

static hc_set set_null(uint16_t field)
{
    return (hc_set){field, HC_SET_TO, 0, {HC_TYPE_NULL, 0, {.integer = 0}}};
}

static hc_set add_to(uint16_t field, int64_t value)
{
    return (hc_set){field, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT64, value)};
}

/* ---- the lease ---- */

/* Free, run out, or this client's own from a pass that came to no end. */
static const hc_predicate *is_to_be_had(hc__arena *arena, const hc__relay *relay)
{
    const hc_predicate *free =
        hc__any_of(arena, hc__is_null(arena, hc__lease_f_holder), hc__is_when(arena, hc__lease_f_until, HC_TEST_LE, 0));

    return hc__all_of(arena, is_relay(arena),
                      hc__any_of(arena, free, hc__is_id(arena, hc__lease_f_holder, relay->holder)));
}

static hc_status try_claim(hc__unit *unit, bool *got, hc_error *err)
{
    const hc__relay *relay = hc__unit_session(unit)->core->relay;
    hc_set sets[] = {
        {hc__lease_f_holder, HC_SET_TO, 0, hc__value_bytes(HC_TYPE_ID, relay->holder.bytes, sizeof relay->holder)},
        add_to(hc__lease_f_fence, 1),
        set_int(hc__lease_f_until, HC_TYPE_NOW, relay->lease)};
    hc_op *op = update_of(unit, &hc__lease_entity.kind, is_to_be_had(hc__unit_arena(unit), relay), sets, 3);
    hc_status status = hc__unit_flush(unit, NULL, err);

    *got = status >= 0 && op != NULL && op->result->count > 0;
    return status;
}

static hc_status make_lease(hc__unit *unit, bool *made, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    hc__record row;
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__lease_entity.kind,
                .where = is_relay(arena),
                .index = HC_INDEX_ANY,
                .result = result};
    hc_status status =
        op.where == NULL || result == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, NULL, NULL, err);

    if (status < 0 || result->count > 0)
        return status;
    status = hc__record_init(&row, &hc__lease_entity, arena, err);
    if (status < 0)
        return status;
    hc__record_set_id(&row, hc__lease_f_id, row_id);
    hc__record_set_text(&row, hc__lease_f_name, name, sizeof name - 1);
    for (uint16_t i = 0; i < hc__lease_entity.kind.field_count; i++)
        if (hc__lease_entity.kind.fields[i].type == HC_TYPE_INT64)
            hc__record_set_int(&row, i, 0);
    *made = true;
    hc__unit_insert_if_absent(unit, &row, result);
    return hc__unit_flush(unit, NULL, err);
}

static hc_status take_number(const hc_row *row, void *data, hc_error *err)
{
    (void)err;
    *(int64_t *)data = row->values[0].as.integer;
    return HC_OK;
}

static hc_status claim(hc__unit *unit, void *data, hc_error *err)
{
    static const uint16_t field = hc__lease_f_fence;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__lease_entity.kind,
                .fields = &field,
                .field_count = 1,
                .index = HC_INDEX_ANY};
    bool got = false, made = false;
    hc_status status;

    *(int64_t *)data = 0;
    hc__unit_repeatable(unit);
    status = try_claim(unit, &got, err);
    if (status >= 0 && !got)
        status = make_lease(unit, &made, err);
    if (status >= 0 && made)
        status = try_claim(unit, &got, err);
    if (status < 0 || !got)
        return status;
    op.where = is_relay(hc__unit_arena(unit));
    return op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_number, data, err);
}

hc_status hc__relay_claim(hc_session *as, int64_t *fence, hc_error *err)
{
    hc_status status = hc__unit_run_unchecked(as, claim, fence, err);

    if (status < 0)
        *fence = 0;
    return status;
}

/* ---- what waits ---- */

static int by_aggregate(const void *a, const void *b)
{
    const hc__delivery *x = a, *y = b;
    int same;

    if (x->effect.entity != y->effect.entity)
        return (uintptr_t)x->effect.entity < (uintptr_t)y->effect.entity ? -1 : 1;
    same = memcmp(&x->effect.aggregate, &y->effect.aggregate, sizeof x->effect.aggregate);
    return same != 0 ? same : (x->effect.version > y->effect.version) - (x->effect.version < y->effect.version);
}

static hc_status take_effect(const hc_row *row, void *data, hc_error *err)
{
    hc__batch *batch = data;
    const hc_value *values = row->values;
    hc__delivery *out = &batch->rows[batch->count];
    void *payload;

    if (batch->count > 0 && batch->bytes + values[5].size > HC__RELAY_BYTES) {
        batch->more = true;
        return 1;
    }
    payload = hc__arena_copy(batch->arena, values[5].as.bytes, values[5].size);
    if (payload == NULL)
        return hc__no_memory(err);
    *out = (hc__delivery){.bytes = values[6].as.integer, .attempts = (int32_t)values[7].as.integer};
    memcpy(out->id.bytes, values[0].as.bytes, sizeof out->id);
    out->effect = (hc__effect){.entity = hc__effect_entity_named(values[1].as.bytes, values[1].size),
                               .version = (int32_t)values[3].as.integer,
                               .verb = (int32_t)values[4].as.integer,
                               .payload = payload,
                               .size = values[5].size};
    memcpy(out->effect.aggregate.bytes, values[2].as.bytes, sizeof out->effect.aggregate);
    if (out->effect.entity == NULL) { /* of a later library, which will deliver it */
        out->outcome = HC__WAITS;
        out->wait = REST_LIMIT;
    }
    batch->last = out->id;
    batch->bytes += values[5].size;
    batch->count++;
    batch->more = batch->count == HC__RELAY_BATCH;
    return HC_OK;
}

/* Who wrote what rests need not wait for it: it is tried again before a list of theirs. */
static const hc_predicate *is_due(hc__arena *arena, const hc_predicate *actor)
{
    static const char target[] = "documents";
    const hc_predicate *ours =
        hc__is_bytes(arena, &hc__effect_entity.kind, hc__effect_f_target, HC_TEST_EQ, target, sizeof target - 1);

    if (actor != NULL)
        return hc__all_of(arena, ours, actor);
    return hc__all_of(arena, ours,
                      hc__any_of(arena, hc__is_null(arena, hc__effect_f_next_at),
                                 hc__is_when(arena, hc__effect_f_next_at, HC_TEST_LE, 0)));
}

static hc_status read_effects(hc__batch *batch, hc_session *as, hc_id after, const hc_predicate *actor, hc_error *err)
{
    static const uint16_t fields[] = {hc__effect_f_id,      hc__effect_f_kind,    hc__effect_f_aggregate_id,
                                      hc__effect_f_version, hc__effect_f_verb,    hc__effect_f_payload,
                                      hc__effect_f_bytes,   hc__effect_f_attempts};
    static const hc_order order = {hc__effect_f_id, 0};
    const hc_value seek = hc__value_bytes(HC_TYPE_ID, after.bytes, sizeof after.bytes);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__effect_entity.kind,
                .where = has_state(batch->arena, HC__EFFECT_PENDING),
                .filter = is_due(batch->arena, actor),
                .fields = fields,
                .field_count = sizeof fields / sizeof fields[0],
                .order = &order,
                .order_count = 1,
                .seek = hc__id_zero(after) ? NULL : &seek,
                .limit = HC__RELAY_BATCH,
                .index = BY_STATE};

    if (op.where == NULL || op.filter == NULL)
        return hc__no_memory(err);
    return hc__session_read(as, &op, 1, take_effect, batch, err);
}

hc_status hc__relay_any(bool *out, hc_session *as, hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    hc_op_result found = {0};
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__effect_entity.kind,
                .limit = 1,
                .index = BY_STATE,
                .result = &found};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = has_state(&arena, HC__EFFECT_PENDING);
    op.filter = is_due(&arena, NULL);
    status = op.where == NULL || op.filter == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, NULL, NULL, err);
    hc__arena_free(&arena);
    *out = found.count > 0;
    return status;
}

/* ---- what has to come first ---- */

struct heads {
    hc__batch *batch;
    size_t first[HC__RELAY_BATCH]; /* of each document's effects in the batch */
    size_t count;
    int64_t now;
};

static bool same_document(const hc__delivery *a, const hc__delivery *b)
{
    return a->effect.entity == b->effect.entity && hc__id_equal(a->effect.aggregate, b->effect.aggregate);
}

/* An earlier version that was not delivered. */
static hc_status take_earlier(const hc_row *row, void *data, hc_error *err)
{
    struct heads *heads = data;
    hc__delivery *head = &heads->batch->rows[heads->first[row->op]];
    int64_t rests = row->values[1].type == HC_TYPE_NULL ? 0 : row->values[1].as.integer - heads->now;

    (void)err;
    head->outcome = HC__LEFT;
    if (row->values[0].as.integer == HC__EFFECT_DEAD)
        rests = REST_LIMIT;
    if (rests > 0) {
        head->outcome = HC__WAITS;
        head->wait = rests < REST_LIMIT ? rests : REST_LIMIT;
    }
    return HC_OK;
}

static hc_op earlier_than(hc__arena *arena, const hc__effect *effect)
{
    static const uint16_t fields[] = {hc__effect_f_state, hc__effect_f_next_at};
    static const hc_order order[] = {{hc__effect_f_version, HC_ORDER_NOT_NULL}, {hc__effect_f_id, 0}};
    const hc_kind *kind = &hc__effect_entity.kind;

    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = kind,
                   .where = hc__all_of(arena, hc__is_id(arena, hc__effect_f_aggregate_id, effect->aggregate),
                                       hc__is_int(arena, kind, hc__effect_f_version, HC_TEST_LT, effect->version)),
                   .filter = hc__is_int(arena, kind, hc__effect_f_state, HC_TEST_NE, HC__EFFECT_DELIVERED),
                   .fields = fields,
                   .field_count = 2,
                   .order = order,
                   .order_count = 2,
                   .limit = 1,
                   .index = BY_AGGREGATE};
}

/* Ids rise with the clocks of many machines, versions of one document with its commits. */
static hc_status hold_back(hc__batch *batch, hc_session *as, hc_error *err)
{
    struct heads heads = {.batch = batch, .now = hc__core_now(as->core)};
    hc_op *ops = hc__arena_alloc(batch->arena, HC__RELAY_BATCH * sizeof *ops);
    hc_status status = ops == NULL ? hc__no_memory(err) : HC_OK;

    for (size_t i = 0; i < batch->count && status >= 0; i++) {
        const hc__delivery *row = &batch->rows[i];

        if (row->effect.version <= 1 || row->outcome != HC__READY || (i > 0 && same_document(row, row - 1)))
            continue;
        ops[heads.count] = earlier_than(batch->arena, &row->effect);
        if (ops[heads.count].where == NULL || ops[heads.count].filter == NULL)
            status = hc__no_memory(err);
        heads.first[heads.count++] = i;
    }
    if (status >= 0 && heads.count > 0)
        status = hc__session_read(as, ops, heads.count, take_earlier, &heads, err);
    for (size_t i = 1; i < batch->count && status >= 0; i++) {
        hc__delivery *row = &batch->rows[i], *before = row - 1;

        if (!same_document(row, before))
            continue;
        row->wait = before->wait;
        row->outcome = before->outcome != HC__READY                       ? before->outcome
                       : row->effect.version > before->effect.version + 1 ? HC__LEFT
                                                                          : row->outcome;
    }
    return status;
}

hc_status hc__relay_load(hc__batch *out, hc_session *as, hc_id after, const hc_predicate *actor, hc_error *err)
{
    hc_status status;

    out->count = 0;
    out->bytes = 0;
    out->last = after;
    out->more = false;
    status = read_effects(out, as, after, actor, err);
    if (status < 0 || out->count == 0)
        return status;
    qsort(out->rows, out->count, sizeof out->rows[0], by_aggregate);
    return hold_back(out, as, err);
}

/* ---- what became of it ---- */

static int64_t rest_of(int32_t attempts)
{
    int64_t rest = attempts < 9 ? FIRST_REST << attempts : REST_LIMIT;

    return rest < REST_LIMIT ? rest : REST_LIMIT;
}

static bool is_delivered(const hc__delivery *row)
{
    return row->outcome == HC__APPLIED || row->outcome == HC__ABSORBED;
}

/* All that waits of the document from this version on rests as long. */
static void add_rest(hc__unit *unit, const hc__effect *effect, int32_t test, int64_t rest)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc_kind *kind = &hc__effect_entity.kind;
    const hc_predicate *where = hc__all_of(arena, hc__is_id(arena, hc__effect_f_aggregate_id, effect->aggregate),
                                           hc__is_int(arena, kind, hc__effect_f_version, test, effect->version));
    hc_set sets[] = {set_int(hc__effect_f_next_at, HC_TYPE_NOW, rest)};

    (void)update_of(unit, kind, hc__all_of(arena, where, has_state(arena, HC__EFFECT_PENDING)), sets, 1);
}

static void add_refusal(hc__unit *unit, hc__settling *settling, const hc__delivery *row)
{
    hc__arena *arena = hc__unit_arena(unit);
    bool dead = row->attempts + 1 >= HC__RELAY_FAILURES;
    int64_t rest = rest_of(row->attempts);
    hc_set sets[] = {
        set_int(hc__effect_f_attempts, HC_TYPE_INT32, row->attempts + 1),
        {hc__effect_f_reason, HC_SET_TO, 0, hc__value_bytes(HC_TYPE_TEXT, row->reason, strlen(row->reason))},
        dead ? set_int(hc__effect_f_state, HC_TYPE_ENUM, HC__EFFECT_DEAD)
             : set_int(hc__effect_f_next_at, HC_TYPE_NOW, rest),
        set_int(hc__effect_f_settled_at, HC_TYPE_NOW, 0)};

    (void)update_of(unit, &hc__effect_entity.kind,
                    hc__all_of(arena, hc__is_id(arena, hc__effect_f_id, row->id), has_state(arena, HC__EFFECT_PENDING)),
                    sets, dead ? 4 : 3);
    add_rest(unit, &row->effect, HC_TEST_GT, dead ? REST_LIMIT : rest);
    if (!dead)
        return;
    settling->dead++;
    hc__audit_add(unit, &(hc__audit){.event = "outbox_dead_letter",
                                     .target_kind = row->effect.entity->noun,
                                     .target = row->effect.aggregate,
                                     .reason = row->reason});
}

static void add_outcomes(hc__unit *unit, hc__settling *settling)
{
    const hc__batch *batch = settling->batch;

    for (size_t i = 0; i < batch->count && settling->fence != 0; i++) {
        const hc__delivery *row = &batch->rows[i];

        if (row->outcome == HC__REFUSED)
            add_refusal(unit, settling, row);
        else if (row->outcome == HC__WAITS && (i == 0 || !same_document(row, row - 1) || row[-1].outcome != HC__WAITS))
            add_rest(unit, &row->effect, HC_TEST_GE, row->wait);
    }
}

/* NULL also when there is none. */
static hc_op *add_delivered(hc__unit *unit, hc__settling *settling, int64_t *meant)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc__batch *batch = settling->batch;
    hc_value *ids = hc__arena_alloc(arena, HC__RELAY_BATCH * sizeof *ids);
    hc_set sets[] = {set_int(hc__effect_f_state, HC_TYPE_ENUM, HC__EFFECT_DELIVERED),
                     set_int(hc__effect_f_settled_at, HC_TYPE_NOW, 0), set_null(hc__effect_f_next_at),
                     settling->fence == 0 ? set_null(hc__effect_f_fence)
                                          : set_int(hc__effect_f_fence, HC_TYPE_INT64, settling->fence)};
    size_t count = 0;

    *meant = 0;
    if (ids == NULL) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return NULL;
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (!is_delivered(&batch->rows[i]))
            continue;
        ids[count++] = hc__value_bytes(HC_TYPE_ID, batch->rows[i].id.bytes, sizeof(hc_id));
        settling->absorbed += batch->rows[i].outcome == HC__ABSORBED;
    }
    *meant = (int64_t)count;
    if (count == 0)
        return NULL;
    return update_by(
        unit, &hc__effect_entity.kind, HC_INDEX_ID,
        hc__all_of(arena, hc__is_in(arena, hc__effect_f_id, ids, count), has_state(arena, HC__EFFECT_PENDING)), sets,
        4);
}

/* First of all: whoever holds it keeps others from claiming it until this commits. */
static hc_op *add_renewal(hc__unit *unit, const hc__settling *settling)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc__relay *relay = hc__unit_session(unit)->core->relay;
    const hc_predicate *ours =
        hc__all_of(arena, hc__is_id(arena, hc__lease_f_holder, relay->holder),
                   hc__is_int(arena, &hc__lease_entity.kind, hc__lease_f_fence, HC_TEST_EQ, settling->fence));
    hc_set sets[] = {settling->release ? set_null(hc__lease_f_until)
                                       : set_int(hc__lease_f_until, HC_TYPE_NOW, relay->lease),
                     set_null(hc__lease_f_holder)};

    ours = hc__all_of(arena, ours, hc__is_when(arena, hc__lease_f_until, HC_TEST_GT, 0));
    return update_of(unit, &hc__lease_entity.kind, hc__all_of(arena, is_relay(arena), ours), sets,
                     settling->release ? 2 : 1);
}

static void add_totals(hc__unit *unit, const hc__settling *settling, int64_t dropped)
{
    hc_set sets[] = {add_to(hc__lease_f_delivered, settling->delivered),
                     add_to(hc__lease_f_absorbed, settling->absorbed), add_to(hc__lease_f_dropped, dropped)};

    if (settling->delivered + settling->absorbed + dropped > 0)
        (void)update_of(unit, &hc__lease_entity.kind, is_relay(hc__unit_arena(unit)), sets, 3);
}

struct settle {
    hc__settling *out;
    int64_t dropped;
};

static hc_status settle(hc__unit *unit, void *data, hc_error *err)
{
    struct settle *in = data;
    hc__settling *out = in->out;
    hc_op *renewal = NULL, *delivered;
    int64_t meant;
    hc_status status;

    hc__unit_repeatable(unit);
    out->raced = false;
    out->delivered = out->absorbed = out->dead = 0;
    if (out->fence != 0)
        renewal = add_renewal(unit, out);
    delivered = add_delivered(unit, out, &meant);
    add_outcomes(unit, out);
    status = hc__unit_flush(unit, NULL, err);
    if (status < 0)
        return status;
    out->held = renewal == NULL || renewal->result->count > 0;
    out->delivered = delivered == NULL ? 0 : delivered->result->count;
    out->raced = out->delivered < meant;
    if (out->absorbed > out->delivered)
        out->absorbed = out->delivered;
    if (!out->held)
        return hc__fail(err, HC_ERR_CONFLICT, "lease", "the relay's lease was lost");
    add_totals(unit, out, in->dropped);
    return HC_OK;
}

hc_status hc__relay_settle(hc_session *as, hc__settling *settling, hc_error *err)
{
    hc__core *core = as->core;
    struct settle data = {settling, atomic_load(&core->relay->dropped)};
    hc_error why = {0};
    hc_status status;

    settling->held = true; /* until the store says otherwise */
    status = hc__unit_run_unchecked(as, settle, &data, &why);
    if (status < 0)
        settling->delivered = settling->absorbed = settling->dead = 0;
    if (!settling->held) {
        settling->raced = true;
        return HC_OK;
    }
    if (status < 0) {
        if (err != NULL)
            *err = why;
        return status;
    }
    atomic_fetch_sub(&core->relay->dropped, data.dropped);
    return HC_OK;
}

/* ---- what there is ---- */

static hc_status take_size(const hc_row *row, void *data, hc_error *err)
{
    hc__outbox_size *out = data;

    (void)err;
    if (row->op == 0) {
        out->oldest = row->values[0].as.integer;
    } else {
        out->pending++;
        out->bytes += row->values[0].as.integer;
    }
    return HC_OK;
}

hc_status hc__outbox_measure(hc__outbox_size *out, hc_session *as, hc_error *err)
{
    static const uint16_t created = hc__effect_f_created_at, bytes = hc__effect_f_bytes;
    static const hc_order order = {hc__effect_f_id, 0};
    uint8_t room[1024];
    hc__arena arena;
    hc_op ops[2] = {{.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &hc__effect_entity.kind,
                     .fields = &created,
                     .field_count = 1,
                     .order = &order,
                     .order_count = 1,
                     .limit = 1,
                     .index = BY_STATE},
                    {.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &hc__effect_entity.kind,
                     .fields = &bytes,
                     .field_count = 1,
                     .index = BY_STATE}};
    hc_status status;

    *out = (hc__outbox_size){0};
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    ops[0].where = ops[1].where = has_state(&arena, HC__EFFECT_PENDING);
    status = ops[0].where == NULL ? hc__no_memory(err) : hc__session_read(as, ops, 2, take_size, out, err);
    hc__arena_free(&arena);
    return status;
}

static hc_status take_totals(const hc_row *row, void *data, hc_error *err)
{
    hc__relay_totals *out = data;

    (void)err;
    *out = (hc__relay_totals){row->values[0].as.integer, row->values[1].as.integer, row->values[2].as.integer};
    return HC_OK;
}

hc_status hc__relay_read_totals(hc__relay_totals *out, hc_session *as, hc_error *err)
{
    static const uint16_t fields[] = {hc__lease_f_delivered, hc__lease_f_absorbed, hc__lease_f_dropped};
    uint8_t room[512];
    hc__arena arena;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__lease_entity.kind,
                .fields = fields,
                .field_count = 3,
                .index = HC_INDEX_ANY};
    hc_status status;

    *out = (hc__relay_totals){0, 0, 0};
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = is_relay(&arena);
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, take_totals, out, err);
    hc__arena_free(&arena);
    return status;
}
