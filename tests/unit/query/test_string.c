/* The query string. */
#include "query_case.h"

static hc_status parse(const char *string)
{
    again();
    return hc__query_parse_string(&query, string, strlen(string), &err);
}

static const char *const kept[][2] = {
    {"", ""},
    {"city=Austin", "city eq 'austin'"},
    {"city=Austin&city=New+York&city=austin", "city in ('austin','new york')"},
    {"city=San%20Jos%C3%A9", "city eq 'san jos\xc3\xa9'"},
    {"zip=02134", "zip_code eq '02134'"},
    {"zip=787*&zip=02134&zip=10*", "startswith(zip_code,'787') or startswith(zip_code,'10') or zip_code eq '02134'"},
    {"type=house&type=land", "property_type in ('house','land')"},
    {"subtype=Townhouse", "property_subtype eq 'Townhouse'"},
    {"status=sold&scope=all", "status eq 'sold'"},
    {"min_price=100000&max_price=500000.005", "price ge 100000.00 and price le 500000.00"},
    {"min_beds=3&max_baths=2.5", "beds ge 3 and baths le 2.50"},
    {"min_lot=1&max_year=1999&min_sqft=10", "lot_sqft ge 1 and year_built le 1999 and sqft ge 10"},
    {"listed_since=2026-01-01", "list_date ge 2026-01-01"},
    {"updated_since=2026-01-01T00:00:00%2B02:00", "updated_at ge 2025-12-31T22:00:00Z"},
    {"max_dom=30&price_reduced=true", "days_on_market le 30 and price_reduced eq true"},
    {"agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13", "agent_id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'"},
    {"near=30.5,-97,500&sort=distance", "geo.near(30.50000000,-97.00000000,500)"},
    {"bbox=-98,30,-97,31", "geo.bbox(-98.00000000,30.00000000,-97.00000000,31.00000000)"},
    {"polygon=0+0,2+0,0+2", "geo.polygon('POLYGON((0.00000000 0.00000000,2.00000000 0.00000000,0.00000000 "
                            "2.00000000))')"},
    {"country=US&state=tx&&", "country eq 'US' and state eq 'tx'"},
    {"&&state=tx", "state eq 'tx'"},
    {"city=%4a%4f%4A%4F%30%39", "city eq 'jojo09'"},
    {"zip=%5a%5A%41", "zip_code eq 'ZZA'"},
    {"zip=%09", "zip_code eq '\t'"},
    {"zip=1&city=Austin&zip=2*&city=Waco&zip=3",
     "(startswith(zip_code,'2') or zip_code in ('1','3')) and city in ('austin','waco')"},
    {"zip=*", "startswith(zip_code,'')"},
    {"city=a*", "city eq 'a*'"},
    {"type=house", "property_type eq 'house'"},
    {"price_reduced=false", "price_reduced eq false"},
    {"max_lot=9&min_year=1900&max_sqft=9&max_beds=3&min_baths=1.5",
     "lot_sqft le 9 and year_built ge 1900 and sqft le 9 and beds le 3 and baths ge 1.50"},
    {"c%69ty=a", "city eq 'a'"},
};

START_TEST(parameters_are_a_filter)
{
    ck_assert_msg(parse(kept[_i][0]) == HC_OK, "%s: %s", kept[_i][0], err.message);
    hc__query_print(&text, &query);
    ck_assert_str_eq(text.data == NULL ? "" : text.data, kept[_i][1]);
}
END_TEST

static const struct {
    const char *string, *field;
} wrong[] = {
    {"town=Austin", "town"},
    {"offset=20", "offset"}, /* P04 */
    {"%24skip=20", "$skip"},
    {"skip=20", "skip"},
    {"page=2", "page"},
    {"City=Austin", "City"},
    {"city", "city"},
    {"city=", "city"},
    {"state=TX&state=NY", "state"},
    {"sort=price&sort=beds", "sort"},
    {"min_price=1,000", "min_price"},
    {"min_price=NaN", "min_price"},
    {"max_beds=three", "max_beds"},
    {"type=castle", "type"},
    {"status=SOLD+", "status"},
    {"price_reduced=yes", "price_reduced"},
    {"agent_id=me", "agent_id"},
    {"near=30,-97", "near"},
    {"near=30,-97,0", "near"},
    {"near=north,-97,5", "near"},
    {"bbox=1,2,3", "bbox"},
    {"bbox=1,2,3,4,5", "bbox"},
    {"polygon=0+0,1+1", "polygon"},
    {"limit=0", "limit"},
    {"limit=201", "limit"},
    {"limit=-1", "limit"},
    {"limit=2147483648", "limit"},
    {"limit=99999999999999999999", "limit"},
    {"limit=5.0", "limit"},
    {"limit=ten", "limit"},
    {"count=1", "count"},
    {"count=0", "count"},
    {"count=-2", "count"},
    {"count=10001", "count"},
    {"count=20.0", "count"},
    {"count=yes", "count"},
    {"scope=mine", "scope"},
    {"q=!!!", "q"},
    {"q=a+b+c+d+e+f+g+h+i", "q"},
    {"fields=secret", "fields"},
    {"city=%4", "city"},
    {"city=%zz", "city"},
    {"city=a%00b", "city"},
    {"city=%C0%27", "city"},
    {"city=%ED%A0%80", "city"},
    {"city=%4g", "city"},
    {"city=%4G", "city"},
    {"city=%4%2f", "city"},
    {"city=%4:", "city"},
    {"city=%4@", "city"},
    {"city=%4`", "city"},
    {"city=%g4", "city"},
    {"city=%", "city"},
    {"city=%&zip=41", "city"},
    {"price_reduced=true&price_reduced=true", "price_reduced"},
    {"price_reduced=true+", "price_reduced"},
    {"zip=", "zip"},
    {"zip", "zip"},
    {"=5", "query"},
    {"=", "query"},
    {"%FF=1", "query"},
};

static const struct {
    const char *string, *says;
} said[] = {
    {"%FF=1", "a parameter's name is not percent-encoded UTF-8"},
    {"%4", "a parameter's name is not percent-encoded UTF-8"},
    {"=5", "an empty name is not a parameter"},
    {"town=Austin", "town is not a parameter"},
    {"state=TX&state=NY", "state stands twice"},
    {"city", "city is empty"},
    {"city=", "city is empty"},
    {"city=%4", "city is not percent-encoded UTF-8"},
    {"near=30,-97", "near is latitude,longitude,metres"},
    {"near=30,-97,5,6", "near is latitude,longitude,metres"},
    {"bbox=1,2,3", "bbox is west,south,east,north"},
    {"bbox=1,2,3,4,5", "bbox is west,south,east,north"},
    {"scope=mine", "scope is public, own or all"},
    {"min_beds=x", "beds takes a number such as 12 or -0.5, in plain digits"},
    {"type=castle", "property_type is one of 'house', 'apartment', 'condo', 'land'"},
};

START_TEST(a_refusal_says_what_is_wrong)
{
    ck_assert_int_eq(parse(said[_i].string), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, said[_i].says);
}
END_TEST

/* Not a byte behind its end is read. */
START_TEST(a_query_string_ends_where_it_is_said_to)
{
    static const char string[] = "zip=%41&zip=22";

    ck_assert_int_eq(hc__query_parse_string(&query, string, 6, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "zip");
    again();
    ck_assert_int_eq(hc__query_parse_string(&query, string, 7, &err), HC_OK);
    again();
    ck_assert_int_eq(hc__query_parse_string(&query, string, 13, &err), HC_OK);
    hc__query_print(&text, &query);
    ck_assert_str_eq(text.data, "zip_code in ('A','2')");
}
END_TEST

/* P03 P04 P05 P07 */
START_TEST(a_wrong_parameter_is_refused_by_name)
{
    ck_assert_msg(parse(wrong[_i].string) == HC_ERR_INVALID, "%s: %d", wrong[_i].string, err.status);
    ck_assert_msg(strcmp(err.field, wrong[_i].field) == 0, "%s: field %s", wrong[_i].string, err.field);
}
END_TEST

START_TEST(parameters_beside_the_filter_are_kept)
{
    ck_assert_int_eq(parse("scope=own&limit=7&count=true&sort=-price&cursor=abc&fields=id,price&q=Creek+bung*"), HC_OK);
    ck_assert_int_eq(query.scope, HC__SCOPE_OWN);
    ck_assert_int_eq(query.limit, 7);
    ck_assert_int_eq(query.count, HC__COUNT_LIMIT);
    ck_assert(query.sort_count == 1 && query.sort[0].descending);
    ck_assert_str_eq(query.cursor, "abc");
    ck_assert_ptr_nonnull(query.fields);
    ck_assert_uint_eq(query.word_count, 2);
    ck_assert_ptr_null(query.where);
}
END_TEST

START_TEST(a_query_string_has_limits)
{
    char big[8192] = "";
    size_t used = 0;

    for (int i = 0; i < 201; i++)
        used += (size_t)sprintf(big + used, "city=c%d&", i);
    ck_assert_int_eq(parse(big), HC_ERR_TOO_LARGE);
    ck_assert_str_eq(err.field, "city");
    memset(big, '&', 4097);
    big[4097] = '\0';
    ck_assert_int_eq(parse(big), HC_ERR_TOO_LARGE);
    used = 0;
    for (int i = 0; i < 65; i++)
        used += (size_t)sprintf(big + used, "zip=%d*&", i);
    ck_assert_int_eq(parse(big), HC_ERR_TOO_LARGE);
}
END_TEST

/* Each text that a code begins with counts, and all whole codes together. */
START_TEST(a_query_string_has_64_comparisons)
{
    static const char *const more[] = {"zip=1&zip=2", "min_beds=1",   "price_reduced=true", "state=TX",
                                       "near=1,2,3",  "bbox=1,2,3,4", "polygon=0+0,2+0,0+2"};
    char big[4096] = "";
    size_t used = 0;

    for (int i = 0; i < 63; i++)
        used += (size_t)sprintf(big + used, "zip=%d*&", i);
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        sprintf(big + used, "%s", more[i]);
        ck_assert_msg(parse(big) == HC_OK, "%s: %s", more[i], err.message);
        sprintf(big + used, "%s&max_beds=9", more[i]);
        ck_assert_msg(parse(big) == HC_ERR_TOO_LARGE, "%s", more[i]);
        ck_assert_str_eq(err.field, "query");
        ck_assert_str_eq(err.message, "a filter has at most 64 comparisons");
    }
}
END_TEST

START_TEST(a_list_has_200_items_and_a_string_4096_bytes)
{
    char big[8192];
    size_t used = 0;

    for (int i = 0; i < 200; i++)
        used += (size_t)sprintf(big + used, "city=c%d&", i);
    ck_assert_int_eq(parse(big), HC_OK);
    ck_assert_uint_eq(query.where->value_count, 200);
    sprintf(big + used, "city=d");
    ck_assert_int_eq(parse(big), HC_ERR_TOO_LARGE);
    ck_assert_str_eq(err.message, "a list has at most 200 items");
    memset(big, '&', 4097);
    big[4097] = '\0';
    ck_assert_int_eq(parse(big), HC_ERR_TOO_LARGE);
    ck_assert_str_eq(err.field, "query");
    ck_assert_str_eq(err.message, "a query string has at most 4096 bytes");
    big[4096] = '\0';
    ck_assert_int_eq(parse(big), HC_OK);
}
END_TEST

START_TEST(a_scope_and_a_limit_are_words_and_whole_numbers)
{
    static const char *const words[] = {"scope=public", "scope=own", "scope=all"};

    for (int32_t i = 0; i < 3; i++) {
        ck_assert_int_eq(parse(words[i]), HC_OK);
        ck_assert_int_eq(query.scope, i);
    }
    ck_assert_int_eq(parse("limit=1"), HC_OK);
    ck_assert_int_eq(query.limit, 1);
    ck_assert_int_eq(parse("limit=200"), HC_OK);
    ck_assert_int_eq(query.limit, 200);
}
END_TEST

START_TEST(a_total_is_exact_up_to_what_is_asked)
{
    static const struct {
        const char *text;
        int32_t up_to;
    } asked[] = {{"count=2", 2}, {"count=100", 100}, {"count=10000", 10000}, {"count=true", 10000}, {"count=false", 0}};

    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        ck_assert_int_eq(parse(asked[i].text), HC_OK);
        ck_assert_int_eq(query.count, asked[i].up_to);
    }
    ck_assert_int_eq(parse("count=20000"), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "count is true, false, or a number of 2 to 10000");
}
END_TEST

START_TEST(other_records_take_the_general_parameters_only)
{
    query.entity = &hc__user_entity;
    ck_assert_int_eq(parse("limit=5&sort=-created_at&count=true&scope=all&fields=id&cursor=c"), HC_OK);
    ck_assert_int_eq(query.scope, HC__SCOPE_ALL);
    ck_assert_int_eq(parse("city=Austin"), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "city");
    ck_assert_int_eq(parse("q=a"), HC_ERR_INVALID);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, parameters_are_a_filter, 0, sizeof(kept) / sizeof(kept[0]));
    tcase_add_loop_test(tcase, a_wrong_parameter_is_refused_by_name, 0, sizeof(wrong) / sizeof(wrong[0]));
    tcase_add_loop_test(tcase, a_refusal_says_what_is_wrong, 0, sizeof(said) / sizeof(said[0]));
    tcase_add_test(tcase, a_query_string_ends_where_it_is_said_to);
    tcase_add_test(tcase, parameters_beside_the_filter_are_kept);
    tcase_add_test(tcase, a_query_string_has_limits);
    tcase_add_test(tcase, a_query_string_has_64_comparisons);
    tcase_add_test(tcase, a_list_has_200_items_and_a_string_4096_bytes);
    tcase_add_test(tcase, a_scope_and_a_limit_are_words_and_whole_numbers);
    tcase_add_test(tcase, a_total_is_exact_up_to_what_is_asked);
    tcase_add_test(tcase, other_records_take_the_general_parameters_only);
}

int main(void)
{
    return suite_main("unit.query.string", fill, case_open, case_close);
}
