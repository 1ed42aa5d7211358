/* Runs of inserts that an engine takes in bulk, the rows of each kind together. */
#ifndef HC__DRIVER_SQL_BULK_H
#define HC__DRIVER_SQL_BULK_H

#include <stdbool.h>
#include "base/arena.h"
#include "homeconnect/driver/storage.h"

#define HC__BULK_KINDS 8

/* Plain inserts stand for themselves: no condition, no store's clock, no count but their own row. So those of a run may
 * go in another order, as long as the rows of one kind keep theirs. */
typedef struct hc__bulk {
    size_t first, last; /* operations [first, last) */
    size_t kind_count;
    const hc_kind *kinds[HC__BULK_KINDS];
} hc__bulk;

/* The first run at or after `from` with at least `least` rows, and as many for each of its kinds on average. */
bool hc__bulk_next(hc__bulk *out, const hc_op *ops, size_t count, size_t from, size_t least);

/* What goes together of one kind: the columns that any of its operations sets. */
typedef struct hc__bulk_table {
    const hc_kind *kind;
    const hc_op **ops;
    size_t op_count;
    const uint16_t *columns; /* positions, ascending */
    size_t column_count;
    const hc_value **row; /* of hc__bulk_row(), by column */
    bool mixed;           /* an operation lacks a column whose default is not null: these rows are not one shape */
} hc__bulk_table;

/* In `arena`; false: no memory. */
bool hc__bulk_table_of(hc__bulk_table *out, hc__arena *arena, const hc__bulk *bulk, const hc_op *ops, size_t kind);
/* Sets table->row, NULL for a null. */
void hc__bulk_row(const hc__bulk_table *table, const hc_op *op);

#endif
