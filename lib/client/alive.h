/* Whether a sign-in is alive (storage.md, Revocation): asked by itself, by one more operation of a batch, or as a
 * condition of a batch's own statements. */
#ifndef HC__CLIENT_ALIVE_H
#define HC__CLIENT_ALIVE_H

#include "client/session.h"

/* What goes to the driver instead of a batch. */
typedef struct hc__asking {
    hc_session *as;
    hc_batch batch;
    hc_row_fn on_row; /* the caller's, with its data */
    void *data;
    size_t question; /* the operation that asks, behind the caller's; or SIZE_MAX */
    hc_op_result answer;
    bool gave; /* a row went to the caller */
} hc__asking;

/* The batch as it is, but for `gave`. */
void hc__asking_init(hc__asking *asking, hc_session *as, const hc_batch *batch);
/* One operation more. Behind reads: alive then, alive when they were read. Before writes, which may end the sign-in. */
hc_status hc__asking_also(hc__asking *asking, hc__arena *arena, hc_error *err);
/* The condition in every read: what finds anything proves that the sign-in is alive. */
hc_status hc__asking_in_reads(hc__asking *asking, hc__arena *arena, hc_error *err);
/* The condition in the first write, so that the engine refuses the commit behind it. *able is false when that need not
 * find an exact number of rows. */
hc_status hc__asking_in_write(hc__asking *asking, bool *able, hc__arena *arena, hc_error *err);
/* Tells the caller's batch what went wrong where. */
void hc__asking_tell(const hc__asking *asking, hc_batch *batch);
/* Whether the batch, which succeeded, showed that the sign-in is alive. If not: it was asked, so it is dead; or it is
 * not known. */
bool hc__asking_proved(const hc__asking *asking);
bool hc__asking_asked(const hc__asking *asking);

hc_status hc__sign_in_ended(hc_error *err); /* fails with HC_ERR_UNAUTHENTICATED */

#endif
