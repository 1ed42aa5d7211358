/* Operations to SQL: one compiler, one dialect table per engine. Knows predicates, not engines and not listings. */
#ifndef HC__DRIVER_SQL_COMPILE_H
#define HC__DRIVER_SQL_COMPILE_H

#include <stdbool.h>
#include "base/buf.h"
#include "homeconnect/driver/storage.h"

/* What differs between engines. The driver owns one static table. */
typedef struct hc__dialect hc__dialect;

/* One parameter, in the order of the placeholders: its value and the field that gives it a type (NULL: none). */
typedef struct hc__param {
    const hc_value *value;
    const hc_field *field;
    int32_t use; /* HC__PARAM_ */
} hc__param;
#define HC__PARAM_VALUE  0
#define HC__PARAM_BELOW  1 /* the least text above every text that starts with the value */
#define HC__PARAM_MATCH  2 /* all values of a MATCH leaf, as the engine's query text */

#endif
