/* Viewings and their leads: the guest's token, and what becomes of viewings when a lead is lost, handed over or merged.
 */
#include "homeconnect/lead.h"
#include "meanwhile.h"
#include "viewing.h"

viewings v;

/* ---- leads through the interface ---- */

static hc_id ask(hc_session *as, const char *email, hc_id property, hc_text **token)
{
    hc_lead *lead = hc_lead_new(house.client);
    hc_id id;

    hc_lead_set_contact_name(lead, "Gus Guest");
    if (email != NULL)
        hc_lead_set_contact_email(lead, email);
    hc_lead_set_property_id(lead, property);
    hc_lead_set_message(lead, "May I see it?");
    HOUSE_OK(hc_lead_create(&id, token, as, lead, err));
    hc_lead_free(lead);
    return id;
}

static hc_session *guest_with_token(const char *email)
{
    hc_text *token = NULL;
    hc_session *as = NULL;

    ask(house.guest, email, house.anas_ids[0], &token);
    ck_assert_ptr_nonnull(token);
    HOUSE_OK(hc_session_lead(&as, house.client, hc_text_data(token), hc_text_size(token), "203.0.113.9", err));
    hc_text_free(token);
    return as;
}

static hc_id bea_asks(void)
{
    return ask(house.bea, NULL, house.anas_ids[0], NULL);
}

static int32_t lead_version(hc_id id)
{
    hc_lead *lead = NULL;
    int32_t version;

    HOUSE_OK(hc_lead_get(&lead, house.system, id, err));
    version = hc_lead_version(lead);
    hc_lead_free(lead);
    return version;
}

static hc_status assign(hc_id lead, hc_id agent, hc_error *err)
{
    return hc_lead_assign(NULL, house.admin, lead, lead_version(lead), agent, NULL, err);
}

static hc_status guest_books(hc_id *out, hc_session *as, int64_t start, hc_error *err)
{
    hc_appointment *a = hc_appointment_new(house.client);
    hc_status status;

    hc_appointment_set_scheduled_time(a, start);
    status = hc_appointment_create(out, as, a, err);
    hc_appointment_free(a);
    return status;
}

/* ---- the guest ---- */

START_TEST(a_guest_books_with_the_token_of_an_inquiry)
{
    hc_session *gus = guest_with_token("gus@example.com");
    hc_appointment *row, *named = sketch(v.anas, AT(0, 10, 0), 30);
    hc_appointment_page *page = NULL;
    hc_id id, other;

    HOUSE_FAILS(hc_appointment_create(&id, gus, named, err), HC_ERR_INVALID, "lead_id");
    hc_appointment_free(named);
    HOUSE_OK(guest_books(&id, gus, AT(0, 9, 0), err));
    row = read_viewing(gus, id);
    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_PENDING);
    ck_assert_int_eq(hc_appointment_hold_expires_at(row), AT(0, 9, 0));
    ck_assert_str_eq(hc_appointment_contact_email(row), "gus@example.com");
    ck_assert_int_eq(hc_appointment_is_null(row, HC_APPOINTMENT_BUYER_ID), 1);
    hc_appointment_free(row);
    HOUSE_OK(hc_appointment_list(&page, gus, NULL, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), 1);
    hc_appointment_page_free(page);
    HOUSE_FAILS(hc_appointment_confirm(NULL, gus, id, 1, err), HC_ERR_UNAUTHENTICATED, "");
    change_agent(house.ana_id, "{\"auto_confirm\":true}"); /* the host then finds out who it is, within 15 minutes */
    HOUSE_OK(guest_books(&other, gus, AT(0, 10, 0), err));
    row = read_viewing(gus, other);
    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_PENDING);
    ck_assert_int_eq(hc_appointment_hold_expires_at(row), HOUSE_START + 15 * HOUSE_MINUTE);
    hc_appointment_free(row);
    HOUSE_OK(hc_appointment_confirm(NULL, house.system, other, 1, err));
    HOUSE_OK(hc_appointment_reschedule(NULL, gus, other, 2, AT(0, 11, 0), 0, err));
    HOUSE_OK(hc_appointment_cancel(NULL, gus, other, 3, NULL, err));
    hc_session_free(gus);
}
END_TEST

/* Z01 */
START_TEST(one_guest_sees_nothing_of_anothers_viewing)
{
    hc_session *gus = guest_with_token("gus@example.com"), *eve = guest_with_token("eve@example.com");
    hc_appointment *row = NULL;
    hc_appointment_page *page = NULL;
    hc_error why = {0};
    hc_id id, other;

    HOUSE_OK(guest_books(&id, gus, AT(0, 9, 0), err));
    HOUSE_FAILS(hc_appointment_get(&row, eve, id, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_appointment_get(&row, house.guest, id, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_appointment_cancel(NULL, eve, id, 1, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(hc_appointment_list(&page, eve, NULL, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), 0);
    hc_appointment_page_free(page);
    ck_assert_int_eq(guest_books(&other, eve, AT(0, 9, 0), &why), HC_ERR_CONFLICT);
    ck_assert_int_eq(why.detail, AT(0, 9, 30)); /* and is offered the next */
    HOUSE_OK(guest_books(&other, eve, why.detail, err));
    hc_session_free(gus);
    hc_session_free(eve);
}
END_TEST

static hc_status book_eleventh(void *data)
{
    hc_id id;

    return guest_books(&id, data, AT(1, 15, 0), NULL);
}

/* What the other sees of this one is not committed yet. */
static hc_status book_tenth(hc_session *as, void *data, hc_error *err)
{
    hc_id id;
    hc_status status = guest_books(&id, as, AT(1, 14, 0), err);

    if (status >= 0)
        ck_assert_int_lt(meanwhile(book_eleventh, data), 0);
    return status;
}

START_TEST(ten_viewings_are_ten_when_two_book_at_once)
{
    hc_text *token = NULL;
    hc_session *as = NULL, *second = NULL; /* of the same token */
    hc_id id;

    ask(house.guest, "gus@example.com", house.anas_ids[0], &token);
    HOUSE_OK(hc_session_lead(&as, house.client, hc_text_data(token), hc_text_size(token), NULL, err));
    HOUSE_OK(hc_session_lead(&second, house.client, hc_text_data(token), hc_text_size(token), NULL, err));
    hc_session_set_timeout(second, HOUSE_SECOND / 2); /* it waits for the first */
    for (int i = 0; i < 9; i++)
        HOUSE_OK(guest_books(&id, as, AT(i / 5, 9 + i % 5, 0), err));
    HOUSE_OK(hc_session_transact(as, book_tenth, second, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointments"), 10);
    HOUSE_FAILS(guest_books(&id, second, AT(2, 9, 0), err), HC_ERR_INVALID_STATE, "lead_id");
    hc_session_free(as);
    hc_session_free(second);
    hc_text_free(token);
}
END_TEST

/* Z01 */
START_TEST(a_page_of_one_inquiry_is_not_gone_on_with_by_another)
{
    hc_session *gus = guest_with_token("gus@example.com"), *eve = guest_with_token("eve@example.com");
    hc_appointment_page *page = NULL, *next = NULL;
    hc_query *query = NULL;
    hc_id id;

    HOUSE_OK(guest_books(&id, gus, AT(0, 9, 0), err));
    HOUSE_OK(guest_books(&id, gus, AT(0, 10, 0), err));
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_APPOINTMENT, err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_OWN, err));
    HOUSE_OK(hc_query_set_limit(query, 1, err));
    HOUSE_OK(hc_appointment_list(&page, gus, query, err));
    HOUSE_OK(hc_query_set_cursor(query, hc_appointment_page_cursor(page), err));
    HOUSE_FAILS(hc_appointment_list(&next, eve, query, err), HC_ERR_INVALID, "cursor");
    HOUSE_FAILS(hc_appointment_list(&next, house.guest, query, err), HC_ERR_INVALID, "cursor");
    HOUSE_OK(hc_appointment_list(&next, gus, query, err));
    ck_assert_uint_eq(hc_appointment_page_count(next), 1);
    hc_appointment_page_free(page);
    hc_appointment_page_free(next);
    hc_query_free(query);
    hc_session_free(gus);
    hc_session_free(eve);
}
END_TEST

/* Z01: a session outlives its token, but opens no more than any guest's. */
START_TEST(a_viewing_is_shown_no_longer_than_the_token_is_good)
{
    hc_session *gus = guest_with_token("gus@example.com");
    hc_appointment *row;
    hc_appointment_page *page = NULL;
    hc_id id;

    house_pass(80 * HOUSE_DAY);
    HOUSE_OK(guest_books(&id, gus, AT(14 * 7, 9, 0), err));
    house_pass(10 * HOUSE_DAY - 1);
    row = read_viewing(gus, id);
    house_pass(1);
    HOUSE_FAILS(hc_appointment_cancel(NULL, gus, id, 1, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, gus, id, 1, AT(14 * 7, 10, 0), 0, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(hc_appointment_list(&page, gus, NULL, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), 0);
    hc_appointment_page_free(page);
    hc_appointment_free(row);
    HOUSE_FAILS(hc_appointment_get(&row, gus, id, err), HC_ERR_NOT_FOUND, "id");
    hc_session_free(gus);
}
END_TEST

/* Z01, Z04: who types a buyer's address learns neither whose lead they met, nor what that buyer has to do when. */
START_TEST(a_guest_who_types_a_buyers_address_learns_nothing_of_them)
{
    hc_id lead = bea_asks(), id;
    hc_session *eve = guest_with_token("bea@example.com");
    hc_appointment *row;
    hc_appointment_page *page = NULL;

    book(house.ben, make_lead(house.bea_id, house.ben_id, house.bens_id), AT(0, 9, 0), 30);
    ck_assert_int_eq(guest_books(&id, eve, AT(0, 9, 0), NULL), HC_OK); /* not HC_NOTE_BUYER_OVERLAP */
    row = read_viewing(house.ana, id);
    ck_assert(same_id(hc_appointment_lead_id(row), lead)); /* they did meet */
    hc_appointment_free(row);
    row = read_viewing(eve, id);
    ck_assert_int_eq(hc_appointment_is_null(row, HC_APPOINTMENT_BUYER_ID), 1);
    ck_assert_int_eq(hc_appointment_is_null(row, HC_APPOINTMENT_LEAD_ID), 1); /* an id tells when it was made */
    hc_appointment_free(row);
    HOUSE_OK(hc_appointment_list(&page, eve, NULL, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), 1);
    ck_assert_int_eq(hc_appointment_is_null(hc_appointment_page_at(page, 0), HC_APPOINTMENT_BUYER_ID), 1);
    ck_assert_int_eq(hc_appointment_is_null(hc_appointment_page_at(page, 0), HC_APPOINTMENT_LEAD_ID), 1);
    hc_appointment_page_free(page);
    HOUSE_FAILS(hc_appointment_get(&row, house.bea, id, err), HC_ERR_NOT_FOUND, "id"); /* nor is it bea's */
    ck_assert_int_eq(hc_appointment_reschedule(NULL, house.system, id, 1, AT(0, 11, 0), 0, NULL),
                     HC_ERR_INVALID_STATE); /* it waits for ana */
    hc_session_free(eve);
}
END_TEST

/* P14: the keys of guests are their own. */
START_TEST(two_guests_may_use_one_key)
{
    hc_session *gus = guest_with_token("gus@example.com"), *eve = guest_with_token("eve@example.com");
    hc_id first, second;

    HOUSE_OK(hc_session_set_idempotency_key(gus, "1", err));
    HOUSE_OK(guest_books(&first, gus, AT(0, 9, 0), err));
    HOUSE_OK(hc_session_set_idempotency_key(eve, "1", err));
    HOUSE_FAILS(guest_books(&second, eve, AT(0, 9, 0), err), HC_ERR_CONFLICT, "scheduled_time");
    HOUSE_OK(hc_session_set_idempotency_key(eve, "1", err));
    HOUSE_OK(guest_books(&second, eve, AT(0, 10, 0), err));
    HOUSE_OK(hc_session_set_idempotency_key(gus, "1", err));
    ck_assert_int_eq(guest_books(&second, gus, AT(0, 9, 0), NULL), HC_NOTE_REPLAYED);
    hc_session_free(gus);
    hc_session_free(eve);
}
END_TEST

START_TEST(a_viewing_answers_its_lead)
{
    hc_id lead = bea_asks();
    hc_lead *row = NULL;

    book(house.ana, lead, AT(0, 9, 0), 30);
    HOUSE_OK(hc_lead_get(&row, house.ana, lead, err));
    ck_assert_int_eq(hc_lead_status(row), HC_LEAD_STATUS_CONTACTED);
    hc_lead_free(row);
}
END_TEST

/* ---- lost ---- */

START_TEST(a_lost_lead_takes_its_future_viewings_along)
{
    hc_lead_move_options lost = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_id lead = bea_asks(), past = book(house.ana, lead, AT(0, 9, 0), 30), asked, future;
    hc_appointment *row;

    asked = book(house.bea, lead, AT(1, 9, 0), 30);
    future = book(house.ana, lead, AT(1, 10, 0), 30);
    house_set_time(AT(0, 12, 0));
    lost.lost_reason = HC_LEAD_LOST_PRICE;
    HOUSE_OK(hc_lead_move(NULL, house.ana, lead, lead_version(lead), HC_LEAD_STATUS_LOST, &lost, err));
    ck_assert_int_eq(status_of(past), HC_APPOINTMENT_STATUS_SCHEDULED); /* it took place, or did not */
    ck_assert_int_eq(status_of(asked), HC_APPOINTMENT_STATUS_CANCELLED);
    ck_assert_int_eq(status_of(future), HC_APPOINTMENT_STATUS_CANCELLED);
    ck_assert_int_eq(slots_of(asked) + slots_of(future), 0);
    row = read_viewing(house.ana, future);
    ck_assert_int_eq(hc_appointment_cancelled_by(row), HC_APPOINTMENT_CANCELLED_BY_AGENT);
    ck_assert_str_eq(hc_appointment_cancel_reason(row), "the lead was lost");
    hc_appointment_free(row);
    HOUSE_FAILS(try_book(&future, house.ana, lead, AT(2, 9, 0), 30, err), HC_ERR_INVALID_STATE, "lead_id");
}
END_TEST

START_TEST(a_withdrawn_lead_cancels_for_its_buyer_and_a_kept_one_does_not)
{
    hc_lead_move_options lost = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_id lead = bea_asks(), id = book(house.ana, lead, AT(1, 9, 0), 30);
    hc_appointment *row;

    HOUSE_OK(hc_lead_withdraw(NULL, house.bea, lead, lead_version(lead), HC_LEAD_LOST_WITHDRAWN, err));
    row = read_viewing(house.bea, id);
    ck_assert_int_eq(hc_appointment_status(row), HC_APPOINTMENT_STATUS_CANCELLED);
    ck_assert_int_eq(hc_appointment_cancelled_by(row), HC_APPOINTMENT_CANCELLED_BY_BUYER);
    hc_appointment_free(row);
    lead = ask(house.bea, NULL, house.anas_ids[1], NULL);
    id = book(house.ana, lead, AT(1, 9, 0), 30);
    lost.lost_reason = HC_LEAD_LOST_OTHER;
    lost.keep_appointments = 1;
    HOUSE_OK(hc_lead_move(NULL, house.ana, lead, lead_version(lead), HC_LEAD_STATUS_LOST, &lost, err));
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_SCHEDULED);
}
END_TEST

/* Who was not there, or should have been, is not asked again once they opted out; what is to come and was kept moves.
 */
START_TEST(a_lost_lead_is_given_no_other_time)
{
    hc_lead_move_options lost = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_id lead = bea_asks(), missed = book(house.ana, lead, AT(0, 9, 0), 30),
          past = book(house.ana, lead, AT(0, 10, 0), 30), kept = book(house.ana, lead, AT(1, 9, 0), 30);

    house_set_time(AT(0, 12, 0));
    HOUSE_OK(hc_appointment_no_show(NULL, house.ana, missed, 1, err));
    lost.lost_reason = HC_LEAD_LOST_OPTED_OUT;
    lost.keep_appointments = 1;
    HOUSE_OK(hc_lead_move(NULL, house.ana, lead, lead_version(lead), HC_LEAD_STATUS_LOST, &lost, err));
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, missed, 2, AT(2, 9, 0), 0, err), HC_ERR_INVALID_STATE,
                "lead_id");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.admin, past, 1, AT(2, 9, 0), 0, err), HC_ERR_INVALID_STATE,
                "lead_id");
    ck_assert_int_eq(slots_of(missed), 0);
    HOUSE_OK(hc_appointment_reschedule(NULL, house.ana, kept, 1, AT(2, 9, 0), 0, err));
}
END_TEST

/* ---- handed over ---- */

/* Z06: in that moment, for all of it. */
START_TEST(viewings_follow_their_lead_to_its_new_agent)
{
    hc_id lead = bea_asks(), id = book(house.ana, lead, AT(1, 9, 0), 30);
    hc_appointment *row = NULL;
    hc_appointment_page *page = NULL;

    change_agent(house.ben_id, "{\"buffer_after\":30}");
    HOUSE_OK(assign(lead, house.ben_id, err));
    HOUSE_FAILS(hc_appointment_get(&row, house.ana, id, err), HC_ERR_NOT_FOUND, "id");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_FAILS(hc_appointment_cancel(NULL, house.ana, id, 2, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_appointment_reschedule(NULL, house.ana, id, 2, AT(2, 9, 0), 0, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(hc_appointment_list(&page, house.ana, NULL, err));
    ck_assert_uint_eq(hc_appointment_page_count(page), 0);
    hc_appointment_page_free(page);
    row = read_viewing(house.ben, id);
    ck_assert(same_id(hc_appointment_agent_id(row), house.ben_id));
    ck_assert_int_eq(hc_appointment_version(row), 2);
    ck_assert_int_eq(hc_appointment_buffer_after(row), 30);
    hc_appointment_free(row);
    ck_assert_int_eq(slots_of(id), 12);
    book(house.ana, make_lead(house.bea_id, house.ana_id, house.anas_ids[1]), AT(1, 9, 0),
         30); /* ana's time is her own again */
    HOUSE_FAILS(try_book(&id, house.ben, v.bens, AT(1, 9, 45), 30, err), HC_ERR_CONFLICT, "scheduled_time");
}
END_TEST

/* One that nobody came to can be given another time: by the lead's agent, in that agent's time. */
START_TEST(a_viewing_that_nobody_came_to_follows_its_lead_too)
{
    hc_id lead = bea_asks(), id = book(house.ana, lead, AT(1, 9, 0), 30);
    hc_appointment *row;

    house_set_time(AT(1, 9, 5));
    HOUSE_OK(hc_appointment_no_show(NULL, house.ana, id, 1, err));
    HOUSE_OK(assign(lead, house.ben_id, err));
    ck_assert_int_eq(slots_of(id), 0);
    HOUSE_OK(hc_appointment_reschedule(NULL, house.ben, id, 3, AT(2, 9, 0), 0, err));
    row = read_viewing(house.ben, id);
    ck_assert(same_id(hc_appointment_agent_id(row), house.ben_id));
    hc_appointment_free(row);
    HOUSE_FAILS(try_book(&id, house.ben, v.bens, AT(2, 9, 0), 30, err), HC_ERR_CONFLICT, "scheduled_time");
}
END_TEST

START_TEST(a_viewing_that_took_place_stays_with_whom_it_was)
{
    hc_id lead = bea_asks(), id = book(house.ana, lead, AT(1, 9, 0), 30);
    hc_appointment *row = NULL;

    house_set_time(AT(1, 9, 5));
    HOUSE_OK(hc_appointment_complete(NULL, house.ana, id, 1, err));
    HOUSE_OK(assign(lead, house.ben_id, err));
    HOUSE_FAILS(hc_appointment_get(&row, house.ana, id, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_appointment_get(&row, house.ben, id, err), HC_ERR_NOT_FOUND, "id");
    row = read_viewing(house.bea, id);
    ck_assert(same_id(hc_appointment_agent_id(row), house.ana_id));
    ck_assert_int_eq(hc_appointment_version(row), 2);
    hc_appointment_free(row);
}
END_TEST

/* ---- the buyer ---- */

static int32_t is_beas(hc_id id)
{
    hc_appointment *row = NULL;
    hc_status status = hc_appointment_get(&row, house.bea, id, NULL);

    house_count(1);
    hc_appointment_free(row);
    return status == HC_OK;
}

static void give(hc_id lead, hc_id buyer)
{
    hc_lead *row = NULL, *edit;

    HOUSE_OK(hc_lead_get(&row, house.admin, lead, err));
    edit = hc_lead_edit(row);
    hc_lead_set_buyer_id(edit, buyer);
    HOUSE_OK(hc_lead_update(NULL, house.admin, edit, err));
    hc_lead_free(edit);
    hc_lead_free(row);
}

/* What the agency made for a person is theirs once the lead is; what a guest booked under their address is not. */
START_TEST(viewings_are_the_buyers_whose_lead_it_is)
{
    hc_session *eve = guest_with_token("kim@example.com");
    hc_id kim = house_user("kim@example.com", "Kim Buyer", HC_USER_ROLE_BUYER), lead, gone, made, guests, others;
    hc_appointment *row;

    HOUSE_OK(guest_books(&guests, eve, AT(1, 10, 0), err));
    row = read_viewing(house.ana, guests);
    lead = hc_appointment_lead_id(row);
    hc_appointment_free(row);
    made = book(house.ana, lead, AT(1, 9, 0), 30);
    ck_assert(!is_beas(made));
    give(lead, house.bea_id);
    ck_assert(is_beas(made) && !is_beas(guests));
    give(lead, kim);
    ck_assert(!is_beas(made) && !is_beas(guests));
    give(lead, house.bea_id);
    gone = ask(house.ana, "kim@example.com", house.anas_ids[1], NULL);
    others = book(house.ana, gone, AT(1, 11, 0), 30);
    HOUSE_OK(hc_lead_merge(NULL, house.ana, lead, lead_version(lead), gone, lead_version(gone), err));
    ck_assert(is_beas(others));
    hc_session_free(eve);
}
END_TEST

START_TEST(a_lead_is_not_handed_to_an_agent_whose_time_is_taken)
{
    hc_id lead = bea_asks(), first = book(house.ana, lead, AT(1, 9, 0), 30),
          second = book(house.ana, lead, AT(2, 9, 0), 30);
    snapshot before;
    hc_error err = {0};

    book(house.ben, v.bens, AT(2, 9, 15), 30);
    before = house_snapshot();
    ck_assert_int_eq(assign(lead, house.ben_id, &err), HC_ERR_CONFLICT);
    ck_assert_str_eq(err.field, "agent_id");
    ck_assert_int_eq(err.detail, AT(2, 9, 0));
    house_assert_unchanged_since(before);
    ck_assert_int_eq(slots_of(first) + slots_of(second), 12);
    HOUSE_FAILS(hc_lead_assign(NULL, house.admin, lead, lead_version(lead), (hc_id){{0}}, NULL, err),
                HC_ERR_INVALID_STATE, "agent_id");
    HOUSE_OK(hc_appointment_cancel(NULL, house.ana, second, 1, NULL, err));
    HOUSE_OK(assign(lead, house.ben_id, err));
    ck_assert_int_eq(status_of(first), HC_APPOINTMENT_STATUS_SCHEDULED);
}
END_TEST

/* ---- merged ---- */

/* Whoever held it: on the listing it is a hold like any other. */
START_TEST(a_hold_that_ran_out_keeps_no_viewing_from_the_new_agent)
{
    hc_id lead = make_lead((hc_id){{0}}, house.ana_id, house.anas_ids[0]), id, held;
    hc_appointment *behind = sketch(v.anas, AT(0, 9, 30), 30);

    change_listing(house.anas_ids[0], "{\"exclusive_showings\":true}");
    change_agent(house.ben_id, "{\"buffer_after\":30}");
    id = book(house.ana, lead, AT(0, 9, 0), 30);
    HOUSE_OK(hc_appointment_hold(&held, house.bea, behind, HOUSE_MINUTE, err));
    hc_appointment_free(behind);
    HOUSE_FAILS(assign(lead, house.ben_id, err), HC_ERR_CONFLICT, "agent_id");
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(assign(lead, house.ben_id, err));
    ck_assert_int_eq(status_of(held), HC_APPOINTMENT_STATUS_CANCELLED);
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_SCHEDULED);
}
END_TEST

START_TEST(merged_leads_have_their_viewings_together)
{
    hc_id keep = bea_asks(), gone, open, over;

    gone = ask(house.bea, NULL, house.anas_ids[1], NULL);
    open = book(house.ana, gone, AT(1, 9, 0), 30);
    over = book(house.ana, gone, AT(1, 10, 0), 30);
    HOUSE_OK(hc_appointment_cancel(NULL, house.ana, over, 1, NULL, err));
    HOUSE_OK(hc_lead_merge(NULL, house.ana, keep, lead_version(keep), gone, lead_version(gone), err));
    for (int i = 0; i < 2; i++) {
        hc_appointment *row = read_viewing(house.ana, i == 0 ? open : over);
        ck_assert(same_id(hc_appointment_lead_id(row), keep));
        ck_assert_int_eq(hc_appointment_status(row),
                         i == 0 ? HC_APPOINTMENT_STATUS_SCHEDULED : HC_APPOINTMENT_STATUS_CANCELLED);
        hc_appointment_free(row);
    }
    ck_assert_int_eq(slots_of(open), 6);
}
END_TEST

/* An inquiry about one listing still is, when its lead went into one about another. */
START_TEST(a_guest_of_a_merged_lead_books_what_they_asked_about)
{
    hc_session *gus = guest_with_token("gus@example.com");
    hc_appointment *named = hc_appointment_new(house.client), *row;
    hc_id keep, gone, id;

    row = NULL;
    HOUSE_OK(guest_books(&id, gus, AT(0, 9, 0), err));
    row = read_viewing(house.ana, id);
    gone = hc_appointment_lead_id(row);
    hc_appointment_free(row);
    keep = ask(house.ana, "gus@example.com", house.anas_ids[1], NULL);
    HOUSE_OK(hc_lead_merge(NULL, house.ana, keep, lead_version(keep), gone, lead_version(gone), err));
    HOUSE_OK(guest_books(&id, gus, AT(0, 10, 0), err));
    row = read_viewing(house.ana, id);
    ck_assert(same_id(hc_appointment_lead_id(row), keep));
    ck_assert(same_id(hc_appointment_property_id(row), house.anas_ids[0]));
    hc_appointment_free(row);
    hc_appointment_set_scheduled_time(named, AT(0, 11, 0));
    hc_appointment_set_property_id(named, house.anas_ids[1]);
    HOUSE_FAILS(hc_appointment_create(&id, gus, named, err), HC_ERR_INVALID, "property_id");
    hc_appointment_free(named);
    hc_session_free(gus);
}
END_TEST

/* Somebody's agent is gone, with whom a viewing was kept: that is no reason not to hear them. */
START_TEST(who_asks_again_is_heard_whatever_became_of_the_agent_of_a_kept_viewing)
{
    hc_lead_move_options lost = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_id lead = bea_asks(), id = book(house.ana, lead, AT(1, 9, 0), 30);
    hc_user *edit = hc_user_for(house.client, house.ana_id,
                                (int32_t)house_sql("SELECT version FROM users WHERE "
                                                   "email='ana@example.com'"));
    hc_lead *row = NULL;

    lost.lost_reason = HC_LEAD_LOST_OTHER;
    lost.keep_appointments = 1;
    HOUSE_OK(hc_lead_move(NULL, house.ana, lead, lead_version(lead), HC_LEAD_STATUS_LOST, &lost, err));
    hc_user_set_status(edit, HC_USER_STATUS_DISABLED);
    HOUSE_OK(hc_user_update(NULL, house.admin, edit, err));
    hc_user_free(edit);
    ck_assert(same_id(bea_asks(), lead));
    HOUSE_OK(hc_lead_get(&row, house.admin, lead, err));
    ck_assert_int_eq(hc_lead_status(row), HC_LEAD_STATUS_CONTACTED);
    ck_assert(same_id(hc_lead_agent_id(row), house.ana_id)); /* until an admin hands it over, viewing and all */
    ck_assert_int_gt(hc_lead_response_due_at(row), HOUSE_START);
    hc_lead_free(row);
    HOUSE_OK(assign(lead, house.ben_id, err));
    ck_assert_int_eq(status_of(id), HC_APPOINTMENT_STATUS_SCHEDULED);
}
END_TEST

/* ---- the listing ---- */

/* P13 */
START_TEST(a_listing_with_an_open_viewing_is_not_deleted)
{
    hc_id home = house_list_home(house.ana, "One more", 100), lead = make_lead(house.bea_id, house.ana_id, home), id;
    hc_error err = {0};

    id = book(house.ana, lead, AT(1, 9, 0), 30);
    house_sql("UPDATE leads SET status='closed'"); /* the viewing alone is in the way */
    ck_assert_int_eq(hc_property_delete(house.ana, home, 1, &err), HC_ERR_INVALID_STATE);
    ck_assert_int_eq(err.detail, 1);
    ck_assert_ptr_nonnull(strstr(err.message, "appointments"));
    HOUSE_OK(hc_appointment_cancel(NULL, house.admin, id, version_of(id), NULL, err));
    HOUSE_OK(hc_property_delete(house.ana, home, 1, err));
}
END_TEST

/* One token does not fill an agent's half year, and one that is cancelled makes room. */
START_TEST(an_inquiry_has_ten_open_viewings_at_most)
{
    hc_session *guest = guest_with_token("gus@example.com"), *other = guest_with_token("gia@example.com");
    hc_id first, id;
    snapshot before;

    HOUSE_OK(guest_books(&first, guest, AT(1, 9, 0), err));
    for (int i = 1; i < 10; i++)
        HOUSE_OK(guest_books(&id, guest, AT(1 + i / 5, 9 + i % 5, 0), err));
    before = house_snapshot();
    HOUSE_FAILS(guest_books(&id, guest, AT(3, 9, 0), err), HC_ERR_INVALID_STATE, "lead_id");
    house_assert_unchanged_since(before);
    HOUSE_OK(guest_books(&id, other, AT(3, 9, 0), err));
    HOUSE_OK(hc_appointment_cancel(NULL, guest, first, 1, NULL, err));
    HOUSE_OK(guest_books(&id, guest, AT(3, 10, 0), err));
    hc_session_free(guest);
    hc_session_free(other);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_inquiry_has_ten_open_viewings_at_most);
    tcase_add_test(tcase, a_guest_books_with_the_token_of_an_inquiry);
    tcase_add_test(tcase, one_guest_sees_nothing_of_anothers_viewing);
    tcase_add_test(tcase, ten_viewings_are_ten_when_two_book_at_once);
    tcase_add_test(tcase, a_page_of_one_inquiry_is_not_gone_on_with_by_another);
    tcase_add_test(tcase, a_viewing_is_shown_no_longer_than_the_token_is_good);
    tcase_add_test(tcase, a_guest_who_types_a_buyers_address_learns_nothing_of_them);
    tcase_add_test(tcase, two_guests_may_use_one_key);
    tcase_add_test(tcase, a_viewing_answers_its_lead);
    tcase_add_test(tcase, a_lost_lead_takes_its_future_viewings_along);
    tcase_add_test(tcase, a_withdrawn_lead_cancels_for_its_buyer_and_a_kept_one_does_not);
    tcase_add_test(tcase, a_lost_lead_is_given_no_other_time);
    tcase_add_test(tcase, viewings_follow_their_lead_to_its_new_agent);
    tcase_add_test(tcase, a_viewing_that_nobody_came_to_follows_its_lead_too);
    tcase_add_test(tcase, a_viewing_that_took_place_stays_with_whom_it_was);
    tcase_add_test(tcase, viewings_are_the_buyers_whose_lead_it_is);
    tcase_add_test(tcase, a_lead_is_not_handed_to_an_agent_whose_time_is_taken);
    tcase_add_test(tcase, a_hold_that_ran_out_keeps_no_viewing_from_the_new_agent);
    tcase_add_test(tcase, merged_leads_have_their_viewings_together);
    tcase_add_test(tcase, a_guest_of_a_merged_lead_books_what_they_asked_about);
    tcase_add_test(tcase, who_asks_again_is_heard_whatever_became_of_the_agent_of_a_kept_viewing);
    tcase_add_test(tcase, a_listing_with_an_open_viewing_is_not_deleted);
}

int main(void)
{
    return suite_main("api.appointment.leads", fill, open_viewings, house_close);
}
