/* hc_favorite_*: the accessors of the public header, from the field table. */
#include "homeconnect/favorite.h"
#include "client/core.h"

#define READ_ONLY
#define NOUN(suffix) hc_favorite##suffix
#define RECORD       hc_favorite
#define FIELD(name)  hc__favorite_f_##name
#define FIELDS       "model/favorite_fields.def"
#include "model/accessors.inc"
