/* What one unit stands on, another does not take away before both have ended: neither finds what the other wrote, so
 * one waits for the other, and then looks. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "documents.h"
#include "homeconnect/appointment.h"
#include "homeconnect/favorite.h"
#include "homeconnect/lead.h"

#define MONDAY_AT_NINE (HOUSE_START + 23 * HOUSE_HOUR) /* 2025-11-24T09:00:00Z: ana works */

typedef hc_status (*call_fn)(hc_session *as, hc_error *err);

static hc_id asked;           /* bea's lead about ana's first listing, assigned to ana */
static hc_id asked_of_none;   /* and one about no listing */
static hc_id amy_id;          /* a second admin */
static hc_session *amy, *bea; /* `bea` is another session of house.bea's user */

static hc_status make_lead(hc_id *out, hc_session *as, hc_id listing, hc_error *err)
{
    hc_lead *lead = hc_lead_new(house.client);
    hc_status status;

    hc_lead_set_message(lead, "Is it still available?");
    if (memcmp(&listing, &(hc_id){{0}}, sizeof listing) != 0)
        hc_lead_set_property_id(lead, listing);
    status = hc_lead_create(out, NULL, as, lead, err);
    hc_lead_free(lead);
    return status;
}

static hc_status book(hc_id *out, hc_session *as, hc_id lead, hc_id listing, int64_t start, hc_error *err)
{
    hc_appointment *row = hc_appointment_new(house.client);
    hc_status status;

    hc_appointment_set_lead_id(row, lead);
    hc_appointment_set_scheduled_time(row, start);
    if (memcmp(&listing, &(hc_id){{0}}, sizeof listing) != 0)
        hc_appointment_set_property_id(row, listing);
    status = hc_appointment_create(out, as, row, err);
    hc_appointment_free(row);
    return status;
}

static void open_meanwhile(void)
{
    static const hc_id none;

    house_open();
    amy_id = house_user("amy@example.com", "Amy Admin", HC_USER_ROLE_ADMIN);
    amy = house_login("amy@example.com", HOUSE_PASSWORD);
    bea = house_login("bea@example.com", HOUSE_PASSWORD);
    HOUSE_OK(make_lead(&asked, house.bea, house.anas_ids[0], err));
    HOUSE_OK(make_lead(&asked_of_none, house.bea, none, err));
    HOUSE_OK(hc_lead_assign(NULL, house.admin, asked_of_none, 1, house.ana_id, NULL, err));
}

static void close_meanwhile(void)
{
    hc_session_free(amy);
    hc_session_free(bea);
    house_close();
}

/* ---- one inside of a unit, and another while it is open ---- */

struct meanwhile {
    call_fn inside, other;
    hc_session *as; /* of the other */
    pthread_t thread;
    bool started;
    hc_status status;
    hc_error err;
};

static void *run_other(void *data)
{
    struct meanwhile *both = data;

    both->status = both->other(both->as, &both->err);
    return NULL;
}

static int32_t waiting(void)
{
    hc_health health = HC_HEALTH_INIT;

    HOUSE_OK(hc_client_health(house.client, &health, err));
    return health.pool_waiting;
}

static hc_status run_inside(hc_session *as, void *data, hc_error *err)
{
    struct meanwhile *both = data;
    hc_status status = both->inside(as, err);

    if (status < 0 || both->started)
        return status;
    both->started = true;
    ck_assert_int_eq(pthread_create(&both->thread, NULL, run_other, both), 0);
    if (!house_is_a_file())
        usleep(200 * 1000); /* it waits for a row of the server's, of which nobody here is told */
    while (house_is_a_file() && waiting() < 1)
        usleep(1000);
    return status;
}

/* The one in the unit is written; what became of the other is `want`, about `field`. */
static void meet(hc_session *first, call_fn inside, hc_session *second, call_fn other, hc_status want,
                 const char *field)
{
    struct meanwhile both = {.inside = inside, .other = other, .as = second};

    HOUSE_OK(hc_session_transact(first, run_inside, &both, err));
    pthread_join(both.thread, NULL);
    house_count(1);
    ck_assert_msg(both.status == want, "%s, not %s: %s", hc_status_name(both.status), hc_status_name(want),
                  both.err.message);
    ck_assert_str_eq(both.err.field, field);
}

/* ---- admins ---- */

static hc_status disable(hc_session *as, hc_id id, hc_error *err)
{
    hc_user *user = NULL, *edit;
    hc_status status = hc_user_get(&user, as, id, err);

    if (status < 0)
        return status;
    edit = hc_user_edit(user);
    hc_user_set_status(edit, HC_USER_STATUS_DISABLED);
    status = hc_user_update(NULL, as, edit, err);
    hc_user_free(edit);
    hc_user_free(user);
    return status;
}

static hc_status disable_amy(hc_session *as, hc_error *err)
{
    return disable(as, amy_id, err);
}

static hc_status disable_ada(hc_session *as, hc_error *err)
{
    return disable(as, house.admin_id, err);
}

/* A20 */
START_TEST(of_two_admins_who_go_at_once_one_stays)
{
    meet(house.admin, disable_ada, amy, disable_amy, HC_ERR_INVALID_STATE, "role");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE role='admin' AND status='active'"), 1);
}
END_TEST

/* ---- a listing ---- */

static hc_status delete_listing(hc_session *as, hc_error *err)
{
    return hc_property_delete(as, house.anas_ids[1], 1, err);
}

static hc_status ask(hc_session *as, hc_error *err)
{
    hc_id id;

    return make_lead(&id, as, house.anas_ids[1], err);
}

static hc_status book_listing(hc_session *as, hc_error *err)
{
    hc_id id;

    return book(&id, as, asked_of_none, house.anas_ids[1], MONDAY_AT_NINE, err);
}

static hc_status say_what_it_is_about(hc_session *as, hc_error *err)
{
    hc_lead *edit = hc_lead_for(house.client, asked_of_none, 2);
    hc_status status;

    hc_lead_set_property_id(edit, house.anas_ids[1]);
    status = hc_lead_update(NULL, as, edit, err);
    hc_lead_free(edit);
    return status;
}

static const struct {
    call_fn call;
    hc_session **as;
} on_listings[] = {{ask, &house.bea}, {book_listing, &house.bea}, {say_what_it_is_about, &house.admin}};

/* P13 */
START_TEST(who_asks_about_a_listing_that_is_being_deleted_finds_none)
{
    meet(house.ana, delete_listing, *on_listings[_i].as, on_listings[_i].call, HC_ERR_NOT_FOUND, "property_id");
}
END_TEST

/* P13 */
START_TEST(a_listing_stays_when_somebody_asks_as_it_is_deleted)
{
    meet(*on_listings[_i].as, on_listings[_i].call, house.ana, delete_listing, HC_ERR_INVALID_STATE, "id");
}
END_TEST

/* ---- a lead ---- */

static hc_status lose(hc_session *as, hc_error *err)
{
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;

    options.lost_reason = HC_LEAD_LOST_PRICE;
    return hc_lead_move(NULL, as, asked, 1, HC_LEAD_STATUS_LOST, &options, err);
}

static hc_status hand_over(hc_session *as, hc_error *err)
{
    return hc_lead_assign(NULL, as, asked, 1, house.ben_id, NULL, err);
}

static hc_status book_viewing(hc_session *as, hc_error *err)
{
    hc_id id;

    return book(&id, as, asked, (hc_id){{0}}, MONDAY_AT_NINE, err);
}

START_TEST(a_lead_that_is_being_lost_gets_no_viewing)
{
    meet(house.ana, lose, house.bea, book_viewing, HC_ERR_INVALID_STATE, "lead_id");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointments"), 0);
}
END_TEST

START_TEST(a_lost_lead_takes_the_viewing_along_that_is_being_booked)
{
    meet(house.bea, book_viewing, house.ana, lose, HC_OK, "");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointments WHERE status='cancelled'"), 1);
}
END_TEST

static hc_status ask_as(hc_session *as, hc_id home, const char *email, hc_error *err)
{
    hc_lead *lead = hc_lead_new(house.client);
    hc_status status;
    hc_id id;

    hc_lead_set_message(lead, "Is it still there?");
    hc_lead_set_property_id(lead, home);
    hc_lead_set_contact_email(lead, email);
    status = hc_lead_create(&id, NULL, as, lead, err);
    hc_lead_free(lead);
    return status;
}

static hc_status ask_again(hc_session *as, hc_error *err)
{
    return ask_as(as, house.anas_ids[0], "bea@example.com", err);
}

static hc_status merge_away(hc_session *as, hc_error *err)
{
    return hc_lead_merge(NULL, as, asked_of_none, 2, asked, 1, err);
}

static hc_status note(hc_session *as, hc_error *err)
{
    hc_id id;

    return hc_lead_log(&id, as, asked, HC_LEAD_TOUCH_NOTE, "She asked again", err);
}

/* A guest's is a new lead; the buyer's brings hers back. */
START_TEST(an_inquiry_does_not_join_a_lead_that_is_being_lost)
{
    if (_i == 0)
        meet(house.ana, lose, house.guest, ask_again, HC_OK, "");
    else
        meet(house.ana, lose, house.bea, ask_again, HC_NOTE_DEDUPLICATED, "");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM leads WHERE status='lost'"), _i == 0);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM lead_touches t JOIN leads l ON l.id=t.lead_id WHERE l.status<>'lost'"),
        _i == 0 ? 2 : 3);
}
END_TEST

/* The inquiry, or the note, goes along. */
START_TEST(what_is_said_of_a_lead_that_is_being_merged_is_said_of_the_other)
{
    static const struct {
        call_fn call;
        hc_session **as;
    } says[] = {{ask_again, &house.guest}, {note, &house.admin}};

    if (_i < 2)
        meet(*says[_i].as, says[_i].call, house.ana, merge_away, HC_OK, "");
    else
        meet(house.ana, merge_away, house.guest, ask_again, HC_OK, "");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM lead_touches t JOIN leads l ON l.id=t.lead_id WHERE "
                               "l.merged_into IS NOT NULL"),
                     0);
}
END_TEST

/* Z06 */
START_TEST(a_viewing_that_is_booked_meanwhile_is_the_new_agents)
{
    if (_i == 0)
        meet(house.ana, hand_over, house.bea, book_viewing, HC_OK, "");
    else
        meet(house.bea, book_viewing, house.ana, hand_over, HC_OK, "");
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM appointments a JOIN leads l ON l.id=a.lead_id WHERE a.agent_id=l.agent_id"), 1);
}
END_TEST

static hc_id held;

static hc_status give_up(hc_session *as, hc_error *err)
{
    return hc_appointment_cancel(NULL, as, held, 1, NULL, err);
}

static hc_status sweep(hc_session *as, hc_error *err)
{
    (void)as;
    return hc_client_run(house.client, 10 * HOUSE_SECOND, NULL, err);
}

START_TEST(who_sweeps_a_hold_that_another_ends_goes_on)
{
    hc_appointment *row = hc_appointment_new(house.client);

    hc_appointment_set_lead_id(row, asked);
    hc_appointment_set_scheduled_time(row, MONDAY_AT_NINE);
    HOUSE_OK(hc_appointment_hold(&held, house.bea, row, HOUSE_MINUTE, err));
    hc_appointment_free(row);
    house_pass(HOUSE_MINUTE);
    meet(house.bea, give_up, NULL, sweep, HC_OK, "");
    ck_assert_int_eq(house_sql("SELECT version FROM appointments WHERE status='cancelled'"), 2);
}
END_TEST

static hc_status ask_by_another_address(hc_session *as, hc_error *err)
{
    return ask_as(as, house.anas_ids[1], "bea@elsewhere.example.com", err);
}

START_TEST(one_person_who_asks_twice_at_once_has_one_lead)
{
    meet(house.bea, ask, bea, _i == 0 ? ask : ask_by_another_address, HC_NOTE_DEDUPLICATED, "");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM leads"), 3);
}
END_TEST

static hc_status call_in(hc_session *as, const char *email, hc_error *err)
{
    hc_lead *lead = hc_lead_new(house.client);
    hc_status status;
    hc_id id;

    hc_lead_set_message(lead, "Is it still available?");
    hc_lead_set_property_id(lead, house.anas_ids[1]);
    hc_lead_set_contact_name(lead, "Cal Caller");
    hc_lead_set_contact_phone(lead, "+1 512 555 0100");
    if (email != NULL)
        hc_lead_set_contact_email(lead, email);
    status = hc_lead_create(&id, NULL, as, lead, err);
    hc_lead_free(lead);
    return status;
}

static hc_status call_with_address(hc_session *as, hc_error *err)
{
    return call_in(as, "cal@example.com", err);
}

static hc_status call_alone(hc_session *as, hc_error *err)
{
    return call_in(as, NULL, err);
}

START_TEST(who_waits_for_a_person_takes_back_nothing_of_them)
{
    HOUSE_OK(call_alone(house.ana, err));
    house_pass(HOUSE_MINUTE);
    meet(house.ana, call_with_address, house.admin, call_alone, HC_NOTE_DEDUPLICATED, "");
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM contacts WHERE email_norm='cal@example.com' AND updated_at>created_at"), 1);
}
END_TEST

static hc_status save(hc_session *as, hc_error *err)
{
    return hc_favorite_add(as, house.anas_ids[0], err);
}

static hc_status forget(hc_session *as, hc_error *err)
{
    return hc_favorite_remove(as, house.anas_ids[0], err);
}

START_TEST(who_saves_and_forgets_twice_at_once_did_each_once)
{
    meet(house.bea, save, bea, save, HC_NOTE_SAME, "");
    meet(house.bea, forget, bea, forget, HC_NOTE_SAME, "");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='favorite'"), 2);
}
END_TEST

static hc_id deed;

static hc_status share(hc_session *as, hc_error *err)
{
    return hc_document_share(as, house.anas_ids[0], deed, asked, err);
}

static hc_status share_no_more(hc_session *as, hc_error *err)
{
    return hc_document_unshare(as, house.anas_ids[0], deed, asked, err);
}

START_TEST(two_who_share_the_same_at_once_share_it_once)
{
    deed = add_file(house.ana, house.anas_ids[0], HC_DOCUMENT_LEGAL, 0);
    meet(house.ana, share, house.admin, share, HC_NOTE_SAME, "");
    meet(house.ana, share_no_more, house.admin, share_no_more, HC_NOTE_SAME, "");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='share'"), 2);
}
END_TEST

/* ---- an agent ---- */

static hc_status delete_profile(hc_session *as, hc_error *err)
{
    return hc_agent_delete(as, house.ben_id, 1, err);
}

static hc_status delete_user(hc_session *as, hc_error *err)
{
    hc_user *user = NULL;
    hc_status status = hc_user_get(&user, as, house.ben_id, err);

    if (status >= 0)
        status = hc_user_delete(as, house.ben_id, hc_user_version(user), err);
    hc_user_free(user);
    return status;
}

static const call_fn deletions[] = {delete_profile, delete_user};

START_TEST(nobody_who_is_being_deleted_is_given_a_lead)
{
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    meet(house.admin, deletions[_i], house.ana, hand_over, HC_ERR_INVALID, "agent_id");
}
END_TEST

START_TEST(nobody_who_is_being_given_a_lead_is_deleted)
{
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    meet(house.ana, hand_over, house.admin, deletions[_i], HC_ERR_INVALID_STATE, "id");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, of_two_admins_who_go_at_once_one_stays);
    tcase_add_loop_test(tcase, who_asks_about_a_listing_that_is_being_deleted_finds_none, 0, 3);
    tcase_add_loop_test(tcase, a_listing_stays_when_somebody_asks_as_it_is_deleted, 0, 3);
    tcase_add_test(tcase, a_lead_that_is_being_lost_gets_no_viewing);
    tcase_add_test(tcase, a_lost_lead_takes_the_viewing_along_that_is_being_booked);
    tcase_add_loop_test(tcase, an_inquiry_does_not_join_a_lead_that_is_being_lost, 0, 2);
    tcase_add_loop_test(tcase, what_is_said_of_a_lead_that_is_being_merged_is_said_of_the_other, 0, 3);
    tcase_add_loop_test(tcase, a_viewing_that_is_booked_meanwhile_is_the_new_agents, 0, 2);
    tcase_add_test(tcase, who_sweeps_a_hold_that_another_ends_goes_on);
    tcase_add_loop_test(tcase, one_person_who_asks_twice_at_once_has_one_lead, 0, 2);
    tcase_add_test(tcase, who_saves_and_forgets_twice_at_once_did_each_once);
    tcase_add_test(tcase, two_who_share_the_same_at_once_share_it_once);
    tcase_add_test(tcase, who_waits_for_a_person_takes_back_nothing_of_them);
    tcase_add_loop_test(tcase, nobody_who_is_being_deleted_is_given_a_lead, 0, 2);
    tcase_add_loop_test(tcase, nobody_who_is_being_given_a_lead_is_deleted, 0, 2);
}

int main(void)
{
    return suite_main("api.transact.meanwhile", fill, open_meanwhile, close_meanwhile);
}
