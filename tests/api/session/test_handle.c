/* Handles as a careless host passes them: NULL, of another type, closed; and what a session may be told. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "house.h"

static const hc_id nobody;

static hc_status nothing(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    (void)data;
    (void)err;
    return HC_OK;
}

/* H04 */
START_TEST(no_session_is_misuse)
{
    hc_property *home = NULL;
    hc_property_page *page = NULL;
    hc_user *user = NULL;
    hc_agent *agent = NULL;
    hc_query *query = NULL;
    hc_id id;

    HOUSE_OK(hc_query_parse(&query, house.client, "city eq 'Austin'", NULL, err));
    HOUSE_FAILS(hc_property_get(&home, NULL, house.anas_ids[0], err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_get_many(&page, NULL, house.anas_ids, 1, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_list(&page, NULL, query, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_create(&id, NULL, house.anas_home, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_update(NULL, NULL, house.anas_home, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_delete(NULL, house.anas_ids[0], 1, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_restore(NULL, NULL, house.anas_ids[0], err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_purge(NULL, house.anas_ids[0], err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_user_get(&user, NULL, house.bea_id, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_agent_get(&agent, NULL, house.ana_id, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_session_transact(NULL, nothing, NULL, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_session_transact(house.ana, NULL, NULL, err), HC_ERR_MISUSE, "fn");
    HOUSE_FAILS(hc_session_set_idempotency_key(NULL, "k", err), HC_ERR_MISUSE, "session");
    hc_session_set_timeout(NULL, 1);
    hc_session_set_request_id(NULL, "r");
    hc_session_interrupt(NULL);
    hc_session_free(NULL);
    ck_assert_int_eq(hc_session_role(NULL), HC_ROLE_GUEST);
    ck_assert_ptr_null(hc_session_token(NULL));
    id = hc_session_user_id(NULL);
    ck_assert_mem_eq(&id, &nobody, sizeof id);
    hc_query_free(query);
}
END_TEST

/* H04: one handle where another belongs. */
START_TEST(another_handle_is_misuse)
{
    union {
        hc_client *client;
        hc_session *session;
        void *any;
    } wrong;
    hc_property *home = NULL;
    hc_session *as = NULL;

    wrong.client = house.client;
    HOUSE_FAILS(hc_property_get(&home, wrong.session, house.anas_ids[0], err), HC_ERR_MISUSE, "session");
    hc_session_free(wrong.session);
    wrong.session = house.ana;
    HOUSE_FAILS(hc_session_guest(&as, wrong.client, NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_client_migrate(wrong.client, err), HC_ERR_MISUSE, "client");
    hc_client_close(wrong.client);
    ck_assert_ptr_null(hc_property_new(wrong.client));
    HOUSE_OK(hc_property_get(&home, house.ana, house.anas_ids[0], err));
    hc_property_free(home);
}
END_TEST

/* H04 */
START_TEST(no_place_for_the_answer_is_misuse)
{
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_session_guest(NULL, house.client, NULL, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_session_system(NULL, house.client, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_session_open(NULL, house.client, "t", 1, NULL, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_property_create(NULL, house.ana, house.anas_home, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_property_get(NULL, house.ana, house.anas_ids[0], err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_property_get_many(NULL, house.ana, house.anas_ids, 1, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_user_get(NULL, house.ana, house.ana_id, err), HC_ERR_MISUSE, "out");
    house_assert_unchanged_since(before);
}
END_TEST

/* H04: a record that was never made is the lack of memory that made it so. */
START_TEST(no_record_is_no_memory)
{
    snapshot before = house_snapshot();
    hc_id id;

    HOUSE_FAILS(hc_property_create(&id, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(hc_property_update(NULL, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(hc_user_update(NULL, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(hc_user_create(&id, house.admin, NULL, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), err), HC_ERR_NO_MEMORY,
                "");
    hc_property_set_price(NULL, 1);
    hc_property_set_title(NULL, "t");
    ck_assert_ptr_null(hc_property_edit(NULL));
    house_assert_unchanged_since(before);
}
END_TEST

/* P15 */
START_TEST(counts_beyond_four_gib_are_refused)
{
    hc_property_page *page = NULL;
    hc_property *home = hc_property_new(house.client);

    HOUSE_FAILS(hc_property_get_many(&page, house.ana, house.anas_ids, ((size_t)1 << 32) + 1, err), HC_ERR_TOO_LARGE,
                "ids");
    HOUSE_FAILS(hc_property_get_many(&page, house.ana, house.anas_ids, SIZE_MAX, err), HC_ERR_TOO_LARGE, "ids");
    HOUSE_FAILS(hc_property_get_many(&page, house.ana, NULL, 1, err), HC_ERR_MISUSE, "ids");
    ck_assert_ptr_null(page);
    ck_assert_int_lt(hc_property_from_json(home, "{}", ((size_t)1 << 32) + 2, NULL), 0);
    hc_property_free(home);
}
END_TEST

START_TEST(an_address_is_cut_to_its_network)
{
    static const struct {
        const char *given, *kept;
    } addresses[] = {{"203.0.113.77", "203.0.113.0"},
                     {"2001:db8:1:2:3:4:5:6", "2001:db8:1::"},
                     {"::1", "::"},
                     {"::ffff:203.0.113.77", "203.0.113.0"},
                     {"::ffff:cb00:714d", "203.0.113.0"}};
    static const char *const bad[] = {"nonsense",  "203.0.113",       "203.0.113.256", "2001:db8::1::2", "203.0.113.7 ",
                                      "localhost", "203.0.113.7:443", "[::1]",         "fe80::1%eth0"};
    hc_session *as = NULL;
    hc_login login = HC_LOGIN_INIT;
    char sql[256];

    login.email = "nobody@example.com";
    login.password = "";
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        hc_session *out = NULL;

        HOUSE_OK(hc_session_guest(&as, house.client, addresses[i].given, err));
        hc_session_set_request_id(as, addresses[i].given);
        ck_assert_int_eq(hc_auth_login(&out, as, &login, NULL), HC_ERR_UNAUTHENTICATED);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM audit_log WHERE request_id='%s' AND ip='%s'",
                 addresses[i].given, addresses[i].kept);
        ck_assert_msg(house_sql(sql) == 1, "%s", sql);
        hc_session_free(as);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        HOUSE_FAILS(hc_session_guest(&as, house.client, bad[i], err), HC_ERR_INVALID, "address");
    ck_assert_ptr_null(as);
    HOUSE_OK(hc_session_guest(&as, house.client, "", err));
    hc_session_free(as);
}
END_TEST

/* One event, one line: nothing of a request id can end the line or speak to a terminal. */
START_TEST(a_request_id_is_printable_and_short)
{
    hc_session *out = NULL;
    hc_login login = HC_LOGIN_INIT;
    char long_id[200];

    login.email = "nobody@example.com";
    login.password = "";
    memset(long_id, 'r', sizeof long_id);
    long_id[sizeof long_id - 1] = '\0';
    hc_session_set_request_id(house.guest, long_id);
    ck_assert_int_eq(hc_auth_login(&out, house.guest, &login, NULL), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(house_sql("SELECT length(request_id) FROM audit_log ORDER BY pk DESC LIMIT 1"), 64);
    hc_session_set_request_id(house.guest, "req-1\r\nforged: line");
    ck_assert_int_eq(hc_auth_login(&out, house.guest, &login, NULL), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(house_sql("SELECT request_id='req-1' FROM audit_log ORDER BY pk DESC LIMIT 1"), 1);
    hc_session_set_request_id(house.guest, "\x1b[2J");
    ck_assert_int_eq(hc_auth_login(&out, house.guest, &login, NULL), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(house_sql("SELECT request_id IS NULL FROM audit_log ORDER BY pk DESC LIMIT 1"), 1);
}
END_TEST

/* Z12: what cannot be asked about permission is refused, and nothing is given out or written. */
START_TEST(a_policy_that_cannot_be_asked_denies)
{
    hc_property *home = NULL, *changes = hc_property_for(house.client, house.anas_ids[0], 1);
    snapshot before;
    hc_status status;
    hc_id id;

    hc_property_set_title(changes, "Another title");
    house_change("ALTER TABLE agents RENAME TO agents_away");
    before = house_snapshot();
    status = hc_property_create(&id, house.ana, house.anas_home, NULL);
    ck_assert_msg(status < 0 && status != HC_ERR_NOT_FOUND, "%s", hc_status_name(status));
    status = hc_property_update(NULL, house.ana, changes, NULL);
    ck_assert_int_lt(status, 0);
    house_assert_unchanged_since(before);
    house_change("ALTER TABLE agents_away RENAME TO agents");
    house_change("ALTER TABLE sessions RENAME TO sessions_away");
    before = house_snapshot();
    status = hc_property_get(&home, house.ana, house.anas_ids[0], NULL);
    ck_assert_int_lt(status, 0);
    ck_assert_ptr_null(home);
    status = hc_property_update(NULL, house.ana, changes, NULL);
    ck_assert_int_lt(status, 0);
    house_assert_unchanged_since(before);
    house_change("ALTER TABLE sessions_away RENAME TO sessions");
    HOUSE_OK(hc_property_update(NULL, house.ana, changes, err));
    hc_property_free(changes);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, no_session_is_misuse);
    tcase_add_test(tcase, another_handle_is_misuse);
    tcase_add_test(tcase, no_place_for_the_answer_is_misuse);
    tcase_add_test(tcase, no_record_is_no_memory);
    tcase_add_test(tcase, counts_beyond_four_gib_are_refused);
    tcase_add_test(tcase, an_address_is_cut_to_its_network);
    tcase_add_test(tcase, a_request_id_is_printable_and_short);
    tcase_add_test(tcase, a_policy_that_cannot_be_asked_denies);
}

int main(void)
{
    return suite_main("api.session.handle", fill, house_open, house_close);
}
