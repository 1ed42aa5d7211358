#include "client/reaction_appointment.h"

#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "client/viewings.h"
#include "model/appointment_status.h"

static const hc_value open_states[] = {{HC_TYPE_ENUM, 0, {.integer = HC__SCHEDULED}},
                                       {HC_TYPE_ENUM, 0, {.integer = HC__PENDING}}};

static const hc_predicate *of_lead(hc__unit *unit, const hc__record *lead)
{
    return hc__is_id(hc__unit_arena(unit), hc__appointment_f_lead_id, hc__record_key(lead));
}

/* Holds that ran out are gone first: they neither move nor stand in the way. */
static hc_status open_of_lead(hc__viewings *out, hc__unit *unit, const hc__record *lead, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int64_t expired;
    hc_status status = hc__holds_expire(unit, of_lead(unit, lead), 0, &expired, err);

    return status < 0 ? status
                      : hc__viewings_read(out, unit,
                                          hc__all_of(arena, of_lead(unit, lead),
                                                     hc__is_in(arena, hc__appointment_f_status, open_states, 2)),
                                          0, err);
}

static bool to_come(const hc__unit *unit, const hc__record *row)
{
    return hc__record_int(row, hc__appointment_f_ends_at) > hc__unit_now(unit);
}

hc_status hc__cancel_viewings(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err)
{
    const hc_session *as = hc__unit_session(unit);
    int32_t by = as->role == HC_ROLE_BUYER || as->role == HC_ROLE_GUEST ? HC__BY_BUYER : HC__BY_AGENCY;
    hc__viewings open;
    hc_status status = open_of_lead(&open, unit, before, err);

    (void)after;
    for (size_t i = 0; status >= 0 && i < open.count; i++) {
        int32_t version;
        if (to_come(unit, &open.rows[i]))
            hc__viewing_end(unit, &open.rows[i], HC__CANCELLED, by, "the lead was lost",
                            hc__viewing_at(unit, &open.rows[i]), &version);
    }
    return status < 0 ? status : hc__unit_flush(unit, NULL, err);
}

/* ---- to another agent ---- */

static hc_status new_agent(hc__record *profile, hc__unit *unit, hc_id agent, hc_error *err)
{
    bool found;
    hc_status status = hc__unit_row(unit, profile, &found, &hc__agent_entity,
                                    hc__is_id(hc__unit_arena(unit), hc__agent_f_user_id, agent), err);

    if (status >= 0 && !found)
        status = hc__fail(err, HC_ERR_INVALID, "agent_id", "the agent has no profile");
    return status;
}

static hc_status not_free(const hc__time *time, int32_t clash, hc_error *err)
{
    char at[32];

    hc__time_format(at, time->start);
    hc__fail(err, HC_ERR_CONFLICT, "agent_id",
             clash == HC__FOR_AGENT ? "the new agent is not free at %s, for a viewing of this lead"
                                    : "the listing is not free at %s, with the new agent's buffers",
             at);
    if (err != NULL)
        err->detail = time->start;
    return HC_ERR_CONFLICT;
}

/* Its time is given back and taken again, from the new agent and with their buffers. */
static hc_status move_time(hc__unit *unit, hc__record *changes, const hc__record *before, const hc__record *profile,
                           hc_error *err)
{
    hc__time time = hc__viewing_time(before);
    int32_t clash;
    hc_status status;

    time.agent = hc__record_key(profile);
    time.before = (int32_t)hc__record_int(profile, hc__agent_f_buffer_before);
    time.after = (int32_t)hc__record_int(profile, hc__agent_f_buffer_after);
    status = hc__holds_give_back(unit, &time, err);
    if (status < 0)
        return status;
    hc__slots_release(unit, hc__record_key(before));
    status = hc__slots_take(unit, &clash, hc__record_key(before), &time, err);
    if (status >= 0 && clash != 0)
        status = not_free(&time, clash, err);
    hc__record_set_int(changes, hc__appointment_f_buffer_before, time.before);
    hc__record_set_int(changes, hc__appointment_f_buffer_after, time.after);
    return status;
}

static bool is_open(const hc__record *row)
{
    return hc__appointment_open((int32_t)hc__record_int(row, hc__appointment_f_status));
}

/* Open, or one that nobody came to, which can be given another time. */
static bool lives_on(const hc__record *row)
{
    return is_open(row) || hc__record_int(row, hc__appointment_f_status) == HC__NO_SHOW;
}

static hc_status all_of_lead(hc__viewings *out, hc__unit *unit, const hc__record *lead, hc_error *err)
{
    return hc__viewings_read(out, unit, of_lead(unit, lead), 0, err);
}

/* Whose viewing it is follows from the lead; not that of a guest, who may have typed a buyer's address. */
static void give_to_buyer(hc__record *changes, const hc__record *before, const hc__record *lead)
{
    hc_id buyer = hc__record_id(lead, hc__lead_f_buyer_id);

    if (!hc__record_is_null(before, hc__appointment_f_touch_id) ||
        hc__id_equal(hc__record_id(before, hc__appointment_f_buyer_id), buyer))
        return;
    if (hc__id_zero(buyer))
        hc__record_set_null(changes, hc__appointment_f_buyer_id);
    else
        hc__record_set_id(changes, hc__appointment_f_buyer_id, buyer);
}

static void write(hc__unit *unit, hc__record *changes, const hc__record *before)
{
    int32_t version = hc__stamp_update(unit, changes, before);

    hc__unit_update(unit, changes, hc__viewing_at(unit, before));
    hc__unit_event(unit, &hc__appointment_entity, hc__record_key(before), HC__CHANGE_UPDATED, version);
}

/* One appointment follows: to `lead` and, when `profile` is not NULL, to that agent. */
static hc_status follow(hc__unit *unit, const hc__record *before, const hc__record *lead, const hc__record *profile,
                        hc_error *err)
{
    hc__record changes;
    hc_status status = hc__record_init(&changes, &hc__appointment_entity, hc__unit_arena(unit), err);

    if (status >= 0 && profile != NULL && is_open(before) && to_come(unit, before))
        status = move_time(unit, &changes, before, profile, err);
    if (status < 0)
        return status;
    hc__record_set_id(&changes, hc__appointment_f_lead_id, hc__record_key(lead));
    if (profile != NULL)
        hc__record_set_id(&changes, hc__appointment_f_agent_id, hc__record_key(profile));
    give_to_buyer(&changes, before, lead);
    write(unit, &changes, before);
    return HC_OK;
}

hc_status hc__hand_viewings_over(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err)
{
    hc_id agent = hc__record_id(after, hc__lead_f_agent_id);
    hc__viewings open, all;
    hc__record profile;
    hc_status status = open_of_lead(&open, unit, before, err);

    if (status >= 0 && open.count > 0 && hc__id_zero(agent))
        status =
            hc__fail(err, HC_ERR_INVALID_STATE, "agent_id",
                     "the lead has %zu open viewings: they need an agent, or are to be cancelled first", open.count);
    if (status < 0 || hc__id_zero(agent))
        return status;
    status = all_of_lead(&all, unit, before, err);
    if (status >= 0 && all.count > 0)
        status = new_agent(&profile, unit, agent, err);
    for (size_t i = 0; status >= 0 && i < all.count; i++)
        if (lives_on(&all.rows[i]))
            status = follow(unit, &all.rows[i], after, &profile, err);
    return status < 0 ? status : hc__unit_flush(unit, NULL, err);
}

/* ---- to another buyer ---- */

hc_status hc__give_viewings(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err)
{
    hc__viewings all = {0};
    hc_status status = HC_OK;

    if (!hc__id_equal(hc__record_id(before, hc__lead_f_buyer_id), hc__record_id(after, hc__lead_f_buyer_id)))
        status = all_of_lead(&all, unit, before, err);
    for (size_t i = 0; status >= 0 && i < all.count; i++) {
        hc__record changes;
        status = hc__record_init(&changes, &hc__appointment_entity, hc__unit_arena(unit), err);
        if (status < 0)
            break;
        give_to_buyer(&changes, &all.rows[i], after);
        if (hc__record_is_set(&changes, hc__appointment_f_buyer_id))
            write(unit, &changes, &all.rows[i]);
    }
    return status < 0 ? status : hc__unit_flush(unit, NULL, err);
}

/* ---- into another lead ---- */

hc_status hc__merge_viewings(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err)
{
    hc_id agent = hc__record_id(after, hc__lead_f_agent_id);
    hc__viewings open, all;
    hc__record profile;
    bool other = !hc__id_zero(agent);
    hc_status status = open_of_lead(&open, unit, before, err);

    if (status >= 0)
        status = all_of_lead(&all, unit, before, err);
    if (status >= 0 && all.count > 0 && other)
        status = new_agent(&profile, unit, agent, err);
    for (size_t i = 0; status >= 0 && i < all.count; i++) {
        bool moves = other && lives_on(&all.rows[i]) &&
                     !hc__id_equal(hc__record_id(&all.rows[i], hc__appointment_f_agent_id), agent);
        status = follow(unit, &all.rows[i], after, moves ? &profile : NULL, err);
    }
    return status < 0 ? status : hc__unit_flush(unit, NULL, err);
}
