/* Signing in: the same answer and the same work whatever is wrong, and what stored hashes may do. */
#include <stdio.h>

#include "house.h"
#include "passwords.h"

#define WRONG "four swallows by the river"

static hc_status log_in(hc_session **out, hc_session *guest, const char *email, const char *password, hc_error *err)
{
    hc_login login = HC_LOGIN_INIT;

    login.email = email;
    login.password = password;
    login.password_size = password == NULL ? 0 : strlen(password);
    return hc_auth_login(out, guest, &login, err);
}

/* One refusal: its error, and that Argon2 ran once with the client's parameters. */
static hc_error refused(const char *email, const char *password)
{
    snapshot before = house_snapshot();
    hc_session *as = house.bea;
    hc_error err = {0};

    (void)argon_runs();
    ck_assert_int_eq(log_in(&as, house.guest, email, password, &err), HC_ERR_UNAUTHENTICATED);
    house_count(1);
    ck_assert_ptr_null(as);
    ck_assert_int_eq(argon_runs(), 1);
    ck_assert_uint_eq(atomic_load(&argon.memory), 64 * 1024);
    ck_assert_uint_eq(atomic_load(&argon.passes), 1);
    house_assert_unchanged_since(before);
    house_assert_audited("authn_login_fail", NULL);
    return err;
}

static void disable(hc_id id)
{
    hc_user *changes = hc_user_for(house.client, id, 1);

    hc_user_set_status(changes, HC_USER_STATUS_DISABLED);
    HOUSE_OK(hc_user_update(NULL, house.admin, changes, err));
    hc_user_free(changes);
}

/* A01 */
START_TEST(every_refusal_looks_and_costs_the_same)
{
    static const char *const unknown[] = {"nobody@example.com",  "no address at all", "",
                                          "\"a b\"@example.com", "bea@example.com.",  "b\r\nea@example.com"};
    hc_error wrong = refused("bea@example.com", WRONG), other;

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        other = refused(unknown[i], WRONG);
        ck_assert_mem_eq(&other, &wrong, sizeof wrong);
    }
    other = refused("bea@example.com", "");
    ck_assert_mem_eq(&other, &wrong, sizeof wrong);
    disable(house.bea_id);
    other = refused("bea@example.com", HOUSE_PASSWORD);
    ck_assert_mem_eq(&other, &wrong, sizeof wrong);
    other = refused("bea@example.com", WRONG);
    ck_assert_mem_eq(&other, &wrong, sizeof wrong);
    ck_assert_str_eq(wrong.field, "");
}
END_TEST

/* A01: what was read for the sign-in before is not looked at again. */
START_TEST(after_somebody_a_malformed_address_is_nobody)
{
    hc_session *as = NULL;
    hc_status first = log_in(&as, house.guest, "bea@example.com", WRONG, NULL);
    hc_status second = log_in(&as, house.guest, "no address at all", HOUSE_PASSWORD, NULL);

    house_count(2);
    ck_assert_int_eq(first, HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(second, HC_ERR_UNAUTHENTICATED);
    ck_assert_ptr_null(as);
    house_assert_audited("authn_login_fail", NULL);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event='authn_login_fail' AND target_id IS NULL"
                               " AND reason='unknown address'"),
                     1);
}
END_TEST

/* A01: what went in is in no message, and the log of refusals says more than the caller is told. */
START_TEST(the_audit_row_says_why_and_for_whom)
{
    refused("bea@example.com", WRONG);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM audit_log WHERE event='authn_login_fail' AND reason='wrong password'"
                  " AND target_id=(SELECT id FROM users WHERE email='bea@example.com')"
                  " AND ip='203.0.113.0'"),
        1);
    refused("nobody@example.com", WRONG);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event='authn_login_fail' AND target_id IS NULL"
                               " AND reason='unknown address'"),
                     1);
}
END_TEST

START_TEST(a_sign_in_and_its_session_keep_the_network)
{
    int64_t before = house_sql("SELECT count(*) FROM sessions WHERE ip='203.0.113.0'");
    hc_session *as = NULL;

    HOUSE_OK(log_in(&as, house.guest, "bea@example.com", HOUSE_PASSWORD, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM sessions WHERE ip='203.0.113.0'"), before + 1);
    HOUSE_FAILS(hc_property_purge(as, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event='authz_fail' AND ip='203.0.113.0'"), 1);
    hc_session_free(as);
}
END_TEST

/* A04 */
START_TEST(an_address_signs_in_in_any_case)
{
    static const char *const spellings[] = {"bea@example.com", "BEA@EXAMPLE.COM", "Bea@Example.Com",
                                            "  bea@example.com "};

    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        hc_session *as = house_login(spellings[i], HOUSE_PASSWORD);
        ck_assert_int_eq(hc_session_role(as), HC_ROLE_BUYER);
        house_assert_audited("authn_login_success", as);
        hc_session_free(as);
    }
}
END_TEST

/* A06: bytes are compared as they are, all of them. */
START_TEST(a_password_is_compared_whole)
{
    hc_session *as = house.bea;
    char longer[sizeof HOUSE_PASSWORD + 1];

    snprintf(longer, sizeof longer, "%s ", HOUSE_PASSWORD);
    refused("bea@example.com", longer);
    longer[0] = 'T';
    longer[sizeof HOUSE_PASSWORD - 1] = '\0';
    refused("bea@example.com", longer);
    HOUSE_FAILS(log_in(&as, house.guest, "bea@example.com", NULL, err), HC_ERR_INVALID, "password");
    ck_assert_ptr_null(as);
}
END_TEST

/* P15 A06 */
START_TEST(a_password_of_four_gib_is_not_read)
{
    static const size_t sizes[] = {1025, (size_t)1 << 20, ((size_t)1 << 32) + sizeof HOUSE_PASSWORD - 1, SIZE_MAX};
    hc_login login = HC_LOGIN_INIT;
    hc_session *as = NULL;

    login.email = "bea@example.com";
    login.password = HOUSE_PASSWORD;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        login.password_size = sizes[i];
        HOUSE_FAILS(hc_auth_login(&as, house.guest, &login, err), HC_ERR_INVALID, "password");
    }
}
END_TEST

/* A11 */
START_TEST(no_memory_is_no_wrong_password)
{
    snapshot before = house_snapshot();
    hc_session *as = NULL;
    int64_t failures = house_sql("SELECT count(*) FROM audit_log");

    (void)argon_runs();
    atomic_store(&argon.starve_at, 1);
    HOUSE_FAILS(log_in(&as, house.guest, "bea@example.com", HOUSE_PASSWORD, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(log_in(&as, house.guest, "nobody@example.com", HOUSE_PASSWORD, err), HC_ERR_NO_MEMORY, "");
    ck_assert_ptr_null(as);
    house_assert_unchanged_since(before);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log"), failures);
    atomic_store(&argon.starve_at, 0);
    as = house_login("bea@example.com", HOUSE_PASSWORD);
    hc_session_free(as);
}
END_TEST

static void plant(const char *hash)
{
    char sql[512];

    snprintf(sql, sizeof sql, "UPDATE users SET password_hash='%s' WHERE email='bea@example.com'", hash);
    ck_assert_int_eq(house_change(sql), 1);
}

/* A12; A01: at the price of any other refusal. */
START_TEST(a_hash_that_asks_for_the_moon_is_refused)
{
#define TAIL "$c29tZXNhbHRzb21lc2FsdA$8wVTpXkQZ2tyLVqaJ4eeLzqpuYSX1ujGZrTLTZp5Q8E"
    static const char *const hashes[] = {
        "$argon2id$v=19$m=4194304,t=3,p=1" TAIL,
        "$argon2id$v=19$m=262145,t=3,p=1" TAIL,
        "$argon2id$v=19$m=64,t=11,p=1" TAIL,
        "$argon2id$v=19$m=64,t=1,p=2" TAIL,
        "$argon2id$v=19$m=64,t=4294967297,p=1" TAIL,
        "$argon2i$v=19$m=64,t=1,p=1" TAIL,
        "$2b$12$abcdefghijklmnopqrstuv",
        "three swallows by the river",
        "$argon2id$v=19$m=64,t=1,p=1$c29t$8wVT",
        "$argon2id$v=19$m=064,t=1,p=1" TAIL,
    };
    hc_session *as = NULL;

    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        snapshot before;

        plant(hashes[i]);
        before = house_snapshot();
        (void)argon_runs();
        HOUSE_FAILS(log_in(&as, house.guest, "bea@example.com", HOUSE_PASSWORD, err), HC_ERR_CORRUPT, "password_hash");
        ck_assert_ptr_null(as);
        ck_assert_int_eq(argon_runs(), 1);
        ck_assert_uint_eq(atomic_load(&argon.memory), 64 * 1024);
        ck_assert_uint_eq(atomic_load(&argon.passes), 1);
        house_assert_unchanged_since(before);
        house_assert_audited("authn_login_fail", NULL);
    }
    atomic_store(&argon.starve_at, 1); /* and no lack of memory hides what is wrong */
    HOUSE_FAILS(log_in(&as, house.guest, "bea@example.com", HOUSE_PASSWORD, err), HC_ERR_CORRUPT, "password_hash");
}
END_TEST

static hc_client *with_memory(const char *kib, hc_session **guest)
{
    hc_client_options options;
    hc_client *client = NULL;

    house_options(&options);
    setenv("HC_TEST_ARGON_KIB", kib, 1);
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_guest(guest, client, NULL, err));
    return client;
}

#define STORED                                                                                                         \
    "SELECT count(*) FROM users WHERE email='bea@example.com' AND password_hash LIKE '$argon2id$v=19$m=%s,%%'"

static int64_t stored_with(const char *kib)
{
    char sql[256];

    snprintf(sql, sizeof sql, STORED, kib);
    return house_sql(sql);
}

/* A13 */
START_TEST(an_old_hash_is_made_anew_at_sign_in)
{
    hc_session *guest = NULL, *as = NULL;
    hc_client *client = with_memory("128", &guest);

    house_pass(HOUSE_MINUTE);
    (void)argon_runs();
    HOUSE_OK(log_in(&as, guest, "bea@example.com", HOUSE_PASSWORD, err));
    ck_assert_int_eq(argon_runs(), 2);
    ck_assert_int_eq(stored_with("128"), 1);
    ck_assert_int_eq(house_sql("SELECT last_login_at FROM users WHERE email='bea@example.com'"), house_now());
    hc_session_free(as);
    HOUSE_OK(log_in(&as, guest, "bea@example.com", HOUSE_PASSWORD, err));
    ck_assert_int_eq(argon_runs(), 1); /* it is of this client's parameters now */
    hc_session_free(as);
    ck_assert_int_eq(log_in(&as, guest, "bea@example.com", WRONG, NULL), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(stored_with("128"), 1);
    hc_session_free(guest);
    hc_client_close(client);
}
END_TEST

/* A13 */
START_TEST(a_hash_that_cannot_be_made_anew_stays)
{
    hc_session *guest = NULL, *as = NULL;
    hc_client *client = with_memory("128", &guest);

    (void)argon_runs();
    atomic_store(&argon.starve_at, 2);
    HOUSE_OK(log_in(&as, guest, "bea@example.com", HOUSE_PASSWORD, err));
    ck_assert_int_eq(argon_runs(), 2);
    ck_assert_int_eq(stored_with("64"), 1);
    hc_session_free(as);
    hc_session_free(guest);
    hc_client_close(client);
}
END_TEST

/* H04 */
START_TEST(only_a_guest_signs_in)
{
    snapshot before = house_snapshot();
    hc_session *as = house.ben;
    hc_login login = HC_LOGIN_INIT;

    HOUSE_FAILS(log_in(&as, house.bea, "ana@example.com", HOUSE_PASSWORD, err), HC_ERR_FORBIDDEN, "session");
    ck_assert_ptr_null(as);
    HOUSE_FAILS(log_in(&as, house.system, "ana@example.com", HOUSE_PASSWORD, err), HC_ERR_FORBIDDEN, "session");
    HOUSE_FAILS(log_in(&as, NULL, "ana@example.com", HOUSE_PASSWORD, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(log_in(NULL, house.guest, "ana@example.com", HOUSE_PASSWORD, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_auth_login(&as, house.guest, NULL, err), HC_ERR_INVALID, "login");
    login.struct_size = 3;
    HOUSE_FAILS(hc_auth_login(&as, house.guest, &login, err), HC_ERR_INVALID, "login");
    house_assert_unchanged_since(before);
}
END_TEST

/* A sign-in ends by itself after 60 days, whatever its token says. */
START_TEST(a_sign_in_does_not_last_for_ever)
{
    hc_user *me = NULL;

    house_pass(60 * HOUSE_DAY - HOUSE_SECOND);
    HOUSE_OK(hc_user_get(&me, house.bea, house.bea_id, err));
    hc_user_free(me);
    house_pass(HOUSE_SECOND);
    HOUSE_FAILS(hc_user_get(&me, house.bea, house.bea_id, err), HC_ERR_UNAUTHENTICATED, "token");
}
END_TEST

static size_t everybody(hc_client *client, hc_session *system)
{
    hc_query *query;
    hc_user_page *page;
    size_t count;

    HOUSE_OK(hc_query_new(&query, client, HC_KIND_USER, err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    HOUSE_OK(hc_user_list(&page, system, query, err));
    count = hc_user_page_count(page);
    hc_user_page_free(page);
    hc_query_free(query);
    return count;
}

/* ASVS 6.3.2: no default accounts. */
START_TEST(a_new_store_has_nobody_in_it)
{
    hc_client_options options;
    hc_client *client;
    hc_session *system;

    house_options(&options);
    options.storage_uri = "sqlite::memory:";
    options.document_uri = options.key_file = NULL;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_system(&system, client, err));
    ck_assert_uint_eq(everybody(client, system), 0);
    ck_assert_uint_eq(everybody(house.client, house.system), 4);
    hc_session_free(system);
    hc_client_close(client);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_new_store_has_nobody_in_it);
    tcase_add_test(tcase, every_refusal_looks_and_costs_the_same);
    tcase_add_test(tcase, after_somebody_a_malformed_address_is_nobody);
    tcase_add_test(tcase, the_audit_row_says_why_and_for_whom);
    tcase_add_test(tcase, a_sign_in_and_its_session_keep_the_network);
    tcase_add_test(tcase, an_address_signs_in_in_any_case);
    tcase_add_test(tcase, a_password_is_compared_whole);
    tcase_add_test(tcase, a_password_of_four_gib_is_not_read);
    tcase_add_test(tcase, no_memory_is_no_wrong_password);
    tcase_add_test(tcase, a_hash_that_asks_for_the_moon_is_refused);
    tcase_add_test(tcase, an_old_hash_is_made_anew_at_sign_in);
    tcase_add_test(tcase, a_hash_that_cannot_be_made_anew_stays);
    tcase_add_test(tcase, only_a_guest_signs_in);
    tcase_add_test(tcase, a_sign_in_does_not_last_for_ever);
}

int main(void)
{
    return suite_main("api.auth.login", fill, house_open, house_close);
}
