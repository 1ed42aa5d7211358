/* Synthetic listings, each made from its number alone: about 550 bytes, 500 cities by Zipf's law. */
#ifndef TESTS_BENCH_DATA_H
#define TESTS_BENCH_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CITIES 500
#define AGENTS 200

struct listing {
    uint8_t id[16], agent[16];
    char title[80], description[640], address[48], city[32], state[4], zip[8], key[24];
    int64_t price, latitude, longitude, created; /* cents, 1e-8 degrees, µs */
    int32_t beds, baths, sqft, lot, year, list_date;
    int type;           /* 0..3 */
    const char *status; /* NULL: off market */
    const char *standard;
};

uint64_t mix(uint64_t number); /* a hash */
/* Of all that a line of CSV says, so that the next import would know whether it changed. */
void line_digest(uint64_t out[4], const char *line);
void listing_make(struct listing *out, uint64_t number);
int city_of(uint64_t number); /* Zipf */
void city_name(char out[32], int city);
void city_centre(int city, int64_t *latitude, int64_t *longitude);
int64_t metres_between(int64_t lat1, int64_t lng1, int64_t lat2, int64_t lng2); /* haversine */
const char *word_at(int rank);                                                  /* of descriptions, 0 the most common */
#define WORDS 4000

extern const char *const listing_types[];
void mint_id(uint8_t id[16], int64_t micros); /* version 7 */
int64_t listing_per_sqft(const struct listing *l);

/* What the raw side computes for a listing that it writes: folded text, and the search words of its title, its place
 * and its description. */
void text_lower(char *out, const char *text);
struct listing_words {
    char texts[3][2048];
    size_t sizes[3];
};
void listing_words(struct listing_words *out, const struct listing *l);

/* Listings as CSV, and one line of it back: what an import needs, no more. */
bool csv_write(const char *path, uint64_t first, uint64_t count);
bool csv_read(struct listing *out, char *line); /* cuts the line up */
extern const char csv_mapping[];

#endif
