/* One running import: rows gather in a batch, each batch is one transaction. */
#ifndef HC__TRANSFER_IMPORT_H
#define HC__TRANSFER_IMPORT_H

#include "client/unit.h"
#include "homeconnect/import.h"

#define HC__BATCH_FIRST 4000 /* a server's commit costs it what hundreds of rows do */
#define HC__BATCH_MOST  10000

typedef enum hc__verdict { HC__ROW_CREATED, HC__ROW_UPDATED, HC__ROW_UNCHANGED, HC__ROW_REFUSED } hc__verdict;

/* One row of the input on its way to a listing. Texts lie in the batch's arena. */
typedef struct hc__incoming {
    int64_t line;
    const char *key;
    size_t key_size;
    int64_t as_of;
    bool has_as_of;
    bool title_is_made; /* of other fields: an update leaves the title alone */
    bool hashed;
    uint8_t hash[32];           /* of the values, keyed; see hc__import_hash() */
    hc__record listing;         /* what the row says: the fields set */
    hc__verdict verdict;        /* of the last run of the unit */
    const char *field, *reason; /* of a refusal; in the batch's arena */
} hc__incoming;

typedef struct hc__import {
    hc_session *as;
    hc_import_options options;
    hc_id agent;    /* whose listings the rows become */
    bool any_agent; /* listings of others may be changed too */
    const char *source_system;
    hc__arena arena; /* of the batch */
    hc__incoming *rows;
    size_t count, capacity;
    size_t dropped; /* refused rows that came between them, whose memory is the batch's */
    size_t bytes;   /* of the batch's input, so that wide rows make short batches */
    hc_import_counts counts;
    hc__buf scratch;
} hc__import;

/* The next row, its listing empty, in the batch's arena. It counts as read. */
hc_status hc__import_next(hc__import *import, hc__incoming **out, int64_t line, hc_error *err);
/* The row from hc__import_next() is good: it joins the batch, which is written when it is full. `size`: its input. */
hc_status hc__import_take(hc__import *import, size_t size, hc_error *err);
/* The row from hc__import_next() is at fault, as *why says: it is told and dropped. A batch also ends behind it. */
hc_status hc__import_refuse(hc__import *import, size_t size, const hc_error *why, hc_error *err);
/* Writes what has gathered, and tells the progress. */
hc_status hc__import_flush(hc__import *import, hc_error *err);

/* Makes the row's hash, once. Not as rows gather: in the unit a server works meanwhile. */
hc_status hc__import_hash(hc__import *import, hc__incoming *row, hc_error *err);

/* Writes rows[low, high) in one transaction and sets their verdicts. `thorough`: also looks for listings of the same
 * source key that no import made. */
hc_status hc__batch_write(hc__import *import, size_t low, size_t high, bool thorough, hc_error *err);

hc_status hc__import_csv(hc__import *import, hc_error *err);
hc_status hc__import_reso(hc__import *import, hc_error *err);

#endif
