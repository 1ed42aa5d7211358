/* How often guests may ask (security.md L02). */
#include "leads.h"

static hc_status try(hc_session *as, hc_id listing, int number, hc_error *error)
{
    char email[40];
    hc_id id;

    snprintf(email, sizeof email, "flood%d@example.com", number);
    house_count(1);
    return send(&id, as, ask(listing, email), error);
}

static hc_session *from(const char *address)
{
    hc_session *guest = NULL;

    HOUSE_OK(hc_session_guest(&guest, house.client, address, err));
    return guest;
}

/* L02: ten an hour from one address, told how long to wait, audited once; what others do is not touched */
START_TEST(one_address_asks_ten_times_an_hour)
{
    hc_session *same[] = {house.guest, from("203.0.113.7"), from("::ffff:203.0.113.7")};
    hc_session *next = from("203.0.113.8");
    hc_error error = {0};
    int64_t audit;

    house_pass(20 * HOUSE_MINUTE);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(try(same[i % 3], house.anas_ids[0], i, NULL), HC_OK);
    house_snapshot();
    ck_assert_int_eq(try(same[0], house.anas_ids[0], 10, &error), HC_ERR_RATE_LIMITED);
    ck_assert_int_eq(error.detail, 40 * HOUSE_MINUTE);
    house_assert_audited("excess_rate_limit_exceeded", NULL);
    audit = count_of("audit_log");
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(try(same[i % 3], nobody, 11 + i, NULL), HC_ERR_RATE_LIMITED);
    ck_assert_int_eq(count_of("audit_log"), audit);
    ck_assert_int_eq(count_of("leads"), 10);
    ck_assert_int_eq(count_of("contacts"), 10);
    ck_assert_int_eq(count_of("lead_touches"), 10);
    ck_assert_int_eq(house_sql("SELECT count FROM rate_limits WHERE scope = 'lead.address'"), 11);
    ck_assert_int_eq(try(next, house.anas_ids[0], 200, NULL), HC_OK);
    ck_assert_int_eq(try(house.bea, house.anas_ids[0], 201, NULL), HC_OK);
    house_pass(40 * HOUSE_MINUTE - 1);
    ck_assert_int_eq(try(same[0], house.anas_ids[0], 202, NULL), HC_ERR_RATE_LIMITED);
    house_pass(1);
    ck_assert_int_eq(try(same[0], house.anas_ids[0], 202, NULL), HC_OK);
    hc_session_free(same[1]);
    hc_session_free(same[2]);
    hc_session_free(next);
}
END_TEST

/* L02: and thirty about one listing, from whatever addresses; rows stay bounded under a flood */
START_TEST(one_listing_is_asked_about_thirty_times_an_hour)
{
    int told = 0;

    for (int i = 0; i < 60; i++) {
        hc_session *guest = guest_at(i + 1);
        hc_status status = try(guest, house.anas_ids[0], i, NULL);
        ck_assert_int_eq(status, i < 30 ? HC_OK : HC_ERR_RATE_LIMITED);
        told += status == HC_OK;
        if (i == 59)
            ck_assert_int_eq(try(guest, house.anas_ids[1], 100, NULL), HC_OK); /* another listing */
        hc_session_free(guest);
    }
    ck_assert_int_eq(told, 30);
    ck_assert_int_eq(count_of("leads"), 31);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event = 'excess_rate_limit_exceeded'"), 1);
}
END_TEST

/* L02: who looks for listings that are there pays for each try, though nothing else of it is written */
START_TEST(what_is_refused_counts_too)
{
    hc_session *guest = from("2001:db8:1:2::5"), *neighbour = from("2001:db8:1:2:ffff::9"),
               *other = from("2001:db8:1:3::5");

    for (int i = 0; i < 10; i++) {
        hc_id listing = {{1}};
        listing.bytes[15] = (uint8_t)i;
        ck_assert_int_eq(try(i % 2 == 0 ? guest : neighbour, listing, i, NULL), HC_ERR_NOT_FOUND);
    }
    ck_assert_int_eq(try(guest, house.anas_ids[0], 10, NULL), HC_ERR_RATE_LIMITED);
    ck_assert_int_eq(try(neighbour, house.anas_ids[0], 10, NULL), HC_ERR_RATE_LIMITED); /* the same /64 */
    ck_assert_int_eq(try(other, house.anas_ids[0], 10, NULL), HC_OK);
    ck_assert_int_eq(count_of("leads"), 1);
    hc_session_free(guest);
    hc_session_free(neighbour);
    hc_session_free(other);
}
END_TEST

START_TEST(sessions_without_an_address_are_one)
{
    hc_session *one = from(NULL), *other = from(NULL);

    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(try(i % 2 == 0 ? one : other, house.anas_ids[0], i, NULL), HC_OK);
    ck_assert_int_eq(try(other, house.anas_ids[0], 10, NULL), HC_ERR_RATE_LIMITED);
    hc_session_free(one);
    hc_session_free(other);
}
END_TEST

/* A repeat by key is the same inquiry, and the limit is the store's: another client counts on. */
START_TEST(repeats_do_not_count_and_processes_share)
{
    hc_client_options options;
    hc_client *second = NULL;
    hc_session *guest = NULL;
    hc_lead *lead = ask(house.anas_ids[0], "gus@example.com");
    hc_id id;

    for (int i = 0; i < 20; i++) {
        HOUSE_OK(hc_session_set_idempotency_key(house.guest, "form-7", err));
        HOUSE_OK(hc_lead_create(&id, NULL, house.guest, lead, err));
    }
    hc_lead_free(lead);
    for (int i = 1; i < 10; i++)
        ck_assert_int_eq(try(house.guest, house.anas_ids[0], i, NULL), HC_OK);
    house_options(&options);
    HOUSE_OK(hc_client_open(&second, &options, err));
    HOUSE_OK(hc_session_guest(&guest, second, "203.0.113.7", err));
    ck_assert_int_eq(try(guest, house.anas_ids[0], 10, NULL), HC_ERR_RATE_LIMITED);
    hc_session_free(guest);
    hc_client_close(second);
}
END_TEST

START_TEST(no_address_is_kept_and_old_windows_are_swept)
{
    ck_assert_int_eq(try(house.guest, house.anas_ids[0], 1, NULL), HC_OK);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM rate_limits WHERE length(subject) = 32"), 2);
    house_pass(2 * HOUSE_DAY);
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND * 10, NULL, err));
    ck_assert_int_eq(count_of("rate_limits"), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, one_address_asks_ten_times_an_hour);
    tcase_add_test(tcase, one_listing_is_asked_about_thirty_times_an_hour);
    tcase_add_test(tcase, what_is_refused_counts_too);
    tcase_add_test(tcase, sessions_without_an_address_are_one);
    tcase_add_test(tcase, repeats_do_not_count_and_processes_share);
    tcase_add_test(tcase, no_address_is_kept_and_old_windows_are_swept);
}

int main(void)
{
    return suite_main("lead.limits", fill, house_open, house_close);
}
