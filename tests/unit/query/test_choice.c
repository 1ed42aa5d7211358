/* Which index a list walks over, what bounds it, and what a list is filtered and ordered by when nobody says so. */
#include "shelf.h"

/* ---- plans ---- */

static const char *plan_of(const char *filter, const char *sort)
{
    again();
    ck_assert_msg(hc__query_parse(&query, filter, sort, &err) == HC_OK, "%s: %s", filter, err.message);
    query.scope = HC__SCOPE_ALL;
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    return text.data;
}

START_TEST(a_status_that_is_no_null_is_one_of_its_words)
{
    ck_assert_ptr_nonnull(strstr(plan_of("city eq 'Austin'", "price"), "streams 4\n"));
    ck_assert_ptr_nonnull(strstr(plan_of("city eq 'Austin' and status ne null", "price"), "streams 3\n"));
}
END_TEST

/* What names somebody, wherever its index stands; of equals the one of fewer streams. */
START_TEST(the_index_that_narrows_most_is_walked)
{
    static const char me[] = "actor_id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'";
    static const char one[] = "id eq '019b76da-a800-7000-83e3-b68dfbc6ce13' and geo.near(30,-97,500)";
    char filter[200];

    ck_assert_ptr_nonnull(strstr(plan_of(one, "beds"), "class B\nindex id\n")); /* and no place is tried before */
    hc__query_free(&query);
    hc__query_init(&query, &mem, &hc__audit_entity);
    ck_assert_ptr_nonnull(strstr(plan_of("", "created_at"), "index created\n"));
    ck_assert_ptr_nonnull(strstr(plan_of(me, "created_at"), "index actor\n"));
    ck_assert_ptr_nonnull(strstr(plan_of("event eq 'a'", "created_at"), "index event\n"));
    snprintf(filter, sizeof(filter), "%s and event eq 'a'", me);
    ck_assert_ptr_nonnull(strstr(plan_of(filter, "created_at"), "index event\n"));
    snprintf(filter, sizeof(filter), "%s and event in ('a','b')", me);
    ck_assert_ptr_nonnull(strstr(plan_of(filter, "created_at"), "index actor\n"));
    hc__query_free(&query);
    hc__query_init(&query, &mem, &hc__user_entity);
    ck_assert_ptr_nonnull(strstr(plan_of("role eq 'agent'", "created_at"), "index role\n"));
    ck_assert_ptr_nonnull(strstr(plan_of("email eq 'a@b.c'", "created_at"), "index email_norm\n"));
}
END_TEST

/* Of two circles around one place the first is looked for, and the other tested. */
START_TEST(the_first_circle_is_looked_for)
{
    char where[300];
    const char *at = strstr(plan_of("geo.near(30,-97,500)", "distance"), "where ");

    ck_assert_ptr_nonnull(at);
    snprintf(where, sizeof(where), "%.*s", (int)strcspn(at, "\n"), at);
    ck_assert_ptr_nonnull(strstr(plan_of("geo.near(30,-97,500) and geo.near(30,-97,5000)", "distance"), where));
    ck_assert_ptr_nonnull(strstr(plan_of("beds ne 7 and geo.near(30,-97,500)", "distance"), where));
    ck_assert_ptr_null(strstr(plan_of("geo.near(30,-97,5000) and geo.near(30,-97,500)", "distance"), where));
}
END_TEST

START_TEST(an_order_that_is_not_asked_for_is_the_records_own)
{
    ck_assert_ptr_nonnull(strstr(plan_of("", NULL), "order -created_at, -id\n"));
    hc__query_free(&query);
    hc__query_init(&query, &mem, &hc__appointment_entity);
    ck_assert_ptr_nonnull(strstr(plan_of("", NULL), "order scheduled_time, id\n"));
}
END_TEST

/* What listings are filtered by when nobody says so has no place elsewhere. */
START_TEST(other_records_have_no_filter_of_their_own)
{
    hc__query_free(&query);
    hc__query_init(&query, &mem, &hc__agent_entity);
    ck_assert_int_eq(query.scope, HC__SCOPE_PUBLIC);
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    ck_assert_ptr_nonnull(strstr(text.data, "where true\nfilter true\n"));
}
END_TEST

START_TEST(what_a_listings_filter_leaves_out_is_added)
{
    const hc__expr *added[2];
    size_t count = 9;

    ask_filter("price ge 5", NULL);
    ck_assert_int_eq(hc__listing_defaults(added, &count, &query.arena, &query, &reader, &err), HC_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert(added[0]->field == P(status) && added[0]->test == HC_TEST_EQ && added[0]->value_count == 1);
    ck_assert(added[0]->values->type == HC_TYPE_ENUM && added[0]->values->as.integer == 1);
    ck_assert(added[1]->field == P(currency) && added[1]->test == HC_TEST_EQ && added[1]->value_count == 1);
    ck_assert(added[1]->values->type == HC_TYPE_TEXT && added[1]->values->size == 3);
    ck_assert_mem_eq(added[1]->values->as.bytes, "USD", 3);
    query.scope = HC__SCOPE_OWN;
    ck_assert_int_eq(hc__listing_defaults(added, &count, &query.arena, &query, &reader, &err), HC_OK);
    ck_assert(count == 1 && added[0]->field == P(currency));
    ask_filter("price ge 5 and currency eq 'EUR' and standard_status eq 'Active'", NULL);
    ck_assert_int_eq(hc__listing_defaults(added, &count, &query.arena, &query, &reader, &err), HC_OK);
    ck_assert_uint_eq(count, 0);
}
END_TEST

/* Whichever stands first. */
START_TEST(what_is_null_and_is_not_is_nowhere)
{
    ck_assert_ptr_nonnull(strstr(plan_of("list_date ne null and list_date eq null", "price"), "false"));
    ck_assert_ptr_nonnull(strstr(plan_of("list_date eq null and list_date ne null", "price"), "false"));
    ck_assert_ptr_nonnull(strstr(plan_of("list_date eq null and list_date eq 2020-01-01", "price"), "false"));
    ck_assert_ptr_null(strstr(plan_of("list_date eq null and beds ne null", "price"), "false"));
}
END_TEST

/* Its index has the column first, and finds nothing by it. */
START_TEST(an_index_that_narrows_nothing_is_not_taken)
{
    ck_assert_ptr_nonnull(strstr(plan_of("contains(city,'x')", "beds"), "index none\n"));
    ck_assert_ptr_null(strstr(plan_of("startswith(city,'x')", "beds"), "index none\n"));
}
END_TEST

/* ---- walks ---- */

static int32_t index_named(const char *name)
{
    for (uint32_t i = 0; i < hc__property_entity.kind.index_count; i++)
        if (strcmp(hc__property_entity.kind.indexes[i].name, name) == 0)
            return (int32_t)i;
    ck_abort_msg("no index %s", name);
    return -1;
}

/* Where rows without the key begin a page, the next goes on among them. */
START_TEST(a_cut_among_rows_without_the_key_goes_on_there)
{
    crowd(9);
    put_text(shelf.rows[7], P(title_norm), "hut");
    ask_filter("contains(title,'t')", "list_date");
    shelf.stop = 5;
    ck_assert_str_eq(listed(), "");
    ck_assert(page.is_short);
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "h7");
}
END_TEST

/* Where more rows match than may be looked up, and it is walked over. */
START_TEST(a_walk_is_bounded_by_what_fixes_its_key)
{
    const struct seen *op;

    crowd(9);
    for (size_t i = 0; i < 9; i++)
        put_int(shelf.rows[i], P(price), 500);
    shelf.stop = 4;
    ask_filter("price eq 5 and sqft eq null", "price");
    listed();
    op = &shelf.seen[shelf.ops - 1];
    ck_assert(op->index == index_named("price") && op->order_count == 2);
    ck_assert_ptr_nonnull(strstr(op->where, "price = 500"));
    ck_assert_ptr_null(strstr(op->filter, "price"));
    ck_assert_ptr_nonnull(strstr(op->filter, "sqft is null"));
    ask_filter("list_date eq null and sqft eq null", "list_date");
    listed();
    op = &shelf.seen[shelf.ops - 1];
    ck_assert(op->index == index_named("listed") && op->order_count == 1 && op->order[0].field == P(id));
    ck_assert_ptr_nonnull(strstr(op->where, "list_date is null"));
    ck_assert_ptr_null(strstr(op->filter, "list_date"));
    ck_assert_ptr_nonnull(strstr(op->filter, "sqft is null"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_index_that_narrows_nothing_is_not_taken);
    tcase_add_test(tcase, a_status_that_is_no_null_is_one_of_its_words);
    tcase_add_test(tcase, the_index_that_narrows_most_is_walked);
    tcase_add_test(tcase, the_first_circle_is_looked_for);
    tcase_add_test(tcase, an_order_that_is_not_asked_for_is_the_records_own);
    tcase_add_test(tcase, other_records_have_no_filter_of_their_own);
    tcase_add_test(tcase, what_a_listings_filter_leaves_out_is_added);
    tcase_add_test(tcase, what_is_null_and_is_not_is_nowhere);
    tcase_add_test(tcase, a_cut_among_rows_without_the_key_goes_on_there);
    tcase_add_test(tcase, a_walk_is_bounded_by_what_fixes_its_key);
}

int main(void)
{
    return suite_main("unit.query.choice", fill, shelf_open, shelf_close);
}
