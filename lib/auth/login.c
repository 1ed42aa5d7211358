#include "homeconnect/auth.h"

#include <string.h>

#include "auth/login.h"
#include "base/id.h"
#include "client/account.h"
#include "client/audit.h"
#include "client/crud.h"
#include "homeconnect/user.h"

/* What a sign-in needs of a user. */
static const uint16_t needed[] = {hc__user_f_id,     hc__user_f_password_hash, hc__user_f_role,
                                  hc__user_f_status, hc__user_f_token_epoch,   hc__user_f_full_name,
                                  hc__user_f_email_norm};

static hc_status take_user(const hc_row *row, void *data, hc_error *err)
{
    hc__person *person = data;

    if (!hc__record_fill(&person->row, needed, row->values, row->count))
        return hc__no_memory(err);
    person->found = true;
    return HC_OK;
}

static hc_status read_person(hc__person *person, hc_session *as, const hc_predicate *where, hc_error *err)
{
    hc_op op = {.verb = HC_VERB_QUERY, .expect = HC_EXPECT_ANY, .kind = &hc__user_entity.kind, .where = where,
                .fields = needed, .field_count = sizeof needed / sizeof needed[0], .limit = 1, .index = HC_INDEX_ANY};
    hc_status status;

    person->found = false;
    status = where == NULL ? hc__no_memory(err) : hc__record_init(&person->row, &hc__user_entity, &person->arena, err);
    return status < 0 ? status : hc__session_read(as, &op, 1, take_user, person, err);
}

hc_status hc__person_by_email(hc__person *person, hc_session *as, const char *email, hc_error *err)
{
    return read_person(person, as,
                       hc__is_bytes(&person->arena, &hc__user_entity.kind, hc__user_f_email_norm, HC_TEST_EQ, email,
                                    strlen(email)),
                       err);
}

hc_status hc__person_by_id(hc__person *person, hc_session *as, hc_id id, hc_error *err)
{
    return read_person(person, as, hc__is_id(&person->arena, hc__user_f_id, id), err);
}

/* One Argon2 on every path: for a user that is not there, or whose hash is not sound, too (A01). */
hc_status hc__person_verify(bool *match, bool *stale, const hc__person *person, hc_session *as, const char *password,
                            size_t size, hc_error *err)
{
    hc_status status = hc__hash_begin(as->core, err);

    *match = *stale = false;
    if (status < 0)
        return status;
    if (person->found)
        status = hc__password_verify(match, stale, &as->core->argon,
                                     hc__record_text(&person->row, hc__user_f_password_hash), password, size, err);
    else
        status = hc__password_absent(&as->core->argon, password, size, err);
    if (status == HC_ERR_CORRUPT)
        (void)hc__password_absent(&as->core->argon, password, size, NULL);
    hc__hash_end(as->core);
    if (status == HC_ERR_CORRUPT)
        hc__audit_late(as, &(hc__audit){.event = "authn_login_fail", .target_kind = "user",
                                        .target = hc__record_key(&person->row), .reason = "stored hash not sound"});
    return status;
}

struct login {
    const hc__person *person;
    hc_id id;             /* of the sign-in */
    int64_t at, expires;
    const char *rehashed; /* NULL: keep the hash */
};

static void insert_login(hc__unit *unit, const struct login *login)
{
    const hc_session *as = hc__unit_session(unit);
    hc__record row;

    if (hc__record_init(&row, &hc__login_entity, hc__unit_arena(unit), NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_id(&row, hc__login_f_id, login->id);
    hc__record_set_id(&row, hc__login_f_user_id, hc__record_key(&login->person->row));
    hc__record_set_int(&row, hc__login_f_epoch, hc__record_int(&login->person->row, hc__user_f_token_epoch));
    hc__record_set_int(&row, hc__login_f_auth_at, login->at);
    hc__record_set_int(&row, hc__login_f_created_at, login->at);
    hc__record_set_int(&row, hc__login_f_expires_at, login->expires);
    if (as->address[0] != '\0')
        hc__record_set_text(&row, hc__login_f_ip, as->address, strlen(as->address));
    hc__unit_insert(unit, &row);
}

/* The user as read: a change of password or role meanwhile makes the sign-in fail. */
static hc_status begin_login(hc__unit *unit, void *data, hc_error *err)
{
    const struct login *login = data;
    const hc__record *user = &login->person->row;
    const hc_kind *users = &hc__user_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *same = hc__all_of(
        arena, hc__is_int(arena, users, hc__user_f_token_epoch, HC_TEST_EQ, hc__record_int(user, hc__user_f_token_epoch)),
        hc__is_int(arena, users, hc__user_f_status, HC_TEST_EQ, HC_USER_STATUS_ACTIVE));
    hc__record changes;
    hc_status status = hc__record_init(&changes, &hc__user_entity, arena, err);

    if (status < 0)
        return status;
    hc__record_set_int(&changes, hc__user_f_last_login_at, login->at);
    if (login->rehashed != NULL)
        hc__record_set_text(&changes, hc__user_f_password_hash, login->rehashed, strlen(login->rehashed));
    hc__unit_update(unit, &changes, hc__all_of(arena, hc__is_id(arena, hc__user_f_id, hc__record_key(user)), same));
    insert_login(unit, login);
    hc__audit_add(unit, &(hc__audit){.event = "authn_login_success", .target_kind = "user",
                                     .target = hc__record_key(user), .actor = hc__record_key(user)});
    return HC_OK;
}

static hc_status refuse(hc_session *guest, const hc__person *person, const char *reason, hc_error *err)
{
    hc__audit event = {.event = "authn_login_fail", .target_kind = "user", .reason = reason};

    if (person->found)
        event.target = hc__record_key(&person->row);
    hc__audit_late(guest, &event);
    return hc__fail(err, HC_ERR_UNAUTHENTICATED, NULL, "the e-mail address or the password is wrong");
}

static hc_status signed_in(hc_session **out, hc_session *guest, const struct login *login, hc_error *err)
{
    hc_status status = hc__session_new(out, guest->core, (int32_t)hc__record_int(&login->person->row, hc__user_f_role),
                                       NULL, err);

    if (status < 0)
        return status;
    memcpy((*out)->address, guest->address, sizeof guest->address);
    (*out)->role_known = true; /* a change of it ends this sign-in */
    (*out)->user = hc__record_key(&login->person->row);
    (*out)->login = login->id;
    (*out)->epoch = hc__record_int(&login->person->row, hc__user_f_token_epoch);
    (*out)->since = login->at;
    (*out)->expires = login->expires;
    return hc__session_issue(*out, err);
}

/* The password was right: writes the sign-in, with a fresh hash when the old one is of other parameters (A13). */
static hc_status write_login(hc_session **out, hc_session *guest, const hc__person *person, bool stale,
                             const char *password, size_t size, hc_error *err)
{
    char hash[HC__PASSWORD_HASH_SIZE];
    struct login login = {person, {{0}}, hc__core_now(guest->core), 0, NULL};
    hc_status status = hc__id_make(&login.id, login.at, err);

    if (status < 0)
        return status;
    login.expires = login.at + guest->core->login_lifetime;
    if (stale && hc__account_hash(hash, guest, password, size, NULL) >= 0)
        login.rehashed = hash;
    /* Before anything is written, so that what fails leaves no sign-in that nobody holds. */
    status = signed_in(out, guest, &login, err);
    if (status >= 0)
        status = hc__unit_run(guest, begin_login, &login, err);
    hc__wipe(hash, sizeof hash);
    if (status < 0) {
        hc_session_free(*out);
        *out = NULL;
    }
    return status == HC_ERR_CONFLICT ? refuse(guest, person, "changed meanwhile", err) : status;
}

static hc_status log_in(hc_session **out, hc_session *guest, const hc_login *login, hc_error *err)
{
    char email[HC__EMAIL_LIMIT + 1];
    hc__person person = {.found = false};
    bool match, stale;
    hc_status status = HC_OK;

    if (login->password == NULL || login->password_size > HC__PASSWORD_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "password", "1 to %d bytes", HC__PASSWORD_LIMIT);
    hc__arena_init(&person.arena, &guest->core->mem, NULL, 0);
    if (hc__email_canonical(email, login->email, NULL) >= 0) /* a malformed address is an unknown one */
        status = hc__person_by_email(&person, guest, email, err);
    if (status >= 0)
        status = hc__person_verify(&match, &stale, &person, guest, login->password, login->password_size, err);
    if (status >= 0 && (!match || hc__record_int(&person.row, hc__user_f_status) != HC_USER_STATUS_ACTIVE))
        status = refuse(guest, &person, !person.found ? "unknown address" : match ? "disabled" : "wrong password", err);
    else if (status >= 0)
        status = write_login(out, guest, &person, stale, login->password, login->password_size, err);
    hc__arena_free(&person.arena);
    return status;
}

hc_status hc_auth_login(hc_session **out, hc_session *guest, const hc_login *given, hc_error *err)
{
    hc_login login = HC_LOGIN_INIT;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (given == NULL)
        return hc__fail(err, HC_ERR_INVALID, "login", "required");
    status = hc__sized_copy(&login, sizeof login, given, "login", err);
    if (status >= 0)
        status = hc__enter_guest(guest, err);
    if (status < 0)
        return status;
    status = log_in(out, guest, &login, err);
    hc__leave(guest);
    return status;
}
