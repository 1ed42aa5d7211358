/* Inserts, updates, removals, expectations, faults. */
#include "harness.h"

#define ID(n) leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, n))

static void every_type_comes_back_as_it_went(test *t)
{
    hc_op op = insert_item(t, 1);
    const unsigned char raw[] = {0, 1, 0xff, '\'', 0x80};
    hc_op read;

    set(t, &op, ITEM_FLAG, number(HC_TYPE_BOOL, 1));
    set(t, &op, ITEM_SMALL, number(HC_TYPE_INT32, INT32_MIN));
    set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, INT64_MIN));
    set(t, &op, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, -99999999999999));
    set(t, &op, ITEM_AT, moment(t, -1));
    set(t, &op, ITEM_DAY, number(HC_TYPE_DATE, -719162));
    set(t, &op, ITEM_TITLE, text(HC_TYPE_TEXT, "Haus \xc3\xbc\xe2\x82\xac\xf0\x9f\x8f\xa0 'q' \"d\" \\ %_"));
    set(t, &op, ITEM_HASH, bytes(t, HC_TYPE_BYTES, raw, sizeof(raw)));
    set(t, &op, ITEM_EXTRA, text(HC_TYPE_JSON, "{\"a\":[1,2.5,null,\"x\"]}"));
    set(t, &op, ITEM_OWNER, id_value(t, 7));
    set(t, &op, ITEM_SOURCE, text(HC_TYPE_KEY, ""));
    CHECK_OK(run_one(t, op));
    CHECK(op.set_count == 15 && t->batch.ops[0].result->count == 1);
    read = query(t, t->kind, NULL);
    CHECK_OK(run_one(t, read));
    CHECK(t->row_count == 1 && t->rows[0].count == read.field_count);
    for (size_t i = 0; i < read.field_count; i++) {
        hc_value expected = null_value();

        for (size_t s = 0; s < op.set_count; s++) {
            if (op.sets[s].field == read.fields[i])
                expected = op.sets[s].value;
        }
        CHECK(same_value(&t->rows[0].values[i], &expected));
    }
}

static void numbers_keep_the_ends_of_their_range(test *t)
{
    static const int64_t ends[] = {INT64_MAX, INT64_MAX - 1, 0, -1, INT64_MIN + 1};
    hc_op op;

    for (uint32_t i = 0; i < 5; i++) {
        op = insert_item(t, i);
        set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, ends[i]));
        set(t, &op, ITEM_AT, moment(t, ends[i] / 1000000 * 1000000 / 100000));
        set(t, &op, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, i % 2 == 0 ? 99999999999999 - i : -99999999999999 + i));
        CHECK_OK(run_one(t, op));
    }
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, INT64_MAX))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_GT, ITEM_BIG, number(HC_TYPE_INT64, INT64_MAX - 1))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_GE, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, 99999999999999))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_LT, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, -99999999999997))) == 1);
}

static void a_taken_key_is_a_unique_fault(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK_OK(run_one(t, op));
    CHECK(run_one(t, op) == HC_ERR_CONFLICT);
    CHECK(t->batch.fault == HC_FAULT_UNIQUE && t->batch.fault_index == HC_INDEX_ID && t->batch.failed_op == 0);
    CHECK(count_items(t, NULL) == 1);
}

static void a_taken_unique_index_is_named(test *t)
{
    hc_op ops[2] = {insert_item(t, 1), insert_item(t, 2)};

    for (int i = 0; i < 2; i++) {
        set(t, &ops[i], ITEM_SOURCE, text(HC_TYPE_KEY, "king"));
        set(t, &ops[i], ITEM_SOURCE_NO, number(HC_TYPE_INT32, 9));
    }
    CHECK(run_transaction(t, ops, 2) == HC_ERR_CONFLICT);
    CHECK(t->batch.fault == HC_FAULT_UNIQUE && t->batch.fault_index == BY_SOURCE && t->batch.failed_op == 1);
    CHECK(count_items(t, NULL) == 0);
    /* null is equal to nothing */
    set(t, &ops[0], ITEM_SOURCE_NO, null_value());
    set(t, &ops[1], ITEM_SOURCE_NO, null_value());
    CHECK_OK(run_transaction(t, ops, 2));
    CHECK(count_items(t, NULL) == 2);
}

static void insert_if_absent_tells_whether(test *t)
{
    hc_op op = insert_item(t, 1);

    op.verb = HC_VERB_INSERT_IF_ABSENT;
    set(t, &op, ITEM_WORDS, text(t->kind->fields[ITEM_WORDS].type, "zqa"));
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 1);
    op.result = NULL;
    set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, 77));
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 0 && t->batch.fault == HC_FAULT_NONE);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, 77))) == 0);
    /* with an expectation it is one */
    op.expect = 1;
    op.result = NULL;
    CHECK(run_one(t, op) == HC_ERR_CONFLICT && t->batch.fault == HC_FAULT_EXPECT);
}

static void a_predicate_decides_about_an_insert(test *t)
{
    hc_op op = insert_item(t, 1);
    const hc_predicate *active = leaf(t, HC_TEST_EQ, OWNER_ACTIVE, number(HC_TYPE_BOOL, 1));

    CHECK_OK(run_one(t, insert_owner(t, 5, "Ana", 1, false)));
    op.where = exists(t, &owners, ITEM_ID, HC_NO_FIELD, active);
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 0);
    op.expect = 1;
    op.result = NULL;
    CHECK(run_one(t, op) == HC_ERR_CONFLICT && t->batch.fault == HC_FAULT_EXPECT);
    CHECK_OK(run_one(t, insert_owner(t, 6, "Ben", 1, true)));
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, NULL) == 1);
    op = insert_item(t, 2);
    op.where = constant(t, false);
    CHECK_OK(run_one(t, op));
    op = insert_item(t, 3);
    op.where = constant(t, true);
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, NULL) == 2);
}

static void the_row_of_an_insert_may_be_asked_for(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK_OK(run_one(t, insert_owner(t, 5, "Ana", 1, true)));
    set(t, &op, ITEM_OWNER, id_value(t, 6));
    op.where = exists(t, &owners, ITEM_OWNER, OWNER_ID, constant(t, true));
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 0);
    set(t, &op, ITEM_OWNER, id_value(t, 5));
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 1);
}

static void updates_set_and_add(test *t)
{
    hc_op op;

    for (uint32_t i = 1; i <= 3; i++)
        CHECK_OK(run_one(t, insert_item(t, i)));
    op = update(t->kind, leaf(t, HC_TEST_GE, ITEM_RANK, number(HC_TYPE_INT32, 2)), 2);
    add(t, &op, ITEM_BIG, number(HC_TYPE_INT64, 100));
    add(t, &op, ITEM_SMALL, number(HC_TYPE_INT32, 5)); /* null stays null */
    set(t, &op, ITEM_TITLE, text(HC_TYPE_TEXT, "changed"));
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 2);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, 103))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_TITLE, text(HC_TYPE_TEXT, "changed"))) == 2);
    CHECK(count_items(t, null_test(t, HC_TEST_IS_NULL, ITEM_SMALL)) == 3);
    op = update(t->kind, ID(1), 1);
    set(t, &op, ITEM_TITLE, null_value());
    CHECK_OK(run_one(t, op)); /* a row that changes nothing was still found */
    CHECK(count_items(t, null_test(t, HC_TEST_IS_NULL, ITEM_TITLE)) == 1);
}

static void who_adds_nothing_finds_the_rows_all_the_same(test *t)
{
    hc_op op;

    for (uint32_t i = 1; i <= 3; i++)
        CHECK_OK(run_one(t, insert_item(t, i)));
    op = update(t->kind, leaf(t, HC_TEST_GE, ITEM_RANK, number(HC_TYPE_INT32, 2)), HC_EXPECT_ANY);
    add(t, &op, ITEM_BIG, number(HC_TYPE_INT64, 0));
    for (int i = 0; i < 2; i++, op.expect = 2, op.result = NULL) {
        CHECK_OK(run_one(t, op));
        CHECK(t->batch.ops[0].result->count == 2);
    }
    op.expect = 1;
    op.result = NULL;
    CHECK(run_one(t, op) < 0 && t->batch.fault == HC_FAULT_EXPECT);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, 3))) == 1);
    op = update(t->kind, ID(1), 1);
    add(t, &op, ITEM_TITLE, number(HC_TYPE_INT32, 0));
    CHECK(run_one(t, op) == HC_ERR_MISUSE);
}

static void an_unmet_expectation_undoes_all(test *t)
{
    hc_op ops[3];

    CHECK_OK(run_one(t, insert_item(t, 1)));
    ops[0] = insert_item(t, 2);
    ops[1] = update(t->kind, ID(9), 1);
    set(t, &ops[1], ITEM_BIG, number(HC_TYPE_INT64, 5));
    ops[2] = insert_item(t, 3);
    CHECK(run_transaction(t, ops, 3) < 0);
    CHECK(t->batch.fault == HC_FAULT_EXPECT && t->batch.failed_op == 1);
    CHECK(count_items(t, NULL) == 1);
    /* the connection is outside a transaction again */
    CHECK_OK(run_transaction(t, ops, 1));
    CHECK(count_items(t, NULL) == 2);
    ops[1].expect = 0;
    CHECK_OK(run_transaction(t, &ops[1], 1));
    ops[0] = removal(t->kind, constant(t, true), 1);
    CHECK(run_one(t, ops[0]) < 0 && t->batch.fault == HC_FAULT_EXPECT);
    CHECK(count_items(t, NULL) == 2);
}

static void removals_take_what_they_name(test *t)
{
    for (uint32_t i = 1; i <= 5; i++)
        CHECK_OK(run_one(t, insert_item(t, i)));
    CHECK_OK(run_one(t, removal(t->kind, leaf(t, HC_TEST_LT, ITEM_RANK, number(HC_TYPE_INT32, 3)), 2)));
    CHECK_OK(run_one(t, removal(t->kind, ID(99), HC_EXPECT_ANY)));
    CHECK(t->batch.ops[0].result->count == 0);
    CHECK(count_items(t, NULL) == 3);
    CHECK_OK(run_one(t, removal(t->kind, NULL, 3)));
    CHECK(t->batch.ops[0].result->count == 3);
    CHECK(count_items(t, NULL) == 0);
}

static hc_status broken_insert(test *t, uint16_t field, hc_value value)
{
    hc_op op = insert_item(t, 1);

    set(t, &op, field, value);
    return run_one(t, op);
}

static void rules_of_fields_hold(test *t)
{
    char *letters = take(t, 20002);

    CHECK(broken_insert(t, ITEM_BIG, null_value()) == HC_ERR_INVALID);
    CHECK(strcmp(t->err.field, "big") == 0);
    CHECK(broken_insert(t, ITEM_RANK, number(HC_TYPE_INT32, 1000001)) == HC_ERR_INVALID);
    CHECK(strcmp(t->err.field, "order") == 0);
    CHECK(broken_insert(t, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, 100000000000000)) == HC_ERR_INVALID);
    CHECK(strcmp(t->err.field, "amount") == 0);
    CHECK(broken_insert(t, ITEM_SMALL, number(HC_TYPE_INT32, (int64_t)INT32_MAX + 1)) == HC_ERR_INVALID);
    CHECK(broken_insert(t, ITEM_FLAG, number(HC_TYPE_BOOL, 2)) == HC_ERR_INVALID);
    memset(letters, 'x', 20001);
    CHECK(broken_insert(t, ITEM_TITLE, text(HC_TYPE_TEXT, letters)) == HC_ERR_INVALID);
    CHECK(strcmp(t->err.field, "title") == 0 && strstr(t->err.message, "xxx") == NULL);
    CHECK(count_items(t, NULL) == 0);
    /* code points, not bytes */
    for (int i = 0; i < 10000; i++)
        memcpy(letters + 2 * i, "\xc3\xa9", 2);
    letters[20000] = '\0';
    CHECK_OK(broken_insert(t, ITEM_TITLE, text(HC_TYPE_TEXT, letters)));
}

static void broken_operations_are_refused(test *t)
{
    hc_op op = insert_item(t, 1);

    set(t, &op, ITEM_TITLE, number(HC_TYPE_INT64, 1));
    CHECK(run_one(t, op) == HC_ERR_MISUSE);
    op = insert_item(t, 1);
    set(t, &op, ITEM_STATE, number(HC_TYPE_ENUM, 4));
    CHECK(run_one(t, op) == HC_ERR_MISUSE);
    op = insert_item(t, 1);
    set(t, &op, ITEM_FIELDS, number(HC_TYPE_INT64, 4));
    CHECK(run_one(t, op) == HC_ERR_MISUSE);
    op = count_of(t->kind, NULL);
    op.verb = 99;
    CHECK(run_one(t, op) == HC_ERR_MISUSE);
    op = count_of(t->kind, leaf(t, HC_TEST_EQ, ITEM_WORDS, text(HC_TYPE_TOKENS, "a")));
    CHECK(t->documents || run_one(t, op) == HC_ERR_MISUSE);
    CHECK(count_items(t, NULL) == 0);
}

static void the_stores_clock_is_a_value(test *t)
{
    hc_op op = insert_item(t, 1);
    int64_t now = 0;

    CHECK_OK(t->driver->server_time(t->connections[0], &now, &t->err));
    set(t, &op, ITEM_AT, number(HC_TYPE_NOW, 60000000));
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, leaf(t, HC_TEST_GE, ITEM_AT, number(HC_TYPE_TIME, now + 59000000))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_LE, ITEM_AT, number(HC_TYPE_TIME, now + 70000000))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_GT, ITEM_AT, number(HC_TYPE_NOW, 0))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_LT, ITEM_AT, number(HC_TYPE_NOW, 0))) == 0);
    op = update(t->kind, leaf(t, HC_TEST_GT, ITEM_AT, number(HC_TYPE_NOW, 30000000)), 1);
    set(t, &op, ITEM_AT, number(HC_TYPE_NOW, -60000000));
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, leaf(t, HC_TEST_LT, ITEM_AT, number(HC_TYPE_NOW, 0))) == 1);
}

static void a_time_beyond_all_others_is_refused(test *t)
{
    hc_op op = insert_item(t, 1);
    hc_status status;

    set(t, &op, ITEM_AT, number(HC_TYPE_NOW, INT64_MAX));
    status = run_one(t, op);
    CHECK(status == HC_ERR_INVALID || status == HC_ERR_MISUSE);
    CHECK(count_items(t, NULL) == 0);
}

#define LARGE ((size_t)17 << 20) /* more than a packet of MariaDB's, or a document of MongoDB's, may have */

static hc_status see_large(const hc_row *row, void *data, hc_error *err)
{
    bool *whole = data;

    (void)err;
    *whole = row->count == 1 && row->values[0].size >= LARGE;
    return HC_OK;
}

static bool is_read_whole(test *t)
{
    static const uint16_t extra[] = {ITEM_EXTRA};
    hc_op op = query(t, t->kind, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 1)));
    hc_batch batch = {.struct_size = sizeof(batch), .ops = &op, .op_count = 1, .on_row = see_large};
    bool whole = false;

    op.fields = extra;
    op.field_count = 1;
    batch.data = &whole;
    return t->driver->execute(t->connections[0], &batch, &t->err) == HC_OK && whole;
}

static void a_value_larger_than_a_packet_is_kept_or_refused_for_good(test *t)
{
    static char large[LARGE];
    hc_op ops[2] = {insert_item(t, 2), insert_item(t, 1)};
    hc_status status;

    memset(large, 'x', sizeof(large));
    memcpy(large, "{\"a\":\"", 6);
    memcpy(large + sizeof(large) - 2, "\"}", 2);
    set(t, &ops[1], ITEM_EXTRA, (hc_value){HC_TYPE_JSON, (uint32_t)sizeof(large), {.bytes = large}});
    for (int together = 0; together < 2; together++) {
        status = together == 1 ? run_all(t, ops, 2) : run_one(t, ops[1]);
        CHECK(status == HC_OK || ((status == HC_ERR_TOO_LARGE || status == HC_ERR_INVALID) && not_written(t)));
        CHECK((t->err.flags & HC_ERROR_RETRYABLE) == 0);
        CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 1))) == (status == HC_OK));
        CHECK(status != HC_OK || is_read_whole(t));
        CHECK_OK(run_one(t, removal(t->kind, NULL, HC_EXPECT_ANY)));
    }
    CHECK_OK(run_one(t, ops[0]));
}

static void defaults_fill_what_is_not_set(test *t)
{
    hc_op op = insert_item(t, 1);
    hc_set *sets = take(t, op.set_count * sizeof(*sets));
    size_t kept = 0;

    for (size_t i = 0; i < op.set_count; i++) {
        if (op.sets[i].field != ITEM_STATE && op.sets[i].field != ITEM_RANK)
            sets[kept++] = op.sets[i];
    }
    op.sets = sets;
    op.set_count = kept;
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, DRAFT))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_RANK, number(HC_TYPE_INT32, 0))) == 1);
}

const test_case write_cases[] = {
    {"every_type_comes_back_as_it_went", every_type_comes_back_as_it_went, ON_DOCUMENTS},
    {"numbers_keep_the_ends_of_their_range", numbers_keep_the_ends_of_their_range, ON_DOCUMENTS},
    {"a_taken_key_is_a_unique_fault", a_taken_key_is_a_unique_fault, ON_DOCUMENTS},
    {"a_taken_unique_index_is_named", a_taken_unique_index_is_named, PLAIN},
    {"insert_if_absent_tells_whether", insert_if_absent_tells_whether, ON_DOCUMENTS},
    {"a_predicate_decides_about_an_insert", a_predicate_decides_about_an_insert, PLAIN},
    {"the_row_of_an_insert_may_be_asked_for", the_row_of_an_insert_may_be_asked_for, PLAIN},
    {"updates_set_and_add", updates_set_and_add, ON_DOCUMENTS},
    {"who_adds_nothing_finds_the_rows_all_the_same", who_adds_nothing_finds_the_rows_all_the_same, ON_DOCUMENTS},
    {"an_unmet_expectation_undoes_all", an_unmet_expectation_undoes_all, PLAIN},
    {"removals_take_what_they_name", removals_take_what_they_name, ON_DOCUMENTS},
    {"rules_of_fields_hold", rules_of_fields_hold, ON_DOCUMENTS},
    {"broken_operations_are_refused", broken_operations_are_refused, ON_DOCUMENTS},
    {"the_stores_clock_is_a_value", the_stores_clock_is_a_value, PLAIN},
    {"a_time_beyond_all_others_is_refused", a_time_beyond_all_others_is_refused, ON_DOCUMENTS},
    {"a_value_larger_than_a_packet_is_kept_or_refused_for_good",
     a_value_larger_than_a_packet_is_kept_or_refused_for_good, ON_DOCUMENTS},
    {"defaults_fill_what_is_not_set", defaults_fill_what_is_not_set, ON_DOCUMENTS},
    {NULL, NULL, PLAIN},
};
