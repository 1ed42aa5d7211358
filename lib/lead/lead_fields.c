/* hc_lead_*: the accessors of the public header, from the field table. */
#include "homeconnect/lead.h"
#include "client/core.h"

#define NOUN(suffix) hc_lead##suffix
#define RECORD       hc_lead
#define FIELD(name)  hc__lead_f_##name
#define FIELDS       "model/lead_fields.def"
#include "model/accessors.inc"
