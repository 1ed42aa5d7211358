#include "homeconnect/agent.h"

#include "agent/agent_noun.h"
#include "base/id.h"
#include "client/account.h"
#include "client/lead_write.h"
#include "client/service_area.h"
#include "client/zone.h"
#include "homeconnect/user.h"
#include "model/hours.h"

/* ---- what both write ---- */

/* Hours that cannot be understood, and a zone that cannot be read, would make an agent nobody can book. */
static hc_status check_hours(hc_session *as, const hc__record *record, hc_error *err)
{
    const char *zone = hc__record_text(record, hc__agent_f_time_zone);
    hc__arena arena;
    hc__hours hours;
    hc_status status = HC_OK;

    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    if (hc__record_is_set(record, hc__agent_f_time_zone) && zone != NULL)
        status = hc__zone_check(as->core, zone, "time_zone", err);
    if (status >= 0)
        status = hc__hours_read(
            &hours, &arena,
            hc__record_is_set(record, hc__agent_f_working_hours) ? hc__record_text(record, hc__agent_f_working_hours)
                                                                 : NULL,
            hc__record_is_set(record, hc__agent_f_exceptions) ? hc__record_text(record, hc__agent_f_exceptions) : NULL,
            err);
    hc__arena_free(&arena);
    return status;
}

static hc_status prepare(hc_session *as, hc__create *create, hc_error *err)
{
    return check_hours(as, create->record, err);
}

/* ---- create ---- */

static hc_status check_user(hc__unit *unit, hc_id user, hc_error *err)
{
    const hc_kind *users = &hc__user_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *agent = hc__all_of(arena, hc__is_id(arena, hc__user_f_id, user),
                                           hc__is_int(arena, users, hc__user_f_role, HC_TEST_EQ, HC_USER_ROLE_AGENT));
    int64_t count;
    hc_status status = hc__unit_count(unit, &count, users, agent, err);

    if (status >= 0 && count == 0)
        status = hc__fail(err, HC_ERR_INVALID, "user_id", "no user of role agent has this id");
    return status;
}

static void defaults(hc__record *row)
{
    static const struct {
        uint16_t field;
        int64_t value;
    } initial[] = {{hc__agent_f_rating, 0},       {hc__agent_f_total_sales, 0},  {hc__agent_f_buffer_before, 0},
                   {hc__agent_f_buffer_after, 0}, {hc__agent_f_auto_confirm, 0}, {hc__agent_f_accepting_leads, 1}};

    for (size_t i = 0; i < sizeof initial / sizeof initial[0]; i++)
        if (hc__record_is_null(row, initial[i].field))
            hc__record_set_int(row, initial[i].field, initial[i].value);
}

/* Routing looks an agent's areas up by their rows, which say what the field says. */
static hc_status areas(hc__unit *unit, hc_id agent, const hc__record *record, hc_error *err)
{
    const hc_value *json = &record->values[hc__agent_f_service_areas];

    return hc__areas_write(unit, agent, hc__record_text(record, hc__agent_f_service_areas), json->size, err);
}

static hc_status create(hc__unit *unit, void *data, hc_error *err)
{
    hc__create *create = data;
    hc__record row;
    hc_status status = hc__once_claim(unit, &create->once, "agent.create", &create->id, err);

    if (status != HC_OK)
        return status;
    status = check_user(unit, create->id, err);
    if (status >= 0)
        status = hc__copy_changes(&row, unit, create->record, err);
    if (status >= 0)
        status = hc__stamp_create(unit, &row, create->id, err);
    if (status < 0)
        return status;
    defaults(&row);
    hc__unit_insert(unit, &row);
    status = areas(unit, create->id, &row, err);
    if (status < 0)
        return status;
    hc__unit_event(unit, &hc__agent_entity, create->id, HC__CHANGE_CREATED, 1);
    hc__audit_add(unit, &(hc__audit){.event = "user_updated", .target_kind = "agent", .target = create->id});
    status = hc__unit_flush(unit, NULL, err);
    if (status == HC_ERR_CONFLICT && hc__unit_unique(unit) != HC_INDEX_ANY)
        status = hc__fail(err, HC_ERR_CONFLICT, "user_id", "the user has an agent's profile already");
    return status;
}

hc_status hc_agent_create(hc_id *out, hc_session *as, const hc_agent *agent, hc_error *err)
{
    hc__create data = {.record = (const hc__record *)agent, .prepare = prepare};

    if (agent != NULL)
        data.id = hc__record_id(data.record, hc__agent_f_user_id);
    return hc__run_create(out, as, HC__AGENT_CREATE, &hc__agent_entity, &data, create, err);
}

/* ---- update ---- */

/* What a verified licence says is no longer the agent's to change (domain.md D5). */
static const uint16_t license_fields[] = {hc__agent_f_license_number, hc__agent_f_license_state,
                                          hc__agent_f_license_expires_on, hc__agent_f_license_verified_at};

static bool sets_license(const hc__record *changes)
{
    for (size_t i = 0; i < sizeof license_fields / sizeof license_fields[0]; i++)
        if (hc__record_is_set(changes, license_fields[i]))
            return true;
    return false;
}

static hc_status update(hc__unit *unit, void *data, hc_error *err)
{
    hc__update *update = data;
    const hc__record *given = update->changes;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__before_change(unit, &before, &where, &hc__agent_noun, HC__AGENT_UPDATE,
                                         hc__record_key(given), hc__record_version(given), err);

    if (status >= 0 && sets_license(given))
        status = hc__also_permitted(unit, &where, HC__AGENT_LICENSE, &before, err);
    if (status >= 0)
        status = hc__copy_changes(&changes, unit, given, err);
    if (status < 0)
        return status;
    update->version = hc__record_version(&before);
    if (hc__record_is_set(&changes, hc__agent_f_user_id) &&
        !hc__id_equal(hc__record_id(&changes, hc__agent_f_user_id), hc__record_key(&before)))
        return hc__fail(err, HC_ERR_INVALID, "user_id", "an agent's profile stays with its user");
    if (!hc__drop_same(&changes, &before))
        return HC_NOTE_SAME;
    update->version = hc__stamp_update(unit, &changes, &before);
    hc__unit_update(unit, &changes, where);
    if (hc__record_is_set(&changes, hc__agent_f_service_areas))
        status = areas(unit, hc__record_key(given), &changes, err);
    if (status < 0)
        return status;
    hc__unit_event(unit, &hc__agent_entity, hc__record_key(given), HC__CHANGE_UPDATED, update->version);
    hc__audit_add(unit, &(hc__audit){.event = sets_license(&changes) ? "privilege_permissions_changed" : "user_updated",
                                     .target_kind = "agent",
                                     .target = hc__record_key(given)});
    return HC_OK;
}

hc_status hc_agent_update(int32_t *out_version, hc_session *as, const hc_agent *changes, hc_error *err)
{
    static const hc__operation needed = HC__AGENT_UPDATE;
    hc__update data = {
        .changes = (const hc__record *)changes, .needed = &needed, .needed_count = 1, .check = check_hours};

    return hc__run_update(out_version, as, &hc__agent_entity, &data, update, err);
}

/* ---- delete ---- */

static hc_status remove_profile(hc__unit *unit, void *data, hc_error *err)
{
    hc__removal *removal = data;
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE, .expect = 1, .kind = &hc__agent_entity.kind, .index = HC_INDEX_ANY};
    hc__record before;
    int64_t listings, leads = 0;
    hc_status status = hc__before_change(unit, &before, &op.where, &hc__agent_noun, HC__AGENT_DELETE, removal->id,
                                         removal->version, err);

    if (status >= 0)
        status = hc__listings_of(unit, &listings, removal->id, err);
    if (status < 0)
        return status;
    if (listings > 0)
        return hc__has_listings(listings, err);
    status = hc__open_leads_of(unit, &leads, removal->id, err);
    if (status < 0 || leads > 0)
        return status < 0 ? status : hc__has_leads(leads, err);
    hc__unit_add(unit, &op);
    hc__areas_remove(unit, removal->id);
    hc__unit_event(unit, &hc__agent_entity, removal->id, HC__CHANGE_DELETED, hc__record_version(&before) + 1);
    hc__audit_add(unit, &(hc__audit){.event = "user_deleted", .target_kind = "agent", .target = removal->id});
    return HC_OK;
}

hc_status hc_agent_delete(hc_session *as, hc_id id, int32_t version, hc_error *err)
{
    hc__removal data = {id, version};

    return hc__run_removal(as, HC__AGENT_DELETE, &hc__agent_entity, &data, remove_profile, err);
}
