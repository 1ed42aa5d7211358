/* What a lead is about: a listing that is on the market. */
#include "base/id.h"
#include "homeconnect/property.h"
#include "lead/lead_noun.h"

/* Active or pending; what is sold or off the market has no buyers (security.md Z05). */
static bool on_market(const hc__record *listing)
{
    int64_t status = hc__record_int(listing, hc__property_f_status);

    return hc__record_is_null(listing, hc__property_f_deleted_at) &&
           (status == HC_PROPERTY_STATUS_ACTIVE || status == HC_PROPERTY_STATUS_PENDING);
}

static const hc_predicate *still_on_market(hc__arena *arena, hc_id id)
{
    static const hc_value words[] = {{HC_TYPE_ENUM, 0, {.integer = HC_PROPERTY_STATUS_ACTIVE}},
                                     {HC_TYPE_ENUM, 0, {.integer = HC_PROPERTY_STATUS_PENDING}}};
    const hc_predicate *live =
        hc__all_of(arena, hc__is_id(arena, hc__property_f_id, id), hc__is_null(arena, hc__property_f_deleted_at));

    return hc__all_of(arena, live, hc__is_in(arena, hc__property_f_status, words, sizeof words / sizeof words[0]));
}

void hc__lead_hold_listing(hc__unit *unit, hc_id id)
{
    hc__unit_hold(unit, &hc__property_entity, still_on_market(hc__unit_arena(unit), id), 1);
}

hc_status hc__lead_listing(hc__unit *unit, hc__record *listing, const hc_predicate **where, hc_id id, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *seen = hc__all_of(arena, hc__is_id(arena, hc__property_f_id, id),
                                          hc__policy_where(arena, as, HC__PROPERTY_READ, hc__unit_now(unit)));
    bool found;
    hc_status status = hc__unit_row(unit, listing, &found, &hc__property_entity, seen, err);

    if (status < 0)
        return status;
    if (!found)
        return hc__fail(err, HC_ERR_NOT_FOUND, "property_id", "no such property");
    if (!on_market(listing))
        return hc__fail(err, HC_ERR_INVALID_STATE, "property_id", "the property is sold or off the market");
    *where = hc__exists(arena, &hc__property_entity.kind, HC_NO_FIELD, HC_NO_FIELD, still_on_market(arena, id));
    return *where == NULL ? hc__no_memory(err) : HC_OK;
}
