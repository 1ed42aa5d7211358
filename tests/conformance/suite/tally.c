#include "tally.h"

#include <stdio.h>

#define FULL          2000 /* sequences, from which on the floors are full */
#define SUCCESS_FLOOR 500
#define WAY_FLOOR     20

#define BIT(way)  (1u << (way))
#define ANY_VERB  (BIT(WAY_MISUSE) | BIT(WAY_TIMEOUT) | BIT(WAY_CANCELLED))
#define ANY_WRITE (ANY_VERB | BIT(WAY_EXPECT) | BIT(WAY_BUSY) | BIT(WAY_RERUN))
#define WITH_ROWS (BIT(WAY_CALLBACK) | BIT(WAY_STOPPED))

static const struct {
    const char *name;
    uint32_t ways;
} verbs[VERBS] = {
    {"", 0},
    {"insert", ANY_WRITE | BIT(WAY_UNIQUE) | BIT(WAY_INVALID) | BIT(WAY_REFUSED)},
    {"insert_if_absent", ANY_WRITE | BIT(WAY_INVALID) | BIT(WAY_ABSENT) | BIT(WAY_REFUSED)},
    {"update", ANY_WRITE | BIT(WAY_UNIQUE) | BIT(WAY_INVALID)},
    {"remove", ANY_WRITE},
    {"query", ANY_VERB | WITH_ROWS | BIT(WAY_CUT) | BIT(WAY_LIMITED)},
    {"count", ANY_VERB | BIT(WAY_CUT) | BIT(WAY_LIMITED)},
    {"group", ANY_VERB | WITH_ROWS | BIT(WAY_CUT)},
};

static const char *const ways[WAYS] = {"unique", "expect",   "invalid", "misuse", "timeout", "cancelled", "busy",
                                       "rerun",  "callback", "stopped", "cut",    "limited", "absent",    "refused"};

void tally_way(test *t, const hc_op *op, enum way way)
{
    t->tally->ways[op->verb][way]++;
}

void tally_answer(test *t, const hc_op *op, const expectation *expected)
{
    bool insert = op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT;

    t->tally->succeeded[op->verb]++;
    if (expected->cut > 0)
        tally_way(t, op, WAY_CUT);
    if (op->limit > 0 && expected->count == op->limit)
        tally_way(t, op, WAY_LIMITED);
    if (insert && expected->count == 0)
        tally_way(t, op, expected->refused ? WAY_REFUSED : WAY_ABSENT);
}

void tally_failure(test *t, const hc_op *op, const expectation *expected)
{
    if (expected->fault == HC_FAULT_UNIQUE)
        tally_way(t, op, WAY_UNIQUE);
    else if (expected->fault == HC_FAULT_EXPECT)
        tally_way(t, op, WAY_EXPECT);
    else if (expected->status == HC_ERR_MISUSE)
        tally_way(t, op, WAY_MISUSE);
    else if (expected->status == HC_ERR_TIMEOUT)
        tally_way(t, op, WAY_TIMEOUT);
    else
        tally_way(t, op, WAY_INVALID);
}

/* Those that this driver can have. */
static uint32_t ways_of(const test *t, int verb)
{
    bool transactions = (t->driver->capabilities & HC_CAP_TRANSACTIONS) != 0;
    uint32_t out = verbs[verb].ways;

    if (!transactions)
        out &= ~(BIT(WAY_REFUSED) | BIT(WAY_BUSY) | BIT(WAY_RERUN) | BIT(WAY_CANCELLED));
    if ((t->quirks & HC_QUIRK_ONE_CONNECTION) != 0)
        out &= ~BIT(WAY_BUSY);
    if ((t->quirks & (HC_QUIRK_ONE_CONNECTION | HC_QUIRK_ONE_WRITER | HC_QUIRK_NO_DEADLOCK)) != 0)
        out &= ~BIT(WAY_RERUN);
    return out;
}

static int64_t floor_of(const test *t, int64_t full)
{
    int64_t sequences = t->suite->sequences < FULL ? t->suite->sequences : FULL;

    return full * sequences / FULL;
}

static void report_verb(const test *t, int verb)
{
    const tally *counts = t->tally;
    char line[400];
    int size = snprintf(line, sizeof(line), "%s: succeeded %lld", verbs[verb].name, (long long)counts->succeeded[verb]);

    for (int way = 0; way < WAYS; way++) {
        if ((ways_of(t, verb) & BIT(way)) != 0)
            size += snprintf(line + size, sizeof(line) - (size_t)size, ", %s %lld", ways[way],
                             (long long)counts->ways[verb][way]);
    }
    t->suite->report(line, t->suite->data);
}

void tally_report(const test *t)
{
    const tally *counts = t->tally;
    char line[256];

    for (int verb = HC_VERB_INSERT; verb < VERBS; verb++)
        report_verb(t, verb);
    (void)snprintf(line, sizeof(line),
                   "transactions: committed %lld, rolled back %lld; seeks %lld; races %lld; waits for a lock %lld",
                   (long long)counts->commits, (long long)counts->rollbacks, (long long)counts->seeks,
                   (long long)counts->races, (long long)counts->waits);
    t->suite->report(line, t->suite->data);
}

static bool enough(const test *t, int verb, const char *what, int64_t count, int64_t floor, bool tell)
{
    char line[160];

    if (count >= floor || !tell)
        return count >= floor;
    (void)snprintf(line, sizeof(line), "FAILED coverage: %s: %s %lld times, at least %lld are wanted", verbs[verb].name,
                   what, (long long)count, (long long)floor);
    t->suite->report(line, t->suite->data);
    return false;
}

static bool all_enough(const test *t, bool tell)
{
    bool all = true;

    for (int verb = HC_VERB_INSERT; verb < VERBS; verb++) {
        all = enough(t, verb, "succeeded", t->tally->succeeded[verb], floor_of(t, SUCCESS_FLOOR), tell) && all;
        for (int way = 0; way < WAYS; way++) {
            if ((ways_of(t, verb) & BIT(way)) != 0)
                all = enough(t, verb, ways[way], t->tally->ways[verb][way], floor_of(t, WAY_FLOOR), tell) && all;
        }
    }
    return all;
}

bool tally_enough(const test *t)
{
    return all_enough(t, false);
}

bool tally_enforce(const test *t)
{
    return all_enough(t, true);
}
