#include "homeconnect/property.h"

#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "client/reaction.h"
#include "property/listing.h"
#include "property/property_noun.h"

/* Fields whose change is an operation of its own in the permission table (domain.md D5). */
static const struct {
    uint16_t field;
    hc__operation operation;
} apart[] = {
    {hc__property_f_price, HC__PROPERTY_PRICE},
    {hc__property_f_status, HC__PROPERTY_STATUS},
    {hc__property_f_standard_status, HC__PROPERTY_STATUS},
};

enum { OPERATION_LIMIT = 3 };

static void need(hc__operation needed[OPERATION_LIMIT], size_t *count, hc__operation operation)
{
    for (size_t i = 0; i < *count; i++)
        if (needed[i] == operation)
            return;
    needed[(*count)++] = operation;
}

/* The rows of the permission table that an update's fields choose; all of them must hold. */
static size_t operations_of(hc__operation needed[OPERATION_LIMIT], const hc__record *changes)
{
    size_t count = 0;

    for (uint16_t i = 0; i < hc__property_field_count; i++) {
        hc__operation operation = HC__PROPERTY_UPDATE;
        if (!hc__record_is_set(changes, i))
            continue;
        for (size_t k = 0; k < sizeof apart / sizeof apart[0]; k++)
            if (apart[k].field == i)
                operation = apart[k].operation;
        need(needed, &count, operation);
    }
    if (count == 0)
        needed[count++] = HC__PROPERTY_UPDATE;
    return count;
}

/* The key of a source is the only value of a listing that must be unique: told by name when it is taken. */
static hc_status source_taken(hc__unit *unit, const hc__record *row, hc_error *err)
{
    hc_status status;

    if (!hc__record_is_set(row, hc__property_f_source_system) && !hc__record_is_set(row, hc__property_f_source_key))
        return HC_OK;
    status = hc__unit_flush(unit, NULL, err);
    if (status == HC_ERR_CONFLICT && hc__unit_unique(unit) != HC_INDEX_ANY)
        status = hc__fail(err, HC_ERR_CONFLICT, "source_key", "a listing with this key of its source exists, or did");
    return status;
}

/* ---- create ---- */

/* The agent of a listing has an agent's profile (domain.md D1); the house's own listings have no agent. */
static hc_status check_profile(hc__unit *unit, const hc__record *row, hc_error *err)
{
    hc_id agent = hc__record_id(row, hc__property_f_agent_id);
    int64_t count;
    hc_status status;

    if (hc__record_is_null(row, hc__property_f_agent_id))
        return HC_OK;
    status = hc__unit_count(unit, &count, &hc__agent_entity.kind, hc__is_id(hc__unit_arena(unit), 0, agent), err);
    if (status >= 0 && count == 0)
        status = hc__fail(err, HC_ERR_INVALID, "agent_id", "no user with an agent's profile has this id");
    return status;
}

/* The agent a listing is for: the caller, or whom an admin names. */
static hc_status check_agent(hc__unit *unit, hc__record *row, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_session *as = hc__unit_session(unit);
    int64_t count;
    hc_status status;

    if (hc__policy_writer(as) == HC__BY_ADMIN)
        return check_profile(unit, row, err);
    hc__record_set_id(row, hc__property_f_agent_id, as->user);
    status =
        hc__unit_count(unit, &count, &hc__agent_entity.kind, hc__policy_licensed(arena, as, hc__unit_now(unit)), err);
    if (status < 0 || count > 0)
        return status;
    hc__audit_late(as, &(hc__audit){.event = "authz_fail", .target_kind = "property", .reason = "licence not valid"});
    return hc__fail(err, HC_ERR_FORBIDDEN, "license_number", "a verified licence that has not expired is needed to %s",
                    hc__policy_table[HC__PROPERTY_CREATE].name);
}

/* Who removes the agent waits for the end of this unit, and counts what it wrote; who was faster is found. */
static void hold_agent(hc__unit *unit, const hc__record *row)
{
    hc_id agent = hc__record_id(row, hc__property_f_agent_id);

    if (!hc__id_zero(agent))
        hc__unit_hold(unit, &hc__agent_entity, hc__is_id(hc__unit_arena(unit), hc__agent_f_user_id, agent), 1);
}

struct adding {
    hc__create create; /* first: hc__run_create() hands on where it lies */
    bool again;        /* the insert was tried */
};

/* The insert itself asks for the licence; only where it then writes nothing a second run looks and says why. A host's
 * unit is not run again for that. */
static hc_status name_agent(hc__unit *unit, hc__record *row, struct adding *adding, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);

    if (as->unit == NULL)
        hc__unit_unversioned(unit);
    if (adding->again || as->unit != NULL || hc__policy_writer(as) == HC__BY_ADMIN)
        return check_agent(unit, row, err);
    adding->again = true;
    hc__record_set_id(row, hc__property_f_agent_id, as->user);
    return HC_OK;
}

static hc_status create(hc__unit *unit, void *data, hc_error *err)
{
    struct adding *adding = data;
    hc__create *create = &adding->create;
    hc__record row;
    hc_status status = hc__once_claim(unit, &create->once, "property.create", &create->id, err);

    if (status != HC_OK)
        return status;
    status = hc__copy_changes(&row, unit, create->record, err);
    if (status >= 0)
        status = name_agent(unit, &row, adding, err);
    if (status >= 0)
        status = hc__stamp_create(unit, &row, create->id, err);
    if (status < 0)
        return status;
    hold_agent(unit, &row);
    status = hc__listing_insert(unit, &row, hc__policy_create_where(unit, HC__PROPERTY_CREATE), 0, err);
    return status < 0 ? status : source_taken(unit, &row, err);
}

hc_status hc_property_create(hc_id *out, hc_session *as, const hc_property *property, hc_error *err)
{
    struct adding data = {.create = {.record = (const hc__record *)property}};

    return hc__run_create(out, as, HC__PROPERTY_CREATE, &hc__property_entity, &data.create, create, err);
}

/* ---- update ---- */

static hc_status update(hc__unit *unit, void *data, hc_error *err)
{
    hc__update *update = data;
    const hc__record *given = update->changes;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__before_change(unit, &before, &where, &hc__property_noun, update->needed[0],
                                         hc__record_key(given), hc__record_version(given), err);

    for (size_t i = 1; status >= 0 && i < update->needed_count; i++)
        status = hc__also_permitted(unit, &where, update->needed[i], &before, err);
    if (status >= 0)
        status = hc__copy_changes(&changes, unit, given, err);
    if (status >= 0 && hc__record_is_set(given, hc__property_f_agent_id))
        status = check_agent(unit, &changes, err);
    if (status >= 0)
        hold_agent(unit, &changes);
    if (status >= 0)
        status = hc__listing_update(unit, &before, &changes, where, 0, &update->version, err);
    return status != HC_OK ? status : source_taken(unit, &changes, err);
}

hc_status hc_property_update(int32_t *out_version, hc_session *as, const hc_property *changes, hc_error *err)
{
    hc__operation needed[OPERATION_LIMIT] = {HC__PROPERTY_UPDATE};
    hc__update data = {.changes = (const hc__record *)changes, .needed = needed, .needed_count = 1};

    if (changes != NULL)
        data.needed_count = operations_of(needed, data.changes);
    return hc__run_update(out_version, as, &hc__property_entity, &data, update, err);
}

/* ---- delete, restore, purge ---- */

struct mark {
    hc_id id;
    int32_t expected; /* version; 0 any */
    hc__operation operation;
    int32_t version; /* out: the new one */
};

static hc_status mark(hc__unit *unit, void *data, hc_error *err)
{
    struct mark *mark = data;
    bool restore = mark->operation == HC__PROPERTY_RESTORE;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status =
        hc__before_change(unit, &before, &where, &hc__property_noun, mark->operation, mark->id, mark->expected, err);

    if (status >= 0)
        status = hc__record_init(&changes, &hc__property_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    mark->version = hc__record_version(&before);
    if (restore && hc__record_is_null(&before, hc__property_f_deleted_at))
        return HC_NOTE_SAME;
    if (!restore)
        hc__unit_hold(unit, &hc__property_entity, where, 1); /* then nobody asks about it any more */
    if (restore)
        status = check_profile(unit, &before, err); /* it may have been removed while the listing was deleted */
    else
        status = hc__react(unit, HC__LISTING_GOES, &before, NULL, err);
    if (status < 0)
        return status;
    if (restore)
        hold_agent(unit, &before);
    if (restore)
        hc__record_set_null(&changes, hc__property_f_deleted_at);
    else
        hc__record_set_int(&changes, hc__property_f_deleted_at, hc__unit_now(unit));
    mark->version = hc__stamp_update(unit, &changes, &before);
    hc__unit_update(unit, &changes, where);
    hc__unit_event(unit, &hc__property_entity, mark->id, restore ? HC__CHANGE_RESTORED : HC__CHANGE_DELETED,
                   mark->version);
    hc__audit_add(unit, &(hc__audit){.event = restore ? "sensitive_update" : "sensitive_delete",
                                     .target_kind = "property",
                                     .target = mark->id});
    return HC_OK;
}

/* Rows of other kinds that belong to a listing and go with it. */
static const struct {
    const hc__entity *entity;
    uint16_t property_id;
} belongings[] = {
    {&hc__price_entity, hc__price_f_property_id},           {&hc__status_entity, hc__status_f_property_id},
    {&hc__import_row_entity, hc__import_row_f_property_id}, {&hc__share_entity, hc__share_f_property_id},
    {&hc__document_entity, hc__document_f_property_id},     {&hc__favorite_entity, hc__favorite_f_property_id},
};

/* Who follows the events learns that the documents went, too. */
static hc_status tell_documents(hc__unit *unit, hc_id property_id, hc_error *err)
{
    hc__record document;
    bool found;
    hc_status status;

    if (hc__unit_has_documents(unit))
        return hc__unit_remove_documents(unit, property_id, err);
    status = hc__unit_row(unit, &document, &found, &hc__document_entity,
                          hc__is_id(hc__unit_arena(unit), hc__document_f_property_id, property_id), err);

    if (status >= 0 && found)
        hc__unit_event(unit, &hc__document_entity, hc__record_key(&document), HC__CHANGE_PURGED,
                       hc__record_version(&document) + 1);
    return status;
}

static hc_status purge(hc__unit *unit, void *data, hc_error *err)
{
    struct mark *mark = data;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .index = HC_INDEX_ANY};
    const hc_predicate *where;
    hc__record before;
    hc_status status = hc__before_change(unit, &before, &where, &hc__property_noun, mark->operation, mark->id, 0, err);

    if (status >= 0 && hc__record_is_null(&before, hc__property_f_deleted_at))
        status = hc__fail(err, HC_ERR_INVALID_STATE, "deleted_at", "only a deleted listing can be purged");
    if (status >= 0)
        status = hc__react(unit, HC__LISTING_PURGED, &before, NULL, err);
    if (status >= 0)
        status = tell_documents(unit, mark->id, err);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sizeof belongings / sizeof belongings[0]; i++) {
        if (belongings[i].entity == &hc__document_entity && hc__unit_has_documents(unit))
            continue; /* removed already */
        op.kind = &belongings[i].entity->kind;
        op.where = hc__is_id(arena, belongings[i].property_id, mark->id);
        hc__unit_add(unit, op.where == NULL ? NULL : &op);
    }
    op.kind = &hc__property_entity.kind;
    op.where = where;
    op.expect = 1;
    hc__unit_add(unit, &op);
    hc__unit_event(unit, &hc__property_entity, mark->id, HC__CHANGE_PURGED, hc__record_version(&before) + 1);
    hc__audit_add(
        unit,
        &(hc__audit){.event = "sensitive_delete", .target_kind = "property", .target = mark->id, .reason = "purge"});
    return HC_OK;
}

static hc_status run_mark(hc_session *as, struct mark *data, hc__unit_fn fn, hc_error *err)
{
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    status = hc__require(as, data->operation, &hc__property_entity, data->id, &why);
    if (status >= 0 && data->operation == HC__PROPERTY_DELETE && data->expected <= 0)
        status = hc__fail(&why, HC_ERR_INVALID, "version", "the version that the listing was read at");
    if (status >= 0)
        status = hc__unit_run(as, fn, data, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}

hc_status hc_property_delete(hc_session *as, hc_id id, int32_t version, hc_error *err)
{
    struct mark data = {id, version, HC__PROPERTY_DELETE, 0};

    return run_mark(as, &data, mark, err);
}

hc_status hc_property_restore(int32_t *out_version, hc_session *as, hc_id id, hc_error *err)
{
    struct mark data = {id, 0, HC__PROPERTY_RESTORE, 0};
    hc_status status = run_mark(as, &data, mark, err);

    if (out_version != NULL)
        *out_version = status < 0 ? 0 : data.version;
    return status;
}

hc_status hc_property_purge(hc_session *as, hc_id id, hc_error *err)
{
    struct mark data = {id, 0, HC__PROPERTY_PURGE, 0};

    return run_mark(as, &data, purge, err);
}
