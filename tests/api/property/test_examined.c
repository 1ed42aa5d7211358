/* How many rows a list looked at, as the metrics hook is told, on a store with more listings than any list may look at.
 */
#include <stdio.h>
#include <string.h>

#include "house.h"

#define LIMIT 50000
#define MORE  (LIMIT + 1)

static struct seen {
    int64_t examined, counted;
    int lists, totals;
} seen;

static void note(const char *name, int64_t value, void *data)
{
    struct seen *out = data;

    if (strcmp(name, "list.examined") == 0) {
        out->examined = value;
        out->lists++;
    } else if (strcmp(name, "list.counted") == 0) {
        out->counted = value;
        out->totals++;
    }
}

#define SAME                                                                                                           \
    "agent_id,title,address,state,zip_code,property_type,status,standard_status,currency,display_ok,"                  \
    "display_address_ok,price_reduced,list_date,created_at,updated_at,version,state_norm,address_norm,title_norm"

/* Copies ana's first home; prices rise, every hundredth is in Waco, and each is a little farther north. */
static void copy_homes(void)
{
    char sql[2000];

    snprintf(
        sql, sizeof sql,
        "INSERT INTO properties(id,price,beds,city,city_norm,latitude,longitude," SAME ") WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT randomblob(16), scaled(100000 + i, 2), i %% 6,"
        " CASE WHEN i %% 100 = 0 THEN 'Waco' ELSE 'Austin' END, CASE WHEN i %% 100 = 0 THEN 'waco' ELSE 'austin' END,"
        " scaled(3000000000 + i, 8), scaled(-9700000000, 8), " SAME " FROM n, (SELECT * FROM properties WHERE"
        " price = scaled(48900000, 2) LIMIT 1) p",
        MORE);
    ck_assert_int_eq(house_change(sql), MORE);
}

static hc_client *client;
static hc_session *reader;

static void open_large(void)
{
    hc_client_options options;

    house_open();
    copy_homes();
    house_options(&options);
    options.metric = note;
    options.metric_data = &seen;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_guest(&reader, client, NULL, err));
    seen = (struct seen){0};
}

static void close_large(void)
{
    hc_session_free(reader);
    hc_client_close(client);
    house_close();
}

/* One list of `text` (the query string of a request); its status, and what was told of it in `seen`. */
static hc_status list(const char *text, size_t *rows, hc_error *err)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    hc_status status;
    int before = seen.lists;

    HOUSE_OK(hc_query_parse_string(&query, client, text, strlen(text), err));
    status = hc_property_list(&page, reader, query, err);
    house_count(1);
    *rows = hc_property_page_count(page);
    ck_assert_int_eq(seen.lists, before + 1);
    hc_property_page_free(page);
    hc_query_free(query);
    return status;
}

/* In the order of an index only the page, and one row that tells of more; a filter adds the rows that it passes over.
 */
static void in_the_order_of_an_index(void)
{
    static const char *const asked[] = {"sort=price&limit=20", "sort=-created_at&limit=20",
                                        "city=Austin&sort=-price&limit=20",
                                        "city=Waco&min_price=1200&sort=price&limit=20"};
    size_t rows;

    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        HOUSE_OK(list(asked[i], &rows, err));
        ck_assert_uint_eq(rows, 20);
        ck_assert_int_eq(seen.examined, 21);
    }
    HOUSE_OK(list("sort=price&limit=20&min_beds=5", &rows, err));
    ck_assert_uint_eq(rows, 20);
    ck_assert_int_ge(seen.examined, 20 * 6);
    ck_assert_int_le(seen.examined, 22 * 6);
    ck_assert_int_eq(seen.totals, 0);
}

START_TEST(a_list_looks_at_what_an_index_narrows_to)
{
    size_t rows;

    in_the_order_of_an_index();
    HOUSE_OK(list("city=Waco&sort=beds&limit=20", &rows, err)); /* sorted here */
    ck_assert_uint_eq(rows, 20);
    ck_assert_int_eq(seen.examined, MORE / 100);
    HOUSE_OK(list("sort=price&limit=20&count=true", &rows, err)); /* its total is told apart */
    ck_assert_int_eq(seen.examined, 21);
    ck_assert_int_eq(seen.totals, 1);
    ck_assert_int_eq(seen.counted, 10001);
    HOUSE_OK(list("city=Waco&sort=price&limit=20&count=true", &rows, err));
    ck_assert_int_eq(seen.counted, MORE / 100);
}
END_TEST

/* What is refused was looked at too, and no farther than others may. */
START_TEST(no_list_looks_at_more_than_the_limit)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    size_t rows;

    HOUSE_FAILS(list("sort=beds&limit=20", &rows, err), HC_ERR_TOO_BROAD, "city");
    ck_assert_uint_eq(rows, 0);
    ck_assert_int_eq(seen.examined, LIMIT);
    HOUSE_FAILS(list("near=30,-97,5000&sort=distance&limit=20&min_beds=100", &rows, err), HC_ERR_TOO_BROAD, "near");
    ck_assert_int_eq(seen.examined, LIMIT);
    HOUSE_OK(list("sort=price&limit=20&min_beds=100", &rows, err));
    ck_assert_uint_eq(rows, 0);
    ck_assert_int_eq(seen.examined, LIMIT);
    HOUSE_OK(hc_query_parse(&query, client, NULL, NULL, err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    HOUSE_FAILS(hc_property_list(&page, reader, query, err), HC_ERR_UNAUTHENTICATED, "scope");
    ck_assert_int_eq(seen.lists, 3); /* what nobody looked for is not told */
    hc_query_free(query);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_list_looks_at_what_an_index_narrows_to);
    tcase_add_test(tcase, no_list_looks_at_more_than_the_limit);
}

int main(void)
{
    return suite_main("api.property.examined", fill, open_large, close_large);
}
