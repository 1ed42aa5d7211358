/* What a CSV means: a mapping of its columns to fields of a listing, parsed once; columns resolved once per file. */
#ifndef HC__TRANSFER_MAPPING_H
#define HC__TRANSFER_MAPPING_H

#include "base/csv.h"
#include "base/decimal.h"
#include "model/record.h"

#define HC__MAPPING_LIMIT ((size_t)256 << 10) /* bytes of a mapping */

/* A piece of a cell's text: a literal, or (text NULL) what stands in a column. */
typedef struct hc__mapping_part {
    const char *text;
    size_t size;
    size_t column; /* position in hc__mapping.columns */
} hc__mapping_part;

typedef struct hc__mapping_pair {
    const char *from, *to;
    size_t from_size, to_size;
} hc__mapping_pair;

typedef struct hc__unit_of_measure hc__unit_of_measure;

/* Where one value comes from, and how its text becomes the value. */
typedef struct hc__mapping_value {
    uint16_t field; /* of the listing; HC_NO_FIELD for key and as_of */
    const hc__mapping_part *parts;
    size_t part_count;
    const hc__mapping_pair *map; /* NULL: as spelled */
    size_t map_count;
    const char *otherwise;    /* the map's "*", or NULL */
    const char *const *empty; /* texts that mean nothing, beside "" */
    size_t empty_count;
    const char *fallback; /* of an empty cell, or NULL */
    const char *format;   /* of a date, or NULL: ISO 8601 */
    const hc__unit_of_measure *unit;
    hc__rounding rounding;
} hc__mapping_value;

typedef struct hc__mapping {
    const hc__mem *mem;
    hc__arena arena;
    const char *source_system; /* NULL: the caller names it */
    char separator;
    hc__mapping_value key;
    hc__mapping_value as_of; /* without parts: there is none */
    const hc__mapping_value *values;
    size_t value_count;
    hc__record constants; /* what every row has, set */
    const char *const *columns;
    size_t column_count;
    size_t *positions; /* of each column in the file */
    size_t width;      /* fields of the header */
    hc__buf scratch;
} hc__mapping;

/* What a row gave beside its listing. */
typedef struct hc__mapped {
    const char *key; /* in the record's arena */
    size_t key_size;
    int64_t as_of;
    bool has_as_of;
} hc__mapped;

/* HC_ERR_INVALID, field "mapping", naming the member at fault. */
hc_status hc__mapping_parse(hc__mapping **out, const hc__mem *mem, const char *text, size_t size, hc_error *err);
void hc__mapping_free(hc__mapping *mapping);
/* Finds the columns in the file's first record. HC_ERR_INVALID, field "csv", naming what is missing or there twice. */
hc_status hc__mapping_resolve(hc__mapping *mapping, const hc__csv_record *header, hc_error *err);
/* Maps one record, as wide as the header, onto `listing` (initialised, empty). HC_ERR_INVALID: the row is at fault,
 * *err says which field and why. */
hc_status hc__mapping_apply(hc__mapping *mapping, const hc__csv_record *record, hc__record *listing, hc__mapped *out,
                            hc_error *err);

/* By its name, for a field; NULL when the field knows no such unit. */
const hc__unit_of_measure *hc__unit_find(uint16_t field, const char *name);
/* Sets a field from a decimal text in `unit`; a bad one sticks to the record. */
void hc__unit_set(hc__record *listing, uint16_t field, const char *text, size_t size, const hc__unit_of_measure *unit,
                  hc__rounding rounding);

/* A date (and time of day) by a format of YYYY, MM, M, DD, D, hh, h, mm, ss and literal characters: µs, UTC. */
bool hc__date_by_format(int64_t *micros, const char *format, const char *text, size_t size);
bool hc__date_format_valid(const char *format);

#endif
