/* Lists and counts inside of a unit of work. */
#include <stdio.h>

#include "entries.h"

/* What a list says of each entry, page by page, with its total. */
static void tell_list(char *out, size_t size, hc_session *as, const char *sort, const char *filter, int32_t limit)
{
    hc_query *query = NULL;
    hc_activity_page *page = NULL;
    size_t used = 0;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_ACTIVITY, err));
    HOUSE_OK(hc_query_set_limit(query, limit, err));
    HOUSE_OK(hc_query_set_sort(query, sort, err));
    HOUSE_OK(hc_query_set_count(query, 1, err));
    if (filter != NULL)
        HOUSE_OK(hc_query_set_filter(query, filter, err));
    for (bool more = true; more;) {
        HOUSE_OK(hc_activity_list(&page, as, query, err));
        for (size_t i = 0; i < hc_activity_page_count(page); i++)
            used += (size_t)snprintf(out + used, size - used, "%s ", hc_activity_action(hc_activity_page_at(page, i)));
        used += (size_t)snprintf(out + used, size - used, "/%lld ", (long long)hc_activity_page_total(page));
        more = hc_activity_page_has_more(page);
        if (more)
            HOUSE_OK(hc_query_set_cursor(query, hc_activity_page_cursor(page), err));
        hc_activity_page_free(page);
    }
    hc_query_free(query);
}

static void assert_list(const char *sort, const char *filter, int32_t limit, const char *expected)
{
    char told[400];

    tell_list(told, sizeof told, house.ana, sort, filter, limit);
    ck_assert_msg(strcmp(told, expected) == 0, "%s: %s, not %s", sort, told, expected);
}

static hc_status append_and_look(hc_session *as, void *data, hc_error *err)
{
    const int32_t day = DAY_OF(house_now());
    hc_activity_counts *counts = NULL;
    hc_status status = HC_OK;
    hc_id id;

    for (int i = 0; i < 4 && status >= 0; i++)
        status = log_as(&id, as, entry_of("u", &house.anas_ids[0], NULL), err);
    if (status < 0)
        return status;
    assert_list("timestamp asc", NULL, 50, "a c u u u u e /7 ");
    assert_list("timestamp desc", NULL, 50, "e u u u u c a /7 ");
    assert_list("timestamp asc", NULL, 2, "a c /7 u u /7 u u /7 e /7 ");
    assert_list("timestamp desc", "action ne 'u'", 2, "e c /3 a /3 ");
    assert_list("timestamp asc", "action eq 'u'", 3, "u u u /4 u /4 ");
    assert_list("timestamp asc", "action eq 'c'", 1, "c /1 ");
    assert_list("timestamp asc", "action in ('u', 'a')", 10, "a u u u u /5 ");
    status = hc_activity_counts_of_listing(&counts, as, house.anas_ids[0], day, day, err);
    ck_assert_int_eq(status, HC_OK);
    ck_assert_uint_eq(hc_activity_counts_size(counts), 4);
    assert_count(counts, 0, day, "a", 1);
    assert_count(counts, 1, day, "c", 1);
    assert_count(counts, 3, day, "u", 4);
    ck_assert_int_eq(hc_activity_counts_total(counts, NULL), 7);
    hc_activity_counts_free(counts);
    HOUSE_OK(hc_activity_counts_of_agent(&counts, as, house.ana_id, day - 1, day, err));
    ck_assert_int_eq(hc_activity_counts_total(counts, NULL), 7);
    hc_activity_counts_free(counts);
    return *(const hc_status *)data;
}

START_TEST(a_unit_sees_what_it_appended_wherever_that_is_kept)
{
    hc_status end = HC_ERR_CANCELLED;
    hc_error err;

    logged(house.ana, "a", &house.anas_ids[0]);
    house_pass(HOUSE_SECOND);
    logged(house.ana, "c", &house.anas_ids[0]);
    house_pass(10 * HOUSE_SECOND);
    logged(house.ana, "e", &house.anas_ids[0]);
    house_pass(-5 * HOUSE_SECOND); /* so that the unit's stand between them */
    ck_assert_int_eq(hc_session_transact(house.ana, append_and_look, &end, &err), HC_ERR_CANCELLED);
    assert_list("timestamp asc", NULL, 50, "a c e /3 ");
    end = HC_OK;
    HOUSE_OK(hc_session_transact(house.ana, append_and_look, &end, err));
    assert_list("timestamp asc", NULL, 50, "a c u u u u e /7 ");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_unit_sees_what_it_appended_wherever_that_is_kept);
}

int main(void)
{
    return suite_main("api.activity.unit", fill, house_open, house_close);
}
