/* What the caller wrote and nobody delivered, in lists, counts and groups: in a unit of work it cannot be delivered
 * first, since it is not committed; elsewhere the store may refuse it. For hybrid_read.c. */
#ifndef HC__CLIENT_HYBRID_OWN_H
#define HC__CLIENT_HYBRID_OWN_H

#include "client/unit.h"

typedef struct hc__own hc__own;

/* For the operations of `batch` at the `count` places of `which`, in order; unit NULL: none is open. *out NULL: there
 * is nothing. Its memory is the arena's, but for what hc__own_free() frees, also after a failure. */
hc_status hc__own_gather(hc__own **out, hc_session *as, hc__unit *unit, hc__arena *arena, const hc_batch *batch,
                         const size_t *which, size_t count, hc_error *err);
/* `op`, a copy of the one at `place`, becomes what the store of documents is to be asked. */
hc_status hc__own_ask(hc__own *own, hc_op *op, size_t place, hc_error *err);
/* A row that the store gave for it goes on to the batch's owner, behind what comes before it. */
hc_status hc__own_take(hc__own *own, const hc_row *row, size_t place, hc_error *err);
/* After the last row of all: gives the rest, and fills the results. */
hc_status hc__own_end(hc__own *own, hc_error *err);
void hc__own_free(hc__own *own);

#endif
