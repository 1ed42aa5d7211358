#include "client/hybrid.h"

#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "client/documents.h"
#include "client/record_handle.h"
#include "client/relay.h"
#include "client/unit_inside.h"
#include "model/effect.h"
#include "model/head.h"

#define FIRST_APPENDS 16
#define TARGET        "documents"
#define SEND_WAIT     (2 * HC__SECOND) /* for a store that says nothing, before the outbox has it, */
#define SEND_EACH     1000             /* and µs more for each entry */

bool hc__unit_has_documents(const hc__unit *unit)
{
    return unit->as->core->documents != NULL;
}

void hc__unit_not_ours(hc__unit *unit)
{
    unit->not_ours = true;
}

/* ---- effects ---- */

hc_status hc__unit_may_queue(const hc__unit *unit, hc_error *err)
{
    if (hc__bug("no-cap"))
        return HC_OK;
    if (!hc__relay_full(unit->as->core))
        return HC_OK;
    return hc__fail(err, HC_ERR_BUSY, NULL,
                    "too much waits for the store of documents: it is down, or hc_client_run() is");
}

static bool put_payload(hc_value *out, hc__unit *unit, const hc__record *row, const uint64_t *set)
{
    hc__buf payload;
    void *copy = NULL;

    hc__buf_init(&payload, unit->arena.mem);
    hc__effect_put(&payload, row, set);
    if (!payload.failed)
        copy = hc__arena_copy(&unit->arena, payload.data, payload.size);
    if (copy != NULL)
        *out = hc__value_bytes(HC_TYPE_BYTES, copy, payload.size);
    hc__buf_free(&payload);
    return copy != NULL;
}

void hc__unit_effect(hc__unit *unit, int32_t verb, hc_id aggregate, int32_t version, const hc__record *row,
                     const uint64_t *set)
{
    const char *kind = row->entity->kind.name;
    hc_value payload;
    hc__record effect;
    hc_id id;

    if (hc__record_init(&effect, &hc__effect_entity, &unit->arena, NULL) < 0 || hc__unit_id(unit, &id) < 0 ||
        row->fault < 0 || !put_payload(&payload, unit, row, set)) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_id(&effect, hc__effect_f_id, id);
    hc__record_set_text(&effect, hc__effect_f_target, TARGET, sizeof TARGET - 1);
    hc__record_set_text(&effect, hc__effect_f_kind, kind, strlen(kind));
    hc__record_set_id(&effect, hc__effect_f_aggregate_id, aggregate);
    hc__record_set_int(&effect, hc__effect_f_version, version);
    hc__record_set_int(&effect, hc__effect_f_verb, verb);
    hc__record_set_int(&effect, hc__effect_f_bytes, payload.size);
    if (!hc__id_zero(unit->as->user))
        hc__record_set_id(&effect, hc__effect_f_actor_id, unit->as->user);
    hc__record_set_int(&effect, hc__effect_f_created_at, unit->now);
    hc__record_set_int(&effect, hc__effect_f_state, HC__EFFECT_PENDING);
    hc__record_set_int(&effect, hc__effect_f_attempts, 0);
    effect.values[hc__effect_f_payload] = payload;
    hc__unit_insert(unit, &effect);
    unit->effects++;
    unit->effect_bytes += payload.size;
}

bool hc__hybrid_queued(const hc__unit *unit)
{
    return unit->effects > 0;
}

void hc__hybrid_committed(hc__unit *unit)
{
    hc__relay_wrote(unit->as, unit->effects, unit->effect_bytes);
    unit->as->committed = true;
}

/* ---- heads ---- */

struct newest {
    hc__record *head;
    const uint16_t *fields;
    bool found;
};

static hc_status take_head(const hc_row *row, void *data, hc_error *err)
{
    struct newest *newest = data;

    newest->found = true;
    return hc__record_fill(newest->head, newest->fields, row->values, row->count) ? HC_OK : hc__no_memory(err);
}

hc_status hc__unit_head(hc__unit *unit, hc__record *head, bool *found, const hc__entity *entity, const char *key,
                        hc_error *err)
{
    static const hc_order newest_first[] = {{hc__head_f_bucket, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL},
                                            {hc__head_f_id, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL}};
    uint16_t fields[HC__FIELD_LIMIT];
    struct newest newest = {head, fields, false};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__head_entity.kind,
                .fields = fields,
                .field_count = hc__readable_fields(fields, &hc__head_entity),
                .where = hc__head_where(&unit->arena, entity, key),
                .order = newest_first,
                .order_count = 2,
                .limit = 1,
                .index = HC_INDEX_ANY};
    hc_status status = hc__record_init(head, &hc__head_entity, &unit->arena, err);

    *found = false;
    if (status >= 0)
        status = op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_head, &newest, err);
    *found = newest.found;
    return status;
}

void hc__unit_write_head(hc__unit *unit, const hc__record *head, int32_t was, const hc_predicate *may,
                         hc_op_result *result)
{
    hc__arena *arena = &unit->arena;
    const hc_predicate *same;
    hc_op *op;

    if (was == 0 && result != NULL) {
        hc__unit_insert_if_absent(unit, head, result);
        return;
    }
    if (was == 0) {
        hc__unit_insert_where(unit, head, may);
        return;
    }
    same = hc__all_of(arena, hc__is_id(arena, 0, hc__record_key(head)),
                      hc__is_int(arena, &head->entity->kind, hc__head_f_version, HC_TEST_EQ, was));
    op = hc__unit_update(unit, head, may == NULL ? same : hc__all_of(arena, same, may));
    if (op == NULL || result == NULL || unit->doomed < 0)
        return;
    op = &unit->ops[unit->count - 1];
    op->expect = HC_EXPECT_ANY;
    op->result = result;
}

/* ---- what is removed with a listing ---- */

hc_status hc__unit_remove_documents(hc__unit *unit, hc_id property_id, hc_error *err)
{
    static const uint64_t named[(HC__FIELD_LIMIT + 63) / 64] = {UINT64_C(1) << hc__document_f_property_id};
    hc_op op = {
        .verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .kind = &hc__head_entity.kind, .index = HC_INDEX_ID};
    char key[HC_ID_TEXT_SIZE];
    hc__record head, document;
    hc_id id;
    int32_t version = 1;
    bool found;
    hc_status status;

    hc_id_format(key, property_id);
    status = hc__unit_head(unit, &head, &found, &hc__document_entity, key, err);
    if (status >= 0)
        status = hc__record_init(&document, &hc__document_entity, &unit->arena, err);
    if (status >= 0 && !found)
        status = hc__id_make_document(&id, unit->now, err);
    if (status < 0)
        return status;
    if (found) {
        id = hc__record_key(&head);
        version = hc__record_version(&head) + 1;
        op.where = hc__is_id(&unit->arena, 0, id);
        hc__unit_add(unit, op.where == NULL ? NULL : &op);
        hc__unit_event(unit, &hc__document_entity, id, HC__CHANGE_PURGED, version);
    }
    hc__record_set_id(&document, hc__document_f_property_id, property_id);
    hc__unit_effect(unit, HC__EFFECT_REMOVE, id, version, &document, named);
    return HC_OK;
}

/* ---- appends ---- */

const hc__entity *hc__hybrid_entity(const hc_kind *kind)
{
    for (size_t i = 0; i < hc__entity_count; i++)
        if (&hc__entities[i]->kind == kind)
            return hc__entities[i];
    return NULL;
}

static void queue_one(hc__unit *unit, const hc_op *op)
{
    hc__record row;

    if (hc__record_init(&row, hc__hybrid_entity(op->kind), &unit->arena, NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    for (size_t i = 0; i < op->set_count; i++)
        row.values[op->sets[i].field] = op->sets[i].value;
    hc__unit_effect(unit, HC__EFFECT_APPEND, hc__record_id(&row, 0), 1, &row, NULL);
}

void hc__hybrid_append(hc__unit *unit, const hc_op *op)
{
    size_t capacity = unit->append_count < FIRST_APPENDS ? FIRST_APPENDS : unit->append_count * 2;
    hc_op *more;

    if (unit->as->unit != NULL) { /* it rides on what else the host's unit does, and its values are the host's */
        if (hc__relay_full(unit->as->core))
            hc__relay_dropped(unit->as->core, 1);
        else
            queue_one(unit, op);
        return;
    }
    if (unit->append_count == unit->append_capacity) {
        more = hc__arena_alloc(&unit->arena, capacity * sizeof *more);
        if (more == NULL) {
            hc__unit_doom(unit, HC_ERR_NO_MEMORY);
            return;
        }
        if (unit->append_count > 0)
            memcpy(more, unit->appends, unit->append_count * sizeof *more);
        unit->appends = more;
        unit->append_capacity = capacity;
    }
    more = &unit->appends[unit->append_count++];
    *more = *op;
    more->verb = HC_VERB_INSERT_IF_ABSENT; /* its id was made for it: there already is as good */
    more->expect = HC_EXPECT_ANY;
}

hc_status hc__hybrid_queue(hc__unit *unit, hc_error *err)
{
    hc_status status = hc__unit_may_queue(unit, err);

    for (size_t i = 0; i < unit->append_count && status >= 0; i++)
        queue_one(unit, &unit->appends[i]);
    unit->append_count = 0;
    return status;
}

/* In a unit of its own, since the other may have waited long. */
static hc_status queue_for(hc__unit *unit, void *data, hc_error *err)
{
    const hc__unit *of = data;
    hc_status status = hc__unit_may_queue(unit, err);

    for (size_t i = 0; i < of->append_count && status >= 0; i++)
        queue_one(unit, &of->appends[i]);
    return status;
}

hc_status hc__hybrid_send(hc__unit *unit, hc_error *err)
{
    hc_session *as = unit->as;
    hc_batch batch = {.ops = unit->appends, .op_count = unit->append_count};
    int64_t patience = SEND_WAIT + (int64_t)unit->append_count * SEND_EACH;
    int64_t whole = as->deadline, soon = hc__os_monotonic() + patience;
    hc_error why;
    hc_status status;

    if (hc__documents_away(as->core)) /* who waits in the outbox is looked after there */
        return hc__unit_run_unchecked(as, queue_for, unit, err);
    as->deadline = soon < whole ? soon : whole;
    status = hc__documents_run(as, &batch, &why);
    as->deadline = whole;
    if (status == HC_ERR_UNAVAILABLE || status == HC_ERR_BUSY || (status == HC_ERR_TIMEOUT && soon < whole))
        return hc__unit_run_unchecked(as, queue_for, unit, err);
    if (status < 0 && err != NULL)
        *err = why;
    return status < 0 ? status : HC_OK;
}
