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
    {"%FF=1", "query"},
};

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
    ck_assert_int_eq(parse("limit=5&sort=-created_at&count=true"), HC_OK);
    ck_assert_int_eq(parse("city=Austin"), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "city");
    ck_assert_int_eq(parse("q=a"), HC_ERR_INVALID);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, parameters_are_a_filter, 0, sizeof(kept) / sizeof(kept[0]));
    tcase_add_loop_test(tcase, a_wrong_parameter_is_refused_by_name, 0, sizeof(wrong) / sizeof(wrong[0]));
    tcase_add_test(tcase, parameters_beside_the_filter_are_kept);
    tcase_add_test(tcase, a_query_string_has_limits);
    tcase_add_test(tcase, a_total_is_exact_up_to_what_is_asked);
    tcase_add_test(tcase, other_records_take_the_general_parameters_only);
}

int main(void)
{
    return suite_main("unit.query.string", fill, case_open, case_close);
}
