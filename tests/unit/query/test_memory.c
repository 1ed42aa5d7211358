/* Lists, plans, counts and filters of many shapes with each allocation failing, once and from there on: each says so,
 * and nothing leaks. Arenas ask for each piece by itself. */
#include <stdlib.h>

#include "base/fail.h"
#include "failing.h"
#include "shelf.h"

#define POINTS 3000 /* a call that asks for more runs away */

static const struct shape {
    const char *string, *filter, *sort; /* a query string, or the two */
    bool entitled;
} shapes[] = {
    {"sort=price&limit=2&count=true", NULL, NULL, true},
    {"sort=list_date&limit=2", NULL, NULL, false},
    {"sort=price&limit=2&scope=all", NULL, NULL, true},
    {"city=Austin&city=Waco&sort=-price&limit=2&fields=title,address", NULL, NULL, false},
    {"status=active&status=sold&sort=price&limit=2&count=true", NULL, NULL, true},
    {"near=30,-97,1000&sort=distance&limit=2", NULL, NULL, false},
    {"near=30,-97,1000&sort=-distance&limit=2&count=true", NULL, NULL, true},
    {"q=h*&sort=-relevance&limit=2&polygon=-98+29,-96+29,-97+31", NULL, NULL, false},
    {"q=h&sort=price&limit=1&type=house&type=land", NULL, NULL, false},
    {"max_dom=900&sort=days_on_market&zip=78*&zip=78704&bbox=170,-1,-170,1", NULL, NULL, true},
    {"limit=1&cursor=none&agent_id=019b76da-a800-7000-83e3-b68dfbc6ce13&price_reduced=false", NULL, NULL, true},
    {NULL, "not (beds eq 1 or contains(title,'x')) and days_on_market ne 3", "price", true},
    {NULL, "days_on_market eq null or city in ('Austin',null) or not (beds in (1,2) and sqft gt 1)", "-beds", true},
    {NULL, "list_date le now() and created_at lt now() and beds lt 99999999999", "price,beds", true},
    {NULL, "days_on_market in (1,2) and address ne 'x' and not geo.bbox(-98,30,-97,31)", "price", false},
    {NULL, "not (address eq 'x' and geo.near(30,-97,5)) or price lt 0.001", "price", false},
    {NULL, "(beds eq 3 and not list_date gt now() or id eq 019b76da-a800-7000-83e3-b68dfbc6ce13)", "price", true},
};
#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static const struct shape *shape;
static failing state;
static char forth[400], back[400];

/* ---- the calls ---- */

static hc_status parse(void)
{
    hc__query made;
    hc_status status;

    hc__query_init(&made, &mem, &hc__property_entity);
    status = shape->string != NULL ? hc__query_parse_string(&made, shape->string, strlen(shape->string), &err)
                                   : hc__query_parse(&made, shape->filter, shape->sort, &err);
    if (status == HC_OK)
        status = hc__query_set_cursor(&made, "none", &err);
    hc__query_free(&made);
    return status;
}

/* The page from a cursor; keeps where it goes on, when there is room. */
static hc_status list_from(const char *cursor, char *next, char *previous)
{
    hc__list list = {0};
    hc__arena arena;
    hc_status status;

    hc__arena_init(&arena, &mem, NULL, 0);
    status = hc__query_set_cursor(&query, cursor, &err);
    if (status == HC_OK)
        status = hc__list_run(&list, &arena, &query, &reader, &err);
    if (status == HC_OK && next != NULL && list.next != NULL)
        snprintf(next, sizeof(forth), "%s", hc__cursor_text(list.next));
    if (status == HC_OK && previous != NULL && list.previous != NULL)
        snprintf(previous, sizeof(back), "%s", hc__cursor_text(list.previous));
    hc__arena_free(&arena);
    return status;
}

static hc_status first_page(void)
{
    return list_from(NULL, forth, NULL);
}

static hc_status next_page(void)
{
    return forth[0] == '\0' ? HC_OK : list_from(forth, NULL, back);
}

static hc_status page_before(void)
{
    return back[0] == '\0' ? HC_OK : list_from(back, NULL, NULL);
}

static hc_status explain(void)
{
    hc__buf told;
    hc_status status;

    hc__buf_init(&told, &mem);
    query.cursor = NULL;
    status = hc__list_explain(&told, &query, &reader, NULL, NULL, &err);
    hc__buf_free(&told);
    return status;
}

static hc_status facets(void)
{
    const hc__facet *found;
    hc__arena arena;
    hc_status status;
    size_t count;

    hc__arena_init(&arena, &mem, NULL, 0);
    status = hc__list_facets(&found, &count, &arena, &query, &reader, &err);
    ck_assert_int_eq(found != NULL, status == HC_OK);
    hc__arena_free(&arena);
    return status;
}

static hc_status words(void)
{
    hc__buf out[HC__WORD_FIELDS];
    hc__record row;
    hc__arena arena;
    hc_status status;
    char text_of[3000] = "";

    for (int i = 0; i < 300; i++) /* more than the first table of words holds */
        snprintf(text_of + strlen(text_of), 8, " w%d", i);
    hc__arena_init(&arena, &mem, NULL, 0);
    status = hc__record_init(&row, &hc__property_entity, &arena, &err);
    for (int i = 0; i < HC__WORD_FIELDS; i++)
        hc__buf_init(&out[i], &mem);
    if (status == HC_OK) {
        hc__record_set_text(&row, P(description), text_of, strlen(text_of));
        hc__record_set_text(&row, P(title), "a house", 7);
        status = hc__record_fault(&row, &err);
    }
    if (status == HC_OK)
        hc__listing_words(out, &row, &mem);
    for (int i = 0; i < HC__WORD_FIELDS; i++) {
        if (status == HC_OK && out[i].failed)
            status = hc__no_memory(&err);
        hc__buf_free(&out[i]);
    }
    hc__arena_free(&arena);
    return status;
}

static hc_status (*const calls[])(void) = {parse, first_page, next_page, page_before, explain, facets, words};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* ---- the points ---- */

/* False when no allocation failed: the call needs fewer than n. `usual`: what it says with memory. */
static bool point(size_t call, long n, bool from_on, hc_status usual)
{
    hc_status status;

    memset(&err, 0, sizeof(err));
    state = (failing){.fail_at = n, .from_on = from_on};
    setenv("HC_TEST_THIN", "1", 1);
    status = calls[call]();
    unsetenv("HC_TEST_THIN");
    ck_assert_msg(state.failed > 0 ? status == HC_ERR_NO_MEMORY && err.status == status : status == usual,
                  "shape %d, call %zu, allocation %ld: %s %s", (int)(shape - shapes), call, n, hc_status_name(status),
                  err.message);
    state.fail_at = 0;
    if (call == 0 || call > 3) /* a query keeps what it was given */
        ck_assert_msg(state.live == 0, "shape %d, call %zu, allocation %ld: %ld blocks leak", (int)(shape - shapes),
                      call, n, state.live);
    return state.failed > 0;
}

static void fill_shelf(void)
{
    for (int i = 0; i < 12; i++) {
        hc_value *row = shelf_add(i % 4 == 0 ? "hut" : "h", 100 * (i + 1));

        put_int(row, P(beds), i % 5);
        put_int(row, P(status), i % 3 == 0 ? 3 : 1);
        put_int(row, P(latitude), INT64_C(3000000000) + i * 100);
        put_int(row, P(longitude), INT64_C(-9700000000));
        put_int(row, P(display_address_ok), i % 2);
        if (i % 3 == 1)
            put_int(row, P(list_date), 20000 + i);
        if (i % 2 == 1)
            put_text(row, P(city_norm), "waco");
    }
}

/* S13 */
START_TEST(every_allocation_of_a_query_may_fail)
{
    hc_allocator allocator = failing_allocator(&state);
    long points = 0;

    shape = &shapes[_i];
    fill_shelf();
    shelf.silent = true;
    reader.entitled = shape->entitled;
    shelf.stop = _i == 8 ? 5 : 0; /* the words are too many to be looked up first: the walk looks for them */
    if (shape->string != NULL)
        ask(shape->string);
    else
        ask_filter(shape->filter, shape->sort);
    ck_assert_int_eq(hc__mem_init(&mem, &allocator, &err), HC_OK);
    for (size_t call = 0; call < CALLS; call++) {
        hc_status usual;

        state = (failing){0};
        usual = calls[call]();
        for (int from_on = 0; from_on <= 1; from_on++) {
            long n = 1;

            while (n < POINTS && point(call, n, from_on != 0, usual))
                n++;
            ck_assert_int_lt(n, POINTS);
            points += n - 1;
        }
    }
    ck_assert_int_gt(points, 100);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_allocation_of_a_query_may_fail, 0, (int)SHAPES);
}

int main(void)
{
    return suite_main("unit.query.memory", fill, shelf_open, shelf_close);
}
