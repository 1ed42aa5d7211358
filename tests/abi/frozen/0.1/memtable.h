/* A storage driver that keeps its rows in memory. README.md says in which order to read it.
 *
 * What is committed is one mt_version: a list of tables, each a list of rows. None of the three ever changes once
 * others can see it. A writer works on a version of its own, in which what it changes is copied first, and a commit
 * puts that in the place of the one before. So a reader takes the version there is and needs no lock while it reads, a
 * transaction that only reads is one snapshot, and a rollback forgets. Each of the three counts its holders and goes
 * with the last. */
#ifndef MEMTABLE_H
#define MEMTABLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "homeconnect/driver/storage.h"
#include "homeconnect/export.h"

#define MT_NAME       "memtable"
#define MT_MIGRATIONS 256 /* that a store remembers */

typedef struct mt_row {
    atomic_int holders;
    uint64_t arrival;  /* rises with each row that is inserted */
    hc_value values[]; /* as many as the kind has fields; their bytes lie behind them */
} mt_row;

typedef struct mt_table {
    atomic_int holders;
    const hc_kind *kind; /* the core's own data, there as long as the store is open */
    int32_t version;     /* of the schema: fields and indexes of later ones are not here yet */
    uint32_t dropped;    /* indexes that are not here any more, a bit each */
    size_t count, capacity;
    mt_row **rows; /* by id, ascending */
} mt_table;

typedef struct mt_version {
    atomic_int holders;
    int32_t schema; /* the last migration */
    size_t count;
    mt_table *tables[];
} mt_version;

typedef struct mt_store {
    const hc_host *host;
    pthread_mutex_t lock;   /* of what follows */
    pthread_cond_t changed; /* the turn, or an interrupt */
    mt_version *current;
    bool taken;                     /* somebody has the turn to write */
    uint64_t arrivals;              /* the writer's */
    uint64_t prints[MT_MIGRATIONS]; /* of each migration that was applied; the writer's */
} mt_store;

typedef struct mt_conn {
    mt_store *store;
    int32_t role;
    atomic_bool interrupted;
    mt_version *view; /* of the transaction under way, or NULL */
    bool writing;     /* it has the turn to write, and the view is its own */
} mt_conn;

/* One batch as it runs. */
typedef struct mt_run {
    mt_conn *conn;
    hc_batch *batch;
    hc_error *err;
    mt_version *view; /* what this operation reads and writes */
    int64_t now;      /* the store's clock, one for the whole batch */
    uint32_t ticks;
    hc_status stopped; /* past the deadline, or interrupted */
} mt_run;

/* ---- store.c: memory, rows, tables, versions, whose turn it is ---- */

void *mt_allocate(const mt_store *store, size_t size); /* zeroed, or NULL */
void mt_free(const mt_store *store, void *block);
hc_status mt_fail(hc_error *err, hc_status status, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
hc_status mt_no_memory(hc_error *err);
int64_t mt_monotonic(void);
int64_t mt_wall_clock(void);

mt_row *mt_row_make(const mt_store *store, uint64_t arrival, const hc_value *values, size_t count);
void mt_row_release(const mt_store *store, mt_row *row);
bool mt_row_is_there(const mt_table *table, const hc_value *id, size_t *place); /* where it is, or would be */
bool mt_row_add(const mt_store *store, mt_table *table, mt_row *row);           /* false: no memory */

mt_table *mt_table_of(const mt_version *version, const hc_kind *kind); /* or NULL */
mt_table *mt_table_to_change(const mt_run *run, const hc_kind *kind);  /* the run's own copy, or NULL: no memory */
mt_table *mt_table_make(const mt_store *store, const hc_kind *kind, int32_t version);

mt_version *mt_version_hold(mt_store *store);                                            /* the one that is committed */
mt_version *mt_version_copy(const mt_store *store, const mt_version *from, size_t more); /* with room for more tables */
void mt_version_release(const mt_store *store, mt_version *version);

hc_status mt_turn_take(mt_conn *conn, int64_t deadline, hc_error *err); /* waits for the turn to write */
void mt_turn_end(mt_conn *conn, bool commit); /* commits conn->view, or forgets it; then it is the next one's turn */

/* ---- value.c ---- */

bool mt_has_bytes(int32_t type);
int mt_compare(const hc_value *a, const hc_value *b); /* of one type, neither null */
bool mt_same(const hc_value *a, const hc_value *b);   /* null is equal to nothing */
bool mt_fits(const hc_field *field, const hc_value *value);
hc_value mt_moment(const mt_run *run, const hc_value *value); /* HC_TYPE_NOW becomes a time */

/* ---- predicate.c ---- */

bool mt_goes_on(mt_run *run); /* false: past the deadline, or interrupted; run->stopped says which */
bool mt_holds(mt_run *run, const mt_row *row, const hc_predicate *p);
const hc_predicate *mt_match_of(const hc_predicate *where); /* the MATCH at its top, or NULL */
hc_value mt_words_found(const hc_predicate *match, const hc_value *stored);
const hc_value *mt_only_id(const hc_predicate *where); /* the one id that can match, or NULL */

/* ---- the rest ---- */

hc_status mt_check(const mt_version *view, const hc_op *op, hc_error *err); /* check.c: whether it makes sense */
hc_status mt_read(mt_run *run, size_t i, hc_op_result *result);             /* read.c */
hc_status mt_write(mt_run *run, const hc_op *op, hc_op_result *result);     /* write.c */
hc_status mt_execute(void *conn, hc_batch *batch, hc_error *err);           /* execute.c */
hc_status mt_explain(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                     hc_error *err);
hc_status mt_schema(void *conn, int32_t *version, hc_error *err); /* schema.c */
hc_status mt_migrate(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err);

#endif
