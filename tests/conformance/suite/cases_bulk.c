/* Long runs of inserts in one batch, which an engine may take in bulk: nothing of it may show but the time. */
#include <stdio.h>

#include "harness.h"

#define ROWS  200 /* of items */
#define AGAIN 1000

/* One item in two has a field that the other lacks, so that no two neighbours have one shape. */
static hc_op full_item(test *t, uint32_t n, uint32_t value)
{
    static const int64_t ends[] = {0, 1, -1, INT32_MAX, INT32_MIN};
    const unsigned char raw[] = {0, 1, 0xff, '\'', '\\', '\t', '\n', (unsigned char)value};
    hc_op op = insert_item(t, n);
    char words[80];

    set(t, &op, ITEM_CODE, bytes(t, HC_TYPE_KEY, "a\tb\\N\n\"c\" ,;", value % 13));
    set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, ends[value % 5] * 3000000000));
    set(t, &op, ITEM_RANK, number(HC_TYPE_INT32, (int64_t)value * 7 % 1000 - 500));
    set(t, &op, ITEM_STATE, number(HC_TYPE_ENUM, 1 + value % 3));
    if (value % 2 == 0)
        set(t, &op, ITEM_FLAG, number(HC_TYPE_BOOL, value % 4 == 0));
    if (value % 3 != 0)
        set(t, &op, ITEM_SMALL, number(HC_TYPE_INT32, ends[value % 5]));
    if (value % 5 != 1)
        set(t, &op, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, (int64_t)value * value * value * 12345 - 400000000));
    if (value % 4 != 2)
        set(t, &op, ITEM_AT, number(HC_TYPE_TIME, (int64_t)value * 86400999999 * (value % 2 == 0 ? 1 : -1)));
    if (value % 4 != 3)
        set(t, &op, ITEM_DAY, number(HC_TYPE_DATE, (int64_t)value * 211 - 20000));
    if (value % 7 != 0)
        set(t, &op, ITEM_TITLE,
            text(HC_TYPE_TEXT, value % 2 == 0 ? "" : "Haus \xc3\xbc\xf0\x9f\x8f\xa0 \\N 'q'\t\"d\"\r\n"));
    if (value % 6 != 0)
        set(t, &op, ITEM_HASH, bytes(t, HC_TYPE_BYTES, raw, value % 9));
    if (value % 6 != 1)
        set(t, &op, ITEM_EXTRA, text(HC_TYPE_JSON, value % 2 == 0 ? "{\"a\":[1,2.5,null,\"x\\n\"]}" : "[]"));
    if (value % 6 != 2)
        set(t, &op, ITEM_OWNER, id_value(t, value));
    snprintf(words, sizeof(words), "zqtown zqb%u zqall zqb%u zqa zqall", (unsigned)value % 8, (unsigned)value % 3);
    if (value % 6 != 3)
        set(t, &op, ITEM_WORDS, bytes(t, HC_TYPE_TOKENS, words, strlen(words)));
    if (value % 6 == 4)
        set(t, &op, ITEM_WORDS_OPEN, text(HC_TYPE_TOKENS, ""));
    return op;
}

/* Items with an owner behind each second one. */
static size_t long_run(test *t, hc_op **out, uint32_t first)
{
    hc_op *ops = take(t, (ROWS + ROWS / 2) * sizeof(*ops));
    size_t count = 0;

    *out = ops;
    for (uint32_t i = 0; ops != NULL && i < ROWS; i++) {
        ops[count++] = full_item(t, first + i, i);
        if (i % 2 == 0)
            ops[count++] = insert_owner(t, first + i, "Ana", (int)i, i % 4 == 0);
        if (i % 2 == 0 && i % 3 == 0)
            set(t, &ops[count - 1], OWNER_LEVEL, null_value());
    }
    return count;
}

static int64_t with_word(test *t, const char *word)
{
    hc_value one = text(HC_TYPE_TOKENS, word);

    return count_items(t, match_list(t, ITEM_WORDS, ITEM_WORDS, &one, 1));
}

static void a_long_run_comes_back_as_one_by_one(test *t)
{
    hc_op *together, *alone, read = query(t, &items, NULL);
    size_t count = long_run(t, &together, 1);
    int64_t all = 0, sevens = 0;

    for (int i = 0; i < ROWS; i++) {
        all += i % 6 != 3;
        sevens += i % 6 != 3 && i % 8 == 7;
    }
    CHECK(together != NULL);
    CHECK_OK(run_transaction(t, together, count));
    for (size_t i = 0; i < count; i++)
        CHECK(together[i].result->count == 1);
    CHECK(with_word(t, "zqall") == all && with_word(t, "zqb7") == sevens && with_word(t, "zqa*") == all);
    CHECK(long_run(t, &alone, AGAIN) == count && alone != NULL);
    for (size_t i = 0; i < count; i++)
        CHECK_OK(run_one(t, alone[i]));
    CHECK(with_word(t, "zqall") == 2 * all && with_word(t, "zqb7") == 2 * sevens && with_word(t, "zqa*") == 2 * all);
    CHECK_OK(run_one(t, read));
    CHECK(t->row_count == 2 * ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const hc_value *a = t->rows[i].values, *b = t->rows[ROWS + i].values;

        CHECK(is_id(&a[0], (uint32_t)(1 + i)) && is_id(&b[0], (uint32_t)(AGAIN + i)));
        for (size_t k = 1; k < read.field_count; k++)
            CHECK(same_value(&a[k], &b[k]));
    }
    read = query(t, &owners, leaf(t, HC_TEST_IS_NULL, OWNER_LEVEL, null_value()));
    CHECK_OK(run_one(t, read));
    CHECK(t->row_count == 2 * ((ROWS + 5) / 6));
}

static void a_long_run_keeps_the_order_of_arrival(test *t)
{
    hc_op *ops, read = query(t, &items, NULL);
    size_t count = long_run(t, &ops, 1);

    CHECK(ops != NULL);
    for (size_t i = 0; i < count / 2; i++) { /* ids fall */
        hc_op kept = ops[i];

        ops[i] = ops[count - 1 - i];
        ops[count - 1 - i] = kept;
    }
    CHECK_OK(run_transaction(t, ops, count));
    read.order = &(const hc_order){HC_ORDER_ARRIVAL, 0};
    read.order_count = 1;
    CHECK_OK(run_one(t, read));
    CHECK(t->row_count == ROWS);
    for (uint32_t i = 0; i < ROWS; i++)
        CHECK(is_id(&t->rows[i].values[0], ROWS - i));
}

/* The operation of item i in a long run. */
static size_t item_at(uint32_t i)
{
    return i + (i + 1) / 2;
}

static void a_fault_in_a_long_run_names_its_operation(test *t)
{
    hc_op *ops;
    size_t count = long_run(t, &ops, 1), at = item_at(151);

    CHECK(ops != NULL && ops[at].kind == &items);
    for (uint32_t i = 40; i <= 151; i += 111) {
        set(t, &ops[item_at(i)], ITEM_SOURCE, text(HC_TYPE_KEY, "king"));
        set(t, &ops[item_at(i)], ITEM_SOURCE_NO, number(HC_TYPE_INT32, 9));
    }
    CHECK(run_transaction(t, ops, count) == HC_ERR_CONFLICT);
    CHECK(t->batch.fault == HC_FAULT_UNIQUE && t->batch.fault_index == BY_SOURCE && t->batch.failed_op == at);
    CHECK(count_items(t, NULL) == 0);
    set(t, &ops[at], ITEM_SOURCE, null_value());
    set(t, &ops[at], ITEM_ID, id_value(t, 7)); /* of item 6 */
    CHECK(run_transaction(t, ops, count) == HC_ERR_CONFLICT);
    CHECK(t->batch.fault == HC_FAULT_UNIQUE && t->batch.fault_index == HC_INDEX_ID && t->batch.failed_op == at);
    CHECK(count_items(t, NULL) == 0);
    set(t, &ops[at], ITEM_ID, id_value(t, 152));
    CHECK_OK(run_transaction(t, ops, count));
    CHECK(count_items(t, NULL) == ROWS);
}

static void a_value_beyond_its_rule_in_a_long_run_is_named(test *t)
{
    hc_op *ops;
    size_t count = long_run(t, &ops, 1), at = item_at(99);

    CHECK(ops != NULL);
    set(t, &ops[at], ITEM_RANK, number(HC_TYPE_INT32, 1000001));
    CHECK(run_transaction(t, ops, count) == HC_ERR_INVALID);
    CHECK(strcmp(t->err.field, "order") == 0 && t->batch.failed_op == at && count_items(t, NULL) == 0);
    set(t, &ops[at], ITEM_RANK, number(HC_TYPE_INT32, 5));
    set(t, &ops[at], ITEM_BIG, null_value());
    CHECK(run_transaction(t, ops, count) == HC_ERR_INVALID);
    CHECK(strcmp(t->err.field, "big") == 0 && t->batch.failed_op == at && count_items(t, NULL) == 0);
    set(t, &ops[at], ITEM_BIG, number(HC_TYPE_INT64, 5));
    CHECK_OK(run_transaction(t, ops, count));
}

/* `state` and `order` have defaults: of all rows, and of each third. */
static void defaults_are_kept_in_a_long_run(test *t)
{
    hc_op ops[2 * ROWS];

    for (uint32_t i = 0; i < 2 * ROWS; i++) {
        ops[i] = insert_item(t, i + 1);
        ops[i].set_count -= i >= ROWS && i % 3 != 0 ? 0 : 1; /* ITEM_RANK is its last */
    }
    CHECK_OK(run_transaction(t, ops, ROWS));
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_RANK, number(HC_TYPE_INT32, 0))) == ROWS);
    CHECK_OK(run_transaction(t, ops + ROWS, ROWS));
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_RANK, number(HC_TYPE_INT32, 0))) == ROWS + 67);
}

/* What stands before, between and behind two long runs is done in its place. */
static void other_operations_keep_their_place(test *t)
{
    hc_op *ops = take(t, (2 * ROWS + 3) * sizeof(*ops)), change;
    size_t count = 0;

    CHECK(ops != NULL);
    change = update(&items, NULL, ROWS);
    set(t, &change, ITEM_STATE, number(HC_TYPE_ENUM, CLOSED));
    ops[count++] = insert_owner(t, 1, "Ana", 1, true);
    for (uint32_t i = 0; i < ROWS; i++)
        ops[count++] = insert_item(t, 1 + i);
    ops[count++] = change;
    for (uint32_t i = 0; i < ROWS; i++)
        ops[count++] = insert_item(t, AGAIN + i);
    ops[count] = removal(&items, leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, OPEN)), ROWS);
    CHECK_OK(run_transaction(t, ops, count + 1));
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, CLOSED))) == ROWS);
    CHECK(count_items(t, NULL) == ROWS);
    ops[count].expect = 1; /* one more */
    ops[count].result = NULL;
    CHECK(run_transaction(t, ops, count + 1) < 0);
    CHECK(count_items(t, NULL) == ROWS);
}

/* Items alone. At fault, the last one has what the first one has. */
static hc_op *run_of_items(test *t, uint32_t first, bool at_fault)
{
    hc_op *ops = take(t, ROWS * sizeof(*ops));

    for (uint32_t i = 0; ops != NULL && i < ROWS; i++)
        ops[i] = insert_item(t, first + i);
    for (size_t i = 0; ops != NULL && at_fault && i < ROWS; i += ROWS - 1) {
        set(t, &ops[i], ITEM_SOURCE, text(HC_TYPE_KEY, "king"));
        set(t, &ops[i], ITEM_SOURCE_NO, number(HC_TYPE_INT32, 9));
    }
    return ops;
}

static void what_goes_ahead_is_written(test *t)
{
    hc_op *first = run_of_items(t, 1, false), *second = run_of_items(t, AGAIN, false);
    int64_t count = 0;

    CHECK(first != NULL && second != NULL);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN | HC_BATCH_AHEAD, first, ROWS));
    CHECK(t->batch.failed_op == ROWS);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_AHEAD, second, ROWS));
    CHECK_OK(count_on(t, t->connections[0], 0, &count));
    CHECK(count == 2 * ROWS);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_ROLLBACK, NULL, 0));
    CHECK(count_items(t, NULL) == 0);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN | HC_BATCH_AHEAD, first, ROWS));
    CHECK_OK(run(t, t->connections[0], HC_BATCH_COMMIT | HC_BATCH_AHEAD, second, ROWS));
    CHECK(count_items(t, NULL) == 2 * ROWS);
}

/* By its own batch or by the next one, and then nothing of the transaction is left. */
static void a_fault_ahead_is_told(test *t)
{
    hc_op *bad = run_of_items(t, 1, true), other = insert_item(t, AGAIN);
    hc_status status;

    CHECK(bad != NULL);
    for (size_t more = 0; more < 2; more++) {
        status = run(t, t->connections[0], HC_BATCH_BEGIN | HC_BATCH_AHEAD, bad, ROWS);
        CHECK(status == HC_OK || t->batch.failed_op == ROWS - 1);
        if (status == HC_OK) {
            status = run(t, t->connections[0], HC_BATCH_COMMIT, &other, more);
            CHECK(t->batch.failed_op == more);
        }
        CHECK(status == HC_ERR_CONFLICT && not_written(t));
        CHECK(t->batch.fault == HC_FAULT_UNIQUE && t->batch.fault_index == BY_SOURCE);
        CHECK(count_items(t, NULL) == 0);
    }
    status = run(t, t->connections[0], HC_BATCH_BEGIN | HC_BATCH_AHEAD, bad, ROWS);
    if (status == HC_OK)
        (void)run(t, t->connections[0], HC_BATCH_ROLLBACK, NULL, 0);
    CHECK_OK(run_transaction(t, &other, 1));
    CHECK(count_items(t, NULL) == 1);
}

const test_case bulk_cases[] = {
    {"a_long_run_comes_back_as_one_by_one", a_long_run_comes_back_as_one_by_one, PLAIN},
    {"a_long_run_keeps_the_order_of_arrival", a_long_run_keeps_the_order_of_arrival, PLAIN},
    {"a_fault_in_a_long_run_names_its_operation", a_fault_in_a_long_run_names_its_operation, PLAIN},
    {"a_value_beyond_its_rule_in_a_long_run_is_named", a_value_beyond_its_rule_in_a_long_run_is_named, PLAIN},
    {"defaults_are_kept_in_a_long_run", defaults_are_kept_in_a_long_run, PLAIN},
    {"what_goes_ahead_is_written", what_goes_ahead_is_written, PLAIN},
    {"a_fault_ahead_is_told", a_fault_ahead_is_told, PLAIN},
    {"other_operations_keep_their_place", other_operations_keep_their_place, PLAIN},
    {NULL, NULL, PLAIN},
};
