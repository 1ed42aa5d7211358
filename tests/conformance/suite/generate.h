/* Random values, predicates and operations, of t->kind. */
#ifndef CONFORMANCE_GENERATE_H
#define CONFORMANCE_GENERATE_H

#include "model.h"

#define IDS    60
#define OWNERS 5 /* their ids begin at 1000 */

hc_value random_present(test *t, uint16_t field);
hc_value random_value(test *t, uint16_t field); /* or null */
const hc_predicate *random_predicate(test *t, int depth);
const hc_predicate *by_id(test *t, uint32_t n);

hc_op random_insert(test *t);
hc_op random_query(test *t, const model *m);
hc_op random_count(test *t);
hc_op random_group(test *t);
hc_op random_op(test *t, const model *m);
/* The shape of one of before with other values, which an engine may have prepared for it. */
hc_op random_again(test *t, const model *m, const hc_op *before);
void spoil(test *t, hc_op *op); /* makes it one that no core sends: HC_ERR_MISUSE */

#endif
