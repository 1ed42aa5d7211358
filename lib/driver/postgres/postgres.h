/* Shared by the files of this room only. */
#ifndef HC__DRIVER_POSTGRES_POSTGRES_H
#define HC__DRIVER_POSTGRES_POSTGRES_H

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "driver/sql/bulk.h"
#include "driver/sql/compile.h"
#include "homeconnect/driver/storage.h"

#define HC__PG_NAME           "postgres"
#define HC__PG_ARRIVAL        "pk"
#define HC__PG_STATEMENT_NAME 24
#define HC__PG_OPTIONS        64               /* parameters of a connection */
#define HC__PG_STATEMENTS     256              /* cached on one connection */
#define HC__PG_DENIED         "42501"          /* SQLSTATE of what the server's user may not do */
#define HC__PG_AGAIN          INT64_C(50000)   /* µs between two cancels */
#define HC__PG_GRACE          INT64_C(1000000) /* µs for the server to answer a cancel, or a rollback */

extern const hc__dialect hc__pg_dialect;

typedef struct hc__pg_store {
    hc__mem mem;
    const hc_host *host;
    int32_t pid;
    PQconninfoOption *options; /* of the URI, the password among them: wiped when freed */
    bool relaxed;
    bool verify;          /* a host off loopback, and no sslmode in the URI */
    uint32_t hosts;       /* that the URI names, at least 1 */
    int64_t connect_wait; /* µs */
    atomic_bool warned;   /* that a failover may lose commits */
} hc__pg_store;

typedef struct hc__pg_statement hc__pg_statement;
struct hc__pg_statement {
    hc__pg_statement *newer, *older;
    char name[HC__PG_STATEMENT_NAME]; /* on the server; "" where nothing stays there */
    bool lists;                       /* its plan may depend on the values: needs_plan() looks at them */
    bool streams;                     /* rows come one by one */
    bool gathers;                     /* they come together, an array for each column */
    bool prepared;                    /* there, or sent in a pipeline that goes on */
    bool has_json;                    /* a column is decoded into memory of its own */
    uint64_t used_in;                 /* the pipeline that used it last: its steps point here */
    hc__sql_recipe recipe;            /* of its parameters */
    const hc_field *const *fields;    /* of the result columns that a caller sees */
    hc_value *values;                 /* of one row */
    uint32_t columns;
    size_t key_size;
    const void *key;
};

/* One command of a pipeline, in the order of its answers. */
#define HC__STEP_PREPARE  1
#define HC__STEP_CLOSE    2
#define HC__STEP_BEGIN    3
#define HC__STEP_OP       4
#define HC__STEP_COMMIT   5
#define HC__STEP_ROLLBACK 6
#define HC__STEP_SYNC     7

typedef struct hc__pg_step {
    int32_t what;
    size_t op;
    hc__pg_statement *statement; /* of PREPARE and OP */
} hc__pg_step;

/* The parameters of one statement as libpq wants them. */
typedef struct hc__pg_params {
    void *block; /* of all four */
    const char **values;
    int *lengths, *formats;
    Oid *types;
    size_t capacity;
} hc__pg_params;

typedef struct hc__pg {
    hc__pg_store *store;
    const hc__mem *mem;
    PGconn *pg;
    int32_t pid;
    int32_t role;
    int64_t began; /* when the server began the session, by its clock: which session that is, with its process */
    bool in_transaction, read_only;
    bool wrote;           /* in the transaction under way */
    bool unreplicated;    /* the last commit may be on this server alone, where it should be on another too */
    bool pooled;          /* each transaction may be in another of the server's sessions: nothing stays in one */
    uint64_t salt;        /* in the names of its statements: no other client's are ever taken for them */
    bool broken;          /* its state is in doubt: never used again */
    const hc_kind *ahead; /* what a COPY wrote whose answer nobody has taken yet, or NULL */
    hc__map statements;
    hc__pg_statement *newest, *oldest, *last;
    size_t statement_count;
    uint32_t statement_number;
    hc__buf key;
    hc__sql sql;
    hc__pg_params params;
    hc__buf rows; /* of a COPY, on their way to libpq */
    hc__pg_step *steps;
    size_t step_count, step_capacity;
    uint64_t pipeline; /* rises with each */
    bool alone;        /* one statement is all that is to be sent: it needs no pipeline, when the server knows it */
    hc__arena scratch; /* of one operation, or one row */
    hc__arena kept;    /* of one operation: the keys of a scan */
    void *scratch_first;
    size_t scratch_size;
    atomic_bool interrupted;
    hc_status stopped; /* why the server was told to stop: TIMEOUT, CANCELLED, or HC_OK */
    int64_t deadline;
    int64_t give_up; /* when the server did not answer a cancel; 0: none was sent */
    int64_t again;   /* when to cancel once more: between two statements the server does not hear it; 0: never */
} hc__pg;

/* error.c */
hc_status hc__pg_enter(hc__pg *conn, int64_t deadline, hc_error *err); /* each slot's first step */
int64_t hc__pg_soon(const hc__pg *conn); /* the deadline of what has none of its own: a silent server ends no call */
hc_status hc__pg_lost(hc__pg *conn, hc_error *err); /* no answer will come */
hc_status hc__pg_refused(hc__pg *conn, const PGresult *result, hc_error *err);
hc_status hc__pg_op_refused(hc__pg *conn, const PGresult *result, const hc_op *op, hc_batch *batch, hc_error *err);
bool hc__pg_is_starved(const hc__pg *conn); /* the client library had no memory for what it did last */
hc_status hc__pg_connect_failed(const hc__pg *conn, hc_error *err);
bool hc__pg_is(const PGresult *result, const char *sqlstate);
bool hc__pg_is_final(const PGresult *result); /* the connection ends with it */
bool hc__pg_is_ended(const PGresult *result); /* an administrator or a shutdown wants it: the server's own word */
void hc__pg_log(const hc__pg *conn, int32_t level, const PGresult *result, bool with_message);

/* uri.c */
hc_status hc__pg_uri(hc__pg_store *store, const char *uri, hc_error *err);
void hc__pg_forget_options(hc__pg_store *store);

/* connect.c */
hc_status hc__pg_open(void **out, const hc_host *host, const char *uri, hc_error *err);
void hc__pg_close(void *store);
void hc__pg_limits(void *store, hc_storage_limits *out);
hc_status hc__pg_connect(void **out, void *store, int32_t role, int64_t deadline, hc_error *err);
void hc__pg_disconnect(void *conn);
void hc__pg_abandon(void *conn);
void hc__pg_interrupt(void *conn);
void hc__pg_cancel(const hc__pg *conn, int64_t until); /* asks the server to stop what it does for this session */

/* wire.c */
/* Events, 0 at a slice's end. */
int hc__pg_poll(const hc__pg *conn, bool read, bool write, int64_t now, int64_t until);
bool hc__pg_wait(hc__pg *conn); /* false: no answer will come */
/* Until libpq holds nothing that is to be sent. What the server says meanwhile is taken in, so that neither side waits
 * for the other. */
bool hc__pg_drain(hc__pg *conn);
/* Statements without parameters, outside a pipeline, as a connection is between two calls. The first column of the last
 * row as a number goes to *number, each row's first column to `line`; both may be NULL. */
typedef hc_status (*hc__pg_line_fn)(const char *text, void *data);
hc_status hc__pg_run(hc__pg *conn, const char *sql, int64_t *number, hc_error *err);
hc_status hc__pg_take_lines(hc__pg *conn, int64_t *number, hc__pg_line_fn line, void *data, hc_error *err);
void hc__pg_undo(hc__pg *conn); /* rolls back what is open, or gives the connection up */

/* statement.c */
hc_status hc__pg_statement_of(hc__pg_statement **out, hc__pg *conn, const hc_op *op, hc_error *err);
void hc__pg_forget_all(hc__pg *conn); /* in this process only */
int hc__pg_scan(const hc_op *op);
void hc__pg_push(hc__pg *conn, int32_t what, size_t op, hc__pg_statement *statement);

/* encode.c */
hc_status hc__pg_encode(hc__pg *conn, const hc__sql *sql, const hc_op *op, hc_error *err);
/* Appends a value with its size as COPY takes it; NULL is a null. */
hc_status hc__pg_encode_field(hc__pg *conn, hc__buf *out, const hc_value *value, const hc_field *field, hc_error *err);

/* decode.c */
/* bytes NULL: a null. The value may point into them. */
hc_status hc__pg_decode(hc__pg *conn, hc_value *out, const hc_field *field, const char *bytes, size_t size,
                        hc_error *err);
/* Of one column that is a row. */
hc_status hc__pg_decode_row(hc__pg *conn, hc_value *values, const hc_field *const *fields, uint32_t count,
                            const char *row, size_t size, hc_error *err);
hc_status hc__pg_misread(hc_error *err);                            /* the server's bytes are no such row */
int64_t hc__pg_integer(const char *at, size_t size);                /* a binary integer of any width */
int64_t hc__pg_number(const PGresult *result, int row, int column); /* such a one, 0 for a null */

/* execute.c, read.c */
hc_status hc__pg_execute(void *conn, hc_batch *batch, hc_error *err);
hc_status hc__pg_explain(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                         hc_error *err);
/* What is known of an operation between its results. */
typedef struct hc__pg_reading {
    hc__pg *conn;
    hc_batch *batch;
    const hc_op *op;
    const hc__pg_statement *statement;
    hc_op_result *result;
    hc_value keys[HC_ORDER_LIMIT];
    bool gave;  /* a row went to the callback */
    bool ended; /* what still comes is not wanted */
} hc__pg_reading;
hc_status hc__pg_read(hc__pg_reading *r, const PGresult *result, hc_error *err);
hc_status hc__pg_read_end(hc__pg_reading *r, hc_error *err);
bool hc__pg_streams(const hc_op *op); /* rows come one by one */
bool hc__pg_pipe(hc__pg *conn);       /* in a pipeline from here on */

/* copy.c: the rows of a run, one kind after the other, in the open transaction. */
#define HC__PG_COPY_LEAST 64 /* rows: fewer are quicker in the pipeline, which has no round trips of its own */
/* One of `tables` for each kind, in the order that they go: who sends ahead makes other rows while the server works at
 * the last, so that is the one with the most values. */
bool hc__pg_may_copy(hc__bulk_table *tables, hc__arena *arena, const hc__bulk *bulk, const hc_batch *batch);
/* *failed: the operation that was at fault. */
hc_status hc__pg_copy(hc__pg *conn, hc__bulk_table *tables, const hc__bulk *bulk, hc_batch *batch, size_t *failed,
                      hc_error *err);
/* Takes the answer to the COPY of a batch before, which may be that it failed. */
hc_status hc__pg_settle(hc__pg *conn, hc_batch *batch, hc_error *err);

/* schema.c, ddl.c */
hc_status hc__pg_schema(void *conn, int32_t *version, hc_error *err);
hc_status hc__pg_migrate(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err);
hc_status hc__pg_ddl(hc__buf *sql, const hc_step *step, int32_t version, hc_error *err);

#endif
