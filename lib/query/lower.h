/* From the tree to predicates of the driver interface: negation at the leaves, the null rules of domain.md D2, norm
 * columns, and the guard over what a reader may not see. */
#ifndef HC__QUERY_LOWER_H
#define HC__QUERY_LOWER_H

#include "query/expr.h"

/* The tree with now() and days_on_market in terms of stored fields; NULL without memory. */
const hc__expr *hc__resolve(hc__arena *arena, const hc__entity *entity, const hc__expr *expr, int64_t now);
/* *exact false: the predicate lets through more than the tree does, never less, and the rows need hc__holds().
 * `guard`: the field that must be true beside every leaf over an address or place, or HC_NO_FIELD. NULL: no memory. */
const hc_predicate *hc__lower(bool *exact, hc__arena *arena, const hc__entity *entity, uint16_t guard,
                              const hc__expr *expr);
/* One row as it comes up: the column of each field of at least those that are asked for. */
typedef struct hc__row_view {
    const hc_value *values;
    const uint8_t *columns; /* by position */
} hc__row_view;
const hc_value *hc__row_value(const hc__row_view *row, uint16_t field);
bool hc__row_shows(const hc__row_view *row, uint16_t guard); /* the guard is there and true */
/* The whole tree on one row, which has the fields that hc__needed() marked. */
bool hc__holds(const hc__entity *entity, uint16_t guard, const hc__expr *expr, const hc__row_view *row);
void hc__needed(uint64_t *fields, const hc__entity *entity, uint16_t guard, const hc__expr *expr);

const hc_predicate *hc__predicate_leaf(hc__arena *arena, uint16_t field, int32_t test, const hc_value *values,
                                       size_t count);
/* MATCH over the fields of tokens from `first` to `last`. */
const hc_predicate *hc__predicate_words(hc__arena *arena, uint16_t first, uint16_t last, const hc_value *words,
                                        size_t count);
const hc_predicate *hc__predicate_int(hc__arena *arena, uint16_t field, int32_t test, int32_t type, int64_t value);
/* AND or OR with constants folded. */
const hc_predicate *hc__predicate_join(hc__arena *arena, int32_t test, const hc_predicate *const *items, size_t count);
bool hc__is_test(const hc_predicate *predicate, int32_t test);
/* For explanations and tests. */
void hc__predicate_print(hc__buf *out, const hc_kind *kind, const hc_predicate *predicate);

#endif
