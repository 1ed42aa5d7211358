/* Both spellings of a filter. */
#ifndef HC__QUERY_PARSER_H
#define HC__QUERY_PARSER_H

#include "query/expr.h"

/* *out NULL with HC_OK: nothing but spaces. */
hc_status hc__parse_filter(const hc__expr **out, hc__arena *arena, const hc__entity *entity, const char *text,
                           hc_error *err);
/* The words of q, coded, '*' behind a prefix, each once. */
hc_status hc__parse_words(const char *const **out, size_t *count, hc__arena *arena, const char *text, size_t size,
                          hc_error *err);
/* Ands `more` to the query's tree and keeps its centre. */
hc_status hc__query_narrow(hc__query *query, const hc__expr *more, hc_error *err);

#endif
