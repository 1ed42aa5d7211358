/* People: who makes, sees, changes and takes away whom. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "house.h"

static const char other_password[] = "seven herons on a pier";

static hc_user *sketch(const char *email, const char *name, int32_t role)
{
    hc_user *user = hc_user_new(house.client);

    hc_user_set_email(user, email);
    hc_user_set_full_name(user, name);
    hc_user_set_role(user, role);
    return user;
}

static hc_status make(hc_session *as, hc_user *user, const char *password, hc_error *err)
{
    hc_id id = {{1}};
    static const hc_id none;
    hc_status status = hc_user_create(&id, as, user, password, strlen(password), err);

    ck_assert_int_eq(memcmp(&id, &none, sizeof id) != 0, status >= 0);
    hc_user_free(user);
    return status;
}

static hc_user *read_user(hc_session *as, hc_id id)
{
    hc_user *user = NULL;

    HOUSE_OK(hc_user_get(&user, as, id, err));
    return user;
}

static hc_user *edit_of(hc_id id)
{
    hc_user *row = read_user(house.system, id), *edit = hc_user_edit(row);

    hc_user_free(row);
    return edit;
}

static hc_status change(hc_session *as, hc_user *edit, hc_error *err)
{
    hc_status status = hc_user_update(NULL, as, edit, err);

    hc_user_free(edit);
    return status;
}

/* ---- create ---- */

START_TEST(an_admin_makes_users_of_any_role)
{
    hc_user *row;
    hc_session *session;

    HOUSE_OK(make(house.admin, sketch("New@Example.com", "New Admin", HC_USER_ROLE_ADMIN), other_password, err));
    house_assert_audited("user_created", house.admin);
    session = house_login("new@example.com", other_password);
    row = read_user(session, hc_session_user_id(session));
    ck_assert_str_eq(hc_user_email(row), "New@Example.com"); /* as it was written; compared in canonical form */
    ck_assert_int_eq(hc_user_role(row), HC_USER_ROLE_ADMIN);
    ck_assert_int_eq(hc_user_status(row), HC_USER_STATUS_ACTIVE);
    ck_assert_int_eq(hc_user_is_null(row, HC_USER_EMAIL_VERIFIED_AT), 1);
    ck_assert_int_eq(hc_user_is_null(row, HC_USER_PHONE), 1);
    ck_assert_int_eq(hc_user_created_at(row), HOUSE_START);
    hc_user_free(row);
    hc_session_free(session);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$%' AND email_norm="
                               "'new@example.com'"),
                     1);
}
END_TEST

/* A03 A06 A07 */
START_TEST(what_makes_no_user_writes_nothing)
{
    static const struct {
        const char *email, *name;
        int32_t role;
        const char *password, *field;
    } bad[] = {
        {"no-at.example.com", "N", 1, other_password, "email"},
        {"a@b", "N", 1, other_password, "email"},
        {"\"a@b\"@c.com", "N", 1, other_password, "email"},
        {"a@x.com\r\nBcc: b@x.com", "N", 1, other_password, "email"},
        {"a\xef\xbc\xa0x.com", "N", 1, other_password, "email"},
        {"a@x.com.", "N", 1, other_password, "email"},
        {"", "N", 1, other_password, "email"},
        {"ok@example.com", "", 1, other_password, "full_name"},
        {"ok@example.com", "N", 0, other_password, "role"},
        {"ok@example.com", "N", 4, other_password, "role"},
        {"ok@example.com", "N", 1, "short", "password"},
        {"ok@example.com", "N", 1, "aaaaaaaaaaaaaaaaaaaa", "password"},
        {"ok@example.com", "N", 1, "homeconnecthomeconnect", "password"},
    };
    hc_user *user;
    snapshot before = house_snapshot();

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        user = sketch(bad[i].email, bad[i].name, bad[i].role);
        HOUSE_FAILS(make(house.admin, user, bad[i].password, err), HC_ERR_INVALID, bad[i].field);
    }
    user = hc_user_new(house.client);
    HOUSE_FAILS(make(house.admin, user, other_password, err), HC_ERR_INVALID, "email");
    user = sketch("ok@example.com", "N", 1);
    hc_user_set_phone(user, "+1 512 555 0100 0100 0100");
    HOUSE_FAILS(make(house.admin, user, other_password, err), HC_ERR_INVALID, "phone");
    user = sketch("ok@example.com", "N", 1);
    HOUSE_FAILS(hc_user_create(NULL, house.admin, user, other_password, 5, err), HC_ERR_MISUSE, "out");
    hc_user_free(user);
    house_assert_unchanged_since(before);
}
END_TEST

/* A03 Z02 */
START_TEST(nobody_else_makes_users)
{
    hc_session *const all[] = {house.bea, house.ana};
    snapshot before = house_snapshot();

    for (size_t i = 0; i < 2; i++) {
        HOUSE_FAILS(make(all[i], sketch("ok@example.com", "N", HC_USER_ROLE_ADMIN), other_password, err),
                    HC_ERR_FORBIDDEN, "");
        house_assert_audited("authz_fail", all[i]);
    }
    HOUSE_FAILS(make(house.guest, sketch("ok@example.com", "N", HC_USER_ROLE_BUYER), other_password, err),
                HC_ERR_UNAUTHENTICATED, "");
    house_assert_unchanged_since(before);
}
END_TEST

/* A04 */
START_TEST(an_address_is_known_once_however_it_is_written)
{
    static const char *const same[] = {"bea@example.com", "BEA@Example.COM", " bea@example.com ", "Bea@example.com"};
    hc_user *edit;
    snapshot before = house_snapshot();

    for (size_t i = 0; i < 4; i++) {
        HOUSE_FAILS(make(house.admin, sketch(same[i], "Twin", 1), other_password, err), HC_ERR_CONFLICT, "email");
        edit = edit_of(house.ana_id);
        hc_user_set_email(edit, same[i]);
        HOUSE_FAILS(change(house.ana, edit, err), HC_ERR_CONFLICT, "email");
    }
    house_assert_unchanged_since(before);
}
END_TEST

/* P14 */
START_TEST(a_user_is_made_once_by_key)
{
    hc_id first, second;
    hc_user *user = sketch("once@example.com", "Once", 1);

    HOUSE_OK(hc_session_set_idempotency_key(house.admin, "u", err));
    HOUSE_OK(hc_user_create(&first, house.admin, user, other_password, strlen(other_password), err));
    HOUSE_OK(hc_session_set_idempotency_key(house.admin, "u", err));
    ck_assert_int_eq(hc_user_create(&second, house.admin, user, other_password, strlen(other_password), NULL),
                     HC_NOTE_REPLAYED);
    ck_assert_mem_eq(&first, &second, sizeof first);
    hc_user_free(user);
}
END_TEST

/* ---- read ---- */

/* A19 */
START_TEST(others_see_an_agents_card_and_nothing_more)
{
    hc_session *const others[] = {house.guest, house.bea, house.ben};
    hc_user *edit = edit_of(house.ana_id), *row;

    hc_user_set_phone(edit, "+15125550101");
    HOUSE_OK(change(house.ana, edit, err));
    for (size_t i = 0; i < 3; i++) {
        hc_text *json = NULL;
        hc_user_page *page = NULL;
        row = read_user(others[i], house.ana_id);
        ck_assert_str_eq(hc_user_full_name(row), "Ana Agent");
        ck_assert_int_eq(hc_user_role(row), HC_USER_ROLE_AGENT);
        ck_assert_ptr_null(hc_user_email(row));
        ck_assert_ptr_null(hc_user_phone(row));
        ck_assert_int_eq(hc_user_is_null(row, HC_USER_LAST_LOGIN_AT), 1);
        ck_assert_int_eq(hc_user_is_null(row, HC_USER_STATUS), 1);
        HOUSE_OK(hc_user_to_json(&json, row, err));
        ck_assert_ptr_null(strstr(hc_text_data(json), "example.com"));
        ck_assert_ptr_null(strstr(hc_text_data(json), "argon2"));
        ck_assert_ptr_null(strstr(hc_text_data(json), "5550101"));
        ck_assert_ptr_null(strstr(hc_text_data(json), "password"));
        ck_assert_ptr_null(strstr(hc_text_data(json), "epoch"));
        hc_text_free(json);
        hc_user_free(row);
        HOUSE_OK(hc_user_get_many(&page, others[i], (hc_id[]){house.bea_id, house.ana_id, house.admin_id}, 3, err));
        ck_assert_uint_eq(hc_user_page_count(page), others[i] == house.bea ? 2 : 1);
        row = NULL;
        for (size_t k = 0; k < hc_user_page_count(page); k++) {
            hc_id id = hc_user_id(hc_user_page_at(page, k));
            ck_assert_int_eq(hc_user_email(hc_user_page_at(page, k)) == NULL,
                             memcmp(&id, &house.ana_id, sizeof id) == 0);
        }
        hc_user_page_free(page);
    }
    row = read_user(house.ana, house.ana_id);
    ck_assert_str_eq(hc_user_email(row), "ana@example.com");
    ck_assert_str_eq(hc_user_phone(row), "+15125550101");
    hc_user_free(row);
    row = read_user(house.admin, house.ana_id);
    ck_assert_str_eq(hc_user_phone(row), "+15125550101");
    hc_user_free(row);
}
END_TEST

/* A19 */
START_TEST(buyers_and_admins_are_nobodys_business)
{
    hc_id hidden[] = {house.bea_id, house.admin_id};
    hc_session *const others[] = {house.guest, house.ana, house.ben};

    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 2; k++) {
            hc_user *row = (hc_user *)1;
            (void)house_snapshot();
            HOUSE_FAILS(hc_user_get(&row, others[i], hidden[k], err), HC_ERR_NOT_FOUND, "id");
            ck_assert_ptr_null(row);
            house_assert_audited("authz_fail", others[i]);
        }
}
END_TEST

static hc_user_page *list(hc_session *as, int32_t scope, const char *filter, const char *fields, hc_status want)
{
    hc_query *query = NULL;
    hc_user_page *page = NULL;
    hc_error why = {0};
    hc_status status;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_USER, err));
    HOUSE_OK(hc_query_set_scope(query, scope, err));
    HOUSE_OK(hc_query_set_filter(query, filter, err));
    HOUSE_OK(hc_query_set_fields(query, fields, err));
    status = hc_user_list(&page, as, query, &why);
    ck_assert_msg(status == want, "%s: %s: %s %s", filter, hc_status_name(status), why.field, why.message);
    ck_assert_int_eq(page != NULL, status >= 0);
    hc_query_free(query);
    return page;
}

/* A19 Z10 */
START_TEST(no_filter_finds_the_address_of_a_card)
{
    static const char *const filters[] = {"email eq 'ana@example.com'", "startswith(email,'a')", "status eq 'active'",
                                          "not (email eq 'x')", "role eq 'agent' and contains(email,'ana')"};
    hc_session *const others[] = {house.guest, house.bea, house.ben, house.admin};
    hc_user_page *page;

    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        for (size_t k = 0; k < 3; k++) {
            (void)house_snapshot();
            page = list(others[k], HC_SCOPE_PUBLIC, filters[i], NULL, HC_ERR_FORBIDDEN);
            house_assert_audited("authz_fail", others[k]);
        }
        page = list(house.admin, HC_SCOPE_ALL, filters[i], NULL, HC_OK);
        ck_assert_uint_gt(hc_user_page_count(page), 0);
        hc_user_page_free(page);
        page = list(house.ana, HC_SCOPE_OWN, filters[i], NULL, HC_OK);
        ck_assert_uint_eq(hc_user_page_count(page), 1);
        hc_user_page_free(page);
    }
    page = list(house.bea, HC_SCOPE_PUBLIC, "role eq 'agent'", "id,email,full_name", HC_OK);
    ck_assert_uint_eq(hc_user_page_count(page), 2);
    ck_assert_ptr_null(hc_user_email(hc_user_page_at(page, 0)));
    hc_user_page_free(page);
    page = list(house.bea, HC_SCOPE_OWN, "", "email", HC_OK);
    ck_assert_str_eq(hc_user_email(hc_user_page_at(page, 0)), "bea@example.com");
    hc_user_page_free(page);
}
END_TEST

/* ---- update ---- */

/* A03 */
START_TEST(nobody_raises_themselves)
{
    hc_session *const all[] = {house.bea, house.ana};
    hc_id ids[] = {house.bea_id, house.ana_id};

    for (size_t i = 0; i < 2; i++) {
        snapshot before = house_snapshot();
        hc_user *edit = edit_of(ids[i]);
        hc_user_set_role(edit, HC_USER_ROLE_ADMIN);
        HOUSE_FAILS(change(all[i], edit, err), HC_ERR_FORBIDDEN, "role");
        house_assert_audited("input_validation_fail", all[i]);
        edit = edit_of(ids[i]);
        hc_user_set_email_verified_at(edit, house_now());
        HOUSE_FAILS(change(all[i], edit, err), HC_ERR_FORBIDDEN, "email_verified_at");
        edit = edit_of(ids[i]);
        hc_user_set_status(edit, HC_USER_STATUS_ACTIVE);
        HOUSE_FAILS(change(all[i], edit, err), HC_ERR_FORBIDDEN, "status");
        house_assert_unchanged_since(before);
    }
}
END_TEST

START_TEST(one_changes_oneself)
{
    hc_user *edit = edit_of(house.bea_id), *row;
    int32_t version = hc_user_version(edit);

    hc_user_set_full_name(edit, "Bea B. Buyer");
    hc_user_set_phone(edit, "+15125550102");
    HOUSE_OK(change(house.bea, edit, err));
    house_assert_audited("user_updated", house.bea);
    row = read_user(house.bea, house.bea_id); /* and is still signed in */
    ck_assert_int_eq(hc_user_version(row), version + 1);
    ck_assert_str_eq(hc_user_full_name(row), "Bea B. Buyer");
    hc_user_free(row);
    edit = edit_of(house.bea_id);
    hc_user_set_null(edit, HC_USER_PHONE);
    HOUSE_OK(change(house.bea, edit, err));
    edit = edit_of(house.bea_id);
    hc_user_set_null(edit, HC_USER_EMAIL);
    HOUSE_FAILS(change(house.bea, edit, err), HC_ERR_INVALID, "email");
    edit = edit_of(house.bea_id);
    hc_user_set_null(edit, 2); /* the hash has no name */
    ck_assert_int_lt(change(house.bea, edit, NULL), 0);
    edit = edit_of(house.bea_id);
    hc_user_set_full_name(edit, "Bea B. Buyer");
    ck_assert_int_eq(change(house.bea, edit, NULL), HC_NOTE_SAME);
}
END_TEST

/* Z02 P12 */
START_TEST(others_do_not_change_one)
{
    snapshot before = house_snapshot();
    hc_user *edit = edit_of(house.ana_id);
    hc_error why = {0};

    hc_user_set_full_name(edit, "Bad Name");
    HOUSE_FAILS(change(house.bea, edit, err), HC_ERR_FORBIDDEN, "");
    edit = edit_of(house.bea_id);
    hc_user_set_full_name(edit, "Bad Name");
    HOUSE_FAILS(change(house.ana, edit, err), HC_ERR_NOT_FOUND, "id");
    edit = edit_of(house.bea_id);
    hc_user_set_full_name(edit, "Bad Name");
    HOUSE_FAILS(change(house.guest, edit, err), HC_ERR_UNAUTHENTICATED, "");
    house_assert_unchanged_since(before);
    edit = hc_user_for(house.client, house.bea_id, 77);
    hc_user_set_full_name(edit, "Bea");
    ck_assert_int_eq(change(house.bea, edit, &why), HC_ERR_CONFLICT);
    ck_assert_int_eq(why.detail, house_sql("SELECT version FROM users WHERE email='bea@example.com'"));
    edit = hc_user_for(house.client, house.bea_id, 0);
    hc_user_set_full_name(edit, "Bea");
    HOUSE_FAILS(change(house.bea, edit, err), HC_ERR_INVALID, "version");
    house_assert_unchanged_since(before);
}
END_TEST

static void verify(hc_id id)
{
    hc_user *edit = edit_of(id);

    hc_user_set_email_verified_at(edit, house_now());
    HOUSE_OK(change(house.admin, edit, err));
}

/* T16 */
START_TEST(another_address_is_not_verified_and_ends_the_sign_ins)
{
    hc_user *edit, *row = NULL;

    verify(house.bea_id);
    edit = edit_of(house.bea_id);
    hc_user_set_email(edit, "bea@example.com"); /* the same */
    ck_assert_int_eq(change(house.bea, edit, NULL), HC_NOTE_SAME);
    edit = edit_of(house.bea_id);
    hc_user_set_email(edit, "Bea@Example.com"); /* the same address, spelled otherwise */
    HOUSE_OK(change(house.bea, edit, err));
    row = read_user(house.bea, house.bea_id);
    ck_assert_int_eq(hc_user_is_null(row, HC_USER_EMAIL_VERIFIED_AT), 0);
    hc_user_free(row);
    edit = edit_of(house.bea_id);
    hc_user_set_email(edit, "bea@example.org");
    HOUSE_OK(change(house.bea, edit, err));
    row = NULL;
    HOUSE_FAILS(hc_user_get(&row, house.bea, house.bea_id, err), HC_ERR_UNAUTHENTICATED, "token");
    row = read_user(house.admin, house.bea_id);
    ck_assert_int_eq(hc_user_is_null(row, HC_USER_EMAIL_VERIFIED_AT), 1);
    hc_user_free(row);
    hc_session_free(house.bea);
    house.bea = house_login("bea@example.org", HOUSE_PASSWORD);
}
END_TEST

START_TEST(an_admin_may_verify_an_address_as_they_set_it)
{
    hc_user *edit = edit_of(house.bea_id), *row;

    hc_user_set_email(edit, "bea@example.net");
    hc_user_set_email_verified_at(edit, house_now() - 5);
    HOUSE_OK(change(house.admin, edit, err));
    row = read_user(house.admin, house.bea_id);
    ck_assert_int_eq(hc_user_email_verified_at(row), house_now() - 5);
    hc_user_free(row);
}
END_TEST

START_TEST(an_old_sign_in_changes_neither_address_nor_role)
{
    hc_user *edit;
    snapshot before;

    house_pass(6 * HOUSE_MINUTE);
    before = house_snapshot();
    edit = edit_of(house.bea_id);
    hc_user_set_email(edit, "other@example.com");
    HOUSE_FAILS(change(house.bea, edit, err), HC_ERR_FORBIDDEN, "email");
    house_assert_audited("authz_fail", house.bea);
    edit = edit_of(house.bea_id);
    hc_user_set_role(edit, HC_USER_ROLE_ADMIN);
    HOUSE_FAILS(change(house.admin, edit, err), HC_ERR_FORBIDDEN, "role");
    house_assert_audited("authz_fail", house.admin);
    house_assert_unchanged_since(before);
    edit = edit_of(house.bea_id);
    hc_user_set_full_name(edit, "Bea");
    HOUSE_OK(change(house.bea, edit, err));
}
END_TEST

/* T14 T16 */
START_TEST(another_role_ends_the_sign_ins)
{
    hc_user *edit = edit_of(house.ben_id), *row = NULL;
    hc_id id;
    hc_property *home = house_sketch("Too late", 1);

    hc_user_set_role(edit, HC_USER_ROLE_BUYER);
    HOUSE_OK(change(house.admin, edit, err));
    house_assert_audited("privilege_permissions_changed", house.admin);
    HOUSE_FAILS(hc_user_get(&row, house.ben, house.ben_id, err), HC_ERR_UNAUTHENTICATED, "token");
    hc_session_free(house.ben);
    house.ben = house_login("ben@example.com", HOUSE_PASSWORD);
    ck_assert_int_eq(hc_session_role(house.ben), HC_ROLE_BUYER);
    HOUSE_FAILS(hc_property_create(&id, house.ben, home, err), HC_ERR_FORBIDDEN, "");
    hc_property_free(home);
    HOUSE_FAILS(hc_user_get(&row, house.guest, house.ben_id, err), HC_ERR_NOT_FOUND, "id"); /* his card is gone too */
}
END_TEST

/* ---- delete ---- */

/* T16 */
START_TEST(a_deleted_user_is_signed_out_and_stays_out)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *again = NULL;
    hc_user *row = NULL, *edit;
    int32_t version = (int32_t)house_sql("SELECT version FROM users WHERE email='bea@example.com'");

    HOUSE_FAILS(hc_user_delete(house.bea, house.bea_id, 0, err), HC_ERR_INVALID, "version");
    HOUSE_FAILS(hc_user_delete(house.bea, house.bea_id, version + 1, err), HC_ERR_CONFLICT, "version");
    HOUSE_OK(hc_user_delete(house.bea, house.bea_id, version, err));
    house_assert_audited("user_archived", house.bea);
    HOUSE_FAILS(hc_user_get(&row, house.bea, house.bea_id, err), HC_ERR_UNAUTHENTICATED, "token");
    login.email = "bea@example.com";
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    HOUSE_FAILS(hc_auth_login(&again, house.guest, &login, err), HC_ERR_UNAUTHENTICATED, "");
    ck_assert_ptr_null(again);
    row = read_user(house.admin, house.bea_id); /* the row stays */
    ck_assert_int_eq(hc_user_status(row), HC_USER_STATUS_DISABLED);
    ck_assert_int_eq(hc_user_delete(house.admin, house.bea_id, hc_user_version(row), NULL), HC_NOTE_SAME);
    hc_user_free(row);
    edit = edit_of(house.bea_id);
    hc_user_set_status(edit, HC_USER_STATUS_ACTIVE);
    HOUSE_OK(change(house.admin, edit, err));
    hc_session_free(house.bea);
    house.bea = house_login("bea@example.com", HOUSE_PASSWORD);
}
END_TEST

START_TEST(who_has_listings_is_kept_and_told_how_many)
{
    int32_t version = (int32_t)house_sql("SELECT version FROM users WHERE email='ana@example.com'");
    snapshot before = house_snapshot();
    hc_error why = {0};

    ck_assert_int_eq(hc_user_delete(house.admin, house.ana_id, version, &why), HC_ERR_INVALID_STATE);
    ck_assert_int_eq(why.detail, 3);
    ck_assert_ptr_nonnull(strstr(why.message, "3"));
    ck_assert_int_eq(hc_user_delete(house.ana, house.ana_id, version, &why), HC_ERR_INVALID_STATE);
    house_assert_unchanged_since(before);
    for (size_t i = 0; i < 3; i++)
        HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[i], 1, err));
    HOUSE_OK(hc_user_delete(house.admin, house.ana_id, version, err));
}
END_TEST

/* A20 */
START_TEST(the_last_admin_stays)
{
    int32_t version = (int32_t)house_sql("SELECT version FROM users WHERE email='ada@example.com'");
    snapshot before = house_snapshot();
    hc_user *edit = edit_of(house.admin_id);
    hc_id second;

    hc_user_set_role(edit, HC_USER_ROLE_BUYER);
    HOUSE_FAILS(change(house.admin, edit, err), HC_ERR_INVALID_STATE, "role");
    edit = edit_of(house.admin_id);
    hc_user_set_status(edit, HC_USER_STATUS_DISABLED);
    HOUSE_FAILS(change(house.system, edit, err), HC_ERR_INVALID_STATE, "role");
    HOUSE_FAILS(hc_user_delete(house.admin, house.admin_id, version, err), HC_ERR_INVALID_STATE, "role");
    house_assert_unchanged_since(before);
    second = house_user("abe@example.com", "Abe Admin", HC_USER_ROLE_ADMIN);
    HOUSE_OK(hc_user_delete(house.admin, second, 1, err));
    edit = edit_of(house.admin_id); /* a disabled admin is none */
    hc_user_set_role(edit, HC_USER_ROLE_BUYER);
    HOUSE_FAILS(change(house.admin, edit, err), HC_ERR_INVALID_STATE, "role");
    house_user("amy@example.com", "Amy Admin", HC_USER_ROLE_ADMIN);
    edit = edit_of(house.admin_id);
    hc_user_set_role(edit, HC_USER_ROLE_BUYER);
    HOUSE_OK(change(house.admin, edit, err));
}
END_TEST

static hc_status to_buyer(hc_session *as, hc_id id, hc_error *err)
{
    hc_user *edit = hc_user_for(house.client, id, 1);

    hc_user_set_role(edit, HC_USER_ROLE_BUYER);
    return change(as, edit, err);
}

struct duel {
    hc_session *one, *other;
    hc_id ones, others;
    hc_status status;
};

static void *strike_back(void *data)
{
    struct duel *duel = data;

    duel->status = to_buyer(duel->other, duel->ones, NULL);
    return NULL;
}

/* What the second sees of the first is not committed yet. */
static hc_status strike(hc_session *as, void *data, hc_error *err)
{
    struct duel *duel = data;
    pthread_t second;
    hc_status status = to_buyer(as, duel->others, err);

    if (status < 0)
        return status;
    ck_assert_int_eq(pthread_create(&second, NULL, strike_back, duel), 0);
    pthread_join(second, NULL);
    return HC_OK;
}

/* A20: of two who take each other's role at once, one keeps it. */
START_TEST(two_admins_do_not_take_each_other_away)
{
    struct duel duel = {.others = house_user("abe@example.com", "Abe Admin", HC_USER_ROLE_ADMIN)};

    duel.ones = house_user("amy@example.com", "Amy Admin", HC_USER_ROLE_ADMIN);
    HOUSE_OK(to_buyer(house.system, house.admin_id, err));
    duel.one = house_login("amy@example.com", HOUSE_PASSWORD);
    duel.other = house_login("abe@example.com", HOUSE_PASSWORD);
    hc_session_set_timeout(duel.other, HOUSE_SECOND / 2); /* it waits for the first */
    HOUSE_OK(hc_session_transact(duel.one, strike, &duel, err));
    ck_assert_int_lt(duel.status, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE role='admin' AND status='active'"), 1);
    hc_session_free(duel.one);
    hc_session_free(duel.other);
}
END_TEST

/* A20 */
START_TEST(no_admin_chooses_a_password_for_a_user)
{
    static const char json[] = "{\"password_hash\":\"$argon2id$v=19$m=64,t=1,p=1$AAAA$BBBB\"}";
    hc_user *edit = edit_of(house.bea_id);
    hc_password_change change_it = HC_PASSWORD_CHANGE_INIT;

    HOUSE_FAILS(hc_user_from_json(edit, json, strlen(json), err), HC_ERR_INVALID, "password_hash");
    hc_user_free(edit);
    change_it.current = HOUSE_PASSWORD;
    change_it.current_size = strlen(HOUSE_PASSWORD);
    change_it.password = other_password;
    change_it.password_size = strlen(other_password);
    ck_assert_int_lt(hc_auth_change_password(house.system, &change_it, NULL), 0); /* only one's own */
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_admin_makes_users_of_any_role);
    tcase_add_test(tcase, what_makes_no_user_writes_nothing);
    tcase_add_test(tcase, nobody_else_makes_users);
    tcase_add_test(tcase, an_address_is_known_once_however_it_is_written);
    tcase_add_test(tcase, a_user_is_made_once_by_key);
    tcase_add_test(tcase, others_see_an_agents_card_and_nothing_more);
    tcase_add_test(tcase, buyers_and_admins_are_nobodys_business);
    tcase_add_test(tcase, no_filter_finds_the_address_of_a_card);
    tcase_add_test(tcase, nobody_raises_themselves);
    tcase_add_test(tcase, one_changes_oneself);
    tcase_add_test(tcase, others_do_not_change_one);
    tcase_add_test(tcase, another_address_is_not_verified_and_ends_the_sign_ins);
    tcase_add_test(tcase, an_admin_may_verify_an_address_as_they_set_it);
    tcase_add_test(tcase, an_old_sign_in_changes_neither_address_nor_role);
    tcase_add_test(tcase, another_role_ends_the_sign_ins);
    tcase_add_test(tcase, a_deleted_user_is_signed_out_and_stays_out);
    tcase_add_test(tcase, who_has_listings_is_kept_and_told_how_many);
    tcase_add_test(tcase, the_last_admin_stays);
    tcase_add_test(tcase, two_admins_do_not_take_each_other_away);
    tcase_add_test(tcase, no_admin_chooses_a_password_for_a_user);
}

int main(void)
{
    return suite_main("api.user.user", fill, house_open, house_close);
}
