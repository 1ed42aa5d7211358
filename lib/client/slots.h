/* Rows of appointment_slots: five minutes of an agent, or of a listing with exclusive showings, that an appointment
 * holds. That there is only one row for them is what makes two bookings of one time impossible, on every engine
 * (domain.md D4). */
#ifndef HC__CLIENT_SLOTS_H
#define HC__CLIENT_SLOTS_H

#include "base/time.h"
#include "client/unit.h"

#define HC__MINUTE       (60 * HC__SECOND)
#define HC__SLOT         (5 * HC__MINUTE)
#define HC__FOR_AGENT    1 /* codes of resource_kind */
#define HC__FOR_PROPERTY 2

/* What an appointment takes of the time of an agent and, unless its id is zero, of a listing. */
typedef struct hc__time {
    hc_id agent, property;
    int64_t start, end;    /* µs */
    int32_t before, after; /* minutes */
} hc__time;

/* The numbers of the slots it covers, buffers included: from *first on, before *end. */
void hc__slots_span(const hc__time *time, int64_t *first, int64_t *end);
/* Takes them for the appointment, in the order of their numbers; *taken 0, or the resource of which one was not free:
 * the unit must be given up then. */
hc_status hc__slots_take(hc__unit *unit, int32_t *clash, hc_id appointment, const hc__time *time, hc_error *err);
/* Adds their release to the unit. */
void hc__slots_release(hc__unit *unit, hc_id appointment);

#endif
