/* The tree of a filter. Two-valued: a test of null is false, but `ne` is true; NOT is the plain complement. */
#ifndef HC__QUERY_EXPR_H
#define HC__QUERY_EXPR_H

#include "query/query.h"

#define HC__FILTER_BYTES    4096
#define HC__FILTER_DEPTH    16
#define HC__PREDICATE_LIMIT 64
#define HC__LIST_LIMIT      200
#define HC__POLYGON_LIMIT   256
#define HC__PATTERN_LIMIT   128 /* code points of startswith and contains */
#define HC__WORD_LIMIT      8

/* The one field of D2 that is computed; its filter and sort are property-specific. */
#define HC__DAYS_ON_MARKET HC__SORT_DAYS_ON_MARKET

typedef enum hc__expr_kind {
    HC__EXPR_AND,
    HC__EXPR_OR,
    HC__EXPR_NOT,
    HC__EXPR_TEST,    /* one field */
    HC__EXPR_NEAR,    /* numbers: latitude, longitude, metres */
    HC__EXPR_BOX,     /* numbers: west, south, east, north */
    HC__EXPR_POLYGON, /* numbers: longitude, latitude of each corner; the ring closes itself */
} hc__expr_kind;

struct hc__expr {
    hc__expr_kind kind;
    int32_t test;           /* of TEST: HC_TEST_TRUE, FALSE, EQ to IN, IS_NULL, NOT_NULL */
    uint16_t field;         /* of TEST: a position, or HC__DAYS_ON_MARKET */
    const hc_value *values; /* of TEST, as they are compared: folded where the field has a norm; now() is of type NOW */
    size_t value_count;
    const hc__expr *const *children;
    size_t child_count;
    const int64_t *numbers;
    size_t number_count;
};

/* All give NULL without memory. */
const hc__expr *hc__expr_join(hc__arena *arena, hc__expr_kind kind, const hc__expr *const *items, size_t count);
const hc__expr *hc__expr_not(hc__arena *arena, const hc__expr *item);
const hc__expr *hc__expr_test(hc__arena *arena, uint16_t field, int32_t test, const hc_value *values, size_t count);
const hc__expr *hc__expr_int(hc__arena *arena, uint16_t field, int32_t test, int32_t type, int64_t value);
const hc__expr *hc__expr_geo(hc__arena *arena, hc__expr_kind kind, const int64_t *numbers, size_t count);

/* Whether a test of `field` stands anywhere below. */
bool hc__expr_names(const hc__expr *expr, uint16_t field);
size_t hc__expr_predicates(const hc__expr *expr);
/* The test whose truth is the complement's, for LT, LE, GT, GE, EQ, NE, IS_NULL, NOT_NULL, TRUE, FALSE. */
int32_t hc__test_inverse(int32_t test);
/* A number or time that is finer than the field: rewrites `test` so that it compares with the floor exactly. */
int32_t hc__test_of_floor(int32_t test);
/* Bytes that are equal exactly when two trees are. */
void hc__expr_key(hc__buf *out, const hc__expr *expr);
/* Canonical $filter text. */
void hc__expr_print(hc__buf *out, const hc__entity *entity, const hc__expr *expr);

#endif
