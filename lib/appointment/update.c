#include "homeconnect/appointment.h"

#include "appointment/appointment_noun.h"
#include "client/zone.h"

/* What is the owner's to write at create, and another call's later. */
static const struct {
    uint16_t field;
    const char *name, *why;
} fixed[] = {
    {hc__appointment_f_lead_id, "lead_id", "an appointment stays with its lead"},
    {hc__appointment_f_agent_id, "agent_id", "an appointment stays with the agent of its lead"},
    {hc__appointment_f_property_id, "property_id", "an appointment stays with its listing"},
    {hc__appointment_f_scheduled_time, "scheduled_time", "hc_appointment_reschedule() changes the time"},
    {hc__appointment_f_ends_at, "ends_at", "hc_appointment_reschedule() changes the time"},
};

static hc_status check(hc_session *as, const hc__record *changes, hc_error *err)
{
    const char *zone = hc__record_text(changes, hc__appointment_f_time_zone);

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (hc__record_is_set(changes, fixed[i].field))
            return hc__fail(err, HC_ERR_INVALID, fixed[i].name, "%s", fixed[i].why);
    if (hc__record_is_set(changes, hc__appointment_f_time_zone) && zone != NULL)
        return hc__zone_check(as->core, zone, "time_zone", err);
    return HC_OK;
}

static hc_status update(hc__unit *unit, void *data, hc_error *err)
{
    hc__update *update = data;
    const hc__record *given = update->changes;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__before_change(unit, &before, &where, &hc__appointment_noun, HC__APPOINTMENT_UPDATE,
                                         hc__record_key(given), hc__record_version(given), err);

    if (status >= 0)
        status = hc__copy_changes(&changes, unit, given, err);
    if (status < 0)
        return status;
    update->version = hc__record_version(&before);
    if (!hc__drop_same(&changes, &before))
        return HC_NOTE_SAME;
    update->version = hc__stamp_update(unit, &changes, &before);
    hc__unit_update(unit, &changes, where);
    hc__unit_event(unit, &hc__appointment_entity, hc__record_key(given), HC__CHANGE_UPDATED, update->version);
    return HC_OK;
}

hc_status hc_appointment_update(int32_t *out_version, hc_session *as, const hc_appointment *changes, hc_error *err)
{
    static const hc__operation needed = HC__APPOINTMENT_UPDATE;
    hc__update data = {.changes = (const hc__record *)changes, .needed = &needed, .needed_count = 1, .check = check};

    return hc__run_update(out_version, as, &hc__appointment_entity, &data, update, err);
}
