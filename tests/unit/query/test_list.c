/* Lists over a shelf: the operations that are sent, and the pages that come of them. */
#include "shelf.h"

static int32_t index_named(const char *name)
{
    for (uint32_t i = 0; i < hc__property_entity.kind.index_count; i++)
        if (strcmp(hc__property_entity.kind.indexes[i].name, name) == 0)
            return (int32_t)i;
    ck_abort_msg("no index %s", name);
    return -1;
}

/* All pages forth and back; the pages back must be those that came forth. */
static const char *walked(int32_t limit)
{
    static char all[4000];
    static char kept[SHELF_ROWS][600];
    size_t used = 0, count = 0;

    query.limit = limit;
    all[0] = '\0';
    for (;;) {
        const char *found = listed();

        ck_assert(page.count <= (size_t)limit);
        ck_assert(count == 0 ? page.previous == NULL : page.count == 0 || page.previous != NULL);
        snprintf(kept[count], sizeof(kept[0]), "%s", found);
        used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used > 0 && page.count > 0 ? " " : "", found);
        ck_assert(page.has_more == (page.next != NULL));
        if (page.next == NULL)
            break;
        go(hc__cursor_text(page.next));
        count++;
    }
    for (size_t i = count; i-- > 0;) {
        go(hc__cursor_text(page.previous));
        ck_assert_str_eq(listed(), kept[i]);
        ck_assert_ptr_nonnull(page.next);
    }
    ck_assert_ptr_null(page.previous);
    query.cursor = NULL;
    return all;
}

/* ---- class A ---- */

START_TEST(a_simple_list_is_one_operation_of_one_batch)
{
    for (int i = 0; i < 30; i++)
        put_int(shelf_add(i % 2 == 0 ? "even" : "odd", 100 * (30 - i)), P(beds), i % 4);
    ask("city=Austin&min_price=5&min_beds=2&sort=price&limit=5");
    ck_assert_str_eq(listed(), "odd even odd even odd");
    ck_assert_uint_eq(shelf.batches, 1);
    ck_assert_uint_eq(shelf.ops, 1);
    ck_assert_int_eq(shelf.seen[0].limit, 6);
    ck_assert_int_eq(shelf.seen[0].scan_limit, 50000);
    ck_assert_int_eq(shelf.seen[0].index, index_named("city_price_beds"));
    ck_assert_uint_eq(shelf.seen[0].order_count, 2);
    ck_assert_int_eq(shelf.seen[0].order[0].field, P(price));
    ck_assert(page.has_more && page.next != NULL && page.previous == NULL && page.total == -1 && !page.is_short);
}
END_TEST

static const struct {
    const char *string, *index, *class;
} plans[] = {
    {"", "created", "class A"},
    {"sort=price", "price", "class A"},
    {"sort=-price", "price", "class A"},
    {"sort=list_date", "listed", "class A"},
    {"city=Austin", "city_created_beds", "class A"},
    {"city=Austin&city=Dallas", "city_created_beds", "class A"},
    {"city=Austin&sort=-price&min_price=5", "city_price_beds", "class A"},
    {"city=Austin&type=house&min_beds=2&sort=price", "city_price_beds", "class A"},
    {"zip=78704&sort=price", "zip_price", "class A"},
    {"zip=78704&city=Austin&sort=price", "zip_price", "class A"},
    {"agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13", "agent_created", "class A"},
    {"scope=all&sort=price", "price", "class A"},
    {"scope=own", "created", "class A"},
    {"status=sold&status=pending&sort=price", "price", "class A"},
    {"zip=78704", "zip_price", "class B"},
    {"zip=787*&sort=price", "zip_price", "class B"},
    {"sort=beds", "listed", "class B"},
    {"sort=days_on_market", "listed", "class B"},
    {"city=Austin&sort=beds", "city_created_beds", "class B"},
    {"city=Austin&sort=price,beds", "city_created_beds", "class B"},
    {"near=30,-97,500", "place", "class B"},
    {"bbox=-98,30,-97,31", "place", "class B"},
    {"min_price=100&sort=beds", "price", "class B"},
    {"q=creek", "words", "class B"},
    {"q=creek&near=30,-97,500", "place", "class B"},
    {"q=creek&city=Austin", "words", "class B"},
    {"near=30,-97,150000&city=Austin", "place", "class B"},
    {"near=30,-97,500&zip=78704&sort=distance", "place", "class B"},
    {"q=creek&agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13&sort=-relevance", "words", "class B"},
    {"agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13&sort=price", "agent_created", "class B"},
};

START_TEST(the_plan_names_class_and_index)
{
    char want[80];

    ask(plans[_i].string);
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    snprintf(want, sizeof(want), "%s\nindex %s\n", plans[_i].class, plans[_i].index);
    ck_assert_msg(strncmp(text.data, want, strlen(want)) == 0, "%s: %s", plans[_i].string, text.data);
}
END_TEST

/* A box of 0.3 degrees narrows more than a city; a larger one may not, so that few of its rows are tried first. */
START_TEST(a_small_box_needs_no_trial)
{
    ask("bbox=-98,30,-97,30.3&city=Austin&sort=beds");
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    ck_assert_ptr_nonnull(strstr(text.data, "index place"));
    ck_assert_ptr_null(strstr(text.data, "over"));
    ask("bbox=-98,30,-97,30.30000001&city=Austin&sort=beds");
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    ck_assert_ptr_nonnull(strstr(text.data, "index place"));
    ck_assert_ptr_nonnull(strstr(text.data, "over 2000 rows: index city_created"));
}
END_TEST

START_TEST(a_list_of_cities_is_a_merge)
{
    static const char *const names[] = {"austin", "dallas", "waco"};

    for (int i = 0; i < 12; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "h%02d", i);
        row = shelf_add(title, 100 * ((i * 7) % 12 + 1));
        put_text(row, P(city_norm), names[i % 3]);
    }
    ask("city=Austin&city=WACO&city=waco&sort=price");
    ck_assert_str_eq(walked(3), "h00 h02 h09 h11 h06 h08 h03 h05");
    listed();
    ck_assert_uint_eq(shelf.batches, 1);
    ck_assert_uint_eq(shelf.ops, 2);
    ck_assert_str_eq(shelf.seen[1].where, "(status = 1 and city_norm = 'waco')");
}
END_TEST

/* Nulls last both ways: rows with the key, then rows without. */
START_TEST(a_nullable_key_is_paged_as_two_ranges)
{
    for (int i = 0; i < 10; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "h%d", i);
        row = shelf_add(title, 100);
        if (i % 2 == 0)
            put_int(row, P(list_date), 20000 - i % 4);
    }
    ask("sort=list_date");
    ck_assert_str_eq(walked(3), "h2 h6 h0 h4 h8 h1 h3 h5 h7 h9");
    ask("sort=-list_date");
    ck_assert_str_eq(walked(3), "h8 h4 h0 h6 h2 h9 h7 h5 h3 h1");
    ask("sort=list_date&listed_since=2020-01-01");
    ck_assert_str_eq(walked(2), "h2 h6 h0 h4 h8");
    ask_filter("list_date eq null", "list_date");
    ck_assert_str_eq(walked(2), "h1 h3 h5 h7 h9");
}
END_TEST

START_TEST(a_status_that_is_not_named_is_active_or_spelled_out)
{
    for (int i = 0; i < 8; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "h%d", i);
        row = shelf_add(title, 100 * (i + 1));
        put_int(row, P(status), i % 4);
        if (i % 4 == 0)
            row[P(status)].type = HC_TYPE_NULL;
    }
    ask("sort=price");
    ck_assert_str_eq(walked(2), "h1 h5");
    ask("sort=price&status=sold");
    ck_assert_str_eq(walked(2), "h3 h7");
    ask_filter("standard_status ne 'Closed'", "price");
    ck_assert_str_eq(walked(3), "h0 h1 h2 h3 h4 h5 h6 h7");
    ask("sort=price&scope=all");
    ck_assert_str_eq(walked(3), "h0 h1 h2 h3 h4 h5 h6 h7");
    listed();
    ck_assert_uint_eq(shelf.ops, 4);
    ask_filter("city eq 'Austin' or status eq 'sold'", "price");
    ck_assert_str_eq(walked(3), "h0 h1 h2 h3 h4 h5 h6 h7");
}
END_TEST

START_TEST(a_price_without_a_currency_is_in_the_clients)
{
    put_text(shelf_add("dollars", 100), P(currency), "USD");
    put_text(shelf_add("euros", 100), P(currency), "EUR");
    ask("sort=price&max_price=5");
    ck_assert_str_eq(listed(), "dollars");
    ask("sort=price");
    ck_assert_str_eq(listed(), "dollars euros");
    ask_filter("price le 5 and currency eq 'EUR'", "price");
    ck_assert_str_eq(listed(), "euros");
    ask_filter("close_price eq null", "price");
    ck_assert_str_eq(listed(), "dollars euros");
    reader.currency = "EUR";
    ask("sort=price&max_price=5");
    ck_assert_str_eq(listed(), "euros");
}
END_TEST

/* ---- class B ---- */

START_TEST(an_order_that_no_index_has_is_made_here)
{
    static const int64_t beds[] = {2, 0, 3, 2, 0, 1, 3, 2};
    static const int64_t sqft[] = {5, 7, 0, 0, 9, 0, 8, 5};

    for (int i = 0; i < 8; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "h%d", i);
        row = shelf_add(title, 100);
        if (beds[i] != 0)
            put_int(row, P(beds), beds[i]);
        if (sqft[i] != 0)
            put_int(row, P(sqft), sqft[i]);
    }
    ask("sort=beds");
    ck_assert_str_eq(walked(3), "h5 h0 h3 h7 h2 h6 h1 h4");
    ask("sort=-beds");
    ck_assert_str_eq(walked(2), "h6 h2 h7 h3 h0 h5 h4 h1");
    ask("sort=-beds,sqft");
    ck_assert_str_eq(walked(1), "h6 h2 h0 h7 h3 h5 h1 h4");
    ask("sort=beds,-sqft");
    ck_assert_str_eq(walked(4), "h5 h7 h0 h3 h6 h2 h4 h1");
}
END_TEST

START_TEST(days_on_market_are_of_open_and_closed_listings)
{
    static const struct {
        const char *title;
        int64_t to_close, listed; /* 0: null */
    } rows[] = {{"open10", 0, 20405}, {"shut30", 30, 20000}, {"open20", 0, 20395}, {"none", 0, 0}, {"shut5", 5, 0}};

    for (size_t i = 0; i < 5; i++) {
        hc_value *row = shelf_add(rows[i].title, 100);

        if (rows[i].to_close != 0)
            put_int(row, P(days_to_close), rows[i].to_close);
        if (rows[i].listed != 0)
            put_int(row, P(list_date), rows[i].listed);
    }
    ask("sort=days_on_market");
    ck_assert_str_eq(walked(2), "shut5 open10 open20 shut30 none");
    ask("sort=-days_on_market");
    ck_assert_str_eq(walked(2), "shut30 open20 open10 shut5 none");
    ask("max_dom=10&sort=days_on_market");
    ck_assert_str_eq(walked(2), "shut5 open10");
    ask_filter("days_on_market ne 10", "days_on_market");
    ck_assert_str_eq(walked(2), "shut5 open20 shut30 none");
    /* The first page's clock stays: a day later the cursor still means the same row. */
    ask("sort=days_on_market&limit=2");
    listed();
    reader.now += INT64_C(86400000000);
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "open20 shut30");
}
END_TEST

/* ---- bounds ---- */

START_TEST(a_long_walk_gives_a_short_page_that_goes_on)
{
    crowd(20);
    shelf.stop = 7;
    ask("sort=price&min_beds=1");
    ck_assert_str_eq(listed(), "h4");
    ck_assert(page.is_short && page.has_more && page.next != NULL && page.previous == NULL);
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "h9");
    ck_assert(page.is_short && page.previous != NULL);
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "h14 h19");
    ck_assert(!page.is_short && page.next == NULL);
    shelf.stop = 3;
    ask("sort=price&min_beds=1");
    ck_assert_str_eq(listed(), "");
    ck_assert(page.is_short && page.next != NULL && page.previous == NULL);
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "h4");
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "");
    go(hc__cursor_text(page.previous)); /* back from between the rows */
    ck_assert_str_eq(listed(), "");
    go(hc__cursor_text(page.previous));
    ck_assert_str_eq(listed(), "h4");
    query.cursor = NULL;
    shelf.stop = 0;
    ck_assert_str_eq(walked(2), "h4 h9 h14 h19");
}
END_TEST

/* A stream that was cut bounds the page of all: no row may be passed over. */
START_TEST(a_cut_stream_bounds_its_neighbours)
{
    char seen[100] = "";

    crowd(24);
    for (size_t i = 0; i < 24; i++)
        put_int(shelf.rows[i], P(status), i < 12 ? 1 : 3);
    shelf.stop = 5;
    ask("status=active&status=sold&sort=price&min_beds=1");
    for (;;) {
        for (const char *found = listed(); *found != '\0'; found += strcspn(found, " "), found += *found == ' ')
            strcat(strncat(seen, found, strcspn(found, " ")), " ");
        if (page.next == NULL)
            break;
        go(hc__cursor_text(page.next));
    }
    ck_assert_str_eq(seen, "h4 h9 h14 h19 ");
}
END_TEST

/* Whoever sends rows that are tested here does not know how many it takes. */
START_TEST(rows_that_are_tested_here_come_a_few_at_a_time)
{
    static const int64_t limits[] = {128, 128, 512, 512, 2048};
    char title[24];

    for (int i = 0; i < 1500; i++) {
        snprintf(title, sizeof(title), "%s%d", i % 400 == 399 ? "house" : "boat", i);
        put_int(shelf_add(title, 100 * (i + 1)), P(status), i % 3 == 0 ? 3 : 1);
    }
    ask_filter("not contains(title,'boat') and status in ('active','sold')", "price");
    ck_assert_str_eq(listed(), "house399 house799 house1199");
    ck_assert(!page.is_short && page.next == NULL);
    ck_assert_int_eq(page.examined, 1500);
    ck_assert_uint_eq(shelf.batches, 3);
    ck_assert_uint_eq(shelf.ops, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(shelf.seen[i].limit, limits[i]);
    ck_assert_int_eq(shelf.seen[1].scan_limit, 25000);
    ck_assert_int_eq(shelf.seen[3].scan_limit, 25000 - 128);
    ck_assert_str_eq(walked(1), "house399 house799 house1199");
    query.limit = 25;
    shelf.stop = 200; /* the second piece ends early, and with it the page */
    ck_assert_str_eq(listed(), "house399");
    ck_assert(page.is_short && page.next != NULL);
    shelf.stop = 0;
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "house799 house1199");
    ask_filter("not contains(title,'house') and status in ('active','sold')", "-price");
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_uint_eq(page.count, 25);
    ck_assert_uint_eq(shelf.batches, 1);
    ck_assert_uint_le(shelf.given, 60);
}
END_TEST

/* All rows that may be examined are full of rows that are none: the page ends behind the last of them. */
START_TEST(a_piece_that_ends_the_budget_cuts_the_page)
{
    for (int i = 0; i < 600; i++)
        shelf_add(i == 500 ? "house" : "boat", 100 * (i + 1));
    ask_filter("not contains(title,'boat') and status eq 'active'", "price");
    shelf.greedy = true; /* the first piece tells that it took all of it */
    ck_assert_str_eq(listed(), "");
    ck_assert(page.is_short && page.next != NULL);
    shelf.greedy = false;
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "house");
    query.cursor = NULL;
}
END_TEST

/* Listings that nobody sees without a status, of those without one. */
START_TEST(what_no_row_can_hold_is_not_looked_for)
{
    static const hc_value one = {HC_TYPE_ENUM, 0, {1}};
    const hc_predicate active = {
        .test = HC_TEST_EQ, .field = P(status), .inner = HC_NO_FIELD, .values = &one, .value_count = 1};
    const hc_predicate known = {.test = HC_TEST_NOT_NULL, .field = P(status), .inner = HC_NO_FIELD};
    const hc_predicate *policies[] = {&active, &known};

    crowd(20);
    for (size_t i = 0; i < 2; i++) {
        reader.policy = policies[i];
        ask_filter("status eq null", "-created_at");
        ck_assert_str_eq(listed(), "");
        ck_assert_int_eq(page.examined, 0);
        ck_assert(!page.is_short && page.next == NULL);
        ck_assert_uint_eq(shelf.batches, 1); /* which still asks for the session */
        ck_assert_str_eq(shelf.seen[0].where, "false");
    }
    reader.policy = NULL;
}
END_TEST

START_TEST(a_broad_search_names_what_would_narrow_it)
{
    crowd(20);
    shelf.stop = 7;
    ask("sort=beds");
    ck_assert_int_eq(run_list(), HC_ERR_TOO_BROAD);
    ck_assert_str_eq(err.field, "city");
    ck_assert_ptr_null(page.rows);
    ck_assert_int_eq(page.examined, 7); /* told all the same */
    ask("sort=beds&city=Austin");
    ck_assert_int_eq(run_list(), HC_ERR_TOO_BROAD);
    ck_assert_str_eq(err.field, "zip_code");
    ask("near=30,-97,1000&sort=distance");
    ck_assert_int_eq(run_list(), HC_ERR_TOO_BROAD);
    ck_assert_str_eq(err.field, "near");
    shelf.stop = 0;
    ck_assert_str_eq(walked(20), "h0 h1 h2 h3 h4 h5 h6 h7 h8 h9 h10 h11 h12 h13 h14 h15 h16 h17 h18 h19");
}
END_TEST

/* What may be too wide is tried, and the walk is there when it is. */
START_TEST(a_wide_box_gives_way_to_the_walk)
{
    crowd(20);
    ask("near=30,-97,2&limit=2");
    ck_assert_str_eq(listed(), "h19 h18");
    ck_assert_int_eq(shelf.seen[0].index, index_named("place"));
    ck_assert_int_eq(shelf.seen[0].scan_limit, 10000);
    ck_assert_uint_eq(shelf.ops, 2); /* and the rows by id */
    shelf.stop = 7;
    ck_assert_str_eq(listed(), "h19 h18");
    ck_assert_uint_eq(shelf.ops, 2);
    ck_assert_int_eq(shelf.seen[1].index, index_named("created"));
}
END_TEST

START_TEST(a_list_tells_how_many_rows_it_looked_at)
{
    crowd(20);
    ask("sort=price&limit=5");
    listed();
    ck_assert_int_eq(page.examined, 6); /* and one that tells of more */
    ck_assert_int_eq(page.counted, 0);
    ask("sort=price&limit=5&count=true");
    listed();
    ck_assert_int_eq(page.examined, 6);
    ck_assert_int_eq(page.counted, 20);
    ask("sort=beds&limit=5");
    listed();
    ck_assert_int_eq(page.examined, 20);
    shelf.stop = 7; /* what was tried before the walk counts too */
    ask("near=30,-97,2&limit=2");
    listed();
    ck_assert_int_eq(page.examined, 7 + 3);
}
END_TEST

/* However a list comes to its rows, its scans share one limit. */
START_TEST(all_scans_of_a_list_share_one_limit)
{
    static const char *const asked[] = {"sort=list_date",
                                        "status=sold&status=active&sort=list_date",
                                        "city=Austin&city=Waco&city=Rome&sort=-created_at",
                                        "near=30,-97,2&sort=list_date",
                                        "near=30,-97,2&city=Austin&sort=price",
                                        "near=30,-97,5000&sort=distance",
                                        "q=h1&city=Austin&sort=price",
                                        "sort=beds"};

    crowd(5);
    shelf.greedy = true;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        hc_status status;

        ask(asked[i]);
        status = run_list();
        ck_assert_msg(status == HC_OK || status == HC_ERR_TOO_BROAD, "%s: %s", asked[i], err.message);
        ck_assert_msg(page.examined <= 50000, "%s: %lld", asked[i], (long long)page.examined);
        for (size_t j = 0; j < shelf.ops; j++) /* 0 is no limit */
            ck_assert(shelf.seen[j].scan_limit > 0 || shelf.seen[j].index == HC_INDEX_ID);
    }
}
END_TEST

/* ---- places ---- */

START_TEST(the_nearest_come_first)
{
    static const int64_t away[] = {700, 20, 310, 20, 5000, 90, 64}; /* 1e-5 degrees north, some 1.1 m each */

    for (size_t i = 0; i < 7; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "h%zu", i);
        row = shelf_add(title, 100);
        put_int(row, P(latitude), INT64_C(3000000000) + away[i] * 1000);
        put_int(row, P(longitude), INT64_C(-9700000000));
    }
    ask("near=30,-97,1000&sort=distance");
    ck_assert_str_eq(walked(2), "h1 h3 h6 h5 h2 h0");
    ask("near=30,-97,1000&sort=-distance");
    ck_assert_str_eq(walked(4), "h0 h2 h5 h6 h3 h1");
    ask("near=30,-97,1000&sort=distance&limit=1");
    listed();
    ck_assert_uint_eq(shelf.ops, 2); /* a sixteenth of the radius held enough */
    ask("sort=distance");
    ck_assert_int_eq(run_list(), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "sort");
    reader.entitled = false;
    put_int(shelf.rows[1], P(display_address_ok), 0);
    ask("near=30,-97,1000&sort=distance");
    ck_assert_str_eq(walked(2), "h3 h6 h5 h2 h0");
    ask_filter("not geo.near(30,-97,50)", "price");
    ck_assert_str_eq(walked(2), "h0 h2 h4 h5 h6");
}
END_TEST

START_TEST(an_address_that_is_hidden_reads_as_null)
{
    hc_value *row = shelf_add("hidden", 100);

    put_int(row, P(latitude), 5);
    put_int(row, P(display_address_ok), 0);
    shelf_add("shown", 200);
    ask("sort=price");
    listed();
    ck_assert_str_eq(hc__record_text(&page.rows[0], P(address)), "12 Creek Rd");
    reader.entitled = false;
    listed();
    ck_assert_ptr_null(hc__record_text(&page.rows[0], P(address)));
    ck_assert(hc__record_is_null(&page.rows[0], P(latitude)));
    ck_assert_str_eq(hc__record_text(&page.rows[1], P(address)), "12 Creek Rd");
    ask("sort=beds&fields=title,address");
    listed();
    ck_assert_ptr_null(hc__record_text(&page.rows[0], P(address)));
    ck_assert(hc__record_is_null(&page.rows[1], P(price)));
    ck_assert_int_eq(hc__record_int(&page.rows[1], P(version)), 1);
    ck_assert(hc__record_is_null(&page.rows[1], P(city_norm)));
}
END_TEST

/* ---- text ---- */

static void text_row(const char *title, const char *city, const char *description, bool show)
{
    hc_value *row = shelf_add(title, 100);
    hc__record record = {.entity = &hc__property_entity, .values = row};
    hc__buf words[HC__WORD_FIELDS];
    char padded[300];

    put_text(row, P(city), city);
    put_text(row, P(description), description);
    put_text(row, P(address), "5 lane");
    put_int(row, P(display_address_ok), show);
    for (uint16_t i = 0; i < HC__WORD_FIELDS; i++)
        hc__buf_init(&words[i], &mem);
    hc__listing_words(words, &record, &mem);
    for (uint16_t i = 0; i < HC__WORD_FIELDS; i++) {
        snprintf(padded, sizeof(padded), " %s ", words[i].size == 0 ? "" : words[i].data);
        put_text(row, (uint16_t)(P(words_title) + i), padded);
        hc__buf_free(&words[i]);
    }
}

START_TEST(relevance_counts_where_a_word_stands)
{
    text_row("mill", "pond", "a lane", true);   /* lane: 4 + 1 */
    text_row("lane", "pond", "a mill", true);   /* lane: 8 + 4, mill 1 */
    text_row("hut", "lane", "lane lane", true); /* 4 + 1 */
    text_row("hat", "pond", "none", true);      /* 4 */
    text_row("cap", "pond", "lane", false);     /* 1, or 4 + 1 */
    text_row("nil", "pond", "none", false);     /* nothing, or 4 */
    ask("q=LANE&sort=-relevance");
    ck_assert_str_eq(walked(2), "lane cap hut mill nil hat");
    ck_assert(!page.is_capped);
    reader.entitled = false;
    ck_assert_str_eq(walked(2), "lane hut mill hat cap");
    ask("q=lan*+mill&sort=-relevance");
    ck_assert_str_eq(walked(1), "lane mill"); /* 8 + 4 + 1, twice: the later id first */
    ask("q=lane");
    ck_assert_str_eq(walked(2), "cap hat hut lane mill");
    ask("sort=relevance");
    ck_assert_int_eq(run_list(), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "sort");
    /* Too many matches to sort: the walk tests the same words. */
    shelf.stop = 5;
    ask("q=lane&limit=2");
    reader.entitled = true;
    ck_assert_str_eq(listed(), "nil cap");
    ck_assert_uint_eq(shelf.ops, 2);
    ck_assert_str_eq(shelf.seen[1].filter, "");
    reader.entitled = false;
    ck_assert_str_eq(listed(), "cap hat");
}
END_TEST

/* ---- totals, facets, policy ---- */

START_TEST(a_total_is_counted_when_asked)
{
    crowd(20);
    ask("sort=price&min_beds=1&limit=2&count=true");
    listed();
    ck_assert_int_eq(page.total, 4);
    ck_assert(page.total_is_exact);
    go(hc__cursor_text(page.next));
    listed();
    ck_assert_int_eq(page.total, 4);
    shelf.stop = 7;
    query.cursor = NULL;
    ck_assert_str_eq(listed(), "h4");
    ck_assert(!page.total_is_exact);
    shelf.stop = 0;
    ask("sort=price&min_beds=1&limit=2&count=3");
    listed();
    ck_assert_int_eq(page.total, 4); /* one more: there are more than 3 */
    ck_assert(!page.total_is_exact);
    ask("sort=price&min_beds=1&limit=2&count=4");
    listed();
    ck_assert_int_eq(page.total, 4);
    ck_assert(page.total_is_exact);
    ask_filter("not contains(title,'h1')", "price");
    query.count = HC__COUNT_LIMIT;
    listed();
    ck_assert_int_eq(page.total, 9);
    ck_assert_uint_eq(shelf.seen[shelf.ops - 1].field_count, 2); /* the title, and not all that a page shows */
    query.count = 3;
    listed();
    ck_assert_int_eq(page.total, 4); /* no row more, where each is tested here */
    ask("sort=price&min_beds=1&limit=2&count=true");
    listed();
    ck_assert_uint_eq(shelf.seen[shelf.ops - 1].field_count, 0); /* where none is, nothing is read */
}
END_TEST

START_TEST(facets_count_what_a_query_selects)
{
    static const char *const spellings[] = {"Austin", "AUSTIN", "Austin", "Waco"};
    static const char *const norms[] = {"austin", "austin", "austin", "waco"};
    const hc__facet *facets;
    size_t count;

    for (int i = 0; i < 8; i++) {
        hc_value *row = shelf_add("h", i < 6 ? 15000000 : 600000000);

        put_text(row, P(city), spellings[i % 4]);
        put_text(row, P(city_norm), norms[i % 4]);
        put_int(row, P(property_type), i == 0 ? 4 : 1);
    }
    ask("");
    ck_assert_int_eq(hc__list_facets(&facets, &count, &pages, &query, &reader, &err), HC_OK);
    ck_assert_uint_eq(count, 7);
    ck_assert_str_eq(facets[0].text, "Austin");
    ck_assert_int_eq(facets[0].count, 6);
    ck_assert_str_eq(facets[1].text, "Waco");
    ck_assert(facets[2].dimension == HC__FACET_STATUS && facets[2].count == 8);
    ck_assert_str_eq(facets[2].text, "active");
    ck_assert_str_eq(facets[3].text, "house");
    ck_assert_str_eq(facets[4].text, "land");
    ck_assert(facets[5].dimension == HC__FACET_PRICE && facets[5].low == 10000000 && facets[5].high == 20000000);
    ck_assert(facets[6].count == 2 && facets[6].high == INT64_MAX);
    shelf.stop = 3;
    ck_assert_int_eq(hc__list_facets(&facets, &count, &pages, &query, &reader, &err), HC_ERR_TOO_BROAD);
    ck_assert_ptr_null(facets);
    ck_assert_uint_eq(count, 0);
}
END_TEST

/* What the index answers is not tested again. */
START_TEST(a_sort_key_that_is_fixed_is_no_filter)
{
    put_int(shelf_add("even", 500), P(beds), 2);
    ask_filter("price eq 5 and beds eq 2", "price");
    ck_assert_str_eq(listed(), "even");
    ck_assert_int_eq(shelf.seen[0].index, index_named("price"));
    ck_assert_ptr_nonnull(strstr(shelf.seen[0].where, "price = 500"));
    ck_assert_ptr_null(strstr(shelf.seen[0].filter, "price"));
    ck_assert_ptr_nonnull(strstr(shelf.seen[0].filter, "beds = 2"));
}
END_TEST

/* The policy rides in every operation, and its equalities choose the index too. */
START_TEST(the_policy_is_in_every_operation)
{
    static const uint8_t me[16] = {9};
    const hc_value id = {HC_TYPE_ID, 16, {.bytes = me}}, yes = {HC_TYPE_BOOL, 0, {.integer = 1}};
    const hc_predicate mine = {.test = HC_TEST_EQ, .field = P(agent_id), .values = &id, .value_count = 1};
    const hc_predicate shown = {.test = HC_TEST_EQ, .field = P(display_ok), .values = &yes, .value_count = 1};
    const hc_predicate *const both[] = {&mine, &shown};
    const hc_predicate policy = {.test = HC_TEST_AND, .field = HC_NO_FIELD, .children = both, .child_count = 2};

    crowd(6);
    for (size_t i = 0; i < 6; i += 2)
        shelf.rows[i][P(agent_id)] = id;
    put_int(shelf.rows[2], P(display_ok), 0);
    reader.policy = &policy;
    ask("scope=own");
    ck_assert_str_eq(walked(1), "h4 h0");
    listed();
    ck_assert_int_eq(shelf.seen[0].index, index_named("agent_created"));
    ask("scope=own&sort=beds");
    ck_assert_str_eq(walked(1), "h0 h4");
    ask("scope=own&near=30,-97,500&sort=distance");
    ck_assert_str_eq(walked(1), "h0 h4");
    listed();
    for (size_t i = 0; i < shelf.ops; i++)
        ck_assert_ptr_nonnull(strstr(shelf.seen[i].filter, "display_ok = 1"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_simple_list_is_one_operation_of_one_batch);
    tcase_add_loop_test(tcase, the_plan_names_class_and_index, 0, sizeof(plans) / sizeof(plans[0]));
    tcase_add_test(tcase, a_small_box_needs_no_trial);
    tcase_add_test(tcase, a_list_of_cities_is_a_merge);
    tcase_add_test(tcase, a_nullable_key_is_paged_as_two_ranges);
    tcase_add_test(tcase, a_status_that_is_not_named_is_active_or_spelled_out);
    tcase_add_test(tcase, a_price_without_a_currency_is_in_the_clients);
    tcase_add_test(tcase, an_order_that_no_index_has_is_made_here);
    tcase_add_test(tcase, days_on_market_are_of_open_and_closed_listings);
    tcase_add_test(tcase, a_long_walk_gives_a_short_page_that_goes_on);
    tcase_add_test(tcase, a_cut_stream_bounds_its_neighbours);
    tcase_add_test(tcase, rows_that_are_tested_here_come_a_few_at_a_time);
    tcase_add_test(tcase, a_piece_that_ends_the_budget_cuts_the_page);
    tcase_add_test(tcase, what_no_row_can_hold_is_not_looked_for);
    tcase_add_test(tcase, a_broad_search_names_what_would_narrow_it);
    tcase_add_test(tcase, a_wide_box_gives_way_to_the_walk);
    tcase_add_test(tcase, a_list_tells_how_many_rows_it_looked_at);
    tcase_add_test(tcase, all_scans_of_a_list_share_one_limit);
    tcase_add_test(tcase, the_nearest_come_first);
    tcase_add_test(tcase, an_address_that_is_hidden_reads_as_null);
    tcase_add_test(tcase, relevance_counts_where_a_word_stands);
    tcase_add_test(tcase, a_total_is_counted_when_asked);
    tcase_add_test(tcase, facets_count_what_a_query_selects);
    tcase_add_test(tcase, a_sort_key_that_is_fixed_is_no_filter);
    tcase_add_test(tcase, the_policy_is_in_every_operation);
}

int main(void)
{
    return suite_main("unit.query.list", fill, shelf_open, shelf_close);
}
