/* A second server that answers reads. Which reads: gets and lists of one noun outside a unit of work. Nothing that
 * decides about a write or about who somebody is may be read there.
 *
 * Read-your-writes: whoever wrote in this process is remembered, by user or peer, until the position of the store's log
 * behind that commit is known; a connection answers only when its server has come so far. And it must have come as far
 * as the first server was HC__REPLICA_LAG ago. Otherwise, and when anything fails before the caller has a row, the
 * first server is asked. */
#ifndef HC__CLIENT_REPLICA_H
#define HC__CLIENT_REPLICA_H

#include "client/session.h"

#define HC__REPLICA_LAG (200 * INT64_C(1000))

/* `uri` of the same driver as the core's store. Opens no connection. */
hc_status hc__replica_open(hc__core *core, const hc__store_options *options, const char *uri, hc_error *err);
void hc__replica_close(hc__core *core);
void hc__replica_abandon(hc__core *core); /* see hc__store_abandon() */

/* hc__session_execute() where a replica may answer; hc__session_execute() where there is none. */
hc_status hc__replica_execute(hc_batch *batch, void *as, hc_error *err);
hc_status hc__replica_read(hc_session *as, hc_op *op, hc_row_fn on_row, void *data, hc_error *err);

/* The session may have committed something. */
void hc__replica_wrote(const hc_session *as);

#endif
