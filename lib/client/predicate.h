/* Predicates built by code, in an arena. NULL means no memory, which every builder passes on. */
#ifndef HC__CLIENT_PREDICATE_H
#define HC__CLIENT_PREDICATE_H

#include "base/arena.h"
#include "homeconnect/driver/storage.h"

const hc_predicate *hc__is_true(void);
const hc_predicate *hc__is_false(void);
const hc_predicate *hc__all_of(hc__arena *arena, const hc_predicate *a, const hc_predicate *b);
const hc_predicate *hc__any_of(hc__arena *arena, const hc_predicate *a, const hc_predicate *b);
const hc_predicate *hc__is_int(hc__arena *arena, const hc_kind *kind, uint16_t field, int32_t test, int64_t value);
const hc_predicate *hc__is_when(hc__arena *arena, uint16_t field, int32_t test, int64_t micros); /* the store's now + */
const hc_predicate *hc__is_id(hc__arena *arena, uint16_t field, hc_id id);
/* Neither bytes nor values are copied. */
const hc_predicate *hc__is_bytes(hc__arena *arena, const hc_kind *kind, uint16_t field, int32_t test, const void *bytes,
                                 size_t size);
const hc_predicate *hc__is_in(hc__arena *arena, uint16_t field, const hc_value *values, size_t count);
/* Of 1 value or more. */
const hc_predicate *hc__is_none_of(hc__arena *arena, uint16_t field, const hc_value *values, size_t count);
const hc_predicate *hc__is_null(hc__arena *arena, uint16_t field);
const hc_predicate *hc__not_null(hc__arena *arena, uint16_t field);
/* A row of `kind` for which `where` holds and whose `inner` equals this row's `field` (HC_NO_FIELD both: any row). */
const hc_predicate *hc__exists(hc__arena *arena, const hc_kind *kind, uint16_t inner, uint16_t field,
                               const hc_predicate *where);

hc_value hc__value_int(int32_t type, int64_t value);
hc_value hc__value_bytes(int32_t type, const void *bytes, size_t size);

#endif
