/* What two connections see and do of each other. */
#include "harness.h"

#define ID(n) leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, n))

static void a_read_only_transaction_is_one_snapshot(test *t)
{
    hc_op op = insert_item(t, 1);
    int64_t n;

    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run_one(t, op));
    CHECK_OK(count_on(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_READ_ONLY, &n));
    CHECK(n == 1);
    CHECK_OK(run_one(t, insert_item(t, 2)));
    CHECK_OK(count_on(t, t->connections[1], 0, &n));
    CHECK(n == 1);
    CHECK_OK(count_on(t, t->connections[1], HC_BATCH_COMMIT, &n));
    CHECK(n == 1);
    CHECK_OK(count_on(t, t->connections[1], 0, &n));
    CHECK(n == 2);
}

/* Also when the first statement looks at no row, for which an engine needs no snapshot. */
static void a_snapshot_begins_with_its_transaction(test *t)
{
    hc_op nothing = count_of(t->kind, constant(t, false));
    int64_t n;

    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_READ_ONLY, &nothing, 1));
    CHECK_OK(run_one(t, insert_item(t, 1)));
    CHECK_OK(count_on(t, t->connections[1], HC_BATCH_COMMIT, &n));
    CHECK(n == 0);
}

static void what_is_not_committed_is_not_seen(test *t)
{
    hc_op op = insert_item(t, 1);
    int64_t n;

    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1));
    CHECK_OK(count_on(t, t->connections[1], 0, &n));
    CHECK(n == 0);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0));
    CHECK_OK(count_on(t, t->connections[1], 0, &n));
    CHECK(n == 1);
}

static void two_writers_of_one_row_do_not_both_win(test *t)
{
    hc_op first, second;
    int64_t started = monotonic();

    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run_one(t, insert_item(t, 1)));
    first = update(t->kind, both(t, ID(1), leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, 1))), 1);
    set(t, &first, ITEM_BIG, number(HC_TYPE_INT64, 2));
    second = first;
    second.result = NULL;
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &first, 1));
    t->batch.deadline = started + SHORT_WAIT;
    CHECK(has_waited(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &second, 1)) && not_written(t));
    CHECK(monotonic() - started < LONG_WAIT);
    t->batch.deadline = 0;
    CHECK_OK(run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0));
    second.result = NULL;
    CHECK(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &second, 1) < 0);
    CHECK(t->batch.fault == HC_FAULT_EXPECT);
}

static void who_adds_nothing_keeps_the_row_from_others(test *t)
{
    hc_op first, second;

    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run_one(t, insert_item(t, 1)));
    first = update(t->kind, ID(1), 1);
    add(t, &first, ITEM_BIG, number(HC_TYPE_INT64, 0));
    second = update(t->kind, ID(1), 1);
    set(t, &second, ITEM_BIG, number(HC_TYPE_INT64, 2));
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &first, 1));
    t->batch.deadline = monotonic() + SHORT_WAIT;
    CHECK(has_waited(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &second, 1)) && not_written(t));
    t->batch.deadline = 0;
    CHECK_OK(run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0));
    second.result = NULL;
    CHECK_OK(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &second, 1));
}

static void a_stamp_is_its_connections_own(test *t)
{
    hc_op op = insert_item(t, 3);
    uint64_t before;
    int64_t n;

    if ((t->driver->capabilities & HC_CAP_STAMP) == 0)
        return;
    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run_one(t, insert_item(t, 1)));
    CHECK(count_items(t, NULL) == 1);
    before = t->batch.stamp;
    CHECK_OK(count_on(t, t->connections[1], 0, &n));
    CHECK(t->batch.stamp != before); /* another connection proves nothing about this one's past */
    CHECK_OK(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &op, 1));
    CHECK(count_items(t, NULL) == 2 && t->batch.stamp != before);
}

/* The first transaction's rows are not the second's, and each sees its own. */
static void a_transaction_sees_its_own_rows_only(test *t)
{
    hc_op first = insert_item(t, 1), second = insert_item(t, 2);
    int64_t n;

    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &first, 1));
    if ((t->quirks & HC_QUIRK_ONE_WRITER) == 0) {
        CHECK_OK(run(t, t->connections[1], HC_BATCH_BEGIN, &second, 1));
        CHECK_OK(count_on(t, t->connections[1], HC_BATCH_COMMIT, &n));
        CHECK(n == 1);
        CHECK_OK(count_on(t, t->connections[0], 0, &n)); /* read committed: what the other committed since */
        CHECK(n == 2);
    }
    CHECK_OK(count_on(t, t->connections[0], HC_BATCH_ROLLBACK, &n));
    CHECK_OK(count_on(t, t->connections[1], 0, &n));
    CHECK(n == ((t->quirks & HC_QUIRK_ONE_WRITER) == 0));
}

const test_case together_cases[] = {
    {"a_read_only_transaction_is_one_snapshot", a_read_only_transaction_is_one_snapshot, ON_SEVERAL},
    {"a_snapshot_begins_with_its_transaction", a_snapshot_begins_with_its_transaction, ON_SEVERAL},
    {"what_is_not_committed_is_not_seen", what_is_not_committed_is_not_seen, ON_SEVERAL},
    {"two_writers_of_one_row_do_not_both_win", two_writers_of_one_row_do_not_both_win, ON_SEVERAL},
    {"who_adds_nothing_keeps_the_row_from_others", who_adds_nothing_keeps_the_row_from_others, ON_SEVERAL},
    {"a_stamp_is_its_connections_own", a_stamp_is_its_connections_own, ON_SEVERAL},
    {"a_transaction_sees_its_own_rows_only", a_transaction_sees_its_own_rows_only, ON_SEVERAL},
    {NULL, NULL, PLAIN},
};
