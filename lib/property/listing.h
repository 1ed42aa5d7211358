/* The rules of writing a listing, for single calls and imports alike. */
#ifndef HC__PROPERTY_LISTING_H
#define HC__PROPERTY_LISTING_H

#include "client/unit.h"

#define HC__LISTING_IMPORT 0x1u /* status moves are not checked; null is no news of a date or first price */

/* Completes a new listing that hc__stamp_create() stamped: defaults, derived fields; checks its rules; adds the insert
 * and its event. `row` lies in the unit's arena and was checked with hc__record_check(). `where` (NULL: always;
 * EXISTS only) is the permission, said in the statement itself. */
hc_status hc__listing_insert(hc__unit *unit, hc__record *row, const hc_predicate *where, uint32_t flags, hc_error *err);
/* Adds the update of `before` (all fields read in this transaction) by the fields set in `changes` (in the unit's
 * arena; derived fields are added to it), under `where`, with history and event. HC_NOTE_SAME when nothing differs:
 * nothing is added then. *version: the new one. */
hc_status hc__listing_update(hc__unit *unit, const hc__record *before, hc__record *changes, const hc_predicate *where,
                             uint32_t flags, int32_t *version, hc_error *err);

/* Sets in `row`, a copy of `before` with every field set, what follows from what other programs may write: status wins.
 * Adds the history row of a status that they changed. */
hc_status hc__listing_derive(hc__unit *unit, const hc__record *before, hc__record *row, hc_error *err);

#endif
