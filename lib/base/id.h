/* UUIDs (RFC 9562). */
#ifndef HC__BASE_ID_H
#define HC__BASE_ID_H

#include <stdbool.h>
#include "homeconnect/types.h"

/* A UUIDv7 for the millisecond of `now` (µs). Unique across processes and forks by 62 random bits from the kernel; ids
 * made by one process rise, also when the clock steps back. Fails with HC_ERR_INTERNAL only when the kernel gives no
 * randomness. Thread-safe. */
hc_status hc__id_make(hc_id *out, int64_t now, hc_error *err);
/* The key of a document: a MongoDB ObjectId (seconds of `now`, 64 random bits) carried by a UUIDv8. Bytes 0 to 5 and 10 to
 * 15 are the ObjectId, bytes 6 to 9 are constant, so that byte order is the same on all stores. */
hc_status hc__id_make_document(hc_id *out, int64_t now, hc_error *err);
bool hc__id_is_document(hc_id id);
void hc__id_from_object_id(hc_id *out, const uint8_t object_id[12]);
bool hc__id_equal(hc_id a, hc_id b);
bool hc__id_zero(hc_id id);
bool hc__id_read(hc_id *out, const char *text, size_t size); /* canonical lower-case text only */

#endif
