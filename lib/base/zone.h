/* Time zones: a TZif file (RFC 8536, versions 1 to 4) as bytes, and the way between UTC and local wall time. Seconds
 * since the Unix epoch; local seconds are what the wall shows, counted as if it were UTC. Files without leap seconds
 * only. */
#ifndef HC__BASE_ZONE_H
#define HC__BASE_ZONE_H

#include <stdbool.h>
#include "base/arena.h"

#define HC__ZONE_NAME_LIMIT 64 /* bytes */
#define HC__ZONE_FILE_LIMIT ((size_t)262144)
#define HC__ZONE_SPREAD     (26 * 3600) /* no offset is further from UTC */

/* When a rule of the footer changes the clock each year, in seconds of local time before the change. */
typedef struct hc__zone_day {
    int32_t form; /* 'M' month.week.day, 'J' day 1 to 365 without 29 February, 'n' day 0 to 365 */
    int32_t month, week, day;
    int32_t seconds; /* after local midnight, may be negative or beyond a day */
} hc__zone_day;

typedef struct hc__zone {
    const int64_t *at;     /* transitions, rising */
    const int32_t *offset; /* seconds east of UTC from each on */
    size_t count;
    int32_t first; /* before the first */
    bool has_rule; /* the footer says what comes after the last */
    bool has_summer;
    int32_t standard, summer;
    hc__zone_day to_summer, to_standard;
} hc__zone;

/* Whether it is spelled like a name of the IANA database: parts of letters, digits, "_", "-" and "+", each beginning
 * with a letter, at most four of them divided by "/". Nothing else is ever looked for in a folder. */
bool hc__zone_name_valid(const char *name);
/* The arrays lie in `arena`. HC_ERR_INVALID without a field for bytes that are no such file. */
hc_status hc__zone_parse(hc__zone *zone, hc__arena *arena, const void *bytes, size_t size, hc_error *err);
void hc__zone_utc(hc__zone *zone); /* offset 0 for ever */

int32_t hc__zone_offset(const hc__zone *zone, int64_t utc); /* seconds east of UTC */
/* The first transition after `utc`; INT64_MAX when there is none. */
int64_t hc__zone_next(const hc__zone *zone, int64_t utc);

typedef enum hc__wall {
    HC__WALL_ONCE,  /* *utc */
    HC__WALL_TWICE, /* *utc the first time, *later the second */
    HC__WALL_NEVER  /* the clock jumps over it at *utc */
} hc__wall;
hc__wall hc__zone_of_wall(const hc__zone *zone, int64_t local, int64_t *utc, int64_t *later);

#endif
