#include "homeconnect/appointment.h"

#include <string.h>

#include "appointment/appointment_noun.h"
#include "appointment/take.h"
#include "base/id.h"
#include "client/reaction.h"
#include "client/viewings.h"
#include "homeconnect/lead.h"
#include "homeconnect/property.h"
#include "model/appointment_status.h"
#include "model/lead_status.h"

#define OPEN_LIMIT   10
#define DEFAULT_HOLD (15 * HC__MINUTE)
#define LEAST_HOLD   (1 * HC__MINUTE)
#define LONGEST_HOLD (60 * HC__MINUTE)

typedef struct booking {
    hc__create create;
    int64_t hold; /* µs; 0: a booking */
} booking;

/* What one run of the unit finds out. */
typedef struct plan {
    hc__unit *unit;
    hc_session *as;
    hc__record row;   /* the appointment */
    hc__record touch; /* of a guest: the inquiry */
    hc__record lead;
    hc__desk desk;
    bool guest;
} plan;

/* ---- the lead ---- */

/* What a guest books, they book with the token of an inquiry, whose lead they never see. */
static hc_status lead_of_guest(plan *p, hc_id *lead, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(p->unit);
    bool found;
    hc_status status = hc__unit_row(p->unit, &p->touch, &found, &hc__touch_entity,
                                    hc__all_of(arena, hc__is_id(arena, hc__touch_f_id, p->as->inquiry),
                                               hc__is_int(arena, &hc__touch_entity.kind, hc__touch_f_token_expires_at,
                                                          HC_TEST_GT, hc__unit_now(p->unit))),
                                    err);

    if (status >= 0 && !found)
        status = hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "the token of the inquiry is no longer good");
    if (status >= 0)
        *lead = hc__record_id(&p->touch, hc__touch_f_lead_id);
    return status;
}

static hc_status no_lead(plan *p, hc_id id, hc_error *err)
{
    int64_t count;
    hc_status status = hc__unit_count(p->unit, &count, &hc__lead_entity.kind,
                                      hc__is_id(hc__unit_arena(p->unit), hc__lead_f_id, id), err);

    if (status < 0)
        return status;
    if (count > 0)
        hc__audit_late(p->as, &(hc__audit){.event = "authz_fail",
                                           .target_kind = "lead",
                                           .target = id,
                                           .reason = "booking for a lead that the caller may not see"});
    return hc__fail(err, HC_ERR_NOT_FOUND, "lead_id", "no such lead");
}

static hc_status find_lead(plan *p, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(p->unit);
    hc_id id = hc__record_id(&p->row, hc__appointment_f_lead_id);
    const hc_predicate *where;
    bool found;
    hc_status status = p->guest ? lead_of_guest(p, &id, err) : HC_OK;

    if (status < 0)
        return status;
    where = hc__is_id(arena, hc__lead_f_id, id);
    if (!p->guest)
        where = hc__all_of(arena, where, hc__policy_where(arena, p->as, HC__LEAD_READ, hc__unit_now(p->unit)));
    status = hc__unit_row(p->unit, &p->lead, &found, &hc__lead_entity, where, err);
    if (status >= 0 && !found)
        status = no_lead(p, id, err);
    return status;
}

/* What is asked about: by a guest, in their own inquiry, which may since have gone into a lead about another listing.
 */
static const hc_value *asked_about(const plan *p)
{
    const hc_value *listing = &p->lead.values[hc__lead_f_property_id];

    if (p->guest && !hc__record_is_null(&p->touch, hc__touch_f_property_id))
        listing = &p->touch.values[hc__touch_f_property_id];
    return listing->type == HC_TYPE_NULL ? NULL : listing;
}

static bool names_another(const hc__record *row, uint16_t field, const hc_value *of_lead)
{
    return !hc__record_is_null(row, field) && of_lead != NULL &&
           memcmp(row->values[field].as.bytes, of_lead->as.bytes, sizeof(hc_id)) != 0;
}

/* A caller may name agent and listing, but only those of the lead (security.md D05). */
static hc_status check_lead(const plan *p, hc_error *err)
{
    if (!hc__lead_is_open((int32_t)hc__record_int(&p->lead, hc__lead_f_status)))
        return hc__fail(err, HC_ERR_INVALID_STATE, "lead_id", "the lead is closed or lost");
    if (hc__record_is_null(&p->lead, hc__lead_f_agent_id))
        return hc__fail(err, HC_ERR_INVALID_STATE, "lead_id", "the lead is not assigned to an agent yet");
    if (names_another(&p->row, hc__appointment_f_agent_id, &p->lead.values[hc__lead_f_agent_id]))
        return hc__fail(err, HC_ERR_INVALID, "agent_id", "the lead is not this agent's");
    if (names_another(&p->row, hc__appointment_f_property_id, asked_about(p)))
        return hc__fail(err, HC_ERR_INVALID, "property_id", "the lead is about another listing");
    return HC_OK;
}

/* ---- agent and listing ---- */

static hc_status open_desk(plan *p, hc_error *err)
{
    hc__source source = {p->unit, p->as, hc__unit_arena(p->unit)};
    const hc_value *leads = asked_about(p);
    hc_id property = hc__record_id(&p->row, hc__appointment_f_property_id);
    bool found, listed;
    hc_status status;

    if (leads != NULL)
        memcpy(property.bytes, leads->as.bytes, sizeof property.bytes);
    status =
        hc__desk_open(&p->desk, &source, hc__record_id(&p->lead, hc__lead_f_agent_id), property, &found, &listed, err);
    if (status < 0)
        return status;
    if (!found)
        return hc__fail(err, HC_ERR_INVALID_STATE, "lead_id", "the lead's agent takes no appointments");
    if (!listed && leads == NULL)
        return hc__fail(err, HC_ERR_NOT_FOUND, "property_id", "no such property");
    if (!listed)
        return hc__fail(err, HC_ERR_INVALID_STATE, "property_id", "the listing is no longer shown");
    if (p->desk.has_property && hc__record_int(&p->desk.property, hc__property_f_status) == HC_PROPERTY_STATUS_SOLD)
        return hc__fail(err, HC_ERR_INVALID_STATE, "property_id", "the listing is sold");
    return HC_OK;
}

/* ---- the row ---- */

static void copy_unless_set(hc__record *to, uint16_t field, const hc__record *from, uint16_t source)
{
    if (!hc__record_is_set(to, field))
        to->values[field] = from->values[source]; /* both lie in the unit's arena */
}

static void settle_who(plan *p)
{
    const hc__record *from = p->guest ? &p->touch : &p->lead;
    static const uint16_t contact[3][3] = {
        {hc__appointment_f_contact_name, hc__touch_f_contact_name, hc__lead_f_contact_name},
        {hc__appointment_f_contact_email, hc__touch_f_contact_email, hc__lead_f_contact_email},
        {hc__appointment_f_contact_phone, hc__touch_f_contact_phone, hc__lead_f_contact_phone}};

    hc__record_set_id(&p->row, hc__appointment_f_lead_id, hc__record_key(&p->lead));
    hc__record_set_id(&p->row, hc__appointment_f_agent_id, hc__record_key(&p->desk.agent));
    if (p->desk.has_property)
        hc__record_set_id(&p->row, hc__appointment_f_property_id, hc__record_key(&p->desk.property));
    if (p->guest) /* who may have typed the address of a buyer whose lead it is */
        hc__record_set_id(&p->row, hc__appointment_f_touch_id, p->as->inquiry);
    else
        p->row.values[hc__appointment_f_buyer_id] = p->lead.values[hc__lead_f_buyer_id];
    for (size_t i = 0; i < 3; i++)
        copy_unless_set(&p->row, contact[i][0], from, contact[i][p->guest ? 1 : 2]);
}

/* Whose time it is shown in: of the place, else of the agent. */
static hc_status settle_zone(plan *p, hc_error *err)
{
    const char *name = hc__record_text(&p->row, hc__appointment_f_time_zone);
    hc_status status = HC_ERR_INVALID;

    if (name != NULL)
        return hc__zone_check(p->as->core, name, "time_zone", err);
    if (p->desk.has_property)
        name = hc__record_text(&p->desk.property, hc__property_f_time_zone);
    if (name != NULL)
        status = hc__zone_check(p->as->core, name, "time_zone", err);
    if (status < 0 && status != HC_ERR_INVALID)
        return status;
    if (status < 0) /* there is none, or one of another program's that is not known */
        name = p->desk.zone_name;
    hc__record_set_text(&p->row, hc__appointment_f_time_zone, name, strlen(name));
    return HC_OK;
}

/* What the caller may have at once, and else how long the time is theirs (domain.md D4). */
static void settle_status(plan *p, int64_t hold, int64_t start)
{
    bool automatic = hc__record_int(&p->desk.agent, hc__agent_f_auto_confirm) != 0;
    int64_t until = start;

    if (hold == 0 && (p->desk.free_hand || (automatic && !p->guest))) {
        hc__record_set_int(&p->row, hc__appointment_f_status, HC__SCHEDULED);
        return;
    }
    if (hold == 0 && automatic)
        hold = DEFAULT_HOLD;
    if (hold > 0 && p->desk.now + hold < start)
        until = p->desk.now + hold;
    hc__record_set_int(&p->row, hc__appointment_f_status, HC__PENDING);
    hc__record_set_int(&p->row, hc__appointment_f_hold_expires_at, until);
}

static void settle_time(plan *p, const hc__time *time)
{
    hc__record_set_int(&p->row, hc__appointment_f_ends_at, time->end);
    hc__record_set_int(&p->row, hc__appointment_f_buffer_before, time->before);
    hc__record_set_int(&p->row, hc__appointment_f_buffer_after, time->after);
    hc__record_set_int(&p->row, hc__appointment_f_holds_property, p->desk.exclusive);
    hc__record_set_int(&p->row, hc__appointment_f_sequence, 0);
    if (hc__record_is_null(&p->row, hc__appointment_f_method))
        hc__record_set_int(&p->row, hc__appointment_f_method, HC_APPOINTMENT_METHOD_IN_PERSON);
}

/* ---- the unit ---- */

/* The lead is open and this agent's, also when the row is written. */
static const hc_predicate *still_so(const plan *p)
{
    static const hc_value open[] = {{HC_TYPE_ENUM, 0, {.integer = HC_LEAD_STATUS_NEW}},
                                    {HC_TYPE_ENUM, 0, {.integer = HC_LEAD_STATUS_CONTACTED}},
                                    {HC_TYPE_ENUM, 0, {.integer = HC_LEAD_STATUS_QUALIFIED}}};
    hc__arena *arena = hc__unit_arena(p->unit);
    const hc_predicate *lead = hc__all_of(arena, hc__is_id(arena, hc__lead_f_id, hc__record_key(&p->lead)),
                                          hc__is_id(arena, hc__lead_f_agent_id, hc__record_key(&p->desk.agent)));

    return hc__all_of(arena, lead, hc__is_in(arena, hc__lead_f_status, open, 3));
}

static hc_status write_row(plan *p, hc_id id, hc_error *err)
{
    const hc_predicate *lead = still_so(p), *where;
    hc_status status = hc__stamp_create(p->unit, &p->row, id, err);

    where = hc__exists(hc__unit_arena(p->unit), &hc__lead_entity.kind, HC_NO_FIELD, HC_NO_FIELD, lead);
    if (status < 0 || where == NULL)
        return status < 0 ? status : hc__no_memory(err);
    if (p->desk.free_hand) /* else check_open() holds it */
        hc__unit_hold(p->unit, &hc__lead_entity, lead, 1);
    hc__desk_hold(&p->desk);
    hc__unit_insert_where(p->unit, &p->row, where);
    hc__unit_event(p->unit, &hc__appointment_entity, id, HC__CHANGE_CREATED, 1);
    status = hc__unit_flush(p->unit, NULL, err);
    return status < 0 ? status : hc__react(p->unit, HC__APPOINTMENT_BOOKED, NULL, &p->row, err);
}

/* Nobody fills an agent's half year with one inquiry. */
static hc_status check_open(const plan *p, hc_error *err)
{
    const hc_kind *kind = &hc__appointment_entity.kind;
    hc__arena *arena = hc__unit_arena(p->unit);
    const hc_predicate *where = hc__is_id(arena, hc__appointment_f_lead_id, hc__record_key(&p->lead));
    int64_t count;
    hc_status status;

    if (p->desk.free_hand)
        return HC_OK;
    where = hc__all_of(arena, where, hc__viewing_is_open(p->unit));
    where =
        hc__all_of(arena, where, hc__is_int(arena, kind, hc__appointment_f_scheduled_time, HC_TEST_GT, p->desk.now));
    if (p->guest)
        where = hc__all_of(arena, where, hc__is_id(arena, hc__appointment_f_touch_id, p->as->inquiry));
    /* Who books for the lead in the same moment waits, and counts this one. */
    hc__unit_hold(p->unit, &hc__lead_entity, still_so(p), 1);
    status = hc__unit_count_after(p->unit, &count, kind, where, err);
    if (status < 0 || count < OPEN_LIMIT)
        return status;
    return hc__fail(err, HC_ERR_INVALID_STATE, "lead_id", "%d viewings are booked already: cancel one first",
                    OPEN_LIMIT);
}

static hc_status book_time(plan *p, const booking *given, hc_error *err)
{
    int64_t start = hc__record_int(&p->row, hc__appointment_f_scheduled_time);
    int64_t end = hc__record_int(&p->row, hc__appointment_f_ends_at);
    hc__time time;
    hc_status note, status = hc__time_shape(start, &end, err);

    if (status >= 0)
        status = hc__time_allowed(&p->desk, start, end, err);
    if (status >= 0)
        status = check_open(p, err);
    if (status >= 0)
        status = settle_zone(p, err);
    if (status < 0)
        return status;
    time = hc__desk_time(&p->desk, start, end);
    settle_who(p);
    settle_status(p, given->hold, start);
    settle_time(p, &time);
    note = hc__buyer_overlap(p->unit, hc__record_id(&p->row, hc__appointment_f_buyer_id), given->create.id, start, end,
                             err);
    if (note < 0)
        return note;
    status = hc__take_time(&p->desk, given->create.id, &time, err);
    if (status >= 0)
        status = write_row(p, given->create.id, err);
    return status < 0 ? status : note;
}

static hc_status book(hc__unit *unit, void *data, hc_error *err)
{
    booking *given = data;
    plan *p = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *p);
    hc_status status =
        hc__once_claim(unit, &given->create.once, given->hold == 0 ? "appointment.create" : "appointment.hold",
                       &given->create.id, err);

    if (status != HC_OK)
        return status;
    if (p == NULL)
        return hc__no_memory(err);
    hc__unit_unversioned(unit); /* the lead that it answers may be answered by another in the same moment */
    p->unit = unit;
    p->as = hc__unit_session(unit);
    p->guest = p->as->role == HC_ROLE_GUEST;
    status = hc__copy_changes(&p->row, unit, given->create.record, err);
    if (status >= 0)
        status = find_lead(p, err);
    if (status >= 0)
        status = check_lead(p, err);
    if (status >= 0)
        status = open_desk(p, err);
    return status < 0 ? status : book_time(p, given, err);
}

/* ---- before it ---- */

static hc_status prepare(hc_session *as, hc__create *create, hc_error *err)
{
    const hc__record *record = create->record;
    int64_t hold = ((const booking *)create)->hold;
    bool agency = as->role == HC_ROLE_AGENT || hc__policy_writer(as) == HC__BY_ADMIN;
    bool lead = !hc__record_is_null(record, hc__appointment_f_lead_id);
    int64_t end = hc__record_int(record, hc__appointment_f_ends_at);

    if (hold != 0 && (hold < LEAST_HOLD || hold > LONGEST_HOLD))
        return hc__fail(err, HC_ERR_INVALID, "hold", "must be %lld to %lld microseconds", (long long)LEAST_HOLD,
                        (long long)LONGEST_HOLD);
    if (as->role == HC_ROLE_GUEST && hc__id_zero(as->inquiry))
        return hc__refuse_operation(as, &hc__appointment_entity, (hc_id){{0}}, HC__APPOINTMENT_CREATE, err);
    if (as->role == HC_ROLE_GUEST && lead)
        return hc__fail(err, HC_ERR_INVALID, "lead_id", "a guest's token says which lead it is");
    if (as->role != HC_ROLE_GUEST && !lead)
        return hc__fail(err, HC_ERR_INVALID, "lead_id", "is required");
    if (!agency && hc__record_is_set(record, hc__appointment_f_notes)) {
        hc__audit_late(as, &(hc__audit){.event = "input_validation_fail",
                                        .target_kind = "appointment",
                                        .reason = "a field that the caller may not write"});
        return hc__fail(err, HC_ERR_FORBIDDEN, "notes", "notes are the agency's");
    }
    if (hold != 0) /* how long is part of what was asked */
        hc__once_bind(&create->once, as, &hold, sizeof hold);
    return hc__time_shape(hc__record_int(record, hc__appointment_f_scheduled_time), &end, err);
}

hc_status hc_appointment_create(hc_id *out, hc_session *as, const hc_appointment *appointment, hc_error *err)
{
    booking data = {.create = {.record = (const hc__record *)appointment, .prepare = prepare}};

    return hc__run_create(out, as, HC__APPOINTMENT_CREATE, &hc__appointment_entity, &data.create, book, err);
}

hc_status hc_appointment_hold(hc_id *out, hc_session *as, const hc_appointment *appointment, int64_t micros,
                              hc_error *err)
{
    booking data = {.create = {.record = (const hc__record *)appointment, .prepare = prepare},
                    .hold = micros == 0 ? DEFAULT_HOLD : micros};

    return hc__run_create(out, as, HC__APPOINTMENT_CREATE, &hc__appointment_entity, &data.create, book, err);
}
