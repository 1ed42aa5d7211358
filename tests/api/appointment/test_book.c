/* Booking: who gets what, when it may be, and what is taken. */
#include "viewing.h"

viewings v;

/* ---- who ---- */

START_TEST(an_agents_booking_is_scheduled_at_once)
{
    hc_appointment *a = sketch(v.anas, AT(0, 9, 0), 45), *row;
    hc_id id;

    hc_appointment_set_notes(a, "bring the keys");
    hc_appointment_set_method(a, HC_APPOINTMENT_METHOD_VIRTUAL);
    HOUSE_OK(hc_appointment_create(&id, house.ana, a, err));
    hc_appointment_free(a);
    row = read_viewing(house.ana, id);
    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_SCHEDULED);
    ck_assert_int_eq(hc_appointment_scheduled_time(row), AT(0, 9, 0));
    ck_assert_int_eq(hc_appointment_ends_at(row), AT(0, 9, 45));
    ck_assert_int_eq(hc_appointment_method(row), HC_APPOINTMENT_METHOD_VIRTUAL);
    ck_assert_int_eq(hc_appointment_sequence(row), 0);
    ck_assert_int_eq(hc_appointment_version(row), 1);
    ck_assert_str_eq(hc_appointment_notes(row), "bring the keys");
    ck_assert_str_eq(hc_appointment_contact_email(row), "bea@example.com");
    ck_assert_str_eq(hc_appointment_time_zone(row), "UTC");
    ck_assert_int_eq(hc_appointment_is_null(row, HC_APPOINTMENT_HOLD_EXPIRES_AT), 1);
    hc_appointment_free(row);
    row = read_viewing(house.bea, id);
    ck_assert(same_id(hc_appointment_buyer_id(row), house.bea_id));
    ck_assert(same_id(hc_appointment_agent_id(row), house.ana_id));
    ck_assert(same_id(hc_appointment_property_id(row), house.anas_ids[0]));
    ck_assert_ptr_null(hc_appointment_notes(row)); /* the agency's */
    ck_assert_str_eq(hc_appointment_contact_name(row), "Bea Buyer");
    hc_appointment_free(row);
    ck_assert_int_eq(slots_of(id), 9);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='appointment' AND change='created'"), 1);
}
END_TEST

START_TEST(a_buyers_waits_for_the_agent_unless_they_confirm_by_themselves)
{
    hc_id id = book(house.bea, v.anas, AT(0, 9, 0), 0);
    hc_appointment *row = read_viewing(house.bea, id);

    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_PENDING);
    ck_assert_int_eq(hc_appointment_hold_expires_at(row), AT(0, 9, 0)); /* until answered */
    ck_assert_int_eq(hc_appointment_ends_at(row), AT(0, 9, 30));
    hc_appointment_free(row);
    change_agent(house.ana_id, "{\"auto_confirm\":true}");
    id = book(house.bea, v.anas, AT(0, 10, 0), 0);
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_SCHEDULED);
}
END_TEST

START_TEST(guests_without_a_token_book_nothing)
{
    hc_id id;
    snapshot before = house_snapshot();

    HOUSE_FAILS(try_book(&id, house.guest, v.anas, AT(0, 9, 0), 30, err), HC_ERR_UNAUTHENTICATED, "");
    house_assert_audited("authz_fail", NULL);
    house_assert_unchanged_since(before);
}
END_TEST

/* D05, Z01: of another's lead one does not even learn that it is there. */
START_TEST(a_lead_of_another_is_not_found_and_nothing_is_booked)
{
    hc_id id, none = house.bea_id;
    snapshot before = house_snapshot();

    HOUSE_FAILS(try_book(&id, house.ben, v.anas, AT(0, 9, 0), 30, err), HC_ERR_NOT_FOUND, "lead_id");
    house_assert_audited("authz_fail", house.ben);
    HOUSE_FAILS(try_book(&id, house.bea, v.bens, AT(0, 9, 0), 30, err), HC_ERR_NOT_FOUND, "lead_id");
    house_assert_audited("authz_fail", house.bea);
    HOUSE_FAILS(try_book(&id, house.ana, none, AT(0, 9, 0), 30, err), HC_ERR_NOT_FOUND, "lead_id");
    house_assert_unchanged_since(before);
}
END_TEST

/* D05 */
START_TEST(agent_and_listing_are_those_of_the_lead)
{
    struct {
        hc_id agent, property;
        const char *field;
    } bad[] = {{house.ben_id, {{0}}, "agent_id"},
               {house.bea_id, {{0}}, "agent_id"},
               {{{0}}, house.bens_id, "property_id"},
               {{{0}}, house.anas_ids[1], "property_id"},
               {house.ana_id, house.bens_id, "property_id"}};
    hc_session *const all[] = {house.ana, house.bea, house.admin, house.system};
    snapshot before = house_snapshot();
    hc_appointment *a;
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (size_t k = 0; k < 4; k++) {
            a = sketch(v.anas, AT(0, 9, 0), 30);
            if (bad[i].agent.bytes[0] != 0)
                hc_appointment_set_agent_id(a, bad[i].agent);
            if (bad[i].property.bytes[0] != 0)
                hc_appointment_set_property_id(a, bad[i].property);
            HOUSE_FAILS(hc_appointment_create(&id, all[k], a, err), HC_ERR_INVALID, bad[i].field);
            hc_appointment_free(a);
        }
    house_assert_unchanged_since(before);
    a = sketch(v.anas, AT(0, 9, 0), 30);
    hc_appointment_set_agent_id(a, house.ana_id);
    hc_appointment_set_property_id(a, house.anas_ids[0]);
    HOUSE_OK(hc_appointment_create(&id, house.bea, a, err));
    hc_appointment_free(a);
}
END_TEST

START_TEST(a_lead_must_be_open_and_have_an_agent_and_a_listing_that_is_for_sale)
{
    hc_id lead = make_lead(house.bea_id, (hc_id){{0}}, house.anas_ids[0]), id;

    HOUSE_FAILS(try_book(&id, house.bea, lead, AT(0, 9, 0), 30, err), HC_ERR_INVALID_STATE, "lead_id");
    house_sql("UPDATE leads SET status='lost'");
    HOUSE_FAILS(try_book(&id, house.ana, v.anas, AT(0, 9, 0), 30, err), HC_ERR_INVALID_STATE, "lead_id");
    house_sql("UPDATE leads SET status='qualified'");
    change_listing(house.anas_ids[0], "{\"status\":\"pending\"}");
    change_listing(house.anas_ids[0], "{\"status\":\"sold\"}");
    HOUSE_FAILS(try_book(&id, house.ana, v.anas, AT(0, 9, 0), 30, err), HC_ERR_INVALID_STATE, "property_id");
    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(0, 9, 0), 30, err), HC_ERR_INVALID_STATE, "property_id");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointment_slots"), 0);
}
END_TEST

/* A03 */
START_TEST(what_the_library_writes_nobody_sets)
{
    static const char *const bad[][2] = {{"{\"status\":\"scheduled\"}", "status"},
                                         {"{\"buyer_id\":null}", "buyer_id"},
                                         {"{\"sequence\":7}", "sequence"},
                                         {"{\"version\":2}", "version"},
                                         {"{\"hold_expires_at\":null}", "hold_expires_at"},
                                         {"{\"buffer_before\":0}", "buffer_before"},
                                         {"{\"holds_property\":false}", "holds_property"},
                                         {"{\"cancelled_by\":\"agent\"}", "cancelled_by"}};
    hc_appointment *a;
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        a = sketch(v.anas, AT(0, 9, 0), 30);
        HOUSE_FAILS(hc_appointment_from_json(a, bad[i][0], strlen(bad[i][0]), err), HC_ERR_FORBIDDEN, bad[i][1]);
        hc_appointment_free(a);
    }
    a = sketch(v.anas, AT(0, 9, 0), 30);
    hc_appointment_set_notes(a, "the agent is a fool");
    HOUSE_FAILS(hc_appointment_create(&id, house.bea, a, err), HC_ERR_FORBIDDEN, "notes");
    house_assert_audited("input_validation_fail", house.bea);
    hc_appointment_free(a);
}
END_TEST

/* ---- when ---- */

/* D02 */
START_TEST(times_are_on_the_grid_of_a_length_in_the_future_and_near)
{
    const int64_t horizon = HOUSE_START + 180 * HOUSE_DAY;
    struct {
        int64_t start, end;
        const char *field;
    } bad[] = {
        {AT(0, 9, 0) + HOUSE_SECOND, 0, "scheduled_time"},
        {AT(0, 9, 0) + 1, 0, "scheduled_time"},
        {AT(0, 9, 3), AT(0, 9, 33), "scheduled_time"},
        {AT(0, 9, 0), AT(0, 9, 0), "ends_at"},
        {AT(0, 9, 0), AT(0, 8, 55), "ends_at"},
        {AT(0, 9, 0), AT(0, 9, 0) + HOUSE_SECOND, "ends_at"},
        {AT(0, 9, 0), AT(0, 9, 31), "ends_at"},
        {AT(0, 9, 0), AT(0, 17, 5), "ends_at"},
        {AT(0, 9, 0), AT(3650, 9, 0), "ends_at"},
        {HOUSE_START, 0, "scheduled_time"},
        {HOUSE_START - HOUSE_DAY, 0, "scheduled_time"},
        {0, 0, "scheduled_time"},
        {-300 * HOUSE_SECOND, 0, "scheduled_time"},
        {horizon + 5 * HOUSE_MINUTE, 0, "scheduled_time"},
        {INT64_C(253402300500000000), 0, "scheduled_time"},
    };
    hc_session *const all[] = {house.ana, house.admin, house.bea};
    snapshot before = house_snapshot();
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            hc_appointment *a = sketch(v.anas, bad[i].start, 0);
            hc_error why = {0};
            if (bad[i].end != 0)
                hc_appointment_set_ends_at(a, bad[i].end);
            ck_assert_msg(hc_appointment_create(&id, all[k], a, &why) == HC_ERR_INVALID, "%zu", i);
            ck_assert_msg(strcmp(why.field, bad[i].field) == 0, "%zu: %s %s", i, why.field, why.message);
            hc_appointment_free(a);
        }
    house_assert_unchanged_since(before);
    book(house.ana, v.anas, AT(0, 9, 0), 480);
    book(house.ana, v.anas, AT(1, 9, 0), 5);
    book(house.ana, v.anas, horizon, 5);
}
END_TEST

START_TEST(buyers_keep_to_hours_and_notice_and_the_agency_need_not)
{
    hc_id id;

    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(0, 8, 55), 30, err), HC_ERR_INVALID, "scheduled_time");
    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(0, 16, 35), 30, err), HC_ERR_INVALID, "scheduled_time");
    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(5, 9, 0), 30, err), HC_ERR_INVALID, "scheduled_time");
    book(house.bea, v.anas, AT(0, 16, 30), 30);
    book(house.ana, v.anas, AT(0, 3, 0), 30);
    book(house.admin, v.anas, AT(5, 22, 0), 30);
    house_set_time(AT(1, 10, 0));
    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(1, 11, 55), 30, err), HC_ERR_INVALID, "scheduled_time");
    book(house.bea, v.anas, AT(1, 12, 0), 30);
    book(house.ana, v.anas, AT(1, 10, 5), 30);
    change_agent(house.ana_id, "{\"min_notice\":0}");
    book(house.bea, v.anas, AT(1, 10, 35), 30);
    change_agent(house.ana_id, "{\"min_notice\":1440}");
    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(1, 14, 0), 30, err), HC_ERR_INVALID, "scheduled_time");
    book(house.ana, v.anas, AT(1, 14, 0), 30);
    change_agent(house.ana_id, "{\"exceptions\":[{\"date\":\"2025-11-27\",\"hours\":[[\"20:00\",\"21:00\"]]}]}");
    HOUSE_FAILS(try_book(&id, house.bea, v.anas, AT(3, 9, 0), 30, err), HC_ERR_INVALID, "scheduled_time");
    book(house.bea, v.anas, AT(3, 20, 30), 30);
}
END_TEST

/* ---- what is taken ---- */

static int64_t conflict(hc_session *as, hc_id lead, int64_t start, int minutes)
{
    hc_error err = {0};
    hc_id id;
    hc_status status = try_book(&id, as, lead, start, minutes, &err);

    ck_assert_msg(status == HC_ERR_CONFLICT, "%s %s", hc_status_name(status), err.message);
    ck_assert_str_eq(err.field, "scheduled_time");
    return err.detail;
}

/* D02: half-open. */
START_TEST(back_to_back_is_no_overlap_and_five_minutes_are)
{
    book(house.ana, v.anas, AT(0, 10, 0), 60);
    conflict(house.ana, v.anas, AT(0, 10, 0), 60);
    conflict(house.ana, v.anas, AT(0, 9, 5), 60);
    conflict(house.ana, v.anas, AT(0, 10, 55), 60);
    conflict(house.ana, v.anas, AT(0, 10, 20), 5);
    conflict(house.ana, v.anas, AT(0, 9, 0), 480);
    book(house.ana, v.anas, AT(0, 9, 0), 60);
    book(house.ana, v.anas, AT(0, 11, 0), 60);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointment_slots"), 36);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointments"), 3);
}
END_TEST

START_TEST(a_conflict_tells_the_next_time_that_is_free)
{
    book(house.ana, v.anas, AT(0, 9, 0), 60);
    ck_assert_int_eq(conflict(house.bea, v.anas, AT(0, 9, 0), 30), AT(0, 10, 0));
    ck_assert_int_eq(conflict(house.bea, v.anas, AT(0, 9, 30), 30), AT(0, 10, 0));
    book(house.ana, v.anas, AT(0, 10, 0), 420);
    ck_assert_int_eq(conflict(house.bea, v.anas, AT(0, 9, 0), 30), AT(1, 9, 0));
    book(house.ana, v.anas, AT(1, 9, 0), 475); /* leaves five minutes */
    ck_assert_int_eq(conflict(house.ana, v.anas, AT(0, 9, 0), 30), AT(2, 9, 0));
    change_agent(house.ana_id, "{\"working_hours\":{\"sun\":[[\"08:00\",\"09:00\"]]}}");
    ck_assert_int_eq(conflict(house.ana, v.anas, AT(0, 9, 0), 30), AT(6, 8, 0));
    ck_assert_int_eq(conflict(house.ana, v.anas, AT(0, 9, 0), 90), 0); /* never so long */
    change_agent(house.ana_id, "{\"working_hours\":{}}");
    ck_assert_int_eq(conflict(house.ana, v.anas, AT(0, 9, 0), 30), 0);
}
END_TEST

START_TEST(buffers_are_kept_on_both_sides_and_rounded_up)
{
    hc_appointment *row;
    hc_id id;

    change_agent(house.ana_id, "{\"buffer_before\":12,\"buffer_after\":15}");
    id = book(house.ana, v.anas, AT(0, 10, 0), 30);
    ck_assert_int_eq(slots_of(id), 3 + 6 + 3);
    row = read_viewing(house.ana, id);
    ck_assert_int_eq(hc_appointment_buffer_before(row), 12);
    ck_assert_int_eq(hc_appointment_buffer_after(row), 15);
    hc_appointment_free(row);
    conflict(house.ana, v.anas, AT(0, 10, 55), 30); /* 10:43 is in the buffer after */
    conflict(house.ana, v.anas, AT(0, 9, 5), 30);   /* 09:50 is in the buffer before */
    book(house.ana, v.anas, AT(0, 11, 0), 30);      /* 10:45 is where it ends */
    book(house.ana, v.anas, AT(0, 9, 0), 30);
    row = read_viewing(house.bea, id);
    ck_assert_int_eq(hc_appointment_is_null(row, HC_APPOINTMENT_BUFFER_BEFORE), 1);
    hc_appointment_free(row);
}
END_TEST

START_TEST(a_listing_with_exclusive_showings_is_shown_to_one_at_a_time)
{
    hc_id bens_of_anas = make_lead((hc_id){{0}}, house.ben_id, house.anas_ids[0]);
    hc_error err = {0};
    hc_id id;

    book(house.ana, v.anas, AT(0, 9, 0), 30);
    book(house.ben, bens_of_anas, AT(0, 9, 0), 30); /* two agents show it at once */
    change_listing(house.anas_ids[0], "{\"exclusive_showings\":true}");
    id = book(house.ana, v.anas, AT(0, 10, 0), 30);
    ck_assert_int_eq(slots_of(id), 12);
    ck_assert_int_eq(try_book(&id, house.ben, bens_of_anas, AT(0, 10, 0), 30, &err), HC_ERR_CONFLICT);
    ck_assert_int_eq(err.detail, AT(0, 10, 30));
    ck_assert_ptr_nonnull(strstr(err.message, "listing"));
    book(house.ben, v.bens, AT(0, 10, 0), 30);
}
END_TEST

START_TEST(two_viewings_of_one_buyer_at_once_are_told_and_booked)
{
    hc_id lead = make_lead(house.bea_id, house.ben_id, house.bens_id), id;
    hc_error err = {0};

    book(house.bea, v.anas, AT(0, 9, 0), 60);
    ck_assert_int_eq(try_book(&id, house.bea, lead, AT(0, 9, 30), 30, &err), HC_NOTE_BUYER_OVERLAP);
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_PENDING);
    ck_assert_int_eq(try_book(&id, house.bea, lead, AT(0, 10, 0), 30, &err), HC_OK);
}
END_TEST

/* P14 */
START_TEST(a_key_books_once)
{
    hc_appointment *a = sketch(v.anas, AT(0, 9, 0), 30), *other = sketch(v.anas, AT(0, 10, 0), 30);
    hc_id first, second;

    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "once", err));
    HOUSE_OK(hc_appointment_create(&first, house.bea, a, err));
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "once", err));
    ck_assert_int_eq(hc_appointment_create(&second, house.bea, a, NULL), HC_NOTE_REPLAYED);
    ck_assert_mem_eq(&first, &second, sizeof first);
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "once", err));
    HOUSE_FAILS(hc_appointment_create(&second, house.bea, other, err), HC_ERR_CONFLICT, "idempotency_key");
    hc_appointment_free(a);
    hc_appointment_free(other);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointments"), 1);
}
END_TEST

START_TEST(what_is_wrong_with_the_rest_is_told_by_name)
{
    hc_appointment *a = sketch(v.anas, AT(0, 9, 0), 30);
    hc_id id;

    HOUSE_FAILS(hc_appointment_create(&id, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    hc_appointment_set_time_zone(a, "Mars/Olympus");
    HOUSE_FAILS(hc_appointment_create(&id, house.ana, a, err), HC_ERR_INVALID, "time_zone");
    hc_appointment_set_time_zone(a, "../../etc/passwd");
    HOUSE_FAILS(hc_appointment_create(&id, house.ana, a, err), HC_ERR_INVALID, "time_zone");
    hc_appointment_free(a);
    a = hc_appointment_new(house.client);
    hc_appointment_set_lead_id(a, v.anas);
    HOUSE_FAILS(hc_appointment_create(&id, house.ana, a, err), HC_ERR_INVALID, "scheduled_time");
    hc_appointment_free(a);
    a = hc_appointment_new(house.client);
    hc_appointment_set_scheduled_time(a, AT(0, 9, 0));
    HOUSE_FAILS(hc_appointment_create(&id, house.ana, a, err), HC_ERR_INVALID, "lead_id");
    HOUSE_FAILS(hc_appointment_hold(&id, house.ana, a, HOUSE_SECOND, err), HC_ERR_INVALID, "hold");
    hc_appointment_free(a);
}
END_TEST

/* ---- lists ---- */

static void check_list(hc_session *as, int32_t scope, size_t count, const int64_t *times)
{
    hc_appointment_page *page = NULL;
    hc_query *query = NULL;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_APPOINTMENT, err));
    HOUSE_OK(hc_query_set_scope(query, scope, err));
    HOUSE_OK(hc_appointment_list(&page, as, query, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(hc_appointment_scheduled_time(hc_appointment_page_at(page, i)), times[i]);
    hc_appointment_page_free(page);
    hc_query_free(query);
}

START_TEST(lists_are_of_ones_own_and_by_time)
{
    const int64_t times[] = {AT(0, 9, 0), AT(0, 12, 0), AT(1, 9, 0)};
    hc_appointment_page *page = NULL;
    hc_query *query = NULL;

    book(house.ana, v.anas, times[2], 30);
    book(house.bea, v.anas, times[0], 30);
    book(house.ben, v.bens, times[1], 30);
    check_list(house.ana, HC_SCOPE_OWN, 2, (const int64_t[]){times[0], times[2]});
    check_list(house.bea, HC_SCOPE_OWN, 2, (const int64_t[]){times[0], times[2]});
    check_list(house.ben, HC_SCOPE_OWN, 1, &times[1]);
    check_list(house.admin, HC_SCOPE_ALL, 3, times);
    HOUSE_OK(hc_appointment_list(&page, house.bea, NULL, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), 2);
    hc_appointment_page_free(page);
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_APPOINTMENT, err));
    HOUSE_OK(hc_query_set_filter(query, "status eq 'pending' and scheduled_time lt 2025-11-25T00:00:00Z", err));
    HOUSE_OK(hc_appointment_list(&page, house.ana, query, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), 1);
    hc_appointment_page_free(page);
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    HOUSE_FAILS(hc_appointment_list(&page, house.ana, query, err), HC_ERR_FORBIDDEN, "scope");
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_PUBLIC, err));
    HOUSE_FAILS(hc_appointment_list(&page, house.ana, query, err), HC_ERR_FORBIDDEN, "scope");
    hc_query_free(query);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_agents_booking_is_scheduled_at_once);
    tcase_add_test(tcase, a_buyers_waits_for_the_agent_unless_they_confirm_by_themselves);
    tcase_add_test(tcase, guests_without_a_token_book_nothing);
    tcase_add_test(tcase, a_lead_of_another_is_not_found_and_nothing_is_booked);
    tcase_add_test(tcase, agent_and_listing_are_those_of_the_lead);
    tcase_add_test(tcase, a_lead_must_be_open_and_have_an_agent_and_a_listing_that_is_for_sale);
    tcase_add_test(tcase, what_the_library_writes_nobody_sets);
    tcase_add_test(tcase, times_are_on_the_grid_of_a_length_in_the_future_and_near);
    tcase_add_test(tcase, buyers_keep_to_hours_and_notice_and_the_agency_need_not);
    tcase_add_test(tcase, back_to_back_is_no_overlap_and_five_minutes_are);
    tcase_add_test(tcase, a_conflict_tells_the_next_time_that_is_free);
    tcase_add_test(tcase, buffers_are_kept_on_both_sides_and_rounded_up);
    tcase_add_test(tcase, a_listing_with_exclusive_showings_is_shown_to_one_at_a_time);
    tcase_add_test(tcase, two_viewings_of_one_buyer_at_once_are_told_and_booked);
    tcase_add_test(tcase, a_key_books_once);
    tcase_add_test(tcase, what_is_wrong_with_the_rest_is_told_by_name);
    tcase_add_test(tcase, lists_are_of_ones_own_and_by_time);
}

int main(void)
{
    return suite_main("api.appointment.book", fill, open_viewings, house_close);
}
