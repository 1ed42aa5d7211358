/* Queries: tests, nulls, orders, seeks, scans, counts, groups. */
#include "harness.h"

#include <stdio.h>

/* Items 1..12: amount null for each third, rank n / 3, small n % 4 or null, at n seconds or null for each fourth. */
static hc_status seed(test *t)
{
    hc_op *ops = take(t, 12 * sizeof(*ops));

    for (uint32_t n = 1; n <= 12; n++) {
        hc_op *op = &ops[n - 1];

        *op = insert_item(t, n);
        set(t, op, ITEM_RANK, number(HC_TYPE_INT32, n / 3));
        set(t, op, ITEM_STATE, number(HC_TYPE_ENUM, 1 + n % 3));
        if (n % 3 != 0)
            set(t, op, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, (int64_t)(n * 7 % 5) * 100));
        if (n % 5 != 0)
            set(t, op, ITEM_SMALL, number(HC_TYPE_INT32, n % 4));
        if (n % 4 != 0)
            set(t, op, ITEM_AT, moment(t, (int64_t)n * 43200000000 - 86400000001));
        set(t, op, ITEM_FLAG, n % 2 == 0 ? number(HC_TYPE_BOOL, n % 4 == 0) : null_value());
    }
    return run_all(t, ops, 12);
}

static hc_value small(int64_t n)
{
    return number(HC_TYPE_INT32, n);
}

static void every_leaf_is_false_on_null(test *t)
{
    static const int32_t tests[] = {HC_TEST_EQ, HC_TEST_NE, HC_TEST_LT, HC_TEST_LE, HC_TEST_GT, HC_TEST_GE};
    static const int expected[] = {2, 8, 5, 7, 3, 5}; /* of small = 2; two of twelve are null */

    CHECK_OK(seed(t));
    for (int i = 0; i < 6; i++)
        CHECK(count_items(t, leaf(t, tests[i], ITEM_SMALL, small(2))) == expected[i]);
    CHECK(count_items(t, null_test(t, HC_TEST_IS_NULL, ITEM_SMALL)) == 2);
    CHECK(count_items(t, null_test(t, HC_TEST_NOT_NULL, ITEM_SMALL)) == 10);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_SMALL, null_value())) == 0);
    CHECK(count_items(t, leaf(t, HC_TEST_NE, ITEM_SMALL, null_value())) == 0);
    CHECK(count_items(t, either(t, null_test(t, HC_TEST_IS_NULL, ITEM_SMALL),
                                leaf(t, HC_TEST_NE, ITEM_SMALL, small(2)))) == 10);
    CHECK(count_items(
              t, both(t, leaf(t, HC_TEST_GE, ITEM_SMALL, small(1)), leaf(t, HC_TEST_LE, ITEM_SMALL, small(2)))) == 4);
    CHECK(count_items(t, constant(t, true)) == 12 && count_items(t, constant(t, false)) == 0);
    CHECK(count_items(t, both(t, constant(t, true), either(t, constant(t, false), constant(t, true)))) == 12);
    CHECK(count_items(t, leaf(t, HC_TEST_NE, ITEM_STATE, number(HC_TYPE_ENUM, OPEN))) == 8);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_FLAG, number(HC_TYPE_BOOL, 0))) == 3);
}

static void lists_take_one_to_two_hundred_values(test *t)
{
    hc_value values[200];

    CHECK_OK(seed(t));
    for (uint32_t count = 1; count <= 200; count++) {
        for (uint32_t i = 0; i < count; i++)
            values[i] = number(HC_TYPE_INT64, (int64_t)i * 2);
        CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_BIG, values, count)) == (count > 7 ? 6 : count - 1));
    }
    /* One that was short before, behind an operation of another shape. */
    CHECK(count_items(t, null_test(t, HC_TEST_NOT_NULL, ITEM_BIG)) == 12);
    CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_BIG, values, 120)) == 6);
    values[0] = id_value(t, 3);
    values[1] = id_value(t, 400);
    values[2] = id_value(t, 11);
    CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_ID, values, 3)) == 2);
}

static void a_null_among_the_values_matches_nothing(test *t)
{
    static const int32_t tests[] = {HC_TEST_LT, HC_TEST_LE, HC_TEST_GT, HC_TEST_GE, HC_TEST_IN};
    hc_value values[3] = {small(2), null_value(), small(3)};

    CHECK_OK(seed(t));
    CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_SMALL, values, 3)) == 5);
    CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_SMALL, values, 2)) == 2);
    values[0] = null_value();
    CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_SMALL, values, 2)) == 0);
    for (int i = 0; i < 5; i++)
        CHECK(count_items(t, leaf(t, tests[i], ITEM_SMALL, null_value())) == 0);
}

static void orders_put_nulls_last_both_ways(test *t)
{
    /* amounts by id: 1:200 2:400 4:300 5:0 7:400 8:100 10:0 11:200 */
    static const uint32_t by_id_up[] = {5, 10, 8, 1, 11, 4, 2, 7, 3, 6, 9, 12};
    static const uint32_t by_id_down[] = {7, 2, 4, 11, 1, 8, 10, 5, 12, 9, 6, 3};
    hc_op op;

    CHECK_OK(seed(t));
    op = query(t, t->kind, NULL);
    order_by(t, &op, ITEM_AMOUNT, 0);
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, by_id_up, 12));
    op = query(t, t->kind, NULL);
    order_by(t, &op, ITEM_AMOUNT, HC_ORDER_DESCENDING);
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, by_id_down, 12));
}

static void limits_and_callbacks_end_a_query(test *t)
{
    hc_op op;

    CHECK_OK(seed(t));
    op = query(t, t->kind, NULL);
    op.limit = 5;
    CHECK_OK(run_one(t, op));
    CHECK(t->row_count == 5 && t->batch.ops[0].result->count == 5 && t->batch.ops[0].result->cut == 0);
    op.limit = 0;
    op.result = NULL;
    t->stop_after = 3;
    t->stop_with = 1;
    CHECK_OK(run_one(t, op));
    CHECK(t->row_count == 3 && t->batch.ops[0].result->count == 3);
    t->stop_with = HC_ERR_CANCELLED;
    op.result = NULL;
    CHECK(run_one(t, op) == HC_ERR_CANCELLED && t->batch.failed_op == 0);
    t->stop_after = 0;
    CHECK(count_items(t, NULL) == 12);
}

static void a_failing_callback_rolls_back(test *t)
{
    hc_op ops[2];

    CHECK_OK(seed(t));
    ops[0] = insert_item(t, 50);
    ops[1] = query(t, t->kind, NULL);
    t->stop_after = 1;
    t->stop_with = HC_ERR_TOO_BROAD;
    CHECK(run_transaction(t, ops, 2) == HC_ERR_TOO_BROAD && t->batch.failed_op == 1);
    t->stop_after = 0;
    CHECK(count_items(t, NULL) == 12);
    CHECK_OK(run_transaction(t, ops, 2));
}

/* Pages through `op` by its own keys and compares with the whole. */
static bool pages_agree(test *t, const hc_op *whole, int64_t limit)
{
    uint32_t ids[ROW_LIMIT];
    size_t total, at = 0;
    hc_op page = *whole;
    hc_value *seek = NULL;

    if (query_ids(t, whole) < 0)
        return false;
    total = t->row_count;
    for (size_t i = 0; i < total; i++) {
        const unsigned char *raw = t->rows[i].values[0].as.bytes;

        ids[i] = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
    }
    while (at < total + 1) {
        page.limit = limit;
        page.seek = seek;
        page.result = NULL;
        if (run_one(t, page) < 0)
            return false;
        for (size_t i = 0; i < t->row_count; i++) {
            if (at + i >= total || !is_id(&t->rows[i].values[0], ids[at + i]))
                return false;
        }
        at += t->row_count;
        if (t->row_count == 0)
            break;
        seek = take(t, page.order_count * sizeof(*seek));
        for (size_t k = 0; k < page.order_count; k++) {
            for (size_t f = 0; f < page.field_count; f++) {
                if (page.fields[f] == page.order[k].field)
                    seek[k] = t->rows[t->row_count - 1].values[f];
            }
        }
    }
    return at == total;
}

static void seeks_go_on_where_a_page_ended(test *t)
{
    static const uint16_t keys[] = {ITEM_AMOUNT, ITEM_SMALL, ITEM_RANK, ITEM_AT, ITEM_FLAG, ITEM_BIG};

    CHECK_OK(seed(t));
    for (int first = 0; first < 6; first++) {
        for (int second = -1; second < 6; second++) {
            for (uint32_t directions = 0; directions < 8; directions++) {
                hc_op op = query(t, t->kind, NULL);

                order_by(t, &op, keys[first], directions & HC_ORDER_DESCENDING);
                if (second >= 0 && second != first)
                    order_by(t, &op, keys[second], directions >> 1 & HC_ORDER_DESCENDING);
                ((hc_order *)(uintptr_t)op.order)[op.order_count - 1].flags = (uint16_t)(directions >> 2);
                CHECK(pages_agree(t, &op, 1 + (int64_t)((directions + (uint32_t)first) % 4)));
            }
        }
    }
}

static void a_seek_keeps_to_the_bounds(test *t)
{
    hc_op op;

    CHECK_OK(seed(t));
    for (uint32_t down = 0; down < 2; down++) {
        const hc_predicate *range = both(t, leaf(t, HC_TEST_GE, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, 100)),
                                         leaf(t, HC_TEST_LT, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, 400)));

        op = query(t, t->kind, range);
        order_by(t, &op, ITEM_AMOUNT, down | HC_ORDER_NOT_NULL);
        CHECK(pages_agree(t, &op, 2));
        op.index = BY_STATE_AMOUNT; /* a hint that does not fit is only a hint */
        CHECK(pages_agree(t, &op, 2));
        op.where = both(t, leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, OPEN)), range);
        CHECK(pages_agree(t, &op, 2));
    }
}

/* A scan of 12 rows in the order of ids; every second matches. */
static void check_cut(test *t, const hc_predicate *where, int32_t index, const hc_predicate *filter)
{
    hc_op op = query(t, t->kind, where);
    const hc_op_result *r;

    order_by(t, &op, ITEM_RANK, HC_ORDER_NOT_NULL);
    op.filter = filter;
    op.index = index;
    op.scan_limit = 5;
    CHECK_OK(run_one(t, op));
    r = t->batch.ops[0].result;
    CHECK(r->examined == 5 && r->cut == 1 && r->count == 2 && t->row_count == 3);
    CHECK(t->rows[2].what == HC_ROW_SCANNED && t->rows[2].count == 2);
    CHECK(t->rows[2].values[0].as.integer == 5 / 3 && is_id(&t->rows[2].values[1], 5));
    op.seek = t->rows[2].values;
    op.scan_limit = 7;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    r = t->batch.ops[0].result;
    CHECK(r->examined == 7 && r->cut == 0 && r->count == 4 && t->row_count == 4); /* just enough is not cut */
    op.limit = 2;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    r = t->batch.ops[0].result;
    CHECK(r->examined == 3 && r->cut == 0 && r->count == 2 && is_id(&t->rows[1].values[0], 8));
}

static void a_cut_scan_says_where_it_stopped(test *t)
{
    const hc_predicate *even = null_test(t, HC_TEST_NOT_NULL, ITEM_FLAG);
    const hc_predicate *low = leaf(t, HC_TEST_LE, ITEM_RANK, number(HC_TYPE_INT32, 1000));
    const hc_predicate *owned = exists(t, &owners, ITEM_ID, HC_NO_FIELD, constant(t, true));
    const hc_predicate *past = leaf(t, HC_TEST_LT, ITEM_BIG, number(HC_TYPE_INT64, 100));

    CHECK_OK(seed(t));
    CHECK_OK(run_one(t, insert_owner(t, 1, "Ana", 1, true)));
    check_cut(t, NULL, HC_INDEX_ANY, even);
    check_cut(t, NULL, BY_RANK, even);
    check_cut(t, low, BY_RANK, even);
    check_cut(t, both(t, low, past), BY_RANK, even);
    check_cut(t, both(t, owned, low), BY_RANK, even);
    check_cut(t, both(t, past, low), HC_INDEX_ANY, both(t, even, owned));
}

/* Of a page: the matches, and how many rows had to be looked at for them. */
static bool page_is(test *t, hc_op op, const uint32_t *expected, size_t count, int64_t examined, int32_t cut)
{
    const hc_op_result *r;
    size_t matches = 0;

    if (run_one(t, op) < 0)
        return false;
    r = t->batch.ops[0].result;
    for (size_t i = 0; i < t->row_count && t->rows[i].what == HC_ROW_MATCH; i++)
        matches += i < count && is_id(&t->rows[i].values[0], expected[i]);
    return matches == count && r->count == (int64_t)count && r->examined == examined && r->cut == cut;
}

/* Every fourth has a time, which comes first; every second matches. An engine may number what it sorts afterwards. */
static void scans_cross_from_times_to_nulls(test *t)
{
    static const uint32_t expected[] = {12, 8, 4, 10, 6, 2}, even[] = {12, 10, 8, 6, 4, 2};
    const hc_predicate *no_amount = both(t, leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, OPEN)),
                                         null_test(t, HC_TEST_IS_NULL, ITEM_AMOUNT));
    hc_op ops[12], op = query(t, t->kind, NULL), other;

    for (uint32_t n = 1; n <= 12; n++) {
        ops[n - 1] = insert_item(t, n);
        if (n % 4 == 0)
            set(t, &ops[n - 1], ITEM_AT, moment(t, n * INT64_C(1000000)));
        if (n % 2 == 0)
            set(t, &ops[n - 1], ITEM_FLAG, number(HC_TYPE_BOOL, 1));
    }
    CHECK_OK(run_all(t, ops, 12));
    op.filter = null_test(t, HC_TEST_NOT_NULL, ITEM_FLAG);
    op.scan_limit = 100;
    order_by(t, &op, ITEM_AT, HC_ORDER_DESCENDING);
    ((hc_order *)(uintptr_t)op.order)[1].flags = HC_ORDER_DESCENDING;
    op.index = BY_AT;
    CHECK(page_is(t, op, expected, 6, 12, 0));
    for (int64_t limit = 1; limit <= 3; limit++) {
        hc_value seek[2];

        other = op;
        other.limit = limit;
        for (size_t at = 0; at < 6; at += (size_t)limit) {
            hc_op page = other;

            CHECK_OK(run_one(t, page));
            CHECK(t->row_count == (size_t)limit);
            for (size_t i = 0; i < t->row_count; i++)
                CHECK(is_id(&t->rows[i].values[0], expected[at + i]));
            seek[0] = expected[at + (size_t)limit - 1] % 4 == 0
                          ? moment(t, expected[at + (size_t)limit - 1] * INT64_C(1000000))
                          : null_value();
            seek[1] = id_value(t, expected[at + (size_t)limit - 1]);
            other.seek = seek;
        }
        CHECK(page_is(t, other, NULL, 0, 1, 0));
    }
    /* Nothing but nulls, which no cursor says. */
    op.where = null_test(t, HC_TEST_IS_NULL, ITEM_AT);
    op.limit = 5;
    CHECK(page_is(t, op, expected + 3, 3, 9, 0));
    op.scan_limit = 3;
    CHECK(page_is(t, op, expected + 3, 1, 3, 1));
    op = query(t, t->kind, no_amount);
    op.filter = null_test(t, HC_TEST_NOT_NULL, ITEM_FLAG);
    op.scan_limit = 100;
    order_by(t, &op, ITEM_AMOUNT, HC_ORDER_DESCENDING);
    ((hc_order *)(uintptr_t)op.order)[1].flags = HC_ORDER_DESCENDING;
    op.index = BY_STATE_AMOUNT;
    op.limit = 7;
    CHECK(page_is(t, op, even, 6, 12, 0));
}

static void rows_that_where_excludes_are_not_examined(test *t)
{
    const hc_predicate *open = leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, OPEN));
    const hc_predicate *named = exists(t, &owners, ITEM_ID, OWNER_ID, constant(t, true));
    hc_op op;

    CHECK_OK(seed(t));
    CHECK_OK(run_one(t, insert_owner(t, 4, "Ana", 1, true)));
    CHECK_OK(run_one(t, insert_owner(t, 10, "Ben", 1, true)));
    for (int32_t index = HC_INDEX_ANY; index <= BY_RANK; index++) {
        op = query(t, t->kind, open);
        order_by(t, &op, ITEM_RANK, HC_ORDER_NOT_NULL);
        op.scan_limit = 100;
        op.index = index;
        op.filter = leaf(t, HC_TEST_NE, ITEM_ID, id_value(t, 4)); /* which an index that orders can tell */
        CHECK_OK(run_one(t, op));
        CHECK(t->batch.ops[0].result->examined == 4 && t->batch.ops[0].result->count == 3);
        op.limit = 50;
        op.result = NULL;
        CHECK_OK(run_one(t, op));
        CHECK(t->batch.ops[0].result->examined == 4 && t->batch.ops[0].result->count == 3);
        op.limit = 0;
        op.where = both(t, named, open);
        op.result = NULL;
        CHECK_OK(run_one(t, op));
        CHECK(t->batch.ops[0].result->examined == 2 && t->batch.ops[0].result->count == 1);
    }
}

static void counts_can_be_capped(test *t)
{
    hc_op op;

    CHECK_OK(seed(t));
    op = count_of(t->kind, NULL);
    op.limit = 5;
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 5);
    op.limit = 50;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 12);
    op.filter = null_test(t, HC_TEST_NOT_NULL, ITEM_FLAG);
    op.limit = 4;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 4);
    op.limit = 0;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->count == 6);
    op.scan_limit = 7;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->examined == 7 && t->batch.ops[0].result->cut == 1 && t->row_count <= 1);
}

static int64_t group_count(const test *t, int32_t type, int64_t key)
{
    for (size_t i = 0; i < t->row_count; i++) {
        const hc_value *value = &t->rows[i].values[0];

        if (value->type == type && (type == HC_TYPE_NULL || value->as.integer == key))
            return t->rows[i].values[1].as.integer;
    }
    return 0;
}

static void groups_count_by_value(test *t)
{
    hc_group group = {ITEM_STATE, HC_GROUP_VALUE, 0, NULL};
    hc_op op;

    CHECK_OK(seed(t));
    op = count_of(t->kind, NULL);
    op.verb = HC_VERB_GROUP;
    op.group = &group;
    CHECK_OK(run_one(t, op));
    CHECK(t->row_count == 3 && group_count(t, HC_TYPE_ENUM, OPEN) == 4);
    group.field = ITEM_AMOUNT;
    op.result = NULL;
    op.filter = leaf(t, HC_TEST_LE, ITEM_BIG, number(HC_TYPE_INT64, 9));
    CHECK_OK(run_one(t, op));
    CHECK(group_count(t, HC_TYPE_NULL, 0) == 3 && group_count(t, HC_TYPE_DECIMAL, 400) == 2);
    CHECK(t->rows[0].count == 2 && t->rows[0].values[1].type == HC_TYPE_INT64);
    op.scan_limit = 100;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(group_count(t, HC_TYPE_NULL, 0) == 3 && group_count(t, HC_TYPE_DECIMAL, 400) == 2);
    CHECK(t->batch.ops[0].result->examined == 12 && t->batch.ops[0].result->cut == 0);
    op.scan_limit = 4;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(t->batch.ops[0].result->examined == 4 && t->batch.ops[0].result->cut == 1);
}

static void groups_count_by_day_and_bounds(test *t)
{
    static const hc_value bounds[] = {{HC_TYPE_DECIMAL, 0, {100}}, {HC_TYPE_DECIMAL, 0, {300}}};
    hc_group group = {ITEM_AT, HC_GROUP_DAY, 0, NULL};
    hc_op op;

    CHECK_OK(seed(t));
    op = count_of(t->kind, NULL);
    op.verb = HC_VERB_GROUP;
    op.group = &group;
    CHECK_OK(run_one(t, op));
    /* n half days less a day and a microsecond: 1, 2 on day -1; 3 on day 0; 5 on day 1; 6, 7 on days 1 and 2 */
    CHECK(group_count(t, HC_TYPE_DATE, -1) == 2 && group_count(t, HC_TYPE_DATE, 0) == 1);
    CHECK(group_count(t, HC_TYPE_DATE, 1) == 2 && group_count(t, HC_TYPE_NULL, 0) == 3);
    group = (hc_group){ITEM_AMOUNT, HC_GROUP_BOUNDS, 2, bounds};
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(group_count(t, HC_TYPE_INT64, 0) == 2 && group_count(t, HC_TYPE_INT64, 1) == 3);
    CHECK(group_count(t, HC_TYPE_INT64, 2) == 3 && group_count(t, HC_TYPE_NULL, 0) == 4);
    group.bound_count = 0;
    op.result = NULL;
    CHECK_OK(run_one(t, op));
    CHECK(group_count(t, HC_TYPE_INT64, 0) == 8);
}

static void exists_looks_into_another_kind(test *t)
{
    const hc_predicate *high = leaf(t, HC_TEST_GE, OWNER_LEVEL, number(HC_TYPE_INT32, 2));
    static const uint32_t expected[] = {1, 3};
    hc_op op;

    CHECK_OK(run_one(t, insert_owner(t, 101, "Ana", 3, true)));
    CHECK_OK(run_one(t, insert_owner(t, 102, "Ben", 1, true)));
    for (uint32_t n = 1; n <= 4; n++) {
        op = insert_item(t, n);
        set(t, &op, ITEM_OWNER, n == 4 ? null_value() : id_value(t, n % 2 == 1 ? 101 : 102));
        CHECK_OK(run_one(t, op));
    }
    op = query(t, t->kind, exists(t, &owners, ITEM_OWNER, OWNER_ID, high));
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, expected, 2));
    CHECK(count_items(t, exists(t, &owners, ITEM_OWNER, HC_NO_FIELD, high)) == 4);
    CHECK(count_items(t, exists(t, &owners, ITEM_OWNER, HC_NO_FIELD,
                                leaf(t, HC_TEST_EQ, OWNER_LEVEL, number(HC_TYPE_INT32, 9)))) == 0);
    /* the same kind again, inside another: each level has its own rows */
    CHECK(count_items(t, exists(t, t->kind, ITEM_OWNER, ITEM_OWNER,
                                both(t, leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, 1)),
                                     exists(t, &owners, ITEM_OWNER, OWNER_ID, high)))) == 2);
    op = update(t->kind, exists(t, &owners, ITEM_OWNER, OWNER_ID, high), 2);
    set(t, &op, ITEM_SMALL, number(HC_TYPE_INT32, 8));
    CHECK_OK(run_one(t, op));
    CHECK_OK(run_one(t, removal(t->kind, exists(t, &owners, ITEM_OWNER, OWNER_ID, high), 2)));
    CHECK(count_items(t, NULL) == 2);
}

static const hc_predicate *owner_has_level(test *t, uint32_t owner, int64_t level)
{
    return exists(t, &owners, ITEM_ID, HC_NO_FIELD,
                  both(t, leaf(t, HC_TEST_EQ, OWNER_ID, id_value(t, owner)),
                       leaf(t, HC_TEST_EQ, OWNER_LEVEL, number(HC_TYPE_INT32, level))));
}

/* As conditions of a read: an engine may join them, and must give each row once, in the same order. */
static void rows_named_by_their_ids_exist(test *t)
{
    const hc_predicate *ana = owner_has_level(t, 101, 3), *ben = owner_has_level(t, 102, 1);
    const hc_predicate *no_ben = owner_has_level(t, 102, 2), *nobody = owner_has_level(t, 103, 1);
    const hc_predicate *low = leaf(t, HC_TEST_LE, ITEM_RANK, number(HC_TYPE_INT32, 1000));
    const hc_predicate *first = exists(t, t->kind, ITEM_ID, HC_NO_FIELD, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 1)));
    const hc_predicate *refusals[] = {no_ben, nobody}, *even = null_test(t, HC_TEST_NOT_NULL, ITEM_FLAG);
    int64_t all;

    CHECK_OK(seed(t));
    CHECK_OK(run_one(t, insert_owner(t, 101, "Ana", 3, true)));
    CHECK_OK(run_one(t, insert_owner(t, 102, "Ben", 1, true)));
    all = count_items(t, low);
    CHECK(all > 2);
    CHECK(count_items(t, both(t, both(t, ana, ben), low)) == all && count_items(t, both(t, low, first)) == all);
    check_cut(t, both(t, ana, low), BY_RANK, even);
    check_cut(t, both(t, low, first), BY_RANK, both(t, ben, even));
    check_cut(t, both(t, ana, ben), HC_INDEX_ANY, both(t, even, low));
    for (size_t i = 0; i < 2; i++) {
        hc_op op = query(t, t->kind, both(t, ana, refusals[i]));

        CHECK_OK(query_ids(t, &op));
        CHECK(t->row_count == 0);
        op = query(t, t->kind, both(t, low, ana));
        op.filter = refusals[i];
        CHECK_OK(query_ids(t, &op));
        CHECK(t->row_count == 0);
        op = query(t, t->kind, exists(t, &owners, ITEM_ID, HC_NO_FIELD, constant(t, true)));
        op.where = either(t, refusals[i], both(t, ana, low));
        CHECK_OK(query_ids(t, &op));
        CHECK((int64_t)t->row_count == all);
    }
}

static hc_op row_of(test *t, uint32_t n, int64_t least)
{
    hc_op op = query(t, t->kind,
                     both(t, leaf(t, HC_TEST_GE, ITEM_RANK, number(HC_TYPE_INT32, least)),
                          leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, n))));

    op.order_count = 0;
    return op;
}

/* The rows of the last batch are these, one by one. */
static bool same_rows(const test *t, const result_row *rows, size_t count)
{
    if (t->row_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (t->rows[i].op != rows[i].op || t->rows[i].count != rows[i].count)
            return false;
        for (uint32_t k = 0; k < rows[i].count; k++)
            if (!same_value(&t->rows[i].values[k], &rows[i].values[k]))
                return false;
    }
    return true;
}

/* An engine may ask for several in one statement: each read has its own row all the same, twice when asked twice, none
 * where there is none. */
static void several_rows_are_read_by_their_ids(test *t)
{
    static const uint32_t numbers[] = {7, 3, 7, 99, 12, 3, 5};
    static const int64_t least[] = {0, 0, 9, 0, 4, 1, 0};
    hc_op ops[7];
    result_row rows[7];
    size_t count = 0, flagged;

    CHECK_OK(seed(t));
    for (size_t i = 0; i < 7; i++) {
        CHECK_OK(run_one(t, row_of(t, numbers[i], least[i])));
        CHECK(t->row_count == (i != 2 && i != 3));
        if (t->row_count == 1) {
            rows[count] = t->rows[0];
            rows[count++].op = i;
        }
    }
    for (flagged = 0; flagged < 2; flagged++) {
        for (size_t i = 0; i < 7; i++)
            ops[i] = row_of(t, numbers[i], least[i]);
        CHECK_OK(flagged == 0 ? run(t, t->connections[0], 0, ops, 7) : run_all(t, ops, 7));
        CHECK(same_rows(t, rows, count));
        for (size_t i = 0; i < 7; i++) {
            const hc_op_result *result = t->batch.ops[i].result;

            CHECK(result->count == (i != 2 && i != 3) && result->examined == result->count && result->cut == 0);
        }
    }
    for (size_t i = 0; i < 7; i++)
        ops[i] = row_of(t, numbers[i], least[i]);
    t->stop_after = 1;
    t->stop_op = 4;
    t->stop_with = 1; /* enough of that one */
    CHECK_OK(run(t, t->connections[0], 0, ops, 7));
    CHECK(same_rows(t, rows, count));
    t->stop_with = HC_ERR_CANCELLED;
    for (size_t i = 0; i < 7; i++)
        ops[i].result = NULL;
    CHECK(run(t, t->connections[0], 0, ops, 7) == HC_ERR_CANCELLED && t->batch.failed_op == 4);
    t->stop_after = 0;
    CHECK(count_items(t, NULL) == 12);
}

static void the_order_of_arrival(test *t)
{
    static const uint32_t newest[] = {2, 9, 5};
    static const uint32_t oldest[] = {5, 9, 2};
    hc_order arrival = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
    hc_op op;

    for (int i = 0; i < 3; i++)
        CHECK_OK(run_one(t, insert_item(t, oldest[i])));
    op = query(t, t->kind, NULL);
    op.order = &arrival;
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, newest, 3));
    arrival.flags = 0;
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, oldest, 3));
}

const test_case read_cases[] = {
    {"every_leaf_is_false_on_null", every_leaf_is_false_on_null, ON_DOCUMENTS},
    {"lists_take_one_to_two_hundred_values", lists_take_one_to_two_hundred_values, ON_DOCUMENTS},
    {"a_null_among_the_values_matches_nothing", a_null_among_the_values_matches_nothing, ON_DOCUMENTS},
    {"orders_put_nulls_last_both_ways", orders_put_nulls_last_both_ways, ON_DOCUMENTS},
    {"limits_and_callbacks_end_a_query", limits_and_callbacks_end_a_query, ON_DOCUMENTS},
    {"a_failing_callback_rolls_back", a_failing_callback_rolls_back, PLAIN},
    {"seeks_go_on_where_a_page_ended", seeks_go_on_where_a_page_ended, ON_DOCUMENTS},
    {"a_seek_keeps_to_the_bounds", a_seek_keeps_to_the_bounds, ON_DOCUMENTS},
    {"a_cut_scan_says_where_it_stopped", a_cut_scan_says_where_it_stopped, PLAIN},
    {"scans_cross_from_times_to_nulls", scans_cross_from_times_to_nulls, PLAIN},
    {"rows_that_where_excludes_are_not_examined", rows_that_where_excludes_are_not_examined, PLAIN},
    {"counts_can_be_capped", counts_can_be_capped, ON_DOCUMENTS},
    {"groups_count_by_value", groups_count_by_value, ON_DOCUMENTS},
    {"groups_count_by_day_and_bounds", groups_count_by_day_and_bounds, ON_DOCUMENTS},
    {"exists_looks_into_another_kind", exists_looks_into_another_kind, PLAIN},
    {"rows_named_by_their_ids_exist", rows_named_by_their_ids_exist, PLAIN},
    {"several_rows_are_read_by_their_ids", several_rows_are_read_by_their_ids, ON_DOCUMENTS},
    {"the_order_of_arrival", the_order_of_arrival, PLAIN},
    {NULL, NULL, PLAIN},
};
