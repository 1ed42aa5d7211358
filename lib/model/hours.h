/* An agent's hours in local wall time: `working_hours`, what a week looks like, and `exceptions`, days that differ.
 *
 * working_hours: {"mon":[["09:00","12:00"],["13:00","17:00"]],"sat":[]}; a day that is not named is free of work.
 * exceptions:    [{"date":"2026-12-24","hours":[]},{"date":"2026-12-28","hours":[["10:00","14:00"]]}]; the hours of
 * that date instead of the week's. Times are HH:MM on the grid of five minutes, "24:00" only at the end of a day;
 * ranges of a day rise and do not overlap.
 */
#ifndef HC__MODEL_HOURS_H
#define HC__MODEL_HOURS_H

#include <stdbool.h>
#include "base/arena.h"

#define HC__RANGES_LIMIT 24 /* of one day */

typedef struct hc__range {
    int16_t from, to; /* minutes after local midnight, from < to <= 1440 */
} hc__range;

typedef struct hc__day_hours {
    int32_t date; /* of an exception, days since the Unix epoch */
    uint32_t count;
    const hc__range *ranges;
} hc__day_hours;

typedef struct hc__hours {
    hc__day_hours week[7];           /* Monday first */
    const hc__day_hours *exceptions; /* by date */
    size_t exception_count;
} hc__hours;

/* From the two columns as they are stored; NULL: Monday to Friday, 09:00 to 17:00, resp. no exceptions. Everything lies
 * in `arena`. HC_ERR_INVALID naming the column and where in it. */
hc_status hc__hours_read(hc__hours *out, hc__arena *arena, const char *working_hours, const char *exceptions,
                         hc_error *err);
/* The ranges of a local date; *count may be 0. */
const hc__range *hc__hours_of(const hc__hours *hours, int32_t date, size_t *count);

#endif
