/* What a driver must do, on an array in memory. */
#ifndef CONFORMANCE_MODEL_H
#define CONFORMANCE_MODEL_H

#include "harness.h"

#define MODEL_ROWS 256

typedef struct model_row {
    hc_value values[ITEM_FIELDS];
} model_row;

typedef struct model {
    model_row rows[MODEL_ROWS]; /* in the order of arrival */
    size_t count;
    model_row owners[8];
    size_t owner_count;
} model;

typedef struct expected_row {
    int32_t what;
    uint32_t count;
    hc_value *values;
} expected_row;

/* What an operation must answer. */
typedef struct expectation {
    hc_status status; /* HC_OK, or how it must fail */
    int32_t fault;
    int32_t fault_index; /* HC_INDEX_ANY: not checked */
    int64_t count;
    int64_t examined; /* -1: not checked */
    int32_t cut;      /* -1: not checked */
    bool refused;     /* the predicate of an insert did not hold */
    bool loose;       /* count and rows depend on which rows a cut scan came to */
    size_t row_count;
    expected_row rows[MODEL_ROWS + 1];
} expectation;

void model_copy(model *out, const model *from);
const model_row *model_row_of(const model *m, uint32_t n); /* by the number of its id; NULL when it is not there */

bool model_holds(const model *m, const hc_kind *kind, const model_row *row, const hc_predicate *p);
/* Applies a write, or answers a read. */
void model_apply(test *t, model *m, const hc_op *op, expectation *out);

/* Whether operation `i` of the last batch, which succeeded, answered as expected; ends the test when not. */
void check_answer(test *t, size_t i, const hc_op *op, const expectation *expected);
/* Whether the last batch, which failed, failed as expected. */
void check_failure(test *t, hc_status status, size_t i, const expectation *expected);
void check_table(test *t, model *m); /* every row of t->kind */
/* An expectation of a write: none, the right one, or a wrong one. */
void random_expect(test *t, const model *m, hc_op *op);

#endif
