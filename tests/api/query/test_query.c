/* The query handle: what it takes, what it says of faults, and that it is told in words that mean the same. */
#include <stdio.h>
#include <string.h>

#include "house.h"

static void faulty(const char *filter, const char *sort, const char *field)
{
    hc_query *query = (hc_query *)1;
    hc_error why = {0};
    hc_status status = hc_query_parse(&query, house.client, filter, sort, &why);

    house_count(1);
    ck_assert_msg(status == HC_ERR_INVALID || status == HC_ERR_TOO_LARGE, "%s: %s", filter == NULL ? sort : filter,
                  hc_status_name(status));
    ck_assert_ptr_null(query);
    ck_assert_msg(strcmp(why.field, field) == 0, "%s: field %s, not %s: %s", filter == NULL ? sort : filter, why.field,
                  field, why.message);
    ck_assert_str_ne(why.message, "");
}

/* P01 */
START_TEST(unknown_sort_keys_are_refused)
{
    static const char *const bad[] = {"price; DROP TABLE properties",
                                      "(SELECT 1)",
                                      "password_hash",
                                      "city_norm",
                                      "price,,beds",
                                      "price,beds,baths,sqft",
                                      "pk",
                                      "1"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        faulty(NULL, bad[i], "sort");
}
END_TEST

/* P02 */
START_TEST(patterns_are_short)
{
    char filter[6000] = "contains(title,'";
    hc_query *query = NULL;

    memset(filter + 16, 'a', 129);
    strcpy(filter + 16 + 129, "')");
    faulty(filter, NULL, "title");
    strcpy(filter + 16 + 128, "')");
    HOUSE_OK(hc_query_parse(&query, house.client, filter, NULL, err));
    hc_query_free(query);
    for (size_t i = 0; i < 1200; i++)
        memcpy(filter + 16 + 4 * i, "%a%a", 4);
    strcpy(filter + 16 + 4800, "')");
    faulty(filter, NULL, "filter"); /* over 4,096 bytes */
}
END_TEST

/* P03 */
START_TEST(values_that_are_no_text_are_refused)
{
    faulty("city eq '\xc0\x27 or 1 eq 1'", NULL, "filter");
    faulty("city eq 'a\xff'", NULL, "filter");
    faulty("city eq '\xed\xa0\x80'", NULL, "filter");
    faulty("city eq '' OR '1'='1", NULL, "filter");
    faulty("city eq 'a' -- x", NULL, "filter");
    faulty("city eq 'a' /* x */", NULL, "filter");
    faulty("city eq 'a'; DROP TABLE properties", NULL, "filter");
}
END_TEST

/* P05 P06 P07 */
START_TEST(values_are_of_their_fields_type)
{
    static const struct {
        const char *filter, *field;
    } bad[] = {{"price gt 1e309", "price"},
               {"price gt NaN", "price"},
               {"price gt INF", "price"},
               {"price gt 0x10", "price"},
               {"price gt '5'", "price"},
               {"price gt +5", "price"},
               {"beds ge 2.5.1", "beds"},
               {"status eq 'SOLD '", "status"},
               {"status eq 'archived'", "status"},
               {"status eq 0", "status"},
               {"status gt 'sold'", "status"},
               {"city gt 'A'", "city"},
               {"display_ok eq 2", "display_ok"},
               {"created_at gt 5", "created_at"},
               {"agent_id eq '018F3C5E-7A10-7B00-8000-000000000001'", "agent_id"},
               {"description eq 'x'", "description"}};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_query *query = NULL;
        hc_error why = {0};
        ck_assert_msg(hc_query_parse(&query, house.client, bad[i].filter, NULL, &why) == HC_ERR_INVALID, "%s",
                      bad[i].filter);
        ck_assert_msg(strcmp(why.field, bad[i].field) == 0 || strcmp(why.field, "filter") == 0, "%s: %s", bad[i].filter,
                      why.field);
        ck_assert_ptr_null(query);
    }
}
END_TEST

/* A19 */
START_TEST(secrets_have_no_name)
{
    faulty("password_hash eq 'x'", NULL, "password_hash");
    faulty("city_norm eq 'x'", NULL, "city_norm");
    faulty("words_text eq 'x'", NULL, "words_text");
    faulty("extras eq 'x'", NULL, "extras");
    faulty("deleted_at ne null", NULL, "deleted_at");
    faulty("colour eq 'red'", NULL, "colour");
}
END_TEST

START_TEST(a_query_is_told_in_words_that_mean_the_same)
{
    static const char *const filters[] = {"city eq 'Aus''tin' and (beds ge 3 or not (price gt 500000.50))",
                                          "status in ('active','pending') and zip_code eq '78704'",
                                          "geo.near(30.25,-97.75,5000) and contains(description,'porch')",
                                          "year_built ne null or sqft eq null"};

    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        hc_query *query = NULL, *again = NULL;
        hc_text *text = NULL, *second = NULL;
        hc_property_page *a = NULL, *b = NULL;
        HOUSE_OK(hc_query_parse(&query, house.client, filters[i], NULL, err));
        HOUSE_OK(hc_query_text(&text, query, err));
        HOUSE_OK(hc_query_parse(&again, house.client, hc_text_data(text), NULL, err));
        HOUSE_OK(hc_query_text(&second, again, err));
        ck_assert_str_eq(hc_text_data(text), hc_text_data(second));
        HOUSE_OK(hc_property_list(&a, house.guest, query, err));
        HOUSE_OK(hc_property_list(&b, house.guest, again, err));
        ck_assert_uint_eq(hc_property_page_count(a), hc_property_page_count(b));
        hc_property_page_free(a);
        hc_property_page_free(b);
        hc_text_free(text);
        hc_text_free(second);
        hc_query_free(query);
        hc_query_free(again);
    }
}
END_TEST

/* As the header says. */
START_TEST(canonical_words_may_pass_a_limit)
{
    char places[4097] = "geo.polygon('POLYGON((", lists[4097] = "beds in (1,null)";
    const char *const filters[] = {places, lists};

    for (int i = 0; i < 200; i++)
        sprintf(places + strlen(places), "%s%d %d", i == 0 ? "" : ",", i % 100, i / 3);
    strcat(places, "))')");
    for (int i = 1; i < 33; i++)
        strcat(lists, " and beds in (1,null)");
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        hc_query *query = NULL, *again = NULL;
        hc_text *text = NULL;
        HOUSE_OK(hc_query_parse(&query, house.client, filters[i], NULL, err));
        HOUSE_OK(hc_query_text(&text, query, err));
        HOUSE_FAILS(hc_query_parse(&again, house.client, hc_text_data(text), NULL, err), HC_ERR_TOO_LARGE, "filter");
        hc_text_free(text);
        hc_query_free(query);
    }
}
END_TEST

START_TEST(both_spellings_mean_the_same)
{
    static const struct {
        const char *string, *filter, *sort;
    } pairs[] = {{"city=Austin&max_price=500000&min_beds=3&sort=price&limit=50",
                  "city eq 'Austin' and price le 500000 and "
                  "beds ge 3",
                  "price"},
                 {"type=condo&type=house&sort=-price", "property_type in ('condo','house')", "-price"},
                 {"zip=787*", "startswith(zip_code,'787')", NULL},
                 {"near=30.245,-97.769,100", "geo.near(30.245,-97.769,100)", NULL}};

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        hc_query *a = NULL, *b = NULL;
        hc_property_page *x = NULL, *y = NULL;
        HOUSE_OK(hc_query_parse_string(&a, house.client, pairs[i].string, strlen(pairs[i].string), err));
        HOUSE_OK(hc_query_parse(&b, house.client, pairs[i].filter, pairs[i].sort, err));
        HOUSE_OK(hc_property_list(&x, house.guest, a, err));
        HOUSE_OK(hc_property_list(&y, house.guest, b, err));
        ck_assert_uint_gt(hc_property_page_count(x), 0);
        ck_assert_uint_eq(hc_property_page_count(x), hc_property_page_count(y));
        for (size_t k = 0; k < hc_property_page_count(x); k++)
            ck_assert_str_eq(hc_property_title(hc_property_page_at(x, k)),
                             hc_property_title(hc_property_page_at(y, k)));
        hc_property_page_free(x);
        hc_property_page_free(y);
        hc_query_free(a);
        hc_query_free(b);
    }
}
END_TEST

/* A part that is refused leaves the query as it was. */
START_TEST(a_refused_part_changes_nothing)
{
    hc_query *query = NULL;
    hc_text *before = NULL, *after = NULL;
    hc_property_page *page = NULL;

    HOUSE_OK(hc_query_parse(&query, house.client, "beds eq 3", "price", err));
    HOUSE_OK(hc_query_text(&before, query, err));
    HOUSE_FAILS(hc_query_set_filter(query, "beds eq", err), HC_ERR_INVALID, "filter");
    HOUSE_FAILS(hc_query_set_sort(query, "colour", err), HC_ERR_INVALID, "sort");
    HOUSE_FAILS(hc_query_set_scope(query, 3, err), HC_ERR_INVALID, "scope");
    HOUSE_FAILS(hc_query_set_scope(query, -1, err), HC_ERR_INVALID, "scope");
    HOUSE_FAILS(hc_query_set_limit(query, 0, err), HC_ERR_INVALID, "limit");
    HOUSE_FAILS(hc_query_set_fields(query, "title,", err), HC_ERR_INVALID, "fields");
    HOUSE_FAILS(hc_query_set_text(query, "a b c d e f g h i", err), HC_ERR_INVALID, "q");
    HOUSE_OK(hc_query_text(&after, query, err));
    ck_assert_str_eq(hc_text_data(before), hc_text_data(after));
    HOUSE_OK(hc_property_list(&page, house.guest, query, err));
    ck_assert_uint_eq(hc_property_page_count(page), 1);
    ck_assert_int_eq(hc_property_is_null(hc_property_page_at(page, 0), HC_PROPERTY_CITY), 0);
    hc_property_page_free(page);
    hc_text_free(before);
    hc_text_free(after);
    hc_query_free(query);
}
END_TEST

/* H04 */
START_TEST(misuse_is_told_and_harms_nothing)
{
    hc_query *query = (hc_query *)1;
    hc_text *text = (hc_text *)1;

    HOUSE_FAILS(hc_query_new(NULL, house.client, HC_KIND_PROPERTY, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_query_new(&query, house.client, 0, err), HC_ERR_INVALID, "kind");
    ck_assert_ptr_null(query);
    HOUSE_FAILS(hc_query_new(&query, NULL, HC_KIND_USER, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_query_parse(NULL, house.client, "", "", err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_query_parse_string(NULL, house.client, "", 0, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_query_parse_string(&query, house.client, NULL, 3, err), HC_ERR_MISUSE, "text");
    HOUSE_FAILS(hc_query_set_filter(NULL, "", err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_set_sort(NULL, "", err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_set_text(NULL, "", err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_set_limit(NULL, 1, err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_set_scope(NULL, 0, err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_set_count(NULL, 1, err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_set_fields(NULL, "", err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_set_cursor(NULL, "", err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_query_text(&text, NULL, err), HC_ERR_MISUSE, "query");
    ck_assert_ptr_null(text);
    ck_assert_int_eq(hc_query_limit(NULL), 0);
    hc_query_free(NULL);
    hc_text_free(NULL);
    HOUSE_OK(hc_query_parse(&query, house.client, NULL, NULL, err));
    HOUSE_OK(hc_query_set_filter(query, NULL, err));
    HOUSE_OK(hc_query_set_sort(query, NULL, err));
    HOUSE_OK(hc_query_set_text(query, NULL, err));
    HOUSE_OK(hc_query_set_cursor(query, NULL, err));
    hc_query_free(query);
}
END_TEST

START_TEST(a_query_serves_every_client_and_outlives_its_own)
{
    hc_client_options options;
    hc_client *other = NULL;
    hc_session *guest = NULL;
    hc_query *query = NULL;
    hc_property_page *page = NULL;

    HOUSE_OK(hc_query_parse(&query, house.client, "beds eq 3", NULL, err));
    house_options(&options);
    HOUSE_OK(hc_client_open(&other, &options, err));
    HOUSE_OK(hc_session_guest(&guest, other, NULL, err));
    house_leave();
    HOUSE_OK(hc_property_list(&page, guest, query, err));
    ck_assert_uint_eq(hc_property_page_count(page), 1);
    hc_property_page_free(page);
    hc_query_free(query);
    hc_session_free(guest);
    hc_client_close(other);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, unknown_sort_keys_are_refused);
    tcase_add_test(tcase, patterns_are_short);
    tcase_add_test(tcase, values_that_are_no_text_are_refused);
    tcase_add_test(tcase, values_are_of_their_fields_type);
    tcase_add_test(tcase, secrets_have_no_name);
    tcase_add_test(tcase, a_query_is_told_in_words_that_mean_the_same);
    tcase_add_test(tcase, canonical_words_may_pass_a_limit);
    tcase_add_test(tcase, both_spellings_mean_the_same);
    tcase_add_test(tcase, a_refused_part_changes_nothing);
    tcase_add_test(tcase, misuse_is_told_and_harms_nothing);
    tcase_add_test(tcase, a_query_serves_every_client_and_outlives_its_own);
}

int main(void)
{
    return suite_main("api.query.query", fill, house_open, house_close);
}
