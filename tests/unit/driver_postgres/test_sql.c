/* The text of every construct and of the schema. */
#include "driver/postgres/postgres.h"
#include "golden.h"

static const named_op expecting[] = {
    {"insert, one", {.verb = HC_VERB_INSERT, .expect = 1, .kind = &homes, .index = -1, SETS(insert_sets)}},
    {"insert when, one",
     {.verb = HC_VERB_INSERT, .expect = 1, .kind = &homes, .index = -1, SETS(insert_sets), .where = &any_owner}},
    {"insert if absent, one", {.verb = HC_VERB_INSERT_IF_ABSENT, .expect = 1, .kind = &homes, SETS(insert_sets)}},
    {"update, one", {.verb = HC_VERB_UPDATE_WHERE, .expect = 1, .kind = &homes, SETS(update_sets), .where = &is_id}},
    {"hold, one", {.verb = HC_VERB_UPDATE_WHERE, .expect = 1, .kind = &homes, SETS(hold_sets), .where = &is_id}},
    {"remove, none", {.verb = HC_VERB_REMOVE_WHERE, .expect = 0, .kind = &homes, .where = &expired}},
    {"count, bounded",
     {.verb = HC_VERB_COUNT, .expect = -1, .kind = &homes, .where = &in_list, .filter = &roomy, .scan_limit = 9}},
};

START_TEST(the_sql_is_the_golden_one)
{
    golden(&hc__pg_dialect);
}
END_TEST

START_TEST(the_sql_of_expectations_is_the_golden_one)
{
    hc__buf out;

    hc__buf_init(&out, &mem);
    put_ops(&out, &hc__pg_dialect, expecting, COUNT(expecting));
    check_golden(&out, "postgres_expect");
    hc__buf_free(&out);
}
END_TEST

START_TEST(the_schema_is_the_golden_one)
{
    const hc_step steps[] = {{HC_STEP_CREATE_KIND, 0, &homes},  {HC_STEP_CREATE_KIND, 0, &owners},
                             {HC_STEP_ADD_FIELD, 9, &homes},    {HC_STEP_ADD_FIELD, 1, &homes},
                             {HC_STEP_CREATE_INDEX, 1, &homes}, {HC_STEP_CREATE_INDEX, 2, &homes},
                             {HC_STEP_DROP_INDEX, 0, &homes}};
    hc__buf out;

    hc__buf_init(&out, &mem);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        ck_assert_int_eq(hc__pg_ddl(&out, &steps[i], i < 2 ? 1 : 2, NULL), HC_OK);
    check_golden(&out, "postgres_schema");
    hc__buf_free(&out);
}
END_TEST

/* P02 P03: and a walk without text gives the same parameters. */
START_TEST(no_value_is_in_any_text)
{
    show_no_value(&hc__pg_dialect);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_sql_is_the_golden_one);
    tcase_add_test(tcase, the_sql_of_expectations_is_the_golden_one);
    tcase_add_test(tcase, the_schema_is_the_golden_one);
    tcase_add_test(tcase, no_value_is_in_any_text);
}

int main(void)
{
    return suite_main("unit.driver_postgres.sql", fill, set_up, NULL);
}
