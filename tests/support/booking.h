/* The booking race: threads and processes that book, move and cancel viewings of a few agents at once, on one store,
 * and what an independent look into the tables finds afterwards. */
#ifndef SUPPORT_BOOKING_H
#define SUPPORT_BOOKING_H

#include <stdint.h>

typedef struct race_plan {
    int threads, processes; /* of one thread each, beside that of the threads */
    int attempts;           /* by all of them together; a tenth moves or cancels */
    const char *bug;        /* HC_BUG in all of them, or NULL */
} race_plan;

typedef struct race_result {
    int64_t won, lost, moved, cancelled;
    int64_t others; /* calls that ended neither well nor in a conflict */
    char first_other[160];
    int64_t overlaps;    /* pairs that hold one time of one agent or listing, by SQL */
    int64_t stray_slots; /* rows that do not belong to what holds its time, or are missing */
    int64_t not_free;    /* conflicts whose offer was taken all the while the call ran */
    int64_t no_reason;   /* conflicts about a time that was free all the while */
    int64_t no_offer;    /* conflicts without a next free time */
} race_result;

/* Makes a house of its own and removes it. */
void booking_race(race_result *out, const race_plan *plan);

#endif
