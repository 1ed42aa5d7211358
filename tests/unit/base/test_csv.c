#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/fail.h"
#include "failing.h"

static hc__mem mem;

typedef struct seen {
    hc__buf text; /* each record as LINE-END:[field][field] or with !fault, then a newline */
    size_t count;
    size_t cancel_at;
} seen;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

static hc_status note(const hc__csv_record *record, void *data, hc_error *err)
{
    seen *all = data;

    if (++all->count == all->cancel_at)
        return hc__fail(err, HC_ERR_CANCELLED, NULL, "enough");
    hc__buf_format(&all->text, "%lld-%lld:", (long long)record->line, (long long)record->end);
    for (size_t i = 0; i < record->count; i++) {
        ck_assert_uint_eq(strlen(record->fields[i].text), record->fields[i].size);
        hc__buf_format(&all->text, "[%s]", record->fields[i].text);
    }
    if (record->fault != NULL)
        hc__buf_format(&all->text, "!%s", record->fault);
    hc__buf_char(&all->text, '\n');
    return all->text.failed ? hc__no_memory(err) : HC_OK;
}

static hc_status run(seen *all, const hc__mem *from, const char *text, size_t size, size_t cut, bool fine)
{
    hc__csv *csv;
    hc_error err;
    hc_status status = hc__csv_new(&csv, from, ',', note, all, &err);

    if (status == HC_OK)
        status = hc__csv_feed(csv, text, cut, &err);
    for (size_t at = cut; status == HC_OK && at < size; at += fine ? 1 : size - cut)
        status = hc__csv_feed(csv, text + at, fine ? 1 : size - cut, &err);
    if (status == HC_OK)
        status = hc__csv_end(csv, &err);
    else if (csv != NULL)
        ck_assert_int_eq(hc__csv_end(csv, NULL), status);
    if (status != HC_OK)
        ck_assert_int_eq(err.status, status);
    hc__csv_free(csv);
    return status;
}

static void assert_bytes(const char *text, size_t size, hc_status expected, const char *records)
{
    for (size_t cut = 0; cut <= size; cut++)
        for (int fine = 0; fine < 2; fine++) {
            seen all = {{0}, 0, 0};

            hc__buf_init(&all.text, &mem);
            hc__buf_put(&all.text, "", 0);
            ck_assert_int_eq(run(&all, &mem, text, size, cut, fine == 1), expected);
            ck_assert_str_eq(all.text.data, records);
            hc__buf_free(&all.text);
        }
}

static void assert_csv(const char *text, const char *records)
{
    assert_bytes(text, strlen(text), HC_OK, records);
}

START_TEST(records_come_whole_however_the_pieces_fall)
{
    assert_csv("", "");
    assert_csv("a", "1-1:[a]\n");
    assert_csv("a,b,c\n1,2,3\n", "1-6:[a][b][c]\n2-12:[1][2][3]\n");
    assert_csv("a,b\r\n1,2\r\n", "1-5:[a][b]\n2-10:[1][2]\n");
    assert_csv("a,b\r1,2\r", "1-4:[a][b]\n2-8:[1][2]\n");
    assert_csv(",\n,,\n", "1-2:[][]\n2-5:[][][]\n");
    assert_csv("\n\r\n\ra\n\n\nb", "4-6:[a]\n7-9:[b]\n");
    assert_csv("\"\"\n", "1-3:[]\n");
    assert_csv("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\nand\rfour\"\nnext",
               "1-41:[a,b][say \"hi\"][two\r\nlines\nand\rfour]\n"
               "5-45:[next]\n");
    assert_csv("\"a\"\r\n\"b\"", "1-5:[a]\n2-8:[b]\n");
    assert_csv(" a , \tb\n", "1-8:[ a ][ \tb]\n");
    assert_csv("\xef\xbb\xbf"
               "a,b\n",
               "1-7:[a][b]\n");
    assert_csv("\xef\xbb\xbf", "");
    assert_csv("\xef\xbb", "1-2:!not UTF-8\n");
    assert_csv("caf\xc3\xa9,\xf0\x9f\x8f\xa0\n", "1-11:[caf\xc3\xa9][\xf0\x9f\x8f\xa0]\n");
}
END_TEST

/* Plain text is taken in runs, and a byte at a time where a piece has no more. */
START_TEST(a_byte_means_the_same_wherever_it_stands)
{
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 26; at++) {
            char text[] = "abcdefghijklmnopqrstuvwx,yabcdefgh\nz\n";
            seen whole = {{0}, 0, 0}, fine = {{0}, 0, 0};

            text[at] = (char)c;
            hc__buf_init(&whole.text, &mem);
            hc__buf_init(&fine.text, &mem);
            ck_assert_int_eq(run(&whole, &mem, text, sizeof(text) - 1, 0, false), HC_OK);
            ck_assert_int_eq(run(&fine, &mem, text, sizeof(text) - 1, 0, true), HC_OK);
            ck_assert_str_eq(whole.text.data, fine.text.data);
            hc__buf_free(&whole.text);
            hc__buf_free(&fine.text);
        }
}
END_TEST

START_TEST(a_broken_record_is_reported_once_and_the_next_is_read)
{
    assert_csv("a,b\"c,d\nok,1\n", "1-8:[a]!stray quote\n2-13:[ok][1]\n");
    assert_csv("a,\"b\"c,\"d\nok,1\n", "1-10:[a]!stray quote\n2-15:[ok][1]\n");
    assert_csv("\"a\" ,b\r\nok", "1-8:!stray quote\n2-10:[ok]\n");
    assert_csv("ok\na,\"b\nc", "1-3:[ok]\n2-9:[a]!unterminated quote\n");
    assert_csv("\"", "1-1:!unterminated quote\n");
    assert_csv("a,\xff,c\nok\n", "1-6:!not UTF-8\n2-9:[ok]\n");
    assert_csv("a,\xc3\nb,\xa9\n", "1-4:!not UTF-8\n2-8:!not UTF-8\n");
    assert_bytes("a,b\0,c\nok\n", 10, HC_OK, "1-7:[a]!NUL byte\n2-10:[ok]\n");
    assert_bytes("\"a\0\",c\nok\n", 10, HC_OK, "1-7:!NUL byte\n2-10:[ok]\n");
    assert_bytes("\0", 1, HC_OK, "1-1:!NUL byte\n");
}
END_TEST

START_TEST(other_encodings_are_named)
{
    assert_bytes("\xff\xfe"
                 "a\0,\0b\0",
                 8, HC_ERR_INVALID, "");
    assert_bytes("\xfe\xff\0a\0,", 6, HC_ERR_INVALID, "");
    assert_bytes("\xff\xfe\0\0a\0\0\0", 8, HC_ERR_INVALID, "");
    assert_bytes("\0\0\xfe\xff\0\0\0a", 8, HC_ERR_INVALID, "");
    assert_bytes("\xff\xfe", 2, HC_ERR_INVALID, "");
}
END_TEST

START_TEST(a_separator_that_cannot_separate_is_refused)
{
    static const char bad[] = {'"', '\r', '\n', '\0', (char)0xa7};
    hc__csv *csv;
    hc_error err;

    for (size_t i = 0; i < sizeof(bad); i++) {
        ck_assert_int_eq(hc__csv_new(&csv, &mem, bad[i], note, NULL, &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "separator");
        ck_assert_ptr_null(csv);
    }
}
END_TEST

/* The line is fed 2 GiB long with HC_LONG_LINE set; 64 MiB tell as much of the memory. */
START_TEST(an_endless_line_takes_constant_memory)
{
    static const char *const heads[] = {"ok\nkey,x", "ok\nkey,\"x"};
    static const char *const tails[] = {"x\nnext\n", "x\"\nnext\n"};
    static char piece[1 << 20];
    const int pieces = getenv("HC_LONG_LINE") != NULL ? 2048 : 64;

    memset(piece, 'x', sizeof(piece));
    for (size_t i = 0; i < 2; i++) {
        failing state = {0, 0, false, 0, 0};
        hc_allocator allocator = failing_allocator(&state);
        seen all = {{0}, 0, 0};
        hc__mem counted;
        hc__csv *csv;
        char expected[100];

        ck_assert_int_eq(hc__mem_init(&counted, &allocator, NULL), HC_OK);
        hc__buf_init(&all.text, &mem);
        ck_assert_int_eq(hc__csv_new(&csv, &counted, ',', note, &all, NULL), HC_OK);
        ck_assert_int_eq(hc__csv_feed(csv, heads[i], strlen(heads[i]), NULL), HC_OK);
        for (int fed = 0; fed < pieces; fed++)
            ck_assert_int_eq(hc__csv_feed(csv, piece, sizeof(piece), NULL), HC_OK);
        ck_assert_int_eq(hc__csv_feed(csv, tails[i], strlen(tails[i]), NULL), HC_OK);
        ck_assert_int_eq(hc__csv_end(csv, NULL), HC_OK);
        ck_assert_int_lt(state.requests, 20);
        snprintf(expected, sizeof(expected), "1-3:[ok]\n2-%lld:[key]!record too long\n3-%lld:[next]\n",
                 (long long)pieces * (1 << 20) + (long long)strlen(heads[i]) + (long long)i + 2,
                 (long long)pieces * (1 << 20) + (long long)strlen(heads[i]) + (long long)i + 7);
        ck_assert_str_eq(all.text.data, expected);
        hc__csv_free(csv);
        hc__buf_free(&all.text);
        ck_assert_int_eq(state.live, 0);
    }
}
END_TEST

START_TEST(the_limits_are_exact)
{
    seen all = {{0}, 0, 0};
    size_t size = HC__CSV_RECORD_LIMIT;
    char *text = malloc(size + 2);

    hc__buf_init(&all.text, &mem);
    memset(text, 'x', size + 2);
    text[size] = '\n';
    ck_assert_int_eq(run(&all, &mem, text, size + 1, size / 2, false), HC_OK);
    ck_assert_ptr_null(strchr(all.text.data, '!'));
    text[size] = 'x';
    ck_assert_int_eq(run(&all, &mem, text, size + 1, size / 2, false), HC_OK);
    ck_assert_ptr_nonnull(strstr(all.text.data, ":!record too long"));
    hc__buf_clear(&all.text);
    memset(text, ',', HC__CSV_FIELD_LIMIT);
    ck_assert_int_eq(run(&all, &mem, text, HC__CSV_FIELD_LIMIT - 1, 5, false), HC_OK);
    ck_assert_ptr_null(strchr(all.text.data, '!'));
    ck_assert_int_eq(run(&all, &mem, text, HC__CSV_FIELD_LIMIT, 5, false), HC_OK);
    ck_assert_ptr_nonnull(strstr(all.text.data, "!too many fields"));
    free(text);
    hc__buf_free(&all.text);
}
END_TEST

START_TEST(the_callee_can_stop_the_stream)
{
    seen all = {{0}, 0, 2};

    hc__buf_init(&all.text, &mem);
    ck_assert_int_eq(run(&all, &mem, "a\nb\nc\n", 6, 1, false), HC_ERR_CANCELLED);
    ck_assert_str_eq(all.text.data, "1-2:[a]\n");
    hc__buf_free(&all.text);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
    static const char *const fields[] = {"plain",        "",         "a,b",        "say \"hi\"", "\"",
                                         "two\r\nlines", " spaces ", "caf\xc3\xa9"};
    seen all = {{0}, 0, 0};
    hc__buf out;

    hc__buf_init(&all.text, &mem);
    hc__buf_init(&out, &mem);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (i > 0)
            hc__buf_char(&out, ',');
        hc__csv_put(&out, fields[i], strlen(fields[i]), ',');
    }
    ck_assert_str_eq(out.data, "plain,,\"a,b\",\"say \"\"hi\"\"\",\"\"\"\",\"two\r\nlines\", spaces ,caf\xc3\xa9");
    ck_assert_int_eq(run(&all, &mem, out.data, out.size, 0, false), HC_OK);
    ck_assert_ptr_nonnull(
        strstr(all.text.data, ":[plain][][a,b][say \"hi\"][\"][two\r\nlines][ spaces ][caf\xc3\xa9]\n"));
    hc__buf_free(&all.text);
    hc__buf_free(&out);
}
END_TEST

/* S13 */
START_TEST(every_failing_allocation_is_reported)
{
    static const char text[] = "0123456789012345678901234567890123456789,0123456789012345678901234567890123456789\n"
                               ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\nend\n";

    for (int from_on = 0; from_on < 2; from_on++) {
        failing state = {0, 0, false, 1, 0};
        long n;

        for (n = 1; state.failed > 0; n++) {
            hc_allocator allocator = failing_allocator(&state);
            seen all = {{0}, 0, 0};
            hc__mem weak;
            hc_status status;

            state = (failing){0, n, from_on == 1, 0, 0};
            ck_assert_int_eq(hc__mem_init(&weak, &allocator, NULL), HC_OK);
            hc__buf_init(&all.text, &mem);
            status = run(&all, &weak, text, sizeof(text) - 1, 10, true);
            ck_assert_int_eq(status, state.failed > 0 ? HC_ERR_NO_MEMORY : HC_OK);
            ck_assert_uint_eq(all.count == 3, status == HC_OK);
            hc__buf_free(&all.text);
            ck_assert_int_eq(state.live, 0);
        }
        ck_assert_int_gt(n, 4);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, records_come_whole_however_the_pieces_fall);
    tcase_add_test(tcase, a_byte_means_the_same_wherever_it_stands);
    tcase_add_test(tcase, a_broken_record_is_reported_once_and_the_next_is_read);
    tcase_add_test(tcase, other_encodings_are_named);
    tcase_add_test(tcase, a_separator_that_cannot_separate_is_refused);
    tcase_add_test(tcase, an_endless_line_takes_constant_memory);
    tcase_add_test(tcase, the_limits_are_exact);
    tcase_add_test(tcase, the_callee_can_stop_the_stream);
    tcase_add_test(tcase, what_is_written_is_read_back);
    tcase_add_test(tcase, every_failing_allocation_is_reported);
}

int main(void)
{
    return suite_main("csv", fill, setup, NULL);
}
