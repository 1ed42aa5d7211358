/* Access tokens to sessions and back. */
#include <string.h>

#include "auth/login.h"
#include "base/id.h"
#include "client/audit.h"
#include "homeconnect/auth.h"

#define ACCESS_TYPE "at+jwt"
#define LEEWAY      30 /* seconds, security.md */

hc_status hc__enter_guest(hc_session *guest, hc_error *err)
{
    hc_status status = hc__enter(guest, err);

    if (status < 0)
        return status;
    if (guest->unit != NULL)
        status = hc__fail(err, HC_ERR_MISUSE, "session", "not inside a unit of work");
    else if (guest->role != HC_ROLE_GUEST)
        status = hc__fail(err, HC_ERR_FORBIDDEN, "session", "only on a guest's session");
    if (status < 0)
        hc__leave(guest);
    return status;
}

hc_status hc__session_issue(hc_session *as, hc_error *err)
{
    static const char *const roles[] = {"guest", "buyer", "agent", "admin", "system"};
    hc__core *core = as->core;
    hc__claims claims = {.typ = ACCESS_TYPE};
    hc__buf token;
    hc_status status = hc__id_make(&claims.token, as->since, err);

    if (status < 0)
        return status;
    memcpy(claims.issuer, core->issuer, sizeof core->issuer);
    memcpy(claims.audience, core->issuer, sizeof core->issuer);
    memcpy(claims.role, roles[as->role], strlen(roles[as->role]) + 1);
    claims.subject = as->user;
    claims.session = as->login;
    claims.epoch = as->epoch;
    claims.issued = claims.not_before = as->since / HC__SECOND;
    claims.expires = claims.issued + core->token_lifetime / HC__SECOND;
    hc__buf_init(&token, &core->mem);
    status = hc__token_sign(&token, core->signing_key, &claims, err);
    if (status >= 0)
        as->token = hc__buf_take(&token, NULL); /* which has it all */
    hc__buf_free(&token);
    return status;
}

static hc_status take_login(const hc_row *row, void *data, hc_error *err)
{
    hc_session *as = data;

    (void)err;
    as->since = row->values[0].as.integer;
    as->expires = row->values[1].as.integer;
    return HC_OK;
}

/* The sign-in's own times; that it is alive is part of every read. */
static hc_status read_login(hc_session *as, hc_error *err)
{
    static const uint16_t fields[] = {hc__login_f_auth_at, hc__login_f_expires_at};
    uint8_t room[256];
    hc__arena arena;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__login_entity.kind,
                .fields = fields,
                .field_count = 2,
                .index = HC_INDEX_ID};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = hc__is_id(&arena, hc__login_f_id, as->login);
    as->expires = INT64_MAX;
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, take_login, as, err);
    hc__arena_free(&arena);
    return status;
}

static hc_status verify(hc_session *as, const char *token, size_t size, hc_error *err)
{
    hc__core *core = as->core;
    hc__claims claims;
    hc__token_rules rules = {.typ = ACCESS_TYPE,
                             .issuer = core->issuer,
                             .audience = core->issuer,
                             .now = hc__core_now(core) / HC__SECOND,
                             .leeway = LEEWAY,
                             .lifetime = core->token_lifetime / HC__SECOND};
    hc_error why;
    hc_status status = hc__token_verify(&claims, &core->signing_key, 1, &core->mem, token, size, &rules, &why);

    if (status >= 0) {
        as->user = claims.subject;
        as->login = claims.session;
        as->epoch = claims.epoch;
        as->role = HC_ROLE_BUYER; /* until the store says more: a role in a token is a hint (T14) */
        status = read_login(as, &why);
    }
    if (status == HC_ERR_UNAUTHENTICATED)
        hc__audit_late(as, &(hc__audit){.event = "authn_token_refused", .reason = why.message});
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}

hc_status hc_session_open(hc_session **out, hc_client *client, const char *token, size_t size, const char *address,
                          hc_error *err)
{
    return hc__session_by_token(out, client, token, size, address, verify, err);
}
