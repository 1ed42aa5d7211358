/* Reading and listing leads: each role its own, by filters and pages. */
#include "leads.h"

static hc_id anas[4], bens, beas;

static void open_leads(void)
{
    char email[40];

    house_open();
    for (int i = 0; i < 4; i++) {
        hc_lead *lead;
        snprintf(email, sizeof email, "asker%d@example.com", i);
        lead = ask(house.anas_ids[i % 2], email);
        hc_lead_set_budget_max(lead, (i + 1) * 10000000);
        if (i > 0)
            hc_lead_set_notes(lead, "Notes of the agency.");
        anas[i] = made(house.ana, lead);
        house_pass(HOUSE_MINUTE);
    }
    bens = made(house.ben, ask(house.bens_id, "ben.asks@example.com"));
    house_pass(HOUSE_MINUTE);
    beas = made(house.bea, ask(house.bens_id, NULL));
}

static int listed(hc_session *as, int32_t scope, const char *filter, const char *sort, hc_id *first)
{
    hc_query *query = NULL;
    hc_lead_page *page = NULL;
    int count;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_LEAD, err));
    HOUSE_OK(hc_query_set_scope(query, scope, err));
    HOUSE_OK(hc_query_set_filter(query, filter, err));
    HOUSE_OK(hc_query_set_sort(query, sort, err));
    HOUSE_OK(hc_lead_list(&page, as, query, err));
    count = (int)hc_lead_page_count(page);
    if (first != NULL && count > 0)
        *first = hc_lead_id(hc_lead_page_at(page, 0));
    hc_lead_page_free(page);
    hc_query_free(query);
    return count;
}

static void refused(hc_session *as, int32_t scope, const char *filter, hc_status status, const char *field)
{
    hc_query *query = NULL;
    hc_lead_page *page = NULL;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_LEAD, err));
    HOUSE_OK(hc_query_set_scope(query, scope, err));
    HOUSE_OK(hc_query_set_filter(query, filter, err));
    HOUSE_FAILS(hc_lead_list(&page, as, query, err), status, field);
    ck_assert_ptr_null(page);
    hc_query_free(query);
}

/* Z01: another agent's lead is not in one's list, not found by id, and not by filter; the attempt is audited */
START_TEST(an_agent_sees_their_own_leads_alone)
{
    hc_lead *row = NULL, *edit = hc_lead_for(house.client, bens, 1);
    hc_lead_touch_page *touches = NULL;
    hc_lead_change_page *changes = NULL;
    hc_lead_page *page = NULL;
    hc_id ids[3], id, absent = {{1}};
    snapshot before = house_snapshot();

    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, NULL, NULL, NULL), 4);
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "status eq 'new'", NULL, NULL), 4);
    ck_assert_int_eq(listed(house.ben, HC_SCOPE_OWN, NULL, NULL, &id), 2); /* bea's was routed to him */
    HOUSE_FAILS(hc_lead_get(&row, house.ana, bens, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_get(&row, house.ana, absent, err), HC_ERR_NOT_FOUND, "id");
    ids[0] = bens;
    ids[1] = anas[2];
    ids[2] = beas;
    HOUSE_OK(hc_lead_get_many(&page, house.ana, ids, 3, err));
    ck_assert_uint_eq(hc_lead_page_count(page), 1);
    ck_assert(same_id(hc_lead_id(hc_lead_page_at(page, 0)), anas[2]));
    hc_lead_page_free(page);
    hc_lead_set_notes(edit, "Mine.");
    HOUSE_FAILS(hc_lead_update(NULL, house.ana, edit, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_assign(NULL, house.ana, bens, 1, house.ana_id, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_merge(NULL, house.ana, anas[0], 1, bens, 1, err), HC_ERR_NOT_FOUND, "gone_id");
    HOUSE_FAILS(hc_lead_log(&id, house.ana, bens, HC_LEAD_TOUCH_NOTE, "Mine.", err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_touches(&touches, house.ana, bens, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_lead_history(&changes, house.ana, bens, NULL, err), HC_ERR_NOT_FOUND, "id");
    house_assert_unchanged_since(before);
    house_assert_audited("authz_fail", house.ana);
    hc_lead_free(edit);
}
END_TEST

START_TEST(each_role_lists_what_is_theirs)
{
    hc_lead_page *page = NULL;
    hc_id id = nobody;

    ck_assert_int_eq(listed(house.bea, HC_SCOPE_OWN, NULL, NULL, &id), 1);
    ck_assert(same_id(id, beas));
    ck_assert_int_eq(listed(house.admin, HC_SCOPE_ALL, NULL, NULL, NULL), 6);
    ck_assert_int_eq(listed(house.admin, HC_SCOPE_OWN, NULL, NULL, NULL), 0);
    ck_assert_int_eq(listed(house.system, HC_SCOPE_ALL, NULL, NULL, NULL), 6);
    refused(house.ana, HC_SCOPE_ALL, NULL, HC_ERR_FORBIDDEN, "scope");
    refused(house.ana, HC_SCOPE_PUBLIC, NULL, HC_ERR_FORBIDDEN, "scope");
    refused(house.bea, HC_SCOPE_ALL, NULL, HC_ERR_FORBIDDEN, "scope");
    refused(house.admin, HC_SCOPE_PUBLIC, NULL, HC_ERR_FORBIDDEN, "scope");
    refused(house.guest, HC_SCOPE_OWN, NULL, HC_ERR_UNAUTHENTICATED, "scope");
    /* a filter finds nothing that a read hides */
    refused(house.bea, HC_SCOPE_OWN, "response_late eq false", HC_ERR_FORBIDDEN, "response_late");
    refused(house.bea, HC_SCOPE_OWN, "lost_reason eq 'spam'", HC_ERR_FORBIDDEN, "lost_reason");
    HOUSE_OK(hc_lead_list(&page, house.bea, NULL, err));
    ck_assert_uint_eq(hc_lead_page_count(page), 1);
    ck_assert_int_eq(hc_lead_is_null(hc_lead_page_at(page, 0), HC_LEAD_RESPONSE_DUE_AT), 1);
    ck_assert_str_eq(hc_lead_contact_email(hc_lead_page_at(page, 0)), "bea@example.com");
    hc_lead_page_free(page);
}
END_TEST

START_TEST(a_buyer_sees_what_they_said_and_no_more)
{
    hc_lead *lead = hc_lead_for(house.client, beas, 1), *row;
    hc_lead_touch_page *touches = NULL;
    hc_text *json = NULL;

    hc_lead_set_notes(lead, "A difficult buyer.");
    HOUSE_OK(hc_lead_update(NULL, house.ben, lead, err));
    hc_lead_free(lead);
    row = lead_of(house.bea, beas);
    ck_assert_ptr_null(hc_lead_notes(row));
    HOUSE_OK(hc_lead_to_json(&json, row, err));
    ck_assert_ptr_null(strstr(hc_text_data(json), "difficult"));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "\"message\":\"Is it still available?\""));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "\"response_due_at\":null"));
    hc_text_free(json);
    hc_lead_free(row);
    HOUSE_FAILS(hc_lead_touches(&touches, house.bea, beas, NULL, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_lead_touches(&touches, house.guest, beas, NULL, err), HC_ERR_UNAUTHENTICATED, "");
    row = lead_of(house.ben, beas);
    ck_assert_str_eq(hc_lead_notes(row), "A difficult buyer.");
    hc_lead_free(row);
}
END_TEST

START_TEST(filters_and_orders_answer)
{
    hc_id id = nobody;

    HOUSE_OK(hc_lead_move(NULL, house.ana, anas[0], 1, HC_LEAD_STATUS_CONTACTED, NULL, err));
    lose(house.ana, anas[1], HC_LEAD_LOST_PRICE);
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "status in ('new','contacted')", NULL, NULL), 3);
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "lost_reason eq 'price'", NULL, &id), 1);
    ck_assert(same_id(id, anas[1]));
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "budget_max gt 250000", NULL, NULL), 2);
    ck_assert_int_eq(listed(house.admin, HC_SCOPE_ALL, "assign_reason eq 'listing_agent'", NULL, &id), 1);
    ck_assert(same_id(id, beas));
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, NULL, "created_at", &id), 4);
    ck_assert(same_id(id, anas[0]));
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, NULL, "-updated_at", &id), 4);
    ck_assert(same_id(id, anas[0]) || same_id(id, anas[1]));
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, NULL, "response_due_at", &id), 4);
    ck_assert(same_id(id, anas[2]));
}
END_TEST

/* What waits too long is asked for by its due time; an answer ends it, and it stays told that it was late. */
START_TEST(breaches_of_the_response_target_are_found)
{
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "response_due_at lt now()", NULL, NULL), 0);
    house_pass(HOUSE_HOUR - 2 * HOUSE_MINUTE);
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "response_due_at lt now()", "response_due_at", NULL), 3);
    ck_assert_int_eq(listed(house.admin, HC_SCOPE_ALL, "response_due_at lt now()", NULL, NULL), 3);
    HOUSE_OK(hc_lead_move(NULL, house.ana, anas[0], 1, HC_LEAD_STATUS_CONTACTED, NULL, err));
    lose(house.ana, anas[1], HC_LEAD_LOST_NO_RESPONSE);
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "response_due_at lt now()", NULL, NULL), 1);
    ck_assert_int_eq(listed(house.ana, HC_SCOPE_OWN, "response_late eq true", NULL, NULL), 2);
}
END_TEST

START_TEST(the_target_is_the_clients)
{
    hc_client_options options;
    hc_client *second = NULL;
    hc_session *guest = NULL;
    hc_error error = {0};
    hc_lead *lead;
    hc_id id;

    house_options(&options);
    options.response_target = -1;
    ck_assert_int_eq(hc_client_open(&second, &options, &error), HC_ERR_INVALID);
    ck_assert_str_eq(error.field, "response_target");
    options.response_target = 10 * HOUSE_MINUTE;
    HOUSE_OK(hc_client_open(&second, &options, err));
    HOUSE_OK(hc_session_guest(&guest, second, NULL, err));
    HOUSE_OK(send(&id, guest, ask(house.anas_ids[0], "hurry@example.com"), err));
    lead = lead_of(house.ana, newest_lead());
    ck_assert_int_eq(hc_lead_response_due_at(lead), house_now() + 10 * HOUSE_MINUTE);
    hc_lead_free(lead);
    hc_session_free(guest);
    hc_client_close(second);
}
END_TEST

START_TEST(pages_hold_each_lead_once)
{
    hc_query *query = NULL;
    hc_lead_page *page = NULL;
    char cursor[512] = "";
    hc_id seen[4];
    size_t count = 0;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_LEAD, err));
    HOUSE_OK(hc_query_set_limit(query, 1, err));
    HOUSE_OK(hc_query_set_count(query, 1, err));
    do {
        HOUSE_OK(hc_query_set_cursor(query, cursor[0] == '\0' ? NULL : cursor, err));
        HOUSE_OK(hc_lead_list(&page, house.ana, query, err));
        ck_assert_int_eq(hc_lead_page_total(page), 4);
        ck_assert_uint_eq(hc_lead_page_count(page), 1);
        ck_assert_uint_lt(count, 4);
        seen[count++] = hc_lead_id(hc_lead_page_at(page, 0));
        cursor[0] = '\0';
        if (hc_lead_page_cursor(page) != NULL)
            snprintf(cursor, sizeof cursor, "%s", hc_lead_page_cursor(page));
        hc_lead_page_free(page);
    } while (cursor[0] != '\0');
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert(same_id(seen[i], anas[3 - i]));
    HOUSE_OK(hc_query_set_cursor(query, NULL, err));
    HOUSE_OK(hc_lead_list(&page, house.ana, query, err));
    snprintf(cursor, sizeof cursor, "%s", hc_lead_page_cursor(page));
    hc_lead_page_free(page);
    HOUSE_OK(hc_query_set_cursor(query, cursor, err));
    HOUSE_FAILS(hc_lead_list(&page, house.ben, query, err), HC_ERR_INVALID, "cursor");
    hc_query_free(query);
}
END_TEST

START_TEST(what_was_said_comes_in_pages)
{
    hc_query *query = NULL;
    hc_lead_touch_page *page = NULL;
    hc_text *json = NULL;
    hc_id id;

    for (int i = 0; i < 5; i++) {
        char text[20];
        house_pass(HOUSE_SECOND);
        snprintf(text, sizeof text, "note %d", i);
        HOUSE_OK(hc_lead_log(&id, house.ana, anas[0], HC_LEAD_TOUCH_NOTE, text, err));
    }
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_LEAD_TOUCH, err));
    HOUSE_OK(hc_query_set_limit(query, 4, err));
    HOUSE_OK(hc_lead_touches(&page, house.ana, anas[0], query, err));
    ck_assert_uint_eq(hc_lead_touch_page_count(page), 4);
    ck_assert_str_eq(hc_lead_touch_message(hc_lead_touch_page_at(page, 0)), "note 4");
    ck_assert(same_id(hc_lead_touch_actor_id(hc_lead_touch_page_at(page, 0)), house.ana_id));
    HOUSE_OK(hc_lead_touch_to_json(&json, hc_lead_touch_page_at(page, 0), err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "\"kind\":\"note\""));
    ck_assert_ptr_null(strstr(hc_text_data(json), "token"));
    hc_text_free(json);
    HOUSE_OK(hc_query_set_cursor(query, hc_lead_touch_page_cursor(page), err));
    hc_lead_touch_page_free(page);
    HOUSE_OK(hc_lead_touches(&page, house.admin, anas[0], NULL, err));
    ck_assert_uint_eq(hc_lead_touch_page_count(page), 6);
    hc_lead_touch_page_free(page);
    HOUSE_OK(hc_lead_touches(&page, house.ana, anas[0], query, err));
    ck_assert_uint_eq(hc_lead_touch_page_count(page), 2);
    ck_assert_int_eq(hc_lead_touch_kind(hc_lead_touch_page_at(page, 1)), HC_LEAD_TOUCH_INQUIRY);
    hc_lead_touch_page_free(page);
    HOUSE_FAILS(hc_lead_touches(&page, house.ana, anas[1], query, err), HC_ERR_INVALID, "cursor"); /* of another lead */
    hc_query_free(query);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_agent_sees_their_own_leads_alone);
    tcase_add_test(tcase, each_role_lists_what_is_theirs);
    tcase_add_test(tcase, a_buyer_sees_what_they_said_and_no_more);
    tcase_add_test(tcase, filters_and_orders_answer);
    tcase_add_test(tcase, breaches_of_the_response_target_are_found);
    tcase_add_test(tcase, the_target_is_the_clients);
    tcase_add_test(tcase, pages_hold_each_lead_once);
    tcase_add_test(tcase, what_was_said_comes_in_pages);
}

int main(void)
{
    return suite_main("lead.read", fill, open_leads, house_close);
}
