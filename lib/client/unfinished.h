/* The mark of a store that is a copy under way: a row of audit_heads in a stream of its own. */
#ifndef HC__CLIENT_UNFINISHED_H
#define HC__CLIENT_UNFINISHED_H

#include "client/core.h"

#define HC__MARK_STREAM "copy"

extern const hc_predicate hc__is_copy_mark; /* of audit_heads */

/* HC_ERR_INVALID_STATE for a store that bears the mark: rows of it may be missing. */
hc_status hc__store_is_whole(hc__store *store, int64_t deadline, hc_error *err);

#endif
