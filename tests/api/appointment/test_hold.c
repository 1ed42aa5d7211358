/* Holds: a time kept while somebody makes up their mind, and given back when they do not. */
#include "homeconnect/lead.h"
#include "viewing.h"

viewings v;

static hc_id hold(hc_session *as, int64_t start, int64_t micros)
{
    hc_appointment *a = sketch(v.anas, start, 30);
    hc_id id;

    HOUSE_OK(hc_appointment_hold(&id, as, a, micros, err));
    hc_appointment_free(a);
    return id;
}

START_TEST(a_hold_keeps_its_time_for_a_quarter_of_an_hour)
{
    hc_session *const all[] = {house.bea, house.ana, house.admin};
    hc_appointment *row;
    hc_id id;

    for (int i = 0; i < 3; i++) {
        id = hold(all[i], AT(0, 9 + i, 0), 0);
        row = read_viewing(house.ana, id);
        ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_PENDING);
        ck_assert_int_eq(hc_appointment_hold_expires_at(row), HOUSE_START + 15 * HOUSE_MINUTE);
        hc_appointment_free(row);
    }
    HOUSE_FAILS(try_book(&id, house.ana, v.anas, AT(0, 9, 0), 30, err), HC_ERR_CONFLICT, "scheduled_time");
    id = hold(house.ana, HOUSE_START + 10 * HOUSE_MINUTE, 0); /* never beyond its start */
    row = read_viewing(house.ana, id);
    ck_assert_int_eq(hc_appointment_hold_expires_at(row), HOUSE_START + 10 * HOUSE_MINUTE);
    hc_appointment_free(row);
    id = hold(house.bea, AT(0, 15, 0), HOUSE_HOUR);
    house_pass(50 * HOUSE_MINUTE);
    HOUSE_OK(hc_appointment_confirm(NULL, house.ana, id, 1, err));
}
END_TEST

/* It counts as ended at once, whether somebody swept or not. */
START_TEST(who_comes_after_a_hold_ran_out_gets_its_time)
{
    hc_id id = hold(house.bea, AT(0, 9, 0), 0), second;
    hc_slots *slots;
    hc_appointment *row;

    slots = find_slots(house.ana, house.ana_id, AT(0, 9, 0), AT(0, 10, 0), 30, 30);
    ck_assert_uint_eq(hc_slots_count(slots), 1);
    hc_slots_free(slots);
    house_pass(15 * HOUSE_MINUTE);
    slots = find_slots(house.ana, house.ana_id, AT(0, 9, 0), AT(0, 10, 0), 30, 30);
    ck_assert_uint_eq(hc_slots_count(slots), 2);
    hc_slots_free(slots);
    ck_assert_int_eq(slots_of(id), 6);
    HOUSE_FAILS(hc_appointment_confirm(NULL, house.ana, id, 1, err), HC_ERR_INVALID_STATE, "status");
    second = book(house.ana, v.anas, AT(0, 9, 0), 30);
    ck_assert_int_eq(slots_of(id), 0);
    ck_assert_int_eq(slots_of(second), 6);
    row = read_viewing(house.bea, id);
    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_CANCELLED);
    ck_assert_int_eq(hc_appointment_cancelled_by(row), HC_APPOINTMENT_CANCELLED_BY_LIBRARY);
    ck_assert_int_eq(hc_appointment_version(row), 2);
    hc_appointment_free(row);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='appointment' AND change='updated'"), 1);
}
END_TEST

START_TEST(what_ran_out_is_open_to_nobody_who_counts)
{
    hc_id lead = make_lead(house.bea_id, house.ben_id, house.bens_id), id;

    for (int i = 0; i < 10; i++)
        hold(house.bea, AT(0, 9, 0) + i * 45 * HOUSE_MINUTE, HOUSE_MINUTE);
    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(1, 9, 0), 30, err), HC_ERR_INVALID_STATE, "lead_id");
    house_pass(HOUSE_MINUTE);
    /* it speaks for no interest, */
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, v.anas, 1, HC_LEAD_STATUS_QUALIFIED, NULL, err), HC_ERR_INVALID,
                "budget_max");
    /* nor is its buyer elsewhere then, */
    ck_assert_int_eq(try_book(&id, house.bea, lead, AT(0, 9, 0), 30, NULL), HC_OK);
    /* nor does it keep its listing, */
    house_change("UPDATE leads SET status='closed'");
    HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 1, err));
    HOUSE_OK(hc_property_restore(NULL, house.ana, house.anas_ids[0], err));
    house_change("UPDATE leads SET status='new'");
    /* nor take one of ten places. */
    HOUSE_OK(try_book(&id, house.bea, v.anas, AT(1, 9, 0), 30, err));
}
END_TEST

/* P14 */
START_TEST(how_long_is_part_of_what_a_key_asks)
{
    hc_appointment *a = sketch(v.anas, AT(0, 9, 0), 30);
    hc_id first, second;

    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "once", err));
    HOUSE_OK(hc_appointment_hold(&first, house.bea, a, 0, err));
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "once", err));
    ck_assert_int_eq(hc_appointment_hold(&second, house.bea, a, 15 * HOUSE_MINUTE, NULL), HC_NOTE_REPLAYED);
    ck_assert_mem_eq(&first, &second, sizeof first);
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "once", err));
    HOUSE_FAILS(hc_appointment_hold(&second, house.bea, a, HOUSE_HOUR, err), HC_ERR_CONFLICT, "idempotency_key");
    hc_appointment_free(a);
}
END_TEST

START_TEST(the_holds_of_a_listing_end_for_its_other_agents_too)
{
    hc_id lead = make_lead((hc_id){{0}}, house.ben_id, house.anas_ids[0]), id;

    change_listing(house.anas_ids[0], "{\"exclusive_showings\":true}");
    hold(house.bea, AT(0, 9, 0), 0);
    HOUSE_FAILS(try_book(&id, house.ben, lead, AT(0, 9, 0), 30, err), HC_ERR_CONFLICT, "scheduled_time");
    house_pass(15 * HOUSE_MINUTE);
    book(house.ben, lead, AT(0, 9, 0), 30);
}
END_TEST

START_TEST(an_unanswered_request_ends_when_it_would_begin)
{
    hc_id id = book(house.bea, v.anas, AT(0, 9, 0), 30);

    house_set_time(AT(0, 8, 59));
    ck_assert_int_eq(hc_client_run(house.client, HOUSE_SECOND, NULL, NULL), HC_OK);
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_PENDING);
    house_set_time(AT(0, 9, 0));
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, NULL, err));
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_CANCELLED);
}
END_TEST

START_TEST(the_sweeper_ends_what_ran_out_and_nothing_else)
{
    hc_id ran_out[4], kept = hold(house.bea, AT(1, 9, 0), 40 * HOUSE_MINUTE),
                      booked = book(house.ana, v.anas, AT(1, 10, 0), 30);
    int64_t done = 0;

    for (int i = 0; i < 4; i++)
        ran_out[i] = hold(house.bea, AT(0, 9 + i, 0), 0);
    house_pass(20 * HOUSE_MINUTE);
    HOUSE_OK(hc_client_run(house.client, 5 * HOUSE_SECOND, &done, err));
    ck_assert_int_ge(done, 4);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(status_of(ran_out[i]), HC_APPOINTMENT_STATUS_CANCELLED);
        ck_assert_int_eq(slots_of(ran_out[i]), 0);
    }
    ck_assert_int_eq(status_of(kept), HC_APPOINTMENT_STATUS_PENDING);
    ck_assert_int_eq(status_of(booked), HC_APPOINTMENT_STATUS_SCHEDULED);
    ck_assert_int_eq(slots_of(kept) + slots_of(booked), 12);
}
END_TEST

/* D06: the client's clock is the one that counts, also when it steps back. */
START_TEST(a_clock_that_steps_back_gives_no_time_away_twice)
{
    hc_id id = hold(house.bea, AT(0, 9, 0), 0), other, booked = book(house.ana, v.anas, AT(0, 11, 0), 30);

    house_pass(-HOUSE_HOUR);
    HOUSE_FAILS(try_book(&other, house.ana, v.anas, AT(0, 9, 0), 30, err), HC_ERR_CONFLICT, "scheduled_time");
    HOUSE_FAILS(try_book(&other, house.ana, v.anas, AT(0, 11, 0), 30, err), HC_ERR_CONFLICT, "scheduled_time");
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, NULL, err));
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_PENDING);
    HOUSE_OK(hc_appointment_confirm(NULL, house.ana, id, 1, err));
    HOUSE_OK(hc_appointment_reschedule(NULL, house.ana, booked, 1, AT(0, 12, 0), 0, err));
    house_set_time(AT(0, 12, 0));
    HOUSE_OK(hc_appointment_complete(NULL, house.ana, booked, 2, err));
    house_pass(-HOUSE_HOUR); /* what has taken place stays so */
    HOUSE_FAILS(hc_appointment_cancel(NULL, house.ana, booked, 3, NULL, err), HC_ERR_INVALID_STATE, "status");
    house_pass(-3 * HOUSE_HOUR); /* and what has not begun by the clock cannot have taken place */
    HOUSE_FAILS(hc_appointment_complete(NULL, house.ana, id, 2, err), HC_ERR_INVALID_STATE, "scheduled_time");
}
END_TEST

static hc_status look_and_book(hc_session *as, void *data, hc_error *err)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;
    hc_status status;

    search.agent_id = house.ana_id;
    search.from = AT(0, 9, 0);
    search.to = AT(0, 10, 0);
    house_pass(HOUSE_MINUTE); /* it takes its time */
    status = hc_appointment_slots(&slots, as, &search, err);
    if (status >= 0) {
        ck_assert_uint_eq(hc_slots_count(slots), 1);
        status = try_book(data, as, v.anas, hc_slots_start(slots, 0), 30, err);
    }
    hc_slots_free(slots);
    house_pass(-HOUSE_MINUTE); /* it may be called again */
    return status;
}

/* D06: the clock is read once a unit, so that what is shown as free in it can be booked in it. */
START_TEST(a_hold_that_runs_out_in_a_unit_lives_as_long)
{
    hc_id id;

    hold(house.bea, AT(0, 9, 0), HOUSE_MINUTE);
    HOUSE_OK(hc_session_transact(house.ana, look_and_book, &id, err));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_hold_keeps_its_time_for_a_quarter_of_an_hour);
    tcase_add_test(tcase, who_comes_after_a_hold_ran_out_gets_its_time);
    tcase_add_test(tcase, what_ran_out_is_open_to_nobody_who_counts);
    tcase_add_test(tcase, how_long_is_part_of_what_a_key_asks);
    tcase_add_test(tcase, the_holds_of_a_listing_end_for_its_other_agents_too);
    tcase_add_test(tcase, an_unanswered_request_ends_when_it_would_begin);
    tcase_add_test(tcase, the_sweeper_ends_what_ran_out_and_nothing_else);
    tcase_add_test(tcase, a_hold_that_runs_out_in_a_unit_lives_as_long);
    tcase_add_test(tcase, a_clock_that_steps_back_gives_no_time_away_twice);
}

int main(void)
{
    return suite_main("api.appointment.hold", fill, open_viewings, house_close);
}
