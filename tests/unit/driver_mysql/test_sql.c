/* The text of every construct and of the schema, of MariaDB and of MySQL. */
#include "driver/mysql/mysql.h"
#include "golden.h"

static const named_op bounded[] = {
    {"bounded scan of one order, limited",
     {.verb = HC_VERB_QUERY,
      .expect = -1,
      .kind = &homes,
      .where = &in_list,
      .filter = &roomy,
      .fields = id_only,
      .field_count = 1,
      ORDER(by_price),
      .index = 0,
      .limit = 20,
      .scan_limit = 9}},
    {"bounded scan of one order without a filter, limited",
     {.verb = HC_VERB_QUERY,
      .expect = -1,
      .kind = &homes,
      .where = &in_list,
      .fields = id_only,
      .field_count = 1,
      ORDER(by_price),
      .index = 0,
      .limit = 20,
      .scan_limit = 9}},
};

static const named_op counted = {
    "count, bounded",
    {.verb = HC_VERB_COUNT, .expect = -1, .kind = &homes, .where = &in_list, .filter = &roomy, .scan_limit = 9}};

static const named_op named_row = {"two of rows named by their ids, in one statement",
                                   {.verb = HC_VERB_QUERY,
                                    .expect = -1,
                                    .kind = &homes,
                                    .where = &is_id,
                                    .fields = id_only,
                                    .field_count = 1,
                                    .index = HC_INDEX_ID}};

START_TEST(the_sql_is_the_golden_one)
{
    hc__sql sql;
    hc__buf out;

    hc__buf_init(&out, &mem);
    put_all(&out, &hc__my_mariadb.dialect);
    put_ops(&out, &hc__my_mariadb.dialect, bounded, COUNT(bounded));
    hc__sql_init(&sql, &mem, true);
    ck_assert_int_eq(hc__sql_compile(&sql, &hc__my_mariadb.dialect, &counted.op, HC__SCAN_WINDOW, NULL), HC_OK);
    hc__buf_format(&out, "-- %s\n%s;\n", counted.name, sql.text.data);
    ck_assert_int_eq(hc__sql_compile(&sql, &hc__my_mariadb.dialect, &named_row.op, HC__SCAN_FLAG, NULL), HC_OK);
    ck_assert(hc__my_repeat_query(&sql.text, 2));
    hc__buf_format(&out, "\n-- %s\n%s;\n", named_row.name, sql.text.data);
    hc__sql_free(&sql);
    check_golden(&out, "mysql");
    hc__buf_free(&out);
}
END_TEST

static const hc_step steps[] = {{HC_STEP_CREATE_KIND, 0, &homes},  {HC_STEP_CREATE_KIND, 0, &owners},
                                {HC_STEP_ADD_FIELD, 9, &homes},    {HC_STEP_ADD_FIELD, 1, &homes},
                                {HC_STEP_CREATE_INDEX, 1, &homes}, {HC_STEP_CREATE_INDEX, 2, &homes},
                                {HC_STEP_DROP_INDEX, 0, &homes}};

static void put_schema(hc__buf *out, const hc__my_flavor *flavor)
{
    for (size_t i = 0; i < COUNT(steps); i++) {
        for (int part = 0; part < HC__MY_PARTS; part++) {
            size_t before = out->size;

            ck_assert_int_eq(hc__my_ddl(out, flavor, &steps[i], i < 2 ? 1 : 2, part, NULL), HC_OK);
            hc__buf_text(out, out->size > before ? ";\n" : "");
        }
    }
}

START_TEST(the_schema_is_the_golden_one)
{
    hc__buf out;

    hc__buf_init(&out, &mem);
    put_schema(&out, &hc__my_mariadb);
    check_golden(&out, "mysql_schema");
    hc__buf_free(&out);
}
END_TEST

/* Where MySQL differs: the collation, and rows of VALUES where MariaDB takes arrays. The rest is the same text. */
START_TEST(the_text_for_mysql_is_the_golden_one)
{
    static const hc_op insert = {.verb = HC_VERB_INSERT, .expect = 1, .kind = &homes, .index = -1, SETS(insert_sets)};
    hc__buf out, same;
    hc__sql sql;

    hc__buf_init(&out, &mem);
    hc__buf_init(&same, &mem);
    put_all(&out, &hc__my_mariadb.dialect);
    put_all(&same, &hc__my_mysql8.dialect);
    ck_assert_str_eq(out.data, same.data);
    ck_assert(hc__my_mariadb.arrays && !hc__my_mysql8.arrays);
    hc__buf_clear(&out);
    hc__sql_init(&sql, &mem, true);
    ck_assert_int_eq(hc__sql_compile(&sql, &hc__my_mysql8.dialect, &insert, HC__SCAN_FLAG, NULL), HC_OK);
    ck_assert(hc__my_repeat_values(&sql.text, 4));
    hc__buf_format(&out, "-- four inserts\n%s;\n\n", sql.text.data);
    put_schema(&out, &hc__my_mysql8);
    check_golden(&out, "mysql8");
    hc__sql_free(&sql);
    hc__buf_free(&same);
    hc__buf_free(&out);
}
END_TEST

/* P02 P03: and a walk without text gives the same parameters. */
START_TEST(no_value_is_in_any_text)
{
    show_no_value(&hc__my_mariadb.dialect);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_sql_is_the_golden_one);
    tcase_add_test(tcase, the_schema_is_the_golden_one);
    tcase_add_test(tcase, the_text_for_mysql_is_the_golden_one);
    tcase_add_test(tcase, no_value_is_in_any_text);
}

int main(void)
{
    return suite_main("unit.driver_mysql.sql", fill, set_up, NULL);
}
