/* Shared by the files of this room only. */
#ifndef HC__DRIVER_MYSQL_MYSQL_H
#define HC__DRIVER_MYSQL_MYSQL_H

#include <mysql.h>
#include <ma_pvio.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "driver/sql/bulk.h"
#include "driver/sql/compile.h"
#include "homeconnect/driver/storage.h"

#define HC__MY_NAME       "mysql"
#define HC__MY_TOO_LARGE  "a value is larger than the server's max_allowed_packet"
#define HC__MY_ARRIVAL    "pk"
#define HC__MY_STATEMENTS 256              /* cached on one connection */
#define HC__MY_GRACE      INT64_C(1000000) /* µs for the server to answer a KILL QUERY, or a rollback */
#define HC__MY_HOSTS      8

/* What differs between MariaDB and MySQL. */
typedef struct hc__my_flavor {
    hc__dialect dialect;
    const char *product;
    unsigned long oldest;  /* version, as the client library tells it */
    const char *collation; /* of text: by code point, without padding */
    const char *settings;  /* of a session */
    bool arrays;           /* one execution takes arrays of values; false: VALUES of many rows */
} hc__my_flavor;

extern const hc__my_flavor hc__my_mariadb, hc__my_mysql8;

typedef struct hc__my_host {
    char *name;
    unsigned port;
} hc__my_host;

typedef struct hc__my_store {
    hc__mem mem;
    const hc_host *host;
    int32_t pid;
    hc__my_host hosts[HC__MY_HOSTS];
    size_t host_count;
    atomic_size_t reached; /* the host that answered last: asked first */
    char *user, *password, *database, *socket;
    char *ca, *ca_path, *cert, *key, *tls_version, *fingerprint;
    int tls;
    bool relaxed;
    atomic_bool warned;
    int64_t connect_wait; /* µs */
} hc__my_store;
#define HC__MY_TLS_OFF    0
#define HC__MY_TLS_ON     1 /* no matter whose certificate */
#define HC__MY_TLS_VERIFY 2

#define HC__MY_NUMBERED 2 /* columns before those of a row, of HC__SCAN_NUMBERED */

typedef struct hc__my_statement hc__my_statement;
struct hc__my_statement {
    hc__my_statement *newer, *older;
    MYSQL_STMT *handle;
    const hc_field *const *fields; /* of the columns that a caller sees, and of those before */
    hc_value *values;              /* of the columns that a caller sees */
    uint32_t columns;              /* that a caller sees */
    uint32_t first, all;           /* columns before those, HC__MY_NUMBERED of such a scan alone; and all */
    uint32_t rows;                 /* of VALUES, or queries of a union */
    bool bound;                    /* to the parameters of one row, and the server knows their types */
    hc__sql_recipe recipe;         /* of its parameters */
    size_t key_size;
    const void *key;
};

/* One column of the row under the cursor, as it came. */
typedef struct hc__my_cell {
    const unsigned char *bytes; /* NULL: null */
    uint32_t size;
    uint8_t type;  /* of the client library's */
    uint8_t fixed; /* size of each value that is not null; 0: they differ */
} hc__my_cell;

typedef struct hc__my {
    hc__my_store *store;
    const hc__mem *mem;
    const hc__my_flavor *flavor;
    MYSQL *my;
    PVIO_METHODS line;               /* of its socket: the client library's, with waits of ours */
    struct st_mariadb_methods calls; /* of its handle: the client library's, and rows come to the cells */
    const hc__my_host *host;         /* that it is connected to */
    int32_t pid;
    int32_t role;
    bool in_transaction, read_only;
    bool galera; /* the server is a node of a cluster */
    bool broken; /* its state is in doubt: never used again */
    bool lost;   /* no answer came, so what was asked for may have been done */
    bool gave;   /* a row of the batch went to the callback */
    unsigned long packet_limit;
    const hc_value *searched; /* the words of the search under way */
    uint32_t common;          /* bit i: word i of it is not asked of the index of words */
    int64_t counted; /* the session's @hc_n, which numbers the rows of scans, is not above this; -1: not known */
    hc__map statements;
    hc__my_statement *newest, *oldest, *last;
    size_t statement_count;
    hc__buf key;
    hc__sql sql;
    MYSQL_BIND *ins;
    hc__my_cell *cells;
    uint32_t columns; /* of the result under way */
    bool bad_row;     /* its last row was none */
    size_t ins_capacity, cell_capacity;
    hc__arena scratch; /* of one operation */
    hc__arena kept;    /* of one operation: the keys of a scan */
    void *scratch_first;
    size_t scratch_size;
    atomic_bool interrupted;
    bool may_lack;     /* that a table is not there is an answer, and no fault to be logged */
    hc_status stopped; /* why the server was told to stop: TIMEOUT, CANCELLED, or HC_OK */
    int64_t deadline;
    int64_t give_up;   /* when the server did not answer a KILL QUERY; 0: none was sent */
    int64_t ask_again; /* with another one */
} hc__my;

/* What the server, or the client library, says of a call that failed. */
typedef struct hc__my_fault {
    unsigned number; /* 0: none */
    const char *state;
    const char *text; /* never shown: it may hold values */
} hc__my_fault;

/* error.c */
hc_status hc__my_enter(hc__my *conn, int64_t deadline, hc_error *err); /* each slot's first step */
int64_t hc__my_soon(const hc__my *conn); /* the deadline of what has none of its own: a silent server ends no call */
hc__my_fault hc__my_fault_of(const hc__my *conn, MYSQL_STMT *handle); /* handle NULL: of the connection */
hc_status hc__my_refused(hc__my *conn, hc__my_fault fault, hc_error *err);
hc_status hc__my_refused_for(hc__my *conn, hc__my_fault fault, const hc_op *op, hc_error *err); /* before it began */
hc_status hc__my_op_refused(hc__my *conn, hc__my_fault fault, const hc_op *op, hc_batch *batch, hc_error *err);
hc_status hc__my_stopped(const hc__my *conn, hc_error *err);
hc_status hc__my_denied(hc_status status, const char *what, hc_error *err); /* who may not is told what it takes */
hc_status hc__my_connect_failed(hc__my_fault fault, hc_error *err);
bool hc__my_is_lost(unsigned number); /* no answer will come */
bool hc__my_asks_for_rerun(unsigned number);
bool hc__my_is_stale(unsigned number); /* the server does not know our statements any more */
void hc__my_log(const hc__my_store *store, int32_t level, const char *what, hc__my_fault fault);

/* uri.c */
hc_status hc__my_uri(hc__my_store *store, const char *uri, hc_error *err);
hc_status hc__my_uri_files(const hc__my_store *store, hc_error *err); /* that they can be read */
void hc__my_forget_uri(hc__my_store *store);

/* connect.c */
hc_status hc__my_open(void **out, const hc_host *host, const char *uri, hc_error *err);
void hc__my_close(void *store);
void hc__my_limits(void *store, hc_storage_limits *out);
hc_status hc__my_connect(void **out, void *store, int32_t role, int64_t deadline, hc_error *err);
void hc__my_disconnect(void *conn);
void hc__my_abandon(void *conn);
void hc__my_interrupt(void *conn);
/* A handle that is connected to that host, or NULL: *fault says why, in memory of `text`. */
MYSQL *hc__my_dial(const hc__my_store *store, const hc__my_host *host, int64_t until, hc__my_fault *fault,
                   char text[256], bool *late);

/* wire.c */
int hc__my_wait_until(MYSQL *my, int want, int64_t until, bool *late); /* what a _cont() call wants to know */
/* A handle on its way to the server. Its TLS is shaken hands for by calls that block, whatever the rest of the client
 * library does: from when it is watched they, too, end when it is time. */
typedef struct hc__my_handshake {
    PVIO_METHODS line, *before;
    MYSQL *my;
    int64_t until;
    bool *late;
} hc__my_handshake;
void hc__my_watch_handshake(hc__my_handshake *shake);
void hc__my_leave_handshake(hc__my_handshake *shake);
/* From now on no call on the connection's handle waits beyond its deadline, nor when it is interrupted. False: the
 * client library is none that this was built for. */
bool hc__my_take_line(hc__my *conn);
bool hc__my_stop(hc__my *conn);                       /* tells the server to end the statement under way */
unsigned hc__my_query(hc__my *conn, const char *sql); /* the error's number; results are dropped */
/* The same by a row's first two columns; NULL for null. */
typedef void (*hc__my_pair_fn)(const char *first, const char *second, void *data);
hc_status hc__my_run(hc__my *conn, const char *sql, hc__my_pair_fn each, void *data, hc_error *err);
/* Several in one trip; `each` gets the rows of all. The first that fails is told, and the rest ran all the same. */
hc_status hc__my_run_together(hc__my *conn, const char *const *sql, size_t count, hc__my_pair_fn each, void *data,
                              hc_error *err);
hc_status hc__my_number(hc__my *conn, const char *sql, int64_t *number, hc_error *err);
void hc__my_undo(hc__my *conn); /* rolls back what is open, or gives the connection up */

/* statement.c */
hc_status hc__my_statement_of(hc__my_statement **out, hc__my *conn, const hc_op *op, uint32_t rows, hc_error *err);
bool hc__my_repeat_values(hc__buf *text, uint32_t rows); /* of an insert; false: no memory */
void hc__my_forget(hc__my *conn, hc__my_statement *statement);
void hc__my_forget_all(hc__my *conn);
void hc__my_lose_all(hc__my *conn); /* in the child of a fork: their handles stay behind */
int hc__my_scan(const hc__my *conn, const hc_op *op);

/* encode.c: to conn->ins */
/* rows > 1: of VALUES, or queries of a union. `recipe` NULL: none is kept. */
hc_status hc__my_encode(hc__my *conn, hc__sql_recipe *recipe, const hc_op *ops, size_t rows, hc_error *err);
/* Inserts of one shape as arrays of each column's values. *rows: how many there are, and then how many fit. */
hc_status hc__my_encode_rows(hc__my *conn, hc__sql_recipe *recipe, const hc_op *ops, size_t *rows, hc_error *err);

/* decode.c */
void hc__my_take_calls(hc__my *conn); /* from now on rows come into the cells */
/* Where its columns lie; false: one would end behind it. */
bool hc__my_cut_row(hc__my_cell *cells, uint32_t columns, const unsigned char *row, size_t size);
/* Once it was executed, and before a row is fetched. */
hc_status hc__my_take_rows(hc__my *conn, const hc__my_statement *statement, hc_error *err);
int hc__my_fetch(hc__my *conn, MYSQL_STMT *handle, hc__my_fault *fault); /* 0, MYSQL_NO_DATA, or 1: *fault */
int64_t hc__my_cell_number(const hc__my *conn, uint32_t column);
hc_status hc__my_decode(hc_value *out, const hc__my_cell *cells, const hc_field *const *fields, uint32_t count,
                        hc_error *err);

/* execute.c, write.c, read.c */
hc_status hc__my_execute(void *conn, hc_batch *batch, hc_error *err);
hc_status hc__my_explain(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                         hc_error *err);
/* Of as many operations, from `ops` on, as the statement has rows or queries. */
hc_status hc__my_start_ops(hc__my *conn, hc__my_statement *statement, hc_batch *batch, const hc_op *ops, hc_error *err);
/* The two halves of that: nothing has gone to the server when the first fails. */
hc_status hc__my_encode_ops(hc__my *conn, hc__my_statement *statement, const hc_op *ops, hc_error *err);
hc_status hc__my_send_ops(hc__my *conn, hc__my_statement *statement, hc_batch *batch, const hc_op *ops, hc_error *err);
hc_status hc__my_write(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err);
size_t hc__my_run_length(const hc_op *ops, size_t count); /* of inserts that may go together, 1 at least */
hc_status hc__my_write_many(hc__my *conn, hc_batch *batch, size_t first, size_t *count, hc_error *err);
/* The rows of each kind together. */
#define HC__MY_BULK_LEAST 4
hc_status hc__my_write_bulk(hc__my *conn, const hc__bulk *bulk, hc_batch *batch, hc_error *err);
hc_status hc__my_read(hc__my *conn, hc_batch *batch, const hc_op *op, hc_error *err);

/* union.c: queries of one shape, each of a row named by its id, as one statement */
size_t hc__my_union_length(hc__my *conn, const hc_op *ops, size_t count); /* 1: the first goes alone */
/* *count: as many as are wanted, then as were read. */
hc_status hc__my_read_union(hc__my *conn, hc_batch *batch, size_t first, size_t *count, hc_error *err);
/* "SELECT a FROM …" to "SELECT 0,a FROM … UNION ALL SELECT 1,a FROM …". False: no memory. */
bool hc__my_repeat_query(hc__buf *text, uint32_t queries);

/* words.c: the operation as it is asked; its index tells which way a search of words by arrival goes */
hc_status hc__my_search(hc_op *out, hc__my *conn, const hc_op *op, hc_error *err);

/* driver.c */
hc_status hc__my_ping(void *conn, int64_t deadline, hc_error *err);
hc_status hc__my_server_time(void *conn, int64_t *out, hc_error *err);
hc_status hc__my_position(void *conn, int64_t deadline, uint64_t *out, hc_error *err);
hc_status hc__my_version(void *conn, char *out, size_t size, hc_error *err);
extern const hc_storage_driver hc__my_driver; /* slots.c: all of them */

/* schema.c, ddl.c */
hc_status hc__my_schema(void *conn, int32_t *version, hc_error *err);
hc_status hc__my_migrate(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err);
#define HC__MY_PARTS 3
/* Part 0 of a step: what it says. 1 and 2: the index of words goes, and comes with the new field. Often nothing. */
hc_status hc__my_ddl(hc__buf *sql, const hc__my_flavor *flavor, const hc_step *step, int32_t version, int part,
                     hc_error *err);
/* Whether a field of tokens is there in a version of which the fields up to position `last` were added. */
bool hc__my_has_words(const hc_kind *kind, uint32_t position, int32_t version, uint32_t last);

#endif
