/* Literals of both spellings, typed by the field that they stand beside. */
#ifndef HC__QUERY_VALUE_H
#define HC__QUERY_VALUE_H

#include "query/expr.h"

typedef enum hc__literal_kind {
    HC__LITERAL_BARE,   /* a number, date, time or id */
    HC__LITERAL_STRING, /* its text, unescaped */
    HC__LITERAL_TRUE,
    HC__LITERAL_FALSE,
    HC__LITERAL_NULL,
    HC__LITERAL_NOW,
} hc__literal_kind;

typedef struct hc__literal {
    hc__literal_kind kind;
    const char *text;
    size_t size;
} hc__literal;

/* A test of one field. `column` (1-based, 0: none) goes into messages. HC_TEST_IN takes several literals. Values that
 * the field's type cannot hold are rewritten, so that the comparison stays exact. */
hc_status hc__value_test(const hc__expr **out, hc__arena *arena, const hc__entity *entity, uint16_t field, int32_t test,
                         const hc__literal *literals, size_t count, size_t column, hc_error *err);

/* "lat,lng,metres" and the like from both spellings. `name` is the field in errors. */
hc_status hc__value_near(const hc__expr **out, hc__arena *arena, const hc__literal numbers[3], const char *name,
                         hc_error *err);
hc_status hc__value_box(const hc__expr **out, hc__arena *arena, const hc__literal numbers[4], const char *name,
                        hc_error *err);
/* "lng lat,lng lat,…" */
hc_status hc__value_polygon(const hc__expr **out, hc__arena *arena, const char *text, size_t size, const char *name,
                            hc_error *err);

#endif
