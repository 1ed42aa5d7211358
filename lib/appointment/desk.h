/* What decides about an agent's time: their profile, hours and zone, the listing, the moment, and who asks. */
#ifndef HC__APPOINTMENT_DESK_H
#define HC__APPOINTMENT_DESK_H

#include "client/slots.h"
#include "client/zone.h"
#include "model/hours.h"

#define HC__HORIZON        (180 * HC__DAY)
#define HC__DEFAULT_LENGTH 30 /* minutes */
#define HC__DEFAULT_STEP   30
#define HC__DEFAULT_NOTICE 120
#define HC__LONGEST        480

/* Where rows are read: in a unit, or by the session in a snapshot of its own. */
typedef struct hc__source {
    hc__unit *unit; /* NULL: by the session */
    hc_session *as;
    hc__arena *arena;
} hc__source;
hc_status hc__source_read(const hc__source *source, hc_op *ops, size_t count, hc_row_fn on_row, void *data,
                          hc_error *err);

typedef struct hc__desk {
    hc__source source;
    hc__record agent;
    hc__record property;
    bool has_property;
    bool exclusive; /* the listing's showings are */
    bool free_hand; /* the agency: neither hours nor notice bind it */
    int64_t now;
    hc__hours hours;
    hc__zone zone;
    const char *zone_name;
} hc__desk;

/* Reads them. `property` may be zero. *found: the caller may see the agent's card; *listed: and the listing. */
hc_status hc__desk_open(hc__desk *desk, const hc__source *source, hc_id agent, hc_id property, bool *found,
                        bool *listed, hc_error *err);
/* Its listing stays until the unit ends. */
void hc__desk_hold(const hc__desk *desk);
/* Whose time is asked for; of the listing only when it is exclusive. */
hc__time hc__desk_time(const hc__desk *desk, int64_t start, int64_t end);
/* The first moment at which something may start. */
int64_t hc__desk_earliest(const hc__desk *desk);

/* Start and end of hours on a local date, in µs UTC. */
void hc__desk_range(const hc__desk *desk, int32_t date, const hc__range *range, int64_t *from, int64_t *to);

/* On the grid, of a length that may be. *end 0: the default length. */
hc_status hc__time_shape(int64_t start, int64_t *end, hc_error *err);
/* In the future, within the horizon; for those who have no free hand also with notice, and in hours. */
hc_status hc__time_allowed(const hc__desk *desk, int64_t start, int64_t end, hc_error *err);

#endif
