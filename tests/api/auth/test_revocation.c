/* A sign-in that ended is refused in the very next call: on its own session, on others of its token, on other clients
 * and in other processes, and before a row is given out or a write commits. */
#include <stdio.h>
#include <string.h>

#include "elsewhere.h"
#include "house.h"
#include "meanwhile.h"

/* Everywhere that one token is in use. */
struct places {
    char token[1024];
    hc_session *own, *again, *aside; /* as signed in; opened by token; the same on another client */
    hc_client *client;
    elsewhere elsewhere;
};

static hc_session *open_on(hc_client *client, const char *token)
{
    hc_session *as = NULL;

    HOUSE_OK(hc_session_open(&as, client, token, strlen(token), NULL, err));
    return as;
}

static void spread(struct places *at, hc_session *own)
{
    hc_client_options options;

    snprintf(at->token, sizeof at->token, "%s", hc_session_token(own));
    at->own = own;
    house_options(&options);
    HOUSE_OK(hc_client_open(&at->client, &options, err));
    at->again = open_on(house.client, at->token);
    at->aside = open_on(at->client, at->token);
    elsewhere_start(&at->elsewhere);
    ck_assert_int_eq(elsewhere_ask(&at->elsewhere, "open %s", at->token), HC_OK);
}

static hc_status read_self(hc_session *as, hc_error *err)
{
    hc_user *me = NULL;
    hc_status status = hc_user_get(&me, as, hc_session_user_id(as), err);

    ck_assert((me != NULL) == (status >= 0));
    hc_user_free(me);
    return status;
}

static hc_status write_self(hc_session *as, hc_error *err)
{
    hc_user *changes = hc_user_for(house.client, hc_session_user_id(as), 1);
    hc_status status;

    hc_user_set_full_name(changes, "Another Name");
    status = hc_user_update(NULL, as, changes, err);
    hc_user_free(changes);
    return status;
}

static void all_live(struct places *at)
{
    HOUSE_OK(read_self(at->own, err));
    HOUSE_OK(read_self(at->again, err));
    HOUSE_OK(read_self(at->aside, err));
    ck_assert_int_eq(elsewhere_ask(&at->elsewhere, "self"), HC_OK);
}

/* Reads first: the verdict of the last read must not outlive what was committed since. */
static void all_dead(struct places *at)
{
    hc_session *const sessions[] = {at->aside, at->again, at->own};
    hc_session *as = at->own;
    hc_user_page *page = NULL;
    hc_query *query = NULL;
    hc_text *plan = NULL;
    snapshot before;

    ck_assert_int_eq(elsewhere_ask(&at->elsewhere, "self"), HC_ERR_UNAUTHENTICATED);
    for (size_t i = 0; i < 3; i++)
        HOUSE_FAILS(read_self(sessions[i], err), HC_ERR_UNAUTHENTICATED, "token");
    before = house_snapshot();
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_USER, err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_OWN, err));
    for (size_t i = 0; i < 3; i++) {
        HOUSE_FAILS(write_self(sessions[i], err), HC_ERR_UNAUTHENTICATED, "token");
        HOUSE_FAILS(hc_user_list(&page, sessions[i], query, err), HC_ERR_UNAUTHENTICATED, "token");
        ck_assert_ptr_null(page); /* not an empty page */
        HOUSE_FAILS(hc_query_explain(&plan, sessions[i], query, err), HC_ERR_UNAUTHENTICATED, "token");
        HOUSE_FAILS(hc_auth_logout(sessions[i], err), HC_ERR_UNAUTHENTICATED, "token");
    }
    HOUSE_FAILS(hc_session_open(&as, house.client, at->token, strlen(at->token), NULL, err), HC_ERR_UNAUTHENTICATED,
                "token");
    house_assert_audited("authn_token_refused", at->again);
    HOUSE_FAILS(hc_session_open(&as, at->client, at->token, strlen(at->token), NULL, err), HC_ERR_UNAUTHENTICATED,
                "token");
    ck_assert_int_eq(elsewhere_ask(&at->elsewhere, "open %s", at->token), HC_ERR_UNAUTHENTICATED);
    house_assert_unchanged_since(before);
    hc_query_free(query);
}

static void gather(struct places *at)
{
    elsewhere_stop(&at->elsewhere);
    hc_session_free(at->again);
    hc_session_free(at->aside);
    hc_client_close(at->client);
}

/* T15 */
START_TEST(logout_acts_in_the_next_call_everywhere)
{
    struct places at;
    hc_session *other = house_login("bea@example.com", HOUSE_PASSWORD);

    spread(&at, house.bea);
    all_live(&at);
    (void)house_snapshot();
    HOUSE_OK(hc_auth_logout(house.bea, err));
    house_assert_audited("authn_token_revoked", house.bea);
    all_dead(&at);
    HOUSE_OK(read_self(other, err)); /* another sign-in of the same user lives on */
    hc_session_free(other);
    gather(&at);
}
END_TEST

/* T15 */
START_TEST(logout_by_another_client_acts_here)
{
    struct places at;

    spread(&at, house.bea);
    all_live(&at);
    HOUSE_OK(hc_auth_logout(at.aside, err));
    HOUSE_FAILS(read_self(house.bea, err), HC_ERR_UNAUTHENTICATED, "token");
    all_dead(&at);
    gather(&at);
}
END_TEST

static hc_status change_password(hc_session *as, const char *current, const char *password, hc_error *err)
{
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;

    change.current = current;
    change.current_size = current == NULL ? 0 : strlen(current);
    change.password = password;
    change.password_size = password == NULL ? 0 : strlen(password);
    return hc_auth_change_password(as, &change, err);
}

#define NEXT "eleven geese over the marsh"

/* T16 */
START_TEST(a_new_password_ends_every_sign_in)
{
    struct places at;
    hc_session *other = house_login("bea@example.com", HOUSE_PASSWORD);

    spread(&at, house.bea);
    all_live(&at);
    (void)house_snapshot();
    HOUSE_OK(change_password(other, HOUSE_PASSWORD, NEXT, err));
    house_assert_audited("authn_password_change", other);
    all_dead(&at);
    HOUSE_FAILS(read_self(other, err), HC_ERR_UNAUTHENTICATED, "token");
    hc_session_free(other);
    hc_session_free(house_login("bea@example.com", NEXT));
    gather(&at);
}
END_TEST

static void change_user(hc_id id, int32_t role, int32_t state)
{
    hc_user *now = NULL, *changes;

    HOUSE_OK(hc_user_get(&now, house.admin, id, err));
    changes = hc_user_edit(now);
    if (role != 0)
        hc_user_set_role(changes, role);
    if (state != 0)
        hc_user_set_status(changes, state);
    (void)house_snapshot();
    HOUSE_OK(hc_user_update(NULL, house.admin, changes, err));
    hc_user_free(changes);
    hc_user_free(now);
}

/* T14 T16 */
START_TEST(a_new_role_ends_every_sign_in)
{
    struct places at;
    hc_session *as;
    hc_property *home = house_sketch("A home by who is no agent any more", 40000000);
    hc_id id;

    spread(&at, house.ben);
    all_live(&at);
    change_user(house.ben_id, HC_USER_ROLE_BUYER, 0);
    house_assert_audited("privilege_permissions_changed", house.admin);
    house_assert_audited("authn_token_revoked", house.admin);
    HOUSE_FAILS(hc_property_create(&id, house.ben, home, err), HC_ERR_UNAUTHENTICATED, "token");
    all_dead(&at);
    as = house_login("ben@example.com", HOUSE_PASSWORD);
    ck_assert_int_eq(hc_session_role(as), HC_ROLE_BUYER);
    HOUSE_FAILS(hc_property_create(&id, as, home, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", as);
    hc_session_free(as);
    hc_property_free(home);
    gather(&at);
}
END_TEST

/* T16 */
START_TEST(a_disabled_user_is_out)
{
    struct places at;

    spread(&at, house.bea);
    all_live(&at);
    change_user(house.bea_id, 0, HC_USER_STATUS_DISABLED);
    house_assert_audited("authn_token_revoked", house.admin);
    all_dead(&at);
    change_user(house.bea_id, 0, HC_USER_STATUS_ACTIVE); /* and is not back in by the old token */
    all_dead(&at);
    gather(&at);
}
END_TEST

/* T14: a role that somebody changed in the file, past the library, counts from the next call on. */
START_TEST(a_role_is_read_from_the_store)
{
    hc_user *user = NULL;

    HOUSE_OK(hc_user_get(&user, house.admin, house.bea_id, err));
    ck_assert_str_eq(hc_user_email(user), "bea@example.com");
    hc_user_free(user);
    ck_assert_int_eq(house_change("UPDATE users SET role='buyer' WHERE email='ada@example.com'"), 1);
    HOUSE_FAILS(hc_user_get(&user, house.admin, house.bea_id, err), HC_ERR_UNAUTHENTICATED, "token");
    ck_assert_ptr_null(user);
    HOUSE_FAILS(hc_property_purge(house.admin, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "token");
}
END_TEST

struct unit {
    int step;
    hc_session *other;
};

/* A unit asks in its own transaction: a sign-in that ended before it began writes nothing. */
static hc_status write_price(hc_session *as, void *data, hc_error *err)
{
    struct unit *unit = data;
    hc_property *changes = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_status status;

    unit->step++;
    hc_property_set_price(changes, 50000000);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    return status;
}

/* T15 */
START_TEST(a_dead_sign_in_begins_no_unit)
{
    struct unit unit = {0, NULL};
    snapshot before;

    HOUSE_OK(hc_auth_logout(house.ana, err));
    before = house_snapshot();
    HOUSE_FAILS(hc_session_transact(house.ana, write_price, &unit, err), HC_ERR_UNAUTHENTICATED, "token");
    ck_assert_int_eq(unit.step, 0);
    house_assert_unchanged_since(before);
}
END_TEST

static hc_status log_out(void *data)
{
    return hc_auth_logout(data, NULL);
}

static hc_status write_while_logging_out(hc_session *as, void *data, hc_error *err)
{
    struct unit unit = {0, NULL};
    hc_status status = write_price(as, &unit, err);

    if (status >= 0)
        ck_assert_int_eq(meanwhile(log_out, data), house_is_a_file() ? HC_ERR_BUSY : HC_OK);
    return status;
}

/* T15: once the logout is done; where there is one writer it has to wait for the unit. */
START_TEST(a_unit_commits_nothing_behind_a_logout)
{
    hc_session *other = open_on(house.client, hc_session_token(house.ana));
    bool waits = house_is_a_file();

    hc_session_set_timeout(other, HOUSE_SECOND / 2);
    if (waits)
        HOUSE_OK(hc_session_transact(house.ana, write_while_logging_out, other, err));
    else
        HOUSE_FAILS(hc_session_transact(house.ana, write_while_logging_out, other, err), HC_ERR_UNAUTHENTICATED,
                    "token");
    ck_assert_int_eq(house_sql("SELECT version FROM properties WHERE title='Bungalow by the creek'"), waits ? 2 : 1);
    hc_session_free(other);
}
END_TEST

static hc_status read_while_logging_out(hc_session *as, void *data, hc_error *err)
{
    hc_status status = read_self(as, err), after;

    if (status < 0)
        return status;
    ck_assert_int_eq(meanwhile(log_out, data), house_is_a_file() ? HC_ERR_BUSY : HC_OK);
    after = read_self(as, err);
    ck_assert_int_eq(after, house_is_a_file() ? HC_OK : HC_ERR_UNAUTHENTICATED);
    return HC_OK; /* as one that goes on all the same */
}

/* T15 */
START_TEST(a_unit_reads_nothing_behind_a_logout)
{
    hc_session *other = open_on(house.client, hc_session_token(house.ana));

    hc_session_set_timeout(other, HOUSE_SECOND / 2);
    if (house_is_a_file())
        HOUSE_OK(hc_session_transact(house.ana, read_while_logging_out, other, err));
    else
        HOUSE_FAILS(hc_session_transact(house.ana, read_while_logging_out, other, err), HC_ERR_UNAUTHENTICATED,
                    "token");
    hc_session_free(other);
}
END_TEST

static hc_status move_away(hc_session *as, void *data, hc_error *err)
{
    hc_user *edit = hc_user_for(house.client, house.ana_id, *(int32_t *)data);
    hc_status status;

    hc_user_set_email(edit, "ana@elsewhere.example.com");
    status = hc_user_update(NULL, as, edit, err);
    hc_user_free(edit);
    return status;
}

/* T16: a unit that ends its own sign-in is written. */
START_TEST(a_unit_may_end_its_own_sign_in)
{
    int32_t version = (int32_t)house_sql("SELECT version FROM users WHERE email='ana@example.com'");

    HOUSE_OK(hc_session_transact(house.ana, move_away, &version, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE email_norm='ana@elsewhere.example.com'"), 1);
    HOUSE_FAILS(hc_session_transact(house.ana, move_away, &version, err), HC_ERR_UNAUTHENTICATED, "token");
}
END_TEST

/* The rights of a sign-in end with the token, 60 days or not: the token is 10 minutes, the session object lives on. */
START_TEST(a_session_outlives_its_token)
{
    hc_session *as = NULL;
    const char *token = hc_session_token(house.bea);

    house_pass(11 * HOUSE_MINUTE);
    HOUSE_OK(read_self(house.bea, err));
    HOUSE_FAILS(hc_session_open(&as, house.client, token, strlen(token), NULL, err), HC_ERR_UNAUTHENTICATED, "token");
}
END_TEST

/* H04 */
START_TEST(nobody_is_signed_out)
{
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_auth_logout(house.guest, err), HC_ERR_UNAUTHENTICATED, "session");
    HOUSE_FAILS(hc_auth_logout(house.system, err), HC_ERR_UNAUTHENTICATED, "session");
    HOUSE_FAILS(hc_auth_logout(NULL, err), HC_ERR_MISUSE, "session");
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, logout_acts_in_the_next_call_everywhere);
    tcase_add_test(tcase, logout_by_another_client_acts_here);
    tcase_add_test(tcase, a_new_password_ends_every_sign_in);
    tcase_add_test(tcase, a_new_role_ends_every_sign_in);
    tcase_add_test(tcase, a_disabled_user_is_out);
    tcase_add_test(tcase, a_role_is_read_from_the_store);
    tcase_add_test(tcase, a_dead_sign_in_begins_no_unit);
    tcase_add_test(tcase, a_unit_commits_nothing_behind_a_logout);
    tcase_add_test(tcase, a_unit_reads_nothing_behind_a_logout);
    tcase_add_test(tcase, a_unit_may_end_its_own_sign_in);
    tcase_add_test(tcase, a_session_outlives_its_token);
    tcase_add_test(tcase, nobody_is_signed_out);
}

int main(int argc, char **argv)
{
    elsewhere_main(argc, argv);
    return suite_main("api.auth.revocation", fill, house_open, house_close);
}
