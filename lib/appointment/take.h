/* Taking a time: what booking and moving do alike. */
#ifndef HC__APPOINTMENT_TAKE_H
#define HC__APPOINTMENT_TAKE_H

#include "appointment/desk.h"

/* Takes it for the appointment, after the holds on it that ran out: HC_ERR_CONFLICT, field "scheduled_time", when it is
 * not free, with the next that is. */
hc_status hc__take_time(const hc__desk *desk, hc_id appointment, const hc__time *time, hc_error *err);
/* HC_NOTE_BUYER_OVERLAP when the buyer has another appointment that holds a time of these. */
hc_status hc__buyer_overlap(hc__unit *unit, hc_id buyer, hc_id appointment, int64_t start, int64_t end, hc_error *err);

#endif
