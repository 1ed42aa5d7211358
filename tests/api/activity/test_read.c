/* Who reads which entries, and counts of them. */
#include <stdio.h>

#include "importing.h"
#include "entries.h"

static size_t rows_of(hc_activity_page *page)
{
    size_t count = hc_activity_page_count(page);

    hc_activity_page_free(page);
    return count;
}

static void blob(char out[40], const hc_id *id)
{
    int at = snprintf(out, 40, "%s", id == NULL ? "NULL" : "x'");

    for (int i = 0; id != NULL && i < 16; i++)
        at += snprintf(out + at, 40 - (size_t)at, "%02x%s", id->bytes[i], i == 15 ? "'" : "");
}

/* A lead of a buyer (or a guest) that is assigned to an agent, as another program writes it. */
static hc_id lead_of(const hc_id *buyer, hc_id agent)
{
    static uint8_t number;
    hc_id id = {{0xee, ++number}};
    char sql[400], text[3][40];

    blob(text[0], &id);
    blob(text[1], buyer);
    blob(text[2], &agent);
    snprintf(sql, sizeof sql,
             "INSERT INTO leads(id,buyer_id,agent_id,status,created_at,updated_at,version)"
             " VALUES(%s,%s,%s,'new',at(%lld),at(%lld),1)",
             text[0], text[1], text[2], (long long)house_now(), (long long)house_now());
    house_change(sql);
    return id;
}

static void some_activity(void)
{
    for (int i = 0; i < 3; i++) {
        house_pass(HOUSE_SECOND);
        logged(house.bea, "view_property", &house.anas_ids[0]);
    }
    house_pass(HOUSE_SECOND);
    logged(house.bea, "Photo Gallery", &house.bens_id);
    house_pass(HOUSE_SECOND);
    logged(house.guest, "view_property", &house.anas_ids[0]);
    house_pass(HOUSE_SECOND);
    logged(house.ana, "called the buyer", &house.anas_ids[0]);
}

/* Z09: one's own, and nobody's network. */
START_TEST(one_lists_ones_own)
{
    hc_activity_page *page = NULL;
    hc_query *all = all_of_it();
    const hc_activity *row;

    some_activity();
    HOUSE_OK(hc_activity_list(&page, house.bea, NULL, err));
    ck_assert_uint_eq(hc_activity_page_count(page), 4);
    row = hc_activity_page_at(page, 0);
    ck_assert_str_eq(hc_activity_action(row), "Photo Gallery"); /* the newest */
    for (size_t i = 0; i < 4; i++) {
        row = hc_activity_page_at(page, i);
        ck_assert_mem_eq(hc_activity_user_id(row).bytes, house.bea_id.bytes, 16);
        ck_assert_ptr_null(hc_activity_ip(row));
    }
    hc_activity_page_free(page);
    HOUSE_OK(hc_activity_list(&page, house.ana, NULL, err));
    ck_assert_uint_eq(rows_of(page), 1);
    HOUSE_OK(hc_activity_list(&page, house.ben, NULL, err));
    ck_assert_uint_eq(rows_of(page), 0);
    HOUSE_FAILS(hc_activity_list(&page, house.guest, NULL, err), HC_ERR_UNAUTHENTICATED, "scope");
    HOUSE_FAILS(hc_activity_list(&page, house.bea, all, err), HC_ERR_FORBIDDEN, "scope");
    HOUSE_FAILS(hc_activity_list(&page, house.ana, all, err), HC_ERR_FORBIDDEN, "scope");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_OK(hc_activity_list(&page, house.admin, all, err));
    ck_assert_uint_eq(hc_activity_page_count(page), 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_str_eq(hc_activity_ip(hc_activity_page_at(page, i)), "203.0.113.0");
    hc_activity_page_free(page);
    hc_query_free(all);
}
END_TEST

/* Z09: a listing's agent and admins; the agent without networks and visits. */
START_TEST(a_listings_activity_is_its_agents)
{
    hc_activity_page *page = NULL;
    hc_query *query = NULL;
    hc_id nothing = {{9}};

    some_activity();
    HOUSE_OK(hc_activity_of_listing(&page, house.ana, house.anas_ids[0], NULL, err));
    ck_assert_uint_eq(hc_activity_page_count(page), 5);
    for (size_t i = 0; i < 5; i++) {
        const hc_activity *row = hc_activity_page_at(page, i);
        ck_assert_mem_eq(hc_activity_target_id(row).bytes, house.anas_ids[0].bytes, 16);
        ck_assert_ptr_null(hc_activity_ip(row));
        ck_assert_ptr_null(hc_activity_session_id(row));
    }
    hc_activity_page_free(page);
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_ACTIVITY, err));
    HOUSE_OK(hc_query_set_filter(query, "action eq 'view_property' and user_id eq null", err));
    HOUSE_OK(hc_activity_of_listing(&page, house.admin, house.anas_ids[0], query, err));
    ck_assert_uint_eq(hc_activity_page_count(page), 1);
    ck_assert_str_eq(hc_activity_session_id(hc_activity_page_at(page, 0)), VISIT);
    ck_assert_str_eq(hc_activity_ip(hc_activity_page_at(page, 0)), "203.0.113.0");
    hc_activity_page_free(page);
    HOUSE_OK(hc_query_set_filter(query, "session_id eq '" VISIT "'", err));
    HOUSE_FAILS(hc_activity_of_listing(&page, house.ana, house.anas_ids[0], query, err), HC_ERR_FORBIDDEN,
                "session_id"); /* what is hidden is not found by a filter */
    HOUSE_OK(hc_activity_of_listing(&page, house.ana, house.anas_ids[2], NULL, err)); /* withdrawn, and hers */
    ck_assert_uint_eq(rows_of(page), 0);
    (void)house_snapshot();
    HOUSE_FAILS(hc_activity_of_listing(&page, house.ben, house.anas_ids[0], NULL, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.ben);
    HOUSE_FAILS(hc_activity_of_listing(&page, house.ben, house.anas_ids[2], NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_activity_of_listing(&page, house.ben, nothing, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_activity_of_listing(&page, house.bea, house.anas_ids[0], NULL, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_activity_of_listing(&page, house.guest, house.anas_ids[0], NULL, err), HC_ERR_UNAUTHENTICATED, "");
    ck_assert_ptr_null(page);
    hc_query_free(query);
}
END_TEST

START_TEST(a_buyers_activity_is_read_through_their_lead)
{
    hc_activity_page *page = NULL;
    hc_id lead = lead_of(&house.bea_id, house.ana_id), guests = lead_of(NULL, house.ana_id);

    some_activity();
    HOUSE_OK(hc_activity_of_lead(&page, house.ana, lead, NULL, err));
    ck_assert_uint_eq(hc_activity_page_count(page), 4); /* on ben's listing, too */
    for (size_t i = 0; i < 4; i++) {
        ck_assert_mem_eq(hc_activity_user_id(hc_activity_page_at(page, i)).bytes, house.bea_id.bytes, 16);
        ck_assert_ptr_null(hc_activity_ip(hc_activity_page_at(page, i)));
    }
    hc_activity_page_free(page);
    HOUSE_OK(hc_activity_of_lead(&page, house.admin, lead, NULL, err));
    ck_assert_uint_eq(rows_of(page), 4);
    HOUSE_OK(hc_activity_of_lead(&page, house.ana, guests, NULL, err));
    ck_assert_ptr_null(hc_activity_page_cursor(page));
    ck_assert_int_eq(hc_activity_page_total(page), -1);
    ck_assert_uint_eq(rows_of(page), 0);
    (void)house_snapshot();
    HOUSE_FAILS(hc_activity_of_lead(&page, house.ben, lead, NULL, err), HC_ERR_NOT_FOUND, "id");
    house_assert_audited("authz_fail", house.ben);
    HOUSE_FAILS(hc_activity_of_lead(&page, house.bea, lead, NULL, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_activity_of_lead(&page, house.guest, lead, NULL, err), HC_ERR_UNAUTHENTICATED, "");
}
END_TEST

START_TEST(pages_go_on_where_they_ended_and_for_nobody_else)
{
    hc_activity_page *page = NULL;
    hc_query *query = NULL;
    size_t seen = 0;
    char cursor[1024] = "";

    for (int i = 0; i < 25; i++) {
        house_pass(i % 3 == 0 ? HOUSE_SECOND : 0); /* entries of one millisecond, too */
        logged(house.bea, "view_property", &house.anas_ids[0]);
        logged(house.bea, "view_property", &house.anas_ids[1]);
    }
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_ACTIVITY, err));
    HOUSE_OK(hc_query_set_limit(query, 7, err));
    for (bool more = true; more; seen += rows_of(page)) {
        HOUSE_OK(hc_activity_of_listing(&page, house.ana, house.anas_ids[0], query, err));
        more = hc_activity_page_has_more(page);
        if (more)
            snprintf(cursor, sizeof cursor, "%s", hc_activity_page_cursor(page));
        if (more)
            HOUSE_OK(hc_query_set_cursor(query, cursor, err));
    }
    ck_assert_uint_eq(seen, 25);
    HOUSE_FAILS(hc_activity_of_listing(&page, house.ana, house.anas_ids[1], query, err), HC_ERR_INVALID, "cursor");
    HOUSE_FAILS(hc_activity_of_listing(&page, house.admin, house.anas_ids[0], query, err), HC_ERR_INVALID, "cursor");
    HOUSE_FAILS(hc_activity_list(&page, house.bea, query, err), HC_ERR_INVALID, "cursor");
    hc_query_free(query);
}
END_TEST

START_TEST(a_list_by_user_target_or_time_walks_an_index)
{
    static const char *const ways[] = {"user_id eq %s", "target_id eq %s",
                                       "timestamp ge 2025-11-23T00:00:00Z and timestamp lt 2025-11-24T00:00:00Z"};
    hc_query *query = all_of_it();
    hc_text *plan = NULL;
    char id[HC_ID_TEXT_SIZE], quoted[64], filter[200];

    hc_id_format(id, house.bea_id);
    snprintf(quoted, sizeof quoted, "'%s'", id);
    for (size_t i = 0; i < 3; i++) {
        snprintf(filter, sizeof filter, ways[i], quoted);
        HOUSE_OK(hc_query_set_filter(query, filter, err));
        HOUSE_OK(hc_query_explain(&plan, house.admin, query, err));
        ck_assert_msg(strstr(hc_text_data(plan), "class A") != NULL, "%s: %s", filter, hc_text_data(plan));
        ck_assert_msg(strstr(hc_text_data(plan), "TEMP B-TREE") == NULL, "%s: %s", filter, hc_text_data(plan));
        hc_text_free(plan);
    }
    hc_query_free(query);
}
END_TEST

/* ---- counts ---- */

START_TEST(counts_are_by_action_and_day)
{
    const int32_t day = DAY_OF(HOUSE_START);
    hc_activity_counts *counts = NULL;

    house_set_time(day * HOUSE_DAY + HOUSE_DAY - 1); /* the last µs of a day */
    logged(house.bea, "view_property", &house.anas_ids[0]);
    logged(house.bea, "Detailed View", &house.anas_ids[0]);
    logged(house.guest, "Photo Gallery", &house.anas_ids[0]);
    logged(house.bea, "view_property", &house.anas_ids[1]);
    logged(house.bea, "view_property", &house.bens_id);
    logged(house.bea, "view_property", NULL);
    house_pass(1);
    logged(house.guest, "view_property", &house.anas_ids[0]);
    logged(house.ana, "called the buyer", &house.anas_ids[0]);

    HOUSE_OK(hc_activity_counts_of_listing(&counts, house.ana, house.anas_ids[0], day, day + 1, err));
    ck_assert_uint_eq(hc_activity_counts_size(counts), 4);
    assert_count(counts, 0, day, "Detailed View", 2);
    assert_count(counts, 1, day, "Photo Gallery", 1);
    assert_count(counts, 2, day + 1, "Detailed View", 1);
    assert_count(counts, 3, day + 1, "called the buyer", 1);
    ck_assert_int_eq(hc_activity_counts_total(counts, "view_property"), 3);
    ck_assert_int_eq(hc_activity_counts_total(counts, "Detailed View"), 3);
    ck_assert_int_eq(hc_activity_counts_total(counts, NULL), 5);
    ck_assert_ptr_null(hc_activity_counts_action(counts, 4));
    hc_activity_counts_free(counts);

    HOUSE_OK(hc_activity_counts_of_listing(&counts, house.admin, house.anas_ids[0], day + 1, day + 1, err));
    ck_assert_uint_eq(hc_activity_counts_size(counts), 2);
    hc_activity_counts_free(counts);
    HOUSE_OK(hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, day - 300, day + 1, err));
    ck_assert_uint_eq(hc_activity_counts_size(counts), 4);
    assert_count(counts, 0, day, "Detailed View", 3); /* of two listings */
    ck_assert_int_eq(hc_activity_counts_total(counts, NULL), 6);
    hc_activity_counts_free(counts);
    HOUSE_OK(hc_activity_counts_of_agent(&counts, house.admin, house.ben_id, day, day, err));
    ck_assert_int_eq(hc_activity_counts_total(counts, NULL), 1);
    hc_activity_counts_free(counts);
    HOUSE_OK(hc_activity_counts_of_agent(&counts, house.admin, house.bea_id, day, day, err));
    ck_assert_uint_eq(hc_activity_counts_size(counts), 0);
    hc_activity_counts_free(counts);
}
END_TEST

/* An agent with more listings than one question names: those that nobody looked at cost nothing a day. */
START_TEST(counts_are_of_all_of_an_agents_listings)
{
    static char csv[64 * 1024];
    const int32_t day = DAY_OF(HOUSE_START);
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_activity_counts *counts = NULL;
    size_t size = (size_t)snprintf(csv, sizeof csv, HEADER);
    char key[16];

    for (int i = 0; i < 1001; i++)
        size += (size_t)snprintf(csv + size, sizeof csv - size, "K%d,2026-01-01,100000,3\n", i);
    memset(&job, 0, sizeof job);
    job.options = options;
    import_text(house.ana, csv, 1001, 0, 0, 0);
    for (int i = 0; i < 1001; i += 500) {
        hc_property *home;
        hc_id id;

        snprintf(key, sizeof key, "K%d", i);
        home = imported(house.ana, key);
        id = hc_property_id(home);
        logged(house.bea, "view_property", &id);
        hc_property_free(home);
    }
    HOUSE_OK(hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, day - 364, day, err));
    ck_assert_uint_eq(hc_activity_counts_size(counts), 1);
    assert_count(counts, 0, day, "Detailed View", 3);
    hc_activity_counts_free(counts);
}
END_TEST

START_TEST(counts_are_for_who_may_read)
{
    const int32_t day = DAY_OF(HOUSE_START);
    hc_activity_counts *counts = NULL;

    HOUSE_FAILS(hc_activity_counts_of_listing(&counts, house.ben, house.anas_ids[0], day, day, err), HC_ERR_FORBIDDEN,
                "");
    HOUSE_FAILS(hc_activity_counts_of_listing(&counts, house.ben, house.anas_ids[2], day, day, err), HC_ERR_NOT_FOUND,
                "id");
    HOUSE_FAILS(hc_activity_counts_of_listing(&counts, house.bea, house.anas_ids[0], day, day, err), HC_ERR_FORBIDDEN,
                "");
    HOUSE_FAILS(hc_activity_counts_of_agent(&counts, house.ana, house.ben_id, day, day, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_FAILS(hc_activity_counts_of_agent(&counts, house.guest, house.ana_id, day, day, err), HC_ERR_UNAUTHENTICATED,
                "");
    HOUSE_FAILS(hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, day, day - 1, err), HC_ERR_INVALID,
                "last_day");
    HOUSE_FAILS(hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, day, day + 366, err), HC_ERR_INVALID,
                "last_day");
    HOUSE_FAILS(hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, INT32_MIN, day, err), HC_ERR_INVALID,
                "first_day");
    HOUSE_FAILS(hc_activity_counts_of_agent(NULL, house.ana, house.ana_id, day, day, err), HC_ERR_MISUSE, "out");
    ck_assert_ptr_null(counts);
    HOUSE_OK(hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, day, day + 365, err));
    ck_assert_uint_eq(hc_activity_counts_size(counts), 0);
    hc_activity_counts_free(counts);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, one_lists_ones_own);
    tcase_add_test(tcase, a_listings_activity_is_its_agents);
    tcase_add_test(tcase, a_buyers_activity_is_read_through_their_lead);
    tcase_add_test(tcase, pages_go_on_where_they_ended_and_for_nobody_else);
    tcase_add_test(tcase, a_list_by_user_target_or_time_walks_an_index);
    tcase_add_test(tcase, counts_are_by_action_and_day);
    tcase_add_test(tcase, counts_are_of_all_of_an_agents_listings);
    tcase_add_test(tcase, counts_are_for_who_may_read);
}

int main(void)
{
    return suite_main("api.activity.read", fill, house_open, house_close);
}
