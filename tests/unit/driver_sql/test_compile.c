/* The text of every construct. */
#include "driver/sqlite/sqlite.h"
#include "golden.h"

/* No engine's, but what servers will ask of the table: numbered and typed placeholders, arrays, the server's clock,
 * nulls that are high, no index hints. */
static const hc__dialect numbered = {
    .name = "numbered",
    .quote = '"',
    .placeholder = "$%n",
    .now = "(now() + %v)",
    .starts_with = "(%c >= %v AND %c < %b)",
    .contains = "strpos(%c, %v) > 0",
    .match = "%c @@ %m",
    .word_found = "%c @@ %m",
    .row_open = "ROW(",
    .row_close = ")",
    .in_array = "%c = ANY(%a)",
    .day = "%c::date",
    .absent = " ON CONFLICT DO NOTHING",
    .from_nothing = "",
    .nulls_last = " NULLS LAST",
    .nulls_high = true,
    .row_values = true,
    .no_index = "",
    .arrival = "pk",
    .id_before = "",
    .id_after = "_id",
};

/* Backticks, no NULLS LAST, no row values that an index answers. */
static const hc__dialect backticks = {
    .name = "backticks",
    .quote = '`',
    .placeholder = "?",
    .now = "(now(6) + INTERVAL %v MICROSECOND)",
    .starts_with = "(%c >= %v AND %c < %b)",
    .contains = "locate(%v, %c) > 0",
    .match = "MATCH(%c) AGAINST(%m IN BOOLEAN MODE)",
    .word_found = "MATCH(%c) AGAINST(%m IN BOOLEAN MODE)",
    .row_open = "",
    .row_close = "",
    .day = "datediff(%c, '1970-01-01')",
    .absent = " ON DUPLICATE KEY UPDATE `id` = `id`",
    .from_nothing = "",
    .index_hint = " FORCE INDEX (%i)",
    .hints_anywhere = true,
    .id_before = "",
    .id_after = "_id",
    .no_index = "",
    .arrival = "pk",
};

START_TEST(the_sql_of_sqlite_is_the_golden_one)
{
    golden(&hc__sqlite_dialect);
}
END_TEST

START_TEST(the_table_has_room_for_servers)
{
    golden(&numbered);
    golden(&backticks);
}
END_TEST

START_TEST(the_schema_of_sqlite_is_the_golden_one)
{
    const hc_step steps[] = {{HC_STEP_CREATE_KIND, 0, &homes},  {HC_STEP_CREATE_KIND, 0, &owners},
                             {HC_STEP_ADD_FIELD, 9, &homes},    {HC_STEP_ADD_FIELD, 1, &homes},
                             {HC_STEP_CREATE_INDEX, 1, &homes}, {HC_STEP_DROP_INDEX, 0, &homes}};
    hc__buf out;

    hc__buf_init(&out, &mem);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        ck_assert_int_eq(hc__sqlite_ddl(&out, &steps[i], i < 2 ? 1 : 2, NULL), HC_OK);
    check_golden(&out, "sqlite_schema");
    hc__buf_free(&out);
}
END_TEST

/* P02 P03 */
START_TEST(no_value_is_in_any_text)
{
    const hc__dialect *dialects[] = {&hc__sqlite_dialect, &numbered, &backticks};
    hc__sql sql;

    for (size_t d = 0; d < 3; d++) {
        for (size_t i = 0; i < named_op_count; i++) {
            ck_assert_int_eq(compile(&sql, dialects[d], &named_ops[i].op, true), HC_OK);
            ck_assert_ptr_null(strstr(sql.text.data, "DROP"));
            ck_assert_ptr_null(strstr(sql.text.data, "austin"));
            ck_assert_ptr_null(strstr(sql.text.data, "zq"));
            hc__sql_free(&sql);
        }
    }
}
END_TEST

static bool same_params(const hc__sql *a, const hc__sql *b)
{
    if (a->param_count != b->param_count)
        return false;
    for (size_t i = 0; i < a->param_count; i++) {
        const hc__param *p = &a->params[i], *q = &b->params[i];

        if (p->value != q->value || p->field != q->field || p->use != q->use || p->count != q->count ||
            p->number != q->number)
            return false;
    }
    return true;
}

START_TEST(a_walk_without_text_gives_the_same_parameters)
{
    const hc__dialect *dialects[] = {&hc__sqlite_dialect, &numbered, &backticks};
    hc__sql with, without;

    for (size_t d = 0; d < 3; d++) {
        for (size_t i = 0; i < named_op_count; i++) {
            ck_assert_int_eq(compile(&with, dialects[d], &named_ops[i].op, true), HC_OK);
            ck_assert_int_eq(compile(&without, dialects[d], &named_ops[i].op, false), HC_OK);
            ck_assert_msg(same_params(&with, &without), "%s", named_ops[i].name);
            ck_assert_uint_eq(without.text.size, 0);
            hc__sql_free(&with);
            hc__sql_free(&without);
        }
    }
}
END_TEST

START_TEST(keys_are_equal_just_when_texts_are)
{
    for (size_t i = 0; i < named_op_count; i++) {
        for (size_t k = 0; k < named_op_count; k++) {
            hc__sql a, b;
            hc__buf key_a, key_b;
            bool same_key, same_text;

            hc__buf_init(&key_a, &mem);
            hc__buf_init(&key_b, &mem);
            hc__sql_key(&key_a, &named_ops[i].op);
            hc__sql_key(&key_b, &named_ops[k].op);
            ck_assert_int_eq(compile(&a, &numbered, &named_ops[i].op, true), HC_OK);
            ck_assert_int_eq(compile(&b, &numbered, &named_ops[k].op, true), HC_OK);
            same_key = key_a.size == key_b.size && memcmp(key_a.data, key_b.data, key_a.size) == 0;
            same_text = strcmp(a.text.data, b.text.data) == 0;
            /* An index hint has a key of its own also where the dialect says nothing of it. */
            ck_assert_msg(!same_key || same_text, "%s, %s", named_ops[i].name, named_ops[k].name);
            ck_assert(same_key == (i == k) || same_text);
            hc__sql_free(&a);
            hc__sql_free(&b);
            hc__buf_free(&key_a);
            hc__buf_free(&key_b);
        }
    }
}
END_TEST

static bool same_key_and_text(const hc_op *x, const hc_op *y, const hc__dialect *dialect)
{
    hc__buf key[2];
    hc__sql sql[2];
    const hc_op *ops[2] = {x, y};
    bool same_key, same_text;

    for (int i = 0; i < 2; i++) {
        hc__buf_init(&key[i], &mem);
        hc__sql_key(&key[i], ops[i]);
        ck_assert_int_eq(compile(&sql[i], dialect, ops[i], true), HC_OK);
    }
    same_key = key[0].size == key[1].size && memcmp(key[0].data, key[1].data, key[0].size) == 0;
    same_text = strcmp(sql[0].text.data, sql[1].text.data) == 0;
    for (int i = 0; i < 2; i++) {
        hc__buf_free(&key[i]);
        hc__sql_free(&sql[i]);
    }
    ck_assert(same_key == same_text);
    return same_key;
}

START_TEST(values_change_the_key_only_where_they_change_the_text)
{
    const hc_value other_beds[] = {{HC_TYPE_INT32, 0, {8}}, {HC_TYPE_INT32, 0, {9}}};
    const hc_value empty = {HC_TYPE_TEXT, 0, {0}};
    const hc_value clock = {HC_TYPE_NOW, 0, {1}}, instant = {HC_TYPE_TIME, 0, {1}};
    hc_predicate list = {.test = HC_TEST_IN, .field = BEDS, .values = five, .value_count = 5};
    hc_predicate longer = {.test = HC_TEST_IN, .field = BEDS, .values = five, .value_count = 3};
    hc_predicate shorter = {.test = HC_TEST_IN, .field = BEDS, .values = other_beds, .value_count = 2};
    hc_predicate prefix = {.test = HC_TEST_STARTS_WITH, .field = TITLE, .values = &creek, .value_count = 1};
    hc_predicate all = {.test = HC_TEST_STARTS_WITH, .field = TITLE, .values = &empty, .value_count = 1};
    hc_predicate by_clock = {.test = HC_TEST_LT, .field = LISTED_AT, .values = &clock, .value_count = 1};
    hc_predicate by_time = {.test = HC_TEST_LT, .field = LISTED_AT, .values = &instant, .value_count = 1};
    hc_op x = WHERE(list), y = WHERE(longer);

    ck_assert(!same_key_and_text(&x, &y, &hc__sqlite_dialect)); /* 8 and 4 */
    list.value_count = 4;
    ck_assert(same_key_and_text(&x, &y, &hc__sqlite_dialect));
    y.where = &shorter;
    ck_assert(!same_key_and_text(&x, &y, &hc__sqlite_dialect));
    x.where = &prefix;
    y.where = &all;
    ck_assert(!same_key_and_text(&x, &y, &hc__sqlite_dialect));
    x.where = &by_clock;
    y.where = &by_time;
    ck_assert(!same_key_and_text(&x, &y, &numbered));
}
END_TEST

START_TEST(broken_operations_are_refused)
{
    const hc_value wrong = {HC_TYPE_INT64, 0, {1}};
    hc_predicate p = {.test = HC_TEST_EQ, .field = TITLE, .values = &wrong, .value_count = 1};
    hc_predicate deep[80];
    const hc_predicate *chain[80];
    hc_op op = WHERE(p);
    hc__sql sql;

#define REFUSED()                                                                                                      \
    do {                                                                                                               \
        ck_assert_int_eq(compile(&sql, &hc__sqlite_dialect, &op, true), HC_ERR_MISUSE);                                \
        hc__sql_free(&sql);                                                                                            \
    } while (0)
    REFUSED(); /* another type */
    p.value_count = 0;
    REFUSED();
    p = (hc_predicate){.test = HC_TEST_IS_NULL, .field = 99};
    REFUSED();
    p = (hc_predicate){.test = 99, .field = TITLE, .values = &wrong, .value_count = 1};
    REFUSED();
    p = (hc_predicate){.test = HC_TEST_CONTAINS, .field = BEDS, .values = five, .value_count = 1};
    REFUSED();
    p = (hc_predicate){.test = HC_TEST_MATCH, .field = TITLE, .values = two_words, .value_count = 1};
    REFUSED();
    p = (hc_predicate){.test = HC_TEST_MATCH, .field = WORDS, .inner = 99, .values = two_words, .value_count = 1};
    REFUSED();
    p = (hc_predicate){.test = HC_TEST_EXISTS};
    REFUSED();
    for (int i = 0; i < 80; i++) {
        chain[i] = &deep[i];
        deep[i] = (hc_predicate){.test = HC_TEST_AND, .children = i < 79 ? &chain[i + 1] : NULL, .child_count = i < 79};
    }
    chain[0] = &deep[0];
    for (int i = 0; i < 79; i++)
        chain[i + 1] = &deep[i + 1];
    op.where = &deep[0];
    REFUSED();
    op.where = NULL;
    op.seek = at_price;
    REFUSED(); /* a seek without an order */
    op.seek = NULL;
    op.order = by_mixed;
    op.order_count = 7;
    REFUSED();
    op.order_count = 0;
    op.index = COUNT(home_indexes);
    REFUSED();
    op.index = HC_INDEX_ANY;
    op.kind = NULL;
    REFUSED();
#undef REFUSED
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_sql_of_sqlite_is_the_golden_one);
    tcase_add_test(tcase, the_table_has_room_for_servers);
    tcase_add_test(tcase, the_schema_of_sqlite_is_the_golden_one);
    tcase_add_test(tcase, no_value_is_in_any_text);
    tcase_add_test(tcase, a_walk_without_text_gives_the_same_parameters);
    tcase_add_test(tcase, keys_are_equal_just_when_texts_are);
    tcase_add_test(tcase, values_change_the_key_only_where_they_change_the_text);
    tcase_add_test(tcase, broken_operations_are_refused);
}

int main(void)
{
    return suite_main("unit.driver_sql.compile", fill, set_up, NULL);
}
