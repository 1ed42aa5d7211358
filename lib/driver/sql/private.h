/* Shared by the files of this room only. */
#ifndef HC__DRIVER_SQL_PRIVATE_H
#define HC__DRIVER_SQL_PRIVATE_H

#include "driver/sql/compile.h"

/* The core bounds predicates at 16; this only keeps a broken caller from the end of the stack. */
#define HC__SQL_DEPTH 64

/* The rows that a predicate speaks of: those of the operation, or of an EXISTS inside. */
typedef struct hc__scope {
    const struct hc__scope *outer;
    const hc_kind *kind;
    int depth;      /* 0: the operation */
    bool qualified; /* columns of depth 0 need the table's name */
    bool no_row;    /* an insert: the values that it sets stand for the columns */
} hc__scope;

typedef struct hc__compiler {
    hc__sql *sql;
    const hc__dialect *dialect;
    const hc_op *op;
    bool words;       /* the words table drives the scan */
    bool joins;       /* see hc__joined() */
    bool walks;       /* an index by arrival does, and words are looked for in the rows */
    uint16_t last;    /* of the MATCH that is being written, its last field */
    hc_status status; /* of the first failure */
    hc_error *err;
} hc__compiler;

void hc__misuse(hc__compiler *c, const char *what);
/* Parameters are collected anew each time an operation runs, without text: what is text costs one test then. */
static inline void hc__put(hc__compiler *c, const char *text)
{
    if (c->sql->want_text)
        hc__buf_text(&c->sql->text, text);
}
void hc__put_int(hc__compiler *c, int64_t value);
static inline void hc__put_name(hc__compiler *c, const char *name, const char *suffix)
{
    if (c->sql->want_text)
        hc__sql_name(&c->sql->text, c->dialect, name, suffix);
}
/* A placeholder and its parameter. */
void hc__put_param(hc__compiler *c, hc__param param);
/* The same with its type checked. */
void hc__put_value(hc__compiler *c, const hc_value *value, const hc_field *field);
/* The same for a value that may be the time now. */
void hc__put_time(hc__compiler *c, const hc_value *value, const hc_field *field);
/* Numbers that a statement takes as a parameter. */
#define HC__NUMBER_LIMIT      1
#define HC__NUMBER_LIMIT_MORE 2 /* and one more */
#define HC__NUMBER_SCAN       3
#define HC__NUMBER_SCAN_MORE  4
#define HC__NUMBER_FLAGGED    5 /* the rows of HC__SCAN_FLAG */
#define HC__NUMBER_EXPECT     6
#define HC__NUMBER_NONE       7
int64_t hc__number_of(const hc_op *op, int32_t which);
void hc__put_number(hc__compiler *c, int32_t which);
/* NULL after a failure. */
const hc_field *hc__field(hc__compiler *c, const hc_kind *kind, uint16_t position);
const hc_set *hc__set_of(const hc_op *op, uint16_t position); /* NULL: the operation does not set it */
void hc__put_column(hc__compiler *c, const hc__scope *scope, uint16_t position);
void hc__put_template(hc__compiler *c, const hc__scope *scope, const char *text, uint16_t position,
                      const hc_value *values, size_t count);
/* `top`: its truth is the statement's condition, or one side of an AND that is. */
void hc__put_predicate(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, int depth, bool top);
bool hc__takes_hint(const hc__dialect *dialect, const hc_op *op);
bool hc__walks_arrival(const hc__dialect *dialect, const hc_op *op);
void hc__put_index_hint(hc__compiler *c);
void hc__put_query(hc__compiler *c, int scan);
void hc__put_count(hc__compiler *c, int scan);
void hc__put_group(hc__compiler *c);
/* The parts of a predicate that is an AND, or the one that it is. */
size_t hc__conjuncts_of(const hc_predicate *p, const hc_predicate *const **out);
/* The number, from 1, of a conjunct of `where` that is joined: it is a row named by its id. 0: it is none of those. */
int hc__joined(const hc__compiler *c, const hc_predicate *p);
uint16_t hc__match_last(const hc_predicate *p);

void hc__put_order(hc__compiler *c, const hc__scope *scope);
bool hc__index_orders(const hc_op *op); /* the hinted index gives the order */
void hc__put_order_column(hc__compiler *c, const hc__scope *scope, const hc_order *order);
void hc__put_seek(hc__compiler *c, const hc__scope *scope);
/* Whether a bound of this leaf says less than the seek does, on the side where the scan starts. */
bool hc__seek_implies(const hc_op *op, const hc_predicate *leaf);

#endif
