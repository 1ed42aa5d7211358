/** @file import.h  Listings in and out: CSV by a mapping, RESO JSON, JSON Lines. Streaming, in constant memory. */
#ifndef HOMECONNECT_IMPORT_H
#define HOMECONNECT_IMPORT_H

#include "homeconnect/error.h"
#include "homeconnect/query.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HC_FORMAT_CSV   1 /**< RFC 4180, read by a mapping; written with one column per public field. */
#define HC_FORMAT_RESO  2 /**< RESO Common Format JSON (Data Dictionary 2.0): one resource, or `value` with many. */
#define HC_FORMAT_JSONL 3 /**< Our own JSON, one listing a line; export only. */

/** How far an import is. Rows of the input are new, updated, unchanged or refused. */
typedef struct hc_import_counts {
    int64_t read; /**< Rows of the file so far. */
    int64_t created; /**< New listings. */
    int64_t updated; /**< Listings that changed. */
    int64_t unchanged; /**< Listings that were as the file says. */
    int64_t refused; /**< Rows that were not taken. */
    int64_t bytes_done; /**< Of the file. */
    int64_t bytes_total; /**< 0 when not known */
} hc_import_counts;

/**
 * Called after each batch that was committed, on the thread of the import, whose session it may not use. Anything but
 * HC_OK cancels: what was committed stays, and hc_import_run() gives HC_ERR_CANCELLED.
 */
typedef hc_status (*hc_import_progress_fn)(const hc_import_counts *counts, void *data);

/**
 * Gets each refused row as one JSON object without a line end: line, key, field, reason. On the thread of the import; may
 * not call the library.
 */
typedef void (*hc_import_report_fn)(const char *json, size_t size, void *data);

/*
 * The mapping of a CSV: one JSON object. A member that is not known, or a field that is none, is refused by name.
 *
 *   source_system  where the keys come from; hc_import_options.source_system overrides it
 *   separator      "," (default), ";", "|" or a tab
 *   key            a value, no const: what tells the rows of the source apart
 *   as_of          a value, no const, optional: how new a row is. A date, an RFC 3339 time, or text in `format`
 *   fields         an object from field names (ours, or RESO's) to values; fields that are not named are left alone
 *
 * A value is the name of a column, or {"const": "text" or true or false}, or an object with one of
 *
 *   column         the name of a column
 *   template       text with columns in braces, such as "Parcel {id}"; "{{" and "}}" are the braces themselves
 *
 * and, as needed,
 *
 *   empty          a list of texts that mean nothing, such as ["?", "n/a"]; an empty cell always does
 *   default        the text of a value that is empty. Without one it is null, or the row refused where a field is required
 *   map            an object from texts of the file to texts of ours; "*" is for all others, refused without it
 *   format         of a date: YYYY, MM or M, DD or D, and hh or h, mm, ss, with marks between, such as "M/D/YYYY"
 *   unit           of an area: sqft, sqm, sqyd, acres or hectares; of a price: thousands or cents
 *   round          exact, half_even or floor. Areas in another unit, latitude and longitude are half_even (8 decimals),
 *                  everything else exact, and money and baths always: what would be rounded is refused
 *
 * Text is then read as the field's type: decimals and whole numbers in digits with a point, dates YYYY-MM-DD, true and
 * false, words of enumerations as in JSON.
 */

/** What to import, as whose listings. */
typedef struct hc_import_options {
    size_t struct_size;
    const char *path;         /**< The file to read. */
    const char *mapping_path; /**< CSV: the mapping, a JSON file (see above). */
    const char *mapping;      /**< CSV: the mapping itself, instead of a file. */
    const char *source_system; /**< RESO JSON: where the keys come from; CSV: overrides the mapping's. */
    const char *currency;     /**< RESO JSON: of its prices; default the client's. */
    hc_id agent_id;           /**< Whose listings they become; zero: the caller's own. Another's: system and admin only. */
    int32_t format;           /**< HC_FORMAT_CSV or HC_FORMAT_RESO. */
    int32_t batch;            /**< Rows a transaction, at most 10,000; 0: 4,000, and more as the import goes on. */
    hc_import_progress_fn progress; /**< NULL: not told. */
    hc_import_report_fn report;     /**< NULL: refused rows are only counted. */
    void *data;               /**< For both callbacks. */
} hc_import_options;

#define HC_IMPORT_OPTIONS_INIT {sizeof(hc_import_options), NULL, NULL, NULL, NULL, NULL, {{0}}, 0, 0, NULL, NULL, NULL}

/**
 * Import listings from a file.
 *
 * A row is known by source_system and source_key. With an `as_of` column a row that is not newer than the last imported
 * one of its key is unchanged; without one, a row that says what the last imported one said is. Otherwise the fields that
 * differ are written, so that a local edit survives a repeat. An original price or list date that is empty or null, and
 * the close date of a listing that stays sold, takes none away. A deleted listing stays deleted, until it is purged. An
 * import that was killed is resumed by running it again. Status moves are not checked, but history is written.
 *
 * @param[out] out_counts  Also filled when it fails or is cancelled; may be NULL.
 * @return HC_OK, also when rows were refused; HC_ERR_INVALID for the options, the mapping or the file as a whole (field
 *         "mapping", "csv", "json"...); HC_ERR_NOT_FOUND, field "path" or "mapping_path"; HC_ERR_TRUNCATED, field "json",
 *         for a document that ends early; HC_ERR_TOO_LARGE, field "json", for more than 1 MiB around the resources (a
 *         resource or row of more is refused alone); HC_ERR_FORBIDDEN for another agent's listings; HC_ERR_CANCELLED.
 * @note One session, one thread. Blocks; the session's timeout bounds each batch. Since 0.1.
 */
HC_API hc_status hc_import_run(hc_import_counts *out_counts, hc_session *as, const hc_import_options *options,
                               hc_error *err);

/** Gets the export in pieces, in order, on the thread of the export. Below 0 cancels and becomes the result. */
typedef hc_status (*hc_export_write_fn)(const char *bytes, size_t size, void *data, hc_error *err);

/**
 * Export the listings that a query gives, page after page, in its order. One of more than public listings is told in the
 * audit log.
 *
 * Texts are written as they are stored, so that an import reads the same again: a spreadsheet may take one that begins
 * with '=', '+', '-' or '@' for a formula.
 *
 * @param format    HC_FORMAT_CSV, HC_FORMAT_RESO or HC_FORMAT_JSONL.
 * @param out_rows  Rows of the pieces that `write` took, also when it fails; may be NULL.
 * @return HC_OK; HC_ERR_INVALID, field "format"; what hc_property_list() can return; what `write` returned.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_export_run(int64_t *out_rows, hc_session *as, const hc_query *query, int32_t format,
                               hc_export_write_fn write, void *data, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
