/* Saved searches as a noun of client/crud. */
#ifndef HC__SEARCH_NOUN_H
#define HC__SEARCH_NOUN_H

#include "client/crud.h"

extern const hc__noun hc__search_noun;

/* A query over listings of what was kept; `out` is initialised here, and is to be freed also on failure. */
hc_status hc__search_parse(hc__query *out, const hc__mem *mem, const char *filter, const char *words, const char *sort,
                           hc_error *err);

#endif
