#include "homeconnect/user.h"

#include <string.h>

#include "base/id.h"
#include "client/account.h"
#include "client/lead_write.h"
#include "user/user_noun.h"

/* ---- create ---- */

struct create {
    hc__create base;
    const char *password;
    size_t size;
    char hash[HC__PASSWORD_HASH_SIZE];
};

/* The unique index over the canonical address is the only one of a user beside the id. */
static hc_status taken(hc__unit *unit, hc_error *err)
{
    hc_status status = hc__unit_flush(unit, NULL, err);

    if (status == HC_ERR_CONFLICT && hc__unit_unique(unit) != HC_INDEX_ANY)
        status = hc__fail(err, HC_ERR_CONFLICT, "email", "a user with this address exists");
    return status;
}

static hc_status create(hc__unit *unit, void *data, hc_error *err)
{
    struct create *create = data;
    hc__record row;
    hc_status status = hc__once_claim(unit, &create->base.once, "user.create", &create->base.id, err);

    if (status != HC_OK)
        return status;
    status = hc__copy_changes(&row, unit, create->base.record, err);
    if (status >= 0)
        status = hc__account_insert(unit, &row, create->base.id, create->hash, err);
    return status < 0 ? status : taken(unit, err);
}

static hc_status prepare(hc_session *as, hc__create *base, hc_error *err)
{
    struct create *create = (struct create *)base;
    char email[HC__EMAIL_LIMIT + 1];
    hc_status status = hc__email_canonical(email, hc__record_text(base->record, hc__user_f_email), err);

    if (status >= 0)
        status = hc__password_allowed(as->core, create->password, create->size, email,
                                    hc__record_text(base->record, hc__user_f_full_name), err);
    if (status < 0)
        return status;
    hc__once_bind(&base->once, as, create->password, create->size);
    return hc__account_hash(create->hash, as, create->password, create->size, err);
}

hc_status hc_user_create(hc_id *out, hc_session *as, const hc_user *user, const char *password, size_t password_size,
                         hc_error *err)
{
    struct create data = {
        .base = {.record = (const hc__record *)user, .prepare = prepare}, .password = password, .size = password_size};
    hc_status status = hc__run_create(out, as, HC__USER_CREATE, &hc__user_entity, &data.base, create, err);

    hc__wipe(data.hash, sizeof data.hash);
    return status;
}

/* ---- update ---- */

static const uint16_t role_fields[] = {hc__user_f_role, hc__user_f_status, hc__user_f_email_verified_at};

static bool sets_any(const hc__record *changes, const uint16_t *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (hc__record_is_set(changes, fields[i]))
            return true;
    return false;
}

/* A user who stops being an active admin must not be the last one (security.md A20). */
static hc_status check_last_admin(hc__unit *unit, const hc__record *before, int64_t role, int64_t state, hc_error *err)
{
    const hc_kind *users = &hc__user_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *admins;
    int64_t count;
    hc_status status;

    if (hc__record_int(before, hc__user_f_role) != HC_USER_ROLE_ADMIN ||
        hc__record_int(before, hc__user_f_status) != HC_USER_STATUS_ACTIVE ||
        (role == HC_USER_ROLE_ADMIN && state == HC_USER_STATUS_ACTIVE))
        return HC_OK;
    admins = hc__all_of(arena, hc__is_int(arena, users, hc__user_f_role, HC_TEST_EQ, HC_USER_ROLE_ADMIN),
                        hc__is_int(arena, users, hc__user_f_status, HC_TEST_EQ, HC_USER_STATUS_ACTIVE));
    hc__unit_hold(unit, &hc__user_entity, admins, HC_EXPECT_ANY); /* else two of them find each other */
    status = hc__unit_count(unit, &count, users, admins, err);
    if (status >= 0 && count <= 1)
        status = hc__fail(err, HC_ERR_INVALID_STATE, "role", "the last active admin cannot be taken away");
    return status;
}

/* A change of role, status or address ends every sign-in (T14, T16). */
static void end_logins(hc__unit *unit, hc__record *changes, const hc__record *before)
{
    static const uint16_t identity[] = {hc__user_f_role, hc__user_f_status, hc__user_f_email_norm};
    hc_id id = hc__record_key(before);

    if (!sets_any(changes, identity, sizeof identity / sizeof identity[0]))
        return;
    hc__record_set_int(changes, hc__user_f_token_epoch, hc__record_int(before, hc__user_f_token_epoch) + 1);
    hc__account_end_logins(unit, id);
    hc__audit_add(unit, &(hc__audit){.event = "authn_token_revoked", .target_kind = "user", .target = id});
    if (hc__record_is_set(changes, hc__user_f_role))
        hc__audit_add(unit,
                      &(hc__audit){.event = "privilege_permissions_changed", .target_kind = "user", .target = id});
}

static hc_status apply(hc__unit *unit, hc__record *changes, const hc__record *before, const hc_predicate *where,
                       int32_t *version, const char *event, hc_error *err)
{
    bool role = hc__record_is_set(changes, hc__user_f_role), state = hc__record_is_set(changes, hc__user_f_status);
    bool proved = hc__record_is_set(changes, hc__user_f_email_verified_at);
    hc_status status = HC_OK;

    if (hc__record_is_set(changes, hc__user_f_email))
        status = hc__account_set_email(changes, err);
    *version = hc__record_version(before);
    if (status < 0 || !hc__drop_same(changes, before))
        return status < 0 ? status : HC_NOTE_SAME;
    if (hc__record_is_set(changes, hc__user_f_email_norm) && !proved)
        hc__record_set_null(changes, hc__user_f_email_verified_at);
    status = check_last_admin(unit, before, hc__record_int(role ? changes : before, hc__user_f_role),
                              hc__record_int(state ? changes : before, hc__user_f_status), err);
    if (status < 0)
        return status;
    end_logins(unit, changes, before);
    *version = hc__stamp_update(unit, changes, before);
    hc__unit_update(unit, changes, where);
    hc__unit_event(unit, &hc__user_entity, hc__record_key(before), HC__CHANGE_UPDATED, *version);
    hc__audit_add(unit, &(hc__audit){.event = event, .target_kind = "user", .target = hc__record_key(before)});
    return taken(unit, err);
}

static hc_status update(hc__unit *unit, void *data, hc_error *err)
{
    hc__update *update = data;
    const hc__record *given = update->changes;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__before_change(unit, &before, &where, &hc__user_noun, HC__USER_UPDATE, hc__record_key(given),
                                         hc__record_version(given), err);

    if (status >= 0 && sets_any(given, role_fields, sizeof role_fields / sizeof role_fields[0]))
        status = hc__also_permitted(unit, &where, HC__USER_ROLE, &before, err);
    if (status >= 0)
        status = hc__copy_changes(&changes, unit, given, err);
    return status < 0 ? status : apply(unit, &changes, &before, where, &update->version, "user_updated", err);
}

/* An address is the way back into an account, a role is a way up: both want a fresh sign-in (security.md, step-up). */
static hc_status check_fresh(hc_session *as, const hc__record *changes, hc_error *err)
{
    bool email = hc__record_is_set(changes, hc__user_f_email);

    if (!hc__session_signed_in(as) || (!email && !hc__record_is_set(changes, hc__user_f_role)) ||
        hc__core_now(as->core) - as->since <= HC__STEP_UP)
        return HC_OK;
    hc__audit_late(as, &(hc__audit){.event = "authz_fail", .target_kind = "user", .target = hc__record_key(changes),
                                    .reason = "change of address or role without a fresh sign-in"});
    return hc__fail(err, HC_ERR_FORBIDDEN, email ? "email" : "role",
                    "sign in again: this change needs a sign-in of the last 5 minutes");
}

hc_status hc_user_update(int32_t *out_version, hc_session *as, const hc_user *changes, hc_error *err)
{
    static const hc__operation needed = HC__USER_UPDATE;
    hc__update data = {
        .changes = (const hc__record *)changes, .needed = &needed, .needed_count = 1, .check = check_fresh};

    return hc__run_update(out_version, as, &hc__user_entity, &data, update, err);
}

/* ---- delete ---- */

static hc_status disable(hc__unit *unit, void *data, hc_error *err)
{
    hc__removal *removal = data;
    const hc_predicate *where;
    hc__record before, changes;
    int64_t listings, leads;
    int32_t version;
    hc_status status =
        hc__before_change(unit, &before, &where, &hc__user_noun, HC__USER_DELETE, removal->id, removal->version, err);

    if (status >= 0)
        status = hc__listings_of(unit, &listings, removal->id, err);
    if (status >= 0)
        status = hc__open_leads_of(unit, &leads, removal->id, err);
    if (status >= 0)
        status = hc__record_init(&changes, &hc__user_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    if (listings > 0)
        return hc__has_listings(listings, err);
    if (leads > 0)
        return hc__has_leads(leads, err);
    hc__record_set_int(&changes, hc__user_f_status, HC_USER_STATUS_DISABLED);
    return apply(unit, &changes, &before, where, &version, "user_archived", err);
}

hc_status hc_user_delete(hc_session *as, hc_id id, int32_t version, hc_error *err)
{
    hc__removal data = {id, version};

    return hc__run_removal(as, HC__USER_DELETE, &hc__user_entity, &data, disable, err);
}
