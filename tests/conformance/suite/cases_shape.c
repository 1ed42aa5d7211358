/* What an operation may look like at its edges, and a shape that comes again with other values. */
#include "harness.h"
#include <stdlib.h>

#define SURE_LIST 10000
#define MOST_LIST 140000

static hc_value big(int64_t n)
{
    return number(HC_TYPE_INT64, n);
}

/* One row, all of whose numbers are 0. */
static hc_status one_of_zeros(test *t)
{
    hc_op op = insert_item(t, 1);

    set(t, &op, ITEM_SMALL, number(HC_TYPE_INT32, 0));
    set(t, &op, ITEM_BIG, big(0));
    set(t, &op, ITEM_AMOUNT, number(HC_TYPE_DECIMAL, 0));
    set(t, &op, ITEM_AT, number(HC_TYPE_TIME, 0));
    set(t, &op, ITEM_DAY, number(HC_TYPE_DATE, 0));
    return run_one(t, op);
}

/* The core does not know which numbers an engine's column can hold. */
static void any_number_may_be_asked_for(test *t)
{
    static const uint16_t fields[] = {ITEM_SMALL, ITEM_BIG, ITEM_AMOUNT, ITEM_AT, ITEM_DAY};
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1,          -INT64_C(3000000000000), INT32_MIN,
                                   INT32_MAX, INT64_C(3000000000000), INT64_MAX - 1,           INT64_MAX};

    CHECK_OK(one_of_zeros(t));
    for (int f = 0; f < 5; f++)
        for (int i = 0; i < 8; i++) {
            hc_value end = number(t->kind->fields[fields[f]].type, ends[i]);
            bool above = ends[i] > 0;

            CHECK(count_items(t, leaf(t, HC_TEST_EQ, fields[f], end)) == 0);
            CHECK(count_items(t, leaf(t, HC_TEST_NE, fields[f], end)) == 1);
            CHECK(count_items(t, leaf(t, HC_TEST_LT, fields[f], end)) == above);
            CHECK(count_items(t, leaf(t, HC_TEST_LE, fields[f], end)) == above);
            CHECK(count_items(t, leaf(t, HC_TEST_GT, fields[f], end)) == !above);
            CHECK(count_items(t, leaf(t, HC_TEST_GE, fields[f], end)) == !above);
            CHECK(count_items(t, leaf_list(t, HC_TEST_IN, fields[f], &end, 1)) == 0);
        }
}

static void limits_may_be_the_largest(test *t)
{
    static const hc_group by_state = {ITEM_STATE, HC_GROUP_VALUE, 0, NULL};
    const hc_predicate *even = null_test(t, HC_TEST_NOT_NULL, ITEM_TITLE);

    CHECK_OK(fill(t, 5));
    for (int64_t limit = INT64_MAX - 1; limit > 0; limit = limit == INT64_MAX ? -1 : limit + 1)
        for (int32_t round = 0; round < 16; round++) {
            hc_op op = query(t, t->kind, leaf(t, HC_TEST_GE, ITEM_RANK, number(HC_TYPE_INT32, 2)));

            order_by(t, &op, ITEM_RANK, HC_ORDER_NOT_NULL);
            op.index = (round & 1) != 0 ? BY_RANK : HC_INDEX_ANY;
            op.limit = (round & 2) != 0 ? limit : 3;
            op.scan_limit = (round & 4) != 0 ? limit : 0;
            op.filter = (round & 8) != 0 ? even : NULL;
            CHECK_OK(run_one(t, op));
            CHECK(t->row_count == (op.filter != NULL ? 0 : 3) && t->batch.ops[0].result->cut == 0);
            op = count_of(t->kind, op.where);
            op.limit = (round & 2) != 0 ? limit : 0;
            op.scan_limit = (round & 4) != 0 ? limit : 0;
            op.filter = (round & 8) != 0 ? even : NULL;
            CHECK_OK(run_one(t, op));
            CHECK(t->batch.ops[0].result->count == (op.filter != NULL ? 0 : 3) && t->batch.ops[0].result->cut == 0);
            op.verb = HC_VERB_GROUP;
            op.group = &by_state;
            op.limit = 0;
            CHECK_OK(run_one(t, op));
            CHECK(t->row_count == (op.filter != NULL ? 0 : 1) && t->batch.ops[0].result->cut == 0);
        }
}

/* Above SURE_LIST values an engine may have no room for them, and says so. */
static void long_lists_are_lists(test *t)
{
    static const uint32_t counts[] = {1000, 1001, SURE_LIST, 20000, 40000, 70000, MOST_LIST, 2, 1000};
    hc_value *numbers = take(t, MOST_LIST * sizeof(*numbers)), *ids = take(t, SURE_LIST * sizeof(*ids));

    CHECK_OK(fill(t, 5));
    for (uint32_t i = 0; i < MOST_LIST; i++)
        numbers[i] = big(i % 2 == 0 ? (int64_t)i / 2 : -(int64_t)i);
    for (uint32_t i = 0; i < SURE_LIST; i++)
        ids[i] = id_value(t, i % 2 == 0 ? i / 2 : 1000000 + i);
    for (int i = 0; i < 9; i++) {
        int64_t all = counts[i] == 2 ? 1 : 5;
        size_t mark = t->pool_used;
        int64_t found = count_items(t, leaf_list(t, HC_TEST_IN, ITEM_BIG, numbers, counts[i]));

        CHECK(found == all || (counts[i] > SURE_LIST && t->err.status == HC_ERR_TOO_LARGE));
        if (counts[i] <= SURE_LIST)
            CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_ID, ids, counts[i])) == all);
        t->pool_used = mark;
    }
}

/* Each alternative with a value of its own. Of too many an engine says so, and serves the next. */
static void many_alternatives_are_told_apart(test *t)
{
    static const uint32_t counts[] = {500, 70000, 500};
    hc_value *numbers = take(t, 70000 * sizeof(*numbers));
    hc_predicate *leaves = calloc(70000, sizeof(*leaves));
    const hc_predicate **children = take(t, 70000 * sizeof(*children));

    CHECK_OK(fill(t, 5));
    for (uint32_t i = 0; i < 70000 && leaves != NULL; i++) {
        numbers[i] = big(i % 2 == 0 ? (int64_t)i / 2 : -(int64_t)i);
        leaves[i] = (hc_predicate){.test = HC_TEST_EQ, .field = ITEM_BIG, .inner = HC_NO_FIELD};
        leaves[i].values = &numbers[i];
        leaves[i].value_count = 1;
        children[i] = &leaves[i];
    }
    for (int i = 0; i < 3 && leaves != NULL; i++) {
        hc_predicate any = {.test = HC_TEST_OR, .inner = HC_NO_FIELD, .children = children, .child_count = counts[i]};
        int64_t found = count_items(t, &any);

        if (found != 5 && (counts[i] < 70000 || t->err.status != HC_ERR_TOO_LARGE))
            fail_at(t, __FILE__, __LINE__, "found");
    }
    free(leaves);
}

static hc_status with_leaf(test *t, int32_t what, uint16_t field, hc_value value)
{
    return run_one(t, count_of(t->kind, leaf(t, what, field, value)));
}

/* Its shape has been run before, and is again. */
static void a_wrong_value_is_refused_in_a_known_shape(test *t)
{
    hc_value wrong = text(HC_TYPE_TEXT, "x"), now = number(HC_TYPE_NOW, 0);
    hc_op op;

    CHECK_OK(fill(t, 5));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(with_leaf(t, HC_TEST_GE, ITEM_RANK, number(HC_TYPE_INT32, i)));
        CHECK(with_leaf(t, HC_TEST_GE, ITEM_RANK, big(i)) == HC_ERR_MISUSE);
        CHECK(with_leaf(t, HC_TEST_GE, ITEM_RANK, wrong) == HC_ERR_MISUSE);
        CHECK(with_leaf(t, HC_TEST_GE, ITEM_RANK, now) == HC_ERR_MISUSE);
        CHECK_OK(with_leaf(t, HC_TEST_IN, ITEM_RANK, number(HC_TYPE_INT32, i)));
        CHECK(with_leaf(t, HC_TEST_IN, ITEM_RANK, wrong) == HC_ERR_MISUSE);
        CHECK_OK(with_leaf(t, HC_TEST_STARTS_WITH, ITEM_TITLE, wrong));
        CHECK(with_leaf(t, HC_TEST_STARTS_WITH, ITEM_TITLE, (hc_value){HC_TYPE_INT64, 3, {3}}) == HC_ERR_MISUSE);
        CHECK_OK(with_leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, 1)));
        CHECK(with_leaf(t, HC_TEST_EQ, ITEM_STATE, number(HC_TYPE_ENUM, 4)) == HC_ERR_MISUSE);
        CHECK(with_leaf(t, HC_TEST_NE, ITEM_STATE, number(HC_TYPE_ENUM, 0)) == HC_ERR_MISUSE);
        CHECK(with_leaf(t, HC_TEST_IN, ITEM_STATE, number(HC_TYPE_ENUM, INT64_MAX)) == HC_ERR_MISUSE);
        op = update(t->kind, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 1)), 1);
        set(t, &op, ITEM_RANK, number(HC_TYPE_INT32, 3));
        CHECK_OK(run_one(t, op));
        op.result = NULL;
        set(t, &op, ITEM_RANK, big(3));
        CHECK(run_one(t, op) == HC_ERR_MISUSE);
    }
    CHECK(count_items(t, NULL) == 5);
}

/* Which has no place there: a driver need not refuse it, but says each time what it said first. */
static void the_stores_clock_in_a_seek_is_answered_alike(test *t)
{
    const hc_value good[] = {number(HC_TYPE_TIME, 0), id_value(t, 2)};
    const hc_value bad[] = {number(HC_TYPE_NOW, 0), id_value(t, 2)};
    hc_op op = query(t, t->kind, NULL);
    hc_status first;

    CHECK_OK(fill(t, 5));
    order_by(t, &op, ITEM_AT, HC_ORDER_NOT_NULL);
    op.seek = bad;
    first = run_one(t, op);
    for (int i = 0; i < 3; i++) {
        op.seek = good;
        CHECK_OK(run_one(t, op));
        op.seek = bad;
        CHECK(run_one(t, op) == first);
    }
}

/* Nobody may want rows, nor what was done. */
static void nobody_need_listen(test *t)
{
    static const hc_group by_state = {ITEM_STATE, HC_GROUP_VALUE, 0, NULL};
    hc_op ops[7] = {insert_item(t, 7),
                    insert_item(t, 7),
                    update(t->kind, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 7)), 1),
                    query(t, t->kind, NULL),
                    count_of(t->kind, NULL),
                    count_of(t->kind, NULL),
                    removal(t->kind, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 7)), 1)};

    CHECK_OK(fill(t, 5));
    ops[1].verb = HC_VERB_INSERT_IF_ABSENT;
    set(t, &ops[2], ITEM_BIG, big(7));
    ops[3].scan_limit = 3;
    ops[5].verb = HC_VERB_GROUP;
    ops[5].group = &by_state;
    for (uint32_t flags = 0; flags < 2; flags++) {
        t->batch = (hc_batch){.struct_size = sizeof(t->batch), .ops = ops, .op_count = 7};
        t->batch.flags = flags != 0 && !t->documents ? HC_BATCH_BEGIN | HC_BATCH_COMMIT : 0;
        memset(&t->err, 0, sizeof(t->err));
        CHECK_OK(t->driver->execute(t->connections[0], &t->batch, &t->err));
        CHECK(t->batch.failed_op == 7);
    }
    CHECK(count_items(t, NULL) == 5);
}

/* Several reads of one shape in one batch, of which one is wrong. */
static void the_wrong_one_of_alike_reads_is_named(test *t)
{
    hc_op ops[5];

    CHECK_OK(fill(t, 5));
    for (uint32_t bad = 0; bad < 5; bad++) {
        for (uint32_t i = 0; i < 5; i++) {
            hc_value id = id_value(t, i);

            id.size = i == bad ? 8 : 16;
            ops[i] = query(t, t->kind, leaf(t, HC_TEST_EQ, ITEM_ID, id));
            ops[i].order_count = 0;
            ops[i].order = NULL;
        }
        CHECK(run(t, t->connections[0], 0, ops, 5) < 0 && t->batch.failed_op == bad);
    }
}

/* An engine may give the rows of one without a limit one by one; what comes behind it is none. All are known. */
static void what_follows_a_long_read_is_whole(test *t)
{
    hc_op rows = query(t, t->kind, NULL), some = rows, all = count_of(t->kind, NULL), write;

    CHECK_OK(fill(t, 5));
    some.limit = 3;
    write = update(t->kind, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 1)), 1);
    set(t, &write, ITEM_BIG, big(7));
    for (int i = 0; i < 9; i++) {
        hc_op ops[2] = {i % 3 == 0 ? all : i % 3 == 1 ? some : write, all};
        bool inside = i % 2 == 0 && !t->documents;

        CHECK_OK(run(t, t->connections[0], inside ? HC_BATCH_BEGIN : 0, NULL, 0));
        CHECK_OK(run_one(t, rows));
        CHECK(t->row_count == 5);
        CHECK_OK(run(t, t->connections[0], inside ? HC_BATCH_COMMIT : 0, ops, 2));
        CHECK(ops[0].result->count == (i % 3 == 0 ? 5 : i % 3 == 1 ? 3 : 1) && ops[1].result->count == 5);
        CHECK(t->row_count == (i % 3 == 1 ? 3 : 0));
    }
}

static void nothing_wraps_around(test *t)
{
    static const int64_t from[] = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, INT64_MAX - 500};
    static const int64_t by[] = {1, INT64_MAX, -1, INT64_MIN, 501};

    CHECK_OK(run_one(t, insert_item(t, 1)));
    for (int i = 0; i < 5; i++) {
        hc_op op = update(t->kind, NULL, 1);

        set(t, &op, ITEM_BIG, big(from[i]));
        CHECK_OK(run_one(t, op));
        op = update(t->kind, NULL, 1);
        add(t, &op, ITEM_BIG, big(by[i]));
        CHECK(run_one(t, op) == HC_ERR_INVALID && t->batch.fault == HC_FAULT_NONE);
        CHECK(strcmp(t->err.field, "big") == 0 || t->err.field[0] == '\0');
        CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_BIG, big(from[i]))) == 1);
    }
}

const test_case shape_cases[] = {
    {"any_number_may_be_asked_for", any_number_may_be_asked_for, ON_DOCUMENTS},
    {"limits_may_be_the_largest", limits_may_be_the_largest, ON_DOCUMENTS},
    {"long_lists_are_lists", long_lists_are_lists, ON_DOCUMENTS},
    {"many_alternatives_are_told_apart", many_alternatives_are_told_apart, ON_DOCUMENTS},
    {"a_wrong_value_is_refused_in_a_known_shape", a_wrong_value_is_refused_in_a_known_shape, ON_DOCUMENTS},
    {"the_stores_clock_in_a_seek_is_answered_alike", the_stores_clock_in_a_seek_is_answered_alike, ON_DOCUMENTS},
    {"nobody_need_listen", nobody_need_listen, ON_DOCUMENTS},
    {"the_wrong_one_of_alike_reads_is_named", the_wrong_one_of_alike_reads_is_named, ON_DOCUMENTS},
    {"what_follows_a_long_read_is_whole", what_follows_a_long_read_is_whole, ON_DOCUMENTS},
    {"nothing_wraps_around", nothing_wraps_around, ON_DOCUMENTS},
    {NULL, NULL, PLAIN},
};
