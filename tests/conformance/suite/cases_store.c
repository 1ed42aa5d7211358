/* Transactions, stamps, deadlines, interrupts, plans. */
#include "harness.h"

#define ID(n) leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, n))

static void a_transaction_may_span_batches(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1));
    op = insert_item(t, 2);
    CHECK_OK(run(t, t->connections[0], 0, &op, 1));
    CHECK(count_items(t, NULL) == 2);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_ROLLBACK, NULL, 0));
    CHECK(count_items(t, NULL) == 0);
    op = insert_item(t, 3);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1));
    CHECK_OK(run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0));
    CHECK(count_items(t, NULL) == 1);
}

static void the_order_of_begin_and_end_is_checked(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK(run(t, t->connections[0], HC_BATCH_COMMIT, &op, 1) == HC_ERR_MISUSE);
    CHECK(run(t, t->connections[0], HC_BATCH_ROLLBACK, NULL, 0) == HC_ERR_MISUSE);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1));
    CHECK(run(t, t->connections[0], HC_BATCH_BEGIN, NULL, 0) == HC_ERR_MISUSE);
    CHECK(count_items(t, NULL) == 0); /* which rolled back */
    CHECK(run(t, t->connections[0], HC_BATCH_BEGIN | HC_BATCH_READ_ONLY | HC_BATCH_COMMIT, &op, 1) == HC_ERR_MISUSE);
    CHECK(count_items(t, NULL) == 0);
}

static void operations_outside_stand_alone(test *t)
{
    hc_op ops[3] = {insert_item(t, 1), insert_item(t, 1), insert_item(t, 2)};

    CHECK(run(t, t->connections[0], 0, ops, 3) == HC_ERR_CONFLICT);
    CHECK(t->batch.failed_op == 1);
    CHECK(count_items(t, NULL) == 1);
}

static void flags_of_later_versions_are_passed_over(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK_OK(run(t, t->connections[0], UINT32_C(1) << 31, &op, 1));
    CHECK(count_items(t, NULL) == 1);
}

static void an_equal_stamp_proves_that_nothing_changed(test *t)
{
    uint64_t before;
    int64_t n;

    if ((t->driver->capabilities & HC_CAP_STAMP) == 0)
        return;
    CHECK_OK(run_one(t, insert_item(t, 1)));
    CHECK(count_items(t, NULL) == 1);
    before = t->batch.stamp;
    CHECK(before != 0);
    CHECK(count_items(t, NULL) == 1 && t->batch.stamp == before);
    CHECK_OK(run_one(t, insert_item(t, 2)));
    CHECK(count_items(t, NULL) == 2 && t->batch.stamp != before);
    before = t->batch.stamp;
    CHECK_OK(count_on(t, t->connections[0], HC_BATCH_BEGIN | HC_BATCH_READ_ONLY | HC_BATCH_COMMIT, &n));
    CHECK(t->batch.stamp == before);
}

static void a_passed_deadline_is_a_timeout(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1));
    t->batch.deadline = 1;
    op = insert_item(t, 2);
    CHECK(run(t, t->connections[0], HC_BATCH_COMMIT, &op, 1) == HC_ERR_TIMEOUT && not_written(t));
    t->batch.deadline = 0;
    CHECK(count_items(t, NULL) == 0);
}

static void interrupt_now(test *t)
{
    t->driver->interrupt(t->connections[0]);
}

static void an_interrupt_ends_a_query(test *t)
{
    hc_op op;

    CHECK_OK(fill(t, 3000));
    op = query(t, t->kind, NULL);
    t->on_row = interrupt_now;
    CHECK(query_ids(t, &op) == HC_ERR_CANCELLED);
    CHECK(t->row_count < 3000);
    t->on_row = NULL;
    CHECK(count_items(t, NULL) == 3000); /* the next call is not hit */
}

static hc_status plan_line(const char *line, void *data)
{
    test *t = data;

    t->row_count = line[0] != '\0' ? t->row_count + 1 : 0;
    return HC_OK;
}

static void plans_are_told(test *t)
{
    hc_op op = query(t, t->kind, ID(1));

    t->row_count = 0;
    CHECK_OK(t->driver->explain(t->connections[0], &op, plan_line, t, &t->err));
    CHECK(t->row_count > 0);
    CHECK(t->driver->ping(t->connections[0], 0, &t->err) == HC_OK);
}

static void readers_do_not_write(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK_OK(t->driver->connect(&t->connections[1], t->store, HC_CONNECT_READ, 0, &t->err));
    CHECK(run(t, t->connections[1], 0, &op, 1) == HC_ERR_MISUSE);
    CHECK(t->documents || run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &op, 1) == HC_ERR_MISUSE);
    CHECK_OK(run_one(t, op));
    op = count_of(t->kind, NULL);
    CHECK_OK(run(t, t->connections[1], 0, &op, 1));
    CHECK(op.result->count == 1);
}

const test_case store_cases[] = {
    {"a_transaction_may_span_batches", a_transaction_may_span_batches, PLAIN},
    {"the_order_of_begin_and_end_is_checked", the_order_of_begin_and_end_is_checked, PLAIN},
    {"operations_outside_stand_alone", operations_outside_stand_alone, ON_DOCUMENTS},
    {"flags_of_later_versions_are_passed_over", flags_of_later_versions_are_passed_over, ON_DOCUMENTS},
    {"an_equal_stamp_proves_that_nothing_changed", an_equal_stamp_proves_that_nothing_changed, PLAIN},
    {"a_passed_deadline_is_a_timeout", a_passed_deadline_is_a_timeout, PLAIN},
    {"an_interrupt_ends_a_query", an_interrupt_ends_a_query, ON_DOCUMENTS},
    {"plans_are_told", plans_are_told, ON_DOCUMENTS},
    {"readers_do_not_write", readers_do_not_write, ON_DOCUMENTS | ON_SEVERAL},
    {NULL, NULL, PLAIN},
};
