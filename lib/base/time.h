/* Instants in microseconds since the Unix epoch, UTC, and dates in days since it. Proleptic Gregorian, years 1..9999. */
#ifndef HC__BASE_TIME_H
#define HC__BASE_TIME_H

#include <stdbool.h>
#include "homeconnect/types.h"

#define HC__SECOND INT64_C(1000000)
#define HC__DAY    (INT64_C(86400) * HC__SECOND)

/* RFC 3339 date-time with an offset ("Z" or +hh:mm up to 23:59), 0 to 9 fraction digits (beyond 6: cut). No leap second,
 * no 24:00, no lower-case t or z. False for anything else. */
bool hc__time_parse(int64_t *out, const char *text, size_t size);
/* "2026-11-23T01:28:38.123456Z", without the fraction when it is 0. Returns the length; out holds at least 32 bytes. */
size_t hc__time_format(char *out, int64_t micros);
bool hc__date_parse(int32_t *out, const char *text, size_t size); /* YYYY-MM-DD */
size_t hc__date_format(char *out, int32_t days);
int32_t hc__days_from_civil(int year, int month, int day); /* of a valid date */
void hc__civil_from_days(int32_t days, int *year, int *month, int *day);
bool hc__date_valid(int year, int month, int day);
int32_t hc__day_of(int64_t micros); /* floor */
int64_t hc__whole_millis(int64_t micros); /* floor, as the times of document kinds are cut */

int64_t hc__os_now(void);       /* wall clock, µs */
int64_t hc__os_monotonic(void); /* µs since some point; for deadlines */

#endif
