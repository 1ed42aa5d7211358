#include <string.h>

#include "auth/login.h"
#include "base/utf8.h"
#include "client/account.h"
#include "client/audit.h"
#include "client/crud.h"
#include "homeconnect/auth.h"
#include "homeconnect/user.h"

struct registration {
    const hc__record *user;
    const char *hash;
};

static hc_status insert(hc__unit *unit, void *data, hc_error *err)
{
    const struct registration *registration = data;
    hc__record row;
    hc_status status = hc__copy_changes(&row, unit, registration->user, err);

    if (status >= 0)
        status = hc__account_insert(unit, &row, (hc_id){{0}}, registration->hash, err);
    return status;
}

/* A known address gets the same answer after the same work; its owner would be told by mail (A02, A05). */
static hc_status register_user(hc_session *guest, const hc__record *user, const hc_registration *given, hc_error *err)
{
    char hash[HC__PASSWORD_HASH_SIZE];
    struct registration registration = {user, hash};
    hc_error why;
    hc_status status = hc__account_hash(hash, guest, given->password, given->password_size, err);

    if (status < 0)
        return status;
    status = hc__unit_run(guest, insert, &registration, &why);
    hc__wipe(hash, sizeof hash);
    if (status == HC_ERR_CONFLICT) {
        hc__audit_late(guest,
                       &(hc__audit){.event = "user_created", .target_kind = "user", .reason = "the address is known"});
        return HC_OK;
    }
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}

static void fill(hc__record *user, const hc_registration *given)
{
    if (given->email != NULL)
        hc__record_set_text(user, hc__user_f_email, given->email, strlen(given->email));
    if (given->full_name != NULL)
        hc__record_set_text(user, hc__user_f_full_name, given->full_name, strlen(given->full_name));
    if (given->phone != NULL)
        hc__record_set_text(user, hc__user_f_phone, given->phone, strlen(given->phone));
    hc__record_set_int(user, hc__user_f_role, HC_USER_ROLE_BUYER);
}

static hc_status register_guest(hc_session *guest, const hc_registration *given, hc_error *err)
{
    char email[HC__EMAIL_LIMIT + 1];
    hc__arena arena;
    hc__record user;
    hc_status status;

    hc__arena_init(&arena, &guest->core->mem, NULL, 0);
    status = hc__record_init(&user, &hc__user_entity, &arena, err);
    if (status >= 0) {
        fill(&user, given);
        status = hc__record_check(&user, HC__FOR_CREATE, HC__BY_ADMIN, err); /* the role is the library's choice */
    }
    if (status >= 0)
        status = hc__email_canonical(email, given->email, err);
    if (status >= 0)
        status = hc__password_allowed(guest->core, given->password, given->password_size, email, given->full_name, err);
    if (status >= 0)
        status = register_user(guest, &user, given, err);
    hc__arena_free(&arena);
    return status;
}

hc_status hc_auth_register(hc_session *guest, const hc_registration *given, hc_error *err)
{
    hc_registration registration = HC_REGISTRATION_INIT;
    hc_status status;

    if (given == NULL)
        return hc__fail(err, HC_ERR_INVALID, "registration", "required");
    status = hc__sized_copy(&registration, sizeof registration, given, "registration", err);
    if (status >= 0)
        status = hc__enter_guest(guest, err);
    if (status < 0)
        return status;
    status = register_guest(guest, &registration, err);
    hc__leave(guest);
    return status;
}
