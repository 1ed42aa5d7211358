/* Reads by id that differ in little as one read of several ids: it costs the server little more than one does. They may
 * differ in the id, and in what they ask of a row that they name besides, as each sign-in is its own: those rows are
 * read then, and judged here. */
#ifndef HC__STORAGE_MERGE_H
#define HC__STORAGE_MERGE_H

#include <stdbool.h>

#include "homeconnect/driver/storage.h"

#define HC__MERGE_LIMIT  16 /* reads of one */
#define HC__MERGE_PARTS  8  /* conjuncts of a read that may be merged */
#define HC__MERGE_CHECKS 2  /* of them, what may be judged here: a user and a sign-in */
#define HC__MERGE_LEAVES 8  /* tests of one of those */
#define HC__MERGE_FIELDS 64 /* positions that they may be of */
#define HC__MERGE_OPS    (HC__MERGE_CHECKS + 1)

/* Rows that each of several reads names. */
typedef struct hc__check {
    size_t part; /* the conjunct that asks for one */
    hc_value ids[HC__MERGE_LIMIT];
    hc_predicate in;
    uint16_t fields[HC__MERGE_LEAVES]; /* that are asked about, the id first */
    size_t field_count;
} hc__check;

/* One read of several. The operations that it was made of must stay. */
typedef struct hc__merged {
    hc_value ids[HC__MERGE_LIMIT]; /* as they came, perhaps some twice */
    hc_predicate in, where;
    const hc_predicate *parts[HC__MERGE_PARTS];
    hc__check checks[HC__MERGE_CHECKS];
    size_t check_count;
} hc__merged;

/* Whether the read by id asks for the row of this id. */
bool hc__asks_for(const hc_op *read, const hc_value *id);

/* Whether two reads by id are the same but for the id, which they give in the first column, so that it tells whose a
 * row is. */
bool hc__may_merge(const hc_op *a, const hc_op *b);
/* The same, or but for the id and the values of what may be judged here. */
bool hc__are_kin(const hc_op *a, const hc_op *b);
/* Of 1 read or more, HC__MERGE_LIMIT at most, each of which is kin of the first: an operation for each check, in which
 * they differ, and behind them the read. Gives how many of `ops` these are. */
size_t hc__merge(hc__merged *merged, hc_op ops[HC__MERGE_OPS], const hc_op *const *reads, size_t count);
/* Whether a row of that check is what the read asks for. */
bool hc__passes(const hc__merged *merged, size_t check, const hc_op *read, const hc_row *row);

#endif
