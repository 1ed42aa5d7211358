/* Shared by the files of this room only. */
#ifndef HC__COPY_COPY_H
#define HC__COPY_COPY_H

#include "base/arena.h"
#include "base/buf.h"
#include "client/session.h"
#include "homeconnect/copy.h"
#include "model/entity.h"

#define HC__COPY_WAIT (600 * HC__SECOND) /* of one statement or transaction */

/* One of the two stores, and where in a table it is. */
typedef struct hc__side {
    const hc__mem *mem;
    hc__store *store;
    hc__lease lease;
    bool is_target;
    /* the page at hand */
    const hc__entity *entity;
    const hc__entity *of; /* of heads: the kind of their documents, of which a source makes them; else NULL */
    uint16_t fields[HC__FIELD_LIMIT]; /* that are read; the id is the first */
    size_t field_count;
    hc_value *rows; /* each of the kind's field_count values, by position; NULL where it was not read */
    size_t count, at, capacity;
    size_t limit; /* rows of the next page: few of large ones */
    size_t bytes;
    bool begun, ended;
    hc_id last; /* of the page, once begun */
    hc__arena arena;
} hc__side;

/* rows.c */
hc_op hc__count_op(const hc__entity *entity, const hc_predicate *where, int64_t limit, hc_op_result *result);
hc_status hc__side_execute(hc__side *side, hc_batch *batch, hc_error *err);
hc_status hc__side_connect(hc__side *side, int32_t role, hc_error *err);
void hc__side_release(hc__side *side, hc_status status);
/* A table, or of the heads of documents those of one kind. */
typedef struct hc__part {
    const hc__entity *entity, *of;
} hc__part;
/* Reads it in the order of ids, from the first or behind *after. `whole` false: ids only. */
void hc__side_open(hc__side *side, const hc__part *part, const hc_id *after, bool whole);
hc_status hc__side_page(hc__side *side, hc_error *err);                      /* the next page; count 0 at the end */
hc_status hc__side_row(const hc_value **out, hc__side *side, hc_error *err); /* the next row, NULL at the end */
bool hc__same_row(const hc__side *side, const hc_value *a, const hc_value *b);
/* Adds a row to a table's hash. False without memory. */
bool hc__fold_row(uint8_t hash[32], hc__buf *scratch, const hc__core *core, const hc__side *side, const hc_value *row);

typedef struct hc__copy {
    hc__core *core;
    hc_session *as;
    hc_copy_options options;
    hc__side source, target;
    hc__side source_documents, target_documents; /* without a store: documents live in the other */
    hc_copy_counts all, done, kind;              /* of all tables; of those before this one; of this one */
    hc__buf scratch;
    hc_id head;  /* of the source's audit log: which store it is */
    bool fresh;  /* the target was empty */
    bool marked; /* the target bears the mark already */
} hc__copy;

/* target.c */
hc_status hc__blame_target(hc_status status, hc_error *err); /* says where it failed; gives `status` */
hc_status hc__target_open(hc__copy *copy, hc_error *err);    /* its schema, and whether it may be written to */
hc_status hc__target_mark(hc__copy *copy, hc_error *err);    /* from here on it is unfinished */
hc_status hc__target_unmark(hc__copy *copy, hc_error *err);
/* One transaction where there are any. */
hc_status hc__target_write(hc__side *side, const hc_op *ops, size_t count, hc_error *err);

/* Where rows of an entity live. */
hc__side *hc__source_of(hc__copy *copy, const hc__entity *entity);
hc__side *hc__target_of(hc__copy *copy, const hc__entity *entity);

/* kinds.c */
hc_status hc__copy_kind(hc__copy *copy, const hc__part *part, int64_t total, hc_error *err);

#endif
