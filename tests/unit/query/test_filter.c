/* The $filter grammar: what it takes, how it is told again, and what it refuses. */
#include "query_case.h"

static const char *const kept[][2] = {
    {"city eq 'Austin'", "city eq 'austin'"},
    {"City eq 'Austin'", "city eq 'austin'"},
    {"city eq 'O''Brien'", "city eq 'o''brien'"},
    {"price le 500000", "price le 500000.00"},
    {"ListPrice le 500000.00", "price le 500000.00"},
    {"price gt 1.005", "price gt 1.00"},
    {"price ge 1.005", "price gt 1.00"},
    {"price lt 1.005", "price le 1.00"},
    {"price le 1.005", "price le 1.00"},
    {"price ge -1.005", "price gt -1.01"},
    {"price eq 1.005", "price eq null and price ne null"},
    {"price ne 1.005", "price eq null or price ne null"},
    {"price gt 100000.00000000000000000000000000000000001", "price gt 100000.00"},
    {"price lt 99999999999999999999999999", "price ne null"},
    {"price gt 99999999999999999999999999", "price eq null and price ne null"},
    {"price ne -99999999999999999999999999", "price eq null or price ne null"},
    {"price gt -9999999999999999", "price ne null"}, /* more digits than a price has */
    {"price lt -9999999999999999", "price eq null and price ne null"},
    {"price gt 9999999999999999", "price eq null and price ne null"},
    {"price lt 9999999999999999", "price ne null"},
    {"price gt 999999999999.99", "price gt 999999999999.99"},
    {"price gt 1000000000000", "price eq null and price ne null"},
    {"price ge -999999999999.99", "price ge -999999999999.99"},
    {"price ge -1000000000000", "price ne null"},
    {"beds gt -2147483649", "beds ne null"},
    {"beds ge -2147483648", "beds ge -2147483648"},
    {"beds lt 2147483648", "beds ne null"},
    {"beds le 2147483647", "beds le 2147483647"},
    {"beds gt 3000000000", "beds eq null and beds ne null"},
    {"beds ge 2.5", "beds gt 2"},
    {"beds eq 3.0", "beds eq 3"},
    {"beds gt null", "beds eq null and beds ne null"},
    {"beds eq null", "beds eq null"},
    {"beds in (3)", "beds eq 3"},
    {"beds in (1,2,2,null)", "beds in (1,2) or beds eq null"},
    {"beds in (1.5)", "beds eq null and beds ne null"},
    {"price in (1.005,1.00)", "price eq 1.00"},
    {"status eq 'active'", "status eq 'active'"},
    {"status has 'active'", "status eq 'active'"},
    {"StandardStatus eq 'Active Under Contract'", "standard_status eq 'Active Under Contract'"},
    {"StandardStatus eq 'ActiveUnderContract'", "standard_status eq 'Active Under Contract'"},
    {"StandardStatus eq odata.Models.StandardStatus'ActiveUnderContract'",
     "standard_status eq 'Active Under Contract'"},
    {"property_type in ('house','land')", "property_type in ('house','land')"},
    {"startswith(zip_code,'787')", "startswith(zip_code,'787')"},
    {"contains(PublicRemarks,'50%_\\')", "contains(description,'50%_\\')"},
    {"created_at ge 2026-01-01", "created_at ge 2026-01-01T00:00:00Z"},
    {"created_at ge 2026-01-01T00:00:00+01:00", "created_at ge 2025-12-31T23:00:00Z"},
    {"created_at gt 2026-01-01T00:00:00.0000001Z", "created_at gt 2026-01-01T00:00:00Z"},
    {"created_at ge 2026-01-01T00:00:00.0000001Z", "created_at gt 2026-01-01T00:00:00Z"},
    {"list_date gt 2026-01-01", "list_date gt 2026-01-01"},
    {"list_date lt 2026-01-01T12:00:00Z", "list_date le 2026-01-01"},
    {"list_date lt 2026-01-01T00:00:00Z", "list_date lt 2026-01-01"},
    {"updated_at le now()", "updated_at le now()"},
    {"days_on_market le 30", "days_on_market le 30"},
    {"DaysOnMarket le 30", "days_on_market le 30"},
    {"days_on_market gt -2147483648", "days_on_market ne null"},
    {"price_reduced eq true", "price_reduced eq true"},
    {"price_reduced eq false and beds eq null or beds eq 1 or price_reduced eq true and beds eq 2",
     "(price_reduced eq false and beds eq null) or beds eq 1 or (price_reduced eq true and beds eq 2)"},
    {"\tbeds\teq\n1\r\n", "beds eq 1"},
    {"contains( title\n,\r'a'\t)", "contains(title,'a')"},
    {"id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'", "id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'"},
    {"geo.near(30.5,-97.25,1500)", "geo.near(30.50000000,-97.25000000,1500)"},
    {"geo.near(30.5,-97.25,1500.9)", "geo.near(30.50000000,-97.25000000,1500)"},
    {"geo.bbox(170,-10,-170,10)", "geo.bbox(170.00000000,-10.00000000,-170.00000000,10.00000000)"},
    {"geo.polygon('POLYGON ((0 0, 2 0, 0 2, 0 0))')",
     "geo.polygon('POLYGON((0.00000000 0.00000000,2.00000000 0.00000000,0.00000000 2.00000000))')"},
    {"not (beds gt 3)", "not beds gt 3"},
    {"not not beds gt 3", "beds gt 3"},
    {"not(beds gt 3 or sqft lt 9)", "not (beds gt 3 or sqft lt 9)"},
    {"beds eq 1 and (baths eq 2 and sqft eq 3)", "beds eq 1 and baths eq 2.00 and sqft eq 3"},
    {"beds eq 1 or baths eq 2 and sqft eq 3", "beds eq 1 or (baths eq 2.00 and sqft eq 3)"},
    {"(beds eq 1 or baths eq 2) and sqft eq 3", "(beds eq 1 or baths eq 2.00) and sqft eq 3"},
    {"  ", ""},
};

START_TEST(a_filter_is_told_again_in_canonical_words)
{
    const char *const *row = kept[_i];
    char first[512];

    ck_assert_str_eq(canonical(row[0]), row[1]);
    snprintf(first, sizeof(first), "%s", row[1]);
    ck_assert_str_eq(canonical(first), first);
}
END_TEST

static const struct {
    const char *filter, *field;
} wrong[] = {
    {"city", "filter"},
    {"city eq", "filter"},
    {"city eq 'Austin", "filter"},
    {"city eq 'Austin' beds eq 3", "filter"},
    {"city eq 'Austin' and", "filter"},
    {"(city eq 'Austin'", "filter"},
    {"city eq 'Austin')", "filter"},
    {"city is 'Austin'", "filter"},
    {"beds in ()", "filter"},
    {"beds in (1", "filter"},
    {"beds in 1", "filter"},
    {"updated_at le now", "filter"},
    {"price has 3", "filter"},
    {"geo.polygon('CIRCLE((0 0))')", "filter"},
    {"town eq 'Austin'", "town"},
    {"CITY eq 'Austin'", "CITY"},
    {"city_norm eq 'austin'", "city_norm"},
    {"words_text eq 'zqa'", "words_text"},
    {"version eq 1", "version"},
    {"extras eq 'a'", "extras"},
    {"city eq 3", "city"},
    {"city gt 'Austin'", "city"},
    {"city eq Austin", "city"},
    {"description eq 'nice'", "description"},
    {"startswith(description,'nice')", "description"},
    {"contains(beds,'3')", "beds"},
    {"beds eq '3'", "beds"},
    {"beds eq 0x10", "beds"},
    {"beds eq +5", "beds"},
    {"price eq 1e5", "price"},
    {"price eq .5", "price"},
    {"price eq NaN", "price"},
    {"price lt INF", "price"},
    {"price lt -INF", "price"},
    {"price eq 1,000", "filter"},
    {"price eq \xef\xbc\x91\xef\xbc\x92", "filter"},
    {"status eq 'SOLD '", "status"},
    {"status eq 'archived'", "status"},
    {"status eq 0", "status"},
    {"status gt 'active'", "status"},
    {"price_reduced eq 1", "price_reduced"},
    {"price_reduced ne true", "price_reduced"},
    {"created_at ge '2026-01-01'", "created_at"},
    {"created_at ge 2026-02-30", "created_at"},
    {"created_at ge 2026-01-01T00:00:00", "created_at"},
    {"id eq 'x'", "id"},
    {"id gt '019b76da-a800-7000-83e3-b68dfbc6ce13'", "id"},
    {"id eq '019B76DA-A800-7000-83E3-B68DFBC6CE13'", "id"},
    {"geo.near(91,0,5)", "geo.near"},
    {"geo.near(0,181,5)", "geo.near"},
    {"geo.near(0,0,0)", "geo.near"},
    {"geo.near(0,0,200000.5)", "geo.near"},
    {"geo.near(0,0,200001)", "geo.near"},
    {"geo.bbox(0,10,5,-10)", "geo.bbox"},
    {"geo.polygon('POLYGON((0 0,1 1,0 0))')", "geo.polygon"},
    {"geo.polygon('POLYGON((0 0,1 1,2))')", "geo.polygon"},
};

/* P05 P07: values are refused by their type, wherever they stand. */
START_TEST(a_wrong_filter_is_refused_by_the_name_at_fault)
{
    refused(wrong[_i].filter, HC_ERR_INVALID, wrong[_i].field);
}
END_TEST

/* ---- P03: hostile values are data, or refused ---- */

/* P03 AI14 */
START_TEST(hostile_text_is_a_value_or_refused)
{
    static const char *const values[] = {"' OR '1'='1", "'; DROP TABLE properties; --", "/* */", "\\", "%", "_"};
    static const char *const broken[] = {"\xc0\x27", "\xbf\x27", "\xed\xa0\x80", "\xf5\x80\x80\x80"};
    char filter[256], quoted[128];

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        size_t used = 0;

        for (const char *at = values[i]; *at != '\0'; at++) {
            quoted[used++] = *at;
            if (*at == '\'')
                quoted[used++] = '\'';
        }
        quoted[used] = '\0';
        snprintf(filter, sizeof(filter), "zip_code eq '%s'", quoted);
        canonical(filter);
        ck_assert_uint_eq(query.where->values[0].size, strlen(values[i]));
        ck_assert_mem_eq(query.where->values[0].as.bytes, values[i], strlen(values[i]));
    }
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        snprintf(filter, sizeof(filter), "zip_code eq '%s'", broken[i]);
        refused(filter, HC_ERR_INVALID, "filter");
    }
    refused("city eq '' OR '1'='1'", HC_ERR_INVALID, "filter");
}
END_TEST

/* ---- limits ---- */

static char *repeated(char *out, const char *lead, const char *item, const char *between, size_t count, const char *end)
{
    size_t used = (size_t)sprintf(out, "%s", lead);

    for (size_t i = 0; i < count; i++)
        used += (size_t)sprintf(out + used, "%s%s", i > 0 ? between : "", item);
    sprintf(out + used, "%s", end);
    return out;
}

START_TEST(a_filter_has_limits)
{
    char big[8192];

    canonical(repeated(big, "", "beds eq 1", " or ", 64, ""));
    refused(repeated(big, "", "beds eq 1", " or ", 65, ""), HC_ERR_TOO_LARGE, "filter");
    canonical(repeated(big, "beds in (", "1", ",", 200, ")"));
    refused(repeated(big, "beds in (", "1", ",", 201, ")"), HC_ERR_TOO_LARGE, "filter");
    canonical(strcat(repeated(big, "", "(", "", 16, "beds eq 1"), "))))))))))))))))"));
    refused(strcat(repeated(big, "", "(", "", 17, "beds eq 1"), ")))))))))))))))))"), HC_ERR_TOO_LARGE, "filter");
    canonical(repeated(big, "", "not ", "", 16, "beds eq 1"));
    refused(repeated(big, "", "not ", "", 17, "beds eq 1"), HC_ERR_TOO_LARGE, "filter");
    canonical(repeated(big, "beds eq 1", " ", "", 4096 - 9, ""));
    refused(repeated(big, "beds eq 1", " ", "", 4097 - 9, ""), HC_ERR_TOO_LARGE, "filter");
    refused(repeated(big, "", "(", "", 4000, ""), HC_ERR_TOO_LARGE, "filter");
}
END_TEST

/* P02 */
START_TEST(a_text_to_look_for_is_at_most_128_characters)
{
    char big[8192];

    canonical(repeated(big, "contains(title,'", "%", "", 128, "')"));
    canonical(repeated(big, "contains(title,'", "\xc3\xa9", "", 128, "')"));
    refused(repeated(big, "contains(title,'", "%", "", 129, "')"), HC_ERR_TOO_LARGE, "title");
    refused(repeated(big, "startswith(title,'", "_", "", 129, "')"), HC_ERR_TOO_LARGE, "title");
    refused(repeated(big, "contains(title,'", "%a", "", 3000, "')"), HC_ERR_TOO_LARGE, "filter");
}
END_TEST

START_TEST(a_polygon_has_3_to_256_corners)
{
    char big[8192], lead[] = "geo.polygon('POLYGON((0 1,";

    canonical(repeated(big, lead, "2 3", ",", 255, "))')"));
    ck_assert_uint_eq(query.where->number_count, 512);
    canonical(repeated(big, lead, "2 3", ",", 255, ",0 1))')"));
    ck_assert_uint_eq(query.where->number_count, 512);
    refused(repeated(big, lead, "2 3", ",", 256, "))')"), HC_ERR_TOO_LARGE, "geo.polygon");
    refused(repeated(big, lead, "2 3", ",", 1000, "))')"), HC_ERR_TOO_LARGE, "geo.polygon");
    refused("geo.polygon('POLYGON((0 0,1 1))')", HC_ERR_INVALID, "geo.polygon");
}
END_TEST

/* A box thinner than the last decimal is empty, not the way around the world. */
START_TEST(a_thin_box_does_not_turn_inside_out)
{
    canonical("geo.bbox(1.0000000001,0,1.0000000002,5)");
    ck_assert_int_eq(query.where->numbers[0], query.where->numbers[2]);
    ck_assert_int_gt(query.where->numbers[1], query.where->numbers[3]);
}
END_TEST

/* ---- sort, fields, limit ---- */

/* P01 */
START_TEST(a_sort_is_a_list_of_known_keys)
{
    static const char *const bad[] = {"price; DROP TABLE properties",
                                      "(SELECT 1)",
                                      "password_hash",
                                      "city",
                                      "title",
                                      "--price",
                                      "price,",
                                      ",",
                                      " ",
                                      "price,price",
                                      "price,beds,baths,sqft",
                                      "words_title",
                                      "city_norm",
                                      "id",
                                      "PRICE",
                                      "price desc,",
                                      "\xff"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        again();
        ck_assert_msg(hc__query_set_sort(&query, bad[i], &err) == HC_ERR_INVALID, "%s", bad[i]);
        ck_assert_str_eq(err.field, "sort");
        ck_assert_uint_eq(query.sort_count, 0);
    }
    ck_assert_int_eq(hc__query_set_sort(&query, "-price, beds,days_on_market", &err), HC_OK);
    ck_assert_uint_eq(query.sort_count, 3);
    ck_assert(query.sort[0].descending && query.sort[0].field == hc__property_f_price);
    ck_assert(!query.sort[1].descending && query.sort[1].field == hc__property_f_beds);
    ck_assert_int_eq(query.sort[2].field, HC__SORT_DAYS_ON_MARKET);
    ck_assert_int_eq(hc__query_set_sort(&query, "ListPrice desc", &err), HC_OK);
    ck_assert(query.sort_count == 1 && query.sort[0].descending);
    ck_assert_int_eq(hc__query_set_sort(&query, "", &err), HC_OK);
    ck_assert_uint_eq(query.sort_count, 0);
}
END_TEST

/* P04 */
START_TEST(a_limit_is_1_to_200)
{
    static const int64_t bad[] = {0, -1, 201, INT64_C(2147483648), INT64_MIN, INT64_MAX};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(hc__query_set_limit(&query, bad[i], &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "limit");
    }
    ck_assert_int_eq(query.limit, 25);
    ck_assert_int_eq(hc__query_set_limit(&query, 200, &err), HC_OK);
    ck_assert_int_eq(query.limit, 200);
}
END_TEST

START_TEST(fields_are_known_names)
{
    static const char *const bad[] = {"",           "nothing",    "price,",        "city_norm",
                                      "words_text", "price;city", "days_on_market"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(hc__query_set_fields(&query, bad[i], &err) == HC_ERR_INVALID, "%s", bad[i]);
        ck_assert_str_eq(err.field, "fields");
    }
    ck_assert_int_eq(hc__query_set_fields(&query, "id, ListPrice,city", &err), HC_OK);
    ck_assert_uint_eq(query.fields[0] >> hc__property_f_price & 1, 1);
    ck_assert_uint_eq(query.fields[0] >> hc__property_f_beds & 1, 0);
}
END_TEST

START_TEST(users_and_agents_are_asked_by_their_own_tables)
{
    query.entity = &hc__user_entity;
    ck_assert_str_eq(canonical("role eq 'agent' and contains(email,'@Example')"),
                     "role eq 'agent' and contains(email,'@example')");
    refused("password_hash eq 'x'", HC_ERR_INVALID, "password_hash");
    refused("token_epoch eq 1", HC_ERR_INVALID, "token_epoch");
    refused("city eq 'Austin'", HC_ERR_INVALID, "city");
    refused("geo.near(1,2,3)", HC_ERR_INVALID, "filter");
    ck_assert_int_eq(hc__query_set_text(&query, "a", &err), HC_ERR_INVALID);
    ck_assert_int_eq(hc__query_set_sort(&query, "distance", &err), HC_ERR_INVALID);
    query.entity = &hc__agent_entity;
    ck_assert_str_eq(canonical("rating ge 4.555"), "rating gt 4.55");
    ck_assert_int_eq(hc__query_set_sort(&query, "-rating,total_sales", &err), HC_OK);
}
END_TEST

/* A new filter takes the place of the old one; a wrong one leaves it. */
START_TEST(a_filter_can_be_replaced)
{
    canonical("geo.near(1,2,3) and beds eq 1");
    ck_assert(query.near);
    ck_assert_int_eq(hc__query_set_filter(&query, "beds is 1", &err), HC_ERR_INVALID);
    ck_assert(query.where != NULL && query.near);
    ck_assert_int_eq(hc__query_set_filter(&query, "beds eq 2", &err), HC_OK);
    ck_assert(!query.near);
    ck_assert_int_eq(hc__query_set_filter(&query, "", &err), HC_OK);
    ck_assert_ptr_null(query.where);
    ck_assert_int_eq(hc__query_set_filter(&query, "geo.near(1,2,3) or beds eq 1", &err), HC_OK);
    ck_assert(!query.near);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_filter_is_told_again_in_canonical_words, 0, sizeof(kept) / sizeof(kept[0]));
    tcase_add_loop_test(tcase, a_wrong_filter_is_refused_by_the_name_at_fault, 0, sizeof(wrong) / sizeof(wrong[0]));
    tcase_add_test(tcase, hostile_text_is_a_value_or_refused);
    tcase_add_test(tcase, a_filter_has_limits);
    tcase_add_test(tcase, a_text_to_look_for_is_at_most_128_characters);
    tcase_add_test(tcase, a_polygon_has_3_to_256_corners);
    tcase_add_test(tcase, a_thin_box_does_not_turn_inside_out);
    tcase_add_test(tcase, a_sort_is_a_list_of_known_keys);
    tcase_add_test(tcase, a_limit_is_1_to_200);
    tcase_add_test(tcase, fields_are_known_names);
    tcase_add_test(tcase, users_and_agents_are_asked_by_their_own_tables);
    tcase_add_test(tcase, a_filter_can_be_replaced);
}

int main(void)
{
    return suite_main("unit.query.filter", fill, case_open, case_close);
}
