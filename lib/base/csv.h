/* CSV (RFC 4180), read from pieces in constant memory. Also takes LF or CR line ends and a UTF-8 BOM. */
#ifndef HC__BASE_CSV_H
#define HC__BASE_CSV_H

#include <stdbool.h>
#include "base/buf.h"

#define HC__CSV_RECORD_LIMIT ((size_t)1 << 20) /* bytes of one record; longer is refused and passed over */
#define HC__CSV_FIELD_LIMIT  1024              /* fields of one record */

typedef struct hc__csv_field {
    const char *text; /* NUL-terminated, unquoted */
    size_t size;
} hc__csv_field;

/* One record, valid during the call. `fault` is NULL, or why the record is not well formed: "stray quote" (reading goes
 * on at the next line), "unterminated quote", "NUL byte", "not UTF-8", "record too long", "too many fields"; then the
 * fields are those before the fault, none for "not UTF-8". `line` counts from 1 where the record starts. `end` is the
 * offset of the byte after the record and its line end in the input. */
typedef struct hc__csv_record {
    const hc__csv_field *fields;
    size_t count;
    int64_t line;
    int64_t end;
    const char *fault;
} hc__csv_record;

typedef hc_status (*hc__csv_record_fn)(const hc__csv_record *record, void *data, hc_error *err);
typedef struct hc__csv hc__csv;

/* The separator is an ASCII byte, no quote or line end. An empty line is no record. UTF-16 and UTF-32 marks at the
 * start fail with HC_ERR_INVALID, field "csv". */
hc_status hc__csv_new(hc__csv **out, const hc__mem *mem, char separator, hc__csv_record_fn record, void *data,
                      hc_error *err);
hc_status hc__csv_feed(hc__csv *csv, const char *bytes, size_t size, hc_error *err);
hc_status hc__csv_end(hc__csv *csv, hc_error *err);
void hc__csv_free(hc__csv *csv);
/* Writes one field, quoted when it must be. */
void hc__csv_put(hc__buf *out, const char *text, size_t size, char separator);

#endif
