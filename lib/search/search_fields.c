/* hc_search_*: the accessors of the public header, from the field table. */
#include "homeconnect/search.h"
#include "client/core.h"

#define NOUN(suffix) hc_search##suffix
#define RECORD       hc_search
#define FIELD(name)  hc__search_f_##name
#define FIELDS       "model/search_fields.def"
#include "model/accessors.inc"
