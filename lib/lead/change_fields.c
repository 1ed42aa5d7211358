/* hc_lead_change_*: the accessors of the public header, from the field table. */
#include "homeconnect/lead_history.h"
#include "client/core.h"

#define READ_ONLY
#define NOUN(suffix) hc_lead_change##suffix
#define RECORD       hc_lead_change
#define FIELD(name)  hc__lead_change_f_##name
#define FIELDS       "model/lead_change_fields.def"
#include "model/accessors.inc"
