/* The tree on one row, by hand; and trees themselves. */
#include "query_case.h"

#define P(name)  hc__property_f_##name
#define AT(name) columns[P(name)]
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static hc_value values[hc__property_field_count];
static uint8_t columns[hc__property_field_count];
static const hc__row_view row = {values, columns};
static const uint8_t id_bytes[16] = {1,    0x9b, 0x76, 0xda, 0xa8, 0,    0x70, 0,
                                     0x83, 0xe3, 0xb6, 0x8d, 0xfb, 0xc6, 0xce, 0x13};

static void put_text(uint16_t field, const char *value)
{
    values[field] = (hc_value){HC_TYPE_TEXT, (uint32_t)strlen(value), {.bytes = value}};
}

static void put_int(uint16_t field, int32_t type, int64_t value)
{
    values[field] = (hc_value){type, 0, {.integer = value}};
}

/* A house of three bedrooms; nobody knows how large. The columns lie the other way around. */
static void open_row(void)
{
    case_open();
    memset(values, 0, sizeof(values));
    for (uint16_t i = 0; i < hc__property_field_count; i++)
        columns[i] = (uint8_t)(hc__property_field_count - 1 - i);
    put_text(AT(title), "Creek");
    put_text(AT(title_norm), "creek");
    put_text(AT(state_norm), "t"); /* of a state that is null: no row of ours */
    put_text(AT(city), "Austin");  /* and the other way around */
    put_text(AT(country), "");
    put_text(AT(address), "12 Creek Rd");
    put_text(AT(address_norm), "12 creek rd");
    values[AT(id)] = (hc_value){HC_TYPE_ID, 16, {.bytes = id_bytes}};
    put_int(AT(beds), HC_TYPE_INT32, 3);
    put_int(AT(price), HC_TYPE_DECIMAL, 500);
    put_int(AT(latitude), HC_TYPE_DECIMAL, INT64_C(3000000000));
    put_int(AT(longitude), HC_TYPE_DECIMAL, INT64_C(-9700000000));
    put_int(AT(display_address_ok), HC_TYPE_BOOL, 1);
}

static bool holds(const char *filter, uint16_t guard)
{
    canonical(filter);
    return hc__holds(query.entity, guard, query.where, &row);
}

static const struct {
    const char *filter;
    bool holds;
} cases[] = {
    {"beds eq 3", true},
    {"beds eq 4", false},
    {"beds ne 3", false},
    {"beds ne 4", true},
    {"beds lt 3", false},
    {"beds lt 4", true},
    {"beds le 2", false},
    {"beds le 3", true},
    {"beds gt 3", false},
    {"beds gt 2", true},
    {"beds ge 4", false},
    {"beds ge 3", true},
    {"beds in (3,5)", true},
    {"beds in (5,3)", true},
    {"beds in (5,6)", false},
    {"beds eq null", false},
    {"beds ne null", true},
    {"beds ne 2.5", true},
    {"beds eq 2.5", false},
    {"beds lt 99999999999", true},
    {"beds gt 99999999999", false},
    {"sqft eq 3", false},
    {"sqft ne 3", true},
    {"sqft lt 3", false},
    {"sqft ge 3", false},
    {"sqft in (3,4)", false},
    {"sqft eq null", true},
    {"sqft ne null", false},
    {"sqft ne 2.5", true},
    {"sqft eq 2.5", false},
    {"sqft lt 99999999999", false},
    {"title eq 'Creek'", true},
    {"title eq 'cree'", false},
    {"title eq 'creeks'", false},
    {"title eq 'creel'", false},
    {"title eq ''", false},
    {"title ne 'creek'", false},
    {"title in ('a','creek')", true},
    {"title in ('creek','a')", true},
    {"title in ('cree','creeks')", false},
    {"startswith(title,'Cr')", true},
    {"startswith(title,'creek')", true},
    {"startswith(title,'creeks')", false},
    {"startswith(title,'reek')", false},
    {"startswith(title,'')", true},
    {"contains(title,'REE')", true},
    {"contains(title,'red')", false},
    {"contains(title,'')", true},
    {"contains(title,'creeks')", false},
    {"country eq ''", true},
    {"country eq 'U'", false},
    {"startswith(country,'')", true},
    {"startswith(country,'U')", false},
    {"contains(country,'')", true},
    {"state eq 't'", true},
    {"state eq 'x'", false},
    {"state eq 'tx'", false},
    {"state eq null", true},
    {"state ne null", false},
    {"city eq null", false},
    {"city ne null", true},
    {"city eq 'austin'", false},
    {"id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'", true},
    {"id eq '019b76da-a800-7000-83e3-b68dfbc6ce14'", false},
    {"agent_id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'", false},
    {"beds eq 3 and title eq 'creek'", true},
    {"beds eq 3 and title eq 'x'", false},
    {"beds eq 4 and title eq 'creek'", false},
    {"beds eq 3 or title eq 'x'", true},
    {"beds eq 4 or title eq 'creek'", true},
    {"beds eq 4 or title eq 'x'", false},
    {"not beds eq 3", false},
    {"not beds eq 4", true},
    {"not (beds eq 3 and title eq 'creek')", false},
    {"not (beds eq 3 and title eq 'x')", true},
    {"not (beds eq 4 or title eq 'creek')", false},
    {"not (beds eq 4 or not title eq 'creek')", true},
    {"geo.near(30,-97,500)", true},
    {"geo.near(31,-97,500)", false},
    {"not geo.near(31,-97,500)", true},
    {"address eq '12 creek rd'", true},
};

START_TEST(a_tree_holds_for_a_row_or_not)
{
    ck_assert_msg(holds(cases[_i].filter, HC_NO_FIELD) == cases[_i].holds, "%s", cases[_i].filter);
    ck_assert_msg(holds(cases[_i].filter, P(display_address_ok)) == cases[_i].holds, "%s", cases[_i].filter);
}
END_TEST

/* Which no parser makes. */
START_TEST(a_tree_of_one_branch_is_its_branch)
{
    static const hc__expr_kind kinds[] = {HC__EXPR_AND, HC__EXPR_OR};
    const hc__expr *one[1];

    for (size_t i = 0; i < COUNT(kinds); i++) {
        hc__expr tree = {.kind = kinds[i], .field = HC_NO_FIELD, .children = one, .child_count = 1};

        for (int64_t beds = 3; beds < 5; beds++) {
            one[0] = hc__expr_int(&query.arena, P(beds), HC_TEST_EQ, HC_TYPE_INT32, beds);
            ck_assert_int_eq(hc__holds(query.entity, HC_NO_FIELD, &tree, &row), beds == 3);
        }
    }
}
END_TEST

/* Of an address that is not shown nothing holds, and not its opposite either. */
START_TEST(what_is_not_shown_is_not_told)
{
    static const char *const hidden[] = {"address eq '12 creek rd'", "not address eq '12 creek rd'", "address ne 'x'",
                                         "geo.near(30,-97,500)", "not geo.near(31,-97,500)"};

    for (int shown = 0; shown < 3; shown++) {
        put_int(AT(display_address_ok), shown < 2 ? HC_TYPE_BOOL : HC_TYPE_NULL, shown > 0);
        for (size_t i = 0; i < COUNT(hidden); i++)
            ck_assert_int_eq(holds(hidden[i], P(display_address_ok)), shown == 1 && i != 1);
        ck_assert(holds("beds eq 3 and title eq 'creek'", P(display_address_ok)));
        ck_assert_int_eq(hc__row_shows(&row, P(display_address_ok)), shown == 1);
    }
}
END_TEST

START_TEST(a_place_that_is_null_is_in_no_circle)
{
    put_int(AT(latitude), HC_TYPE_NULL, 0);
    ck_assert(!holds("geo.near(30,-97,500)", HC_NO_FIELD) && !holds("geo.near(0,-97,500)", HC_NO_FIELD));
    ck_assert(holds("not geo.near(30,-97,500)", HC_NO_FIELD));
    put_int(AT(latitude), HC_TYPE_DECIMAL, 0);
    put_int(AT(longitude), HC_TYPE_NULL, 0);
    ck_assert(!holds("geo.near(0,0,500)", HC_NO_FIELD));
}
END_TEST

START_TEST(a_key_is_compared_by_its_bytes)
{
    static hc_value of_entry[hc__audit_field_count];
    static uint8_t places[hc__audit_field_count];
    const hc__row_view entry = {of_entry, places};
    const char *event = "auth.login";

    for (uint8_t i = 0; i < hc__audit_field_count; i++)
        places[i] = i;
    of_entry[hc__audit_f_event] = (hc_value){HC_TYPE_KEY, (uint32_t)strlen(event), {.bytes = event}};
    query.entity = &hc__audit_entity;
    canonical("event eq 'auth.login'");
    ck_assert(hc__holds(query.entity, HC_NO_FIELD, query.where, &entry));
    canonical("event eq 'auth.logim'");
    ck_assert(!hc__holds(query.entity, HC_NO_FIELD, query.where, &entry));
}
END_TEST

/* ---- what is read for it ---- */

static void is_needed(const hc__expr *expr, uint16_t guard, const uint16_t *fields, size_t count)
{
    uint64_t marked[2] = {0}, wanted[2] = {0};

    for (size_t i = 0; i < count; i++)
        wanted[fields[i] / 64] |= UINT64_C(1) << fields[i] % 64;
    hc__needed(marked, query.entity, guard, expr);
    ck_assert_uint_eq(marked[0], wanted[0]);
    ck_assert_uint_eq(marked[1], wanted[1]);
}

START_TEST(a_tree_needs_the_fields_that_it_tests)
{
    const uint16_t some[] = {P(beds), P(title_norm), P(latitude), P(longitude), P(state)};
    const uint16_t shown[] = {P(address_norm), P(display_address_ok)};

    for (uint16_t i = 0; i < hc__property_field_count; i++)
        is_needed(hc__expr_test(&query.arena, i, HC_TEST_NOT_NULL, NULL, 0), HC_NO_FIELD, &i, 1);
    canonical("beds eq 3 and not (contains(title,'a') or geo.near(1,2,3)) and state eq null");
    is_needed(query.where, HC_NO_FIELD, some, COUNT(some));
    canonical("address eq 'a'");
    is_needed(query.where, HC_NO_FIELD, shown, 1);
    is_needed(query.where, P(display_address_ok), shown, 2);
    canonical("beds eq 3");
    is_needed(query.where, P(display_address_ok), some, 1);
}
END_TEST

/* ---- trees ---- */

START_TEST(a_tree_is_made_of_what_was_given)
{
    const struct {
        int32_t kind, test, field, values, children, numbers;
    } head = {HC__EXPR_AND, 0, HC_NO_FIELD, 0, 2, 0};
    const hc__expr *test = hc__expr_test(&query.arena, P(beds), HC_TEST_NOT_NULL, NULL, 0), *one;

    ck_assert(test->kind == HC__EXPR_TEST && test->field == P(beds) && test->test == HC_TEST_NOT_NULL);
    ck_assert(test->values == NULL && test->value_count == 0 && test->child_count == 0);
    one = hc__expr_int(&query.arena, P(beds), HC_TEST_EQ, HC_TYPE_INT32, 7);
    ck_assert(one->value_count == 1 && one->values->type == HC_TYPE_INT32 && one->values->as.integer == 7);
    ck_assert_ptr_eq(hc__expr_join(&query.arena, HC__EXPR_OR, &one, 1), one);
    ck_assert_ptr_eq(hc__expr_not(&query.arena, hc__expr_not(&query.arena, one)), one);
    canonical("beds eq 1 and not (sqft eq 2 or sqft eq 3 or not beds eq 4)");
    ck_assert_uint_eq(hc__expr_predicates(query.where), 4);
    ck_assert(hc__expr_names(query.where, P(beds)) && hc__expr_names(query.where, P(sqft)));
    ck_assert(!hc__expr_names(query.where, P(baths)) && !hc__expr_names(query.where, HC_NO_FIELD));
    hc__buf_clear(&text);
    hc__expr_key(&text, query.where); /* cursors are bound to it */
    ck_assert_uint_gt(text.size, sizeof(head));
    ck_assert_mem_eq(text.data, &head, sizeof(head));
    canonical("title eq 'ab'");
    hc__buf_clear(&text);
    hc__expr_key(&text, query.where);
    ck_assert_uint_eq(text.size, sizeof(head) + 4 + 4 + 2); /* of the value its type, its size and its bytes */
    ck_assert_mem_eq(text.data + sizeof(head) + 4, &(uint32_t){2}, 4);
}
END_TEST

START_TEST(trees_that_differ_have_keys_that_differ)
{
    static const char *const filters[] = {"beds eq 1",
                                          "beds eq 2",
                                          "beds ne 1",
                                          "sqft eq 1",
                                          "beds in (1,2)",
                                          "beds in (1,3)",
                                          "beds in (1,2,3)",
                                          "not beds eq 1",
                                          "beds eq 1 and beds eq 2",
                                          "beds eq 1 or beds eq 2",
                                          "beds eq 2 and beds eq 1",
                                          "beds eq 3 and beds eq 2",
                                          "title eq 'ab'",
                                          "title eq 'ac'",
                                          "title in ('ab','c')",
                                          "title in ('a','bc')",
                                          "id eq '019b76da-a800-7000-83e3-b68dfbc6ce13'",
                                          "id eq '019b76da-a800-7000-83e3-b68dfbc6ce14'",
                                          "updated_at le now()",
                                          "updated_at le 1970-01-01",
                                          "geo.near(1,2,3)",
                                          "geo.near(1,2,4)",
                                          "geo.bbox(1,2,3,4)",
                                          "geo.bbox(1,2,3,5)"};
    static char keys[COUNT(filters)][400];
    size_t sizes[COUNT(filters)];

    for (size_t i = 0; i < COUNT(filters); i++) {
        canonical(filters[i]);
        hc__buf_clear(&text);
        hc__expr_key(&text, query.where);
        ck_assert_uint_lt(text.size, sizeof(keys[i]));
        sizes[i] = text.size;
        memcpy(keys[i], text.data, text.size);
        canonical(filters[i]);
        hc__buf_clear(&text);
        hc__expr_key(&text, query.where);
        ck_assert(text.size == sizes[i] && memcmp(text.data, keys[i], sizes[i]) == 0);
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(sizes[i] != sizes[j] || memcmp(keys[i], keys[j], sizes[i]) != 0, "%s and %s", filters[i],
                          filters[j]);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_tree_holds_for_a_row_or_not, 0, COUNT(cases));
    tcase_add_test(tcase, a_tree_of_one_branch_is_its_branch);
    tcase_add_test(tcase, what_is_not_shown_is_not_told);
    tcase_add_test(tcase, a_place_that_is_null_is_in_no_circle);
    tcase_add_test(tcase, a_key_is_compared_by_its_bytes);
    tcase_add_test(tcase, a_tree_needs_the_fields_that_it_tests);
    tcase_add_test(tcase, a_tree_is_made_of_what_was_given);
    tcase_add_test(tcase, trees_that_differ_have_keys_that_differ);
}

int main(void)
{
    return suite_main("unit.query.eval", fill, open_row, case_close);
}
