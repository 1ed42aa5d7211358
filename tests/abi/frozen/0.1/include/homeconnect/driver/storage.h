/**
 * @file storage.h  The storage driver interface: kinds, fields and indexes as data; work as batches of operations.
 *
 * A driver keeps rows of *kinds*. The core hands down the schema as data and each piece of work as one hc_batch. Nothing
 * here speaks SQL. All structs are laid out for HC_DRIVER_ABI and only grow at their end under a new number.
 */
#ifndef HOMECONNECT_DRIVER_STORAGE_H
#define HOMECONNECT_DRIVER_STORAGE_H

#include "homeconnect/driver/host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- types and values ------------------------------------------------------------------------------------------- */

#define HC_TYPE_NULL    0  /**< neither */
#define HC_TYPE_ID      1  /**< bytes, size 16 */
#define HC_TYPE_BOOL    2  /**< integer, 0 or 1 */
#define HC_TYPE_INT32   3  /**< integer */
#define HC_TYPE_INT64   4  /**< integer */
#define HC_TYPE_DECIMAL 5  /**< integer: units at the field's scale */
#define HC_TYPE_TIME    6  /**< integer: microseconds since the Unix epoch, UTC */
#define HC_TYPE_DATE    7  /**< integer: days since the Unix epoch */
#define HC_TYPE_ENUM    8  /**< integer: 1 + index into the field's words; stored as the word */
#define HC_TYPE_TEXT    9  /**< bytes: checked UTF-8 without NUL; compared by code point */
#define HC_TYPE_KEY     10 /**< bytes: UTF-8 that the core folded; compared byte by byte, never padded or folded */
#define HC_TYPE_BYTES   11 /**< bytes: anything, such as a hash; in kinds of documents for equality alone */
#define HC_TYPE_JSON    12 /**< bytes: JSON that the core checked and made canonical */
#define HC_TYPE_TOKENS  13 /**< bytes: coded search words, [a-z0-9 ]; answers only HC_TEST_MATCH; never read back, but
                                a query may ask which of its words stand there: see hc_op.fields */
#define HC_TYPE_NOW     14 /**< in writes and predicates only: the store's clock plus `integer` microseconds; a write of what
                                64 bits do not hold is refused as HC_ERR_INVALID or HC_ERR_MISUSE */

/** One value. `bytes` is borrowed: for the call when it goes down, until the row callback returns when it comes up. */
typedef struct hc_value {
    int32_t type;  /**< HC_TYPE_NULL, or the field's type */
    uint32_t size; /**< of `bytes` */
    union {
        int64_t integer;
        const void *bytes;
    } as; /**< Where the value stands, by its type. */
} hc_value;

/* ---- schema as data --------------------------------------------------------------------------------------------- */

/* What a field may be. */
#define HC_FIELD_NULLABLE 0x1u

/** One field of a kind. `name` is the column's or member's name and never needs quoting but for words of SQL. */
typedef struct hc_field {
    const char *name; /**< Of the column or member. */
    int32_t type; /**< HC_TYPE_, but for NULL and NOW. */
    int32_t length; /**< code points of text, digits of decimals, bytes of keys (0: no limit below the engine's own) */
    int32_t scale;  /**< of decimals */
    uint32_t flags; /**< HC_FIELD_ */
    int64_t min;               /**< of numbers, in units at the scale; both 0: the type's own range */
    int64_t max;               /**< of numbers, in units at the scale */
    const char *const *words;  /**< of enums, NULL-terminated; new ones are appended */
    const hc_value *initial;   /**< default for rows of other programs, or NULL; HC_TYPE_NOW: the store's clock */
    int32_t since;             /**< the schema version that added it */
    int32_t reserved;
} hc_field;

#define HC_INDEX_UNIQUE  0x1u /**< no two rows have the same key; nulls are never the same */
#define HC_INDEX_ARRIVAL 0x2u /**< HC_ORDER_ARRIVAL comes before its fields: it holds what a ranking by words reads of
                                   a row. An engine that visits the row anyway need not make it */

/**
 * An ordered index. Its key ends with the row's id unless it is unique; fields behind the id add nothing to the order, they
 * are there so that what a filter tests is found without a visit to the row. A migration may drop it (HC_STEP_DROP_INDEX).
 */
typedef struct hc_index {
    const char *name; /**< Unique in the store. */
    uint32_t flags; /**< HC_INDEX_ */
    uint32_t field_count; /**< Of `fields`. */
    const uint16_t *fields; /**< positions in the kind */
    int32_t since; /**< The schema version that added it. */
    int32_t reserved;
} hc_index;

/**
 * What is inside a field of HC_TYPE_JSON that is no free JSON: an array of objects whose members have types. A store of
 * documents keeps them as such (an id as an id, a time as a date). Any member may be missing, and others may be there.
 */
typedef struct hc_shape {
    uint16_t field; /**< position in the kind */
    uint16_t reserved;
    uint32_t member_count; /**< Of `members`. */
    const hc_field *members; /**< With types and names; positions mean nothing. */
} hc_shape;

/* Where a kind is kept: with transactions, or in a store of documents. */
#define HC_KIND_TRANSACTIONAL 1
#define HC_KIND_DOCUMENT      2

/** A table or collection. Field 0 is its key `id` (HC_TYPE_ID); always unique. A kind, and all that it points to, stays
 *  as it is as long as the store is open. */
typedef struct hc_kind {
    const char *name; /**< Of the table or collection. */
    int32_t storage;          /**< HC_KIND_TRANSACTIONAL or HC_KIND_DOCUMENT */
    uint32_t flags;           /**< 0 */
    const hc_field *fields; /**< The key first. */
    uint32_t field_count; /**< Of `fields`. */
    uint32_t index_count; /**< Of `indexes`. */
    const hc_index *indexes;  /**< without the one of field 0, which every driver makes */
    int32_t since; /**< The schema version that added it. */
    int32_t reserved;
    const hc_shape *shapes;   /**< of fields of JSON; the others are free */
    uint32_t shape_count; /**< Of `shapes`. */
    uint32_t reserved_2;
} hc_kind;

#define HC_STEP_CREATE_KIND  1 /**< with its fields and indexes that are not newer than the migration */
#define HC_STEP_ADD_FIELD    2 /**< `position` in kind->fields */
#define HC_STEP_CREATE_INDEX 3 /**< `position` in kind->indexes */
#define HC_STEP_DROP_INDEX   4 /**< `position` in kind->indexes */

/** One step of a migration. */
typedef struct hc_step {
    int32_t what; /**< HC_STEP_ */
    uint32_t position; /**< As `what` says, or 0. */
    const hc_kind *kind; /**< What is changed. */
} hc_step;

/** One schema version: all its steps and the version row, or nothing. */
typedef struct hc_migration {
    int32_t version; /**< One more than that of the migration before it. */
    uint32_t step_count; /**< Of `steps`. */
    const hc_step *steps; /**< In this order. */
} hc_migration;

/* ---- predicates --------------------------------------------------------------------------------------------------- */

/* Every leaf is false on null: where the row has it, and where the leaf itself has one as its value; among the values of
 * an IN it matches nothing, and the others count. There is no NOT: the core pushes it to the leaves. An operation with
 * more than 500 tests, a test of more than 10,000 values, or tests of more than 16,000 values together, a driver may refuse
 * with HC_ERR_TOO_LARGE. */
#define HC_TEST_TRUE        1
#define HC_TEST_FALSE       2
#define HC_TEST_AND         3  /**< children */
#define HC_TEST_OR          4  /**< children */
#define HC_TEST_EQ          5  /**< one value, as the six below */
#define HC_TEST_NE          6
#define HC_TEST_LT          7
#define HC_TEST_LE          8
#define HC_TEST_GT          9
#define HC_TEST_GE          10
#define HC_TEST_STARTS_WITH 11 /**< text and keys; an empty value matches every non-null */
#define HC_TEST_CONTAINS    12 /**< text and keys; substring, no wildcards */
#define HC_TEST_IN          13 /**< one or more values, none of them NOW */
#define HC_TEST_IS_NULL     14
#define HC_TEST_NOT_NULL    15
#define HC_TEST_MATCH       16 /**< tokens: every value occurs as a word; a value that ends in '*' is a prefix. With
                                    `inner`: each in at least one of the fields of tokens from `field` to it */
#define HC_TEST_EXISTS      17 /**< a row of `kind` for which children[0] holds and, unless `inner` is HC_NO_FIELD,
                                    whose field `inner` equals this row's `field`; not null */

#define HC_NO_FIELD 0xFFFFu /**< in `inner`: none */

typedef struct hc_predicate hc_predicate;
/** A condition on a row, as a tree. */
struct hc_predicate {
    int32_t test; /**< HC_TEST_ */
    uint16_t field; /**< position in the kind of the operation, or of the EXISTS around it */
    uint16_t inner; /**< of EXISTS and MATCH, or HC_NO_FIELD */
    const hc_value *values; /**< What `field` is compared with. */
    size_t value_count; /**< Of `values`. */
    const hc_predicate *const *children; /**< Of AND, OR and EXISTS. */
    size_t child_count; /**< Of `children`. */
    const hc_kind *kind; /**< of EXISTS */
};

/* ---- operations --------------------------------------------------------------------------------------------------- */

#define HC_VERB_INSERT           1 /**< sets; `where` (which may only use EXISTS, TRUE, FALSE) decides whether */
#define HC_VERB_INSERT_IF_ABSENT 2 /**< a unique key that is taken is no error: result.count is 0 */
#define HC_VERB_UPDATE_WHERE     3 /**< sets, of rows for which `where` holds */
#define HC_VERB_REMOVE_WHERE     4 /**< rows for which `where` holds */
#define HC_VERB_QUERY            5 /**< rows, by on_row */
#define HC_VERB_COUNT            6 /**< result.count, at most `limit` when that is not 0 */
#define HC_VERB_GROUP            7 /**< rows {group value, count INT64}, in no order */

#define HC_EXPECT_ANY (-1) /**< of `expect`: any number of rows */
#define HC_INDEX_ANY  (-1) /**< the driver chooses */
#define HC_INDEX_ID   (-2) /**< the unique index of field 0 */

#define HC_SET_TO  0 /**< the value */
#define HC_SET_ADD 1 /**< numbers: stored + value; null stays null. Who adds 0 keeps the row from others, too */

/** What a write does to a field. */
typedef struct hc_set {
    uint16_t field; /**< Position in the kind. */
    uint16_t how; /**< HC_SET_TO or HC_SET_ADD */
    uint32_t reserved;
    hc_value value; /**< Of the field's type, NULL, or NOW for times. */
} hc_set;

/* Flags of a sort key, and its limits. */
#define HC_ORDER_DESCENDING 0x1u
#define HC_ORDER_NOT_NULL   0x2u /**< `where` excludes null: the driver need not place nulls */
#define HC_ORDER_LIMIT      6    /**< keys of one order, the id included */
#define HC_ORDER_ARRIVAL    0xFFFEu /**< in `field`: the order in which rows were inserted, as near as the engine keeps
                                        it; alone, without seek */

/** One sort key. Nulls come last both ways. The core always ends an order with a unique field, or HC_ORDER_ARRIVAL. */
typedef struct hc_order {
    uint16_t field; /**< Position in the kind, or HC_ORDER_ARRIVAL. */
    uint16_t flags; /**< HC_ORDER_ */
} hc_order;

#define HC_GROUP_VALUE  1 /**< of its own value */
#define HC_GROUP_DAY    2 /**< of a time: group value DATE */
#define HC_GROUP_BOUNDS 3 /**< group value INT64: how many of the ascending `bounds` are <= the field's value */

/** How HC_VERB_GROUP groups rows. */
typedef struct hc_group {
    uint16_t field; /**< null is a group of its own, with group value NULL */
    uint16_t how; /**< HC_GROUP_ */
    uint32_t bound_count; /**< Of `bounds`. */
    const hc_value *bounds; /**< Ascending, of the field's type. */
} hc_group;

/** What an operation did. */
typedef struct hc_op_result {
    int64_t count;    /**< rows written, counted, or given to on_row as matches */
    int64_t examined; /**< rows that `where` let through; equal to count when there is no filter */
    int32_t cut;      /**< 1: scan_limit ended the scan before `limit` matches; the last key was given as HC_ROW_SCANNED */
    int32_t reserved;
} hc_op_result;

/** One operation: a verb on rows of a kind. */
typedef struct hc_op {
    int32_t verb; /**< HC_VERB_ */
    int32_t expect; /**< writes: HC_EXPECT_ANY, or exactly this many rows */
    const hc_kind *kind; /**< Whose rows. */
    const hc_set *sets; /**< What writes write. */
    size_t set_count; /**< Of `sets`. */
    const hc_predicate *where;  /**< NULL: TRUE. In queries the part that the index answers */
    const hc_predicate *filter; /**< queries, counts and groups: the rest; NULL: TRUE */
    const uint16_t *fields;     /**< queries: the projection. Tokens only by HC_ORDER_ARRIVAL and with a MATCH at the top
                                     of `where` that looks there and has at most 32 values: INT64, bit i is set when
                                     value i of the first such MATCH occurs in the field */
    size_t field_count; /**< Of `fields`. */
    const hc_order *order; /**< The sort keys of a query. */
    size_t order_count; /**< Of `order`; at most HC_ORDER_LIMIT. */
    const hc_value *seek;       /**< NULL, or order_count values: only rows strictly after them in the order,
                                     in which null stands last */
    int64_t limit;              /**< 0: none */
    int64_t scan_limit;         /**< 0: none */
    const hc_group *group; /**< Of HC_VERB_GROUP, else NULL. */
    int32_t index;              /**< a hint the core is sure of: HC_INDEX_, or a position in kind->indexes; of one with
                                     HC_INDEX_ARRIVAL, that the query reads no field but its own, the id and tokens */
    int32_t reserved;
    hc_op_result *result;       /**< filled by the driver; NULL is fine */
} hc_op;

#define HC_ROW_MATCH   1 /**< values of the projection, or of a group */
#define HC_ROW_SCANNED 2 /**< the scan was cut: values of the order keys of the last row examined */

/** One row on its way up. */
typedef struct hc_row {
    size_t op; /**< Position in the batch. */
    int32_t what; /**< HC_ROW_ */
    uint32_t count; /**< Of `values`. */
    const hc_value *values; /**< As `what` says. */
} hc_row;

/** Gets each row. HC_OK goes on; above 0 stops this operation, which then succeeds; below 0 stops and fails the batch. */
typedef hc_status (*hc_row_fn)(const hc_row *row, void *data, hc_error *err);

#define HC_BATCH_BEGIN     0x1u /**< first: open a transaction */
#define HC_BATCH_READ_ONLY 0x2u /**< with BEGIN: one snapshot, no writes */
#define HC_BATCH_COMMIT    0x4u /**< last: commit */
#define HC_BATCH_ROLLBACK  0x8u /**< last: roll back */
#define HC_BATCH_ROUGH     0x10u /**< nobody needs `examined`: it may be less, where to tell it takes a trip */
#define HC_BATCH_AHEAD     0x20u /**< in a transaction that goes on: nobody waits to hear whether a write failed. The
                                      next call is its next batch, which may tell that with op_count as failed_op */

#define HC_FAULT_NONE   0 /**< not one of these */
#define HC_FAULT_EXPECT 1 /**< an operation's `expect` was not met */
#define HC_FAULT_UNIQUE 2 /**< a unique index refused; `index` says which (HC_INDEX_ID: the key), when the engine tells */
#define HC_FAULT_RERUN  3 /**< deadlock or serialization failure: the whole unit may be run again */

/**
 * One piece of work, in one round trip where the engine can. Outside a transaction each operation stands alone.
 *
 * When anything fails (a fault, an engine's error, the callback), the driver rolls the whole transaction back, the
 * commit included, and the connection is outside a transaction again.
 */
typedef struct hc_batch {
    size_t struct_size;
    uint32_t flags; /**< HC_BATCH_; one that a driver does not know allows it something, and it passes over that */
    int32_t reserved;
    const hc_op *ops; /**< In this order. */
    size_t op_count; /**< Of `ops`. */
    hc_row_fn on_row; /**< NULL when no operation gives rows. */
    void *data; /**< Goes to on_row. */
    int64_t deadline;   /**< monotonic µs of the host (CLOCK_MONOTONIC), 0: none */
    /* out */
    uint64_t stamp;     /**< HC_CAP_STAMP: changes whenever the store may have changed; read after the first operation's
                             first step, so that an equal stamp later proves an unchanged store in between. 0: not known */
    size_t failed_op; /**< Out: position of the operation that failed; op_count: the transaction itself. */
    int32_t fault;      /**< HC_FAULT_ */
    int32_t fault_index; /**< Out: of HC_FAULT_UNIQUE, HC_INDEX_ID or a position in kind->indexes; else HC_INDEX_ANY. */
} hc_batch;

/* ---- the driver --------------------------------------------------------------------------------------------------- */

#define HC_CAP_TRANSACTIONS 0x1u /**< HC_BATCH_BEGIN and what belongs to it */
#define HC_CAP_STAMP        0x2u /**< gives hc_batch.stamp */
#define HC_CAP_ONE_WRITER   0x4u /**< writers queue for one connection in the core; readers have others */
#define HC_CAP_BACKUP       0x8u /**< has the slot `backup` */
#define HC_CAP_LONG_LISTS   0x10u /**< one HC_TEST_IN of thousands of values costs less than many short ones */

/* What a connection is for. */
#define HC_CONNECT_READ  1
#define HC_CONNECT_WRITE 2 /**< reads too */

/** What a store can bear. */
typedef struct hc_storage_limits {
    size_t struct_size;
    int32_t connections; /**< that may be open at a time; 0: no limit of the driver's; 1: one for reads and writes */
    int32_t reserved;
} hc_storage_limits;

/** How far a backup is. */
typedef struct hc_backup_progress {
    int64_t done;  /**< pages or rows */
    int64_t total; /**< pages or rows */
} hc_backup_progress;

/**
 * The slots of a driver. All are called with a connection on one thread at a time, but `interrupt`, which may come from
 * any thread while another slot runs. Optional slots may be NULL; the core answers HC_ERR_UNSUPPORTED for them.
 */
typedef struct hc_storage_driver {
    size_t struct_size;
    int32_t abi;              /**< HC_DRIVER_ABI it was built for */
    uint32_t capabilities;    /**< HC_CAP_ */
    const char *name;         /**< such as "sqlite" */
    const char *schemes;      /**< URI schemes it serves, separated by spaces */

    /** Reach a store by its URI; the host stays until `close`. */
    hc_status (*open)(void **store, const hc_host *host, const char *uri, hc_error *err);
    /** After the last connection. */
    void (*close)(void *store);
    /** How many connections it can bear. */
    void (*limits)(void *store, hc_storage_limits *out);
    /** A connection for HC_CONNECT_READ or HC_CONNECT_WRITE. */
    hc_status (*connect)(void **conn, void *store, int32_t role, int64_t deadline, hc_error *err);
    /** A transaction that is open is rolled back. */
    void (*disconnect)(void *conn);
    /** Whether the connection still answers. */
    hc_status (*ping)(void *conn, int64_t deadline, hc_error *err);
    hc_status (*schema)(void *conn, int32_t *version, hc_error *err); /**< 0: a store that nobody wrote to yet */
    /** Bring the store to the last version of the list; each migration whole or not at all. */
    hc_status (*migrate)(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err);
    /** Run a batch. */
    hc_status (*execute)(void *conn, hc_batch *batch, hc_error *err);
    /** Tell the plan of a query, line by line. */
    hc_status (*explain)(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                         hc_error *err);
    /** The store's clock, in microseconds since the Unix epoch. */
    hc_status (*server_time)(void *conn, int64_t *out, hc_error *err);
    /** End what runs on the connection, with HC_ERR_CANCELLED; from any thread. */
    void (*interrupt)(void *conn);
    void (*abandon)(void *conn); /**< in the child of a fork: forget the connection, touch no file or socket */
    /* optional */
    hc_status (*version)(void *conn, char *out, size_t size, hc_error *err); /**< the engine's, for people */
    hc_status (*position)(void *conn, int64_t deadline, uint64_t *out, hc_error *err); /**< of a server behind its last commit, or as far
                                                                          as a replica has come: at or above = it has it */
    /** Copy the store to a file while it is in use. */
    hc_status (*backup)(void *conn, const char *path,
                        hc_status (*progress)(const hc_backup_progress *at, void *data), void *data, hc_error *err);
} hc_storage_driver;

/** What a module exports as `hc_driver_entry`: fills *out, or fails when the host's ABI is not one it serves. */
typedef hc_status (*hc_driver_entry_fn)(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
