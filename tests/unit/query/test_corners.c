/* What a list seldom meets: forged cursors, rows of other programs, engines that give up, texts at their limits. */
#include <stdlib.h>

#include "base/fail.h"
#include "base/time.h"
#include "query/cursor.h"
#include "shelf.h"

/* ---- cursors of another shape, by who has the key ---- */

#define HEAD 18 /* whether it goes back, the binding, the time, how many keys */

static void forge(uint8_t plain[64], uint8_t reverse, uint8_t keys)
{
    memset(plain, 0, 64);
    plain[0] = reverse;
    hc__cursor_binding(plain + 1, hc__cursor_bound(&pages, &query, &reader), reader.cursor_key);
    plain[HEAD - 1] = keys;
}

static void is_refused(const uint8_t *plain, size_t size)
{
    const uint8_t version = 1;
    hc__buf sealed, told;

    hc__buf_init(&sealed, &mem);
    hc__buf_init(&told, &mem);
    hc__buf_put(&sealed, &version, 1);
    ck_assert_int_eq(hc__seal(&sealed, reader.cursor_key, &version, 1, plain, size, &err), HC_OK);
    hc__base64url_put(&told, sealed.data, sealed.size);
    ck_assert_int_eq(hc__query_set_cursor(&query, told.data, &err), HC_OK);
    ck_assert_int_eq(run_list(), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "cursor");
    ck_assert_uint_eq(shelf.batches, 0);
    hc__buf_free(&sealed);
    hc__buf_free(&told);
}

START_TEST(a_cursor_of_another_shape_is_refused)
{
    uint8_t plain[64];

    shelf_add("h", 100);
    ask("sort=price&limit=2");
    forge(plain, 0, 1);
    is_refused(plain, HEAD - 1);
    is_refused(plain, HEAD + 9 + 15);
    is_refused(plain, HEAD + 9 + 17);
    forge(plain, 2, 1);
    is_refused(plain, HEAD + 9 + 16);
    forge(plain, 0, 200);
    is_refused(plain, sizeof(plain));
    forge(plain, 0, 2); /* of two keys, where the order has one */
    is_refused(plain, HEAD + 18 + 16);
}
END_TEST

/* ---- rows of other programs ---- */

START_TEST(facets_take_rows_as_they_come)
{
    const hc__facet *facets;
    hc_value none = {.type = HC_TYPE_NULL};
    size_t count;

    for (int i = 0; i < 105; i++) {
        char city[24];
        hc_value *row = shelf_add(i == 0 ? "hut" : "h", i < 2 ? 15000000 : 25000000);

        snprintf(city, sizeof(city), "c%d", i);
        put_text(row, P(city_norm), city);
        city[0] = i == 7 ? 'C' : 'c';
        put_text(row, P(city), city);
        row[P(city_norm)] = i == 3 ? none : row[P(city_norm)];
        put_int(row, P(property_type), i == 4 ? 99 : 1 + i % 2);
        row[P(property_type)] = i == 5 ? none : row[P(property_type)];
    }
    put_text(shelf_add("h", 25000000), P(city), "C9"); /* as often as "c9" */
    put_text(shelf.rows[105], P(city_norm), "c9");
    put_text(shelf_add("h", 25000000), P(city), "c7");
    put_text(shelf.rows[106], P(city_norm), "c7");
    ask_filter("not contains(title,'hut')", NULL);
    ck_assert_int_eq(hc__list_facets(&facets, &count, &pages, &query, &reader, &err), HC_OK);
    ck_assert_uint_eq(count, 100 + 1 + 3 + 2); /* the cities that most are in; a status; two types and none; prices */
    ck_assert_str_eq(facets[0].text, "C7");
    ck_assert_str_eq(facets[1].text, "C9");
    ck_assert_int_eq(facets[1].count, 2);
    ck_assert_int_eq(facets[99].count, 1);
    ck_assert(facets[103].dimension == HC__FACET_TYPE && facets[103].text == NULL && facets[103].count == 1);
    ck_assert_int_eq(facets[104].count, 105);
    ck_assert_int_eq(facets[105].count, 1);
}
END_TEST

/* Of types that are as frequent, by their names, and the one without a name last. */
START_TEST(a_facet_without_a_name_comes_last)
{
    const hc_value none = {.type = HC_TYPE_NULL};
    const hc__facet *facets;
    size_t count, first = 0;

    for (int i = 0; i < 3; i++) {
        hc_value *row = shelf_add("h", 25000000);

        put_int(row, P(property_type), i);
        row[P(property_type)] = i == 0 ? none : row[P(property_type)];
    }
    ask_filter("beds ne 7", NULL);
    ck_assert_int_eq(hc__list_facets(&facets, &count, &pages, &query, &reader, &err), HC_OK);
    while (first < count && facets[first].dimension != HC__FACET_TYPE)
        first++;
    ck_assert_uint_le(first + 3, count);
    for (size_t i = first; i < first + 3; i++)
        ck_assert(facets[i].dimension == HC__FACET_TYPE && facets[i].count == 1);
    ck_assert_int_lt(strcmp(facets[first].text, facets[first + 1].text), 0);
    ck_assert_ptr_null(facets[first + 2].text);
}
END_TEST

/* Each band from its lower bound on; and no word for what a later version writes. */
START_TEST(facets_know_their_bands_and_words)
{
    static const int64_t bands[] = {0,        10000000,  20000000,  30000000,  40000000,  50000000,
                                    75000000, 100000000, 150000000, 200000000, 500000000, INT64_MAX};
    const size_t band_count = sizeof(bands) / sizeof(bands[0]) - 1;
    const hc__facet *facets;
    size_t count, first = 0;
    int64_t typed = 0;

    for (size_t i = 0; i < band_count; i++) {
        put_int(shelf_add("h", bands[i]), P(property_type), (int64_t)i + 1);
        put_int(shelf_add("h", i + 1 < band_count ? bands[i + 1] - 1 : bands[i] + 1), P(property_type), 1);
    }
    ask_filter("beds ne 7", NULL);
    ck_assert_int_eq(hc__list_facets(&facets, &count, &pages, &query, &reader, &err), HC_OK);
    for (; facets[first].dimension != HC__FACET_PRICE; first++) {
        ck_assert(facets[first].low == 0 && facets[first].high == 0);
        if (facets[first].dimension != HC__FACET_TYPE)
            continue;
        ck_assert_ptr_nonnull(facets[first].text);
        typed += facets[first].count;
    }
    ck_assert_int_eq(typed, 11 + 4);
    ck_assert_uint_eq(count, first + band_count);
    for (size_t i = 0; i < band_count; i++) {
        ck_assert_int_eq(facets[first + i].low, bands[i]);
        ck_assert_int_eq(facets[first + i].high, bands[i + 1]);
        ck_assert_int_eq(facets[first + i].count, 2);
    }
}
END_TEST

START_TEST(only_listings_have_facets)
{
    const hc__facet *facets;
    size_t count;

    hc__query_free(&query);
    hc__query_init(&query, &mem, &hc__agent_entity);
    ck_assert_int_eq(hc__list_facets(&facets, &count, &pages, &query, &reader, &err), HC_ERR_UNSUPPORTED);
    ck_assert_ptr_null(facets);
}
END_TEST

/* What was deleted between the order and the rows is left out. */
START_TEST(a_row_that_goes_meanwhile_is_not_listed)
{
    for (int i = 0; i < 4; i++)
        put_int(shelf_add("h", 100), P(beds), i);
    ask("sort=beds&limit=2");
    ck_assert_str_eq(listed(), "h h");
    shelf.fleeting = true;
    ck_assert_str_eq(listed(), "");
    ck_assert_uint_eq(shelf.batches, 2);
    ck_assert(page.has_more);
}
END_TEST

/* ---- engines that give up ---- */

static hc_status give_up(hc_batch *batch, void *data, hc_error *error)
{
    (void)data;
    (void)error;
    for (size_t i = 0; i < batch->op_count; i++) {
        batch->ops[i].result->cut = 1;
        batch->ops[i].result->examined = batch->ops[i].scan_limit;
    }
    return HC_OK;
}

/* Answers the first batch, and no other. */
static hc_status first_only(hc_batch *batch, void *data, hc_error *error)
{
    if (shelf.batches > 0)
        return hc__fail(error, HC_ERR_UNAVAILABLE, NULL, "gone");
    return shelf_execute(batch, data, error);
}

START_TEST(a_page_whose_total_fails_is_none)
{
    for (int i = 0; i < 5; i++)
        shelf_add("h", 100 + i);
    reader.execute = first_only;
    ask("sort=price&limit=2");
    ck_assert_str_eq(listed(), "h h");
    ask("sort=price&limit=2&count=true");
    ck_assert_int_eq(run_list(), HC_ERR_UNAVAILABLE);
    ck_assert(page.rows == NULL && page.count == 0 && page.next == NULL && page.total == -1 && page.examined == 3);
    ck_assert_str_eq(err.message, "gone");
}
END_TEST

START_TEST(what_would_narrow_a_search_is_named_for_each_record)
{
    reader.execute = give_up;
    ask("sort=beds&city=Austin&zip=78704&agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13");
    ck_assert_int_eq(run_list(), HC_ERR_TOO_BROAD);
    ck_assert_str_eq(err.field, "price");
    hc__query_free(&query);
    hc__query_init(&query, &mem, &hc__agent_entity);
    ck_assert_int_eq(hc__query_set_sort(&query, "rating", &err), HC_OK);
    ck_assert_int_eq(run_list(), HC_ERR_TOO_BROAD);
    ck_assert_str_eq(err.field, "filter");
}
END_TEST

static void two_kinds(int64_t active_from, int64_t sold_from, const char *active, const char *sold)
{
    for (int i = 0; i < 12; i++) {
        hc_value *row = shelf_add(i < 6 ? active : sold, (i < 6 ? active_from : sold_from) + i);

        put_int(row, P(status), i < 6 ? 1 : 3);
    }
    ask_filter("status in ('active','sold') and not contains(title,'x')", "price");
    query.limit = 2;
}

/* One stream fills the page before the place where the other was cut. */
START_TEST(a_full_page_before_a_cut_is_no_short_one)
{
    two_kinds(100, 1000, "h", "x");
    shelf.stop = 5;
    ck_assert_str_eq(listed(), "h h");
    ck_assert(page.has_more && !page.is_short);
}
END_TEST

START_TEST(of_two_cuts_the_first_bounds_the_page)
{
    two_kinds(100, 1000, "x", "h"); /* all that match lie behind it */
    shelf.stop = 5;
    ck_assert_str_eq(listed(), "");
    ck_assert(page.is_short && page.has_more);
    shelf.count = 0;
    two_kinds(1000, 100, "x", "x");
    shelf.stop = 5;
    ck_assert_str_eq(listed(), "");
    ck_assert(page.is_short && page.has_more);
    go(hc__cursor_text(page.next));
    shelf.stop = 0;
    put_text(shelf.rows[11], P(title_norm), "h"); /* the sixth of those who were sold */
    ck_assert_uint_eq(run_list() == HC_OK ? page.count : 99, 1);
}
END_TEST

/* Rows with the key, then those without: the second is not begun when the first was cut, or filled the page. */
START_TEST(a_stage_that_ends_early_is_the_last)
{
    for (int i = 0; i < 12; i++)
        if (i < 8)
            put_int(shelf_add(i == 7 ? "hut" : "h", 100), P(list_date), 20000 + i);
        else
            shelf_add("late", 100);
    ask_filter("contains(title,'t') and not contains(title,'x')", "list_date");
    shelf.stop = 5;
    ck_assert_str_eq(listed(), "");
    ck_assert_uint_eq(shelf.ops, 1);
    ck_assert(page.is_short);
    shelf.stop = 0;
    ask("sort=list_date&limit=2");
    ck_assert_str_eq(listed(), "h h");
    ck_assert_uint_eq(shelf.ops, 1);
    ask("sort=list_date&limit=9");
    ck_assert_uint_eq(run_list() == HC_OK ? page.count : 99, 9);
    ck_assert_uint_eq(shelf.ops, 2);
}
END_TEST

/* ---- many ---- */

/* Where an engine need not say how many rows it looked at: nobody asks, and no later stage has what this one leaves. */
START_TEST(a_walk_that_nobody_counts_may_be_rough)
{
    for (int i = 0; i < 3; i++)
        put_int(shelf_add("h", 100), P(list_date), 20000 + i);
    ask("sort=price");
    ck_assert_str_eq(listed(), "h h h");
    ck_assert_uint_eq(shelf.flags, HC_BATCH_ROUGH);
    reader.counts_rows = true;
    ck_assert_str_eq(listed(), "h h h");
    ck_assert_uint_eq(shelf.flags, 0);
    reader.counts_rows = false;
    ask("sort=list_date&limit=2"); /* the first of two stages fills the page */
    ck_assert_str_eq(listed(), "h h");
    ck_assert_uint_eq(shelf.flags, 0);
    ask("sort=list_date&limit=3");
    ck_assert_str_eq(listed(), "h h h");
    ck_assert_uint_eq(shelf.flags, HC_BATCH_ROUGH);
}
END_TEST

START_TEST(a_ranking_is_of_the_newest_two_thousand)
{
    for (int i = 0; i < 2005; i++)
        shelf_add("h", 100);
    shelf.silent = true;
    ask("q=h&sort=-relevance&limit=3");
    ck_assert_str_eq(listed(), "h h h");
    ck_assert(page.is_capped);
    shelf.stop = 7;
    ck_assert_str_eq(listed(), "h h h");
    ck_assert(page.is_capped);
    shelf.stop = 0;
    shelf.count = 2000;
    ck_assert_str_eq(listed(), "h h h");
    ck_assert(!page.is_capped);
}
END_TEST

static const char *plan_of_cities(int cities)
{
    hc__buf filter;

    hc__buf_init(&filter, &mem);
    hc__buf_text(&filter, "city in (");
    for (int i = 0; i < cities; i++)
        hc__buf_format(&filter, "%s'c%d'", i > 0 ? "," : "", i);
    hc__buf_text(&filter, ")");
    ask_filter(filter.data, "price");
    query.scope = HC__SCOPE_ALL;
    hc__buf_free(&filter);
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    return text.data;
}

/* Each status, and none, of each city is a stream: of too many another way is found. */
START_TEST(a_list_of_many_lists_is_no_merge)
{
    ck_assert_ptr_nonnull(strstr(plan_of_cities(64), "index city_price_beds\norder price, id\nstreams 256\n"));
    ck_assert_ptr_null(strstr(plan_of_cities(65), "streams"));
}
END_TEST

/* As many as a filter may have: each of them counts, those that an index takes and the others. */
START_TEST(a_filter_of_many_parts_is_all_of_them)
{
    hc__buf filter;

    for (int beds = 1; beds <= HC__PREDICATE_LIMIT; beds++) {
        char title[8];

        snprintf(title, sizeof title, "h%d", beds);
        put_int(shelf_add(title, 100 * beds), P(beds), beds);
    }
    hc__buf_init(&filter, &mem);
    hc__buf_text(&filter, "city eq 'Austin'");
    for (int beds = 1; beds < HC__PREDICATE_LIMIT; beds++)
        hc__buf_format(&filter, " and beds ne %d", beds);
    setenv("HC_TEST_THIN", "1", 1);
    ask_filter(filter.data, "price");
    ck_assert_str_eq(listed(), "h64");
    unsetenv("HC_TEST_THIN");
    hc__buf_text(&filter, " and beds ne 64");
    again();
    ck_assert_int_eq(hc__query_parse(&query, filter.data, NULL, &err), HC_ERR_TOO_LARGE);
    hc__buf_free(&filter);
}
END_TEST

/* ---- words that the walk looks for ---- */

START_TEST(a_walk_tests_words_where_they_may_be_seen)
{
    char long_text[5000];
    hc_value *row;

    memset(long_text, 'a', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    memcpy(long_text + sizeof(long_text) - 7, " creek", 6);
    for (int i = 0; i < 12; i++) {
        row = shelf_add("creek", 100 + i);
        put_text(row, P(title), i == 2 ? "creeks" : i == 3 ? "{creek~" : i == 4 ? "none" : "Creek caf\xc3\xa9");
        put_int(row, P(display_address_ok), i != 4);
        put_text(row, P(address), i == 4 || i == 5 ? "1 Creek Rd" : "1 Mill Rd");
    }
    put_text(shelf.rows[6], P(title), "none");
    put_text(shelf.rows[6], P(description), long_text);
    shelf.stop = 9; /* more match than may be looked up */
    reader.entitled = false;
    ask("q=creek&sort=price&limit=20&fields=price");
    ck_assert_uint_eq(run_list() == HC_OK ? page.count : 99, 7); /* not the third, nor what hides its address */
    reader.entitled = true;
    ck_assert_uint_eq(run_list() == HC_OK ? page.count : 99, 8);
}
END_TEST

/* ---- what is read of each row ---- */

static const char *read_for(const char *string, bool entitled)
{
    reader.entitled = entitled;
    ask(string);
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_uint_ge(shelf.ops, 1);
    return shelf.seen[shelf.ops - 1].fields;
}

/* Each field once: what is shown and the version, and what is needed to order rows, to test them and to hide an
 * address. */
START_TEST(a_row_is_read_as_far_as_it_is_shown_or_needed)
{
    for (int i = 0; i < 3; i++)
        put_text(shelf_add("h", 100 + i), P(description), "creek");
    ck_assert_str_eq(read_for("sort=price&fields=id,title,price", true), "id title price version");
    ck_assert_str_eq(read_for("sort=price&fields=agent_id", true), "id agent_id version price");
    ck_assert_ptr_nonnull(strstr(read_for("sort=price", true), " title "));
    ck_assert_ptr_null(strstr(shelf.seen[shelf.ops - 1].fields, "_norm")); /* secrets are never read to be shown */
    ck_assert_ptr_null(strstr(shelf.seen[shelf.ops - 1].fields, "words_"));
    ck_assert_str_eq(read_for("sort=price&fields=title", false), "id title version price");
    ck_assert_str_eq(read_for("sort=price&fields=address", false), "id address version display_address_ok price");
    ck_assert_str_eq(read_for("sort=price&fields=address", true), "id address version price");
    ck_assert_str_eq(read_for("sort=days_on_market&fields=title", true), "id title version days_to_close list_date");
    ask_filter("not contains(description,'mill')", "price");
    ck_assert_int_eq(hc__query_set_fields(&query, "title", &err), HC_OK);
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_str_eq(shelf.seen[0].fields, "id title version price description_norm");
}
END_TEST

/* A key that is null, and one behind it that never is. */
START_TEST(of_two_keys_only_the_one_that_is_missing_is_null)
{
    for (int i = 0; i < 6; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "h%d", i);
        row = shelf_add(title, 100);
        put_int(row, P(latitude), INT64_C(3000000000) + (i * 5 % 6) * INT64_C(10000));
        put_int(row, P(longitude), INT64_C(-9700000000));
    }
    ask("near=30,-97,5000&sort=beds,distance&limit=2");
    ck_assert_str_eq(listed(), "h0 h5");
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "h4 h3");
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "h2 h1");
}
END_TEST

/* ---- plans for people ---- */

static const struct {
    const char *filter, *sort, *told;
} plans[] = {
    {"id eq 019b76da-a800-7000-83e3-b68dfbc6ce13", "price,beds", "class B\nindex id\n"},
    {"", "beds", "class B\nindex none\norder beds, id\nwhere true\nfilter true\n"},
    {"beds gt 99999999999", "beds", "class B\n"},
    {"geo.near(30,-97,500)", "-distance", "class B\nindex place\norder -distance, -id\n"},
    {"geo.near(30,-97,500)", "price", "over 10000 rows"},
    {"geo.near(30,-97,150000) and agent_id eq 019b76da-a800-7000-83e3-b68dfbc6ce13", "-created_at", "over 2000 rows"},
};

START_TEST(a_plan_is_told)
{
    ask_filter(plans[_i].filter, plans[_i].sort);
    query.scope = HC__SCOPE_ALL;
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    ck_assert_msg(strstr(text.data, plans[_i].told) != NULL, "%s: %s", plans[_i].filter, text.data);
}
END_TEST

/* A ranking reads an index that has all it needs, the policy's fields too. */
START_TEST(a_policy_of_other_tables_rides_on_the_ranking)
{
    const hc_predicate any = {.test = HC_TEST_TRUE, .field = HC_NO_FIELD, .inner = HC_NO_FIELD};
    const hc_predicate *const one[] = {&any};
    hc_predicate policy = {.test = HC_TEST_EXISTS,
                           .field = P(status),
                           .inner = 0,
                           .kind = &hc__favorite_entity.kind,
                           .children = one,
                           .child_count = 1};
    const hc_predicate *const all[] = {&policy, &any};
    const hc_predicate both = {
        .test = HC_TEST_AND, .field = HC_NO_FIELD, .inner = HC_NO_FIELD, .children = all, .child_count = 2};

    reader.policy = &both;
    ask("q=creek&sort=-relevance");
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    ck_assert_ptr_nonnull(strstr(text.data, "exists favorites"));
    policy.field = P(beds);
    hc__buf_clear(&text);
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
    policy.inner = HC_NO_FIELD;
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, NULL, NULL, &err), HC_OK);
}
END_TEST

static bool reads_ranked(const char *string)
{
    int32_t index;

    ask(string);
    ck_assert_int_eq(run_list(), HC_OK);
    index = shelf.seen[0].index;
    return index >= 0 && strcmp(hc__property_entity.kind.indexes[index].name, "ranked") == 0;
}

/* Or no index at all: an engine looks for the words by itself. */
START_TEST(a_ranking_reads_an_index_that_has_all_it_needs)
{
    const hc_predicate any = {.test = HC_TEST_TRUE, .field = HC_NO_FIELD, .inner = HC_NO_FIELD};
    const hc_value one = {HC_TYPE_INT32, 0, {.integer = 1}};
    hc_predicate beds = {.test = HC_TEST_EQ, .field = P(beds), .inner = HC_NO_FIELD, .values = &one, .value_count = 1};
    const hc_predicate *parts[] = {&any, &any};
    hc_predicate policy = {.test = HC_TEST_EXISTS,
                           .field = P(status),
                           .inner = 0,
                           .kind = &hc__favorite_entity.kind,
                           .children = parts,
                           .child_count = 1};
    hc_predicate either = {
        .test = HC_TEST_OR, .field = HC_NO_FIELD, .inner = HC_NO_FIELD, .children = parts, .child_count = 2};

    ck_assert(reads_ranked("q=h&sort=-relevance") && reads_ranked("q=h&sort=-relevance&status=sold"));
    ck_assert(!reads_ranked("q=h&sort=-relevance,price") && !reads_ranked("q=h&sort=-relevance&min_beds=1"));
    reader.policy = &policy;
    ck_assert(reads_ranked("q=h&sort=-relevance"));
    policy.field = P(beds);
    ck_assert(!reads_ranked("q=h&sort=-relevance"));
    policy.inner = HC_NO_FIELD; /* of no field of a listing */
    ck_assert(reads_ranked("q=h&sort=-relevance"));
    reader.policy = &either;
    ck_assert(reads_ranked("q=h&sort=-relevance"));
    parts[1] = &beds;
    ck_assert(!reads_ranked("q=h&sort=-relevance"));
    parts[0] = &beds, parts[1] = &any;
    ck_assert(!reads_ranked("q=h&sort=-relevance"));
    beds.field = P(display_ok);
    ck_assert(reads_ranked("q=h&sort=-relevance"));
}
END_TEST

START_TEST(a_predicate_of_any_shape_is_told)
{
    static const uint8_t some[16] = {1};
    const hc_value values[] = {{HC_TYPE_NULL, 0, {0}},
                               {HC_TYPE_BYTES, 4, {.bytes = some}},
                               {HC_TYPE_ID, 16, {.bytes = some}},
                               {HC_TYPE_INT32, 0, {.integer = 7}},
                               {HC_TYPE_KEY, 16, {.bytes = "sixteen letters!"}},
                               {HC_TYPE_TEXT, 2, {.bytes = "ab"}}};
    const hc_predicate in = {.test = HC_TEST_IN, .field = P(title), .values = values, .value_count = 6};
    const hc_value word = {HC_TYPE_TOKENS, 3, {.bytes = "zqh"}};
    const hc_predicate match = {
        .test = HC_TEST_MATCH, .field = P(words_title), .inner = HC_NO_FIELD, .values = &word, .value_count = 1};

    hc__predicate_print(&text, &hc__property_entity.kind, &in);
    ck_assert_str_eq(text.data, "title in null,bytes,01000000-0000-0000-0000-000000000000,7,'sixteen letters!','ab'");
    hc__buf_clear(&text);
    hc__predicate_print(&text, &hc__property_entity.kind, &match);
    ck_assert_str_eq(text.data, "words_title match 'zqh'");
}
END_TEST

/* ---- limits, times and words ---- */

START_TEST(a_reader_without_a_currency_sees_prices_in_all)
{
    put_text(shelf_add("h", 500), P(currency), "EUR");
    reader.currency = NULL;
    ask("max_price=9");
    ck_assert_str_eq(listed(), "h");
    reader.currency = "USD";
    ck_assert_str_eq(listed(), "");
}
END_TEST

/* At midnight exactly today has begun and nothing more. */
START_TEST(now_may_be_midnight)
{
    put_int(shelf_add("h", 500), P(list_date), 20000);
    ask_filter("list_date ge now()", "price");
    reader.now = 20000 * HC__DAY;
    ck_assert_str_eq(listed(), "h");
    reader.now++;
    ck_assert_str_eq(listed(), "");
}
END_TEST

static const struct {
    const char *filter, *field;
    hc_status status;
} refusals[] = {
    {"beds{1", "filter", HC_ERR_INVALID},
    {"agent_id eq true", "agent_id", HC_ERR_INVALID},
    {"created_at in (2020-01-01)", "created_at", HC_ERR_INVALID},
    {"startswith(title,null)", "title", HC_ERR_INVALID},
    {"contains(title,null)", "title", HC_ERR_INVALID},
    {"property_subtype eq 'Castle'", "property_subtype", HC_ERR_INVALID},
    {"geo.near(99999999999999999999,0,5)", "geo.near", HC_ERR_INVALID},
};

START_TEST(what_no_field_takes_is_refused)
{
    refused(refusals[_i].filter, refusals[_i].status, refusals[_i].field);
}
END_TEST

START_TEST(strings_have_limits)
{
    char many[4096] = "";
    hc__buf polygon;

    ck_assert_str_eq(canonical("property_subtype eq 'HotelMotel'"), "property_subtype eq 'Hotel/Motel'");
    again();
    ck_assert_int_eq(hc__query_parse_string(&query, "min_beds=x", 10, NULL), HC_ERR_INVALID);
    ck_assert_int_eq(hc__query_set_sort(&query, "\xff", &err), HC_ERR_INVALID);
    for (int i = 0; i < 500; i++)
        snprintf(many + strlen(many), 12, "zip=%d*&", i % 10);
    again();
    ck_assert_int_eq(hc__query_parse_string(&query, many, strlen(many), &err), HC_ERR_TOO_LARGE);
    memset(many, '1', 200);
    snprintf(many + 200, 40, "*&zip=2*&zip=3");
    memcpy(many, "zip=", 4);
    again();
    ck_assert_int_eq(hc__query_parse_string(&query, many, strlen(many), &err), HC_ERR_TOO_LARGE);
    ck_assert_str_eq(err.field, "zip");
    hc__buf_init(&polygon, &mem);
    hc__buf_text(&polygon, "polygon=");
    for (int i = 0; i < 257; i++) /* and the last is not the first again */
        hc__buf_format(&polygon, "%s%d+%d", i > 0 ? "," : "", i % 90, i % 89);
    again();
    ck_assert_int_eq(hc__query_parse_string(&query, polygon.data, polygon.size, &err), HC_ERR_TOO_LARGE);
    hc__buf_free(&polygon);
}
END_TEST

/* All that can be listed is listed by a time of its own when no order is asked for. */
START_TEST(each_record_that_is_listed_knows_when_it_was_made)
{
    static const hc__entity *const listed_ones[] = {
        &hc__property_entity, &hc__user_entity,        &hc__agent_entity,    &hc__lead_entity,
        &hc__touch_entity,    &hc__lead_change_entity, &hc__audit_entity,    &hc__appointment_entity,
        &hc__favorite_entity, &hc__search_entity,      &hc__activity_entity, &hc__chat_entity};

    for (size_t i = 0; i < sizeof(listed_ones) / sizeof(listed_ones[0]); i++) {
        const hc__entity *entity = listed_ones[i];

        ck_assert_msg(entity->created_at != HC_NO_FIELD && entity->created_at != 0, "%s", entity->noun);
        ck_assert_msg(!entity->info[0].sort, "%s", entity->noun);
        for (uint32_t j = 0; j < entity->kind.index_count; j++)
            ck_assert_uint_gt(entity->kind.indexes[j].field_count, entity->kind.indexes[j].fields[0] == 0 ? 1 : 0);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_cursor_of_another_shape_is_refused);
    tcase_add_test(tcase, facets_take_rows_as_they_come);
    tcase_add_test(tcase, a_facet_without_a_name_comes_last);
    tcase_add_test(tcase, facets_know_their_bands_and_words);
    tcase_add_test(tcase, only_listings_have_facets);
    tcase_add_test(tcase, a_row_that_goes_meanwhile_is_not_listed);
    tcase_add_test(tcase, a_page_whose_total_fails_is_none);
    tcase_add_test(tcase, what_would_narrow_a_search_is_named_for_each_record);
    tcase_add_test(tcase, a_full_page_before_a_cut_is_no_short_one);
    tcase_add_test(tcase, of_two_cuts_the_first_bounds_the_page);
    tcase_add_test(tcase, a_stage_that_ends_early_is_the_last);
    tcase_add_test(tcase, a_walk_that_nobody_counts_may_be_rough);
    tcase_add_test(tcase, a_ranking_is_of_the_newest_two_thousand);
    tcase_add_test(tcase, a_list_of_many_lists_is_no_merge);
    tcase_add_test(tcase, a_filter_of_many_parts_is_all_of_them);
    tcase_add_test(tcase, a_walk_tests_words_where_they_may_be_seen);
    tcase_add_test(tcase, a_row_is_read_as_far_as_it_is_shown_or_needed);
    tcase_add_test(tcase, of_two_keys_only_the_one_that_is_missing_is_null);
    tcase_add_loop_test(tcase, a_plan_is_told, 0, sizeof(plans) / sizeof(plans[0]));
    tcase_add_test(tcase, a_policy_of_other_tables_rides_on_the_ranking);
    tcase_add_test(tcase, a_ranking_reads_an_index_that_has_all_it_needs);
    tcase_add_test(tcase, a_predicate_of_any_shape_is_told);
    tcase_add_test(tcase, a_reader_without_a_currency_sees_prices_in_all);
    tcase_add_test(tcase, now_may_be_midnight);
    tcase_add_loop_test(tcase, what_no_field_takes_is_refused, 0, sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tcase, strings_have_limits);
    tcase_add_test(tcase, each_record_that_is_listed_knows_when_it_was_made);
}

int main(void)
{
    return suite_main("unit.query.corners", fill, shelf_open, shelf_close);
}
