#include "client/slots.h"

#include "base/bug.h"
#include "base/id.h"

enum { SETS = 5 };

static int64_t floor_slot(int64_t micros)
{
    return micros / HC__SLOT - (micros % HC__SLOT < 0);
}

void hc__slots_span(const hc__time *time, int64_t *first, int64_t *end)
{
    *first = floor_slot(time->start - time->before * HC__MINUTE);
    *end = floor_slot(time->end + time->after * HC__MINUTE + HC__SLOT - 1);
}

static hc_set *set(hc_set *at, uint16_t field, hc_value value)
{
    *at = (hc_set){field, HC_SET_TO, 0, value};
    return at + 1;
}

/* One row; `ids` are those of the row, the resource and the appointment, in the unit's arena. */
static hc_op *row(hc__unit *unit, int32_t kind, const hc_id *ids, int64_t number, hc_op_result *result)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_op *op = hc__arena_zero(arena, 1, sizeof *op);
    hc_set *sets = hc__arena_alloc(arena, SETS * sizeof *sets), *at = sets;

    if (op == NULL || sets == NULL)
        return NULL;
    at = set(at, hc__slot_f_id, hc__value_bytes(HC_TYPE_ID, &ids[0], sizeof(hc_id)));
    at = set(at, hc__slot_f_resource_kind, hc__value_int(HC_TYPE_ENUM, kind));
    at = set(at, hc__slot_f_resource_id, hc__value_bytes(HC_TYPE_ID, &ids[1], sizeof(hc_id)));
    at = set(at, hc__slot_f_slot_no, hc__value_int(HC_TYPE_INT64, number));
    at = set(at, hc__slot_f_appointment_id, hc__value_bytes(HC_TYPE_ID, &ids[2], sizeof(hc_id)));
    *op = (hc_op){.verb = HC_VERB_INSERT_IF_ABSENT,
                  .expect = HC_EXPECT_ANY,
                  .kind = &hc__slot_entity.kind,
                  .sets = sets,
                  .set_count = (size_t)(at - sets),
                  .index = HC_INDEX_ANY,
                  .result = result};
    return op;
}

/* Adds the rows of one resource, and writes them. */
static hc_status take(hc__unit *unit, bool *taken, int32_t kind, hc_id resource, hc_id appointment,
                      const hc__time *time, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int64_t first, end;
    hc_op_result *results;
    hc_status status = HC_OK;

    hc__slots_span(time, &first, &end);
    results = hc__arena_zero(arena, (size_t)(end - first), sizeof *results);
    for (int64_t number = first; number < end && status >= 0; number++) {
        hc_id *ids = hc__arena_alloc(arena, 3 * sizeof *ids);
        if (results == NULL || ids == NULL)
            return hc__no_memory(err);
        status = hc__id_make(&ids[0], hc__unit_now(unit), err);
        ids[1] = resource;
        ids[2] = appointment;
        hc__unit_add(unit, row(unit, kind, ids, number, &results[number - first]));
    }
    if (status >= 0)
        status = hc__unit_flush(unit, NULL, err);
    *taken = true;
    for (int64_t i = 0; status >= 0 && i < end - first; i++)
        *taken = *taken && results[i].count == 1;
    return status;
}

hc_status hc__slots_take(hc__unit *unit, int32_t *clash, hc_id appointment, const hc__time *time, hc_error *err)
{
    bool taken;
    hc_status status;

    *clash = 0;
    if (hc__bug("no-slots"))
        return HC_OK;
    status = take(unit, &taken, HC__FOR_AGENT, time->agent, appointment, time, err);
    if (status < 0 || !taken || hc__id_zero(time->property)) {
        *clash = status >= 0 && !taken ? HC__FOR_AGENT : 0;
        return status;
    }
    status = take(unit, &taken, HC__FOR_PROPERTY, time->property, appointment, time, err);
    *clash = status >= 0 && !taken ? HC__FOR_PROPERTY : 0;
    return status;
}

void hc__slots_release(hc__unit *unit, hc_id appointment)
{
    hc_op op = {
        .verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .kind = &hc__slot_entity.kind, .index = HC_INDEX_ANY};

    op.where = hc__is_id(hc__unit_arena(unit), hc__slot_f_appointment_id, appointment);
    hc__unit_add(unit, op.where == NULL ? NULL : &op);
}
