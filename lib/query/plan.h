/* From a query and who asks to operations: the conjuncts, the two ways to run them, and the order of rows. */
#ifndef HC__QUERY_PLAN_H
#define HC__QUERY_PLAN_H

#include "query/lower.h"

#define HC__EXAMINE_LIMIT 50000 /* rows of one list */
#define HC__PROBE_LIMIT   10000 /* of them, to find out that a selection is too large where a walk is possible */
#define HC__GUESS_LIMIT   2000  /* of them, for words or a box where a column narrows too */
#define HC__STREAM_LIMIT  256
#define HC__FAN_LIMIT     3

/* Where a row stands in the order of a list. */
typedef struct hc__position {
    int64_t keys[HC__SORT_LIMIT];
    uint8_t nulls; /* bit i: key i is null */
    hc_id id;
} hc__position;

/* A way to rows: an index and the conjuncts that it answers. */
typedef struct hc__access {
    int32_t index; /* HC_INDEX_ or a position */
    int32_t score; /* how much it narrows; below 0: not possible */
    uint8_t *used; /* by conjunct: 0, or one of the two below */
} hc__access;
#define HC__USED 1
#define HC__HERE 2 /* no driver's business: an IN that the streams spell out, the words of a walk */

/* A column before the sort key that takes several values: one stream for each. */
typedef struct hc__fan {
    uint16_t field;
    const hc_value *values;
    size_t count;
} hc__fan;

typedef struct hc__plan {
    hc__arena *arena;
    const hc__query *query;
    const hc__list_context *context;
    const hc__entity *entity;
    int64_t now; /* of the first page */
    uint16_t guard;
    hc__sort_key keys[HC__SORT_LIMIT];
    size_t key_count;
    bool reverse; /* towards the first row */
    bool starved; /* no memory */

    const hc_predicate **parts; /* conjuncts, the policy's among them */
    size_t part_count, part_capacity;
    uint64_t named;            /* bit n: a part has a field that is n, modulo 64; by hc__plan_choose() */
    const hc__expr **residual; /* clauses that the parts let through too easily */
    size_t residual_count;
    const hc_predicate *match; /* of q, one of the parts */
    const hc__expr *near;      /* the radius around the query's centre, and its parts */
    size_t near_first, near_count;

    hc__access walk; /* class A: an index gives the order; score < 0: none does */
    hc__fan fans[HC__FAN_LIMIT];
    size_t fan_count, stream_count;
    bool key_nullable, key_bounded, key_is_null; /* of the walk's sort key */
    hc__access select;                           /* class B: the rows that narrow most, sorted here */
    hc__access guess; /* words or a box beside a column that `select` is by: it may narrow far more, or not at all */
} hc__plan;

/* `now` is the cursor's, or the context's. */
hc_status hc__plan_make(hc__plan *plan, hc__arena *arena, const hc__query *query, const hc__list_context *context,
                        int64_t now, hc_error *err);
/* The second half of it: looks for the walk and the selection. */
hc_status hc__plan_choose(hc__plan *plan, hc_error *err);

/* Whether the walk runs before the selection, which then does not; otherwise the walk does when the selection is too
 * large. The guess, if there is one, runs before either. */
bool hc__plan_walks(const hc__plan *plan);
/* Stages follow one another: rows with the key, then rows where it is null (the other way round in reverse). */
typedef struct hc__stage {
    bool null_key;
    hc_order order[2];
    size_t order_count;
} hc__stage;
size_t hc__plan_stages(const hc__plan *plan, hc__stage out[2]);
/* `where` of stream `at` of the walk. NULL: no memory. */
const hc_predicate *hc__plan_stream(const hc__plan *plan, const hc__stage *stage, size_t at);
/* `where` of the selection, and the rest for either. NULL: no memory. */
const hc_predicate *hc__plan_where(const hc__plan *plan, const hc__access *access);
const hc_predicate *hc__plan_filter(const hc__plan *plan, const hc__access *access);
/* The same for a smaller radius around the centre: its box, which an index answers alone; the guard is beside it. */
const hc_predicate *hc__plan_around(const hc__plan *plan, int64_t metres);
const hc_predicate *hc__plan_beside_near(const hc__plan *plan);
/* The field whose clause would narrow the query, for HC_ERR_TOO_BROAD. */
const char *hc__plan_narrower(const hc__plan *plan);

/* Below 0: a comes before b in the direction of reading. */
int hc__plan_compare(const hc__plan *plan, const hc__position *a, const hc__position *b);

#endif
