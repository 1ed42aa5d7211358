/* Shared by the files of this room only. */
#ifndef HC__DRIVER_MONGODB_MONGODB_H
#define HC__DRIVER_MONGODB_MONGODB_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/judge.h"
#include "base/map.h"
#include "base/mem.h"
#include "driver/mongodb/library.h"
#include "homeconnect/driver/storage.h"

#define HC__MONGO_NAME    "mongodb"
#define HC__MONGO_KEY     "_id"
#define HC__MONGO_DIGITS  25 /* an ObjectId as text, with its NUL */
#define HC__MONGO_BLOCK   4096
#define HC__MONGO_GIVE_UP 10000 /* ms without a byte of an answer */
#define HC__MONGO_RUN     100 /* documents of one insert command: FerretDB goes on behind one that fails beyond these */
#define HC__MONGO_BYTES   (4 << 20) /* of their fields, about */

typedef struct hc__mongo_store {
    hc__mem mem;
    const hc_host *host;
    int32_t pid;
    mongoc_uri_t *uri;
    char *database;
    bson_oid_t owner; /* of the lock of migrations */
    bool tls;
} hc__mongo_store;

typedef struct hc__mongo {
    hc__mongo_store *store;
    const hc__mem *mem;
    mongoc_client_t *client;
    hc__map collections; /* by name */
    int32_t pid;
    int32_t role;
    bool broken;       /* never used again */
    bool tls;          /* asked for from who was tried last */
    bool sent;         /* something went to the server since the operation began */
    bool no_partial;   /* the server has no partial indexes */
    char *blocks;      /* the first of `scratch`, and of a row */
    hc__arena scratch; /* of one operation */
    hc__arena row;     /* of one row */
    atomic_bool interrupted;
    hc_status stopped; /* why waiting for an answer ended: TIMEOUT, CANCELLED, or HC_OK */
    int64_t deadline;
    int64_t now; /* the server's clock for the operation; 0: not asked yet */
    bool singly; /* a bulk of this batch failed, and the server did not say where: FerretDB */
    bool masked; /* values become "?" in what is built: for people */
} hc__mongo;

/* uri.c */
hc_status hc__mongo_open(void **out, const hc_host *host, const char *uri, hc_error *err);
void hc__mongo_close(void *store);
/* A socket's path, or this machine by name or address. */
bool hc__mongo_is_local(const char *host);
bool hc__mongo_says_tls(const mongoc_uri_t *uri); /* on or off */
void hc__mongo_limits(void *store, hc_storage_limits *out);

/* connect.c */
hc_status hc__mongo_connect(void **out, void *store, int32_t role, int64_t deadline, hc_error *err);
void hc__mongo_disconnect(void *conn);
void hc__mongo_abandon(void *conn);
void hc__mongo_interrupt(void *conn);
hc_status hc__mongo_ping(void *conn, int64_t deadline, hc_error *err);
hc_status hc__mongo_server_time(void *conn, int64_t *out, hc_error *err);
hc_status hc__mongo_version(void *conn, char *out, size_t size, hc_error *err);
/* A command of one member with the value 1. The reply is the caller's to destroy, also on failure. */
hc_status hc__mongo_ask(hc__mongo *conn, const char *command, bson_t *reply, hc_error *err);
hc_status hc__mongo_now(hc__mongo *conn, int64_t *out, hc_error *err); /* once an operation */
/* NULL without memory. */
mongoc_collection_t *hc__mongo_collection(hc__mongo *conn, const char *name);

/* stream.c: waits for answers with the deadline and interrupts in sight */
mongoc_stream_t *hc__mongo_stream(const mongoc_uri_t *uri, const mongoc_host_list_t *host, void *conn,
                                  bson_error_t *error);

/* error.c */
hc_status hc__mongo_enter(hc__mongo *conn, int64_t deadline, hc_error *err); /* each slot's first step */
void hc__mongo_clear(hc__mongo *conn);                                       /* the scratch of the operation before */
hc_status hc__mongo_may_go_on(hc__mongo *conn, hc_error *err);
/* What libmongoc says of a failure. Its words, and the server's, never leave this room: they may hold values. */
hc_status hc__mongo_failed(hc__mongo *conn, const bson_error_t *error, const bson_t *reply, bool write, hc_error *err);
hc_status hc__mongo_misuse(hc_error *err, const char *what);
hc_status hc__mongo_unsupported(hc_error *err, const char *what);
/* What the server says of a failed command, also one whose failure libmongoc did not see. */
bool hc__mongo_is_duplicate(const bson_error_t *error);
/* Whether a majority may not have what the reply is about. */
bool hc__mongo_is_unsure(const bson_t *reply);
/* The index that a duplicate hit, when the server tells; else HC_INDEX_ANY. */
int32_t hc__mongo_told_index(const bson_error_t *error, const hc_kind *kind);

/* value.c */
const char *hc__mongo_member(const hc_kind *kind, uint16_t field);
bool hc__mongo_field_known(const hc_kind *kind, uint16_t field);
void hc__mongo_object_id(bson_oid_t *out, const void *id); /* of an id that carries one */
bool hc__mongo_carries_object_id(const void *id);
/* Values that are no times of the store's clock. */
bool hc__mongo_append(const hc__mongo *conn, bson_t *out, const char *name, const hc_kind *kind, uint16_t field,
                      const hc_value *value);
/* The member of a document as a value; bytes point into it or into the arena. `id` is the document's. */
hc_status hc__mongo_decode(hc_value *out, hc__arena *arena, const hc_kind *kind, uint16_t field, const bson_iter_t *at,
                           const bson_t *document, hc_error *err);
/* What stands for a member that is not there. */
hc_status hc__mongo_missing(hc_value *out, const hc_kind *kind, uint16_t field, const bson_t *document, hc_error *err);
hc_status hc__mongo_corrupt(hc_error *err, const hc_kind *kind, uint16_t field, const bson_t *document,
                            const char *what);

/* json.c */
/* Appends checked JSON as member `name`; members of `shape` have types of their own. */
hc_status hc__mongo_put_json(bson_t *out, const char *name, const hc__mem *mem, const hc_value *json,
                             const hc_shape *shape, const char *field, hc_error *err);
/* A member as canonical JSON, into the arena. False for BSON that JSON has no form for. */
hc_status hc__mongo_take_json(hc_value *out, hc__arena *arena, const bson_iter_t *at, const hc_shape *shape,
                              const char *field, hc_error *err);
const hc_shape *hc__mongo_shape(const hc_kind *kind, uint16_t field);

/* check.c: the rules that a server without a schema does not keep */
bool hc__mongo_has_form(const hc_field *field, const hc_value *value); /* an id its size, an enum a word */
hc_status hc__mongo_check_set(const hc_kind *kind, const hc_set *set, hc_error *err); /* its form: MISUSE */
hc_status hc__mongo_check_value(const hc_kind *kind, uint16_t field, const hc_value *value, hc_error *err);
hc_status hc__mongo_breaks(const hc_kind *kind, uint16_t field, hc_error *err);

/* predicate.c */
hc_status hc__mongo_check_predicate(const hc_kind *kind, const hc_predicate *p, hc_error *err); /* first of all */
/* 1: holds for every row, 0: for none, -1: depends on the row. */
int hc__mongo_truth(const hc_kind *kind, const hc_predicate *p);
hc_status hc__mongo_filter(hc__mongo *conn, bson_t *out, const hc_kind *kind, const hc_predicate *p, hc_error *err);
/* The predicate with times of the store's clock as values, in the scratch arena where it has any. */
hc_status hc__mongo_in_time(hc__mongo *conn, const hc_predicate **out, const hc_predicate *p, hc_error *err);
/* Adds the conditions of `more` (a document) to a filter. */
void hc__mongo_and(bson_t *filter, const bson_t *more);

/* order.c */
/* A part of a query: some keys are null, and some are not. */
typedef struct hc__mongo_range {
    const hc_op *op;
    uint32_t nulls;  /* bit i: key i is null */
    uint32_t choice; /* keys by which the query is split */
} hc__mongo_range;
void hc__mongo_first_range(hc__mongo_range *range, const hc_op *op);
bool hc__mongo_next_range(hc__mongo_range *range); /* which comes behind this one */
bool hc__mongo_next_part(hc__mongo_range *range);  /* which is merged with this one; false: all were given */
/* Adds what the range and the seek ask for; false: nothing can be in it. */
hc_status hc__mongo_range_filter(hc__mongo *conn, bson_t *filter, const hc__mongo_range *range, bool *any,
                                 hc_error *err);
void hc__mongo_range_sort(bson_t *sort, const hc__mongo_range *range);

/* read.c, group.c */
typedef struct hc__mongo_read {
    hc__mongo *conn;
    hc_batch *batch;
    const hc_op *op;
    size_t index; /* of the operation in its batch */
    hc_op_result *result;
    hc_value *values;              /* by position in the kind */
    bool *wanted;                  /* the same */
    const hc_predicate *filter;    /* what the driver tests itself, or NULL */
    hc_value *out;                 /* of a row that is given */
    hc_value keys[HC_ORDER_LIMIT]; /* of the last row examined */
    bool ended;
    int64_t drop;      /* rows at the start of a scan that were given already */
    int64_t aside;     /* documents that are not well formed */
    hc_status spoiled; /* of the first of them: told when the others were given */
    hc_error why;
} hc__mongo_read;
hc_status hc__mongo_read_op(hc__mongo *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err);
hc_status hc__mongo_group_op(hc__mongo_read *r, hc_error *err);
hc_status hc__mongo_match(hc__mongo_read *r, bson_t *filter, hc_error *err); /* `where`, and what the server filters */
int64_t hc__mongo_asked(const hc__mongo_read *r); /* how many documents are worth asking for */
/* Each row of a scan: HC_OK goes on, above 0 stops. */
typedef hc_status (*hc__mongo_row_fn)(hc__mongo_read *r, hc_error *err);
hc_status hc__mongo_scan(hc__mongo_read *r, const hc__mongo_range *range, int64_t limit, hc__mongo_row_fn row,
                         hc_error *err);
hc_status hc__mongo_give(hc__mongo_read *r, int32_t what, uint32_t count, const hc_value *values, hc_error *err);
void hc__mongo_limit_time(const hc__mongo *conn, bson_t *opts);
hc_status hc__mongo_count(hc__mongo *conn, const hc_kind *kind, const bson_t *filter, int64_t limit, int64_t *out,
                          hc_error *err);

/* write.c, update.c */
/* *done: how many operations from the first on were run, with those that failed. */
hc_status hc__mongo_insert_ops(hc__mongo *conn, hc_batch *batch, size_t first, size_t *done, hc_error *err);
hc_status hc__mongo_change_op(hc__mongo *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err);
/* A run of changes of one document each, of which nobody asks how many they changed, as one ordered bulk. *done is 0
 * when it is not worth while. */
hc_status hc__mongo_change_ops(hc__mongo *conn, hc_batch *batch, size_t first, size_t *done, hc_error *err);
/* The place of the first document that was refused, or `count`. */
size_t hc__mongo_refused_at(const bson_t *reply, size_t count);
/* Adds one set to the members of $set, or of $unset. */
hc_status hc__mongo_put_set(hc__mongo *conn, bson_t *to, bson_t *away, const hc_kind *kind, const hc_set *set,
                            hc_error *err);
hc_status hc__mongo_unmet(hc_batch *batch, const hc_op *op, hc_error *err);
bool hc__mongo_hit_unique(hc__mongo *conn, const hc_op *op, const bson_error_t *error);
hc_status hc__mongo_taken(hc__mongo *conn, hc_batch *batch, const hc_op *op, const bson_error_t *error, hc_error *err);
int64_t hc__mongo_reply_count(const bson_t *reply, const char *name);
/* The value that a set leaves; times of the store's clock become times. */
hc_status hc__mongo_settle(hc__mongo *conn, hc_value *out, const hc_value *value, hc_error *err);

/* execute.c, explain.c */
hc_status hc__mongo_execute(void *conn, hc_batch *batch, hc_error *err);
hc_status hc__mongo_explain(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                            hc_error *err);

/* schema.c, index.c */
hc_status hc__mongo_schema(void *conn, int32_t *version, hc_error *err);
hc_status hc__mongo_migrate(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err);
hc_status hc__mongo_step(hc__mongo *conn, const hc_step *step, int32_t version, hc_error *err);

#endif
