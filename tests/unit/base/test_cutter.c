#include "suite.h"

#include <string.h>

#include "base/json.h"
#include "base/fail.h"
#include "failing.h"

static hc__mem mem;

typedef struct seen {
    hc__buf text; /* each element as LINE:TEXT| */
    size_t count;
    size_t cancel_at;
} seen;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

static hc_status note(const char *text, size_t size, int64_t line, void *data, hc_error *err)
{
    seen *all = data;

    if (++all->count == all->cancel_at)
        return hc__fail(err, HC_ERR_CANCELLED, NULL, "enough");
    hc__buf_int(&all->text, line);
    hc__buf_char(&all->text, ':');
    hc__buf_put(&all->text, text, size);
    hc__buf_char(&all->text, '|');
    return all->text.failed ? hc__no_memory(err) : HC_NOTE_SAME;
}

/* Feeds in two pieces cut at `cut`, then the second byte by byte when `fine`. */
static hc_status run(seen *all, const hc__mem *from, const char *text, size_t cut, bool fine)
{
    hc__json_cutter *cutter;
    size_t size = strlen(text);
    hc_error err;
    hc_status status = hc__json_cutter_new(&cutter, from, note, all, &err);

    if (status == HC_OK)
        status = hc__json_cutter_feed(cutter, text, cut, &err);
    for (size_t at = cut; status == HC_OK && at < size; at += fine ? 1 : size - cut)
        status = hc__json_cutter_feed(cutter, text + at, fine ? 1 : size - cut, &err);
    if (status == HC_OK)
        status = hc__json_cutter_end(cutter, &err);
    else if (cutter != NULL)
        ck_assert_int_eq(hc__json_cutter_end(cutter, NULL), status);
    if (status != HC_OK)
        ck_assert_int_eq(err.status, status);
    hc__json_cutter_free(cutter);
    return status;
}

static void assert_cut(const char *text, hc_status expected, const char *elements)
{
    for (size_t cut = 0; cut <= strlen(text); cut++)
        for (int fine = 0; fine < 2; fine++) {
            seen all = {{0}, 0, 0};

            hc__buf_init(&all.text, &mem);
            hc__buf_put(&all.text, "", 0);
            ck_assert_msg(run(&all, &mem, text, cut, fine == 1) == expected, "%s at %zu", text, cut);
            ck_assert_str_eq(all.text.data, elements);
            hc__buf_free(&all.text);
        }
}

START_TEST(elements_come_whole_however_the_pieces_fall)
{
    assert_cut("[]", HC_OK, "");
    assert_cut(" [\n]\n", HC_OK, "");
    assert_cut("[1]", HC_OK, "1:1|");
    assert_cut("[{\"a\":[1,{}]},\n\"]},{[\\\"\\\\\",\n\n12.5 ,true,[[],[]]]", HC_OK,
               "1:{\"a\":[1,{}]}|2:\"]},{[\\\"\\\\\"|4:12.5|4:true|4:[[],[]]|");
    assert_cut("{\"@odata.context\":\"x\",\n\"value\" : [{\"k\":1},\n{\"k\":2}], \"@odata.nextLink\":\"y\"}", HC_OK,
               "2:{\"k\":1}|3:{\"k\":2}|");
    assert_cut("{\"value\":[]}", HC_OK, "");
    assert_cut("{\"list\":{\"value\":[1]},\"value\":[2]}", HC_OK, "1:2|");
    assert_cut("{\"a\":\"value\",\"b\":[1]}", HC_OK, "1:{\"a\":\"value\",\"b\":[1]}|");
    assert_cut("\n{\"ListingKey\":\"7\",\"value\":3}\n", HC_OK, "2:{\"ListingKey\":\"7\",\"value\":3}|");
    assert_cut("{}", HC_OK, "1:{}|");
}
END_TEST

START_TEST(broken_streams_are_refused)
{
    assert_cut("", HC_ERR_TRUNCATED, "");
    assert_cut("[1,2", HC_ERR_TRUNCATED, "1:1|");
    assert_cut("[{\"a\":1},{\"b\":", HC_ERR_TRUNCATED, "1:{\"a\":1}|");
    assert_cut("{\"value\":[1]", HC_ERR_TRUNCATED, "1:1|");
    assert_cut("1", HC_ERR_INVALID, "");
    assert_cut("\xef\xbb\xbf[1]", HC_ERR_INVALID, "");
    assert_cut("[1,]", HC_ERR_INVALID, "1:1|");
    assert_cut("[,1]", HC_ERR_INVALID, "");
    assert_cut("[1 2]", HC_ERR_INVALID, "1:1|");
    assert_cut("[1}", HC_ERR_INVALID, "1:1|");
    assert_cut("[1]x", HC_ERR_INVALID, "1:1|");
    assert_cut("{\"value\":[1],\"value\":[2]}", HC_ERR_INVALID, "1:1|");
    assert_cut("{\"a\":1,\"a\":2,\"value\":[1]}", HC_ERR_INVALID, "1:1|");
    assert_cut("{\"value\":[1],}", HC_ERR_INVALID, "1:1|");
    assert_cut("{\"value\":[1]]", HC_ERR_INVALID, "1:1|");
}
END_TEST

/* P10 */
START_TEST(an_endless_element_or_envelope_takes_constant_memory)
{
    static const char *const heads[] = {"[\"", "{\"x\":\"", "[", "[[["};
    char piece[4096];

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        failing state = {0, 0, false, 0, 0};
        hc_allocator allocator = failing_allocator(&state);
        hc__json_cutter *cutter;
        hc_status status = HC_OK;
        seen all = {{0}, 0, 0};
        hc__mem counted;
        long requests = 0;
        int fed = 0;

        memset(piece, i < 2 ? 'a' : '[', sizeof(piece));
        ck_assert_int_eq(hc__mem_init(&counted, &allocator, NULL), HC_OK);
        ck_assert_int_eq(hc__json_cutter_new(&cutter, &counted, note, &all, NULL), HC_OK);
        ck_assert_int_eq(hc__json_cutter_feed(cutter, heads[i], strlen(heads[i]), NULL), HC_OK);
        for (; fed < 1000 && status == HC_OK; fed++) {
            status = hc__json_cutter_feed(cutter, piece, sizeof(piece), NULL);
            requests = fed < 258 ? state.requests : requests;
        }
        ck_assert_int_eq(status, i == 1 ? HC_ERR_TOO_LARGE : HC_OK);
        ck_assert_int_lt(fed, i == 1 ? 258 : 1001);
        ck_assert_int_eq(all.count, 0);
        ck_assert_int_eq(state.requests, requests);
        hc__json_cutter_free(cutter);
        ck_assert_int_eq(state.live, 0);
    }
}
END_TEST

static size_t sizes[4], given;

static hc_status note_size(const char *text, size_t size, int64_t line, void *data, hc_error *err)
{
    (void)text;
    (void)line;
    (void)data;
    (void)err;
    ck_assert_uint_lt(given, 4);
    sizes[given++] = size;
    return HC_OK;
}

/* What comes behind it is not lost with it. */
START_TEST(of_a_large_element_as_much_is_given_as_tells_that_it_is)
{
    static char text[(1 << 20) + 5000];
    const size_t most = (1 << 20) + 1, large[] = {1 << 20, (1 << 20) + 1, (1 << 20) + 2, (1 << 20) + 4000};

    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
        for (size_t piece = 1000; piece < 3u << 20; piece *= 11) {
            hc__json_cutter *cutter;
            size_t size = large[i] + 6;

            memset(text, 'a', sizeof(text));
            memcpy(text, "[\"", 2);
            memcpy(text + large[i], "\",7,8]", 6);
            given = 0;
            ck_assert_int_eq(hc__json_cutter_new(&cutter, &mem, note_size, NULL, NULL), HC_OK);
            for (size_t at = 0; at < size; at += piece)
                ck_assert_int_eq(
                    hc__json_cutter_feed(cutter, text + at, size - at < piece ? size - at : piece, NULL), HC_OK);
            ck_assert_int_eq(hc__json_cutter_end(cutter, NULL), HC_OK);
            hc__json_cutter_free(cutter);
            ck_assert_uint_eq(given, 3);
            ck_assert_uint_eq(sizes[0], large[i] < most ? large[i] : most);
            ck_assert_uint_eq(sizes[2], 1);
        }
}
END_TEST

START_TEST(the_callee_can_stop_the_stream)
{
    seen all = {{0}, 0, 2};

    hc__buf_init(&all.text, &mem);
    ck_assert_int_eq(run(&all, &mem, "[1,2,3]", 3, false), HC_ERR_CANCELLED);
    ck_assert_str_eq(all.text.data, "1:1|");
    hc__buf_free(&all.text);
}
END_TEST

/* S13 */
START_TEST(every_failing_allocation_is_reported)
{
    failing state = {0, 0, false, 1, 0};

    for (long n = 1; state.failed > 0; n++) {
        hc_allocator allocator = failing_allocator(&state);
        seen all = {{0}, 0, 0};
        hc__mem weak;
        hc_status status;

        state = (failing){0, n, false, 0, 0};
        ck_assert_int_eq(hc__mem_init(&weak, &allocator, NULL), HC_OK);
        hc__buf_init(&all.text, &weak);
        status = run(&all, &weak,
                     "{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"value\":[{},\"yyyyyyyyy\"]}", 70,
                     true);
        ck_assert_int_eq(status, state.failed > 0 ? HC_ERR_NO_MEMORY : HC_OK);
        hc__buf_free(&all.text);
        ck_assert_int_eq(state.live, 0);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, elements_come_whole_however_the_pieces_fall);
    tcase_add_test(tcase, broken_streams_are_refused);
    tcase_add_test(tcase, an_endless_element_or_envelope_takes_constant_memory);
    tcase_add_test(tcase, of_a_large_element_as_much_is_given_as_tells_that_it_is);
    tcase_add_test(tcase, the_callee_can_stop_the_stream);
    tcase_add_test(tcase, every_failing_allocation_is_reported);
}

int main(void)
{
    return suite_main("cutter", fill, setup, NULL);
}
