/* Reads that go together. A read by id costs a server less than its trip, so such reads have no more connections than
 * make them quicker (hc__lane_learn): who gets one runs those of who waits behind it along with its own, and those that
 * differ in the id alone as one (storage/merge.h). */
#ifndef HC__STORAGE_RIDE_H
#define HC__STORAGE_RIDE_H

#include "storage/merge.h"
#include "storage/store.h"

#define HC__RIDES HC__MERGE_LIMIT /* of one trip, at most */

/* A read that may go along. It lies where its caller waits, and belongs to another thread until it is over. */
struct hc__ride {
    hc_batch *batch;         /* one query of at most one row, outside of a transaction, with its deadline */
    const atomic_bool *stop; /* as in hc__store_acquire() */
    hc_error *err;           /* or NULL */
    hc_status status;        /* once it is over: HC_OK, or why its callback refused the row */
    bool gave;               /* a row went to its callback */
    bool over;               /* another ran it */
    bool alone;              /* another could not: it goes by itself */
    hc__ride *next;          /* that goes along with the same one */
    hc__store *store;
    struct hc__waiter *waiter;
};

/* False when the batch is none of those. */
bool hc__ride_init(hc__ride *ride, hc_batch *batch, const atomic_bool *stop, hc_error *err);

/* As hc__store_acquire() for HC_CONNECT_READ. When ride->over is set, no connection was given and none is needed. Else
 * the ride must be there until the lease is released. */
hc_status hc__store_acquire_or_ride(hc__lease *lease, hc__store *store, hc__ride *ride, int64_t deadline,
                                    hc_error *err);

/* Runs the holder's batch and those that lease->rides brought. What keeps another's from being run is not told to
 * anybody: its caller asks by itself. */
hc_status hc__ride_execute(hc__lease *lease, hc_error *err);
/* Sends those that the first one (may be NULL) brought, and that did not run, off to ask by themselves. */
void hc__ride_end(hc__ride *first);

#endif
