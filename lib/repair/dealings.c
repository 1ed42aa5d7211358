/* Leads and appointments. */
#include "appointment/desk.h"
#include "base/id.h"
#include "client/lead_write.h"
#include "client/viewings.h"
#include "homeconnect/lead.h"
#include "lead/lead_noun.h"
#include "model/appointment_status.h"
#include "model/lead_status.h"
#include "repair/repair.h"

/* ---- leads ---- */

static hc_status find_contact(hc__mending *m, hc_error *err)
{
    hc_error why;
    hc_status status;

    if (!hc__record_is_null(m->before, hc__lead_f_contact_id) ||
        (hc__record_is_null(m->before, hc__lead_f_contact_email) &&
         hc__record_is_null(m->before, hc__lead_f_contact_phone)))
        return HC_OK;
    status = hc__lead_check(m->before, &why);
    if (status == HC_ERR_INVALID) {
        m->left = "its contact or budget is none";
        return HC_OK;
    }
    return status < 0 ? hc__fail(err, status, NULL, "%s", why.message)
                      : hc__lead_set_contact(m->unit, m->row, m->before, NULL, err);
}

hc_status hc__mend_lead(hc__mending *m, hc_error *err)
{
    int64_t made = hc__record_int(m->before, hc__lead_f_created_at);
    bool is_new = hc__record_int(m->before, hc__lead_f_status) == HC_LEAD_STATUS_NEW;

    if (!hc__record_is_null(m->before, hc__lead_f_agent_id) && hc__record_is_null(m->before, hc__lead_f_assigned_at))
        hc__record_set_int(m->row, hc__lead_f_assigned_at, made);
    if (is_new && hc__record_is_null(m->before, hc__lead_f_first_response_at) &&
        hc__record_is_null(m->before, hc__lead_f_response_due_at))
        hc__record_set_int(m->row, hc__lead_f_response_due_at, made + hc__unit_session(m->unit)->core->response_target);
    if (!is_new && !hc__record_is_null(m->before, hc__lead_f_response_due_at) &&
        !hc__lead_is_open((int32_t)hc__record_int(m->before, hc__lead_f_status)))
        hc__record_set_null(m->row, hc__lead_f_response_due_at); /* nobody waits any more */
    return find_contact(m, err);
}

/* ---- appointments ---- */

/* Whose it is follows from its lead. */
static hc_status find_buyer(hc__mending *m, hc_error *err)
{
    const hc_predicate *where;
    hc__record lead;
    bool found;
    hc_status status;

    if (!hc__record_is_null(m->before, hc__appointment_f_buyer_id) ||
        hc__record_is_null(m->before, hc__appointment_f_lead_id))
        return HC_OK;
    status = hc__lead_read(m->unit, &lead, &found, &where, hc__record_id(m->before, hc__appointment_f_lead_id), err);
    if (status >= 0 && found && !hc__record_is_null(&lead, hc__lead_f_buyer_id))
        hc__record_set_id(m->row, hc__appointment_f_buyer_id, hc__record_id(&lead, hc__lead_f_buyer_id));
    return status;
}

/* Whether it also holds the time of its listing. */
static hc_status find_exclusive(hc__mending *m, hc_error *err)
{
    const hc_kind *listings = &hc__property_entity.kind;
    hc__arena *arena = hc__unit_arena(m->unit);
    int64_t count;
    hc_status status;

    if (hc__record_int(m->before, hc__appointment_f_holds_property) != 0 ||
        hc__record_is_null(m->before, hc__appointment_f_property_id))
        return HC_OK;
    status =
        hc__unit_count(m->unit, &count, listings,
                       hc__all_of(arena, hc__is_id(arena, 0, hc__record_id(m->before, hc__appointment_f_property_id)),
                                  hc__is_int(arena, listings, hc__property_f_exclusive_showings, HC_TEST_EQ, 1)),
                       err);
    if (status >= 0 && count > 0)
        hc__record_set_int(m->row, hc__appointment_f_holds_property, 1);
    return status;
}

/* Its rows of appointment_slots, and those of them that lie in its time. */
static hc_status count_slots(hc__mending *m, const hc__time *time, int64_t *all, int64_t *inside, hc_error *err)
{
    const hc_kind *slots = &hc__slot_entity.kind;
    hc__arena *arena = hc__unit_arena(m->unit);
    const hc_predicate *its = hc__is_id(arena, hc__slot_f_appointment_id, hc__record_key(m->before)), *within;
    int64_t first, end;
    hc_status status = hc__unit_count(m->unit, all, slots, its, err);

    hc__slots_span(time, &first, &end);
    within = hc__all_of(arena, hc__is_int(arena, slots, hc__slot_f_slot_no, HC_TEST_GE, first),
                        hc__is_int(arena, slots, hc__slot_f_slot_no, HC_TEST_LT, end));
    return status < 0 ? status : hc__unit_count(m->unit, inside, slots, hc__all_of(arena, its, within), err);
}

static hc_status take_again(hc__mending *m, const hc__time *time, hc_error *err)
{
    hc_id id = hc__record_key(m->before);
    int32_t clash = 0;
    hc_status status;

    status = hc__holds_give_back(m->unit, time, err);
    if (status < 0)
        return status;
    hc__slots_release(m->unit, id);
    status = hc__slots_take(m->unit, &clash, id, time, err);
    if (status >= 0 && clash != 0) { /* what was taken before the clash goes back */
        hc__slots_release(m->unit, id);
        m->left = "another appointment holds its time";
    }
    return status;
}

/* It holds its time until somebody asks for it, or sweeps. */
static bool ran_out(const hc__mending *m)
{
    return hc__record_int(m->before, hc__appointment_f_status) == HC__PENDING &&
           !hc__record_is_null(m->before, hc__appointment_f_hold_expires_at) &&
           hc__record_int(m->before, hc__appointment_f_hold_expires_at) <= hc__unit_now(m->unit);
}

/* What is open and still to come holds its time; what is closed holds none. */
static hc_status settle_slots(hc__mending *m, hc_error *err)
{
    hc__time time = hc__viewing_time(m->row);
    bool open = hc__appointment_open((int32_t)hc__record_int(m->before, hc__appointment_f_status));
    int64_t all = 0, inside = 0, first, end, wanted;
    hc_status status;

    if (hc__id_zero(time.agent) || time.end <= time.start || time.end - time.start > HC__LONGEST * HC__MINUTE ||
        (open && time.end <= hc__unit_now(m->unit)) || ran_out(m))
        return HC_OK;
    status = count_slots(m, &time, &all, &inside, err);
    if (status < 0)
        return status;
    hc__slots_span(&time, &first, &end);
    wanted = open ? (end - first) * (hc__id_zero(time.property) ? 1 : 2) : 0;
    if (all == wanted && (inside == wanted || !open))
        return HC_OK;
    if (open)
        status = take_again(m, &time, err);
    else
        hc__slots_release(m->unit, hc__record_key(m->before));
    m->beside = m->left == NULL || all > 0;
    return status;
}

hc_status hc__mend_appointment(hc__mending *m, hc_error *err)
{
    hc_status status = find_buyer(m, err);

    if (hc__record_is_null(m->before, hc__appointment_f_ends_at))
        hc__record_set_int(m->row, hc__appointment_f_ends_at,
                           hc__record_int(m->before, hc__appointment_f_scheduled_time) +
                               HC__DEFAULT_LENGTH * HC__MINUTE);
    if (status >= 0 && hc__appointment_open((int32_t)hc__record_int(m->before, hc__appointment_f_status)))
        status = find_exclusive(m, err);
    return status < 0 ? status : settle_slots(m, err);
}
