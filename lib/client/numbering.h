/* events.seq: the order of commits, in which changes of one row stand by its versions. Where one writer at a time
 * commits, a unit numbers its own events. Elsewhere a pass numbers what was committed: one at a time, under the lock of
 * the audit log's head, so that numbers become visible in their order, without a gap that is filled later. An event
 * that is committed late gets a late number, whatever its id. */
#ifndef HC__CLIENT_NUMBERING_H
#define HC__CLIENT_NUMBERING_H

#include "client/unit.h"

/* The op that reads the highest number; it gives no row when there is none. Its `where` lies in `arena` and is NULL
 * without memory. */
hc_op hc__events_last(hc__arena *arena);

/* The op that counts whether one waits for its number, up to 1; its `where` as above. */
hc_op hc__events_waiting(hc__arena *arena, hc_op_result *result);

/* Numbers at most about `most` events that have none, in the unit; *numbered tells how many. 0: none waits. */
hc_status hc__events_number(hc__unit *unit, int64_t most, int64_t *numbered, hc_error *err);
/* The same from outside of a unit, to the end, but begins no pass after `until`. */
hc_status hc__events_start(hc__core *core, int64_t until, int64_t *numbered, hc_error *err);

#endif
