#include "appointment/move.h"
#include "appointment/take.h"
#include "base/id.h"
#include "client/lead_write.h"
#include "homeconnect/appointment.h"
#include "model/lead_status.h"

static bool same_time(const hc__record *before, const hc__move_call *call)
{
    return hc__record_int(before, hc__appointment_f_status) == HC__SCHEDULED &&
           hc__record_int(before, hc__appointment_f_scheduled_time) == call->start &&
           (call->end == 0 || hc__record_int(before, hc__appointment_f_ends_at) == call->end);
}

/* One whose time has come is booked anew, which only an open lead is: who opted out is not asked again by this way. */
static hc_status check_lead(hc__unit *unit, const hc__record *before, hc_error *err)
{
    hc_id id = hc__record_id(before, hc__appointment_f_lead_id);
    bool to_come = hc__record_int(before, hc__appointment_f_status) == HC__SCHEDULED &&
                   hc__record_int(before, hc__appointment_f_scheduled_time) > hc__unit_now(unit);
    const hc_predicate *where;
    hc__record lead;
    bool found;
    hc_status status;

    if (to_come || hc__id_zero(id))
        return HC_OK;
    hc__unit_hold(unit, &hc__lead_entity, hc__is_id(hc__unit_arena(unit), hc__lead_f_id, id), HC_EXPECT_ANY);
    status = hc__lead_read(unit, &lead, &found, &where, id, err);
    if (status >= 0 && found && !hc__lead_is_open((int32_t)hc__record_int(&lead, hc__lead_f_status)))
        status = hc__fail(err, HC_ERR_INVALID_STATE, "lead_id", "the lead is closed or lost");
    return status;
}

/* Those who decide about the new time are the agent and the listing that it has. */
static hc_status open_desk(hc__desk *desk, hc__unit *unit, const hc__record *before, hc_error *err)
{
    hc__source source = {unit, hc__unit_session(unit), hc__unit_arena(unit)};
    bool found, listed;
    hc_status status = hc__desk_open(desk, &source, hc__record_id(before, hc__appointment_f_agent_id),
                                     hc__record_id(before, hc__appointment_f_property_id), &found, &listed, err);

    if (status >= 0 && !found)
        status = hc__fail(err, HC_ERR_INVALID_STATE, "agent_id", "the agent takes no appointments");
    if (status >= 0 && !listed)
        status = hc__fail(err, HC_ERR_INVALID_STATE, "property_id", "the listing is no longer shown");
    return status;
}

/* The old time is given back first: what the appointment holds itself is no conflict. */
static hc_status swap_time(hc__desk *desk, hc__unit *unit, const hc__record *before, const hc__time *time,
                           hc_error *err)
{
    hc__slots_release(unit, hc__record_key(before));
    return hc__take_time(desk, hc__record_key(before), time, err);
}

static void write_time(hc__record *changes, const hc__record *before, const hc__desk *desk, const hc__time *time)
{
    hc__record_set_int(changes, hc__appointment_f_status, HC__SCHEDULED);
    hc__record_set_int(changes, hc__appointment_f_scheduled_time, time->start);
    hc__record_set_int(changes, hc__appointment_f_ends_at, time->end);
    hc__record_set_int(changes, hc__appointment_f_buffer_before, time->before);
    hc__record_set_int(changes, hc__appointment_f_buffer_after, time->after);
    hc__record_set_int(changes, hc__appointment_f_holds_property, desk->exclusive);
    hc__record_set_int(changes, hc__appointment_f_sequence, hc__record_int(before, hc__appointment_f_sequence) + 1);
}

static hc_status reschedule(hc__unit *unit, void *data, hc_error *err)
{
    hc__move_call *call = data;
    const hc_predicate *where;
    hc__desk *desk = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *desk);
    hc__record before, changes;
    hc__time time;
    int64_t end = call->end;
    hc_status note,
        status = desk == NULL ? hc__no_memory(err) : hc__move_begin(unit, call, &before, &where, same_time, err);

    if (status == HC_OK && end == 0)
        end = call->start + hc__record_int(&before, hc__appointment_f_ends_at) -
              hc__record_int(&before, hc__appointment_f_scheduled_time);
    if (status == HC_OK)
        status = hc__time_shape(call->start, &end, err);
    if (status == HC_OK)
        status = check_lead(unit, &before, err);
    if (status == HC_OK)
        status = open_desk(desk, unit, &before, err);
    if (status == HC_OK)
        status = hc__time_allowed(desk, call->start, end, err);
    if (status == HC_OK)
        status = hc__record_init(&changes, &hc__appointment_entity, hc__unit_arena(unit), err);
    if (status != HC_OK)
        return status;
    time = hc__desk_time(desk, call->start, end);
    note = hc__buyer_overlap(unit, hc__record_id(&before, hc__appointment_f_buyer_id), call->id, time.start, time.end,
                             err);
    status = note < 0 ? note : swap_time(desk, unit, &before, &time, err);
    if (status < 0)
        return status;
    write_time(&changes, &before, desk, &time);
    call->version = hc__stamp_update(unit, &changes, &before);
    hc__desk_hold(desk);
    hc__unit_update(unit, &changes, where);
    hc__unit_event(unit, &hc__appointment_entity, call->id, HC__CHANGE_UPDATED, call->version);
    return note;
}

hc_status hc_appointment_reschedule(int32_t *out_version, hc_session *as, hc_id id, int32_t version, int64_t start,
                                    int64_t end, hc_error *err)
{
    hc__move_call call = {id, version, HC__APPOINTMENT_MOVE, HC__SCHEDULED, NULL, start, end, 0};

    return hc__run_move(out_version, as, &call, reschedule, err);
}
