/* The host's clock jumps: work goes on, and what ended stays ended. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/appointment.h"
#include "homeconnect/audit.h"
#include "homeconnect/lead.h"
#include "house.h"

#define YEAR_2038 INT64_C(2147483648000000) /* one more second than 31 bits hold */
#define MONDAY    (HOUSE_START + 14 * HOUSE_HOUR)

static hc_status open_token(const char *token, hc_error *err)
{
    hc_session *as = NULL;
    hc_property *row = NULL;
    hc_status status = hc_session_open(&as, house.client, token, strlen(token), NULL, err);

    if (status >= 0)
        status = hc_property_get(&row, as, house.anas_ids[0], err);
    hc_property_free(row);
    hc_session_free(as);
    return status;
}

/* A day's work at the time that it is now. */
static void work(void)
{
    hc_session *as = house_login("ana@example.com", HOUSE_PASSWORD);
    hc_id id = house_list_home(house.system, "Listed at any time", 12345600); /* licences end */
    hc_property *row = house_read(as, id), *edit = hc_property_edit(row);
    int32_t version = 0;

    ck_assert_int_eq(hc_property_created_at(row), house_now());
    hc_property_set_price(edit, 12345700);
    HOUSE_OK(hc_property_update(&version, house.system, edit, err));
    ck_assert_int_eq(version, 2);
    hc_property_free(edit);
    hc_property_free(row);
    HOUSE_OK(open_token(hc_session_token(as), err));
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, NULL, err));
    HOUSE_OK(hc_auth_logout(as, err));
    hc_session_free(as);
}

/* S35 */
START_TEST(work_goes_on_whatever_time_it_is)
{
    const int64_t jumps[] = {HOUSE_HOUR, -HOUSE_HOUR, HOUSE_DAY, -2 * HOUSE_DAY, HOUSE_DAY, 1, -1};

    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        house_pass(jumps[i]);
        work();
    }
    house_set_time(YEAR_2038 - 1000000);
    work();
    house_set_time(YEAR_2038);
    work();
    house_set_time(HOUSE_START + 3650 * HOUSE_DAY);
    work();
    house_set_time(HOUSE_START);
    work();
    house_settle();
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err));
}
END_TEST

/* S35 T15: used is used, not expired. */
START_TEST(a_sign_in_that_ended_does_not_come_back_with_the_time)
{
    char token[1024];

    snprintf(token, sizeof token, "%s", hc_session_token(house.bea));
    HOUSE_OK(open_token(token, err));
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_auth_logout(house.bea, err));
    HOUSE_FAILS(open_token(token, err), HC_ERR_UNAUTHENTICATED, "token");
    house_pass(-HOUSE_MINUTE);
    HOUSE_FAILS(open_token(token, err), HC_ERR_UNAUTHENTICATED, "token");
    house_pass(-HOUSE_DAY);
    HOUSE_FAILS(open_token(token, err), HC_ERR_UNAUTHENTICATED, "token");
    house_set_time(HOUSE_START);
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, NULL, err));
    HOUSE_FAILS(open_token(token, err), HC_ERR_UNAUTHENTICATED, "token");
}
END_TEST

/* S35 T08: it is taken again when the clock is right again. */
START_TEST(a_token_of_a_later_time_is_refused_until_then)
{
    char token[1024];
    hc_session *as;

    house_pass(HOUSE_HOUR);
    as = house_login("bea@example.com", HOUSE_PASSWORD);
    snprintf(token, sizeof token, "%s", hc_session_token(as));
    hc_session_free(as);
    house_pass(-HOUSE_HOUR);
    HOUSE_FAILS(open_token(token, err), HC_ERR_UNAUTHENTICATED, "token");
    house_pass(HOUSE_HOUR);
    HOUSE_OK(open_token(token, err));
}
END_TEST

static hc_appointment *sketch(hc_id lead)
{
    hc_appointment *out = hc_appointment_new(house.client);

    hc_appointment_set_lead_id(out, lead);
    hc_appointment_set_scheduled_time(out, MONDAY + 9 * HOUSE_HOUR);
    hc_appointment_set_ends_at(out, MONDAY + 10 * HOUSE_HOUR);
    return out;
}

/* S35 */
START_TEST(a_hold_that_made_way_does_not_come_back_with_the_time)
{
    hc_lead *record = hc_lead_new(house.client);
    hc_appointment *wanted;
    hc_id lead, held, booked, third;

    hc_lead_set_property_id(record, house.anas_ids[0]);
    HOUSE_OK(hc_lead_create(&lead, NULL, house.bea, record, err));
    hc_lead_free(record);
    wanted = sketch(lead);
    HOUSE_OK(hc_appointment_hold(&held, house.bea, wanted, 0, err));
    house_pass(16 * HOUSE_MINUTE);
    HOUSE_OK(hc_appointment_create(&booked, house.ana, wanted, err));
    house_pass(-HOUSE_HOUR);
    HOUSE_FAILS(hc_appointment_confirm(NULL, house.ana, held, 1, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_appointment_confirm(NULL, house.ana, held, 2, err), HC_ERR_INVALID_STATE, "status");
    HOUSE_FAILS(hc_appointment_create(&third, house.ana, wanted, err), HC_ERR_CONFLICT, "scheduled_time");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointments WHERE status='scheduled'"), 1);
    hc_appointment_free(wanted);
}
END_TEST

static hc_id create_with_key(void)
{
    hc_property *home = house_sketch("Once", 100);
    hc_id id;

    HOUSE_OK(hc_session_set_idempotency_key(house.system, "the key", err));
    HOUSE_OK(hc_property_create(&id, house.system, home, err));
    hc_property_free(home);
    return id;
}

/* S35 S41 */
START_TEST(what_was_done_once_is_not_done_again_because_it_is_earlier)
{
    hc_id first, again;

    first = create_with_key();
    for (int i = 0; i < 3; i++) {
        house_pass(i == 0 ? -HOUSE_DAY : i == 1 ? 2 * HOUSE_HOUR : 45 * HOUSE_HOUR);
        HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, NULL, err));
        again = create_with_key();
        ck_assert_mem_eq(&first, &again, sizeof first);
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='Once'"), 1);
}
END_TEST

static hc_status as_time_jumps(hc_session *as, void *data, hc_error *err)
{
    const int64_t *jump = data;
    hc_property *row = NULL, *changes = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_status status;

    house_pass(*jump);
    hc_property_set_price(changes, 45600000);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    if (status >= 0)
        status = hc_property_get(&row, as, house.anas_ids[0], err);
    hc_property_free(row);
    return status < 0 ? status : HC_ERR_CANCELLED; /* so that the next one finds the same */
}

/* S35 D06: who has a minute has it, whatever the date. */
START_TEST(a_deadline_does_not_come_nearer_because_the_date_jumps)
{
    const int64_t jumps[] = {3650 * HOUSE_DAY, -HOUSE_DAY, YEAR_2038 - HOUSE_START, -HOUSE_HOUR};

    hc_session_set_timeout(house.system, HOUSE_MINUTE);
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        int64_t jump = jumps[i];

        house_set_time(HOUSE_START);
        HOUSE_FAILS(hc_session_transact(house.system, as_time_jumps, &jump, err), HC_ERR_CANCELLED, "");
    }
    house_set_time(HOUSE_START);
    HOUSE_OK(open_token(hc_session_token(house.ana), err));
}
END_TEST

START_TEST(the_harness_finds_a_deadline_that_is_a_date)
{
    ck_assert(
        suite_finds("deadlines-by-date", "a_deadline_does_not_come_nearer_because_the_date_jumps", "HC_ERR_TIMEOUT"));
}
END_TEST

START_TEST(the_harness_finds_a_sign_in_that_comes_back)
{
    ck_assert(suite_finds("forgets-sign-outs", "a_sign_in_that_ended_does_not_come_back_with_the_time", "open_token"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, work_goes_on_whatever_time_it_is);
    tcase_add_test(tcase, a_sign_in_that_ended_does_not_come_back_with_the_time);
    if (house_is_a_file()) /* each engine would say the same */
        tcase_add_test(tcase, the_harness_finds_a_sign_in_that_comes_back);
    tcase_add_test(tcase, a_deadline_does_not_come_nearer_because_the_date_jumps);
    if (getenv("FAKETIME_TIMESTAMP_FILE") != NULL) /* else only the house's clock jumps */
        tcase_add_test(tcase, the_harness_finds_a_deadline_that_is_a_date);
    tcase_add_test(tcase, a_token_of_a_later_time_is_refused_until_then);
    tcase_add_test(tcase, a_hold_that_made_way_does_not_come_back_with_the_time);
    tcase_add_test(tcase, what_was_done_once_is_not_done_again_because_it_is_earlier);
}

int main(void)
{
    return suite_main("api.client.clock", fill, house_open, house_close);
}
