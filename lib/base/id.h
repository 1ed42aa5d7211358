/* UUIDs (RFC 9562). */
#ifndef HC__BASE_ID_H
#define HC__BASE_ID_H

#include <stdbool.h>
#include "homeconnect/types.h"

/* A UUIDv7 for the millisecond of `now` (µs). Unique across processes and forks by 62 random bits from the kernel; ids
 * made by one process rise, also when the clock steps back. Fails with HC_ERR_INTERNAL only when the kernel gives no
 * randomness. Thread-safe. */
hc_status hc__id_make(hc_id *out, int64_t now, hc_error *err);
bool hc__id_equal(hc_id a, hc_id b);
bool hc__id_zero(hc_id id);
bool hc__id_read(hc_id *out, const char *text, size_t size); /* canonical lower-case text only */

#endif
