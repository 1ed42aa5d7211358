#include "client/reaction.h"

#include "client/crud.h"
#include "client/reaction_appointment.h"
#include "client/reaction_lead.h"
#include "client/viewings.h"

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

/* Refuses while rows of `entity` name the listing: those for which `open` holds, or any when `word` is "". */
static hc_status none_names(hc__unit *unit, const hc__entity *entity, uint16_t listing, const char *word,
                            const hc_predicate *open, hc_id id, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *where = hc__is_id(arena, listing, id);
    int64_t found;
    hc_status status;

    if (word[0] != '\0')
        where = hc__all_of(arena, where, open);
    status = hc__unit_count(unit, &found, &entity->kind, where, err);
    if (status >= 0 && found > 0) {
        status = hc__fail(err, HC_ERR_INVALID_STATE, "id", "the listing has %lld %s%s", (long long)found,
                          word, entity->kind.name);
        if (err != NULL)
            err->detail = found;
    }
    return status;
}

/* Refused while somebody waits for an answer or a viewing (security.md P13). */
static hc_status nothing_open_on_listing(hc__unit *unit, const hc__record *before, const hc__record *after,
                                         hc_error *err)
{
    hc_id id = hc__record_key(before);
    hc_status status = none_names(unit, &hc__lead_entity, hc__lead_f_property_id, "open ",
                                  hc__is_in(hc__unit_arena(unit), hc__lead_f_status, open_leads,
                                            sizeof open_leads / sizeof open_leads[0]),
                                  id, err);

    (void)after;
    return status < 0
               ? status
               : none_names(unit, &hc__appointment_entity, hc__appointment_f_property_id, "open ",
                            hc__viewing_is_open(unit), id, err);
}

/* What was asked and shown stays on record, so its listing stays too: no row may name one that is gone. */
static hc_status nothing_names_listing(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err)
{
    hc_id id = hc__record_key(before);
    hc_status status = none_names(unit, &hc__lead_entity, hc__lead_f_property_id, "", NULL, id, err);

    (void)after;
    return status < 0 ? status
                      : none_names(unit, &hc__appointment_entity, hc__appointment_f_property_id, "", NULL, id, err);
}

/* ---- the table ---- */

static const struct {
    hc__happening what;
    hc__reaction react;
} reactions[] = {
    {HC__LISTING_GOES, nothing_open_on_listing}, {HC__LISTING_PURGED, nothing_names_listing},
    {HC__LEAD_LOST, hc__cancel_viewings},        {HC__LEAD_HANDED_OVER, hc__hand_viewings_over},
    {HC__LEAD_GOT_BUYER, hc__give_viewings},     {HC__LEADS_MERGED, hc__merge_viewings},
    {HC__LEADS_MERGED, hc__merge_shares},        {HC__APPOINTMENT_BOOKED, hc__answer_by_viewing},
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
