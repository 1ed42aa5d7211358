/* What domain.md D2 says of listings alone. Everything else in this room works from the entity's table. */
#ifndef HC__QUERY_LISTING_H
#define HC__QUERY_LISTING_H

#include "query/expr.h"

#define HC__FIELD_COMPUTED 0x80000000u /* beside HC_FIELD_: no column */

/* A field by name, days_on_market included; HC_NO_FIELD when there is none that a query may name. */
uint16_t hc__named_field(const hc__entity *entity, const char *name, size_t size);
const hc_field *hc__field_of(const hc__entity *entity, uint16_t field);
hc__use hc__use_of(const hc__entity *entity, uint16_t field);

bool hc__has_places(const hc__entity *entity); /* latitude and longitude */
bool hc__has_words(const hc__entity *entity);

/* Conjuncts that the query did not write: status in public scope, currency beside a price. At most two. */
hc_status hc__listing_defaults(const hc__expr *out[2], size_t *count, hc__arena *arena, const hc__query *query,
                               const hc__list_context *context, hc_error *err);
/* days_on_market on `today` in terms of stored fields. NULL without memory. */
const hc__expr *hc__listing_days(hc__arena *arena, const hc__expr *test, int64_t today);
/* days_on_market of a row; false: null. */
bool hc__listing_days_of(int64_t *out, const hc_value *days_to_close, const hc_value *list_date, int64_t today);
/* The field that says whether the address may be shown; HC_NO_FIELD for other entities. */
uint16_t hc__address_guard(const hc__entity *entity);
/* Words are looked for from words_title to here: only who may see every address finds one that is not shown. */
uint16_t hc__words_last(bool entitled);

#endif
