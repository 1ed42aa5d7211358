/* Answers that come as arrays, from libpq's own results: what is asked for, and what a server that is none gives. */
#include <arpa/inet.h>
#include <string.h>

#include "driver/postgres/postgres.h"
#include "suite.h"

#define COLUMNS 3

static const hc_field year = {.name = "year", .type = HC_TYPE_INT32, .flags = HC_FIELD_NULLABLE};
static const hc_kind things = {.name = "things", .fields = &year, .field_count = 1};

static hc__pg conn;
static hc__mem mem;
static hc__buf arrays[COLUMNS]; /* as they are sent */
static int64_t seen[8];
static size_t seen_count;
static hc_error err;

static void set_up(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    memset(&conn, 0, sizeof(conn));
    conn.mem = &mem;
    hc__arena_init(&conn.kept, &mem, NULL, 0);
    for (int i = 0; i < COLUMNS; i++)
        hc__buf_init(&arrays[i], &mem);
    seen_count = 0;
    memset(&err, 0, sizeof(err));
}

static void tear_down(void)
{
    for (int i = 0; i < COLUMNS; i++)
        hc__buf_free(&arrays[i]);
    hc__arena_free(&conn.kept);
}

static void put_32(hc__buf *out, int32_t value)
{
    uint32_t bytes = htonl((uint32_t)value);

    hc__buf_put(out, &bytes, sizeof(bytes));
}

static void open_array(hc__buf *out, int32_t count)
{
    const int32_t head[] = {1, 1, 17, count, 1};

    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        put_32(out, head[i]);
}

static void put_null(hc__buf *out)
{
    put_32(out, -1);
}

static void put_number(hc__buf *out, int32_t value)
{
    put_32(out, 8);
    put_32(out, 0);
    put_32(out, value);
}

/* Of one column. */
static void put_row(hc__buf *out, int32_t value)
{
    const int32_t row[] = {16, 1, 23, 4, value};

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        put_32(out, row[i]);
}

static hc_status on_row(const hc_row *row, void *data, hc_error *why)
{
    (void)data;
    (void)why;
    ck_assert_uint_lt(seen_count, sizeof(seen) / sizeof(seen[0]));
    seen[seen_count++] = row->what == HC_ROW_MATCH ? row->values[0].as.integer : -row->values[0].as.integer;
    return HC_OK;
}

/* What came of the arrays, as the answer to a query of as many columns. An empty one is a null. */
static hc_status read_arrays(hc_op_result *out, int columns, int64_t scan_limit, bool *gave)
{
    static const uint16_t field = 0;
    static const hc_order by_year = {.field = 0};
    const hc_field *fields[] = {&year};
    hc_value values[1];
    hc__pg_statement statement = {.gathers = true, .fields = fields, .values = values, .columns = 1};
    hc_op op = {.verb = HC_VERB_QUERY,
                .kind = &things,
                .fields = &field,
                .field_count = 1,
                .order = &by_year,
                .order_count = 1,
                .limit = 8,
                .scan_limit = scan_limit};
    hc_batch batch = {.struct_size = sizeof(batch), .ops = &op, .op_count = 1, .on_row = on_row};
    hc__pg_reading reading = {.conn = &conn, .batch = &batch, .op = &op, .statement = &statement, .result = out};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc described[COLUMNS] = {{.name = (char[]){"n"}, .format = 1, .typlen = -1},
                                       {.name = (char[]){"r"}, .format = 1, .typlen = -1},
                                       {.name = (char[]){"k"}, .format = 1, .typlen = -1}};
    hc_status status;

    ck_assert_ptr_nonnull(result);
    ck_assert_int_ne(PQsetResultAttrs(result, columns, described), 0);
    for (int i = 0; i < columns; i++)
        ck_assert_int_ne(PQsetvalue(result, 0, i, arrays[i].data, arrays[i].size > 0 ? (int)arrays[i].size : -1), 0);
    *out = (hc_op_result){0};
    status = hc__pg_read(&reading, result, &err);
    if (status == HC_OK)
        status = hc__pg_read_end(&reading, &err);
    *gave = reading.gave;
    PQclear(result);
    return status;
}

START_TEST(an_array_has_the_rows_in_turn)
{
    hc_op_result result;
    bool gave;

    open_array(&arrays[0], 3);
    for (int32_t i = 1; i <= 3; i++)
        put_row(&arrays[0], 2000 + i);
    ck_assert_int_eq(read_arrays(&result, 1, 0, &gave), HC_OK);
    ck_assert_uint_eq(seen_count, 3);
    ck_assert_int_eq(seen[0], 2001);
    ck_assert_int_eq(seen[2], 2003);
    ck_assert_int_eq(result.count, 3);
    ck_assert_int_eq(result.examined, 3);
    ck_assert(gave);
}
END_TEST

START_TEST(of_no_rows_it_is_a_null)
{
    hc_op_result result;
    bool gave;

    ck_assert_int_eq(read_arrays(&result, 1, 0, &gave), HC_OK);
    ck_assert_int_eq(read_arrays(&result, COLUMNS, 5, &gave), HC_OK);
    ck_assert_int_eq(result.count, 0);
    ck_assert_int_eq(result.examined, 0);
    ck_assert_uint_eq(seen_count, 0);
    ck_assert(!gave);
}
END_TEST

/* Two matches, and the scan's end at the fourth row: its keys are told, the fifth only says that there is more. */
static void put_scan(void)
{
    static const int32_t numbers[] = {1, 3, 4, 5};

    for (int i = 0; i < COLUMNS; i++)
        open_array(&arrays[i], 4);
    for (size_t i = 0; i < 4; i++) {
        put_number(&arrays[0], numbers[i]);
        if (i < 2)
            put_row(&arrays[1], 2000 + numbers[i]);
        else
            put_null(&arrays[1]);
        if (i < 2)
            put_null(&arrays[2]);
        else
            put_row(&arrays[2], 2000 + numbers[i]);
    }
}

START_TEST(a_scan_has_three)
{
    hc_op_result result;
    bool gave;

    put_scan();
    ck_assert_int_eq(read_arrays(&result, COLUMNS, 4, &gave), HC_OK);
    ck_assert_uint_eq(seen_count, 3);
    ck_assert_int_eq(seen[0], 2001);
    ck_assert_int_eq(seen[1], 2003);
    ck_assert_int_eq(seen[2], -2004); /* where it ended */
    ck_assert_int_eq(result.count, 2);
    ck_assert_int_eq(result.examined, 4);
    ck_assert_int_eq(result.cut, 1);
}
END_TEST

static void expect_misread(int columns)
{
    hc_op_result result;
    bool gave;

    ck_assert_int_eq(read_arrays(&result, columns, columns > 1 ? 4 : 0, &gave), HC_ERR_INTERNAL);
    ck_assert_str_eq(err.message, "a row is not the one asked for");
}

START_TEST(what_is_no_array_is_refused)
{
    open_array(&arrays[0], 1); /* its head is cut */
    arrays[0].size -= 1;
    expect_misread(1);
    hc__buf_clear(&arrays[0]);
    open_array(&arrays[0], 1);
    arrays[0].data[3] = 2; /* two dimensions */
    expect_misread(1);
    hc__buf_clear(&arrays[0]);
    open_array(&arrays[0], 1); /* without its row */
    expect_misread(1);
    hc__buf_clear(&arrays[0]);
    open_array(&arrays[0], 1);
    put_row(&arrays[0], 7); /* longer than what is there */
    arrays[0].size -= 1;
    expect_misread(1);
    hc__buf_clear(&arrays[0]);
    open_array(&arrays[0], 1);
    put_null(&arrays[0]); /* where a row must be */
    expect_misread(1);
    ck_assert_uint_eq(seen_count, 0);
}
END_TEST

START_TEST(arrays_of_a_scan_are_of_one_length)
{
    for (int i = 0; i < COLUMNS; i++) {
        put_scan();
        open_array(&arrays[i], 0);
        memmove(arrays[i].data, arrays[i].data + arrays[i].size - 20, 20);
        expect_misread(COLUMNS);
        for (int k = 0; k < COLUMNS; k++)
            hc__buf_clear(&arrays[k]);
    }
    ck_assert_uint_eq(seen_count, 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_array_has_the_rows_in_turn);
    tcase_add_test(tcase, of_no_rows_it_is_a_null);
    tcase_add_test(tcase, a_scan_has_three);
    tcase_add_test(tcase, what_is_no_array_is_refused);
    tcase_add_test(tcase, arrays_of_a_scan_are_of_one_length);
}

int main(void)
{
    return suite_main("unit.driver_postgres.read", fill, set_up, tear_down);
}
