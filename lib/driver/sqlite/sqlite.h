/* Shared by the files of this room only. */
#ifndef HC__DRIVER_SQLITE_SQLITE_H
#define HC__DRIVER_SQLITE_SQLITE_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "driver/sql/compile.h"
#include "homeconnect/driver/storage.h"

#define HC__SQLITE_NAME           "sqlite"
#define HC__SQLITE_APPLICATION_ID 0x48434e54                         /* "HCNT" */
#define HC__SQLITE_MARK           "PRAGMA application_id=1212370516" /* the same */
#define HC__SQLITE_STATEMENTS     256                                /* cached on one connection */
#define HC__SQLITE_BUSY_WAIT      INT64_C(5000000)

extern const hc__dialect hc__sqlite_dialect;

typedef struct hc__sqlite_store {
    hc__mem mem;
    const hc_host *host;
    int32_t pid;
    char *path; /* absolute; NULL: in memory */
    bool relaxed;
    int32_t cache_kib;
    sqlite3 *keeper; /* open as long as the store: it knows which file that was. NULL in memory */
    bool counted;    /* among the open files of this process */
    atomic_uint_fast32_t connects;
    atomic_bool taken; /* in memory: the one connection is out */
} hc__sqlite_store;

/* How a column is decoded. */
#define HC__COLUMN_OTHER    0 /* by hc__sqlite_decode_some */
#define HC__COLUMN_INTEGER  1 /* a number that is never null */
#define HC__COLUMN_NULLABLE 2 /* a number or null */
#define HC__COLUMN_TEXT     3 /* text or null */

typedef struct hc__statement hc__statement;
struct hc__statement {
    hc__statement *newer, *older;
    sqlite3_stmt *main;
    sqlite3_stmt *words;           /* writes of kinds with tokens: their row in the words table */
    size_t words_from;             /* the first set of an operation that is tokens */
    const hc_field *const *fields; /* of the result columns that a caller sees */
    const uint8_t *classes;        /* of the same: HC__COLUMN_ */
    hc_value *values;              /* of one row; their types stand here already, but where a column may be null */
    uint32_t columns;
    int32_t scan; /* HC__SCAN_, when the operation has a scan limit */
    hc__sql_recipe recipe;
    size_t key_size;
    const void *key;
};

/* A query with a scan limit under way; the counter is called by the engine, so this stands in the connection. */
typedef struct hc__scan {
    int64_t examined, limit;
    bool cut;
    const hc_op *op;
    hc_value keys[HC_ORDER_LIMIT]; /* of the last row that the limit lets through */
} hc__scan;

typedef struct hc__sqlite {
    hc__sqlite_store *store;
    const hc__mem *mem;
    sqlite3 *db;
    int32_t pid;
    int32_t role;
    bool in_transaction, read_only, poisoned;
    sqlite3_stmt *begin_write, *begin_read, *commit, *rollback;
    hc__map statements;
    hc__statement *newest, *oldest, *last;
    size_t statement_count;
    hc__buf key;
    hc__sql params;
    hc__arena scratch; /* of one operation: bound texts that the driver makes, keys of a scan */
    void *scratch_first;
    size_t scratch_size;
    hc__scan scan;
    atomic_bool interrupted;
    hc_status stopped; /* why the engine was told to stop: TIMEOUT, CANCELLED, or HC_OK */
    int64_t deadline;
    int64_t busy_until;
    uint64_t jitter;
    int64_t now; /* the store's clock for one batch; 0: not yet read */
    uint64_t stamp;
    uint32_t data_version;
    bool want_stamp;
} hc__sqlite;

/* error.c */
hc_status hc__sqlite_fail(hc__sqlite *conn, int rc, hc_error *err);
hc_status hc__sqlite_open_fail(sqlite3 *db, int rc, hc_error *err);
void hc__sqlite_log(const hc__sqlite *conn); /* what the engine says of a statement's text, which holds no values */
hc_status hc__sqlite_refuse(hc__sqlite *conn, int rc, const hc_op *op, hc_batch *batch, hc_error *err);
hc_status hc__sqlite_enter(hc__sqlite *conn, int64_t deadline, hc_error *err);        /* each slot's first step */
hc_status hc__sqlite_here(const hc__sqlite_store *store, sqlite3 *db, hc_error *err); /* the file is still its path's */

/* store.c */
hc_status hc__sqlite_open(void **out, const hc_host *host, const char *uri, hc_error *err);
void hc__sqlite_close(void *store);
void hc__sqlite_limits(void *store, hc_storage_limits *out);

/* uri.c */
hc_status hc__sqlite_uri(hc__sqlite_store *store, const char *uri, char **path, hc_error *err);

/* connect.c */
hc_status hc__sqlite_connect(void **out, void *store, int32_t role, int64_t deadline, hc_error *err);
void hc__sqlite_disconnect(void *conn);
void hc__sqlite_abandon(void *conn);
void hc__sqlite_interrupt(void *conn);
hc_status hc__sqlite_ping(void *conn, int64_t deadline, hc_error *err);
int hc__sqlite_run(sqlite3 *db, const char *sql); /* statements without rows that matter */
int hc__sqlite_number(sqlite3 *db, const char *sql, int64_t *out);

/* schema.c, ddl.c */
hc_status hc__sqlite_schema(void *conn, int32_t *version, hc_error *err);
hc_status hc__sqlite_migrate(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err);
hc_status hc__sqlite_ddl(hc__buf *sql, const hc_step *step, int32_t version, hc_error *err);

/* statement.c */
hc_status hc__sqlite_statement(hc__statement **out, hc__sqlite *conn, const hc_op *op, hc_error *err);
void hc__sqlite_forget_all(hc__sqlite *conn);
hc_status hc__sqlite_bind(hc__sqlite *conn, hc__statement *statement, const hc_op *op, hc_error *err);

/* row.c */
hc_status hc__sqlite_bind_value(hc__sqlite *conn, sqlite3_stmt *stmt, int at, const hc_value *value,
                                const hc_field *field, hc_error *err);
hc_status hc__sqlite_bind_params(hc__sqlite *conn, sqlite3_stmt *stmt, const hc__sql *params, hc_error *err);
hc_status hc__sqlite_decode(hc_value *out, sqlite3_value *column, const hc_field *field, hc_error *err);
/* What is not null. */
hc_status hc__sqlite_decode_some(hc_value *out, sqlite3_value *column, const hc_field *field, hc_error *err);

/* execute.c, write.c, read.c, words.c */
hc_status hc__sqlite_execute(void *conn, hc_batch *batch, hc_error *err);
hc_status hc__sqlite_write(hc__sqlite *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err);
hc_status hc__sqlite_read(hc__sqlite *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err);
hc_status hc__sqlite_explain(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                             hc_error *err);
int hc__sqlite_step(hc__sqlite *conn, sqlite3_stmt *stmt);
int hc__sqlite_begin(hc__sqlite *conn, bool write);
int hc__sqlite_commit(hc__sqlite *conn);
void hc__sqlite_rollback(hc__sqlite *conn);
void hc__sqlite_count_row(sqlite3_context *context, int count, sqlite3_value **keys); /* the dialect's scan_counter */
int hc__sqlite_words_connect(sqlite3 *db);                                            /* the dialect's words_found */
hc_status hc__sqlite_words_prepare(hc__sqlite *conn, hc__statement *statement, const hc_op *op, hc_error *err);
hc_status hc__sqlite_words_write(hc__sqlite *conn, const hc__statement *statement, const hc_op *op, int64_t pk,
                                 hc_error *err);

/* backup.c */
hc_status hc__sqlite_backup(void *conn, const char *path,
                            hc_status (*progress)(const hc_backup_progress *at, void *data), void *data, hc_error *err);

#endif
