/* Moves: confirm, decline, reschedule, cancel, complete, nobody came; and notes. */
#include "viewing.h"

viewings v;

static hc_id pending(void)
{
    return book(house.bea, v.anas, AT(1, 9, 0), 60);
}

/* ---- confirm and decline ---- */

START_TEST(the_agent_confirms_what_the_buyer_asked_for)
{
    hc_id id = pending();
    hc_appointment *row;
    int32_t version = 0;

    HOUSE_FAILS(hc_appointment_confirm(&version, house.bea, id, 1, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.bea);
    HOUSE_FAILS(hc_appointment_confirm(&version, house.guest, id, 1, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_appointment_confirm(&version, house.ben, id, 1, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_appointment_confirm(&version, house.ana, id, 2, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_appointment_confirm(&version, house.ana, id, 0, err), HC_ERR_INVALID, "version");
    HOUSE_OK(hc_appointment_confirm(&version, house.ana, id, 1, err));
    ck_assert_int_eq(version, 2);
    row = read_viewing(house.ana, id);
    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_SCHEDULED);
    ck_assert_int_eq(hc_appointment_is_null(row, HC_APPOINTMENT_HOLD_EXPIRES_AT), 1);
    ck_assert_int_eq(hc_appointment_sequence(row), 0);
    hc_appointment_free(row);
    ck_assert_int_eq(slots_of(id), 12);
    ck_assert_int_eq(hc_appointment_confirm(&version, house.ana, id, 1, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(version, 2);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='appointment'"), 2);
}
END_TEST

START_TEST(what_is_declined_is_free_again_and_stays_declined)
{
    hc_id id = pending();
    hc_appointment *row;

    HOUSE_FAILS(hc_appointment_decline(NULL, house.bea, id, 1, NULL, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_appointment_decline(NULL, house.ana, id, 1, "", err), HC_ERR_INVALID, "reason");
    HOUSE_OK(hc_appointment_decline(NULL, house.ana, id, 1, "no more showings", err));
    row = read_viewing(house.bea, id);
    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_DECLINED);
    ck_assert_str_eq(hc_appointment_cancel_reason(row), "no more showings");
    ck_assert_int_eq(hc_appointment_cancelled_by(row), HC_APPOINTMENT_CANCELLED_BY_AGENT);
    hc_appointment_free(row);
    ck_assert_int_eq(slots_of(id), 0);
    HOUSE_FAILS(hc_appointment_confirm(NULL, house.ana, id, 2, err), HC_ERR_INVALID_STATE, "status");
    HOUSE_FAILS(hc_appointment_cancel(NULL, house.ana, id, 2, NULL, err), HC_ERR_INVALID_STATE, "status");
    ck_assert_int_eq(hc_appointment_decline(NULL, house.ana, id, 2, NULL, NULL), HC_NOTE_SAME);
    id = book(house.ana, v.anas, AT(1, 9, 0), 60);
    HOUSE_FAILS(hc_appointment_decline(NULL, house.ana, id, 1, NULL, err), HC_ERR_INVALID_STATE, "status");
}
END_TEST

/* ---- cancel ---- */

/* D04 */
START_TEST(what_is_cancelled_is_free_in_that_moment_and_cancelling_twice_is_once)
{
    hc_id id = book(house.ana, v.anas, AT(1, 9, 0), 60), second;
    int32_t version = 0;
    hc_appointment *row;

    HOUSE_FAILS(try_book(&second, house.ana, v.anas, AT(1, 9, 30), 60, err), HC_ERR_CONFLICT, "scheduled_time");
    HOUSE_OK(hc_appointment_cancel(&version, house.bea, id, 1, "rain", err));
    ck_assert_int_eq(version, 2);
    second = book(house.ana, v.anas, AT(1, 9, 30), 60);
    ck_assert_int_eq(hc_appointment_cancel(&version, house.bea, id, 1, "rain", NULL), HC_NOTE_SAME);
    ck_assert_int_eq(version, 2);
    ck_assert_int_eq(hc_appointment_cancel(&version, house.ana, id, 7, NULL, NULL), HC_NOTE_SAME);
    row = read_viewing(house.ana, id);
    ck_assert_str_eq(hc_appointment_cancel_reason(row), "rain");
    ck_assert_int_eq(hc_appointment_cancelled_by(row), HC_APPOINTMENT_CANCELLED_BY_BUYER);
    ck_assert_int_eq(hc_appointment_sequence(row), 1);
    hc_appointment_free(row);
    ck_assert_int_eq(slots_of(id), 0);
    ck_assert_int_eq(slots_of(second), 12);
    house_set_time(AT(1, 10, 0));
    HOUSE_FAILS(hc_appointment_complete(NULL, house.ana, id, 2, err), HC_ERR_INVALID_STATE, "status");
    HOUSE_FAILS(hc_appointment_no_show(NULL, house.ana, id, 2, err), HC_ERR_INVALID_STATE, "status");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 2, AT(2, 9, 0), 0, err), HC_ERR_INVALID_STATE, "status");
    HOUSE_FAILS(hc_appointment_confirm(NULL, house.ana, id, 2, err), HC_ERR_INVALID_STATE, "status");
}
END_TEST

/* D04: cancel and book in one unit of work is one change. */
static hc_status swap(hc_session *as, void *data, hc_error *err)
{
    hc_id *ids = data;
    hc_status status = hc_appointment_cancel(NULL, as, ids[0], 1, NULL, err);

    return status < 0 ? status : try_book(&ids[1], as, v.anas, AT(1, 9, 0), 60, err);
}

static hc_status swap_and_fail(hc_session *as, void *data, hc_error *err)
{
    hc_status status = swap(as, data, err);

    return status < 0 ? status : HC_ERR_CANCELLED;
}

START_TEST(cancelling_and_booking_again_is_one_change_in_a_unit_of_work)
{
    hc_id ids[2] = {book(house.ana, v.anas, AT(1, 9, 0), 60)};
    snapshot before = house_snapshot();

    ck_assert_int_eq(hc_session_transact(house.ana, swap_and_fail, ids, NULL), HC_ERR_CANCELLED);
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_session_transact(house.ana, swap, ids, err));
    ck_assert_int_eq(status_of(ids[0]), HC_APPOINTMENT_STATUS_CANCELLED);
    ck_assert_int_eq(status_of(ids[1]), HC_APPOINTMENT_STATUS_SCHEDULED);
}
END_TEST

START_TEST(buyers_change_their_mind_in_time_or_ask_the_agent)
{
    hc_id id = book(house.ana, v.anas, AT(1, 9, 0), 60), open;

    house_set_time(AT(1, 7, 0)); /* two hours before, and not less */
    HOUSE_OK(hc_appointment_reschedule(NULL, house.bea, id, 1, AT(1, 10, 0), 0, err));
    house_set_time(AT(1, 8, 0) + 1);
    HOUSE_FAILS(hc_appointment_cancel(NULL, house.bea, id, 2, NULL, err), HC_ERR_INVALID_STATE, "scheduled_time");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.bea, id, 2, AT(1, 15, 0), 0, err), HC_ERR_INVALID_STATE,
                "scheduled_time");
    open = book(house.bea, v.anas, AT(1, 14, 0), 30); /* pending: nothing was promised yet */
    house_set_time(AT(1, 13, 0));
    HOUSE_OK(hc_appointment_cancel(NULL, house.bea, open, 1, NULL, err));
    id = book(house.ana, v.anas, AT(1, 14, 0), 30);
    HOUSE_FAILS(hc_appointment_cancel(NULL, house.bea, id, 1, NULL, err), HC_ERR_INVALID_STATE, "scheduled_time");
    HOUSE_OK(hc_appointment_cancel(NULL, house.ana, id, 1, NULL, err));
}
END_TEST

/* ---- another time ---- */

START_TEST(a_viewing_is_moved_with_its_time)
{
    hc_id id = book(house.ana, v.anas, AT(1, 9, 0), 60);
    int32_t version = 0;
    hc_appointment *row;

    HOUSE_OK(hc_appointment_reschedule(&version, house.bea, id, 1, AT(2, 10, 0), 0, err));
    row = read_viewing(house.ana, id);
    ck_assert_int_eq(hc_appointment_scheduled_time(row), AT(2, 10, 0));
    ck_assert_int_eq(hc_appointment_ends_at(row), AT(2, 11, 0));
    ck_assert_int_eq(hc_appointment_sequence(row), 1);
    ck_assert_int_eq(hc_appointment_version(row), version);
    hc_appointment_free(row);
    ck_assert_int_eq(slots_of(id), 12);
    book(house.ana, v.anas, AT(1, 9, 0), 60);
    HOUSE_OK(hc_appointment_reschedule(&version, house.ana, id, 2, AT(2, 10, 30), AT(2, 12, 0), err)); /* over itself */
    ck_assert_int_eq(slots_of(id), 18);
    ck_assert_int_eq(hc_appointment_reschedule(&version, house.ana, id, 3, AT(2, 10, 30), 0, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(version, 3);
}
END_TEST

START_TEST(what_cannot_be_moved_stays_where_it_was)
{
    hc_id id = book(house.ana, v.anas, AT(1, 9, 0), 60), other = book(house.ana, v.anas, AT(1, 11, 0), 60);
    hc_error err = {0};
    snapshot before = house_snapshot();

    ck_assert_int_eq(hc_appointment_reschedule(NULL, house.ana, id, 1, AT(1, 10, 30), 0, &err), HC_ERR_CONFLICT);
    ck_assert_str_eq(err.field, "scheduled_time");
    ck_assert_int_eq(err.detail, AT(1, 12, 0));
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 1, AT(1, 9, 1), 0, err), HC_ERR_INVALID,
                "scheduled_time");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 1, AT(1, 9, 0), AT(1, 9, 0), err), HC_ERR_INVALID,
                "ends_at");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 1, HOUSE_START - HOUSE_DAY, 0, err), HC_ERR_INVALID,
                "scheduled_time");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 1, AT(400, 9, 0), 0, err), HC_ERR_INVALID,
                "scheduled_time");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 1, INT64_MIN + 300 * HOUSE_SECOND, 0, err),
                HC_ERR_INVALID, "scheduled_time");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 1, AT(1, 9, 0), INT64_MAX, err), HC_ERR_INVALID,
                "ends_at");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.bea, id, 1, AT(5, 9, 0), 0, err), HC_ERR_INVALID,
                "scheduled_time");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.bea, id, 9, AT(2, 9, 0), 0, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ben, id, 1, AT(2, 9, 0), 0, err), HC_ERR_NOT_FOUND, "id");
    house_assert_unchanged_since(before);
    ck_assert_int_eq(slots_of(other), 12);
    id = book(house.bea, v.anas, AT(3, 9, 0), 60);
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.bea, id, 1, AT(2, 9, 0), 0, err), HC_ERR_INVALID_STATE, "status");
}
END_TEST

/* ---- after it ---- */

START_TEST(it_took_place_or_nobody_came_once_it_has_begun)
{
    hc_id first = book(house.ana, v.anas, AT(1, 9, 0), 60), second = book(house.ana, v.anas, AT(1, 10, 0), 60);
    int32_t version = 0;

    HOUSE_FAILS(hc_appointment_complete(NULL, house.ana, first, 1, err), HC_ERR_INVALID_STATE, "scheduled_time");
    HOUSE_FAILS(hc_appointment_no_show(NULL, house.ana, first, 1, err), HC_ERR_INVALID_STATE, "scheduled_time");
    house_set_time(AT(1, 9, 0));
    HOUSE_FAILS(hc_appointment_complete(NULL, house.bea, first, 1, err), HC_ERR_FORBIDDEN, "");
    HOUSE_OK(hc_appointment_complete(&version, house.ana, first, 1, err));
    ck_assert_int_eq(version, 2);
    ck_assert_int_eq(slots_of(first), 0);
    ck_assert_int_eq(hc_appointment_complete(NULL, house.ana, first, 2, NULL), HC_NOTE_SAME);
    HOUSE_FAILS(hc_appointment_cancel(NULL, house.ana, first, 2, NULL, err), HC_ERR_INVALID_STATE, "status");
    HOUSE_FAILS(hc_appointment_no_show(NULL, house.ana, first, 2, err), HC_ERR_INVALID_STATE, "status");
    house_set_time(AT(1, 10, 30));
    HOUSE_OK(hc_appointment_no_show(NULL, house.admin, second, 1, err));
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.bea, second, 2, AT(2, 9, 0), 0, err), HC_ERR_INVALID_STATE,
                "status");
    HOUSE_OK(hc_appointment_reschedule(&version, house.ana, second, 2, AT(2, 9, 0), 0, err));
    ck_assert_int_eq(status_of(second), HC_APPOINTMENT_STATUS_SCHEDULED);
    ck_assert_int_eq(slots_of(second), 12);
    ck_assert_int_eq(house_sql("SELECT max(sequence) FROM appointments"), 1);
}
END_TEST

/* ---- notes ---- */

START_TEST(notes_are_the_agencys_and_the_rest_is_another_calls)
{
    static const char *const bad[][2] = {{"{\"scheduled_time\":\"2025-11-26T09:00:00Z\"}", "scheduled_time"},
                                         {"{\"ends_at\":\"2025-11-26T09:00:00Z\"}", "ends_at"},
                                         {"{\"lead_id\":null}", "lead_id"},
                                         {"{\"agent_id\":null}", "agent_id"},
                                         {"{\"property_id\":null}", "property_id"},
                                         {"{\"time_zone\":\"Nowhere\"}", "time_zone"}};
    hc_id id = book(house.ana, v.anas, AT(1, 9, 0), 60);
    hc_appointment *edit = hc_appointment_for(house.client, id, 1), *row;
    int32_t version = 0;

    hc_appointment_set_notes(edit, "rings twice");
    hc_appointment_set_contact_phone(edit, "+1 512 555 0100");
    HOUSE_FAILS(hc_appointment_update(NULL, house.bea, edit, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_appointment_update(NULL, house.ben, edit, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(hc_appointment_update(&version, house.ana, edit, err));
    ck_assert_int_eq(version, 2);
    HOUSE_FAILS(hc_appointment_update(NULL, house.ana, edit, err), HC_ERR_CONFLICT, "version");
    hc_appointment_free(edit);
    row = read_viewing(house.ana, id);
    ck_assert_str_eq(hc_appointment_notes(row), "rings twice");
    ck_assert_str_eq(hc_appointment_contact_phone(row), "+1 512 555 0100");
    edit = hc_appointment_edit(row);
    hc_appointment_set_notes(edit, "rings twice");
    ck_assert_int_eq(hc_appointment_update(NULL, house.ana, edit, NULL), HC_NOTE_SAME);
    hc_appointment_free(edit);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        edit = hc_appointment_edit(row);
        HOUSE_OK(hc_appointment_from_json(edit, bad[i][0], strlen(bad[i][0]), err));
        HOUSE_FAILS(hc_appointment_update(NULL, house.admin, edit, err), HC_ERR_INVALID, bad[i][1]);
        hc_appointment_free(edit);
    }
    hc_appointment_free(row);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_agent_confirms_what_the_buyer_asked_for);
    tcase_add_test(tcase, what_is_declined_is_free_again_and_stays_declined);
    tcase_add_test(tcase, what_is_cancelled_is_free_in_that_moment_and_cancelling_twice_is_once);
    tcase_add_test(tcase, cancelling_and_booking_again_is_one_change_in_a_unit_of_work);
    tcase_add_test(tcase, buyers_change_their_mind_in_time_or_ask_the_agent);
    tcase_add_test(tcase, a_viewing_is_moved_with_its_time);
    tcase_add_test(tcase, what_cannot_be_moved_stays_where_it_was);
    tcase_add_test(tcase, it_took_place_or_nobody_came_once_it_has_begun);
    tcase_add_test(tcase, notes_are_the_agencys_and_the_rest_is_another_calls);
}

int main(void)
{
    return suite_main("api.appointment.move", fill, open_viewings, house_close);
}
