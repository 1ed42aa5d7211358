/* What the driver interface asks of rows, on values that were read: for drivers that filter themselves, and for rows
 * that are in no store yet. */
#ifndef HC__BASE_JUDGE_H
#define HC__BASE_JUDGE_H

#include <stdbool.h>

#include "homeconnect/driver/storage.h"

int hc__value_compare(const hc_value *a, const hc_value *b); /* of one type, not null */
/* NULL is TRUE; no MATCH and no EXISTS. `values`: by position in the kind. */
bool hc__predicate_holds(const hc_predicate *p, const hc_value *values);
/* The test among the conjuncts of `where` (may be NULL) that names a row by its id, so that there is one at most; or
 * NULL. */
const hc_predicate *hc__id_test(const hc_predicate *where);
/* The same, or one that names rows by a list of ids, so that there are no more than ids. */
const hc_predicate *hc__ids_test(const hc_predicate *where);
/* Whether it asks for a row named by its id, of which there is one at most, by tests of that row alone. */
bool hc__names_a_row(const hc_predicate *p);
/* By the order of `op`, null last in either direction. Values by position in the kind. */
int hc__rows_compare(const hc_op *op, const hc_value *a, const hc_value *b);
hc_value hc__group_key(const hc_group *group, const hc_value *value);

#endif
