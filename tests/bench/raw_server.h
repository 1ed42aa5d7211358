/* What a careful programmer would write by hand on a server, with its client library alone. */
#ifndef TESTS_BENCH_RAW_SERVER_H
#define TESTS_BENCH_RAW_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "raw_row.h"

#define RAW_BULK 5000

/* Listings on their way into the store together. */
struct raw_bulk {
    struct listing *rows;
    bool *known;          /* rows that are passed over */
    uint64_t (*hash)[4];  /* of the lines that they were */
    size_t count;         /* RAW_BULK at most */
    const uint8_t *agent; /* whose they become; NULL: each has its own */
    bool events, keys;    /* with an event each, and the row of an import, which makes new ids */
};

struct raw_server {
    const char *name;
    void *(*open)(const char *uri); /* NULL after telling why */
    void (*close)(void *raw);
    bool (*prepare)(void *raw); /* its statements; the tables are there */
    bool (*run)(void *raw, const char *sql);
    char *(*text_of)(void *raw, const char *sql); /* the first value, NULL without one; free() it */
    /* What a guest or buyer may see. */
    bool (*get)(void *raw, const uint8_t id[16], struct raw_row *out);
    size_t (*list)(void *raw, const char *city_norm, int64_t low, int64_t high, int beds, struct raw_row *out,
                   size_t limit, bool *more);
    /* So many gets in flight at once; NULL: the client library cannot. Returns how many were found. */
    size_t (*gets)(void *raw, const uint8_t (*ids)[16], size_t count, struct raw_row *out);
    bool (*look_up)(void *raw, struct raw_bulk *bulk); /* sets `known` where an import brought the key before */
    bool (*write)(void *raw, struct raw_bulk *bulk);
    /* Of the indexes of listings: what makes them, what takes them away; and what makes statistics of a full store. */
    const char *indexes, *drops, *settle;
    double import_target; /* of bar 7 */
};

extern const struct raw_server raw_on_postgres, raw_on_mysql;

/* raw_bulk.c: what is the same on each server. */
struct raw_out {
    char *bytes;
    size_t size, capacity;
};
/* City, state, address, title and description folded, and their words as texts. */
struct raw_derived {
    char norms[5][640];
    struct listing_words words;
};
void raw_derive(struct raw_derived *out, const struct listing *l);
/* For an index of the words of all columns: in each they begin with a letter of its own. */
void raw_letter(char *out, const char *words, char first);
void raw_put(struct raw_out *out, const void *bytes, size_t size);
/* The keys of a bulk as one text, such as ('a','b'); nothing of it is known yet. */
const char *raw_keys(struct raw_out *out, struct raw_bulk *bulk, const char *open, const char *quote,
                     const char *close);
void raw_note_known(struct raw_bulk *bulk, const char *key);
bool raw_fill(const struct raw_server *on, void *raw, uint64_t first, uint64_t count, bool events);
/* The CSV of csv_write(): look-up, listing, words, event and import row of each, in one transaction. */
int64_t raw_take(const struct raw_server *on, void *raw, const char *csv, const uint8_t agent[16]);

#endif
