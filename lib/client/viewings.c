#include "client/viewings.h"

#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "model/appointment_status.h"

struct reading {
    hc__unit *unit;
    hc__viewings *out;
    size_t room;
    uint16_t fields[HC__FIELD_LIMIT];
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct reading *reading = data;
    hc__viewings *out = reading->out;
    hc__arena *arena = hc__unit_arena(reading->unit);
    hc__record *record;

    if (out->count == reading->room) {
        size_t room = reading->room == 0 ? 8 : reading->room * 2;
        hc__record *rows = hc__arena_zero(arena, room, sizeof *rows);
        if (rows == NULL)
            return hc__no_memory(err);
        if (out->count > 0)
            memcpy(rows, out->rows, out->count * sizeof *rows);
        out->rows = rows;
        reading->room = room;
    }
    record = &out->rows[out->count];
    if (hc__record_init(record, &hc__appointment_entity, arena, err) < 0 ||
        !hc__record_fill(record, reading->fields, row->values, row->count))
        return hc__no_memory(err);
    out->count++;
    return HC_OK;
}

hc_status hc__viewings_read(hc__viewings *out, hc__unit *unit, const hc_predicate *where, int64_t limit, hc_error *err)
{
    struct reading reading = {.unit = unit, .out = out};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__appointment_entity.kind,
                .where = where,
                .fields = reading.fields,
                .limit = limit,
                .index = HC_INDEX_ANY};

    *out = (hc__viewings){0};
    op.field_count = hc__readable_fields(reading.fields, &hc__appointment_entity);
    return where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_row, &reading, err);
}

hc__time hc__viewing_time(const hc__record *row)
{
    hc__time time = {.agent = hc__record_id(row, hc__appointment_f_agent_id),
                     .start = hc__record_int(row, hc__appointment_f_scheduled_time),
                     .end = hc__record_int(row, hc__appointment_f_ends_at),
                     .before = (int32_t)hc__record_int(row, hc__appointment_f_buffer_before),
                     .after = (int32_t)hc__record_int(row, hc__appointment_f_buffer_after)};

    if (hc__record_int(row, hc__appointment_f_holds_property) != 0)
        time.property = hc__record_id(row, hc__appointment_f_property_id);
    return time;
}

const hc_predicate *hc__viewing_is_open(hc__unit *unit)
{
    const hc_kind *kind = &hc__appointment_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *held =
        hc__all_of(arena, hc__is_int(arena, kind, hc__appointment_f_status, HC_TEST_EQ, HC__PENDING),
                   hc__is_int(arena, kind, hc__appointment_f_hold_expires_at, HC_TEST_GT, hc__unit_now(unit)));

    return hc__any_of(arena, hc__is_int(arena, kind, hc__appointment_f_status, HC_TEST_EQ, HC__SCHEDULED), held);
}

const hc_predicate *hc__viewing_at(hc__unit *unit, const hc__record *before)
{
    hc__arena *arena = hc__unit_arena(unit);

    return hc__all_of(arena, hc__is_id(arena, hc__appointment_f_id, hc__record_key(before)),
                      hc__is_int(arena, &hc__appointment_entity.kind, hc__appointment_f_version, HC_TEST_EQ,
                                 hc__record_version(before)));
}

void hc__viewing_end(hc__unit *unit, const hc__record *before, int32_t status, int32_t by, const char *reason,
                     const hc_predicate *where, int32_t *version)
{
    hc_id id = hc__record_key(before);
    hc__record changes;

    if (where == NULL || hc__record_init(&changes, &hc__appointment_entity, hc__unit_arena(unit), NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_int(&changes, hc__appointment_f_status, status);
    hc__record_set_int(&changes, hc__appointment_f_cancelled_by, by);
    hc__record_set_null(&changes, hc__appointment_f_hold_expires_at);
    hc__record_set_int(&changes, hc__appointment_f_sequence, hc__record_int(before, hc__appointment_f_sequence) + 1);
    if (reason != NULL)
        hc__record_set_text(&changes, hc__appointment_f_cancel_reason, reason, strlen(reason));
    *version = hc__stamp_update(unit, &changes, before);
    hc__unit_update(unit, &changes, where);
    hc__slots_release(unit, id);
    hc__unit_event(unit, &hc__appointment_entity, id, HC__CHANGE_UPDATED, *version);
}

hc_status hc__holds_expire(hc__unit *unit, const hc_predicate *of, int64_t limit, int64_t *count, hc_error *err)
{
    const hc_kind *kind = &hc__appointment_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *over =
        hc__all_of(arena, hc__is_int(arena, kind, hc__appointment_f_status, HC_TEST_EQ, HC__PENDING),
                   hc__is_int(arena, kind, hc__appointment_f_hold_expires_at, HC_TEST_LE, hc__unit_now(unit)));
    hc__viewings expired;
    bool all = of != NULL && of->test == HC_TEST_TRUE;
    hc_status status = hc__viewings_read(&expired, unit, all ? over : hc__all_of(arena, of, over), limit, err);

    *count = 0;
    if (status < 0)
        return status;
    for (size_t i = 0; i < expired.count; i++) {
        int32_t version;
        hc__viewing_end(unit, &expired.rows[i], HC__CANCELLED, HC__BY_SWEEP, "the hold ran out",
                        hc__viewing_at(unit, &expired.rows[i]), &version);
    }
    *count = (int64_t)expired.count;
    return expired.count == 0 ? HC_OK : hc__unit_flush(unit, NULL, err);
}

hc_status hc__holds_give_back(hc__unit *unit, const hc__time *time, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int64_t count;
    hc_status status =
        hc__holds_expire(unit, hc__is_id(arena, hc__appointment_f_agent_id, time->agent), 0, &count, err);

    if (status >= 0 && !hc__id_zero(time->property))
        status =
            hc__holds_expire(unit, hc__is_id(arena, hc__appointment_f_property_id, time->property), 0, &count, err);
    return status;
}
