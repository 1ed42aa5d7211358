/* One list being read: the projection, the best rows so far, and how far the scan came. */
#ifndef HC__QUERY_RUN_H
#define HC__QUERY_RUN_H

#include "query/plan.h"
#include "query/seek.h"

typedef struct hc__entry {
    hc__position at;
    hc__record row; /* values NULL: not read yet */
} hc__entry;

typedef struct hc__run {
    hc__plan *plan;
    hc__arena *page;    /* of the rows */
    hc__arena *scratch; /* of the call */
    const hc__position *after;
    hc__entry *entries; /* sorted in the direction of reading */
    size_t count, wanted;
    /* what the operations read: first the fields that rows show, then those that only this room needs */
    uint16_t fields[HC__FIELD_LIMIT];
    uint8_t columns[HC__FIELD_LIMIT]; /* by field */
    size_t field_count, shown_count;
    /* how rows come */
    bool ordered;                  /* each operation in the order of the list */
    bool alone;                    /* and there is only one */
    bool with_rows;                /* rows are kept as they come; otherwise only where they stand */
    bool null_key;                 /* this stage's */
    bool test_words;               /* of q, on the rows */
    bool rough;                    /* nobody needs to know how many rows the operations examine */
    int64_t within;                /* metres, of a round by distance */
    size_t accepted, accept_limit; /* rows that held, and when to stop (0: never) */
    int64_t examined;
    bool cut; /* the scan was; rows up to `scanned` are complete */
    bool capped;
    hc__position scanned;
    hc__position *last;       /* by operation, the last row that came; NULL: nobody asks */
    const hc__seeker *seeker; /* of q, when rows are searched here */
} hc__run;

void hc__run_init(hc__run *run, hc__plan *plan, hc__arena *page, hc__arena *scratch, const hc__position *after);
/* Fills the projection: the fields of the answer when `rows`, and what keys and residual need. */
void hc__run_project(hc__run *run, bool rows);
/* One more field. */
void hc__run_read(hc__run *run, uint16_t field);
/* Executes operations and keeps the best rows. */
hc_status hc__run_batch(hc__run *run, hc_op *ops, size_t count, hc_error *err);
/* The scan ended behind that row. */
void hc__run_cut(hc__run *run, const hc__position *at);
/* An operation with this projection. */
hc_op hc__run_op(const hc__run *run, const hc_predicate *where, const hc_predicate *filter, int32_t index);
/* The rows of the entries by id, under the policy; entries whose row went away are dropped. */
hc_status hc__run_fetch(hc__run *run, hc_error *err);
int32_t hc__place_index(const hc__plan *plan); /* by latitude and longitude */
hc_status hc__too_broad(const hc__run *run, const char *what, hc_error *err);

/* Makes ready to look for the words of q in rows. */
hc_status hc__run_seek(hc__run *run, hc_error *err);
/* The newest matches of q, with where its words stand. */
hc_status hc__ranking_op(hc_op *out, hc__run *run, hc_error *err);
/* Of a row of the ranking, from the words that the driver found in its token fields. */
int64_t hc__relevance(const hc__run *run, const hc__row_view *row);
/* Every word of q occurs in a row, as the token columns would say. */
bool hc__words_hold(const hc__run *run, const hc__row_view *row);
/* The last of a run: the number of matches, at most `cap`; not exact when the cap or the limit of rows examined was
 * met. */
hc_status hc__run_total(int64_t *out, bool *exact, hc__run *run, int64_t cap, hc_error *err);

/* The ways to run. */
hc_status hc__run_walk(hc__run *run, int64_t budget, hc_error *err);
hc_status hc__run_select(hc__run *run, bool *too_many, const hc__access *select, int64_t budget, hc_error *err);
hc_status hc__run_nearest(hc__run *run, hc_error *err);
hc_status hc__run_ranked(hc__run *run, hc_error *err);

#endif
