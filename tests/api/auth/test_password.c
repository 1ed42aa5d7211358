/* Changes of password, what asks for a fresh sign-in, and what of an account others see and may do. */
#include <stdio.h>

#include "house.h"
#include "passwords.h"

#define NEXT "eleven geese over the marsh"

static hc_status change(hc_session *as, const char *current, const char *password, hc_error *err)
{
    hc_password_change given = HC_PASSWORD_CHANGE_INIT;

    given.current = current;
    given.current_size = current == NULL ? 0 : strlen(current);
    given.password = password;
    given.password_size = password == NULL ? 0 : strlen(password);
    return hc_auth_change_password(as, &given, err);
}

static void refused(const char *current, const char *password, hc_status status, const char *field)
{
    snapshot before = house_snapshot();

    HOUSE_FAILS(change(house.bea, current, password, err), status, field);
    house_assert_unchanged_since(before);
}

/* A16 */
START_TEST(the_current_password_is_asked_for)
{
    refused(NULL, NEXT, HC_ERR_INVALID, "current");
    refused("", NEXT, HC_ERR_FORBIDDEN, "current");
    house_assert_audited("authn_password_change_fail", house.bea);
    refused("four swallows by the river", NEXT, HC_ERR_FORBIDDEN, "current");
    house_assert_audited("authn_password_change_fail", house.bea);
    hc_session_free(house_login("bea@example.com", HOUSE_PASSWORD));
}
END_TEST

/* A16: step-up, by the client's clock. */
START_TEST(an_old_sign_in_changes_no_password)
{
    hc_session *fresh;

    house_pass(5 * HOUSE_MINUTE + 1);
    (void)argon_runs();
    refused(HOUSE_PASSWORD, NEXT, HC_ERR_FORBIDDEN, "session");
    ck_assert_int_eq(argon_runs(), 0);
    house_assert_audited("authn_password_change_fail", house.bea);
    fresh = house_login("bea@example.com", HOUSE_PASSWORD);
    house_pass(5 * HOUSE_MINUTE);
    HOUSE_OK(change(fresh, HOUSE_PASSWORD, NEXT, err));
    hc_session_free(fresh);
}
END_TEST

/* A16: a session that was opened by token is as old as its sign-in, not as its token's last use. */
START_TEST(a_token_makes_no_sign_in_younger)
{
    hc_session *again = NULL;
    const char *token = hc_session_token(house.bea);

    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_session_open(&again, house.client, token, strlen(token), NULL, err));
    HOUSE_FAILS(change(again, "four swallows by the river", NEXT, err), HC_ERR_FORBIDDEN, "current");
    hc_session_free(again);
    again = NULL;
    house_pass(5 * HOUSE_MINUTE);
    HOUSE_OK(hc_session_open(&again, house.client, token, strlen(token), NULL, err));
    HOUSE_FAILS(change(again, HOUSE_PASSWORD, NEXT, err), HC_ERR_FORBIDDEN, "session");
    hc_session_free(again);
}
END_TEST

/* A16: so does a change of address. */
START_TEST(an_old_sign_in_changes_no_address)
{
    hc_user *changes = hc_user_for(house.client, house.bea_id, 1);
    snapshot before;

    house_pass(5 * HOUSE_MINUTE + 1);
    before = house_snapshot();
    hc_user_set_email(changes, "bea@elsewhere.example");
    HOUSE_FAILS(hc_user_update(NULL, house.bea, changes, err), HC_ERR_FORBIDDEN, "email");
    house_assert_unchanged_since(before);
    hc_user_free(changes);
}
END_TEST

/* A06 A07 */
START_TEST(a_new_password_keeps_the_rules)
{
    static const char *const bad[] = {
        "short",           "bea@example.com",       "Bea Buyer Bea Buyer", "aaaaaaaaaaaaaaaa",
        "HomeConnect2025", "eleven geese \xff over"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(HOUSE_PASSWORD, bad[i], HC_ERR_INVALID, "password");
    refused(HOUSE_PASSWORD, NULL, HC_ERR_INVALID, "password");
}
END_TEST

/* P15 */
START_TEST(sizes_beyond_four_gib_are_not_read)
{
    snapshot before = house_snapshot();
    hc_password_change given = HC_PASSWORD_CHANGE_INIT;

    given.current = HOUSE_PASSWORD;
    given.password = NEXT;
    given.current_size = ((size_t)1 << 32) + strlen(HOUSE_PASSWORD);
    given.password_size = strlen(NEXT);
    HOUSE_FAILS(hc_auth_change_password(house.bea, &given, err), HC_ERR_INVALID, "current");
    given.current_size = strlen(HOUSE_PASSWORD);
    given.password_size = ((size_t)1 << 32) + strlen(NEXT);
    HOUSE_FAILS(hc_auth_change_password(house.bea, &given, err), HC_ERR_INVALID, "password");
    house_assert_unchanged_since(before);
}
END_TEST

/* A11 */
START_TEST(no_memory_changes_nothing)
{
    for (int at = 1; at <= 2; at++) {
        (void)argon_runs();
        atomic_store(&argon.starve_at, at);
        refused(HOUSE_PASSWORD, NEXT, HC_ERR_NO_MEMORY, "");
        ck_assert_int_eq(argon_runs(), at);
    }
    atomic_store(&argon.starve_at, 0);
    HOUSE_OK(change(house.bea, HOUSE_PASSWORD, NEXT, err));
}
END_TEST

/* A12 */
START_TEST(a_corrupt_hash_is_no_current_password)
{
    house_change("UPDATE users SET password_hash='$argon2id$v=19$m=4194304,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
                 "8wVTpXkQZ2tyLVqaJ4eeLzqpuYSX1ujGZrTLTZp5Q8E' WHERE email='bea@example.com'");
    (void)argon_runs();
    refused(HOUSE_PASSWORD, NEXT, HC_ERR_CORRUPT, "password_hash");
    ck_assert_int_eq(argon_runs(), 1);
    ck_assert_uint_eq(atomic_load(&argon.memory), 64 * 1024); /* of this client's parameters, not of the hash */
    house_assert_audited("authn_login_fail", house.bea);
}
END_TEST

/* Two changes at once, from two sessions: one counts. */
START_TEST(the_second_change_meets_the_first)
{
    hc_session *other = house_login("bea@example.com", HOUSE_PASSWORD);

    HOUSE_OK(change(other, HOUSE_PASSWORD, NEXT, err));
    refused(HOUSE_PASSWORD, "twelve geese over the marsh", HC_ERR_UNAUTHENTICATED, "token");
    hc_session_free(other);
}
END_TEST

#define BEA "email='bea@example.com'"

/* A16 T16: and it is one version of her account, which is told. */
START_TEST(a_change_ends_all_sign_ins)
{
    int64_t epoch = house_sql("SELECT token_epoch FROM users WHERE " BEA), version;

    version = house_sql("SELECT version FROM users WHERE " BEA);
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(change(house.bea, HOUSE_PASSWORD, NEXT, err));
    ck_assert_int_eq(house_sql("SELECT token_epoch FROM users WHERE " BEA), epoch + 1);
    ck_assert_int_eq(house_sql("SELECT version FROM users WHERE " BEA), version + 1);
    ck_assert_int_eq(house_sql("SELECT updated_at FROM users WHERE " BEA), house_now());
    ck_assert_int_eq(house_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL AND user_id="
                               "(SELECT id FROM users WHERE " BEA ")"),
                     0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='user' AND change='updated' AND version=2"
                               " AND resource_id=(SELECT id FROM users WHERE " BEA ")"),
                     1);
}
END_TEST

START_TEST(a_session_in_a_change_is_in_use)
{
    call_meanwhile(house.bea);
    HOUSE_OK(change(house.bea, HOUSE_PASSWORD, NEXT, err));
    ck_assert_str_eq(meanwhile.err.message, "another call of this session is in flight");
}
END_TEST

/* H04 */
START_TEST(only_who_is_signed_in_changes_a_password)
{
    hc_password_change given = HC_PASSWORD_CHANGE_INIT;

    HOUSE_FAILS(change(house.guest, HOUSE_PASSWORD, NEXT, err), HC_ERR_UNAUTHENTICATED, "session");
    HOUSE_FAILS(change(house.system, HOUSE_PASSWORD, NEXT, err), HC_ERR_UNAUTHENTICATED, "session");
    HOUSE_FAILS(change(NULL, HOUSE_PASSWORD, NEXT, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_auth_change_password(house.bea, NULL, err), HC_ERR_INVALID, "change");
    given.struct_size = 1;
    HOUSE_FAILS(hc_auth_change_password(house.bea, &given, err), HC_ERR_INVALID, "change");
}
END_TEST

/* A19 */
START_TEST(others_see_an_agents_card_and_no_more)
{
    hc_user *user = NULL;
    hc_text *json = NULL;

    HOUSE_FAILS(hc_user_get(&user, house.bea, house.admin_id, err), HC_ERR_NOT_FOUND, "id");
    house_assert_audited("authz_fail", house.bea);
    HOUSE_FAILS(hc_user_get(&user, house.guest, house.bea_id, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_user_get(&user, house.ana, house.bea_id, err), HC_ERR_NOT_FOUND, "id");
    ck_assert_ptr_null(user);
    HOUSE_OK(hc_user_get(&user, house.bea, house.ana_id, err));
    ck_assert_str_eq(hc_user_full_name(user), "Ana Agent");
    ck_assert_ptr_null(hc_user_email(user));
    ck_assert_ptr_null(hc_user_phone(user));
    ck_assert_int_eq(hc_user_last_login_at(user), 0);
    HOUSE_OK(hc_user_to_json(&json, user, err));
    ck_assert_ptr_null(strstr(hc_text_data(json), "example.com"));
    ck_assert_ptr_null(strstr(hc_text_data(json), "argon2"));
    hc_text_free(json);
    hc_user_free(user);
    HOUSE_OK(hc_user_get(&user, house.admin, house.bea_id, err)); /* and a hash nobody at all */
    HOUSE_OK(hc_user_to_json(&json, user, err));
    ck_assert_ptr_null(strstr(hc_text_data(json), "argon2"));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "bea@example.com"));
    hc_text_free(json);
    hc_user_free(user);
}
END_TEST

/* A20 */
START_TEST(the_last_admin_stays)
{
    hc_user *changes = hc_user_for(house.client, house.admin_id, 1);
    snapshot before = house_snapshot();

    hc_user_set_role(changes, HC_USER_ROLE_BUYER);
    HOUSE_FAILS(hc_user_update(NULL, house.admin, changes, err), HC_ERR_INVALID_STATE, "role");
    HOUSE_FAILS(hc_user_update(NULL, house.system, changes, err), HC_ERR_INVALID_STATE, "role");
    HOUSE_FAILS(hc_user_delete(house.admin, house.admin_id, 1, err), HC_ERR_INVALID_STATE, "role");
    hc_user_free(changes);
    house_assert_unchanged_since(before);
    house_user("abe@example.com", "Abe Admin", HC_USER_ROLE_ADMIN);
    HOUSE_OK(hc_user_delete(house.admin, house.admin_id, 1, err));
}
END_TEST

/* A20: nobody chooses the password of another. */
START_TEST(an_admin_chooses_no_password)
{
    hc_user *changes = hc_user_for(house.client, house.bea_id, 1);
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_user_from_json(changes, "{\"password\":\"seven herons in the reeds\"}", 40, err), HC_ERR_INVALID,
                "password");
    ck_assert_int_lt(hc_user_update(NULL, house.admin, changes, NULL), 0);
    hc_user_free(changes);
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_current_password_is_asked_for);
    tcase_add_test(tcase, an_old_sign_in_changes_no_password);
    tcase_add_test(tcase, a_token_makes_no_sign_in_younger);
    tcase_add_test(tcase, an_old_sign_in_changes_no_address);
    tcase_add_test(tcase, a_new_password_keeps_the_rules);
    tcase_add_test(tcase, sizes_beyond_four_gib_are_not_read);
    tcase_add_test(tcase, no_memory_changes_nothing);
    tcase_add_test(tcase, a_corrupt_hash_is_no_current_password);
    tcase_add_test(tcase, the_second_change_meets_the_first);
    tcase_add_test(tcase, a_change_ends_all_sign_ins);
    tcase_add_test(tcase, a_session_in_a_change_is_in_use);
    tcase_add_test(tcase, only_who_is_signed_in_changes_a_password);
    tcase_add_test(tcase, others_see_an_agents_card_and_no_more);
    tcase_add_test(tcase, the_last_admin_stays);
    tcase_add_test(tcase, an_admin_chooses_no_password);
}

int main(void)
{
    return suite_main("api.auth.password", fill, house_open, house_close);
}
