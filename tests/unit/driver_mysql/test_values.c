/* Values at the ends of what they may be, to the server and back. */
#include "base/decimal.h"
#include "shelf.h"
#include "books_values.h"

/* What the engine has as text is what we sent in binary. */
START_TEST(the_server_reads_the_same_number)
{
    int64_t same = 0;

    ck_assert_int_eq(there_and_back(1, BOOK_PRICE, (hc_value){HC_TYPE_DECIMAL, 0, {-123456789}}), HC_OK);
    ck_assert_int_eq(hc__my_number(conn, "SELECT price = -1234.56789 FROM books", &same, &err), HC_OK);
    ck_assert_int_eq(same, 1);
    ck_assert_int_eq(there_and_back(2, BOOK_AT, (hc_value){HC_TYPE_TIME, 0, {INT64_C(1763892000123456)}}), HC_OK);
    ck_assert_int_eq(
        hc__my_number(conn, "SELECT at = '2025-11-23 10:00:00.123456' FROM books WHERE price IS NULL", &same, &err),
        HC_OK);
    ck_assert_int_eq(same, 1);
}
END_TEST

/* Years 1 to 9999 are kept, to the microsecond; what is outside them can only be asked for. */
START_TEST(times_beyond_the_engine_are_refused_in_rows_and_compared_in_searches)
{
    static const int64_t ends[] = {-INT64_C(62135596800000000), 0, -1, INT64_C(253402300799999999)};
    static const int64_t beyond[] = {INT64_MIN, -INT64_C(62135596800000001), INT64_C(253402300800000000), INT64_MAX};
    hc_value value = {HC_TYPE_TIME, 0, {0}};
    hc_op_result result = {0};
    hc_predicate below = {.test = HC_TEST_LT, .field = BOOK_AT, .values = &value, .value_count = 1};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .where = &below, .index = -1, .result = &result};

    for (uint32_t i = 0; i < 4; i++) {
        value.as.integer = beyond[i];
        ck_assert_int_eq(there_and_back(10 + i, BOOK_AT, value), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "at");
    }
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_msg(there_and_back(i, BOOK_AT, (hc_value){HC_TYPE_TIME, 0, {ends[i]}}) == HC_OK, "%s", err.message);
        ck_assert_int_eq(got[0].as.integer, ends[i]);
    }
    for (uint32_t i = 0; i < 4; i++) {
        value.as.integer = beyond[i];
        ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
        ck_assert_int_eq(result.count, i < 2 ? 0 : 3); /* the very last instant stands for all after it */
    }
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

    ck_assert_int_eq(
        hc__my_run(conn, "INSERT INTO books (title, copies) VALUES ('theirs', 2), ('theirs too', 2)", NULL, NULL, &err),
        HC_OK);
    ck_assert_int_eq(shelf_count(conn), 2);
    ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
    ck_assert_int_eq(hc__my_run(conn, "SET sql_mode = ''", NULL, NULL, &err), HC_OK);
    ck_assert_int_eq(hc__my_run(conn, "UPDATE books SET at = '2026-02-00'", NULL, NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_ERR_CORRUPT);
    ck_assert_str_eq(err.field, "at");
}
END_TEST

/* Runs that go as arrays, of more rows than one of them takes, with nulls; what fails in one is told of its operation.
 */
START_TEST(many_inserts_go_together)
{
    enum { MANY = 2500 };
    shelf_book *many = calloc(MANY, sizeof(*many));
    hc_op *ops = calloc(MANY, sizeof(*ops));

    ck_assert(many != NULL && ops != NULL);
    for (uint32_t i = 0; i < MANY; i++) {
        shelf_book_init(&many[i], i);
        many[i].sets[3] = (hc_set){BOOK_PRICE, HC_SET_TO, 0, {HC_TYPE_DECIMAL, 0, {(int64_t)i * 7 - 5000}}};
        many[i].sets[4] = (hc_set){BOOK_AT, HC_SET_TO, 0, {HC_TYPE_TIME, 0, {(int64_t)i * 1000003}}};
        if (i % 3 == 0)
            many[i].sets[3].value.type = many[i].sets[4].value.type = HC_TYPE_NULL;
        many[i].insert.set_count = 5;
        ops[i] = many[i].insert;
    }
    ck_assert_msg(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, MANY) == HC_OK, "%s", err.message);
    ck_assert_int_eq(shelf_count(conn), MANY);
    {
        int64_t same = 0;

        ck_assert_int_eq(hc__my_number(conn,
                                       "SELECT sum(price IS NULL AND at IS NULL) = 834 AND sum(price) = 62.41669 "
                                       "AND max(at) = '1970-01-01 00:41:38.007494' FROM books",
                                       &same, &err),
                         HC_OK);
        ck_assert_int_eq(same, 1);
    }
    for (uint32_t i = 0; i < MANY; i++)
        many[i].id[8] = 1;
    for (uint32_t i = 0; i < MANY; i++)
        many[i].title[0] = 'c';
    memcpy(many[1800].title, many[1801].title, sizeof(many[0].title));
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, MANY), HC_ERR_CONFLICT);
    ck_assert_uint_eq(batch.failed_op, 1801);
    ck_assert_int_eq(batch.fault, HC_FAULT_UNIQUE);
    ck_assert_int_eq(batch.fault_index, 0);
    ck_assert_int_eq(shelf_count(conn), MANY);
    free(many);
    free(ops);
}
END_TEST

static int64_t questions(void)
{
    int64_t asked = 0;

    ck_assert_int_eq(hc__my_number(conn,
                                   "SELECT variable_value FROM information_schema.session_status"
                                   " WHERE variable_name = 'QUESTIONS'",
                                   &asked, &err),
                     HC_OK);
    return asked;
}

START_TEST(how_many_rows_were_examined_is_asked_only_for_who_needs_it)
{
    static const hc_value many = {HC_TYPE_INT32, 0, {100}};
    static const hc_predicate copies = {.test = HC_TEST_GT, .field = BOOK_COPIES, .values = &many, .value_count = 1};
    static const hc_order by_title = {BOOK_TITLE, HC_ORDER_NOT_NULL};
    static const uint16_t id = BOOK_ID;
    hc_op_result result;
    hc_op scan = {.verb = HC_VERB_QUERY,
                  .expect = HC_EXPECT_ANY,
                  .kind = &books,
                  .filter = &copies,
                  .fields = &id,
                  .field_count = 1,
                  .order = &by_title,
                  .order_count = 1,
                  .limit = 5,
                  .scan_limit = 8,
                  .result = &result};

    ck_assert_int_eq(hc__my_scan(conn, &scan), HC__SCAN_NUMBERED);
    for (int i = 0; i < 4; i++) { /* where there is none, after a count that nobody asked */
        ck_assert_int_eq(shelf_run(conn, i % 2 == 0 ? HC_BATCH_ROUGH : 0, &scan, 1), HC_OK);
        ck_assert(result.examined == 0 && result.cut == 0);
    }
    for (uint32_t i = 0; i < 6; i++) {
        shelf_book book;

        shelf_book_init(&book, i);
        ck_assert_int_eq(shelf_run(conn, 0, &book.insert, 1), HC_OK);
    }
    ck_assert_int_eq(shelf_run(conn, 0, &scan, 1), HC_OK); /* prepares it */
    for (int i = 0; i < 6; i++) {
        bool rough = i % 3 != 0;
        int64_t before = questions();

        ck_assert_int_eq(shelf_run(conn, rough ? HC_BATCH_ROUGH : 0, &scan, 1), HC_OK);
        ck_assert_int_eq(questions() - before - 1, rough ? 1 : 2);
        ck_assert(result.count == 0 && result.cut == 0 && (rough || result.examined == 6));
    }
    scan.scan_limit = 6; /* as many as there are, and one less: every count starts anew */
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_ROUGH, &scan, 1), HC_OK);
    ck_assert_int_eq(result.cut, 0);
    scan.scan_limit = 5;
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_ROUGH, &scan, 1), HC_OK);
    ck_assert(result.cut == 1 && result.examined == 5);
}
END_TEST

/* What a server sends is cut at its end, whatever sizes it tells. */
START_TEST(a_row_that_ends_early_is_none)
{
    /* A byte, bits for nulls (the second of four columns), a number of 4 bytes, texts of 3 and of 300 bytes. */
    unsigned char row[2 + 4 + 4 + 3 + 300] = {0, 1 << 3, 7, 0, 0, 0, 3, 'o', 'n', 'e', 252, 300 & 255, 300 >> 8};
    hc__my_cell cells[4] = {{.fixed = 4}, {.fixed = 8}};

    ck_assert(hc__my_cut_row(cells, 4, row, sizeof(row)));
    ck_assert_ptr_eq(cells[0].bytes, row + 2);
    ck_assert_ptr_null(cells[1].bytes);
    ck_assert(cells[2].size == 3 && memcmp(cells[2].bytes, "one", 3) == 0);
    ck_assert(cells[3].size == 300 && cells[3].bytes == row + 13);
    for (size_t size = 0; size < sizeof(row); size++) { /* on the heap, where the sanitizer sees its end */
        unsigned char *part = malloc(size + 1);

        memcpy(part, row, size);
        part = realloc(part, size == 0 ? 1 : size);
        ck_assert_msg(!hc__my_cut_row(cells, 4, part, size), "%zu bytes", size);
        free(part);
    }
    for (int first = 251; first < 256; first++) {
        row[10] = (unsigned char)first;
        ck_assert_int_eq(hc__my_cut_row(cells, 4, row, sizeof(row)), first == 252);
    }
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
    tcase_add_test(tcase, many_inserts_go_together);
    tcase_add_test(tcase, how_many_rows_were_examined_is_asked_only_for_who_needs_it);
    tcase_add_test(tcase, a_row_that_ends_early_is_none);
}

int main(void)
{
    seed = (uint64_t)getpid();
    return shelf_main("unit.driver_mysql.values", fill);
}
