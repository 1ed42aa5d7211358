/* What the rows of audit_heads tell of a store: that it is a copy under way, by a row in a stream of its own, and that
 * its log was begun. */
#ifndef HC__CLIENT_UNFINISHED_H
#define HC__CLIENT_UNFINISHED_H

#include "client/core.h"

#define HC__MARK_STREAM "copy"
#define HC__LOG_STREAM  "store"

#define HC__LOOK_WAIT (10 * HC__SECOND) /* for one look at a store that is opened: two trips of a slow line */

extern const hc_predicate hc__is_copy_mark; /* of audit_heads */

/* HC_ERR_INVALID_STATE for a store that bears the mark: rows of it may be missing. */
hc_status hc__store_is_whole(hc__store *store, int64_t deadline, hc_error *err);
/* The id of the row that its log began with, which no other store's has, by a connection to it; *found: there is one.
 */
hc_status hc__store_head(hc_id *out, bool *found, const hc_storage_driver *driver, void *conn, int64_t deadline,
                         hc_error *err);
/* Whether somebody's keys have begun its log. */
hc_status hc__store_is_sealed(bool *out, hc__store *store, int64_t deadline, hc_error *err);

#endif
