/* Transactions, snapshots, stamps, deadlines, interrupts, migrations. */
#include "harness.h"

#include <time.h>

#define ID(n)      leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, n))
#define SHORT_WAIT 200000 /* µs */

static int64_t monotonic(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static bool alone(test *t)
{
    hc_storage_limits limits = {sizeof(limits), 0, 0};

    t->driver->limits(t->store, &limits);
    return limits.connections == 1 ||
           t->driver->connect(&t->connections[1], t->store, HC_CONNECT_WRITE, 0, &t->err) < 0;
}

static hc_status count_on(test *t, void *conn, uint32_t flags, int64_t *out)
{
    hc_op op = count_of(&items, NULL);
    hc_status status = run(t, conn, flags, &op, 1);

    *out = status < 0 ? -1 : op.result->count;
    return status;
}

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

static void a_read_only_transaction_is_one_snapshot(test *t)
{
    hc_op op = insert_item(t, 1);
    int64_t n;

    if (alone(t))
        return;
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

static void what_is_not_committed_is_not_seen(test *t)
{
    hc_op op = insert_item(t, 1);
    int64_t n;

    if (alone(t))
        return;
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
    hc_status status;

    if (alone(t))
        return;
    CHECK_OK(run_one(t, insert_item(t, 1)));
    first = update(&items, both(t, ID(1), leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, 1))), 1);
    set(t, &first, ITEM_BIG, number(HC_TYPE_INT64, 2));
    second = first;
    second.result = NULL;
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &first, 1));
    t->batch.deadline = started + SHORT_WAIT;
    status = run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &second, 1);
    CHECK(status == HC_ERR_BUSY || status == HC_ERR_TIMEOUT);
    CHECK((t->err.flags & HC_ERROR_WRITTEN_MASK) == HC_ERROR_WRITTEN_NO);
    CHECK(monotonic() - started < 5 * SHORT_WAIT);
    t->batch.deadline = 0;
    CHECK_OK(run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0));
    second.result = NULL;
    CHECK(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &second, 1) < 0);
    CHECK(t->batch.fault == HC_FAULT_EXPECT);
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
    if (alone(t))
        return;
    CHECK_OK(count_on(t, t->connections[1], 0, &n));
    CHECK(t->batch.stamp != before); /* another connection proves nothing about this one's past */
    {
        hc_op op = insert_item(t, 3);

        CHECK_OK(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &op, 1));
    }
    CHECK(count_items(t, NULL) == 3 && t->batch.stamp != before);
}

static void a_passed_deadline_is_a_timeout(test *t)
{
    hc_op op = insert_item(t, 1);

    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1));
    t->batch.deadline = 1;
    op = insert_item(t, 2);
    CHECK(run(t, t->connections[0], HC_BATCH_COMMIT, &op, 1) == HC_ERR_TIMEOUT);
    CHECK((t->err.flags & HC_ERROR_WRITTEN_MASK) == HC_ERROR_WRITTEN_NO);
    t->batch.deadline = 0;
    CHECK(count_items(t, NULL) == 0);
}

static hc_status fill(test *t, uint32_t count)
{
    hc_op op = insert_item(t, 0);
    hc_status status = run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1);

    for (uint32_t i = 1; i < count && status == HC_OK; i++) {
        size_t mark = t->pool_used;

        op = insert_item(t, i);
        status = run(t, t->connections[0], 0, &op, 1);
        t->pool_used = mark;
    }
    return status < 0 ? status : run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0);
}

/* Longer than any deadline here, on engines that run a join as a loop and on those that do not: a product of the table
 * with itself, twice, and a search for half a match at each place of long texts. */
static hc_op endless(test *t)
{
    const hc_predicate *never = leaf(t, HC_TEST_EQ, ITEM_TITLE, text(HC_TYPE_TEXT, "never"));
    const hc_predicate *inside = exists(t, &items, ITEM_STATE, ITEM_STATE, never);
    char *needle = take(t, 5001);

    memset(needle, 'a', 5000);
    needle[2500] = 'b';
    return count_of(&items, either(t, exists(t, &items, ITEM_STATE, ITEM_STATE, inside),
                                   leaf(t, HC_TEST_CONTAINS, ITEM_TITLE, text(HC_TYPE_TEXT, needle))));
}

static hc_status lengthen_titles(test *t)
{
    hc_op op = update(&items, leaf(t, HC_TEST_LT, ITEM_RANK, number(HC_TYPE_INT32, 300)), 300);
    char *title = take(t, 20001);

    memset(title, 'a', 20000);
    set(t, &op, ITEM_TITLE, text(HC_TYPE_TEXT, title));
    return run_one(t, op);
}

static void a_deadline_ends_a_long_statement(test *t)
{
    int64_t started;
    hc_op op;

    CHECK_OK(fill(t, 2000));
    CHECK_OK(lengthen_titles(t));
    started = monotonic();
    t->batch.deadline = started + SHORT_WAIT;
    op = endless(t);
    CHECK(run_one(t, op) == HC_ERR_TIMEOUT);
    CHECK(monotonic() - started < 10 * SHORT_WAIT);
    t->batch.deadline = 0;
    CHECK(count_items(t, NULL) == 2000);
}

static void interrupt_now(test *t)
{
    t->driver->interrupt(t->connections[0]);
}

static void an_interrupt_ends_a_query(test *t)
{
    hc_op op;

    CHECK_OK(fill(t, 3000));
    op = query(t, &items, NULL);
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
    hc_op op = query(t, &items, ID(1));

    CHECK_OK(t->driver->explain(t->connections[0], &op, plan_line, t, &t->err));
    CHECK(t->row_count > 0);
    CHECK(t->driver->ping(t->connections[0], 0, &t->err) == HC_OK);
}

/* ---- migrations ---------------------------------------------------------------------------------------------------
 */

static const hc_value nine = {HC_TYPE_INT32, 0, {9}};
static const hc_field note_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 2, 0},
    {"body", HC_TYPE_TEXT, 100, 0, 0, 0, 0, NULL, NULL, 2, 0},
    {"level", HC_TYPE_INT32, 0, 0, 0, 0, 0, NULL, &nine, 3, 0},
    {"words", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 3, 0},
    {"words_open", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 4, 0},
};
static const uint16_t on_body[] = {1};
static const uint16_t on_level[] = {2};
static const hc_index note_indexes[] = {{"by_body", HC_INDEX_UNIQUE, 1, on_body, 2, 0},
                                        {"by_level", 0, 1, on_level, 3, 0}};
static const hc_kind notes = {"conf_notes", HC_KIND_TRANSACTIONAL, 0, note_fields, 5, 2, note_indexes, 2, 0};
static const hc_kind young_notes = {"conf_notes", HC_KIND_TRANSACTIONAL, 0, note_fields, 2, 1, note_indexes, 2, 0};
static const hc_step second_steps[] = {{HC_STEP_CREATE_KIND, 0, &notes}};
static const hc_step third_steps[] = {
    {HC_STEP_ADD_FIELD, 2, &notes}, {HC_STEP_CREATE_INDEX, 1, &notes}, {HC_STEP_ADD_FIELD, 3, &notes}};
static const hc_step fourth_steps[] = {{HC_STEP_ADD_FIELD, 4, &notes}, {HC_STEP_DROP_INDEX, 0, &notes}};
static const hc_step broken_steps[] = {{HC_STEP_ADD_FIELD, 2, &notes}, {HC_STEP_CREATE_KIND, 0, &owners}};

static hc_op insert_note(test *t, uint32_t n, const char *body)
{
    hc_op op = insert_owner(t, n, body, 0, false);

    op.kind = &notes;
    op.set_count = 2;
    return op;
}

/* As a library of version 2 would. */
static hc_op insert_young(test *t, uint32_t n, const char *body)
{
    hc_op op = insert_note(t, n, body);

    op.kind = &young_notes;
    return op;
}

static const hc_kind grown_notes = {"conf_notes", HC_KIND_TRANSACTIONAL, 0, note_fields, 4, 2, note_indexes, 2, 0};

static hc_status migrate_to(test *t, int i, size_t count)
{
    hc_migration list[4] = {first_migration, {2, 1, second_steps}, {3, 3, third_steps}, {4, 2, fourth_steps}};

    return t->driver->migrate(t->connections[i], list, count, 0, &t->err);
}

static int64_t notes_where(test *t, const hc_predicate *where)
{
    return run_one(t, count_of(&notes, where)) < 0 ? -1 : t->batch.ops[0].result->count;
}

static void migrations_change_the_schema_step_by_step(test *t)
{
    const hc_predicate *found;
    int32_t version = 0;
    hc_op op;

    CHECK_OK(migrate_to(t, 0, 2));
    CHECK_OK(run_one(t, insert_young(t, 1, "one")));
    CHECK(run_one(t, insert_young(t, 2, "one")) == HC_ERR_CONFLICT);
    CHECK_OK(migrate_to(t, 0, 3));
    CHECK_OK(t->driver->schema(t->connections[0], &version, &t->err));
    CHECK(version == 3);
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 9))) == 1);
    op = update(&grown_notes, NULL, 1);
    set(t, &op, 3, text(HC_TYPE_TOKENS, "zqkept zqalone"));
    CHECK_OK(run_one(t, op));
    found = leaf(t, HC_TEST_MATCH, 3, text(HC_TYPE_TOKENS, "zqkept"));
    op = update(&grown_notes, both(t, found, leaf(t, HC_TEST_MATCH, 3, text(HC_TYPE_TOKENS, "zqal*"))), 1);
    set(t, &op, 2, number(HC_TYPE_INT32, 10));
    CHECK_OK(run_one(t, op)); /* the only words of the kind */
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK_OK(run_one(t, insert_note(t, 2, "one"))); /* its unique index was dropped */
    CHECK(notes_where(t, found) == 1);
    op = update(&notes, found, 1);
    set(t, &op, 4, text(HC_TYPE_TOKENS, "zqmore"));
    CHECK_OK(run_one(t, op));
    CHECK(notes_where(t, leaf(t, HC_TEST_MATCH, 4, text(HC_TYPE_TOKENS, "zqmore"))) == 1);
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 10))) == 1);
}

static void migrating_again_changes_nothing(test *t)
{
    int32_t version = 0;

    CHECK_OK(run_one(t, insert_item(t, 1)));
    CHECK_OK(migrate_to(t, 0, 1));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK(count_items(t, NULL) == 1);
    CHECK(migrate_to(t, 0, 3) == HC_ERR_SCHEMA); /* the store is newer */
    CHECK_OK(t->driver->schema(t->connections[0], &version, &t->err));
    CHECK(version == 4);
}

static void two_connections_migrate_one_store(test *t)
{
    if (alone(t))
        return;
    CHECK_OK(migrate_to(t, 0, 2));
    CHECK_OK(migrate_to(t, 1, 4));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK_OK(run_one(t, insert_note(t, 1, "one")));
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 9))) == 1);
}

static void a_migration_is_all_or_nothing(test *t)
{
    hc_migration list[3] = {
        first_migration, {2, 1, second_steps}, {3, 2, broken_steps}}; /* the kind is there already */
    int32_t version = 0;

    CHECK(t->driver->migrate(t->connections[0], list, 3, 0, &t->err) < 0);
    CHECK_OK(t->driver->schema(t->connections[0], &version, &t->err));
    CHECK(version == 2);
    CHECK_OK(run_one(t, insert_young(t, 1, "one")));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 9))) == 1);
}

static void another_history_is_refused(test *t)
{
    hc_migration list[1] = {{1, 1, second_steps}};

    CHECK(t->driver->migrate(t->connections[0], list, 1, 0, &t->err) == HC_ERR_SCHEMA);
    CHECK(count_items(t, NULL) == 0);
}

const test_case store_cases[] = {
    {"a_transaction_may_span_batches", a_transaction_may_span_batches},
    {"the_order_of_begin_and_end_is_checked", the_order_of_begin_and_end_is_checked},
    {"operations_outside_stand_alone", operations_outside_stand_alone},
    {"a_read_only_transaction_is_one_snapshot", a_read_only_transaction_is_one_snapshot},
    {"what_is_not_committed_is_not_seen", what_is_not_committed_is_not_seen},
    {"two_writers_of_one_row_do_not_both_win", two_writers_of_one_row_do_not_both_win},
    {"an_equal_stamp_proves_that_nothing_changed", an_equal_stamp_proves_that_nothing_changed},
    {"a_passed_deadline_is_a_timeout", a_passed_deadline_is_a_timeout},
    {"a_deadline_ends_a_long_statement", a_deadline_ends_a_long_statement},
    {"an_interrupt_ends_a_query", an_interrupt_ends_a_query},
    {"plans_are_told", plans_are_told},
    {"migrations_change_the_schema_step_by_step", migrations_change_the_schema_step_by_step},
    {"migrating_again_changes_nothing", migrating_again_changes_nothing},
    {"two_connections_migrate_one_store", two_connections_migrate_one_store},
    {"a_migration_is_all_or_nothing", a_migration_is_all_or_nothing},
    {"another_history_is_refused", another_history_is_refused},
    {NULL, NULL},
};
