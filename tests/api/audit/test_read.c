/* Reading the audit log: who, what, when, by what an index serves; and that no call changes a row. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/audit.h"
#include "house.h"

static hc_query *by(const char *filter, const char *sort)
{
    hc_query *query = NULL;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_AUDIT, err));
    HOUSE_OK(hc_query_set_filter(query, filter, err));
    if (sort != NULL)
        HOUSE_OK(hc_query_set_sort(query, sort, err));
    HOUSE_OK(hc_query_set_limit(query, 200, err));
    return query;
}

static hc_audit_page *list(const char *filter, const char *sort)
{
    hc_query *query = by(filter, sort);
    hc_audit_page *page = NULL;

    HOUSE_OK(hc_audit_list(&page, house.admin, query, err));
    hc_query_free(query);
    return page;
}

static size_t count(const char *filter)
{
    hc_audit_page *page = list(filter, NULL);
    size_t out = hc_audit_page_count(page);

    hc_audit_page_free(page);
    return out;
}

static bool same_id(hc_id a, hc_id b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

START_TEST(a_refusal_tells_who_what_from_where_and_why)
{
    static const hc_id none;
    hc_audit_page *page;
    const hc_audit *row;

    house_pass(HOUSE_MINUTE);
    hc_session_set_request_id(house.bea, "req-17");
    HOUSE_FAILS(hc_property_delete(house.bea, house.bens_id, 1, err), HC_ERR_FORBIDDEN, "");
    house_settle();
    page = list("event eq 'authz_fail'", NULL);
    ck_assert_uint_eq(hc_audit_page_count(page), 1);
    row = hc_audit_page_at(page, 0);
    ck_assert_str_eq(hc_audit_event(row), "authz_fail");
    ck_assert_str_eq(hc_audit_result(row), "refused");
    ck_assert_str_eq(hc_audit_reason(row), "delete a listing");
    ck_assert_str_eq(hc_audit_request_id(row), "req-17");
    ck_assert_str_eq(hc_audit_target_kind(row), "property");
    ck_assert_str_eq(hc_audit_ip(row), "203.0.113.0");
    ck_assert(same_id(hc_audit_target_id(row), house.bens_id));
    ck_assert(same_id(hc_audit_actor_id(row), house.bea_id));
    ck_assert(!same_id(hc_audit_session_id(row), none));
    ck_assert_int_eq(hc_audit_created_at(row), house_now());
    ck_assert_int_eq(hc_audit_seq(row), house_sql("SELECT seq FROM audit_heads"));
    ck_assert_int_eq(hc_audit_is_null(row, HC_AUDIT_REASON), 0);
    hc_audit_page_free(page);
}
END_TEST

START_TEST(one_row_is_read_by_its_id)
{
    hc_audit_page *page = list("", NULL), *many = NULL;
    hc_id ids[2] = {hc_audit_id(hc_audit_page_at(page, 1)), hc_audit_id(hc_audit_page_at(page, 0))};
    hc_id none = {{1}};
    hc_audit *row = NULL;
    hc_text *json = NULL;

    HOUSE_OK(hc_audit_get(&row, house.admin, ids[0], err));
    ck_assert(same_id(hc_audit_id(row), ids[0]));
    HOUSE_OK(hc_audit_to_json(&json, row, err));
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "\"event\":\""));
    ck_assert_ptr_null(strstr(hc_text_data(json), "seal"));
    ck_assert_ptr_null(strstr(hc_text_data(json), "pseudonym"));
    hc_text_free(json);
    hc_audit_free(row);
    HOUSE_OK(hc_audit_get_many(&many, house.system, ids, 2, err));
    ck_assert_uint_eq(hc_audit_page_count(many), 2);
    ck_assert(same_id(hc_audit_id(hc_audit_page_at(many, 0)), ids[0]));
    hc_audit_page_free(many);
    HOUSE_FAILS(hc_audit_get(&row, house.admin, none, err), HC_ERR_NOT_FOUND, "id");
    hc_audit_page_free(page);
}
END_TEST

START_TEST(rows_are_found_by_event_actor_target_and_time)
{
    char filter[200], id[HC_ID_TEXT_SIZE];
    int64_t all = house_sql("SELECT count(*) FROM audit_log");

    ck_assert_uint_eq(count("event eq 'authn_login_success'"), 4);
    ck_assert_uint_eq(count("event in ('authn_login_success', 'user_created')"), 8);
    ck_assert_uint_eq(count("event eq 'nothing'"), 0);
    hc_id_format(id, house.bea_id);
    snprintf(filter, sizeof filter, "actor_id eq '%s'", id);
    ck_assert_uint_eq(count(filter),
                      (size_t)house_sql("SELECT count(*) FROM audit_log WHERE actor_id=(SELECT id FROM users WHERE"
                                        " email='bea@example.com')"));
    snprintf(filter, sizeof filter, "target_id eq '%s' and event eq 'user_created'", id);
    ck_assert_uint_eq(count(filter), 1);
    house_pass(HOUSE_DAY);
    HOUSE_FAILS(hc_property_delete(house.bea, house.bens_id, 1, err), HC_ERR_FORBIDDEN, "");
    ck_assert_uint_eq(count("created_at gt 2025-11-24T00:00:00Z"), 1);
    ck_assert_uint_eq(count("created_at lt 2025-11-24T00:00:00Z"), (size_t)all);
    ck_assert_uint_eq(count(""), (size_t)all + 1);
}
END_TEST

/* The order that no sort names is the newest first, in which the page goes on. */
START_TEST(pages_go_through_all_rows_once)
{
    hc_query *query = by("", NULL);
    hc_audit_page *page = NULL;
    int64_t seen = 0, before = INT64_MAX;

    HOUSE_OK(hc_query_set_limit(query, 3, err));
    do {
        if (page != NULL)
            HOUSE_OK(hc_query_set_cursor(query, hc_audit_page_cursor(page), err));
        hc_audit_page_free(page);
        HOUSE_OK(hc_audit_list(&page, house.admin, query, err));
        for (size_t i = 0; i < hc_audit_page_count(page); i++, seen++) {
            ck_assert_int_le(hc_audit_created_at(hc_audit_page_at(page, i)), before);
            before = hc_audit_created_at(hc_audit_page_at(page, i));
        }
    } while (hc_audit_page_has_more(page));
    ck_assert_int_eq(seen, house_sql("SELECT count(*) FROM audit_log"));
    hc_audit_page_free(page);
    hc_query_free(query);
}
END_TEST

/* What an index answers looks at no more rows than it gives. */
START_TEST(an_index_serves_each_filter)
{
    static const char *const filters[] = {"event eq 'authz_fail'", "actor_id eq '00000000-0000-7000-8000-000000000001'",
                                          "target_id eq '00000000-0000-7000-8000-000000000001'",
                                          "created_at gt 2030-01-01T00:00:00Z", ""};

    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        hc_query *query = by(filters[i], NULL);
        hc_text *plan = NULL;

        HOUSE_OK(hc_query_explain(&plan, house.admin, query, err));
        ck_assert_msg(strstr(hc_text_data(plan), "class A") != NULL, "%s: %s", filters[i], hc_text_data(plan));
        hc_text_free(plan);
        hc_query_free(query);
    }
}
END_TEST

START_TEST(secrets_and_addresses_are_no_filter)
{
    static const char *const fields[] = {"seal", "pseudonym", "ip", "reason"};
    hc_query *query = NULL;
    char filter[64];

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_AUDIT, err));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        hc_error err = {0};
        snprintf(filter, sizeof filter, "%s eq 'x'", fields[i]);
        ck_assert_int_eq(hc_query_set_filter(query, filter, &err), HC_ERR_INVALID);
    }
    hc_query_free(query);
}
END_TEST

/* M04: a flood of refusals drops no row, its own or another's. */
START_TEST(a_flood_hides_no_event)
{
    enum { FLOOD = 3000 };
    hc_audit_report report = HC_AUDIT_REPORT_INIT;
    int64_t before = house_sql("SELECT count(*) FROM audit_log");

    for (int i = 0; i < FLOOD; i++) {
        if (i == FLOOD / 2)
            HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
        HOUSE_FAILS(hc_property_delete(house.guest, house.anas_ids[0], 1, err), HC_ERR_UNAUTHENTICATED, "");
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log"), before + FLOOD + 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event='authz_fail' AND actor_id IS NULL"), FLOOD);
    ck_assert_uint_eq(count("event eq 'sensitive_delete'"), 1);
    house_settle();
    HOUSE_OK(hc_audit_verify(&report, house.admin, NULL, err));
    ck_assert_int_eq(report.rows, before + FLOOD + 1);
}
END_TEST

/* Upkeep sweeps what has had its day; the log has none. */
START_TEST(upkeep_takes_no_row)
{
    int64_t before = house_sql("SELECT count(*) FROM audit_log"), done;

    house_pass(1000 * HOUSE_DAY);
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, &done, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log"), before);
}
END_TEST

/* M05: what a caller put into a row stays one field of one line. */
START_TEST(a_row_is_one_line)
{
    hc_audit_page *page;
    hc_text *json = NULL;

    hc_session_set_request_id(house.bea, "a\r\nevent=\"authn_login_success\"\x1b[31m");
    HOUSE_FAILS(hc_property_delete(house.bea, house.bens_id, 1, err), HC_ERR_FORBIDDEN, "");
    page = list("event eq 'authz_fail'", NULL);
    ck_assert_str_eq(hc_audit_request_id(hc_audit_page_at(page, 0)), "a");
    HOUSE_OK(hc_audit_to_json(&json, hc_audit_page_at(page, 0), err));
    ck_assert_ptr_null(strpbrk(hc_text_data(json), "\r\n\x1b"));
    hc_text_free(json);
    hc_audit_page_free(page);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_refusal_tells_who_what_from_where_and_why);
    tcase_add_test(tcase, one_row_is_read_by_its_id);
    tcase_add_test(tcase, rows_are_found_by_event_actor_target_and_time);
    tcase_add_test(tcase, pages_go_through_all_rows_once);
    tcase_add_test(tcase, an_index_serves_each_filter);
    tcase_add_test(tcase, secrets_and_addresses_are_no_filter);
    tcase_add_test(tcase, a_flood_hides_no_event);
    tcase_add_test(tcase, upkeep_takes_no_row);
    tcase_add_test(tcase, a_row_is_one_line);
}

int main(void)
{
    return suite_main("api.audit.read", fill, house_open, house_close);
}
