/* The free JSON of a log entry: what its members may be called, and what of it is kept (security.md M01, M06). */
#ifndef HC__MODEL_METADATA_H
#define HC__MODEL_METADATA_H

#include "base/buf.h"

#define HC__METADATA_BYTES 16384
#define HC__METADATA_KEYS  64
#define HC__METADATA_DEPTH 8

/* Appends canonical JSON (hc__json_canonical()) with its secrets redacted; what comes out is canonical too, and comes
 * out the same again. HC_ERR_INVALID, field "metadata", naming the member, when it is no object, when a name is empty,
 * reserved ("__proto__", "_id"), begins with '$' or has a dot, and over 16 KiB, 64 names in all or 8 levels. */
hc_status hc__metadata_clean(hc__buf *out, const hc__mem *mem, const char *text, size_t size, hc_error *err);

#endif
