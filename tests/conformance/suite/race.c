/* Two units at once, on two threads: who meets an unfinished change waits for its end and then answers by what is true;
 * who waits for one who waits for it is told to run again. */
#include "generate.h"
#include "helper.h"
#include "tally.h"

#define ROWS        6
#define LEAD        1500 /* µs that the second thread gets to begin to wait: its answer is the same when it comes later */
#define SHORT       3000 /* µs for who waits in vain */
#define RERUN_LIMIT 20

typedef struct field {
    model now, trial;
    expectation expected, other;
    helper second;
} field;

static const int32_t writes[] = {HC_VERB_INSERT, HC_VERB_INSERT_IF_ABSENT, HC_VERB_UPDATE_WHERE, HC_VERB_REMOVE_WHERE};

static int32_t next_verb(test *t)
{
    return writes[t->tally->turns++ % 4];
}

/* ---- units ---------------------------------------------------------------------------------------------------------
 */

/* About one row; an update compares with what it held, and expects to find it. */
static hc_op write_of(test *t, const model *m, int32_t verb, uint32_t id)
{
    const model_row *row = model_row_of(m, id);
    hc_op op;

    if (verb == HC_VERB_REMOVE_WHERE)
        return removal(t->kind, by_id(t, id), pick(t, 2) == 0 ? 1 : HC_EXPECT_ANY);
    if (verb == HC_VERB_UPDATE_WHERE) {
        hc_value held = row == NULL ? number(HC_TYPE_INT64, 0) : row->values[ITEM_BIG];

        op = update(t->kind, both(t, by_id(t, id), leaf(t, HC_TEST_EQ, ITEM_BIG, held)), 1);
        set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, held.as.integer + 1));
        return op;
    }
    op = insert_item(t, id);
    op.verb = verb;
    return op;
}

/* Makes the row there for updates and removals, and absent for inserts. */
static hc_status prepare(test *t, field *f, int32_t verb, uint32_t id)
{
    bool wanted = verb == HC_VERB_UPDATE_WHERE || verb == HC_VERB_REMOVE_WHERE;
    hc_op op;

    if ((model_row_of(&f->now, id) != NULL) == wanted)
        return HC_OK;
    op = wanted ? insert_item(t, id) : removal(t->kind, by_id(t, id), 1);
    model_apply(t, &f->now, &op, &f->expected);
    return run_one(t, op);
}

/* The second unit again, until it is no victim. */
static hc_status rerun(test *t, uint32_t flags, hc_op *ops, size_t count)
{
    hc_status status = HC_OK;

    for (int i = 0; i < RERUN_LIMIT; i++) {
        status = run(t, t->connections[1], flags, ops, count);
        if (status == HC_OK || t->batch.fault != HC_FAULT_RERUN)
            break;
    }
    return status;
}

static bool as_expected(const test *t, hc_status status, int64_t count, const expectation *expected)
{
    if (expected->status < 0)
        return status == expected->status && t->batch.fault == expected->fault;
    return status == HC_OK && count == expected->count;
}

/* ---- one meets the other's unfinished change -----------------------------------------------------------------------
 */

static void meet(test *t, field *f)
{
    const uint32_t whole = HC_BATCH_BEGIN | HC_BATCH_COMMIT;
    uint32_t id = pick(t, ROWS);
    int32_t verb = next_verb(t);
    bool commits = pick(t, 2) == 0;
    hc_op first, second;
    hc_status status;
    int64_t count;

    CHECK_OK(prepare(t, f, pick(t, 4) > 0 ? verb : writes[pick(t, 4)], id));
    first = write_of(t, &f->now, model_row_of(&f->now, id) != NULL ? writes[2 + pick(t, 2)] : writes[pick(t, 2)], id);
    second = write_of(t, &f->now, verb, id);
    model_copy(&f->trial, &f->now);
    model_apply(t, &f->trial, &second, &f->other); /* as if the first had not begun */
    if (commits)
        model_apply(t, &f->now, &first, &f->expected);
    model_copy(&f->trial, &f->now);
    model_apply(t, &f->trial, &second, &f->expected);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &first, 1));
    CHECK(helper_start(t, &f->second, 1, whole, &second, 1));
    helper_pause(LEAD);
    status = run(t, t->connections[0], commits ? HC_BATCH_COMMIT : HC_BATCH_ROLLBACK, NULL, 0);
    if (status < 0)
        (void)helper_wait(t, &f->second);
    CHECK_OK(status);
    status = helper_wait(t, &f->second);
    count = f->second.results[0].count;
    if (t->batch.fault == HC_FAULT_RERUN) {
        status = rerun(t, whole, &second, 1);
        count = second.result->count;
    }
    if (as_expected(t, status, count, &f->expected)) {
        if (status == HC_OK)
            model_copy(&f->now, &f->trial);
    } else { /* what finds nothing to do in what is committed need not wait */
        CHECK(f->other.count == 0 && as_expected(t, status, count, &f->other));
        return;
    }
    if (status < 0)
        tally_failure(t, &second, &f->expected);
    else
        tally_answer(t, &second, &f->expected);
}

static void wait_in_vain(test *t, field *f)
{
    uint32_t id = pick(t, ROWS);
    int32_t verb = next_verb(t);
    hc_op first, second;

    CHECK_OK(prepare(t, f, verb, id));
    first = write_of(t, &f->now, verb, id);
    second = write_of(t, &f->now, verb, id);
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &first, 1));
    t->batch.deadline = monotonic() + SHORT;
    CHECK(has_waited(run(t, t->connections[1], HC_BATCH_BEGIN | HC_BATCH_COMMIT, &second, 1)) && not_written(t));
    tally_way(t, &second, WAY_BUSY);
    t->batch.deadline = 0;
    CHECK_OK(run(t, t->connections[0], HC_BATCH_ROLLBACK, NULL, 0));
    if (t->driver->ping(t->connections[1], 0, &t->err) < 0)
        CHECK_OK(reconnect(t, 1));
}

/* ---- each waits for the other --------------------------------------------------------------------------------------
 */

typedef struct knot {
    hc_op first[2], second[2]; /* of the units on the first and the second connection */
    hc_status status[2];
    bool victim[2];
} knot;

static void tie(test *t, field *f, knot *k)
{
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &k->first[0], 1));
    CHECK_OK(run(t, t->connections[1], HC_BATCH_BEGIN, &k->second[0], 1));
    CHECK(helper_start(t, &f->second, 1, HC_BATCH_COMMIT, &k->second[1], 1));
    helper_pause(LEAD);
    t->batch.deadline = monotonic() + 4 * (int64_t)LONG_WAIT;
    k->status[0] = run(t, t->connections[0], HC_BATCH_COMMIT, &k->first[1], 1);
    k->victim[0] = k->status[0] < 0 && t->batch.fault == HC_FAULT_RERUN;
    k->status[1] = helper_wait(t, &f->second);
    k->victim[1] = k->status[1] < 0 && t->batch.fault == HC_FAULT_RERUN;
}

/* Who lost runs its unit again, whole. */
static void settle(test *t, field *f, hc_op *winner, hc_op *loser, size_t connection)
{
    hc_status status;
    size_t good = 0;

    for (int i = 0; i < 2; i++) {
        model_apply(t, &f->now, &winner[i], &f->expected);
        CHECK(f->expected.status == HC_OK);
    }
    model_copy(&f->trial, &f->now);
    for (; good < 2; good++) {
        model_apply(t, &f->trial, &loser[good], &f->expected);
        if (f->expected.status < 0)
            break;
    }
    loser[0].result = loser[1].result = NULL;
    status = run(t, t->connections[connection], HC_BATCH_BEGIN | HC_BATCH_COMMIT, loser, 2);
    if (good < 2) {
        check_failure(t, status, good, &f->expected);
        return;
    }
    CHECK_OK(status);
    model_copy(&f->now, &f->trial);
}

static void deadlock(test *t, field *f)
{
    uint32_t id = pick(t, ROWS), other = (id + 1 + pick(t, ROWS - 1)) % ROWS;
    int32_t verb = next_verb(t);
    uint32_t ids[2] = {id, other};
    knot k;

    for (int i = 0; i < 2; i++) {
        CHECK_OK(prepare(t, f, verb, ids[i]));
        k.first[i] = write_of(t, &f->now, verb, ids[i]);
        k.second[1 - i] = write_of(t, &f->now, verb, ids[i]);
        k.first[i].expect = k.second[1 - i].expect = HC_EXPECT_ANY;
    }
    tie(t, f, &k);
    if (t->failed)
        return;
    CHECK(k.victim[0] != k.victim[1] && (k.victim[0] ? k.status[1] : k.status[0]) == HC_OK);
    tally_way(t, &k.first[1], WAY_RERUN);
    if (k.victim[0])
        settle(t, f, k.second, k.first, 0);
    else
        settle(t, f, k.first, k.second, 1);
}

static bool may_deadlock(const test *t)
{
    return (t->quirks & (HC_QUIRK_ONE_WRITER | HC_QUIRK_NO_DEADLOCK)) == 0;
}

void racing_sequence(test *t)
{
    field *f = take(t, sizeof(*f));
    int64_t before = t->operations;
    uint32_t length = 5 + pick(t, 36);

    CHECK(t->connections[1] != NULL || reconnect(t, 1) == HC_OK);
    while (t->operations - before < (int64_t)length && !t->failed) {
        uint32_t kind = pick(t, 10);

        if (kind < 2)
            wait_in_vain(t, f);
        else if (kind < 5 && may_deadlock(t))
            deadlock(t, f);
        else
            meet(t, f);
        t->tally->races++;
    }
    if (!t->failed)
        check_table(t, &f->now);
}

/* HC_QUIRK_NO_DEADLOCK, and its absence. */
void deadlocks_are_as_declared(test *t)
{
    bool found = (t->quirks & HC_QUIRK_NO_DEADLOCK) == 0;
    hc_op ops[2] = {insert_item(t, 1), insert_item(t, 2)};
    field *f = take(t, sizeof(*f));
    knot k;

    if ((t->quirks & HC_QUIRK_ONE_WRITER) != 0)
        return; /* none waits while another waits for it */
    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run_transaction(t, ops, 2));
    for (uint32_t i = 0; i < 2; i++) {
        k.first[i] = update(t->kind, by_id(t, 1 + i), 1);
        add(t, &k.first[i], ITEM_RANK, number(HC_TYPE_INT32, 1));
        k.second[1 - i] = k.first[i];
    }
    k.second[0].result = k.second[1].result = NULL;
    tie(t, f, &k);
    if (!t->failed)
        CHECK((k.victim[0] || k.victim[1]) == found);
}
