/* hc_user_*: the accessors of the public header, from the field table. */
#include "homeconnect/user.h"
#include "client/core.h"

#define NOUN(suffix) hc_user##suffix
#define RECORD       hc_user
#define FIELD(name)  hc__user_f_##name
#define FIELDS       "model/user_fields.def"
#include "model/accessors.inc"
