/* hc_activity_*: the accessors of the public header, from the field table. */
#include "homeconnect/activity.h"
#include "client/core.h"

#define NOUN(suffix) hc_activity##suffix
#define RECORD       hc_activity
#define FIELD(name)  hc__activity_f_##name
#define FIELDS       "model/activity_fields.def"
#include "model/accessors.inc"
