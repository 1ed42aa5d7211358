/* What a careful programmer would write by hand on SQLite: the other side of the bars. */
#ifndef TESTS_BENCH_RAW_SQLITE_H
#define TESTS_BENCH_RAW_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "raw_row.h"

#define RAW_CACHE_KIB "8192" /* as the library's */
struct raw;

struct raw *raw_open(const char *path);
struct raw *raw_open_plain(const char *path); /* without its statements, for a file that lacks indexes */
bool raw_prepare_writes(struct raw *raw);
void raw_close(struct raw *raw);
bool raw_run(struct raw *raw, const char *sql);
char *raw_text_of(struct raw *raw, const char *sql); /* free() it */

/* What a guest or buyer may see. */
bool raw_get(struct raw *raw, const uint8_t id[16], struct raw_row *out);
size_t raw_list(struct raw *raw, const char *city_norm, int64_t low, int64_t high, int beds, struct raw_row *out,
                size_t limit, bool *more);
/* Active listings that have all words, newest first; `match` in the words table's coding. */
size_t raw_text(struct raw *raw, const char *match, struct raw_row *out, size_t limit);
/* Active listings within `metres`, nearest first. */
size_t raw_near(struct raw *raw, int64_t latitude, int64_t longitude, int64_t metres, struct raw_row *out,
                size_t limit);

/* Listing, words and event, for an agent with a licence; the caller opens and ends the transaction. */
bool raw_insert(struct raw *raw, const struct listing *listing, const uint8_t agent[16], bool imported);
/* The CSV of write_csv(): look-up, listing, words, event and import row of each, in one transaction. */
int64_t raw_import(struct raw *raw, const char *csv, const uint8_t agent[16]);

#endif
