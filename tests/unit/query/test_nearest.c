/* Lists by what is not a column: how far away a row lies and how well its words match, against a slow order of all
 * rows; and that what is explained is what is run. */
#include <stdlib.h>

#include "query/geo.h"
#include "shelf.h"

#define ROWS      240
#define LATITUDE  INT64_C(3000000000)
#define LONGITUDE INT64_C(-9700000000)

static int64_t away_of(const hc_value *row)
{
    return hc__geo_metres(LATITUDE, LONGITUDE, row[P(latitude)].as.integer, row[P(longitude)].as.integer);
}

/* Some at the centre, some at one place, and some at each edge of the boxes that are tried: 1/16, 1/4 and all of 1600
 * m. */
static void fill_places(void)
{
    static const int64_t edges[] = {0, 89, 90, 91, 179, 180, 8990, 8999, 35980, 35990, 143890, 143900, 143920};
    uint32_t dice = 7;

    for (int i = 0; i < ROWS; i++) {
        hc_value *row = shelf_add("h", 100 + i);
        int64_t north = edges[i % 13], east = 0;

        if (i >= 39) {
            dice = dice * 1103515245 + 12345;
            north = (int64_t)(dice >> 8) % 160000 - 80000;
            dice = dice * 1103515245 + 12345;
            east = (int64_t)(dice >> 8) % 160000 - 80000;
        }
        put_int(row, P(latitude), LATITUDE + 10 * north);
        put_int(row, P(longitude), LONGITUDE + 10 * east);
    }
}

static int nearer(const void *a, const void *b)
{
    const hc_value *x = *(const hc_value *const *)a, *y = *(const hc_value *const *)b;
    int64_t by = away_of(x) - away_of(y);

    return by != 0 ? (by > 0) - (by < 0) : memcmp(x[0].as.bytes, y[0].as.bytes, 16);
}

/* All within a radius, by distance and id. */
static size_t in_order(const hc_value *out[ROWS], int64_t radius)
{
    size_t count = 0;

    for (int i = 0; i < ROWS; i++)
        if (away_of(shelf.rows[i]) <= radius)
            out[count++] = shelf.rows[i];
    qsort(out, count, sizeof(out[0]), nearer);
    return count;
}

static void is_page_of(const hc_value *const *expected, size_t count)
{
    ck_assert_msg(run_list() == HC_OK, "%s %s", err.field, err.message);
    ck_assert_uint_eq(page.count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_mem_eq(page.rows[i].values[0].as.bytes, expected[i][0].as.bytes, 16);
}

/* Forth to the end and back again: each page is the next piece of the whole. */
static void walk_all(int64_t radius, size_t limit)
{
    const hc_value *expected[ROWS];
    size_t count = in_order(expected, radius), at = 0;
    char string[100];

    snprintf(string, sizeof(string), "near=30,-97,%lld&sort=distance&limit=%zu", (long long)radius, limit);
    ask(string);
    for (;;) {
        size_t size = count - at < limit ? count - at : limit;

        is_page_of(&expected[at], size);
        ck_assert_int_eq(page.previous != NULL, at > 0);
        ck_assert_int_eq(page.next != NULL, at + size < count);
        if (page.next == NULL)
            break;
        at += size;
        go(hc__cursor_text(page.next));
    }
    while (at > 0) {
        go(hc__cursor_text(page.previous));
        at -= limit;
        is_page_of(&expected[at], limit);
        ck_assert_int_eq(page.previous != NULL, at > 0);
        ck_assert_ptr_nonnull(page.next);
    }
}

START_TEST(the_nearest_of_many_are_those_of_a_slow_order)
{
    static const int64_t radii[] = {1, 2, 3, 4, 5, 15, 16, 17, 99, 400, 1600};

    fill_places();
    shelf.silent = true;
    for (size_t i = 0; i < sizeof(radii) / sizeof(radii[0]); i++)
        for (size_t limit = 1; limit <= 64; limit = limit * 3 + 1)
            walk_all(radii[i], limit);
}
END_TEST

/* Whatever else is asked for, and in whichever order. */
START_TEST(the_centre_is_found_among_other_clauses)
{
    static const char *const strings[] = {"min_beds=2&near=30,-97,400&sort=distance&limit=9",
                                          "near=30,-97,400&min_beds=2&sort=distance&limit=9",
                                          "bbox=-98,29,-96,31&near=30,-97,400&min_beds=2&sort=distance&limit=9",
                                          "polygon=-98+29,-96+29,-97+32&near=30,-97,400&sort=distance&limit=9"};
    const hc_value *expected[ROWS];
    size_t count;

    fill_places();
    count = in_order(expected, 400);
    ck_assert_uint_gt(count, 9);
    for (int i = 0; i < ROWS; i++)
        put_int(shelf.rows[i], P(beds), 2);
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        ask(strings[i]);
        is_page_of(expected, 9);
        go(hc__cursor_text(page.next));
        is_page_of(expected + 9, count - 9 < 9 ? count - 9 : 9);
    }
    ask_filter("beds ge 2 and geo.near(31,-97,200000) and geo.near(30,-97,400)", "price");
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_uint_eq(page.count, 25);
    ask_filter("geo.near(31,-97,200000) and not geo.near(30,-97,400) and beds ge 2", "price");
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_uint_eq(page.count, 25);
    for (size_t i = 0; i < page.count; i++)
        ck_assert_int_gt(away_of(page.rows[i].values), 400);
}
END_TEST

/* Wherever the place stands in a filter, what stands beside it is tested. */
START_TEST(the_nearest_are_tested_by_what_stands_before_their_place)
{
    static const char *const filters[] = {"beds ne 0 and geo.near(30,-97,5000)", "geo.near(30,-97,5000) and beds ne 0",
                                          "beds ne 0 and geo.near(30,-97,5000) and geo.near(31,-97,150000)"};

    for (int i = 0; i < 8; i++) {
        char title[24];
        hc_value *row;

        snprintf(title, sizeof(title), "h%d", i);
        row = shelf_add(title, 100);
        put_int(row, P(beds), i % 3);
        put_int(row, P(latitude), LATITUDE + INT64_C(1000) * i);
        put_int(row, P(longitude), LONGITUDE);
    }
    for (size_t i = 0; i < 3; i++) {
        ask_filter(filters[i], "distance");
        ck_assert_str_eq(listed(), "h1 h2 h4 h5 h7");
        ask_filter(filters[i], "-distance");
        ck_assert_str_eq(listed(), "h7 h5 h4 h2 h1");
    }
}
END_TEST

/* A box that is full is not widened, and one that is cut is told to be too broad. */
START_TEST(boxes_are_tried_from_small_to_large)
{
    fill_places();
    ask("near=30,-97,1600&sort=distance&limit=5");
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_uint_eq(shelf.ops, 2); /* a sixteenth, and the rows by id */
    ck_assert_int_eq(shelf.seen[0].scan_limit, 50000);
    ask("near=30,-97,1600&sort=distance&limit=200");
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_uint_eq(shelf.ops, 4);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(hc__property_entity.kind.indexes[shelf.seen[i].index].name, "place");
    ck_assert_int_lt(shelf.seen[2].scan_limit, shelf.seen[1].scan_limit);
    go(hc__cursor_text(page.next));
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_uint_eq(shelf.ops, 2); /* the last was farther away than the smaller boxes reach */
    query.cursor = NULL;
    shelf.stop = 3;
    ck_assert_int_eq(run_list(), HC_ERR_TOO_BROAD);
    shelf.stop = 0;
    shelf.greedy = true; /* the first box took all that may be looked at */
    ck_assert_int_eq(run_list(), HC_ERR_TOO_BROAD);
    ck_assert_uint_eq(shelf.ops, 1);
}
END_TEST

/* ---- words ---- */

static void row_of_words(const char *title, const char *in_title, const char *in_place, const char *in_text)
{
    hc_value *row = shelf_add(title, 100);

    put_text(row, P(words_title), in_title);
    put_text(row, P(words_place), in_place);
    put_text(row, P(words_text), in_text);
}

/* domain.md: 8 for a word of the title, 4 for one of the place, 1 for one of the text; of equals the later id. */
START_TEST(a_word_weighs_by_where_it_stands)
{
    row_of_words("o", " ", " zqx zqw ", " zqx ");
    row_of_words("a", " zqx ", " ", " zqw ");
    row_of_words("b", " ", " zqx zqy ", " zqw ");
    row_of_words("d", " ", " zqx ", " zqx zqy zqw zqv ");
    row_of_words("f", " zqx ", " ", " zqy zqw zqv ");
    row_of_words("g", " ", " zqx zqy zqw ", " zqv ");
    row_of_words("h", " zqx ", " zqy ", " zqw zqv ");
    row_of_words("i", " ", " zqx zqy ", " zqx zqw zqv ");
    row_of_words("p", " ", " zqx zqw ", " zqx ");
    ask("q=x+y+w+v&sort=-relevance&scope=all");
    ck_assert_str_eq(listed(), "h g i f d"); /* 8 + 4 + 2, 12 + 1, 8 + 3 and 8 + 3, 4 + 4; the others have no v */
    ask("q=x+w&sort=-relevance&scope=all");
    ck_assert_str_eq(listed(), "p h f a o g i d b"); /* five of 9, of 8, of 6 and 6, of 5 */
    ask("q=x+w&sort=-relevance&scope=all&limit=3");
    ck_assert_str_eq(listed(), "p h f");
    ck_assert_uint_eq(shelf.ops, 2);
    ck_assert(!page.is_capped);
    go(hc__cursor_text(page.next));
    ck_assert_str_eq(listed(), "a o g");
}
END_TEST

/* ---- what is explained is what is run ---- */

static hc_status remember(const hc_op *op, hc__buf *out, void *data)
{
    (void)out;
    (void)data;
    shelf_remember(op);
    return HC_OK;
}

static hc_status refuse(const hc_op *op, hc__buf *out, void *data)
{
    (void)op;
    (void)out;
    (void)data;
    return HC_ERR_UNAVAILABLE;
}

static void is_run(const char *string, bool one_stream)
{
    struct seen *told = malloc(sizeof(*told));

    ck_assert_ptr_nonnull(told);
    ask(string);
    shelf.ops = 0;
    ck_assert_int_eq(hc__list_explain(&text, &query, &reader, remember, NULL, &err), HC_OK);
    ck_assert_uint_ge(shelf.ops, 1);
    *told = shelf.seen[0];
    memset(shelf.seen, 0, sizeof(shelf.seen[0]) * 8);
    ck_assert_int_eq(run_list(), HC_OK);
    ck_assert_str_eq(told->where, shelf.seen[0].where);
    ck_assert_str_eq(told->filter, shelf.seen[0].filter);
    ck_assert_str_eq(told->fields, shelf.seen[0].fields);
    ck_assert_int_eq(told->index, shelf.seen[0].index);
    ck_assert_uint_eq(told->order_count, shelf.seen[0].order_count);
    ck_assert_mem_eq(told->order, shelf.seen[0].order, sizeof(told->order));
    if (one_stream) {
        ck_assert_int_eq(told->limit, shelf.seen[0].limit);
        ck_assert_int_eq(told->scan_limit, shelf.seen[0].scan_limit);
    }
    free(told);
}

START_TEST(what_is_explained_is_what_is_run)
{
    hc_status status;

    fill_places();
    is_run("sort=price&limit=3", true);
    is_run("sort=-created_at&city=Austin&min_beds=1", true);
    is_run("sort=price&city=Austin&city=Waco&fields=title", false);
    is_run("sort=list_date&limit=7", false); /* in two stages */
    is_run("sort=beds", true);
    is_run("sort=beds,price&city=Austin", true);
    is_run("q=h&sort=-relevance", false);
    is_run("near=30,-97,500&sort=-distance", true);
    ask("sort=price");
    status = hc__list_explain(&text, &query, &reader, refuse, NULL, &err);
    ck_assert_int_eq(status, HC_ERR_UNAVAILABLE);
    ask("sort=beds");
    status = hc__list_explain(&text, &query, &reader, refuse, NULL, &err);
    ck_assert_int_eq(status, HC_ERR_UNAVAILABLE);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_nearest_of_many_are_those_of_a_slow_order);
    tcase_add_test(tcase, the_centre_is_found_among_other_clauses);
    tcase_add_test(tcase, the_nearest_are_tested_by_what_stands_before_their_place);
    tcase_add_test(tcase, boxes_are_tried_from_small_to_large);
    tcase_add_test(tcase, a_word_weighs_by_where_it_stands);
    tcase_add_test(tcase, what_is_explained_is_what_is_run);
}

int main(void)
{
    return suite_main("unit.query.nearest", fill, shelf_open, shelf_close);
}
