/* What the store knows about the source keys of a batch, within one unit of work. */
#ifndef HC__TRANSFER_KNOWN_H
#define HC__TRANSFER_KNOWN_H

#include "transfer/import.h"

/* A key as of now in this unit: as stored, then as the rows of the batch left it. */
typedef struct hc__known {
    const char *key;
    size_t key_size;
    bool imported; /* it has an import row */
    hc_id import_id, property_id;
    bool has_as_of;
    int64_t as_of;
    uint8_t hash[32];
    bool wanted;         /* its listing is to be read */
    hc__record *listing; /* whole; NULL when it was not read or there is none */
} hc__known;

/* The keys of rows[low, high), each once; of[i] is the key of row low + i. */
typedef struct hc__known_keys {
    hc__known *keys;
    size_t count;
    hc__known **of;
    hc__known **slots; /* by hash of the key; a power of two, at most half full */
    size_t mask;
    uint64_t seed;
} hc__known_keys;

hc_status hc__known_gather(hc__known_keys *out, hc__unit *unit, const hc__incoming *rows, size_t count, hc_error *err);
hc_status hc__known_read_imports(hc__known_keys *keys, hc__unit *unit, const char *source_system, hc_error *err);
/* The listings that are wanted; with `by_source` also those of keys without an import row. */
hc_status hc__known_read_listings(hc__known_keys *keys, hc__unit *unit, const char *source_system, bool by_source,
                                  hc_error *err);

#endif
