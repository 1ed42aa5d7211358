/* What the schemas of engines have in common. */
#ifndef HC__DRIVER_SQL_DDL_H
#define HC__DRIVER_SQL_DDL_H

#include "driver/sql/compile.h"

/* HC_ERR_MISUSE, from the driver of that name, for a step of no kind, or of a position that its kind does not have. */
hc_status hc__sql_check_step(const hc_step *step, const char *driver, hc_error *err);

void hc__sql_put_quoted(hc__buf *sql, const char *text, size_t size); /* 'text', its quotes doubled */
void hc__sql_put_hex(hc__buf *sql, const hc_value *value);            /* the digits alone */
/* name IN ('word',…) of an enum */
void hc__sql_put_words(hc__buf *sql, const hc__dialect *dialect, const hc_field *field);
/* CREATE INDEX … ON … ( */
void hc__sql_put_index_head(hc__buf *sql, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index);
/* The fields of an index, and the key when it does not end with it. */
void hc__sql_put_index_fields(hc__buf *sql, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index);
/* DROP INDEX …; of an engine whose indexes have names of their own. */
void hc__sql_put_index_drop(hc__buf *sql, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index);

#endif
