/* Appointments as others than their own room change them: holds that ran out, leads that are lost, handed over, merged.
 */
#ifndef HC__CLIENT_VIEWINGS_H
#define HC__CLIENT_VIEWINGS_H

#include "client/slots.h"

#define HC__BY_BUYER  1 /* codes of cancelled_by */
#define HC__BY_AGENCY 2
#define HC__BY_SWEEP  3

typedef struct hc__viewings {
    hc__record *rows;
    size_t count;
} hc__viewings;

/* At most `limit` (0: all) appointments that match, in the unit's arena. */
hc_status hc__viewings_read(hc__viewings *out, hc__unit *unit, const hc_predicate *where, int64_t limit, hc_error *err);
/* The time that one holds, or would hold. */
hc__time hc__viewing_time(const hc__record *row);
/* Adds what ends one: status (cancelled or declined), who and why, the next sequence, the release of its time, event.
 */
void hc__viewing_end(hc__unit *unit, const hc__record *before, int32_t status, int32_t by, const char *reason,
                     const hc_predicate *where, int32_t *version);
/* Cancels the pending ones whose hold has run out, of those that match `of`, and writes it. */
hc_status hc__holds_expire(hc__unit *unit, const hc_predicate *of, int64_t limit, int64_t *count, hc_error *err);
/* Those of the agent and the listing that ran out give their time back, whether somebody swept or not. */
hc_status hc__holds_give_back(hc__unit *unit, const hc__time *time, hc_error *err);
/* Those that hold their time: scheduled, or pending while the hold lives, whether somebody swept or not. */
const hc_predicate *hc__viewing_is_open(hc__unit *unit);
/* The condition of the row itself at the version that was read. */
const hc_predicate *hc__viewing_at(hc__unit *unit, const hc__record *before);

#endif
