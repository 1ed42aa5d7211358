/* Each operation is ended in the middle of its work, by its deadline and by an interrupt from another thread. */
#include "generate.h"
#include "helper.h"
#include "tally.h"

#define FILL     2000
#define LONG_ONE 300  /* rows with long titles */
#define TITLE    8000 /* letters: one row alone must not take long, for engines look up between rows */
#define NEEDLE   1000
#define DEADLINE 10000

static hc_status lengthen_titles(test *t)
{
    hc_op op = update(t->kind, leaf(t, HC_TEST_LT, ITEM_RANK, number(HC_TYPE_INT32, LONG_ONE)), LONG_ONE);
    char *title = take(t, TITLE + 1);

    memset(title, 'a', TITLE);
    set(t, &op, ITEM_TITLE, text(HC_TYPE_TEXT, title));
    return run_one(t, op);
}

/* Longer than any deadline here, on engines that run a join as a loop and on those that do not: a product of the table
 * with itself, twice, and a search for half a match at each place of long texts. */
static const hc_predicate *endless(test *t)
{
    const hc_predicate *never = leaf(t, HC_TEST_EQ, ITEM_TITLE, text(HC_TYPE_TEXT, "never"));
    const hc_predicate *inside = exists(t, t->kind, ITEM_STATE, ITEM_STATE, never);
    char *needle = take(t, NEEDLE + 1);

    memset(needle, 'a', NEEDLE);
    needle[NEEDLE / 2] = 'b';
    return either(t, exists(t, t->kind, ITEM_STATE, ITEM_STATE, inside),
                  leaf(t, HC_TEST_CONTAINS, ITEM_TITLE, text(HC_TYPE_TEXT, needle)));
}

static hc_op endless_op(test *t, int32_t verb)
{
    static const hc_group by_state = {ITEM_STATE, HC_GROUP_VALUE, 0, NULL};
    hc_op op;

    switch (verb) {
    case HC_VERB_INSERT:
    case HC_VERB_INSERT_IF_ABSENT:
        op = insert_item(t, FILL + 1);
        op.verb = verb;
        op.where = exists(t, t->kind, ITEM_STATE, ITEM_STATE, endless(t));
        break;
    case HC_VERB_UPDATE_WHERE:
        op = update(t->kind, endless(t), HC_EXPECT_ANY);
        set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, -1));
        break;
    case HC_VERB_REMOVE_WHERE:
        op = removal(t->kind, endless(t), HC_EXPECT_ANY);
        break;
    case HC_VERB_QUERY:
        op = query(t, t->kind, endless(t));
        break;
    default:
        op = count_of(t->kind, endless(t));
        op.verb = verb;
        op.group = verb == HC_VERB_GROUP ? &by_state : NULL;
    }
    return op;
}

static void end_by_deadline(test *t, hc_op op)
{
    int64_t started = monotonic();
    hc_status status;

    t->batch.deadline = started + DEADLINE;
    status = run_one(t, op);
    t->batch.deadline = 0;
    /* A write may have waited for a lock as far as its driver knows. */
    CHECK(status == HC_ERR_TIMEOUT || (op.verb < HC_VERB_QUERY && status == HC_ERR_BUSY));
    CHECK(not_written(t) && monotonic() - started < LONG_WAIT);
    tally_way(t, &op, WAY_TIMEOUT);
}

static void end_by_interrupt(test *t, hc_op op)
{
    int64_t started = monotonic();
    interrupter other;
    hc_status status;

    CHECK(interrupter_start(t, &other));
    status = run_one(t, op);
    interrupter_end(&other);
    CHECK(status == HC_ERR_CANCELLED && not_written(t) && monotonic() - started < LONG_WAIT);
    tally_way(t, &op, WAY_CANCELLED);
}

void stops(test *t)
{
    int32_t sequences = t->suite->sequences;
    int rounds = sequences >= 2000 ? 20 : 1 + sequences / 100;
    hc_op touched;

    CHECK_OK(fill(t, FILL));
    CHECK_OK(lengthen_titles(t));
    for (int i = 0; i < rounds; i++) {
        for (int32_t verb = HC_VERB_INSERT; verb <= HC_VERB_GROUP; verb++) {
            size_t mark = t->pool_used;

            end_by_deadline(t, endless_op(t, verb));
            if (!t->failed && t->driver->ping(t->connections[0], 0, &t->err) < 0)
                CHECK_OK(reconnect(t, 0));
            if (!t->failed)
                end_by_interrupt(t, endless_op(t, verb));
            if (t->failed)
                return;
            t->pool_used = mark;
        }
    }
    CHECK(count_items(t, NULL) == FILL);
    touched = count_of(t->kind, leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, -1)));
    CHECK_OK(run_one(t, touched));
    CHECK(t->batch.ops[0].result->count == 0);
}
