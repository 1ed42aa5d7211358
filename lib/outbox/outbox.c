/* hc_outbox_*: what waits, what was given up, and both again. */
#include "outbox/outbox.h"

#include <string.h>

#include "client/audit.h"
#include "client/documents.h"
#include "client/relay.h"

#define PAGE     64  /* dead effects read at a time */
#define BATCH    512 /* effects of one transaction */
#define BY_STATE 0   /* position of the outbox's index */

hc_status hc__outbox_begin(hc_session **as, hc_client *client, hc_error *err)
{
    hc__core *core;
    hc_status status = hc__client_core(&core, client, err);

    *as = NULL;
    if (status >= 0 && hc__unit_on_this_thread(core))
        status = hc__fail(err, HC_ERR_MISUSE, "client", "not inside a unit of work");
    if (status >= 0)
        status = hc_session_system(as, client, err);
    if (status >= 0)
        status = hc__enter(*as, err);
    if (status < 0)
        hc_session_free(*as);
    return status;
}

void hc__outbox_end(hc_session *as)
{
    hc__leave(as);
    hc_session_free(as);
}

const hc_predicate *hc__outbox_in_state(hc__arena *arena, int32_t state)
{
    return hc__is_int(arena, &hc__effect_entity.kind, hc__effect_f_state, HC_TEST_EQ, state);
}

static hc_status take_stored(const hc_row *row, void *data, hc_error *err)
{
    hc__stored *out = data;

    out->found = true;
    return hc__record_fill(&out->row, out->fields, row->values, row->count) ? HC_OK : hc__no_memory(err);
}

hc_status hc__outbox_stored(hc__stored *out, hc_session *as, hc__arena *arena, const hc__entity *entity,
                            const hc_predicate *where, hc_error *err)
{
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &entity->kind,
                .where = where,
                .fields = out->fields,
                .field_count = hc__readable_fields(out->fields, entity),
                .limit = 1,
                .index = HC_INDEX_ANY};
    hc_batch batch = {.ops = &op, .op_count = 1, .on_row = take_stored, .data = out};
    hc_status status = hc__record_init(&out->row, entity, arena, err);

    out->found = false;
    if (status < 0)
        return status;
    return where == NULL ? hc__no_memory(err) : hc__documents_run(as, &batch, err);
}

/* ---- state ---- */

static hc_status count_dead(int64_t *out, hc_session *as, hc_error *err)
{
    uint8_t room[512];
    hc__arena arena;
    hc_op_result found = {0};
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__effect_entity.kind,
                .index = BY_STATE,
                .result = &found};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = hc__outbox_in_state(&arena, HC__EFFECT_DEAD);
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, NULL, NULL, err);
    hc__arena_free(&arena);
    *out = found.count;
    return status;
}

static hc_status read_state(hc_outbox *out, hc_session *as, hc_error *err)
{
    hc__outbox_size size;
    hc__relay_totals totals;
    int64_t dead = 0;
    hc_status status = hc__outbox_measure(&size, as, err);

    if (status >= 0)
        status = hc__relay_read_totals(&totals, as, err);
    if (status >= 0)
        status = count_dead(&dead, as, err);
    if (status < 0)
        return status;
    out->dead = dead;
    out->pending = size.pending;
    out->bytes = size.bytes;
    out->oldest_age = hc__core_age(as->core, size.oldest);
    out->delivered = totals.delivered;
    out->absorbed = totals.absorbed;
    out->dropped = totals.dropped + hc__relay_uncounted_drops(as->core);
    out->full = hc__relay_full(as->core);
    return HC_OK;
}

hc_status hc_outbox_state(hc_client *client, hc_outbox *out, hc_error *err)
{
    hc_outbox state = HC_OUTBOX_INIT;
    size_t size = out == NULL ? 0 : out->struct_size;
    hc_session *as;
    hc_status status;

    if (size < sizeof size)
        return hc__fail(err, HC_ERR_INVALID, "out", "set struct_size: use HC_OUTBOX_INIT");
    status = hc__outbox_begin(&as, client, err);
    if (status >= 0) {
        status = read_state(&state, as, err);
        hc__outbox_end(as);
    }
    state.struct_size = size;
    memcpy(out, &state, size < sizeof state ? size : sizeof state);
    return status;
}

/* ---- dead letters ---- */

struct letter {
    hc_id id, document;
    int32_t version;
    const char *kind, *reason;
};

struct letters {
    hc__arena *arena;
    struct letter list[PAGE];
    size_t count;
};

static const char *text_of(hc__arena *arena, const hc_value *value)
{
    return hc__arena_text(arena, value->as.bytes, value->size); /* null has no size */
}

static hc_status take_letter(const hc_row *row, void *data, hc_error *err)
{
    struct letters *letters = data;
    struct letter *out = &letters->list[letters->count++];

    memcpy(out->id.bytes, row->values[0].as.bytes, sizeof out->id);
    out->kind = text_of(letters->arena, &row->values[1]);
    memcpy(out->document.bytes, row->values[2].as.bytes, sizeof out->document);
    out->version = (int32_t)row->values[3].as.integer;
    out->reason = text_of(letters->arena, &row->values[4]);
    return out->kind == NULL || out->reason == NULL ? hc__no_memory(err) : HC_OK;
}

static hc_status read_letters(struct letters *out, hc_session *as, const hc_id *after, hc_error *err)
{
    static const uint16_t fields[] = {hc__effect_f_id, hc__effect_f_kind, hc__effect_f_aggregate_id,
                                      hc__effect_f_version, hc__effect_f_reason};
    static const hc_order order = {hc__effect_f_id, 0};
    const hc_value seek = hc__value_bytes(HC_TYPE_ID, after, sizeof *after);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__effect_entity.kind,
                .where = hc__outbox_in_state(out->arena, HC__EFFECT_DEAD),
                .fields = fields,
                .field_count = sizeof fields / sizeof fields[0],
                .order = &order,
                .order_count = 1,
                .seek = &seek,
                .limit = PAGE,
                .index = BY_STATE};

    out->count = 0;
    as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    return op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, take_letter, out, err);
}

static hc_status tell_letters(hc_session *as, hc_outbox_dead_fn dead, void *data, hc_error *err)
{
    struct letters *letters = hc__alloc(&as->core->mem, sizeof *letters);
    hc_id after = {{0}};
    hc__arena arena;
    bool more = true;
    hc_status status = letters == NULL ? hc__no_memory(err) : HC_OK;

    while (status >= 0 && more) {
        hc__arena_init(&arena, &as->core->mem, NULL, 0);
        letters->arena = &arena;
        status = read_letters(letters, as, &after, err);
        more = status >= 0 && letters->count == PAGE;
        for (size_t i = 0; status >= 0 && i < letters->count; i++) {
            const struct letter *at = &letters->list[i];

            after = at->id;
            if (dead(at->id, at->kind, at->document, at->version, at->reason, data) != HC_OK) {
                more = false;
                break;
            }
        }
        hc__arena_free(&arena);
    }
    hc__free(&as->core->mem, letters);
    return status;
}

hc_status hc_outbox_dead(hc_client *client, hc_outbox_dead_fn dead, void *data, hc_error *err)
{
    hc_session *as;
    hc_status status;

    if (dead == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "dead", "NULL");
    status = hc__outbox_begin(&as, client, err);
    if (status < 0)
        return status;
    status = tell_letters(as, dead, data, err);
    hc__outbox_end(as);
    return status;
}

/* ---- once more ---- */

static const hc_set again[] = {
    {hc__effect_f_state, HC_SET_TO, 0, {HC_TYPE_ENUM, 0, {.integer = HC__EFFECT_PENDING}}},
    {hc__effect_f_next_at, HC_SET_TO, 0, {HC_TYPE_NULL, 0, {.integer = 0}}},
    {hc__effect_f_settled_at, HC_SET_TO, 0, {HC_TYPE_NULL, 0, {.integer = 0}}},
    {hc__effect_f_attempts, HC_SET_TO, 0, {HC_TYPE_INT32, 0, {.integer = 0}}},
};

hc_op hc__outbox_again(const hc_predicate *where)
{
    return (hc_op){.verb = HC_VERB_UPDATE_WHERE,
                   .expect = HC_EXPECT_ANY,
                   .kind = &hc__effect_entity.kind,
                   .where = where,
                   .sets = again,
                   .set_count = sizeof again / sizeof again[0],
                   .index = HC_INDEX_ANY};
}

static hc_status retry(hc__unit *unit, void *data, hc_error *err)
{
    const hc_id *id = data;
    hc__arena *arena = hc__unit_arena(unit);
    hc__record row;
    bool found;
    hc_op op, others;
    hc_status status = hc__unit_row(
        unit, &row, &found, &hc__effect_entity,
        hc__all_of(arena, hc__is_id(arena, hc__effect_f_id, *id), hc__outbox_in_state(arena, HC__EFFECT_DEAD)), err);

    if (status >= 0 && !found)
        return hc__fail(err, HC_ERR_NOT_FOUND, "id", "no dead effect has this id");
    if (status < 0)
        return status;
    op = hc__outbox_again(
        hc__all_of(arena, hc__is_id(arena, hc__effect_f_id, *id), hc__outbox_in_state(arena, HC__EFFECT_DEAD)));
    others = hc__outbox_again(
        hc__all_of(arena, hc__is_id(arena, hc__effect_f_aggregate_id, hc__record_id(&row, hc__effect_f_aggregate_id)),
                   hc__outbox_in_state(arena, HC__EFFECT_PENDING)));
    others.sets = &again[1]; /* they rested behind it */
    others.set_count = 1;
    if (op.where == NULL || others.where == NULL)
        return hc__no_memory(err);
    hc__unit_add(unit, &op);
    hc__unit_add(unit, &others);
    hc__audit_add(unit, &(hc__audit){.event = "sensitive_update",
                                     .target_kind = "outbox",
                                     .target = *id,
                                     .reason = "retry of a dead effect"});
    return hc__unit_flush(unit, NULL, err);
}

hc_status hc_outbox_retry(hc_client *client, hc_id id, hc_error *err)
{
    hc_session *as;
    hc_status status = hc__outbox_begin(&as, client, err);

    if (status < 0)
        return status;
    status = hc__unit_run(as, retry, &id, err);
    hc__outbox_end(as);
    return status;
}

/* One transaction; ids rise, so lower versions of a document come first. */
struct replay {
    int64_t since;
    bool first;
    hc_id after, last;
    size_t found;
    int64_t marked;
};

struct ids {
    hc__arena *arena;
    hc_value list[BATCH];
    size_t count;
};

static hc_status take_id(const hc_row *row, void *data, hc_error *err)
{
    struct ids *ids = data;
    const void *id = hc__arena_copy(ids->arena, row->values[0].as.bytes, sizeof(hc_id));

    if (id == NULL)
        return hc__no_memory(err);
    ids->list[ids->count++] = hc__value_bytes(HC_TYPE_ID, id, sizeof(hc_id));
    return HC_OK;
}

static hc_status replay(hc__unit *unit, void *data, hc_error *err)
{
    static const uint16_t id = hc__effect_f_id;
    static const hc_order order = {hc__effect_f_id, 0};
    struct replay *replay = data;
    hc__arena *arena = hc__unit_arena(unit);
    struct ids *ids = hc__arena_zero(arena, 1, sizeof *ids);
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    const hc_value seek = hc__value_bytes(HC_TYPE_ID, &replay->after, sizeof replay->after);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__effect_entity.kind,
                .where = hc__outbox_in_state(arena, HC__EFFECT_DELIVERED),
                .filter =
                    hc__is_int(arena, &hc__effect_entity.kind, hc__effect_f_settled_at, HC_TEST_GE, replay->since),
                .fields = &id,
                .field_count = 1,
                .order = &order,
                .order_count = 1,
                .seek = &seek,
                .limit = BATCH,
                .index = BY_STATE};
    hc_status status;

    hc__unit_repeatable(unit);
    replay->found = 0;
    replay->marked = 0;
    if (ids == NULL || result == NULL || op.where == NULL || op.filter == NULL)
        return hc__no_memory(err);
    ids->arena = arena;
    status = hc__unit_read(unit, &op, 1, take_id, ids, err);
    if (status < 0 || ids->count == 0)
        return status;
    memcpy(replay->last.bytes, ids->list[ids->count - 1].as.bytes, sizeof replay->last);
    op = hc__outbox_again(hc__all_of(arena, hc__is_in(arena, hc__effect_f_id, ids->list, ids->count),
                                     hc__outbox_in_state(arena, HC__EFFECT_DELIVERED)));
    op.result = result;
    if (op.where == NULL)
        return hc__no_memory(err);
    hc__unit_add(unit, &op);
    if (replay->first)
        hc__audit_add(
            unit, &(hc__audit){.event = "sensitive_update", .target_kind = "outbox", .reason = "replay of effects"});
    status = hc__unit_flush(unit, NULL, err);
    replay->found = ids->count;
    replay->marked = result->count;
    return status;
}

hc_status hc_outbox_replay(hc_client *client, int64_t since, int64_t *out_count, hc_error *err)
{
    struct replay data = {.since = since, .first = true};
    int64_t count = 0;
    hc_session *as;
    hc_status status = hc__outbox_begin(&as, client, err);

    if (out_count != NULL)
        *out_count = 0;
    if (status < 0)
        return status;
    do {
        as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
        status = hc__unit_run(as, replay, &data, err);
        count += status < 0 ? 0 : data.marked;
        data.after = data.last;
        data.first = false;
    } while (status >= 0 && data.found == BATCH);
    hc__outbox_end(as);
    if (out_count != NULL)
        *out_count = count;
    return status;
}
