/* Changing what is known of a lead: notes, contact, budget and the like. */
#include <string.h>

#include "base/id.h"
#include "client/lead_write.h"
#include "client/reaction.h"
#include "lead/lead_noun.h"

static bool sets_any(const hc__record *changes, const uint16_t *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (hc__record_is_set(changes, fields[i]))
            return true;
    return false;
}

/* What was asked stays as it was asked, but for an admin; who answers is hc_lead_assign()'s business. */
static hc_status check_fields(hc_session *as, const hc__record *changes, hc_error *err)
{
    if (hc__record_is_set(changes, hc__lead_f_agent_id))
        return hc__fail(err, HC_ERR_INVALID, "agent_id", "a lead is handed over by hc_lead_assign()");
    if (!hc__record_is_set(changes, hc__lead_f_message) || hc__policy_writer(as) == HC__BY_ADMIN)
        return HC_OK;
    hc__audit_late(as, &(hc__audit){.event = "input_validation_fail",
                                    .target_kind = "lead",
                                    .target = hc__record_key(changes),
                                    .reason = "a field that the caller may not write"});
    return hc__fail(err, HC_ERR_FORBIDDEN, "message", "message may not be set by the caller");
}

/* A lead without a listing may get one; another listing is another lead. */
static hc_status check_listing(hc__unit *unit, hc__record *listing, bool *listed, const hc__record *before,
                               const hc__record *changes, hc_error *err)
{
    const hc_predicate *where;
    hc_id old = hc__record_id(before, hc__lead_f_property_id), new = hc__record_id(changes, hc__lead_f_property_id);

    *listed = false;
    if (!hc__record_is_set(changes, hc__lead_f_property_id) || hc__id_equal(old, new))
        return HC_OK;
    if (!hc__id_zero(old))
        return hc__fail(err, HC_ERR_INVALID, "property_id", "a lead stays with its listing: make another lead");
    *listed = true;
    return hc__lead_listing(unit, listing, &where, new, err);
}

static hc_status check_buyer(hc__unit *unit, const hc__record *changes, hc_error *err)
{
    int64_t count;
    hc_status status;

    if (!hc__record_is_set(changes, hc__lead_f_buyer_id) || hc__record_is_null(changes, hc__lead_f_buyer_id))
        return HC_OK;
    status = hc__unit_count(unit, &count, &hc__user_entity.kind,
                            hc__is_id(hc__unit_arena(unit), 0, hc__record_id(changes, hc__lead_f_buyer_id)), err);
    if (status >= 0 && count == 0)
        status = hc__fail(err, HC_ERR_INVALID, "buyer_id", "no user has this id");
    return status;
}

/* Somebody must be reached, and is one contact under whatever address or number. */
static hc_status settle_contact(hc__unit *unit, hc__record *changes, const hc__record *before, const char *country,
                                hc_error *err)
{
    static const uint16_t known_by[] = {hc__lead_f_contact_email, hc__lead_f_contact_phone};
    hc__record after;
    hc_status status = hc__lead_after(&after, unit, before, changes, err);

    if (status >= 0)
        status = hc__lead_check(&after, err);
    if (status < 0)
        return status;
    if (hc__record_is_null(&after, hc__lead_f_contact_email) && hc__record_is_null(&after, hc__lead_f_contact_phone) &&
        hc__record_is_null(&after, hc__lead_f_buyer_id))
        return hc__fail(err, HC_ERR_INVALID, "contact_email", "an e-mail address or a telephone number is required");
    if (!sets_any(changes, known_by, sizeof known_by / sizeof known_by[0]))
        return HC_OK;
    return hc__lead_set_contact(unit, changes, &after, country, err);
}

static void note_consent(hc__unit *unit, hc__record *changes)
{
    const char *role = hc__unit_session(unit)->role == HC_ROLE_AGENT   ? "agent"
                       : hc__unit_session(unit)->role == HC_ROLE_ADMIN ? "admin"
                                                                       : "system";

    if (!hc__record_is_set(changes, hc__lead_f_consent_marketing))
        return;
    hc__record_set_int(changes, hc__lead_f_consent_at, hc__unit_now(unit));
    hc__record_set_text(changes, hc__lead_f_consent_source, role, strlen(role));
}

static hc_status update(hc__unit *unit, void *data, hc_error *err)
{
    hc__update *update = data;
    const hc__record *given = update->changes;
    const hc_predicate *where;
    hc__record before, changes, listing, after;
    bool listed;
    hc_status status = hc__before_change(unit, &before, &where, &hc__lead_noun, HC__LEAD_UPDATE, hc__record_key(given),
                                         hc__record_version(given), err);

    if (status >= 0)
        status = hc__copy_changes(&changes, unit, given, err);
    if (status < 0)
        return status;
    update->version = hc__record_version(&before);
    if (!hc__drop_same(&changes, &before))
        return HC_NOTE_SAME;
    status = check_listing(unit, &listing, &listed, &before, &changes, err);
    if (status >= 0)
        status = check_buyer(unit, &changes, err);
    if (status >= 0)
        status = settle_contact(unit, &changes, &before,
                                listed ? hc__record_text(&listing, hc__property_f_country) : NULL, err);
    if (status < 0)
        return status;
    note_consent(unit, &changes);
    update->version = hc__lead_update(unit, &before, &changes, where, NULL, false);
    if (listed)
        hc__lead_hold_listing(unit, hc__record_key(&listing));
    if (!hc__record_is_set(&changes, hc__lead_f_buyer_id))
        return HC_OK;
    status = hc__lead_after(&after, unit, &before, &changes, err);
    return status < 0 ? status : hc__react(unit, HC__LEAD_GOT_BUYER, &before, &after, err);
}

hc_status hc_lead_update(int32_t *out_version, hc_session *as, const hc_lead *changes, hc_error *err)
{
    static const hc__operation needed = HC__LEAD_UPDATE;
    hc__update data = {
        .changes = (const hc__record *)changes, .needed = &needed, .needed_count = 1, .check = check_fields};

    return hc__run_update(out_version, as, &hc__lead_entity, &data, update, err);
}
