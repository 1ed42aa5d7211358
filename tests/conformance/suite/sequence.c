/* Random sequences on one connection, each batch against the model. */
#include "generate.h"
#include "tally.h"

#define BATCH_MAX 4
#define KEPT      6
#define SEEDS     14

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static bool same_row(const result_row *got, const expected_row *expected)
{
    if (got->what != expected->what || got->count != expected->count)
        return false;
    for (uint32_t i = 0; i < got->count; i++) {
        if (!same_value(&got->values[i], &expected->values[i]))
            return false;
    }
    return true;
}

/* The first `count` of the expected rows; of groups, which come in no order, as many. */
static bool same_rows(const test *t, size_t op, const expectation *expected, size_t count, bool ordered)
{
    size_t at = 0;

    for (size_t i = 0; i < t->row_count; i++) {
        bool found = false;

        if (t->rows[i].op != op)
            continue;
        if (at == count)
            return false;
        for (size_t k = ordered ? at : 0; k < (ordered ? at + 1 : expected->row_count) && !found; k++)
            found = same_row(&t->rows[i], &expected->rows[k]);
        if (!found)
            return false;
        at++;
    }
    return at == count;
}

void check_answer(test *t, size_t i, const hc_op *op, const expectation *expected)
{
    const hc_op_result *result = op->result;

    CHECK(expected->loose || result->count == expected->count);
    CHECK(expected->examined < 0 || result->examined == expected->examined ||
          ((t->batch.flags & HC_BATCH_ROUGH) != 0 && result->examined <= expected->examined));
    CHECK(expected->cut < 0 || result->cut == expected->cut);
    if (op->verb != HC_VERB_COUNT && !expected->loose)
        CHECK(same_rows(t, i, expected, expected->row_count, op->verb == HC_VERB_QUERY));
    tally_answer(t, op, expected);
}

void check_failure(test *t, hc_status status, size_t i, const expectation *expected)
{
    CHECK(status == expected->status && t->err.status == status && t->batch.failed_op == i);
    CHECK(t->batch.fault == expected->fault && not_written(t));
    CHECK(expected->fault_index == HC_INDEX_ANY || t->batch.fault_index == expected->fault_index);
    tally_failure(t, &t->batch.ops[i], expected);
}

void check_table(test *t, model *m)
{
    expectation *expected = take(t, sizeof(*expected));
    hc_op op = query(t, t->kind, NULL);

    model_apply(t, m, &op, expected);
    CHECK_OK(run_one(t, op));
    CHECK(same_rows(t, 0, expected, expected->row_count, true));
}

/* ---- a batch ------------------------------------------------------------------------------------------------------
 */

/* What is tried beside the operations themselves. */
enum turn { TURN_NONE, TURN_STOP, TURN_REFUSE, TURN_LATE };

typedef struct workspace {
    model now, working, trial;
    expectation expected[BATCH_MAX], result;
    hc_op ops[BATCH_MAX];
    hc_op kept[KEPT]; /* of before, whose shapes come again */
    size_t kept_count;
    size_t count, good; /* the first `good` operations succeed */
    enum turn turn;
    size_t turn_op;
} workspace;

/* Of documents only where a failure has nothing to undo. */
static bool may_expect(const test *t, const hc_op *op)
{
    const hc_predicate *first =
        op->where != NULL && op->where->test == HC_TEST_AND ? op->where->children[0] : op->where;

    if (op->verb >= HC_VERB_QUERY)
        return false;
    return !t->documents || op->verb < HC_VERB_UPDATE_WHERE ||
           (first != NULL && first->test == HC_TEST_EQ && first->field == ITEM_ID);
}

void random_expect(test *t, const model *m, hc_op *op)
{
    uint32_t kind = pick(t, 10);
    size_t mark = t->pool_used;
    expectation *result;
    model *trial;

    if (!may_expect(t, op) || kind < 5)
        return;
    result = take(t, sizeof(*result));
    trial = take(t, sizeof(*trial));
    model_copy(trial, m);
    model_apply(t, trial, op, result);
    if (result->status == HC_OK)
        op->expect = (int32_t)result->count + (kind == 5);
    t->pool_used = mark;
}

static void refuse(expectation *out, hc_status status)
{
    memset(out, 0, offsetof(expectation, rows));
    out->status = status;
    out->fault_index = HC_INDEX_ANY;
}

static bool asks_words(const hc_predicate *p)
{
    bool out = p != NULL && p->test == HC_TEST_MATCH;

    for (size_t i = 0; p != NULL && i < p->child_count && !out; i++)
        out = asks_words(p->children[i]);
    return out;
}

static hc_op next_op(test *t, workspace *w)
{
    hc_op op;

    if (w->kept_count > 0 && w->working.count >= 8 && pick(t, 3) == 0) {
        op = w->kept[pick(t, (uint32_t)w->kept_count)];
        if (!t->no_words || (!asks_words(op.where) && !asks_words(op.filter)))
            return random_again(t, &w->working, &op);
    }
    op = random_op(t, &w->working);
    if (op.verb < HC_VERB_UPDATE_WHERE && pick(t, 4) != 0)
        return op;
    w->kept[w->kept_count < KEPT ? w->kept_count : pick(t, KEPT)] = op;
    w->kept_count += w->kept_count < KEPT;
    return op;
}

static void make_ops(test *t, workspace *w, bool transaction)
{
    w->good = 0;
    for (size_t i = 0; i < w->count; i++) {
        bool spoiled;

        t->no_words = transaction && i > 0 && (t->quirks & HC_QUIRK_WORDS_LATE) != 0;
        w->ops[i] = next_op(t, w);
        spoiled = pick(t, w->ops[i].verb < HC_VERB_REMOVE_WHERE ? 20 : 12) == 0; /* of the rarer ones more */
        if (spoiled)
            spoil(t, &w->ops[i]);
        else
            random_expect(t, &w->working, &w->ops[i]);
        if (w->good < i)
            continue;
        if (spoiled)
            refuse(&w->expected[i], HC_ERR_MISUSE);
        else
            model_apply(t, &w->working, &w->ops[i], &w->expected[i]);
        w->good += w->expected[i].status == HC_OK;
    }
    t->no_words = false;
}

static size_t matches(const expectation *expected)
{
    return expected->loose ? 0 : expected->row_count - (expected->cut > 0 && expected->row_count > 0);
}

/* Any of those that succeed, but a group before the others: there are few. */
static size_t one_to_stop(test *t, const workspace *w)
{
    for (size_t i = 0; i < w->good; i++) {
        if (w->ops[i].verb == HC_VERB_GROUP)
            return i;
    }
    return w->good == 0 ? 0 : pick(t, (uint32_t)w->good);
}

/* Ends a read after some of its rows, or the whole batch. */
static void plan_stop(test *t, workspace *w, enum turn turn)
{
    size_t i = one_to_stop(t, w);
    expectation *expected = &w->expected[i];

    if (w->good == 0 || w->ops[i].verb == HC_VERB_COUNT || matches(expected) == 0)
        return;
    w->turn = turn;
    w->turn_op = i;
    t->stop_op = i;
    t->stop_after = 1 + pick(t, (uint32_t)matches(expected));
    t->stop_with = turn == TURN_STOP ? 1 : HC_ERR_TOO_BROAD;
    if (turn == TURN_REFUSE) {
        refuse(expected, HC_ERR_TOO_BROAD);
        w->good = i;
    }
}

static void plan_turn(test *t, workspace *w)
{
    uint32_t kind = pick(t, 20);

    w->turn = TURN_NONE;
    if (kind == 0) {
        w->turn = TURN_LATE;
        t->batch.deadline = 1;
        refuse(&w->expected[0], HC_ERR_TIMEOUT);
        w->good = 0;
    } else if (kind < 9) {
        plan_stop(t, w, kind < 5 ? TURN_STOP : TURN_REFUSE);
    }
}

static void check_stopped(test *t, size_t i, const hc_op *op, const expectation *expected)
{
    CHECK(op->result->count == (int64_t)t->stop_after && (op->verb == HC_VERB_GROUP || op->result->cut == 0));
    CHECK(same_rows(t, i, expected, t->stop_after, op->verb == HC_VERB_QUERY));
    t->tally->succeeded[op->verb]++;
    tally_way(t, op, WAY_STOPPED);
}

static void check_batch(test *t, const workspace *w, hc_status status)
{
    if (w->good == w->count) {
        CHECK(status == HC_OK && t->batch.fault == HC_FAULT_NONE);
    } else if (w->turn == TURN_REFUSE) {
        CHECK(status == HC_ERR_TOO_BROAD && t->batch.failed_op == w->good && t->batch.fault == HC_FAULT_NONE);
        tally_way(t, &w->ops[w->good], WAY_CALLBACK);
    } else {
        check_failure(t, status, w->good, &w->expected[w->good]);
    }
    for (size_t i = 0; i < w->good && !t->failed; i++) {
        if (w->turn == TURN_STOP && w->turn_op == i)
            check_stopped(t, i, &w->ops[i], &w->expected[i]);
        else
            check_answer(t, i, &w->ops[i], &w->expected[i]);
    }
}

/* Each stands for itself: those before one that failed last. */
static void keep_alone(test *t, workspace *w)
{
    for (size_t i = 0; i < w->good; i++)
        model_apply(t, &w->now, &w->ops[i], &w->result);
}

/* Gives how many operations it was. */
static size_t run_batch(test *t, workspace *w)
{
    bool transaction = !t->documents && pick(t, 2) == 0;
    bool back = transaction && pick(t, 5) == 0;
    uint32_t flags = !transaction ? 0 : HC_BATCH_BEGIN | (back ? HC_BATCH_ROLLBACK : HC_BATCH_COMMIT);
    hc_status status;

    flags |= pick(t, 2) == 0 ? HC_BATCH_ROUGH : 0;
    w->count = transaction || pick(t, 4) == 0 ? 1 + pick(t, BATCH_MAX) : 1;
    model_copy(&w->working, &w->now);
    make_ops(t, w, transaction);
    plan_turn(t, w);
    status = run(t, t->connections[0], flags, w->ops, w->count);
    check_batch(t, w, status);
    t->batch.deadline = 0;
    t->stop_after = 0;
    t->stop_op = ANY_OP;
    if (!transaction)
        keep_alone(t, w);
    else if (w->good == w->count && !back)
        model_copy(&w->now, &w->working);
    t->tally->commits += transaction && w->good == w->count && !back;
    t->tally->rollbacks += transaction && (w->good < w->count || back);
    return w->count;
}

static void seed_owners(test *t, model *m)
{
    hc_op ops[OWNERS];

    for (uint32_t i = 0; i < OWNERS; i++) {
        ops[i] = insert_owner(t, 1000 + i, "owner", (int)i, i % 2 == 0);
        for (size_t s = 0; s < ops[i].set_count; s++)
            m->owners[i].values[ops[i].sets[s].field] = ops[i].sets[s].value;
    }
    m->owner_count = OWNERS;
    CHECK_OK(run_transaction(t, ops, OWNERS));
}

/* So that reads have something to read: those that are absent of a few, in one batch. */
static void seed_items(test *t, workspace *w)
{
    hc_op *ops = take(t, SEEDS * sizeof(*ops));
    size_t count = 0;

    while (count < SEEDS) {
        ops[count] = random_insert(t);
        ops[count].verb = HC_VERB_INSERT_IF_ABSENT;
        count += !is_id(&ops[count].sets[0].value, IDS + 1); /* that one breaks a rule */
    }
    CHECK_OK(run_all(t, ops, count));
    for (size_t i = 0; i < count && !t->failed; i++) {
        model_apply(t, &w->now, &ops[i], &w->result);
        check_answer(t, i, &ops[i], &w->result);
    }
}

void random_sequence(test *t)
{
    workspace *w = take(t, sizeof(*w));
    size_t length = 5 + pick(t, 36);

    if (!t->documents)
        seed_owners(t, &w->now);
    if (!t->failed && pick(t, 4) != 0)
        seed_items(t, w);
    for (size_t done = 0; done < length && !t->failed && !used_up(t) && w->now.count < MODEL_ROWS - BATCH_MAX;)
        done += run_batch(t, w);
    if (!t->failed)
        check_table(t, &w->now);
}
