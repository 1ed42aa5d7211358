/* How often each operation succeeded, and failed in each way there is. */
#ifndef CONFORMANCE_TALLY_H
#define CONFORMANCE_TALLY_H

#include "model.h"

#define VERBS (HC_VERB_GROUP + 1)

enum way {
    WAY_UNIQUE,    /* a taken unique value */
    WAY_EXPECT,    /* another number of rows than expected */
    WAY_INVALID,   /* a value against a rule of its field */
    WAY_MISUSE,    /* an operation that no core sends */
    WAY_TIMEOUT,   /* the deadline passed, before it or in the middle */
    WAY_CANCELLED, /* interrupted */
    WAY_BUSY,      /* waited for another's lock until the deadline */
    WAY_RERUN,     /* a deadlock's victim */
    WAY_CALLBACK,  /* the callback refused a row */
    /* and those that are no failures */
    WAY_STOPPED, /* the callback had enough */
    WAY_CUT,     /* scan_limit */
    WAY_LIMITED, /* limit */
    WAY_ABSENT,  /* insert_if_absent met a taken value */
    WAY_REFUSED, /* the predicate of an insert did not hold */
    WAYS
};

typedef struct tally {
    int64_t succeeded[VERBS];
    int64_t ways[VERBS][WAYS];
    int64_t turns; /* of things that are taken in turn */
    int64_t seeks, commits, rollbacks, races, waits;
} tally;

void tally_answer(test *t, const hc_op *op, const expectation *expected); /* it succeeded */
void tally_failure(test *t, const hc_op *op, const expectation *expected);
void tally_way(test *t, const hc_op *op, enum way way);
void tally_report(const test *t);
bool tally_enough(const test *t);
bool tally_enforce(const test *t); /* reports what stayed below its floor */

#endif
