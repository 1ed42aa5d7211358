/* What goes down to a driver: no NOT, null rules, norm columns, guards. */
#include "query_case.h"

/* The clock of lowered() says 2025-11-23T10:00:00Z: day 20415. */
static const char *const plain[][2] = {
    {"beds gt 3", "beds > 3"},
    {"not beds gt 3", "(beds <= 3 or beds is null)"},
    {"not beds ge 3", "(beds < 3 or beds is null)"},
    {"not beds lt 3", "(beds >= 3 or beds is null)"},
    {"not beds le 3", "(beds > 3 or beds is null)"},
    {"not beds eq 3", "(beds <> 3 or beds is null)"},
    {"beds ne 3", "(beds <> 3 or beds is null)"},
    {"not beds ne 3", "beds = 3"},
    {"not price gt 3", "price <= 300"},
    {"beds eq null", "beds is null"},
    {"beds ne null", "beds is not null"},
    {"not beds eq null", "beds is not null"},
    {"created_at eq null", "false"},
    {"not created_at eq null", "true"},
    {"beds gt null", "false"},
    {"not beds gt null", "true"},
    {"beds in (1,2)", "beds in 1,2"},
    {"not beds in (1,2)", "((beds <> 1 and beds <> 2) or beds is null)"},
    {"beds in (1,2,null)", "(beds in 1,2 or beds is null)"},
    {"not beds in (1,null)", "((beds <> 1 or beds is null) and beds is not null)"},
    {"not (beds eq 1 and sqft eq 2)", "((beds <> 1 or beds is null) or (sqft <> 2 or sqft is null))"},
    {"not (beds eq 1 or sqft eq 2)", "((beds <> 1 or beds is null) and (sqft <> 2 or sqft is null))"},
    {"not (beds eq 1 and not (sqft eq 2 or sqft gt 5))", "((beds <> 1 or beds is null) or (sqft = 2 or sqft > 5))"},
    {"price eq 1.005", "false"},
    {"price ne 1.005 and beds eq 1", "beds = 1"},
    {"price eq 1.005 and beds eq 1", "false"},
    {"price eq 1.005 or beds eq 1", "beds = 1"},
    {"city eq 'Stra\xc3\x9f"
     "e'",
     "city_norm = 'stra\xc3\x9f"
     "e'"},
    {"city ne 'AUSTIN'", "(city_norm <> 'austin' or city_norm is null)"},
    {"startswith(title,'Big')", "title_norm starts with 'big'"},
    {"contains(description,'Big')", "description_norm contains 'big'"},
    {"zip_code eq 'AB1'", "zip_code = 'AB1'"},
    {"listing_id eq null", "listing_id is null"},
    {"status eq 'sold'", "status = 3"},
    {"created_at le now()", "created_at <= 1763892000000000"},
    {"list_date le now()", "list_date <= 20415"},
    {"list_date lt now()", "list_date <= 20415"},
    {"list_date gt now()", "list_date > 20415"},
    {"list_date eq now()", "false"},
    {"not list_date lt now()", "(list_date > 20415 or list_date is null)"},
    {"days_on_market le 30", "(days_to_close <= 30 or (days_to_close is null and list_date >= 20385))"},
    {"not days_on_market le 30",
     "((days_to_close > 30 or days_to_close is null) and (days_to_close is not null or (list_date < 20385 or list_date "
     "is null)))"},
    {"days_on_market ne 3", "((days_to_close <> 3 or days_to_close is null) and (days_to_close is not null or "
                            "(list_date <> 20412 or list_date "
                            "is null)))"},
    {"days_on_market eq null", "(days_to_close is null and list_date is null)"},
    {"days_on_market ne null", "(days_to_close is not null or list_date is not null)"},
    {"days_on_market in (1,2)", "(days_to_close in 1,2 or (days_to_close is null and list_date in 20414,20413))"},
    {"geo.bbox(-98,30,-97,31)",
     "(latitude >= 3000000000 and latitude <= 3100000000 and longitude >= -9800000000 and longitude <= -9700000000)"},
    {"geo.bbox(170,-1,-170,1)", "(latitude >= -100000000 and latitude <= 100000000 and (longitude >= 17000000000 or "
                                "longitude <= -17000000000))"},
    {"not geo.bbox(-98,30,-97,31)", "(latitude < 3000000000 or latitude > 3100000000 or (longitude < -9800000000 or "
                                    "longitude > -9700000000) or latitude is null or longitude is null)"},
    {"not geo.bbox(5,-1,5,1)", "(latitude < -100000000 or latitude > 100000000 or (longitude < 500000000 or "
                               "longitude > 500000000) or latitude is null or longitude is null)"},
    {"geo.bbox(5,-1,5,1)", "(latitude >= -100000000 and latitude <= 100000000 and longitude >= 500000000 and longitude "
                           "<= 500000000)"},
    {"not geo.bbox(170,-1,-170,1)", "(latitude < -100000000 or latitude > 100000000 or (longitude < 17000000000 and "
                                    "longitude > -17000000000) or latitude is null or longitude is null)"},
};

START_TEST(a_tree_becomes_a_predicate)
{
    bool exact;

    ck_assert_str_eq(lowered(plain[_i][0], true, &exact), plain[_i][1]);
    ck_assert(exact);
}
END_TEST

static const char *const guarded[][2] = {
    {"startswith(address,'12')", "(address_norm starts with '12' and display_address_ok = 1)"},
    {"address ne 'x'", "((address_norm <> 'x' or address_norm is null) and display_address_ok = 1)"},
    {"not address eq 'x'", "((address_norm <> 'x' or address_norm is null) and display_address_ok = 1)"},
    {"not (address eq 'x' and beds eq 1)",
     "(((address_norm <> 'x' or address_norm is null) and display_address_ok = 1) or (beds <> 1 or beds is null))"},
    {"latitude gt 1", "(latitude > 100000000 and display_address_ok = 1)"},
    {"latitude eq null", "(latitude is null and display_address_ok = 1)"},
    {"longitude ne 1.0000000001", "display_address_ok = 1"},
    {"not longitude eq 1.0000000001", "display_address_ok = 1"},
    {"not geo.bbox(-98,30,-97,31)",
     "((latitude < 3000000000 or latitude > 3100000000 or (longitude < -9800000000 or longitude > -9700000000) or "
     "latitude is null or longitude is null) and display_address_ok = 1)"},
    {"city eq 'Austin'", "city_norm = 'austin'"},
};

/* A leaf over an address or place is bound to rows that show it, after its negation. */
START_TEST(what_a_reader_may_not_see_cannot_be_asked)
{
    bool exact;

    ck_assert_str_eq(lowered(guarded[_i][0], false, &exact), guarded[_i][1]);
}
END_TEST

/* What a driver cannot say goes down wider. */
START_TEST(an_inexact_leaf_lets_more_through)
{
    bool exact;

    ck_assert_str_eq(lowered("not contains(title,'a')", true, &exact), "true");
    ck_assert(!exact);
    ck_assert_str_eq(lowered("not startswith(title,'a')", true, &exact), "true");
    ck_assert(!exact);
    ck_assert_str_eq(lowered("beds eq 1 and not contains(title,'a')", true, &exact), "beds = 1");
    ck_assert(!exact);
    ck_assert_str_eq(lowered("beds eq 1 or not contains(title,'a')", true, &exact), "true");
    ck_assert(!exact);
    ck_assert_str_eq(lowered("not startswith(address,'a')", false, &exact), "display_address_ok = 1");
    ck_assert(!exact);
    ck_assert_str_eq(lowered("not geo.near(30,-97,100)", true, &exact), "true");
    ck_assert(!exact);
    ck_assert_str_eq(lowered("geo.polygon('POLYGON((1 2,3 4,0 5))')", true, &exact),
                     "(latitude >= 200000000 and latitude <= 500000000 and longitude >= 0 and longitude <= 300000000)");
    ck_assert(!exact);
}
END_TEST

/* ---- the same trees, row by row ---- */

typedef struct sample {
    hc_value values[hc__property_field_count];
    uint8_t columns[hc__property_field_count];
} sample;

static hc__row_view view_of(sample *s)
{
    for (size_t i = 0; i < hc__property_field_count; i++)
        s->columns[i] = (uint8_t)i;
    return (hc__row_view){s->values, s->columns};
}

static bool true_of(const char *filter, bool entitled, sample *s)
{
    hc__row_view view = view_of(s);

    canonical(filter);
    return hc__holds(query.entity, entitled ? HC_NO_FIELD : hc__address_guard(query.entity), query.where, &view);
}

START_TEST(a_row_is_judged_by_the_tree)
{
    sample s = {0};

    s.values[hc__property_f_title_norm] = (hc_value){HC_TYPE_KEY, 5, {.bytes = "house"}};
    s.values[hc__property_f_beds] = (hc_value){HC_TYPE_INT32, 0, {.integer = 3}};
    ck_assert(true_of("not contains(title,'boat')", true, &s));
    ck_assert(!true_of("not contains(title,'OUS')", true, &s));
    ck_assert(true_of("startswith(title,'HOUSE')", true, &s));
    ck_assert(!true_of("startswith(title,'houses')", true, &s));
    ck_assert(true_of("contains(title,'')", true, &s));
    ck_assert(true_of("beds in (1,3) and beds ne 4 and not beds lt 3", true, &s));
    ck_assert(true_of("sqft ne 3 and sqft eq null and not sqft gt 3 and not (sqft in (1,2))", true, &s));
    ck_assert(!true_of("sqft eq 3 or sqft lt 3 or sqft ge 3 or sqft ne null", true, &s));
    ck_assert(!true_of("contains(description,'')", true, &s));
    ck_assert(true_of("not contains(description,'')", true, &s));
    ck_assert(!true_of("title eq '' or not startswith(title,'')", true, &s));
    s.values[hc__property_f_title_norm].size = 0;
    ck_assert(true_of("title eq '' and not contains(title,'a')", true, &s));
    s.values[hc__property_f_latitude] = (hc_value){HC_TYPE_DECIMAL, 0, {.integer = 100000000}};
    ck_assert(!true_of("geo.near(1,1,5)", true, &s)); /* half a place is none */
    s.values[hc__property_f_latitude] = (hc_value){HC_TYPE_NULL, 0, {0}};
    ck_assert(!true_of("geo.near(1,1,5)", true, &s));
    ck_assert(true_of("not geo.near(1,1,5)", true, &s));
    ck_assert(!true_of("not geo.near(1,1,5)", false, &s));
    s.values[hc__property_f_display_address_ok] = (hc_value){HC_TYPE_BOOL, 0, {.integer = 1}};
    ck_assert(true_of("not geo.near(1,1,5)", false, &s));
    s.values[hc__property_f_latitude] = (hc_value){HC_TYPE_DECIMAL, 0, {.integer = 100000000}};
    s.values[hc__property_f_longitude] = (hc_value){HC_TYPE_DECIMAL, 0, {.integer = 100000000}};
    ck_assert(true_of("geo.near(1,1,5)", false, &s));
    ck_assert(true_of("geo.polygon('POLYGON((0 0,1 1,2 0))')", false, &s));
    ck_assert(true_of("geo.bbox(1,1,1,1)", false, &s));
    s.values[hc__property_f_display_address_ok].as.integer = 0;
    ck_assert(!true_of("geo.near(1,1,5)", false, &s));
}
END_TEST

/* beds 3, title "house", no sqft: what holds, and what does not. */
static const char *const holds[] = {"beds eq 3",
                                    "beds ne 2",
                                    "beds lt 4",
                                    "beds le 3",
                                    "beds gt 2",
                                    "beds ge 3",
                                    "title eq 'House'",
                                    "title ne 'houses'",
                                    "title ne 'hous'",
                                    "title in ('hut','house')",
                                    "startswith(title,'h')",
                                    "startswith(title,'house')",
                                    "contains(title,'se')",
                                    "title ne null",
                                    "sqft eq null",
                                    "sqft ne 1",
                                    "beds eq 1 or title eq 'house'",
                                    "not (beds eq 1 and title eq 'house')"};
static const char *const fails[] = {"beds eq 2",
                                    "beds ne 3",
                                    "beds lt 3",
                                    "beds le 2",
                                    "beds gt 3",
                                    "beds ge 4",
                                    "title eq 'hous'",
                                    "title eq 'houses'",
                                    "title eq 'horse'",
                                    "title ne 'house'",
                                    "title in ('hut','hous','houses')",
                                    "startswith(title,'o')",
                                    "startswith(title,'hut')",
                                    "startswith(title,'houses')",
                                    "contains(title,'es')",
                                    "title eq null",
                                    "sqft ne null",
                                    "sqft eq 1",
                                    "beds eq 3 and title eq 'hut'",
                                    "not (beds eq 3 or title eq 'hut')"};

START_TEST(values_are_compared_as_a_store_does)
{
    sample s = {0};

    s.values[hc__property_f_title] = (hc_value){HC_TYPE_TEXT, 5, {.bytes = "House"}};
    s.values[hc__property_f_title_norm] = (hc_value){HC_TYPE_KEY, 5, {.bytes = "house"}};
    s.values[hc__property_f_beds] = (hc_value){HC_TYPE_INT32, 0, {.integer = 3}};
    for (size_t i = 0; i < sizeof holds / sizeof holds[0]; i++)
        ck_assert_msg(true_of(holds[i], true, &s), "%s", holds[i]);
    for (size_t i = 0; i < sizeof fails / sizeof fails[0]; i++)
        ck_assert_msg(!true_of(fails[i], true, &s), "%s", fails[i]);
}
END_TEST

/* What drivers may rely on: no field where none is meant. */
static const hc_predicate *predicate_of(const char *filter)
{
    bool exact;

    canonical(filter);
    return hc__lower(&exact, &query.arena, query.entity, HC_NO_FIELD, query.where);
}

START_TEST(a_predicate_names_no_field_that_it_does_not_test)
{
    const hc_value word = {HC_TYPE_TOKENS, 3, {.bytes = "zqh"}};
    const hc_predicate *p = predicate_of("beds eq 1 or not sqft eq 2");

    ck_assert(p->test == HC_TEST_OR && p->field == HC_NO_FIELD && p->inner == HC_NO_FIELD && p->value_count == 0);
    ck_assert(p->child_count == 2 && p->children[0]->field == hc__property_f_beds);
    ck_assert(p->children[0]->inner == HC_NO_FIELD && p->children[0]->value_count == 1);
    ck_assert(p->children[0]->child_count == 0 && p->children[0]->values->type == HC_TYPE_INT32);
    p = predicate_of("beds eq null");
    ck_assert(p->test == HC_TEST_IS_NULL && p->field == hc__property_f_beds && p->value_count == 0);
    p = predicate_of("price eq 1.005");
    ck_assert(p->test == HC_TEST_FALSE && p->field == HC_NO_FIELD && p->inner == HC_NO_FIELD && p->value_count == 0);
    p = hc__predicate_words(&query.arena, hc__property_f_words_title, hc__property_f_words_text, &word, 1);
    ck_assert(p->test == HC_TEST_MATCH && p->field == hc__property_f_words_title && p->value_count == 1);
    ck_assert(p->inner == hc__property_f_words_text && p->values == &word);
    p = hc__predicate_int(&query.arena, hc__property_f_beds, HC_TEST_LT, HC_TYPE_INT32, 7);
    ck_assert(p->test == HC_TEST_LT && p->field == hc__property_f_beds && p->inner == HC_NO_FIELD);
    ck_assert(p->value_count == 1 && p->values->type == HC_TYPE_INT32 && p->values->as.integer == 7);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_tree_becomes_a_predicate, 0, sizeof(plain) / sizeof(plain[0]));
    tcase_add_loop_test(tcase, what_a_reader_may_not_see_cannot_be_asked, 0, sizeof(guarded) / sizeof(guarded[0]));
    tcase_add_test(tcase, an_inexact_leaf_lets_more_through);
    tcase_add_test(tcase, a_row_is_judged_by_the_tree);
    tcase_add_test(tcase, values_are_compared_as_a_store_does);
    tcase_add_test(tcase, a_predicate_names_no_field_that_it_does_not_test);
}

int main(void)
{
    return suite_main("unit.query.lower", fill, case_open, case_close);
}
