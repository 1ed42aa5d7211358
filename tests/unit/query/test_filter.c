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
    {"beds in (null)", "beds eq null"},
    {"beds in (99999999999,null)", "beds eq null"},
    {"city in ('Austin','austin','austen','aus',null)", "city in ('austin','austen','aus') or city eq null"},
    {"zip_code in ('787','78701','78701')", "zip_code in ('787','78701')"},
    {"agent_id in ('019b76da-a800-7000-83e3-b68dfbc6ce13',019b76da-a800-7000-83e3-b68dfbc6ce13)",
     "agent_id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'"},
    {"agent_id in ('019b76da-a800-7000-83e3-b68dfbc6ce13','019b76da-a800-7000-83e3-b68dfbc6ce14')",
     "agent_id in ('019b76da-a800-7000-83e3-b68dfbc6ce13','019b76da-a800-7000-83e3-b68dfbc6ce14')"},
    {"city ne null", "city ne null"},
    {"city eq 'null'", "city eq 'null'"},
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
    {"created_at ge 2026-01-01T00:00:00.123456Z", "created_at ge 2026-01-01T00:00:00.123456Z"},
    {"created_at ge 2026-01-01T00:00:00.1234560Z", "created_at ge 2026-01-01T00:00:00.123456Z"},
    {"created_at ge 2026-01-01T00:00:00.0000009Z", "created_at gt 2026-01-01T00:00:00Z"},
    {"created_at ge 2026-01-01T00:00:00.000000009Z", "created_at gt 2026-01-01T00:00:00Z"},
    {"list_date gt 2026-01-01", "list_date gt 2026-01-01"},
    {"list_date ge 2026-01-01T00:00:00.0000001Z", "list_date gt 2026-01-01"},
    {"list_date lt 2026-01-01T12:00:00Z", "list_date le 2026-01-01"},
    {"list_date lt 2026-01-01T00:00:00Z", "list_date lt 2026-01-01"},
    {"updated_at le now()", "updated_at le now()"},
    {"days_on_market le 30", "days_on_market le 30"},
    {"DaysOnMarket le 30", "days_on_market le 30"},
    {"days_on_market gt -2147483648", "days_on_market ne null"},
    {"days_on_market ge -3652059", "days_on_market ge -3652059"}, /* what dates can make */
    {"days_on_market le 3652059", "days_on_market le 3652059"},
    {"days_on_market ge -3652060", "days_on_market ne null"},
    {"days_on_market le 3652060", "days_on_market ne null"},
    {"price_reduced eq true", "price_reduced eq true"},
    {"price_reduced eq false and beds eq null or beds eq 1 or price_reduced eq true and beds eq 2",
     "(price_reduced eq false and beds eq null) or beds eq 1 or (price_reduced eq true and beds eq 2)"},
    {"\tbeds\teq\n1\r\n", "beds eq 1"},
    {"contains( title\n,\r'a'\t)", "contains(title,'a')"},
    {"id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'", "id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'"},
    {"geo.near(30.5,-97.25,1500)", "geo.near(30.50000000,-97.25000000,1500)"},
    {"geo.near(30.5,-97.25,1500.9)", "geo.near(30.50000000,-97.25000000,1500)"},
    {"geo.bbox(170,-10,-170,10)", "geo.bbox(170.00000000,-10.00000000,-170.00000000,10.00000000)"},
    {"geo.bbox(1.000000001,-10,2.000000009,10)",
     "geo.bbox(1.00000001,-10.00000000,2.00000000,10.00000000)"}, /* no larger */
    {"geo.polygon('POLYGON((  0   0  , 2 0,0 2 ))')",
     "geo.polygon('POLYGON((0.00000000 0.00000000,2.00000000 0.00000000,0.00000000 2.00000000))')"},
    {"geo.polygon('POLYGON ((0 0, 2 0, 0 2, 0 0))')",
     "geo.polygon('POLYGON((0.00000000 0.00000000,2.00000000 0.00000000,0.00000000 2.00000000))')"},
    {"geo.polygon('POLYGON((0 0,2 0,0 2,0 0,0 0))')", /* closed twice */
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
    {"status eq active", "status"},
    {"status eq true", "status"},
    {"StandardStatus eq 'ActiveUnder'", "standard_status"},
    {"StandardStatus eq 'ActiveUnderContracts'", "standard_status"},
    {"status gt 'active'", "status"},
    {"price_reduced eq 1", "price_reduced"},
    {"price_reduced ne true", "price_reduced"},
    {"created_at ge '2026-01-01'", "created_at"},
    {"created_at ge '2026-01-01T00:00:00Z'", "created_at"},
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
    {"geo.bbox(0,10.00000001,5,10)", "geo.bbox"},
    {"geo.polygon('POLYGON((0 0,1 1,0 0))')", "geo.polygon"},
    {"geo.polygon('POLYGON((0 0,1 1,0 0,0 0))')", "geo.polygon"}, /* as a saved search it could not be read again */
    {"geo.polygon('POLYGON((0 0,1 1,2))')", "geo.polygon"},
};

/* P05 P07: values are refused by their type, wherever they stand. */
START_TEST(a_wrong_filter_is_refused_by_the_name_at_fault)
{
    refused(wrong[_i].filter, HC_ERR_INVALID, wrong[_i].field);
}
END_TEST

/* Each use of a field by the tests that it takes. */
static const struct {
    const char *field, *value, *takes;
} uses[] = {
    {"beds", "3", "eq ne gt ge lt le in"},
    {"status", "'active'", "eq ne in"},
    {"title", "'a'", "eq ne in startswith contains"},
    {"description", "'a'", "contains"},
    {"created_at", "2026-01-01", "eq ne gt ge lt le"},
    {"id", "'019b76da-a800-7000-83e3-b68dfbc6ce13'", "eq in"},
    {"price_reduced", "true", "eq"},
    {"price_per_sqft", "1", ""},
};

START_TEST(a_field_takes_the_tests_of_its_use)
{
    static const char *const words[] = {"eq", "ne", "gt", "ge", "lt", "le", "in", "startswith", "contains"};
    const char *field = uses[_i].field, *value = uses[_i].value;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char filter[120], list[64], word[16];

        snprintf(list, sizeof(list), " %s ", uses[_i].takes);
        snprintf(word, sizeof(word), " %s ", words[i]);
        if (i < 6)
            snprintf(filter, sizeof(filter), "%s %s %s", field, words[i], value);
        else if (i == 6)
            snprintf(filter, sizeof(filter), "%s in (%s)", field, value);
        else
            snprintf(filter, sizeof(filter), "%s(%s,%s)", words[i], field, value);
        if (strstr(list, word) != NULL)
            canonical(filter);
        else
            refused(filter, HC_ERR_INVALID, field);
    }
}
END_TEST

static const struct {
    const char *filter, *says;
} said[] = {
    {"beds eq '3'", "beds takes a number (column 1)"},
    {"city eq 'a''", "column 9: a text that no quote ends"},
    {" beds eq x", "beds takes a number such as 12 or -0.5, in plain digits (column 2)"},
    {"contains(beds,'3')", "beds takes eq, ne, gt, ge, lt, le and in (column 1)"},
    {"status gt 'active'", "status takes eq, ne and in (column 1)"},
    {"title gt 'a'", "title takes eq, ne, in, startswith and contains (column 1)"},
    {"description eq 'a'", "description takes contains only (column 1)"},
    {"created_at in (2026-01-01)", "created_at takes gt, ge, lt, le, eq and ne (column 1)"},
    {"id ne 'a'", "id takes eq and in (column 1)"},
    {"price_reduced ne true", "price_reduced takes eq only (column 1)"},
    {"price_per_sqft eq 1", "price_per_sqft is not a field that can be filtered (column 1)"},
    {"price_reduced eq 1", "price_reduced is true or false (column 1)"},
    {"title eq 1", "title takes a text in single quotes (column 1)"},
    {"id eq 'x'", "id takes an id: 36 characters of lower-case UUID text (column 1)"},
    {"created_at eq x",
     "created_at takes a date (2026-11-23), a time with an offset (2026-11-23T01:28:38Z), or now() (column 1)"},
    {"status eq 'x'", "status is one of 'active', 'pending', 'sold' (column 1)"},
    {"property_subtype eq 'x'",
     "property_subtype is one of 'Agriculture', 'Apartment', 'Boat Slip', 'Business', 'Cabin', 'Condominium', 'Deeded "
     "Parking', 'Duplex', 'Farm', 'Hotel/Motel', 'Industrial', 'Manufactured Home', 'Manufactured On Land', 'Mixed "
     "Use', 'Mobile Home', 'Multi Family', 'Office', 'Own Your Own', 'Quadruplex', 'Ranch', 'Retail', ... (column 1)"},
};

START_TEST(a_number_that_is_finer_than_its_field_is_one_value)
{
    canonical("price ge 1.005");
    ck_assert(query.where->value_count == 1 && query.where->values->as.integer == 100);
    canonical("price eq 1.005");
    ck_assert(query.where->test == HC_TEST_FALSE && query.where->value_count == 0);
}
END_TEST

START_TEST(a_refusal_says_what_is_allowed)
{
    refused(said[_i].filter, HC_ERR_INVALID, err.field);
    ck_assert_str_eq(err.message, said[_i].says);
}
END_TEST

/* What their range is made of. */
START_TEST(numbers_of_filters_are_whole_or_have_digits)
{
    for (size_t i = 0; i < hc__entity_count; i++) {
        const hc__entity *entity = hc__entities[i];

        for (uint32_t j = 0; j < entity->kind.field_count; j++) {
            const hc_field *field = &entity->kind.fields[j];

            if (entity->info[j].use == HC__FILTER_NUMBER && field->type != HC_TYPE_INT32)
                ck_assert_msg(field->type == HC_TYPE_DECIMAL && field->length > 0 && field->length < 19, "%s",
                              field->name);
        }
    }
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
    ck_assert_str_eq(err.message, "a text to look for has at most 128 characters (column 1)");
    canonical(repeated(big, "title eq '", "_", "", 129, "'")); /* not looked for */
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
    ck_assert_int_eq(query.where->numbers[1], query.where->numbers[3] + 1);
    canonical("geo.bbox(0,1.0000000001,5,1.0000000002)");
    ck_assert_int_eq(query.where->numbers[1], query.where->numbers[3] + 1);
    refused("geo.bbox(0,1.00000002,5,1)", HC_ERR_INVALID, "geo.bbox");
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
    ck_assert_str_eq(err.message, "sort: names and commas only");
    ck_assert_int_eq(hc__query_set_sort(&query, "price,beds,baths,sqft", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "sort: at most 3 keys");
    ck_assert_int_eq(hc__query_set_sort(&query, "price,price", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "sort: a key stands twice");
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
        ck_assert_str_eq(err.message, "limit is 1 to 200");
    }
    ck_assert_int_eq(query.limit, 25);
    ck_assert_int_eq(hc__query_set_limit(&query, 1, &err), HC_OK);
    ck_assert_int_eq(query.limit, 1);
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
    ck_assert_int_eq(hc__query_set_fields(&query, "id, ListPrice , city ", &err), HC_OK);
    ck_assert_uint_eq(query.fields[0] >> hc__property_f_price & 1, 1);
    ck_assert_uint_eq(query.fields[0] >> hc__property_f_beds & 1, 0);
    for (uint16_t i = 0; i < hc__property_field_count; i++) {
        const char *name = hc__property_entity.kind.fields[i].name;

        if (hc__named_field(&hc__property_entity, name, strlen(name)) == HC_NO_FIELD)
            continue;
        ck_assert_int_eq(hc__query_set_fields(&query, name, &err), HC_OK);
        ck_assert_uint_eq(query.fields[i / 64], UINT64_C(1) << i % 64);
        ck_assert_uint_eq(query.fields[1 - i / 64], 0);
    }
    ck_assert_int_eq(hc__query_set_fields(&query, NULL, &err), HC_OK);
    ck_assert_ptr_null(query.fields);
}
END_TEST

/* 40 letters of it. */
START_TEST(an_unknown_name_is_told)
{
    static const struct {
        const char *name, *kept;
    } names[] = {{"n", "n"},
                 {"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"},
                 {"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"}};
    static const char blanks[] = "   ,price";
    char given[100], wanted[100];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ck_assert_int_eq(hc__query_set_sort(&query, names[i].name, &err), HC_ERR_INVALID);
        snprintf(wanted, sizeof(wanted), "sort: %s is no sort key of properties", names[i].kept);
        ck_assert_str_eq(err.message, wanted);
        snprintf(given, sizeof(given), "id, %s", names[i].name);
        snprintf(wanted, sizeof(wanted), "fields: %s is no field of properties", names[i].kept);
        ck_assert_int_eq(hc__query_set_fields(&query, given, &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.message, wanted);
    }
    ck_assert_int_eq(hc__query_set_sort(&query, blanks + 2, &err),
                     HC_ERR_INVALID); /* what is before it is not its own */
    ck_assert_str_eq(err.message, "sort:  is no sort key of properties");
    ck_assert_int_eq(hc__query_set_sort(&query, "price, - asc", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "sort:  asc is no sort key of properties");
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
    ck_assert_int_eq(hc__query_set_filter(&query, "geo.near(1,2,3)", &err), HC_OK);
    ck_assert(query.near);
    ck_assert_int_eq(hc__query_set_filter(&query, NULL, &err), HC_OK);
    ck_assert(query.where == NULL && !query.near);
}
END_TEST

/* Distances are from the first place that every row must be near, whatever joins it. */
START_TEST(a_filter_joins_the_one_that_is_there)
{
    ck_assert_int_eq(hc__query_parse(&query, "beds eq 1 and geo.near(1,2,3)", NULL, &err), HC_OK);
    ck_assert_int_eq(hc__query_parse(&query, "geo.near(4,5,6) and (beds eq 2 or beds eq 3)", "price", &err), HC_OK);
    ck_assert_int_eq(hc__query_parse(&query, "", NULL, &err), HC_OK);
    hc__query_print(&text, &query);
    ck_assert_str_eq(text.data,
                     "beds eq 1 and geo.near(1.00000000,2.00000000,3) and geo.near(4.00000000,5.00000000,6) and (beds "
                     "eq 2 or beds eq 3)");
    ck_assert_uint_eq(query.where->child_count, 4);
    ck_assert(query.near && query.near_latitude == 100000000 && query.near_longitude == 200000000);
    ck_assert_uint_eq(query.sort_count, 1);
    again();
    ck_assert_int_eq(hc__query_parse(&query, "not geo.near(1,2,3)", NULL, &err), HC_OK);
    ck_assert(!query.near);
    ck_assert_int_eq(hc__query_parse(&query, "geo.near(4,5,6)", NULL, &err), HC_OK);
    ck_assert(query.near && query.near_latitude == 400000000 && query.near_longitude == 500000000);
    ck_assert_uint_eq(query.where->child_count, 2);
}
END_TEST

START_TEST(filters_that_join_have_a_limit)
{
    char big[8192];

    again();
    repeated(big, "", "beds eq 1", " or ", 64, "");
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hc__query_parse(&query, big, NULL, &err), HC_OK);
    ck_assert_int_eq(hc__query_parse(&query, "beds eq 1", NULL, &err), HC_ERR_TOO_LARGE);
    ck_assert_str_eq(err.field, "filter");
    ck_assert_str_eq(err.message, "a filter has at most 64 comparisons");
    ck_assert_uint_eq(query.where->child_count, 2);
    ck_assert_int_eq(hc__query_parse(&query, NULL, "price", &err), HC_OK);
    ck_assert_int_eq(hc__query_parse(&query, "beds is 1", "beds", &err), HC_ERR_INVALID);
    ck_assert(query.sort_count == 1 && query.sort[0].field == hc__property_f_price);
}
END_TEST

START_TEST(a_query_begins_with_what_its_records_are)
{
    static const struct {
        const hc__entity *entity;
        int32_t scope;
    } begins[] = {{&hc__property_entity, HC__SCOPE_PUBLIC},
                  {&hc__agent_entity, HC__SCOPE_PUBLIC},
                  {&hc__lead_entity, HC__SCOPE_OWN},
                  {&hc__audit_entity, HC__SCOPE_ALL}};

    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        query.entity = begins[i].entity;
        query.limit = query.count = 7;
        hc__query_free(&query);
        ck_assert_ptr_eq(query.entity, begins[i].entity);
        ck_assert_int_eq(query.scope, begins[i].scope);
        ck_assert(query.limit == 25 && query.count == 0 && query.where == NULL && query.sort_count == 0);
    }
}
END_TEST

START_TEST(an_order_is_told_again)
{
    static const char *const orders[][2] = {
        {"-distance,relevance,days_on_market", "-distance,relevance,days_on_market"},
        {"-relevance, distance , price", "-relevance,distance,price"},
        {"  ListPrice desc ,beds asc,-DaysOnMarket", "-price,beds,-days_on_market"},
        {"", ""},
        {NULL, ""},
    };
    static const char *const wrong_ones[] = {"distanc",       "distancf",        "distances",
                                             "relevanc",      "relevancf",       "relevances",
                                             "days_on_marke", "-  DaysOnMarket", "price_per_sqf"};

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        again();
        ck_assert_int_eq(hc__query_set_sort(&query, orders[i][0], &err), HC_OK);
        hc__query_print_sort(&text, &query);
        ck_assert_str_eq(text.data == NULL ? "" : text.data, orders[i][1]);
    }
    for (size_t i = 0; i < sizeof(wrong_ones) / sizeof(wrong_ones[0]); i++)
        ck_assert_int_eq(hc__query_set_sort(&query, wrong_ones[i], &err), HC_ERR_INVALID);
    query.entity = &hc__user_entity;
    ck_assert_int_eq(hc__query_set_sort(&query, "relevance", &err), HC_ERR_INVALID);
}
END_TEST

START_TEST(an_order_has_4096_bytes)
{
    char big[4200];

    canonical("");
    ck_assert_int_eq(hc__query_set_sort(&query, repeated(big, "price", " ", "", 4096 - 5, ""), &err), HC_OK);
    ck_assert_int_eq(hc__query_set_sort(&query, repeated(big, "price", " ", "", 4097 - 5, ""), &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "sort: names and commas only");
}
END_TEST

/* One place for all cursors of a walk, and a larger one for a longer cursor. */
START_TEST(a_cursor_is_kept_in_one_place)
{
    char big[1100];
    const char *at;

    ck_assert_int_eq(hc__query_set_cursor(&query, repeated(big, "", "c", "", 319, ""), &err), HC_OK);
    ck_assert(strcmp(query.cursor, big) == 0 && query.cursor_room == 320);
    at = query.cursor;
    ck_assert_int_eq(hc__query_set_cursor(&query, big, &err), HC_OK);
    ck_assert_ptr_eq(query.cursor, at);
    ck_assert_int_eq(hc__query_set_cursor(&query, NULL, &err), HC_OK);
    ck_assert_ptr_null(query.cursor);
    ck_assert_int_eq(hc__query_set_cursor(&query, repeated(big, "", "d", "", 1024, ""), &err), HC_OK);
    ck_assert(strcmp(query.cursor, big) == 0 && query.cursor != at && query.cursor_room == 1025);
    at = query.cursor;
    ck_assert_int_eq(hc__query_set_cursor(&query, query.cursor + 1000, &err), HC_OK); /* which may be its own */
    ck_assert_str_eq(query.cursor, "dddddddddddddddddddddddd");
    ck_assert_ptr_eq(query.cursor, at);
    ck_assert_int_eq(hc__query_set_cursor(&query, repeated(big, "", "e", "", 1025, ""), &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "cursor");
    ck_assert_str_eq(err.message, "this is no cursor of this library");
    ck_assert_str_eq(query.cursor, "dddddddddddddddddddddddd");
}
END_TEST

START_TEST(words_are_kept_until_none_are_asked_for)
{
    ck_assert_int_eq(hc__query_set_text(&query, "Creek bung*", &err), HC_OK);
    ck_assert_str_eq(query.text, "Creek bung*");
    ck_assert_uint_eq(query.word_count, 2);
    ck_assert_int_eq(hc__query_set_text(&query, "!!!", &err), HC_ERR_INVALID);
    ck_assert_uint_eq(query.word_count, 2);
    ck_assert_int_eq(hc__query_set_text(&query, NULL, &err), HC_OK);
    ck_assert(query.text == NULL && query.words == NULL && query.word_count == 0);
    query.entity = &hc__user_entity;
    ck_assert_int_eq(hc__query_set_text(&query, "a", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "q: only listings have search words");
}
END_TEST

START_TEST(a_total_has_a_limit)
{
    static const int64_t kept_counts[][2] = {{0, 0}, {1, 10000}, {2, 2}, {10000, 10000}};
    static const int64_t bad[] = {-1, 10001, INT64_MIN, INT64_MAX};

    for (size_t i = 0; i < sizeof(kept_counts) / sizeof(kept_counts[0]); i++) {
        ck_assert_int_eq(hc__query_set_count(&query, kept_counts[i][0], &err), HC_OK);
        ck_assert_int_eq(query.count, kept_counts[i][1]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(hc__query_set_count(&query, bad[i], &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "count");
    ck_assert_str_eq(err.message, "a total is exact up to 2 to 10000, 1 for the most, 0 for none");
    ck_assert_int_eq(query.count, 10000);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_filter_is_told_again_in_canonical_words, 0, sizeof(kept) / sizeof(kept[0]));
    tcase_add_loop_test(tcase, a_wrong_filter_is_refused_by_the_name_at_fault, 0, sizeof(wrong) / sizeof(wrong[0]));
    tcase_add_loop_test(tcase, a_field_takes_the_tests_of_its_use, 0, sizeof(uses) / sizeof(uses[0]));
    tcase_add_loop_test(tcase, a_refusal_says_what_is_allowed, 0, sizeof(said) / sizeof(said[0]));
    tcase_add_test(tcase, a_number_that_is_finer_than_its_field_is_one_value);
    tcase_add_test(tcase, numbers_of_filters_are_whole_or_have_digits);
    tcase_add_test(tcase, hostile_text_is_a_value_or_refused);
    tcase_add_test(tcase, a_filter_has_limits);
    tcase_add_test(tcase, a_text_to_look_for_is_at_most_128_characters);
    tcase_add_test(tcase, a_polygon_has_3_to_256_corners);
    tcase_add_test(tcase, a_thin_box_does_not_turn_inside_out);
    tcase_add_test(tcase, a_sort_is_a_list_of_known_keys);
    tcase_add_test(tcase, a_limit_is_1_to_200);
    tcase_add_test(tcase, fields_are_known_names);
    tcase_add_test(tcase, an_unknown_name_is_told);
    tcase_add_test(tcase, users_and_agents_are_asked_by_their_own_tables);
    tcase_add_test(tcase, a_filter_can_be_replaced);
    tcase_add_test(tcase, a_filter_joins_the_one_that_is_there);
    tcase_add_test(tcase, filters_that_join_have_a_limit);
    tcase_add_test(tcase, a_query_begins_with_what_its_records_are);
    tcase_add_test(tcase, an_order_is_told_again);
    tcase_add_test(tcase, an_order_has_4096_bytes);
    tcase_add_test(tcase, a_cursor_is_kept_in_one_place);
    tcase_add_test(tcase, words_are_kept_until_none_are_asked_for);
    tcase_add_test(tcase, a_total_has_a_limit);
}

int main(void)
{
    return suite_main("unit.query.filter", fill, case_open, case_close);
}
