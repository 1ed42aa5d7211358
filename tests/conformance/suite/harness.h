/* What the cases are written with. Memory comes from one pool that each test starts anew. */
#ifndef CONFORMANCE_HARNESS_H
#define CONFORMANCE_HARNESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "homeconnect/driver/conformance.h"
#include "names.h"

#define POOL_SIZE   ((size_t)8 << 20)
#define ROW_LIMIT   4096
#define CONNECTIONS 3
#define ANY_OP      SIZE_MAX
#define SHORT_WAIT  200000  /* µs: a deadline that is waited for */
#define LONG_WAIT   5000000 /* in which it must have been noticed */

/* ---- the kinds of the suite ---- */

enum item_field {
    ITEM_ID,
    ITEM_FLAG,
    ITEM_SMALL,
    ITEM_BIG,
    ITEM_AMOUNT,
    ITEM_AT,
    ITEM_DAY,
    ITEM_STATE,
    ITEM_TITLE,
    ITEM_CODE,
    ITEM_HASH,
    ITEM_EXTRA,
    ITEM_WORDS,
    ITEM_WORDS_OPEN,
    ITEM_OWNER,
    ITEM_RANK,
    ITEM_SOURCE,
    ITEM_SOURCE_NO,
    ITEM_WORDS_FAR,
    ITEM_FIELDS
};
enum item_index { BY_STATE_AMOUNT, BY_RANK, BY_SOURCE, BY_AT, BY_ARRIVAL };
enum owner_field { OWNER_ID, OWNER_NAME, OWNER_LEVEL, OWNER_ACTIVE, OWNER_FIELDS };
enum item_state { DRAFT = 1, OPEN, CLOSED };

extern const hc_kind items;
extern const hc_kind papers; /* a document kind with the fields of items at the same positions; words are plain text */
extern const hc_kind owners;
extern const hc_migration first_migration;    /* version 1: all three */
extern const hc_migration document_migration; /* version 1: papers alone */

/* ---- one test ---- */

typedef struct result_row {
    size_t op;
    int32_t what;
    uint32_t count;
    hc_value *values; /* copied */
} result_row;

struct tally;

typedef struct test {
    const hc_conformance *suite;
    const hc_storage_driver *driver;
    const char *name;
    uint32_t quirks;
    bool documents;      /* the part that document kinds need: no transactions, EXISTS or words */
    const hc_kind *kind; /* items or papers */
    struct tally *tally; /* of the whole run */
    hc_host host;
    hc_allocator allocator;
    void *store;
    void *connections[CONNECTIONS];
    char uri[1024];
    hc_error err;
    hc_batch batch; /* the last one that ran */
    result_row rows[ROW_LIMIT];
    size_t row_count;
    size_t stop_after; /* rows of stop_op, or ANY_OP; 0: never. Then on_row answers stop_with */
    size_t stop_op;
    size_t stop_seen;
    hc_status stop_with;
    bool no_words;                  /* random predicates do without MATCH */
    bool no_arrival;                /* random queries are not by arrival */
    void (*on_row)(struct test *t); /* called for each row, when set */
    int64_t operations;
    bool failed;
    uint64_t random;
    const uint8_t *bytes; /* what is chosen, as long as there are some; NULL: `random` alone decides */
    size_t byte_count;
    char *pool;
    size_t pool_used;
} test;

typedef void (*case_fn)(test *t);

#define PLAIN           0x0u
#define ON_DOCUMENTS    0x1u /* runs on document kinds too */
#define ON_SEVERAL      0x2u /* needs several connections */
#define OPENED_AGAIN    0x4u /* closes and opens the store */
#define CONNECTS_ITSELF 0x8u /* tries several connections, also where there is one */

typedef struct test_case {
    const char *name;
    case_fn body;
    uint32_t how;
} test_case;

extern const test_case write_cases[];
extern const test_case bulk_cases[];
extern const test_case read_cases[];
extern const test_case shape_cases[];
extern const test_case text_cases[];
extern const test_case store_cases[];
extern const test_case migration_cases[];
extern const test_case together_cases[];
extern const test_case quirk_cases[];
void random_sequence(test *t);      /* one connection, against the model */
void interleaved_sequence(test *t); /* three connections whose transactions interleave, against the model */
void racing_sequence(test *t);      /* pairs of units on two threads */
void stops(test *t);                /* deadlines and interrupts in the middle of statements */

void fail_at(test *t, const char *file, int line, const char *what);
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fail_at(t, __FILE__, __LINE__, #condition);                                                                \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)
#define CHECK_OK(call) CHECK((call) >= 0)

void *take(test *t, size_t size); /* zeroed */
void *take_copy(test *t, const void *bytes, size_t size);

/* ---- values, predicates, operations ---- */

hc_value null_value(void);
hc_value number(int32_t type, int64_t n);
hc_value text(int32_t type, const char *s);
hc_value bytes(test *t, int32_t type, const void *data, size_t size);
hc_value id_value(test *t, uint32_t n); /* ids rise with n */
bool same_value(const hc_value *a, const hc_value *b);
int compare_values(const hc_value *a, const hc_value *b); /* of one type, not null */

const hc_predicate *leaf(test *t, int32_t what, uint16_t field, hc_value value);
/* MATCH in the fields of tokens from `first` to `last`. */
const hc_predicate *match_list(test *t, uint16_t first, uint16_t last, const hc_value *values, size_t count);
const hc_predicate *leaf_list(test *t, int32_t what, uint16_t field, const hc_value *values, size_t count);
const hc_predicate *null_test(test *t, int32_t what, uint16_t field);
const hc_predicate *both(test *t, const hc_predicate *a, const hc_predicate *b);
const hc_predicate *either(test *t, const hc_predicate *a, const hc_predicate *b);
const hc_predicate *constant(test *t, bool truth);
const hc_predicate *exists(test *t, const hc_kind *kind, uint16_t field, uint16_t inner, const hc_predicate *inside);

hc_value moment(const test *t, int64_t us); /* a time; of documents cut to milliseconds, as the core does */

hc_op insert_item(test *t, uint32_t n); /* all that may not be null, set from n; of t->kind */
void set(test *t, hc_op *op, uint16_t field, hc_value value);
void add(test *t, hc_op *op, uint16_t field, hc_value value);
hc_op insert_owner(test *t, uint32_t n, const char *name, int level, bool active);
hc_op update(const hc_kind *kind, const hc_predicate *where, int32_t expect);
hc_op removal(const hc_kind *kind, const hc_predicate *where, int32_t expect);
hc_op query(test *t, const hc_kind *kind, const hc_predicate *where); /* all fields that can be read, by id */
void order_by(test *t, hc_op *op, uint16_t field, uint32_t flags);    /* before the id, which stays last */
hc_op count_of(const hc_kind *kind, const hc_predicate *where);

/* ---- running ---- */

/* Runs a batch; t->rows has its rows. */
hc_status run(test *t, void *conn, uint32_t flags, hc_op *ops, size_t count);
hc_status run_one(test *t, hc_op op);                         /* alone, on the first connection */
hc_status run_transaction(test *t, hc_op *ops, size_t count); /* begin and commit, on the first connection */
hc_status run_all(test *t, hc_op *ops, size_t count);         /* as a transaction, or one by one where there are none */
hc_status reconnect(test *t, size_t i);
hc_status migrate_first(test *t);
int64_t monotonic(void);           /* µs */
bool has_waited(hc_status status); /* whether it may be the answer of one who waited for another until the deadline */
bool not_written(const test *t);
int64_t count_items(test *t, const hc_predicate *where); /* -1 on failure */
hc_status count_on(test *t, void *conn, uint32_t flags, int64_t *out);
hc_status fill(test *t, uint32_t count); /* items 0 to count - 1 */
bool is_id(const hc_value *value, uint32_t n);
/* The ids of the matching rows are these numbers, in this order. */
bool rows_are(test *t, const uint32_t *numbers, size_t count);
hc_status query_ids(test *t, const hc_op *op);

uint32_t pick(test *t, uint32_t below);
bool used_up(const test *t); /* its choices come from bytes, and there are no more */

#endif
