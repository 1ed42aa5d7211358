/* Inquiries: who may say what, what becomes of it, and what a guest learns. */
#include "leads.h"

/* ---- guests ---- */

/* Z04: what a guest asks becomes a lead of the listing's agent, new, and the guest learns of their inquiry alone */
START_TEST(a_guest_asks_and_reads_the_inquiry_back)
{
    hc_session *holder = NULL;
    hc_lead *ask_it = ask(house.anas_ids[0], " Gus@Example.com "), *row = NULL;
    hc_text *token = NULL;
    hc_id inquiry, lead;

    hc_lead_set_contact_name(ask_it, "Gus Guest");
    hc_lead_set_contact_phone(ask_it, "+1 (512) 555-0100");
    hc_lead_set_budget_min(ask_it, 40000000);
    hc_lead_set_budget_max(ask_it, 50000000);
    hc_lead_set_timeline_days(ask_it, 60);
    hc_lead_set_financing(ask_it, HC_LEAD_FINANCING_PRE_APPROVED);
    hc_lead_set_consent_marketing(ask_it, 1);
    HOUSE_OK(hc_lead_create(&inquiry, &token, house.guest, ask_it, err));
    hc_lead_free(ask_it);
    ck_assert_uint_eq(hc_text_size(token), 43);
    lead = newest_lead();
    ck_assert(!same_id(lead, inquiry));

    row = lead_of(house.ana, lead);
    ck_assert_int_eq(hc_lead_status(row), HC_LEAD_STATUS_NEW);
    ck_assert(same_id(hc_lead_agent_id(row), house.ana_id));
    ck_assert_int_eq(hc_lead_assign_reason(row), HC_LEAD_ASSIGN_LISTING_AGENT);
    ck_assert_int_eq(hc_lead_assigned_at(row), house_now());
    ck_assert_int_eq(hc_lead_response_due_at(row), house_now() + HOUSE_HOUR);
    ck_assert_str_eq(hc_lead_contact_name(row), "Gus Guest");
    ck_assert_str_eq(hc_lead_source(row), "website");
    ck_assert_int_eq(hc_lead_consent_at(row), house_now());
    ck_assert_str_eq(hc_lead_consent_source(row), "guest");
    ck_assert_int_eq(hc_lead_version(row), 1);
    ck_assert_int_eq(hc_lead_is_null(row, HC_LEAD_BUYER_ID), 1);
    ck_assert_int_eq(hc_lead_is_null(row, HC_LEAD_SCORE), 1);
    ck_assert_int_eq(hc_lead_is_null(row, HC_LEAD_CONTACT_ID), 0);
    hc_lead_free(row);

    HOUSE_FAILS(hc_lead_get(&row, house.guest, lead, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_inquiry(&row, house.guest, err), HC_ERR_UNAUTHENTICATED, "session");
    HOUSE_OK(hc_session_lead(&holder, house.client, hc_text_data(token), hc_text_size(token), NULL, err));
    HOUSE_FAILS(hc_lead_get(&row, holder, lead, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_get(&row, holder, inquiry, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(hc_lead_inquiry(&row, holder, err));
    ck_assert(same_id(hc_lead_id(row), inquiry));
    ck_assert(same_id(hc_lead_property_id(row), house.anas_ids[0]));
    ck_assert_str_eq(hc_lead_message(row), "Is it still available?");
    ck_assert_str_eq(hc_lead_contact_phone(row), "+1 (512) 555-0100");
    ck_assert_int_eq(hc_lead_budget_max(row), 50000000);
    ck_assert_int_eq(hc_lead_created_at(row), house_now());
    for (int32_t field = 0; field <= HC_LEAD_UPDATED_AT; field++) {
        static const int32_t told[] = {HC_LEAD_ID,
                                       HC_LEAD_PROPERTY_ID,
                                       HC_LEAD_CONTACT_NAME,
                                       HC_LEAD_CONTACT_EMAIL,
                                       HC_LEAD_CONTACT_PHONE,
                                       HC_LEAD_MESSAGE,
                                       HC_LEAD_BUDGET_MIN,
                                       HC_LEAD_BUDGET_MAX,
                                       HC_LEAD_TIMELINE_DAYS,
                                       HC_LEAD_FINANCING,
                                       HC_LEAD_CONSENT_MARKETING,
                                       HC_LEAD_CREATED_AT};
        bool is_told = false;
        for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
            is_told = is_told || told[i] == field;
        ck_assert_msg(hc_lead_is_null(row, field) == !is_told, "field %d", (int)field);
    }
    hc_lead_free(row);
    hc_session_free(holder);
    hc_text_free(token);
}
END_TEST

/* Z04: fields that are not a guest's to say are refused, and nothing is written but the audit row */
START_TEST(what_a_guest_may_not_say_is_refused)
{
    hc_lead *lead;
    hc_id id;
    snapshot before = house_snapshot();

    lead = ask(house.anas_ids[0], "gus@example.com");
    hc_lead_set_buyer_id(lead, house.bea_id);
    HOUSE_FAILS(send(&id, house.guest, lead, err), HC_ERR_FORBIDDEN, "buyer_id");
    ck_assert(same_id(id, nobody));
    lead = ask(house.anas_ids[0], "gus@example.com");
    hc_lead_set_agent_id(lead, house.ben_id);
    HOUSE_FAILS(send(&id, house.guest, lead, err), HC_ERR_FORBIDDEN, "agent_id");
    lead = ask(house.anas_ids[0], "gus@example.com");
    hc_lead_set_notes(lead, "Sell it cheap.");
    HOUSE_FAILS(send(&id, house.guest, lead, err), HC_ERR_FORBIDDEN, "notes");
    lead = ask(house.anas_ids[0], "gus@example.com");
    hc_lead_set_source(lead, "referral");
    HOUSE_FAILS(send(&id, house.guest, lead, err), HC_ERR_FORBIDDEN, "source");
    house_assert_unchanged_since(before);
    house_assert_audited("input_validation_fail", NULL);

    lead = hc_lead_new(house.client);
    HOUSE_FAILS(hc_lead_from_json(lead, "{\"status\":\"closed\"}", 19, err), HC_ERR_FORBIDDEN, "status");
    hc_lead_free(lead);
    before = house_snapshot();
    lead = ask(house.anas_ids[0], "gus@example.com");
    hc_lead_set_notes(lead, "My own notes.");
    HOUSE_FAILS(send(&id, house.bea, lead, err), HC_ERR_FORBIDDEN, "notes");
    house_assert_unchanged_since(before);
    house_assert_audited("input_validation_fail", house.bea);
}
END_TEST

/* Whom nobody can answer, and what nobody can answer, by name of the field; nothing is written. */
START_TEST(an_inquiry_that_cannot_be_answered_is_refused)
{
    static const struct {
        const char *json, *field;
    } bad[] = {
        {"{\"message\":\"Hello?\"}", "contact_email"},
        {"{\"contact_email\":\"gus@example.com\"}", "message"},
        {"{\"contact_email\":\"gus@example\",\"message\":\"Hello?\"}", "contact_email"},
        {"{\"contact_email\":\"a@b.com\\r\\nBcc: c@d.com\",\"message\":\"Hello?\"}", "contact_email"},
        {"{\"contact_phone\":\"call me\",\"message\":\"Hello?\"}", "contact_phone"},
        {"{\"contact_phone\":\"555-1\",\"message\":\"Hello?\"}", "contact_phone"},
        {"{\"contact_phone\":\"+12345678901234567\",\"message\":\"Hello?\"}", "contact_phone"},
        {"{\"contact_phone\":\"5125550100\",\"message\":\"Hi\",\"budget_min\":\"2.00\",\"budget_max\":\"1.00\"}",
         "budget_min"},
        {"{\"contact_phone\":\"5125550100\",\"property_id\":\"00000000-0000-7000-8000-000000000001\"}", "property_id"},
    };
    snapshot before = house_snapshot();
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_lead *lead = hc_lead_new(house.client);
        hc_error error = {0};
        HOUSE_OK(hc_lead_from_json(lead, bad[i].json, strlen(bad[i].json), err));
        ck_assert_int_lt(send(&id, house.admin, lead, &error), 0);
        ck_assert_msg(strcmp(error.field, bad[i].field) == 0, "%s: %s %s", bad[i].json, error.field, error.message);
    }
    house_assert_unchanged_since(before);
    HOUSE_FAILS(hc_lead_create(&id, NULL, house.admin, NULL, err), HC_ERR_NO_MEMORY, "");
}
END_TEST

/* ---- listings ---- */

/* Z05: no leads on what is sold, deleted, off the market or not the caller's to see */
START_TEST(a_listing_that_is_not_on_the_market_takes_no_leads)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[1], 1);
    hc_session *everybody[] = {house.guest, house.bea, house.ana, house.ben, house.admin, house.system};
    hc_id gone = house_list_home(house.ana, "A home that is gone", 100), hidden, id;

    hc_property_set_status(edit, HC_PROPERTY_STATUS_PENDING);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    ck_assert_int_eq(send(&id, house.ana, ask(house.anas_ids[1], "early@example.com"), NULL), HC_OK); /* pending */
    edit = hc_property_for(house.client, house.anas_ids[1], 2);
    hc_property_set_status(edit, HC_PROPERTY_STATUS_SOLD);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    HOUSE_OK(hc_property_delete(house.ana, gone, 1, err));
    edit = house_sketch("Hidden", 100);
    hc_property_set_display_ok(edit, 0);
    HOUSE_OK(hc_property_create(&hidden, house.ana, edit, err));
    hc_property_free(edit);
    for (size_t i = 0; i < sizeof everybody / sizeof everybody[0]; i++) {
        bool sees = everybody[i] == house.ana || everybody[i] == house.admin || everybody[i] == house.system;
        HOUSE_FAILS(send(&id, everybody[i], ask(house.anas_ids[1], "a@example.com"), err), HC_ERR_INVALID_STATE,
                    "property_id"); /* sold: everybody sees that */
        HOUSE_FAILS(send(&id, everybody[i], ask(gone, "a@example.com"), err), HC_ERR_NOT_FOUND, "property_id");
        HOUSE_FAILS(send(&id, everybody[i], ask(house.anas_ids[2], "a@example.com"), err),
                    sees ? HC_ERR_INVALID_STATE : HC_ERR_NOT_FOUND, "property_id"); /* withdrawn */
        if (!sees)
            HOUSE_FAILS(send(&id, everybody[i], ask(hidden, "a@example.com"), err), HC_ERR_NOT_FOUND, "property_id");
    }
    ck_assert_int_eq(count_of("leads"), 1);
    ck_assert_int_eq(count_of("contacts"), 1);
    ck_assert_int_eq(count_of("lead_touches"), 1);
    ck_assert_int_eq(house_sql("SELECT sum(open_leads) FROM agent_load"), 1);
}
END_TEST

/* ---- buyers, agents, admins ---- */

START_TEST(a_buyer_asks_in_their_own_name)
{
    hc_user *edit = hc_user_for(house.client, house.bea_id, 0), *row = NULL;
    hc_lead *lead;
    hc_id id;

    hc_user_free(edit);
    HOUSE_OK(hc_user_get(&row, house.system, house.bea_id, err));
    edit = hc_user_edit(row);
    hc_user_set_phone(edit, "512 555 0177");
    HOUSE_OK(hc_user_update(NULL, house.system, edit, err));
    hc_user_free(edit);
    hc_user_free(row);
    id = made(house.bea, ask(house.anas_ids[0], NULL));
    lead = lead_of(house.bea, id);
    ck_assert(same_id(hc_lead_buyer_id(lead), house.bea_id));
    ck_assert(same_id(hc_lead_agent_id(lead), house.ana_id));
    ck_assert_str_eq(hc_lead_contact_name(lead), "Bea Buyer");
    ck_assert_str_eq(hc_lead_contact_email(lead), "bea@example.com");
    ck_assert_str_eq(hc_lead_contact_phone(lead), "512 555 0177");
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_RESPONSE_DUE_AT), 1); /* the agency's own business */
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_CONTACT_ID), 1);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_ASSIGN_REASON), 1);
    hc_lead_free(lead);
    lead = ask(house.anas_ids[1], "work@example.com");
    id = made(house.bea, lead);
    lead = lead_of(house.bea, id);
    ck_assert_str_eq(hc_lead_contact_email(lead), "work@example.com");
    hc_lead_free(lead);
}
END_TEST

START_TEST(an_agent_makes_leads_of_their_own)
{
    hc_lead *lead = ask(house.bens_id, "walk.in@example.com");
    hc_id id;

    hc_lead_set_source(lead, "walk_in");
    hc_lead_set_notes(lead, "Came to the open house.");
    id = made(house.ana, lead);
    lead = lead_of(house.ana, id);
    ck_assert(same_id(hc_lead_agent_id(lead), house.ana_id));
    ck_assert_int_eq(hc_lead_assign_reason(lead), HC_LEAD_ASSIGN_CREATOR);
    ck_assert_str_eq(hc_lead_notes(lead), "Came to the open house.");
    hc_lead_free(lead);
    lead = ask(house.bens_id, "other@example.com");
    hc_lead_set_agent_id(lead, house.ben_id);
    HOUSE_FAILS(send(&id, house.ana, lead, err), HC_ERR_FORBIDDEN, "agent_id");
    lead = ask(house.bens_id, "other@example.com");
    hc_lead_set_buyer_id(lead, house.bea_id); /* would let the agent read the buyer's account */
    HOUSE_FAILS(send(&id, house.ana, lead, err), HC_ERR_FORBIDDEN, "buyer_id");
}
END_TEST

START_TEST(an_admin_names_agent_and_buyer)
{
    hc_lead *lead = ask(house.anas_ids[0], NULL);
    hc_id id;

    hc_lead_set_buyer_id(lead, house.bea_id);
    hc_lead_set_agent_id(lead, house.ben_id);
    id = made(house.admin, lead);
    lead = lead_of(house.ben, id);
    ck_assert_int_eq(hc_lead_assign_reason(lead), HC_LEAD_ASSIGN_ADMIN);
    ck_assert_str_eq(hc_lead_contact_email(lead), "bea@example.com");
    hc_lead_free(lead);
    hc_lead_free(lead_of(house.bea, id));
    ck_assert_int_eq(load_of(house.ben_id), 1);
    ck_assert_int_eq(load_of(house.ana_id), 0);
    lead = ask(house.anas_ids[0], "x@example.com");
    hc_lead_set_agent_id(lead, house.bea_id);
    HOUSE_FAILS(send(&id, house.admin, lead, err), HC_ERR_INVALID, "agent_id");
    lead = ask(house.anas_ids[0], NULL);
    hc_lead_set_buyer_id(lead, (hc_id){{1}});
    HOUSE_FAILS(send(&id, house.admin, lead, err), HC_ERR_INVALID, "buyer_id");
}
END_TEST

/* ---- repeats ---- */

/* P14: by agents the lead's id comes again; by guests the inquiry's, with its token, and only from their own address */
START_TEST(an_inquiry_is_sent_once_with_a_key)
{
    hc_session *other = guest_at(1);
    hc_text *first = NULL, *second = NULL, *third = NULL;
    hc_lead *lead = ask(house.anas_ids[0], "gus@example.com");
    hc_id one, two, three;
    hc_session *holder = NULL;

    HOUSE_OK(hc_session_set_idempotency_key(house.guest, "form-1", err));
    HOUSE_OK(hc_lead_create(&one, &first, house.guest, lead, err));
    HOUSE_OK(hc_session_set_idempotency_key(house.guest, "form-1", err));
    ck_assert_int_eq(hc_lead_create(&two, &second, house.guest, lead, NULL), HC_NOTE_REPLAYED);
    ck_assert(same_id(one, two));
    ck_assert_str_eq(hc_text_data(first), hc_text_data(second));
    ck_assert_int_eq(count_of("lead_touches"), 1);
    HOUSE_OK(hc_session_lead(&holder, house.client, hc_text_data(second), hc_text_size(second), NULL, err));
    hc_session_free(holder);
    HOUSE_OK(hc_session_set_idempotency_key(other, "form-1", err));
    HOUSE_OK(hc_lead_create(&three, &third, other, lead, err)); /* somebody else's key of the same name */
    ck_assert(!same_id(one, three));
    ck_assert_str_ne(hc_text_data(first), hc_text_data(third));
    hc_lead_set_message(lead, "Another body");
    HOUSE_OK(hc_session_set_idempotency_key(house.guest, "form-1", err));
    HOUSE_FAILS(hc_lead_create(&two, NULL, house.guest, lead, err), HC_ERR_CONFLICT, "idempotency_key");
    hc_lead_free(lead);

    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "k", err));
    one = made(house.ana, ask(house.anas_ids[1], "walk.in@example.com"));
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "k", err));
    ck_assert_int_eq(send(&two, house.ana, ask(house.anas_ids[1], "walk.in@example.com"), NULL), HC_NOTE_REPLAYED);
    ck_assert(same_id(one, two));
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "j", err)); /* the same again with another key joins it */
    ck_assert_int_eq(send(&two, house.ana, ask(house.anas_ids[1], "walk.in@example.com"), NULL), HC_NOTE_DEDUPLICATED);
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "j", err));
    ck_assert_int_eq(send(&three, house.ana, ask(house.anas_ids[1], "walk.in@example.com"), NULL), HC_NOTE_REPLAYED);
    ck_assert(same_id(one, two) && same_id(one, three));
    hc_text_free(first);
    hc_text_free(second);
    hc_text_free(third);
    hc_session_free(other);
}
END_TEST

/* P14: a key lives for a day, and is somebody else's on the session of an inquiry. */
START_TEST(each_inquiry_with_one_key_has_a_token_of_its_own)
{
    hc_session *guest = guest_at(1), *holder = NULL;
    hc_text *tokens[3] = {NULL};
    hc_lead *lead = ask(house.anas_ids[0], "gus@example.com");
    hc_id ids[3];

    HOUSE_OK(hc_session_set_idempotency_key(guest, "form-1", err));
    HOUSE_OK(hc_lead_create(&ids[0], &tokens[0], guest, lead, err));
    HOUSE_OK(hc_session_lead(&holder, house.client, hc_text_data(tokens[0]), 43, "198.51.0.2", err));
    HOUSE_OK(hc_session_set_idempotency_key(holder, "form-1", err));
    HOUSE_OK(hc_lead_create(&ids[1], &tokens[1], holder, lead, err));
    house_pass(HOUSE_DAY + HOUSE_SECOND);
    HOUSE_OK(hc_session_set_idempotency_key(guest, "form-1", err));
    HOUSE_OK(hc_lead_create(&ids[2], &tokens[2], guest, lead, err));
    hc_session_free(holder);
    for (int i = 0; i < 3; i++) {
        hc_lead *inquiry = NULL;
        HOUSE_OK(hc_session_lead(&holder, house.client, hc_text_data(tokens[i]), 43, NULL, err));
        HOUSE_OK(hc_lead_inquiry(&inquiry, holder, err));
        ck_assert(same_id(hc_lead_id(inquiry), ids[i]));
        hc_lead_free(inquiry);
        hc_session_free(holder);
        hc_text_free(tokens[i]);
    }
    ck_assert_int_eq(count_of("lead_touches"), 3);
    hc_lead_free(lead);
    hc_session_free(guest);
}
END_TEST

/* T20 (of inquiries): only a hash of the token is stored; a wrong, old or altered one opens nothing, and is audited */
START_TEST(a_token_opens_its_own_inquiry_for_ninety_days)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    hc_session *holder = NULL;
    hc_lead *lead = ask(house.anas_ids[0], "gus@example.com"), *row = NULL;
    hc_text *token = NULL;
    char altered[64], sql[160];
    hc_id id;

    HOUSE_OK(hc_lead_create(&id, &token, house.guest, lead, err));
    hc_lead_free(lead);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM lead_touches WHERE length(token_hash) = 32");
    ck_assert_int_eq(house_sql(sql), 1);
    snprintf(altered, sizeof altered, "%s", hc_text_data(token));
    altered[5] = altered[5] == alphabet[3] ? alphabet[4] : alphabet[3];
    house_snapshot();
    HOUSE_FAILS(hc_session_lead(&holder, house.client, altered, 43, NULL, err), HC_ERR_UNAUTHENTICATED, "token");
    ck_assert_ptr_null(holder);
    house_assert_audited("authn_token_refused", NULL);
    HOUSE_FAILS(hc_session_lead(&holder, house.client, altered, 42, NULL, err), HC_ERR_UNAUTHENTICATED, "token");
    HOUSE_FAILS(hc_session_lead(&holder, house.client, "", 0, NULL, err), HC_ERR_UNAUTHENTICATED, "token");
    HOUSE_FAILS(hc_session_lead(&holder, house.client, NULL, 0, NULL, err), HC_ERR_UNAUTHENTICATED, "token");
    HOUSE_OK(hc_session_lead(&holder, house.client, hc_text_data(token), 43, "203.0.113.9", err));
    ck_assert_int_eq(hc_session_role(holder), HC_ROLE_GUEST);
    house_pass(90 * HOUSE_DAY - 1);
    HOUSE_OK(hc_lead_inquiry(&row, holder, err));
    hc_lead_free(row);
    house_pass(1);
    HOUSE_FAILS(hc_lead_inquiry(&row, holder, err), HC_ERR_UNAUTHENTICATED, "token");
    hc_session_free(holder);
    HOUSE_FAILS(hc_session_lead(&holder, house.client, hc_text_data(token), 43, NULL, err), HC_ERR_UNAUTHENTICATED,
                "token");
    hc_text_free(token);
}
END_TEST

START_TEST(a_lead_comes_with_its_history_and_events)
{
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL));
    hc_lead_change_page *changes = NULL;
    hc_lead_touch_page *touches = NULL;

    HOUSE_OK(hc_lead_history(&changes, house.ana, id, NULL, err));
    ck_assert_uint_eq(hc_lead_change_page_count(changes), 1);
    ck_assert_int_eq(hc_lead_change_old_status(hc_lead_change_page_at(changes, 0)), 0);
    ck_assert_int_eq(hc_lead_change_new_status(hc_lead_change_page_at(changes, 0)), HC_LEAD_STATUS_NEW);
    ck_assert(same_id(hc_lead_change_new_agent_id(hc_lead_change_page_at(changes, 0)), house.ana_id));
    ck_assert(same_id(hc_lead_change_actor_id(hc_lead_change_page_at(changes, 0)), house.bea_id));
    HOUSE_OK(hc_lead_touches(&touches, house.ana, id, NULL, err));
    ck_assert_uint_eq(hc_lead_touch_page_count(touches), 1);
    ck_assert_int_eq(hc_lead_touch_kind(hc_lead_touch_page_at(touches, 0)), HC_LEAD_TOUCH_INQUIRY);
    ck_assert_str_eq(hc_lead_touch_message(hc_lead_touch_page_at(touches, 0)), "Is it still available?");
    ck_assert_str_eq(hc_lead_touch_contact_email(hc_lead_touch_page_at(touches, 0)), "bea@example.com");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource = 'lead' AND change = 'created'"), 1);
    hc_lead_change_page_free(changes);
    hc_lead_touch_page_free(touches);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_guest_asks_and_reads_the_inquiry_back);
    tcase_add_test(tcase, what_a_guest_may_not_say_is_refused);
    tcase_add_test(tcase, an_inquiry_that_cannot_be_answered_is_refused);
    tcase_add_test(tcase, a_listing_that_is_not_on_the_market_takes_no_leads);
    tcase_add_test(tcase, a_buyer_asks_in_their_own_name);
    tcase_add_test(tcase, an_agent_makes_leads_of_their_own);
    tcase_add_test(tcase, an_admin_names_agent_and_buyer);
    tcase_add_test(tcase, an_inquiry_is_sent_once_with_a_key);
    tcase_add_test(tcase, each_inquiry_with_one_key_has_a_token_of_its_own);
    tcase_add_test(tcase, a_token_opens_its_own_inquiry_for_ninety_days);
    tcase_add_test(tcase, a_lead_comes_with_its_history_and_events);
}

int main(void)
{
    return suite_main("lead.create", fill, house_open, house_close);
}
