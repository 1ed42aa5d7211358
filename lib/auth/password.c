#include <string.h>

#include "auth/login.h"
#include "client/account.h"
#include "client/audit.h"
#include "client/crud.h"
#include "homeconnect/auth.h"

/* ---- sign-out ---- */

static hc_status end_login(hc__unit *unit, void *data, hc_error *err)
{
    const hc_session *as = hc__unit_session(unit);
    hc__arena *arena = hc__unit_arena(unit);
    hc__record changes;
    hc_status status = hc__record_init(&changes, &hc__login_entity, arena, err);

    (void)data;
    if (status < 0)
        return status;
    hc__record_set_int(&changes, hc__login_f_revoked_at, hc__unit_now(unit));
    hc__unit_update(
        unit, &changes,
        hc__all_of(arena, hc__is_id(arena, hc__login_f_id, as->login), hc__is_null(arena, hc__login_f_revoked_at)));
    hc__audit_add(
        unit,
        &(hc__audit){.event = "authn_token_revoked", .target_kind = "user", .target = as->user, .reason = "sign-out"});
    return HC_OK;
}

/* What only a signed-in user may call, outside a unit of work. */
static hc_status enter_user(hc_session *as, hc_error *err)
{
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    if (as->unit != NULL)
        status = hc__fail(err, HC_ERR_MISUSE, "session", "not inside a unit of work");
    else if (!hc__session_signed_in(as))
        status = hc__fail(err, HC_ERR_UNAUTHENTICATED, "session", "nobody is signed in on this session");
    if (status < 0)
        hc__leave(as);
    return status;
}

hc_status hc_auth_logout(hc_session *as, hc_error *err)
{
    hc_status status = enter_user(as, err);

    if (status < 0)
        return status;
    status = hc__unit_run(as, end_login, NULL, err);
    hc__leave(as);
    return status;
}

/* ---- change of password ---- */

struct change {
    const hc__person *person;
    const char *hash;
};

/* Hash, epoch and sign-ins in one transaction: no older token lives on (T16). */
static hc_status write_change(hc__unit *unit, void *data, hc_error *err)
{
    const struct change *change = data;
    const hc__record *user = &change->person->row;
    const hc_kind *users = &hc__user_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    int64_t epoch = hc__record_int(user, hc__user_f_token_epoch);
    hc_id id = hc__record_key(user);
    hc__record before, changes;
    bool found;
    hc_status status = hc__unit_row(unit, &before, &found, &hc__user_entity,
                                    hc__all_of(arena, hc__is_id(arena, hc__user_f_id, id),
                                               hc__is_int(arena, users, hc__user_f_token_epoch, HC_TEST_EQ, epoch)),
                                    err);

    if (status >= 0 && !found)
        status = hc__fail(err, HC_ERR_CONFLICT, "password", "the user was changed meanwhile");
    if (status >= 0)
        status = hc__record_init(&changes, &hc__user_entity, arena, err);
    if (status < 0)
        return status;
    hc__record_set_text(&changes, hc__user_f_password_hash, change->hash, strlen(change->hash));
    hc__record_set_int(&changes, hc__user_f_token_epoch, epoch + 1);
    hc__stamp_update(unit, &changes, &before);
    hc__unit_update(unit, &changes,
                    hc__all_of(arena, hc__is_id(arena, hc__user_f_id, id),
                               hc__is_int(arena, users, hc__user_f_token_epoch, HC_TEST_EQ, epoch)));
    hc__account_end_logins(unit, id);
    hc__unit_event(unit, &hc__user_entity, id, HC__CHANGE_UPDATED, hc__record_version(&before) + 1);
    hc__audit_add(unit, &(hc__audit){.event = "authn_password_change", .target_kind = "user", .target = id});
    return HC_OK;
}

static hc_status refuse(hc_session *as, const char *reason, const char *field, hc_error *err)
{
    hc__audit_late(
        as, &(hc__audit){
                .event = "authn_password_change_fail", .target_kind = "user", .target = as->user, .reason = reason});
    return hc__fail(err, HC_ERR_FORBIDDEN, field, "%s", reason);
}

static hc_status check_and_write(hc_session *as, const hc__person *person, const hc_password_change *given,
                                 hc_error *err)
{
    char hash[HC__PASSWORD_HASH_SIZE];
    struct change change = {person, hash};
    bool match, stale;
    hc_status status = hc__person_verify(&match, &stale, person, as, given->current, given->current_size, err);

    if (status >= 0 && !match)
        status = refuse(as, "the current password is wrong", "current", err);
    if (status >= 0)
        status = hc__password_allowed(as->core, given->password, given->password_size,
                                      hc__record_text(&person->row, hc__user_f_email_norm),
                                      hc__record_text(&person->row, hc__user_f_full_name), err);
    if (status >= 0)
        status = hc__account_hash(hash, as, given->password, given->password_size, err);
    if (status >= 0)
        status = hc__unit_run(as, write_change, &change, err);
    hc__wipe(hash, sizeof hash);
    return status;
}

static hc_status change_password(hc_session *as, const hc_password_change *given, hc_error *err)
{
    hc__person person;
    hc_status status;

    if (given->current == NULL || given->current_size > HC__PASSWORD_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "current", "1 to %d bytes", HC__PASSWORD_LIMIT);
    if (hc__core_now(as->core) - as->since > HC__STEP_UP)
        return refuse(as, "sign in again: this change needs a sign-in of the last 5 minutes", "session", err);
    hc__arena_init(&person.arena, &as->core->mem, NULL, 0);
    status = hc__person_by_id(&person, as, as->user, err);
    if (status >= 0)
        status = check_and_write(as, &person, given, err);
    hc__arena_free(&person.arena);
    return status;
}

hc_status hc_auth_change_password(hc_session *as, const hc_password_change *given, hc_error *err)
{
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;
    hc_status status;

    if (given == NULL)
        return hc__fail(err, HC_ERR_INVALID, "change", "required");
    status = hc__sized_copy(&change, sizeof change, given, "change", err);
    if (status >= 0)
        status = enter_user(as, err);
    if (status < 0)
        return status;
    status = change_password(as, &change, err);
    hc__leave(as);
    return status;
}
