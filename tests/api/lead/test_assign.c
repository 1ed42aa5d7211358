/* Changing, handing over, merging and logging leads; what keeps an agent or a listing from going. */
#include "homeconnect/appointment.h"
#include "leads.h"

static void set_no_license(hc_agent *edit, const void *unused)
{
    (void)unused;
    hc_agent_set_license_expires_on(edit, (int32_t)(house_now() / HOUSE_DAY) - 1);
}

/* ---- changes ---- */

/* L03: notes are text, whatever they look like, and come back byte for byte */
START_TEST(notes_are_plain_text)
{
    static const char *const notes[] = {"\"}],\"$where\":\"sleep(1000)\"", "'; DROP TABLE leads; --",
                                        "<script>alert(1)</script>\r\nSet-Cookie: a=b \x1b[31m", "{\"$gt\":\"\"}",
                                        ("\xe2\x80\xae"
                                         "evil")};
    hc_id id = made(house.ana, ask(house.anas_ids[0], "kim@example.com"));

    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        hc_lead *edit = hc_lead_for(house.client, id, (int32_t)i + 1), *row;
        hc_lead_touch_page *touches = NULL;
        hc_id touch;
        hc_lead_set_notes(edit, notes[i]);
        HOUSE_OK(hc_lead_update(NULL, house.ana, edit, err));
        hc_lead_free(edit);
        row = lead_of(house.ana, id);
        ck_assert_str_eq(hc_lead_notes(row), notes[i]);
        hc_lead_free(row);
        HOUSE_OK(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_NOTE, notes[i], err));
        HOUSE_OK(hc_lead_touches(&touches, house.ana, id, NULL, err));
        ck_assert_uint_eq(hc_lead_touch_page_count(touches), i + 2);
        ck_assert_str_eq(hc_lead_touch_message(hc_lead_touch_page_at(touches, 0)), notes[i]);
        hc_lead_touch_page_free(touches);
    }
    ck_assert_int_eq(count_of("leads"), 1);
}
END_TEST

START_TEST(an_update_changes_what_it_may)
{
    hc_id id = made(house.ana, ask(nobody, "kim@example.com")), other = house.anas_ids[1];
    hc_lead *edit, *row;
    snapshot before;
    int32_t version;

    edit = hc_lead_for(house.client, id, 1);
    hc_lead_set_contact_email(edit, "Kim@Work.example");
    hc_lead_set_budget_min(edit, 100);
    hc_lead_set_budget_max(edit, 200);
    hc_lead_set_consent_marketing(edit, 1);
    hc_lead_set_property_id(edit, house.anas_ids[0]);
    HOUSE_OK(hc_lead_update(&version, house.ana, edit, err));
    ck_assert_int_eq(version, 2);
    hc_lead_free(edit);
    row = lead_of(house.ana, id);
    ck_assert(same_id(hc_lead_property_id(row), house.anas_ids[0]));
    ck_assert_str_eq(hc_lead_consent_source(row), "agent");
    hc_lead_free(row);
    ck_assert_int_eq(count_of("contacts"), 2);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM leads l JOIN contacts c ON c.id = l.contact_id "
                               "WHERE c.email_norm = 'kim@work.example'"),
                     1);
    before = house_snapshot();
#define REFUSED(set, as, status, field)                                                                                \
    do {                                                                                                               \
        edit = hc_lead_for(house.client, id, 2);                                                                       \
        set;                                                                                                           \
        HOUSE_FAILS(hc_lead_update(&version, as, edit, err), status, field);                                           \
        ck_assert_int_eq(version, 0);                                                                                  \
        hc_lead_free(edit);                                                                                            \
    } while (0)
    REFUSED(hc_lead_set_message(edit, "I never said that"), house.ana, HC_ERR_FORBIDDEN, "message");
    REFUSED(hc_lead_set_agent_id(edit, house.ben_id), house.ana, HC_ERR_FORBIDDEN, "agent_id");
    REFUSED(hc_lead_set_agent_id(edit, house.ben_id), house.admin, HC_ERR_INVALID, "agent_id");
    REFUSED(hc_lead_set_buyer_id(edit, house.bea_id), house.ana, HC_ERR_FORBIDDEN, "buyer_id");
    REFUSED(hc_lead_set_buyer_id(edit, other), house.admin, HC_ERR_INVALID, "buyer_id");
    REFUSED(hc_lead_set_property_id(edit, other), house.ana, HC_ERR_INVALID, "property_id");
    REFUSED(hc_lead_set_contact_email(edit, "nonsense"), house.ana, HC_ERR_INVALID, "contact_email");
    REFUSED(hc_lead_set_contact_phone(edit, "nonsense"), house.ana, HC_ERR_INVALID, "contact_phone");
    REFUSED(hc_lead_set_null(edit, HC_LEAD_CONTACT_EMAIL), house.ana, HC_ERR_INVALID, "contact_email");
    REFUSED(hc_lead_set_budget_min(edit, 201), house.ana, HC_ERR_INVALID, "budget_min");
    REFUSED(hc_lead_set_budget_min(edit, 0), house.ana, HC_ERR_INVALID, "budget_min");
    REFUSED(hc_lead_set_notes(edit, "x"), house.bea, HC_ERR_FORBIDDEN, "");
    REFUSED(hc_lead_set_notes(edit, "x"), house.guest, HC_ERR_UNAUTHENTICATED, "");
    house_assert_unchanged_since(before);
    edit = hc_lead_for(house.client, id, 2);
    hc_lead_set_budget_max(edit, 200);
    ck_assert_int_eq(hc_lead_update(&version, house.ana, edit, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(version, 2);
    hc_lead_free(edit);
    house_assert_unchanged_since(before);
    edit = hc_lead_for(house.client, id, 1);
    hc_lead_set_notes(edit, "late");
    HOUSE_FAILS(hc_lead_update(NULL, house.ana, edit, err), HC_ERR_CONFLICT, "version");
    hc_lead_free(edit);
}
END_TEST

/* ---- hand-over ---- */

/* Z06: the moment a lead is handed over its former agent neither reads nor writes it, and the load follows */
START_TEST(a_lead_that_is_handed_over_is_the_others)
{
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL)), touch;
    hc_lead_change_page *changes = NULL;
    hc_lead *row = NULL, *edit = hc_lead_for(house.client, id, 2);
    hc_user *buyer = NULL;
    int32_t version;

    HOUSE_OK(hc_user_get(&buyer, house.ana, house.bea_id, err)); /* who asked her */
    hc_user_free(buyer);
    HOUSE_OK(hc_lead_assign(&version, house.ana, id, 1, house.ben_id, "speaks their language", err));
    ck_assert_int_eq(version, 2);
    HOUSE_FAILS(hc_lead_get(&row, house.ana, id, err), HC_ERR_NOT_FOUND, "id");
    hc_lead_set_notes(edit, "x");
    HOUSE_FAILS(hc_lead_update(NULL, house.ana, edit, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_NOTE, "x", err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, id, 2, house.ana_id, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_user_get(&buyer, house.ana, house.bea_id, err), HC_ERR_NOT_FOUND, "id");
    hc_lead_free(edit);
    row = lead_of(house.ben, id);
    ck_assert_int_eq(hc_lead_assign_reason(row), HC_LEAD_ASSIGN_HAND_OVER);
    ck_assert_int_eq(hc_lead_assigned_at(row), house_now());
    hc_lead_free(row);
    ck_assert_int_eq(load_of(house.ana_id), 0);
    ck_assert_int_eq(load_of(house.ben_id), 1);
    ck_assert_int_eq(hc_lead_assign(&version, house.ben, id, 2, house.ben_id, NULL, NULL), HC_NOTE_SAME);
    HOUSE_OK(hc_lead_history(&changes, house.ben, id, NULL, err));
    ck_assert_uint_eq(hc_lead_change_page_count(changes), 2);
    ck_assert_str_eq(hc_lead_change_reason(hc_lead_change_page_at(changes, 0)), "speaks their language");
    ck_assert(same_id(hc_lead_change_old_agent_id(hc_lead_change_page_at(changes, 0)), house.ana_id));
    ck_assert(same_id(hc_lead_change_new_agent_id(hc_lead_change_page_at(changes, 0)), house.ben_id));
    hc_lead_change_page_free(changes);
}
END_TEST

START_TEST(only_an_agent_who_can_answer_takes_a_lead)
{
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL));
    snapshot before;
    hc_lead *row;

    change_agent(house.ben_id, set_no_license, NULL);
    before = house_snapshot();
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, id, 1, house.ben_id, NULL, err), HC_ERR_INVALID, "agent_id");
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, id, 1, house.bea_id, NULL, err), HC_ERR_INVALID, "agent_id");
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, id, 1, house.admin_id, NULL, err), HC_ERR_INVALID, "agent_id");
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, id, 1, (hc_id){{7}}, NULL, err), HC_ERR_INVALID, "agent_id");
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, id, 1, nobody, NULL, err), HC_ERR_INVALID, "agent_id");
    HOUSE_FAILS(hc_lead_assign(NULL, house.bea, id, 1, house.ben_id, NULL, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, id, 1, house.ben_id, "\xff", err), HC_ERR_INVALID, "reason");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_lead_assign(NULL, house.admin, id, 1, nobody, NULL, err)); /* back to the queue */
    row = lead_of(house.admin, id);
    ck_assert_int_eq(hc_lead_assign_reason(row), HC_LEAD_ASSIGN_UNASSIGNED);
    ck_assert_int_eq(hc_lead_is_null(row, HC_LEAD_AGENT_ID), 1);
    hc_lead_free(row);
    ck_assert_int_eq(load_of(house.ana_id), 0);
    HOUSE_OK(hc_lead_assign(NULL, house.admin, id, 2, house.ana_id, NULL, err));
    row = lead_of(house.ana, id);
    ck_assert_int_eq(hc_lead_assign_reason(row), HC_LEAD_ASSIGN_ADMIN);
    hc_lead_free(row);
    lose(house.ana, id, HC_LEAD_LOST_OTHER);
    HOUSE_OK(hc_lead_assign(NULL, house.admin, id, 4, nobody, NULL, err));
    ck_assert_int_eq(load_of(house.ana_id), 0);
}
END_TEST

/* ---- merge ---- */

START_TEST(two_leads_become_one)
{
    hc_id keep = made(house.ana, ask(house.anas_ids[0], "kim@example.com")), gone, bens;
    hc_lead *lead = ask(house.anas_ids[1], "kim@work.example"), *row;
    hc_lead_touch_page *touches = NULL;
    hc_lead_change_page *changes = NULL;
    hc_text *token = NULL;
    hc_session *holder = NULL;
    hc_id inquiry;
    int32_t version;

    HOUSE_OK(hc_lead_create(&inquiry, &token, house.guest, lead, err));
    hc_lead_free(lead);
    gone = newest_lead();
    lead = hc_lead_for(house.client, gone, 1);
    hc_lead_set_budget_max(lead, 30000000);
    hc_lead_set_notes(lead, "Also asked about the condo.");
    HOUSE_OK(hc_lead_update(NULL, house.ana, lead, err));
    hc_lead_free(lead);
    bens = made(house.ben, ask(house.bens_id, "kim@example.com"));
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, keep, 1, bens, 1, err), HC_ERR_NOT_FOUND, "gone_id");
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, keep, 1, keep, 1, err), HC_ERR_INVALID, "gone_id");
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, keep, 1, gone, 0, err), HC_ERR_INVALID, "gone_version");
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, keep, 0, gone, 2, err), HC_ERR_INVALID, "version");
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, keep, 1, gone, 1, err), HC_ERR_CONFLICT, "gone_id");
    HOUSE_FAILS(hc_lead_merge(NULL, house.bea, keep, 1, gone, 2, err), HC_ERR_FORBIDDEN, "");
    HOUSE_OK(hc_lead_merge(&version, house.ana, keep, 1, gone, 2, err));
    ck_assert_int_eq(version, 2);
    row = lead_of(house.ana, keep);
    ck_assert_str_eq(hc_lead_contact_email(row), "kim@example.com");
    ck_assert_int_eq(hc_lead_budget_max(row), 30000000);
    ck_assert_str_eq(hc_lead_notes(row), "Also asked about the condo.");
    ck_assert(same_id(hc_lead_property_id(row), house.anas_ids[0]));
    hc_lead_free(row);
    row = lead_of(house.ana, gone);
    ck_assert_int_eq(hc_lead_status(row), HC_LEAD_STATUS_LOST);
    ck_assert_int_eq(hc_lead_lost_reason(row), HC_LEAD_LOST_DUPLICATE);
    ck_assert(same_id(hc_lead_merged_into(row), keep));
    hc_lead_free(row);
    ck_assert_int_eq(load_of(house.ana_id), 1);
    HOUSE_OK(hc_lead_touches(&touches, house.ana, keep, NULL, err));
    ck_assert_uint_eq(hc_lead_touch_page_count(touches), 2);
    hc_lead_touch_page_free(touches);
    HOUSE_OK(hc_lead_history(&changes, house.ana, gone, NULL, err));
    ck_assert_str_eq(hc_lead_change_reason(hc_lead_change_page_at(changes, 0)), "merged");
    hc_lead_change_page_free(changes);
    HOUSE_OK(hc_session_lead(&holder, house.client, hc_text_data(token), hc_text_size(token), NULL, err));
    HOUSE_OK(hc_lead_inquiry(&row, holder, err)); /* the guest sees what they asked, as before */
    ck_assert_str_eq(hc_lead_contact_email(row), "kim@work.example");
    hc_lead_free(row);
    HOUSE_FAILS(move(NULL, house.admin, gone, HC_LEAD_STATUS_CONTACTED, "undo", 0, err), HC_ERR_INVALID_STATE,
                "status");
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, keep, 2, gone, 3, err), HC_ERR_INVALID_STATE, "gone_id");
    /* who asks again about what went joins what stayed */
    ck_assert_int_eq(send(&inquiry, house.ana, ask(house.anas_ids[1], "kim@work.example"), NULL), HC_NOTE_DEDUPLICATED);
    ck_assert(same_id(inquiry, keep));
    hc_session_free(holder);
    hc_text_free(token);
}
END_TEST

START_TEST(some_leads_are_not_merged)
{
    hc_id one = made(house.ana, ask(house.anas_ids[0], "kim@example.com")),
          two = made(house.ana, ask(house.anas_ids[1], "kim@example.com")),
          beas = made(house.bea, ask(house.anas_ids[0], NULL)), bos, bo = house_user("bo@example.com", "Bo", 1);
    hc_session *as = house_login("bo@example.com", HOUSE_PASSWORD);

    (void)bo;
    bos = made(as, ask(house.anas_ids[0], NULL));
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, beas, 1, bos, 1, err), HC_ERR_INVALID_STATE, "gone_id");
    lose(house.ana, two, HC_LEAD_LOST_OPTED_OUT);
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, one, 1, two, 2, err), HC_ERR_INVALID_STATE, "gone_id");
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, two, 2, one, 1, err), HC_ERR_INVALID_STATE, "keep_id");
    /* a buyer's lead stays theirs to see when it takes a guest's in, and the other way round */
    HOUSE_OK(hc_lead_merge(NULL, house.ana, one, 1, beas, 1, err));
    hc_lead_free(lead_of(house.bea, one));
    hc_session_free(as);
}
END_TEST

/* Else they would be told that they are not called again, and called by the other. */
START_TEST(who_opts_out_does_so_of_the_lead_that_stands)
{
    hc_id keep = made(house.bea, ask(house.anas_ids[0], NULL)), gone = made(house.bea, ask(house.anas_ids[1], NULL)),
          id;

    HOUSE_OK(hc_lead_merge(NULL, house.ana, keep, 1, gone, 1, err));
    HOUSE_FAILS(hc_lead_withdraw(NULL, house.bea, gone, 2, HC_LEAD_LOST_OPTED_OUT, err), HC_ERR_INVALID_STATE,
                "status");
    HOUSE_FAILS(hc_lead_withdraw(NULL, house.bea, gone, 2, HC_LEAD_LOST_WITHDRAWN, err), HC_ERR_INVALID_STATE,
                "status");
    HOUSE_OK(hc_lead_withdraw(NULL, house.bea, keep, 2, HC_LEAD_LOST_OPTED_OUT, err));
    HOUSE_FAILS(hc_lead_log(&id, house.ana, keep, HC_LEAD_TOUCH_CALL, NULL, err), HC_ERR_INVALID_STATE, "kind");
}
END_TEST

/* ---- logging ---- */

START_TEST(a_call_makes_a_new_lead_contacted)
{
    static const int32_t kinds[] = {HC_LEAD_TOUCH_NOTE, HC_LEAD_TOUCH_CALL, HC_LEAD_TOUCH_MESSAGE, HC_LEAD_TOUCH_EMAIL};
    hc_id touch, id;

    for (size_t i = 0; i < 4; i++) {
        char email[40];
        hc_lead *row;
        snprintf(email, sizeof email, "kim%zu@example.com", i);
        id = made(house.ana, ask(house.anas_ids[0], email));
        house_pass(HOUSE_MINUTE);
        HOUSE_OK(hc_lead_log(&touch, house.ana, id, kinds[i], "Talked to them.", err));
        row = lead_of(house.ana, id);
        ck_assert_int_eq(hc_lead_status(row), i == 0 ? HC_LEAD_STATUS_NEW : HC_LEAD_STATUS_CONTACTED);
        ck_assert_int_eq(hc_lead_response_seconds(row), i == 0 ? 0 : 60);
        hc_lead_free(row);
    }
    HOUSE_OK(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_CALL, NULL, err));
    ck_assert_int_eq(version_of(id), 2); /* once is enough */
    HOUSE_FAILS(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_INQUIRY, "x", err), HC_ERR_INVALID, "kind");
    HOUSE_FAILS(hc_lead_log(&touch, house.ana, id, 0, "x", err), HC_ERR_INVALID, "kind");
    HOUSE_FAILS(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_NOTE, NULL, err), HC_ERR_INVALID, "text");
    HOUSE_FAILS(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_NOTE, "", err), HC_ERR_INVALID, "text");
    HOUSE_FAILS(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_NOTE, "\xff", err), HC_ERR_INVALID, "text");
    HOUSE_FAILS(hc_lead_log(NULL, house.ana, id, HC_LEAD_TOUCH_NOTE, "x", err), HC_ERR_MISUSE, "out");
    lose(house.ana, id, HC_LEAD_LOST_OPTED_OUT);
    HOUSE_FAILS(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_CALL, "Called all the same", err),
                HC_ERR_INVALID_STATE, "kind");
    HOUSE_OK(hc_lead_log(&touch, house.ana, id, HC_LEAD_TOUCH_NOTE, "Do not call.", err));
}
END_TEST

/* ---- what stays while leads are open ---- */

/* P13: a listing with open leads is not deleted; once they are lost it is */
START_TEST(a_listing_with_open_leads_stays)
{
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL));
    hc_error error = {0};
    snapshot before = house_snapshot();

    ck_assert_int_eq(hc_property_delete(house.ana, house.anas_ids[0], 1, &error), HC_ERR_INVALID_STATE);
    ck_assert_int_eq(error.detail, 1);
    house_assert_unchanged_since(before);
    lose(house.ana, id, HC_LEAD_LOST_OTHER);
    HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 1, err));
    before = house_snapshot();
    ck_assert_int_eq(hc_property_purge(house.admin, house.anas_ids[0], &error), HC_ERR_INVALID_STATE);
    ck_assert_int_eq(error.detail, 1); /* lost leads name it still */
    house_assert_unchanged_since(before);
}
END_TEST

START_TEST(an_agent_with_open_leads_stays)
{
    hc_id cat = house_user("cat@example.com", "Cat Agent", HC_USER_ROLE_AGENT), id;
    hc_lead *lead = ask(house.anas_ids[0], "kim@example.com");
    hc_error error = {0};
    snapshot before;

    house_license(cat);
    hc_lead_set_agent_id(lead, cat);
    id = made(house.admin, lead);
    before = house_snapshot();
    ck_assert_int_eq(hc_user_delete(house.system, cat, 1, &error), HC_ERR_INVALID_STATE);
    ck_assert_int_eq(error.detail, 1);
    ck_assert_int_eq(hc_agent_delete(house.system, cat, 1, &error), HC_ERR_INVALID_STATE);
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_lead_assign(NULL, house.admin, id, 1, house.ana_id, "leaves us", err));
    HOUSE_OK(hc_agent_delete(house.system, cat, 1, err));
    HOUSE_OK(hc_user_delete(house.system, cat, 1, err));
    ck_assert_int_eq(load_of(cat), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, notes_are_plain_text);
    tcase_add_test(tcase, an_update_changes_what_it_may);
    tcase_add_test(tcase, a_lead_that_is_handed_over_is_the_others);
    tcase_add_test(tcase, only_an_agent_who_can_answer_takes_a_lead);
    tcase_add_test(tcase, two_leads_become_one);
    tcase_add_test(tcase, some_leads_are_not_merged);
    tcase_add_test(tcase, who_opts_out_does_so_of_the_lead_that_stands);
    tcase_add_test(tcase, a_call_makes_a_new_lead_contacted);
    tcase_add_test(tcase, a_listing_with_open_leads_stays);
    tcase_add_test(tcase, an_agent_with_open_leads_stays);
}

int main(void)
{
    return suite_main("lead.assign", fill, house_open, house_close);
}
