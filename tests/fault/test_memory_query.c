/* Queries of many shapes with each allocation failing, arenas' too: an error or success, no leak, and the same answer
 * afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "homeconnect/favorite.h"
#include "house.h"
#include "memory.h"

#define POINTS 20000 /* a call that allocates more often runs away */

/* A filter and a sort, or a query string alone; words to look for; a projection; who asks */
static const struct shape {
    const char *filter, *sort, *words, *fields;
    bool own; /* ana asks for what is hers, else the guest */
} shapes[] = {
    {"city in ('Austin','Reno','Waco') and price ge 100000 and price le 900000 and (beds ge 2 or not "
     "contains(title,'lake'))",
     "price,-created_at", NULL, NULL, false},
    {"city eq null or startswith(title,'Con') or beds in (1,2,3)", "-beds", NULL, "title,price,address", true},
    {"geo.near(30.245,-97.769,20000) and beds ne 9", "distance", NULL, NULL, false},
    {"geo.polygon('POLYGON((-99 29,-97 29,-97 31,-99 31))')", "-price", "creek bung*", NULL, false},
    {"beds ge 1", "-relevance", "creek \"bungalow by\" bath", "title", false},
    {"not (list_date lt 2020-01-01 or created_at gt now())", "list_date", NULL, NULL, true},
    {"price_reduced eq false and status eq 'active'", "sqft,-price", "lake", NULL, true},
    {"city=Austin,Reno&max_price=500000&min_beds=3&near=30.2,-97.7,9000&sort=distance&limit=1&count=true&q=creek", NULL,
     NULL, NULL, false},
    {"bbox=-99,29,-97,31&type=house&status=active&max_dom=900&price_reduced=false&scope=own&zip=78704", NULL, NULL,
     NULL, true},
    {"polygon=-99+29,-97+29,-97+31,-99+31&fields=title,price&listed_since=2020-01-01", NULL, NULL, NULL, false},
    {"bbox=179,29,-97,31&sort=-updated_at&min_year=1900", NULL, NULL, NULL, false}, /* across the 180th meridian */
};
#define SHAPES (sizeof shapes / sizeof shapes[0])
#define HALVED 5 /* the one that finds more by half of what it asks */

static const struct shape *shape;
static hc_query *query;
static char cursor[2000];
static int64_t total = -1; /* of all that it finds, or -1: not known yet */

static hc_session *asker(void)
{
    return shape->own ? house.ana : house.guest;
}

static hc_status make(hc_query **out, hc_error *err)
{
    hc_status status;

    if (shape->sort == NULL)
        return hc_query_parse_string(out, house.client, shape->filter, strlen(shape->filter), err);
    status = hc_query_parse(out, house.client, shape->filter, shape->sort, err);
    if (status >= 0)
        memory_in("hc_query_set_text");
    if (status >= 0 && shape->words != NULL)
        status = hc_query_set_text(*out, shape->words, err);
    if (status >= 0)
        memory_in("hc_query_set_fields");
    if (status >= 0 && shape->fields != NULL)
        status = hc_query_set_fields(*out, shape->fields, err);
    if (status >= 0 && shape->own)
        status = hc_query_set_scope(*out, HC_SCOPE_OWN, err);
    return status;
}

/* ---- the calls ---- */

/* With less memory than it wanted it finds what it always finds, or says so. */
static void assert_total(const hc_property_page *page)
{
    if (total >= 0)
        ck_assert_msg(hc_property_page_total(page) == total, "%s: %lld are another answer than %lld", shape->filter,
                      (long long)hc_property_page_total(page), (long long)total);
}

static hc_status parse(hc_error *err)
{
    hc_query *out = NULL;
    hc_status status = make(&out, err);

    hc_query_free(out);
    return status;
}

static hc_status list(hc_error *err)
{
    hc_property_page *page = NULL;
    hc_status status = hc_property_list(&page, asker(), query, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    if (status >= 0)
        assert_total(page);
    hc_property_page_free(page);
    return status;
}

static hc_status next_page(hc_error *err)
{
    hc_status status = hc_query_set_cursor(query, cursor, err);

    return status < 0 || cursor[0] == '\0' ? status : list(err);
}

static hc_status facets(hc_error *err)
{
    hc_facets *out = NULL;
    hc_status status = hc_property_facets(&out, asker(), query, err);

    ck_assert_int_eq(out != NULL, status >= 0);
    hc_facets_free(out);
    return status;
}

static hc_status in_words(hc_error *err)
{
    hc_text *text = NULL, *plan = NULL;
    hc_status status = hc_query_text(&text, query, err);

    if (status >= 0)
        status = hc_query_explain(&plan, asker(), query, err);
    hc_text_free(text);
    hc_text_free(plan);
    return status;
}

static hc_status (*const calls[])(hc_error *err) = {parse, list, next_page, facets, in_words};
static const char *const names[] = {"hc_query_parse", "hc_property_list", "hc_query_set_cursor", "hc_property_facets",
                                    "hc_query_explain"};
#define CALLS (sizeof calls / sizeof calls[0])

/* ---- the points ---- */

/* Arenas ask for each piece by itself. False when no allocation failed. */
static bool point(size_t call, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    int64_t refused;

    memory_in(names[call]);
    memory_fail(MEMORY_OF_LIBRARY, n, and_after);
    status = calls[call](&err);
    refused = memory_restore();
    memory_told(refused > 0 && status < 0);
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "%s, call %zu, allocation %lld%s: %s %s, refused %lld", shape->filter, call, (long long)n,
                  and_after ? " and after" : "", hc_status_name(status), err.message, (long long)refused);
    return refused > 0;
}

static int64_t found(void)
{
    hc_property_page *page = NULL;
    int64_t count;

    HOUSE_OK(hc_property_list(&page, asker(), query, err));
    count = (int64_t)hc_property_page_count(page);
    total = hc_property_page_total(page);
    if (hc_property_page_cursor(page) != NULL)
        snprintf(cursor, sizeof cursor, "%s", hc_property_page_cursor(page));
    hc_property_page_free(page);
    return count;
}

static void open_house(void)
{
    house_allocator = &memory_allocator;
    house_open();
    for (int i = 0; i < 3; i++)
        (void)house_list_home(house.ana, "Bungalow by another creek", 30000000 + i);
}

/* S13 */
START_TEST(every_allocation_of_a_query_may_fail)
{
    int64_t before, points = 0;

    shape = &shapes[_i];
    cursor[0] = '\0';
    HOUSE_OK(make(&query, err));
    HOUSE_OK(hc_query_set_limit(query, 1, err));
    HOUSE_OK(hc_query_set_count(query, 1, err));
    before = found();
    for (size_t call = 0; call < 2 * CALLS; call++) {
        int64_t n = 1;

        while (n < POINTS && point(call / 2, n, call % 2 != 0))
            n++;
        ck_assert_msg(n < POINTS, "%s, call %zu: %lld points", shape->filter, call / 2, (long long)n);
        points += n;
    }
    ck_assert_int_gt(points, 160);
    HOUSE_OK(hc_query_set_cursor(query, NULL, err));
    ck_assert_int_eq(found(), before);
    hc_query_free(query);
    house_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", shape->filter, (long long)memory_live());
}
END_TEST

START_TEST(the_harness_finds_half_a_filter)
{
    ck_assert(suite_finds("half-a-filter", "every_allocation_of_a_query_may_fail", "are another answer"));
}
END_TEST

/* ---- a read that finds nothing ---- */

struct reading {
    hc_id id;
    memory_of whose;
    int64_t n, refused; /* n 0: none fails */
    hc_status told;
};

/* One that the caller may not see is looked for once more, for the audit log. */
static hc_status read_one(hc_session *as, void *data, hc_error *err)
{
    struct reading *one = data;
    hc_property *row = NULL;

    memory_in("hc_property_get");
    if (one->n > 0)
        memory_fail(one->whose, one->n, false);
    one->told = hc_property_get(&row, as, one->id, err);
    one->refused = one->n > 0 ? memory_restore() : 0;
    memory_told(one->told == HC_ERR_NO_MEMORY);
    hc_property_free(row);
    return one->told == HC_ERR_NOT_FOUND ? hc_favorite_add(as, house.bens_id, err) : one->told;
}

/* S13 */
START_TEST(a_read_that_failed_in_a_unit_says_so)
{
    struct reading one = {house.bens_id, _i == 0 ? MEMORY_OF_LIBRARY : MEMORY_OF_SQLITE, 0, 0, HC_OK};
    hc_error err;

    HOUSE_OK(hc_session_transact(house.bea, read_one, &one, err)); /* its statement is there from now on */
    one.id = house.anas_ids[2];
    do {
        hc_status status;

        one.n++;
        status = hc_session_transact(house.bea, read_one, &one, &err);
        ck_assert(one.told == HC_ERR_NOT_FOUND || one.told == HC_ERR_NO_MEMORY);
        ck_assert_msg(status >= 0 || status == one.told, "allocation %lld: not told, and then %s: %s", (long long)one.n,
                      hc_status_name(status), err.message);
    } while (one.refused > 0 && one.n < POINTS);
    ck_assert_int_gt(one.n, 5);
    ck_assert_int_lt(one.n, POINTS);
    house_close();
    ck_assert_int_eq(memory_live(), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    bool seeded = getenv("HC_BUG") != NULL; /* one shape shows it */

    tcase_add_loop_test(tcase, a_read_that_failed_in_a_unit_says_so, 0, 2);
    tcase_add_loop_test(tcase, every_allocation_of_a_query_may_fail, seeded ? HALVED : 0,
                        seeded ? HALVED + 1 : (int)SHAPES);
    tcase_add_test(tcase, the_harness_finds_half_a_filter);
}

int main(void)
{
    memory_wrap_sqlite();
    memory_thin();
    return suite_main("fault.memory_query", fill, open_house, NULL);
}
