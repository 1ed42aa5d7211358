/* hc_lead_touch_*: the accessors of the public header, from the field table. */
#include "homeconnect/lead_history.h"
#include "client/core.h"

#define READ_ONLY
#define NOUN(suffix) hc_lead_touch##suffix
#define RECORD       hc_lead_touch
#define FIELD(name)  hc__touch_f_##name
#define FIELDS       "model/touch_fields.def"
#include "model/accessors.inc"
