/* Values at the ends of what they may be, to the server and back. */
#include "base/decimal.h"
#include "shelf.h"
#include "books_values.h"

/* What the engine has as text is what we sent in binary. */
START_TEST(the_server_reads_the_same_number)
{
    int64_t same = 0;

    ck_assert_int_eq(there_and_back(1, BOOK_PRICE, (hc_value){HC_TYPE_DECIMAL, 0, {-123456789}}), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "SELECT (price = -1234.56789)::int FROM books", &same, &err), HC_OK);
    ck_assert_int_eq(same, 1);
    ck_assert_int_eq(there_and_back(2, BOOK_AT, (hc_value){HC_TYPE_TIME, 0, {INT64_C(1763892000123456)}}), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "SELECT (at = '2025-11-23T10:00:00.123456Z')::int FROM books WHERE price IS NULL",
                                &same, &err),
                     HC_OK);
    ck_assert_int_eq(same, 1);
}
END_TEST

START_TEST(times_beyond_the_engine_are_refused_in_rows_and_compared_in_searches)
{
    static const int64_t times[] = {INT64_MIN, -INT64_C(300000000000000000)};
    hc_value value = {HC_TYPE_TIME, 0, {0}};
    hc_op_result result = {0};
    hc_predicate below = {.test = HC_TEST_LT, .field = BOOK_AT, .values = &value, .value_count = 1};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .where = &below, .index = -1, .result = &result};

    ck_assert_int_eq(there_and_back(1, BOOK_AT, (hc_value){HC_TYPE_TIME, 0, {0}}), HC_OK);
    ck_assert_int_eq(got[0].as.integer, 0);
    ck_assert_int_eq(there_and_back(2, BOOK_AT, (hc_value){HC_TYPE_TIME, 0, {-INT64_C(62135596800000000)}}), HC_OK);
    ck_assert_int_eq(got[0].as.integer, -INT64_C(62135596800000000));
    for (int i = 0; i < 2; i++) {
        value.as.integer = times[i];
        ck_assert_int_eq(there_and_back(10, BOOK_AT, value), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "at");
        ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
        ck_assert_int_eq(result.count, 0);
    }
    ck_assert_int_eq(there_and_back(3, BOOK_AT, (hc_value){HC_TYPE_TIME, 0, {INT64_MAX}}), HC_OK);
    ck_assert_int_eq(got[0].as.integer, INT64_MAX);
    value.as.integer = INT64_MAX;
    ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
    ck_assert_int_eq(result.count, 2);
}
END_TEST

START_TEST(json_comes_back_in_its_canonical_form)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "[1,-2,2.5,\"a\",null,true,{\"b\":[]}]",
        "{\"a\":1,\"aa\":2,\"b\":3}",
        "{\"zz\":1,\"zzz\":0}",
        "[1e+300,-1e+300,1e-300,1.7976931348623157e+308]",
        "{\"1e300\":\"10000000000000000000000000000000000000000000000000000000000000000000\\\"\",\"x\":1e+80}",
        "[9223372036854775807,-9223372036854775808]",
        "[\"\\u0001\\\\\\\"\xc3\xa9\xf0\x9f\x8f\xa0\"]"};

    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        hc_value value = {HC_TYPE_JSON, (uint32_t)strlen(texts[i]), {.bytes = texts[i]}};

        ck_assert_msg(there_and_back(i + 1, BOOK_NOTES, value) == HC_OK, "%s: %s", texts[i], err.message);
        ck_assert_str_eq(got_text, texts[i]);
    }
}
END_TEST

/* The bound of a prefix is above all that start with it, and below all that do not: at the ends of each length. */
START_TEST(prefixes_end_at_the_next_code_point)
{
    static const char *const letters[] = {"\x01",
                                          "a",
                                          "\x7f",
                                          "\xc2\x80",
                                          "\xc3\xbf",
                                          "\xdf\xbf",
                                          "\xe0\xa0\x80",
                                          "\xe2\xbf\xbf",
                                          "\xed\x9f\xbf",
                                          "\xee\x80\x80",
                                          "\xef\xbf\xbf",
                                          "\xf0\x90\x80\x80",
                                          "\xf0\x9f\xbf\xbf",
                                          "\xf4\x8f\xbf\xbf"};
    const size_t count = sizeof(letters) / sizeof(letters[0]);
    char titles[14 * 14][12];
    hc_op_result result = {0};
    hc_value value = {HC_TYPE_TEXT, 0, {0}};
    hc_predicate starts = {.test = HC_TEST_STARTS_WITH, .field = BOOK_TITLE, .values = &value, .value_count = 1};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .where = &starts, .index = -1, .result = &result};

    for (uint32_t i = 0; i < count * count; i++) {
        shelf_book book;

        (void)snprintf(titles[i], sizeof(titles[i]), "%s%s", letters[i / count], letters[i % count]);
        shelf_book_init(&book, i);
        book.sets[1].value.as.bytes = titles[i];
        book.sets[1].value.size = (uint32_t)strlen(titles[i]);
        ck_assert_msg(shelf_run(conn, 0, &book.insert, 1) == HC_OK, "%s", err.message);
    }
    for (uint32_t i = 0; i < count * count; i++) {
        value = (hc_value){HC_TYPE_TEXT, (uint32_t)strlen(titles[i]), {.bytes = titles[i]}};
        ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
        ck_assert_int_eq(result.count, 1);
    }
    for (uint32_t i = 0; i < count; i++) {
        value = (hc_value){HC_TYPE_TEXT, (uint32_t)strlen(letters[i]), {.bytes = letters[i]}};
        ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
        ck_assert_int_eq(result.count, (int64_t)count);
    }
}
END_TEST

/* Rows of other programs: defaults for what they leave out, and a complaint about what no field may have. */
START_TEST(other_programs_write_too)
{
    static const uint16_t at_only = BOOK_AT;
    hc_op op = {.verb = HC_VERB_QUERY, .expect = -1, .kind = &books, .fields = &at_only, .field_count = 1, .index = -1};

    ck_assert_int_eq(hc__pg_run(conn, "INSERT INTO books (title, copies) VALUES ('theirs', 2)", NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 1);
    ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "UPDATE books SET at = 'infinity'", NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_ERR_CORRUPT);
    ck_assert_str_eq(err.field, "at");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, decimals_of_every_size_come_back);
    tcase_add_test(tcase, the_server_reads_the_same_number);
    tcase_add_test(tcase, times_beyond_the_engine_are_refused_in_rows_and_compared_in_searches);
    tcase_add_test(tcase, json_comes_back_in_its_canonical_form);
    tcase_add_test(tcase, prefixes_end_at_the_next_code_point);
    tcase_add_test(tcase, other_programs_write_too);
}

int main(void)
{
    seed = (uint64_t)getpid();
    return shelf_main("unit.driver_postgres.values", fill);
}
