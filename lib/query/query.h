/* A query: what to list, in which order, from where on. Two spellings, one tree (domain.md D2). No I/O here: the caller
 * lends `execute`. */
#ifndef HC__QUERY_H
#define HC__QUERY_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/crypto.h"
#include "model/record.h"

#define HC__SORT_LIMIT 3

typedef struct hc__expr hc__expr; /* the tree, expr.h */

/* Values as the public HC_SCOPE_ macros. */
#define HC__SCOPE_PUBLIC 0
#define HC__SCOPE_OWN    1
#define HC__SCOPE_ALL    2

typedef struct hc__sort_key {
    uint16_t field; /* position, or one of the three below */
    bool descending;
} hc__sort_key;
#define HC__SORT_DISTANCE       0xFF01u
#define HC__SORT_RELEVANCE      0xFF02u
#define HC__SORT_DAYS_ON_MARKET 0xFF03u

#define HC__COUNT_LIMIT 10000 /* a total is exact up to this many, or fewer */

typedef struct hc__query {
    const hc__entity *entity;
    hc__arena arena;       /* owns the tree, texts and words */
    const hc__expr *where; /* NULL: everything */
    hc__sort_key sort[HC__SORT_LIMIT];
    size_t sort_count; /* 0: default, -created_at */
    int32_t scope;
    int32_t limit;      /* 1..200, default 25 */
    int32_t count;      /* give a total, exact up to this many; 0: none */
    const char *cursor; /* NULL: first page */
    char *cursor_at;    /* one place for all cursors of a walk */
    size_t cursor_room;
    const char *const *words; /* coded words of q, '*' behind a prefix; NULL: none */
    size_t word_count;
    const char *text;                      /* q as it was given; NULL: none */
    const uint64_t *fields;                /* chosen by position, HC__FIELD_LIMIT bits; NULL: all */
    bool near;                             /* there is a centre: sort by distance may be asked for */
    int64_t near_latitude, near_longitude; /* 1e-8 degrees */
} hc__query;

void hc__query_init(hc__query *query, const hc__mem *mem, const hc__entity *entity);
void hc__query_free(hc__query *query);
/* $filter and $orderby of domain.md D2; either may be NULL. A filter joins the one that is there. Errors:
 * HC_ERR_INVALID, `field` the field at fault or "filter"/"sort", the message says where (1-based column) and what is
 * allowed; HC_ERR_TOO_LARGE over a limit. */
hc_status hc__query_parse(hc__query *query, const char *filter, const char *sort, hc_error *err);
/* Replaces the filter; NULL or "": everything. */
hc_status hc__query_set_filter(hc__query *query, const char *filter, hc_error *err);
/* The query string of GET /api/properties, percent-encoded, without "?". Unknown or repeated single parameters are
 * HC_ERR_INVALID naming them. Sets sort, limit, cursor, count, fields and scope too. */
hc_status hc__query_parse_string(hc__query *query, const char *text, size_t size, hc_error *err);
hc_status hc__query_set_sort(hc__query *query, const char *sort, hc_error *err); /* "price,-beds" */
/* Whether the query has what it is to be ordered by: asked when it is run, since its parts come in any turn. */
hc_status hc__query_check_sort(const hc__query *query, hc_error *err);
hc_status hc__query_set_text(hc__query *query, const char *q, hc_error *err);
hc_status hc__query_set_cursor(hc__query *query, const char *cursor, hc_error *err);
hc_status hc__query_set_limit(hc__query *query, int64_t limit, hc_error *err);
hc_status hc__query_set_count(hc__query *query, int64_t up_to, hc_error *err);      /* 1: HC__COUNT_LIMIT */
hc_status hc__query_set_fields(hc__query *query, const char *names, hc_error *err); /* "id,price,city" */
/* The query in our own words, parseable again: the canonical $filter text. */
void hc__query_print(hc__buf *out, const hc__query *query);
/* And its order, as hc__query_set_sort() takes it; nothing for the default. */
void hc__query_print_sort(hc__buf *out, const hc__query *query);

/* ---- running ---- */

typedef struct hc__list_context {
    const hc_predicate *policy; /* which rows the caller may see; NULL: all. The statement itself carries it. */
    bool entitled;              /* false: address, coordinates and distance need display_address_ok in the filter, and q
                                   does not look at words_hidden */
    const hc__secret *cursor_key;
    hc_id principal; /* who asks; a cursor is bound to it, to the role and to the query */
    int32_t role;
    int64_t now;          /* µs; frozen into the cursor */
    const char *currency; /* the client's default: joins every filter on price that names no currency */
    bool counts_rows;     /* somebody reads hc__list.examined and .counted: else they may be less */
    /* Runs a batch of read operations in one snapshot and calls its on_row. Flags but HC_BATCH_ROUGH, and the deadline,
     * are its own to set. */
    hc_status (*execute)(hc_batch *batch, void *data, hc_error *err);
    void *data;
} hc__list_context;

typedef struct hc__late_cursor hc__late_cursor;
/* Its text, which lives as long as the page; NULL for NULL. On any thread. */
const char *hc__cursor_text(hc__late_cursor *cursor);

typedef struct hc__list {
    hc__record *rows; /* in the page's arena */
    size_t count;
    hc__late_cursor *next; /* NULL when there is none */
    hc__late_cursor *previous;
    bool has_more;
    bool is_short;  /* the scan was cut: fewer rows than the limit, and `next` goes on */
    bool is_capped; /* ranked over the 2,000 newest matches only */
    int64_t total;  /* -1: not asked for */
    bool total_is_exact;
    int64_t examined; /* rows that the scans for the page looked at; told on failure too */
    int64_t counted;  /* and those for the total */
} hc__list;

/* Lists into `arena`. Rows hold the fields that were chosen, id and version; nothing secret. Where the reader is not
 * entitled, address and place of a listing that hides them are null. HC_ERR_INVALID field "cursor"; HC_ERR_TOO_BROAD
 * naming the clause that would narrow it: on failure only `examined` and `counted` are told. */
hc_status hc__list_run(hc__list *out, hc__arena *arena, const hc__query *query, const hc__list_context *context,
                       hc_error *err);

typedef struct hc__facet {
    int32_t dimension; /* HC__FACET_ */
    const char *text;  /* city as most listings spell it, or a word; NULL for price bands and for null */
    int64_t low;       /* price bands: lower bound in cents, inclusive; 0 for the first */
    int64_t high;      /* exclusive; INT64_MAX for the last */
    int64_t count;
} hc__facet;
#define HC__FACET_CITY   1
#define HC__FACET_STATUS 2
#define HC__FACET_TYPE   3
#define HC__FACET_PRICE  4
/* Counts by city (the 100 largest), status, type and price band for a query, largest first. HC_ERR_TOO_BROAD over
 * 50,000 listings. */
hc_status hc__list_facets(const hc__facet **out, size_t *count, hc__arena *arena, const hc__query *query,
                          const hc__list_context *context, hc_error *err);
/* For people: class (A or B), index, order and the streams, a line each. `more` may be NULL. */
hc_status hc__list_explain(hc__buf *out, const hc__query *query, const hc__list_context *context,
                           hc_status (*more)(const hc_op *op, hc__buf *out, void *data), void *data, hc_error *err);

/* ---- pieces that others use ---- */

#define HC__WORD_FIELDS  4 /* words_title, words_place, words_text, words_hidden */
#define HC__WORD_SOURCES 6
/* Search words of one listing for its token fields, space-separated, in each field once. They are made of these fields
 * of it and no others. */
extern const uint16_t hc__word_sources[HC__WORD_SOURCES];
void hc__listing_words(hc__buf out[HC__WORD_FIELDS], const hc__record *listing, const hc__mem *mem);
/* Great-circle distance in whole metres: haversine, R = 6371008.8, rounded to nearest. Coordinates in 1e-8 degrees. */
int64_t hc__geo_metres(int64_t lat1, int64_t lng1, int64_t lat2, int64_t lng2);

#endif
