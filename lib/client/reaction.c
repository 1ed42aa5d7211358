#include "client/reaction.h"

#include "client/crud.h"
#include "client/reaction_appointment.h"
#include "client/reaction_lead.h"

/* ---- listings ---- */

/* A word of an enum, as what `in` is given. */
#define WORD(code)                                                                                                     \
    {                                                                                                                  \
        HC_TYPE_ENUM, 0,                                                                                               \
        {                                                                                                              \
            .integer = (code)                                                                                          \
        }                                                                                                              \
    }

static const hc_value open_leads[] = {WORD(1), WORD(2), WORD(3)}; /* new, contacted, qualified */
static const hc_value open_appointments[] = {WORD(1), WORD(4)};   /* scheduled, pending */

static hc_status none_open(hc__unit *unit, const hc__entity *entity, uint16_t listing, uint16_t state,
                           const hc_value *states, size_t count, hc_id id, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int64_t open;
    hc_status status =
        hc__unit_count(unit, &open, &entity->kind,
                       hc__all_of(arena, hc__is_id(arena, listing, id), hc__is_in(arena, state, states, count)), err);

    if (status >= 0 && open > 0) {
        status = hc__fail(err, HC_ERR_INVALID_STATE, "id", "the listing has %lld open %s", (long long)open,
                          entity->kind.name);
        if (err != NULL)
            err->detail = open;
    }
    return status;
}

/* Refused while somebody waits for an answer or a viewing (security.md P13). */
static hc_status nothing_open_on_listing(hc__unit *unit, const hc__record *before, const hc__record *after,
                                         hc_error *err)
{
    hc_id id = hc__record_key(before);
    hc_status status = none_open(unit, &hc__lead_entity, hc__lead_f_property_id, hc__lead_f_status, open_leads,
                                 sizeof open_leads / sizeof open_leads[0], id, err);

    (void)after;
    return status < 0
               ? status
               : none_open(unit, &hc__appointment_entity, hc__appointment_f_property_id, hc__appointment_f_status,
                           open_appointments, sizeof open_appointments / sizeof open_appointments[0], id, err);
}

/* ---- the table ---- */

static const struct {
    hc__happening what;
    hc__reaction react;
} reactions[] = {
    {HC__LISTING_GOES, nothing_open_on_listing},
    {HC__LEAD_LOST, hc__cancel_viewings},
    {HC__LEAD_HANDED_OVER, hc__hand_viewings_over},
    {HC__LEADS_MERGED, hc__merge_viewings},
    {HC__LEADS_MERGED, hc__merge_shares},
    {HC__APPOINTMENT_BOOKED, hc__answer_by_viewing},
};

hc_status hc__react(hc__unit *unit, hc__happening what, const hc__record *before, const hc__record *after,
                    hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t i = 0; status >= 0 && i < sizeof reactions / sizeof reactions[0]; i++)
        if (reactions[i].what == what)
            status = reactions[i].react(unit, before, after, err);
    return status;
}
