/* Units of work by number, what their callers were told of each, and whether the store agrees. Thread-safe but for
 * outcome_faults(). */
#ifndef SUPPORT_OUTCOME_H
#define SUPPORT_OUTCOME_H

#include "house.h"

#define OUTCOME_LIMIT 1000000 /* units of one test */

enum { OUTCOME_NOT_TRIED, OUTCOME_WRITTEN, OUTCOME_NOT_WRITTEN, OUTCOME_UNKNOWN };

/* Runs the next unit on a session: two listings and a new price for the first, with its number in their titles. What it
 * may fail with is what a store that cannot be reached is told as; anything else ends the test. */
hc_status outcome_try(hc_client *client, hc_session *as, hc_error *err);
/* A unit that could not be tried for want of a session. */
void outcome_refused(hc_status status, const hc_error *err);
int outcome_last(void); /* of the newest unit that was tried */
int outcome_count(int told);
int outcome_inside(void); /* units that are between their first write and the answer to their COMMIT */

/* So many threads (at most 8) that try unit after unit on sessions of house.client, each with that timeout (0: the
 * client's), until outcome_end(). */
void outcome_begin(int writers, int64_t timeout);
void outcome_also_by(hc_client *client); /* every second of them on sessions of this one */
int outcome_done(void);                  /* units that they were told of as written */
/* Until so many more of them are, which `patience` µs are enough for, or the test ends. */
void outcome_wait(int more, int64_t patience);
void outcome_end(void);

/* How many units are not as they were told, or there in part, or twice; prints the tally. */
int64_t outcome_faults(const char *after);
int64_t outcome_resolved(void); /* lost answers to COMMIT that the library asked for again, by the audit log */

#endif
